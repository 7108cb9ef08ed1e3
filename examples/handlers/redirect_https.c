/* redirect_https.c - sends a viewer who came over plain HTTP to the same address over HTTPS, for good (301).

   Events: every request event of both dialects.
   Needs: the header CloudFront-Forwarded-Proto in the cache policy or the origin request policy. CloudFront Functions
   viewer-request and Lambda@Edge origin-request get it from CloudFront; Lambda@Edge viewer-request runs before
   CloudFront adds it and sees only what the viewer itself sent.
   In origin events Host is the origin's name, not the viewer's, unless the origin request policy forwards Host:
   there the redirect names the site itself. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    if (!edgefn_is_request(ev)) return true;
    if (!edgefn_str_eq(edgefn_get(&ev->request.headers, S("cloudfront-forwarded-proto")),
                       S("http")))
        return true;
    edgefn_redirect_opts opts = { .status = 301 };
    if (ev->type == EDGEFN_ORIGIN_REQUEST) opts.host = S("www.example.com");
    return edgefn_redirect(ev, &opts);
}
