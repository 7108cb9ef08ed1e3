/* Redirects must not lead to another site, whatever a path, query or parameter contains; and the
   URL of the request. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

#define HOST "www.example.com"

static bool open_at(edgefn_event *ev, int functions, const char *uri, size_t len)
{
    static const char *const parts[] = {
        "{'method':'GET','uri':'/','querystring':'','headers':{'host':[{'key':'Host','value':'" HOST
        "'}]}}",
        "{'method':'GET','uri':'/','querystring':{},'headers':{'host':{'value':'" HOST "'}}}"
    };
    if (!OPEN(ev, frame(functions ? F_VREQ : L_VREQ, parts[functions], NULL))) return false;
    if (uri) ev->request.uri = (edgefn_str){ uri, len };
    return true;
}

/* Returns the host to which a browser on https://www.example.com/ follows this Location (the
   basic URL parser of the WHATWG, up to the host): "" for a path of this site, absent if it is
   not a web address. */
static edgefn_str browser_host(edgefn_str location)
{
    static char text[1000];
    size_t n = 0, i = 0;
    for (size_t k = 0; k < location.len && n < sizeof text; k++)
        if (location.ptr[k] != '\t' && location.ptr[k] != '\n' && location.ptr[k] != '\r')
            text[n++] = location.ptr[k];
    while (i < n && (unsigned char)text[i] <= ' ')
        i++;
    edgefn_str s = { text + i, n - i };
    size_t colon = 0;
    while (
        colon < s.len
        && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.", s.ptr[colon])
        && s.ptr[colon])
        colon++;
    bool web = false;
    if (colon > 0 && colon < s.len && s.ptr[colon] == ':') {
        edgefn_str scheme = edgefn_str_take(s, colon);
        if (!edgefn_str_ieq(scheme, S("http")) && !edgefn_str_ieq(scheme, S("https")))
            return edgefn_cstr(NULL);
        s = edgefn_str_skip(s, colon + 1), web = true;
    }
    size_t slashes = 0;
    while (slashes < s.len && (s.ptr[slashes] == '/' || s.ptr[slashes] == '\\'))
        slashes++;
    if (!web && slashes < 2) return S("");
    s = edgefn_str_skip(s, slashes);
    size_t end = 0;
    while (end < s.len && !strchr("/\\?#", s.ptr[end]))
        end++;
    s = edgefn_str_take(s, end);
    for (size_t k = s.len; k > 0; k--)
        if (s.ptr[k - 1] == '@') {
            s = edgefn_str_skip(s, k);
            break;
        }
    return s;
}

static const char *const hostile[] = {
    "//evil.example",
    "///evil.example",
    "////evil.example/",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "//evil.example\\@" HOST,
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example",
    "http:/\\evil.example",
    "https://" HOST "@evil.example",
    "https://" HOST ":pass@evil.example/",
    "https://" HOST "%40evil.example",
    "https://evil.example\\@" HOST,
    "https://evil.example\\." HOST,
    "https://" HOST "\\@evil.example",
    "https://evil.example#@" HOST "/\\",
    "javascript:alert(1)",
    "JavaScript://" HOST "/%0aalert(1)",
    "data:text/html,x",
    "vbscript:x",
    "ftp://evil.example/",
    "file:///etc/passwd",
    "mailto:a@evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x01//evil.example",
    "/ /evil.example",
    "/\x00/evil.example",
    "h\nttps://evil.example",
    "https:\n//evil.example",
    "//evil.example:80",
    "//%65vil.example",
    "//[::1]/",
    "//evil\xE3\x80\x82"
    "example",
    "/\xEF\xBC\x8F"
    "evil.example",
    "https://evil.example:x/",
    "https://evil.example:99999/",
    "https://",
    "https://?x",
    "https://#x",
    "https://:80/",
    "https://@/",
    "",
    "evil.example",
    "?next=1",
    "#x",
    "..//evil.example",
    "./evil",
    "/a\r\nSet-Cookie: x=1",
    "/a b",
    "/a\"",
    "https://a b/",
    "http://",
    "*",
};

