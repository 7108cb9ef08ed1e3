/* edgefn_trace.h - records what functions did, for people who write them: lines in a file that `edgefn watch` and the page /__edge
   show. Every line has fields separated by tabs; JSON texts have no tab or line end in them.

       trigger  ID TYPE DIALECT HANDLER MICROSECONDS OUTCOME EVENT RESULT WHY
       log      ID TYPE TEXT
       finding  ID TYPE refused|doubtful RULE TEXT MESSAGE
       request  ID SECONDS METHOD TARGET STATUS X-CACHE MILLISECONDS SCHEME HOST

   OUTCOME is unchanged, forward, answer, response or fail. RESULT is empty if the handler failed, WHY if it did not. A request's line
   comes after those of its functions. Masked as ***: the values of Authorization and of cookies, of headers and query parameters named
   below, and the entries of the table "secret" wherever they occur. Long bodies are cut, and not masked otherwise.

   A host calls edgehost_trace_event() before the handler, edgehost_trace_log() for its log, and edgehost_trace_done() after the exchange:
   then t->lines is to be appended to the file with one write(). */
#ifndef EDGEFN_TRACE_H_INCLUDED
#define EDGEFN_TRACE_H_INCLUDED

#include "edgefn_proxy.h"
#include <time.h>

typedef struct edgehost_trace_text {
    char *ptr;
    size_t len, cap;
    bool failed; /* out of memory: the text is not complete */
} edgehost_trace_text;

/* Zero it first. The memory is kept for the next exchange. */
typedef struct edgehost_trace {
    edgehost_trace_text lines, event, logs;
    const edgehost_tables *tables; /* set it before edgehost_trace_event() */
    const char *type;
    uint64_t began_us;
} edgehost_trace;

/* As .tables: nothing is masked or cut. For functions in other languages, which get their events as JSON. */
static const edgehost_tables edgehost_trace_open = { NULL, 0 };

/* A body is cut to this many characters of its data. */
#define EDGEHOST_TRACE_BODY 4096

/*--- text -------------------------------------------------------------------------------------------------------------*/

static inline void edgehost_trace_add(edgehost_trace_text *t, edgefn_str s)
{
    if (t->cap - t->len < s.len) {
        size_t cap = (t->len + s.len) * 2 + 4096;
        char *more = t->failed ? NULL : (char *)realloc(t->ptr, cap);
        if (more == NULL) {
            t->failed = true;
            return;
        }
        t->ptr = more;
        t->cap = cap;
    }
    if (s.len > 0) memcpy(t->ptr + t->len, s.ptr, s.len);
    t->len += s.len;
}

/* Adds s[from..to). */
static inline void edgehost_trace_part(edgehost_trace_text *t, edgefn_str s, size_t from, size_t to)
{
    edgehost_trace_add(t, edgefn_str_take(edgefn_str_skip(s, from), to - from));
}

static inline void edgehost_trace_put(edgehost_trace_text *t, const char *text)
{
    edgehost_trace_add(t, edgefn_cstr(text));
}

static inline void edgehost_trace_number(edgehost_trace_text *t, uint64_t n)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    edgehost_trace_put(t, digits);
}

/* A member that is a number; name: with its punctuation. */
static inline void edgehost_trace_count(edgehost_trace_text *t, const char *name, uint64_t n)
{
    edgehost_trace_put(t, name);
    edgehost_trace_number(t, n);
}

static inline void edgehost_trace_escaped(edgehost_trace_text *t, edgefn_str s)
{
    char escape[8];

    size_t from = 0;

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= ' ' && c != '"' && c != '\\') continue;
        edgehost_trace_part(t, s, from, i);
        from = i + 1;
        snprintf(escape, sizeof escape, c < ' ' ? "\\u%04x" : "\\%c", c);
        edgehost_trace_put(t, escape);
    }
    edgehost_trace_part(t, s, from, s.len);
}

/* A text that is not JSON: control characters become '?'. */
static inline void edgehost_trace_plain(edgehost_trace_text *t, edgefn_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] < ' ')
            edgehost_trace_put(t, "?");
        else
            edgehost_trace_part(t, s, i, i + 1);
    }
}

