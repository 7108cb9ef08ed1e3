/* minimal.c - the smallest reverse proxy with CloudFront's four triggers, to be copied: HTTP/1.1 by libevent's evhttp, one process, one thread,
   no cache, no TLS. README.md of this directory explains its steps.

   Every byte of a viewer and of an origin comes from a stranger. evhttp frees its requests and moves its buffers, and strings of an event are only
   valid until the next exchange: what outlives a call is copied into memory of the exchange (keep()). Messages are never forwarded as received:
   their framing is made anew, and what two servers could read differently is refused. */
#include <event2/http.h>
#include <event2/http_struct.h>
#include <signal.h>
#include <time.h>

#define EDGEFN_IMPLEMENTATION
#define EDGEFN_STATIC
#include "message.h"
#include "options.h"

enum { RESPONSE_MAX = 64 * 1024 * 1024, IDLE_S = 10 };

static edgehost_scratch scratch;
static edgehost_draws draws;
static edgehost_entropy entropy;

/*--- one request of a viewer -----------------------------------------------------------------------------------------*/

typedef struct exchange {
    struct exchange *next, **link; /* the list of all */
    pool pool;                     /* its memory */
    struct evhttp_request *viewer; /* NULL: answered; then it belongs to evhttp */
    enum evhttp_cmd_type command;  /* the viewer's method */
    struct evhttp_connection *upstream;
    bool late; /* the origin's time is over */
    char id[EDGEFN_REQUEST_ID], port_text[EDGEHOST_VIEWER_ADDRESS];
    edgefn_str method, uri, query, address,
        length; /* length: Content-Length of a response without a body */
    http_message request, response, viewers; /* viewers: the request as the viewer's side sees it */
    edgefn_str viewers_uri, viewers_query;
    edgefn_origin origin; /* its headers are in custom */
    http_message custom;
    uint32_t status, origin_status;
    edgefn_str reason;
    const char *marker; /* for X-Cache */
    const edgehost_trigger *trigger;
    edgefn_event ev;
    edgehost_edits edits;
} exchange;

static exchange *all;

static void free_exchange(exchange *x)
{
    *x->link = x->next;
    if (x->next != NULL) x->next->link = x->link;
    if (x->upstream != NULL) evhttp_connection_free(x->upstream);
    free_pool(&x->pool);
    free(x);
}

static void on_free(evutil_socket_t fd, short what, void *x)
{
    (void)fd, (void)what;
    free_exchange((exchange *)x);
}

/*--- the functions -----------------------------------------------------------------------------------------------------*/

/* Makes the result of a function the new headers. Those that are hidden from functions stay. */
static void set_headers(exchange *x, http_message *m, bool response)
{
    const edgehost_edits *e = &x->edits;
    http_message to = { .body = m->body, .chunked = m->chunked };

    if (!e->headers) return;
    for (size_t i = 0; i < m->count; i++)
        if (edgehost_hidden(x->trigger, m->lines[i].name)
            || (e->keep_cookies
                && edgefn_str_ieq(m->lines[i].name, response ? S("Set-Cookie") : S("Cookie"))))
            push_kept(&x->pool, &to, m->lines[i]);
    for (size_t i = 0; i < e->line_count; i++)
        if (!hop_by_hop(e->lines[i].name)) push(&x->pool, &to, e->lines[i].name, e->lines[i].value);
    *m = to;
}

static bool fill_headers(exchange *x, const http_message *m, edgefn_fields *to, bool has_length)
{
    for (size_t i = 0; i < m->count; i++) {
        if (edgehost_hidden(x->trigger, m->lines[i].name)) continue;
        edgefn_str value = edgehost_convert(&x->ev, &x->edits.converted, m->lines[i].value);
        if (value.ptr == NULL || !edgefn_add(to, m->lines[i].name, value)) return false;
    }
    if (m->chunked) return edgefn_add(to, S("Transfer-Encoding"), S("chunked"));
    if (!has_length) return true;
    return edgefn_add(to, S("Content-Length"), edgefn_str_from_u64(&x->ev, m->body.len));
}

