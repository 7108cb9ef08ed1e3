/* ngx_http_edgefn_module.c - CloudFront's four triggers in nginx; see examples/hosts/README.md for the directives.

   Request triggers run in the rewrite phase: edits of URI, query, headers and body are applied to nginx's own request, so that proxy_pass, cache
   keys and logs see them. Response triggers run in the header filter; a body filter replaces the received body. No JSON is written or read: events
   are built from parts. One worker is one thread, so one block of memory serves all of its exchanges. */
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#define EDGEFN_IMPLEMENTATION
#define EDGEFN_STATIC
#include "edgefn_proxy.h"
#include "edgefn_verify.h"
#include "edgefn_trace.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

#define ONE_HEADER_LIST                                                                            \
  (nginx_version                                                                                   \
   >= 1023000) /* since then headers of one name are linked lists, before they were arrays */

typedef struct {
    ngx_str_t name;
    ngx_http_complex_value_t value;
} edge_supplied;

enum { EDGE_CHECK_OFF, EDGE_CHECK_ON, EDGE_CHECK_LOG };

typedef struct {
    edgehost_trigger triggers[5]; /* indexed by edgefn_event_type; type == 0: not configured here */
    struct sockaddr_un *runners[5]; /* of functions in other languages; NULL: a handler in C */
    ngx_flag_t include_body, cloudfront_headers, chain;
    ngx_uint_t check; /* EDGE_CHECK_... */
    ngx_http_complex_value_t *request_id;
    ngx_http_complex_value_t *chosen; /* the origin that the viewers' side has chosen */
    ngx_array_t *supplied;            /* edge_supplied */
    ngx_array_t *rows;                /* edgehost_tables_row */
    edgehost_tables tables;
    edgehost_keys *keys;         /* of the table jwks; NULL: none */
    edgefn_origin *origin;       /* only the members that edge_origin and edge_origin_header set */
    ngx_array_t *origin_headers; /* edgefn_field */
    struct edge_policy *policy;  /* NULL: none */
    ngx_str_t distribution_domain, distribution_id;
    ngx_open_file_t *trace;          /* edge_trace; NULL: nothing is recorded */
    ngx_str_t desk_http, desk_https; /* edge_desk: "localhost" ports; empty: not a desk */
    unsigned viewer_side : 1, origin_side : 1;
} edge_conf;

typedef struct {     /* the state of one request */
    edge_conf *conf; /* of the first location with triggers that it reached: its cache behaviour */
    ngx_str_t request_id;
    edgefn_origin origin; /* where it is sent; kind == 0: not known. Its headers are origin_lines */
    ngx_str_t origin_host; /* with the port, unless it is the default port */
    edgehost_line *origin_lines;
    size_t origin_line_count;
    edgehost_line *
        supplied; /* the headers that CloudFront adds, and those of the same names that the viewer sent */
    size_t supplied_count;
    ngx_array_t *spoofed; /* ngx_table_elt_t */
    ngx_str_t
        body; /* a body set by a function: that of the request, until it is read; then that of the response */
    const char *marker; /* for X-Cache, if a function answered or failed */
    ngx_uint_t origin_status;
    ngx_str_t chosen; /* the origin that a CloudFront Function has chosen, in words; empty: none */
    ngx_str_t viewer_host; /* of a desk: Host as the viewer sent it, if functions see another */
    ngx_uint_t redirect;   /* of a desk: the status of a redirect in whose place a page was sent */
    const u_char *uri;     /* the path set by an edit; any other r->uri was set by nginx */
    edgefn_event_type
        answered; /* the event in which an answer was generated, or a function failed */
    struct edge_pending *call;            /* of the last function in another language */
    ngx_chain_t *kept;                    /* the body of a suspended response */
    unsigned request_step, response_step; /* how many triggers are done */
    unsigned body_read : 1, requests_begun : 1, requests_done : 1, responses_done : 1,
        new_request_body : 1, new_response_body : 1, body_sent : 1, failed : 1, have_body : 1,
        own_error : 1;        /* the response is an error of nginx itself */
    unsigned policy_done : 1; /* of the response, before viewer-response */
    unsigned suspended : 1;   /* a response waits for a function */
    unsigned no_body : 1;     /* a body that was sent to a suspended response is not needed */
} edge_ctx;

typedef struct { /* one exchange */
    ngx_http_request_t *r;
    edge_conf *conf;
    edge_ctx *ctx;
    const edgehost_trigger *trigger;
    edgehost_trigger asked; /* with the answer of a function in another language */
    bool hides;             /* some headers were hidden from the handler */
    edgefn_env env;
    edgefn_event ev;
    edgehost_edits edits;
} edge_exchange;

static edgehost_scratch edge_scratch;
static edgehost_entropy edge_entropy; /* of the worker: the master takes nothing from it */
static edgehost_draws edge_draws,
    edge_id_draws; /* a separate generator: ids are public, and its state can be computed from them */
static ngx_http_output_header_filter_pt edge_next_header_filter;
static ngx_http_output_body_filter_pt edge_next_body_filter;
ngx_module_t ngx_http_edgefn_module;

/* hooks of ngx_http_edgefn_desk.h, for edge_trace and edge_desk */
static void edge_trace_start(edge_conf *conf);
static void edge_trace_line(edge_exchange *x, edgefn_str text);
static void edge_trace_exchange(edge_exchange *x, edgefn_outcome outcome);
static ngx_int_t edge_desk_host(ngx_http_request_t *r, edge_conf *conf);
static void edge_be_first(void); /* of ngx_http_edgefn_functions.h */
static ngx_int_t edge_desk_redirect(ngx_http_request_t *r, edge_conf *conf, edge_ctx *ctx);

/* of ngx_http_edgefn_policy.h, for what a cache behaviour sets besides its functions */
#define EDGE_APART __attribute__((noinline)) /* most servers do not call it */
typedef struct edge_policy edge_policy;
EDGE_APART static ngx_int_t edge_policy_refusal(ngx_http_request_t *r, const edge_conf *conf,
                                                edge_ctx *ctx);
EDGE_APART static ngx_int_t edge_policy_request(ngx_http_request_t *r, const edge_policy *policy,
                                                edge_ctx *ctx);
EDGE_APART static ngx_int_t edge_policy_response(ngx_http_request_t *r, const edge_conf *conf,
                                                 edge_ctx *ctx);
EDGE_APART static ngx_int_t edge_policy_respond(ngx_http_request_t *r, const edge_policy *policy);

/*--- strings ----------------------------------------------------------------------------------------------------------*/

static edgefn_str edge_from(ngx_str_t s)
{
    return (edgefn_str){ s.data != NULL ? (const char *)s.data : "", s.len };
}

/* Allocates a string for nginx: len bytes and a NUL, because nginx parses values of headers (Range, User-Agent, dates, cookies) up to a
   NUL. Returns: NULL when out of memory. */
static u_char *edge_alloc(ngx_http_request_t *r, size_t len)
{
    u_char *to = ngx_pnalloc(r->pool, len + 1);

    if (to != NULL) to[len] = '\0';
    return to;
}

/* Copies s for nginx: strings of a handler are valid only during its exchange. Returns: data == NULL when out of memory. */
static ngx_str_t edge_keep(ngx_http_request_t *r, edgefn_str s)
{
    ngx_str_t to = { s.len, (u_char *)"" };

    if (s.len == 0) return to;
    to.data = edge_alloc(r, s.len);
    if (to.data != NULL) ngx_memcpy(to.data, s.ptr, s.len);
    return to;
}

/* Calls `each` for every element of a list of headers until it returns something other than NGX_OK. In a response, a hash of 0 means that the
   header is deleted; in a request it has no meaning. */
typedef ngx_int_t edge_each(void *data, ngx_table_elt_t *h);

static ngx_int_t edge_walk_some(ngx_list_t *list, bool response, edge_each *each, void *data)
{
    ngx_int_t rc = NGX_OK;

    for (ngx_list_part_t *part = &list->part; part != NULL && rc == NGX_OK; part = part->next) {
        ngx_table_elt_t *h = part->elts;
        for (ngx_uint_t i = 0; i < part->nelts && rc == NGX_OK; i++)
            if (!response || h[i].hash != 0) rc = each(data, &h[i]);
    }
    return rc;
}

static ngx_int_t edge_walk_in(ngx_list_t *list, edge_each *each, void *data)
{
    return edge_walk_some(list, false, each, data);
}
static ngx_int_t edge_walk_out(ngx_list_t *list, edge_each *each, void *data)
{
    return edge_walk_some(list, true, each, data);
}

/* Appends a header to a list. Returns: NULL when out of memory. */
static ngx_table_elt_t *edge_push(ngx_http_request_t *r, ngx_list_t *list, ngx_str_t name,
                                  ngx_str_t value)
{
    ngx_table_elt_t *h = ngx_list_push(list);

    if (h == NULL || name.data == NULL || value.data == NULL) return NULL;
    ngx_memzero(h, sizeof *h);
    h->key = name;
    h->value = value;
    h->hash = 1;
    if (list == &r->headers_out.headers) return h;
    h->lowcase_key = edge_alloc(r, name.len); /* the key by which headers of a request are found */
    if (h->lowcase_key == NULL) return NULL;
    h->hash = ngx_hash_strlow(h->lowcase_key, name.data, name.len);
    return h;
}

static edgefn_str edge_name(const ngx_table_elt_t *h)
{
    return edge_from(h->key);
}

/* edgefn_str_ieq(), without a call for most pairs. */
static inline bool edge_same(edgefn_str a, edgefn_str b)
{
    return a.len == b.len && edgefn_str_ieq(a, b);
}

/* Variables may contain any bytes: $uri is decoded. */
static bool edge_plain(ngx_str_t s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] < ' ' || s.data[i] == 0x7f) return false;
    return true;
}

static bool edge_among(const edgehost_line *lines, size_t count, edgefn_str name)
{
    for (size_t i = 0; i < count; i++)
        if (edge_same(lines[i].name, name)) return true;
    return false;
}

/*--- the request's headers --------------------------------------------------------------------------------------------*/

typedef struct {
    ngx_http_request_t *r;
    ngx_list_t to;
    const edgehost_trigger *trigger;
    const edgehost_edits *edits;
    bool no_empty; /* lines without a value only remove others */
} edge_headers;

static ngx_int_t edge_copy(edge_headers *e, const ngx_table_elt_t *h)
{
    ngx_table_elt_t *to = ngx_list_push(&e->to);

    if (to == NULL) return NGX_ERROR;
    *to = *h;
#if (ONE_HEADER_LIST)
    to->next = NULL;
#endif
    return NGX_OK;
}

/* Headers that are hidden from functions or about framing stay. */
static ngx_int_t edge_copy_hidden(void *data, ngx_table_elt_t *h)
{
    edge_headers *e = data;
    edgefn_str name = edge_name(h);
    bool stays = edgehost_framing(name) || edgehost_hidden(e->trigger, name)
                 || (e->edits->keep_cookies && edge_same(name, EDGEFN_S("cookie")));

    return stays ? edge_copy(e, h) : NGX_OK;
}

/* All except those with the names in lines. */
static ngx_int_t edge_copy_others(void *data, ngx_table_elt_t *h)
{
    edge_headers *e = data;

    return edge_among(e->edits->lines, e->edits->line_count, edge_name(h)) ? NGX_OK
                                                                           : edge_copy(e, h);
}

/* Updates nginx's pointers to the headers after the list has changed. */
static ngx_int_t edge_register_in(void *data, ngx_table_elt_t *h)
{
    ngx_http_request_t *r = data;
    ngx_http_core_main_conf_t *main_conf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    ngx_http_header_t *known =
        ngx_hash_find(&main_conf->headers_in_hash, h->hash, h->lowcase_key, h->key.len);
    ngx_table_elt_t **at;

    if (known == NULL) return NGX_OK;
    if (known->offset == offsetof(ngx_http_headers_in_t, user_agent))
        return known->handler(r, h, known->offset); /* it also detects browsers */
    at = (ngx_table_elt_t **)((char *)&r->headers_in + known->offset);
#if (ONE_HEADER_LIST)
    while (*at != NULL)
        at = &(*at)->next;
#else
    bool array = known->offset == offsetof(ngx_http_headers_in_t, cookies);
#  if (NGX_HTTP_X_FORWARDED_FOR)
    array = array || known->offset == offsetof(ngx_http_headers_in_t, x_forwarded_for);
#  endif
    if (array) return known->handler(r, h, known->offset);
    if (*at != NULL) return NGX_OK;
#endif
    *at =
        h; /* does not call the handler: that of Host would search another server, others refuse a second header */
    return NGX_OK;
}

