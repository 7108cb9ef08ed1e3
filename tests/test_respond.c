/* Responses: generated in request events; in response events the received response is edited.
   Compared byte for byte. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

static const char L_REQUEST[] =
    "{'method':'GET','uri':'/p','querystring':'a=1','headers':{'host':[{'key':'Host','value':'www.example.com'}]}}";
static const char F_REQUEST[] =
    "{'method':'GET','uri':'/p','querystring':{'a':{'value':'1'}},'headers':{'host':{'value':'www.example.com'}}}";

static bool open_request(edgefn_event *ev, int type)
{
    static const char *const frames[] = { L_VREQ, L_OREQ, F_VREQ };
    return OPEN(ev, frame(frames[type], type == 2 ? F_REQUEST : L_REQUEST, NULL));
}

/* Responses made by scripts: viewer-request, origin-request, CloudFront Functions. NULL: not
   compared. */
TEST(answers)
{
#define PLAIN    "'content-type':[{'key':'Content-Type','value':'text/plain'}]"
#define HTML     "'content-type':[{'key':'Content-Type','value':'text/html; charset=utf-8'}]"
#define NO_STORE "'cache-control':[{'key':'Cache-Control','value':'no-store'}]"
    static const struct {
        const char *script, *viewer, *origin, *functions;
    } rows[] = {
        { "respond 403 Sign in.",
          "{'status':'403','statusDescription':'Forbidden','headers':{" PLAIN
          "},'body':'Sign in.'}",
          "{'status':'403','statusDescription':'Forbidden','headers':{" PLAIN "," NO_STORE
          "},'body':'Sign in.'}",
          "{'statusCode':403,'statusDescription':'Forbidden','headers':{'content-type':{'value':'text/plain'}},'body':{'encoding':'text','data':'Sign in.'}}" },
        { "respond 200", "{'status':'200','statusDescription':'OK'}",
          "{'status':'200','statusDescription':'OK','headers':{" NO_STORE "}}",
          "{'statusCode':200,'statusDescription':'OK'}" },
        { "respond 204", "{'status':'204','statusDescription':'No Content'}",
          "{'status':'204','statusDescription':'No Content','headers':{" NO_STORE "}}",
          "{'statusCode':204,'statusDescription':'No Content'}" },
        { "respond 200 first\nrespond 404", "{'status':'404','statusDescription':'Not Found'}",
          "{'status':'404','statusDescription':'Not Found','headers':{" NO_STORE "}}",
          "{'statusCode':404,'statusDescription':'Not Found'}" },
        { "respond 404\nset rh X-A 1\nadd rh X-A 2",
          "{'status':'404','statusDescription':'Not Found','headers':{'x-a':[{'key':'X-A','value':'1'},{'key':'X-A','value':'2'}]}}",
          NULL,
          "{'statusCode':404,'statusDescription':'Not Found','headers':{'x-a':{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}}}" },
        { "respond 404\nstatus 410 Gone for good",
          "{'status':'410','statusDescription':'Gone for good'}", NULL,
          "{'statusCode':410,'statusDescription':'Gone for good'}" },
        { "respond 404\nstatus= 410", "{'status':'410','statusDescription':'Gone'}", NULL,
          "{'statusCode':410,'statusDescription':'Gone'}" },
        { "respond 404\nstatus_text= Nope\nstatus= 410",
          "{'status':'410','statusDescription':'Nope'}", NULL,
          "{'statusCode':410,'statusDescription':'Nope'}" },
        { "status= 404\nstatus_text= Nope", "{'status':'404','statusDescription':'Nope'}", NULL,
          "{'statusCode':404,'statusDescription':'Nope'}" },
        { "status= 299", "{'status':'299','statusDescription':''}", NULL,
          "{'statusCode':299,'statusDescription':''}" },
        { "respond 404 x\nremove rh content-type",
          "{'status':'404','statusDescription':'Not Found','body':'x'}", NULL,
          "{'statusCode':404,'statusDescription':'Not Found','body':{'encoding':'text','data':'x'}}" },
        { "respond 200 a\nbody b",
          "{'status':'200','statusDescription':'OK','headers':{" PLAIN "},'body':'b'}", NULL,
          "{'statusCode':200,'statusDescription':'OK','headers':{'content-type':{'value':'text/plain'}},'body':{'encoding':'text','data':'b'}}" },
        { "respond 200 a\nbody64 b",
          "{'status':'200','statusDescription':'OK','headers':{" PLAIN
          "},'body':'Yg==','bodyEncoding':'base64'}",
          NULL,
          "{'statusCode':200,'statusDescription':'OK','headers':{'content-type':{'value':'text/plain'}},'body':{'encoding':'base64','data':'Yg=='}}" },
        { "respond 200 a\nbody_drop",
          "{'status':'200','statusDescription':'OK','headers':{" PLAIN "},'body':''}", NULL,
          "{'statusCode':200,'statusDescription':'OK','headers':{'content-type':{'value':'text/plain'}},'body':{'encoding':'text','data':''}}" },
        { "respond 200 say \"\\ \xC3\xA4",
          "{'status':'200','statusDescription':'OK','headers':{" PLAIN
          "},'body':'say `'`` \xC3\xA4'}",
          NULL,
          "{'statusCode':200,'statusDescription':'OK','headers':{'content-type':{'value':'text/plain'}},'body':{'encoding':'text','data':'say `'`` \xC3\xA4'}}" },
        { "uri= /q\nset h x 1\nset q b 2\nrespond 404",
          "{'status':'404','statusDescription':'Not Found'}", NULL,
          "{'statusCode':404,'statusDescription':'Not Found'}" },
        { "redirect_to 301 https://x.example/",
          "{'status':'301','statusDescription':'Moved Permanently','headers':{'location':[{'key':'Location','value':'https://x.example/'}]}}",
          "{'status':'301','statusDescription':'Moved Permanently','headers':{" NO_STORE
          ",'location':[{'key':'Location','value':'https://x.example/'}]}}",
          "{'statusCode':301,'statusDescription':'Moved Permanently','headers':{'location':{'value':'https://x.example/'}}}" },
        { "redirect_to 0 /x",
          "{'status':'302','statusDescription':'Found','headers':{'location':[{'key':'Location','value':'/x'}]}}",
          NULL,
          "{'statusCode':302,'statusDescription':'Found','headers':{'location':{'value':'/x'}}}" },
        { "status= 403", "{'status':'403','statusDescription':'Forbidden'}",
          "{'status':'403','statusDescription':'Forbidden'}",
          "{'statusCode':403,'statusDescription':'Forbidden'}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 3; k++) {
            const char *want = k == 0   ? rows[i].viewer
                               : k == 1 ? rows[i].origin
                                        : rows[i].functions;
            edgefn_event ev;
            if (!want) continue;
            ROW("type %d: %s", k, rows[i].script);
            if (!open_request(&ev, k) || !edit(&ev, rows[i].script)) continue;
            CHECK_STR(written(&ev), js(want));
            CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_STATUS), EDGEFN_CHANGE_ADDED);
            static const edgefn_write_opts whole = { .whole_event = true };
            /* a generated response is not an event */
            CHECK(edgefn_finish(&ev, &whole).ptr == NULL && ev.err.code == EDGEFN_E_OPTIONS);
        }
}

