/* sign_in_elsewhere.c - sends viewers without a session to the sign-in site, and tells it where
   they wanted to go.

   The address goes along whole, query included, as one encoded parameter.
   Events: viewer-request of both dialects.
   Change: guarded, cookie, sign_in.
   Needs: a sign-in site that checks that the address is one of yours before it sends anybody back.
   The origin decides whether a session is valid; jwt_sign_in.c decides it here.
   Traps: AWS's version adds a '?' to an address without a query, fails for a cookie without '=',
   and redirects forms, whose body is lost: here all but GET get a 401. The cookie only has to be
   there: this shows the way, it does not protect. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str guarded = EDGEFN_S_INIT("/account*");
static const edgefn_str cookie = EDGEFN_S_INIT("session-id");
static const edgefn_str sign_in = EDGEFN_S_INIT("https://id.example.com/signin?redirect_url=");

/* fixed: schemes */
static const edgefn_str http = EDGEFN_S_INIT("http://"), https = EDGEFN_S_INIT("https://");

bool sign_in_elsewhere(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_uri_guards(ev->request.uri, guarded))
        return true;
    if (edgefn_cookie_get(ev, cookie).len > 0) return true;
    if (!edgefn_str_eq(ev->request.method, S("GET"))) return edgefn_error_page(ev, 401);

    edgefn_str url = edgefn_url(ev); /* "http:" may be the viewer's own word */
    if (edgefn_str_starts(url, http))
        url = edgefn_str_join(ev, EDGEFN_STRS(https, edgefn_str_skip(url, http.len)));
    edgefn_str page = edgefn_form_encode(ev, url);
    return edgefn_redirect_to(ev, edgefn_str_join(ev, EDGEFN_STRS(sign_in, page)), NULL);
}

bool edgefn_handler(edgefn_event *ev)
{
    return sign_in_elsewhere(ev);
}
