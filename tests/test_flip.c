/* Every byte of the small events is changed in many ways. strict.h says whether the result is
   JSON and, if not, where the error is. A text that is still an event must be passed through
   unchanged, and must be editable. Also lists with names and values of every length. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include "strict.h"
/* clang-format off: tables with aligned columns */

#ifndef STEP
#  define STEP 1 /* every STEP-th place */
#endif

static unsigned char mem[1 << 18];
static size_t accepted, refused, edited_count;

static bool parse_changed(edgefn_str json, bool at_end)
{
    edgefn_event ev;
    size_t pos;
    edgefn_str copy =
        at_end ? guard_copy(json.ptr, json.len) : guard_copy_front(json.ptr, json.len);
    edgefn_error want = strict_text(copy, &pos),
                 got = edgefn_parse(&ev, copy, edgefn_arena_make(mem, sizeof mem), NULL);
    if (!CHECK_NUM(ev.err.code, got)) return false;
    if (want != EDGEFN_OK) return refused++, CHECK_ERR(&ev, want, pos);
    if (!CHECK(got == EDGEFN_OK
               || (got >= EDGEFN_E_NOT_AN_EVENT && got <= EDGEFN_E_RANGE && ev.err.pos < json.len)))
        return kit_why(&ev), false;
    if (got != EDGEFN_OK) return refused++, true;
    accepted++;
    size_t used = ev.arena.used;
    edgefn_str out = edgefn_finish(&ev, NULL), pass = edgefn_passthrough(&ev),
               result = strict_result(copy, !edgefn_is_request(&ev));
    if (!CHECK(out.ptr == pass.ptr && out.len == pass.len && ev.arena.used == used))
        return kit_why(&ev), false;
    if (result.ptr && !CHECK(pass.ptr == result.ptr && pass.len == result.len)) return false;
    if (accepted % 97) return true;
    edited_count++;
    edgefn_fields *h = edgefn_is_request(&ev) ? &ev.request.headers : &ev.response.headers;
    if (!CHECK(edgefn_set(h, S("x-new"), S("1")) && (h->len < 2 || edgefn_remove_at(h, 0))))
        return kit_why(&ev), false;
    out = edgefn_finish(&ev, &(edgefn_write_opts){ .skip_check = true });
    return CHECK(out.ptr && strict_text(out, &pos) == EDGEFN_OK);
}

/* The events are shared out among four tests. */
static void every_byte(size_t share)
{
    static const char bytes[] = "\"\\{}],:0-.e\xC3";
    size_t files = 0;
    accepted = refused = edited_count = 0;
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str json = slurp(*p);
        if (json.len >= 2500) continue;
        ROW("%s", *p);
        if (files++ % 4 != share) continue;
        char *text = (char *)test_own(malloc(json.len));
        /* the bytes of the list with its final NUL, then every bit flipped */
        for (size_t at = files % STEP; at < json.len; at += STEP)
            for (size_t k = 0; k < sizeof bytes + 8; k++) {
                memcpy(text, json.ptr, json.len);
                text[at] = k < sizeof bytes ? bytes[k] : (char)(text[at] ^ 1 << (k - sizeof bytes));
                edgefn_str changed = { text, json.len };
                if (!parse_changed(changed, k & 1)) {
                    printf("    byte 0x%02x at %zu\n", (unsigned char)text[at], at);
                    goto next;
                }
            }
    next:;
    }
    ROW("all files");
    CHECK(files >= 12);
    CHECK(accepted > 2500 / STEP && refused > 2500 / STEP && edited_count > 25 / STEP);
}

TEST(every_byte)
{
    every_byte(0);
}
TEST(every_byte_of_others)
{
    every_byte(1);
}
TEST(every_byte_of_more)
{
    every_byte(2);
}
TEST(every_byte_of_the_rest)
{
    every_byte(3);
}

/* The same in events without escapes: in others a quotation mark too few puts a backslash outside of
   the strings, which is seen at once. */
