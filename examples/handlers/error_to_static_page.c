/* error_to_static_page.c - answers with a page of our own, as 200 OK, when the origin failed.

   Events: Lambda@Edge origin-response (its result is what CloudFront caches).
   The headers of the received response stay, except those that described its body. */
#include "edgefn.h"

bool edgefn_handler(edgefn_event *ev)
{
    if (ev->type != EDGEFN_ORIGIN_RESPONSE || ev->response.status < 400
        || ev->response.status > 599)
        return true;
    return edgefn_respond(ev, 200,
                          &(edgefn_respond_opts){ .body = EDGEFN_S("Body generation example") });
}
