/* convert.c - edgefn convert: writes the event in the other dialect from the parsed members; unknown members are omitted.
   Conversion to CloudFront Functions loses the spelling of header names; conversion to Lambda@Edge writes "?a" as "?a=".
   Data that the other dialect cannot express is EDGEFN_E_DIALECT: no known member is dropped silently. */
#include "cli.h"
#include <stdlib.h>
#include <string.h>

/* Reports data that the other dialect cannot express. subject: if it points into the input, the error has a position. */
static bool cannot(edgefn_event *ev, edgefn_str json, const char *where, edgefn_str subject)
{
    bool inside = subject.ptr != NULL && (uintptr_t)subject.ptr >= (uintptr_t)json.ptr
                  && (uintptr_t)subject.ptr - (uintptr_t)json.ptr < json.len;

    if (ev->err.code == EDGEFN_OK)
        ev->err =
            (edgefn_err){ EDGEFN_E_DIALECT, inside ? (size_t)(subject.ptr - json.ptr) : SIZE_MAX,
                          where, subject };
    return false;
}

/*--- writing members --------------------------------------------------------------------------------------------------*/

/* Adds "name":, after a comma if one is needed. */
static void add_name(cli_bytes *b, const char *name)
{
    if (b->len > 0 && b->ptr[b->len - 1] != '{' && b->ptr[b->len - 1] != '[') cli_add_z(b, ",");
    cli_add_z(b, "\"");
    cli_add_z(b, name);
    cli_add_z(b, "\":");
}

static void add_member(cli_bytes *b, const char *name, edgefn_str value)
{
    if (value.ptr == NULL) return;
    add_name(b, name);
    cli_add_json(b, value);
}

/* The same for a name that may need escaping. */
static void add_key(cli_bytes *b, edgefn_str name)
{
    if (b->len > 0 && b->ptr[b->len - 1] != '{') cli_add_z(b, ",");
    cli_add_json(b, name);
    cli_add_z(b, ":");
}

static bool is_one_of_cookies(edgefn_str name)
{
    return edgefn_str_ieq(name, EDGEFN_S("cookie")) || edgefn_str_ieq(name, EDGEFN_S("set-cookie"));
}

static bool contains_any(edgefn_str s, const char *bytes)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == '\0' || strchr(bytes, s.ptr[i]) != NULL) return true;
    return false;
}

/* The members of config in Lambda@Edge, of context in CloudFront Functions. */
static void add_config(cli_bytes *b, const edgefn_event *ev)
{
    add_member(b, "distributionDomainName", ev->domain);
    add_member(b, "distributionId", ev->distribution_id);
    add_member(b, "eventType", edgefn_cstr(edgefn_event_type_name(ev->type)));
    add_member(b, "requestId", ev->request_id);
}

/*--- Lambda@Edge to CloudFront Functions ------------------------------------------------------------------------------*/

/* Returns: the fields sorted by name; NULL when out of memory. first_of: gets, for each position in the list, the entry
   of the first field of a name, or NULL. */
static cli_entry *grouped(const edgefn_fields *f, cli_entry ***first_of)
{
    size_t count;
    cli_entry *e = cli_entries(f, NULL, &count);

    *first_of = calloc(f->len + 1, sizeof **first_of);
    if (e == NULL || *first_of == NULL) {
        free(e);
        return NULL;
    }
    for (size_t i = 0; i < count; i += e[i].group)
        (*first_of)[e[i].at] = &e[i];
    return e;
}

static void add_value(cli_bytes *b, const edgefn_field *x)
{
    add_member(b, "value", x->value);
    add_member(b, "attributes", x->attributes);
}

static void add_item(cli_bytes *b, const cli_entry *first)
{
    add_key(b, first->field->name);
    cli_add_z(b, "{");
    add_value(b, first->field);
    if (first->group > 1) {
        add_name(b, "multiValue");
        cli_add_z(b, "[");
        for (size_t i = 0; i < first->group; i++) {
            cli_add_z(b, i ? ",{" : "{");
            add_value(b, first[i].field);
            cli_add_z(b, "}");
        }
        cli_add_z(b, "]");
    }
    cli_add_z(b, "}");
}

