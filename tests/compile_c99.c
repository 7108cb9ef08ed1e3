/* Interface and implementation in one strict C99 file. It uses something of every section, so
   that it is also linked and run. tests/test_compile.sh also compiles it in newer standards, and
   checks the symbols of the object. */
#include "../edgefn.h"
#include "../edgefn.h" /* including it twice is allowed */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "../edgefn.h"

static const char json[] = "{\"Records\":[{\"cf\":{\"config\":{\"eventType\":\"viewer-request\"},"
                           "\"request\":{\"method\":\"GET\",\"uri\":\"/a\",\"headers\":{}}}}]}";
static const edgefn_str wanted =
    EDGEFN_S_INIT("{\"method\":\"GET\",\"uri\":\"/b\",\"headers\":{}}");

/* tcc 0.9.27 does not support such lists */
static int lists(edgefn_event *ev)
{
#ifdef __TINYC__
    return ev->request.uri.len != 2;
#else
    int asked = 0;
    const edgefn_str ends[] = { EDGEFN_S_INIT("b"), EDGEFN_S_INIT("c") };
    ev->request.uri = edgefn_str_join(ev, EDGEFN_STRS(EDGEFN_S("/"), ends[asked++], EDGEFN_ABSENT));
    if (asked != 1 || EDGEFN_COUNT_OF(ends) != 2) return 1;
    const edgefn_query_opts opts = { .keep = EDGEFN_STRS(EDGEFN_S("a"), EDGEFN_S("b")),
                                     .drop = EDGEFN_STRS(EDGEFN_S("c")),
                                     .sort_values = true };
    if (opts.keep_count != 2 || opts.drop_count != 1 || !opts.sort_values) return 2;
    return edgefn_query_normalize(ev, &opts) ? 0 : 3;
#endif
}

int main(void)
{
    static unsigned char mem[16384];
    edgefn_event ev;
    const edgefn_str in = { json, sizeof json - 1 };
    if (edgefn_parse(&ev, in, edgefn_arena_make(mem, sizeof mem), NULL) != EDGEFN_OK) return 1;
    if (edgefn_has(&ev.request.headers, EDGEFN_S("host"))) return 2;
    ev.request.uri = EDGEFN_S("/b");
    if (lists(&ev) != 0) return 4;
    return edgefn_str_eq(edgefn_finish(&ev, NULL), wanted) ? 0 : 3;
}
