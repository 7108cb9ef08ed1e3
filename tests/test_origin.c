/* The origin: its members, and switching between types of origin. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

#define CUSTOM                                                                                                                     \
  "{'custom':{'customHeaders':{'x':[{'key':'X','value':'1'}]},'domainName':'a.example','keepaliveTimeout':5,'path':'','port':443," \
  "'protocol':'https','readTimeout':30,'responseCompletionTimeout':60,'sslProtocols':['TLSv1.1','TLSv1.2']}}"
#define BUCKET                                                                                     \
  "{'s3':{'authMethod':'none','customHeaders':{},'domainName':'b.s3.eu-west-1.amazonaws.com','path':'','region':'','x':7}}"

static const place here = { L_OREQ, "{'method':'GET','uri':'/','origin':@}", "oh" };

TEST(members)
{
    static const struct {
        const char *before, *script, *after;
    } rows[] = {
        { CUSTOM,
          "domain= b.example\npath= /x\nport= 8080\nkeepalive_s= 6\nread_timeout_s= 20\ncompletion_timeout_s= 40\nhttps= 0\ntls= 8",
          "{'custom':{'customHeaders':{'x':[{'key':'X','value':'1'}]},'domainName':'b.example','keepaliveTimeout':6,'path':'/x','port':8080,"
          "'protocol':'http','readTimeout':20,'responseCompletionTimeout':40,'sslProtocols':['TLSv1.2']}}" },
        { CUSTOM, "tls= 15",
          "{'custom':{'customHeaders':{'x':[{'key':'X','value':'1'}]},'domainName':'a.example','keepaliveTimeout':5,'path':'','port':443,"
          "'protocol':'https','readTimeout':30,'responseCompletionTimeout':60,'sslProtocols':['SSLv3','TLSv1','TLSv1.1','TLSv1.2']}}" },
        { CUSTOM, "port= 443\ntls= 12\nhttps= 1\ndomain= a.example", CUSTOM },
        { CUSTOM, "port= 80\nport= 443", CUSTOM },
        { CUSTOM, "completion_timeout_s= 0",
          "{'custom':{'customHeaders':{'x':[{'key':'X','value':'1'}]},'domainName':'a.example','keepaliveTimeout':5,'path':'','port':443,"
          "'protocol':'https','readTimeout':30,'responseCompletionTimeout':0,'sslProtocols':['TLSv1.1','TLSv1.2']}}" },
        { "{ 'custom' : { 'domainName' : 'a.example' , 'port' : 443 } }", "port= 80\npath= /p",
          "{ 'custom' : { 'domainName' : 'a.example' , 'port' : 80,'path':'/p' } }" },
        { "{'custom':{'domainName':'a.example'}}", "port= 80\nhttps= 1",
          "{'custom':{'domainName':'a.example','port':80,'protocol':'https'}}" },
        { "{'custom':{}}", "domain= a.example", "{'custom':{'domainName':'a.example'}}" },
        { BUCKET,
          "domain= c.s3.amazonaws.com\npath= /p\nregion= eu-west-1\nauth_method= origin-access-identity",
          "{'s3':{'authMethod':'origin-access-identity','customHeaders':{},'domainName':'c.s3.amazonaws.com','path':'/p','region':'eu-west-1','x':7}}" },
        { BUCKET, "read_timeout_s= 10\ncompletion_timeout_s= 20",
          "{'s3':{'authMethod':'none','customHeaders':{},'domainName':'b.s3.eu-west-1.amazonaws.com','path':'','region':'','x':7,'readTimeout':10,'responseCompletionTimeout':20}}" },
        { BUCKET, "auth_method= none\nregion= ", BUCKET },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s: %s", rows[i].before, rows[i].script);
        edited(&here, rows[i].before, rows[i].script, NULL, rows[i].after);
    }
}

/* Each member on both sides of each limit. */
TEST(limits)
{
    static char name[300], path[300];
    static const struct {
        bool s3;
        const char *script;
        bool ok;
    } rows[] = {
        { false, "port= 79", false },
        { false, "port= 80", true },
        { false, "port= 81", false },
        { false, "port= 442", false },
        { false, "port= 444", false },
        { false, "port= 1023", false },
        { false, "port= 1024", true },
        { false, "port= 65535", true },
        { false, "port= 65536", false },
        { false, "port= 0", false },
        { false, "read_timeout_s= 0", false },
        { false, "read_timeout_s= 1", true },
        { false, "completion_timeout_s= 0\nread_timeout_s= 120", true },
        { false, "completion_timeout_s= 0\nread_timeout_s= 121", false },
        { false, "completion_timeout_s= 29", false },
        { false, "completion_timeout_s= 30", true },
        { false, "read_timeout_s= 61", false },
        { false, "keepalive_s= 0", false },
        { false, "keepalive_s= 1", true },
        { false, "keepalive_s= 120", true },
        { false, "tls= 0", false },
        { false, "tls= 16", false },
        { false, "tls= 1", true },
        { false, "domain= ", false },
        { false, "domain= a:80", false },
        { false, "domain= 10.0.0.1", false },
        { false, "domain= [::1]", false },
        { false, "domain= A.Example", true },
        { false, "domain= a b", false },
        { false, "domain= a/b", false },
        { false, "domain= \xC3\xA4", false },
        { false, "path= ", true },
        { false, "path= /a", true },
        { false, "path= /a/", false },
        { false, "path= /", false },
        { false, "path= a", false },
        { false, "path= /a b", false },
        { false, "path= /a?b", false },
        { false, "path= /\x01", false },
        { true, "domain= C.s3", false },
        { true, "domain= c.s3", true },
        { true, "domain= ", false },
        { true, "path= /a/", false },
        { true, "path= /a", true },
        { true, "read_timeout_s= 121", false },
        { true, "read_timeout_s= 120", true },
        { true, "auth_method= x", false },
        { true, "auth_method= origin-access-identity", false },
        { true, "auth_method= origin-access-identity\nregion= eu-west-1", true },
        { true, "auth_method= ", false },
        { true, "region= eu-west-1", true },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s: %s", rows[i].s3 ? "s3" : "custom", rows[i].script);
        edgefn_event ev;
        if (!OPEN(&ev,
                  frame(L_HEAD(
                            "origin-request") "'request':{'method':'GET','uri':'/','origin':@}}}]}",
                        rows[i].s3 ? BUCKET : CUSTOM, NULL))
            || !edit(&ev, rows[i].script))
            continue;
        CHECK((edgefn_finish(&ev, NULL).ptr != NULL) == rows[i].ok);
        CHECK_NUM(ev.err.code, rows[i].ok ? EDGEFN_OK : EDGEFN_E_OPTIONS);
    }
    for (int s3 = 0; s3 < 2; s3++)
        for (size_t over = 0; over < 2; over++) {
            size_t n = (s3 ? 128 : 253) + over;
            ROW("%zu characters", n);
            memset(name, 'a', sizeof name), memset(path, 'p', sizeof path), path[0] = '/';
            edgefn_event ev;
            edgefn_str json = frame(
                L_HEAD("origin-request") "'request':{'method':'GET','uri':'/','origin':@}}}]}",
                s3 ? BUCKET : CUSTOM, NULL);
            if (!OPEN(&ev, json)) return;
            ev.request.origin.domain = (edgefn_str){ name, n };
            CHECK((edgefn_finish(&ev, NULL).ptr != NULL) == (over == 0));
            if (!OPEN(&ev, json)) return;
            ev.request.origin.path = (edgefn_str){ path, 255 + over };
            CHECK((edgefn_finish(&ev, NULL).ptr != NULL) == (over == 0));
        }
}

