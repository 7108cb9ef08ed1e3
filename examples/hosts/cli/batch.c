/* batch.c - edgefn run over many events, in worker processes.

   The parent reads events into batches and forks a worker for each, which has the batch in
   its memory and writes to two temporary files; the parent prints these in the order of the events.
   A handler that crashes or hangs ends only its worker: the parent reads from shared memory which
   event was running, and with --keep-going runs the batch again without that event. */
#ifndef _DEFAULT_SOURCE
#  define _DEFAULT_SOURCE
#endif
#include "summary.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>

enum { BATCH_BYTES = 1 << 20, BATCH_EVENTS = 2000, CLI_TIMED_OUT = 99 };

typedef struct item {
    const char *file;
    unsigned long line; /* 0: the whole file */
    size_t at, len;     /* in batch.bytes */
    bool skipped;       /* the handler crashed on it */
} item;

/* Shared between a worker and the parent. */
typedef struct shared {
    volatile size_t at; /* the item that is being run */
    volatile int worst;
    summary counts;
} shared;

typedef struct batch {
    cli_bytes bytes;
    item *items;
    size_t count;
    shared *shared;
    FILE *out, *err; /* NULL: the worker prints by itself */
    pid_t worker;    /* 0: none */
} batch;

/* The position in the input. */
typedef struct reading {
    const cli_runs *runs;
    size_t file;     /* the next one */
    cli_lines lines; /* of standard input */
    bool in_lines;   /* standard input is read line by line */
    int worst;
} reading;

int cli_worse(int a, int b)
{
    static const int order[] = { CLI_OK, CLI_REFUSED, CLI_FAILED, CLI_USAGE };
    int result = a;

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (order[i] == a || order[i] == b) result = order[i];
    return result;
}

/*--- reading events ---------------------------------------------------------------------------------------------------*/

static bool full(const batch *b)
{
    return b->count == BATCH_EVENTS || b->bytes.len >= BATCH_BYTES;
}

static void add_item(batch *b, const char *file, unsigned long line, edgefn_str json)
{
    b->items[b->count++] = (item){ file, line, b->bytes.len, json.len, false };
    cli_add(&b->bytes, json.ptr, json.len);
}

/* Skips lines of white space only. Returns: false at the end. */
static bool next_line(reading *r, edgefn_str *line)
{
    while (cli_lines_next(&r->lines, line)) {
        if (r->lines.too_long) {
            fprintf(stderr, "-:%lu: error: this line is longer than 16 MiB\n", r->lines.line);
            r->worst = cli_worse(r->worst, CLI_REFUSED);
        } else if (!cli_is_blank(*line)) {
            return true;
        }
    }
    if (r->lines.failed) r->worst = CLI_USAGE;
    return false;
}

/* Opens standard input: as one event, or line by line if its first line is a whole JSON value and
   more lines follow. */
static void begin_stdin(reading *r, batch *b)
{
    edgefn_str line;
    cli_bytes first = { 0 };

    if (!cli_lines_open(&r->lines, "-")) {
        r->worst = CLI_USAGE;
        return;
    }
    if (!next_line(r, &line)) {
        add_item(b, "-", 0, EDGEFN_S(""));
        return;
    }
    unsigned long number = r->lines.line;
    if (!cli_is_json(line)) {
        add_item(b, "-", 0, cli_lines_rest(&r->lines, line));
        return;
    }
    cli_add(&first, line.ptr, line.len);
    r->in_lines = next_line(r, &line);
    add_item(b, "-", r->in_lines ? number : 0, cli_str(&first));
    if (r->in_lines) add_item(b, "-", r->lines.line, line);
    cli_free(&first);
}

/* Fills a batch. Returns: false if no events are left. */
static bool fill(reading *r, batch *b)
{
    edgefn_str line;

    b->count = b->bytes.len = 0;
    while (!full(b)) {
        if (r->in_lines) {
            r->in_lines = next_line(r, &line);
            if (r->in_lines) add_item(b, "-", r->lines.line, line);
            continue;
        }
        if (r->file == r->runs->count) break;
        const char *file = r->runs->files[r->file++];
        if (strcmp(file, "-") == 0) {
            begin_stdin(r, b);
            continue;
        }
        cli_bytes json = { 0 };
        if (cli_read(file, &json))
            add_item(b, file, 0, cli_str(&json));
        else
            r->worst = CLI_USAGE;
        cli_free(&json);
    }
    if (b->bytes.failed) {
        fputs("edgefn: not enough memory\n", stderr);
        r->worst = CLI_USAGE;
        return false;
    }
    return b->count > 0;
}

