/* Reaches every error code; checks the exact offset of errors in the input, and the names, lines
   and columns of errors. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

static bool reached[EDGEFN__E_COUNT];

typedef struct input_row {
    const char *frame, *part, *caret;
    edgefn_error code;
    const char *subject;
} input_row;

#define WHOLE   "@"
#define REQUEST L_HEAD("viewer-request") "'request':@}}]}"

static const input_row inputs[] = {
    { WHOLE, "", "^", EDGEFN_E_JSON_EOF, NULL },
    { WHOLE, " ", " ^", EDGEFN_E_JSON_EOF, NULL },
    { WHOLE, "{'Records':[{'cf':", "                  ^", EDGEFN_E_JSON_EOF, NULL },
    { WHOLE, "{'Records':[{'cf':{'confi", "                         ^", EDGEFN_E_JSON_EOF, NULL },
    { WHOLE, "{'x':-", "      ^", EDGEFN_E_JSON_EOF, NULL },
    { WHOLE, "{'x':fal", "        ^", EDGEFN_E_JSON_EOF, NULL },
    { WHOLE, "{'x':'`ud8", "          ^", EDGEFN_E_JSON_EOF, NULL },
    { WHOLE, "{'x':'\xE2\x82", "        ^", EDGEFN_E_JSON_EOF, NULL },
    { REQUEST, "{'method':'GET','uri':'/',}", "                          ^", EDGEFN_E_JSON_SYNTAX,
      NULL },
    { REQUEST, "{'method':'GET' 'uri':'/'}", "                ^", EDGEFN_E_JSON_SYNTAX, NULL },
    { REQUEST, "{'method':'GET','uri':/}", "                      ^", EDGEFN_E_JSON_SYNTAX, NULL },
    { REQUEST, "{'method':'GET','uri':'/','x':falsy}", "                              ^",
      EDGEFN_E_JSON_SYNTAX, NULL },
    { REQUEST, "{'method':'GET','uri':'/`'}", "                         ^", EDGEFN_E_JSON_EOF,
      NULL }, /* the position is the end of the text; see below */
    { REQUEST, "{'method':'GET','uri':'/`a'}", "                        ^", EDGEFN_E_JSON_STRING,
      NULL },
    { REQUEST, "{'method':'GET','uri':'/`u12x4'}", "                        ^",
      EDGEFN_E_JSON_STRING, NULL },
    { REQUEST, "{'method':'GET','uri':'/`udc00'}", "                        ^",
      EDGEFN_E_JSON_STRING, NULL },
    { REQUEST, "{'method':'GET','uri':'/a\x01'}", "                         ^",
      EDGEFN_E_JSON_STRING, NULL },
    { REQUEST, "{'meth`od':'GET','uri':'/'}", "      ^", EDGEFN_E_JSON_STRING, NULL },
    { REQUEST, "{'method':'GET','uri':'/','x':01}", "                              ^",
      EDGEFN_E_JSON_NUMBER, NULL },
    { REQUEST, "{'method':'GET','uri':'/','x':1.}", "                              ^",
      EDGEFN_E_JSON_NUMBER, NULL },
    { REQUEST, "{'method':'GET','uri':'/','x':-}", "                              ^",
      EDGEFN_E_JSON_NUMBER, NULL },
    { REQUEST, "{'method':'GET','uri':'/\xFF'}", "                        ^", EDGEFN_E_JSON_UTF8,
      NULL },
    { REQUEST, "{'method':'GET','uri':'/a\xE2\x82'}", "                         ^",
      EDGEFN_E_JSON_UTF8, NULL },
    { WHOLE, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
      "                                                                ^", EDGEFN_E_JSON_DEPTH,
      NULL },
    { WHOLE, "{} x", "   ^", EDGEFN_E_JSON_TRAILING, NULL },
    { WHOLE, "{'Records':[]}]", "              ^", EDGEFN_E_JSON_TRAILING, NULL },
    { WHOLE, "{}", "^", EDGEFN_E_NOT_AN_EVENT, NULL },
    { WHOLE, " [1]", " ^", EDGEFN_E_NOT_AN_EVENT, NULL },
    { WHOLE,
      "{'Records':[{'cf':{'config':{'eventType':'viewer'},'request':{'method':'GET','uri':'/'}}}]}",
      "                                         ^", EDGEFN_E_NOT_AN_EVENT, "viewer" },
    { REQUEST, "{'uri':'/'}", "          ^", EDGEFN_E_MISSING, "method" },
    { REQUEST, "{ 'method' : 'GET' }", "                   ^", EDGEFN_E_MISSING, "uri" },
    { REQUEST, "{'method':'GET','uri':'/','method':'GET'}", "                          ^",
      EDGEFN_E_DUPLICATE, "method" },
    { REQUEST, "{'method':'GET','uri':'/','headers':{'Ab':[],'aB':[]}}",
      "                                             ^", EDGEFN_E_DUPLICATE, NULL },
    { REQUEST, "{'method':'GET','uri':null}", "                      ^", EDGEFN_E_TYPE, NULL },
    { REQUEST, "{'method':'GET','uri':'/','headers':{'a':[{'value':7}]}}",
      "                                                   ^", EDGEFN_E_TYPE, NULL },
    { L_OREQ, "{'method':'GET','uri':'/','origin':{'custom':{'port':4294967296}}}",
      "                                                     ^", EDGEFN_E_RANGE, NULL },
    { L_ORES, "{'status':'200x'}", "          ^", EDGEFN_E_RANGE, NULL },
    { F_VRES, "{'statusCode':2e2}", "              ^", EDGEFN_E_RANGE, NULL },
};

