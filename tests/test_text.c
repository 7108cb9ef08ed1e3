/* Replacing, escaping, tables, and look-ups by the host. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

static bool open_any(edgefn_event *ev)
{
    return OPEN(ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL));
}

#define P(a, b)                                                                                    \
  {                                                                                                \
    EDGEFN_S_INIT(a), EDGEFN_S_INIT(b)                                                             \
  }

/* Texts of every length, built in steps, with and without other allocations in between, in
   arenas of every size. */
TEST(text_builder)
{
    char want[700];
    for (size_t i = 0; i < sizeof want; i++)
        want[i] = (char)('a' + i % 26);
    for (int between = 0; between < 2; between++) {
        for (size_t step = 1; step <= 300; step = step * 2 + 1) {
            ROW("steps of %zu, %s", step, between ? "with other allocations" : "alone");
            for (size_t room = 0, enough = 0; enough < 3; room++) {
                edgefn_event ev;
                edgefn_arena arena = arena_new(400 + room * 7);
                edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena, NULL);
                ev.request.method = S("GET"), ev.request.uri = S("/");
                edgefn_text t = { 0 };
                bool good = edgefn_build_end(&ev);
                size_t n = 0;
                for (; good && n + step <= sizeof want; n += step) {
                    good = edgefn_text_put(&ev, &t, (edgefn_str){ want + n, step });
                    if (between && n % 3 == 0) good = good && edgefn_alloc(&ev, 5, 1) != NULL;
                }
                edgefn_str got = edgefn_text_end(&ev, &t);
                if (good)
                    CHECK_STR(got, ((edgefn_str){ want, n })), enough++;
                else
                    CHECK(got.ptr == NULL && ev.err.code == EDGEFN_E_OOM);
                arena_drop();
                if (room > 2000) {
                    CHECK(!"some size is enough");
                    break;
                }
            }
        }
    }
    ROW("it takes little more than it needs");
    edgefn_event ev;
    open_any(&ev);
    edgefn_text t = { 0 };
    size_t before = ev.arena.used;
    CHECK(edgefn_text_put(&ev, &t, (edgefn_str){ want, 50 })
          && edgefn_text_put(&ev, &t, (edgefn_str){ want + 50, 100 }));
    CHECK(ev.arena.used - before < 400);
    CHECK_STR(edgefn_text_end(&ev, &t), ((edgefn_str){ want, 150 }));
    ROW("it grows into the last bytes");
    open_any(&ev);
    CHECK(edgefn_alloc(&ev, ev.arena.cap - ev.arena.used - 200, 1) != NULL);
    CHECK(edgefn_text_put(&ev, &t, (edgefn_str){ want, 50 }));
    CHECK(edgefn_text_put(&ev, &t, (edgefn_str){ want + 50, 100 }));
    CHECK_NUM(ev.arena.used, ev.arena.cap);
    CHECK_STR(edgefn_text_end(&ev, &t), ((edgefn_str){ want, 150 }));
    CHECK_NUM(ev.arena.used, ev.arena.cap - 50);
    ROW("nothing");
    open_any(&ev);
    size_t used = ev.arena.used;
    CHECK(edgefn_text_put(&ev, &t, EDGEFN_ABSENT));
    CHECK_STR(edgefn_text_end(&ev, &t), "");
    CHECK_NUM(ev.arena.used, used);
    CHECK(edgefn_text_put(&ev, &t, S("abc")) && edgefn_text_put(&ev, &t, S(""))
          && edgefn_text_put(&ev, &t, S("d\0e")));
    CHECK_STR(edgefn_text_end(&ev, &t), S("abcd\0e"));
    CHECK_NUM(ev.arena.used, used + 6); /* unused memory is released */
    edgefn_fail(&ev, EDGEFN_E_HANDLER, S("before"));
    CHECK(!edgefn_text_put(&ev, &t, S("x")) && edgefn_text_end(&ev, &t).ptr == NULL);
}