static inline void edgehost_trace_field(edgehost_trace_text *t, edgefn_str s)
{
    edgehost_trace_put(t, "\t");
    edgehost_trace_plain(t, s);
}

/*--- masks ------------------------------------------------------------------------------------------------------------*/

/* Copies a text without the secrets in it. put: copies a part. */
static inline void edgehost_trace_without(edgehost_trace_text *t, const edgehost_tables *tables,
                                          edgefn_str s,
                                          void (*put)(edgehost_trace_text *t, edgefn_str s))
{
    size_t from = 0;

    for (size_t i = 0; tables != NULL && tables->count > 0 && i < s.len; i++) {
        size_t len = edgehost_tables_secret(tables, edgefn_str_skip(s, i));
        if (len == 0) continue;
        put(t, edgefn_str_take(edgefn_str_skip(s, from), i - from));
        edgehost_trace_put(t, "***");
        from = i + len;
        i = from - 1;
    }
    put(t, edgefn_str_skip(s, from));
}

/* The same into a JSON string. */
static inline void edgehost_trace_masked(edgehost_trace_text *t, const edgehost_tables *tables,
                                         edgefn_str s)
{
    edgehost_trace_without(t, tables, s, edgehost_trace_escaped);
}

/* Reports whether a query parameter of that name holds a secret. */
static inline bool edgehost_trace_private(edgefn_str name)
{
    static const edgefn_str parts[] = { EDGEFN_S_INIT("token"), EDGEFN_S_INIT("secret"),
                                        EDGEFN_S_INIT("passw"), EDGEFN_S_INIT("signature") };
    char lower[32];
    size_t len = name.len < sizeof lower ? name.len : sizeof lower;

    for (size_t i = 0; i < len; i++)
        lower[i] =
            (char)(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? name.ptr[i] + 32 : name.ptr[i]);
    edgefn_str text = { lower, len };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (edgefn_str_contains(text, parts[i])) return true;
    return edgefn_str_eq(text, EDGEFN_S("code")) || edgefn_str_eq(text, EDGEFN_S("sig"));
}

/* A header whose value is not shown at all. */
static inline bool edgehost_trace_hides(edgefn_str name)
{
    static const edgefn_str names[] = { EDGEFN_S_INIT("authorization"),
                                        EDGEFN_S_INIT("proxy-authorization"),
                                        EDGEFN_S_INIT("x-amz-security-token"),
                                        EDGEFN_S_INIT("x-api-key") };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (edgefn_str_ieq(name, names[i])) return true;
    return false;
}

/* Copies "a=1<between>b=2" with the values of all names, or of private names, masked. */
static inline void edgehost_trace_pairs(edgehost_trace_text *t, const edgehost_tables *tables,
                                        edgefn_str s, const char *between, bool all)
{
    edgefn_cut piece = { s, s, true };

    for (bool first = true; piece.found; first = false) {
        piece = edgefn_str_cut(piece.tail, edgefn_cstr(between));
        edgefn_cut pair = edgefn_str_cut(piece.head, EDGEFN_S("="));
        if (!first) edgehost_trace_put(t, between);
        edgehost_trace_masked(t, tables, pair.head);
        if (pair.found) edgehost_trace_put(t, "=");
        bool hidden = tables != &edgehost_trace_open
                      && (all || edgehost_trace_private(edgefn_str_trim(pair.head)));
        if (pair.found && hidden)
            edgehost_trace_put(t, "***");
        else if (pair.found)
            edgehost_trace_masked(t, tables, pair.tail);
    }
}

/* Copies an address, with the values of private parameters of its query masked. */
static inline void edgehost_trace_address(edgehost_trace_text *t, const edgehost_tables *tables,
                                          edgefn_str s)
{
    edgefn_cut cut = edgefn_str_cut(s, EDGEFN_S("?"));

    edgehost_trace_masked(t, tables, cut.head);
    if (cut.found) edgehost_trace_put(t, "?");
    if (cut.found) edgehost_trace_pairs(t, tables, cut.tail, "&", false);
}