/* None of these may become a Location, except those that are harmless as a path of this site. */
TEST(redirect_to_refuses)
{
    for (size_t i = 0; i < COUNT(hostile); i++)
        for (int k = 0; k < 2; k++) {
            ROW("%s", hostile[i]);
            edgefn_event ev;
            if (!open_at(&ev, k, NULL, 0)) continue;
            if (strcmp(hostile[i], "/a\"") == 0) {
                CHECK(edgefn_redirect_to(&ev, edgefn_cstr(hostile[i]), NULL));
                continue;
            }
            if (strcmp(hostile[i], "/\x00/evil.example") == 0) {
                CHECK(!edgefn_redirect_to(&ev, (edgefn_str){ "/\0/evil.example", 15 }, NULL));
                continue;
            }
            CHECK(!edgefn_redirect_to(&ev, edgefn_cstr(hostile[i]), NULL));
            CHECK_ERR(&ev, EDGEFN_E_URI, NOWHERE);
            CHECK(ev.response.status == 0 && !edgefn_has(&ev.response.headers, S("location")));
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        }
}

TEST(redirect_to_accepts)
{
    static const char *const good[] = { "/",
                                        "/a",
                                        "/a//b",
                                        "/a?next=//evil.example",
                                        "/a?b#c",
                                        "/@evil.example",
                                        "/:80",
                                        "/.//evil.example",
                                        "/%2F%2Fevil.example",
                                        "/%09/evil.example",
                                        "/a:b",
                                        "https://" HOST "/",
                                        "http://other.example",
                                        "HTTPS://Other.Example:8443/a?b#c",
                                        "https://[2001:db8::1]:443/",
                                        "https://other.example?x=a@b",
                                        "https://other.example/a@b",
                                        "https://other.example#@" };
    for (size_t i = 0; i < COUNT(good); i++)
        for (int k = 0; k < 2; k++) {
            ROW("%s", good[i]);
            edgefn_event ev;
            if (!open_at(&ev, k, NULL, 0)) continue;
            CHECK(edgefn_redirect_to(&ev, edgefn_cstr(good[i]),
                                     &(edgefn_redirect_to_opts){ .status = 308 }));
            CHECK_STR(edgefn_get(&ev.response.headers, S("location")), good[i]);
            CHECK_STR(browser_host(edgefn_cstr(good[i])),
                      good[i][0] == '/' ? S("") : browser_host(edgefn_cstr(good[i])));
            CHECK_NUM(ev.response.status, 308);
            CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
        }
}

/* As the path of a redirect, and as received path and query, all of these stay on this site. */
/* Text after a '#' stays after the query. */
TEST(redirect_fragment)
{
    static const struct {
        const char *path, *query, *want;
    } rows[] = {
        { "/a#top", "x=1", "https://h.example/a?x=1#top" },
        { "/a#b?c", "x=1", "https://h.example/a?x=1#b?c" },
        { "/a?y=2#t", "x=1", "https://h.example/a?y=2#t" },
        { "/a#", "", "https://h.example/a#" },
        { "/a#b#c", "x", "https://h.example/a?x#b%23c" },
        { "/a", "x=1", "https://h.example/a?x=1" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s?%s", rows[i].path, rows[i].query);
        edgefn_event ev;
        OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL));
        ev.request.querystring = edgefn_cstr(rows[i].query);
        CHECK(edgefn_redirect(&ev, &(edgefn_redirect_opts){ .host = S("h.example"),
                                                            .path = edgefn_cstr(rows[i].path) }));
        CHECK_STR(edgefn_get(&ev.response.headers, S("location")), rows[i].want);
    }
}

TEST(redirect_hosts)
{
    static const struct {
        const char *host;
        bool good;
    } rows[] = {
        { "a.example", true },     { "a.example:8443", true },
        { "[2001:db8::1]", true }, { "[::1]:80", true },
        { ":80", false },          { "a:b:c", false },
        { "a:", false },           { "[::1]:", false },
        { "[::1", false },         { "[]", false },
        { "a:8x", false },         { "a/b", false },
        { "a@b", false },          { "", false },
        { "a b", false },          { "a~", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].host);
        edgefn_event ev;
        OPEN(&ev, frame(F_VREQ, "{'method':'GET','uri':'/'}", NULL));
        CHECK(edgefn_redirect(&ev, &(edgefn_redirect_opts){ .host = edgefn_cstr(rows[i].host) })
              == rows[i].good);
        CHECK(rows[i].good || ev.err.code == EDGEFN_E_OPTIONS);
    }
}

