/* Paths and URLs: normalising, patterns that match disguised spellings, prefixes, index pages,
   S3 keys, splitting. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include <time.h>
#include "kit.h"
/* clang-format off: tables with aligned columns */

/* An event of either dialect with a path set by the handler. */
static bool open_uri(edgefn_event *ev, int functions, const char *uri, size_t len)
{
    if (!OPEN(ev, frame(functions ? F_VREQ : L_VREQ, "{'method':'GET','uri':'/received'}", NULL)))
        return false;
    ev->request.uri = (edgefn_str){ uri, len };
    return true;
}

/* Calls one function on one path, in both dialects, and compares the new path; if `twice`, a
   second call must change nothing. */
static void becomes(const char *uri, bool (*verb)(edgefn_event *), const char *want, bool twice)
{
    for (int k = 0; k < 2; k++) {
        edgefn_event ev;
        if (!open_uri(&ev, k, uri, strlen(uri))) return;
        edgefn_str before = ev.request.uri;
        size_t used = ev.arena.used;
        if (!CHECK(verb(&ev))) {
            kit_why(&ev);
            return;
        }
        CHECK_STR(ev.request.uri, want);
        if (strcmp(uri, want) == 0) CHECK(ev.request.uri.ptr == before.ptr);
        if (!twice) continue;
        edgefn_str once = ev.request.uri;
        if (strcmp(uri, want) == 0) CHECK_NUM(ev.arena.used, used);
        used = ev.arena.used;
        CHECK(verb(&ev) && ev.request.uri.ptr == once.ptr && ev.request.uri.len == once.len);
        CHECK_NUM(ev.arena.used, used);
        CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
    }
}

TEST(normalize)
{
    static const struct {
        const char *uri, *want;
    } rows[] = {
        { "/", "/" },
        { "/a/b.html", "/a/b.html" },
        { "/a/", "/a/" },
        { "/A", "/A" },
        /* RFC 3986 section 6.2.2, and the dot segments of 5.2.4 and 5.4 as far as they are paths */
        { "/a/./b/../b/%63/%7bfoo%7d", "/a/b/c/%7Bfoo%7D" },
        { "/a/b/c/./../../g", "/a/g" },
        { "/./g", "/g" },
        { "/../g", "/g" },
        { "/g.", "/g." },
        { "/.g", "/.g" },
        { "/g..", "/g.." },
        { "/..g", "/..g" },
        { "/b/c/./../g", "/b/g" },
        { "/b/c/./g/.", "/b/c/g/" },
        { "/b/c/g/./h", "/b/c/g/h" },
        { "/b/c/g/../h", "/b/c/h" },
        { "/b/c/g;x=1/./y", "/b/c/g;x=1/y" },
        { "/b/c/g;x=1/../y", "/b/c/y" },
        { "/b/c/../..", "/" },
        { "/b/c/..", "/b/" },
        { "/b/c/.", "/b/c/" },
        { "/..", "/" },
        { "/.", "/" },
        { "/../../..", "/" },
        { "/a/../../../b", "/b" },
        { "/...", "/..." },
        /* decoded: unreserved characters only */
        { "/%41%7A%30%2D%2e%5F%7e", "/Az0-._~" },
        { "/%2e%2E/x", "/x" },
        { "/a/%2e%2e/b", "/b" },
        { "/a/.%2e/b", "/b" },
        { "/a/%2e/b", "/a/b" },
        { "/a%2fb", "/a%2Fb" },
        { "/a%2Fb", "/a%2Fb" },
        { "/a%5cb", "/a%5Cb" },
        { "/%3b%2b%26", "/%3B%2B%26" },
        { "/a%00", "/a%00" },
        { "/%c3%a4", "/%C3%A4" },
        { "/..%2fa", "/..%2Fa" },
        { "/a/..%5c..%5cb", "/a/..%5C..%5Cb" },
        /* double encoding is not decoded twice */
        { "/%252e%252e/a", "/%252e%252e/a" },
        { "/%252fa", "/%252fa" },
        { "/%25", "/%25" },
        { "/%2525", "/%2525" },
        { "/%2561", "/%2561" },
        /* a '%' that begins no escape must not become one later */
        { "/%", "/%25" },
        { "/%4", "/%254" },
        { "/%zz", "/%25zz" },
        { "/%%32e%%32e/a", "/%252e%252e/a" },
        { "/%2%65", "/%252e" },
        { "/%%", "/%25%25" },
        { "/%u002e", "/%25u002e" },
        /* slashes */
        { "//", "/" },
        { "//a", "/a" },
        { "/a//b", "/a/b" },
        { "/a///", "/a/" },
        { "///a//..//b", "/b" },
        { "/a//../b", "/b" },
        { "/a/.//b", "/a/b" },
        { "//..//", "/" },
        { "/a\\b", "/a/b" },
        { "/\\evil.example", "/evil.example" },
        { "/a\\..\\b", "/b" },
        { "/\\..\\", "/" },
        { "/a\\", "/a/" },
        { "/a/%5c../b", "/a/%5C../b" },
        /* bytes that no path may contain */
        { "/a b", "/a%20b" },
        { "/\xC3\xA4", "/%C3%A4" },
        { "/\"<>^`{|}[]", "/%22%3C%3E%5E%60%7B%7C%7D%5B%5D" },
        { "/?#", "/%3F%23" },
        { "/\t\x7f\x01", "/%09%7F%01" },
        { "/!$&'()*+,;=:@", "/!$&'()*+,;=:@" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].uri);
        becomes(rows[i].uri, edgefn_uri_normalize, rows[i].want, true);
    }
}

