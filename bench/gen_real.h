/* gen_real.h - events as browsers, origins and AWS's tools cause them; included by gen.c, whose helpers it uses.

   Sources, all written anew with values of our own: the headers that Chrome 142, Edge 142, Firefox 145 and Safari 26 send over HTTP/2
   for pages, pictures, scripts and fetch(), in their order; the cookies of analytics, consent and load balancers, in their lengths;
   CloudFront's headers: Developer Guide, "Add CloudFront request headers"; responses of Amazon S3 (GetObject), of an application behind
   an Application Load Balancer with stickiness, and of API Gateway; Developer Guide, "Lambda@Edge event structure" and "CloudFront
   Functions event structure"; `sam local generate-event cloudfront`, whose events lack eventType and other members. */

enum {
    CHROMIUM = 1,
    FIREFOX = 2,
    SAFARI = 4,
    ANY_BROWSER = CHROMIUM | FIREFOX | SAFARI,
    TO_ORIGIN = 8,
    FROM_S3 = 16,
    FROM_ALB = 32,
    FROM_API = 64,
    FROM_ANY = FROM_S3 | FROM_ALB | FROM_API
};

typedef enum fetch_kind { FETCH_PAGE, FETCH_IMAGE, FETCH_SCRIPT, FETCH_DATA } fetch_kind;

/* One request of one browser. */
typedef struct visit {
    unsigned browser, version;
    fetch_kind what;
    bool mobile, edge, at_origin; /* edge: Microsoft's browser */
    const char *host, *ip, *platform;
    fields cookies;
} visit;

static unsigned one_of(maker *m, unsigned flags, unsigned mask)
{
    unsigned bits[8], n = 0;
    for (unsigned bit = 1; bit != 0 && bit <= mask; bit <<= 1)
        if (flags & mask & bit) bits[n++] = bit;
    return n != 0 ? bits[below(&m->r, n)] : 0;
}
static bool chance(maker *m, unsigned percent)
{
    return below(&m->r, 100) < percent;
}

/* Adds a header with the key as it is sent; its name is the key in lower case. */
static void add_key(maker *m, fields *f, const char *key, const char *value)
{
    char name[64];
    size_t i = 0;
    for (; key[i] && i + 1 < sizeof name; i++)
        name[i] = key[i] >= 'A' && key[i] <= 'Z' ? (char)(key[i] + 32) : key[i];
    name[i] = 0;
    add(f, text(m, "%s", name), value);
    f->at[f->len - 1].key = key;
}

/*--- cookies ----------------------------------------------------------------------------------------------------------*/

static unsigned unix_time(maker *m)
{
    return 1760000000 + below(&m->r, 8000000);
}
static const char *jwt(maker *m, unsigned claims)
{
    return text(m, "eyJhbGciOiJSUzI1NiIsImtpZCI6%s.%s.%s", token(m, 24, BASE64URL),
                token(m, claims, BASE64URL), token(m, 342, BASE64URL));
}
static const char *consent(maker *m)
{
    return text(
        m,
        "isGpcEnabled=0&datestamp=Thu+Nov+%02u+2025+%02u%%3A%02u%%3A%02u+GMT%%2B0100+(Central+European+Standard+Time)&version=202509.1.0"
        "&browserGpcFlag=0&isIABGlobal=false&hosts=&consentId=%s-%s&interactionCount=%u&isAnonUser=1&landingPath=NotLandingPage"
        "&groups=C0001%%3A1%%2CC0002%%3A%u%%2CC0003%%3A%u%%2CC0004%%3A%u&AwaitingReconsent=false",
        1 + below(&m->r, 28), below(&m->r, 24), below(&m->r, 60), below(&m->r, 60),
        token(m, 8, HEX), token(m, 12, HEX), 1 + below(&m->r, 4), below(&m->r, 2), below(&m->r, 2),
        below(&m->r, 2));
}
static void analytics_cookies(maker *m, fields *f)
{
    unsigned first = unix_time(m), id = 100000000 + below(&m->r, 900000000);
    add(f, "_ga", text(m, "GA1.1.%u.%u", id, first));
    add(f, text(m, "_ga_%s", token(m, 10, UPPER)),
        text(m, "GS2.1.s%u$o%u$g1$t%u$j%u$l0$h0", first, 1 + below(&m->r, 40),
             first + below(&m->r, 3000), below(&m->r, 60)));
    if (chance(m, 60)) add(f, "_gcl_au", text(m, "1.1.%u.%u", id / 3, first));
    if (chance(m, 50)) add(f, "_fbp", text(m, "fb.1.%u%03u.%u", first, below(&m->r, 1000), id));
    if (chance(m, 30)) add(f, "_uetvid", token(m, 32, HEX));
}
/* From none (a new visitor, a static site) to 3 KB. */
static void visit_cookies(maker *m, fields *f)
{
    unsigned much = below(&m->r, 100);
    if (much < 12) return;
    if (much < 88) add(f, "session", token(m, chance(m, 50) ? 32 : 64, HEX));
    if (much >= 25) analytics_cookies(m, f);
    if (much >= 40) add(f, "theme", chance(m, 50) ? "dark" : "light");
    if (much >= 50) add(f, "OptanonConsent", consent(m));
    if (much >= 60) {
        const char *sticky = token(m, 124, BASE64URL);
        add(f, "AWSALB", sticky);
        add(f, "AWSALBCORS", sticky);
    }
    if (much >= 75) add(f, "csrftoken", token(m, 64, BASE64URL));
    if (much >= 85) add(f, "id_token", jwt(m, 480 + below(&m->r, 400)));
}
static const char *cookie_line(maker *m, const fields *f)
{
    char t[8192];
    size_t n = 0;
    t[0] = 0;
    for (unsigned i = 0; i < f->len; i++)
        n += (size_t)snprintf(t + n, sizeof t - n, "%s%s=%s", i == 0 ? "" : "; ", f->at[i].name,
                              f->at[i].value);
    return text(m, "%s", t);
}

