/* main.c - build/edgefn: CloudFront edge events on the command line. */
#define EDGEFN_IMPLEMENTATION
#include "edgefn.h"
#include "cli.h"
#include <string.h>

static const char help[] =
    "edgefn: read CloudFront edge events, and let handlers written in C work on them\n"
    "\n"
    "  edgefn show EVENT.json\n"
    "      say what the event is\n"
    "\n"
    "  edgefn run HANDLER.so EVENT.json [OPTION...]\n"
    "      print what the handler makes of the event: the bytes for CloudFront\n"
    "      --now SECONDS   the handler's clock, since 1970-01-01 UTC (else: the real one)\n"
    "      --random X      the handler's draw, 0 <= X < 1 (else: a fresh one)\n"
    "      --secret NAME=VALUE, --kv NAME=VALUE   an entry of the handler's tables; may be given several times\n"
    "      --diff          print what the handler changed instead, for a person\n"
    "\n"
    "  edgefn check EVENT.json RESULT.json [--json]\n"
    "      say what CloudFront would say to this result, from a function in any language: one line a finding,\n"
    "      rule, subject, CloudFront's words, refused or doubtful, and byte offset, with tabs between\n"
    "      --json          everything about each finding\n"
    "\n"
    "  edgefn rules [--json]\n"
    "      list the rules that check knows\n"
    "\n"
    "  edgefn convert --to lambda|functions EVENT.json\n"
    "      print the same event in the other dialect\n"
    "\n"
    "  edgefn sample KIND [OPTION...]\n"
    "      print a complete sample event. KIND is one of\n"
    "      viewer-request origin-request origin-response viewer-response\n"
    "      functions-viewer-request functions-viewer-response\n"
    "      --uri /PATH  --query a=1&b=2  --method GET  --client-ip ADDRESS  --country DE\n"
    "      --header 'Name: value'          of the response in response events, else of the request\n"
    "      --request-header 'Name: value'  of the request, in every kind\n"
    "      --cookie a=1                    of the request\n"
    "      --status 404  --status-text TEXT  --set-cookie 'a=1; Path=/'   response events only\n"
    "      --body TEXT  --truncated        viewer-request and origin-request only\n"
    "      --origin DOMAIN  --s3           origin-request and origin-response only\n"
    "      (--header, --request-header, --cookie and --set-cookie may be given several times)\n"
    "\n"
    "  edgefn ua TEXT, edgefn ua -\n"
    "      say what a user agent is, or each line of standard input; a line\n"
    "      class<TAB>system<TAB>browser<TAB>major version<TAB>bot<TAB>user agent\n"
    "      class: mobile tablet tv desktop, or bot; '-' where something is unknown or there is none; '?' for a bot without a\n"
    "      name. The user agent is printed byte for byte, without its line end (LF or CR LF).\n"
    "\n"
    "  edgefn --version, edgefn --help\n"
    "\n"
    "Test events that lack an eventType (of AWS SAM, of the Lambda console) are taken as the type that fits what they hold, which is\n"
    "said; --type TYPE of show, run, check and convert names it: viewer-request, origin-request, origin-response, viewer-response.\n"
    "EVENT.json may be '-' for standard input. Results go to standard output, and nothing else does; it stays empty when\n"
    "something failed. Exit codes: 0 done; 1 the event was refused; 2 usage, or a file that cannot be read or loaded;\n"
    "3 the handler failed, or CloudFront would refuse its result. Of check: 0 nothing is refused; 1 something is; 4 the event\n"
    "was refused, or the result is no JSON object.\n";

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(cli_args *args);
    } commands[] = { { "show", cli_show },   { "run", cli_run },         { "check", cli_check },
                     { "rules", cli_rules }, { "convert", cli_convert }, { "sample", cli_sample },
                     { "ua", cli_ua } };

    if (argc < 2) {
        fputs(help, stderr);
        return CLI_USAGE;
    }
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(help, stdout);
            return cli_flush(CLI_OK);
        }
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("edgefn %s\n", edgefn_version());
        return cli_flush(CLI_OK);
    }

    cli_args args = { .command = argv[1], .argc = argc, .argv = argv, .at = 2 };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0) return commands[i].run(&args);
    args.command = NULL;
    return cli_usage(&args, "there is no command", argv[1]);
}