TEST(replace_all)
{
    static const struct {
        const char *text;
        edgefn_pair pairs[4];
        size_t count;
        const char *want;
    } rows[] = {
        { "abc", { P("b", "X") }, 1, "aXc" },
        { "bbb", { P("b", "XY") }, 1, "XYXYXY" },
        { "abc", { P("abc", "") }, 1, "" },
        { "abc", { P("b", "") }, 1, "ac" },
        { "aaa", { P("aa", "b") }, 1, "ba" },
        { "abc", { P("a", "b"), P("b", "c"), P("c", "a") }, 3, "bca" }, /* not searched again */
        { "x", { P("x", "xx") }, 1, "xx" },
        { "a a", { P(" ", "") }, 1, "aa" },
        { "https://old.example/a",
          { P("https://old.example", "https://new.example"), P("https://old", "wrong") },
          2,
          "https://new.example/a" }, /* the first pair that matches */
        { "abcd", { P("ab", "1"), P("abcd", "2") }, 2, "1cd" },
        { "abcd", { P("abcd", "2"), P("ab", "1") }, 2, "2" },
        { "bab", { P("ab", "1"), P("b", "2") }, 2, "21" }, /* leftmost first */
        { "app.js app.css",
          { P("app.js", "app.3f9.js"), P("app.css", "app.77.css") },
          2,
          "app.3f9.js app.77.css" },
        { "abc", { P("", "X"), P("c", "d") }, 2, "abd" },
        { "ab", { { { NULL, 0 }, EDGEFN_S_INIT("X") }, P("b", "c") }, 2, "ac" },
        { "abc", { { EDGEFN_S_INIT("b"), { NULL, 0 } } }, 1, "ac" },
        { "\xFF\x80",
          { P("\x80", "a") },
          1,
          "\xFF"
          "a" },
        { "ab", { P("b", "\xC3\xA4") }, 1, "a\xC3\xA4" },
        { "abc", { P("abcd", "X") }, 1, NULL },
        { "abc", { P("B", "X") }, 1, NULL },
        { "", { P("a", "X") }, 1, NULL },
        { "abc", { P("", "X") }, 1, NULL },
        { "abc", { P("", "") }, 0, NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s, %s", rows[i].text, rows[i].want ? rows[i].want : "itself");
        edgefn_event ev;
        if (!open_any(&ev)) return;
        size_t used = ev.arena.used;
        edgefn_str text = guard_copy(rows[i].text, strlen(rows[i].text)),
                   got = edgefn_replace_all(&ev, text, rows[i].pairs, rows[i].count);
        if (rows[i].want)
            CHECK_STR(got, rows[i].want), CHECK_NUM(ev.arena.used - used, got.len);
        else
            CHECK(got.ptr == text.ptr && got.len == text.len && ev.arena.used == used);
    }
    ROW("absent, NUL bytes");
    edgefn_event ev;
    if (!open_any(&ev)) return;
    const edgefn_pair nul[] = { { { "\0", 1 }, S("0") } };
    CHECK_STR(edgefn_replace_all(&ev, edgefn_cstr(NULL), nul, 1), NULL);
    CHECK_STR(edgefn_replace_all(&ev, (edgefn_str){ "a\0b", 3 }, nul, 1), "a0b");
}

/* A second, slow implementation must agree. */
TEST(replace_all_any)
{
    static const edgefn_pair pairs[] = { P("ab", "b"), P("b", "aa"), P("aab", ""), P("", "x"),
                                         P("ba", "ab") };
    uint32_t seed = 3;
    edgefn_event ev;
    if (!open_any(&ev)) return;
    size_t used = ev.arena.used;
    for (size_t round = 0; round < 20000; round++) {
        char text[12], want[64];
        size_t len = (seed = seed * 1664525u + 1013904223u) >> 8, n = 0;
        len %= sizeof text;
        for (size_t i = 0; i < len; i++)
            text[i] = "abc"[(seed = seed * 1664525u + 1013904223u) >> 16 & 1];
        for (size_t i = 0, k; i < len;) {
            for (k = 0; k < COUNT(pairs); k++)
                if (pairs[k].from.len && pairs[k].from.len <= len - i
                    && memcmp(text + i, pairs[k].from.ptr, pairs[k].from.len) == 0)
                    break;
            if (k == COUNT(pairs)) {
                want[n++] = text[i++];
                continue;
            }
            memcpy(want + n, pairs[k].to.ptr, pairs[k].to.len);
            n += pairs[k].to.len, i += pairs[k].from.len;
        }
        ev.arena.used = used;
        if (!CHECK_STR(edgefn_replace_all(&ev, (edgefn_str){ text, len }, pairs, COUNT(pairs)),
                       ((edgefn_str){ want, n })))
            return;
    }
}

TEST(html_escape)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" },
        { "a&b", "a&amp;b" },
        { "&amp;", "&amp;amp;" },
        { "\"", "&quot;" },
        { "plain", "plain" },
        { "", "" },
        { "\xC3\xA4<\xFF", "\xC3\xA4&lt;\xFF" },
        { "`=/", "`=/" },
        { NULL, NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].text);
        edgefn_event ev;
        if (open_any(&ev))
            CHECK_STR(edgefn_html_escape(&ev, edgefn_cstr(rows[i].text)),
                      edgefn_cstr(rows[i].want));
    }
}