/* Adds a list as an object of items. */
static void add_items(cli_bytes *b, const char *name, const edgefn_fields *f, bool are_headers)
{
    cli_entry **first_of = NULL, *e = grouped(f, &first_of);

    add_name(b, name);
    cli_add_z(b, "{");
    for (size_t i = 0; e != NULL && i < f->len; i++)
        if (first_of[i] && !(are_headers && is_one_of_cookies(f->items[i].name)))
            add_item(b, first_of[i]);
    cli_add_z(b, "}");
    if (e == NULL) b->failed = true;
    free(first_of);
    free(e);
}

/* Notes on stderr what a query loses as an object: empty pairs ("a&&b"), and the position of a name that is repeated after another.
   CloudFront's own events lose the same. Returns: false when out of memory. */
static bool query_notes(edgefn_event *ev, const char *file)
{
    const edgefn_fields *q = edgefn_query(ev);
    edgefn_str text = edgefn_query_text(ev);
    cli_entry **first_of = NULL, *e = grouped(q, &first_of);
    const edgefn_field *apart = NULL;

    if (e == NULL) {
        free(first_of);
        return edgefn_fail(ev, EDGEFN_E_OOM, EDGEFN_S("convert"));
    }
    for (size_t i = 0; i < q->len; i++)
        for (size_t k = 1; k < e[i].group; k++)
            if (e[i + k].at != e[i].at + k && (apart == NULL || e[i + k].field < apart))
                apart = e[i + k].field;
    free(first_of);
    free(e);
    if (apart) {
        fprintf(stderr,
                "%s: request.querystring: the position of a repeated parameter is lost: ", file);
        cli_put_to(stderr, apart->name);
        fputc('\n', stderr);
    }
    if (text.len > 0
        && (text.ptr[0] == '&' || text.ptr[text.len - 1] == '&'
            || edgefn_str_contains(text, EDGEFN_S("&&"))))
        fprintf(stderr, "%s: request.querystring: empty parameters are omitted\n", file);
    return true;
}

static bool names_can(edgefn_event *ev, edgefn_str json, const edgefn_fields *cookies,
                      const char *where)
{
    for (size_t i = 0; i < cookies->len; i++)
        if (cookies->items[i].name.len == 0)
            return cannot(ev, json, where, cookies->items[i].value);
    return true;
}

static bool functions_can(edgefn_event *ev, edgefn_str json)
{
    if (ev->type == EDGEFN_ORIGIN_REQUEST || ev->type == EDGEFN_ORIGIN_RESPONSE)
        return cannot(ev, json, "config.eventType", edgefn_cstr(edgefn_event_type_name(ev->type)));
    if (ev->request.body.data.ptr != NULL)
        return cannot(ev, json, "request.body", edgefn_cstr(NULL));
    if (ev->request.origin.kind != EDGEFN_ORIGIN_NONE)
        return cannot(ev, json, "request.origin", ev->request.origin.domain);
    if (edgefn_has(&ev->request.headers, EDGEFN_S("set-cookie")))
        return cannot(ev, json, "request.headers.set-cookie",
                      edgefn_get(&ev->request.headers, EDGEFN_S("set-cookie")));
    if (edgefn_has(&ev->response.headers, EDGEFN_S("cookie")))
        return cannot(ev, json, "response.headers.cookie",
                      edgefn_get(&ev->response.headers, EDGEFN_S("cookie")));
    if (!names_can(ev, json, edgefn_cookies(ev), "request.headers.cookie: a cookie without a name"))
        return false;
    return ev->response.status == 0
           || names_can(ev, json, edgefn_response_cookies(ev),
                        "response.headers.set-cookie: a cookie without a name");
}

