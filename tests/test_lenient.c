/* Lenient parsing: test events as written by generators, consoles and people, which lack members
   that CloudFront always sends; and events of other services, which must be refused. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

#define CF(members) "{'Records':[{'cf':{" members "}}]}"
#define GET_        "'request':{'uri':'/','method':'GET'}"
#define OK_         "'response':{'status':'200'}"
#define S3          "'origin':{'s3':{'domainName':'bucket.s3.amazonaws.com','path':''}}"
#define CUSTOM      "'origin':{'custom':{'domainName':'www.example.com'}}"

static edgefn_error take(edgefn_event *ev, edgefn_str json, bool lenient, edgefn_event_type type)
{
    edgefn_parse_opts opts = { .lenient = lenient, .type = type };
    return edgefn_parse(ev, json, arena_new(KIT_ARENA + 24 * json.len), &opts);
}

/* True if CloudFront would accept this result, or the event's own request or response if it is
   absent. */
static bool accepted(edgefn_event *ev, edgefn_str result)
{
    edgefn_finding f[16];
    size_t n = edgefn_check(ev, result, f, COUNT(f));
    if (n == SIZE_MAX) return false;
    for (size_t i = 0; i < n && i < COUNT(f); i++) {
        if (f[i].rule->confidence == EDGEFN_CONFIDENCE_DOUBTFUL) continue;
        printf("    refused: %s %.*s\n", f[i].rule->id, EDGEFN_FMT(f[i].subject));
        return false;
    }
    return true;
}

/* Strict parsing refuses the text with `code`; lenient parsing accepts it as `type`. Without
   edits it is written unchanged, and no rule refuses it. */
typedef struct test_event {
    const char *text;
    edgefn_error code;
    edgefn_event_type type;
    bool inferred;
} test_event;

