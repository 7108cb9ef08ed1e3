/* redirect_https.c - sends viewers from HTTP to the same address over HTTPS, for good: 301, or 308
   for forms.

   Events: Lambda@Edge origin-request; CloudFront Functions viewer-request.
   Change: site: in origin events Host is the origin's name.
   Needs: CloudFront-Forwarded-Proto in the cache policy. Where you need no condition of your own,
   the setting "Redirect HTTP to HTTPS" does the same.
   Traps: CloudFront sets the header after Lambda@Edge viewer-request: there it is the viewer's own
   word, good for tests only. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str site = EDGEFN_S_INIT("www.example.com"); /* in origin events */

bool redirect_https(edgefn_event *ev)
{
    if (!edgefn_is_request(ev)) return true;
    if (!edgefn_str_eq(edgefn_get(&ev->request.headers, S("cloudfront-forwarded-proto")),
                       S("http")))
        return true;
    edgefn_redirect_opts opts = { .status = edgefn_is_get_or_head(ev) ? 301 : 308 };
    if (ev->type == EDGEFN_ORIGIN_REQUEST) opts.host = site;
    return edgefn_url(ev).ptr == NULL || edgefn_redirect(ev, &opts); /* absent without Host */
}

bool edgefn_handler(edgefn_event *ev)
{
    return redirect_https(ev);
}