/* All except those that CloudFront does not send to origins. */
static ngx_int_t edge_copy_for_origin(void *data, ngx_table_elt_t *h)
{
    return edgehost_viewers_only(edge_name(h)) ? NGX_OK : edge_copy(data, h);
}

/* NGX_DECLINED: this header is not sent to origins. */
static ngx_int_t edge_look_for_taken_out(void *data, ngx_table_elt_t *h)
{
    (void)data;
    return edgehost_viewers_only(edge_name(h)) ? NGX_DECLINED : NGX_OK;
}

/* Appends e->edits->lines to the headers of the request. */
static ngx_int_t edge_append_in(edge_headers *e)
{
    ngx_http_request_t *r = e->r;

    for (size_t i = 0; i < e->edits->line_count; i++) {
        const edgehost_line *line = &e->edits->lines[i];
        if (edgehost_framing(line->name) || (e->no_empty && line->value.len == 0)) continue;
        ngx_table_elt_t *h = edge_push(r, &r->headers_in.headers, edge_keep(r, line->name),
                                       edge_keep(r, line->value));
        if (h == NULL || edge_register_in(r, h) != NGX_OK) return NGX_ERROR;
    }
    ngx_str_null(&r->headers_in.user); /* parsed from Authorization for $remote_user */
    ngx_str_null(&r->headers_in.passwd);
    return NGX_OK;
}

/* Makes those headers of the request that `keeps` copies, and e->edits->lines, the request's headers. */
static ngx_int_t edge_set_headers_in(edge_headers *e, edge_each *keeps)
{
    ngx_http_request_t *r = e->r;
    ngx_http_headers_in_t *in = &r->headers_in;

    if (e->edits->only_added) return edge_append_in(e);
    if (ngx_list_init(&e->to, r->pool, 20, sizeof(ngx_table_elt_t)) != NGX_OK) return NGX_ERROR;
    if (edge_walk_in(&in->headers, keeps, e) != NGX_OK) return NGX_ERROR;
    for (ngx_http_header_t *known = ngx_http_headers_in; known->name.len != 0; known++) {
        size_t size = sizeof(ngx_table_elt_t *);
#if !(ONE_HEADER_LIST)
        if (known->offset == offsetof(ngx_http_headers_in_t, cookies)) size = sizeof in->cookies;
#  if (NGX_HTTP_X_FORWARDED_FOR)
        if (known->offset == offsetof(ngx_http_headers_in_t, x_forwarded_for))
            size = sizeof in->x_forwarded_for;
#  endif
#endif
        ngx_memzero((char *)in + known->offset, size);
    }
    in->msie = in->msie6 = in->opera = in->gecko = in->chrome = in->safari = in->konqueror = 0;
    in->headers = e->to;
    if (in->headers.last == &e->to.part)
        in->headers.last = &in->headers.part; /* the first part is in the list itself */
    return edge_walk_in(&in->headers, edge_register_in, r) == NGX_OK ? edge_append_in(e)
                                                                     : NGX_ERROR;
}

/* Sets headers of the request; they replace those of the same names. */
static ngx_int_t edge_set_some(ngx_http_request_t *r, edgehost_line *at, size_t count,
                               bool no_empty)
{
    edgehost_edits edits = { .lines = at, .line_count = count };
    edge_headers e = { .r = r, .edits = &edits, .no_empty = no_empty };

    return count == 0 ? NGX_OK : edge_set_headers_in(&e, edge_copy_others);
}

/*--- the event --------------------------------------------------------------------------------------------------------*/

static inline ngx_int_t edge_add_header(edge_exchange *x, edgefn_fields *to,
                                        const ngx_table_elt_t *h)
{
    edgefn_str name = edge_name(h);

    if (edgehost_hidden(x->trigger, name)) {
        x->hides = true;
        return NGX_OK;
    }
    edgefn_str value = edgehost_convert(&x->ev, &x->edits.converted, edge_from(h->value));
    return value.ptr != NULL && edgefn_add(to, name, value) ? NGX_OK : NGX_ERROR;
}

/* The headers that CloudFront adds are added after viewer-request, and Lambda@Edge sees them only at the origin side. An origin's own headers are part of the origin. */
static bool edge_apart(const edge_exchange *x, const ngx_table_elt_t *h)
{
    const edge_ctx *ctx = x->ctx;

    if (ctx->supplied_count > 0 && x->trigger->type == EDGEFN_VIEWER_RESPONSE
        && x->trigger->dialect == EDGEFN_DIALECT_LAMBDA
        && edge_among(ctx->supplied, ctx->supplied_count, edge_name(h)))
        return true;
    return edge_among(ctx->origin_lines, ctx->origin_line_count, edge_name(h));
}

/* Adds nginx's headers to the event. This is a loop of its own because it runs for each header of each event. */
static bool edge_fill_headers(edge_exchange *x, const ngx_list_t *list, edgefn_fields *to)
{
    bool response = to == &x->ev.response.headers,
         some_apart = !response && (x->ctx->supplied_count > 0 || x->ctx->origin_line_count > 0);

    for (const ngx_list_part_t *part = &list->part; part != NULL; part = part->next) {
        const ngx_table_elt_t *h = part->elts;
        for (ngx_uint_t i = 0; i < part->nelts; i++) {
            if ((response && h[i].hash == 0) || (some_apart && edge_apart(x, &h[i]))) continue;
            if (edge_add_header(x, to, &h[i]) != NGX_OK) return false;
        }
    }
    return true;
}

/* Reads the part of the body that CloudFront shows, in base64. */
static bool edge_fill_body(edge_exchange *x)
{
    ngx_http_request_t *r = x->r;
    off_t size = 0, most = (off_t)edgehost_body_most(x->trigger->type), at = 0;
    ngx_chain_t *first = r->request_body != NULL ? r->request_body->bufs : NULL;

    for (ngx_chain_t *c = first; c != NULL; c = c->next)
        size += ngx_buf_size(c->buf);
    bool truncated = size > most;
    if (truncated) size = most;

    u_char *bytes = edgefn_alloc(&x->ev, (size_t)size, 1);
    if (bytes == NULL) return false;
    for (ngx_chain_t *c = first; c != NULL && at < size; c = c->next) {
        off_t n = ngx_min(ngx_buf_size(c->buf), size - at);
        if (ngx_buf_in_memory(c->buf))
            ngx_memcpy(bytes + at, c->buf->pos, (size_t)n);
        else if (ngx_read_file(c->buf->file, bytes + at, (size_t)n, c->buf->file_pos) != n)
            return false;
        at += n;
    }
    return edgehost_fill_body(&x->ev, (edgefn_str){ (char *)bytes, (size_t)size }, truncated);
}

/* The request's path and query as sent, or as set by an edit. "GET http://a?b" has no path. */
typedef struct {
    edgefn_str path, query;
} edge_target;

static edge_target edge_split(ngx_http_request_t *r)
{
    edgefn_str uri = edge_from(r->unparsed_uri);
    const char *mark = memchr(uri.ptr, '?', uri.len);
    edge_target t = { uri, EDGEFN_S("") };

    if (mark != NULL) {
        t.path.len = (size_t)(mark - uri.ptr);
        t.query = edgefn_str_skip(uri, t.path.len + 1);
    }
    if (t.path.len == 0 || t.path.ptr[0] != '/') t.path = EDGEFN_S("/");
    return t;
}

static bool edge_fill_request(edge_exchange *x)
{
    ngx_http_request_t *r = x->r;
    edgefn_event *ev = &x->ev;
    edge_target target = edge_split(r);

    ev->request.method = edge_from(r->method_name);
    ev->request.uri = edgehost_convert(ev, &x->edits.converted, target.path);
    ev->request.querystring = edgehost_convert(ev, &x->edits.converted, target.query);
    ev->request.client_ip = edge_from(r->connection->addr_text);
    if (ev->request.uri.ptr == NULL || ev->request.querystring.ptr == NULL) return false;
    if (!edge_fill_headers(x, &r->headers_in.headers, &ev->request.headers)) return false;
    if (x->ctx->spoofed == NULL || x->trigger->type != EDGEFN_VIEWER_RESPONSE
        || ev->dialect != EDGEFN_DIALECT_LAMBDA)
        return true;
    ngx_table_elt_t *spoofed = x->ctx->spoofed->elts;
    for (ngx_uint_t i = 0; i < x->ctx->spoofed->nelts; i++)
        if (edge_add_header(x, &ev->request.headers, &spoofed[i]) != NGX_OK) return false;
    return true;
}

static bool edge_fill_origin(edge_exchange *x)
{
    const edge_ctx *ctx = x->ctx;
    const edgefn_origin *from =
        ctx->origin.kind != EDGEFN_ORIGIN_NONE ? &ctx->origin : x->conf->origin;

    return from == NULL
           || edgehost_fill_origin(&x->ev, from, ctx->origin_lines, ctx->origin_line_count);
}

static bool edge_fill_response(edge_exchange *x)
{
    ngx_http_request_t *r = x->r;
    ngx_http_headers_out_t *out = &r->headers_out;
    edgefn_response *to = &x->ev.response;
    char text[64];
    edgefn_event *ev = &x->ev;

    to->status = (uint32_t)out->status;
    to->status_text = out->status_line.len > 4 ? edgefn_str_skip(edge_from(out->status_line), 4)
                                               : edgefn_status_text(to->status);
    to->status_text = edgehost_convert(ev, &x->edits.converted, to->status_text);
    if (to->status_text.ptr == NULL) return false;
    if (!edge_fill_headers(x, &out->headers, &to->headers)) return false;
    if (out->content_type.len > 0) {
        edgefn_str type = edgehost_convert(ev, &x->edits.converted, edge_from(out->content_type));
        if (type.ptr == NULL || !edgefn_add(&to->headers, EDGEFN_S("Content-Type"), type))
            return false;
    }
    if (out->content_length_n >= 0 && out->content_length == NULL) {
        edgefn_str length = edgefn_str_from_u64(ev, (uint64_t)out->content_length_n);
        if (length.ptr == NULL || !edgefn_add(&to->headers, EDGEFN_S("Content-Length"), length))
            return false;
    }
    if (out->content_length_n < 0 && r->upstream != NULL && r->upstream->headers_in.chunked
        && !edgefn_add(&to->headers, EDGEFN_S("Transfer-Encoding"), EDGEFN_S("chunked")))
        return false;
    if (out->last_modified == NULL && out->last_modified_time != -1) {
        size_t len =
            (size_t)(ngx_http_time((u_char *)text, out->last_modified_time) - (u_char *)text);
        char *date = edgefn_alloc(ev, len, 1);
        if (date == NULL) return false;
        ngx_memcpy(date, text, len);
        return edgefn_add(&to->headers, EDGEFN_S("Last-Modified"), (edgefn_str){ date, len });
    }
    return true;
}

/* An edgehost_fill_fn. */
static bool edge_fill(edgefn_event *ev, void *host)
{
    edge_exchange *x = host;
    bool origin_side =
        x->trigger->type == EDGEFN_ORIGIN_REQUEST || x->trigger->type == EDGEFN_ORIGIN_RESPONSE;

    ev->domain = edge_from(x->conf->distribution_domain);
    ev->distribution_id = edge_from(x->conf->distribution_id);
    ev->request_id = edge_from(x->ctx->request_id);
    if (!edge_fill_request(x)) return false;
    if (origin_side && !edge_fill_origin(x)) return false;
    if (!edgefn_is_request(ev)) return edge_fill_response(x);
    return ev->dialect != EDGEFN_DIALECT_LAMBDA || !x->conf->include_body || edge_fill_body(x);
}

/*--- handlers that do not come back -----------------------------------------------------------------------------------*/
/* A hanging handler would block the whole worker. While handlers run, a timer ticks each second of the worker's processor time. If it finds the same
   call twice, a long jump leaves the handler and its request gets a 503. The handler may hold locks or memory of other libraries, so the worker
   ends as soon as its other requests are answered, at the latest after 5 seconds or worker_shutdown_timeout, and the master starts another. A call
   costs no system call, and an idle worker has no timer. */

static sigjmp_buf edge_way_out;
static volatile sig_atomic_t edge_call, edge_call_seen, edge_inside, edge_ticking;
static edgehost_handler_fn *edge_handler;

