/* events.c - edgefn events: CloudFront's logs and HAR files as events, one per line. */
#include "events.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool events_error(events *e, const char *what, const char *about)
{
    fprintf(stderr, "%s:%lu: error: %s", e->file, e->line, what);
    if (about) fputs(" ", stderr);
    if (about) cli_put_to(stderr, edgefn_cstr(about));
    fputc('\n', stderr);
    e->skipped = true;
    return false;
}

void events_note(events *e, bool *told, const char *what)
{
    if (!*told) fprintf(stderr, "%s: note: %s\n", e->file, what);
    *told = true;
}

/*--- records ----------------------------------------------------------------------------------------------------------*/

/* Makes a block of at least `need` bytes; its content is lost. */
static bool make_room(char **block, size_t *cap, size_t need)
{
    if (need <= *cap) return true;
    free(*block);
    *block = malloc(need);
    *cap = *block ? need : 0;
    return *block != NULL;
}

bool events_record_begin(events *e, size_t len)
{
    /* U+FFFD replaces one byte by three. */
    bool got = make_room(&e->text, &e->text_cap, len * 3 + F_COUNT);
    /* JSON escapes, then percent-encoding in rounds. */
    got = make_room(&e->decoded, &e->decoded_cap, len * (2 + EVENTS_ROUNDS) + 4096) && got;
    edgefn_arena arena = edgefn_arena_make(e->decoded, e->decoded_cap);

    memset(e->values, 0, sizeof e->values);
    e->text_len = 0;
    got = got
          && edgefn_build_begin(&e->decoder, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena,
                                NULL)
                 == EDGEFN_OK;
    return got || events_error(e, "out of memory", NULL);
}

edgefn_str events_keep(events *e, edgefn_str value)
{
    char *to = e->text + e->text_len;
    edgefn_str kept = { to, 0 };

    while (value.len > 0) {
        uint32_t code;
        size_t len = cli_character(value, 0, &code);
        if (len == 0) {
            events_note(e, &e->told_replaced,
                        "bytes that are not UTF-8 are replaced by U+FFFD, as in events");
            memcpy(to + kept.len, "\xef\xbf\xbd", 3);
            kept.len += 3;
        } else {
            memcpy(to + kept.len, value.ptr, len);
            kept.len += len;
        }
        value = edgefn_str_skip(value, len ? len : 1);
    }
    e->text_len += kept.len;
    return kept;
}

static void add_header(events *e, const char *name, edgefn_str value)
{
    if (value.ptr == NULL) return;
    if (!sample_push(&e->event.request, edgefn_cstr(name), value, true))
        events_note(e, &e->told_truncated, "more headers than an event can have: omitted");
}

/* One "Name:value" per line, in the order of the viewer. */
static void add_header_lines(events *e, edgefn_str lines)
{
    while (lines.len > 0) {
        edgefn_cut line = edgefn_str_cut(lines, EDGEFN_S("\n"));
        edgefn_cut one = edgefn_str_cut(line.head, EDGEFN_S(":"));
        bool cookie = edgefn_str_ieq(one.head, EDGEFN_S("cookie"));
        edgefn_str value = edgefn_str_trim(one.tail);
        if (cookie && e->values[F_COOKIE].ptr == NULL) e->values[F_COOKIE] = value;
        if (one.found && one.head.len > 0 && !cookie)
            sample_push(&e->event.request, one.head, value, true);
        lines = line.found ? line.tail : EDGEFN_S("");
    }
}

static bool has_header(const events *e, const char *name)
{
    for (size_t i = 0; i < e->event.request.len; i++)
        if (edgefn_str_ieq(e->event.request.items[i].name, edgefn_cstr(name))) return true;
    return false;
}

