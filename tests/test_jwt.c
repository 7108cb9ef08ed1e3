/* Tokens that must be accepted, and all others, which must not. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

#define NOW  1700000000
#define KEY  "hunter2-hunter2-hunter2-hunter2-"
#define HS   "{'alg':'HS256','typ':'JWT'}"
#define LIVE "{'exp':1700000060}"

/* The last call of the host's verifier, which accepts the signature "good". */
static struct {
    edgefn_str alg, kid, message, signature;
    int calls;
} asked;
static bool verify(void *user, edgefn_str alg, edgefn_str kid, edgefn_str message,
                   edgefn_str signature)
{
    (void)user;
    asked.alg = alg, asked.kid = kid, asked.message = message, asked.signature = signature,
    asked.calls++;
    return edgefn_str_eq(signature, S("good"));
}

static bool open_env(edgefn_event *ev, int64_t now, bool with_verify)
{
    static edgefn_env env;
    env.now_s = now, env.verify = with_verify ? verify : NULL;
    return CHECK(edgefn_parse(ev, frame(F_VREQ, "{'method':'GET','uri':'/'}", NULL),
                              arena_new(512 * 1024), &(edgefn_parse_opts){ .env = &env })
                 == EDGEFN_OK);
}

/* Returns a token of these parts; signature NULL: the valid one for HS256 with KEY. */
static edgefn_str token_of(edgefn_event *ev, edgefn_str header, edgefn_str payload,
                           const char *signature)
{
    unsigned char mac[32];
    edgefn_str parts[] = { edgefn_base64url_encode(ev, header),
                           S("."),
                           edgefn_base64url_encode(ev, payload),
                           S("."),
                           { NULL, 0 } };
    edgefn_hmac_sha256(S(KEY), edgefn_str_join(ev, parts, 3), mac);
    parts[4] = signature ? edgefn_base64url_encode(ev, edgefn_cstr(signature))
                         : edgefn_base64url_encode(ev, (edgefn_str){ (char *)mac, 32 });
    edgefn_str token = edgefn_str_join(ev, parts, 5);
    return guard_copy(token.ptr, token.len);
}

static edgefn_jwt_opts hs(void)
{
    return (edgefn_jwt_opts){ .hs256 = true, .secret = S(KEY) };
}

/* The text of each reason. */
static const struct {
    const char *why;
    edgefn_jwt_reason reason;
} reasons[] = {
    { "", EDGEFN_JWT_OK },
    { "no token", EDGEFN_JWT_ABSENT },
    { "longer than 16,384 bytes", EDGEFN_JWT_TOO_LONG },
    { "not three parts separated by '.'", EDGEFN_JWT_MALFORMED },
    { "the header is not a JSON object in base64url", EDGEFN_JWT_MALFORMED },
    { "the signature is not base64url", EDGEFN_JWT_MALFORMED },
    { "the payload is not a JSON object in base64url", EDGEFN_JWT_MALFORMED },
    { "the header requires an extension (crit)", EDGEFN_JWT_CRITICAL },
    { "the algorithm is not allowed", EDGEFN_JWT_ALGORITHM },
    { "the signature is wrong", EDGEFN_JWT_SIGNATURE },
    { "exp is missing or not a number of seconds", EDGEFN_JWT_DATE },
    { "nbf is not a number of seconds", EDGEFN_JWT_DATE },
    { "iat is not a number of seconds", EDGEFN_JWT_DATE },
    { "expired", EDGEFN_JWT_EXPIRED },
    { "not valid yet", EDGEFN_JWT_NOT_YET },
    { "another issuer", EDGEFN_JWT_ISSUER },
    { "another audience", EDGEFN_JWT_AUDIENCE },
    { "the event has failed", EDGEFN_JWT_FAILED },
};

static void has_reason(const edgefn_jwt *jwt)
{
    size_t i = 0;
    while (i < COUNT(reasons) && strcmp(reasons[i].why, jwt->why) != 0)
        i++;
    if (CHECK(i < COUNT(reasons))) CHECK_NUM(jwt->reason, reasons[i].reason);
    CHECK(jwt->ok == (jwt->reason == EDGEFN_JWT_OK));
}

