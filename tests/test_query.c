/* The query, raw and as a list, in both dialects; and the URI. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables whose columns mean something */

static const place lambda = { L_VREQ, "{'method':'GET','querystring':@,'uri':'/'}", "q" };
static const place functions = { F_VREQ, "{'method':'GET','querystring':@,'uri':'/'}", "q" };

TEST(parsed)
{
    static const struct { const char *raw, *list; } rows[] = {
        { "", "" }, { "a=1", "a=1" }, { "a", "a=" }, { "a=", "a=" }, { "a=1&b=2", "a=1, b=2" }, { "a=1&a=2", "a=1, a=2" }, { "b=1&a=2&b=3", "b=1, a=2, b=3" },
        { "a=b=c", "a=b=c" }, { "a=1&", "a=1" }, { "&a=1", "a=1" }, { "a=1&&b", "a=1, b=" }, { "&", "" }, { "%61=%20+", "%61=%20+" }, { "a;b=1", "a;b=1" },
        { "A=1&a=2", "A=1, a=2" }, { "a=?x/y:z", "a=?x/y:z" }, { "\xC3\xA4=\xC3\xB6", "\xC3\xA4=\xC3\xB6" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].raw);
        char part[200];
        snprintf(part, sizeof part, "{'method':'GET','uri':'/','querystring':'%s'}", rows[i].raw);
        edgefn_event ev;
        if (OPEN(&ev, frame(L_VREQ, part, NULL))) {
            CHECK_STR(edgefn_cstr(list_text(edgefn_query(&ev))), rows[i].list);
            CHECK_STR(edgefn_query_text(&ev), js(rows[i].raw));
            UNTOUCHED(&ev);
        }
        if (OPEN(&ev, frame(F_VREQ, part, NULL))) {
            CHECK_STR(edgefn_cstr(list_text(edgefn_query(&ev))), rows[i].list);
            UNTOUCHED(&ev);
        }
    }
    ROW("a piece that begins with '='");
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/','querystring':'=x&a=1'}", NULL))) return;
    CHECK(edgefn_query(&ev)->len == 2 && edgefn_query(&ev)->items[0].name.len == 0);
    CHECK_STR(edgefn_query(&ev)->items[0].value, "x");
    CHECK(edgefn_set(edgefn_query(&ev), S("a"), S("2")));
    CHECK_STR(written(&ev), js("{'method':'GET','uri':'/','querystring':'=x&a=2'}"));
}

typedef struct row { const char *before, *script, *list, *after; } row;

