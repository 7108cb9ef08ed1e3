/* fuzz_check.c - edgefn_check() on results that the library wrote, and on arbitrary bytes.

   The input: as of fuzz/edits.h; the first two bytes, unless the first is a '~', also choose a header with a policy and an edit
   of it. The bytes after the first NUL are checked as a result for that event; without a NUL, the event's own text is.

   Properties:
     - edgefn_finish() refuses an edited event exactly if a finding of edgefn_check() refuses it; the text of the event has the
       same findings as the event
     - for arbitrary bytes, findings are inside these bytes and can be printed, are the same twice, and from a small arena the
       same or EDGEFN_E_OOM; the check does not change the event; the received text has none */
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "findings.h"

static void agrees(const input *in)
{
    edgefn_write_opts skip = { .skip_check = true };
    edgefn_finding f[ROOM], of_text[ROOM];
    edgefn_event ev;
    if (!was_edited(in, &ev)) return;
    edgefn_str text = edgefn_finish(&ev, &skip);
    if (text.ptr == NULL) return; /* invalid syntax */
    edgefn_str copy = fuzz_copy(text.ptr, text.len);
    size_t count = checked(&ev, EDGEFN_ABSENT, f);
    HOLDS_FOR(&ev, count != SIZE_MAX);
    bool refused = any(f, count, is_refused);
    if (count <= ROOM) {
        text_agrees(in->json, copy, f, count, of_text);
        text = edgefn_finish(&ev, NULL);
        HOLDS_FOR(&ev, (text.ptr == NULL) == refused
                           && ev.err.code == (refused ? EDGEFN_E_CHECK : EDGEFN_OK));
        if (text.ptr) HOLDS_FOR(&ev, fuzz_same(text, copy));
    }
    fuzz_free(copy);
}

static void any_bytes(const input *in)
{
    edgefn_event ev;
    edgefn_finding f[ROOM];
    if (!fuzz_open(&ev, 0, in->json)) return;
    size_t used = ev.arena.used, count = checked(&ev, in->result, f);
    HOLDS_FOR(&ev, count != SIZE_MAX);
    uint64_t sum = sum_of(f, count, true, in->result);
    edgefn_str pass = edgefn_passthrough(&ev);
    HOLDS_FOR(&ev, edgefn_finish(&ev, NULL).ptr == pass.ptr);
    HOLDS_FOR(&ev, checked(&ev, pass, f) == 0); /* the received text */

    size_t room = used + in->small % (2 * in->result.len + 1024);
    edgefn_parse_opts opts = { .env = ev.env };
    if (edgefn_parse(&ev, in->json, fuzz_arena(2, room), &opts) != EDGEFN_OK) {
        HOLDS_FOR(&ev, ev.err.code == EDGEFN_E_OOM);
        return;
    }
    size_t again = checked(&ev, in->result, f);
    if (again == SIZE_MAX)
        HOLDS_FOR(&ev, edgefn_finish(&ev, NULL).ptr == NULL);
    else
        HOLDS_FOR(&ev, again == count && sum_of(f, count, true, in->result) == sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in;
    if (!input_of(&in, data, size) || size > 30000) return 0;
    edgefn_str json = in.json = fuzz_copy(in.json.ptr, in.json.len),
               result = in.result = fuzz_copy(in.result.ptr, in.result.len);
    agrees(&in);
    any_bytes(&in);
    fuzz_free(result);
    fuzz_free(json);
    return 0;
}
