/* add_security_headers.c - sets the security headers of AWS's sample, with its values: for a site
   take security_headers.c.

   Events: every response event of both dialects. In Lambda@Edge origin-response they are cached
   with the object.
   Change: nothing, if you want to compare it with AWS's sample; otherwise opts.
   Needs: nothing.
   Traps: this Content-Security-Policy blocks fetch(), web fonts, video, inline scripts and styles,
   and everything from other hosts; this Strict-Transport-Security commits every subdomain to HTTPS
   for two years and asks browsers to build that in ("preload"): that is hard to take back. */
#include "edgefn.h"

static const edgefn_security_opts opts = {
    .hsts = EDGEFN_S_INIT("max-age=63072000; includeSubdomains; preload"),
    .csp = EDGEFN_S_INIT("default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; "
                         "object-src 'none'; frame-ancestors 'none'"),
    .frame_options = EDGEFN_S_INIT("DENY"),
    .xss_protection = EDGEFN_S_INIT("1; mode=block"),
    .referrer_policy = EDGEFN_S_INIT("same-origin"),
};

bool add_security_headers(edgefn_event *ev)
{
    return edgefn_is_request(ev) || edgefn_header_security(ev, &opts);
}

bool edgefn_handler(edgefn_event *ev)
{
    return add_security_headers(ev);
}
