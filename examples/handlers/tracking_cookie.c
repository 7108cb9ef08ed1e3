/* tracking_cookie.c - gives each new visitor a random id that scripts can read, once, for 400 days.

   Events: viewer-response of both dialects.
   Change: cookie, consent_cookie, consent_value, days.
   Needs: the host's random bytes. No policy: the viewer's Cookie and Sec-GPC, and Content-Type of
   the response, are in every viewer-response event.
   Traps: many countries require consent: there is no id before consent_cookie has consent_value,
   and none for viewers who send Sec-GPC: 1. Only pages set it, because browsers and proxies keep
   pictures and scripts with their headers. It is no secret and opens no door: session_cookie.c and
   issue_session.c make cookies that scripts cannot read. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str cookie = EDGEFN_S_INIT("visitor");
static const edgefn_str consent_cookie = EDGEFN_S_INIT("consent");
static const edgefn_str consent_value = EDGEFN_S_INIT("statistics");
enum { days = 400 }; /* browsers keep no cookie longer */

bool tracking_cookie(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_RESPONSE) return true;

    edgefn_fields *sent = edgefn_cookies(ev);
    if (edgefn_get(sent, cookie).len > 0 || edgefn_has(edgefn_response_cookies(ev), cookie))
        return true;
    if (!edgefn_str_eq(edgefn_get(sent, consent_cookie), consent_value)) return true;
    if (edgefn_str_eq(edgefn_get(&ev->request.headers, S("sec-gpc")), S("1"))) return true;

    edgefn_str type = edgefn_get(&ev->response.headers, S("content-type"));
    if (!edgefn_header_has_type(type, S("text/html"))) return true;
    return edgefn_cookie_set(
        ev, cookie, edgefn_random_text(ev, S("visitor")),
        &(edgefn_cookie_opts){ .max_age_s = days * 86400, .script_readable = true });
}

bool edgefn_handler(edgefn_event *ev)
{
    return tracking_cookie(ev);
}
