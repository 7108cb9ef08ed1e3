/* recipes_gen.h - generated events for tests/test_recipes_random.c: what a recipe reads, and what it does not expect.

   An event is first a struct, so that a test can know what it contains, write it a second time without some headers, or
   change its address; event_json() writes it. Everything is in slow.h's pool, which the caller empties between events. */
#ifndef RECIPES_GEN_H
#define RECIPES_GEN_H

#define S          EDGEFN_S
#define HEADERS    64
#define NOW        1767864000
#define PICK(list) (list)[rnd((unsigned)COUNT(list))]

typedef struct fields {
    edgefn_pair of[HEADERS]; /* from: the name; to: the value */
    size_t count;
} fields;

typedef struct model {
    edgefn_dialect dialect;
    edgefn_event_type type;
    edgefn_str method, uri, ip;
    fields headers, cookies, query;
    bool has_body, truncated;
    edgefn_str body;

    edgefn_origin_kind origin;
    edgefn_str domain;
    fields origin_headers;

    unsigned status;
    fields response, set_cookies;

    bool inside; /* the request asks for something that the recipe guards */
    bool valid;  /* and has what opens it */
} model;

/*--- text -------------------------------------------------------------------------------------------------------------*/

static edgefn_str textf(const char *format, ...) __attribute__((format(printf, 1, 2)));
static edgefn_str textf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = (char *)slow_take((size_t)n + 1);
    va_start(args, format);
    vsnprintf(p, (size_t)n + 1, format, args);
    va_end(args);
    return text_of(p, (size_t)n);
}

static edgefn_str join(edgefn_str a, edgefn_str b)
{
    return textf("%.*s%.*s", EDGEFN_FMT(a), EDGEFN_FMT(b));
}

static bool one_in(unsigned n)
{
    return rnd(n) == 0;
}

/* An event for functions of the library that need one. */
static edgefn_event scratch;
static edgefn_event *scratch_event(void)
{
    static char memory[1 << 18];
    edgefn_arena arena = edgefn_arena_make(memory, sizeof memory);
    edgefn_build_begin(&scratch, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena, NULL);
    scratch.request.method = S("GET"), scratch.request.uri = S("/");
    if (!edgefn_build_end(&scratch)) abort();
    return &scratch;
}

static edgefn_str kept(edgefn_str s) /* out of the scratch event */
{
    return textf("%.*s", EDGEFN_FMT(s));
}

static edgefn_str base64(edgefn_str s)
{
    return kept(edgefn_base64_encode(scratch_event(), s));
}

static edgefn_str mac_of(edgefn_str key, edgefn_str message, bool hex)
{
    unsigned char mac[32];
    edgefn_hmac_sha256(key, message, mac);
    edgefn_str bytes = text_of((const char *)mac, sizeof mac);
    return kept(hex ? edgefn_hex_encode(scratch_event(), bytes)
                    : edgefn_base64url_encode(scratch_event(), bytes));
}

static edgefn_str token_of(const char *issuer, const char *user, int expires, edgefn_str secret)
{
    edgefn_str payload = textf("{\"iss\":\"%s\",\"sub\":\"%s\",\"exp\":%d}", issuer, user, expires);
    return kept(edgefn_jwt_sign(scratch_event(), payload, secret));
}

/*--- the words of a recipe --------------------------------------------------------------------------------------------*/

static struct {
    edgefn_str source, comment; /* comment: in one line */
    edgefn_str all[200], paths[100], names[100];
    size_t all_count, paths_count, names_count;
} recipe_words;