/* Members of the other type of origin do not exist, and without an origin there are no members. */
TEST(absent_members)
{
    static const struct {
        const char *part, *script;
    } rows[] = {
        { "{'method':'GET','uri':'/','origin':" CUSTOM "}", "region= eu-west-1" },
        { "{'method':'GET','uri':'/','origin':" CUSTOM "}", "auth_method= none" },
        { "{'method':'GET','uri':'/','origin':" BUCKET "}", "port= 80" },
        { "{'method':'GET','uri':'/','origin':" BUCKET "}", "keepalive_s= 5" },
        { "{'method':'GET','uri':'/','origin':" BUCKET "}", "https= 1" },
        { "{'method':'GET','uri':'/','origin':" BUCKET "}", "tls= 8" },
        { "{'method':'GET','uri':'/'}", "domain= a.example" },
        { "{'method':'GET','uri':'/'}", "port= 80" },
        { "{'method':'GET','uri':'/','origin':{}}", "domain= a.example" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s: %s", rows[i].part, rows[i].script);
        edgefn_event ev;
        if (!OPEN(&ev, frame(L_OREQ, rows[i].part, NULL)) || !edit(&ev, rows[i].script)) continue;
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        CHECK(ev.err.code == EDGEFN_E_OPTIONS || ev.err.code == EDGEFN_E_EVENT_TYPE);
    }
}

TEST(other_events)
{
    static const edgefn_origin_opts to = { .domain = EDGEFN_S_INIT("a.example") };
    static const struct {
        const char *frame, *part;
        edgefn_error verb, assigned;
    } rows[] = {
        { L_VREQ, "{'method':'GET','uri':'/'}", EDGEFN_E_EVENT_TYPE, EDGEFN_E_EVENT_TYPE },
        { L_ORES, "{'status':'200'}", EDGEFN_E_EVENT_TYPE, EDGEFN_E_EVENT_TYPE },
        { L_VRES, "{'status':'200'}", EDGEFN_E_EVENT_TYPE, EDGEFN_E_EVENT_TYPE },
        { F_VREQ, "{'method':'GET','uri':'/'}", EDGEFN_E_DIALECT, EDGEFN_E_DIALECT },
        { F_VRES, "{'statusCode':200}", EDGEFN_E_DIALECT, EDGEFN_E_EVENT_TYPE },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].frame);
        edgefn_event ev;
        edgefn_str json = frame(rows[i].frame, rows[i].part, NULL);
        if (!OPEN(&ev, json)) return;
        CHECK(!edgefn_origin_custom(&ev, &to));
        CHECK_ERR(&ev, rows[i].verb, NOWHERE);
        if (!OPEN(&ev, json)) return;
        CHECK(!edgefn_origin_s3(&ev, &to));
        CHECK_ERR(&ev, rows[i].verb, NOWHERE);
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        if (!OPEN(&ev, json)) return;
        ev.request.origin.domain = S("a.example");
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        CHECK_ERR(&ev, rows[i].assigned, NOWHERE);
        if (!OPEN(&ev, json)) return;
        CHECK(!edgefn_set(&ev.request.origin.headers, S("x"), S("1")));
        CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
    }
}

