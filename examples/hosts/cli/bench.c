/* bench.c - edgefn bench: the cost of a handler per event.

   How it measures: rounds of four loops, one after another, each over the same events in one block of
   memory: parse; parse and handler; the same and writing the result; the same and the check. The
   cost of a step is the difference of two loops of one round, so that a machine that slows down for
   a while slows both. The medians of the differences are printed with the 10th and 90th percentile.
   A difference below 0 is noise: it is printed as "~0", in JSON as 0, and means that the cost cannot
   be distinguished from 0. "total" is the time of the last loop: the cost in a host. The clock is
   the processor time of this thread, so that other processes influence it only through caches. */
#ifndef _DEFAULT_SOURCE
#  define _DEFAULT_SOURCE
#endif
#include "cli.h"
#include "edgefn_load.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__linux__)
#  include <linux/perf_event.h>
#  include <sys/ioctl.h>
#  include <sys/syscall.h>
#endif

enum { ROUNDS = 301, BARS = 12 };
enum { STEP_PARSE, STEP_HANDLER, STEP_WRITE, STEP_CHECK, STEPS };

static const char *const step_names[] = { "parse", "handler", "write", "check" };

typedef struct bench_event {
    const char *file;
    cli_bytes json;
} bench_event;

typedef struct series {
    double ns[ROUNDS];
} series;

/* One handler's figures for one event. */
typedef struct figures {
    series steps[STEPS];
    series total;
    size_t arena, result;
    double instructions; /* per event, all steps; below 0: not counted */
} figures;

typedef struct bench {
    bench_event *events;
    size_t count;
    const char *handlers[2]; /* files; the second is that of --against */
    edgehost_library libraries[2];
    size_t handler_count;
    cli_env env;
    cli_memory memory;
    const char *no_counter; /* why instructions cannot be counted */
    int counter;
    bool json;
} bench;

/*--- one pass over an event -------------------------------------------------------------------------------------------*/

/* Runs the first `steps` of an event. Returns: false if one fails. */
static bool pass(bench *b, const bench_event *e, const edgehost_library *l, int steps,
                 edgefn_event *ev, edgefn_str *out)
{
    edgefn_parse_opts reading = cli_reading;
    edgefn_write_opts opts = { .skip_check = steps <= STEP_WRITE };
    edgefn_arena arena = edgefn_arena_make(b->memory.ptr, b->memory.cap);

    reading.env = &b->env.env;
    if (edgefn_parse(ev, cli_str(&e->json), arena, &reading) != EDGEFN_OK) return false;
    if (steps == STEP_PARSE) return true;
    if (!l->handler(ev)) return false;
    if (steps == STEP_HANDLER) return ev->err.code == EDGEFN_OK;
    *out = edgefn_finish(ev, &opts);
    return out->ptr != NULL;
}

/* Keeps the compiler from removing unused results. */
static volatile size_t sink;

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Returns: the time of one pass, averaged over `times` passes. */
static double time_of(bench *b, const bench_event *e, const edgehost_library *l, int steps,
                      size_t times)
{
    edgefn_event ev;
    edgefn_str out = { NULL, 0 };
    double from = now_ns();

    for (size_t i = 0; i < times; i++) {
        pass(b, e, l, steps, &ev, &out);
        sink = sink + out.len + ev.arena.used;
    }
    return (now_ns() - from) / (double)times;
}

/*--- instructions -----------------------------------------------------------------------------------------------------*/

static void counter_open(bench *b)
{
#if defined(__linux__)
    struct perf_event_attr what = { 0 };

    what.type = PERF_TYPE_HARDWARE;
    what.size = sizeof what;
    what.config = PERF_COUNT_HW_INSTRUCTIONS;
    what.disabled = 1;
    what.exclude_kernel = 1;
    what.exclude_hv = 1;
    b->counter = (int)syscall(SYS_perf_event_open, &what, 0, -1, -1, 0);
    if (b->counter < 0) b->no_counter = strerror(errno);
#else
    b->counter = -1;
    b->no_counter = "this system has no such counter";
#endif
}

