/* gen.c - makes the events of every class: realistic names and values, CloudFront's member order, a fixed seed.
   The first ten classes are this project's first corpus; those of browsers and AWS are in gen_real.h, long and hostile ones in gen_growth.h. */
#include "gen.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*--- random numbers (splitmix64) --------------------------------------------------------------------------------------*/

typedef struct rng {
    uint64_t s;
} rng;

static uint64_t rng_next(rng *r)
{
    uint64_t z = r->s += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
static unsigned below(rng *r, unsigned n)
{
    return (unsigned)(rng_next(r) % n);
}
#define PICK(r, list) ((list)[below((r), (unsigned)(sizeof(list) / sizeof((list)[0])))])

/*--- JSON out: compact, or indented -----------------------------------------------------------------------------------*/

typedef enum text_style { STYLE_RAW, STYLE_U } text_style; /* non-ASCII as UTF-8, or as \uXXXX */

typedef struct out {
    char *buf;
    size_t len, cap;
    unsigned depth;
    const char *indent; /* of one level; NULL: compact */
    bool first, failed;
    bool one_line_values, inlined; /* indented, but an object with one value is on one line */
    text_style style;
} out;

static void put(out *o, const char *s, size_t n)
{
    if (n > o->cap - o->len) {
        size_t cap = (o->cap + n) * 2;
        char *buf = o->failed ? NULL : realloc(o->buf, cap);
        if (buf == NULL) {
            o->failed = true;
            return;
        }
        o->buf = buf;
        o->cap = cap;
    }
    memcpy(o->buf + o->len, s, n);
    o->len += n;
}
static void puts_(out *o, const char *s)
{
    put(o, s, strlen(s));
}

static void line(out *o)
{
    if (o->indent == NULL || o->inlined) return;
    put(o, "\n", 1);
    for (unsigned i = 0; i < o->depth; i++)
        puts_(o, o->indent);
}
static void next(out *o) /* before each member or element */
{
    if (!o->first) puts_(o, o->inlined ? ", " : ",");
    if (o->depth != 0) line(o);
    o->first = false;
}
static void opens(out *o, const char *bracket)
{
    put(o, bracket, 1);
    o->depth++;
    o->first = true;
}
static void closes(out *o, const char *bracket)
{
    bool empty = o->first;
    o->depth--;
    if (!empty) line(o);
    put(o, bracket, 1);
    o->first = false;
}

static unsigned utf8_next(const unsigned char **p)
{
    const unsigned char *s = *p;
    unsigned n = s[0] < 0x80 ? 0 : s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : 3;
    unsigned c = n == 0 ? s[0] : s[0] & (0x3fu >> n);
    for (unsigned i = 1; i <= n; i++)
        c = c << 6 | (s[i] & 0x3fu);
    *p = s + n + 1;
    return c;
}
static void put_u(out *o, unsigned unit)
{
    char t[8];
    snprintf(t, sizeof t, "\\u%04x", unit & 0xffffu);
    put(o, t, 6);
}
static void str(out *o, const char *z)
{
    const unsigned char *p = (const unsigned char *)z;
    put(o, "\"", 1);
    while (*p) {
        const unsigned char *at = p;
        unsigned c = utf8_next(&p);
        if (c == '"')
            put(o, "\\\"", 2);
        else if (c == '\\')
            put(o, "\\\\", 2);
        else if (c == '\t')
            put(o, "\\t", 2);
        else if (c < 0x80 || o->style == STYLE_RAW)
            put(o, (const char *)at, (size_t)(p - at));
        else if (c < 0x10000)
            put_u(o, c);
        else {
            c -= 0x10000;
            put_u(o, 0xd800 | c >> 10);
            put_u(o, 0xdc00 | (c & 0x3ff));
        }
    }
    put(o, "\"", 1);
}
static void key(out *o, const char *name)
{
    next(o);
    str(o, name);
    puts_(o, o->indent ? ": " : ":");
}
static void member(out *o, const char *name, const char *value)
{
    key(o, name);
    str(o, value);
}
static void member_raw(out *o, const char *name, const char *value)
{
    key(o, name);
    puts_(o, value);
}

/*--- text of headers --------------------------------------------------------------------------------------------------*/

enum { MAX_FIELDS = 64, POOL = 65536 };

typedef struct field {
    const char *name, *key, *value; /* key: NULL for the usual spelling */
    bool odd_style;
} field;
typedef struct fields {
    field at[MAX_FIELDS];
    unsigned len;
} fields;

typedef struct maker {
    rng r;
    out o;
    char pool[POOL];
    size_t pool_len;
    bool http2, mobile;
} maker;

/* Formats into the pool; the text is valid until the next event. */
#if defined(__GNUC__) || defined(__clang__)
__attribute__((format(printf, 2, 3)))
#endif
static const char *
text(maker *m, const char *format, ...);

#include <stdarg.h>
static const char *text(maker *m, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    char *at = m->pool + m->pool_len;
    int n = vsnprintf(at, POOL - m->pool_len, format, ap);
    va_end(ap);
    if (n < 0 || (size_t)n + 1 > POOL - m->pool_len) {
        m->o.failed = true;
        return "";
    }
    m->pool_len += (size_t)n + 1;
    return at;
}
static const char *token(maker *m, unsigned n, const char *alphabet)
{
    char t[1024];
    unsigned size = (unsigned)strlen(alphabet);
    if (n > sizeof t - 1) n = sizeof t - 1;
    for (unsigned i = 0; i < n; i++)
        t[i] = alphabet[below(&m->r, size)];
    t[n] = 0;
    return text(m, "%s", t);
}
static const char HEX[] = "0123456789abcdef";
static const char BASE64URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char UPPER[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static const char *const HOSTS[] = {
    "www.example.com",  "shop.example.org",   "static.example.net",
    "blog.example.com", "m.shop.example.org", "app.eu.example.net"
};
static const char *const LANGUAGES[] = { "en-US,en;q=0.9", "de-CH,de;q=0.9,en;q=0.8",
                                         "fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7", "ja,en-US;q=0.9",
                                         "pt-BR,pt;q=0.8" };
static const char *const SECTIONS[] = { "products",       "articles",       "docs",   "assets/img",
                                        "category/shoes", "account/orders", "search", "en/help" };
static const char *const WORDS[] = { "summer-sale", "running-shoes",      "getting-started",
                                     "index",       "winter-jacket-2024", "checkout",
                                     "returns",     "size-guide",         "overview" };
static const char *const TYPES[] = { ".html", "", ".jpg", "/", ".json", ".css" };
static const char *const CITIES[] = { "Zurich", "Berlin",   "Sao Paulo",
                                      "Osaka",  "Montreal", "Ljubljana" };
static const char *const COUNTRIES[] = { "CH", "DE", "BR", "JP", "CA", "SI" };
static const char *const COUNTRY_NAMES[] = { "Switzerland", "Germany", "Brazil",
                                             "Japan",       "Canada",  "Slovenia" };
static const char *const ZONES[] = { "Europe/Zurich", "Europe/Berlin",   "America/Sao_Paulo",
                                     "Asia/Tokyo",    "America/Toronto", "Europe/Ljubljana" };

static void add(fields *f, const char *name, const char *value)
{
    if (f->len < MAX_FIELDS) {
        f->at[f->len].name = name;
        f->at[f->len].key = NULL;
        f->at[f->len].value = value;
        f->at[f->len++].odd_style = false;
    }
}

static const char *make_path(maker *m)
{
    return text(m, "/%s/%s-%u%s", PICK(&m->r, SECTIONS), PICK(&m->r, WORDS), below(&m->r, 90000),
                PICK(&m->r, TYPES));
}
static const char *make_user_agent(maker *m)
{
    unsigned v = 110 + below(&m->r, 20), b = below(&m->r, 6000);
    if (m->mobile)
        return below(&m->r, 2)
                   ? text(
                       m,
                       "Mozilla/5.0 (Linux; Android %u; Pixel %u) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%u.0.%u.%u Mobile Safari/537.36",
                       10 + v % 5, 5 + v % 4, v, b, b % 200)
                   : text(
                       m,
                       "Mozilla/5.0 (iPhone; CPU iPhone OS %u_%u like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%u.%u Mobile/15E148 Safari/604.1",
                       15 + v % 3, v % 7, 15 + v % 3, v % 7);
    switch (below(&m->r, 3)) {
    case 0:
        return text(
            m,
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%u.0.%u.%u Safari/537.36",
            v, b, b % 200);
    case 1:
        return text(
            m,
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%u.%u Safari/605.1.15",
            15 + v % 3, v % 7);
    default:
        return text(m, "Mozilla/5.0 (X11; Linux x86_64; rv:%u.0) Gecko/20100101 Firefox/%u.0", v,
                    v);
    }
}
static const char *make_cookie(maker *m)
{
    const char *head = text(m, "_ga=GA1.2.%u.17%u; theme=%s", 100000000 + below(&m->r, 800000000),
                            10000000 + below(&m->r, 80000000), below(&m->r, 2) ? "dark" : "light");
    if (below(&m->r, 8) == 0)
        return text(m, "%s; consent=%s", head, token(m, 24, BASE64URL)); /* not signed in */
    return below(&m->r, 2) ? text(m, "session=%s; %s", token(m, 32, HEX), head)
                           : text(m, "%s; session=%s; consent=%s", head, token(m, 32, HEX),
                                  token(m, 12, BASE64URL));
}
static const char *make_ip(maker *m)
{
    return below(&m->r, 3) == 0 ? text(m, "2001:db8:%x:%x::%x", below(&m->r, 65536),
                                       below(&m->r, 65536), below(&m->r, 65536))
                                : text(m, "%s.%u", below(&m->r, 2) ? "203.0.113" : "198.51.100",
                                       1 + below(&m->r, 254));
}
static const char *make_query(maker *m)
{
    switch (below(&m->r, 4)) {
    case 0: return "";
    case 1: return text(m, "page=%u&size=%u", 1 + below(&m->r, 60), 10 * (1 + below(&m->r, 9)));
    case 2:
        return text(m, "q=%s&sort=price%%20asc&utm_source=newsletter&utm_campaign=%s",
                    PICK(&m->r, WORDS), PICK(&m->r, WORDS));
    default: return text(m, "v=%s", token(m, 8, HEX));
    }
}
static const char *make_date(maker *m)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    return text(m, "%s, %02u Oct 2025 %02u:%02u:%02u GMT", PICK(&m->r, days), 1 + below(&m->r, 28),
                below(&m->r, 24), below(&m->r, 60), below(&m->r, 60));
}

/* Adds the headers that a viewer sends. extra: up to 5 more. */
static void viewer_headers(maker *m, fields *f, unsigned extra, const char *host)
{
    add(f, "host", host);
    add(f, "user-agent", make_user_agent(m));
    add(f, "accept",
        below(&m->r, 2)
            ? "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
            : "image/avif,image/webp,image/apng,image/*,*/*;q=0.8");
    add(f, "accept-language", PICK(&m->r, LANGUAGES));
    add(f, "accept-encoding", "gzip, deflate, br");
    add(f, "referer",
        text(m, "https://%s/%s/%s.html", host, PICK(&m->r, SECTIONS), PICK(&m->r, WORDS)));
    add(f, "cookie", make_cookie(m));
    if (extra > 0) add(f, "sec-fetch-site", below(&m->r, 2) ? "same-origin" : "cross-site");
    if (extra > 1) add(f, "sec-fetch-mode", "navigate");
    if (extra > 2) add(f, "upgrade-insecure-requests", "1");
    if (extra > 3) add(f, "if-none-match", text(m, "\"%s\"", token(m, 16, HEX)));
    if (extra > 4) add(f, "cache-control", "max-age=0");
}
/* Adds the headers that CloudFront sends to an origin: 15 headers. */
static void edge_headers(maker *m, fields *f, const char *ip)
{
    unsigned at = below(&m->r, 6);
    add(f, "x-forwarded-for", text(m, "%s, 192.0.2.%u", ip, below(&m->r, 256)));
    add(f, "via", text(m, "2.0 %s.cloudfront.net (CloudFront)", token(m, 32, HEX)));
    add(f, "cloudfront-is-mobile-viewer", m->mobile ? "true" : "false");
    add(f, "cloudfront-is-tablet-viewer", "false");
    add(f, "cloudfront-is-desktop-viewer", m->mobile ? "false" : "true");
    add(f, "cloudfront-is-smarttv-viewer", "false");
    add(f, "cloudfront-viewer-country", COUNTRIES[at]);
    add(f, "cloudfront-viewer-country-name", COUNTRY_NAMES[at]);
    add(f, "cloudfront-viewer-city", CITIES[at]);
    add(f, "cloudfront-viewer-time-zone", ZONES[at]);
    add(f, "cloudfront-viewer-latitude",
        text(m, "%u.%05u", below(&m->r, 60), below(&m->r, 100000)));
    add(f, "cloudfront-viewer-longitude",
        text(m, "%u.%05u", below(&m->r, 170), below(&m->r, 100000)));
    add(f, "cloudfront-forwarded-proto", "https");
    add(f, "cloudfront-viewer-http-version", m->http2 ? "2.0" : "1.1");
    add(f, "x-amz-cf-id", token(m, 52, BASE64URL));
}
static void origin_response_headers(maker *m, fields *f)
{
    add(f, "content-type", below(&m->r, 2) ? "text/html; charset=utf-8" : "application/json");
    add(f, "content-length", text(m, "%u", 200 + below(&m->r, 90000)));
    add(f, "date", make_date(m));
    add(f, "last-modified", make_date(m));
    add(f, "etag", text(m, "\"%s\"", token(m, 32, HEX)));
    add(f, "cache-control",
        text(m, "public, max-age=%u, stale-while-revalidate=60", 60 * (1 + below(&m->r, 900))));
    add(f, "server", below(&m->r, 2) ? "nginx/1.24.0" : "AmazonS3");
    add(f, "vary", "Accept-Encoding, Origin");
    add(f, "accept-ranges", "bytes");
    add(f, "x-request-id", token(m, 32, HEX));
    if (below(&m->r, 4) == 0)
        add(f, "x-content-type-options", "nosniff"); /* one of those that the job sets */
    else
        add(f, "x-served-by", text(m, "cache-%s", token(m, 6, UPPER)));
    add(f, "access-control-allow-origin", "*");
}
static void more_response_headers(maker *m, fields *f)
{
    add(f, "x-amz-request-id", token(m, 16, UPPER));
    add(f, "age", text(m, "%u", below(&m->r, 9000)));
    add(f, "x-amz-version-id", token(m, 32, BASE64URL));
    add(f, "allow", "GET, HEAD");
    if (below(&m->r, 4) == 0)
        add(f, "x-frame-options", "SAMEORIGIN");
    else
        add(f, "x-powered-by", "Express");
    add(f, "content-language", "en");
    add(f, "server-timing",
        text(m, "app;dur=%u.%u, db;dur=%u", below(&m->r, 300), below(&m->r, 10), below(&m->r, 90)));
}

static void swap_some(maker *m, fields *f) /* the order differs from event to event */
{
    for (unsigned i = 0; i < 3 && f->len > 1; i++) {
        unsigned a = below(&m->r, f->len), b = below(&m->r, f->len);
        field t = f->at[a];
        f->at[a] = f->at[b];
        f->at[b] = t;
    }
}

/*--- the objects of an event ------------------------------------------------------------------------------------------*/

static const char *wire_name(maker *m, const char *name, bool from_viewer)
{
    char t[64];
    if (from_viewer && m->http2 && strncmp(name, "cloudfront-", 11) != 0) return name;
    bool up = true;
    size_t i = 0;
    for (; name[i] && i + 1 < sizeof t; i++) {
        t[i] = up && name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 32) : name[i];
        up = name[i] == '-';
    }
    t[i] = 0;
    if (strncmp(t, "Cloudfront-", 11) == 0) t[5] = 'F';
    if (strcmp(t, "Etag") == 0) t[1] = 'T';
    return text(m, "%s", t);
}
static void put_lambda_headers(maker *m, const fields *f, const char *name, bool from_viewer)
{
    out *o = &m->o;
    key(o, name);
    opens(o, "{");
    for (unsigned i = 0; i < f->len; i++) {
        const char *name_key = f->at[i].key;
        if (name_key == NULL) name_key = wire_name(m, f->at[i].name, from_viewer);
        bool follows = i > 0 && strcmp(f->at[i].name, f->at[i - 1].name) == 0;
        bool followed = i + 1 < f->len && strcmp(f->at[i].name, f->at[i + 1].name) == 0;
        if (!follows) {
            key(o, f->at[i].name);
            opens(o, "[");
        }
        next(o);
        opens(o, "{");
        member(o, "key", name_key);
        o->style = f->at[i].odd_style ? STYLE_U : STYLE_RAW;
        member(o, "value", f->at[i].value);
        o->style = STYLE_RAW;
        closes(o, "}");
        if (!followed) closes(o, "]");
    }
    closes(o, "}");
}
static void put_values(maker *m, const fields *f, const char *name)
{
    out *o = &m->o;
    key(o, name);
    opens(o, "{");
    for (unsigned i = 0; i < f->len; i++) {
        key(o, f->at[i].name);
        o->inlined = o->one_line_values && !f->at[i].odd_style;
        opens(o, "{");
        member(o, "value", f->at[i].value);
        if (f->at[i].odd_style) { /* it occurs twice */
            key(o, "multiValue");
            opens(o, "[");
            next(o);
            opens(o, "{");
            member(o, "value", f->at[i].value);
            closes(o, "}");
            next(o);
            opens(o, "{");
            member(o, "value", "second");
            closes(o, "}");
            closes(o, "]");
        }
        closes(o, "}");
        o->inlined = false;
    }
    closes(o, "}");
}

