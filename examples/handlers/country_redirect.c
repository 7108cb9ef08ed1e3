/* country_redirect.c - sends each viewer to the site of the country, and to a common one where there is none.

   Events: Lambda@Edge origin-request; CloudFront Functions viewer-request. A Lambda@Edge viewer-request function would see only what the
   viewer itself claims.
   Needs: CloudFront-Viewer-Country in the cache policy (so that each country has its own cached answer).
   The answer may be cached: it is the same for everybody in a country. */
#include "edgefn.h"

static const struct {
    edgefn_str country, host;
} sites[] = {
    { EDGEFN_S_INIT("TW"), EDGEFN_S_INIT("tw.example.com") },
    { EDGEFN_S_INIT("US"), EDGEFN_S_INIT("us.example.com") },
};

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_viewer viewer = edgefn_viewer_of(ev);
    edgefn_str host = EDGEFN_S("example.com");

    if (!edgefn_is_request(ev) || !viewer.trusted) return true;
    for (size_t i = 0; i < EDGEFN_COUNT_OF(sites); i++)
        if (edgefn_str_eq(viewer.country, sites[i].country)) host = sites[i].host;
    return edgefn_redirect(
        ev, &(edgefn_redirect_opts){
                .host = host, .path = EDGEFN_S("/"), .drop_query = true, .cacheable = true });
}