/*--- requests of browsers ---------------------------------------------------------------------------------------------*/

static void begin_visit(maker *m, visit *v, unsigned flags)
{
    static const char *const desktops[] = { "Windows", "Windows", "macOS", "Linux" };
    memset(v, 0, sizeof *v);
    v->browser = one_of(m, flags, ANY_BROWSER);
    v->what = chance(m, 45) ? FETCH_PAGE : (fetch_kind)(1 + below(&m->r, 3));
    v->mobile = m->mobile;
    v->edge = v->browser == CHROMIUM && !v->mobile && chance(m, 20);
    v->version = 136 + below(&m->r, 8);
    v->platform = v->mobile ? "Android" : PICK(&m->r, desktops);
    v->host = PICK(&m->r, HOSTS);
    v->ip = make_ip(m);
    visit_cookies(m, &v->cookies);
}
static const char *chromium_agent(maker *m, const visit *v)
{
    const char *system = v->mobile               ? "Linux; Android 10; K"
                         : v->platform[0] == 'W' ? "Windows NT 10.0; Win64; x64"
                         : v->platform[0] == 'm' ? "Macintosh; Intel Mac OS X 10_15_7"
                                                 : "X11; Linux x86_64";
    return text(
        m,
        "Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%u.0.0.0 %sSafari/537.36%s",
        system, v->version, v->mobile ? "Mobile " : "",
        v->edge ? text(m, " Edg/%u.0.0.0", v->version) : "");
}
static const char *visit_agent(maker *m, const visit *v)
{
    if (v->browser == CHROMIUM) return chromium_agent(m, v);
    if (v->browser == FIREFOX)
        return v->mobile
                   ? text(m, "Mozilla/5.0 (Android 15; Mobile; rv:%u.0) Gecko/%u.0 Firefox/%u.0",
                          v->version + 2, v->version + 2, v->version + 2)
                   : text(m, "Mozilla/5.0 (%s; rv:%u.0) Gecko/20100101 Firefox/%u.0",
                          v->platform[0] == 'W'   ? "Windows NT 10.0; Win64; x64"
                          : v->platform[0] == 'm' ? "Macintosh; Intel Mac OS X 10.15"
                                                  : "X11; Linux x86_64",
                          v->version + 2, v->version + 2);
    unsigned major = chance(m, 50) ? 18 : 26, minor = below(&m->r, 4);
    if (v->mobile)
        return text(
            m,
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_%u like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/%u.%u Mobile/15E148 Safari/604.1",
            4 + minor, major, minor);
    return text(
        m,
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%u.%u "
        "Safari/605.1.15",
        major, minor);
}
/* The list of brands: quotes, and one brand that changes with every version so that nobody depends on it. */
static const char *brands(maker *m, const visit *v, const char *more)
{
    static const char *const grease[] = { "\"Not_A Brand\";v=\"99", "\"Not)A;Brand\";v=\"8",
                                          "\"Not=A?Brand\";v=\"24", "\"Not/A)Brand\";v=\"8" };
    const char *odd = text(m, "%s%s\"", grease[v->version % 4], more ? ".0.0.0" : "");
    const char *rest = more ? more : "";
    const char *base = text(m, "\"Chromium\";v=\"%u%s\"", v->version, rest);
    const char *own = text(m, "\"%s\";v=\"%u%s\"", v->edge ? "Microsoft Edge" : "Google Chrome",
                           v->version, rest);
    switch (v->version % 3) {
    case 0: return text(m, "%s, %s, %s", base, own, odd);
    case 1: return text(m, "%s, %s, %s", own, odd, base);
    default: return text(m, "%s, %s, %s", odd, base, own);
    }
}
static void client_hints(maker *m, fields *f, const visit *v)
{
    add_key(m, f, "sec-ch-ua", brands(m, v, NULL));
    add_key(m, f, "sec-ch-ua-mobile", v->mobile ? "?1" : "?0");
    if (chance(m, 20)) { /* the site asked for more by Accept-CH */
        add_key(m, f, "sec-ch-ua-full-version-list",
                brands(m, v, text(m, ".0.%u.%u", 7000 + below(&m->r, 999), below(&m->r, 200))));
        add_key(m, f, "sec-ch-ua-model", v->mobile ? "\"Pixel 9\"" : "\"\"");
        add_key(m, f, "sec-ch-ua-platform-version", v->mobile ? "\"15.0.0\"" : "\"19.0.0\"");
    }
    add_key(m, f, "sec-ch-ua-platform", text(m, "\"%s\"", v->platform));
}
static const char *accepted(const visit *v)
{
    if (v->what == FETCH_SCRIPT || v->what == FETCH_DATA) return "*/*";
    if (v->what == FETCH_IMAGE)
        return v->browser == CHROMIUM
                   ? "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
               : v->browser == FIREFOX
                   ? "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
                   : "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5";
    return v->browser == CHROMIUM
               ? "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
               : "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
}
static void sec_fetch(maker *m, fields *f, const visit *v, bool entered)
{
    static const char *const modes[] = { "navigate", "no-cors", "no-cors", "cors" };
    static const char *const dests[] = { "document", "image", "script", "empty" };
    add_key(m, f, "sec-fetch-site", entered ? "none" : "same-origin");
    add_key(m, f, "sec-fetch-mode", modes[v->what]);
    if (v->what == FETCH_PAGE && v->browser != SAFARI) add_key(m, f, "sec-fetch-user", "?1");
    add_key(m, f, "sec-fetch-dest", dests[v->what]);
}
static void conditional(maker *m, fields *f)
{
    add_key(m, f, "if-none-match", text(m, "\"%s\"", token(m, 32, HEX)));
    if (chance(m, 60)) add_key(m, f, "if-modified-since", make_date(m));
}
/* What the browser sends, in its order; the Host header is CloudFront's spelling of :authority. */
static void browser_headers(maker *m, fields *f, const visit *v, const char *agent, bool cookies)
{
    bool page = v->what == FETCH_PAGE, entered = page && chance(m, 40);
    add_key(m, f, "Host", v->host);
    if (v->browser == CHROMIUM) client_hints(m, f, v);
    if (page && v->browser == CHROMIUM) add_key(m, f, "upgrade-insecure-requests", "1");
    if (v->browser == SAFARI) sec_fetch(m, f, v, entered);
    add_key(m, f, "user-agent", agent);
    if (v->what == FETCH_DATA && chance(m, 50)) add_key(m, f, "x-requested-with", "XMLHttpRequest");
    add_key(m, f, "accept", accepted(v));
    if (v->browser == CHROMIUM) sec_fetch(m, f, v, entered);
    if (v->browser == FIREFOX) add_key(m, f, "accept-language", PICK(&m->r, LANGUAGES));
    if (!entered)
        add_key(m, f, "referer",
                text(m, "https://%s/%s/%s", v->host, PICK(&m->r, SECTIONS), PICK(&m->r, WORDS)));
    const char *codings = v->browser == SAFARI ? "gzip, deflate, br" : "gzip, deflate, br, zstd";
    add_key(m, f, "accept-encoding", v->at_origin ? "br,gzip" : codings);
    if (v->browser != FIREFOX) add_key(m, f, "accept-language", PICK(&m->r, LANGUAGES));
    if (cookies && v->cookies.len != 0) add_key(m, f, "cookie", cookie_line(m, &v->cookies));
    if (page && v->browser == FIREFOX) add_key(m, f, "upgrade-insecure-requests", "1");
    if (v->browser == FIREFOX) sec_fetch(m, f, v, entered);
    if (chance(m, 25)) conditional(m, f);
    add_key(m, f, "priority", page ? "u=0, i" : v->what == FETCH_IMAGE ? "u=5, i" : "u=1");
    if (v->browser == FIREFOX) add_key(m, f, "te", "trailers");
}

