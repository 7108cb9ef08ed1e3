/* Bodies, and encoding and decoding of base64. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

static const char POST[] = "{'method':'POST','uri':'/','body':@}";

static bool open_body(edgefn_event *ev, const char *body)
{
    char event[300];
    snprintf(event, sizeof event, "%s'request':%s}}]}", L_HEAD("viewer-request"), POST);
    return OPEN(ev, frame(event, body, NULL));
}

static bool open_plain(edgefn_event *ev)
{
    return OPEN(ev, frame(L_VREQ, "{'method':'POST','uri':'/'}", NULL));
}

/* RFC 4648 section 10, and every length from one group to the next. */
TEST(base64_vectors)
{
    static const struct {
        const char *bytes, *text;
    } rows[] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
        { "\xFF", "/w==" },
        { "\xFF\xFF", "//8=" },
        { "\xFF\xFF\xFF", "////" },
        { "\xFB\xEF\xBE", "++++" },
        { "name=b", "bmFtZT1i" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].text);
        edgefn_event ev;
        if (!open_plain(&ev)) return;
        edgefn_str bytes = guard_copy(rows[i].bytes, strlen(rows[i].bytes));
        CHECK_STR(edgefn_base64_encode(&ev, bytes), rows[i].text);
        edgefn_str text = guard_copy(rows[i].text, strlen(rows[i].text));
        CHECK_STR(edgefn_base64_decode(&ev, text), rows[i].bytes);
        CHECK_NUM(ev.err.code, EDGEFN_OK);
    }
    ROW("absent");
    edgefn_event ev;
    if (!open_plain(&ev)) return;
    CHECK(edgefn_base64_decode(&ev, edgefn_cstr(NULL)).ptr == NULL);
    CHECK_NUM(ev.err.code, EDGEFN_OK);
}

TEST(base64_all_bytes)
{
    unsigned char bytes[256], shifted[300];
    for (int i = 0; i < 256; i++)
        bytes[i] = (unsigned char)i;
    for (size_t n = 0; n <= 256; n++) {
        ROW("%zu bytes", n);
        edgefn_event ev;
        if (!open_plain(&ev)) return;
        for (size_t i = 0; i < n; i++)
            shifted[i] = bytes[(i * 7 + n) & 255];
        edgefn_str in = guard_copy(shifted, n);
        edgefn_str text = edgefn_base64_encode(&ev, in);
        CHECK_NUM(text.len, (n + 2) / 3 * 4);
        edgefn_str back = edgefn_base64_decode(&ev, guard_copy_front(text.ptr, text.len));
        CHECK(back.ptr && back.len == n && memcmp(back.ptr, shifted, n) == 0);
    }
}

static int base64_digit(int c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *p = c ? strchr(digits, c) : NULL;
    return p ? (int)(p - digits) : -1;
}

/* Every byte at every position of texts with no, one and two padding characters. */
TEST(base64_strict)
{
    static const char *const texts[] = { "Zm9vYmFyZm9v", "Zm9vYmFyZm8=", "Zm9vYmFyZg==" };
    static const char *const wrong[] = {
        "Z",     "Zg",       "Zg=",      "Zm8",   "=",     "==",     "===",    "====",
        "Z===",  "Zg==Zg==", "Zm8=Zg==", "Zg= =", " Zg==", "Zg== ",  "Zg\n==", "Zm9vYg=",
        "Zm9vY", "Zh==",     "Zm9=",     "Z-8=",  "Z_8=",  "Zm9v\n", "Zm9v=",  "Zm9v===="
    };
    edgefn_event ev;
    if (!open_plain(&ev)) return;
    edgefn_arena fresh = ev.arena;
    size_t accepted = 0;
    for (size_t t = 0; t < COUNT(texts); t++)
        for (size_t at = 0; at < 12; at++) {
            ROW("%s, place %zu", texts[t], at);
            for (int b = 0; b < 256; b++) {
                char text[13];
                memcpy(text, texts[t], 13);
                text[at] = (char)b;
                size_t pad = text[11] == '=' ? text[10] == '=' ? 2 : 1 : 0;
                bool ok = true;
                for (size_t i = 0; i < 12 - pad; i++)
                    ok &= base64_digit((unsigned char)text[i]) >= 0;
                if (ok && pad == 1) ok = (base64_digit((unsigned char)text[10]) & 3) == 0;
                if (ok && pad == 2) ok = (base64_digit((unsigned char)text[9]) & 15) == 0;
                accepted += ok;
                ev.arena = fresh;
                edgefn_str in = { text, 12 };
                if (!CHECK((edgefn_base64_decode(&ev, in).ptr != NULL) == ok)) {
                    test_show("text   ", in);
                    break;
                }
            }
        }
    CHECK(accepted > 500);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        ROW("%s", wrong[i]);
        CHECK(edgefn_base64_decode(&ev, edgefn_cstr(wrong[i])).ptr == NULL);
    }
    ROW("no failure after an invalid text");
    CHECK_NUM(ev.err.code, EDGEFN_OK);
    UNTOUCHED(&ev);
}

