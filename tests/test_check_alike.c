/* The findings of edgefn_check() do not depend on the order in which a result is written: random
   permutations of its members have the same findings. And edgefn_finish() and edgefn_check()
   agree about random edits through the public functions: both find the same in the edited event
   and in its text, so a result that the first writes passes the second. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include <time.h>

static uint64_t seed = 1;
static unsigned rnd(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

/*--- findings as text -------------------------------------------------------------------------------------------------*/

/* Returns "rule subject limit actual" for each finding, sorted, one per line; freed when the
   test ends. */
static const char *findings_text(const edgefn_finding *f, size_t count)
{
    static char lines[64][240];
    char *text = (char *)test_own(calloc(count + 1, sizeof lines[0]));
    size_t n = 0;
    if (count > 64) abort();
    for (size_t i = 0; i < count; i++) {
        edgefn_str s = f[i].subject.ptr ? edgefn_str_take(f[i].subject, 100) : S("-");
        snprintf(lines[i], sizeof lines[i], "%s %.*s %llu %llu", f[i].rule->id, EDGEFN_FMT(s),
                 (unsigned long long)f[i].limit, (unsigned long long)f[i].actual);
    }
    qsort(lines, count, sizeof lines[0], kit_by_text);
    for (size_t i = 0; i < count; i++)
        n += (size_t)sprintf(text + n, "%s\n", lines[i]);
    return text;
}

static const char *check_text(edgefn_event *ev, edgefn_str result)
{
    edgefn_finding f[64];
    size_t count = edgefn_check(ev, result, f, 64);
    if (count != SIZE_MAX) return findings_text(f, count < 64 ? count : 64);
    kit_why(ev);
    return "not checked";
}

/*--- permuting the members of every object ----------------------------------------------------------------------------*/

static char shuffled[4000];
static size_t shuffled_len;

static void put(const char *p, size_t len)
{
    if (shuffled_len + len > sizeof shuffled) abort();
    memcpy(shuffled + shuffled_len, p, len);
    shuffled_len += len;
}

static const char *value_end(const char *p)
{
    int depth = 0;
    bool string = false;
    for (;; p++) {
        if (string) {
            if (*p == '\\')
                p++;
            else if (*p == '"')
                string = false;
        } else if (*p == '"')
            string = true;
        else if (*p == '{' || *p == '[')
            depth++;
        else if ((*p == '}' || *p == ']') && depth-- == 0)
            return p;
        else if (*p == ',' && depth == 0)
            return p;
    }
}

/* Writes the value at p with the members of all its objects in random order. Rows contain no
   white space. */
static void shuffle(const char *p, const char *end)
{
    const char *from[40], *to[40];
    size_t count = 0;
    if (*p != '{' && *p != '[') {
        put(p, (size_t)(end - p));
        return;
    }
    for (const char *at = p + 1; at < end - 1; at = to[count - 1] + 1) {
        if (count == COUNT(from)) abort();
        from[count] = at;
        to[count++] = value_end(at);
    }
    put(p, 1);
    for (size_t left = count; left > 0; left--) {
        size_t k = *p == '{' ? rnd((unsigned)left) : 0;
        const char *value = from[k];
        if (*p == '{') {
            for (value++; *value != '"'; value++)
                value += *value == '\\';
            value += 2;
            put(from[k], (size_t)(value - from[k]));
        }
        shuffle(value, to[k]);
        if (left > 1) put(",", 1);
        memmove(&from[k], &from[k + 1], (left - k - 1) * sizeof from[0]);
        memmove(&to[k], &to[k + 1], (left - k - 1) * sizeof to[0]);
    }
    put(end - 1, 1);
}

#define CUSTOM_ORIGIN                                                                                                   \
  "'custom':{'customHeaders':{'via':[{'key':'Via','value':'1'},{'key':'Via','value':'2'}],'x-q':[{'value':'`u0031'}]}," \
  "'domainName':'o.example','keepaliveTimeout':5,'path':'','port':443,'protocol':'https','readTimeout':30,'sslProtocols':['TLSv1.2']}"