static const test_event test_events[] = {
    /* a generated request, with all its members */
    { CF("'config':{'distributionId':'EXAMPLEID'},'request':{'uri':'/shop','method':'GET','clientIp':'2001:db8::7',"
         "'headers':{'host':[{'key':'Host','value':'shop.example.net'}],'user-agent':[{'key':'User-Agent','value':'test'}]}}"),
      EDGEFN_E_MISSING, EDGEFN_VIEWER_REQUEST, true },
    { CF("'config':{'distributionId':'EXAMPLEID'},'request':{'uri':'/shop','querystring':'size=L&color=red','method':'GET','headers':{}}"),
      EDGEFN_E_MISSING, EDGEFN_VIEWER_REQUEST, true },
    /* its response, without a request */
    { CF("'config':{'distributionId':'EXAMPLEID'},'response':{'status':'200','statusDescription':'HTTP OK',"
         "'headers':{'vary':[{'value':'*','key':'Vary'}],'last-modified':[{'value':'2024-11-25','key':'Last-Modified'}]}}"),
      EDGEFN_E_MISSING, EDGEFN_VIEWER_RESPONSE, true },
    { CF(OK_), EDGEFN_E_MISSING, EDGEFN_VIEWER_RESPONSE, true },
    { CF("'config':{'eventType':'origin-response'}," OK_), EDGEFN_E_MISSING, EDGEFN_ORIGIN_RESPONSE,
      false },
    { CF("'config':{'eventType':'viewer-response'},'request':null," OK_), EDGEFN_E_TYPE,
      EDGEFN_VIEWER_RESPONSE, false },
    /* without a config */
    { CF(GET_), EDGEFN_E_MISSING, EDGEFN_VIEWER_REQUEST, true },
    { CF("'config':null," GET_), EDGEFN_E_TYPE, EDGEFN_VIEWER_REQUEST, true },
    { CF("'config':{}," GET_), EDGEFN_E_MISSING, EDGEFN_VIEWER_REQUEST, true },
    { CF("'config':{'eventType':null,'requestId':null}," GET_), EDGEFN_E_TYPE,
      EDGEFN_VIEWER_REQUEST, true },
    /* without a method */
    { CF("'config':{'eventType':'viewer-request'},'request':{'uri':'/'}"), EDGEFN_E_MISSING,
      EDGEFN_VIEWER_REQUEST, false },
    { CF("'request':{'uri':'/'}"), EDGEFN_E_MISSING, EDGEFN_VIEWER_REQUEST, true },
    /* the type is inferred from the origin */
    { CF("'request':{'uri':'/'," S3 "}"), EDGEFN_E_MISSING, EDGEFN_ORIGIN_REQUEST, true },
    { CF("'request':{'uri':'/'," CUSTOM "}"), EDGEFN_E_MISSING, EDGEFN_ORIGIN_REQUEST, true },
    { CF("'request':{'uri':'/'," S3 "}," OK_), EDGEFN_E_MISSING, EDGEFN_ORIGIN_RESPONSE, true },
    { CF(OK_ ",'request':{'uri':'/'," CUSTOM "}"), EDGEFN_E_MISSING, EDGEFN_ORIGIN_RESPONSE, true },
    { CF("'request':{'uri':'/','origin':null}"), EDGEFN_E_TYPE, EDGEFN_VIEWER_REQUEST, true },
    { CF(GET_ ",'response':null"), EDGEFN_E_TYPE, EDGEFN_VIEWER_REQUEST, true },
    { CF(GET_ "," OK_), EDGEFN_E_MISSING, EDGEFN_VIEWER_RESPONSE, true },
    /* null for every member that may be absent */
    { CF("'config':{'eventType':'origin-request','distributionId':null,'distributionDomainName':null,'requestId':null},'request':{'clientIp':null,"
         "'headers':null,'method':null,'querystring':null,'uri':'/','body':null,'origin':null}"),
      EDGEFN_E_TYPE, EDGEFN_ORIGIN_REQUEST, false },
    { CF("'request':{'uri':'/','headers':{'a':null,'b':[{'key':null,'value':'1'}]},'body':{'action':null,'data':null,'encoding':null,'inputTruncated':null}}"),
      EDGEFN_E_TYPE, EDGEFN_VIEWER_REQUEST, true },
    { CF("'request':{'uri':'/','origin':{'custom':{'customHeaders':null,'domainName':'a.example','keepaliveTimeout':null,'path':null,'port':null,"
         "'protocol':null,'readTimeout':null,'responseCompletionTimeout':null,'sslProtocols':null}}}"),
      EDGEFN_E_TYPE, EDGEFN_ORIGIN_REQUEST, true },
    { CF("'request':{'uri':'/','origin':{'s3':{'authMethod':null,'customHeaders':null,'domainName':'a.example','path':null,'region':null}}}"),
      EDGEFN_E_TYPE, EDGEFN_ORIGIN_REQUEST, true },
    { CF("'request':{'uri':'/','origin':{'custom':null,'s3':{'domainName':'b.s3.amazonaws.com'}}}"),
      EDGEFN_E_TYPE, EDGEFN_ORIGIN_REQUEST, true },
    { CF("'response':{'status':'200','statusDescription':null,'headers':null,'body':null,'bodyEncoding':null}"),
      EDGEFN_E_TYPE, EDGEFN_VIEWER_RESPONSE, true },
    /* CloudFront Functions */
    { "{'version':'1.0','request':{'method':'GET','uri':'/'}}", EDGEFN_E_MISSING,
      EDGEFN_VIEWER_REQUEST, true },
    { "{'version':'1.0','context':{},'request':{'uri':'/'}}", EDGEFN_E_MISSING,
      EDGEFN_VIEWER_REQUEST, true },
    { "{'version':'1.0','context':null,'viewer':null,'response':{'statusCode':200}}", EDGEFN_E_TYPE,
      EDGEFN_VIEWER_RESPONSE, true },
    { "{'version':null,'context':{'eventType':'viewer-request'},'viewer':{'ip':null},'request':{'method':null,'uri':'/','querystring':null,"
      "'headers':null,'cookies':null}}",
      EDGEFN_E_TYPE, EDGEFN_VIEWER_REQUEST, false },
    { "{'version':'1.0','context':{'eventType':'viewer-response'},'request':null,'response':{'statusCode':200,'statusDescription':null,'headers':null,"
      "'cookies':null,'body':null}}",
      EDGEFN_E_TYPE, EDGEFN_VIEWER_RESPONSE, false },
    { "{'version':'1.0','context':{},'request':{'uri':'/','headers':{'a':null,'b':{'value':'1','multiValue':null,'attributes':null}},"
      "'querystring':{'q':null},'cookies':{'c':{'value':'1','attributes':null}}}}",
      EDGEFN_E_MISSING, EDGEFN_VIEWER_REQUEST, true },
};