TEST(respond_options)
{
    static const char bytes[] = { 0, (char)0xFF, 'x' };
    static const struct {
        int type;
        uint32_t status;
        edgefn_respond_opts opts;
        const char *want;
    } rows[] = {
        { 0,
          200,
          { .body = EDGEFN_S_INIT("hi") },
          "{'status':'200','statusDescription':'OK','headers':{" HTML "},'body':'hi'}" },
        { 0,
          200,
          { .body = EDGEFN_S_INIT("") },
          "{'status':'200','statusDescription':'OK','headers':{" HTML "},'body':''}" },
        { 0,
          200,
          { .body = EDGEFN_S_INIT("hi"), .encoding = EDGEFN_ENCODING_BASE64 },
          "{'status':'200','statusDescription':'OK','headers':{" HTML
          "},'body':'aGk=','bodyEncoding':'base64'}" },
        { 0,
          200,
          { .body = EDGEFN_S_INIT("hi"), .encoding = EDGEFN_ENCODING_TEXT },
          "{'status':'200','statusDescription':'OK','headers':{" HTML "},'body':'hi'}" },
        { 0,
          200,
          { .body = { bytes, 3 }, .content_type = EDGEFN_S_INIT("image/x") },
          "{'status':'200','statusDescription':'OK','headers':{'content-type':[{'key':'Content-Type','value':'image/x'}]},'body':'AP94','bodyEncoding':'base64'}" },
        { 0,
          200,
          { .body = EDGEFN_S_INIT("a\0b") },
          "{'status':'200','statusDescription':'OK','headers':{" HTML "},'body':'a`u0000b'}" },
        { 0,
          299,
          { .status_text = EDGEFN_S_INIT("Odd") },
          "{'status':'299','statusDescription':'Odd'}" },
        { 0,
          404,
          { .cache_max_age_s = 60 },
          "{'status':'404','statusDescription':'Not Found','headers':{'cache-control':[{'key':'Cache-Control','value':'max-age=60'}]}}" },
        { 0, 404, { .cacheable = true }, "{'status':'404','statusDescription':'Not Found'}" },
        { 1, 404, { .cacheable = true }, "{'status':'404','statusDescription':'Not Found'}" },
        { 1,
          404,
          { .cache_max_age_s = 4294967295u },
          "{'status':'404','statusDescription':'Not Found','headers':{'cache-control':[{'key':'Cache-Control','value':'max-age=4294967295'}]}}" },
        { 1,
          404,
          { .body = EDGEFN_S_INIT("x"),
            .content_type = EDGEFN_S_INIT("text/plain"),
            .cacheable = true },
          "{'status':'404','statusDescription':'Not Found','headers':{" PLAIN "},'body':'x'}" },
        { 2,
          404,
          { .cache_max_age_s = 60 },
          "{'statusCode':404,'statusDescription':'Not Found','headers':{'cache-control':{'value':'max-age=60'}}}" },
        { 2,
          200,
          { .body = { bytes, 3 } },
          "{'statusCode':200,'statusDescription':'OK','headers':{'content-type':{'value':'text/html; charset=utf-8'}},'body':{'encoding':'base64','data':'AP94'}}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("row %zu", i);
        edgefn_event ev;
        if (!open_request(&ev, rows[i].type)) return;
        if (!CHECK(edgefn_respond(&ev, rows[i].status, &rows[i].opts))) {
            kit_why(&ev);
            continue;
        }
        CHECK_STR(written(&ev), js(rows[i].want));
    }
    ROW("no options at all");
    edgefn_event ev;
    if (!open_request(&ev, 0)) return;
    CHECK(edgefn_respond(&ev, 418, NULL));
    CHECK_NUM(ev.response.status, 418);
    CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
}

TEST(refused)
{
    static const edgefn_respond_opts x = { .body = EDGEFN_S_INIT("x") },
                                     text = { .status_text = EDGEFN_S_INIT("a\nb") },
                                     type = { .body = EDGEFN_S_INIT("x"),
                                              .content_type = EDGEFN_S_INIT("a\rb") },
                                     bytes = { .body = EDGEFN_S_INIT("\xFF"),
                                               .encoding = EDGEFN_ENCODING_TEXT };
    static const struct {
        uint32_t status;
        const edgefn_respond_opts *opts;
        edgefn_error code;
    } rows[] = {
        { 0, NULL, EDGEFN_E_STATUS },
        { 199, NULL, EDGEFN_E_STATUS },
        { 100, NULL, EDGEFN_E_STATUS },
        { 600, NULL, EDGEFN_E_STATUS },
        { UINT32_MAX, NULL, EDGEFN_E_STATUS },
        { 204, &x, EDGEFN_E_CHECK },
        { 200, &text, EDGEFN_E_FIELD_VALUE },
        { 200, &type, EDGEFN_E_FIELD_VALUE },
        { 200, &bytes, EDGEFN_E_FIELD_VALUE },
        { 200, NULL, EDGEFN_OK },
        { 599, NULL, EDGEFN_OK },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 3; k++) {
            ROW("type %d, row %zu", k, i);
            edgefn_event ev;
            if (!open_request(&ev, k)) return;
            CHECK(edgefn_respond(&ev, rows[i].status, rows[i].opts) == (rows[i].code == EDGEFN_OK));
            CHECK_NUM(ev.err.code, rows[i].code);
            /* a failed response is never passed through */
            CHECK((edgefn_finish(&ev, NULL).ptr != NULL) == (rows[i].code == EDGEFN_OK));
        }
}

TEST(refused_at_the_end)
{
    static const struct {
        const char *script;
        edgefn_error code;
    } rows[] = {
        { "respond 200 x\nstatus= 204", EDGEFN_E_CHECK },
        { "respond 200\nstatus= 600", EDGEFN_E_STATUS },
        { "status= 100", EDGEFN_E_STATUS },
        { "respond 200\nstatus_text= a\x01", EDGEFN_E_FIELD_VALUE },
        { "respond 200\n!status 99", EDGEFN_E_STATUS },
        { "!status 200", EDGEFN_E_EVENT_TYPE },
        { "respond 200\nstatus_text= \xFF", EDGEFN_E_FIELD_VALUE },
        { "respond 200 x\nstatus 204", EDGEFN_E_CHECK },
        { "respond 200\nresponse.body.data= \xFF", EDGEFN_E_FIELD_VALUE },
        { "respond 200 x\nbody64 x\nresponse.body.data= ???", EDGEFN_E_BASE64 },
        { "!set rh x 1", EDGEFN_E_EVENT_TYPE },
        { "!redirect_to 200 /", EDGEFN_E_STATUS },
        { "!redirect_to 304 /", EDGEFN_E_STATUS },
        { "!error_page 99", EDGEFN_E_STATUS },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 3; k++) {
            ROW("type %d: %s", k, rows[i].script);
            edgefn_event ev;
            if (!open_request(&ev, k) || !edit(&ev, rows[i].script)) continue;
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
            CHECK_ERR(&ev, rows[i].code, NOWHERE);
        }
}

#define BODY_HEADERS                                                                                                                  \
  "'content-type':[{'key':'Content-Type','value':'text/css'}],'etag':[{'key':'ETag','value':'x'}],'via':[{'key':'Via','value':'v'}]," \
  "'content-length':[{'key':'Content-Length','value':'5'}],'content-encoding':[{'value':'gzip'}],'content-md5':[{'value':'q'}]"
#define VIA "'via':[{'key':'Via','value':'v'}]"
#define F_BODY_HEADERS                                                                             \
  "'content-type':{'value':'text/css'},'etag':{'value':'x'},'x':{'value':'y'},'content-length':{'value':'5'},'content-md5':{'value':'q'}"

TEST(received_responses)
{
    static const struct {
        const char *script, *lambda, *functions;
    } rows[] = {
        { "respond 404 hi",
          "{'status':'404','statusDescription':'Not Found','headers':{'content-type':[{'key':'Content-Type','value':'text/plain'}]," VIA
          "},'x':1,'body':'hi'}",
          "{'statusCode':404,'statusDescription':'Not Found','headers':{'content-type':{'value':'text/plain'},'x':{'value':'y'}},'cookies':{'a':{'value':'1'}},"
          "'body':{'encoding':'text','data':'hi'}}" },
        { "respond 404",
          "{'status':'404','statusDescription':'Not Found','headers':{'content-type':[{'key':'Content-Type','value':'text/css'}]," VIA
          "},'x':1,'body':''}",
          "{'statusCode':404,'statusDescription':'Not Found','headers':{'content-type':{'value':'text/css'},'x':{'value':'y'}},'cookies':{'a':{'value':'1'}},"
          "'body':{'encoding':'text','data':''}}" },
        { "respond 204",
          "{'status':'204','statusDescription':'No Content','headers':{'content-type':[{'key':'Content-Type','value':'text/css'}]," VIA
          "},'x':1,'body':''}",
          "{'statusCode':204,'statusDescription':'No Content','headers':{'content-type':{'value':'text/css'},'x':{'value':'y'}},'cookies':{'a':{'value':'1'}},"
          "'body':{'encoding':'text','data':''}}" },
        { "body hi",
          "{'status':'200','statusDescription':'OK','headers':{'content-type':[{'key':'Content-Type','value':'text/css'}]," VIA
          "},'x':1,'body':'hi'}",
          "{'statusCode':200,'statusDescription':'OK','headers':{'content-type':{'value':'text/css'},'x':{'value':'y'}},'cookies':{'a':{'value':'1'}},"
          "'body':{'encoding':'text','data':'hi'}}" },
        { "body64 hi",
          "{'status':'200','statusDescription':'OK','headers':{'content-type':[{'key':'Content-Type','value':'text/css'}]," VIA
          "},'x':1,'body':'aGk=','bodyEncoding':'base64'}",
          "{'statusCode':200,'statusDescription':'OK','headers':{'content-type':{'value':'text/css'},'x':{'value':'y'}},'cookies':{'a':{'value':'1'}},"
          "'body':{'encoding':'base64','data':'aGk='}}" },
        { "body_drop",
          "{'status':'200','statusDescription':'OK','headers':{'content-type':[{'key':'Content-Type','value':'text/css'}]," VIA
          "},'x':1,'body':''}",
          "{'statusCode':200,'statusDescription':'OK','headers':{'content-type':{'value':'text/css'},'x':{'value':'y'}},'cookies':{'a':{'value':'1'}},"
          "'body':{'encoding':'text','data':''}}" },
        { "status 404",
          "{'status':'404','statusDescription':'Not Found','headers':{" BODY_HEADERS "},'x':1}",
          "{'statusCode':404,'statusDescription':'Not Found','headers':{" F_BODY_HEADERS
          "},'cookies':{'a':{'value':'1'}}}" },
        { "status 404 Nope",
          "{'status':'404','statusDescription':'Nope','headers':{" BODY_HEADERS "},'x':1}",
          "{'statusCode':404,'statusDescription':'Nope','headers':{" F_BODY_HEADERS
          "},'cookies':{'a':{'value':'1'}}}" },
        { "status= 404",
          "{'status':'404','statusDescription':'Not Found','headers':{" BODY_HEADERS "},'x':1}",
          "{'statusCode':404,'statusDescription':'Not Found','headers':{" F_BODY_HEADERS
          "},'cookies':{'a':{'value':'1'}}}" },
        { "status 404 Nope\nstatus= 410",
          "{'status':'410','statusDescription':'Nope','headers':{" BODY_HEADERS "},'x':1}",
          "{'statusCode':410,'statusDescription':'Nope','headers':{" F_BODY_HEADERS
          "},'cookies':{'a':{'value':'1'}}}" },
        { "status 404\nstatus= 410",
          "{'status':'410','statusDescription':'Gone','headers':{" BODY_HEADERS "},'x':1}",
          "{'statusCode':410,'statusDescription':'Gone','headers':{" F_BODY_HEADERS
          "},'cookies':{'a':{'value':'1'}}}" },
        { "status= 404\nstatus_text= OK",
          "{'status':'404','statusDescription':'OK','headers':{" BODY_HEADERS "},'x':1}",
          "{'statusCode':404,'statusDescription':'OK','headers':{" F_BODY_HEADERS
          "},'cookies':{'a':{'value':'1'}}}" },
        { "status= 404\nstatus= 200",
          "{'status':'200','statusDescription':'OK','headers':{" BODY_HEADERS "},'x':1}",
          "{'statusCode':200,'statusDescription':'OK','headers':{" F_BODY_HEADERS
          "},'cookies':{'a':{'value':'1'}}}" },
        { "status_text= Fine",
          "{'status':'200','statusDescription':'Fine','headers':{" BODY_HEADERS "},'x':1}",
          "{'statusCode':200,'statusDescription':'Fine','headers':{" F_BODY_HEADERS
          "},'cookies':{'a':{'value':'1'}}}" },
        { "redirect_to 302 https://x.example/",
          "{'status':'302','statusDescription':'Found','headers':{'content-type':[{'key':'Content-Type','value':'text/css'}]," VIA
          ",'location':[{'key':'Location','value':'https://x.example/'}]},'x':1,'body':''}",
          "{'statusCode':302,'statusDescription':'Found','headers':{'content-type':{'value':'text/css'},'x':{'value':'y'},'location':{'value':'https://x.example/'}},"
          "'cookies':{'a':{'value':'1'}},'body':{'encoding':'text','data':''}}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 2; k++) {
            ROW("%s: %s", k ? "CloudFront Functions" : "origin-response", rows[i].script);
            edgefn_event ev;
            edgefn_str json =
                k ? frame(F_VRES,
                          "{'statusCode':200,'statusDescription':'OK','headers':{" F_BODY_HEADERS
                          "},'cookies':{'a':{'value':'1'}}}",
                          NULL)
                  : frame(L_ORES,
                          "{'status':'200','statusDescription':'OK','headers':{" BODY_HEADERS
                          "},'x':1}",
                          NULL);
            if (!OPEN(&ev, json) || !edit(&ev, rows[i].script)) continue;
            edgefn_str out = written(&ev);
            CHECK_STR(out, js(k ? rows[i].functions : rows[i].lambda));
            if (k) read_back(&ev, out);
        }
}

/* Of several calls to edgefn_respond() and its variants the last one counts. Headers that an
   earlier call set in a response event stay. */
TEST(answers_in_any_order)
{
    static const char *const answers[] = { "respond 200 first",  "respond 304",    "respond 204",
                                           "redirect_to 302 /x", "error_page 404", "error_page 204",
                                           "respond 200" };
    static const struct {
        const char *frame, *part;
    } events[] = {
        { L_VREQ, L_REQUEST },
        { L_OREQ, L_REQUEST },
        { F_VREQ, F_REQUEST },
        { L_ORES, "{'status':'200','headers':{" BODY_HEADERS "},'x':1}" },
        { L_ORES, "{'status':'204'}" },
        { L_ORES, "{'status':'200','body':'eA==','bodyEncoding':'base64'}" },
        { F_VRES, "{'statusCode':200,'headers':{" F_BODY_HEADERS "}}" },
        { F_VRES, "{'statusCode':200,'body':{'encoding':'base64','data':'eA=='}}" },
    };
    enum { N = COUNT(answers) };
    for (size_t e = 0; e < COUNT(events); e++)
        for (size_t way = 0; way < N * N * N; way++) {
            edgefn_event ev, alone;
            const char *a = answers[way / N / N], *b = answers[way / N % N], *c = answers[way % N];
            char script[200];
            snprintf(script, sizeof script, "%s\n%s\n%s", a, b, c);
            ROW("event %zu: %s, %s, %s", e, a, b, c);
            if (!OPEN(&ev, frame(events[e].frame, events[e].part, NULL)) || !edit(&ev, script))
                continue;
            if (!OPEN(&alone, frame(events[e].frame, events[e].part, NULL)) || !edit(&alone, c))
                continue;
            edgefn_str out = edgefn_finish(&ev, NULL), want = edgefn_finish(&alone, NULL);
            if (!CHECK(out.ptr != NULL && want.ptr != NULL)) {
                kit_why(&ev);
                continue;
            }
            if (edgefn_is_request(&ev)) CHECK_STR(out, want);
            CHECK_NUM(ev.response.status, alone.response.status);
            CHECK_STR(ev.response.status_text, alone.response.status_text);
            CHECK_STR(ev.response.body.data, alone.response.body.data);
            CHECK_NUM(ev.response.body.encoding, alone.response.body.encoding);
            if (!edgefn_is_request(&ev))
                CHECK(ev.response.body.data.ptr != NULL
                      && !edgefn_has(&ev.response.headers, S("etag")));
            if (ev.response.status == 204) CHECK_NUM(ev.response.body.data.len, 0);
        }
}

/* A status received as a number stays one unless it is edited, and becomes a string if it is. */
TEST(status_text_variants)
{
    static const struct {
        const char *before, *script, *after;
    } rows[] = {
        { "{'status':200}", "set rh a 1",
          "{'status':200,'headers':{'a':[{'key':'a','value':'1'}]}}" },
        { "{'status':200}", "status= 404", "{'status':'404','statusDescription':'Not Found'}" },
        { "{'status':'200','statusDescription':'`u004fkay'}", "status= 404\nstatus= 200",
          "{'status':'200','statusDescription':'`u004fkay'}" },
        { "{'status':'200','statusDescription':'`u004fkay'}", "status= 201",
          "{'status':'201','statusDescription':'Created'}" },
        { "{'status':'404','statusDescription':''}", "status= 500",
          "{'status':'500','statusDescription':'Internal Server Error'}" },
        { "{'status':200}", "status 404", "{'status':'404','statusDescription':'Not Found'}" },
        { "{'status':'200','statusDescription':'`u004fK'}", "status 200 OK",
          "{'status':'200','statusDescription':'`u004fK'}" },
        { "{'status':200}", "status= 200", "{'status':200}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s: %s", rows[i].before, rows[i].script);
        edgefn_event ev;
        if (!OPEN(&ev, frame(L_ORES, rows[i].before, NULL)) || !edit(&ev, rows[i].script)) continue;
        CHECK_STR(written(&ev), js(rows[i].after));
    }
}

/* An assigned status also sets its text, in every event, however often it is written and however
   it was received. */
TEST(status_sets_text)
{
    static const char *const events[][2] = {
        { L_ORES, "{'status':'200','statusDescription':'Fine'}" },
        { F_VRES, "{'statusCode':200,'statusDescription':'Fine'}" }
    };
    static char block[1 << 16];
    for (int k = 0; k < 4; k++) {
        ROW("type %d", k);
        edgefn_event ev;
        edgefn_str out;
        if (k < 2) {
            if (!OPEN(&ev, frame(events[k][0], events[k][1], NULL))) return;
        } else {
            CHECK(edgefn_build_begin(&ev, k == 2 ? EDGEFN_DIALECT_LAMBDA : EDGEFN_DIALECT_FUNCTIONS,
                                     k == 2 ? EDGEFN_ORIGIN_RESPONSE : EDGEFN_VIEWER_RESPONSE,
                                     edgefn_arena_make(block, sizeof block), NULL)
                  == EDGEFN_OK);
            ev.request.method = S("GET"), ev.request.uri = S("/");
            ev.response.status = 200, ev.response.status_text = S("Fine");
            CHECK(edgefn_build_end(&ev));
        }
        const edgefn_member text = EDGEFN_MEMBER_STATUS_TEXT;
        CHECK_NUM(edgefn_changed(&ev, text), EDGEFN_CHANGE_NONE);
        ev.response.status = 404;
        CHECK_NUM(edgefn_changed(&ev, text), EDGEFN_CHANGE_EDITED);
        CHECK_NUM(edgefn_outcome_of(&ev, NULL), EDGEFN_OUTCOME_FORWARD);
        CHECK_STR(ev.response.status_text, "Not Found");
        CHECK_NUM(edgefn_changed(&ev, text), EDGEFN_CHANGE_EDITED);
        ev.response.status = 503;
        out = edgefn_finish(&ev, NULL);
        CHECK(edgefn_str_contains(out, S("Service Unavailable")));
        CHECK_STR(ev.response.status_text, "Service Unavailable");
        ev.response.status = 200;
        CHECK_NUM(edgefn_changed(&ev, text), EDGEFN_CHANGE_NONE);
        out = edgefn_finish(&ev, NULL);
        CHECK(edgefn_str_contains(out, S("Fine")));
        CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_STATUS), EDGEFN_CHANGE_NONE);
        ev.response.status = 404, ev.response.status_text = S("Fine!");
        CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
        CHECK_STR(ev.response.status_text, "Fine!");
        ev.response.status = 405;
        CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
        CHECK_STR(ev.response.status_text, "Fine!");
        CHECK(edgefn_status_set(&ev, 405, edgefn_cstr(NULL)));
        ev.response.status = 406;
        char into[4000];
        edgefn_str span[64];
        size_t n = edgefn_write(&ev, into, sizeof into, NULL);
        CHECK(n <= sizeof into
              && edgefn_str_contains((edgefn_str){ into, n }, S("Not Acceptable")));
        CHECK(edgefn_write_spans(&ev, span, 64, NULL) <= 64);
        CHECK_STR(ev.response.status_text, "Not Acceptable");
    }
    ROW("a response that is withdrawn");
    edgefn_event ev;
    if (!open_request(&ev, 0)) return;
    ev.response.status = 404;
    CHECK_NUM(edgefn_outcome_of(&ev, NULL), EDGEFN_OUTCOME_ANSWER);
    ev.response.status = 0;
    CHECK_NUM(edgefn_outcome_of(&ev, NULL), EDGEFN_OUTCOME_FORWARD);
    CHECK(edgefn_respond(&ev, 404, NULL));
    ev.response.status = 0;
    CHECK_NUM(edgefn_outcome_of(&ev, NULL), EDGEFN_OUTCOME_FAIL);
}