static void refused(edgefn_event *ev, edgefn_str token, const edgefn_jwt_opts *opts,
                    const char *why)
{
    size_t used = ev->arena.used;
    edgefn_jwt jwt = edgefn_jwt_verify(ev, token, opts);
    CHECK(!jwt.ok && !jwt.header.ptr && !jwt.payload.ptr && ev->arena.used == used);
    CHECK_STR(edgefn_cstr(jwt.why), edgefn_cstr(why));
    has_reason(&jwt);
    edgefn_json claim = edgefn_jwt_claim(ev, &jwt, S("exp"));
    CHECK(claim.type == EDGEFN_JSON_ABSENT && !claim.string.ptr && !claim.text.ptr);
    CHECK_ERR(ev, EDGEFN_OK, 0);
}

TEST(rfc7515) /* appendix A.1 */
{
    static const char *const token =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    edgefn_event ev;
    if (!open_env(&ev, 1300819379, false)) return;
    edgefn_str key = edgefn_base64url_decode(
        &ev,
        S("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"));
    edgefn_jwt_opts opts = { .hs256 = true, .secret = key, .issuer = S("joe") };
    edgefn_jwt jwt = edgefn_jwt_verify(&ev, edgefn_cstr(token), &opts);
    CHECK(jwt.ok && jwt.why[0] == 0 && jwt.reason == EDGEFN_JWT_OK);
    CHECK_STR(jwt.header, "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}");
    CHECK_STR(edgefn_jwt_claim(&ev, &jwt, S("iss")).string, "joe");
    edgefn_json exp = edgefn_jwt_claim(&ev, &jwt, S("exp"));
    CHECK(exp.type == EDGEFN_JSON_NUMBER && exp.string.ptr == NULL);
    CHECK_STR(exp.text, "1300819380");
    edgefn_json root = edgefn_jwt_claim(&ev, &jwt, S("http://example.com/is_root"));
    CHECK(root.type == EDGEFN_JSON_BOOL && root.string.ptr == NULL);
    CHECK_STR(root.text, "true");
    CHECK(edgefn_jwt_claim(&ev, &jwt, S("sub")).type == EDGEFN_JSON_ABSENT
          && edgefn_jwt_claim(&ev, &jwt, EDGEFN_ABSENT).text.ptr == NULL);
    ROW("every byte matters");
    char other[300];
    size_t n = strlen(token), wrong = 0;
    for (size_t i = 0; i < n; i++) {
        memcpy(other, token, n);
        other[i] = (char)(other[i] == 'A' ? 'B' : 'A');
        wrong += !edgefn_jwt_verify(&ev, (edgefn_str){ other, n }, &opts).ok;
    }
    CHECK_NUM(wrong, n);
    ROW("no part of it is a token");
    for (size_t i = 0; i < n; i++)
        CHECK(!edgefn_jwt_verify(&ev, guard_copy(token, i), &opts).ok);
    CHECK_ERR(&ev, EDGEFN_OK, 0);
}

