/* bootstrap.c - AWS Lambda custom runtime (provided.al2023): fetches events, runs edgefn_handler() on them and posts the results.

   Each event is answered at most once. Failures are reported by the error call, never as a result: a refused event, a
   handler that returns false, a result that CloudFront would refuse. If it is unknown whether an answer arrived, this
   program exits; Lambda then ends the invocation, if it is still open, and starts the program again.
   Exits with 2 if it was not started by Lambda, with 1 if the Runtime API fails. All messages go to stderr. */
#define _GNU_SOURCE
#include "http.h"
#include "../edgefn_retry.h"
#include "../edgefn_why.h"
#ifdef EDGEHOST_OPENSSL
#  include "../edgefn_verify.h"
#endif
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#define S   EDGEFN_S
#define API "/2018-06-01/runtime/"

enum { USUAL_EDITS = 256, FAILURES = 3, ACKNOWLEDGEMENT = 16384 };

/* The headers of an event; copied, because the event's memory is reused for the next one. */
typedef struct invocation {
    char id_text[128], attempt_text[160], deadline_text[24], arn_text[512], client_text[4096];
    edgefn_str id, attempt, deadline, arn, client, trace; /* absent: the header is missing */
} invocation;

static http_client api;
static lambda_memory received, acknowledged, work;
static size_t memory_limit;
static invocation now;
static char trace_text[1024 + sizeof "_X_AMZN_TRACE_ID="] = "_X_AMZN_TRACE_ID=";

/*--- the log ---*/

static void say(edgefn_str what, edgefn_str more)
{
    char line[2048];
    size_t len = 0;

    http_put(line, sizeof line - 1, &len, S("edgefn: "));
    if (now.id.len != 0 && http_put(line, sizeof line - 1, &len, now.id))
        http_put(line, sizeof line - 1, &len, S(": "));
    http_put(line, sizeof line - 1, &len, what);
    http_put(line, sizeof line - 1, &len, edgefn_str_take(more, sizeof line - 1 - len));
    line[len++] = '\n';
    if (write(2, line, len) < 0) return; /* this error cannot be reported */
}

static void end(edgefn_str why)
{
    say(why, S("; ending"));
    exit(1);
}

/*--- the environment of the handler ---*/

/* Reads EDGEFN_<TABLE>_<key> of the process environment. The key is encoded so that a viewer's key cannot reach another table and
   different keys have different names: letters and digits are kept, and so is a '_' that does not follow another; any other byte
   becomes "__" and its two hex digits. */
static edgefn_str from_environment(edgefn_str table, edgefn_str key)
{
    static const char hex[] = "0123456789ABCDEF";
    char name[512] = "EDGEFN_";
    size_t len = 7;

    if (table.len > 32 || key.len > 100) return EDGEFN_ABSENT;
    for (size_t i = 0; i < table.len; i++) {
        char c = table.ptr[i];
        if (c >= 'a' && c <= 'z')
            name[len++] = (char)(c - 'a' + 'A');
        else
            return EDGEFN_ABSENT;
    }
    name[len++] = '_';
    for (size_t i = 0; i < key.len; i++) {
        unsigned char c = (unsigned char)key.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (plain || (c == '_' && (i == 0 || key.ptr[i - 1] != '_'))) {
            name[len++] = (char)c;
            continue;
        }
        name[len++] = '_';
        name[len++] = '_';
        name[len++] = hex[c / 16];
        name[len++] = hex[c % 16];
    }
    name[len] = '\0';
    return edgefn_cstr(getenv(name));
}

/* The table "lambda" contains data of this invocation; the other tables are in the process environment. */
static edgefn_str look_up(void *user, edgefn_str table, edgefn_str key)
{
    const invocation *inv = (const invocation *)user;

    if (!edgefn_str_eq(table, S("lambda"))) return from_environment(table, key);
    if (edgefn_str_eq(key, S("request-id"))) return inv->id;
    if (edgefn_str_eq(key, S("deadline-ms"))) return inv->deadline;
    if (edgefn_str_eq(key, S("trace-id"))) return inv->trace;
    if (edgefn_str_eq(key, S("function-arn"))) return inv->arn;
    if (edgefn_str_eq(key, S("client-context"))) return inv->client;
    return EDGEFN_ABSENT;
}

/* edgefn_env.log: Lambda sends standard error to CloudWatch Logs. */
static void write_log(void *user, edgefn_str text)
{
    char line[EDGEHOST_LOG_MOST];

    (void)user;
    say(S("log: "), (edgefn_str){ line, edgehost_log_line(line, text) });
}

#ifdef EDGEHOST_OPENSSL
static edgehost_keys keys;