static bool is_name(edgefn_str s)
{
    static const char other[] = "content-length transfer-encoding host cookie set-cookie via";
    for (size_t i = 0; i < s.len; i++)
        if (!(s.ptr[i] >= 'a' && s.ptr[i] <= 'z') && !(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z')
            && !(s.ptr[i] >= '0' && s.ptr[i] <= '9') && s.ptr[i] != '-' && s.ptr[i] != '_')
            return false;
    edgefn_str lower = lower_of(s);
    return s.len > 0 && s.len < 60 && strstr(other, kept(lower).ptr) == NULL;
}

static void word(edgefn_str w)
{
    if (recipe_words.all_count == COUNT(recipe_words.all)) return;
    recipe_words.all[recipe_words.all_count++] = w;
    bool path = edgefn_str_starts(w, S("/")) || edgefn_str_starts(w, S("*"));
    if (path && recipe_words.paths_count < COUNT(recipe_words.paths))
        recipe_words.paths[recipe_words.paths_count++] = w;
    if (is_name(w) && recipe_words.names_count < COUNT(recipe_words.names))
        recipe_words.names[recipe_words.names_count++] = w;
}

/* Takes the literals of the source without escapes; reads the comment. */
static void words_of(const char *recipe)
{
    char path[200];
    snprintf(path, sizeof path, "examples/handlers/%s.c", recipe);
    edgefn_str source = slurp(path);
    memset(&recipe_words, 0, sizeof recipe_words);
    recipe_words.source = source;
    edgefn_cut parts = edgefn_str_cut(source, S("*/"));
    char *line = (char *)test_own(malloc(parts.head.len + 1));
    size_t len = 0;
    for (size_t i = 0; i < parts.head.len; i++) {
        bool space = strchr(" \n", parts.head.ptr[i]) != NULL;
        if (!space) line[len++] = parts.head.ptr[i];
        if (space && len > 0 && line[len - 1] != ' ') line[len++] = ' ';
    }
    line[len] = '\0';
    recipe_words.comment = text_of(line, len);
    for (edgefn_str rest = parts.tail; rest.len > 0;) {
        edgefn_cut from = edgefn_str_cut(rest, S("\"")),
                   literal = edgefn_str_cut(from.tail, S("\""));
        rest = literal.tail;
        if (literal.head.len > 0 && memchr(literal.head.ptr, '\\', literal.head.len) == NULL
            && memchr(literal.head.ptr, '\n', literal.head.len) == NULL)
            word(literal.head);
    }
}

/*--- values -----------------------------------------------------------------------------------------------------------*/

static edgefn_str repeated(const char *piece, unsigned times)
{
    slow_text t = slow_begin();
    for (unsigned i = 0; i < times; i++)
        slow_puts(&t, piece);
    return slow_end(&t);
}

static edgefn_str hostile(void)
{
    static const char *const values[] = {
        "",
        " ",
        "%0d%0aX-Injected: 1",
        "%00",
        "%",
        "%zz",
        "..",
        "../../etc/passwd",
        "//evil.example",
        "%2f%2fevil.example",
        "\\\\evil.example",
        "caf\xc3\xa9",
        "\xf0\x9f\x8d\xb0",
        "%ff",
        "\"",
        "'\"><script>",
        "a,b;c=d",
        " a ",
        "\t",
        "*",
        "null",
        "undefined",
        "0",
        "-1",
        "1e999",
        "4294967296",
        "99999999999999999999",
        "true",
        "false",
        "{\"a\":1}",
        "{",
        "[1,2",
        "a=b&c=d",
        "?",
        "#",
        ";",
        "=",
        "&",
        ",",
        "https://evil.example/",
        "javascript:alert(1)",
        "%u0041",
        "\x7f",
        "\xc2\x85",
        "$(id)",
        "${jndi:x}",
        "q=0",
        "*;q=2",
        "a.b.c",
        "....",
        "'; drop table--",
    };
    switch (rnd(12)) {
    case 0: return repeated("a", 1 + rnd(3000));
    case 1: return repeated("%2e", 1 + rnd(40));
    case 2: return repeated("a=1; ", 1 + rnd(60));
    default: return edgefn_cstr(PICK(values));
    }
}

static edgefn_str odd_case(edgefn_str s)
{
    if (!one_in(4)) return s;
    char *p = (char *)slow_take(s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        bool letter = (s.ptr[i] | 32) >= 'a' && (s.ptr[i] | 32) <= 'z';
        p[i] = letter && one_in(2) ? (char)(s.ptr[i] ^ 32) : s.ptr[i];
    }
    return text_of(p, s.len);
}

static edgefn_str own_word(void)
{
    return recipe_words.all_count > 0 ? recipe_words.all[rnd((unsigned)recipe_words.all_count)]
                                      : S("x");
}

static edgefn_str own_name(void)
{
    return recipe_words.names_count > 0
               ? recipe_words.names[rnd((unsigned)recipe_words.names_count)]
               : S("x");
}

static edgefn_str some_value(void)
{
    switch (rnd(4)) {
    case 0: return own_word();
    case 1: return odd_case(own_word());
    default: return hostile();
    }
}

static const char *const agents[] = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile "
    "Safari/537.36",
    "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "curl/8.5.0",
    "facebookexternalhit/1.1",
    "Amazon CloudFront",
};
static const char *const hosts[] = { "www.example.com",    "d111111abcdef8.cloudfront.net",
                                     "WWW.Example.COM",    "us.example.com",
                                     "tw.example.com:443", "app.example.org" };
