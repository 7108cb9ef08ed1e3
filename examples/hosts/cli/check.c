/* check.c - edgefn check: checks any function's result by CloudFront's rules. edgefn rules: lists these rules. */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool refuses(const edgefn_rule *rule)
{
    return rule->confidence != EDGEFN_CONFIDENCE_DOUBTFUL;
}

static const char *confidence_name(edgefn_confidence confidence)
{
    static const char *const names[] = { "?", "documented", "reported", "inferred", "doubtful" };

    return names[confidence <= EDGEFN_CONFIDENCE_DOUBTFUL ? confidence : 0];
}

/* Makes CloudFront's error message, with the names and numbers of this case. Returns: empty if CloudFront's message is not known. */
static cli_bytes sentence(const edgefn_finding *finding)
{
    size_t len = edgefn_finding_message(finding, NULL, 0);
    cli_bytes b = { .ptr = malloc(len + 1), .cap = len + 1 };

    if (b.ptr == NULL)
        b.failed = true;
    else
        b.len = edgefn_finding_message(finding, b.ptr, len);
    return b;
}

/* The position of the last finding in the result. Findings are sorted by position: counting on from the last one keeps the time linear. */
typedef struct place {
    size_t pos, line, line_start;
} place;

static edgefn_location locate(place *p, edgefn_str text, size_t pos)
{
    if (pos > text.len) pos = text.len;
    if (p->line == 0 || pos < p->pos) *p = (place){ .line = 1 };
    for (; p->pos < pos; p->pos++) {
        if (text.ptr[p->pos] != '\n') continue;
        p->line++;
        p->line_start = p->pos + 1;
    }
    return (edgefn_location){ p->line, pos - p->line_start + 1 };
}

/*--- on a terminal: the offending line with a caret below it, CloudFront's message, advice ------------------------------*/

/* Returns: the number of columns of a text on the terminal. */
static size_t width_of(edgefn_str s)
{
    char *text = NULL;
    size_t len = 0, columns = 0;
    FILE *f = open_memstream(&text, &len);

    if (f == NULL) return 0;
    cli_put_to(f, s);
    fclose(f);
    for (size_t i = 0; i < len; i++)
        columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    free(text);
    return columns;
}

/* Prints the line that contains a position, or the part of it near the position, with a caret below. */
static void point(edgefn_str result, size_t pos, const char *colour, const char *no_colour)
{
    size_t from = pos < result.len ? pos : result.len;
    size_t to = from;

    pos = from;
    while (from > 0 && pos - from < 60 && result.ptr[from - 1] != '\n')
        from--;
    while (to < result.len && to - pos < 60 && result.ptr[to] != '\n' && result.ptr[to] != '\r')
        to++;
    while (from < pos && ((unsigned char)result.ptr[from] & 0xC0) == 0x80)
        from++; /* do not split a character */
    while (to < result.len && to > pos && ((unsigned char)result.ptr[to] & 0xC0) == 0x80)
        to--;

    fputs("    ", stdout);
    cli_put((edgefn_str){ result.ptr + from, to - from });
    printf("\n    %*s%s^%s\n", (int)width_of((edgefn_str){ result.ptr + from, pos - from }), "",
           colour, no_colour);
}

static void put_for_person(const char *file, edgefn_str result, const edgefn_finding *f,
                           edgefn_location at)
{
    const char *no_color = getenv("NO_COLOR");
    bool colours = no_color == NULL || *no_color == '\0';
    const char *colour = refuses(f->rule) ? "\033[31m" : "\033[33m";
    cli_bytes message = sentence(f);

    printf("%s:%zu:%zu: %s: ", file, at.line, at.column, refuses(f->rule) ? "refused" : "doubtful");
    if (f->subject.ptr) {
        cli_put(f->subject);
        fputs(": ", stdout);
    }
    printf("%s (%s)\n", f->rule->text, f->rule->id);
    point(result, f->pos, colours ? colour : "", colours ? "\033[0m" : "");
    if (message.len > 0) {
        fputs("    CloudFront says: ", stdout);
        cli_put(cli_str(&message));
        putchar('\n');
    }
    printf("    what to do: %s\n", cli_advice(f->rule));
    cli_free(&message);
}

