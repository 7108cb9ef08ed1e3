// simdjson.cc - simdjson: the DOM; On-Demand with every field read; the job over On-Demand, spliced by hand as an expert in
// both simdjson and the events would write it. Strings are spans of the input; only one with a backslash is unescaped, which
// also validates it. The whole event is read: a host that forwards an event that it has not validated would forward broken
// JSON. (On-Demand validates a value only when it is read.) The job's edits are a few spans, and the result is made in one
// pass of copies.
//
// simdjson-checked is the same with edgefn's duties: while it reads (`strict`) it refuses members that occur twice and examines
// every header's name, key and value; headers are looked up one by one in whatever list; a set examines name and value and keeps
// a change mark; the result's URI, sizes and changed headers are checked against CloudFront's rules; the writer follows the marks.
// It still has no error positions, no removal of one of several values, and no lists of query parameters.
#include "../bench.h"

#include <simdjson.h>
#ifdef __SSE2__
#  include <emmintrin.h>
#endif

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

using namespace simdjson;
using std::string_view;

namespace {

const char *about()
{
    static std::string text = std::to_string(int(SIMDJSON_VERSION_MAJOR)) + "." + std::to_string(int(SIMDJSON_VERSION_MINOR)) + "." + std::to_string(int(SIMDJSON_VERSION_REVISION)) + ", " + get_active_implementation()->name() + ", chosen at run time";
    return text.c_str();
}

const char *checked_about()
{
    static std::string text = std::string(about()) + "; On-Demand with edgefn's duties";
    return text.c_str();
}

//--- DOM -----------------------------------------------------------------------------------------------------------------

std::unique_ptr<dom::parser> tree;
dom::element root;

bool dom_open(size_t max_len)
{
    tree.reset(new dom::parser);
    return tree->allocate(max_len) == SUCCESS;
}
bool dom_parse(const gen_event *e, size_t)
{
    return tree->parse(reinterpret_cast<const uint8_t *>(e->json), e->len, false).get(root) == SUCCESS;
}
void dom_count(bench_sum *s, simdjson_result<dom::element> from)
{
    dom::object o;
    if (from.get(o)) return;
    for (dom::key_value_pair f : o) {
        dom::array  list;
        string_view text;
        if (f.value.get(list) && f.value["multiValue"].get(list)) {
            s->headers++;
            if (!f.value["value"].get(text)) s->value_bytes += text.size();
            continue;
        }
        for (dom::element one : list) {
            s->headers++;
            if (!one["value"].get(text)) s->value_bytes += text.size();
        }
    }
}
bool dom_sum(bench_sum *s)
{
    dom::element cf = root;
    string_view  uri;
    if (root["Records"].at(0)["cf"].get(cf)) cf = root;
    *s = bench_sum{ 0, 0, 0 };
    if (!cf["request"]["uri"].get(uri)) s->uri_bytes = uri.size();
    dom_count(s, cf["request"]["headers"]);
    dom_count(s, cf["request"]["origin"]["custom"]["customHeaders"]);
    dom_count(s, cf["request"]["origin"]["s3"]["customHeaders"]);
    dom_count(s, cf["response"]["headers"]);
    return true;
}

//--- On-Demand: the event as a structure of spans ---------------------------------------------------------------------------

struct header {
    string_view name, key, value; // key: absent in CloudFront Functions
    string_view raw;              // the value as in the input, with its quotation marks
    string_view text;             // what was set
    unsigned char mark, faults;
};
enum { KEPT, EDITED, ADDED };
enum { BAD_NAME = 1, BAD_KEY = 2, BAD_VALUE = 4 };
struct list {
    std::vector<header> at; // its memory is reused for the next event
    size_t              len;
    const char         *close; // its closing brace
    header &push()
    {
        if (len == at.size()) at.resize(len * 2 + 64);
        return at[len++];
    }
    void clear() { len = 0; close = nullptr; }
};
struct event {
    string_view domain, distribution_id, event_type, request_id, endpoint, version, viewer_ip;
    string_view method, uri, uri_raw, querystring, client_ip;
    list        headers, cookies, query, origin_headers;
    string_view body_data, body_action, body_encoding;
    bool        body_truncated;
    string_view origin_domain, origin_path, origin_protocol, origin_region, origin_auth;
    uint64_t    origin_port, origin_keepalive, origin_read, origin_completion;
    string_view origin_tls[8];
    size_t      origin_tls_len;
    string_view status, status_text;
    uint64_t    status_code;
    list        response_headers, response_cookies;
    string_view request, response; // the objects as in the input
    bool        lambda, has_response;
    unsigned    seen;
};

std::unique_ptr<ondemand::parser> reader;
event ev;

#define TRY(x) do { if ((x) != SUCCESS) return false; } while (0)

// A string with an escape.
bool quoted_text(ondemand::value &v, string_view &text) { return v.get_string().get(text) == SUCCESS; }

#define INLINE inline __attribute__((always_inline))

template <size_t N> INLINE bool is(string_view s, const char (&literal)[N]) { return s.size() == N - 1 && memcmp(s.data(), literal, N - 1) == 0; }

// The next backslash at or after the last read position: strings are read in order, so that the whole event is searched only
// once, and "does this string contain one" is a comparison.
const char *backslash, *event_end;

INLINE bool plain(const char *from, const char *to)
{
    if (simdjson_unlikely(backslash < from)) {
        const void *at = memchr(from, '\\', size_t(event_end - from));
        backslash = at ? static_cast<const char *>(at) : event_end;
    }
    return backslash >= to;
}

// A string's text. The end of the token is known from the index, so that no bytes are scanned.
INLINE bool read(ondemand::value &v, string_view &text, string_view *raw = nullptr)
{
    string_view token = v.raw_json_token();
    ondemand::raw_json_string quoted;
    TRY(v.get_raw_json_string().get(quoted)); // it is a string; moves on
    size_t n = token.size();
    while (token[n - 1] != '"') n--;
    token = string_view(token.data(), n);
    if (raw) *raw = token;
    text = string_view(token.data() + 1, n - 2);
    if (simdjson_likely(plain(text.data(), text.data() + text.size()))) return true;
    return quoted_text(v, text);
}

// Version 3.9 added the span of a key, and 4.0 the test for the end of the document.
template <class F> INLINE auto read_key(F &f, string_view &name, int) -> decltype(f.escaped_key(), bool())
{
    name = f.escaped_key();
    if (simdjson_likely(plain(name.data(), name.data() + name.size()))) return true;
    return f.unescaped_key().get(name) == SUCCESS;
}
template <class F> INLINE bool read_key(F &f, string_view &name, long) { return f.unescaped_key().get(name) == SUCCESS; }
INLINE bool read_key(ondemand::field &f, string_view &name) { return read_key(f, name, 0); }

template <class D> inline auto at_end(D &doc, int) -> decltype(doc.at_end(), bool()) { return doc.at_end(); }
template <class D> inline bool at_end(D &doc, long)
{
    const char *more;
    return doc.current_location().get(more) == OUT_OF_BOUNDS;
}

bool any(ondemand::value &v) // values that are not needed are also validated
{
    ondemand::json_type type;
    string_view         text;
    TRY(v.type().get(type));
    switch (type) {
    case ondemand::json_type::object: {
        ondemand::object o;
        TRY(v.get_object().get(o));
        for (auto one : o) {
            TRY(one.error());
            ondemand::field &f = one.value_unsafe();
            if (!read_key(f, text) || !any(f.value())) return false;
        }
        return true;
    }
    case ondemand::json_type::array: {
        ondemand::array a;
        TRY(v.get_array().get(a));
        for (auto one : a) {
            TRY(one.error());
            ondemand::value &element = one.value_unsafe();
            if (!any(element)) return false;
        }
        return true;
    }
    case ondemand::json_type::string: return read(v, text);
    case ondemand::json_type::number: { ondemand::number n; return v.get_number().get(n) == SUCCESS; }
    case ondemand::json_type::boolean: { bool b; return v.get_bool().get(b) == SUCCESS; }
    default: {
        bool null;
        return v.is_null().get(null) == SUCCESS && null;
    }
    }
}

template <class F> INLINE bool each(ondemand::value &v, F &&member)
{
    ondemand::object o;
    TRY(v.get_object().get(o));
    for (auto one : o) {
        string_view name;
        TRY(one.error());
        ondemand::field &f = one.value_unsafe();
        if (!read_key(f, name) || !member(name, f.value())) return false;
    }
    return true;
}

inline const char *here(ondemand::document &doc, char close) // the last brace read: just before the current token
{
    const char *p;
    if (doc.current_location().get(p) != SUCCESS) return nullptr;
    do p--; while (*p != close);
    return p;
}

//--- what is examined of a header

struct alphabet { // RFC 9110, section 5.6.2: token; letters in lower case, as CloudFront sends them
    bool token[256];
    constexpr alphabet() : token()
    {
        for (int c = 'a'; c <= 'z'; c++) token[c] = true;
        for (int c = '0'; c <= '9'; c++) token[c] = true;
        for (char c : { '!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~' }) token[int(c)] = true;
    }
};
constexpr alphabet letters;

#ifdef __SSE2__
// The bytes of s from p on, 16 at a time: the input is padded, so is the parser's memory for strings with escapes.
INLINE __m128i bytes_at(const char *p) { return _mm_loadu_si128(reinterpret_cast<const __m128i *>(p)); }
INLINE unsigned first_bits(size_t n) { return n >= 16 ? 0xffffu : (1u << n) - 1; }
INLINE __m128i between(__m128i c, char from, char to) // bytes below 0x80 only
{
    return _mm_and_si128(_mm_cmpgt_epi8(c, _mm_set1_epi8(char(from - 1))), _mm_cmpgt_epi8(_mm_set1_epi8(char(to + 1)), c));
}
#endif
INLINE bool is_name(string_view s)
{
    bool good = !s.empty();
    for (char c : s) good &= letters.token[static_cast<unsigned char>(c)];
    return good;
}
INLINE bool is_name_padded(string_view s)
{
#ifdef __SSE2__
    for (size_t i = 0; i < s.size(); i += 16) {
        __m128i c = bytes_at(s.data() + i);
        __m128i usual = _mm_or_si128(_mm_or_si128(between(c, 'a', 'z'), between(c, '0', '9')), _mm_cmpeq_epi8(c, _mm_set1_epi8('-')));
        if (~unsigned(_mm_movemask_epi8(usual)) & first_bits(s.size() - i)) return is_name(s);
    }
    return !s.empty();
#else
    return is_name(s);
#endif
}
INLINE bool has_control(string_view s) // tab may occur
{
    const char *p = s.data(), *end = p + s.size();
#ifdef __SSE2__
    __m128i bad = _mm_setzero_si128();
    for (; end - p >= 16; p += 16) {
        __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i *>(p));
        __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(c, _mm_set1_epi8(0x1f)), c);
        bad = _mm_or_si128(bad, _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('\t')), low), _mm_cmpeq_epi8(c, _mm_set1_epi8(0x7f))));
    }
    if (_mm_movemask_epi8(bad)) return true;
