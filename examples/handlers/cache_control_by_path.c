/* cache_control_by_path.c - lets browsers keep files whose name changes with their content for a year, and asks anew for pages.

   Events: every response event of both dialects. In Lambda@Edge origin-response CloudFront goes by it too, elsewhere only
   browsers do.
   What the origin marked as private or not to be stored stays so, and so does every response but 200. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    const edgefn_cache_opts file = { .max_age_s = 365 * 86400, .immutable = true };
    const edgefn_cache_opts page = { .shared_max_age_s = 300, .stale_revalidate_s = 60 };
    const edgefn_str uri = ev->request.uri;

    if (edgefn_is_request(ev) || ev->response.status != 200) return true;
    edgefn_str said = edgefn_get(&ev->response.headers, S("cache-control"));
    if (edgefn_header_directive(said, S("no-store")).ptr
        || edgefn_header_directive(said, S("private")).ptr)
        return true;

    if (edgefn_str_starts(uri, S("/assets/")) || edgefn_str_starts(uri, S("/img/")))
        return edgefn_header_cache(ev, &file);
    if (edgefn_str_ends(uri, S("/")) || edgefn_str_ends(uri, S(".html")))
        return edgefn_header_cache(ev, &page);
    return true;
}
