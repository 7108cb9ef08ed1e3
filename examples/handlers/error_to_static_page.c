/* error_to_static_page.c - shows pages of yours for 404, 410 and 5xx; the status stays.

   Events: Lambda@Edge origin-response; what leaves here is cached.
   Change: missing and failed, each a page and the seconds that it is kept.
   Needs: behaviours that serve pages, not an API. The least that CloudFront keeps an error is the
   distribution's Error caching minimum TTL, 10 seconds unless set.
   Traps: AWS's version answers 200 with the usual lifetime, and with the failed answer's cookies:
   the error outlives the outage, search engines index it, and viewers share the cookies. */
#include "edgefn.h"

static const edgefn_respond_opts missing = { .body = EDGEFN_S_INIT("<h1>No such page</h1>\n"),
                                             .cache_max_age_s = 60 };
static const edgefn_respond_opts failed = { .body = EDGEFN_S_INIT("<h1>Please try again</h1>\n"),
                                            .cache_max_age_s = 5 };

bool error_to_static_page(edgefn_event *ev)
{
    uint32_t status = ev->response.status;
    bool gone = status == 404 || status == 410, bad = status >= 500 && status <= 599;

    if (ev->type != EDGEFN_ORIGIN_RESPONSE || (!gone && !bad)) return true;
    edgefn_remove(&ev->response.headers, EDGEFN_S("set-cookie"));
    return edgefn_respond(ev, status, gone ? &missing : &failed);
}

bool edgefn_handler(edgefn_event *ev)
{
    return error_to_static_page(ev);
}
