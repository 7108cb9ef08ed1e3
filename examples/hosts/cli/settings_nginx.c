/* settings_nginx.c - prints settings as a part of nginx's configuration, for http { }: for each cache behaviour a location of the viewers' server, and a
   server of its own at the origin's side. */
#define _POSIX_C_SOURCE 200809L
#include "settings.h"
#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const types[] = { "", "viewer_request", "origin_request", "origin_response",
                                     "viewer_response" };
static const char *const type_names[] = { "", "viewer-request", "origin-request", "origin-response",
                                          "viewer-response" };

/*--- words ---------------------------------------------------------------------------------------------------------------*/

/* Prints a part of a word in quotation marks. variables: nginx reads "$name" in it. */
static void put_part(edgefn_str s, bool variables)
{
    static const char escaped[] =
        "\"\"\\\\\nn\rr\tt"; /* each byte, and what is after the backslash */

    for (size_t i = 0; i < s.len; i++) {
        const char *found = escaped;
        while (*found != '\0' && *found != s.ptr[i])
            found += 2;
        if (*found != '\0')
            printf("\\%c", found[1]);
        else if (s.ptr[i] == '$' && variables)
            fputs("${edge_dollar}", stdout);
        else
            putchar(s.ptr[i]);
    }
}

/* Prints a space and a word in quotation marks. */
static void put_quoted(edgefn_str s, bool variables)
{
    fputs(" \"", stdout);
    put_part(s, variables);
    putchar('"');
}

static void put_word(edgefn_str s)
{
    put_quoted(s, false);
}

static void put_words(const settings_list *list)
{
    for (size_t i = 0; i < list->len; i++)
        put_word(list->items[i].s);
}

/*--- which headers, cookies and parameters -------------------------------------------------------------------------------*/

typedef enum { NOTHING, ALL, ONLY, EXCEPT } subset_mode;

/* A subset of fields: at most two lists of names, because the origin receives those of the cache policy and those of the origin request policy. */
typedef struct subset {
    subset_mode mode;
    const settings_list *names;
} subset;

static subset subset_of(const settings_fields *f)
{
    static const struct {
        const char *word;
        subset_mode mode;
    } modes[] = { { "whitelist", ONLY },
                  { "allExcept", EXCEPT },
                  { "all", ALL },
                  { "allViewer", ALL },
                  { "allViewerAndWhitelistCloudFront", ALL } };

    for (size_t i = 0; f != NULL && i < sizeof modes / sizeof modes[0]; i++)
        if (edgefn_str_eq(f->behavior.s, edgefn_cstr(modes[i].word)))
            return (subset){ modes[i].mode, &f->names };
    return (subset){ NOTHING, NULL };
}

static bool among(const settings_list *list, edgefn_str name, bool any_case)
{
    for (size_t i = 0; list != NULL && i < list->len; i++)
        if (any_case ? edgefn_str_ieq(list->items[i].s, name)
                     : edgefn_str_eq(list->items[i].s, name))
            return true;
    return false;
}

static bool subset_has(subset s, edgefn_str name, bool any_case)
{
    if (s.mode == NOTHING || s.mode == ALL) return s.mode == ALL;
    return among(s.names, name, any_case) == (s.mode == ONLY);
}

static void put_subset(const char *directive, const char *fields, subset s)
{
    static const char *const words[] = { "none", "all", "only", "except" };

    printf("            %s %s %s", directive, fields, words[s.mode]);
    if (s.mode == ONLY || s.mode == EXCEPT) put_words(s.names);
    puts(";");
}

/* Prints the fields that are in one of two subsets. */
static void put_union(const char *fields, subset a, subset b)
{
    bool any_case = strcmp(fields, "headers") == 0;
    size_t count = 0;

    if (a.mode == ALL || b.mode == ALL || b.mode == NOTHING || a.mode == NOTHING) {
        put_subset("edge_forward", fields, a.mode == ALL || b.mode == NOTHING ? a : b);
        return;
    }
    if (a.mode == ONLY && b.mode == ONLY) {
        printf("            edge_forward %s only", fields);
        put_words(a.names);
        put_words(b.names);
        puts(";");
        return;
    }
    bool swap = a.mode != EXCEPT;
    subset except = swap ? b : a;
    subset other = swap ? a : b;
    for (size_t i = 0; i < except.names->len; i++)
        count += !subset_has(other, except.names->items[i].s, any_case);
    printf("            edge_forward %s %s", fields, count > 0 ? "except" : "all");
    for (size_t i = 0; i < except.names->len; i++)
        if (!subset_has(other, except.names->items[i].s, any_case))
            put_word(except.names->items[i].s);
    puts(";");
}

static bool is_cloudfront(edgefn_str name)
{
    return edgefn_str_ieq(edgefn_str_take(name, 11), EDGEFN_S("cloudfront-"));
}