static void put_config(maker *m, const char *name, const char *kind)
{
    out *o = &m->o;
    key(o, name);
    opens(o, "{");
    member(o, "distributionDomainName",
           text(m, "d%sabcde%u.cloudfront.net", token(m, 6, HEX), below(&m->r, 10)));
    member(o, "distributionId", text(m, "E%s", token(m, 13, UPPER)));
    member(o, "eventType", kind);
    member(o, "requestId", text(m, "%s==", token(m, 54, BASE64URL)));
    closes(o, "}");
}
static void put_body(maker *m, size_t bytes)
{
    out *o = &m->o;
    size_t n = (bytes + 2) / 3 * 4;
    key(o, "body");
    opens(o, "{");
    member(o, "action", "read-only");
    key(o, "data");
    put(o, "\"", 1);
    for (size_t i = 0; i < n; i += 8) {
        char t[8];
        uint64_t x = rng_next(&m->r);
        for (unsigned k = 0; k < 8; k++)
            t[k] = BASE64[x >> (k * 6) & 63];
        put(o, t, n - i < 8 ? n - i : 8);
    }
    if (!o->failed && bytes % 3 != 0) o->buf[o->len - 1] = '=';
    if (!o->failed && bytes % 3 == 1) o->buf[o->len - 2] = '=';
    put(o, "\"", 1);
    member(o, "encoding", "base64");
    member_raw(o, "inputTruncated", "false");
    closes(o, "}");
}
static void put_origin(maker *m, const char *host)
{
    out *o = &m->o;
    fields f = { 0 };
    add(&f, "x-origin-secret", token(m, 24, BASE64URL));
    key(o, "origin");
    opens(o, "{");
    if (below(&m->r, 4) == 0) {
        key(o, "s3");
        opens(o, "{");
        member(o, "authMethod", "none");
        put_lambda_headers(m, &f, "customHeaders", false);
        member(o, "domainName",
               text(m, "example-bucket-%u.s3.eu-west-1.amazonaws.com", below(&m->r, 1000)));
        member(o, "path", "/site");
        member_raw(o, "readTimeout", "30");
        member(o, "region", "eu-west-1");
        member_raw(o, "responseCompletionTimeout", "60");
        closes(o, "}");
    } else {
        key(o, "custom");
        opens(o, "{");
        put_lambda_headers(m, &f, "customHeaders", false);
        member(o, "domainName", text(m, "origin-%u.%s", below(&m->r, 10), host));
        member_raw(o, "keepaliveTimeout", "5");
        member(o, "path", below(&m->r, 2) ? "" : "/app");
        member_raw(o, "port", "443");
        member(o, "protocol", "https");
        member_raw(o, "readTimeout", "30");
        member_raw(o, "responseCompletionTimeout", "30");
        key(o, "sslProtocols");
        opens(o, "[");
        next(o);
        str(o, "TLSv1.1");
        next(o);
        str(o, "TLSv1.2");
        closes(o, "]");
        closes(o, "}");
    }
    closes(o, "}");
}
static void put_response(maker *m, unsigned level)
{
    static const char *const statuses[][2] = { { "200", "OK" },
                                               { "200", "OK" },
                                               { "404", "Not Found" },
                                               { "301", "Moved Permanently" },
                                               { "304", "Not Modified" } };
    out *o = &m->o;
    fields f = { 0 };
    const char *const *status = statuses[below(&m->r, 5)];
    origin_response_headers(m, &f);
    if (level > 0) more_response_headers(m, &f);
    swap_some(m, &f);
    key(o, "response");
    opens(o, "{");
    put_lambda_headers(m, &f, "headers", false);
    member(o, "status", status[0]);
    member(o, "statusDescription", status[1]);
    closes(o, "}");
}

