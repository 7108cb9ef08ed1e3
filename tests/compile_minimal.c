/* Without vector code and without choosing it at run time; tests/test_compile.sh defines the EDGEFN_NO_* macros, alone
   and together. The answer is the same. */
#include "compile_c99.c"
