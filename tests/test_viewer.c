/* What is known about the viewer: every header of CloudFront's, in every event type, and whether
   it can be trusted there. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

#define L_ORES_REQUEST                                                                             \
  L_HEAD("origin-response")                                                                        \
  "'request':{'method':'GET','uri':'/','clientIp':'192.0.2.1','headers':@},'response':{'status':'200'}}}]}"
#define L_VRES_REQUEST                                                                             \
  L_HEAD("viewer-response")                                                                        \
  "'request':{'method':'GET','uri':'/','clientIp':'192.0.2.1','headers':@},'response':{'status':'200'}}}]}"
#define L_REQUEST(type)                                                                            \
  L_HEAD(type) "'request':{'method':'GET','uri':'/','clientIp':'192.0.2.1','headers':@}}}]}"
#define F_REQUEST F_HEAD("viewer-request") "'request':{'method':'GET','uri':'/','headers':@}}"
#define F_RESPONSE                                                                                 \
  F_HEAD("viewer-response")                                                                        \
  "'request':{'method':'GET','uri':'/','headers':@},'response':{'statusCode':200}}"

static const struct {
    const char *name, *frame;
    bool trusted;
} events[] = {
    { "viewer-request", L_REQUEST("viewer-request"), false },
    { "origin-request", L_REQUEST("origin-request"), true },
    { "origin-response", L_ORES_REQUEST, true },
    { "viewer-response", L_VRES_REQUEST, false },
    { "functions viewer-request", F_REQUEST, true },
    { "functions viewer-response", F_RESPONSE, true },
};

/* An event with one header, or without headers. */
static bool open_with(edgefn_event *ev, size_t event, const char *name, const char *value)
{
    char headers[600];
    const char *text = events[event].frame;
    if (name == NULL)
        snprintf(headers, sizeof headers, "{}");
    else if (strncmp(text, "{'version'", 10) == 0)
        snprintf(headers, sizeof headers, "{'%s':{'value':'%s'}}", name, value);
    else
        snprintf(headers, sizeof headers, "{'%s':[{'key':'X','value':'%s'}]}", name, value);
    return OPEN(ev, frame(text, headers, NULL));
}

/* The member that a header sets, and the number of members that are set. */
static const struct {
    const char *header, *value;
    size_t member;
    const char *text;
} members[] = {
#define AT(member) offsetof(edgefn_viewer, member)
    { "cloudfront-viewer-country", "DE", AT(country), "DE" },
    { "cloudfront-viewer-country-name", "Germany", AT(country_name), "Germany" },
    { "cloudfront-viewer-country-region", "BE", AT(region), "BE" },
    { "cloudfront-viewer-country-region-name", "Berlin", AT(region_name), "Berlin" },
    { "cloudfront-viewer-city", "S%C3%A3o Paulo", AT(city), "S%C3%A3o Paulo" },
    { "cloudfront-viewer-postal-code", "10115", AT(postal_code), "10115" },
    { "cloudfront-viewer-metro-code", "819", AT(metro_code), "819" },
    { "cloudfront-viewer-time-zone", "America/Los_Angeles", AT(time_zone), "America/Los_Angeles" },
    { "cloudfront-viewer-latitude", "-23.5475", AT(latitude), "-23.5475" },
    { "cloudfront-viewer-longitude", "13.40", AT(longitude), "13.40" },
    { "cloudfront-viewer-asn", "16509", AT(asn), "16509" },
    { "cloudfront-viewer-http-version", "3.0", AT(http_version), "3.0" },
    { "cloudfront-viewer-ja3-fingerprint", "e7d705a3286e19ea42f587b344ee6865", AT(ja3),
      "e7d705a3286e19ea42f587b344ee6865" },
    { "cloudfront-viewer-ja4-fingerprint", "t13d1516h2_8daaf6152771_02713d6af862", AT(ja4),
      "t13d1516h2_8daaf6152771_02713d6af862" },
    { "cloudfront-viewer-country", "", AT(country), "" },
    { "cloudfront-viewer", "DE", AT(country), NULL },
    { "cloudfront-viewer-", "DE", AT(country), NULL },
    { "cloudfront-viewer-countr", "DE", AT(country), NULL },
    { "x-cloudfront-viewer-country", "DE", AT(country), NULL },
    { "cloudfront-is-mobile-viewer", "true", AT(country), NULL },
};

