/* Cookies of requests and responses: the lists, and the headers that they are written to. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include "slow.h"
/* clang-format off: tables with aligned columns */

#define P_L_COOKIES                                                                                \
  {                                                                                                \
    L_VREQ, "{'method':'GET','uri':'/','headers':@}", "c"                                          \
  }
#define P_L_SETS                                                                                   \
  {                                                                                                \
    L_ORES, "{'status':'200','headers':@}", "sc"                                                   \
  }
#define P_L_VSETS                                                                                  \
  {                                                                                                \
    L_VRES, "{'status':'200','headers':@}", "sc"                                                   \
  }
#define P_F_COOKIES                                                                                \
  {                                                                                                \
    F_VREQ, "{'method':'GET','uri':'/','cookies':@}", "c"                                          \
  }
#define P_F_SETS                                                                                   \
  {                                                                                                \
    F_VRES, "{'statusCode':200,'cookies':@}", "sc"                                                 \
  }

typedef struct row {
    const char *before, *script, *list, *after;
} row;

static void rows_at(const char *title, const place *p, const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ROW("%s, row %zu: %s", title, i, rows[i].script);
        edited(p, rows[i].before, rows[i].script, rows[i].list, rows[i].after);
    }
}

#define C(text) "{'cookie':[{'key':'Cookie','value':'" text "'}]}"

TEST(lambda_parsed)
{
    static const struct {
        const char *cookie, *list;
    } rows[] = {
        { "", "" },
        { "a=1", "a=1" },
        { "a=1; b=2", "a=1, b=2" },
        { "a=1;b=2", "a=1, b=2" },
        { "a=1;  b=2 ;c=3 ", "a=1, b=2, c=3" },
        { "a=", "a=" },
        { "a", "=a" },
        { "=a", "=a" },
        { "a=b=c", "a=b=c" },
        { "a==", "a==" },
        { ";", "" },
        { "; ;a=1;; ;b=2;", "a=1, b=2" },
        { "a=1; a=2; A=3", "a=1, a=2, A=3" },
        { "a=`'x y`'", "a=\"x y\"" },
        { "a=x, b=y", "a=x, b=y" },
        { "a=%20%3B", "a=%20%3B" },
        { "\ta=1\t;\tb=2\t", "a=1, b=2" },
        { "a=\xC3\xA4", "a=\xC3\xA4" },
        { "a=1; b", "a=1, =b" },
        { "sid=AbC123==; theme=dark", "sid=AbC123==, theme=dark" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].cookie);
        edgefn_event ev;
        char text[200];
        size_t n = 0;
        for (const char *p = rows[i].cookie; *p; p++)
            n += (size_t)(*p == '\t' ? sprintf(text + n, "`t") : sprintf(text + n, "%c", *p));
        text[n] = 0;
        if (!OPEN(
                &ev,
                frame(
                    L_HEAD(
                        "viewer-request") "'request':{'method':'GET','uri':'/','headers':{'cookie':[{'value':'@'}]}}}}]}",
                    text, NULL)))
            continue;
        CHECK_STR(edgefn_cstr(list_text(edgefn_cookies(&ev))), rows[i].list);
        CHECK(edgefn_cookies(&ev) == edgefn_cookies(&ev));
        UNTOUCHED(&ev);
    }
    ROW("several headers");
    edgefn_event ev;
    if (!OPEN(
            &ev,
            frame(
                L_VREQ,
                "{'method':'GET','uri':'/','headers':{'cookie':[{'value':'a=1; b=2'},{'value':''},{'value':'a=3'}],'cookie2':[{'value':'x=1'}]}}",
                NULL)))
        return;
    CHECK_STR(edgefn_cstr(list_text(edgefn_cookies(&ev))), "a=1, b=2, a=3");
    CHECK_STR(edgefn_get(edgefn_cookies(&ev), S("a")), "1");
    CHECK_STR(edgefn_get(edgefn_cookies(&ev), S("A")), NULL);
    CHECK_NUM(edgefn_count(edgefn_cookies(&ev), S("a")), 2);
    UNTOUCHED(&ev);
}

TEST(lambda_edited)
{
    static const place here = P_L_COOKIES;
    static const row rows[] = {
        { C("a=1; b=2"), "set c a 9", "a=9~, b=2", C("a=9; b=2") },
        { C("a=1; b=2"), "set c b 9", "a=1, b=9~", C("a=1; b=9") },
        { C("a=1; b=2"), "set c b ", "a=1, b=~", C("a=1; b=") },
        { C("a=1; b=2"), "set c b 2", "a=1, b=2", C("a=1; b=2") },
        { C("a=1;b=2"), "set c b 9\nset c b 2", "a=1, b=2", C("a=1;b=2") },
        { C("a=1"), "set c n 5", "a=1, n=5+", C("a=1; n=5") },
        { C("a=1"), "add c a 5", "a=1, a=5+", C("a=1; a=5") },
        { C("a=1; a=2; b=3"), "set c a 9", "a=9~, b=3, -a=2", C("a=9; b=3") },
        { C("a=1; a=2; b=3"), "set_at c 1 9", "a=1, a=9~, b=3", C("a=1; a=9; b=3") },
        { C("a=1; a=2; b=3"), "remove_at c 0", "a=2, b=3, -a=1", C("a=2; b=3") },
        { C("a=1; b=2; c=3"), "remove c b", "a=1, c=3, -b=2", C("a=1; c=3") },
        { C("a=1; b=2"), "!remove c A", "a=1, b=2", C("a=1; b=2") },
        { C("utm_a=1; b=2; utm_c=3"), "remove_prefix c utm_", "b=2, -utm_a=1, -utm_c=3", C("b=2") },
        { C("a=1; b=2; c=3"), "keep_only c c,a", "a=1, c=3, -b=2", C("a=1; c=3") },
        { C("b=2; a=1"), "sort c", "a=1, b=2", C("a=1; b=2") },
        { C("a=1; b=2"), "sort c", "a=1, b=2", C("a=1; b=2") },
        { C("a=1"), "remove c a", "-a=1", "{}" },
        { "{'cookie':[{'key':'cookie','value':'a=1'}],'x':[{'value':'y'}]}", "remove c a", "-a=1",
          "{'x':[{'value':'y'}]}" },
        { "{'x':[{'value':'y'}]}", "set c a 1\nadd c a 2", "a=1+, a=2+",
          "{'x':[{'value':'y'}],'cookie':[{'key':'Cookie','value':'a=1; a=2'}]}" },
        { "{}", "set c a 1\nremove c a", "", "{}" },
        { C("a=1; nameless; b=2"), "set c b 9", "a=1, =nameless, b=9~", C("a=1; nameless; b=9") },
        { C("a=1; =x; b=2"), "set c b 9", "a=1, =x, b=9~", C("a=1; =x; b=9") },
        { "{'cookie':[{'key':'cookie','value':'a=1; b=2'},{'value':'c=3'}]}", "set c a 9",
          "a=9~, b=2, c=3", "{'cookie':[{'key':'cookie','value':'a=9; b=2'},{'value':'c=3'}]}" },
        { "{'cookie':[{'key':'cookie','value':'a=1; b=2'},{'value':'c=3'}]}", "set c c 9",
          "a=1, b=2, c=9~", "{'cookie':[{'key':'cookie','value':'a=1; b=2'},{'value':'c=9'}]}" },
        { "{'cookie':[{'key':'cookie','value':'a=1; b=2'},{'value':'c=3'}]}", "remove c c",
          "a=1, b=2, -c=3", "{'cookie':[{'key':'cookie','value':'a=1; b=2'}]}" },
        { C("a=1"), "set c a x\"y", "a=x\"y~", C("a=x`'y") },
        { C("a=1"), "set h x 1\nset c a 2\nset h y 1", "a=2~",
          "{'cookie':[{'key':'Cookie','value':'a=2'}],'x':[{'key':'x','value':'1'}],'y':[{'key':'y','value':'1'}]}" },
        { C("a=1"), "look\nset h cookie z=1", "z=1", C("z=1") },
        { C("a=1"), "look\nset h cookie z=1\nset c z 2", "z=2~", C("z=2") },
    };
    rows_at("cookies", &here, rows, COUNT(rows));
}

