/* Random edits of random events, compared with a slow model: a tree of the event's text
   (slow.h), and lists that are edited step by step. Whatever was read in between, every writer
   must write what the model predicts; untouched parts must be written unchanged; edgefn_check()
   must find the same in the event and in its text; and an arena that is too small must fail
   cleanly. A failure prints the shortest program that still fails, and its seed. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include "slow.h"

/*--- why a program failed ---------------------------------------------------------------------------------------------*/

static char why[4000];

__attribute__((format(printf, 1, 2))) static bool wrong(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (why[0] == '\0') vsnprintf(why, sizeof why, format, args);
    va_end(args);
    return false;
}

static bool wrong_str(const char *what, edgefn_str is, edgefn_str must)
{
    if (same(is, must)) return true;
    size_t i = 0;
    while (i < is.len && i < must.len && is.ptr[i] == must.ptr[i])
        i++;
    return wrong("%s: is %s%.*s, must be %s%.*s (they differ at %zu)", what, is.ptr ? "" : "absent",
                 is.len > 900 ? 900 : (int)is.len, is.ptr ? is.ptr : "", must.ptr ? "" : "absent",
                 must.len > 900 ? 900 : (int)must.len, must.ptr ? must.ptr : "", i);
}

/*--- the model --------------------------------------------------------------------------------------------------------*/

enum {
    H,
    R,
    O,
    Q,
    C,
    SC,
    LISTS
}; /* request, response and origin headers, query, cookies, set-cookies */
static const char *const list_says[] = {
    "&ev->request.headers", "&ev->response.headers", "&ev->request.origin.headers",
    "edgefn_query(ev)",     "edgefn_cookies(ev)",    "edgefn_response_cookies(ev)"
};
#define LIST_MAX 60

typedef struct field {
    edgefn_str name, value, attributes;
    int got, group;  /* position among received fields and names; -1: not received */
    bool bare;       /* a parameter without '=' */
    const node *raw; /* the received element */
} field;

typedef struct list {
    field it[LIST_MAX], got[LIST_MAX], gone[LIST_MAX];
    size_t n, got_n, gone_n, hollow_n;
    edgefn_str hollow[16]; /* names received without values */
    int hollow_group[16];
    bool grouped, headers, moved, dirty, from_text;
} list;

typedef struct model {
    edgefn_dialect dialect;
    edgefn_event_type type;
    bool parts, request, origin_new, body_new, status_new;
    edgefn_str method, uri, query, client_ip, body, status_text, answer;
    bool base64, replace, answer64, query_is_list, query_read_anew;
    edgefn_origin_kind kind;
    edgefn_str domain, path, region, auth;
    unsigned port, keepalive, read_timeout, completion, tls, status;
    bool https;
    list lists[LISTS];
    const node *result, *req;
    bool changed_any; /* some step changed something */
} model;

static bool changed(const list *l, const field *f)
{
    const field *was = &l->got[f->got < 0 ? 0 : f->got];
    return f->got < 0 || !same(was->value, f->value) || !same(was->attributes, f->attributes);
}

static bool differs(const list *l)
{
    if (l->n != l->got_n) return true;
    for (size_t i = 0; i < l->n; i++)
        if (l->it[i].got != (int)i || changed(l, &l->it[i])) return true;
    return false;
}

static void list_got(list *l, field f)
{
    if (l->got_n == LIST_MAX) abort();
    f.got = (int)l->got_n;
    l->it[l->n++] = l->got[l->got_n++] = f;
}

static void list_clear(list *l)
{
    l->n = l->got_n = l->gone_n = l->hollow_n = 0;
    l->moved = l->dirty = l->from_text = false;
}

static field field_of(edgefn_str name, edgefn_str value)
{
    field f;
    memset(&f, 0, sizeof f);
    f.name = name;
    f.value = value;
    f.got = f.group = -1;
    return f;
}

/* Lists of objects, as received. */
static void read_lambda(list *l, const node *object)
{
    int group = 0;
    list_clear(l);
    l->grouped = l->headers = true;
    for (const node *k = object != NULL ? object->first : NULL; k != NULL; k = k->next, group++) {
        if (k->kind == '[' && k->first == NULL && l->hollow_n < COUNT(l->hollow)) {
            l->hollow[l->hollow_n] = lower_of(k->name);
            l->hollow_group[l->hollow_n++] = group;
        }
        for (const node *e = k->first; e != NULL; e = e->next) {
            field f = field_of(lower_of(k->name), str_of(kid_of(e, "value")));
            f.group = group;
            f.raw = e;
            list_got(l, f);
        }
    }
}

static void read_functions(list *l, const node *object, bool headers, bool grouped)
{
    int group = 0;
    list_clear(l);
    l->grouped = grouped;
    l->headers = headers;
    for (const node *k = object != NULL ? object->first : NULL; k != NULL; k = k->next, group++) {
        const node *multi = kid_of(k, "multiValue");
        for (const node *e = multi != NULL ? multi->first : k; e != NULL;
             e = multi != NULL ? e->next : NULL) {
            field f = field_of(headers ? lower_of(k->name) : k->name, str_of(kid_of(e, "value")));
            f.attributes = str_of(kid_of(e, "attributes"));
            f.group = group;
            f.raw = e;
            list_got(l, f);
        }
    }
}

static edgefn_str trim(edgefn_str s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = text_of(s.ptr + 1, s.len - 1);
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* Makes a field from one pair of a cookie header or query. */
static field pair_of(edgefn_str piece, bool cookie)
{
    const char *eq = piece.len != 0 ? (const char *)memchr(piece.ptr, '=', piece.len) : NULL;
    size_t at = eq != NULL ? (size_t)(eq - piece.ptr) : piece.len;
    field f = field_of(text_of(piece.ptr, at),
                       text_of(piece.ptr + at + (eq != NULL), piece.len - at - (eq != NULL)));
    f.bare = eq == NULL;
    if (cookie && f.bare) f.value = piece, f.name = text_of(piece.ptr, 0);
    if (cookie) f.name = trim(f.name), f.value = trim(f.value);
    return f;
}

static void read_query(list *l, edgefn_str q)
{
    list_clear(l);
    l->grouped = l->headers = false;
    l->from_text = true;
    for (size_t from = 0, end; q.ptr != NULL && from <= q.len; from = end + 1) {
        for (end = from; end < q.len && q.ptr[end] != '&'; end++) {
        }
        if (end > from) list_got(l, pair_of(text_of(q.ptr + from, end - from), false));
    }
}

/* Adds the cookies of one header value. */
static void read_cookies(list *l, edgefn_str v, bool request)
{
    for (size_t from = 0, end; from <= v.len; from = request ? end + 1 : v.len + 1) {
        for (end = from; end < v.len && v.ptr[end] != ';'; end++) {
        }
        edgefn_str piece = trim(text_of(v.ptr + from, end - from));
        if (request && piece.len == 0) continue;
        field f = pair_of(piece, true);
        if (!request && end < v.len) f.attributes = trim(text_of(v.ptr + end + 1, v.len - end - 1));
        list_got(l, f);
    }
}

static void read_view(list *l, const list *headers, bool request)
{
    list_clear(l);
    l->grouped = l->headers = false;
    l->from_text = true;
    for (size_t i = 0; i < headers->n; i++)
        if (same(headers->it[i].name, request ? S("cookie") : S("set-cookie")))
            read_cookies(l, headers->it[i].value, request);
}

static void model_origin(model *m, const node *origin)
{
    static const char *const names[] = { "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2" };
    const node *c = kid_of(origin, "custom"), *s = kid_of(origin, "s3"), *o = c != NULL ? c : s,
               *tls = kid_of(o, "sslProtocols");
    if (o == NULL) return;
    m->kind = c != NULL ? EDGEFN_ORIGIN_CUSTOM : EDGEFN_ORIGIN_S3;
    m->domain = str_of(kid_of(o, "domainName"));
    m->path = str_of(kid_of(o, "path"));
    m->region = str_of(kid_of(o, "region"));
    m->auth = str_of(kid_of(o, "authMethod"));
    m->port = num_of(kid_of(o, "port"));
    m->keepalive = num_of(kid_of(o, "keepaliveTimeout"));
    m->read_timeout = num_of(kid_of(o, "readTimeout"));
    m->completion = num_of(kid_of(o, "responseCompletionTimeout"));
    m->https = same(str_of(kid_of(o, "protocol")), S("https"));
    for (const node *t = tls != NULL ? tls->first : NULL; t != NULL; t = t->next)
        for (unsigned i = 0; i < COUNT(names); i++)
            if (same(t->str, edgefn_cstr(names[i]))) m->tls |= 1u << i;
    read_lambda(&m->lists[O], kid_of(o, "customHeaders"));
}

static void model_read(model *m, const node *root)
{
    const node *records = kid_of(root, "Records");
    bool lambda = records != NULL;
    const node *cf = lambda ? kid_of(records->first, "cf") : root,
               *config = kid_of(cf, lambda ? "config" : "context");
    const node *req = kid_of(cf, "request"), *res = kid_of(cf, "response"), *body;
    edgefn_str type = str_of(kid_of(config, "eventType"));
    memset(m, 0, sizeof *m);
    m->dialect = lambda ? EDGEFN_DIALECT_LAMBDA : EDGEFN_DIALECT_FUNCTIONS;
    for (int t = EDGEFN_VIEWER_REQUEST; t <= EDGEFN_VIEWER_RESPONSE; t++)
        if (same(type, edgefn_cstr(edgefn_event_type_name((edgefn_event_type)t))))
            m->type = (edgefn_event_type)t;
    m->request = m->type == EDGEFN_VIEWER_REQUEST || m->type == EDGEFN_ORIGIN_REQUEST;
    m->req = req;
    m->result = m->request ? req : res;
    m->method = str_of(kid_of(req, "method"));
    m->uri = str_of(kid_of(req, "uri"));
    m->query = str_of(kid_of(req, "querystring"));
    m->client_ip =
        lambda ? str_of(kid_of(req, "clientIp")) : str_of(kid_of(kid_of(cf, "viewer"), "ip"));
    m->status = num_of(kid_of(res, lambda ? "status" : "statusCode"));
    m->status_text = str_of(kid_of(res, "statusDescription"));
    body = kid_of(req, "body");
    if (lambda && body != NULL) {
        m->body = str_of(kid_of(body, "data"));
        m->base64 = same(str_of(kid_of(body, "encoding")), S("base64"));
        m->replace = same(str_of(kid_of(body, "action")), S("replace"));
    }
    body = kid_of(res, "body");
    if (body != NULL && body->kind == '{') {
        m->answer = str_of(kid_of(body, "data"));
        m->answer64 = same(str_of(kid_of(body, "encoding")), S("base64"));
    }
    if (lambda) {
        read_lambda(&m->lists[H], kid_of(req, "headers"));
        read_lambda(&m->lists[R], kid_of(res, "headers"));
        m->lists[O].grouped = m->lists[O].headers = true;
        model_origin(m, kid_of(req, "origin"));
    } else {
        read_functions(&m->lists[H], kid_of(req, "headers"), true, true);
        read_functions(&m->lists[R], kid_of(res, "headers"), true, true);
        read_functions(&m->lists[Q], kid_of(req, "querystring"), false, false);
        read_functions(&m->lists[C], kid_of(req, "cookies"), false, true);
        read_functions(&m->lists[SC], kid_of(res, "cookies"), false, true);
        m->query_is_list = m->query.ptr == NULL;
    }
}

/* Returns a list in its present state: views are parsed again as long as they are unchanged. */
static list *list_now(model *m, int k)
{
    list *l = &m->lists[k];
    if (l->dirty) return l;
    if (k == Q && !m->query_is_list) read_query(l, m->query);
    if (m->dialect == EDGEFN_DIALECT_FUNCTIONS) return l;
    if (k == C) read_view(l, &m->lists[H], true);
    if (k == SC) read_view(l, &m->lists[R], false);
    return l;
}

/*--- the functions that edit lists ------------------------------------------------------------------------------------*/

static bool name_is(const list *l, const field *f, edgefn_str name)
{
    return same(f->name, l->headers ? lower_of(name) : name);
}

static size_t nth_of(const list *l, edgefn_str name, size_t nth)
{
    size_t i = 0;
    for (; i < l->n; i++)
        if (name_is(l, &l->it[i], name) && nth-- == 0) break;
    return i;
}

static void cut_at(list *l, size_t i)
{
    if (l->it[i].got >= 0) l->gone[l->gone_n++] = l->got[l->it[i].got];
    memmove(&l->it[i], &l->it[i + 1], (l->n - i - 1) * sizeof l->it[0]);
    l->n--;
    l->dirty = true;
}

/* Revives the removed field of that name after the position `behind`; the received order
   decides, not the order of removal. */
static bool take_back(list *l, field *f, int behind)
{
    size_t best = l->gone_n;
    for (size_t i = 0; i < l->gone_n; i++)
        if (l->gone[i].got > behind && same(l->gone[i].name, f->name)
            && (best == l->gone_n || l->gone[i].got < l->gone[best].got))
            best = i;
    if (best == l->gone_n) return false;
    edgefn_str value = f->value;
    *f = l->gone[best];
    f->value = value;
    f->attributes = edgefn_cstr(NULL);
    memmove(&l->gone[best], &l->gone[best + 1], (l->gone_n - best - 1) * sizeof l->gone[0]);
    l->gone_n--;
    return true;
}

static void list_add(list *l, edgefn_str name, edgefn_str value)
{
    field f = field_of(l->headers ? lower_of(name) : name, value);
    size_t last = l->n, at = l->n;
    if (l->n == LIST_MAX) abort();
    while (l->grouped && last > 0 && !same(l->it[last - 1].name, f.name))
        last--;
    if (l->grouped && last > 0) {
        at = last;
        f.group = l->it[last - 1].group;
        if (l->it[last - 1].got >= 0 && !l->moved) take_back(l, &f, l->it[last - 1].got);
    } else if (l->grouped) {
        bool back = take_back(l, &f, -1);
        for (size_t i = 0; !back && i < l->hollow_n; i++) {
            if (!same(l->hollow[i], f.name)) continue;
            back = true;
            f.group = l->hollow_group[i];
            break;
        }
        if (back && !l->moved)
            for (at = 0; at < l->n && l->it[at].group >= 0 && l->it[at].group < f.group; at++) {
            }
    }
    memmove(&l->it[at + 1], &l->it[at], (l->n - at) * sizeof l->it[0]);
    l->it[at] = f;
    l->n++;
    l->dirty = true;
}

static void list_set_at(list *l, size_t i, edgefn_str value)
{
    if (same(l->it[i].value, value)) return;
    l->it[i].value = value;
    l->dirty = true;
}

static void list_set(list *l, edgefn_str name, edgefn_str value)
{
    size_t i = nth_of(l, name, 0);
    if (i == l->n) {
        list_add(l, name, value);
        return;
    }
    list_set_at(l, i, value);
    for (size_t k = i + 1; k < l->n;)
        if (name_is(l, &l->it[k], name))
            cut_at(l, k);
        else
            k++;
}

static void list_remove(list *l, edgefn_str name)
{
    for (size_t k = 0; k < l->n;)
        if (name_is(l, &l->it[k], name))
            cut_at(l, k);
        else
            k++;
}

static int by_bytes(edgefn_str a, edgefn_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int d = n != 0 ? memcmp(a.ptr, b.ptr, n) : 0;
    return d != 0 ? d : a.len < b.len ? -1 : a.len > b.len;
}

static void list_sort(list *l)
{
    for (size_t i = 1; i < l->n; i++)
        for (size_t k = i; k > 0 && by_bytes(l->it[k - 1].name, l->it[k].name) > 0; k--) {
            field f = l->it[k];
            l->it[k] = l->it[k - 1];
            l->it[k - 1] = f;
            l->moved = l->dirty = true;
        }
}

/* Returns the query text of a list. */
static edgefn_str query_text(const list *l)
{
    slow_text t = slow_begin();
    for (size_t i = 0; i < l->n; i++) {
        const field *f = &l->it[i];
        if (i != 0) slow_puts(&t, "&");
        slow_put(&t, f->name.ptr, f->name.len);
        if (!(l->from_text && f->bare && !changed(l, f))) slow_puts(&t, "=");
        slow_put(&t, f->value.ptr, f->value.len);
    }
    return slow_end(&t);
}

static edgefn_str query_now(model *m)
{
    const list *l = &m->lists[Q];
    if ((l->dirty && differs(l)) || m->query_is_list) return query_text(list_now(m, Q));
    return m->query;
}

/* Writes one spelling for all that RFC 3986 treats as equivalent. */
static void put_alike(slow_text *t, edgefn_str s, const char *keep)
{
    static const char hex[] = "0123456789ABCDEFabcdef";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool coded = c == '%' && i + 2 < s.len + 0 && s.ptr[i + 1] && strchr(hex, s.ptr[i + 1])
                     && s.ptr[i + 2] && strchr(hex, s.ptr[i + 2]);
        char two[3] = { coded ? s.ptr[i + 1] : '0', coded ? s.ptr[i + 2] : '0', '\0' }, out[4];
        if (coded) c = (unsigned char)strtoul(two, NULL, 16);
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
                     || (c != 0 && strchr("-._~", c));
        snprintf(out, sizeof out, "%%%02X", c);
        if (plain || (!coded && c != 0 && strchr(keep, c)))
            slow_put(t, (const char *)&c, 1);
        else
            slow_puts(t, out);
        if (coded) i += 2;
    }
}