/* Headers that describe the old body are removed with it; those that the handler added or
   changed stay. */
TEST(headers_of_the_old_body)
{
    static const char *const gone[] = { "content-encoding",
                                        "content-length",
                                        "content-language",
                                        "content-location",
                                        "content-range",
                                        "content-md5",
                                        "content-disposition",
                                        "content-digest",
                                        "repr-digest",
                                        "digest",
                                        "etag",
                                        "last-modified" };
    static const char *const stays[] = {
        "accept-ranges", "cache-control", "content-type",           "vary",
        "link",          "expires",       "content-security-policy"
    };
    static const char *const scripts[] = {
        "respond 404 x", "respond 404",    "body x",
        "body_drop",     "error_page 404", "redirect_to 302 /x"
    };
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < COUNT(scripts); i++) {
            char headers[2000] = "";
            for (size_t n = 0; n < COUNT(gone) + COUNT(stays); n++) {
                const char *name = n < COUNT(gone) ? gone[n] : stays[n - COUNT(gone)];
                snprintf(headers + strlen(headers), 200,
                         k ? "%s'%s':{'value':'v'}" : "%s'%s':[{'value':'v'}]", n ? "," : "", name);
            }
            char res[2200];
            snprintf(res, sizeof res, "{'%s':'200','headers':{%s}}", k ? "statusCode" : "status",
                     headers);
            if (k) memcpy(strstr(res, "'200'"), " 200 ", 5);
            for (int edited = 0; edited < 2; edited++) {
                ROW("%s: %s, edited %d", k ? "CloudFront Functions" : "origin-response", scripts[i],
                    edited);
                edgefn_event ev;
                if (!OPEN(&ev, frame(k ? F_VRES : L_ORES, res, NULL))) return;
                edgefn_fields *h = &ev.response.headers;
                if (edited)
                    CHECK(edgefn_set(h, S("etag"), S("new")) && edgefn_add(h, S("x-etag"), S("new"))
                          && edgefn_set(h, S("Content-Disposition"), S("attachment")));
                if (!edit(&ev, scripts[i])) continue;
                for (size_t n = 0; n < COUNT(gone); n++) {
                    bool kept = edited
                                && (strcmp(gone[n], "etag") == 0
                                    || strcmp(gone[n], "content-disposition") == 0);
                    CHECK(edgefn_has(h, edgefn_cstr(gone[n])) == kept);
                }
                for (size_t n = 0; n < COUNT(stays); n++)
                    CHECK(edgefn_has(h, edgefn_cstr(stays[n])));
                CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
            }
        }
}

