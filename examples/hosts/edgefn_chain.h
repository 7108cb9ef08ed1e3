/* edgefn_chain.h - several handlers as one. A file of your own declares recipes, or handlers beside it, by their names:

       #include "edgefn_chain.h"
       bool redirect_https(edgefn_event *ev), ab_test(edgefn_event *ev);

       bool edgefn_handler(edgefn_event *ev)
       {
           return EDGEHOST_CHAIN(ev, redirect_https, ab_test);
       }

   `make handler HANDLER=path/name.c` finds redirect_https.c and ab_test.c in path/, or else among the recipes, and compiles
   them with name.c. Compile them by hand with another name for their edgefn_handler(), in which a recipe only calls itself:
       cc -fPIC -fvisibility=hidden -I. -Dedgefn_handler=ab_test_handler -c examples/handlers/ab_test.c */
#ifndef EDGEFN_CHAIN_H_INCLUDED
#define EDGEFN_CHAIN_H_INCLUDED

#include "edgefn.h"

typedef bool (*edgehost_step)(edgefn_event *ev);

/* Runs the handlers named after ev in this order: the next one runs unless the one before failed or answered the request.
   Returns: false if one failed. */
#define EDGEHOST_CHAIN(ev, ...)                                                                    \
  edgehost_chain((ev), (edgehost_step[]){ __VA_ARGS__ },                                           \
                 sizeof((edgehost_step[]){ __VA_ARGS__ }) / sizeof(edgehost_step))

/* Reports whether a request was answered: it is then not forwarded. */
static inline bool edgehost_answered(const edgefn_event *ev)
{
    return edgefn_is_request(ev) && ev->response.status != 0;
}

static inline bool edgehost_chain(edgefn_event *ev, const edgehost_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!steps[i](ev) || ev->err.code != EDGEFN_OK) return false;
        if (edgehost_answered(ev)) return true;
    }
    return true;
}

#endif /* EDGEFN_CHAIN_H_INCLUDED */
