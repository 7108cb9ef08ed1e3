/* test_lambda.c without the code of CloudFront Functions, compiled into this file: see edgefn__is_left_out(). */
#define EDGEFN_NO_FUNCTIONS
#include "test_lambda.c"