TEST(permuted)
{
    static const struct {
        const char *frame, *received, *result;
    } rows[] = {
        { L_VREQ,
          L_GET(
              "'clientIp':'192.0.2.1','querystring':'a=1','headers':{'host':[{'key':'Host','value':'h'}],'via':[{'key':'Via','value':'a`u0062'}]}"),
          "{'method':'PUT','uri':'/`u0020x','clientIp':5,'querystring':'a b','headers':{'host':[{'value':'i','key':'Host'},{'key':1,'value':'`u0001'}],"
          "'Via':[{'value':'ab','key':'VIA'}],'x-`u0063ache':[{'value':'Hit'}],'x-a':[{'key':'X-B','value':'c`td`n'},{'value':['1','2']},{}],'x-b':{'value':'1'}}}" },
        { L_VREQ,
          L_GET(
              "'body':{'action':'read-only','data':'eA==','encoding':'base64','inputTruncated':false}"),
          "{'method':'GET','uri':'/','body':{'action':'replace','data':'x!','encoding':'base64'}}" },
        { L_VREQ,
          L_GET(
              "'body':{'action':'read-only','data':'eA==','encoding':'base64','inputTruncated':false}"),
          "{'method':'GET','uri':'/','body':{'action':7,'data':'x','encoding':'replace'}}" },
        { L_VREQ, L_GET("'headers':{}"),
          "{'status':'600','statusDescription':'a`nb','bodyEncoding':'gzip','body':'x','headers':{'location':[{'key':'Loc','value':'/`r'}],"
          "'transfer-encoding':[{'value':'x'}]}}" },
        { L_VREQ, L_GET("'headers':{}"),
          "{'status':'200','bodyEncoding':'b`u0061se64','body':'`u0065A=','headers':'none'}" },
        { L_OREQ,
          L_GET("'headers':{'host':[{'key':'Host','value':'o.example'}]},'origin':{" CUSTOM_ORIGIN
                "}"),
          "{'method':'GET','uri':'/','headers':{'x-r':[{'value':'1'}],'host':[{'value':'h'}]},'origin':{'custom':{'customHeaders':{'via':[{'value':'2'}],'x-q':[{'value':'1'}],'x-r':[{'value':'`u0001'}],"
          "'x-amz-a':[{'value':'1'}]},'domainName':'p.example','keepaliveTimeout':121,'path':'/a/','port':90,'protocol':'`u0068ttp','readTimeout':40,"
          "'responseCompletionTimeout':29,'sslProtocols':['TLSv9'],'region':'x'}}}" },
        { L_OREQ,
          L_GET("'headers':{'host':[{'key':'Host','value':'o.example'}]},'origin':{" CUSTOM_ORIGIN
                "}"),
          "{'method':'GET','uri':'/','headers':{'host':[{'value':'b'}]},'origin':{" CUSTOM_ORIGIN
          ",'s3':{'domainName':'B','authMethod':'other'}}}" },
        { L_OREQ, L_GET("'headers':{}"),
          "{'method':'GET','uri':'/','origin':{" CUSTOM_ORIGIN
          ",'s3':{'domainName':'B','authMethod':'other','path':'x'}}}" },
        { L_OREQ, L_GET("'headers':{}"),
          "{'method':'GET','uri':'/','origin':{'s3':{'domainName':'b.s3.amazonaws.com','authMethod':'origin-access-identity','path':'',"
          "'region':'','customHeaders':{},'port':80}}}" },
        { L_ORES,
          L_200(
              "'headers':{'via':[{'value':'a'},{'value':'b'}],'transfer-encoding':[{'value':'chunked'}]}"),
          "{'status':'204','body':'x','headers':{'via':[{'value':'b'},{'value':'a'}],'set-cookie':[{'value':'a=1`u0000'}]}}" },
        { F_VREQ,
          L_GET(
              "'headers':{'via':{'multiValue':[{'value':'a'},{'value':'b`'c'}],'value':'`u0061'},'host':{'value':'h'}},'querystring':{'a':{'value':'1'}}"),
          "{'method':'GET','uri':'x','querystring':{'a':{'multiValue':[{'value':'1'},{'value':'2`u0023'}],'value':'1'},'b':5},'cookies':{'c':{'attributes':'x`n','value':'1'}},"
          "'headers':{'via':{'value':'a','multiValue':[{'value':'a'},{'value':'b`'c'}]},'host':{'value':'`u0068'},'x':{'multiValue':[{'value':'b'},{'value':'c`n'}],'value':'b'}}}" },
        { F_VREQ,
          L_GET("'headers':{'via':{'value':'a','multiValue':[{'value':'a'},{'value':'b'}]}}"),
          "{'method':'GET','uri':'/','headers':{'via':{'value':'`u0062','multiValue':[{'value':'a'},{'value':'`u0062'}]},'connection':{'value':'x'}}}" },
        { F_VREQ, L_GET("'headers':{}"),
          "{'statusCode':302,'statusDescription':'`n','headers':{'location':{'value':'/'}},'cookies':{'a':{'value':'1','multiValue':[{'value':'1'},"
          "{'attributes':'Path=`n','value':'`u00412'}]}},'body':{'data':'`u00412','encoding':'base64'}}" },
        { F_VRES, F_200("'headers':{'via':{'value':'v'}}"),
          "{'statusCode':204,'headers':{'Via':{'value':'v'},'a b':{'value':'`u0001'}},'body':{'encoding':'t`u0065xt','data':'x'}}" },
    };
    size_t seen = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%zu: %.200s", i, rows[i].result);
        edgefn_event ev;
        if (!OPEN(&ev, frame(rows[i].frame, rows[i].received, NULL))) continue;
        edgefn_str result = js(rows[i].result);
        const char *want = check_text(&ev, result);
        seen += *want != 0;
        for (unsigned n = 0; n < 200; n++) {
            seed = i * 1000 + n + 1;
            shuffled_len = 0;
            shuffle(result.ptr, result.ptr + result.len);
            CHECK_NUM(shuffled_len, result.len);
            edgefn_str other = { shuffled, shuffled_len };
            const char *is = check_text(&ev, other);
            if (strcmp(is, want) == 0) continue;
            CHECK_STR(edgefn_cstr(is), want);
            test_show("result ", other);
            break;
        }
    }
    CHECK(seen > COUNT(rows) - 3);
}

