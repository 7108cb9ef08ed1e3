/* edits.h - programs of edits, for the targets roundtrip, untouched, check and sanitize.

   The bytes before the first '{' of an input are the program, the rest is the event. A letter is an edit (see run_program() below), the
   digits after it choose list, name and value from tables: "S012R03{...". The first two bytes choose the size of a small arena. */
#ifndef EDITS_H
#define EDITS_H
#include "../tests/test.h"
#include "fuzz.h"
#include "../tests/kit.h"
#include "../tests/strict.h"

typedef struct program {
    const uint8_t *at, *end;
    bool
        rude; /* also edits that the event type does not allow, and names and values that are not allowed */
    bool answered, edited, sorted;
} program;

static unsigned pick(program *p, size_t count)
{
    return p->at < p->end ? (uint8_t)(*p->at++ - '0') % (unsigned)count : 0;
}

static edgefn_str name_of(program *p, const edgefn_fields *f)
{
    static const edgefn_str names[] = {
        EDGEFN_S_INIT("x-a"),           EDGEFN_S_INIT("X-B"),        EDGEFN_S_INIT("a"),
        EDGEFN_S_INIT("cache-control"), EDGEFN_S_INIT("Host"),       EDGEFN_S_INIT("q"),
        EDGEFN_S_INIT("cookie"),        EDGEFN_S_INIT("set-cookie"), EDGEFN_S_INIT("utm_source"),
        EDGEFN_S_INIT("content-type")
    };
    static const edgefn_str bad[] = { EDGEFN_S_INIT(""),         EDGEFN_S_INIT("a b"),
                                      EDGEFN_S_INIT("a\r\nb"),   EDGEFN_S_INIT("\xff"),
                                      EDGEFN_S_INIT("\xc3\xa9"), EDGEFN_S_INIT("a=b"),
                                      EDGEFN_S_INIT("a;b"),      EDGEFN_S_INIT("\"") };
    unsigned n = pick(p, 20);
    if (n >= COUNT(names) && f->len) return f->items[n % f->len].name;
    return p->rude ? bad[n % COUNT(bad)] : names[n % COUNT(names)];
}

/* Returns a value for this list. White space around a cookie's value is accepted, and is no longer there when the text is read:
   such values are not used. */
static edgefn_str value_of(program *p, const edgefn_fields *f)
{
    static const edgefn_str values[] = {
        EDGEFN_S_INIT("1"),
        EDGEFN_S_INIT(""),
        EDGEFN_S_INIT("a%20b"),
        EDGEFN_S_INIT("q\"\\/uoted"),
        EDGEFN_S_INIT("\xc3\xa9\xf0\x9f\x98\x80"),
        EDGEFN_S_INIT("b=c"),
        EDGEFN_S_INIT(
            "long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long"),
        EDGEFN_S_INIT("a,b")
    };
    static const edgefn_str bad[] = {
        EDGEFN_S_INIT(" x"),   EDGEFN_S_INIT("x "),    EDGEFN_S_INIT("a\tb"),
        EDGEFN_S_INIT("a\nb"), EDGEFN_S_INIT("a b"),   EDGEFN_S_INIT("\xc3"),
        EDGEFN_S_INIT("a;b"),  EDGEFN_S_INIT("a&b#c"), { NULL, 0 }
    };
    unsigned n = pick(p, 10);
    edgefn_str value = p->rude ? bad[n % COUNT(bad)] : values[n % COUNT(values)];
    bool cookies = f == &f->_ev->request._cookies || f == &f->_ev->response._cookies;
    return cookies ? edgefn_str_trim(value) : value;
}

/* Chooses a list that may be edited in this event type; if rude, any list. */
static edgefn_fields *list_of(program *p, edgefn_event *ev)
{
    unsigned n = pick(p, 6);
    bool response = !edgefn_is_request(ev) || p->answered,
         lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA;
    if (!p->rude && response)
        n = n % 2 + 3;
    else if (!p->rude)
        n %= lambda && ev->type == EDGEFN_ORIGIN_REQUEST && ev->request.origin.kind ? 4 : 3;
    switch (n) {
    case 0: return &ev->request.headers;
    case 1: return edgefn_query(ev);
    case 2: return edgefn_cookies(ev);
    case 3: return response || p->rude ? &ev->response.headers : &ev->request.origin.headers;
    case 4: return edgefn_response_cookies(ev);
    default: return &ev->request.origin.headers;
    }
}

