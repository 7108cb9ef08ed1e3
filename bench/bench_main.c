/* bench_main.c - times every subject on every class: interleaved in one process, medians of processor time, results compared first.

   Lines on stdout: BENCH <task> <class> <subject> <ns> <ratio to edgefn>, ARENA <class> <bytes>, CLASS <class> <events> <mean
   bytes> <about>, SUBJECT <subject> <about>, GROWTH <family> <size> <bytes> <task> <subject> <ns> <ns per byte>, # comments. */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef BENCH_FLAGS
#  define BENCH_FLAGS "unknown flags"
#endif

enum { MAX_SUBJECTS = 20, MIN_SAMPLES = 31, MAX_SAMPLES = 2001 };

/*--- sanitizers make every number meaningless -------------------------------------------------------------------------*/

#if defined(__GNUC__) && !defined(_WIN32)
void __asan_init(void) __attribute__((weak));
void __tsan_init(void) __attribute__((weak));
void __msan_init(void) __attribute__((weak));
void __ubsan_handle_type_mismatch_v1(void) __attribute__((weak));
static bool sanitized(void)
{
    return __asan_init || __tsan_init || __msan_init || __ubsan_handle_type_mismatch_v1;
}
#else
static bool sanitized(void)
{
    return false;
}
#endif

/*--- memcpy: the cost of touching the bytes once ----------------------------------------------------------------------*/

static char *copy_to;
static volatile char copy_sink;

static const char *copy_about(void)
{
    return "the C library's, for scale";
}
static bool copy_open(size_t max_len)
{
    free(copy_to);
    return (copy_to = malloc(max_len + 1)) != NULL;
}
static bool copy_parse(const gen_event *e, size_t i)
{
    (void)i;
    memcpy(copy_to, e->json, e->len);
    copy_sink = copy_to[e->len - 1];
    return true;
}
static const bench_subject bench_memcpy = { "memcpy", copy_about, copy_open, NULL, copy_parse,
                                            NULL,     NULL,       NULL,      NULL };

/*--- options ----------------------------------------------------------------------------------------------------------*/

static struct options {
    const char *classes, *tasks, *subjects; /* separated by commas; NULL: all */
    unsigned samples, passes;
    double sample_us;
    bool instructions, growth;
} opt = { NULL, NULL, NULL, 61, 0, 250, false, false };

static const bench_subject *subjects[MAX_SUBJECTS];
static size_t subject_count;

static bool listed(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
        if (strncmp(p, name, n) == 0 && (p[n] == 0 || p[n] == ',')) return true;
    return list == NULL;
}
static void enlist(const bench_subject *s)
{
    if (listed(opt.subjects, s->name)) subjects[subject_count++] = s;
}

static int usage(void)
{
    fputs(
        "usage: bench [--classes a,b] [--tasks parse,job] [--subjects a,b] [--samples N] [--sample-us N]\n"
        "       bench --growth 1 [--tasks parse,job] [--subjects a,b] [--samples N]\n"
        "       bench --instructions PASSES --classes C --tasks T --subjects S    (for callgrind: no timing)\n",
        stderr);
    return 2;
}
static bool options(int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        const char *v = i + 1 < argc ? argv[i + 1] : NULL;
        if (v == NULL) return false;
        if (strcmp(argv[i], "--classes") == 0)
            opt.classes = v;
        else if (strcmp(argv[i], "--tasks") == 0)
            opt.tasks = v;
        else if (strcmp(argv[i], "--subjects") == 0)
            opt.subjects = v;
        else if (strcmp(argv[i], "--samples") == 0)
            opt.samples = (unsigned)strtoul(v, NULL, 10);
        else if (strcmp(argv[i], "--sample-us") == 0)
            opt.sample_us = strtod(v, NULL);
        else if (strcmp(argv[i], "--growth") == 0)
            opt.growth = true;
        else if (strcmp(argv[i], "--instructions") == 0) {
            opt.instructions = true;
            opt.passes = (unsigned)strtoul(v, NULL, 10);
        } else
            return false;
    }
    if (opt.samples < MIN_SAMPLES) opt.samples = MIN_SAMPLES;
    if (opt.samples > MAX_SAMPLES) opt.samples = MAX_SAMPLES;
    return true;
}

