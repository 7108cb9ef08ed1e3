/* CloudFront Functions events: each member of both event types parsed, and broken in every way. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include "schema.h"
/* clang-format off: tables with aligned columns */

#define ROOT(type, where)                                                                          \
  { "root", "version", "'1.0'", "s", 0 }, { "root", "context", "@context", "o", '!' },             \
      { "context", where, "'d111111abcdef8.cloudfront.net'", "s", 0 },                             \
      { "context", "distributionId", "'EDFDVBD6EXAMPLE'", "s", 0 },                                \
      { "context", "eventType", "'" type "'", "s", '!' },                                          \
      { "context", "requestId", "'4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ=='",     \
        "s", 0 },                                                                                  \
      { "root", "viewer", "@viewer", "o", 0 }, { "viewer", "ip", "'198.51.100.7'", "s", 0 },       \
      { "root", "request", "@request", "o", '!' }, { "request", "method", "'GET'", "s", '!' },     \
      { "request", "uri", "'/p'", "s", '!' }, { "request", "querystring", "@map_query", "so", 0 }, \
      { "map_query", "id", "@qid", "o", 0 }, { "qid", "value", "'42'", "s", '!' },                 \
      { "map_query", "flag", "@qflag", "o", 0 }, { "qflag", "value", "''", "s", '!' },             \
      { "map_query", "t", "@qt", "o", 0 }, { "qt", "value", "'a'", "s", 0 },                       \
      { "qt", "multiValue", "[@qt1,@qt2]", "a", 0 }, { "qt1", "value", "'a'", "s", '!' },          \
      { "qt2", "value", "'b,c'", "s", '!' }, { "request", "headers", "@map_headers", "o", 0 },     \
      { "map_headers", "host", "@host", "o", 0 },                                                  \
      { "host", "value", "'www.example.com'", "s", '!' },                                          \
      { "map_headers", "accept", "@accept", "o", 0 }, { "accept", "value", "'x/y'", "s", 0 },      \
      { "accept", "multiValue", "[@accept1,@accept2]", "a", 0 },                                   \
      { "accept1", "value", "'x/y'", "s", '!' }, { "accept2", "value", "'*/*'", "s", '!' },        \
      { "request", "cookies", "@map_cookies", "o", 0 }, { "map_cookies", "ID", "@cid", "o", 0 },   \
      { "cid", "value", "'x'", "s", '!' }, { "map_cookies", "id", "@cid2", "o", 0 },               \
      { "cid2", "value", "'y'", "s", 0 }, { "cid2", "multiValue", "[@cid21,@cid22]", "a", 0 },     \
      { "cid21", "value", "'y'", "s", '!' },                                                       \
  {                                                                                                \
    "cid22", "value", "'z'", "s", '!'                                                              \
  }

#define RESPONSE                                                                                   \
  { "root", "response", "@response", "o", '!' }, { "response", "statusCode", "200", "n", '!' },    \
      { "response", "statusDescription", "'OK'", "s", 0 },                                         \
      { "response", "headers", "@map_rheaders", "o", 0 },                                          \
      { "map_rheaders", "server", "@server", "o", 0 },                                             \
      { "server", "value", "'CustomOriginServer'", "s", '!' },                                     \
      { "response", "cookies", "@map_rcookies", "o", 0 },                                          \
      { "map_rcookies", "sid", "@sid", "o", 0 }, { "sid", "value", "'abc'", "s", '!' },            \
      { "sid", "attributes", "'Path=/; Secure'", "s", 0 }, { "map_rcookies", "m", "@m", "o", 0 },  \
      { "m", "value", "'1'", "s", 0 }, { "m", "attributes", "'Path=/a'", "s", 0 },                 \
      { "m", "multiValue", "[@m1,@m2]", "a", 0 }, { "m1", "value", "'1'", "s", '!' },              \
      { "m1", "attributes", "'Path=/a'", "s", 0 }, { "m2", "value", "'2'", "s", '!' },             \
      { "m2", "attributes", "'Path=/b'", "s", 0 }, { "response", "body", "@body", "so", 0 },       \
      { "body", "encoding", "'text'", "s", 0 },                                                    \
  {                                                                                                \
    "body", "data", "'hello'", "s", 0                                                              \
  }