static void edit_origin(program *p, edgefn_event *ev)
{
    edgefn_origin *o = &ev->request.origin;
    edgefn_origin_opts opts = { .domain = S("o.example.com"), .path = S("/p") };
    unsigned n = pick(p, 10);
    if (!p->rude && (ev->type != EDGEFN_ORIGIN_REQUEST || p->answered)) return;
    p->edited = true;
    if (n == 0)
        edgefn_origin_custom(ev, &opts);
    else if (n == 1)
        edgefn_origin_s3(ev, &opts);
    else if (!o->kind && !p->rude)
        return;
    else if (n == 2)
        o->domain = S("other.example.com");
    else if (n == 3)
        o->path = S("");
    else if (n == 4)
        o->read_timeout_s = 7;
    else if (n == 5)
        o->completion_timeout_s = 60;
    /* in an origin that was switched to, members of the other kind are not written, and no error */
    else if (o->kind == EDGEFN_ORIGIN_CUSTOM
             || (p->rude && edgefn_changed(ev, EDGEFN_MEMBER_ORIGIN) == EDGEFN_CHANGE_NONE)) {
        if (n == 6) o->port = 8443;
        if (n == 7) o->keepalive_s = 9;
        if (n == 8) o->https = !o->https;
        if (n == 9) o->tls ^= EDGEFN_TLS1_1;
    } else if (n == 6)
        o->region = S("eu-west-1");
    else if (n == 7)
        o->auth_method = S("none");
}

static void edit_request(program *p, edgefn_event *ev, unsigned letter)
{
    static const edgefn_str uris[] = { EDGEFN_S_INIT("/"),         EDGEFN_S_INIT("/x/\xc3\xa9\"\\"),
                                       EDGEFN_S_INIT("/%2e%2e//"), EDGEFN_S_INIT("x"),
                                       EDGEFN_S_INIT("/a?b"),      { NULL, 0 } };
    static const edgefn_str queries[] = { EDGEFN_S_INIT("a=1&b&a=2&=x&&c="),
                                          EDGEFN_S_INIT(""),
                                          EDGEFN_S_INIT("z"),
                                          EDGEFN_S_INIT("a b"),
                                          EDGEFN_S_INIT("?a"),
                                          { NULL, 0 } };
    unsigned n = pick(p, p->rude ? 6 : 3);
    if (!p->rude && (!edgefn_is_request(ev) || p->answered)) return;
    p->edited = true;
    if (letter == 'U' && n & 1)
        edgefn_uri_set(ev, uris[n]);
    else if (letter == 'U')
        ev->request.uri = uris[n];
    else if (n & 1 || (ev->dialect == EDGEFN_DIALECT_FUNCTIONS && !p->rude))
        edgefn_query_set_raw(ev, queries[n]);
    else
        ev->request.querystring = queries[n];
}

static void edit_body(program *p, edgefn_event *ev, unsigned letter)
{
    static const edgefn_str bodies[] = { EDGEFN_S_INIT("text \"\\\n\t\x01\xc3\xa9"),
                                         EDGEFN_S_INIT(""), EDGEFN_S_INIT("\x00\xff\xfe") };
    unsigned n = pick(p, 9);
    bool lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA,
         response = !edgefn_is_request(ev) || p->answered;
    if (!p->rude && (response ? lambda && ev->type == EDGEFN_VIEWER_RESPONSE : !lambda)) return;
    p->edited = true;
    if (letter == 'X')
        edgefn_body_drop(ev);
    else
        edgefn_body_replace(ev, bodies[n % 3],
                            p->rude ? (edgefn_encoding)(n / 3)
                            : n < 6 ? EDGEFN_ENCODING_DEFAULT
                                    : EDGEFN_ENCODING_BASE64);
}

static void edit_answer(program *p, edgefn_event *ev, unsigned letter)
{
    static const uint32_t statuses[] = { 200, 404, 503, 204, 302, 599, 199, 600 };
    unsigned n = pick(p, 8), k = pick(p, 8);
    bool fixed = ev->dialect == EDGEFN_DIALECT_LAMBDA && ev->type == EDGEFN_VIEWER_RESPONSE;
    uint32_t status = statuses[p->rude ? n : n % 3];
    if (!p->rude && fixed) return;
    edgefn_respond_opts opts = { .cacheable = (k & 1) != 0, .cache_max_age_s = k & 2 ? 60 : 0 };
    edgefn_redirect_opts to = { .drop_query = (k & 1) != 0,
                                .cache_max_age_s = k & 2 ? 60 : 0,
                                .host = S("h.example.com") };
    if (k & 4) opts.body = S("body\n"), to.path = S("/p?q=1");
    if (n & 4) opts.content_type = S("text/plain");
    if (letter == 'C' && !p->rude && edgefn_is_request(ev) && !p->answered) return;
    p->edited = true;
    bool ok = letter == 'W'   ? edgefn_respond(ev, status, &opts)
              : letter == 'E' ? edgefn_error_page(ev, status)
              : letter == 'L' ? edgefn_redirect(ev, &to)
              : letter == 'J'
                  ? edgefn_redirect_to(ev, k & 1 ? S("/there") : S("https://example.org/x?y"), NULL)
                  : edgefn_status_set(ev, status, k & 1 ? S("Why \"not\"") : S(""));
    if (ok)
        p->answered = true;
    else
        p->edited = true;
}

