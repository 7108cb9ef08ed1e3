/* The query, as text and as a list, in both dialects; and the URI. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

static const place lambda = { L_VREQ, "{'method':'GET','querystring':@,'uri':'/'}", "q" };
static const place functions = { F_VREQ, "{'method':'GET','querystring':@,'uri':'/'}", "q" };

TEST(parsed)
{
    static const struct {
        const char *raw, *list;
    } rows[] = {
        { "", "" },
        { "a=1", "a=1" },
        { "a", "a=" },
        { "a=", "a=" },
        { "a=1&b=2", "a=1, b=2" },
        { "a=1&a=2", "a=1, a=2" },
        { "b=1&a=2&b=3", "b=1, a=2, b=3" },
        { "a=b=c", "a=b=c" },
        { "a=1&", "a=1" },
        { "&a=1", "a=1" },
        { "a=1&&b", "a=1, b=" },
        { "&", "" },
        { "%61=%20+", "%61=%20+" },
        { "a;b=1", "a;b=1" },
        { "A=1&a=2", "A=1, a=2" },
        { "a=?x/y:z", "a=?x/y:z" },
        { "\xC3\xA4=\xC3\xB6", "\xC3\xA4=\xC3\xB6" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].raw);
        char part[200];
        snprintf(part, sizeof part, "{'method':'GET','uri':'/','querystring':'%s'}", rows[i].raw);
        edgefn_event ev;
        if (OPEN(&ev, frame(L_VREQ, part, NULL))) {
            CHECK_STR(edgefn_cstr(list_text(edgefn_query(&ev))), rows[i].list);
            CHECK_STR(edgefn_query_text(&ev), js(rows[i].raw));
            UNTOUCHED(&ev);
        }
        if (OPEN(&ev, frame(F_VREQ, part, NULL))) {
            CHECK_STR(edgefn_cstr(list_text(edgefn_query(&ev))), rows[i].list);
            UNTOUCHED(&ev);
        }
    }
    ROW("a parameter that begins with '='");
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/','querystring':'=x&a=1'}", NULL)))
        return;
    CHECK(edgefn_query(&ev)->len == 2 && edgefn_query(&ev)->items[0].name.len == 0);
    CHECK_STR(edgefn_query(&ev)->items[0].value, "x");
    CHECK(edgefn_set(edgefn_query(&ev), S("a"), S("2")));
    CHECK_STR(written(&ev), js("{'method':'GET','uri':'/','querystring':'=x&a=2'}"));
}

typedef struct row {
    const char *before, *script, *list, *after;
} row;

/* Received as text: Lambda@Edge always, CloudFront Functions sometimes. */
TEST(text_edited)
{
    static const row rows[] = {
        { "a=1&b=2", "set q a 9", "a=9~, b=2", "a=9&b=2" },
        { "a=1&b=2", "set q b 2", "a=1, b=2", "a=1&b=2" },
        { "a=1&&b=2", "set q b 3\nset q b 2", "a=1, b=2", "a=1&&b=2" },
        { "a=1", "set q a ", "a=~", "a=" },
        { "flag&b", "set q b 2", "flag=, b=2~", "flag&b=2" },
        { "flag&b=", "set q flag ", "flag=, b=", "flag&b=" },
        { "flag", "set q flag 1\nset q flag ", "flag=", "flag" },
        { "a=1", "set q n 5", "a=1, n=5+", "a=1&n=5" },
        { "a=1", "add q a 5\nadd q b ", "a=1, a=5+, b=+", "a=1&a=5&b=" },
        { "", "add q a 5", "a=5+", "a=5" },
        { "b=1&a=2&b=3", "set q b 9", "b=9~, a=2, -b=3", "b=9&a=2" },
        { "b=1&a=2&b=3", "set_at q 2 9", "b=1, a=2, b=9~", "b=1&a=2&b=9" },
        { "=v&b=2", "set_at q 0 w", "=w~, b=2", "=w&b=2" },
        { "b=1&a=2&b=3", "remove_at q 0", "a=2, b=3, -b=1", "a=2&b=3" },
        { "b=1&a=2&b=3", "add q b 4", "b=1, a=2, b=3, b=4+", "b=1&a=2&b=3&b=4" },
        { "b=1&a=2&b=3", "remove q b", "a=2, -b=1, -b=3", "a=2" },
        { "b=1&a=2&b=3", "remove q a", "b=1, b=3, -a=2", "b=1&b=3" },
        { "a=1", "remove q a", "-a=1", "" },
        { "a=1", "!remove q A", "a=1", "a=1" },
        { "utm_a=1&b=2&utm_c", "remove_prefix q utm_", "b=2, -utm_a=1, -utm_c=", "b=2" },
        { "a=1&b=2&c=3", "keep_only q c,a", "a=1, c=3, -b=2", "a=1&c=3" },
        { "c=1&a=2&b", "sort q", "a=2, b=, c=1", "a=2&b&c=1" },
        { "a=2&a=1&A=3&a=2", "sort q", "A=3, a=2, a=1, a=2", "A=3&a=2&a=1&a=2" },
        { "load[]=jquery&load[]=common", "sort q", "load[]=jquery, load[]=common",
          "load[]=jquery&load[]=common" },
        { "b&WikiWikiWeb&a=&a", "sort q", "WikiWikiWeb=, a=, a=, b=", "WikiWikiWeb&a=&a&b" },
        { "a=1&b=2", "sort q", "a=1, b=2", "a=1&b=2" },
        { "a=%2F+x", "add q b %20", "a=%2F+x, b=%20+", "a=%2F+x&b=%20" },
        { "a=1", "set q a x\"\\", "a=x\"\\~", "a=x`'``" },
        { "a=1", "look\nquery x=2", "x=2", "x=2" },
        { "a=1", "look\nquerystring= x=2", "x=2", "x=2" },
        { "a=1", "query x=2\nset q x 3", "x=3~", "x=3" },
        { "a=1", "querystring= x=2\nset q y 3", "x=2, y=3+", "x=2&y=3" },
        { "a=1", "query ", "", "" },
        { "a=1", "query b\nquery a=1", "a=1", "a=1" },
        { "a=1", "querystring= b\nquerystring= a=1", "a=1", "a=1" },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 2; k++) {
            ROW("%s, %s: %s", k ? "CloudFront Functions" : "Lambda@Edge", rows[i].before,
                rows[i].script);
            char before[100], after[100];
            snprintf(before, sizeof before, "'%s'", rows[i].before),
                snprintf(after, sizeof after, "'%s'", rows[i].after);
            edited(k ? &functions : &lambda, before, rows[i].script, rows[i].list, after);
        }
}

