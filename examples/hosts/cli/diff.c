/* diff.c - edgefn run --diff: what a handler changed, one line per change, for reading.

   The result is wrapped in an event, parsed by the library like any other, and compared member by member. */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include <stdlib.h>
#include <unistd.h>

/* True on a terminal: lines with "+" are green, with "-" red, with "~" yellow. */
static bool colours;

/* Before each line. */
static const char *indent = "";

static void begin(char mark, const char *what)
{
    fputs(indent, stdout);
    if (colours) fputs(mark == '+' ? "\033[32m" : mark == '-' ? "\033[31m" : "\033[33m", stdout);
    printf("%c %s ", mark, what);
}

static size_t end(void)
{
    fputs(colours ? "\033[0m\n" : "\n", stdout);
    return 1;
}

/*--- scalar members. Each function returns the number of lines it printed ---------------------------------------------*/

static size_t diff_str(const char *what, edgefn_str a, edgefn_str b)
{
    if (cli_same(a, b) && (a.ptr == NULL) == (b.ptr == NULL)) return 0;
    begin(a.ptr == NULL ? '+' : b.ptr == NULL ? '-' : '~', what);
    if (a.ptr) cli_put_quoted(a);
    if (a.ptr && b.ptr) fputs(" -> ", stdout);
    if (b.ptr) cli_put_quoted(b);
    return end();
}

/* 0: the member is absent. */
static void put_number(uint32_t n)
{
    if (n == 0)
        fputs("absent", stdout);
    else
        printf("%u", (unsigned)n);
}

static size_t diff_number(const char *what, uint32_t a, uint32_t b)
{
    if (a == b) return 0;
    begin('~', what);
    put_number(a);
    fputs(" -> ", stdout);
    put_number(b);
    return end();
}

static void put_status(const edgefn_response *r)
{
    printf("%u ", (unsigned)r->status);
    cli_put(r->status_text);
}

static size_t diff_status(const edgefn_response *a, const edgefn_response *b)
{
    if (a->status == b->status && cli_same(a->status_text, b->status_text)) return 0;
    begin('~', "status");
    put_status(a);
    fputs(" -> ", stdout);
    put_status(b);
    return end();
}

static void put_body(edgefn_event *ev, const edgefn_body *body)
{
    edgefn_str bytes = edgefn_body_decode_part(ev, body);

    if (bytes.ptr == NULL) bytes = body->data;
    printf("%zu bytes, as %s", bytes.len, cli_encoding_name(body->encoding));
    if (bytes.len > 0 && cli_begins_as_text(bytes, 120)) {
        fputs(": ", stdout);
        cli_put_short(bytes, 120);
    }
}

static size_t diff_body(edgefn_event *a, const edgefn_body *of_a, edgefn_event *b,
                        const edgefn_body *of_b)
{
    bool had = of_a->data.ptr != NULL, has = of_b->data.ptr != NULL;

    if (had == has && cli_same(of_a->data, of_b->data) && of_a->encoding == of_b->encoding
        && of_a->replace == of_b->replace)
        return 0;
    begin(!had ? '+' : !has ? '-' : '~', "body");
    if (had) put_body(a, of_a);
    if (had && has) fputs(" -> ", stdout);
    if (has) put_body(b, of_b);
    return end();
}

/*--- lists: sorted by name and place, then compared name by name, so that the time is n log n --------------------------*/

static int by_place(const void *pa, const void *pb)
{
    const cli_entry *a = pa, *b = pb;

    return a->at < b->at ? -1 : a->at > b->at;
}

static bool same_field(const edgefn_field *a, const edgefn_field *b)
{
    return cli_same(a->value, b->value) && cli_same(a->attributes, b->attributes);
}

/* Marks the fields of one name between two unchanged ones: if their number is the same, each was changed in its place. */
static void mark_run(cli_entry *a, size_t na, cli_entry *b, size_t nb)
{
    bool in_place = na == nb;

    for (size_t i = 0; i < nb; i++) {
        if (in_place && same_field(a[i].field, b[i].field)) continue;
        b[i].mark = in_place ? '~' : '+';
        b[i].other = in_place ? a[i].field : NULL;
    }
    for (size_t i = 0; !in_place && i < na; i++)
        a[i].mark = '-';
}

/* For more fields of one name the longest common subsequence is not searched. */
#define COMMON_MOST 128

/* common[i][j]: the length of the longest common subsequence of a[i...] and b[j...]. */
static void mark_common(cli_entry *a, size_t na, cli_entry *b, size_t nb,
                        unsigned char (*common)[COMMON_MOST + 1])
{
    size_t i, j, from_a = 0, from_b = 0;

    for (i = na + 1; i-- > 0;) {
        for (j = nb + 1; j-- > 0;) {
            unsigned char without_a = i < na ? common[i + 1][j] : 0;
            unsigned char without_b = j < nb ? common[i][j + 1] : 0;
            common[i][j] = without_a > without_b ? without_a : without_b;
            if (i < na && j < nb && same_field(a[i].field, b[j].field))
                common[i][j] = (unsigned char)(common[i + 1][j + 1] + 1);
        }
    }
    i = j = 0;
    while (i < na && j < nb) {
        if (same_field(a[i].field, b[j].field)) {
            mark_run(a + from_a, i - from_a, b + from_b, j - from_b);
            from_a = ++i;
            from_b = ++j;
        } else if (common[i + 1][j] >= common[i][j + 1])
            i++;
        else
            j++;
    }
    mark_run(a + from_a, na - from_a, b + from_b, nb - from_b);
}

