/* handler.c - the fuzz target for a handler of your own, which is linked with this file.

       make fuzz HANDLER=my.c SECS=60                       with AFL++; ENGINE=libfuzzer: with libFuzzer
       build/fuzz/own/my/replay FILE...                     prints what a find violates, in one sentence

   The input is an event. Properties, in addition to "no crash" and "no hang":
     - the same event produces the same result twice, whatever the previous content of memory
     - CloudFront would accept the result, or the handler reports failure
     - no string that was passed or assigned changes afterwards, as one on the handler's stack would
       (edgefn_env.check_lifetimes)
   The clock is fixed, the draw depends on the event, and look-ups return "fuzz" for every second key. */
#include "edgefn.h"
#include "fuzz.h"

/* Reports a find and stops. Fuzzers treat abort() as a crash. */
static void violates(const char *what, edgefn_str about)
{
    fprintf(stderr, "violated: %s%s%.*s\n", what, about.len ? ": " : "", EDGEFN_FMT(about));
    abort();
}

static edgefn_str look_up(void *user, edgefn_str table, edgefn_str key)
{
    unsigned sum = 0;

    (void)user, (void)table;
    for (size_t i = 0; i < key.len; i++)
        sum += (unsigned char)key.ptr[i];
    return sum % 2 ? EDGEFN_S("fuzz") : EDGEFN_ABSENT;
}

/* Overwrites the part of the stack where the handler and the functions it called had their variables. */
static void scribble(void)
{
    volatile unsigned char stack[65536];

    for (size_t i = 0; i < sizeof stack; i++)
        stack[i] = (unsigned char)(0xA5 ^ i);
}

/* Prints the first rule that refuses the result, and stops. */
static void violates_rule(edgefn_event *ev)
{
    edgefn_finding found[16];
    size_t count = edgefn_check(ev, EDGEFN_ABSENT, found, 16);
    char says[600];

    for (size_t i = 0; i < count && i < 16; i++) {
        if (found[i].rule->confidence == EDGEFN_CONFIDENCE_DOUBTFUL) continue;
        int len = snprintf(says, sizeof says, "%s, %.*s (%s)", found[i].rule->id,
                           EDGEFN_FMT(found[i].subject), found[i].rule->text);
        if (len > (int)sizeof says - 1) len = (int)sizeof says - 1;
        violates("CloudFront would refuse the result", (edgefn_str){ says, (size_t)len });
    }
    violates("CloudFront would refuse the result", ev->err.subject);
}

/* Stops at a string that has changed since it was passed or assigned. */
static void violates_lifetime(const edgefn_event *ev)
{
    char where[300];
    int len = snprintf(where, sizeof where, "%s %.*s", ev->err.where,
                       (int)(ev->err.subject.len < 200 ? ev->err.subject.len : 200),
                       ev->err.subject.ptr != NULL ? ev->err.subject.ptr : "");

    violates("a string that the handler passed has changed since: is it on its stack? Copy it with "
             "edgefn_str_copy()",
             (edgefn_str){ where, (size_t)len });
}

/* Calls of the handler, and failed calls: if many fail, the fuzzer tests little of the handler. */
static size_t calls, failures;

static void tell_failures(void)
{
    if (failures > 0)
        fprintf(stderr, "the handler failed for %zu of %zu events\n", failures / 2, calls / 2);
}

static bool handle(edgefn_event *ev)
{
    if (calls++ == 0) atexit(tell_failures);
    if (edgefn_handler(ev) && ev->err.code == EDGEFN_OK) return true;
    failures++;
    return false;
}

/* Runs the handler on a copy of the event. Returns: the result in separate memory; absent if the
   handler failed or the event was refused. */
static edgefn_str result_of(edgefn_str event, const edgefn_env *env, int fill)
{
    edgefn_answer_opts opts = { .parse = { .env = env } };
    size_t room = edgefn_memory_event(event.len, 600);
    edgefn_str json = fuzz_copy(event.ptr, event.len);
    void *memory = fuzz_block(room, fill);
    edgefn_str result = { NULL, 0 };
    edgefn_event ev;
    edgefn_str out = edgefn_answer_with(&ev, json, edgefn_arena_make(memory, room), handle, &opts);

    if (ev.err.code == EDGEFN_OK) {
        result = fuzz_copy(out.ptr, out.len);
        scribble();
        char *again = (char *)fuzz_block(out.len, 0);
        size_t len = edgefn_write(&ev, again, out.len, NULL);
        if (ev.err.code == EDGEFN_OK && (len != out.len || memcmp(again, result.ptr, len) != 0))
            violates(
                "a string that the handler assigned has changed since it returned: is it on its "
                "stack? Copy it with edgefn_str_copy()",
                EDGEFN_ABSENT);
        free(again);
    }
    if (ev.err.code == EDGEFN_E_LIFETIME) violates_lifetime(&ev);
    if (ev.err.code == EDGEFN_E_CHECK) {
        ev.err = (edgefn_err){ .pos = SIZE_MAX, .where = "" };
        violates_rule(&ev);
    }
    free(memory);
    free((char *)json.ptr);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    edgefn_str event = { (const char *)data, size };
    edgefn_env env = { .now_s = 1767863704,
                       .has_random = true,
                       .has_random_bytes = true,
                       .lookup = look_up,
                       .check_lifetimes = true };

    for (size_t i = 0; i < size; i++)
        env.random = (env.random ^ data[i]) * 16777619u;
    edgefn_str one = result_of(event, &env, 0x00);
    edgefn_str two = result_of(event, &env, 0xFF);
    if ((one.ptr == NULL) != (two.ptr == NULL) || one.len != two.len
        || (one.len > 0 && memcmp(one.ptr, two.ptr, one.len) != 0))
        violates("the same event produces another result the second time: the handler keeps "
                 "state between events, or reads memory that it did not set",
                 EDGEFN_ABSENT);
    free((char *)one.ptr);
    free((char *)two.ptr);
    return 0;
}
