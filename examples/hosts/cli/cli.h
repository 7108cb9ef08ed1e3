/* cli.h - shared declarations of the command line. The library is compiled in main.c. */
#ifndef CLI_H_INCLUDED
#define CLI_H_INCLUDED

#include "../edgefn_host.h"
#include "../edgefn_runtime.h"
#include "../edgefn_tables.h"
#include <stdio.h>

/* The exit codes. */
enum { CLI_OK = 0, CLI_REFUSED = 1, CLI_USAGE = 2, CLI_FAILED = 3, CLI_NO_OBJECT = 4 };

/*--- args.c -----------------------------------------------------------------------------------------------------------*/

/* Walks over the arguments after the command: options "--name", "--name value", "--name=value" and operands, in any order;
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
cli_value(cli_args *args);           /* the option's value; NULL, after a message, if it has none */
bool cli_flag(const cli_args *args); /* false, after a message, if the option has a value */

/* Prints "edgefn COMMAND: what 'about'" and a hint at the help. Returns: CLI_USAGE. */
int cli_usage(const cli_args *args, const char *what, const char *about);

/*--- io.c -------------------------------------------------------------------------------------------------------------*/

/* A growing array of bytes. `failed` stays set once it could not grow. */
typedef struct cli_bytes {
    char *ptr;
    size_t len, cap;
    bool failed;
} cli_bytes;

void cli_add(cli_bytes *b, const void *bytes, size_t len);
void cli_add_z(cli_bytes *b, const char *z);
/* Quotes and escapes like edgefn_json_quote(), but keeps invalid UTF-8, so that reading it fails. */
void cli_add_json(cli_bytes *b, edgefn_str s);
edgefn_str cli_str(const cli_bytes *b);
void cli_free(cli_bytes *b);

/* The byte order mark that some editors write before UTF-8. */
#define CLI_MARK "\xef\xbb\xbf"

/* Reads a whole file, "-" for standard input, into empty bytes, without a byte order mark. Returns: false after a message. */
bool cli_read(const char *file, cli_bytes *into);
bool cli_read_raw(const char *file, cli_bytes *into); /* keeps a byte order mark */

/* Flushes stdout. Returns: code, or CLI_USAGE after a message if that failed. */
int cli_flush(int code);

/* The block of memory in which events are read and handled. Its first size suffices for any event and
   its output, except for handlers that produce large results: on EDGEFN_E_OOM call
   cli_memory_retry() and start again. */
typedef struct cli_memory {
    void *ptr;
    size_t cap, limit;
    size_t json_len; /* for events up to this length */
} cli_memory;

bool cli_memory_make(cli_memory *m, size_t json_len); /* false after a message */

/* Enlarges the block if it was made for shorter events. Returns: false after a message. */
bool cli_memory_suffices(cli_memory *m, size_t json_len);

/* Reports whether to try again, with more memory: see edgehost_retry(). */
bool cli_memory_retry(cli_memory *m, edgefn_error error);
void cli_memory_free(cli_memory *m);

/* How events are read: leniently, so that test events may omit members that CloudFront always sends; --type sets the type. */
extern edgefn_parse_opts cli_reading;

/* Takes "--type TYPE", if that is the option. Returns: 1 taken, 0 another option, -1 after a message. */
int cli_type_option(cli_args *args);

/* Notes on stderr that an event has no type, and which one was inferred. */
void cli_say_type(const char *file, edgefn_event_type type);

/* Reads an event and makes its query and cookie views, so that printing it cannot fail.
   m: empty; gets the memory, also on failure. file: the name for messages; NULL: no messages.
   Returns: false after a message "FILE:LINE:COLUMN: error: ..." on stderr. */
bool cli_open(edgefn_event *ev, const char *file, edgefn_str json, cli_memory *m);

/* Prints lines "3:14: error: ..." on stderr, with "FILE:" before each. */
void cli_complain(const char *file, edgefn_str lines);

/*--- json.c -----------------------------------------------------------------------------------------------------------*/

/* A walk over the members of an object or the elements of an array. */
typedef struct cli_json {
    const char *at, *end;
    edgefn_str name, value; /* of the member; name: undecoded, without its quotation marks */
} cli_json;

/* text: valid JSON that begins with '{' or '['. */
cli_json cli_json_in(edgefn_str text);
bool cli_json_next(cli_json *j);

/* Returns: the text without JSON's white space around it, which has line ends. */
edgefn_str cli_json_trim(edgefn_str text);

/*--- lines.c ----------------------------------------------------------------------------------------------------------*/

/* A longer line is skipped. */
#define CLI_LONGEST_LINE ((size_t)16 << 20)

typedef struct cli_lines {
    const char *file;
    FILE *f;
    cli_bytes bytes;
    size_t at;          /* offset of the first byte not yet returned */
    unsigned long line; /* the number of the last line, from 1 */
    bool too_long;      /* the last line was longer than CLI_LONGEST_LINE: only its end was kept */
    bool ended, failed;
} cli_lines;

/* file: "-" for standard input. Returns: false after a message. */
bool cli_lines_open(cli_lines *l, const char *file);
void cli_lines_close(cli_lines *l);

/* Reads the next line, without its end (LF or CR LF). It is valid until the next call. Returns:
   false at the end, also after an error, which was printed and set .failed. */
bool cli_lines_next(cli_lines *l, edgefn_str *line);

/* Reads the rest of the file. line: the last line read, which the rest includes. */
edgefn_str cli_lines_rest(cli_lines *l, edgefn_str line);

/* True if the line has only white space. */
bool cli_is_blank(edgefn_str line);

/*--- env.c ------------------------------------------------------------------------------------------------------------*/

