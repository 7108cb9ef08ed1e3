/* Every recipe over generated events: 500 in `make test`, 10,000 in `make test-deep`, which also prints a table of the
   failures; RECIPE=name in the environment: only that one. All recipes are linked into this program, with the sanitizers; edgefn_handler is recipe_NAME here.

   What holds for each event, or the recipe's row fails; the number of violations is printed for each of these words:
     failure     a handler fails only for a reason that its first comment names (may_fail), or because the host lacks
                 what the comment needs
     check       CloudFront would accept the result
     applied     the same edits, if the result is read as that of a function in another language
     unnamed     the recipe changes nothing in events that its line "Events:" does not name
     state       the same event gives the same result, whatever memory held before, and also after other events
     own-url     no redirect leads to the request's own address
     redirects   redirects that are followed come to an end
     again       a second run over the forwarded request does not fail, and does not redirect to where it came from
     guard       what the recipe guards is not forwarded without what opens it
     identity    what a viewer wrote into a header of which the origin believes that the recipe set it is not forwarded
     trust       CloudFront-* headers that the viewer sent, and X-Forwarded-For, change nothing
     form        a form that is sent on has the fields that the recipe promises */
#include "../edgefn.h"
#include "../examples/hosts/edgefn_runtime.h"
#include "test.h"
#include "slow.h"
#include "recipes_gen.h"
#include "../fuzz/fuzz.h"

#define X(name) bool recipe_##name(edgefn_event *ev);
#include RECIPES_LIST
#undef X

typedef bool handler(edgefn_event *ev);

static const struct {
    const char *name;
    handler *run;
} recipes[] = {
#define X(name) { #name, recipe_##name },
#include RECIPES_LIST
#undef X
};

/*--- what the host has ------------------------------------------------------------------------------------------------*/

typedef enum host_mode { HOST_WHOLE, HOST_EMPTY, HOST_RANDOM, HOST_BARE } host_mode;

typedef struct host_side {
    host_mode mode; /* BARE: no tables, and maybe no clock and no random numbers */
    uint64_t salt;
    edgefn_env env;
} host_side;

