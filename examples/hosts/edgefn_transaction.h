/* edgefn_transaction.h - a request on its way through CloudFront's four triggers, for proxies without a cache that read whole messages: what
   minimal does apart from HTTP. The proxy receives, checks, sends; the order is

       edgehost_transaction_begin()    id, origin
       received request                edgehost_message_check(), edgehost_transaction_target(), edgehost_refusal()
       edgehost_transaction_run()      EDGEFN_VIEWER_REQUEST; false here and below: edgehost_transaction_end(), send .response
       edgehost_transaction_onward()   the request as the origin gets it; runs origin-request
       received response               edgehost_message_check(), .status, .reason, .origin_status
       edgehost_transaction_back()     runs origin-response and viewer-response
       edgehost_transaction_end()      the headers of the answer; send .response
       edgehost_pool_free(&t->pool)    everything */
#ifndef EDGEFN_TRANSACTION_H_INCLUDED
#define EDGEFN_TRANSACTION_H_INCLUDED

#include "edgefn_message.h"
#include "edgefn_options.h"
#include "edgefn_store.h"

/* What a proxy has; a proxy with threads needs one for each. Zero it, set the members, then call edgehost_server_ready(). */
typedef struct edgehost_server {
    edgehost_trigger triggers[5]; /* indexed by edgefn_event_type */
    edgefn_origin origin;
    edgehost_store store;
    bool include_body;
    bool unchecked;    /* what CloudFront would refuse is applied as far as HTTP allows */
    bool show_reasons; /* on the pages of failures: for development */
    void (*log)(const char *event, const char *handler, edgefn_str text);
    edgehost_thread thread;
} edgehost_server;

/* Takes an option that has nothing to do with the library below, such as "viewer-request" with "FILE.so". value: with a NUL, valid as long as the
   server; absent for options without one. Returns: false, and why, if there is no such option or its value is not valid. */
static inline bool edgehost_server_option(edgehost_server *s, edgefn_str name, edgefn_str value,
                                          char *why, size_t cap)
{
    uint64_t seconds = 0;
    bool *flag = NULL;

    snprintf(why, cap, "not a valid option");
    for (int type = EDGEFN_VIEWER_REQUEST; type <= EDGEFN_VIEWER_RESPONSE; type++) {
        edgefn_event_type event = (edgefn_event_type)type;
        if (edgefn_str_eq(name, edgefn_cstr(edgefn_event_type_name(event))))
            return edgehost_option_trigger(&s->triggers[type], event, value, NULL, why, cap);
    }
    if (edgefn_str_eq(name, EDGEFN_S("origin"))) return edgehost_option_origin(value, &s->origin);
    if (edgefn_str_eq(name, EDGEFN_S("table"))) return edgehost_store_option(&s->store, value);
    if (edgefn_str_eq(name, EDGEFN_S("read-timeout"))) {
        bool ok = edgehost_option_number(value, 1, 3600, &seconds);
        s->origin.read_timeout_s = (uint32_t)seconds;
        return ok;
    }
    if (edgefn_str_eq(name, EDGEFN_S("include-body"))) flag = &s->include_body;
    if (edgefn_str_eq(name, EDGEFN_S("no-check"))) flag = &s->unchecked;
    if (edgefn_str_eq(name, EDGEFN_S("show-reasons"))) flag = &s->show_reasons;
    if (flag == NULL || value.ptr != NULL) return false;
    *flag = true;
    return true;
}

/* Completes a server whose options were read. directory: where files are that the tables name. Returns: false, and why it must not start. */
static inline bool edgehost_server_ready(edgehost_server *s, const char *directory, char *why,
                                         size_t cap)
{
    const char *forbidden = edgehost_combination(s->triggers);

    for (size_t i = 0; i < sizeof s->triggers / sizeof s->triggers[0]; i++)
        s->triggers[i].check = !s->unchecked;
    snprintf(why, cap, "%s", forbidden != NULL ? forbidden : "no source of random numbers");
    return forbidden == NULL && edgehost_thread_begin(&s->thread)
           && edgehost_store_ready(&s->store, directory, why, cap);
}

static inline void edgehost_server_free(edgehost_server *s)
{
    edgehost_store_free(&s->store);
    edgehost_scratch_free(&s->thread.scratch);
}

