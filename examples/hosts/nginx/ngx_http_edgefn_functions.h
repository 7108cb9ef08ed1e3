/* ngx_http_edgefn_functions.h - part of ngx_http_edgefn_module.c: functions in JavaScript and Python at the triggers, for people who write them. They
   run in processes of their own (examples/hosts/runtime): the event goes there as JSON through a Unix socket, one connection per event. Meanwhile the
   request waits and the worker does other work: in the rewrite phase as a request waits for its body, in the header filter by keeping the response.
   When the answer is there, the exchange runs as for a handler in C, whose edits are the differences between result and event. */
#include "edgefn_runtime.h"
#include <sys/un.h>

/* One event on its way. */
typedef struct edge_pending {
    ngx_http_request_t *r;
    edgefn_event_type type;
    ngx_peer_connection_t
        peer;          /* connection == NULL: nothing to wait for, unless again has a timer */
    ngx_event_t again; /* the next attempt to connect */
    unsigned attempts, limit; /* limit: of the function, in milliseconds */
    edgefn_str event, unsent;
    u_char head[EDGEHOST_RUNTIME_HEAD];
    size_t head_len;  /* bytes in head */
    u_char *in;       /* what the answer's first line announces */
    size_t have, all; /* bytes in it, and how many it will have */
    edgehost_runtime_answer answer;
    uint64_t began_us;
} edge_pending;

/* r->buffered: the response waits for a function. Other bits are those of nginx's own filters. */
#define EDGE_BUFFERED 0x08

/*--- the event as JSON ------------------------------------------------------------------------------------------------*/

static ngx_int_t edge_set_origin(ngx_http_request_t *r, edge_ctx *ctx, const edgefn_origin *o);

static edgehost_trace edge_open; /* .event is the text; its memory is used again */

/* An edgehost_handler_fn that only describes the event. */
static bool edge_describe(edgefn_event *ev)
{
    edgehost_trace_event(&edge_open, ev);
    return !edge_open.event.failed;
}

/* Copies the text of the event, after the line that the runner needs. Returns: absent on failure. */
static edgefn_str edge_event_text(edge_exchange *x)
{
    edgehost_trigger describes = *x->trigger;
    char head[48];
    edgefn_str text = { NULL, 0 };

    describes.handler = edge_describe;
    describes.check = false;
    edge_open.tables = &edgehost_trace_open;
    edge_open.event.len = 0;
    x->env = (edgefn_env){ .now_s = ngx_time() };
    if (edgehost_exchange(&x->ev, &describes, &x->env, &edge_scratch, edge_fill, x, &x->edits)
        == EDGEFN_OUTCOME_FAIL)
        return text;
    size_t len = edgehost_runtime_head(
        head, edgehost_runtime_limit(describes.dialect, describes.type), edge_open.event.len);
    u_char *to = ngx_pnalloc(x->r->pool, len + edge_open.event.len);
    if (to == NULL) return text;
    ngx_memcpy(to, head, len);
    ngx_memcpy(to + len, edge_open.event.ptr, edge_open.event.len);
    return (edgefn_str){ (char *)to, len + edge_open.event.len };
}

/*--- the connection ---------------------------------------------------------------------------------------------------*/

static void edge_hang_up(void *data)
{
    edge_pending *call = data;

    if (call->again.timer_set) ngx_del_timer(&call->again);
    if (call->peer.connection != NULL) ngx_close_connection(call->peer.connection);
    call->peer.connection = NULL;
}

/* Sets an answer that did not come from the runner. */
static void edge_no_answer(edge_pending *call, edgehost_runtime_kind kind, edgefn_str why)
{
    call->answer = (edgehost_runtime_answer){ .kind = kind, .text = why };
    edge_hang_up(call);
}

static void edge_lost(edge_pending *call)
{
    edge_no_answer(call, EDGEHOST_RUNTIME_ERROR, EDGEFN_S("its process has ended or does not run"));
}