static double count_instructions(bench *b, const bench_event *e, const edgehost_library *l)
{
#if defined(__linux__)
    enum { TIMES = 200 };
    uint64_t before;
    uint64_t after;

    if (b->counter < 0) return -1;
    ioctl(b->counter, PERF_EVENT_IOC_ENABLE, 0);
    bool good = read(b->counter, &before, sizeof before) == sizeof before;
    time_of(b, e, l, STEP_CHECK, TIMES);
    good = read(b->counter, &after, sizeof after) == sizeof after && good;
    ioctl(b->counter, PERF_EVENT_IOC_DISABLE, 0);
    return good ? (double)(after - before) / TIMES : -1;
#else
    (void)b, (void)e, (void)l;
    return -1;
#endif
}

/*--- rounds -----------------------------------------------------------------------------------------------------------*/

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static void sort_series(series *s)
{
    qsort(s->ns, ROUNDS, sizeof s->ns[0], by_size);
}

/* Returns: a percentile of a sorted series. percent: 0 to 100. */
static double percentile(const series *s, int percent)
{
    return s->ns[(ROUNDS - 1) * percent / 100];
}

/* Returns: the number of passes for which a loop takes about 200 microseconds. */
static size_t passes_for(bench *b, const bench_event *e)
{
    double ns = 0;

    for (size_t times = 1; times < 100000 && ns < 200000; times *= 2) {
        ns = time_of(b, e, &b->libraries[0], STEP_CHECK, times) * (double)times;
        if (ns >= 200000) return times;
    }
    return 1;
}

static void one_round(bench *b, const bench_event *e, int handler, size_t times, figures *f,
                      int round)
{
    double before = 0;

    for (int step = 0; step < STEPS; step++) {
        double ns = time_of(b, e, &b->libraries[handler], step, times);
        f->steps[step].ns[round] = ns - before;
        if (step == STEP_CHECK) f->total.ns[round] = ns;
        before = ns;
    }
}

/* Fills the figures of every handler. ratios: second to first handler, one per round. */
static void measure(bench *b, const bench_event *e, figures *f, series *ratios)
{
    size_t times = passes_for(b, e);

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t k = 0; k < b->handler_count; k++) {
            /* alternately each handler first */
            int h = b->handler_count == 2 ? (int)k ^ (round & 1) : 0;
            one_round(b, e, h, times, &f[h], round);
        }
        if (b->handler_count == 2) ratios->ns[round] = f[1].total.ns[round] / f[0].total.ns[round];
    }
    for (size_t h = 0; h < b->handler_count; h++) {
        f[h].instructions = count_instructions(b, e, &b->libraries[h]);
        for (int step = 0; step < STEPS; step++)
            sort_series(&f[h].steps[step]);
    }
    if (b->handler_count == 2) sort_series(ratios);
}

/*--- output -----------------------------------------------------------------------------------------------------------*/

static void print_histogram(const series *total)
{
    double low = percentile(total, 0);
    double high = percentile(total, 95);
    unsigned counts[BARS] = { 0 };
    unsigned most = 1;

    if (high <= low) return;
    for (int i = 0; i < ROUNDS; i++) {
        double place = (total->ns[i] - low) / (high - low) * BARS;
        if (place < BARS) counts[(int)place]++;
    }
    for (int i = 0; i < BARS; i++)
        if (counts[i] > most) most = counts[i];
    for (int i = 0; i < BARS; i++)
        printf("  %9.0f ns %5u %.*s\n", low + (high - low) * i / BARS, counts[i],
               (int)(counts[i] * 40 / most), "########################################");
}

static const int shown_percents[] = { 50, 10, 90 };

