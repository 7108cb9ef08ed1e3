/* test_lambda.c without the code of CloudFront Functions, compiled into this file: see edgefn__is_left_out(). */
#define EDGEFN_NO_FUNCTIONS
#include "test_lambda.c"

/* Events of the other dialect are refused by name. */
TEST(the_dialect_left_out)
{
    edgefn_event ev;
    edgefn_str json = slurp("examples/events/functions-viewer-request.json");
    CHECK_NUM(edgefn_parse(&ev, json, arena_new(65536), NULL), EDGEFN_E_DIALECT);
    CHECK_STR(ev.err.subject, "EDGEFN_NO_FUNCTIONS");
    edgefn_build_begin(&ev, EDGEFN_DIALECT_FUNCTIONS, EDGEFN_VIEWER_REQUEST, arena_new(4096), NULL);
    CHECK_ERR(&ev, EDGEFN_E_OPTIONS, SIZE_MAX);
    edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena_new(4096), NULL);
    CHECK_NUM(ev.err.code, EDGEFN_OK);
}
