/* What lies at the edges: the length, number, byte or place up to which something holds, and the
   next one. tests/mutate.py found that no other suite told the two apart. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

static size_t check_of(const char *event, const char *result, edgefn_finding *f, size_t cap)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(event, "{'method':'GET','uri':'/'}", NULL))) return SIZE_MAX;
    return edgefn_check(&ev, js(result), f, cap);
}

/*--- memory ---------------------------------------------------------------------------------------------------------*/

TEST(memory_bound_is_linear)
{
    size_t more = edgefn_memory_bound(0), most = (SIZE_MAX - more) / 7;
    CHECK_NUM(more, 1024 + 8 * sizeof(edgefn_field));
    for (size_t n = 1; n < most / 3; n = n * 3 + 1)
        CHECK(edgefn_memory_bound(n) == n * 7 + more);
    CHECK(edgefn_memory_bound(most) == most * 7 + more);
    CHECK(edgefn_memory_bound(most + 1) == SIZE_MAX);
    CHECK(edgefn_memory_bound(SIZE_MAX / 6) == SIZE_MAX);
}

/* The arena claims more memory than there is: blocks are not touched. */
TEST(blocks)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
    edgefn_arena real = ev.arena;
    char *a = (char *)edgefn_alloc(&ev, 1, 0), *b = (char *)edgefn_alloc(&ev, 1, 0),
         *c = (char *)edgefn_alloc(&ev, 1, 1);
    CHECK(b == a + 1 && c == b + 1);
    for (size_t size = 1000; size != 0 && size < SIZE_MAX / 2; size *= 1000) {
        ROW("%zu bytes", size);
        ev.arena.cap = ev.arena.used + size;
        CHECK(edgefn_alloc(&ev, size, 1) != NULL && ev.arena.used == ev.arena.cap);
        ev.arena.used = real.used;
        if (size > 1u << 31) break;
    }
    CHECK(edgefn_alloc(&ev, 1, 16) != NULL && ev.err.code == EDGEFN_OK);
    CHECK(edgefn_alloc(&ev, 1, 32) == NULL && ev.err.code == EDGEFN_E_OPTIONS);
    ev.arena = real;
}

/* A text of one byte is kept when the text moves to a larger block. */
TEST(short_texts_move)
{
    for (size_t n = 0; n < 20; n++) {
        ROW("%zu bytes", n);
        static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
        edgefn_event ev;
        edgefn_text t = { 0 };
        if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
        CHECK(edgefn_text_put(&ev, &t, (edgefn_str){ letters, n }));
        CHECK(edgefn_alloc(&ev, 200, 1) != NULL);
        for (size_t i = 0; i < 200; i++)
            CHECK(edgefn_text_put(&ev, &t, S("-")));
        edgefn_str got = edgefn_text_end(&ev, &t);
        CHECK(got.len == n + 200 && memcmp(got.ptr, letters, n) == 0);
    }
}

/* Parsing returns the error that the event has, wherever memory runs out. */
TEST(parsing_without_memory)
{
    static const char *const events[] = {
        ("{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'clientIp':'1','headers':{'`u0061':[{'value':'`u0061'}],'B':[{'value':'`u0061'}]},"
         "'method':'GET','querystring':'','uri':'/'}}}]}"),
        "{'Records':[{'cf':{'config':{'eventType':'origin-response'},'request':{'method':'GET','uri':'/'},'response':{'status':'`u00320`u0030'}}}]}",
        "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/','headers':{'`u0061':[{'value':'1'}]}}}}]}",
    };
    for (size_t i = 0; i < COUNT(events); i++) {
        edgefn_str json = js(events[i]);
        for (size_t size = 0, good = 0; size < 4000; size++) {
            edgefn_event ev;
            ROW("event %zu, %zu bytes", i, size);
            edgefn_error code = edgefn_parse(&ev, json, arena_new(size), NULL);
            if (!CHECK_NUM(ev.err.code, code) || !CHECK(code == EDGEFN_OK || code == EDGEFN_E_OOM))
                break;
            good += code == EDGEFN_OK;
            if (size == 3999) CHECK(good > 0);
            if (good > 50) break;
        }
    }
}

/*--- strings --------------------------------------------------------------------------------------------------------*/

