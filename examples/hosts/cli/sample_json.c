/* sample_json.c - writes a sample event as CloudFront would. */
#include "sample.h"
#include <string.h>

bool sample_push(pairs *list, edgefn_str name, edgefn_str value, bool given)
{
    if (list->len == MAX_PAIRS) return false;
    list->items[list->len++] = (pair){ .name = name, .value = value, .given = given };
    return true;
}

static void add_member(cli_bytes *b, const char *name, edgefn_str value)
{
    cli_add_z(b, name); /* with its punctuation */
    cli_add_json(b, value);
}

/* Adds `"a":"x","b":"y"` for the members that are present. */
static void add_config(cli_bytes *b, const sample *s)
{
    const edgefn_str values[] = { s->domain, s->distribution_id, edgefn_cstr(s->type),
                                  s->request_id };
    static const char *const names[] = { "\"distributionDomainName\":", "\"distributionId\":",
                                         "\"eventType\":", "\"requestId\":" };

    for (size_t i = 0, count = 0; i < sizeof values / sizeof values[0]; i++) {
        if (values[i].ptr == NULL) continue;
        if (count++ > 0) cli_add_z(b, ",");
        add_member(b, names[i], values[i]);
    }
}

static void add_lower(cli_bytes *b, edgefn_str name)
{
    cli_add_z(b, "\"");
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        cli_add(b, &c, 1);
    }
    cli_add_z(b, "\"");
}

static bool same_name(edgefn_str a, edgefn_str b, bool is_header)
{
    return is_header ? edgefn_str_ieq(a, b) : edgefn_str_eq(a, b);
}

/* Lambda@Edge: {"host":[{"key":"Host","value":"..."}],...} */
static void add_lambda_headers(cli_bytes *b, pairs *list)
{
    cli_add_z(b, "{");
    for (size_t i = 0; i < list->len; i++) {
        if (list->items[i].done) continue;
        if (b->ptr && b->ptr[b->len - 1] != '{') cli_add_z(b, ",");
        add_lower(b, list->items[i].name);
        cli_add_z(b, ":[");
        for (size_t k = i; k < list->len; k++) {
            pair *p = &list->items[k];
            if (!edgefn_str_ieq(p->name, list->items[i].name)) continue;
            cli_add_z(b, k == i ? "{\"key\":" : ",{\"key\":");
            cli_add_json(b, p->name);
            cli_add_z(b, ",\"value\":");
            cli_add_json(b, p->value);
            cli_add_z(b, "}");
            p->done = true;
        }
        cli_add_z(b, "]");
    }
    cli_add_z(b, "}");
}

static void add_functions_value(cli_bytes *b, const pair *p)
{
    cli_add_z(b, "\"value\":");
    cli_add_json(b, p->value);
    if (p->attributes.ptr) {
        cli_add_z(b, ",\"attributes\":");
        cli_add_json(b, p->attributes);
    }
}

/* CloudFront Functions: {"host":{"value":"..."},"a":{"value":"1","multiValue":[{"value":"1"},{"value":"2"}]}} */
static void add_functions_list(cli_bytes *b, pairs *list, bool is_header)
{
    cli_add_z(b, "{");
    for (size_t i = 0; i < list->len; i++) {
        const pair *first = &list->items[i];
        size_t count = 0;
        if (first->done) continue;
        if (b->ptr && b->ptr[b->len - 1] != '{') cli_add_z(b, ",");
        if (is_header)
            add_lower(b, first->name);
        else
            cli_add_json(b, first->name);
        cli_add_z(b, ":{");
        add_functions_value(b, first);
        for (size_t k = i; k < list->len; k++)
            count += same_name(list->items[k].name, first->name, is_header);
        if (count > 1) cli_add_z(b, ",\"multiValue\":[");
        for (size_t k = i; k < list->len; k++) {
            pair *p = &list->items[k];
            if (!same_name(p->name, first->name, is_header)) continue;
            p->done = true;
            if (count == 1) continue;
            cli_add_z(b, k == i ? "{" : ",{");
            add_functions_value(b, p);
            cli_add_z(b, "}");
        }
        cli_add_z(b, count > 1 ? "]}" : "}");
    }
    cli_add_z(b, "}");
}

static void add_base64(cli_bytes *b, edgefn_str text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)text.ptr;

    for (size_t left = text.len; left > 0;) {
        size_t n = left < 3 ? left : 3;
        uint32_t bits =
            (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
        char out[4] = { digits[bits >> 18], digits[bits >> 12 & 63],
                        n > 1 ? digits[bits >> 6 & 63] : '=', n > 2 ? digits[bits & 63] : '=' };
        cli_add(b, out, 4);
        p += n, left -= n;
    }
}

static void add_origin(cli_bytes *b, const sample *s)
{
    if (s->s3) {
        cli_add_z(b, ",\"origin\":{\"s3\":{\"authMethod\":\"none\",\"customHeaders\":{}");
        add_member(b, ",\"domainName\":", s->origin);
        cli_add_z(
            b,
            ",\"path\":\"\",\"readTimeout\":30,\"region\":\"\",\"responseCompletionTimeout\":0}}");
    } else {
        cli_add_z(b, ",\"origin\":{\"custom\":{\"customHeaders\":{}");
        add_member(b, ",\"domainName\":", s->origin);
        cli_add_z(
            b,
            ",\"keepaliveTimeout\":5,\"path\":\"\",\"port\":443,\"protocol\":\"https\",\"readTimeout\":30,"
            "\"responseCompletionTimeout\":60,\"sslProtocols\":[\"TLSv1.2\"]}}");
    }
}

