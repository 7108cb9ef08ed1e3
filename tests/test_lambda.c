/* Lambda@Edge events: each member of each event type parsed, and broken in every way. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include "schema.h"
/* clang-format off: tables with aligned columns */

#ifdef EDGEFN_NO_FUNCTIONS
#  define FUNCTIONS_READ EDGEFN_E_DIALECT
#else
#  define FUNCTIONS_READ EDGEFN_OK
#endif

#define CONFIG(type)                                                                               \
  { "root", "Records", "[@record]", "a", 'R' },                                                    \
      { "record", "cf", "@cf", "o", 'R' }, /* events of queues and buckets also have Records */    \
      { "cf", "config", "@config", "o", '!' },                                                     \
      { "config", "distributionDomainName", "'d111111abcdef8.cloudfront.net'", "s", 0 },           \
      { "config", "distributionId", "'EDFDVBD6EXAMPLE'", "s", 0 },                                 \
      { "config", "eventType", "'" type "'", "s", '!' },                                           \
  {                                                                                                \
    "config", "requestId", "'4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ=='", "s", 0   \
  }

#define REQUEST(headers)                                                                           \
  { "cf", "request", "@request", "o", '!' }, { "request", "clientIp", "'2001:db8::7'", "s", 0 },   \
      { "request", "headers", "@map_headers", "o", 0 },                                            \
      { "map_headers", "host", "[@host]", "a", 0 }, { "host", "key", "'Host'", "s", 0 },           \
      { "host", "value", "'www.example.com'", "s", '!' },                                          \
      { "map_headers", "x-two", "[@two1,@two2]", "a", 0 }, { "two1", "key", "'X-Two'", "s", 0 },   \
      { "two1", "value", "'one'", "s", '!' }, { "two2", "key", "'x-TWO'", "s", 0 },                \
      { "two2", "value", "'two'", "s", '!' }, { "map_headers", "cookie", "[@cookie]", "a", 0 },    \
      { "cookie", "value", "'a=1; b=2'", "s", '!' }, { "request", "method", "'GET'", "s", '!' },   \
      { "request", "querystring", "'a=1&b=%20x'", "s", 0 },                                        \
  {                                                                                                \
    "request", "uri", "'/form'", "s", '!'                                                          \
  }

#define BODY                                                                                       \
  { "request", "body", "@body", "o", 0 }, { "body", "action", "'read-only'", "s", 0 },             \
      { "body", "data", "'bmFtZT1i'", "s", 0 }, { "body", "encoding", "'base64'", "s", 0 },        \
  {                                                                                                \
    "body", "inputTruncated", "false", "b", 0                                                      \
  }

#define CUSTOM                                                                                     \
  { "request", "origin", "@origin", "o", 0 }, { "origin", "custom", "@custom", "o", 0 },           \
      { "custom", "customHeaders", "@map_custom", "o", 0 },                                        \
      { "map_custom", "x-key", "[@secret]", "a", 0 }, { "secret", "key", "'X-Key'", "s", 0 },      \
      { "secret", "value", "'s3cr3t'", "s", '!' },                                                 \
      { "custom", "domainName", "'app.example.org'", "s", 0 },                                     \
      { "custom", "keepaliveTimeout", "5", "n", 0 }, { "custom", "path", "'/v2'", "s", 0 },        \
      { "custom", "port", "8443", "n", 0 }, { "custom", "protocol", "'https'", "s", 0 },           \
      { "custom", "readTimeout", "30", "n", 0 },                                                   \
      { "custom", "responseCompletionTimeout", "60", "n", 0 },                                     \
  {                                                                                                \
    "custom", "sslProtocols", "['TLSv1.1','TLSv1.2']", "a", 0                                      \
  }

#define S3                                                                                         \
  { "request", "origin", "@origin", "o", 0 }, { "origin", "s3", "@s3", "o", 0 },                   \
      { "s3", "authMethod", "'origin-access-identity'", "s", 0 },                                  \
      { "s3", "customHeaders", "@map_custom", "o", 0 },                                            \
      { "map_custom", "x-key", "[@secret]", "a", 0 }, { "secret", "key", "'X-Key'", "s", 0 },      \
      { "secret", "value", "'s3cr3t'", "s", '!' },                                                 \
      { "s3", "domainName", "'b.s3.eu-west-1.amazonaws.com'", "s", 0 },                            \
      { "s3", "path", "''", "s", 0 }, { "s3", "region", "'eu-west-1'", "s", 0 },                   \
      { "s3", "readTimeout", "20", "n", 0 },                                                       \
  {                                                                                                \
    "s3", "responseCompletionTimeout", "40", "n", 0                                                \
  }

#define RESPONSE                                                                                   \
  { "cf", "response", "@response", "o", '!' }, { "response", "headers", "@map_rheaders", "o", 0 }, \
      { "map_rheaders", "content-type", "[@ctype]", "a", 0 },                                      \
      { "ctype", "key", "'Content-Type'", "s", 0 }, { "ctype", "value", "'text/html'", "s", '!' }, \
      { "map_rheaders", "set-cookie", "[@sc1,@sc2]", "a", 0 },                                     \
      { "sc1", "key", "'Set-Cookie'", "s", 0 }, { "sc1", "value", "'a=1; Path=/'", "s", '!' },     \
      { "sc2", "key", "'Set-Cookie'", "s", 0 }, { "sc2", "value", "'b=2'", "s", '!' },             \
      { "response", "status", "'404'", "sn", '!' },                                                \
  {                                                                                                \
    "response", "statusDescription", "'Not Found'", "s", 0                                         \
  }

static const member viewer_request[] = { CONFIG("viewer-request"), BODY, REQUEST() };
static const member origin_request[] = { CONFIG("origin-request"), BODY, REQUEST(), CUSTOM };
static const member origin_request_s3[] = { CONFIG("origin-request"), REQUEST(), S3 };
static const member origin_response[] = { CONFIG("origin-response"), REQUEST(), CUSTOM, RESPONSE };
static const member viewer_response[] = { CONFIG("viewer-response"), REQUEST(), RESPONSE };