/*--- JSON -------------------------------------------------------------------------------------------------------------*/

static inline void edgehost_trace_string(edgehost_trace *t, edgefn_str s)
{
    edgehost_trace_put(&t->lines, "\"");
    edgehost_trace_masked(&t->lines, t->tables, s);
    edgehost_trace_put(&t->lines, "\"");
}

static inline void edgehost_trace_member(edgehost_trace *t, const char *name, edgefn_str s)
{
    edgehost_trace_put(&t->lines, name); /* with its punctuation */
    edgehost_trace_string(t, s);
}

typedef enum edgehost_trace_kind {
    EDGEHOST_TRACE_HEADERS,
    EDGEHOST_TRACE_QUERY,
    EDGEHOST_TRACE_COOKIES
} edgehost_trace_kind;

static inline void edgehost_trace_value(edgehost_trace *t, const edgefn_field *f,
                                        edgehost_trace_kind kind)
{
    edgehost_trace_text *to = &t->lines;
    bool headers = kind == EDGEHOST_TRACE_HEADERS;

    edgehost_trace_put(to, "\"value\":\"");
    if (t->tables == &edgehost_trace_open)
        edgehost_trace_escaped(to, f->value);
    else if (kind == EDGEHOST_TRACE_COOKIES || (headers && edgehost_trace_hides(f->name))
             || (kind == EDGEHOST_TRACE_QUERY && edgehost_trace_private(f->name)))
        edgehost_trace_put(to, "***");
    else if (headers && edgefn_str_eq(f->name, EDGEFN_S("cookie")))
        edgehost_trace_pairs(to, t->tables, f->value, ";", true);
    else if (headers && edgefn_str_eq(f->name, EDGEFN_S("set-cookie"))) {
        edgefn_cut cut = edgefn_str_cut(f->value, EDGEFN_S(";"));
        edgehost_trace_pairs(to, t->tables, cut.head, ";", true);
        if (cut.found) edgehost_trace_put(to, ";");
        edgehost_trace_masked(to, t->tables, cut.tail);
    } else
        edgehost_trace_address(to, t->tables, f->value);
    edgehost_trace_put(to, "\"");
    if (f->attributes.ptr != NULL) edgehost_trace_member(t, ",\"attributes\":", f->attributes);
}

/* The fields of one name: their number, or written as an array of objects. */
static inline size_t edgehost_trace_same(edgehost_trace *t, const edgefn_fields *list, size_t from,
                                         edgehost_trace_kind kind, bool write)
{
    bool lambda = list->items[from].key.ptr != NULL;
    size_t count = 0;

    for (size_t i = from; i < list->len; i++) {
        if (!edgefn_str_eq(list->items[i].name, list->items[from].name)) continue;
        if (count++ > 0 && write) edgehost_trace_put(&t->lines, ",");
        if (!write) continue;
        edgehost_trace_put(&t->lines, "{");
        if (lambda) edgehost_trace_member(t, "\"key\":", list->items[i].key);
        if (lambda) edgehost_trace_put(&t->lines, ",");
        edgehost_trace_value(t, &list->items[i], kind);
        edgehost_trace_put(&t->lines, "}");
    }
    return count;
}

static inline bool edgehost_trace_seen(const edgefn_fields *list, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (edgefn_str_eq(list->items[i].name, list->items[at].name)) return true;
    return false;
}

static inline void edgehost_trace_fields(edgehost_trace *t, const edgefn_fields *list,
                                         edgehost_trace_kind kind, bool lambda)
{
    const char *between = "";

    edgehost_trace_put(&t->lines, "{");
    for (size_t i = 0; i < list->len; i++) {
        if (edgehost_trace_seen(list, i)) continue;
        edgehost_trace_put(&t->lines, between);
        between = ",";
        edgehost_trace_member(t, "", list->items[i].name);
        edgehost_trace_put(&t->lines, lambda ? ":[" : ":{");
        if (lambda)
            edgehost_trace_same(t, list, i, kind, true);
        else {
            edgehost_trace_value(t, &list->items[i], kind);
            if (edgehost_trace_same(t, list, i, kind, false) > 1) {
                edgehost_trace_put(&t->lines, ",\"multiValue\":[");
                edgehost_trace_same(t, list, i, kind, true);
                edgehost_trace_put(&t->lines, "]");
            }
        }
        edgehost_trace_put(&t->lines, lambda ? "]" : "}");
    }
    edgehost_trace_put(&t->lines, "}");
}

