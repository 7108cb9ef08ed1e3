/* errno.h - see libc.c. */
#ifndef NPM_ERRNO_H_INCLUDED
#define NPM_ERRNO_H_INCLUDED

extern int errno;
enum { ENOENT = 2, EIO = 5, ENOMEM = 12 };

#endif