static const size_t strings[] = { AT(country),     AT(country_name), AT(region),
                                  AT(region_name), AT(city),         AT(postal_code),
                                  AT(metro_code),  AT(time_zone),    AT(latitude),
                                  AT(longitude),   AT(asn),          AT(http_version),
                                  AT(tls_version), AT(tls_cipher),   AT(tls_handshake),
                                  AT(ja3),         AT(ja4) };

static edgefn_str member_of(const edgefn_viewer *v, size_t at)
{
    edgefn_str s;
    memcpy(&s, (const char *)v + at, sizeof s);
    return s;
}

TEST(members)
{
    for (size_t k = 0; k < COUNT(events); k++) {
        for (size_t i = 0; i < COUNT(members); i++) {
            edgefn_event ev;
            ROW("%s, %s", events[k].name, members[i].header);
            if (!open_with(&ev, k, members[i].header, members[i].value)) return;
            edgefn_viewer v = edgefn_viewer_of(&ev);
            CHECK_STR(member_of(&v, members[i].member), members[i].text);
            CHECK(v.trusted == events[k].trusted);
            CHECK_STR(v.address, "192.0.2.1");
            CHECK_NUM(v.port, 0);
            for (size_t m = 0; m < COUNT(strings); m++)
                if (strings[m] != members[i].member) CHECK(member_of(&v, strings[m]).ptr == NULL);
            UNTOUCHED(&ev);
        }
    }
}

TEST(no_headers)
{
    for (size_t k = 0; k < COUNT(events); k++) {
        edgefn_event ev;
        ROW("%s", events[k].name);
        if (!open_with(&ev, k, NULL, NULL)) return;
        edgefn_viewer v = edgefn_viewer_of(&ev);
        for (size_t m = 0; m < COUNT(strings); m++)
            CHECK(member_of(&v, strings[m]).ptr == NULL);
        CHECK_STR(v.address, "192.0.2.1");
        CHECK_NUM(v.port, 0);
    }
    edgefn_event ev;
    ROW("no address at all");
    if (!OPEN(&ev, frame(L_OREQ, "{'method':'GET','uri':'/'}", NULL))) return;
    edgefn_viewer v = edgefn_viewer_of(&ev);
    CHECK(v.address.ptr == NULL && v.port == 0 && v.trusted);
}

/* In Lambda@Edge viewer events this header may be forged by the viewer: the address comes from
   the event. */
TEST(address)
{
    static const struct {
        const char *value, *address;
        uint32_t port;
    } rows[] = {
        { "198.51.100.10:46532", "198.51.100.10", 46532 },
        { "2001:db8::1:46532", "2001:db8::1", 46532 },
        { "2001:db8:0:0:0:0:0:1:443", "2001:db8:0:0:0:0:0:1", 443 },
        { "[2001:db8::1]:443", "2001:db8::1", 443 },
        { "[2001:db8::1]", "2001:db8::1", 0 },
        { "198.51.100.10", "198.51.100.10", 0 },
        { "198.51.100.10:", "198.51.100.10:", 0 },
        { "198.51.100.10:65535", "198.51.100.10", 65535 },
        { "198.51.100.10:65536", "198.51.100.10:65536", 0 },
        { "198.51.100.10:+1", "198.51.100.10:+1", 0 },
        { "198.51.100.10:1 ", "198.51.100.10:1 ", 0 },
        { "198.51.100.10:99999999999999999999999", "198.51.100.10:99999999999999999999999", 0 },
        { "::1:8080", "::1", 8080 },
        { ":80", ":80", 0 },
        { ":", ":", 0 },
        { "[]:80", "[]", 80 },
        { "[", "[", 0 },
        { "", "192.0.2.1", 0 },
    };
    for (size_t k = 0; k < COUNT(events); k++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            edgefn_event ev;
            ROW("%s, %s", events[k].name, rows[i].value);
            if (!open_with(&ev, k, "cloudfront-viewer-address", rows[i].value)) return;
            edgefn_viewer v = edgefn_viewer_of(&ev);
            CHECK_STR(v.address, edgefn_cstr(events[k].trusted ? rows[i].address : "192.0.2.1"));
            CHECK_NUM(v.port, events[k].trusted ? rows[i].port : 0);
        }
    }
}