/* Headers that CloudFront adds are sent to the origin only if a policy names them. */
static void put_cloudfront(const settings_cache_policy *c, const settings_request_policy *p)
{
    const settings_list *lists[2] = { &c->key.headers.names, p != NULL ? &p->headers.names : NULL };
    bool any = false,
         except = p != NULL && edgefn_str_eq(p->headers.behavior.s, EDGEFN_S("allExcept"));

    if (p != NULL && p->desk) {
        puts("            edge_forward cloudfront all;");
        return;
    }
    for (size_t k = 0; k < (except ? 1u : 2u); k++)
        for (size_t i = 0; lists[k] != NULL && i < lists[k]->len; i++) {
            if (!is_cloudfront(lists[k]->items[i].s)) continue;
            if (!any) printf("            edge_forward cloudfront only");
            put_word(lists[k]->items[i].s);
            any = true;
        }
    puts(any ? ";" : "            edge_forward cloudfront none;");
}

static bool sends_host(const settings_behavior *b)
{
    return among(&b->cache->key.headers.names, EDGEFN_S("host"), true)
           || (b->request != NULL
               && subset_has(subset_of(&b->request->headers), EDGEFN_S("host"), true));
}

/*--- functions -----------------------------------------------------------------------------------------------------------*/

bool settings_is_c(edgefn_str resolved)
{
    bool plain = !edgefn_str_contains(resolved, EDGEFN_S("."));

    return plain || edgefn_str_ends(resolved, EDGEFN_S(".c"))
           || edgefn_str_contains(resolved, EDGEFN_S("+"));
}

/* A socket's name has no other characters than these. */
static void put_file_name(edgefn_str name, bool c)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    if (c) put_part(name, false);
    for (size_t i = 0; i < name.len && !c; i++)
        putchar(strchr(plain, name.ptr[i]) != NULL ? name.ptr[i] : '_');
}

/* The directive of a function: its file is in DIR/functions/NUMBER, or is a .so, or its process listens on a socket there. */
static void put_function(const settings_model *m, const settings_desk *desk,
                         const settings_behavior *b, edgefn_event_type type)
{
    const settings_trigger *t = &b->triggers[type];
    if (t->function == 0) return;

    const settings_source *s = &m->functions[t->function - 1];
    edgefn_str name = settings_function_name(s->resolved);
    printf("            edge_%s", types[type]);
    if (edgefn_str_ends(s->resolved, EDGEFN_S(".so"))
        || edgefn_str_starts(s->resolved, EDGEFN_S("unix:")))
        put_word(s->resolved);
    else {
        bool c = settings_is_c(s->resolved);
        printf(" \"%s%s/functions/%zu/", c ? "" : "unix:", desk->dir, t->function);
        put_file_name(c ? name : settings_function_file(s->resolved), c);
        fputs(c ? ".so\"" : ".sock\"", stdout);
    }
    puts(t->functions ? " functions;" : ";");
    if (t->include_body) puts("            edge_include_body on;");
}

/* Reports whether the function at viewer-request may choose the origin: CloudFront Functions in JavaScript have helpers for it. */
static bool chooses(const settings_model *m, const settings_behavior *b)
{
    const settings_trigger *t = &b->triggers[EDGEFN_VIEWER_REQUEST];

    if (t->function == 0 || !t->functions) return false;
    edgefn_str source = m->functions[t->function - 1].resolved;
    return !settings_is_c(source) && !edgefn_str_ends(source, EDGEFN_S(".so"));
}

/*--- response headers policy -----------------------------------------------------------------------------------------------*/

static void put_header(const char *name, edgefn_str value, bool override)
{
    if (value.ptr == NULL) return;
    printf("            edge_response_header");
    put_word(edgefn_cstr(name));
    put_word(value);
    puts(override ? " override;" : ";");
}

static void put_security(const settings_security *s)
{
    char text[600];

    put_header("Content-Security-Policy", s->csp.value.s, s->csp.override.value);
    put_header("X-Frame-Options", s->frame.value.s, s->frame.override.value);
    put_header("Referrer-Policy", s->referrer.value.s, s->referrer.override.value);
    if (s->nosniff.at != NULL)
        put_header("X-Content-Type-Options", EDGEFN_S("nosniff"), s->nosniff.override.value);
    if (s->hsts.at != NULL) {
        snprintf(text, sizeof text, "max-age=%llu%s%s", (unsigned long long)s->hsts.max_age.value,
                 s->hsts.subdomains.value ? "; includeSubDomains" : "",
                 s->hsts.preload.value ? "; preload" : "");
        put_header("Strict-Transport-Security", edgefn_cstr(text), s->hsts.override.value);
    }
    if (s->xss.at == NULL) return;
    bool on = s->xss.protection.value;
    snprintf(text, sizeof text, "%s%s%s%.*s", on ? "1" : "0",
             on && s->xss.block.value ? "; mode=block" : "",
             on && s->xss.report.s.len > 0 ? "; report=" : "",
             EDGEFN_FMT(edgefn_str_take(
                 on && s->xss.report.s.ptr != NULL ? s->xss.report.s : EDGEFN_S(""), 500)));
    put_header("X-XSS-Protection", edgefn_cstr(text), s->xss.override.value);
}