TEST(table)
{
    static const edgefn_pair table[] = { P("", "empty"), P("/a", "1"),       P("/a/b", "2"),
                                         P("/ab", "3"),  P("/b", "4"),       P("A", "5"),
                                         P("a", ""),     P("\xC3\xA4", "6"), P("\xFF", "7") };
    for (size_t count = 0; count <= COUNT(table); count++)
        for (size_t i = 0; i < COUNT(table); i++) {
            ROW("%zu of %zu", i, count);
            edgefn_str got = edgefn_table_get(table, count, table[i].from);
            CHECK_STR(got, i < count ? table[i].to : edgefn_cstr(NULL));
        }
    static const char *const missing[] = { "/", "/a/", "/aa", "/A", "z", "\xFE", "\xFF\xFF", "B" };
    for (size_t i = 0; i < COUNT(missing); i++) {
        ROW("missing: %s", missing[i]);
        CHECK_STR(edgefn_table_get(table, COUNT(table), edgefn_cstr(missing[i])), NULL);
    }
    CHECK_STR(edgefn_table_get(table, COUNT(table), edgefn_cstr(NULL)), NULL);
    CHECK_STR(edgefn_table_get(NULL, 0, S("a")), NULL);
}

static edgefn_str look(void *user, edgefn_str table, edgefn_str key)
{
    *(int *)user += 1;
    if (edgefn_str_eq(table, S("kv")) && edgefn_str_eq(key, S("/old"))) return S("/new");
    return edgefn_cstr(NULL);
}

TEST(lookup)
{
    int calls = 0;
    edgefn_env env = { .lookup = look, .user = &calls }, none = { 0 };
    for (int k = 0; k < 2; k++) {
        ROW("%d", k);
        edgefn_event ev;
        edgefn_str json = frame(k ? F_VREQ : L_VREQ, "{'method':'GET','uri':'/'}", NULL);
        calls = 0;
        CHECK(edgefn_parse(&ev, json, arena_new(8192), &(edgefn_parse_opts){ .env = &env })
              == EDGEFN_OK);
        CHECK_STR(edgefn_lookup(&ev, S("kv"), S("/old")), "/new");
        CHECK_STR(edgefn_lookup(&ev, S("kv"), S("/other")), NULL);
        CHECK_STR(edgefn_lookup(&ev, S("secret"), S("/old")), NULL);
        CHECK_NUM(calls, 3);
        CHECK_STR(edgefn_lookup(&ev, S("kv"), edgefn_cstr(NULL)), NULL);
        CHECK_NUM(calls, 3);
        CHECK_NUM(ev.err.code, EDGEFN_OK);
        for (int how = 0; how < 2; how++) {
            CHECK(edgefn_parse(&ev, json, arena_new(8192),
                               how ? &(edgefn_parse_opts){ .env = &none } : NULL)
                  == EDGEFN_OK);
            CHECK_STR(edgefn_lookup(&ev, S("kv"), S("/old")), NULL);
            CHECK_ERR(&ev, EDGEFN_E_ENVIRONMENT, NOWHERE);
            CHECK_STR(ev.err.subject, "kv");
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        }
    }
}

/*--- in arenas of every size: all functions on paths, queries and texts that take memory ---------------------------------------------*/

#define PART                                                                                       \
  "{'method':'GET','uri':'/v1/%61/../b c/x+y','querystring':'utm_a=1&b=%7e&a&a=&b=~','headers':{'host':[{'value':'h'}]}}"

