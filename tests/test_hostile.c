/* Hostile texts: memory stays below edgefn_memory_bound(), time grows with the length, and the
   result is right. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include <time.h>
/* clang-format off: tables with aligned columns */

/* A text of about n bytes: head, then `unit` as often as it fits, with %d replaced by a counter,
   then tail. */
typedef struct family {
    const char *name, *head, *unit, *tail;
    edgefn_error code;
    const char *script;
} family;

#define L(rest)                                                                                    \
  "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'," rest
#define R(rest)                                                                                    \
  "{'Records':[{'cf':{'config':{'eventType':'origin-response'},'request':{'method':'GET','uri':'/'},'response':{'status':'200'," rest
#define F(rest)                                                                                    \
  "{'version':'1.0','context':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'," rest
#define L_END "}}}]}"
#define F_END "}}"

static const family families[] = {
    { "quotes", "", "'", "", EDGEFN_E_JSON_TRAILING, NULL },
    { "empty strings in an unknown array", L("'x':[''"), ",''", "]" L_END, EDGEFN_OK, NULL },
    { "empty arrays in an unknown array", L("'x':[[]"), ",[]", "]" L_END, EDGEFN_OK, NULL },
    { "zeros in an unknown array", L("'x':[0"), ",0", "]" L_END, EDGEFN_OK, NULL },
    { "unknown members of an unknown object", L("'x':{'':0"), ",'':0", "}" L_END, EDGEFN_OK, NULL },
    { "unknown members of the request", L("'y':0"), ",'%d':0", L_END, EDGEFN_OK, "uri= /x" },
    { "unknown members of the request, names escaped", L("'y':0"), ",'`u0061%d':0", L_END,
      EDGEFN_OK, NULL },
    { "unknown members, near-equal long names", L("'y':0"),
      ",'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx%08d':0", L_END, EDGEFN_OK, NULL },
    { "unknown members of the root", "{'y':0", ",'%d':0",
      ",'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}}]}",
      EDGEFN_OK, NULL },
    { "records",
      "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}}",
      ",{}", "]}", EDGEFN_OK, NULL },
    { "white space", "", " ", "", EDGEFN_E_JSON_EOF, NULL },
    { "white space between", "{ ", "\n",
      "'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}}]}",
      EDGEFN_OK, NULL },
    { "open arrays", "", "[", "", EDGEFN_E_JSON_DEPTH, NULL },
    { "open objects", "", "{'a':", "", EDGEFN_E_JSON_DEPTH, NULL },
    { "closing brackets", "[", "]", "", EDGEFN_E_JSON_TRAILING, NULL },
    { "backslashes", "'", "``", "'", EDGEFN_E_NOT_AN_EVENT, NULL },
    { "backslashes without end", "'", "`", "", EDGEFN_E_JSON_EOF, NULL },
    { "a long number", "", "1", "", EDGEFN_E_NOT_AN_EVENT, NULL },
    { "a long number with an error at its end", "[1", "1", "x]", EDGEFN_E_JSON_SYNTAX, NULL },
    { "invalid UTF-8 at the very end", "['", "\xC3\xA4", "\xFF']", EDGEFN_E_JSON_UTF8, NULL },
    { "strings with an error at the very end", "['a'", ",'`n'", ",'`x']", EDGEFN_E_JSON_STRING,
      NULL },
    { "headers", L("'headers':{'y':[]"), ",'%d':[{'value':''}]", "}" L_END, EDGEFN_OK,
      "set h x 1\nremove h 7\nset h 0 9" },
    { "headers with keys", L("'headers':{'y':[]"), ",'x-%d':[{'key':'X-%d','value':'v'}]",
      "}" L_END, EDGEFN_OK, "set h x 1\nremove_prefix h x-1\nsort h" },
    { "headers of empty arrays", L("'headers':{'y':[]"), ",'%d':[]", "}" L_END, EDGEFN_OK,
      "set h x 1" },
    { "values of one header", L("'headers':{'a':[{'value':''}"), ",{'value':''}", "]}" L_END,
      EDGEFN_OK, "set h a 1" },
    { "values of one header, one removed", L("'headers':{'a':[{'value':''}"), ",{'value':'%d'}",
      "]}" L_END, EDGEFN_OK, "remove_at h 1\nadd h a 2" },
    { "headers, near-equal long names", L("'headers':{'y':[]"),
      ",'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx%08d':[{'value':''}]", "}" L_END, EDGEFN_OK,
      "remove_prefix h xxx" },
    { "headers, names in upper case", L("'headers':{'y':[]"), ",'XX-%d':[{'value':''}]", "}" L_END,
      EDGEFN_OK, "set h xx-5 1" },
    { "headers, names escaped", L("'headers':{'y':[]"), ",'`u0061%d':[{'value':''}]", "}" L_END,
      EDGEFN_OK, "set h a5 1" },
    { "headers, names escaped in upper case", L("'headers':{'y':[]"),
      ",'`u0041%d':[{'key':'`u0041','value':'`n'}]", "}" L_END, EDGEFN_OK, "set h a5 1" },
    { "the same header", L("'headers':{'y':[]"), ",'z':[]", "}" L_END, EDGEFN_E_DUPLICATE, NULL },
    { "the same header, folded", L("'headers':{'y':[]"), ",'zZ%d':[],'Zz%d':[]", "}" L_END,
      EDGEFN_E_DUPLICATE, NULL },
    { "unknown members of one entry", L("'headers':{'a':[{'value':''"), ",'%d':0", "}]}" L_END,
      EDGEFN_OK, "set h a 1" },
    { "entries with unknown members", L("'headers':{'a':[{'value':''}"),
      ",{'x':0,'value':'','y':1}", "]}" L_END, EDGEFN_OK, "remove_at h 0" },
    { "a long value", L("'headers':{'a':[{'value':'"), "a", "'}]}" L_END, EDGEFN_OK, "set h b 1" },
    { "a long value of escapes", L("'headers':{'a':[{'value':'"), "`n", "'}]}" L_END, EDGEFN_OK,
      "set h b 1" },
    { "a long value of \\u escapes", L("'headers':{'a':[{'value':'"), "`u00e4", "'}]}" L_END,
      EDGEFN_OK, "set h b 1" },
    { "a long value of surrogates", L("'headers':{'a':[{'value':'"), "`ud83d`ude00", "'}]}" L_END,
      EDGEFN_OK, "set h b 1" },
    { "a long value beyond ASCII", L("'headers':{'a':[{'value':'"), "\xF0\x9F\x98\x80",
      "'}]}" L_END, EDGEFN_OK, "set h b 1" },
    { "many short values of escapes", L("'headers':{'y':[]"), ",'%d':[{'value':'`n'}]", "}" L_END,
      EDGEFN_OK, "set h x 1" },
    { "cookies", L("'headers':{'cookie':[{'value':'a=1"), "; c%d=1", "'}]}" L_END, EDGEFN_OK,
      "set c c5 2\nremove c c7" },
    { "the same cookie", L("'headers':{'cookie':[{'value':'a=1"), ";a=1", "'}]}" L_END, EDGEFN_OK,
      "set c a 2" },
    { "semicolons in a cookie", L("'headers':{'cookie':[{'value':'a=1"), ";", "'}]}" L_END,
      EDGEFN_OK, "set c a 2" },
    { "cookies without a name", L("'headers':{'cookie':[{'value':'a=1"), ";x", "'}]}" L_END,
      EDGEFN_OK, "set c a 2" },
    { "cookie headers", L("'headers':{'cookie':[{'value':'a=1'}"), ",{'value':'a=1'}", "]}" L_END,
      EDGEFN_OK, "set c b 2" },
    { "set-cookie headers", R("'headers':{'set-cookie':[{'value':'a=1'}"), ",{'value':'a%d=1'}",
      "]}" L_END, EDGEFN_OK, "set sc a5 2\nremove sc a7" },
    { "parameters", L("'querystring':'a=1"), "&q%d=1", "'" L_END, EDGEFN_OK, "look\nquery x" },
    { "the same parameter", L("'querystring':'a=1"), "&a=1", "'" L_END, EDGEFN_OK, "set q a 2" },
    { "ampersands", L("'querystring':'a=1"), "&", "'" L_END, EDGEFN_OK, "set q a 2" },
    { "parameters, sorted", L("'querystring':'z=1"), "&q%d", "'" L_END, EDGEFN_OK,
      "sort q\nkeep_only q z" },
    { "a long body", L("'body':{'encoding':'base64','data':'"), "QUJD", "'}" L_END, EDGEFN_OK,
      "set h x 1" },
    { "custom headers",
      "{'Records':[{'cf':{'config':{'eventType':'origin-request'},'request':{'method':'GET','uri':'/','origin':{'custom':{'customHeaders':{'y':[]",
      ",'%d':[{'value':''}]", "}}}}}}]}", EDGEFN_OK, "set oh x 1" },
    { "protocols",
      "{'Records':[{'cf':{'config':{'eventType':'origin-request'},'request':{'method':'GET','uri':'/','origin':{'custom':{'sslProtocols':[''",
      ",'TLSv1'", "]}}}}}]}", EDGEFN_OK, "set h x 1" },
    { "Functions headers", F("'headers':{'y':{'value':''}"), ",'%d':{'value':''}", "}" F_END,
      EDGEFN_OK, "set h x 1\nset h y 2" },
    { "Functions values of one header", F("'headers':{'a':{'value':'','multiValue':[{'value':''}"),
      ",{'value':''}", "]}}" F_END, EDGEFN_OK, "remove_at h 0" },
    { "Functions headers of several values", F("'headers':{'y':{'value':''}"),
      ",'%d':{'value':'','multiValue':[{'value':''},{'value':''}]}", "}" F_END, EDGEFN_OK,
      "set h y 1" },
    { "Functions headers without values", F("'headers':{'y':{'value':''}"),
      ",'%d':{'multiValue':[]}", "}" F_END, EDGEFN_E_MISSING, NULL },
    { "Functions cookies", F("'cookies':{'y':{'value':''}"), ",'%d':{'value':''}", "}" F_END,
      EDGEFN_OK, "set c y 2" },
    { "Functions parameters", F("'querystring':{'y':{'value':''}"), ",'%d':{'value':''}", "}" F_END,
      EDGEFN_OK, "look" },
    { "Functions, the same cookie", F("'cookies':{'y':{'value':''}"), ",'a':{'value':''}",
      "}" F_END, EDGEFN_E_DUPLICATE, NULL },
};