TEST(viewer_request_broken)
{
    break_everything("viewer-request", viewer_request, COUNT(viewer_request));
}
TEST(origin_request_broken)
{
    break_everything("origin-request", origin_request, COUNT(origin_request));
}
TEST(origin_request_s3_broken)
{
    break_everything("origin-request, S3", origin_request_s3, COUNT(origin_request_s3));
}
TEST(origin_response_broken)
{
    break_everything("origin-response", origin_response, COUNT(origin_response));
}
TEST(viewer_response_broken)
{
    break_everything("viewer-response", viewer_response, COUNT(viewer_response));
}

/*--- what a handler sees ----------------------------------------------------------------------------------------------*/

static bool open_plan(edgefn_event *ev, const member *members, size_t count)
{
    plan p = { .members = members, .count = count, .space = "", .which = SIZE_MAX };
    bool ok = CHECK(build_and_parse(&p, ev));
    if (!ok) kit_why(ev);
    free(p.text);
    return ok;
}

static void check_config(const edgefn_event *ev, edgefn_event_type type, const char *name)
{
    CHECK(ev->dialect == EDGEFN_DIALECT_LAMBDA && ev->type == type && ev->err.code == EDGEFN_OK);
    CHECK(strcmp(edgefn_event_type_name(ev->type), name) == 0);
    CHECK_STR(ev->domain, "d111111abcdef8.cloudfront.net");
    CHECK_STR(ev->distribution_id, "EDFDVBD6EXAMPLE");
    CHECK_STR(ev->request_id, "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==");
    CHECK_STR(ev->version, NULL);
    CHECK(ev->env != NULL && !ev->env->has_random && ev->env->now_s == 0);
    CHECK(edgefn_is_request(ev)
          == (type == EDGEFN_VIEWER_REQUEST || type == EDGEFN_ORIGIN_REQUEST));
}

static void check_request(edgefn_event *ev)
{
    const edgefn_request *q = &ev->request;
    CHECK_STR(q->client_ip, "2001:db8::7");
    CHECK_STR(q->method, "GET");
    CHECK_STR(q->uri, "/form");
    CHECK_STR(q->querystring, "a=1&b=%20x");
    CHECK_STR(edgefn_query_text(ev), "a=1&b=%20x");
    CHECK_STR(edgefn_cstr(list_text(&q->headers)),
              "host=www.example.com, x-two=one, x-two=two, cookie=a=1; b=2");
    CHECK_STR(q->headers.items[0].key, "Host");
    CHECK_STR(q->headers.items[1].key, "X-Two");
    CHECK_STR(q->headers.items[2].key, "x-TWO");
    CHECK_STR(q->headers.items[3].key, NULL);
    CHECK_STR(edgefn_cstr(list_text(edgefn_query(ev))), "a=1, b=%20x");
    CHECK_STR(edgefn_cstr(list_text(edgefn_cookies(ev))), "a=1, b=2");
    CHECK_STR(edgefn_get(&q->headers, S("HOST")), "www.example.com");
    CHECK_NUM(edgefn_count(&q->headers, S("X-Two")), 2);
    CHECK_NUM(edgefn_find(&q->headers, S("x-two"), 2), 2);
    CHECK_NUM(edgefn_find(&q->headers, S("x-two"), 3), 4);
}

static void check_body(const edgefn_event *ev)
{
    CHECK_STR(ev->request.body.data, "bmFtZT1i");
    CHECK(ev->request.body.encoding == EDGEFN_ENCODING_BASE64 && !ev->request.body.truncated
          && !ev->request.body.replace);
}

static void check_response(edgefn_event *ev)
{
    CHECK_NUM(ev->response.status, 404);
    CHECK_STR(ev->response.status_text, "Not Found");
    CHECK_STR(edgefn_cstr(list_text(&ev->response.headers)),
              "content-type=text/html, set-cookie=a=1; Path=/, set-cookie=b=2");
    CHECK_STR(edgefn_cstr(list_text(edgefn_response_cookies(ev))), "a=1<Path=/>, b=2");
    CHECK_STR(ev->response.body.data, NULL);
}

static void check_custom(const edgefn_event *ev)
{
    const edgefn_origin *o = &ev->request.origin;
    CHECK(o->kind == EDGEFN_ORIGIN_CUSTOM && o->https);
    CHECK_STR(o->domain, "app.example.org");
    CHECK_STR(o->path, "/v2");
    CHECK_NUM(o->port, 8443);
    CHECK_NUM(o->keepalive_s, 5);
    CHECK_NUM(o->read_timeout_s, 30);
    CHECK_NUM(o->completion_timeout_s, 60);
    CHECK_NUM(o->tls, EDGEFN_TLS1_1 | EDGEFN_TLS1_2);
    CHECK_STR(o->region, NULL);
    CHECK_STR(o->auth_method, NULL);
    CHECK_STR(edgefn_cstr(list_text(&o->headers)), "x-key=s3cr3t");
    CHECK_STR(o->headers.items[0].key, "X-Key");
}

TEST(viewer_request_read)
{
    edgefn_event ev;
    if (!open_plan(&ev, viewer_request, COUNT(viewer_request))) return;
    check_config(&ev, EDGEFN_VIEWER_REQUEST, "viewer-request");
    check_request(&ev);
    check_body(&ev);
    CHECK(ev.request.origin.kind == EDGEFN_ORIGIN_NONE && ev.request.origin.headers.len == 0);
    CHECK(ev.response.status == 0 && ev.response.headers.len == 0);
}

TEST(origin_request_read)
{
    edgefn_event ev;
    if (!open_plan(&ev, origin_request, COUNT(origin_request))) return;
    check_config(&ev, EDGEFN_ORIGIN_REQUEST, "origin-request");
    check_request(&ev);
    check_body(&ev);
    check_custom(&ev);
    CHECK(ev.response.status == 0);
}