/* What must be escaped, at every place of a value of every length; plain bytes are around it. */
TEST(one_escape)
{
    static const struct {
        char byte;
        const char *text;
    } rows[] = { { '"', "\\\"" }, { '\\', "\\\\" } };
    static const char plain[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    char around[100], want[200];
    for (size_t k = 0; k < COUNT(rows); k++)
        for (size_t n = 1; n < 20; n++)
            for (size_t at = 0; at < n; at++) {
                ROW("%s at %zu of %zu", rows[k].text, at, n);
                edgefn_event ev;
                memset(around, 'a', sizeof around);
                around[20 + at] = rows[k].byte;
                if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
                edgefn_str value = { around + 20, n };
                int len = snprintf(want, sizeof want, "%.*s%s%.*s", (int)at, plain, rows[k].text,
                                   (int)(n - at - 1), plain);
                edgefn_str quoted = edgefn_json_quote(&ev, value);
                CHECK(quoted.len == (size_t)len + 2
                      && memcmp(quoted.ptr + 1, want, (size_t)len) == 0);
                if (!CHECK(edgefn_set(&ev.request.headers, S("x-a"), value))) return;
                CHECK(edgefn_str_contains(edgefn_finish(&ev, NULL), quoted));
            }
}

/* Half a character at the end of a string is invalid, whatever follows in memory. */
TEST(strings_end_where_they_end)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
    for (size_t n = 1; n < 4; n++) {
        edgefn_str half = { "abcd\xf0\x9f\x98\x80", 4 + n };
        ROW("%zu bytes of a character", n);
        CHECK(edgefn_str_starts(edgefn_json_quote(&ev, half), S("\"abcd\xef\xbf\xbd")));
        CHECK(edgefn_str_starts(edgefn_json_quote(&ev, edgefn_str_skip(half, 4)),
                                S("\"\xef\xbf\xbd")));
    }
}

/* Bytes that no header value may have are found at every place. */
TEST(bytes_of_values)
{
    static const char odd[] = "\x7f\x01\xff\x80\n";
    for (size_t k = 0; k < sizeof odd - 1; k++)
        for (size_t n = 1; n < 20; n++)
            for (size_t at = 0; at < n; at++) {
                char value[60];
                edgefn_event ev;
                ROW("%02x at %zu of %zu", (unsigned char)odd[k], at, n);
                memset(value, 'a', sizeof value);
                value[at] = odd[k];
                if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
                CHECK(!edgefn_set(&ev.request.headers, S("x-a"), (edgefn_str){ value, n }));
                CHECK_NUM(ev.err.code, EDGEFN_E_FIELD_VALUE);
                arena_drop();
            }
}

/* Escapes at every place are read. The text after them is long, so that they are read in steps. */
TEST(escapes_are_read)
{
    char value[400], want[400], request[900];
    for (size_t n = 0; n < 140; n++) {
        ROW("after %zu bytes", n);
        edgefn_event ev;
        memset(value, 'a', sizeof value), memset(want, 'a', sizeof want);
        snprintf(value + n, sizeof value - n, "`t`u00e9`/b");
        snprintf(want + n, sizeof want - n, "\t\xc3\xa9/b");
        snprintf(request, sizeof request, "{'uri':'%s','method':'GET','querystring':'%0150d'}",
                 value, 0);
        if (!OPEN(&ev, frame(L_VREQ, request, NULL))) return;
        CHECK_STR(ev.request.uri, edgefn_cstr(want));
    }
}

/*--- headers --------------------------------------------------------------------------------------------------------*/

TEST(weights)
{
    const edgefn_str ab[] = { S("a"), S("b") };
    CHECK_NUM(edgefn_header_negotiate(S("a;q=0.999, b"), ab, 2), 1);
    CHECK_NUM(edgefn_header_negotiate(S("a;q=0.998, b;q=0.999"), ab, 2), 1);
    CHECK_NUM(edgefn_header_language(S("a;q=0.999, b"), ab, 2), 1);
    CHECK_NUM(edgefn_header_language(S("a;q=0.998, b;q=0.999"), ab, 2), 1);
    CHECK_NUM(edgefn_header_language(S("a;q=0.001"), ab, 2), 0);
    CHECK_NUM(edgefn_header_language(S("a;q=0.000"), ab + 0, 1), 1);
    CHECK_NUM(edgefn_header_language(S("a;q=0, b;q=0.001"), ab, 2), 1);
}

/* A value is added next to those of its name, whatever the hash of the name is. */
TEST(values_stay_together)
{
    for (int i = 0; i < 400; i++) {
        char name[20], request[200];
        edgefn_event ev;
        snprintf(name, sizeof name, "n-%d", i);
        ROW("%s", name);
        snprintf(request, sizeof request,
                 "{'method':'GET','uri':'/','headers':{'%s':[{'value':'1'}],'z':[{'value':'2'}]}}",
                 name);
        if (!OPEN(&ev, frame(L_VREQ, request, NULL))) return;
        CHECK(edgefn_add(&ev.request.headers, edgefn_cstr(name), S("3")));
        CHECK(ev.request.headers.len == 3
              && edgefn_str_eq(ev.request.headers.items[1].value, S("3")));
    }
}

