/* proxy_handler.c - for tests/hosts/proxy.py: does what the X-Do headers of the request say, and
   records the events it receives.

   X-Do: EVENT VERB [WORD...]
       Words are percent-encoded and separated by one space: "viewer-request set X-A a%20value".
       Headers, cookies and body are those of the response as soon as there is one. If a verb
       fails, the handler fails.
   TRACE_FILE (a macro)
       For each request with a header X-Test this file gets one line per event: pairs NAME=VALUE,
       form-encoded.
   VERSION (a macro)
       The value that the verb "version" sets, which shows what handler runs after a reload. */
#include "edgefn.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define S EDGEFN_S
#ifndef VERSION
#  define VERSION "1"
#endif

/*--- recording events -------------------------------------------------------------------------------------------------*/

typedef struct line {
    char *ptr;
    size_t len, cap;
} line;

static void put(line *l, edgefn_str s)
{
    static const char hex[] = "0123456789ABCDEF";

    if (l->len + 3 * s.len + 1 > l->cap) {
        size_t cap = 2 * (l->len + 3 * s.len + 1);
        char *more = (char *)realloc(l->ptr, cap);
        if (more == NULL) abort();
        l->ptr = more;
        l->cap = cap;
    }
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
            || c == '.' || c == '/') {
            l->ptr[l->len++] = (char)c;
        } else {
            l->ptr[l->len++] = '%';
            l->ptr[l->len++] = hex[c >> 4];
            l->ptr[l->len++] = hex[c & 15];
        }
    }
}

static void pair(line *l, const char *prefix, edgefn_str name, edgefn_str value)
{
    if (value.ptr == NULL) return;
    put(l, edgefn_cstr(prefix));
    put(l, name);
    l->ptr[l->len++] = '='; /* put() leaves room for one more */
    put(l, value);
    l->ptr[l->len++] = '&';
}

static void list(line *l, const char *prefix, const edgefn_fields *f)
{
    for (size_t i = 0; i < f->len; i++)
        pair(l, prefix, f->items[i].key.ptr ? f->items[i].key : f->items[i].name,
             f->items[i].value);
}

static void number(line *l, edgefn_event *ev, edgefn_str name, uint64_t value)
{
    pair(l, "", name, edgefn_str_from_u64(ev, value));
}

static void put_body(line *l, edgefn_event *ev, const edgefn_body *body)
{
    unsigned char digest[32];
    edgefn_str bytes = edgefn_body_decode_part(ev, body);

    if (body->data.ptr == NULL) return;
    edgefn_sha256(bytes, digest);
    pair(l, "", S("body-sha256"), edgefn_hex_encode(ev, (edgefn_str){ (char *)digest, 32 }));
    pair(l, "", S("body"), edgefn_str_take(bytes, 100));
    number(l, ev, S("body-len"), bytes.len);
    pair(l, "", S("body-encoding"),
         body->encoding == EDGEFN_ENCODING_BASE64 ? S("base64")
         : body->encoding == EDGEFN_ENCODING_TEXT ? S("text")
                                                  : S("default"));
    pair(l, "", S("body-truncated"), body->truncated ? S("true") : S("false"));
}