/* Sets the marks of na received and nb resulting fields of one name. */
static void mark_group(cli_entry *a, size_t na, cli_entry *b, size_t nb)
{
    static unsigned char common[COMMON_MOST + 1][COMMON_MOST + 1];

    while (na > 0 && nb > 0 && same_field(a->field, b->field))
        a++, b++, na--, nb--;
    while (na > 0 && nb > 0 && same_field(a[na - 1].field, b[nb - 1].field))
        na--, nb--;
    if (na <= COMMON_MOST && nb <= COMMON_MOST)
        mark_common(a, na, b, nb, common);
    else
        mark_run(a, na, b, nb);
}

static void mark_all(cli_entry *a, size_t na, cli_entry *b, size_t nb)
{
    size_t i = 0, j = 0;

    while (i < na || j < nb) {
        size_t n = i < na ? a[i].group : 0;
        size_t m = j < nb ? b[j].group : 0;
        if (n && m && !cli_same(a[i].field->name, b[j].field->name)) {
            if (cli_by_name(&a[i], &b[j]) < 0)
                m = 0;
            else
                n = 0;
        }
        mark_group(a + i, n, b + j, m);
        i += n, j += m;
    }
    qsort(a, na, sizeof *a, by_place);
    qsort(b, nb, sizeof *b, by_place);
}

static void put_field(const edgefn_field *f)
{
    cli_put_short(f->value, 200);
    if (f->attributes.len > 0) {
        fputs("; ", stdout);
        cli_put_short(f->attributes, 200);
    }
}

static size_t put_entry(const char *what, const cli_entry *e)
{
    if (e->mark == 0) return 0;
    begin(e->mark, what);
    cli_put(e->field->key.ptr ? e->field->key : e->field->name);
    fputs(": ", stdout);
    if (e->other) {
        putchar('"');
        put_field(e->other);
        fputs("\" -> \"", stdout);
    }
    put_field(e->field);
    if (e->other) putchar('"');
    return end();
}

/* skip: a name whose fields are already printed, or NULL. */
static size_t diff_fields(const char *what, const edgefn_fields *a, const edgefn_fields *b,
                          const char *skip)
{
    size_t na, nb, lines = 0;
    cli_entry *ea = cli_entries(a, skip, &na), *eb = cli_entries(b, skip, &nb);

    if (ea != NULL && eb != NULL) {
        mark_all(ea, na, eb, nb);
        for (size_t i = 0; i < na; i++)
            lines += put_entry(what, &ea[i]);
        for (size_t i = 0; i < nb; i++)
            lines += put_entry(what, &eb[i]);
        bool moved = false;
        for (size_t i = 0; lines == 0 && !moved && i < na && i < nb; i++)
            moved = !cli_same(ea[i].field->name, eb[i].field->name);
        if (moved) {
            begin('~', what);
            fputs("order", stdout);
            lines += end();
        }
    } else
        fputs("edgefn: not enough memory to compare\n", stderr);
    free(ea);
    free(eb);
    return lines;
}

/*--- the two halves of an event ---------------------------------------------------------------------------------------*/

static size_t diff_origin(const edgefn_origin *a, const edgefn_origin *b)
{
    size_t lines = 0;

    if (a->kind != b->kind) {
        begin('~', "origin");
        cli_put_origin(a);
        fputs(" -> ", stdout);
        cli_put_origin(b);
        lines += end();
        lines += diff_fields("origin header", &a->headers, &b->headers, NULL);
        return lines;
    }
    lines += diff_str("origin domain", a->domain, b->domain);
    lines += diff_str("origin path", a->path, b->path);
    lines += diff_number("origin port", a->port, b->port);
    if (a->https != b->https)
        lines += diff_str("origin protocol", edgefn_cstr(a->https ? "https" : "http"),
                          edgefn_cstr(b->https ? "https" : "http"));
    lines += diff_number("origin keep-alive", a->keepalive_s, b->keepalive_s);
    lines += diff_number("origin read time-out", a->read_timeout_s, b->read_timeout_s);
    lines +=
        diff_number("origin completion time-out", a->completion_timeout_s, b->completion_timeout_s);
    lines += diff_number("origin TLS versions (bits)", a->tls, b->tls);
    lines += diff_str("origin region", a->region, b->region);
    lines += diff_str("origin access", a->auth_method, b->auth_method);
    lines += diff_fields("origin header", &a->headers, &b->headers, NULL);
    return lines;
}

