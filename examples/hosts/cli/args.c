/* args.c - options and operands. */
#include "cli.h"
#include <string.h>

int cli_usage(const cli_args *args, const char *what, const char *about)
{
    fprintf(stderr, "edgefn%s%s: %s", args->command ? " " : "", args->command ? args->command : "",
            what);
    if (about) fprintf(stderr, " '%s'", about);
    fputs("\n'edgefn --help' describes all options\n", stderr);
    return CLI_USAGE;
}

bool cli_next(cli_args *args)
{
    args->operand = args->attached = NULL;
    args->option[0] = '\0';
    if (args->at >= args->argc) return false;

    const char *arg = args->argv[args->at++];
    if (!args->no_options && strcmp(arg, "--") == 0) {
        args->no_options = true;
        return cli_next(args);
    }
    if (args->no_options || arg[0] != '-' || arg[1] == '\0') {
        args->operand = arg;
        return true;
    }
    const char *equals = strchr(arg, '=');
    size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
    if (len >= sizeof args->option) len = sizeof args->option - 1;
    memcpy(args->option, arg, len);
    args->option[len] = '\0';
    if (equals) args->attached = equals + 1;
    return true;
}

bool cli_is(const cli_args *args, const char *option)
{
    return strcmp(args->option, option) == 0;
}

const char *cli_value(cli_args *args)
{
    if (args->attached) return args->attached;
    if (args->at < args->argc) return args->argv[args->at++];
    cli_usage(args, "a value is missing after", args->option);
    return NULL;
}

bool cli_flag(const cli_args *args)
{
    if (args->attached == NULL) return true;
    cli_usage(args, "this option takes no value:", args->option);
    return false;
}
