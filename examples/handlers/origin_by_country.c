/* origin_by_country.c - fetches pages for viewers of some countries from an origin near them.

   Events: origin-request of Lambda@Edge, custom origins only. Port, time-outs, path and custom
   headers stay those of the distribution's origin.
   Change: origins, sorted by country. Countries without an entry keep the distribution's origin.
   Needs: CloudFront-Viewer-Country in the cache policy; the same pages at every origin, and there a
   certificate for its own domain.
   Traps: without that header in the cache policy the first viewer's country decides for everybody.
   With it each country has its own cached copies, which fewer requests find. The Host header
   becomes the new domain, also where a policy forwards the viewer's. CloudFront resolves the
   distribution's own origin before the function runs: that name must stay in DNS. In an origin
   group the function also runs for the second attempt and would send it to the same near origin:
   use none, or leave requests to the second origin's domain alone. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_pair origins[] = {
    { EDGEFN_S_INIT("DE"), EDGEFN_S_INIT("eu.example.com") },
    { EDGEFN_S_INIT("GB"), EDGEFN_S_INIT("eu.example.com") },
    { EDGEFN_S_INIT("IE"), EDGEFN_S_INIT("eu.example.com") },
    { EDGEFN_S_INIT("JP"), EDGEFN_S_INIT("ap.example.com") },
};

bool origin_by_country(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type != EDGEFN_ORIGIN_REQUEST || req->origin.kind != EDGEFN_ORIGIN_CUSTOM) return true;
    edgefn_str country = edgefn_viewer_of(ev).country;
    edgefn_str domain = edgefn_table_get(origins, EDGEFN_COUNT_OF(origins), country);
    if (domain.ptr == NULL) return true;
    req->origin.domain = domain;
    return edgefn_set(&req->headers, S("Host"), domain);
}

bool edgefn_handler(edgefn_event *ev)
{
    return origin_by_country(ev);
}