/* Reads the first line of the answer. Returns: NGX_AGAIN until it is there. */
static ngx_int_t edge_read_head(edge_pending *call)
{
    ngx_connection_t *c = call->peer.connection;
    ssize_t n = c->recv(c, call->head + call->head_len, sizeof call->head - call->head_len);
    size_t line;

    if (n == NGX_AGAIN) return NGX_AGAIN;
    if (n < 0 && call->head_len == 0) return NGX_DECLINED;
    if (n <= 0) return NGX_ERROR;
    call->head_len += (size_t)n;
    if (!edgehost_runtime_begins((edgefn_str){ (char *)call->head, call->head_len }, &call->answer,
                                 &line))
        return NGX_ERROR;
    if (line == 0) return NGX_OK; /* read on */
    call->all = call->answer.text.len + call->answer.logs.len + call->answer.origin.len;
    call->have = call->head_len - line;
    call->in = ngx_pnalloc(call->r->pool, call->all + 1);
    if (call->in == NULL || call->have > call->all) return NGX_ERROR;
    ngx_memcpy(call->in, call->head + line, call->have);
    call->answer.text.ptr = (char *)call->in;
    call->answer.logs.ptr = (char *)call->in + call->answer.text.len;
    call->answer.origin.ptr = call->answer.logs.ptr + call->answer.logs.len;
    return NGX_OK;
}

/* Reads what has come. Returns: NGX_OK if the answer is complete, NGX_AGAIN, or NGX_ERROR. */
static ngx_int_t edge_read_answer(edge_pending *call)
{
    ngx_connection_t *c = call->peer.connection;

    while (call->in == NULL) {
        ngx_int_t rc = edge_read_head(call);
        if (rc != NGX_OK) return rc;
    }
    while (call->have < call->all) {
        ssize_t n = c->recv(c, call->in + call->have, call->all - call->have);
        if (n == NGX_AGAIN) return NGX_AGAIN;
        if (n <= 0) return NGX_ERROR;
        call->have += (size_t)n;
    }
    return NGX_OK;
}

static ngx_int_t edge_write_event(edge_pending *call)
{
    ngx_connection_t *c = call->peer.connection;

    while (call->unsent.len > 0) {
        ssize_t n = c->send(c, (u_char *)call->unsent.ptr, call->unsent.len);
        if (n == NGX_AGAIN) return NGX_AGAIN;
        if (n <= 0) return NGX_DECLINED;
        call->unsent = edgefn_str_skip(call->unsent, (size_t)n);
    }
    return NGX_OK;
}

/* Waits for the runner, which is started again within a moment. Returns: NGX_AGAIN, or NGX_OK if that took too long. */
static ngx_int_t edge_later(edge_pending *call)
{
    enum { EDGE_ATTEMPTS = 20, EDGE_PAUSE = 250 /* milliseconds */ };

    edge_hang_up(call);
    if (++call->attempts < EDGE_ATTEMPTS) {
        ngx_add_timer(&call->again, EDGE_PAUSE);
        return NGX_AGAIN;
    }
    edge_lost(call);
    return NGX_OK;
}

/* Sends and reads as much as is possible. Returns: NGX_OK if there is an answer, NGX_AGAIN if not yet. A Unix socket that is closed
   by a process that has read all of it has an end; else an error: then the function has not begun. */
static ngx_int_t edge_talk(edge_pending *call)
{
    ngx_connection_t *c = call->peer.connection;
    ngx_int_t rc = edge_write_event(call);

    if (rc == NGX_OK) rc = edge_read_answer(call);
    bool waits = rc == NGX_AGAIN && ngx_handle_write_event(c->write, 0) == NGX_OK
                 && ngx_handle_read_event(c->read, 0) == NGX_OK;
    if (waits) return NGX_AGAIN;
    if (rc == NGX_DECLINED) return edge_later(call);
    if (rc == NGX_OK)
        edge_hang_up(call);
    else
        edge_lost(call);
    return NGX_OK;
}

static void edge_continue(edge_pending *call);

/* The handler of both events of the connection. */
static void edge_talked(ngx_event_t *event)
{
    ngx_connection_t *c = event->data;
    edge_pending *call = c->data;

    if (event->timedout)
        edge_no_answer(call, EDGEHOST_RUNTIME_LATE, EDGEFN_S("its process does not answer"));
    else if (edge_talk(call) == NGX_AGAIN)
        return;
    edge_continue(call);
}

static ngx_int_t edge_connect(edge_pending *call);