static void put_cors_list(const char *word, const settings_list *list)
{
    if (list->len == 0) return;
    printf("            edge_cors %s", word);
    if (strcmp(word, "methods") == 0 && among(list, EDGEFN_S("ALL"), false))
        printf(" GET HEAD OPTIONS PUT POST PATCH DELETE");
    else
        put_words(list);
    puts(";");
}

static void put_response_policy(const settings_response_policy *p)
{
    if (p == NULL) return;

    const settings_header *h = p->remove.items.items;
    if (p->remove.items.len > 0) printf("            edge_response_remove");
    for (size_t i = 0; i < p->remove.items.len; i++)
        put_word(h[i].name.s);
    if (p->remove.items.len > 0) puts(";");
    put_security(&p->security);
    h = p->custom.items.items;
    for (size_t i = 0; i < p->custom.items.len; i++) {
        printf("            edge_response_header");
        put_word(h[i].name.s);
        put_word(h[i].value.s);
        puts(h[i].override.value ? " override;" : ";");
    }
    if (p->cors.at == NULL) return;
    put_cors_list("origins", &p->cors.origins);
    put_cors_list("methods", &p->cors.methods);
    put_cors_list("headers", &p->cors.headers);
    put_cors_list("expose", &p->cors.expose);
    if (p->cors.max_age.at != NULL)
        printf("            edge_cors max-age %llu;\n", (unsigned long long)p->cors.max_age.value);
    if (p->cors.credentials.value) puts("            edge_cors credentials;");
    if (p->cors.override.value) puts("            edge_cors override;");
}

/*--- the viewers' server ---------------------------------------------------------------------------------------------------*/

/* AWS's pattern as a regular expression: "images/?.jpg" is the same as "/images/?.jpg". */
static void put_pattern(edgefn_str pattern)
{
    fputs(" ~ \"(?s)^", stdout);
    if (pattern.ptr[0] != '/') putchar('/');
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        if (c == '*')
            fputs(".*", stdout);
        else if (c == '?')
            putchar('.');
        else if (strchr(".$+", c) != NULL)
            printf("[%c]", c);
        else
            printf(c == '"' ? "\\%c" : "%c", c);
    }
    fputs("$\"", stdout);
}

static edgefn_str pattern_of(const settings_behavior *b)
{
    return b->pattern.s.ptr != NULL ? b->pattern.s : EDGEFN_S("*");
}

/* The value of Accept-Encoding that is in the key and is sent to the origin. */
static const char *encoding_of(const settings_behavior *b)
{
    bool gzip = b->cache->key.gzip.value, brotli = b->cache->key.brotli.value;

    if (gzip && brotli) return "$edge_both";
    if (gzip || brotli) return gzip ? "$edge_gzip" : "$edge_brotli";
    bool sent = b->request != NULL
                && subset_has(subset_of(&b->request->headers), EDGEFN_S("accept-encoding"), true);
    return sent ? "$http_accept_encoding" : "\"\"";
}

static void put_cache(const settings_behavior *b)
{
    const settings_key *key = &b->cache->key;
    const char *encoding = encoding_of(b);

    put_subset("edge_key", "headers", subset_of(&key->headers));
    put_subset("edge_key", "cookies", subset_of(&key->cookies));
    put_subset("edge_key", "query", subset_of(&key->query));
    if (b->cache->max.value == 0) return; /* nothing is stored */
    puts("            proxy_cache edge;");
    printf("            proxy_cache_key \"");
    put_part(pattern_of(b), true);
    printf("|%s|$edge_cache_key\";\n", key->gzip.value || key->brotli.value ? encoding : "");
    puts("            proxy_cache_lock on;\n            proxy_cache_revalidate on;\n"
         "            proxy_cache_bypass $edge_upgrade; proxy_no_cache $edge_upgrade;");
}

static void put_errors(const settings_model *m)
{
    const settings_error *e = m->errors.items;
    bool any = false;

    for (size_t i = 0; i < m->errors.len; i++) {
        if (e[i].page.s.ptr == NULL) continue;
        if (!any) puts("            proxy_intercept_errors on;");
        any = true;
        printf("            error_page %llu =%llu", (unsigned long long)e[i].status.value,
               (unsigned long long)e[i].sent.value);
        put_quoted(e[i].page.s, true);
        puts(";");
    }
}

