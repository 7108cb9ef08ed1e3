/* show.c - edgefn show: an event in a form for reading. */
#include "cli.h"

static void show_line(const char *label, edgefn_str value)
{
    if (value.ptr == NULL) return;
    printf("%-13s ", label);
    cli_put(value);
    putchar('\n');
}

static void show_fields(const char *label, const char *between, const edgefn_fields *f)
{
    if (f->len == 0) return;
    printf("%s (%zu)\n", label, f->len);
    for (size_t i = 0; i < f->len; i++) {
        const edgefn_field *x = &f->items[i];
        fputs("  ", stdout);
        cli_put(x->key.ptr ? x->key : x->name);
        fputs(between, stdout);
        cli_put(x->value);
        if (x->attributes.len > 0) {
            fputs("   [", stdout);
            cli_put(x->attributes);
            putchar(']');
        }
        putchar('\n');
    }
}

static void show_body(edgefn_event *ev, const edgefn_body *body)
{
    if (body->data.ptr == NULL) return;
    edgefn_str bytes = edgefn_body_decode_part(ev, body);

    fputs("body\n", stdout);
    if (bytes.ptr == NULL)
        printf("  %zu characters that are not %s\n", body->data.len,
               cli_encoding_name(body->encoding));
    else {
        printf("  %zu bytes, as %s%s%s\n", bytes.len, cli_encoding_name(body->encoding),
               body->truncated ? ", truncated by CloudFront" : "",
               body->replace ? ", action replace" : "");
        if (bytes.len == 0) return;
        fputs("  ", stdout);
        if (cli_begins_as_text(bytes, 120))
            cli_put_short(bytes, 120);
        else
            fputs("(not text)", stdout);
        putchar('\n');
    }
}

static void show_seconds(const char *label, uint32_t seconds)
{
    if (seconds != 0) printf(", %s %u s", label, (unsigned)seconds);
}

static void show_origin(const edgefn_origin *origin)
{
    static const char *const tls[] = { "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2" };

    if (origin->kind == EDGEFN_ORIGIN_NONE) return;
    fputs("origin\n  ", stdout);
    cli_put_origin(origin);
    show_seconds("read time-out", origin->read_timeout_s);
    show_seconds("keep-alive", origin->keepalive_s);
    show_seconds("completion time-out", origin->completion_timeout_s);
    for (uint32_t i = 0; i < 4; i++)
        if (origin->tls & (1u << i)) printf(", %s", tls[i]);
    if (origin->kind == EDGEFN_ORIGIN_S3) {
        fputs(", region ", stdout);
        cli_put(origin->region.len > 0 ? origin->region : EDGEFN_S("not given"));
        fputs(", access ", stdout);
        cli_put(origin->auth_method);
    }
    putchar('\n');
    show_fields("origin's custom headers", ": ", &origin->headers);
}

static void show_request(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;
    edgefn_str scheme = edgefn_get(&req->headers, EDGEFN_S("cloudfront-forwarded-proto")),
               query = edgefn_query_text(ev);

    putchar('\n');
    cli_put(req->method);
    putchar(' ');
    if (scheme.len > 0) {
        cli_put(scheme);
        fputs("://", stdout);
    }
    cli_put(edgefn_get(&req->headers, EDGEFN_S("host")));
    cli_put(req->uri);
    if (query.len > 0) {
        putchar('?');
        cli_put(query);
    }
    putchar('\n');
    show_fields(edgefn_is_request(ev) ? "headers" : "request headers", ": ", &req->headers);
    show_fields("query", " = ", edgefn_query(ev));
    show_fields("cookies", " = ", edgefn_cookies(ev));
    show_body(ev, &req->body);
    show_origin(&req->origin);
}

static void show_response(edgefn_event *ev)
{
    edgefn_response *resp = &ev->response;

    if (resp->status == 0) return;
    printf("\n%u ", (unsigned)resp->status);
    cli_put(resp->status_text);
    putchar('\n');
    show_fields("response headers", ": ", &resp->headers);
    show_fields("cookies set", " = ", edgefn_response_cookies(ev));
    show_body(ev, &resp->body);
}

static int show(const char *file, edgefn_str json, cli_memory *memory)
{
    edgefn_event ev;

    if (!cli_open(&ev, file, json, memory)) return memory->ptr ? CLI_REFUSED : CLI_USAGE;
    printf("%s %s\n", cli_dialect_name(ev.dialect), edgefn_event_type_name(ev.type));
    show_line("distribution", ev.distribution_id);
    show_line("domain", ev.domain);
    show_line("request id", ev.request_id);
    show_line("client", ev.request.client_ip);
    show_request(&ev);
    show_response(&ev);
    return CLI_OK;
}

int cli_show(cli_args *args)
{
    const char *file = NULL;
    cli_bytes json = { 0 };
    cli_memory memory = { 0 };

    while (cli_next(args)) {
        int type = args->operand ? 0 : cli_type_option(args);
        if (type < 0) return CLI_USAGE;
        if (type > 0) continue;
        if (args->operand == NULL) return cli_usage(args, "unknown option", args->option);
        if (file) return cli_usage(args, "one event at a time, not also", args->operand);
        file = args->operand;
    }
    if (file == NULL) return cli_usage(args, "an event is missing", NULL);

    int code = cli_read(file, &json) ? cli_flush(show(file, cli_str(&json), &memory)) : CLI_USAGE;
    cli_memory_free(&memory);
    cli_free(&json);
    return code;
}