/* The environment of a handler. Must not be moved: env.user points to it. */
typedef struct cli_env {
    edgefn_env env;
    edgehost_tables_row *items; /* not sorted; of entries with the same name the last one counts */
    edgehost_tables tables;     /* of these items */
    struct edgehost_keys *keys; /* of the table "jwks"; NULL: none */
} cli_env;

bool cli_env_make(cli_env *e, const cli_args *args); /* the real time; false after a message */
void cli_env_free(cli_env *e);

/* Takes "--now SECONDS", "--random X", "--random-bytes HEX", "--secret NAME=VALUE" (also --kv and --auth), "--jwks ISSUER=FILE" or
   "--table TABLE:NAME=VALUE", if the option is one of these. Returns: 1 taken, 0 another option, -1 after a message. */
int cli_env_option(cli_args *args, cli_env *e);

/* Takes the draw and random bytes from the system's random source, unless options set them. */
void cli_env_draw(edgefn_env *env);

/*--- batch.c ----------------------------------------------------------------------------------------------------------*/

/* Counters that workers fill and the parent adds up; see summary.h. */
typedef struct summary summary;

/* How events are run. */
typedef struct cli_runs {
    const char **files; /* of events */
    size_t count;
    unsigned jobs;      /* workers in parallel */
    unsigned timeout_s; /* processor time per event; 0: no limit */
    bool keep_going;    /* also after a crash */
    summary *totals;    /* NULL: not counted */
    /* Runs one event; prints on stdout and stderr. name: "FILE", or "-:LINE". several: it is one of
       several. counts: NULL if `totals` is NULL. Returns: an exit code. */
    int (*run)(void *user, const char *name, edgefn_str json, bool several, summary *counts);
    void *user;
} cli_runs;

/* Runs all events in worker processes, and prints results in the order of the events. Returns: the worst exit code. */
int cli_run_all(const cli_runs *r);

/* The worse of two exit codes: 2, 3, 1, 0. */
int cli_worse(int a, int b);

/*--- function.c -------------------------------------------------------------------------------------------------------*/

typedef struct cli_file {
    const char *name, *text;
} cli_file;

extern const cli_file cli_runtime[]; /* the files of examples/hosts/runtime; the last one is NULL */

/* A function in JavaScript or Python, and the process that runs it. Zero it first. */
typedef struct cli_function {
    const char *file;
    char directory[64]; /* with the runner's files and its socket */
    int process;        /* its id; 0: none */
    int lifeline;
} cli_function;

bool cli_is_function(const char *file); /* by its name: .mjs, .js, .cjs or .py */
bool cli_function_start(cli_function *f, const char *file,
                        const cli_env *env); /* false after a message */
void cli_function_stop(cli_function *f);     /* also after a failed start */

/* Runs an event. name: for messages. bytes: empty; gets what the answer points to, also on failure. answer: with CLI_OK its text is the
   result, otherwise one that lets nothing through. Returns: an exit code, after a message if it is not CLI_OK. */
int cli_function_call(const cli_function *f, const char *name, edgefn_str json, cli_memory *memory,
                      cli_bytes *bytes, edgehost_runtime_answer *answer);

/*--- text.c -----------------------------------------------------------------------------------------------------------*/

/* The entries of the handler's tables: values of the table "secret" are printed as ***. NULL: none. */
extern const edgehost_tables *cli_secrets;

/* Prints untrusted text: characters that move the cursor, colour the terminal or change the writing direction are escaped. */
void cli_put_to(FILE *f, edgefn_str s);
void cli_put(edgefn_str s); /* on stdout */

/* The same for at most `max` bytes, followed by "..." and the length if there are more. */
void cli_put_short(edgefn_str s, size_t max);

/* The same between quotation marks. */
void cli_put_quoted(edgefn_str s);

/* True if bytes can be shown as text: UTF-8 without control characters other than tab and line ends. */
bool cli_is_text(edgefn_str s);

/* The same for the characters that begin in the first `max` bytes. */
bool cli_begins_as_text(edgefn_str s, size_t max);

/* True if a text is one whole JSON value; a string with escapes must be shorter than 4000 bytes. */
bool cli_is_json(edgefn_str text);

/* True if a JSON text has a value at a pointer; the same limit applies. */
bool cli_json_has(edgefn_str text, const char *pointer);

/* True if s has a control character other than a tab. lines: LF is also allowed. */
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
    size_t group; /* in the first entry of a name: how many have that name; else 0 */
    char mark;
} cli_entry;

/* Orders by name, entries of one name by position. For qsort(). */
int cli_by_name(const void *a, const void *b);

/* Returns: the fields sorted by name; the caller frees them. NULL when out of memory. skip: a name
   to omit, or NULL. */
cli_entry *cli_entries(const edgefn_fields *f, const char *skip, size_t *count);

/*--- advice.c ---------------------------------------------------------------------------------------------------------*/

/* Returns: advice on how to fix a finding of this rule, without a full stop; "" for an unknown rule. */
const char *cli_advice(const edgefn_rule *rule);

/*--- ua.c -------------------------------------------------------------------------------------------------------------*/

const char *cli_system_name(edgefn_os os); /* "-" for an unknown one */
const char *cli_browser_name(edgefn_browser browser);

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
int cli_recipes_command(cli_args *args);
int cli_watch(cli_args *args);
int cli_settings(cli_args *args);

/* diff.c: prints what a result changed in an event. Returns: an exit code. */
int cli_diff(const char *file, edgefn_str event, edgefn_str result);

/* The same with a text before each line, and nothing if there is no change or one of the two cannot be read. Returns: the number of lines. */
size_t cli_diff_lines(edgefn_str event, edgefn_str result, const char *before_each);

#endif /* CLI_H_INCLUDED */
