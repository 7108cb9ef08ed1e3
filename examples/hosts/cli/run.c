/* run.c - edgefn run: a handler, loaded as a shared object, works on an event. */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include "edgefn_load.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool read_now(const char *text, int64_t *now)
{
    edgefn_number n = edgefn_str_to_u64(edgefn_cstr(text));

    *now = (int64_t)n.value;
    return n.ok && n.value <= INT64_MAX;
}

static bool read_random(const char *text, uint32_t *draw)
{
    char *end;
    double x = strtod(text, &end);

    if (*text == '\0' || text[strspn(text, "0123456789.eE+-")] != '\0' || *end != '\0')
        return false;
    if (!(x >= 0 && x < 1)) return false;
    *draw = (uint32_t)(x * 4294967296.0);
    return true;
}

/* What --secret and --kv gave. Of equal names the last one counts. */
typedef struct entry {
    edgefn_str table, name, value;
} entry;

typedef struct tables {
    entry *items;
    size_t len;
} tables;

/* Adds "NAME=VALUE". There is room for one entry an argument. */
static bool add_entry(tables *t, edgefn_str table, const char *text)
{
    edgefn_cut c = edgefn_str_cut(edgefn_cstr(text), EDGEFN_S("="));

    if (!c.found || c.head.len == 0) return false;
    t->items[t->len++] = (entry){ table, c.head, c.tail };
    return true;
}

static edgefn_str look_up(void *user, edgefn_str table, edgefn_str name)
{
    const tables *t = user;

    for (size_t i = t->len; i-- > 0;) {
        if (edgefn_str_eq(t->items[i].table, table) && edgefn_str_eq(t->items[i].name, name))
            return t->items[i].value;
    }
    return (edgefn_str){ NULL, 0 };
}

/* Draws from the system's random source. Without one the handler gets none. */
static void draw_fresh(edgefn_env *env)
{
    FILE *f = fopen("/dev/urandom", "rb");

    env->has_random = f && fread(&env->random, sizeof env->random, 1, f) == 1;
    if (!env->has_random)
        fprintf(stderr, "edgefn: /dev/urandom: %s; --random X gives the handler its draw\n",
                strerror(errno));
    if (f) fclose(f);
}

static bool ends_with_oom(const edgefn_call *call)
{
    return edgefn_str_ends((edgefn_str){ call->why, call->why_len }, EDGEFN_S("(EDGEFN_E_OOM)"));
}

static int run(edgefn_handle_fn *handle, const char *file, edgefn_str json, const edgefn_env *env,
               bool diff, cli_memory *memory)
{
    edgefn_call call = { .size = sizeof call,
                         .event = json.ptr,
                         .event_len = json.len,
                         .env = env,
                         .lenient = true,
                         .type = cli_reading.type };
    edgefn_event ev;
    int code;

    if (!cli_memory_make(memory, json.len)) return CLI_USAGE;
    if (!diff
        && edgefn_parse(&ev, json, edgefn_arena_make(memory->ptr, memory->cap), &cli_reading)
               == EDGEFN_OK)
        cli_say_type(file, &ev);
    do {
        call.mem = memory->ptr;
        call.mem_len = memory->cap;
        code = handle(&call);
    } while (code != CLI_OK && ends_with_oom(&call) && cli_memory_grow(memory));

    if (code == CLI_OK && diff)
        return cli_diff(file, json, (edgefn_str){ call.result, call.result_len });
    if (code == CLI_OK) {
        fwrite(call.result, 1, call.result_len, stdout);
        putchar('\n');
        return CLI_OK;
    }
    cli_complain(file, (edgefn_str){ call.why, call.why_len });
    if (code == CLI_FAILED)
        fprintf(stderr, "edgefn: fail-closed answer: %.*s\n", (int)call.result_len, call.result);
    return code;
}

/* Reads the arguments. Returns: CLI_OK, or CLI_USAGE after a message. */
static int read_args(cli_args *args, const char **files, edgefn_env *env, tables *t, bool *diff)
{
    const char *value;
    size_t count = 0;

    while (cli_next(args)) {
        bool secret = cli_is(args, "--secret");
        int type = args->operand ? 0 : cli_type_option(args);
        if (type != 0) {
            if (type < 0) return CLI_USAGE;
        } else if (args->operand) {
            if (count == 2)
                return cli_usage(args, "one handler and one event, not also", args->operand);
            files[count++] = args->operand;
        } else if (cli_is(args, "--now")) {
            if ((value = cli_value(args)) == NULL) return CLI_USAGE;
            if (!read_now(value, &env->now_s))
                return cli_usage(args, "--now wants whole seconds since 1970, not", value);
        } else if (cli_is(args, "--random")) {
            if ((value = cli_value(args)) == NULL) return CLI_USAGE;
            if (!read_random(value, &env->random))
                return cli_usage(args, "--random wants a number from 0 to below 1, not", value);
            env->has_random = true;
        } else if (secret || cli_is(args, "--kv")) {
            if ((value = cli_value(args)) == NULL) return CLI_USAGE;
            if (!add_entry(t, secret ? EDGEFN_S("secret") : EDGEFN_S("kv"), value))
                return cli_usage(
                    args, secret ? "--secret wants NAME=VALUE" : "--kv wants NAME=VALUE", NULL);
        } else if (cli_is(args, "--diff")) {
            if (!cli_flag(args)) return CLI_USAGE;
            *diff = true;
        } else
            return cli_usage(args, "there is no option", args->option);
    }
    if (count < 2)
        return cli_usage(
            args, count == 0 ? "a handler and an event are missing" : "an event is missing", NULL);
    return CLI_OK;
}

int cli_run(cli_args *args)
{
    const char *files[2] = { NULL, NULL };
    tables t = { malloc((size_t)args->argc * sizeof(entry)), 0 };
    edgefn_env env = { .now_s = (int64_t)time(NULL), .lookup = look_up, .user = &t };
    bool diff = false;
    cli_bytes json = { 0 };
    cli_memory memory = { 0 };
    int code;

    if (t.items == NULL) return cli_usage(args, "out of memory", NULL);
    code = read_args(args, files, &env, &t, &diff);
    if (code == CLI_OK) {
        edgefn_library library;
        char why[1000];
        code = CLI_USAGE;
        if (!edgefn_load(&library, files[0], why, sizeof why))
            fprintf(stderr, "edgefn: %s\n", why);
        else if (cli_read(files[1], &json)) {
            if (!env.has_random) draw_fresh(&env);
            code = cli_flush(run(library.handle, files[1], cli_str(&json), &env, diff, &memory));
        }
    }
    cli_memory_free(&memory);
    cli_free(&json);
    free(t.items);
    return code;
}
