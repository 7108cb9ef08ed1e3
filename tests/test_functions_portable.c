/* test_functions.c without any vector code. */
#define EDGEFN_NO_SIMD
#include "test_functions.c"