/* Received as an object: an edit is written as text, which keeps order and duplicates. */
TEST(object_edited)
{
    static const row rows[] = {
        { "{'a':{'value':'1'},'b':{'value':''}}", "look",
          "a=1, b=", "{'a':{'value':'1'},'b':{'value':''}}" },
        { "{'a':{'value':'1'},'b':{'value':''}}", "set q a 1",
          "a=1, b=", "{'a':{'value':'1'},'b':{'value':''}}" },
        { "{'a':{'value':'1'}}", "set q a 2\nset q a 1", "a=1", "{'a':{'value':'1'}}" },
        { "{'a':{'value':'1'}}", "set q b 2\nremove q b", "a=1", "{'a':{'value':'1'}}" },
        { "{'a':{'value':'1'},'b':{'value':''}}", "set q a 2", "a=2~, b=", "'a=2&b='" },
        { "{'a':{'value':'1'}}", "add q a 2", "a=1, a=2+", "'a=1&a=2'" },
        { "{'t':{'value':'a','multiValue':[{'value':'a'},{'value':'b'}]},'u':{'value':'c'}}",
          "set_at q 1 z", "t=a, t=z~, u=c", "'t=a&t=z&u=c'" },
        { "{'t':{'value':'a','multivalue':[{'value':'a'},{'value':'b'}]}}", "remove_at q 0",
          "t=b, -t=a", "'t=b'" },
        { "{'a':{'value':'1'}}", "remove q a", "-a=1", "''" },
        { "{'b':{'value':'1'},'a':{'value':'2'}}", "sort q", "a=2, b=1", "'a=2&b=1'" },
        { "{}", "set q a 1", "a=1+", "'a=1'" },
        { "{'a':{'value':'1'}}", "query x=1&y", "x=1, y=", "'x=1&y'" },
        { "{'a':{'value':'1'}}", "querystring= x=1", "x=1", "'x=1'" },
        { "{'a':{'value':'1'}}", "look\nquery x=1\nadd q y 2", "x=1, y=2+", "'x=1&y=2'" },
        { "{'a':{'value':'%41'},'ID':{'value':'+'}}", "add q y 2", "a=%41, ID=+, y=2+",
          "'a=%41&ID=+&y=2'" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s: %s", rows[i].before, rows[i].script);
        edited(&functions, rows[i].before, rows[i].script, rows[i].list, rows[i].after);
    }
}

TEST(absent_query)
{
    static const struct {
        const char *frame, *script, *after;
    } rows[] = {
        { L_VREQ, "set q a 1", "{'method':'GET','uri':'/','querystring':'a=1'}" },
        { L_OREQ, "query a=1", "{'method':'GET','uri':'/','querystring':'a=1'}" },
        { L_VREQ, "querystring= a=1", "{'method':'GET','uri':'/','querystring':'a=1'}" },
        { F_VREQ, "set q a 1", "{'method':'GET','uri':'/','querystring':'a=1'}" },
        { F_VREQ, "querystring= a=1", "{'method':'GET','uri':'/','querystring':'a=1'}" },
        { L_VREQ, "set q a 1\nremove q a", "{'method':'GET','uri':'/'}" },
        { L_VREQ, "sort q\n!remove q a", "{'method':'GET','uri':'/'}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].script);
        edgefn_event ev;
        if (!OPEN(&ev, frame(rows[i].frame, "{'method':'GET','uri':'/'}", NULL))
            || !edit(&ev, rows[i].script))
            continue;
        edgefn_str out = written(&ev);
        CHECK_STR(out, js(rows[i].after));
        read_back(&ev, out);
    }
}

TEST(query_text)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/','querystring':'a=1&flag'}", NULL)))
        return;
    CHECK_STR(edgefn_query_text(&ev), "a=1&flag");
    CHECK(edgefn_add(edgefn_query(&ev), S("b"), S("2")));
    CHECK_STR(edgefn_query_text(&ev), "a=1&flag&b=2");
    CHECK(edgefn_remove(edgefn_query(&ev), S("a")));
    CHECK_STR(edgefn_query_text(&ev), "flag&b=2");
    CHECK_STR(written(&ev), js("{'method':'GET','uri':'/','querystring':'flag&b=2'}"));
    CHECK_STR(edgefn_query_text(&ev), "flag&b=2");
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_QUERYSTRING), EDGEFN_CHANGE_EDITED);
    if (!OPEN(&ev,
              frame(F_VREQ,
                    "{'method':'GET','uri':'/','querystring':{'a':{'value':'1'},'f':{'value':''}}}",
                    NULL)))
        return;
    CHECK_STR(edgefn_query_text(&ev), "a=1&f=");
    CHECK(edgefn_set(edgefn_query(&ev), S("f"), S("2")));
    CHECK_STR(edgefn_query_text(&ev), "a=1&f=2");
}

