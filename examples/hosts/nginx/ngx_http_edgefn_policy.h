/* ngx_http_edgefn_policy.h - part of ngx_http_edgefn_module.c: what a cache behaviour sets besides its functions. Cache policy (edge_key, edge_ttl), origin
   request policy (edge_forward), response headers policy (edge_response_header, edge_response_remove, edge_cors), viewer protocol policy (edge_viewer_protocol),
   allowed methods (edge_methods) and default root object (edge_root_object). `edgefn settings` writes these directives. A location has its own policy or,
   if it names no part of one, that of the server. A server without any pays a comparison. */

/* Which of the fields of a request are meant. Names of headers are compared in any case, others exactly. */
typedef struct {
    enum { EDGE_NO_FIELDS, EDGE_ALL_FIELDS, EDGE_ONLY_FIELDS, EDGE_FIELDS_EXCEPT } mode;
    const ngx_str_t *names;
    ngx_uint_t count;
} edge_subset;

typedef struct {
    edge_subset headers, cookies, query, cloudfront; /* cloudfront: headers that CloudFront adds */
} edge_fields;

typedef struct {
    ngx_str_t name, value;
    ngx_flag_t override;
} edge_response_header;

typedef struct {
    edge_subset origins, methods, headers, expose; /* names: a list, in mode EDGE_ONLY_FIELDS */
    ngx_str_t max_age;
    ngx_flag_t credentials, override;
} edge_cors;

typedef struct {
    ngx_uint_t status; /* 0: of all errors */
    time_t ttl;
} edge_error_ttl;

typedef struct edge_policy {
    edge_fields key, forward;
    ngx_flag_t forwards; /* forward is set */
    ngx_flag_t timed;    /* the three are set */
    time_t ttl_min, ttl_default, ttl_max;
    ngx_array_t *error_ttls; /* edge_error_ttl */
    ngx_array_t *headers;    /* edge_response_header */
    edge_subset removes;
    edge_cors cors;
    edge_subset methods;
    ngx_str_t root;
    enum { EDGE_ANY_PROTOCOL, EDGE_REDIRECT_TO_HTTPS, EDGE_HTTPS_ONLY } protocol;
} edge_policy;

static bool edge_subset_has(const edge_subset *s, edgefn_str name, bool any_case)
{
    bool listed = false;

    if (s->mode < EDGE_ONLY_FIELDS) return s->mode == EDGE_ALL_FIELDS;
    for (ngx_uint_t i = 0; i < s->count && !listed; i++)
        listed = any_case ? edge_same(edge_from(s->names[i]), name)
                          : edgefn_str_eq(edge_from(s->names[i]), name);
    return listed == (s->mode == EDGE_ONLY_FIELDS);
}

/*--- lists in one text: a query, a Cookie header -----------------------------------------------------------------------*/

/* A text that is written twice: first to count its bytes. */
typedef struct {
    u_char *at; /* NULL: only counted */
    size_t len;
} edge_writing;

static void edge_write(edge_writing *w, edgefn_str s)
{
    if (w->at != NULL) w->at = ngx_cpymem(w->at, s.ptr, s.len);
    w->len += s.len;
}

/* Writes those pairs of a text that a subset has. split: ';' (and a space after it) or '&'. Returns: how many. */
static ngx_uint_t edge_write_pairs(edge_writing *w, edgefn_str text, const edge_subset *s,
                                   char split)
{
    edgefn_str between = split == ';' ? EDGEFN_S("; ") : EDGEFN_S("&");
    edgefn_cut cut = { text, text, text.len > 0 };
    ngx_uint_t n = 0;

    while (cut.found) {
        cut = edgefn_str_cut(cut.tail, (edgefn_str){ &split, 1 });
        edgefn_str pair = split == ';' ? edgefn_str_trim(cut.head) : cut.head;
        edgefn_str name = edgefn_str_cut(pair, EDGEFN_S("=")).head;
        if (pair.len == 0 || !edge_subset_has(s, name, false)) continue;
        if (n++ > 0) edge_write(w, between);
        edge_write(w, pair);
    }
    return n;
}

typedef struct {
    edge_writing *w;
    const edge_subset *subset;
    edgefn_str name; /* of a header */
    ngx_uint_t n;
} edge_collecting;