/* Calling edgefn_finish() in between removes nothing: a received header with an empty value
   stays. */
TEST(finished_twice)
{
    static const struct {
        const char *before, *scripts[3], *after;
    } rows[] = {
        { C(""), { "add c a 1", "uri= /x" }, C("a=1") },
        { C(""), { "add c a 1", "remove c a" }, C("") },
        { C(" "), { "add c a 1", "remove c a" }, C(" ") },
        { C(""),
          { "add c a 1", "remove c a", "set h x 1" },
          "{'cookie':[{'key':'Cookie','value':''}],'x':[{'key':'x','value':'1'}]}" },
        { C(""), { "add c a 1\nremove c a", "uri= /x" }, C("") },
        { C(""), { "look", "!remove_prefix c x", "uri= /x" }, C("") },
        { C(""),
          { "add c a 1\nremove c a", "set h x 1" },
          "{'cookie':[{'key':'Cookie','value':''}],'x':[{'key':'x','value':'1'}]}" },
        { C("a=1"), { "remove c a", "set c a 1" }, C("a=1") },
        { C("a=1"), { "set c a 2", "remove c a" }, "{}" },
        { "{'cookie':[{'value':''},{'value':'a=1'},{'value':';'}]}",
          { "remove c a", "add c b 2", "remove c b" },
          "{'cookie':[{'value':''},{'value':';'}]}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("row %zu: %s", i, rows[i].before);
        edgefn_event ev;
        edgefn_str out = { NULL, 0 };
        if (!OPEN(
                &ev,
                frame(
                    L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/','headers':@}}}]}",
                    rows[i].before, NULL)))
            continue;
        for (size_t k = 0;
             k < COUNT(rows[i].scripts) && rows[i].scripts[k] && edit(&ev, rows[i].scripts[k]); k++)
            out = written(&ev);
        CHECK_STR(out, frame(edgefn_str_eq(ev.request.uri, S("/"))
                                 ? "{'method':'GET','uri':'/','headers':@}"
                                 : "{'method':'GET','uri':'/x','headers':@}",
                             rows[i].after, NULL));
    }
}

#define SC1          "{'key':'Set-Cookie','value':'a=1; Path=/'}"
#define SC2          "{'key':'Set-Cookie','value':'b=2;Secure;HttpOnly'}"
#define SC3          "{'value':'odd'}"
#define SCS(entries) "{'x':[{'value':'1'}],'set-cookie':[" entries "],'y':[{'value':'2'}]}"

TEST(lambda_set_cookies)
{
    static const place places[] = { P_L_SETS, P_L_VSETS };
    static const row rows[] = {
        { SCS(SC1 "," SC2 "," SC3), "look", "a=1<Path=/>, b=2<Secure;HttpOnly>, =odd",
          SCS(SC1 "," SC2 "," SC3) },
        { SCS(SC1 "," SC2 "," SC3), "set sc a 9", "a=9<Path=/>~, b=2<Secure;HttpOnly>, =odd",
          SCS("{'key':'Set-Cookie','value':'a=9; Path=/'}," SC2 "," SC3) },
        { SCS(SC1 "," SC2), "set sc a 1", "a=1<Path=/>, b=2<Secure;HttpOnly>", SCS(SC1 "," SC2) },
        { SCS(SC1 "," SC2), "set sc b 3\nset sc b 2", "a=1<Path=/>, b=2<Secure;HttpOnly>",
          SCS(SC1 "," SC2) },
        { SCS(SC1 "," SC2 "," SC3), "remove sc b", "a=1<Path=/>, =odd, -b=2<Secure;HttpOnly>",
          SCS(SC1 "," SC3) },
        { SCS(SC1 "," SC2 "," SC3), "remove_at sc 2", "a=1<Path=/>, b=2<Secure;HttpOnly>, -=odd",
          SCS(SC1 "," SC2) },
        { SCS(SC1 "," SC2), "add sc n 7", "a=1<Path=/>, b=2<Secure;HttpOnly>, n=7+",
          SCS(SC1 "," SC2 ",{'key':'Set-Cookie','value':'n=7'}") },
        { SCS(SC1), "add sc n 7\nattributes sc 1 Path=/; Secure",
          "a=1<Path=/>, n=7<Path=/; Secure>+",
          SCS(SC1 ",{'key':'Set-Cookie','value':'n=7; Path=/; Secure'}") },
        { SCS(SC1), "add sc a 7", "a=1<Path=/>, a=7+",
          SCS(SC1 ",{'key':'Set-Cookie','value':'a=7'}") },
        { SCS(SC1), "attributes sc 0 Secure", "a=1<Secure>~",
          SCS("{'key':'Set-Cookie','value':'a=1; Secure'}") },
        { SCS(SC1), "no_attributes sc 0", "a=1~", SCS("{'key':'Set-Cookie','value':'a=1'}") },
        { SCS(SC1), "attributes sc 0 Path=/", "a=1<Path=/>", SCS(SC1) },
        { SCS(SC1), "attributes sc 0 X\nattributes sc 0 Path=/", "a=1<Path=/>", SCS(SC1) },
        { SCS(SC3), "attributes sc 0 Secure", "=odd<Secure>~", SCS("{'value':'odd; Secure'}") },
        { SCS(SC1), "remove sc a", "-a=1<Path=/>", "{'x':[{'value':'1'}],'y':[{'value':'2'}]}" },
        { "{}", "set sc a 1", "a=1+", "{'set-cookie':[{'key':'Set-Cookie','value':'a=1'}]}" },
        { "{}", "set sc a 1\nadd sc b 2", "a=1+, b=2+",
          "{'set-cookie':[{'key':'Set-Cookie','value':'a=1'},{'key':'Set-Cookie','value':'b=2'}]}" },
        { SCS(SC1), "look\nadd rh Set-Cookie z=1; Secure", "a=1<Path=/>, z=1<Secure>",
          SCS(SC1 ",{'key':'Set-Cookie','value':'z=1; Secure'}") },
        { SCS("{'value':'a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT'}," SC1), "set_at sc 1 5",
          "a=1<Expires=Wed, 21 Oct 2026 07:28:00 GMT>, a=5<Path=/>~",
          SCS("{'value':'a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT'},{'key':'Set-Cookie','value':'a=5; Path=/'}") },
        { SCS(SC2 "," SC1), "sort sc", "a=1<Path=/>, b=2<Secure;HttpOnly>", SCS(SC1 "," SC2) },
    };
    for (size_t k = 0; k < COUNT(places); k++)
        rows_at(k ? "viewer-response" : "origin-response", &places[k], rows, COUNT(rows));
}

TEST(functions_cookies)
{
    static const place here = P_F_COOKIES;
    static const row rows[] = {
        { "{'a':{'value':'1'},'B':{'value':'2'}}", "set c a 9", "a=9~, B=2",
          "{'a':{'value':'9'},'B':{'value':'2'}}" },
        { "{'a':{'value':'1'},'B':{'value':'2'}}", "set c b 9", "a=1, B=2, b=9+",
          "{'a':{'value':'1'},'B':{'value':'2'},'b':{'value':'9'}}" },
        { "{'a':{'value':'1'}}", "add c a 2", "a=1, a=2+",
          "{'a':{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}}" },
        { "{'a':{'value':'1'}}", "set c a 9\nset c a 1", "a=1", "{'a':{'value':'1'}}" },
        { "{'a':{'value':'1'}}", "remove c a", "-a=1", "{}" },
        { "{'a':{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}}", "remove_at c 0",
          "a=2, -a=1", "{'a':{'value':'2'}}" },
        { "{'b':{'value':'1'},'a':{'value':'2'}}", "sort c", "a=2, b=1",
          "{'a':{'value':'2'},'b':{'value':'1'}}" },
        { "{'x':{'value':'1'},'utm':{'value':'2'}}", "remove_prefix c utm", "x=1, -utm=2",
          "{'x':{'value':'1'}}" },
    };
    rows_at("cookies", &here, rows, COUNT(rows));
}

#define FM                                                                                         \
  "'m':{'value':'1','attributes':'A','multiValue':[{'value':'1','attributes':'A'},{'value':'2'}]}"
#define FP "'p':{'value':'x','attributes':'Path=/'}"

TEST(functions_set_cookies)
{
    static const place here = P_F_SETS;
    static const row rows[] = {
        { "{" FP "," FM "}", "look", "p=x<Path=/>, m=1<A>, m=2", "{" FP "," FM "}" },
        { "{" FP "," FM "}", "set sc p 9", "p=9<Path=/>~, m=1<A>, m=2",
          "{'p':{'value':'9','attributes':'Path=/'}," FM "}" },
        { "{" FP "," FM "}", "attributes sc 0 Secure", "p=x<Secure>~, m=1<A>, m=2",
          "{'p':{'value':'x','attributes':'Secure'}," FM "}" },
        { "{" FP "}", "attributes sc 0 Secure\nattributes sc 0 Path=/", "p=x<Path=/>", "{" FP "}" },
        { "{" FP "}", "no_attributes sc 0", "p=x~", "{'p':{'value':'x'}}" },
        { "{" FM "}", "attributes sc 1 B", "m=1<A>, m=2<B>~",
          "{'m':{'value':'1','attributes':'A','multiValue':[{'value':'1','attributes':'A'},{'value':'2','attributes':'B'}]}}" },
        { "{" FM "}", "attributes sc 0 B", "m=1<B>~, m=2",
          "{'m':{'value':'1','attributes':'B','multiValue':[{'value':'1','attributes':'B'},{'value':'2'}]}}" },
        { "{" FM "}", "remove_at sc 1", "m=1<A>, -m=2", "{'m':{'value':'1','attributes':'A'}}" },
        { "{" FM "}", "remove_at sc 0", "m=2, -m=1<A>", "{'m':{'value':'2'}}" },
        { "{" FP "}", "add sc p y", "p=x<Path=/>, p=y+",
          "{'p':{'value':'x','attributes':'Path=/','multiValue':[{'value':'x','attributes':'Path=/'},{'value':'y'}]}}" },
        { "{" FP "}", "add sc n 1\nattributes sc 1 Max-Age=5", "p=x<Path=/>, n=1<Max-Age=5>+",
          "{" FP ",'n':{'value':'1','attributes':'Max-Age=5'}}" },
        { "{'a':{'value':'1','attributes':''}}", "set sc a 2", "a=2<>~",
          "{'a':{'value':'2','attributes':''}}" },
        { "{'a':{'value':'1'}}", "attributes sc 0 S", "a=1<S>~",
          "{'a':{'value':'1','attributes':'S'}}" },
    };
    rows_at("set-cookies", &here, rows, COUNT(rows));
}

/* If both the list and its headers were changed, one of the edits would be lost. */
TEST(conflicts)
{
    static const struct {
        const char *frame, *part, *script;
    } rows[] = {
        { L_VREQ, "{'method':'GET','uri':'/','headers':" C("a=1") "}",
          "set c a 2\nset h cookie z=1" },
        { L_VREQ, "{'method':'GET','uri':'/','headers':" C("a=1") "}",
          "set c a 2\nadd h Cookie z=1" },
        { L_VREQ, "{'method':'GET','uri':'/','headers':" C("a=1") "}",
          "set c a 2\nremove h cookie" },
        { L_VREQ, "{'method':'GET','uri':'/'}", "add c a 2\nset h cookie z=1" },
        { L_ORES, "{'status':'200','headers':{'set-cookie':[{'value':'a=1'}]}}",
          "set sc a 2\nadd rh set-cookie z=1" },
        { L_ORES, "{'status':'200','headers':{'set-cookie':[{'value':'a=1'}]}}",
          "set sc a 2\nremove rh set-cookie" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].script);
        edgefn_event ev;
        if (!OPEN(&ev, frame(rows[i].frame, rows[i].part, NULL)) || !edit(&ev, rows[i].script))
            continue;
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        CHECK_ERR(&ev, EDGEFN_E_CONFLICT, NOWHERE);
    }
}

