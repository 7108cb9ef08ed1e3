/* test_lambda.c without any vector code. */
#define EDGEFN_NO_SIMD
#include "test_lambda.c"