/* edgefn_env.verify */
static bool verify(void *user, edgefn_str alg, edgefn_str kid, edgefn_str message,
                   edgefn_str signature)
{
    const char *why = edgehost_keys_refuse(&keys, alg, kid, message, signature);

    (void)user;
    if (why != NULL) say(S("token not verified: "), edgefn_cstr(why));
    return why == NULL;
}

/* Decodes the name of a variable, see from_environment(). Returns: the length; 0 if it is too long. */
static size_t decoded(edgefn_str name, char to[256])
{
    size_t len = 0;

    for (size_t i = 0; i < name.len; i++) {
        bool code = edgefn_str_starts(edgefn_str_skip(name, i), S("__")) && i + 4 <= name.len;
        char digits[3] = { code ? name.ptr[i + 2] : '\0', code ? name.ptr[i + 3] : '\0', '\0' };
        if (len == 256) return 0;
        to[len++] = code ? (char)strtoul(digits, NULL, 16) : name.ptr[i];
        if (code) i += 3;
    }
    return len;
}

/* Loads the JWKS of an issuer. Returns: false, and why. */
static bool load_keys(edgefn_str name, edgefn_str value, char *why, size_t cap)
{
    char issuer[256];
    const char *directory = getenv("LAMBDA_TASK_ROOT");

    return edgehost_keys_row(&keys, (edgefn_str){ issuer, decoded(name, issuer) }, value, directory,
                             why, cap);
}
#else
static bool load_keys(edgefn_str name, edgefn_str value, char *why, size_t cap)
{
    size_t len = 0;

    (void)value;
    http_put(why, cap - 1, &len, S("built without OpenSSL (LAMBDA_OPENSSL=on): EDGEFN_JWKS_"));
    http_put(why, cap - 1, &len, edgefn_str_take(name, 200));
    why[len] = '\0';
    return false;
}
#endif

/* Loads the keys of all variables EDGEFN_JWKS_<issuer>: the table "jwks". Returns: false, and why, if one has no usable key. */
static bool load_all_keys(char *why, size_t cap)
{
    for (size_t i = 0; environ[i] != NULL; i++) {
        edgefn_cut c = edgefn_str_cut(edgefn_cstr(environ[i]), S("="));
        edgefn_str name = edgefn_str_skip(c.head, S("EDGEFN_JWKS_").len);
        if (edgefn_str_starts(c.head, S("EDGEFN_JWKS_")) && !load_keys(name, c.tail, why, cap))
            return false;
    }
    return true;
}

static edgefn_env environment(void)
{
    edgefn_env env = { .lookup = look_up, .user = &now, .log = write_log };
    struct timespec t;

#ifdef EDGEHOST_OPENSSL
    if (keys.len > 0) env.verify = verify;
#endif
    if (clock_gettime(CLOCK_REALTIME, &t) == 0) env.now_s = t.tv_sec;
    env.has_random = getrandom(&env.random, sizeof env.random, 0) == (ssize_t)sizeof env.random;
    env.has_random_bytes =
        getrandom(env.random_bytes, sizeof env.random_bytes, 0) == (ssize_t)sizeof env.random_bytes;
    return env;
}

/* Adds a variable for the trace id to the environment, to be overwritten for each event. (setenv() would need malloc(), and leaks in some libraries.) */
static bool join_environment(void)
{
    static lambda_memory grown;
    size_t count = 0;

    while (environ[count] != NULL)
        count++;
    if (!lambda_memory_grow(&grown, (count + 2) * sizeof *environ)) return false;
    char **variables = (char **)(void *)grown.ptr;
    variables[0] = trace_text; /* before a variable of the same name that Lambda may have set */
    memcpy(variables + 1, environ, (count + 1) * sizeof *environ);
    environ = variables;
    return true;
}

/*--- calls ---*/

static http_outcome call(const char *method, edgefn_str path, edgefn_str headers, edgefn_str body,
                         lambda_memory *into, http_answer *a)
{
    return http_call(&api, &(http_request){ method, path, headers, body }, into, a);
}