/* Lambda@Edge passes all cookies in one header. */
static bool add_cookie_header(sample *s, cli_bytes *joined)
{
    for (size_t i = 0; i < s->cookies.len; i++) {
        const pair *p = &s->cookies.items[i];
        if (i > 0) cli_add_z(joined, "; ");
        cli_add(joined, p->name.ptr, p->name.len);
        cli_add_z(joined, "=");
        cli_add(joined, p->value.ptr, p->value.len);
    }
    return joined->len == 0 || sample_push(&s->request, EDGEFN_S("Cookie"), cli_str(joined), true);
}

bool sample_lambda(cli_bytes *b, sample *s, cli_bytes *cookie)
{
    char status[16];

    if (!add_cookie_header(s, cookie)) return false;
    cli_add_z(b, "{\"Records\":[{\"cf\":{\"config\":{");
    add_config(b, s);
    cli_add_z(b, "},\"request\":{");
    if (s->body.ptr) {
        cli_add_z(b, "\"body\":{\"action\":\"read-only\",\"data\":\"");
        add_base64(b, s->body);
        cli_add_z(b, s->truncated ? "\",\"encoding\":\"base64\",\"inputTruncated\":true},"
                                  : "\",\"encoding\":\"base64\",\"inputTruncated\":false},");
    }
    if (s->client_ip.ptr) {
        add_member(b, "\"clientIp\":", s->client_ip);
        cli_add_z(b, ",");
    }
    cli_add_z(b, "\"headers\":");
    add_lambda_headers(b, &s->request);
    add_member(b, ",\"method\":", s->method);
    if ((s->kind & ORIGIN) && s->origin.ptr) add_origin(b, s);
    add_member(b, ",\"querystring\":", s->query);
    add_member(b, ",\"uri\":", s->uri);
    cli_add_z(b, "}");
    if (s->kind & RESPONSE) {
        cli_add_z(b, ",\"response\":{\"headers\":");
        add_lambda_headers(b, &s->response);
        snprintf(status, sizeof status, "%u", (unsigned)s->status);
        add_member(b, ",\"status\":", edgefn_cstr(status));
        cli_add_z(b, ",\"statusDescription\":");
        cli_add_json(b, s->status_text);
        cli_add_z(b, "}");
    }
    cli_add_z(b, "}}]}");
    return true;
}

/* Splits "a=1&b" into pairs; one without '=' has the value "". trim: drops the spaces around a
   pair. Returns: false when there are too many. */
static bool split_pairs(pairs *list, edgefn_str text, edgefn_str separator, bool trim)
{
    while (text.len > 0) {
        edgefn_cut piece = edgefn_str_cut(text, separator);
        edgefn_str one = trim ? edgefn_str_trim(piece.head) : piece.head;
        edgefn_cut cut = edgefn_str_cut(one, EDGEFN_S("="));
        edgefn_str value = cut.found ? cut.tail : EDGEFN_S("");
        if (one.len > 0 && !sample_push(list, cut.head, value, true)) return false;
        text = piece.found ? piece.tail : EDGEFN_S("");
    }
    return true;
}

bool sample_split_cookies(pairs *list, edgefn_str text)
{
    return split_pairs(list, text, EDGEFN_S(";"), true);
}

bool sample_functions(cli_bytes *b, sample *s)
{
    char status[32];

    if (!split_pairs(&s->parameters, s->query, EDGEFN_S("&"), false)) return false;
    cli_add_z(b, "{\"version\":\"1.0\",\"context\":{");
    add_config(b, s);
    cli_add_z(b, "},\"viewer\":{");
    if (s->client_ip.ptr) add_member(b, "\"ip\":", s->client_ip);
    add_member(b, "},\"request\":{\"method\":", s->method);
    add_member(b, ",\"uri\":", s->uri);
    cli_add_z(b, ",\"querystring\":");
    add_functions_list(b, &s->parameters, false);
    cli_add_z(b, ",\"headers\":");
    add_functions_list(b, &s->request, true);
    cli_add_z(b, ",\"cookies\":");
    add_functions_list(b, &s->cookies, false);
    cli_add_z(b, "}");
    if (s->kind & RESPONSE) {
        snprintf(status, sizeof status, ",\"response\":{\"statusCode\":%u", (unsigned)s->status);
        cli_add_z(b, status);
        cli_add_z(b, ",\"statusDescription\":");
        cli_add_json(b, s->status_text);
        cli_add_z(b, ",\"headers\":");
        add_functions_list(b, &s->response, true);
        cli_add_z(b, ",\"cookies\":");
        add_functions_list(b, &s->set_cookies, false);
        cli_add_z(b, "}");
    }
    cli_add_z(b, "}");
    return true;
}