/* Received as text: Lambda@Edge always, CloudFront Functions sometimes. */
TEST(text_edited)
{
    static const row rows[] = {
        { "a=1&b=2", "set q a 9", "a=9~, b=2", "a=9&b=2" },
        { "a=1&b=2", "set q b 2", "a=1, b=2", "a=1&b=2" },
        { "a=1&&b=2", "set q b 3\nset q b 2", "a=1, b=2", "a=1&&b=2" },
        { "a=1", "set q a ", "a=~", "a=" },
        { "flag&b", "set q b 2", "flag=, b=2~", "flag&b=2" },
        { "flag&b=", "set q flag ", "flag=, b=", "flag&b=" },
        { "flag", "set q flag 1\nset q flag ", "flag=", "flag" },
        { "a=1", "set q n 5", "a=1, n=5+", "a=1&n=5" },
        { "a=1", "add q a 5\nadd q b ", "a=1, a=5+, b=+", "a=1&a=5&b=" },
        { "", "add q a 5", "a=5+", "a=5" },
        { "b=1&a=2&b=3", "set q b 9", "b=9~, a=2, -b=3", "b=9&a=2" },
        { "b=1&a=2&b=3", "set_at q 2 9", "b=1, a=2, b=9~", "b=1&a=2&b=9" },
        { "=v&b=2", "set_at q 0 w", "=w~, b=2", "=w&b=2" },
        { "b=1&a=2&b=3", "remove_at q 0", "a=2, b=3, -b=1", "a=2&b=3" },
        { "b=1&a=2&b=3", "add q b 4", "b=1, a=2, b=3, b=4+", "b=1&a=2&b=3&b=4" },
        { "b=1&a=2&b=3", "remove q b", "a=2, -b=1, -b=3", "a=2" },
        { "b=1&a=2&b=3", "remove q a", "b=1, b=3, -a=2", "b=1&b=3" },
        { "a=1", "remove q a", "-a=1", "" },
        { "a=1", "!remove q A", "a=1", "a=1" },
        { "utm_a=1&b=2&utm_c", "remove_prefix q utm_", "b=2, -utm_a=1, -utm_c=", "b=2" },
        { "a=1&b=2&c=3", "keep_only q c,a", "a=1, c=3, -b=2", "a=1&c=3" },
        { "c=1&a=2&b", "sort q", "a=2, b=, c=1", "a=2&b&c=1" },
        { "a=2&a=1&A=3", "sort q", "A=3, a=1, a=2", "A=3&a=1&a=2" },
        { "a=1&b=2", "sort q", "a=1, b=2", "a=1&b=2" },
        { "a=%2F+x", "add q b %20", "a=%2F+x, b=%20+", "a=%2F+x&b=%20" },
        { "a=1", "set q a x\"\\", "a=x\"\\~", "a=x`'``" },
        { "a=1", "look\nquery x=2", "x=2", "x=2" },
        { "a=1", "look\nquerystring= x=2", "x=2", "x=2" },
        { "a=1", "query x=2\nset q x 3", "x=3~", "x=3" },
        { "a=1", "querystring= x=2\nset q y 3", "x=2, y=3+", "x=2&y=3" },
        { "a=1", "query ", "", "" },
        { "a=1", "query b\nquery a=1", "a=1", "a=1" },
        { "a=1", "querystring= b\nquerystring= a=1", "a=1", "a=1" },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 2; k++) {
            ROW("%s, %s: %s", k ? "CloudFront Functions" : "Lambda@Edge", rows[i].before, rows[i].script);
            char before[100], after[100];
            snprintf(before, sizeof before, "'%s'", rows[i].before), snprintf(after, sizeof after, "'%s'", rows[i].after);
            edited(k ? &functions : &lambda, before, rows[i].script, rows[i].list, after);
        }
}