TEST(policies_of_no_event)
{
    for (int dialect = 0; dialect < 3; dialect++)
        for (int type = 5; type < 8; type++)
            CHECK_NUM(
                edgefn_header_policy((edgefn_dialect)dialect, (edgefn_event_type)type, S("via")),
                edgefn_header_policy(EDGEFN_DIALECT_LAMBDA, EDGEFN_EVENT_TYPE_NONE, S("via")));
}

/*--- parsing --------------------------------------------------------------------------------------------------------*/

static edgefn_error parse_code(const char *json, edgefn_event *ev)
{
    edgefn_error code = edgefn_parse(ev, js(json), arena_new(KIT_ARENA), NULL);
    CHECK_NUM(ev->err.code, code);
    return code;
}

TEST(received_statuses)
{
    static const struct {
        const char *status;
        bool ok;
    } rows[] = { { "99", false }, { "100", true }, { "999", true }, { "1000", false } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[100];
        edgefn_event ev;
        ROW("%s", rows[i].status);
        snprintf(text, sizeof text, "{'statusCode':%s}", rows[i].status);
        edgefn_str json = frame(F_VRES, text, NULL);
        CHECK((edgefn_parse(&ev, json, arena_new(KIT_ARENA), NULL) == EDGEFN_OK) == rows[i].ok);
        snprintf(text, sizeof text, "{'status':'%s'}", rows[i].status);
        json = frame(L_ORES, text, NULL);
        CHECK((edgefn_parse(&ev, json, arena_new(KIT_ARENA), NULL) == EDGEFN_OK) == rows[i].ok);
    }
}

/* A member without a value is no JSON, also where a quick path reads numbers. */
TEST(no_number)
{
    edgefn_event ev;
    edgefn_str json = frame(F_VRES, "{'statusCode':,'headers':{}}", NULL);
    CHECK_NUM(edgefn_parse(&ev, json, arena_new(KIT_ARENA), NULL), EDGEFN_E_JSON_SYNTAX);
    json = frame(F_VRES, "{'statusCode':}", NULL);
    CHECK_NUM(edgefn_parse(&ev, json, arena_new(KIT_ARENA), NULL), EDGEFN_E_JSON_SYNTAX);
    json =
        frame(L_OREQ,
              "{'method':'GET','uri':'/','origin':{'custom':{'domainName':'a','port':,'path':''}}}",
              NULL);
    CHECK_NUM(edgefn_parse(&ev, json, arena_new(KIT_ARENA), NULL), EDGEFN_E_JSON_SYNTAX);
}

/* Without one of its commas, or with another byte there, a text is no JSON, whatever white space it has. */
TEST(commas)
{
    static const char *const spaces[] = { "",     " ",    "  ",     "\n",     "\n ",
                                          "\n  ", "\n\t", "\r\n  ", " \n\t ", "\n            " };
    static const char *const events[] = {
        "{'version':'1.0','context':{'distributionDomainName':'d','distributionId':'E','eventType':'viewer-request','requestId':'r'},'viewer':{'ip':'1'},"
        "'request':{'method':'GET','uri':'/','querystring':{'a':{'value':'1'},'b':{'value':'2'}},'headers':{'a':{'value':'1'},'b':{'value':'2'}},'cookies':{'a':{'value':'1'},'b':{'value':'2'}}}}",
        "{'Records':[{'cf':{'config':{'distributionDomainName':'d','distributionId':'E','eventType':'origin-request','requestId':'r'},"
        "'request':{'clientIp':'1','headers':{'a':[{'key':'A','value':'1'}],'b':[{'key':'B','value':'2'}]},'method':'GET',"
        "'origin':{'custom':{'customHeaders':{},'domainName':'a','keepaliveTimeout':5,'path':'','port':443,'protocol':'https','readTimeout':5,'sslProtocols':['TLSv1','TLSv1.2']}},"
        "'querystring':'','uri':'/'}}}]}",
        "{'Records':[{'cf':{'config':{'distributionDomainName':'d','distributionId':'E','eventType':'origin-response','requestId':'r'},"
        "'request':{'clientIp':'1','headers':{},'method':'GET','querystring':'','uri':'/'},'response':{'headers':{'a':[{'key':'A','value':'1'}]},'status':'200','statusDescription':'OK'}}}]}",
    };
    for (size_t i = 0; i < COUNT(events); i++)
        for (size_t k = 0; k < COUNT(spaces); k++) {
            static char text[8000], changed[8000];
            size_t n = 0, w = strlen(spaces[k]);
            for (const char *p = events[i]; *p; p++) {
                text[n++] = *p == '\'' ? '"' : *p;
                if (*p == '{' || *p == ',' || p[1] == '}') memcpy(text + n, spaces[k], w), n += w;
            }
            edgefn_event ev;
            ROW("event %zu, white space %zu", i, k);
            if (!CHECK_NUM(edgefn_parse(&ev, (edgefn_str){ text, n }, arena_new(KIT_ARENA), NULL),
                           EDGEFN_OK))
                continue;
            size_t commas = 0;
            for (size_t at = 0; at < n; at++, commas += text[at - 1] == ',')
                for (int how = 0; how < 3 && text[at] == ','; how++) {
                    size_t rest = at + (how == 0);
                    memcpy(changed, text, at);
                    memcpy(changed + at, text + rest, n - rest);
                    if (how) changed[at] = how == 1 ? ';' : ' ';
                    edgefn_error code = edgefn_parse(&ev, (edgefn_str){ changed, n - (how == 0) },
                                                     arena_new(KIT_ARENA), NULL);
                    if (!CHECK_NUM(code, EDGEFN_E_JSON_SYNTAX)) printf("    %d at %zu\n", how, at);
                    arena_drop();
                }
            CHECK(commas > 10);
        }
}

