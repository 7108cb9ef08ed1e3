/* edgefn_host.h - the interface of a handler that is built as a shared object.

   A handler (examples/handlers/NAME.c) compiled together with edgefn_host.c is a library of exactly three symbols:

       edgefn_handler(ev)     for a host that makes the event itself (a proxy)
       edgehost_handle(call)  for a host that has an event's JSON and needs a result's
       edgehost_abi()         must return EDGEHOST_ABI, or the other two must not be called

   Build one with:
       cc -shared -fPIC -fvisibility=hidden -O2 -I. -o NAME.so examples/handlers/NAME.c examples/hosts/edgefn_host.c */
#ifndef EDGEFN_HOST_H_INCLUDED
#define EDGEFN_HOST_H_INCLUDED

#include "edgefn.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One event for edgehost_handle(). Zero it, then fill in the first half. Pointers given must stay valid until the result
   was used, and the result lies in the given memory, in the given event, or in constants of the library. */
typedef struct edgehost_call {
    size_t size; /* sizeof(edgehost_call): tells the library how much of it the host knows */

    const char *event; /* the event's JSON */
    size_t event_len;
    void *
        mem; /* where to work: edgefn_memory_event(event_len, edits) bytes, and EDGEHOST_WHY for `why` */
    size_t mem_len;
    const edgefn_env *env; /* clock, draw, look-ups, log; NULL for none */

    const char
        *result; /* what to hand to CloudFront; at 1 and 3 the answer that lets nothing through */
    size_t result_len;
    const char *
        why; /* at 1 and 3: lines for a log, without the last line end: "3:14: error: ..." where a place in the
                        event is meant, " error: ..." elsewhere, so that "FILE:" can precede each. Where CloudFront
                        would refuse the result, a line " refused: ..." for each reason follows. At 0 empty */
    size_t why_len;

    bool lenient; /* given by the host, as the first half: edgefn_parse_opts.lenient and .type */
    edgefn_event_type type;

    /* At 1 and 3: edgefn_event.err.code; at 0 EDGEFN_OK. EDGEFN_E_OOM: more memory may help, see
       edgefn_retry.h. Added later than the rest: a library built before leaves it as it is. */
    edgefn_error error;

    /* What an event that lacks its type was taken as (edgefn_event.type_inferred), else EDGEFN_EVENT_TYPE_NONE. As .error
       added later, after it. */
    edgefn_event_type inferred;
} edgehost_call;

/* The least edgehost_call.size: the struct without the members that were added later. They are
   written only where the host's struct has them. */
#define EDGEHOST_CALL_LEAST offsetof(edgehost_call, error)

/* At most this many bytes at the end of edgehost_call.mem, and never more than a quarter of it, are kept for `why`. */
#define EDGEHOST_WHY 1024

/* Lets the handler work on one event.
   Returns: 0, the result is good; 1, the event was refused; 3, the handler failed or CloudFront
   would refuse its result. A call that is NULL or smaller than EDGEHOST_CALL_LEAST is 3, and nothing
   of it is read or written but its size. */
EDGEFN_EXPORT int edgehost_handle(edgehost_call *call);

/* Returns EDGEHOST_ABI as it was when the library was built. */
EDGEFN_EXPORT uint32_t edgehost_abi(void);

/* A hash (FNV-1a, 32 bits) of the version and of sizeof(edgefn_event): two builds that agree in it understand each other's
   events. */
#define EDGEHOST_ABI edgehost_host_abi(EDGEFN_VERSION, sizeof(edgefn_event))

static inline uint32_t edgehost_host_abi(const char *version, size_t event_size)
{
    uint32_t hash = 2166136261u;

    while (*version != '\0')
        hash = (hash ^ (unsigned char)*version++) * 16777619u;
    for (int i = 0; i < 8; i++, event_size /= 256)
        hash = (hash ^ (uint32_t)(event_size % 256)) * 16777619u;
    return hash;
}

#ifdef __cplusplus
}
#endif
#endif /* EDGEFN_HOST_H_INCLUDED */
