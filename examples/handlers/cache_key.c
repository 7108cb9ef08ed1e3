/* cache_key.c - keeps one cached copy of a page, however its query is written.

   Parameters that only count clicks are removed, the others are sorted by name, and each character
   is spelled in one way. Parameters of one name keep their order: "load[]=b&load[]=a" stays.
   Events: viewer-request of both dialects. In origin-request the cache key is made already.
   Change: drop; for an origin that reads parameters of one name as a set add .sort_values = true to
   opts.
   Needs: query strings in the cache policy. The origin gets the normalised query.
   Traps: AWS's version makes names and values lower case: "?pageSize=10" is lost. */
#include "edgefn.h"

static const edgefn_str drop[] = { EDGEFN_S_INIT("utm_*"), EDGEFN_S_INIT("gclid"),
                                   EDGEFN_S_INIT("fbclid"), EDGEFN_S_INIT("ref"),
                                   EDGEFN_S_INIT("cb") };
static const edgefn_query_opts opts = { .drop = drop, .drop_count = EDGEFN_COUNT_OF(drop) };

bool cache_key(edgefn_event *ev)
{
    return ev->type != EDGEFN_VIEWER_REQUEST || edgefn_query_normalize(ev, &opts);
}

bool edgefn_handler(edgefn_event *ev)
{
    return cache_key(ev);
}