static const char *const countries[] = { "DE", "US", "TW", "FR", "JP", "GB", "SE", "de", "XX", "" };

typedef struct header_values {
    const char *name, *values[12];
} header_values;

static const header_values request_values[] = {
    { "accept",
      { "*/*", "text/html,*/*;q=0.8", "image/avif,image/webp,*/*", "image/webp", "q=1",
        "image/*;q=0" } },
    { "accept-language", { "de", "en-US,en;q=0.7", "zh-Hant-TW", "es", "*", "xx", "de;q=0" } },
    { "accept-encoding",
      { "br,gzip", "gzip", "identity", "gzip, deflate, br, zstd", "*;q=0", "br;q=0.1" } },
    { "referer",
      { "https://www.example.com/a", "https://evil.example/", "android-app://x/", "/",
        "https://@/" } },
    { "origin",
      { "https://www.example.com", "https://shop.example.com", "null", "https://a.example.com",
        "https://evil.example", "http://www.example.com" } },
    { "access-control-request-method", { "PUT", "GET", "x y" } },
    { "access-control-request-headers", { "content-type", "x-csrf-token, a" } },
    { "authorization",
      { "Basic YW5hOndyb25n", "Bearer x.y.z", "Bearer", "Basic", "Digest x=1", "bearer  a" } },
    { "content-type",
      { "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8",
        "application/json", "text/plain", "multipart/form-data; boundary=x" } },
    { "x-forwarded-for",
      { "192.0.2.9", "10.0.0.1, 192.0.2.1", "unknown", "192.0.2.1:443, [::1]", "a, b" } },
    { "x-forwarded-host", { "evil.example", "www.example.com" } },
    { "x-forwarded-proto", { "http", "https" } },
    { "true-client-ip", { "192.0.2.1" } },
    { "cloudfront-forwarded-proto", { "http", "https", "HTTP", "ftp" } },
    { "cloudfront-is-desktop-viewer", { "true", "false" } },
    { "cloudfront-is-mobile-viewer", { "true", "false" } },
    { "cloudfront-is-tablet-viewer", { "true", "false" } },
    { "cloudfront-is-smarttv-viewer", { "true", "false", "TRUE" } },
    { "cloudfront-viewer-address", { "192.0.2.1:443", "2001:db8::1:46532", "x" } },
    { "cloudfront-viewer-country-region", { "BY" } },
    { "if-none-match", { "\"a\"" } },
    { "if-modified-since", { "Wed, 07 Jan 2026 17:40:00 GMT" } },
    { "sec-fetch-site", { "cross-site", "same-origin", "none" } },
    { "sec-purpose", { "prefetch", "prefetch;prerender" } },
    { "sec-gpc", { "1" } },
    { "sec-ch-dpr", { "2", "1.5", "1.100000023841858", "0", "-1", "99999999999999999999" } },
    { "sec-ch-width", { "400", "401", "1200", "x" } },
    { "dpr", { "3" } },
    { "width", { "800" } },
    { "device-stock-ua", { "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)" } },
    { "x-amz-content-sha256", { "UNSIGNED-PAYLOAD" } },
    { "range", { "bytes=0-1" } },
    { "x-user", { "root" } },
    { "save-data", { "on" } },
};
static const header_values response_values[] = {
    { "content-type",
      { "text/html", "text/html; charset=utf-8", "image/png", "application/json", "TEXT/HTML",
        "" } },
    { "cache-control",
      { "max-age=60", "private", "no-store", "public, max-age=31536000", "max-age=x", "PRIVATE" } },
    { "vary", { "Accept-Encoding", "Cookie", "*", "Origin, Cookie", "accept" } },
    { "last-modified", { "Wed, 07 Jan 2026 17:40:00 GMT" } },
    { "x-amz-meta-last-modified", { "Tue, 06 Jan 2026 17:40:00 GMT", "yesterday", "" } },
    { "retry-after", { "30", "0", "Thu, 08 Jan 2026 12:00:00 GMT", "-1", "99999999999" } },
    { "location",
      { "https://www.example.com/a", "http://app.example.org:8080/a?b=1", "http://app.example.org",
        "/a", "//evil.example", "a", "http://app.example.org//evil.example/", "" } },
    { "server", { "AmazonS3" } },
    { "x-powered-by", { "PHP/5" } },
    { "x-amz-request-id", { "1" } },
    { "link", { "</a>; rel=\"canonical\"", "</a.css>; rel=preload" } },
    { "content-encoding", { "gzip", "br" } },
    { "etag", { "\"a\"" } },
    { "expires", { "0" } },
    { "access-control-allow-origin", { "*", "https://evil.example" } },
    { "strict-transport-security", { "max-age=0" } },
    { "content-security-policy", { "default-src 'self'" } },
    { "x-frame-options", { "ALLOW" } },
    { "x-origin-failover", { "1" } },
    { "warning", { "199 a \"b\"" } },
};