TEST(every_byte_without_escapes)
{
    static const char *const events[] = {
        L_HEAD(
            "viewer-request") "'request':{'clientIp':'1','headers':{'host':[{'key':'Host','value':'a'}]},'method':'GET','querystring':'','uri':'/'}}}]}",
        L_HEAD(
            "viewer-request") "'request':{'method':'GET','uri':'/','headers':{'a':[{'key':'A','value':'b'}],'c':[{'key':'C','value':'d'}]}}}}]}",
        L_HEAD(
            "origin-response") "'request':{'method':'GET','uri':'/','headers':{}},'response':{'headers':{'a':[{'key':'A','value':'b'}],"
                               "'set-cookie':[{'key':'Set-Cookie','value':'a=1'},{'key':'Set-Cookie','value':'b=2'}],'c':[{'key':'C','value':'d'}]},'status':'200'}}}]}",
        L_HEAD(
            "viewer-request") "'request':{'method':'GET','headers':{'a':[{'key':'A','value':'b'},{'key':'a','value':'c'}]},'uri':'/'}}}]}",
        F_HEAD(
            "viewer-request") "'request':{'method':'GET','uri':'/','querystring':{'a':{'value':'1'}},'headers':{'host':{'value':'a'}},'cookies':{'a':{'value':'1'},'b':{'value':'2'}}}}",
        F_HEAD(
            "viewer-response") "'request':{'method':'GET','uri':'/'},'response':{'statusCode':200,'cookies':{'a':{'value':'1','attributes':'Path=/'},'b':{'value':'2'}},'headers':{}}}",
        F_HEAD(
            "viewer-response") "'request':{'method':'GET','uri':'/'},'response':{'statusCode':200,'headers':{},'cookies':{'a':{'value':'1','attributes':'Path=/'}}}}",
    };
    static const char bytes[] = "\"\\{}],:0-.e\xC3 #";
    for (size_t i = 0; i < COUNT(events); i++) {
        edgefn_str json = js(events[i]);
        char *text = (char *)test_own(malloc(json.len));
        ROW("event %zu", i);
        for (size_t at = i % STEP; at < json.len; at += STEP)
            for (size_t k = 0; k < sizeof bytes + 8; k++) {
                memcpy(text, json.ptr, json.len);
                text[at] = k < sizeof bytes ? bytes[k] : (char)(text[at] ^ 1 << (k - sizeof bytes));
                edgefn_str changed = { text, json.len };
                if (!parse_changed(changed, k & 1))
                    printf("    byte 0x%02x at %zu\n", (unsigned char)text[at], at);
            }
    }
}

/* The same in indented events, where the quick paths compare learned texts. */
TEST(every_byte_indented)
{
    static const char bytes[] = "\"\\}], \n\x01";
    static const char *const indents[] = { "  ", "\t", "    " };
    size_t files = 0, before = accepted;
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str json = slurp(*p);
        if (json.len >= 1500) continue;
        ROW("%s", *p);
        json = strict_indented(json, indents[files++ % COUNT(indents)], "\n");
        char *text = (char *)test_own(malloc(json.len));
        for (size_t at = files % (STEP * 2); at < json.len; at += STEP * 2)
            for (size_t k = 0; k < sizeof bytes; k++) {
                memcpy(text, json.ptr, json.len);
                text[at] = bytes[k];
                if (!parse_changed((edgefn_str){ text, json.len }, k & 1)) {
                    printf("    byte 0x%02x at %zu\n", (unsigned char)text[at], at);
                    return;
                }
            }
    }
    ROW("all files");
    CHECK(files >= 5 && accepted > before + 1000 / STEP);
}

/* Every layout is read as irregular white space is, which only the plain grammar reads; also with an entry that no quick
   path reads, at every place of a list. */