/* Zero it first. The strings are in the pool. */
typedef struct edgehost_transaction {
    edgehost_server *server;
    edgehost_pool pool;
    char id[EDGEFN_REQUEST_ID];
    edgefn_str method, uri, query, address; /* address: the viewer's, without its port */
    uint32_t port;
    edgehost_message request, response;
    edgefn_origin origin;    /* its headers are in custom */
    edgehost_message custom; /* the origin's own headers, which replace those of the request */
    uint32_t status, origin_status;
    edgefn_str reason;
    const char *marker; /* for X-Cache; NULL: not yet known */
    struct {            /* the request as viewer-response sees it */
        edgehost_message request;
        edgefn_str uri, query;
    } viewers;
    const edgehost_trigger *trigger; /* the one that runs */
    edgefn_event ev;
    edgehost_edits edits;
} edgehost_transaction;

static inline void edgehost_transaction_begin(edgehost_transaction *t, edgehost_server *server)
{
    t->server = server;
    t->origin = server->origin;
    t->request = t->response = t->custom = edgehost_message_make(&t->pool);
    edgehost_request_id(t->id, &server->thread.draws);
}

/* Splits the target of a request; the host of an absolute one replaces the header Host. Returns: false if it is neither a path nor a URL of http. */
static inline bool edgehost_transaction_target(edgehost_transaction *t, edgefn_str target)
{
    if (edgefn_str_ieq(edgefn_str_take(target, 7), EDGEFN_S("http://"))) {
        size_t end = 7;
        while (end < target.len && target.ptr[end] != '/' && target.ptr[end] != '?')
            end++;
        edgehost_message_set(&t->request, EDGEFN_S("Host"),
                             edgefn_str_skip(edgefn_str_take(target, end), 7));
        target = edgefn_str_skip(target, end);
    } else if (!edgefn_str_starts(target, EDGEFN_S("/"))) {
        return false;
    }
    edgefn_cut c = edgefn_str_cut(edgefn_str_cut(target, EDGEFN_S("#")).head, EDGEFN_S("?"));
    t->uri = edgehost_keep(&t->pool, c.head.len > 0 ? c.head : EDGEFN_S("/"));
    t->query = edgehost_keep(&t->pool, c.found ? c.tail : EDGEFN_S(""));
    return true;
}

/*--- a function -------------------------------------------------------------------------------------------------------*/

/* An edgehost_fill_fn. */
static inline bool edgehost_transaction_fill(edgefn_event *ev, void *host)
{
    edgehost_transaction *t = (edgehost_transaction *)host;
    edgehost_converted *converted = &t->edits.converted;
    edgefn_str id = { t->id, sizeof t->id };

    ev->domain = EDGEFN_S("d111111abcdef8.cloudfront.net");
    ev->distribution_id = EDGEFN_S("EDFDVBD6EXAMPLE");
    ev->request_id = id;
    ev->request.method = t->method;
    ev->request.client_ip = t->address;
    ev->request.uri = edgehost_convert(ev, converted, t->uri);
    ev->request.querystring = edgehost_convert(ev, converted, t->query);
    if (ev->request.uri.ptr == NULL || ev->request.querystring.ptr == NULL
        || !edgehost_message_fill(&t->request, ev, &t->edits, t->trigger, &ev->request.headers))
        return false;
    if ((ev->type == EDGEFN_ORIGIN_REQUEST || ev->type == EDGEFN_ORIGIN_RESPONSE)
        && !edgehost_fill_origin(ev, &t->origin, t->custom.lines, t->custom.count))
        return false;
    if (edgefn_is_request(ev))
        return !t->server->include_body || ev->dialect != EDGEFN_DIALECT_LAMBDA
               || edgehost_fill_body(ev, t->request.body, false);
    ev->response.status = t->status;
    ev->response.status_text = edgehost_convert(ev, converted, t->reason);
    return ev->response.status_text.ptr != NULL
           && edgehost_message_fill(&t->response, ev, &t->edits, t->trigger, &ev->response.headers);
}

static inline edgefn_str edgehost_transaction_lookup(void *user, edgefn_str table, edgefn_str key)
{
    return edgehost_tables_lookup(&((edgehost_transaction *)user)->server->store.tables, table,
                                  key);
}

static inline bool edgehost_transaction_verify(void *user, edgefn_str alg, edgefn_str kid,
                                               edgefn_str message, edgefn_str signature)
{
    const edgehost_keys *keys = &((edgehost_transaction *)user)->server->store.keys;

    return edgehost_keys_refuse(keys, alg, kid, message, signature) == NULL;
}