TEST(about_the_input)
{
    for (size_t i = 0; i < COUNT(inputs); i++) {
        const input_row *r = &inputs[i];
        ROW("%s", r->part);
        size_t at;
        edgefn_event ev;
        edgefn_str json = frame(r->frame, r->part, &at);
        size_t pos = at + strlen(r->caret) - 1;
        if (r->code == EDGEFN_E_JSON_EOF)
            pos = json.len; /* the rest of the frame became part of a string */
        edgefn_error got = edgefn_parse(&ev, guard_copy(json.ptr, json.len),
                                        arena_new(edgefn_memory_bound(json.len)), NULL);
        CHECK_NUM(got, ev.err.code);
        if (!CHECK_ERR(&ev, r->code, pos)) test_show("text   ", json);
        reached[ev.err.code] = true;
        CHECK(ev.err.where != NULL);
        if (r->subject) CHECK_STR(ev.err.subject, r->subject);
        CHECK(!edgefn_passthrough(&ev).ptr && !edgefn_finish(&ev, NULL).ptr
              && !edgefn_write(&ev, NULL, 0, NULL) && !edgefn_write_spans(&ev, NULL, 0, NULL));
        CHECK_STR(edgefn_failed_result(&ev), "null");
        CHECK(!edgefn_set(&ev.request.headers, S("x"), S("1")) && !edgefn_respond(&ev, 403, NULL)
              && !edgefn_uri_set(&ev, S("/")));
        CHECK_NUM(ev.err.code, r->code); /* the first error stays */
    }
}

/* The position and the name in an error message. */
TEST(where_and_subject)
{
    static const struct {
        const char *frame, *part, *where, *subject;
    } rows[] = {
        { L_VREQ, "{'uri':'/'}", "request", "method" },
        { L_VREQ, "{'method':'GET','uri':7}", "request", "uri" },
        { L_VREQ, "{'method':'GET','uri':'/','headers':{'a':[{'value':7}]}}", "request.headers",
          "a" },
        { L_VREQ, "{'method':'GET','uri':'/','headers':{'a':[{}]}}", "request.headers", "a" },
        { L_VREQ, "{'method':'GET','uri':'/','headers':{'Ab':[],'aB':[]}}", "request.headers",
          "aB" },
        { L_VREQ, "{'method':'GET','uri':'/','headers':[]}", "request.headers", NULL },
        { L_VREQ, "{'method':'GET','uri':'/','body':{'data':1}}", "request.body", "data" },
        { L_OREQ, "{'method':'GET','uri':'/','origin':{'custom':{'port':-1}}}",
          "request.origin.custom", "port" },
        { L_OREQ, "{'method':'GET','uri':'/','origin':{'s3':{'region':1}}}", "request.origin.s3",
          "region" },
        { L_OREQ, "{'method':'GET','uri':'/','origin':{'custom':{'customHeaders':{'x':1}}}}",
          "request.origin.custom.customHeaders", "x" },
        { L_ORES, "{'status':'x'}", "response", "status" },
        { L_ORES, "{'status':'200','headers':{'a':1}}", "response.headers", "a" },
        { F_VREQ, "{'method':'GET','uri':'/','querystring':{'a':1}}", "request.querystring", "a" },
        { F_VREQ, "{'method':'GET','uri':'/','cookies':{'a':{'value':1}}}", "request.cookies",
          "a" },
        { F_VRES, "{'statusCode':200,'cookies':{'a':{'value':'1','attributes':1}}}",
          "response.cookies", "a" },
        { F_VRES, "{'statusCode':'200'}", "response", "statusCode" },
        { F_VRES, "{'statusCode':200,'body':7}", "response.body", NULL },
        { WHOLE, "{'Records':7}", "event", "Records" },
        { WHOLE, "{'Records':[{'cf':{'config':{'eventType':'x'}}}]}", "config", "x" },
        { WHOLE, "{} x", "JSON text", NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].part);
        edgefn_event ev;
        edgefn_parse(&ev, frame(rows[i].frame, rows[i].part, NULL), arena_new(8192), NULL);
        CHECK_STR(edgefn_cstr(ev.err.where), rows[i].where);
        CHECK_STR(ev.err.subject, rows[i].subject);
    }
}