TEST(layouts)
{
    static const char *const indents[] = { "", " ", "  ", "    ", "\t", "        ", "          " };
    static const char *const entries[] = {
        "[{'key':'X-A','value':'1'},{'key':'x-a','value':'2'}]",
        "[{'value':'1','key':'X-A'}]",
        "[{'key':'X-A','value':'1','more':[{}]}]",
        "[{'more':'\\u0022','key':'X-A','value':'1'}]",
        "[{'key':'X-A','value':'\\'1\\' \\u20ac'}]",
        "[{'key':'X-\\u0041','value':'1'}]",
        "[{'value':'1'}]",
        "[]",
    };
    edgefn_event ev, plain;
    for (const char *const *p = event_files(); *p; p++)
        for (size_t i = 0; i < 2 * COUNT(indents); i++) {
            edgefn_str json = slurp(*p);
            if (json.len >= 20000) continue;
            ROW("%s, layout %zu", *p, i);
            edgefn_str laid = strict_indented(json, indents[i / 2], i & 1 ? "\r\n" : "\n");
            if (!OPEN(&ev, guard_copy(laid.ptr, laid.len))
                || !OPEN(&plain, strict_indented(json, NULL, "")))
                return;
            if (!CHECK(event_differs(&plain, &ev) == NULL)) return;
        }
    for (size_t e = 0; e < COUNT(entries); e++)
        for (int at = 0; at < 6; at++) {
            char text[2000];
            int len = sprintf(
                text,
                "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'headers':{");
            for (int k = 0; k < 6; k++)
                len += k == at ? sprintf(text + len, "%s'x-a':%s", k ? "," : "", entries[e])
                               : sprintf(text + len, "%s'x-h%d':[{'key':'X-H%d','value':'%d'}]",
                                         k ? "," : "", k, k, k);
            len += sprintf(text + len, "},'method':'GET','uri':'/'}}}]}");
            for (char *z = text; *z; z++)
                if (*z == '\'') *z = '"';
            edgefn_str json = { text, (size_t)len };
            ROW("entry %zu at %d", e, at);
            if (!OPEN(&plain, strict_indented(json, NULL, ""))) return;
            for (size_t i = 0; i < COUNT(indents); i++) {
                edgefn_str laid = strict_indented(json, indents[i], "\n");
                if (!OPEN(&ev, guard_copy(laid.ptr, laid.len))
                    || !CHECK(event_differs(&plain, &ev) == NULL))
                    return;
            }
            if (!OPEN(&ev, json) || !CHECK(event_differs(&plain, &ev) == NULL)) return;
        }
}

/* An event is read as with irregular white space, which no template and no learned text fits. */
static bool reads_alike(const char *text)
{
    static const char *const indents[] = { "  ", "    ", "\t" };
    edgefn_event ev, plain;
    edgefn_str json = js(text);
    ROW("%s", text);
    if (!OPEN(&plain, strict_indented(json, NULL, ""))) return false;
    if (!OPEN(&ev, guard_copy(json.ptr, json.len)) || !CHECK(event_differs(&plain, &ev) == NULL))
        return false;
    for (size_t i = 0; i < COUNT(indents); i++) {
        edgefn_str laid = strict_indented(json, indents[i], "\n");
        if (!OPEN(&ev, guard_copy(laid.ptr, laid.len))
            || !CHECK(event_differs(&plain, &ev) == NULL))
            return false;
    }
    return true;
}

/* The templates of compact events, and lists of one entry at different depths: with an escape in
   each string, members missing, added, and in another order. */