/* In Lambda@Edge viewer-response only headers can be changed. */
TEST(lambda_viewer_response)
{
    static const char *const scripts[] = {
        "!respond 404 x",        "!respond 200",       "!status 404",     "!status 200",
        "status= 404",           "status_text= x",     "!body x",         "!body_drop",
        "response.body.data= x", "!redirect_to 302 /", "!error_page 500", "status= 0"
    };
    for (size_t i = 0; i < COUNT(scripts); i++) {
        ROW("%s", scripts[i]);
        edgefn_event ev;
        if (!OPEN(&ev, frame(L_VRES, "{'status':'200','statusDescription':'OK'}", NULL))
            || !edit(&ev, scripts[i]))
            continue;
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
    }
    ROW("redirect");
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VRES, "{'status':'200'}", NULL))) return;
    CHECK(!edgefn_redirect(&ev, &(edgefn_redirect_opts){ .host = S("a") }));
    CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
}

TEST(redirect)
{
    static const struct {
        const char *uri, *query, *host;
        edgefn_redirect_opts opts;
        edgefn_error code;
        const char *location;
    } rows[] = {
        { "/p", "a=1", "www.example.com", { 0 }, EDGEFN_OK, "https://www.example.com/p?a=1" },
        { "/p", "", "www.example.com", { 0 }, EDGEFN_OK, "https://www.example.com/p" },
        { "/p",
          "a=1",
          "www.example.com",
          { .drop_query = true },
          EDGEFN_OK,
          "https://www.example.com/p" },
        { "/p",
          "a=1",
          "www.example.com",
          { .host = EDGEFN_S_INIT("b.example") },
          EDGEFN_OK,
          "https://b.example/p?a=1" },
        { "/p",
          "a=1",
          "www.example.com",
          { .host = EDGEFN_S_INIT("b.example:8443"), .scheme = EDGEFN_S_INIT("http") },
          EDGEFN_OK,
          "http://b.example:8443/p?a=1" },
        { "/p",
          "a=1",
          "www.example.com",
          { .path = EDGEFN_S_INIT("/q") },
          EDGEFN_OK,
          "https://www.example.com/q?a=1" },
        { "/p",
          "a=1",
          "www.example.com",
          { .path = EDGEFN_S_INIT("/q?b=2") },
          EDGEFN_OK,
          "https://www.example.com/q?b=2" },
        { "/p",
          "a=1",
          "www.example.com",
          { .path = EDGEFN_S_INIT("/q"), .drop_query = true },
          EDGEFN_OK,
          "https://www.example.com/q" },
        { "/%20x%2F",
          "a=%26",
          "www.example.com",
          { 0 },
          EDGEFN_OK,
          "https://www.example.com/%20x%2F?a=%26" },
        { "//evil.example/x",
          "",
          "www.example.com",
          { 0 },
          EDGEFN_OK,
          "https://www.example.com//evil.example/x" },
        { "/``evil.example",
          "",
          "www.example.com",
          { 0 },
          EDGEFN_OK,
          "https://www.example.com/%5Cevil.example" },
        { "/\xC3\xA4",
          "\xC3\xB6",
          "www.example.com",
          { 0 },
          EDGEFN_OK,
          "https://www.example.com/%C3%A4?%C3%B6" },
        { "/a`r`nSet-Cookie: x",
          "",
          "www.example.com",
          { 0 },
          EDGEFN_OK,
          "https://www.example.com/a%0D%0ASet-Cookie:%20x" },
        { "/p", "", "[2001:db8::1]:443", { 0 }, EDGEFN_OK, "https://[2001:db8::1]:443/p" },
        { "/p", "", NULL, { 0 }, EDGEFN_E_MISSING, NULL },
        { "/p", "", "www.example.com", { .status = 200 }, EDGEFN_E_STATUS, NULL },
        { "/p", "", "www.example.com", { .status = 304 }, EDGEFN_E_STATUS, NULL },
        { "/p",
          "",
          "www.example.com",
          { .scheme = EDGEFN_S_INIT("javascript") },
          EDGEFN_E_OPTIONS,
          NULL },
        { "/p", "", "www.example.com", { .scheme = EDGEFN_S_INIT("") }, EDGEFN_E_OPTIONS, NULL },
        { "/p", "", "www.example.com", { .host = EDGEFN_S_INIT("") }, EDGEFN_E_OPTIONS, NULL },
        { "/p", "", "www.example.com", { .host = EDGEFN_S_INIT("a/b") }, EDGEFN_E_OPTIONS, NULL },
        { "/p", "", "www.example.com", { .host = EDGEFN_S_INIT("..") }, EDGEFN_E_OPTIONS, NULL },
        { "/p", "", "www.example.com", { .host = EDGEFN_S_INIT("a..b") }, EDGEFN_E_OPTIONS, NULL },
        { "/p", "", "a.b.", { 0 }, EDGEFN_OK, "https://a.b./p" },
        { "/p", "", "www.example.com", { .host = EDGEFN_S_INIT("a@b") }, EDGEFN_E_OPTIONS, NULL },
        { "/p", "", "www.example.com", { .host = EDGEFN_S_INIT("a b") }, EDGEFN_E_OPTIONS, NULL },
        { "/p", "", "www.example.com", { .host = EDGEFN_S_INIT("a\\b") }, EDGEFN_E_OPTIONS, NULL },
        { "/p", "", "www.example.com", { .host = EDGEFN_S_INIT("a?b") }, EDGEFN_E_OPTIONS, NULL },
        { "/p", "", "www.example.com", { .path = EDGEFN_S_INIT("q") }, EDGEFN_E_URI, NULL },
        { "/p", "", "www.example.com", { .path = EDGEFN_S_INIT("") }, EDGEFN_E_URI, NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 2; k++) {
            ROW("%s, %s ? %s", k ? "CloudFront Functions" : "Lambda@Edge", rows[i].uri,
                rows[i].query);
            char host[100] = "", part[400];
            if (rows[i].host)
                snprintf(host, sizeof host,
                         k ? "'host':{'value':'%s'}" : "'host':[{'key':'Host','value':'%s'}]",
                         rows[i].host);
            snprintf(part, sizeof part,
                     "{'method':'GET','uri':'%s','querystring':'%s','headers':{%s}}", rows[i].uri,
                     rows[i].query, host);
            edgefn_event ev;
            if (!OPEN(&ev, frame(k ? F_VREQ : L_VREQ, part, NULL))) continue;
            CHECK(edgefn_redirect(&ev, &rows[i].opts) == (rows[i].code == EDGEFN_OK));
            CHECK_NUM(ev.err.code, rows[i].code);
            if (rows[i].code) {
                CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
                continue;
            }
            CHECK_STR(edgefn_get(&ev.response.headers, S("location")), rows[i].location);
            CHECK_NUM(ev.response.status, 302);
            CHECK_NUM(ev.response.headers.len, 1);
            CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
        }
}

TEST(redirect_status_and_caching)
{
    static const uint32_t good[] = { 0, 301, 302, 303, 307, 308 };
    for (size_t i = 0; i < COUNT(good); i++) {
        ROW("status %u", (unsigned)good[i]);
        edgefn_event ev;
        if (!open_request(&ev, 1)) return;
        CHECK(edgefn_redirect(&ev, &(edgefn_redirect_opts){ .status = good[i] }));
        CHECK_NUM(ev.response.status, good[i] ? good[i] : 302);
        CHECK_STR(edgefn_get(&ev.response.headers, S("cache-control")), "no-store");
        if (!open_request(&ev, 1)) return;
        CHECK(
            edgefn_redirect(&ev, &(edgefn_redirect_opts){ .status = good[i], .cacheable = true }));
        CHECK(!edgefn_has(&ev.response.headers, S("cache-control")));
        if (!open_request(&ev, 1)) return;
        CHECK(edgefn_redirect(&ev,
                              &(edgefn_redirect_opts){ .status = good[i], .cache_max_age_s = 5 }));
        CHECK_STR(edgefn_get(&ev.response.headers, S("cache-control")), "max-age=5");
        CHECK_STR(edgefn_get(&ev.response.headers, S("location")), "https://www.example.com/p?a=1");
    }
    ROW("with the edited query");
    edgefn_event ev;
    if (!open_request(&ev, 0)) return;
    if (edit(&ev, "add q b 2\nuri= /z") && CHECK(edgefn_redirect(&ev, NULL)))
        CHECK_STR(edgefn_get(&ev.response.headers, S("location")),
                  "https://www.example.com/z?a=1&b=2");
}

TEST(redirect_to)
{
    static const struct {
        const char *url;
        bool ok;
    } rows[] = {
        { "https://x.example/a?b#c", true },
        { "http://x.example", true },
        { "/", true },
        { "/a?b=%20", true },
        { "/a//b", true },
        { "", false },
        { "//evil.example", false },
        { "/\\evil.example", false },
        { "\\\\evil.example", false },
        { "\\/evil.example", false },
        { "\\evil", false },
        { "/a b", false },
        { "/a\tb", false },
        { "/\x7f", false },
        { "/\xC3\xA4", false },
        { " /a", false },
        { "/a\r", false },
        { "///x", false },
        { "/\t/evil.example", false },
        { "evil.example", false },
        { "a/b", false },
        { "?a", false },
        { "#a", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 3; k++) {
            ROW("type %d: %s", k, rows[i].url);
            edgefn_event ev;
            if (!open_request(&ev, k)) return;
            CHECK(edgefn_redirect_to(&ev, edgefn_cstr(rows[i].url), NULL) == rows[i].ok);
            CHECK_NUM(ev.err.code, rows[i].ok ? EDGEFN_OK : EDGEFN_E_URI);
            CHECK((edgefn_finish(&ev, NULL).ptr != NULL) == rows[i].ok);
            if (rows[i].ok) CHECK_STR(edgefn_get(&ev.response.headers, S("location")), rows[i].url);
        }
    ROW("absent");
    edgefn_event ev;
    if (!open_request(&ev, 0)) return;
    CHECK(!edgefn_redirect_to(&ev, edgefn_cstr(NULL), NULL));
    CHECK_ERR(&ev, EDGEFN_E_URI, NOWHERE);
}

TEST(error_page)
{
    static const struct {
        uint32_t status;
        const char *text;
    } rows[] = { { 404, "404 Not Found" },
                 { 503, "503 Service Unavailable" },
                 { 200, "200 OK" },
                 { 599, "599" } };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 3; k++) {
            ROW("type %d, status %u", k, (unsigned)rows[i].status);
            edgefn_event ev;
            if (!open_request(&ev, k)) return;
            CHECK(edgefn_error_page(&ev, rows[i].status));
            CHECK_NUM(ev.response.status, rows[i].status);
            CHECK_STR(edgefn_get(&ev.response.headers, S("content-type")),
                      "text/html; charset=utf-8");
            CHECK(edgefn_str_contains(ev.response.body.data, edgefn_cstr(rows[i].text))
                  && edgefn_str_starts(ev.response.body.data, S("<!doctype html>")));
            edgefn_str out = edgefn_finish(&ev, NULL);
            CHECK(out.ptr != NULL && edgefn_str_contains(out, edgefn_cstr(rows[i].text)));
        }
}

TEST(respond_text)
{
    static const struct {
        const char *text, *type;
    } rows[] = { { "no\n", "text/plain; charset=utf-8" },
                 { "", "text/plain; charset=utf-8" },
                 { NULL, NULL } };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 3; k++) {
            ROW("type %d, text %s", k, rows[i].text ? rows[i].text : "absent");
            edgefn_event ev, same;
            edgefn_str text = edgefn_cstr(rows[i].text);
            if (!open_request(&ev, k)) return;
            CHECK(edgefn_respond_text(&ev, 403, text));
            CHECK_NUM(ev.response.status, 403);
            CHECK_STR(edgefn_get(&ev.response.headers, S("content-type")), rows[i].type);
            CHECK_STR(ev.response.body.data, text);
            if (!open_request(&same, k)) return;
            edgefn_respond_opts opts = { .body = text, .content_type = edgefn_cstr(rows[i].type) };
            CHECK(edgefn_respond(&same, 403, &opts));
            CHECK_STR(edgefn_finish(&ev, NULL), edgefn_finish(&same, NULL));
        }
    ROW("refused as edgefn_respond() refuses it");
    edgefn_event ev;
    if (!open_request(&ev, 0)) return;
    CHECK(!edgefn_respond_text(&ev, 204, S("no")));
    CHECK_ERR(&ev, EDGEFN_E_CHECK, NOWHERE);
    if (!open_request(&ev, 0)) return;
    CHECK(!edgefn_respond_text(&ev, 600, S("no")));
    CHECK_ERR(&ev, EDGEFN_E_STATUS, NOWHERE);
    if (!OPEN(&ev, frame(L_VRES, "{'status':'200'}", NULL))) return;
    CHECK(!edgefn_respond_text(&ev, 403, S("no")));
    CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
    ROW("a received response");
    if (!OPEN(&ev, frame(L_ORES, "{'status':'200','headers':{'etag':[{'key':'ETag','value':'x'}]}}",
                         NULL)))
        return;
    CHECK(edgefn_respond_text(&ev, 404, S("no")) && !edgefn_has(&ev.response.headers, S("etag")));
}