/* Guards: "/admin/" followed by "*", and ways to disguise a path below it. */
TEST(match_guards)
{
    static const char *const inside[] = {
        "/admin/",
        "/admin/a",
        "/admin/a/b.html",
        "/admin//a",
        "//admin/a",
        "///admin/a",
        "/./admin/a",
        "/x/../admin/a",
        "/x/y/../../admin/",
        "/admin/.",
        "/admin/./a",
        "/../admin/a",
        "/%61dmin/a",
        "/%61%64%6d%69%6e/a",
        "/%61%64%6D%69%6E/",
        "/x/%2e%2e/admin/a",
        "/x/%2E./admin/a",
        "/%2e/admin/a",
        "/x/..%2fadmin/a",
        "/x%2f..%2fadmin/a",
        "/admin%2fa",
        "/admin%2Fa",
        "/admin%2f",
        "/%2fadmin/a",
        "/%2Fadmin%2fa",
        "/admin\\a",
        "\\admin\\a",
        "/\\admin/a",
        "/admin%5ca",
        "/x\\..\\admin\\a",
        "/x/..\\admin/a",
        "/x%5c..%5cadmin/a",
        "/%2561dmin/a",
        "/%252561dmin/a",
        "/%25%36%31dmin/a",
        "/%%36%31dmin/a",
        "/x/%252e%252e/admin/a",
        "/x%252f..%252fadmin%252fa",
        "/admin%252fa",
        "/admin%255ca",
        "/%2%35%36%31dmin/a",
        "/admin%2findex.php%2f%252e%252e%2f%252e%252e",
        "/admin%2findex.php%2f..;x%2f..;x",
        "/admin/index.php/..\\..\\",
        "/admin%5cindex%5c%252e%252e%5c..",
        "/admin;x/..%252f",
        "/admin;/%2e%252e",
        "/;x//admin%2f%252e.",
        "/admin;x/report/..%252f..%252f",
        "////admin%5c%2e%2e%2f",
        "/admin%5c..%2f%5c/",
        "/admin;v=1/a",
        "/admin;/a",
        "/x/..;/admin/a",
        "/x/..;a=b/admin/a",
        "/x/;/../admin/a",
        "/admin%3b/a",
        "/admin%3bx=1%2fa",
        "/admin//../x",
        "/admin%2f%2f..%2fx",
        "/x//../admin/a",
        "/x//../../admin/a",
        "/admin/..%2fx",
        "/admin/..%5cx",
        "/admin/%252e%252e/x",
        "/q%2fr/../s%2f../admin/a",
        "/q%2fr/../admin%2f%2f../b",
        "/admin/%00",
        "/admin/a?b",
        "/admin/\xFF",
        "/admin/%ff",
    };
    /* none matches, but the first ones are still guarded, because some server may decode them to
       a match */
    static const char *const outside[] = {
        "/Admin/a",
        "/ADMIN/",
        "/%41dmin/a",
        "/admin/../x",
        "/admin/..",
        "/admin/%2e%2e/x",
        "/admin/./../x",
        "/a%2fadmin/",
        "/admin%zz/a",
        "/b%2fadmin%2f",
        "/admin%2fa",
        "/admin;x/a",
        "/%2561dmin/a",
        "/%u0061dmin/x",
        "/x/..;/admin/a",
        "/x%2f..%2fadmin/a",
        "",
        "/",
        "/admin",
        "/administrator",
        "/administrator/a",
        "/a/admin/",
        "/x/admin/a",
        "/admi",
        "/admin-x/",
        "/x?/admin/a",
        "/.admin/a",
        "/admin./a",
        "/..admin/a",
        "/admin%20/a",
        "/%61dministrator/a",
        "/%zzadmin/a",
        "*",
    };
    const size_t guarded = 17;
    for (size_t i = 0; i < COUNT(inside); i++) {
        ROW("inside: %s", inside[i]);
        CHECK(edgefn_uri_guards(edgefn_cstr(inside[i]), S("/admin/*")));
        CHECK(edgefn_uri_guards(edgefn_cstr(inside[i]), S("admin/*")));
        CHECK(edgefn_uri_guards(edgefn_cstr(inside[i]), S("*")));
        edgefn_str copy = guard_copy(inside[i], strlen(inside[i]));
        CHECK(edgefn_uri_guards(copy, S("/ADMIN/*")));
    }
    for (size_t i = 0; i < COUNT(outside); i++) {
        ROW("outside: %s", outside[i]);
        CHECK(!edgefn_uri_match(edgefn_cstr(outside[i]), S("/admin/*")));
        CHECK(!edgefn_uri_match(edgefn_cstr(outside[i]), S("/admin/?*")));
        CHECK(edgefn_uri_guards(edgefn_cstr(outside[i]), S("/admin/*")) == (i < guarded));
    }
}