/* Received as an object: a change is written as text, which keeps order and duplicates. */
TEST(object_edited)
{
    static const row rows[] = {
        { "{'a':{'value':'1'},'b':{'value':''}}", "look", "a=1, b=", "{'a':{'value':'1'},'b':{'value':''}}" },
        { "{'a':{'value':'1'},'b':{'value':''}}", "set q a 1", "a=1, b=", "{'a':{'value':'1'},'b':{'value':''}}" },
        { "{'a':{'value':'1'}}", "set q a 2\nset q a 1", "a=1", "{'a':{'value':'1'}}" },
        { "{'a':{'value':'1'}}", "set q b 2\nremove q b", "a=1", "{'a':{'value':'1'}}" },
        { "{'a':{'value':'1'},'b':{'value':''}}", "set q a 2", "a=2~, b=", "'a=2&b='" },
        { "{'a':{'value':'1'}}", "add q a 2", "a=1, a=2+", "'a=1&a=2'" },
        { "{'t':{'value':'a','multiValue':[{'value':'a'},{'value':'b'}]},'u':{'value':'c'}}", "set_at q 1 z", "t=a, t=z~, u=c", "'t=a&t=z&u=c'" },
        { "{'t':{'value':'a','multivalue':[{'value':'a'},{'value':'b'}]}}", "remove_at q 0", "t=b, -t=a", "'t=b'" },
        { "{'a':{'value':'1'}}", "remove q a", "-a=1", "''" },
        { "{'b':{'value':'1'},'a':{'value':'2'}}", "sort q", "a=2, b=1", "'a=2&b=1'" },
        { "{}", "set q a 1", "a=1+", "'a=1'" },
        { "{'a':{'value':'1'}}", "query x=1&y", "x=1, y=", "'x=1&y'" },
        { "{'a':{'value':'1'}}", "querystring= x=1", "x=1", "'x=1'" },
        { "{'a':{'value':'1'}}", "look\nquery x=1\nadd q y 2", "x=1, y=2+", "'x=1&y=2'" },
        { "{'a':{'value':'%41'},'ID':{'value':'+'}}", "add q y 2", "a=%41, ID=+, y=2+", "'a=%41&ID=+&y=2'" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s: %s", rows[i].before, rows[i].script);
        edited(&functions, rows[i].before, rows[i].script, rows[i].list, rows[i].after);
    }
}

TEST(not_there_yet)
{
    static const struct { const char *frame, *script, *after; } rows[] = {
        { L_VREQ, "set q a 1", "{'method':'GET','uri':'/','querystring':'a=1'}" }, { L_OREQ, "query a=1", "{'method':'GET','uri':'/','querystring':'a=1'}" },
        { L_VREQ, "querystring= a=1", "{'method':'GET','uri':'/','querystring':'a=1'}" }, { F_VREQ, "set q a 1", "{'method':'GET','uri':'/','querystring':'a=1'}" },
        { F_VREQ, "querystring= a=1", "{'method':'GET','uri':'/','querystring':'a=1'}" }, { L_VREQ, "set q a 1\nremove q a", "{'method':'GET','uri':'/'}" },
        { L_VREQ, "sort q\n!remove q a", "{'method':'GET','uri':'/'}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].script);
        edgefn_event ev;
        if (!OPEN(&ev, frame(rows[i].frame, "{'method':'GET','uri':'/'}", NULL)) || !edit(&ev, rows[i].script)) continue;
        edgefn_str out = written(&ev);
        CHECK_STR(out, js(rows[i].after));
        read_back(&ev, out);
    }
}

TEST(query_text)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/','querystring':'a=1&flag'}", NULL))) return;
    CHECK_STR(edgefn_query_text(&ev), "a=1&flag");
    CHECK(edgefn_add(edgefn_query(&ev), S("b"), S("2")));
    CHECK_STR(edgefn_query_text(&ev), "a=1&flag&b=2");
    CHECK(edgefn_remove(edgefn_query(&ev), S("a")) == 1);
    CHECK_STR(edgefn_query_text(&ev), "flag&b=2");
    CHECK_STR(written(&ev), js("{'method':'GET','uri':'/','querystring':'flag&b=2'}"));
    CHECK_STR(edgefn_query_text(&ev), "flag&b=2");
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_M_QUERYSTRING), EDGEFN_CHANGED);
    if (!OPEN(&ev, frame(F_VREQ, "{'method':'GET','uri':'/','querystring':{'a':{'value':'1'},'f':{'value':''}}}", NULL))) return;
    CHECK_STR(edgefn_query_text(&ev), "a=1&f=");
    CHECK(edgefn_set(edgefn_query(&ev), S("f"), S("2")));
    CHECK_STR(edgefn_query_text(&ev), "a=1&f=2");
}