#endif
    for (; p < end; p++)
        if ((static_cast<unsigned char>(*p) < 0x20 && *p != '\t') || *p == 0x7f) return true;
    return false;
}
INLINE bool is_plain(string_view s) // nothing to be escaped
{
    const char *p = s.data(), *end = p + s.size();
#ifdef __SSE2__
    __m128i bad = _mm_setzero_si128();
    for (; end - p >= 16; p += 16) {
        __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i *>(p));
        __m128i quote = _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('"')), _mm_cmpeq_epi8(c, _mm_set1_epi8('\\')));
        bad = _mm_or_si128(bad, _mm_or_si128(quote, _mm_cmpeq_epi8(_mm_min_epu8(c, _mm_set1_epi8(0x1f)), c)));
    }
    if (_mm_movemask_epi8(bad)) return false;
#endif
    for (; p < end; p++)
        if (static_cast<unsigned char>(*p) < 0x20 || *p == '"' || *p == '\\') return false;
    return true;
}
INLINE bool is_key_of(string_view key, string_view name)
{
    if (key.size() != name.size()) return false;
#ifdef __SSE2__
    for (size_t i = 0; i < name.size(); i += 16) {
        __m128i k = bytes_at(key.data() + i);
        k = _mm_add_epi8(k, _mm_and_si128(between(k, 'A', 'Z'), _mm_set1_epi8(0x20)));
        if (~unsigned(_mm_movemask_epi8(_mm_cmpeq_epi8(k, bytes_at(name.data() + i)))) & first_bits(name.size() - i)) return false;
    }
    return true;
#endif
    for (size_t i = 0; i < name.size(); i++) {
        char c = key[i];
        if (c >= 'A' && c <= 'Z') c = char(c + 32);
        if (c != name[i]) return false;
    }
    return true;
}
template <bool strict> INLINE void examine(header &h)
{
    h.mark = KEPT;
    if (!strict) return;
    h.faults = static_cast<unsigned char>((is_name_padded(h.name) ? 0 : BAD_NAME) | (!ev.lambda || is_key_of(h.key, h.name) ? 0 : BAD_KEY) | (has_control(h.value) ? BAD_VALUE : 0));
}
template <bool strict> INLINE bool once(unsigned &seen, unsigned bit) // a member that occurs twice is refused
{
    bool again = strict && (seen & bit) != 0;
    seen |= bit;
    return !again;
}
template <bool strict> INLINE bool number(ondemand::value &v, uint64_t &to)
{
    TRY(v.get_uint64().get(to));
    return !strict || to <= UINT32_MAX;
}

