/* Parsing, editing and writing in arenas of every size from zero to enough: the result is
   EDGEFN_E_OOM without any output, or the same bytes as with plenty of memory. An event that
   failed is never passed through. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

typedef bool (*job)(edgefn_event *ev);

/* Runs a script without checking results: a function that runs out of memory must record the
   error in the event. */
static const char *blind;
static bool do_script(edgefn_event *ev)
{
    edgefn_str rest = edgefn_cstr(blind);
    while (rest.len) {
        edgefn_cut line = edgefn_str_cut(rest, S("\n"));
        edgefn_str args = line.head;
        rest = line.found ? line.tail : edgefn_str_skip(rest, rest.len);
        edgefn_str op = kit_word(&args);
        int done =
            edgefn_str_ends(op, S("=")) ? kit_assign(ev, op, args) : kit_event_op(ev, op, args);
        if (done < 0) done = kit_list_op(ev, op, args);
        if (done < 0) abort();
    }
    return true;
}

static bool do_strings(edgefn_event *ev)
{
    edgefn_str parts[] = { S("/en"), ev->request.uri, edgefn_str_from_u64(ev, 12345),
                           edgefn_str_lower(ev, S("ABC")) };
    ev->request.uri = edgefn_str_join(ev, parts, 4);
    edgefn_set(&ev->request.headers, S("x-quoted"), edgefn_json_quote(ev, S("a\"b")));
    edgefn_set(&ev->request.headers, S("x-base64"), edgefn_base64_encode(ev, S("hello")));
    edgefn_set(&ev->request.headers, S("x-text"), edgefn_base64_decode(ev, S("aGVsbG8=")));
    edgefn_set(&ev->request.headers, S("x-query"), edgefn_query_text(ev));
    return edgefn_alloc(ev, 100, 16) != NULL;
}

static bool do_origin(edgefn_event *ev)
{
    return edgefn_origin_s3(
               ev, &(edgefn_origin_opts){ .domain = S("b.s3.amazonaws.com"), .path = S("/p") })
           && edgefn_add(&ev->request.origin.headers, S("x-key"), S("1"));
}

static bool do_redirect(edgefn_event *ev)
{
    return edgefn_redirect(ev, &(edgefn_redirect_opts){ .status = 301,
                                                        .host = S("www.example.com"),
                                                        .cache_max_age_s = 60 });
}

static bool do_body(edgefn_event *ev)
{
    edgefn_str bytes = edgefn_body_decode(ev, &ev->request.body);
    edgefn_str parts[] = { bytes, S("&more=1\xFF") };
    return edgefn_body_replace(ev, edgefn_str_join(ev, parts, 2), EDGEFN_ENCODING_DEFAULT);
}

typedef struct tried {
    bool parsed, finished;
    size_t len;
} tried;

/* Tries one size. `want`: the result with plenty of memory; absent while that is being
   determined. The block begins at an odd address and ends exactly at the sanitizer's red zone. */
static bool try_size(edgefn_str json, job work, size_t size, edgefn_str *want, tried *t)
{
    size_t skew = size % 16;
    char *block = (char *)malloc(size + skew + 1);
    edgefn_event ev;
    memset(block, 0xA5, size + skew + 1);
    bool plenty = want->ptr == NULL, held = true;
    edgefn_arena arena = edgefn_arena_make(block + 1 + skew - (skew ? 1 : 0), size);
    edgefn_error code = edgefn_parse(&ev, json, arena, NULL);
    t->parsed = code == EDGEFN_OK;
    held &= CHECK(code == EDGEFN_OK || (code == EDGEFN_E_OOM && ev.err.pos == NOWHERE))
            && CHECK(ev.arena.used <= size && ev.arena.used <= edgefn_memory_bound(json.len));
    bool done = t->parsed && work(&ev);
    edgefn_str out = edgefn_finish(&ev, &(edgefn_write_opts){ .skip_check = true });
    held &= CHECK(ev.arena.used <= size && ev.arena.ptr == arena.ptr);
    t->finished = out.ptr != NULL;
    if (plenty) {
        held &= CHECK(t->finished && done);
        char *copy = (char *)test_own(malloc(out.len + 1));
        if (out.len) memcpy(copy, out.ptr, out.len);
        *want = (edgefn_str){ copy, out.len };
    } else if (t->finished) {
        held &= CHECK(done) && CHECK_STR(out, *want) && CHECK_NUM(ev.err.code, EDGEFN_OK);
    } else {
        edgefn_str closed = edgefn_failed_result(&ev), pass = edgefn_passthrough(&ev);
        held &= CHECK_ERR(&ev, EDGEFN_E_OOM, NOWHERE)
                && CHECK(closed.len > 0 && closed.ptr != pass.ptr && !edgefn_str_eq(closed, pass));
        held &= CHECK(edgefn_write(&ev, NULL, 0, NULL) == 0
                      && edgefn_write_spans(&ev, NULL, 0, NULL) == 0
                      && edgefn_finish(&ev, NULL).ptr == NULL);
    }
    t->len = ev.arena.used;
    free(block);
    if (!held) printf("    %zu bytes of memory\n", size);
    return held;
}

