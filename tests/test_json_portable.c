/* test_json.c without any vector code. */
#define EDGEFN_NO_SIMD
#include "test_json.c"