/*--- timing -----------------------------------------------------------------------------------------------------------*/

static char *result;
static size_t result_cap;

volatile size_t bench_sink; /* keeps the compiler from removing the measured work */

static double now_ns(void) /* processor time: others on the machine do not count */
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}
static bool one_pass(const bench_subject *s, const gen_class *c, bool job)
{
    bench_found found;
    size_t good = 0;
    if (job)
        for (size_t i = 0; i < c->count; i++)
            good += s->job(&c->events[i], i, &found, result, result_cap).ptr != NULL;
    else
        for (size_t i = 0; i < c->count; i++)
            good += s->parse(&c->events[i], i);
    bench_sink = good;
    return good == c->count;
}
/* Takes one sample: a pass to warm up, then `passes` timed passes. prepare() before a pass is not timed. */
static double sample(const bench_subject *s, const gen_class *c, bool job, unsigned passes)
{
    double total = 0;
    if (s->measure) {
        s->prepare(c);
        return s->measure(job, passes) / ((double)passes * (double)c->count);
    }
    for (unsigned k = 0; k <= passes; k++) {
        if (s->prepare) s->prepare(c);
        double from = now_ns();
        one_pass(s, c, job);
        if (k != 0) total += now_ns() - from;
    }
    return total / ((double)passes * (double)c->count);
}
static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static double median(double *at, unsigned n)
{
    qsort(at, n, sizeof *at, ascending);
    return at[n / 2];
}

/* Stores the medians of all subjects that have this task. */
static void time_class(const gen_class *c, bool job, double ns[MAX_SUBJECTS])
{
    static double at[MAX_SUBJECTS][MAX_SAMPLES];
    unsigned passes[MAX_SUBJECTS], samples[MAX_SUBJECTS];
    for (size_t s = 0; s < subject_count; s++) {
        if (job && !subjects[s]->job) continue;
        double once = sample(subjects[s], c, job, 1) * (double)c->count;
        double want = opt.sample_us * 1000 / once;
        passes[s] = want < 1 ? 1 : want > 1000 ? 1000 : (unsigned)want;
        samples[s] =
            want > 0.05 ? opt.samples : opt.samples / 4; /* a slow one: its passes are long */
    }
    for (unsigned n = 0; n < opt.samples; n++)
        for (size_t s = 0; s < subject_count; s++)
            if ((!job || subjects[s]->job) && n < samples[s])
                at[s][n] = sample(subjects[s], c, job, passes[s]);
    for (size_t s = 0; s < subject_count; s++)
        if (!job || subjects[s]->job) ns[s] = median(at[s], samples[s]);
}
static void print_class(const gen_class *c, bool job)
{
    double ns[MAX_SUBJECTS],
        base = 0; /* the first subject with this task: edgefn, unless it was deselected */
    time_class(c, job, ns);
    for (size_t s = subject_count; s-- > 0;)
        if (!job || subjects[s]->job) base = ns[s];
    for (size_t s = 0; s < subject_count; s++)
        if (!job || subjects[s]->job)
            printf("BENCH\t%s\t%s\t%s\t%.0f\t%.2f\n", job ? "job" : "parse", c->name,
                   subjects[s]->name, ns[s], ns[s] / base);
    fflush(stdout);
}

/*--- before timing: all results must be equal -------------------------------------------------------------------------*/