/*--- random edits -----------------------------------------------------------------------------------------------------*/

static const char *const names[] = { "host",
                                     "via",
                                     "x-a",
                                     "x-b",
                                     "cookie",
                                     "set-cookie",
                                     "connection",
                                     "x-edge-a",
                                     "content-length",
                                     "x-amz-b",
                                     "cloudfront-viewer-country",
                                     "location",
                                     "transfer-encoding",
                                     "warning",
                                     "a(b",
                                     "cdn-loop",
                                     "x-cache" };
static const char *const values[] = { "1", "2",   "a",        "b",    "v",
                                      "",  "a=1", "a=1; b=2", "/x?y", "https://o.example/" };
static const char *const parts[] = { "1", "2", "a", "b\001c", "a=\x01; b=2", "v", "a b", "x\x7f" };

static edgefn_str a_name(void)
{
    return edgefn_cstr(names[rnd(COUNT(names))]);
}
static edgefn_str a_value(void)
{
    return edgefn_cstr(values[rnd(COUNT(values))]);
}

static edgefn_str keep(const char *text, size_t len)
{
    char *p = (char *)test_own(malloc(len + 1));
    memcpy(p, text, len);
    return (edgefn_str){ p, len };
}

/* Appends to a JSON text. */
static char made[8000];
static size_t made_len;
static void make(const char *format, const char *s)
{
    made_len += (size_t)snprintf(made + made_len, sizeof made - made_len, format, s);
    if (made_len >= sizeof made) abort();
}
static void make_string(const char *s)
{
    make("%s", "\"");
    for (; *s; s++) {
        char one[8];
        if ((unsigned char)*s < 32 || *s == '"' || rnd(40) == 0)
            snprintf(one, sizeof one, "\\u%04x", (unsigned char)*s);
        else
            snprintf(one, sizeof one, "%c", *s);
        make("%s", one);
    }
    make("%s", "\"");
}

static void make_lambda(unsigned many)
{
    unsigned from = rnd(COUNT(names));
    make("%s", "{");
    for (unsigned i = 0; i < many; i++) {
        make(i ? ",\"%s\":[" : "\"%s\":[", names[(from + i) % COUNT(names)]);
        for (unsigned k = 0, n = 1 + (rnd(3) == 0) * rnd(4); k < n; k++) {
            make("%s", k ? ",{\"value\":" : "{\"value\":");
            make_string(parts[rnd(COUNT(parts))]);
            make("%s", "}");
        }
        make("%s", "]");
    }
    make("%s", "}");
}

