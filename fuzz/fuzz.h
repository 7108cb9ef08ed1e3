/* fuzz.h - the frame of the fuzz targets, each of which defines LLVMFuzzerTestOneInput() and lists its properties at its
   top. An input is bytes that a target reads with fuzz_byte() and fuzz_cut(), or the text of an event. */
#ifndef FUZZ_H
#define FUZZ_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_UNUSED __attribute__((unused))

/* Checks a property. If it is violated, prints it and the event, and aborts, which a fuzzer reports as a crash. */
#define HOLDS(c)         ((c) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #c, NULL))
#define HOLDS_FOR(ev, c) ((c) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #c, (ev)))

FUZZ_UNUSED static void fuzz_broken(const char *file, int line, const char *what,
                                    const edgefn_event *ev)
{
    fprintf(stderr, "%s:%d: violated: %s\n", file, line, what);
    if (ev)
        fprintf(stderr, "    %s at %td in %s, subject \"%.*s\"\n", edgefn_error_name(ev->err.code),
                (ptrdiff_t)ev->err.pos, ev->err.where, EDGEFN_FMT(ev->err.subject));
    abort();
}

/*--- memory -----------------------------------------------------------------------------------------------------------*/

/* Allocates a block of exactly n bytes, filled: so the sanitizer sees every access outside, and results that depend on
   previous content of memory differ between two fill values. */
FUZZ_UNUSED static void *fuzz_block(size_t n, int fill)
{
    void *p = malloc(n ? n : 1);
    if (!p) exit(1);
    memset(p, fill, n ? n : 1);
    return p;
}

FUZZ_UNUSED static edgefn_str fuzz_copy(const void *data, size_t n)
{
    edgefn_str s = { (const char *)fuzz_block(n, 0), n };
    if (n) memcpy((char *)s.ptr, data, n);
    return s;
}

FUZZ_UNUSED static void fuzz_free(edgefn_str copy)
{
    free((char *)copy.ptr);
}

/* An arena that is reused, for targets that open an event for every input. */
FUZZ_UNUSED static edgefn_arena fuzz_arena(int which, size_t size)
{
    static void *block[3];
    static size_t room[3];
    if (size > room[which]) {
        free(block[which]);
        block[which] = fuzz_block(size, 0xA5);
        room[which] = size;
    }
    return edgefn_arena_make(block[which], size);
}

FUZZ_UNUSED static bool fuzz_open(edgefn_event *ev, int which, edgefn_str json)
{
    static const edgefn_env env = { .now_s = 1767863704, .random = 12345, .has_random = true };
    edgefn_parse_opts opts = { .env = &env };
    edgefn_arena arena = fuzz_arena(which, edgefn_memory_bound(json.len) * 3 + 800000);
    return edgefn_parse(ev, json, arena, &opts) == EDGEFN_OK;
}

/*--- input ------------------------------------------------------------------------------------------------------------*/

typedef struct fuzz_in {
    const uint8_t *at, *end;
} fuzz_in;

/* Returns: a number below n, which is at most 256; 0 at the end. */
FUZZ_UNUSED static unsigned fuzz_byte(fuzz_in *in, unsigned n)
{
    return in->at < in->end ? *in->at++ % n : 0;
}

/* Takes the bytes up to the separator, and the separator; at the end the rest. */
FUZZ_UNUSED static edgefn_str fuzz_cut(fuzz_in *in, int separator)
{
    size_t left = (size_t)(in->end - in->at);
    const uint8_t *found = left ? (const uint8_t *)memchr(in->at, separator, left) : NULL;
    edgefn_str s = { (const char *)in->at, found ? (size_t)(found - in->at) : left };
    in->at = found ? found + 1 : in->end;
    return s;
}

FUZZ_UNUSED static bool fuzz_same(edgefn_str a, edgefn_str b)
{
    return !a.ptr == !b.ptr && a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/*--- sums -------------------------------------------------------------------------------------------------------------*/

/* Reads every byte that a handler may read. Returns: a hash of them. */
typedef struct fuzz_sum {
    uint64_t h;
} fuzz_sum;

FUZZ_UNUSED static void fuzz_num(fuzz_sum *s, uint64_t n)
{
    s->h = (s->h ^ n) * 0x9E3779B97F4A7C15u, s->h ^= s->h >> 29;
}

FUZZ_UNUSED static void fuzz_str(fuzz_sum *s, edgefn_str t)
{
    fuzz_num(s, t.ptr ? t.len + 1 : 0);
    HOLDS(t.ptr || t.len == 0);
    for (size_t i = 0; i < t.len; i++)
        fuzz_num(s, (unsigned char)t.ptr[i]);
}

FUZZ_UNUSED static void fuzz_fields(fuzz_sum *s, const edgefn_fields *f)
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

FUZZ_UNUSED static void fuzz_body(fuzz_sum *s, const edgefn_body *b)
{
    fuzz_str(s, b->data);
    fuzz_num(s, (uint64_t)b->encoding * 4 + b->truncated * 2u + b->replace);
}

FUZZ_UNUSED static uint64_t fuzz_event(const edgefn_event *ev)
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
