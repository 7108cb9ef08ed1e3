/* issue_session.c - ends a sign-in: exchanges the sign-in site's short-lived code for a session.

   /sign-in/done?code=USER.EXPIRES.HEX&next=/guides/a, where HEX is the HMAC-SHA256 of
   "USER.EXPIRES" under the secret "code". The cookie is the token that jwt_sign_in.c checks; each
   has an id of its own (jti), so that one can be revoked.
   Events: viewer-request of both dialects.
   Change: page, its parameters code_name and next_name, cookie, issuer, code_secret, jwt_secret,
   SESSION_S.
   Needs: the host's clock and random bytes, and its secrets "code" and "jwt".
   Traps: an edge function cannot remember codes, so one works until it expires: let it live for
   seconds, and keep it out of logs. "next" is a path of this site. Without Host: 400. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str page = EDGEFN_S_INIT("/sign-in/done");
static const edgefn_str cookie = EDGEFN_S_INIT("session");
static const edgefn_str issuer = EDGEFN_S_INIT("https://id.example.com");
static const edgefn_str code_name = EDGEFN_S_INIT("code"), next_name = EDGEFN_S_INIT("next");
static const edgefn_str code_secret = EDGEFN_S_INIT("code"), jwt_secret = EDGEFN_S_INIT("jwt");
enum { SESSION_S = 3600 };

/* fixed: the token's claims */
static const edgefn_str claim_iss = EDGEFN_S_INIT("{\"iss\":"),
                        claim_sub = EDGEFN_S_INIT(",\"sub\":");
static const edgefn_str claim_jti = EDGEFN_S_INIT(",\"jti\":\""),
                        claim_exp = EDGEFN_S_INIT("\",\"exp\":");

bool issue_session(edgefn_event *ev)
{
    int64_t now;

    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_str_eq(ev->request.uri, page)) return true;
    if (edgefn_url(ev).ptr == NULL) return edgefn_error_page(ev, 400); /* absent without Host */
    edgefn_str code_key = edgefn_secret(ev, code_secret), jwt_key = edgefn_secret(ev, jwt_secret);
    if (ev->err.code != EDGEFN_OK || !edgefn_now(ev, &now)) return false;

    edgefn_str code = edgefn_query_get(ev, code_name);
    edgefn_cut user = edgefn_str_cut(code, S(".")), expires = edgefn_str_cut(user.tail, S("."));
    edgefn_number until = edgefn_str_to_u64(expires.head);
    edgefn_str signed_part = edgefn_str_take(code, user.head.len + 1 + expires.head.len);
    bool good = edgefn_secret_eq(edgefn_hex_decode(ev, expires.tail),
                                 edgefn_hmac_sha256_str(ev, code_key, signed_part));
    if (!good || !until.ok || until.value <= (uint64_t)now || user.head.len == 0)
        return edgefn_error_page(ev, 403);

    edgefn_str payload = edgefn_str_join(
        ev, EDGEFN_STRS(claim_iss, edgefn_json_quote(ev, issuer), claim_sub,
                        edgefn_json_quote(ev, user.head), claim_jti,
                        edgefn_random_text(ev, S("session")), claim_exp,
                        edgefn_str_from_u64(ev, (uint64_t)now + SESSION_S), S("}")));
    edgefn_str next = edgefn_query_get(ev, next_name);
    if (!edgefn_str_starts(next, S("/")) || !edgefn_uri_plain(edgefn_str_cut(next, S("?")).head))
        next = S("/");

    return edgefn_redirect(
               ev, &(edgefn_redirect_opts){ .status = 303, .path = next, .drop_query = true })
           && edgefn_cookie_set(ev, cookie, edgefn_jwt_sign(ev, payload, jwt_key),
                                &(edgefn_cookie_opts){ .max_age_s = SESSION_S });
}

bool edgefn_handler(edgefn_event *ev)
{
    return issue_session(ev);
}
