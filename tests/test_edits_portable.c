/* test_edits.c without any vector code. */
#define EDGEFN_NO_SIMD
#include "test_edits.c"