static inline void edgehost_transaction_log(void *user, edgefn_str text)
{
    const edgehost_transaction *t = (const edgehost_transaction *)user;
    char line[EDGEHOST_LOG_MOST];
    edgefn_str shown = { line, edgehost_log_line(line, text) };

    edgehost_tables_mask(&t->server->store.tables, line, shown.len);
    t->server->log(edgefn_event_type_name(t->trigger->type), t->trigger->name, shown);
}

/* Replaces the response by a page of the proxy. */
static inline void edgehost_transaction_page(edgehost_transaction *t, uint32_t status,
                                             const char *marker, edgefn_str text)
{
    t->response = edgehost_message_make(&t->pool);
    t->status = status;
    t->reason = edgefn_status_text(status);
    t->marker = marker;
    edgehost_message_add(&t->response, EDGEFN_S("Content-Type"), EDGEFN_S("text/plain"));
    edgehost_message_add(&t->response, EDGEFN_S("Cache-Control"), EDGEFN_S("no-store"));
    t->response.body = edgehost_keep(&t->pool, text);
}

/* Replaces the response by CloudFront's for a function that failed, and logs why. */
static inline void edgehost_transaction_fail(edgehost_transaction *t)
{
    char why[2048], text[4096];
    edgehost_failure f =
        edgehost_failure_of(&t->ev, t->trigger, &t->server->store.tables, why, sizeof why);
    size_t len = edgehost_failure_page(&f, t->trigger, t->server->show_reasons, text, sizeof text);
    edgefn_str page = { text, len };

    t->server->log(edgefn_event_type_name(t->trigger->type), t->trigger->name,
                   edgefn_str_trim(f.why));
    edgehost_transaction_page(t, f.status, f.cache, page);
}

/* Applies the edits of a function to the response, or makes one of its answer. */
static inline void edgehost_transaction_edit_response(edgehost_transaction *t, bool answer)
{
    if (answer) {
        t->response = edgehost_message_make(&t->pool);
        t->response.body = EDGEFN_S("");
        t->edits.headers = true;
        t->marker = edgehost_answer_cache(&t->ev);
    }
    edgehost_message_edit(&t->response, t->trigger, &t->edits, true);
    t->status = t->ev.response.status;
    t->reason =
        edgehost_keep(&t->pool, edgehost_unconverted(&t->edits.converted, edgehost_reason(&t->ev)));
    if (t->edits.body.ptr == NULL) return;
    t->response.body = edgehost_keep(&t->pool, t->edits.body);
    t->response.chunked = false;
}

static inline void edgehost_transaction_edit_request(edgehost_transaction *t)
{
    edgehost_message_edit(&t->request, t->trigger, &t->edits, false);
    if (t->edits.uri.ptr != NULL) t->uri = edgehost_keep(&t->pool, t->edits.uri);
    if (t->edits.query.ptr != NULL) t->query = edgehost_keep(&t->pool, t->edits.query);
    if (t->edits.body.ptr != NULL) t->request.body = edgehost_keep(&t->pool, t->edits.body);
}

/* Runs the function of an event, if there is one, and applies its edits. Returns: true to continue; false if there is a response to send. */
static inline bool edgehost_transaction_run(edgehost_transaction *t, edgefn_event_type type)
{
    edgehost_thread *thread = &t->server->thread;
    edgefn_env env;

    t->trigger = &t->server->triggers[type];
    if (t->trigger->handler == NULL) return true;
    memset(&env, 0, sizeof env);
    edgehost_thread_env(thread, &env);
    env.lookup = edgehost_transaction_lookup;
    env.verify = t->server->store.keys.len > 0 ? edgehost_transaction_verify : NULL;
    env.log = edgehost_transaction_log;
    env.user = t;
    edgefn_outcome outcome = edgehost_exchange(&t->ev, t->trigger, &env, &thread->scratch,
                                               edgehost_transaction_fill, t, &t->edits);
    bool answer = outcome == EDGEFN_OUTCOME_ANSWER, request = edgefn_is_request(&t->ev);
    if (outcome == EDGEFN_OUTCOME_FAIL)
        edgehost_transaction_fail(t);
    else if (answer || !request)
        edgehost_transaction_edit_response(t, answer);
    else
        edgehost_transaction_edit_request(t);
    return outcome == EDGEFN_OUTCOME_FORWARD;
}

/*--- from trigger to trigger ------------------------------------------------------------------------------------------*/

