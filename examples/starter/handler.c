/* handler.c - your function: edit this file. The manual is the first comment of edgefn.h. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type != EDGEFN_VIEWER_REQUEST) return true; /* other events pass unchanged */

    if (edgefn_str_eq(req->uri, S("/old")))
        return edgefn_redirect(
            ev,
            &(edgefn_redirect_opts){ .status = 301, .host = S("example.com"), .path = S("/new") });

    if (edgefn_str_ends(req->uri, S("/")))
        req->uri = edgefn_str_join(ev, EDGEFN_STRS(req->uri, S("index.html")));
    return true;
}
