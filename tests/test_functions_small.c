/* test_functions.c without quick paths. */
#define EDGEFN_SMALL
#include "test_functions.c"
