/* The functions that edit lists: text before, edits, and text afterwards, in both dialects. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

static const place lambda_places[] = { P_L_HEADERS,   P_L_ORIGIN_H, P_L_RHEADERS,
                                       P_L_VRHEADERS, P_L_CUSTOM,   P_L_S3 };
static const place functions_places[] = { P_F_HEADERS, P_F_RHEADERS };

/* A row for both dialects. lambda or functions NULL: not possible in that dialect. `list` is
   what the handler sees afterwards. */
typedef struct both {
    const char *script, *list, *lambda, *lambda_after, *functions, *functions_after;
} both;

static void both_dialects(const both *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; rows[i].lambda && k < COUNT(lambda_places); k++) {
            ROW("row %zu, Lambda@Edge, %s: %s", i, lambda_places[k].list, rows[i].script);
            if (!edited(&lambda_places[k], rows[i].lambda, rows[i].script, rows[i].list,
                        rows[i].lambda_after))
                break;
        }
        for (size_t k = 0; rows[i].functions && k < COUNT(functions_places); k++) {
            ROW("row %zu, CloudFront Functions, %s: %s", i, functions_places[k].list,
                rows[i].script);
            if (!edited(&functions_places[k], rows[i].functions, rows[i].script, rows[i].list,
                        rows[i].functions_after))
                break;
        }
    }
}

#define LA "'a':[{'key':'A','value':'1'}]"
#define LB "'b':[{'key':'B','value':'2'}]"
#define LC "'c':[{'key':'C','value':'3'}]"
#define FA "'a':{'value':'1'}"
#define FB "'b':{'value':'2'}"
#define FC "'c':{'value':'3'}"
/* three values of one name */
#define L3 "'m':[{'key':'M','value':'x'},{'key':'m','value':'y'},{'key':'M','value':'z'}]"
#define F3 "'m':{'value':'x','multiValue':[{'value':'x'},{'value':'y'},{'value':'z'}]}"

TEST(set)
{
    static const both rows[] = {
        { "set H a 9", "a=9~", "{" LA "}", "{'a':[{'key':'A','value':'9'}]}", "{" FA "}",
          "{'a':{'value':'9'}}" },
        { "set H A 9", "a=9~, b=2", "{" LA "," LB "}", "{'a':[{'key':'A','value':'9'}]," LB "}",
          "{" FA "," FB "}", "{'a':{'value':'9'}," FB "}" },
        { "set H b 9", "a=1, b=9~, c=3", "{" LA "," LB "," LC "}",
          "{" LA ",'b':[{'key':'B','value':'9'}]," LC "}", "{" FA "," FB "," FC "}",
          "{" FA ",'b':{'value':'9'}," FC "}" },
        { "set H a ", "a=~, b=2", "{" LA "," LB "}", "{'a':[{'key':'A','value':''}]," LB "}",
          "{" FA "," FB "}", "{'a':{'value':''}," FB "}" },
        { "set H a 1", "a=1, b=2", "{" LA "," LB "}", "{" LA "," LB "}", "{" FA "," FB "}",
          "{" FA "," FB "}" },
        { "set H a 9\nset H a 1", "a=1", "{" LA "}", "{" LA "}", "{" FA "}", "{" FA "}" },
        { "set H a 9\nset H a 8\nset H b 7", "a=8~, b=7~", "{" LA "," LB "}",
          "{'a':[{'key':'A','value':'8'}],'b':[{'key':'B','value':'7'}]}", "{" FA "," FB "}",
          "{'a':{'value':'8'},'b':{'value':'7'}}" },
        { "set H X-New v", "x-new=v+", "{}", "{'x-new':[{'key':'X-New','value':'v'}]}", "{}",
          "{'x-new':{'value':'v'}}" },
        { "set H X-New v", "a=1, x-new=v+", "{" LA "}",
          "{" LA ",'x-new':[{'key':'X-New','value':'v'}]}", "{" FA "}",
          "{" FA ",'x-new':{'value':'v'}}" },
        { "set H x-new v", "a=1, x-new=v+", "{" LA "}",
          "{" LA ",'x-new':[{'key':'x-new','value':'v'}]}", "{" FA "}",
          "{" FA ",'x-new':{'value':'v'}}" },
        { "set H x v\nset H X w", "x=w+", "{}", "{'x':[{'key':'x','value':'w'}]}", "{}",
          "{'x':{'value':'w'}}" },
        { "set H x 1\nset H y 2\nset H z 3", "a=1, x=1+, y=2+, z=3+", "{" LA "}",
          "{" LA
          ",'x':[{'key':'x','value':'1'}],'y':[{'key':'y','value':'2'}],'z':[{'key':'z','value':'3'}]}",
          "{" FA "}", "{" FA ",'x':{'value':'1'},'y':{'value':'2'},'z':{'value':'3'}}" },
        /* several fields of one name: the first is changed, the others are removed */
        { "set H m 9", "m=9~, -m=y, -m=z", "{" L3 "}", "{'m':[{'key':'M','value':'9'}]}",
          "{" F3 "}", "{'m':{'value':'9'}}" },
        { "set H m x", "m=x, -m=y, -m=z", "{" L3 "}", "{'m':[{'key':'M','value':'x'}]}", "{" F3 "}",
          "{'m':{'value':'x'}}" },
        { "set H m 9", "a=1, m=9~, b=2, -m=y, -m=z", "{" LA "," L3 "," LB "}",
          "{" LA ",'m':[{'key':'M','value':'9'}]," LB "}", "{" FA "," F3 "," FB "}",
          "{" FA ",'m':{'value':'9'}," FB "}" },
        /* text that needs escapes, or is not ASCII */
        { "set H a say \"hi\" \\o/", "a=say \"hi\" \\o/~", "{" LA "}",
          "{'a':[{'key':'A','value':'say `'hi`' ``o/'}]}", "{" FA "}",
          "{'a':{'value':'say `'hi`' ``o/'}}" },
        { "set H a x\ty", "a=x\ty~", "{" LA "}", "{'a':[{'key':'A','value':'x`ty'}]}", "{" FA "}",
          "{'a':{'value':'x`ty'}}" },
        { "set H a \xC3\xA4\xF0\x9F\x98\x80", "a=\xC3\xA4\xF0\x9F\x98\x80~", "{" LA "}",
          "{'a':[{'key':'A','value':'\xC3\xA4\xF0\x9F\x98\x80'}]}", "{" FA "}",
          "{'a':{'value':'\xC3\xA4\xF0\x9F\x98\x80'}}" },
        /* escapes in received text: values are compared decoded */
        { "set H a 1", "a=1", "{'a':[{'key':'A','value':'`u0031'}]}",
          "{'a':[{'key':'A','value':'`u0031'}]}", "{'a':{'value':'`u0031'}}",
          "{'a':{'value':'`u0031'}}" },
        { "set H a 2", "a=2~", "{'`u0061':[{'key':'`u0041','value':'`u0031'}]}",
          "{'`u0061':[{'key':'`u0041','value':'2'}]}", "{'`u0061':{'value':'`u0031'}}",
          "{'`u0061':{'value':'2'}}" },
    };
    both_dialects(rows, COUNT(rows));
}

