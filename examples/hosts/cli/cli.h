/* cli.h - what the files of the command line share. main.c holds the library. */
#ifndef CLI_H_INCLUDED
#define CLI_H_INCLUDED

#include "../edgefn_host.h"
#include <stdio.h>

/* The exit codes. */
enum { CLI_OK = 0, CLI_REFUSED = 1, CLI_USAGE = 2, CLI_FAILED = 3, CLI_NO_OBJECT = 4 };

/*--- args.c -----------------------------------------------------------------------------------------------------------*/

/* Walks over the arguments behind the command: options "--name", "--name value", "--name=value" and operands, in any order;
   "--" ends the options. */
typedef struct cli_args {
    const char *command;
    int argc, at;
    char **argv;
    bool no_options;
    const char *operand;  /* what cli_next() found: an operand, or */
    char option[32];      /* an option's name, with the dashes */
    const char *attached; /* the "value" of "--name=value" */
} cli_args;

bool cli_next(cli_args *args);
bool cli_is(const cli_args *args, const char *option);
const char *
cli_value(cli_args *args); /* the option's value; NULL, and a message, when there is none */
bool cli_flag(const cli_args *args); /* false, and a message, when the option was given a value */

/* Prints "edgefn COMMAND: what 'about'" and where to read on. Returns: CLI_USAGE. */
int cli_usage(const cli_args *args, const char *what, const char *about);

/*--- io.c -------------------------------------------------------------------------------------------------------------*/

/* Bytes that grow. Once a growth failed, `failed` stays. */
typedef struct cli_bytes {
    char *ptr;
    size_t len, cap;
    bool failed;
} cli_bytes;

void cli_add(cli_bytes *b, const void *bytes, size_t len);
void cli_add_z(cli_bytes *b, const char *z);
/* Quoted and escaped as by edgefn_json_quote(), but what is not UTF-8 stays: reading it must fail. */
void cli_add_json(cli_bytes *b, edgefn_str s);
edgefn_str cli_str(const cli_bytes *b);
void cli_free(cli_bytes *b);

/* The byte order mark that some editors write before UTF-8. */
#define CLI_MARK "\xef\xbb\xbf"

/* Reads a whole file, "-" for standard input, into empty bytes, without a byte order mark. Returns: false after a message. */
bool cli_read(const char *file, cli_bytes *into);
bool cli_read_raw(const char *file, cli_bytes *into); /* with a byte order mark, if there is one */

/* Writes out what stdout holds. Returns: code, or CLI_USAGE after a message when that failed. */
int cli_flush(int code);

/* The block that events are read and handled in. The first one suffices for any event and its
   output, but for handlers that make more than they got; so whoever meets EDGEFN_E_OOM asks
   cli_memory_retry() and starts again. */
typedef struct cli_memory {
    void *ptr;
    size_t cap, limit;
    size_t json_len; /* for events up to this length */
} cli_memory;

bool cli_memory_make(cli_memory *m, size_t json_len); /* false after a message */

/* Makes it anew when it was made for shorter events. Returns: false after a message. */
bool cli_memory_suffices(cli_memory *m, size_t json_len);

/* Tells whether to try again, with more memory: see edgehost_retry(). */
bool cli_memory_retry(cli_memory *m, edgefn_error error);
void cli_memory_free(cli_memory *m);

/* How events are read: also test events that leave out what CloudFront always sends; --type sets the type. */
extern edgefn_parse_opts cli_reading;

/* Takes "--type TYPE", if that is the option. Returns: 1 taken, 0 another option, -1 after a message. */
int cli_type_option(cli_args *args);

/* Says on stderr that an event did not name its type, and what it was taken as. */
void cli_say_type(const char *file, edgefn_event_type type);

/* Reads an event and makes its query and cookie views, so that nothing fails any more while it is printed.
   m: empty; gets the memory, also when it failed. file: whose name stands in messages; NULL for no message.
   Returns: false after a message "FILE:LINE:COLUMN: error: ..." on stderr. */
bool cli_open(edgefn_event *ev, const char *file, edgefn_str json, cli_memory *m);

/* Prints lines "3:14: error: ..." on stderr, with "FILE:" before each. */
void cli_complain(const char *file, edgefn_str lines);

/*--- lines.c ----------------------------------------------------------------------------------------------------------*/

/* A longer line is skipped. */
#define CLI_LONGEST_LINE ((size_t)16 << 20)

typedef struct cli_lines {
    const char *file;
    FILE *f;
    cli_bytes bytes;
    size_t at;          /* of the first byte that was not handed out */
    unsigned long line; /* the number of the last line, from 1 */
    bool too_long;      /* the last line was longer than CLI_LONGEST_LINE: only its end is there */
    bool ended, failed;
} cli_lines;

/* file: "-" for standard input. Returns: false after a message. */
bool cli_lines_open(cli_lines *l, const char *file);
void cli_lines_close(cli_lines *l);

/* Reads the next line, without its end (LF or CR LF). It stays until the next call. Returns: false
   at the end, also after an error, which was printed and is in .failed. */
bool cli_lines_next(cli_lines *l, edgefn_str *line);

/* Reads all the rest. line: the last one, with which the rest begins. */
edgefn_str cli_lines_rest(cli_lines *l, edgefn_str line);