/*--- international text -----------------------------------------------------------------------------------------------*/

static const char *const PHRASES[] = {
    "Z\xc3\xbcrich Hauptbahnhof, Gleis 7 ",
    "d\xc3\xa9j\xc3\xa0 vu \xe2\x80\x93 \"caf\xc3\xa9\" ",
    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 ",
    "\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd ",
    "C:\\files\\new\\r\xc3\xa9sum\xc3\xa9.txt ",
    "\xec\x84\x9c\xec\x9a\xb8 ",
    "\xce\xba\xce\xb1\xce\xbb\xce\xb7\xce\xbc\xce\xad\xcf\x81\xce\xb1 ",
    "\xf0\x9f\x91\x8b ol\xc3\xa1! ",
    "say \"yes\"\tor \"no\" ",
    "na\xc3\xafve fa\xc3\xa7"
    "ade ",
    "100 \xe2\x82\xac ",
};
static const char *make_phrase(maker *m, size_t bytes)
{
    char t[512];
    size_t n = 0;
    while (n < bytes) {
        const char *p = PICK(&m->r, PHRASES);
        size_t k = strlen(p);
        if (n + k + 1 > sizeof t) break;
        memcpy(t + n, p, k);
        n += k;
    }
    t[n] = 0;
    return text(m, "%s", t);
}
static void phrase_headers(maker *m, fields *f)
{
    static const char *const names[] = { "x-display-name", "x-city-name", "x-greeting",
                                         "x-note",         "x-file-name", "x-campaign-title",
                                         "x-group",        "x-place",     "x-subject",
                                         "x-comment",      "x-title",     "x-label" };
    for (unsigned i = 0; i < 12; i++) {
        bool odd = i % 2 != 0;
        add(f, names[i], make_phrase(m, odd ? 115 : 230));
        f->at[f->len - 1].odd_style = odd;
    }
}