TEST(refused)
{
    enum { NAME = EDGEFN_E_FIELD_NAME, VALUE = EDGEFN_E_FIELD_VALUE, OPTION = EDGEFN_E_OPTIONS };
    static const struct {
        const char *script;
        int code;
    } rows[] = {
        { "!set c  1", NAME },       { "!set c a; 1", NAME },      { "!set c a= 1", NAME },
        { "!add c a\t 1", NAME },    { "!add c \xC3 1", NAME },    { "!add c a\x7f 1", NAME },
        { "!add c a\tb 1", NAME },   { "!set c a\x01z 1", NAME },  { "!set c =a 1", NAME },
        { "!set c a x;y", VALUE },   { "!set c a x\ty", VALUE },   { "!set c a x\x01", VALUE },
        { "!set c a x\r", VALUE },   { "!add c a \xFF", VALUE },   { "!set_at c 0 x;", VALUE },
        { "!set_at c 1 x", OPTION }, { "!remove_at c 1", OPTION },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int functions = 0; functions < 2; functions++) {
            ROW("%s: %s", functions ? "CloudFront Functions" : "Lambda@Edge", rows[i].script);
            edgefn_event ev;
            edgefn_str json =
                functions
                    ? frame(F_VREQ, "{'method':'GET','uri':'/','cookies':{'a':{'value':'1'}}}",
                            NULL)
                    : frame(L_VREQ, "{'method':'GET','uri':'/','headers':" C("a=1") "}", NULL);
            if (!OPEN(&ev, json) || !edit(&ev, rows[i].script)) continue;
            CHECK_ERR(&ev, (edgefn_error)rows[i].code, NOWHERE);
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        }
    static const struct {
        const char *script;
        int code;
    } sets[] = {
        { "!set sc a; 1", NAME },
        { "!set sc a x;y", VALUE },
        { "!attributes sc 0 x\ny", 0 },
        { "!attributes sc 0 x\x01y", VALUE },
        { "!attributes sc 0 \xFF", VALUE },
        { "!attributes sc 1 Secure", OPTION },
        { "!attributes rh 0 Secure", OPTION },
    };
    for (size_t i = 0; i < COUNT(sets); i++)
        for (int functions = 0; functions < 2; functions++) {
            ROW("%s: %s", functions ? "CloudFront Functions" : "Lambda@Edge", sets[i].script);
            /* a line break would end the line of the script; the row with \x01 covers it */
            if (sets[i].code == 0) continue;
            edgefn_event ev;
            edgefn_str json =
                functions ? frame(
                    F_VRES,
                    "{'statusCode':200,'headers':{'b':{'value':'1'}},'cookies':{'a':{'value':'1'}}}",
                    NULL)
                          : frame(L_ORES,
                                  "{'status':'200','headers':{'set-cookie':[{'value':'a=1'}]}}",
                                  NULL);
            if (!OPEN(&ev, json) || !edit(&ev, sets[i].script)) continue;
            CHECK_ERR(&ev, (edgefn_error)sets[i].code, NOWHERE);
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        }
}