static void model_normalize(model *m)
{
    edgefn_str was = query_now(m);
    list l;
    list_clear(&l);
    read_query(&l, was);
    for (size_t i = 0; i < l.n; i++) {
        slow_text t = slow_begin();
        put_alike(&t, l.it[i].name, "!$'()*+,;:@/");
        l.it[i].name = slow_end(&t);
        t = slow_begin();
        put_alike(&t, l.it[i].value, "!$'()*+,;:@/?=");
        l.it[i].value = slow_end(&t);
        l.got[i].value = l.it[i].value; /* unchanged: stays without '=' */
    }
    list_sort(&l);
    edgefn_str text = query_text(&l);
    if (same(text, was) || (was.ptr == NULL && text.len == 0)) return;
    m->query = text;
    m->query_is_list = false;
    m->lists[Q].dirty = false;
    read_query(&m->lists[Q], text);
    m->lists[Q].dirty = true; /* the assigned text is no longer valid */
    m->query_read_anew = true;
}

/*--- what must be written ---------------------------------------------------------------------------------------------*/

static bool equal_text(const char *what, const node *is, edgefn_str must)
{
    return is != NULL ? wrong_str(what, is->whole, must) : wrong("%s: is absent", what);
}

/* True if `out` is the received element with another value and is otherwise unchanged. */
static bool check_changed(const node *in, const node *out, const field *f)
{
    const node *a = in->first, *b = out->first;
    for (; a != NULL && b != NULL; a = a->next, b = b->next) {
        bool value = same(a->name, S("value"));
        if (!wrong_str("a member's name", b->raw_name, a->raw_name)) return false;
        if (value ? !wrong_str("changed value", str_of(b), f->value)
                  : !wrong_str("member next to a changed value", b->whole, a->whole))
            return false;
    }
    return (a == NULL && b == NULL)
           || wrong("an element with a changed value lost or got members: %.*s",
                    EDGEFN_FMT(out->raw));
}

static bool check_element(const list *l, const node *out, const field *f, bool fresh)
{
    const node *key = kid_of(out, "key");
    if (out->kind != '{') return wrong("an element is not an object: %.*s", EDGEFN_FMT(out->raw));
    if (!fresh && f->got >= 0 && !changed(l, f))
        return wrong_str("kept element", out->raw, f->raw->raw);
    if (!fresh && f->got >= 0) return check_changed(f->raw, out, f);
    if (!wrong_str("added value", str_of(kid_of(out, "value")), f->value)) return false;
    if (key != NULL && !wrong_str("key of an added value", lower_of(str_of(key)), f->name))
        return false;
    return out->count == 1u + (key != NULL)
           || wrong("an added element has other members: %.*s", EDGEFN_FMT(out->raw));
}

static bool check_lambda_name(const list *l, const node *out, size_t from, size_t count, bool fresh)
{
    const node *e = out->first;
    if (out->kind != '[' || out->count != count)
        return wrong("%.*s has %zu values, must have %zu", EDGEFN_FMT(out->name), out->count,
                     count);
    for (size_t i = from; i < from + count; i++, e = e->next)
        if (!check_element(l, e, &l->it[i], fresh)) return false;
    return true;
}

/* Checks one name of CloudFront Functions: its values, and its unknown members. */
static bool check_functions_name(const list *l, const node *in, const node *out, size_t from,
                                 size_t count)
{
    const node *multi = kid_of(out, "multiValue"), *e = multi != NULL ? multi->first : out;
    bool kept = in != NULL;
    if (out->kind != '{') return wrong("%.*s is not an object", EDGEFN_FMT(out->name));
    for (size_t i = 0, received = 0; kept && i < l->got_n + count; i++) {
        if (i < l->got_n)
            received += l->got[i].group == l->it[from].group;
        else
            kept = l->it[from + i - l->got_n].got >= 0 && !changed(l, &l->it[from + i - l->got_n])
                   && received == count;
    }
    if (kept) return equal_text("kept name", out, in->whole);
    if (multi != NULL ? multi->count != count : count != 1)
        return wrong("%.*s does not have %zu values", EDGEFN_FMT(out->name), count);
    if (!wrong_str("value next to multiValue", str_of(kid_of(out, "value")), l->it[from].value))
        return false;
    for (size_t i = from; i < from + count; i++, e = multi != NULL ? e->next : NULL) {
        if (!wrong_str("value", str_of(kid_of(e, "value")), l->it[i].value)) return false;
        if (!wrong_str("attributes", str_of(kid_of(e, "attributes")), l->it[i].attributes))
            return false;
    }
    for (const node *k = in != NULL ? in->first : NULL; k != NULL; k = k->next) {
        if (same(k->name, S("value")) || same(k->name, S("attributes"))
            || same(k->name, S("multiValue")))
            continue;
        const node *o = out->first;
        while (o != NULL && !same(o->name, k->name))
            o = o->next;
        if (!equal_text("unknown member of an item", o, k->whole)) return false;
    }
    return true;
}

/* Where the object of a list is written. */
typedef enum put_where {
    IN_PLACE,  /* where it was received */
    ELSEWHERE, /* in another object, received names with their text */
    FRESH      /* nothing of it was received as text */
} put_where;

/* Checks the object of a list. apart: a header that has a list of its own, or absent. */
static bool check_list(const model *m, const list *l, const node *in, const node *out,
                       edgefn_str apart, put_where where)
{
    const node *o = out != NULL ? out->first : NULL;
    int groups = in != NULL ? (int)in->count : 0;
    bool fresh = where == FRESH;
    bool moved = where == ELSEWHERE || (l->moved && differs(l));
    if (out != NULL && out->kind != '{') return wrong("a list is not an object");
    if (where == IN_PLACE && in != NULL && !differs(l) && apart.ptr == NULL)
        return equal_text("untouched list", out, in->whole);
    for (int g = moved || fresh ? groups : 0; g <= groups; g++) {
        const node *name = in != NULL ? in->first : NULL;
        for (int k = 0; k < g && name != NULL; k++)
            name = name->next;
        if (g == groups) name = NULL;
        bool hollow = name != NULL && name->kind == '[' && name->count == 0, found = false;
        for (size_t i = 0, end; i < l->n; i = end) {
            for (end = i + 1; end < l->n && same(l->it[end].name, l->it[i].name); end++) {
            }
            if (apart.ptr != NULL && same(l->it[i].name, apart)) continue;
            if (!moved && !fresh && (g == groups ? l->it[i].group >= 0 : l->it[i].group != g))
                continue;
            const node *from = NULL;
            if (l->it[i].group >= 0 && !fresh) {
                from = in->first;
                for (int k = 0; k < l->it[i].group; k++)
                    from = from->next;
            }
            while (o != NULL
                   && ((apart.ptr != NULL && same(lower_of(o->name), apart))
                       || (moved && o->kind == '[' && o->count == 0)))
                o = o->next;
            if (o == NULL) return wrong("not written: %.*s", EDGEFN_FMT(l->it[i].name));
            if (!wrong_str("name", l->headers ? lower_of(o->name) : o->name, l->it[i].name))
                return false;
            /* names are written in lower case */
            bool filled = from != NULL && from->kind == '[' && from->count == 0;
            if (filled && !wrong_str("new name", o->name, l->it[i].name)) return false;
            if (from != NULL && !filled && !wrong_str("received name", o->raw_name, from->raw_name))
                return false;
            bool good = m->dialect == EDGEFN_DIALECT_LAMBDA
                            ? check_lambda_name(l, o, i, end - i, fresh)
                            : check_functions_name(l, fresh ? NULL : from, o, i, end - i);
            if (!good) return false;
            o = o->next;
            found = true;
        }
        if (!hollow || found || moved || (apart.ptr != NULL && same(lower_of(name->name), apart)))
            continue;
        while (o != NULL && apart.ptr != NULL && same(lower_of(o->name), apart))
            o = o->next;
        if (!equal_text("name without values", o, name->whole)) return false;
        o = o->next;
    }
    while (o != NULL
           && ((apart.ptr != NULL && same(lower_of(o->name), apart))
               || (moved && o->kind == '[' && o->count == 0)))
        o = o->next;
    return o == NULL || wrong("%.*s is written, but was not set", EDGEFN_FMT(o->name));
}

/* Checks the cookies of all headers of that name. */
static bool check_cookies(const list *l, const node *headers, bool request)
{
    static list read;
    list_clear(&read);
    for (const node *k = headers != NULL ? headers->first : NULL; k != NULL; k = k->next)
        if (same(lower_of(k->name), request ? S("cookie") : S("set-cookie")))
            for (const node *e = k->first; e != NULL; e = e->next)
                read_cookies(&read, str_of(kid_of(e, "value")), request);
    for (size_t i = 0; i < l->n || i < read.n; i++) {
        if (i >= l->n || i >= read.n)
            return wrong("%zu cookies are written, must be %zu", read.n, l->n);
        if (!wrong_str("cookie's name", read.it[i].name, l->it[i].name)) return false;
        if (!wrong_str("cookie's value", read.it[i].value, l->it[i].value)) return false;
        if (!wrong_str("cookie's attributes", read.it[i].attributes, l->it[i].attributes))
            return false;
    }
    return true;
}

static bool check_string(const node *in, const node *out, const char *name, edgefn_str value)
{
    const node *a = kid_of(in, name), *b = kid_of(out, name);
    if (a != NULL && same(str_of(a), value)) return equal_text(name, b, a->whole);
    if (a == NULL && value.ptr == NULL)
        return b == NULL || wrong("%s is written, but was not set", name);
    if (a != NULL && b != NULL && !wrong_str("name of a changed member", b->raw_name, a->raw_name))
        return false;
    return wrong_str(name, str_of(b), value);
}