static const struct {
    const char *table, *key, *value;
} entries[] = {
    { "secret", "preview", "ana:open:sesame" },
    { "secret", "jwt", "example-secret" },
    { "secret", "code", "code-secret" },
    { "secret", "link", "link-secret" },
    { "secret", "origin", "origin-secret" },
    { "secret", "imgproxy-key", "00112233445566778899aabbccddeeff" },
    { "secret", "imgproxy-salt", "ffeeddccbbaa99887766554433221100" },
    { "secret", "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE" },
    { "secret", "AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
    { "secret", "AWS_SESSION_TOKEN", "token" },
    { "kv", "headers", "X-A: b\n# note\nX-Frame-Options:\nVia: 1\nSet-Cookie: a=b\n" },
    { "kv", "release", "42" },
    { "kv", "maintenance_until", "Thu, 08 Jan 2026 09:21:00 GMT" },
    { "kv", "items", "[{\"id\":42}]" },
    { "kv", "item:42", "{\"id\":42}" },
    { "kv", "recorded:/status",
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nVia: 1.1 x\r\nConnection: close\r\n"
      "Set-Cookie: a=b\r\n\r\nfine\n" },
    { "kv", "docs", "/docs-v7" },
    { "kv", "pricing", "{\"a_weightage\":0.5,\"a_url\":\"pricing\",\"b_url\":\"pricing-new\"}" },
    { "kv", "query:abc", "1" },
    { "auth", "token-1", "ana" },
};

static edgefn_str look_up(void *user, edgefn_str table, edgefn_str key)
{
    const host_side *h = (const host_side *)user;
    edgefn_str value = EDGEFN_ABSENT;

    for (size_t i = 0; i < COUNT(entries); i++)
        if (edgefn_str_eq(table, edgefn_cstr(entries[i].table))
            && edgefn_str_eq(key, edgefn_cstr(entries[i].key)))
            value = edgefn_cstr(entries[i].value);
    if (h->mode != HOST_RANDOM) return h->mode == HOST_EMPTY ? EDGEFN_ABSENT : value;
    /* an unknown token or query must stay unknown, else it would open what it must not */
    if (value.ptr == NULL
        && (edgefn_str_eq(table, S("auth")) || edgefn_str_starts(key, S("query:"))))
        return value;
    static const char *const odd[] = { "",
                                       " ",
                                       "/",
                                       "/docs-v7",
                                       "..",
                                       "a b",
                                       "\r\nX-A: b",
                                       "{",
                                       "\xc3\xa9",
                                       "a:b",
                                       "//evil.example",
                                       "null",
                                       "1",
                                       "/a?b",
                                       "Wed, 07 Jan 2026 17:40:00 GMT",
                                       "a",
                                       "HTTP/1.1 999 x\r\n\r\n",
                                       "HTTP/2 204\r\nA: b\r\n\r\nx",
                                       "x: y\nno header" };
    uint64_t hash = edgefn_hash(textf("%llu", (unsigned long long)h->salt), key) >> 20;
    return hash % 3 == 0 ? value : edgefn_cstr(odd[hash / 3 % COUNT(odd)]);
}

static void make_host(host_side *h)
{
    memset(h, 0, sizeof *h);
    h->mode = one_in(5) ? (host_mode)(1 + rnd(3)) : HOST_WHOLE;
    h->salt = rnd(1u << 30);
    h->env = (edgefn_env){ .now_s = NOW + (int64_t)rnd(9),
                           .random = rnd(1u << 31) * 2,
                           .has_random = true,
                           .has_random_bytes = true,
                           .check_lifetimes = true };
    for (size_t i = 0; i < sizeof h->env.random_bytes; i++)
        h->env.random_bytes[i] = (unsigned char)rnd(256);
    h->env.lookup = h->mode == HOST_BARE ? NULL : look_up;
    h->env.user = h;
    if (h->mode != HOST_BARE) return;
    h->env.has_random = one_in(2);
    h->env.has_random_bytes = one_in(2);
    if (one_in(2)) h->env.now_s = 0;
}

/*--- what a recipe guards ---------------------------------------------------------------------------------------------*/

/* Makes an event ask for something guarded, spelled in any way, and sets .inside; with `open` also what opens it, and
   sets .valid. Fields that it adds come before all others of their name. */
typedef void aim(model *m, bool open);

static void aim_path(model *m, const char *path)
{
    m->uri = one_in(3) ? edgefn_cstr(path) : disguised(edgefn_cstr(path));
    m->inside = true;
}

static void aim_password(model *m, bool open)
{
    static const char *const wrong[] = {
        "ana:open", "ana:", ":", "", "preview", "root:open:sesame"
    };
    aim_path(m, one_in(2) ? "/preview" : "/preview/a.html");
    edgefn_str name = one_in(4) ? S("basic ") : S("Basic ");
    if (open || !one_in(4))
        put_field(&m->headers, S("authorization"),
                  join(name, base64(open ? S("ana:open:sesame") : edgefn_cstr(PICK(wrong)))));
    m->valid = open;
}

static void aim_token(model *m, bool open)
{
    const char *good = "https://id.example.com", *other = "https://evil.example";
    edgefn_str secret = S("example-secret"), token = token_of(good, "ana", NOW + 900, secret);
    static const char *const broken[] = { "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.", "a.b.c", "",
                                          "..", "a" };

    aim_path(m, one_in(2) ? "/guides/" : "/guides/a.html");
    switch (open ? 9 : rnd(7)) {
    case 0: token = token_of(good, "ana", NOW - 900, secret); break;
    case 1: token = token_of(good, "ana", NOW + 900, S("")); break;
    case 2: token = token_of(other, "ana", NOW + 900, secret); break;
    case 3: token = token_of(good, "", NOW + 900, secret); break;
    case 4: token = edgefn_str_take(token, token.len - 1); break;
    case 5: token = edgefn_cstr(PICK(broken)); break;
    case 6: token = textf("x%.*s", EDGEFN_FMT(token)); break;
    default: break;
    }
    if (one_in(2))
        put_field(&m->cookies, S("session"), token);
    else
        put_field(&m->headers, S("authorization"), join(S("Bearer "), token));
    m->valid = open;
}

static void aim_service(model *m, bool open)
{
    static const char *const wrong[] = { "Bearer token-2", "Bearer ", "token-1",
                                         "Basic token-1",  "",        "Bearer token-1x" };
    aim_path(m, one_in(2) ? "/members" : "/members/a.html");
    if (open || !one_in(4))
        put_field(&m->headers, S("authorization"),
                  open ? S("Bearer token-1") : edgefn_cstr(PICK(wrong)));
    m->valid = open;
}

static void aim_cookie(model *m, const char *path, const char *cookie, bool open)
{
    aim_path(m, path);
    if (open) put_field(&m->cookies, edgefn_cstr(cookie), S("x"));
    if (!open && one_in(2)) put_field(&m->cookies, edgefn_cstr(cookie), S(""));
    m->valid = open;
}

static void aim_account(model *m, bool open)
{
    aim_cookie(m, one_in(2) ? "/account" : "/account/a.html", "session-id", open);
}

static void aim_members(model *m, bool open)
{
    aim_cookie(m, one_in(2) ? "/members" : "/members/a.html", "__Host-session", open);
}

static void aim_link(model *m, bool open)
{
    aim_path(m, "/downloads/report.pdf");
    edgefn_str expires = textf("%d", open || one_in(2) ? NOW + 900 : NOW - 900);
    edgefn_str message = textf("%.*s\n%.*s", EDGEFN_FMT(m->uri), EDGEFN_FMT(expires));
    edgefn_str mac = mac_of(S("link-secret"), message, true);
    if (!open && edgefn_str_to_u64(expires).value > NOW)
        mac = one_in(2) ? mac_of(S(""), message, true) : edgefn_str_take(mac, rnd(63));
    m->query.count = 0;
    put_field(&m->query, one_in(4) ? S("%65xpires") : S("expires"), expires);
    if (open || !one_in(6)) put_field(&m->query, S("signature"), mac);
    m->valid = open;
}

static void aim_image_link(model *m, bool open)
{
    static const unsigned char salt[] = { 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88,
                                          0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00 };
    static const unsigned char key[] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                         0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
    edgefn_str rest = S("/rs:fill:300:400/plain/local:///a.jpg");
    slow_text t = slow_begin();
    slow_put(&t, (const char *)salt, sizeof salt);
    slow_put(&t, rest.ptr, rest.len);
    edgefn_str message = slow_end(&t);
    edgefn_str mac = mac_of(text_of((const char *)key, open ? sizeof key : 0), message, false);
    aim_path(m, "/resize/");
    if (open) m->uri = textf("/resize/%.*s%.*s", EDGEFN_FMT(mac), EDGEFN_FMT(rest));
    if (!open)
        m->uri = textf("%.*s%.*s%.*s", EDGEFN_FMT(m->uri), EDGEFN_FMT(mac), EDGEFN_FMT(rest));
    m->valid = open;
}

static void aim_network(model *m, bool open)
{
    static const char *const in[] = { "192.0.2.44", "2001:db8:85a3::5", "::ffff:192.0.2.1" };
    static const char *const out[] = { "192.0.2.200", "198.51.100.7",   "2001:db8::1", "",
                                       "x",           "::ffff:10.0.0.1" };
    m->ip = edgefn_cstr(open ? PICK(in) : PICK(out));
    m->inside = true;
    m->valid = open;
}

static void aim_bots(model *m, bool open)
{
    put_field(&m->headers, S("user-agent"), edgefn_cstr(open ? agents[0] : agents[5 + rnd(2)]));
    if (edgefn_str_eq(m->uri, S("/robots.txt"))) m->uri = S("/");
    m->inside = true;
    m->valid = open;
}

static void aim_pictures(model *m, bool open)
{
    static const char *const good[] = { "https://www.example.com/a",
                                        "http://SHOP.example.com:80/?x", "https://www.bing.com" };
    static const char *const bad[] = { "https://evil.example/",
                                       "https://www.example.com@evil.net/",
                                       "//evil.example",
                                       "https://www.example.com.evil.net/",
                                       "x",
                                       "https://evil.example/www.example.com",
                                       "https:\\\\evil.example/",
                                       "https://example.com/" };
    aim_path(m, one_in(2) ? "/img/a.jpg" : "/a.webp");
    put_field(&m->headers, S("referer"), edgefn_cstr(open ? PICK(good) : PICK(bad)));
    m->valid = open;
}

static void aim_upload(model *m, bool open)
{
    static const char *const bad[] = {
        "<?php", "", "RIFFxxxxWAVE", "\x89PNG", "GIF89a", "\xff\xd8"
    };
    aim_path(m, "/photos/a.jpg");
    m->method = S("PUT");
    m->has_body = open || !one_in(4);
    m->body = open ? S("\xff\xd8\xff\xe0") : edgefn_cstr(PICK(bad));
    m->valid = open;
}

static void aim_form(model *m, bool open, const char *good, const char *const *bad, size_t count)
{
    static const char *const types[] = { "text/plain", "multipart/form-data", "",
                                         "application/json" };
    static const char *const methods[] = { "POST", "POST", "POST", "PUT", "PATCH", "DELETE" };
    aim_path(m, one_in(2) ? "/contact" : "/contact/form");
    m->method = edgefn_cstr(PICK(methods));
    m->has_body = true, m->truncated = false;
    m->body = edgefn_cstr(good);
    edgefn_str type = S("application/x-www-form-urlencoded");
    switch (open ? 9 : rnd(4)) {
    case 0: type = edgefn_cstr(PICK(types)); break;
    case 1: m->truncated = true; break;
    case 2: m->has_body = false; break;
    case 3:
        m->body = edgefn_cstr(bad[rnd((unsigned)count)]);
        open = count == 1; /* one: a form that the recipe mends */
        break;
    default: break;
    }
    put_field(&m->headers, S("content-type"), type);
    m->valid = open;
}

static void aim_trap(model *m, bool open)
{
    static const char *const bad[] = { "a=b&website=x", "website=&website=", "%77ebsite=x",
                                       "website=x&website=" };
    aim_form(m, open, one_in(2) ? "name=a&website=" : "name=a", bad, COUNT(bad));
}

static void aim_fields(model *m, bool open)
{
    static const char *const bad[] = {
        "admin=1&name=a&name=b&%6eame=c&em%61il=x&+=&client_ip=1&client%5Fip=2&="
    };
    aim_form(m, open, "name=a&email=b%40c", bad, COUNT(bad));
}

static void aim_graphql(model *m, bool open)
{
    static const char *const bad[] = {
        "{\"query\":\"{a}\",\"extensions\":{\"persistedQuery\":{\"sha256Hash\":\"abc\"}}}",
        "{\"extensions\":{\"persistedQuery\":{\"sha256Hash\":\"other\"}}}",
        "[{\"extensions\":{\"persistedQuery\":{\"sha256Hash\":\"abc\"}}}]",
        "{\"extensions\":{\"persistedQuery\":{\"sha256Hash\":[\"abc\"]}}}",
        "{\"extensions\":{\"persistedQuery\":{\"sha256Hash\":\"abc\"}},\"que\\u0072y\":\"{a}\"}",
        "{\"extensions\":{\"persistedQuery\":{\"sha256Hash\":\"abc\"}}",
        "",
        "{}",
        "null",
    };
    static const char *const methods[] = { "GET", "PUT", "HEAD", "DELETE" };
    aim_path(m, "/graphql");
    bool method = !open && one_in(4);
    m->method = edgefn_cstr(method ? PICK(methods) : "POST");
    m->has_body = true, m->truncated = false;
    m->body = S("{\"extensions\":{\"persistedQuery\":{\"sha256Hash\":\"abc\"}},\"variables\":{}}");
    if (!open && !method && one_in(5)) m->truncated = true;
    if (!open && !method && !m->truncated) m->body = edgefn_cstr(PICK(bad));
    m->valid = open;
}

static void aim_filter(model *m, bool open)
{
    static const char *const paths[] = { "/.git/config", "/a/.env",   "/.aws/x", "/index.php",
                                         "/a.bak",       "/wp-login", "/.git" };
    static const char *const methods[] = { "PUT", "DELETE", "PATCH" };
    m->inside = true, m->valid = open;
    if (open) {
        m->method = S("GET"), m->uri = S("/a/b.html");
        m->query.count = 0;
    } else if (one_in(4))
        m->method = edgefn_cstr(PICK(methods));
    else if (one_in(4))
        put_field(&m->query, S("a"), repeated("b", 2048 + rnd(100)));
    else
        aim_path(m, PICK(paths));
}

static void aim_internal(model *m, bool open)
{
    if (!open) aim_path(m, one_in(2) ? "/internal" : "/internal/a.html");
    if (open) m->uri = S("/catalog/x");
    m->inside = true, m->valid = open;
}

/* Not guarded: only makes the recipe do its work. */
static void aim_code(model *m, bool open)
{
    edgefn_str code = textf("ana.%d", open || one_in(2) ? NOW + 30 : NOW - 30);
    m->uri = S("/sign-in/done");
    m->query.count = 0;
    put_field(
        &m->query, S("code"),
        textf("%.*s.%.*s", EDGEFN_FMT(code), EDGEFN_FMT(mac_of(S("code-secret"), code, true))));
    put_field(&m->query, S("next"), one_in(2) ? some_path() : hostile());
}

static void aim_secret(model *m, bool open)
{
    m->inside = m->origin == EDGEFN_ORIGIN_CUSTOM;
    m->valid = open; /* not used: what the origin gets decides, see check_guard() */
}

static const struct {
    const char *recipe;
    aim *aim;
} guards[] = {
    { "basic_auth", aim_password },       { "jwt_sign_in", aim_token },
    { "confirm_elsewhere", aim_service }, { "oauth_start", aim_members },
    { "sign_in_elsewhere", aim_account }, { "signed_link", aim_link },
    { "image_links", aim_image_link },    { "allow_networks", aim_network },
    { "block_bots", aim_bots },           { "hotlink_guard", aim_pictures },
    { "upload_guard", aim_upload },       { "form_guard", aim_trap },
    { "form_fields", aim_fields },        { "modify_form", aim_fields },
    { "graphql_guard", aim_graphql },     { "request_filter", aim_filter },
    { "rewrite_prefix", aim_internal },   { "origin_secret", aim_secret },
};

/* What makes a recipe do its work that its own words alone seldom do. NULL: nothing special. */
static const struct {
    const char *recipe, *uri, *name, *value; /* name and value: of a parameter and of a cookie */
} seeds[] = {
    { "image_by_cookie", "/img/jacket.jpg", "jacket", "red" },
    { "origin_custom_to_s3", NULL, "useS3Origin", "true" },
    { "origin_s3_to_custom", NULL, "useCustomOrigin", "true" },
    { "recorded_answer", "/status", NULL, NULL },
    { "seo_routes", "/shoes/red-1042", "id", "1" },
    { "tracking_cookie", NULL, "consent", "statistics" },
    { "json_api", "/api/items/42", NULL, NULL },
    { "segment_table", "/docs/a.html", NULL, NULL },
    { "weighted_by_table", "/pricing/a.html", "visitor", "1" },
    { "ab_test", "/experiment-pixel.jpg", "X-Experiment-Name", "B" },
    { "cors_preflight", "/api/a", NULL, NULL },
    { "cors_wildcard", "/api/a", NULL, NULL },
    { "session_cookie", "/logout", NULL, NULL },
    { "read_form", "/feedback", NULL, NULL },
    { "language_by_region", "/guides/", "lang", "es" },
    { "language_path", "/guides/", "lang", "de" },
    { "header_from_query", NULL, "auth", "abc" },
};

static void aim_seed(model *m, const char *recipe)
{
    for (size_t i = 0; i < COUNT(seeds); i++) {
        if (strcmp(seeds[i].recipe, recipe) != 0) continue;
        if (seeds[i].uri != NULL) m->uri = edgefn_cstr(seeds[i].uri);
        if (seeds[i].name == NULL) continue;
        put_field(&m->query, edgefn_cstr(seeds[i].name), edgefn_cstr(seeds[i].value));
        put_field(&m->cookies, edgefn_cstr(seeds[i].name), edgefn_cstr(seeds[i].value));
    }
    if (strcmp(recipe, "issue_session") == 0) aim_code(m, one_in(2));
}

static aim *aim_of(const char *recipe)
{
    for (size_t i = 0; i < COUNT(guards); i++)
        if (strcmp(guards[i].recipe, recipe) == 0) return guards[i].aim;
    return NULL;
}

/* Headers of which the origin believes that the recipe set them. Servers read '_' as '-', and some read every character
   so that is not a letter or digit: none of these spellings may come from the viewer. */
static const struct {
    const char *recipe, *header;
} identities[] = {
    { "jwt_sign_in", "x-user" },
    { "confirm_elsewhere", "x-user" },
    { "oauth_start", "x-user" },
    { "client_address", "true-client-ip" },
    { "device_key", "x-device" },
    { "header_from_query", "auth-header" },
    { "origin_failover_header", "x-origin-failover" },
    { "origin_secret", "x-origin-secret" },
};

static const char *identity_of(const char *recipe)
{
    for (size_t i = 0; i < COUNT(identities); i++)
        if (strcmp(identities[i].recipe, recipe) == 0) return identities[i].header;
    return NULL;
}

/* Failures that a first comment announces, and its words. */
static const struct {
    const char *recipe;
    edgefn_error code;
    const char *words;
} may_fail[] = {
    { "body_hash", EDGEFN_E_MISSING, "without it such a request fails" },
    { "headers_from_table", EDGEFN_E_FIELD_NAME, "A line that is no header at all is an error" },
    { "headers_from_table", EDGEFN_E_FIELD_VALUE, "A line that is no header at all is an error" },
    { "segment_table", EDGEFN_E_URI, "such an entry is an error" },
    { "recorded_answer", EDGEFN_E_STATUS, "A recording that is none is an error" },
    { "recorded_answer", EDGEFN_E_FIELD_NAME, "A recording that is none is an error" },
    { "recorded_answer", EDGEFN_E_CHECK, "A recording that is none is an error" },
    { "sign_origin", EDGEFN_E_OPTIONS, "a truncated body" },
    { "sign_origin", EDGEFN_E_MISSING,
      "a missing Host, or a key that is no header value, fails the request" },
    { "sign_origin", EDGEFN_E_FIELD_VALUE,
      "a missing Host, or a key that is no header value, fails the request" },
};

/* Recipes that act in other events than "Events:" names, on the word of the viewer, and say so. */
static const struct {
    const char *recipe, *words;
} believing[] = {
    { "redirect_https", "there it is the viewer's own word" },
};

/*--- one run ----------------------------------------------------------------------------------------------------------*/

static const char *recipe_name;
static handler *recipe_run;
static bool named[EDGEFN_VIEWER_RESPONSE + 1][2]; /* event type, dialect: does "Events:" name it? */

static struct {
    const char *property;
    unsigned count;
} broken[40];
static size_t broken_count;

/* Counts a violation; the first one of a property is printed with its event. */
static void violates(const char *property, edgefn_str about, edgefn_str event, edgefn_str result)
{
    size_t i = 0;
    while (i < broken_count && strcmp(broken[i].property, property) != 0)
        i++;
    if (i == COUNT(broken)) abort();
    broken[i].property = property;
    if (i == broken_count) broken_count++;
    if (broken[i].count++ > 0) return;
    test_check(false, __FILE__, __LINE__, property);
    test_show("about ", about);
    test_show("event ", event);
    test_show("result", result);
}

typedef struct run {
    edgefn_event ev;
    edgefn_str json, result; /* result: absent after a failure */
    size_t room;
} run;

/* Work memory: a stack of blocks, the last one up to its end, behind which is the sanitizer's. */
static struct {
    char *start;
    size_t free;
} work;

static void run_once(run *r, const edgefn_env *env, handler *h, int fill)
{
    edgefn_answer_opts opts = { .parse = { .env = env } };

    if (r->room > work.free) abort();
    char *memory = work.start + work.free - r->room;
    memset(memory, fill, r->room);
    r->result = edgefn_answer_with(&r->ev, r->json, edgefn_arena_make(memory, r->room), h, &opts);
    if (r->ev.err.code != EDGEFN_OK) r->result = EDGEFN_ABSENT;
}

/* Runs a handler as hosts do: with twice the memory, if it was too little. */
static void run_with(run *r, edgefn_str json, const edgefn_env *env, handler *h, int fill)
{
    if (work.start == NULL) {
        work.free = (size_t)32 << 20;
        work.start = (char *)test_own(malloc(work.free));
    }
    r->json = fuzz_copy(json.ptr, json.len);
    r->room = edgefn_memory_event(json.len, 20);
    run_once(r, env, h, fill);
    for (int i = 0; i < 4 && r->ev.err.code == EDGEFN_E_OOM; i++) {
        r->room *= 2;
        run_once(r, env, h, fill);
    }
    work.free -= r->room;
}

static void run_end(run *r)
{
    work.free += r->room;
    free((char *)r->json.ptr);
}

static bool pass(edgefn_event *ev)
{
    (void)ev;
    return true;
}

static bool believes(void)
{
    bool says = false;
    for (size_t i = 0; i < COUNT(believing); i++)
        says |= strcmp(believing[i].recipe, recipe_name) == 0
                && strstr(recipe_words.comment.ptr, believing[i].words) != NULL;
    return says;
}

/* Does the run let the request go on to the cache or the origin? */
static bool forwards(const run *r)
{
    return r->result.ptr != NULL && edgefn_is_request(&r->ev) && r->ev.response.status == 0;
}

/*--- the properties ---------------------------------------------------------------------------------------------------*/

/* Counts of the table that test-deep prints. */
static struct {
    const char *recipe, *why;
    unsigned count;
} reasons[400];
static size_t reasons_count;

static void count_reason(const char *why)
{
    size_t i = 0;
    while (i < reasons_count
           && (reasons[i].recipe != recipe_name || strcmp(reasons[i].why, why) != 0))
        i++;
    if (i == COUNT(reasons)) abort();
    reasons[i].recipe = recipe_name, reasons[i].why = why;
    reasons[i].count++;
    if (i == reasons_count) reasons_count++;
}

static void check_failure(const run *r, const host_side *h)
{
    edgefn_error code = r->ev.err.code;
    bool allowed = code == EDGEFN_E_ENVIRONMENT && h->mode != HOST_WHOLE;

    for (size_t i = 0; i < COUNT(may_fail); i++)
        allowed |= strcmp(may_fail[i].recipe, recipe_name) == 0 && may_fail[i].code == code
                   && strstr(recipe_words.comment.ptr, may_fail[i].words) != NULL;
    count_reason(edgefn_error_name(code));
    if (allowed) return;
    char line[400];
    size_t len = edgefn_describe(&r->ev, line, sizeof line);
    violates(code == EDGEFN_E_CHECK ? "check" : "failure", text_of(line, len), r->json,
             EDGEFN_ABSENT);
}

static unsigned acted; /* events of the recipe whose result is not what was received */

static void check_applied(run *r);

static void check_accepted(run *r)
{
    edgefn_finding found[8];
    run again;

    run_with(&again, r->json, NULL, pass, 0);
    size_t count = edgefn_check(&again.ev, r->result, found, COUNT(found));
    for (size_t i = 0; i < count && i < COUNT(found); i++)
        if (found[i].rule->confidence != EDGEFN_CONFIDENCE_DOUBTFUL)
            violates("check", edgefn_cstr(found[i].rule->id), r->json, r->result);
    if (count == SIZE_MAX) violates("check", S("edgefn_check() failed"), r->json, r->result);
    check_applied(r);
    acted += !same(again.result, r->result);
    if (!named[r->ev.type][r->ev.dialect == EDGEFN_DIALECT_LAMBDA] && !same(again.result, r->result)
        && !believes())
        violates("unnamed", EDGEFN_ABSENT, r->json, r->result);
    run_end(&again);
}

static void check_guard(const model *m, host_side *h, const run *r, unsigned passed[2])
{
    bool valid = m->valid;

    if (!m->inside || !named[m->type][m->dialect == EDGEFN_DIALECT_LAMBDA]) return;
    if (strcmp(recipe_name, "origin_secret") == 0) {
        edgefn_str sent = edgefn_get(&r->ev.request.origin.headers, S("x-origin-secret"));
        valid = sent.len > 0 && edgefn_str_eq(sent, look_up(h, S("secret"), S("origin")));
    }
    if (forwards(r) && !valid) violates("guard", m->uri, r->json, r->result);
    if (valid == forwards(r)) passed[valid]++;
}

static bool is_of_cloudfront(edgefn_str name)
{
    return edgefn_str_ieq(edgefn_str_take(name, 11), S("cloudfront-"));
}

static bool is_forwarded_for(edgefn_str name)
{
    return edgefn_str_ieq(name, S("x-forwarded-for"));
}

static bool is_of_either(edgefn_str name)
{
    return is_of_cloudfront(name) || is_forwarded_for(name);
}

#define MARK "viewer-wrote-this"

static bool is_identity(edgefn_str name, const char *header)
{
    if (name.len != strlen(header)) return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (c != header[i] && (plain || header[i] != '-')) return false;
    }
    return true;
}

