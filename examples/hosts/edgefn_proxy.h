/* edgefn_proxy.h - what every proxy needs to run handlers: the rules of a cache behaviour, memory, the call itself, the response on
   failure, and the headers that CloudFront adds. The proxy implements HTTP, this file the behaviour of CloudFront.

   One exchange is one call of a handler for one event. A proxy keeps an edgehost_trigger for each configured handler and an edgehost_scratch for each thread, and calls

       edgefn_event ev;
       edgehost_edits edits;
       switch (edgehost_exchange(&ev, trigger, &env, &scratch, fill, request, &edits)) { // fill sets the members and lists of ev
       case EDGEFN_OUTCOME_FORWARD: apply edits, and ev.request.origin in origin-request; continue
       case EDGEFN_OUTCOME_ANSWER:  send ev.response.status with the edits
       case EDGEFN_OUTCOME_FAIL:    send edgehost_failure_of(&ev, trigger, &tables, buf, sizeof buf)
       }

   All strings of ev are valid until the thread's next exchange: copy those you need longer. A proxy whose server has no messages that can be edited
   uses edgefn_transaction.h, which calls this. */
#ifndef EDGEFN_PROXY_H_INCLUDED
#define EDGEFN_PROXY_H_INCLUDED

#include "edgefn_load.h"
#include "edgefn_retry.h"
#include "edgefn_runtime.h"
#include "edgefn_tables.h"
#include "edgefn_why.h"
#include <sys/random.h>
#include <time.h>

/* The function of a cache behaviour for one event type. All zero: no function. */
typedef struct edgehost_trigger {
    edgefn_event_type type;
    edgefn_dialect dialect;
    edgehost_handler_fn *handler;
    const char *name; /* of the handler, for logs and pages */
    bool
        check; /* true: a result that CloudFront would refuse fails; false: it is applied as far as HTTP allows */
    bool appends; /* true: the host understands edgehost_edits.only_added; false: it is never set */
    const edgehost_runtime_answer
        *answer; /* of a function in another language, see edgefn_runtime.h; NULL: a handler in C */
} edgehost_trigger;

/* Returns: the JSON of the result of a function in another language; absent for others. */
static inline edgefn_str edgehost_trigger_result(const edgehost_trigger *t)
{
    return t->answer != NULL && t->answer->kind == EDGEHOST_RUNTIME_OK ? t->answer->text
                                                                       : EDGEFN_ABSENT;
}

/* Memory that successive exchanges reuse. Zero it first; call edgehost_scratch_free() at the end. */
typedef struct edgehost_scratch {
    unsigned char *ptr;
    size_t cap, used; /* used: by the last exchange */
    unsigned calm;    /* number of exchanges in a row that used less than a quarter */
} edgehost_scratch;

static inline void edgehost_scratch_free(edgehost_scratch *s)
{
    free(s->ptr);
    s->ptr = NULL;
    s->cap = s->used = 0;
    s->calm = 0;
}

/* The first and the largest size. If a handler runs out of memory, the exchange is repeated with twice as much, up to the largest size. */
enum { EDGEHOST_SCRATCH_MIN = 64 * 1024, EDGEHOST_SCRATCH_MAX = 64 * 1024 * 1024 };

/* Sets what the proxy received, between edgefn_build_begin() and edgefn_build_end(). Returns: false on failure; then the exchange fails. */
typedef bool edgehost_fill_fn(edgefn_event *ev, void *host);

/* Checks whether one cache behaviour may have these functions. triggers: indexed by edgefn_event_type.
   Returns: NULL, or why it may not. Source: Restrictions on all edge functions: one function per event type; not CloudFront Functions for one
   viewer event and Lambda@Edge for the other; CloudFront Functions only for viewer events. */
static inline const char *edgehost_combination(const edgehost_trigger triggers[5])
{
    const edgehost_trigger *in = &triggers[EDGEFN_VIEWER_REQUEST],
                           *out = &triggers[EDGEFN_VIEWER_RESPONSE];

    if (triggers[EDGEFN_ORIGIN_REQUEST].dialect == EDGEFN_DIALECT_FUNCTIONS
        || triggers[EDGEFN_ORIGIN_RESPONSE].dialect == EDGEFN_DIALECT_FUNCTIONS)
        return "CloudFront Functions has no origin events: only Lambda@Edge can be at origin-request and origin-response";
    if (in->handler != NULL && out->handler != NULL && in->dialect != out->dialect)
        return "one cache behaviour cannot have CloudFront Functions at one viewer event and Lambda@Edge at the other";
    return NULL;
}