TEST(match_lists)
{
    static const struct {
        const char *uri;
        bool match, guards;
    } rows[] = {
        { "/a", true, true },      { "/b/x.png", true, true },    { "/x.jpg", true, true },
        { "/b", false, false },    { "/A", false, true }, /* guards ignore case */
        { "/%2561", false, true }, { "/b%2fx.png", false, true }, { "/c", false, false },
        { "", false, true },       { NULL, false, true },
    };
    static const edgefn_str list[] = { EDGEFN_S_INIT("/a"), EDGEFN_S_INIT("/b/*"),
                                       EDGEFN_S_INIT("*.jpg") };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].uri ? rows[i].uri : "absent");
        edgefn_str uri = edgefn_cstr(rows[i].uri);
        bool match = false, guards = false;
        for (size_t k = 0; k < COUNT(list); k++) {
            match |= edgefn_uri_match(uri, list[k]);
            guards |= edgefn_uri_guards(uri, list[k]);
        }
        CHECK(match == rows[i].match && guards == rows[i].guards);
        CHECK(edgefn_uri_match_any(uri, list, COUNT(list)) == match);
        CHECK(edgefn_uri_guards_any(uri, list, COUNT(list)) == guards);
        CHECK(!edgefn_uri_match_any(uri, NULL, 0) && !edgefn_uri_guards_any(uri, NULL, 0));
    }
    ROW("absent patterns");
    CHECK(!edgefn_uri_match_any(S("/a"), EDGEFN_STRS(S("/b"), EDGEFN_ABSENT)));
    CHECK(edgefn_uri_guards_any(S("/a"), EDGEFN_STRS(S("/b"), EDGEFN_ABSENT)));
}

TEST(match_patterns)
{
    static const struct {
        const char *uri, *pattern;
        bool fits;
    } rows[] = {
        { "/a.jpg", "*.jpg", true },
        { "/x/a.jpg", "*.jpg", true },
        { "/a/b.jpg", "*/b.jpg", true },
        { "/b.jpg", "*/b.jpg", true },
        { "/ab.jpg", "*/b.jpg", false },
        { "/a.jpeg", "*.jpg", false },
        { "/a.JPG", "*.jpg", false },
        { "/a.jpg.exe", "*.jpg", false },
        { "/.jpg", "*.jpg", true },
        { "/images/a.jpg", "/images/*.jpg", true },
        { "/images/x/y/a.jpg", "/images/*.jpg", true },
        { "/images/a.jpg", "images/*.jpg", true },
        { "/x/images/a.jpg", "images/*.jpg", false },
        { "/a1.png", "/a?.png", true },
        { "/a.png", "/a?.png", false },
        { "/a12.png", "/a?.png", false },
        { "/a12.png", "/a??.png", true },
        { "/a/.png", "/a?.png", true },
        { "/", "/", true },
        { "/", "*", true },
        { "/", "/*", true },
        { "/", "/?*", false },
        { "/a", "/?*", true },
        { "/a", "/", false },
        { "/a", "/a", true },
        { "/a", "a", true },
        { "/ab", "/a", false },
        { "/a", "/ab", false },
        { "/a*b", "/a*b", true },
        { "/a?b", "/a?b", true },
        { "/abab", "/*ab", true },
        { "/ababc", "/*ab", false },
        { "/aXbXc", "/a*b*c", true },
        { "/abc", "/a**c", true },
        { "/ac", "/a**c", true },
        { "/abcbcd", "/*b?d", true },
        { "/abcbd", "/*b?d", false },
        { "/mississippi", "/*iss*ip*", true },
        { "/mississippi", "/*iss*ipx*", false },
        { "/a%20b", "/a b", true },
        { "/a b", "/a b", true },
        { "/%C3%A4", "/\xC3\xA4", true },
        { "/\xC3\xA4", "/\xC3\xA4", true },
        { "/%C3%A4", "/?", true },
        { "/%C3%A4x", "/?x", true },
        { "/%C3%A4", "/??", false },
        { "/%E2%82%AC.gif", "/?.gif", true },
        { "/%2A", "/*", true },
        { "/x/%2561", "/x/a", false },
        { "/x/%2561", "/x/%61", true },
        { "/a%2Fb", "/a/b", false },
        { "/a%2Fb", "/a%2Fb", true },
        { "/a;x/b", "/a/b", false },
        { "/a;x/b", "/a;x/b", true },
        { "/a/../b", "/b", true },
        { "/a/../b", "/a/*", false },
        { "/a", "", false },
        { "", "*", false },
        { "", "", false },
        { "*", "*", true },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s for %s", rows[i].uri, rows[i].pattern);
        CHECK(edgefn_uri_match(edgefn_cstr(rows[i].uri), edgefn_cstr(rows[i].pattern))
              == rows[i].fits);
    }
    ROW("absent");
    CHECK(!edgefn_uri_match(edgefn_cstr(NULL), S("*"))
          && !edgefn_uri_match(S("/"), edgefn_cstr(NULL))
          && !edgefn_uri_match(edgefn_cstr(NULL), edgefn_cstr(NULL)));
    ROW("long paths, and patterns that backtrack");
    static char path[8300], pattern[256];
    memset(path, 'a', sizeof path), path[0] = '/';
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = i % 2 ? '*' : 'a';
    pattern[0] = '/', pattern[254] = 'b';
    for (size_t n = 8188; n <= 8193; n++) {
        edgefn_str uri = guard_copy(path, n), stars = { pattern, 255 };
        CHECK(!edgefn_uri_match(uri, stars));
        CHECK(edgefn_uri_match(uri, S("/a*")) == (n <= 8192));
        CHECK(edgefn_uri_plain(uri) == (n <= 8192));
    }
    memset(path + 1, '%', sizeof path - 1);
    edgefn_str odd = guard_copy(path, 8192), stars = { pattern, 255 };
    CHECK(!edgefn_uri_match(odd, stars));
    for (size_t i = 1; i + 3 < sizeof path; i += 3)
        memcpy(path + i, "/..", 3);
    CHECK(!edgefn_uri_match(guard_copy(path, 8191), stars)
          && edgefn_uri_match(guard_copy(path, 8191), S("/")));
}

