/* edgefn.c - the library, compiled once for all handlers. */
#define EDGEFN_IMPLEMENTATION
#include "edgefn.h"