static void put_field(fields *f, edgefn_str name, edgefn_str value)
{
    if (f->count < HEADERS) f->of[f->count++] = (edgefn_pair){ name, value };
}

static edgefn_str first_of(const fields *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++)
        if (edgefn_str_ieq(f->of[i].from, edgefn_cstr(name))) return f->of[i].to;
    return EDGEFN_ABSENT;
}

static void noise(fields *f, const header_values *rows, size_t count, unsigned most)
{
    for (unsigned n = rnd(most); n > 0; n--) {
        const header_values *row = &rows[rnd((unsigned)count)];
        size_t known = 0;
        while (known < COUNT(row->values) && row->values[known] != NULL)
            known++;
        edgefn_str name = one_in(4) ? own_name() : edgefn_cstr(row->name);
        edgefn_str value = edgefn_cstr(row->values[rnd((unsigned)known)]);
        if (one_in(3)) value = some_value();
        put_field(f, name, value);
        if (one_in(12)) put_field(f, name, some_value());
    }
}

/*--- paths ------------------------------------------------------------------------------------------------------------*/

/* Fills in the wildcards of a pattern. */
static edgefn_str path_of(edgefn_str pattern)
{
    static const char *const any[] = { "", "x", "a.html", "/b", "a/b.js", ".x" };
    slow_text t = slow_begin();
    if (edgefn_str_starts(pattern, S("*"))) slow_puts(&t, "/img/a");
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.ptr[i] != '*')
            slow_put(&t, pattern.ptr + i, 1);
        else if (i > 0)
            slow_puts(&t, PICK(any));
    }
    return slow_end(&t);
}

