/* test_functions.c without the code of Lambda@Edge, user agents and secrets, compiled into this file: see edgefn__is_left_out(). */
#define EDGEFN_NO_LAMBDA
#define EDGEFN_NO_UA
#define EDGEFN_NO_CRYPTO
#include "test_functions.c"

/* Events of the other dialect are refused by name. */
TEST(the_dialect_left_out)
{
    edgefn_event ev;
    edgefn_str json = slurp("examples/events/viewer-request-page.json");
    CHECK_NUM(edgefn_parse(&ev, json, arena_new(65536), NULL), EDGEFN_E_DIALECT);
    CHECK_STR(ev.err.subject, "EDGEFN_NO_LAMBDA");
    edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena_new(4096), NULL);
    CHECK_ERR(&ev, EDGEFN_E_OPTIONS, SIZE_MAX);
    edgefn_build_begin(&ev, EDGEFN_DIALECT_FUNCTIONS, EDGEFN_VIEWER_REQUEST, arena_new(4096), NULL);
    CHECK_NUM(ev.err.code, EDGEFN_OK);
}