TEST(redirect_stays_here)
{
    for (size_t i = 0; i < COUNT(hostile); i++)
        for (int k = 0; k < 2; k++)
            for (int how = 0; how < 3; how++) {
                ROW("%d, %s", how, hostile[i]);
                edgefn_event ev;
                edgefn_redirect_opts o = { .status = 301 };
                char path[300];
                size_t len = (size_t)snprintf(path, sizeof path, "%s", hostile[i]);
                if (!open_at(&ev, k, how == 1 ? path : "/p", how == 1 ? len : 2)) continue;
                if (how == 0) o.path = (edgefn_str){ path, len };
                if (how == 2) ev.request.querystring = (edgefn_str){ path, len };
                bool slash = how == 2 || path[0] == '/';
                CHECK(edgefn_redirect(&ev, &o) == slash);
                if (!slash) {
                    CHECK_NUM(ev.err.code, EDGEFN_E_URI);
                    continue;
                }
                edgefn_str location = edgefn_get(&ev.response.headers, S("location"));
                CHECK(edgefn_str_starts(location, S("https://" HOST "/")));
                CHECK_STR(browser_host(location), HOST);
                CHECK(edgefn_url_split(location).ok
                      && edgefn_str_eq(edgefn_url_split(location).host, S(HOST)));
            }
}

static uint32_t seed = 7;
static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* Whatever is accepted, a browser goes to the host that edgefn_url_split() returns, and never to
   another site for a path. */
TEST(any_url)
{
    static const char *const pieces[] = {
        "/",   "/", "\\", "//", "https:", "http://",     "https://", "evil", HOST,
        "@",   ":", "80", "?",  "#",      "\t",          "\n",       " ",    "%2f",
        "%40", ".", "[",  "]",  "\x01",   "javascript:", "\xC3\xA4", "a"
    };
    size_t accepted = 0;
    edgefn_event ev;
    for (size_t round = 0; round < 40000; round++) {
        char url[300] = "";
        size_t len = 0;
        for (uint32_t i = draw(6) + 1; i > 0; i--)
            len += (size_t)sprintf(url + len, "%s", pieces[draw(COUNT(pieces))]);
        if (round % 100 == 0 && !open_at(&ev, (int)(round / 100 % 2), NULL, 0)) return;
        ev.err.code = EDGEFN_OK;
        edgefn_str text = { url, len };
        if (!edgefn_redirect_to(&ev, text, NULL)) {
            if (!CHECK_NUM(ev.err.code, EDGEFN_E_URI)) return;
            continue;
        }
        edgefn_url_parts u = edgefn_url_split(text);
        edgefn_str goes = browser_host(text), says = u.host.ptr ? u.host : S("");
        accepted++;
        if (!CHECK(u.ok && edgefn_str_eq(edgefn_str_take(goes, says.len), says)
                   && (goes.len == says.len || goes.ptr[says.len] == ':'))) {
            test_show("url    ", text);
            return;
        }
        if (url[0] == '/' && !CHECK(goes.len == 0)) {
            test_show("url    ", text);
            return;
        }
    }
    CHECK(accepted > 1000);
}

