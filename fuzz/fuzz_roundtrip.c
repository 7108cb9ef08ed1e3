/* fuzz_roundtrip.c - edits an event by a program (fuzz/edits.h), writes it, and parses the result.

   Properties:
     - without edits, and with edits that set received values, the result is the received text itself
     - a result is JSON by the strict parser, and is the same from finish, write, spans and inside the whole event, and twice
     - the whole event parses, with the same lists and members as in memory; so does a response in an event of its own
     - after a failure nothing is written; in a small arena the outcome is EDGEFN_E_OOM or the identical result */
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "edits.h"

/* Wraps a response in an event, parses it, and compares it with the one that was written. */
static void reread(edgefn_event *ev, edgefn_str out)
{
    char head[300];
    bool lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA;
    edgefn_event again;
    edgefn_str parts[] = { { head, 0 }, out, lambda ? S("}}]}") : S("}") };
    parts[0].len = (size_t)snprintf(
        head, sizeof head,
        "%s\"eventType\":\"viewer-response\"},\"request\":{\"method\":\"GET\",\"uri\":\"/\"},"
        "\"response\":",
        lambda ? "{\"Records\":[{\"cf\":{\"config\":{" : "{\"version\":\"1.0\",\"context\":{");
    edgefn_str all = edgefn_str_join(ev, parts, 3);
    HOLDS_FOR(&again, fuzz_open(&again, 1, all));
    edgefn_response *x = &ev->response, *y = &again.response;
    HOLDS(x->status == y->status && edgefn_str_eq(x->status_text, y->status_text));
    HOLDS(list_same(&x->headers, &y->headers) && fuzz_same(x->body.data, y->body.data));
    HOLDS(list_same(edgefn_response_cookies(ev), edgefn_response_cookies(&again)));
    HOLDS(edgefn_str_eq(edgefn_body_decode_part(ev, &x->body),
                        edgefn_body_decode_part(&again, &y->body)));
}

/* A parameter that was received in an object can have a separator in it, which CloudFront never sends: in the text of an edited query these are two. */
static bool has_separator(const edgefn_fields *query)
{
    for (size_t i = 0; i < query->len; i++) {
        edgefn_str name = query->items[i].name, value = query->items[i].value;
        if (edgefn_str_cut(value, S("&")).found || edgefn_str_cut(name, S("&")).found
            || edgefn_str_cut(name, S("=")).found)
            return true;
    }
    return false;
}

/* Runs the program in an arena of this size. Returns: a copy of the result, absent on failure. */
static edgefn_str played(const input *in, size_t room, int fill, edgefn_event *ev, program *p)
{
    static const edgefn_env env = { .random = 12345, .has_random = true };
    edgefn_parse_opts opts = { .env = &env };
    unsigned char *mem = (unsigned char *)fuzz_arena(0, room + 64).ptr;
    *p = (program){ in->data, in->data + in->ops, false, false, false, false };
    memset(mem, fill, room + 64);
    if (edgefn_parse(ev, in->json, edgefn_arena_make(mem, room), &opts) != EDGEFN_OK)
        return EDGEFN_ABSENT;
    run_program(p, ev);
    edgefn_error before = ev->err.code;
    look(ev, in->json.len);
    edgefn_str out = edgefn_finish(ev, NULL);
    invariants(ev);
    HOLDS_FOR(ev, (out.ptr == NULL) == (ev->err.code != EDGEFN_OK));
    if (before != EDGEFN_OK)
        HOLDS_FOR(ev, ev->err.code == before && edgefn_write(ev, NULL, 0, NULL) == 0
                          && edgefn_write_spans(ev, NULL, 0, NULL) == 0);
    for (size_t i = room; i < room + 64; i++)
        HOLDS(mem[i] == (unsigned char)fill);
    return out.ptr ? fuzz_copy(out.ptr, out.len) : out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    edgefn_event ev;
    program p;
    input in;
    size_t pos;
    if (!input_of(&in, data, size) || in.json.len > 20000) return 0;
    edgefn_str json = in.json = fuzz_copy(in.json.ptr, in.json.len);
    kit_turn = (unsigned)in.small;
    edgefn_str out = played(&in, edgefn_memory_bound(json.len) * 3 + 400000, 0xA5, &ev, &p);
    edgefn_error code = ev.err.code;
    size_t used = ev.arena.used;
    HOLDS_FOR(&ev, code != EDGEFN_E_OOM);
    if (out.ptr) {
        bool answer = edgefn_is_request(&ev) && ev.response.status != 0;
        HOLDS(strict_text(out, &pos) == EDGEFN_OK && out.ptr[0] == '{');
        if (!p.edited) HOLDS_FOR(&ev, edgefn_finish(&ev, NULL).ptr == edgefn_passthrough(&ev).ptr);
        HOLDS(fuzz_same(written_with(&ev, NULL), out));
        if (!answer && !has_separator(edgefn_query(&ev))) read_back(&ev, out);
        if (answer || !edgefn_is_request(&ev)) reread(&ev, out);
        HOLDS_FOR(&ev, ev.err.code == EDGEFN_OK && !test_bad);
        test_free();
    }
    if (code == EDGEFN_OK || used > 0) {
        edgefn_str small = played(&in, in.small % (used + 64), 0x00, &ev, &p);
        HOLDS_FOR(&ev, ev.err.code == EDGEFN_E_OOM ? small.ptr == NULL
                                                   : ev.err.code == code && fuzz_same(out, small));
        fuzz_free(small);
    }
    fuzz_free(out);
    fuzz_free(json);
    return 0;
}