static void check_identity(const model *m, const run *r)
{
    const char *header = identity_of(recipe_name);
    const edgefn_fields *headers = &r->ev.request.headers;

    if (header == NULL || !forwards(r) || !named[m->type][m->dialect == EDGEFN_DIALECT_LAMBDA])
        return;
    if (strcmp(recipe_name, "origin_secret") == 0 && m->origin != EDGEFN_ORIGIN_CUSTOM) return;
    for (size_t i = 0; i < headers->len; i++)
        if (is_identity(headers->items[i].name, header)
            && edgefn_str_contains(headers->items[i].value, S(MARK)))
            violates("identity", headers->items[i].name, r->json, r->result);
}

/* Reports whether two runs did the same, apart from the headers that only the first event has. */
static bool did_same(run *a, run *b, leave_out *out)
{
    const edgefn_request *p = &a->ev.request, *q = &b->ev.request;

    if (!forwards(a) || !forwards(b)) return same(a->result, b->result);
    bool equal = same(p->uri, q->uri) && same(p->origin.domain, q->origin.domain)
                 && same(edgefn_query_text(&a->ev), edgefn_query_text(&b->ev))
                 && same(p->body.data, q->body.data);
    size_t k = 0;
    for (size_t i = 0; i < p->headers.len; i++) {
        if (out(p->headers.items[i].name)) continue;
        equal &= k < q->headers.len && same(p->headers.items[i].name, q->headers.items[k].name)
                 && same(p->headers.items[i].value, q->headers.items[k].value);
        k++;
    }
    return equal && k == q->headers.len;
}

