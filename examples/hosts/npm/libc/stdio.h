/* stdio.h - see libc.c. A FILE is a text in memory. */
#ifndef NPM_STDIO_H_INCLUDED
#define NPM_STDIO_H_INCLUDED

#include <stdarg.h>
#include <stddef.h>

typedef struct FILE {
    char *ptr;
    size_t len, cap, at;
    char **to; /* of open_memstream() */
    size_t *to_len;
    int end, failed;
} FILE;

enum { EOF = -1 };
extern FILE npm_files[3];
#define stdin  (&npm_files[0])
#define stdout (&npm_files[1])
#define stderr (&npm_files[2])

FILE *fopen(const char *name, const char *mode);
FILE *open_memstream(char **ptr, size_t *len);
int fclose(FILE *f);
int fflush(FILE *f);
int feof(FILE *f);
int ferror(FILE *f);
size_t fread(void *to, size_t size, size_t count, FILE *f);
size_t fwrite(const void *from, size_t size, size_t count, FILE *f);
int fputc(int c, FILE *f);
int putchar(int c);
int fputs(const char *s, FILE *f);
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int fprintf(FILE *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
int snprintf(char *to, size_t cap, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
