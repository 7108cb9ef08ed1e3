/* device_key.c - tells the cache and the origin one of four words, X-Device: mobile, tablet, tv or desktop, in place of User-Agent,
   of which there are so many that nothing would ever be found in the cache.

   What a viewer wrote into X-Device is replaced. Only GET and HEAD are cached, and only they get the header.
   Events: viewer-request of both dialects: in origin-request the cache key is made already.
   Needs: X-Device in the cache policy. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_str method = ev->request.method;

    if (ev->type != EDGEFN_VIEWER_REQUEST
        || !edgefn_str_in(method, EDGEFN_STRS(S("GET"), S("HEAD"))))
        return true;
    return edgefn_set(&ev->request.headers, S("X-Device"),
                      edgefn_device_name(edgefn_ua_of(ev).device));
}
