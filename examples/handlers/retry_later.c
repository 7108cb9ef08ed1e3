/* retry_later.c - shields an origin that says "too much": nobody asks it again for as long as it
   wants.

   Its 429 or 503 becomes a 503 with a page of yours, which CloudFront caches for the time of
   Retry-After, five minutes at most; ten seconds without a valid one.
   Events: origin-response of Lambda@Edge.
   Change: USUAL_S, MOST_S, text.
   Needs: the host's clock, for a Retry-After that is a date. The distribution's Error caching
   minimum TTL (10 seconds unless set) is the least that an error is kept.
   Traps: CloudFront caches no 429: every viewer would ask again. Cookies that came with the error
   are removed, because everybody gets this copy. */
#include "edgefn.h"
#define S EDGEFN_S

enum { USUAL_S = 10, MOST_S = 300 };
static const edgefn_str text =
    EDGEFN_S_INIT("We are busy. Please come back in {seconds} seconds.\n");

bool retry_later(edgefn_event *ev)
{
    uint32_t status = ev->response.status, wait_s = USUAL_S;

    if (ev->type != EDGEFN_ORIGIN_RESPONSE || (status != 429 && status != 503)) return true;
    edgefn_number asked =
        edgefn_retry_after(ev, edgefn_get(&ev->response.headers, S("retry-after")));
    if (asked.ok && asked.value > 0) wait_s = asked.value < MOST_S ? (uint32_t)asked.value : MOST_S;

    edgefn_str seconds = edgefn_str_from_u64(ev, wait_s);
    const edgefn_pair fill = { S("{seconds}"), seconds };
    edgefn_str page = edgefn_replace_all(ev, text, &fill, 1);
    const edgefn_respond_opts opts = { .body = page,
                                       .content_type = S("text/plain; charset=utf-8"),
                                       .cache_max_age_s = wait_s };

    edgefn_remove(&ev->response.headers, S("set-cookie"));
    return edgefn_respond(ev, 503, &opts)
           && edgefn_set(&ev->response.headers, S("Retry-After"), seconds);
}

bool edgefn_handler(edgefn_event *ev)
{
    return retry_later(ev);
}
