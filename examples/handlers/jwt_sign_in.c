/* jwt_sign_in.c - opens /guides/ only to those who carry a signed token: in the header Authorization, or in the cookie session.

   A page without one leads to the sign-in page; a program, which sends the header, gets a 401 that says whether the token has
   expired: then it fetches another. What the token says goes on to
   the origin as X-User, whatever the viewer wrote there.
   Events: viewer-request of both dialects.
   Needs: the host's clock, and its secret "jwt" (HS256). Authorization is passed on, so it must not go into the cache key. */
#include "edgefn.h"
#define S EDGEFN_S

static edgefn_str bearer(const edgefn_event *ev)
{
    edgefn_cut c = edgefn_str_cut(edgefn_get(&ev->request.headers, S("authorization")), S(" "));
    return c.found && edgefn_str_ieq(c.head, S("bearer")) ? edgefn_str_trim(c.tail) : EDGEFN_ABSENT;
}

bool edgefn_handler(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_uri_guards(ev->request.uri, S("/guides/*")))
        return true;

    edgefn_str token = bearer(ev),
               page = edgefn_percent_encode(ev, edgefn_path_and_query(ev), S("/"));
    edgefn_str next = edgefn_str_join(ev, EDGEFN_STRS(S("/sign-in?next="), page));
    bool program = token.ptr != NULL;
    if (!program) token = edgefn_get(edgefn_cookies(ev), S("session"));

    edgefn_jwt_opts opts = { .hs256 = true,
                             .secret = edgefn_secret(ev, S("jwt")),
                             .issuer = S("https://id.example.com"),
                             .leeway_s = 30 };
    edgefn_jwt jwt = edgefn_jwt_verify(ev, token, &opts);
    if (jwt.ok)
        return edgefn_set(&ev->request.headers, S("X-User"),
                          edgefn_jwt_claim(ev, &jwt, S("sub")).string);
    if (!program)
        return edgefn_redirect(ev, &(edgefn_redirect_opts){ .path = next, .drop_query = true });
    if (!edgefn_respond(ev, 401,
                        &(edgefn_respond_opts){ .body = S("{\"error\":\"invalid_token\"}\n"),
                                                .content_type = S("application/json") }))
        return false;
    bool expired = jwt.reason == EDGEFN_JWT_EXPIRED;
    return edgefn_set(&ev->response.headers, S("WWW-Authenticate"),
                      expired ? S("Bearer error=\"invalid_token\", error_description=\"expired\"")
                              : S("Bearer error=\"invalid_token\""));
}