TEST(conflicts)
{
    static const struct {
        const char *part, *script;
        bool at_once;
    } rows[] = {
        { "'a=1'", "set q a 2\nquerystring= x=1", false },
        { "'a=1'", "set q a 2\n!query x=1", true },
        { "'a=1'", "querystring= x=1\nset q x 2\nquerystring= y=1", false },
        { "'a=1'", "query x=1\nset q x 2\n!query y=1", true },
        { "'b=1&a=1'", "sort q\nquerystring= x=1", false },
        { "'a=1'", "remove q a\nquerystring= x=1", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 2; k++) {
            ROW("%s: %s", k ? "CloudFront Functions" : "Lambda@Edge", rows[i].script);
            char part[100];
            snprintf(part, sizeof part, "{'method':'GET','uri':'/','querystring':%s}",
                     rows[i].part);
            edgefn_event ev;
            if (!OPEN(&ev, frame(k ? F_VREQ : L_VREQ, part, NULL)) || !edit(&ev, rows[i].script))
                continue;
            if (rows[i].at_once) CHECK_NUM(ev.err.code, EDGEFN_E_CONFLICT);
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
            CHECK_ERR(&ev, EDGEFN_E_CONFLICT, NOWHERE);
        }
    ROW("an object and text");
    edgefn_event ev;
    if (!OPEN(&ev,
              frame(F_VREQ, "{'method':'GET','uri':'/','querystring':{'a':{'value':'1'}}}", NULL))
        || !edit(&ev, "set q a 2\nquerystring= x=1"))
        return;
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK_ERR(&ev, EDGEFN_E_CONFLICT, NOWHERE);
}

/*--- the cache key ----------------------------------------------------------------------------------------------------*/

typedef struct key_opts {
    const char *keep, *drop;
    bool lower, plus, values;
} key_opts; /* names separated by spaces */

static bool normalize(edgefn_event *ev, const key_opts *k)
{
    edgefn_str names[2][8];
    size_t n[2] = { 0, 0 };
    for (int i = 0; i < 2; i++) {
        edgefn_str rest = edgefn_cstr(i ? k->drop : k->keep);
        while (rest.len)
            names[i][n[i]++] = kit_word(&rest);
    }
    return edgefn_query_normalize(ev, &(edgefn_query_opts){ .keep = k->keep ? names[0] : NULL,
                                                            .keep_count = n[0],
                                                            .drop = names[1],
                                                            .drop_count = n[1],
                                                            .lower_case_names = k->lower,
                                                            .plus_is_space = k->plus,
                                                            .sort_values = k->values });
}

static bool open_query(edgefn_event *ev, int k, edgefn_str query)
{
    if (!OPEN(ev, frame(k ? F_VREQ : L_VREQ, "{'method':'GET','uri':'/','querystring':''}", NULL)))
        return false;
    ev->request.querystring = query;
    return true;
}

TEST(normalize)
{
    static const struct {
        const char *query;
        key_opts opts;
        const char *want;
    } rows[] = {
        { "", { 0 }, "" },
        { "a=1", { 0 }, "a=1" },
        { "b=1&a=2", { 0 }, "a=2&b=1" },
        { "a=2&a=1", { .values = true }, "a=1&a=2" },
        { "a=1&a=1", { .values = true }, "a=1" },
        { "b&a=1&b=&a=1&b", { .values = true }, "a=1&b" },
        /* parameters of one name, and names without '=' */
        { "load[]=jquery&load[]=common", { 0 }, "load%5B%5D=jquery&load%5B%5D=common" },
        { "b=0&a=2&a=1&a=2", { 0 }, "a=2&a=1&a=2&b=0" },
        { "id=2&id=2", { 0 }, "id=2&id=2" },
        { "id=2&id=2", { .values = true }, "id=2" },
        { "WikiWikiWeb", { 0 }, "WikiWikiWeb" },
        { "WikiWikiWeb", { .values = true }, "WikiWikiWeb" },
        { "%57iki&b=1&a", { 0 }, "Wiki&a&b=1" },
        { "a&a=", { 0 }, "a&a=" },
        { "a=&a", { 0 }, "a=&a" },
        { "a=&a", { .values = true }, "a" },
        { "a&a=&a&a=x", { .values = true }, "a&a=x" },
        { "a=", { 0 }, "a=" },
        { "a=", { .values = true }, "a=" },
        { "b&a=1&b=&a=1&b", { 0 }, "a=1&a=1&b&b=&b" },
        { "q=a+b&q=a%20b", { 0 }, "q=a+b&q=a%20b" },
        { "ID=2&id=1", { .lower = true }, "id=2&id=1" },
        { "q=a+b&q=a%20b&q=a%2Bb", { .plus = true }, "q=a%20b&q=a%20b&q=a%2Bb" },
        { "&&a=1&&", { 0 }, "a=1" },
        { "&", { 0 }, "" },
        { "=", { 0 }, "=" },
        { "=x&a", { 0 }, "=x&a" },
        { "a=b=c", { 0 }, "a=b=c" },
        { "a=b%3Dc", { 0 }, "a=b%3Dc" },
        { "a%3Db=c", { 0 }, "a%3Db=c" },
        { "a%26b=%26", { 0 }, "a%26b=%26" },
        { "a=%23", { 0 }, "a=%23" },
        /* equivalent spellings */
        { "%61=%41", { 0 }, "a=A" },
        { "a=%2f&b=/", { 0 }, "a=%2F&b=/" },
        { "a=%7e%2d", { 0 }, "a=~-" },
        { "a=\xC3\xA4&b=%c3%a4", { 0 }, "a=%C3%A4&b=%C3%A4" },
        { "a[]=1&a%5b%5D=1", { .values = true }, "a%5B%5D=1" },
        { "a=%&b=%zz&c=%4", { 0 }, "a=%25&b=%25zz&c=%254" },
        { "a=%%34%31", { 0 }, "a=%2541" },
        { "a=%2541", { 0 }, "a=%2541" },
        { "q=a+b&q=a%20b", { .values = true }, "q=a%20b&q=a+b" },
        { "q=a+b&q=a%20b&q=a%2Bb", { .plus = true, .values = true }, "q=a%20b&q=a%2Bb" },
        { "a+b=1", { .plus = true }, "a%20b=1" },
        { "a=?x/y:@!$'()*,;", { 0 }, "a=?x/y:@!$'()*,;" },
        { "?a=1", { 0 }, "%3Fa=1" },
        { "a=\"<>`{|}\\^", { 0 }, "a=%22%3C%3E%60%7B%7C%7D%5C%5E" },
        /* case of names */
        { "ID=1&id=1", { 0 }, "ID=1&id=1" },
        { "ID=1&id=1", { .lower = true, .values = true }, "id=1" },
        { "ID=A", { .lower = true }, "id=A" },
        { "%49D=1&%c3%84=x", { .lower = true }, "%C3%84=x&id=1" },
        { "%c4=1&%C4=1", { .lower = true, .values = true }, "%C4=1" },
        /* keep and drop */
        { "utm_source=x&a=1&utm_=&utm=2", { .drop = "utm_*" }, "a=1&utm=2" },
        { "utm%5Fsource=x&%75tm_medium&a=1", { .drop = "utm_*" }, "a=1" },
        { "UTM_source=x&a=1", { .drop = "utm_*" }, "UTM_source=x&a=1" },
        { "UTM_source=x&a=1", { .drop = "utm_*", .lower = true }, "a=1" },
        { "gclid=1&gclid2=2", { .drop = "gclid" }, "gclid2=2" },
        { "b=1&c=2&a=3", { .keep = "a b" }, "a=3&b=1" },
        { "p1=1&p2=2&q=3", { .keep = "p*" }, "p1=1&p2=2" },
        { "p1=1&p2=2&q=3", { .keep = "p*", .drop = "p2" }, "p1=1" },
        { "a=1&b=2", { .keep = "" }, "" },
        { "a=1&b=2", { .keep = "*" }, "a=1&b=2" },
        { "a=1&b=2", { .drop = "*" }, "" },
        { "=x&a=1", { .keep = "a" }, "a=1" },
        { "a=1&b=2", { .drop = "b" }, "a=1" },
        { "b=2&a=1", { .drop = "b" }, "a=1" },
        { "a=1&b=2&c=3", { .drop = "a c" }, "b=2" },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 2; k++) {
            ROW("%s, %s", k ? "CloudFront Functions" : "Lambda@Edge", rows[i].query);
            edgefn_event ev;
            if (!open_query(&ev, k, edgefn_cstr(rows[i].query))) continue;
            edgefn_str before = ev.request.querystring;
            if (!CHECK(normalize(&ev, &rows[i].opts))) {
                kit_why(&ev);
                continue;
            }
            CHECK_STR(ev.request.querystring, rows[i].want);
            CHECK_STR(edgefn_query_text(&ev), rows[i].want);
            if (strcmp(rows[i].query, rows[i].want) == 0)
                CHECK(ev.request.querystring.ptr == before.ptr);
            edgefn_str once = ev.request.querystring;
            size_t used = ev.arena.used;
            CHECK(normalize(&ev, &rows[i].opts) && ev.request.querystring.ptr == once.ptr
                  && ev.request.querystring.len == once.len);
            CHECK_NUM(ev.arena.used, used);
            CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
        }
}

/* The key is the same for every order of the same parameters, for every spelling of them, and
   for the key itself. */
TEST(normalize_any_order)
{
    static const struct {
        const char *params[6];
        const char *also[6];
        key_opts opts;
    } rows[] = {
        { { "a=1", "b=2", "c=3", "d=4" }, { "%61=1", "b=%32", "c=3", "d=4" }, { 0 } },
        { { "a=2", "a=1", "a=3", "a", "a=1" },
          { "%61=2", "a=%31", "a=3", "%61", "a=1" },
          { .values = true } },
        { { "tag=b", "tag=a", "tag", "tag=", "x", "utm_z=1" },
          { "tag=%62", "tag=%61", "t%61g", "tag=", "%78", "%75tm_z=1" },
          { .drop = "utm_*", .values = true } },
        { { "A=1", "a=2", "a=1", "B", "b=" },
          { "%41=1", "%61=2", "a=%31", "%42", "b=" },
          { .lower = true, .values = true } },
        { { "q=a+b", "q=a%20b", "q=+", "r=%", "r=%25" },
          { "q=a%20b", "q=%61+b", "q=%20", "r=%25", "r=%" },
          { .plus = true, .values = true } },
        { { "=1", "=", "%3d=1", "a-b=1", "a=1", "a.b=1" },
          { "=%31", "=", "%3D=1", "a%2db=1", "a=1", "a%2Eb=%31" },
          { .values = true } },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t n = 0, orders = 0;
        char key[200] = "";
        while (n < 6 && rows[i].params[n])
            n++;
        ROW("%s&%s&...", rows[i].params[0], rows[i].params[1]);
        size_t at[6] = { 0, 0, 0, 0, 0, 0 }, all = 1;
        for (size_t k = 0; k < n; k++)
            all *= n;
        /* all n-digit numbers to base n, of which only permutations are used */
        for (size_t code = 0; code < all; code++) {
            unsigned seen = 0;
            for (size_t k = 0, c = code; k < n; k++, c /= n)
                at[k] = c % n, seen |= 1u << at[k];
            if (seen != (1u << n) - 1) continue;
            char query[200] = "";
            for (size_t k = 0; k < n; k++)
                sprintf(query + strlen(query), "%s%s", k ? "&" : "",
                        ((orders >> k & 1) != 0 ? rows[i].also : rows[i].params)[at[k]]);
            orders++;
            edgefn_event ev;
            if (!open_query(&ev, (int)(orders & 1), edgefn_cstr(query))
                || !CHECK(normalize(&ev, &rows[i].opts)))
                return;
            if (!key[0]) snprintf(key, sizeof key, "%.*s", EDGEFN_FMT(ev.request.querystring));
            if (!CHECK_STR(ev.request.querystring, key)) {
                printf("    of %s\n", query);
                return;
            }
            arena_drop();
        }
        CHECK(orders == (n == 4 ? 24u : n == 5 ? 120u : 720u) && key[0] != 0);
    }
}

/* With the list: edits before normalising are included, pointers that a handler holds stay
   valid, and an object stays an object if nothing changes. */
TEST(normalize_list)
{
    for (int k = 0; k < 2; k++) {
        ROW("%d", k);
        edgefn_event ev;
        if (!OPEN(
                &ev,
                frame(
                    k ? F_VREQ : L_VREQ,
                    k ? "{'method':'GET','uri':'/','querystring':{'b':{'value':'%41'},'a':{'value':''}}}"
                      : "{'method':'GET','uri':'/','querystring':'b=%41&a='}",
                    NULL)))
            continue;
        edgefn_fields *q = edgefn_query(&ev);
        CHECK(edgefn_set(q, S("c"), S("3")) && edgefn_add(q, S("a"), S("")));
        CHECK(edgefn_query_normalize(&ev, &(edgefn_query_opts){ .sort_values = true }));
        CHECK_STR(edgefn_query_text(&ev), "a=&b=A&c=3");
        CHECK(q->len == 3 && edgefn_query(&ev) == q);
        CHECK_STR(edgefn_get(q, S("b")), "A");
        CHECK(edgefn_remove(q, S("b")) && edgefn_query_normalize(&ev, NULL));
        CHECK_STR(written(&ev), js("{'method':'GET','uri':'/','querystring':'a=&c=3'}"));
    }
    edgefn_event ev;
    ROW("a sorted object");
    if (OPEN(&ev,
             frame(F_VREQ,
                   "{'method':'GET','uri':'/','querystring':{'a':{'value':'1'},'b':{'value':''}}}",
                   NULL))
        && CHECK(edgefn_query_normalize(&ev, NULL))) {
        CHECK(ev.request.querystring.ptr == NULL && edgefn_query(&ev)->len == 2);
        UNTOUCHED(&ev);
    }
    ROW("sorted text, and absent text");
    if (OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/','querystring':'a=1&b='}", NULL))
        && CHECK(edgefn_query_normalize(&ev, NULL)))
        UNTOUCHED(&ev);
    if (OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))
        && CHECK(edgefn_query_normalize(&ev, NULL)))
        UNTOUCHED(&ev);
    ROW("response events, and conflicts");
    if (OPEN(&ev, frame(L_ORES, "{'status':'200'}", NULL))) {
        CHECK(!edgefn_query_normalize(&ev, NULL));
        CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
    }
    if (OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/','querystring':'b&a'}", NULL))
        && edit(&ev, "set q b 1\nquerystring= x")) {
        CHECK(!edgefn_query_normalize(&ev, NULL));
        CHECK_ERR(&ev, EDGEFN_E_CONFLICT, NOWHERE);
    }
    ROW("many parameters");
    char *many = (char *)test_own(malloc(8200));
    size_t n = 0;
    for (unsigned i = 0; n < 8000; i++)
        n += (size_t)sprintf(many + n, "%s%x=%u", i ? "&" : "", (i * 2654435761u) >> 20, i % 7);
    edgefn_str json = frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL);
    if (!CHECK(edgefn_parse(&ev, json, arena_new(1 << 20), NULL) == EDGEFN_OK)) return;
    ev.request.querystring = (edgefn_str){ many, n };
    size_t before = edgefn_query(&ev)->len;
    CHECK(edgefn_query_normalize(&ev, NULL) && edgefn_query(&ev)->len == before);
    CHECK(edgefn_query_normalize(&ev, &(edgefn_query_opts){ .sort_values = true })
          && edgefn_query(&ev)->len <= before && edgefn_query(&ev)->len > 500);
    for (size_t i = 1; i < edgefn_query(&ev)->len; i++) {
        const edgefn_field *a = &edgefn_query(&ev)->items[i - 1];
        if (!CHECK(strncmp(a->name.ptr, a[1].name.ptr, a->name.len) <= 0
                   && !(edgefn_str_eq(a->name, a[1].name) && edgefn_str_eq(a->value, a[1].value))))
            return;
    }
}

