/* fuzz_parse.c - parses arbitrary bytes as an event.

   Properties:
     - nothing outside the input is read, nothing outside the arena is written (exact blocks, under the sanitizers)
     - edgefn_memory_bound() bytes are always enough, and arena.used stays below them
     - previous content of the arena does not matter; with less memory the outcome is the same or EDGEFN_E_OOM
     - err.pos is inside the text or at its end; after an error the event passes nothing through
     - on success every byte of every string and list can be read, and reading takes nothing after arena.used */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "fuzz.h"

static void accepted(const edgefn_event *ev, edgefn_str json, fuzz_sum *sum)
{
    edgefn_str pass = edgefn_passthrough(ev);
    HOLDS_FOR(ev,
              pass.ptr >= json.ptr && pass.ptr + pass.len <= json.ptr + json.len && pass.len >= 2);
    HOLDS_FOR(ev, pass.ptr[0] == '{' && pass.ptr[pass.len - 1] == '}');
    HOLDS_FOR(ev, edgefn_is_request(ev) || ev->response.status != 0);
    fuzz_num(sum, fuzz_event(ev));
    fuzz_num(sum, (uint64_t)(pass.ptr - json.ptr)), fuzz_str(sum, pass);
}

static void refused(edgefn_event *ev, edgefn_str json, fuzz_sum *sum)
{
    edgefn_error code = ev->err.code;
    HOLDS_FOR(ev, ev->err.pos <= json.len || code == EDGEFN_E_OOM);
    HOLDS_FOR(ev, edgefn_passthrough(ev).ptr == NULL && edgefn_finish(ev, NULL).ptr == NULL);
    HOLDS_FOR(ev, edgefn_write(ev, NULL, 0, NULL) == 0 && ev->err.code == code);
    fuzz_num(sum, ev->err.pos), fuzz_str(sum, ev->err.subject);
    edgefn_location at = edgefn_locate(json, ev->err.pos);
    HOLDS_FOR(ev, at.line >= 1 && at.column >= 1 && at.line <= json.len + 1
                      && at.column <= json.len + 1);
}

/* Parses a copy in an arena of exactly that size. Returns: a hash of the whole outcome. */
static uint64_t outcome(edgefn_str input, size_t size, int fill, edgefn_err *err, size_t *used)
{
    edgefn_str json = fuzz_copy(input.ptr, input.len);
    unsigned char *mem = (unsigned char *)fuzz_block(size, fill);
    edgefn_event ev;
    char line[300];
    memset(&ev, fill, sizeof ev);
    edgefn_error code = edgefn_parse(&ev, json, edgefn_arena_make(mem, size), NULL);
    *err = ev.err;
    *used = ev.arena.used;
    HOLDS_FOR(&ev, code == ev.err.code && ev.err.where != NULL && ev.arena.used <= size);
    HOLDS_FOR(&ev, code != EDGEFN_E_OPTIONS && code != EDGEFN_E_MISUSE);
    HOLDS_FOR(&ev, edgefn_describe(&ev, line, sizeof line) <= sizeof line);
    fuzz_sum sum = { code };
    size_t left = size - ev.arena.used; /* nothing of the event may be there */
    if (left) memset(mem + ev.arena.used, ~fill, left);
    if (code == EDGEFN_OK)
        accepted(&ev, json, &sum);
    else
        refused(&ev, json, &sum);
    HOLDS_FOR(&ev, edgefn_failed_result(&ev).len > 0);
    HOLDS_FOR(&ev, left == 0 || mem[ev.arena.used] == (unsigned char)~fill);
    HOLDS_FOR(&ev, left < 2 || memcmp(mem + ev.arena.used, mem + ev.arena.used + 1, left - 1) == 0);
    free(mem);
    fuzz_free(json);
    return sum.h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    edgefn_str input = { (const char *)data, size };
    edgefn_err err, err2;
    size_t used, used2, bound = edgefn_memory_bound(size);
    uint64_t a = outcome(input, bound, 0xA5, &err, &used);
    HOLDS(err.code != EDGEFN_E_OOM);
    size_t less =
        size && data[size - 1] % 2 ? bound : (size ? data[size / 2] * 997u : 0) % (bound + 1);
    uint64_t b = outcome(input, less, 0x00, &err2, &used2);
    HOLDS(err2.code == EDGEFN_E_OOM ? less < bound : a == b && used == used2);
    return 0;
}