/* Spells a path in another way that some server reads as the same: see edgefn_uri_guards(). */
static edgefn_str disguised(edgefn_str path)
{
    static const char *const before[] = { "/x/..", "/.", "/", "/%2e", "/x/%2e%2e", "/a;b/..", "" };
    static const char *const slashes[] = { "//",  "/./",    "%2f",   "\\",
                                           "%5C", "/x/../", "%252f", ";a=b/" };
    static const char *const after[] = { "%00", "%00.css", ";a=b", ";/x", "" };
    slow_text t = slow_begin();

    slow_puts(&t, one_in(3) ? PICK(before) : "");
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        char spelled[16] = { (char)c };
        switch (rnd(24)) {
        case 0: snprintf(spelled, sizeof spelled, "%%%02x", c); break;
        case 1: snprintf(spelled, sizeof spelled, "%%25%02X", c); break;
        case 2: snprintf(spelled, sizeof spelled, "%%u00%02x", c); break;
        case 3: snprintf(spelled, sizeof spelled, "%%2525%02x", c); break;
        case 4: spelled[0] = (char)(letter ? c ^ 32 : c); break;
        default: break;
        }
        if (c == '/' && i > 0 && one_in(4)) snprintf(spelled, sizeof spelled, "%s", PICK(slashes));
        if (i == 0) spelled[0] = '/', spelled[1] = '\0';
        slow_puts(&t, spelled);
    }
    slow_puts(&t, one_in(4) ? PICK(after) : "");
    return slow_end(&t);
}

static edgefn_str some_path(void)
{
    static const char *const paths[] = {
        "/",
        "/a.html",
        "/guides",
        "/guides/",
        "/img/a.jpg",
        "/img/a.webp",
        "//evil.example/",
        "//",
        "/..",
        "/../..",
        "/%2e%2e/",
        "/a%00b",
        "/caf%C3%A9",
        "/caf\xc3\xa9",
        "/%ff",
        "/%",
        "/a b",
        "/a+b",
        "/a;b=c",
        "/.well-known/x",
        "/robots.txt",
        "/favicon.ico",
        "/api/items",
        "/api/items/42",
        "/app.js",
        "/releases/v1.2",
        "/a//b/",
        "/A.HTML",
        "/img/small/a.jpg",
        "/\\evil.example",
        "/a%2Fb",
        "/%2f%2fevil.example/",
        "/docs/a.html",
        "/pricing/a.html",
        "/%0d%0aX: 1",
        "/de/",
        "/en",
        "/index.html",
        "/a\"b<c>",
        "/%252e%252e/",
        "/a?b",
    };
    switch (rnd(8)) {
    case 0: return join(S("/"), hostile());
    case 1:
    case 2:
        if (recipe_words.paths_count == 0) break;
        return path_of(recipe_words.paths[rnd((unsigned)recipe_words.paths_count)]);
    case 3:
        if (recipe_words.paths_count == 0) break;
        return disguised(path_of(recipe_words.paths[rnd((unsigned)recipe_words.paths_count)]));
    case 4: return disguised(edgefn_cstr(PICK(paths)));
    case 5: return join(path_of(own_word()), edgefn_cstr(PICK(paths)));
    default: break;
    }
    return edgefn_cstr(PICK(paths));
}

/*--- the whole event --------------------------------------------------------------------------------------------------*/

static const char *const addresses[] = { "192.0.2.44",      "192.0.2.200", "198.51.100.7",
                                         "203.0.113.9",     "2001:db8::1", "2001:db8:85a3::5",
                                         "::ffff:192.0.2.1" };
static const char *const domains[] = { "app.example.org",
                                       "www.example.com",
                                       "standby.example.com",
                                       "abc.lambda-url.eu-west-1.on.aws",
                                       "b.s3.eu-west-1.amazonaws.com",
                                       "eu.example.com" };
static const char *const buckets[] = { "b.s3.eu-west-1.amazonaws.com", "b.s3.amazonaws.com",
                                       "blue-bucket.s3.amazonaws.com" };

static void some_form(model *m)
{
    slow_text t = slow_begin();
    unsigned count = rnd(6);
    for (unsigned i = 0; i < count; i++) {
        static const char *const pieces[] = { "name=a", "email=b%40c", "a=1",      "",
                                              "=",      "x",           "%6eame=b", "message=+" };
        slow_puts(&t, i > 0 ? "&" : "");
        slow_puts(&t, PICK(pieces));
    }
    m->body = slow_end(&t);
    if (one_in(4)) m->body = textf("%.*s=%.*s", EDGEFN_FMT(own_name()), EDGEFN_FMT(some_value()));
    if (one_in(6)) m->body = hostile();
    if (one_in(40)) m->body = repeated("name=aaaaaaaa&", 3000);
    if (one_in(12)) m->body = S("\xff\xd8\xff\xe0");
}