/* Errors of edits. "when finished": reported by edgefn_finish(). */
TEST(about_edits)
{
#define PLAIN                                                                                      \
  "{'method':'GET','uri':'/','querystring':'a=1','headers':{'host':[{'value':'h'}],'cookie':[{'value':'a=1'}]}}"
    static const struct {
        const char *frame, *part, *script;
        edgefn_error code;
        bool when_finished;
    } rows[] = {
        { L_VREQ, PLAIN, "!set_at h 9 x", EDGEFN_E_OPTIONS, false },
        { L_VREQ, PLAIN, "!set oh x 1", EDGEFN_E_EVENT_TYPE, false },
        { L_VRES, "{'status':'200'}", "!respond 403", EDGEFN_E_EVENT_TYPE, false },
        { L_ORES, "{'status':'200'}", "uri= /x", EDGEFN_E_EVENT_TYPE, true },
        { F_VREQ, "{'method':'GET','uri':'/'}", "!set h cookie x", EDGEFN_E_DIALECT, false },
        { F_VREQ, "{'method':'GET','uri':'/'}", "!body x", EDGEFN_E_DIALECT, false },
        { L_VREQ, PLAIN, "!set h x:y 1", EDGEFN_E_FIELD_NAME, false },
        { L_VREQ, PLAIN, "!set h x a\rb", EDGEFN_E_FIELD_VALUE, false },
        { L_VREQ, PLAIN, "querystring= a b", EDGEFN_E_FIELD_VALUE, true },
        { L_VREQ, PLAIN, "!uri x", EDGEFN_E_URI, false },
        { L_VREQ, PLAIN, "uri= x", EDGEFN_E_URI, true },
        { L_VREQ, "{'method':'GET','uri':'/','body':{'data':'YQ==','encoding':'base64'}}",
          "body.data= YQ", EDGEFN_E_BASE64, true },
        { L_VREQ, PLAIN, "!respond 600", EDGEFN_E_STATUS, false },
        { L_VREQ, PLAIN, "status= 600", EDGEFN_E_STATUS, true },
        { L_VREQ, PLAIN, "set q a 2\nquerystring= b", EDGEFN_E_CONFLICT, true },
        { L_VREQ, PLAIN, "set c a 2\nset h cookie b=1", EDGEFN_E_CONFLICT, true },
        { L_VREQ, PLAIN, "!respond 204 x", EDGEFN_E_CHECK, false },
        { L_VREQ, PLAIN, "method= PUT", EDGEFN_E_CHECK, true },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].script);
        edgefn_event ev;
        if (!OPEN(&ev, frame(rows[i].frame, rows[i].part, NULL)) || !edit(&ev, rows[i].script))
            continue;
        CHECK_NUM(ev.err.code, rows[i].when_finished ? EDGEFN_OK : rows[i].code);
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        CHECK_ERR(&ev, rows[i].code, NOWHERE);
        CHECK(ev.err.where && ev.err.where[0]);
        reached[ev.err.code] = true;
    }
}

