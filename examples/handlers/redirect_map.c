/* redirect_map.c - sends old addresses to new ones, for good, from a table: 301, or 308 for forms.

   "/search", "//search" and "/%73earch/" are one path. The query goes along, unless the new address
   is another site or names a query of its own.
   Events: viewer-request of both dialects. In origin events Host, and so the redirect, may be the
   origin's.
   Change: moved, sorted bytewise by the old path. For a table that changes without a deployment ask
   edgefn_lookup(ev, S("kv"), path) in place of edgefn_table_get().
   Needs: nothing.
   Traps: browsers keep a 301 without end: try a new entry with status 302 first. AWS's version
   redirects everything to one page. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_pair moved[] = {
    { EDGEFN_S_INIT("/contact"), EDGEFN_S_INIT("https://help.example.com/contact") },
    { EDGEFN_S_INIT("/guides/getting-started"), EDGEFN_S_INIT("/start/") },
    { EDGEFN_S_INIT("/news/2026/launch%20day.html"), EDGEFN_S_INIT("/blog/launch-day?from=news") },
    { EDGEFN_S_INIT("/offers/summer"), EDGEFN_S_INIT("/offers/autumn") },
};

bool redirect_map(edgefn_event *ev)
{
    edgefn_str received = ev->request.uri;

    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_str_starts(received, S("/"))) return true;
    if (!edgefn_uri_normalize(ev) || !edgefn_uri_drop_slash(ev)) return false;
    edgefn_str to = edgefn_table_get(moved, EDGEFN_COUNT_OF(moved), ev->request.uri);
    edgefn_str here = edgefn_str_cut(edgefn_url(ev), S("?")).head;
    ev->request.uri = received;

    if (to.ptr == NULL || here.ptr == NULL) return true; /* absent without Host */
    if (edgefn_str_ieq(here, edgefn_str_cut(to, S("?")).head))
        return true; /* it is there already */
    uint32_t status = edgefn_is_get_or_head(ev) ? 301 : 308;
    if (!edgefn_str_starts(to, S("/")))
        return edgefn_redirect_to(ev, to, &(edgefn_redirect_to_opts){ .status = status });
    return edgefn_redirect(ev, &(edgefn_redirect_opts){ .status = status, .path = to });
}

bool edgefn_handler(edgefn_event *ev)
{
    return redirect_map(ev);
}
