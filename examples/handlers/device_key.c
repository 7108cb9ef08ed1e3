/* device_key.c - tells cache and origin the device in one word, X-Device: mobile, tablet, tv or
   desktop.

   Events: viewer-request of both dialects. In origin-request the cache key is made already.
   Change: header.
   Needs: X-Device in the cache policy, which also sends it to the origin, and User-Agent in no cache
   policy: there are so many that nothing would ever be found in the cache. Only pages whose content
   depends on it should have that policy: pictures and styles would be cached four times.
   Traps: what a viewer wrote into X-Device is replaced, and removed from requests that are not GET
   or HEAD, which are not cached and get none. A user agent can be forged: let it choose a layout,
   nothing else. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str header = EDGEFN_S_INIT("X-Device");

bool device_key(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST) return true;
    return edgefn_header_trusted(
        ev, header,
        edgefn_is_get_or_head(ev) ? edgefn_device_name(edgefn_ua_of(ev).device) : EDGEFN_ABSENT);
}

bool edgefn_handler(edgefn_event *ev)
{
    return device_key(ev);
}