static bool differ(const gen_class *c, size_t i, const char *what, const char *a, const char *b)
{
    fprintf(stderr, "bench: %s event %zu: %s of %s and %s differ\n", c->name, i, what, a, b);
    return false;
}
static bool agree_event(const gen_class *c, size_t i, char *other)
{
    bench_sum sum0 = { 0 }, sum;
    bench_found found0 = { 0 }, found;
    bench_out out0 = { NULL, 0 }, out;
    const char *first = NULL, *first_job = NULL;
    for (size_t s = 0; s < subject_count; s++) {
        const bench_subject *b = subjects[s];
        if (b->prepare) b->prepare(c);
        if (!b->parse(&c->events[i], i)) {
            fprintf(stderr, "bench: %s refuses %s event %zu\n", b->name, c->name, i);
            return false;
        }
        if (b->sum && b->sum(&sum)) {
            if (first == NULL) {
                first = b->name;
                sum0 = sum;
            } else if (memcmp(&sum, &sum0, sizeof sum) != 0)
                return differ(c, i, "the parsed events", first, b->name);
        }
        if (b->job == NULL) continue;
        if (b->prepare) b->prepare(c);
        memset(&found, 0, sizeof found);
        out = b->job(&c->events[i], i, &found, first_job ? other : result, result_cap);
        if (out.ptr == NULL) {
            fprintf(stderr, "bench: the job of %s fails on %s event %zu\n", b->name, c->name, i);
            return false;
        }
        if (first_job == NULL) {
            first_job = b->name;
            found0 = found;
            out0 = out;
            continue;
        }
        if (memcmp(&found, &found0, sizeof found) != 0)
            return differ(c, i, "the look-ups", first_job, b->name);
        if (!bench_json_same(out0.ptr, out0.len, out.ptr, out.len)) {
            fprintf(stderr, "%s: %.*s\n%s: %.*s\n", first_job,
                    (int)(out0.len > 2000 ? 2000 : out0.len), out0.ptr, b->name,
                    (int)(out.len > 2000 ? 2000 : out.len), out.ptr);
            return differ(c, i, "the results", first_job, b->name);
        }
    }
    return true;
}
static bool agree(const gen_class *c)
{
    char *other = malloc(result_cap);
    bool ok = other != NULL;
    for (size_t i = 0; ok && i < c->count; i++)
        ok = agree_event(c, i, other);
    free(other);
    return ok;
}

/*--- the whole --------------------------------------------------------------------------------------------------------*/

static void heading(void)
{
    char cpu[128] = "unknown", text[256];
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && fgets(text, sizeof text, f))
        if (strncmp(text, "model name", 10) == 0 && strchr(text, ':')) {
            snprintf(cpu, sizeof cpu, "%.100s", strchr(text, ':') + 2);
            cpu[strcspn(cpu, "\n")] = 0;
            break;
        }
    if (f) fclose(f);
    printf("# CPU: %s\n# compiler: %s\n# flags: %s\n", cpu,
#if defined(__clang__)
           __VERSION__,
#elif defined(__GNUC__)
           "gcc " __VERSION__,
#else
           "unknown",
#endif
           BENCH_FLAGS);
    for (size_t s = 0; s < subject_count; s++)
        printf("SUBJECT\t%s\t%s\n", subjects[s]->name, subjects[s]->about());
    printf(
        "# warm; subjects interleaved in one process; medians of %u samples of about %.0f us; ns of processor time per event; ratio: to edgefn\n",
        opt.samples, opt.sample_us);
#ifndef __OPTIMIZE__
    printf("# WARNING: compiled without optimization\n");
