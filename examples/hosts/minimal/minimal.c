/* minimal.c - the smallest reverse proxy with CloudFront's four triggers, to be copied: HTTP/1.1 by libevent's evhttp, one process, one thread,
   no cache, no TLS. README.md of this directory explains its steps.

   This file has what depends on evhttp; what every proxy needs is in the shared headers, see edgefn_transaction.h. evhttp frees its requests and
   moves its buffers: what outlives a call is copied into the transaction's memory. Messages are never forwarded as received: their framing is made
   anew, and what two servers could read differently is refused. */
#include <event2/buffer.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <signal.h>
#include <sys/queue.h>

#define EDGEFN_IMPLEMENTATION
#define EDGEFN_STATIC
#include "edgefn_options.h"
#include "edgefn_transaction.h"

#define S EDGEFN_S
enum { RESPONSE_MAX = 64 * 1024 * 1024, IDLE_S = 10 };

static edgehost_server server;
static struct {
    edgefn_str address; /* to listen on */
    uint32_t port;
    uint64_t body_max; /* of a request, in bytes */
    struct event_base *base;
    struct evdns_base *dns;
} conf = { .body_max = 16 * 1024 * 1024 };

/* One request of a viewer. It is freed when the answer was given to evhttp. */
typedef struct exchange {
    LIST_ENTRY(exchange) all;
    edgehost_transaction t;
    struct evhttp_request *viewer; /* NULL: answered; then it belongs to evhttp */
    struct evhttp_connection *upstream;
    enum evhttp_cmd_type command; /* the viewer's method */
    bool late;                    /* the origin's time is over */
} exchange;

static LIST_HEAD(exchanges, exchange) all;

static void free_exchange(exchange *x)
{
    LIST_REMOVE(x, all);
    if (x->upstream != NULL) evhttp_connection_free(x->upstream);
    edgehost_pool_free(&x->t.pool);
    free(x);
}

static void on_free(evutil_socket_t fd, short what, void *x)
{
    (void)fd, (void)what;
    free_exchange((exchange *)x);
}

/*--- messages ----------------------------------------------------------------------------------------------------------*/

static void take_headers(edgehost_message *m, struct evkeyvalq *from)
{
    struct evkeyval *h;

    TAILQ_FOREACH(h, from, next)
    {
        edgehost_message_add(m, edgefn_cstr(h->key), edgefn_str_trim(edgefn_cstr(h->value)));
    }
}

static void give_headers(struct evkeyvalq *to, const edgehost_message *m)
{
    for (size_t i = 0; i < m->count; i++)
        evhttp_add_header(to, m->lines[i].name.ptr, m->lines[i].value.ptr);
}

static void give_length(struct evkeyvalq *to, size_t len)
{
    char text[24];

    snprintf(text, sizeof text, "%zu", len);
    evhttp_add_header(to, "Content-Length", text);
}

static edgefn_str take_body(exchange *x, struct evhttp_request *r)
{
    struct evbuffer *b = evhttp_request_get_input_buffer(r);
    size_t len = evbuffer_get_length(b);
    char *to = (char *)edgehost_pool_alloc(&x->t.pool, len);

    if (to == NULL) return EDGEFN_ABSENT;
    evbuffer_copyout(b, to, len);
    return (edgefn_str){ to, len };
}

static bool takes_body(enum evhttp_cmd_type c) /* evhttp reads and sends one with no other method */
{
    return c == EVHTTP_REQ_POST || c == EVHTTP_REQ_PUT || c == EVHTTP_REQ_PATCH;
}

/*--- the response ------------------------------------------------------------------------------------------------------*/

static void send_response(exchange *x)
{
    struct evhttp_request *viewer = x->viewer;
    const edgehost_message *m = &x->t.response;
    struct timeval now = { 0, 0 };

    if (viewer == NULL) return; /* already answered */
    struct evkeyvalq *to = evhttp_request_get_output_headers(viewer);
    edgehost_transaction_end(&x->t);
    give_headers(to, m);
    bool head = x->command == EVHTTP_REQ_HEAD, none = x->t.status == 204 || x->t.status == 304;
    if (head && m->body.ptr == NULL && m->length.ptr != NULL)
        evhttp_add_header(to, "Content-Length", m->length.ptr);
    else if (!none && (!head || m->body.ptr != NULL))
        give_length(to, m->body.len);
    if (!head && !none)
        evbuffer_add(evhttp_request_get_output_buffer(viewer), m->body.ptr, m->body.len);
    x->viewer = NULL;
    evhttp_send_reply(viewer, (int)x->t.status, x->t.reason.ptr, NULL);
    event_base_once(conf.base, -1, EV_TIMEOUT, on_free, x, &now); /* when evhttp has returned */
}

static void send_page(exchange *x, uint32_t status, const char *text)
{
    edgehost_transaction_page(&x->t, status, "Error from cloudfront", edgefn_cstr(text));
    send_response(x);
}

/*--- the origin --------------------------------------------------------------------------------------------------------*/