static bool check_number(const node *in, const node *out, const char *name, unsigned value,
                         bool quoted)
{
    const node *a = kid_of(in, name), *b = kid_of(out, name);
    if (a != NULL && num_of(a) == value) return equal_text(name, b, a->whole);
    if (a == NULL && value == 0) return b == NULL || wrong("%s is written, but was not set", name);
    if (b == NULL || (b->kind == '"') != quoted || num_of(b) != value)
        return wrong("%s must be %u", name, value);
    return true;
}

/* Checks the unknown members, and the order of all members. */
static bool check_others(const node *in, const node *out, const char *const *known)
{
    const node *b = out->first;
    for (const node *a = in->first; a != NULL; a = a->next, b = b->next) {
        bool mine = false;
        if (b == NULL) return wrong("member %.*s is lost", EDGEFN_FMT(a->name));
        if (!wrong_str("member's name", b->raw_name, a->raw_name)) return false;
        for (const char *const *k = known; *k != NULL; k++)
            mine |= same(a->name, edgefn_cstr(*k));
        if (!mine && !equal_text("unknown member", b, a->whole)) return false;
    }
    for (; b != NULL; b = b->next) {
        bool mine = false;
        for (const char *const *k = known; *k != NULL; k++)
            mine |= same(b->name, edgefn_cstr(*k));
        if (!mine) return wrong("unknown member %.*s is written", EDGEFN_FMT(b->name));
    }
    return true;
}

static bool check_tls(const node *in, const node *out, unsigned tls)
{
    static model now;
    slow_text t = slow_begin();
    slow_puts(&t, "{\"custom\":{\"sslProtocols\":");
    const node *b = kid_of(out, "sslProtocols"), *a = kid_of(in, "sslProtocols");
    if (b == NULL) return (a == NULL && tls == 0) || wrong("sslProtocols are not written");
    slow_put(&t, b->raw.ptr, b->raw.len);
    slow_puts(&t, "}}");
    memset(&now, 0, sizeof now);
    model_origin(&now, slow_tree(slow_end(&t)));
    return now.tls == tls || wrong("sslProtocols: %u, must be %u", now.tls, tls);
}

static bool check_origin(model *m, const node *in, const node *out)
{
    static const char *const known[] = { "domainName",    "path",
                                         "port",          "keepaliveTimeout",
                                         "readTimeout",   "responseCompletionTimeout",
                                         "protocol",      "sslProtocols",
                                         "region",        "authMethod",
                                         "customHeaders", NULL };
    bool custom = m->kind == EDGEFN_ORIGIN_CUSTOM;
    const node *a = m->origin_new ? NULL : kid_of(in, custom ? "custom" : "s3"),
               *b = kid_of(out, custom ? "custom" : "s3");
    edgefn_str none = { NULL, 0 };
    if (m->kind == EDGEFN_ORIGIN_NONE) return out == NULL || wrong("an origin is written");
    if (b == NULL) return wrong("the origin is not written");
    if (a != NULL && !check_others(a, b, known)) return false;
    if (!check_string(a, b, "domainName", m->domain) || !check_string(a, b, "path", m->path))
        return false;
    if (!check_number(a, b, "readTimeout", m->read_timeout, false)) return false;
    if (!check_number(a, b, "responseCompletionTimeout", m->completion, false)) return false;
    if (custom
        && (!check_number(a, b, "port", m->port, false)
            || !check_number(a, b, "keepaliveTimeout", m->keepalive, false)))
        return false;
    /* an absent protocol is not https */
    bool no_protocol = a != NULL && kid_of(a, "protocol") == NULL && !m->https;
    if (custom
        && (!check_string(a, b, "protocol",
                          no_protocol ? none
                          : m->https  ? S("https")
                                      : S("http"))
            || !check_tls(a, b, m->tls)))
        return false;
    if (!custom
        && (!check_string(a, b, "region", m->region) || !check_string(a, b, "authMethod", m->auth)))
        return false;
    a = kid_of(in, "custom") != NULL ? kid_of(in, "custom") : kid_of(in, "s3");
    return check_list(m, &m->lists[O], kid_of(a, "customHeaders"), kid_of(b, "customHeaders"), none,
                      m->parts        ? FRESH
                      : m->origin_new ? ELSEWHERE
                                      : IN_PLACE);
}

static bool check_body(const model *m, const node *in, const node *out)
{
    static const char *const known[] = { "action", "encoding", "data", NULL };
    if (in == NULL && m->body.ptr == NULL) return out == NULL || wrong("a body is written");
    if (out == NULL) return wrong("the body is not written");
    if (in != NULL && !check_others(in, out, known)) return false;
    return check_string(in, out, "data", m->body)
           && check_string(in, out, "encoding", m->base64 ? S("base64") : S("text"))
           && check_string(in, out, "action", m->replace ? S("replace") : S("read-only"));
}

static bool check_request(model *m, const node *in, const node *out)
{
    static const char *const known[] = { "method",  "uri",  "querystring", "clientIp", "headers",
                                         "cookies", "body", "origin",      NULL };
    bool lambda = m->dialect == EDGEFN_DIALECT_LAMBDA;
    edgefn_str none = { NULL, 0 }, apart = lambda && m->lists[C].dirty ? S("cookie") : none;
    const node *q = kid_of(in, "querystring");
    if (in != NULL && !check_others(in, out, known)) return false;
    if (!check_string(in, out, "method", m->method) || !check_string(in, out, "uri", m->uri))
        return false;
    if (lambda && !check_string(in, out, "clientIp", m->client_ip)) return false;
    if (m->query_is_list && !differs(&m->lists[Q])) {
        if (q != NULL && !equal_text("querystring", kid_of(out, "querystring"), q->whole))
            return false;
    } else if (m->parts) {
        if (!wrong_str("querystring", str_of(kid_of(out, "querystring")),
                       query_now(m).ptr ? query_now(m) : S("")))
            return false;
    } else if (!check_string(in, out, "querystring", query_now(m))) {
        return false;
    }
    put_where where = m->parts ? FRESH : IN_PLACE;
    if (!check_list(m, &m->lists[H], kid_of(in, "headers"), kid_of(out, "headers"), apart, where))
        return false;
    if (!lambda)
        return check_list(m, &m->lists[C], kid_of(in, "cookies"), kid_of(out, "cookies"), none,
                          where);
    if (apart.ptr != NULL && !check_cookies(&m->lists[C], kid_of(out, "headers"), true))
        return false;
    return check_body(m, kid_of(in, "body"), kid_of(out, "body"))
           && check_origin(m, kid_of(in, "origin"), kid_of(out, "origin"));
}

/* Checks a generated or received response. */
static bool check_response(model *m, const node *in, const node *out)
{
    static const char *const known[] = { "status",  "statusCode", "statusDescription", "headers",
                                         "cookies", "body",       "bodyEncoding",      NULL };
    bool lambda = m->dialect == EDGEFN_DIALECT_LAMBDA;
    put_where where = in == NULL || m->parts ? FRESH : IN_PLACE;
    edgefn_str none = { NULL, 0 }, apart = lambda && m->lists[SC].dirty ? S("set-cookie") : none;
    const node *a = kid_of(in, "body"), *b = kid_of(out, "body");
    if (in != NULL && !check_others(in, out, known)) return false;
    if (!check_number(in, out, lambda ? "status" : "statusCode", m->status, lambda)) return false;
    if (!check_string(in, out, "statusDescription", m->status_text)) return false;
    if (!check_list(m, &m->lists[R], kid_of(in, "headers"), kid_of(out, "headers"), apart, where))
        return false;
    if (apart.ptr != NULL && !check_cookies(&m->lists[SC], kid_of(out, "headers"), false))
        return false;
    if (lambda) {
        if (!check_string(in, out, "body", m->answer)) return false;
        bool base64 = same(str_of(kid_of(out, "bodyEncoding")), S("base64"));
        return base64 == m->answer64 || wrong("bodyEncoding");
    }
    if (!check_list(m, &m->lists[SC], kid_of(in, "cookies"), kid_of(out, "cookies"), none, where))
        return false;
    if (a != NULL && same(str_of(kid_of(a, "data")), m->answer))
        return equal_text("body", b, a->whole);
    if (m->answer.ptr == NULL) return b == NULL || wrong("a body is written");
    if (!wrong_str("body's encoding", str_of(kid_of(b, "encoding")),
                   m->answer64 ? S("base64") : S("text")))
        return false;
    return wrong_str("body", str_of(kid_of(b, "data")), m->answer);
}

/*--- programs ---------------------------------------------------------------------------------------------------------*/

typedef enum verb {
    V_SET,
    V_ADD,
    V_REMOVE,
    V_SET_NTH,
    V_REMOVE_NTH,
    V_REMOVE_PREFIX,
    V_KEEP_ONLY,
    V_REMOVE_IF,
    V_SORT,
    V_ATTRIBUTES,
    V_SET_CONST,
    V_VIEW,
    V_URI,
    V_URI_ASSIGN,
    V_METHOD,
    V_CLIENT_IP,
    V_QUERY_RAW,
    V_QUERY_ASSIGN,
    V_NORMALIZE,
    V_BODY,
    V_BODY_DROP,
    V_STATUS,
    V_RESPOND,
    V_RESPOND_BODY,
    V_REDIRECT_TO,
    V_ERROR_PAGE,
    V_ORIGIN_CUSTOM,
    V_ORIGIN_S3,
    V_DOMAIN,
    V_PATH,
    V_PORT,
    V_KEEPALIVE,
    V_READ_TIMEOUT,
    V_COMPLETION,
    V_HTTPS,
    V_TLS,
    V_REGION,
    V_AUTH,
    V_COUNT
} verb;

typedef struct step {
    verb verb;
    int list;
    unsigned at, look;
    edgefn_str name, value;
} step;

#define PROGRAM_MAX 12
typedef struct program {
    edgefn_str json;
    step steps[PROGRAM_MAX];
    size_t n;
    unsigned last_look, cut;
} program;

static void say_str(edgefn_str s)
{
    if (s.ptr == NULL) {
        printf("absent");
        return;
    }
    printf("\"");
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < 0x20 || c > 0x7e)
            printf("\\%03o", c);
        else
            printf(c == '"' || c == '\\' ? "\\%c" : "%c", c);
    }
    printf("\"");
}

enum { LOOK_CHECK = 4 };

static const char *const look_says[] = {
    "",
    "edgefn_write(ev, NULL, 0, &skip);",
    "edgefn_write_spans(ev, NULL, 0, &skip);",
    "edgefn_write_spans(ev, spans, 1, &skip);",
    "edgefn_check(ev, absent, findings, 4);",
    "edgefn_outcome_of(ev, &skip);",
    "edgefn_query_text(ev);",
    "edgefn_changed(ev, EDGEFN_MEMBER_URI) and all the others;",
    "edgefn_finish(ev, &skip);",
    "edgefn_write(ev, buf, 10, &skip);",
    "edgefn_query(ev), edgefn_cookies(ev), edgefn_response_cookies(ev);"
};

static void say_step(const step *s)
{
    static const char *const calls[V_COUNT] = { "edgefn_set(L, N, V)",
                                                "edgefn_add(L, N, V)",
                                                "edgefn_remove(L, N)",
                                                "edgefn_set_at(L, I, V)",
                                                "edgefn_remove_at(L, I)",
                                                "edgefn_remove_prefix(L, N)",
                                                "edgefn_keep_only(L, [N, V], 2)",
                                                "edgefn_remove_if(L, value_is, V)",
                                                "edgefn_sort(L)",
                                                "edgefn_set_attributes_at(L, I, V)",
                                                "edgefn_set_const(L, [N: V and x-const, I])",
                                                "L",
                                                "edgefn_uri_set(ev, V)",
                                                "ev->request.uri = V",
                                                "ev->request.method = V",
                                                "ev->request.client_ip = V",
                                                "edgefn_query_set_raw(ev, V)",
                                                "ev->request.querystring = V",
                                                "edgefn_query_normalize(ev, NULL)",
                                                "edgefn_body_replace(ev, V, 0)",
                                                "edgefn_body_drop(ev)",
                                                "edgefn_status_set(ev, I, absent)",
                                                "edgefn_respond(ev, I, NULL)",
                                                "edgefn_respond(ev, I, {.body = V})",
                                                "edgefn_redirect_to(ev, V, NULL)",
                                                "edgefn_error_page(ev, I)",
                                                "edgefn_origin_custom(ev, {.domain = V})",
                                                "edgefn_origin_s3(ev, {.domain = V})",
                                                "ev->request.origin.domain = V",
                                                "ev->request.origin.path = V",
                                                "ev->request.origin.port = I",
                                                "ev->request.origin.keepalive_s = I",
                                                "ev->request.origin.read_timeout_s = I",
                                                "ev->request.origin.completion_timeout_s = I",
                                                "ev->request.origin.https = I",
                                                "ev->request.origin.tls = I",
                                                "ev->request.origin.region = V",
                                                "ev->request.origin.auth_method = V" };
    const char *c = calls[s->verb];
    printf("    ");
    if (s->look != 0) printf("%s\n    ", look_says[s->look]);
    for (; *c != '\0'; c++) {
        bool word = (c[1] >= 'a' && c[1] <= 'z') || (c[1] >= 'A' && c[1] <= 'Z')
                    || (c != calls[s->verb] && c[-1] != '(' && c[-1] != ' ' && c[-1] != '[');
        if (word && *c != 'L')
            printf("%c", *c);
        else if (*c == 'L' && !word)
            printf("%s", list_says[s->list]);
        else if (*c == 'N')
            say_str(s->name);
        else if (*c == 'V')
            say_str(s->value);
        else if (*c == 'I'
                 && (s->verb == V_SET_NTH || s->verb == V_REMOVE_NTH || s->verb == V_ATTRIBUTES)) {
            printf("number %u of ", s->at);
            say_str(s->name);
        } else if (*c == 'I')
            printf("%u", s->at);
        else
            printf("%c", *c);
    }
    printf(";\n");
}

