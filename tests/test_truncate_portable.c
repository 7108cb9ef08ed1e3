/* test_truncate.c without any vector code. */
#define EDGEFN_NO_SIMD
#include "test_truncate.c"
