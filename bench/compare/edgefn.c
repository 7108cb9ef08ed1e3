/* edgefn.c - edgefn itself. Compiled once for each variant: unchanged, with EDGEFN_NO_DISPATCH, with EDGEFN_NO_SIMD. The first also
   without the check of CloudFront's rules, as edgefn-unchecked. */
#define EDGEFN_STATIC
#define EDGEFN_IMPLEMENTATION
#include "../../edgefn.h"

#include "../bench.h"

#include <stdlib.h>

#define S EDGEFN_S

static edgefn_event   ev;
static unsigned char *mem;
static size_t         mem_len;
static edgefn_parse_opts how;

static const char *about(void)
{
#if defined(EDGEFN_NO_SIMD)
    return EDGEFN_VERSION ", portable C";
#elif defined(EDGEFN_NO_DISPATCH)
    return EDGEFN_VERSION ", vector code of the compiler's target";
#else
    return EDGEFN_VERSION ", vector code chosen at run time";
#endif
}
static bool open(size_t max_len)
{
    mem_len = edgefn_memory_bound(max_len) + 16 * max_len + 64 * 1024; /* hostile events: for views and for a copy of the list, too */
    free(mem);
    mem = malloc(mem_len);
    return mem != NULL;
}
static void prepare(const gen_class *c) { how.lenient = c->lenient; }
static bool parse(const gen_event *e, size_t i)
{
    (void)i;
    return edgefn_parse(&ev, (edgefn_str){ e->json, e->len }, edgefn_arena_make(mem, mem_len), &how) == EDGEFN_OK;
}
static void count(bench_sum *s, const edgefn_fields *f)
{
    s->headers += f->len;
    for (size_t i = 0; i < f->len; i++) s->value_bytes += f->items[i].value.len;
}
static bool sum(bench_sum *s)
{
    *s = (bench_sum){ 0, 0, ev.request.uri.len };
    count(s, &ev.request.headers);
    count(s, &ev.request.origin.headers);
    count(s, &ev.response.headers);
    return true;
}
static size_t arena(void) { return ev.arena.used; }

static size_t length(edgefn_str s) { return s.ptr ? s.len : SIZE_MAX; }

static bench_out job_with(const edgefn_write_opts *opts, const gen_event *e, size_t i, bench_found *found, char *buf, size_t cap)
{
    bench_out out = { NULL, 0 };
    if (!parse(e, i)) return out;

    edgefn_str user_agent = edgefn_get(&ev.request.headers, S("user-agent"));
    found->host = length(edgefn_get(&ev.request.headers, S("host")));
    found->user_agent = length(user_agent);
    found->accept_language = length(edgefn_get(&ev.request.headers, S("accept-language")));
    found->session = length(edgefn_cookie_get(&ev, S(JOB_COOKIE)));

    if (edgefn_is_request(&ev) && edgefn_str_contains(user_agent, S(JOB_MOBILE)))
        ev.request.uri = edgefn_str_join(&ev, EDGEFN_STRS(S(JOB_PREFIX), ev.request.uri));

    edgefn_fields *headers = edgefn_is_request(&ev) ? &ev.request.headers : &ev.response.headers;
#define X(name, value) EDGEFN_CONST_HEADER(name, value),
    static const edgefn_const_header constants[] = { JOB_HEADERS(X) };
#undef X
    edgefn_set_const(headers, constants, EDGEFN_COUNT_OF(constants));
    out.len = edgefn_write(&ev, buf, cap, opts);
    if (out.len != 0 && out.len <= cap) out.ptr = buf;
    return out;
}

static bench_out job(const gen_event *e, size_t i, bench_found *found, char *buf, size_t cap) { return job_with(NULL, e, i, found, buf, cap); }

#if defined(EDGEFN_NO_SIMD)
const bench_subject bench_edgefn_portable = { "edgefn-portable", about, open, prepare, parse, sum, job, arena, NULL };
#elif defined(EDGEFN_NO_DISPATCH)
const bench_subject bench_edgefn_sse2 = { "edgefn-sse2", about, open, prepare, parse, sum, job, arena, NULL };
#else
static const char *unchecked_about(void) { return EDGEFN_VERSION ", vector code chosen at run time, the result not checked"; }
static bench_out unchecked_job(const gen_event *e, size_t i, bench_found *found, char *buf, size_t cap)
{
    static const edgefn_write_opts opts = { .skip_check = true };
    return job_with(&opts, e, i, found, buf, cap);
}
const bench_subject bench_edgefn = { "edgefn", about, open, prepare, parse, sum, job, arena, NULL };
const bench_subject bench_edgefn_unchecked = { "edgefn-unchecked", unchecked_about, open, prepare, parse, sum, unchecked_job, arena, NULL };
#endif
