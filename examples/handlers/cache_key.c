/* cache_key.c - one cached copy of each page, however its query is written: without campaign parameters, sorted by name
   and value, each parameter once, names in small letters, one spelling of each character.

   Events: viewer-request of both dialects. It must run there: in origin-request the cache key is made already.
   Needs: a cache policy with query strings in the key. The origin sees the normalised query too: leave out
   .sort_values where the order of parameters of one name, or how often one comes, means something. */
#include "edgefn.h"

static const edgefn_str drop[] = { EDGEFN_S_INIT("utm_*"), EDGEFN_S_INIT("gclid"),
                                   EDGEFN_S_INIT("fbclid"), EDGEFN_S_INIT("ref"),
                                   EDGEFN_S_INIT("cb") };

bool edgefn_handler(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST) return true;
    const edgefn_query_opts opts = { .drop = drop,
                                     .drop_count = EDGEFN_COUNT_OF(drop),
                                     .lower_case_names = true,
                                     .sort_values = true };
    return edgefn_query_normalize(ev, &opts);
}
