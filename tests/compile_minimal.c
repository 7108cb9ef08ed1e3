/* The smallest host: it parses an event, sets a header and writes the result. tests/test_compile.sh compiles it with each EDGEFN_NO_*
   macro, alone and together; "make size" measures it. The answer is the same with each. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"

#define LAMBDA_EVENT                                                                               \
  "{\"Records\":[{\"cf\":{\"config\":{\"eventType\":\"viewer-request\"},\"request\":{"             \
  "\"method\":\"GET\",\"uri\":\"/a\",\"headers\":{}}}}]}"
#define LAMBDA_RESULT                                                                              \
  "{\"method\":\"GET\",\"uri\":\"/b\",\"headers\":{\"x-a\":[{\"key\":\"x-a\",\"value\":\"b\"}]}}"
#define FUNCTIONS_EVENT                                                                            \
  "{\"version\":\"1.0\",\"context\":{\"eventType\":\"viewer-request\"},\"viewer\":{\"ip\":\""      \
  "192.0.2.1\"},\"request\":{\"method\":\"GET\",\"uri\":\"/a\",\"headers\":{}}}"
#define FUNCTIONS_RESULT                                                                           \
  "{\"method\":\"GET\",\"uri\":\"/b\",\"headers\":{\"x-a\":{\"value\":\"b\"}}}"

static unsigned char mem[16384];

/* EDGEFN_E_DIALECT if the event's dialect was left out. */
static edgefn_error run(edgefn_str json, edgefn_str wanted)
{
    edgefn_event ev;
    edgefn_error code = edgefn_parse(&ev, json, edgefn_arena_make(mem, sizeof mem), NULL);
    if (code != EDGEFN_OK) return code;
    ev.request.uri = EDGEFN_S("/b");
    if (!edgefn_set(&ev.request.headers, EDGEFN_S("x-a"), EDGEFN_S("b"))) return ev.err.code;
    return edgefn_str_eq(edgefn_finish(&ev, NULL), wanted) ? EDGEFN_OK : EDGEFN_E_HANDLER;
}

int main(void)
{
    edgefn_error lambda = EDGEFN_OK, functions = EDGEFN_OK;
#ifdef EDGEFN_NO_LAMBDA
    lambda = EDGEFN_E_DIALECT;
#endif
#ifdef EDGEFN_NO_FUNCTIONS
    functions = EDGEFN_E_DIALECT;
#endif
    if (run(EDGEFN_S(LAMBDA_EVENT), EDGEFN_S(LAMBDA_RESULT)) != lambda) return 1;
    return run(EDGEFN_S(FUNCTIONS_EVENT), EDGEFN_S(FUNCTIONS_RESULT)) == functions ? 0 : 2;
}