TEST(decode)
{
    static const struct {
        const char *body, *whole, *part;
        bool truncated;
    } rows[] = {
        { "{'action':'read-only','data':'bmFtZT1i','encoding':'base64','inputTruncated':false}",
          "name=b", "name=b", false },
        { "{'action':'read-only','data':'bmFtZT1i','encoding':'base64','inputTruncated':true}",
          NULL, "name=b", true },
        { "{'action':'read-only','data':'','encoding':'base64','inputTruncated':false}", "", "",
          false },
        { "{'action':'read-only','data':'bmFtZT1','encoding':'base64','inputTruncated':false}",
          NULL, NULL, false },
        { "{'action':'read-only','data':'bm`u0046tZT1i','encoding':'base64','inputTruncated':false}",
          "name=b", "name=b", false },
        { "{'action':'replace','data':'a`nb','encoding':'text','inputTruncated':false}", "a\nb",
          "a\nb", false },
        { "{'action':'replace','data':'x','encoding':'text','inputTruncated':true}", NULL, "x",
          true },
        { "{}", NULL, NULL, false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].body);
        edgefn_event ev;
        if (!open_body(&ev, rows[i].body)) continue;
        CHECK_STR(edgefn_body_decode(&ev, &ev.request.body), rows[i].whole);
        CHECK_STR(edgefn_body_decode_part(&ev, &ev.request.body), rows[i].part);
        CHECK(ev.request.body.truncated == rows[i].truncated);
        CHECK_NUM(ev.err.code, EDGEFN_OK);
        UNTOUCHED(&ev);
    }
    ROW("no body, and no response");
    edgefn_event ev;
    if (!open_plain(&ev)) return;
    CHECK(edgefn_body_decode(&ev, &ev.request.body).ptr == NULL
          && edgefn_body_decode(&ev, &ev.response.body).ptr == NULL);
    CHECK_NUM(ev.err.code, EDGEFN_OK);
    ROW("CloudFront Functions");
    if (!OPEN(&ev,
              frame(F_VRES, "{'statusCode':200,'body':{'encoding':'base64','data':'aGk='}}", NULL)))
        return;
    CHECK_STR(edgefn_body_decode(&ev, &ev.response.body), "hi");
}