template <bool strict> bool lambda_headers(ondemand::document &doc, ondemand::value &v, list &to)
{
    bool ok = each(v, [&](string_view name, ondemand::value &entry) {
        ondemand::array a;
        TRY(entry.get_array().get(a));
        for (auto one : a) {
            TRY(one.error());
            ondemand::value &element = one.value_unsafe();
            header &h = to.push();
            h.name = name;
            h.key = h.value = string_view();
            unsigned seen = 0;
            if (!each(element, [&](string_view member, ondemand::value &text) {
                    if (is(member, "key")) return once<strict>(seen, 1) && read(text, h.key);
                    if (is(member, "value")) return once<strict>(seen, 2) && read(text, h.value, &h.raw);
                    return any(text);
                })) return false;
            if (strict && !(seen & 2)) return false;
            examine<strict>(h);
        }
        return true;
    });
    to.close = here(doc, '}');
    return ok;
}
template <bool strict> bool values(ondemand::document &doc, ondemand::value &v, list &to)
{
    bool ok = each(v, [&](string_view name, ondemand::value &entry) {
        size_t first = to.len;
        header &h = to.push();
        h.name = name;
        h.key = h.value = string_view();
        unsigned seen = 0;
        bool good = each(entry, [&](string_view member, ondemand::value &text) {
            if (is(member, "value")) return once<strict>(seen, 1) && read(text, to.at[first].value, &to.at[first].raw);
            if (is(member, "attributes")) return once<strict>(seen, 2) && read(text, to.at[first].key);
            if (!is(member, "multiValue")) return any(text);
            if (!once<strict>(seen, 4)) return false;
            ondemand::array a;
            size_t          n = 0;
            TRY(text.get_array().get(a));
            for (auto one : a) {
                TRY(one.error());
                ondemand::value &element = one.value_unsafe();
                header &more = n++ == 0 ? to.at[first] : to.push();
                more.name = name;
                if (!each(element, [&](string_view inner, ondemand::value &t) {
                        if (is(inner, "value")) return read(t, more.value, &more.raw);
                        if (is(inner, "attributes")) return read(t, more.key);
                        return any(t);
                    })) return false;
            }
            return true;
        });
        for (size_t i = first; good && i < to.len; i++) examine<strict>(to.at[i]);
        return good && (!strict || (seen & 5) != 0);
    });
    to.close = here(doc, '}');
    return ok;
}