static void put_verdict(const char *file, const edgefn_finding *f, size_t count)
{
    size_t refused = 0;
    unsigned status = 0;

    for (size_t i = 0; i < count; i++) {
        if (!refuses(f[i].rule)) continue;
        refused++;
        if (status == 0) status = (unsigned)f[i].rule->status;
    }
    if (refused > 0)
        printf("%s: CloudFront would answer with status %u instead: %zu refused", file, status,
               refused);
    else
        printf("%s: CloudFront would accept it", file);
    if (count > refused) printf(", %zu doubtful", count - refused);
    putchar('\n');
}

/*--- findings as lines and as JSON ------------------------------------------------------------------------------------*/

static void put_line(const edgefn_finding *f)
{
    cli_bytes message = sentence(f);

    printf("%s\t", f->rule->id);
    cli_put(f->subject.ptr ? f->subject : EDGEFN_S("-"));
    putchar('\t');
    cli_put(message.len ? cli_str(&message) : EDGEFN_S("-"));
    printf("\t%s\t%zu\n", refuses(f->rule) ? "refused" : "doubtful", f->pos);
    cli_free(&message);
}

static void add_member(cli_bytes *b, const char *name, edgefn_str value)
{
    cli_add_z(b, name); /* with its punctuation */
    if (value.ptr)
        cli_add_json(b, value);
    else
        cli_add_z(b, "null");
}

static void add_number(cli_bytes *b, const char *name, uint64_t value)
{
    char text[32];

    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    cli_add_z(b, name);
    cli_add_z(b, text);
}

static void add_rule(cli_bytes *b, const edgefn_rule *rule, edgefn_str message)
{
    add_member(b, "{\"rule\":", edgefn_cstr(rule->id));
    add_member(b, ",\"verdict\":", edgefn_cstr(refuses(rule) ? "refused" : "doubtful"));
    add_member(b, ",\"confidence\":", edgefn_cstr(confidence_name(rule->confidence)));
    add_number(b, ",\"status\":", rule->status);
    add_member(b, ",\"events\":", edgefn_cstr(rule->events));
    add_member(b, ",\"text\":", edgefn_cstr(rule->text));
    add_member(b, ",\"says\":", message);
    add_member(b, ",\"source\":", edgefn_cstr(rule->source));
}

static void add_finding(cli_bytes *b, const edgefn_finding *f, edgefn_location at)
{
    cli_bytes message = sentence(f);

    add_rule(b, f->rule, message.len ? cli_str(&message) : edgefn_cstr(NULL));
    add_member(b, ",\"subject\":", f->subject);
    add_number(b, ",\"offset\":", f->pos);
    add_number(b, ",\"line\":", at.line);
    add_number(b, ",\"column\":", at.column);
    add_number(b, ",\"limit\":", f->limit);
    add_number(b, ",\"actual\":", f->actual);
    cli_add_z(b, "}");
    cli_free(&message);
}

/* Prints the bytes of b. Returns: false after a message. */
static bool put_bytes(cli_bytes *b)
{
    bool whole = !b->failed;

    if (whole)
        fwrite(b->ptr, 1, b->len, stdout);
    else
        fputs("edgefn: not enough memory to print\n", stderr);
    cli_free(b);
    return whole;
}

/* Returns: the format of a result, according to one of its members. */
static const char *shape_of(edgefn_str member, edgefn_dialect event)
{
    static const struct {
        const char *member, *text;
    } shapes[] = {
        { "status", "a Lambda@Edge answer" },
        { "statusCode", "a CloudFront Functions or an API Gateway answer" },
        { "value", "a CloudFront Functions answer" },
        { "cookies", "a CloudFront Functions answer" },
        { "body", "a CloudFront Functions answer" },
        { "isBase64Encoded", "an API Gateway answer" },
        { "multiValueHeaders", "an API Gateway answer" },
        { "headers", "an API Gateway answer" },
    };

    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (edgefn_str_eq(member, edgefn_cstr(shapes[i].member))) return shapes[i].text;
    /* method or uri: a request of the other dialect */
    return event == EDGEFN_DIALECT_LAMBDA ? "a CloudFront Functions request"
                                          : "a Lambda@Edge request";
}