static void edge_tick(int signal)
{
    (void)signal;
    if (edge_inside && edge_call == edge_call_seen) siglongjmp(edge_way_out, 1);
    if (edge_call == edge_call_seen) { /* no handler was called since */
        static const struct itimerval off;
        setitimer(ITIMER_PROF, &off, NULL);
        edge_ticking = 0;
    }
    edge_call_seen = edge_call;
}

/* An edgehost_handler_fn that calls edge_handler under the timer. */
static bool edge_guarded(edgefn_event *ev)
{
    static const struct itimerval second = { { 1, 0 }, { 1, 0 } };
    bool good;

    if (sigsetjmp(edge_way_out, 0) != 0) {
        sigset_t mask;
        edge_inside = 0;
        sigemptyset(&mask);
        sigaddset(&mask, SIGPROF);
        sigprocmask(SIG_UNBLOCK, &mask, NULL);
        ngx_core_conf_t *core =
            (ngx_core_conf_t *)ngx_get_conf(ngx_cycle->conf_ctx, ngx_core_module);
        if (core->shutdown_timeout == 0)
            core->shutdown_timeout =
                5000; /* in ms: a new worker starts only when this one has ended */
        ngx_quit = 1;
        return edgefn_fail(ev, EDGEFN_E_HANDLER,
                           EDGEFN_S("it computed for more than a second and was stopped"));
    }
    edge_call = (edge_call + 1) & 0x3fffffff;
    if (!edge_ticking) {
        edge_ticking = 1;
        setitimer(ITIMER_PROF, &second, NULL);
    }
    edge_inside = 1;
    good = edge_handler(ev);
    edge_inside = 0;
    return good;
}

static ngx_int_t edge_init_process(ngx_cycle_t *cycle)
{
    struct sigaction action = { .sa_handler = edge_tick, .sa_flags = SA_RESTART };

    edge_be_first();
    sigemptyset(&action.sa_mask);
    if (edgehost_draw_seed(&edge_draws) && edgehost_draw_seed(&edge_id_draws)
        && sigaction(SIGPROF, &action, NULL) == 0)
        return NGX_OK;
    ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno, "edge: /dev/urandom or sigaction(SIGPROF)");
    return NGX_ERROR;
}

/* edgefn_env.lookup */
static edgefn_str edge_lookup(void *user, edgefn_str table, edgefn_str key)
{
    edge_exchange *x = user;

    return edgehost_tables_lookup(&x->conf->tables, table, key);
}

/* edgefn_env.verify */
static bool edge_verify(void *user, edgefn_str alg, edgefn_str kid, edgefn_str message,
                        edgefn_str signature)
{
    edge_exchange *x = user;
    const char *why = edgehost_keys_refuse(x->conf->keys, alg, kid, message, signature);

    if (why != NULL)
        ngx_log_error(NGX_LOG_INFO, x->r->connection->log, 0, "edge: %s %s: token not verified: %s",
                      edgefn_event_type_name(x->trigger->type), x->trigger->name, why);
    return why == NULL;
}

/* edgefn_env.log */
static void edge_log(void *user, edgefn_str text)
{
    edge_exchange *x = user;
    char line[EDGEHOST_LOG_MOST];
    size_t len = edgehost_log_line(line, text);

    edgehost_tables_mask(&x->conf->tables, line, len);
    ngx_log_error(NGX_LOG_WARN, x->r->connection->log, 0, "edge: %s %s: %*s",
                  edgefn_event_type_name(x->trigger->type), x->trigger->name, len, line);
    if (x->conf->trace != NULL) edge_trace_line(x, text);
}

static edge_ctx *edge_find(ngx_http_request_t *r);

#include "ngx_http_edgefn_functions.h"

static edgefn_outcome edge_run(edge_exchange *x, ngx_http_request_t *r, edge_conf *conf,
                               edge_ctx *ctx, edgefn_event_type type)
{
    x->r = r;
    x->conf = conf;
    x->ctx = ctx;
    x->trigger = &conf->triggers[type];
    if (conf->runners[type] != NULL) {
        x->asked = *x->trigger;
        x->asked.answer = &ctx->call->answer;
        x->trigger = &x->asked;
    }
    x->hides = false;
    x->env = (edgefn_env){
        .now_s = ngx_time(),
        .random = (uint32_t)edgehost_draw_next(&edge_draws),
        .has_random = true,
        .lookup = edge_lookup,
        .log = edge_log,
        .user = x,
    };
    if (conf->keys != NULL) x->env.verify = edge_verify;
    edgehost_random(&x->env, &edge_entropy);
    edge_handler = x->trigger->handler;
    edgehost_trigger guarded = *x->trigger;
    guarded.handler = edge_guarded;
    if (conf->trace != NULL) edge_trace_start(conf);
    edgefn_outcome outcome =
        edgehost_exchange(&x->ev, &guarded, &x->env, &edge_scratch, edge_fill, x, &x->edits);
    if (conf->trace != NULL) edge_trace_exchange(x, outcome);
    return outcome;
}

/*--- answers ----------------------------------------------------------------------------------------------------------*/

/* Location is not included: nginx would put its own name before a path. */
static ngx_int_t edge_register_out(void *data, ngx_table_elt_t *h)
{
    static const struct {
        edgefn_str name;
        size_t offset;
    } known[] = {
        { EDGEFN_S_INIT("Server"), offsetof(ngx_http_headers_out_t, server) },
        { EDGEFN_S_INIT("Date"), offsetof(ngx_http_headers_out_t, date) },
        { EDGEFN_S_INIT("Content-Encoding"), offsetof(ngx_http_headers_out_t, content_encoding) },
        { EDGEFN_S_INIT("Last-Modified"), offsetof(ngx_http_headers_out_t, last_modified) },
        { EDGEFN_S_INIT("Content-Range"), offsetof(ngx_http_headers_out_t, content_range) },
        { EDGEFN_S_INIT("Accept-Ranges"), offsetof(ngx_http_headers_out_t, accept_ranges) },
        { EDGEFN_S_INIT("WWW-Authenticate"), offsetof(ngx_http_headers_out_t, www_authenticate) },
        { EDGEFN_S_INIT("Expires"), offsetof(ngx_http_headers_out_t, expires) },
        { EDGEFN_S_INIT("ETag"), offsetof(ngx_http_headers_out_t, etag) },
        { EDGEFN_S_INIT("Cache-Control"), offsetof(ngx_http_headers_out_t, cache_control) },
        { EDGEFN_S_INIT("Link"), offsetof(ngx_http_headers_out_t, link) },
    };
    const unsigned lengths = 1u << 4 | 1u << 6 | 1u << 7 | 1u << 13 | 1u << 16; /* of these names */
    ngx_http_request_t *r = data;
    size_t i = 0;

    if (h->key.len > 16 || !(lengths >> h->key.len & 1)) return NGX_OK;
    while (i < sizeof known / sizeof known[0] && !edge_same(known[i].name, edge_name(h)))
        i++;
    if (i == sizeof known / sizeof known[0]) return NGX_OK;
    if (known[i].offset == offsetof(ngx_http_headers_out_t, last_modified))
        r->headers_out.last_modified_time = ngx_parse_http_time(h->value.data, h->value.len);
    ngx_table_elt_t **at = (ngx_table_elt_t **)((char *)&r->headers_out + known[i].offset);
#if (ONE_HEADER_LIST)
    while (*at != NULL)
        at = &(*at)->next;
#else
    if (known[i].offset >= offsetof(ngx_http_headers_out_t, cache_control)) {
        ngx_array_t *array = (ngx_array_t *)at;
        if (array->elts == NULL && ngx_array_init(array, r->pool, 1, sizeof h) != NGX_OK)
            return NGX_ERROR;
        at = ngx_array_push(array);
        if (at == NULL) return NGX_ERROR;
    }
#endif
    *at = h;
    return NGX_OK;
}

/* Removes all headers of the response. */
static ngx_int_t edge_clear_out(ngx_http_request_t *r)
{
    ngx_http_headers_out_t *out = &r->headers_out;

    out->server = out->date = out->content_length = out->content_encoding = out->location =
        out->refresh = out->last_modified = NULL;
    out->content_range = out->accept_ranges = out->www_authenticate = out->expires = out->etag =
        NULL;
    ngx_memzero(&out->cache_control, sizeof out->cache_control);
    ngx_memzero(&out->link, sizeof out->link);
    out->last_modified_time = -1;
    out->content_type.len = out->content_type_len = 0;
    out->content_type_lowcase = NULL;
    out->charset.len = 0;
    out->override_charset = NULL;
    if (ngx_list_init(&out->trailers, r->pool, 1, sizeof(ngx_table_elt_t)) != NGX_OK)
        return NGX_ERROR;
    return ngx_list_init(&out->headers, r->pool, 20, sizeof(ngx_table_elt_t));
}

static ngx_int_t edge_copy_hidden_out(void *data, ngx_table_elt_t *h)
{
    edge_headers *e = data;
    edgefn_str name = edge_name(h);
    bool stays = edgehost_hidden(e->trigger, name)
                 || (e->edits->keep_cookies && edge_same(name, EDGEFN_S("set-cookie")));

    return stays ? edge_copy(e, h) : NGX_OK;
}

/* Appends lines to the response's headers. */
static ngx_int_t edge_append_out(ngx_http_request_t *r, const edgehost_edits *edits)
{
    ngx_http_headers_out_t *out = &r->headers_out;

    for (size_t i = 0; i < edits->line_count; i++) {
        const edgehost_line *line = &edits->lines[i];
        if (edgehost_framing(line->name)) continue;
        ngx_str_t value = edge_keep(r, line->value);
        if (value.data == NULL) return NGX_ERROR;
        if (edge_same(line->name, EDGEFN_S("content-type"))) {
            out->content_type = value;
            out->content_type_len = edgefn_str_cut(line->value, EDGEFN_S(";"))
                                        .head.len; /* the part that gzip_types compares */
            continue;
        }
        ngx_table_elt_t *h = edge_push(r, &out->headers, edge_keep(r, line->name), value);
        if (h == NULL || edge_register_out(r, h) != NGX_OK) return NGX_ERROR;
    }
    return NGX_OK;
}

/* Makes lines the response's headers; hidden headers of a received response stay. */
static ngx_int_t edge_set_headers_out(edge_exchange *x, bool received)
{
    ngx_http_request_t *r = x->r;
    ngx_http_headers_out_t *out = &r->headers_out;
    edge_headers e = { .r = r, .trigger = x->trigger, .edits = &x->edits };

    if (received && x->edits.only_added) return edge_append_out(r, &x->edits);
    if (ngx_list_init(&e.to, r->pool, 20, sizeof(ngx_table_elt_t)) != NGX_OK) return NGX_ERROR;
    if (received && (x->hides || x->edits.keep_cookies)
        && edge_walk_out(&out->headers, edge_copy_hidden_out, &e) != NGX_OK)
        return NGX_ERROR;
    if (edge_clear_out(r) != NGX_OK) return NGX_ERROR;
    out->headers = e.to;
    if (out->headers.last == &e.to.part) out->headers.last = &out->headers.part;
    if (edge_walk_out(&out->headers, edge_register_out, r) != NGX_OK) return NGX_ERROR;
    return edge_append_out(r, &x->edits);
}

/* "404 Not Found". Returns: false when out of memory. */
static bool edge_status_line(edge_exchange *x)
{
    edgefn_response *a = &x->ev.response;
    ngx_str_t *line = &x->r->headers_out.status_line;

    x->r->headers_out.status = a->status;
    ngx_str_null(line);
    bool old = !edgefn_is_request(&x->ev)
               && edgefn_changed(&x->ev, EDGEFN_MEMBER_STATUS_TEXT) == EDGEFN_CHANGE_NONE;
    if (a->status_text.len == 0 || old) return true; /* nginx has the standard text */
    line->len = 4 + a->status_text.len;
    line->data = edge_alloc(x->r, line->len);
    if (line->data == NULL) return false;
    ngx_sprintf(line->data, "%03ui %*s", (ngx_uint_t)a->status, a->status_text.len,
                a->status_text.ptr);
    return true;
}

/* Replaces the response's body by ctx->body. */
static void edge_set_body_out(ngx_http_request_t *r, edge_ctx *ctx)
{
    ctx->new_response_body = 1;
    if (r->upstream != NULL) r->upstream->upgrade = 0;  /* not a tunnel */
    if (r->method != NGX_HTTP_HEAD) r->header_only = 0; /* the cache sets it for empty bodies */
    r->allow_ranges = 0;
    r->single_range = 0;
    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    r->headers_out.content_length_n = (off_t)ctx->body.len;
}