#define HOST(name) "'headers':{'host':[{'key':'Host','value':'" name "'}]}"

TEST(switches)
{
    static const struct {
        const char *before;
        bool s3;
        edgefn_origin_opts to;
        const char *after;
    } rows[] = {
        { "{'method':'GET','uri':'/'," HOST("a.example") ",'origin':" BUCKET "}",
          false,
          { .domain = EDGEFN_S_INIT("eu.example.com") },
          "{'method':'GET','uri':'/'," HOST(
              "eu.example.com") ",'origin':{'custom':{'customHeaders':{},'domainName':'eu.example.com','keepaliveTimeout':5,'path':'','port':443,"
                                "'protocol':'https','readTimeout':30,'sslProtocols':['TLSv1.2']}}}" },
        { "{'method':'GET','uri':'/'," HOST("a.example") ",'origin':" CUSTOM "}",
          false,
          { .domain = EDGEFN_S_INIT("eu.example.com"),
            .path = EDGEFN_S_INIT("/v2"),
            .port = 8080,
            .keepalive_s = 7,
            .read_timeout_s = 10,
            .completion_timeout_s = 20,
            .http = true,
            .tls = EDGEFN_TLS1_1 },
          "{'method':'GET','uri':'/'," HOST(
              "eu.example.com") ",'origin':{'custom':{'customHeaders':{},'domainName':'eu.example.com','keepaliveTimeout':7,'path':'/v2','port':8080,"
                                "'protocol':'http','readTimeout':10,'responseCompletionTimeout':20,'sslProtocols':['TLSv1.1']}}}" },
        { "{'method':'GET','uri':'/'," HOST("a.example") ",'origin':" CUSTOM "}",
          false,
          { .domain = EDGEFN_S_INIT("eu.example.com"), .http = true, .keep_host_header = true },
          "{'method':'GET','uri':'/'," HOST(
              "a.example") ",'origin':{'custom':{'customHeaders':{},'domainName':'eu.example.com','keepaliveTimeout':5,'path':'','port':80,"
                           "'protocol':'http','readTimeout':30,'sslProtocols':['TLSv1.2']}}}" },
        { "{'method':'GET','uri':'/'," HOST("a.example") ",'origin':" CUSTOM "}",
          true,
          { .domain = EDGEFN_S_INIT("b.s3.amazonaws.com") },
          "{'method':'GET','uri':'/'," HOST(
              "b.s3.amazonaws.com") ",'origin':{'s3':{'authMethod':'none','customHeaders':{},'domainName':'b.s3.amazonaws.com','path':'','region':''}}}" },
        { "{'method':'GET','uri':'/'," HOST("a.example") ",'origin':" BUCKET "}",
          true,
          { .domain = EDGEFN_S_INIT("b.s3.amazonaws.com"),
            .path = EDGEFN_S_INIT("/p"),
            .region = EDGEFN_S_INIT("eu-west-1"),
            .auth_method = EDGEFN_S_INIT("origin-access-identity"),
            .read_timeout_s = 10,
            .completion_timeout_s = 20 },
          "{'method':'GET','uri':'/'," HOST(
              "b.s3.amazonaws.com") ",'origin':{'s3':{'authMethod':'origin-access-identity','customHeaders':{},'domainName':'b.s3.amazonaws.com','path':'/p',"
                                    "'readTimeout':10,'region':'eu-west-1','responseCompletionTimeout':20}}}" },
        { "{'method':'GET','uri':'/'," HOST("a.example") "}",
          false,
          { .domain = EDGEFN_S_INIT("eu.example.com") },
          "{'method':'GET','uri':'/'," HOST(
              "eu.example.com") ",'origin':{'custom':{'customHeaders':{},'domainName':'eu.example.com','keepaliveTimeout':5,'path':'','port':443,"
                                "'protocol':'https','readTimeout':30,'sslProtocols':['TLSv1.2']}}}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("row %zu", i);
        edgefn_event ev, want;
        if (!OPEN(&ev, frame(L_OREQ, rows[i].before, NULL))) return;
        bool done = rows[i].s3 ? edgefn_origin_s3(&ev, &rows[i].to)
                               : edgefn_origin_custom(&ev, &rows[i].to);
        if (!CHECK(done)) {
            kit_why(&ev);
            continue;
        }
        edgefn_str out = written(&ev);
        CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_ORIGIN),
                  strstr(rows[i].before, "origin") ? EDGEFN_CHANGE_EDITED : EDGEFN_CHANGE_ADDED);
        read_back(&ev, out);
        if (!OPEN(&want, frame(L_OREQ, rows[i].after, NULL))) continue;
        const char *differs = event_differs(&ev, &want); /* members may be written in any order */
        if (!CHECK(!differs) || !CHECK_NUM(out.len, edgefn_passthrough(&want).len))
            printf("    %s\n", differs ? differs : "length"), test_show("written", out),
                test_show("must be", edgefn_passthrough(&want));
    }
}