static void put_viewer(const settings_model *m, const settings_desk *desk,
                       const settings_behavior *b, size_t number)
{
    printf("        location");
    if (b->pattern.s.ptr != NULL)
        put_pattern(b->pattern.s);
    else
        printf(" /");
    puts(" {");
    put_function(m, desk, b, EDGEFN_VIEWER_REQUEST);
    put_function(m, desk, b, EDGEFN_VIEWER_RESPONSE);
    puts(
        "            edge_cloudfront_headers on;\n"
        "            edge_chain on; # the next server is the origin's side, whose report of the origin's status is trusted");
    printf("            edge_viewer_protocol %.*s;\n", EDGEFN_FMT(b->protocol.s));
    printf("            edge_methods");
    if (b->methods.len == 0) printf(" GET HEAD");
    put_words(&b->methods);
    puts(";");
    if (m->root.s.len > 0) {
        fputs("            edge_root_object \"/", stdout);
        put_part(m->root.s, false);
        puts("\";");
    }
    put_cache(b);
    put_response_policy(b->response);
    put_errors(m);
    printf("            proxy_pass http://unix:%s/origin-%zu.sock;\n", desk->dir, number);
    printf("            proxy_set_header Host %s%.*s;\n", sends_host(b) ? "$http_host" : "",
           sends_host(b) ? 0 : (int)b->to->domain.s.len, b->to->domain.s.ptr);
    printf("            proxy_set_header Accept-Encoding %s;\n", encoding_of(b));
    puts("            proxy_set_header Connection $edge_upgrade;\n"
         "            proxy_set_header Upgrade $edge_websocket;\n"
         "            proxy_set_header Via \"1.1 desk.cloudfront.net (CloudFront)\";\n"
         "            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n"
         "            proxy_set_header X-Amz-Cf-Id $edge_request_id;\n"
         "            proxy_set_header X-Edge-Viewer $remote_addr;");
    if (chooses(m, b)) puts("            proxy_set_header X-Edge-Origin $edge_chosen;");
    puts("        }");
}

static void put_tables(const settings_model *m)
{
    const settings_row *rows = m->rows.items, *added = m->added.items;

    for (size_t i = 0; i < m->rows.len; i++) {
        printf("        edge_table");
        put_word(rows[i].table.s);
        put_word(rows[i].key.s);
        put_word(rows[i].value.s);
        puts(";");
    }
    for (size_t i = 0; i < m->added.len; i++) {
        printf("        edge_viewer_header");
        put_word(added[i].key.s);
        put_quoted(added[i].value.s, true);
        puts(";");
    }
}

/* Lines that both sides have. */
static void put_common(const settings_model *m, const settings_desk *desk)
{
    put_tables(m);
    printf("        edge_check %s;\n", desk->check);
    if (desk->trace != NULL) printf("        edge_trace \"%s\";\n", desk->trace);
    puts("        proxy_http_version 1.1;\n"
         "        proxy_pass_header Date;\n"
         "        proxy_pass_header Server;");
}

static void put_viewers(const settings_model *m, const settings_desk *desk)
{
    const settings_behavior *b = m->behaviors.items;

    puts(
        "    # the viewers' side: a location for each cache behavior, with the viewer events and the cache\n    server {");
    printf("        listen %s;\n", desk->listen);
    if (desk->tls != NULL)
        printf("        listen %s ssl; ssl_certificate \"%s\"; ssl_certificate_key \"%s\";\n",
               desk->tls, desk->certificate, desk->certificate);
    puts(
        "        large_client_header_buffers 4 36k; # CloudFront accepts heads up to 32 kB; the module refuses longer ones, and URLs above 8,192 bytes");
    if (desk->port != NULL)
        printf("        edge_desk %s%s%s;\n", desk->port, desk->https_port != NULL ? " " : "",
               desk->https_port != NULL ? desk->https_port : "");
    if (desk->include != NULL) printf("        include \"%s\";\n", desk->include);
    put_common(m, desk);
    puts(
        "        # room for the head of a response (up to 32 kB, as in CloudFront, and what functions add) and the cache key, whose URL may have 8 kB\n"
        "        proxy_buffer_size 64k;\n        proxy_buffers 8 64k;\n        proxy_busy_buffers_size 128k;\n"
        "        # the origin's side sends X-Accel-Expires, which is all that decides how long a response is cached\n"
        "        proxy_ignore_headers Set-Cookie Vary Cache-Control Expires X-Accel-Redirect X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset;");
    for (size_t i = 0; i < m->behaviors.len; i++)
        put_viewer(m, desk, &b[i], i + 1);
    put_viewer(m, desk, &m->normal, 0);
    puts("    }\n");
}

/*--- the origin's side -------------------------------------------------------------------------------------------------------*/