/* Returns the processor seconds of one comparison, the shortest of several. */
static double match_time(edgefn_str uri, edgefn_str pattern)
{
    double best = 1e9;
    for (int i = 0; i < 7; i++) {
        clock_t start = clock();
        for (int k = 0; k < 5; k++)
            CHECK(!edgefn_uri_match(uri, pattern));
        double took = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (took < best) best = took;
    }
    return best;
}

/* A path twice as long takes twice the time, also if it has to be normalised. */
TEST(match_time)
{
    static const char *const patterns[] = { "/members/*", "*/admin/*",
                                            "*/admi/admi/admi/admi/admi/admin*",
                                            "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*c" };
    static const char *const units[] = { "/admi", "a", "/adm%69" };
    static char plain[8192], odd[8192];
    for (size_t i = 0; i < COUNT(patterns); i++)
        for (size_t u = 0; u < COUNT(units); u++) {
            ROW("%s, %s", patterns[i], units[u]);
            size_t n = strlen(units[u]);
            for (size_t k = 0; k < sizeof plain; k++)
                plain[k] = odd[k] = k == 0 ? '/' : units[u][k % n];
            for (size_t k = 0; k < sizeof plain; k++)
                if (plain[k] == '%') plain[k] = 'x';
            memcpy(odd + sizeof odd - 8, "%252e;%2", 8);
            edgefn_str pattern = edgefn_cstr(patterns[i]);
            double one = match_time((edgefn_str){ plain, sizeof plain }, pattern),
                   whole = match_time((edgefn_str){ odd, sizeof odd }, pattern);
            double half = match_time((edgefn_str){ odd + sizeof odd / 2, sizeof odd / 2 }, pattern);
            CHECK(whole < one * 40 + 1e-3);
            CHECK(whole < half * 4 + 1e-3);
        }
}

TEST(plain)
{
    static const char *const plain[] = { "/",       "/a",          "/a/b/",   "/a%20b",
                                         "/%C3%A4", "/%61",        "/a.b",    "/.well-known/x",
                                         "/...",    "/a..",        "/%41%2d", "/a%2Bb",
                                         "/a%3F",   "/!$&'()*,=:@" };
    static const char *const odd[] = { "",
                                       "a",
                                       "*",
                                       "//",
                                       "/a//b",
                                       "/.",
                                       "/..",
                                       "/a/../b",
                                       "/a/%2e%2e",
                                       "/a/%2e",
                                       "/a%2fb",
                                       "/a%2Fb",
                                       "/a\\b",
                                       "/a%5cb",
                                       "/a;b",
                                       "/a%3bb",
                                       "/%25",
                                       "/%2541",
                                       "/%",
                                       "/%4",
                                       "/%zz",
                                       "/%00",
                                       "/%0a",
                                       "/%1f",
                                       "/%7f",
                                       "/a\x01",
                                       "/..;/",
                                       "/%252e",
                                       "/a+b",
                                       "/+",
                                       "/a%20+b",
                                       "/%u0061dmin",
                                       "/%U002f",
                                       "/%u002e%u002e/x",
                                       "/%2575002e",
                                       "/%2525",
                                       "/%%36%31",
                                       "/%2%65",
                                       "/%252e%252e/a",
                                       "/%25252e%25252e/a",
                                       "/%25%32%65" };
    for (size_t i = 0; i < COUNT(plain); i++) {
        ROW("plain: %s", plain[i]);
        CHECK(edgefn_uri_plain(edgefn_cstr(plain[i])));
    }
    for (size_t i = 0; i < COUNT(odd); i++) {
        ROW("not plain: %s", odd[i]);
        CHECK(!edgefn_uri_plain(edgefn_cstr(odd[i])));
    }
    CHECK(!edgefn_uri_plain(edgefn_cstr(NULL)));
}

