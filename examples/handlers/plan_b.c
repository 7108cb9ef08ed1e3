/* plan_b.c - sends viewers to another site, with path and query, while the origin answers with 5xx.

   Events: origin-response of Lambda@Edge, GET and HEAD.
   Change: host (of the other site), hold_s (seconds for which CloudFront and browsers may keep the
   redirect).
   Needs: "All query strings" in the cache policy or origin request policy, else the query is lost;
   a minimum TTL of at most hold_s in the cache policy; another site, not served by this behaviour.
   Traps: AWS's example sets no Cache-Control: its redirect is kept for the policy's default time, a
   day unless set, so that the outage outlives itself, and it adds a '?' to an empty query. The path
   is the one that the origin was asked for, as your other functions left it. An origin that cannot
   be reached at all causes no origin-response event: use an origin group for that case. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str host = EDGEFN_S_INIT("plan-b.example.com");
static const uint32_t hold_s = 5;

bool plan_b(edgefn_event *ev)
{
    const edgefn_request *req = &ev->request;
    edgefn_fields *headers = &ev->response.headers;

    if (ev->type != EDGEFN_ORIGIN_RESPONSE || ev->response.status < 500
        || !edgefn_str_starts(req->uri, S("/")))
        return true;
    if (!edgefn_is_get_or_head(ev)) return true;
    if (edgefn_str_ieq(edgefn_get(&req->headers, S("host")), host)) return true;
    edgefn_remove(headers, S("set-cookie"));
    edgefn_remove(headers, S("content-type"));
    edgefn_remove(headers, S("expires"));
    edgefn_remove(headers, S("retry-after"));
    return edgefn_redirect(ev, &(edgefn_redirect_opts){ .host = host, .cache_max_age_s = hold_s });
}

bool edgefn_handler(edgefn_event *ev)
{
    return plan_b(ev);
}