/* Members whose names begin as the one that tells the dialect do not tell it. */
TEST(names_that_tell_the_dialect)
{
    static const char lambda[] =
        "'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}}]";
    static const char *const before[] = {
        "", "'version1':'1.0',", "'versio':1,", "'Records1':[],", "'Record':[],", "'version':'1.0',"
    };
    for (size_t i = 0; i < COUNT(before); i++) {
        char text[400];
        edgefn_event ev;
        ROW("%s", before[i]);
        snprintf(text, sizeof text, "{%s%s}", before[i], lambda);
        edgefn_error code = parse_code(text, &ev);
        if (i + 1 < COUNT(before)) CHECK(code == EDGEFN_OK && ev.dialect == EDGEFN_DIALECT_LAMBDA);
    }
}

TEST(other_texts)
{
    edgefn_event ev;
    char line[300];
    edgefn_parse(&ev, (edgefn_str){ "\xff\xfe", 2 }, arena_new(KIT_ARENA), NULL);
    CHECK(edgefn_str_contains((edgefn_str){ line, edgefn_describe(&ev, line, sizeof line) },
                              S("UTF-16")));
}

/*--- keys -----------------------------------------------------------------------------------------------------------*/

/* A key of more than 64 bytes is replaced by its hash, a shorter one ends in zeros (RFC 2104). */
TEST(hmac_keys)
{
    unsigned char key[140], same[64], got[32], want[32];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (unsigned char)(i * 7 + 1);
    for (size_t n = 0; n <= sizeof key; n++) {
        ROW("%zu bytes", n);
        edgefn_str k = { (const char *)key, n };
        memset(same, 0, sizeof same);
        if (n > 64)
            edgefn_sha256(k, same);
        else
            memcpy(same, key, n);
        edgefn_hmac_sha256(k, S("text"), got);
        edgefn_hmac_sha256((edgefn_str){ (const char *)same, n > 64 ? 32 : 64 }, S("text"), want);
        CHECK(memcmp(got, want, 32) == 0);
    }
}

/*--- edits ----------------------------------------------------------------------------------------------------------*/

TEST(data_of_the_same_length)
{
    edgefn_event ev;
    const char *response = "{'statusCode':200,'body':{'encoding':'text','data':'abcdef'}}";
    if (!OPEN(&ev, frame(F_VRES, response, NULL))) return;
    ev.response.body.data = S("uvwxyz");
    CHECK(edgefn_str_contains(edgefn_finish(&ev, NULL), S("\"uvwxyz\"")));
    if (!OPEN(&ev, frame(F_VRES, response, NULL))) return;
    ev.response.body.data.len = 3;
    CHECK(edgefn_str_contains(edgefn_finish(&ev, NULL), S("\"abc\"")));
}

