/* Interface and implementation in one strict C99 file; uses a bit of everything, so that it links and runs as well.
   tests/test_compile.sh also compiles it as newer C, and looks at the symbols of its object. */
#include "../edgefn.h"
#include "../edgefn.h" /* twice does no harm */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "../edgefn.h"

static const char json[] = "{\"Records\":[{\"cf\":{\"config\":{\"eventType\":\"viewer-request\"},"
                           "\"request\":{\"method\":\"GET\",\"uri\":\"/a\",\"headers\":{}}}}]}";
static const edgefn_str wanted =
    EDGEFN_S_INIT("{\"method\":\"GET\",\"uri\":\"/b\",\"headers\":{}}");

int main(void)
{
    static unsigned char mem[16384];
    edgefn_event ev;
    const edgefn_str in = { json, sizeof json - 1 };
    if (edgefn_parse(&ev, in, edgefn_arena_make(mem, sizeof mem), NULL) != EDGEFN_OK) return 1;
    if (edgefn_has(&ev.request.headers, EDGEFN_S("host"))) return 2;
    ev.request.uri = EDGEFN_S("/b");
    return edgefn_str_eq(edgefn_finish(&ev, NULL), wanted) ? 0 : 3;
}