/* Whether constants are set as they are, or one by one, the result is that of edgefn_set(). */
TEST(set_const)
{
    static const edgefn_const_header all[] = { EDGEFN_CONST_HEADER("x-new", "1"),
                                               EDGEFN_CONST_HEADER("x-frame-options", "DENY"),
                                               EDGEFN_CONST_HEADER("x-a", "2"),
                                               EDGEFN_CONST_HEADER("x-empty", ""),
                                               EDGEFN_CONST_HEADER("x-new", "2"),
                                               EDGEFN_CONST_HEADER("X-Upper", "3"),
                                               EDGEFN_CONST_HEADER("x-quoted", "\"a\\\""),
                                               EDGEFN_CONST_HEADER("x-utf-8", "\xc3\xa9"),
                                               EDGEFN_CONST_HEADER("x-last", "4") };
    static const edgefn_str names[] = { EDGEFN_S_INIT("x-new"),    EDGEFN_S_INIT("x-frame-options"),
                                        EDGEFN_S_INIT("x-a"),      EDGEFN_S_INIT("x-empty"),
                                        EDGEFN_S_INIT("x-new"),    EDGEFN_S_INIT("X-Upper"),
                                        EDGEFN_S_INIT("x-quoted"), EDGEFN_S_INIT("x-utf-8"),
                                        EDGEFN_S_INIT("x-last") };
    static const edgefn_str values[] = { EDGEFN_S_INIT("1"),       EDGEFN_S_INIT("DENY"),
                                         EDGEFN_S_INIT("2"),       EDGEFN_S_INIT(""),
                                         EDGEFN_S_INIT("2"),       EDGEFN_S_INIT("3"),
                                         EDGEFN_S_INIT("\"a\\\""), EDGEFN_S_INIT("\xc3\xa9"),
                                         EDGEFN_S_INIT("4") };
    static const char *const lists[2][3] = {
        { "{}", "{'x-a':[{'key':'X-A','value':'1'}]}", "{'x-a':[],'X-Empty':[{'value':'e'}]}" },
        { "{}", "{'x-a':{'value':'1'}}", "{'x-a':{'value':'1'},'x-empty':{'value':'e'}}" }
    };
    for (size_t from = 0; from < COUNT(all); from++) {
        for (size_t n = 0; n <= COUNT(all) - from; n++) {
            for (size_t k = 0; k < 24; k++) {
                static const char *const events[2] = {
                    L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/','headers':@}}}]}",
                    F_HEAD("viewer-request") "'request':{'method':'GET','uri':'/','headers':@}}"
                };
                const char *list = lists[k % 2][k / 2 % 3];
                edgefn_str json = frame(events[k % 2], list, NULL);
                edgefn_event one, other;
                ROW("%s, constants %zu to %zu, edit %zu", list, from, from + n, k / 6);
                if (!OPEN(&one, json) || !OPEN(&other, json)) continue;
                edgefn_fields *f = &one.request.headers, *g = &other.request.headers;
                CHECK(edgefn_set_const(f, all + from, n));
                for (size_t i = from; i < from + n; i++)
                    edgefn_set(g, names[i], values[i]);
                edgefn_fields *lists_of[2] = { f, g };
                for (size_t e = 0; e < 2; e++) { /* what was edited since is no constant */
                    edgefn_fields *l = lists_of[e];
                    size_t last = l->len - 1;
                    if (l->len < 2) continue;
                    if (k / 6 == 1) edgefn_set_at(l, last, S("edited"));
                    if (k / 6 == 2)
                        edgefn_set_at(l, last, edgefn_str_take(l->items[last].value, 3));
                    if (k / 6 == 3) edgefn_remove_at(l, last - 1);
                }
                CHECK_STR(edgefn_finish(&one, NULL), edgefn_finish(&other, NULL));
            }
        }
    }
}

/* A constant is refused where edgefn_set() would be. */
TEST(set_const_refused)
{
    static const edgefn_const_header c[] = { EDGEFN_CONST_HEADER("x-a", "1"),
                                             EDGEFN_CONST_HEADER("cookie", "a=2") };
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/','headers':{}}", NULL))) return;
    CHECK(edgefn_set(edgefn_cookies(&ev), S("b"), S("1")));
    CHECK(edgefn_set_const(&ev.request.headers, c, 2));
    CHECK_STR(edgefn_finish(&ev, NULL), NULL);
    CHECK_NUM(ev.err.code, EDGEFN_E_CONFLICT);
    if (!OPEN(&ev, frame(F_VREQ, "{'method':'GET','uri':'/','headers':{}}", NULL))) return;
    CHECK(!edgefn_set_const(&ev.request.headers, c, 2));
    CHECK_NUM(ev.err.code, EDGEFN_E_DIALECT);
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/','headers':{}}", NULL))) return;
    CHECK(edgefn_set_const(&ev.request.headers, c, 2));
    CHECK_STR(edgefn_cookie_get(&ev, S("a")), "2");
    if (!OPEN(&ev, frame(L_VRES, "{'status':'200','headers':{}}", NULL))) return;
    CHECK(!edgefn_set_const(&ev.request.headers, c, 1));
    CHECK_NUM(ev.err.code, EDGEFN_E_EVENT_TYPE);
}

TEST(add)
{
    static const both rows[] = {
        { "add H A 2", "a=1, a=2+", "{" LA "}",
          "{'a':[{'key':'A','value':'1'},{'key':'A','value':'2'}]}", "{" FA "}",
          "{'a':{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}}" },
        { "add H A 1", "a=1, a=1+", "{" LA "}",
          "{'a':[{'key':'A','value':'1'},{'key':'A','value':'1'}]}", "{" FA "}",
          "{'a':{'value':'1','multiValue':[{'value':'1'},{'value':'1'}]}}" },
        { "add H a x, y", "a=1, a=x, y+, b=2", "{" LA "," LB "}",
          "{'a':[{'key':'A','value':'1'},{'key':'a','value':'x, y'}]," LB "}", "{" FA "," FB "}",
          "{'a':{'value':'1','multiValue':[{'value':'1'},{'value':'x, y'}]}," FB "}" },
        { "add H A 2\nadd H A 3", "a=1, a=2+, a=3+, b=2", "{" LA "," LB "}",
          "{'a':[{'key':'A','value':'1'},{'key':'A','value':'2'},{'key':'A','value':'3'}]," LB "}",
          "{" FA "," FB "}",
          "{'a':{'value':'1','multiValue':[{'value':'1'},{'value':'2'},{'value':'3'}]}," FB "}" },
        { "add H M w", "m=x, m=y, m=z, m=w+, b=2", "{" L3 "," LB "}",
          "{'m':[{'key':'M','value':'x'},{'key':'m','value':'y'},{'key':'M','value':'z'},{'key':'M','value':'w'}]," LB
          "}",
          "{" F3 "," FB "}",
          "{'m':{'value':'x','multiValue':[{'value':'x'},{'value':'y'},{'value':'z'},{'value':'w'}]}," FB
          "}" },
        { "add H X-New v", "a=1, x-new=v+", "{" LA "}",
          "{" LA ",'x-new':[{'key':'X-New','value':'v'}]}", "{" FA "}",
          "{" FA ",'x-new':{'value':'v'}}" },
        { "add H X v\nadd H X w", "x=v+, x=w+", "{}",
          "{'x':[{'key':'X','value':'v'},{'key':'X','value':'w'}]}", "{}",
          "{'x':{'value':'v','multiValue':[{'value':'v'},{'value':'w'}]}}" },
        { "add H X v\nadd H y 1\nadd H X w", "a=1, x=v+, x=w+, y=1+", "{" LA "}",
          "{" LA
          ",'x':[{'key':'X','value':'v'},{'key':'X','value':'w'}],'y':[{'key':'y','value':'1'}]}",
          "{" FA "}",
          "{" FA
          ",'x':{'value':'v','multiValue':[{'value':'v'},{'value':'w'}]},'y':{'value':'1'}}" },
        { "add H A 2\nset H a 9", "a=9~", "{" LA "}", "{'a':[{'key':'A','value':'9'}]}", "{" FA "}",
          "{'a':{'value':'9'}}" },
        { "add H A 2\nset H a 1", "a=1", "{" LA "}", "{" LA "}", "{" FA "}", "{" FA "}" },
        { "add H A 2\nremove_at H 1", "a=1", "{" LA "}", "{" LA "}", "{" FA "}", "{" FA "}" },
        { "add H z 2\nremove H z", "a=1", "{" LA "}", "{" LA "}", "{" FA "}", "{" FA "}" },
        { "add H A 2\nremove_at H 0", "a=2+, -a=1", "{" LA "}", "{'a':[{'key':'A','value':'2'}]}",
          "{" FA "}", "{'a':{'value':'2'}}" },
    };
    both_dialects(rows, COUNT(rows));
}

