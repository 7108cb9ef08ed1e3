/* Every truncation of every sample event, right before an unreadable page, is reported as ending
   early, exactly at its end. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include "strict.h"
/* clang-format off: tables with aligned columns */

static unsigned char mem[1 << 20];

static bool ends_early(const char *text, size_t len, size_t complete)
{
    edgefn_event ev;
    edgefn_str json = guard_copy(text, len);
    edgefn_parse(&ev, json, edgefn_arena_make(mem, sizeof mem), NULL);
    if (len >= complete) return CHECK_NUM(ev.err.code, EDGEFN_OK);
    return CHECK_ERR(&ev, EDGEFN_E_JSON_EOF, len)
           && CHECK(edgefn_finish(&ev, NULL).ptr == NULL && edgefn_passthrough(&ev).ptr == NULL);
}

static size_t end_of(edgefn_str json)
{
    size_t n = json.len;
    while (n && strchr(" \t\r\n", json.ptr[n - 1]))
        n--;
    return n;
}

TEST(sample_events)
{
    for (const char *const *p = event_files(); *p; p++) {
        ROW("%s", *p);
        edgefn_str json = slurp(*p);
        size_t complete = end_of(json), checked = 0;
        for (size_t n = 0; n <= json.len; n++) {
            if (json.len > 8000 && n > 1500 && n + 1500 < json.len && n % 251)
                continue; /* for a long body only its ends and some positions between */
            checked++;
            if (!ends_early(json.ptr, n, complete)) break;
        }
        CHECK(checked > 500);
    }
}

/* Contains every type of token, at every truncation. */
static const char *const own[] = {
    "{'x':[null,true,false,-1.5e+10,0,'`u00e4`ud83d`ude00`'``','\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80',{},[]],'Records':[{'cf':{'config':{'eventType':'viewer-request'},"
    "'request':{'method':'GET','uri':'/`u0061','headers':{'a':[{'key':'A','value':'`'`u00e4'},{'value':'2'}],'b':[]},'body':{'inputTruncated':false,'data':''}}}},{}]}",
    "{'version':'1.0','context':{'eventType':'viewer-response'},'viewer':{'ip':'::1'},'request':{'method':'GET','uri':'/','querystring':{'a':{'value':'1','multiValue':"
    "[{'value':'1'},{'value':'2'}]}},'cookies':{}},'response':{'statusCode':200,'cookies':{'c':{'value':'','attributes':'x'}},'body':{'encoding':'text','data':'`n'}}}\n",
    "\n{ 'Records' : [ { 'cf' : { 'response' : { 'status' : 200 } , 'request' : { 'method' : 'GET' , 'uri' : '/' , 'origin' : { 'custom' : { 'port' : 80 , "
    "'sslProtocols' : [ 'TLSv1.2' ] } } } , 'config' : { 'eventType' : 'origin-response' } } } ] } ",
    "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'aNameThatIsLongerThanTheVectorsThatCompareLines':1,'method':'GET','uri':'/',"
    "'headers':{'a-name-that-is-longer-than-the-vectors-that-compare':[{'key':'A-Name-That-Is-Longer-Than-The-Vectors-That-Compare','value':''}]}}}}]}",
};

TEST(own_events)
{
    for (size_t i = 0; i < COUNT(own); i++)
        for (int layout = 0; layout < 3; layout++) {
            static const char *const layouts[] = { "", ", spaced", ", indented" };
            ROW("event %zu%s", i, layouts[layout]);
            edgefn_str json = js(own[i]);
            if (layout == 1) json = strict_respaced(json, "\r\n\t ");
            if (layout == 2) json = strict_indented(json, "  ", "\n");
            size_t complete = end_of(json);
            for (size_t n = 0; n <= json.len; n++)
                if (!ends_early(json.ptr, n, complete)) break;
        }
}