/* Reports whether CloudFront hides a header from functions in such events. A proxy must neither show it nor let a handler set it. */
static inline bool edgehost_hidden(const edgehost_trigger *t, edgefn_str name)
{
    return edgefn_header_policy(t->dialect, t->type, name) == EDGEFN_POLICY_DISALLOWED;
}

/* Reports whether CloudFront accepts a method; it answers others with a 403. */
static inline bool edgehost_method_allowed(edgefn_str method)
{
    static const edgefn_str allowed[] = { EDGEFN_S_INIT("GET"),     EDGEFN_S_INIT("HEAD"),
                                          EDGEFN_S_INIT("OPTIONS"), EDGEFN_S_INIT("PUT"),
                                          EDGEFN_S_INIT("POST"),    EDGEFN_S_INIT("PATCH"),
                                          EDGEFN_S_INIT("DELETE") };

    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (edgefn_str_eq(method, allowed[i])) return true;
    return false;
}

/* CloudFront's quotas, in bytes. A longer URL (path and query) is answered with a 414, a longer request head (first line and headers with
   their line ends) with a 494. */
enum { EDGEHOST_URL_MAX = 8192, EDGEHOST_HEAD_MAX = 32768 };

/* Returns: the status with which CloudFront refuses a request before any function sees it; 0: none. url, head: lengths in bytes. A body that comes
   with GET is refused, too, with a 403: the server knows whether there is one. */
static inline uint32_t edgehost_refusal(edgefn_str method, size_t url, size_t head)
{
    if (!edgehost_method_allowed(method)) return 403;
    if (url > EDGEHOST_URL_MAX) return 414;
    return head > EDGEHOST_HEAD_MAX ? 494 : 0;
}

/* How many bytes of a request's body functions see. */
enum { EDGEHOST_BODY_VIEWER = 40 * 1024, EDGEHOST_BODY_ORIGIN = 1024 * 1024 };

static inline size_t edgehost_body_most(edgefn_event_type type)
{
    return type == EDGEFN_VIEWER_REQUEST ? EDGEHOST_BODY_VIEWER : EDGEHOST_BODY_ORIGIN;
}

/* Shows a request's body to the function. Call it from fill(). bytes: the body, or with truncated its beginning. Returns: false when out of memory. */
static inline bool edgehost_fill_body(edgefn_event *ev, edgefn_str bytes, bool truncated)
{
    edgefn_body *body = &ev->request.body;
    size_t most = edgehost_body_most(ev->type);

    body->encoding = EDGEFN_ENCODING_BASE64;
    body->truncated = truncated || bytes.len > most;
    body->data = EDGEFN_S("");
    if (bytes.len > 0) body->data = edgefn_base64_encode(ev, edgefn_str_take(bytes, most));
    return body->data.ptr != NULL;
}

/* Reports whether CloudFront removes a header of the viewer from the request to the origin: after viewer-request, before
   origin-request. Connection, Expect, Keep-Alive, Transfer-Encoding and Upgrade are not included: they belong to the proxy's own
   connections. Source: HTTP request headers and CloudFront behavior. */
static inline bool edgehost_viewers_only(edgefn_str name)
{
    static const edgefn_str names[] = { EDGEFN_S_INIT("TE"),
                                        EDGEFN_S_INIT("Trailer"),
                                        EDGEFN_S_INIT("Proxy-Authenticate"),
                                        EDGEFN_S_INIT("Proxy-Authorization"),
                                        EDGEFN_S_INIT("Proxy-Connection"),
                                        EDGEFN_S_INIT("X-Forwarded-Proto"),
                                        EDGEFN_S_INIT("X-Real-IP"),
                                        EDGEFN_S_INIT("X-HTTP-Method-Override") };

    char first = (char)(name.len > 0 ? name.ptr[0] | 0x20 : 0);
    if (first != 't' && first != 'p' && first != 'x') return false; /* most names */
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (edgefn_str_ieq(name, names[i])) return true;
    return edgefn_str_ieq(edgefn_str_take(name, 7), EDGEFN_S("X-Edge-"));
}

/* A header line. */
typedef struct edgehost_line {
    edgefn_str name, value;
} edgehost_line;

/* Reports whether a header is about a message's length, which the proxy sets itself. */
static inline bool edgehost_framing(edgefn_str name)
{
    static const edgefn_str length = EDGEFN_S_INIT("Content-Length"),
                            coding = EDGEFN_S_INIT("Transfer-Encoding");

    return (name.len == length.len && edgefn_str_ieq(name, length))
           || (name.len == coding.len && edgefn_str_ieq(name, coding));
}