/*--- CloudFront's headers ---------------------------------------------------------------------------------------------*/

static void device_headers(maker *m, fields *f, const visit *v)
{
    bool ios = v->mobile && v->browser == SAFARI;
    add_key(m, f, "CloudFront-Is-Mobile-Viewer", v->mobile ? "true" : "false");
    add_key(m, f, "CloudFront-Is-Tablet-Viewer", "false");
    add_key(m, f, "CloudFront-Is-SmartTV-Viewer", "false");
    add_key(m, f, "CloudFront-Is-Desktop-Viewer", v->mobile ? "false" : "true");
    add_key(m, f, "CloudFront-Is-IOS-Viewer", ios ? "true" : "false");
    add_key(m, f, "CloudFront-Is-Android-Viewer", v->mobile && !ios ? "true" : "false");
}
static void location_headers(maker *m, fields *f)
{
    static const char *const regions[] = { "ZH", "BE", "SP", "27", "QC", "061" };
    unsigned at = below(&m->r, 6);
    add_key(m, f, "CloudFront-Viewer-Country", COUNTRIES[at]);
    add_key(m, f, "CloudFront-Viewer-Country-Name", COUNTRY_NAMES[at]);
    add_key(m, f, "CloudFront-Viewer-Country-Region", regions[at]);
    add_key(m, f, "CloudFront-Viewer-Country-Region-Name", CITIES[at]);
    add_key(m, f, "CloudFront-Viewer-City", CITIES[at]);
    add_key(m, f, "CloudFront-Viewer-Postal-Code", text(m, "%05u", below(&m->r, 99999)));
    add_key(m, f, "CloudFront-Viewer-Time-Zone", ZONES[at]);
    add_key(m, f, "CloudFront-Viewer-Latitude",
            text(m, "%u.%05u", below(&m->r, 60), below(&m->r, 100000)));
    add_key(m, f, "CloudFront-Viewer-Longitude",
            text(m, "%u.%05u", below(&m->r, 170), below(&m->r, 100000)));
}
static void connection_headers(maker *m, fields *f, const visit *v)
{
    const char *order = "host";
    unsigned n = f->len;
    for (unsigned i = 1; i < n; i++)
        order = text(m, "%s:%s", order, f->at[i].name);
    add_key(m, f, "CloudFront-Viewer-Http-Version", "2.0");
    add_key(m, f, "CloudFront-Forwarded-Proto", "https");
    add_key(m, f, "CloudFront-Viewer-Address", text(m, "%s:%u", v->ip, 1024 + below(&m->r, 64000)));
    add_key(m, f, "CloudFront-Viewer-ASN", text(m, "%u", 1000 + below(&m->r, 60000)));
    add_key(m, f, "CloudFront-Viewer-TLS",
            chance(m, 80) ? "TLSv1.3:TLS_AES_128_GCM_SHA256:fullHandshake"
                          : "TLSv1.3:TLS_AES_128_GCM_SHA256:sessionResumed");
    add_key(m, f, "CloudFront-Viewer-JA3-Fingerprint", token(m, 32, HEX));
    add_key(m, f, "CloudFront-Viewer-JA4-Fingerprint",
            text(m, "t13d15%02uh2_%s_%s", below(&m->r, 60), token(m, 12, HEX), token(m, 12, HEX)));
    add_key(m, f, "CloudFront-Viewer-Header-Count", text(m, "%u", n));
    add_key(m, f, "CloudFront-Viewer-Header-Order", order);
}
static void forwarding_headers(maker *m, fields *f, const visit *v)
{
    add_key(m, f, "X-Forwarded-For", v->ip);
    add_key(m, f, "Via", text(m, "2.0 %s.cloudfront.net (CloudFront)", token(m, 32, HEX)));
}