static void add_headers(events *e)
{
    static const struct {
        const char *name;
        events_field field;
    } headers[] = {
        { "Host", F_HOST },
        { "User-Agent", F_USER_AGENT },
        { "Referer", F_REFERER },
        { "Accept", F_ACCEPT },
        { "Accept-Encoding", F_ACCEPT_ENCODING },
        { "X-Forwarded-For", F_FORWARDED_FOR },
    };
    bool viewer_lambda = (e->event.kind & (VREQ | VRES)) != 0;

    add_header_lines(e, e->values[F_HEADERS]);
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        if (!has_header(e, headers[i].name))
            add_header(e, headers[i].name, e->values[headers[i].field]);
    /* CloudFront adds its own headers to all events except Lambda@Edge viewer events. */
    if (viewer_lambda) return;
    add_header(e, "CloudFront-Viewer-Country", e->values[F_COUNTRY]);
    add_header(e, "CloudFront-Forwarded-Proto", e->values[F_PROTOCOL]);
}

static void add_cookies(events *e)
{
    edgefn_str text = e->values[F_COOKIE];

    if (text.ptr == NULL) return;
    if (e->event.kind & LAMBDA)
        add_header(e, "Cookie", text);
    else if (!sample_split_cookies(&e->event.cookies, text))
        events_note(e, &e->told_truncated, "more cookies than an event can have: omitted");
}

/* Sets the status and headers of a response event. */
static bool add_response(events *e)
{
    edgefn_number status = edgefn_str_to_u64(e->values[F_STATUS]);

    if ((e->event.kind & RESPONSE) == 0) return true;
    if (!status.ok || status.value < 200 || status.value > 599)
        return events_error(e, "a response event needs a status from 200 to 599", NULL);
    e->event.status = (uint32_t)status.value;
    if (e->event.status_text.ptr == NULL)
        e->event.status_text = edgefn_status_text(e->event.status);
    if (e->values[F_CONTENT_TYPE].ptr)
        sample_push(&e->event.response, EDGEFN_S("Content-Type"), e->values[F_CONTENT_TYPE], true);
    if (e->values[F_CONTENT_LENGTH].ptr)
        sample_push(&e->event.response, EDGEFN_S("Content-Length"), e->values[F_CONTENT_LENGTH],
                    true);
    return true;
}

static void split_url(events *e)
{
    edgefn_cut cut = edgefn_str_cut(e->values[F_URL], EDGEFN_S("?"));

    if (e->values[F_URL].ptr == NULL) return;
    e->values[F_URI] = cut.head;
    if (e->values[F_QUERY].ptr == NULL && cut.found) e->values[F_QUERY] = cut.tail;
}

bool events_print(events *e)
{
    sample *s = &e->event;

    split_url(e);
    if (e->values[F_METHOD].ptr == NULL) return events_error(e, "the method is missing", NULL);
    if (e->values[F_URI].ptr == NULL) return events_error(e, "the path is missing", NULL);
    if (e->values[F_HOST].ptr == NULL) e->values[F_HOST] = e->values[F_DOMAIN];
    s->method = e->values[F_METHOD];
    s->uri = e->values[F_URI];
    s->query = e->values[F_QUERY].ptr ? e->values[F_QUERY] : EDGEFN_S("");
    s->client_ip = e->values[F_IP];
    s->domain = e->values[F_DOMAIN];
    s->distribution_id = e->values[F_DISTRIBUTION_ID];
    s->request_id = e->values[F_REQUEST_ID];
    add_headers(e);
    add_cookies(e);
    return add_response(e) && events_write(e);
}

/* Empties the event, except for its type. */
void events_reset(events *e)
{
    sample *s = &e->event;

    s->request.len = s->response.len = 0;
    s->cookies.len = s->set_cookies.len = s->parameters.len = 0;
    s->body = s->status_text = EDGEFN_ABSENT;
    s->status = 0;
    s->truncated = false;
}

static bool put_together(events *e)
{
    e->out.len = e->cookie.len = 0;
    if (e->event.kind & LAMBDA) return sample_lambda(&e->out, &e->event, &e->cookie);
    return sample_functions(&e->out, &e->event);
}