TEST(origin_request_s3_read)
{
    edgefn_event ev;
    if (!open_plan(&ev, origin_request_s3, COUNT(origin_request_s3))) return;
    check_config(&ev, EDGEFN_ORIGIN_REQUEST, "origin-request");
    check_request(&ev);
    const edgefn_origin *o = &ev.request.origin;
    CHECK(o->kind == EDGEFN_ORIGIN_S3);
    CHECK_STR(o->domain, "b.s3.eu-west-1.amazonaws.com");
    CHECK_STR(o->path, "");
    CHECK_STR(o->region, "eu-west-1");
    CHECK_STR(o->auth_method, "origin-access-identity");
    CHECK_NUM(o->read_timeout_s, 20);
    CHECK_NUM(o->completion_timeout_s, 40);
    CHECK(o->port == 0 && o->keepalive_s == 0 && o->tls == 0);
    CHECK_STR(edgefn_cstr(list_text(&o->headers)), "x-key=s3cr3t");
    CHECK_STR(ev.request.body.data, NULL);
}

TEST(origin_response_read)
{
    edgefn_event ev;
    if (!open_plan(&ev, origin_response, COUNT(origin_response))) return;
    check_config(&ev, EDGEFN_ORIGIN_RESPONSE, "origin-response");
    check_request(&ev);
    check_custom(&ev);
    check_response(&ev);
}

TEST(viewer_response_read)
{
    edgefn_event ev;
    if (!open_plan(&ev, viewer_response, COUNT(viewer_response))) return;
    check_config(&ev, EDGEFN_VIEWER_RESPONSE, "viewer-response");
    check_request(&ev);
    check_response(&ev);
    CHECK(ev.request.origin.kind == EDGEFN_ORIGIN_NONE);
}

/* Members that the handler did not edit have the change mark KEPT. */
TEST(members_kept)
{
    edgefn_event ev;
    if (!open_plan(&ev, origin_response, COUNT(origin_response))) return;
    for (int m = 0; m < EDGEFN_MEMBER_COUNT; m++) {
        ROW("member %d", m);
        CHECK_NUM(edgefn_changed(&ev, (edgefn_member)m), EDGEFN_CHANGE_NONE);
        CHECK(edgefn_member_name(&ev, (edgefn_member)m)[0] != 0);
    }
    CHECK(edgefn_member_name(&ev, EDGEFN_MEMBER_COUNT)[0] == 0);
}

TEST(member_names)
{
    static const struct {
        edgefn_member member;
        const char *name;
    } rows[] = {
        { EDGEFN_MEMBER_CLIENT_IP, "request.clientIp" },
        { EDGEFN_MEMBER_METHOD, "request.method" },
        { EDGEFN_MEMBER_URI, "request.uri" },
        { EDGEFN_MEMBER_QUERYSTRING, "request.querystring" },
        { EDGEFN_MEMBER_BODY_ACTION, "request.body.action" },
        { EDGEFN_MEMBER_BODY_ENCODING, "request.body.encoding" },
        { EDGEFN_MEMBER_BODY_DATA, "request.body.data" },
        { EDGEFN_MEMBER_ORIGIN, "request.origin" },
        { EDGEFN_MEMBER_ORIGIN_DOMAIN, "request.origin.custom.domainName" },
        { EDGEFN_MEMBER_ORIGIN_PATH, "request.origin.custom.path" },
        { EDGEFN_MEMBER_ORIGIN_PORT, "request.origin.custom.port" },
        { EDGEFN_MEMBER_ORIGIN_KEEPALIVE, "request.origin.custom.keepaliveTimeout" },
        { EDGEFN_MEMBER_ORIGIN_READ_TIMEOUT, "request.origin.custom.readTimeout" },
        { EDGEFN_MEMBER_ORIGIN_COMPLETION_TIMEOUT,
          "request.origin.custom.responseCompletionTimeout" },
        { EDGEFN_MEMBER_ORIGIN_PROTOCOL, "request.origin.custom.protocol" },
        { EDGEFN_MEMBER_ORIGIN_TLS, "request.origin.custom.sslProtocols" },
        { EDGEFN_MEMBER_STATUS, "response.status" },
        { EDGEFN_MEMBER_STATUS_TEXT, "response.statusDescription" },
        { EDGEFN_MEMBER_RESPONSE_BODY, "response.body" },
        { EDGEFN_MEMBER_RESPONSE_BODY_ENCODING, "response.bodyEncoding" },
    };
    edgefn_event ev;
    if (!open_plan(&ev, origin_response, COUNT(origin_response))) return;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].name);
        CHECK_STR(edgefn_cstr(edgefn_member_name(&ev, rows[i].member)), rows[i].name);
    }
}

/*--- variants that are accepted ---------------------------------------------------------------------------------------*/

TEST(minimal_events)
{
    static const struct {
        const char *json;
        edgefn_event_type type;
    } rows[] = {
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}}]}",
          EDGEFN_VIEWER_REQUEST },
        { "{'Records':[{'cf':{'request':{'uri':'/','method':'GET'},'config':{'eventType':'origin-request'}}}]}",
          EDGEFN_ORIGIN_REQUEST },
        { "{'Records':[{'cf':{'response':{'status':'200'},'request':{'uri':'/','method':'GET'},'config':{'eventType':'origin-response'}}}]}",
          EDGEFN_ORIGIN_RESPONSE },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-response'},'request':{'method':'GET','uri':'/'},'response':{'status':200}}}]}",
          EDGEFN_VIEWER_RESPONSE },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer`u002drequest'},'request':{'method':'GET','uri':'`/'}}}]}",
          EDGEFN_VIEWER_REQUEST },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].json);
        edgefn_event ev;
        if (!OPEN(&ev, js(rows[i].json))) continue;
        CHECK(ev.type == rows[i].type);
        CHECK_STR(ev.request.method, "GET");
        CHECK_STR(ev.request.uri, "/");
        CHECK(!ev.domain.ptr && !ev.distribution_id.ptr && !ev.request_id.ptr
              && !ev.request.client_ip.ptr && !ev.request.querystring.ptr);
        CHECK_STR(edgefn_query_text(&ev), "");
        CHECK(ev.request.headers.len == 0 && edgefn_query(&ev)->len == 0
              && edgefn_cookies(&ev)->len == 0 && edgefn_response_cookies(&ev)->len == 0);
        CHECK(!edgefn_get(&ev.request.headers, S("host")).ptr
              && !edgefn_has(&ev.request.headers, S("host")));
        CHECK_NUM(ev.response.status, ev.type >= EDGEFN_ORIGIN_RESPONSE ? 200 : 0);
        UNTOUCHED(&ev);
    }
}