/*--- responses of origins ---------------------------------------------------------------------------------------------*/

typedef struct answer {
    const char *status, *reason;
    fields headers, cookies;
} answer;

static const char *media_type(maker *m)
{
    static const char *const types[] = { "text/html",  "text/css",   "application/javascript",
                                         "image/webp", "image/jpeg", "application/json",
                                         "font/woff2" };
    return PICK(&m->r, types);
}
static void s3_answer(maker *m, answer *a)
{
    fields *f = &a->headers;
    add_key(m, f, "x-amz-id-2", token(m, 76, BASE64));
    add_key(m, f, "x-amz-request-id", token(m, 16, UPPER));
    add_key(m, f, "Date", make_date(m));
    if (a->status[0] == '4') {
        add_key(m, f, "Content-Type", "application/xml");
        add_key(m, f, "Server", "AmazonS3");
        return;
    }
    add_key(m, f, "Last-Modified", make_date(m));
    add_key(m, f, "ETag",
            chance(m, 80) ? text(m, "\"%s\"", token(m, 32, HEX))
                          : text(m, "\"%s-%u\"", token(m, 32, HEX), 2 + below(&m->r, 9)));
    add_key(m, f, "x-amz-server-side-encryption", "AES256");
    if (chance(m, 40)) add_key(m, f, "Cache-Control", "public, max-age=31536000, immutable");
    if (chance(m, 30)) add_key(m, f, "x-amz-version-id", token(m, 32, BASE64URL));
    if (chance(m, 15))
        add_key(m, f, "x-amz-meta-title",
                "the \"quick\" start, \xc3\xa9"
                "dition 2");
    add_key(m, f, "Accept-Ranges", "bytes");
    add_key(m, f, "Server", "AmazonS3");
    if (a->status[0] == '2') {
        add_key(m, f, "Content-Type", media_type(m));
        add_key(m, f, "Content-Length", text(m, "%u", 200 + below(&m->r, 900000)));
    }
}
static void add_cookie(maker *m, answer *a, const char *name, const char *value,
                       const char *attributes)
{
    (void)m;
    add(&a->cookies, name, value);
    a->cookies.at[a->cookies.len - 1].key = attributes;
}
static void alb_answer(maker *m, answer *a)
{
    static const char *const servers[] = { "nginx", "gunicorn", "Apache/2.4.62 (Amazon Linux)" };
    fields *f = &a->headers;
    add_key(m, f, "Date", make_date(m));
    add_key(m, f, "Content-Type", "text/html; charset=utf-8");
    add_key(m, f, "Content-Length", text(m, "%u", 2000 + below(&m->r, 90000)));
    const char *sticky = token(m, 124, BASE64);
    const char *expires = make_date(m);
    add_cookie(m, a, "AWSALB", sticky, text(m, "Expires=%s; Path=/", expires));
    add_cookie(m, a, "AWSALBCORS", sticky,
               text(m, "Expires=%s; Path=/; SameSite=None; Secure", expires));
    if (chance(m, 40))
        add_cookie(m, a, "session", token(m, 64, HEX), "Path=/; HttpOnly; Secure; SameSite=Lax");
    add_key(m, f, "Server", PICK(&m->r, servers));
    add_key(m, f, "Vary", "Accept-Encoding, Cookie");
    add_key(m, f, "ETag", text(m, "W/\"%s-%s\"", token(m, 4, HEX), token(m, 27, BASE64)));
    add_key(m, f, "Cache-Control",
            chance(m, 50) ? "private, no-cache" : "max-age=0, must-revalidate");
    add_key(m, f, "X-Request-Id",
            text(m, "%s-%s-%s", token(m, 8, HEX), token(m, 4, HEX), token(m, 12, HEX)));
    if (chance(m, 50)) add_key(m, f, "X-Runtime", text(m, "0.%06u", below(&m->r, 900000)));
    if (chance(m, 40)) add_key(m, f, "X-Frame-Options", "SAMEORIGIN");
    if (chance(m, 30))
        add_key(
            m, f, "Report-To",
            "{\"group\":\"default\",\"max_age\":10886400,\"endpoints\":[{\"url\":\"https://example.com/report\"}]}");
}
static void api_answer(maker *m, answer *a)
{
    fields *f = &a->headers;
    add_key(m, f, "Content-Type", "application/json");
    add_key(m, f, "Content-Length", text(m, "%u", 20 + below(&m->r, 9000)));
    add_key(m, f, "Date", make_date(m));
    add_key(m, f, "x-amz-apigw-id", text(m, "%s=", token(m, 15, BASE64URL)));
    add_key(m, f, "X-Amzn-Trace-Id",
            text(m, "Root=1-%s-%s;Parent=%s;Sampled=0;Lineage=1:%s:0", token(m, 8, HEX),
                 token(m, 24, HEX), token(m, 16, HEX), token(m, 8, HEX)));
    add_key(m, f, "ETag", text(m, "W/\"%s-%s\"", token(m, 3, HEX), token(m, 27, BASE64)));
    add_key(m, f, "Access-Control-Allow-Origin", "*");
    add_key(m, f, "Vary", "Origin");
    if (chance(m, 50))
        add_key(m, f, "Link", "</v2/items?page=2>; rel=\"next\", </v2/items?page=9>; rel=\"last\"");
    if (chance(m, 50)) add_key(m, f, "X-RateLimit-Remaining", text(m, "%u", below(&m->r, 5000)));
    if (chance(m, 30)) add_key(m, f, "Strict-Transport-Security", "max-age=31536000");
}
static void make_answer(maker *m, answer *a, unsigned origin)
{
    unsigned at = below(&m->r, 100);
    memset(a, 0, sizeof *a);
    a->status = at < 75 ? "200" : at < 90 ? "304" : "404";
    a->reason = at < 75 ? "OK" : at < 90 ? "Not Modified" : "Not Found";
    if (origin == FROM_S3)
        s3_answer(m, a);
    else if (origin == FROM_ALB)
        alb_answer(m, a);
    else
        api_answer(m, a);
}