TEST(remove)
{
    static const both rows[] = {
        { "remove H a", "-a=1", "{" LA "}", "{}", "{" FA "}", "{}" },
        { "remove H A", "b=2, -a=1", "{" LA "," LB "}", "{" LB "}", "{" FA "," FB "}", "{" FB "}" },
        { "remove H b", "a=1, -b=2", "{" LA "," LB "}", "{" LA "}", "{" FA "," FB "}", "{" FA "}" },
        { "remove H b", "a=1, c=3, -b=2", "{" LA "," LB "," LC "}", "{" LA "," LC "}",
          "{" FA "," FB "," FC "}", "{" FA "," FC "}" },
        { "remove H a\nremove H b", "c=3, -a=1, -b=2", "{" LA "," LB "," LC "}", "{" LC "}",
          "{" FA "," FB "," FC "}", "{" FC "}" },
        { "remove H b\nremove H c", "a=1, -b=2, -c=3", "{" LA "," LB "," LC "}", "{" LA "}",
          "{" FA "," FB "," FC "}", "{" FA "}" },
        { "remove H a\nremove H c", "b=2, -a=1, -c=3", "{" LA "," LB "," LC "}", "{" LB "}",
          "{" FA "," FB "," FC "}", "{" FB "}" },
        { "remove H c\nremove H b\nremove H a", "-a=1, -b=2, -c=3", "{" LA "," LB "," LC "}", "{}",
          "{" FA "," FB "," FC "}", "{}" },
        { "!remove H zz\n!remove H aa\n!remove H ", "a=1", "{" LA "}", "{" LA "}", "{" FA "}",
          "{" FA "}" },
        { "remove H m", "a=1, b=2, -m=x, -m=y, -m=z", "{" LA "," L3 "," LB "}", "{" LA "," LB "}",
          "{" FA "," F3 "," FB "}", "{" FA "," FB "}" },
        { "remove H a\nset H x 1", "x=1+, -a=1", "{" LA "}", "{'x':[{'key':'x','value':'1'}]}",
          "{" FA "}", "{'x':{'value':'1'}}" },
        { "remove H b\nset H x 1", "a=1, x=1+, -b=2", "{" LA "," LB "}",
          "{" LA ",'x':[{'key':'x','value':'1'}]}", "{" FA "," FB "}",
          "{" FA ",'x':{'value':'1'}}" },
        /* removed and set again counts as changed */
        { "remove H a\nset H A 9", "a=9~", "{" LA "}", "{'a':[{'key':'A','value':'9'}]}",
          "{" FA "}", "{'a':{'value':'9'}}" },
        { "remove H a\nset H A 1", "a=1", "{" LA "}", "{" LA "}", "{" FA "}", "{" FA "}" },
        { "remove H a\nadd H A 9", "a=9~", "{" LA "}", "{'a':[{'key':'A','value':'9'}]}",
          "{" FA "}", "{'a':{'value':'9'}}" },
        { "remove H m\nset H M 9", "m=9~, -m=y, -m=z", "{" L3 "}",
          "{'m':[{'key':'M','value':'9'}]}", "{" F3 "}", "{'m':{'value':'9'}}" },
    };
    both_dialects(rows, COUNT(rows));
}

TEST(one_of_several)
{
    static const both rows[] = {
        { "set_at H 0 9", "m=9~, m=y, m=z", "{" L3 "}",
          "{'m':[{'key':'M','value':'9'},{'key':'m','value':'y'},{'key':'M','value':'z'}]}",
          "{" F3 "}",
          "{'m':{'value':'9','multiValue':[{'value':'9'},{'value':'y'},{'value':'z'}]}}" },
        { "set_at H 1 9", "m=x, m=9~, m=z", "{" L3 "}",
          "{'m':[{'key':'M','value':'x'},{'key':'m','value':'9'},{'key':'M','value':'z'}]}",
          "{" F3 "}",
          "{'m':{'value':'x','multiValue':[{'value':'x'},{'value':'9'},{'value':'z'}]}}" },
        { "set_at H 2 9", "m=x, m=y, m=9~", "{" L3 "}",
          "{'m':[{'key':'M','value':'x'},{'key':'m','value':'y'},{'key':'M','value':'9'}]}",
          "{" F3 "}",
          "{'m':{'value':'x','multiValue':[{'value':'x'},{'value':'y'},{'value':'9'}]}}" },
        { "set_at H 1 9\nset_at H 1 y", "m=x, m=y, m=z", "{" L3 "}", "{" L3 "}", "{" F3 "}",
          "{" F3 "}" },
        { "set_at H 1 y", "m=x, m=y, m=z", "{" L3 "}", "{" L3 "}", "{" F3 "}", "{" F3 "}" },
        { "remove_at H 0", "m=y, m=z, -m=x", "{" L3 "}",
          "{'m':[{'key':'m','value':'y'},{'key':'M','value':'z'}]}", "{" F3 "}",
          "{'m':{'value':'y','multiValue':[{'value':'y'},{'value':'z'}]}}" },
        { "remove_at H 1", "m=x, m=z, -m=y", "{" L3 "}",
          "{'m':[{'key':'M','value':'x'},{'key':'M','value':'z'}]}", "{" F3 "}",
          "{'m':{'value':'x','multiValue':[{'value':'x'},{'value':'z'}]}}" },
        { "remove_at H 2", "m=x, m=y, -m=z", "{" L3 "}",
          "{'m':[{'key':'M','value':'x'},{'key':'m','value':'y'}]}", "{" F3 "}",
          "{'m':{'value':'x','multiValue':[{'value':'x'},{'value':'y'}]}}" },
        { "remove_at H 0\nremove_at H 0", "m=z, -m=x, -m=y", "{" L3 "}",
          "{'m':[{'key':'M','value':'z'}]}", "{" F3 "}", "{'m':{'value':'z'}}" },
        { "remove_at H 2\nremove_at H 1", "m=x, -m=y, -m=z", "{" L3 "}",
          "{'m':[{'key':'M','value':'x'}]}", "{" F3 "}", "{'m':{'value':'x'}}" },
        { "remove_at H 0\nremove_at H 1", "m=y, -m=x, -m=z", "{" L3 "}",
          "{'m':[{'key':'m','value':'y'}]}", "{" F3 "}", "{'m':{'value':'y'}}" },
        { "remove_at H 0\nremove_at H 0\nremove_at H 0", "-m=x, -m=y, -m=z", "{" L3 "}", "{}",
          "{" F3 "}", "{}" },
        { "remove_at H 1", "a=1, c=3, -b=2", "{" LA "," LB "," LC "}", "{" LA "," LC "}",
          "{" FA "," FB "," FC "}", "{" FA "," FC "}" },
        { "remove_at H 1\nset_at H 0 9", "m=9~, m=z, -m=y", "{" L3 "}",
          "{'m':[{'key':'M','value':'9'},{'key':'M','value':'z'}]}", "{" F3 "}",
          "{'m':{'value':'9','multiValue':[{'value':'9'},{'value':'z'}]}}" },
        { "set_at H 3 9", "m=x, m=y, m=z, a=9~", "{" L3 "," LA "}",
          "{" L3 ",'a':[{'key':'A','value':'9'}]}", "{" F3 "," FA "}",
          "{" F3 ",'a':{'value':'9'}}" },
    };
    both_dialects(rows, COUNT(rows));
}