/* Several records: the first is the event; the others must be JSON and are otherwise ignored. */
TEST(records)
{
    static const char *const rest[] = {
        "",
        ",{}",
        ",null",
        ",7,[],'x'",
        ",{'cf':{'config':{'eventType':null},'request':7}}",
        ",{'cf':1,'cf':2}",
        ",{'cf':{'config':{'eventType':'origin-request'},'request':{'method':'PUT','uri':'/other'}}}"
    };
    for (size_t i = 0; i < COUNT(rest); i++) {
        ROW("%s", rest[i]);
        edgefn_event ev;
        if (!OPEN(
                &ev,
                frame(
                    "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/first'}}}@]}",
                    rest[i], NULL)))
            continue;
        CHECK_STR(ev.request.uri, "/first");
        CHECK_STR(edgefn_passthrough(&ev), js("{'method':'GET','uri':'/first'}"));
        UNTOUCHED(&ev);
    }
}

TEST(dialect_option)
{
    static const struct {
        const char *frame;
        edgefn_dialect dialect;
        edgefn_error code;
    } rows[] = {
        { L_VREQ, EDGEFN_DIALECT_NONE, EDGEFN_OK },
        { L_VREQ, EDGEFN_DIALECT_LAMBDA, EDGEFN_OK },
        { L_VREQ, EDGEFN_DIALECT_FUNCTIONS, EDGEFN_E_NOT_AN_EVENT },
        { F_VREQ, EDGEFN_DIALECT_NONE, FUNCTIONS_READ },
        { F_VREQ, EDGEFN_DIALECT_FUNCTIONS, FUNCTIONS_READ },
        { F_VREQ, EDGEFN_DIALECT_LAMBDA, EDGEFN_E_NOT_AN_EVENT },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("row %zu", i);
        edgefn_event ev;
        edgefn_str json = frame(rows[i].frame, "{'method':'GET','uri':'/'}", NULL);
        edgefn_parse_opts opts = { .dialect = rows[i].dialect };
        CHECK_NUM(edgefn_parse(&ev, json, arena_new(4096), &opts), rows[i].code);
        CHECK_NUM(ev.err.code, rows[i].code);
        if (rows[i].code == EDGEFN_E_NOT_AN_EVENT) CHECK_NUM(ev.err.pos, 0);
    }
}

TEST(environment)
{
    static const edgefn_env env = { .now_s = 1700000000, .random = 0x12345678, .has_random = true };
    edgefn_parse_opts opts = { .env = &env };
    edgefn_event ev;
    uint32_t draw = 1;
    edgefn_str json = frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL);
    CHECK_NUM(edgefn_parse(&ev, json, arena_new(4096), &opts), EDGEFN_OK);
    CHECK(ev.env == &env);
    CHECK(edgefn_draw(&ev, &draw) && draw == 0x12345678);
    CHECK(edgefn_draw(&ev, &draw) && draw == 0x12345678);
    if (!OPEN(&ev, json)) return;
    CHECK(!edgefn_draw(&ev, &draw));
    CHECK_ERR(&ev, EDGEFN_E_ENVIRONMENT, NOWHERE);
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
}

TEST(random_bytes)
{
    static const edgefn_env env = { .has_random_bytes = true,
                                    .random_bytes = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
                                                      14, 15 } };
    edgefn_parse_opts opts = { .env = &env };
    edgefn_event ev;
    unsigned char bytes[16];
    edgefn_str json = frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL);
    CHECK_NUM(edgefn_parse(&ev, json, arena_new(8192), &opts), EDGEFN_OK);
    for (int i = 0; i < 2; i++)
        CHECK(edgefn_random(&ev, bytes) && memcmp(bytes, env.random_bytes, 16) == 0);
    ROW("texts for each purpose, computed with another implementation");
    for (int i = 0; i < 2; i++) {
        CHECK_STR(edgefn_random_text(&ev, S("state")),
                  "rwImfmuzbDXpWUj5T4oqFqvF4fDbJESYRFhPdEoAX20");
        CHECK_STR(edgefn_random_text(&ev, S("session")),
                  "rdnH2gYtNRl_8qrtFuluAl6LDqNK-2utGPwU35_0TXA");
        CHECK_STR(edgefn_random_text(&ev, S("")), "B-_4sya3eYycz8vb5XlImseFp5laBGGLGigTwmdEd30");
        CHECK_STR(edgefn_random_text(&ev, (edgefn_str){ NULL, 0 }),
                  "B-_4sya3eYycz8vb5XlImseFp5laBGGLGigTwmdEd30");
    }
    CHECK_ERR(&ev, EDGEFN_OK, 0);
    ROW("no memory");
    ev.arena.cap = ev.arena.used + 42;
    CHECK(edgefn_random_text(&ev, S("state")).ptr == NULL);
    CHECK_ERR(&ev, EDGEFN_E_OOM, NOWHERE);
    for (int text = 0; text < 2; text++) {
        ROW("no random bytes; a draw does not replace them: %d", text);
        static const edgefn_env draw = { .random = 7, .has_random = true };
        opts.env = &draw;
        CHECK_NUM(edgefn_parse(&ev, json, arena_new(8192), &opts), EDGEFN_OK);
        memset(bytes, 1, sizeof bytes);
        if (text)
            CHECK(edgefn_random_text(&ev, S("state")).ptr == NULL);
        else
            CHECK(!edgefn_random(&ev, bytes) && !memcmp(bytes, (char[16]){ 0 }, 16));
        CHECK_ERR(&ev, EDGEFN_E_ENVIRONMENT, NOWHERE);
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    }
}

