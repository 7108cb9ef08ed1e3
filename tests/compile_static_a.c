/* Two files of one program, each with a private copy: names must not clash, and no symbol may be
   exported. */
#define EDGEFN_STATIC
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"

int static_b(void);

int main(void)
{
    return !(edgefn_str_ieq(EDGEFN_S("Host"), EDGEFN_S("host")) && static_b());
}