/* Returns: the length to which a body's data is cut. */
static inline size_t edgehost_trace_cut(const edgehost_trace *t, const edgefn_body *body)
{
    size_t len = body->data.len;

    if (len <= EDGEHOST_TRACE_BODY || t->tables == &edgehost_trace_open) return len;
    len = EDGEHOST_TRACE_BODY; /* a multiple of 4, for base64 */
    while (body->encoding != EDGEFN_ENCODING_BASE64 && len > 0
           && ((unsigned char)body->data.ptr[len] & 0xC0) == 0x80)
        len--; /* does not split a character */
    return len;
}

static inline void edgehost_trace_request(edgehost_trace *t, edgefn_event *ev)
{
    edgefn_request *r = &ev->request;
    bool lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA;
    edgehost_trace_text *to = &t->lines;

    edgehost_trace_put(to, "{");
    if (lambda) edgehost_trace_member(t, "\"clientIp\":", r->client_ip);
    edgehost_trace_put(to, lambda ? ",\"headers\":" : "\"headers\":");
    edgehost_trace_fields(t, &r->headers, EDGEHOST_TRACE_HEADERS, lambda);
    edgehost_trace_member(t, ",\"method\":", r->method);
    if (lambda) {
        edgehost_trace_put(to, ",\"querystring\":\"");
        edgehost_trace_pairs(to, t->tables, edgefn_query_text(ev), "&", false);
        edgehost_trace_put(to, "\"");
    } else {
        edgehost_trace_put(to, ",\"querystring\":");
        edgehost_trace_fields(t, edgefn_query(ev), EDGEHOST_TRACE_QUERY, false);
        edgehost_trace_put(to, ",\"cookies\":");
        edgehost_trace_fields(t, edgefn_cookies(ev), EDGEHOST_TRACE_COOKIES, false);
    }
    edgehost_trace_member(t, ",\"uri\":", r->uri);
    if (r->body.data.ptr != NULL) {
        size_t len = edgehost_trace_cut(t, &r->body);
        edgehost_trace_put(to, r->body.replace
                                   ? ",\"body\":{\"action\":\"replace\",\"encoding\":"
                                   : ",\"body\":{\"action\":\"read-only\",\"encoding\":");
        edgehost_trace_put(to,
                           r->body.encoding == EDGEFN_ENCODING_BASE64 ? "\"base64\"" : "\"text\"");
        edgehost_trace_put(to, r->body.truncated || len < r->body.data.len
                                   ? ",\"inputTruncated\":true"
                                   : ",\"inputTruncated\":false");
        edgehost_trace_member(t, ",\"data\":", edgefn_str_take(r->body.data, len));
        edgehost_trace_put(to, "}");
    }
}

