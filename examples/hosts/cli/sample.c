/* sample.c - edgefn sample: a complete event of any type, made from a template and the options. */
#include "sample.h"
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *type;
    unsigned bit;
} kinds[] = {
    { "viewer-request", "viewer-request", VREQ },
    { "origin-request", "origin-request", OREQ },
    { "origin-response", "origin-response", ORES },
    { "viewer-response", "viewer-response", VRES },
    { "functions-viewer-request", "viewer-request", F_VREQ },
    { "functions-viewer-response", "viewer-response", F_VRES },
};

bool sample_kind(sample *s, const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(name, kinds[i].name) != 0) continue;
        s->kind = kinds[i].bit;
        s->type = kinds[i].type;
        return true;
    }
    return false;
}

bool sample_kind_option(sample *s, const cli_args *args, const char *name)
{
    if (name && sample_kind(s, name)) return true;
    cli_usage(args, name ? "unknown event type" : "a type is missing", name);
    fputs("types:", stderr);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        fprintf(stderr, " %s", kinds[i].name);
    fputc('\n', stderr);
    return false;
}

/*--- lists ------------------------------------------------------------------------------------------------------------*/

static void header_text(pairs *list, const char *name, edgefn_str value)
{
    sample_push(list, edgefn_cstr(name), value, false);
}

static void header(pairs *list, const char *name, const char *value)
{
    header_text(list, name, edgefn_cstr(value));
}

/* Replaces a header of the template by one of the command line; further ones of that name are added. */
static bool give_header(pairs *list, edgefn_str name, edgefn_str value)
{
    for (size_t i = 0; i < list->len; i++) {
        pair *p = &list->items[i];
        if (!p->given && edgefn_str_ieq(p->name, name)) {
            *p = (pair){ .name = name, .value = value, .given = true };
            return true;
        }
    }
    return sample_push(list, name, value, true);
}

static bool is_token(edgefn_str s)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alnum && (c == '\0' || strchr(others, c) == NULL)) return false;
    }
    return s.len > 0;
}

/*--- templates --------------------------------------------------------------------------------------------------------*/