/* An edgehost_fill_fn. */
static bool fill(edgefn_event *ev, void *host)
{
    exchange *x = (exchange *)host;
    edgefn_event_type type = x->trigger->type;

    ev->domain = S("d111111abcdef8.cloudfront.net");
    ev->distribution_id = S("EDFDVBD6EXAMPLE");
    ev->request_id = (edgefn_str){ x->id, sizeof x->id };
    ev->request.method = x->method;
    ev->request.client_ip = x->address;
    ev->request.uri = edgehost_convert(ev, &x->edits.converted, x->uri);
    ev->request.querystring = edgehost_convert(ev, &x->edits.converted, x->query);
    if (ev->request.uri.ptr == NULL || ev->request.querystring.ptr == NULL
        || !fill_headers(x, &x->request, &ev->request.headers, x->request.body.len > 0))
        return false;
    if ((type == EDGEFN_ORIGIN_REQUEST || type == EDGEFN_ORIGIN_RESPONSE)
        && !edgehost_fill_origin(ev, &x->origin, x->custom.lines, x->custom.count))
        return false;
    if (edgefn_is_request(ev))
        return !conf.include_body || ev->dialect != EDGEFN_DIALECT_LAMBDA
               || edgehost_fill_body(ev, x->request.body, false);
    ev->response.status = x->status;
    ev->response.status_text = edgehost_convert(ev, &x->edits.converted, x->reason);
    return ev->response.status_text.ptr != NULL
           && fill_headers(x, &x->response, &ev->response.headers, x->response.body.ptr != NULL);
}

static edgefn_str lookup(void *user, edgefn_str table, edgefn_str key)
{
    (void)user;
    return edgehost_tables_lookup(&conf.tables, table, key);
}

static bool verify(void *user, edgefn_str alg, edgefn_str kid, edgefn_str signed_text,
                   edgefn_str signature)
{
    (void)user;
    return edgehost_keys_refuse(&conf.keys, alg, kid, signed_text, signature) == NULL;
}

static void write_log(void *user, edgefn_str text)
{
    const exchange *x = (const exchange *)user;
    char line[EDGEHOST_LOG_MOST];
    size_t len = edgehost_log_line(line, text);

    edgehost_tables_mask(&conf.tables, line, len);
    fprintf(stderr, "minimal: %s %s: %.*s\n", edgefn_event_type_name(x->trigger->type),
            x->trigger->name, (int)len, line);
}

/* Replaces the response by a page of the proxy. */
static void page(exchange *x, uint32_t status, const char *marker, const char *text)
{
    memset(&x->response, 0, sizeof x->response);
    x->status = status;
    x->reason = edgefn_status_text(status);
    x->marker = marker;
    push(&x->pool, &x->response, S("Content-Type"), S("text/plain"));
    push(&x->pool, &x->response, S("Cache-Control"), S("no-store"));
    x->response.body = keep(&x->pool, edgefn_cstr(text));
}

/* Runs the function of an event and applies its edits. Returns: true to continue; false if there is a response to send. */
static bool run(exchange *x, edgefn_event_type type)
{
    edgefn_env env = { .now_s = (int64_t)time(NULL),
                       .random = (uint32_t)(edgehost_draw_next(&draws) >> 32),
                       .has_random = true,
                       .lookup = lookup,
                       .verify = conf.keys.len > 0 ? verify : NULL,
                       .user = x,
                       .log = write_log };
    bool response = type == EDGEFN_ORIGIN_RESPONSE || type == EDGEFN_VIEWER_RESPONSE;
    char why[2048], text[4096];

    x->trigger = &conf.triggers[type];
    if (x->trigger->handler == NULL) return true;
    edgehost_random(&env, &entropy);
    edgefn_outcome outcome =
        edgehost_exchange(&x->ev, x->trigger, &env, &scratch, fill, x, &x->edits);
    if (outcome == EDGEFN_OUTCOME_FAIL) {
        edgehost_failure f = edgehost_failure_of(&x->ev, x->trigger, &conf.tables, why, sizeof why);
        fprintf(stderr, "minimal: %s %s:%.*s\n", edgefn_event_type_name(type), x->trigger->name,
                EDGEFN_FMT(f.why));
        edgehost_failure_page(&f, x->trigger, conf.show_reasons, text, sizeof text);
        page(x, f.status, f.cache, text);
        return false;
    }
    if (outcome == EDGEFN_OUTCOME_ANSWER) memset(&x->response, 0, sizeof x->response);
    if (outcome == EDGEFN_OUTCOME_ANSWER || response) {
        x->edits.headers = x->edits.headers || outcome == EDGEFN_OUTCOME_ANSWER;
        set_headers(x, &x->response, true);
        x->status = x->ev.response.status;
        x->reason =
            keep(&x->pool, edgehost_unconverted(&x->edits.converted, edgehost_reason(&x->ev)));
        if (x->edits.body.ptr != NULL || !response) {
            x->response.body = keep(&x->pool, x->edits.body.ptr != NULL ? x->edits.body : S(""));
            x->response.chunked = false;
        }
        if (!response) x->marker = edgehost_answer_cache(&x->ev);
        return response;
    }
    set_headers(x, &x->request, false);
    if (x->edits.uri.ptr != NULL) x->uri = keep(&x->pool, x->edits.uri);
    if (x->edits.query.ptr != NULL) x->query = keep(&x->pool, x->edits.query);
    if (x->edits.body.ptr != NULL) x->request.body = keep(&x->pool, x->edits.body);
    return true;
}