static inline void edgehost_trace_origin(edgehost_trace *t, const edgefn_origin *o)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } versions[] = { { EDGEFN_TLS1_0, "\"TLSv1\"" },
                     { EDGEFN_SSL3, "\"SSLv3\"" },
                     { EDGEFN_TLS1_1, "\"TLSv1.1\"" },
                     { EDGEFN_TLS1_2, "\"TLSv1.2\"" } };
    bool custom = o->kind == EDGEFN_ORIGIN_CUSTOM;
    edgehost_trace_text *to = &t->lines;
    const char *between = "";

    if (o->kind == EDGEFN_ORIGIN_NONE) return;
    edgehost_trace_put(to, custom ? ",\"origin\":{\"custom\":{\"customHeaders\":"
                                  : ",\"origin\":{\"s3\":{\"customHeaders\":");
    edgehost_trace_fields(t, &o->headers, EDGEHOST_TRACE_HEADERS, true);
    edgehost_trace_member(t, ",\"domainName\":", o->domain);
    edgehost_trace_member(t, ",\"path\":", o->path);
    if (o->read_timeout_s > 0) edgehost_trace_count(to, ",\"readTimeout\":", o->read_timeout_s);
    if (o->completion_timeout_s > 0)
        edgehost_trace_count(to, ",\"responseCompletionTimeout\":", o->completion_timeout_s);
    if (custom) {
        edgehost_trace_count(to, ",\"keepaliveTimeout\":", o->keepalive_s);
        edgehost_trace_count(to, ",\"port\":", o->port);
        edgehost_trace_put(to, o->https ? ",\"protocol\":\"https\",\"sslProtocols\":["
                                        : ",\"protocol\":\"http\",\"sslProtocols\":[");
        for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
            if (!(o->tls & versions[i].bit)) continue;
            edgehost_trace_put(to, between);
            edgehost_trace_put(to, versions[i].name);
            between = ",";
        }
        edgehost_trace_put(to, "]");
    } else {
        edgehost_trace_member(t, ",\"region\":", o->region);
        edgehost_trace_member(t, ",\"authMethod\":", o->auth_method);
    }
    edgehost_trace_put(to, "}}");
}

static inline void edgehost_trace_response(edgehost_trace *t, edgefn_event *ev)
{
    edgefn_response *r = &ev->response;
    bool lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA;
    edgehost_trace_text *to = &t->lines;

    edgehost_trace_put(to, lambda ? "{\"status\":\"" : "{\"statusCode\":");
    edgehost_trace_number(to, r->status);
    edgehost_trace_put(to, lambda ? "\"," : ",");
    edgehost_trace_member(t, "\"statusDescription\":",
                          r->status_text.ptr != NULL ? r->status_text
                                                     : edgefn_status_text(r->status));
    edgehost_trace_put(to, ",\"headers\":");
    edgehost_trace_fields(t, &r->headers, EDGEHOST_TRACE_HEADERS, lambda);
    if (!lambda) {
        edgehost_trace_put(to, ",\"cookies\":");
        edgehost_trace_fields(t, edgefn_response_cookies(ev), EDGEHOST_TRACE_COOKIES, false);
    }
    if (r->body.data.ptr == NULL) return;
    const char *encoding = r->body.encoding == EDGEFN_ENCODING_BASE64 ? "\"base64\"" : "\"text\"";
    edgehost_trace_put(to, lambda ? ",\"bodyEncoding\":" : ",\"body\":{\"encoding\":");
    edgehost_trace_put(to, encoding);
    edgehost_trace_member(t, lambda ? ",\"body\":" : ",\"data\":",
                          edgefn_str_take(r->body.data, edgehost_trace_cut(t, &r->body)));
    if (!lambda) edgehost_trace_put(to, "}");
}

/*--- an exchange ------------------------------------------------------------------------------------------------------*/