static void say_program(const program *p)
{
    printf("    event: ");
    say_str(p->json);
    printf("\n");
    for (size_t i = 0; i < p->n; i++)
        say_step(&p->steps[i]);
    if (p->last_look != 0) printf("    %s\n", look_says[p->last_look]);
}

static const edgefn_write_opts skip = { .skip_check = true };

/* Calls functions that only read, as far as a handler can see. */
static void look(edgefn_event *ev, unsigned which)
{
    edgefn_str spans[1], absent = { NULL, 0 };
    edgefn_finding findings[4];
    char buf[10];
    switch (which) {
    case 1: edgefn_write(ev, NULL, 0, &skip); break;
    case 2: edgefn_write_spans(ev, NULL, 0, &skip); break;
    case 3: edgefn_write_spans(ev, spans, 1, &skip); break;
    case LOOK_CHECK: edgefn_check(ev, absent, findings, 4); break;
    case 5: edgefn_outcome_of(ev, &skip); break;
    case 6: edgefn_query_text(ev); break;
    case 7:
        for (int m = 0; m <= EDGEFN_MEMBER_COUNT; m++)
            edgefn_changed(ev, (edgefn_member)m);
        edgefn_fields_changed(&ev->request.headers);
        edgefn_fields_changed(&ev->response.headers);
        edgefn_fields_changed(edgefn_query(ev));
        break;
    case 8: edgefn_finish(ev, &skip); break;
    case 9: edgefn_write(ev, buf, sizeof buf, &skip); break;
    case 10: edgefn_query(ev), edgefn_cookies(ev), edgefn_response_cookies(ev); break;
    default: break;
    }
}

static edgefn_fields *fields_of(edgefn_event *ev, int k)
{
    switch (k) {
    case H: return &ev->request.headers;
    case R: return &ev->response.headers;
    case O: return &ev->request.origin.headers;
    case Q: return edgefn_query(ev);
    case C: return edgefn_cookies(ev);
    default: return edgefn_response_cookies(ev);
    }
}

static bool value_is(const edgefn_field *f, void *user)
{
    return edgefn_str_eq(f->value, *(const edgefn_str *)user);
}

/* True if this step would change the headers of a changed list of cookies: the result must be
   EDGEFN_E_CONFLICT. */
static bool is_raw_cookie(const model *m, const step *s)
{
    const list *l = &m->lists[s->list];
    if (s->list != H && s->list != R) return false;
    edgefn_str cookie = s->list == H ? S("cookie") : S("set-cookie");
    bool touches = same(lower_of(s->name), cookie) && s->verb != V_KEEP_ONLY;
    for (size_t i = 0; !touches && i < l->n; i++) {
        const field *f = &l->it[i];
        if (!same(f->name, cookie)) continue;
        if (s->verb == V_REMOVE_PREFIX)
            touches = s->name.len <= f->name.len
                      && same(text_of(f->name.ptr, s->name.len), lower_of(s->name));
        if (s->verb == V_KEEP_ONLY)
            touches = !same(lower_of(s->name), cookie) && !same(lower_of(s->value), cookie);
        if (s->verb == V_REMOVE_IF) touches = true;
    }
    return touches || s->verb == V_SORT;
}

/* Runs one step in the model. Returns false for a step that makes no sense here, which is then
   skipped. */
static bool model_list_step(model *m, const step *s)
{
    list *l = list_now(m, s->list);
    size_t i = nth_of(l, s->name, s->at);
    bool cookie_name =
        same(lower_of(s->name), S("cookie")) || same(lower_of(s->name), S("set-cookie"));
    bool request_list = s->list != R && s->list != SC;
    if (request_list ? !m->request : m->status == 0) return false;
    if (s->list == O && m->kind == EDGEFN_ORIGIN_NONE) return false;
    if (s->list == Q && s->name.len == 0) return false;
    if (m->dialect == EDGEFN_DIALECT_FUNCTIONS && l->headers && cookie_name) return false;
    if (m->dialect == EDGEFN_DIALECT_LAMBDA && s->list == H && m->lists[C].dirty
        && is_raw_cookie(m, s))
        return false;
    if (m->dialect == EDGEFN_DIALECT_LAMBDA && s->list == R && m->lists[SC].dirty
        && is_raw_cookie(m, s))
        return false;
    switch (s->verb) {
    case V_SET: list_set(l, s->name, s->value); break;
    case V_ADD: list_add(l, s->name, s->value); break;
    case V_REMOVE: list_remove(l, s->name); break;
    case V_SET_NTH:
        if (i == l->n) return false;
        list_set_at(l, i, s->value);
        break;
    case V_REMOVE_NTH:
        if (i == l->n) return false;
        cut_at(l, i);
        break;
    case V_REMOVE_PREFIX:
        for (size_t k = 0; k < l->n;) {
            edgefn_str head =
                text_of(l->it[k].name.ptr,
                        l->it[k].name.len < s->name.len ? l->it[k].name.len : s->name.len);
            if (same(head, l->headers ? lower_of(s->name) : s->name))
                cut_at(l, k);
            else
                k++;
        }
        break;
    case V_KEEP_ONLY:
        for (size_t k = 0; k < l->n;)
            if (!name_is(l, &l->it[k], s->name) && !name_is(l, &l->it[k], s->value))
                cut_at(l, k);
            else
                k++;
        break;
    case V_REMOVE_IF:
        for (size_t k = 0; k < l->n;)
            if (same(l->it[k].value, s->value))
                cut_at(l, k);
            else
                k++;
        break;
    case V_SORT: list_sort(l); break;
    case V_SET_CONST:
        if (s->value.ptr == NULL) return false;
        if (s->at == 1) list_set(l, S("x-const"), S("1"));
        list_set(l, s->name, s->value);
        if (s->at == 2) list_set(l, S("x-const"), S("2"));
        break;
    case V_ATTRIBUTES:
        if (s->list != SC || i == l->n) return false;
        if (same(l->it[i].attributes, s->value)) break;
        l->it[i].attributes = s->value;
        l->dirty = true;
        break;
    default: break;
    }
    return true;
}

static void model_forget_body(model *m)
{
    static const char *const names[] = { "content-encoding",
                                         "content-length",
                                         "content-language",
                                         "content-location",
                                         "content-range",
                                         "content-md5",
                                         "content-disposition",
                                         "content-digest",
                                         "repr-digest",
                                         "digest",
                                         "etag",
                                         "last-modified" };
    list *l = &m->lists[R];
    if (m->request) return;
    for (size_t n = 0; n < COUNT(names); n++)
        for (size_t k = 0; k < l->n;)
            if (name_is(l, &l->it[k], edgefn_cstr(names[n])) && l->it[k].got >= 0
                && !changed(l, &l->it[k]))
                cut_at(l, k);
            else
                k++;
}

static bool model_respond(model *m, unsigned status, edgefn_str body, edgefn_str location)
{
    if (m->dialect == EDGEFN_DIALECT_LAMBDA && m->type == EDGEFN_VIEWER_RESPONSE) return false;
    if (body.len != 0 && status == 204) return false;
    m->changed_any = true;
    if (m->request) {
        bool functions = m->dialect == EDGEFN_DIALECT_FUNCTIONS;
        list_clear(&m->lists[R]);
        list_clear(&m->lists[SC]);
        m->lists[R].grouped = m->lists[R].headers = true;
        m->lists[SC].grouped = functions;
        m->answer = edgefn_cstr(NULL);
        m->answer64 = false;
    }
    m->status = status;
    m->status_text = edgefn_status_text(status);
    if (body.ptr != NULL || !m->request) {
        m->answer = body.ptr != NULL ? body : S("");
        m->answer64 = false;
        model_forget_body(m);
    }
    if (body.ptr != NULL) list_set(&m->lists[R], S("content-type"), S("text/html; charset=utf-8"));
    if (m->type == EDGEFN_ORIGIN_REQUEST) list_set(&m->lists[R], S("cache-control"), S("no-store"));
    if (location.ptr != NULL) list_set(&m->lists[R], S("location"), location);
    return true;
}

