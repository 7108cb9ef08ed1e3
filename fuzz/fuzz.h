/* fuzz.h - shared by the fuzz targets. */
#ifndef FUZZ_H
#define FUZZ_H
#include "json_check.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Checks a property. If it is violated, prints it and the event, and aborts, which a fuzzer reports as a crash. */
#define HOLDS(c)         ((c) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #c, NULL))
#define HOLDS_FOR(ev, c) ((c) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #c, (ev)))

static void fuzz_broken(const char *file, int line, const char *what, const edgefn_event *ev)
{
    fprintf(stderr, "%s:%d: violated: %s\n", file, line, what);
    if (ev)
        fprintf(stderr, "    %s at %td in %s, subject \"%.*s\"\n", edgefn_error_name(ev->err.code),
                (ptrdiff_t)ev->err.pos, ev->err.where, EDGEFN_FMT(ev->err.subject));
    abort();
}

/* Allocates a block of exactly n bytes, filled: so the sanitizer sees every access outside, and results that depend on
   previous content of memory differ between two fill values. */
static void *fuzz_block(size_t n, int fill)
{
    void *p = malloc(n ? n : 1);
    if (!p) exit(1);
    memset(p, fill, n ? n : 1);
    return p;
}

static edgefn_str fuzz_copy(const void *data, size_t n)
{
    edgefn_str s = { (const char *)fuzz_block(n, 0), n };
    if (n) memcpy((char *)s.ptr, data, n);
    return s;
}

/* Reads every byte that a handler may read. Returns: a hash of them. */
typedef struct fuzz_sum {
    uint64_t h;
} fuzz_sum;

static void fuzz_num(fuzz_sum *s, uint64_t n)
{
    s->h = (s->h ^ n) * 0x9E3779B97F4A7C15u, s->h ^= s->h >> 29;
}

static void fuzz_str(fuzz_sum *s, edgefn_str t)
{
    fuzz_num(s, t.ptr ? t.len + 1 : 0);
    HOLDS(t.ptr || t.len == 0);
    for (size_t i = 0; i < t.len; i++)
        fuzz_num(s, (unsigned char)t.ptr[i]);
}

static void fuzz_fields(fuzz_sum *s, const edgefn_fields *f)
{
    fuzz_num(s, f->len);
    for (size_t i = 0; i < f->len + f->removed_len; i++) {
        const edgefn_field *x = i < f->len ? &f->items[i] : &f->removed[i - f->len];
        fuzz_str(s, x->name), fuzz_str(s, x->value), fuzz_str(s, x->key),
            fuzz_str(s, x->attributes);
        fuzz_num(s, (uint64_t)x->change);
        HOLDS(x->name.ptr && x->value.ptr);
    }
}

static void fuzz_body(fuzz_sum *s, const edgefn_body *b)
{
    fuzz_str(s, b->data);
    fuzz_num(s, (uint64_t)b->encoding * 4 + b->truncated * 2u + b->replace);
}

__attribute__((unused)) static uint64_t fuzz_event(const edgefn_event *ev)
{
    fuzz_sum sum = { 1 }, *s = &sum;
    const edgefn_request *q = &ev->request;
    const edgefn_response *r = &ev->response;
    const edgefn_origin *o = &q->origin;

    fuzz_num(s, (uint64_t)ev->dialect * 16 + ev->type);
    fuzz_str(s, ev->domain), fuzz_str(s, ev->distribution_id), fuzz_str(s, ev->request_id),
        fuzz_str(s, ev->version);
    fuzz_str(s, q->method), fuzz_str(s, q->uri), fuzz_str(s, q->querystring),
        fuzz_str(s, q->client_ip);
    fuzz_fields(s, &q->headers), fuzz_body(s, &q->body);
    fuzz_num(s, o->kind), fuzz_str(s, o->domain), fuzz_str(s, o->path), fuzz_fields(s, &o->headers);
    fuzz_num(s, o->port), fuzz_num(s, o->keepalive_s), fuzz_num(s, o->read_timeout_s),
        fuzz_num(s, o->completion_timeout_s);
    fuzz_num(s, o->https), fuzz_num(s, o->tls), fuzz_str(s, o->region), fuzz_str(s, o->auth_method);
    fuzz_num(s, r->status), fuzz_str(s, r->status_text), fuzz_fields(s, &r->headers),
        fuzz_body(s, &r->body);
    for (int m = 0; m < EDGEFN_MEMBER_COUNT; m++)
        fuzz_num(s, edgefn_changed(ev, (edgefn_member)m));
    return sum.h;
}
#endif
