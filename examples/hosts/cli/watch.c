/* watch.c - edgefn watch: prints what functions did, from the file that a host writes (edgefn_trace.h), one line per request and under
   it what each function changed. */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The fields of a line; the longest has 10. */
enum { FIELDS = 10 };

/* Lines whose request is not answered yet. Beyond these the oldest are dropped. */
enum { WAITING = 1000 };

typedef struct watch {
    edgefn_str waiting[WAITING]; /* each in memory of its own */
    size_t count;
    bool colours;
} watch;

static size_t split(edgefn_str line, edgefn_str to[FIELDS])
{
    size_t n = 0;
    edgefn_cut cut = { line, line, true };

    while (cut.found && n < FIELDS) {
        cut = edgefn_str_cut(cut.tail, EDGEFN_S("\t"));
        to[n++] = cut.head;
    }
    for (size_t i = n; i < FIELDS; i++)
        to[i] = EDGEFN_S("");
    return n;
}

static void print_mark(const watch *w, const char *type, const char *what, const char *colour)
{
    printf("    %-16s %s%s", type, w->colours ? colour : "", what);
}

static void end_line(const watch *w)
{
    fputs(w->colours ? "\033[0m\n" : "\n", stdout);
}

/* Prints what a function did to an event. Returns: false if it did nothing. */
static bool print_trigger(const watch *w, const edgefn_str f[FIELDS])
{
    char type[32], indent[40];

    snprintf(type, sizeof type, "%.*s", EDGEFN_FMT(f[2]));
    if (edgefn_str_eq(f[6], EDGEFN_S("unchanged"))) return false;
    if (edgefn_str_contains(f[9], EDGEFN_S("(EDGEFN_E_CHECK)"))
        || edgefn_str_contains(f[9], EDGEFN_S("CloudFront would refuse this result")))
        return true; /* findings follow */
    if (edgefn_str_eq(f[6], EDGEFN_S("fail"))) {
        print_mark(w, type, "! ", "\033[31m");
        cli_put(f[4]);
        fputs(" failed: ", stdout);
        edgefn_cut why = edgefn_str_cut(f[9], EDGEFN_S("error: "));
        cli_put(why.found && why.head.len == 0 ? why.tail : f[9]);
        end_line(w);
        return true;
    }
    snprintf(indent, sizeof indent, "    %-16s ", type);
    if (cli_diff_lines(f[7], f[8], indent) == 0) {
        print_mark(w, type, "~ only values that are not shown", "\033[33m");
        end_line(w);
    }
    return true;
}

static void print_finding(const watch *w, const edgefn_str f[FIELDS])
{
    char type[32];

    snprintf(type, sizeof type, "%.*s", EDGEFN_FMT(f[2]));
    print_mark(w, type, "! ", "\033[31m");
    for (int i = 3; i < 6; i++) {
        if (i == 4) continue;
        cli_put(f[i]);
        fputs(i == 3 ? ": " : " (", stdout);
    }
    cli_put(f[4]);
    fputs(")", stdout);
    end_line(w);
    if (f[6].len == 0) return;
    print_mark(w, "", "  CloudFront says: ", "\033[31m");
    cli_put(f[6]);
    end_line(w);
}

/* Prints a line that belongs to a request. Returns: false if it says that nothing was done. */
static bool print_about(const watch *w, edgefn_str line)
{
    edgefn_str f[FIELDS];

    split(line, f);
    if (edgefn_str_eq(f[0], EDGEFN_S("trigger"))) return print_trigger(w, f);
    if (edgefn_str_eq(f[0], EDGEFN_S("finding"))) {
        print_finding(w, f);
        return true;
    }
    char type[32];
    snprintf(type, sizeof type, "%.*s", EDGEFN_FMT(f[2]));
    print_mark(w, type, "log: ", "\033[36m");
    cli_put(f[3]);
    end_line(w);
    return true;
}

static void drop(watch *w, size_t i)
{
    free((char *)w->waiting[i].ptr);
    w->count--;
    memmove(w->waiting + i, w->waiting + i + 1, (w->count - i) * sizeof w->waiting[0]);
}