static edgefn_str page_of(unsigned status)
{
    slow_text t = slow_begin();
    char title[80];
    edgefn_str text = edgefn_status_text(status);
    snprintf(title, sizeof title, "%u%s%.*s", status, text.len ? " " : "", EDGEFN_FMT(text));
    slow_puts(&t, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
    slow_puts(&t, title);
    slow_puts(&t, "</title></head>\n<body><h1>");
    slow_puts(&t, title);
    slow_puts(&t, "</h1></body></html>\n");
    return slow_end(&t);
}

static bool model_switch(model *m, const step *s, bool custom)
{
    edgefn_str none = { NULL, 0 };
    if (m->type != EDGEFN_ORIGIN_REQUEST) return false;
    m->origin_new = true;
    m->kind = custom ? EDGEFN_ORIGIN_CUSTOM : EDGEFN_ORIGIN_S3;
    m->domain = s->value;
    m->path = S("");
    m->region = custom ? none : S("");
    m->auth = custom ? none : S("none");
    m->https = custom;
    m->port = custom ? 443 : 0;
    m->keepalive = custom ? 5 : 0;
    m->read_timeout = custom ? 30 : 0;
    m->completion = 0;
    m->tls = custom ? EDGEFN_TLS1_2 : 0;
    while (m->lists[O].n > 0)
        cut_at(&m->lists[O], 0);
    list_set(&m->lists[H], S("host"), s->value);
    return true;
}

static bool model_step(model *m, const step *s)
{
    edgefn_str none = { NULL, 0 };
    bool custom = m->kind == EDGEFN_ORIGIN_CUSTOM, s3 = m->kind == EDGEFN_ORIGIN_S3,
         lambda = m->dialect == EDGEFN_DIALECT_LAMBDA;
    bool origin = m->type == EDGEFN_ORIGIN_REQUEST && (custom || s3);
    if (s->verb >= V_DOMAIN && !origin) return false;
    switch (s->verb) {
    case V_VIEW: return true;
    case V_URI:
    case V_URI_ASSIGN:
        if (!m->request) return false;
        m->uri = s->value;
        return true;
    case V_METHOD:
        if (!m->request) return false;
        m->method = s->value;
        return true;
    case V_CLIENT_IP:
        if (!m->request || !lambda) return false;
        m->client_ip = s->value;
        return true;
    case V_QUERY_RAW:
    case V_QUERY_ASSIGN:
        if (!m->request || m->lists[Q].dirty) return false;
        m->query = s->value;
        m->query_is_list = false;
        return true;
    case V_NORMALIZE:
        if (!m->request) return false;
        model_normalize(m);
        return true;
    case V_BODY:
    case V_BODY_DROP:
        if (lambda && m->type == EDGEFN_VIEWER_RESPONSE) return false;
        if (m->status != 0) {
            m->answer = s->verb == V_BODY ? s->value : S("");
            m->answer64 = false;
            model_forget_body(m);
            return true;
        }
        if (!lambda) return false;
        m->body = s->verb == V_BODY ? s->value : S("");
        m->base64 = false;
        m->replace = true;
        return true;
    case V_STATUS:
        if (m->status == 0 || (lambda && m->type == EDGEFN_VIEWER_RESPONSE)) return false;
        m->status = s->at;
        m->status_text = edgefn_status_text(s->at);
        return true;
    case V_RESPOND: return model_respond(m, s->at, none, none);
    case V_RESPOND_BODY: return model_respond(m, s->at, s->value, none);
    case V_REDIRECT_TO: return model_respond(m, 302, none, s->value);
    case V_ERROR_PAGE: return model_respond(m, s->at, s->at == 204 ? none : page_of(s->at), none);
    case V_ORIGIN_CUSTOM: return model_switch(m, s, true);
    case V_ORIGIN_S3: return model_switch(m, s, false);
    case V_DOMAIN: m->domain = s->value; return true;
    case V_PATH: m->path = s->value; return true;
    case V_PORT:
        if (!custom) return false;
        m->port = s->at;
        return true;
    case V_KEEPALIVE:
        if (!custom) return false;
        m->keepalive = s->at;
        return true;
    case V_READ_TIMEOUT: m->read_timeout = s->at; return true;
    case V_COMPLETION: m->completion = s->at; return true;
    case V_HTTPS:
        if (!custom) return false;
        m->https = s->at & 1;
        return true;
    case V_TLS:
        if (!custom) return false;
        m->tls = 1 + s->at % 15;
        return true;
    case V_REGION:
        if (!s3) return false;
        m->region = s->value;
        return true;
    case V_AUTH:
        if (!s3 || (m->region.len == 0 && s->value.len > 4))
            return false; /* an access identity needs a region */
        m->auth = s->value;
        return true;
    default: return model_list_step(m, s);
    }
}

/* Returns the index that a step edits; 0 for steps without an index. */
static size_t step_place(edgefn_event *ev, const step *s)
{
    if (s->verb != V_SET_NTH && s->verb != V_REMOVE_NTH && s->verb != V_ATTRIBUTES) return 0;
    edgefn_fields *f = fields_of(ev, s->list);
    size_t i = edgefn_find(f, s->name, 0);
    for (size_t nth = s->at; nth > 0; nth--)
        i = edgefn_find(f, s->name, i + 1);
    return i;
}

/* edgefn_set_const() with the step's header and, before or after it, another. */
static void set_const(edgefn_fields *f, const step *s)
{
    edgefn_const_header *c = (edgefn_const_header *)slow_take(2 * sizeof *c);
    static const edgefn_const_header before[] = { EDGEFN_CONST_HEADER("x-const", "1") },
                                     after[] = { EDGEFN_CONST_HEADER("x-const", "2") };
    size_t n = 0;
    if (s->at == 1) c[n++] = before[0];
    c[n++] = test_const((char *)slow_take(TEST_CONST_ROOM(s->name, s->value)), s->name, s->value);
    if (s->at == 2) c[n++] = after[0];
    edgefn_set_const(f, c, n);
}

/* Runs the same step on the event, at index i. */
static void event_step_at(edgefn_event *ev, const step *s, size_t i)
{
    edgefn_origin *o = &ev->request.origin;
    edgefn_origin_opts opts;
    edgefn_respond_opts with_body = { .body = s->value };
    edgefn_str names[2] = { s->name, s->value }, none = { NULL, 0 };
    memset(&opts, 0, sizeof opts);
    opts.domain = s->value;
    edgefn_fields *f = s->verb <= V_VIEW ? fields_of(ev, s->list) : NULL;
    switch (s->verb) {
    case V_SET: edgefn_set(f, s->name, s->value); break;
    case V_ADD: edgefn_add(f, s->name, s->value); break;
    case V_REMOVE: edgefn_remove(f, s->name); break;
    case V_SET_NTH: edgefn_set_at(f, i, s->value); break;
    case V_REMOVE_NTH: edgefn_remove_at(f, i); break;
    case V_REMOVE_PREFIX: edgefn_remove_prefix(f, s->name); break;
    case V_KEEP_ONLY: edgefn_keep_only(f, names, 2); break;
    case V_REMOVE_IF: edgefn_remove_if(f, value_is, &names[1]); break;
    case V_SORT: edgefn_sort(f); break;
    case V_SET_CONST: set_const(f, s); break;
    case V_ATTRIBUTES: edgefn_set_attributes_at(f, i, s->value); break;
    case V_URI: edgefn_uri_set(ev, s->value); break;
    case V_URI_ASSIGN: ev->request.uri = s->value; break;
    case V_METHOD: ev->request.method = s->value; break;
    case V_CLIENT_IP: ev->request.client_ip = s->value; break;
    case V_QUERY_RAW: edgefn_query_set_raw(ev, s->value); break;
    case V_QUERY_ASSIGN: ev->request.querystring = s->value; break;
    case V_NORMALIZE: edgefn_query_normalize(ev, NULL); break;
    case V_BODY: edgefn_body_replace(ev, s->value, EDGEFN_ENCODING_DEFAULT); break;
    case V_BODY_DROP: edgefn_body_drop(ev); break;
    case V_STATUS: edgefn_status_set(ev, s->at, none); break;
    case V_RESPOND: edgefn_respond(ev, s->at, NULL); break;
    case V_RESPOND_BODY: edgefn_respond(ev, s->at, &with_body); break;
    case V_REDIRECT_TO: edgefn_redirect_to(ev, s->value, NULL); break;
    case V_ERROR_PAGE: edgefn_error_page(ev, s->at); break;
    case V_ORIGIN_CUSTOM: edgefn_origin_custom(ev, &opts); break;
    case V_ORIGIN_S3: edgefn_origin_s3(ev, &opts); break;
    case V_DOMAIN: o->domain = s->value; break;
    case V_PATH: o->path = s->value; break;
    case V_PORT: o->port = s->at; break;
    case V_KEEPALIVE: o->keepalive_s = s->at; break;
    case V_READ_TIMEOUT: o->read_timeout_s = s->at; break;
    case V_COMPLETION: o->completion_timeout_s = s->at; break;
    case V_HTTPS: o->https = s->at & 1; break;
    case V_TLS: o->tls = 1 + s->at % 15; break;
    case V_REGION: o->region = s->value; break;
    case V_AUTH: o->auth_method = s->value; break;
    default: break;
    }
}

static void event_step(edgefn_event *ev, const step *s)
{
    event_step_at(ev, s, step_place(ev, s));
}

/* The same after a look. An index from before a check is still right after it. */
static void look_and_step(edgefn_event *ev, const step *s)
{
    bool check = s->look == LOOK_CHECK;
    size_t before = check ? step_place(ev, s) : 0;
    look(ev, s->look);
    event_step_at(ev, s, check ? before : step_place(ev, s));
}

/*--- one program, in every way ----------------------------------------------------------------------------------------*/

static unsigned char memory[4][1 << 18];

static bool opened(edgefn_event *ev, edgefn_str json, int block)
{
    size_t size = json.len < 8192 ? 98304 : sizeof memory[0]; /* filling a large block takes long */
    memset(memory[block], 0xA5, size);
    edgefn_parse(ev, json, edgefn_arena_make(memory[block], size), NULL);
    return ev->err.code == EDGEFN_OK
           || wrong("does not parse: %s in %s", edgefn_error_name(ev->err.code), ev->err.where);
}

/* Compares the fields of a list, and their change marks, with the model. */
static bool list_equal(const char *name, const edgefn_fields *f, const list *l, edgefn_str apart,
                       bool marks)
{
    size_t k = 0, i = 0, gone = 0;
    for (;; i++, k++) {
        while (apart.ptr != NULL && i < f->len && same(f->items[i].name, apart))
            i++;
        while (apart.ptr != NULL && k < l->n && same(l->it[k].name, apart))
            k++;
        if (i >= f->len || k >= l->n) break;
        const edgefn_field *e = &f->items[i];
        if (!same(e->name, l->it[k].name) || !same(e->value, l->it[k].value)
            || !same(e->attributes, l->it[k].attributes))
            return wrong("%s[%zu] is %.*s=%.*s<%.*s>, must be %.*s=%.*s<%.*s>", name, i,
                         EDGEFN_FMT(e->name), EDGEFN_FMT(e->value), EDGEFN_FMT(e->attributes),
                         EDGEFN_FMT(l->it[k].name), EDGEFN_FMT(l->it[k].value),
                         EDGEFN_FMT(l->it[k].attributes));
        edgefn_change must = l->it[k].got < 0        ? EDGEFN_CHANGE_ADDED
                             : changed(l, &l->it[k]) ? EDGEFN_CHANGE_EDITED
                                                     : EDGEFN_CHANGE_NONE;
        if (marks && e->change != must)
            return wrong("%s[%zu] %.*s has mark %d, must have %d", name, i, EDGEFN_FMT(e->name),
                         e->change, must);
    }
    if (i < f->len || k < l->n)
        return wrong("%s has %zu fields, must have %zu", name, f->len, l->n);
    if (!marks || apart.ptr != NULL) return true;
    for (i = 0; i < l->gone_n; i++) {
        for (k = 0; k < f->removed_len; k++)
            if (same(f->removed[k].name, l->gone[i].name)
                && same(f->removed[k].value, l->gone[i].value))
                break;
        gone += k < f->removed_len;
    }
    if (f->removed_len != l->gone_n || gone != l->gone_n)
        return wrong("%s: %zu removed, must be %zu", name, f->removed_len, l->gone_n);
    if (edgefn_fields_changed(f) != differs(l)) return wrong("%s: edgefn_fields_changed()", name);
    return true;
}

static bool lists_equal(edgefn_event *ev, model *m, const step *s)
{
    edgefn_str none = { NULL, 0 };
    bool lambda = m->dialect == EDGEFN_DIALECT_LAMBDA;
    if (s->verb <= V_VIEW
        && !list_equal(list_says[s->list], fields_of(ev, s->list), list_now(m, s->list),
                       lambda && s->list == H && m->lists[C].dirty    ? S("cookie")
                       : lambda && s->list == R && m->lists[SC].dirty ? S("set-cookie")
                                                                      : none,
                       s->list != Q || (m->lists[Q].dirty && !m->query_read_anew)))
        return false;
    return true;
}

static bool no_error(const edgefn_event *ev)
{
    return ev->err.code == EDGEFN_OK
           || wrong("%s in %s about %.*s", edgefn_error_name(ev->err.code), ev->err.where,
                    EDGEFN_FMT(ev->err.subject));
}

/* All writers must write the same. */
static bool writers_agree(edgefn_event *ev, edgefn_str must, const edgefn_write_opts *opts)
{
    static char buf[1 << 18];
    static edgefn_str spans[4000];
    size_t n = edgefn_write(ev, buf, sizeof buf, opts), at = 0;
    if (!wrong_str("edgefn_write", text_of(buf, n < sizeof buf ? n : 0), must)) return false;
    n = edgefn_write_spans(ev, NULL, 0, opts);
    if (n == 0 || n > COUNT(spans)) return wrong("edgefn_write_spans: %zu", n);
    if (edgefn_write_spans(ev, spans, n - 1, opts) != n
        || edgefn_write_spans(ev, spans, n, opts) != n)
        return wrong("edgefn_write_spans: another number");
    for (size_t i = 0; i < n; i++) {
        if (spans[i].len > sizeof buf - at) return wrong("edgefn_write_spans: too long");
        if (spans[i].len != 0) memcpy(buf + at, spans[i].ptr, spans[i].len);
        at += spans[i].len;
    }
    if (!wrong_str("edgefn_write_spans", text_of(buf, at), must)) return false;
    return wrong_str("edgefn_finish again", edgefn_finish(ev, opts), must) && no_error(ev);
}

/* Removes findings about the spelling of received names and keys, which are doubtful and only
   found in a text. */
static size_t without_spelling(edgefn_finding *f, size_t n)
{
    size_t to = 0;
    for (size_t i = 0; i < n; i++)
        if (strcmp(f[i].rule->id, "header.key") != 0 && strcmp(f[i].rule->id, "header.case") != 0)
            f[to++] = f[i];
    return to;
}

static bool finding_in(const edgefn_finding *f, const edgefn_finding *g, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(f->rule->id, g[i].rule->id) == 0 && edgefn_str_ieq(f->subject, g[i].subject))
            return true;
    return false;
}

/* edgefn_check() must find the same in the edited event and in its text; edgefn_finish() must
   refuse what it refuses. */
static bool checked_alike(edgefn_event *edited, edgefn_str json, edgefn_str text)
{
    edgefn_finding a[64], b[64];
    edgefn_str absent = { NULL, 0 };
    edgefn_event other;
    size_t n = edgefn_check(edited, absent, a, 64), k, refused = 0;
    if (!opened(&other, json, 3)) return false;
    k = edgefn_check(&other, text, b, 64);
    if (n > 64 || k > 64)
        return no_error(edited) && no_error(&other) && wrong("%zu and %zu findings", n, k);
    n = without_spelling(a, n);
    k = without_spelling(b, k);
    for (size_t i = 0; i < n; i++) {
        refused += a[i].rule->confidence != EDGEFN_CONFIDENCE_DOUBTFUL;
        if (!finding_in(&a[i], b, k))
            return wrong("%s %.*s: found in the event, not in its text", a[i].rule->id,
                         EDGEFN_FMT(a[i].subject));
    }
    for (size_t i = 0; i < k; i++)
        if (!finding_in(&b[i], a, n))
            return wrong("%s %.*s: found in the text, not in the event", b[i].rule->id,
                         EDGEFN_FMT(b[i].subject));
    if (n != k) return wrong("%zu findings in the event, %zu in its text", n, k);
    edgefn_str out = edgefn_finish(edited, NULL);
    if ((out.ptr == NULL) != (refused != 0))
        return wrong("%zu refused findings, and edgefn_finish() %s it", refused,
                     out.ptr ? "writes" : "refuses");
    return true;
}

/* The whole event, written and parsed again, must be equal to the event in memory. */
static bool whole_alike(edgefn_event *ev, edgefn_str text)
{
    static const edgefn_write_opts whole = { .whole_event = true, .skip_check = true };
    edgefn_event again;
    edgefn_str all = edgefn_finish(ev, &whole);
    if (!opened(&again, all, 3)) return wrong_str("whole event", all, S("one that parses"));
    if (!wrong_str("the result in the whole event", edgefn_passthrough(&again), text)) return false;
    const char *other = event_differs(ev, &again);
    return other == NULL || wrong("read again, %s differs", other);
}

/* Builds the same event from parts; what is received then has no text. */
static bool begin_parts(edgefn_event *ev, model *m, int block, size_t size)
{
    static const int lists[] = { H, R, O, C, SC };
    memset(memory[block], 0xA5, size);
    edgefn_build_begin(ev, m->dialect, m->type, edgefn_arena_make(memory[block], size), NULL);
    ev->request.method = m->method;
    ev->request.uri = m->uri;
    ev->request.client_ip = m->client_ip;
    ev->request.querystring = m->query_is_list ? query_text(&m->lists[Q]) : m->query;
    ev->request.body.data = m->body;
    ev->request.body.encoding = m->base64     ? EDGEFN_ENCODING_BASE64
                                : m->body.ptr ? EDGEFN_ENCODING_TEXT
                                              : EDGEFN_ENCODING_DEFAULT;
    ev->request.body.replace = m->replace;
    ev->response.status = m->status;
    ev->response.status_text = m->status_text;
    ev->response.body.data = m->answer;
    ev->response.body.encoding = m->answer64     ? EDGEFN_ENCODING_BASE64
                                 : m->answer.ptr ? EDGEFN_ENCODING_TEXT
                                                 : EDGEFN_ENCODING_DEFAULT;
    edgefn_origin *o = &ev->request.origin;
    o->kind = m->kind;
    o->domain = m->domain;
    o->path = m->path;
    o->region = m->region;
    o->auth_method = m->auth;
    o->port = m->port;
    o->keepalive_s = m->keepalive;
    o->read_timeout_s = m->read_timeout;
    o->completion_timeout_s = m->completion;
    o->tls = m->tls;
    o->https = m->https;
    for (size_t k = 0; k < COUNT(lists); k++) {
        list *l = &m->lists[lists[k]];
        edgefn_fields *f = fields_of(ev, lists[k]);
        if (m->dialect == EDGEFN_DIALECT_LAMBDA && (lists[k] == C || lists[k] == SC)) continue;
        for (size_t i = 0; i < l->got_n; i++) {
            edgefn_add(f, l->got[i].name, l->got[i].value);
            if (l->got[i].attributes.ptr != NULL)
                edgefn_set_attributes_at(f, i, l->got[i].attributes);
        }
    }
    edgefn_build_end(ev);
    m->parts = true;
    for (int k = 0; k < LISTS; k++)
        m->lists[k].hollow_n = 0;
    if (m->query_is_list && m->dialect == EDGEFN_DIALECT_FUNCTIONS)
        read_query(&m->lists[Q], query_text(&m->lists[Q]));
    m->lists[Q].from_text = true;
    return no_error(ev);
}

