/* fuzz_sanitize.c - edgefn_sanitize() on edited events.

   The input: as that of fuzz_check.c, without a result.

   Properties:
     - no header is refused afterwards, neither in the event nor in its text, and the count is that of the findings that went
     - headers that were not refused stay, with their values, in their order; so do all other members
     - a second time there is nothing to do; an event without refused headers does not change */
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "findings.h"

/* The headers that were not refused, as a hash. */
static uint64_t others(const edgefn_fields *f, const edgefn_finding *found, size_t count)
{
    fuzz_sum s = { 3 };
    for (size_t i = 0; i < f->len; i++) {
        bool about = false;
        for (size_t k = 0; k < count; k++)
            about |=
                is_header_policy(&found[k]) && edgefn_str_ieq(found[k].subject, f->items[i].name);
        if (!about) fuzz_str(&s, f->items[i].name), fuzz_str(&s, f->items[i].value);
    }
    return s.h;
}

static uint64_t rest_of(edgefn_event *ev, const edgefn_finding *found, size_t count)
{
    fuzz_sum s = { 5 };
    const edgefn_request *q = &ev->request;
    bool answer = ev->response.status != 0, clash = false;
    for (size_t k = 0; k < count; k++) /* if a header and a custom header clash, either may go */
        clash |= strcmp(found[k].rule->id, "origin.header.clash") == 0
                 || strcmp(found[k].rule->id, "origin.header.size") == 0
                 || strcmp(found[k].rule->id, "origin.header.total") == 0;
    if (!clash) {
        fuzz_num(&s, others(answer ? &ev->response.headers : &q->headers, found, count));
        fuzz_num(&s, answer ? 0 : others(&q->origin.headers, found, count));
    }
    fuzz_str(&s, q->method), fuzz_str(&s, q->uri), fuzz_str(&s, q->client_ip);
    fuzz_str(&s, edgefn_query_text(ev)), fuzz_body(&s, &q->body), fuzz_body(&s, &ev->response.body);
    fuzz_num(&s, ev->response.status), fuzz_str(&s, ev->response.status_text);
    fuzz_str(&s, q->origin.domain), fuzz_str(&s, q->origin.path), fuzz_num(&s, q->origin.port);
    return s.h;
}

static size_t policies(const edgefn_finding *f, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count && i < ROOM; i++)
        n += is_header_policy(&f[i]);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    edgefn_write_opts skip = { .skip_check = true };
    edgefn_finding before[ROOM], did[ROOM], after[ROOM], of_text[ROOM];
    edgefn_event ev;
    input in;
    if (!input_of(&in, data, size) || size > 30000 || !was_edited(&in, &ev)) return 0;
    if (edgefn_finish(&ev, &skip).ptr == NULL) return 0; /* invalid syntax */
    size_t n = checked(&ev, EDGEFN_ABSENT, before);
    if (n > ROOM) return 0;
    uint64_t rest = rest_of(&ev, before, n);
    size_t done = edgefn_sanitize(&ev, did, ROOM);
    invariants(&ev);
    HOLDS_FOR(&ev, ev.err.code == EDGEFN_OK);
    size_t k = checked(&ev, EDGEFN_ABSENT, after);
    HOLDS_FOR(&ev, !any(after, k, is_header_policy));
    HOLDS_FOR(&ev, done <= n && (policies(before, n) != 0 || done == 0));
    HOLDS_FOR(&ev, rest_of(&ev, before, n) == rest);
    HOLDS_FOR(&ev, edgefn_sanitize(&ev, NULL, 0) == 0 && ev.err.code == EDGEFN_OK);
    edgefn_str text = edgefn_finish(&ev, &skip);
    HOLDS_FOR(&ev, text.ptr != NULL);
    edgefn_str copy = fuzz_copy(text.ptr, text.len);
    HOLDS(!any(of_text, text_agrees(in.json, copy, after, k, of_text), is_header_policy));
    fuzz_free(copy);
    return 0;
}