/* A line break or NUL in a cookie would split the header. */
TEST(no_header_splitting)
{
    static const char bad[] = { '\r', '\n', '\0' };
    for (size_t i = 0; i < COUNT(bad); i++) {
        char text[3] = { 'x', bad[i], 'y' };
        edgefn_str value = { text, 3 };
        for (int what = 0; what < 6; what++) {
            ROW("byte %d, position %d", bad[i], what);
            edgefn_event ev;
            bool response = what >= 4;
            edgefn_str json =
                response ? frame(
                    L_ORES, "{'status':'200','headers':{'set-cookie':[{'value':'a=1'}]}}", NULL)
                         : frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL);
            if (!OPEN(&ev, json)) return;
            bool took = what == 0   ? edgefn_set(edgefn_cookies(&ev), S("a"), value)
                        : what == 1 ? edgefn_set(edgefn_cookies(&ev), value, S("a"))
                        : what == 2 ? edgefn_add(&ev.request.headers, S("a"), value)
                        : what == 3 ? edgefn_set(edgefn_query(&ev), S("a"), value)
                        : what == 4
                            ? edgefn_set(edgefn_response_cookies(&ev), S("a"), value)
                            : edgefn_set_attributes_at(edgefn_response_cookies(&ev), 0, value);
            CHECK(!took);
            CHECK_NUM(ev.err.code, what == 1 ? EDGEFN_E_FIELD_NAME : EDGEFN_E_FIELD_VALUE);
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        }
    }
}