static void make_request(model *m)
{
    static const char *const methods[] = { "GET",  "GET", "GET",     "GET",    "HEAD", "POST",
                                           "POST", "PUT", "OPTIONS", "DELETE", "PATCH" };
    m->method = edgefn_cstr(PICK(methods));
    m->uri = some_path();
    m->ip = edgefn_cstr(PICK(addresses));
    if (!one_in(12)) put_field(&m->headers, S("host"), edgefn_cstr(PICK(hosts)));
    if (one_in(40)) put_field(&m->headers, S("host"), some_value());
    if (m->type == EDGEFN_ORIGIN_REQUEST || m->type == EDGEFN_ORIGIN_RESPONSE) {
        m->origin = one_in(3) ? EDGEFN_ORIGIN_S3 : EDGEFN_ORIGIN_CUSTOM;
        m->domain = edgefn_cstr(m->origin == EDGEFN_ORIGIN_S3 ? PICK(buckets) : PICK(domains));
        if (one_in(2) && m->headers.count > 0) m->headers.of[0].to = m->domain;
        if (one_in(4)) put_field(&m->origin_headers, S("x-origin-custom"), S("1"));
    }
    for (unsigned n = rnd(4); n > 0; n--) {
        edgefn_str name = one_in(3) ? S("utm_source") : own_name();
        put_field(&m->query, one_in(6) ? hostile() : name,
                  one_in(6) ? EDGEFN_ABSENT : some_value());
    }
    m->has_body =
        m->dialect == EDGEFN_DIALECT_LAMBDA && edgefn_str_eq(m->method, S("POST")) && !one_in(6);
    if (edgefn_str_eq(m->method, S("PUT"))) m->has_body = one_in(2);
    m->truncated = one_in(10);
    some_form(m);
}

static void make_noise(model *m)
{
    if (!one_in(6)) put_field(&m->headers, S("user-agent"), edgefn_cstr(PICK(agents)));
    if (one_in(2))
        put_field(&m->headers, S("cloudfront-viewer-country"), edgefn_cstr(PICK(countries)));
    if (one_in(4)) put_field(&m->headers, S("x-forwarded-for"), edgefn_cstr(PICK(addresses)));
    if (edgefn_str_eq(m->method, S("POST")) && !one_in(4))
        put_field(&m->headers, S("content-type"), S("application/x-www-form-urlencoded"));
    noise(&m->headers, request_values, COUNT(request_values), 8);
    for (unsigned n = rnd(3); n > 0; n--)
        put_field(&m->cookies, one_in(4) ? S("theme") : own_name(), some_value());
    static const unsigned statuses[] = { 200, 200, 200, 206, 204, 301, 302, 304,
                                         403, 404, 410, 429, 500, 503, 599 };
    m->status = PICK(statuses);
    noise(&m->response, response_values, COUNT(response_values), 8);
    for (unsigned n = rnd(3); n > 0; n--) {
        static const char *const cookies[] = { "=1; Path=/; Secure", "=",
                                               "=x; HttpOnly; SameSite=None", "=1; X=\x7f",
                                               "=a=b;;Secure" };
        put_field(&m->set_cookies, own_name(), edgefn_cstr(PICK(cookies)));
    }
}

/*--- as JSON ----------------------------------------------------------------------------------------------------------*/

/* Headers that event_json() leaves out. */
typedef bool leave_out(edgefn_str name);

static edgefn_str of_bool(bool b)
{
    return b ? S("true") : S("false");
}