TEST(form_encoding)
{
    static const struct {
        const char *text, *pairs;
    } rows[] = {
        { "", "" },
        { "a=1", "a>1." },
        { "a=1&b=2", "a>1.b>2." },
        { "a", "a>." },
        { "a=", "a>." },
        { "=b", ">b." },
        { "=", ">." },
        { "&&a&&", "a>." },
        { "&", "" },
        { "a=b=c", "a>b=c." },
        { "a=1&a=2", "a>1.a>2." },
        { "a+b=%20", "a b> ." },
        { "%61=%C3%A4", "a>\xC3\xA4." },
        { "a=%zz%4", "a>%zz%4." },
        { "a%3D=%26&b", "a=>&.b>." },
        { "a;b=1", "a;b>1." },
        { "a=%2B", "a>+." },
        { "a=%", "a>%." },
        { NULL, "" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].text);
        char pairs[100] = "";
        edgefn_event ev;
        if (!open_query(&ev, 0, S(""))) return;
        edgefn_str rest = rows[i].text ? guard_copy(rows[i].text, strlen(rows[i].text))
                                       : edgefn_cstr(NULL),
                   name, value;
        while (edgefn_form_next(&rest, &name, &value)) {
            if (!CHECK(name.ptr && value.ptr)) break;
            name = edgefn_percent_decode(&ev, name, true),
            value = edgefn_percent_decode(&ev, value, true);
            sprintf(pairs + strlen(pairs), "%.*s>%.*s.", EDGEFN_FMT(name), EDGEFN_FMT(value));
        }
        CHECK_STR(edgefn_cstr(pairs), rows[i].pairs);
        CHECK(!edgefn_form_next(&rest, &name, &value));
    }
}

