/* edgefn_wasm.c - the WebAssembly module of the JavaScript package: commands of the command line (../cli), which read
   files that the caller brings and print into its memory. edgefn.mjs calls it.

   The module imports nothing. It exports its memory and two functions:

       edgefn_room(len)   returns where to write a call of `len` bytes; 0 when memory cannot grow so far
       edgefn_call(len)   runs the command in it; returns the address of five 32-bit numbers: exit code, address and
                          length of standard output, address and length of standard error

   A call is a sequence of parts, each aligned to 4 bytes: what it is (npm_part.what), its length, its bytes, and a NUL.
   The first part is the command's name. Everything that a call took is free again when the next one begins; the memory
   of the module itself never shrinks: the caller drops the instance. Memory, from address 0: the stack (an overflow
   traps), constants, the call, and the heap of libc.c. */
#include "../cli/cli.h"
#include "libc.h"

#define EXPORT(name) __attribute__((export_name(name)))

enum { MOST_PARTS = 1024 };

extern unsigned char __heap_base; /* the linker's: the first byte after stack and constants */

typedef struct answer {
    uint32_t code;
    const char *out;
    size_t out_len;
    const char *err;
    size_t err_len;
} answer;

/*--- JSON -------------------------------------------------------------------------------------------------------------*/

static void add_text(cli_bytes *b, const char *name, edgefn_str value)
{
    cli_add_z(b, name); /* with its punctuation */
    if (value.ptr)
        cli_add_json(b, value);
    else
        cli_add_z(b, "null");
}

static void add_number(cli_bytes *b, const char *name, size_t value)
{
    char text[16];

    snprintf(text, sizeof text, "%zu", value);
    cli_add_z(b, name);
    cli_add_z(b, text);
}

static int print(const cli_bytes *b)
{
    fwrite(b->ptr, 1, b->len, stdout);
    return cli_flush(b->failed ? CLI_USAGE : CLI_OK);
}

/*--- the commands that only JavaScript needs --------------------------------------------------------------------------*/

static void add_error(cli_bytes *b, const edgefn_event *ev, edgefn_str json)
{
    char line[EDGEHOST_WHY];
    const edgefn_err *e = &ev->err;
    edgefn_location at = edgefn_locate(json, e->pos);

    add_text(b, "{\"error\":{\"code\":", edgefn_cstr(edgefn_error_name(e->code)));
    add_text(b, ",\"text\":", edgefn_cstr(edgefn_error_text(e->code)));
    add_text(b, ",\"where\":", edgefn_cstr(e->where));
    add_text(b, ",\"subject\":", e->subject);
    if (e->pos != SIZE_MAX) {
        add_number(b, ",\"offset\":", e->pos);
        add_number(b, ",\"line\":", at.line);
        add_number(b, ",\"column\":", at.column);
    }
    add_text(b, ",\"message\":", (edgefn_str){ line, edgefn_describe(ev, line, sizeof line) });
    cli_add_z(b, "}}");
}

/* parse [--type TYPE] EVENT: prints what the event is, or its error. */
static int parse(cli_args *args)
{
    cli_bytes json = { 0 }, b = { 0 };
    cli_memory m;
    edgefn_event ev;

    while (cli_next(args) && args->operand == NULL)
        if (cli_type_option(args) <= 0) return CLI_USAGE;
    if (args->operand == NULL || !cli_read(args->operand, &json)) return CLI_USAGE;
    if (!cli_memory_make(&m, json.len)) return CLI_USAGE;
    do
        edgefn_parse(&ev, cli_str(&json), edgefn_arena_make(m.ptr, m.cap), &cli_reading);
    while (cli_memory_retry(&m, ev.err.code));
    if (ev.err.code == EDGEFN_E_OOM) return CLI_USAGE;
    if (ev.err.code != EDGEFN_OK) {
        add_error(&b, &ev, cli_str(&json));
        return print(&b);
    }
    bool lambda = ev.dialect == EDGEFN_DIALECT_LAMBDA;
    add_text(&b, "{\"dialect\":", lambda ? EDGEFN_S("lambda") : EDGEFN_S("functions"));
    add_text(&b, ",\"type\":", edgefn_cstr(edgefn_event_type_name(ev.type)));
    cli_add_z(&b, ev.type_inferred ? ",\"inferred\":true}" : ",\"inferred\":false}");
    return print(&b);
}