static void add_functions_response(cli_bytes *b, edgefn_event *ev)
{
    char status[16];

    snprintf(status, sizeof status, "%u", (unsigned)ev->response.status);
    add_name(b, "response");
    cli_add_z(b, "{");
    add_name(b, "statusCode");
    cli_add_z(b, status);
    add_member(b, "statusDescription", ev->response.status_text);
    add_items(b, "headers", &ev->response.headers, true);
    add_items(b, "cookies", edgefn_response_cookies(ev), false);
    if (ev->response.body.data.ptr) {
        add_name(b, "body");
        cli_add_z(b, "{");
        add_member(b, "encoding", edgefn_cstr(cli_encoding_name(ev->response.body.encoding)));
        add_member(b, "data", ev->response.body.data);
        cli_add_z(b, "}");
    }
    cli_add_z(b, "}");
}

static bool to_functions(cli_bytes *b, edgefn_event *ev, edgefn_str json, const char *file)
{
    if (!functions_can(ev, json) || !query_notes(ev, file)) return false;
    cli_add_z(b, "{\"version\":\"1.0\",\"context\":{");
    add_config(b, ev);
    cli_add_z(b, "}");
    if (ev->request.client_ip.ptr) {
        cli_add_z(b, ",\"viewer\":{");
        add_member(b, "ip", ev->request.client_ip);
        cli_add_z(b, "}");
    }
    cli_add_z(b, ",\"request\":{");
    add_member(b, "method", ev->request.method);
    add_member(b, "uri", ev->request.uri);
    add_items(b, "querystring", edgefn_query(ev), false);
    add_items(b, "headers", &ev->request.headers, true);
    add_items(b, "cookies", edgefn_cookies(ev), false);
    cli_add_z(b, "}");
    if (ev->response.status != 0) add_functions_response(b, ev);
    cli_add_z(b, "}");
    return true;
}

/*--- CloudFront Functions to Lambda@Edge ------------------------------------------------------------------------------*/

/* Adds the name as CloudFront writes it if no other spelling is known: "X-My-Id". */
static void add_spelled(cli_bytes *b, edgefn_str name)
{
    cli_bytes spelled = { 0 };

    cli_add(&spelled, name.ptr, name.len);
    for (size_t i = 0; i < spelled.len; i++)
        if ((i == 0 || name.ptr[i - 1] == '-') && name.ptr[i] >= 'a' && name.ptr[i] <= 'z')
            spelled.ptr[i] = (char)(name.ptr[i] - 32);
    add_member(b, "key", cli_str(&spelled));
    cli_free(&spelled);
}

static void open_header(cli_bytes *b, bool first, edgefn_str name)
{
    if (first) {
        add_key(b, name);
        cli_add_z(b, "[");
    } else
        cli_add_z(b, ",");
    cli_add_z(b, "{");
    add_spelled(b, name);
}

/* Adds the headers, which are grouped by name, and after them the cookies: one Cookie header, or one Set-Cookie header per cookie. */
static void add_headers(cli_bytes *b, const edgefn_fields *f, const edgefn_fields *cookies,
                        bool of_response)
{
    edgefn_str name = of_response ? EDGEFN_S("set-cookie") : EDGEFN_S("cookie");
    cli_bytes line = { 0 };

    add_name(b, "headers");
    cli_add_z(b, "{");
    for (size_t i = 0; i < f->len; i++) {
        open_header(b, i == 0 || !cli_same(f->items[i - 1].name, f->items[i].name),
                    f->items[i].name);
        add_member(b, "value", f->items[i].value);
        cli_add_z(b,
                  i + 1 < f->len && cli_same(f->items[i].name, f->items[i + 1].name) ? "}" : "}]");
    }
    for (size_t i = 0; i < cookies->len; i++) {
        const edgefn_field *c = &cookies->items[i];
        if (of_response || i == 0)
            line.len = 0;
        else
            cli_add_z(&line, "; ");
        cli_add(&line, c->name.ptr, c->name.len);
        cli_add_z(&line, "=");
        cli_add(&line, c->value.ptr, c->value.len);
        if (c->attributes.len > 0) {
            cli_add_z(&line, "; ");
            cli_add(&line, c->attributes.ptr, c->attributes.len);
        }
        if (!of_response && i + 1 < cookies->len) continue;
        open_header(b, !of_response || i == 0, name);
        add_member(b, "value", cli_str(&line));
        cli_add_z(b, i + 1 < cookies->len ? "}" : "}]");
    }
    cli_add_z(b, "}");
    if (line.failed) b->failed = true;
    cli_free(&line);
}

