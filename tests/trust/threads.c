/* threads.c - one event in each thread, at the same time, under ThreadSanitizer: every thread handles every event with every recipe that is linked, in an
   order of its own, and must get the result that one thread alone got. The events' text, the recipes and the host's tables are shared, and only read.

     threads THREADS ROUNDS EVENT.json...

   Prints "passed failed", as tests/lib.sh reads it. With RACE=1 in the environment the log callback has a race on purpose: the sanitizer must report it. */
#define _POSIX_C_SOURCE 200809L
#include "edgefn.h"
#include "edgefn_tables.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define X(name) bool recipe_##name(edgefn_event *ev);
#include RECIPES_LIST
#undef X

static bool (*const recipes[])(edgefn_event *ev) = {
#define X(name) recipe_##name,
#include RECIPES_LIST
#undef X
};
static const char *const names[] = {
#define X(name) #name,
#include RECIPES_LIST
#undef X
};
enum { RECIPES = sizeof recipes / sizeof recipes[0], EVENTS_MOST = 64, ARENA = 1 << 18 };

typedef struct outcome {
    edgefn_error code;
    size_t findings, len;
    uint64_t hash;
} outcome;

static edgefn_str events[EVENTS_MOST];
static size_t event_count;
static outcome expected[EVENTS_MOST][RECIPES];
static unsigned long logged; /* with RACE=1: written by all threads */
static bool race;

static const edgehost_tables_row rows[] = {
    { EDGEFN_S_INIT("kv"), EDGEFN_S_INIT("docs"), EDGEFN_S_INIT("/docs-v7") },
    { EDGEFN_S_INIT("kv"), EDGEFN_S_INIT("release"), EDGEFN_S_INIT("42") },
    { EDGEFN_S_INIT("secret"), EDGEFN_S_INIT("code"), EDGEFN_S_INIT("code-secret") },
    { EDGEFN_S_INIT("secret"), EDGEFN_S_INIT("jwt"), EDGEFN_S_INIT("example-secret") },
    { EDGEFN_S_INIT("secret"), EDGEFN_S_INIT("link"), EDGEFN_S_INIT("link-secret") },
};
static const edgehost_tables tables = { rows, sizeof rows / sizeof rows[0] };

static void write_log(void *user, edgefn_str text)
{
    (void)user;
    (void)text;
    if (race) logged++;
}

static outcome handle(size_t event, size_t recipe, void *memory)
{
    edgefn_event ev;
    edgefn_finding found[8];
    edgefn_env env = { .now_s = 1767864000,
                       .random = 0x40000000,
                       .has_random = true,
                       .has_random_bytes = true,
                       .lookup = edgehost_tables_lookup,
                       .log = write_log,
                       .user = (void *)&tables };
    outcome o = { 0 };

    if (edgefn_parse(&ev, events[event], edgefn_arena_make(memory, ARENA),
                     &(edgefn_parse_opts){ .env = &env })
        == EDGEFN_OK) {
        if (!recipes[recipe](&ev)) edgefn_fail(&ev, EDGEFN_E_HANDLER, EDGEFN_ABSENT);
        edgefn_log(&ev, edgefn_device_name(edgefn_ua_of(&ev).device));
        o.findings = edgefn_check(&ev, EDGEFN_ABSENT, found, 8);
        edgefn_str text = edgefn_finish(&ev, NULL);
        o.len = text.len;
        o.hash = edgefn_hash(EDGEFN_S("threads"), text);
    }
    o.code = ev.err.code;
    return o;
}

typedef struct worker {
    pthread_t thread;
    unsigned long rounds;
    uint32_t seed;
    unsigned long passed, failed;
} worker;

static void *work(void *user)
{
    worker *w = (worker *)user;
    void *memory = malloc(ARENA);

    for (unsigned long i = 0; memory != NULL && i < w->rounds; i++) {
        w->seed = w->seed * 1664525u + 1013904223u;
        size_t event = (w->seed >> 8) % event_count, recipe = (w->seed >> 16) % RECIPES;
        outcome got = handle(event, recipe, memory);
        const outcome *want = &expected[event][recipe];
        bool same = got.code == want->code && got.findings == want->findings && got.len == want->len
                    && got.hash == want->hash;
        w->passed += same;
        w->failed += !same;
        if (!same) printf("not ok %s, event %zu: another result\n", names[recipe], event);
    }
    if (memory == NULL) w->failed++;
    free(memory);
    return NULL;
}

static bool read_event(const char *name)
{
    FILE *f = fopen(name, "rb");
    char *text = (char *)malloc(1 << 20);
    size_t len = f != NULL && text != NULL ? fread(text, 1, 1 << 20, f) : 0;

    if (f != NULL) fclose(f);
    if (event_count == EVENTS_MOST || len == 0) return false;
    events[event_count++] = (edgefn_str){ text, len };
    return true;
}

int main(int argc, char **argv)
{
    worker workers[64] = { 0 };
    unsigned long threads = argc > 3 ? strtoul(argv[1], NULL, 10) : 0, passed = 0, failed = 0;
    void *memory = malloc(ARENA);

    race = getenv("RACE") != NULL;
    if (memory == NULL || threads == 0 || threads > 64) return 2;
    for (int i = 3; i < argc; i++)
        if (!read_event(argv[i])) return 2;
    for (size_t e = 0; e < event_count; e++)
        for (size_t r = 0; r < RECIPES; r++)
            expected[e][r] = handle(e, r, memory);
    for (unsigned long i = 0; i < threads; i++) {
        workers[i].rounds = strtoul(argv[2], NULL, 10);
        workers[i].seed = (uint32_t)i + 1;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) return 2;
    }
    for (unsigned long i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        passed += workers[i].passed;
        failed += workers[i].failed;
    }
    for (size_t i = 0; i < event_count; i++)
        free((char *)events[i].ptr);
    free(memory);
    printf("%lu %lu\n", passed, failed);
    return failed > 0;
}
