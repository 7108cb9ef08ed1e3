/* image_by_accept.c - serves pictures as AVIF or WebP to browsers that take them: "/img/a.jpg"
   becomes "/img/a.avif".

   Chrome, Firefox and Safari name image/avif and image/webp in Accept and get AVIF. Clients that
   accept any image, or say nothing, get the JPEG.
   Events: viewer-request of both dialects, where the new path becomes part of the cache key; every
   response event, to tell caches after CloudFront that the picture depends on Accept.
   Change: types and endings, the JPEG first.
   Needs: all three files at the origin, for every picture. Accept need not be in the cache policy.
   Traps: an order of formats alone, without the browser's ranges, sends AVIF to everybody who says
   image/anything. A picture without its AVIF is a 404 for most browsers. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str types[] = { EDGEFN_S_INIT("image/jpeg"), EDGEFN_S_INIT("image/avif"),
                                    EDGEFN_S_INIT("image/webp") };
static const edgefn_str endings[] = { EDGEFN_S_INIT(".jpg"), EDGEFN_S_INIT(".avif"),
                                      EDGEFN_S_INIT(".webp") };

bool image_by_accept(edgefn_event *ev)
{
    const size_t count = EDGEFN_COUNT_OF(endings);
    edgefn_request *req = &ev->request;
    size_t kind = 0;

    while (kind < count && !edgefn_str_ends(req->uri, endings[kind]))
        kind++;
    if (kind == count) return true;
    if (!edgefn_is_request(ev)) return edgefn_header_vary(ev, S("Accept"));
    if (ev->type != EDGEFN_VIEWER_REQUEST || kind != 0 || !edgefn_is_get_or_head(ev)) return true;

    size_t best = edgefn_header_negotiate(edgefn_get(&req->headers, S("accept")), types, count);
    if (best == count) return true; /* none is acceptable: the origin decides */
    edgefn_str name = edgefn_str_take(req->uri, req->uri.len - endings[0].len);
    req->uri = edgefn_str_join(ev, EDGEFN_STRS(name, endings[best]));
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return image_by_accept(ev);
}