static inline uint64_t edgehost_trace_clock(void)
{
    struct timespec now = { 0, 0 };

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* Records an event as the handler will get it. Called again if the exchange is repeated with more memory. */
static inline void edgehost_trace_event(edgehost_trace *t, edgefn_event *ev)
{
    bool lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA;
    edgehost_trace_text *to = &t->lines;

    t->lines.len = t->logs.len = 0;
    t->lines.failed = t->logs.failed = t->event.failed = false;
    t->type = edgefn_event_type_name(ev->type);
    edgehost_trace_put(to, lambda ? "{\"Records\":[{\"cf\":{\"config\":{"
                                  : "{\"version\":\"1.0\",\"context\":{");
    edgehost_trace_member(t, "\"distributionDomainName\":", ev->domain);
    if (lambda || ev->distribution_id.len > 0)
        edgehost_trace_member(t, ",\"distributionId\":", ev->distribution_id);
    edgehost_trace_member(t, ",\"eventType\":", edgefn_cstr(t->type));
    edgehost_trace_member(t, ",\"requestId\":", ev->request_id);
    if (!lambda) edgehost_trace_member(t, "},\"viewer\":{\"ip\":", ev->request.client_ip);
    edgehost_trace_put(to, "},\"request\":");
    edgehost_trace_request(t, ev);
    edgehost_trace_origin(t, &ev->request.origin);
    edgehost_trace_put(to, "}");
    if (!edgefn_is_request(ev)) {
        edgehost_trace_put(to, ",\"response\":");
        edgehost_trace_response(t, ev);
        edgehost_trace_put(to, "}");
    }
    edgehost_trace_put(to, lambda ? "}}]}" : "}");
    edgehost_trace_text event = t->lines; /* the two change places */
    t->lines = t->event;
    t->event = event;
    t->lines.len = 0;
    t->began_us = edgehost_trace_clock();
}

static inline void edgehost_trace_begin(edgehost_trace_text *to, const char *line, edgefn_str id,
                                        const char *type)
{
    edgehost_trace_put(to, line);
    edgehost_trace_field(to, id);
    edgehost_trace_field(to, edgefn_cstr(type));
}

/* A field that may quote what must be masked. */
static inline void edgehost_trace_quoted(edgehost_trace *t, edgehost_trace_text *to, edgefn_str s)
{
    edgehost_trace_put(to, "\t");
    for (edgefn_cut cut = { s, s, true }; cut.found;) {
        cut = edgefn_str_cut(cut.tail, EDGEFN_S("\t"));
        edgehost_trace_without(to, t->tables, cut.head, edgehost_trace_plain);
        if (cut.found) edgehost_trace_put(to, " ");
    }
}

/* edgefn_env.log. line: of edgehost_log_line() */
static inline void edgehost_trace_log(edgehost_trace *t, edgefn_str id, edgefn_str line)
{
    edgehost_trace_begin(&t->logs, "log", id, t->type);
    edgehost_trace_quoted(t, &t->logs, line);
    edgehost_trace_put(&t->logs, "\n");
}

static inline void edgehost_trace_findings(edgehost_trace *t, edgefn_event *ev, edgefn_str result)
{
    edgefn_finding findings[8];
    char message[300];
    size_t count = edgehost_why_check(ev, result, findings, 8);

    for (size_t i = 0; count != SIZE_MAX && i < count && i < 8; i++) {
        const edgefn_finding *f = &findings[i];
        size_t len = edgefn_finding_message(f, message, sizeof message);
        bool doubtful = f->rule->confidence == EDGEFN_CONFIDENCE_DOUBTFUL;
        edgehost_trace_begin(&t->lines, "finding", ev->request_id, t->type);
        edgehost_trace_put(&t->lines, doubtful ? "\tdoubtful" : "\trefused");
        edgehost_trace_field(&t->lines, edgefn_cstr(f->rule->id));
        edgehost_trace_field(&t->lines, edgefn_cstr(f->rule->text));
        if (f->subject.len > 0) edgehost_trace_put(&t->lines, ": ");
        edgehost_trace_masked(&t->lines, t->tables, edgefn_str_take(f->subject, 80));
        len = len < sizeof message ? len : sizeof message - 1;
        edgehost_trace_quoted(t, &t->lines, (edgefn_str){ message, len });
        edgehost_trace_put(&t->lines, "\n");
    }
}

/* Reports whether a handler changed anything. */
static inline bool edgehost_trace_edited(edgefn_event *ev, const edgehost_edits *edits)
{
    if (edits->headers || edits->uri.ptr != NULL || edits->query.ptr != NULL
        || edits->body.ptr != NULL)
        return true;
    for (int m = EDGEFN_MEMBER_ORIGIN; m <= EDGEFN_MEMBER_ORIGIN_AUTH_METHOD; m++)
        if (edgefn_changed(ev, (edgefn_member)m) != EDGEFN_CHANGE_NONE) return true;
    return edgefn_fields_changed(&ev->request.origin.headers)
           || edgefn_changed(ev, EDGEFN_MEMBER_STATUS) != EDGEFN_CHANGE_NONE
           || edgefn_changed(ev, EDGEFN_MEMBER_STATUS_TEXT) != EDGEFN_CHANGE_NONE;
}

static inline const char *edgehost_trace_outcome(edgefn_event *ev, edgefn_outcome outcome,
                                                 const edgehost_edits *edits)
{
    if (outcome == EDGEFN_OUTCOME_FAIL) return "fail";
    if (outcome == EDGEFN_OUTCOME_ANSWER) return "answer";
    if (!edgehost_trace_edited(ev, edits)) return "unchanged";
    return edgefn_is_request(ev) ? "forward" : "response";
}

/* Makes the lines of an exchange. Call it after edgehost_exchange(), whose event it describes. */
static inline void edgehost_trace_done(edgehost_trace *t, edgefn_event *ev,
                                       const edgehost_trigger *trigger, edgefn_outcome outcome,
                                       const edgehost_edits *edits)
{
    uint64_t us = edgehost_trace_clock() - t->began_us;
    bool lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA, failed = outcome == EDGEFN_OUTCOME_FAIL,
         response = !edgefn_is_request(ev), answer = outcome == EDGEFN_OUTCOME_ANSWER;
    const char *name = strrchr(trigger->name, '/');
    char why[1024];

    edgehost_trace_begin(&t->lines, "trigger", ev->request_id, t->type);
    edgehost_trace_put(&t->lines, lambda ? "\tlambda" : "\tfunctions");
    edgehost_trace_field(&t->lines, edgefn_cstr(name != NULL ? name + 1 : trigger->name));
    edgehost_trace_put(&t->lines, "\t");
    edgehost_trace_number(&t->lines, us);
    edgehost_trace_field(&t->lines, edgefn_cstr(edgehost_trace_outcome(ev, outcome, edits)));
    edgehost_trace_put(&t->lines, "\t");
    edgehost_trace_add(&t->lines, (edgefn_str){ t->event.ptr, t->event.len });
    edgehost_trace_put(&t->lines, "\t");
    if (answer || (response && !failed)) {
        edgehost_trace_response(t, ev);
        edgehost_trace_put(&t->lines, "}");
    } else if (!failed) {
        edgehost_trace_request(t, ev);
        edgehost_trace_origin(t, &ev->request.origin);
        edgehost_trace_put(&t->lines, "}");
    }
    size_t len = failed ? edgehost_trigger_why(ev, trigger, why, sizeof why) : 0;
    edgefn_cut first = edgefn_str_cut((edgefn_str){ why, len }, EDGEFN_S("\n"));
    edgehost_trace_quoted(t, &t->lines, edgefn_str_trim(first.head));
    edgehost_trace_put(&t->lines, "\n");
    edgehost_trace_findings(t, ev, edgehost_trigger_result(trigger));
    if (t->logs.len > 0) edgehost_trace_add(&t->lines, (edgefn_str){ t->logs.ptr, t->logs.len });
    t->logs.len = 0;
}

/* What a host knows of a request that was answered. */
typedef struct edgehost_trace_facts {
    edgefn_str id, method, target, x_cache, host;
    uint32_t status;
    uint64_t at_ms, took_ms; /* at_ms: since 1970 */
    bool https;
} edgehost_trace_facts;

static inline void edgehost_trace_answered(edgehost_trace *t, const edgehost_trace_facts *f)
{
    edgehost_trace_text *to = &t->lines;
    char number[48];

    to->len = 0;
    to->failed = false;
    edgehost_trace_put(to, "request");
    edgehost_trace_field(to, f->id);
    snprintf(number, sizeof number, "\t%llu.%03u", (unsigned long long)(f->at_ms / 1000),
             (unsigned)(f->at_ms % 1000));
    edgehost_trace_put(to, number);
    edgehost_trace_field(to, f->method);
    edgehost_trace_put(to, "\t");
    edgehost_trace_address(to, t->tables, f->target);
    snprintf(number, sizeof number, "\t%u", (unsigned)f->status);
    edgehost_trace_put(to, number);
    edgehost_trace_field(to, f->x_cache);
    snprintf(number, sizeof number, "\t%llu", (unsigned long long)f->took_ms);
    edgehost_trace_put(to, number);
    edgehost_trace_put(to, f->https ? "\thttps" : "\thttp");
    edgehost_trace_field(to, f->host);
    edgehost_trace_put(to, "\n");
}

#endif /* EDGEFN_TRACE_H_INCLUDED */
