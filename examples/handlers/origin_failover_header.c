/* origin_failover_header.c - marks requests to the second origin of an origin group, and its answers.

   CloudFront asks the second origin after the first one failed; both functions then run again. The
   second origin can leave out what needs the first; monitoring counts X-Served-By: failover.
   Events: origin-request and origin-response of Lambda@Edge, this function in both.
   Change: second (domain of the second origin), request_header, response_header.
   Needs: an origin group with that second origin; methods GET, HEAD and OPTIONS, for which alone
   CloudFront fails over.
   Traps: a viewer may send the header, and the first origin may answer with its own: both are
   removed. What the second origin answers is cached like all else: let it say max-age=60 or less,
   or its copies outlive the outage. CloudFront Functions run once only, before the failover. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str second = EDGEFN_S_INIT("standby.example.com");
static const edgefn_str request_header = EDGEFN_S_INIT("X-Origin-Failover");
static const edgefn_str response_header = EDGEFN_S_INIT("X-Served-By");

bool edgefn_handler(edgefn_event *ev)
{
    bool failover = edgefn_str_ieq(ev->request.origin.domain, second);

    if (ev->type == EDGEFN_ORIGIN_REQUEST)
        return edgefn_set(&ev->request.headers, request_header, failover ? S("1") : EDGEFN_ABSENT);
    if (ev->type == EDGEFN_ORIGIN_RESPONSE)
        return edgefn_set(&ev->response.headers, response_header,
                          failover ? S("failover") : EDGEFN_ABSENT);
    return true;
}