TEST(several_at_once)
{
    static const both rows[] = {
        { "remove_prefix H b", "a=1, c=3, -b=2", "{" LA "," LB "," LC "}", "{" LA "," LC "}",
          "{" FA "," FB "," FC "}", "{" FA "," FC "}" },
        { "remove_prefix H X-", "a=1, -x-1=1, -x-2=2",
          "{'x-1':[{'value':'1'}]," LA ",'x-2':[{'value':'2'}]}", "{" LA "}",
          "{'x-1':{'value':'1'}," FA ",'x-2':{'value':'2'}}", "{" FA "}" },
        { "!remove_prefix H x", "a=1", "{" LA "}", "{" LA "}", "{" FA "}", "{" FA "}" },
        { "!remove_prefix H aa", "a=1", "{" LA "}", "{" LA "}", "{" FA "}", "{" FA "}" },
        { "keep_only H A,c", "a=1, c=3, -b=2", "{" LA "," LB "," LC "}", "{" LA "," LC "}",
          "{" FA "," FB "," FC "}", "{" FA "," FC "}" },
        { "keep_only H nothing", "-a=1, -b=2", "{" LA "," LB "}", "{}", "{" FA "," FB "}", "{}" },
        { "!keep_only H c,b,a", "a=1, b=2", "{" LA "," LB "}", "{" LA "," LB "}", "{" FA "," FB "}",
          "{" FA "," FB "}" },
        { "keep_only H m", "m=x, m=y, m=z, -a=1, -b=2", "{" LA "," L3 "," LB "}", "{" L3 "}",
          "{" FA "," F3 "," FB "}", "{" F3 "}" },
        { "sort H", "a=1, b=2, c=3", "{" LC "," LA "," LB "}", "{" LA "," LB "," LC "}",
          "{" FC "," FA "," FB "}", "{" FA "," FB "," FC "}" },
        { "sort H", "a=1, b=2", "{" LA "," LB "}", "{" LA "," LB "}", "{" FA "," FB "}",
          "{" FA "," FB "}" },
        { "sort H", "", "{}", "{}", "{}", "{}" },
        { "sort H", "m=b, m=a", "{'m':[{'key':'M','value':'b'},{'key':'M','value':'a'}]}",
          "{'m':[{'key':'M','value':'b'},{'key':'M','value':'a'}]}",
          "{'m':{'value':'b','multiValue':[{'value':'b'},{'value':'a'}]}}",
          "{'m':{'value':'b','multiValue':[{'value':'b'},{'value':'a'}]}}" },
        { "sort H", "a=1, m=x, m=y, m=z", "{" L3 "," LA "}", "{" LA "," L3 "}", "{" F3 "," FA "}",
          "{" FA "," F3 "}" },
        { "sort H\nset H b 9\nadd H A 8", "a=1, a=8+, b=9~, c=3", "{" LC "," LB "," LA "}",
          "{'a':[{'key':'A','value':'1'},{'key':'A','value':'8'}],'b':[{'key':'B','value':'9'}]," LC
          "}",
          "{" FC "," FB "," FA "}",
          "{'a':{'value':'1','multiValue':[{'value':'1'},{'value':'8'}]},'b':{'value':'9'}," FC
          "}" },
        { "set H aa 5\nsort H", "a=1, aa=5+, b=2", "{" LB "," LA "}",
          "{" LA ",'aa':[{'key':'aa','value':'5'}]," LB "}", "{" FB "," FA "}",
          "{" FA ",'aa':{'value':'5'}," FB "}" },
    };
    both_dialects(rows, COUNT(rows));
}

/* Fields that the handler did not name stay unchanged: white space, unknown members, spellings,
   numbers, empty arrays. */