static void on_origin_error(enum evhttp_request_error error, void *x)
{
    ((exchange *)x)->late = error == EVREQ_HTTP_TIMEOUT;
}

/* The response of the origin. r: NULL or without a status if there is none; freed by evhttp when this returns. */
static void on_origin(struct evhttp_request *r, void *user)
{
    exchange *x = (exchange *)user;
    edgehost_transaction *t = &x->t;
    int status = r != NULL ? evhttp_request_get_response_code(r) : 0;

    if (status == 0) {
        send_page(x, x->late ? 504 : 502, "The origin did not answer.\n");
        return;
    }
    t->status = t->origin_status = (uint32_t)status;
    t->reason = edgehost_keep(&t->pool, edgefn_cstr(evhttp_request_get_response_code_line(r)));
    take_headers(&t->response, evhttp_request_get_input_headers(r));
    bool ok = edgehost_message_check(&t->response) && edgehost_value_valid(t->reason);
    if (!ok || status < 200 || status > 599) {
        send_page(x, 502, "The origin's response is not valid.\n");
        return;
    }
    if (x->command != EVHTTP_REQ_HEAD && status != 204 && status != 304)
        t->response.body = take_body(x, r);
    t->response.chunked = t->response.chunked && t->response.body.ptr != NULL;
    edgehost_transaction_back(t);
    send_response(x);
}

/* Returns: path and query for the origin; absent if they have a character that ends a request's first line. */
static edgefn_str target_of(edgehost_transaction *t)
{
    const edgefn_str parts[4] = { t->origin.path, t->uri, t->query.len > 0 ? S("?") : S(""),
                                  t->query };
    edgefn_str target = edgehost_keep_joined(&t->pool, parts, 4);

    for (size_t i = 0; i < target.len; i++)
        if ((unsigned char)target.ptr[i] <= ' ' || target.ptr[i] == 127) return EDGEFN_ABSENT;
    return target;
}

/* Sends the request to its origin, on a connection of its own. */
static void ask_origin(exchange *x)
{
    edgehost_transaction *t = &x->t;
    edgefn_str target = target_of(t), body = t->request.body;
    int read_s = t->origin.read_timeout_s > 0 ? (int)t->origin.read_timeout_s : 30;

    if (target.ptr == NULL || t->origin.https || t->origin.kind != EDGEFN_ORIGIN_CUSTOM
        || (body.len > 0 && !takes_body(x->command))) {
        send_page(x, 502,
                  "The origin must be HTTP without TLS, a body only with POST, PUT, PATCH.\n");
        return;
    }
    struct evhttp_request *r = evhttp_request_new(on_origin, x);
    x->upstream = evhttp_connection_base_new(conf.base, conf.dns, t->origin.domain.ptr,
                                             (uint16_t)t->origin.port);
    if (r == NULL || x->upstream == NULL) abort(); /* its supervisor starts another */
    evhttp_connection_set_max_headers_size(x->upstream, EDGEHOST_HEAD_MAX * 2);
    evhttp_connection_set_max_body_size(x->upstream, RESPONSE_MAX);
    evhttp_connection_set_timeout(x->upstream, read_s);
    evhttp_request_set_error_cb(r, on_origin_error);
    struct evkeyvalq *to = evhttp_request_get_output_headers(r);
    give_headers(to, &t->request);
    give_headers(to, &t->custom);
    evhttp_add_header(to, "Connection", "close");
    if (takes_body(x->command)) {
        give_length(to, body.len);
        evbuffer_add(evhttp_request_get_output_buffer(r), body.ptr, body.len);
    }
    if (evhttp_make_request(x->upstream, r, x->command, target.ptr) != 0)
        send_page(x, 502, "The origin cannot be asked.\n");
}

/*--- the viewer --------------------------------------------------------------------------------------------------------*/

/* Reads the request. Returns: 0, or the status with which it is refused. */
static uint32_t take_request(exchange *x, struct evhttp_request *r)
{
    static const char *const methods[] = { "GET",     "POST",  "HEAD",    "PUT",  "DELETE",
                                           "OPTIONS", "TRACE", "CONNECT", "PATCH" };
    edgehost_transaction *t = &x->t;
    edgehost_message *m = &t->request;
    edgefn_str target = edgefn_cstr(evhttp_request_get_uri(r));
    size_t head = target.len;

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (x->command == 1u << i) t->method = edgefn_cstr(methods[i]); /* as in evhttp_cmd_type */
    take_headers(m, evhttp_request_get_input_headers(r));
    for (size_t i = 0; i < m->count; i++)
        head += m->lines[i].name.len + m->lines[i].value.len + sizeof ": \r\n" - 1;
    if (!edgehost_message_check(m) || edgehost_message_count(m, S("Host")) != 1
        || !edgehost_transaction_target(t, target))
        return 400;
    bool body = m->chunked || (m->length.ptr != NULL && !edgefn_str_eq(m->length, S("0")));
    uint32_t refusal = edgehost_refusal(t->method, target.len, head);
    if (refusal == 0 && body && !takes_body(x->command))
        return 403; /* evhttp would read it as the next request */
    if (refusal == 0) m->body = take_body(x, r);
    return refusal;
}