static void make_functions(unsigned many, bool attributes)
{
    unsigned from = rnd(COUNT(names));
    make("%s", "{");
    for (unsigned i = 0; i < many; i++) {
        const char *first = parts[rnd(COUNT(parts))];
        make(i ? ",\"%s\":{\"value\":" : "\"%s\":{\"value\":", names[(from + i) % COUNT(names)]);
        make_string(first);
        if (attributes && rnd(2)) make("%s", ",\"attributes\":\"Path=/\\u0001\"");
        if (rnd(3) == 0) {
            make("%s", ",\"multiValue\":[{\"value\":");
            make_string(first);
            for (unsigned k = rnd(3); k > 0; k--)
                make("%s", "},{\"value\":"), make_string(parts[rnd(COUNT(parts))]);
            make("%s", "}]");
        }
        make("%s", "}");
    }
    make("%s", "}");
}

/* Returns an event of a random type. */
static edgefn_str random_event(void)
{
    static const char *const types[] = { "viewer-request", "origin-request", "origin-response",
                                         "viewer-response" };
    unsigned type = rnd(4);
    bool functions = rnd(3) == 0;
    made_len = 0;
    if (functions) type = type < 2 ? 0 : 3;
    if (functions)
        make(
            "{\"version\":\"1.0\",\"context\":{\"eventType\":\"%s\"},\"viewer\":{\"ip\":\"192.0.2.1\"},\"request\":{\"method\":\"GET\",\"uri\":\"/\",",
            types[type]);
    else
        make(
            "{\"Records\":[{\"cf\":{\"config\":{\"eventType\":\"%s\"},\"request\":{\"clientIp\":\"192.0.2.1\",\"method\":\"GET\",\"uri\":\"/\",",
            types[type]);
    make("%s", functions ? "\"querystring\":" : "\"querystring\":\"a=1&b=\\u007f&a=2&c d\",");
    if (functions)
        make_functions(rnd(4), false), make("%s", ",\"cookies\":"), make_functions(rnd(4), false),
            make("%s", ",");
    make("%s", "\"headers\":");
    if (functions)
        make_functions(rnd(8), false);
    else
        make_lambda(rnd(8));
    if (!functions && type == 1 && rnd(4)) {
        make("%s", ",\"origin\":{\"custom\":{\"customHeaders\":");
        make_lambda(rnd(5));
        make(
            "%s",
            ",\"domainName\":\"o.example\",\"keepaliveTimeout\":5,\"path\":\"\",\"port\":443,\"protocol\":\"https\",\"readTimeout\":30,\"sslProtocols\":[\"TLSv1.2\"]}}");
    }
    if (!functions && type < 2 && rnd(2))
        make(
            "%s",
            ",\"body\":{\"action\":\"read-only\",\"data\":\"eA==\",\"encoding\":\"base64\",\"inputTruncated\":false}");
    make("%s", "}");
    if (type >= 2) {
        make("%s", functions ? ",\"response\":{\"statusCode\":200,\"headers\":"
                             : ",\"response\":{\"status\":\"200\",\"headers\":");
        if (functions)
            make_functions(rnd(8), false), make("%s", ",\"cookies\":"),
                make_functions(rnd(4), true);
        else
            make_lambda(rnd(8));
        make("%s", "}");
    }
    make("%s", functions ? "}" : "}}]}");
    return keep(made, made_len);
}

static void edit_list(edgefn_fields *f)
{
    size_t at = f->len ? rnd((unsigned)f->len) : 0;
    edgefn_str some[] = { a_name(), a_name(), a_name(), a_name(), a_name(), a_name() };
    switch (rnd(10)) {
    case 0: edgefn_set(f, a_name(), a_value()); break;
    case 1: edgefn_add(f, a_name(), a_value()); break;
    case 2: edgefn_remove(f, a_name()); break;
    case 3:
        if (f->len) edgefn_set_at(f, at, a_value());
        break;
    case 4:
    case 5:
        if (f->len) edgefn_remove_at(f, at);
        break;
    case 6: edgefn_remove_prefix(f, S("x-")); break;
    case 7: edgefn_keep_only(f, some, COUNT(some)); break;
    case 8: edgefn_sort(f); break;
    default:
        if (f->len) edgefn_set(f, f->items[at].name, f->items[at].value);
        break;
    }
}

