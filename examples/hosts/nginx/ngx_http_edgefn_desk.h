/* ngx_http_edgefn_desk.h - part of ngx_http_edgefn_module.c, for people who write functions: edge_trace, which records what functions did,
   and edge_desk, with which redirects to other hosts can be followed on this machine. A server with neither pays a comparison. */

/* edge_trace FILE: edgefn_trace.h has its lines. */
static edgehost_trace edge_trace;
static edgehost_handler_fn *edge_trace_handler;
static ngx_flag_t edge_trace_used; /* by a location of the configuration being read */

/* A longer file is begun again. */
#define EDGE_TRACE_MOST (64 * 1024 * 1024)

/* An edgehost_handler_fn. */
static bool edge_traced(edgefn_event *ev)
{
    const edge_exchange *x = ev->env->user;

    edgehost_trace_event(&edge_trace, ev);
    if (x->trigger->answer != NULL) edge_trace.began_us = x->ctx->call->began_us;
    return edge_trace_handler(ev);
}

/* Before an exchange: puts edge_traced() before its handler. */
static void edge_trace_start(edge_conf *conf)
{
    edge_trace_handler = edge_handler;
    edge_handler = edge_traced;
    edge_trace.tables = &conf->tables;
    edge_trace.event.len = edge_trace.lines.len = edge_trace.logs.len = 0;
    edge_trace.type = "";
    edge_trace.began_us = edgehost_trace_clock();
}

/* A line of the function's log; of functions in other languages, which print what they like, with their name. */
static void edge_trace_line(edge_exchange *x, edgefn_str text)
{
    char line[EDGEHOST_LOG_MOST], named[EDGEHOST_LOG_MOST + 200];
    edgefn_str shown = { line, edgehost_log_line(line, text) };

    if (x->trigger->answer != NULL) {
        int len =
            snprintf(named, sizeof named, "%.100s: %.*s", x->trigger->name, EDGEFN_FMT(shown));
        shown = (edgefn_str){ named, len > 0 ? (size_t)len : 0 };
    }
    edgehost_trace_log(&edge_trace, edge_from(x->ctx->request_id), shown);
}

/* Appends the lines to the file: one write, so that lines of several workers do not mix. */
static void edge_trace_write(ngx_http_request_t *r, edge_conf *conf)
{
    ngx_fd_t fd = conf->trace->fd;
    ngx_file_info_t info;

    if (edge_trace.lines.failed) return;
    if (ngx_fd_info(fd, &info) != NGX_FILE_ERROR && ngx_file_size(&info) > EDGE_TRACE_MOST
        && ftruncate(fd, 0) != 0)
        return;
    if (ngx_write_fd(fd, edge_trace.lines.ptr, edge_trace.lines.len) == -1)
        ngx_log_error(NGX_LOG_ERR, r->connection->log, ngx_errno, "edge_trace \"%V\"",
                      &conf->trace->name);
}

/* After an exchange. */
static void edge_trace_exchange(edge_exchange *x, edgefn_outcome outcome)
{
    edgehost_trace_done(&edge_trace, &x->ev, x->trigger, outcome, &x->edits);
    edge_trace_write(x->r, x->conf);
}

/* A handler of the log phase. */
static ngx_int_t edge_trace_answered(ngx_http_request_t *r)
{
    edge_ctx *ctx = r == r->main ? edge_find(r) : NULL;
    ngx_time_t *now = ngx_timeofday();
    ngx_msec_int_t took = (ngx_msec_int_t)((now->sec - r->start_sec) * 1000
                                           + (ngx_msec_int_t)(now->msec - r->start_msec));

    if (ctx == NULL || ctx->conf->trace == NULL || !ctx->conf->viewer_side) return NGX_OK;
    edgehost_trace_facts facts = {
        .id = edge_from(ctx->request_id),
        .method = edge_from(r->method_name),
        .x_cache = edgefn_cstr(edge_x_cache(r, ctx)),
        .status = (uint32_t)(ctx->redirect != 0 ? ctx->redirect : r->headers_out.status),
        .at_ms = (uint64_t)r->start_sec * 1000 + r->start_msec,
        .took_ms = (uint64_t)ngx_max(took, 0),
    };
    edgefn_cut line = edgefn_str_cut(edge_from(r->request_line), EDGEFN_S(" "));
    facts.target = edgefn_str_cut(line.tail, EDGEFN_S(" ")).head; /* as the viewer sent it */
    if (r->headers_in.host != NULL) facts.host = edge_from(r->headers_in.host->value);
    if (ctx->viewer_host.len > 0) facts.host = edge_from(ctx->viewer_host);
#if (NGX_HTTP_SSL)
    facts.https = r->connection->ssl != NULL;
#endif
    edge_trace.tables = &ctx->conf->tables;
    edgehost_trace_answered(&edge_trace, &facts);
    edge_trace_write(r, ctx->conf);
    return NGX_OK;
}

static void edge_trace_free(edgehost_trace *t)
{
    free(t->lines.ptr);
    free(t->event.ptr);
    free(t->logs.ptr);
    ngx_memzero(t, sizeof *t);
}