TEST(tls)
{
    static const struct {
        const char *value, *version, *cipher, *handshake;
    } rows[] = {
        { "TLSv1.3:TLS_AES_128_GCM_SHA256:fullHandshake", "TLSv1.3", "TLS_AES_128_GCM_SHA256",
          "fullHandshake" },
        { "TLSv1.2:ECDHE-RSA-AES128-GCM-SHA256:sessionResumed", "TLSv1.2",
          "ECDHE-RSA-AES128-GCM-SHA256", "sessionResumed" },
        { "TLSv1.3:TLS_AES_128_GCM_SHA256", "TLSv1.3", "TLS_AES_128_GCM_SHA256", NULL },
        { "TLSv1.3", "TLSv1.3", NULL, NULL },
        { "TLSv1.3:", "TLSv1.3", "", NULL },
        { "::", "", "", "" },
        { "a:b:c:d", "a", "b", "c:d" },
        { "", "", NULL, NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        ROW("%s", rows[i].value);
        if (!open_with(&ev, i % COUNT(events), "cloudfront-viewer-tls", rows[i].value)) return;
        edgefn_viewer v = edgefn_viewer_of(&ev);
        CHECK_STR(v.tls_version, rows[i].version);
        CHECK_STR(v.tls_cipher, rows[i].cipher);
        CHECK_STR(v.tls_handshake, rows[i].handshake);
    }
}

/* The first of several headers; a header that was edited; and strings are views of the event. */
TEST(views)
{
    edgefn_event ev;
    edgefn_str json = frame(
        L_OREQ,
        "{'method':'GET','uri':'/','headers':{'cloudfront-viewer-country':[{'value':'FR'},{'value':'DE'}]}}",
        NULL);
    if (!OPEN(&ev, json)) return;
    size_t used = ev.arena.used;
    edgefn_viewer v = edgefn_viewer_of(&ev);
    CHECK_STR(v.country, "FR");
    CHECK(v.country.ptr > json.ptr && v.country.ptr < json.ptr + json.len && ev.arena.used == used);
    CHECK(edgefn_set(&ev.request.headers, S("CloudFront-Viewer-Country"), S("IT"))
          && edgefn_set(&ev.request.headers, S("CloudFront-Viewer-City"), S("Roma")));
    v = edgefn_viewer_of(&ev);
    CHECK_STR(v.country, "IT");
    CHECK_STR(v.city, "Roma");
    CHECK(edgefn_remove(&ev.request.headers, S("cloudfront-viewer-country"))
          && edgefn_viewer_of(&ev).country.ptr == NULL);
}

/* The sample events of this tree, as written by `edgefn sample` and by people. */
TEST(samples)
{
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_event ev;
        ROW("%s", *p);
        if (edgefn_parse(&ev, slurp(*p), arena_new(1 << 20), NULL) != EDGEFN_OK) continue;
        edgefn_viewer v = edgefn_viewer_of(&ev);
        CHECK(v.trusted == (strstr(*p, "/functions-") != NULL || strstr(*p, "/origin-") != NULL));
        CHECK(v.address.ptr != NULL && v.address.ptr[0] != '[');
        CHECK(ev.err.code == EDGEFN_OK);
    }
}
