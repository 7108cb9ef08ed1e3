/* Lists in header values, content negotiation, and sets of response headers: security, CORS,
   Cache-Control, Vary. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

static edgefn_str opt(const char *z)
{
    return z ? edgefn_cstr(z) : edgefn_cstr(NULL);
}

/* Splits "a|b|c" into offers. */
static size_t offers_of(const char *text, edgefn_str *offers, size_t cap)
{
    size_t n = 0;
    for (edgefn_str rest = edgefn_cstr(text); rest.len > 0 && n < cap;) {
        edgefn_cut c = edgefn_str_cut(rest, S("|"));
        offers[n++] = c.head;
        rest = c.tail;
    }
    return n;
}

TEST(tokens)
{
    static const struct {
        const char *value, *token;
        bool has;
    } rows[] = {
        { "close", "close", true },
        { "close", "CLOSE", true },
        { "Keep-Alive, Upgrade", "upgrade", true },
        { "keep-alive,upgrade", "keep-alive", true },
        { " \t close \t ", "close", true },
        { ",,close,,", "close", true },
        { ", ,\t,", "close", false },
        { "", "close", false },
        { NULL, "close", false },
        { "close", NULL, false },
        { "close", "", false },
        { ",", "", false },
        { "closed", "close", false },
        { "clos", "close", false },
        { "close x", "close", false },
        { "a, \"b, close, c\", d", "close", false },
        { "a, \"b, c\", close", "close", true },
        { "\"a\\\", close\", b", "close", false },
        { "\"a\\\", close, \", b", "close", false },
        { "\"a\\\\\", close", "close", true },
        { "\"close", "close", false },
        { "close, \"open", "close", true },
        { "x, \"open, close", "close", false },
        { "a, \"b\\", "a", true },
        { "W/\"a,b\", \"c\"", "\"c\"", true },
        { "W/\"a,b\", \"c\"", "W/\"a,b\"", true },
        { "gzip;q=1", "gzip", false },
        { "*", "*", true },
        { "a\nclose", "close", false },
        { "\xFF, close", "close", true },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s in %s", rows[i].token, rows[i].value);
        edgefn_str v = opt(rows[i].value);
        if (v.ptr) v = guard_copy(v.ptr, v.len);
        CHECK(edgefn_header_has_token(v, opt(rows[i].token)) == rows[i].has);
    }
    ROW("a NUL does not end a list");
    CHECK(edgefn_header_has_token((edgefn_str){ "a\0, close", 9 }, S("close")));
    CHECK(!edgefn_header_has_token((edgefn_str){ "close\0", 6 }, S("close")));
}