TEST(status_variants)
{
    static const struct {
        const char *text, *caret;
        edgefn_error code;
        uint32_t status;
    } rows[] = {
        { "'200'", "", EDGEFN_OK, 200 },           { "200", "", EDGEFN_OK, 200 },
        { "'404'", "", EDGEFN_OK, 404 },           { "599", "", EDGEFN_OK, 599 },
        { "'2`u00300'", "", EDGEFN_OK, 200 },      { "null", "^", EDGEFN_E_TYPE, 0 },
        { "true", "^", EDGEFN_E_TYPE, 0 },         { "[200]", "^", EDGEFN_E_TYPE, 0 },
        { "{}", "^", EDGEFN_E_TYPE, 0 },           { "'abc'", "^", EDGEFN_E_RANGE, 0 },
        { "''", "^", EDGEFN_E_RANGE, 0 },          { "'-1'", "^", EDGEFN_E_RANGE, 0 },
        { "-1", "^", EDGEFN_E_RANGE, 0 },          { "200.5", "^", EDGEFN_E_RANGE, 0 },
        { "99999999999", "^", EDGEFN_E_RANGE, 0 }, { "'4294967496'", "^", EDGEFN_E_RANGE, 0 },
        { "4294967496", "^", EDGEFN_E_RANGE, 0 },  { "0", "^", EDGEFN_E_RANGE, 0 },
        { "' 200'", "^", EDGEFN_E_RANGE, 0 },      { "'200 '", "^", EDGEFN_E_RANGE, 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].text);
        size_t at;
        edgefn_event ev;
        edgefn_str json = frame(
            L_HEAD(
                "origin-response") "'request':{'method':'GET','uri':'/'},'response':{'status':@}}}]}",
            rows[i].text, &at);
        edgefn_parse(&ev, json, arena_new(4096), NULL);
        if (rows[i].code) {
            CHECK_ERR(&ev, rows[i].code, at);
            continue;
        }
        CHECK_NUM(ev.err.code, EDGEFN_OK);
        CHECK_NUM(ev.response.status, rows[i].status);
        UNTOUCHED(&ev); /* a number is written as a number */
    }
}

TEST(numbers)
{
    static const struct {
        const char *text;
        edgefn_error code;
        uint32_t value;
    } rows[] = {
        { "0", EDGEFN_OK, 0 },
        { "1", EDGEFN_OK, 1 },
        { "65535", EDGEFN_OK, 65535 },
        { "70000", EDGEFN_OK, 70000 },
        { "4294967295", EDGEFN_OK, UINT32_MAX },
        { "4294967296", EDGEFN_E_RANGE, 0 },
        { "18446744073709551617", EDGEFN_E_RANGE, 0 },
        { "-1", EDGEFN_E_RANGE, 0 },
        { "1.5", EDGEFN_E_RANGE, 0 },
        { "'80'", EDGEFN_E_TYPE, 0 },
    };
    static const char *const members[] = { "port", "keepaliveTimeout", "readTimeout",
                                           "responseCompletionTimeout" };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t k = 0; k < COUNT(members); k++) {
            ROW("%s: %s", members[k], rows[i].text);
            size_t at;
            edgefn_event ev;
            char text[200];
            snprintf(
                text, sizeof text,
                "{'method':'GET','uri':'/','origin':{'custom':{'domainName':'a.example','%s':@}}}}}]}",
                members[k]);
            char whole[400];
            snprintf(whole, sizeof whole, "%s'request':%s", L_HEAD("origin-request"), text);
            edgefn_parse(&ev, frame(whole, rows[i].text, &at), arena_new(4096), NULL);
            if (rows[i].code) {
                CHECK_ERR(&ev, rows[i].code, at);
                continue;
            }
            CHECK_NUM(ev.err.code, EDGEFN_OK);
            const edgefn_origin *o = &ev.request.origin;
            uint32_t got[] = { o->port, o->keepalive_s, o->read_timeout_s,
                               o->completion_timeout_s };
            CHECK_NUM(got[k], rows[i].value);
            UNTOUCHED(&ev);
        }
}

TEST(bodies)
{
    static const struct {
        const char *body, *data;
        edgefn_encoding encoding;
        bool truncated, replace;
    } rows[] = {
        { "{}", NULL, EDGEFN_ENCODING_DEFAULT, false, false },
        { "{'action':'read-only','data':'','encoding':'base64','inputTruncated':false}", "",
          EDGEFN_ENCODING_BASE64, false, false },
        { "{'action':'read-only','data':'YQ==','encoding':'base64','inputTruncated':true}",
          "YQ==", EDGEFN_ENCODING_BASE64, true, false },
        { "{'action':'replace','data':'a`nb','encoding':'text','inputTruncated':false}", "a\nb",
          EDGEFN_ENCODING_TEXT, false, true },
        { "{'data':'YQ==','encoding':'base64'}", "YQ==", EDGEFN_ENCODING_BASE64, false, false },
        { "{'inputTruncated':true,'encoding':'base64','data':'','action':'read-only'}", "",
          EDGEFN_ENCODING_BASE64, true, false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].body);
        edgefn_event ev;
        if (!OPEN(
                &ev,
                frame(L_HEAD("viewer-request") "'request':{'method':'POST','uri':'/','body':@}}}]}",
                      rows[i].body, NULL)))
            continue;
        CHECK_STR(ev.request.body.data, rows[i].data);
        if (rows[i].data) CHECK_NUM(ev.request.body.encoding, rows[i].encoding);
        CHECK(ev.request.body.truncated == rows[i].truncated
              && ev.request.body.replace == rows[i].replace);
        UNTOUCHED(&ev);
    }
}

