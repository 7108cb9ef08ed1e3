/* test_flip.c without any vector code, at every fifth position. */
#define EDGEFN_NO_SIMD
#define STEP 5
#include "test_flip.c"