static ngx_int_t edge_collect_cookies(void *data, ngx_table_elt_t *h)
{
    edge_collecting *c = data;
    edge_writing test = { NULL, 0 };

    if (!edge_same(edge_name(h), EDGEFN_S("cookie"))) return NGX_OK;
    if (edge_write_pairs(&test, edge_from(h->value), c->subset, ';') == 0) return NGX_OK;
    if (c->n++ > 0) edge_write(c->w, EDGEFN_S("; "));
    edge_write_pairs(c->w, edge_from(h->value), c->subset, ';');
    return NGX_OK;
}

static ngx_int_t edge_collect_header(void *data, ngx_table_elt_t *h)
{
    edge_collecting *c = data;

    if (!edge_same(edge_name(h), c->name)) return NGX_OK;
    edge_write(c->w, c->n++ > 0 ? EDGEFN_S(",") : EDGEFN_S("="));
    edge_write(c->w, edge_from(h->value));
    return NGX_OK;
}

/* Writes the cookies of a request. Returns: the number of headers that have some. */
static ngx_uint_t edge_write_cookies(edge_writing *w, ngx_http_request_t *r, const edge_subset *s)
{
    edge_collecting c = { .w = w, .subset = s };

    if (s->mode != EDGE_NO_FIELDS) edge_walk_in(&r->headers_in.headers, edge_collect_cookies, &c);
    return c.n;
}

/*--- the cache key -----------------------------------------------------------------------------------------------------*/

/* A byte that no part of a request can have. */
#define EDGE_KEY_PART EDGEFN_S("\x1f")

static void edge_write_key(edge_writing *w, ngx_http_request_t *r, const edge_fields *key)
{
    edge_target target = { edge_from(r->uri), edge_from(r->args) };

    if (r->valid_unparsed_uri)
        target = edge_split(r); /* otherwise nginx has set the URI: of an error page */
    edge_write(w, target.path);
    edge_write(w, EDGE_KEY_PART);
    edge_write_pairs(w, target.query, &key->query, '&');
    edge_write(w, EDGE_KEY_PART);
    edge_write_cookies(w, r, &key->cookies);
    for (ngx_uint_t i = 0; i < key->headers.count; i++) {
        edge_collecting c = { .w = w, .name = edge_from(key->headers.names[i]) };
        edge_write(w, EDGE_KEY_PART);
        edge_walk_in(&r->headers_in.headers, edge_collect_header, &c);
    }
}

/* $edge_cache_key */
static ngx_int_t edge_cache_key(ngx_http_request_t *r, const edge_policy *policy, ngx_str_t *to)
{
    edge_writing w = { NULL, 0 };

    edge_write_key(&w, r, &policy->key);
    to->data = edge_alloc(r, w.len);
    if (to->data == NULL) return NGX_ERROR;
    to->len = w.len;
    w.at = to->data;
    edge_write_key(&w, r, &policy->key);
    return NGX_OK;
}

/*--- what the origin receives ------------------------------------------------------------------------------------------*/

/* Headers that every origin request has: those that the viewer side sets, of the connection, of a body, and conditions on it. */
static bool edge_always_forwarded(edgefn_str name)
{
    static const edgefn_str names[] = {
        EDGEFN_S_INIT("host"),
        EDGEFN_S_INIT("via"),
        EDGEFN_S_INIT("x-amz-cf-id"),
        EDGEFN_S_INIT("x-forwarded-for"),
        EDGEFN_S_INIT("accept-encoding"),
        EDGEFN_S_INIT("connection"),
        EDGEFN_S_INIT("upgrade"),
        EDGEFN_S_INIT("content-type"),
        EDGEFN_S_INIT("range"),
        EDGEFN_S_INIT("if-range"),
        EDGEFN_S_INIT("if-match"),
        EDGEFN_S_INIT("if-none-match"),
        EDGEFN_S_INIT("if-modified-since"),
        EDGEFN_S_INIT("if-unmodified-since"),
    };

    if (edgehost_framing(name) || edgefn_str_ieq(edgefn_str_take(name, 7), EDGEFN_S("x-edge-")))
        return true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (edge_same(name, names[i])) return true;
    return false;
}

typedef struct {
    edge_headers headers; /* first, for edge_copy() */
    const edge_policy *policy;
} edge_forwarding;