TEST(around_an_edit)
{
    static const both rows[] = {
        { "set H a 9", NULL, "{ 'a' : [ { 'key' : 'A' , 'value' : '1' } ] ,\n 'b':[ ] }",
          "{ 'a' : [ { 'key' : 'A' , 'value' : '9' } ] ,\n 'b':[ ] }",
          "{ 'a' : { 'value' : '1' } ,\n 'b':{ 'value':'' } }",
          "{ 'a' : { 'value' : '9' } ,\n 'b':{ 'value':'' } }" },
        { "set H a 9", NULL, "{'a':[{'x':[1, 2],'key':'A','value':'1','y':1.50e+1}]}",
          "{'a':[{'x':[1, 2],'key':'A','value':'9','y':1.50e+1}]}",
          "{'a':{'x':[1, 2],'value':'1','y':1.50e+1}}",
          "{'a':{'x':[1, 2],'value':'9','y':1.50e+1}}" },
        { "set H a 9", NULL, "{'a':[{'value':'1'}]}", "{'a':[{'value':'9'}]}", NULL, NULL },
        { "set H x-a 9", NULL, "{'X-A':[{'key':'x-A','value':'1'}]}",
          "{'X-A':[{'key':'x-A','value':'9'}]}", "{'X-A':{'value':'1'}}", "{'X-A':{'value':'9'}}" },
        { "add H X-a 9", NULL, "{'X-A':[{'key':'x-A','value':'1'}]}",
          "{'X-A':[{'key':'x-A','value':'1'},{'key':'X-a','value':'9'}]}", "{'X-A':{'value':'1'}}",
          "{'X-A':{'value':'1','multiValue':[{'value':'1'},{'value':'9'}]}}" },
        { "set H b 9", NULL, "{'a':[],'b':[{'value':'1'}],'c':[]}",
          "{'a':[],'b':[{'value':'9'}],'c':[]}", NULL, NULL },
        { "remove H b", NULL, "{'a':[],'b':[{'value':'1'}],'c':[]}", "{'a':[],'c':[]}", NULL,
          NULL },
        { "set H n 1", NULL, "{\n  " LA "\n}", "{\n  " LA ",'n':[{'key':'n','value':'1'}]\n}",
          "{\n  " FA "\n}", "{\n  " FA ",'n':{'value':'1'}\n}" },
        { "set H n 1", NULL, "{ }", "{'n':[{'key':'n','value':'1'}] }", "{ }",
          "{'n':{'value':'1'} }" },
        { "set H \xC3\xA4 9\nset H a 9", NULL, NULL, NULL, NULL, NULL },
        /* one value becomes two: the new member is added before the brace; two become one: it is
           removed, the others stay */
        { "add H a 2", NULL, NULL, NULL, "{'a':{'x':null,'value':'1','y':7}}",
          "{'a':{'x':null,'value':'1','y':7,'multiValue':[{'value':'1'},{'value':'2'}]}}" },
        { "add H a 2", NULL, NULL, NULL, "{'a':{'v`u0061lue':'1'}}",
          "{'a':{'v`u0061lue':'1','multiValue':[{'value':'1'},{'value':'2'}]}}" },
        { "remove_at H 1", NULL, NULL, NULL,
          "{'a':{'x':0,'value':'1','y':7,'multiValue':[{'value':'1'},{'value':'2'}],'z':8}}",
          "{'a':{'x':0,'value':'1','y':7,'z':8}}" },
        { "remove_at H 0", NULL, NULL, NULL,
          "{'a':{'multiValue':[{'value':'1'},{'value':'2'}],'value':'1','z':8}}",
          "{'a':{'value':'2','z':8}}" },
        { "set_at H 1 9", NULL, NULL, NULL,
          "{'a':{'value':'1','multiValue':[ {'value':'1'} , {'x':0,'value':'2','y':1} ]}}",
          "{'a':{'value':'1','multiValue':[ {'value':'1'} , {'x':0,'value':'9','y':1} ]}}" },
        { "set_at H 1 9", NULL, NULL, NULL,
          "{'a':{'value':'1','multivalue':[{'value':'1'},{'value':'2'}]}}",
          "{'a':{'value':'1','multivalue':[{'value':'1'},{'value':'9'}]}}" },
        { "set_at H 0 9", NULL, NULL, NULL,
          "{'a':{'value':'X','multiValue':[{'value':'1'},{'value':'2'}]}}",
          "{'a':{'value':'9','multiValue':[{'value':'9'},{'value':'2'}]}}" },
        { "set_at H 1 9", NULL, NULL, NULL,
          "{'a':{'value':'X','multiValue':[{'value':'1'},{'value':'2'}]}}",
          "{'a':{'value':'X','multiValue':[{'value':'1'},{'value':'9'}]}}" },
        { "set_at H 1 9", NULL, NULL, NULL, "{'a':{'multiValue':[{'value':'1'},{'value':'2'}]}}",
          "{'a':{'multiValue':[{'value':'1'},{'value':'9'}]}}" },
        { "set_at H 0 9", NULL, NULL, NULL,
          "{'a':{'multiValue':[ {'value':'1','y':1} , {'value':'2'} ],'value':'1'}}",
          "{'a':{'multiValue':[ {'value':'9','y':1} , {'value':'2'} ],'value':'9'}}" },
    };
    both_dialects(rows, COUNT(rows));
}

/* A name with an empty array has no field. A value for it is written into that array or at the
   end of the map; the name is not written a second time next to it. */
TEST(into_an_empty_array)
{
    static const struct {
        const char *before, *script, *in_place, *at_end, *list_in_place, *list_at_end;
    } rows[] = {
        { "{'a':[]}", "add h A 1", "{'a':[{'key':'A','value':'1'}]}",
          "{'a':[{'key':'A','value':'1'}]}", "a=1+", "a=1+" },
        { "{'a':[]," LB "}", "add h A 1", "{'a':[{'key':'A','value':'1'}]," LB "}",
          "{" LB ",'a':[{'key':'A','value':'1'}]}", "a=1+, b=2", "b=2, a=1+" },
        { "{" LB ",'a':[ ]," LC "}", "set h A 1\nadd h A 2",
          "{" LB ",'a':[ {'key':'A','value':'1'},{'key':'A','value':'2'}]," LC "}",
          "{" LB "," LC ",'a':[{'key':'A','value':'1'},{'key':'A','value':'2'}]}",
          "b=2, a=1+, a=2+, c=3", "b=2, c=3, a=1+, a=2+" },
        { "{'A':[]}", "set h a 1", "{'A':[{'key':'a','value':'1'}]}",
          "{'a':[{'key':'a','value':'1'}]}", "a=1+", "a=1+" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s: %s", rows[i].before, rows[i].script);
        static const place where = P_L_HEADERS;
        edgefn_event ev;
        if (!OPEN(
                &ev,
                frame(
                    L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/','headers':@}}}]}",
                    rows[i].before, NULL))
            || !edit(&ev, rows[i].script))
            continue;
        edgefn_str out = written(&ev), in_place = frame(where.result, rows[i].in_place, NULL),
                   at_end = frame(where.result, rows[i].at_end, NULL);
        bool filled = edgefn_str_eq(out, in_place);
        if (!filled) CHECK_STR(out, at_end);
        CHECK_STR(edgefn_cstr(list_text(&ev.request.headers)),
                  filled ? rows[i].list_in_place : rows[i].list_at_end);
        read_back(&ev, out);
    }
}

/* If a list has no object, the first header creates it. */
TEST(list_without_an_object)
{
    static const struct {
        const char *event, *result, *list, *script, *after;
    } rows[] = {
        { L_VREQ, "{'method':'GET','uri':'/'}", "h", "set H X-A 1",
          "{'method':'GET','uri':'/','headers':{'x-a':[{'key':'X-A','value':'1'}]}}" },
        { L_ORES, "{'status':'200'}", "rh", "set H X-A 1",
          "{'status':'200','headers':{'x-a':[{'key':'X-A','value':'1'}]}}" },
        { L_OREQ, "{'method':'GET','uri':'/','origin':{'s3':{'domainName':'a'}}}", "oh",
          "set H X-A 1",
          "{'method':'GET','uri':'/','origin':{'s3':{'domainName':'a','customHeaders':{'x-a':[{'key':'X-A','value':'1'}]}}}}" },
        { L_OREQ, "{'method':'GET','uri':'/','origin':{'custom':{ 'domainName':'a' }}}", "oh",
          "set H X-A 1",
          "{'method':'GET','uri':'/','origin':{'custom':{ 'domainName':'a','customHeaders':{'x-a':[{'key':'X-A','value':'1'}]} }}}" },
        { F_VREQ, "{'method':'GET','uri':'/'}", "h", "set H X-A 1",
          "{'method':'GET','uri':'/','headers':{'x-a':{'value':'1'}}}" },
        { F_VRES, "{'statusCode':200}", "rh", "set H X-A 1\nadd H x-a 2",
          "{'statusCode':200,'headers':{'x-a':{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}}}" },
        { F_VREQ, "{'method':'GET','uri':'/'}", "c", "set H a 1",
          "{'method':'GET','uri':'/','cookies':{'a':{'value':'1'}}}" },
        { F_VRES, "{'statusCode':200}", "sc", "set H a 1",
          "{'statusCode':200,'cookies':{'a':{'value':'1'}}}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s %s", rows[i].result, rows[i].script);
        edgefn_event ev;
        if (!OPEN(&ev, frame(rows[i].event, rows[i].result, NULL))) continue;
        kit_H = rows[i].list;
        if (!edit(&ev, rows[i].script)) continue;
        edgefn_str out = written(&ev);
        CHECK_STR(out, js(rows[i].after));
        read_back(&ev, out);
    }
}

/* Setting an absent value removes the field. */
TEST(absent_values)
{
    static const edgefn_str absent = { NULL, 0 };
    for (int k = 0; k < 2; k++) {
        edgefn_event ev;
        edgefn_str json =
            k ? frame(F_VREQ, "{'method':'GET','uri':'/','headers':{" FA "," F3 "}}", NULL)
              : frame(L_VREQ, "{'method':'GET','uri':'/','headers':{" LA "," L3 "}}", NULL);
        ROW("set, dialect %d", k);
        if (!OPEN(&ev, json)) return;
        CHECK(edgefn_set(&ev.request.headers, S("m"), absent)
              && edgefn_set(&ev.request.headers, S("nothing"), absent));
        CHECK_STR(edgefn_cstr(list_text(&ev.request.headers)), "a=1, -m=x, -m=y, -m=z");
        CHECK_STR(written(&ev), js(k ? "{'method':'GET','uri':'/','headers':{" FA "}}"
                                     : "{'method':'GET','uri':'/','headers':{" LA "}}"));
        ROW("set_at, dialect %d", k);
        if (!OPEN(&ev, json)) return;
        CHECK(edgefn_set_at(&ev.request.headers, 0, absent));
        CHECK_STR(edgefn_cstr(list_text(&ev.request.headers)), "m=x, m=y, m=z, -a=1");
        ROW("add, dialect %d", k);
        if (!OPEN(&ev, json)) return;
        CHECK(edgefn_add(&ev.request.headers, S("m"), absent)
              && edgefn_add(&ev.request.headers, S("x"), absent));
        UNTOUCHED(&ev);
        ROW("copied from an absent field, dialect %d", k);
        if (!OPEN(&ev, json)) return;
        CHECK(edgefn_set(&ev.request.headers, S("x"),
                         edgefn_get(&ev.request.headers, S("not-there"))));
        UNTOUCHED(&ev);
    }
    ROW("in a response event");
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_ORES, "{'status':'200'}", NULL))) return;
    CHECK(!edgefn_set(&ev.request.headers, S("m"), absent));
    CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
    if (!OPEN(&ev, frame(L_ORES, "{'status':'200'}", NULL))) return;
    CHECK(!edgefn_add(&ev.request.headers, S("m"), absent));
    CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
}