/*--- the worker -------------------------------------------------------------------------------------------------------*/

/* A handler that waits uses no processor time: its limit of elapsed time is this multiple of the
   time-out. */
enum { WAITS = 6 };

static shared *watched;
static unsigned timeout_s;

/* Runs each second of one clock; ends the process if the same event has run for `most` seconds. */
static void count_second(size_t *last, unsigned *seconds, unsigned most)
{
    *seconds = watched->at == *last ? *seconds + 1 : 0;
    *last = watched->at;
    if (*seconds >= most) _exit(CLI_TIMED_OUT);
}

static void tick(int signal)
{
    static size_t last[2];
    static unsigned seconds[2];

    if (signal == SIGPROF)
        count_second(&last[0], &seconds[0], timeout_s);
    else
        count_second(&last[1], &seconds[1], timeout_s * WAITS);
}

static void watch(const batch *b, unsigned seconds)
{
    struct itimerval each = { { 1, 0 }, { 1, 0 } };
    struct sigaction action = { .sa_handler = tick, .sa_flags = SA_RESTART };

    if (seconds == 0) return;
    watched = b->shared;
    timeout_s = seconds;
    sigaction(SIGPROF, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_PROF, &each, NULL);
    setitimer(ITIMER_REAL, &each, NULL);
}

static void name_of(const item *i, char *name, size_t cap)
{
    if (i->line > 0)
        snprintf(name, cap, "%s:%lu", i->file, i->line);
    else
        snprintf(name, cap, "%s", i->file);
}

static void work(const cli_runs *r, const batch *b, bool several)
{
    char name[4200];
    int worst = CLI_OK;

    watch(b, r->timeout_s);
    for (size_t i = 0; i < b->count; i++) {
        const item *one = &b->items[i];
        edgefn_str json = { b->bytes.ptr + one->at, one->len };
        b->shared->at = i;
        if (one->skipped) continue;
        name_of(one, name, sizeof name);
        worst = cli_worse(
            worst, r->run(r->user, name, json, several, r->totals ? &b->shared->counts : NULL));
    }
    b->shared->worst = worst;
    fflush(stderr);
    _exit(cli_flush(CLI_OK));
}

/*--- the parent -------------------------------------------------------------------------------------------------------*/

static void start(const cli_runs *r, batch *b, bool several)
{
    memset(&b->shared->counts, 0, sizeof b->shared->counts);
    b->shared->at = 0;
    fflush(stdout);
    fflush(stderr);
    if (b->out) {
        rewind(b->out);
        rewind(b->err);
        if (ftruncate(fileno(b->out), 0) != 0 || ftruncate(fileno(b->err), 0) != 0)
            perror("edgefn: temporary file");
    }
    b->worker = fork();
    if (b->worker != 0) return;
    if (b->out && (dup2(fileno(b->out), 1) < 0 || dup2(fileno(b->err), 2) < 0)) _exit(CLI_USAGE);
    work(r, b, several);
}

static void copy_out(FILE *from, FILE *to)
{
    char chunk[65536];
    size_t got;

    rewind(from);
    while ((got = fread(chunk, 1, sizeof chunk, from)) > 0)
        fwrite(chunk, 1, got, to);
    fflush(to);
}

/* Explains why a worker ended. Returns: NULL if it finished its batch. */
static const char *why_it_ended(int status, unsigned seconds, char *text, size_t cap)
{
    if (WIFSIGNALED(status)) {
        snprintf(text, cap, "the handler crashed: %s", strsignal(WTERMSIG(status)));
        return text;
    }
    int code = WEXITSTATUS(status);
    if (code == CLI_TIMED_OUT) {
        snprintf(text, cap, "the handler took more than %u seconds", seconds);
        return text;
    }
    if (code == CLI_OK) return NULL;
    snprintf(text, cap, "the handler's process ended with exit code %d", code);
    return text;
}