TEST(percent)
{
    static const struct {
        const char *text, *decoded, *form;
    } rows[] = {
        { "", "", "" },
        { "abc", "abc", "abc" },
        { "%41%62", "Ab", "Ab" },
        { "%25", "%", "%" },
        { "%2541", "%41", "%41" },
        { "a+b", "a+b", "a b" },
        { "%2B", "+", "+" },
        { "%", "%", "%" },
        { "%4", "%4", "%4" },
        { "%zz%41", "%zzA", "%zzA" },
        { "%%41", "%A", "%A" },
        { "%4%41", "%4A", "%4A" },
        { "%ff%FE", "\xFF\xFE", "\xFF\xFE" },
        { "%c3%a4", "\xC3\xA4", "\xC3\xA4" },
        { "\xFF", "\xFF", "\xFF" },
        { "%0a%0D", "\n\r", "\n\r" },
        { "%+1", "%+1", "% 1" },
        { "%0x", "%0x", "%0x" },
        { "% 1", "% 1", "% 1" },
        { "%-1", "%-1", "%-1" },
    };
    edgefn_event ev;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].text);
        if (!open_query(&ev, 0, S(""))) return;
        edgefn_str text = guard_copy(rows[i].text, strlen(rows[i].text));
        CHECK_STR(edgefn_percent_decode(&ev, text, false), rows[i].decoded);
        CHECK_STR(edgefn_percent_decode(&ev, text, true), rows[i].form);
        size_t used = ev.arena.used;
        if (strcmp(rows[i].text, rows[i].decoded) == 0)
            CHECK(edgefn_percent_decode(&ev, text, false).ptr == text.ptr && ev.arena.used == used);
    }
    ROW("encoding");
    if (!open_query(&ev, 0, S(""))) return;
    CHECK_STR(edgefn_percent_encode(&ev, S("aZ09-._~"), S("")), "aZ09-._~");
    CHECK_STR(edgefn_percent_encode(&ev, S("a b/c?d=e&f+g%"), edgefn_cstr(NULL)),
              "a%20b%2Fc%3Fd%3De%26f%2Bg%25");
    CHECK_STR(edgefn_percent_encode(&ev, S("/a b"), S("/")), "/a%20b");
    CHECK_STR(edgefn_percent_encode(&ev, S("!*'()\xC3\xA4"), S("!*'()")), "!*'()%C3%A4");
    CHECK_STR(edgefn_percent_encode(&ev, S("a b+c*d"), S(" *")), "a b%2Bc*d");
    CHECK_STR(edgefn_form_encode(&ev, S("a b+c*d")), "a+b%2Bc*d");
    CHECK_STR(edgefn_form_encode(&ev, S("aZ09*-._~!'()/\xC3\xA4")),
              "aZ09*-._%7E%21%27%28%29%2F%C3%A4");
    edgefn_str plain = S("aZ09*-._");
    CHECK(edgefn_form_encode(&ev, plain).ptr == plain.ptr);
    CHECK_STR(edgefn_form_encode(&ev, EDGEFN_ABSENT), NULL);
    CHECK_STR(edgefn_percent_encode(&ev, (edgefn_str){ "\0\xFF", 2 }, S("")), "%00%FF");
    CHECK_STR(edgefn_percent_encode(&ev, edgefn_cstr(NULL), S("")), NULL);
    CHECK_STR(edgefn_percent_decode(&ev, edgefn_cstr(NULL), true), NULL);
    CHECK(ev.err.code == EDGEFN_OK);
    ROW("round trip of every byte");
    char bytes[256];
    for (size_t i = 0; i < 256; i++)
        bytes[i] = (char)i;
    edgefn_str all = { bytes, 256 };
    CHECK_STR(edgefn_percent_decode(&ev, edgefn_percent_encode(&ev, all, S("")), false), all);
    CHECK_STR(edgefn_percent_decode(&ev, edgefn_form_encode(&ev, all), true), all);
}

