/* test_flip.c with the vector code that the compiler's flags allow (SSE2 on plain x86-64), at
   every fifth position. */
#define EDGEFN_NO_DISPATCH
#define STEP 5
#include "test_flip.c"
