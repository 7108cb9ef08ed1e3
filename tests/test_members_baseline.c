/* test_members.c with the vector code that the compiler's flags allow (SSE2 on plain x86-64), with
   every seventh change. */
#define EDGEFN_NO_DISPATCH
#define STEP 7
#include "test_members.c"