TEST(about_the_host)
{
    edgefn_event ev, copy;
    edgefn_str json = frame(L_VREQ, PLAIN, NULL);
    uint32_t draw;
    ROW("no memory");
    CHECK_NUM(edgefn_parse(&ev, json, arena_new(0), NULL), EDGEFN_E_OOM);
    CHECK_ERR(&ev, EDGEFN_E_OOM, NOWHERE);
    reached[ev.err.code] = true;
    ROW("an invalid block");
    CHECK_NUM(edgefn_parse(&ev, json, edgefn_arena_make(NULL, 0), NULL), EDGEFN_E_OOM);
    ROW("no random draw");
    if (!OPEN(&ev, json)) return;
    CHECK(!edgefn_draw(&ev, &draw));
    CHECK_ERR(&ev, EDGEFN_E_ENVIRONMENT, NOWHERE);
    reached[ev.err.code] = true;
    ROW("a string that changed after it was passed in");
    static char changes[] = "value";
    const edgefn_env strict = { .check_lifetimes = true };
    CHECK(edgefn_parse(&ev, json, arena_new(8192), &(edgefn_parse_opts){ .env = &strict })
          == EDGEFN_OK);
    CHECK(edgefn_set(&ev.request.headers, S("x-a"), edgefn_cstr(changes)));
    changes[0] = 'V';
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK_ERR(&ev, EDGEFN_E_LIFETIME, NOWHERE);
    reached[ev.err.code] = true;
    ROW("a handler that fails with a reason");
    if (!OPEN(&ev, json)) return;
    CHECK(!edgefn_fail(&ev, EDGEFN_E_HANDLER, S("no table")));
    CHECK_ERR(&ev, EDGEFN_E_HANDLER, NOWHERE);
    CHECK_STR(ev.err.subject, "no table");
    reached[ev.err.code] = true;
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL && !edgefn_fail(&ev, EDGEFN_E_OOM, S("later")));
    CHECK_ERR(&ev, EDGEFN_E_HANDLER, NOWHERE);
    ROW("a handler that fails without a reason");
    if (!OPEN(&ev, json)) return;
    CHECK(!edgefn_fail(&ev, EDGEFN_OK, edgefn_cstr(NULL)));
    CHECK_ERR(&ev, EDGEFN_E_HANDLER, NOWHERE);
    ROW("a copied event");
    if (!OPEN(&ev, json)) return;
    memcpy(&copy, &ev, sizeof ev);
    CHECK(edgefn_finish(&copy, NULL).ptr == NULL);
    CHECK_ERR(&copy, EDGEFN_E_MISUSE, NOWHERE);
    reached[copy.err.code] = true;
    ROW("an impossible alignment");
    CHECK(edgefn_alloc(&ev, 1, 3) == NULL);
    CHECK_ERR(&ev, EDGEFN_E_OPTIONS, NOWHERE);
    ROW("no Host header");
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
    CHECK(!edgefn_redirect(&ev, NULL));
    CHECK_ERR(&ev, EDGEFN_E_MISSING, NOWHERE);
}