/* The result that a host returns after a failure is a response, never the request. */
TEST(fail_closed)
{
    static const struct {
        const char *frame, *part, *want;
    } rows[] = {
        { L_VREQ, L_REQUEST, "{'status':'503','statusDescription':'Service Unavailable'}" },
        { L_OREQ, L_REQUEST, "{'status':'503','statusDescription':'Service Unavailable'}" },
        { L_ORES, "{'status':'200'}", "null" },
        { L_VRES, "{'status':'200'}", "null" },
        { F_VREQ, F_REQUEST, "{'statusCode':503,'statusDescription':'Service Unavailable'}" },
        { F_VRES, "{'statusCode':200}", "null" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].frame);
        edgefn_event ev;
        if (!OPEN(&ev, frame(rows[i].frame, rows[i].part, NULL))) continue;
        size_t used = ev.arena.used;
        CHECK_STR(edgefn_failed_result(&ev), js(rows[i].want));
        CHECK_NUM(ev.arena.used, used);
        edgefn_set(&ev.request.headers, S("bad name"), S("x"));
        CHECK_STR(edgefn_failed_result(&ev), js(rows[i].want));
    }
    ROW("a refused event");
    edgefn_event ev;
    CHECK(edgefn_parse(&ev, S("{}"), arena_new(1000), NULL) != EDGEFN_OK);
    CHECK_STR(edgefn_failed_result(&ev), "null");
}

