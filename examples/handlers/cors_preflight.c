/* cors_preflight.c - lets two web sites call the API under /api/ from the browser: answers preflights and marks responses.

   Events: viewer-request and viewer-response of both dialects, the same handler in both; Lambda@Edge origin-response where
   Origin is part of the cache key.
   A preflight never reaches the origin. Other sites get no Access-Control header, whatever the origin said. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str sites[] = { EDGEFN_S_INIT("https://www.example.com"),
                                    EDGEFN_S_INIT("https://shop.example.com") };

bool edgefn_handler(edgefn_event *ev)
{
    const edgefn_cors_opts cors = {
        .origins = sites,
        .origin_count = EDGEFN_COUNT_OF(sites),
        .credentials = true,
        .methods = S("PUT, PATCH, DELETE"),
        .headers = S("Content-Type, X-Csrf-Token"),
        .expose = S("X-Request-Id"),
        .max_age_s = 7200,
    };

    if (!edgefn_str_starts(ev->request.uri, S("/api/"))) return true;
    return edgefn_header_cors(ev, &cors);
}