static edgefn_str make(const family *f, size_t n)
{
    char *text = (char *)malloc(n + 1000);
    size_t len = (size_t)sprintf(text, "%s", f->head), tail = strlen(f->tail);
    bool counted = strchr(f->unit, '%') != NULL;
    size_t unit = strlen(f->unit);
    for (int i = 0; len + tail < n; i++) {
        if (counted)
            len += (size_t)sprintf(text + len, f->unit, i, i);
        else
            memcpy(text + len, f->unit, unit), len += unit;
    }
    len += (size_t)sprintf(text + len, "%s", f->tail);
    for (size_t i = 0; i < len; i++)
        text[i] = text[i] == '\'' ? '"' : text[i] == '`' ? '\\' : text[i];
    return (edgefn_str){ text, len };
}

/* Parses with exactly the bound, and edits with much more. */
static bool within_bound(const family *f, size_t n)
{
    edgefn_str json = make(f, n);
    size_t bound = edgefn_memory_bound(json.len);
    char *text = (char *)malloc(json.len ? json.len : 1), *mem = (char *)malloc(bound);
    memcpy(text, json.ptr, json.len);
    free((char *)(uintptr_t)json.ptr);
    json.ptr = text;
    edgefn_event ev;
    edgefn_parse(&ev, json, edgefn_arena_make(mem, bound), NULL);
    bool held = CHECK_NUM(ev.err.code, f->code) && CHECK(ev.arena.used <= bound);
    if (ev.err.code != f->code) kit_why(&ev), printf("    %zu bytes\n", json.len);
    if (held && f->code == EDGEFN_OK) held = UNTOUCHED(&ev);
    free(mem), free(text);
    return held;
}