static const member viewer_request[] = { ROOT("viewer-request", "distributionDomainName") };
static const member viewer_request_endpoint[] = { ROOT("viewer-request", "endpoint") };
static const member viewer_response[] = { ROOT("viewer-response", "distributionDomainName"),
                                          RESPONSE };

TEST(viewer_request_broken)
{
    break_everything("viewer-request", viewer_request, COUNT(viewer_request));
}
TEST(viewer_request_endpoint_broken)
{
    break_everything("viewer-request, endpoint", viewer_request_endpoint,
                     COUNT(viewer_request_endpoint));
}
TEST(viewer_response_broken)
{
    break_everything("viewer-response", viewer_response, COUNT(viewer_response));
}

static bool open_plan(edgefn_event *ev, const member *members, size_t count)
{
    plan p = { .members = members, .count = count, .space = "", .which = SIZE_MAX };
    bool ok = CHECK(build_and_parse(&p, ev));
    if (!ok) kit_why(ev);
    free(p.text);
    return ok;
}

static void check_request(edgefn_event *ev, edgefn_event_type type)
{
    CHECK(ev->dialect == EDGEFN_DIALECT_FUNCTIONS && ev->type == type && ev->err.code == EDGEFN_OK);
    CHECK_STR(ev->version, "1.0");
    CHECK_STR(ev->domain, "d111111abcdef8.cloudfront.net");
    CHECK_STR(ev->distribution_id, "EDFDVBD6EXAMPLE");
    CHECK_STR(ev->request_id, "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==");
    CHECK_STR(ev->request.client_ip, "198.51.100.7");
    CHECK_STR(ev->request.method, "GET");
    CHECK_STR(ev->request.uri, "/p");
    CHECK_STR(ev->request.querystring, NULL);
    CHECK_STR(edgefn_query_text(ev), "id=42&flag=&t=a&t=b,c");
    CHECK_STR(edgefn_cstr(list_text(edgefn_query(ev))), "id=42, flag=, t=a, t=b,c");
    CHECK_STR(edgefn_cstr(list_text(&ev->request.headers)),
              "host=www.example.com, accept=x/y, accept=*/*");
    CHECK_STR(ev->request.headers.items[0].key, NULL);
    CHECK_STR(edgefn_cstr(list_text(edgefn_cookies(ev))), "ID=x, id=y, id=z");
    CHECK_STR(edgefn_get(edgefn_cookies(ev), S("id")), "y");
    CHECK_STR(edgefn_get(edgefn_cookies(ev), S("Id")), NULL);
    CHECK_STR(ev->request.body.data, NULL);
    CHECK(ev->request.origin.kind == EDGEFN_ORIGIN_NONE);
}

TEST(viewer_request_read)
{
    edgefn_event ev;
    if (!open_plan(&ev, viewer_request, COUNT(viewer_request))) return;
    check_request(&ev, EDGEFN_VIEWER_REQUEST);
    CHECK(ev.response.status == 0 && edgefn_is_request(&ev)
          && edgefn_response_cookies(&ev)->len == 0);
    if (!open_plan(&ev, viewer_request_endpoint, COUNT(viewer_request_endpoint))) return;
    check_request(&ev, EDGEFN_VIEWER_REQUEST);
}

TEST(viewer_response_read)
{
    edgefn_event ev;
    if (!open_plan(&ev, viewer_response, COUNT(viewer_response))) return;
    check_request(&ev, EDGEFN_VIEWER_RESPONSE);
    CHECK_NUM(ev.response.status, 200);
    CHECK(!edgefn_is_request(&ev));
    CHECK_STR(ev.response.status_text, "OK");
    CHECK_STR(edgefn_cstr(list_text(&ev.response.headers)), "server=CustomOriginServer");
    CHECK_STR(edgefn_cstr(list_text(edgefn_response_cookies(&ev))),
              "sid=abc<Path=/; Secure>, m=1<Path=/a>, m=2<Path=/b>");
    CHECK_STR(ev.response.body.data, "hello");
    CHECK_NUM(ev.response.body.encoding, EDGEFN_ENCODING_TEXT);
}