/*--- classes ----------------------------------------------------------------------------------------------------------*/

enum { WITH_ORIGIN = 1, WITH_RESPONSE = 2, WITH_LONG_RESPONSE = 4, WITH_PHRASES = 8 };

typedef struct kind {
    const char *name, *event_type, *about;
    void (*make)(maker *m, const struct kind *k);
    const char *indent;
    unsigned flags, count, viewer_extra;
    size_t body;
} kind;

static void make_lambda(maker *m, const kind *k)
{
    out *o = &m->o;
    fields f = { 0 };
    const char *host = PICK(&m->r, HOSTS), *ip = make_ip(m);
    viewer_headers(m, &f, k->viewer_extra, host);
    if (k->flags & WITH_ORIGIN) edge_headers(m, &f, ip);
    if (k->flags & WITH_PHRASES) phrase_headers(m, &f);
    swap_some(m, &f);

    opens(o, "{");
    key(o, "Records");
    opens(o, "[");
    next(o);
    opens(o, "{");
    key(o, "cf");
    opens(o, "{");
    put_config(m, "config", k->event_type);
    key(o, "request");
    opens(o, "{");
    if (k->body) put_body(m, k->body);
    member(o, "clientIp", ip);
    put_lambda_headers(m, &f, "headers", true);
    member(o, "method", k->body ? "POST" : "GET");
    if (k->flags & WITH_ORIGIN) put_origin(m, host);
    member(o, "querystring", make_query(m));
    member(o, "uri", make_path(m));
    closes(o, "}");
    if (k->flags & (WITH_RESPONSE | WITH_LONG_RESPONSE))
        put_response(m, k->flags & WITH_LONG_RESPONSE);
    closes(o, "}");
    closes(o, "}");
    closes(o, "]");
    closes(o, "}");
}