static bool check_result(model *m, edgefn_str text)
{
    const node *out = slow_tree(text);
    bool answer = m->request && m->status != 0;
    if (out == NULL || out->kind != '{') return wrong_str("the result", text, S("an object"));
    if (answer) return check_response(m, NULL, out);
    return m->request ? check_request(m, m->parts ? NULL : m->result, out)
                      : check_response(m, m->parts ? NULL : m->result, out);
}

/* In a small arena the text must be the same, or the result EDGEFN_E_OOM without any output. */
static bool small_arena(const program *p, const bool *does, size_t size, edgefn_str must)
{
    edgefn_event ev;
    memset(memory[3], 0xA5, size + 64);
    edgefn_error e = edgefn_parse(&ev, p->json, edgefn_arena_make(memory[3], size), NULL);
    if (e != EDGEFN_OK)
        return e == EDGEFN_E_OOM || wrong("%zu bytes: parse: %s", size, edgefn_error_name(e));
    for (size_t i = 0; i < p->n; i++) {
        if (!does[i]) continue;
        look_and_step(&ev, &p->steps[i]);
    }
    edgefn_str out = edgefn_finish(&ev, &skip);
    for (size_t i = size; i < size + 64; i++)
        if (memory[3][i] != 0xA5) return wrong("%zu bytes: written beyond the arena", size);
    if (out.ptr == NULL) {
        if (ev.err.code != EDGEFN_E_OOM)
            return wrong("%zu bytes: %s in %s", size, edgefn_error_name(ev.err.code), ev.err.where);
        return edgefn_write(&ev, NULL, 0, &skip) == 0
               || wrong("%zu bytes: written after E_OOM", size);
    }
    if (ev.err.code != EDGEFN_OK) return wrong("%zu bytes: written with an error", size);
    return same(out, must) || wrong_str("with a small arena", out, must);
}

static const char *phase = "";
static bool play(const program *p)
{
    static model m;
    bool does[PROGRAM_MAX], answer;
    edgefn_event a, b;
    const node *root = slow_tree(p->json);
    phase = "plain";
    if (root == NULL) return wrong("the event is not JSON");
    model_read(&m, root);
    if (!opened(&a, p->json, 0)) return false;
    for (size_t i = 0; i < p->n; i++) {
        does[i] = model_step(&m, &p->steps[i]);
        if (!does[i]) continue;
        event_step(&a, &p->steps[i]);
        if (!no_error(&a) || !lists_equal(&a, &m, &p->steps[i])) return wrong(" after step %zu", i);
    }
    edgefn_str out = edgefn_finish(&a, &skip);
    if (!no_error(&a) || !check_result(&m, out)) return false;
    answer = m.request && m.status != 0;
    if (!answer && same(out, m.result->raw) && out.ptr != m.result->raw.ptr
        && edgefn_changed(&a, EDGEFN_MEMBER_URI) != EDGEFN_CHANGE_NONE)
        return wrong("unchanged, and yet changed");

    phase = "with calls in between";
    if (!opened(&b, p->json, 1)) return false;
    for (size_t i = 0; i < p->n; i++) {
        if (!does[i]) continue;
        look_and_step(&b, &p->steps[i]);
        if (!no_error(&b)) return false;
    }
    look(&b, p->last_look);
    if (!wrong_str("edgefn_finish", edgefn_finish(&b, &skip), out)) return false;
    if (!writers_agree(&b, out, &skip)) return false;
    phase = "whole event";
    if (!answer && !whole_alike(&b, out)) return false;
    phase = "check";
    if (!checked_alike(&a, p->json, out)) return false;

    size_t used = b.arena.used, one = used != 0 ? p->cut % used : 0;
    phase = "small arena";
    bool all = test_deep() && p->cut % 8 == 0;
    for (size_t size = all ? 0 : one; size <= (all ? used : one); size += 1 + used / 4000 * 7)
        if (!small_arena(p, does, size, out)) return false;

    phase = "from parts";
    model_read(&m, root);
    if (!begin_parts(&b, &m, 1, sizeof memory[1])) return false;
    for (size_t i = 0; i < p->n; i++) {
        if (!model_step(&m, &p->steps[i])) continue;
        look_and_step(&b, &p->steps[i]);
        if (!no_error(&b) || !lists_equal(&b, &m, &p->steps[i])) return wrong(" after step %zu", i);
    }
    look(&b, p->last_look);
    edgefn_outcome of = edgefn_outcome_of(&b, &skip);
    if (of != (answer ? EDGEFN_OUTCOME_ANSWER : EDGEFN_OUTCOME_FORWARD))
        return wrong("outcome %d", of);
    if (!m.request) return true;
    edgefn_str parts = edgefn_finish(&b, &skip);
    return no_error(&b) && check_result(&m, parts) && writers_agree(&b, parts, &skip);
}

/*--- making programs --------------------------------------------------------------------------------------------------*/

static edgefn_str one_of(const char *const *from, unsigned n)
{
    return edgefn_cstr(from[rnd(n)]);
}
#define ONE_OF(array) one_of(array, COUNT(array))

static const char *const header_names[] = { "x-a",    "X-B",      "x-c",  "x-e",
                                            "x-n",    "Via",      "etag", "set-cookie",
                                            "cookie", "x-edge-1", "Host", "x-d" };
static const char *const pair_names[] = { "a", "b", "c", "d", "sid", "A", "n%41", "\xc3\xa9" };
static const char *const cookie_names[] = { "a", "b", "c", "d", "sid", "A", "n" };
static const char *const values[] = { "1",     "2",   "3",  "", "new", "b", "\xc3\xa9\xe2\x82\xac",
                                      "q\"\\", "%7e", "x=y" };
static const char *const attributes[] = { "Path=/", "Path=/; Secure", "HttpOnly", "Max-Age=1" };
static const unsigned sizes[] = { 15, 16,  17,  39,  40,  41,  55,  56,   57,   63,  64,
                                  65, 127, 128, 129, 255, 256, 257, 8191, 8192, 8193 };

/* Names in CloudFront's rules. */
static const char *const ruled_names[] = { "host",
                                           "via",
                                           "x-real-ip",
                                           "connection",
                                           "x-a",
                                           "x-edge-1",
                                           "transfer-encoding",
                                           "x-c",
                                           "x-edge-2",
                                           "cloudfront-viewer-country",
                                           "x-amz-cf-id",
                                           "content-length",
                                           "warning",
                                           "trailer" };
static const char *const *pool = header_names;
static unsigned pool_len = COUNT(header_names);

/* Returns a name or value of a size around those of internal buffers, or the usual one. */
static edgefn_str sized(edgefn_str usual)
{
    if (rnd(40) != 0) return usual;
    size_t n = sizes[rnd(rnd(8) == 0 ? COUNT(sizes) : COUNT(sizes) - 3)];
    char *p = (char *)slow_take(n);
    memset(p, 'x', n);
    return text_of(p, n);
}

static edgefn_str lambda_headers(bool response, bool custom)
{
    odd_object o = { .names = true };
    for (unsigned k = 0; k < pool_len; k++) {
        if (rnd(3) != 0 || (custom && pool == header_names && k >= 5 && k <= 10)) continue;
        edgefn_str name = edgefn_cstr(pool[k]);
        odd_object group = { .names = false };
        bool cookie = strcmp(pool[k], response ? "set-cookie" : "cookie") == 0;
        for (unsigned i = rnd(6) == 0 ? 0 : 1 + rnd(3); i > 0; i--) {
            odd_object e = { .names = false };
            static const char *const cookies[] = { "a=1; b=2", "c=3",       "a=1;b;  =x; c = 4;",
                                                   "",         "sid=\"q\"", "d=x=y; ; a=2" };
            static const char *const set[] = { "a=1; Path=/", "b=2",     "a=3;Secure;  HttpOnly",
                                               "n; Path=/",   "c = 4 ;", "" };
            if (rnd(8) != 0)
                odd_string(&e, "key", rnd(2) ? name : rnd(3) ? lower_of(name) : S("other"));
            odd_string(&e, "value",
                       cookie ? response ? ONE_OF(set) : ONE_OF(cookies) : sized(ONE_OF(values)));
            group.member[group.count++] = odd_close(&e, "{", "}");
        }
        odd_add(&o, name.ptr, odd_close(&group, "[", "]"));
    }
    return odd_close(&o, "{", "}");
}

static edgefn_str functions_list(const char *const *names, unsigned count, bool with_attributes)
{
    odd_object o = { .names = true };
    for (unsigned k = 0; k < count; k++) {
        odd_object item = { .names = false }, multi = { .names = false };
        if (rnd(3) != 0 || strstr(names[k], "cookie")) continue;
        edgefn_str value = sized(ONE_OF(values)),
                   attr = rnd(2) && with_attributes ? ONE_OF(attributes) : edgefn_cstr(NULL);
        odd_string(&item, "value", value);
        if (attr.ptr != NULL) odd_string(&item, "attributes", attr);
        for (unsigned i = rnd(3) ? 0 : 1 + rnd(3); i > 0; i--) {
            odd_object e = { .names = false };
            odd_string(&e, "value", multi.count == 0 ? value : ONE_OF(values));
            if (multi.count == 0 ? attr.ptr != NULL : with_attributes && rnd(2))
                odd_string(&e, "attributes", multi.count == 0 ? attr : ONE_OF(attributes));
            multi.member[multi.count++] = odd_close(&e, "{", "}");
        }
        if (multi.count != 0) odd_add(&item, "multiValue", odd_close(&multi, "[", "]"));
        odd_add(&o, names[k], odd_close(&item, "{", "}"));
    }
    return odd_close(&o, "{", "}");
}

static edgefn_str lambda_origin(void)
{
    static const char *const tls[] = { "[\"TLSv1.2\"]", "[ \"TLSv1\" , \"TLSv1.1\"]",
                                       "[\"SSLv3\",\"TLSv1.2\"]" };
    odd_object o = { .names = false }, e = { .names = false };
    bool custom = rnd(2);
    if (rnd(8) != 0) odd_add(&e, "customHeaders", lambda_headers(false, true));
    odd_string(&e, "domainName", S("o.example"));
    odd_string(&e, "path", rnd(2) ? S("") : S("/p"));
    if (custom) {
        odd_add(&e, "port", S("443"));
        odd_add(&e, "keepaliveTimeout", S("5"));
        odd_add(&e, "readTimeout", S("30"));
        odd_string(&e, "protocol", S("https"));
        odd_add(&e, "sslProtocols", ONE_OF(tls));
    } else {
        odd_string(&e, "region", S("us-east-1"));
        odd_string(&e, "authMethod", S("none"));
        if (rnd(2)) odd_add(&e, "readTimeout", S("20"));
    }
    if (rnd(3) == 0) odd_add(&e, "responseCompletionTimeout", S("60"));
    odd_add(&o, custom ? "custom" : "s3", odd_close(&e, "{", "}"));
    return odd_close(&o, "{", "}");
}