TEST(header_variants)
{
    static const struct {
        const char *headers, *list, *keys;
    } rows[] = {
        { "{}", "", "" },
        { "{'a':[]}", "", "" },
        { "{'a':[],'b':[{'value':'1'}],'c':[ ]}", "b=1", "-" },
        { "{'a':[{'key':'A','value':'1'}]}", "a=1", "A" },
        { "{'a':[{'value':'1','key':'A'}]}", "a=1", "A" },
        { "{'a':[{'value':'1'}]}", "a=1", "-" },
        { "{'a':[{'key':'','value':''}]}", "a=", "" },
        { "{'A-b':[{'key':'A-b','value':'1'}]}", "a-b=1", "A-b" },
        { "{'a':[{'key':'other','value':'1'}]}", "a=1", "other" },
        { "{'a':[{'key':'A','value':'1'},{'value':'2'},{'key':'a','value':'3'}],'b':[{'key':'B','value':'4'}]}",
          "a=1, a=2, a=3, b=4", "A-aB" },
        { "{'`u0061':[{'`u006bey':'`u0041','va`u006cue':'`u0031'}]}", "a=1", "A" },
        { "{'\xC3\xA4':[{'value':'\xC3\xA4'}]}", "\xC3\xA4=\xC3\xA4", "-" },
        { "{'':[{'value':'x'}]}", "=x", "-" },
        { "{'a b':[{'value':'x`r`ny'}]}", "a b=x\r\ny", "-" },
        { " { 'a' : [ { 'key' : 'A' , 'value' : '1' } , { 'value' : '2' } ] } ", "a=1, a=2", "A-" },
        { "{'a':[{'key':'A','value':'1','more':{'x':[1]}}]}", "a=1", "A" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].headers);
        edgefn_event ev;
        if (!OPEN(
                &ev,
                frame(
                    L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/','headers':@}}}]}",
                    rows[i].headers, NULL)))
            continue;
        CHECK_STR(edgefn_cstr(list_text(&ev.request.headers)), rows[i].list);
        char keys[100] = "";
        for (size_t k = 0; k < ev.request.headers.len; k++) {
            edgefn_str key = ev.request.headers.items[k].key;
            snprintf(keys + strlen(keys), 20, "%.*s", EDGEFN_FMT(key.ptr ? key : S("-")));
        }
        CHECK_STR(edgefn_cstr(keys), rows[i].keys);
        UNTOUCHED(&ev);
    }
}

/* The parser compares some names as constants where they usually come first. Here they come
   after another member: with a comma, and without one. */
TEST(commas)
{
    static const char *const rows[] = {
        "{'Records':[{'cf':{'request':{'method':'GET','uri':'/'}@'config':{'eventType':'viewer-request'}}}]}",
        L_HEAD(
            "viewer-request") "'request':{'method':'GET','uri':'/'@'headers':{'a':[{'value':'1'}]}}}}]}",
        L_HEAD(
            "origin-response") "'request':{'method':'GET','uri':'/'},'response':{'status':'200'@'headers':{'a':[{'value':'1'}]}}}}]}",
        L_HEAD(
            "origin-request") "'request':{'method':'GET','uri':'/','origin':{'custom':{'domainName':'a.example'@'customHeaders':{'a':[{'value':'1'}]}}}}}}]}",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i]);
        edgefn_event ev;
        size_t at;
        if (OPEN(&ev, frame(rows[i], ",", NULL))) UNTOUCHED(&ev);
        edgefn_parse(&ev, frame(rows[i], "", &at), arena_new(8192), NULL);
        CHECK_ERR(&ev, EDGEFN_E_JSON_SYNTAX, at);
    }
}

/* Members of other event types are ignored: their types are checked, and they are kept. */
/* The last entry of a list that the text ends with, and names with several values. */
TEST(entries_at_the_end)
{
    static const struct {
        const char *headers, *list;
    } rows[] = {
        { "{'a':[{'key':'A','value':'b'}]}", "a=b" },
        { "{'a':[{'key':'A','value':''}]}", "a=" },
        { "{'a':[{'kez':'A','value':'b'}]}", "a=b" },
        { "{'a':[{'key':'A','valuf':'b','value':'c'}]}", "a=c" },
        { "{'a':[{'key':'A','value':'b'} ]}", "a=b" },
        { "{'a':[{'key':'A','value':'b'}],'b':[{'key':'B','value':'c'}]}", "a=b, b=c" },
        { "{'a':[{'key':'A','value':'b'},{'key':'a','value':'c'}]}", "a=b, a=c" },
        { "{'a':[{'key':'A','value':'b'},{'key':'a','value':'c'}],'b':[{'key':'B','value':'d'}]}",
          "a=b, a=c, b=d" },
        { "{'a':[{'key':'A','value':'b'},{'key':'a','value':'`'c`''},{'key':'a','value':'d'}],"
          "'b':[{'key':'B','value':'e'}],'c':[{'key':'C','value':'f'},{'key':'c','value':'g'}],"
          "'d':[{'key':'D','value':'h'}]}",
          "a=b, a=\"c\", a=d, b=e, c=f, c=g, d=h" },
        { "{'a':[{'key':'A','value':'b'},{'value':'c'}],'b':[{'key':'B','value':'d'}]}",
          "a=b, a=c, b=d" },
        { "{'a':[{'key':'A','value':'b'},{'key':'a','value':'c','x':1}],'b':[{'key':'B','value':'d'}]}",
          "a=b, a=c, b=d" },
        { "{'a':[{'key':'A','value':'b'},{'kez':'a','value':'c'}],'b':[{'key':'B','value':'d'}]}",
          "a=b, a=c, b=d" },
        { "{'a':[{'key':'A','value':'b'},{'key':'a','valuf':'c','value':'e'}],"
          "'b':[{'key':'B','value':'d'}]}",
          "a=b, a=e, b=d" },
        { "{'A':[{'key':'A','value':'b'},{'key':'a','value':'c'}],'b':[{'key':'B','value':'d'}]}",
          "a=b, a=c, b=d" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t end = 0; end < 2;
             end++) { /* at the end of the text, and before another member */
            edgefn_event ev;
            const char *const events[2] = {
                L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/','headers':@}}}]}",
                L_HEAD("viewer-request") "'request':{'headers':@,'method':'GET','uri':'/index'}}}]}"
            };
            ROW("%s, %zu", rows[i].headers, end);
            if (!OPEN(&ev, frame(events[end], rows[i].headers, NULL))) continue;
            CHECK_STR(edgefn_cstr(list_text(&ev.request.headers)), rows[i].list);
            CHECK(edgefn_set(&ev.request.headers, S("x-new"), S("1"))); /* written after the last */
            CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
        }
    }
}

