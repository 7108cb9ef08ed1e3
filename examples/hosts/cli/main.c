/* main.c - build/edgefn: CloudFront edge events on the command line. */
#define EDGEFN_IMPLEMENTATION
#include "edgefn.h"
#include "cli.h"
#include <string.h>

typedef struct command {
    const char *name;
    int (*run)(cli_args *args); /* NULL: main() does it */
    const char *help;
} command;

static const command commands[] = {
    { "show", cli_show,
      "  edgefn show EVENT.json\n"
      "      describe the event\n" },
    { "run", cli_run,
      "  edgefn run HANDLER.so EVENT.json... [OPTION...]\n"
      "  edgefn run index.mjs|index.js|function.js|lambda_function.py EVENT.json... [OPTION...]\n"
      "      print the handler's result for each event: the bytes for CloudFront. '-' is standard\n"
      "      input: one event, or one event per line if the first line is a whole event and more\n"
      "      lines follow. Functions in JavaScript and Python run in node and python3, with CloudFront's\n"
      "      time limits; of the options below, those with tables are for them, too\n"
      "      --now SECONDS   the handler's clock, since 1970-01-01 UTC (default: the real time)\n"
      "      --random X      the handler's random draw, 0 <= X < 1 (default: a new one)\n"
      "      --random-bytes HEX  the handler's 128 random bits, 32 hex digits (default: new ones)\n"
      "      --secret NAME=VALUE, --kv NAME=VALUE, --auth NAME=VALUE\n"
      "                      an entry of the handler's table of that name; may be repeated\n"
      "      --jwks ISSUER=FILE  the public keys of an issuer of tokens (RS256, ES256), as its JWKS\n"
      "                      has them; may be repeated\n"
      "      --table TABLE:NAME=VALUE  an entry of any table; may be repeated\n"
      "      --diff          print what the handler changed instead of the result\n"
      "      --summary       print counts of what the handler did to the events, with examples\n"
      "                      and times; with --json as JSON\n"
      "      --jobs N        run N batches of events in parallel (default: 1)\n"
      "      --timeout S     limit for each event: S seconds of processor time, and 6 times S of\n"
      "                      elapsed time; 0: no limit (default: 10)\n"
      "      --keep-going    continue with the other events if the handler crashes or exceeds the\n"
      "                      limit\n" },
    { "bench", cli_bench,
      "  edgefn bench HANDLER.so EVENT.json... [OPTION...]\n"
      "      measure the handler's cost per event: nanoseconds to parse, handle, write and check\n"
      "      it, instructions if the kernel lets programs count them, memory and result bytes. The\n"
      "      time of a step is the difference of two loops, measured alternately 301 times in\n"
      "      processor time: median, 10th and 90th percentile; '~0': less than the noise\n"
      "      --against OTHER.so  measure both alternately, and print the ratio\n"
      "      --json              print one JSON object per line instead\n"
      "      --now, --random, --random-bytes, --secret, --kv, --auth, --jwks, --table\n"
      "                      as for run\n" },
    { "check", cli_check,
      "  edgefn check EVENT.json RESULT.json [--json]\n"
      "      report what CloudFront would refuse in this result, from a function in any language:\n"
      "      one line per finding: rule, subject, CloudFront's message, refused or doubtful, and\n"
      "      byte offset, separated by tabs. On a terminal instead: line and column, the line with\n"
      "      a caret, CloudFront's message, and what to do\n"
      "      --json          all data of each finding, as JSON\n" },
    { "rules", cli_rules,
      "  edgefn rules [--json]\n"
      "      list the rules of edgefn check\n" },
    { "convert", cli_convert,
      "  edgefn convert --to lambda|functions EVENT.json\n"
      "      print the same event in the other dialect\n" },
    { "sample", cli_sample,
      "  edgefn sample TYPE [OPTION...]\n"
      "      print a complete sample event. TYPE is one of\n"
      "      viewer-request origin-request origin-response viewer-response\n"
      "      functions-viewer-request functions-viewer-response\n"
      "      --uri /PATH  --query a=1&b=2  --method GET  --client-ip ADDRESS  --country DE\n"
      "      --header 'Name: value'          of the response in response events, else of the request\n"
      "      --request-header 'Name: value'  of the request, in all event types\n"
      "      --cookie a=1                    of the request\n"
      "      --status 404  --status-text TEXT  --set-cookie 'a=1; Path=/'   response events only\n"
      "      --body TEXT, --body @FILE       viewer-request and origin-request only; '@@' for '@'\n"
      "      --truncated                     mark the body as truncated\n"
      "      --origin DOMAIN  --s3           origin-request and origin-response only\n"
      "      (--header, --request-header, --cookie and --set-cookie may be repeated)\n" },
    { "events", cli_events,
      "  edgefn events [OPTION...] [FILE...]\n"
      "      print the requests in CloudFront's logs, or in a HAR file saved by a browser, as\n"
      "      events, one per line:\n"
      "          zcat logs/*.gz | edgefn events | edgefn run HANDLER.so - --summary\n"
      "      on several processors, with GNU parallel:\n"
      "          zcat logs/*.gz | parallel --pipe --block 10M --header '(#.*\\n)*' edgefn events |\n"
      "              edgefn run HANDLER.so - --summary --jobs 4\n"
      "      --from FORMAT   standard-log, real-time-log, har, or auto (default: auto)\n"
      "      --fields a,b,c  the fields, in order, of a log without a '#Fields:' line\n"
      "      --type TYPE     a TYPE of edgefn sample (default: viewer-request)\n"
      "      --include-body  include the request bodies of a HAR file\n" },
    { "jwt", cli_jwt,
      "  edgefn jwt sign --secret TEXT [--expires SECONDS] PAYLOAD\n"
      "  edgefn jwt verify --secret TEXT [OPTION...] TOKEN\n"
      "  edgefn jwt verify --jwks ISSUER=FILE [OPTION...] TOKEN\n"
      "  edgefn jwt show TOKEN\n"
      "      make a signed token (JWT), verify one and print its payload, or show its content: sign\n"
      "      uses HS256; verify uses HS256 with --secret, and RS256 and ES256 with --jwks, where FILE\n"
      "      is the JWKS of the tokens' iss; show decodes a token of any algorithm without checking it.\n"
      "      PAYLOAD, TOKEN and TEXT may be '@FILE', PAYLOAD and TOKEN also '-' for standard input\n"
      "      --expires SECONDS    sign: adds iat (now) and exp (SECONDS later)\n"
      "      --issuer TEXT, --audience TEXT, --leeway SECONDS\n"
      "                           verify: the required iss and aud; tolerance for exp and nbf\n"
      "      --no-expiry          verify: accept a token without exp\n"
      "      --now SECONDS        the clock, since 1970-01-01 UTC (default: the real time)\n" },
    { "ua", cli_ua,
      "  edgefn ua TEXT, edgefn ua -\n"
      "      classify a user agent, or each line of standard input; prints one line for each:\n"
      "      class<TAB>system<TAB>browser<TAB>major version<TAB>bot<TAB>user agent\n"
      "      class: mobile tablet tv desktop, or bot; '-' if a column is unknown or does not apply;\n"
      "      '?' for a bot without a name. The user agent is printed byte for byte, without its\n"
      "      line end (LF or CR LF).\n" },
    { "recipes", cli_recipes_command,
      "  edgefn recipes [WORD...]\n"
      "      list the recipes whose name or first comment contains every WORD, in any case; without\n"
      "      words all recipes, by topic. A line is name<TAB>first sentence. If only one recipe\n"
      "      matches, or WORD is the whole name of one, its source is printed instead:\n"
      "          edgefn recipes cache_key > my.c\n" },
    { "watch", cli_watch,
      "  edgefn watch FILE [--once]\n"
      "      print what functions did, from a file that a host writes (in nginx: edge_trace FILE): a\n"
      "      line per request, and under it what each function changed, as run --diff prints it, its\n"
      "      log, and what CloudFront would refuse. Waits for more until it is stopped\n"
      "      --once          stop at the end of the file\n" },
    { "settings", cli_settings,
      "  edgefn settings [edge.json] [OPTION...]\n"
      "      print a distribution's settings as a part of nginx's configuration, for http { } of a\n"
      "      server with ngx_http_edgefn_module: origins, cache behaviors with their functions and\n"
      "      policies, in the words of CloudFormation. Errors have file, line, and what is allowed\n"
      "      --check         only check the file\n"
      "      --list          list the functions: number<TAB>name<TAB>recipe, file or chain\n"
      "      --dir DIR       of sockets and of functions (default: /run/edgefn), which are\n"
      "                      DIR/functions/NUMBER/NAME.so\n"
      "      --listen ADDRESS, --https ADDRESS --certificate FILE   (default: 127.0.0.1:8080)\n"
      "      --country XX, --key HEADER, --table 'TABLE KEY VALUE', --host NAME=ADDRESS\n"
      "                      in place of what the file says; the last three may be repeated\n" },
    { "help", NULL, "  edgefn help [COMMAND], edgefn COMMAND --help, edgefn --version\n" },
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const char head[] =
    "edgefn: read CloudFront edge events, and run handlers written in C on them\n";

static const char foot[] =
    "For test events without an eventType (from AWS SAM or the Lambda console) the type is inferred\n"
    "from their content, and a note names it; --type TYPE of show, run, check and convert sets it:\n"
    "viewer-request, origin-request, origin-response, viewer-response. EVENT.json may be '-' for\n"
    "standard input. Only results go to standard output; it stays empty if something failed.\n"
    "Exit codes: 0 done; 1 the event was refused; 2 usage, or a file that cannot be read or loaded;\n"
    "3 the handler failed, or CloudFront would refuse its result; for several events the worst, in\n"
    "the order 2, 3, 1, 0. For check: 0 nothing is refused; 1 something is refused; 4 the event was\n"
    "refused, or the result is not a JSON object. For jwt: 0 done; 1 the token or payload is\n"
    "refused. For recipes: 0 done; 1 no recipe matches.\n";

static void print_all(FILE *f)
{
    fputs(head, f);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(f, "\n%s", commands[i].help);
    fprintf(f, "\n%s", foot);
}

static const command *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0) return &commands[i];
    return NULL;
}

/* Prints the help of one command, or of all commands (NULL). */
static int print_help(const char *name)
{
    cli_args args = { 0 };
    const command *c = name ? find(name) : NULL;

    if (name && c == NULL) return cli_usage(&args, "unknown command", name);
    if (c)
        printf("%s\nExit codes and more: edgefn help\n", c->help);
    else
        print_all(stdout);
    return cli_flush(CLI_OK);
}

/* True if an argument before "--" is -h or --help. */
static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_all(stderr);
        return CLI_USAGE;
    }
    if (asks_for_help(argc, argv)) return print_help(find(argv[1]) ? argv[1] : NULL);
    if (strcmp(argv[1], "help") == 0) return print_help(argc > 2 ? argv[2] : NULL);
    if (strcmp(argv[1], "--version") == 0) {
        printf("edgefn %s\n", edgefn_version());
        return cli_flush(CLI_OK);
    }

    cli_args args = { .command = argv[1], .argc = argc, .argv = argv, .at = 2 };
    const command *c = find(argv[1]);
    if (c) return c->run(&args);
    args.command = NULL;
    return cli_usage(&args, "unknown command", argv[1]);
}