TEST(claims)
{
    static const struct {
        const char *payload, *why;
        edgefn_jwt_opts opts;
    } rows[] = {
        { LIVE, "", { 0 } },
        { "{'exp':1700000001}", "", { 0 } },
        { "{'exp':1700000000}", "expired", { 0 } },
        { "{'exp':1699999999}", "expired", { 0 } },
        { "{'exp':1699999999}", "", { .leeway_s = 2 } },
        { "{'exp':1699999998}", "expired", { .leeway_s = 2 } },
        { "{'exp':1700000001.9}", "", { 0 } },
        { "{'exp':1700000000.9}", "expired", { 0 } },
        { "{'exp':-1}", "expired", { 0 } },
        { "{'exp':-0}", "expired", { 0 } },
        { "{'exp':0}", "expired", { 0 } },
        { "{'exp':9007199254740991}", "", { 0 } },
        { "{'exp':'1700000060'}", "exp is missing or not a number of seconds", { 0 } },
        { "{'exp':1e400}", "exp is missing or not a number of seconds", { 0 } },
        { "{'exp':17e8}", "expired", { 0 } },
        { "{'exp':1.7E9}", "expired", { 0 } },
        { "{'exp':1.70000006e9}", "", { 0 } },
        { "{'exp':1.700000060E+09}", "", { 0 } },
        { "{'exp':1700000060.5e0}", "", { 0 } },
        { "{'exp':1.7000000001e9}", "expired", { 0 } },
        { "{'exp':1.7000000019e9}", "", { 0 } },
        { "{'exp':170000000199e-2}", "", { 0 } },
        { "{'exp':1700000000999e-3}", "expired", { 0 } },
        { "{'exp':0.00017000000019e13}", "", { 0 } },
        { "{'exp':17000000010000000000000000000000e-22}", "", { 0 } },
        { "{'exp':0e99999999999999999999999}", "expired", { 0 } },
        { "{'exp':1e-99999999999999999999999}", "expired", { 0 } },
        { "{'exp':0.0e5}", "expired", { 0 } },
        { "{'exp':1e100000}", "exp is missing or not a number of seconds", { 0 } },
        { "{'exp':1e-100000}", "expired", { 0 } },
        { "{'exp':9.007199254740991e15}", "", { 0 } },
        { "{'exp':9.007199254740992e15}", "exp is missing or not a number of seconds", { 0 } },
        { "{'exp':9007199254740991.9}", "", { 0 } },
        { "{'exp':0.1e99999999999999999999999}",
          "exp is missing or not a number of seconds",
          { 0 } },
        { "{'exp':1e16}", "exp is missing or not a number of seconds", { 0 } },
        { "{'exp':-1.7e9}", "expired", { 0 } },
        { "{'exp':-1e16}", "exp is missing or not a number of seconds", { 0 } },
        { "{'exp':'1.7e9'}", "exp is missing or not a number of seconds", { 0 } },
        { "{'exp':1700000060,'nbf':1.7e9}", "", { 0 } },
        { "{'exp':1700000060,'nbf':1.7000000001e9}", "", { 0 } },
        { "{'exp':1700000060,'nbf':1.700000001e9}", "not valid yet", { 0 } },
        { "{'exp':1700000060,'nbf':1e16}", "nbf is not a number of seconds", { 0 } },
        { "{'exp':1700000060,'iat':1.7e9}", "", { 0 } },
        { "{'exp':1700000060,'iat':1.8e9}", "", { 0 } },
        { "{'exp':1700000060,'iat':-0.5}", "", { 0 } },
        { "{'exp':1700000060,'iat':1e16}", "iat is not a number of seconds", { 0 } },
        { "{'exp':1700000060,'iat':'1700000000'}", "iat is not a number of seconds", { 0 } },
        { "{'exp':1700000060,'iat':null}", "iat is not a number of seconds", { 0 } },
        { "{'exp':false}", "exp is missing or not a number of seconds", { 0 } },
        { "{'exp':'e'}", "exp is missing or not a number of seconds", { 0 } },
        { "{'exp':9007199254740992}", "exp is missing or not a number of seconds", { 0 } },
        { "{'exp':99999999999999999999999999}",
          "exp is missing or not a number of seconds",
          { 0 } },
        { "{'exp':null}", "exp is missing or not a number of seconds", { 0 } },
        { "{'exp':true}", "exp is missing or not a number of seconds", { 0 } },
        { "{'exp':[1700000060]}", "exp is missing or not a number of seconds", { 0 } },
        { "{'exp':{}}", "exp is missing or not a number of seconds", { 0 } },
        { "{}", "exp is missing or not a number of seconds", { 0 } },
        { "{'a':{'exp':1700000060}}", "exp is missing or not a number of seconds", { 0 } },
        { "{'Exp':1700000060}", "exp is missing or not a number of seconds", { 0 } },
        { "{}", "", { .expiry_optional = true } },
        { "{'exp':'x'}", "exp is missing or not a number of seconds", { .expiry_optional = true } },
        { "{'exp':1}", "expired", { .expiry_optional = true } },
        { "{'exp':1,'exp':1700000060}", "", { 0 } },
        { "{'exp':1700000060,'exp':1}", "expired", { 0 } },
        { "{'exp':1700000060,'`u0065xp':1}", "expired", { 0 } },
        { " { 'exp' : 1700000060 } ", "", { 0 } },
        { "{'exp':1700000060,'nbf':1700000000}", "", { 0 } },
        { "{'exp':1700000060,'nbf':1700000001}", "not valid yet", { 0 } },
        { "{'exp':1700000060,'nbf':1700000001}", "", { .leeway_s = 1 } },
        { "{'nbf':1700000001}", "not valid yet", { .expiry_optional = true } },
        { "{'exp':1700000060,'nbf':-5}", "", { 0 } },
        { "{'exp':1700000060,'nbf':'1'}", "nbf is not a number of seconds", { 0 } },
        { "{'exp':1700000060,'nbf':1e400}", "nbf is not a number of seconds", { 0 } },
        { "{'exp':1700000060,'iss':'me'}", "", { .issuer = EDGEFN_S_INIT("me") } },
        { "{'exp':1700000060,'iss':'`u006de'}", "", { .issuer = EDGEFN_S_INIT("me") } },
        { "{'exp':1700000060,'iss':'mee'}", "another issuer", { .issuer = EDGEFN_S_INIT("me") } },
        { "{'exp':1700000060,'iss':'m'}", "another issuer", { .issuer = EDGEFN_S_INIT("me") } },
        { "{'exp':1700000060}", "another issuer", { .issuer = EDGEFN_S_INIT("me") } },
        { "{'exp':1700000060,'iss':1}", "another issuer", { .issuer = EDGEFN_S_INIT("1") } },
        { "{'exp':1700000060,'iss':['me']}", "another issuer", { .issuer = EDGEFN_S_INIT("me") } },
        { "{'exp':1700000060}", "another issuer", { .issuer = EDGEFN_S_INIT("") } },
        { "{'exp':1700000060,'iss':'me'}", "", { 0 } },
        { "{'exp':1700000060,'aud':'web'}", "", { .audience = EDGEFN_S_INIT("web") } },
        { "{'exp':1700000060,'aud':['api','web']}", "", { .audience = EDGEFN_S_INIT("web") } },
        { "{'exp':1700000060,'aud': [ 'web' , 'api' ] }",
          "",
          { .audience = EDGEFN_S_INIT("web") } },
        { "{'exp':1700000060,'aud':['api',7,{},['web'],'we','webb']}",
          "another audience",
          { .audience = EDGEFN_S_INIT("web") } },
        { "{'exp':1700000060,'aud':[]}", "another audience", { .audience = EDGEFN_S_INIT("web") } },
        { "{'exp':1700000060,'aud':[ ]}",
          "another audience",
          { .audience = EDGEFN_S_INIT("web") } },
        { "{'exp':1700000060,'aud':{'web':1}}",
          "another audience",
          { .audience = EDGEFN_S_INIT("web") } },
        { "{'exp':1700000060}", "another audience", { .audience = EDGEFN_S_INIT("web") } },
        { "{'exp':1700000060,'aud':'api'}", "", { 0 } },
        { "{'exp':1700000060,'aud':['api',{'x':[1]},3,'web']}",
          "",
          { .audience = EDGEFN_S_INIT("web") } },
        { "{'exp':1700000060,'aud':'']}", "the payload is not a JSON object in base64url", { 0 } },
        { "[]", "the payload is not a JSON object in base64url", { 0 } },
        { "", "the payload is not a JSON object in base64url", { 0 } },
        { "'x'", "the payload is not a JSON object in base64url", { 0 } },
        { "{'exp':1700000060} x", "the payload is not a JSON object in base64url", { 0 } },
        { "{'exp':1700000060,'a':'\xff'}", "the payload is not a JSON object in base64url", { 0 } },
        { "{'exp':01700000060}", "the payload is not a JSON object in base64url", { 0 } },
        { "{'exp':1700000060,}", "the payload is not a JSON object in base64url", { 0 } },
    };
    edgefn_event ev;
    if (!open_env(&ev, NOW, false)) return;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s, %zu", rows[i].payload, i);
        edgefn_jwt_opts opts = rows[i].opts;
        opts.hs256 = true, opts.secret = S(KEY);
        ev.arena.used = ev.arena.cap - 60000;
        edgefn_str token = token_of(&ev, js(HS), js(rows[i].payload), NULL);
        if (rows[i].why[0]) {
            refused(&ev, token, &opts, rows[i].why);
            continue;
        }
        edgefn_jwt jwt = edgefn_jwt_verify(&ev, token, &opts);
        if (!CHECK(jwt.ok) || !CHECK(jwt.why[0] == 0)) printf("    %s\n", jwt.why);
    }
}

