/* oauth_start.c - begins a sign-in with OpenID Connect for viewers of /members/ without a session.

   It is the authorization code flow with PKCE, as for Cognito or Keycloak. The verifier and the
   state, which nobody else may know, go into cookies for ten minutes. The sign-in site gets the
   hash of the verifier, and the state with the page's path and query, in base64url, after a '.'.
   Your page after_sign_in compares the state with the cookie, and exchanges the code.
   Events: viewer-request of both dialects.
   Change: guarded, session, authorize (your client_id), after_sign_in (encoded), verifier_cookie,
   state_cookie, lifetime, identity_header, longest_page.
   Needs: the host's random bytes. The origin decides whether a session is valid.
   Traps: viewers can send the header by which your origin learns who they are, also as X_User: it
   is removed from every request. Forms get a 401: a redirect would lose their body. In a chain, a
   recipe that sets that header comes after this one. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str guarded = EDGEFN_S_INIT("/members*");
static const edgefn_str session = EDGEFN_S_INIT("__Host-session");
static const edgefn_str authorize = EDGEFN_S_INIT(
    "https://id.example.com/oauth2/authorize?response_type=code&client_id=example&scope=openid");
static const edgefn_str after_sign_in =
    EDGEFN_S_INIT("https%3A%2F%2Fwww.example.com%2Fsign-in%2Fdone");
static const edgefn_str verifier_cookie = EDGEFN_S_INIT("__Host-pkce");
static const edgefn_str state_cookie = EDGEFN_S_INIT("__Host-state");
static const edgefn_cookie_opts lifetime = { .max_age_s = 600 };
static const edgefn_str identity_header = EDGEFN_S_INIT("X-User");
enum { longest_page = 2000 };

/* fixed: the parameters of the protocol */
static const edgefn_str to_redirect = EDGEFN_S_INIT("&redirect_uri=");
static const edgefn_str to_challenge = EDGEFN_S_INIT("&code_challenge_method=S256&code_challenge=");
static const edgefn_str to_state = EDGEFN_S_INIT("&state=");

bool oauth_start(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (!edgefn_header_trusted(ev, identity_header, EDGEFN_ABSENT)) return false;
    if (!edgefn_uri_guards(ev->request.uri, guarded)) return true;
    if (edgefn_cookie_get(ev, session).len > 0) return true;
    if (!edgefn_is_get_or_head(ev)) return edgefn_error_page(ev, 401);

    edgefn_str verifier = edgefn_random_text(ev, S("verifier"));
    edgefn_str state = edgefn_random_text(ev, S("state"));
    edgefn_str page = edgefn_path_and_query(ev);
    if (edgefn_str_starts(page, S("//")) || page.len > longest_page)
        page = S("/"); /* "//a" is another site; many servers refuse long URLs */
    edgefn_str challenge = edgefn_base64url_encode(ev, edgefn_sha256_str(ev, verifier));

    edgefn_str to = edgefn_str_join(ev, EDGEFN_STRS(authorize, to_redirect, after_sign_in,
                                                    to_challenge, challenge, to_state, state,
                                                    S("."), edgefn_base64url_encode(ev, page)));
    return edgefn_redirect_to(ev, to, NULL)
           && edgefn_cookie_set(ev, verifier_cookie, verifier, &lifetime)
           && edgefn_cookie_set(ev, state_cookie, state, &lifetime);
}

bool edgefn_handler(edgefn_event *ev)
{
    return oauth_start(ev);
}