/* Reports whether a header is about a message's length or the connection, which servers handle themselves. */
static inline bool edgehost_connection(edgefn_str name)
{
    static const edgefn_str names[] = { EDGEFN_S_INIT("Connection"), EDGEFN_S_INIT("Keep-Alive"),
                                        EDGEFN_S_INIT("Proxy-Connection"), EDGEFN_S_INIT("Upgrade"),
                                        EDGEFN_S_INIT("Trailer") };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (edgefn_str_ieq(names[i], name)) return true;
    return edgehost_framing(name);
}

/* Shows where the request is sent. Call it from fill(). from->headers is not read: lines are the origin's own headers. Returns: false when out of memory. */
static inline bool edgehost_fill_origin(edgefn_event *ev, const edgefn_origin *from,
                                        const edgehost_line *lines, size_t count)
{
    edgefn_origin *to = &ev->request.origin;
    edgefn_fields headers = to->headers; /* belongs to the event */
    bool ok = true;

    *to = *from;
    to->headers = headers;
    for (size_t i = 0; i < count && ok; i++)
        ok = edgefn_add(&to->headers, lines[i].name, lines[i].value);
    return ok;
}

/* Texts shown to handlers for bytes that are not UTF-8. CloudFront treats these as ISO-8859-1 and converts them; what a function does not
   change is forwarded with its original bytes. */
typedef struct edgehost_converted {
    edgehost_line *
        items; /* name: the text in UTF-8, value: its bytes as received. Ordered by the addresses of the texts */
    size_t len, cap;
} edgehost_converted;

/* Returns: the length of the UTF-8 character at p; 0 if it is invalid. room: at least 1. */
static inline size_t edgehost_utf8_length(const unsigned char *p, size_t room)
{
    size_t n = p[0] < 0x80   ? 1
               : p[0] < 0xc2 ? 0
               : p[0] < 0xe0 ? 2
               : p[0] < 0xf0 ? 3
               : p[0] < 0xf5 ? 4
                             : 0;

    if (n > room) return 0;
    for (size_t i = 1; i < n; i++)
        if (p[i] < 0x80 || p[i] > 0xbf) return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f))
        return 0; /* too long, a surrogate */
    if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0; /* too long, beyond Unicode */
    return n;
}

/* Returns: the number of leading bytes that are known to be ASCII, looking at 16 at a time. */
static inline size_t edgehost_ascii(edgefn_str s)
{
    const uint64_t tops = 0x8080808080808080u;
    uint64_t a, b;
    size_t i = 0;

    while (s.len - i >= 16) {
        memcpy(&a, s.ptr + i, 8);
        memcpy(&b, s.ptr + i + 8, 8);
        if (((a | b) & tops) != 0) return i;
        i += 16;
    }
    for (; s.len < 8 && i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80) return i;
    if (i == s.len) return i;
    memcpy(&a, s.ptr + (s.len < 16 ? 0 : s.len - 16), 8); /* overlaps what was seen */
    memcpy(&b, s.ptr + s.len - 8, 8);
    return ((a | b) & tops) == 0 ? s.len : i;
}

static inline bool edgehost_utf8_valid(edgefn_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t i = edgehost_ascii(s), n = 1;

    while (i < s.len && n > 0) {
        n = edgehost_utf8_length(p + i, s.len - i);
        i += n;
    }
    return n > 0;
}

/* edgehost_convert() of a text that is not only ASCII. */
static edgefn_str edgehost_convert_other(edgefn_event *ev, edgehost_converted *to, edgefn_str s)
{
    edgefn_str text = { NULL, 0 };

    if (edgehost_utf8_valid(s)) return s;
    if (to->len == to->cap) {
        size_t cap = to->cap * 2 + 4;
        edgehost_line *more = (edgehost_line *)edgefn_alloc(ev, cap * sizeof *more, sizeof(void *));
        if (more == NULL) return text;
        for (size_t i = 0; i < to->len; i++)
            more[i] = to->items[i];
        to->items = more;
        to->cap = cap;
    }
    char *at = (char *)edgefn_alloc(ev, s.len * 2, 1);
    if (at == NULL) return text;
    text.ptr = at;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= 0x80) *at++ = (char)(0xc0 | c >> 6);
        *at++ = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
    }
    text.len = (size_t)(at - text.ptr);
    to->items[to->len].name = text;
    to->items[to->len++].value = s;
    return text;
}