static uint32_t seed = 1;
static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* For any path: normalising twice equals normalising once, the result contains nothing to
   normalise, and it matches every pattern that plausible decodings of the path match. So a
   handler that normalises first recognises at least as many paths as one that does not. */
TEST(any_path)
{
    static const char *const pieces[] = { "/",   "/",        "/",  "..",  ".",   "%2e", "%2E",
                                          "%2f", "%5C",      "\\", ";",   "%25", "%",   "2",
                                          "e",   "f",        "a",  "b",   "//",  "%61", "%3b",
                                          "%c3", "\xC3\xA4", "5c", "%00", " " };
    static const char *const patterns[] = { "/a/*", "/a", "/b/*", "*/b", "/a/b/*", "/?/a*" };
    edgefn_event ev;
    if (!open_uri(&ev, 0, "/", 1)) return;
    size_t used = ev.arena.used, hits = 0, plains = 0;
    for (size_t round = 0; round < 60000; round++) {
        char uri[200] = "/";
        size_t len = 1;
        for (uint32_t i = draw(9) + 1; i > 0; i--)
            len += (size_t)sprintf(uri + len, "%s", pieces[draw(COUNT(pieces))]);
        ev.arena.used = used;
        ev.request.uri = (edgefn_str){ uri, len };
        edgefn_str received = ev.request.uri;
        bool held = CHECK(edgefn_uri_normalize(&ev));
        edgefn_str once = ev.request.uri;
        held &= CHECK(edgefn_uri_normalize(&ev))
                && CHECK(ev.request.uri.ptr == once.ptr && ev.request.uri.len == once.len);
        held &= CHECK(once.ptr[0] == '/' && !edgefn_str_contains(once, S("//"))
                      && !edgefn_str_contains(once, S("\\")) && !edgefn_str_contains(once, S("/./"))
                      && !edgefn_str_contains(once, S("/../")));
        held &=
            CHECK(!edgefn_str_ends(once, S("/.")) && !edgefn_str_ends(once, S("/.."))
                  && !edgefn_str_contains(once, S("%2e")) && !edgefn_str_contains(once, S("%2E")));
        if (edgefn_uri_plain(received)) {
            plains++;
            held &= CHECK(edgefn_uri_plain(once));
            edgefn_str a = edgefn_percent_decode(&ev, received, false),
                       b = edgefn_percent_decode(&ev, once, false);
            held &= CHECK(edgefn_str_eq(a, b) && edgefn_uri_match(received, a));
        }
        for (size_t k = 0; k < COUNT(patterns); k++) {
            bool fits = edgefn_uri_match(once, edgefn_cstr(patterns[k]));
            hits += fits;
            held &= CHECK(fits == edgefn_uri_match(received, edgefn_cstr(patterns[k])));
            held &= CHECK(!fits || edgefn_uri_guards(received, edgefn_cstr(patterns[k])));
        }
        if (!held) {
            test_show("path   ", received);
            test_show("normal ", once);
            return;
        }
    }
    CHECK(hits > 1000 && plains > 1000);
}

static const char *prefix_from, *prefix_to;
static bool replace_prefix(edgefn_event *ev)
{
    return edgefn_uri_replace_prefix(ev, edgefn_cstr(prefix_from), edgefn_cstr(prefix_to));
}