/*--- the response ------------------------------------------------------------------------------------------------------*/

/* Without the check (--no-check) a function may have set anything: what is not HTTP is left out. */
static void add_headers(struct evkeyvalq *to, const http_message *m)
{
    for (size_t i = 0; i < m->count; i++)
        if (valid_line(m->lines[i].name, m->lines[i].value))
            evhttp_add_header(to, m->lines[i].name.ptr, m->lines[i].value.ptr);
}

/* Sends the response. Afterwards the request belongs to evhttp; the exchange is freed when evhttp has returned. */
static void send_response(exchange *x)
{
    struct evhttp_request *viewer = x->viewer;
    if (viewer == NULL) return; /* already answered */
    struct evkeyvalq *to = evhttp_request_get_output_headers(viewer);
    struct evbuffer *body = evbuffer_new();
    bool head = edgefn_str_eq(x->method, S("HEAD")),
         bodiless = x->status == 204 || x->status == 304;
    struct timeval now = { 0, 0 };
    char length[24], id[EDGEFN_REQUEST_ID + 1];

    drop(&x->response, S("X-Cache"));
    drop(&x->response, S("X-Amz-Cf-Id"));
    add_headers(to, &x->response);
    if (x->marker == NULL)
        x->marker = x->status >= 400 ? "Error from cloudfront" : "Miss from cloudfront";
    evhttp_add_header(to, "X-Cache", x->marker);
    snprintf(id, sizeof id, "%.*s", (int)sizeof x->id, x->id);
    evhttp_add_header(to, "X-Amz-Cf-Id", id);
    snprintf(length, sizeof length, "%zu", x->response.body.len);
    if (head && x->response.body.ptr == NULL && x->length.ptr != NULL)
        evhttp_add_header(to, "Content-Length", x->length.ptr);
    else if (!bodiless && !(head && x->response.body.ptr == NULL))
        evhttp_add_header(to, "Content-Length", length);
    if (body != NULL && !head && !bodiless)
        evbuffer_add(body, x->response.body.ptr, x->response.body.len);
    x->viewer = NULL;
    bool plain = x->reason.len > 0 && valid_line(S("Reason"), x->reason);
    evhttp_send_reply(viewer, (int)x->status,
                      plain ? x->reason.ptr : edgefn_status_text(x->status).ptr, body);
    if (body != NULL) evbuffer_free(body);
    event_base_once(conf.base, -1, EV_TIMEOUT, on_free, x, &now);
}

static void send_page(exchange *x, uint32_t status, const char *text)
{
    page(x, status, "Error from cloudfront", text);
    send_response(x);
}

/*--- the origin --------------------------------------------------------------------------------------------------------*/

static void on_origin_error(enum evhttp_request_error error, void *user)
{
    ((exchange *)user)->late = error == EVREQ_HTTP_TIMEOUT;
}

/* viewer-response sees the request as it was before the origin's side, and does not run after an error of the origin. */
static void run_viewer_response(exchange *x)
{
    if (x->origin_status >= 400) return;
    x->request = x->viewers;
    x->uri = x->viewers_uri;
    x->query = x->viewers_query;
    run(x, EDGEFN_VIEWER_RESPONSE);
}