/* Returns: true if the desk serves it with https. */
static bool by_https(const settings_origin *o, const settings_desk *desk)
{
    bool own = o->directory.s.ptr != NULL || edgefn_str_eq(o->address.s, EDGEFN_S("desk"));

    if (own && desk->certificate == NULL) return false;
    if (o->s3.at != NULL) return true;
    if (o->custom.at == NULL)
        return o->address.s.ptr == NULL && o->directory.s.ptr == NULL
               && !edgefn_str_eq(o->domain.s, EDGEFN_S("localhost"));
    return edgefn_str_eq(o->custom.protocol.s, EDGEFN_S("https-only"));
}

static unsigned port_of(const settings_origin *o, bool https)
{
    const settings_number *n = https ? &o->custom.https_port : &o->custom.http_port;

    if (n->at != NULL) return (unsigned)n->value;
    return https ? 443 : 80;
}

static void put_origin(const settings_origin *o, const settings_desk *desk)
{
    const settings_header *h = o->headers.items;
    bool https = by_https(o, desk);

    if (o->s3.at != NULL && https)
        printf("            edge_origin s3 %.*s", EDGEFN_FMT(o->domain.s));
    else
        printf("            edge_origin custom %.*s protocol=%s port=%u", EDGEFN_FMT(o->domain.s),
               https ? "https" : "http", port_of(o, https));
    if (o->path.s.len > 0) {
        fputs(" \"path=", stdout);
        put_part(o->path.s, false);
        putchar('"');
    }
    puts(";");
    for (size_t i = 0; i < o->headers.len; i++) {
        printf("            edge_origin_header");
        put_word(h[i].name.s);
        put_word(h[i].value.s);
        puts(";");
    }
}

static void put_times(const settings_model *m, const settings_behavior *b)
{
    const settings_error *e = m->errors.items;

    printf("            edge_ttl %llu %llu %llu;\n", (unsigned long long)b->cache->min.value,
           (unsigned long long)b->cache->normal.value, (unsigned long long)b->cache->max.value);
    for (size_t i = 0; i < m->errors.len; i++)
        printf("            edge_error_ttl %llu %llu;\n", (unsigned long long)e[i].status.value,
               (unsigned long long)(e[i].ttl.at != NULL ? e[i].ttl.value : 10));
    if (b->to->custom.read_timeout.at != NULL)
        printf("            proxy_read_timeout %llus;\n",
               (unsigned long long)b->to->custom.read_timeout.value);
}

static void put_origin_side(const settings_model *m, const settings_desk *desk,
                            const settings_behavior *b, size_t number)
{
    const settings_key *key = &b->cache->key;
    const settings_request_policy *p = b->request;

    printf(
        "    # the origin's side of \"%.*s\"\n    server {\n        listen unix:%s/origin-%zu.sock;\n",
        EDGEFN_FMT(pattern_of(b)), desk->dir, number);
    puts(
        "        set_real_ip_from unix:;\n        real_ip_header X-Edge-Viewer;\n"
        "        large_client_header_buffers 4 64k; # includes what the viewers' side and its function add\n        access_log off;");
    put_common(m, desk);
    puts(
        "        proxy_buffer_size 36k;\n        proxy_buffers 8 36k;\n        proxy_busy_buffers_size 72k;\n"
        "        proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset;\n        location / {");
    put_function(m, desk, b, EDGEFN_ORIGIN_REQUEST);
    put_function(m, desk, b, EDGEFN_ORIGIN_RESPONSE);
    puts("            edge_request_id $http_x_amz_cf_id;");
    if (chooses(m, b)) puts("            edge_chosen_origin $http_x_edge_origin;");
    put_origin(b->to, desk);
    put_union("headers", subset_of(&key->headers), subset_of(p != NULL ? &p->headers : NULL));
    put_union("cookies", subset_of(&key->cookies), subset_of(p != NULL ? &p->cookies : NULL));
    put_union("query", subset_of(&key->query), subset_of(p != NULL ? &p->query : NULL));
    put_cloudfront(b->cache, p);
    put_times(m, b);
    puts(
        "            proxy_pass $edge_scheme://$edge_server$edge_origin_uri; # the origin that the function chose\n"
        "            proxy_ssl_server_name on;\n            proxy_ssl_name $edge_origin_host;\n"
        "            proxy_set_header Connection $edge_upgrade;\n            proxy_set_header Upgrade $edge_websocket;\n            proxy_set_header Host $http_host;\n            proxy_set_header X-Edge-Viewer \"\";\n        }\n    }\n");
}

/*--- where origins are -------------------------------------------------------------------------------------------------------*/

/* Prints the address of an origin on this machine. Returns: false, without printing, if it is found by its name. */
static bool put_address(const settings_origin *o, size_t number, const settings_desk *desk)
{
    bool https = by_https(o, desk);

    if (o->directory.s.ptr != NULL)
        printf("unix:%s/directory-%zu%s.sock", desk->dir, number, https ? "-tls" : "");
    else if (edgefn_str_eq(o->address.s, EDGEFN_S("desk")))
        printf("unix:%s/site%s.sock", desk->dir, https ? "-tls" : "");
    else if (o->address.s.ptr != NULL)
        put_part(o->address.s, false);
    else if (edgefn_str_eq(o->domain.s, EDGEFN_S("localhost")))
        printf("127.0.0.1:%u", port_of(o, https));
    else
        return false;
    return true;
}

