/* rewrite_location.c - mends redirects of an application that knows only the origin's name.

   "Location: http://app.example.net:8080/a?b=1" becomes "https://www.example.com/a?b=1". Redirects
   to other sites stay, and so do those without a host.
   Events: origin-response of Lambda@Edge. What leaves here is cached.
   Change: site.
   Needs: nothing. If the distribution's origin has a path, remove it from the new address.
   Traps: an application that redirects to HTTPS of the same page, because CloudFront asks it over
   HTTP, would lead the viewer in a circle: such a redirect stays as it is; let CloudFront ask over
   HTTPS. The new address always names its host, because the path may be "//evil". */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str site = EDGEFN_S_INIT("https://www.example.com");

bool rewrite_location(edgefn_event *ev)
{
    edgefn_fields *headers = &ev->response.headers;

    if (ev->type != EDGEFN_ORIGIN_RESPONSE) return true;
    edgefn_str location = edgefn_get(headers, S("location"));
    edgefn_url_parts url = edgefn_url_split(location);
    if (!url.ok || !edgefn_str_ieq(url.host, ev->request.origin.domain)) return true;

    edgefn_str rest = edgefn_str_skip(
        location, (size_t)(url.path.ptr - location.ptr)); /* with query and fragment */
    if (!edgefn_str_starts(rest, S("/"))) rest = edgefn_str_join(ev, EDGEFN_STRS(S("/"), rest));
    if (edgefn_str_eq(rest, edgefn_path_and_query(ev))) return true; /* a circle */
    return edgefn_set(headers, S("Location"), edgefn_str_join(ev, EDGEFN_STRS(site, rest)));
}

bool edgefn_handler(edgefn_event *ev)
{
    return rewrite_location(ev);
}