TEST(types)
{
    static const struct {
        const char *value, *type;
        bool has;
    } rows[] = {
        { "text/html", "text/html", true },
        { "Text/HTML; charset=utf-8", "text/html", true },
        { "text/html", "TEXT/html", true },
        { " \ttext/html \t;charset=\"a;b\"", "text/html", true },
        { "text/html;", "text/html", true },
        { "text/html5", "text/html", false },
        { "text/htm", "text/html", false },
        { "text/html x", "text/html", false },
        { "text/html, text/plain", "text/html", false },
        { "text/html", "text/html; charset=utf-8", false },
        { "text/html", "text/*", false },
        { "charset=utf-8; text/html", "text/html", false },
        { "", "text/html", false },
        { ";", "", true },
        { NULL, "text/html", false },
        { "text/html", NULL, false },
        { NULL, NULL, false },
        { NULL, "", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%zu: %s", i, rows[i].value ? rows[i].value : "absent");
        edgefn_str v = opt(rows[i].value);
        CHECK(edgefn_header_has_type(v, opt(rows[i].type)) == rows[i].has);
        if (v.len > 0)
            CHECK(edgefn_header_has_type(guard_copy(v.ptr, v.len), opt(rows[i].type))
                  == rows[i].has);
    }
    CHECK(!edgefn_header_has_type((edgefn_str){ "text/html\0", 10 }, S("text/html")));
}

TEST(credentials)
{
    static const struct {
        const char *value, *scheme, *want;
    } rows[] = {
        { "Bearer abc", "Bearer", "abc" },
        { "bearer abc", "BEARER", "abc" },
        { "Bearer \t abc \t", "bearer", "abc" },
        { "Bearer a b, c=\"d\"", "bearer", "a b, c=\"d\"" },
        { "Bearer ", "bearer", "" },
        { "Bearer  ", "bearer", "" },
        { "Bearer", "bearer", NULL },
        { "Bearer\tabc", "bearer", NULL },
        { "Bearerx abc", "bearer", NULL },
        { "Beare abc", "bearer", NULL },
        { " Bearer abc", "bearer", NULL },
        { "Basic abc", "bearer", NULL },
        { "abc", "bearer", NULL },
        { " abc", "", "abc" },
        { "", "bearer", NULL },
        { "", "", NULL },
        { NULL, "bearer", NULL },
        { NULL, NULL, NULL },
        { "Bearer abc", NULL, NULL },
        { " abc", NULL, NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%zu: %s", i, rows[i].value ? rows[i].value : "absent");
        edgefn_str v = opt(rows[i].value), scheme = opt(rows[i].scheme);
        CHECK_STR(edgefn_header_credentials(v, scheme), rows[i].want);
        if (v.len > 0)
            CHECK_STR(edgefn_header_credentials(guard_copy(v.ptr, v.len), scheme), rows[i].want);
    }
    CHECK_STR(edgefn_header_credentials((edgefn_str){ "Bearer\0 a", 9 }, S("bearer")), NULL);
}

TEST(directives)
{
    static const struct {
        const char *value, *name, *is;
    } rows[] = {
        { "max-age=60", "max-age", "60" },
        { "private, Max-Age=60", "max-age", "60" },
        { "max-age=60", "MAX-AGE", "60" },
        { "no-store", "no-store", "" },
        { "no-store", "no-cache", NULL },
        { "s-maxage=5, max-age=6", "max-age", "6" },
        { "max-age=1, max-age=2", "max-age", "1" },
        { "max-age", "max-age", "" },
        { "max-age=", "max-age", "" },
        { "max-age=\"60\"", "max-age", "60" },
        { "no-cache=\"set-cookie, x\", max-age=1", "no-cache", "set-cookie, x" },
        { "no-cache=\"set-cookie, max-age=9\", max-age=1", "max-age", "1" },
        { "x=\"a\\\"b\"", "x", "a\\\"b" },
        { "x=\"\"", "x", "" },
        { "x=\"", "x", "\"" },
        { " , ,\tpublic ,", "public", "" },
        { "max-age = 60", "max-age", "60" },
        { "a=b=c", "a", "b=c" },
        { "=x", "", "x" },
        { "=x", NULL, NULL },
        { "", "a", NULL },
        { NULL, "a", NULL },
        { "xmax-age=1", "max-age", NULL },
        { "max-age=60;x", "max-age", "60;x" },
        { "x=\"a, max-age=3", "max-age", NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s of %s", rows[i].name, rows[i].value);
        edgefn_str v = opt(rows[i].value);
        if (v.ptr) v = guard_copy(v.ptr, v.len);
        CHECK_STR(edgefn_header_directive(v, opt(rows[i].name)), rows[i].is);
    }
}

typedef struct choice {
    const char *value, *offers;
    size_t best;
} choice;
typedef size_t (*chooser)(edgefn_str value, const edgefn_str *offers, size_t count);

static void choices(const choice *rows, size_t count, chooser choose)
{
    for (size_t i = 0; i < count; i++) {
        ROW("%s: %s", rows[i].value, rows[i].offers);
        edgefn_str offers[16], v = opt(rows[i].value);
        size_t n = offers_of(rows[i].offers, offers, COUNT(offers));
        if (v.ptr) v = guard_copy(v.ptr, v.len);
        CHECK_NUM(choose(v, offers, n), rows[i].best);
    }
}

#define RFC                                                                                        \
  "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5" /* RFC 9110, 12.5.1 */

TEST(media)
{
    static const choice rows[] = {
        { "audio/*; q=0.2, audio/basic", "audio/mpeg|audio/basic", 1 },
        { "text/plain; q=0.5, text/html, text/x-dvi; q=0.8, text/x-c",
          "text/plain|text/x-dvi|text/x-c|text/html", 2 },
        { RFC, "text/plain;format=flowed|text/plain", 0 },
        { RFC, "text/plain;format=fixed|text/plain", 1 },
        { RFC, "text/html|image/jpeg", 1 },
        { RFC, "image/jpeg|text/plain;format=fixed", 0 },
        { RFC, "text/html|text/plain;format=fixed", 1 },
        { RFC, "text/html;level=3|image/jpeg|text/plain", 2 },
        { "text/html", "text/html", 0 },
        { "TEXT/HTML", "text/html", 0 },
        { "text/html", "text/plain", 1 },
        { "image/*", "text/html|image/png", 1 },
        { "*/*", "a/b|c/d", 0 },
        { "*", "a/b|c/d", 0 },
        { "*/*;q=0", "a/b|c/d", 2 },
        { "a/b;q=0, */*", "a/b|c/d", 1 },
        { "a/*;q=0, */*", "a/b|a/c|c/d", 2 },
        { "a/*;q=0, a/c, */*;q=0.1", "a/b|a/c|c/d", 1 },
        { "a/b;q=0", "a/b", 1 },
        { "a/b;q=0.000", "a/b", 1 },
        { "a/b;q=0.001", "a/b", 0 },
        { "a/b;q=0.1, c/d;q=0.2", "a/b|c/d", 1 },
        { "a/b;q=0.2, c/d;q=0.2", "c/d|a/b", 0 },
        { "a/b;q=0.2, c/d;q=0.2", "a/b|c/d", 0 },
        { "c/d, a/b", "a/b|c/d", 0 },
        { NULL, "a/b|c/d", 0 },
        { NULL, "", 0 },
        { "", "a/b|c/d", 2 },
        { ", ,", "a/b|c/d", 2 },
        { "a/b", "", 0 },
        { "a/b;Q=0.5, c/d;q=0.6", "a/b|c/d", 1 },
        { "a/b ; q=0.5 , c/d ;\tq=0.6", "a/b|c/d", 1 },
        { "a/b;q = 0, c/d;q=0.1", "a/b|c/d", 1 },
        /* invalid weights: the range is ignored */
        { "a/b;q=2, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q=1.0000, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q=abc, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q=, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q=-1, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q=.5, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q=1.001, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q=0.1234, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q=1e1, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q=00, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q=0x1, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q=99999999999999999999, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q=1;q=0, c/d;q=0.9", "a/b|c/d", 0 },
        { "a/b;q=0.5 x, c/d;q=0.1", "a/b|c/d", 1 },
        { "a/b;q=x", "a/b", 1 },
        { "a/b;q=x, */*;q=0.5", "a/b", 0 },
        { "a/b;q=1., c/d;q=0.9", "c/d|a/b", 1 },
        { "a/b;q=1.000, c/d;q=0.9", "c/d|a/b", 1 },
        { "a/b;q=0., c/d;q=0.9", "a/b|c/d", 1 },
        /* parameters */
        { "a/b;v=1", "a/b|a/b;v=2|a/b; V = \"1\"", 2 },
        { "a/b;v=1", "a/b;x=2;v=1", 0 },
        { "a/b;v=1;x=2", "a/b;v=1", 1 },
        { "a/b;v=\"x,y;z\", c/d;q=0.5", "c/d|a/b;v=\"x,y;z\"", 1 },
        { "a/b;v=1;q=0, a/b", "a/b;v=1|a/b", 1 },
        { "a/b;q=0.5;v=1", "a/b", 0 },
        { "a/b;;;q=0.5;", "a/b", 0 },
        { "a/b;v", "a/b;v", 0 },
        { "a/b;v", "a/b;v=1", 1 },
        { "a/b, a/b;v=1;q=0.1", "a/b;v=1|a/b", 1 },
        /* invalid ranges */
        { "*/b", "a/b", 1 },
        { "a/", "a/b", 1 },
        { "/b", "a/b", 1 },
        { "a", "a/b", 1 },
        { ";q=1", "a/b", 1 },
        { ";q=1", "|a/b", 2 },
        { "a/b c/d", "a/b", 1 },
        { "a/b\"c, */*", "a/b", 1 },
        { "*/*/*", "a/b", 1 },
        { "/*", "a/b", 1 },
        { "**", "a/b", 1 },
        { "tex/*", "text/html", 1 },
        { "text/htm", "text/html", 1 },
        { "text/html5", "text/html", 1 },
        { "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
          "image/jpeg|image/avif|image/webp", 1 },
        { "image/webp,*/*;q=0.8", "image/jpeg|image/avif|image/webp", 2 },
        /* equal weights: first an exact match, then a match by type, then the first offer */
        { "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
          "image/jpeg|image/avif|image/webp", 1 },
        { "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
          "image/jpeg|image/webp|image/avif", 1 },
        { "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
          "image/jpeg|image/gif", 0 },
        { "image/avif,image/webp,*/*", "image/jpeg|image/avif|image/webp", 1 },
        { "*/*", "image/jpeg|image/avif|image/webp", 0 },
        { "image/*", "image/jpeg|image/avif|image/webp", 0 },
        { "image/*, */*", "text/html|image/jpeg|image/avif", 1 },
        { "*/*, image/*, image/webp", "text/html|image/jpeg|image/webp", 2 },
        { "*/*, image/*;q=0.9, image/webp;q=0.8", "image/webp|image/jpeg|text/html", 2 },
        { "image/*;q=0.9, image/avif;q=0.9", "image/jpeg|image/avif", 1 },
        { "image/*, image/avif;q=0.9", "image/avif|image/jpeg", 1 },
        { "image/*, image/avif;q=0", "image/avif|image/jpeg", 1 },
        { "a/b, a/b;v=1", "a/b|a/b;v=1", 1 },
        { "a/b, a/b;v=1, a/b;v=1;x=2", "a/b|a/b;v=1|a/b;v=1;x=2", 2 },
        { "a/b, c/d;v=1", "a/b|c/d;v=1", 1 },
        { "a/*;v=1, a/b", "a/c;v=1|a/b", 1 },
    };
    choices(rows, COUNT(rows), edgefn_header_negotiate);
}

TEST(coding)
{
    static const choice rows[] = {
        { "gzip", "br|gzip", 1 },
        { "gzip, br", "br|gzip", 0 },
        { "gzip, br", "gzip|br", 0 },
        { "GZIP", "gzip", 0 },
        { "gzip;q=0.5, br;q=0.6", "gzip|br", 1 },
        { "x-gzip", "br|gzip", 1 },
        { "X-GZIP;q=0, *", "gzip|br", 1 },
        { "x-gzip;q=0", "gzip|identity", 1 },
        { "gzip", "x-gzip", 0 },
        { "x-compress", "gzip|compress", 1 },
        { "x-compress;q=0, *;q=0.5", "compress|gzip", 1 },
        { "br;q=0.5, x-gzip", "br|gzip", 1 },
        { "x-gzi, xx-gzip, x-br, x-gzipp", "gzip|br", 2 },
        { "gzip;q=0, x-gzip", "gzip|br", 2 },
        { "x-gzip;level=9", "gzip", 1 },
        { "compress, gzip", "gzip", 0 },
        { "", "gzip", 1 },
        { "", "identity|gzip", 0 },
        { "", "gzip|identity", 1 },
        { "*", "br|gzip|identity", 0 },
        { "*", "identity|gzip", 0 },
        { "compress;q=0.5, gzip;q=1.0", "compress|gzip", 1 },
        { "gzip;q=1.0, identity; q=0.5, *;q=0", "br|identity|gzip", 2 },
        { "gzip;q=1.0, identity; q=0.5, *;q=0", "br|identity", 1 },
        { "gzip;q=0", "gzip", 1 },
        { "gzip;q=0", "gzip|identity", 1 },
        { "gzip;q=0, *", "gzip|br", 1 },
        { "identity;q=0", "identity", 1 },
        { "identity;q=0, gzip", "identity|gzip", 1 },
        { "*;q=0", "gzip|identity", 2 },
        { "*;q=0, identity;q=0.1", "gzip|identity", 1 },
        { "*;q=0, gzip", "identity|gzip", 1 },
        { "gzip;q=0.001", "identity|gzip", 1 },
        { "gzip;q=0.001, identity;q=0.002", "gzip|identity", 1 },
        { "br;q=x", "br|identity", 1 },
        { "gzip, gzip;q=0", "gzip", 0 },
        { "gzip;q=0, gzip", "gzip", 1 },
        { NULL, "identity|gzip", 0 },
        { NULL, "gzip|identity", 0 },
        { "gzip, deflate, br, zstd", "br|gzip|identity", 0 },
        /* equal weights: a name before '*'; x-gzip is another name of gzip */
        { "gzip, *", "br|gzip", 1 },
        { "*, gzip", "br|gzip", 1 },
        { "x-gzip, *", "br|gzip", 1 },
        { "*, gzip;q=0.9", "br|gzip", 0 },
        { "*;q=0.5, gzip;q=0.5", "identity|gzip", 1 },
        { "gzip, *, identity", "br|identity|gzip", 1 },
        { "gzi, gzipp", "gzip|identity", 1 },
    };
    choices(rows, COUNT(rows), edgefn_header_negotiate);
}

TEST(language)
{
    static const choice rows[] = {
        { "de", "en|de", 1 },
        { "DE", "en|de", 1 },
        { "de", "en|DE", 1 },
        { "de-CH", "en|de", 1 },
        { "de-CH", "de|de-CH", 1 },
        { "de-CH", "de-CH|de", 0 },
        { "de", "de-CH", 1 },
        { "zh-Hant-CN-x-private1-private2", "zh-Hant-CN|zh-Hant|zh", 0 },
        { "zh-Hant-CN-x-private1-private2", "zh|zh-Hant", 1 },
        { "zh-Hant-CN-x-private1-private2", "zh", 0 }, /* RFC 4647, 3.4 */
        { "da, en-gb;q=0.8, en;q=0.7", "en|da", 1 },
        { "da, en-gb;q=0.8, en;q=0.7", "en|en-GB", 1 },
        { "da, en-gb;q=0.8, en;q=0.7", "en|fr", 0 },
        { "en;q=0.5, de;q=0.9", "en|de", 1 },
        { "fr, de", "de|fr", 1 },
        { "de, fr", "de|fr", 0 },
        { "fr;q=0.5, de;q=0.5", "de|fr", 1 },
        { "fr-FR, en", "en|fr", 1 },
        { "xx", "en|de", 2 },
        { "*", "en|de", 0 },
        { "xx, *", "en|de", 0 },
        { "*, de", "en|de", 1 },
        { "*, de;q=0.1", "en|de", 1 },
        { "*;q=0.1, xx", "en|de", 0 },
        { "*;q=0", "en|de", 2 },
        { "*, *;q=0", "en|de", 2 },
        { "de;q=0", "de", 1 },
        { "de;q=0, *", "de|en", 1 },
        { "en;q=0, *", "en-GB|de", 1 },
        { "en;q=0, en-GB", "en|en-GB", 1 },
        { "en-US, en;q=0", "en", 1 },
        { "en-US, en;q=0", "en|en-US", 1 },
        { "en-US;q=0, en", "en|en-US", 0 },
        { "en-US;q=0, en", "en-US", 1 },
        { "en-US, *;q=0", "en|en-US", 1 },
        { "en-US, *;q=0", "en", 0 },
        { "de-CH, *;q=0", "en|de", 1 },
        { "de, *;q=0", "en", 1 },
        { "en, *;q=0", "de|en", 1 },
        { "de, de;q=0", "de", 0 },
        { "de;q=0, de", "de", 1 },
        { NULL, "en|de", 0 },
        { "", "en|de", 2 },
        { ",", "en|de", 2 },
        { NULL, "", 0 },
        { "de", "", 0 },
        { "de;q=x", "en|de", 2 },
        { "de;q=x, en;q=0.1", "de|en", 1 },
        { "de;q=2, en;q=0.1", "de|en", 1 },
        { "de;q=1.0000, *;q=0.1", "en|de", 0 },
        { "de;Q=0.2, en;q=0.3", "de|en", 1 },
        { "den", "de", 1 },
        { "d", "de", 1 },
        { "de-", "de", 0 },
        { "-de", "de", 1 },
        { "deu-AT", "de", 1 },
        { "de_AT", "de", 1 },
        { "de-*", "de", 0 },
        { "*-CH", "de-CH", 1 },
        { "en-GB,en;q=0.9", "de|en", 1 },
        { "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "de|en|it", 1 },
        { "fr-CH, fr;q=0.9, *;q=0.5", "de|en|it", 0 },
        { "en-a, en-b, en-c;q=0.2, de;q=0.5", "de|en", 1 },
        { "de-AT;q=0.1, de-CH", "en|de", 1 },
    };
    choices(rows, COUNT(rows), edgefn_header_language);
}

/* Long and hostile values are handled in linear time, and nothing outside is read. */
TEST(hostile_values)
{
    static const char *const pieces[] = { ",",  "en,",      "en-",
                                          "\"", "\\\"",     "en;q=0,en-a,",
                                          ";",  "a/b;q=",   "*;q=0,*,",
                                          "=",  "a/b;c=\"", "de-a,en;q=0.001," };
    const edgefn_str offers[] = { S("en"), S("de"), S("a/b"), S("identity") };
    for (size_t i = 0; i < COUNT(pieces); i++) {
        ROW("%s", pieces[i]);
        size_t piece = strlen(pieces[i]), n = 200000 / piece;
        char *p = (char *)test_own(malloc(n * piece));
        for (size_t k = 0; k < n; k++)
            memcpy(p + k * piece, pieces[i], piece);
        for (size_t cut = 0; cut < 3; cut++) {
            edgefn_str v = guard_copy(p, n * piece - cut);
            CHECK(edgefn_header_language(v, offers, 4) <= 4);
            CHECK(edgefn_header_negotiate(v, offers, 4) <= 4);
            CHECK(!edgefn_header_has_token(v, S("nobody")));
            CHECK(edgefn_header_directive(v, S("nobody")).ptr == NULL);
        }
    }
}

/*--- sets of response headers -------------------------------------------------------------------------------------------*/

#define RES_L                                                                                      \
  "'request':{'method':'%M','uri':'/','headers':{%Q}},'response':{'headers':{%R},'status':'200'}}}]}"
#define RES_F                                                                                      \
  "'request':{'method':'%M','uri':'/','headers':{%Q},'cookies':{}},'response':{'statusCode':200,'headers':{%R}}}"

enum { L_RES_O, L_RES_V, F_RES_V, TYPES };
static const char *const type_name[] = { "origin-response", "viewer-response",
                                         "Functions viewer-response" };

/* Writes "Name: value\nName: value" as headers of a dialect to p. */
static size_t put_headers(char *p, size_t cap, const char *lines, bool functions)
{
    size_t n = 0;
    edgefn_str done[20];
    size_t names = 0;
    for (edgefn_str rest = edgefn_cstr(lines); rest.len > 0;) {
        edgefn_cut line = edgefn_str_cut(rest, S("\n")), c = edgefn_str_cut(line.head, S(": "));
        rest = line.tail;
        bool known = false;
        for (size_t i = 0; i < names; i++)
            known |= edgefn_str_ieq(done[i], c.head);
        if (known) continue;
        done[names++] = c.head;
        char lower[100];
        size_t k = 0;
        for (; k < c.head.len; k++)
            lower[k] = (char)(c.head.ptr[k] >= 'A' && c.head.ptr[k] <= 'Z' ? c.head.ptr[k] + 32
                                                                           : c.head.ptr[k]);
        n += (size_t)snprintf(p + n, cap - n, "%s'%.*s':%s", n ? "," : "", (int)k, lower,
                              functions ? "{" : "[");
        if (functions) n += (size_t)snprintf(p + n, cap - n, "'value':'%.*s'", EDGEFN_FMT(c.tail));
        bool several = false;
        for (edgefn_str r = rest; r.len > 0;) {
            edgefn_cut l = edgefn_str_cut(r, S("\n"));
            several |= edgefn_str_ieq(edgefn_str_cut(l.head, S(": ")).head, c.head);
            r = l.tail;
        }
        if (functions && several) n += (size_t)snprintf(p + n, cap - n, ",'multiValue':[");
        size_t entries = 0;
        for (edgefn_str r = line.tail.ptr
                                ? (edgefn_str){ line.head.ptr, line.head.len + 1 + line.tail.len }
                                : line.head;
             r.len > 0 && (several || !functions);) {
            edgefn_cut l = edgefn_str_cut(r, S("\n")), e = edgefn_str_cut(l.head, S(": "));
            if (edgefn_str_ieq(e.head, c.head)) {
                if (entries++) n += (size_t)snprintf(p + n, cap - n, ",");
                if (functions)
                    n += (size_t)snprintf(p + n, cap - n, "{'value':'%.*s'}", EDGEFN_FMT(e.tail));
                else
                    n += (size_t)snprintf(p + n, cap - n, "{'key':'%.*s','value':'%.*s'}",
                                          EDGEFN_FMT(e.head), EDGEFN_FMT(e.tail));
            }
            r = l.tail;
        }
        n += (size_t)snprintf(p + n, cap - n, functions ? (several ? "]}" : "}") : "]");
    }
    return n;
}

static edgefn_str fill(const char *form, const char *method, const char *asked,
                       const char *answered, bool functions)
{
    static char text[20000];
    size_t n = 0;
    for (; *form; form++) {
        if (*form != '%') {
            text[n++] = *form;
            continue;
        }
        switch (*++form) {
        case 'M': n += (size_t)snprintf(text + n, sizeof text - n, "%s", method); break;
        case 'Q': n += put_headers(text + n, sizeof text - n, asked, functions); break;
        default: n += put_headers(text + n, sizeof text - n, answered, functions);
        }
    }
    return js_bytes(text, n);
}

static edgefn_str response_event(int type, const char *method, const char *asked,
                                 const char *answered)
{
    bool functions = type == F_RES_V;
    return fill(type == L_RES_O   ? L_HEAD("origin-response") RES_L
                : type == L_RES_V ? L_HEAD("viewer-response") RES_L
                                  : F_HEAD("viewer-response") RES_F,
                method, asked, answered, functions);
}

/* The result must have exactly these headers. */
static void has_headers(edgefn_event *ev, const char *lines)
{
    static char text[4000];
    size_t n = 0;
    for (size_t i = 0; i < ev->response.headers.len; i++) {
        const edgefn_field *it = &ev->response.headers.items[i];
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s: %.*s", i ? "\n" : "",
                              EDGEFN_FMT(it->name), EDGEFN_FMT(it->value));
    }
    CHECK_STR(edgefn_cstr(n ? text : ""), lines);
    edgefn_str out = written(ev);
    if (out.ptr && !edgefn_is_request(ev)) read_back(ev, out);
}

TEST(vary)
{
    static const struct {
        const char *before, *name, *after;
    } rows[] = {
        { "", "Origin", "vary: Origin" },
        { "Vary: Origin", "Origin", "vary: Origin" },
        { "Vary: origin", "ORIGIN", "vary: origin" },
        { "Vary: Accept", "Origin", "vary: Accept, Origin" },
        { "Vary: A, Origin ,B", "Origin", "vary: A, Origin ,B" },
        { "Vary: *", "Origin", "vary: *" },
        { "Vary: A\nVary: B", "Origin", "vary: A\nvary: B, Origin" },
        { "Vary: A\nVary: Origin\nVary: B", "Origin", "vary: A\nvary: Origin\nvary: B" },
        { "Vary: A\nVary: *", "Origin", "vary: A\nvary: *" },
        { "Vary: A\nVary: B", "*", "vary: *" },
        { "Vary: A", "*", "vary: *" },
        { "", "*", "vary: *" },
        { "Vary: ", "Origin", "vary: Origin" },
        { "Vary: A\nVary: ", "Origin", "vary: A, Origin\nvary: " },
        { "Vary: Origins", "Origin", "vary: Origins, Origin" },
        { "X: 1\nVary: A\nY: 2", "B", "x: 1\nvary: A, B\ny: 2" },
        /* one that was received, and could not be written */
        { "Vary: A\x7f", "B", "vary: B" },
        { "Vary: A\nVary: B\x7f", "C", "vary: A, C\nvary: B\x7f" },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int type = 0; type < TYPES; type++) {
            ROW("%s: %s with %s", type_name[type], rows[i].before, rows[i].name);
            edgefn_event ev;
            if (!OPEN(&ev, response_event(type, "GET", "", rows[i].before))) return;
            CHECK(edgefn_header_vary(&ev, edgefn_cstr(rows[i].name)));
            has_headers(&ev, rows[i].after);
            CHECK(edgefn_header_vary(&ev, edgefn_cstr(rows[i].name)));
            has_headers(&ev, rows[i].after);
        }
    static const char *const bad[] = { "", "A, B", "a b", "a:", "\xC3\xA4", NULL };
    for (size_t i = 0; i < COUNT(bad); i++) {
        ROW("not a token: %s", bad[i] ? bad[i] : "absent");
        edgefn_event ev;
        if (!OPEN(&ev, response_event(L_RES_O, "GET", "", ""))) return;
        CHECK(!edgefn_header_vary(&ev, opt(bad[i])));
        CHECK_ERR(&ev, EDGEFN_E_OPTIONS, NOWHERE);
    }
}

TEST(security)
{
#define USUAL                                                                                                                                              \
  "strict-transport-security: max-age=63072000\ncontent-security-policy: frame-ancestors 'none'\nx-content-type-options: nosniff\nx-frame-options: DENY\n" \
  "referrer-policy: strict-origin-when-cross-origin"
    static const edgefn_security_opts empty = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 },
                                                { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    const edgefn_security_opts nothing = { S(""), S(""), S(""), S(""), S(""), S("") };
    const edgefn_security_opts all = { .hsts = S("max-age=1"),
                                       .csp = S("default-src 'self'"),
                                       .frame_options = S("SAMEORIGIN"),
                                       .xss_protection = S("0"),
                                       .referrer_policy = S("no-referrer"),
                                       .permissions_policy = S("camera=()") };
    const edgefn_security_opts framed = { .frame_options = S("SAMEORIGIN") };
#define ALL                                                                                                                                                                \
  "strict-transport-security: max-age=1\ncontent-security-policy: default-src 'self'\nx-content-type-options: nosniff\nx-frame-options: SAMEORIGIN\nx-xss-protection: 0\n" \
  "permissions-policy: camera=()\nreferrer-policy: no-referrer"
    const struct {
        const char *before;
        const edgefn_security_opts *opts;
        const char *after;
    } rows[] = {
        { "", NULL, USUAL },
        { "", &empty, USUAL },
        { "", &nothing, "x-content-type-options: nosniff" },
        { "", &all, ALL },
        { "X-Content-Type-Options: sniff\nX-Content-Type-Options: no", &nothing,
          "x-content-type-options: nosniff" },
        { "Content-Security-Policy: default-src self", NULL,
          "content-security-policy: default-src self\nstrict-transport-security: max-age=63072000\nx-content-type-options: nosniff\n"
          "x-frame-options: DENY\nreferrer-policy: strict-origin-when-cross-origin" },
        { "Content-Security-Policy: x\nX-Frame-Options: DENY\nStrict-Transport-Security: max-age=0\nReferrer-Policy: y\nPermissions-Policy: z\nX-XSS-Protection: 9",
          &all,
          "content-security-policy: default-src 'self'\nx-frame-options: SAMEORIGIN\nstrict-transport-security: max-age=1\nreferrer-policy: no-referrer\npermissions-policy: camera=()\n"
          "x-xss-protection: 0\nx-content-type-options: nosniff" },
        { "", &framed,
          "strict-transport-security: max-age=63072000\nx-content-type-options: nosniff\nx-frame-options: SAMEORIGIN\nreferrer-policy: strict-origin-when-cross-origin" },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int type = 0; type < TYPES; type++) {
            ROW("%s, row %zu", type_name[type], i);
            edgefn_event ev;
            if (!OPEN(&ev, response_event(type, "GET", "", rows[i].before))) return;
            CHECK(edgefn_header_security(&ev, rows[i].opts));
            /* a second call changes nothing */
            if (i == 1 || i == 0) CHECK(edgefn_header_security(&ev, rows[i].opts));
            has_headers(&ev, rows[i].after);
        }
    ROW("a value that would split the header");
    edgefn_event ev;
    if (!OPEN(&ev, response_event(L_RES_O, "GET", "", ""))) return;
    CHECK(!edgefn_header_security(&ev, &(edgefn_security_opts){ .csp = S("a\r\nSet-Cookie: x") }));
    CHECK_ERR(&ev, EDGEFN_E_FIELD_VALUE, NOWHERE);
}

TEST(cache)
{
    static const struct {
        edgefn_cache_opts opts;
        const char *value;
    } rows[] = {
        { { .max_age_s = 0 }, "max-age=0" },
        { { .max_age_s = 60 }, "max-age=60" },
        { { .max_age_s = UINT32_MAX }, "max-age=4294967295" },
        { { .shared_max_age_s = 60 }, "max-age=0, s-maxage=60" },
        { { .max_age_s = 31536000, .immutable = true }, "max-age=31536000, immutable" },
        { { .max_age_s = 1, .shared_max_age_s = 2, .stale_revalidate_s = 3, .immutable = true },
          "max-age=1, s-maxage=2, stale-while-revalidate=3, immutable" },
        { { .browser_only = true, .max_age_s = 5 }, "private, max-age=5" },
        { { .no_store = true }, "no-store" },
        { { .no_store = true, .max_age_s = 1 }, NULL },
        { { .no_store = true, .shared_max_age_s = 1 }, NULL },
        { { .no_store = true, .stale_revalidate_s = 1 }, NULL },
        { { .no_store = true, .immutable = true }, NULL },
        { { .no_store = true, .browser_only = true }, NULL },
        { { .browser_only = true, .shared_max_age_s = 1 }, NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int type = 0; type < TYPES; type++) {
            ROW("%s, row %zu: %s", type_name[type], i, rows[i].value);
            edgefn_event ev;
            char text[200];
            if (!OPEN(&ev, response_event(type, "GET", "",
                                          "A: 1\nCache-Control: public\nCache-Control: no-cache")))
                return;
            CHECK(edgefn_header_cache(&ev, i ? &rows[i].opts : NULL) == (rows[i].value != NULL));
            if (!rows[i].value) {
                CHECK_ERR(&ev, EDGEFN_E_OPTIONS, NOWHERE);
                continue;
            }
            snprintf(text, sizeof text, "a: 1\ncache-control: %s", rows[i].value);
            has_headers(&ev, text);
        }
}

static const edgefn_str two[] = { EDGEFN_S_INIT("https://app.example.com"),
                                  EDGEFN_S_INIT("http://localhost:8080") };
static const edgefn_cors_opts list = { .origins = two,
                                       .origin_count = 2,
                                       .methods = EDGEFN_S_INIT("PUT, DELETE"),
                                       .headers = EDGEFN_S_INIT("X-Token"),
                                       .max_age_s = 600,
                                       .expose = EDGEFN_S_INIT("X-Id") };
static const edgefn_cors_opts secret = { .origins = two, .origin_count = 2, .credentials = true };
static const edgefn_cors_opts open_to_all = { .any_origin = true,
                                              .methods = EDGEFN_S_INIT("*"),
                                              .headers = EDGEFN_S_INIT("*") };

TEST(cors_response)
{
#define ALLOWED(o)                                                                                 \
  "access-control-allow-origin: " o "\naccess-control-expose-headers: X-Id\nvary: Origin"
    static const struct {
        const edgefn_cors_opts *opts;
        const char *asked, *before, *after;
    } rows[] = {
        { &list, "Origin: https://app.example.com", "", ALLOWED("https://app.example.com") },
        { &list, "Origin: http://localhost:8080", "", ALLOWED("http://localhost:8080") },
        { &list, "", "", "vary: Origin" },
        { &list, "Origin: null", "", "vary: Origin" },
        { &list, "Origin: ", "", "vary: Origin" },
        { &list, "Origin: *", "", "vary: Origin" },
        { &list, "Origin: https://app.example.com.evil.net", "", "vary: Origin" },
        { &list, "Origin: https://evilapp.example.com", "", "vary: Origin" },
        { &list, "Origin: https://app.example.comx", "", "vary: Origin" },
        { &list, "Origin: https://app.example.co", "", "vary: Origin" },
        { &list, "Origin: http://app.example.com", "", "vary: Origin" },
        { &list, "Origin: https://app.example.com:443", "", "vary: Origin" },
        { &list, "Origin: https://app.example.com/", "", "vary: Origin" },
        { &list, "Origin: HTTPS://APP.example.com", "", "vary: Origin" },
        { &list, "Origin: https://app.example.com, https://evil.net", "", "vary: Origin" },
        { &list, "Origin: https://app.example.com\nOrigin: https://evil.net", "", "vary: Origin" },
        { &list, "Origin: https://app.example.com\nOrigin: https://app.example.com", "",
          "vary: Origin" },
        { &list, "Origin: https://evil.net",
          "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Credentials: true\nAccess-Control-Expose-Headers: *\nX: 1\nVary: Accept",
          "x: 1\nvary: Accept, Origin" },
        { &list, "Origin: https://app.example.com", "Access-Control-Allow-Origin: *\nVary: origin",
          "access-control-allow-origin: https://app.example.com\nvary: origin\naccess-control-expose-headers: X-Id" },
        { &secret, "Origin: https://app.example.com", "",
          "access-control-allow-origin: https://app.example.com\naccess-control-allow-credentials: true\nvary: Origin" },
        { &secret, "Origin: https://evil.net", "", "vary: Origin" },
        { &open_to_all, "Origin: https://evil.net", "", "access-control-allow-origin: *" },
        { &open_to_all, "Origin: null", "", "access-control-allow-origin: *" },
        { &open_to_all, "", "Vary: Accept", "vary: Accept\naccess-control-allow-origin: *" },
        { NULL, "Origin: https://app.example.com", "Access-Control-Allow-Origin: *",
          "vary: Origin" },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int type = 0; type < TYPES; type++) {
            ROW("%s, row %zu: %s", type_name[type], i, rows[i].asked);
            edgefn_event ev;
            if (!OPEN(&ev, response_event(type, "GET", rows[i].asked, rows[i].before))) return;
            CHECK(edgefn_header_cors(&ev, rows[i].opts));
            has_headers(&ev, rows[i].after);
        }
    ROW("a preflight that the origin answered");
    edgefn_event ev;
    if (!OPEN(&ev,
              response_event(L_RES_O, "OPTIONS",
                             "Origin: https://app.example.com\nAccess-Control-Request-Method: PUT",
                             "Allow: PUT")))
        return;
    CHECK(edgefn_header_cors(&ev, &list));
    has_headers(
        &ev,
        "allow: PUT\naccess-control-allow-origin: https://app.example.com\naccess-control-allow-methods: PUT, DELETE\naccess-control-allow-headers: X-Token\n"
        "access-control-max-age: 600\nvary: Origin");
}

#define REQ "'request':{'method':'%M','uri':'/','headers':{%Q}}"
static edgefn_str request_event(int type, const char *method, const char *asked)
{
    return fill(type == 0   ? L_HEAD("viewer-request") REQ "}}]}"
                : type == 1 ? L_HEAD("origin-request") REQ "}}]}"
                            : F_HEAD("viewer-request") REQ "}",
                method, asked, "", type == 2);
}

TEST(cors_request)
{
#define ASKS "Origin: https://app.example.com\nAccess-Control-Request-Method: PUT"
#define GRANTED                                                                                    \
  "access-control-allow-origin: https://app.example.com\naccess-control-allow-methods: PUT, DELETE\naccess-control-allow-headers: X-Token\naccess-control-max-age: 600\nvary: Origin"
    static const struct {
        const edgefn_cors_opts *opts;
        const char *method, *asked, *after;
    } rows[] = {
        { &list, "OPTIONS", ASKS, GRANTED },
        { &list, "OPTIONS", ASKS "\nAccess-Control-Request-Headers: x-token", GRANTED },
        { &list, "OPTIONS", "Origin: https://evil.net\nAccess-Control-Request-Method: PUT",
          "vary: Origin" },
        { &list, "OPTIONS", "Origin: null\nAccess-Control-Request-Method: PUT", "vary: Origin" },
        { &secret, "OPTIONS", ASKS,
          "access-control-allow-origin: https://app.example.com\naccess-control-allow-credentials: true\nvary: Origin" },
        { &open_to_all, "OPTIONS", ASKS,
          "access-control-allow-origin: *\naccess-control-allow-methods: *\naccess-control-allow-headers: *" },
        { NULL, "OPTIONS", ASKS, "vary: Origin" },
        { &list, "GET", ASKS, NULL },
        { &list, "options", ASKS, NULL },
        { &list, "OPTIONS", "Origin: https://app.example.com", NULL },
        { &list, "OPTIONS", "Access-Control-Request-Method: PUT", NULL },
        { &list, "GET", "", NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int type = 0; type < 3; type++) {
            ROW("type %d, row %zu: %s %s", type, i, rows[i].method, rows[i].asked);
            edgefn_event ev;
            char with_cache[600];
            if (!OPEN(&ev, request_event(type, rows[i].method, rows[i].asked))) return;
            CHECK(edgefn_header_cors(&ev, rows[i].opts));
            CHECK_NUM(ev.response.status, rows[i].after ? 204 : 0);
            if (!rows[i].after) {
                UNTOUCHED(&ev);
                continue;
            }
            /* a response generated at the origin would be cached */
            snprintf(with_cache, sizeof with_cache, "%s%s",
                     type == 1 ? "cache-control: no-store\n" : "", rows[i].after);
            has_headers(&ev, with_cache);
        }
    /* viewer-response does not run for generated responses: these need the headers now */
    for (int type = 0; type < 3; type++) {
        ROW("type %d, after another response", type);
        edgefn_event ev;
        if (!OPEN(&ev, request_event(type, "GET", "Origin: https://app.example.com"))
            || !edit(&ev, "respond 403"))
            return;
        CHECK(edgefn_header_cors(&ev, &secret)
              && edgefn_header_cache(&ev, &(edgefn_cache_opts){ .max_age_s = 5 })
              && edgefn_header_vary(&ev, S("Cookie")));
        CHECK_NUM(ev.response.status, 403);
        CHECK_STR(edgefn_get(&ev.response.headers, S("access-control-allow-origin")),
                  "https://app.example.com");
        CHECK_STR(edgefn_get(&ev.response.headers, S("cache-control")), "max-age=5");
        CHECK_STR(edgefn_get(&ev.response.headers, S("vary")), "Origin, Cookie");
    }
}

TEST(cors_refused)
{
    static const edgefn_str bad[][1] = { { EDGEFN_S_INIT("*") },
                                         { EDGEFN_S_INIT("null") },
                                         { EDGEFN_S_INIT("") },
                                         { EDGEFN_S_INIT("example.com") },
                                         { EDGEFN_S_INIT("https://") },
                                         { EDGEFN_S_INIT("://x") },
                                         { EDGEFN_S_INIT("https://a.example/") },
                                         { EDGEFN_S_INIT("https://*.example.com") },
                                         { { NULL, 0 } } };
    edgefn_cors_opts rows[COUNT(bad) + 5];
    memset(rows, 0, sizeof rows);
    size_t n = 0;
    for (; n < COUNT(bad); n++)
        rows[n].origins = bad[n], rows[n].origin_count = 1;
    rows[n].any_origin = rows[n].credentials = true, n++;
    rows[n].any_origin = true, rows[n].origins = two, rows[n].origin_count = 2, n++;
    rows[n] = secret, rows[n].methods = S("*"), n++;
    rows[n] = secret, rows[n].headers = S("X-A, *"), n++;
    rows[n] = secret, rows[n].expose = S("*"), n++;
    for (size_t i = 0; i < n; i++)
        for (int request = 0; request < 2; request++) {
            ROW("row %zu, %s", i, request ? "request" : "response");
            edgefn_event ev;
            if (!OPEN(&ev, request ? request_event(0, "GET", "")
                                   : response_event(0, "GET", "Origin: *", "")))
                return;
            CHECK(!edgefn_header_cors(&ev, &rows[i]));
            CHECK_ERR(&ev, EDGEFN_E_OPTIONS, NOWHERE);
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        }
}

/* Without a response there are no headers to set. */
TEST(wrong_events)
{
    for (int type = 0; type < 3; type++)
        for (int what = 0; what < 3; what++) {
            ROW("request type %d, function %d", type, what);
            edgefn_event ev;
            if (!OPEN(&ev, request_event(type, "GET", ""))) return;
            CHECK(!(what == 0   ? edgefn_header_vary(&ev, S("A"))
                    : what == 1 ? edgefn_header_security(&ev, NULL)
                                : edgefn_header_cache(&ev, NULL)));
            CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
        }
}

/* A trusted header: whatever is read as its name goes, the value is set. */
TEST(trusted)
{
    static const struct {
        const char *headers, *value, *want; /* want: the list after it; NULL: as it was */
    } rows[] = {
        { "", "ana", "x-user-id=ana+" },
        { "", NULL, NULL },
        { "A: b", NULL, NULL },
        { "X-User-Id: eve", "ana", "x-user-id=ana~" },
        { "X-User-Id: ana", "ana", NULL },
        { "X-User-Id: eve", NULL, "-x-user-id=eve" },
        { "X-User-Id: eve\nA: b\nx-user-id: eva", "ana", "x-user-id=ana~, a=b, -x-user-id=eva" },
        { "X_User_Id: eve\nA: b", "ana", "a=b, x-user-id=ana+, -x_user_id=eve" },
        { "X_User_Id: eve\nX.USER-id: eve\nx~user!id: eve\nA: b", NULL,
          "a=b, -x.user-id=eve, -x_user_id=eve, -x~user!id=eve" },
        { "XUserId: a\nX-User: b\nX-User-Id-: c\nXUser-Id: d\nX1User-Id: e\nXaUser-Id: f\n"
          "X-User-I1: g\nX-UserAId: h\nX-User-_d: i",
          NULL, NULL },
    };
    for (int type = 0; type < 3; type++)
        for (size_t i = 0; i < COUNT(rows); i++) {
            ROW("request type %d, %zu", type, i);
            edgefn_event ev;
            if (!OPEN(&ev, request_event(type, "GET", rows[i].headers))) return;
            char before[8000];
            snprintf(before, sizeof before, "%s", list_text(&ev.request.headers));
            CHECK(edgefn_header_trusted(&ev, S("X-User-Id"), opt(rows[i].value)));
            CHECK_STR(edgefn_cstr(list_text(&ev.request.headers)),
                      rows[i].want ? rows[i].want : before);
            CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
            CHECK(edgefn_str_eq(edgefn_get(&ev.request.headers, S("x-user-id")), opt(rows[i].value))
                  || rows[i].value == NULL);
        }
    edgefn_event ev;
    ROW("a response event");
    if (!OPEN(&ev, response_event(0, "GET", "", ""))) return;
    CHECK(!edgefn_header_trusted(&ev, S("X-User"), S("ana")));
    CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
    ROW("an invalid name, and an invalid value: the viewer's is gone in any case");
    if (!OPEN(&ev, request_event(0, "GET", "X_User: eve"))) return;
    CHECK(!edgefn_header_trusted(&ev, S("X-User"), S("a\nb")));
    CHECK_ERR(&ev, EDGEFN_E_FIELD_VALUE, NOWHERE);
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL && !edgefn_has(&ev.request.headers, S("x_user")));
    if (!OPEN(&ev, request_event(0, "GET", ""))) return;
    CHECK(!edgefn_header_trusted(&ev, S("X User"), S("ana")));
    CHECK_ERR(&ev, EDGEFN_E_FIELD_NAME, NOWHERE);
}

/* In an arena of any size the whole set is added, or the result is EDGEFN_E_OOM. */
TEST(memory)
{
    for (int type = 0; type < TYPES + 1; type++) {
        ROW("type %d", type);
        edgefn_str json =
            type == TYPES ? request_event(0, "OPTIONS", ASKS)
                          : response_event(type, "OPTIONS", ASKS, "Vary: A\nCache-Control: public");
        edgefn_str want = { NULL, 0 };
        size_t ooms = 0;
        for (size_t size = 1 << 16, step = 0; size <= 1 << 16 && step < 9000; size = step++) {
            edgefn_event ev;
            bool parsed = edgefn_parse(&ev, json, arena_new(size), NULL) == EDGEFN_OK;
            bool done = parsed && edgefn_header_cors(&ev, &list)
                        && edgefn_header_cache(
                            &ev, &(edgefn_cache_opts){ .max_age_s = 1, .shared_max_age_s = 2 })
                        && edgefn_header_security(&ev, NULL)
                        && edgefn_header_vary(&ev, S("Accept"));
            edgefn_str out = edgefn_finish(&ev, NULL);
            if (!want.ptr) {
                char *copy = (char *)test_own(malloc(out.len));
                if (!CHECK(done && out.ptr)) return;
                memcpy(copy, out.ptr, out.len);
                want = (edgefn_str){ copy, out.len };
                continue;
            }
            if (out.ptr)
                (void)(CHECK(done) && CHECK_STR(out, want));
            else
                ooms++, CHECK_ERR(&ev, EDGEFN_E_OOM, NOWHERE);
            arena_drop();
            if (out.ptr) break;
        }
        CHECK(ooms > 100);
    }
}

/* edgefn_header_value_ok() accepts the same values as edgefn_set(). */
TEST(value_ok)
{
    static const char *const texts[] = { "",          " ",    "a b",
                                         "\xC3\xA4",  "\xC3", "\xED\xA0\x80",
                                         "a\r\nb: c", "\t",   "a\x7f" };
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, L_GET("'headers':{}"), NULL))) return;
    edgefn_event was = ev;
    for (size_t i = 0; i < 256 + COUNT(texts); i++) {
        char text[3] = { 'a', (char)i, 'b' };
        edgefn_str s = i < 256 ? (edgefn_str){ text, 3 } : edgefn_cstr(texts[i - 256]);
        ROW("%zu", i);
        ev = was;
        CHECK(edgefn_header_value_ok(s) == edgefn_set(&ev.request.headers, S("x"), s));
    }
    CHECK(edgefn_header_value_ok(S("a\tb")) && !edgefn_header_value_ok(S("a\nb"))
          && !edgefn_header_value_ok(EDGEFN_ABSENT));
}