template <bool strict> bool config(ondemand::value &v)
{
    unsigned seen = 0;
    return each(v, [&](string_view name, ondemand::value &t) {
        if (is(name, "distributionDomainName")) return once<strict>(seen, 1u << 0) && read(t, ev.domain);
        if (is(name, "distributionId")) return once<strict>(seen, 1u << 1) && read(t, ev.distribution_id);
        if (is(name, "eventType")) return once<strict>(seen, 1u << 2) && read(t, ev.event_type);
        if (is(name, "requestId")) return once<strict>(seen, 1u << 3) && read(t, ev.request_id);
        if (is(name, "endpoint")) return once<strict>(seen, 1u << 4) && read(t, ev.endpoint);
        return any(t);
    });
}
template <bool strict> bool origin(ondemand::document &doc, ondemand::value &v)
{
    return each(v, [&](string_view kind, ondemand::value &inside) {
        if (!is(kind, "custom") && !is(kind, "s3")) return any(inside);
        unsigned seen = 0;
        return each(inside, [&](string_view name, ondemand::value &t) {
            if (is(name, "customHeaders")) return once<strict>(seen, 1u << 0) && lambda_headers<strict>(doc, t, ev.origin_headers);
            if (is(name, "domainName")) return once<strict>(seen, 1u << 1) && read(t, ev.origin_domain);
            if (is(name, "keepaliveTimeout")) return once<strict>(seen, 1u << 2) && number<strict>(t, ev.origin_keepalive);
            if (is(name, "path")) return once<strict>(seen, 1u << 3) && read(t, ev.origin_path);
            if (is(name, "port")) return once<strict>(seen, 1u << 4) && number<strict>(t, ev.origin_port);
            if (is(name, "protocol")) return once<strict>(seen, 1u << 5) && read(t, ev.origin_protocol);
            if (is(name, "readTimeout")) return once<strict>(seen, 1u << 6) && number<strict>(t, ev.origin_read);
            if (is(name, "responseCompletionTimeout")) return once<strict>(seen, 1u << 7) && number<strict>(t, ev.origin_completion);
            if (is(name, "region")) return once<strict>(seen, 1u << 8) && read(t, ev.origin_region);
            if (is(name, "authMethod")) return once<strict>(seen, 1u << 9) && read(t, ev.origin_auth);
            if (!is(name, "sslProtocols")) return any(t);
            if (!once<strict>(seen, 1u << 10)) return false;
            ondemand::array a;
            TRY(t.get_array().get(a));
            for (auto one : a) {
                TRY(one.error());
                ondemand::value &element = one.value_unsafe();
                if (ev.origin_tls_len == 8 || !read(element, ev.origin_tls[ev.origin_tls_len++])) return false;
            }
            return true;
        });
    });
}
template <bool strict> bool request(ondemand::document &doc, ondemand::value &v)
{
    unsigned seen = 0;
    const char *from = v.raw_json_token().data();
    bool ok = each(v, [&](string_view name, ondemand::value &t) {
        if (is(name, "headers")) return once<strict>(seen, 1u << 0) && (ev.lambda ? lambda_headers<strict>(doc, t, ev.headers) : values<strict>(doc, t, ev.headers));
        if (is(name, "uri")) return once<strict>(seen, 1u << 1) && read(t, ev.uri, &ev.uri_raw);
        if (is(name, "method")) return once<strict>(seen, 1u << 2) && read(t, ev.method);
        if (is(name, "clientIp")) return once<strict>(seen, 1u << 3) && read(t, ev.client_ip);
        if (is(name, "querystring")) return once<strict>(seen, 1u << 4) && (ev.lambda ? read(t, ev.querystring) : values<strict>(doc, t, ev.query));
        if (is(name, "cookies")) return once<strict>(seen, 1u << 5) && values<strict>(doc, t, ev.cookies);
        if (is(name, "origin")) return once<strict>(seen, 1u << 6) && origin<strict>(doc, t);
        if (!is(name, "body")) return any(t);
        if (!once<strict>(seen, 1u << 7)) return false;
        return each(t, [&](string_view inner, ondemand::value &b) {
            if (is(inner, "data")) return read(b, ev.body_data);
            if (is(inner, "action")) return read(b, ev.body_action);
            if (is(inner, "encoding")) return read(b, ev.body_encoding);
            if (is(inner, "inputTruncated")) return b.get_bool().get(ev.body_truncated) == SUCCESS;
            return any(b);
        });
    });
    if (!ok) return false;
    ev.request = string_view(from, size_t(here(doc, '}') + 1 - from));
    return true;
}
template <bool strict> bool response(ondemand::document &doc, ondemand::value &v)
{
    unsigned seen = 0;
    const char *from = v.raw_json_token().data();
    bool ok = each(v, [&](string_view name, ondemand::value &t) {
        if (is(name, "headers")) return once<strict>(seen, 1u << 0) && (ev.lambda ? lambda_headers<strict>(doc, t, ev.response_headers) : values<strict>(doc, t, ev.response_headers));
        if (is(name, "status")) return once<strict>(seen, 1u << 1) && read(t, ev.status);
        if (is(name, "statusDescription")) return once<strict>(seen, 1u << 2) && read(t, ev.status_text);
        if (is(name, "statusCode")) return once<strict>(seen, 1u << 3) && number<strict>(t, ev.status_code);
        if (is(name, "cookies")) return once<strict>(seen, 1u << 4) && values<strict>(doc, t, ev.response_cookies);
        return any(t);
    });
    if (!ok) return false;
    ev.has_response = true;
    ev.response = string_view(from, size_t(here(doc, '}') + 1 - from));
    return true;
}
template <bool strict> bool member_of_event(ondemand::document &doc, string_view name, ondemand::value &t)
{
    if (is(name, "config") || is(name, "context")) return once<strict>(ev.seen, 1u << 0) && config<strict>(t);
    if (is(name, "request")) return once<strict>(ev.seen, 1u << 1) && request<strict>(doc, t);
    if (is(name, "response")) return once<strict>(ev.seen, 1u << 2) && response<strict>(doc, t);
    if (is(name, "version")) return once<strict>(ev.seen, 1u << 3) && read(t, ev.version);
    if (is(name, "viewer")) return once<strict>(ev.seen, 1u << 4) && each(t, [&](string_view inner, ondemand::value &b) { return is(inner, "ip") ? read(b, ev.viewer_ip) : any(b); });
    return any(t);
}