/* A request that is answered has a separate list for the cookies of the response. */
TEST(cookies_of_an_answer)
{
    edgefn_event ev;
    ROW("Lambda@Edge");
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/','headers':" C("a=1") "}", NULL)))
        return;
    if (!edit(&ev, "respond 403\nadd sc a 1\nadd sc b 2\nattributes sc 1 Path=/")) return;
    CHECK_STR(
        written(&ev),
        js("{'status':'403','statusDescription':'Forbidden','headers':{'set-cookie':[{'key':'Set-Cookie','value':'a=1'},"
           "{'key':'Set-Cookie','value':'b=2; Path=/'}]}}"));
    ROW("CloudFront Functions");
    if (!OPEN(&ev, frame(F_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
    if (!edit(&ev, "respond 403\nadd sc a 1\nadd sc b 2\nattributes sc 1 Path=/")) return;
    CHECK_STR(
        written(&ev),
        js("{'statusCode':403,'statusDescription':'Forbidden','cookies':{'a':{'value':'1'},'b':{'value':'2','attributes':'Path=/'}}}"));
}

/* RFC 6265bis section 5.6 for what servers send, and what browsers and attackers send instead. */
TEST(one_read_without_an_event)
{
    edgefn_event ev;
    memset(&ev, 0, sizeof ev);
    CHECK_STR(edgefn_cookie_get(&ev, S("a")), NULL);
    edgefn_parse(&ev, S("{"), arena_new(4096), NULL);
    CHECK_STR(edgefn_cookie_get(&ev, S("a")), NULL);
}

TEST(last_cookie_of_an_added_header)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/','headers':{}}", NULL))) return;
    CHECK(edgefn_add(&ev.request.headers, S("Cookie"), S("a=1")));
    CHECK(edgefn_remove(edgefn_cookies(&ev), S("a")));
    CHECK_STR(edgefn_finish(&ev, NULL), "{\"method\":\"GET\",\"uri\":\"/\",\"headers\":{}}");
}

/* Random headers of these pieces: the value of each name is that in the list. */
TEST(one_read)
{
    static const char *const pieces[] = {
        "a", "b", "ab", "=", ";", "; ", " ", "\t", "a=", "\"", "1"
    };
    static const edgefn_str names[] = { EDGEFN_S_INIT("a"),  EDGEFN_S_INIT("b"),
                                        EDGEFN_S_INIT("ab"), EDGEFN_S_INIT(""),
                                        EDGEFN_S_INIT("a="), EDGEFN_S_INIT("="),
                                        EDGEFN_S_INIT("a "), EDGEFN_S_INIT(" a"),
                                        EDGEFN_S_INIT(";"),  { NULL, 0 } };
    static unsigned char mem[1 << 16];
    slow_state = test_seed();
    for (size_t round = 0; round < test_rounds(20000); round++) {
        char text[2][80] = { "", "" };
        edgefn_event ev;
        edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                           edgefn_arena_make(mem, sizeof mem), NULL);
        ev.request.method = S("GET");
        ev.request.uri = S("/");
        for (unsigned h = 0; h < 1 + round % 2; h++) {
            size_t n = 0;
            for (unsigned k = rnd(20); k > 0; k--)
                n += (size_t)sprintf(text[h] + n, "%s", pieces[rnd(COUNT(pieces))]);
            edgefn_str value = { text[h], n };
            edgefn_add(&ev.request.headers, S("Cookie"), value);
        }
        if (!edgefn_build_end(&ev)) continue;
        edgefn_str got[COUNT(names)];
        size_t used = ev.arena.used;
        for (size_t i = 0; i < COUNT(names); i++)
            if (names[i].len != 0) got[i] = edgefn_cookie_get(&ev, names[i]);
        CHECK_NUM(ev.arena.used, used);
        for (size_t i = 0; i < COUNT(names); i++) {
            if (names[i].len == 0) got[i] = edgefn_cookie_get(&ev, names[i]);
            ROW("round %zu: %s / %s, name %zu", round, text[0], round % 2 ? text[1] : "", i);
            CHECK_STR(got[i], edgefn_get(edgefn_cookies(&ev), names[i]));
            CHECK_STR(edgefn_cookie_get(&ev, names[i]), got[i]);
        }
    }
}

TEST(lambda_parsed_unusual)
{
    static const struct {
        const char *cookie, *list;
    } rows[] = {
        { "a=1; a=1", "a=1, a=1" },
        { "=1; =2", "=1, =2" },
        { "x; x", "=x, =x" },
        { "a = 1", "a=1" },
        { " = ", "=" },
        { "=", "=" },
        { "a\t=\t1", "a=1" },
        { "=a=b", "=a=b" },
        { "==", "==" },
        { "a=`'1;2`'", "a=\"1, =2\"" },
        { "$Version=1; a=1; $Path=/", "$Version=1, a=1, $Path=/" },
        { "a=1,b=2", "a=1,b=2" },
        { "__Host-a=1; __host-a=2", "__Host-a=1, __host-a=2" },
        { "a=1 2", "a=1 2" },
        { "a[0]=1", "a[0]=1" },
        { "a=1;;b", "a=1, =b" },
        { " ;\t; ", "" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].cookie);
        edgefn_event ev;
        char text[200];
        size_t n = 0;
        for (const char *p = rows[i].cookie; *p; p++)
            n += (size_t)(*p == '\t' ? sprintf(text + n, "`t") : sprintf(text + n, "%c", *p));
        text[n] = 0;
        if (!OPEN(
                &ev,
                frame(
                    L_HEAD(
                        "viewer-request") "'request':{'method':'GET','uri':'/','headers':{'cookie':[{'value':'@'}]}}}}]}",
                    text, NULL)))
            continue;
        CHECK_STR(edgefn_cstr(list_text(edgefn_cookies(&ev))), rows[i].list);
        UNTOUCHED(&ev);
    }
}

#define NONE      EDGEFN_SAME_SITE_NONE
#define STR(text) EDGEFN_S_INIT(text)
#define DAYS(n)   ((n)*86400u)

typedef struct set_row {
    const char *name, *value;
    edgefn_cookie_opts opts;
    const char *attributes;
    int code;
} set_row;

/* Sets the cookie of each row in every event type that allows it, and compares the attributes or
   the error. */
static void set_rows(const set_row *rows, size_t count,
                     bool (*set)(edgefn_event *, edgefn_str, edgefn_str,
                                 const edgefn_cookie_opts *))
{
    static const char *const events[] = { L_ORES, L_VRES, F_VRES, L_VREQ, L_OREQ, F_VREQ };
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < COUNT(events); k++) {
            ROW("row %zu: %s, event %zu", i, rows[i].name, k);
            edgefn_event ev;
            bool request = k > 2, functions = k == 2 || k == 5;
            const char *part = request     ? "{'method':'GET','uri':'/'}"
                               : functions ? "{'statusCode':200}"
                                           : "{'status':'200'}";
            if (!OPEN(&ev, frame(events[k], part, NULL)) || (request && !edit(&ev, "respond 403")))
                return;
            CHECK(set(&ev, edgefn_cstr(rows[i].name), edgefn_cstr(rows[i].value), &rows[i].opts)
                  == (rows[i].code == 0));
            if (rows[i].code) {
                CHECK_ERR(&ev, (edgefn_error)rows[i].code, NOWHERE);
                CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
                continue;
            }
            edgefn_fields *f = edgefn_response_cookies(&ev);
            if (!CHECK_NUM(f->len, 1)) continue;
            CHECK_STR(f->items[0].name, rows[i].name);
            CHECK_STR(f->items[0].value, rows[i].value);
            CHECK_STR(f->items[0].attributes, rows[i].attributes);
            edgefn_str out = written(&ev);
            if (!out.ptr) continue;
            if (!request) read_back(&ev, out);
            CHECK(edgefn_str_contains(out, edgefn_cstr(rows[i].attributes)));
        }
}

