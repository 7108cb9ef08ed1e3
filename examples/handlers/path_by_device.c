/* path_by_device.c - serves each device from a folder of its own: "/a.html" becomes
   "/mobile/a.html".

   Events: Lambda@Edge origin-request; CloudFront Functions viewer-request.
   Change: devices.
   Needs: the four CloudFront-Is-*-Viewer headers in the cache policy, so that each device has its
   own cached copy; the folders at the origin. An S3 bucket has no page for "/mobile/": chain
   index_pages before this.
   Traps: several of them may be true (many tablets are "mobile", too): the first of the list
   decides. In Lambda@Edge viewer-request they would be the viewer's own words: nothing happens
   there. */
#include "edgefn.h"

static const struct {
    edgefn_str header, folder;
} devices[] = {
    { EDGEFN_S_INIT("cloudfront-is-desktop-viewer"), EDGEFN_S_INIT("/desktop") },
    { EDGEFN_S_INIT("cloudfront-is-mobile-viewer"), EDGEFN_S_INIT("/mobile") },
    { EDGEFN_S_INIT("cloudfront-is-tablet-viewer"), EDGEFN_S_INIT("/tablet") },
    { EDGEFN_S_INIT("cloudfront-is-smarttv-viewer"), EDGEFN_S_INIT("/smarttv") },
};

bool path_by_device(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (!edgefn_is_last_request(ev) || !edgefn_str_starts(req->uri, EDGEFN_S("/"))) return true;
    for (size_t i = 0; i < EDGEFN_COUNT_OF(devices); i++) {
        if (edgefn_str_eq(edgefn_get(&req->headers, devices[i].header), EDGEFN_S("true"))) {
            return edgefn_uri_normalize(ev)
                   && edgefn_uri_replace_prefix(ev, EDGEFN_S(""), devices[i].folder);
        }
    }
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return path_by_device(ev);
}
