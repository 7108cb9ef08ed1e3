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
      "      say what the event is\n" },
    { "run", cli_run,
      "  edgefn run HANDLER.so EVENT.json... [OPTION...]\n"
      "      print what the handler makes of each event: the bytes for CloudFront. '-' is standard\n"
      "      input: one event, or one a line when its first line is a whole one and more follows\n"
      "      --now SECONDS   the handler's clock, since 1970-01-01 UTC (else: the real one)\n"
      "      --random X      the handler's draw, 0 <= X < 1 (else: a fresh one)\n"
      "      --secret NAME=VALUE, --kv NAME=VALUE\n"
      "                      an entry of the handler's tables; may be given several times\n"
      "      --diff          print what the handler changed instead, for a person\n"
      "      --summary       print what the handler did to all events, counted, with examples and\n"
      "                      times; with --json for machines\n"
      "      --jobs N        run N batches of events at the same time (else: 1)\n"
      "      --timeout S     seconds of processor time an event may take, and six times as long with\n"
      "                      what it waits for; 0 for any (else: 10)\n"
      "      --keep-going    go on with the other events when the handler crashes or takes too long\n" },
    { "bench", cli_bench,
      "  edgefn bench HANDLER.so EVENT.json... [OPTION...]\n"
      "      measure what the handler costs an event: nanoseconds to parse, handle, write and check\n"
      "      it, instructions where the kernel lets programs count them, memory and result bytes. A\n"
      "      step is the difference of two loops, measured 301 times by turns in processor time:\n"
      "      median, 10th and 90th percentile; '~0' is less than the noise\n"
      "      --against OTHER.so  measure both by turns, and print the ratio\n"
      "      --json              one JSON object a line instead\n"
      "      --now, --random, --secret, --kv  as of run\n" },
    { "check", cli_check,
      "  edgefn check EVENT.json RESULT.json [--json]\n"
      "      say what CloudFront would say to this result, from a function in any language: one line\n"
      "      a finding: rule, subject, CloudFront's words, refused or doubtful, and byte offset, with\n"
      "      tabs between. On a terminal, for a person: line and column, the line with a caret,\n"
      "      CloudFront's words, and what to do\n"
      "      --json          everything about each finding\n" },
    { "rules", cli_rules,
      "  edgefn rules [--json]\n"
      "      list the rules that check knows\n" },
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
      "      --request-header 'Name: value'  of the request, in every type\n"
      "      --cookie a=1                    of the request\n"
      "      --status 404  --status-text TEXT  --set-cookie 'a=1; Path=/'   response events only\n"
      "      --body TEXT, --body @FILE       viewer-request and origin-request only; '@@' for '@'\n"
      "      --truncated                     as if there had been more of the body\n"
      "      --origin DOMAIN  --s3           origin-request and origin-response only\n"
      "      (--header, --request-header, --cookie and --set-cookie may be given several times)\n" },
    { "events", cli_events,
      "  edgefn events [OPTION...] [FILE...]\n"
      "      print the requests of CloudFront's logs, or of a HAR file that a browser saved, as\n"
      "      events, one a line:\n"
      "          zcat logs/*.gz | edgefn events | edgefn run HANDLER.so - --summary\n"
      "      on several processors, with GNU parallel:\n"
      "          zcat logs/*.gz | parallel --pipe --block 10M --header '(#.*\\n)*' edgefn events |\n"
      "              edgefn run HANDLER.so - --summary --jobs 4\n"
      "      --from FORMAT   standard-log, real-time-log, har, or auto (else: auto)\n"
      "      --fields a,b,c  the fields of a log that has no line '#Fields:', in their order\n"
      "      --type TYPE     as TYPE of edgefn sample (else: viewer-request)\n"
      "      --include-body  the bodies of a HAR file's requests, too\n" },
    { "jwt", cli_jwt,
      "  edgefn jwt sign --secret TEXT [--expires SECONDS] PAYLOAD\n"
      "  edgefn jwt verify --secret TEXT [OPTION...] TOKEN\n"
      "  edgefn jwt show TOKEN\n"
      "      make a signed token (JWT), verify one and print its payload, or show what is in one: sign\n"
      "      and verify use HS256, show prints any algorithm's, unchecked. PAYLOAD, TOKEN and TEXT may\n"
      "      be '@FILE', and the first two '-' for standard input\n"
      "      --expires SECONDS    sign: adds iat, and exp so much later\n"
      "      --issuer TEXT, --audience TEXT, --leeway SECONDS, --no-expiry\n"
      "                           verify: what the claims must be; a token without exp is accepted\n"
      "      --now SECONDS        the clock, since 1970-01-01 UTC (else: the real one)\n" },
    { "ua", cli_ua,
      "  edgefn ua TEXT, edgefn ua -\n"
      "      say what a user agent is, or each line of standard input; a line\n"
      "      class<TAB>system<TAB>browser<TAB>major version<TAB>bot<TAB>user agent\n"
      "      class: mobile tablet tv desktop, or bot; '-' where something is unknown or there is\n"
      "      none; '?' for a bot without a name. The user agent is printed byte for byte, without\n"
      "      its line end (LF or CR LF).\n" },
    { "help", NULL, "  edgefn help [COMMAND], edgefn COMMAND --help, edgefn --version\n" },
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const char head[] =
    "edgefn: read CloudFront edge events, and let handlers written in C work on them\n";

static const char foot[] =
    "Test events that lack an eventType (of AWS SAM, of the Lambda console) are taken as the type\n"
    "that fits what they hold, which is said; --type TYPE of show, run, check and convert names it:\n"
    "viewer-request, origin-request, origin-response, viewer-response. EVENT.json may be '-' for\n"
    "standard input. Results go to standard output, and nothing else does; it stays empty when\n"
    "something failed.\n"
    "Exit codes: 0 done; 1 the event was refused; 2 usage, or a file that cannot be read or loaded;\n"
    "3 the handler failed, or CloudFront would refuse its result; of many events the worst, in the\n"
    "order 2, 3, 1, 0. Of check: 0 nothing is refused; 1 something is; 4 the event was refused, or\n"
    "the result is no JSON object. Of jwt: 0 done; 1 the token or payload is refused.\n";

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

/* The help of a command, or of all. */
static int print_help(const char *name)
{
    cli_args args = { 0 };
    const command *c = name ? find(name) : NULL;

    if (name && c == NULL) return cli_usage(&args, "there is no command", name);
    if (c)
        printf("%s\nExit codes and more: edgefn help\n", c->help);
    else
        print_all(stdout);
    return cli_flush(CLI_OK);
}

/* Whether an argument before "--" asks for help. */
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
    return cli_usage(&args, "there is no command", argv[1]);
}
