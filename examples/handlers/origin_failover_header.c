/* origin_failover_header.c - marks what the second origin of an origin group is asked and answers.

   CloudFront asks the second origin after the first one failed, and the functions run again for it.
   The second origin can then leave out what needs the first; monitoring counts the answers.
   Events: origin-request and origin-response of Lambda@Edge, this function in both.
   Change: second (domain of the second origin), header.
   Needs: an origin group with that second origin; methods GET, HEAD and OPTIONS, for which alone
   CloudFront fails over.
   Traps: a viewer may send the header, and the first origin may answer with it: both are removed.
   What the second origin answers is cached like all else: let it say max-age=60 or less, or its
   copies outlive the outage. CloudFront Functions run only once, before the failover. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str second = EDGEFN_S_INIT("standby.example.com");
static const edgefn_str header = EDGEFN_S_INIT("X-Origin-Failover");

bool origin_failover_header(edgefn_event *ev)
{
    bool failover = edgefn_str_ieq(ev->request.origin.domain, second);
    edgefn_str mark = failover ? S("1") : EDGEFN_ABSENT;

    if (ev->type == EDGEFN_ORIGIN_REQUEST) return edgefn_header_trusted(ev, header, mark);
    if (ev->type == EDGEFN_ORIGIN_RESPONSE) return edgefn_set(&ev->response.headers, header, mark);
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return origin_failover_header(ev);
}