TEST(memory_bound)
{
    static const size_t sizes[] = { 0, 200, 333, 512, 1000, 1024, 3000, 20000, 65536 };
    for (size_t i = 0; i < COUNT(families); i++) {
        ROW("%s", families[i].name);
        for (size_t k = 0; k < COUNT(sizes); k++) {
            if (sizes[k] < 1000 && families[i].code != EDGEFN_OK)
                continue; /* too short to have the properties of its family */
            if (!within_bound(&families[i], sizes[k])) break;
        }
    }
    ROW("100,000 headers");
    static const family many = {
        "", L("'headers':{'y':[]"), ",'x-header-%06d':[{'value':'%d'}]", "}" L_END, EDGEFN_OK, NULL
    };
    within_bound(&many, 3900000);
    ROW("100,000 times the same header");
    static const family same = { "",        L("'headers':{'y':[]"), ",'x':[]",
                                 "}" L_END, EDGEFN_E_DUPLICATE,     NULL };
    within_bound(&same, 700000);
    ROW("a megabyte of escapes");
    static const family escapes = { "",        L("'headers':{'a':[{'value':'"),
                                    "`u00e4",  "'}]}" L_END,
                                    EDGEFN_OK, NULL };
    within_bound(&escapes, 1048576);
}

/* Returns the least memory with which a text is parsed, or refused for another reason than a
   lack of memory. */