/* Makes the line for an event as it was received. */
static line describe(edgefn_event *ev)
{
    const edgefn_request *q = &ev->request;
    line l = { NULL, 0, 0 };

    pair(&l, "", S("event"), edgefn_cstr(edgefn_event_type_name(ev->type)));
    pair(&l, "", S("dialect"),
         ev->dialect == EDGEFN_DIALECT_FUNCTIONS ? S("functions") : S("lambda"));
    pair(&l, "", S("request-id"), ev->request_id);
    pair(&l, "", S("domain"), ev->domain);
    pair(&l, "", S("distribution"), ev->distribution_id);
    pair(&l, "", S("method"), q->method);
    pair(&l, "", S("uri"), q->uri);
    pair(&l, "", S("query"), edgefn_query_text(ev));
    pair(&l, "", S("client-ip"), q->client_ip);
    pair(&l, "", S("origin"),
         q->origin.kind == EDGEFN_ORIGIN_CUSTOM ? S("custom")
         : q->origin.kind == EDGEFN_ORIGIN_S3   ? S("s3")
                                                : S("none"));
    pair(&l, "", S("origin-domain"), q->origin.domain);
    pair(&l, "", S("origin-path"), q->origin.path);
    number(&l, ev, S("origin-port"), q->origin.port);
    list(&l, "origin:", &q->origin.headers);
    list(&l, "request:", &q->headers);
    list(&l, "cookie:", edgefn_cookies(ev));
    number(&l, ev, S("status"), ev->response.status);
    pair(&l, "", S("status-text"), ev->response.status_text);
    list(&l, "response:", &ev->response.headers);
    number(&l, ev, S("now"), (uint64_t)ev->env->now_s);
    pair(&l, "", S("draw"), ev->env->has_random ? S("true") : S("false"));
    pair(&l, "", S("random"), edgefn_random_text(ev, S("test")));
    put_body(&l, ev, edgefn_is_request(ev) ? &q->body : &ev->response.body);
    l.ptr[l.len - 1] = '\n';
    return l;
}

/* Writes the line. If memory ran out it is not written, because the event will come again with
   more memory, up to 64 MB (EDGEHOST_SCRATCH_MAX). Returns false on failure, because a test
   without its trace would test nothing. */
static bool trace(const edgefn_event *ev, const line *l)
{
    bool ok = true;
#ifdef TRACE_FILE
    if (ev->err.code != EDGEFN_E_OOM || ev->arena.cap >= 64 << 20) {
        int fd = open(TRACE_FILE, O_WRONLY | O_APPEND | O_CLOEXEC);
        /* in one call, so that lines of several processes do not mix */
        ok = fd >= 0 && write(fd, l->ptr, l->len) == (ssize_t)l->len;
        if (fd >= 0) close(fd);
    }
#else
    (void)ev, (void)l;
#endif
    return ok;
}

/*--- the verbs --------------------------------------------------------------------------------------------------------*/

/* Returns n bytes that change if one is lost. */
static edgefn_str pattern(edgefn_event *ev, uint64_t n)
{
    char *p = (char *)edgefn_alloc(ev, (size_t)n, 1);

    if (p == NULL) return EDGEFN_ABSENT;
    for (size_t i = 0; i < n; i++)
        p[i] = (char)('a' + i % 23);
    return (edgefn_str){ p, (size_t)n };
}

