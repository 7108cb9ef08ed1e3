/* rollout.c - shows the new pages under /next to 12.5 % of the users, and always to the same.

   A user is known by a cookie, or else by the address. Raising SHARE adds users and sends nobody
   back; at 10000 everybody has the new pages. No cookie is set, and no random number is drawn.
   Events: viewer-request of both dialects.
   Change: SHARE, folder, cookie, and name: keep it during one rollout; another one chooses other
   users.
   Needs: every page under both paths. An S3 bucket has no page for "/next/": chain index_pages
   before this. The cookie need not be in the cache policy: the path is.
   Traps: viewers can write the cookie, and so choose: do not let it open what is secret. Users
   behind one address have the same pages. */
#include "edgefn.h"
#define S EDGEFN_S

enum { SHARE = 1250 }; /* hundredths of a percent */
static const edgefn_str folder = EDGEFN_S_INIT("next");
static const edgefn_str cookie = EDGEFN_S_INIT("uid");
static const edgefn_str name = EDGEFN_S_INIT("next-2026");

bool rollout(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_str_starts(req->uri, S("/"))) return true;
    edgefn_str user = edgefn_cookie_get(ev, cookie);
    if (user.ptr == NULL) user = req->client_ip;
    if (!edgefn_rollout(name, user, SHARE)) return true;
    if (!edgefn_uri_normalize(ev)) return false;
    return edgefn_str_eq(edgefn_path_segment(req->uri, 0), folder)
           || edgefn_uri_replace_prefix(ev, S(""), folder);
}

bool edgefn_handler(edgefn_event *ev)
{
    return rollout(ev);
}
