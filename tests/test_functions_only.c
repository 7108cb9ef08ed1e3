/* test_functions.c without the code of Lambda@Edge, user agents and secrets, compiled into this file: see edgefn__is_left_out(). */
#define EDGEFN_NO_LAMBDA
#define EDGEFN_NO_UA
#define EDGEFN_NO_CRYPTO
#include "test_functions.c"