/* A leading '?' in a viewer's query is not an error, whatever the handler does. */
TEST(leading_question_mark)
{
    static const struct {
        const char *before, *script, *after;
    } rows[] = {
        { "'?a=1&b=2'", "remove q b", "'?a=1'" },
        { "'?a=1&b=2'", "querystring= ?a=1&v=2", "'?a=1&v=2'" },
        { "'?a=1'", "query ?a=1&v=2", "'?a=1&v=2'" },
        { "'b=1&?a=2'", "sort q", "'?a=2&b=1'" },
        { "'x=1&?a=2'", "remove q x", "'?a=2'" },
        { "''", "add q ?a 1", "'?a=1'" },
        { "'a=1'", "remove q a\nadd q ? 1", "'?=1'" },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 2; k++) {
            ROW("%s, %s: %s", k ? "CloudFront Functions" : "Lambda@Edge", rows[i].before,
                rows[i].script);
            edgefn_event ev;
            const char *want =
                frame("{'method':'GET','uri':'/','querystring':@}", rows[i].after, NULL).ptr;
            if (!OPEN(
                    &ev,
                    frame(
                        k ? F_HEAD(
                            "viewer-request") "'request':{'method':'GET','uri':'/','querystring':@}}"
                          : L_HEAD(
                              "viewer-request") "'request':{'method':'GET','uri':'/','querystring':@}}}]}",
                        rows[i].before, NULL))
                || !edit(&ev, rows[i].script))
                continue;
            edgefn_str out = edgefn_finish(&ev, NULL);
            CHECK_STR(out, ((edgefn_str){ want, strlen("{'method':'GET','uri':'/','querystring':}")
                                                    + strlen(rows[i].after) }));
        }
    ROW("an object");
    edgefn_event ev;
    if (!OPEN(
            &ev,
            frame(F_VREQ,
                  "{'method':'GET','uri':'/','querystring':{'?a':{'value':'1'},'b':{'value':'2'}}}",
                  NULL))
        || !edit(&ev, "remove q b"))
        return;
    CHECK_STR(edgefn_finish(&ev, NULL), js("{'method':'GET','uri':'/','querystring':'?a=1'}"));
    ROW("parts");
    edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena_new(KIT_ARENA),
                       NULL);
    ev.request.method = S("GET"), ev.request.uri = S("/"), ev.request.querystring = S("?a=1&b=2");
    if (!CHECK(edgefn_build_end(&ev)) || !edit(&ev, "querystring= ?c")) return;
    CHECK(edgefn_outcome_of(&ev, NULL) == EDGEFN_OUTCOME_FORWARD);
}