/* The handler of the timer between attempts to connect. */
static void edge_connect_again(ngx_event_t *event)
{
    edge_pending *call = event->data;

    if (edge_connect(call) == NGX_OK) edge_continue(call);
}

/* Connects to the runner and starts to send.
   Returns: NGX_AGAIN if the answer will come later, NGX_OK if there is one already: that it failed. */
static ngx_int_t edge_connect(edge_pending *call)
{
    ngx_int_t rc = ngx_event_connect_peer(&call->peer);
    ngx_connection_t *c = call->peer.connection;

    if (c == NULL || (rc != NGX_OK && rc != NGX_AGAIN)) return edge_later(call);
    call->unsent = call->event;
    c->data = call;
    c->read->handler = c->write->handler = edge_talked;
    ngx_add_timer(c->read, call->limit + EDGEHOST_RUNTIME_GRACE);
    return edge_talk(call);
}

static ngx_int_t edge_send_event(edge_pending *call, edge_conf *conf)
{
    static ngx_str_t name = ngx_string("the process of a function");
    struct sockaddr_un *address = conf->runners[call->type];
    const edgehost_trigger *t = &conf->triggers[call->type];

    call->peer.sockaddr = (struct sockaddr *)address;
    call->peer.socklen = sizeof *address;
    call->peer.name = &name;
    call->peer.get = ngx_event_get_peer;
    call->peer.log = call->again.log = call->r->connection->log;
    call->peer.log_error = NGX_ERROR_ERR;
    call->limit = edgehost_runtime_limit(t->dialect, t->type);
    call->again.handler = edge_connect_again;
    call->again.data = call;
    return edge_connect(call);
}

/* Asks the function of a trigger. Returns: NGX_OK if ctx->call has its answer, NGX_AGAIN if the request must wait, NGX_ERROR when out of memory. */
static ngx_int_t edge_ask(ngx_http_request_t *r, edge_conf *conf, edge_ctx *ctx,
                          edgefn_event_type type)
{
    edge_exchange x = { .r = r, .conf = conf, .ctx = ctx, .trigger = &conf->triggers[type] };
    ngx_http_cleanup_t *cleanup;

    if (ctx->call != NULL && ctx->call->type == type)
        return ctx->call->peer.connection == NULL && !ctx->call->again.timer_set ? NGX_OK
                                                                                 : NGX_AGAIN;
    cleanup = ngx_http_cleanup_add(r, 0);
    ctx->call = ngx_pcalloc(r->pool, sizeof *ctx->call);
    if (cleanup == NULL || ctx->call == NULL) return NGX_ERROR;
    cleanup->handler = edge_hang_up;
    cleanup->data = ctx->call;
    ctx->call->r = r;
    ctx->call->type = type;
    ctx->call->began_us = edgehost_trace_clock();
    ctx->call->event = edge_event_text(&x);
    if (ctx->call->event.ptr != NULL) return edge_send_event(ctx->call, conf);
    edge_no_answer(ctx->call, EDGEHOST_RUNTIME_ERROR, EDGEFN_S("its event cannot be described"));
    return NGX_OK;
}

/*--- the exchange -----------------------------------------------------------------------------------------------------*/

/* Calls log for each line of a text. */
static void edge_each_line(edgefn_event *ev, edgefn_str text,
                           void (*log)(edge_exchange *x, edgefn_str line))
{
    edgefn_cut line = { text, text, true };

    while (line.found && line.tail.len > 0) {
        line = edgefn_str_cut(line.tail, EDGEFN_S("\n"));
        log(ev->env->user, line.head);
    }
}

static void edge_log_printed(edge_exchange *x, edgefn_str line)
{
    edge_log(x, line);
}

/* The lines under an error: the error log has them anyway. */
static void edge_log_traced(edge_exchange *x, edgefn_str line)
{
    if (x->conf->trace != NULL) edge_trace_line(x, line);
}

