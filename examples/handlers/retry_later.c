/* retry_later.c - shields an origin that says "too much": its 429 or 503 becomes a 503 of ours that CloudFront caches for as long
   as the origin asks, 5 minutes at most, so that in the meantime nobody knocks.

   CloudFront caches no 429. Without a Retry-After, or with one that is none or over, it is 10 seconds. Cookies that came with
   the error are taken out: everybody gets this copy.
   Events: origin-response of Lambda@Edge.
   Needs: the host's clock, for a Retry-After that is a date. The distribution's Error caching minimum TTL (10 seconds unless set)
   is the least that an error stays. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    uint32_t status = ev->response.status, wait_s = 10;

    if (ev->type != EDGEFN_ORIGIN_RESPONSE || (status != 429 && status != 503)) return true;
    edgefn_number asked =
        edgefn_retry_after(ev, edgefn_get(&ev->response.headers, S("retry-after")));
    if (asked.ok && asked.value > 0) wait_s = asked.value < 300 ? (uint32_t)asked.value : 300;

    edgefn_str seconds = edgefn_str_from_u64(ev, wait_s);
    edgefn_str page = edgefn_str_join(
        ev, EDGEFN_STRS(S("We are busy. Please come back in "), seconds, S(" seconds.\n")));
    const edgefn_respond_opts opts = { .body = page,
                                       .content_type = S("text/plain; charset=utf-8"),
                                       .cache_max_age_s = wait_s };

    edgefn_remove(&ev->response.headers, S("set-cookie"));
    return edgefn_respond(ev, 503, &opts)
           && edgefn_set(&ev->response.headers, S("Retry-After"), seconds);
}