/* The result of another run, read as that of a function in another language. */
static edgefn_str foreign;

static bool apply_foreign(edgefn_event *ev)
{
    return edgehost_runtime_apply(ev, foreign, true);
}

static bool is_nothing(edgefn_str name)
{
    (void)name;
    return false;
}

static void check_applied(run *r)
{
    run again;

    foreign = r->result;
    run_with(&again, r->json, NULL, apply_foreign, 0);
    /* an origin that was switched as a whole is written in another order, and without its unknown members */
    bool switched = edgefn_changed(&r->ev, EDGEFN_MEMBER_ORIGIN) != EDGEFN_CHANGE_NONE;
    /* a cookie of the event may have a control character, which the edited header keeps, but which no new value may have */
    bool kept =
        again.ev.err.code == EDGEFN_E_FIELD_VALUE && edgefn_str_contains(r->result, S("\x7f"));
    bool equal = switched ? did_same(r, &again, is_nothing) : same(again.result, r->result);
    if (!equal && !kept) violates("applied", again.result, r->json, r->result);
    run_end(&again);
}

static void check_trust(const model *m, const host_side *h, run *r)
{
    bool viewer = m->dialect == EDGEFN_DIALECT_LAMBDA
                  && (m->type == EDGEFN_VIEWER_REQUEST || m->type == EDGEFN_VIEWER_RESPONSE);
    bool proxy =
        edgefn_str_starts(m->ip, S("198.51.100.")) || edgefn_str_starts(m->ip, S("2001:db8:85a3:"));
    leave_out *out = viewer ? is_of_cloudfront : NULL;
    run without;

    if (!proxy) out = viewer ? is_of_either : is_forwarded_for;
    if (out == NULL || believes()) return;
    run_with(&without, event_json(m, EDGEFN_ABSENT, out), &h->env, recipe_run, 0);
    if (!did_same(r, &without, out)) violates("trust", without.result, r->json, r->result);
    run_end(&without);
}

