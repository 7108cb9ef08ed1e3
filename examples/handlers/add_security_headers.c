/* add_security_headers.c - puts the usual security headers on every response, in place of what the origin said.

   Events: every response event of both dialects (viewer-response; Lambda@Edge origin-response too, where they are
   cached with the object). */
#include "edgefn.h"

static const struct {
    edgefn_str name, value;
} security_headers[] = {
    { EDGEFN_S_INIT("Strict-Transport-Security"), EDGEFN_S_INIT("max-age=63072000; includeSubdomains; preload") },
    { EDGEFN_S_INIT("Content-Security-Policy"),
      EDGEFN_S_INIT("default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; "
                    "frame-ancestors 'none'") },
    { EDGEFN_S_INIT("X-Content-Type-Options"), EDGEFN_S_INIT("nosniff") },
    { EDGEFN_S_INIT("X-Frame-Options"), EDGEFN_S_INIT("DENY") },
    { EDGEFN_S_INIT("X-XSS-Protection"), EDGEFN_S_INIT("1; mode=block") },
    { EDGEFN_S_INIT("Referrer-Policy"), EDGEFN_S_INIT("same-origin") },
};

bool edgefn_handler(edgefn_event *ev)
{
    if (edgefn_is_request(ev)) return true;
    for (size_t i = 0; i < sizeof security_headers / sizeof security_headers[0]; i++)
        if (!edgefn_set(&ev->response.headers, security_headers[i].name, security_headers[i].value)) return false;
    return true;
}
