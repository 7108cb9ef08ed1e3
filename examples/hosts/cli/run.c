/* run.c - edgefn run: runs a handler, loaded as a shared object, or a function in JavaScript or Python on events. */
#define _POSIX_C_SOURCE 200809L
#include "../edgefn_why.h"
#include "summary.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The options of a run. */
typedef struct run_options {
    cli_env env;
    cli_runs runs;
    edgehost_library library;
    cli_function function; /* if .file is not NULL */
    const char *handler;
    bool diff, summary, json;
    bool person; /* stderr is a terminal; workers, which write to files, cannot test this */
    cli_memory memory;
} run_options;

/* Prints the event's result, or what the handler changed. Returns: an exit code. */
static int print_result(const run_options *o, const char *name, edgefn_str event, edgefn_str result)
{
    if (o->diff) return cli_diff(name, event, result);
    fwrite(result.ptr, 1, result.len, stdout);
    putchar('\n');
    return CLI_OK;
}

/* Prints why an event failed. For an event that is one line of standard input, "-:7" and
   "1:14: error: ..." become "-:7: error: column 14: ...". */
static void complain(const char *name, bool several, edgefn_str why)
{
    edgefn_cut first = edgefn_str_cut(why, EDGEFN_S(": error: "));
    edgefn_cut place = edgefn_str_cut(first.head, EDGEFN_S(":"));

    if (several && edgefn_str_starts(edgefn_cstr(name), EDGEFN_S("-:")) && first.found
        && place.found) {
        fprintf(stderr, "%s: error: column %.*s: ", name, EDGEFN_FMT(place.tail));
        cli_put_to(stderr, first.tail);
        fputc('\n', stderr);
        return;
    }
    cli_complain(name, why);
}

/* edgefn_env.log: one write per line, so that lines of several processes do not mix. */
static void write_log(void *user, edgefn_str text)
{
    char line[EDGEHOST_LOG_MOST + 16] = "edgefn: log: ";
    size_t len = strlen(line);

    (void)user;
    len += edgehost_log_line(line + len, text);
    edgehost_tables_mask(cli_secrets, line, len);
    line[len++] = '\n';
    fwrite(line, 1, len, stderr);
}

/* Suggests once, on a terminal, why a handler may have returned false without an error. */
static void hint_at_count(const run_options *o, const edgehost_call *call)
{
    static bool hinted;
    edgefn_str why = { call->why, call->why_len };

    if (hinted || !o->person) return;
    if (!edgefn_str_contains(why, EDGEFN_S("edgefn_handler (EDGEFN_E_HANDLER)"))) return;
    hinted = true;
    fputs(
        "edgefn: the handler returned false without an error. Did it return a count? edgefn_remove() "
        "and similar functions return the number of removed fields\n",
        stderr);
}

/* run_one() of a function in JavaScript or Python. */
static int run_function(run_options *o, const char *name, edgefn_str json, bool several)
{
    cli_bytes bytes = { 0 };
    edgehost_runtime_answer answer = { 0 };
    int code = cli_function_call(&o->function, name, json, &o->memory, &bytes, &answer);

    if (several && o->diff && code == CLI_OK) printf("%s\n", name);
    if (code == CLI_OK) code = print_result(o, name, json, answer.text);
    if (code == CLI_FAILED && answer.text.ptr != NULL)
        fprintf(stderr, "edgefn: fail-closed answer: %.*s\n", EDGEFN_FMT(answer.text));
    cli_free(&bytes);
    return code;
}

static int run_one(void *user, const char *name, edgefn_str json, bool several, summary *counts)
{
    run_options *o = user;
    edgehost_call call = { .size = sizeof call,
                           .event = json.ptr,
                           .event_len = json.len,
                           .env = &o->env.env,
                           .lenient = true,
                           .type = cli_reading.type };
    int code;

    if (!cli_memory_suffices(&o->memory, json.len)) return CLI_USAGE;
    if (o->function.file != NULL) return run_function(o, name, json, several);
    if (counts) return summary_run(counts, name, json, &o->library, &o->env.env, &o->memory);
    do {
        call.mem = o->memory.ptr;
        call.mem_len = o->memory.cap;
        code = o->library.handle(&call);
    } while (cli_memory_retry(&o->memory, call.error));
    if (!o->diff && call.inferred != EDGEFN_EVENT_TYPE_NONE) cli_say_type(name, call.inferred);

    if (several && o->diff && code == CLI_OK) printf("%s\n", name);
    if (code == CLI_OK)
        return print_result(o, name, json, (edgefn_str){ call.result, call.result_len });
    complain(name, several, (edgefn_str){ call.why, call.why_len });
    hint_at_count(o, &call);
    if (code == CLI_FAILED)
        fprintf(stderr, "edgefn: fail-closed answer: %.*s\n", (int)call.result_len, call.result);
    return code;
}