TEST(members_of_other_event_types)
{
    static const struct {
        const char *frame, *part, *caret;
        edgefn_error code;
    } rows[] = {
        { L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/'},'response':@}}]}",
          "{'status':'403','headers':{'a':[{'value':'1'}]}}", "^", EDGEFN_OK },
        { L_HEAD("origin-request") "'request':{'method':'GET','uri':'/'},'response':@}}]}",
          "{'status':'403'}", "^", EDGEFN_OK },
        { L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/'},'response':@}}]}", "null",
          "^", EDGEFN_E_TYPE },
        { L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/','origin':@}}}]}",
          "{'custom':{'domainName':'a.example'}}", "^", EDGEFN_OK },
        { L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/','origin':@}}}]}", "[]", "^",
          EDGEFN_E_TYPE },
        { L_HEAD(
              "origin-response") "'request':{'method':'GET','uri':'/','body':@},'response':{'status':'200'}}}]}",
          "{'data':'','encoding':'base64'}", "^", EDGEFN_OK },
        { L_HEAD(
              "origin-response") "'request':{'method':'GET','uri':'/'},'response':{'status':'200','body':@}}}]}",
          "'a`nb'", "^", EDGEFN_OK },
        { L_HEAD(
              "origin-response") "'request':{'method':'GET','uri':'/'},'response':{'status':'200','body':@}}}]}",
          "null", "^", EDGEFN_E_TYPE },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s: %s", rows[i].frame, rows[i].part);
        size_t at;
        edgefn_event ev;
        edgefn_parse(&ev, frame(rows[i].frame, rows[i].part, &at), arena_new(8192), NULL);
        if (rows[i].code) {
            CHECK_ERR(&ev, rows[i].code, at);
            continue;
        }
        if (!CHECK_NUM(ev.err.code, EDGEFN_OK)) {
            kit_why(&ev);
            continue;
        }
        CHECK_NUM(ev.response.status, edgefn_is_request(&ev) ? 0 : 200);
        UNTOUCHED(&ev);
    }
}

/* One object per row; the caret points at the byte of the error. */
TEST(refused)
{
    enum {
        TYPE = EDGEFN_E_TYPE,
        DUPLICATE = EDGEFN_E_DUPLICATE,
        MISSING = EDGEFN_E_MISSING,
        NOT = EDGEFN_E_NOT_AN_EVENT
    };
#define HEADERS L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/','headers':@}}}]}"
#define ORIGIN  L_HEAD("origin-request") "'request':{'method':'GET','uri':'/','origin':@}}}]}"
    static const struct {
        const char *frame, *part, *caret;
        int code;
    } rows[] = {
        { HEADERS, "{'a':[null]}", "      ^", TYPE },
        { HEADERS, "{'a':['1']}", "      ^", TYPE },
        { HEADERS, "{'a':[[]]}", "      ^", TYPE },
        { HEADERS, "{'a':{'key':'A','value':'1'}}", "     ^", TYPE },
        { HEADERS, "{'a':'1'}", "     ^", TYPE },
        { HEADERS, "{'a':[{'value':'1'},{'value':2}]}", "                             ^", TYPE },
        { HEADERS, "{'a':[{'key':null,'value':'1'}]}", "             ^", TYPE },
        { HEADERS, "{'a':[{'value':['1','2']}]}", "               ^", TYPE },
        { HEADERS, "[]", "^", TYPE },
        { HEADERS, "{'a':[],'a':[]}", "        ^", DUPLICATE },
        { HEADERS, "{'a':[],'A':[]}", "        ^", DUPLICATE },
        { HEADERS, "{'X-a':[{'value':'1'}],'b':[],'x-A':[{'value':'1'}]}",
          "                              ^", DUPLICATE },
        { HEADERS, "{'a':[],'`u0061':[]}", "        ^", DUPLICATE },
        { HEADERS, "{'a':[],'`u0041':[]}", "        ^", DUPLICATE },
        { HEADERS, "{'':[],'':[]}", "       ^", DUPLICATE },
        { HEADERS, "{'a':[{'key':'A','key':'A','value':'1'}]}", "                 ^", DUPLICATE },
        { HEADERS, "{'a':[{'value':'1','value':'1'}]}", "                   ^", DUPLICATE },
        { HEADERS, "{'a':[{'value':'1','valu`u0065':'1'}]}", "                   ^", DUPLICATE },
        { HEADERS, "{'a':[{'x':1,'value':'1','x':2}]}", "                         ^", DUPLICATE },
        { HEADERS, "{'a':[{'x':1,'value':'1','`u0078':2}]}", "                         ^",
          DUPLICATE },
        { ORIGIN, "{'custom':{'domainName':'a'},'s3':null}", "                                  ^",
          TYPE },
        { ORIGIN, "{'custom':null}", "          ^", TYPE },
        { ORIGIN, "{'custom':{'sslProtocols':[1]}}", "                           ^", TYPE },
        { ORIGIN, "{'custom':{'sslProtocols':['TLSv1.2',null]}}",
          "                                     ^", TYPE },
        { ORIGIN, "{'custom':{'customHeaders':{'a':[],'A':[]}}}",
          "                                   ^", DUPLICATE },
        { ORIGIN, "{'s3':{'region':'a','domainName':'b','region':'a'}}",
          "                                     ^", DUPLICATE },
        { ORIGIN, "{'s3':{},'s3':{}}", "         ^", DUPLICATE },
        { "@", "{'Records':[null]}", "            ^", TYPE },
        { "@", "{'Records':['x']}", "            ^", TYPE },
        { "@", "{'Records':[{}]}", "^", NOT },
        { "@", "{'Records':[{'eventSource':'aws:sqs','body':'{}'}]}", "^", NOT },
        { "@", "{'Records':[{'cf':{}}]}", "                   ^", MISSING },
        { "@", "{'Records':[{'cf':{'config':{}}}]}", "                             ^", MISSING },
        { "@", "{'Records':[{'cf':{'config':{'eventType':'viewer-request'}}}]}",
          "                                                          ^", MISSING },
        { "@",
          "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'uri':'/'}}}]}",
          "                                                                               ^",
          MISSING },
        { "@",
          "{'Records':[{'cf':{'config':{'eventType':'Viewer-request'},'request':{'method':'GET','uri':'/'}}}]}",
          "                                         ^", NOT },
        { "@",
          "{'Records':[{'cf':{'config':{'eventType':'connection-request'},'request':{'method':'GET','uri':'/'}}}]}",
          "                                         ^", NOT },
        { "@",
          "{'Records':[{'cf':{'config':{'eventType':''},'request':{'method':'GET','uri':'/'}}}]}",
          "                                         ^", NOT },
        { "@",
          "{'Records':[{'cf':{'config':{'eventType':'viewer-request '},'request':{'method':'GET','uri':'/'}}}]}",
          "                                         ^", NOT },
        { "@",
          "{'Records':[{'cf':{'config':{'eventType':'origin-response'},'request':{'method':'GET','uri':'/'}}}]}",
          "                                                                                                ^",
          MISSING },
        { "@",
          "{'Records':[{'cf':{'config':{'eventType':'origin-response'},'request':{'method':'GET','uri':'/'},'response':{}}}]}",
          "                                                                                                             ^",
          MISSING },
        { "@", "{}", "^", NOT },
        { "@", "[]", "^", NOT },
        { "@", "  'Records'", "  ^", NOT },
        { "@", "\n\t null", "  ^", NOT },
        { "@", "7", "^", NOT },
        { "@", "{'records':[]}", "^", NOT },
        { "@", "{'Records ':[]}", "^", NOT },
        { "@", " {'request':{'method':'GET','uri':'/'}}", " ^", NOT },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].part);
        size_t at, caret = strlen(rows[i].caret) - 1;
        /* such a row begins with a line feed and a tab: two characters each, but one byte */
        if (strchr(rows[i].part, '\t')) caret++;
        edgefn_event ev;
        edgefn_str json = frame(rows[i].frame, rows[i].part, &at);
        edgefn_parse(&ev, json, arena_new(8192), NULL);
        CHECK_ERR(&ev, (edgefn_error)rows[i].code, at + caret);
        CHECK(edgefn_passthrough(&ev).ptr == NULL);
    }
}