/* Recognises a result by a member that results for such an event do not have. Returns: what it is; NULL if unknown. */
static const char *shape_by_member(edgefn_dialect event, edgefn_str result)
{
    static const char test_output[] =
        "the output of AWS's test-function, which runs CloudFront Functions: the event is Lambda@Edge's";
    static const struct {
        edgefn_dialect event;
        const char *member, *text;
    } shapes[] = {
        { EDGEFN_DIALECT_LAMBDA, "/TestResult", test_output },
        { EDGEFN_DIALECT_LAMBDA, "/FunctionOutput", test_output },
        { EDGEFN_DIALECT_LAMBDA, "/errorMessage", "Lambda's report of a failed function" },
        { EDGEFN_DIALECT_LAMBDA, "/ExecutedVersion",
          "the output of aws lambda invoke: the result is in the file that it wrote" },
        { EDGEFN_DIALECT_FUNCTIONS, "/isBase64Encoded", "an API Gateway answer" },
        { EDGEFN_DIALECT_FUNCTIONS, "/multiValueHeaders", "an API Gateway answer" },
    };

    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (shapes[i].event == event && cli_json_has(result, shapes[i].member))
            return shapes[i].text;
    return NULL;
}

/* Recognises a result in a foreign format. Returns: its name; NULL if no known format matches. */
static const char *shape(edgefn_dialect event, edgefn_str result, const edgefn_finding *f,
                         size_t count)
{
    bool is_plain = false; /* a header that is a string */

    for (size_t i = 0; i < count; i++) {
        const char *id = f[i].rule->id;
        if (strcmp(id, "result.shape") == 0) return shape_of(f[i].subject, event);
        if (strcmp(id, "headers.item") == 0 && f[i].pos < result.len)
            is_plain = is_plain || result.ptr[f[i].pos] == '"';
    }
    if (is_plain && cli_json_has(result, "/statusCode") && cli_json_has(result, "/headers"))
        return "an API Gateway answer";
    return shape_by_member(event, result);
}

static bool is_no_object(const edgefn_rule *rule)
{
    const char *id = strncmp(rule->id, "functions.", 10) == 0 ? rule->id + 10 : rule->id;

    return strcmp(id, "result.json") == 0 || strcmp(id, "result.object") == 0;
}

static int exit_code(const edgefn_finding *f, size_t count)
{
    int code = CLI_OK;

    for (size_t i = 0; i < count; i++) {
        if (is_no_object(f[i].rule)) return CLI_NO_OBJECT;
        if (refuses(f[i].rule)) code = CLI_REFUSED;
    }
    return code;
}

/* Returns: false after a message. */
static bool put_json(edgefn_str result, const edgefn_finding *f, size_t count)
{
    cli_bytes b = { 0 };
    place p = { 0 };

    cli_add_z(&b, "[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) cli_add_z(&b, ",\n ");
        add_finding(&b, &f[i], locate(&p, result, f[i].pos));
    }
    cli_add_z(&b, "]\n");
    return put_bytes(&b);
}

/* Prints all findings of a result for such an event: as JSON, for reading on a terminal, or as lines. Returns: the exit code. */
static int print_findings(const char *file, edgefn_dialect event, edgefn_str result,
                          const edgefn_finding *f, size_t count, bool as_json)
{
    bool person = isatty(STDOUT_FILENO) && !as_json;
    const char *foreign = shape(event, result, f, count);
    place p = { 0 };

    /* first, because it explains the findings */
    if (foreign) fprintf(person ? stdout : stderr, "edgefn: this is %s\n", foreign);
    if (as_json && !put_json(result, f, count)) return CLI_USAGE;
    for (size_t i = 0; i < count && !as_json; i++) {
        if (person)
            put_for_person(file, result, &f[i], locate(&p, result, f[i].pos));
        else
            put_line(&f[i]);
    }
    if (person) put_verdict(file, f, count);
    return exit_code(f, count);
}