static bool headers_can(edgefn_event *ev, edgefn_str json, const edgefn_fields *f,
                        const char *where)
{
    for (size_t i = 0; i < f->len; i++)
        if (is_one_of_cookies(f->items[i].name)) return cannot(ev, json, where, f->items[i].name);
    return true;
}

/* Rejects names and values that would be split differently when the text is parsed. */
static bool text_can(edgefn_event *ev, edgefn_str json, const edgefn_fields *f, const char *where,
                     const char *not_in_name, const char *not_in_value)
{
    for (size_t i = 0; i < f->len; i++) {
        const edgefn_field *x = &f->items[i];
        bool padded = x->value.len > 0 && *not_in_value == ';'
                      && edgefn_str_trim(x->value).len != x->value.len;
        if (x->name.len == 0 && *not_in_value == ';') return cannot(ev, json, where, x->value);
        if (contains_any(x->name, not_in_name) || edgefn_str_trim(x->name).len != x->name.len)
            return cannot(ev, json, where, x->name);
        if (contains_any(x->value, not_in_value) || padded)
            return cannot(ev, json, where, x->value);
    }
    return true;
}

/* Only cookies of a response have attributes in Lambda@Edge, too. */
static bool attributes_can(edgefn_event *ev, edgefn_str json, const edgefn_fields *f,
                           const char *where)
{
    for (size_t i = 0; i < f->len; i++)
        if (f->items[i].attributes.len > 0) return cannot(ev, json, where, f->items[i].attributes);
    return true;
}

static bool lambda_can(edgefn_event *ev, edgefn_str json)
{
    if (!attributes_can(ev, json, &ev->request.headers, "request.headers: attributes")
        || !attributes_can(ev, json, edgefn_query(ev), "request.querystring: attributes")
        || !attributes_can(ev, json, edgefn_cookies(ev), "request.cookies: attributes")
        || !attributes_can(ev, json, &ev->response.headers, "response.headers: attributes"))
        return false;
    if (!headers_can(ev, json, &ev->request.headers, "request.headers")
        || !headers_can(ev, json, &ev->response.headers, "response.headers"))
        return false;
    if (ev->request.querystring.ptr == NULL
        && !text_can(ev, json, edgefn_query(ev), "request.querystring", "=&#", "&#"))
        return false;
    if (!text_can(ev, json, edgefn_cookies(ev), "request.cookies", "=;", ";")) return false;
    return ev->response.status == 0
           || text_can(ev, json, edgefn_response_cookies(ev), "response.cookies", "=;", ";");
}

static void add_query(cli_bytes *b, edgefn_event *ev)
{
    const edgefn_fields *q = edgefn_query(ev);
    cli_bytes text = { 0 };

    if (ev->request.querystring.ptr != NULL) { /* a string is complete */
        add_member(b, "querystring", ev->request.querystring);
        return;
    }
    for (size_t i = 0; i < q->len; i++) {
        if (i > 0) cli_add_z(&text, "&");
        cli_add(&text, q->items[i].name.ptr, q->items[i].name.len);
        cli_add_z(&text, "=");
        cli_add(&text, q->items[i].value.ptr, q->items[i].value.len);
    }
    add_member(b, "querystring", cli_str(&text));
    if (text.failed) b->failed = true;
    cli_free(&text);
}