/* After an error nothing is edited, and a result that cannot be written leaves the buffer alone. */
TEST(after_an_error)
{
    edgefn_event ev;
    char buf[64];
    if (!OPEN(&ev,
              frame(L_VRES, "{'status':'200','headers':{'set-cookie':[{'value':'a=1; Path=/'}]}}",
                    NULL)))
        return;
    edgefn_fields *cookies = edgefn_response_cookies(&ev);
    CHECK(cookies->len == 1);
    CHECK(!edgefn_set(&ev.response.headers, S("a b"), S("1")) && ev.err.code != EDGEFN_OK);
    CHECK(!edgefn_set_attributes_at(cookies, 0, S("Path=/b")));
    CHECK(!edgefn_set_attributes_at(cookies, 7, S("Path=/b")));
    CHECK(!edgefn_set_at(cookies, 0, S("b")) && !edgefn_remove_at(cookies, 0));
    memset(buf, 'x', sizeof buf);
    CHECK(edgefn_write(&ev, buf, sizeof buf, NULL) == 0);
    for (size_t i = 0; i < sizeof buf; i++)
        CHECK(buf[i] == 'x');
    edgefn_finding f[4];
    CHECK_NUM(edgefn_sanitize(&ev, f, 4), 0);
}

/* Cookies that were edited in both ways conflict as soon as they are read again. */
TEST(conflicts_are_found_at_once)
{
    edgefn_event ev;
    if (!OPEN(&ev,
              frame(L_VREQ, "{'method':'GET','uri':'/','headers':{'cookie':[{'value':'a=1'}]}}",
                    NULL)))
        return;
    CHECK(edgefn_set(edgefn_cookies(&ev), S("a"), S("2")));
    CHECK(edgefn_set(&ev.request.headers, S("cookie"), S("b=1")) && ev.err.code == EDGEFN_OK);
    (void)edgefn_cookies(&ev);
    CHECK_NUM(ev.err.code, EDGEFN_E_CONFLICT);
}

/* Edits of many headers are undone one by one. */
TEST(many_edits_to_undo)
{
    for (unsigned which = 1; which < 32; which += 3) {
        static char request[4000];
        char name[20];
        edgefn_finding f[64];
        edgefn_event ev;
        size_t n = (size_t)sprintf(request, "{'method':'GET','uri':'/','headers':{"), wrong = 0;
        ROW("pattern %u", which);
        for (int i = 0; i < 40; i++)
            n += (size_t)sprintf(request + n, "%s'%s%d':[{'value':'1'}]", i ? "," : "",
                                 which >> (i % 5) & 1 ? "x-edge-" : "n-", i);
        sprintf(request + n, "}}");
        if (!OPEN(&ev, frame(L_VREQ, request, NULL))) return;
        for (int i = 0; i < 40; i++) {
            bool refused = which >> (i % 5) & 1;
            snprintf(name, sizeof name, "%s%d", refused ? "x-edge-" : "n-", i);
            CHECK(edgefn_set(&ev.request.headers, edgefn_cstr(name), S("2")));
            wrong += refused;
        }
        CHECK_NUM(edgefn_sanitize(&ev, f, 64), wrong);
        for (int i = 0; i < 40; i++) {
            bool refused = which >> (i % 5) & 1;
            snprintf(name, sizeof name, "%s%d", refused ? "x-edge-" : "n-", i);
            CHECK_STR(edgefn_get(&ev.request.headers, edgefn_cstr(name)),
                      refused ? S("1") : S("2"));
        }
    }
}

/*--- checks ---------------------------------------------------------------------------------------------------------*/

/* Keys with upper-case letters, some of them written as escapes. */
TEST(keys_with_capitals)
{
    static const struct {
        const char *key;
        bool upper;
    } rows[] = {
        { "x-a", false },           { "x-A", true },       { "x-uA", true },
        { "x-uABCDE", true },       { "x-`u0041", true },  { "`u0061A", true },
        { "x`u002Da", false },      { "`u002D", false },   { "x`u002DA", true },
        { "x-u0041", false },       { "`u006Eab", false }, { "u", false },
        { "x-`u005A`u0061", true },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char result[200];
        edgefn_finding f[16];
        ROW("%s", rows[i].key);
        snprintf(result, sizeof result, "{'method':'GET','uri':'/','headers':{'%s':{'value':'1'}}}",
                 rows[i].key);
        size_t n = check_of(F_VREQ, result, f, 16);
        bool upper = false;
        for (size_t k = 0; n != SIZE_MAX && k < n; k++)
            upper = upper || strstr(f[k].rule->id, "case") != NULL;
        if (!CHECK(n != SIZE_MAX && upper == rows[i].upper) && n && n != SIZE_MAX)
            printf("    %s\n", f[0].rule->id);
    }
}

