// All ways to pass options in C++, for every function that has some. Includes only the interface,
// as users do.
// Compiled as C++11 and, with designated initialisers, as C++20; linked with the implementation in C, and run.
#include "../edgefn.h"
#include <cstddef>
#include <cstdio>
#include <cstring>

static const char json[] = "{\"Records\":[{\"cf\":{\"config\":{\"distributionId\":\"E\",\"eventType\":\"origin-request\",\"requestId\":\"r\"},"
                           "\"request\":{\"clientIp\":\"192.0.2.1\",\"method\":\"GET\",\"uri\":\"/a\",\"querystring\":\"b=1&a=2\","
                           "\"headers\":{\"host\":[{\"key\":\"Host\",\"value\":\"example.com\"}]}}}}]}";
static unsigned char mem[65536];
static int failures;

static void check(bool good, int line)
{
    if (good) return;
    failures++;
    std::printf("tests/compile_opts.cc:%d\n", line);
}
bool edgefn_handler(edgefn_event *)
{
    return true;
}

#define CHECK(c) check(c, __LINE__)

static edgefn_env with_clock()
{
    edgefn_env env = {};
    env.now_s = 1700000000;
    return env;
}

// A new event for each call.
static edgefn_event *fresh()
{
    static const edgefn_env env = with_clock();
    static edgefn_event ev;
    edgefn_parse_opts opts = {};
    opts.env = &env;
    const edgefn_str in = {json, std::strlen(json)};
    CHECK(edgefn_parse(&ev, in, edgefn_arena_make(mem, sizeof mem), opts) == EDGEFN_OK && ev.env == &env);
    return &ev;
}

// The call without options, in every spelling; call(o) must accept a null pointer and a struct.
#define EVERY_WAY(opts_type, call)                        \
    do {                                                  \
        const opts_type opts = {};                        \
        edgefn_event *ev = fresh();                       \
        (void)ev;                                         \
        (void)call(nullptr), ev = fresh();                \
        (void)call(NULL), ev = fresh();                   \
        (void)call({}), ev = fresh();                     \
        (void)call(&opts), ev = fresh();                  \
        (void)call(opts), ev = fresh();                   \
        (void)call(opts_type());                          \
    } while (0)

static void every_function()
{
    static const edgefn_str in = {json, std::strlen(json)};
    static const edgefn_str names[2] = {EDGEFN_S_INIT("a"), EDGEFN_S_INIT("b")};
    static edgefn_event other;
    static char buf[4096];
    static edgefn_str spans[64];
    const edgefn_str s = EDGEFN_S("a");
#define ARENA edgefn_arena_make(mem, sizeof mem)
#define PARSE(o) edgefn_parse(&other, in, ARENA, o)
    EVERY_WAY(edgefn_parse_opts, PARSE);
#define BUILD(o) edgefn_build_begin(&other, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, ARENA, o)
    EVERY_WAY(edgefn_parse_opts, BUILD);
#define OUTCOME(o) edgefn_outcome_of(ev, o)
    EVERY_WAY(edgefn_write_opts, OUTCOME);
#define SECURITY(o) edgefn_header_security(ev, o)
    EVERY_WAY(edgefn_security_opts, SECURITY);
#define CORS(o) edgefn_header_cors(ev, o)
    EVERY_WAY(edgefn_cors_opts, CORS);
#define CACHE(o) edgefn_header_cache(ev, o)
    EVERY_WAY(edgefn_cache_opts, CACHE);
#define NORMALIZE(o) edgefn_query_normalize(ev, o)
    EVERY_WAY(edgefn_query_opts, NORMALIZE);
#define COOKIE(o) edgefn_cookie_set(ev, s, s, o)
    EVERY_WAY(edgefn_cookie_opts, COOKIE);
#define EXPIRE(o) edgefn_cookie_expire(ev, s, o)
    EVERY_WAY(edgefn_cookie_opts, EXPIRE);
#define CLIENT_IP(o) edgefn_client_ip(ev, o)
    EVERY_WAY(edgefn_client_ip_opts, CLIENT_IP);
#define STICKY(o) edgefn_choose_sticky(ev, s, names, nullptr, 2, o)
    EVERY_WAY(edgefn_cookie_opts, STICKY);
#define VERIFY(o) edgefn_jwt_verify(ev, s, o)
    EVERY_WAY(edgefn_jwt_opts, VERIFY);
#define SIGN(o) edgefn_sign_v4(ev, o)
    EVERY_WAY(edgefn_sign_opts, SIGN);
#define RESPOND(o) edgefn_respond(ev, 403, o)
    EVERY_WAY(edgefn_respond_opts, RESPOND);
#define REDIRECT(o) edgefn_redirect(ev, o)
    EVERY_WAY(edgefn_redirect_opts, REDIRECT);
#define REDIRECT_TO(o) edgefn_redirect_to(ev, EDGEFN_S("/b"), o)
    EVERY_WAY(edgefn_redirect_to_opts, REDIRECT_TO);
#define ANSWER(o) edgefn_answer(&other, in, ARENA, o)
    EVERY_WAY(edgefn_answer_opts, ANSWER);
#define ANSWER_WITH(o) edgefn_answer_with(&other, in, ARENA, edgefn_handler, o)
    EVERY_WAY(edgefn_answer_opts, ANSWER_WITH);
#define CUSTOM(o) edgefn_origin_custom(ev, o)
    EVERY_WAY(edgefn_origin_opts, CUSTOM);
#define S3(o) edgefn_origin_s3(ev, o)
    EVERY_WAY(edgefn_origin_opts, S3);
#define WRITE(o) edgefn_write(ev, buf, sizeof buf, o)
    EVERY_WAY(edgefn_write_opts, WRITE);
#define SPANS(o) edgefn_write_spans(ev, spans, 64, o)
    EVERY_WAY(edgefn_write_opts, SPANS);
#define FINISH(o) edgefn_finish(ev, o)
    EVERY_WAY(edgefn_write_opts, FINISH);
}