static void edit_members(edgefn_event *ev)
{
    edgefn_origin *o = &ev->request.origin;
    bool request = edgefn_is_request(ev);
    switch (rnd(16)) {
    case 0:
        if (request) ev->request.uri = S("/new");
        break;
    case 1:
        if (request) ev->request.method = S("POST");
        break;
    case 2:
        if (request) ev->request.querystring = S("?x=1");
        break;
    case 3:
        if (request && rnd(3) == 0)
            edgefn_respond(ev, 403, &(edgefn_respond_opts){ .body = S("no") });
        break;
    case 4:
        if (request && rnd(3) == 0)
            edgefn_redirect(ev, &(edgefn_redirect_opts){ .status = 301, .host = S("o.example") });
        break;
    case 5:
        if (!request) edgefn_respond(ev, 404, NULL);
        break;
    case 6:
        if (!request) ev->response.status = 204;
        break;
    case 7:
        if (!request) ev->response.body.data = S("text");
        break;
    case 8:
        if (request) edgefn_body_replace(ev, S("body"), EDGEFN_ENCODING_TEXT);
        break;
    case 9:
        if (o->kind) o->port = rnd(2) ? 8443 : 443;
        break;
    case 10:
        if (o->kind) o->keepalive_s = rnd(2) ? 121 : 5;
        break;
    case 11:
        if (o->kind) o->domain = S("p.example");
        break;
    case 12:
        if (ev->type == EDGEFN_ORIGIN_REQUEST)
            edgefn_origin_s3(ev, &(edgefn_origin_opts){ .domain = S("b.s3.amazonaws.com") });
        break;
    case 13:
        if (ev->type == EDGEFN_ORIGIN_REQUEST)
            edgefn_origin_custom(ev, &(edgefn_origin_opts){ .domain = S("n.example") });
        break;
    case 14:
        if (request && ev->dialect == EDGEFN_DIALECT_LAMBDA) ev->request.client_ip = S("192.0.2.9");
        break; /* not part of the other result */
    default: edgefn_sanitize(ev, NULL, 0); break;
    }
}

static void edit_something(edgefn_event *ev)
{
    bool request = edgefn_is_request(ev);
    switch (rnd(9)) {
    case 0:
    case 1: edit_list(&ev->request.headers); break;
    case 2:
    case 3: edit_list(request && rnd(4) ? &ev->request.headers : &ev->response.headers); break;
    case 4: edit_list(edgefn_query(ev)); break;
    case 5: edit_list(request ? edgefn_cookies(ev) : edgefn_response_cookies(ev)); break;
    case 6: edit_list(&ev->request.origin.headers); break;
    case 7:
        if (!request && edgefn_response_cookies(ev)->len)
            edgefn_set_attributes_at(edgefn_response_cookies(ev),
                                     rnd((unsigned)edgefn_response_cookies(ev)->len), S("Secure"));
        break;
    default: edit_members(ev); break;
    }
}

/* Two values of a read-only header whose keys differ become one, with the value of the other:
   the event and its text have the same findings. */
TEST(key_of_another_value)
{
    static const char received[] =
        "{'method':'GET','uri':'/x','clientIp':'192.0.2.1','querystring':'',"
        "'headers':{'via':[{'key':'Via','value':'x=y'},{'key':'via','value':'b'}]}}";
    edgefn_event ev;
    char text[4096];
    if (!OPEN(&ev, frame(L_VREQ, received, NULL))) return;
    CHECK(edgefn_set(&ev.request.headers, S("via"), S("b")));
    edgefn_write_opts all = { .skip_check = true };
    size_t len = edgefn_write(&ev, text, sizeof text, &all);
    edgefn_finding of_event[8], of_text[8];
    size_t n = edgefn_check(&ev, EDGEFN_ABSENT, of_event, 8);
    CHECK(len > 0 && len <= sizeof text && n == 1);
    if (!OPEN(&ev, frame(L_VREQ, received, NULL))) return;
    CHECK_NUM(edgefn_check(&ev, (edgefn_str){ text, len }, of_text, 8), n);
    CHECK(strcmp(of_text[0].rule->id, of_event[0].rule->id) == 0);
}