TEST(member_names)
{
    static const struct {
        edgefn_member member;
        const char *name;
    } rows[] = {
        { EDGEFN_MEMBER_CLIENT_IP, "viewer.ip" },
        { EDGEFN_MEMBER_METHOD, "request.method" },
        { EDGEFN_MEMBER_URI, "request.uri" },
        { EDGEFN_MEMBER_QUERYSTRING, "request.querystring" },
        { EDGEFN_MEMBER_STATUS, "response.statusCode" },
        { EDGEFN_MEMBER_STATUS_TEXT, "response.statusDescription" },
    };
    edgefn_event ev;
    if (!open_plan(&ev, viewer_response, COUNT(viewer_response))) return;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].name);
        CHECK_STR(edgefn_cstr(edgefn_member_name(&ev, rows[i].member)), rows[i].name);
        CHECK_NUM(edgefn_changed(&ev, rows[i].member), EDGEFN_CHANGE_NONE);
    }
}

TEST(minimal_events)
{
    static const struct {
        const char *json;
        edgefn_event_type type;
    } rows[] = {
        { "{'version':'1.0','context':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}",
          EDGEFN_VIEWER_REQUEST },
        { "{'request':{'uri':'/','method':'GET'},'context':{'eventType':'viewer-request'},'version':'1.0'}",
          EDGEFN_VIEWER_REQUEST },
        { "{'version':'1.0','context':{'eventType':'viewer-request'},'viewer':{},'request':{'method':'GET','uri':'/','querystring':{},'headers':{},'cookies':{}}}",
          EDGEFN_VIEWER_REQUEST },
        { "{'version':'1.0','context':{'eventType':'viewer-response'},'request':{'method':'GET','uri':'/'},'response':{'statusCode':200}}",
          EDGEFN_VIEWER_RESPONSE },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].json);
        edgefn_event ev;
        if (!OPEN(&ev, js(rows[i].json))) continue;
        CHECK(ev.dialect == EDGEFN_DIALECT_FUNCTIONS && ev.type == rows[i].type);
        CHECK_STR(ev.request.uri, "/");
        CHECK_STR(edgefn_query_text(&ev), "");
        CHECK(!ev.domain.ptr && !ev.request_id.ptr && !ev.request.client_ip.ptr);
        CHECK(ev.request.headers.len == 0 && edgefn_query(&ev)->len == 0
              && edgefn_cookies(&ev)->len == 0 && edgefn_response_cookies(&ev)->len == 0);
        CHECK_NUM(ev.response.status, ev.type == EDGEFN_VIEWER_RESPONSE ? 200 : 0);
        UNTOUCHED(&ev);
    }
}

/* A query may be an object or a string; a handler sees no difference. */
TEST(query_variants)
{
    static const struct {
        const char *query, *list, *text;
        bool raw;
    } rows[] = {
        { "{}", "", "", false },
        { "''", "", "", true },
        { "'b=2&a=1&b=3&flag'", "b=2, a=1, b=3, flag=", "b=2&a=1&b=3&flag", true },
        { "{'a':{'value':'1'}}", "a=1", "a=1", false },
        { "{'a':{'value':''}}", "a=", "a=", false },
        { "{'a':{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]},'b':{'value':'3'}}",
          "a=1, a=2, b=3", "a=1&a=2&b=3", false },
        { "{'a':{'value':'1','multivalue':[{'value':'1'},{'value':'2'}]}}", "a=1, a=2", "a=1&a=2",
          false },
        { "{'a':{'multiValue':[{'value':'1'},{'value':'2'}],'value':'1'}}", "a=1, a=2", "a=1&a=2",
          false },
        { "{'a':{'value':'1','multiValue':[{'value':'1'}]}}", "a=1", "a=1", false },
        { "{'ID':{'value':'1'},'id':{'value':'2'}}", "ID=1, id=2", "ID=1&id=2", false },
        { "{'a%20b':{'value':'%3D+'}}", "a%20b=%3D+", "a%20b=%3D+", false },
        { "{'`u0061':{'value':'`u0031'}}", "a=1", "a=1", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].query);
        edgefn_event ev;
        if (!OPEN(
                &ev,
                frame(F_HEAD(
                          "viewer-request") "'request':{'method':'GET','uri':'/','querystring':@}}",
                      rows[i].query, NULL)))
            continue;
        CHECK(rows[i].raw ? CHECK_STR(ev.request.querystring, rows[i].text)
                          : CHECK_STR(ev.request.querystring, NULL));
        CHECK_STR(edgefn_cstr(list_text(edgefn_query(&ev))), rows[i].list);
        CHECK_STR(edgefn_query_text(&ev), rows[i].text);
        UNTOUCHED(&ev);
    }
}