/* Reads the event and checks the result; twice, first to count the findings. Returns: their number, SIZE_MAX after a message. */
static size_t find_all(edgefn_event *ev, const char *file, edgefn_str event, edgefn_str result,
                       cli_memory *m, edgefn_finding **findings)
{
    char line[EDGEHOST_WHY];
    size_t count = SIZE_MAX;

    *findings = NULL;
    if (!cli_memory_make(m, event.len + result.len)) return SIZE_MAX;
    do {
        if (edgefn_parse(ev, event, edgefn_arena_make(m->ptr, m->cap), &cli_reading) == EDGEFN_OK)
            count = edgefn_check(ev, result, NULL, 0);
    } while (cli_memory_retry(m, ev->err.code));
    if (ev->err.code != EDGEFN_OK) {
        cli_complain(file, (edgefn_str){ line, edgefn_describe(ev, line, sizeof line) });
        return SIZE_MAX;
    }
    if (ev->type_inferred) cli_say_type(file, ev->type);
    *findings = malloc((count ? count : 1) * sizeof **findings);
    if (*findings) return edgefn_check(ev, result, *findings, count);
    fputs("edgefn: not enough memory for so many findings\n", stderr);
    return SIZE_MAX;
}

static int check(const char *const *files, bool as_json)
{
    cli_bytes event = { 0 }, result = { 0 };
    cli_memory memory = { 0 };
    edgefn_finding *findings = NULL;
    edgefn_event ev;
    int code = CLI_USAGE;

    if (cli_read(files[0], &event) && cli_read(files[1], &result)) {
        size_t count =
            find_all(&ev, files[0], cli_str(&event), cli_str(&result), &memory, &findings);
        if (count != SIZE_MAX)
            code = print_findings(files[1], ev.dialect, cli_str(&result), findings, count, as_json);
        else if (findings == NULL && memory.ptr != NULL && ev.err.code != EDGEFN_OK
                 && ev.err.code != EDGEFN_E_OOM)
            code = CLI_NO_OBJECT;
        code = cli_flush(code);
    }
    free(findings);
    cli_memory_free(&memory);
    cli_free(&event);
    cli_free(&result);
    return code;
}

int cli_check(cli_args *args)
{
    const char *files[2] = { NULL, NULL };
    size_t count = 0;
    bool as_json = false;

    while (cli_next(args)) {
        int type = args->operand ? 0 : cli_type_option(args);
        if (type < 0) return CLI_USAGE;
        if (type > 0) continue;
        if (args->operand && count == 2)
            return cli_usage(args, "one event and one result, not also", args->operand);
        if (args->operand)
            files[count++] = args->operand;
        else if (cli_is(args, "--json")) {
            if (!cli_flag(args)) return CLI_USAGE;
            as_json = true;
        } else
            return cli_usage(args, "unknown option", args->option);
    }
    if (count < 2)
        return cli_usage(
            args, count == 0 ? "an event and a result are missing" : "a result is missing", NULL);
    if (strcmp(files[0], "-") == 0 && strcmp(files[1], "-") == 0)
        return cli_usage(args, "only one of the two can be standard input", NULL);
    return check(files, as_json);
}

/*--- edgefn rules -----------------------------------------------------------------------------------------------------*/

static int rules_json(const edgefn_rule *rules, size_t count)
{
    cli_bytes b = { 0 };

    for (size_t i = 0; i < count; i++) {
        cli_add_z(&b, i ? ",\n " : "[");
        add_rule(&b, &rules[i], edgefn_cstr(rules[i].message));
        cli_add_z(&b, "}");
    }
    cli_add_z(&b, "]\n");
    return put_bytes(&b) ? CLI_OK : CLI_USAGE;
}

static int rules_text(const edgefn_rule *rules, size_t count)
{
    int id = 0, kinds = 0;

    for (size_t i = 0; i < count; i++) {
        if ((int)strlen(rules[i].id) > id) id = (int)strlen(rules[i].id);
        if ((int)strlen(rules[i].events) > kinds) kinds = (int)strlen(rules[i].events);
    }
    for (size_t i = 0; i < count; i++)
        printf("%-*s  %-10s  %-*s  %s\n", id, rules[i].id, confidence_name(rules[i].confidence),
               kinds, rules[i].events, rules[i].text);
    return CLI_OK;
}

int cli_rules(cli_args *args)
{
    bool as_json = false;
    size_t count = 0;

    while (cli_next(args)) {
        if (args->operand) return cli_usage(args, "this takes no files, not", args->operand);
        if (!cli_is(args, "--json")) return cli_usage(args, "unknown option", args->option);
        if (!cli_flag(args)) return CLI_USAGE;
        as_json = true;
    }
    const edgefn_rule *rules = edgefn_rules(&count);
    return cli_flush(as_json ? rules_json(rules, count) : rules_text(rules, count));
}