/* Members of the wrong type in CloudFront's own spelling, which the quick path reads: the same error as with white space,
   which the plain grammar reads. */
TEST(wrong_values_read_quickly)
{
    static const struct {
        const char *frame, *part;
    } rows[] = {
        { L_VREQ,
          "{'body':5,'clientIp':'192.0.2.1','headers':{},'method':'GET','querystring':'','uri':'/'}" },
        { L_VREQ,
          "{'body':{'action':5},'clientIp':'192.0.2.1','headers':{},'method':'GET','querystring':'','uri':'/'}" },
        { L_VREQ,
          "{'clientIp':'192.0.2.1','headers':5,'method':'GET','querystring':'','uri':'/'}" },
        { L_VREQ,
          "{'clientIp':'192.0.2.1','headers':{},'method':'GET','querystring':5,'uri':'/'}" },
        { L_OREQ,
          "{'clientIp':'192.0.2.1','headers':{},'method':'GET','origin':5,'querystring':'','uri':'/'}" },
        { L_ORES, "{'body':5,'headers':{},'status':'200','statusDescription':'OK'}" },
        { L_ORES,
          "{'body':'','bodyEncoding':5,'headers':{},'status':'200','statusDescription':'OK'}" },
        { L_ORES, "{'headers':5,'status':'200','statusDescription':'OK'}" },
        { L_ORES, "{'headers':{},'status':{},'statusDescription':'OK'}" },
        { L_ORES, "{'headers':{},'status':'20','statusDescription':'OK'}" },
        { L_OREQ,
          "{'clientIp':'192.0.2.1','headers':{},'method':'GET','origin':{'custom':{'customHeaders':5,'domainName':'a'}},'uri':'/'}" },
        { L_OREQ,
          "{'clientIp':'192.0.2.1','headers':{},'method':'GET','origin':{'custom':{'customHeaders':{},'domainName':'a',"
          "'keepaliveTimeout':5,'path':'','port':443,'protocol':5,'readTimeout':5,'sslProtocols':[]}},'uri':'/'}" },
        { L_OREQ,
          "{'clientIp':'192.0.2.1','headers':{},'method':'GET','origin':{'custom':{'customHeaders':{},'domainName':'a',"
          "'keepaliveTimeout':5,'path':'','port':443,'protocol':'http','readTimeout':5,'sslProtocols':5}},'uri':'/'}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event quick, plain;
        char spaced[800];
        size_t n = 0;
        ROW("%s", rows[i].part);
        for (const char *p = rows[i].part; *p; p++) {
            spaced[n++] = *p;
            if (*p == ':') memcpy(spaced + n, "\n\t ", 3), n += 3;
        }
        spaced[n] = 0;
        edgefn_error code =
            edgefn_parse(&quick, frame(rows[i].frame, rows[i].part, NULL), arena_new(8192), NULL);
        CHECK(code == EDGEFN_E_TYPE || code == EDGEFN_E_RANGE);
        CHECK_NUM(edgefn_parse(&plain, frame(rows[i].frame, spaced, NULL), arena_new(8192), NULL),
                  code);
        CHECK_STR(edgefn_cstr(quick.err.where), edgefn_cstr(plain.err.where));
        CHECK_STR(quick.err.subject, plain.err.subject);
        CHECK(quick._json.ptr[quick.err.pos] == plain._json.ptr[plain.err.pos]);
    }
}

/* The members after the headers are read as one text, unless one of them has an escape. */
TEST(escapes_after_the_headers)
{
    static const char *const rows[][3] = {
        { "'querystring':'a=`u0041','uri':'/b'", "a=A", "/b" },
        { "'querystring':'a=1','uri':'/`u0042'", "a=1", "/B" },
        { "'querystring':'a=1','uri':'/b'", "a=1", "/b" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[300];
        edgefn_event ev;
        ROW("%s", rows[i][0]);
        snprintf(text, sizeof text,
                 "{'clientIp':'192.0.2.1','headers':{'host':[{'key':'Host','value':'a'}]},"
                 "'method':'GET',%s}",
                 rows[i][0]);
        if (!OPEN(&ev, frame(L_VREQ, text, NULL))) continue;
        CHECK_STR(ev.request.querystring, edgefn_cstr(rows[i][1]));
        CHECK_STR(ev.request.uri, edgefn_cstr(rows[i][2]));
    }
}
