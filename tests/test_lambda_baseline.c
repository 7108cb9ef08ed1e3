/* test_lambda.c with the vector code that the compiler's flags allow (SSE2 on plain x86-64). */
#define EDGEFN_NO_DISPATCH
#include "test_lambda.c"