static ngx_chain_t *edge_body_chain(ngx_http_request_t *r, ngx_str_t body)
{
    ngx_buf_t *b = ngx_calloc_buf(r->pool);
    ngx_chain_t *c = ngx_alloc_chain_link(r->pool);

    if (b == NULL || c == NULL) return NULL;
    b->pos = b->start = body.data;
    b->last = b->end = body.data + body.len;
    b->memory = body.len > 0;
    b->last_buf = 1;
    b->last_in_chain = 1;
    c->buf = b;
    c->next = NULL;
    return c;
}

/* Replaces the response by CloudFront's error: the reasons are logged, and shown on the page with `edge_check on`, which is for development. */
static ngx_int_t edge_fail(edge_exchange *x)
{
    ngx_http_request_t *r = x->r;
    char why[2048], page[4096];
    edgehost_failure f = edgehost_failure_of(&x->ev, x->trigger, &x->conf->tables, why, sizeof why);
    const char *type = edgefn_event_type_name(x->trigger->type);

    for (edgefn_cut line = edgefn_str_cut(f.why, EDGEFN_S("\n"));;
         line = edgefn_str_cut(line.tail, EDGEFN_S("\n"))) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "edge: %s %s:%*s", type, x->trigger->name,
                      line.head.len, line.head.ptr);
        if (!line.found) break;
    }
    x->ctx->marker = f.cache;
    x->ctx->failed = 1;
    x->ctx->origin_status = f.status;
    if (x->ctx->answered == EDGEFN_EVENT_TYPE_NONE) x->ctx->answered = x->trigger->type;
    if (edge_clear_out(r) != NGX_OK
        || edge_push(r, &r->headers_out.headers, (ngx_str_t)ngx_string("Cache-Control"),
                     (ngx_str_t)ngx_string("no-store"))
               == NULL)
        return NGX_ERROR;
    r->headers_out.status = f.status;
    ngx_str_null(&r->headers_out.status_line);
    ngx_str_set(&r->headers_out.content_type, "text/plain");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    bool reasons = x->conf->check == EDGE_CHECK_ON;
    size_t len = reasons && x->trigger->answer != NULL
                     ? edge_function_page(&f, x, page, sizeof page)
                     : edgehost_failure_page(&f, x->trigger, reasons, page, sizeof page);
    x->ctx->body = edge_keep(r, (edgefn_str){ page, len });
    return x->ctx->body.data == NULL ? NGX_ERROR : NGX_OK;
}

/* Replaces the response by a handler's answer. Returns: NGX_ERROR when out of memory. */
static ngx_int_t edge_answer(edge_exchange *x)
{
    x->ctx->answered = x->ev.type;
    x->ctx->marker = edgehost_answer_cache(&x->ev);
    if (edge_set_headers_out(x, false) != NGX_OK || !edge_status_line(x)) return NGX_ERROR;
    x->ctx->body = edge_keep(x->r, x->edits.body);
    return x->ctx->body.data == NULL ? NGX_ERROR : NGX_OK;
}

/* Sends the response of edge_answer() or edge_fail(), and skips the remaining phases of the request. */
static ngx_int_t edge_send(ngx_http_request_t *r, edge_ctx *ctx)
{
    ngx_int_t rc = ngx_http_discard_request_body(r);
    ngx_chain_t *body;

    if (rc != NGX_OK) return rc;
    edge_set_body_out(r, ctx);
    ctx->new_response_body = 0; /* no other body follows */
    r->err_status = 0;          /* of a planned error page */
    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) return rc;
    body = edge_body_chain(r, ctx->body);
    return body == NULL ? NGX_ERROR : ngx_http_output_filter(r, body);
}

/*--- requests ---------------------------------------------------------------------------------------------------------*/

/* Replaces the request's URI by path?query, as if the viewer had sent it. The location stays that of the received path: what nginx
   derives from the path below that location (a URI in proxy_pass, alias) is not valid for another path, as after
   `rewrite ... break`. moved: the path changed. Returns: NGX_HTTP_BAD_REQUEST if nginx cannot parse it. */
static ngx_int_t edge_set_uri(ngx_http_request_t *r, edge_ctx *ctx, edgefn_str path,
                              edgefn_str query, bool moved)
{
    ngx_http_core_srv_conf_t *server = ngx_http_get_module_srv_conf(r, ngx_http_core_module);
    size_t len = path.len + (query.len > 0 ? 1 + query.len : 0);
    u_char *raw = edge_alloc(r, len);

    if (raw == NULL) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    ngx_memcpy(raw, path.ptr, path.len);
    if (query.len > 0) {
        raw[path.len] = '?';
        ngx_memcpy(raw + path.len + 1, query.ptr, query.len);
    }
    raw[len] = ' '; /* the parser needs it */
    r->uri_start = raw;
    r->uri_end = raw + len;
    r->args_start = r->uri_ext = NULL;
    r->complex_uri = r->quoted_uri = r->plus_in_uri = r->empty_path_in_uri = 0;
    if (ngx_http_parse_uri(r) != NGX_OK) return NGX_HTTP_BAD_REQUEST;
    r->uri.len = (r->args_start != NULL ? (size_t)(r->args_start - 1 - raw) : len);
    r->uri.data = edge_alloc(r, r->uri.len);
    if (r->uri.data == NULL) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    if (!r->complex_uri && !r->quoted_uri)
        ngx_memcpy(r->uri.data, raw, r->uri.len);
    else if (ngx_http_parse_complex_uri(r, server->merge_slashes) != NGX_OK)
        return NGX_HTTP_BAD_REQUEST;
    r->uri.data[r->uri.len] = '\0';
    raw[len] = '\0';
    ngx_str_null(&r->args);
    if (r->args_start != NULL) {
        r->args.data = r->args_start;
        r->args.len = (size_t)(r->uri_end - r->args_start);
    }
    ngx_str_null(&r->exten);
    ngx_http_set_exten(r);
    r->unparsed_uri.data = raw;
    r->unparsed_uri.len = len;
    r->valid_unparsed_uri = 1;
    if (moved) {
        r->valid_location = 0;
#if (NGX_PCRE)
        r->ncaptures = 0; /* $1 of a location's regular expression belongs to the received path */
#endif
    }
    ctx->uri = r->uri.data;
    return NGX_OK;
}

/* Replaces the request's body, which was read or absent, by ctx->body. */
static ngx_int_t edge_set_body_in(ngx_http_request_t *r, edge_ctx *ctx)
{
    ngx_http_request_body_t *body = r->request_body;
    ngx_str_t length;

    ctx->new_request_body = 0;
    if (body == NULL) body = ngx_pcalloc(r->pool, sizeof *body);
    length.data = ngx_pcalloc(r->pool, NGX_OFF_T_LEN + 1);
    if (body == NULL || length.data == NULL) return NGX_ERROR;
    body->bufs = NULL;
    body->buf = NULL;
    body->temp_file = NULL;
    if (ctx->body.len > 0) {
        body->bufs = edge_body_chain(r, ctx->body);
        if (body->bufs == NULL) return NGX_ERROR;
        body->buf = body->bufs->buf;
    }
    r->request_body = body;
    r->headers_in.content_length_n = (off_t)ctx->body.len;
    length.len = (size_t)(ngx_sprintf(length.data, "%uz", ctx->body.len) - length.data);
    if (r->headers_in.content_length != NULL)
        r->headers_in.content_length->value = length;
    else {
        r->headers_in.content_length =
            edge_push(r, &r->headers_in.headers, (ngx_str_t)ngx_string("Content-Length"), length);
        if (r->headers_in.content_length == NULL) return NGX_ERROR;
    }
    return NGX_OK;
}

/* Records where to send a request, and adds that origin's headers. */
static ngx_int_t edge_set_origin(ngx_http_request_t *r, edge_ctx *ctx, const edgefn_origin *o)
{
    bool https = o->kind == EDGEFN_ORIGIN_S3 || o->https;
    uint32_t usual = https ? 443 : 80,
             port = o->kind == EDGEFN_ORIGIN_S3 || o->port == 0 ? usual : o->port;
    edgefn_str *strings[] = { &ctx->origin.domain, &ctx->origin.path, &ctx->origin.region,
                              &ctx->origin.auth_method };

    if (o->kind == EDGEFN_ORIGIN_NONE) return NGX_OK;
    ctx->origin = *o;
    ctx->origin.https = https;
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        if (strings[i]->ptr == NULL) continue;
        ngx_str_t kept = edge_keep(r, *strings[i]);
        if (kept.data == NULL) return NGX_ERROR;
        *strings[i] = edge_from(kept);
    }
    ctx->origin_host.data = ngx_pcalloc(r->pool, o->domain.len + sizeof ":65535");
    ctx->origin_lines = ngx_palloc(r->pool, (o->headers.len + 1) * sizeof *ctx->origin_lines);
    if (ctx->origin_host.data == NULL || ctx->origin_lines == NULL) return NGX_ERROR;
    u_char *end = ngx_sprintf(ctx->origin_host.data, port == usual ? "%*s" : "%*s:%uD",
                              o->domain.len, o->domain.ptr, port);
    ctx->origin_host.len = (size_t)(end - ctx->origin_host.data);
    for (ctx->origin_line_count = 0; ctx->origin_line_count < o->headers.len;
         ctx->origin_line_count++) {
        const edgefn_field *h = &o->headers.items[ctx->origin_line_count];
        ngx_str_t name = edge_keep(r, h->key.ptr != NULL ? h->key : h->name),
                  value = edge_keep(r, h->value);
        if (name.data == NULL || value.data == NULL) return NGX_ERROR;
        ctx->origin_lines[ctx->origin_line_count] =
            (edgehost_line){ edge_from(name), edge_from(value) };
    }
    return edge_set_some(r, ctx->origin_lines, ctx->origin_line_count, false);
}

/* Records the headers of the configured origin: origin-request sees them there, and not among the viewer's. */
EDGE_APART static ngx_int_t edge_note_origin_lines(ngx_http_request_t *r, const edge_conf *conf,
                                                   edge_ctx *ctx)
{
    size_t count = conf->origin->headers.len;

    if (count == 0) return NGX_OK;
    ctx->origin_lines = ngx_palloc(r->pool, count * sizeof *ctx->origin_lines);
    if (ctx->origin_lines == NULL) return NGX_ERROR;
    for (size_t i = 0; i < count; i++)
        ctx->origin_lines[i] = (edgehost_line){ conf->origin->headers.items[i].name,
                                                conf->origin->headers.items[i].value };
    ctx->origin_line_count = count;
    return NGX_OK;
}

/* Variables of the request that were evaluated before an edit are evaluated again, so that a cache key is not that of another request. */
static void edge_forget_variables(ngx_http_request_t *r)
{
    static const edgefn_str whole[] = { EDGEFN_S_INIT("request_uri"),
                                        EDGEFN_S_INIT("uri"),
                                        EDGEFN_S_INIT("document_uri"),
                                        EDGEFN_S_INIT("args"),
                                        EDGEFN_S_INIT("query_string"),
                                        EDGEFN_S_INIT("is_args"),
                                        EDGEFN_S_INIT("content_type"),
                                        EDGEFN_S_INIT("content_length"),
                                        EDGEFN_S_INIT("host"),
                                        EDGEFN_S_INIT("remote_user"),
                                        EDGEFN_S_INIT("proxy_add_x_forwarded_for"),
                                        EDGEFN_S_INIT("request_body"),
                                        EDGEFN_S_INIT("request_body_file") };
    static const edgefn_str begin[] = { EDGEFN_S_INIT("http_"), EDGEFN_S_INIT("cookie_"),
                                        EDGEFN_S_INIT("arg_") };
    ngx_http_core_main_conf_t *main_conf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    ngx_http_variable_t *v = main_conf->variables.elts;

    for (ngx_uint_t i = 0; i < main_conf->variables.nelts; i++) {
        edgefn_str name = edge_from(v[i].name);
        bool stale = false;
        if (!r->variables[i].valid && !r->variables[i].not_found) continue;
        for (size_t k = 0; k < sizeof whole / sizeof whole[0]; k++)
            stale = stale || edgefn_str_eq(name, whole[k]);
        for (size_t k = 0; k < sizeof begin / sizeof begin[0]; k++)
            stale = stale || edgefn_str_starts(name, begin[k]);
        if (stale) r->variables[i].valid = r->variables[i].not_found = 0;
    }
}