TEST(templates)
{
    static const char *const members[][2] = {
        { "'distributionDomainName':'d.cloudfront.net'", "'distributionDomainName':'\\u0064\\/'" },
        { "'distributionId':'E'", "'distributionId':'\\'E\\''" },
        { "'eventType':'%s-request'", "'more':[1],'eventType':'%s\\u002drequest'" },
        { "'requestId':'r=='", "'requestId':'r\\u003d','x':{}" },
        { "'clientIp':'192.0.2.1'", "'client\\u0049p':'192.0.2.\\u0031'" },
        { "'headers':{'x-a':[{'key':'X-A','value':'1'}]}",
          "'headers':{'x-a':[{'key':'X-A','value':'\\'1\\''}]}" },
        { "'method':'GET'", "'method':'G\\u0045T'" },
        { "'origin':{'custom':{'customHeaders':{'x-c':[{'key':'X-C','value':'c'}]},'domainName':'a.example'}}",
          "'origin':{'s3':{'customHeaders':{'x-c':[{'key':'X-C','value':'c'}],'x-d':[{'key':'X-D','value':'d'}]},'domainName':'b.example'}}" },
        { "'querystring':'a=1'", "'querystring':'a=\\u0031'" },
        { "'uri':'/a'", "'uri':'\\/a','y':null" },
    };
    for (unsigned which = 0; which < 1u << COUNT(members); which++) {
        char text[2000];
        int len = sprintf(text, "{'Records':[{'cf':{'config':{");
        bool origin = (which ^ which >> 3) & 1;
        bool swapped = which % 5 == 4;
        for (size_t i = 0; i < COUNT(members); i++) {
            size_t k = swapped && i >= 4 ? COUNT(members) + 3 - i : i;
            if (i == 4) len += sprintf(text + len, "},'request':{");
            if (k == 7 && !origin) continue;
            if (text[len - 1] != '{') text[len++] = ',';
            len += sprintf(text + len, members[k][which >> k & 1], origin ? "origin" : "viewer");
        }
        sprintf(text + len, "}}}]}");
        if (!reads_alike(text)) return;
    }
}

/* Events that are indented but for one place: their layout is learned, and does not fit there. */
TEST(one_place_differs)
{
    static const char *const spaces[] = { "", " ", "\n", "  ", "\n                ", "\r\n\t" };
    static const char *const events[] = {
        "{'Records':[{'cf':{'config':{'distributionDomainName':'d','distributionId':'E','eventType':'origin-response',"
        "'requestId':'r'},'request':{'clientIp':'192.0.2.1','headers':{'a':[{'key':'A','value':'1'}],"
        "'b':[{'key':'B','value':'2'}],'c':[{'key':'C','value':'\\'3\\''}]},'method':'GET','origin':{'custom':{"
        "'customHeaders':{'x':[{'key':'X','value':'4'}]},'domainName':'d.example','keepaliveTimeout':5,'path':'',"
        "'port':443,'protocol':'https','readTimeout':30,'sslProtocols':['TLSv1.2']}},'querystring':'','uri':'/'},"
        "'response':{'headers':{},'status':'200','statusDescription':'\\u004fK'}}}]}",
        "{'Records':[{'cf':{'x':{},'config':{'eventType':'viewer-request','y':1,'z':[2]},'request':{'body':{"
        "'action':'read-only','data':'','encoding':'base64','inputTruncated':false},'uri':'/','method':'GET',"
        "'headers':{'a':[{'value':'1','key':'A'}],'b':[{'value':'2','key':'B'}]},'clientIp':'192.0.2.1'}}}]}",
        "{'version':'1.0','context':{'distributionDomainName':'d','eventType':'viewer-response','requestId':'r'},"
        "'viewer':{'ip':'192.0.2.1'},'request':{'method':'GET','uri':'/','querystring':{'a':{'value':'1'},"
        "'b':{'value':'2'}},'headers':{'h':{'value':'3'},'i':{'value':'4'},'j':{'value':'5','multiValue':[{'value':'5'}]}},"
        "'cookies':{}},'response':{'statusCode':200,'statusDescription':'OK','headers':{'k':{'value':'6'}},'cookies':"
        "{'l':{'value':'7','attributes':'Secure'}},'body':{'encoding':'text','data':'d'}}}",
    };
    for (size_t e = 0; e < COUNT(events); e++) {
        edgefn_event ev, plain;
        edgefn_str laid = strict_indented(js(events[e]), e == 1 ? "\t" : "    ", "\n");
        if (!OPEN(&plain, strict_indented(js(events[e]), NULL, ""))) return;
        bool inside = false;
        for (size_t at = 0, end; at < laid.len; at = end) {
            char c = laid.ptr[at];
            if (c == '"') inside = !inside;
            end = at + 1 + (c == '\\');
            if (inside || (c != ' ' && c != '\n' && c != ':')) continue;
            while (c != ':' && (laid.ptr[end] == ' ' || laid.ptr[end] == '\t'))
                end++;
            for (size_t k = 0; k < COUNT(spaces); k++) {
                char *text = (char *)test_own(malloc(laid.len + 32));
                int n = sprintf(text, "%.*s%s%.*s", (int)at, laid.ptr, spaces[k],
                                (int)(laid.len - end), laid.ptr + end);
                if (c == ':')
                    n = sprintf(text, "%.*s%s:%.*s", (int)at, laid.ptr, spaces[k],
                                (int)(laid.len - end), laid.ptr + end);
                ROW("event %zu, byte %zu, space %zu", e, at, k);
                if (!OPEN(&ev, guard_copy(text, (size_t)n))
                    || !CHECK(event_differs(&plain, &ev) == NULL))
                    return;
            }
        }
    }
}

