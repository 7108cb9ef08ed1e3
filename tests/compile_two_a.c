/* The first of two files of a program: it uses only the interface; compile_two_b.c contains the
   implementation. */
#include "../edgefn.h"
#include <string.h>

edgefn_error two_parse(edgefn_event *ev, edgefn_str json, edgefn_arena arena);

int main(void)
{
    static unsigned char mem[4096];
    edgefn_event ev;
    if (two_parse(&ev, EDGEFN_S("{"), edgefn_arena_make(mem, sizeof mem)) != EDGEFN_E_JSON_EOF)
        return 1;
    if (strcmp(edgefn_version(), EDGEFN_VERSION) != 0) return 2;
    return edgefn_finish(&ev, NULL).ptr != NULL;
}
