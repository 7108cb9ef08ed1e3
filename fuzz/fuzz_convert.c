/* fuzz_convert.c - edgefn convert (examples/hosts/cli/convert.c): an event to the other dialect, and back.

   Properties:
     - what is written is JSON by the strict parser, and an event of the same type
     - from CloudFront Functions to Lambda@Edge and back a handler sees the same event, unless the query
       came as text, which a list does not keep in full
     - there and back again writes the same bytes as the first time */
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "quiet.h"
#include "../examples/hosts/cli/convert.c"
#undef stderr
#include "../tests/test.h"
#include "fuzz.h"
#include "../tests/kit.h"
#include "../tests/strict.h"

/* Converts to the other dialect. Returns: a copy; absent if that cannot express the event. */
static edgefn_str other(edgefn_event *ev, edgefn_str json)
{
    cli_bytes b = { 0 };
    bool lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA;
    bool good = lambda ? to_functions(&b, ev, json, "fuzz") : to_lambda(&b, ev, json);
    size_t pos;
    edgefn_str text = { b.ptr, b.len };
    HOLDS_FOR(ev, good == (ev->err.code == EDGEFN_OK) && !b.failed);
    if (good) HOLDS(strict_text(text, &pos) == EDGEFN_OK);
    text = good ? fuzz_copy(b.ptr, b.len) : EDGEFN_ABSENT;
    cli_free(&b);
    return text;
}

/* Empty attributes are none. */
static void without_empty(edgefn_fields *cookies)
{
    for (size_t i = 0; i < cookies->len; i++)
        if (cookies->items[i].attributes.len == 0)
            ((edgefn_field *)(uintptr_t)cookies->items)[i].attributes = EDGEFN_ABSENT;
}

/* Opens what was converted. */
static void opened(edgefn_event *ev, int which, edgefn_str text, edgefn_event_type type)
{
    HOLDS_FOR(ev, fuzz_open(ev, which, text));
    HOLDS_FOR(ev, ev->type == type);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    edgefn_event ev, back, again;
    edgefn_str json = { (const char *)data, size }, there, home = EDGEFN_ABSENT,
               twice = EDGEFN_ABSENT, last = EDGEFN_ABSENT;
    if (size > 20000 || !fuzz_open(&ev, 0, json)) return 0;
    edgefn_event_type type = ev.type;
    there = other(&ev, json);
    if (there.ptr) {
        opened(&back, 1, there, type);
        home = other(&back, there);
        /* a query that came as text may contain '#' */
        HOLDS_FOR(&back, home.ptr != NULL || ev.dialect == EDGEFN_DIALECT_LAMBDA);
    }
    if (home.ptr) {
        opened(&again, 2, home, type);
        if (ev.dialect == EDGEFN_DIALECT_FUNCTIONS && ev.request.querystring.ptr == NULL) {
            without_empty(edgefn_response_cookies(&ev));
            again.version = ev.version; /* Lambda@Edge has none, and an encoding only of data */
            if (ev.response.body.data.ptr == NULL
                || ev.response.body.encoding == EDGEFN_ENCODING_DEFAULT)
                again.response.body.encoding = ev.response.body.encoding;
            const char *differs = event_differs(&ev, &again);
            if (differs) fprintf(stderr, "    %s differs\n", differs);
            HOLDS_FOR(&again, differs == NULL);
        }
        twice = other(&again, home);
        HOLDS_FOR(&again, twice.ptr != NULL || ev.request.querystring.ptr != NULL);
    }
    if (twice.ptr) {
        opened(&back, 1, twice, type);
        last = other(&back, twice);
        HOLDS_FOR(&back, fuzz_same(last, home));
    }
    fuzz_free(there), fuzz_free(home), fuzz_free(twice), fuzz_free(last);
    return 0;
}
