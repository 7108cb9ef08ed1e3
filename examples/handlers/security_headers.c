/* security_headers.c - sets security headers that break no ordinary site.

   Browsers stay with HTTPS, do not guess types, tell other sites your host only, and show your
   pages in frames of your own site only. A policy that the origin itself sends is kept.
   Events: every response event of both dialects. In Lambda@Edge origin-response they are cached
   with the object, and errors get them too: viewer-response does not run for 4xx and 5xx.
   Change: hsts, csp, frame_options, referrer_policy.
   Needs: HTTPS for this host.
   Traps: AWS's version (add_security_headers.c) blocks fetch() and web fonts, and commits every
   subdomain to HTTPS for two years. Here it is this host, for a month; raise it to 63072000 (two
   years) when all is well. A site that partners show in frames names them in frame-ancestors and
   leaves X-Frame-Options out, which cannot name hosts. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str hsts = EDGEFN_S_INIT("max-age=2592000");
static const edgefn_str csp = EDGEFN_S_INIT("frame-ancestors 'self'");
static const edgefn_str frame_options = EDGEFN_S_INIT("SAMEORIGIN");
static const edgefn_str referrer_policy = EDGEFN_S_INIT("strict-origin-when-cross-origin");

/* Returns absent if the origin sent a value of its own: then it stays. */
static edgefn_str unless_there(const edgefn_event *ev, edgefn_str name, edgefn_str value)
{
    return edgefn_has(&ev->response.headers, name) ? EDGEFN_ABSENT : value;
}

bool security_headers(edgefn_event *ev)
{
    if (edgefn_is_request(ev)) return true;
    return edgefn_header_security(
        ev, &(edgefn_security_opts){
                .hsts = unless_there(ev, S("strict-transport-security"), hsts),
                .csp = unless_there(ev, S("content-security-policy"), csp),
                .frame_options = unless_there(ev, S("x-frame-options"), frame_options),
                .referrer_policy = unless_there(ev, S("referrer-policy"), referrer_policy),
            });
}

bool edgefn_handler(edgefn_event *ev)
{
    return security_headers(ev);
}
