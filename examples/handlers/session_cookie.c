/* session_cookie.c - gives each new visitor a visit id for 30 minutes, and forgets it after
   /logout.

   The id is that of the first request. It tells visits apart and is no secret: do not let it open
   doors.
   Events: viewer-response of both dialects. A function in viewer-request can set no cookie unless
   it answers.
   Change: name, logout, VISIT_S.
   Needs: HTTPS: browsers take a name with "__Host-" only with Secure, Path=/ and no Domain, the
   defaults here.
   Traps: a cookie set in origin-response would be cached, and everybody would have the same. */
#include "edgefn.h"

static const edgefn_str name = EDGEFN_S_INIT("__Host-visit");
static const edgefn_str logout = EDGEFN_S_INIT("/logout");
enum { VISIT_S = 1800 };

bool session_cookie(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_RESPONSE) return true;
    if (edgefn_str_eq(ev->request.uri, logout)) return edgefn_cookie_expire(ev, name, NULL);
    if (edgefn_has(edgefn_cookies(ev), name)) return true;
    return edgefn_cookie_set(ev, name, ev->request_id,
                             &(edgefn_cookie_opts){ .max_age_s = VISIT_S });
}

bool edgefn_handler(edgefn_event *ev)
{
    return session_cookie(ev);
}
