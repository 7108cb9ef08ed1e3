/* add_security_headers.c - puts the usual security headers on every response, in place of what the origin said.

   Events: every response event of both dialects (viewer-response; Lambda@Edge origin-response too, where they are
   cached with the object). */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    const edgefn_security_opts opts = {
        .hsts = S("max-age=63072000; includeSubdomains; preload"),
        .csp = S(
            "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; "
            "frame-ancestors 'none'"),
        .frame_options = S("DENY"),
        .xss_protection = S("1; mode=block"),
        .referrer_policy = S("same-origin"),
    };

    return edgefn_is_request(ev) || edgefn_header_security(ev, &opts);
}
