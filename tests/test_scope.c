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
#include <signal.h>
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
static void view_emptied(edgefn_event *ev)
{
    edgefn_remove(edgefn_query(ev), S("a"));
    edgefn_remove(edgefn_query(ev), S("b"));
    ev->request._query._cap = 0;
}
static void only_received(edgefn_event *ev)
{
    edgefn_query(ev);
    ev->request._query.len = ev->request._query._cap = 0;
    ev->request._query._received = ev->request._query.items;
    ev->request._query._received_len = 1;
}
static void only_removed(edgefn_event *ev)
{
    view_emptied(ev);
    ev->request._query._received_len = 0;
}
static void only_saved(edgefn_event *ev)
{
    written_back(ev);
    ev->request.headers = *ev->_unsynced[0];
    memset(&ev->request._cookies, 0, sizeof ev->request._cookies);
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
             { "removed parameters", view_emptied, true },
             { "only the removed ones", only_removed, true },
             { "only the received ones", only_received, true },
             { "only the saved headers", only_saved, true },
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

/* A process that is stopped keeps its coverage counters only if it writes them itself. */
int __llvm_profile_write_file(void) __attribute__((weak));
static void stopped(int number)
{
    __llvm_profile_write_file();
    signal(number, SIG_DFL);
    raise(number);
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
        if (__llvm_profile_write_file) signal(SIGILL, stopped);
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

/* Sizes whose product could overflow: they fit if the arena is that large. Nothing is written. */
TEST(large_sizes)
{
    size_t half = (size_t)1 << (sizeof(size_t) * 4 - 1); /* 2 GB where size_t has 64 bits */
    edgefn_event *ev = event_new();
    edgefn_arena real = ev->arena;
    static unsigned char byte;
    ev->arena = (edgefn_arena){ &byte, half + 10, 0 };
    CHECK((unsigned char *)edgefn__take(ev, half + 10, 1, 1) == &byte);
    CHECK_NUM(ev->arena.used, half + 10);
    CHECK(edgefn__take(ev, 1, 1, 1) == NULL);
    CHECK_ERR(ev, EDGEFN_E_OOM, NOWHERE);
    ev->err.code = EDGEFN_OK;
    ev->arena.used = 0;
    CHECK(edgefn__take(ev, half + 11, 1, 1) == NULL);
    CHECK(edgefn__take(ev, half, 2, 1) == NULL);
    CHECK(edgefn__take(ev, SIZE_MAX, SIZE_MAX, 1) == NULL);
    CHECK_NUM(ev->arena.used, 0);
    CHECK_ERR(ev, EDGEFN_E_OOM, NOWHERE);
    ev->arena = real;
}

TEST(no_arena)
{
    edgefn_event *ev = event_new();
    size_t top = 0;
    ev->arena = edgefn_arena_make(NULL, 100);
    CHECK(edgefn__take_top(ev, &top, 0, 8) == NULL);
    CHECK_ERR(ev, EDGEFN_E_OOM, NOWHERE);
}