static edgefn_str or_absent(const char *name)
{
    return edgefn_cstr(strcmp(name, "-") == 0 ? NULL : name);
}

/* ua FILE: prints everything that edgefn_ua_parse() finds in a text. */
static int user_agent(cli_args *args)
{
    static const char *const bots[] = {
        "-", "search", "preview", "monitor", "ai", "tool", "other"
    };
    cli_bytes text = { 0 }, b = { 0 };

    if (!cli_next(args) || !cli_read_raw(args->operand, &text)) return CLI_USAGE;
    edgefn_ua ua = edgefn_ua_parse(cli_str(&text));
    add_text(&b, "{\"device\":", edgefn_device_name(ua.device));
    add_text(&b, ",\"system\":", or_absent(cli_system_name(ua.os)));
    add_text(&b, ",\"browser\":", or_absent(cli_browser_name(ua.browser)));
    add_number(&b, ",\"version\":", ua.major);
    add_text(&b, ",\"bot\":", or_absent(bots[ua.bot]));
    add_text(&b, ",\"botName\":", ua.bot_name);
    cli_add_z(&b, "}");
    return print(&b);
}

/* advice: prints how to fix findings, for all rules in the order of edgefn_rules(). */
static int all_advice(cli_args *args)
{
    cli_bytes b = { 0 };
    size_t count = 0;
    const edgefn_rule *rules = edgefn_rules(&count);

    (void)args;
    for (size_t i = 0; i < count; i++)
        add_text(&b, i ? "," : "[", edgefn_cstr(cli_advice(&rules[i])));
    cli_add_z(&b, "]");
    return print(&b);
}

/*--- sanitize: edgefn_sanitize(), after the edits that a function made ------------------------------------------------*/

/* sanitize [--type TYPE] EVENT EDITS: prints which values the names in EDITS have after edgefn_sanitize(), in the order
   of EDITS: [["a","b"],[]]. EDITS is a sequence of texts, each with a NUL after it; their first byte says what they are:
       a        first: the result is a generated response
       h NAME   a name of the result's headers, o NAME: one of its origin's custom headers
       = VALUE  a value that the name has in the result; none: it is not there. Syntax is the caller's. */

static edgefn_str next_edit(edgefn_str *edits)
{
    edgefn_cut cut = edgefn_str_cut(*edits, (edgefn_str){ "", 1 });

    *edits = cut.tail;
    return cut.head;
}

static bool edit_is(edgefn_str edit, char what)
{
    return edit.len > 0 && edit.ptr[0] == what;
}

static edgefn_fields *edited_list(edgefn_event *ev, edgefn_str edit, bool answer)
{
    if (edit_is(edit, 'o')) return &ev->request.origin.headers;
    return answer || !edgefn_is_request(ev) ? &ev->response.headers : &ev->request.headers;
}

/* Gives a name the values that come next. */
static void edit_name(edgefn_fields *f, edgefn_str name, edgefn_str *edits)
{
    size_t at = edgefn_find(f, name, 0);

    while (edit_is(*edits, '=')) {
        edgefn_str value = edgefn_str_skip(next_edit(edits), 1);
        bool received = at < f->len;
        if (received ? !edgefn_set_at(f, at, value) : !edgefn_add(f, name, value)) return;
        at = received ? edgefn_find(f, name, at + 1) : f->len;
    }
    while (at < f->len && edgefn_remove_at(f, at))
        at = edgefn_find(f, name, at);
}

static void add_values(cli_bytes *b, const edgefn_fields *f, edgefn_str name)
{
    const char *before = "[";

    for (size_t i = edgefn_find(f, name, 0); i < f->len; i = edgefn_find(f, name, i + 1)) {
        add_text(b, before, f->items[i].value);
        before = ",";
    }
    cli_add_z(b, *before == '[' ? "[]" : "]");
}

