/* client_address.c - tells the origin who the viewer really is, in one form, as True-Client-IP.

   Behind CloudFront stand viewers, and proxies of your own that pass others on: theirs are the networks below. Whoever is not
   in them is the client, and what it wrote into X-Forwarded-For counts for nothing. The header a viewer sent is replaced, and
   taken out where the list in X-Forwarded-For is broken: the origin gets the truth or nothing.
   Events: origin-request of Lambda@Edge, viewer-request of CloudFront Functions.
   Needs: in CloudFront Functions, True-Client-IP in the origin request policy; not in the cache policy. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str proxies[] = { EDGEFN_S_INIT("198.51.100.0/28"),
                                      EDGEFN_S_INIT("2001:db8:85a3::/48") };

bool edgefn_handler(edgefn_event *ev)
{
    if (ev->type
        != (ev->dialect == EDGEFN_DIALECT_LAMBDA ? EDGEFN_ORIGIN_REQUEST : EDGEFN_VIEWER_REQUEST))
        return true;

    const edgefn_client_ip_opts opts = { .trusted = proxies,
                                         .trusted_count = EDGEFN_COUNT_OF(proxies) };
    return edgefn_set(&ev->request.headers, S("True-Client-IP"),
                      edgefn_ip_text(ev, edgefn_client_ip(ev, &opts)));
}