static bool do_headers(edgefn_event *ev, edgefn_str verb, const edgefn_str *w)
{
    edgefn_fields *headers =
        ev->response.status != 0 ? &ev->response.headers : &ev->request.headers;
    uint64_t n = edgefn_str_to_u64(w[1]).value;

    if (edgefn_str_eq(verb, S("set"))) return edgefn_set(headers, w[0], w[1].ptr ? w[1] : S(""));
    if (edgefn_str_eq(verb, S("add"))) return edgefn_add(headers, w[0], w[1].ptr ? w[1] : S(""));
    /* in memory that the next call overwrites */
    if (edgefn_str_eq(verb, S("set-static"))) {
        static char memory[100];
        edgefn_str value = edgefn_str_take(w[1], sizeof memory);
        memcpy(memory, value.ptr, value.len);
        return edgefn_set(headers, w[0], (edgefn_str){ memory, value.len });
    }
    if (edgefn_str_eq(verb, S("remove")))
        return edgefn_has(headers, w[0]) && edgefn_remove(headers, w[0]);
    if (edgefn_str_eq(verb, S("log"))) return edgefn_log(ev, w[0]), true;
    if (edgefn_str_eq(verb, S("fill"))) return edgefn_set(headers, w[0], pattern(ev, n));
    if (edgefn_str_eq(verb, S("version"))) return edgefn_set(headers, S("X-Version"), S(VERSION));
    if (edgefn_str_eq(verb, S("lookup"))) {
        edgefn_str value = edgefn_lookup(ev, w[0], w[1]);
        return edgefn_set(headers, w[2], value.ptr ? value : S("absent"));
    }
    if (edgefn_str_eq(verb, S("token"))) { /* of the header X-Token */
        edgefn_jwt_opts opts = { .rs256 = true, .es256 = true };
        edgefn_str token = edgefn_get(&ev->request.headers, S("x-token"));
        edgefn_jwt jwt = edgefn_jwt_verify(ev, token, &opts);
        return edgefn_set(headers, S("X-Value"), jwt.ok ? S("valid") : edgefn_cstr(jwt.why));
    }
    if (edgefn_str_eq(verb, S("cookie"))) return edgefn_set(edgefn_cookies(ev), w[0], w[1]);
    if (edgefn_str_eq(verb, S("uncookie"))) {
        edgefn_fields *c = edgefn_cookies(ev);
        return edgefn_has(c, w[0]) && edgefn_remove(c, w[0]);
    }
    if (edgefn_str_eq(verb, S("set-cookie"))) {
        edgefn_fields *c = edgefn_response_cookies(ev);
        return edgefn_add(c, w[0], w[1])
               && (w[2].ptr == NULL || edgefn_set_attributes_at(c, c->len - 1, w[2]));
    }
    return edgefn_fail(ev, EDGEFN_E_OPTIONS, verb);
}

static bool do_answer(edgefn_event *ev, edgefn_str verb, const edgefn_str *w)
{
    edgefn_respond_opts opts = { .content_type = S("text/plain") };
    uint64_t n = edgefn_str_to_u64(w[0]).value, m = edgefn_str_to_u64(w[1]).value;

    if (edgefn_str_eq(verb, S("respond"))) { /* STATUS [BODY [MAX-AGE]] */
        opts.body = w[1];
        opts.cache_max_age_s = (uint32_t)edgefn_str_to_u64(w[2]).value;
        return edgefn_respond(ev, (uint32_t)n, &opts);
    }
    if (edgefn_str_eq(verb, S("respond-fill"))) {
        opts.body = pattern(ev, m);
        return edgefn_respond(ev, (uint32_t)n, &opts);
    }
    if (edgefn_str_eq(verb, S("redirect")))
        return edgefn_redirect_to(ev, w[1], &(edgefn_redirect_to_opts){ .status = (uint32_t)n });
    if (edgefn_str_eq(verb, S("status"))) return edgefn_status_set(ev, (uint32_t)n, w[1]);
    if (edgefn_str_eq(verb, S("status-raw"))) return ev->response.status = (uint32_t)n, true;
    if (edgefn_str_eq(verb, S("body")))
        return edgefn_body_replace(ev, w[0].ptr ? w[0] : S(""), EDGEFN_ENCODING_DEFAULT);
    if (edgefn_str_eq(verb, S("body-base64")))
        return edgefn_body_replace(ev, w[0], EDGEFN_ENCODING_BASE64);
    if (edgefn_str_eq(verb, S("body-fill")))
        return edgefn_body_replace(ev, pattern(ev, n), EDGEFN_ENCODING_DEFAULT);
    if (edgefn_str_eq(verb, S("body-drop"))) return edgefn_body_drop(ev);
    return do_headers(ev, verb, w);
}

