/* edgefn_runtime.h - functions in JavaScript and Python, which run in processes of their own (runtime/run.mjs, runtime/run.py): how long
   they may take, what their runner answers, and their results as edits of an event.

   A host sends an event's JSON to the runner and waits for its answer. Then it calls edgehost_exchange() with a trigger that has the answer,
   and with edgehost_runtime_handler() as its handler: the result's differences from the event become edits, as if a handler in C had made them. */
#ifndef EDGEFN_RUNTIME_H_INCLUDED
#define EDGEFN_RUNTIME_H_INCLUDED

#include "edgefn_tables.h"
#include <stdio.h>
#include <string.h>

/* CloudFront's limits for Lambda@Edge, in milliseconds of elapsed time. CloudFront Functions have about a millisecond of processor time; the
   limit here is only for functions that do not end. */
static inline unsigned edgehost_runtime_limit(edgefn_dialect dialect, edgefn_event_type type)
{
    bool viewer = type == EDGEFN_VIEWER_REQUEST || type == EDGEFN_VIEWER_RESPONSE;

    if (dialect == EDGEFN_DIALECT_FUNCTIONS) return 1000;
    return viewer ? 5000 : 30000;
}

/* A runner that did not answer this long after a function's limit is not waited for. It includes the time to load a function. */
enum { EDGEHOST_RUNTIME_GRACE = 12000 };

/* The largest answer in bytes: Lambda's limit for a result, and what the function printed. */
enum { EDGEHOST_RUNTIME_MOST = 7 * 1024 * 1024 };

/* The longest words about an origin, in bytes: they become a header between the two sides. */
enum { EDGEHOST_RUNTIME_ORIGIN = 16 * 1024 };

typedef enum edgehost_runtime_kind {
    EDGEHOST_RUNTIME_NONE,  /* no answer: not a function of this kind */
    EDGEHOST_RUNTIME_OK,    /* text is the result's JSON */
    EDGEHOST_RUNTIME_ERROR, /* the function failed: text says why, in lines */
    EDGEHOST_RUNTIME_LATE   /* it took too long: text says so */
} edgehost_runtime_kind;

typedef struct edgehost_runtime_answer {
    edgehost_runtime_kind kind;
    edgefn_str text, logs; /* logs: what the function printed, in lines that all end with LF */
    edgefn_str origin; /* the origin that a CloudFront Function has chosen, in words; empty: none */
} edgehost_runtime_answer;

/* Writes what comes before an event's JSON. Returns: its length. */
static inline size_t edgehost_runtime_head(char to[48], unsigned limit_ms, size_t json_len)
{
    int len = snprintf(to, 48, "%u %lu\n", limit_ms, (unsigned long)json_len);

    return len > 0 ? (size_t)len : 0;
}

/* The first line of an answer, of at most this many bytes. */
enum { EDGEHOST_RUNTIME_HEAD = 40 };

/* Reads the first line of an answer, "KIND LENGTH LOGS" or "KIND LENGTH LOGS ORIGIN". head_len: gets its length, 0 if it is not complete. Returns: false if it is not
   such a line, or the answer is too large. The lengths are those of answer->text and ->logs, whose pointers are not set. */
static inline bool edgehost_runtime_begins(edgefn_str bytes, edgehost_runtime_answer *answer,
                                           size_t *head_len)
{
    static const edgefn_str kinds[] = { EDGEFN_S_INIT(""), EDGEFN_S_INIT("ok"),
                                        EDGEFN_S_INIT("error"), EDGEFN_S_INIT("time") };
    edgefn_cut line = edgefn_str_cut(edgefn_str_take(bytes, EDGEHOST_RUNTIME_HEAD), EDGEFN_S("\n"));
    edgefn_cut kind = edgefn_str_cut(line.head, EDGEFN_S(" "));
    edgefn_cut lengths = edgefn_str_cut(kind.tail, EDGEFN_S(" "));
    edgefn_cut more = edgefn_str_cut(lengths.tail, EDGEFN_S(" "));
    edgefn_number text = edgefn_str_to_u64(lengths.head), logs = edgefn_str_to_u64(more.head);
    edgefn_number origin = edgefn_str_to_u64(more.found ? more.tail : EDGEFN_S("0"));
    edgehost_runtime_answer none = { EDGEHOST_RUNTIME_NONE, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };

    *answer = none;
    *head_len = line.found ? line.head.len + 1 : 0;
    if (!line.found) return bytes.len < EDGEHOST_RUNTIME_HEAD;
    if (!text.ok || !logs.ok || !origin.ok || text.value > EDGEHOST_RUNTIME_MOST
        || logs.value > EDGEHOST_RUNTIME_MOST - text.value
        || origin.value > EDGEHOST_RUNTIME_ORIGIN)
        return false;
    for (int k = EDGEHOST_RUNTIME_OK; k <= EDGEHOST_RUNTIME_LATE; k++)
        if (edgefn_str_eq(kind.head, kinds[k])) answer->kind = (edgehost_runtime_kind)k;
    answer->text.len = (size_t)text.value;
    answer->logs.len = (size_t)logs.value;
    answer->origin.len = (size_t)origin.value;
    return answer->kind != EDGEHOST_RUNTIME_NONE;
}