TEST(set_with_attributes)
{
    enum { OPTION = EDGEFN_E_OPTIONS, VALUE = EDGEFN_E_FIELD_VALUE, NAME = EDGEFN_E_FIELD_NAME };
#define SAFE "; Secure; HttpOnly; SameSite=Lax"
    static const set_row rows[] = {
        { "a", "1", { .max_age_s = 0 }, "Path=/" SAFE, 0 },
        { "a", "", { .max_age_s = 0 }, "Path=/" SAFE, 0 },
        { "a", "1", { .path = STR("/app") }, "Path=/app" SAFE, 0 },
        { "a", "1", { .domain = STR("example.com") }, "Path=/; Domain=example.com" SAFE, 0 },
        { "a", "1", { .max_age_s = 60 }, "Path=/; Max-Age=60" SAFE, 0 },
        { "a", "1", { .max_age_s = DAYS(400) }, "Path=/; Max-Age=34560000" SAFE, 0 },
        { "a", "1", { .max_age_s = DAYS(400) + 1 }, NULL, OPTION },
        { "a", "1", { .max_age_s = UINT32_MAX }, NULL, OPTION },
        { "a",
          "1",
          { .same_site = EDGEFN_SAME_SITE_STRICT },
          "Path=/; Secure; HttpOnly; SameSite=Strict",
          0 },
        { "a", "1", { .same_site = NONE }, "Path=/; Secure; HttpOnly; SameSite=None", 0 },
        { "a", "1", { .same_site = (edgefn_same_site)3 }, NULL, OPTION },
        { "a", "1", { .script_readable = true }, "Path=/; Secure; SameSite=Lax", 0 },
        { "a", "1", { .insecure = true }, "Path=/; HttpOnly; SameSite=Lax", 0 },
        { "a",
          "1",
          { .partitioned = true, .same_site = NONE },
          "Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
          0 },
        { "a",
          "1",
          { .path = STR("/x"),
            .domain = STR("a-b.Example.com"),
            .max_age_s = 5,
            .script_readable = true },
          "Path=/x; Domain=a-b.Example.com; Max-Age=5; Secure; SameSite=Lax",
          0 },
        /* combinations that browsers reject */
        { "a", "1", { .same_site = NONE, .insecure = true }, NULL, OPTION },
        { "a", "1", { .partitioned = true, .insecure = true }, NULL, OPTION },
        { "__Host-a", "1", { .max_age_s = 0 }, "Path=/" SAFE, 0 },
        { "__Host-a", "1", { .path = STR("/") }, "Path=/" SAFE, 0 },
        { "__Host-a", "1", { .path = STR("/x") }, NULL, OPTION },
        { "__Host-a", "1", { .domain = STR("example.com") }, NULL, OPTION },
        { "__Host-a", "1", { .insecure = true }, NULL, OPTION },
        { "__hOST-a", "1", { .insecure = true }, NULL, OPTION },
        { "__HOST-a", "1", { .path = STR("/x") }, NULL, OPTION },
        { "__host-a", "1", { .domain = STR("example.com") }, NULL, OPTION },
        { "__Secure-a",
          "1",
          { .path = STR("/x"), .domain = STR("example.com") },
          "Path=/x; Domain=example.com" SAFE,
          0 },
        { "__Secure-a", "1", { .insecure = true }, NULL, OPTION },
        { "__SECURE-a", "1", { .insecure = true }, NULL, OPTION },
        { "__Secure", "1", { .insecure = true }, "Path=/; HttpOnly; SameSite=Lax", 0 },
        { "__Host", "1", { .insecure = true }, "Path=/; HttpOnly; SameSite=Lax", 0 },
        /* paths and domains that would add another attribute */
        { "a", "1", { .path = STR("") }, NULL, OPTION },
        { "a", "1", { .path = STR("x") }, NULL, OPTION },
        { "a", "1", { .path = STR("/;Secure") }, NULL, OPTION },
        { "a", "1", { .path = STR("/\r\n") }, NULL, OPTION },
        { "a", "1", { .path = STR("/\xC3\xA4") }, NULL, OPTION },
        { "a", "1", { .path = STR("/\x7f") }, NULL, OPTION },
        { "a", "1", { .path = STR("/\0x") }, NULL, OPTION },
        { "a", "1", { .path = STR("/a b,c=d") }, "Path=/a b,c=d" SAFE, 0 },
        { "a", "1", { .domain = STR("") }, NULL, OPTION },
        { "a", "1", { .domain = STR("a;b") }, NULL, OPTION },
        { "a", "1", { .domain = STR("a b") }, NULL, OPTION },
        { "a", "1", { .domain = STR("a:80") }, NULL, OPTION },
        { "a", "1", { .domain = STR("[::1]") }, NULL, OPTION },
        { "a", "1", { .domain = STR("a~b") }, NULL, OPTION },
        { "a", "1", { .domain = STR(".") }, NULL, OPTION },
        { "a", "1", { .domain = STR("..") }, NULL, OPTION },
        { "a", "1", { .domain = STR("a..b") }, NULL, OPTION },
        { "a", "1", { .domain = STR("..a.b") }, NULL, OPTION },
        { "a", "1", { .domain = STR("example.com.") }, NULL, OPTION },
        { "a", "1", { .domain = STR("example-") }, NULL, OPTION },
        { "a", "1", { .domain = STR("example-.com") }, NULL, OPTION },
        { "a", "1", { .domain = STR("-example.com") }, NULL, OPTION },
        { "a", "1", { .domain = STR("exa_mple.com") }, "Path=/; Domain=exa_mple.com" SAFE, 0 },
        { "a", "1", { .domain = STR(".example.com") }, "Path=/; Domain=.example.com" SAFE, 0 },
        { "a", "1", { .domain = STR("192.0.2.1") }, "Path=/; Domain=192.0.2.1" SAFE, 0 },
        { "a", "1", { .domain = STR("\xC3\xA4.example") }, NULL, OPTION },
        /* names and values */
        { "", "1", { .max_age_s = 0 }, NULL, NAME },
        { "a b", "1", { .max_age_s = 0 }, "Path=/" SAFE, 0 },
        { " a", "1", { .max_age_s = 0 }, NULL, NAME },
        { "a ", "1", { .max_age_s = 0 }, NULL, NAME },
        { "a\t", "1", { .max_age_s = 0 }, NULL, NAME },
        { "a\tb", "1", { .max_age_s = 0 }, NULL, NAME },
        { "a\x7f", "1", { .max_age_s = 0 }, NULL, NAME },
        { "a\r", "1", { .max_age_s = 0 }, NULL, NAME },
        { "a\xFF", "1", { .max_age_s = 0 }, NULL, NAME },
        { "a@b", "1", { .max_age_s = 0 }, "Path=/" SAFE, 0 },
        { "a,b/c:d(e)[f]{g}<h>?", "1", { .max_age_s = 0 }, "Path=/" SAFE, 0 },
        { "\xC3\xA4", "1", { .max_age_s = 0 }, "Path=/" SAFE, 0 },
        { "__Host-a@b", "1", { .insecure = true }, NULL, OPTION },
        { "__host-a b", "1", { .path = STR("/x") }, NULL, OPTION },
        { "a=", "1", { .max_age_s = 0 }, NULL, NAME },
        { "a;", "1", { .max_age_s = 0 }, NULL, NAME },
        { "a", "x y", { .max_age_s = 0 }, NULL, VALUE },
        { "a", "x;y", { .max_age_s = 0 }, NULL, VALUE },
        { "a", "x,y", { .max_age_s = 0 }, NULL, VALUE },
        { "a", "x\\y", { .max_age_s = 0 }, NULL, VALUE },
        { "a", "x\"y", { .max_age_s = 0 }, NULL, VALUE },
        { "a", "x\r\n", { .max_age_s = 0 }, NULL, VALUE },
        { "a", "x\t", { .max_age_s = 0 }, NULL, VALUE },
        { "a", "\x7f", { .max_age_s = 0 }, NULL, VALUE },
        { "a", "\xC3\xA4", { .max_age_s = 0 }, NULL, VALUE },
        { "a", "\xFF", { .max_age_s = 0 }, NULL, VALUE },
        { "a", "!#$%&'()*+-./:<=>?@[]^_`{|}~09AZaz", { .max_age_s = 0 }, "Path=/" SAFE, 0 },
    };
    set_rows(rows, COUNT(rows), edgefn_cookie_set);
}