/* The fields of one name, as an array of Lambda@Edge or an object of CloudFront Functions. */
static edgefn_str group_json(const model *m, const fields *f, size_t first, bool attributes)
{
    odd_object list = { .count = 0 }, one = { .names = false };
    bool lambda = m->dialect == EDGEFN_DIALECT_LAMBDA;

    for (size_t i = first; i < f->count && list.count < 30; i++) {
        if (!edgefn_str_ieq(f->of[i].from, f->of[first].from)) continue;
        odd_object entry = { .count = 0 };
        edgefn_cut cookie = edgefn_str_cut(f->of[i].to, S(";"));
        bool plain = !odd_members; /* without chance: see check_trust() */
        if (lambda && (plain || !one_in(6)))
            odd_string(&entry, "key", plain ? f->of[i].from : odd_case(f->of[i].from));
        odd_string(&entry, "value", attributes ? edgefn_str_skip(cookie.head, 1) : f->of[i].to);
        if (attributes && cookie.found)
            odd_string(&entry, "attributes", edgefn_str_trim(cookie.tail));
        if (list.count == 0) one = entry;
        list.member[list.count++] = odd_close(&entry, "{", "}");
    }
    if (lambda) return odd_close(&list, "[", "]");
    if (list.count > 1) odd_add(&one, "multiValue", odd_close(&list, "[", "]"));
    return odd_close(&one, "{", "}");
}

static edgefn_str fields_json(const model *m, const fields *f, bool attributes, leave_out *out)
{
    odd_object o = { .names = true };

    for (size_t i = 0; i < f->count && o.count < COUNT(o.member); i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= edgefn_str_ieq(f->of[i].from, f->of[k].from);
        if (again || (out != NULL && out(f->of[i].from))) continue;
        edgefn_str name =
            f == &m->headers || f == &m->response ? lower_of(f->of[i].from) : f->of[i].from;
        odd_add(&o, kept(name).ptr, group_json(m, f, i, attributes));
    }
    return odd_close(&o, "{", "}");
}

static edgefn_str query_text(const model *m)
{
    slow_text t = slow_begin();
    for (size_t i = 0; i < m->query.count; i++) {
        if (i > 0) slow_puts(&t, "&");
        slow_put(&t, m->query.of[i].from.ptr, m->query.of[i].from.len);
        if (m->query.of[i].to.ptr == NULL) continue;
        slow_puts(&t, "=");
        slow_put(&t, m->query.of[i].to.ptr, m->query.of[i].to.len);
    }
    return slow_end(&t);
}

static edgefn_str origin_json(const model *m)
{
    odd_object o = { .count = 0 }, outer = { .count = 0 };
    bool s3 = m->origin == EDGEFN_ORIGIN_S3;

    odd_string(&o, "domainName", m->domain);
    odd_string(&o, "path", S(""));
    odd_add(&o, "customHeaders", fields_json(m, &m->origin_headers, false, NULL));
    if (s3) {
        odd_string(&o, "authMethod", odd_order ? S("none") : S("origin-access-identity"));
        odd_string(&o, "region", S("eu-west-1"));
    } else {
        odd_add(&o, "port", S("443"));
        odd_string(&o, "protocol", S("https"));
        odd_add(&o, "readTimeout", S("30"));
        odd_add(&o, "keepaliveTimeout", S("5"));
        odd_add(&o, "sslProtocols", S("[\"TLSv1.2\"]"));
    }
    odd_add(&outer, s3 ? "s3" : "custom", odd_close(&o, "{", "}"));
    return odd_close(&outer, "{", "}");
}

static bool is_request_type(edgefn_event_type type)
{
    return type == EDGEFN_VIEWER_REQUEST || type == EDGEFN_ORIGIN_REQUEST;
}

