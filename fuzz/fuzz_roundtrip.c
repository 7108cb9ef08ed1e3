/* fuzz_roundtrip.c - edits an event by a program, writes it, and parses the result.

       make fuzz T=roundtrip SECS=600         with AFL++; see driver.c for replaying and for libFuzzer
       build/fuzz/replay_roundtrip FILE...

   The bytes before the first '{' are the program, the rest is the event. A letter is an edit (see edit() below), the digits
   after it choose list, name and value from tables: "S012R03{...". The first two bytes choose the size of a small arena.

   Properties:
     - without edits, and with edits that set received values, the result is the received text itself
     - a result is valid JSON according to the checker, and is the same from finish, write, spans and inside the whole event, and twice
     - wrapped in an event it parses, with the same lists and members as those in memory
     - if everything in the event is marked as kept, it is written as received
     - after a failure nothing is written; in a small arena the outcome is EDGEFN_E_OOM or the identical result */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "fuzz.h"
#define S        EDGEFN_S
#define COUNT(a) (sizeof(a) / sizeof *(a))

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

static edgefn_str value_of(program *p)
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
    return p->rude ? bad[n % COUNT(bad)] : values[n % COUNT(values)];
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
    else if (o->kind == EDGEFN_ORIGIN_CUSTOM || p->rude) {
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
    case 'S': name = name_of(p, f), value = value_of(p), edgefn_set(f, name, value); break;
    case 'A': name = name_of(p, f), value = value_of(p), edgefn_add(f, name, value); break;
    case 'R': edgefn_remove(f, name_of(p, f)); break;
    case 'P': edgefn_remove_prefix(f, edgefn_str_take(name_of(p, f), 2)); break;
    case 'K':
        names[0] = name_of(p, f), names[1] = name_of(p, f), edgefn_keep_only(f, names, 2);
        break;
    case 'T': edgefn_set_at(f, at, value_of(p)); break;
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
static void invariants(edgefn_event *ev)
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

static void edit(program *p, edgefn_event *ev)
{
    p->at += p->end - p->at < 2 ? p->end - p->at : 2; /* of the arena */
    for (int n = 0; p->at < p->end && n < 60; n++) {
        unsigned letter = (*p->at++ & 31u) | 64u;
        p->answered = p->answered || (edgefn_is_request(ev) && ev->response.status != 0);
        if (strchr("SARPKTDIOH", (int)letter))
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
            edgefn_cookies(ev), edgefn_query(ev), edgefn_query_text(ev);
            if (ev->response.status != 0) edgefn_response_cookies(ev);
            edgefn_body_decode(ev, &ev->request.body),
                edgefn_body_decode_part(ev, &ev->response.body);
        }
        invariants(ev);
    }
}