static ngx_int_t edge_copy_forwarded(void *data, ngx_table_elt_t *h)
{
    edge_forwarding *f = data;
    const edge_fields *fields = &f->policy->forward;
    edgefn_str name = edge_name(h);
    bool added = edgefn_str_ieq(edgefn_str_take(name, 11), EDGEFN_S("cloudfront-"));

    if (edge_same(name, EDGEFN_S("cookie"))) return NGX_OK;
    if (!edge_always_forwarded(name)
        && !edge_subset_has(added ? &fields->cloudfront : &fields->headers, name, true))
        return NGX_OK;
    return edge_copy(&f->headers, h);
}

/* Makes the query that the origin receives. Returns: NGX_OK, or the status to end the request with. */
static ngx_int_t edge_forward_query(ngx_http_request_t *r, edge_ctx *ctx, const edge_subset *s)
{
    edge_target target = edge_split(r);
    edge_writing w = { NULL, 0 };

    if (s->mode == EDGE_ALL_FIELDS || target.query.len == 0) return NGX_OK;
    edge_write_pairs(&w, target.query, s, '&');
    if (w.len == target.query.len) return NGX_OK;
    edgefn_str query = { (char *)edge_alloc(r, w.len), w.len };
    if (query.ptr == NULL) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    w.at = (u_char *)query.ptr;
    edge_write_pairs(&w, target.query, s, '&');
    return edge_set_uri(r, ctx, target.path, query, false);
}

/* Before origin-request: removes what neither the cache policy nor the origin request policy forwards. Returns: as above. */
static ngx_int_t edge_policy_forward(ngx_http_request_t *r, const edge_policy *policy,
                                     edge_ctx *ctx)
{
    const edge_subset *cookies = &policy->forward.cookies;
    edge_writing w = { NULL, 0 };
    edgehost_line lines[2];
    edgehost_edits edits = { .lines = lines };
    edge_forwarding f = { .headers = { .r = r, .edits = &edits }, .policy = policy };
    ngx_int_t rc;

    if (!policy->forwards) return NGX_OK;
    rc = edge_forward_query(r, ctx, &policy->forward.query);
    if (rc != NGX_OK) return rc;
    edge_write_cookies(&w, r, cookies);
    if (w.len > 0) {
        edgefn_str value = { (char *)edge_alloc(r, w.len), w.len };
        if (value.ptr == NULL) return NGX_HTTP_INTERNAL_SERVER_ERROR;
        w.at = (u_char *)value.ptr;
        edge_write_cookies(&w, r, cookies);
        lines[edits.line_count++] = (edgehost_line){ EDGEFN_S("Cookie"), value };
    }
    if (!edge_subset_has(&policy->forward.headers, EDGEFN_S("user-agent"), true))
        lines[edits.line_count++] =
            (edgehost_line){ EDGEFN_S("User-Agent"), EDGEFN_S("Amazon CloudFront") };
    if (edge_set_headers_in(&f.headers, edge_copy_forwarded) != NGX_OK)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    edge_forget_variables(r);
    return NGX_OK;
}

/* "/" is the default root object, after viewer-request. */
static ngx_int_t edge_policy_root(ngx_http_request_t *r, const edge_policy *policy, edge_ctx *ctx)
{
    edge_target target = edge_split(r);

    if (policy->root.len == 0 || target.path.len != 1) return NGX_OK;
    ngx_int_t rc = edge_set_uri(r, ctx, edge_from(policy->root), target.query, true);
    edge_forget_variables(r);
    return rc;
}

/* After viewer-request. Returns: as above. */
static ngx_int_t edge_policy_request(ngx_http_request_t *r, const edge_policy *policy,
                                     edge_ctx *ctx)
{
    ngx_int_t rc = edge_policy_root(r, policy, ctx);

    return rc == NGX_OK ? edge_policy_forward(r, policy, ctx) : rc;
}

/*--- before any function -----------------------------------------------------------------------------------------------*/

