/* jwt_sign_in.c - opens /guides/ only to viewers with a signed token.

   The token is in the header Authorization or in a cookie. Pages lead to the sign-in page, which
   gets their address as "next"; programs, which send the header, and forms get a 401.
   Events: viewer-request of both dialects.
   Change: by_secret, by_keys, guarded, sign_in, issuer, audience, leeway_s, longest_next, cookie,
   secret_name, user_claim, user_header, text, invalid, expired.
   Needs: a clock; secret "jwt" for by_secret (HS256), table "jwks" for by_keys (RS256, ES256).
   X-User in the origin request policy, in the cache policy if pages differ; Authorization in none.
   Traps: viewers can send X-User, or X_User, which many servers read as the same: both are removed
   from every request. A behaviour without this function removes nothing: attach it to all of that
   origin. A token without a user opens nothing; one for any client does, if audience is absent. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str guarded = EDGEFN_S_INIT("/guides/*"), user_claim = EDGEFN_S_INIT("sub");
static const edgefn_str sign_in = EDGEFN_S_INIT("/sign-in?next=");
static const edgefn_str issuer = EDGEFN_S_INIT("https://id.example.com"), audience = { NULL, 0 };
enum { by_secret = true, by_keys = true, leeway_s = 30, longest_next = 2000 };
static const edgefn_str cookie = EDGEFN_S_INIT("session"), secret_name = EDGEFN_S_INIT("jwt");
static const edgefn_str user_header = EDGEFN_S_INIT("X-User");
static const edgefn_str text = EDGEFN_S_INIT("{\"error\":\"invalid_token\"}\n");
static const edgefn_str invalid = EDGEFN_S_INIT("Bearer error=\"invalid_token\"");
static const edgefn_str expired =
    EDGEFN_S_INIT("Bearer error=\"invalid_token\", error_description=\"expired\"");

static bool refuse(edgefn_event *ev, bool program, edgefn_str challenge)
{
    edgefn_str next = edgefn_path_and_query(ev);
    if (!program && edgefn_is_get_or_head(ev)) {
        if (edgefn_str_starts(next, S("//")) || next.len > longest_next)
            next = S("/"); /* "//a" is another site; CloudFront refuses URLs above 8,192 bytes */
        next = edgefn_percent_encode(ev, next, S(""));
        return edgefn_redirect_to(ev, edgefn_str_join(ev, EDGEFN_STRS(sign_in, next)), NULL);
    }
    const edgefn_respond_opts opts = { .body = text, .content_type = S("application/json") };
    return edgefn_respond(ev, 401, &opts)
           && edgefn_set(&ev->response.headers, S("WWW-Authenticate"), challenge);
}

bool jwt_sign_in(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (!edgefn_header_trusted(ev, user_header, EDGEFN_ABSENT)) return false;
    if (!edgefn_uri_guards(ev->request.uri, guarded)) return true;

    edgefn_str sent = edgefn_get(&ev->request.headers, S("authorization"));
    edgefn_str token = edgefn_header_credentials(sent, S("Bearer"));
    bool program = token.ptr != NULL;
    if (!program) token = edgefn_cookie_get(ev, cookie);
    edgefn_jwt_opts opts = { .issuer = issuer, .audience = audience, .leeway_s = leeway_s };
    opts.hs256 = by_secret, opts.rs256 = opts.es256 = by_keys;
    if (by_secret) opts.secret = edgefn_secret(ev, secret_name);
    edgefn_jwt jwt = edgefn_jwt_verify(ev, token, &opts);
    edgefn_str user = edgefn_jwt_claim(ev, &jwt, user_claim).string;
    if (!jwt.ok || user.len == 0 || !edgefn_header_value_ok(user))
        return refuse(ev, program, jwt.reason == EDGEFN_JWT_EXPIRED ? expired : invalid);
    return edgefn_header_trusted(ev, user_header, user);
}

bool edgefn_handler(edgefn_event *ev)
{
    return jwt_sign_in(ev);
}