/* Returns: the text to show to handlers for received bytes: s itself if it is UTF-8, else a converted copy, which is recorded in `to`;
   absent when out of memory. Memory: in the event's arena. Call it from fill(), with &edits->converted. */
static inline edgefn_str edgehost_convert(edgefn_event *ev, edgehost_converted *to, edgefn_str s)
{
    return edgehost_ascii(s) == s.len ? s : edgehost_convert_other(ev, to, s);
}

/* Returns: the received bytes of a text that edgehost_convert() returned; any other text unchanged. */
static inline edgefn_str edgehost_unconverted(const edgehost_converted *c, edgefn_str text)
{
    size_t from = 0, to = c->len;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (c->items[middle].name.ptr < text.ptr)
            from = middle + 1;
        else
            to = middle;
    }
    return from < c->len && c->items[from].name.ptr == text.ptr
                   && c->items[from].name.len == text.len
               ? c->items[from].value
               : text;
}

/* The changes of an exchange, ready to be applied: to the request for EDGEFN_OUTCOME_FORWARD in request events, otherwise to the response or answer. */
typedef struct edgehost_edits {
    edgefn_str uri, query; /* of a request; absent: as received. A query of "" means no query */
    edgefn_str body;       /* its bytes; absent: as received, or an answer without a body */
    bool
        headers; /* true: the headers changed, and lines are the new ones. false: they stay as received */
    bool
        keep_cookies; /* Cookie (Set-Cookie) headers stay as received, and are not among the lines */
    bool
        only_added; /* only with edgehost_trigger.appends: nothing was changed or removed, and lines are only the added headers, to append */
    edgehost_line *
        lines; /* without hidden headers. Content-Length and Transfer-Encoding are included unchanged: the proxy handles framing */
    size_t line_count;
    edgehost_converted converted; /* filled by fill() */
} edgehost_edits;

/* Makes the one Cookie header, or all Set-Cookie headers, from a cookie list of CloudFront Functions. */
static inline bool edgehost_cookie_lines(edgefn_event *ev, const edgefn_fields *cookies,
                                         bool response, edgehost_edits *to)
{
    edgefn_text text = { 0 };
    bool ok = true;

    for (size_t i = 0; i < cookies->len && ok; i++) {
        const edgefn_field *c = &cookies->items[i];
        if (i > 0 && !response) ok = edgefn_text_put(ev, &text, EDGEFN_S("; "));
        if (c->name.len > 0)
            ok = ok && edgefn_text_put(ev, &text, c->name)
                 && edgefn_text_put(ev, &text, EDGEFN_S("="));
        ok = ok && edgefn_text_put(ev, &text, c->value);
        if (response && c->attributes.len > 0)
            ok = ok && edgefn_text_put(ev, &text, EDGEFN_S("; "))
                 && edgefn_text_put(ev, &text, c->attributes);
        if (!response && i + 1 < cookies->len) continue;
        edgefn_str value = edgefn_text_end(ev, &text);
        to->lines[to->line_count].name = response ? EDGEFN_S("Set-Cookie") : EDGEFN_S("Cookie");
        to->lines[to->line_count++].value = value;
        ok = ok && value.ptr != NULL;
    }
    return ok;
}

/* Reports whether headers were added to a received list, and nothing else was done with it. */
static inline bool edgehost_only_added(const edgefn_fields *headers)
{
    size_t added = 0;

    if (headers->removed_len > 0) return false;
    for (size_t i = 0; i < headers->len; i++) {
        if (headers->items[i].change == EDGEFN_CHANGE_ADDED)
            added++;
        else if (headers->items[i].change != EDGEFN_CHANGE_NONE)
            return false;
    }
    return added > 0;
}