static bool has_address(const settings_origin *o)
{
    return o->directory.s.ptr != NULL || o->address.s.ptr != NULL
           || edgefn_str_eq(o->domain.s, EDGEFN_S("localhost"));
}

/* A domain in a regular expression. */
static void put_domain(edgefn_str s)
{
    fputs("        \"~*^", stdout);
    for (size_t i = 0; i < s.len; i++)
        printf(s.ptr[i] == '.' ? "[%c]" : "%c", s.ptr[i]);
    fputs("(:[0-9]+)?$\"", stdout);
}

static void put_others(const settings_desk *desk, bool usual)
{
    const settings_row *others = desk->others.items;

    for (size_t i = 0; i < desk->others.len; i++) {
        if ((others[i].table.s.ptr != NULL) != usual) continue;
        put_domain(others[i].key.s);
        printf(" edge_other_%zu;\n", i);
    }
}

static void put_servers(const settings_model *m, const settings_desk *desk)
{
    const settings_origin *o = m->origins.items;
    const settings_row *others = desk->others.items;

    for (size_t i = 0; i < m->origins.len; i++) {
        if (!has_address(&o[i])) continue;
        printf("    upstream edge_origin_%zu { server \"", i);
        put_address(&o[i], i, desk);
        puts("\"; keepalive 8; keepalive_timeout 4s; }"); /* Node.js closes after 5 */
    }
    for (size_t i = 0; i < desk->others.len; i++)
        printf("    upstream edge_other_%zu { server %.*s; keepalive 8; keepalive_timeout 4s; }\n",
               i, EDGEFN_FMT(others[i].value.s));
    puts("    map $edge_origin_host $edge_server {");
    put_others(desk, false);
    for (size_t i = 0; i < m->origins.len; i++) {
        if (!has_address(&o[i])) continue;
        put_domain(o[i].domain.s);
        printf(" edge_origin_%zu;\n", i);
    }
    put_others(desk, true);
    if (!desk->any) {
        puts("        default $edge_origin_host;\n    }\n"
             "    map $edge_origin_scheme $edge_scheme { default $edge_origin_scheme; }");
        return;
    }
    bool tls = desk->certificate != NULL;
    printf("        default edge_any_$edge_scheme;\n    }\n"
           "    map $edge_origin_scheme $edge_scheme { default %s; }\n"
           "    upstream edge_any_http { server unix:%s/site.sock; }\n"
           "    upstream edge_any_https { server unix:%s/site-tls.sock; }\n",
           tls ? "$edge_origin_scheme" : "http", desk->dir, desk->dir);
}

/* A directory is served as a bucket of S3: no index pages, and 403 for what is missing is a 404 here. */
static void put_directories(const settings_model *m, const settings_desk *desk)
{
    const settings_origin *o = m->origins.items;

    for (size_t i = 0; i < m->origins.len; i++) {
        if (o[i].directory.s.ptr == NULL) continue;
        printf("    server {\n        listen unix:%s/directory-%zu.sock;\n", desk->dir, i);
        if (desk->certificate != NULL)
            printf(
                "        listen unix:%s/directory-%zu-tls.sock ssl;\n        ssl_certificate \"%s\";\n        ssl_certificate_key \"%s\";\n",
                desk->dir, i, desk->certificate, desk->certificate);
        printf("        access_log off;\n        root");
        put_quoted(o[i].directory.s, true);
        puts(";\n        index edgefn.has.no.index;\n"
             "        error_page 403 =404 @missing;\n"
             "        location @missing { return 404; }\n    }");
    }
}

void settings_print(const settings_model *m, const settings_desk *desk)
{
    const settings_behavior *b = m->behaviors.items;

    puts(
        "    # CloudFront normalizes Accept-Encoding: so the cache has few variants of a page, not hundreds\n"
        "    map $http_accept_encoding $edge_gzip { ~*gzip gzip; default \"\"; }\n"
        "    map $http_accept_encoding $edge_brotli { \"~*(^|[ ,])br($|[ ,;])\" br; default \"\"; }\n"
        "    map \"$edge_brotli $edge_gzip\" $edge_both { \"br gzip\" \"br,gzip\"; \"br \" br; \" gzip\" gzip; default \"\"; }\n"
        "    map $http_upgrade $edge_websocket { ~*^websocket$ websocket; default \"\"; }\n"
        "    map $http_upgrade $edge_upgrade { ~*^websocket$ upgrade; default \"\"; }\n"
        "    geo $edge_dollar { default \"$\"; } # a word of a configuration cannot have one otherwise");
    put_servers(m, desk);
    puts("");
    put_viewers(m, desk);
    for (size_t i = 0; i < m->behaviors.len; i++)
        put_origin_side(m, desk, &b[i], i + 1);
    put_origin_side(m, desk, &m->normal, 0);
    put_directories(m, desk);
}