TEST(headers)
{
    static const struct {
        const char *header, *why, *signature;
        edgefn_jwt_opts opts;
    } rows[] = {
        { HS, "", NULL, { .hs256 = true } },
        { "{'alg':'HS256'}", "", NULL, { .hs256 = true } },
        { "{'`u0061lg':'HS25`u0036'}", "", NULL, { .hs256 = true } },
        { "{'alg':'none'}", "the algorithm is not allowed", NULL, { .hs256 = true } },
        { "{'alg':'none'}",
          "the algorithm is not allowed",
          "",
          { .hs256 = true, .rs256 = true, .es256 = true, .eddsa = true } },
        { "{'alg':'None'}", "the algorithm is not allowed", NULL, { .hs256 = true } },
        { "{'alg':''}", "the algorithm is not allowed", NULL, { .hs256 = true } },
        { "{'alg':'hs256'}", "the algorithm is not allowed", NULL, { .hs256 = true } },
        { "{'alg':'HS384'}", "the algorithm is not allowed", NULL, { .hs256 = true } },
        { "{'alg':['HS256']}", "the algorithm is not allowed", NULL, { .hs256 = true } },
        { "{'typ':'JWT'}", "the algorithm is not allowed", NULL, { .hs256 = true } },
        { "{'alg':null}", "the algorithm is not allowed", NULL, { .hs256 = true } },
        { "{'alg':'RS256'}", "the algorithm is not allowed", "good", { .hs256 = true } },
        { "{'alg':'RS256'}", "the algorithm is not allowed", NULL, { .hs256 = true } },
        { HS, "the algorithm is not allowed", NULL, { .rs256 = true } },
        { HS,
          "the algorithm is not allowed",
          "good",
          { .rs256 = true, .es256 = true, .eddsa = true } },
        { "{'alg':'RS256'}", "", "good", { .rs256 = true } },
        { "{'alg':'ES256','kid':'k1'}", "", "good", { .es256 = true } },
        { "{'alg':'EdDSA','kid':'a`/b'}", "", "good", { .eddsa = true } },
        { "{'alg':'RS256'}", "", "good", { .hs256 = true, .rs256 = true } },
        { "{'alg':'RS256'}", "the signature is wrong", "evil", { .rs256 = true } },
        { "{'alg':'ES256'}", "the algorithm is not allowed", "good", { .rs256 = true } },
        { "{'alg':'RS256'}", "the algorithm is not allowed", "good", { .es256 = true } },
        { "{'alg':'RS256'}", "the algorithm is not allowed", "good", { .eddsa = true } },
        { "{'alg':'EdDSA'}",
          "the algorithm is not allowed",
          "good",
          { .rs256 = true, .es256 = true } },
        { "{'alg':'RS256'}", "the signature is wrong", "", { .rs256 = true } },
        { HS, "the signature is wrong", "", { .hs256 = true } },
        { HS, "the signature is wrong", "good", { .hs256 = true } },
        { "{'alg':'none','alg':'HS256'}", "", NULL, { .hs256 = true } },
        { "{'alg':'HS256','alg':'none'}", "the algorithm is not allowed", NULL, { .hs256 = true } },
        { "{'alg':'HS256','crit':['exp'],'exp':1}",
          "the header requires an extension (crit)",
          NULL,
          { .hs256 = true } },
        { "{'alg':'HS256','crit':[]}",
          "the header requires an extension (crit)",
          NULL,
          { .hs256 = true } },
        { "{'alg':'HS256','crit':null}",
          "the header requires an extension (crit)",
          NULL,
          { .hs256 = true } },
        { "{'alg':'HS256'",
          "the header is not a JSON object in base64url",
          NULL,
          { .hs256 = true } },
        { "['HS256']", "the header is not a JSON object in base64url", NULL, { .hs256 = true } },
        { "", "the header is not a JSON object in base64url", NULL, { .hs256 = true } },
        { "{'alg':'HS256','x':'\xc3'}",
          "the header is not a JSON object in base64url",
          NULL,
          { .hs256 = true } },
    };
    edgefn_event ev;
    if (!open_env(&ev, NOW, true)) return;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s, %zu", rows[i].header, i);
        edgefn_jwt_opts opts = rows[i].opts;
        if (opts.hs256) opts.secret = S(KEY);
        edgefn_str token = token_of(&ev, js(rows[i].header), js(LIVE), rows[i].signature);
        asked.calls = 0;
        if (rows[i].why[0])
            refused(&ev, token, &opts, rows[i].why);
        else
            CHECK(edgefn_jwt_verify(&ev, token, &opts).ok);
        bool host =
            rows[i].signature && (!rows[i].why[0] || strstr(rows[i].why, "wrong")) && !opts.hs256;
        CHECK(asked.calls == (host || i == 19));
    }
    ROW("the arguments of the verifier");
    edgefn_str token = token_of(&ev, js("{'alg':'ES256','kid':'k`u0031'}"), js(LIVE), "good");
    CHECK(edgefn_jwt_verify(&ev, token, &(edgefn_jwt_opts){ .es256 = true }).ok);
    CHECK_STR(asked.alg, "ES256"), CHECK_STR(asked.kid, "k1"), CHECK_STR(asked.signature, "good");
    CHECK(asked.message.ptr == token.ptr && token.ptr[asked.message.len] == '.'
          && !memchr(token.ptr + asked.message.len + 1, '.', token.len - asked.message.len - 1));
}