TEST(replace_prefix)
{
    static const struct {
        const char *uri, *from, *to, *want;
    } rows[] = {
        { "/v1/x", "/v1", "/v2", "/v2/x" },
        { "/v1", "/v1", "/v2", "/v2" },
        { "/v1/", "/v1", "/v2", "/v2/" },
        { "/v10/x", "/v1", "/v2", "/v10/x" },
        { "/V1/x", "/v1", "/v2", "/V1/x" },
        { "/v1/x", "/v1/", "/v2/", "/v2/x" },
        { "/v1/x", "/v1", "", "/x" },
        { "/v1/x", "/v1", "/", "/x" },
        { "/v1", "/v1", "", "/" },
        { "/v1/", "/v1", "", "/" },
        { "/x", "", "/v1", "/v1/x" },
        { "/x", "/", "/v1", "/v1/x" },
        { "/", "", "/v1", "/v1/" },
        { "/", "/", "", "/" },
        { "/a/b/c", "/a/b", "/z", "/z/c" },
        { "/a/bc", "/a/b", "/z", "/a/bc" },
        { "/a", "/a/b", "/z", "/a" },
        { "/x/v1/y", "/v1", "/v2", "/x/v1/y" },
        { "/v1//evil.example", "/v1", "", "//evil.example" },
        { "/x", NULL, "/v1", "/v1/x" },
        { "/v1/x", "/v1", NULL, "/x" },
        { "/v1/x", "/v1", "/v1", "/v1/x" },
        { "/v1/x", "v1", "v2", "/v2/x" },
        { "/v1/x", "v1/", "v2/", "/v2/x" },
        { "/v1", "v1", "v2/w", "/v2/w" },
        { "/x", "", "v1/", "/v1/x" },
        { "/", "", "v1", "/v1/" },
        { "/x", "/v1", "v2", "/x" },
        { "/v1/x", "v1", "%C3%A4", "/%C3%A4/x" },
        { "/v1/x", "v1", "../w", "/../w/x" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s: %s to %s", rows[i].uri, rows[i].from, rows[i].to);
        prefix_from = rows[i].from, prefix_to = rows[i].to;
        for (int k = 0; k < 2; k++) {
            edgefn_event ev;
            if (!open_uri(&ev, k, rows[i].uri, strlen(rows[i].uri))) continue;
            CHECK(replace_prefix(&ev));
            CHECK_STR(ev.request.uri, rows[i].want);
            CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
        }
    }
    static const struct {
        const char *from, *to;
    } bad[] = { { "/v1", "a b" },
                { "/v1", "?a" },
                { "/v1", "http:" },
                { "/v1", "/a b" },
                { "/v1", "/a?b=" },
                { "/v1", "/a#" },
                { "/v1", "https://evil.example" },
                { "/v1", "/\xFF" } };
    for (size_t i = 0; i < COUNT(bad); i++) {
        ROW("invalid: %s", bad[i].to);
        edgefn_event ev;
        prefix_from = bad[i].from, prefix_to = bad[i].to;
        if (!open_uri(&ev, 0, "/v1/x", 5)) continue;
        CHECK(!replace_prefix(&ev));
        CHECK_ERR(&ev, EDGEFN_E_URI, NOWHERE);
    }
}

static bool add_index(edgefn_event *ev)
{
    return edgefn_uri_add_index(ev, edgefn_cstr(NULL));
}
static bool add_slash(edgefn_event *ev)
{
    return edgefn_uri_add_index(ev, S(""));
}
static bool add_other(edgefn_event *ev)
{
    return edgefn_uri_add_index(ev, S("default.htm"));
}

TEST(index_and_slash)
{
    static const struct {
        const char *uri, *index, *slash, *other, *drop;
    } rows[] = {
        { "/", "/index.html", "/", "/default.htm", "/" },
        { "/a", "/a/index.html", "/a/", "/a/default.htm", "/a" },
        { "/a/", "/a/index.html", "/a/", "/a/default.htm", "/a" },
        { "/a.html", "/a.html", "/a.html", "/a.html", "/a.html" },
        { "/v1.2/a", "/v1.2/a/index.html", "/v1.2/a/", "/v1.2/a/default.htm", "/v1.2/a" },
        { "/a.b/", "/a.b/index.html", "/a.b/", "/a.b/default.htm", "/a.b" },
        { "/a//", "/a//index.html", "/a//", "/a//default.htm", "/a" },
        { "//", "//index.html", "//", "//default.htm", "/" },
        { "/.htaccess", "/.htaccess/index.html", "/.htaccess/", "/.htaccess/default.htm",
          "/.htaccess" },
        { "/a.", "/a.", "/a.", "/a.", "/a." },
        { "//evil.example/", "//evil.example/index.html", "//evil.example/",
          "//evil.example/default.htm", "//evil.example" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].uri);
        becomes(rows[i].uri, add_index, rows[i].index, false);
        becomes(rows[i].uri, add_slash, rows[i].slash, false);
        becomes(rows[i].uri, add_other, rows[i].other, false);
        becomes(rows[i].uri, edgefn_uri_drop_slash, rows[i].drop, true);
    }
    ROW("edgefn_changed() shows whether to redirect");
    for (int k = 0; k < 2; k++) {
        edgefn_event ev;
        if (!OPEN(&ev, frame(k ? F_VREQ : L_VREQ, "{'method':'GET','uri':'/a/'}", NULL))) return;
        CHECK(edgefn_uri_add_index(&ev, S(""))
              && edgefn_changed(&ev, EDGEFN_MEMBER_URI) == EDGEFN_CHANGE_NONE);
        CHECK(edgefn_uri_drop_slash(&ev)
              && edgefn_changed(&ev, EDGEFN_MEMBER_URI) == EDGEFN_CHANGE_EDITED);
    }
}