static void edit_list(program *p, edgefn_event *ev, unsigned letter)
{
    static const edgefn_const_header constants[] = { EDGEFN_CONST_HEADER("x-a", "1"),
                                                     EDGEFN_CONST_HEADER("x-new", "a, b"),
                                                     EDGEFN_CONST_HEADER("x-o", ""),
                                                     EDGEFN_CONST_HEADER("x-b", "DENY") };
    edgefn_fields *f = list_of(p, ev);
    edgefn_str name, value, names[2];
    size_t at = pick(p, 10);
    if (f->len)
        at %= f->len + (p->rude ? 1 : 0);
    else if (!p->rude && strchr("TDIH", (int)letter))
        return;
    if (letter == 'I' && at < f->len) { /* its own value: not an edit */
        value = f->items[at].value;
        bool plain = value.len == 0 || edgefn_str_eq(edgefn_str_trim(value), value);
        for (size_t i = 0; i < value.len; i++)
            plain =
                plain && value.ptr[i] > ' ' && value.ptr[i] != 0x7f && !strchr(";&#", value.ptr[i]);
        if (plain) edgefn_set_at(f, at, value);
        return;
    }
    p->edited = true;
    switch (letter) {
    case 'S': name = name_of(p, f), value = value_of(p, f), edgefn_set(f, name, value); break;
    case 'N': edgefn_set_const(f, constants + at % 3, 1 + at / 3 % 2); break;
    case 'A': name = name_of(p, f), value = value_of(p, f), edgefn_add(f, name, value); break;
    case 'R': edgefn_remove(f, name_of(p, f)); break;
    case 'P': edgefn_remove_prefix(f, edgefn_str_take(name_of(p, f), 2)); break;
    case 'K':
        names[0] = name_of(p, f), names[1] = name_of(p, f), edgefn_keep_only(f, names, 2);
        break;
    case 'T': edgefn_set_at(f, at, value_of(p, f)); break;
    case 'D': edgefn_remove_at(f, at); break;
    case 'O': edgefn_sort(f), p->sorted = true; break;
    case 'H':
        if (p->rude || f == &ev->response._cookies)
            edgefn_set_attributes_at(f, at, at & 1 ? S("Path=/; Secure") : S("HttpOnly"));
        break;
    default: break;
    }
}

/* Checks that the fields of lists are consistent and their back pointers are valid. */
FUZZ_UNUSED static void invariants(edgefn_event *ev)
{
    const edgefn_fields *lists[] = { &ev->request.headers,  &ev->request._query,
                                     &ev->request._cookies, &ev->request.origin.headers,
                                     &ev->response.headers, &ev->response._cookies };
    for (size_t i = 0; i < COUNT(lists); i++) {
        fuzz_sum s = { 0 };
        HOLDS(lists[i]->_ev == ev);
        fuzz_fields(&s, lists[i]);
        if (ev->err.code != EDGEFN_OK) continue; /* a failed edit may be half done */
        for (size_t k = 0; k < lists[i]->len; k++)
            HOLDS(lists[i]->items[k].change != EDGEFN_CHANGE_REMOVED);
        for (size_t k = 0; k < lists[i]->removed_len; k++)
            HOLDS(lists[i]->removed[k].change == EDGEFN_CHANGE_REMOVED);
    }
    HOLDS(ev->arena.used <= ev->arena.cap);
}