/* Sizes that CloudFront refuses: 40 KB in viewer events, 1 MB in origin events, for headers and
   body together. */
TEST(sizes)
{
    static char big[1048576 + 100];
    memset(big, 'x', sizeof big);
    static const struct {
        int type;
        size_t limit;
    } rows[] = { { 0, 40960 }, { 1, 1048576 } };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int over = 0; over < 2; over++) {
            ROW("type %d, %d over", rows[i].type, over);
            edgefn_event ev;
            edgefn_str json = frame(rows[i].type ? L_OREQ : L_VREQ, L_REQUEST, NULL),
                       body = { big, rows[i].limit - strlen("content-type") - 1 + (size_t)over };
            if (!CHECK(edgefn_parse(&ev, json, arena_new(4 << 20), NULL) == EDGEFN_OK)) continue;
            CHECK(edgefn_respond(
                &ev, 200,
                &(edgefn_respond_opts){ .body = body, .content_type = S("t"), .cacheable = true }));
            CHECK((edgefn_finish(&ev, NULL).ptr != NULL) == !over);
            CHECK_NUM(ev.err.code, over ? EDGEFN_E_CHECK : EDGEFN_OK);
            if (!CHECK(edgefn_parse(&ev, json, arena_new(4 << 20), NULL) == EDGEFN_OK)) continue;
            edgefn_respond(
                &ev, 200,
                &(edgefn_respond_opts){ .body = body, .content_type = S("t"), .cacheable = true });
            CHECK(edgefn_finish(&ev, &(edgefn_write_opts){ .skip_check = true }).ptr != NULL);
        }
    ROW("URI and query");
    for (size_t n = 8190; n <= 8192; n++) {
        edgefn_event ev;
        if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
        big[0] = '/';
        ev.request.uri = edgefn_str_take((edgefn_str){ big, sizeof big }, n - 10);
        ev.request.querystring = S("a=1234567");
        CHECK((edgefn_finish(&ev, NULL).ptr != NULL) == (n < 8192));
        CHECK_NUM(ev.err.code, n < 8192 ? EDGEFN_OK : EDGEFN_E_CHECK);
        big[0] = 'x';
    }
}

/* A response in a request event is ignored, also by answers. */
TEST(answers_of_requests_with_a_response)
{
#define BOTH(response)                                                                             \
  L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/'}" response "}}]}"
    static const char *const rows[] = {
        ",'response':{'status':'200','statusDescription':'OK'}",
        ",'response':{'status':'403','statusDescription':'Forbidden','body':'no','bodyEncoding':'text'}",
        ",'response':{'status':'403','headers':{'x-a':[{'key':'X-A','value':'1'}]},'body':'text'}",
    };
    edgefn_respond_opts opts = { .body = S("no") };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev, plain;
        char text[500];
        ROW("%s", rows[i]);
        snprintf(text, sizeof text, BOTH("%s"), rows[i]);
        if (!OPEN(&ev, js(text)) || !OPEN(&plain, js(BOTH("")))) continue;
        CHECK(edgefn_respond(&ev, 403, &opts) && edgefn_respond(&plain, 403, &opts));
        for (int m = 0; m < EDGEFN_MEMBER_COUNT; m++)
            CHECK_NUM(edgefn_changed(&ev, (edgefn_member)m),
                      edgefn_changed(&plain, (edgefn_member)m));
        CHECK_STR(written(&ev), written(&plain));
    }
}
