/* examples/handlers/confirm_elsewhere.c with a table "auth" that counts its requests:
   valid tokens are let in, and everything doubtful is kept out. */
#include "../edgefn.h"
#include "../examples/handlers/confirm_elsewhere.c"
#include "test.h"
#include "kit.h"

static size_t asked;
static edgefn_str last_key;

/* A service that knows three tokens; its answers for two of them are not valid user names. */
static edgefn_str service(void *user, edgefn_str of, edgefn_str key)
{
    (void)user;
    asked++;
    last_key = key;
    if (!edgefn_str_eq(of, S("auth"))) return EDGEFN_ABSENT;
    if (edgefn_str_eq(key, S("good"))) return S("ana");
    if (edgefn_str_eq(key, S("empty"))) return S("");
    if (edgefn_str_eq(key, S("hostile"))) return S("ana\r\nX-Role: admin");
    return EDGEFN_ABSENT;
}

/* Runs the handler on a request with up to two Authorization headers and an X-User sent by the
   viewer. Returns what edgefn_handler() returned. */
static bool ask(edgefn_event *ev, edgefn_dialect dialect, const edgefn_env *env, const char *path,
                const char *first, const char *second)
{
    edgefn_fields *headers = &ev->request.headers;

    asked = 0;
    edgefn_build_begin(ev, dialect, EDGEFN_VIEWER_REQUEST, arena_new(64 * 1024),
                       &(edgefn_parse_opts){ .env = env });
    ev->request.method = S("GET");
    ev->request.uri = edgefn_cstr(path);
    edgefn_add(headers, S("Host"), S("www.example.com"));
    edgefn_add(headers, S("X-User"), S("root"));
    edgefn_add(headers, S("x-user"), S("admin"));
    edgefn_add(headers, S("Authorization"), edgefn_cstr(first));
    edgefn_add(headers, S("Authorization"), edgefn_cstr(second));
    return CHECK(edgefn_build_end(ev)) && edgefn_handler(ev);
}

TEST(confirmed)
{
    static const char *paths[] = { "/members", "/members/", "/Members/a", "/x/../members/a" };
    edgefn_env env = { .lookup = service };
    edgefn_event ev;

    for (int dialect = EDGEFN_DIALECT_LAMBDA; dialect <= EDGEFN_DIALECT_FUNCTIONS; dialect++)
        for (size_t i = 0; i < COUNT(paths); i++) {
            ROW("%d %s", dialect, paths[i]);
            CHECK(ask(&ev, (edgefn_dialect)dialect, &env, paths[i], "bearer  good ", NULL));
            CHECK(asked == 1);
            CHECK(ev.response.status == 0);
            CHECK(edgefn_count(&ev.request.headers, S("x-user")) == 1);
            CHECK_STR(edgefn_get(&ev.request.headers, S("x-user")), "ana");
            CHECK(edgefn_outcome_of(&ev, &(edgefn_write_opts){ .strict = true })
                  == EDGEFN_OUTCOME_FORWARD);
        }
}

TEST(refused)
{
    static const struct {
        const char *first, *second;
        size_t asked;
    } rows[] = {
        { NULL, NULL, 0 },
        { "", NULL, 0 },
        { "Bearer", NULL, 0 },
        { "Bearer ", NULL, 0 },
        { "good", NULL, 0 },
        { "Basic good", NULL, 0 },
        { "Bearer good", "Bearer good", 0 },
        { "Bearer good", "", 0 },
        { "Bearer bad", NULL, 1 },
        { "Bearer good x", NULL, 1 },
        { "Bearer GOOD", NULL, 1 },
        { "Bearer empty", NULL, 1 },
        { "Bearer hostile", NULL, 1 },
    };
    edgefn_env env = { .lookup = service };
    edgefn_event ev;

    for (int dialect = EDGEFN_DIALECT_LAMBDA; dialect <= EDGEFN_DIALECT_FUNCTIONS; dialect++)
        for (size_t i = 0; i < COUNT(rows); i++) {
            ROW("%d %zu", dialect, i);
            CHECK(ask(&ev, (edgefn_dialect)dialect, &env, "/members/a", rows[i].first,
                      rows[i].second));
            CHECK(asked == rows[i].asked);
            CHECK(ev.response.status == 401);
            CHECK_STR(edgefn_get(&ev.response.headers, S("www-authenticate")), "Bearer");
            CHECK(edgefn_outcome_of(&ev, &(edgefn_write_opts){ .strict = true })
                  == EDGEFN_OUTCOME_ANSWER);
        }
}

/* A token of the maximum length is looked up, a longer one is not. */
TEST(length)
{
    static char text[7 + longest_token + 2] = "Bearer ";
    edgefn_env env = { .lookup = service };
    edgefn_event ev;

    memset(text + 7, 'a', longest_token);
    CHECK(ask(&ev, EDGEFN_DIALECT_LAMBDA, &env, "/members/a", text, NULL));
    CHECK(asked == 1 && last_key.len == longest_token && ev.response.status == 401);
    text[7 + longest_token] = 'a';
    CHECK(ask(&ev, EDGEFN_DIALECT_LAMBDA, &env, "/members/a", text, NULL));
    CHECK(asked == 0 && ev.response.status == 401);
}

/* Outside the protected paths nothing is looked up, and the viewer's own X-User is removed. */
TEST(outside)
{
    edgefn_env env = { .lookup = service };
    edgefn_event ev;

    CHECK(ask(&ev, EDGEFN_DIALECT_LAMBDA, &env, "/membership", "Bearer good", NULL));
    CHECK(asked == 0 && ev.response.status == 0);
    CHECK(!edgefn_has(&ev.request.headers, S("x-user")));
}

/* If the host has no tables, the event fails and nobody is let in. */
TEST(no_tables)
{
    edgefn_event ev;

    edgefn_env env = { .now_s = 1 };
    ask(&ev, EDGEFN_DIALECT_LAMBDA, &env, "/members/a", "Bearer good", NULL);
    CHECK(ev.err.code == EDGEFN_E_ENVIRONMENT);
    CHECK(edgefn_outcome_of(&ev, NULL) == EDGEFN_OUTCOME_FAIL);
}
