/* gen.h - events to measure with: made from a fixed seed, the same on every machine. */
#ifndef BENCH_GEN_H
#define BENCH_GEN_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Readable bytes after every event, so that libraries that read past the end need no copy. edgefn does not need them. */
#define GEN_PADDING 128

typedef struct gen_event {
    const char *json;
    size_t len;
} gen_event;

typedef struct gen_class {
    const char *name, *about;
    bool lenient; /* test events without all that CloudFront sends */
    gen_event *events;
    size_t count, max_len;
    double mean_len;
    char *_block;
} gen_class;

/* Returns: the name of the class with this number, NULL after the last one. */
const char *gen_class_name(size_t i);

/* Makes all events of a class. Returns: false for an unknown name, or when out of memory. */
bool gen_class_make(gen_class *c, const char *name);

/* Events of families that grow: lists of 10 to 10,000 headers, bodies of 1 KB to 1.4 MB, and hostile shapes of 64 KB and 1 MB.
   Returns: the family of the series' i-th member, and its size (headers, or bytes); NULL after the last one. */
const char *gen_growth_name(size_t i, unsigned *size);
bool gen_growth_make(gen_class *c, size_t i);

void gen_class_free(gen_class *c);

#ifdef __cplusplus
}
#endif
#endif