TEST(refused)
{
    enum {
        NAME = EDGEFN_E_FIELD_NAME,
        VALUE = EDGEFN_E_FIELD_VALUE,
        URI = EDGEFN_E_URI,
        OPTION = EDGEFN_E_OPTIONS
    };
    static const struct {
        const char *script;
        int code;
    } rows[] = {
        { "!set q  1", NAME },
        { "!set q a= 1", NAME },
        { "!set q a& 1", NAME },
        { "!set q a# 1", NAME },
        { "!add q a\x01 1", NAME },
        { "!add q a\x7f 1", NAME },
        { "!set q a x&y", VALUE },
        { "!set q a x#y", VALUE },
        { "!set q a x y", VALUE },
        { "!set q a x\ty", VALUE },
        { "!set q a \x7f", VALUE },
        { "!add q a \xFF", VALUE },
        { "!set_at q 0 x&", VALUE },
        { "!set_at q 1 x", OPTION },
        { "!remove_at q 9", OPTION },
        { "!query ?a=1", VALUE },
        { "!query a b", VALUE },
        { "!query a#b", VALUE },
        { "!query a\x01", VALUE },
        { "!query \xC3", VALUE },
        { "querystring= ?a", VALUE },
        { "querystring= a b", VALUE },
        { "querystring= a#", VALUE },
        { "querystring= \x7f", VALUE },
        { "querystring= \xFF", VALUE },
        { "!uri x", URI },
        { "!uri ", URI },
        { "!uri /a?b", URI },
        { "!uri /a#b", URI },
        { "!uri /a b", URI },
        { "!uri /\x01", URI },
        { "!uri /\x7f", URI },
        { "!uri /\xFF", URI },
        { "!uri http://x/", URI },
        { "uri= x", URI },
        { "uri= ", URI },
        { "uri= /a?b", URI },
        { "uri= /a#b", URI },
        { "uri= /a b", URI },
        { "uri= /\t", URI },
        { "uri= /\x7f", URI },
        { "uri= /\xC3", URI },
        { "uri= *", URI },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 3; k++) {
            ROW("%s: %s", k ? "CloudFront Functions" : "Lambda@Edge", rows[i].script);
            edgefn_event ev;
            if (!OPEN(&ev,
                      frame(k ? F_VREQ : L_VREQ,
                            k == 2 ? "{'method':'GET','uri':'/','querystring':{'a':{'value':'1'}}}"
                                   : "{'method':'GET','uri':'/','querystring':'a=1'}",
                            NULL)))
                continue;
            if (!edit(&ev, rows[i].script)) continue;
            if (rows[i].script[0] == '!') CHECK_NUM(ev.err.code, rows[i].code);
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
            CHECK_ERR(&ev, (edgefn_error)rows[i].code, NOWHERE);
        }
    ROW("absent");
    edgefn_event ev;
    edgefn_str json = frame(L_VREQ, "{'method':'GET','uri':'/','querystring':'a=1'}", NULL);
    if (!OPEN(&ev, json)) return;
    ev.request.uri = edgefn_cstr(NULL);
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK_ERR(&ev, EDGEFN_E_URI, NOWHERE);
}

TEST(uri)
{
    static const struct {
        const char *before, *script, *after;
        edgefn_change change;
    } rows[] = {
        { "'/a'", "uri= /b", "'/b'", EDGEFN_CHANGE_EDITED },
        { "'/a'", "uri /b", "'/b'", EDGEFN_CHANGE_EDITED },
        { "'/a'", "uri= /a", "'/a'", EDGEFN_CHANGE_NONE },
        { "'/a'", "uri= /b\nuri= /a", "'/a'", EDGEFN_CHANGE_NONE },
        { "'`/a'", "uri= /a", "'`/a'", EDGEFN_CHANGE_NONE },
        { "'/`u0061'", "uri /a", "'/`u0061'", EDGEFN_CHANGE_NONE },
        { "'/a'", "uri= /\xC3\xA4\"", "'/\xC3\xA4`''", EDGEFN_CHANGE_EDITED },
        { "'/a'", "uri= /%20//..", "'/%20//..'", EDGEFN_CHANGE_EDITED },
        /* as received, however unusual */
        { "'a b?#'", "uri= a b?#", "'a b?#'", EDGEFN_CHANGE_NONE },
    };
    static const place places[] = { { L_VREQ, "{'method':'GET','uri':@,'x':1}", "h" },
                                    { L_OREQ, "{ 'uri' : @ ,'method':'GET'}", "h" },
                                    { F_VREQ, "{'method':'GET','uri':@}", "h" } };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t k = 0; k < COUNT(places); k++) {
            ROW("%s: %s", rows[i].before, rows[i].script);
            edited(&places[k], rows[i].before, rows[i].script, "", rows[i].after);
            edgefn_event ev;
            char part[100];
            snprintf(part, sizeof part, "{'method':'GET','uri':%s}", rows[i].before);
            if (!OPEN(&ev, frame(places[k].event, part, NULL)) || !edit(&ev, rows[i].script))
                continue;
            CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_URI), rows[i].change);
        }
}

/* Received bytes that would be invalid in an edit do no harm as long as they are not edited. */
TEST(unusual_received_queries)
{
    static const struct {
        const char *query, *script, *after;
    } rows[] = {
        { "'a b#`n'", "uri= /x", "{'method':'GET','uri':'/x','querystring':'a b#`n'}" },
        { "'?a=1'", "uri= /x", "{'method':'GET','uri':'/x','querystring':'?a=1'}" },
        { "'?a=1'", "look\nset h x 1",
          "{'method':'GET','uri':'/','querystring':'?a=1','headers':{'x':[{'key':'x','value':'1'}]}}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s: %s", rows[i].query, rows[i].script);
        edgefn_event ev;
        if (!OPEN(
                &ev,
                frame(
                    L_HEAD(
                        "viewer-request") "'request':{'method':'GET','uri':'/','querystring':@}}}]}",
                    rows[i].query, NULL))
            || !edit(&ev, rows[i].script))
            continue;
        CHECK_STR(written(&ev), js(rows[i].after));
    }
}

/* In response events the request is read-only. */
TEST(response_events)
{
    static const char *const scripts[] = {
        "!uri /b", "!query a=2",       "!set q a 2",  "!set c a 2",        "!set h a 2",
        "uri= /b", "querystring= a=2", "method= PUT", "client_ip= 1.2.3.4"
    };
    for (size_t i = 0; i < COUNT(scripts); i++)
        for (int k = 0; k < 3; k++) {
            ROW("%d: %s", k, scripts[i]);
            edgefn_event ev;
            static const char *const frames[] = { L_ORES, L_VRES, F_VRES };
            if (!OPEN(&ev,
                      frame(frames[k], k == 2 ? "{'statusCode':200}" : "{'status':'200'}", NULL))
                || !edit(&ev, scripts[i]))
                continue;
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
            CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
        }
    ROW("method and client address in request events");
    for (int k = 0; k < 4; k++) {
        edgefn_event ev;
        if (!OPEN(&ev, frame(k < 2 ? L_VREQ : F_VREQ, "{'method':'GET','uri':'/'}", NULL))
            || !edit(&ev, k % 2 ? "method= PUT" : "client_ip= 1.2.3.4"))
            continue;
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL && ev.err.code != EDGEFN_OK);
    }
}