TEST(body_variants)
{
    static const struct {
        const char *body, *data;
        edgefn_encoding encoding;
    } rows[] = {
        { "'hello'", "hello", EDGEFN_ENCODING_TEXT },
        { "''", "", EDGEFN_ENCODING_TEXT },
        { "{'encoding':'text','data':'hello'}", "hello", EDGEFN_ENCODING_TEXT },
        { "{'data':'aGk=','encoding':'base64'}", "aGk=", EDGEFN_ENCODING_BASE64 },
        { "{'encoding':'text','data':''}", "", EDGEFN_ENCODING_TEXT },
        { "{}", NULL, EDGEFN_ENCODING_DEFAULT },
        { "'a`nb'", "a\nb", EDGEFN_ENCODING_TEXT },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].body);
        edgefn_event ev;
        if (!OPEN(
                &ev,
                frame(
                    F_HEAD(
                        "viewer-response") "'request':{'method':'GET','uri':'/'},'response':{'statusCode':200,'body':@}}",
                    rows[i].body, NULL)))
            continue;
        CHECK_STR(ev.response.body.data, rows[i].data);
        if (rows[i].data) CHECK_NUM(ev.response.body.encoding, rows[i].encoding);
        UNTOUCHED(&ev);
    }
}

TEST(status_code_variants)
{
    static const struct {
        const char *text;
        edgefn_error code;
        uint32_t status;
    } rows[] = {
        { "200", EDGEFN_OK, 200 },
        { "404", EDGEFN_OK, 404 },
        { "599", EDGEFN_OK, 599 },
        { "null", EDGEFN_E_TYPE, 0 },
        { "true", EDGEFN_E_TYPE, 0 },
        { "{}", EDGEFN_E_TYPE, 0 },
        { "-1", EDGEFN_E_RANGE, 0 },
        { "200.5", EDGEFN_E_RANGE, 0 },
        { "99999999999", EDGEFN_E_RANGE, 0 },
        { "4294967496", EDGEFN_E_RANGE, 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].text);
        size_t at;
        edgefn_event ev;
        edgefn_parse(
            &ev,
            frame(
                F_HEAD(
                    "viewer-response") "'request':{'method':'GET','uri':'/'},'response':{'statusCode':@}}",
                rows[i].text, &at),
            arena_new(4096), NULL);
        if (rows[i].code) {
            CHECK_ERR(&ev, rows[i].code, at);
            continue;
        }
        CHECK_NUM(ev.err.code, EDGEFN_OK);
        CHECK_NUM(ev.response.status, rows[i].status);
        UNTOUCHED(&ev);
    }
}

