/* test_str.c without any vector code. */
#define EDGEFN_NO_SIMD
#include "test_str.c"