static size_t diff_request(edgefn_event *a, edgefn_event *b)
{
    edgefn_request *x = &a->request, *y = &b->request;
    size_t lines = 0, query, cookies;

    lines += diff_str("method", x->method, y->method);
    lines += diff_str("uri", x->uri, y->uri);
    query = diff_fields("query", edgefn_query(a), edgefn_query(b), NULL);
    if (query == 0) query = diff_str("query", edgefn_query_text(a), edgefn_query_text(b));
    cookies = diff_fields("cookie", edgefn_cookies(a), edgefn_cookies(b), NULL);
    lines += query + cookies;
    lines += diff_fields("header", &x->headers, &y->headers, cookies ? "cookie" : NULL);
    if (a->dialect == EDGEFN_DIALECT_LAMBDA)
        lines += diff_str("client", x->client_ip, y->client_ip);
    lines += diff_body(a, &x->body, b, &y->body);
    lines += diff_origin(&x->origin, &y->origin);
    return lines;
}

static size_t diff_response(edgefn_event *a, edgefn_event *b)
{
    edgefn_response *x = &a->response, *y = &b->response;
    size_t lines = diff_status(x, y);
    size_t cookies =
        diff_fields("set-cookie", edgefn_response_cookies(a), edgefn_response_cookies(b), NULL);

    lines += cookies;
    lines += diff_fields("header", &x->headers, &y->headers, cookies ? "set-cookie" : NULL);
    lines += diff_body(a, &x->body, b, &y->body);
    return lines;
}

static size_t print_answer(edgefn_event *b)
{
    static const edgefn_fields none = { 0 };
    static const edgefn_body no_body = { 0 };
    edgefn_response *y = &b->response;
    size_t lines, cookies;

    begin('+', "answer");
    put_status(y);
    fputs(" (the request is not forwarded)", stdout);
    lines = end();
    cookies = diff_fields("set-cookie", &none, edgefn_response_cookies(b), NULL);
    lines += cookies;
    lines += diff_fields("header", &none, &y->headers, cookies ? "set-cookie" : NULL);
    lines += diff_body(b, &no_body, b, &y->body);
    return lines;
}

/*--- reading the result back ------------------------------------------------------------------------------------------*/

/* Wraps a result in an event. */
static cli_bytes wrap(const edgefn_event *ev, edgefn_str result, bool is_response)
{
    bool lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA;
    const char *type = !is_response ? edgefn_event_type_name(ev->type)
                       : lambda     ? "origin-response"
                                    : "viewer-response";
    cli_bytes b = { 0 };

    cli_add_z(&b, lambda ? "{\"Records\":[{\"cf\":{\"config\":{\"eventType\":\""
                         : "{\"version\":\"1.0\",\"context\":{\"eventType\":\"");
    cli_add_z(&b, type);
    cli_add_z(&b, is_response ? "\"},\"request\":{\"method\":\"GET\",\"uri\":\"/\"},\"response\":"
                              : "\"},\"request\":");
    cli_add(&b, result.ptr, result.len);
    cli_add_z(&b, lambda ? "}}]}" : "}");
    return b;
}

/* Reads the result of ev into b. Returns: 'q' for a request, 's' for a response, 0 for neither. */
static char read_back(const edgefn_event *ev, edgefn_str result, edgefn_event *b, cli_bytes *text,
                      cli_memory *m)
{
    for (int is_response = !edgefn_is_request(ev); is_response < 2; is_response++) {
        *text = wrap(ev, result, is_response);
        if (!text->failed && cli_open(b, NULL, cli_str(text), m)) return is_response ? 's' : 'q';
        cli_memory_free(m);
        cli_free(text);
    }
    return 0;
}

/* Prints the changes. lines: gets their number. Returns: false if event or result cannot be read; with file that is complained about. */
static bool compare(const char *file, edgefn_str event, edgefn_str result, size_t *lines,
                    bool *same)
{
    cli_memory ma = { 0 }, mb = { 0 };
    cli_bytes text = { 0 };
    edgefn_event a, b;
    char kind = 0;

    const char *no_color = getenv("NO_COLOR");
    colours = isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0');

    if (cli_open(&a, file, event, &ma)) kind = read_back(&a, result, &b, &text, &mb);
    if (kind == 0 && file)
        fprintf(stderr, "%s: error: the result cannot be read back\n", file);
    else if (kind == 'q')
        *lines = diff_request(&a, &b);
    else if (kind == 's')
        *lines = edgefn_is_request(&a) ? print_answer(&b) : diff_response(&a, &b);
    *same = kind != 0 && cli_same(edgefn_passthrough(&a), result);
    cli_memory_free(&ma);
    cli_memory_free(&mb);
    cli_free(&text);
    return kind != 0;
}

int cli_diff(const char *file, edgefn_str event, edgefn_str result)
{
    size_t lines = 0;
    bool same = false;

    if (!compare(file, event, result, &lines, &same)) return CLI_FAILED;
    if (lines == 0) puts(same ? "= unchanged" : "= only the JSON text differs");
    return CLI_OK;
}

size_t cli_diff_lines(edgefn_str event, edgefn_str result, const char *before_each)
{
    size_t lines = 0;
    bool same = false;

    indent = before_each;
    compare(NULL, event, result, &lines, &same);
    indent = "";
    return lines;
}