TEST(shapes)
{
    static const struct {
        const char *token, *why;
    } rows[] = {
        { "", "no token" },
        { "a", "not three parts separated by '.'" },
        { "a.b", "not three parts separated by '.'" },
        { "a.b.c.d", "not three parts separated by '.'" },
        { "....", "not three parts separated by '.'" },
        { "..", "the header is not a JSON object in base64url" },
        { "a.b.c", "the header is not a JSON object in base64url" },
        { "e30=.e30.AA", "the header is not a JSON object in base64url" },
        { "e30.e30.AA==", "the signature is not base64url" },
        { "e30.e30.A", "the signature is not base64url" },
        { "e30.e30.", "the algorithm is not allowed" },
        { "e30.e30.AA", "the algorithm is not allowed" },
        { "Bearer e30.e30.AA", "the header is not a JSON object in base64url" },
        { "e30.e30.AA ", "the signature is not base64url" },
        { "e31.e30.AA", "the header is not a JSON object in base64url" },
        { "\xff.\xff.\xff", "the header is not a JSON object in base64url" },
    };
    edgefn_event ev;
    edgefn_jwt_opts opts = hs();
    if (!open_env(&ev, NOW, false)) return;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].token);
        refused(&ev, guard_copy(rows[i].token, strlen(rows[i].token)), &opts, rows[i].why);
    }
    ROW("absent");
    refused(&ev, EDGEFN_ABSENT, &opts, "no token");
    ROW("invalid padding in a payload with a valid signature");
    unsigned char mac[32];
    edgefn_hmac_sha256(S(KEY), S("eyJhbGciOiJIUzI1NiJ9.e30="), mac);
    edgefn_str parts[] = { S("eyJhbGciOiJIUzI1NiJ9.e30=."),
                           edgefn_base64url_encode(&ev, (edgefn_str){ (char *)mac, 32 }) };
    refused(&ev, edgefn_str_join(&ev, parts, 2), &opts,
            "the payload is not a JSON object in base64url");
    ROW("100 KB, and at the limit");
    char *big = (char *)test_own(malloc(100000));
    memset(big, 'A', 100000);
    refused(&ev, (edgefn_str){ big, 100000 }, &opts, "longer than 16,384 bytes");
    refused(&ev, (edgefn_str){ big, EDGEFN_JWT_MAX + 1 }, &opts, "longer than 16,384 bytes");
    refused(&ev, (edgefn_str){ big, EDGEFN_JWT_MAX }, &opts, "not three parts separated by '.'");
    memset(big, '.', 100000);
    refused(&ev, (edgefn_str){ big, EDGEFN_JWT_MAX }, &opts, "not three parts separated by '.'");
    ROW("deep and long payloads");
    for (size_t depth = 62; depth <= 100; depth++) {
        int n = sprintf(big, "{\"exp\":1700000060,\"a\":");
        memset(big + n, '[', depth), memset(big + n + depth, ']', depth),
            strcpy(big + n + depth * 2, "}");
        edgefn_str token = token_of(&ev, js(HS), edgefn_cstr(big), NULL);
        if (depth < 64)
            CHECK(edgefn_jwt_verify(&ev, token, &opts).ok);
        else
            refused(&ev, token, &opts, "the payload is not a JSON object in base64url");
        ev.arena.used = ev.arena.cap - 60000;
    }
    int n = sprintf(big, "{");
    while (n < 11000)
        n += sprintf(big + n, "\"\":1,");
    strcpy(big + n, "\"exp\":1700000060}");
    CHECK(edgefn_jwt_verify(&ev, token_of(&ev, js(HS), edgefn_cstr(big), NULL), &opts).ok);
}