/* Counts the fields of a form that have this decoded name. */
static unsigned fields_named(edgefn_str form, edgefn_str wanted)
{
    unsigned count = 0;
    edgefn_str name, value;
    while (edgefn_form_next(&form, &name, &value))
        count += edgefn_str_eq(edgefn_percent_decode(scratch_event(), name, true), wanted);
    return count;
}

static void check_form(const model *m, run *r)
{
    edgefn_str name, value, wrong = EDGEFN_ABSENT;
    bool trap = strcmp(recipe_name, "form_guard") == 0,
         few = strcmp(recipe_name, "form_fields") == 0,
         address = strcmp(recipe_name, "modify_form") == 0;

    if (!(trap || few || address) || !forwards(r) || !m->inside) return;
    if (!named[m->type][m->dialect == EDGEFN_DIALECT_LAMBDA]
        || edgefn_str_in(m->method, EDGEFN_STRS(S("GET"), S("HEAD"), S("OPTIONS"))))
        return;
    edgefn_str form = edgefn_body_decode(&r->ev, &r->ev.request.body);
    if (trap && fields_named(form, S("website")) > 0) wrong = S("website");
    if (address && fields_named(form, S("client_ip")) != 1) wrong = S("client_ip");
    for (edgefn_str rest = form; few && edgefn_form_next(&rest, &name, &value);) {
        name = kept(edgefn_percent_decode(scratch_event(), name, true));
        bool known =
            edgefn_str_in(name, EDGEFN_STRS(S("name"), S("email"), S("subject"), S("message")));
        if (!known || fields_named(form, name) != 1) wrong = name;
    }
    if (wrong.ptr != NULL) violates("form", wrong, r->json, form);
}