static bool expire(edgefn_event *ev, edgefn_str name, edgefn_str value,
                   const edgefn_cookie_opts *opts)
{
    return (void)value, edgefn_cookie_expire(ev, name, opts);
}

TEST(expired)
{
#define PAST "; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
    static const set_row rows[] = {
        { "a", "", { .max_age_s = 0 }, "Path=/" PAST SAFE, 0 },
        { "a", "", { .max_age_s = 99 }, "Path=/" PAST SAFE, 0 },
        { "__Secure-a",
          "",
          { .path = STR("/x"), .domain = STR("example.com"), .same_site = NONE },
          "Path=/x; Domain=example.com" PAST "; Secure; HttpOnly; SameSite=None",
          0 },
        { "__Host-a", "", { .path = STR("/x") }, NULL, EDGEFN_E_OPTIONS },
        { "a@b c", "", { .max_age_s = 0 }, "Path=/" PAST SAFE, 0 },
        { "a;b", "", { .max_age_s = 0 }, NULL, EDGEFN_E_FIELD_NAME },
    };
    set_rows(rows, COUNT(rows), expire);
}

TEST(set_among_others)
{
    edgefn_event ev;
    ROW("Lambda@Edge: replaces all cookies of that name");
    if (!OPEN(
            &ev,
            frame(
                L_ORES,
                "{'status':'200','headers':{'set-cookie':[{'value':'a=1; Path=/x'},{'value':'b=2'},{'value':'a=3'}]}}",
                NULL)))
        return;
    CHECK(edgefn_cookie_set(&ev, S("a"), S("9"), NULL));
    CHECK_STR(
        written(&ev),
        js("{'status':'200','headers':{'set-cookie':[{'value':'a=9; Path=/; Secure; HttpOnly; SameSite=Lax'},{'value':'b=2'}]}}"));
    ROW("CloudFront Functions: the same");
    if (!OPEN(
            &ev,
            frame(
                F_VRES,
                "{'statusCode':200,'cookies':{'a':{'value':'1','attributes':'Path=/x'},'b':{'value':'2'}}}",
                NULL)))
        return;
    CHECK(edgefn_cookie_set(&ev, S("a"), S("9"), NULL));
    CHECK_STR(
        written(&ev),
        js("{'statusCode':200,'cookies':{'a':{'value':'9','attributes':'Path=/; Secure; HttpOnly; SameSite=Lax'},'b':{'value':'2'}}}"));
    ROW("setting the received value is not a change");
    if (!OPEN(
            &ev,
            frame(
                L_ORES,
                "{'status':'200','headers':{'set-cookie':[{'value':'a=1; Path=/; Secure; HttpOnly; SameSite=Lax'}]}}",
                NULL)))
        return;
    CHECK(edgefn_cookie_set(&ev, S("a"), S("1"), NULL));
    CHECK(edgefn_finish(&ev, NULL).ptr == edgefn_passthrough(&ev).ptr);
    ROW("an absent value removes it");
    if (!OPEN(&ev,
              frame(L_ORES,
                    "{'status':'200','headers':{'set-cookie':[{'value':'a=1'},{'value':'b=2'}]}}",
                    NULL)))
        return;
    CHECK(edgefn_cookie_set(&ev, S("a"), edgefn_cstr(NULL), NULL));
    CHECK_STR(written(&ev), js("{'status':'200','headers':{'set-cookie':[{'value':'b=2'}]}}"));
    ROW("two cookies");
    if (!OPEN(&ev, frame(L_VRES, "{'status':'200'}", NULL))) return;
    CHECK(edgefn_cookie_set(&ev, S("a"), S("1"), NULL) && edgefn_cookie_expire(&ev, S("b"), NULL));
    CHECK_NUM(edgefn_response_cookies(&ev)->len, 2);
    static const char *const requests[] = { L_VREQ, L_OREQ, F_VREQ };
    for (size_t i = 0; i < COUNT(requests); i++) {
        ROW("a request that is not answered, %zu", i);
        if (!OPEN(&ev, frame(requests[i], "{'method':'GET','uri':'/'}", NULL))) return;
        CHECK(!edgefn_cookie_set(&ev, S("a"), S("1"), NULL));
        CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
    }
}