static void add_lambda_response(cli_bytes *b, edgefn_event *ev)
{
    char status[16];

    snprintf(status, sizeof status, "%u", (unsigned)ev->response.status);
    add_name(b, "response");
    cli_add_z(b, "{");
    add_member(b, "status", edgefn_cstr(status));
    add_member(b, "statusDescription", ev->response.status_text);
    add_headers(b, &ev->response.headers, edgefn_response_cookies(ev), true);
    add_member(b, "body", ev->response.body.data);
    if (ev->response.body.data.ptr)
        add_member(b, "bodyEncoding", edgefn_cstr(cli_encoding_name(ev->response.body.encoding)));
    cli_add_z(b, "}");
}

static bool to_lambda(cli_bytes *b, edgefn_event *ev, edgefn_str json)
{
    if (!lambda_can(ev, json)) return false;
    cli_add_z(b, "{\"Records\":[{\"cf\":{\"config\":{");
    add_config(b, ev);
    cli_add_z(b, "},\"request\":{");
    add_member(b, "clientIp", ev->request.client_ip);
    add_headers(b, &ev->request.headers, edgefn_cookies(ev), false);
    add_member(b, "method", ev->request.method);
    add_query(b, ev);
    add_member(b, "uri", ev->request.uri);
    cli_add_z(b, "}");
    if (ev->response.status != 0) add_lambda_response(b, ev);
    cli_add_z(b, "}}]}");
    return true;
}

/*--- the command ------------------------------------------------------------------------------------------------------*/

static int convert(const char *file, edgefn_str json, edgefn_dialect to, cli_memory *memory)
{
    char line[EDGEHOST_WHY];
    edgefn_event ev;
    cli_bytes b = { 0 };
    int code = CLI_OK;

    if (!cli_open(&ev, file, json, memory)) return memory->ptr ? CLI_REFUSED : CLI_USAGE;
    if (ev.dialect == to)
        cli_add(&b, json.ptr, json.len);
    else if (to == EDGEFN_DIALECT_LAMBDA ? !to_lambda(&b, &ev, json)
                                         : !to_functions(&b, &ev, json, file)) {
        cli_complain(file, (edgefn_str){ line, edgefn_describe(&ev, line, sizeof line) });
        code = CLI_REFUSED;
    }
    if (b.failed) {
        fputs("edgefn: not enough memory to convert\n", stderr);
        code = CLI_USAGE;
    }
    if (code == CLI_OK) {
        fwrite(b.ptr, 1, b.len, stdout);
        if (b.len > 0 && b.ptr[b.len - 1] != '\n') putchar('\n');
    }
    cli_free(&b);
    return code;
}

int cli_convert(cli_args *args)
{
    const char *file = NULL, *value;
    edgefn_dialect to = EDGEFN_DIALECT_NONE;
    cli_bytes json = { 0 };
    cli_memory memory = { 0 };

    while (cli_next(args)) {
        int type = args->operand ? 0 : cli_type_option(args);
        if (type < 0) return CLI_USAGE;
        if (type > 0) continue;
        if (args->operand && file)
            return cli_usage(args, "one event at a time, not also", args->operand);
        if (args->operand)
            file = args->operand;
        else if (cli_is(args, "--to")) {
            if ((value = cli_value(args)) == NULL) return CLI_USAGE;
            to = strcmp(value, "lambda") == 0      ? EDGEFN_DIALECT_LAMBDA
                 : strcmp(value, "functions") == 0 ? EDGEFN_DIALECT_FUNCTIONS
                                                   : EDGEFN_DIALECT_NONE;
            if (to == EDGEFN_DIALECT_NONE)
                return cli_usage(args, "--to needs lambda or functions, not", value);
        } else
            return cli_usage(args, "unknown option", args->option);
    }
    if (to == EDGEFN_DIALECT_NONE)
        return cli_usage(args, "--to lambda or --to functions is missing", NULL);
    if (file == NULL) return cli_usage(args, "an event is missing", NULL);

    int code =
        cli_read(file, &json) ? cli_flush(convert(file, cli_str(&json), to, &memory)) : CLI_USAGE;
    cli_memory_free(&memory);
    cli_free(&json);
    return code;
}
