/* canonical_link.c - tells search engines the one address of each HTML page, in a header Link.

   For sites that answer under several names, or with ?utm_source=... in the address: the query is
   left out. Pages that name their own address keep it, and other links stay.
   Events: viewer-response of both dialects, which sees the path that the viewer asked for.
   Change: site.
   Needs: nothing. Only HTML with status 200 gets the header.
   Traps: a page whose query chooses its content (?id=7) would lose it: name its address in the
   page. */
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
        if (edgefn_str_contains(headers->items[i].value, S("canonical"))) return true;
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