TEST(locate)
{
    static const struct {
        const char *text;
        size_t pos, line, column;
    } rows[] = {
        { "", 0, 1, 1 },       { "abc", 0, 1, 1 },         { "abc", 2, 1, 3 },
        { "abc", 3, 1, 4 },    { "abc", 99, 1, 4 },        { "a\nb", 1, 1, 2 },
        { "a\nb", 2, 2, 1 },   { "a\nb", 3, 2, 2 },        { "a\n", 2, 2, 1 },
        { "\n\n\n", 2, 3, 1 }, { "\n\n\n", 3, 4, 1 },      { "a\r\nb", 1, 1, 2 },
        { "a\r\nb", 3, 2, 1 }, { "a\rb", 2, 1, 3 },        { "\xC3\xA4x", 2, 1, 3 },
        { "a\n\tb", 3, 2, 2 }, { "a\nb", SIZE_MAX, 2, 2 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("row %zu", i);
        edgefn_location l =
            edgefn_locate(guard_copy(rows[i].text, strlen(rows[i].text)), rows[i].pos);
        CHECK_NUM(l.line, rows[i].line);
        CHECK_NUM(l.column, rows[i].column);
    }
}

static void described(const edgefn_event *ev, const char *want)
{
    char line[1000];
    memset(line, 0x5A, sizeof line);
    size_t n = edgefn_describe(ev, line, sizeof line);
    CHECK(n < sizeof line && line[n] == 0x5A);
    edgefn_str got = { line, n };
    CHECK_STR(got, edgefn_cstr(want));
    /* with less room, the beginning of the same text, and nothing outside the buffer */
    for (size_t cap = 0; cap <= n; cap++) {
        char *small = (char *)malloc(cap ? cap : 1);
        size_t m = edgefn_describe(ev, small, cap);
        bool held = CHECK(m <= cap && memcmp(small, line, m) == 0);
        free(small);
        if (!held) return;
    }
}

TEST(describe)
{
    edgefn_event ev;
    ROW("no error");
    if (!OPEN(&ev, frame(L_VREQ, PLAIN, NULL))) return;
    described(&ev, "");
    ROW("in the input");
    edgefn_str json = js(
        "{'Records':\n [{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':7}}}]}");
    CHECK(edgefn_parse(&ev, json, arena_new(4096), NULL) == EDGEFN_E_TYPE);
    char want[300];
    snprintf(want, sizeof want, "2:82: error: %s: %s%s%.*s (EDGEFN_E_TYPE)",
             edgefn_error_text(EDGEFN_E_TYPE), ev.err.where, ev.err.subject.ptr ? ": " : "",
             EDGEFN_FMT(ev.err.subject));
    described(&ev, want);
    ROW("not in the input");
    if (!OPEN(&ev, frame(L_VREQ, PLAIN, NULL))) return;
    edgefn_set(&ev.request.headers, S("x\x01\ny"), S("1"));
    char line[300];
    size_t n = edgefn_describe(&ev, line, sizeof line);
    edgefn_str text = { line, n };
    CHECK(edgefn_str_starts(text, S(" error: "))
          && edgefn_str_ends(text, S("(EDGEFN_E_FIELD_NAME)"))
          && edgefn_str_contains(text, S("x??y")));
    ROW("a space is shown");
    if (!OPEN(&ev, frame(L_VREQ, PLAIN, NULL))) return;
    edgefn_set(&ev.request.headers, S("x ~\x7Fy"), S("1"));
    n = edgefn_describe(&ev, line, sizeof line);
    CHECK(edgefn_str_contains((edgefn_str){ line, n }, S(": x ~?y (")));
    ROW("a long subject");
    static char name[5000];
    memset(name, '@', sizeof name);
    if (!OPEN(&ev, frame(L_VREQ, PLAIN, NULL))) return;
    edgefn_set(&ev.request.headers, (edgefn_str){ name, sizeof name }, S("1"));
    static char all[6000];
    n = edgefn_describe(&ev, all, sizeof all);
    text = (edgefn_str){ all, n };
    CHECK(n < 1000 && edgefn_str_ends(text, S("@@@... (EDGEFN_E_FIELD_NAME)")));
    size_t shown = 0;
    for (size_t i = 0; i < n; i++)
        shown += all[i] == '@';
    CHECK_NUM(shown, 120);
}

/* Lines and columns of errors, as an editor counts them. */
TEST(lines_of_errors)
{
    edgefn_event ev;
    edgefn_str json = js(
        "{\r\n  'Records': [\r\n    { 'cf': { 'config': { 'eventType': 'viewer-request' },\r\n      'request': { 'method': 'GET', 'uri': '/', 'x': tru } } }\r\n  ]\r\n}\r\n");
    CHECK(edgefn_parse(&ev, json, arena_new(4096), NULL) == EDGEFN_E_JSON_SYNTAX);
    edgefn_location l = edgefn_locate(json, ev.err.pos);
    CHECK_NUM(l.line, 4);
    CHECK_NUM(l.column, 54);
}

/* The first failure stays, and later calls do nothing. */
TEST(first_failure_stays)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, PLAIN, NULL))) return;
    CHECK(!edgefn_set(&ev.request.headers, S("a b"), S("1")));
    edgefn_err first = ev.err;
    CHECK(!edgefn_set(&ev.request.headers, S("x"), S("1"))
          && !edgefn_add(&ev.request.headers, S("x"), S("1"))
          && !edgefn_remove(&ev.request.headers, S("host")));
    CHECK(!edgefn_respond(&ev, 200, NULL) && !edgefn_redirect(&ev, NULL)
          && !edgefn_error_page(&ev, 500) && !edgefn_uri_set(&ev, S("/x"))
          && !edgefn_query_set_raw(&ev, S("x")));
    CHECK(!edgefn_body_replace(&ev, S("x"), EDGEFN_ENCODING_TEXT)
          && !edgefn_status_set(&ev, 200, S("x")) && !edgefn_sort(&ev.request.headers));
    CHECK(ev.err.code == first.code && ev.err.pos == first.pos && ev.err.where == first.where
          && ev.err.subject.ptr == first.subject.ptr);
    CHECK_STR(edgefn_cstr(list_text(&ev.request.headers)), "host=h, cookie=a=1");
    CHECK_STR(ev.request.uri, "/");
    CHECK_NUM(ev.response.status, 0);
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL && edgefn_finish(&ev, NULL).ptr == NULL);
}