TEST(encode_s3)
{
    static const struct {
        const char *uri, *want;
    } rows[] = {
        { "/a/b.jpg", "/a/b.jpg" },
        { "/C++.html", "/C%2B%2B.html" },
        { "/a b", "/a%20b" },
        { "/a%20b", "/a%20b" },
        { "/a+b%2Bc", "/a%2Bb%2Bc" },
        { "/\xC3\xA9t\xC3\xA9.png", "/%C3%A9t%C3%A9.png" },
        { "/%c3%a9", "/%C3%A9" },
        { "/%E6%97%A5%E6%9C%AC", "/%E6%97%A5%E6%9C%AC" },
        { "/a!b'c(d)e*f", "/a%21b%27c%28d%29e%2Af" },
        { "/a:b@c&d=e$f,g;h", "/a%3Ab%40c%26d%3De%24f%2Cg%3Bh" },
        { "/%61~%7E", "/a~~" },
        { "/a%2Fb", "/a%2Fb" },
        { "/a%2fb", "/a%2Fb" },
        { "/a//b/../c", "/a//b/../c" },
        { "/100%", "/100%25" },
        { "/100%25", "/100%25" },
        { "/", "/" },
        { "/%25zz%zz", "/%25zz%25zz" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].uri);
        becomes(rows[i].uri, edgefn_uri_encode_s3, rows[i].want, true);
    }
}

/* Every function outside request events, even if it would change nothing. */
TEST(read_only)
{
    bool (*const verbs[])(edgefn_event *) = { edgefn_uri_normalize, edgefn_uri_encode_s3,
                                              edgefn_uri_drop_slash, add_index, replace_prefix };
    prefix_from = "/x", prefix_to = "/y";
    for (size_t i = 0; i < COUNT(verbs); i++)
        for (int k = 0; k < 3; k++) {
            ROW("%zu, %d", i, k);
            edgefn_event ev;
            if (!OPEN(&ev, k == 0   ? frame(L_ORES, "{'status':'200'}", NULL)
                           : k == 1 ? frame(L_VRES, "{'status':'200'}", NULL)
                                    : frame(F_VRES, "{'statusCode':200}", NULL)))
                continue;
            CHECK(!verbs[i](&ev));
            CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
        }
}

TEST(path_split)
{
    static const struct {
        const char *path, *dir, *base, *stem, *ext;
    } rows[] = {
        { "/a/b.tar.gz", "/a/", "b.tar.gz", "b.tar", "gz" },
        { "/a", "/", "a", "a", NULL },
        { "/", "/", "", "", NULL },
        { "/a/", "/a/", "", "", NULL },
        { "a.b", "", "a.b", "a", "b" },
        { "/.htaccess", "/", ".htaccess", ".htaccess", NULL },
        { "/a.", "/", "a.", "a", "" },
        { "/..", "/", "..", ".", "" },
        { "/.", "/", ".", ".", NULL },
        { "", "", "", "", NULL },
        { "/a.b/c", "/a.b/", "c", "c", NULL },
        { NULL, NULL, NULL, NULL, NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].path);
        edgefn_path p = edgefn_path_split(edgefn_cstr(rows[i].path));
        CHECK_STR(p.dir, edgefn_cstr(rows[i].dir)), CHECK_STR(p.base, edgefn_cstr(rows[i].base)),
            CHECK_STR(p.stem, edgefn_cstr(rows[i].stem)),
            CHECK_STR(p.ext, edgefn_cstr(rows[i].ext));
    }
}

