/* cors_preflight.c - lets two web sites call the API under /api/ from the browser.

   Preflights are answered here and never reach the origin; responses get the headers that their
   Origin is entitled to.
   Events: viewer-request and viewer-response of both dialects, the same handler in both;
   Lambda@Edge origin-response if Origin is in the cache policy.
   Change: folder, sites, cors.
   Needs: OPTIONS allowed in the behaviour. viewer-response does not run for errors of 400 and
   above.
   Traps: AWS's version returns whatever Origin the request names, so that every site may read the
   answers. Other sites get no such header here, whatever the origin said. */
#include "edgefn.h"

static const edgefn_str folder = EDGEFN_S_INIT("api");
static const edgefn_str sites[] = { EDGEFN_S_INIT("https://www.example.com"),
                                    EDGEFN_S_INIT("https://shop.example.com") };

static const edgefn_cors_opts cors = {
    .origins = sites,
    .origin_count = EDGEFN_COUNT_OF(sites),
    .credentials = true,
    .methods = EDGEFN_S_INIT("PUT, PATCH, DELETE"),
    .headers = EDGEFN_S_INIT("Content-Type, X-Csrf-Token"),
    .expose = EDGEFN_S_INIT("X-Request-Id"),
    .max_age_s = 7200,
};

bool cors_preflight(edgefn_event *ev)
{
    if (!edgefn_str_eq(edgefn_path_segment(ev->request.uri, 0), folder)) return true;
    return edgefn_header_cors(ev, &cors);
}

bool edgefn_handler(edgefn_event *ev)
{
    return cors_preflight(ev);
}