TEST(refused)
{
    enum {
        TYPE = EDGEFN_E_TYPE,
        DUPLICATE = EDGEFN_E_DUPLICATE,
        MISSING = EDGEFN_E_MISSING,
        NOT = EDGEFN_E_NOT_AN_EVENT
    };
#define REQ F_HEAD("viewer-request") "'request':{'method':'GET','uri':'/',@}}"
#define RES                                                                                        \
  F_HEAD("viewer-response") "'request':{'method':'GET','uri':'/'},'response':{'statusCode':200,@}}"
    static const struct {
        const char *frame, *part, *caret;
        int code;
    } rows[] = {
        { REQ, "'headers':{'a':[{'key':'A','value':'1'}]}", "               ^", TYPE },
        { REQ, "'headers':{'a':'1'}", "               ^", TYPE },
        { REQ, "'headers':{'a':{'value':1}}", "                        ^", TYPE },
        { REQ, "'headers':{'a':{'value':'1','multiValue':{'value':'1'}}}",
          "                                         ^", TYPE },
        { REQ, "'headers':{'a':{'value':'1','multiValue':['1']}}",
          "                                          ^", TYPE },
        { REQ, "'headers':{'a':{'value':'1','multiValue':[{'value':'1'},null]}}",
          "                                                        ^", TYPE },
        { REQ, "'headers':{'a':{'value':'1'},'A':{'value':'1'}}", "                             ^",
          DUPLICATE },
        { REQ, "'headers':{'a':{'value':'1','multiValue':[],'multiValue':[]}}",
          "                                            ^", DUPLICATE },
        { REQ, "'headers':{'a':{'value':'1','multiValue':[{'value':'1','value':'1'}]}}",
          "                                                       ^", DUPLICATE },
        { REQ, "'querystring':{'a':{'value':'1'},'b':{'value':'1'},'a':{'value':'2'}}",
          "                                                   ^", DUPLICATE },
        { REQ, "'querystring':{'a':{'value':'1'},'`u0061':{'value':'2'}}",
          "                                 ^", DUPLICATE },
        { REQ, "'querystring':{'a':'1'}", "                   ^", TYPE },
        { REQ, "'querystring':{'a':['1']}", "                   ^", TYPE },
        { REQ, "'querystring':['a']", "              ^", TYPE },
        { REQ, "'cookies':{'a':{'value':'1'},'a':{'value':'2'}}", "                             ^",
          DUPLICATE },
        { REQ, "'cookies':{'a':{'value':'1'},'a`u0000':{'value':'2'},'a`u0000':{'value':'3'}}",
          "                                                     ^", DUPLICATE },
        { REQ, "'cookies':'a=1'", "          ^", TYPE },
        { RES, "'cookies':{'a':{'value':'1','attributes':null}}",
          "                                         ^", TYPE },
        { RES, "'cookies':{'a':{'value':'1','attributes':'','attributes':''}}",
          "                                            ^", DUPLICATE },
        { RES, "'cookies':{'a':{'value':'1'},'b':{'value':'1'},'a':{'value':'1'}}",
          "                                               ^", DUPLICATE },
        { RES, "'body':7", "       ^", TYPE },
        { RES, "'body':{'data':null}", "               ^", TYPE },
        { RES, "'body':{'encoding':true}", "                   ^", TYPE },
        { RES, "'body':{'data':'','data':''}", "                  ^", DUPLICATE },
        { RES, "'body':'','body':''", "          ^", DUPLICATE },
        { RES, "'statusCode':200", "^", DUPLICATE },
        { "@", "{'version':'1.0','context':{}}", "                            ^", MISSING },
        { "@", "{'version':'1.0','context':{'eventType':'viewer-request'}}",
          "                                                         ^", MISSING },
        { "@", "{'version':'1.0','context':{'eventType':'viewer-request'},'request':{'uri':'/'}}",
          "                                                                              ^",
          MISSING },
        { "@",
          "{'version':'1.0','context':{'eventType':'viewer-response'},'request':{'method':'GET','uri':'/'}}",
          "                                                                                               ^",
          MISSING },
        { "@",
          "{'version':'1.0','context':{'eventType':'origin-request'},'request':{'method':'GET','uri':'/'}}",
          "                                        ^", NOT },
        { "@",
          "{'version':'1.0','context':{'eventType':'origin-response'},'request':{'method':'GET','uri':'/'},'response':{'statusCode':200}}",
          "                                        ^", NOT },
        { "@",
          "{'version':'1.0','context':{'eventType':'connection-request'},'request':{'method':'GET','uri':'/'}}",
          "                                        ^", NOT },
        { "@", "{'version':'1.0','context':{'eventType':7},'request':{'method':'GET','uri':'/'}}",
          "                                        ^", TYPE },
        { "@",
          "{'version':1.0,'context':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}",
          "           ^", TYPE },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].part);
        size_t at;
        edgefn_event ev;
        edgefn_str json = frame(rows[i].frame, rows[i].part, &at);
        edgefn_parse(&ev, json, arena_new(8192), NULL);
        if (!CHECK_ERR(&ev, (edgefn_error)rows[i].code, at + strlen(rows[i].caret) - 1))
            test_show("event  ", json);
        CHECK(edgefn_passthrough(&ev).ptr == NULL);
    }
}