/*--- addresses --------------------------------------------------------------------------------------------------------*/

/* A path as a browser writes it: dot segments resolved, backslashes as '/', letters and digits decoded. */
static edgefn_str plain_path(edgefn_str path)
{
    char *p = (char *)slow_take(path.len + 2);
    size_t n = 0;

    for (size_t i = 0; i < path.len; i++) {
        unsigned value = 0;
        int used = 0;
        char c = path.ptr[i];
        char hex[3] = { i + 2 < path.len + 0 ? path.ptr[i + 1] : '\0', '\0', '\0' };
        if (i + 2 < path.len) hex[1] = path.ptr[i + 2];
        if (c == '%' && sscanf(hex, "%2x%n", &value, &used) == 1 && used == 2) {
            bool plain = (value | 32) >= 'a' && (value | 32) <= 'z';
            plain |= (value >= '0' && value <= '9') || strchr("-._~", (int)value) != NULL;
            if (plain && value != 0) c = (char)value, i += 2;
        }
        p[n++] = c == '\\' ? '/' : c;
    }
    slow_text t = slow_begin();
    size_t at = 0;
    while (at < n) { /* p[at] is the '/' of a segment */
        size_t end = at + 1;
        while (end < n && p[end] != '/')
            end++;
        edgefn_str segment = text_of(p + at, end - at);
        bool last = end == n, up = edgefn_str_eq(segment, S("/.."));
        if (up || edgefn_str_eq(segment, S("/."))) {
            while (up && t.len > 0 && t.ptr[--t.len] != '/')
                ;
            if (last) slow_puts(&t, "/");
        } else
            slow_put(&t, segment.ptr, segment.len);
        at = end;
    }
    if (t.len == 0) slow_puts(&t, "/");
    return slow_end(&t);
}

typedef struct address {
    edgefn_str scheme, host, path, query;
} address;

static edgefn_str address_text(const address *a)
{
    edgefn_str host = lower_of(a->host);
    if (edgefn_str_ends(host, S(":443")) && edgefn_str_eq(a->scheme, S("https")))
        host = edgefn_str_take(host, host.len - 4);
    edgefn_str path = plain_path(a->path);
    return textf("%.*s://%.*s%.*s?%.*s", EDGEFN_FMT(a->scheme), EDGEFN_FMT(host), EDGEFN_FMT(path),
                 EDGEFN_FMT(a->query));
}

/* The address that the viewer asked for, as far as the event tells. */
static address address_of(const model *m)
{
    address a = { S("https"), first_of(&m->headers, "host"), m->uri, query_text(m) };
    bool origin = m->type == EDGEFN_ORIGIN_REQUEST || m->type == EDGEFN_ORIGIN_RESPONSE;

    if (edgefn_str_eq(first_of(&m->headers, "cloudfront-forwarded-proto"), S("http")))
        a.scheme = S("http");
    if (origin && (a.host.len == 0 || edgefn_str_ieq(a.host, m->domain)))
        a.host = S("www.example.com");
    return a;
}

/* Where a Location leads to from an address. Returns: false if that is not a page of HTTP. */
static bool follow(edgefn_str location, address *a)
{
    edgefn_cut fragment = edgefn_str_cut(location, S("#")),
               query = edgefn_str_cut(fragment.head, S("?"));
    edgefn_str path = query.head;
    edgefn_url_parts url = edgefn_url_split(location);

    if (edgefn_str_starts(path, S("/")) && !edgefn_str_starts(path, S("//"))) {
        a->path = path;
    } else {
        if (!url.ok
            || !(edgefn_str_ieq(url.scheme, S("http")) || edgefn_str_ieq(url.scheme, S("https"))))
            return false;
        a->scheme = lower_of(url.scheme);
        a->host = url.port.len > 0 ? textf("%.*s:%.*s", EDGEFN_FMT(url.host), EDGEFN_FMT(url.port))
                                   : url.host;
        a->path = url.path.len > 0 ? url.path : S("/");
    }
    a->query = query.tail.ptr != NULL ? query.tail : S("");
    return true;
}