/* An edgehost_handler_fn: what the function printed, then its result as edits. */
static bool edge_answered(edgefn_event *ev)
{
    edge_exchange *x = ev->env->user;
    const edgehost_runtime_answer *answer = x->trigger->answer;

    edge_each_line(ev, answer->logs, edge_log_printed);
    if (answer->origin.len > 0)
        x->ctx->chosen = (ngx_str_t){ answer->origin.len, (u_char *)answer->origin.ptr };
    if (answer->kind != EDGEHOST_RUNTIME_OK)
        edge_each_line(ev, edgefn_str_cut(answer->text, EDGEFN_S("\n")).tail, edge_log_traced);
    return edgehost_runtime_handler(ev, answer, x->trigger->check);
}

/*--- an origin that a CloudFront Function has chosen ------------------------------------------------------------------*/
/* The viewers' side sends it to the origin's side in a header, $edge_chosen, whose words are those of runtime/cloudfront.mjs. */

/* Returns: a copy without percent-encoding. */
static edgefn_str edge_decoded(ngx_http_request_t *r, edgefn_str s)
{
    u_char *to = ngx_pnalloc(r->pool, s.len + 1), *end = to, *from = (u_char *)s.ptr;

    if (to == NULL) return EDGEFN_ABSENT;
    ngx_unescape_uri(&end, &from, s.len, 0);
    return (edgefn_str){ (char *)to, (size_t)(end - to) };
}

/* An origin, and where its parts are put. */
typedef struct edge_choice {
    edgefn_origin origin;
    edgefn_field *headers; /* room for all */
    edgehost_line host;
} edge_choice;

static bool edge_chosen_header(ngx_http_request_t *r, edge_choice *to, edgefn_str s)
{
    edgefn_cut pair = edgefn_str_cut(s, EDGEFN_S(":"));
    edgefn_field *f = &to->headers[to->origin.headers.len++];

    ngx_memzero(f, sizeof *f);
    f->name = edge_decoded(r, pair.head);
    f->value = edge_decoded(r, pair.tail);
    return f->name.ptr != NULL && f->value.ptr != NULL;
}

/* Applies a word. Returns: false when out of memory, or if it is not known. */
static bool edge_chosen_word(ngx_http_request_t *r, edge_choice *to, edgefn_str word)
{
    edgefn_cut pair = edgefn_str_cut(word, EDGEFN_S("="));
    edgefn_origin *o = &to->origin;
    edgefn_str value = edge_decoded(r, pair.tail);
    uint32_t number = (uint32_t)edgefn_str_to_u64(value).value;
    const struct {
        edgefn_str name;
        edgefn_str *text;
        uint32_t *number;
    } words[] = { { EDGEFN_S_INIT("domain"), &o->domain, NULL },
                  { EDGEFN_S_INIT("path"), &o->path, NULL },
                  { EDGEFN_S_INIT("region"), &o->region, NULL },
                  { EDGEFN_S_INIT("host"), &to->host.value, NULL },
                  { EDGEFN_S_INIT("port"), NULL, &o->port },
                  { EDGEFN_S_INIT("read"), NULL, &o->read_timeout_s },
                  { EDGEFN_S_INIT("keepalive"), NULL, &o->keepalive_s } };

    if (value.ptr == NULL) return false;
    if (edgefn_str_eq(pair.head, EDGEFN_S("header"))) return edge_chosen_header(r, to, pair.tail);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!edgefn_str_eq(pair.head, words[i].name)) continue;
        if (words[i].text != NULL) *words[i].text = value;
        if (words[i].number != NULL) *words[i].number = number;
        return true;
    }
    if (edgefn_str_eq(word, EDGEFN_S("headers=none")))
        o->headers.len = 0;
    else if (edgefn_str_eq(pair.head, EDGEFN_S("protocol")))
        o->https = edgefn_str_eq(value, EDGEFN_S("https"));
    else if (edgefn_str_eq(pair.head, EDGEFN_S("kind")))
        o->kind = edgefn_str_eq(value, EDGEFN_S("s3")) ? EDGEFN_ORIGIN_S3 : EDGEFN_ORIGIN_CUSTOM;
    else
        return false;
    return true;
}