/*--- events of Lambda@Edge --------------------------------------------------------------------------------------------*/

static const char *visit_query(maker *m)
{
    unsigned at = below(&m->r, 10);
    if (at < 5) return "";
    if (at < 7)
        return text(m, "utm_source=%s&utm_medium=cpc&utm_campaign=%s&gclid=%s",
                    chance(m, 50) ? "google" : "newsletter", PICK(&m->r, WORDS),
                    token(m, 91, BASE64URL));
    if (at < 9) return text(m, "v=%s", token(m, 10, HEX));
    return text(m, "page=%u&sort=price%%20asc&filter%%5Bcolor%%5D=%s", 1 + below(&m->r, 40),
                PICK(&m->r, WORDS));
}
static void put_real_origin(maker *m, const visit *v)
{
    if (chance(m, 30)) {
        put_origin(m, v->host);
        return;
    }
    out *o = &m->o;
    fields none = { 0 };
    key(o, "origin");
    opens(o, "{");
    key(o, "s3");
    opens(o, "{");
    member(o, "authMethod", "none");
    put_lambda_headers(m, &none, "customHeaders", false);
    member(o, "domainName", text(m, "assets-%u.s3.eu-central-1.amazonaws.com", below(&m->r, 1000)));
    member(o, "path", "");
    member_raw(o, "readTimeout", "30");
    member(o, "region", "");
    member_raw(o, "responseCompletionTimeout", "0");
    closes(o, "}");
    closes(o, "}");
}
static void open_lambda(maker *m)
{
    out *o = &m->o;
    opens(o, "{");
    key(o, "Records");
    opens(o, "[");
    next(o);
    opens(o, "{");
    key(o, "cf");
    opens(o, "{");
}
static void close_lambda(maker *m)
{
    closes(&m->o, "}");
    closes(&m->o, "}");
    closes(&m->o, "]");
    closes(&m->o, "}");
}
static void put_lambda_answer(maker *m, answer *a)
{
    out *o = &m->o;
    for (unsigned i = 0; i < a->cookies.len; i++)
        add_key(m, &a->headers, "Set-Cookie",
                text(m, "%s=%s; %s", a->cookies.at[i].name, a->cookies.at[i].value,
                     a->cookies.at[i].key));
    key(o, "response");
    opens(o, "{");
    put_lambda_headers(m, &a->headers, "headers", false);
    member(o, "status", a->status);
    member(o, "statusDescription", a->reason);
    closes(o, "}");
}
static const char *event_type_of(unsigned flags, unsigned origin)
{
    if (flags & TO_ORIGIN) return "origin-request";
    if (origin == 0) return "viewer-request";
    return origin == FROM_API ? "viewer-response" : "origin-response";
}
static void visit_lambda(maker *m, unsigned flags)
{
    out *o = &m->o;
    visit v;
    fields f = { 0 };
    unsigned origin = one_of(m, flags, FROM_ANY);
    begin_visit(m, &v, flags);
    v.at_origin = (flags & TO_ORIGIN) || origin == FROM_S3 || origin == FROM_ALB;
    bool full = (flags & TO_ORIGIN) != 0;
    /* to the origin goes what the policies forward: the user agent and the cookies, or neither */
    bool forwards = !v.at_origin || chance(m, 50);
    browser_headers(m, &f, &v, forwards ? visit_agent(m, &v) : "Amazon CloudFront", forwards);
    if (full) {
        connection_headers(m, &f, &v);
        device_headers(m, &f, &v);
        location_headers(m, &f);
    }
    if (v.at_origin) forwarding_headers(m, &f, &v);

    open_lambda(m);
    put_config(m, "config", event_type_of(flags, origin));
    key(o, "request");
    opens(o, "{");
    member(o, "clientIp", v.ip);
    put_lambda_headers(m, &f, "headers", true);
    member(o, "method", "GET");
    if (v.at_origin) put_real_origin(m, &v);
    member(o, "querystring", visit_query(m));
    member(o, "uri", make_path(m));
    closes(o, "}");
    if (origin != 0) {
        answer a;
        make_answer(m, &a, origin);
        put_lambda_answer(m, &a);
    }
    close_lambda(m);
}
static void make_visit(maker *m, const kind *k)
{
    visit_lambda(m, k->flags);
}

