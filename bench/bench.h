/* bench.h - the interface of a subject: a library or variant that is measured. */
#ifndef BENCH_H
#define BENCH_H

#include "gen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A checksum of the parsed event, which must be equal for all subjects: of the lists of request, response and origin. */
typedef struct bench_sum {
    size_t headers, value_bytes, uri_bytes;
} bench_sum;

/* The look-ups of the job: lengths, SIZE_MAX if absent. */
typedef struct bench_found {
    size_t host, user_agent, accept_language, session;
} bench_found;

typedef struct bench_out {
    const char *ptr; /* in the caller's buffer; NULL: the job failed */
    size_t len;
} bench_out;

typedef struct bench_subject {
    const char *name;
    const char *(*about)(void);   /* version and vector code */
    bool (*open)(size_t max_len); /* called first: allocates memory for events up to this size */
    void (*prepare)(const gen_class *c); /* called before each pass, not timed; may be NULL */
    bool (*parse)(
        const gen_event *e,
        size_t
            i); /* full validating parse to a usable structure; i: the event's number in the class */
    bool (*sum)(bench_sum *s); /* of the event that was parsed last; NULL: not supported */
    bench_out (*job)(const gen_event *e, size_t i, bench_found *found, char *buf,
                     size_t cap); /* NULL: not supported */
    size_t (*arena)(void);        /* bytes of memory that the last parse used; NULL: unknown */
    double (*measure)(bool job, unsigned passes); /* of a process of its own: nanoseconds of so many
                                                     passes over the class prepared last; or NULL */
} bench_subject;

/* The job, the same for every subject: read the event; look up three headers and one cookie; put "/m" before the URI if the
   user agent is mobile; set five headers (of the request in request events, otherwise of the response); write the result. */
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

/* Every subject that there can be; the Makefile defines BENCH_name for those that were built. */
extern const bench_subject bench_edgefn, bench_edgefn_unchecked, bench_edgefn_sse2,
    bench_edgefn_portable;
extern const bench_subject bench_simdjson_dom, bench_simdjson_ondemand, bench_simdjson_checked;
extern const bench_subject bench_yyjson, bench_yyjson_insitu;
extern const bench_subject bench_rapidjson, bench_cjson, bench_jansson, bench_jsonc;
extern const bench_subject bench_node, bench_python;

/* True if two JSON texts have the same meaning; the order of members does not matter. */
bool bench_json_same(const char *a, size_t a_len, const char *b, size_t b_len);

#ifdef __cplusplus
}
#endif
#endif
