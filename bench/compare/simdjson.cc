// simdjson.cc - simdjson: the DOM; On-Demand with every field read; the job over On-Demand, spliced by hand as an expert in
// both simdjson and the events would write it. Strings are spans of the input; only one with a backslash is unescaped, which
// also validates it. The whole event is read: a host that forwards an event that it has not validated would forward broken
// JSON. (On-Demand validates a value only when it is read.) The job's edits are a few spans, and the result is made in one
// pass of copies.
#include "../bench.h"

#include <simdjson.h>

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
};
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

bool lambda_headers(ondemand::document &doc, ondemand::value &v, list &to)
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
            if (!each(element, [&](string_view member, ondemand::value &text) {
                    if (is(member, "key")) return read(text, h.key);
                    if (is(member, "value")) return read(text, h.value, &h.raw);
                    return any(text);
                })) return false;
        }
        return true;
    });
    to.close = here(doc, '}');
    return ok;
}
bool values(ondemand::document &doc, ondemand::value &v, list &to)
{
    bool ok = each(v, [&](string_view name, ondemand::value &entry) {
        size_t first = to.len;
        header &h = to.push();
        h.name = name;
        h.key = h.value = string_view();
        return each(entry, [&](string_view member, ondemand::value &text) {
            if (is(member, "value")) return read(text, to.at[first].value, &to.at[first].raw);
            if (is(member, "attributes")) return read(text, to.at[first].key);
            if (!is(member, "multiValue")) return any(text);
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
    });
    to.close = here(doc, '}');
    return ok;
}

bool config(ondemand::value &v)
{
    return each(v, [&](string_view name, ondemand::value &t) {
        if (is(name, "distributionDomainName")) return read(t, ev.domain);
        if (is(name, "distributionId")) return read(t, ev.distribution_id);
        if (is(name, "eventType")) return read(t, ev.event_type);
        if (is(name, "requestId")) return read(t, ev.request_id);
        if (is(name, "endpoint")) return read(t, ev.endpoint);
        return any(t);
    });
}
bool origin(ondemand::document &doc, ondemand::value &v)
{
    return each(v, [&](string_view kind, ondemand::value &inside) {
        if (!is(kind, "custom") && !is(kind, "s3")) return any(inside);
        return each(inside, [&](string_view name, ondemand::value &t) {
            if (is(name, "customHeaders")) return lambda_headers(doc, t, ev.origin_headers);
            if (is(name, "domainName")) return read(t, ev.origin_domain);
            if (is(name, "keepaliveTimeout")) return t.get_uint64().get(ev.origin_keepalive) == SUCCESS;
            if (is(name, "path")) return read(t, ev.origin_path);
            if (is(name, "port")) return t.get_uint64().get(ev.origin_port) == SUCCESS;
            if (is(name, "protocol")) return read(t, ev.origin_protocol);
            if (is(name, "readTimeout")) return t.get_uint64().get(ev.origin_read) == SUCCESS;
            if (is(name, "responseCompletionTimeout")) return t.get_uint64().get(ev.origin_completion) == SUCCESS;
            if (is(name, "region")) return read(t, ev.origin_region);
            if (is(name, "authMethod")) return read(t, ev.origin_auth);
            if (!is(name, "sslProtocols")) return any(t);
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
bool request(ondemand::document &doc, ondemand::value &v)
{
    const char *from = v.raw_json_token().data();
    bool ok = each(v, [&](string_view name, ondemand::value &t) {
        if (is(name, "headers")) return ev.lambda ? lambda_headers(doc, t, ev.headers) : values(doc, t, ev.headers);
        if (is(name, "uri")) return read(t, ev.uri, &ev.uri_raw);
        if (is(name, "method")) return read(t, ev.method);
        if (is(name, "clientIp")) return read(t, ev.client_ip);
        if (is(name, "querystring")) return ev.lambda ? read(t, ev.querystring) : values(doc, t, ev.query);
        if (is(name, "cookies")) return values(doc, t, ev.cookies);
        if (is(name, "origin")) return origin(doc, t);
        if (!is(name, "body")) return any(t);
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
bool response(ondemand::document &doc, ondemand::value &v)
{
    const char *from = v.raw_json_token().data();
    bool ok = each(v, [&](string_view name, ondemand::value &t) {
        if (is(name, "headers")) return ev.lambda ? lambda_headers(doc, t, ev.response_headers) : values(doc, t, ev.response_headers);
        if (is(name, "status")) return read(t, ev.status);
        if (is(name, "statusDescription")) return read(t, ev.status_text);
        if (is(name, "statusCode")) return t.get_uint64().get(ev.status_code) == SUCCESS;
        if (is(name, "cookies")) return values(doc, t, ev.response_cookies);
        return any(t);
    });
    if (!ok) return false;
    ev.has_response = true;
    ev.response = string_view(from, size_t(here(doc, '}') + 1 - from));
    return true;
}
bool member_of_event(ondemand::document &doc, string_view name, ondemand::value &t)
{
    if (is(name, "config") || is(name, "context")) return config(t);
    if (is(name, "request")) return request(doc, t);
    if (is(name, "response")) return response(doc, t);
    if (is(name, "version")) return read(t, ev.version);
    if (is(name, "viewer")) return each(t, [&](string_view inner, ondemand::value &b) { return is(inner, "ip") ? read(b, ev.viewer_ip) : any(b); });
    return any(t);
}

bool od_open(size_t max_len)
{
    reader.reset(new ondemand::parser);
    return reader->allocate(max_len) == SUCCESS;
}
bool od_parse(const gen_event *e, size_t)
{
    ondemand::document doc;
    ondemand::object   all;
    for (list *l : { &ev.headers, &ev.cookies, &ev.query, &ev.origin_headers, &ev.response_headers, &ev.response_cookies }) l->clear();
    backslash = nullptr;
    event_end = e->json + e->len;
    ev.lambda = ev.has_response = false;
    ev.uri = string_view(); // test events have responses without a request
    ev.origin_tls_len = 0;
    TRY(reader->iterate(padded_string_view(e->json, e->len, e->len + GEN_PADDING)).get(doc));
    TRY(doc.get_object().get(all));
    for (auto one : all) {
        string_view name;
        TRY(one.error());
        ondemand::field &f = one.value_unsafe();
        if (!read_key(f, name)) return false;
        if (!is(name, "Records")) {
            if (!member_of_event(doc, name, f.value())) return false;
            continue;
        }
        ondemand::array records;
        ev.lambda = true;
        TRY(f.value().get_array().get(records));
        for (auto record : records) {
            TRY(record.error());
            ondemand::value &r = record.value_unsafe();
            if (!each(r, [&](string_view outer, ondemand::value &cf) {
                    return is(outer, "cf") ? each(cf, [&](string_view inner, ondemand::value &t) { return member_of_event(doc, inner, t); }) : any(cf);
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
    if (!od_parse(e, i)) return out;

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

} // namespace

extern "C" {
const bench_subject bench_simdjson_dom = { "simdjson-dom", about, dom_open, nullptr, dom_parse, dom_sum, nullptr, nullptr };
const bench_subject bench_simdjson_ondemand = { "simdjson-ondemand", about, od_open, nullptr, od_parse, od_sum, od_job, nullptr };
}