/* Members whose second spelling or second name is read or refused. */
TEST(members_named_twice)
{
    edgefn_event ev;
    edgefn_parse(
        &ev,
        frame(
            F_VREQ,
            "{'method':'GET','uri':'/','headers':{'a':{'multiValue':[{'value':'1'}],'multivalue':[{'value':'2'}]}}}",
            NULL),
        arena_new(4096), NULL);
    CHECK_NUM(ev.err.code, EDGEFN_E_DUPLICATE);
    CHECK_STR(edgefn_cstr(ev.err.where), "request.headers");
    CHECK_STR(ev.err.subject, "a");
    if (OPEN(
            &ev,
            js("{'version':'1.0','context':{'distributionDomainName':'a.example','endpoint':'b.example','eventType':'viewer-request'},"
               "'request':{'method':'GET','uri':'/'}}")))
        CHECK_STR(ev.domain, "a.example");
    if (OPEN(
            &ev,
            js("{'version':'1.0','context':{'endpoint':'b.example','eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}")))
        CHECK_STR(ev.domain, "b.example");
}

/* Items of every shape, after edits of their values. */
TEST(items_edited)
{
    static const struct {
        const char *item, *script, *after;
    } rows[] = {
        { "{'multivalue':[{'value':'1'},{'value':'2'}]}", "remove_at h 0", "{'value':'2'}" },
        { "{'multivalue':[{'value':'1'},{'value':'2'},{'value':'3'}]}", "remove_at h 0",
          "{'multivalue':[{'value':'2'},{'value':'3'}],'value':'2'}" },
        { "{'multiValue':[{'value':'1'},{'value':'2'}]}", "set_at h 0 x",
          "{'multiValue':[{'value':'x'},{'value':'2'}]}" },
        { "{'multiValue':[{'value':'1'},{'value':'2'}]}", "set_at h 1 x",
          "{'multiValue':[{'value':'1'},{'value':'x'}]}" },
        { "{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}", "set_at h 0 x",
          "{'value':'x','multiValue':[{'value':'x'},{'value':'2'}]}" },
        { "{'multiValue':[{'value':'1'},{'value':'2'}],'value':'1'}", "add h a 3",
          "{'multiValue':[{'value':'1'},{'value':'2'},{'value':'3'}],'value':'1'}" },
        { "{'value':'1','multiValue':[]}", "add h a 2",
          "{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}" },
        { "{'multiValue':[],'value':'1'}", "add h a 2",
          "{'multiValue':[{'value':'1'},{'value':'2'}],'value':'1'}" },
        { "{'multiValue':[{'value':'1','x':1},{'value':'2','x':2}]}",
          "remove_at h 0\nadd h a 1\nadd h a 3",
          "{'multiValue':[{'value':'2','x':2},{'value':'1'},{'value':'3'}],'value':'2'}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char before[300], after[300];
        edgefn_event ev;
        ROW("%s: %s", rows[i].item, rows[i].script);
        snprintf(before, sizeof before, "{'method':'GET','uri':'/','headers':{'a':%s}}",
                 rows[i].item);
        snprintf(after, sizeof after, "{'method':'GET','uri':'/','headers':{'a':%s}}",
                 rows[i].after);
        if (OPEN(&ev, frame(F_VREQ, before, NULL)) && CHECK(edit(&ev, rows[i].script)))
            CHECK_STR(written(&ev), js(after));
    }
}