static inline bool edgehost_edit_lines(edgefn_event *ev, const edgehost_trigger *t, bool response,
                                       edgehost_edits *to)
{
    const edgefn_fields *headers = response ? &ev->response.headers : &ev->request.headers;
    const edgefn_fields *cookies = NULL;
    bool cookies_changed = false;

    if (t->dialect == EDGEFN_DIALECT_FUNCTIONS) {
        cookies = response ? edgefn_response_cookies(ev) : edgefn_cookies(ev);
        cookies_changed = edgefn_fields_changed(cookies);
    }
    to->headers = edgefn_fields_changed(headers) || cookies_changed;
    to->keep_cookies = cookies != NULL && !cookies_changed;
    if (!to->headers) return true;
    to->only_added = t->appends && !cookies_changed && edgehost_only_added(headers);
    to->lines = (edgehost_line *)edgefn_alloc(
        ev, (headers->len + (cookies_changed ? cookies->len : 0)) * sizeof *to->lines,
        sizeof(void *));
    if (to->lines == NULL) return false;
    for (size_t i = 0; i < headers->len; i++) {
        const edgefn_field *h = &headers->items[i];
        if (h->change == EDGEFN_CHANGE_ADDED ? edgehost_hidden(t, h->name) : to->only_added)
            continue; /* received headers that are hidden are not in the list */
        edgefn_str name = h->key.ptr != NULL ? h->key : edgehost_line_name(ev, h->name);
        if (name.ptr == NULL) return false;
        to->lines[to->line_count].name = name;
        to->lines[to->line_count++].value = h->change == EDGEFN_CHANGE_NONE
                                                ? edgehost_unconverted(&to->converted, h->value)
                                                : h->value;
    }
    return !cookies_changed || edgehost_cookie_lines(ev, cookies, response, to);
}

/* Sets the query if it differs from the received one. */
static inline bool edgehost_edit_query(edgefn_event *ev, edgehost_edits *to)
{
    bool changed =
        ev->dialect == EDGEFN_DIALECT_LAMBDA
            ? edgefn_changed(ev, EDGEFN_MEMBER_QUERYSTRING) != EDGEFN_CHANGE_NONE
            : ev->request.querystring.ptr != NULL || edgefn_fields_changed(edgefn_query(ev));

    if (!changed) return true;
    to->query = edgefn_query_text(ev);
    return to->query.ptr != NULL;
}

/* Returns: false when out of memory, or for invalid base64. Memory: in the event's arena. */
static inline bool edgehost_edits_of(edgefn_event *ev, const edgehost_trigger *t, bool response,
                                     edgehost_edits *to)
{
    const edgefn_body *body = response ? &ev->response.body : &ev->request.body;
    edgehost_edits none = { 0 };
    bool replaced =
        body->data.ptr != NULL
        && (response ? edgefn_is_request(ev)
                           || edgefn_changed(ev, EDGEFN_MEMBER_RESPONSE_BODY) != EDGEFN_CHANGE_NONE
                     : body->replace);

    none.converted = to->converted;
    *to = none;
    if (replaced) {
        to->body = edgefn_body_decode(ev, body);
        if (to->body.ptr == NULL) return false;
    }
    if (!edgehost_edit_lines(ev, t, response, to)) return false;
    if (response) return true;
    if (edgefn_changed(ev, EDGEFN_MEMBER_URI) != EDGEFN_CHANGE_NONE) to->uri = ev->request.uri;
    return edgehost_edit_query(ev, to);
}

/* One attempt of edgehost_exchange(), in the present memory. */
static inline edgefn_outcome edgehost_attempt(edgefn_event *ev, const edgehost_trigger *t,
                                              const edgefn_env *env,
                                              const edgehost_scratch *scratch,
                                              edgehost_fill_fn *fill, void *host,
                                              edgehost_edits *edits)
{
    edgefn_parse_opts parse = { .dialect = EDGEFN_DIALECT_NONE, .env = env };
    edgefn_write_opts write = { !t->check, false, false };
    edgefn_arena arena = edgefn_arena_make(scratch->ptr, scratch->cap);

    memset(&edits->converted, 0, sizeof edits->converted);
    if (edgefn_build_begin(ev, t->dialect, t->type, arena, &parse) != EDGEFN_OK)
        return EDGEFN_OUTCOME_FAIL;
    if (!fill(ev, host))
        edgefn_fail(ev, EDGEFN_E_MISUSE, EDGEFN_S("the proxy could not describe what it received"));
    else if (edgefn_build_end(ev) && !t->handler(ev))
        edgefn_fail(ev, EDGEFN_E_HANDLER, edgefn_cstr(t->name));

    edgefn_outcome outcome = edgefn_outcome_of(ev, &write);
    if (outcome == EDGEFN_OUTCOME_FAIL) return EDGEFN_OUTCOME_FAIL;
    bool response = outcome == EDGEFN_OUTCOME_ANSWER || !edgefn_is_request(ev);
    if (edgehost_edits_of(ev, t, response, edits)) return outcome;
    /* has no effect if the reason was memory, which is already recorded */
    edgefn_fail(ev, EDGEFN_E_BASE64, EDGEFN_S("body"));
    return EDGEFN_OUTCOME_FAIL;
}