static bool do_uri(edgefn_event *ev)
{
    return edgefn_uri_normalize(ev) && edgefn_uri_replace_prefix(ev, S("/v1"), S("/v2"))
           && edgefn_uri_add_index(ev, edgefn_cstr(NULL)) && edgefn_uri_encode_s3(ev);
}
static bool do_query(edgefn_event *ev)
{
    static const edgefn_str drop[] = { EDGEFN_S_INIT("utm_*") };
    return edgefn_query_normalize(
        ev, &(edgefn_query_opts){ .drop = drop, .drop_count = 1, .sort_values = true });
}
static bool do_query_again(edgefn_event *ev)
{
    return edgefn_add(edgefn_query(ev), S("z"), S("\"")) && edgefn_query_normalize(ev, NULL)
           && edgefn_query_normalize(ev, NULL);
}
static bool do_texts(edgefn_event *ev)
{
    static const edgefn_pair pairs[] = { P("a", "bcd"), P("x", "") };
    edgefn_request *req = &ev->request;
    edgefn_str all[] = { edgefn_url(ev),
                         S("|"),
                         edgefn_replace_all(ev, S("abcax"), pairs, 2),
                         S("|"),
                         edgefn_html_escape(ev, S("<\">")),
                         S("|"),
                         edgefn_percent_encode(ev, S("a b"), S("")),
                         S("|"),
                         edgefn_percent_decode(ev, S("a%41+"), true) };
    return edgefn_set(&req->headers, S("x-all"), edgefn_str_join(ev, all, COUNT(all)));
}

TEST(memory)
{
    static const struct {
        const char *name;
        bool (*work)(edgefn_event *);
        const char *want;
    } rows[] = {
        { "uri", do_uri, "/v2/b%20c/x%2By/index.html" },
        { "query", do_query, "a&b=~" },
        { "query, edited", do_query_again, "a&a=&b=~&b=~&utm_a=1&z=%22" },
        { "texts", do_texts,
          "https://h/v1/%61/../b%20c/x+y?utm_a=1&b=%7e&a&a=&b=~|bcdbcbcd|&lt;&quot;&gt;|a%20b|aA " },
    };
    edgefn_str json = frame(L_VREQ, PART, NULL);
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t ooms = 0, done = 0;
        ROW("%s", rows[i].name);
        for (size_t size = 0; size < 6000 && done < 300; size++) {
            edgefn_event ev;
            edgefn_arena arena = arena_new(size);
            bool parsed = edgefn_parse(&ev, json, arena, NULL) == EDGEFN_OK,
                 worked = parsed && rows[i].work(&ev);
            edgefn_str out = edgefn_finish(&ev, NULL);
            if (out.ptr) {
                edgefn_str got = i == 0  ? ev.request.uri
                                 : i < 3 ? ev.request.querystring
                                         : edgefn_get(&ev.request.headers, S("x-all"));
                if (!CHECK(worked) || !CHECK_STR(got, rows[i].want)) return;
                done++;
            } else {
                if (!CHECK_ERR(&ev, EDGEFN_E_OOM, NOWHERE) || !CHECK(done == 0)
                    || !CHECK(!edgefn_str_eq(edgefn_failed_result(&ev), edgefn_passthrough(&ev))))
                    return;
                ooms++;
            }
            arena_drop();
        }
        CHECK(done == 300 && ooms > 100);
    }
}

TEST(numbers)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, L_GET("'headers':{}"), NULL))) return;
    edgefn_text t = { 0 };
    CHECK(edgefn_text_put_u64(&ev, &t, 0) && edgefn_text_put(&ev, &t, S(" ")));
    CHECK(edgefn_text_put_u64(&ev, &t, UINT64_MAX) && edgefn_text_put(&ev, &t, S(" ")));
    CHECK(edgefn_text_put_i64(&ev, &t, 0) && edgefn_text_put(&ev, &t, S(" ")));
    CHECK(edgefn_text_put_i64(&ev, &t, -1) && edgefn_text_put(&ev, &t, S(" ")));
    CHECK(edgefn_text_put_i64(&ev, &t, INT64_MAX) && edgefn_text_put(&ev, &t, S(" ")));
    CHECK(edgefn_text_put_i64(&ev, &t, INT64_MIN));
    CHECK_STR(edgefn_text_end(&ev, &t),
              "0 18446744073709551615 0 -1 9223372036854775807 -9223372036854775808");
    edgefn_fail(&ev, EDGEFN_E_HANDLER, S(""));
    CHECK(!edgefn_text_put_u64(&ev, &t, 1) && !edgefn_text_put_i64(&ev, &t, 1));
}