/* What is refused in an indented event is refused as in a compact one, at the same token. */
TEST(indented_refused)
{
    static const struct {
        const char *event;
        edgefn_error code;
    } rows[] = {
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':5}}]}",
          EDGEFN_E_TYPE },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':7}}}]}",
          EDGEFN_E_TYPE },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/','method':'GET'}}}]}",
          EDGEFN_E_DUPLICATE },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'x':1,'method':'GET','uri':'/','x':2}}}]}",
          EDGEFN_E_DUPLICATE },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-requests'},'request':{'method':'GET','uri':'/'}}}]}",
          EDGEFN_E_NOT_AN_EVENT },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET'}}}]}",
          EDGEFN_E_MISSING },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev, plain;
        edgefn_str compact = js(rows[i].event), laid = strict_indented(compact, "  ", "\n");
        ROW("%s", rows[i].event);
        edgefn_error code = edgefn_parse(&plain, compact, arena_new(1 << 16), NULL);
        size_t tokens[2] = { 0, 0 };
        if (!CHECK_NUM(code, rows[i].code)
            || !CHECK_NUM(edgefn_parse(&ev, laid, arena_new(1 << 16), NULL), rows[i].code))
            return;
        for (size_t k = 0; k < plain.err.pos; k++)
            tokens[0] += (unsigned char)compact.ptr[k] > ' ';
        for (size_t k = 0; k < ev.err.pos; k++)
            tokens[1] += (unsigned char)laid.ptr[k] > ' ';
        CHECK_NUM(tokens[1], tokens[0]);
        CHECK(strcmp(ev.err.where, plain.err.where) == 0);
    }
}

