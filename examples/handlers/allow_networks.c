/* allow_networks.c - lets in the office and the partner's network, and shows everybody else a 403.

   Events: viewer-request of both dialects.
   Change: allowed, in CIDR notation.
   Needs: nothing. If viewers come through a proxy of your own, test edgefn_client_ip() with that
   proxy's network as .trusted.
   Traps: only the address that CloudFront sees counts: viewers can write what they like into
   X-Forwarded-For. */
#include "edgefn.h"

static const edgefn_str allowed[] = { EDGEFN_S_INIT("192.0.2.0/25"),
                                      EDGEFN_S_INIT("2001:db8:85a3::/48") };

bool allow_networks(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (edgefn_ip_in(edgefn_ip_parse(ev->request.client_ip), allowed, EDGEFN_COUNT_OF(allowed)))
        return true;
    return edgefn_error_page(ev, 403);
}

bool edgefn_handler(edgefn_event *ev)
{
    return allow_networks(ev);
}
