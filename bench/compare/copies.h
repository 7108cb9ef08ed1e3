/* copies.h - copies of a class's events for parsers that destroy their input: made before each pass, outside the measured time. */
#ifndef BENCH_COPIES_H
#define BENCH_COPIES_H

#include "../gen.h"

#include <stdlib.h>
#include <string.h>

enum { COPY_PADDING = 16 };

static char  *copies_block;
static size_t copies_len, copies_count;
static char **copy_at;

/* Each copy is followed by at least COPY_PADDING zeros. */
static inline void copies_prepare(const gen_class *c)
{
    size_t need = 0;
    for (size_t i = 0; i < c->count; i++) need += c->events[i].len + 2 * COPY_PADDING;
    if (need > copies_len) {
        free(copies_block);
        copies_block = (char *)malloc(need);
        copies_len = need;
    }
    if (c->count > copies_count) {
        free(copy_at);
        copy_at = (char **)malloc(c->count * sizeof *copy_at);
        copies_count = c->count;
    }
    if (copies_block == NULL || copy_at == NULL) abort();
    char *at = copies_block;
    for (size_t i = 0; i < c->count; i++) {
        size_t n = c->events[i].len;
        memcpy(at, c->events[i].json, n);
        memset(at + n, 0, COPY_PADDING);
        copy_at[i] = at;
        at += (n + COPY_PADDING + 15) / 16 * 16;
    }
}
#endif