/* Returns: true if one of the figures cannot be distinguished from 0. */
static bool print_series(const char *name, const series *s)
{
    bool lost = false;

    printf("  %-8s", name);
    for (int i = 0; i < 3; i++) {
        double ns = percentile(s, shown_percents[i]);
        lost = lost || ns < 0.5;
        if (ns < 0.5)
            printf(" %9s", "~0");
        else
            printf(" %9.0f", ns);
    }
    putchar('\n');
    return lost;
}

static void print_figures(const bench *b, const char *handler, const bench_event *e, figures *f)
{
    printf("%s %s\n  ns / event   median      10 %%      90 %%\n", handler, e->file);
    bool lost = false;
    for (int step = 0; step < STEPS; step++)
        lost = print_series(step_names[step], &f->steps[step]) || lost;
    print_series("total", &f->total);
    if (lost) puts("  ~0: too small to be distinguished from the noise of this machine");
    if (f->instructions >= 0)
        printf("  instructions %.0f\n", f->instructions);
    else
        printf("  instructions not counted: this kernel does not let programs count them (%s)\n",
               b->no_counter);
    printf("  arena %zu bytes, result %zu bytes\n", f->arena, f->result);
    if (isatty(STDOUT_FILENO)) print_histogram(&f->total);
}

static void json_series(const char *name, const series *s)
{
    static const char *const members[] = { "median", "p10", "p90" };

    printf("\"%s\":{", name);
    for (int i = 0; i < 3; i++) {
        double ns = percentile(s, shown_percents[i]);
        printf("%s\"%s_ns\":%.1f", i > 0 ? "," : "", members[i], ns > 0 ? ns : 0.0);
    }
    fputs("},", stdout);
}

static void json_text(const char *name, const char *value)
{
    cli_bytes text = { 0 };

    cli_add_json(&text, edgefn_cstr(value));
    printf("\"%s\":%.*s,", name, (int)text.len, text.ptr ? text.ptr : "\"\"");
    cli_free(&text);
}

static void json_figures(const char *handler, const bench_event *e, const figures *f)
{
    fputs("{", stdout);
    json_text("handler", handler);
    json_text("event", e->file);
    for (int step = 0; step < STEPS; step++)
        json_series(step_names[step], &f->steps[step]);
    json_series("total", &f->total);
    if (f->instructions >= 0) printf("\"instructions\":%.0f,", f->instructions);
    printf("\"arena_bytes\":%zu,\"result_bytes\":%zu}\n", f->arena, f->result);
}

static void print_ratio(const bench *b, const bench_event *e, const series *ratios)
{
    double median = percentile(ratios, 50);
    double low = percentile(ratios, 10);
    double high = percentile(ratios, 90);

    if (b->json) {
        fputs("{", stdout);
        json_text("event", e->file);
        printf("\"ratio\":{\"median\":%.4f,\"p10\":%.4f,\"p90\":%.4f}}\n", median, low, high);
        return;
    }
    printf("%s takes %.3f times as long as %s (10 %%: %.3f, 90 %%: %.3f)\n", b->handlers[1], median,
           b->handlers[0], low, high);
}

/* Runs an event once, to measure its sizes and to report failures. Returns: an exit code. */
static int try_once(bench *b, const bench_event *e, size_t h, figures *f)
{
    edgefn_event ev;
    edgefn_str out = { NULL, 0 };
    char line[EDGEHOST_WHY];
    int code = CLI_FAILED;

    do {
        if (!pass(b, e, &b->libraries[h], STEP_PARSE, &ev, &out)) {
            code = CLI_REFUSED;
            continue;
        }
        code = CLI_FAILED;
        if (!pass(b, e, &b->libraries[h], STEP_CHECK, &ev, &out)) continue;
        f->arena = ev.arena.used;
        f->result = out.len;
        return CLI_OK;
    } while (cli_memory_retry(&b->memory, ev.err.code));
    if (ev.err.code == EDGEFN_OK) edgefn_fail(&ev, EDGEFN_E_HANDLER, edgefn_cstr(b->handlers[h]));
    cli_complain(e->file, (edgefn_str){ line, edgefn_describe(&ev, line, sizeof line) });
    return code;
}

