/* index_pages.c - folders of a static site: sends "/guides" to "/guides/" and fetches "/guides/index.html" for it.

   Events: Lambda@Edge viewer-request (the redirect) and origin-request (the file: the cache key stays "/guides/");
   CloudFront Functions viewer-request does both, because it has no origin-request.
   A path whose last part has a dot is a file and stays. Only GET and HEAD: a redirected POST would lose its body. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    const edgefn_request *req = &ev->request;

    if (!edgefn_is_request(ev) || !edgefn_str_in(req->method, EDGEFN_STRS(S("GET"), S("HEAD"))))
        return true;
    if (ev->type == EDGEFN_VIEWER_REQUEST) {
        if (!edgefn_uri_add_index(ev, S(""))) return false;
        if (edgefn_changed(ev, EDGEFN_MEMBER_URI) != EDGEFN_CHANGE_NONE)
            return edgefn_redirect(ev, &(edgefn_redirect_opts){ .status = 301 });
        if (ev->dialect == EDGEFN_DIALECT_LAMBDA) return true;
    }
    return edgefn_uri_add_index(ev, S("index.html"));
}