static char *edge_set_trace(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_conf *conf = to;
    ngx_str_t *args = cf->args->elts;

    (void)cmd;
    if (conf->trace != NULL) return "is duplicate";
    conf->trace = ngx_conf_open_file(cf->cycle, &args[1]);
    edge_trace_used = 1;
    return conf->trace != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
}

static ngx_int_t edge_desk_init(ngx_http_core_main_conf_t *main_conf)
{
    ngx_http_handler_pt *handler;

    if (!edge_trace_used) return NGX_OK;
    edge_trace_used = 0;
    handler = ngx_array_push(&main_conf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (handler == NULL) return NGX_ERROR;
    *handler = edge_trace_answered;
    return NGX_OK;
}

/*--- edge_desk PORT [HTTPS_PORT]: HOST.localhost is HOST here ----------------------------------------------------------*/

static char *edge_set_desk(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_conf *conf = to;
    ngx_str_t *args = cf->args->elts;

    (void)cmd;
    if (conf->desk_http.data != NULL) return "is duplicate";
    conf->desk_http = args[1];
    if (cf->args->nelts > 2) conf->desk_https = args[2];
    return NGX_CONF_OK;
}

/* Returns: a host's name without its port. */
static edgefn_str edge_desk_name(edgefn_str host)
{
    return edgefn_str_cut(host, EDGEFN_S(":")).head;
}

/* Functions see "Host: www.example.com" if the viewer sent www.example.com.localhost:8080. */
static ngx_int_t edge_desk_host(ngx_http_request_t *r, edge_conf *conf)
{
    edge_ctx *ctx = ngx_http_get_module_ctx(r, ngx_http_edgefn_module);
    edgefn_str name, local = EDGEFN_S(".localhost");

    (void)conf;
    if (r->headers_in.host == NULL) return NGX_OK;
    name = edge_desk_name(edge_from(r->headers_in.host->value));
    if (name.len <= local.len || !edgefn_str_ends(name, local)) return NGX_OK;
    ctx->viewer_host = r->headers_in.host->value;
    r->headers_in.host->value = edge_keep(r, edgefn_str_take(name, name.len - local.len));
    if (r->headers_in.host->value.data == NULL) return NGX_ERROR;
    edge_forget_variables(r);
    return NGX_OK;
}

static ngx_int_t edge_desk_find_location(void *data, ngx_table_elt_t *h)
{
    ngx_table_elt_t **to = data;

    if (edgefn_str_ieq(edge_name(h), EDGEFN_S("location"))) *to = h;
    return NGX_OK;
}

/* The page is not the redirect: browsers must not keep it. */
static ngx_int_t edge_desk_forget_caching(void *data, ngx_table_elt_t *h)
{
    (void)data;
    if (edgefn_str_ieq(edge_name(h), EDGEFN_S("cache-control"))) h->hash = 0;
    return NGX_OK;
}

/* Sec-Fetch-Dest decides; browsers that do not send it to http (Safari) mark pages that are opened by Upgrade-Insecure-Requests. */
typedef struct {
    bool decided, navigation;
} edge_desk_seen;

static ngx_int_t edge_desk_see(void *data, ngx_table_elt_t *h)
{
    edge_desk_seen *seen = data;

    if (edgefn_str_ieq(edge_name(h), EDGEFN_S("sec-fetch-dest"))) {
        seen->decided = true;
        seen->navigation = edgefn_str_eq(edge_from(h->value), EDGEFN_S("document"));
    } else if (!seen->decided
               && edgefn_str_ieq(edge_name(h), EDGEFN_S("upgrade-insecure-requests")))
        seen->navigation = true;
    return NGX_OK;
}

/* Adds text to a page. Returns: the end. */
static u_char *edge_desk_escape(u_char *at, edgefn_str s)
{
    return (u_char *)ngx_escape_html(at, (u_char *)s.ptr, s.len);
}

static bool edge_desk_is_local(edgefn_str name)
{
    return edgefn_str_eq(name, EDGEFN_S("localhost"))
           || edgefn_str_ends(name, EDGEFN_S(".localhost"))
           || edgefn_str_starts(name, EDGEFN_S("127."));
}

/* Writes the page that a browser gets in place of a redirect to another host; at: enough memory. Returns: its end. */
static u_char *edge_desk_page(u_char *at, ngx_uint_t status, edgefn_str location, edgefn_str here)
{
    static const char head[] =
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\">\n<title>Redirect</title>\n"
        "<link rel=\"stylesheet\" href=\"/__edge/desk.css\">\n<main>\n";
    static const char note[] =
        "<p class=\"note\">Only a browser that opens a page gets this page. All other clients get the "
        "redirect itself, with <code>Location</code> as it is above: try <code>curl -i</code>.</p>\n"
        "<p><a href=\"/__edge/\">See what the function did</a></p>\n</main>\n";
    edgefn_str text = edgefn_status_text((uint32_t)status);
    edgefn_str rest = edgefn_str_cut(location, EDGEFN_S("://")).tail;
    bool local = edge_desk_is_local(edge_desk_name(edgefn_str_cut(rest, EDGEFN_S("/")).head));

    at = ngx_sprintf(at,
                     "%s<h1>%ui %*s</h1>\n<p>This response redirects to</p>\n<p class=\"address\">",
                     head, status, text.len, text.ptr);
    at = edge_desk_escape(at, location);
    at = ngx_sprintf(at, "</p>\n<p><a class=\"button\" id=\"follow\" href=\"");
    at = edge_desk_escape(at, here);
    at = ngx_sprintf(at, "\">Follow it on this machine</a>");
    if (!local) {
        at = ngx_sprintf(at, " <a href=\"");
        at = edge_desk_escape(at, location);
        at = ngx_sprintf(at, "\">Go to the real host</a>");
    }
    at = ngx_sprintf(at, "</p>\n<p class=\"note\">Followed on this machine, the address is <code>");
    at = edge_desk_escape(at, here);
    return ngx_sprintf(at, "</code>%s</p>\n%s",
                       local ? ": https has a port of its own here."
                             : ". The function then sees the host without <code>.localhost</code>.",
                       note);
}

/* Makes the address at this desk of "https://HOST[:PORT]/PATH". Returns: absent if that is the desk itself, or is not such an address. */
static edgefn_str edge_desk_address(ngx_http_request_t *r, edge_conf *conf, edgefn_str location)
{
    edgefn_cut scheme = edgefn_str_cut(location, EDGEFN_S("://"));
    bool https = edgefn_str_ieq(scheme.head, EDGEFN_S("https"));
    edgefn_str absent = { NULL, 0 }, rest = scheme.tail;
    size_t len = 0;

    if (!scheme.found || !(https || edgefn_str_ieq(scheme.head, EDGEFN_S("http")))) return absent;
    while (len < rest.len && strchr("/?#", rest.ptr[len]) == NULL)
        len++;
    edgefn_str host = edgefn_str_take(rest, len), name = edge_desk_name(host),
               path = edgefn_str_skip(rest, len);
    bool local = edge_desk_is_local(name);
    if (name.len == 0) return absent;
    /* here a host has two ports: a function that changes only the scheme leaves the wrong one */
    if (local
        && (!https || conf->desk_https.len == 0
            || !edgefn_str_eq(edgefn_str_cut(host, EDGEFN_S(":")).tail,
                              edge_from(conf->desk_http))))
        return absent;
    https = https && conf->desk_https.len > 0;
    const ngx_str_t *port = https ? &conf->desk_https : &conf->desk_http;
    const char *scheme_here = https ? "https" : "http";
    const char *suffix = local ? "" : ".localhost";
    const char *slash = edgefn_str_starts(path, EDGEFN_S("/")) ? "" : "/";
    u_char *to = ngx_pnalloc(r->pool, location.len + 64);
    if (to == NULL) return absent;
    u_char *end = ngx_snprintf(to, location.len + 64, "%s://%*s%s:%V%s%*s", scheme_here, name.len,
                               name.ptr, suffix, port, slash, path.len, path.ptr);
    return (edgefn_str){ (const char *)to, (size_t)(end - to) };
}

/* A browser that opens a page gets one that names the redirect, because the host may not exist, or is not this desk. The status stays. */
static ngx_int_t edge_desk_redirect(ngx_http_request_t *r, edge_conf *conf, edge_ctx *ctx)
{
    ngx_http_headers_out_t *out = &r->headers_out;
    ngx_table_elt_t *location = NULL;
    edge_desk_seen seen = { false, false };
    edgefn_str here, to;

    if (!conf->viewer_side || out->status < 301 || out->status > 308 || out->status == 304)
        return NGX_OK;
    edge_walk_in(&r->headers_in.headers, edge_desk_see, &seen);
    edge_walk_out(&out->headers, edge_desk_find_location, &location);
    if (!seen.navigation || location == NULL) return NGX_OK;
    to = edge_from(location->value);
    here = edge_desk_address(r, conf, to);
    if (here.ptr == NULL) return NGX_OK;
    ctx->body.data = ngx_pnalloc(r->pool, 6 * (2 * to.len + 2 * here.len) + 2048);
    if (ctx->body.data == NULL) return NGX_ERROR;
    ctx->body.len =
        (size_t)(edge_desk_page(ctx->body.data, out->status, to, here) - ctx->body.data);
    ctx->redirect = out->status;
    ngx_str_set(&location->key, "X-Edge-Location"); /* a browser would follow Location at once */
    out->location = NULL;
    if (out->content_encoding != NULL) out->content_encoding->hash = 0;
    out->content_encoding = NULL;
    edge_walk_out(&out->headers, edge_desk_forget_caching, NULL);
    if (edge_push(r, &out->headers, (ngx_str_t)ngx_string("Cache-Control"),
                  (ngx_str_t)ngx_string("no-store"))
        == NULL)
        return NGX_ERROR;
    ngx_str_set(&out->content_type, "text/html; charset=utf-8");
    out->content_type_len = sizeof "text/html" - 1;
    out->charset.len = 0;
    edge_set_body_out(r, ctx);
    return NGX_OK;
}