static void print_request(watch *w, const edgefn_str f[FIELDS])
{
    bool bad = f[5].len > 0 && f[5].ptr[0] >= '4', any = false, done = false;
    edgefn_str cache = edgefn_str_cut(f[6], EDGEFN_S(" from ")).head;

    fputs(w->colours ? "\033[1m" : "", stdout);
    cli_put(f[3]);
    putchar(' ');
    cli_put(f[4]);
    if (w->colours && bad)
        printf("  \033[31m%.*s\033[0;1m  ", EDGEFN_FMT(f[5]));
    else
        printf("  %.*s  ", EDGEFN_FMT(f[5]));
    cli_put(cache);
    printf("  %.*s ms", EDGEFN_FMT(f[7]));
    end_line(w);
    for (size_t i = 0; i < w->count;) {
        edgefn_str about[FIELDS];
        split(w->waiting[i], about);
        if (!edgefn_str_eq(about[1], f[1])) {
            i++;
            continue;
        }
        any = true;
        done = print_about(w, w->waiting[i]) || done;
        drop(w, i);
    }
    if (any && !done) puts("    = unchanged");
    fflush(stdout);
}

static void take(watch *w, edgefn_str line)
{
    edgefn_str f[FIELDS];

    split(line, f);
    if (edgefn_str_eq(f[0], EDGEFN_S("request"))) {
        print_request(w, f);
        return;
    }
    if (w->count == WAITING) drop(w, 0);
    char *copy = malloc(line.len + 1);
    if (copy == NULL) return;
    memcpy(copy, line.ptr, line.len);
    w->waiting[w->count++] = (edgefn_str){ copy, line.len };
}

/* Prints the whole lines of the bytes, and removes them. */
static void take_lines(watch *w, cli_bytes *bytes)
{
    edgefn_str rest = cli_str(bytes);

    for (edgefn_cut cut = edgefn_str_cut(rest, EDGEFN_S("\n")); cut.found;
         cut = edgefn_str_cut(rest, EDGEFN_S("\n"))) {
        take(w, cut.head);
        rest = cut.tail;
    }
    if (bytes->ptr) memmove(bytes->ptr, rest.ptr, rest.len);
    bytes->len = rest.len;
}

/* Waits until the file has more, or was begun again. */
static void wait_for_more(FILE *f)
{
    const struct timespec tenth = { 0, 100 * 1000 * 1000 };
    struct stat now;

    nanosleep(&tenth, NULL);
    if (fstat(fileno(f), &now) == 0 && now.st_size < ftell(f)) rewind(f);
    clearerr(f);
}

static int follow(FILE *f, bool once)
{
    const char *no_color = getenv("NO_COLOR");
    watch w = { .colours = isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0') };
    cli_bytes bytes = { 0 };
    char chunk[65536];

    for (;;) {
        size_t got = fread(chunk, 1, sizeof chunk, f);
        cli_add(&bytes, chunk, got);
        if (bytes.failed) break;
        take_lines(&w, &bytes);
        if (got > 0) continue;
        if (once || ferror(stdout)) break;
        wait_for_more(f);
    }
    while (w.count > 0)
        drop(&w, 0);
    if (bytes.failed) fputs("edgefn: not enough memory\n", stderr);
    int code = bytes.failed ? CLI_USAGE : CLI_OK;
    cli_free(&bytes);
    return code;
}

int cli_watch(cli_args *args)
{
    const char *file = NULL;
    bool once = false;

    while (cli_next(args)) {
        if (args->operand != NULL && file == NULL)
            file = args->operand;
        else if (args->operand != NULL)
            return cli_usage(args, "one file, not also", args->operand);
        else if (cli_is(args, "--once") && cli_flag(args))
            once = true;
        else
            return cli_usage(args, "unknown option", args->option);
    }
    if (file == NULL) return cli_usage(args, "a file is missing", NULL);
    FILE *f = fopen(file, "rb");
    if (f == NULL) {
        perror(file);
        return CLI_USAGE;
    }
    int code = follow(f, once);
    fclose(f);
    return cli_flush(code);
}