/*--- results ----------------------------------------------------------------------------------------------------------*/

/* Writes a name with capitals, as CloudFront does: x-my-id becomes X-My-Id. Returns: absent when out of memory. */
static inline edgefn_str edgehost_line_name(edgefn_event *ev, edgefn_str name)
{
    char *to = (char *)edgefn_alloc(ev, name.len, 1);
    edgefn_str s = { to, to != NULL ? name.len : 0 };

    for (size_t i = 0; i < s.len; i++) {
        char c = name.ptr[i];
        to[i] =
            c >= 'a' && c <= 'z' && (i == 0 || name.ptr[i - 1] == '-') ? (char)(c - 'a' + 'A') : c;
    }
    return s;
}

/* Reports whether CloudFront would refuse a result. Also true if checking failed. */
static inline bool edgehost_runtime_refused(edgefn_event *ev, edgefn_str result)
{
    edgefn_finding findings[32];
    size_t count = edgefn_check(ev, result, findings, 32);

    if (count == SIZE_MAX) return true; /* ev->err has the reason */
    for (size_t i = 0; i < count && i < 32; i++)
        if (findings[i].rule->confidence != EDGEFN_CONFIDENCE_DOUBTFUL) return true;
    return count > 32;
}

/* Reads a result as an event of its own, which contains it. Memory: in ev's arena. */
static inline bool edgehost_runtime_read(edgefn_event *ev, edgefn_str result,
                                         edgefn_event_type type, edgefn_event *to)
{
    bool lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA,
         request = type == EDGEFN_VIEWER_REQUEST || type == EDGEFN_ORIGIN_REQUEST;
    edgefn_parse_opts opts = { ev->dialect, NULL, true, type };
    edgefn_str parts[3] = { lambda ? EDGEFN_S("{\"Records\":[{\"cf\":{\"request\":")
                                   : EDGEFN_S("{\"version\":\"1.0\",\"request\":"),
                            result, lambda ? EDGEFN_S("}}]}") : EDGEFN_S("}") };

    if (!request)
        parts[0] = lambda ? EDGEFN_S("{\"Records\":[{\"cf\":{\"response\":")
                          : EDGEFN_S("{\"version\":\"1.0\",\"response\":");
    edgefn_str json = edgefn_str_join(ev, parts, 3);
    size_t size = edgefn_memory_bound(json.len);
    void *mem = edgefn_alloc(ev, size, 16);
    if (mem == NULL) return false;
    if (edgefn_parse(to, json, edgefn_arena_make(mem, size), &opts) == EDGEFN_OK) return true;
    return edgefn_fail(ev, EDGEFN_E_CHECK, EDGEFN_S("the result cannot be read"));
}

/* Returns: the index of the field in `list` that has the name of from->items[at], and as many fields of that name before it. */
static inline size_t edgehost_runtime_twin(const edgefn_fields *list, const edgefn_fields *from,
                                           size_t at)
{
    edgefn_str name = from->items[at].name;
    size_t i = edgefn_find(list, name, 0);

    for (size_t k = edgefn_find(from, name, 0); k < at && i < list->len;
         k = edgefn_find(from, name, k + 1))
        i = edgefn_find(list, name, i + 1);
    return i;
}

static inline bool edgehost_runtime_same(edgefn_str a, edgefn_str b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && edgefn_str_eq(a, b);
}

typedef enum edgehost_runtime_list {
    EDGEHOST_RUNTIME_HEADERS,
    EDGEHOST_RUNTIME_PAIRS, /* parameters, or cookies of a request */
    EDGEHOST_RUNTIME_SET_COOKIES
} edgehost_runtime_list;