static inline bool edgehost_scratch_room(void *scratch, size_t size)
{
    edgehost_scratch *s = (edgehost_scratch *)scratch;
    size_t cap = size < EDGEHOST_SCRATCH_MIN ? EDGEHOST_SCRATCH_MIN : size;
    unsigned char *ptr =
        (unsigned char *)malloc(cap); /* the content of the old block is not needed */

    if (ptr == NULL) return false;
    free(s->ptr);
    s->ptr = ptr;
    s->cap = cap;
    return true;
}

/* Runs a handler on the event that fill() sets. ev: overwritten. env: clock, draw, look-ups; must outlive ev. edits: gets the changes to apply.
   Returns: EDGEFN_OUTCOME_FAIL with ev->err set, or the result of edgefn_outcome_of(). */
static inline edgefn_outcome edgehost_exchange(edgefn_event *ev, const edgehost_trigger *t,
                                               const edgefn_env *env, edgehost_scratch *scratch,
                                               edgehost_fill_fn *fill, void *host,
                                               edgehost_edits *edits)
{
    edgefn_outcome outcome;

    scratch->calm = scratch->used < scratch->cap / 4 ? scratch->calm + 1 : 0;
    if (scratch->calm > 1000 && scratch->cap > EDGEHOST_SCRATCH_MIN)
        edgehost_scratch_free(scratch); /* a large block is not kept for ever */
    if (scratch->ptr == NULL) edgehost_scratch_room(scratch, EDGEHOST_SCRATCH_MIN);
    do {
        outcome = edgehost_attempt(ev, t, env, scratch, fill, host, edits);
        scratch->used = ev->arena.used;
    } while (edgehost_retry(ev->err.code, scratch->cap, EDGEHOST_SCRATCH_MAX, edgehost_scratch_room,
                            scratch));
    return outcome;
}

/* Returns: X-Cache of a response that a function has made (EDGEFN_OUTCOME_ANSWER). */
static inline const char *edgehost_answer_cache(const edgefn_event *ev)
{
    if (ev->type == EDGEFN_ORIGIN_REQUEST) return "MissGeneratedResponse from cloudfront";
    return ev->dialect == EDGEFN_DIALECT_FUNCTIONS ? "FunctionGeneratedResponse from cloudfront"
                                                   : "LambdaGeneratedResponse from cloudfront";
}

/* Returns: the reason phrase of the response: the function's, the received one if the status is unchanged, or the standard one. */
static inline edgefn_str edgehost_reason(const edgefn_event *ev)
{
    bool text_kept = edgefn_changed(ev, EDGEFN_MEMBER_STATUS_TEXT) == EDGEFN_CHANGE_NONE,
         status_kept = edgefn_changed(ev, EDGEFN_MEMBER_STATUS) == EDGEFN_CHANGE_NONE;

    return ev->response.status_text.ptr != NULL && (!text_kept || status_kept)
               ? ev->response.status_text
               : edgefn_status_text(ev->response.status);
}

/* CloudFront's response if a function fails. */
typedef struct edgehost_failure {
    uint32_t status;   /* 502: the result is not valid; 503: the function failed */
    const char *cache; /* for X-Cache */
    edgefn_str
        why; /* lines for a log, see edgehost_why(); do not show them to viewers: they may contain secret headers */
} edgehost_failure;

/* Writes why an event failed, as edgehost_why(); of a function in another language that failed, its own words. Returns: the length. */
static inline size_t edgehost_trigger_why(edgefn_event *ev, const edgehost_trigger *t, char *buf,
                                          size_t cap)
{
    size_t len = 0;

    if (t->answer == NULL || t->answer->kind == EDGEHOST_RUNTIME_OK
        || ev->err.code != EDGEFN_E_HANDLER)
        return edgehost_why_result(ev, edgehost_trigger_result(t), buf, cap);
    edgefn_cut line = edgefn_str_cut(t->answer->text, EDGEFN_S("\n"));
    len = edgehost_why_add(buf, len, cap, EDGEFN_S(" error: "));
    len = edgehost_why_add(buf, len, cap, line.head);
    while (line.found && len < cap) {
        buf[len++] = '\n';
        line = edgefn_str_cut(line.tail, EDGEFN_S("\n"));
        len = edgehost_why_add(buf, len, cap, line.head);
    }
    return len;
}