static edgefn_str an_event(void)
{
    static const char *const types[] = { "viewer-request", "origin-request", "origin-response",
                                         "viewer-response" };
    static const char *const queries[] = { "",        "a=1&b=2&a=3&d", "a=%41&b=%7e&&c",
                                           "sid=x=y", "?a=1",          "a&a=&a",
                                           "&" };
    odd_object req = { .names = false }, res = { .names = false }, config = { .names = false },
               cf = { .names = false }, out = { .names = false };
    bool lambda = rnd(2);
    unsigned type = lambda ? rnd(4) : rnd(2) * 3;
    odd_dress();
    odd_string(&config, "eventType", edgefn_cstr(types[type]));
    if (rnd(2)) odd_string(&config, "requestId", S("r"));
    odd_string(&req, "method", S("GET"));
    odd_string(&req, "uri", rnd(3) ? S("/x") : S("/a/b%20c.html"));
    if (lambda) {
        if (rnd(8)) odd_string(&req, "querystring", ONE_OF(queries));
        if (rnd(8)) odd_string(&req, "clientIp", S("192.0.2.1"));
        if (rnd(8)) odd_add(&req, "headers", lambda_headers(false, false));
        if (type < 2 && rnd(3) == 0) {
            odd_object body = { .names = false };
            odd_add(&body, "inputTruncated", S("false"));
            odd_string(&body, "action", S("read-only"));
            odd_string(&body, "encoding", rnd(2) ? S("base64") : S("text"));
            odd_string(&body, "data", S("YWJj"));
            odd_add(&req, "body", odd_close(&body, "{", "}"));
        }
        if (type == 1 && rnd(6)) odd_add(&req, "origin", lambda_origin());
    } else {
        if (rnd(8))
            odd_add(&req, "querystring", functions_list(pair_names, COUNT(pair_names), false));
        if (rnd(8)) odd_add(&req, "headers", functions_list(pool, pool_len, false));
        if (rnd(8))
            odd_add(&req, "cookies", functions_list(cookie_names, COUNT(cookie_names), false));
    }
    if (type >= 2) {
        if (lambda)
            odd_string(&res, "status", S("200"));
        else
            odd_add(&res, "statusCode", S("200"));
        if (rnd(4)) odd_string(&res, "statusDescription", S("OK"));
        if (rnd(8))
            odd_add(&res, "headers",
                    lambda ? lambda_headers(true, false) : functions_list(pool, pool_len, false));
        if (!lambda && rnd(8))
            odd_add(&res, "cookies", functions_list(cookie_names, COUNT(cookie_names), true));
    }
    if (!lambda) {
        odd_object viewer = { .names = false };
        odd_string(&viewer, "ip", S("192.0.2.1"));
        odd_string(&cf, "version", S("1.0"));
        odd_add(&cf, "viewer", odd_close(&viewer, "{", "}"));
    }
    odd_add(&cf, lambda ? "config" : "context", odd_close(&config, "{", "}"));
    odd_add(&cf, "request", odd_close(&req, "{", "}"));
    if (type >= 2) odd_add(&cf, "response", odd_close(&res, "{", "}"));
    edgefn_str all = odd_close(&cf, "{", "}");
    if (!lambda) return all;
    odd_object record = { .names = false }, records = { .names = false };
    odd_add(&record, "cf", all);
    records.member[records.count++] = odd_close(&record, "{", "}");
    odd_add(&out, "Records", odd_close(&records, "[", "]"));
    return odd_close(&out, "{", "}");
}

static step a_step(void)
{
    static const char *const uris[] = { "/new", "/x", "/\xc3\xa9", "/a/b%20c.html" },
                             *const raw[] = { "", "a=1", "z=%7e&a=1&a=0", "b=2&&a" };
    static const char *const domains[] = { "n.example", "o.example" }, *const methods[] = {
        "GET", "POST"
    };
    static const char *const urls[] = { "/there", "https://e.example/x" };
    static const unsigned statuses[] = { 200, 404, 204, 403, 599 };
    step s;
    bool fields = rnd(3) != 0;
    memset(&s, 0, sizeof s);
    s.verb = fields ? (verb)rnd(V_VIEW + 1) : (verb)(V_URI + rnd(V_COUNT - V_URI));
    s.list = (int)rnd(LISTS);
    s.look = rnd(3) == 0 ? rnd(COUNT(look_says)) : 0;
    s.at = rnd(3);
    s.name = s.list <= O   ? one_of(pool, pool_len)
             : s.list == Q ? ONE_OF(pair_names)
                           : ONE_OF(cookie_names);
    s.name = sized(s.name);
    s.value = sized(ONE_OF(values));
    if (s.verb == V_REMOVE_PREFIX && rnd(2)) s.name = text_of(s.name.ptr, rnd(3));
    if (s.verb == V_KEEP_ONLY) s.value = s.list <= O ? one_of(pool, pool_len) : ONE_OF(pair_names);
    if (s.verb == V_ATTRIBUTES) s.list = SC, s.value = ONE_OF(attributes);
    if (s.verb == V_URI || s.verb == V_URI_ASSIGN || s.verb == V_PATH) s.value = ONE_OF(uris);
    if (s.verb == V_METHOD) s.value = ONE_OF(methods);
    if (s.verb == V_CLIENT_IP) s.value = rnd(2) ? S("192.0.2.1") : S("2001:db8::1");
    if (s.verb == V_QUERY_RAW || s.verb == V_QUERY_ASSIGN) s.value = ONE_OF(raw);
    if (s.verb == V_REDIRECT_TO) s.value = ONE_OF(urls);
    if (s.verb == V_ORIGIN_CUSTOM || s.verb == V_ORIGIN_S3 || s.verb == V_DOMAIN)
        s.value = ONE_OF(domains);
    if (s.verb == V_REGION) s.value = rnd(2) ? S("eu-west-1") : S("us-east-1");
    if (s.verb == V_AUTH) s.value = rnd(2) ? S("none") : S("origin-access-identity");
    if (s.verb >= V_STATUS && s.verb <= V_ERROR_PAGE) s.at = statuses[rnd(COUNT(statuses))];
    if (s.verb == V_RESPOND_BODY && s.at == 204) s.at = 200;
    if (s.verb == V_PORT) s.at = rnd(2) ? 80 : 443;
    if (s.verb == V_KEEPALIVE || s.verb == V_READ_TIMEOUT) s.at = 5 + rnd(2) * 25;
    if (s.verb == V_COMPLETION) s.at = 60 + rnd(2);
    return s;
}

static program any_program(void)
{
    program p;
    memset(&p, 0, sizeof p);
    slow_used = 0;
    p.json = an_event();
    p.n = 1 + rnd(7);
    for (size_t i = 0; i < p.n; i++)
        p.steps[i] = a_step();
    p.last_look = rnd(COUNT(look_says));
    p.cut = rnd(1 << 20);
    return p;
}

static program a_program(uint64_t seed)
{
    slow_state = seed * 0x9e3779b97f4a7c15u | 1;
    for (int i = 0; i < 8; i++)
        rnd(2);
    return any_program();
}

/*--- the shortest program that still fails ----------------------------------------------------------------------------*/

/* Returns the text without one value, and without the comma next to it. */
static edgefn_str without(edgefn_str json, const node *v)
{
    const char *from = v->whole.ptr, *to = from + v->whole.len, *end = json.ptr + json.len;
    while (to < end && strchr(" \t\r\n", *to))
        to++;
    if (to < end && *to == ',')
        to++;
    else {
        while (from > json.ptr && strchr(" \t\r\n", from[-1]))
            from--;
        if (from > json.ptr && from[-1] == ',') from--;
    }
    slow_text t = slow_begin();
    slow_put(&t, json.ptr, (size_t)(from - json.ptr));
    slow_put(&t, to, (size_t)(end - to));
    return slow_end(&t);
}

static const node *nth_node(const node *v, size_t *n)
{
    for (const node *k = v->first; k != NULL; k = k->next) {
        if ((*n)-- == 0) return k;
        const node *in = nth_node(k, n);
        if (in != NULL) return in;
    }
    return NULL;
}

typedef bool (*player)(const program *p);

static bool plays(const program *p, player play_it)
{
    size_t used = slow_used;
    why[0] = '\0';
    bool good = play_it(p);
    slow_used = used;
    return good;
}

/* True if it still fails in the same way. */
static char first_why[12];
static bool still(const program *p, player play_it, const char *where)
{
    return !plays(p, play_it) && strcmp(phase, where) == 0
           && strncmp(why, first_why, sizeof first_why) == 0;
}

static program shortest(program p, player play_it)
{
    const char *where = phase;
    memcpy(first_why, why, sizeof first_why);
    for (bool better = true; better;) {
        better = false;
        for (size_t i = p.n; i-- > 0;) {
            program q = p, r = p;
            memmove(&q.steps[i], &q.steps[i + 1], (q.n - i - 1) * sizeof q.steps[0]);
            q.n--;
            r.steps[i].look = 0;
            bool shorter = still(&q, play_it, where);
            if (!shorter && (p.steps[i].look == 0 || !still(&r, play_it, where))) continue;
            p = shorter ? q : r;
            better = true;
        }
        program q = p;
        q.last_look = 0;
        if (p.last_look != 0 && still(&q, play_it, where)) p = q;
        for (size_t i = 0;;) {
            size_t used = slow_used, n = i;
            const node *tree = slow_tree(p.json), *v = tree != NULL ? nth_node(tree, &n) : NULL;
            if (v == NULL) {
                slow_used = used;
                break;
            }
            q = p;
            q.json = without(p.json, v);
            bool shorter = still(&q, play_it, where);
            if (!shorter) {
                slow_used = used;
                i++;
                continue;
            }
            p = q;
            better = true;
        }
    }
    plays(&p, play_it);
    return p;
}

static bool round_of(program p, player play_it, uint64_t seed)
{
    if (plays(&p, play_it)) return true;
    p = shortest(p, play_it);
    CHECK(!"a program of edits has the result of the model");
    printf("    MODEL=%llu, %s: %s\n", (unsigned long long)seed, phase, why);
    say_program(&p);
    return false;
}

#ifndef BAD_MAX
#  define BAD_MAX 4 /* more failures add nothing */
#endif

/* MODEL=seed in the environment runs the program that a failure named. */
static void rounds_of(player play_it, size_t rounds)
{
    const char *one = getenv("MODEL");
    uint64_t first = one != NULL ? strtoull(one, NULL, 10) : test_seed() * 1000003;
    size_t bad = 0, i = 0;
    for (; i < (one != NULL ? 1 : test_rounds(rounds)) && bad < BAD_MAX; i++) {
        snprintf(test_row, sizeof test_row, "MODEL=%llu",
                 (unsigned long long)(first + i)); /* for the report of a sanitizer */
        bad += !round_of(a_program(first + i), play_it, first + i);
    }
    if (test_deep()) printf("%s: %zu programs\n", test_name, i);
}

TEST(model)
{
    rounds_of(play, 4000);
}

/*--- edits that must fail ---------------------------------------------------------------------------------------------*/

/* After a step that fails, the first error stays, and no function writes anything, whatever is
   called. */
static bool play_refused(const program *p)
{
    static const struct {
        step s;
        edgefn_error code;
    } bad[] = {
        { { V_SET, H, 0, 0, EDGEFN_S_INIT("x a"), EDGEFN_S_INIT("1") }, EDGEFN_E_FIELD_NAME },
        { { V_ADD, H, 0, 0, EDGEFN_S_INIT("x-a"), EDGEFN_S_INIT("1\r\n2") }, EDGEFN_E_FIELD_VALUE },
        { { V_SET, R, 0, 0, EDGEFN_S_INIT("x-a"), EDGEFN_S_INIT("\xff") }, EDGEFN_E_FIELD_VALUE },
        { { V_SET, Q, 0, 0, EDGEFN_S_INIT("a"), EDGEFN_S_INIT("1&2") }, EDGEFN_E_FIELD_VALUE },
        { { V_ADD, Q, 0, 0, EDGEFN_S_INIT("a=b"), EDGEFN_S_INIT("1") }, EDGEFN_E_FIELD_NAME },
        { { V_SET, C, 0, 0, EDGEFN_S_INIT("a"), EDGEFN_S_INIT("1;2") }, EDGEFN_E_FIELD_VALUE },
        { { V_ADD, SC, 0, 0, EDGEFN_S_INIT("a;b"), EDGEFN_S_INIT("1") }, EDGEFN_E_FIELD_NAME },
        { { V_SET, O, 0, 0, EDGEFN_S_INIT(""), EDGEFN_S_INIT("1") }, EDGEFN_E_FIELD_NAME },
        { { V_URI, H, 0, 0, EDGEFN_S_INIT(""), EDGEFN_S_INIT("x") }, EDGEFN_E_URI },
        { { V_URI_ASSIGN, H, 0, 0, EDGEFN_S_INIT(""), EDGEFN_S_INIT("/?") }, EDGEFN_E_URI },
        { { V_QUERY_RAW, H, 0, 0, EDGEFN_S_INIT(""), EDGEFN_S_INIT("a b") }, EDGEFN_E_FIELD_VALUE },
        { { V_REDIRECT_TO, H, 0, 0, EDGEFN_S_INIT(""), EDGEFN_S_INIT("//evil") }, EDGEFN_E_URI },
        { { V_RESPOND, H, 600, 0, EDGEFN_S_INIT(""), EDGEFN_S_INIT("") }, EDGEFN_E_STATUS },
        { { V_ORIGIN_CUSTOM, H, 0, 0, EDGEFN_S_INIT(""), EDGEFN_S_INIT("192.0.2.1") },
          EDGEFN_E_OPTIONS }
    };
    static model m, before;
    edgefn_event ev;
    size_t which = p->cut % COUNT(bad), at = p->cut / 16 % (p->n + 1);
    phase = "refused";
    model_read(&m, slow_tree(p->json));
    if (!opened(&ev, p->json, 0)) return false;
    for (size_t i = 0; i < at; i++) {
        if (!model_step(&m, &p->steps[i])) continue;
        event_step(&ev, &p->steps[i]);
    }
    if (!no_error(&ev)) return false;
    before = m;
    if (!model_step(&before, &bad[which].s)) return true; /* not possible here for another reason */
    if (bad[which].s.verb == V_RESPOND && m.dialect == EDGEFN_DIALECT_LAMBDA
        && m.type == EDGEFN_VIEWER_RESPONSE)
        return true;
    event_step(&ev, &bad[which].s);
    /* an assignment is checked when it is written, and only if it has an effect */
    bool late = bad[which].s.verb == V_URI_ASSIGN;
    if (late && m.status != 0) return true;
    if (late) edgefn_finish(&ev, &skip);
    edgefn_err first = ev.err;
    if (first.code != bad[which].code)
        return wrong("%s instead of %s", edgefn_error_name(first.code),
                     edgefn_error_name(bad[which].code));
    for (size_t i = at; i < p->n; i++) {
        if (p->steps[i].verb >= V_URI) continue; /* assignments do not return an error */
        look(&ev, p->steps[i].look);
        if (p->steps[i].list != O) event_step(&ev, &p->steps[i]);
    }
    look(&ev, p->last_look);
    if (ev.err.code != first.code || ev.err.where != first.where
        || !same(ev.err.subject, first.subject))
        return wrong("the first failure did not stay");
    if (edgefn_finish(&ev, &skip).ptr != NULL || edgefn_write(&ev, NULL, 0, &skip) != 0)
        return wrong("written after a failure");
    if (edgefn_write_spans(&ev, NULL, 0, &skip) != 0
        || edgefn_outcome_of(&ev, &skip) != EDGEFN_OUTCOME_FAIL)
        return wrong("written after a failure");
    return true;
}

