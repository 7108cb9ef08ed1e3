/* The second file of compile_two_a.c's program. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"

edgefn_error two_parse(edgefn_event *ev, edgefn_str json, edgefn_arena arena);

edgefn_error two_parse(edgefn_event *ev, edgefn_str json, edgefn_arena arena)
{
    return edgefn_parse(ev, json, arena, NULL);
}