static void on_viewer(struct evhttp_request *r, void *unused)
{
    exchange *x = (exchange *)calloc(1, sizeof *x);
    char *address = NULL;
    uint16_t port = 0;

    (void)unused;
    if (x == NULL) abort();
    LIST_INSERT_HEAD(&all, x, all);
    x->viewer = r;
    x->command = evhttp_request_get_command(r);
    edgehost_transaction_begin(&x->t, &server);
    evhttp_connection_get_peer(evhttp_request_get_connection(r), &address, &port);
    x->t.address = edgehost_keep(&x->t.pool, edgefn_cstr(address));
    x->t.port = port;
    uint32_t refusal = take_request(x, r);
    if (refusal != 0) { /* what follows on this connection may be a part of it */
        if (x->command == EVHTTP_REQ_CONNECT) r->type = EVHTTP_REQ_GET; /* or it stays open */
        evhttp_add_header(evhttp_request_get_output_headers(r), "Connection", "close");
        send_page(x, refusal, "The request is not accepted.\n");
    } else if (edgehost_transaction_run(&x->t, EDGEFN_VIEWER_REQUEST)
               && edgehost_transaction_onward(&x->t)) {
        ask_origin(x);
    } else { /* a function's answer, or its failure */
        send_response(x);
    }
}

/*--- the start -----------------------------------------------------------------------------------------------------*/

static void write_log(const char *event, const char *handler, edgefn_str text)
{
    fprintf(stderr, "minimal: %s %s: %.*s\n", event, handler, EDGEFN_FMT(text));
}

static int refuse(const char *option, const char *why)
{
    fprintf(stderr, "minimal: %s: %s\n", option, why);
    exit(2);
}

static void configure(char **argv)
{
    char why[1024];

    for (; *argv != NULL; argv++) {
        edgefn_cut c = edgefn_str_cut(edgefn_cstr(*argv), S("="));
        bool ok = edgefn_str_starts(c.head, S("--"));
        snprintf(why, sizeof why, "not a valid option");
        if (edgefn_str_eq(c.head, S("--listen")))
            ok = edgehost_option_address(c.tail, &conf.address, &conf.port);
        else if (edgefn_str_eq(c.head, S("--dns")))
            ok = c.found && evdns_base_nameserver_ip_add(conf.dns, c.tail.ptr) == 0;
        else if (edgefn_str_eq(c.head, S("--max-body")))
            ok = edgehost_option_number(c.tail, 0, INT32_MAX, &conf.body_max);
        else if (ok)
            ok = edgehost_server_option(&server, edgefn_str_skip(c.head, 2), c.tail, why,
                                        sizeof why);
        if (!ok) refuse(*argv, why);
    }
    if (server.origin.kind == EDGEFN_ORIGIN_NONE || conf.port == 0)
        refuse("usage", "--listen=ADDRESS:PORT --origin=HOST:PORT [--viewer-request=FILE.so] ...");
    if (!edgehost_server_ready(&server, NULL, why, sizeof why)) refuse("options", why);
}

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
    if (conf.base == NULL || conf.dns == NULL || http == NULL) abort();
    server.log = write_log;
    configure(argv + 1);
    if (evdns_base_count_nameservers(conf.dns) == 0)
        evdns_base_resolv_conf_parse(conf.dns, DNS_OPTIONS_ALL, "/etc/resolv.conf");
    evhttp_set_gencb(http, on_viewer, NULL);
    evhttp_set_default_content_type(http, NULL);
    evhttp_set_allowed_methods(http, (EVHTTP_REQ_PATCH << 1) - 1); /* take_request() refuses */
    evhttp_set_max_headers_size(http, EDGEHOST_HEAD_MAX + EDGEHOST_URL_MAX);
    evhttp_set_max_body_size(http, (ev_ssize_t)conf.body_max);
    evhttp_set_timeout(http, IDLE_S);
    if (evhttp_bind_socket(http, conf.address.ptr, (uint16_t)conf.port) != 0)
        refuse("--listen", strerror(errno));
    struct event *stop[2] = { evsignal_new(conf.base, SIGTERM, on_signal, conf.base),
                              evsignal_new(conf.base, SIGINT, on_signal, conf.base) };
    for (int i = 0; i < 2; i++)
        evsignal_add(stop[i], NULL);
    fprintf(stderr, "minimal: http://%s:%u/\n", conf.address.ptr, (unsigned)conf.port);
    event_base_dispatch(conf.base);
    while (!LIST_EMPTY(&all))
        free_exchange(LIST_FIRST(&all));
    evhttp_free(http);
    evdns_base_free(conf.dns, 0);
    for (int i = 0; i < 2; i++)
        event_free(stop[i]);
    event_base_free(conf.base);
    edgehost_server_free(&server);
    return 0;
}
