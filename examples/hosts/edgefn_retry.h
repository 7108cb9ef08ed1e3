/* edgefn_retry.h - an event that came to nothing for want of memory is tried again with more of it.

       do error = ...; // the event from its beginning
       while (edgehost_retry(error, have, limit, room, host)); */
#ifndef EDGEFN_RETRY_H_INCLUDED
#define EDGEFN_RETRY_H_INCLUDED

#include "edgefn.h"

/* Makes the host's memory `size` bytes; what is in it need not stay.
   Returns: false when they are not to be had; then there is as much as before. */
typedef bool edgehost_room_fn(void *host, size_t size);

/* Tells whether to try again, with twice the memory, or with `limit` if that is less.
   error: why the attempt failed, edgehost_call.error or edgefn_event.err.code; only EDGEFN_E_OOM is
   tried again. have: the bytes it had. */
static inline bool edgehost_retry(edgefn_error error, size_t have, size_t limit,
                                  edgehost_room_fn *room, void *host)
{
    if (error != EDGEFN_E_OOM || have >= limit) return false;
    return room(host, have > limit / 2 ? limit : have * 2);
}

#endif /* EDGEFN_RETRY_H_INCLUDED */