TEST(refused)
{
    rounds_of(play_refused, 2000);
}

/*--- sanitize ---------------------------------------------------------------------------------------------------------*/

static bool about_headers(const edgefn_finding *f)
{
    return f->rule->confidence != EDGEFN_CONFIDENCE_DOUBTFUL
           && strstr(f->rule->id, "header") != NULL;
}

/* If a header clashes with a custom header, either may be removed. */
static bool is_clash(const edgefn_finding *f)
{
    return strcmp(f->rule->id, "origin.header.clash") == 0;
}

static bool about_list(const edgefn_finding *f, bool custom)
{
    bool origin = strncmp(f->rule->id, "origin.", 7) == 0;
    return about_headers(f) && (is_clash(f) || origin == custom);
}

static bool named(const edgefn_finding *f, size_t n, edgefn_str name, bool custom)
{
    for (size_t i = 0; i < n; i++)
        if (about_list(&f[i], custom) && edgefn_str_ieq(f[i].subject, name)) return true;
    return false;
}

/* Fields that were not refused must stay. Refused fields must be as received: all values if the
   header is read-only, otherwise those that are left. */
static bool sanitized(const edgefn_fields *f, const list *l, const edgefn_finding *did, size_t n,
                      bool custom)
{
    size_t k = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (named(did, n, l->it[i].name, custom)) continue;
        while (k < f->len && named(did, n, f->items[k].name, custom))
            k++;
        if (k == f->len || !same(f->items[k].name, l->it[i].name)
            || !same(f->items[k].value, l->it[i].value))
            return wrong("%.*s was not refused, and changed", EDGEFN_FMT(l->it[i].name));
        k++;
    }
    while (k < f->len && named(did, n, f->items[k].name, custom))
        k++;
    if (k < f->len)
        return wrong("%.*s was neither received nor added", EDGEFN_FMT(f->items[k].name));
    for (size_t i = 0; i < n; i++) {
        if (!about_list(&did[i], custom) || is_clash(&did[i]) || did[i].subject.ptr == NULL)
            continue;
        bool all = strstr(did[i].rule->id, "read-only") != NULL;
        size_t at = edgefn_find(f, did[i].subject, 0);
        for (k = 0; k < l->got_n; k++) {
            if (!edgefn_str_ieq(l->got[k].name, did[i].subject)) continue;
            bool there = at < f->len && same(f->items[at].value, l->got[k].value);
            if (!there && all) return wrong("%.*s is not as received", EDGEFN_FMT(did[i].subject));
            if (there) at = edgefn_find(f, did[i].subject, at + 1);
        }
        if (at < f->len)
            return wrong("%.*s has another value than was received", EDGEFN_FMT(did[i].subject));
    }
    return true;
}

static bool play_sanitize(const program *p)
{
    static model m;
    edgefn_event ev, other;
    edgefn_finding before[64], did[64], after[64];
    edgefn_str absent = { NULL, 0 };
    phase = "sanitize";
    model_read(&m, slow_tree(p->json));
    if (!opened(&ev, p->json, 0)) return false;
    for (size_t i = 0; i < p->n; i++) {
        if (p->steps[i].list > O && p->steps[i].verb <= V_VIEW)
            continue; /* editing functions, responses, origins */
        if (!model_step(&m, &p->steps[i])) continue;
        look_and_step(&ev, &p->steps[i]);
    }
    if (!no_error(&ev)) return false;
    bool answer = m.request && m.status != 0;
    size_t n = edgefn_check(&ev, absent, before, 64), refused = 0, left = 0, done, k;
    if (n > 64) return no_error(&ev) && wrong("%zu findings", n);
    for (size_t i = 0; i < n && i < 64; i++)
        refused += about_headers(&before[i]);
    done = edgefn_sanitize(&ev, did, 64);
    if (!no_error(&ev)) return false;
    k = edgefn_check(&ev, absent, after, 64);
    if (k > 64) return no_error(&ev) && wrong("%zu findings", k);
    for (size_t i = 0; i < k; i++) {
        if (about_headers(&after[i]))
            return wrong("%s %.*s is left", after[i].rule->id, EDGEFN_FMT(after[i].subject));
        left += about_headers(&after[i]);
    }
    if (done != refused - left) return wrong("%zu undone, must be %zu", done, refused - left);
    edgefn_fields *f = m.request && !answer ? &ev.request.headers : &ev.response.headers;
    if (!sanitized(f, &m.lists[m.request && !answer ? H : R], before, n, false)) return false;
    if (m.type == EDGEFN_ORIGIN_REQUEST && !answer
        && !sanitized(&ev.request.origin.headers, &m.lists[O], before, n, true))
        return false;
    if (!same(ev.request.uri, m.uri) || !same(ev.request.method, m.method)
        || ev.response.status != m.status)
        return wrong("another member changed");
    if (edgefn_sanitize(&ev, NULL, 0) != 0 || !no_error(&ev))
        return wrong("a second time there is something to do");
    edgefn_str out = edgefn_finish(&ev, &skip);
    if (!no_error(&ev) || !writers_agree(&ev, out, &skip)) return false;
    if (!opened(&other, p->json, 3)) return false;
    k = edgefn_check(&other, out, after, 64);
    if (k > 64) return no_error(&other) && wrong("%zu findings", k);
    for (size_t i = 0; i < k; i++)
        if (about_headers(&after[i]))
            return wrong("%s %.*s is left in the text", after[i].rule->id,
                         EDGEFN_FMT(after[i].subject));
    return true;
}

TEST(sanitize)
{
    pool = ruled_names;
    pool_len = COUNT(ruled_names);
    rounds_of(play_sanitize, 3000);
    pool = header_names;
    pool_len = COUNT(header_names);
}

/*--- every size around those of internal buffers ----------------------------------------------------------------------*/

static edgefn_str long_word(size_t n, char last)
{
    char *p = (char *)slow_take(n);
    memset(p, 'n', n);
    p[n - 1] = last;
    return text_of(p, n);
}

/* Writes a JSON string; if `escaped`, with every third byte as an escape. */
static void put_word(slow_text *t, edgefn_str s, bool escaped)
{
    slow_puts(t, "\"");
    for (size_t i = 0; i < s.len; i++) {
        char six[8];
        snprintf(six, sizeof six, "\\u%04x", (unsigned char)s.ptr[i]);
        if (escaped && i % 3 == 2)
            slow_puts(t, six);
        else
            slow_put(t, &s.ptr[i], 1);
    }
    slow_puts(t, "\"");
}

/* Writes a list as an object: a field with this name and value, a field that stays, and, in
   Lambda@Edge, a name without values. */
static void put_sized_list(slow_text *t, bool lambda, edgefn_str name, edgefn_str value,
                           edgefn_str other, bool escaped)
{
    slow_puts(t, "{");
    put_word(t, name, escaped);
    slow_puts(t, lambda ? ":[{\"value\":" : ":{\"value\":");
    put_word(t, value, escaped);
    slow_puts(t, lambda ? "},{\"value\":\"2\"}],\"x-stays\":[{\"value\":\"1\"}],"
                        : "},\"x-stays\":{\"value\":\"1\"}");
    if (lambda) put_word(t, other, escaped);
    slow_puts(t, lambda ? ":[]}" : "}");
}

/* Returns an event with such a list `k`. Views of Lambda@Edge are texts. */
static edgefn_str sized_event(bool lambda, int k, edgefn_str name, edgefn_str value,
                              edgefn_str other, bool escaped)
{
    bool response = k == R || k == SC, view = lambda && k >= Q;
    slow_text part = slow_begin();
    if (!view) {
        put_sized_list(&part, lambda, name, value, other, escaped);
    } else {
        slow_text pair = { slow_pool + slow_used + (1 << 20), 0 };
        slow_put(&pair, name.ptr, name.len);
        slow_puts(&pair, "=");
        slow_put(&pair, value.ptr, value.len);
        slow_puts(&pair, k == Q ? "&x=1" : k == C ? "; x=1" : "; Path=/");
        if (k != Q)
            slow_puts(&part, k == C ? "{\"cookie\":[{\"value\":" : "{\"set-cookie\":[{\"value\":");
        put_word(&part, text_of(pair.ptr, pair.len), escaped);
        if (k != Q) slow_puts(&part, "}]}");
    }
    edgefn_str list_text_now = slow_end(&part);
    slow_text t = slow_begin();
    const char *type = k == O      ? "origin-request"
                       : !response ? "viewer-request"
                       : lambda    ? "origin-response"
                                   : "viewer-response";
    const char *member =
        lambda && k == O
            ? "\"origin\":{\"custom\":{\"domainName\":\"o.example\",\"path\":\"\",\"customHeaders\":"
        : k == Q            ? "\"querystring\":"
        : !lambda && k >= C ? "\"cookies\":"
                            : "\"headers\":";
    slow_puts(&t, lambda ? "{\"Records\":[{\"cf\":{\"config\":"
                         : "{\"version\":\"1.0\",\"viewer\":{\"ip\":\"192.0.2.1\"},\"context\":");
    slow_puts(&t, "{\"eventType\":\"");
    slow_puts(&t, type);
    slow_puts(&t, "\"},\"request\":{\"method\":\"GET\",\"uri\":\"/\"");
    slow_puts(&t, response ? "},\"response\":{" : ",");
    if (response) slow_puts(&t, lambda ? "\"status\":\"200\"," : "\"statusCode\":200,");
    slow_puts(&t, member);
    slow_put(&t, list_text_now.ptr, list_text_now.len);
    if (k == O) slow_puts(&t, "}}");
    slow_puts(&t, lambda ? "}}}]}" : "}}");
    return slow_end(&t);
}

/* Runs every edit on such a list, alone and before and after sorting, and on every string
   member, with texts of that size. */
static void sizes_of(bool lambda, int k, size_t n, bool escaped, bool long_name, bool long_value)
{
    static const verb verbs[] = { V_SET,           V_ADD,       V_REMOVE, V_SET_NTH,  V_REMOVE_NTH,
                                  V_REMOVE_PREFIX, V_KEEP_ONLY, V_SORT,   V_REMOVE_IF };
    slow_used = 0;
    edgefn_str name = long_name ? long_word(n, 'a') : S("nna"),
               value = long_value ? long_word(n, '1') : S("1");
    edgefn_str other = long_name ? long_word(n, 'b') : S("nnb"),
               longer = long_value ? long_word(n + 1, '1') : S("12");
    edgefn_str json = sized_event(lambda, k, name, value, other, escaped);
    for (size_t v = 0; v < COUNT(verbs) * 3; v++) {
        program p;
        memset(&p, 0, sizeof p);
        step a = { verbs[v / 3], k, 0, 0, v % 2 ? name : other, v % 5 ? longer : value },
             sort = { V_SORT, k, 0, 0, name, value };
        step again = { V_SET, k, 0, v % 3 ? 2 : 0, a.name, value };
        if (a.verb == V_KEEP_ONLY) a.value = other;
        p.json = json;
        p.cut = (unsigned)(v * 7919 + n);
        if (v % 3 == 1) p.steps[p.n++] = sort;
        p.steps[p.n++] = a;
        if (v % 3 == 2) p.steps[p.n++] = sort;
        p.steps[p.n++] = again;
        snprintf(test_row, sizeof test_row, "%s of %zu bytes, escapes %d, verb %zu", list_says[k],
                 n, escaped, v);
        if (!round_of(p, play, 0)) return;
    }
}

TEST(sizes)
{
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (int k = 0; k < LISTS * 2; k++)
            for (int how = 1; how < 8; how++) {
                bool lambda = k<LISTS, large = sizes[i]> 1000;
                bool usual =
                    large ? how == 7 && i % 3 == 0 : how == 3 + (int)(i + (size_t)k) % 2 * 3;
                if ((!lambda && k % LISTS == O) || how == 1 || !(usual || test_deep())) continue;
                sizes_of(lambda, k % LISTS, sizes[i], how & 1, how & 2, how & 4);
            }
}

TEST(member_sizes)
{
    static const verb verbs[] = { V_URI,          V_URI_ASSIGN, V_QUERY_RAW, V_BODY,
                                  V_RESPOND_BODY, V_PATH,       V_CLIENT_IP, V_METHOD };
    for (size_t i = 0; i < COUNT(sizes) * 4; i++) {
        slow_used = 0;
        size_t n = sizes[i / 4];
        program p;
        memset(&p, 0, sizeof p);
        edgefn_str word = long_word(n, 'x');
        ((char *)(uintptr_t)word.ptr)[0] = '/';
        if (i % 2) ((char *)(uintptr_t)word.ptr)[n / 2] = '"';
        p.json = sized_event(true, O, S("x-a"), S("1"), S("x-b"), i % 4 > 1);
        p.cut = (unsigned)(i * 7919);
        for (size_t v = 0; v < COUNT(verbs); v++) {
            step s = { verbs[v], H, 200, (unsigned)(v % COUNT(look_says)), S("x-a"), word };
            p.steps[0] = s;
            p.n = 1;
            snprintf(test_row, sizeof test_row, "member of %zu bytes, verb %zu", n, v);
            if (s.verb == V_PATH && n > 255) continue; /* CloudFront's limit */
            if (!round_of(p, play, 0)) return;
        }
    }
}