TEST(switched_and_edited)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_OREQ, "{'method':'GET','uri':'/','origin':" CUSTOM "}", NULL))) return;
    CHECK(edgefn_origin_s3(&ev, &(edgefn_origin_opts){ .domain = S("b.s3.amazonaws.com") }));
    CHECK(edit(&ev, "set oh X-Key k\nadd oh X-Key l\npath= /p"));
    edgefn_str out = written(&ev);
    CHECK(edgefn_str_contains(
        out,
        js("'customHeaders':{'x-key':[{'key':'X-Key','value':'k'},{'key':'X-Key','value':'l'}]}")));
    CHECK(edgefn_str_contains(out, js("'path':'/p'"))
          && edgefn_str_contains(out, js("'host':[{'key':'Host','value':'b.s3.amazonaws.com'}]")));
    read_back(&ev, out);
    CHECK_STR(edgefn_cstr(list_text(&ev.request.origin.headers)), "x-key=k+, x-key=l+, -x=1");
    ROW("switched twice");
    if (!OPEN(&ev, frame(L_OREQ, "{'method':'GET','uri':'/','origin':" CUSTOM "}", NULL))) return;
    CHECK(edgefn_origin_s3(&ev, &(edgefn_origin_opts){ .domain = S("b.s3.amazonaws.com") }));
    CHECK(edgefn_origin_custom(&ev, &(edgefn_origin_opts){ .domain = S("c.example") }));
    out = written(&ev);
    CHECK(edgefn_str_contains(out, S("c.example")) && !edgefn_str_contains(out, S("s3")));
    read_back(&ev, out);
}