TEST(read_on)
{
    edgefn_event ev;
    edgefn_jwt_opts opts = hs();
    if (!open_env(&ev, NOW, false)) return;
    edgefn_jwt jwt = edgefn_jwt_verify(
        &ev,
        token_of(
            &ev, js(HS),
            js("{'exp':1700000060,'groups':['staff',`t'a`nb'],'org':{'id':7},'`u006eame':'J`u00f6','x/y':1}"),
            NULL),
        &opts);
    CHECK(!jwt.ok);
    jwt = edgefn_jwt_verify(
        &ev,
        token_of(
            &ev, js(HS),
            js("{'exp':1700000060,'groups':['staff', 'a`nb'],'org':{'id':7},'`u006eame':'J`u00f6','x/y':1}"),
            NULL),
        &opts);
    CHECK_STR(edgefn_jwt_claim(&ev, &jwt, S("name")).string, "J\xc3\xb6");
    edgefn_json groups = edgefn_jwt_claim(&ev, &jwt, S("groups"));
    CHECK(groups.type == EDGEFN_JSON_ARRAY);
    CHECK_STR(groups.text, js("['staff', 'a`nb']"));
    CHECK_STR(edgefn_json_at(&ev, groups.text, S("/1")).string, "a\nb");
    CHECK_STR(edgefn_json_at(&ev, jwt.payload, S("/org/id")).text, "7");
    CHECK_STR(edgefn_jwt_claim(&ev, &jwt, S("x/y")).text, "1");
    CHECK(edgefn_jwt_claim(&ev, &jwt, S("x~1y")).text.ptr == NULL);
    ROW("types of claims");
    jwt = edgefn_jwt_verify(
        &ev,
        edgefn_jwt_sign(&ev, js("{'exp':1700000060,'s':'true','b':true,'n':null,'m':'null'}"),
                        S(KEY)),
        &opts);
    edgefn_json s = edgefn_jwt_claim(&ev, &jwt, S("s")), b = edgefn_jwt_claim(&ev, &jwt, S("b"));
    CHECK(s.type == EDGEFN_JSON_STRING && b.type == EDGEFN_JSON_BOOL && !b.string.ptr);
    CHECK_STR(s.string, "true"), CHECK_STR(s.text, "\"true\""), CHECK_STR(b.text, "true");
    edgefn_json n = edgefn_jwt_claim(&ev, &jwt, S("n"));
    CHECK(n.type == EDGEFN_JSON_ABSENT && !n.string.ptr);
    CHECK_STR(edgefn_jwt_claim(&ev, &jwt, S("m")).string, "null");
}