/*--- options ----------------------------------------------------------------------------------------------------------*/

static int read_number(cli_args *args, unsigned most, unsigned *to)
{
    const char *value = cli_value(args);
    if (value == NULL) return CLI_USAGE;
    edgefn_number n = edgefn_str_to_u64(edgefn_cstr(value));

    if (!n.ok || n.value > most)
        return cli_usage(args, "expected a small whole number, not", value);
    *to = (unsigned)n.value;
    return CLI_OK;
}

/* Takes an option without a value. Returns: 1 taken, 0 another option, -1 after a message. */
static int flag_option(cli_args *args, run_options *o)
{
    const struct {
        const char *name;
        bool *flag;
    } flags[] = { { "--diff", &o->diff },
                  { "--summary", &o->summary },
                  { "--json", &o->json },
                  { "--keep-going", &o->runs.keep_going } };

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (!cli_is(args, flags[i].name)) continue;
        *flags[i].flag = true;
        return cli_flag(args) ? 1 : -1;
    }
    return 0;
}

/* Reads one option. Returns: CLI_OK, or CLI_USAGE after a message. */
static int read_option(cli_args *args, run_options *o)
{
    int taken = cli_type_option(args);

    if (taken == 0) taken = cli_env_option(args, &o->env);
    if (taken == 0) taken = flag_option(args, o);
    if (taken != 0) return taken < 0 ? CLI_USAGE : CLI_OK;
    if (cli_is(args, "--timeout")) return read_number(args, 86400, &o->runs.timeout_s);
    if (!cli_is(args, "--jobs")) return cli_usage(args, "unknown option", args->option);
    if (read_number(args, 1000, &o->runs.jobs) != CLI_OK) return CLI_USAGE;
    return o->runs.jobs > 0 ? CLI_OK : cli_usage(args, "--jobs must be at least 1", NULL);
}

/* Reads the arguments. Returns: CLI_OK, or CLI_USAGE after a message. */
static int read_args(cli_args *args, run_options *o)
{
    while (cli_next(args)) {
        if (args->operand == NULL) {
            if (read_option(args, o) != CLI_OK) return CLI_USAGE;
        } else if (o->handler == NULL) {
            o->handler = args->operand;
        } else {
            o->runs.files[o->runs.count++] = args->operand;
        }
    }
    if (o->handler == NULL) return cli_usage(args, "a handler and an event are missing", NULL);
    if (o->runs.count == 0) return cli_usage(args, "an event is missing", NULL);
    if (o->summary && o->diff)
        return cli_usage(args, "--summary and --diff exclude each other", NULL);
    if (o->json && !o->summary) return cli_usage(args, "--json needs --summary", NULL);
    if (o->summary && cli_is_function(o->handler))
        return cli_usage(args, "--summary is for handlers in C", NULL);
    return CLI_OK;
}

static int run_all(run_options *o)
{
    char why[1000];

    if (cli_is_function(o->handler)) {
        bool started = cli_function_start(&o->function, o->handler, &o->env);
        int done = started ? cli_run_all(&o->runs) : CLI_USAGE;
        cli_function_stop(&o->function);
        return done;
    }
    if (!edgehost_load(&o->library, o->handler, why, sizeof why)) {
        fprintf(stderr, "edgefn: %s\n", why);
        return CLI_USAGE;
    }
    if (o->summary) {
        o->runs.totals = calloc(1, sizeof *o->runs.totals);
        if (o->runs.totals == NULL) return CLI_USAGE;
    }
    if (!o->summary) { /* a summary is about times and counts */
        o->env.env.log = write_log;
        o->env.env.check_lifetimes = true;
    }
    cli_env_draw(&o->env.env);
    int code = cli_run_all(&o->runs);
    if (o->summary && o->json) summary_print_json(o->runs.totals);
    if (o->summary && !o->json) summary_print(o->runs.totals);
    free(o->runs.totals);
    return code;
}

int cli_run(cli_args *args)
{
    run_options o = { .runs = { .jobs = 1, .timeout_s = 10, .run = run_one } };
    int code = CLI_USAGE;

    o.runs.user = &o;
    o.person = isatty(STDERR_FILENO);
    o.runs.files = malloc((size_t)args->argc * sizeof *o.runs.files);
    if (o.runs.files && cli_env_make(&o.env, args)) {
        code = read_args(args, &o);
        if (code == CLI_OK) code = run_all(&o);
        cli_env_free(&o.env);
    }
    cli_memory_free(&o.memory);
    free(o.runs.files);
    return cli_flush(code);
}
