/* fuzz_parse.c - parses arbitrary bytes as an event.

       make fuzz T=parse SECS=600             with AFL++; see driver.c for replaying and for libFuzzer
       build/fuzz/replay_parse FILE...

   Properties:
     - nothing outside the input is read, nothing outside the arena is written (exact blocks, under the sanitizers)
     - edgefn_memory_bound() bytes are always enough, and arena.used stays below them
     - previous content of the arena does not matter
     - the parser agrees with a strict JSON checker: every text that the checker refuses is EDGEFN_E_JSON_*, no other is
     - err.pos is inside the text or at its end; after an error the event passes nothing through
     - on success every byte of every string and list can be read
     - every vector scan returns the same as the portable one: validity, index, strings with escapes */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "fuzz.h"

/* Parses a copy in an arena of exactly the bound. Returns: a hash of the whole outcome. */
static uint64_t outcome(const uint8_t *data, size_t size, int fill, edgefn_err *err, bool *ok)
{
    edgefn_str json = fuzz_copy(data, size);
    size_t bound = edgefn_memory_bound(size);
    void *mem = fuzz_block(bound, fill);
    edgefn_event ev;
    char line[300];
    memset(&ev, fill, sizeof ev);

    edgefn_error code = edgefn_parse(&ev, json, edgefn_arena_make(mem, bound), NULL);
    *err = ev.err;
    *ok = code == EDGEFN_OK;
    HOLDS_FOR(&ev, code == ev.err.code && ev.err.where != NULL);
    HOLDS_FOR(&ev, code != EDGEFN_E_OOM && code != EDGEFN_E_OPTIONS && code != EDGEFN_E_MISUSE);
    HOLDS_FOR(&ev, ev.arena.used <= bound);
    HOLDS_FOR(&ev, edgefn_describe(&ev, line, sizeof line) <= sizeof line);

    fuzz_sum sum = { code };
    if (*ok) {
        edgefn_str pass = edgefn_passthrough(&ev);
        HOLDS_FOR(&ev, pass.ptr >= json.ptr && pass.ptr + pass.len <= json.ptr + json.len
                           && pass.len >= 2);
        HOLDS_FOR(&ev, pass.ptr[0] == '{' && pass.ptr[pass.len - 1] == '}'
                           && json_check(pass.ptr, pass.len, NULL));
        HOLDS_FOR(&ev, edgefn_is_request(&ev) || ev.response.status != 0);
        fuzz_num(&sum, fuzz_event(&ev));
        fuzz_num(&sum, (uint64_t)(pass.ptr - json.ptr)), fuzz_str(&sum, pass);
    } else {
        HOLDS_FOR(&ev, ev.err.pos <= size);
        HOLDS_FOR(&ev, edgefn_passthrough(&ev).ptr == NULL && edgefn_finish(&ev, NULL).ptr == NULL);
        HOLDS_FOR(&ev, edgefn_write(&ev, NULL, 0, NULL) == 0 && ev.err.code == code);
        fuzz_num(&sum, ev.err.pos), fuzz_str(&sum, ev.err.subject);
        edgefn_location at = edgefn_locate(json, ev.err.pos);
        HOLDS_FOR(&ev,
                  at.line >= 1 && at.column >= 1 && at.line <= size + 1 && at.column <= size + 1);
    }
    HOLDS(edgefn_failed_result(&ev).len > 0);
    free(mem);
    free((void *)json.ptr);
    return sum.h;
}

/* Runs one scanner over an exact copy, with its bits and its list in exact blocks. Returns: a hash of its result. */
static uint64_t scanned(bool (*scan)(edgefn__scanner *), const uint8_t *data, size_t size)
{
    edgefn_str text = fuzz_copy(data, size);
    size_t bits = edgefn__quotes_size(size), room = size + 2;
    edgefn__scanner s;
    fuzz_sum sum = { 1 };
    memset(&s, 0, sizeof s);
    s.text = text.ptr, s.len = text.len;
    s.quotes = fuzz_block(bits, 0xA5);
    s.floor = fuzz_block(room * sizeof *s.floor, 0xA5);
    s.escaped = s.top = s.floor + room;
    bool good = scan(&s);
    HOLDS(!s.full && s.escaped >= s.floor);
    fuzz_num(&sum, good);
    if (good) {
        for (size_t i = 0; i < bits * 8; i++) {
            bool quote = s.quotes[i / 8] >> (i % 8) & 1;
            if (i < size)
                HOLDS(!quote || data[i] == '"');
            else if (i >= (size + 63) / 64 * 64)
                HOLDS(quote); /* the end of every search */
            fuzz_num(&sum, quote);
        }
        for (const uint32_t *e = s.escaped; e < s.top; e++) {
            HOLDS(*e < size && data[*e] == '"');
            fuzz_num(&sum, *e);
        }
    }
    free(s.floor);
    free(s.quotes);
    free((void *)text.ptr);
    return sum.h;
}

static void same_scans(const uint8_t *data, size_t size)
{
    uint64_t portable = scanned(edgefn__scan_portable, data, size);
    (void)portable;
#ifdef EDGEFN__SSE2
    HOLDS(portable == scanned(edgefn__scan_sse2, data, size));
#endif
#ifdef EDGEFN__AVX2
    if (edgefn__have_avx2()) HOLDS(portable == scanned(edgefn__scan_avx2, data, size));
    if (edgefn__have_avx512()) HOLDS(portable == scanned(edgefn__scan_avx512, data, size));
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    edgefn_err err, err2;
    bool ok, ok2;
    size_t depth = 0;
    uint64_t a = outcome(data, size, 0xA5, &err, &ok), b = outcome(data, size, 0x00, &err2, &ok2);
    HOLDS(a == b && ok == ok2);

    bool good = json_check(data, size, &depth);
    bool syntax = err.code >= EDGEFN_E_JSON_EOF && err.code <= EDGEFN_E_JSON_TRAILING;
    if (err.code == EDGEFN_E_JSON_DEPTH)
        HOLDS(depth > EDGEFN_MAX_DEPTH);
    else
        HOLDS(syntax == !good);
    if (!syntax) HOLDS(depth <= EDGEFN_MAX_DEPTH);

    same_scans(data, size);
    return 0;
}