TEST(url)
{
    static const struct {
        const char *uri, *query, *headers[2], *want;
    } rows[] = {
        { "/a",
          "",
          { "'host':[{'value':'h.example'}]", "'host':{'value':'h.example'}" },
          "https://h.example/a" },
        { "/a",
          "b=%20&c",
          { "'host':[{'value':'h.example:8443'}]", "'host':{'value':'h.example:8443'}" },
          "https://h.example:8443/a?b=%20&c" },
        { "/a",
          "",
          { "'host':[{'value':'h'}],'cloudfront-forwarded-proto':[{'value':'http'}]",
            "'host':{'value':'h'},'cloudfront-forwarded-proto':{'value':'http'}" },
          "http://h/a" },
        { "/a",
          "",
          { "'host':[{'value':'h'}],'cloudfront-forwarded-proto':[{'value':'https'}]",
            "'host':{'value':'h'},'cloudfront-forwarded-proto':{'value':'https'}" },
          "https://h/a" },
        { "/a",
          "",
          { "'host':[{'value':'h'}],'cloudfront-forwarded-proto':[{'value':'gopher'}]",
            "'host':{'value':'h'},'cloudfront-forwarded-proto':{'value':'gopher'}" },
          "https://h/a" },
        { "//evil.example",
          "",
          { "'host':[{'value':'h'}]", "'host':{'value':'h'}" },
          "https://h//evil.example" },
        { "/\xC3\xA4 b",
          "",
          { "'host':[{'value':'h'}]", "'host':{'value':'h'}" },
          "https://h/%C3%A4%20b" },
        { "/a?b#c",
          "d#e",
          { "'host':[{'value':'h'}]", "'host':{'value':'h'}" },
          "https://h/a%3Fb%23c?d%23e" },
        { "/a", "", { "", "" }, NULL },
        { "/a", "", { "'host':[{'value':''}]", "'host':{'value':''}" }, NULL },
        { "/a", "", { "'host':[{'value':'a@b'}]", "'host':{'value':'a@b'}" }, NULL },
        { "/a", "", { "'host':[{'value':'a/b'}]", "'host':{'value':'a/b'}" }, NULL },
        { "*", "", { "'host':[{'value':'h'}]", "'host':{'value':'h'}" }, NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 2; k++) {
            ROW("%d, %s %s", k, rows[i].uri, rows[i].headers[k]);
            edgefn_event ev;
            char part[400];
            snprintf(part, sizeof part,
                     "{'method':'GET','uri':'%s','querystring':'%s','headers':{%s}}", rows[i].uri,
                     rows[i].query, rows[i].headers[k]);
            if (!OPEN(&ev, frame(k ? F_VREQ : L_VREQ, part, NULL))) continue;
            CHECK_STR(edgefn_url(&ev), edgefn_cstr(rows[i].want));
            const char *end = rows[i].uri[0] == '/' ? rows[i].uri : NULL;
            if (rows[i].want) end = strchr(rows[i].want + 8, '/');
            CHECK_STR(edgefn_path_and_query(&ev), edgefn_cstr(end));
            CHECK_NUM(ev.err.code, EDGEFN_OK);
            UNTOUCHED(&ev);
        }
    ROW("edits count; response events too");
    edgefn_event ev;
    if (!open_at(&ev, 0, "/x", 2)) return;
    CHECK(edgefn_add(edgefn_query(&ev), S("a"), S("1")));
    CHECK_STR(edgefn_url(&ev), "https://" HOST "/x?a=1");
    CHECK_STR(edgefn_path_and_query(&ev), "/x?a=1");
    CHECK(edgefn_set(edgefn_query(&ev), S("a"), S("2")));
    CHECK_STR(edgefn_path_and_query(&ev), "/x?a=2");
    if (!OPEN(
            &ev,
            js("{'Records':[{'cf':{'config':{'eventType':'viewer-response'},'request':{'method':'GET','uri':'/r','querystring':'q','headers':{'host':[{'value':'h'}]}},'response':{'status':'200'}}}]}")))
        return;
    CHECK_STR(edgefn_url(&ev), "https://h/r?q");
    CHECK_STR(edgefn_path_and_query(&ev), "/r?q");
}

/* In origin events the Host header may be the name of the origin, which viewers should not see. */
TEST(host_of_the_origin)
{
    static const struct {
        const char *host, *domain, *given;
        bool ok;
    } rows[] = {
        { "origin.example.net", "origin.example.net", NULL, false },
        { "ORIGIN.example.net", "origin.example.net", NULL, false },
        { "origin.example.net:8443", "origin.example.net", NULL, false },
        { "origin.example.net", "origin.example.net", "www.example.com", true },
        { "origin.example.net", "origin.example.net", "origin.example.net", true },
        { "www.example.com", "origin.example.net", NULL, true },
        { "b.s3.eu-west-1.amazonaws.com", NULL, NULL, false },
        { "abc.lambda-url.eu-west-1.on.aws", "x.example", NULL, false },
        { "www.example.com", NULL, NULL, true },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int response = 0; response < 2; response++) {
            ROW("%s, %s, event %d", rows[i].host, rows[i].domain ? rows[i].domain : "-", response);
            edgefn_event ev;
            char request[600], origin[400] = "", json[900];
            if (rows[i].domain)
                snprintf(
                    origin, sizeof origin,
                    ",'origin':{'custom':{'domainName':'%s','port':443,'protocol':'https','path':'',"
                    "'sslProtocols':['TLSv1.2'],'readTimeout':30,'keepaliveTimeout':5,'customHeaders':{}}}",
                    rows[i].domain);
            snprintf(
                request, sizeof request,
                "{'method':'GET','uri':'/a','querystring':'q=1','headers':{'host':[{'key':'Host','value':'%s'}]}%s}",
                rows[i].host, origin);
            snprintf(json, sizeof json,
                     "{'Records':[{'cf':{'config':{'eventType':'%s'},'request':%s%s}}]}",
                     response ? "origin-response" : "origin-request", request,
                     response ? ",'response':{'status':'200','statusDescription':'OK','headers':{}}"
                              : "");
            if (!OPEN(&ev, js(json))) return;
            bool ok =
                edgefn_redirect(&ev, &(edgefn_redirect_opts){ .host = edgefn_cstr(rows[i].given) });
            CHECK(ok == rows[i].ok);
            if (rows[i].ok) {
                CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
                continue;
            }
            char why[300];
            size_t n = edgefn_describe(&ev, why, sizeof why);
            CHECK_NUM(ev.err.code, EDGEFN_E_MISSING);
            CHECK(edgefn_str_contains((edgefn_str){ why, n }, S("edgefn_redirect"))
                  && edgefn_str_contains((edgefn_str){ why, n }, S(".host")));
            CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        }
    ROW("the new origin's name");
    edgefn_event ev;
    if (!OPEN(
            &ev,
            js("{'Records':[{'cf':{'config':{'eventType':'origin-request'},'request':{'method':'GET','uri':'/','headers':{'host':[{'value':'www.example.com'}]}}}}]}")))
        return;
    CHECK(edgefn_origin_custom(&ev, &(edgefn_origin_opts){ .domain = S("new.example.net") }));
    CHECK(!edgefn_redirect(&ev, NULL));
    CHECK_NUM(ev.err.code, EDGEFN_E_MISSING);
    ROW("viewer events");
    for (int k = 0; k < 2; k++) {
        if (!open_at(&ev, k, "/x", 2)) return;
        CHECK(edgefn_redirect(&ev, NULL));
    }
}

TEST(redirect_to_opts)
{
    static const struct {
        const char *url, *query;
        edgefn_redirect_to_opts opts;
        const char *location, *cache;
        unsigned status;
    } rows[] = {
        { "/new", "a=1", { 0, false, false, 0 }, "/new", "no-store", 302 },
        { "/new", "a=1", { 0, true, false, 0 }, "/new?a=1", "no-store", 302 },
        { "/new", "", { 308, true, false, 0 }, "/new", "no-store", 308 },
        { "/new?b", "a=1", { 301, true, true, 0 }, "/new?b&a=1", NULL, 301 },
        { "/new#c", "a=1", { 303, true, false, 60 }, "/new?a=1#c", "max-age=60", 303 },
        { "/new#c?d", "a=1", { 307, true, false, 0 }, "/new?a=1#c?d", "no-store", 307 },
        { "https://x.example/n?b#c",
          "a=%20",
          { 0, true, false, 0 },
          "https://x.example/n?b&a=%20#c",
          "no-store",
          302 },
        { "https://x.example",
          "a",
          { 0, true, true, 3600 },
          "https://x.example?a",
          "max-age=3600",
          302 },
        { "/new",
          "//e\xC3\xA4#``x",
          { 0, true, false, 0 },
          "/new?//e%C3%A4%23%5Cx",
          "no-store",
          302 },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 3; k++) {
            ROW("%s, %s, event %d", rows[i].url, rows[i].query, k);
            static const char *const frames[] = { L_OREQ, L_VREQ, F_VREQ };
            char part[300];
            snprintf(part, sizeof part,
                     "{'method':'GET','uri':'/','querystring':'%s','headers':{}}", rows[i].query);
            edgefn_event ev;
            if (!OPEN(&ev, frame(frames[k], part, NULL))) return;
            CHECK(edgefn_redirect_to(&ev, edgefn_cstr(rows[i].url), &rows[i].opts));
            CHECK_NUM(ev.response.status, rows[i].status);
            CHECK_STR(edgefn_get(&ev.response.headers, S("location")), rows[i].location);
            edgefn_str cache = edgefn_get(&ev.response.headers, S("cache-control"));
            bool stored = rows[i].cache == NULL || strcmp(rows[i].cache, "no-store") == 0;
            if (k == 0 || !stored)
                CHECK_STR(cache, edgefn_cstr(rows[i].cache));
            else
                CHECK(cache.ptr == NULL);
            CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
        }
    edgefn_event ev;
    if (!open_at(&ev, 0, "/x", 2)) return;
    CHECK(edgefn_set(edgefn_query(&ev), S("a"), S("2")));
    CHECK(edgefn_redirect_to(&ev, S("/y"), &(edgefn_redirect_to_opts){ .keep_query = true }));
    CHECK_STR(edgefn_get(&ev.response.headers, S("location")), "/y?a=2");
    if (!open_at(&ev, 0, "/x", 2)) return;
    CHECK(!edgefn_redirect_to(&ev, S("/y"), &(edgefn_redirect_to_opts){ .status = 200 }));
    CHECK_NUM(ev.err.code, EDGEFN_E_STATUS);
}