static void functions_request(maker *m, const kind *k)
{
    out *o = &m->o;
    fields f = { 0 }, cookies = { 0 }, query = { 0 };
    viewer_headers(m, &f, k->viewer_extra, PICK(&m->r, HOSTS));
    for (unsigned i = 0; i < f.len; i++) /* cookies are in a separate list */
        if (strcmp(f.at[i].name, "cookie") == 0) f.at[i] = f.at[--f.len];
    add(&f, "cloudfront-viewer-country", PICK(&m->r, COUNTRIES));
    add(&f, "cloudfront-is-mobile-viewer", m->mobile ? "true" : "false");
    add(&f, "cloudfront-viewer-address",
        text(m, "203.0.113.%u:%u", below(&m->r, 256), 1024 + below(&m->r, 60000)));
    if (below(&m->r, 4) == 0) {
        add(&f, "x-tag", "first");
        f.at[f.len - 1].odd_style = true;
    } else
        add(&f, "x-tag", "only");
    swap_some(m, &f);
    add(&cookies, "_ga",
        text(m, "GA1.2.%u.17%u", 100000000 + below(&m->r, 800000000),
             10000000 + below(&m->r, 80000000)));
    if (below(&m->r, 8) != 0) add(&cookies, "session", token(m, 32, HEX));
    add(&cookies, "theme", below(&m->r, 2) ? "dark" : "light");
    switch (below(&m->r, 3)) {
    case 0: break;
    case 1:
        add(&query, "page", text(m, "%u", 1 + below(&m->r, 60)));
        add(&query, "size", "20");
        break;
    default:
        add(&query, "q", PICK(&m->r, WORDS));
        add(&query, "utm_source", "newsletter");
        add(&query, "sort", "price%20asc");
        break;
    }
    key(o, "request");
    opens(o, "{");
    member(
        o, "method",
        "GET"); /* in the order of AWS's documentation: CloudFront Functions event structure, Example event */
    member(o, "uri", make_path(m));
    put_values(m, &query, "querystring");
    put_values(m, &f, "headers");
    put_values(m, &cookies, "cookies");
    closes(o, "}");
}
static void functions_response(maker *m)
{
    out *o = &m->o;
    fields f = { 0 };
    origin_response_headers(m, &f);
    swap_some(m, &f);
    key(o, "response");
    opens(o, "{");
    member_raw(o, "statusCode", "200");
    member(o, "statusDescription", "OK");
    put_values(m, &f, "headers");
    key(o, "cookies");
    opens(o, "{");
    if (below(&m->r, 2)) {
        key(o, "sid");
        opens(o, "{");
        member(o, "value", token(m, 32, HEX));
        member(o, "attributes", "Path=/; Secure; HttpOnly; SameSite=Lax");
        closes(o, "}");
    }
    closes(o, "}");
    closes(o, "}");
}
static void make_functions(maker *m, const kind *k)
{
    out *o = &m->o;
    opens(o, "{");
    member(o, "version", "1.0");
    put_config(m, "context", k->event_type);
    key(o, "viewer");
    opens(o, "{");
    member(o, "ip", make_ip(m));
    closes(o, "}");
    functions_request(m, k);
    if (k->flags & WITH_RESPONSE) functions_response(m);
    closes(o, "}");
}