/* An origin of the other kind than the configured one has the members of its kind. */
static void edge_complete_origin(edgefn_origin *o)
{
    if (o->kind == EDGEFN_ORIGIN_S3) {
        o->port = o->keepalive_s = o->read_timeout_s = 0;
        o->tls = 0;
        if (o->region.ptr == NULL) o->region = EDGEFN_S("");
        if (o->auth_method.ptr == NULL) o->auth_method = EDGEFN_S("none");
        return;
    }
    o->region = o->auth_method = EDGEFN_ABSENT;
    if (o->tls == 0) o->tls = EDGEFN_TLS1_2;
    if (o->keepalive_s == 0) o->keepalive_s = 5;
    if (o->read_timeout_s == 0) o->read_timeout_s = 30;
    uint32_t usual = o->https ? 443 : 80;
    if (o->port == 0) o->port = usual;
}

/* Before origin-request: the request is sent to ctx->chosen, whose absent members are those of the configured origin. */
static ngx_int_t edge_take_chosen(ngx_http_request_t *r, const edge_conf *conf, edge_ctx *ctx)
{
    edge_choice choice = { .origin = *conf->origin, .host.name = EDGEFN_S("Host") };
    edgefn_str words = edge_from(ctx->chosen);
    size_t count = conf->origin->headers.len;

    choice.headers = ngx_pcalloc(r->pool, (count + words.len / 8 + 1) * sizeof *choice.headers);
    if (choice.headers == NULL) return NGX_ERROR;
    if (count > 0)
        ngx_memcpy(choice.headers, conf->origin->headers.items, count * sizeof *choice.headers);
    choice.origin.headers.items = choice.headers;
    for (edgefn_cut cut = { words, words, true }; cut.found;) {
        cut = edgefn_str_cut(cut.tail, EDGEFN_S(" "));
        if (!edge_chosen_word(r, &choice, cut.head)) return NGX_ERROR;
    }
    edge_complete_origin(&choice.origin);
    if (edge_set_origin(r, ctx, &choice.origin) != NGX_OK) return NGX_ERROR;
    return choice.host.value.ptr == NULL ? NGX_OK : edge_set_some(r, &choice.host, 1, false);
}

/*--- failures ---------------------------------------------------------------------------------------------------------*/

/* Writes the page with the reasons why a function in another language failed, for its author. Returns: its length. */
static size_t edge_function_page(const edgehost_failure *f, const edge_exchange *x, char *to,
                                 size_t cap)
{
    static const char *const says[] = {
        "\nCloudFront says: The Lambda function associated with the CloudFront distribution is invalid or doesn't have the required permissions.\n",
        "\nCloudFront says: The CloudFront function associated with the CloudFront distribution is invalid or could not run.\n"
    };
    const edgehost_trigger *t = x->trigger;
    const char *recorded =
        x->conf->trace == NULL ? "" : "\nThe page /__edge/ has the event that it got.\n";
    bool failed = f->status == 503, functions = t->dialect == EDGEFN_DIALECT_FUNCTIONS;
    edgefn_str why = f->why, refused = EDGEFN_S(" error: CloudFront would refuse this result\n");

    if (edgefn_str_starts(why, refused))
        why = edgefn_str_skip(why, refused.len); /* the heading says it */
    else if (edgefn_str_starts(why, EDGEFN_S(" error: ")))
        why = edgefn_str_skip(why, sizeof " error:" - 1);
    const char *what = failed ? "failed" : "returned what CloudFront would refuse";
    int len = snprintf(to, cap, "%u %s\n\n%.200s at %s %s:\n%.*s\n%s%s", (unsigned)f->status,
                       f->cache, t->name, edgefn_event_type_name(t->type), what, EDGEFN_FMT(why),
                       failed ? says[functions] : "", recorded);
    if (len < 0) return 0;
    return (size_t)len < cap ? (size_t)len : cap - 1;
}

/*--- waiting ----------------------------------------------------------------------------------------------------------*/

/* In the rewrite phase: as a request that waits for its turn (limit_req). */
static ngx_int_t edge_wait(ngx_http_request_t *r)
{
    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) return NGX_ERROR;
    r->read_event_handler = ngx_http_test_reading; /* ends the request if the viewer leaves */
    r->write_event_handler = ngx_http_request_empty_handler;
    return NGX_DONE;
}

/* In the header filter: nothing is sent. Whoever sends the body gets NGX_AGAIN, as for a viewer who reads slowly. */
static ngx_int_t edge_suspend(ngx_http_request_t *r, edge_ctx *ctx)
{
    ctx->suspended = 1;
    r->buffered |= EDGE_BUFFERED;
    r->header_only = r->method == NGX_HTTP_HEAD; /* otherwise the function may set a body */
    return NGX_OK;
}

