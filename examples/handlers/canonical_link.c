/* canonical_link.c - tells search engines the one address of each HTML page, in a header Link.

   For sites that answer under several names, or with ?utm_source=... in the address: the query is
   left out. A canonical link that the origin sends stays, and so do other links.
   Events: viewer-response of both dialects.
   Change: site.
   Needs: nothing. Only HTML with status 200 gets the header.
   Traps: a page whose query chooses its content (?id=7) would lose it: let the origin send its
   Link. A <link> inside the page is not seen here and must name the same address: search engines
   ignore two that differ. If viewer-request changes the path (language_path, ab_sticky), look first
   which path arrives here: AWS does not say. "/" and "/index.html" stay two addresses: redirect
   one. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str site = EDGEFN_S_INIT("https://www.example.com");

/* fixed: the end of the link */
static const edgefn_str relation = EDGEFN_S_INIT(">; rel=\"canonical\"");

bool canonical_link(edgefn_event *ev)
{
    edgefn_fields *headers = &ev->response.headers;

    if (ev->type != EDGEFN_VIEWER_RESPONSE || ev->response.status != 200) return true;
    if (!edgefn_str_starts(edgefn_get(headers, S("content-type")), S("text/html"))) return true;
    for (size_t i = edgefn_find(headers, S("link"), 0); i < headers->len;
         i = edgefn_find(headers, S("link"), i + 1)) {
        edgefn_str after = edgefn_str_cut(headers->items[i].value, S(">")).tail;
        if (edgefn_str_contains(edgefn_str_lower(ev, after), S("canonical"))) return true;
    }

    edgefn_str path = edgefn_percent_encode(
        ev, ev->request.uri, S("%/:@!$&'()*+,;=")); /* what may not stand between < and > */
    edgefn_str link = edgefn_str_join(ev, EDGEFN_STRS(S("<"), site, path, relation));
    return edgefn_add(headers, S("Link"), link); /* added, not set: the page's other links stay */
}

bool edgefn_handler(edgefn_event *ev)
{
    return canonical_link(ev);
}