FUZZ_UNUSED static void run_program(program *p, edgefn_event *ev)
{
    p->at += p->end - p->at < 2 ? p->end - p->at : 2; /* of the arena */
    for (int n = 0; p->at < p->end && n < 60; n++) {
        unsigned letter = (*p->at++ & 31u) | 64u;
        p->answered = p->answered || (edgefn_is_request(ev) && ev->response.status != 0);
        if (strchr("SNARPKTDIOH", (int)letter))
            edit_list(p, ev, letter);
        else if (letter == 'U' || letter == 'Q')
            edit_request(p, ev, letter);
        else if (letter == 'B' || letter == 'X')
            edit_body(p, ev, letter);
        else if (strchr("WELJC", (int)letter))
            edit_answer(p, ev, letter);
        else if (letter == 'G')
            edit_origin(p, ev);
        else if (letter == 'F')
            edgefn_finish(ev, NULL); /* written between edits */
        else if (letter == 'Y')
            p->rude = true;
        else if (letter == 'V') { /* reading is not an edit */
            edgefn_str got = edgefn_cookie_get(ev, S("a"));
            const edgefn_fields *cookies = edgefn_cookies(ev);
            HOLDS(ev->err.code != EDGEFN_OK || edgefn_str_eq(got, edgefn_get(cookies, S("a"))));
            edgefn_query(ev), edgefn_query_text(ev);
            if (ev->response.status != 0) edgefn_response_cookies(ev);
            edgefn_body_decode(ev, &ev->request.body),
                edgefn_body_decode_part(ev, &ev->response.body);
        }
        invariants(ev);
    }
}

/* Calls a function that reads the event before it is written: the result must not depend on this. */
FUZZ_UNUSED static void look(edgefn_event *ev, size_t which)
{
    edgefn_str span;
    switch (which % 5) {
    case 0: (void)edgefn_write(ev, NULL, 0, NULL); break;
    case 1: (void)edgefn_write_spans(ev, NULL, 0, NULL); break;
    case 2: (void)edgefn_write_spans(ev, &span, 1, NULL); break;
    case 3: (void)edgefn_outcome_of(ev, NULL); break;
    default: break;
    }
}

/* Edits a header that has a policy: the first two bytes choose the name and the function. */
FUZZ_UNUSED static void edit_policy(const uint8_t *data, size_t ops, edgefn_event *ev)
{
    static const edgefn_str names[] = { EDGEFN_S_INIT("Via"),
                                        EDGEFN_S_INIT("connection"),
                                        EDGEFN_S_INIT("Content-Length"),
                                        EDGEFN_S_INIT("warning"),
                                        EDGEFN_S_INIT("x-edge-a"),
                                        EDGEFN_S_INIT("cloudfront-viewer-country"),
                                        EDGEFN_S_INIT("host"),
                                        EDGEFN_S_INIT("x-o"),
                                        EDGEFN_S_INIT("transfer-encoding"),
                                        EDGEFN_S_INIT("pragma"),
                                        EDGEFN_S_INIT("cdn-loop"),
                                        EDGEFN_S_INIT("If-None-Match") };
    if (ops < 2 || data[0] == '~') return;
    edgefn_str name = names[(uint8_t)(data[0] - '0') % COUNT(names)];
    unsigned verb = (uint8_t)(data[1] - '0');
    bool response = !edgefn_is_request(ev) || ev->response.status != 0;
    bool custom = !response && ev->type == EDGEFN_ORIGIN_REQUEST
                  && ev->request.origin.kind != EDGEFN_ORIGIN_NONE && (verb & 4) != 0;
    edgefn_fields *f = custom     ? &ev->request.origin.headers
                       : response ? &ev->response.headers
                                  : &ev->request.headers;
    if ((verb & 3) == 0) edgefn_set(f, name, S("1"));
    if ((verb & 3) == 1) edgefn_add(f, name, S("2"));
    if ((verb & 3) >= 2) edgefn_remove(f, name);
    if ((verb & 3) == 3) edgefn_add(f, name, S("3"));
}

/* An input: the program, the event, and after a NUL a result; `small` are the first two bytes. */
typedef struct input {
    const uint8_t *data;
    size_t ops, small;
    edgefn_str json, result;
} input;

FUZZ_UNUSED static bool input_of(input *in, const uint8_t *data, size_t size)
{
    const uint8_t *brace = size ? (const uint8_t *)memchr(data, '{', size) : NULL;
    if (!brace) return false;
    size_t ops = (size_t)(brace - data);
    fuzz_in rest = { brace, data + size };
    in->data = data, in->ops = ops;
    in->json = fuzz_cut(&rest, 0);
    in->result = (edgefn_str){ (const char *)rest.at, (size_t)(rest.end - rest.at) };
    if (rest.at == rest.end) in->result = in->json;
    in->small = (ops > 0 ? data[0] * 256u : 0) + (ops > 1 ? data[1] : 0);
    return true;
}
#endif