/* tables: values of their table "secret" are masked in .why; NULL: none are */
static inline edgehost_failure edgehost_failure_of(edgefn_event *ev, const edgehost_trigger *t,
                                                   const edgehost_tables *tables, char *buf,
                                                   size_t cap)
{
    bool functions = t->dialect == EDGEFN_DIALECT_FUNCTIONS;
    bool failed = ev->err.code == EDGEFN_E_HANDLER || ev->err.code == EDGEFN_E_OOM
                  || ev->err.code == EDGEFN_E_ENVIRONMENT || ev->err.code == EDGEFN_E_MISUSE;
    edgehost_failure f = { 502,
                           functions ? "FunctionValidationError from cloudfront"
                                     : "LambdaValidationError from cloudfront",
                           { buf, 0 } };

    if (failed) {
        f.status = 503;
        f.cache = functions ? "FunctionExecutionError from cloudfront"
                            : "LambdaExecutionError from cloudfront";
    }
    if (failed && t->answer != NULL && t->answer->kind == EDGEHOST_RUNTIME_LATE)
        f.cache = functions ? "FunctionThrottledError from cloudfront"
                            : "LambdaLimitExceeded from cloudfront";
    f.why.len = edgehost_trigger_why(ev, t, buf, cap);
    edgehost_tables_mask(tables, buf, f.why.len);
    return f;
}

#define EDGEHOST_FAILURE_TEXT "This function does not work at the moment. Try again later.\n"

/* Writes the text of the page for a failure: EDGEHOST_FAILURE_TEXT, or with reasons why it failed, which is only for development. Returns: its length. */
static inline size_t edgehost_failure_page(const edgehost_failure *f, const edgehost_trigger *t,
                                           bool reasons, char *to, size_t cap)
{
    int len = reasons
                  ? snprintf(to, cap, "%u %s\n%s %.1000s:\n%.*s\n", (unsigned)f->status, f->cache,
                             edgefn_event_type_name(t->type), t->name, EDGEFN_FMT(f->why))
                  : snprintf(to, cap, "%s", EDGEHOST_FAILURE_TEXT);

    if (len < 0) return 0;
    return (size_t)len < cap ? (size_t)len : cap - 1;
}

/* What a proxy knows about the viewer. */
typedef struct edgehost_viewer_facts {
    edgefn_str user_agent, address; /* address without port */
    uint32_t port;
    edgefn_str http_version; /* "1.1", "2.0", "3.0" */
    bool https;
} edgehost_viewer_facts;

enum { EDGEHOST_VIEWER_LINES = 9, EDGEHOST_VIEWER_ADDRESS = 64 };

/* Writes the headers that CloudFront derives from the viewer's connection. They replace headers of the same name that the viewer sent.
   address: gets the value of CloudFront-Viewer-Address. Returns: EDGEHOST_VIEWER_LINES. Source: Add CloudFront request headers. */
static inline size_t edgehost_viewer_headers(const edgehost_viewer_facts *v,
                                             edgehost_line to[EDGEHOST_VIEWER_LINES],
                                             char address[EDGEHOST_VIEWER_ADDRESS])
{
    static const struct {
        uint32_t device;
        edgefn_str name;
    } devices[] = {
        { EDGEFN_DEVICE_ANDROID, EDGEFN_S_INIT("CloudFront-Is-Android-Viewer") },
        { EDGEFN_DEVICE_DESKTOP, EDGEFN_S_INIT("CloudFront-Is-Desktop-Viewer") },
        { EDGEFN_DEVICE_IOS, EDGEFN_S_INIT("CloudFront-Is-IOS-Viewer") },
        { EDGEFN_DEVICE_MOBILE, EDGEFN_S_INIT("CloudFront-Is-Mobile-Viewer") },
        { EDGEFN_DEVICE_TV, EDGEFN_S_INIT("CloudFront-Is-SmartTV-Viewer") },
        { EDGEFN_DEVICE_TABLET, EDGEFN_S_INIT("CloudFront-Is-Tablet-Viewer") },
    };
    edgefn_ua ua = edgefn_ua_parse(v->user_agent);
    size_t n = 0;

    for (; n < sizeof devices / sizeof devices[0]; n++) {
        to[n].name = devices[n].name;
        to[n].value = (ua.device & devices[n].device) != 0 ? EDGEFN_S("true") : EDGEFN_S("false");
    }
    int len = snprintf(address, EDGEHOST_VIEWER_ADDRESS, "%.*s:%u", EDGEFN_FMT(v->address),
                       (unsigned)v->port);
    to[n].name = EDGEFN_S("CloudFront-Viewer-Address");
    to[n].value.ptr = address;
    to[n++].value.len = len < 0                         ? 0
                        : len < EDGEHOST_VIEWER_ADDRESS ? (size_t)len
                                                        : EDGEHOST_VIEWER_ADDRESS - 1;
    to[n].name = EDGEFN_S("CloudFront-Viewer-Http-Version");
    to[n++].value = v->http_version;
    to[n].name = EDGEFN_S("CloudFront-Forwarded-Proto");
    to[n++].value = v->https ? EDGEFN_S("https") : EDGEFN_S("http");
    return n;
}