static bool do_request(edgefn_event *ev, edgefn_str verb, const edgefn_str *w)
{
    edgefn_request *q = &ev->request;
    edgefn_str some = w[0].ptr ? w[0] : S("");
    uint32_t n = (uint32_t)edgefn_str_to_u64(w[1]).value;

    if (edgefn_str_eq(verb, S("uri"))) return q->uri = some, true;
    if (edgefn_str_eq(verb, S("query"))) return edgefn_query_set_raw(ev, some);
    if (edgefn_str_eq(verb, S("parameter"))) return edgefn_set(edgefn_query(ev), w[0], w[1]);
    if (edgefn_str_eq(verb, S("normalize"))) return edgefn_query_normalize(ev, NULL);
    if (edgefn_str_eq(verb, S("method"))) return q->method = some, true;
    if (edgefn_str_eq(verb, S("client-ip"))) return q->client_ip = some, true;
    if (edgefn_str_eq(verb, S("origin"))) /* DOMAIN PORT [PATH] */
        return edgefn_origin_custom(
            ev, &(edgefn_origin_opts){ .domain = w[0], .port = n, .path = w[2], .http = true });
    if (edgefn_str_eq(verb, S("origin-https")))
        return edgefn_origin_custom(
            ev, &(edgefn_origin_opts){ .domain = w[0], .port = n, .path = w[2] });
    if (edgefn_str_eq(verb, S("origin-s3")))
        return edgefn_origin_s3(ev, &(edgefn_origin_opts){ .domain = w[0] });
    if (edgefn_str_eq(verb, S("origin-domain"))) return q->origin.domain = some, true;
    if (edgefn_str_eq(verb, S("origin-port")))
        return q->origin.port = (uint32_t)edgefn_str_to_u64(w[0]).value, true;
    if (edgefn_str_eq(verb, S("origin-path"))) return q->origin.path = some, true;
    if (edgefn_str_eq(verb, S("origin-header"))) return edgefn_set(&q->origin.headers, w[0], w[1]);
    return do_answer(ev, verb, w);
}

static bool obey(edgefn_event *ev, edgefn_str verb, const edgefn_str *w)
{
    if (edgefn_str_eq(verb, S("fail"))) return false;
    if (edgefn_str_eq(verb, S("reason"))) return edgefn_fail(ev, EDGEFN_E_HANDLER, w[0]);
    if (edgefn_str_eq(verb, S("eat"))) {
        while (edgefn_alloc(ev, 1 << 20, 1) != NULL)
            continue;
        return false;
    }
    if (edgefn_str_eq(verb, S("hang"))) {
        for (volatile bool on = true; on;)
            continue;
    }
    if (edgefn_str_eq(verb, S("need")))
        return edgefn_alloc(ev, (size_t)edgefn_str_to_u64(w[0]).value, 1) != NULL;
    return do_request(ev, verb, w);
}

static bool obey_all(edgefn_event *ev)
{
    edgefn_fields *headers = &ev->request.headers;
    edgefn_str orders[64];
    size_t count = 0;

    /* copied first, because the list moves when it is edited */
    for (size_t i = edgefn_find(headers, S("x-do"), 0); i < headers->len && count < 64;
         i = edgefn_find(headers, S("x-do"), i + 1))
        orders[count++] = headers->items[i].value;
    for (size_t i = 0; i < count; i++) {
        edgefn_str verb = { NULL, 0 }, words[4] = { { NULL, 0 } };
        edgefn_cut cut = edgefn_str_cut(orders[i], S(" "));
        if (!edgefn_str_eq(cut.head, edgefn_cstr(edgefn_event_type_name(ev->type)))) continue;
        cut = edgefn_str_cut(cut.tail, S(" "));
        verb = cut.head;
        for (size_t n = 0; cut.found && n < 4; n++) {
            cut = edgefn_str_cut(cut.tail, S(" "));
            words[n] = edgefn_percent_decode(ev, cut.head, false);
        }
        if (!obey(ev, verb, words)) return false;
    }
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    if (!edgefn_has(&ev->request.headers, S("x-test"))) return obey_all(ev);

    line l = describe(ev);
    bool ok = ev->err.code == EDGEFN_OK && obey_all(ev);
    if (!trace(ev, &l)) ok = edgefn_fail(ev, EDGEFN_E_HANDLER, S("the trace cannot be written"));
    free(l.ptr);
    return ok;
}
