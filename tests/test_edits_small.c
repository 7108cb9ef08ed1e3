/* test_edits.c without quick paths. */
#define EDGEFN_SMALL
#include "test_edits.c"
