/* session_cookie.c - gives each new visitor a visit id for 30 minutes, and forgets it after /logout.

   Events: viewer-response of both dialects. (A function in viewer-request can set no cookie unless it answers.)
   The id is that of the first request. It tells visits apart and is no secret: do not let it open doors. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    const edgefn_str name = S(
        "__Host-visit"); /* browsers take it only with Secure, Path=/ and no Domain: the defaults */

    if (ev->type != EDGEFN_VIEWER_RESPONSE) return true;
    if (edgefn_str_eq(ev->request.uri, S("/logout"))) return edgefn_cookie_expire(ev, name, NULL);
    if (edgefn_has(edgefn_cookies(ev), name)) return true;
    return edgefn_cookie_set(ev, name, ev->request_id, &(edgefn_cookie_opts){ .max_age_s = 1800 });
}