TEST(conflicts)
{
    static const struct { const char *part, *script; bool at_once; } rows[] = {
        { "'a=1'", "set q a 2\nquerystring= x=1", false }, { "'a=1'", "set q a 2\n!query x=1", true },     { "'a=1'", "querystring= x=1\nset q x 2\nquerystring= y=1", false },
        { "'a=1'", "query x=1\nset q x 2\n!query y=1", true }, { "'b=1&a=1'", "sort q\nquerystring= x=1", false }, { "'a=1'", "remove q a\nquerystring= x=1", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 2; k++) {
            ROW("%s: %s", k ? "CloudFront Functions" : "Lambda@Edge", rows[i].script);
            char part[100];
            snprintf(part, sizeof part, "{'method':'GET','uri':'/','querystring':%s}", rows[i].part);
            edgefn_event ev;
            if (!OPEN(&ev, frame(k ? F_VREQ : L_VREQ, part, NULL)) || !edit(&ev, rows[i].script)) continue;
            if (rows[i].at_once) CHECK_NUM(ev.err.code, EDGEFN_E_CONFLICT);
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
            CHECK_ERR(&ev, EDGEFN_E_CONFLICT, NOWHERE);
        }
    ROW("an object and text");
    edgefn_event ev;
    if (!OPEN(&ev, frame(F_VREQ, "{'method':'GET','uri':'/','querystring':{'a':{'value':'1'}}}", NULL)) || !edit(&ev, "set q a 2\nquerystring= x=1")) return;
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK_ERR(&ev, EDGEFN_E_CONFLICT, NOWHERE);
}

TEST(refused)
{
    enum { NAME = EDGEFN_E_FIELD_NAME, VALUE = EDGEFN_E_FIELD_VALUE, URI = EDGEFN_E_URI, OPTION = EDGEFN_E_OPTIONS };
    static const struct { const char *script; int code; } rows[] = {
        { "!set q  1", NAME },        { "!set q a= 1", NAME },      { "!set q a& 1", NAME },         { "!set q a# 1", NAME },        { "!add q a\x01 1", NAME },
        { "!add q a\x7f 1", NAME },   { "!set q a x&y", VALUE },    { "!set q a x#y", VALUE },       { "!set q a x y", VALUE },      { "!set q a x\ty", VALUE },
        { "!set q a \x7f", VALUE },   { "!add q a \xFF", VALUE },   { "!set_at q 0 x&", VALUE },     { "!set_at q 1 x", OPTION },    { "!remove_at q 9", OPTION },
        { "!query ?a=1", VALUE },     { "!query a b", VALUE },      { "!query a#b", VALUE },         { "!query a\x01", VALUE },      { "!query \xC3", VALUE },
        { "querystring= ?a", VALUE }, { "querystring= a b", VALUE },{ "querystring= a#", VALUE },    { "querystring= \x7f", VALUE }, { "querystring= \xFF", VALUE },
        { "!uri x", URI },            { "!uri ", URI },             { "!uri /a?b", URI },            { "!uri /a#b", URI },           { "!uri /a b", URI },
        { "!uri /\x01", URI },        { "!uri /\x7f", URI },        { "!uri /\xFF", URI },           { "!uri http://x/", URI },
        { "uri= x", URI },            { "uri= ", URI },             { "uri= /a?b", URI },            { "uri= /a#b", URI },           { "uri= /a b", URI },
        { "uri= /\t", URI },          { "uri= /\x7f", URI },        { "uri= /\xC3", URI },           { "uri= *", URI },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 3; k++) {
            ROW("%s: %s", k ? "CloudFront Functions" : "Lambda@Edge", rows[i].script);
            edgefn_event ev;
            if (!OPEN(&ev, frame(k ? F_VREQ : L_VREQ, k == 2 ? "{'method':'GET','uri':'/','querystring':{'a':{'value':'1'}}}" : "{'method':'GET','uri':'/','querystring':'a=1'}", NULL))) continue;
            if (!edit(&ev, rows[i].script)) continue;
            if (rows[i].script[0] == '!') CHECK_NUM(ev.err.code, rows[i].code);
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
            CHECK_ERR(&ev, (edgefn_error)rows[i].code, NOWHERE);
        }
    ROW("absent");
    edgefn_event ev;
    edgefn_str json = frame(L_VREQ, "{'method':'GET','uri':'/','querystring':'a=1'}", NULL);
    if (!OPEN(&ev, json)) return;
    ev.request.uri = edgefn_cstr(NULL);
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK_ERR(&ev, EDGEFN_E_URI, NOWHERE);
}

TEST(uri)
{
    static const struct { const char *before, *script, *after; edgefn_change change; } rows[] = {
        { "'/a'", "uri= /b", "'/b'", EDGEFN_CHANGED },        { "'/a'", "uri /b", "'/b'", EDGEFN_CHANGED },         { "'/a'", "uri= /a", "'/a'", EDGEFN_KEPT },
        { "'/a'", "uri= /b\nuri= /a", "'/a'", EDGEFN_KEPT },  { "'`/a'", "uri= /a", "'`/a'", EDGEFN_KEPT },         { "'/`u0061'", "uri /a", "'/`u0061'", EDGEFN_KEPT },
        { "'/a'", "uri= /\xC3\xA4\"", "'/\xC3\xA4`''", EDGEFN_CHANGED },                                            { "'/a'", "uri= /%20//..", "'/%20//..'", EDGEFN_CHANGED },
        { "'a b?#'", "uri= a b?#", "'a b?#'", EDGEFN_KEPT }, /* as received, however odd */
    };
    static const place places[] = { { L_VREQ, "{'method':'GET','uri':@,'x':1}", "h" }, { L_OREQ, "{ 'uri' : @ ,'method':'GET'}", "h" }, { F_VREQ, "{'method':'GET','uri':@}", "h" } };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t k = 0; k < COUNT(places); k++) {
            ROW("%s: %s", rows[i].before, rows[i].script);
            edited(&places[k], rows[i].before, rows[i].script, "", rows[i].after);
            edgefn_event ev;
            char part[100];
            snprintf(part, sizeof part, "{'method':'GET','uri':%s}", rows[i].before);
            if (!OPEN(&ev, frame(places[k].event, part, NULL)) || !edit(&ev, rows[i].script)) continue;
            CHECK_NUM(edgefn_changed(&ev, EDGEFN_M_URI), rows[i].change);
        }
}

