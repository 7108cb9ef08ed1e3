/* test_fields.c without any vector code. */
#define EDGEFN_NO_SIMD
#include "test_fields.c"
