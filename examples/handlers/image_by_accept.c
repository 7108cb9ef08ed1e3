/* image_by_accept.c - serves pictures as AVIF or WebP to browsers that take them: "/img/a.jpg" becomes "/img/a.avif".

   Events: viewer-request of both dialects, where the new path becomes part of the cache key; every response event, to tell
   caches after CloudFront that the picture depends on Accept. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    /* JPEG first: a client that accepts any image gets it. Browsers name the better formats that they know. */
    static const edgefn_str types[] = { EDGEFN_S_INIT("image/jpeg"), EDGEFN_S_INIT("image/avif"),
                                        EDGEFN_S_INIT("image/webp") };
    static const edgefn_str endings[] = { EDGEFN_S_INIT(".jpg"), EDGEFN_S_INIT(".avif"),
                                          EDGEFN_S_INIT(".webp") };
    edgefn_request *req = &ev->request;

    if (!edgefn_str_ends(req->uri, S(".jpg")) && !edgefn_str_ends(req->uri, S(".avif"))
        && !edgefn_str_ends(req->uri, S(".webp")))
        return true;
    if (!edgefn_is_request(ev)) return edgefn_header_vary(ev, S("Accept"));
    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_str_ends(req->uri, S(".jpg"))) return true;
    size_t best = edgefn_header_negotiate(edgefn_get(&req->headers, S("accept")), types,
                                          EDGEFN_COUNT_OF(types));
    if (best == 3) return true; /* none is acceptable: the origin decides */
    edgefn_str name = edgefn_str_take(req->uri, req->uri.len - 4);
    req->uri = edgefn_str_join(ev, EDGEFN_STRS(name, endings[best]));
    return true;
}