/* Reports the event that ended its worker, and removes it from the batch; without --keep-going also
   the events after it. */
static void drop_culprit(const cli_runs *r, batch *b, const char *why)
{
    char name[4200];
    size_t at = b->shared->at;

    name_of(&b->items[at], name, sizeof name);
    fprintf(stderr, "%s: error: %s\n", name, why);
    if (r->totals) {
        summary_fate_add(r->totals, FATE_FAILED);
        summary_add(r->totals, FATE_FAILED, why, name);
    }
    for (size_t i = at; i < b->count; i++)
        b->items[i].skipped = b->items[i].skipped || i == at || !r->keep_going;
}

/* Waits for a worker. If an event ended it, runs its batch again without that event, so that the
   results of the others are complete. Returns: an exit code; sets *stop if no further batch is to
   run. */
static int finish(const cli_runs *r, batch *b, bool several, bool *stop)
{
    char text[200];
    int status = 0;
    int worst = CLI_OK;

    for (;;) {
        while (waitpid(b->worker, &status, 0) < 0 && errno == EINTR)
            ;
        const char *why = why_it_ended(status, r->timeout_s, text, sizeof text);
        if (why == NULL) break;
        drop_culprit(r, b, why);
        worst = CLI_FAILED;
        if (several && !r->keep_going && !*stop)
            fputs("edgefn: use --keep-going to run the events after it\n", stderr);
        *stop = *stop || !r->keep_going;
        if (b->out == NULL) return worst;
        start(r, b, several);
    }
    if (b->out) copy_out(b->out, stdout);
    if (b->err) copy_out(b->err, stderr);
    if (r->totals) summary_merge(r->totals, &b->shared->counts);
    b->worker = 0;
    return cli_worse(worst, b->shared->worst);
}

static bool batch_make(batch *b, bool direct)
{
    b->items = malloc(BATCH_EVENTS * sizeof *b->items + sizeof *b->items);
    b->shared =
        mmap(NULL, sizeof *b->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (b->shared == MAP_FAILED) b->shared = NULL;
    if (!direct) {
        b->out = tmpfile();
        b->err = tmpfile();
    }
    bool good = b->items && b->shared && (direct || (b->out && b->err));
    if (!good) perror("edgefn: run");
    return good;
}

static void batch_free(batch *b)
{
    free(b->items);
    if (b->shared) munmap(b->shared, sizeof *b->shared);
    if (b->out) fclose(b->out);
    if (b->err) fclose(b->err);
    cli_free(&b->bytes);
}

/* True if the worker writes to stdout itself, because its output need not be put in order. */
static bool prints_directly(const cli_runs *r)
{
    return r->count == 1 && strcmp(r->files[0], "-") != 0;
}

/* Runs batches, `jobs` of them in parallel, and prints the oldest first. */
static int run_batches(const cli_runs *r, batch *batches)
{
    reading in = { .runs = r };
    int worst = CLI_OK;
    bool stop = false;
    bool more = true;
    bool several = false;

    for (size_t next = 0, oldest = 0; !stop;) {
        batch *b = &batches[next % r->jobs];
        if (more && next - oldest < r->jobs) {
            more = fill(&in, b);
            if (b->count > 1 || next > 0) several = true;
            if (more) {
                start(r, b, several);
                next++;
            }
            if (b->worker < 0) {
                perror("edgefn: fork");
                return CLI_USAGE;
            }
            continue;
        }
        if (oldest == next) break;
        worst = cli_worse(worst, finish(r, &batches[oldest++ % r->jobs], several, &stop));
    }
    cli_lines_close(&in.lines);
    return cli_worse(worst, in.worst);
}

int cli_run_all(const cli_runs *r)
{
    batch *batches = calloc(r->jobs, sizeof *batches);
    int code = CLI_OK;

    if (batches == NULL) return CLI_USAGE;
    for (unsigned i = 0; i < r->jobs && code == CLI_OK; i++)
        if (!batch_make(&batches[i], prints_directly(r))) code = CLI_USAGE;
    if (code == CLI_OK) code = run_batches(r, batches);
    for (unsigned i = 0; i < r->jobs; i++) {
        if (batches[i].worker > 0) kill(batches[i].worker, SIGKILL);
        batch_free(&batches[i]);
    }
    free(batches);
    return code;
}