/* Takes the origin that origin-request chose. */
static inline void edgehost_transaction_set_origin(edgehost_transaction *t)
{
    const edgefn_origin *o = &t->ev.request.origin;

    t->custom.count = 0;
    for (size_t i = 0; i < o->headers.len; i++) {
        const edgefn_field *h = &o->headers.items[i];
        edgehost_line line = { h->key.ptr != NULL ? h->key : h->name, h->value };
        edgehost_message_add_edited(&t->custom, line);
    }
    t->origin = *o;
    t->origin.domain = edgehost_keep(&t->pool, o->domain);
    t->origin.path = edgehost_keep(&t->pool, o->path);
    t->origin.region = edgehost_keep(&t->pool, o->region);
    t->origin.auth_method = edgehost_keep(&t->pool, o->auth_method);
}

/* Runs viewer-response, which sees the request as it was before the origin's side, and does not run after an error of the origin. */
static inline void edgehost_transaction_viewer_response(edgehost_transaction *t)
{
    if (t->origin_status >= 400) return;
    t->request = t->viewers.request;
    t->uri = t->viewers.uri;
    t->query = t->viewers.query;
    edgehost_transaction_run(t, EDGEFN_VIEWER_RESPONSE);
}

/* Does to a request what CloudFront does after viewer-request, and runs origin-request. Returns: true to send .request with the lines of .custom to
   .origin; false if there is a response to send. */
static inline bool edgehost_transaction_onward(edgehost_transaction *t)
{
    edgehost_line lines[EDGEHOST_VIEWER_LINES];
    char address[EDGEHOST_VIEWER_ADDRESS];
    edgehost_viewer_facts facts = { edgehost_message_find(&t->request, EDGEFN_S("User-Agent")),
                                    t->address, t->port, EDGEFN_S("1.1"), false };
    size_t n = edgehost_viewer_headers(&facts, lines, address);
    edgefn_str chain[3] = { edgehost_message_find(&t->request, EDGEFN_S("X-Forwarded-For")),
                            EDGEFN_S(", "), t->address };
    edgehost_message onward = edgehost_message_make(&t->pool);

    onward.body = t->request.body;
    for (size_t i = 0; i < t->request.count; i++)
        if (!edgehost_viewers_only(t->request.lines[i].name))
            edgehost_message_push(&onward, t->request.lines[i]);
    for (size_t i = 0; i < n; i++)
        edgehost_message_set(&onward, lines[i].name, lines[i].value);
    if (chain[0].len == 0) chain[1] = EDGEFN_S("");
    edgehost_message_set(&onward, EDGEFN_S("X-Forwarded-For"),
                         edgehost_keep_joined(&t->pool, chain, 3));
    edgehost_message_set(&onward, EDGEFN_S("Host"), t->origin.domain);
    t->viewers.request = t->request;
    t->viewers.uri = t->uri;
    t->viewers.query = t->query;
    t->request = onward;
    if (!edgehost_transaction_run(t, EDGEFN_ORIGIN_REQUEST)) {
        t->origin_status = t->status;
        edgehost_transaction_viewer_response(t);
        return false;
    }
    if (t->trigger->handler != NULL) edgehost_transaction_set_origin(t);
    for (size_t i = 0; i < t->custom.count; i++)
        edgehost_message_drop(&t->request, t->custom.lines[i].name);
    return !t->pool.failed;
}

/* Runs origin-response and viewer-response on the response of an origin. */
static inline void edgehost_transaction_back(edgehost_transaction *t)
{
    if (edgehost_transaction_run(t, EDGEFN_ORIGIN_RESPONSE))
        edgehost_transaction_viewer_response(t);
}

/* Makes the response ready to be sent: the headers that CloudFront adds, and a reason phrase. When memory ran out, which may have left out lines,
   it is a 503 without headers or body. */
static inline void edgehost_transaction_end(edgehost_transaction *t)
{
    edgefn_str id = { t->id, sizeof t->id };

    if (t->pool.failed) {
        t->response = edgehost_message_make(&t->pool);
        t->response.body = EDGEFN_S("");
        t->status = 503;
        t->reason = EDGEFN_S("");
    }
    if (t->marker == NULL)
        t->marker = t->status >= 400 ? "Error from cloudfront" : "Miss from cloudfront";
    edgehost_message_set(&t->response, EDGEFN_S("X-Cache"), edgefn_cstr(t->marker));
    edgehost_message_set(&t->response, EDGEFN_S("X-Amz-Cf-Id"), id);
    if (t->reason.len == 0 || !edgehost_value_valid(t->reason))
        t->reason = edgefn_status_text(t->status);
}

#endif /* EDGEFN_TRANSACTION_H_INCLUDED */
