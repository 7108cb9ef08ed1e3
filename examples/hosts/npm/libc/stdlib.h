/* stdlib.h - see libc.c. */
#ifndef NPM_STDLIB_H_INCLUDED
#define NPM_STDLIB_H_INCLUDED

#include <stddef.h>

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *old, size_t size);
void free(void *ptr);
void qsort(void *base, size_t count, size_t size, int (*order)(const void *, const void *));
char *getenv(const char *name);

#endif