static void sweep(const char *title, edgefn_str json, job work)
{
    edgefn_str want = { NULL, 0 };
    tried t;
    size_t enough = 0, ooms = 0, first_parsed = 0;
    ROW("%s", title);
    if (!try_size(json, work, 1 << 20, &want, &t)) return;
    for (size_t size = 0; size < (1 << 20); size++) {
        if (!try_size(json, work, size, &want, &t)) return;
        if (t.parsed && !first_parsed) first_parsed = size;
        if (!t.finished) {
            ooms++;
            enough = 0;
            continue;
        }
        if (!enough) enough = size;
        if (size > enough + 300) break; /* more is still enough */
        if (json.len > 5000 && size + 2000 < first_parsed) size += 16;
    }
    CHECK(enough > 0 && ooms > 100);
    CHECK(first_parsed <= edgefn_memory_bound(json.len));
}

static edgefn_str sample(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "examples/events/%s.json", name);
    return slurp(path);
}

#define REQUEST_EDITS                                                                              \
  "set h x-a 1\nadd h X-A 2\nremove h user-agent\nset h host n.example\nset c n 1\nremove c theme\nadd q n 1\nsort q\nuri= /other"
#define RESPONSE_EDITS                                                                             \
  "set rh x-a 1\nadd rh X-A 2\nremove rh server\nadd sc n 1\nattributes sc 0 Path=/\nstatus 404"

/* A text that is not JSON, in arenas whose list of escaped strings is too small: what the scanner
   meets first is reported, and of one block of 64 bytes the invalid text, because no more memory
   can help. */
TEST(invalid_text_without_memory)
{
    static const struct {
        const char *text;
        size_t pad; /* spaces before the last string */
        edgefn_error code;
    } rows[] = {
        { "v", 0, EDGEFN_E_NOT_AN_EVENT },   { "v", 64, EDGEFN_E_NOT_AN_EVENT },
        { "\xff", 0, EDGEFN_E_JSON_UTF8 },   { "\x01", 0, EDGEFN_E_JSON_STRING },
        { "\\x", 0, EDGEFN_E_JSON_STRING },  { "\xff", 64, EDGEFN_E_JSON_UTF8 },
        { "\\x", 64, EDGEFN_E_JSON_STRING },
    };
    size_t enough[COUNT(rows)];
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[200];
        int len = sprintf(text, "[\"\\n\",\"\\n\",\"\\n\",\"\\n\",%*s\"%s\"]", (int)rows[i].pad, "",
                          rows[i].text);
        ROW("%s after %zu spaces", rows[i].text, rows[i].pad);
        enough[i] = 0;
        for (size_t size = 0; size < 300; size++) {
            edgefn_event ev;
            edgefn_parse(&ev, (edgefn_str){ text, (size_t)len }, arena_new(size), NULL);
            if (ev.err.code == EDGEFN_E_OOM) {
                CHECK(enough[i] == 0);
                continue;
            }
            if (enough[i] == 0) enough[i] = size;
            CHECK_NUM(ev.err.code, rows[i].code);
        }
        bool after = rows[i].pad != 0;
        if (i >= 2) CHECK(after ? enough[i] == enough[1] : enough[i] < enough[0]);
    }
}

TEST(request_edits)
{
    static const char *const names[] = {
        "viewer-request-page", "viewer-request-cookies",   "viewer-request-unicode",
        "origin-request-s3",   "functions-viewer-request", "functions-viewer-request-multivalue"
    };
    blind = REQUEST_EDITS;
    for (size_t i = 0; i < COUNT(names); i++)
        sweep(names[i], sample(names[i]), do_script);
}

TEST(response_edits)
{
    static const char *const names[] = { "origin-response-ok",
                                         "functions-viewer-response-cookies" };
    blind = RESPONSE_EDITS;
    for (size_t i = 0; i < COUNT(names); i++)
        sweep(names[i], sample(names[i]), do_script);
    blind = "set rh x-a 1\nremove rh server\nset sc a 1\nadd sc b 2\nsort rh";
    sweep("viewer-response-set-cookie", sample("viewer-response-set-cookie"), do_script);
}