TEST(misuse)
{
    static const struct {
        const char *title;
        edgefn_jwt_opts opts;
        edgefn_error code;
        int64_t now;
        const char *header, *payload;
    } rows[] = {
        { "no algorithm", { .secret = EDGEFN_S_INIT(KEY) }, EDGEFN_E_OPTIONS, NOW, HS, LIVE },
        { "no secret", { .hs256 = true }, EDGEFN_E_OPTIONS, NOW, HS, LIVE },
        { "empty secret",
          { .hs256 = true, .secret = EDGEFN_S_INIT("") },
          EDGEFN_E_OPTIONS,
          NOW,
          HS,
          LIVE },
        { "no clock",
          { .hs256 = true, .secret = EDGEFN_S_INIT(KEY) },
          EDGEFN_E_ENVIRONMENT,
          0,
          HS,
          LIVE },
        { "no clock, nbf",
          { .hs256 = true, .secret = EDGEFN_S_INIT(KEY), .expiry_optional = true },
          EDGEFN_E_ENVIRONMENT,
          0,
          HS,
          "{'nbf':1}" },
        { "no clock needed",
          { .hs256 = true, .secret = EDGEFN_S_INIT(KEY), .expiry_optional = true },
          EDGEFN_OK,
          0,
          HS,
          "{}" },
        { "no verifier", { .rs256 = true }, EDGEFN_E_ENVIRONMENT, NOW, "{'alg':'RS256'}", LIVE },
        { "no verifier needed",
          { .hs256 = true, .secret = EDGEFN_S_INIT(KEY), .rs256 = true },
          EDGEFN_OK,
          NOW,
          HS,
          LIVE },
    };
    edgefn_event ev;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].title);
        if (!open_env(&ev, rows[i].now, false)) return;
        edgefn_jwt jwt = edgefn_jwt_verify(
            &ev, token_of(&ev, js(rows[i].header), js(rows[i].payload), NULL), &rows[i].opts);
        CHECK(jwt.ok == (rows[i].code == EDGEFN_OK) && jwt.why != NULL);
        CHECK(jwt.reason == (jwt.ok ? EDGEFN_JWT_OK : EDGEFN_JWT_FAILED));
        has_reason(&jwt);
        CHECK_ERR(&ev, rows[i].code, rows[i].code ? NOWHERE : 0);
        char why[300];
        CHECK(!edgefn_str_contains((edgefn_str){ why, edgefn_describe(&ev, why, sizeof why) },
                                   S("hunter2")));
        if (rows[i].code)
            CHECK(!edgefn_respond(&ev, 401, NULL) && edgefn_finish(&ev, NULL).ptr == NULL);
    }
    ROW("NULL");
    if (!open_env(&ev, NOW, false)) return;
    CHECK(!edgefn_jwt_verify(&ev, S("a.b.c"), NULL).ok && ev.err.code == EDGEFN_E_OPTIONS);
}

