/* test_lambda.c without quick paths. */
#define EDGEFN_SMALL
#include "test_lambda.c"