/* Odd bytes that were received stand in nobody's way as long as nobody edits them. */
TEST(received_oddities)
{
    static const struct { const char *query, *script, *after; } rows[] = {
        { "'a b#`n'", "uri= /x", "{'method':'GET','uri':'/x','querystring':'a b#`n'}" },
        { "'?a=1'", "uri= /x", "{'method':'GET','uri':'/x','querystring':'?a=1'}" },
        { "'?a=1'", "look\nset h x 1", "{'method':'GET','uri':'/','querystring':'?a=1','headers':{'x':[{'key':'x','value':'1'}]}}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s: %s", rows[i].query, rows[i].script);
        edgefn_event ev;
        if (!OPEN(&ev, frame(L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/','querystring':@}}}]}", rows[i].query, NULL)) || !edit(&ev, rows[i].script)) continue;
        CHECK_STR(written(&ev), js(rows[i].after));
    }
}

/* In response events the request is read only. */
TEST(response_events)
{
    static const char *const scripts[] = { "!uri /b", "!query a=2", "!set q a 2", "!set c a 2", "!set h a 2", "uri= /b", "querystring= a=2", "method= PUT", "client_ip= 1.2.3.4" };
    for (size_t i = 0; i < COUNT(scripts); i++)
        for (int k = 0; k < 3; k++) {
            ROW("%d: %s", k, scripts[i]);
            edgefn_event ev;
            static const char *const frames[] = { L_ORES, L_VRES, F_VRES };
            if (!OPEN(&ev, frame(frames[k], k == 2 ? "{'statusCode':200}" : "{'status':'200'}", NULL)) || !edit(&ev, scripts[i])) continue;
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
            CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
        }
    ROW("method and client address in request events");
    for (int k = 0; k < 4; k++) {
        edgefn_event ev;
        if (!OPEN(&ev, frame(k < 2 ? L_VREQ : F_VREQ, "{'method':'GET','uri':'/'}", NULL)) || !edit(&ev, k % 2 ? "method= PUT" : "client_ip= 1.2.3.4")) continue;
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL && ev.err.code != EDGEFN_OK);
    }
}