/* The response of the origin. r: NULL or without a status if there is none; freed by evhttp when this returns. */
static void on_origin(struct evhttp_request *r, void *user)
{
    exchange *x = (exchange *)user;
    bool chunked = false;

    if (r == NULL || evhttp_request_get_response_code(r) == 0) {
        send_page(x, x->late ? 504 : 502,
                  x->late ? "The origin did not answer in time.\n"
                          : "The origin did not answer.\n");
        return;
    }
    x->status = x->origin_status = (uint32_t)evhttp_request_get_response_code(r);
    x->reason = keep(&x->pool, edgefn_cstr(evhttp_request_get_response_code_line(r)));
    bool ok = take_headers(&x->pool, &x->response, evhttp_request_get_input_headers(r), &x->length,
                           &chunked);
    if (!ok || x->reason.ptr == NULL || !valid_line(S("Reason"), x->reason) || x->status < 200
        || x->status > 599) {
        send_page(x, 502, "The origin's response is not valid.\n");
        return;
    }
    if (!edgefn_str_eq(x->method, S("HEAD")) && x->status != 204 && x->status != 304)
        x->response.body = keep_buffer(&x->pool, evhttp_request_get_input_buffer(r));
    x->response.chunked = chunked && x->response.body.ptr != NULL;
    if (run(x, EDGEFN_ORIGIN_RESPONSE)) run_viewer_response(x);
    send_response(x);
}

/* Takes the origin that origin-request chose. */
static void set_origin(exchange *x)
{
    const edgefn_origin *o = &x->ev.request.origin;

    if (conf.triggers[EDGEFN_ORIGIN_REQUEST].handler == NULL) return;
    x->custom.count = 0;
    for (size_t i = 0; i < o->headers.len; i++) {
        const edgefn_field *h = &o->headers.items[i];
        push(&x->pool, &x->custom, h->key.ptr != NULL ? h->key : h->name, h->value);
    }
    x->origin = *o;
    x->origin.domain = keep(&x->pool, o->domain);
    x->origin.path = keep(&x->pool, o->path);
    x->origin.region = keep(&x->pool, o->region);
    x->origin.auth_method = keep(&x->pool, o->auth_method);
}

/* Returns: path and query for the origin, with a NUL; NULL if they have a character that ends a request's first line. */
static char *target_of(exchange *x)
{
    const edgefn_str parts[4] = { x->origin.path, x->uri, x->query.len > 0 ? S("?") : S(""),
                                  x->query };
    char *to = (char *)room(&x->pool, x->origin.path.len + x->uri.len + x->query.len + 1);
    size_t at = 0;

    for (int i = 0; i < 4; i++)
        for (size_t k = 0; k < parts[i].len; k++) {
            to[at++] = parts[i].ptr[k];
            if ((unsigned char)to[at - 1] <= ' ' || to[at - 1] == 127) return NULL;
        }
    to[at] = '\0';
    return to;
}

static bool
takes_body(enum evhttp_cmd_type type) /* evhttp reads and sends a body with no other method */
{
    return type == EVHTTP_REQ_POST || type == EVHTTP_REQ_PUT || type == EVHTTP_REQ_PATCH;
}

/* Sends the request to its origin, on a connection of its own. */
static void ask_origin(exchange *x)
{
    char *target = target_of(x);
    enum evhttp_cmd_type type = x->command;

    if (target == NULL || x->origin.https || x->origin.kind != EDGEFN_ORIGIN_CUSTOM
        || (x->request.body.len > 0 && !takes_body(type))) {
        send_page(
            x, 502,
            "The origin cannot be asked: only HTTP without TLS, and a body only with POST, PUT and PATCH.\n");
        return;
    }
    struct evhttp_request *r = evhttp_request_new(on_origin, x);
    x->upstream = evhttp_connection_base_new(conf.base, conf.dns, x->origin.domain.ptr,
                                             (uint16_t)x->origin.port);
    if (r == NULL || x->upstream == NULL) abort();
    evhttp_connection_set_max_headers_size(x->upstream, EDGEHOST_HEAD_MAX * 2);
    evhttp_connection_set_max_body_size(x->upstream, RESPONSE_MAX);
    evhttp_connection_set_timeout(
        x->upstream, x->origin.read_timeout_s > 0 ? (int)x->origin.read_timeout_s : 30);
    evhttp_request_set_error_cb(r, on_origin_error);
    struct evkeyvalq *to = evhttp_request_get_output_headers(r);
    for (size_t i = 0; i < x->custom.count; i++)
        drop(&x->request, x->custom.lines[i].name);
    add_headers(to, &x->request);
    add_headers(to, &x->custom);
    evhttp_add_header(to, "Connection", "close");
    if (takes_body(type)) { /* evhttp would announce it only for POST and PUT */
        char length[24];
        snprintf(length, sizeof length, "%zu", x->request.body.len);
        evhttp_add_header(to, "Content-Length", length);
    }
    if (takes_body(type))
        evbuffer_add(evhttp_request_get_output_buffer(r), x->request.body.ptr, x->request.body.len);
    if (evhttp_make_request(x->upstream, r, type, target) != 0)
        send_page(x, 502, "The origin cannot be asked.\n");
}