static bool edge_switched(const edgefn_event *ev)
{
    for (int m = EDGEFN_MEMBER_ORIGIN; m <= EDGEFN_MEMBER_ORIGIN_AUTH_METHOD; m++)
        if (edgefn_changed(ev, (edgefn_member)m) != EDGEFN_CHANGE_NONE) return true;
    return false;
}

/* Only variables that are in use are in this list. */
static bool edge_origin_used(ngx_http_request_t *r)
{
    ngx_http_core_main_conf_t *main_conf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    ngx_http_variable_t *v = main_conf->variables.elts;

    for (ngx_uint_t i = 0; i < main_conf->variables.nelts; i++)
        if (edgefn_str_starts(edge_from(v[i].name), EDGEFN_S("edge_origin"))) return true;
    return false;
}

/* Applies a handler's edits to the request. Returns: NGX_OK, or the status to end the request with. */
static ngx_int_t edge_forward(edge_exchange *x)
{
    ngx_http_request_t *r = x->r;
    edgefn_event *ev = &x->ev;
    edge_headers e = { .r = r, .trigger = x->trigger, .edits = &x->edits };
    edgefn_str uri = x->edits.uri, query = x->edits.query;
    ngx_int_t rc;

    if (x->edits.headers && edge_set_headers_in(&e, edge_copy_hidden) != NGX_OK)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    if (uri.ptr != NULL || query.ptr != NULL) {
        edge_target was = edge_split(r);
        rc = edge_set_uri(r, x->ctx, uri.ptr != NULL ? uri : was.path,
                          query.ptr != NULL ? query : was.query, uri.ptr != NULL);
        if (rc == NGX_HTTP_BAD_REQUEST)
            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "edge: %s %s: nginx cannot read the new URI \"%*s\"",
                          edgefn_event_type_name(ev->type), x->trigger->name, ev->request.uri.len,
                          ev->request.uri.ptr);
        if (rc != NGX_OK) return rc;
    }
    if (x->edits.body.ptr != NULL) {
        x->ctx->body = edge_keep(r, x->edits.body);
        if (x->ctx->body.data == NULL) return NGX_HTTP_INTERNAL_SERVER_ERROR;
        x->ctx->new_request_body = 1;
    }
    if (x->edits.headers || uri.ptr != NULL || query.ptr != NULL || x->edits.body.ptr != NULL)
        edge_forget_variables(r);
    if (ev->type == EDGEFN_ORIGIN_REQUEST && edge_switched(ev) && !edge_origin_used(r)) {
        ngx_log_error(
            NGX_LOG_ERR, r->connection->log, 0,
            "edge: origin-request %s: it switched the origin, but no directive uses $edge_origin: "
            "write proxy_pass $edge_origin",
            x->trigger->name);
        return NGX_HTTP_INTERNAL_SERVER_ERROR; /* a request for another origin must not be sent to this one */
    }
    if (ev->type == EDGEFN_ORIGIN_REQUEST
        && edge_set_origin(r, x->ctx, &ev->request.origin) != NGX_OK)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    return NGX_OK;
}

/* Records the headers that CloudFront adds. They depend on the viewer's own User-Agent, even if a function changes it. */
static ngx_int_t edge_note_supplied(ngx_http_request_t *r, edge_conf *conf, edge_ctx *ctx)
{
    ngx_uint_t more = conf->supplied != NULL ? conf->supplied->nelts : 0;
    edge_supplied *supplied = more > 0 ? conf->supplied->elts : NULL;
    edgehost_line *lines = ngx_palloc(r->pool, (EDGEHOST_VIEWER_LINES + more) * sizeof *lines);
    char *address = ngx_pnalloc(r->pool, EDGEHOST_VIEWER_ADDRESS);
    edgehost_viewer_facts viewer = { .address = edge_from(r->connection->addr_text),
                                     .port = ngx_inet_get_port(r->connection->sockaddr) };
    size_t n;

    if (lines == NULL || address == NULL) return NGX_ERROR;
    if (r->headers_in.user_agent != NULL)
        viewer.user_agent = edge_from(r->headers_in.user_agent->value);
    viewer.http_version = r->http_version == NGX_HTTP_VERSION_20   ? EDGEFN_S("2.0")
                          : r->http_version == NGX_HTTP_VERSION_10 ? EDGEFN_S("1.0")
                                                                   : EDGEFN_S("1.1");
#if (NGX_HTTP_SSL)
    viewer.https = r->connection->ssl != NULL;
#endif
    n = edgehost_viewer_headers(&viewer, lines, address);
    for (ngx_uint_t i = 0; i < more; i++) {
        ngx_str_t value;
        if (ngx_http_complex_value(r, &supplied[i].value, &value) != NGX_OK) return NGX_ERROR;
        if (!edge_plain(value)) value.len = 0;
        lines[n++] =
            (edgehost_line){ edge_from(supplied[i].name),
                             edge_from(value) }; /* empty: only removes that of the viewer */
    }
    ctx->supplied = lines;
    ctx->supplied_count = n;
    return NGX_OK;
}

typedef struct {
    ngx_http_request_t *r;
    edge_ctx *ctx;
} edge_spoof;

static ngx_int_t edge_keep_spoofed(void *data, ngx_table_elt_t *h)
{
    edge_spoof *s = data;
    ngx_table_elt_t *to;

    if (!edge_among(s->ctx->supplied, s->ctx->supplied_count, edge_name(h))) return NGX_OK;
    if (s->ctx->spoofed == NULL) s->ctx->spoofed = ngx_array_create(s->r->pool, 2, sizeof *to);
    to = s->ctx->spoofed != NULL ? ngx_array_push(s->ctx->spoofed) : NULL;
    if (to == NULL) return NGX_ERROR;
    *to = *h;
    return NGX_OK;
}

/* Adds them to the request. */
static ngx_int_t edge_supply(ngx_http_request_t *r, edge_ctx *ctx)
{
    if (edge_walk_in(&r->headers_in.headers, edge_keep_spoofed, &(edge_spoof){ r, ctx }) != NGX_OK)
        return NGX_ERROR;
    return edge_set_some(r, ctx->supplied, ctx->supplied_count, true);
}

/* Removes headers that CloudFront does not send to origins. */
static ngx_int_t edge_take_out(ngx_http_request_t *r)
{
    edgehost_edits none = { .lines = NULL };
    edge_headers e = { .r = r, .edits = &none };

    if (edge_walk_in(&r->headers_in.headers, edge_look_for_taken_out, NULL) == NGX_OK)
        return NGX_OK;
    if (edge_set_headers_in(&e, edge_copy_for_origin) != NGX_OK) return NGX_ERROR;
    edge_forget_variables(r);
    return NGX_OK;
}

static ngx_int_t edge_add_length(void *data, ngx_table_elt_t *h)
{
    size_t *length = data;

    *length += h->key.len + sizeof ": " - 1 + h->value.len + sizeof CRLF - 1;
    return NGX_OK;
}

/* Returns: the status with which CloudFront refuses a request before any function sees it, or NGX_OK. */
static ngx_int_t edge_refusal(ngx_http_request_t *r, const edge_conf *conf, const edge_ctx *ctx)
{
    size_t head = r->request_line.len + 2 * (sizeof CRLF - 1);

    edge_walk_in(&r->headers_in.headers, edge_add_length, &head);
    if (!conf->viewer_side) head = 0; /* headers that another server has added do not count */
    if (!edgehost_method_allowed(edge_from(r->method_name))
        || (r->method == NGX_HTTP_GET && ctx->have_body))
        return NGX_HTTP_FORBIDDEN;
    if (r->unparsed_uri.len > EDGEHOST_URL_MAX) return NGX_HTTP_REQUEST_URI_TOO_LARGE;
    return head > EDGEHOST_HEAD_MAX ? NGX_HTTP_REQUEST_HEADER_TOO_LARGE : NGX_OK;
}

/* Runs the trigger of a request. Returns: NGX_OK to continue, NGX_AGAIN if the request must wait, or what the phase returns. */
static ngx_int_t edge_request(ngx_http_request_t *r, edge_conf *conf, edge_ctx *ctx,
                              edgefn_event_type type)
{
    edge_exchange x;
    ngx_int_t rc = conf->runners[type] != NULL ? edge_ask(r, conf, ctx, type) : NGX_OK;

    if (rc != NGX_OK) return rc;
    edgefn_outcome outcome = edge_run(&x, r, conf, ctx, type);
    if (outcome == EDGEFN_OUTCOME_FORWARD) return edge_forward(&x);
    rc = outcome == EDGEFN_OUTCOME_ANSWER ? edge_answer(&x) : edge_fail(&x);
    if (rc != NGX_OK) return NGX_ERROR;
    rc = edge_send(r, ctx);
    return rc == NGX_OK || rc == NGX_AGAIN ? NGX_DONE : rc;
}

/* Runs the triggers of a request in order. Returns: NGX_DECLINED to continue with it, NGX_AGAIN if it must wait, NGX_OK if it is answered. */
static ngx_int_t edge_requests(ngx_http_request_t *r, edge_conf *conf, edge_ctx *ctx)
{
    static const edgefn_event_type types[] = { EDGEFN_VIEWER_REQUEST, EDGEFN_ORIGIN_REQUEST };
    bool functions = conf->triggers[EDGEFN_VIEWER_REQUEST].dialect == EDGEFN_DIALECT_FUNCTIONS,
         supply = conf->cloudfront_headers && conf->viewer_side, begins = !ctx->requests_begun;

    ctx->requests_begun = 1;
    if (begins && supply && edge_note_supplied(r, conf, ctx) != NGX_OK) return NGX_ERROR;
    if (begins && supply && functions && edge_supply(r, ctx) != NGX_OK) return NGX_ERROR;
    for (; ctx->request_step < 2; ctx->request_step++) {
        edgefn_event_type type = types[ctx->request_step];
        ngx_int_t rc = NGX_OK;
        bool first = ctx->request_step == 0;
        if (conf->triggers[type].handler != NULL) rc = edge_request(r, conf, ctx, type);
        if (rc == NGX_DONE) return NGX_OK;
        if (rc == NGX_OK && ctx->new_request_body && (ctx->body_read || !ctx->have_body)
            && edge_set_body_in(r, ctx) != NGX_OK)
            return NGX_ERROR;
        if (rc != NGX_OK) return rc;
        if (first && supply && !functions && edge_supply(r, ctx) != NGX_OK) return NGX_ERROR;
        if (first && edge_take_out(r) != NGX_OK) return NGX_ERROR;
        if (first && conf->policy != NULL) rc = edge_policy_request(r, conf->policy, ctx);
        if (rc != NGX_OK) return rc;
        if (!first || conf->origin == NULL) continue;
        rc = ctx->chosen.len > 0 ? edge_take_chosen(r, conf, ctx)
                                 : edge_note_origin_lines(r, conf, ctx);
        if (rc != NGX_OK) return NGX_ERROR;
    }
    if (ctx->origin.kind == EDGEFN_ORIGIN_NONE && conf->origin != NULL
        && edge_set_origin(r, ctx, conf->origin) != NGX_OK)
        return NGX_ERROR;
    return NGX_DECLINED;
}

static void edge_forget(void *data)
{
    (void)data;
}

/* Returns: the context, even if nginx has cleared it: in an internal redirect (an index page, an error page), or in a filter that turns the response into an error. */
static edge_ctx *edge_find(ngx_http_request_t *r)
{
    edge_ctx *ctx = ngx_http_get_module_ctx(r, ngx_http_edgefn_module);

    for (ngx_pool_cleanup_t *c =
             ctx == NULL && (r->internal || r->filter_finalize) ? r->pool->cleanup : NULL;
         c != NULL && ctx == NULL; c = c->next)
        if (c->handler == edge_forget) ctx = c->data;
    return ctx;
}

static edge_ctx *edge_begin(ngx_http_request_t *r, edge_conf *conf)
{
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(r->pool, sizeof(edge_ctx));
    edge_ctx *ctx;

    if (cleanup == NULL) return NULL;
    ctx = cleanup->data;
    ngx_memzero(ctx, sizeof *ctx);
    cleanup->handler = edge_forget;
    ngx_http_set_ctx(r, ctx, ngx_http_edgefn_module);
    ctx->conf = conf;
    ctx->have_body = r->headers_in.content_length_n > 0 || r->headers_in.chunked;
    if (conf->request_id != NULL
        && ngx_http_complex_value(r, conf->request_id, &ctx->request_id) != NGX_OK)
        return NULL;
    if (conf->chosen != NULL && ngx_http_complex_value(r, conf->chosen, &ctx->chosen) != NGX_OK)
        return NULL;
    if (ctx->request_id.len > 0 && edge_plain(ctx->request_id)) {
        ctx->request_id = edge_keep(r, edge_from(ctx->request_id));
        return ctx->request_id.data != NULL ? ctx : NULL;
    }
    ctx->request_id.len = EDGEFN_REQUEST_ID;
    ctx->request_id.data = edge_alloc(r, EDGEFN_REQUEST_ID);
    if (ctx->request_id.data == NULL) return NULL;
    edgehost_request_id((char *)ctx->request_id.data, &edge_id_draws);
    return ctx;
}