/* Refused edits: the function returns false, the event keeps the first error, and nothing is
   written. */
TEST(refused)
{
    enum {
        NAME = EDGEFN_E_FIELD_NAME,
        VALUE = EDGEFN_E_FIELD_VALUE,
        EVENT = EDGEFN_E_EVENT_TYPE,
        OTHER = EDGEFN_E_DIALECT,
        OPTION = EDGEFN_E_OPTIONS
    };
    static const place lreq = P_L_HEADERS, lres = P_L_RHEADERS, freq = P_F_HEADERS,
                       fres = P_F_RHEADERS, lvres = P_L_VRHEADERS, oreq = P_L_CUSTOM;
    static const struct {
        const place *place;
        const char *script;
        int code;
    } rows[] = {
        { &lreq, "!set H  v", NAME },
        { &lreq, "!set H a: v", NAME },
        { &lreq, "!set H a\tb v", NAME },
        { &lreq, "!set H a\x7f v", NAME },
        { &lreq, "!set H a@ v", NAME },
        { &lreq, "!set H a\r v", NAME },
        { &lreq, "!set H \xC3\xA4 v", NAME },
        { &lreq, "!set H a/b v", NAME },
        { &lreq, "!set H a(b) v", NAME },
        { &lreq, "!add H a= v", NAME },
        { &lreq, "!add H \"a\" v", NAME },
        { &lreq, "!add H a{ v", NAME },
        { &lreq, "!add H a; v", NAME },
        { &lreq, "!add H a, v", NAME },
        { &lreq, "!add H a? v", NAME },
        { &freq, "!set H a[ v", NAME },
        { &freq, "!add H a\\ v", NAME },
        { &fres, "!set H a\x01 v", NAME },
        { &lres, "!set H < v", NAME },
        { &oreq, "!set H > v", NAME },
        { &lreq, "!set H a x\ry", VALUE },
        { &lreq, "!set H a \x01", VALUE },
        { &lreq, "!set H a x\x7fy", VALUE },
        { &lreq, "!set H a \x1f", VALUE },
        { &lreq, "!set H a \xFF", VALUE },
        { &lreq, "!set H a \xC3", VALUE },
        { &lreq, "!set H a \xED\xA0\x80", VALUE },
        { &lreq, "!add H a \xC0\x80", VALUE },
        { &lreq, "!set_at H 0 \x02", VALUE },
        { &freq, "!set H a x\ry", VALUE },
        { &freq, "!add H a \xFF", VALUE },
        { &fres, "!set_at H 0 x\v", VALUE },
        { &lres, "!add H a \x08", VALUE },
        { &oreq, "!set H a \xF5\x80\x80\x80", VALUE },
        { &lreq, "!set_at H 1 v", OPTION },
        { &lreq, "!remove_at H 1", OPTION },
        { &freq, "!set_at H 99 v", OPTION },
        { &freq, "!remove_at H 18446744073709551615", OPTION },
        { &lres, "!set h a v", EVENT },
        { &lres, "!add h a v", EVENT },
        { &lres, "!set oh a v", EVENT },
        { &lres, "!set q a v", EVENT },
        { &lres, "!set c a v", EVENT },
        { &lvres, "!set h a v", EVENT },
        { &fres, "!set h a v", EVENT },
        { &fres, "!set q a v", EVENT },
        { &fres, "!set c a v", EVENT },
        { &lreq, "!set rh a v", EVENT },
        { &lreq, "!set oh a v", EVENT },
        { &lreq, "!set sc a v", EVENT },
        { &freq, "!set rh a v", EVENT },
        { &freq, "!set sc a v", EVENT },
        { &freq, "!set H cookie a=1", OTHER },
        { &freq, "!set H Cookie a=1", OTHER },
        { &freq, "!add H COOKIE a=1", OTHER },
        { &fres, "!set H set-cookie a=1", OTHER },
        { &fres, "!add H Set-Cookie a=1", OTHER },
        { &freq, "!set H Set-Cookie a=1", OTHER },
        { &fres, "!set H cookie a=1", OTHER },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s: %s", rows[i].place->event, rows[i].script);
        char part[300];
        edgefn_event ev;
        bool functions = rows[i].place == &freq || rows[i].place == &fres;
        edgefn_str result = frame(rows[i].place->result, functions ? "{" FA "}" : "{" LA "}", NULL);
        snprintf(part, sizeof part, "%.*s", EDGEFN_FMT(result));
        kit_H = rows[i].place->list;
        if (!OPEN(&ev, frame(rows[i].place->event, part, NULL)) || !edit(&ev, rows[i].script))
            continue;
        CHECK_ERR(&ev, (edgefn_error)rows[i].code, NOWHERE);
        CHECK(ev.err.where && ev.err.where[0]);
        edgefn_error first = ev.err.code;
        edgefn_set(&ev.request.headers, S("bad name"), S("\n"));
        CHECK_NUM(ev.err.code, first);
        /* a failed edit changes nothing */
        CHECK_STR(edgefn_cstr(list_text(kit_list(&ev, S("H")))), "a=1");
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL && edgefn_write(&ev, NULL, 0, NULL) == 0
              && edgefn_write_spans(&ev, NULL, 0, NULL) == 0);
        CHECK(edgefn_failed_result(&ev).len > 0
              && !edgefn_str_eq(edgefn_failed_result(&ev), edgefn_passthrough(&ev)));
    }
}