TEST(switches_refused)
{
    static const struct {
        bool s3;
        edgefn_origin_opts to;
    } rows[] = {
        { false, { .port = 0 } },
        { true, { .port = 0 } },
        { false, { .domain = EDGEFN_S_INIT("a:80") } },
        { false, { .domain = EDGEFN_S_INIT("1.2.3.4") } },
        { false, { .domain = EDGEFN_S_INIT("") } },
        { false, { .domain = EDGEFN_S_INIT("a"), .port = 81 } },
        { false, { .domain = EDGEFN_S_INIT("a"), .path = EDGEFN_S_INIT("a") } },
        { false, { .domain = EDGEFN_S_INIT("a"), .path = EDGEFN_S_INIT("/a/") } },
        { false, { .domain = EDGEFN_S_INIT("a"), .read_timeout_s = 121 } },
        { false, { .domain = EDGEFN_S_INIT("a"), .completion_timeout_s = 29 } },
        { false, { .domain = EDGEFN_S_INIT("a"), .tls = 16 } },
        { true, { .domain = EDGEFN_S_INIT("A.s3") } },
        { true, { .domain = EDGEFN_S_INIT("a.s3"), .auth_method = EDGEFN_S_INIT("x") } },
        { true,
          { .domain = EDGEFN_S_INIT("a.s3"),
            .auth_method = EDGEFN_S_INIT("origin-access-identity") } },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("row %zu", i);
        edgefn_event ev;
        if (!OPEN(&ev, frame(L_OREQ, "{'method':'GET','uri':'/','origin':" CUSTOM "}", NULL)))
            return;
        CHECK(!(rows[i].s3 ? edgefn_origin_s3(&ev, &rows[i].to)
                           : edgefn_origin_custom(&ev, &rows[i].to)));
        CHECK_ERR(&ev, EDGEFN_E_OPTIONS, NOWHERE);
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    }
    edgefn_event ev;
    ROW("no options");
    if (!OPEN(&ev, frame(L_OREQ, "{'method':'GET','uri':'/'}", NULL))) return;
    CHECK(!edgefn_origin_custom(&ev, NULL));
    CHECK_ERR(&ev, EDGEFN_E_OPTIONS, NOWHERE);
}

/* Received members are never refused, however unusual. */
TEST(unusual_received_members)
{
    static const char odd[] =
        "{'custom':{'domainName':'10.0.0.1:80','port':1,'path':'x/','readTimeout':999,'keepaliveTimeout':0,'sslProtocols':['TLSv1.9'],'protocol':'gopher'}}";
    edgefn_event ev;
    if (!OPEN(&ev,
              frame(L_HEAD("origin-request") "'request':{'method':'GET','uri':'/','origin':@}}}]}",
                    odd, NULL)))
        return;
    if (!edit(&ev, "set h x 1\nset oh y 2")) return;
    edgefn_str out = written(&ev);
    CHECK(edgefn_str_contains(out, S("TLSv1.9")) && edgefn_str_contains(out, S("gopher"))
          && edgefn_str_contains(out, S("10.0.0.1:80")));
}