static void edge_body_is_read(ngx_http_request_t *r)
{
    edge_ctx *ctx = ngx_http_get_module_ctx(r, ngx_http_edgefn_module);

    ctx->body_read = 1;
    r->preserve_body = 1;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}

/* Returns: NGX_DONE while the body is read; then this phase starts again. */
static ngx_int_t edge_read_body(ngx_http_request_t *r)
{
    ngx_int_t rc = ngx_http_read_client_request_body(r, edge_body_is_read);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) return rc;
    ngx_http_finalize_request(r, NGX_DONE);
    return NGX_DONE;
}

/* After a `rewrite` or an internal redirect, the URI is the one that nginx set. */
static ngx_int_t edge_settle_uri(ngx_http_request_t *r)
{
    ngx_str_t uri;
    size_t more;

    if (r->valid_unparsed_uri) return NGX_OK;
    more = 2 * ngx_escape_uri(NULL, r->uri.data, r->uri.len, NGX_ESCAPE_URI);
    uri.data = ngx_pcalloc(r->pool, r->uri.len + more + 1 + r->args.len + 1);
    if (uri.data == NULL) return NGX_ERROR;
    if (more > 0)
        ngx_escape_uri(uri.data, r->uri.data, r->uri.len, NGX_ESCAPE_URI);
    else
        ngx_memcpy(uri.data, r->uri.data, r->uri.len);
    uri.len = r->uri.len + more;
    if (r->args.len > 0)
        uri.len = (size_t)(ngx_sprintf(uri.data + uri.len, "?%V", &r->args) - uri.data);
    r->unparsed_uri = uri;
    r->valid_unparsed_uri = 1;
    return NGX_OK;
}

/* The host of a target in absolute form takes precedence over Host (RFC 9112, 3.2.2). HTTP/2 and later have no such form: nginx
   already sets Host from their :authority. */
static ngx_int_t edge_settle_host(ngx_http_request_t *r)
{
    u_char *end = r->host_end;
    ngx_str_t host;

    if (r->host_start == NULL || end == NULL || r->http_version > NGX_HTTP_VERSION_11)
        return NGX_OK;
    if (*end == ':') do
            end++;
        while (*end >= '0' && *end <= '9');
    host = edge_keep(r, (edgefn_str){ (const char *)r->host_start, (size_t)(end - r->host_start) });
    if (host.data == NULL) return NGX_ERROR;
    if (r->headers_in.host != NULL)
        r->headers_in.host->value = host;
    else
        r->headers_in.host =
            edge_push(r, &r->headers_in.headers, (ngx_str_t)ngx_string("Host"), host);
    if (r->headers_in.host == NULL) return NGX_ERROR;
    edge_forget_variables(r);
    return NGX_OK;
}

static ngx_int_t edge_rewrite_handler(ngx_http_request_t *r)
{
    edge_conf *conf = ngx_http_get_module_loc_conf(r, ngx_http_edgefn_module);
    edge_ctx *ctx = ngx_http_get_module_ctx(r, ngx_http_edgefn_module);

    if (r != r->main || (ctx == NULL && !(conf->viewer_side || conf->origin_side)))
        return NGX_DECLINED;
    if (ctx == NULL) {
        if (edge_find(r) != NULL)
            return NGX_DECLINED; /* an internal redirect from a location with triggers */
        ctx = edge_begin(r, conf);
        if (ctx == NULL || edge_settle_uri(r) != NGX_OK || edge_settle_host(r) != NGX_OK)
            return NGX_ERROR;
        if (conf->desk_http.len > 0 && edge_desk_host(r, conf) != NGX_OK) return NGX_ERROR;
        ngx_int_t refusal = edge_refusal(r, conf, ctx);
        if (refusal == NGX_OK && conf->policy != NULL) refusal = edge_policy_refusal(r, conf, ctx);
        if (refusal != NGX_OK) {
            ctx->answered = EDGEFN_VIEWER_REQUEST; /* no function runs */
            return refusal;
        }
    }
    if (ctx->uri != NULL
        && r->uri.data
               != ctx->uri) { /* a `rewrite ... last` after the edit: nginx found the location of that path */
        r->valid_location = 1;
        ctx->uri = NULL;
    }
    conf = ctx->conf;
    if (conf->include_body && ctx->have_body && !ctx->body_read) return edge_read_body(r);
    if (!ctx->requests_done) {
        ngx_int_t rc = edge_requests(r, conf, ctx);
        if (rc == NGX_AGAIN) return edge_wait(r);
        ctx->requests_done = 1;
        if (rc != NGX_DECLINED) return rc;
    }
    if (!ctx->new_request_body) return NGX_DECLINED;
    if (!ctx->body_read)
        return edge_read_body(r); /* the replaced body must still be read from the connection */
    return edge_set_body_in(r, ctx) == NGX_OK ? NGX_DECLINED : NGX_ERROR;
}

/*--- responses --------------------------------------------------------------------------------------------------------*/

/* The header with which the origin side reports the origin's status, and what a function did, to the viewer side: "404 MARKER from cloudfront". It is
   stored in the cache, hidden from functions, and removed at the viewer side. */
static const ngx_str_t edge_result = ngx_string("X-Edge-Result");

typedef struct {
    ngx_http_request_t *r;
    edge_conf *conf;
    edge_ctx *ctx;
} edge_taking;

static ngx_int_t edge_take_result(void *data, ngx_table_elt_t *h)
{
    edge_taking *x = data;

    if (!edge_same(edge_name(h), edge_from(edge_result))) return NGX_OK;
    h->hash = 0;
    if (!x->conf->chain) return NGX_OK; /* then the origin has forged it */
    edgefn_cut cut = edgefn_str_cut(edge_from(h->value), EDGEFN_S(" "));
    x->ctx->origin_status = (ngx_uint_t)edgefn_str_to_u64(cut.head).value;
    if (cut.tail.len > 0 && x->ctx->marker == NULL) {
        u_char *text = ngx_pnalloc(x->r->pool, cut.tail.len + 1);
        if (text == NULL) return NGX_ERROR;
        ngx_cpystrn(text, (u_char *)cut.tail.ptr, cut.tail.len + 1);
        x->ctx->marker = (const char *)text;
    }
    return NGX_OK;
}

static ngx_int_t edge_drop_x_cache(void *data, ngx_table_elt_t *h)
{
    (void)data;
    if (edge_same(edge_name(h), EDGEFN_S("x-cache"))
        || edge_same(edge_name(h), EDGEFN_S("x-amz-cf-id")))
        h->hash = 0;
    return NGX_OK;
}

/* Sets X-Cache, as CloudFront does. */
static const char *edge_x_cache(ngx_http_request_t *r, edge_ctx *ctx)
{
    ngx_uint_t cache = NGX_HTTP_CACHE_MISS;

#if (NGX_HTTP_CACHE)
    if (r->upstream != NULL && r->upstream->cache_status != 0) cache = r->upstream->cache_status;
#endif
    if (cache == NGX_HTTP_CACHE_HIT || cache == NGX_HTTP_CACHE_STALE
        || cache == NGX_HTTP_CACHE_UPDATING)
        return ctx->failed                    ? ctx->marker
               : r->headers_out.status >= 400 ? "Error from cloudfront"
                                              : "Hit from cloudfront";
    if (ctx->marker != NULL) return ctx->marker;
    if (r->headers_out.status >= 400) return "Error from cloudfront";
    return cache == NGX_HTTP_CACHE_REVALIDATED ? "RefreshHit from cloudfront"
                                               : "Miss from cloudfront";
}

static ngx_int_t edge_mark(ngx_http_request_t *r, edge_conf *conf, edge_ctx *ctx)
{
    ngx_list_t *headers = &r->headers_out.headers;
    ngx_str_t value;

    if (conf->viewer_side) {
        value.data = (u_char *)edge_x_cache(r, ctx); /* a literal, or in the request's pool */
        value.len = ngx_strlen(value.data);
        if (edge_walk_out(headers, edge_drop_x_cache, NULL) != NGX_OK) return NGX_ERROR;
        if (edge_push(r, headers, (ngx_str_t)ngx_string("X-Cache"), value) == NULL)
            return NGX_ERROR;
        return edge_push(r, headers, (ngx_str_t)ngx_string("X-Amz-Cf-Id"), ctx->request_id) == NULL
                   ? NGX_ERROR
                   : NGX_OK;
    }
    if (ctx->marker == NULL && ctx->origin_status < 400
        && ctx->origin_status == r->headers_out.status)
        return NGX_OK;
    value.data = ngx_pnalloc(r->pool, 100);
    if (value.data == NULL) return NGX_ERROR;
    value.len = (size_t)(ngx_snprintf(value.data, 99, "%ui %s", ctx->origin_status,
                                      ctx->marker != NULL ? ctx->marker : "")
                         - value.data);
    value.data[value.len] = '\0';
    return edge_push(r, headers, edge_result, value) == NULL ? NGX_ERROR : NGX_OK;
}

/* Runs the trigger of a response. */
static ngx_int_t edge_respond(ngx_http_request_t *r, edge_conf *conf, edge_ctx *ctx,
                              edgefn_event_type type)
{
    edge_exchange x;
    edgefn_event *ev = &x.ev;

    ngx_uint_t was = r->headers_out.status;
    bool bodiless = r->upstream != NULL && r->upstream->headers_in.status_n == was
                    && (was == NGX_HTTP_SWITCHING_PROTOCOLS || was == NGX_HTTP_NO_CONTENT
                        || was == NGX_HTTP_NOT_MODIFIED);

    if (edge_run(&x, r, conf, ctx, type) == EDGEFN_OUTCOME_FAIL) {
        if (edge_fail(&x) != NGX_OK) return NGX_ERROR;
        edge_set_body_out(r, ctx);
        return NGX_OK;
    }
    if (x.edits.headers && edge_set_headers_out(&x, true) != NGX_OK) return NGX_ERROR;
    bool status = edgefn_changed(ev, EDGEFN_MEMBER_STATUS) != EDGEFN_CHANGE_NONE
                  || edgefn_changed(ev, EDGEFN_MEMBER_STATUS_TEXT) != EDGEFN_CHANGE_NONE;
    if (status && !edge_status_line(&x)) return NGX_ERROR;
    if (x.edits.body.ptr == NULL && !(bodiless && r->headers_out.status != was)) return NGX_OK;
    ctx->body = edge_keep(
        r,
        x.edits
            .body); /* absent: a response without a body gets an empty one, whatever its Content-Length */
    if (ctx->body.data == NULL) return NGX_ERROR;
    edge_set_body_out(r, ctx);
    return NGX_OK;
}

/* Sets the viewer's version of HTTP, which may differ from that of the origin. */
static ngx_uint_t edge_version(ngx_http_request_t *r)
{
#if (NGX_HTTP_V2)
    if (r->stream != NULL) return NGX_HTTP_VERSION_20;
#endif
    return r->http_major > 0 ? (ngx_uint_t)(r->http_major * 1000 + r->http_minor)
                             : NGX_HTTP_VERSION_9;
}

/* nginx takes an answer that is not HTTP for HTTP/0.9, and forwards it without a header. CloudFront answers with a 502. */
static ngx_int_t edge_no_http(ngx_http_request_t *r, edge_ctx *ctx)
{
    r->http_version = edge_version(r);
    r->keepalive = 0;
    if (edge_clear_out(r) != NGX_OK) return NGX_ERROR;
    ctx->origin_status = r->headers_out.status = NGX_HTTP_BAD_GATEWAY;
    ngx_str_null(&r->headers_out.status_line);
    ngx_str_set(&r->headers_out.content_type, "text/plain");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    ngx_str_set(&ctx->body, "The origin's answer is not HTTP.\n");
    edge_set_body_out(r, ctx);
    return NGX_OK;
}

