/* run.c - edgefn run: a handler, loaded as a shared object, works on an event. */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include "edgefn_load.h"
#include <stdlib.h>
#include <string.h>

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

/* Reads one option. Returns: CLI_OK, or CLI_USAGE after a message. */
static int read_option(cli_args *args, cli_env *env, bool *diff)
{
    int taken = cli_type_option(args);

    if (taken == 0) taken = cli_env_option(args, env);
    if (taken != 0) return taken < 0 ? CLI_USAGE : CLI_OK;
    if (!cli_is(args, "--diff")) return cli_usage(args, "there is no option", args->option);
    *diff = true;
    return cli_flag(args) ? CLI_OK : CLI_USAGE;
}

/* Reads the arguments. Returns: CLI_OK, or CLI_USAGE after a message. */
static int read_args(cli_args *args, const char **files, cli_env *env, bool *diff)
{
    size_t count = 0;

    while (cli_next(args)) {
        if (args->operand == NULL) {
            if (read_option(args, env, diff) != CLI_OK) return CLI_USAGE;
            continue;
        }
        if (count == 2)
            return cli_usage(args, "one handler and one event, not also", args->operand);
        files[count++] = args->operand;
    }
    if (count < 2)
        return cli_usage(
            args, count == 0 ? "a handler and an event are missing" : "an event is missing", NULL);
    return CLI_OK;
}

int cli_run(cli_args *args)
{
    const char *files[2] = { NULL, NULL };
    cli_env env;
    bool diff = false;
    cli_bytes json = { 0 };
    cli_memory memory = { 0 };

    if (!cli_env_make(&env, args)) return CLI_USAGE;
    int code = read_args(args, files, &env, &diff);
    if (code == CLI_OK) {
        edgefn_library library;
        char why[1000];
        code = CLI_USAGE;
        if (!edgefn_load(&library, files[0], why, sizeof why))
            fprintf(stderr, "edgefn: %s\n", why);
        else if (cli_read(files[1], &json)) {
            cli_env_draw(&env.env);
            code =
                cli_flush(run(library.handle, files[1], cli_str(&json), &env.env, diff, &memory));
        }
    }
    cli_memory_free(&memory);
    cli_free(&json);
    cli_env_free(&env);
    return code;
}