/* White space belongs to a name inside its quotation marks, and is none between tokens there. */
TEST(names_with_white_space)
{
    static const struct {
        const char *entry, *key;
        edgefn_error code;
    } rows[] = {
        { "'key':'X-%c','value':'1'", "X-%c", EDGEFN_OK },
        { "' key':'X-%c','value':'1'", NULL, EDGEFN_OK },
        { "'key ':'X-%c','value':'1'", NULL, EDGEFN_OK },
        { "'key':'X-%c',' value':'1'", NULL, EDGEFN_E_MISSING },
        { "'key':'X-%c','value ':'1'", NULL, EDGEFN_E_MISSING },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[1000], key[8];
        int len = sprintf(
            text,
            "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'headers':{");
        for (char c = 'a'; c <= 'd'; c++) {
            len += sprintf(text + len, "%s'x-%c':[{", c == 'a' ? "" : ",", c);
            len += sprintf(text + len, rows[i].entry, c);
            len += sprintf(text + len, "}]");
        }
        len += sprintf(text + len, "},'method':'GET','uri':'/'}}}]}");
        for (char *z = text; *z; z++)
            if (*z == '\'') *z = '"';
        for (int space = 0; space < 2; space++) {
            edgefn_event ev;
            edgefn_str json = { text, (size_t)len };
            if (space) json = strict_indented(json, "  ", "\n");
            ROW("%s, space %d", rows[i].entry, space);
            if (!CHECK_NUM(edgefn_parse(&ev, json, arena_new(1 << 16), NULL), rows[i].code)
                || ev.err.code != EDGEFN_OK)
                continue;
            for (char c = 'a'; c <= 'd'; c++) {
                const edgefn_field *it = &ev.request.headers.items[c - 'a'];
                edgefn_str want = { NULL, 0 };
                if (rows[i].key != NULL) sprintf(key, rows[i].key, c), want = edgefn_cstr(key);
                CHECK_STR(it->key, want);
                CHECK_STR(it->value, S("1"));
            }
        }
    }
}

/* Learned texts of every kind are compared near the end of the text, too: nothing after it is
   read. */
TEST(indented_truncated)
{
    static const char *const indents[] = { " ", "    ", "          " };
    static const char json[] =
        "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'headers':{"
        "'x-a':[{'key':'X-A','value':''}],'x-b':[{'key':'X-B','value':''}],'x-c':[{'key':'X-C','value':'1'}]},"
        "'method':'GET','uri':'/'}}}]}";
    static const char loose[] =
        "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'headers':{"
        "'x-a' : [ {'key':'X-A','value':''} ] , 'x-b' : [ {'key':'X-B','value':''} ] , "
        "'x-c' : [ {'key':'X-C','value':''} ] },'method':'GET','uri':'/'}}}]}";
    for (size_t i = 0; i <= COUNT(indents); i++) {
        edgefn_str text = js(loose);
        if (i < COUNT(indents)) text = strict_indented(js(json), indents[i], "\n");
        ROW("layout %zu", i);
        for (size_t n = 0; n <= text.len; n++)
            if (!parse_changed((edgefn_str){ text.ptr, n }, true)) {
                printf("    the first %zu bytes\n", n);
                return;
            }
    }
}

/* One byte inserted, and one removed, at every position. */
TEST(byte_inserted_or_removed)
{
    static const char bytes[] = "\"\\}[, \xFF";
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str json = slurp(*p);
        if (json.len >= 2500) continue;
        ROW("%s", *p);
        char *text = (char *)test_own(malloc(json.len + 1));
        for (size_t at = 0; at < json.len; at += STEP)
            for (size_t k = 0; k < sizeof bytes; k++) {
                bool less = k == sizeof bytes - 1;
                memcpy(text, json.ptr, at);
                if (!less) text[at] = bytes[k];
                memcpy(text + at + !less, json.ptr + at + less, json.len - at - less);
                edgefn_str changed = { text, json.len + 1 - 2 * (size_t)less };
                if (!parse_changed(changed, k & 1)) {
                    test_show("text   ", changed);
                    goto next;
                }
            }
    next:;
    }
}

/* Two pieces of an event exchanged or doubled, as a fuzzer would; the seed is fixed. */
TEST(pieces_exchanged)
{
    uint32_t seed = 12345;
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str json = slurp(*p);
        if (json.len >= 4000) continue;
        ROW("%s", *p);
        char *text = (char *)test_own(malloc(json.len * 2));
        for (int round = 0; round < 4000; round++) {
            size_t cut[4];
            for (size_t i = 0; i < 4; i++) {
                seed = seed * 1664525 + 1013904223;
                cut[i] = (seed >> 8) % (json.len + 1);
                /* cut at a quotation mark: the result is more often JSON */
                if (round & 1)
                    while (cut[i] < json.len && json.ptr[cut[i]] != '"')
                        cut[i]++;
            }
            size_t from = cut[0] < cut[1] ? cut[0] : cut[1], to = cut[0] < cut[1] ? cut[1] : cut[0],
                   n = 0;
            if (to - from > 300) to = from + 300;
            memcpy(text, json.ptr, cut[2]), n = cut[2];
            memcpy(text + n, json.ptr + from, to - from), n += to - from;
            memcpy(text + n, json.ptr + cut[2], json.len - cut[2]), n += json.len - cut[2];
            edgefn_str changed = { text, n };
            if (!parse_changed(changed, round & 2)) {
                test_show("text   ", changed);
                break;
            }
        }
    }
}