/* Reports whether the function of a response event runs. A function in another language cannot be waited for before a tunnel. */
static bool edge_response_runs(ngx_http_request_t *r, const edge_conf *conf, const edge_ctx *ctx,
                               edgefn_event_type type)
{
    bool tunnel = r->upstream != NULL && r->upstream->upgrade;

    if (conf->triggers[type].handler == NULL || ctx->own_error) return false;
    if (conf->runners[type] != NULL && tunnel) return false;
    if (type == EDGEFN_ORIGIN_RESPONSE) return ctx->answered == EDGEFN_EVENT_TYPE_NONE;
    return ctx->answered != EDGEFN_VIEWER_REQUEST && !ctx->failed && ctx->origin_status < 400;
}

/* Runs the triggers of a response in order, and sends its header; or suspends it, until a function has answered. */
static ngx_int_t edge_responses(ngx_http_request_t *r, edge_conf *conf, edge_ctx *ctx)
{
    static const edgefn_event_type types[] = { EDGEFN_ORIGIN_RESPONSE, EDGEFN_VIEWER_RESPONSE };

    for (; ctx->response_step < 2; ctx->response_step++) {
        edgefn_event_type type = types[ctx->response_step];
        bool policy = conf->policy != NULL && type == EDGEFN_VIEWER_RESPONSE && !ctx->policy_done;
        if (policy && edge_policy_response(r, conf, ctx) != NGX_OK) return NGX_ERROR;
        ctx->policy_done = policy || ctx->policy_done;
        if (!edge_response_runs(r, conf, ctx, type)) continue;
        ngx_int_t rc = conf->runners[type] != NULL ? edge_ask(r, conf, ctx, type) : NGX_OK;
        if (rc == NGX_AGAIN) return edge_suspend(r, ctx);
        if (rc != NGX_OK || edge_respond(r, conf, ctx, type) != NGX_OK) return NGX_ERROR;
    }
    if (conf->policy != NULL && edge_policy_respond(r, conf->policy) != NGX_OK) return NGX_ERROR;
    if (edge_mark(r, conf, ctx) != NGX_OK) return NGX_ERROR;
    if (conf->desk_http.len > 0 && edge_desk_redirect(r, conf, ctx) != NGX_OK) return NGX_ERROR;
    return edge_next_header_filter(r);
}

static ngx_int_t edge_header_filter(ngx_http_request_t *r)
{
    edge_ctx *ctx = r == r->main ? edge_find(r) : NULL;
    edge_conf *conf;

    if (ctx != NULL && ctx->suspended) return NGX_ERROR; /* a second header */
    if (ctx == NULL || ctx->responses_done) return edge_next_header_filter(r);
    conf = ctx->conf;
    ngx_http_set_ctx(r, ctx, ngx_http_edgefn_module);
    ctx->responses_done = 1;
    ctx->origin_status = r->headers_out.status;
    if (edge_walk_out(&r->headers_out.headers, edge_take_result, &(edge_taking){ r, conf, ctx })
        != NGX_OK)
        return NGX_ERROR;
    bool no_http = r->upstream != NULL && r->http_version == NGX_HTTP_VERSION_9
                   && edge_version(r) != NGX_HTTP_VERSION_9;
    if (no_http && edge_no_http(r, ctx) != NGX_OK) return NGX_ERROR;
    ctx->own_error = r->error_page
                     || (r->upstream != NULL
                         && (r->upstream->headers_in.status_n == 0
                             || /* a response of nginx itself, not of the origin */
                             (r->headers_out.status >= 400
                              && r->headers_out.status != r->upstream->headers_in.status_n)));
    return edge_responses(r, conf, ctx);
}

/* Discards the received body if it is replaced. */
static ngx_int_t edge_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    edge_ctx *ctx = ngx_http_get_module_ctx(r, ngx_http_edgefn_module);
    ngx_chain_t *body;

    if (ctx == NULL || !ctx->new_response_body || in == NULL) return edge_next_body_filter(r, in);
    edge_discard(in);
    if (ctx->body_sent || r->header_only) return edge_next_body_filter(r, NULL);
    ctx->body_sent = 1;
    body = edge_body_chain(r, ctx->body);
    return body == NULL ? NGX_ERROR : edge_next_body_filter(r, body);
}

#include "ngx_http_edgefn_desk.h"
#include "ngx_http_edgefn_policy.h"

/*--- variables --------------------------------------------------------------------------------------------------------*/

enum {
    EDGE_REQUEST_ID_VARIABLE,
    EDGE_SCHEME,
    EDGE_HOST,
    EDGE_URI,
    EDGE_ORIGIN,
    EDGE_X_CACHE,
    EDGE_CACHE_KEY,
    EDGE_CHOSEN
};

static ngx_int_t edge_variable(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t which)
{
    edge_ctx *ctx = edge_find(r);
    ngx_str_t to = ngx_null_string;

    v->not_found = 1;
    if (ctx == NULL) return NGX_OK;
    ngx_str_t scheme = ctx->origin.https ? (ngx_str_t)ngx_string("https")
                                         : (ngx_str_t)ngx_string("http"),
              path = { 0, NULL };
    if (which == EDGE_REQUEST_ID_VARIABLE)
        to = ctx->request_id;
    else if (which == EDGE_CHOSEN)
        to = ctx->chosen;
    else if (which == EDGE_X_CACHE)
        to = edge_keep(r, edgefn_cstr(edge_x_cache(r, ctx)));
    else if (which == EDGE_CACHE_KEY) {
        if (ctx->conf->policy == NULL) return NGX_OK;
        if (edge_cache_key(r, ctx->conf->policy, &to) != NGX_OK) return NGX_ERROR;
    } else if (ctx->origin.kind == EDGEFN_ORIGIN_NONE)
        return NGX_OK;
    else if (which == EDGE_SCHEME)
        to = scheme;
    else if (which == EDGE_HOST)
        to = ctx->origin_host;
    else {
        path = edge_keep(r, ctx->origin.path);
        to.data = ngx_pcalloc(r->pool, scheme.len + 3 + ctx->origin_host.len + path.len
                                           + r->unparsed_uri.len + 1);
        if (path.data == NULL || to.data == NULL) return NGX_ERROR;
        to.len =
            (size_t)((which == EDGE_URI ? ngx_sprintf(to.data, "%V%V", &path, &r->unparsed_uri)
                                        : ngx_sprintf(to.data, "%V://%V%V%V", &scheme,
                                                      &ctx->origin_host, &path, &r->unparsed_uri))
                     - to.data);
    }
    if (to.len == 0) return NGX_OK;
    v->data = to.data;
    v->len = (unsigned)to.len;
    v->valid = 1;
    v->not_found = 0;
    return NGX_OK;
}

static ngx_int_t edge_add_variables(ngx_conf_t *cf)
{
    static const struct {
        ngx_str_t name;
        uintptr_t which;
    } all[] = {
        { ngx_string("edge_request_id"), EDGE_REQUEST_ID_VARIABLE },
        { ngx_string("edge_origin_scheme"), EDGE_SCHEME },
        { ngx_string("edge_origin_host"), EDGE_HOST },
        { ngx_string("edge_origin_uri"), EDGE_URI },
        { ngx_string("edge_origin"), EDGE_ORIGIN },
        { ngx_string("edge_x_cache"), EDGE_X_CACHE },
        { ngx_string("edge_cache_key"), EDGE_CACHE_KEY },
        { ngx_string("edge_chosen"), EDGE_CHOSEN },
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        ngx_str_t name = all[i].name;
        ngx_http_variable_t *v = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
        if (v == NULL) return NGX_ERROR;
        v->get_handler = edge_variable;
        v->data = all[i].which;
    }
    return NGX_OK;
}

/*--- configuration ----------------------------------------------------------------------------------------------------*/

static void edge_unload(void *library)
{
    edgehost_unload(library);
}

/* edge_viewer_request FILE [lambda|functions], and the three similar directives; FILE may be "off", or "unix:FILE.sock" of a runner. */
static char *edge_set_trigger(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_conf *conf = to;
    edgehost_trigger *t = &conf->triggers[cmd->offset];
    ngx_str_t *args = cf->args->elts, file = args[1];
    ngx_pool_cleanup_t *cleanup;
    edgehost_library library;
    char why[1000];
    const char *reason;

    if (t->type != EDGEFN_EVENT_TYPE_NONE) return "is duplicate";
    t->type = (edgefn_event_type)cmd->offset;
    if (ngx_strcmp(file.data, "off") == 0)
        return cf->args->nelts == 2 ? NGX_CONF_OK : "takes no argument after off";
    t->dialect = EDGEFN_DIALECT_LAMBDA;
    if (cf->args->nelts == 3) {
        if (ngx_strcmp(args[2].data, "functions") == 0)
            t->dialect = EDGEFN_DIALECT_FUNCTIONS;
        else if (ngx_strcmp(args[2].data, "lambda") != 0)
            return "needs lambda or functions as second argument";
    }
    if (edgefn_str_starts(edge_from(file), EDGEFN_S("unix:"))) {
        reason = edge_set_runner(cf, conf, t, edgefn_str_skip(edge_from(file), 5));
        if (reason == NULL) reason = edgehost_combination(conf->triggers);
        return (char *)reason;
    }
    if (ngx_conf_full_name(cf->cycle, &file, 0) != NGX_OK) return NGX_CONF_ERROR;
    if (!edgehost_load(&library, (const char *)file.data, why, sizeof why)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s", why);
        return NGX_CONF_ERROR;
    }
    cleanup = ngx_pool_cleanup_add(cf->pool, sizeof library);
    if (cleanup == NULL) return NGX_CONF_ERROR;
    cleanup->handler = edge_unload;
    ngx_memcpy(cleanup->data, &library, sizeof library);
    t->handler = library.handler;
    t->name = (const char *)args[1].data;
    reason = edgehost_combination(conf->triggers);
    if (reason != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V %V\": %s", &args[0], &args[1], reason);
        return NGX_CONF_ERROR;
    }
    return NGX_CONF_OK;
}

/* edge_origin custom|s3 DOMAIN [port=N] [protocol=http|https] [path=/p] [region=R] */
static char *edge_set_origin_conf(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_conf *conf = to;
    ngx_str_t *args = cf->args->elts;
    edgefn_origin *o = ngx_pcalloc(cf->pool, sizeof *o);

    (void)cmd;
    if (o == NULL) return NGX_CONF_ERROR;
    if (conf->origin != NULL) return "is duplicate";
    conf->origin = o;
    if (ngx_strcmp(args[1].data, "custom") == 0)
        o->kind = EDGEFN_ORIGIN_CUSTOM;
    else if (ngx_strcmp(args[1].data, "s3") == 0)
        o->kind = EDGEFN_ORIGIN_S3;
    else
        return "needs custom or s3";
    o->domain = edge_from(args[2]);
    o->path = EDGEFN_S("");
    o->https = true;
    if (o->kind == EDGEFN_ORIGIN_S3)
        o->region = EDGEFN_S(""), o->auth_method = EDGEFN_S("none");
    else
        o->tls = EDGEFN_TLS1_2, o->keepalive_s = 5, o->read_timeout_s = 30;
    for (ngx_uint_t i = 3; i < cf->args->nelts; i++) {
        edgefn_cut option = edgefn_str_cut(edge_from(args[i]), EDGEFN_S("="));
        bool custom = o->kind == EDGEFN_ORIGIN_CUSTOM;
        if (edgefn_str_eq(option.head, EDGEFN_S("path")))
            o->path = option.tail;
        else if (!custom && edgefn_str_eq(option.head, EDGEFN_S("region")))
            o->region = option.tail;
        else if (custom && edgefn_str_eq(option.head, EDGEFN_S("port"))) {
            edgefn_number port = edgefn_str_to_u64(option.tail);
            if (!port.ok || port.value == 0 || port.value > 65535)
                return "needs a port from 1 to 65535";
            o->port = (uint32_t)port.value;
        } else if (custom && edgefn_str_eq(option.head, EDGEFN_S("protocol"))
                   && edgefn_str_eq(option.tail, EDGEFN_S("http")))
            o->https = false;
        else if (!custom || !edgefn_str_eq(option.head, EDGEFN_S("protocol"))
                 || !edgefn_str_eq(option.tail, EDGEFN_S("https"))) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "edge_origin %V has no option \"%V\"",
                               &args[1], &args[i]);
            return NGX_CONF_ERROR;
        }
    }
    if (edgefn_str_contains(o->domain, EDGEFN_S(":")))
        return "needs a domain without a port: write port=N";
    if (o->path.len > 0 && (o->path.ptr[0] != '/' || edgefn_str_ends(o->path, EDGEFN_S("/"))))
        return "needs a path that begins with '/' and does not end with it";
    if (o->port == 0 && o->kind == EDGEFN_ORIGIN_CUSTOM) o->port = o->https ? 443 : 80;
    return NGX_CONF_OK;
}