TEST(answers)
{
    blind = "respond 403 Sign in first.\nset rh x-a 1\nadd sc a 1";
    sweep("respond, viewer-request", sample("viewer-request-page"), do_script);
    sweep("respond, functions", sample("functions-viewer-request-http"), do_script);
    blind = "error_page 503\nbody64 other";
    sweep("error page, origin-request", sample("origin-request-http"), do_script);
    blind = "respond 404 x";
    sweep("respond, origin-response", sample("origin-response-404"), do_script);
    sweep("redirect", sample("functions-viewer-request-http"), do_redirect);
    sweep("redirect, origin-request", sample("origin-request-http"), do_redirect);
}

TEST(other_edits)
{
    sweep("strings", sample("viewer-request-page"), do_strings);
    sweep("origin", sample("origin-request-custom"), do_origin);
    sweep("body", sample("viewer-request-form"), do_body);
    blind = "domain= b.example\nport= 8080\nset oh x-key 1\nremove oh x-shield";
    sweep("origin members", sample("origin-request-pretty"), do_script);
    blind = "uri= /only/this";
    sweep("uri alone", sample("origin-request-full"), do_script);
    blind =
        "remove_prefix h cloudfront-\nkeep_only h host,accept\nsort h\nset_at h 0 x\nadd h Host y\nremove_at h 0";
    sweep("many at once", sample("origin-request-custom"), do_script);
}

/* An unedited event needs memory only for parsing. */
static bool do_nothing(edgefn_event *ev)
{
    return ev->err.code == EDGEFN_OK;
}
static bool do_look(edgefn_event *ev)
{
    edgefn_query(ev), edgefn_cookies(ev), edgefn_response_cookies(ev);
    return ev->err.code == EDGEFN_OK;
}

TEST(untouched)
{
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str json = slurp(*p);
        if (json.len < 2500) sweep(*p, json, do_nothing), sweep(*p, json, do_look);
    }
}

/* edgefn_memory_event() is enough for the edits listed here, on every sample event;
   test_hostile.c tests the worst events that viewers can send. */
TEST(memory_event)
{
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str json = slurp(*p);
        for (size_t edits = 0; edits <= 20; edits += 5) {
            ROW("%s, %zu edits", *p, edits);
            edgefn_event ev;
            size_t size = edgefn_memory_event(json.len, edits);
            if (!CHECK(edgefn_parse(&ev, json, arena_new(size), NULL) == EDGEFN_OK)) {
                kit_why(&ev);
                continue;
            }
            static char names[20][8];
            edgefn_fields *h = edgefn_is_request(&ev) ? &ev.request.headers : &ev.response.headers;
            for (size_t i = 0; i < edits; i++) {
                snprintf(names[i], sizeof names[i], "x-%zu", i);
                edgefn_str name = edgefn_cstr(names[i]);
                switch (i % 5) {
                case 3:
                    edgefn_set(edgefn_is_request(&ev) ? edgefn_cookies(&ev)
                                                      : edgefn_response_cookies(&ev),
                               name, S("a-value"));
                    break;
                case 4:
                    if (edgefn_is_request(&ev)) {
                        edgefn_set(edgefn_query(&ev), name, S("a-value"));
                        break;
                    } /* fall through */
                default: edgefn_set(h, name, S("a-value"));
                }
            }
            if (!CHECK(edgefn_finish(&ev, NULL).ptr != NULL)) kit_why(&ev);
            CHECK(ev.arena.used <= size);
        }
    }
    CHECK(edgefn_memory_bound(SIZE_MAX) == SIZE_MAX);
    CHECK(edgefn_memory_event(SIZE_MAX, 1) == SIZE_MAX);
    CHECK(edgefn_memory_event(1, SIZE_MAX) == SIZE_MAX);
    CHECK(edgefn_memory_event(SIZE_MAX, SIZE_MAX) == SIZE_MAX);
    for (size_t n = 1; n; n *= 2)
        CHECK(edgefn_memory_bound(n - 1) <= edgefn_memory_bound(n)
              && edgefn_memory_event(n - 1, 3) <= edgefn_memory_event(n, 3)
              && edgefn_memory_bound(n) <= edgefn_memory_event(n, 0)
              && edgefn_memory_event(n, n - 1) <= edgefn_memory_event(n, n));
}
