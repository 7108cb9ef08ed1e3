/* sign_in_elsewhere.c - sends viewers without a session to the sign-in site, and tells it where they wanted to go.

   The address goes along whole, query included, as one encoded parameter. The sign-in site must check that it is one of yours
   before it sends anybody back. Whether a session is still good, the origin decides; jwt_sign_in.c decides it here.
   Events: viewer-request of both dialects. Only what a browser opens as a page (GET) is redirected; the rest gets a 401. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_uri_guards(ev->request.uri, S("/account*")))
        return true;
    if (edgefn_get(edgefn_cookies(ev), S("session-id")).len > 0) return true;
    if (!edgefn_str_eq(ev->request.method, S("GET"))) return edgefn_error_page(ev, 401);

    edgefn_str page = edgefn_form_encode(ev, edgefn_url(ev));
    return edgefn_redirect_to(
        ev,
        edgefn_str_join(ev, EDGEFN_STRS(S("https://id.example.com/signin?redirect_url="), page)),
        NULL);
}
