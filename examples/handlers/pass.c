/* pass.c - lets every event through as it came.

   Events: all six kinds of both dialects.
   What comes out is the received request or response, byte for byte. It is the smallest handler there is: start here,
   or use it to see what reading and writing alone cost. */
#include "edgefn.h"

bool edgefn_handler(edgefn_event *ev)
{
    (void)ev;
    return true;
}