/* Posts to the current invocation. Returns: the status; 0 if it was certainly not sent. If it is unknown whether it was sent, exits. */
static unsigned post(const char *target, edgefn_str type, edgefn_str body)
{
    char path[256], headers[512];
    size_t path_len = 0, len = 0;
    http_answer a;

    http_put(path, sizeof path, &path_len, S(API));
    if (now.id.len != 0) {
        http_put(path, sizeof path, &path_len, S("invocation/"));
        http_put(path, sizeof path, &path_len, now.id);
        http_put(path, sizeof path, &path_len, S("/"));
    }
    http_put(path, sizeof path, &path_len, edgefn_cstr(target));
    if (now.attempt.ptr != NULL) {
        http_put(headers, sizeof headers, &len, S("Lambda-Runtime-Invocation-Id: "));
        http_put(headers, sizeof headers, &len, now.attempt);
        http_put(headers, sizeof headers, &len, S("\r\n"));
    }
    if (type.ptr != NULL) {
        http_put(headers, sizeof headers, &len, S("Lambda-Runtime-Function-Error-Type: "));
        http_put(headers, sizeof headers, &len, type);
        http_put(headers, sizeof headers, &len, S("\r\n"));
    }
    http_outcome outcome = call("POST", (edgefn_str){ path, path_len },
                                (edgefn_str){ headers, len }, body, &acknowledged, &a);
    if (outcome == HTTP_LOST) end(S("the Runtime API did not acknowledge"));
    if (a.status >= 500) end(S("the Runtime API answered with a server error"));
    return outcome == HTTP_UNSENT ? 0 : a.status;
}

/* Posts an error. category: "Function.Reason" or "Runtime.Reason", only letters, or Lambda replaces it by Unknown. type: as precise as
   possible. what: the message; bytes that would need escapes in JSON become '?'. */
static void post_error(const char *target, edgefn_str category, edgefn_str type, edgefn_str what)
{
    char body[2560], message[1024];
    size_t len = 0, n = 0;

    what = edgefn_str_trim(what);
    say(S(""), what);
    for (; n < what.len && n < sizeof message; n++) {
        char c = what.ptr[n];
        message[n] = c >= ' ' && c < 127 && c != '\\' ? (c == '"' ? '\'' : c) : '?';
    }
    http_put(body, sizeof body, &len, S("{\"errorMessage\":\""));
    http_put(body, sizeof body, &len, (edgefn_str){ message, n });
    http_put(body, sizeof body, &len, S("\",\"errorType\":\""));
    http_put(body, sizeof body, &len, type);
    http_put(body, sizeof body, &len, S("\",\"stackTrace\":[]}"));
    unsigned status = post(target, category, (edgefn_str){ body, len });
    if (status == 0) end(S("the Runtime API cannot be reached"));
    if (status >= 300) say(S("the Runtime API refused the error report"), S(""));
}

static void fail(edgefn_str category, edgefn_str what)
{
    post_error("error", category, category, what);
}

/* Posts a result. If the Runtime API refuses it, an error is reported: so the invocation ends at once and not by its time-out. If the Runtime API
   has ended the invocation itself, as Lambda does with 413, it refuses the report, which does no harm. */
static void post_result(edgefn_str result)
{
    unsigned status = post("response", EDGEFN_ABSENT, result);

    if (status >= 200 && status < 300) return;
    if (status == 413)
        fail(S("Function.ResponseSizeTooLarge"), S("the result is larger than Lambda allows"));
    else if (status == 403)
        say(S("the Runtime API no longer accepts an answer (403)"), S("")); /* timed out */
    else if (status == 0)
        fail(S("Runtime.ResponseNotSent"), S("the result could not be sent"));
    else
        fail(S("Runtime.ResponseRefused"), S("the Runtime API refused the result"));
}

/*--- one event ---*/

static void report(const edgefn_event *ev, bool parsed)
{
    char why[1024] = "event:";
    size_t len = 6 + edgefn_describe(ev, why + 6, sizeof why - 6);

    edgefn_str refused =
        ev->err.code == EDGEFN_E_OOM ? S("Runtime.OutOfMemory") : S("Function.EventRefused");
    post_error("error", parsed ? S("Function.HandlerFailed") : refused,
               edgefn_cstr(edgefn_error_name(ev->err.code)), (edgefn_str){ why, len });
}

static bool work_room(void *host, size_t size)
{
    return lambda_memory_grow((lambda_memory *)host, size);
}

/* Handles an event. If the handler runs out of memory, the event is repeated with twice as much. */
static void work_on(edgefn_str json)
{
    size_t want = edgefn_memory_event(json.len, USUAL_EDITS);
    edgefn_env env = environment();
    edgefn_answer_opts opts = { .parse = { .env = &env } };
    edgefn_event ev;

    if (want <= memory_limit)
        lambda_memory_grow(&work, want); /* on failure use the memory there is */
    do {
        edgefn_str result = edgefn_answer(&ev, json, edgefn_arena_make(work.ptr, work.cap), &opts);
        if (ev.err.code == EDGEFN_OK) {
            post_result(result);
            return;
        }
    } while (edgehost_retry(ev.err.code, work.cap, memory_limit, work_room, &work));
    report(&ev, ev.type != EDGEFN_EVENT_TYPE_NONE);
}