TEST(forms)
{
#define FORM     "application/x-www-form-urlencoded"
#define WHOLE(b) "'encoding':'base64','inputTruncated':false,'data':'" b "'"
#define TYPE(t)  "'content-type':[{'key':'Content-Type','value':'" t "'}]"
    static const struct {
        const char *headers, *body, *form;
        uint32_t refused;
    } rows[] = {
        { TYPE(FORM), WHOLE("bmFtZT1i"), "name=b", 0 },
        { TYPE("Application/X-WWW-Form-UrlEncoded; charset=UTF-8"), WHOLE("bmFtZT1i"), "name=b",
          0 },
        { TYPE(FORM), WHOLE(""), "", 0 },
        { TYPE(FORM), "'encoding':'text','inputTruncated':false,'data':'name=b'", "name=b", 0 },
        { TYPE(FORM), WHOLE("bmFtZT1"), NULL, 400 },
        { TYPE(FORM), "'encoding':'base64','inputTruncated':true,'data':'bmFtZT1i'", NULL, 413 },
        { TYPE("multipart/form-data"), WHOLE("bmFtZT1i"), NULL, 415 },
        { TYPE(FORM "2"), WHOLE("bmFtZT1i"), NULL, 415 },
        { TYPE(""), WHOLE("bmFtZT1i"), NULL, 415 },
        { "", WHOLE("bmFtZT1i"), NULL, 415 },
        { "", "'encoding':'base64','inputTruncated':true,'data':'bmFtZT1i'", NULL, 415 },
        { TYPE(FORM), NULL, NULL, 400 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%zu: %s", i, rows[i].headers);
        char request[600];
        bool body = rows[i].body != NULL;
        snprintf(request, sizeof request, "{'method':'POST','uri':'/','headers':{%s}%s%s%s}",
                 rows[i].headers, body ? ",'body':{'action':'read-only'," : "",
                 body ? rows[i].body : "", body ? "}" : "");
        edgefn_event ev;
        uint32_t refused = 1;
        if (!OPEN(&ev, frame(L_VREQ, request, NULL))) continue;
        CHECK_STR(edgefn_body_form(&ev, &refused), rows[i].form);
        CHECK_NUM(refused, rows[i].refused);
        CHECK_NUM(ev.err.code, EDGEFN_OK);
        UNTOUCHED(&ev);
        if (rows[i].form == NULL || rows[i].form[0] == '\0') continue;
        if (!OPEN(&ev, frame(L_VREQ, request, NULL))) continue;
        ev.arena.cap = ev.arena.used; /* base64 is decoded, a text is not copied */
        edgefn_str form = edgefn_body_form(&ev, &refused);
        CHECK(form.ptr != NULL ? refused == 0 && ev.err.code == EDGEFN_OK
                               : refused == 400 && ev.err.code == EDGEFN_E_OOM);
    }
    ROW("CloudFront Functions has no request body");
    edgefn_event ev;
    uint32_t refused = 0;
    if (!OPEN(&ev,
              frame(F_VREQ,
                    "{'method':'POST','uri':'/','headers':{'content-type':{'value':'" FORM "'}}}",
                    NULL)))
        return;
    CHECK_STR(edgefn_body_form(&ev, &refused), NULL);
    CHECK_NUM(refused, 400);
}

TEST(request_replaced)
{
#define DELIVERED "{'action':'read-only','data':'YQ==','encoding':'base64','inputTruncated':false}"
    static const struct {
        const char *before, *script, *after;
    } rows[] = {
        { DELIVERED, "body hello",
          "{'action':'replace','data':'hello','encoding':'text','inputTruncated':false}" },
        { DELIVERED, "body64 hello",
          "{'action':'replace','data':'aGVsbG8=','encoding':'base64','inputTruncated':false}" },
        { DELIVERED, "body_drop",
          "{'action':'replace','data':'','encoding':'text','inputTruncated':false}" },
        { DELIVERED, "body a\nbody b",
          "{'action':'replace','data':'b','encoding':'text','inputTruncated':false}" },
        { DELIVERED, "body a\"\\b\xC3\xA4",
          "{'action':'replace','data':'a`'``b\xC3\xA4','encoding':'text','inputTruncated':false}" },
        { DELIVERED, "body.data= Yg==",
          "{'action':'replace','data':'Yg==','encoding':'base64','inputTruncated':false}" },
        { "{'action':'read-only','data':'YQ==','encoding':'base64','inputTruncated':true}",
          "body hello",
          "{'action':'replace','data':'hello','encoding':'text','inputTruncated':true}" },
        { "{ 'x' : 1 , 'data' : 'YQ==' }", "body hello",
          "{ 'x' : 1 , 'data' : 'hello','action':'replace','encoding':'text' }" },
        { "{}", "body hello", "{'action':'replace','encoding':'text','data':'hello'}" },
        { "{'action':'replace','data':'x','encoding':'text'}", "body x",
          "{'action':'replace','data':'x','encoding':'text'}" },
        { "{'action':'replace','data':'x','encoding':'text'}", "body y",
          "{'action':'replace','data':'y','encoding':'text'}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s: %s", rows[i].before, rows[i].script);
        edgefn_event ev;
        if (!open_body(&ev, rows[i].before) || !edit(&ev, rows[i].script)) continue;
        CHECK_STR(written(&ev), frame(POST, rows[i].after, NULL));
    }
    ROW("replaced by what was received, after other data was assigned");
    edgefn_event ev;
    if (!open_body(&ev, DELIVERED) || !edit(&ev, "body.data= Yg==")) return;
    CHECK(edgefn_finish(&ev, &kit_unchecked).ptr != NULL && edit(&ev, "body64 a"));
    CHECK_STR(written(&ev),
              frame(POST,
                    "{'action':'replace','data':'YQ==','encoding':'base64','inputTruncated':false}",
                    NULL));
    ROW("an event without a body");
    if (!open_plain(&ev) || !edit(&ev, "body hello")) return;
    edgefn_str out = written(&ev);
    CHECK_STR(
        out,
        js("{'method':'POST','uri':'/','body':{'action':'replace','encoding':'text','data':'hello'}}"));
    read_back(&ev, out);
    ROW("bytes that are not text");
    if (!open_body(&ev, DELIVERED)) return;
    static const char bytes[] = { 0, (char)0xFF, 'x' };
    CHECK(edgefn_body_replace(&ev, (edgefn_str){ bytes, 3 }, EDGEFN_ENCODING_DEFAULT));
    CHECK_STR(written(&ev),
              frame(POST,
                    "{'action':'replace','data':'AP94','encoding':'base64','inputTruncated':false}",
                    NULL));
}

TEST(marks)
{
    edgefn_event ev;
    if (!open_body(&ev, DELIVERED) || !edit(&ev, "body64 b")) return;
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_BODY_ACTION), EDGEFN_CHANGE_EDITED);
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_BODY_DATA), EDGEFN_CHANGE_EDITED);
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_BODY_ENCODING), EDGEFN_CHANGE_NONE);
    CHECK(ev.request.body.replace && !ev.request.body.truncated);
    if (!open_plain(&ev) || !edit(&ev, "body b")) return;
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_BODY_ACTION), EDGEFN_CHANGE_ADDED);
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_BODY_DATA), EDGEFN_CHANGE_ADDED);
}

