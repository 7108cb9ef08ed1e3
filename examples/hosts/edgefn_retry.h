/* edgefn_retry.h - repeats an event with more memory after it ran out of memory.

       do error = ...; // the event from its beginning
       while (edgehost_retry(error, have, limit, room, host)); */
#ifndef EDGEFN_RETRY_H_INCLUDED
#define EDGEFN_RETRY_H_INCLUDED

#include "edgefn.h"

/* Resizes the host's memory to `size` bytes; its content may be lost.
   Returns: false on failure; then the memory has its old size. */
typedef bool edgehost_room_fn(void *host, size_t size);

/* Reports whether to try again, after resizing to twice the memory, or to `limit` if that is less.
   error: why the attempt failed, edgehost_call.error or edgefn_event.err.code; only EDGEFN_E_OOM is
   tried again. have: the size of the memory in bytes. */
static inline bool edgehost_retry(edgefn_error error, size_t have, size_t limit,
                                  edgehost_room_fn *room, void *host)
{
    if (error != EDGEFN_E_OOM || have >= limit) return false;
    return room(host, have > limit / 2 ? limit : have * 2);
}

#endif /* EDGEFN_RETRY_H_INCLUDED */