static size_t findings(const char *event, const char *received, const char *result)
{
    edgefn_event ev;
    edgefn_finding f[16];
    if (!OPEN(&ev, frame(event, received, NULL))) return SIZE_MAX;
    return edgefn_check(&ev, js(result), f, 16);
}

/* A result with one kind of origin is read as that kind, whichever was received. */
TEST(one_kind_of_origin)
{
    static const char *const kinds[] = {
        "{'method':'GET','uri':'/','origin':{'custom':{'domainName':'a.example'%s}}}",
        "{'method':'GET','uri':'/','origin':{'s3':{'domainName':'a.s3.amazonaws.com'%s}}}",
    };
    for (int received = 0; received < 2; received++)
        for (int result = 0; result < 2; result++) {
            char a[200], b[300];
            ROW("%d received, %d in the result", received, result);
            snprintf(a, sizeof a, kinds[received], "");
            snprintf(b, sizeof b, kinds[result], ",'path':'no-slash/'");
            size_t with = findings(L_OREQ, a, b);
            snprintf(b, sizeof b, kinds[result], ",'path':'/p'");
            CHECK(with != SIZE_MAX && with > findings(L_OREQ, a, b));
        }
}

/* Leaving out the client's address does not hide that other members changed. */
TEST(members_left_out)
{
    const char *received = "{'clientIp':'192.0.2.1','method':'GET','uri':'/'}";
    CHECK_NUM(findings(L_VREQ, received, "{'clientIp':'192.0.2.1','method':'GET','uri':'/'}"), 0);
    size_t address = findings(L_VREQ, received, "{'method':'GET','uri':'/'}"),
           method = findings(L_VREQ, received, "{'clientIp':'192.0.2.1','method':'PUT','uri':'/'}");
    CHECK(address > 0 && method > 0);
    CHECK_NUM(findings(L_VREQ, received, "{'method':'PUT','uri':'/'}"), address + method);
}

/* Members of a wrong type are reported alike in any order. */
TEST(wrong_types_in_any_order)
{
    const char *received =
        "{'clientIp':'192.0.2.1','method':'POST','uri':'/','body':{'inputTruncated':false,'action':'read-only','encoding':'base64','data':'YQ=='}}";
    static const char *const results[] = {
        "{'clientIp':1,'method':'POST','uri':'/','body':{'inputTruncated':false,'action':'replace','encoding':'base64','data':1}}",
        "{'body':{'inputTruncated':false,'action':'replace','encoding':'base64','data':1},'clientIp':1,'method':'POST','uri':'/'}",
        "{'body':{'data':1,'inputTruncated':false,'action':'replace','encoding':'base64'},'method':'POST','uri':'/','clientIp':1}",
    };
    for (size_t i = 1; i < COUNT(results); i++)
        CHECK_NUM(findings(L_VREQ, received, results[i]), findings(L_VREQ, received, results[0]));
}

/* A message names the byte that is not allowed. */
TEST(bytes_in_messages)
{
    char result[200], line[400], want[8];
    edgefn_finding f[16];
    size_t named = 0;
    snprintf(result, sizeof result,
             "{'method':'GET','uri':'/','headers':{'x-a':[{'value':'a`u0001'}]}}");
    size_t n = check_of(L_VREQ, result, f, 16);
    for (size_t k = 0; n != SIZE_MAX && k < n; k++) {
        size_t len = edgefn_finding_message(&f[k], line, sizeof line);
        snprintf(want, sizeof want, "%%%02X", (unsigned)f[k].actual);
        if (!edgefn_str_contains((edgefn_str){ line, len }, edgefn_cstr(want))) continue;
        named++;
        for (unsigned c = 0; c < 256; c++) {
            f[k].actual = c;
            len = edgefn_finding_message(&f[k], line, sizeof line);
            snprintf(want, sizeof want, "%%%02X", c);
            CHECK(edgefn_str_contains((edgefn_str){ line, len }, edgefn_cstr(want)));
            char shorter[10];
            memset(shorter, '?', sizeof shorter);
            CHECK_NUM(edgefn_finding_message(&f[k], shorter, 8), len);
            CHECK(shorter[8] == '?' && shorter[9] == '?');
        }
    }
    CHECK(named > 0);
}