/*--- events of CloudFront Functions -----------------------------------------------------------------------------------*/

static void put_functions_answer(maker *m, answer *a)
{
    out *o = &m->o;
    key(o, "response");
    opens(o, "{");
    member_raw(o, "statusCode", a->status);
    member(o, "statusDescription", a->reason);
    put_values(m, &a->headers, "headers");
    key(o, "cookies");
    opens(o, "{");
    for (unsigned i = 0; i < a->cookies.len; i++) {
        key(o, a->cookies.at[i].name);
        opens(o, "{");
        member(o, "value", a->cookies.at[i].value);
        member(o, "attributes", a->cookies.at[i].key);
        closes(o, "}");
    }
    closes(o, "}");
    closes(o, "}");
}
static void query_values(maker *m, fields *f)
{
    if (chance(m, 50)) return;
    add(f, "utm_source", chance(m, 50) ? "google" : "newsletter");
    add(f, "utm_campaign", PICK(&m->r, WORDS));
    if (chance(m, 50)) add(f, "gclid", token(m, 91, BASE64URL));
    if (chance(m, 20)) {
        add(f, "tag", PICK(&m->r, WORDS));
        f->at[f->len - 1].odd_style = true;
    }
}
static void visit_functions(maker *m, unsigned flags)
{
    out *o = &m->o;
    visit v;
    fields f = { 0 }, query = { 0 };
    unsigned origin = one_of(m, flags, FROM_ANY);
    begin_visit(m, &v, flags);
    browser_headers(m, &f, &v, visit_agent(m, &v), false);
    if (chance(m, 60)) device_headers(m, &f, &v);
    if (chance(m, 60)) add_key(m, &f, "CloudFront-Viewer-Country", PICK(&m->r, COUNTRIES));
    query_values(m, &query);
    opens(o, "{");
    member(o, "version", "1.0");
    put_config(m, "context", origin ? "viewer-response" : "viewer-request");
    key(o, "viewer");
    opens(o, "{");
    member(o, "ip", v.ip);
    closes(o, "}");
    key(o, "request");
    opens(o, "{");
    member(o, "method", "GET");
    member(o, "uri", make_path(m));
    put_values(m, &query, "querystring");
    put_values(m, &f, "headers");
    put_values(m, &v.cookies, "cookies");
    closes(o, "}");
    if (origin != 0) {
        answer a;
        make_answer(m, &a, origin);
        put_functions_answer(m, &a);
    }
    closes(o, "}");
}
static void make_visit_functions(maker *m, const kind *k)
{
    visit_functions(m, k->flags);
}
static void make_visit_any(maker *m, const kind *k)
{
    unsigned from = one_of(m, FROM_ANY, FROM_ANY);
    switch (below(&m->r, 5)) {
    case 0: visit_lambda(m, k->flags | TO_ORIGIN); break;
    case 1: visit_lambda(m, k->flags | from); break;
    case 2: visit_functions(m, k->flags); break;
    case 3: visit_functions(m, k->flags | from); break;
    default: visit_lambda(m, k->flags); break;
    }
}