bool od_open(size_t max_len)
{
    reader.reset(new ondemand::parser);
    return reader->allocate(max_len) == SUCCESS;
}
template <bool strict> bool od_parse(const gen_event *e, size_t)
{
    ondemand::document doc;
    ondemand::object   all;
    for (list *l : { &ev.headers, &ev.cookies, &ev.query, &ev.origin_headers, &ev.response_headers, &ev.response_cookies }) l->clear();
    backslash = nullptr;
    event_end = e->json + e->len;
    ev.lambda = ev.has_response = false;
    ev.uri = string_view(); // test events have responses without a request
    ev.origin_tls_len = 0;
    ev.seen = 0;
    TRY(reader->iterate(padded_string_view(e->json, e->len, e->len + GEN_PADDING)).get(doc));
    TRY(doc.get_object().get(all));
    for (auto one : all) {
        string_view name;
        TRY(one.error());
        ondemand::field &f = one.value_unsafe();
        if (!read_key(f, name)) return false;
        if (!is(name, "Records")) {
            if (!member_of_event<strict>(doc, name, f.value())) return false;
            continue;
        }
        ondemand::array records;
        ev.lambda = true;
        TRY(f.value().get_array().get(records));
        for (auto record : records) {
            TRY(record.error());
            ondemand::value &r = record.value_unsafe();
            if (!each(r, [&](string_view outer, ondemand::value &cf) {
                    return is(outer, "cf") ? each(cf, [&](string_view inner, ondemand::value &t) { return member_of_event<strict>(doc, inner, t); }) : any(cf);
                })) return false;
        }
    }
    return at_end(doc, 0);
}
void od_count(bench_sum *s, const list &l)
{
    s->headers += l.len;
    for (size_t i = 0; i < l.len; i++) s->value_bytes += l.at[i].value.size();
}
bool od_sum(bench_sum *s)
{
    *s = bench_sum{ 0, 0, ev.uri.size() };
    od_count(s, ev.headers);
    od_count(s, ev.origin_headers);
    od_count(s, ev.response_headers);
    return true;
}

//--- the job ----------------------------------------------------------------------------------------------------------------

struct edit { const char *at; size_t skip; string_view text; }; // replaces skip bytes at `at`