/* The total length of custom headers is refused from the first byte too many. */
TEST(length_of_custom_headers)
{
    static char value[12000], result[13000];
    memset(value, 'v', sizeof value);
    for (size_t n = 0, found = 0; n < 1800 && !found; n++) {
        edgefn_finding f[16];
        edgefn_event ev;
        size_t len = (size_t)sprintf(
            result,
            "{'method':'GET','uri':'/','origin':{'custom':{'domainName':'a.example','customHeaders':{");
        for (int i = 0; i < 6; i++)
            len += (size_t)sprintf(result + len, "%s'x-%d':[{'value':'%.*s'}]", i ? "," : "", i,
                                   i ? 1700 : (int)n, value);
        sprintf(result + len, "}}}}");
        if (!OPEN(&ev,
                  frame(L_OREQ,
                        "{'method':'GET','uri':'/','origin':{'custom':{'domainName':'a.example'}}}",
                        NULL)))
            return;
        size_t count = edgefn_check(&ev, js(result), f, 16);
        for (size_t k = 0; count != SIZE_MAX && k < count; k++) {
            if (f[k].limit == 0 || f[k].actual < 5000) continue;
            found = 1;
            CHECK_NUM(f[k].actual, f[k].limit + 1);
        }
        if (n + 1 == 1800) CHECK(found);
    }
}

/*--- others ---------------------------------------------------------------------------------------------------------*/

/* .check_lifetimes notices that a value changed, however short it is. */
TEST(short_lifetimes)
{
    edgefn_env env = { .check_lifetimes = true };
    for (size_t n = 1; n < 20; n++) {
        char value[20] = "abcdefghijklmnopqrs";
        edgefn_event ev;
        ROW("%zu bytes", n);
        edgefn_parse(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL), arena_new(KIT_ARENA),
                     &(edgefn_parse_opts){ .env = &env });
        CHECK(edgefn_set(&ev.request.headers, S("x-a"), (edgefn_str){ value, n }));
        value[n - 1] = '-';
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        CHECK_NUM(ev.err.code, EDGEFN_E_LIFETIME);
    }
}

TEST(urls_of_odd_bytes)
{
    static const char odd[] = "\x01 \\\x7f\xff";
    for (size_t k = 0; k < sizeof odd - 1; k++)
        for (size_t at = 0; at <= 14; at++) {
            char url[] = "/path/to?query#";
            url[at] = odd[k];
            ROW("byte %02x at %zu", (unsigned char)odd[k], at);
            CHECK(!edgefn_url_split(edgefn_cstr(url)).ok);
        }
}

TEST(status_texts_with_tabs)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
    CHECK(edgefn_respond(&ev, 404, NULL) && edgefn_status_set(&ev, 404, S("not\tfound")));
}

#define BROWSER "Mozilla/5.0 (Windows NT 10.0; rv:78.0) Gecko/20100101 Firefox/78.0"

/* The end of a domain's name in a User-Agent. */
TEST(domains_of_bots)
{
    static const char *const ends[] = { "com", "net", "org", "io", "ai", "co" };
    for (size_t i = 0; i < COUNT(ends); i++) {
        char text[200];
        ROW("%s", ends[i]);
        snprintf(text, sizeof text, BROWSER " (thing.%s)", ends[i]);
        CHECK_NUM(edgefn_ua_parse(edgefn_cstr(text)).bot, EDGEFN_BOT_OTHER);
    }
    CHECK_NUM(edgefn_ua_parse(S(BROWSER " (thing.xyz)")).bot, EDGEFN_BOT_NONE);
}

/* What reports success did not run out of memory, and the reverse. */
static bool does_body(edgefn_event *ev)
{
    return edgefn_body_replace(ev, S("\xff\xfe bytes"), EDGEFN_ENCODING_BASE64);
}
static bool does_remove_at(edgefn_event *ev)
{
    return edgefn_remove_at(&ev->request.headers, 1);
}
static bool does_remove(edgefn_event *ev)
{
    return edgefn_remove(&ev->request.headers, S("x-b")) && ev->err.code == EDGEFN_OK;
}
static bool does_set_at(edgefn_event *ev)
{
    return edgefn_set_at(&ev->request.headers, 1, S("2"));
}
static bool does_set(edgefn_event *ev)
{
    return edgefn_set(&ev->request.headers, S("X-B"), S("2"));
}
static bool does_add(edgefn_event *ev)
{
    return edgefn_add(&ev->request.headers, S("X-B"), S("2"));
}
static bool does_sort(edgefn_event *ev)
{
    return edgefn_sort(&ev->request.headers);
}
static bool does_cookies(edgefn_event *ev)
{
    return edgefn_set(edgefn_cookies(ev), S("b"), S("2"))
           && edgefn_add(edgefn_cookies(ev), S("c"), S("3")) && edgefn_finish(ev, NULL).ptr != NULL;
}
static bool does_query(edgefn_event *ev)
{
    return edgefn_set(edgefn_query(ev), S("b"), S("2")) && edgefn_sort(edgefn_query(ev))
           && edgefn_finish(ev, NULL).ptr != NULL;
}
static bool does_answer(edgefn_event *ev)
{
    return edgefn_respond(
               ev, 403, &(edgefn_respond_opts){ .body = S("no"), .content_type = S("text/plain") })
           && edgefn_set(&ev->response.headers, S("x-a"), S("1"))
           && edgefn_add(edgefn_response_cookies(ev), S("a"), S("1"))
           && edgefn_set_attributes_at(edgefn_response_cookies(ev), 0, S("Path=/"))
           && edgefn_finish(ev, NULL).ptr != NULL;
}

