/* bench.h - what a subject is, and how subjects are timed. */
#ifndef BENCH_H
#define BENCH_H

#include "gen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What every subject must have read alike: the lists of request, response and origin together. */
typedef struct bench_sum {
    size_t headers, value_bytes, uri_bytes;
} bench_sum;

/* What the job looked up: lengths, SIZE_MAX for what is not there. */
typedef struct bench_found {
    size_t host, user_agent, accept_language, session;
} bench_found;

typedef struct bench_out {
    const char *ptr; /* inside the caller's buffer; NULL: it failed */
    size_t len;
} bench_out;

typedef struct bench_subject {
    const char *name;
    const char *(*about)(void);          /* version, kind of vector code */
    bool (*open)(size_t max_len);        /* before all: memory for events up to this size */
    void (*prepare)(const gen_class *c); /* before each pass, not timed; NULL: nothing to do */
    bool (*parse)(
        const gen_event *e,
        size_t i); /* full validating parse to a usable structure; i: number in the class */
    bool (*sum)(bench_sum *s); /* of the event that was parsed last; NULL: cannot tell */
    bench_out (*job)(const gen_event *e, size_t i, bench_found *found, char *buf,
                     size_t cap); /* NULL: it has none */
    size_t (*arena)(void);        /* bytes of memory that the last parse took; NULL: not told */
} bench_subject;

/* The job, the same for every subject: read the event; look up three headers and one cookie; put "/m" before the URI if the
   user agent is mobile; set five headers (of the request in request events, else of the response); write the result. */
#define JOB_COOKIE "session"
#define JOB_MOBILE "Mobile"
#define JOB_PREFIX "/m"
#define JOB_HEADERS(X)                                                                             \
  X("strict-transport-security", "max-age=63072000; includeSubdomains; preload")                   \
  X("content-security-policy",                                                                     \
    "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'")                     \
  X("x-content-type-options", "nosniff")                                                           \
  X("x-frame-options", "DENY")                                                                     \
  X("referrer-policy", "same-origin")

extern const bench_subject bench_edgefn, bench_edgefn_unjudged, bench_edgefn_sse2,
    bench_edgefn_portable;
extern const bench_subject bench_simdjson_dom, bench_simdjson_ondemand;
extern const bench_subject bench_yyjson, bench_yyjson_insitu;

/* Tells whether two JSON texts say the same, order of members aside. */
bool bench_json_same(const char *a, size_t a_len, const char *b, size_t b_len);

#ifdef __cplusplus
}
#endif
#endif