TEST(refused)
{
    static const struct {
        const char *frame, *part, *script;
        edgefn_error code;
    } rows[] = {
        { L_VRES, "{'status':'200'}", "!body x", EDGEFN_E_EVENT_TYPE },
        { L_VRES, "{'status':'200'}", "!body_drop", EDGEFN_E_EVENT_TYPE },
        { F_VREQ, "{'method':'POST','uri':'/'}", "!body x", EDGEFN_E_DIALECT },
        { F_VREQ, "{'method':'POST','uri':'/'}", "!body_drop", EDGEFN_E_DIALECT },
        { F_VREQ, "{'method':'POST','uri':'/'}", "body.data= x", EDGEFN_E_DIALECT },
        { L_ORES, "{'status':'200'}", "body.data= x", EDGEFN_E_EVENT_TYPE },
        { L_VREQ, "{'method':'POST','uri':'/','body':" DELIVERED "}", "body.data= x",
          EDGEFN_E_BASE64 },
        { L_VREQ, "{'method':'POST','uri':'/','body':" DELIVERED "}",
          "body.data= YR==", EDGEFN_E_BASE64 },
        { L_VREQ, "{'method':'POST','uri':'/','body':{'data':'a','encoding':'text'}}",
          "body.data= \xFF", EDGEFN_E_FIELD_VALUE },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].script);
        edgefn_event ev;
        if (!OPEN(&ev, frame(rows[i].frame, rows[i].part, NULL)) || !edit(&ev, rows[i].script))
            continue;
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        CHECK_ERR(&ev, rows[i].code, NOWHERE);
    }
    ROW("text that is not UTF-8");
    edgefn_event ev;
    if (!open_plain(&ev)) return;
    CHECK(!edgefn_body_replace(&ev, S("\xC3"), EDGEFN_ENCODING_TEXT));
    CHECK_ERR(&ev, EDGEFN_E_FIELD_VALUE, NOWHERE);
}

/* The limits of a replaced request body, decoded: 40 KB in viewer-request, 1 MB in
   origin-request. */
TEST(sizes)
{
    static char big[1048577];
    memset(big, 'x', sizeof big);
    static const struct {
        const char *frame;
        size_t limit;
    } rows[] = { { L_VREQ, 40960 }, { L_OREQ, 1048576 } };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int over = 0; over < 2; over++)
            for (int encoding = EDGEFN_ENCODING_TEXT; encoding <= EDGEFN_ENCODING_BASE64;
                 encoding++) {
                ROW("limit %zu, %d over, encoding %d", rows[i].limit, over, encoding);
                edgefn_event ev;
                edgefn_str json = frame(rows[i].frame, "{'method':'POST','uri':'/'}", NULL),
                           bytes = { big, rows[i].limit + (size_t)over };
                if (!CHECK(edgefn_parse(&ev, json, arena_new(4 << 20), NULL) == EDGEFN_OK))
                    continue;
                CHECK(edgefn_body_replace(&ev, bytes, (edgefn_encoding)encoding));
                CHECK((edgefn_finish(&ev, NULL).ptr != NULL) == !over);
                CHECK_NUM(ev.err.code, over ? EDGEFN_E_CHECK : EDGEFN_OK);
            }
}

/* A long body is not copied: the spans point at it. */
TEST(long_body_by_spans)
{
    static char big[1000000];
    memset(big, 'x', sizeof big);
    edgefn_event ev;
    edgefn_str json = frame(L_OREQ, "{'method':'POST','uri':'/'}", NULL),
               bytes = { big, sizeof big };
    if (!CHECK(edgefn_parse(&ev, json, arena_new(20000), NULL) == EDGEFN_OK)) return;
    CHECK(edgefn_body_replace(&ev, bytes, EDGEFN_ENCODING_TEXT));
    size_t n = edgefn_write_spans(&ev, NULL, 0, NULL), total = 0;
    bool found = false;
    if (!CHECK(n > 0 && n < 20)) return;
    edgefn_str spans[20];
    CHECK_NUM(edgefn_write_spans(&ev, spans, 20, NULL), n);
    for (size_t i = 0; i < n; i++)
        total += spans[i].len, found |= spans[i].ptr == big && spans[i].len == sizeof big;
    CHECK(found);
    CHECK_NUM(total, edgefn_write(&ev, NULL, 0, NULL));
    CHECK_NUM(
        total,
        strlen(
            "{'method':'POST','uri':'/','body':{'action':'replace','encoding':'text','data':''}}")
            + sizeof big);
}