/* Answers with the same address in https. Returns: the status. */
static ngx_int_t edge_redirect_to_https(ngx_http_request_t *r, const edge_conf *conf, edge_ctx *ctx)
{
    edgefn_str host = EDGEFN_S("localhost"), port = edge_from(conf->desk_https), to;

    if (r->headers_in.host != NULL) host = edge_from(r->headers_in.host->value);
    host = edge_desk_name(host);
    bool here = port.len > 0 && edge_desk_is_local(host);
    size_t len = sizeof "https://:" - 1 + host.len + port.len + r->unparsed_uri.len;
    u_char *at = edge_alloc(r, len);
    if (at == NULL) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    to.ptr = (char *)at;
    at = ngx_sprintf(at, "https://%*s", host.len, host.ptr);
    if (here) at = ngx_sprintf(at, ":%*s", port.len, port.ptr);
    at = ngx_sprintf(at, "%V", &r->unparsed_uri);
    to.len = (size_t)(at - (u_char *)to.ptr);
    ngx_table_elt_t *h = edge_push(r, &r->headers_out.headers, (ngx_str_t)ngx_string("Location"),
                                   (ngx_str_t){ to.len, (u_char *)to.ptr });
    if (h == NULL) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    r->headers_out.location = h;
    ctx->marker = "Redirect from cloudfront";
    bool reads = r->method == NGX_HTTP_GET || r->method == NGX_HTTP_HEAD;
    return reads ? NGX_HTTP_MOVED_PERMANENTLY : NGX_HTTP_TEMPORARY_REDIRECT;
}

/* Returns: NGX_OK, or the status with which CloudFront answers before any function sees the request. */
static ngx_int_t edge_policy_refusal(ngx_http_request_t *r, const edge_conf *conf, edge_ctx *ctx)
{
    const edge_policy *policy = conf->policy;
    bool https = false;

#if (NGX_HTTP_SSL)
    https = r->connection->ssl != NULL;
#endif
    if (policy->methods.count > 0
        && !edge_subset_has(&policy->methods, edge_from(r->method_name), false))
        return NGX_HTTP_FORBIDDEN;
    if (https || policy->protocol == EDGE_ANY_PROTOCOL) return NGX_OK;
    return policy->protocol == EDGE_HTTPS_ONLY ? NGX_HTTP_FORBIDDEN
                                               : edge_redirect_to_https(r, conf, ctx);
}

/*--- how long a response stays in the cache ----------------------------------------------------------------------------*/

/* What a response says about it. */
typedef struct {
    bool forbidden;        /* no-store, no-cache or private */
    time_t max_age, s_age; /* -1: not sent */
    time_t expires;        /* from now; -1: not sent */
} edge_caching;

static void edge_see_directive(edge_caching *c, edgefn_str part)
{
    edgefn_cut cut = edgefn_str_cut(part, EDGEFN_S("="));
    edgefn_str name = edgefn_str_trim(cut.head), value = edgefn_str_trim(cut.tail);
    const struct {
        edgefn_str name;
        time_t *to;
    } numbers[] = { { EDGEFN_S("max-age"), &c->max_age }, { EDGEFN_S("s-maxage"), &c->s_age } };

    if (edge_same(name, EDGEFN_S("no-store")) || edge_same(name, EDGEFN_S("no-cache"))
        || edge_same(name, EDGEFN_S("private")))
        c->forbidden = true;
    if (value.len > 1 && value.ptr[0] == '"')
        value = edgefn_str_take(edgefn_str_skip(value, 1), value.len - 2);
    edgefn_number n = edgefn_str_to_u64(value);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (n.ok && edge_same(name, numbers[i].name))
            *numbers[i].to = (time_t)ngx_min(n.value, 0x7fffffffu);
}

static ngx_int_t edge_see_caching(void *data, ngx_table_elt_t *h)
{
    edge_caching *c = data;
    edgefn_str name = edge_name(h);

    if (edge_same(name, EDGEFN_S("expires"))) {
        time_t at = ngx_parse_http_time(h->value.data, h->value.len);
        c->expires = at == NGX_ERROR ? 0 : ngx_max(at - ngx_time(), 0);
    }
    if (!edge_same(name, EDGEFN_S("cache-control"))) return NGX_OK;
    edgefn_cut cut = { edge_from(h->value), edge_from(h->value), true };
    while (cut.found) {
        cut = edgefn_str_cut(cut.tail, EDGEFN_S(","));
        edge_see_directive(c, cut.head);
    }
    return NGX_OK;
}

static edge_caching edge_caching_of(ngx_http_request_t *r)
{
    edge_caching c = { false, -1, -1, -1 };

    edge_walk_out(&r->headers_out.headers, edge_see_caching, &c);
    return c;
}