TEST(token_characters)
{
    static const char token[] =
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (int b = 0; b < 256; b++) {
        ROW("byte 0x%02x", (unsigned)b);
        edgefn_event ev;
        if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
        char text[3] = { 'a', (char)b, 'z' };
        edgefn_str name = { text, 3 }, value = { text, 3 };
        bool good = b && strchr(token, b);
        CHECK(edgefn_set(&ev.request.headers, name, S("v")) == good);
        CHECK_NUM(ev.err.code, good ? EDGEFN_OK : EDGEFN_E_FIELD_NAME);
        if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
        good = b == '\t' || (b >= 0x20 && b < 0x7f);
        CHECK(edgefn_set(&ev.request.headers, S("x"), value) == good);
        CHECK_NUM(ev.err.code, good ? EDGEFN_OK : EDGEFN_E_FIELD_VALUE);
        if (good) CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
    }
}

TEST(reading)
{
    edgefn_event ev;
    if (!OPEN(&ev,
              frame(L_VREQ, "{'method':'GET','uri':'/','headers':{" LA "," L3 "," LB "}}", NULL)))
        return;
    const edgefn_fields *h = &ev.request.headers;
    static const struct {
        const char *name, *first;
        size_t count, at0, at2, at3, at4;
    } rows[] = {
        { "a", "1", 1, 0, 5, 5, 5 }, { "A", "1", 1, 0, 5, 5, 5 },   { "m", "x", 3, 1, 2, 3, 5 },
        { "M", "x", 3, 1, 2, 3, 5 }, { "b", "2", 1, 4, 4, 4, 4 },   { "c", NULL, 0, 5, 5, 5, 5 },
        { "", NULL, 0, 5, 5, 5, 5 }, { "aa", NULL, 0, 5, 5, 5, 5 }, { NULL, NULL, 0, 5, 5, 5, 5 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].name ? rows[i].name : "absent");
        edgefn_str name = edgefn_cstr(rows[i].name);
        CHECK_STR(edgefn_get(h, name), rows[i].first);
        CHECK(edgefn_has(h, name) == (rows[i].count > 0));
        CHECK_NUM(edgefn_count(h, name), rows[i].count);
        CHECK_NUM(edgefn_find(h, name, 0), rows[i].at0);
        CHECK_NUM(edgefn_find(h, name, 2), rows[i].at2);
        CHECK_NUM(edgefn_find(h, name, 3), rows[i].at3);
        CHECK_NUM(edgefn_find(h, name, 4), rows[i].at4);
        CHECK_NUM(edgefn_find(h, name, 5), 5);
        CHECK_NUM(edgefn_find(h, name, SIZE_MAX), 5);
    }
    ROW("nothing was changed");
    UNTOUCHED(&ev);
}

/* Names of every length, because code compares them in blocks, each with a rest. */
TEST(names_of_every_length)
{
    static const char part[] = "{'method':'GET','uri':'/','headers':{'@':[{'value':'found'}]}}";
    for (size_t n = 0; n <= 80; n++) {
        ROW("%zu bytes", n);
        char name[100], upper[100], other[100];
        for (size_t i = 0; i < n; i++)
            name[i] = (char)('a' + i % 26), upper[i] = (char)('A' + i % 26);
        name[n] = upper[n] = 0;
        edgefn_event ev;
        edgefn_str request = frame(part, name, NULL);
        char text[400];
        snprintf(text, sizeof text, "%.*s", EDGEFN_FMT(request));
        if (!OPEN(&ev, frame(L_VREQ, text, NULL))) return;
        CHECK_STR(edgefn_get(&ev.request.headers, edgefn_cstr(name)), "found");
        CHECK_STR(edgefn_get(&ev.request.headers, edgefn_cstr(upper)), "found");
        for (size_t i = 0; i < n; i++) {
            memcpy(other, name, n + 1);
            other[i] = '1';
            if (!CHECK(!edgefn_has(&ev.request.headers, edgefn_cstr(other)))) break;
        }
        memcpy(other, name, n + 1), other[n] = 'x', other[n + 1] = 0;
        CHECK(!edgefn_has(&ev.request.headers, edgefn_cstr(other)));
        if (n) CHECK(!edgefn_has(&ev.request.headers, edgefn_str_take(edgefn_cstr(name), n - 1)));
    }
}

/* A copied list or event is refused, because its edits would be lost. */
TEST(copies)
{
    edgefn_event ev, copy;
    edgefn_str json = frame(
        L_OREQ,
        "{'method':'GET','uri':'/','querystring':'a=1','headers':{'cookie':[{'value':'a=1'}]},'origin':{'s3':{'domainName':'a'}}}",
        NULL);
    ROW("a copied list");
    if (!OPEN(&ev, json)) return;
    edgefn_fields list = ev.request.headers;
    CHECK(!edgefn_set(&list, S("x"), S("1")));
    CHECK_ERR(&ev, EDGEFN_E_MISUSE, NOWHERE);
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);

    ROW("a list of a copied event");
    if (!OPEN(&ev, json)) return;
    memcpy(&copy, &ev, sizeof ev);
    CHECK(!edgefn_set(&copy.request.headers, S("x"), S("1")));
    CHECK(edgefn_finish(&copy, NULL).ptr == NULL);
    CHECK_NUM(copy.err.code, EDGEFN_E_MISUSE);

    ROW("finish of a copied event");
    if (!OPEN(&ev, json)) return;
    memcpy(&copy, &ev, sizeof ev);
    CHECK(edgefn_finish(&copy, NULL).ptr == NULL);
    CHECK_NUM(copy.err.code, EDGEFN_E_MISUSE);
    CHECK(edgefn_write(&copy, NULL, 0, NULL) == 0);

    ROW("views of a copied event");
    if (!OPEN(&ev, json)) return;
    memcpy(&copy, &ev, sizeof ev);
    CHECK(!edgefn_set(edgefn_query(&copy), S("x"), S("1")));
    CHECK(!edgefn_set(edgefn_cookies(&copy), S("x"), S("1")));
    CHECK(edgefn_finish(&copy, NULL).ptr == NULL);

    ROW("the functions, one by one");
    static const char *const verbs[] = { "!set H x 1",         "!add H x 1",     "!remove H cookie",
                                         "!remove_prefix H c", "!keep_only H x", "!sort H",
                                         "!set_at H 0 1",      "!remove_at H 0" };
    for (size_t i = 0; i < COUNT(verbs); i++) {
        ROW("%s", verbs[i]);
        if (!OPEN(&ev, json)) return;
        memcpy(&copy, &ev, sizeof ev);
        kit_H = "h";
        edit(&copy, verbs[i]);
        CHECK(edgefn_finish(&copy, NULL).ptr == NULL);
    }
    ROW("a zeroed event and a zeroed list");
    memset(&ev, 0, sizeof ev);
    CHECK(!edgefn_set(&ev.request.headers, S("x"), S("1")));
    CHECK(!edgefn_get(&ev.request.headers, S("x")).ptr);
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK(edgefn_write(&ev, NULL, 0, NULL) == 0 && edgefn_passthrough(&ev).ptr == NULL);
    CHECK_STR(edgefn_failed_result(&ev), "null");
}