/* Parses the event that was built: an event that the library refuses is not printed. */
static bool holds(events *e)
{
    edgefn_event ev;
    char line[EDGEHOST_WHY];
    size_t need = edgefn_memory_bound(e->out.len);

    if (e->memory.cap < need) {
        cli_memory_free(&e->memory);
        if (!cli_memory_make(&e->memory, e->out.len)) return false;
    }
    edgefn_arena arena = edgefn_arena_make(e->memory.ptr, e->memory.cap);
    if (edgefn_parse(&ev, cli_str(&e->out), arena, NULL) == EDGEFN_OK) {
        edgefn_str uri = ev.request.uri;
        if (edgefn_str_starts(uri, EDGEFN_S("/"))) return true;
        return events_error(e, "the path does not begin with '/'", NULL);
    }
    line[edgefn_describe(&ev, line, sizeof line)] = '\0';
    return events_error(e, "this is not a valid event:", line);
}

bool events_write(events *e)
{
    bool good = put_together(e);

    events_reset(e);
    if (!good)
        return events_error(e, "more headers, cookies or parameters than an event can have", NULL);
    if (e->out.failed || e->cookie.failed) return events_error(e, "out of memory", NULL);
    if (!holds(e)) return false;
    cli_add_z(&e->out, "\n");
    fwrite(e->out.ptr, 1, e->out.len, stdout);
    return true;
}

/*--- formats ----------------------------------------------------------------------------------------------------------*/

/* "#Fields: a b c" and "#Version: 1.0". Returns: true when the line is one of these. */
static bool read_directive(events *e, edgefn_str line)
{
    if (!edgefn_str_starts(line, EDGEFN_S("#"))) return false;
    if (memchr(line.ptr, '\r', line.len))
        events_error(e, "these lines end in CR alone: tr '\\r' '\\n' <FILE | edgefn events", NULL);
    if (edgefn_str_starts(line, EDGEFN_S("#Fields:")) && e->fields == NULL)
        events_columns(e, edgefn_str_skip(line, sizeof "#Fields:" - 1));
    return true;
}

/* Guesses the format from the first line that is not empty. A HAR file is one JSON text of many lines. */
static events_format guess(edgefn_str line)
{
    edgefn_str text = edgefn_str_trim(line);

    if (text.len == 0 || text.ptr[0] != '{') {
        bool date = text.len > 10 && text.ptr[4] == '-' && text.ptr[7] == '-';
        return date || text.ptr[0] == '#' ? FROM_STANDARD : FROM_REAL_TIME;
    }
    if (!cli_is_json(text)) return FROM_HAR;
    cli_json members = cli_json_in(text);
    while (cli_json_next(&members))
        if (edgefn_str_eq(members.name, EDGEFN_S("log"))) return FROM_HAR;
    return FROM_STANDARD;
}

static void read_line(events *e, edgefn_str line)
{
    if (cli_is_blank(line) || read_directive(e, line)) return;
    bool json = edgefn_str_trim(line).ptr[0] == '{';
    if (!(json ? events_json_line(e, line) : events_tab_line(e, line))) events_reset(e);
}

static void note_what_is_left_out(events *e, events_format from)
{
    if (from == FROM_HAR)
        events_note(e, &e->told_left_out, "a HAR file does not contain the viewer's address");
    else
        events_note(
            e, &e->told_left_out,
            from == FROM_REAL_TIME
                ? "real-time logs contain no bodies, and headers only in cs-headers, cut at "
                  "800 bytes: all others are missing in the events"
                : "standard logs contain only the headers Host, User-Agent, Referer, Cookie "
                  "and X-Forwarded-For, and no bodies: all others are missing in the events");
}

static bool starts_utf16(edgefn_str line)
{
    return edgefn_str_starts(line, EDGEFN_S("\xff\xfe"))
           || edgefn_str_starts(line, EDGEFN_S("\xfe\xff"));
}