/* Adds a field. A header of Lambda@Edge whose "key" is absent, or another name, gets the name of its entry with capitals. */
static inline bool edgehost_runtime_add(edgefn_event *ev, edgefn_fields *to, const edgefn_field *f,
                                        edgehost_runtime_list kind)
{
    edgefn_str name = f->name;

    if (kind == EDGEHOST_RUNTIME_HEADERS && ev->dialect == EDGEFN_DIALECT_LAMBDA) {
        bool own = f->key.ptr != NULL && edgefn_str_ieq(f->key, name);
        name = own ? f->key : edgehost_line_name(ev, name);
    }
    return edgefn_add(to, name, f->value);
}

/* Makes `to`, a list of the event, equal to `from`; what is equal is not touched. */
static inline bool edgehost_runtime_fields(edgefn_event *ev, edgefn_fields *to,
                                           const edgefn_fields *from, edgehost_runtime_list kind)
{
    bool ok = true, cookies = kind == EDGEHOST_RUNTIME_SET_COOKIES;

    for (size_t i = 0; i < to->len && ok;) {
        size_t twin = edgehost_runtime_twin(from, to, i);
        if (twin == from->len) {
            ok = edgefn_remove_at(to, i);
            continue;
        }
        const edgefn_field *f = &from->items[twin];
        if (!edgefn_str_eq(to->items[i].value, f->value)) ok = edgefn_set_at(to, i, f->value);
        if (ok && cookies && to->items[i].attributes.len + f->attributes.len > 0
            && !edgefn_str_eq(to->items[i].attributes, f->attributes))
            ok = edgefn_set_attributes_at(to, i, f->attributes);
        i++;
    }
    for (size_t i = 0; i < from->len && ok; i++) {
        const edgefn_field *f = &from->items[i];
        if (edgehost_runtime_twin(to, from, i) < to->len) continue;
        ok = edgehost_runtime_add(ev, to, f, kind);
        if (ok && cookies && f->attributes.len > 0)
            ok = edgefn_set_attributes_at(to, to->len - 1, f->attributes);
    }
    return ok;
}

static inline void edgehost_runtime_assign(edgefn_str *to, edgefn_str from)
{
    if (!edgehost_runtime_same(*to, from)) *to = from;
}

/* A time of an origin. An absent one (0) is CloudFront's usual one, unless the event has none either. */
static inline void edgehost_runtime_seconds(uint32_t *to, uint32_t from, bool switched,
                                            uint32_t usual)
{
    if (from == 0 && (switched || *to != 0)) from = usual;
    *to = from;
}

static inline bool edgehost_runtime_origin(edgefn_event *ev, const edgefn_origin *from)
{
    edgefn_origin *to = &ev->request.origin;
    bool switched = to->kind != from->kind;

    to->kind = from->kind;
    edgehost_runtime_assign(&to->domain, from->domain);
    edgehost_runtime_assign(&to->path, from->path);
    if (switched || from->kind == EDGEFN_ORIGIN_S3) {
        edgehost_runtime_assign(&to->region, from->region);
        edgehost_runtime_assign(&to->auth_method, from->auth_method);
    }
    if (switched || from->kind == EDGEFN_ORIGIN_CUSTOM) {
        uint32_t usual = from->https ? 443 : 80;
        to->port = from->port != 0 ? from->port : usual;
        to->https = from->https;
        to->tls = from->tls;
        edgehost_runtime_seconds(&to->keepalive_s, from->keepalive_s, switched, 5);
    }
    edgehost_runtime_seconds(&to->read_timeout_s, from->read_timeout_s, switched, 30);
    to->completion_timeout_s = from->completion_timeout_s;
    return edgehost_runtime_fields(ev, &to->headers, &from->headers, EDGEHOST_RUNTIME_HEADERS);
}

/* The same for the cookies of a request of CloudFront Functions. A function may have sorted them for the cache key; any other new order is not taken over. */
static inline bool edgehost_runtime_cookies(edgefn_event *ev, edgefn_fields *to,
                                            const edgefn_fields *from)
{
    if (!edgehost_runtime_fields(ev, to, from, EDGEHOST_RUNTIME_PAIRS)) return false;
    for (size_t i = 1; i < from->len; i++)
        if (edgehost_tables_compare(from->items[i - 1].name, from->items[i].name) > 0) return true;
    return edgefn_sort(to);
}