static int bench_event_of(bench *b, const bench_event *e, figures *f, series *ratios)
{
    if (!cli_memory_make(&b->memory, e->json.len)) return CLI_USAGE;
    int code = CLI_OK;
    for (size_t h = 0; h < b->handler_count && code == CLI_OK; h++)
        code = try_once(b, e, h, &f[h]);
    if (code == CLI_OK) {
        measure(b, e, f, ratios);
        for (size_t h = 0; h < b->handler_count; h++) {
            sort_series(&f[h].total);
            if (b->json)
                json_figures(b->handlers[h], e, &f[h]);
            else
                print_figures(b, b->handlers[h], e, &f[h]);
        }
        if (b->handler_count == 2) print_ratio(b, e, ratios);
    }
    cli_memory_free(&b->memory);
    return code;
}

/*--- the command ------------------------------------------------------------------------------------------------------*/

static int read_option(cli_args *args, bench *b)
{
    int taken = cli_type_option(args);

    if (taken == 0) taken = cli_env_option(args, &b->env);
    if (taken != 0) return taken < 0 ? CLI_USAGE : CLI_OK;
    if (cli_is(args, "--json")) {
        b->json = true;
        return cli_flag(args) ? CLI_OK : CLI_USAGE;
    }
    if (!cli_is(args, "--against")) return cli_usage(args, "unknown option", args->option);
    b->handlers[1] = cli_value(args);
    return b->handlers[1] ? CLI_OK : CLI_USAGE;
}

static int read_args(cli_args *args, bench *b)
{
    while (cli_next(args)) {
        if (args->operand == NULL) {
            if (read_option(args, b) != CLI_OK) return CLI_USAGE;
        } else if (b->handlers[0] == NULL) {
            b->handlers[0] = args->operand;
        } else {
            b->events[b->count++].file = args->operand;
        }
    }
    if (b->handlers[0] == NULL) return cli_usage(args, "a handler and an event are missing", NULL);
    if (b->count == 0) return cli_usage(args, "an event is missing", NULL);
    b->handler_count = b->handlers[1] ? 2 : 1;
    return CLI_OK;
}

static int load_all(bench *b)
{
    char why[1000];

    for (size_t h = 0; h < b->handler_count; h++) {
        if (edgehost_load(&b->libraries[h], b->handlers[h], why, sizeof why)) continue;
        fprintf(stderr, "edgefn: %s\n", why);
        return CLI_USAGE;
    }
    for (size_t i = 0; i < b->count; i++)
        if (!cli_read(b->events[i].file, &b->events[i].json)) return CLI_USAGE;
    return CLI_OK;
}

static int run_all(bench *b)
{
    figures *f = calloc(2, sizeof *f);
    series *ratios = calloc(1, sizeof *ratios);
    int worst = CLI_OK;

    if (f == NULL || ratios == NULL) {
        fputs("edgefn: not enough memory\n", stderr);
        worst = CLI_USAGE;
    }
    for (size_t i = 0; i < b->count && worst != CLI_USAGE; i++) {
        int code = bench_event_of(b, &b->events[i], f, ratios);
        if (code != CLI_OK) worst = code;
    }
    free(f);
    free(ratios);
    return worst;
}

int cli_bench(cli_args *args)
{
    bench b = { .counter = -1 };

    b.events = calloc((size_t)args->argc, sizeof *b.events);
    if (b.events == NULL) return cli_usage(args, "out of memory", NULL);
    int code = cli_env_make(&b.env, args) ? read_args(args, &b) : CLI_USAGE;
    if (code == CLI_OK) code = load_all(&b);
    if (code == CLI_OK) {
        cli_env_draw(&b.env.env);
        counter_open(&b);
        code = run_all(&b);
        if (b.counter >= 0) close(b.counter);
    }
    for (size_t i = 0; i < b.count; i++)
        cli_free(&b.events[i].json);
    free(b.events);
    cli_env_free(&b.env);
    return cli_flush(code);
}