/*--- origins, for functions that choose one ----------------------------------------------------------------------------*/

static void put_encoded(edgefn_str s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '\0' && strchr(plain, s.ptr[i]) != NULL)
            putchar(s.ptr[i]);
        else
            printf("%%%02X", (unsigned)(unsigned char)s.ptr[i]);
    }
}

static void put_member(const char *name, edgefn_str value)
{
    printf(" %s=", name);
    put_encoded(value);
}

void settings_print_origins(const settings_model *m, const settings_desk *desk)
{
    const settings_origin *o = m->origins.items;

    for (size_t i = 0; i < m->origins.len; i++, o++) {
        const settings_header *h = o->headers.items;
        bool https = by_https(o, desk);
        printf("%.*s\tkind=%s protocol=%s port=%u headers=none", EDGEFN_FMT(o->id.s),
               o->s3.at != NULL && https ? "s3" : "custom", https ? "https" : "http",
               port_of(o, https));
        put_member("domain", o->domain.s);
        put_member("host", o->domain.s);
        put_member("path", o->path.s.ptr != NULL ? o->path.s : EDGEFN_S(""));
        for (size_t k = 0; k < o->headers.len; k++) {
            put_member("header", h[k].name.s);
            putchar(':');
            put_encoded(h[k].value.s);
        }
        putchar('\n');
    }
}

/*--- the start page ------------------------------------------------------------------------------------------------------------*/

enum { SETTINGS_PATH = 600 }; /* a longer path is not tried */

static void add_member(cli_bytes *to, const char *name, edgefn_str value)
{
    cli_add_z(to, name);
    cli_add_json(to, value.ptr != NULL ? value : EDGEFN_S(""));
}

static void add_behavior(cli_bytes *to, const settings_model *m, const settings_behavior *b)
{
    add_member(to, "{ \"pattern\": ", pattern_of(b));
    add_member(to, ", \"origin\": ", b->to->domain.s);
    add_member(to, ", \"cache\": ", b->cache->name.s);
    add_member(to, ", \"request\": ", b->request != NULL ? b->request->name.s : EDGEFN_S(""));
    add_member(to, ", \"response\": ", b->response != NULL ? b->response->name.s : EDGEFN_S(""));
    cli_add_z(to, ", \"functions\": [");
    for (int type = EDGEFN_VIEWER_REQUEST, n = 0; type <= EDGEFN_VIEWER_RESPONSE; type++) {
        const settings_trigger *t = &b->triggers[type];
        if (t->function == 0) continue;
        add_member(to, n++ > 0 ? ", { \"type\": " : "{ \"type\": ", edgefn_cstr(type_names[type]));
        add_member(to,
                   ", \"name\": ", settings_function_name(m->functions[t->function - 1].resolved));
        add_member(to,
                   ", \"dialect\": ", t->functions ? EDGEFN_S("functions") : EDGEFN_S("lambda"));
        cli_add_z(to, " }");
    }
    cli_add_z(to, "] }");
}

/* Reports whether AWS's pattern matches a path. */
static bool pattern_matches(edgefn_str pattern, const char *path)
{
    char text[300];
    bool rooted =
        edgefn_str_starts(pattern, EDGEFN_S("/")) || edgefn_str_starts(pattern, EDGEFN_S("*"));
    const char *slash = rooted ? "" : "/";

    snprintf(text, sizeof text, "%s%.*s", slash, EDGEFN_FMT(pattern));
    return fnmatch(text, path, FNM_NOESCAPE) == 0;
}

/* Reports whether a path belongs to the cache behaviour `number`, and not to one before it. */
static bool is_for(const settings_model *m, size_t number, const char *path)
{
    const settings_behavior *b = m->behaviors.items;

    for (size_t i = 0; i < number; i++)
        if (pattern_matches(b[i].pattern.s, path)) return false;
    return number == m->behaviors.len || pattern_matches(b[number].pattern.s, path);
}

/* A path that matches a pattern: word is put for each '*', 'x' for each '?'. */
static void fill_pattern(edgefn_str pattern, const char *word, char path[SETTINGS_PATH])
{
    size_t len = 0;

    if (!edgefn_str_starts(pattern, EDGEFN_S("/"))) path[len++] = '/';
    for (size_t i = 0; i < pattern.len && len + 20 < SETTINGS_PATH; i++) {
        if (pattern.ptr[i] == '*')
            len += (size_t)snprintf(path + len, 20, "%s", word);
        else
            path[len++] = pattern.ptr[i] == '?' ? 'x' : pattern.ptr[i];
    }
    path[len] = '\0';
}

