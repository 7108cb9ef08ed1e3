/* client_address.c - tells the origin the viewer's address in one form, as True-Client-IP.

   Viewers may come through proxies of your own. Whoever is not one of them is the client, and what
   it wrote into X-Forwarded-For does not count.
   Events: origin-request of Lambda@Edge; viewer-request of CloudFront Functions.
   Change: proxies, in CIDR notation; header.
   Needs: in CloudFront Functions True-Client-IP in the origin request policy; not in the cache
   policy.
   Traps: the header that a viewer sent is replaced, and removed where X-Forwarded-For is broken:
   the origin gets the truth or nothing. True_Client_IP, which many servers read as the same, is
   removed, too. AWS's version names the proxy. */
#include "edgefn.h"

static const edgefn_str header = EDGEFN_S_INIT("True-Client-IP");
static const edgefn_str proxies[] = { EDGEFN_S_INIT("198.51.100.0/28"),
                                      EDGEFN_S_INIT("2001:db8:85a3::/48") };

bool client_address(edgefn_event *ev)
{
    if (!edgefn_is_last_request(ev)) return true;

    const edgefn_client_ip_opts opts = { .trusted = proxies,
                                         .trusted_count = EDGEFN_COUNT_OF(proxies) };
    return edgefn_header_trusted(ev, header, edgefn_ip_text(ev, edgefn_client_ip(ev, &opts)));
}

bool edgefn_handler(edgefn_event *ev)
{
    return client_address(ev);
}