static void fill_request(sample *s)
{
    pairs *h = &s->request;
    bool functions = (s->kind & LAMBDA) == 0;

    if (s->kind & ORIGIN) {
        header_text(h, "Host", s->origin);
        header(h, "User-Agent", "Amazon CloudFront");
        header(h, "Via", "2.0 0123456789abcdef0123456789abcdef.cloudfront.net (CloudFront)");
        header_text(h, "X-Forwarded-For", s->client_ip);
        header(h, "CloudFront-Forwarded-Proto", "https");
        header(h, "CloudFront-Is-Desktop-Viewer", "true");
        header(h, "CloudFront-Is-Mobile-Viewer", "false");
        header(h, "CloudFront-Is-SmartTV-Viewer", "false");
        header(h, "CloudFront-Is-Tablet-Viewer", "false");
        header(h, "CloudFront-Viewer-Country", "SE");
    } else {
        header(h, "Host", "www.example.com");
        header(h, "User-Agent",
               "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
        header(h, "Sec-Fetch-Dest", "document");
        header(h, "Sec-Fetch-Mode", "navigate");
    }
    header(h, "Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    header(h, "Accept-Language", "en-US,en;q=0.7,sv;q=0.3");
    header(h, "Accept-Encoding", s->kind & ORIGIN ? "br,gzip" : "gzip, deflate, br, zstd");
    if (functions) header(h, "CloudFront-Forwarded-Proto", "https");
    if (functions) header(h, "CloudFront-Viewer-Country", "SE");
    if (s->body.ptr) {
        header(h, "Content-Type", "text/plain; charset=utf-8");
        header(h, "Content-Length", s->length);
    }
}

static void fill_response(sample *s)
{
    pairs *h = &s->response;

    header(h, "Content-Type", "text/html; charset=utf-8");
    header(h, "Content-Length", "5120");
    header(h, "Date", "Thu, 08 Jan 2026 09:15:04 GMT");
    header(h, "Last-Modified", "Wed, 07 Jan 2026 17:40:00 GMT");
    header(h, "ETag", "\"695e9a10-1400\"");
    header(h, "Cache-Control", "public, max-age=300");
    header(h, "Server", "nginx");
    if ((s->kind & ORIGIN) == 0)
        header(h, "Via", "2.0 0123456789abcdef0123456789abcdef.cloudfront.net (CloudFront)");
}

/*--- options ----------------------------------------------------------------------------------------------------------*/

/* Each function reads the value of one option. Returns: NULL, or an error message. */
typedef const char *option_fn(sample *s, const char *value);

static const char *bad_text(edgefn_str s)
{
    return cli_has_control(s, false) ? "control characters are not allowed, as in"
           : !cli_is_text(s)         ? "invalid UTF-8:"
                                     : NULL;
}

static const char *set_uri(sample *s, const char *v)
{
    if (v[0] != '/' || strpbrk(v, "?# ") || cli_has_control(edgefn_cstr(v), false))
        return "expected a path that begins with '/', without '?', '#' and spaces, not";
    s->uri = edgefn_cstr(v);
    return NULL;
}

static const char *set_query(sample *s, const char *v)
{
    if (v[0] == '?' || strpbrk(v, "# ") || cli_has_control(edgefn_cstr(v), false))
        return "expected a query without '?' at the start, '#' and spaces, not";
    s->query = edgefn_cstr(v);
    return NULL;
}

static const char *set_method(sample *s, const char *v)
{
    s->method = edgefn_cstr(v);
    return is_token(edgefn_cstr(v)) ? NULL : "expected a method, not";
}

static const char *set_client_ip(sample *s, const char *v)
{
    s->client_ip = edgefn_cstr(v);
    return v[0] != '\0' && v[strspn(v, "0123456789abcdefABCDEF.:")] == '\0'
               ? NULL
               : "expected an IP address, not";
}

static const char *set_status(sample *s, const char *v)
{
    edgefn_number n = edgefn_str_to_u64(edgefn_cstr(v));

    s->status = (uint32_t)n.value;
    return n.ok && n.value >= 200 && n.value <= 599 ? NULL
                                                    : "expected a status from 200 to 599, not";
}

static const char *set_status_text(sample *s, const char *v)
{
    s->status_text = edgefn_cstr(v);
    return bad_text(s->status_text);
}

static const char *set_body(sample *s, const char *v)
{
    s->body = edgefn_cstr(v);
    if (v[0] != '@') return NULL;
    if (v[1] == '@') { /* "@@" begins a body that itself begins with "@" */
        s->body = edgefn_cstr(v + 1);
        return NULL;
    }
    s->file.len = 0;
    if (!cli_read_raw(v + 1, &s->file)) return "this file cannot be read:";
    s->body = cli_str(&s->file);
    return NULL;
}

static const char *set_origin(sample *s, const char *v)
{
    s->origin = edgefn_cstr(v);
    return is_token(edgefn_cstr(v)) ? NULL : "expected a domain, not";
}

static const char *add_header_option(const sample *s, pairs *list, const char *v)
{
    edgefn_cut cut = edgefn_str_cut(edgefn_cstr(v), EDGEFN_S(":"));
    edgefn_str value = edgefn_str_trim(cut.tail);

    if (!cut.found || !is_token(cut.head)) return "expected 'Name: value', not";
    if ((s->kind & LAMBDA) == 0 && edgefn_str_ieq(cut.head, EDGEFN_S("cookie")))
        return "CloudFront Functions has a separate list of cookies: use --cookie, not";
    if ((s->kind & LAMBDA) == 0 && edgefn_str_ieq(cut.head, EDGEFN_S("set-cookie")))
        return "CloudFront Functions has a separate list of cookies: use --set-cookie, not";
    if (bad_text(value)) return bad_text(value);
    return give_header(list, cut.head, value) ? NULL : "too many entries, starting with";
}

static const char *set_header(sample *s, const char *v)
{
    return add_header_option(s, s->kind & RESPONSE ? &s->response : &s->request, v);
}

static const char *set_request_header(sample *s, const char *v)
{
    return add_header_option(s, &s->request, v);
}

static const char *set_country(sample *s, const char *v)
{
    if (strlen(v) != 2 || strspn(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
        return "expected two capital letters, not";
    return give_header(&s->request, EDGEFN_S("CloudFront-Viewer-Country"), edgefn_cstr(v))
               ? NULL
               : "too many entries, starting with";
}

static const char *set_cookie(sample *s, const char *v)
{
    edgefn_cut cut = edgefn_str_cut(edgefn_cstr(v), EDGEFN_S("="));

    if (!cut.found || !is_token(cut.head) || bad_text(cut.tail)
        || edgefn_str_contains(cut.tail, EDGEFN_S(";")))
        return "expected 'name=value', not";
    return sample_push(&s->cookies, cut.head, cut.tail, true) ? NULL
                                                              : "too many entries, starting with";
}

static const char *set_set_cookie(sample *s, const char *v)
{
    edgefn_cut attributes = edgefn_str_cut(edgefn_cstr(v), EDGEFN_S(";")),
               cut = edgefn_str_cut(attributes.head, EDGEFN_S("="));

    if (!cut.found || !is_token(cut.head) || bad_text(edgefn_cstr(v)))
        return "expected 'name=value; attributes', not";
    if (s->kind & LAMBDA)
        return sample_push(&s->response, EDGEFN_S("Set-Cookie"), edgefn_cstr(v), true)
                   ? NULL
                   : "too many entries, starting with";
    if (!sample_push(&s->set_cookies, cut.head, cut.tail, true))
        return "too many entries, starting with";
    s->set_cookies.items[s->set_cookies.len - 1].attributes = edgefn_str_trim(attributes.tail);
    return NULL;
}

static const struct {
    const char *name;
    unsigned kinds;
    bool is_header; /* applied after the template's headers */
    option_fn *set; /* NULL: a flag */
} options[] = {
    { "--uri", ANY, false, set_uri },
    { "--query", ANY, false, set_query },
    { "--method", ANY, false, set_method },
    { "--client-ip", ANY, false, set_client_ip },
    { "--cookie", ANY, false, set_cookie },
    { "--status", RESPONSE, false, set_status },
    { "--status-text", RESPONSE, false, set_status_text },
    { "--body", BODY, false, set_body },
    { "--truncated", BODY, false, NULL },
    { "--origin", ORIGIN, false, set_origin },
    { "--s3", ORIGIN, false, NULL },
    { "--country", ANY, true, set_country },
    { "--header", ANY, true, set_header },
    { "--request-header", ANY, true, set_request_header },
    { "--set-cookie", RESPONSE, true, set_set_cookie },
};

enum { OPTIONS = sizeof options / sizeof options[0] };

/* Finds the option that cli_next() read. Returns: OPTIONS, after a message, if it is unknown. */
static size_t find_option(const cli_args *args)
{
    size_t i = 0;

    while (i < OPTIONS && !cli_is(args, options[i].name))
        i++;
    if (i == OPTIONS) cli_usage(args, "unknown option", args->option);
    return i;
}

/* Applies either the options about headers or all others. Returns: false after a message. */
static bool apply(cli_args *args, sample *s, bool headers)
{
    while (cli_next(args)) {
        if (args->operand) continue;
        size_t i = find_option(args);
        if (i == OPTIONS) return false;
        if ((options[i].kinds & s->kind) == 0)
            return cli_usage(args, "this event type does not support", args->option), false;
        if (options[i].set == NULL) {
            if (!cli_flag(args)) return false;
            if (cli_is(args, "--s3"))
                s->s3 = true;
            else
                s->truncated = true;
        } else {
            const char *value = cli_value(args), *wrong = NULL;
            if (value == NULL) return false;
            if (options[i].is_header == headers) wrong = options[i].set(s, value);
            if (wrong) return cli_usage(args, wrong, value), false;
        }
    }
    return true;
}

/* Finds the event type among the arguments. Returns: false after a message. */
static bool find_kind(cli_args *args, sample *s)
{
    const char *kind = NULL;

    while (cli_next(args)) {
        if (args->operand) {
            if (kind) return cli_usage(args, "one type at a time, not also", args->operand), false;
            kind = args->operand;
        } else {
            size_t i = find_option(args);
            if (i == OPTIONS || (options[i].set && cli_value(args) == NULL)) return false;
        }
    }
    return sample_kind_option(s, args, kind);
}

/* Fills in defaults for what no option set. */
static void fill(sample *s)
{
    if (s->method.ptr == NULL) s->method = s->body.ptr ? EDGEFN_S("POST") : EDGEFN_S("GET");
    if (s->uri.ptr == NULL) s->uri = EDGEFN_S("/index.html");
    if (s->query.ptr == NULL) s->query = EDGEFN_S("");
    if (s->client_ip.ptr == NULL) s->client_ip = EDGEFN_S("192.0.2.44");
    s->domain = EDGEFN_S("d111111abcdef8.cloudfront.net");
    s->distribution_id = EDGEFN_S("EDFDVBD6EXAMPLE");
    s->request_id = EDGEFN_S("SampleRequestId-0123456789abcdefghijklmnopqrstuvwxyzAB==");
    if (s->status == 0) s->status = 200;
    if (s->status_text.ptr == NULL) s->status_text = edgefn_status_text(s->status);
    if (s->origin.ptr == NULL)
        s->origin = s->s3 ? EDGEFN_S("amzn-s3-demo-bucket.s3.eu-north-1.amazonaws.com")
                          : EDGEFN_S("origin.example.com");
    snprintf(s->length, sizeof s->length, "%zu", s->body.len);
    fill_request(s);
    if (s->kind & RESPONSE) fill_response(s);
}

static void rewind_to(cli_args *args, int at)
{
    args->at = at, args->no_options = false;
}

static int print_sample(cli_args *args, sample *s, cli_bytes *cookie, cli_bytes *out)
{
    int start = args->at;
    cli_memory memory = { 0 };
    edgefn_event ev;

    if (!find_kind(args, s)) return CLI_USAGE;
    rewind_to(args, start);
    if (!apply(args, s, false)) return CLI_USAGE;
    if (s->truncated && s->body.ptr == NULL)
        return cli_usage(args, "--truncated needs --body", NULL);
    fill(s);
    rewind_to(args, start);
    if (!apply(args, s, true)) return CLI_USAGE;

    bool fits = s->kind & LAMBDA ? sample_lambda(out, s, cookie) : sample_functions(out, s);
    if (!fits || cookie->failed || out->failed)
        return cli_usage(args, "the sample is too large", NULL);
    /* An event that the library would refuse, for example for invalid UTF-8, must not be printed as a sample. */
    bool good = cli_open(&ev, "edgefn sample", cli_str(out), &memory);
    cli_memory_free(&memory);
    if (!good) return CLI_USAGE;
    fwrite(out->ptr, 1, out->len, stdout);
    putchar('\n');
    return CLI_OK;
}

int cli_sample(cli_args *args)
{
    sample *s = calloc(1, sizeof *s);
    cli_bytes cookie = { 0 }, out = { 0 };
    int code = CLI_USAGE;

    if (s)
        code = print_sample(args, s, &cookie, &out);
    else
        fputs("edgefn: not enough memory\n", stderr);
    if (s) cli_free(&s->file);
    free(s);
    cli_free(&cookie);
    cli_free(&out);
    return cli_flush(code);
}