/* A generator of random draws (splitmix64: not for secrets). Seed one per thread, from the system's random source. */
typedef struct edgehost_draws {
    uint64_t state;
} edgehost_draws;

static inline uint64_t edgehost_draw_next(edgehost_draws *d)
{
    uint64_t z = d->state += 0x9E3779B97F4A7C15u;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* Bytes of the system's random source that no event has seen. Zero it first; one per thread, in no process that forks later. */
typedef struct edgehost_entropy {
    unsigned char bytes[256]; /* the most that getentropy() gives at once */
    size_t left;
} edgehost_entropy;

/* Sets unpredictable random bytes. Without a random source they stay unset. */
static inline void edgehost_random(edgefn_env *env, edgehost_entropy *from)
{
    const size_t n = sizeof env->random_bytes;

    env->has_random_bytes = false;
    if (from->left < n) {
        if (getentropy(from->bytes, sizeof from->bytes) != 0) return;
        from->left = sizeof from->bytes;
    }
    from->left -= n;
    memcpy(env->random_bytes, from->bytes + from->left, n);
    memset(from->bytes + from->left, 0, n); /* whoever reads the pool later does not learn them */
    env->has_random_bytes = true;
}

/* Returns: false if there is no random source. */
static inline bool edgehost_draw_seed(edgehost_draws *d)
{
    FILE *f = fopen("/dev/urandom", "rb");
    bool good = f != NULL && fread(&d->state, sizeof d->state, 1, f) == 1;

    if (f != NULL) fclose(f);
    return good;
}

/* What each thread that runs handlers has. Zero it, then call edgehost_thread_begin(); at the end edgehost_scratch_free(&t->scratch). */
typedef struct edgehost_thread {
    edgehost_scratch scratch;
    edgehost_draws draws;
    edgehost_entropy entropy;
} edgehost_thread;

/* Returns: false if there is no random source. */
static inline bool edgehost_thread_begin(edgehost_thread *t)
{
    return edgehost_draw_seed(&t->draws);
}

/* Sets the time, a draw and random bytes of an event. */
static inline void edgehost_thread_env(edgehost_thread *t, edgefn_env *env)
{
    env->now_s = (int64_t)time(NULL);
    env->random = (uint32_t)(edgehost_draw_next(&t->draws) >> 32);
    env->has_random = true;
    edgehost_random(env, &t->entropy);
}

enum { EDGEFN_REQUEST_ID = 56 };

/* Makes a request id in CloudFront's format: 54 characters of base64url, then "==". id: gets 56 bytes, no NUL. */
static inline void edgehost_request_id(char id[EDGEFN_REQUEST_ID], edgehost_draws *draws)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t at = 0;

    for (int draw = 0; draw < 6; draw++) {
        uint64_t bits = edgehost_draw_next(draws);
        for (int i = 0; i < 9;
             i += 3, at += 3, bits >>= 18) { /* three at a time: of each request */
            id[at] = digits[bits & 63];
            id[at + 1] = digits[bits >> 6 & 63];
            id[at + 2] = digits[bits >> 12 & 63];
        }
    }
    id[at] = id[at + 1] = '=';
}

static inline int edgehost_tables_order(const void *a, const void *b)
{
    const edgehost_tables_row *x = (const edgehost_tables_row *)a,
                              *y = (const edgehost_tables_row *)b;
    int order = edgehost_tables_compare(x->table, y->table);

    return order != 0 ? order : edgehost_tables_compare(x->key, y->key);
}

/* Sorts rows in the order that edgehost_tables needs. Returns: NULL, or the second of two rows with the same table and key. */
static inline const edgehost_tables_row *edgehost_tables_sort(edgehost_tables_row *rows,
                                                              size_t count)
{
    if (count > 1) qsort(rows, count, sizeof *rows, edgehost_tables_order);
    for (size_t i = 1; i < count; i++)
        if (edgehost_tables_order(&rows[i - 1], &rows[i]) == 0) return &rows[i];
    return NULL;
}

#endif /* EDGEFN_PROXY_H_INCLUDED */