/* Copies a header's value. Returns: absent if it is missing, too long or has control characters. */
static edgefn_str keep(edgefn_str head, edgefn_str name, char *text, size_t cap)
{
    edgefn_str value = http_header(head, name);

    if (value.ptr == NULL || value.len > cap) return EDGEFN_ABSENT;
    for (size_t i = 0; i < value.len; i++) {
        if ((unsigned char)value.ptr[i] < ' ' || value.ptr[i] == 127) return EDGEFN_ABSENT;
    }
    if (value.len != 0) memcpy(text, value.ptr, value.len);
    return (edgefn_str){ text, value.len };
}

static void read_headers(edgefn_str head)
{
    const size_t name = sizeof "_X_AMZN_TRACE_ID=" - 1;

    now.id = keep(head, S("lambda-runtime-aws-request-id"), now.id_text, sizeof now.id_text);
    for (size_t i = 0; i < now.id.len; i++) { /* it becomes part of a URL path */
        char c = now.id.ptr[i];
        if (c <= ' ' || c >= 127 || c == '/' || c == '?' || c == '#' || c == '%') now.id.len = 0;
    }
    now.attempt =
        keep(head, S("lambda-runtime-invocation-id"), now.attempt_text, sizeof now.attempt_text);
    now.deadline =
        keep(head, S("lambda-runtime-deadline-ms"), now.deadline_text, sizeof now.deadline_text);
    now.arn =
        keep(head, S("lambda-runtime-invoked-function-arn"), now.arn_text, sizeof now.arn_text);
    now.client =
        keep(head, S("lambda-runtime-client-context"), now.client_text, sizeof now.client_text);
    now.trace =
        keep(head, S("lambda-runtime-trace-id"), trace_text + name, sizeof trace_text - name - 1);
    trace_text[name + now.trace.len] = '\0';
}

/* Waits for an event and handles it. Returns: false if there was no event. */
static bool next(void)
{
    http_answer a;

    now = (invocation){ 0 };
    http_outcome outcome =
        call("GET", S(API "invocation/next"), S(""), EDGEFN_ABSENT, &received, &a);
    if (outcome == HTTP_UNSENT || outcome == HTTP_LOST) {
        say(S("the Runtime API sends no event"), S(""));
        return false;
    }
    if (a.status >= 500) end(S("the Runtime API answered with a server error"));
    if (a.status != 200) {
        say(S("the Runtime API refuses to send an event"), S(""));
        return false;
    }
    read_headers(a.head);
    if (now.id.len == 0) {
        say(S("the event has no request id"), S(""));
        return false;
    }
    if (outcome == HTTP_CUT)
        fail(S("Runtime.TruncatedEvent"), S("the event is incomplete: the connection ended early"));
    else if (outcome == HTTP_TOO_LARGE)
        fail(S("Runtime.OutOfMemory"), S("the event is too large for the function's memory"));
    else
        work_on(a.body);
    return true;
}

int main(void)
{
    edgefn_str mb = edgefn_cstr(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
    edgefn_number n = edgefn_str_to_u64(mb);
    size_t function_memory = (n.ok && n.value > 0 && n.value <= 65536 ? (size_t)n.value : 128)
                             << 20;

    memory_limit = function_memory
                   / 2; /* work memory; with the event's text (a quarter) at most three quarters */
    edgefn_str where = edgefn_cstr(getenv("AWS_LAMBDA_RUNTIME_API"));
    const char *wrong = http_open(&api, where, function_memory / 4);
    if (wrong != NULL) {
        if (where.len == 0)
            say(S("this program is the bootstrap of an AWS Lambda function"), S(""));
        say(S("AWS_LAMBDA_RUNTIME_API must be HOST[:PORT][/PATH]: "), edgefn_cstr(wrong));
        return 2;
    }
    bool can_report = lambda_memory_grow(
        &acknowledged, ACKNOWLEDGEMENT); /* allocated now, because later memory may run out */
    if (!can_report || !lambda_memory_grow(&work, edgefn_memory_event(4096, USUAL_EDITS))
        || !join_environment()) {
        post_error("init/error", S("Runtime.OutOfMemory"), S("Runtime.OutOfMemory"),
                   S("not enough memory to start"));
        return 1;
    }
    char why[1024] = "";
    if (!load_all_keys(why, sizeof why)) {
        post_error("init/error", S("Runtime.InvalidKeys"), S("Runtime.InvalidKeys"),
                   edgefn_cstr(why));
        return 1;
    }
    for (int failures = 0; failures < FAILURES;)
        failures = next() ? 0 : failures + 1;
    end(S("no event in three tries"));
    return 1;
}