size_t session_length()
{
    if (!ev.lambda) {
        for (size_t i = 0; i < ev.cookies.len; i++)
            if (is(ev.cookies.at[i].name, JOB_COOKIE)) return ev.cookies.at[i].value.size();
        return SIZE_MAX;
    }
    for (size_t i = 0; i < ev.headers.len; i++) {
        if (!is(ev.headers.at[i].name, "cookie")) continue;
        string_view v = ev.headers.at[i].value;
        while (!v.empty()) {
            size_t      stop = v.find(';');
            string_view one = v.substr(0, stop);
            if (one.size() > sizeof JOB_COOKIE - 1 && memcmp(one.data(), JOB_COOKIE "=", sizeof JOB_COOKIE) == 0) return one.size() - sizeof JOB_COOKIE;
            if (stop == string_view::npos) break;
            v.remove_prefix(stop + 1);
            while (!v.empty() && v[0] == ' ') v.remove_prefix(1);
        }
    }
    return SIZE_MAX;
}

bool holds_mobile(string_view s)
{
    const char *p = s.data(), *end = p + s.size();
    while (size_t(end - p) >= sizeof JOB_MOBILE - 1) {
        p = static_cast<const char *>(memchr(p, JOB_MOBILE[0], size_t(end - p) - (sizeof JOB_MOBILE - 2)));
        if (p == nullptr) return false;
        if (memcmp(p, JOB_MOBILE, sizeof JOB_MOBILE - 1) == 0) return true;
        p++;
    }
    return false;
}

bench_out od_job(const gen_event *e, size_t i, bench_found *found, char *buf, size_t cap)
{
    bench_out out = { nullptr, 0 };
    if (!od_parse<false>(e, i)) return out;

    *found = bench_found{ SIZE_MAX, SIZE_MAX, SIZE_MAX, session_length() };
    string_view user_agent;
    for (size_t k = 0; k < ev.headers.len; k++) {
        const header &h = ev.headers.at[k];
        if (is(h.name, "host")) found->host = h.value.size();
        else if (is(h.name, "user-agent")) { user_agent = h.value; found->user_agent = h.value.size(); }
        else if (is(h.name, "accept-language")) found->accept_language = h.value.size();
    }

    edit     edits[8];
    size_t   count = 0;
    unsigned had = 0; // those of the five that exist already: their values are replaced
    list    &headers = ev.has_response ? ev.response_headers : ev.headers;
    for (size_t k = 0; k < headers.len; k++) {
        const header &h = headers.at[k];
        unsigned      bit = 1;
        switch (h.name.size()) {
        case 25: case 23: case 22: case 15:
#define X(text, value) \
            if (!(had & bit) && is(h.name, text)) { had |= bit; edits[count++] = edit{ h.raw.data(), h.raw.size(), string_view("\"" value "\"") }; } \
            bit <<= 1;
            JOB_HEADERS(X)
#undef X
        default: break;
        }
    }
    char   added[1024]; // the new members; all five at once are one constant
    size_t added_len = 0;
    static const char lambda_all[] =
#define X(name, value) ",\"" name "\":[{\"key\":\"" name "\",\"value\":\"" value "\"}]"
        JOB_HEADERS(X);
#undef X
    static const char functions_all[] =
#define X(name, value) ",\"" name "\":{\"value\":\"" value "\"}"
        JOB_HEADERS(X);
#undef X
    string_view all = ev.lambda ? string_view(lambda_all, sizeof lambda_all - 1) : string_view(functions_all, sizeof functions_all - 1);
    if (had != 0) {
        unsigned bit = 1;
#define ADD(text) (memcpy(added + added_len, text, sizeof text - 1), added_len += sizeof text - 1)
#define X(name, value) \
        if (!(had & bit)) { if (ev.lambda) ADD(",\"" name "\":[{\"key\":\"" name "\",\"value\":\"" value "\"}]"); else ADD(",\"" name "\":{\"value\":\"" value "\"}"); } \
        bit <<= 1;
        JOB_HEADERS(X)
#undef X
        all = string_view(added, added_len);
    }
    if (headers.len == 0) all.remove_prefix(1); // no comma in an empty object
    edits[count++] = edit{ headers.close, 0, all };
    if (!ev.has_response && holds_mobile(user_agent)) {
        edits[count++] = edit{ ev.uri_raw.data() + 1, 0, string_view(JOB_PREFIX) };
        for (size_t k = count - 1; k > 0 && edits[k].at < edits[k - 1].at; k--) std::swap(edits[k], edits[k - 1]);
    }

    string_view from = ev.has_response ? ev.response : ev.request;
    const char *p = from.data(), *end = p + from.size();
    size_t      need = from.size();
    for (size_t k = 0; k < count; k++) need += edits[k].text.size() - edits[k].skip;
    if (need > cap) return out;
    char *to = buf;
    for (size_t k = 0; k < count; k++) {
        size_t n = size_t(edits[k].at - p);
        memcpy(to, p, n);
        to += n;
        memcpy(to, edits[k].text.data(), edits[k].text.size());
        to += edits[k].text.size();
        p = edits[k].at + edits[k].skip;
    }
    memcpy(to, p, size_t(end - p));
    to += end - p;
    out.ptr = buf;
    out.len = size_t(to - buf);
    return out;
}

