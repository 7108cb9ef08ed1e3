/* test_flip.c without any vector code, at every fifth place. */
#define EDGEFN_NO_SIMD
#define STEP 5
#include "test_flip.c"
