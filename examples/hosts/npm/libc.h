/* libc.h - between libc.c and edgefn_wasm.c. */
#ifndef NPM_LIBC_H_INCLUDED
#define NPM_LIBC_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A part of a call: an argument, a file that it may open ("-" is standard input), or a setting "NAME=value" for
   getenv(). `bytes` is followed by a NUL. */
typedef struct npm_part {
    enum { NPM_ARGUMENT, NPM_FILE_NAME, NPM_FILE_BYTES, NPM_SETTING } what;
    char *bytes;
    size_t len;
} npm_part;

/* Starts again: all memory after `heap` is free, the output is empty, and these are the files and settings. */
void npm_begin(char *heap, const npm_part *parts, size_t count);

/* Makes `len` bytes at `at` accessible, which is after everything in use. Returns: false if memory cannot grow so far. */
bool npm_reach(const char *at, size_t len);

#endif
