/* sign_out.c - ends a session: /sign-out deletes the session's cookies and leads to the start page.

   Events: viewer-request of both dialects.
   Change: path, cookies, cookie_domain, next.
   Needs: the viewer's Sec-Fetch-Site and Sec-Purpose, which every viewer-request function sees;
   cookies that were set with Path=/ and the same Domain as cookie_domain: a browser deletes no
   others. To end the session at the sign-in site, too, make next its address. Cognito:
   "https://DOMAIN/logout?client_id=ID&logout_uri=https%3A%2F%2Fwww.example.com%2F".
   Traps: a picture or a prefetched link on any page can call /sign-out: requests that a browser
   marks as coming from another site or as a prefetch get a 403 and change nothing. A token that
   somebody copied stays valid until it expires. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str path = EDGEFN_S_INIT("/sign-out");
static const edgefn_str cookies[] = { EDGEFN_S_INIT("session"), EDGEFN_S_INIT("session-id"),
                                      EDGEFN_S_INIT("refresh") };
static const edgefn_str cookie_domain = { NULL, 0 }; /* or EDGEFN_S_INIT("example.com") */
static const edgefn_str next = EDGEFN_S_INIT("/");

bool sign_out(edgefn_event *ev)
{
    edgefn_fields *headers = &ev->request.headers;

    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_uri_match(ev->request.uri, path)) return true;
    if (edgefn_str_eq(edgefn_get(headers, S("sec-fetch-site")), S("cross-site"))
        || edgefn_str_starts(edgefn_get(headers, S("sec-purpose")), S("prefetch")))
        return edgefn_error_page(ev, 403);

    edgefn_redirect_to(ev, next, &(edgefn_redirect_to_opts){ .status = 303 });
    for (size_t i = 0; i < EDGEFN_COUNT_OF(cookies); i++)
        edgefn_cookie_expire(ev, cookies[i], &(edgefn_cookie_opts){ .domain = cookie_domain });
    return edgefn_header_cache(ev, &(edgefn_cache_opts){ .no_store = true });
}

bool edgefn_handler(edgefn_event *ev)
{
    return sign_out(ev);
}