/* Names of parameters in any percent-encoding, as origins decode them. */
TEST(any_spelling)
{
    static const struct {
        const char *query, *name, *value, *removed;
    } rows[] = {
        { "auth=x", "auth", "x", "" },
        { "%61uth=x&a=1", "auth", "x", "a=1" },
        { "a=1&%41uth=x", "auth", NULL, "a=1&%41uth=x" },
        { "a=1&%61%75%74%68=%78%2b+y", "auth", "x+ y", "a=1" },
        { "%2561uth=x", "auth", NULL, "%2561uth=x" },
        { "%2561uth=x", "%61uth", "x", "" },
        { "auth%3=x", "auth%3", "x", "" },
        { "aut%=x&auth", "auth", "", "aut%=x" },
        { "a+b=1&a%20b=2&a%2bb=3", "a b", "1", "a%2bb=3" },
        { "a+b=1&a%2Bb=3", "a+b", "3", "a+b=1" },
        { "=x&a=1", "", "x", "a=1" },
        { "%00=x", "a", NULL, "%00=x" },
        { "utm_a=1&%75tm%5fb=2&utm=3&xutm_=4", "utm_*", NULL, "utm=3&xutm_=4" },
        { "a*=1&a%2a=2&ab=3", "a*", "1", "" },
        { "a=1&b=2", "*", NULL, "" },
        { "a=1&au%74h=2&auth=3&auth=4&b", "auth", "2", "a=1&b" },
        { "", "a", NULL, "" },
        { "a=1", NULL, NULL, "a=1" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        edgefn_str name = edgefn_cstr(rows[i].name);
        ROW("%s | %s", rows[i].query, rows[i].name ? rows[i].name : "absent");
        char text[200];
        snprintf(text, sizeof text, "{'method':'GET','uri':'/','querystring':'%s'}", rows[i].query);
        if (!OPEN(&ev, frame(L_VREQ, text, NULL))) continue;
        CHECK_STR(edgefn_query_get(&ev, name), rows[i].value);
        size_t used = ev.arena.used, at = edgefn_query_find(&ev, name, 0);
        CHECK((at < edgefn_query(&ev)->len) == (rows[i].value != NULL));
        CHECK(edgefn_query_find(&ev, name, SIZE_MAX) == edgefn_query(&ev)->len);
        CHECK(ev.arena.used == used);
        CHECK(edgefn_query_remove(&ev, name) && ev.err.code == EDGEFN_OK);
        CHECK_STR(edgefn_query_text(&ev), rows[i].removed);
        CHECK(edgefn_query_remove(&ev, name));
    }
    edgefn_event ev;
    ROW("an object");
    if (!OPEN(
            &ev,
            frame(
                F_VREQ,
                "{'method':'GET','uri':'/','querystring':{'%61':{'value':'%31'},'a':{'value':'2'}}}",
                NULL)))
        return;
    CHECK_STR(edgefn_query_get(&ev, S("a")), "1");
    CHECK(edgefn_query_find(&ev, S("a"), 1) == 1 && edgefn_query_find(&ev, S("a"), 2) == 2);
    CHECK(edgefn_query_remove(&ev, S("a")) && edgefn_query(&ev)->len == 0);
    ROW("a null byte");
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/','querystring':'a%00b=1&a=2'}", NULL)))
        return;
    CHECK_STR(edgefn_query_get(&ev, S("a\0b")), "1");
    CHECK_STR(edgefn_query_get(&ev, S("a")), "2");
    ROW("a response event");
    if (!OPEN(&ev, slurp("examples/events/viewer-response-page.json"))) return;
    CHECK(!edgefn_query_remove(&ev, S("a")) && ev.err.code == EDGEFN_E_EVENT_TYPE);
}

/* Memory for the longest query that CloudFront sends: 8,000 bytes of one-letter parameters. */
TEST(memory_of_many_parameters)
{
    enum { MANY = 4000 };
    static char text[2 * MANY + 200];
    edgefn_event ev;
    edgefn_str json =
        js(L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/','querystring':'");
    size_t n = json.len;
    memcpy(text, json.ptr, n);
    for (size_t i = 0; i < MANY; i++)
        text[n++] = "ba"[i % 2], text[n++] = i + 1 < MANY ? '&' : '"';
    memcpy(text + n, "}}}]}", 5), n += 5;
    json = (edgefn_str){ text, n };
    ROW("normalised, with little memory");
    size_t room = MANY * 32 + 3 * 2 * MANY;
    if (!CHECK(edgefn_parse(&ev, json, arena_new(edgefn_memory_bound(n) + room), NULL)
               == EDGEFN_OK))
        return;
    ev.arena.cap = ev.arena.used + room;
    CHECK(edgefn_query_normalize(&ev, NULL) && ev.err.code == EDGEFN_OK);
    CHECK_STR(edgefn_str_take(edgefn_query_text(&ev), 4), "a&a&");
    ROW("a removal copies both the kept and the removed fields");
    if (!CHECK(edgefn_parse(&ev, json, arena_new(4 << 20), NULL) == EDGEFN_OK)) return;
    edgefn_fields *q = edgefn_query(&ev);
    size_t used = ev.arena.used;
    CHECK(q->len == MANY && edgefn_remove(q, S("a")) && q->len == MANY / 2);
    CHECK(ev.arena.used - used <= MANY * sizeof(edgefn_field) + 16);
    CHECK(edgefn_add(q, S("c"), S("1")) && edgefn_get(q, S("c")).len == 1);
}
