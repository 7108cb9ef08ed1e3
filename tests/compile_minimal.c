/* Without vector code, and without choosing it at run time: tests/test_compile.sh defines the
   EDGEFN_NO_* macros, one by one and together. The results must be the same. */
#include "compile_c99.c"
