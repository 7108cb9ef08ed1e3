/* fuzz_check.c - edgefn_check() on results that the library wrote, and on arbitrary bytes.

       make fuzz T=check SECS=600             with AFL++; see driver.c for replaying and for libFuzzer
       build/fuzz/replay_check FILE...

   The input is that of fuzz_roundtrip.c: a program of edits, then, from the first '{' on, an event; the first two bytes, unless the first is
   a '~', also choose a header with a policy and an edit of it. The bytes after the first NUL are checked as a
   result for that event; without a NUL, the event's own text is checked.

   Properties:
     - a result that edgefn_finish() wrote has no refusing finding; one that it rejected because of CloudFront's rules has one, and the
       edited event has the same findings as its text
     - after edgefn_sanitize() no header is refused, neither in the event nor in its text
     - for arbitrary bytes, findings are inside these bytes and can be printed, are the same twice, and from a small arena the same or
       EDGEFN_E_OOM; the check does not change the event */
#define LLVMFuzzerTestOneInput fuzz_roundtrip_one
#include "fuzz_roundtrip.c"
#undef LLVMFuzzerTestOneInput

#define ROOM 64
static const edgefn_str absent_text = { NULL, 0 };

static edgefn_str block_str(size_t n, int fill)
{
    return (edgefn_str){ (const char *)fuzz_block(n, fill), n };
}

static bool opened(edgefn_event *ev, edgefn_str json, edgefn_str mem)
{
    static edgefn_env env = { .random = 12345, .has_random = true };
    edgefn_parse_opts opts = { .env = &env };
    return edgefn_parse(ev, json, edgefn_arena_make((void *)mem.ptr, mem.len), &opts) == EDGEFN_OK;
}

static bool is_refused(const edgefn_finding *f)
{
    return f->rule->confidence != EDGEFN_CONFIDENCE_DOUBTFUL;
}

/* Edits a header that has a policy: the first two bytes choose the name and the function. */
static void edit_policy(const uint8_t *data, size_t ops, edgefn_event *ev)
{
    static const edgefn_str names[] = { EDGEFN_S_INIT("Via"),
                                        EDGEFN_S_INIT("connection"),
                                        EDGEFN_S_INIT("Content-Length"),
                                        EDGEFN_S_INIT("warning"),
                                        EDGEFN_S_INIT("x-edge-a"),
                                        EDGEFN_S_INIT("cloudfront-viewer-country"),
                                        EDGEFN_S_INIT("host"),
                                        EDGEFN_S_INIT("x-o"),
                                        EDGEFN_S_INIT("transfer-encoding"),
                                        EDGEFN_S_INIT("pragma"),
                                        EDGEFN_S_INIT("cdn-loop"),
                                        EDGEFN_S_INIT("If-None-Match") };
    if (ops < 2 || data[0] == '~') return;
    edgefn_str name = names[(uint8_t)(data[0] - '0') % COUNT(names)];
    unsigned verb = (uint8_t)(data[1] - '0');
    bool response = !edgefn_is_request(ev) || ev->response.status != 0;
    bool custom = !response && ev->type == EDGEFN_ORIGIN_REQUEST
                  && ev->request.origin.kind != EDGEFN_ORIGIN_NONE && (verb & 4) != 0;
    edgefn_fields *f = custom     ? &ev->request.origin.headers
                       : response ? &ev->response.headers
                                  : &ev->request.headers;
    if ((verb & 3) == 0) edgefn_set(f, name, S("1"));
    if ((verb & 3) == 1) edgefn_add(f, name, S("2"));
    if ((verb & 3) >= 2) edgefn_remove(f, name);
    if ((verb & 3) == 3) edgefn_add(f, name, S("3"));
}

/* True for rules that edgefn_sanitize() must satisfy. */
static bool is_header_policy(const edgefn_finding *f)
{
    edgefn_str id = edgefn_cstr(f->rule->id);
    if (edgefn_str_starts(id, S("functions."))) id = edgefn_str_skip(id, 10);
    return is_refused(f)
           && (edgefn_str_starts(id, S("header.read-only."))
               || edgefn_str_eq(id, S("header.disallowed"))
               || edgefn_str_eq(id, S("header.country.added"))
               || edgefn_str_starts(id, S("origin.header.")));
}

/* Reads every byte of the findings. Returns: a hash of their rules and, if requested, of subjects and positions. */
static uint64_t sum_of(const edgefn_finding *f, size_t count, bool whole, edgefn_str result)
{
    uint64_t total = 0; /* the order does not matter */
    for (size_t i = 0; i < count && i < ROOM; i++) {
        fuzz_sum s = { 7 };
        char says[300];
        fuzz_str(&s, edgefn_cstr(f[i].rule->id));
        if (whole) {
            fuzz_str(&s, f[i].subject), fuzz_num(&s, f[i].pos), fuzz_num(&s, f[i].limit),
                fuzz_num(&s, f[i].actual);
            HOLDS(result.ptr ? f[i].pos <= result.len : f[i].pos == SIZE_MAX);
        }
        size_t n = edgefn_finding_message(&f[i], NULL, 0);
        HOLDS((n != 0) == (f[i].rule->message != NULL)
              && edgefn_finding_message(&f[i], says, sizeof says) == n);
        if (n <= sizeof says) fuzz_str(&s, (edgefn_str){ says, n });
        total += s.h;
    }
    return total + count;
}