static inline bool edgehost_runtime_request(edgefn_event *ev, edgefn_event *from)
{
    edgefn_request *to = &ev->request, *r = &from->request;
    bool lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA, ok = true;

    edgehost_runtime_assign(&to->method, r->method);
    edgehost_runtime_assign(&to->uri, r->uri);
    if (lambda) {
        edgehost_runtime_assign(&to->client_ip, r->client_ip);
        edgehost_runtime_assign(&to->querystring, r->querystring);
    } else if (r->querystring.ptr != NULL) {
        if (!edgefn_str_eq(edgefn_query_text(ev), r->querystring))
            ok = edgefn_query_set_raw(ev, r->querystring);
    } else
        ok = edgehost_runtime_fields(ev, edgefn_query(ev), edgefn_query(from),
                                     EDGEHOST_RUNTIME_PAIRS);
    ok = ok && edgehost_runtime_fields(ev, &to->headers, &r->headers, EDGEHOST_RUNTIME_HEADERS);
    if (!lambda)
        return ok && edgehost_runtime_cookies(ev, edgefn_cookies(ev), edgefn_cookies(from));
    if (ok && ev->type == EDGEFN_ORIGIN_REQUEST && r->origin.kind != EDGEFN_ORIGIN_NONE)
        ok = edgehost_runtime_origin(ev, &r->origin);
    if (!ok || !r->body.replace) return ok;
    edgefn_str bytes = edgefn_body_decode_part(from, &r->body);
    return edgefn_body_replace(ev, bytes, r->body.encoding);
}

static inline bool edgehost_runtime_response(edgefn_event *ev, edgefn_event *from)
{
    edgefn_response *to = &ev->response, *a = &from->response;
    bool lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA, ok = true,
         fixed = lambda && ev->type == EDGEFN_VIEWER_RESPONSE;
    edgefn_str body = edgefn_body_decode_part(from, &a->body);

    if (edgefn_is_request(ev)) {
        edgefn_respond_opts opts = { .encoding = a->body.encoding, .cacheable = true };
        opts.body = body;
        opts.status_text = a->status_text;
        ok = edgefn_respond(ev, a->status, &opts);
    } else {
        if (to->status != a->status) to->status = a->status;
        if (a->status_text.ptr != NULL) edgehost_runtime_assign(&to->status_text, a->status_text);
        if (body.ptr != NULL && !fixed) ok = edgefn_body_replace(ev, body, a->body.encoding);
    }
    ok = ok && edgehost_runtime_fields(ev, &to->headers, &a->headers, EDGEHOST_RUNTIME_HEADERS);
    if (lambda) return ok;
    return ok
           && edgehost_runtime_fields(ev, edgefn_response_cookies(ev),
                                      edgefn_response_cookies(from), EDGEHOST_RUNTIME_SET_COOKIES);
}

/* Makes the edits of a result, as a handler would. check: a result that CloudFront would refuse fails the event with EDGEFN_E_CHECK.
   Returns: false on failure. Memory: the result twice, and edgefn_memory_bound() of it. */
static inline bool edgehost_runtime_apply(edgefn_event *ev, edgefn_str result, bool check)
{
    edgefn_str status =
        ev->dialect == EDGEFN_DIALECT_LAMBDA ? EDGEFN_S("/status") : EDGEFN_S("/statusCode");
    edgefn_event from;
    edgefn_event_type type = ev->type;

    if (check && edgehost_runtime_refused(ev, result))
        return edgefn_fail(ev, EDGEFN_E_CHECK, EDGEFN_ABSENT);
    bool answer =
        edgefn_is_request(ev) && edgefn_json_at(ev, result, status).type != EDGEFN_JSON_ABSENT;
    if (answer)
        type = type == EDGEFN_VIEWER_REQUEST ? EDGEFN_VIEWER_RESPONSE : EDGEFN_ORIGIN_RESPONSE;
    if (!edgehost_runtime_read(ev, result, type, &from)) return false;
    bool request = edgefn_is_request(ev) && !answer;
    bool ok = request ? edgehost_runtime_request(ev, &from) : edgehost_runtime_response(ev, &from);
    if (!ok && ev->err.code == EDGEFN_OK) /* then reading ran out of memory */
        return edgefn_fail(ev, from.err.code, EDGEFN_S("the result"));
    return ok;
}

/* Runs a function's answer as if it were a handler. Returns: false if the event fails. */
static inline bool edgehost_runtime_handler(edgefn_event *ev, const edgehost_runtime_answer *answer,
                                            bool check)
{
    if (answer->kind == EDGEHOST_RUNTIME_OK) return edgehost_runtime_apply(ev, answer->text, check);
    return edgefn_fail(ev, EDGEFN_E_HANDLER, edgefn_str_cut(answer->text, EDGEFN_S("\n")).head);
}

#endif /* EDGEFN_RUNTIME_H_INCLUDED */
