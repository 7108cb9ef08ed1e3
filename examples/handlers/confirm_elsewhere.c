/* confirm_elsewhere.c - opens /members/ only to those whose token a service of yours confirms, and
   tells the origin who they are.

   Events: viewer-request of both dialects.
   Change: guarded, table, user_header, longest_token.
   Needs: the viewer's Authorization: Bearer TOKEN, and the table "auth": the key is the token, the
   value the user's name. In C it is edgefn_env.lookup, which may ask a database or a local service,
   and answers "no entry" if that fails or takes too long; with Python the URL of a service, see
   examples/hosts/lambda_edge_python/edgefn_service.py. An origin request policy that forwards
   X-User. Do not cache /members/.
   Traps: X-User, and X_User, which many servers read as the same, are removed from every request,
   also outside of /members/: else a viewer could name a user there. No token, two, one that is too
   long, and an answer that a header cannot hold are all a 401. A host without tables fails the
   event. jwt_sign_in.c needs no service. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str guarded[] = { EDGEFN_S_INIT("/members"), EDGEFN_S_INIT("/members/*") };
static const edgefn_str table = EDGEFN_S_INIT("auth");
static const edgefn_str user_header = EDGEFN_S_INIT("X-User");
enum { longest_token = 4096 };

static edgefn_str user_of(edgefn_event *ev)
{
    const edgefn_fields *headers = &ev->request.headers;
    edgefn_str token =
        edgefn_header_credentials(edgefn_get(headers, S("authorization")), S("Bearer"));

    if (edgefn_count(headers, S("authorization")) != 1) return EDGEFN_ABSENT;
    if (token.len == 0 || token.len > longest_token) return EDGEFN_ABSENT;
    return edgefn_lookup(ev, table, token);
}

bool confirm_elsewhere(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (!edgefn_header_trusted(ev, user_header, EDGEFN_ABSENT)) return false;
    if (!edgefn_uri_guards_any(ev->request.uri, guarded, EDGEFN_COUNT_OF(guarded))) return true;

    edgefn_str user = user_of(ev);
    if (user.len > 0 && edgefn_header_value_ok(user))
        return edgefn_header_trusted(ev, user_header, user);
    return edgefn_error_page(ev, 401)
           && edgefn_set(&ev->response.headers, S("WWW-Authenticate"), S("Bearer"));
}

bool edgefn_handler(edgefn_event *ev)
{
    return confirm_elsewhere(ev);
}