TEST(success_needs_memory)
{
    static bool (*const jobs[])(
        edgefn_event *) = { does_body, does_remove_at, does_remove,  does_set_at, does_set,
                            does_add,  does_sort,      does_cookies, does_query,  does_answer };
    static const char request[] =
        "{'method':'POST','uri':'/','querystring':'z=1&a=2','headers':{'x-c':[{'value':'1'}],'x-b':[{'value':'1'}],'x-a':[{'value':'1'}],"
        "'cookie':[{'value':'z=1; a=2'}]},'body':{'inputTruncated':false,'action':'read-only','encoding':'base64','data':'YQ=='}}";
    for (size_t k = 0; k < COUNT(jobs); k++) {
        size_t refused = 0;
        for (size_t room = 0;; room++) {
            edgefn_event ev;
            ROW("job %zu, %zu bytes", k, room);
            if (!OPEN(&ev, frame(L_VREQ, request, NULL))) return;
            ev.arena.cap = ev.arena.used + room;
            bool done = jobs[k](&ev);
            if (!CHECK(done == (ev.err.code == EDGEFN_OK)) || !CHECK(room < 20000)) break;
            if (done) break;
            refused++;
            CHECK_NUM(ev.err.code, EDGEFN_E_OOM);
        }
        CHECK(refused > 0);
    }
}

/* Client hints in the first header of a list, and two that say different things. */
TEST(hints_in_the_first_header)
{
    edgefn_event ev;
    if (!OPEN(
            &ev,
            frame(
                F_VREQ,
                "{'method':'GET','uri':'/','headers':{'sec-ch-ua-form-factors':{'value':'`'Tablet`''},'b':{'value':'1'}}}",
                NULL)))
        return;
    CHECK_NUM(edgefn_ua_of(&ev).device, EDGEFN_DEVICE_TABLET);
    if (!OPEN(
            &ev,
            frame(
                F_VREQ,
                "{'method':'GET','uri':'/','headers':{'sec-ch-ua-form-factors':{'value':'`'Tablet`''},'sec-ch-ua-mobile':{'value':'?1'}}}",
                NULL)))
        return;
    CHECK_NUM(edgefn_ua_of(&ev).device, EDGEFN_DEVICE_TABLET | EDGEFN_DEVICE_MOBILE);
}

/* A status that is assigned is verified, in a received response and in an answer. */
TEST(assigned_statuses)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_ORES, "{'status':'200','headers':{}}", NULL))) return;
    ev.response.status = 42;
    CHECK(edgefn_finish(&ev, &(edgefn_write_opts){ .skip_check = true }).ptr == NULL);
    CHECK_NUM(ev.err.code, EDGEFN_E_STATUS);
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
    CHECK(edgefn_respond(&ev, 404, NULL));
    ev.response.status = 42;
    CHECK(edgefn_finish(&ev, &(edgefn_write_opts){ .skip_check = true }).ptr == NULL);
    CHECK_NUM(ev.err.code, EDGEFN_E_STATUS);
}

/* CloudFront Functions has cookies of their own: their header is not edited, and editing it says so. */
TEST(cookie_headers_in_functions)
{
    edgefn_event ev;
    const char *request =
        "{'method':'GET','uri':'/','headers':{'a':{'value':'1'},'cookie':{'value':'a=1'}}}";
    for (int how = 0; how < 4; how++) {
        ROW("edit %d", how);
        if (!OPEN(&ev, frame(F_VREQ, request, NULL))) return;
        edgefn_fields *h = &ev.request.headers;
        bool done = how == 0   ? edgefn_set_at(h, 1, S("b=1"))
                    : how == 1 ? edgefn_remove_at(h, 1)
                    : how == 2 ? edgefn_remove(h, S("cookie"))
                               : edgefn_set(h, S("cookie"), S("b=1"));
        CHECK(!done);
        CHECK_NUM(ev.err.code, EDGEFN_E_DIALECT);
    }
}