//--- the job with edgefn's duties ---------------------------------------------------------------------------------------------

string_view get(const list &l, string_view name)
{
    for (size_t k = 0; k < l.len; k++)
        if (l.at[k].name.size() == name.size() && memcmp(l.at[k].name.data(), name.data(), name.size()) == 0) return l.at[k].value;
    return string_view();
}
size_t length(string_view s) { return s.data() ? s.size() : SIZE_MAX; }

bool set(list &l, string_view name, string_view value)
{
    if (!is_name(name) || has_control(value)) return false;
    for (size_t k = 0; k < l.len; k++) {
        header &h = l.at[k];
        if (h.name.size() != name.size() || memcmp(h.name.data(), name.data(), name.size()) != 0) continue;
        h.text = value;
        h.mark = h.value == value ? KEPT : EDITED;
        return true;
    }
    header &h = l.push();
    h.name = h.key = name;
    h.value = h.text = value;
    h.mark = ADDED;
    h.faults = 0;
    return true;
}

// Whether CloudFront lets a function add or change this header. VIEWER_REQUEST ... are bits of the event types.
enum { VIEWER_REQUEST = 1, ORIGIN_REQUEST = 2, ORIGIN_RESPONSE = 4, VIEWER_RESPONSE = 8, EVERYWHERE = 15 };
struct ruled { string_view name; unsigned where; };
const ruled rules[] = {
    { "via", EVERYWHERE }, { "host", VIEWER_REQUEST }, { "expect", EVERYWHERE }, { "upgrade", EVERYWHERE }, { "trailer", EVERYWHERE },
    { "warning", VIEWER_RESPONSE }, { "x-cache", EVERYWHERE }, { "cdn-loop", VIEWER_REQUEST | ORIGIN_REQUEST }, { "if-range", ORIGIN_REQUEST },
    { "x-real-ip", EVERYWHERE }, { "connection", EVERYWHERE }, { "keep-alive", EVERYWHERE }, { "x-amzn-auth", EVERYWHERE },
    { "x-amzn-cf-id", EVERYWHERE }, { "x-amzn-cf-xff", EVERYWHERE }, { "if-none-match", ORIGIN_REQUEST },
    { "content-length", VIEWER_REQUEST | ORIGIN_REQUEST | VIEWER_RESPONSE }, { "accept-encoding", ORIGIN_REQUEST },
    { "x-amzn-errortype", EVERYWHERE }, { "x-amzn-requestid", EVERYWHERE }, { "proxy-connection", EVERYWHERE }, { "x-accel-charset", EVERYWHERE },
    { "content-encoding", VIEWER_RESPONSE }, { "x-accel-redirect", EVERYWHERE }, { "x-forwarded-proto", EVERYWHERE }, { "transfer-encoding", EVERYWHERE },
    { "if-modified-since", ORIGIN_REQUEST }, { "x-accel-buffering", EVERYWHERE }, { "x-amzn-cf-billing", EVERYWHERE }, { "proxy-authenticate", EVERYWHERE },
    { "x-accel-limit-rate", EVERYWHERE }, { "x-amzn-fle-profile", EVERYWHERE }, { "if-unmodified-since", ORIGIN_REQUEST }, { "proxy-authorization", EVERYWHERE },
    { "x-amzn-header-count", EVERYWHERE }, { "x-amzn-header-order", EVERYWHERE }, { "cloudfront-viewer-country", VIEWER_REQUEST },
    { "x-amzn-lambda-integration-tag", EVERYWHERE },
};
constexpr size_t rule_count = sizeof rules / sizeof rules[0];
const struct by_length { // the first rule of each length; they are in this order
    unsigned char first[32];
    by_length()
    {
        for (size_t n = 0, k = 0; n < 32; n++) {
            while (k < rule_count && rules[k].name.size() < n) k++;
            first[n] = static_cast<unsigned char>(k);
        }
    }
} lengths;
INLINE bool starts(string_view s, string_view prefix) { return s.size() >= prefix.size() && memcmp(s.data(), prefix.data(), prefix.size()) == 0; }
bool may_edit(string_view name, unsigned where)
{
    if (starts(name, "x-edge-") || starts(name, "x-amz-cf-")) return false;
    for (const ruled *r = rules + lengths.first[name.size() < 31 ? name.size() : 31]; r < rules + rule_count && r->name.size() == name.size(); r++)
        if (memcmp(r->name.data(), name.data(), name.size()) == 0) return (r->where & where) == 0;
    return true;
}
unsigned event_bit(string_view type)
{
    if (is(type, "viewer-request")) return VIEWER_REQUEST;
    if (is(type, "origin-request")) return ORIGIN_REQUEST;
    if (is(type, "origin-response")) return ORIGIN_RESPONSE;
    return VIEWER_RESPONSE;
}
bool is_uri(string_view s)
{
    bool good = !s.empty() && s[0] == '/';
    for (char c : s) good &= static_cast<unsigned char>(c) > 0x20 && c != '?' && c != '#' && c != 0x7f;
    return good;
}
bool check(const list &headers, string_view uri)
{
    unsigned where = event_bit(ev.event_type);
    for (size_t k = 0; k < headers.len; k++) {
        const header &h = headers.at[k];
        if (h.mark == KEPT) continue; // received values are never refused
        if (h.faults || !may_edit(h.name, where)) return false;
        if (!ev.lambda && (is(h.name, "cookie") || is(h.name, "set-cookie"))) return false;
    }
    return ev.has_response || (is_uri(uri) && uri.size() + ev.querystring.size() < 8192);
}

