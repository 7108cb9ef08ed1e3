/* test_members.c without quick paths, with every fifth change. */
#define EDGEFN_SMALL
#define STEP 5
#include "test_members.c"
