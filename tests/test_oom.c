/* Parsing, editing and writing in arenas of every size from zero to enough: the result is
   EDGEFN_E_OOM without any output, or the same bytes as with plenty of memory. An event that
   failed is never passed through. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include "strict.h"
/* clang-format off: tables with aligned columns */

typedef bool (*job)(edgefn_event *ev);

/* Runs a script. Edits may fail, but then they say so: after one that reports success the event has
   no error that it did not have before. */
static const char *blind;
static bool do_script(edgefn_event *ev)
{
    edgefn_str rest = edgefn_cstr(blind);
    while (rest.len) {
        edgefn_cut line = edgefn_str_cut(rest, S("\n"));
        edgefn_str args = line.head;
        rest = line.found ? line.tail : edgefn_str_skip(rest, rest.len);
        edgefn_str op = kit_word(&args);
        bool fine = ev->err.code == EDGEFN_OK;
        int done =
            edgefn_str_ends(op, S("=")) ? kit_assign(ev, op, args) : kit_event_op(ev, op, args);
        if (done < 0) done = kit_list_op(ev, op, args);
        if (done < 0) abort();
        if (fine && done && !CHECK(ev->err.code == EDGEFN_OK || edgefn_str_eq(op, S("look"))))
            printf("    edit: %.*s\n", EDGEFN_FMT(line.head));
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
    held &= CHECK_NUM(ev.err.code, code)
            && CHECK(code == EDGEFN_OK || (code == EDGEFN_E_OOM && ev.err.pos == NOWHERE))
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

/* Every string of an event is decoded, each at a time when memory can run out. */
TEST(escapes_everywhere)
{
    static const char *const events[] = {
        "{'Records':[{'cf':{'config':{'distributionDomainName':'`u0061','distributionId':'`u0061','eventType':'origin-r`u0065quest','requestId':'`u0061'},"
        "'request':{'clientIp':'`u0031','headers':{'`u0061':[{'key':'`u0041','value':'`u0061'},{'value':'`u0062'}],'b':[{'value':'`u0063'}]},'method':'G`u0045T',"
        "'origin':{'custom':{'customHeaders':{'x-`u0061':[{'key':'x-`u0061','value':'`u0061'}]},'domainName':'`u0061.example','keepaliveTimeout':5,'path':'/`u0061',"
        "'port':443,'protocol':'http`u0073','readTimeout':5,'sslProtocols':['TLSv1.`u0032','TLSv1']}},'querystring':'`u0061=1','uri':'/`u0061',"
        "'body':{'action':'read-`u006fnly','data':'`u0059Q==','encoding':'base`u00364','inputTruncated':false}}}}]}",
        "{'Records':[{'cf':{'config':{'eventType':'origin-respons`u0065'},'request':{'method':'GET','uri':'/'},"
        "'response':{'headers':{'`u0061':[{'key':'`u0041','value':'`u0061'}]},'status':'20`u0030','statusDescription':'`u004fK'}}}]}",
        "{'version':'1.`u0030','context':{'eventType':'viewer-respons`u0065','distributionId':'`u0061'},'viewer':{'ip':'`u0031'},"
        "'request':{'method':'G`u0045T','uri':'/`u0061','querystring':{'`u0061':{'value':'`u0061','multiValue':[{'value':'`u0061'},{'value':'`u0062'}]}},"
        "'headers':{'`u0061':{'value':'`u0061'}},'cookies':{'`u0061':{'value':'`u0061'}}},"
        "'response':{'statusCode':200,'statusDescription':'`u004fK','headers':{'`u0061':{'value':'`u0061'}},'cookies':{'`u0061':{'value':'`u0061','attributes':'`u0050ath=/'}},"
        "'body':{'encoding':'tex`u0074','data':'`u0061'}}}",
    };
    for (size_t i = 0; i < COUNT(events); i++) {
        sweep("escapes", js(events[i]), do_nothing);
        sweep("escapes, indented", strict_indented(js(events[i]), "  ", "\n"), do_nothing);
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

/*--- calls that need more memory than edits -------------------------------------------------------------------------*/

/* A job on a parsed event; it writes what it returned as text. Returns false if it failed. */
typedef bool shown_job(edgefn_event *ev, char *to, size_t cap);

static edgefn_env sweep_env;

static size_t plenty(edgefn_str json)
{
    return json.len > 6000 ? 1 << 17 : 1 << 16;
}

/* A job in an arena of that size; or, if `left`, in one that has so many bytes left once the event is parsed. Returns
   false if it failed. */
static bool try_shown(edgefn_str json, shown_job *work, size_t size, bool left, edgefn_event *ev,
                      char *to, size_t cap)
{
    to[0] = 0;
    edgefn_arena arena = arena_new(left ? plenty(json) : size);
    edgefn_error code = edgefn_parse(ev, json, arena, &(edgefn_parse_opts){ .env = &sweep_env });
    CHECK_NUM(ev->err.code, code);
    if (left) ev->arena.cap = ev->arena.used + size;
    bool done = code == EDGEFN_OK && work(ev, to, cap) && ev->err.code == EDGEFN_OK;
    arena_drop();
    return done;
}

/* With every amount of memory: EDGEFN_E_OOM, or what the job shows with plenty. */
static void sweep_shown(const char *title, edgefn_str json, shown_job *work)
{
    static char want[8192], got[8192];
    size_t ooms = 0, enough = 0;
    edgefn_event ev;
    ROW("%s", title);
    if (!CHECK(try_shown(json, work, plenty(json), false, &ev, want, sizeof want))) {
        kit_why(&ev);
        return;
    }
    for (int left = 0; left < 2; left++, enough = 0) {
        for (size_t size = 0; enough < 50 && size < plenty(json); size += left ? 1 : 7) {
            bool done = try_shown(json, work, size, left != 0, &ev, got, sizeof got);
            enough = done ? enough + 1 : 0;
            ooms += !done;
            if (done ? CHECK_STR(edgefn_cstr(got), edgefn_cstr(want))
                     : CHECK_ERR(&ev, EDGEFN_E_OOM, NOWHERE))
                continue;
            printf("    %zu bytes of memory%s\n", size, left ? " left" : "");
            return;
        }
        CHECK(enough == 50);
    }
    CHECK(ooms > 10);
}

static const char *shown_result; /* what show_check() checks */
static void show_findings(const edgefn_finding *f, size_t count, char *to, size_t cap)
{
    size_t n = strlen(to);
    for (size_t i = 0; i < count && i < 64; i++)
        n += (size_t)snprintf(to + n, cap - n, "%s %.*s @%zd\n", f[i].rule->id,
                              EDGEFN_FMT(f[i].subject), (ssize_t)f[i].pos);
}

static bool show_check(edgefn_event *ev, char *to, size_t cap)
{
    edgefn_finding f[64];
    edgefn_str result = js(shown_result);
    size_t count = edgefn_check(ev, result, f, 64);
    if (count != SIZE_MAX) show_findings(f, count, to, cap);
    arena_drop(); /* the text of js() */
    return count != SIZE_MAX;
}

static bool show_finish(edgefn_event *ev, char *to, size_t cap)
{
    edgefn_str out = edgefn_finish(ev, NULL);
    snprintf(to, cap, "%.*s", EDGEFN_FMT(out));
    return out.ptr != NULL;
}

static const char *shown_edits; /* of show_edits() and show_sanitize() */
static bool show_edits(edgefn_event *ev, char *to, size_t cap)
{
    blind = shown_edits;
    do_script(ev);
    return show_finish(ev, to, cap);
}

static bool show_sanitize(edgefn_event *ev, char *to, size_t cap)
{
    edgefn_finding f[64];
    blind = shown_edits;
    do_script(ev);
    size_t count = edgefn_sanitize(ev, f, 64);
    if (ev->err.code != EDGEFN_OK) return false;
    if (!show_finish(ev, to, cap)) return false;
    size_t n = strlen(to);
    snprintf(to + n, cap - n, "\n%zu\n", count);
    return true;
}

/* Header members h1, h2, ... in an order that must be sorted. */
#define H(name, value) "'" name "':[{'key':'" name "','value':'" value "'}]"
#define MANY_HEADERS                                                                               \
  H("x-9", "1")                                                                                    \
  "," H("x-3", "1") "," H("x-7", "1") "," H("x-1", "1") "," H("x-8", "1") "," H("x-2", "1") "," H( \
      "x-6", "1") "," H("x-4", "1") "," H("x-5", "1") "," H("x-0", "1")
#define OTHER_HEADERS                                                                              \
  H("x-4", "1")                                                                                    \
  "," H("x-0", "1") "," H("x-12", "1") "," H("x-5", "1") "," H("x-11", "2") "," H(                 \
      "x-1", "3") "," H("x-13", "1") "," H("via", "1") "," H("x-edge-a", "1") "," H("x-10", "1")
#define ODD_COOKIES                                                                                \
  "i=`u0009; h=`u0008; g=`u0007; f=`u0006; e=`u0005; d=`u0004; c=`u0003; b=`u0002; a=`u0001; j=1"

TEST(check_results)
{
    sweep_env = (edgefn_env){ 0 };
    shown_result = "{'method':'GET','uri':'/','headers':{" OTHER_HEADERS "}}";
    sweep_shown("headers", frame(L_VREQ, L_GET("'headers':{" MANY_HEADERS "}"), NULL), show_check);
    shown_result =
        "{'method':'GET','uri':'/','headers':{" H("cookie", "i=`u0009; h=`u0008; a=`u0001") "}}";
    sweep_shown("cookies with control bytes",
                frame(L_VREQ, L_GET("'headers':{" H("cookie", ODD_COOKIES) "}"), NULL), show_check);
    shown_result = "{'method':'GET','uri':'/','headers':{" OTHER_HEADERS
                   "},'origin':{'custom':{'domainName':'b.example',"
                   "'customHeaders':{" OTHER_HEADERS "}}}}";
    sweep_shown(
        "origin",
        frame(L_OREQ,
              L_GET("'headers':{" MANY_HEADERS "},'origin':{'custom':{'domainName':'a.example',"
                    "'customHeaders':{" MANY_HEADERS "}}}"),
              NULL),
        show_check);
    shown_result =
        "{'method':'PUT','uri':'x','querystring':{'b':{'value':'`u0001'},'a':{'value':'2'}},"
        "'cookies':{'d':{'value':'`u0002'},'c':{'value':';'}},'headers':{'x-9':{'value':'1'},'x-1':{'value':'`u0003'}}}";
    sweep_shown(
        "functions",
        frame(
            F_VREQ,
            L_GET(
                "'querystring':{'a':{'value':'1'},'b':{'value':'1'}},"
                "'cookies':{'c':{'value':'1'},'d':{'value':'1'}},'headers':{'x-1':{'value':'1'}}"),
            NULL),
        show_check);
    shown_result =
        "'{`'headers`':{`'c`':1,`'b`':2,`'X-A`':{},`'a`':[],`'d`':{`'value`':1}},`'uri`':1,`'cookies`':{`'e`':1,"
        "`'f`':2,`'g`':3},`'querystring`':{`'h`':1,`'i`':2},`'method`':5}'";
    sweep_shown("functions, in a string", frame(F_VREQ, "{'method':'GET','uri':'/'}", NULL),
                show_check);
    shown_result = "{'statusCode':200,'headers':{'a':{'value':'1'}},'cookies':{'z':{'value':'1'}}}";
    sweep_shown("functions response",
                frame(F_VRES,
                      F_200("'headers':{'a':{'value':'2'},'b':{'value':'3'}},"
                            "'cookies':{'z':{'value':'2'}}"),
                      NULL),
                show_check);
}

TEST(sanitized)
{
    sweep_env = (edgefn_env){ 0 };
    edgefn_str request = frame(
        L_OREQ,
        L_GET("'headers':{" H("host", "a.example") "," H("via", "1") "," H(
            "content-length",
            "1") "," MANY_HEADERS
                 "},'origin':{'custom':{'domainName':'a.example','customHeaders':{" MANY_HEADERS
                 "}}}"),
        NULL);
    shown_edits =
        "remove h via\nremove h content-length\nset h x-edge-a 1\nset h x-20 1\nsort h\nset oh x-20 2\nset oh host 3\nset oh x-3 4";
    sweep_shown("request", request, show_sanitize);
    shown_edits = "set oh host 3\nsort oh\nremove oh x-9\nadd h x-9 2\nset h x-edge-b 2\nset c a 1";
    sweep_shown("custom headers", request, show_sanitize);
    shown_edits =
        "remove rh via\nremove rh content-length\nremove rh transfer-encoding\nset rh x-amz-cf-id 1\nset rh x-1 2\nadd sc a 1";
    sweep_shown("response",
                frame(L_VRES,
                      L_200("'headers':{" H("via", "1") "," H("content-length", "1") "," H(
                          "transfer-encoding", "chunked") "," H("set-cookie", "b=1") "}"),
                      NULL),
                show_sanitize);
}

static bool show_cors(edgefn_event *ev, char *to, size_t cap)
{
    const edgefn_str origins[1] = { EDGEFN_S_INIT("https://a.example") };
    return edgefn_header_cors(
               ev, &(edgefn_cors_opts){ .origins = origins, .origin_count = 1, .max_age_s = 600 })
           && show_finish(ev, to, cap);
}
static bool show_redirect(edgefn_event *ev, char *to, size_t cap)
{
    return edgefn_redirect(ev, &(edgefn_redirect_opts){ .path = S("/there#part"), .status = 302 })
           && show_finish(ev, to, cap);
}
static bool show_normalize(edgefn_event *ev, char *to, size_t cap)
{
    return edgefn_query_normalize(ev, NULL) && show_finish(ev, to, cap);
}
static bool longer_than_one(const edgefn_field *field, void *user)
{
    (void)user;
    return field->value.len > 1;
}
static bool show_remove_if(edgefn_event *ev, char *to, size_t cap)
{
    return edgefn_remove_if(&ev->request.headers, longer_than_one, NULL)
           && show_finish(ev, to, cap);
}
static bool show_attributes(edgefn_event *ev, char *to, size_t cap)
{
    return edgefn_set_attributes_at(edgefn_response_cookies(ev), 0, S("Path=/"))
           && show_finish(ev, to, cap);
}
static bool show_lifetimes(edgefn_event *ev, char *to, size_t cap)
{
    return edgefn_set(&ev->request.headers, S("x-a-long-name-of-a-header"), S("1"))
           && edgefn_add(&ev->request.headers, S("x-another-long-name-of-a-header"), S("2"))
           && show_finish(ev, to, cap);
}

TEST(other_calls)
{
    sweep_env = (edgefn_env){ 0 };
    sweep_shown(
        "preflight",
        frame(L_VREQ,
              "{'method':'OPTIONS','uri':'/','headers':{" H("origin", "https://a.example") "," H(
                  "access-control-request-method", "PUT") "}}",
              NULL),
        show_cors);
    sweep_shown(
        "redirect to a part",
        frame(L_VREQ, L_GET("'querystring':'a=1','headers':{" H("host", "a.example") "}"), NULL),
        show_redirect);
    sweep_shown("normalize", frame(L_VREQ, L_GET("'querystring':'k&j&i&h&g&f&e&d&c&b&a'"), NULL),
                show_normalize);
    sweep_shown("remove_if",
                frame(L_VREQ, L_GET("'headers':{" MANY_HEADERS "," H("y", "22") "}"), NULL),
                show_remove_if);
    sweep_shown("attributes", frame(L_VRES, L_200("'headers':{" H("set-cookie", "b=1") "}"), NULL),
                show_attributes);
    shown_edits =
        "set h x-1 `u00e9\nset h x-9 2\nset h x-3 3\nremove h x-7\nset h x-8 4\nset h x-2 5\nadd h x-6 6\nadd h x-4 7\n"
        "remove h x-5\nset h x-0 8\nsort h\nuri= /b\nquerystring= c=1";
    edgefn_str many =
        frame(L_VREQ, L_GET("'querystring':'a=1','headers':{" MANY_HEADERS "}"), NULL);
    sweep_shown("many edits, sorted", many, show_edits);
    sweep_env.check_lifetimes = true;
    sweep_shown("lifetimes", many, show_lifetimes);
    sweep_env.check_lifetimes = false;
}

/* What needs more memory late than early, so that it can run out there. */
static bool show_script_finish(edgefn_event *ev, char *to, size_t cap)
{
    blind = shown_edits;
    do_script(ev);
    edgefn_str out = edgefn_finish(ev, &(edgefn_write_opts){ .skip_check = true });
    snprintf(to, cap, "%.*s", EDGEFN_FMT(out));
    return out.ptr != NULL;
}

#define V(n) "{'key':'A','value':'" #n "'}"

static char many[20000], few[20000], event[41000], removed[41000], edits[4000];

TEST(late)
{
    size_t n;
    sweep_env = (edgefn_env){ 0 };
    sweep_shown(
        "preflight at the origin",
        frame(L_OREQ,
              "{'method':'OPTIONS','uri':'/','headers':{" H("origin", "https://a.example") "," H(
                  "access-control-request-method", "PUT") "}}",
              NULL),
        show_cors);

    n = (size_t)sprintf(many, "z=1");
    for (int i = 0; i < 300; i++)
        n += (size_t)sprintf(many + n, "; `u0001%d", 999 - i);
    snprintf(event, sizeof event, "{'method':'GET','uri':'/','headers':{" H("cookie", "%s") "}}",
             many);
    shown_result = "{'method':'GET','uri':'/','headers':{" H("cookie", "z=1; `u0001999") "}}";
    sweep_shown("many invalid cookies", frame(L_VREQ, event, NULL), show_check);

    memset(few, 'v', 9000);
    few[9000] = 0;
    shown_result =
        "{'method':'GET','uri':'/','headers':{'a':{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}}}";
    sweep_shown(
        "a value beside its values",
        frame(F_VREQ, L_GET("'headers':{'a':{'multiValue':[{'value':'1'},{'value':'2'}]}}"), NULL),
        show_check);

    n = (size_t)sprintf(few, "'{`'headers`':{");
    for (int i = 0; i < 60; i++)
        n += (size_t)sprintf(few + n, "%s`'x-edge-%d`':{`'value`':`'1`'}", i ? "," : "", i);
    sprintf(few + n, "},`'uri`':`'/`',`'method`':`'PUT`'}'");
    shown_result = few;
    sweep_shown("many findings in a string", frame(F_VREQ, "{'method':'GET','uri':'/'}", NULL),
                show_check);
}

TEST(late_in_one_of_two_lists)
{
    size_t n, m;
    sweep_env = (edgefn_env){ 0 };
    for (int which = 0; which < 2; which++) { /* one list is much longer than the other */
        n = m = 0;
        for (int i = 0; i < 60; i++)
            n += (size_t)sprintf(many + n, "%s'n-%d':[{'value':'1'}]", i ? "," : "", (i * 7) % 60);
        m += (size_t)sprintf(few + m, "'x-9':[{'value':'1'}]");
        snprintf(
            event, sizeof event,
            "{'method':'GET','uri':'/','headers':{%s},'origin':{'custom':{'domainName':'a.example','customHeaders':{%s}}}}",
            which ? many : few, which ? few : many);
        shown_edits = which ? "set oh host 3" : "set h n-7 1";
        sweep_shown(which ? "many headers" : "many custom headers", frame(L_OREQ, event, NULL),
                    show_sanitize);
    }
    n = (size_t)sprintf(many, "'via':[{'value':'0'}");
    for (int i = 1; i < 60; i++)
        n += (size_t)sprintf(many + n, ",{'value':'%d'}", i);
    snprintf(
        event, sizeof event,
        "{'method':'GET','uri':'/','headers':{%s],'host':[{'value':'h'}],'content-length':[{'value':'0'}]}}",
        many);
    shown_edits = "remove h content-length\nremove h host\nremove h via\nset h x 1\nsort h";
    sweep_shown("many removed values", frame(L_VREQ, event, NULL), show_sanitize);
}

TEST(late_in_edited_values)
{
    size_t n;
    sweep_env = (edgefn_env){ 0 };
    shown_edits = "remove_at h 0\nremove_at h 1\nset_at h 1 x\nset h b 2\nsort h";
    sweep_shown("values edited and removed, sorted",
                frame(L_VREQ,
                      L_GET("'headers':{'b':[{'value':'1'}],'a':[" V(1) "," V(2) "," V(3) "," V(
                          4) "," V(5) "]}"),
                      NULL),
                show_script_finish);
    shown_edits = "remove_at h 0\nremove_at h 1\nremove_at h 2\nset_at h 1 x";
    sweep_shown("values edited and removed",
                frame(L_VREQ,
                      L_GET("'headers':{'a':[" V(1) "," V(2) "," V(3) "," V(4) "," V(5) "]}"),
                      NULL),
                show_script_finish);
    shown_edits = "set h x-a 1";
    sweep_shown("a name without values", frame(L_VREQ, L_GET("'headers':{'X-`u0041':[]}"), NULL),
                show_script_finish);
    shown_edits = "set_at h 0 x";
    sweep_shown(
        "an item's first value",
        frame(F_VREQ,
              L_GET("'headers':{'a':{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}}"),
              NULL),
        show_script_finish);
    n = 0;
    for (int i = 0; i < 60; i++)
        n += (size_t)sprintf(many + n, "%s'n-%d':[{'value':'1'}]", i ? "," : "", (i * 7) % 60);
    snprintf(event, sizeof event, "{'method':'GET','uri':'/','headers':{%s}}", many);
    shown_edits = "remove h n-52\nremove h n-45\nremove h n-0\nset h n-1 2\nsort h";
    sweep_shown("removed in another order, sorted", frame(L_VREQ, event, NULL), show_script_finish);
    n = 0;
    for (int i = 59; i >= 4; i--)
        n += (size_t)sprintf(edits + n, "remove h n-%d\n", (i * 7) % 60);
    sprintf(edits + n, "set h n-0 2\nsort h");
    shown_edits = edits;
    sweep_shown("most removed in another order, sorted", frame(L_VREQ, event, NULL),
                show_script_finish);
}

TEST(late_in_removed_values)
{
    size_t n = 0;
    sweep_env = (edgefn_env){ 0 };
    for (int i = 0; i < 60; i++)
        n += (size_t)sprintf(many + n, "%s'n-%d':[{'value':'1'}]", i ? "," : "", (i * 7) % 60);
    n = (size_t)sprintf(few, "'via':[" V(0) "," V(1) "," V(2) "," V(3) "," V(4) "," V(5) "," V(
                                 6) "],'content-length':[" V(1) "," V(2) "," V(3) "],");
    snprintf(removed, sizeof removed, "{'method':'GET','uri':'/','headers':{%s%s}}", few, many);
    n = 0;
    for (int i = 59; i >= 4; i--)
        n += (size_t)sprintf(edits + n, "remove h n-%d\n", (i * 7) % 60);
    sprintf(edits + n, "remove h content-length\nremove h via\nsort h");
    shown_edits = edits;
    sweep_shown("most removed, some of them read-only", frame(L_VREQ, removed, NULL),
                show_sanitize);
}

TEST(late_in_look_ups)
{
    size_t n = 0;
    sweep_env = (edgefn_env){ 0 };
    for (int i = 0; i < 80; i++)
        n += (size_t)sprintf(many + n, "%s'x-edge-%d':[{'value':'1'}]", i ? "," : "", (i * 7) % 80);
    snprintf(removed, sizeof removed, "{'method':'GET','uri':'/','headers':{%s}}", many);
    n = 0;
    for (int i = 0; i < 30; i++)
        n += (size_t)sprintf(edits + n, "set h x-edge-%d 2\n", i);
    sprintf(edits + n, "set h x-edge-80 2");
    shown_edits = edits;
    sweep_shown("many look-ups", frame(L_VREQ, removed, NULL), show_sanitize);
    shown_edits =
        "remove h via\nremove h if-range\nremove h content-length\nremove h transfer-encoding\nsort h";
    sweep_shown(
        "read-only headers removed in their order, the others sorted",
        frame(
            L_OREQ,
            L_GET("'headers':{'via':[" V(0) "," V(1) "," V(2) "," V(3) "," V(4) "],'if-range':[" V(1) "," V(2) "," V(
                3) "],'content-length':[" V(1) "," V(2) "," V(3) "],"
                                                                 "'transfer-encoding':[" V(1) "," V(2) "," V(3) "],'c':[" V(
                                                                     1) "],'a':[" V(1) "],'b':[" V(1) "]}"),
            NULL),
        show_sanitize);
}

TEST(late_in_checks)
{
    size_t n = 0;
    sweep_env = (edgefn_env){ 0 };
    /* what was removed is sorted for each check, and the second one has less memory */
    for (int i = 0; i < 60; i++)
        n += (size_t)sprintf(many + n, "%s'n-%d':[{'value':'1'}]", i ? "," : "", i);
    snprintf(
        removed, sizeof removed,
        "{'method':'GET','uri':'/','headers':{%s},'origin':{'custom':{'domainName':'a.example','customHeaders':{}}}}",
        many);
    n = (size_t)sprintf(edits, "set oh host 3");
    for (int i = 59; i >= 4; i--)
        n += (size_t)sprintf(edits + n, "\nremove h n-%d", i);
    shown_edits = edits;
    sweep_shown("many removed, a custom header to undo", frame(L_OREQ, removed, NULL),
                show_sanitize);
    /* the index of what was received needs more memory than undoing the edits of what is left */
    n = 0;
    for (int i = 0; i < 300; i++)
        n += (size_t)sprintf(many + n, "'n-%d':[{'value':'1'}],", i);
    for (int i = 0; i < 40; i++)
        n += (size_t)sprintf(many + n, "%s'x-edge-%d':[{'value':'1'}]", i ? "," : "", (i * 7) % 40);
    snprintf(removed, sizeof removed, "{'method':'GET','uri':'/','headers':{%s}}", many);
    n = (size_t)sprintf(edits, "remove_prefix h n-");
    for (int i = 0; i < 30; i++)
        n += (size_t)sprintf(edits + n, "\nset h x-edge-%d 2", i);
    shown_edits = edits;
    sweep_shown("many look-ups, few headers left", frame(L_VREQ, removed, NULL), show_sanitize);
    n = 0;
    for (int i = 0; i < 60; i++)
        n += (size_t)sprintf(many + n, "%s'n-%d':[{'value':'1'}]", i ? "," : "", (i * 7) % 60);
    snprintf(event, sizeof event, "{'headers':{%s},'method':'GET','uri':'/'}", many);
    n = 0;
    for (int i = 59; i >= 0; i--)
        n += (size_t)sprintf(edits + n, "set h n-%d 2\n", (i * 7) % 60);
    sprintf(edits + n, "set h x-new 1\nuri= /b");
    shown_edits = edits;
    sweep_shown("all values edited", frame(L_VREQ, event, NULL), show_script_finish);
}