struct sink {
    char *at, *end;
    INLINE bool put(string_view s)
    {
        if (size_t(end - at) < s.size()) return false;
        memcpy(at, s.data(), s.size());
        at += s.size();
        return true;
    }
    bool quoted(string_view s) // a string of the handler's, which may have to be escaped
    {
        if (is_plain(s)) {
            if (size_t(end - at) < s.size() + 2) return false;
            *at++ = '"';
            memcpy(at, s.data(), s.size());
            at += s.size();
            *at++ = '"';
            return true;
        }
        if (!put("\"")) return false;
        for (char c : s) {
            char text[8];
            if (c == '"' || c == '\\') snprintf(text, sizeof text, "\\%c", c);
            else if (static_cast<unsigned char>(c) < 0x20) snprintf(text, sizeof text, "\\u%04x", c);
            else { text[0] = c; text[1] = 0; }
            if (!put(text)) return false;
        }
        return put("\"");
    }
};
bool write_headers(sink &to, const list &l, const char *&from)
{
    for (size_t k = 0; k < l.len; k++) {
        const header &h = l.at[k];
        if (h.mark == EDITED) {
            if (!to.put(string_view(from, size_t(h.raw.data() - from))) || !to.quoted(h.text)) return false;
            from = h.raw.data() + h.raw.size();
        } else if (h.mark == ADDED) {
            if (from < l.close) {
                if (!to.put(string_view(from, size_t(l.close - from)))) return false;
                from = l.close;
            }
            if (k != 0 && !to.put(",")) return false;
            bool good = ev.lambda ? to.quoted(h.name) && to.put(":[{\"key\":") && to.quoted(h.key) && to.put(",\"value\":") && to.quoted(h.text) && to.put("}]")
                                  : to.quoted(h.name) && to.put(":{\"value\":") && to.quoted(h.text) && to.put("}");
            if (!good) return false;
        }
    }
    return true;
}

bench_out checked_job(const gen_event *e, size_t i, bench_found *found, char *buf, size_t cap)
{
    bench_out out = { nullptr, 0 };
    if (!od_parse<true>(e, i)) return out;
    string_view user_agent = get(ev.headers, "user-agent");
    found->host = length(get(ev.headers, "host"));
    found->user_agent = length(user_agent);
    found->accept_language = length(get(ev.headers, "accept-language"));
    found->session = session_length();

    char        moved[8192];
    string_view uri = ev.uri;
    bool        uri_changed = !ev.has_response && holds_mobile(user_agent);
    if (uri_changed) {
        if (uri.size() + sizeof JOB_PREFIX > sizeof moved) return out;
        memcpy(moved, JOB_PREFIX, sizeof JOB_PREFIX - 1);
        memcpy(moved + sizeof JOB_PREFIX - 1, uri.data(), uri.size());
        uri = string_view(moved, uri.size() + sizeof JOB_PREFIX - 1);
    }
    list &headers = ev.has_response ? ev.response_headers : ev.headers;
#define X(name, value) if (!set(headers, name, value)) return out;
    JOB_HEADERS(X)
#undef X
    if (!check(headers, uri)) return out;

    string_view whole = ev.has_response ? ev.response : ev.request;
    const char *from = whole.data(), *end = from + whole.size();
    sink        to = { buf, buf + cap };
    bool        uri_first = uri_changed && ev.uri_raw.data() < headers.close;
    auto write_uri = [&] {
        if (!to.put(string_view(from, size_t(ev.uri_raw.data() - from))) || !to.quoted(uri)) return false;
        from = ev.uri_raw.data() + ev.uri_raw.size();
        return true;
    };
    if (uri_first && !write_uri()) return out;
    if (!write_headers(to, headers, from)) return out;
    if (uri_changed && !uri_first && !write_uri()) return out;
    if (!to.put(string_view(from, size_t(end - from)))) return out;
    out.ptr = buf;
    out.len = size_t(to.at - buf);
    return out;
}

} // namespace

extern "C" {
const bench_subject bench_simdjson_dom = { "simdjson-dom", about, dom_open, nullptr, dom_parse, dom_sum, nullptr, nullptr, nullptr };
const bench_subject bench_simdjson_ondemand = { "simdjson-ondemand", about, od_open, nullptr, od_parse<false>, od_sum, od_job, nullptr, nullptr };
const bench_subject bench_simdjson_checked = { "simdjson-checked", checked_about, od_open, nullptr, od_parse<true>, od_sum, checked_job, nullptr, nullptr };
}
