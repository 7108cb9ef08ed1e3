/* oauth_start.c - begins a sign-in with OpenID Connect (Cognito, Keycloak...) for viewers of /members/ without a session: the
   authorization code flow with PKCE (RFC 7636).

   Verifier and state, which nobody else may know, go into cookies for ten minutes. The hash of the verifier goes to the sign-in
   site, and so does the state, with the page after a '.'. The origin's /sign-in/done compares the state with the cookie, exchanges
   the code, and decides whether a session is still valid.
   Events: viewer-request of both dialects.
   Needs: the host's random bytes. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    const edgefn_cookie_opts minutes = { .max_age_s = 600 };
    unsigned char hash[32];

    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_uri_guards(ev->request.uri, S("/members*")))
        return true;
    if (edgefn_get(edgefn_cookies(ev), S("__Host-session")).len > 0) return true;

    edgefn_str verifier = edgefn_random_text(ev, S("verifier"));
    edgefn_str state = edgefn_random_text(ev, S("state"));
    edgefn_sha256(verifier, hash);

    edgefn_str to = edgefn_str_join(
        ev,
        EDGEFN_STRS(
            S("https://id.example.com/oauth2/authorize?response_type=code&client_id=example&scope=openid"),
            S("&redirect_uri=https%3A%2F%2Fwww.example.com%2Fsign-in%2Fdone&code_challenge_method=S256&code_challenge="),
            edgefn_base64url_encode(ev, (edgefn_str){ (char *)hash, sizeof hash }), S("&state="),
            state, S("."), edgefn_base64url_encode(ev, edgefn_path_and_query(ev))));
    return edgefn_redirect_to(ev, to, NULL)
           && edgefn_cookie_set(ev, S("__Host-pkce"), verifier, &minutes)
           && edgefn_cookie_set(ev, S("__Host-state"), state, &minutes);
}