TEST(sign)
{
    edgefn_event ev;
    edgefn_jwt_opts opts = hs();
    if (!open_env(&ev, NOW, false)) return;
    ROW("computed with another implementation");
    CHECK_STR(
        edgefn_jwt_sign(&ev, S("{\"sub\":\"1\"}"), S(KEY)),
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.nTRYUHMh-Z1WmboS5b_50VNcqni6aBVZFkBiLqMYOAE");
    edgefn_jwt jwt = edgefn_jwt_verify(&ev, edgefn_jwt_sign(&ev, js(LIVE), S(KEY)), &opts);
    CHECK(jwt.ok);
    CHECK_STR(jwt.header, js("{'alg':'HS256','typ':'JWT'}"));
    CHECK(!edgefn_jwt_verify(&ev, edgefn_jwt_sign(&ev, js(LIVE), S("other")), &opts).ok);
    static const struct {
        const char *payload, *secret;
    } bad[] = { { "[]", KEY }, { "", KEY },  { "{", KEY },
                { NULL, KEY }, { "{}", "" }, { "{}", NULL } };
    for (size_t i = 0; i < COUNT(bad); i++) {
        ROW("refused %zu", i);
        if (!open_env(&ev, NOW, false)) return;
        CHECK(edgefn_jwt_sign(&ev, edgefn_cstr(bad[i].payload), edgefn_cstr(bad[i].secret)).ptr
              == NULL);
        CHECK_ERR(&ev, EDGEFN_E_OPTIONS, NOWHERE);
    }
}

TEST(out_of_memory)
{
    edgefn_event ev;
    size_t made = 0, failed = 0;
    if (!open_env(&ev, NOW, true)) return;
    static char token[300];
    snprintf(token, sizeof token, "%.*s",
             EDGEFN_FMT(token_of(&ev, js("{'alg':'RS256','kid':'k`u0031'}"), js(LIVE), "good")));
    edgefn_jwt_opts opts = { .rs256 = true };
    for (size_t room = 0; room < 400; room++) {
        if (!open_env(&ev, NOW, true)) return;
        ev.arena.cap = ev.arena.used + room;
        asked.calls = 0;
        bool ok = edgefn_jwt_verify(&ev, edgefn_cstr(token), &opts).ok;
        if (!CHECK_NUM(ev.err.code, ok ? EDGEFN_OK : EDGEFN_E_OOM)) return;
        CHECK(!ok || asked.calls == 1);
        failed += !ok;
        arena_drop();
        if (!open_env(&ev, NOW, true)) return;
        ev.arena.cap = ev.arena.used + room;
        edgefn_str s = edgefn_jwt_sign(&ev, S("{\"sub\":\"1\"}"), S(KEY));
        if (!CHECK_NUM(ev.err.code, s.ptr ? EDGEFN_OK : EDGEFN_E_OOM)
            || !CHECK(!s.ptr || s.len == 96)) {
            printf("    %zu\n", s.len);
            return;
        }
        made += s.ptr != NULL;
        arena_drop();
    }
    CHECK(failed > 40 && failed < 300 && made > 100 && made < 350);
}