/*--- the viewer --------------------------------------------------------------------------------------------------------*/

/* What CloudFront does to a request after viewer-request. */
static void prepare_for_origin(exchange *x, uint16_t port)
{
    edgehost_line lines[EDGEHOST_VIEWER_LINES];
    edgehost_viewer_facts facts = { find(&x->request, S("User-Agent")), x->address, port, S("1.1"),
                                    false };
    size_t n = edgehost_viewer_headers(&facts, lines, x->port_text);
    http_message to = { .body = x->request.body };
    edgefn_str forwarded = find(&x->request, S("X-Forwarded-For"));
    char *chain = (char *)room(&x->pool, forwarded.len + 2 + x->address.len);

    x->viewers = x->request;
    x->viewers_uri = x->uri;
    x->viewers_query = x->query;
    for (size_t i = 0; i < x->request.count; i++)
        if (!edgehost_viewers_only(x->request.lines[i].name))
            push_kept(&x->pool, &to, x->request.lines[i]);
    x->request = to;
    for (size_t i = 0; i < n; i++)
        set(&x->pool, &x->request, lines[i].name, lines[i].value);
    int len = sprintf(chain, "%.*s%s%.*s", EDGEFN_FMT(forwarded), forwarded.len > 0 ? ", " : "",
                      EDGEFN_FMT(x->address));
    set(&x->pool, &x->request, S("X-Forwarded-For"), (edgefn_str){ chain, (size_t)len });
    set(&x->pool, &x->request, S("Host"), x->origin.domain);
}

/* Splits the target; an absolute one also has the host. Returns: false if it is neither. */
static bool take_target(exchange *x, edgefn_str target)
{
    edgefn_str rest = target;

    if (edgefn_str_ieq(edgefn_str_take(target, 7), S("http://"))) {
        rest = edgefn_str_skip(target, 7);
        size_t end = strcspn(rest.ptr, "/?");
        set(&x->pool, &x->request, S("Host"), edgefn_str_take(rest, end));
        rest = edgefn_str_skip(rest, end);
    } else if (!edgefn_str_starts(target, S("/"))) {
        return false;
    }
    edgefn_cut c = edgefn_str_cut(edgefn_str_cut(rest, S("#")).head, S("?"));
    x->uri = keep(&x->pool, c.head.len > 0 ? c.head : S("/"));
    x->query = keep(&x->pool, c.found ? c.tail : S(""));
    return true;
}

/* Reads the request. Returns: 0, or the status with which CloudFront refuses it. */
static uint32_t take_request(exchange *x, struct evhttp_request *r)
{
    static const char *const methods[] = { "GET",    "POST",    "HEAD", "PUT",
                                           "DELETE", "OPTIONS", "PATCH" };
    static const enum evhttp_cmd_type types[] = { EVHTTP_REQ_GET,    EVHTTP_REQ_POST,
                                                  EVHTTP_REQ_HEAD,   EVHTTP_REQ_PUT,
                                                  EVHTTP_REQ_DELETE, EVHTTP_REQ_OPTIONS,
                                                  EVHTTP_REQ_PATCH };
    edgefn_str target = edgefn_cstr(evhttp_request_get_uri(r)), length;
    enum evhttp_cmd_type type = evhttp_request_get_command(r);
    size_t head = target.len, hosts = 0;
    bool chunked = false;

    x->command = type;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i] == type) x->method = edgefn_cstr(methods[i]);
    if (x->method.ptr == NULL) { /* CONNECT and TRACE */
        x->method = S("GET");
        r->type = EVHTTP_REQ_GET; /* evhttp never closes the connection after CONNECT */
        return 403;
    }
    if (!take_headers(&x->pool, &x->request, evhttp_request_get_input_headers(r), &length,
                      &chunked))
        return 400;
    for (size_t i = 0; i < x->request.count; i++) {
        head += x->request.lines[i].name.len + x->request.lines[i].value.len + 4;
        hosts += edgefn_str_ieq(x->request.lines[i].name, S("Host"));
    }
    bool body = chunked || (length.ptr != NULL && !edgefn_str_eq(length, S("0")));
    if (hosts != 1 || !take_target(x, target)) return 400;
    if (target.len > EDGEHOST_URL_MAX) return 414;
    if (head > EDGEHOST_HEAD_MAX) return 494;
    if (body && !takes_body(type))
        return 403; /* not read by evhttp: it would be taken for the next request */
    x->request.body = keep_buffer(&x->pool, evhttp_request_get_input_buffer(r));
    return 0;
}