/* The quick paths parse runs of headers. Names and values of every length, keys as long as their
   names and others, at the end of the text and before it, must be parsed as the general parser
   does with a space between all tokens. */
TEST(header_runs)
{
    static const size_t lengths[] = { 0,  1,  7,  8,   9,   30,  49,  56,  57, 58,
                                      63, 64, 65, 119, 120, 121, 128, 129, 200 };
    enum { SAME, CAPITAL, SHORTER, LONGER, QUOTE_AT_END, MEMBER_INSIDE, FORMS };
    char text[4000], name[100], key[100], value[300];
    for (size_t n = 0; n < 71; n++)
        for (int form = 0; form < 4 * FORMS; form++) {
            bool functions = form / FORMS & 1, last = form / FORMS / 2;
            const char *rest =
                "'method':'GET','uri':'/a/path/of/sixty/bytes/so/that/no/header/stands/at/the/end/of/it'";
            ROW("name of %zu bytes, variant %d", n, form);
            int len = sprintf(
                text,
                functions
                    ? "{'version':'1.0','context':{'eventType':'viewer-request'},'viewer':{'ip':'::1'},'request':{%s%s"
                    : "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{%s%s",
                last ? rest : "", last ? "," : "");
            len += sprintf(text + len, "'headers':{");
            for (int k = 0; k < 3; k++) {
                size_t m = lengths[(n * 3 + (size_t)(form + k * 7)) % COUNT(lengths)],
                       used = n == 0 && k > 0 ? 1 : n;
                sprintf(
                    name, "%c%.*s", 'a' + k, (int)used,
                    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
                    name[used] = 0;
                strcpy(key, name);
                switch (form % FORMS) {
                case CAPITAL: key[0] = (char)(used ? key[0] - 32 : 0); break;
                case SHORTER: key[used ? used - 1 : 0] = 0; break;
                case LONGER: strcat(key, "x"); break;
                case QUOTE_AT_END:
                    if (used > 1) key[used - 2] = '\\', key[used - 1] = '"';
                    break;
                case MEMBER_INSIDE:
                    if (used > 8) memcpy(key + 1, "','y':'", 7);
                    break; /* as long as the name, but actually two members */
                default: break;
                }
                memset(value, 'v', m), value[m] = 0;
                len += sprintf(text + len,
                               functions ? "%s'%s':{%s'value':'%s'}"
                                         : "%s'%s':[{'key':'%s','value':'%s'}]",
                               k ? "," : "", name, functions ? "" : key, value);
            }
            len += sprintf(text + len, "}%s%s%s", last ? "" : ",", last ? "" : rest,
                           functions ? "}}" : "}}}]}");
            for (char *z = text; *z; z++)
                if (*z == '\'') *z = '"';
            edgefn_event ev, plain;
            if (!OPEN(&ev, guard_copy(text, (size_t)len))
                || !OPEN(&plain, strict_respaced((edgefn_str){ text, (size_t)len }, " ")))
                return;
            const char *differs = event_differs(&plain, &ev);
            if (!CHECK(!differs && ev.request.headers.len == 3
                       && ev.request.headers.items[0].name.len == n)) {
                test_show("text   ", (edgefn_str){ text, (size_t)len });
                return;
            }
        }
}