/* Runs last, because it uses the results of the other tests. */
TEST(every_code)
{
#define NAMED(id, text) { EDGEFN_E_##id, "EDGEFN_E_" #id, text },
    static const struct {
        edgefn_error code;
        const char *name, *text;
    } rows[] = { EDGEFN_ERROR_LIST(NAMED) };
    CHECK_NUM(COUNT(rows) + 1, EDGEFN__E_COUNT);
    bool all = true;
    for (size_t i = 0; i < COUNT(rows); i++)
        all &= !reached[i + 1];
    if (all) return; /* run by name, without the other tests */
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].name);
        CHECK(reached[rows[i].code]);
        CHECK(strcmp(edgefn_error_name(rows[i].code), rows[i].name) == 0);
        CHECK(strcmp(edgefn_error_text(rows[i].code), rows[i].text) == 0);
    }
    ROW("codes that do not exist");
    CHECK(strcmp(edgefn_error_name(EDGEFN_OK), "EDGEFN_OK") == 0);
    CHECK(strcmp(edgefn_error_name(EDGEFN__E_COUNT), "EDGEFN_E_?") == 0);
    CHECK(strcmp(edgefn_error_name((edgefn_error)-1), "EDGEFN_E_?") == 0);
    CHECK(edgefn_error_text(EDGEFN_OK) != NULL && edgefn_error_text((edgefn_error)1000) != NULL);
}

/* The hint that lenient parsing accepts the event, and what a description does without. */
TEST(describe_hint)
{
    static const struct {
        const char *text;
        edgefn_error code;
        bool hint;
    } rows[] = {
        { "{'Records':[", EDGEFN_E_JSON_EOF, false },
        { "{'Records':1}", EDGEFN_E_TYPE, false },
        { "{'Records':null}", EDGEFN_E_TYPE, true },
        { "{'Records':[{'cf':{'request':{'method':'GET','uri':'/'}}}]}", EDGEFN_E_MISSING, true },
        { "{'Records':[{'cf':{'config':{},'request':{'method':'GET','uri':'/'}}}]}",
          EDGEFN_E_MISSING, true },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'}}}]}", EDGEFN_E_MISSING,
          true },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'uri':'/'}}}]}",
          EDGEFN_E_MISSING, true },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET'}}}]}",
          EDGEFN_E_MISSING, false },
        { "{'version':'1.0','request':{'method':'GET','uri':'/'}}", EDGEFN_E_MISSING, true },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':7}}}]}",
          EDGEFN_E_TYPE, false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        char line[400];
        ROW("%s", rows[i].text);
        CHECK_NUM(edgefn_parse(&ev, js(rows[i].text), arena_new(4096), NULL), rows[i].code);
        edgefn_str text = { line, edgefn_describe(&ev, line, sizeof line) };
        CHECK(edgefn_str_contains(text, S("lenient")) == rows[i].hint);
    }
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, PLAIN, NULL))) return;
    char want[300];
    snprintf(want, sizeof want, " error: %s (EDGEFN_E_HANDLER)",
             edgefn_error_text(EDGEFN_E_HANDLER));
    edgefn_fail(&ev, EDGEFN_E_HANDLER, edgefn_cstr(NULL));
    ev.err.where = NULL;
    described(&ev, want);
    ev.err.where = "";
    described(&ev, want);
    if (!OPEN(&ev, frame(L_VREQ, PLAIN, NULL))) return;
    edgefn_fail(&ev, EDGEFN_E_HANDLER,
                S("a\x7f"
                  "b\x1f"
                  "c"));
    snprintf(want, sizeof want, " error: %s: edgefn_handler: a?b?c (EDGEFN_E_HANDLER)",
             edgefn_error_text(EDGEFN_E_HANDLER));
    described(&ev, want);
}
