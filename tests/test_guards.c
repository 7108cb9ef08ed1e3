/* edgefn_uri_guards(): disguised paths that it must recognise, compared with models of many
   servers, and paths of ordinary sites, which it must not match. */
#include "../edgefn.h"
#include "test.h"
#include <time.h>
#include "kit.h"
/* clang-format off: tables with aligned columns */

static bool guards(const char *path, const char *pattern)
{
    return edgefn_uri_guards(guard_copy(path, strlen(path)), edgefn_cstr(pattern));
}

/* The named server decodes each path to the guarded one. */
TEST(servers)
{
    static const struct {
        const char *path, *pattern, *server;
    } rows[] = {
        { "//admin;%2f.%3b/../x", "/admin/*",
          "nginx, dots resolved, before Tomcat, which cuts ';'" },
        { "/b/;/..;/my%20files/%3b/..;/x", "/my files/*", "Tomcat: cuts ';' before it decodes" },
        { "/b/;/..;/caf%C3%A9/%3b/..;/x", "/caf\xc3\xa9/*", "Tomcat" },
        { "/%u0061dmin/x", "/admin/*", "IIS: %uXXXX" },
        { "/%U0061dmin/x", "/admin/*", "IIS: %UXXXX" },
        { "/%25u0061dmin/x", "/admin/*", "a proxy that decodes, before IIS" },
        { "/%u002561dmin", "/admin*", "%u0025 begins another escape" },
        { "/my+files/x", "/my files/*", "S3: '+' is a space" },
        { "/my files/x", "/my+files/*", "S3, the pattern written so" },
        { "/my%2bfiles/x", "/my files/*", "decoded, then read by S3" },
        { "/b/%252e%252e/admin/%25252e%25252e/x", "/admin/*", "decoded exactly twice" },
        { "/Admin/x", "/admin/*", "Express, IIS, Windows, macOS" },
        { "/admin/x", "/ADMIN/*", "the same" },
        { "/x%5c..%5cadmin%5cx", "/admin/*", "IIS: backslash" },
        { "/admin%2fx", "/admin/*", "Apache, AllowEncodedSlashes On" },
        { "/admin/..%2fx", "/admin/*", "Apache, AllowEncodedSlashes NoDecode" },
        { "/x/..%2fadmin/x", "/admin/*", "Node.js: decodeURIComponent(), then path.join()" },
        { "/x//../admin/x", "/admin/*", "nginx, merge_slashes" },
        { "/x//../../admin/x", "/admin/*", "nginx, merge_slashes off" },
        { "/a.php%00.jpg", "*.php", "old PHP: a NUL ends the name" },
        { "/a.php;.jpg", "*.php", "Tomcat, IIS" },
        { "/a.PHP%20;", "*.php", "IIS on Windows" },
        { "/%c0%ae%c0%ae/%c1%a1dmin/x", "/admin/*", "UTF-8 decoded loosely" },
        { "/%c1%a1dmin/x", "/admin/*", "UTF-8 decoded tolerantly, otherwise plain" },
        { "/caf%E9/x", "/caf\xc3\xa9/*", "ISO-8859-1" },
        { "/%uff41dmin/x", "/admin/*", "IIS: the nearest letter" },
        { "/ad%0amin/x", "/admin/*", "what leaves line feeds out" },
        { "/%2525252525252561dmin/x", "/admin/*", "any number of decodings" },
        { "/%%36%31dmin/x", "/admin/*", "escapes in escapes" },
        { "/%%%332%35%361dmin/x", "/admin/*", "deeper" },
        { "/%2%35%32%35%36%31dmin/x", "/admin/*", "and mixed" },
        { "/x/%252F2fa", "/x/*2fa", "decoded once, a piece after a wildcard eaten by an escape" },
        { "/x/%252fa", "*2fa*", "decoded once: the name is %2fa" },
        { "/x/%2541dmin", "*41dmin", "the same" },
        { "/100%2541x", "*100%*", "a pattern with '%'" },
        { "*", "*", "OPTIONS *" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s for %s: %s", rows[i].path, rows[i].pattern, rows[i].server);
        CHECK(guards(rows[i].path, rows[i].pattern));
    }
}

TEST(patterns)
{
    static const struct {
        const char *path, *pattern;
        bool guarded;
    } rows[] = {
        /* plain paths: a match, ignoring case */
        { "/admin/", "/admin/*", true },
        { "/admin/", "admin/*", true },
        { "/admin", "/admin/*", false },
        { "/administrator", "/admin/*", false },
        { "/x/admin/", "/admin/*", false },
        { "/x/admin/", "*/admin/*", true },
        { "/admin/", "*/admin/*", true },
        { "/.git/config", "*/.git*", true },
        { "/a.git/config", "*/.git*", false },
        { "/a.JpG", "*.jpg", true },
        { "/%61.%4Ap%67", "*.jPg", true },
        { "/%C3%A4", "/?", true },
        { "/%C3%A4", "/??", false },
        { "/\xC3\x84", "/\xC3\xA4", false }, /* only ASCII letters ignore case */
        { "/a%20b", "/A B", true },
        { "/a%2Bb", "/a b", true },
        { "/", "/", true },
        { "/", "*", true },
        { "/a", "/", false },
        /* other paths: the pieces in order, from the beginning of a segment */
        { "/wiki/C++", "/admin/*", false },
        { "/wiki/C++", "/wiki/*", true },
        { "/wiki/Rapid+C++", "/api/*", false },
        { "/wiki/Rapid+C++", "*api/*", true },
        { "/sadmin//x", "/admin/*", false },
        { "/b//a", "/a/b", false },
        { "/b//a/b", "/a/b", true },
        { "/b//a", "/a*b", false },
        { "/a;b/", "/a/?b", true },
        { "/a;b/", "/a?b", true },
        { "/a;b/", "/a;b/*", true },
        { "/a//b", "/a\\b", true },
        { "/a//a", "/a*a", true },
        { "/aa//", "/a*a", true },
        { "/a//", "/a*a", false },
        { "/x.ph+p", "*.php", false },
        { "/wiki/C++", "*", true },
        { "/wiki/C++", "/", true },
        { "/wiki/C++", "?*/", true },
        { "/wiki/C++", "*face*", false },
        { "/wiki/C++%20", "*face*", true }, /* each byte of the piece may have been escaped */
        { "/wiki/C++", "/x%20", true },
        { "/wiki/C%20x", "/x%20", false },
        { "/%zz", "/admin/*", false },
        { "/50%", "/admin/*", false },
        { "/50%25", "/admin/*", false },
        { "/50%-off", "/50*", true },
        { "/%u0062", "/a*", false },
        { "/%u00e4", "/a*", true },
        { "/%u0161x", "/b*", true },
        { "/%uff41", "/b*", true },
        { "/%u00c3%u00a4", "/b*", true },
        { "/%u006", "/6", false },
        { "/%u006", "/%u006", true },
        { "/%00", "/admin/*", true },
        { "/\x7f", "/admin/*", true },
        { "/%ff", "/admin/*", true },
        { "/%25ff", "/admin/*", true },
        { "", "/admin/*", true },
        { "/", "", true },
        { "", "", true },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s for %s", rows[i].path, rows[i].pattern);
        CHECK(guards(rows[i].path, rows[i].pattern) == rows[i].guarded);
    }
    CHECK(edgefn_uri_guards(EDGEFN_S("/a"), (edgefn_str){ NULL, 0 }));
    CHECK(edgefn_uri_guards((edgefn_str){ NULL, 0 }, EDGEFN_S("/a")));
    static char path[8193];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    CHECK(!edgefn_uri_guards(guard_copy(path, 8192), EDGEFN_S("/b*")));
    CHECK(edgefn_uri_guards(guard_copy(path, 8193), EDGEFN_S("/b*")));
    path[1] = '+';
    CHECK(!edgefn_uri_guards(guard_copy(path, 8192), EDGEFN_S("/b*")));
    CHECK(edgefn_uri_guards(guard_copy(path, 8193), EDGEFN_S("/b*")));
}

/*--- models of servers: a string of steps, one letter each ---------------------------------------*/

static int digit(int c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Returns the value of n hex digits; -1 if they are invalid. */
static int hex(const char *s, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (digit(s[i]) < 0) return -1;
        v = v * 16 + digit(s[i]);
    }
    return v;
}

static bool unreserved(int c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z')
           || strchr("-._~", c) != NULL;
}

/* d: decodes everything once; n: except %2F; s: only unreserved characters; u: %uXXXX as well,
   full-width characters as ASCII. */
static void model_decode(char *p, char how)
{
    char *to = p;
    for (; *p != '\0'; p++) {
        int v = *p == '%' ? hex(p + 1, 2) : -1;
        int w = *p == '%' && (p[1] == 'u' || p[1] == 'U') && how == 'u' ? hex(p + 2, 4) : -1;
        if (w >= 0xff01 && w <= 0xff5e) w -= 0xfee0;
        if (w > 255) w = '?';
        if (v == 0 || w == 0) break; /* the server ends the path at a NUL */
        if (how == 'n' && v == '/') v = -1;
        if (how == 's' && (v < 0 || !unreserved(v))) v = -1;
        if (w >= 0) {
            *to++ = (char)w, p += 5;
        } else if (v >= 0) {
            *to++ = (char)v, p += 2;
        } else {
            *to++ = *p;
        }
    }
    *to = '\0';
}

/* r: resolves dot segments, where empty segments count; m: merges runs of '/'. */
static void model_resolve(char *path)
{
    char out[600] = "";
    size_t n = 0;
    for (char *p = path; *p != '\0';) {
        size_t len = 1 + strcspn(p + 1, "/");
        bool last = p[len] == '\0';
        if ((len == 2 && memcmp(p, "/.", 2) == 0) || (len == 3 && memcmp(p, "/..", 3) == 0)) {
            if (len == 3)
                while (n > 0 && out[--n] != '/') {
                }
            if (last) out[n++] = '/';
        } else {
            memcpy(out + n, p, len);
            n += len;
        }
        p += len;
    }
    memcpy(path, out, n);
    path[n] = '\0';
}

static void model_merge(char *p)
{
    char *to = p;
    for (; *p != '\0'; p++)
        if (!(*p == '/' && p[1] == '/')) *to++ = *p;
    *to = '\0';
}

/* ;: removes everything from ';' to the next '/'. */
static void model_cut(char *p)
{
    char *to = p;
    bool cut = false;
    for (; *p != '\0'; p++) {
        cut = *p != '/' && (cut || *p == ';');
        if (!cut) *to++ = *p;
    }
    *to = '\0';
}

/* o: two bytes that a tolerant decoder takes for an ASCII letter. l: removes line feeds and
   tabs. */
static void model_loose(char *p, char how)
{
    char *to = p;
    for (; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p, next = (unsigned char)p[1];
        if (how == 'l' && (c == '\n' || c == '\t' || c == '\r')) continue;
        if (how == 'o' && (c == 0xc0 || c == 0xc1) && next >= 0x80 && next < 0xc0)
            *to++ = (char)((c & 1) << 6 | (next & 63)), p++;
        else
            *to++ = *p;
    }
    *to = '\0';
}

static void model_swap(char *p, char from, char to)
{
    for (; *p != '\0'; p++)
        if (*p == from) *p = to;
}

static void model(char *path, const char *steps)
{
    for (; *steps != '\0'; steps++)
        switch (*steps) {
        case 'r':
            if (path[0] == '/') model_resolve(path);
            break;
        case 'm': model_merge(path); break;
        case ';': model_cut(path); break;
        case 'o':
        case 'l': model_loose(path, *steps); break;
        case '\\': model_swap(path, '\\', '/'); break;
        case '+': model_swap(path, '+', ' '); break;
        default: model_decode(path, *steps);
        }
}

/* Matches slowly: '?' matches one character or one byte, letters ignore case. */
static bool slow(const char *s, const char *p)
{
    if (*p == '\0') return *s == '\0';
    if (*p == '*') return slow(s, p + 1) || (*s != '\0' && slow(s + 1, p));
    if (*s == '\0') return false;
    if (*p == '?') {
        const char *after = s + 1;
        while (((unsigned char)*after & 0xc0) == 0x80)
            after++;
        return slow(s + 1, p + 1) || slow(after, p + 1);
    }
    char a = *s >= 'A' && *s <= 'Z' ? (char)(*s + 32) : *s;
    char b = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
    return a == b && slow(s + 1, p + 1);
}

static uint32_t seed = 1;
static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static const char *const models[] = {
    "d",                /* file names, PHP, Python */
    "dr",               /* Node.js: decode, then path.normalize() */
    "rd",               /* proxies that resolve before decoding */
    "dmr",              /* nginx */
    "drm",              /* nginx, the other order */
    "dmr;dr",           /* nginx before Tomcat */
    ";dmr",             /* Tomcat; Jetty */
    ";dr;",             /* Spring behind Tomcat */
    "d;r",              /* servers that decode first */
    "dr;",              /* servers that resolve before they cut */
    "nmr",              /* Apache, AllowEncodedSlashes NoDecode */
    "smrd",             /* Envoy, normalize_path */
    "smr;d\\r",         /* Envoy before Jetty on Windows */
    "u\\mr",            /* IIS */
    "uu\\mr",           /* IIS that decodes twice */
    "udo\\r",           /* old versions of IIS */
    "d+",               /* S3 */
    "+d",               /* form decoding */
    "+d+d",             /* form decoding twice */
    "drd",              /* a framework that decodes what the server decoded */
    "ddr",              /* decoded twice, then resolved */
    "dddr",             /* three times */
    "drdrdr",           /* a chain of proxies */
    "ddddddr",          /* more decodings */
    "dor",              /* loose UTF-8 */
    "dlr",              /* WHATWG URL parsers remove line feeds */
    "ldr",      "\\rd", /* browsers and WHATWG: backslash before decoding */
    "d\\r",             /* Windows */
};

/* Steps of a server: one of the models, or random ones that decode at least once. */
static void draw_steps(char *steps)
{
    static const char all[] = "ddnsurm;ol\\+";
    if (draw(3) == 0) {
        strcpy(steps, models[draw(COUNT(models))]);
        return;
    }
    size_t n = draw(8) + 1;
    for (size_t i = 0; i < n; i++)
        steps[i] = all[draw(sizeof all - 1)];
    steps[draw((uint32_t)n)] = 'd';
    steps[n] = '\0';
}

/* A path must be guarded if one of the models turns it into a path that matches. */
TEST(models)
{
    static const char *const pieces[] = {
        "/",         "/",       "/",       "/",          "admin",     "admin",       "/admin/",
        "Admin",     "adm%69n", "%61dmin", "%u0061dmin", "%2561dmin", "%%36%31dmin", "..",
        ".",         "%2e",     "%2E",     "%252e",      "%u002e",    "%2f",         "%252f",
        "%25%32%66", "%%32f",   "%u002f",  "%uff0f",     "\\",        "%5c",         "%255C",
        ";",         "%3b",     "..;",     ";x=1",       "+",         "%2b",         "%20",
        " ",         "%",       "%25",     "%2",         "5",         "2",           "e",
        "f",         "a",       "b",       "u0061",      "%u",        "php",         ".php",
        ".ph%70",    "%00",     "%0a",     "%c1%a1",     "%c0%af",    "%c3%a9",      "\xC3\xA9",
        "caf",       "2fa",     "face",    "41",         "%E9",       "x",           "~"
    };
    static const char *const patterns[] = {
        "/admin/*",   "/admin*", "admin",      "*/admin/*",    "/?dmin/*", "/a b/*",
        "/x+admin/*", "*.php",   "/x/*/admin", "*2fa*",        "*face",    "/caf\xC3\xA9/*",
        "/caf?/*",    "/a*b",    "*b",         "/x/2*/a*",     "*u0061*",  "/a;b*",
        "/a\\b",      "/?2fa",   "*41dmin*",   "/admin/*.php", "/%",       "*%2f*"
    };
    size_t hits = 0, missed = 0, odd = 0;
    for (size_t round = 0; round < 300000 && missed < 5; round++) {
        char path[300] = "/", steps[20], reading[300];
        size_t n = 1;
        for (uint32_t i = draw(9) + 1; i > 0; i--)
            n += (size_t)sprintf(path + n, "%s", pieces[draw(COUNT(pieces))]);
        draw_steps(steps);
        strcpy(reading, path);
        model(reading, steps);
        edgefn_str uri = { path, n };
        odd += !edgefn_uri_plain(uri);
        for (size_t k = 0; k < COUNT(patterns); k++) {
            const char *p = patterns[k];
            bool slash = p[0] != '/' && reading[0] == '/';
            if (!slow(reading + slash, p)) continue;
            hits++;
            if (edgefn_uri_guards(uri, edgefn_cstr(p))) continue;
            missed++;
            fprintf(stderr, "  %s by \"%s\" is %s: %s\n", path, steps, reading, p);
        }
    }
    CHECK_NUM(missed, 0);
    CHECK(hits > 100000 && odd > 100000);
}

/*--- ordinary sites ------------------------------------------------------------------------------*/

static const char *const ordinary_patterns[] = {
    "/admin/*",  "/admin*", "/private/*",  "/api/*",    "/members/*", "*.php",      "*/internal/*",
    "/preview*", "/.git/*", "/wp-admin/*", "/account*", "*.env",      "/my files/*"
};

static void ordinary(const char *path)
{
    for (size_t i = 0; i < COUNT(ordinary_patterns); i++) {
        ROW("%s for %s", path, ordinary_patterns[i]);
        CHECK(!guards(path, ordinary_patterns[i]));
    }
}

TEST(ordinary_sites)
{
    static const char *const names[] = { "about",
                                         "contact",
                                         "C%2B%2B",
                                         "C++",
                                         "caf%C3%A9",
                                         "Caf\xC3\xA9",
                                         "100%25-cotton",
                                         "AC%2FDC",
                                         "Q&A",
                                         "what's-new",
                                         "a+b",
                                         "rock%20and%20roll",
                                         "rock+and+roll",
                                         "2026-11-30",
                                         "v1.2.3",
                                         "IMG_0001",
                                         "%E6%97%A5%E6%9C%AC",
                                         "@user",
                                         "~user",
                                         "Rapid+prototyping",
                                         "sysadmin",
                                         "badminton",
                                         "semiprivate",
                                         "remembers",
                                         "dismembers",
                                         "therapist",
                                         "price(eur)",
                                         "a,b,c",
                                         "x=1",
                                         "mr.%20smith",
                                         "50%25+off",
                                         "%28draft%29",
                                         "search;sort=asc",
                                         "map;lat=52.5;lon=13.4",
                                         "..hidden",
                                         "...",
                                         "file.tar.gz",
                                         "index.html",
                                         "sitemap.xml",
                                         "robots.txt",
                                         "app.3f2a1b.js",
                                         "main.css.map",
                                         "%C3%9Cber%20uns",
                                         "%D0%9F%D1%80%D0%B8%D0%B2%D0%B5%D1%82",
                                         "e%CC%81",
                                         "!important",
                                         "$19",
                                         "a:b",
                                         "key%3Dvalue",
                                         "tag%3Aone",
                                         "%23hash",
                                         "why%3F",
                                         "%5Bdraft%5D" };
    static const char *const shapes[] = { "/%s",      "/wiki/%s", "/de/shop/%s/", "/tag//%s",
                                          "//cdn/%s", "/x/../%s", "/x/%s;v=2",    "/s/%s+more" };
    static const char *const paths[] = { "/",
                                         "/privateer",
                                         "/photo.php.jpg",
                                         "/favicon.ico",
                                         "/apple-touch-icon.png",
                                         "/.well-known/acme-challenge/x_Y-1",
                                         "/.well-known/security.txt",
                                         "/ads.txt",
                                         "/feed/",
                                         "/sitemap_index.xml.gz",
                                         "/maps/@52.5200,13.4050,12z",
                                         "/maps/place/Caf%C3%A9+Einstein/@52.5,13.3",
                                         "/search/a+b",
                                         "/r/C++/comments/1",
                                         "/en-US/docs/Web/HTTP/Status/404",
                                         "/questions/11227809/why-is-this-faster",
                                         "/product/B0-123_x?",
                                         "/a/b/c/d/e/f/g/h.html",
                                         "/page;jsessionid=0123456789ABCDEF",
                                         "/shop/list;color=red;size=xl",
                                         "/img/fit-in/300x200/filters:fill(white)/a.jpg",
                                         "/plain/https://example.com/a.jpg",
                                         "/plain/https%3A%2F%2Fexample.com%2Fa.jpg",
                                         "/proxy//example.com/a.jpg",
                                         "/files/%25PDF",
                                         "/tags/c%23",
                                         "/tags/.net",
                                         "/music/AC%2FDC/Back%20in%20Black",
                                         "/p/50%",
                                         "/p/100%-wool",
                                         "/%7Euser/",
                                         "/~user/",
                                         "/docs/./intro",
                                         "/docs/v2/../v3/",
                                         "/a\\b",
                                         "/x%5Cy",
                                         "/blog/2026/11/hello-world/",
                                         "/blog/2026/11/hello+world/",
                                         "/_next/static/chunks/pages/%5Bid%5D.js",
                                         "/_next/image",
                                         "/static/js/2.1a2b3c4d.chunk.js",
                                         "/fonts/Inter%20Var.woff2",
                                         "/s3/key+with+plus.txt",
                                         "/s3/a%2Bb.txt",
                                         "/%E2%82%AC",
                                         "/cart/",
                                         "/checkout/step;2",
                                         "/video.m3u8",
                                         "/video/seg-00001.ts",
                                         "/graphql",
                                         "/socket.io/",
                                         "/status/200" };
    char path[200];
    for (size_t i = 0; i < COUNT(names); i++)
        for (size_t k = 0; k < COUNT(shapes); k++) {
            snprintf(path, sizeof path, shapes[k], names[i]);
            ordinary(path);
        }
    for (size_t i = 0; i < COUNT(paths); i++)
        ordinary(paths[i]);
}

/* Returns the processor seconds of one comparison, the shortest of several. */
static double guard_time(edgefn_str uri, edgefn_str pattern)
{
    double best = 1e9;
    for (int i = 0; i < 7; i++) {
        clock_t start = clock();
        for (int k = 0; k < 5; k++)
            CHECK(!edgefn_uri_guards(uri, pattern));
        double took = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (took < best) best = took;
    }
    return best;
}

/* A path twice as long takes twice the time, and not much longer than a plain path of that
   length. */
TEST(guard_time)
{
    static const char *const patterns[] = { "/members/*", "*/admin/*",
                                            "*/admi/admi/admi/admi/admi/admin*",
                                            "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*c",
                                            "*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac" };
    static const char *const units[] = { "/admi", "a", "/adm%69", "%25", "%", "%2" };
    static char plain[8192], odd[8192];
    memset(plain, 'a', sizeof plain);
    plain[0] = '/';
    for (size_t i = 0; i < COUNT(patterns); i++)
        for (size_t u = 0; u < COUNT(units); u++) {
            ROW("%s, %s", patterns[i], units[u]);
            size_t n = strlen(units[u]);
            for (size_t k = 0; k < sizeof odd; k++)
                odd[k] = k == 0 ? '/' : units[u][(k - 1) % n];
            memcpy(odd + sizeof odd - 8, "/%252e;x", 8);
            memcpy(odd + sizeof odd / 2, "/", 1);
            edgefn_str pattern = edgefn_cstr(patterns[i]);
            if (edgefn_uri_guards((edgefn_str){ odd, sizeof odd }, pattern)) continue;
            double whole = guard_time((edgefn_str){ odd, sizeof odd }, pattern);
            double half = guard_time((edgefn_str){ odd + sizeof odd / 2, sizeof odd / 2 }, pattern);
            double one = guard_time((edgefn_str){ plain, sizeof plain }, EDGEFN_S("*/admin/*"));
            CHECK(whole < half * 4 + 1e-3);
            CHECK(whole < one * 60 + 1e-3);
        }
}

/* A pattern that begins, after a wildcard, like the rest of an escape that some servers decode and others do not. */
TEST(patterns_of_escapes)
{
    CHECK(edgefn_uri_guards(S("/x%u0041b"), S("*u0041b")));
    CHECK(edgefn_uri_guards(S("/x%u0041b"), S("*U0041b")));
    CHECK(edgefn_uri_guards(S("/x%U0041b"), S("*U0041b")));
    CHECK(edgefn_uri_guards(S("/y%u0041x"), S("*U0041x")));
    CHECK(!edgefn_uri_guards(S("/y%u0041z"), S("*U0041x")));
}
