/* fuzz_strict.c - what is JSON, and what is an event, decided by independent parsers (tests/strict.h, tests/slow_event.h).

   Properties:
     - a text that is not JSON has the error code and position that the strict parser reports, whatever else is wrong with it
     - a text that is JSON is an event, of which a handler sees the same, or has the error code and position of the model; the
       same for lenient parsing
     - the request or response that is passed through is the one that the strict parser finds
     - edgefn_json_at() accepts the same texts, and decodes a string as the slow tree does (tests/slow.h) */
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "../tests/test.h"
#include "fuzz.h"
#include "../tests/kit.h"
#include "../tests/slow.h"
#include "../tests/strict.h"
#define SLOW_FIELDS 240 /* in 3000 bytes */
#include "../tests/slow_event.h"

static void is_event(const edgefn_event *ev, edgefn_str json)
{
    edgefn_str result = strict_result(json, !edgefn_is_request(ev)), pass = edgefn_passthrough(ev);
    /* absent if a name is written with escapes, or comes twice */
    if (result.ptr && memchr(json.ptr, '\\', json.len) == NULL)
        HOLDS_FOR(ev, pass.ptr == result.ptr && pass.len == result.len);
    size_t pos;
    HOLDS_FOR(ev, strict_text(pass, &pos) == EDGEFN_OK);
}

static void is_modelled(edgefn_str json, bool lenient)
{
    static slow_event m;
    edgefn_parse_opts opts = { .lenient = lenient };
    edgefn_event ev;
    slow_used = 0;
    slow_event_read(&m, json, lenient, EDGEFN_EVENT_TYPE_NONE);
    edgefn_parse(&ev, json, fuzz_arena(0, edgefn_memory_bound(json.len)), &opts);
    HOLDS_FOR(&ev, ev.err.code == m.code && ev.err.pos == m.pos);
    HOLDS_FOR(&ev, m.code != EDGEFN_OK || slow_event_differs(&m, &ev) == NULL);
}

static void at_pointer(edgefn_str text, edgefn_error want)
{
    edgefn_event ev;
    HOLDS(edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                             fuzz_arena(1, text.len + 65536), NULL)
          == EDGEFN_OK);
    edgefn_json value = edgefn_json_at(&ev, text, EDGEFN_S(""));
    HOLDS_FOR(&ev, ev.err.code == EDGEFN_OK);
    HOLDS_FOR(&ev, (value.text.ptr != NULL) == (want == EDGEFN_OK));
    if (value.type != EDGEFN_JSON_STRING || text.len > 100000) return;
    slow_used = 0;
    HOLDS(same(value.string, slow_tree(text)->str));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    edgefn_event ev;
    size_t pos = 0, bound = edgefn_memory_bound(size);
    edgefn_str json = guard_copy(data, size);
    edgefn_error want = strict_text(json, &pos),
                 got = edgefn_parse(&ev, json, fuzz_arena(0, bound), NULL);
    if (want != EDGEFN_OK)
        HOLDS_FOR(&ev, got == want && ev.err.pos == pos);
    else if (got == EDGEFN_OK)
        is_event(&ev, json);
    else
        HOLDS_FOR(&ev,
                  got >= EDGEFN_E_NOT_AN_EVENT && got <= EDGEFN_E_RANGE && ev.err.pos <= json.len);
    at_pointer(json, want);
    for (int lenient = 0; want == EDGEFN_OK && size <= 3000 && lenient < 2; lenient++)
        is_modelled(json, lenient);
    return 0;
}