static void on_viewer(struct evhttp_request *r, void *unused)
{
    exchange *x = (exchange *)calloc(1, sizeof *x);
    char *address = NULL;
    uint16_t port = 0;

    (void)unused;
    if (x == NULL) abort();
    x->next = all;
    x->link = &all;
    if (all != NULL) all->link = &x->next;
    all = x;
    x->viewer = r;
    x->origin = conf.origin;
    edgehost_request_id(x->id, &draws);
    evhttp_connection_get_peer(evhttp_request_get_connection(r), &address, &port);
    x->address = keep(&x->pool, edgefn_cstr(address));
    uint32_t refused = take_request(x, r);
    if (refused != 0) { /* what follows on this connection may be a part of it */
        evhttp_add_header(evhttp_request_get_output_headers(r), "Connection", "close");
        send_page(x, refused, "The request is not accepted.\n");
        return;
    }
    if (!run(x, EDGEFN_VIEWER_REQUEST)) {
        send_response(x);
        return;
    }
    prepare_for_origin(x, port);
    if (run(x, EDGEFN_ORIGIN_REQUEST)) {
        set_origin(x);
        ask_origin(x);
        return;
    }
    x->origin_status = x->status;
    run_viewer_response(x);
    send_response(x);
}

/*--- the start -----------------------------------------------------------------------------------------------------*/

static void on_signal(evutil_socket_t fd, short what, void *base)
{
    (void)fd, (void)what;
    event_base_loopbreak((struct event_base *)base);
}

int main(int argc, char **argv)
{
    (void)argc;
    signal(SIGPIPE, SIG_IGN);
    conf.base = event_base_new();
    conf.dns = evdns_base_new(conf.base, 0);
    struct evhttp *http = evhttp_new(conf.base);
    if (conf.base == NULL || conf.dns == NULL || http == NULL || !edgehost_draw_seed(&draws))
        abort();
    configure(argv + 1);
    if (evdns_base_count_nameservers(conf.dns) == 0)
        evdns_base_resolv_conf_parse(conf.dns, DNS_OPTIONS_ALL, "/etc/resolv.conf");
    evhttp_set_gencb(http, on_viewer, NULL);
    evhttp_set_default_content_type(http, NULL);
    evhttp_set_allowed_methods(
        http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH
                  | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT);
    evhttp_set_max_headers_size(http, EDGEHOST_HEAD_MAX + EDGEHOST_URL_MAX);
    evhttp_set_max_body_size(http, (ev_ssize_t)conf.body_max);
    evhttp_set_timeout(http, IDLE_S);
    if (evhttp_bind_socket(http, conf.address, conf.port) != 0) usage("--listen", strerror(errno));
    struct event *stop[2] = { evsignal_new(conf.base, SIGTERM, on_signal, conf.base),
                              evsignal_new(conf.base, SIGINT, on_signal, conf.base) };
    for (int i = 0; i < 2; i++)
        evsignal_add(stop[i], NULL);
    fprintf(stderr, "minimal: http://%s:%u/\n", conf.address, (unsigned)conf.port);
    event_base_dispatch(conf.base);
    while (all != NULL)
        free_exchange(all);
    evhttp_free(http);
    evdns_base_free(conf.dns, 0);
    for (int i = 0; i < 2; i++)
        event_free(stop[i]);
    event_base_free(conf.base);
    edgehost_keys_free(&conf.keys);
    edgehost_scratch_free(&scratch);
    return 0;
}
