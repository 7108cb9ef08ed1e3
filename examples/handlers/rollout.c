/* rollout.c - shows the new pages under /next to 12.5 % of the users, and always to the same.

   Events: viewer-request of both dialects.
   A user is known by the cookie "uid", or else by the address. Raising SHARE adds users and sends nobody back; at 10000
   everybody has the new pages. No cookie is set, and no random number is drawn. */
#include "edgefn.h"
#define S EDGEFN_S

enum { SHARE = 1250 }; /* hundredths of a percent */

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type != EDGEFN_VIEWER_REQUEST || edgefn_str_starts(req->uri, S("/next/"))) return true;
    edgefn_str user = edgefn_get(edgefn_cookies(ev), S("uid"));
    if (user.ptr == NULL) user = req->client_ip;
    if (!edgefn_rollout(S("next-2026"), user, SHARE)) return true;
    req->uri = edgefn_str_join(ev, EDGEFN_STRS(S("/next"), req->uri));
    return true;
}