static bool equal(edgefn_str a, edgefn_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Checks that lists have the same fields in the same order. `grouped`: after grouping equal names, as in the written text. */
static bool same_fields(const edgefn_fields *a, const edgefn_fields *b, bool grouped)
{
    size_t k = 0;
    if (a->len != b->len) return false;
    for (size_t i = 0; i < a->len; i++) {
        if (grouped && edgefn_find(a, a->items[i].name, 0) < i) continue;
        for (size_t j = i; j < (grouped ? a->len : i + 1); j++) {
            if (grouped && !edgefn_str_eq(a->items[j].name, a->items[i].name)) continue;
            const edgefn_field *x = &a->items[j], *y = &b->items[k++];
            if (!equal(x->name, y->name) || !equal(x->value, y->value)
                || !equal(x->attributes, y->attributes))
                return false;
            if (x->key.ptr && y->key.ptr && !equal(x->key, y->key)) return false;
        }
    }
    return true;
}

static void same_request(edgefn_event *a, edgefn_event *b)
{
    edgefn_request *x = &a->request, *y = &b->request;
    const edgefn_origin *o = &x->origin, *q = &y->origin;
    bool lambda = a->dialect == EDGEFN_DIALECT_LAMBDA;
    HOLDS(equal(x->method, y->method) && equal(x->uri, y->uri)
          && (!lambda || equal(x->client_ip, y->client_ip)));
    HOLDS(same_fields(&x->headers, &y->headers, false));
    HOLDS(equal(edgefn_query_text(a), edgefn_query_text(b)));
    HOLDS(same_fields(edgefn_query(a), edgefn_query(b), false));
    HOLDS(same_fields(edgefn_cookies(a), edgefn_cookies(b), !lambda));
    HOLDS(equal(x->body.data, y->body.data) && x->body.replace == y->body.replace
          && x->body.truncated == y->body.truncated);
    HOLDS(equal(edgefn_body_decode_part(a, &x->body), edgefn_body_decode_part(b, &y->body)));
    HOLDS(o->kind == q->kind && equal(o->domain, q->domain) && equal(o->path, q->path)
          && same_fields(&o->headers, &q->headers, false));
    HOLDS(o->port == q->port && o->keepalive_s == q->keepalive_s
          && o->read_timeout_s == q->read_timeout_s && o->https == q->https);
    HOLDS(o->completion_timeout_s == q->completion_timeout_s && o->tls == q->tls);
    HOLDS(equal(o->region, q->region) && equal(o->auth_method, q->auth_method));
}

static void same_response(edgefn_event *a, edgefn_event *b)
{
    edgefn_response *x = &a->response, *y = &b->response;
    HOLDS(x->status == y->status && equal(x->status_text, y->status_text));
    HOLDS(same_fields(&x->headers, &y->headers, false));
    HOLDS(same_fields(edgefn_response_cookies(a), edgefn_response_cookies(b),
                      a->dialect != EDGEFN_DIALECT_LAMBDA));
    HOLDS(equal(x->body.data, y->body.data) && !x->body.data.ptr == !y->body.data.ptr);
    HOLDS(equal(edgefn_body_decode_part(a, &x->body), edgefn_body_decode_part(b, &y->body)));
}

/* Wraps a result in an event of the same type, parses it, and compares it with the written event. */
static void reread(edgefn_event *ev, edgefn_str out, bool response)
{
    const char *type = edgefn_event_type_name(
        response && edgefn_is_request(ev) ? EDGEFN_VIEWER_RESPONSE : ev->type);
    char head[300];
    int n =
        ev->dialect == EDGEFN_DIALECT_LAMBDA
            ? snprintf(head, sizeof head,
                       "{\"Records\":[{\"cf\":{\"config\":{\"eventType\":\"%s\"},", type)
            : snprintf(
                head, sizeof head,
                "{\"version\":\"1.0\",\"context\":{\"eventType\":\"%s\"},\"viewer\":{\"ip\":\"::1\"},",
                type);
    n += snprintf(head + n, sizeof head - (size_t)n,
                  response ? "\"request\":{\"method\":\"GET\",\"uri\":\"/\"},\"response\":"
                           : "\"request\":");
    const char *tail = ev->dialect == EDGEFN_DIALECT_LAMBDA ? "}}]}" : "}";
    size_t len = (size_t)n + out.len + strlen(tail), room = edgefn_memory_bound(len) * 3 + 300000;
    char *text = fuzz_block(len, 0);
    memcpy(text, head, (size_t)n), memcpy(text + n, out.ptr, out.len),
        memcpy(text + n + out.len, tail, strlen(tail));
    void *mem = fuzz_block(room, 0xA5);
    edgefn_event again;
    edgefn_str json = { text, len };
    edgefn_parse(&again, json, edgefn_arena_make(mem, room), NULL);
    HOLDS_FOR(&again, again.err.code == EDGEFN_OK);
    if (response)
        same_response(ev, &again);
    else
        same_request(ev, &again);
    HOLDS_FOR(&again, again.err.code == EDGEFN_OK);
    free(mem);
    free(text);
}

/* Calls a function that reads the event before it is written: the result must not depend on this. */
static void look(edgefn_event *ev, size_t which)
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

/* Checks that all ways of writing produce `out`, whose bytes must stay valid during all of them. */
static void written(edgefn_event *ev, edgefn_str json, edgefn_str out, edgefn_str pass, bool answer)
{
    size_t need = edgefn_write(ev, NULL, 0, NULL), count = edgefn_write_spans(ev, NULL, 0, NULL),
           at = 0;
    char *buf = fuzz_block(need, 0x33);
    edgefn_str keep = fuzz_copy(out.ptr, out.len);
    HOLDS_FOR(ev, need == out.len && count > 0);
    HOLDS_FOR(ev, edgefn_write(ev, buf, need - 1, NULL) == need && buf[0] == 0x33
                      && buf[need - 1] == 0x33);
    HOLDS_FOR(ev, edgefn_write(ev, buf, need, NULL) == need && memcmp(buf, keep.ptr, need) == 0);
    edgefn_str *spans = fuzz_block(count * sizeof *spans, 0);
    HOLDS_FOR(ev, edgefn_write_spans(ev, spans, count, NULL) == count);
    for (size_t i = 0; i < count; at += spans[i++].len)
        HOLDS(spans[i].len <= need - at && memcmp(spans[i].ptr, keep.ptr + at, spans[i].len) == 0);
    HOLDS(at == need);
    free(spans);
    edgefn_str twice = edgefn_finish(ev, NULL);
    HOLDS_FOR(ev, equal(twice, keep) && equal(out, keep));
    if (!answer) { /* it must be the same text inside the complete event */
        edgefn_write_opts whole = { .whole_event = true };
        size_t n = edgefn_write(ev, NULL, 0, &whole), before = (size_t)(pass.ptr - json.ptr);
        char *all = fuzz_block(n, 0);
        HOLDS_FOR(ev, n == json.len - pass.len + need && edgefn_write(ev, all, n, &whole) == n);
        HOLDS(memcmp(all, json.ptr, before) == 0 && memcmp(all + before, keep.ptr, need) == 0);
        HOLDS(memcmp(all + before + need, json.ptr + before + pass.len, n - before - need) == 0);
        free(all);
    }
    free((void *)keep.ptr);
    free(buf);
}

static bool all_kept(const edgefn_event *ev)
{
    const edgefn_fields *lists[] = { &ev->request.headers,  &ev->request._query,
                                     &ev->request._cookies, &ev->request.origin.headers,
                                     &ev->response.headers, &ev->response._cookies };
    for (size_t i = 0; i < COUNT(lists); i++) {
        if (lists[i]->removed_len) return false;
        for (size_t k = 0; k < lists[i]->len; k++)
            if (lists[i]->items[k].change != EDGEFN_CHANGE_NONE) return false;
    }
    for (int m = 0; m < EDGEFN_MEMBER_COUNT; m++)
        if (edgefn_changed(ev, (edgefn_member)m) != EDGEFN_CHANGE_NONE) return false;
    return true;
}

/* Runs once in an arena of this size. Returns: a copy of the result; absent on failure. *used: gets the used bytes of the arena. */
static edgefn_str run(const uint8_t *data, size_t ops, size_t size, size_t room, int fill,
                      bool deep, edgefn_error *code, size_t *used)
{
    program p = { data, data + ops, false, false, false, false };
    edgefn_env env = { .random = 12345, .has_random = true };
    edgefn_parse_opts opts = { .env = &env };
    edgefn_str json = fuzz_copy(data + ops, size - ops), out = { NULL, 0 }, copy = { NULL, 0 };
    void *mem = fuzz_block(room, fill);
    edgefn_event ev;

    if (edgefn_parse(&ev, json, edgefn_arena_make(mem, room), &opts) == EDGEFN_OK) {
        edgefn_str pass = edgefn_passthrough(&ev);
        edit(&p, &ev);
        edgefn_error before = ev.err.code;
        look(&ev, json.len);
        out = edgefn_finish(&ev, NULL);
        invariants(&ev);
        HOLDS_FOR(&ev, (out.ptr == NULL) == (ev.err.code != EDGEFN_OK));
        if (before != EDGEFN_OK)
            HOLDS_FOR(&ev, ev.err.code == before && edgefn_write(&ev, NULL, 0, NULL) == 0
                               && edgefn_write_spans(&ev, NULL, 0, NULL) == 0);
        if (out.ptr) copy = fuzz_copy(out.ptr, out.len);
        if (!p.edited && ev.err.code != EDGEFN_E_OOM)
            HOLDS_FOR(&ev, out.ptr == pass.ptr && out.len == pass.len);
        if (deep && out.ptr) {
            bool answer = edgefn_is_request(&ev) && ev.response.status != 0;
            HOLDS_FOR(&ev, json_check(out.ptr, out.len, NULL) && out.ptr[0] == '{'
                               && out.ptr[out.len - 1] == '}');
            if (all_kept(&ev) && !p.sorted) HOLDS_FOR(&ev, equal(out, pass));
            written(&ev, json, out, pass, answer);
            reread(&ev, copy, answer || !edgefn_is_request(&ev));
            HOLDS_FOR(&ev, ev.err.code == EDGEFN_OK);
        }
    } else if (deep)
        HOLDS_FOR(&ev, ev.err.code != EDGEFN_E_OOM);
    *code = ev.err.code;
    *used = ev.arena.used;
    free(mem);
    free((void *)json.ptr);
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *brace = size ? memchr(data, '{', size) : NULL;
    size_t ops = brace ? (size_t)(brace - data) : 0, used, used_small;
    if (!brace) return 0;
    size_t small = (ops > 0 ? data[0] * 256u : 0) + (ops > 1 ? data[1] : 0);
    edgefn_error code, code_small;
    edgefn_str out = run(data, ops, size, edgefn_memory_bound(size - ops) * 3 + 400000, 0xA5, true,
                         &code, &used);
    HOLDS(code != EDGEFN_E_OOM);
    if (code == EDGEFN_OK || used > 0) {
        edgefn_str out_small =
            run(data, ops, size, small % (used + 64), 0x00, false, &code_small, &used_small);
        if (code_small != EDGEFN_E_OOM)
            HOLDS(code_small == code && !out.ptr == !out_small.ptr && equal(out, out_small));
        else
            HOLDS(out_small.ptr == NULL);
        free((void *)out_small.ptr);
    }
    free((void *)out.ptr);
    return 0;
}