#include "gen_real.h"
#include "gen_growth.h"

#define LAMBDA(name, type, flags, count, extra, body, indent, about)                               \
  {                                                                                                \
    name, type, about, make_lambda, indent, flags, count, extra, body                              \
  }
#define FUNCTIONS(name, type, flags, about)                                                        \
  {                                                                                                \
    name, type, about, make_functions, NULL, flags, 128, 4, 0                                      \
  }
#define REAL(name, make, flags, indent, about)                                                     \
  {                                                                                                \
    name, NULL, about, make, indent, flags, 128, 0, 0                                              \
  }

static const kind KINDS[] = {
    LAMBDA("vreq", "viewer-request", 0, 128, 4, 0, NULL, "Lambda@Edge viewer-request, 11 headers"),
    LAMBDA("oreq", "origin-request", WITH_ORIGIN, 128, 4, 0, NULL,
           "Lambda@Edge origin-request, 26 headers and an origin"),
    LAMBDA("ores", "origin-response", WITH_ORIGIN | WITH_LONG_RESPONSE, 128, 5, 0, NULL,
           "Lambda@Edge origin-response, 27 and 19 headers"),
    LAMBDA("vres", "viewer-response", WITH_RESPONSE, 128, 4, 0, NULL,
           "Lambda@Edge viewer-response, 11 and 12 headers"),
    LAMBDA("body40k", "viewer-request", 0, 64, 4, 40960, NULL,
           "vreq with a body of 40 KB in base64"),
    LAMBDA("body1m", "origin-request", WITH_ORIGIN, 8, 4, 1048576, NULL,
           "oreq with a body of 1 MB in base64"),
    LAMBDA("pretty", "origin-request", WITH_ORIGIN, 128, 4, 0, "  ", "oreq, indented by two"),
    LAMBDA("esc", "viewer-request", WITH_PHRASES, 128, 4, 0, NULL,
           "23 headers; 12 contain UTF-8 and short escapes, or \\uXXXX"),
    FUNCTIONS("cffreq", "viewer-request", 0, "CloudFront Functions viewer-request"),
    FUNCTIONS("cffres", "viewer-response", WITH_RESPONSE, "CloudFront Functions viewer-response"),
    REAL("chrome", make_visit, CHROMIUM, NULL,
         "viewer-request as Chrome and Edge cause it: HTTP/2, client hints, cookies"),
    REAL("firefox", make_visit, FIREFOX, NULL, "viewer-request as Firefox causes it"),
    REAL("safari", make_visit, SAFARI, NULL, "viewer-request as Safari causes it"),
    REAL("cfheaders", make_visit, ANY_BROWSER | TO_ORIGIN, NULL,
         "origin-request with all headers that CloudFront can add"),
    REAL("s3", make_visit, CHROMIUM | FROM_S3, NULL, "origin-response: Chrome, Amazon S3"),
    REAL("alb", make_visit, ANY_BROWSER | FROM_ALB, NULL,
         "origin-response: any browser, an application behind a load balancer"),
    REAL("api", make_visit, ANY_BROWSER | FROM_API, NULL,
         "viewer-response: any browser, API Gateway"),
    REAL("cffchrome", make_visit_functions, CHROMIUM, NULL,
         "CloudFront Functions viewer-request as Chrome and Edge cause it"),
    REAL("cffother", make_visit_functions, FIREFOX | SAFARI, NULL,
         "CloudFront Functions viewer-request as Firefox and Safari cause it"),
    REAL("cffresp", make_visit_functions, ANY_BROWSER | FROM_S3 | FROM_ALB | FROM_API, NULL,
         "CloudFront Functions viewer-response: any browser, any of the three origins"),
    REAL("indent2", make_visit_any, ANY_BROWSER, "  ", "any event above, indented by two"),
    REAL("indent4", make_visit_any, ANY_BROWSER, "    ", "any event above, indented by four"),
    REAL("tabs", make_visit_any, ANY_BROWSER, "\t", "any event above, indented by tabs"),
    REAL("awsdocs", make_documented, 0, "  ", "events as in AWS's documentation"),
    REAL("sam", make_sam, 0, "  ",
         "test events as of sam local generate-event and the Lambda console"),
};
enum { KIND_COUNT = sizeof KINDS / sizeof KINDS[0] };

