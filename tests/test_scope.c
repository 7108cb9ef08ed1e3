/* Arena scopes: memory taken inside is released. With EDGEFN_DEBUG the program is stopped at the
   end of a scope if something of the event is still in that memory. Each row runs in a process
   of its own. */
#ifndef EDGEFN_DEBUG
#  define EDGEFN_DEBUG
#endif
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include <sys/resource.h>
#include <sys/wait.h>

/*--- what happens inside a scope --------------------------------------------------------------------------------------*/

static void nothing(edgefn_event *ev)
{
    (void)ev;
}
static void scratch(edgefn_event *ev)
{
    edgefn_str_from_u64(ev, 12345);
    edgefn_alloc(ev, 100, 8);
}
static void untaken_text(edgefn_event *ev)
{
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    EDGEFN__PUT(&t, "nobody takes this");
}
static void top(edgefn_event *ev)
{
    size_t at = ev->arena.cap;
    edgefn__take_top(ev, &at, 10, 8);
}
static void held(edgefn_event *ev)
{
    edgefn__take_held(ev, 10, 8);
}
static void held_member(edgefn_event *ev)
{
    char *uri = (char *)edgefn__take_held(ev, 1, 1);
    uri[0] = '/';
    ev->request.uri.ptr = uri;
    ev->request.uri.len = 1;
}
static void above(edgefn_event *ev)
{
    edgefn__hold(ev, ev->arena.cap + 8);
}
static void read_only(edgefn_event *ev)
{
    edgefn_get(&ev->request.headers, S("host"));
    edgefn_query_text(ev);
}
static void list_copied(edgefn_event *ev)
{
    edgefn_set(&ev->request.headers, S("host"), S("other.example"));
}
static void removed(edgefn_event *ev)
{
    edgefn_remove(&ev->request.headers, S("accept"));
}
static void query_view(edgefn_event *ev)
{
    edgefn_query(ev);
}
static void cookie_view(edgefn_event *ev)
{
    edgefn_cookies(ev);
}
static void written_back(edgefn_event *ev)
{
    edgefn_set(edgefn_cookies(ev), S("a"), S("2"));
    edgefn_outcome_of(ev, NULL);
}
static void member(edgefn_event *ev)
{
    ev->request.uri = edgefn_percent_decode(ev, S("/a%20b"), false);
}
static void body(edgefn_event *ev)
{
    edgefn_body_replace(ev, S("text"), EDGEFN_ENCODING_BASE64);
}
static void error_subject(edgefn_event *ev)
{
    edgefn_fail(ev, EDGEFN_E_HANDLER, edgefn_str_from_u64(ev, 1));
}
static void below(edgefn_event *ev)
{
    edgefn__scope before = { 0 };
    edgefn__scope_end(ev, before);
}

static const struct {
    const char *name;
    void (*inside)(edgefn_event *ev);
    bool stops;
} rows[] = { { "nothing", nothing, false },
             { "scratch", scratch, false },
             { "a text that is not taken", untaken_text, false },
             { "memory at the top", top, false },
             { "memory held at the top", held, false },
             { "a string member at the top", held_member, true },
             { "a scope that ends with a higher top", above, true },
             { "reading", read_only, false },
             { "a list copied for its first edit", list_copied, true },
             { "removed fields", removed, true },
             { "the query's list", query_view, true },
             { "the cookies' list", cookie_view, true },
             { "cookies written back", written_back, true },
             { "a string member", member, true },
             { "a body", body, true },
             { "the subject of an error", error_subject, true },
             { "a scope that ends below its start", below, true } };

static edgefn_event *event_new(void)
{
    edgefn_event *ev = (edgefn_event *)test_own(malloc(sizeof *ev));
    edgefn_str json = frame(L_VREQ,
                            L_GET("'querystring':'b=1&a=2','headers':{"
                                  "'host':[{'key':'Host','value':'www.example.com'}],"
                                  "'accept':[{'key':'Accept','value':'*/*'}],"
                                  "'cookie':[{'key':'Cookie','value':'a=1; b=2'}]}"),
                            NULL);
    if (edgefn_parse(ev, json, arena_new(1 << 16), NULL) != EDGEFN_OK) abort();
    return ev;
}

/* True if a process is stopped when it ends a scope in which `inside` was called. */
static bool is_stopped(void (*inside)(edgefn_event *ev))
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit no_core = { 0, 0 };
        setrlimit(RLIMIT_CORE, &no_core);
        edgefn_event *ev = event_new();
        edgefn__scope s = edgefn__scope_begin(ev);
        inside(ev);
        edgefn__scope_end(ev, s);
        _exit(ev->arena.used == s.used && ev->arena.cap == s.cap ? 0 : 1);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) abort();
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

TEST(scope_ends)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].name);
        CHECK(is_stopped(rows[i].inside) == rows[i].stops);
    }
}

TEST(released_bytes_are_overwritten)
{
    edgefn_event *ev = event_new();
    edgefn__scope s = edgefn__scope_begin(ev);
    edgefn_str text = edgefn_str_from_u64(ev, 12345);
    edgefn__scope_end(ev, s);
    CHECK(!edgefn_str_eq(text, S("12345")));
    CHECK(ev->arena.used == s.used);
}

/* One text of a scope may be kept: it moves to where the scope began. */
TEST(one_text_stays)
{
    edgefn_event *ev = event_new();
    edgefn__scope s = edgefn__scope_begin(ev);
    edgefn_str_from_u64(ev, 12345);
    edgefn_str text = edgefn__scope_end_but(ev, s, edgefn_str_from_u64(ev, 67890));
    CHECK_STR(text, "67890");
    CHECK(ev->arena.used == s.used + text.len);
    CHECK((const unsigned char *)text.ptr == ev->arena.ptr + s.used);
}

/* Calls everything that releases memory, on an event with edited views: the program is not
   stopped, and the result is right. */
TEST(scopes_of_the_library)
{
    edgefn_finding found[4];
    edgefn_str spans[2];
    char small[1];
    edgefn_event *ev = event_new();
    edgefn_set(edgefn_cookies(ev), S("a"), S("2"));
    CHECK(edgefn_query_normalize(ev, NULL));
    CHECK(edgefn_check(ev, edgefn_cstr(NULL), found, 4) == 0);
    CHECK(edgefn_write_spans(ev, spans, 2, NULL) > 2);
    size_t n = edgefn_write(ev, small, sizeof small, NULL);
    edgefn_str out = edgefn_finish(ev, NULL);
    CHECK(n == out.len);
    CHECK(edgefn_str_contains(out, S("a=2; b=2")));
    CHECK(edgefn_str_contains(out, S("a=2&b=1")));
    CHECK(edgefn_sanitize(ev, found, 4) == 0);
    out = edgefn_finish(ev, NULL);
    CHECK(n == out.len);
}