static size_t least(edgefn_str json, edgefn_error code)
{
    size_t low = 0, high = edgefn_memory_bound(json.len);
    char *mem = (char *)malloc(high);
    edgefn_event ev;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (edgefn_parse(&ev, json, edgefn_arena_make(mem, middle), NULL) == code)
            high = middle;
        else
            low = middle + 1;
    }
    free(mem);
    return low;
}

/* The bound is not far above the need of the worst texts: of the families, and of ten thousand
   bytes of random pieces. */
TEST(memory_bound_is_tight)
{
    static const struct {
        const char *head, *tail;
        const char *units[6];
    } frames[] = {
        { L("'headers':{'a':[{'value':''}"),
          "]}" L_END,
          { ",{'value':''}", ",{'value':'`n'}", ",{'value':'a'}", ",{'key':'A','value':''}",
            NULL } },
        { L("'headers':{'y':[]"),
          "}" L_END,
          { ",'%x':[{'value':''}]", ",'`t%x':[]", ",'X%x':[{'value':''}]", ",'y%x':[]",
            ",'z%x':[{'value':''},{'value':''}]", NULL } },
        { L("'y':0"), L_END, { ",'%x':0", ",'`t%x':0", ",'x%x':['`n','`n']", ",'z%x':[]", NULL } },
        { F("'headers':{'y':{'value':''}"),
          "}" F_END,
          { ",'%x':{'value':''}", ",'X%x':{'value':''}", ",'`u0047%x':{'value':''}",
            ",'z%x':{'value':'','multiValue':[{'value':''},{'value':''}]}", NULL } },
        { F("'cookies':{'y':{'value':''}"),
          "}" F_END,
          { ",'%x':{'value':''}", ",'`t%x':{'value':'`t'}", ",'z%x':{'value':'','attributes':''}",
            NULL } },
        { F("'headers':{'a':{'value':'','multiValue':[{'value':''}"),
          "]}}" F_END,
          { ",{'value':''}", ",{'value':'`t'}", NULL } },
    };
    double most = 0;
    uint32_t random = 1;
    for (size_t i = 0; i < COUNT(families); i++) {
        if (families[i].code != EDGEFN_OK && families[i].code != EDGEFN_E_DUPLICATE) continue;
        ROW("%s", families[i].name);
        edgefn_str json = make(&families[i], 12000);
        double need = (double)least(json, families[i].code) / (double)edgefn_memory_bound(json.len);
        CHECK(need < 1);
        if (need > most) most = need;
        free((char *)(uintptr_t)json.ptr);
    }
    for (int round = 0; round < 150; round++) {
        size_t k = (size_t)round % COUNT(frames), units = 0, len;
        char *text = (char *)malloc(11000);
        while (frames[k].units[units])
            units++;
        len = (size_t)sprintf(text, "%s", frames[k].head);
        unsigned favoured = round / 6 < 6 ? (unsigned)(round / 6) : (random >> 8) % 8;
        for (int i = 0; len < 10000; i++) {
            random = random * 1664525u + 1013904223u;
            size_t u = favoured < units && random >> 29 != 0 ? favoured : (random >> 8) % units;
            len += (size_t)sprintf(text + len, frames[k].units[u], i);
        }
        len += (size_t)sprintf(text + len, "%s", frames[k].tail);
        for (size_t i = 0; i < len; i++)
            text[i] = text[i] == '\'' ? '"' : text[i] == '`' ? '\\' : text[i];
        ROW("random %d", round);
        double need =
            (double)least((edgefn_str){ text, len }, EDGEFN_OK) / (double)edgefn_memory_bound(len);
        CHECK(need < 1);
        if (need > most) most = need;
        free(text);
    }
    ROW("the maximum is %.3f of the bound", most);
    CHECK(most
          > (sizeof(void *) == 8 ? 1 / 1.3 : 1 / 1.8)); /* with short pointers less is needed */
}