static edgefn_str lambda_request(const model *m, leave_out *out)
{
    odd_object o = { .count = 0 };
    model with = *m;
    slow_text t = slow_begin();
    for (size_t i = 0; i < m->cookies.count; i++) {
        edgefn_str name = m->cookies.of[i].from, value = m->cookies.of[i].to;
        slow_puts(&t, i > 0 ? "; " : "");
        slow_put(&t, name.ptr, name.len);
        slow_puts(&t, "=");
        slow_put(&t, value.ptr, value.len);
    }
    edgefn_str cookies = slow_end(&t);
    if (m->cookies.count > 0) put_field(&with.headers, S("cookie"), cookies);
    odd_string(&o, "method", m->method);
    odd_string(&o, "uri", m->uri);
    odd_string(&o, "querystring", query_text(m));
    odd_string(&o, "clientIp", m->ip);
    odd_add(&o, "headers", fields_json(&with, &with.headers, false, out));
    if (m->origin != EDGEFN_ORIGIN_NONE) odd_add(&o, "origin", origin_json(m));
    if (m->has_body && is_request_type(m->type)) {
        odd_object body = { .count = 0 };
        odd_string(&body, "action", S("read-only"));
        odd_string(&body, "encoding", S("base64"));
        odd_string(&body, "data", base64(m->body));
        odd_add(&body, "inputTruncated", of_bool(m->truncated));
        odd_add(&o, "body", odd_close(&body, "{", "}"));
    }
    return odd_close(&o, "{", "}");
}

static edgefn_str functions_request(const model *m, leave_out *out)
{
    odd_object o = { .count = 0 };
    model with = *m;

    for (size_t i = 0; i < with.query.count; i++)
        if (with.query.of[i].to.ptr == NULL) with.query.of[i].to = S("");
    odd_string(&o, "method", m->method);
    odd_string(&o, "uri", m->uri);
    odd_add(&o, "querystring", fields_json(&with, &with.query, false, NULL));
    odd_add(&o, "headers", fields_json(m, &m->headers, false, out));
    odd_add(&o, "cookies", fields_json(m, &m->cookies, false, NULL));
    return odd_close(&o, "{", "}");
}

static edgefn_str response_json(const model *m)
{
    odd_object o = { .count = 0 };
    model with = *m;
    bool lambda = m->dialect == EDGEFN_DIALECT_LAMBDA;

    for (size_t i = 0; lambda && i < m->set_cookies.count; i++) {
        edgefn_pair cookie = m->set_cookies.of[i];
        put_field(&with.response, S("set-cookie"), join(cookie.from, cookie.to));
    }
    odd_add(&o, "headers", fields_json(&with, &with.response, false, NULL));
    if (lambda) {
        odd_string(&o, "status", textf("%u", m->status));
        odd_string(&o, "statusDescription", S("Text"));
    } else {
        odd_add(&o, "statusCode", textf("%u", m->status));
        odd_string(&o, "statusDescription", S("Text"));
        odd_add(&o, "cookies", fields_json(m, &m->set_cookies, true, NULL));
    }
    return odd_close(&o, "{", "}");
}

/* Writes an event with this request instead of the model's; absent: the model's. */
static edgefn_str event_json(const model *m, edgefn_str request, leave_out *out)
{
    bool lambda = m->dialect == EDGEFN_DIALECT_LAMBDA;
    odd_object o = { .count = 0 }, about = { .count = 0 }, records = { .count = 0 };

    odd_string(&about, "eventType", edgefn_cstr(edgefn_event_type_name(m->type)));
    odd_string(&about, "distributionDomainName", S("d111111abcdef8.cloudfront.net"));
    odd_string(&about, "distributionId", S("EDFDVBD6EXAMPLE"));
    odd_string(&about, "requestId", S("request-id=="));
    odd_add(&o, lambda ? "config" : "context", odd_close(&about, "{", "}"));
    if (request.ptr == NULL) request = lambda ? lambda_request(m, out) : functions_request(m, out);
    odd_add(&o, "request", request);
    if (!is_request_type(m->type)) odd_add(&o, "response", response_json(m));
    if (!lambda) {
        odd_object viewer = { .count = 0 };
        odd_string(&viewer, "ip", m->ip);
        odd_add(&o, "viewer", odd_close(&viewer, "{", "}"));
        odd_string(&o, "version", S("1.0"));
        return odd_close(&o, "{", "}");
    }
    odd_object cf = { .count = 0 }, root = { .count = 0 };
    odd_add(&cf, "cf", odd_close(&o, "{", "}"));
    records.member[records.count++] = odd_close(&cf, "{", "}");
    odd_add(&root, "Records", odd_close(&records, "[", "]"));
    return odd_close(&root, "{", "}");
}

#endif