#endif
}
static bool open_all(const gen_class *c)
{
    result_cap = c->max_len * 7 + 65536; /* yyjson reserves for the worst case */
    result = malloc(result_cap);
    bool ok = result != NULL;
    for (size_t s = 0; ok && s < subject_count; s++)
        ok = subjects[s]->open(c->max_len);
    return ok;
}
static void print_growth(const gen_class *c, const char *family, unsigned size, bool job)
{
    double ns[MAX_SUBJECTS];
    time_class(c, job, ns);
    for (size_t s = 0; s < subject_count; s++)
        if (!job || subjects[s]->job)
            printf("GROWTH\t%s\t%u\t%.0f\t%s\t%s\t%.0f\t%.4f\n", family, size, c->mean_len,
                   job ? "job" : "parse", subjects[s]->name, ns[s], ns[s] / c->mean_len);
    fflush(stdout);
}
static bool run_growth(void)
{
    const char *family;
    unsigned size;
    bool ok = true;
    for (size_t i = 0; ok && (family = gen_growth_name(i, &size)) != NULL; i++) {
        gen_class c;
        ok = gen_growth_make(&c, i) && open_all(&c) && agree(&c);
        if (ok && listed(opt.tasks, "parse")) print_growth(&c, family, size, false);
        if (ok && listed(opt.tasks, "job")) print_growth(&c, family, size, true);
        free(result);
        gen_class_free(&c);
    }
    return ok;
}
static bool run_class(const char *name)
{
    gen_class c;
    if (!gen_class_make(&c, name)) {
        fprintf(stderr, "bench: out of memory for class %s\n", name);
        return false;
    }
    bool ok = open_all(&c);
    if (ok && opt.instructions) {
        bool job = opt.tasks && strcmp(opt.tasks, "job") == 0;
        ok = !job || subjects[0]->job;
        for (unsigned k = 0; ok && k < opt.passes; k++) {
            if (subjects[0]->prepare) subjects[0]->prepare(&c);
            ok = one_pass(subjects[0], &c, job);
        }
        fprintf(stderr, "%zu\n", c.count);
    } else if (ok) {
        ok = agree(&c);
        if (ok) printf("CLASS\t%s\t%zu\t%.0f\t%s\n", c.name, c.count, c.mean_len, c.about);
        for (size_t s = 0; ok && s < subject_count; s++) { /* reported for the largest event */
            size_t most = 0;
            if (subjects[s]->arena == NULL || s != 0) continue;
            for (size_t i = 0; i < c.count; i++)
                if (subjects[s]->parse(&c.events[i], i) && subjects[s]->arena() > most)
                    most = subjects[s]->arena();
            printf("ARENA\t%s\t%zu\n", c.name, most);
        }
        if (ok && listed(opt.tasks, "parse")) print_class(&c, false);
        if (ok && listed(opt.tasks, "job")) print_class(&c, true);
    }
    free(result);
    gen_class_free(&c);
    return ok;
}

int main(int argc, char **argv)
{
    if (!options(argc, argv)) return usage();
    if (sanitized()) {
        fputs("bench: compiled with a sanitizer: its numbers would be meaningless\n", stderr);
        return 2;
    }
    enlist(&bench_edgefn);
#ifndef BENCH_EDGEFN_ONLY
    enlist(&bench_edgefn_unchecked);
#endif
#ifdef BENCH_VARIANTS
    enlist(&bench_edgefn_sse2);
    enlist(&bench_edgefn_portable);
#endif
#ifdef BENCH_SIMDJSON
    enlist(&bench_simdjson_dom);
    enlist(&bench_simdjson_ondemand);
    enlist(&bench_simdjson_checked);
#endif
#ifdef BENCH_YYJSON
    enlist(&bench_yyjson);
    enlist(&bench_yyjson_insitu);
#endif
#ifdef BENCH_RAPIDJSON
    enlist(&bench_rapidjson);
#endif
#ifdef BENCH_CJSON
    enlist(&bench_cjson);
#endif
#ifdef BENCH_JANSSON
    enlist(&bench_jansson);
#endif
#ifdef BENCH_JSONC
    enlist(&bench_jsonc);
#endif
#ifdef BENCH_NODE
    enlist(&bench_node);
#endif
#ifdef BENCH_PYTHON
    enlist(&bench_python);
#endif
    enlist(&bench_memcpy);
    if (subject_count == 0) return usage();
    if (!opt.instructions) heading();
    bool ok = true;
    if (opt.growth) return run_growth() ? 0 : 1;
    const char *name;
    for (size_t k = 0; (name = gen_class_name(k)) != NULL; k++)
        if (listed(opt.classes, name)) ok = run_class(name) && ok;
    return ok ? 0 : 1;
}