/* Errors: these four are cached only if the origin says how long. */
static time_t edge_ttl_of_error(const edge_policy *policy, ngx_uint_t status, time_t said)
{
    bool unless = status == 400 || status == 403 || status == 412 || status == 415;
    time_t least = 10;
    const edge_error_ttl *e = policy->error_ttls != NULL ? policy->error_ttls->elts : NULL;

    for (ngx_uint_t i = 0; e != NULL && i < policy->error_ttls->nelts; i++) {
        if (e[i].status != status) continue;
        least = e[i].ttl;
        unless = false;
    }
    if (said < 0) return unless ? 0 : least;
    return ngx_max(least, ngx_min(said, policy->ttl_max));
}

static time_t edge_ttl(const edge_policy *policy, ngx_uint_t status, const edge_caching *c)
{
    time_t said = c->max_age >= 0 ? c->max_age : c->expires;

    if (c->s_age >= 0) said = c->s_age;
    if (c->forbidden) return status >= 400 ? 0 : policy->ttl_min;
    if (status >= 400) return edge_ttl_of_error(policy, status, said);
    if (said < 0) return policy->ttl_default;
    return ngx_max(policy->ttl_min, ngx_min(said, policy->ttl_max));
}

/* At the origin side, after origin-response: tells the viewer side how long to keep the response. */
static ngx_int_t edge_policy_time(ngx_http_request_t *r, const edge_policy *policy, bool failed)
{
    edge_caching c = edge_caching_of(r);
    time_t ttl = failed ? 0 : edge_ttl(policy, r->headers_out.status, &c);
    u_char *text = edge_alloc(r, NGX_TIME_T_LEN);

    if (text == NULL) return NGX_ERROR;
    ngx_str_t value = { (size_t)(ngx_sprintf(text, "%T", ttl) - text), text };
    return edge_push(r, &r->headers_out.headers, (ngx_str_t)ngx_string("X-Accel-Expires"), value)
                   == NULL
               ? NGX_ERROR
               : NGX_OK;
}

/* Before viewer-response. */
static ngx_int_t edge_policy_response(ngx_http_request_t *r, const edge_conf *conf, edge_ctx *ctx)
{
    if (!conf->policy->timed) return NGX_OK;
    return edge_policy_time(r, conf->policy, ctx->failed);
}

/*--- the response headers policy, after viewer-response -----------------------------------------------------------------*/

typedef struct {
    edgefn_str name;
    bool starts; /* all names that begin with it */
    bool found, remove;
} edge_finding;

static ngx_int_t edge_find_out(void *data, ngx_table_elt_t *h)
{
    edge_finding *f = data;
    edgefn_str name = edge_name(h);

    if (f->starts ? !edgefn_str_ieq(edgefn_str_take(name, f->name.len), f->name)
                  : !edge_same(name, f->name))
        return NGX_OK;
    f->found = true;
    if (f->remove) h->hash = 0;
    return NGX_OK;
}

/* Sets a header of the response, or with override == false only if there is none. An absent value removes it. */
static ngx_int_t edge_put_out(ngx_http_request_t *r, edgefn_str name, edgefn_str value,
                              bool override)
{
    edge_finding f = { .name = name, .remove = override };

    edge_walk_out(&r->headers_out.headers, edge_find_out, &f);
    if ((f.found && !override) || value.ptr == NULL) return NGX_OK;
    return edge_push(r, &r->headers_out.headers, edge_keep(r, name), edge_keep(r, value)) == NULL
               ? NGX_ERROR
               : NGX_OK;
}

/* "a, b" */
static edgefn_str edge_joined(ngx_http_request_t *r, const edge_subset *list)
{
    size_t len = 0;
    edgefn_str to = { NULL, 0 };

    for (ngx_uint_t i = 0; i < list->count; i++)
        len += list->names[i].len + 2;
    u_char *at = list->count > 0 ? edge_alloc(r, len) : NULL;
    if (at == NULL) return to;
    to.ptr = (char *)at;
    for (ngx_uint_t i = 0; i < list->count; i++)
        at = ngx_sprintf(at, "%s%V", i > 0 ? ", " : "", &list->names[i]);
    to.len = (size_t)(at - (u_char *)to.ptr);
    return to;
}

/* Compares with a pattern, in which a star is any text. */
static bool edge_fits(edgefn_str pattern, edgefn_str text)
{
    edgefn_cut star = edgefn_str_cut(pattern, EDGEFN_S("*"));

    if (!star.found) return edge_same(pattern, text);
    return text.len >= star.head.len + star.tail.len
           && edgefn_str_ieq(edgefn_str_take(text, star.head.len), star.head)
           && edgefn_str_ieq(edgefn_str_skip(text, text.len - star.tail.len), star.tail);
}