/* After many edits of one list, change marks, positions and text are still right, although its
   arrays were moved. */
TEST(many_edits)
{
    static char script[64 * 1024], want[64 * 1024];
    size_t n = 0, w = 0;
    for (int i = 0; i < 300; i++)
        n += (size_t)snprintf(script + n, sizeof script - n, "add H x-%d %d\n", i % 100, i);
    for (int i = 0; i < 100; i += 2)
        n += (size_t)snprintf(script + n, sizeof script - n, "remove H x-%d\n", i);
    for (int i = 1; i < 100; i += 4)
        n += (size_t)snprintf(script + n, sizeof script - n, "set H X-%d s\n", i);
    static const place places[] = { P_L_HEADERS, P_F_HEADERS };
    for (size_t k = 0; k < COUNT(places); k++) {
        ROW("dialect %zu", k);
        w = (size_t)snprintf(want, sizeof want, "{%s", k ? FA : LA);
        for (int i = 1; i < 100; i += 2) {
            if (i % 4 == 1)
                w += (size_t)snprintf(
                    want + w, sizeof want - w,
                    k ? ",'x-%d':{'value':'s'}" : ",'x-%d':[{'key':'x-%d','value':'s'}]", i, i);
            else if (k)
                w += (size_t)snprintf(
                    want + w, sizeof want - w,
                    ",'x-%d':{'value':'%d','multiValue':[{'value':'%d'},{'value':'%d'},{'value':'%d'}]}",
                    i, i, i, i + 100, i + 200);
            else
                w += (size_t)snprintf(
                    want + w, sizeof want - w,
                    ",'x-%d':[{'key':'x-%d','value':'%d'},{'key':'x-%d','value':'%d'},{'key':'x-%d','value':'%d'}]",
                    i, i, i, i, i + 100, i, i + 200);
        }
        snprintf(want + w, sizeof want - w, "}");
        edited(&places[k], k ? "{" FA "}" : "{" LA "}", script, NULL, want);
    }
}

static bool never(const edgefn_field *field, void *user)
{
    (void)field, (void)user;
    return false;
}

/* Removing succeeds if there is nothing to remove, and fails where an edit would fail. */
TEST(removals_report_success)
{
    const edgefn_str absent = { NULL, 0 };
    for (int dialect = 0; dialect < 2; dialect++) {
        edgefn_event ev;
        ROW("dialect %d", dialect);
        if (!OPEN(&ev, dialect ? frame(F_VREQ, L_GET("'headers':{" FA "," FB "}"), NULL)
                               : frame(L_VREQ, L_GET("'headers':{" LA "," LB "}"), NULL)))
            return;
        edgefn_fields *h = &ev.request.headers;
        const edgefn_str a = S("a"), two[] = { S("A"), S("b") };
        CHECK(edgefn_remove(h, S("zz")) && edgefn_remove(h, S("")) && edgefn_remove(h, absent));
        CHECK(edgefn_remove_prefix(h, S("zz")) && edgefn_remove_prefix(h, absent));
        CHECK(edgefn_remove_if(h, never, NULL) && edgefn_keep_only(h, two, 2));
        CHECK(h->len == 2 && h->removed_len == 0 && ev.err.code == EDGEFN_OK);
        CHECK(edgefn_remove(h, a) && edgefn_remove(h, a) && h->len == 1 && h->removed_len == 1);
        CHECK(edgefn_remove_prefix(h, S("B")) && edgefn_remove_if(h, never, NULL) && h->len == 0);
        CHECK(edgefn_keep_only(h, NULL, 0) && ev.err.code == EDGEFN_OK);
        ROW("dialect %d, a list that may not be edited", dialect);
        edgefn_fields *answer = &ev.response.headers;
        edgefn_event was = ev;
        for (int k = 0; k < 5; k++) {
            ev = was;
            bool done = k == 0   ? edgefn_remove(answer, a)
                        : k == 1 ? edgefn_remove(answer, absent)
                        : k == 2 ? edgefn_remove_prefix(answer, a)
                        : k == 3 ? edgefn_keep_only(answer, &a, 1)
                                 : edgefn_remove_if(answer, never, NULL);
            CHECK(!done && ev.err.code == EDGEFN_E_EVENT_TYPE);
            CHECK(!edgefn_remove(h, a) && !edgefn_remove_prefix(h, a)
                  && !edgefn_remove_if(h, never, NULL) && !edgefn_keep_only(h, &a, 1));
        }
    }
}

/* EDGEFN_STRS() expands to two arguments (in C, to an option and its count), and evaluates its
   strings once. */
TEST(lists_in_place)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, L_GET("'headers':{" LA "," LB "," LC "}"), NULL))) return;
    int asked = 0;
    const edgefn_str names[] = { S("a"), S("c") };
    CHECK(edgefn_keep_only(&ev.request.headers, EDGEFN_STRS(names[asked++], S("c"))));
    CHECK(asked == 1 && ev.request.headers.len == 2);
    CHECK_STR(edgefn_str_join(&ev, EDGEFN_STRS(S("x"))), "x");
    CHECK_STR(edgefn_str_join(&ev, EDGEFN_STRS(S("x"), EDGEFN_ABSENT, S("y"))), "xy");
    CHECK(EDGEFN_ABSENT.ptr == NULL && EDGEFN_ABSENT.len == 0 && EDGEFN_COUNT_OF(names) == 2);
    const edgefn_query_opts q = { .keep = EDGEFN_STRS(S("a"), S("b"), S("c")),
                                  .drop = EDGEFN_STRS(S("d")),
                                  .plus_is_space = true };
    CHECK(q.keep_count == 3 && q.drop_count == 1 && q.plus_is_space);
    const edgefn_cors_opts c = { .origins = EDGEFN_STRS(S("https://a"), S("https://b")),
                                 .any_origin = true };
    CHECK(c.origin_count == 2 && c.any_origin);
}

/* Whatever the hash of a name: while an event is built, values of one name stay together, and a removed field that is added
   again is the received one. */
TEST(names_of_every_hash)
{
    for (int i = 0; i < 300; i++) {
        edgefn_event ev;
        char name[16];
        snprintf(name, sizeof name, "x%d", i);
        ROW("%s", name);
        edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena_new(16384),
                           NULL);
        ev.request.method = S("GET"), ev.request.uri = S("/");
        edgefn_fields *h = &ev.request.headers;
        CHECK(edgefn_add(h, edgefn_cstr(name), S("1")) && edgefn_add(h, S("other"), S("2"))
              && edgefn_add(h, edgefn_cstr(name), S("3")) && edgefn_build_end(&ev));
        CHECK(h->len == 3 && edgefn_str_eq(h->items[1].value, S("3")));
        CHECK(edgefn_remove(h, edgefn_cstr(name)) && edgefn_add(h, edgefn_cstr(name), S("1"))
              && edgefn_add(h, edgefn_cstr(name), S("3")));
        CHECK(h->items[0].change == EDGEFN_CHANGE_NONE && h->items[1].change == EDGEFN_CHANGE_NONE);
    }
}