const char *gen_class_name(size_t i)
{
    return i < KIND_COUNT ? KINDS[i].name : NULL;
}

static bool make_class(gen_class *c, const kind *its, uint64_t seed)
{
    static const char padding[GEN_PADDING + 16] = { 0 };
    memset(c, 0, sizeof *c);
    maker *m = calloc(1, sizeof *m);
    size_t *at = calloc(its->count, sizeof *at), *len = calloc(its->count, sizeof *len);
    c->events = calloc(its->count, sizeof *c->events);
    if (m == NULL || at == NULL || len == NULL || c->events == NULL) goto failed;
    m->r.s = seed;
    m->o.indent = its->indent;
    for (unsigned i = 0; i < its->count; i++) {
        m->pool_len = 0;
        m->o.depth = 0;
        m->o.first = true;
        m->http2 = below(&m->r, 4) != 0;
        m->mobile = below(&m->r, 5) < 2;
        at[i] = m->o.len;
        its->make(m, its);
        len[i] = m->o.len - at[i];
        put(&m->o, padding,
            GEN_PADDING + (16 - m->o.len % 16) % 16); /* every event is aligned as by malloc() */
    }
    if (m->o.failed) goto failed;
    c->name = its->name;
    c->about = its->about;
    c->lenient = its->make == make_sam;
    c->count = its->count;
    c->_block = m->o.buf;
    for (unsigned i = 0; i < its->count; i++) {
        c->events[i].json = c->_block + at[i];
        c->events[i].len = len[i];
        if (len[i] > c->max_len) c->max_len = len[i];
        c->mean_len += (double)len[i] / its->count;
    }
    free(at);
    free(len);
    free(m);
    return true;
failed:
    if (m) free(m->o.buf);
    free(at);
    free(len);
    free(m);
    free(c->events);
    memset(c, 0, sizeof *c);
    return false;
}

bool gen_class_make(gen_class *c, const char *name)
{
    size_t k = 0;
    while (k < KIND_COUNT && strcmp(KINDS[k].name, name) != 0)
        k++;
    return k < KIND_COUNT && make_class(c, &KINDS[k], 0xed6ef0 + k * 1000003);
}
bool gen_growth_make(gen_class *c, size_t i)
{
    if (i >= GROWTH_COUNT) return false;
    kind its = { FAMILIES[GROWTH[i].family].name,
                 NULL,
                 "",
                 make_growth,
                 NULL,
                 GROWTH[i].family,
                 GROWTH[i].events,
                 0,
                 GROWTH[i].size };
    return make_class(c, &its, 0x6e0 + i);
}

void gen_class_free(gen_class *c)
{
    free(c->_block);
    free(c->events);
    memset(c, 0, sizeof *c);
}