/* Returns: Access-Control-Allow-Origin for an Origin; absent if it is not allowed. */
static edgefn_str edge_cors_origin(const edge_cors *cors, edgefn_str origin)
{
    for (ngx_uint_t i = 0; i < cors->origins.count; i++) {
        edgefn_str allowed = edge_from(cors->origins.names[i]);
        edgefn_str host = edgefn_str_cut(origin, EDGEFN_S("://")).tail;
        if (edgefn_str_eq(allowed, EDGEFN_S("*"))) return cors->credentials ? origin : allowed;
        if (edge_fits(allowed, edgefn_str_contains(allowed, EDGEFN_S("://")) ? origin : host))
            return origin;
    }
    return (edgefn_str){ NULL, 0 };
}

typedef struct {
    edgefn_str origin, method;
} edge_cors_request;

static ngx_int_t edge_see_cors(void *data, ngx_table_elt_t *h)
{
    edge_cors_request *c = data;

    if (edge_same(edge_name(h), EDGEFN_S("origin"))) c->origin = edge_from(h->value);
    if (edge_same(edge_name(h), EDGEFN_S("access-control-request-method")))
        c->method = edge_from(h->value);
    return NGX_OK;
}

static ngx_int_t edge_policy_cors(ngx_http_request_t *r, const edge_cors *cors)
{
    edge_cors_request request = { { NULL, 0 }, { NULL, 0 } };
    edge_finding f = { .name = EDGEFN_S("access-control-"), .starts = true };
    edgefn_str absent = { NULL, 0 };

    edge_walk_in(&r->headers_in.headers, edge_see_cors, &request);
    if (cors->origins.count == 0 || request.origin.ptr == NULL) return NGX_OK;
    f.remove = cors->override;
    edge_walk_out(&r->headers_out.headers, edge_find_out, &f);
    edgefn_str allowed = edge_cors_origin(cors, request.origin);
    if ((f.found && !cors->override) || allowed.ptr == NULL) return NGX_OK;
    bool preflight = r->method == NGX_HTTP_OPTIONS && request.method.ptr != NULL;
    const struct {
        edgefn_str name, value;
    } all[] = {
        { EDGEFN_S("Access-Control-Allow-Origin"), allowed },
        { EDGEFN_S("Access-Control-Allow-Credentials"),
          cors->credentials ? EDGEFN_S("true") : absent },
        { EDGEFN_S("Access-Control-Expose-Headers"),
          preflight ? absent : edge_joined(r, &cors->expose) },
        { EDGEFN_S("Access-Control-Allow-Methods"),
          preflight ? edge_joined(r, &cors->methods) : absent },
        { EDGEFN_S("Access-Control-Allow-Headers"),
          preflight ? edge_joined(r, &cors->headers) : absent },
        { EDGEFN_S("Access-Control-Max-Age"),
          preflight && cors->max_age.len > 0 ? edge_from(cors->max_age) : absent },
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (edge_put_out(r, all[i].name, all[i].value, true) != NGX_OK) return NGX_ERROR;
    return NGX_OK;
}

static ngx_int_t edge_policy_respond(ngx_http_request_t *r, const edge_policy *policy)
{
    const edge_response_header *h = policy->headers != NULL ? policy->headers->elts : NULL;

    for (ngx_uint_t i = 0; i < policy->removes.count; i++)
        if (edge_put_out(r, edge_from(policy->removes.names[i]), (edgefn_str){ NULL, 0 }, true)
            != NGX_OK)
            return NGX_ERROR;
    for (ngx_uint_t i = 0; h != NULL && i < policy->headers->nelts; i++)
        if (edge_put_out(r, edge_from(h[i].name), edge_from(h[i].value), h[i].override) != NGX_OK)
            return NGX_ERROR;
    return edge_policy_cors(r, &policy->cors);
}

/*--- directives --------------------------------------------------------------------------------------------------------*/

static edge_policy *edge_policy_in(ngx_conf_t *cf, edge_conf *conf)
{
    if (conf->policy == NULL) conf->policy = ngx_pcalloc(cf->pool, sizeof *conf->policy);
    return conf->policy;
}

/* Makes a list of the arguments from number `from` on: nginx reuses their array. Returns: names == NULL when out of memory. */
static edge_subset edge_arguments(ngx_conf_t *cf, ngx_uint_t from)
{
    ngx_str_t *args = cf->args->elts;
    ngx_uint_t count = cf->args->nelts > from ? cf->args->nelts - from : 0;
    ngx_str_t *names = ngx_palloc(cf->pool, (count + 1) * sizeof *names);

    if (names != NULL) ngx_memcpy(names, args + from, count * sizeof *names);
    return (edge_subset){ EDGE_ONLY_FIELDS, names, names != NULL ? count : 0 };
}

/* edge_key headers|cookies|query none|all|only NAME...|except NAME..., and edge_forward, which also has cloudfront */
static char *edge_set_fields(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    static const char *const modes[] = { "none", "all", "only", "except" };
    static const char *const lists[] = { "headers", "cookies", "query", "cloudfront" };
    edge_policy *policy = edge_policy_in(cf, to);
    ngx_str_t *args = cf->args->elts;
    edge_subset s = edge_arguments(cf, 3);
    size_t mode = 0, list = 0;

    if (policy == NULL || s.names == NULL) return NGX_CONF_ERROR;
    bool forward = ngx_strcmp(cmd->name.data, "edge_forward") == 0;
    edge_fields *to_fields = forward ? &policy->forward : &policy->key;
    policy->forwards = policy->forwards || forward;
    while (mode < 4 && ngx_strcmp(args[2].data, modes[mode]) != 0)
        mode++;
    if (mode == 4) return "needs none, all, only NAME... or except NAME...";
    if ((mode >= EDGE_ONLY_FIELDS) != (s.count > 0)) return "needs names after only and except";
    s.mode = mode;
    while (list < 4 && ngx_strcmp(args[1].data, lists[list]) != 0)
        list++;
    if (list == 4 || (list == 3 && !forward)) return "needs headers, cookies or query";
    if (!forward && list == 0 && (mode == EDGE_ALL_FIELDS || mode == EDGE_FIELDS_EXCEPT))
        return "cannot have headers but by name";
    edge_subset *const fields[] = { &to_fields->headers, &to_fields->cookies, &to_fields->query,
                                    &to_fields->cloudfront };
    *fields[list] = s;
    return NGX_CONF_OK;
}

/* edge_ttl MIN DEFAULT MAX, in seconds */
static char *edge_set_ttl(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_policy *policy = edge_policy_in(cf, to);
    ngx_str_t *args = cf->args->elts;
    time_t ttl[3];

    (void)cmd;
    if (policy == NULL) return NGX_CONF_ERROR;
    for (int i = 0; i < 3; i++) {
        ttl[i] = ngx_atotm(args[i + 1].data, args[i + 1].len);
        if (ttl[i] == NGX_ERROR) return "needs three numbers of seconds";
    }
    if (ttl[0] > ttl[1] || ttl[1] > ttl[2])
        return "needs minimum, default and maximum in this order";
    policy->timed = 1;
    policy->ttl_min = ttl[0];
    policy->ttl_default = ttl[1];
    policy->ttl_max = ttl[2];
    return NGX_CONF_OK;
}

/* edge_error_ttl STATUS SECONDS */
static char *edge_set_error_ttl(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_policy *policy = edge_policy_in(cf, to);
    ngx_str_t *args = cf->args->elts;
    edge_error_ttl *e;

    (void)cmd;
    if (policy == NULL) return NGX_CONF_ERROR;
    if (policy->error_ttls == NULL) policy->error_ttls = ngx_array_create(cf->pool, 4, sizeof *e);
    e = policy->error_ttls != NULL ? ngx_array_push(policy->error_ttls) : NULL;
    if (e == NULL) return NGX_CONF_ERROR;
    ngx_int_t status = ngx_atoi(args[1].data, args[1].len);
    e->ttl = ngx_atotm(args[2].data, args[2].len);
    if (status < 400 || status > 599 || e->ttl == NGX_ERROR)
        return "needs a status from 400 to 599 and seconds";
    e->status = (ngx_uint_t)status;
    return NGX_CONF_OK;
}

/* edge_response_header NAME VALUE [override] */
static char *edge_set_response_header(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_policy *policy = edge_policy_in(cf, to);
    ngx_str_t *args = cf->args->elts;
    edge_response_header *h;

    (void)cmd;
    if (policy == NULL) return NGX_CONF_ERROR;
    if (policy->headers == NULL) policy->headers = ngx_array_create(cf->pool, 4, sizeof *h);
    h = policy->headers != NULL ? ngx_array_push(policy->headers) : NULL;
    if (h == NULL) return NGX_CONF_ERROR;
    *h = (edge_response_header){ args[1], args[2], cf->args->nelts > 3 };
    return h->override && ngx_strcmp(args[3].data, "override") != 0
               ? "needs override, or nothing, at the end"
               : NGX_CONF_OK;
}

/* edge_response_remove NAME... */
static char *edge_set_response_remove(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_policy *policy = edge_policy_in(cf, to);

    (void)cmd;
    if (policy == NULL) return NGX_CONF_ERROR;
    policy->removes = edge_arguments(cf, 1);
    return policy->removes.names != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
}

/* edge_cors origins|methods|headers|expose WORD..., edge_cors max-age SECONDS, edge_cors credentials, edge_cors override */
static char *edge_set_cors(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_policy *policy = edge_policy_in(cf, to);
    ngx_str_t *args = cf->args->elts;

    (void)cmd;
    if (policy == NULL) return NGX_CONF_ERROR;
    edge_cors *cors = &policy->cors;
    struct {
        const char *word;
        edge_subset *to;
    } const lists[] = { { "origins", &cors->origins },
                        { "methods", &cors->methods },
                        { "headers", &cors->headers },
                        { "expose", &cors->expose } };
    for (size_t i = 0; i < 4; i++) {
        if (ngx_strcmp(args[1].data, lists[i].word) != 0) continue;
        *lists[i].to = edge_arguments(cf, 2);
        return lists[i].to->names != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
    }
    if (ngx_strcmp(args[1].data, "max-age") == 0 && cf->args->nelts == 3)
        cors->max_age = args[2];
    else if (ngx_strcmp(args[1].data, "credentials") == 0)
        cors->credentials = 1;
    else if (ngx_strcmp(args[1].data, "override") == 0)
        cors->override = 1;
    else
        return "needs origins, methods, headers, expose, max-age, credentials or override";
    return NGX_CONF_OK;
}

/* edge_methods NAME... */
static char *edge_set_methods(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_policy *policy = edge_policy_in(cf, to);

    (void)cmd;
    if (policy == NULL) return NGX_CONF_ERROR;
    policy->methods = edge_arguments(cf, 1);
    return policy->methods.names != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
}

/* edge_viewer_protocol allow-all|redirect-to-https|https-only */
static char *edge_set_protocol(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    static const char *const words[] = { "allow-all", "redirect-to-https", "https-only" };
    edge_policy *policy = edge_policy_in(cf, to);
    ngx_str_t *args = cf->args->elts;

    (void)cmd;
    if (policy == NULL) return NGX_CONF_ERROR;
    for (size_t i = 0; i < 3; i++) {
        if (ngx_strcmp(args[1].data, words[i]) != 0) continue;
        policy->protocol = i;
        return NGX_CONF_OK;
    }
    return "needs allow-all, redirect-to-https or https-only";
}

/* edge_root_object /PATH */
static char *edge_set_root(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_policy *policy = edge_policy_in(cf, to);
    ngx_str_t *args = cf->args->elts;

    (void)cmd;
    if (policy == NULL) return NGX_CONF_ERROR;
    policy->root = args[1];
    return args[1].data[0] == '/' ? NGX_CONF_OK : "needs a path that begins with '/'";
}

/* edge_origin_header NAME VALUE: one that CloudFront sends to the origin */
static char *edge_set_origin_header(ngx_conf_t *cf, ngx_command_t *cmd, void *to)
{
    edge_conf *conf = to;
    ngx_str_t *args = cf->args->elts;
    edgefn_field *field;

    (void)cmd;
    if (conf->origin_headers == NULL)
        conf->origin_headers = ngx_array_create(cf->pool, 4, sizeof *field);
    field = conf->origin_headers != NULL ? ngx_array_push(conf->origin_headers) : NULL;
    if (field == NULL) return NGX_CONF_ERROR;
    *field = (edgefn_field){ .name = edge_from(args[1]), .value = edge_from(args[2]) };
    return NGX_CONF_OK;
}