/* edge_viewer_header NAME VALUE */
static char *edge_set_supplied(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_conf *conf = to;
    ngx_str_t *args = cf->args->elts;
    ngx_http_compile_complex_value_t compile;
    edge_supplied *s;

    (void)cmd;
    if (conf->supplied == NULL) conf->supplied = ngx_array_create(cf->pool, 4, sizeof *s);
    s = conf->supplied != NULL ? ngx_array_push(conf->supplied) : NULL;
    if (s == NULL) return NGX_CONF_ERROR;
    s->name = args[1];
    ngx_memzero(&compile, sizeof compile);
    compile.cf = cf;
    compile.value = &args[2];
    compile.complex_value = &s->value;
    return ngx_http_compile_complex_value(&compile) == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}

/* edge_table TABLE KEY VALUE */
static char *edge_set_row(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_conf *conf = to;
    ngx_str_t *args = cf->args->elts;
    edgehost_tables_row *row;

    (void)cmd;
    if (conf->rows == NULL) conf->rows = ngx_array_create(cf->pool, 4, sizeof *row);
    row = conf->rows != NULL ? ngx_array_push(conf->rows) : NULL;
    if (row == NULL) return NGX_CONF_ERROR;
    *row = (edgehost_tables_row){ edge_from(args[1]), edge_from(args[2]), edge_from(args[3]) };
    return NGX_CONF_OK;
}

static char *edge_set_distribution(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_conf *conf = to;
    ngx_str_t *args = cf->args->elts;

    (void)cmd;
    if (conf->distribution_domain.data != NULL) return "is duplicate";
    conf->distribution_domain = args[1];
    if (cf->args->nelts > 2) conf->distribution_id = args[2];
    return NGX_CONF_OK;
}

static void *edge_create_conf(ngx_conf_t *cf)
{
    edge_conf *conf = ngx_pcalloc(cf->pool, sizeof *conf);

    if (conf != NULL) {
        conf->include_body = conf->cloudfront_headers = conf->chain = NGX_CONF_UNSET;
        conf->check = NGX_CONF_UNSET_UINT;
    }
    return conf;
}

static void edge_free_keys(void *keys)
{
    edgehost_keys_free(keys);
}

/* Loads the keys of the table jwks, whose files are relative to the configuration's directory: `nginx -s reload` reads them again. */
static char *edge_load_keys(ngx_conf_t *cf, edge_conf *conf)
{
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(cf->pool, sizeof *conf->keys);
    char why[1024], directory[NGX_MAX_PATH];

    if (cleanup == NULL || cf->cycle->conf_prefix.len >= sizeof directory) return NGX_CONF_ERROR;
    ngx_cpystrn((u_char *)directory, cf->cycle->conf_prefix.data, cf->cycle->conf_prefix.len + 1);
    ngx_memzero(cleanup->data, sizeof *conf->keys);
    cleanup->handler = edge_free_keys;
    bool ok = edgehost_keys_rows(cleanup->data, conf->tables.rows, conf->tables.count, directory,
                                 why, sizeof why);
    if (why[0] != '\0')
        ngx_conf_log_error(ok ? NGX_LOG_WARN : NGX_LOG_EMERG, cf, 0, "edge_table: %s", why);
    conf->keys = cleanup->data;
    if (conf->keys->len == 0) conf->keys = NULL;
    return ok ? NGX_CONF_OK : NGX_CONF_ERROR;
}

static char *edge_merge_conf(ngx_conf_t *cf, void *parent, void *child)
{
    edge_conf *above = parent, *conf = child;
    const edgehost_tables_row *twice;
    const char *reason;

    ngx_conf_merge_uint_value(conf->check, above->check,
                              EDGE_CHECK_LOG); /* viewers do not see the reasons */
    ngx_conf_merge_value(conf->chain, above->chain, 0);
    ngx_conf_merge_value(conf->include_body, above->include_body, 0);
    ngx_conf_merge_value(conf->cloudfront_headers, above->cloudfront_headers, 0);
    if (conf->request_id == NULL) conf->request_id = above->request_id;
    if (conf->chosen == NULL) conf->chosen = above->chosen;
    if (conf->supplied == NULL) conf->supplied = above->supplied;
    if (conf->origin == NULL) conf->origin = above->origin;
    if (conf->policy == NULL) conf->policy = above->policy;
    if (conf->origin != NULL && conf->origin_headers != NULL) {
        conf->origin->headers.items = conf->origin_headers->elts;
        conf->origin->headers.len = conf->origin_headers->nelts;
    }
    if (conf->rows == NULL) conf->rows = above->rows;
    if (conf->trace == NULL) conf->trace = above->trace;
    ngx_conf_merge_str_value(conf->desk_http, above->desk_http, "");
    ngx_conf_merge_str_value(conf->desk_https, above->desk_https, "");
    ngx_conf_merge_str_value(conf->distribution_domain, above->distribution_domain,
                             "d111111abcdef8.cloudfront.net");
    ngx_conf_merge_str_value(conf->distribution_id, above->distribution_id, "EDFDVBD6EXAMPLE");
    for (int type = EDGEFN_VIEWER_REQUEST; type <= EDGEFN_VIEWER_RESPONSE; type++) {
        edgehost_trigger *t = &conf->triggers[type];
        if (t->type == EDGEFN_EVENT_TYPE_NONE) {
            *t = above->triggers[type];
            conf->runners[type] = above->runners[type];
        }
        t->check = conf->check != EDGE_CHECK_OFF;
        t->appends = true;
    }
    conf->origin_side = conf->triggers[EDGEFN_ORIGIN_REQUEST].handler != NULL
                        || conf->triggers[EDGEFN_ORIGIN_RESPONSE].handler != NULL
                        || conf->origin != NULL;
    conf->viewer_side = conf->triggers[EDGEFN_VIEWER_REQUEST].handler != NULL
                        || conf->triggers[EDGEFN_VIEWER_RESPONSE].handler != NULL
                        || (conf->cloudfront_headers && !conf->origin_side);
    reason = edgehost_combination(conf->triggers);
    if (reason != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "edge functions that are inherited and those of the location: %s",
                           reason);
        return NGX_CONF_ERROR;
    }
    if (conf->rows == NULL) return NGX_CONF_OK;
    twice = edgehost_tables_sort(conf->rows->elts, conf->rows->nelts);
    if (twice != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "edge_table %*s has two values for \"%*s\"",
                           twice->table.len, twice->table.ptr, twice->key.len, twice->key.ptr);
        return NGX_CONF_ERROR;
    }
    conf->tables = (edgehost_tables){ conf->rows->elts, conf->rows->nelts };
    if (conf->rows == above->rows && above->tables.rows != NULL) {
        conf->keys = above->keys;
        return NGX_CONF_OK;
    }
    return edge_load_keys(cf, conf);
}

static ngx_int_t edge_init(ngx_conf_t *cf)
{
    ngx_http_core_main_conf_t *main_conf =
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    ngx_http_handler_pt *handler =
        ngx_array_push(&main_conf->phases[NGX_HTTP_REWRITE_PHASE].handlers);

    if (handler == NULL) return NGX_ERROR;
    *handler = edge_rewrite_handler;
    edge_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = edge_header_filter;
    edge_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = edge_body_filter;
    return edge_desk_init(main_conf);
}

static void edge_exit_process(ngx_cycle_t *cycle)
{
    (void)cycle;
    edgehost_scratch_free(&edge_scratch);
    edge_trace_free(&edge_trace);
    edge_trace_free(&edge_open);
}

#define EVERYWHERE (NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF)

static ngx_conf_enum_t edge_checks[] = {
    { ngx_string("off"), EDGE_CHECK_OFF },
    { ngx_string("on"), EDGE_CHECK_ON },
    { ngx_string("log"), EDGE_CHECK_LOG },
    { ngx_null_string, 0 },
};

static ngx_command_t edge_commands[] = {
    { ngx_string("edge_viewer_request"), EVERYWHERE | NGX_CONF_TAKE12, edge_set_trigger,
      NGX_HTTP_LOC_CONF_OFFSET, EDGEFN_VIEWER_REQUEST, NULL },
    { ngx_string("edge_origin_request"), EVERYWHERE | NGX_CONF_TAKE12, edge_set_trigger,
      NGX_HTTP_LOC_CONF_OFFSET, EDGEFN_ORIGIN_REQUEST, NULL },
    { ngx_string("edge_origin_response"), EVERYWHERE | NGX_CONF_TAKE12, edge_set_trigger,
      NGX_HTTP_LOC_CONF_OFFSET, EDGEFN_ORIGIN_RESPONSE, NULL },
    { ngx_string("edge_viewer_response"), EVERYWHERE | NGX_CONF_TAKE12, edge_set_trigger,
      NGX_HTTP_LOC_CONF_OFFSET, EDGEFN_VIEWER_RESPONSE, NULL },
    { ngx_string("edge_check"), EVERYWHERE | NGX_CONF_TAKE1, ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(edge_conf, check), edge_checks },
    { ngx_string("edge_chain"), EVERYWHERE | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(edge_conf, chain), NULL },
    { ngx_string("edge_include_body"), EVERYWHERE | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(edge_conf, include_body), NULL },
    { ngx_string("edge_cloudfront_headers"), EVERYWHERE | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(edge_conf, cloudfront_headers), NULL },
    { ngx_string("edge_viewer_header"), EVERYWHERE | NGX_CONF_TAKE2, edge_set_supplied,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("edge_origin"), EVERYWHERE | NGX_CONF_2MORE, edge_set_origin_conf,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("edge_origin_header"), EVERYWHERE | NGX_CONF_TAKE2, edge_set_origin_header,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("edge_key"), EVERYWHERE | NGX_CONF_2MORE, edge_set_fields,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("edge_forward"), EVERYWHERE | NGX_CONF_2MORE, edge_set_fields,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("edge_ttl"), EVERYWHERE | NGX_CONF_TAKE3, edge_set_ttl, NGX_HTTP_LOC_CONF_OFFSET,
      0, NULL },
    { ngx_string("edge_error_ttl"), EVERYWHERE | NGX_CONF_TAKE2, edge_set_error_ttl,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("edge_response_header"), EVERYWHERE | NGX_CONF_TAKE23, edge_set_response_header,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("edge_response_remove"), EVERYWHERE | NGX_CONF_1MORE, edge_set_response_remove,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("edge_cors"), EVERYWHERE | NGX_CONF_1MORE, edge_set_cors, NGX_HTTP_LOC_CONF_OFFSET,
      0, NULL },
    { ngx_string("edge_methods"), EVERYWHERE | NGX_CONF_1MORE, edge_set_methods,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("edge_viewer_protocol"), EVERYWHERE | NGX_CONF_TAKE1, edge_set_protocol,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("edge_root_object"), EVERYWHERE | NGX_CONF_TAKE1, edge_set_root,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("edge_table"), EVERYWHERE | NGX_CONF_TAKE3, edge_set_row, NGX_HTTP_LOC_CONF_OFFSET,
      0, NULL },
    { ngx_string("edge_distribution"), EVERYWHERE | NGX_CONF_TAKE12, edge_set_distribution,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("edge_request_id"), EVERYWHERE | NGX_CONF_TAKE1, ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(edge_conf, request_id), NULL },
    { ngx_string("edge_chosen_origin"), EVERYWHERE | NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot, NGX_HTTP_LOC_CONF_OFFSET, offsetof(edge_conf, chosen),
      NULL },
    { ngx_string("edge_trace"), EVERYWHERE | NGX_CONF_TAKE1, edge_set_trace,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("edge_desk"), EVERYWHERE | NGX_CONF_TAKE12, edge_set_desk,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    ngx_null_command,
};

static ngx_http_module_t edge_module = { edge_add_variables, edge_init,      NULL, NULL, NULL, NULL,
                                         edge_create_conf,   edge_merge_conf };

ngx_module_t ngx_http_edgefn_module = {
    NGX_MODULE_V1,     &edge_module, edge_commands, NGX_HTTP_MODULE,   NULL, NULL,
    edge_init_process, NULL,         NULL,          edge_exit_process, NULL, NGX_MODULE_V1_PADDING,
};