/*--- events of documentation and test tools -----------------------------------------------------------------------------*/

static void documented_request_headers(maker *m, fields *f, bool at_origin, const char *ip)
{
    if (at_origin) {
        add(f, "x-forwarded-for", ip);
        add(f, "user-agent", "Amazon CloudFront");
        add(f, "via", text(m, "1.1 %s.cloudfront.net (CloudFront)", token(m, 32, HEX)));
        add(f, "host", text(m, "origin%u.example.net", below(&m->r, 100)));
        add(f, "cache-control", "no-cache");
        return;
    }
    add(f, "host", text(m, "d%u.cloudfront.net", below(&m->r, 1000000)));
    add(f, "user-agent", text(m, "curl/8.%u.0", below(&m->r, 16)));
    add(f, "accept", "*/*");
}
static void documented_answer(maker *m, answer *a)
{
    memset(a, 0, sizeof *a);
    a->status = "200";
    a->reason = "OK";
    add(&a->headers, "access-control-allow-credentials", "true");
    add(&a->headers, "access-control-allow-origin", "*");
    add(&a->headers, "date", make_date(m));
    add(&a->headers, "referrer-policy", "same-origin");
    add(&a->headers, "server", "ExampleOrigin");
    add(&a->headers, "x-content-type-options", "nosniff");
    add(&a->headers, "x-frame-options", "DENY");
    add(&a->headers, "content-type", "text/html; charset=utf-8");
    add(&a->headers, "content-length", text(m, "%u", 1000 + below(&m->r, 9000)));
}
static void documented_lambda(maker *m, const char *event_type, bool at_origin, bool response)
{
    out *o = &m->o;
    fields f = { 0 };
    const char *ip = make_ip(m);
    documented_request_headers(m, &f, at_origin, ip);
    open_lambda(m);
    put_config(m, "config", event_type);
    key(o, "request");
    opens(o, "{");
    member(o, "clientIp", ip);
    put_lambda_headers(m, &f, "headers", false);
    member(o, "method", "GET");
    if (at_origin) put_origin(m, "example.net");
    member(o, "querystring", "");
    member(o, "uri", below(&m->r, 2) ? "/" : make_path(m));
    closes(o, "}");
    if (response) {
        answer a;
        documented_answer(m, &a);
        put_lambda_answer(m, &a);
    }
    close_lambda(m);
}
static void documented_functions(maker *m, bool response)
{
    out *o = &m->o;
    fields query = { 0 }, f = { 0 }, cookies = { 0 };
    add(&query, "id", text(m, "%u", below(&m->r, 1000)));
    add(&query, "size", "large");
    query.at[query.len - 1].odd_style = true; /* with multiValue */
    add(&query, "flag", "");
    add(&f, "host", text(m, "d%u.cloudfront.net", below(&m->r, 1000000)));
    add(&f, "accept", "text/html");
    add(&f, "x-example", "one");
    f.at[f.len - 1].odd_style = true;
    add(&cookies, "cart", token(m, 8, HEX));
    add(&cookies, "lang", "en");
    o->indent = "    ";
    o->one_line_values = true;
    opens(o, "{");
    member(o, "version", "1.0");
    put_config(m, "context", response ? "viewer-response" : "viewer-request");
    key(o, "viewer");
    opens(o, "{");
    member(o, "ip", make_ip(m));
    closes(o, "}");
    key(o, "request");
    opens(o, "{");
    member(o, "method", "GET");
    member(o, "uri", make_path(m));
    put_values(m, &query, "querystring");
    put_values(m, &f, "headers");
    put_values(m, &cookies, "cookies");
    closes(o, "}");
    if (response) {
        answer a;
        documented_answer(m, &a);
        add_cookie(m, &a, "visited", token(m, 8, HEX), "Secure; Path=/; Max-Age=3600");
        put_functions_answer(m, &a);
    }
    closes(o, "}");
    o->one_line_values = false;
}
static void make_documented(maker *m, const kind *k)
{
    m->o.indent = k->indent;
    switch (below(&m->r, 6)) {
    case 0: documented_lambda(m, "viewer-request", false, false); break;
    case 1: documented_lambda(m, "origin-request", true, false); break;
    case 2: documented_lambda(m, "origin-response", true, true); break;
    case 3: documented_lambda(m, "viewer-response", false, true); break;
    case 4: documented_functions(m, false); break;
    default: documented_functions(m, true); break;
    }
}

