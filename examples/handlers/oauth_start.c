/* oauth_start.c - begins a sign-in with OpenID Connect (Cognito, Keycloak...) for viewers of /members/ without a session: the
   authorization code flow with PKCE (RFC 7636).

   The verifier, which no one else may know, goes into a cookie for ten minutes; its hash goes to the sign-in site, and so does the
   page, as state. What /sign-in/done does with the code is the origin's task. Whether a session is still good, too.
   Events: viewer-request of both dialects.
   Needs: the host's secret "oauth": verifiers are its HMACs of CloudFront's request ids. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    unsigned char bytes[32];
    const edgefn_str all = { (char *)bytes, sizeof bytes };

    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_uri_guards(ev->request.uri, S("/members*")))
        return true;
    if (edgefn_get(edgefn_cookies(ev), S("__Host-session")).len > 0) return true;

    edgefn_hmac_sha256(edgefn_secret(ev, S("oauth")), ev->request_id, bytes);
    edgefn_str verifier = edgefn_base64url_encode(ev, all);
    edgefn_sha256(verifier, bytes);

    edgefn_str to = edgefn_str_join(
        ev,
        (edgefn_str[]){
            S("https://id.example.com/oauth2/authorize?response_type=code&client_id=example&scope=openid"),
            S("&redirect_uri=https%3A%2F%2Fwww.example.com%2Fsign-in%2Fdone&code_challenge_method=S256&code_challenge="),
            edgefn_base64url_encode(ev, all), S("&state="),
            edgefn_base64url_encode(ev, edgefn_path_and_query(ev)) },
        5);
    return edgefn_redirect_to(ev, to, NULL)
           && edgefn_cookie_set(ev, S("__Host-pkce"), verifier,
                                &(edgefn_cookie_opts){ .max_age_s = 600 });
}
