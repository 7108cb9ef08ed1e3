/* edgefn_pool.h - memory that is freed together: of a request on its way through a proxy, or of tables. */
#ifndef EDGEFN_POOL_H_INCLUDED
#define EDGEFN_POOL_H_INCLUDED

#include "edgefn.h"
#include <stdlib.h>
#include <string.h>

typedef struct edgehost_block {
    struct edgehost_block *next;
} edgehost_block;

/* Zero it first. */
typedef struct edgehost_pool {
    edgehost_block *blocks;
    bool failed; /* memory ran out, now or earlier: what was built in this pool is not complete */
} edgehost_pool;

/* Returns: memory for anything that needs no larger alignment than a pointer; NULL when out of memory. */
static inline void *edgehost_pool_alloc(edgehost_pool *p, size_t size)
{
    edgehost_block *block = (edgehost_block *)malloc(sizeof *block + size);

    if (block == NULL) {
        p->failed = true;
        return NULL;
    }
    block->next = p->blocks;
    p->blocks = block;
    return block + 1;
}

/* Returns: a copy of s with a NUL after it; absent if s is, or when out of memory. */
static inline edgefn_str edgehost_keep(edgehost_pool *p, edgefn_str s)
{
    char *to = s.ptr != NULL ? (char *)edgehost_pool_alloc(p, s.len + 1) : NULL;
    edgefn_str copy = { to, to != NULL ? s.len : 0 };

    if (to == NULL) return copy;
    memcpy(to, s.ptr, s.len);
    to[s.len] = '\0';
    return copy;
}

/* Returns: the texts one after the other, with a NUL after them; absent when out of memory. Absent texts are skipped. */
static inline edgefn_str edgehost_keep_joined(edgehost_pool *p, const edgefn_str *texts,
                                              size_t count)
{
    edgefn_str joined = { NULL, 0 };
    size_t len = 0;

    for (size_t i = 0; i < count; i++)
        len += texts[i].len;
    char *to = (char *)edgehost_pool_alloc(p, len + 1);
    if (to == NULL) return joined;
    joined.ptr = to;
    for (size_t i = 0; i < count; i++) {
        if (texts[i].len > 0) memcpy(to + joined.len, texts[i].ptr, texts[i].len);
        joined.len += texts[i].len;
    }
    to[len] = '\0';
    return joined;
}

static inline void edgehost_pool_free(edgehost_pool *p)
{
    for (edgehost_block *b = p->blocks, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    p->blocks = NULL;
    p->failed = false;
}

#endif /* EDGEFN_POOL_H_INCLUDED */
