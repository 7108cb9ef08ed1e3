/* unistd.h - see libc.c. */
#ifndef NPM_UNISTD_H_INCLUDED
#define NPM_UNISTD_H_INCLUDED

enum { STDOUT_FILENO = 1 };
int isatty(int fd);

#endif