/* Everything that a handler may do to an event: views, sorting, more edits than fit without
   moving a list, normalising, and removing everything. */
static bool everything(edgefn_event *ev, size_t edits)
{
    static char names[40][24];
    bool request = edgefn_is_request(ev);
    edgefn_fields *lists[] = { request ? &ev->request.headers : &ev->response.headers,
                               request ? edgefn_cookies(ev) : edgefn_response_cookies(ev),
                               edgefn_query(ev) };
    size_t count = request ? 3 : 2;
    for (size_t i = 0; i < edits; i++) {
        snprintf(names[i], sizeof names[i], "x-%zu", i);
        edgefn_set(lists[i % count], edgefn_cstr(names[i]), S("a-value"));
    }
    for (size_t i = 0; i < count; i++) {
        edgefn_sort(lists[i]);
        if (i > 0 && lists[i]->len > 2) edgefn_remove_at(lists[i], 1);
    }
    edgefn_cookies(ev);
    if (request) {
        edgefn_query_normalize(ev, &(edgefn_query_opts){ .sort_values = true });
        edgefn_set(lists[2], S("zz"), S("1"));
        edgefn_sort(lists[2]);
        edgefn_remove_prefix(lists[2], S("a"));
    }
    edgefn_remove_prefix(lists[0], S("a"));
    edgefn_remove_prefix(lists[0], S("x"));
    edgefn_remove_prefix(lists[1], S("a"));
    return ev->err.code == EDGEFN_OK;
}

/* edgefn_memory_event() is enough for CloudFront's limits: a URL of 8,192 bytes, and 32,768
   bytes of request line and headers. */