static void edge_discard(ngx_chain_t *in)
{
    for (; in != NULL; in = in->next) {
        in->buf->pos = in->buf->last;
        in->buf->file_pos = in->buf->file_last;
    }
}

/* Keeps the body of a suspended response. It is the first filter of all: what others do with a body (ranges, copies of files) depends on the
   header, which is not there yet. */
static ngx_http_output_body_filter_pt edge_next_first_filter;

static ngx_int_t edge_first_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    edge_ctx *ctx = ngx_http_get_module_ctx(r, ngx_http_edgefn_module);

    if (ctx != NULL && ctx->suspended)
        return ngx_chain_add_copy(r->pool, &ctx->kept, in) == NGX_OK ? NGX_AGAIN : NGX_ERROR;
    if (ctx == NULL || !ctx->no_body) return edge_next_first_filter(r, in);
    edge_discard(in);
    return NGX_OK;
}

static ngx_flag_t edge_runners_used; /* by a configuration of this process or its master */

/* When a worker starts, all filters are in their places. */
static void edge_be_first(void)
{
    if (!edge_runners_used) return;
    edge_next_first_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = edge_first_filter;
}

static ngx_int_t edge_responses(ngx_http_request_t *r, edge_conf *conf, edge_ctx *ctx);

/* Sends the response that waited, unless the next function must be waited for. */
static void edge_release(ngx_http_request_t *r, edge_ctx *ctx)
{
    ctx->suspended = 0;
    r->buffered &= ~(unsigned)EDGE_BUFFERED;
    ngx_int_t rc = edge_responses(r, ctx->conf, ctx);
    if (ctx->suspended) return;
    ngx_chain_t *kept = ctx->kept;
    ctx->kept = NULL;
    ctx->no_body = r->header_only;
    if (rc == NGX_OK || rc == NGX_AGAIN) rc = kept != NULL ? edge_first_filter(r, kept) : rc;
    if (rc == NGX_ERROR || rc > NGX_OK) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }
    if (r->write_event_handler != ngx_http_core_run_phases) r->write_event_handler(r);
}

/* Continues with the request when the answer is there. */
static void edge_continue(edge_pending *call)
{
    ngx_http_request_t *r = call->r;
    ngx_connection_t *c = r->connection;
    edge_ctx *ctx = edge_find(r);

    ngx_http_set_log_request(c->log, r);
    if (ctx == NULL)
        ngx_http_finalize_request(r, NGX_ERROR);
    else if (ctx->suspended)
        edge_release(r, ctx);
    else {
        r->read_event_handler = ngx_http_block_reading;
        r->write_event_handler = ngx_http_core_run_phases;
        ngx_http_core_run_phases(r);
    }
    ngx_http_run_posted_requests(c);
}

/*--- configuration ----------------------------------------------------------------------------------------------------*/

/* "unix:DIRECTORY/NAME.sock": the function NAME. Returns: NULL, or what is wrong. */
static const char *edge_set_runner(ngx_conf_t *cf, edge_conf *conf, edgehost_trigger *t,
                                   edgefn_str path)
{
    struct sockaddr_un *address = ngx_pcalloc(cf->pool, sizeof *address);
    edgefn_str name = path;

    if (address == NULL) return "out of memory";
    if (path.len == 0 || path.len >= sizeof address->sun_path)
        return "needs a shorter path of a socket";
    address->sun_family = AF_UNIX;
    ngx_memcpy(address->sun_path, path.ptr, path.len);
    for (edgefn_cut cut = { name, name, true }; cut.found; name = cut.head)
        cut = edgefn_str_cut(cut.tail, EDGEFN_S("/"));
    if (edgefn_str_ends(name, EDGEFN_S(".sock"))) name.len -= 5;
    u_char *copy = ngx_pcalloc(cf->pool, name.len + 1);
    if (copy == NULL) return "out of memory";
    ngx_memcpy(copy, name.ptr, name.len);
    t->name = (const char *)copy;
    t->handler = edge_answered;
    conf->runners[t->type] = address;
    edge_runners_used = 1;
    return NULL;
}
