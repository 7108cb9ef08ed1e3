/* edgefn_host.h - the interface of a handler that is built as a shared object.

   A handler (examples/handlers/NAME.c) compiled together with edgefn_host.c is a library of exactly three symbols:

       edgefn_handler(ev)     for a host that builds the event from parts (a proxy)
       edgehost_handle(call)  for a host that has an event as JSON and needs the result as JSON
       edgehost_abi()         if it does not return EDGEHOST_ABI, do not call the other two

   Build one with:
       cc -shared -fPIC -fvisibility=hidden -O2 -I. -o NAME.so examples/handlers/NAME.c examples/hosts/edgefn_host.c */
#ifndef EDGEFN_HOST_H_INCLUDED
#define EDGEFN_HOST_H_INCLUDED

#include "edgefn.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One event for edgehost_handle(). Zero it, then fill in the first half. The pointers must stay valid while the result
   is used: the result is in `mem`, in the event, or in constants of the library. */
typedef struct edgehost_call {
    size_t size; /* sizeof(edgehost_call): which members the host knows */

    const char *event; /* the event's JSON */
    size_t event_len;
    void *
        mem; /* work memory: edgefn_memory_event(event_len, edits) bytes, plus EDGEHOST_WHY for `why` */
    size_t mem_len;
    const edgefn_env *env; /* clock, draw, look-ups, log; may be NULL */

    const char
        *result; /* the result for CloudFront; with 1 and 3 a constant that lets nothing through */
    size_t result_len;
    const char *
        why; /* with 1 and 3: lines for a log, without the last line end: "3:14: error: ..." with a position in
                        the event, or " error: ..."; "FILE:" can be put before each. If CloudFront would refuse
                        the result, a line " refused: ..." for each reason follows. With 0 empty */
    size_t why_len;

    bool lenient; /* set by the host, like the first half: edgefn_parse_opts.lenient and .type */
    edgefn_event_type type;

    /* With 1 and 3: edgefn_event.err.code; with 0 EDGEFN_OK. EDGEFN_E_OOM: more memory may help, see
       edgefn_retry.h. This member was added later: a library built with an older version does not set it. */
    edgefn_error error;

    /* The inferred type of an event without a type (edgefn_event.type_inferred), else EDGEFN_EVENT_TYPE_NONE. Added later
       than .error. */
    edgefn_event_type inferred;
} edgehost_call;

/* The smallest edgehost_call.size: the struct without the members that were added later. These are
   written only if the host's struct has them. */
#define EDGEHOST_CALL_LEAST offsetof(edgehost_call, error)

/* At most this many bytes at the end of edgehost_call.mem, and never more than a quarter of it, are kept for `why`. */
#define EDGEHOST_WHY 1024

/* Runs the handler on one event.
   Returns: 0: the result is valid; 1: the event was refused; 3: the handler failed, or CloudFront
   would refuse its result. Also 3 if call is NULL or smaller than EDGEHOST_CALL_LEAST: then only its
   size is read, and nothing is written. */
EDGEFN_EXPORT int edgehost_handle(edgehost_call *call);

/* Returns: EDGEHOST_ABI at the time when the library was built. */
EDGEFN_EXPORT uint32_t edgehost_abi(void);

/* A hash (FNV-1a, 32 bits) of the version and of sizeof(edgefn_event): builds with the same value can exchange
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