/* Checks twice, and with room for fewer findings. Returns: their number; SIZE_MAX when out of memory. */
static size_t checked(edgefn_event *ev, edgefn_str result, edgefn_finding *f)
{
    size_t used = ev->arena.used, count = edgefn_check(ev, result, f, ROOM);
    if (count == SIZE_MAX) {
        HOLDS_FOR(ev, ev->err.code == EDGEFN_E_OOM);
        return count;
    }
    HOLDS_FOR(ev, ev->err.code == EDGEFN_OK && ev->arena.used == used);
    uint64_t sum = sum_of(f, count, true, result);
    HOLDS_FOR(ev, edgefn_check(ev, result, NULL, 0) == count);
    HOLDS_FOR(ev,
              edgefn_check(ev, result, f, ROOM) == count && sum_of(f, count, true, result) == sum);
    invariants(ev);
    return count;
}

static bool any(const edgefn_finding *f, size_t count, bool (*is)(const edgefn_finding *))
{
    for (size_t i = 0; i < count && i < ROOM; i++)
        if (is(&f[i])) return true;
    return false;
}

/* Checks the text of an edited event against a new event: its findings must be those of the edited event. */
static void text_agrees(edgefn_str json, edgefn_str text, edgefn_str mem, size_t count,
                        uint64_t sum, bool no_headers)
{
    edgefn_event fresh;
    edgefn_finding f[ROOM];
    HOLDS(opened(&fresh, json, mem));
    size_t n = checked(&fresh, text, f);
    if (n != count || (n <= ROOM && sum_of(f, n, false, text) != sum)) {
        for (size_t i = 0; i < n && i < ROOM; i++)
            fprintf(stderr, "    of the text: %s %.*s\n", f[i].rule->id, EDGEFN_FMT(f[i].subject));
        HOLDS(n == count);
        HOLDS(sum_of(f, n, false, text) == sum);
    }
    if (no_headers) HOLDS(!any(f, n, is_header_policy));
}

static void edited(const uint8_t *data, size_t ops, edgefn_str json, edgefn_str mem,
                   edgefn_str mem2, bool sanitize)
{
    program p = { data, data + ops, false, false, false, false };
    edgefn_write_opts skip = { .skip_check = true };
    edgefn_finding f[ROOM];
    edgefn_event ev;
    if (!opened(&ev, json, mem)) return;
    edit(&p, &ev);
    edit_policy(data, ops, &ev);
    if (sanitize) {
        edgefn_sanitize(&ev, f, ROOM);
        invariants(&ev);
    }
    if (ev.err.code != EDGEFN_OK) return;
    edgefn_str text = edgefn_finish(&ev, &skip);
    if (text.ptr == NULL) return; /* invalid syntax */
    edgefn_str copy = fuzz_copy(text.ptr, text.len);
    size_t count = checked(&ev, absent_text, f);
    HOLDS_FOR(&ev, count != SIZE_MAX);
    bool refused = any(f, count, is_refused);
    if (count <= ROOM) {
        for (size_t i = 0; getenv("FUZZ_SHOW") && i < count; i++)
            fprintf(stderr, "    of the event: %s %.*s\n", f[i].rule->id, EDGEFN_FMT(f[i].subject));
        if (sanitize) HOLDS_FOR(&ev, !any(f, count, is_header_policy));
        text_agrees(json, copy, mem2, count, sum_of(f, count, false, absent_text), sanitize);
        text = edgefn_finish(&ev, NULL);
        HOLDS_FOR(&ev, (text.ptr == NULL) == refused
                           && ev.err.code == (refused ? EDGEFN_E_CHECK : EDGEFN_OK));
        if (text.ptr) HOLDS_FOR(&ev, equal(text, copy));
    }
    free((void *)copy.ptr);
}

static void any_bytes(edgefn_str json, edgefn_str result, edgefn_str mem, size_t small)
{
    edgefn_event ev;
    edgefn_finding f[ROOM];
    if (!opened(&ev, json, mem)) return;
    size_t used = ev.arena.used, count = checked(&ev, result, f);
    HOLDS_FOR(&ev, count != SIZE_MAX);
    uint64_t sum = sum_of(f, count, true, result);
    edgefn_str pass = edgefn_passthrough(&ev);
    HOLDS_FOR(&ev, edgefn_finish(&ev, NULL).ptr == pass.ptr);
    HOLDS_FOR(&ev, checked(&ev, pass, f) == 0); /* the received text */

    edgefn_str little = block_str(used + small % (2 * result.len + 1024), 0x00);
    if (opened(&ev, json, little)) {
        size_t again = checked(&ev, result, f);
        HOLDS_FOR(&ev,
                  again == SIZE_MAX || (again == count && sum_of(f, count, true, result) == sum));
        if (again == SIZE_MAX) HOLDS_FOR(&ev, edgefn_finish(&ev, NULL).ptr == NULL);
    } else
        HOLDS_FOR(&ev, ev.err.code == EDGEFN_E_OOM);
    free((void *)little.ptr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *brace = size ? memchr(data, '{', size) : NULL,
                  *nul = brace ? memchr(brace, 0, size - (size_t)(brace - data)) : NULL;
    if (!brace) return 0;
    size_t ops = (size_t)(brace - data), end = nul ? (size_t)(nul - data) : size;
    edgefn_str json = fuzz_copy(brace, end - ops),
               result = nul ? fuzz_copy(nul + 1, size - end - 1) : fuzz_copy(brace, end - ops);
    size_t room = 3 * edgefn_memory_bound(json.len) + 3 * edgefn_memory_bound(result.len) + 800000;
    edgefn_str mem = block_str(room, 0xA5), mem2 = block_str(room, 0xA5);
    edited(data, ops, json, mem, mem2, false);
    edited(data, ops, json, mem, mem2, true);
    any_bytes(json, result, mem, (ops > 0 ? data[0] * 256u : 0) + (ops > 1 ? data[1] : 0));
    free((void *)mem.ptr);
    free((void *)mem2.ptr);
    free((void *)json.ptr);
    free((void *)result.ptr);
    return 0;
}
