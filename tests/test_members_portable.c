/* test_members.c without any vector code, with every seventh change. */
#define EDGEFN_NO_SIMD
#define STEP 7
#include "test_members.c"
