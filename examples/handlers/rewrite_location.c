/* rewrite_location.c - mends redirects of an application that knows itself by the origin's name only: Location:
   http://app.example.net:8080/a?b=1 becomes https://www.example.com/a?b=1.

   Redirects to other sites stay, and so do those without a host. The new one always names its host, for the path may be "//evil".
   Events: origin-response of Lambda@Edge. What leaves here is cached. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_fields *headers = &ev->response.headers;

    if (ev->type != EDGEFN_ORIGIN_RESPONSE) return true;
    edgefn_str location = edgefn_get(headers, S("location"));
    edgefn_url_parts url = edgefn_url_split(location);
    if (!url.ok || !edgefn_str_ieq(url.host, ev->request.origin.domain)) return true;

    edgefn_str rest = edgefn_str_skip(
        location, (size_t)(url.path.ptr - location.ptr)); /* with query and fragment */
    edgefn_str slash = edgefn_str_starts(rest, S("/")) ? S("") : S("/");
    return edgefn_set(headers, S("Location"),
                      edgefn_str_join(ev, EDGEFN_STRS(S("https://www.example.com"), slash, rest)));
}