/* Reads a file: the lines of a log, or a whole HAR file. */
static void read_lines(events *e, cli_lines *lines)
{
    edgefn_str line;
    events_format from = e->from;

    while (cli_lines_next(lines, &line)) {
        e->line = lines->line;
        if (lines->too_long) {
            events_error(e, "this line is longer than 16 MiB", NULL);
            continue;
        }
        if (e->line == 1 && edgefn_str_starts(line, EDGEFN_S("\x1f\x8b"))) {
            events_error(e, "this is compressed: zcat FILE | edgefn events", NULL);
            return;
        }
        if (e->line == 1 && starts_utf16(line)) {
            events_error(e, "this is UTF-16: iconv -f UTF-16 -t UTF-8 FILE | edgefn events", NULL);
            return;
        }
        if (cli_is_blank(line)) continue;
        if (from == FROM_AUTO) from = guess(line);
        note_what_is_left_out(e, from);
        if (from == FROM_HAR) {
            events_har(e, cli_lines_rest(lines, line));
            return;
        }
        if (e->column_count == 0 && e->fields == NULL) {
            e->from = from; /* determines the order of fields */
            events_columns_default(e);
        }
        read_line(e, line);
    }
}

static void read_file(events *e, const char *file)
{
    cli_lines lines;
    events_format from = e->from;

    e->file = file;
    e->line = 0;
    if (e->fields == NULL) e->column_count = 0;
    if (!cli_lines_open(&lines, file)) {
        e->skipped = true;
        return;
    }
    read_lines(e, &lines);
    if (lines.failed) e->skipped = true;
    e->from = from;
    cli_lines_close(&lines);
}

/*--- the command ------------------------------------------------------------------------------------------------------*/

static bool set_from(events *e, const char *name)
{
    static const char *const names[] = { "auto", "standard-log", "real-time-log", "har" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) != 0) continue;
        e->from = (events_format)i;
        return true;
    }
    return false;
}

/* Takes one option. Returns: CLI_OK, or CLI_USAGE after a message. */
static int read_option(cli_args *args, events *e)
{
    if (cli_is(args, "--include-body")) {
        e->include_body = cli_flag(args);
        return e->include_body ? CLI_OK : CLI_USAGE;
    }
    bool from = cli_is(args, "--from");
    bool type = cli_is(args, "--type");
    if (!from && !type && !cli_is(args, "--fields"))
        return cli_usage(args, "unknown option", args->option);
    const char *value = cli_value(args);
    if (value == NULL) return CLI_USAGE;
    if (from && !set_from(e, value))
        return cli_usage(args, "--from needs auto, standard-log, real-time-log or har, not", value);
    if (type && !sample_kind_option(&e->event, args, value)) return CLI_USAGE;
    if (!from && !type) e->fields = value;
    return CLI_OK;
}

static int read_options(cli_args *args, events *e, const char **files, size_t *count)
{
    while (cli_next(args)) {
        if (args->operand)
            files[(*count)++] = args->operand;
        else if (read_option(args, e) != CLI_OK)
            return CLI_USAGE;
    }
    if (*count == 0) files[(*count)++] = "-";
    e->file = "--fields";
    if (e->fields && !events_columns(e, edgefn_cstr(e->fields))) return CLI_USAGE;
    return CLI_OK;
}

int cli_events(cli_args *args)
{
    events *e = calloc(1, sizeof *e);
    const char **files = calloc((size_t)args->argc + 1, sizeof *files);
    size_t count = 0;
    int code = CLI_USAGE;

    if (e == NULL || files == NULL) {
        fputs("edgefn: not enough memory\n", stderr);
    } else {
        sample_kind(&e->event, "viewer-request");
        code = read_options(args, e, files, &count);
        for (size_t i = 0; code == CLI_OK && i < count; i++)
            read_file(e, files[i]);
        if (code == CLI_OK && e->skipped) code = CLI_REFUSED;
        cli_free(&e->out);
        cli_free(&e->cookie);
        cli_memory_free(&e->memory);
        free(e->text);
        free(e->decoded);
    }
    free(files);
    free(e);
    return cli_flush(code);
}