/* Whether there is nothing but white space. */
bool cli_is_blank(edgefn_str line);

/*--- env.c ------------------------------------------------------------------------------------------------------------*/

/* What --secret and --kv gave. Of equal names the last one counts. */
typedef struct cli_setting {
    edgefn_str table, name, value;
} cli_setting;

/* What a handler gets beside the event. Must not be moved: env.user points at it. */
typedef struct cli_env {
    edgefn_env env;
    cli_setting *items;
    size_t len;
} cli_env;

bool cli_env_make(cli_env *e, const cli_args *args); /* the real time; false after a message */
void cli_env_free(cli_env *e);

/* Takes "--now SECONDS", "--random X", "--secret NAME=VALUE" or "--kv NAME=VALUE", if the option is
   one of these. Returns: 1 taken, 0 another option, -1 after a message. */
int cli_env_option(cli_args *args, cli_env *e);

/* Draws from the system's random source, unless --random gave a draw. */
void cli_env_draw(edgefn_env *env);

/*--- batch.c ----------------------------------------------------------------------------------------------------------*/

/* Numbers that workers count and the parent adds up; see summary.h. */
typedef struct summary summary;

/* How events are run. */
typedef struct cli_runs {
    const char **files; /* of events */
    size_t count;
    unsigned jobs;      /* workers at the same time */
    unsigned timeout_s; /* of processor time an event; 0: none */
    bool keep_going;    /* after a crash, too */
    summary *totals;    /* NULL: none are wanted */
    /* Runs one event; prints on stdout and stderr. name: "FILE", or "-:LINE". several: it is one of
       many. counts: NULL when there is no `totals`. Returns: an exit code. */
    int (*run)(void *user, const char *name, edgefn_str json, bool several, summary *counts);
    void *user;
} cli_runs;

/* Runs all events in worker processes, and prints in their order. Returns: the worst exit code. */
int cli_run_all(const cli_runs *r);

/* The worse of two exit codes: 2, 3, 1, 0. */
int cli_worse(int a, int b);

/*--- text.c -----------------------------------------------------------------------------------------------------------*/

/* Prints a stranger's text: what would move the cursor, colour the terminal or turn the direction of writing is escaped. */
void cli_put_to(FILE *f, edgefn_str s);
void cli_put(edgefn_str s); /* on stdout */

/* The same for at most `max` bytes, followed by "..." and the length if there are more. */
void cli_put_short(edgefn_str s, size_t max);

/* The same between quotation marks. */
void cli_put_quoted(edgefn_str s);

/* Tells whether bytes can be shown as text: UTF-8 without control characters but tab and line ends. */
bool cli_is_text(edgefn_str s);

/* Checks whether a text is one whole JSON value; a string with escapes: of less than 4000 bytes. */
bool cli_is_json(edgefn_str text);

/* Checks whether a JSON text has something at a pointer, with the same limit. */
bool cli_json_has(edgefn_str text, const char *pointer);

/* Whether there is a control character other than a tab. lines: LF is allowed, too. */
bool cli_has_control(edgefn_str s, bool lines);

/* Reads the UTF-8 character at s[i]. Returns: its length; 0 when it is invalid. */
size_t cli_character(edgefn_str s, size_t i, uint32_t *code);

/* Compares, absent equal to empty. */
bool cli_same(edgefn_str a, edgefn_str b);

/* Compares bytewise, for sorting: below 0, 0 or above 0. */
int cli_order(edgefn_str a, edgefn_str b);

const char *cli_dialect_name(edgefn_dialect dialect);
const char *cli_encoding_name(edgefn_encoding encoding);

/* Prints "custom https://host:443/path" or "s3 bucket/path". */
void cli_put_origin(const edgefn_origin *origin);

/*--- fields.c ---------------------------------------------------------------------------------------------------------*/

typedef struct cli_entry {
    const edgefn_field *field, *other; /* other, mark: diff.c's */
    size_t at;                         /* its place in the list */
    size_t group;                      /* how many of that name, in the first of them; else 0 */
    char mark;
} cli_entry;

/* Sorts by name, those of one name by their place. For qsort(). */
int cli_by_name(const void *a, const void *b);

/* Gives the fields sorted by name. skip: a name that is left out, or NULL. The caller frees them.
   Returns: NULL when there is not enough memory. */
cli_entry *cli_entries(const edgefn_fields *f, const char *skip, size_t *count);

/*--- advice.c ---------------------------------------------------------------------------------------------------------*/

/* What to do about a finding of this rule. Returns: a sentence without its end; "" for a rule that it does not know. */
const char *cli_advice(const edgefn_rule *rule);

/*--- the commands -----------------------------------------------------------------------------------------------------*/

int cli_show(cli_args *args);
int cli_run(cli_args *args);
int cli_check(cli_args *args);
int cli_convert(cli_args *args);
int cli_sample(cli_args *args);
int cli_events(cli_args *args);
int cli_bench(cli_args *args);
int cli_jwt(cli_args *args);
int cli_ua(cli_args *args);
int cli_rules(cli_args *args);

/* diff.c: prints what a result changed in an event. Returns: an exit code. */
int cli_diff(const char *file, edgefn_str event, edgefn_str result);

#endif /* CLI_H_INCLUDED */