/* Value before key, as these tools write responses. */
static void put_reversed(maker *m, const char *name, const char *key_text, const char *value)
{
    out *o = &m->o;
    key(o, name);
    opens(o, "[");
    next(o);
    opens(o, "{");
    member(o, "value", value);
    member(o, "key", key_text);
    closes(o, "}");
    closes(o, "]");
}
static void sam_response(maker *m)
{
    out *o = &m->o;
    key(o, "response");
    opens(o, "{");
    member(o, "status", "200");
    member(o, "statusDescription", "HTTP OK");
    key(o, "headers");
    opens(o, "{");
    put_reversed(m, "vary", "Vary", "*");
    put_reversed(m, "last-modified", "Last-Modified", make_date(m));
    put_reversed(m, "x-amz-meta-last-modified", "X-Amz-Meta-Last-Modified", make_date(m));
    closes(o, "}");
    closes(o, "}");
}
static void sam_request(maker *m)
{
    out *o = &m->o;
    fields f = { 0 };
    add(&f, "host", text(m, "d%u.cf.example.net", below(&m->r, 1000)));
    add(&f, "user-agent", text(m, "Test Agent %u", below(&m->r, 1000)));
    if (chance(m, 60)) add(&f, "user-name", "aws-cloudfront");
    if (chance(m, 40)) {
        add(&f, "cloudfront-viewer-country", PICK(&m->r, COUNTRIES));
        add(&f, "cloudfront-is-mobile-viewer", chance(m, 50) ? "true" : "false");
    }
    if (chance(m, 40))
        add(&f, "cookie", chance(m, 50) ? "session=1; X-Experiment-Name=B" : "theme=light");
    key(o, "request");
    opens(o, "{");
    member(o, "uri", chance(m, 50) ? "/test" : make_path(m));
    if (chance(m, 40)) member(o, "querystring", "size=LARGE&color=RED&item=9");
    member(o, "method", "GET");
    if (chance(m, 60)) member(o, "clientIp", "2001:db8::3257:9652");
    put_lambda_headers(m, &f, "headers", false);
    closes(o, "}");
}
static void make_sam(maker *m, const kind *k)
{
    out *o = &m->o;
    unsigned which = below(&m->r, 4); /* a request; a request; a response alone; both */
    (void)k;
    open_lambda(m);
    key(o, "config");
    opens(o, "{");
    member(o, "distributionId", text(m, "EXAMPLE%u", below(&m->r, 1000)));
    closes(o, "}");
    if (which == 2) sam_response(m);
    if (which != 2) sam_request(m);
    if (which == 3) sam_response(m);
    close_lambda(m);
}