TEST(memory_event)
{
    static const struct {
        const char *name, *head, *unit, *tail;
        size_t most;
    } shapes[] = {
        { "parameters without values", L("'querystring':'b"), "&a", "'" L_END, 8192 },
        { "parameters in no order", L("'querystring':'z"), "&b&a", "'" L_END, 8192 },
        { "parameters that normalising makes longer", L("'querystring':'z"), "&<", "'" L_END,
          8192 },
        { "parameters of escapes", L("'querystring':'z"), "&%%fe", "'" L_END, 8192 },
        { "cookies", L("'headers':{'cookie':[{'key':'Cookie','value':'b"), ";a", "'}]}" L_END,
          32000 },
        { "cookies of two letters", L("'headers':{'cookie':[{'key':'Cookie','value':'b"),
          ";a=", "'}]}" L_END, 32000 },
        { "cookie headers", L("'headers':{'cookie':[{'value':'b'}"),
          ",{'key':'Cookie','value':'a'}", "]}" L_END, 64000 },
        { "values of one header", L("'headers':{'x':[{'value':'b'}"), ",{'key':'X','value':'a'}",
          "]}" L_END, 160000 },
        { "headers", L("'headers':{'x':[{'value':'b'}]"), ",'a%x':[{'key':'A%x','value':'a'}]",
          "}" L_END, 160000 },
        { "Set-Cookie headers", R("'headers':{'set-cookie':[{'value':'b'}"),
          ",{'key':'Set-Cookie','value':'a=1; x'}", "]}" L_END, 70000 },
        { "Functions parameters", F("'querystring':{'b':{'value':'1'}"), ",'a%x':{'value':''}",
          "}" F_END, 60000 },
        { "Functions values of one parameter",
          F("'querystring':{'b':{'value':'1'},'a':{'value':'1','multiValue':[{'value':'1'}"),
          ",{'value':''}", "]}}" F_END, 60000 },
        { "Functions cookies of one name",
          F("'cookies':{'b':{'value':'1'},'a':{'value':'1','multiValue':[{'value':'1'}"),
          ",{'value':''}", "]}}" F_END, 160000 },
        { "Functions headers", F("'headers':{'b':{'value':'1'}"), ",'a%x':{'value':''}", "}" F_END,
          160000 },
    };
    static const size_t sizes[] = { 0, 600, 1400, 3000, 8192 + 150, 20000, 32000, 64000, 160000 };
    for (size_t i = 0; i < COUNT(shapes); i++) {
        family f = {
            shapes[i].name, shapes[i].head, shapes[i].unit, shapes[i].tail, EDGEFN_OK, NULL
        };
        for (size_t k = 0; k < COUNT(sizes) && sizes[k] <= shapes[i].most + 150; k++) {
            for (size_t edits = 0; edits <= 40; edits += 20) {
                ROW("%s, %zu bytes, %zu edits", f.name, sizes[k], edits);
                edgefn_str json = make(&f, sizes[k]);
                size_t size = edgefn_memory_event(json.len, edits);
                void *mem = malloc(size);
                edgefn_event ev;
                if (!CHECK(edgefn_parse(&ev, json, edgefn_arena_make(mem, size), NULL)
                           == EDGEFN_OK))
                    kit_why(&ev);
                if (!CHECK(everything(&ev, edits))) kit_why(&ev);
                if (!CHECK(edgefn_finish(&ev, NULL).ptr != NULL || ev.err.code == EDGEFN_E_CHECK))
                    kit_why(&ev);
                free(mem), free((char *)(uintptr_t)json.ptr);
            }
        }
    }
    ROW("the longest query and cookies");
    family f = { "", L("'querystring':'b"), "&a", "'", EDGEFN_OK, NULL };
    family g = { "",        ",'headers':{'cookie':[{'key':'Cookie','value':'b",
                 ";a",      "'}]}" L_END,
                 EDGEFN_OK, NULL };
    edgefn_str query = make(&f, 8192 + 100), cookies = make(&g, 24576);
    edgefn_str json = { (char *)test_own(malloc(query.len + cookies.len)),
                        query.len + cookies.len };
    memcpy((char *)(uintptr_t)json.ptr, query.ptr, query.len);
    memcpy((char *)(uintptr_t)json.ptr + query.len, cookies.ptr, cookies.len);
    edgefn_event ev;
    CHECK(edgefn_parse(&ev, json, arena_new(edgefn_memory_event(json.len, 30)), NULL) == EDGEFN_OK);
    if (!CHECK(everything(&ev, 30) && edgefn_finish(&ev, NULL).ptr != NULL)) kit_why(&ev);
    free((char *)(uintptr_t)query.ptr), free((char *)(uintptr_t)cookies.ptr);
    ROW("the longest body");
    family body = {
        "",
        L("'body':{'inputTruncated':false,'action':'read-only','encoding':'base64','data':'"),
        "QUJD",
        "'}" L_END,
        EDGEFN_OK,
        NULL
    };
    json = make(&body, 1400000);
    CHECK(edgefn_parse(&ev, json, arena_new(edgefn_memory_event(json.len, 30)), NULL) == EDGEFN_OK);
    edgefn_str bytes = edgefn_body_decode(&ev, &ev.request.body);
    CHECK(bytes.len > 1000000);
    if (!CHECK(everything(&ev, 30) && edgefn_finish(&ev, NULL).ptr != NULL)) kit_why(&ev);
    free((char *)(uintptr_t)json.ptr);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Returns the nanoseconds per byte for parsing, editing and writing, the best of several runs. */
static double cost(const family *f, edgefn_str json, double budget)
{
    static unsigned char *mem;
    static size_t room;
    size_t need = 300 * json.len + 100000;
    if (need > room) free(mem), mem = (unsigned char *)malloc(room = need);
    if (!mem) abort();
    double best = 1e9, began = seconds();
    for (int run = 0; run < 3 || seconds() - began < budget; run++) {
        edgefn_event ev;
        double start = seconds();
        edgefn_parse(&ev, json, edgefn_arena_make(mem, need), NULL);
        if (ev.err.code == EDGEFN_OK && f->script) {
            kit_H = "h";
            edit(&ev, f->script);
            if (!CHECK(edgefn_finish(&ev, NULL).ptr != NULL || ev.err.code == EDGEFN_E_CHECK))
                kit_why(&ev);
        }
        double took = (seconds() - start) * 1e9 / (double)json.len;
        if (took < best) best = took;
        if (took * (double)json.len > 3e8) break; /* so slow that one run is enough */
    }
    return best;
}

TEST(linear_time)
{
    for (size_t i = 0; i < COUNT(families); i++) {
        const family *f = &families[i];
        ROW("%s", f->name);
        edgefn_str small = make(f, 8000), large = make(f, 64000);
        double a = 0, b = 0;
        int tries = 0;
        do
            a = cost(f, small, 0.002), b = cost(f, large, 0.002);
        /* several attempts, because other programs may disturb the measurement */
        while (b > 4 * a + 1 && ++tries < 6);
        bool grows = !CHECK(b <= 4 * a + 1);
        if (grows)
            printf("    %zu bytes: %.1f ns a byte; %zu bytes: %.1f ns a byte\n", small.len, a,
                   large.len, b);
        edgefn_str huge = make(f, 512000);
        for (tries = 0, a = b = 0; tries < 6 && !grows; tries++)
            if ((a = cost(f, large, 0.002)) * 4 + 1 >= (b = cost(f, huge, 0.0))) break;
        if (!CHECK(b <= 4 * a + 1))
            printf("    %zu bytes: %.1f ns a byte; %zu bytes: %.1f ns a byte\n", large.len, a,
                   huge.len, b);
        free((char *)(uintptr_t)small.ptr), free((char *)(uintptr_t)large.ptr),
            free((char *)(uintptr_t)huge.ptr);
    }
}

/* Names that a weak hash would map to one slot: same length, same first and last bytes. */
TEST(similar_names)
{
    static const char *const patterns[] = { ",'aaaaaaaaaaaaaaaa%08daaaaaaaaaaaaaaaa':[]",
                                            ",'%08d':[]", ",'a%07d%07db':[]", ",'%dx':[]" };
    for (size_t i = 0; i < COUNT(patterns); i++) {
        ROW("%s", patterns[i]);
        family f = { "", L("'headers':{'y':[]"), patterns[i], "}" L_END, EDGEFN_OK, NULL };
        edgefn_str small = make(&f, 60000), large = make(&f, 480000);
        double a = 0, b = 0;
        int tries = 0;
        do
            a = cost(&f, small, 0.002), b = cost(&f, large, 0.002);
        while (b > 4 * a + 1 && ++tries < 6);
        if (!CHECK(b <= 4 * a + 1)) printf("    %.1f ns a byte, then %.1f\n", a, b);
        free((char *)(uintptr_t)small.ptr), free((char *)(uintptr_t)large.ptr);
    }
}

/* Writes a list of n headers of that pattern, and the k-th once more unless k is n. *at: where the
   last name begins. */
static edgefn_str many_headers(const char *pattern, int n, int k, size_t *at)
{
    size_t size = (size_t)n * 60 + 300, len;
    char *text = (char *)test_own(malloc(size));
    len = (size_t)snprintf(text, size, "%s", L("'headers':{"));
    for (int i = 0; i <= n; i++) {
        if (i == n && k == n) break;
        if (i != 0) text[len++] = ',';
        *at = len;
        len += (size_t)snprintf(text + len, size - len, pattern, i == n ? k : i);
        len += (size_t)snprintf(text + len, size - len, ":[{'value':'v'}]");
    }
    len += (size_t)snprintf(text + len, size - len, "}" L_END);
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\'') text[i] = '"';
    return (edgefn_str){ text, len };
}

