/* The second private copy; see compile_static_a.c. */
#define EDGEFN_STATIC
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"

int static_b(void);

int static_b(void)
{
    return edgefn_str_to_u64(EDGEFN_S("42")).value == 42;
}