// Every spelling of "no options" must mean none, and options in a struct must have an effect.
static void meaning()
{
    edgefn_event *ev = fresh();
    edgefn_respond_opts opts = {};
    opts.body = EDGEFN_S("no\n");
    CHECK(edgefn_respond(ev, 403, opts) && edgefn_str_eq(ev->response.body.data, opts.body));
    CHECK(edgefn_respond(ev, 403, &opts) && edgefn_str_eq(ev->response.body.data, opts.body));
    CHECK(edgefn_respond(ev, 403, {}) && ev->response.body.data.ptr == nullptr);
    CHECK(edgefn_respond(ev, 403, nullptr) && ev->response.body.data.ptr == nullptr);
    CHECK(edgefn_respond(ev, 403, NULL) && ev->response.body.data.ptr == nullptr);
#if __cplusplus >= 202002L
    CHECK(edgefn_respond(ev, 403, {.body = EDGEFN_S("no\n")}) && edgefn_str_eq(ev->response.body.data, EDGEFN_S("no\n")));
    CHECK(edgefn_redirect(ev, {.status = 301, .host = EDGEFN_S("www.example.com")}) && ev->response.status == 301);
    CHECK(edgefn_cookie_set(ev, EDGEFN_S("a"), EDGEFN_S("1"), {.path = EDGEFN_S("/x"), .max_age_s = 5}));
    CHECK(edgefn_header_cache(ev, {.max_age_s = 60, .immutable = true}));
    const edgefn_str out = edgefn_finish(ev, {.strict = true});
    CHECK(edgefn_str_contains(out, EDGEFN_S("a=1; Path=/x; Max-Age=5")) && edgefn_str_contains(out, EDGEFN_S("max-age=60, immutable")));
    ev = fresh();
    CHECK(edgefn_origin_custom(ev, {.domain = EDGEFN_S("origin.example.com"), .port = 8443}) && ev->request.origin.port == 8443);
    CHECK(edgefn_jwt_verify(ev, EDGEFN_S("a.b"), {.hs256 = true, .secret = EDGEFN_S("k")}).reason == EDGEFN_JWT_MALFORMED);
#endif
    char text[8];
    std::snprintf(text, sizeof text, "%.*s", EDGEFN_FMT(opts.body));
    CHECK(std::strcmp(text, "no\n") == 0);
}

int main()
{
    every_function();
    meaning();
    return failures != 0;
}