/* A name that occurs twice is found in lists of any length, also among names with equal hashes. */
TEST(equal_names)
{
    static const char *const patterns[] = { "'x-header-%06d'", "'aaaa%08daaaa'", "'%d'", "'X-%d'" };
    static const int counts[] = { 3, 63, 64, 65, 66, 100, 1000, 5000 };
    for (size_t i = 0; i < COUNT(patterns); i++) {
        for (size_t c = 0; c < COUNT(counts); c++) {
            int n = counts[c], twice[] = { 0, 1, n / 2, n - 1, n };
            ROW("%d of %s", n, patterns[i]);
            for (size_t t = 0; t < COUNT(twice); t++) {
                size_t at = 0;
                edgefn_event ev;
                edgefn_str json = many_headers(patterns[i], n, twice[t], &at);
                edgefn_arena arena = arena_new(edgefn_memory_bound(json.len));
                edgefn_error code = edgefn_parse(&ev, json, arena, NULL);
                CHECK_NUM(code, twice[t] == n ? EDGEFN_OK : EDGEFN_E_DUPLICATE);
                if (code == EDGEFN_E_DUPLICATE) CHECK_NUM(ev.err.pos, at);
            }
        }
    }
}

/*--- names chosen to collide in the search for equal ones ---------------------------------------------------------------*/