TEST(test_events_are_read)
{
    for (size_t i = 0; i < COUNT(test_events); i++) {
        const test_event *t = &test_events[i];
        edgefn_event ev;
        edgefn_str json = js(t->text);
        char line[400];
        ROW("%s", t->text);
        CHECK_NUM(take(&ev, json, false, EDGEFN_EVENT_TYPE_NONE), t->code);
        size_t n = edgefn_describe(&ev, line, sizeof line);
        CHECK(edgefn_str_contains((edgefn_str){ line, n }, S(".lenient")));
        if (!CHECK_NUM(take(&ev, json, true, EDGEFN_EVENT_TYPE_NONE), EDGEFN_OK)) {
            kit_why(&ev);
            continue;
        }
        CHECK_NUM(ev.type, t->type);
        CHECK(ev.type_inferred == t->inferred);
        CHECK(ev.request.method.ptr == NULL || edgefn_str_eq(ev.request.method, S("GET")));
        CHECK(accepted(&ev, edgefn_passthrough(&ev)));
        UNTOUCHED(&ev);
    }
}

/* What is required even then, and the options. */
TEST(lenient_refuses)
{
    static const struct {
        const char *text;
        edgefn_event_type type;
        edgefn_error code;
        size_t pos;
    } rows[] = {
        { CF("'request':{'method':'GET'}"), 0, EDGEFN_E_MISSING, 44 },
        { CF("'request':{'uri':null}"), 0, EDGEFN_E_MISSING, 40 },
        { CF("'config':{}"), 0, EDGEFN_E_MISSING, 30 },
        { CF(""), 0, EDGEFN_E_MISSING, 19 },
        { CF("'request':null"), 0, EDGEFN_E_MISSING, 33 },
        { CF("'response':{'status':null}"), 0, EDGEFN_E_MISSING, 44 },
        { CF("'response':{}"), 0, EDGEFN_E_MISSING, 31 },
        { CF("'request':{'uri':'/'},'response':{'status':'200','headers':{'a':[{'key':'a','value':null}]}}"),
          0, EDGEFN_E_TYPE, 103 },
        { CF("'request':{'uri':'/','headers':{'a':[null]}}"), 0, EDGEFN_E_TYPE, 56 },
        { CF("'request':{'uri':7}"), 0, EDGEFN_E_TYPE, 36 },
        { CF("'request':{'uri':'/','headers':{'a':null,'a':[{'value':'1'}]}}"), 0,
          EDGEFN_E_DUPLICATE, 60 },
        { CF("'request':{'uri':'/','method':nul}"), 0, EDGEFN_E_JSON_SYNTAX, 49 },
        { CF(OK_), EDGEFN_VIEWER_REQUEST, EDGEFN_E_MISSING, 46 },
        { CF(GET_), EDGEFN_ORIGIN_RESPONSE, EDGEFN_E_MISSING, 55 },
        { CF("'config':{'eventType':'viewer-request'}," GET_), EDGEFN_ORIGIN_REQUEST,
          EDGEFN_E_NOT_AN_EVENT, 41 },
        { CF("'config':{'eventType':'viewer-request'}," GET_), EDGEFN_VIEWER_REQUEST, EDGEFN_OK,
          0 },
        { CF(GET_), EDGEFN_ORIGIN_REQUEST, EDGEFN_OK, 0 },
        { CF(OK_), EDGEFN_ORIGIN_RESPONSE, EDGEFN_OK, 0 },
        { CF(GET_), (edgefn_event_type)5, EDGEFN_E_OPTIONS, NOWHERE },
        { CF(GET_), (edgefn_event_type)-1, EDGEFN_E_OPTIONS, NOWHERE },
        { "{'version':'1.0','request':{'uri':'/'}}", EDGEFN_ORIGIN_REQUEST, EDGEFN_E_NOT_AN_EVENT,
          0 },
        { "\n {'version':'1.0','request':{'uri':'/'}}", EDGEFN_ORIGIN_RESPONSE,
          EDGEFN_E_NOT_AN_EVENT, 2 },
        { "{'version':'1.0','request':{'uri':'/'}}", EDGEFN_VIEWER_REQUEST, EDGEFN_OK, 0 },
        { "{'Records':null}", 0, EDGEFN_E_NOT_AN_EVENT, 0 },
        { "{'Records':[null]}", 0, EDGEFN_E_NOT_AN_EVENT, 0 },
        { "{'Records':[{'cf':null}]}", 0, EDGEFN_E_NOT_AN_EVENT, 18 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        ROW("%s, type %d", rows[i].text, (int)rows[i].type);
        CHECK_NUM(take(&ev, js(rows[i].text), true, rows[i].type), rows[i].code);
        if (rows[i].code != EDGEFN_OK) {
            CHECK_ERR(&ev, rows[i].code, rows[i].pos);
            char line[1000];
            edgefn_str text = { line, edgefn_describe(&ev, line, sizeof line) };
            CHECK(!edgefn_str_contains(text, S(".lenient"))); /* it would not help */
            continue;
        }
        CHECK(ev.type == rows[i].type && !ev.type_inferred);
    }
}

/* An edit replaces a null; everything else stays. */
TEST(edits_replace_nulls)
{
    static const struct {
        const char *text, *out;
        int what;
    } rows[] = {
        { CF("'request':{'uri':'/' , 'headers' : null , 'x':1}"),
          "{'uri':'/' , 'headers':{'a':[{'key':'A','value':'1'}]} , 'x':1}", 'h' },
        { CF("'request':{'uri':'/','headers':{'A':null,'b':[]}}"),
          "{'uri':'/','headers':{'A':[{'key':'A','value':'1'}],'b':[]}}", 'h' },
        { CF("'request':{'querystring':null,'uri':'/'}"), "{'querystring':'a=1','uri':'/'}", 'q' },
        { CF("'request':{'body' : null,'uri':'/'}"),
          "{'body':{'action':'replace','encoding':'text','data':'x'},'uri':'/'}", 'b' },
        { CF("'request':{'body':{'data':null,'action':null},'uri':'/'}"),
          "{'body':{'data':'x','action':'replace','encoding':'text'},'uri':'/'}", 'b' },
        { CF("'request':{'origin':{'s3':{'path':null,'domainName':'d'}},'uri':'/'}"),
          "{'origin':{'s3':{'path':'/p','domainName':'d'}},'uri':'/'}", 'p' },
        { CF("'request':{'uri':'/','origin':{'custom':{'domainName':'d','customHeaders':null}}}"),
          "{'uri':'/','origin':{'custom':{'domainName':'d','customHeaders':{'a':[{'key':'A','value':'1'}]}}}}",
          'o' },
        { CF("'response':{'headers':null,'status':'200'}"),
          "{'headers':{'a':[{'key':'A','value':'1'}]},'status':'200'}", 'h' },
        { CF("'config':{'eventType':'origin-response'},'response':{'statusDescription':null,'status':'200'}"),
          "{'statusDescription':'Fine','status':'200'}", 't' },
        { CF("'config':{'eventType':'origin-response'},'response':{'body':null,'status':'200'}"),
          "{'body':'x','status':'200'}", 'b' },
        { "{'version':'1.0','request':{'uri':'/','headers':{'a':null}}}",
          "{'uri':'/','headers':{'a':{'value':'1'}}}", 'h' },
        { "{'version':'1.0','request':{'cookies':null,'uri':'/'}}",
          "{'cookies':{'a':{'value':'1'}},'uri':'/'}", 'c' },
        { "{'version':'1.0','request':{'querystring':null,'uri':'/'}}",
          "{'querystring':'a=1','uri':'/'}", 'q' },
        { "{'version':'1.0','request':{'uri':'/','cookies':{'a':{'multiValue':null,'value':'0'}}}}",
          "{'uri':'/','cookies':{'a':{'multiValue':null,'value':'1'}}}", 'c' },
        { "{'version':'1.0','response':{'body':null,'statusCode':200}}",
          "{'body':{'encoding':'text','data':'x'},'statusCode':200}", 'b' },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        bool done = false;
        ROW("%s", rows[i].text);
        if (!CHECK_NUM(take(&ev, js(rows[i].text), true, EDGEFN_EVENT_TYPE_NONE), EDGEFN_OK))
            continue;
        edgefn_fields *headers =
            edgefn_is_request(&ev) ? &ev.request.headers : &ev.response.headers;
        switch (rows[i].what) {
        case 'h': done = edgefn_set(headers, S("A"), S("1")); break;
        case 'o': done = edgefn_set(&ev.request.origin.headers, S("A"), S("1")); break;
        case 'q': done = edgefn_set(edgefn_query(&ev), S("a"), S("1")); break;
        case 'c': done = edgefn_set(edgefn_cookies(&ev), S("a"), S("1")); break;
        case 'p':
            ev.request.origin.path = S("/p");
            done = true;
            break;
        case 't':
            ev.response.status_text = S("Fine");
            done = true;
            break;
        default:
            if (edgefn_is_request(&ev))
                done = edgefn_body_replace(&ev, S("x"), EDGEFN_ENCODING_DEFAULT);
            else
                ev.response.body =
                    (edgefn_body){ .data = S("x"), .encoding = EDGEFN_ENCODING_TEXT },
                done = true;
        }
        edgefn_write_opts opts = { .skip_check = true };
        if (!CHECK(done)) kit_why(&ev);
        CHECK_STR(edgefn_finish(&ev, &opts), js(rows[i].out));
    }
}

/* A result may lack what its event lacks, the method, and may have null in the same places, but
   not in others. */
TEST(check_accepts_received_nulls)
{
    static const struct {
        const char *event, *result;
        bool good;
    } rows[] = {
        { CF("'request':{'uri':'/','headers':{}}"), "{'uri':'/','headers':{}}", true },
        { CF("'request':{'uri':'/','headers':null}"), "{'uri':'/','headers':null}", true },
        { CF("'request':{'uri':'/','headers':{}}"), "{'uri':'/','headers':null}", false },
        { CF("'request':{'uri':'/','querystring':null}"), "{'uri':'/','querystring':null}", true },
        { CF("'request':{'uri':'/','querystring':null}"),
          "{'uri':'/','querystring':null,'headers':null}", false },
        { CF("'request':{'uri':'/','clientIp':null}"), "{'uri':'/','clientIp':null}", true },
        { CF("'request':{'uri':'/','clientIp':null}"), "{'uri':'/','clientIp':'192.0.2.1'}",
          false },
        { CF("'request':{'uri':'/','method':'GET'}"), "{'uri':'/'}", false },
        { CF("'request':{'uri':'/'}"), "{'uri':null}", false },
        { CF("'response':{'status':'200','body':null}"), "{'status':'200','body':null}", true },
        { CF("'response':{'status':'200'}"),
          "{'status':'200','headers':{'a':[{'key':'A','value':'1'}]}}", true },
        { CF("'response':{'status':'200'}"), "{'headers':{}}", false },
        { CF("'request':{'uri':'/'}"), "{'status':'403'}", true },
        { "{'version':'1.0','request':{'uri':'/','cookies':null}}", "{'uri':'/','cookies':null}",
          true },
        { "{'version':'1.0','request':{'uri':'/','cookies':{}}}", "{'uri':'/','cookies':null}",
          false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        edgefn_finding f[8];
        bool good = true;
        ROW("%s %s", rows[i].event, rows[i].result);
        if (!CHECK_NUM(take(&ev, js(rows[i].event), true, EDGEFN_EVENT_TYPE_NONE), EDGEFN_OK))
            continue;
        size_t n = edgefn_check(&ev, js(rows[i].result), f, COUNT(f));
        for (size_t k = 0; k < n && k < COUNT(f); k++)
            good = good && f[k].rule->confidence == EDGEFN_CONFIDENCE_DOUBTFUL;
        CHECK(good == rows[i].good);
    }
}

/* Events of other services are refused, with a message that says so, whether parsing is strict
   or lenient. */
TEST(events_of_other_services)
{
    static const char *const rows[] = {
        "{'version':'0'}",
        "{'version':'0','id':'1','detail-type':'t','source':'aws.s3','resources':[],'detail':{}}",
        "{'version':'2.0','routeKey':'$default','rawPath':'/','rawQueryString':'','headers':{},'requestContext':{'http':{'method':'GET'}},'isBase64Encoded':false}",
        "{'version':'1.0','resource':'/','path':'/','httpMethod':'GET','headers':{},'requestContext':{}}",
        "{'version':'1','triggerSource':'PreSignUp_SignUp','region':'x','userPoolId':'p','callerContext':{},'request':{'userAttributes':{}},'response':{}}",
        "{'version':'1.0','session':{'new':true},'context':{'System':{}},'request':{'type':'LaunchRequest'}}",
        "{'version':'1.0','invokingEvent':'{}','ruleParameters':'{}','configRuleName':'r'}",
        "{'version':1}",
        "{'version':null}",
        "{'version':{}}",
        "{'context':'x'}",
        "{'context':{'a':1}}",
        "{'viewer':7}",
        "{'viewer':{'name':'x'}}",
        "{'version':'1.0','request':{}}",
        "{'version':'1.0','response':{}}",
        "{'resource':'/','path':'/','httpMethod':'GET','requestContext':{}}",
        "{'requestContext':{'elb':{}},'httpMethod':'GET','path':'/'}",
        "{'Records':[{'eventVersion':'2.1','eventSource':'aws:s3','s3':{}}]}",
        "{'Records':[{'EventSource':'aws:sns','Sns':{}}]}",
        "{'Records':[{'messageId':'1','body':'{}','eventSource':'aws:sqs'}]}",
        "{'Records':[{'eventName':'INSERT','dynamodb':{}}]}",
        "{'Records':[{'kinesis':{'data':''}}]}",
        "{'Records':[{'ses':{}}]}",
        "{'Records':[]}",
        "{'records':[]}",
        "{'awslogs':{'data':''}}",
        "{'type':'TOKEN','methodArn':'a','authorizationToken':'t'}",
        "{'arguments':{},'identity':null,'source':null,'request':{'headers':{}}}",
        "{}",
        "[]",
        "7",
    };
    for (size_t i = 0; i < COUNT(rows) * 2; i++) {
        edgefn_event ev;
        edgefn_str json = js(rows[i / 2]);
        ROW("%s, %s", rows[i / 2], i % 2 ? "lenient" : "strict");
        CHECK_NUM(take(&ev, json, i % 2 != 0, EDGEFN_EVENT_TYPE_NONE), EDGEFN_E_NOT_AN_EVENT);
        CHECK_ERR(&ev, EDGEFN_E_NOT_AN_EVENT, 0);
    }
}

/* The error names the encoding of a text with a byte order mark or in another encoding. */
TEST(byte_order_marks)
{
    static const struct {
        edgefn_str text;
        const char *says;
    } rows[] = {
        { EDGEFN_S_INIT("\xef\xbb\xbf{}"), "a byte order mark before" },
        { EDGEFN_S_INIT("\xef\xbb\xbf"), "a byte order mark before" },
        { EDGEFN_S_INIT("\xff\xfe{\0}\0"), "UTF-16" },
        { EDGEFN_S_INIT("\xfe\xff\0{\0}"), "UTF-16" },
        { EDGEFN_S_INIT("\xef\xbb"), "JSON text" },
        { EDGEFN_S_INIT("\xff"), "JSON text" },
        { EDGEFN_S_INIT("x"), "JSON text" },
        { EDGEFN_S_INIT(" \xef\xbb\xbf{}"), "JSON text" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        ROW("row %zu", i);
        CHECK_NUM(take(&ev, guard_copy(rows[i].text.ptr, rows[i].text.len), i % 2 != 0,
                       EDGEFN_EVENT_TYPE_NONE),
                  EDGEFN_E_JSON_SYNTAX);
        CHECK(strstr(ev.err.where, rows[i].says) != NULL);
        CHECK_NUM(ev.err.pos, i == 7 ? 1 : 0);
    }
}

/*--- any member null or absent ----------------------------------------------------------------------------------------*/

static uint64_t draw_state = 0x9e3779b97f4a7c15u;
static size_t draw(size_t below)
{
    draw_state = draw_state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(draw_state >> 33) % below;
}

/* Returns the end of the JSON value at `at`. */
static size_t value_end(edgefn_str s, size_t at)
{
    int depth = 0;
    do {
        char c = s.ptr[at];
        if (c == '"') {
            for (at++; s.ptr[at] != '"'; at++)
                at += s.ptr[at] == '\\';
        } else
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        at++;
        if (depth == 0 && (c == '"' || c == '}' || c == ']')) break;
    } while (at < s.len
             && (depth > 0
                 || (s.ptr[at] != ',' && s.ptr[at] != '}' && s.ptr[at] != ']'
                     && (unsigned char)s.ptr[at] > ' ')));
    return at;
}

/* Replaces a random member of the text by null, or removes it. */
static edgefn_str without_a_member(edgefn_str s)
{
    size_t names[4000], n = 0, from, value, end;
    for (size_t i = 0; i < s.len && n < COUNT(names); i++) {
        if (s.ptr[i] != '"') continue;
        size_t after = value_end(s, i);
        size_t colon = after;
        while (colon < s.len && (unsigned char)s.ptr[colon] <= ' ')
            colon++;
        if (colon < s.len && s.ptr[colon] == ':') names[n++] = i;
        i = after - 1;
    }
    if (n == 0) return s;
    from = names[draw(n)];
    for (value = value_end(s, from); s.ptr[value] != ':'; value++) {
    }
    for (value++; (unsigned char)s.ptr[value] <= ' '; value++) {
    }
    end = value_end(s, value);
    bool null = draw(2) == 0;
    if (!null) {
        size_t next = end, before = from;
        while ((unsigned char)s.ptr[next] <= ' ')
            next++;
        while (before > 0 && (unsigned char)s.ptr[before - 1] <= ' ')
            before--;
        if (s.ptr[next] == ',')
            end = next + 1;
        else if (s.ptr[before - 1] == ',')
            from = before - 1;
    }
    const char *put = null ? "null" : "";
    size_t head = null ? value : from, tail = s.len - end, put_len = strlen(put);
    char *p = (char *)test_own(malloc(head + put_len + tail + 1));
    memcpy(p, s.ptr, head);
    memcpy(p + head, put, put_len);
    memcpy(p + head + put_len, s.ptr + end, tail);
    return (edgefn_str){ p, head + put_len + tail };
}

/* Makes some edits that are possible in every event, writes the whole event, and parses it
   again. */
static void edit_and_read(edgefn_str json)
{
    edgefn_event ev, again;
    edgefn_write_opts opts = { .skip_check = true, .whole_event = true };
    if (!CHECK_NUM(take(&ev, json, true, EDGEFN_EVENT_TYPE_NONE), EDGEFN_OK)) return;
    edgefn_fields *headers = edgefn_is_request(&ev) ? &ev.request.headers : &ev.response.headers;
    bool done = edgefn_set(headers, S("x-a"), S("1")) && edgefn_set(headers, S("host"), S("h"))
                && edgefn_set(headers, S("vary"), S("v"));
    if (edgefn_is_request(&ev)) {
        done = done && edgefn_set(edgefn_query(&ev), S("q"), S("2"))
               && edgefn_set(edgefn_cookies(&ev), S("c"), S("3"));
        ev.request.uri = S("/edited");
        if (ev.dialect == EDGEFN_DIALECT_LAMBDA)
            done = done && edgefn_body_replace(&ev, S("x"), EDGEFN_ENCODING_DEFAULT);
        if (ev.type == EDGEFN_ORIGIN_REQUEST && ev.request.origin.kind != EDGEFN_ORIGIN_NONE) {
            ev.request.origin.path = S("/p");
            done = done && edgefn_set(&ev.request.origin.headers, S("x-o"), S("4"));
        }
    }
    if (!CHECK(done)) {
        kit_why(&ev);
        return;
    }
    edgefn_str out = edgefn_finish(&ev, &opts);
    if (!CHECK(out.ptr != NULL)) {
        kit_why(&ev);
        return;
    }
    if (!CHECK_NUM(take(&again, out, true, ev.type_inferred ? ev.type : EDGEFN_EVENT_TYPE_NONE),
                   EDGEFN_OK)) {
        kit_why(&again);
        test_show("written", out);
        return;
    }
    edgefn_fields *back =
        edgefn_is_request(&again) ? &again.request.headers : &again.response.headers;
    if (!CHECK(list_same(headers, back))) {
        printf("    %s\n", list_text(headers));
        printf("    %s\n", list_text(back));
    }
    CHECK_STR(edgefn_get(back, S("x-a")), "1");
    CHECK_STR(edgefn_get(back, S("vary")), "v");
    if (!edgefn_is_request(&ev)) return;
    CHECK_STR(again.request.uri, "/edited");
    CHECK_STR(edgefn_get(edgefn_query(&again), S("q")), "2");
    CHECK_STR(edgefn_get(edgefn_cookies(&again), S("c")), "3");
    CHECK(ev.dialect != EDGEFN_DIALECT_LAMBDA || edgefn_str_eq(again.request.body.data, S("x")));
    if (again.request.origin.kind == EDGEFN_ORIGIN_NONE || ev.type != EDGEFN_ORIGIN_REQUEST) return;
    CHECK_STR(again.request.origin.path, "/p");
    CHECK_STR(edgefn_get(&again.request.origin.headers, S("x-o")), "4");
}

static size_t taken, refused_;

static void try_text(edgefn_str json)
{
    edgefn_event strict, ev;
    edgefn_error code = take(&strict, json, false, EDGEFN_EVENT_TYPE_NONE),
                 loose = take(&ev, json, true, EDGEFN_EVENT_TYPE_NONE);
    edgefn_str guarded = guard_copy(json.ptr, json.len);
    CHECK_NUM(take(&ev, guarded, true, EDGEFN_EVENT_TYPE_NONE), loose);
    if (code == EDGEFN_OK) {
        CHECK(loose == EDGEFN_OK && !ev.type_inferred);
        const char *differs = event_differs(&strict, &ev);
        if (!CHECK(differs == NULL)) printf("    %s\n", differs);
        CHECK_NUM(take(&ev, guarded, true, EDGEFN_EVENT_TYPE_NONE), loose);
    }
    if (loose != EDGEFN_OK) {
        refused_++;
        CHECK(loose == EDGEFN_E_MISSING || loose == EDGEFN_E_TYPE
              || loose == EDGEFN_E_NOT_AN_EVENT);
        return;
    }
    taken++;
    CHECK_STR(edgefn_finish(&ev, NULL), edgefn_passthrough(&ev));
    if (!CHECK(accepted(&ev, edgefn_passthrough(&ev)))) test_show("event  ", json);
    edit_and_read(guarded);
}

/* The text after a null must not be read as members of the object that is absent. */
TEST(members_after_null)
{
#define TAIL_ ",'response':{'status':'200','headers':{'x-a':[{'key':'X-A','value':'1'}]}}"
    static const char *const rows[] = {
        CF("'config':null'distributionDomainName':'d.cloudfront.net'," GET_),
        CF("'config':null'eventType':'viewer-request'," GET_),
        CF("'request':null'clientIp':'192.0.2.1','headers':{},'method':'GET','querystring':'','uri':'/'" TAIL_),
        CF("'request':null'headers':{},'method':'GET','querystring':'','uri':'/'" TAIL_),
        CF("'request':null'method':'GET','querystring':'','uri':'/'" TAIL_),
        CF("'request':null'method':'GET'" TAIL_),
        CF("'request':{'method':'GET','uri':'/','origin':null's3':{'domainName':'b.s3.amazonaws.com','path':''}}" TAIL_),
        CF("'response':null'headers':{'x-a':[{'key':'X-A','value':'1'}]},'status':'200'"),
        CF("'response':null'status':'200','statusDescription':'a text that is long enough'"),
        "{'version':'1.0','context':null'eventType':'viewer-request','viewer':{'ip':'192.0.2.1'}," GET_
        "}",
        "{'version':'1.0','context':{'eventType':'viewer-request'},'viewer':null'ip':'192.0.2.1'," GET_
        "}",
        "{'version':'1.0','context':{'eventType':'viewer-response'},'request':null'method':'GET','uri':'/','response':{'statusCode':200}}",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        edgefn_str json = js(rows[i]);
        size_t null = edgefn_str_find(json, EDGEFN_S("null"));
        ROW("%s", rows[i]);
        CHECK_NUM(take(&ev, guard_copy(json.ptr, json.len), true, EDGEFN_EVENT_TYPE_NONE),
                  EDGEFN_E_JSON_SYNTAX);
        CHECK_NUM(ev.err.pos, null + 4);
    }
#undef TAIL_
}

TEST(any_member_null_or_missing)
{
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str whole = slurp(*p);
        if (whole.len > 20000) continue;
        ROW("%s", *p);
        for (int i = 0; i < 60; i++) {
            edgefn_str json = whole;
            for (size_t n = 1 + draw(4); n > 0; n--)
                json = without_a_member(json);
            try_text(json);
        }
    }
    for (size_t i = 0; i < COUNT(test_events); i++) {
        ROW("%s", test_events[i].text);
        for (int k = 0; k < 20; k++)
            try_text(without_a_member(js(test_events[i].text)));
    }
    CHECK(taken > 500 && refused_ > 100); /* otherwise this tested too little */
}

/* A type given by the host that CloudFront Functions do not have. */
TEST(types_of_the_other_dialect)
{
    for (int type = EDGEFN_VIEWER_REQUEST; type <= EDGEFN_VIEWER_RESPONSE; type++) {
        edgefn_event ev;
        bool at_origin = type == EDGEFN_ORIGIN_REQUEST || type == EDGEFN_ORIGIN_RESPONSE;
        ROW("type %d", type);
        edgefn_error code =
            edgefn_parse(&ev,
                         js("{'version':'1.0','context':{},'request':{'method':'GET','uri':'/'},"
                            "'response':{'statusCode':200}}"),
                         arena_new(8192),
                         &(edgefn_parse_opts){ .lenient = true, .type = (edgefn_event_type)type });
        CHECK_NUM(code, at_origin ? EDGEFN_E_NOT_AN_EVENT : EDGEFN_OK);
    }
}