TEST(finish_and_check)
{
    static const edgefn_write_opts skip = { .skip_check = true };
    const edgefn_str none = { NULL, 0 };
    size_t written_out = 0, found = 0, failed = 0;
    unsigned rounds = getenv("ROUNDS") ? (unsigned)atoi(getenv("ROUNDS")) : 6000;
    for (unsigned n = 1; n <= rounds; n++) {
        edgefn_event ev, other;
        seed = n;
        ROW("seed %u", n);
        for (unsigned k = 0; k < 8; k++)
            rnd(2);
        edgefn_str json = random_event();
        if (!OPEN(&ev, json)) return;
        for (unsigned k = 1 + rnd(5); k > 0 && ev.err.code == EDGEFN_OK; k--)
            edit_something(&ev);
        edgefn_finding f[64];
        size_t count = ev.err.code == EDGEFN_OK ? edgefn_check(&ev, none, f, 64) : SIZE_MAX;
        if (count == SIZE_MAX) {
            failed++; /* the edit was rejected immediately: nothing is written */
        } else {
            const char *want = findings_text(f, count);
            edgefn_str text = edgefn_finish(&ev, &skip);
            if (!CHECK(text.ptr != NULL)) {
                kit_why(&ev);
                return;
            }
            if (!OPEN(&other, json)) return;
            const char *is = check_text(&other, text);
            written_out++;
            found += count != 0;
            if (!CHECK(strcmp(is, want) == 0)) {
                printf("    finish:\n%s    check:\n%s", want, is);
                test_show("event  ", json);
                test_show("result ", text);
                return;
            }
        }
        while (test_owned_len)
            free(test_owned[--test_owned_len]);
    }
    printf("    %zu written, %zu of them with findings, %zu rejected immediately\n", written_out,
           found, failed);
    CHECK(written_out > rounds / 3 && found > rounds / 12);
}

/*--- time -------------------------------------------------------------------------------------------------------------*/

/* Returns the seconds that a check takes for n names in an interleaved order (the upper and the
   lower half of the sorted names alternate), which is bad for sorting by halves. */
static double seconds(unsigned n, const char *prefix, const char *value, bool received)
{
    char *text = (char *)test_own(malloc(n * 80u + 1000)),
         *event = (char *)test_own(malloc(n * 80u + 1000));
    edgefn_finding *f = (edgefn_finding *)test_own(malloc(n * sizeof *f));
    size_t len = (size_t)sprintf(text, "{\"method\":\"GET\",\"uri\":\"/\",\"headers\":{");
    for (unsigned i = 0; i < n; i++) {
        unsigned name = i % 2 == 0 ? n / 2 + i / 2 : i / 2;
        len += (size_t)sprintf(text + len, "%s\"%s%06u\":[{\"key\":\"Z\",\"value\":\"%s\"}]",
                               i ? "," : "", prefix, name, value);
    }
    len += (size_t)sprintf(text + len, "}}");
    for (size_t i = 0; received && i + 10 < len; i++)
        if (memcmp(text + i, "\"value\":\"", 9) == 0) text[i + 9] = '1';
    size_t n_event = (size_t)sprintf(
        event,
        "{\"Records\":[{\"cf\":{\"config\":{\"eventType\":\"viewer-request\"},\"request\":%.*s}}]}",
        (int)len, received ? text : "{\"method\":\"GET\",\"uri\":\"/\"}");
    for (size_t i = 0; received && i + 10 < len; i++)
        if (memcmp(text + i, "\"value\":\"", 9) == 0) text[i + 9] = '2';
    edgefn_event ev;
    edgefn_str json = { event, n_event }, result = { text, len };
    if (!CHECK(edgefn_parse(&ev, json, arena_new(n * 800u + 100000), NULL) == EDGEFN_OK)) return 0;
    clock_t start = clock();
    CHECK_NUM(edgefn_check(&ev, result, f, n), n);
    for (unsigned i = 1; i < n && i < COUNT(names) * 1000; i++)
        CHECK(f[i - 1].pos <= f[i].pos);
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

TEST(time_is_linear)
{
    ROW("findings in an order that is bad for sorting");
    double few = seconds(16384, "h", "1", false), many = seconds(131072, "h", "1", false);
    if (!CHECK(many < 20 * few + 0.5))
        printf("    %.3f s, %.3f s for 8 times as many\n", few, many);
    ROW("many changed headers that are disallowed");
    few = seconds(4000, "x-edge-", "2", true), many = seconds(32000, "x-edge-", "2", true);
    if (!CHECK(many < 20 * few + 0.5))
        printf("    %.3f s, %.3f s for 8 times as many\n", few, many);
}
