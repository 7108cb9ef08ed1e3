/* segment_table.c - replaces the first part of a path by what a table says, without a deployment.

   With the entry docs=/docs-v7, /docs/a.html becomes /docs-v7/a.html; without one the path stays.
   Events: viewer-request of both dialects.
   Change: table.
   Needs: the host's look-up with the table "kv" (CloudFront's KeyValueStore, or one of your own).
   Traps: viewers choose the key: keep entries that are no paths in another table, because such an
   entry is an error. */
#include "edgefn.h"

static const edgefn_str table = EDGEFN_S_INIT("kv");

bool segment_table(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST) return true;

    edgefn_str first = edgefn_path_segment(ev->request.uri, 0);
    edgefn_str to = first.len > 0 ? edgefn_lookup(ev, table, first) : first;
    if (to.len == 0) return ev->err.code == EDGEFN_OK; /* none, or an empty one */
    return edgefn_uri_replace_prefix(ev, first, to);
}

bool edgefn_handler(edgefn_event *ev)
{
    return segment_table(ev);
}
