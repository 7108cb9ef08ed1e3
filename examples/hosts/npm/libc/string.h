/* string.h - the part of C's library that the command line uses: see libc.c. */
#ifndef NPM_STRING_H_INCLUDED
#define NPM_STRING_H_INCLUDED

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
void *memchr(const void *s, int c, size_t n);
char *strchr(const char *s, int c);
size_t strspn(const char *s, const char *set);
char *strpbrk(const char *s, const char *set);
char *strerror(int code);

#endif