/* Letters, digits, '.', '_' and '-': a path needs no escapes for them. */
static bool is_plain_name(const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    return name[0] != '.' && strspn(name, plain) == strlen(name);
}

/* A search for a file that a cache behaviour serves from a directory. */
typedef struct file_search {
    const settings_model *m;
    size_t number; /* of the behaviour */
    edgefn_str directory;
    unsigned left; /* how many names are still looked at */
    char *path;    /* of SETTINGS_PATH bytes */
} file_search;

/* Finds the first one, in the order of names, below a directory or its directories. at: where, from the top, with '/' at the end. */
static bool find_file(file_search *s, const char *at)
{
    char full[SETTINGS_PATH * 2];
    struct dirent **names = NULL;
    struct stat file;
    bool found = false;

    snprintf(full, sizeof full, "%.*s%s", EDGEFN_FMT(s->directory), at);
    int count = scandir(full, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char below[SETTINGS_PATH];
        int len = snprintf(below, sizeof below, "%s%s", at, names[i]->d_name);
        bool usable = !found && is_plain_name(names[i]->d_name) && len < SETTINGS_PATH - 1;
        if (usable && s->left > 0) {
            s->left--;
            snprintf(full, sizeof full, "%.*s%s", EDGEFN_FMT(s->directory), below);
            usable = lstat(full, &file) == 0;
        } else
            usable = false;
        if (usable && S_ISDIR(file.st_mode)) {
            strcpy(below + len, "/");
            found = find_file(s, below);
        } else if (usable && is_for(s->m, s->number, below)) {
            strcpy(s->path, below);
            found = true;
        }
        free(names[i]);
    }
    free(names);
    return found;
}

/* Something that can be tried with a cache behaviour. */
static void example_path(const settings_model *m, const settings_behavior *b, size_t number,
                         char path[SETTINGS_PATH])
{
    static const char *const words[] = { "", "example", "a-page", "1", "x/y", "Z" };

    file_search search = { m, number, b->to->directory.s, 2000, path };
    bool files = search.directory.ptr != NULL && search.directory.len < SETTINGS_PATH;
    if (files && find_file(&search, "/")) return;
    bool any = b->pattern.s.ptr == NULL;
    for (size_t i = any ? 0 : 1; i < sizeof words / sizeof words[0]; i++) {
        fill_pattern(pattern_of(b), words[i], path);
        if (is_for(m, number, path)) return;
    }
    fill_pattern(pattern_of(b), "example", path);
}

static void add_try(cli_bytes *to, const settings_model *m, const settings_behavior *b,
                    size_t number)
{
    char path[SETTINGS_PATH];
    bool plain = edgefn_str_eq(b->protocol.s, EDGEFN_S("allow-all")), any = false;
    cli_bytes about = { 0 };

    example_path(m, b, number, path);
    for (int type = EDGEFN_VIEWER_REQUEST; type <= EDGEFN_VIEWER_RESPONSE; type++) {
        const settings_trigger *t = &b->triggers[type];
        if (t->function == 0) continue;
        edgefn_str name = settings_function_name(m->functions[t->function - 1].resolved);
        cli_add_z(&about, any ? ", " : "");
        cli_add_z(&about, type_names[type]);
        cli_add_z(&about, ": ");
        cli_add(&about, name.ptr, name.len);
        any = true;
    }
    add_member(
        to, "{ method: \"GET\", headers: {}, body: \"\", shows: \"\", target: ", edgefn_cstr(path));
    add_member(to, ", scheme: ", plain ? EDGEFN_S("http") : EDGEFN_S("https"));
    add_member(to, ", about: ", any ? cli_str(&about) : EDGEFN_S("no function"));
    cli_add_z(to, " }");
    cli_free(&about);
}

void settings_print_page(const settings_model *m)
{
    const settings_behavior *b = m->behaviors.items;
    cli_bytes out = { 0 };

    cli_add_z(
        &out,
        "window.edge.tries = [ // in place of those of recipes, which may be for other paths\n  ");
    for (size_t i = 0; i < m->behaviors.len; i++) {
        add_try(&out, m, &b[i], i);
        cli_add_z(&out, ",\n  ");
    }
    add_try(&out, m, &m->normal, m->behaviors.len);
    cli_add_z(&out, "\n];\nwindow.edge.behaviors = [\n  ");
    for (size_t i = 0; i < m->behaviors.len; i++) {
        add_behavior(&out, m, &b[i]);
        cli_add_z(&out, ",\n  ");
    }
    add_behavior(&out, m, &m->normal);
    cli_add_z(&out, "\n];\n");
    if (!out.failed) fwrite(out.ptr, 1, out.len, stdout);
    cli_free(&out);
}
