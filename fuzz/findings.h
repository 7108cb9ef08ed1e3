/* findings.h - findings of edgefn_check(), for the targets check and sanitize. */
#ifndef FINDINGS_H
#define FINDINGS_H
#include "edits.h"

#define ROOM 64

FUZZ_UNUSED static bool is_refused(const edgefn_finding *f)
{
    return f->rule->confidence != EDGEFN_CONFIDENCE_DOUBTFUL;
}

/* True for rules that edgefn_sanitize() must satisfy. */
FUZZ_UNUSED static bool is_header_policy(const edgefn_finding *f)
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
FUZZ_UNUSED static size_t checked(edgefn_event *ev, edgefn_str result, edgefn_finding *f)
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

FUZZ_UNUSED static bool any(const edgefn_finding *f, size_t count,
                            bool (*is)(const edgefn_finding *))
{
    for (size_t i = 0; i < count && i < ROOM; i++)
        if (is(&f[i])) return true;
    return false;
}

/* Checks the text of an edited event against a new event: its findings must be those of the edited event. */
FUZZ_UNUSED static size_t text_agrees(edgefn_str json, edgefn_str text, const edgefn_finding *of,
                                      size_t count, edgefn_finding *f)
{
    edgefn_event fresh;
    HOLDS(fuzz_open(&fresh, 1, json));
    size_t n = checked(&fresh, text, f);
    bool equal =
        n == count
        && (n > ROOM || sum_of(f, n, false, text) == sum_of(of, count, false, EDGEFN_ABSENT));
    for (size_t i = 0; !equal && i < count && i < ROOM; i++)
        fprintf(stderr, "    of the event: %s %.*s\n", of[i].rule->id, EDGEFN_FMT(of[i].subject));
    for (size_t i = 0; !equal && i < n && i < ROOM; i++)
        fprintf(stderr, "    of the text: %s %.*s\n", f[i].rule->id, EDGEFN_FMT(f[i].subject));
    HOLDS(equal);
    return n;
}

/* Runs the program of an input. Returns: false if the event or an edit is invalid. */
FUZZ_UNUSED static bool was_edited(const input *in, edgefn_event *ev)
{
    program p = { in->data, in->data + in->ops, false, false, false, false };
    if (!fuzz_open(ev, 0, in->json)) return false;
    run_program(&p, ev);
    edit_policy(in->data, in->ops, ev);
    return ev->err.code == EDGEFN_OK;
}
#endif