/* The Location of an answer that the recipe made; absent if it made none. */
static edgefn_str location_of(const run *r, const model *m)
{
    uint32_t status = r->ev.response.status;
    edgefn_str to = edgefn_get(&r->ev.response.headers, S("location"));
    bool answer = edgefn_is_request(&r->ev) || !same(to, first_of(&m->response, "location"));

    return r->result.ptr != NULL && answer && status >= 301 && status <= 308 && status != 304
               ? to
               : EDGEFN_ABSENT;
}

/* Makes the event of a viewer who follows a redirect. */
static void go_to(model *m, const address *a)
{
    bool host = false;
    for (size_t i = 0; i < m->headers.count; i++) {
        edgefn_pair *h = &m->headers.of[i];
        if (edgefn_str_ieq(h->from, S("host"))) h->to = a->host, host = true;
        if (edgefn_str_ieq(h->from, S("cloudfront-forwarded-proto"))) h->to = a->scheme;
    }
    if (!host) put_field(&m->headers, S("host"), a->host);
    m->uri = a->path;
    m->query.count = 0;
    for (edgefn_str rest = a->query; rest.len > 0;) {
        edgefn_cut one = edgefn_str_cut(rest, S("&")), value = edgefn_str_cut(one.head, S("="));
        rest = one.tail;
        put_field(&m->query, value.head, value.tail);
    }
}

static void check_redirects(const model *m, const host_side *h, const run *r)
{
    model at = *m;
    address here = address_of(m);
    edgefn_str seen[8], to = kept(location_of(r, m));

    if (location_of(r, m).ptr == NULL) return;
    for (size_t hops = 0;; hops++) {
        if (hops == COUNT(seen)) {
            violates("redirects", seen[7], r->json, r->result);
            return;
        }
        seen[hops] = address_text(&here);
        if (!follow(to, &here)) return;
        edgefn_str there = address_text(&here);
        for (size_t i = 0; i <= hops; i++) {
            if (!same(seen[i], there)) continue;
            violates(hops == 0 ? "own-url" : "redirects", there, r->json, r->result);
            return;
        }
        go_to(&at, &here);
        run next;
        run_with(&next, event_json(&at, EDGEFN_ABSENT, NULL), &h->env, recipe_run, 0);
        bool more = location_of(&next, &at).ptr != NULL;
        if (more) to = kept(location_of(&next, &at));
        run_end(&next);
        if (!more) return;
    }
}

static void check_again(const model *m, const host_side *h, const run *r)
{
    if (!forwards(r)) return;
    run again;
    run_with(&again, event_json(m, r->result, NULL), &h->env, recipe_run, 0);
    bool known = again.ev.err.code == EDGEFN_OK || again.ev.err.code == EDGEFN_E_ENVIRONMENT;
    for (size_t i = 0; i < COUNT(may_fail); i++)
        known |=
            strcmp(may_fail[i].recipe, recipe_name) == 0 && may_fail[i].code == again.ev.err.code;
    if (!known) {
        char line[400];
        violates("again", text_of(line, edgefn_describe(&again.ev, line, sizeof line)), r->json,
                 r->result);
    }
    address here = address_of(m), there = here;
    edgefn_str to = edgefn_is_request(&again.ev) ? location_of(&again, m) : EDGEFN_ABSENT;
    if (to.ptr != NULL && follow(to, &there) && same(address_text(&here), address_text(&there)))
        violates("again", to, r->json, r->result);
    run_end(&again);
}

/*--- all events of a recipe -------------------------------------------------------------------------------------------*/

/* Reads which events a line "Events:" names: clauses with ';' between them, up to the first full stop. */
static void read_events(void)
{
    static const edgefn_event_type types[] = { EDGEFN_VIEWER_REQUEST, EDGEFN_ORIGIN_REQUEST,
                                               EDGEFN_ORIGIN_RESPONSE, EDGEFN_VIEWER_RESPONSE };
    edgefn_str line = edgefn_str_cut(recipe_words.comment, S(" Events: ")).tail;
    edgefn_str rest = edgefn_str_cut(edgefn_str_cut(line, S("Change: ")).head, S(". ")).head;

    memset(named, 0, sizeof named);
    while (rest.len > 0) {
        edgefn_cut clause = edgefn_str_cut(rest, S(";"));
        edgefn_str text = clause.head;
        rest = clause.tail;
        bool lambda = edgefn_str_contains(text, S("Lambda@Edge"));
        bool functions = edgefn_str_contains(text, S("CloudFront Functions"));
        if (!lambda && !functions) lambda = functions = true;
        for (size_t i = 0; i < COUNT(types); i++) {
            bool response = !is_request_type(types[i]);
            bool is = edgefn_str_contains(text, edgefn_cstr(edgefn_event_type_name(types[i])))
                      || edgefn_str_contains(text, S("all six"))
                      || (response
                          && (edgefn_str_contains(text, S("response events"))
                              || edgefn_str_contains(text, S("every response"))));
            named[types[i]][1] |= is && lambda;
            named[types[i]][0] |= is && functions;
        }
    }
}

/* One event in three is of a type that the recipe does not name, if there is one. */
static void make_type(model *m)
{
    static const edgefn_event_type types[] = { EDGEFN_VIEWER_REQUEST, EDGEFN_ORIGIN_REQUEST,
                                               EDGEFN_ORIGIN_RESPONSE, EDGEFN_VIEWER_RESPONSE };
    for (int i = 0; i < 20; i++) {
        m->type = PICK(types);
        m->dialect = one_in(2) ? EDGEFN_DIALECT_LAMBDA : EDGEFN_DIALECT_FUNCTIONS;
        if (m->type == EDGEFN_ORIGIN_REQUEST || m->type == EDGEFN_ORIGIN_RESPONSE)
            m->dialect = EDGEFN_DIALECT_LAMBDA;
        if (named[m->type][m->dialect == EDGEFN_DIALECT_LAMBDA] || one_in(12)) return;
    }
}