TEST(lengths)
{
    static const struct {
        size_t name, value, path, domain;
        int code;
    } rows[] = {
        { 1, 4095, 1, 0, 0 },
        { 1, 4096, 1, 0, EDGEFN_E_FIELD_VALUE },
        { 4096, 0, 1, 0, 0 },
        { 4096, 1, 1, 0, EDGEFN_E_FIELD_VALUE },
        { 4097, 0, 1, 0, EDGEFN_E_FIELD_VALUE },
        { 2048, 2048, 1, 0, 0 },
        { 1, 1, 1024, 0, 0 },
        { 1, 1, 1025, 0, EDGEFN_E_OPTIONS },
        { 1, 1, 1, 1024, 0 },
        { 1, 1, 1, 1025, EDGEFN_E_OPTIONS },
    };
    static char text[5000];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("row %zu", i);
        edgefn_event ev;
        char *path = (char *)test_own(malloc(rows[i].path));
        memset(path, '/', rows[i].path);
        edgefn_cookie_opts opts = { .path = { path, rows[i].path },
                                    .domain = { rows[i].domain ? text : NULL, rows[i].domain } };
        if (!OPEN(&ev, frame(L_ORES, "{'status':'200'}", NULL))) return;
        CHECK(edgefn_cookie_set(&ev, (edgefn_str){ text, rows[i].name },
                                (edgefn_str){ text, rows[i].value }, &opts)
              == !rows[i].code);
        CHECK_ERR(&ev, (edgefn_error)rows[i].code, rows[i].code ? NOWHERE : 0);
    }
}

TEST(attributes_read)
{
    static char longer[1100], longest[1100];
    memset(longer, 'x', sizeof longer);
    memcpy(longer, "Path=", 5), longer[5 + 1024] = 0;
    memset(longest, 'x', sizeof longest);
    memcpy(longest, "Path=/;Path=", 12), longest[12 + 1025] = 0;
    const struct {
        const char *attributes, *name, *is;
    } rows[] = {
        { "Path=/; Secure", "path", "/" },
        { "Path=/; Secure", "SECURE", "" },
        { "Path=/; Secure", "httponly", NULL },
        { "path=/a;PATH=/b", "Path", "/b" },
        { "Max-Age=5; max-age", "max-age", "" },
        { "Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/", "expires",
          "Wed, 21 Oct 2026 07:28:00 GMT" },
        { " Path = /x ; Secure ", "path", "/x" },
        { " Path = /x ; Secure ", "secure", "" },
        { "Secure=no", "secure", "no" },
        { "a=b=c", "a", "b=c" },
        { "Path=\"/a;b\"", "path", "\"/a" },
        { "", "path", NULL },
        { NULL, "path", NULL },
        { ";;;", "path", NULL },
        { "Path=/", NULL, NULL },
        { "=x", "", "x" },
        { "XPath=/", "path", NULL },
        { "Path=", "path", "" },
        { ";Path=/;", "path", "/" },
        { longer, "path", longer + 5 },
        { longest, "path", "/" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s of %.60s", rows[i].name, rows[i].attributes);
        edgefn_str a = edgefn_cstr(rows[i].attributes);
        if (a.ptr) a = guard_copy(a.ptr, a.len);
        CHECK_STR(edgefn_cookie_attribute(a, edgefn_cstr(rows[i].name)), rows[i].is);
    }
    edgefn_event ev;
    ROW("of an event");
    if (!OPEN(
            &ev,
            frame(
                L_ORES,
                "{'status':'200','headers':{'set-cookie':[{'value':'a=1; Path=/x; Max-Age=60'}]}}",
                NULL)))
        return;
    CHECK_STR(
        edgefn_cookie_attribute(edgefn_response_cookies(&ev)->items[0].attributes, S("max-age")),
        "60");
}

/* In an arena of any size the cookie is set, or the result is EDGEFN_E_OOM. */
TEST(set_memory)
{
    for (int functions = 0; functions < 2; functions++) {
        ROW("%s", functions ? "CloudFront Functions" : "Lambda@Edge");
        edgefn_str json = functions ? frame(F_VRES, "{'statusCode':200}", NULL)
                                    : frame(L_ORES, "{'status':'200'}", NULL);
        size_t ooms = 0, size = 0;
        for (; size < 20000; size++) {
            edgefn_event ev;
            bool parsed = edgefn_parse(&ev, json, arena_new(size), NULL) == EDGEFN_OK;
            bool done = parsed && edgefn_cookie_set(&ev, S("a"), S("1"), NULL)
                        && edgefn_cookie_expire(&ev, S("b"), NULL);
            edgefn_str out = edgefn_finish(&ev, NULL);
            if (!out.ptr)
                ooms++, CHECK_ERR(&ev, EDGEFN_E_OOM, NOWHERE);
            else
                CHECK(done && edgefn_str_contains(out, S("SameSite=Lax"))
                      && edgefn_str_contains(out, S("1970")));
            bool enough = out.ptr != NULL;
            arena_drop();
            if (enough) break;
        }
        CHECK(ooms > 100 && size < 20000);
    }
}

/* Names that browsers accept, in both dialects: written, and parsed again. */
TEST(names_of_browsers)
{
    static const char *const names[] = {
        "a@b", "a b", "a\"b", "a\\b", "a,b", "\xE2\x82\xAC", "[x]"
    };
    for (size_t i = 0; i < COUNT(names); i++)
        for (int functions = 0; functions < 2; functions++)
            for (int response = 0; response < 2; response++) {
                edgefn_event ev;
                ROW("%s, functions %d, response %d", names[i], functions, response);
                edgefn_str json =
                    response ? frame(functions ? F_VRES : L_ORES,
                                     functions ? "{'statusCode':200,'headers':{}}"
                                               : "{'status':'200','headers':{}}",
                                     NULL)
                             : frame(functions ? F_VREQ : L_VREQ, L_GET("'headers':{}"), NULL);
                if (!OPEN(&ev, json)) continue;
                edgefn_fields *c = response ? edgefn_response_cookies(&ev) : edgefn_cookies(&ev);
                CHECK(edgefn_set(c, edgefn_cstr(names[i]), S("1")));
                if (!CHECK(edgefn_finish(&ev, NULL).ptr != NULL)) continue;
                edgefn_write_opts whole = { .whole_event = true };
                static char text[4096];
                size_t n = edgefn_write(&ev, text, sizeof text, &whole);
                if (!CHECK(n > 0 && n <= sizeof text)) continue;
                edgefn_event again;
                if (!OPEN(&again, ((edgefn_str){ text, n }))) continue;
                c = response ? edgefn_response_cookies(&again) : edgefn_cookies(&again);
                CHECK(c->len == 1);
                CHECK_STR(edgefn_get(c, edgefn_cstr(names[i])), "1");
            }
}
