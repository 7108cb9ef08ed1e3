/* process.c - Node.js and Python, each in a process of its own that runs the handler as its users write it (idiomatic.js,
   idiomatic.py). The process measures its own processor time, so that pipes and start-up cost nothing; samples are interleaved with
   those of the others. Commands and answers are lines; texts follow a line with their lengths.

     class N                     N times: LENGTH, event            answer: ok
     parse I                     headers, value bytes, URI bytes
     job I                       lengths of the look-ups (-1: absent), of the result; the result
     time parse|job PASSES       nanoseconds */
#define _POSIX_C_SOURCE 200809L
#include "../bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct process {
    const char *program, *script, *version_option;
    FILE       *to, *from;
    const char *loaded; /* the class it has */
    size_t      loaded_bytes, last;
    char        version[64];
} process;

static process node = { "node", "bench/compare/idiomatic.js", "--version", NULL, NULL, NULL, 0, 0, "" };
static process python = { "python3", "bench/compare/idiomatic.py", "--version", NULL, NULL, NULL, 0, 0, "" };

static bool start(process *p)
{
    int down[2], up[2];
    if (p->to) return true;
    if (pipe(down) != 0 || pipe(up) != 0) return false;
    pid_t child = fork();
    if (child < 0) return false;
    if (child == 0) {
        dup2(down[0], 0);
        dup2(up[1], 1);
        close(down[0]), close(down[1]), close(up[0]), close(up[1]);
        execlp(p->program, p->program, p->script, (char *)NULL);
        _exit(127);
    }
    close(down[0]), close(up[1]);
    p->to = fdopen(down[1], "w");
    p->from = fdopen(up[0], "r");
    return p->to && p->from;
}
static const char *ask_version(process *p)
{
    char command[64];
    snprintf(command, sizeof command, "%s %s 2>&1", p->program, p->version_option);
    FILE *f = popen(command, "r");
    if (f == NULL || fgets(p->version, sizeof p->version, f) == NULL) p->version[0] = 0;
    if (f) pclose(f);
    p->version[strcspn(p->version, "\n")] = 0;
    return p->version;
}
static void prepare(process *p, const gen_class *c)
{
    char answer[8];
    if (p->loaded && strcmp(p->loaded, c->name) == 0 && p->loaded_bytes == c->max_len) return;
    fprintf(p->to, "class %zu\n", c->count);
    for (size_t i = 0; i < c->count; i++) {
        fprintf(p->to, "%zu\n", c->events[i].len);
        fwrite(c->events[i].json, 1, c->events[i].len, p->to);
    }
    fflush(p->to);
    if (fgets(answer, sizeof answer, p->from) == NULL) {
        fprintf(stderr, "bench: %s %s ended\n", p->program, p->script);
        exit(1);
    }
    p->loaded = c->name;
    p->loaded_bytes = c->max_len;
}
static bool line(process *p, char *text, size_t size) { return fflush(p->to) == 0 && fgets(text, (int)size, p->from) != NULL; }
static bool parse(process *p, size_t i)
{
    p->last = i;
    return true;
}
static bool sum(process *p, bench_sum *s)
{
    char text[128];
    fprintf(p->to, "parse %zu\n", p->last);
    return line(p, text, sizeof text) && sscanf(text, "%zu %zu %zu", &s->headers, &s->value_bytes, &s->uri_bytes) == 3;
}
static bench_out job(process *p, size_t i, bench_found *found, char *buf, size_t cap)
{
    bench_out out = { NULL, 0 };
    char      text[256];
    intmax_t  at[5];
    fprintf(p->to, "job %zu\n", i);
    if (!line(p, text, sizeof text)
        || sscanf(text, "%" SCNdMAX "%" SCNdMAX "%" SCNdMAX "%" SCNdMAX "%" SCNdMAX, &at[0], &at[1], &at[2], &at[3], &at[4]) != 5
        || (uintmax_t)at[4] > cap || fread(buf, 1, (size_t)at[4], p->from) != (size_t)at[4])
        return out;
    *found = (bench_found){ (size_t)at[0], (size_t)at[1], (size_t)at[2], (size_t)at[3] }; /* -1 is SIZE_MAX */
    out.ptr = buf;
    out.len = (size_t)at[4];
    return out;
}
static double measure(process *p, bool of_job, unsigned passes)
{
    char text[64];
    fprintf(p->to, "time %s %u\n", of_job ? "job" : "parse", passes);
    return line(p, text, sizeof text) ? strtod(text, NULL) : 0;
}

#define SUBJECT(name)                                                                              \
    static const char *name##_about(void) { return ask_version(&name); }                           \
    static bool name##_open(size_t max_len) { (void)max_len; return start(&name); }                \
    static void name##_prepare(const gen_class *c) { prepare(&name, c); }                          \
    static bool name##_parse(const gen_event *e, size_t i) { (void)e; return parse(&name, i); }    \
    static bool name##_sum(bench_sum *s) { return sum(&name, s); }                                 \
    static bench_out name##_job(const gen_event *e, size_t i, bench_found *found, char *buf, size_t cap) \
    {                                                                                              \
        (void)e;                                                                                   \
        return job(&name, i, found, buf, cap);                                                     \
    }                                                                                              \
    static double name##_measure(bool of_job, unsigned passes) { return measure(&name, of_job, passes); } \
    const bench_subject bench_##name = { #name, name##_about, name##_open, name##_prepare, name##_parse, \
                                         name##_sum, name##_job, NULL, name##_measure };

SUBJECT(node)
SUBJECT(python)
