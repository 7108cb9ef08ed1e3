/* pass.c - lets every event through as it came.

   The result is the received request or response, byte for byte. It is the smallest handler there
   is: start here, or use it to see what reading and writing alone cost.
   Events: all six event types of both dialects.
   Change: everything.
   Needs: nothing.
   Traps: none. */
#include "edgefn.h"

bool pass(edgefn_event *ev)
{
    (void)ev;
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return pass(ev);
}