/* Makes the edits, undoes what is refused, and adds the values that are left. Returns: false if that failed. */
static bool edit_and_undo(edgefn_event *ev, edgefn_str edits, cli_bytes *b)
{
    bool answer = edit_is(edits, 'a');
    const char *before = "[";

    if (answer) {
        next_edit(&edits);
        edgefn_respond(ev, 200, NULL);
    }
    for (edgefn_str rest = edits; rest.len > 0;) {
        edgefn_str edit = next_edit(&rest);
        if (edit_is(edit, 'o') && ev->request.origin.kind == EDGEFN_ORIGIN_NONE)
            edgefn_origin_custom(ev, &(edgefn_origin_opts){ .domain = EDGEFN_S("example.com"),
                                                            .keep_host_header = true });
        edit_name(edited_list(ev, edit, answer), edgefn_str_skip(edit, 1), &rest);
    }
    edgefn_sanitize(ev, NULL, 0);
    b->len = 0;
    while (edits.len > 0) {
        edgefn_str edit = next_edit(&edits);
        if (edit_is(edit, '=')) continue;
        cli_add_z(b, before);
        add_values(b, edited_list(ev, edit, answer), edgefn_str_skip(edit, 1));
        before = ",";
    }
    cli_add_z(b, "]");
    return ev->err.code == EDGEFN_OK;
}

static int sanitize(cli_args *args)
{
    cli_bytes json = { 0 }, edits = { 0 }, b = { 0 };
    cli_memory m;
    edgefn_event ev;
    bool done = false;

    while (cli_next(args) && args->operand == NULL)
        if (cli_type_option(args) <= 0) return CLI_USAGE;
    if (args->operand == NULL || !cli_read(args->operand, &json)) return CLI_USAGE;
    if (!cli_next(args) || !cli_read_raw(args->operand, &edits)) return CLI_USAGE;
    if (!cli_memory_make(&m, json.len + edits.len)) return CLI_USAGE;
    do {
        edgefn_arena arena = edgefn_arena_make(m.ptr, m.cap);
        done = edgefn_parse(&ev, cli_str(&json), arena, &cli_reading) == EDGEFN_OK
               && edit_and_undo(&ev, cli_str(&edits), &b);
    } while (cli_memory_retry(&m, ev.err.code));
    return done ? print(&b) : CLI_REFUSED;
}

static int version(cli_args *args)
{
    (void)args;
    fputs(edgefn_version(), stdout);
    return CLI_OK;
}

/*--- calls ------------------------------------------------------------------------------------------------------------*/

static const struct {
    const char *name;
    int (*run)(cli_args *args);
} commands[] = {
    { "check", cli_check },   { "rules", cli_rules }, { "convert", cli_convert },
    { "sample", cli_sample }, { "parse", parse },     { "ua", user_agent },
    { "advice", all_advice }, { "version", version }, { "sanitize", sanitize },
};

static char *call_place(void)
{
    return (char *)&__heap_base + (-(size_t)&__heap_base & 15);
}

/* Returns: where to write a call of `len` bytes; NULL if it is too long. */
EXPORT("edgefn_room") char *edgefn_room(size_t len);
char *edgefn_room(size_t len)
{
    return npm_reach(call_place(), len) ? call_place() : NULL;
}

static int run(int argc, char **argv)
{
    cli_args args = { .command = argv[0], .argc = argc, .argv = argv, .at = 1 };

    cli_reading.type = EDGEFN_EVENT_TYPE_NONE; /* --type of the call before */
    for (size_t i = 0; argc > 0 && i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].name, argv[0]) == 0) return commands[i].run(&args);
    return CLI_USAGE;
}

/* Returns: the result, valid until the next call. */
EXPORT("edgefn_call") const answer *edgefn_call(size_t len);
const answer *edgefn_call(size_t len)
{
    static npm_part parts[MOST_PARTS];
    static char *argv[MOST_PARTS];
    static answer out;
    char *at = call_place(), *end = at + len;
    size_t count = 0;
    int argc = 0;

    for (; at < end && count < MOST_PARTS; count++) {
        uint32_t head[2];
        memcpy(head, at, sizeof head);
        parts[count].what = head[0];
        parts[count].bytes = at + sizeof head;
        parts[count].len = head[1];
        if (head[0] == NPM_ARGUMENT) argv[argc++] = parts[count].bytes;
        at += sizeof head + (head[1] / 4 + 1) * 4;
    }
    npm_begin(end, parts, count);
    out.code = (uint32_t)run(argc, argv);
    out.out = stdout->ptr;
    out.out_len = stdout->len;
    out.err = stderr->ptr;
    out.err_len = stderr->len;
    return &out;
}