TEST(path_segment)
{
    static const struct {
        const char *path;
        size_t index;
        const char *want;
    } rows[] = {
        { "/a/b", 0, "a" },     { "/a/b", 1, "b" }, { "/a/b", 2, NULL }, { "/a/b", SIZE_MAX, NULL },
        { "/a/", 1, "" },       { "/a/", 2, NULL }, { "/", 0, "" },      { "/", 1, NULL },
        { "//x", 0, "" },       { "//x", 1, "x" },  { "a/b", 0, "a" },   { "a/b", 1, "b" },
        { "", 0, "" },          { "", 1, NULL },    { NULL, 0, NULL },   { NULL, 3, NULL },
        { "/%2F/b", 0, "%2F" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s, %zu", rows[i].path, rows[i].index);
        CHECK_STR(edgefn_path_segment(edgefn_cstr(rows[i].path), rows[i].index),
                  edgefn_cstr(rows[i].want));
    }
}

TEST(url_split)
{
    static const struct {
        const char *url, *scheme, *userinfo, *host, *port, *path, *query, *fragment;
        bool ok;
    } rows[] = {
        { "https://www.example.com:8443/a/b?c=d?e#f#g", "https", NULL, "www.example.com", "8443",
          "/a/b", "c=d?e", "f#g", true },
        { "http://example.com", "http", NULL, "example.com", NULL, "", NULL, NULL, true },
        { "HTTP://EXAMPLE.com?", "HTTP", NULL, "EXAMPLE.com", NULL, "", "", NULL, true },
        { "https://a@b@c/", "https", "a@b", "c", NULL, "/", NULL, NULL, true },
        { "https://good.example@evil.example/", "https", "good.example", "evil.example", NULL, "/",
          NULL, NULL, true },
        { "https://:@h/", "https", ":", "h", NULL, "/", NULL, NULL, true },
        { "https://@h/", "https", "", "h", NULL, "/", NULL, NULL, true },
        { "https://[2001:db8::7]:80/c", "https", NULL, "[2001:db8::7]", "80", "/c", NULL, NULL,
          true },
        { "https://[::1]/", "https", NULL, "[::1]", NULL, "/", NULL, NULL, true },
        { "//h/p", NULL, NULL, "h", NULL, "/p", NULL, NULL, true },
        { "/p?q", NULL, NULL, NULL, NULL, "/p", "q", NULL, true },
        { "p", NULL, NULL, NULL, NULL, "p", NULL, NULL, true },
        { "", NULL, NULL, NULL, NULL, "", NULL, NULL, true },
        { "?q", NULL, NULL, NULL, NULL, "", "q", NULL, true },
        { "#f", NULL, NULL, NULL, NULL, "", NULL, "f", true },
        { "mailto:a@b.example", "mailto", NULL, NULL, NULL, "a@b.example", NULL, NULL, true },
        { "javascript:alert(1)", "javascript", NULL, NULL, NULL, "alert(1)", NULL, NULL, true },
        { "https:evil.example", "https", NULL, NULL, NULL, "evil.example", NULL, NULL, true },
        { "https:/evil.example", "https", NULL, NULL, NULL, "/evil.example", NULL, NULL, true },
        { "urn:oasis:names", "urn", NULL, NULL, NULL, "oasis:names", NULL, NULL, true },
        { "/a:b", NULL, NULL, NULL, NULL, "/a:b", NULL, NULL, true },
        { ":a", NULL, NULL, NULL, NULL, ":a", NULL, NULL, true },
        { "https:///p", "https", NULL, "", NULL, "/p", NULL, NULL, false },
        { "https://", "https", NULL, "", NULL, "", NULL, NULL, false },
        { "https://h:/", "https", NULL, "h", "", "/", NULL, NULL, false },
        { "https://h:x/", "https", NULL, "h", "x", "/", NULL, NULL, false },
        { "https://h:65536/", "https", NULL, "h", "65536", "/", NULL, NULL, false },
        { "https://h:1:2/", "https", NULL, "h", "1:2", "/", NULL, NULL, false },
        { "https://h\\@g/", "https", "h\\", "g", NULL, "/", NULL, NULL, false },
        { "https://h/a b", "https", NULL, "h", NULL, "/a b", NULL, NULL, false },
        { "https://h/\t", "https", NULL, "h", NULL, "/\t", NULL, NULL, false },
        { "https://h/\n", "https", NULL, "h", NULL, "/\n", NULL, NULL, false },
        { "https://h\xC3\xA4/", "https", NULL, "h\xC3\xA4", NULL, "/", NULL, NULL, false },
        { "https://h%2f/", "https", NULL, "h%2f", NULL, "/", NULL, NULL, false },
        { "/\\evil", NULL, NULL, NULL, NULL, "/\\evil", NULL, NULL, false },
        { "1http://h/", NULL, NULL, NULL, NULL, "1http://h/", NULL, NULL, true },
        { "ht_tp://h/", NULL, NULL, NULL, NULL, "ht_tp://h/", NULL, NULL, true },
        { "git+ssh://h/", "git+ssh", NULL, "h", NULL, "/", NULL, NULL, true },
        { "https://[::1]x/", "https", NULL, "[::1]x", NULL, "/", NULL, NULL, false },
        { "https://[::1/", "https", NULL, "[::1", NULL, "/", NULL, NULL, false },
        { "https://[]x/", "https", NULL, "[]x", NULL, "/", NULL, NULL, false },
        { "https://./", "https", NULL, ".", NULL, "/", NULL, NULL, false },
        { "https://../x", "https", NULL, "..", NULL, "/x", NULL, NULL, false },
        { "https://a..b/", "https", NULL, "a..b", NULL, "/", NULL, NULL, false },
        { "https://.a:1/", "https", NULL, ".a", "1", "/", NULL, NULL, false },
        { "https://a.b./", "https", NULL, "a.b.", NULL, "/", NULL, NULL, true },
        { "https://a../", "https", NULL, "a..", NULL, "/", NULL, NULL, false },
        { NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].url);
        edgefn_url_parts u = edgefn_url_split(edgefn_cstr(rows[i].url));
        CHECK_STR(u.scheme, edgefn_cstr(rows[i].scheme)),
            CHECK_STR(u.userinfo, edgefn_cstr(rows[i].userinfo)),
            CHECK_STR(u.host, edgefn_cstr(rows[i].host));
        CHECK_STR(u.port, edgefn_cstr(rows[i].port)), CHECK_STR(u.path, edgefn_cstr(rows[i].path)),
            CHECK_STR(u.query, edgefn_cstr(rows[i].query));
        CHECK_STR(u.fragment, edgefn_cstr(rows[i].fragment));
        CHECK(u.ok == rows[i].ok);
    }
}
