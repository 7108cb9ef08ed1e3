/* io.c - files, memory, and output to stdout and stderr. */
#include "cli.h"
#include "../edgefn_retry.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for len more bytes. */
static bool reserve(cli_bytes *b, size_t len)
{
    if (b->failed || len > SIZE_MAX / 2 - b->len) b->failed = true;
    if (b->failed) return false;
    if (len <= b->cap - b->len) return true;

    size_t cap = b->cap < 4096 ? 4096 : b->cap;
    while (cap - b->len < len)
        cap *= 2;
    char *ptr = realloc(b->ptr, cap);
    if (ptr == NULL) {
        b->failed = true;
        return false;
    }
    b->ptr = ptr;
    b->cap = cap;
    return true;
}

void cli_add(cli_bytes *b, const void *bytes, size_t len)
{
    if (len == 0 || !reserve(b, len)) return;
    memcpy(b->ptr + b->len, bytes, len);
    b->len += len;
}

void cli_add_z(cli_bytes *b, const char *z)
{
    cli_add(b, z, strlen(z));
}

void cli_add_json(cli_bytes *b, edgefn_str s)
{
    static const char hex[] = "0123456789abcdef", letters[] = "btn.fr"; /* for 8 to 13 */

    cli_add_z(b, "\"");
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '"' || c == '\\')
            cli_add(b, (const char[]){ '\\', (char)c }, 2);
        else if (c >= 8 && c <= 13 && c != 11)
            cli_add(b, (const char[]){ '\\', letters[c - 8] }, 2);
        else if (c < 32)
            cli_add(b, (const char[]){ '\\', 'u', '0', '0', hex[c / 16], hex[c % 16] }, 6);
        else
            cli_add(b, s.ptr + i, 1);
    }
    cli_add_z(b, "\"");
}

edgefn_str cli_str(const cli_bytes *b)
{
    return (edgefn_str){ b->ptr ? b->ptr : "", b->len };
}

void cli_free(cli_bytes *b)
{
    free(b->ptr);
    *b = (cli_bytes){ 0 };
}

bool cli_read_raw(const char *file, cli_bytes *into)
{
    bool is_stdin = strcmp(file, "-") == 0;
    FILE *f = is_stdin ? stdin : fopen(file, "rb");
    int why = f ? 0 : errno;

    while (why == 0 && !feof(f)) {
        if (!reserve(into, 65536))
            why = ENOMEM;
        else {
            errno = 0;
            into->len += fread(into->ptr + into->len, 1, into->cap - into->len, f);
            if (ferror(f)) why = errno ? errno : EIO;
        }
    }
    if (f && !is_stdin) fclose(f);
    if (why != 0) fprintf(stderr, "edgefn: %s: %s\n", file, strerror(why));
    return why == 0;
}

bool cli_read(const char *file, cli_bytes *into)
{
    bool good = cli_read_raw(file, into);

    if (good && edgefn_str_starts(cli_str(into), EDGEFN_S(CLI_MARK))) {
        into->len -= sizeof CLI_MARK - 1;
        memmove(into->ptr, into->ptr + sizeof CLI_MARK - 1, into->len);
    }
    return good;
}

int cli_flush(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    fprintf(stderr, "edgefn: standard output: %s\n", strerror(errno ? errno : EIO));
    return CLI_USAGE;
}

bool cli_memory_make(cli_memory *m, size_t json_len)
{
    size_t event = edgefn_memory_event(json_len, 100), gib = (size_t)1 << 30;

    *m = (cli_memory){ 0 };
    if (event < SIZE_MAX - EDGEHOST_WHY) {
        m->json_len = json_len;
        m->cap = event + EDGEHOST_WHY;
        m->limit = m->cap < gib ? gib : m->cap;
        m->ptr = malloc(m->cap);
    }
    if (m->ptr == NULL) fputs("edgefn: not enough memory for a file of this size\n", stderr);
    return m->ptr != NULL;
}

bool cli_memory_suffices(cli_memory *m, size_t json_len)
{
    if (m->ptr && m->json_len >= json_len) return true;
    cli_memory_free(m);
    return cli_memory_make(m, json_len);
}

static bool memory_room(void *host, size_t size)
{
    cli_memory *m = host;
    void *ptr = malloc(size);

    if (ptr == NULL) return false;
    free(m->ptr);
    m->ptr = ptr;
    m->cap = size;
    return true;
}

bool cli_memory_retry(cli_memory *m, edgefn_error error)
{
    return edgehost_retry(error, m->cap, m->limit, memory_room, m);
}

void cli_memory_free(cli_memory *m)
{
    free(m->ptr);
    *m = (cli_memory){ 0 };
}

/* Makes the query and cookie views that printing needs. Returns: false if the memory is too small. */
static bool make_views(edgefn_event *ev)
{
    edgefn_query(ev);
    edgefn_cookies(ev);
    edgefn_query_text(ev);
    if (ev->response.status != 0) edgefn_response_cookies(ev);
    edgefn_body_decode_part(ev, &ev->request.body);
    edgefn_body_decode_part(ev, &ev->response.body);
    return ev->err.code != EDGEFN_E_OOM;
}

edgefn_parse_opts cli_reading = { .lenient = true };

int cli_type_option(cli_args *args)
{
    if (!cli_is(args, "--type")) return 0;
    const char *value = cli_value(args);
    if (value == NULL) return -1;
    for (int type = EDGEFN_VIEWER_REQUEST; type <= EDGEFN_VIEWER_RESPONSE; type++) {
        if (strcmp(value, edgefn_event_type_name((edgefn_event_type)type)) != 0) continue;
        cli_reading.type = (edgefn_event_type)type;
        return 1;
    }
    cli_usage(
        args,
        "--type needs viewer-request, origin-request, origin-response or viewer-response, not",
        value);
    return -1;
}

void cli_say_type(const char *file, edgefn_event_type type)
{
    fprintf(stderr, "%s: no eventType: taken as %s (--type sets another)\n", file,
            edgefn_event_type_name(type));
}

bool cli_open(edgefn_event *ev, const char *file, edgefn_str json, cli_memory *m)
{
    char line[EDGEHOST_WHY];

    if (!cli_memory_make(m, json.len)) return false;
    do {
        edgefn_arena arena = edgefn_arena_make(m->ptr, m->cap);
        if (edgefn_parse(ev, json, arena, &cli_reading) == EDGEFN_OK && make_views(ev)) {
            if (file && ev->type_inferred) cli_say_type(file, ev->type);
            return true;
        }
    } while (cli_memory_retry(m, ev->err.code));
    if (file) cli_complain(file, (edgefn_str){ line, edgefn_describe(ev, line, sizeof line) });
    return false;
}

void cli_complain(const char *file, edgefn_str lines)
{
    while (lines.len > 0) {
        edgefn_cut cut = edgefn_str_cut(lines, EDGEFN_S("\n"));
        fprintf(stderr, "%s:", file);
        cli_put_to(stderr, cut.head);
        fputc('\n', stderr);
        if (!cut.found) break;
        lines = cut.tail;
    }
}