static void make_event(model *m, host_side *h)
{
    aim *guard = aim_of(recipe_name);
    const char *header = identity_of(recipe_name);

    memset(m, 0, sizeof *m);
    odd_dress(); /* unusual JSON in one event of three: the reader has its own tests */
    if (!one_in(3)) odd_space = odd_escapes = odd_order = odd_members = false;
    make_type(m);
    make_host(h);
    make_request(m);
    if (guard != NULL && !one_in(4)) guard(m, one_in(3));
    if (one_in(3)) aim_seed(m, recipe_name);
    make_noise(m);
    if (header != NULL && !one_in(3)) {
        char *spelled = (char *)slow_take(strlen(header) + 1);
        memcpy(spelled, header, strlen(header) + 1);
        for (char *c = spelled; *c != '\0'; c++)
            if (*c == '-' && one_in(4)) *c = "_.~!"[rnd(4)];
        put_field(&m->headers, odd_case(edgefn_cstr(spelled)), S(MARK));
    }
    for (size_t i = 0; m->inside && i < m->cookies.count;
         i++) { /* noise may open what a cookie opens */
        edgefn_pair c = m->cookies.of[i];
        if (strcmp(recipe_name, "oauth_start") == 0
            || strcmp(recipe_name, "sign_in_elsewhere") == 0)
            m->valid |= c.to.len > 0
                        && edgefn_str_in(c.from, EDGEFN_STRS(S("session-id"), S("__Host-session")));
    }
}

/* An event of before, run again: what came in between must not matter. */
static struct {
    host_side host;
    edgefn_str json, result;
} earlier;

static void check_earlier(void)
{
    run again;
    if (earlier.json.ptr == NULL) return;
    earlier.host.env.user = &earlier.host;
    run_with(&again, earlier.json, &earlier.host.env, recipe_run, 0x55);
    if (!same(again.result, earlier.result))
        violates("state", again.result, earlier.json, earlier.result);
    run_end(&again);
    free((char *)earlier.json.ptr);
    free((char *)earlier.result.ptr);
    memset(&earlier, 0, sizeof earlier);
}

static void keep_earlier(const host_side *h, const run *r)
{
    check_earlier();
    earlier.host = *h;
    earlier.json = fuzz_copy(r->json.ptr, r->json.len);
    if (r->result.ptr != NULL) earlier.result = fuzz_copy(r->result.ptr, r->result.len);
}

static void check_event(const model *m, host_side *h, unsigned passed[2])
{
    edgefn_str json = event_json(m, EDGEFN_ABSENT, NULL);
    run one, two;

    run_with(&one, json, &h->env, recipe_run, 0x00);
    if (one.ev.type == EDGEFN_EVENT_TYPE_NONE) { /* the reader refuses it */
        count_reason("not an event");
        run_end(&one);
        return;
    }
    run_with(&two, json, &h->env, recipe_run, 0xff);
    if (!same(one.result, two.result)) violates("state", two.result, json, one.result);
    run_end(&two);
    if (one_in(4)) keep_earlier(h, &one);
    check_guard(m, h, &one, passed);
    check_identity(m, &one);
    check_form(m, &one);
    if (one.result.ptr == NULL) {
        check_failure(&one, h);
    } else {
        check_accepted(&one);
        check_redirects(m, h, &one);
        check_again(m, h, &one);
        if (!odd_space && !odd_escapes && !odd_order && !odd_members) check_trust(m, h, &one);
    }
    run_end(&one);
}

/* A function in another language may only have sorted the cookies. */
TEST(order_of_a_foreign_result)
{
    static const char before[] =
        "{\"version\":\"1.0\",\"context\":{\"eventType\":\"viewer-request\"},\"viewer\":{\"ip\":"
        "\"192.0.2.1\"},\"request\":{\"method\":\"GET\",\"uri\":\"/\",\"cookies\":{\"b\":{\"value\":"
        "\"1\"},\"a\":{\"value\":\"2\"}}}}";
    static const char after[] = "{\"method\":\"GET\",\"uri\":\"/\",\"cookies\":{\"a\":{\"value\":"
                                "\"2\"},\"b\":{\"value\":\"1\"}}}";
    edgefn_event ev;

    CHECK(edgefn_parse(&ev, edgefn_cstr(before), arena_new(65536), NULL) == EDGEFN_OK);
    CHECK(edgehost_runtime_apply(&ev, edgefn_cstr(after), true));
    CHECK_STR(edgefn_finish(&ev, NULL), edgefn_cstr(after));
}

TEST(all_recipes)
{
    size_t rounds = test_deep() ? 10000 : 500;
    const char *only = getenv("RECIPE");
    for (size_t i = 0; i < COUNT(recipes); i++) {
        unsigned passed[2] = { 0, 0 };
        if (only != NULL && strcmp(only, recipes[i].name) != 0) continue;
        uint64_t seed = edgefn_hash(textf("%llu", (unsigned long long)test_seed()),
                                    edgefn_cstr(recipes[i].name));
        recipe_name = recipes[i].name, recipe_run = recipes[i].run;
        ROW("%s", recipe_name);
        slow_used = 0;
        broken_count = 0, acted = 0;
        memset(broken, 0, sizeof broken);
        slow_state = seed | 1;
        words_of(recipe_name);
        read_events();
        bool acts = strcmp(recipe_name, "pass") != 0 && strcmp(recipe_name, "read_form") != 0;
        /* some recipes act on few events: then as many as in test-deep */
        for (size_t n = 0; n < rounds || (acts && acted == 0 && n < 10000); n++) {
            model m;
            host_side h;
            slow_used = 0;
            make_event(&m, &h);
            check_event(&m, &h, passed);
        }
        check_earlier();
        if (aim_of(recipe_name) != NULL && !CHECK(passed[0] > 0 && passed[1] > 0))
            printf("    refused %u, let through %u: the events do not test the guard\n", passed[0],
                   passed[1]);
        if (acts && !CHECK(acted > 0)) printf("    no event makes the recipe act\n");
        for (size_t k = 0; k < broken_count; k++)
            printf("    %s: %s: %u of %zu events\n", recipe_name, broken[k].property,
                   broken[k].count, rounds);
    }
    for (size_t i = 0; test_deep() && i < reasons_count; i++)
        printf("%-26s %-24s %6u of %zu\n", reasons[i].recipe, reasons[i].why, reasons[i].count,
               rounds);
}