/* The slot of a name of 8 bytes in a table of `size` slots, by the hash of the search. */
static size_t slot_of(const char *name, size_t size)
{
    uint64_t w, h = 8;
    memcpy(&w, name, 8);
    h = (h ^ w) * 0x9e3779b97f4a7c15u, h ^= h >> 29;
    h ^= h >> 32;
    return (size_t)h & (size - 1);
}

enum { COLLIDING = 40, SLOTS = 64 };

/* A request with members whose names are in one slot; `twice` names (0 to 2) occur again, the one that is first in the
   order of bytes before or after the other. *second: the offset of the first name that occurred before. */
static edgefn_str colliding(int twice, bool swapped, size_t *second)
{
    static char text[COLLIDING * 40 + 400];
    char names[COLLIDING][9], again[2][9];
    size_t n = 0, len, slot = slot_of("aaaaaaaa", SLOTS);
    for (unsigned i = 0; n < COLLIDING; i++) {
        char name[9];
        snprintf(name, sizeof name, "n%07u", i);
        if (slot_of(name, SLOTS) == slot) memcpy(names[n++], name, 9);
    }
    memcpy(again[0], names[swapped ? 30 : 3], 9);
    memcpy(again[1], names[swapped ? 3 : 30], 9);
    len = (size_t)sprintf(
        text, "{\"Records\":[{\"cf\":{\"config\":{\"eventType\":\"viewer-request\"},\"request\":{");
    for (size_t i = 0; i < COLLIDING; i++)
        len += (size_t)sprintf(text + len, "\"%s\":1,", names[i]);
    *second = len;
    for (int i = 0; i < twice; i++)
        len += (size_t)sprintf(text + len, "\"%s\":2,", again[i]);
    len += (size_t)sprintf(text + len, "\"method\":\"GET\",\"uri\":\"/\"}}}]}");
    return (edgefn_str){ text, len };
}

TEST(names_that_collide)
{
    for (int twice = 0; twice <= 2; twice++)
        for (int swapped = 0; swapped < 2; swapped++) {
            size_t second, ooms = 0;
            edgefn_event ev;
            edgefn_str json = colliding(twice, swapped, &second);
            ROW("%d names occur again%s", twice, swapped ? ", the later one first" : "");
            for (size_t size = 0; size < 8000; size += 5) {
                edgefn_parse(&ev, json, arena_new(size), NULL);
                arena_drop();
                if (ev.err.code == EDGEFN_E_OOM)
                    ooms++;
                else if (twice)
                    CHECK_ERR(&ev, EDGEFN_E_DUPLICATE, second);
                else
                    CHECK_NUM(ev.err.code, EDGEFN_OK);
            }
            CHECK(ooms > 100 && ooms < 1500);
        }
}

/* The estimate for usual events, as the manual states it: bytes for each byte of the event, fewer for those that come later. */
TEST(memory_event_by_size)
{
    static const struct {
        size_t len, edits, bytes;
    } rows[] = {
        { 0, 0, 16384 },
        { 0, 1, 16784 },
        { 0, 100, 56384 },
        { 1, 0, 16384 + 243 },
        { 8192, 0, 16384 + 8192 * 243 },
        { 8193, 0, 16384 + 8192 * 243 + 163 },
        { 32768, 2, 16384 + 8192 * 243 + 24576 * 163 + 800 },
        { 32769, 0, 16384 + 8192 * 243 + 24576 * 163 + 51 },
        { 262144, 0, 16384 + 8192 * 243 + 24576 * 163 + 229376 * 51 },
        { 262145, 0, 16384 + 8192 * 243 + 24576 * 163 + 229376 * 51 + 3 },
        { SIZE_MAX, 0, SIZE_MAX },
        { SIZE_MAX / 3, 0, SIZE_MAX },
        { 0, SIZE_MAX, SIZE_MAX },
        { 0, (SIZE_MAX - 16384) / 400 + 1, SIZE_MAX },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%zu, %zu", rows[i].len, rows[i].edits);
        CHECK_NUM(edgefn_memory_event(rows[i].len, rows[i].edits), rows[i].bytes);
    }
}
