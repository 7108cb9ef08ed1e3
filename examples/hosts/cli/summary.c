/* summary.c - edgefn run --summary: what a handler did to many events. */
#define _POSIX_C_SOURCE 200809L
#include "summary.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
    const char *json, *text;
} fates[] = {
    { "unchanged", "forwarded unchanged" },
    { "edited", "edited" },
    { "answered", "answered" },
    { "failed", "the handler failed" },
    { "refused", "CloudFront would refuse the result" },
    { "no_event", "the event was refused" },
};

void summary_fate_add(summary *s, summary_fate fate)
{
    s->fates[fate]++;
}

/* Returns: NULL if it was not counted yet. */
static summary_kind *find(summary *s, summary_fate fate, const char *what)
{
    for (unsigned i = 0; i < s->kind_count; i++)
        if (s->kinds[i].fate == fate && strcmp(s->kinds[i].what, what) == 0) return &s->kinds[i];
    return NULL;
}

static void add(summary *s, const summary_kind *from)
{
    summary_kind *k = find(s, from->fate, from->what);

    if (k == NULL && s->kind_count == SUMMARY_KINDS) {
        s->not_listed += from->count;
        return;
    }
    if (k == NULL) {
        k = &s->kinds[s->kind_count++];
        k->fate = from->fate;
        memcpy(k->what, from->what, sizeof k->what);
    }
    k->count += from->count;
    for (unsigned i = 0; i < from->example_count && k->example_count < SUMMARY_EXAMPLES; i++)
        memcpy(k->examples[k->example_count++], from->examples[i], SUMMARY_EXAMPLE);
}

/* Removes an incomplete UTF-8 character at the end. */
static void clip(char *text)
{
    edgefn_str s = edgefn_cstr(text);
    size_t i = 0;
    uint32_t code;

    while (i < s.len && cli_character(s, i, &code) > 0)
        i += cli_character(s, i, &code);
    text[i] = '\0';
}

void summary_add(summary *s, summary_fate fate, const char *what, const char *example)
{
    summary_kind k = { .fate = fate, .count = 1, .example_count = example != NULL };

    snprintf(k.what, sizeof k.what, "%s", what);
    snprintf(k.examples[0], sizeof k.examples[0], "%s", example ? example : "");
    clip(k.what);
    clip(k.examples[0]);
    add(s, &k);
}

void summary_time(summary *s, uint64_t ns)
{
    unsigned power = 0;

    while (power < 63 && ns >> (power + 1) != 0)
        power++;
    unsigned quarter = power < 2 ? 0 : (unsigned)(ns >> (power - 2)) & 3;
    s->times[power * 4 + quarter]++;
    s->ns += ns;
}

void summary_merge(summary *to, const summary *from)
{
    for (int i = 0; i < FATES; i++)
        to->fates[i] += from->fates[i];
    for (unsigned i = 0; i < from->kind_count; i++)
        add(to, &from->kinds[i]);
    for (size_t i = 0; i < sizeof to->times / sizeof to->times[0]; i++)
        to->times[i] += from->times[i];
    to->not_listed += from->not_listed;
    to->ns += from->ns;
}

/*--- one event --------------------------------------------------------------------------------------------------------*/

typedef struct noting {
    summary *s;
    const char *name;        /* of the event: "-:17" */
    edgefn_str method, path; /* as received */
    char example[SUMMARY_EXAMPLE];
    bool described, edited;
} noting;

static void describe(noting *n)
{
    char *plain = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&plain, &len);

    if (f) {
        cli_put_to(f, n->method);
        fputc(' ', f);
        cli_put_to(f, n->path);
        fclose(f);
    }
    snprintf(n->example, sizeof n->example, "%s %s", n->name, plain ? plain : "");
    free(plain);
    n->described = true;
}

/* Counts a kind, and adds this event as an example if it has few. */
static void note(noting *n, summary_fate fate, const char *what)
{
    const summary_kind *k = find(n->s, fate, what);
    bool enough = k != NULL && k->example_count == SUMMARY_EXAMPLES;

    if (!enough && !n->described) describe(n);
    summary_add(n->s, fate, what, enough ? NULL : n->example);
}

static const char *change_name(edgefn_change change)
{
    static const char *const names[] = { "kept", "changed", "added", "removed" };

    return names[change];
}

static void note_edit(noting *n, const char *kind, edgefn_str name, edgefn_change change)
{
    char what[SUMMARY_NAME];

    if (change == EDGEFN_CHANGE_NONE) return;
    snprintf(what, sizeof what, "%s%.*s %s", kind, (int)(name.len < 48 ? name.len : 48), name.ptr,
             change_name(change));
    note(n, FATE_EDITED, what);
    n->edited = true;
}

static void note_list(noting *n, const char *kind, const edgefn_fields *list)
{
    for (size_t i = 0; i < list->len; i++)
        note_edit(n, kind, list->items[i].name, list->items[i].change);
    for (size_t i = 0; i < list->removed_len; i++)
        note_edit(n, kind, list->removed[i].name, EDGEFN_CHANGE_REMOVED);
}

static void note_edits(noting *n, edgefn_event *ev)
{
    for (int m = 0; m < EDGEFN_MEMBER_COUNT; m++) {
        edgefn_member member = (edgefn_member)m;
        const char *name = edgefn_member_name(ev, member);
        if (name) note_edit(n, "", edgefn_cstr(name), edgefn_changed(ev, member));
    }
    note_list(n, "header ", edgefn_is_request(ev) ? &ev->request.headers : &ev->response.headers);
    note_list(n, "origin header ", &ev->request.origin.headers);
    if (ev->dialect == EDGEFN_DIALECT_FUNCTIONS)
        note_list(n, "cookie ",
                  edgefn_is_request(ev) ? edgefn_cookies(ev) : edgefn_response_cookies(ev));
}

/* Counts the rules by which CloudFront would refuse the result. */
static void note_refusals(noting *n, edgefn_event *ev)
{
    edgefn_finding found[32];
    size_t count = edgefn_check(ev, EDGEFN_ABSENT, found, 32);

    for (size_t i = 0; i < count && i < 32; i++)
        if (found[i].rule->confidence != EDGEFN_CONFIDENCE_DOUBTFUL)
            note(n, FATE_REFUSED, found[i].rule->id);
}

static int note_outcome(noting *n, edgefn_event *ev, edgefn_outcome outcome)
{
    char what[SUMMARY_NAME];

    if (outcome == EDGEFN_OUTCOME_FAIL && ev->err.code == EDGEFN_E_CHECK) {
        summary_fate_add(n->s, FATE_REFUSED);
        note_refusals(n, ev);
        return CLI_FAILED;
    }
    if (outcome == EDGEFN_OUTCOME_FAIL) {
        summary_fate_add(n->s, FATE_FAILED);
        note(n, FATE_FAILED, edgefn_error_name(ev->err.code));
        return CLI_FAILED;
    }
    if (outcome == EDGEFN_OUTCOME_ANSWER) {
        summary_fate_add(n->s, FATE_ANSWERED);
        edgefn_str text = edgefn_status_text(ev->response.status);
        snprintf(what, sizeof what, "%u %.*s", (unsigned)ev->response.status, EDGEFN_FMT(text));
        note(n, FATE_ANSWERED, what);
        return CLI_OK;
    }
    note_edits(n, ev);
    summary_fate_add(n->s, n->edited ? FATE_EDITED : FATE_UNCHANGED);
    return CLI_OK;
}

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool handle(noting *n, edgefn_event *ev, edgefn_str json, const edgehost_library *library,
                   const edgefn_env *env, cli_memory *memory)
{
    edgefn_parse_opts reading = cli_reading;

    reading.env = env;
    do {
        edgefn_arena arena = edgefn_arena_make(memory->ptr, memory->cap);
        n->method = n->path = EDGEFN_ABSENT;
        if (edgefn_parse(ev, json, arena, &reading) != EDGEFN_OK) continue;
        n->method = ev->request.method;
        n->path = ev->request.uri;
        if (!library->handler(ev)) edgefn_fail(ev, EDGEFN_E_HANDLER, EDGEFN_ABSENT);
        if (ev->err.code != EDGEFN_E_OOM) return true;
    } while (cli_memory_retry(memory, ev->err.code));
    return ev->type != EDGEFN_EVENT_TYPE_NONE && ev->err.code == EDGEFN_E_OOM;
}

int summary_run(summary *s, const char *name, edgefn_str json, const edgehost_library *library,
                const edgefn_env *env, cli_memory *memory)
{
    edgefn_event ev;
    char where[SUMMARY_EXAMPLE];
    noting n = { .s = s, .name = name };
    uint64_t from = now_ns();

    if (!handle(&n, &ev, json, library, env, memory)) {
        edgefn_location at = edgefn_locate(json, ev.err.pos);
        snprintf(where, sizeof where, "%s column %zu", name, at.column);
        summary_fate_add(s, FATE_NO_EVENT);
        summary_add(s, FATE_NO_EVENT, edgefn_error_name(ev.err.code), where);
        return CLI_REFUSED;
    }
    edgefn_outcome outcome = edgefn_outcome_of(&ev, NULL);
    summary_time(s, now_ns() - from);
    return note_outcome(&n, &ev, outcome);
}

/*--- output -----------------------------------------------------------------------------------------------------------*/

static int by_count(const void *a, const void *b)
{
    const summary_kind *x = *(const summary_kind *const *)a;
    const summary_kind *y = *(const summary_kind *const *)b;

    if (x->fate != y->fate) return x->fate < y->fate ? -1 : 1;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return strcmp(x->what, y->what);
}

/* Sorts the kinds by fate, and within a fate the most frequent first. */
static void sort_kinds(const summary *s, const summary_kind **sorted)
{
    for (unsigned i = 0; i < s->kind_count; i++)
        sorted[i] = &s->kinds[i];
    qsort(sorted, s->kind_count, sizeof *sorted, by_count);
}

static uint64_t total(const summary *s)
{
    uint64_t sum = 0;

    for (int i = 0; i < FATES; i++)
        sum += s->fates[i];
    return sum;
}

static uint64_t timed(const summary *s)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < sizeof s->times / sizeof s->times[0]; i++)
        sum += s->times[i];
    return sum;
}

/* The shortest time of a row of the histogram. */
static double row_ns(size_t i)
{
    return (double)((uint64_t)1 << (i / 4)) * (1 + (double)(i % 4) / 4);
}

static void print_histogram(const summary *s)
{
    static const char bar[] = "########################################";
    uint64_t most = 1;
    uint64_t all = timed(s);

    if (all == 0) return;
    for (size_t i = 0; i < sizeof s->times / sizeof s->times[0]; i++)
        if (s->times[i] > most) most = s->times[i];
    printf("\ntime per event to parse, handle and check it: %.0f ns on average\n",
           (double)s->ns / (double)all);
    for (size_t i = 0; i < sizeof s->times / sizeof s->times[0]; i++) {
        if (s->times[i] * 1000 < all) continue;
        printf("  from %10.2f us %10llu %.*s\n", row_ns(i) / 1000, (unsigned long long)s->times[i],
               (int)(s->times[i] * (sizeof bar - 1) / most), bar);
    }
}

void summary_print(const summary *s)
{
    const summary_kind *sorted[SUMMARY_KINDS];

    sort_kinds(s, sorted);
    printf("%llu events\n", (unsigned long long)total(s));
    for (int fate = 0; fate < FATES; fate++) {
        if (s->fates[fate] == 0) continue;
        printf("%10llu  %s\n", (unsigned long long)s->fates[fate], fates[fate].text);
        for (unsigned i = 0; i < s->kind_count; i++) {
            if ((int)sorted[i]->fate != fate) continue;
            fputs("            ", stdout);
            cli_put(edgefn_cstr(sorted[i]->what));
            printf(": %llu\n", (unsigned long long)sorted[i]->count);
            for (unsigned k = 0; k < sorted[i]->example_count; k++)
                printf("                %s\n", sorted[i]->examples[k]);
        }
    }
    if (s->not_listed > 0)
        printf("            %llu others, not listed\n", (unsigned long long)s->not_listed);
    print_histogram(s);
}

static void put_json(const char *text)
{
    cli_bytes b = { 0 };

    cli_add_json(&b, edgefn_cstr(text));
    fwrite(b.ptr, 1, b.len, stdout);
    cli_free(&b);
}

void summary_print_json(const summary *s)
{
    const summary_kind *sorted[SUMMARY_KINDS];

    sort_kinds(s, sorted);
    printf("{\"events\":%llu", (unsigned long long)total(s));
    for (int fate = 0; fate < FATES; fate++)
        printf(",\"%s\":%llu", fates[fate].json, (unsigned long long)s->fates[fate]);
    fputs(",\"kinds\":[", stdout);
    for (unsigned i = 0; i < s->kind_count; i++) {
        printf("%s{\"of\":\"%s\",\"what\":", i ? "," : "", fates[sorted[i]->fate].json);
        put_json(sorted[i]->what);
        printf(",\"count\":%llu,\"examples\":[", (unsigned long long)sorted[i]->count);
        for (unsigned k = 0; k < sorted[i]->example_count; k++) {
            if (k) fputs(",", stdout);
            put_json(sorted[i]->examples[k]);
        }
        fputs("]}", stdout);
    }
    printf("],\"not_listed\":%llu,\"time_ns\":[", (unsigned long long)s->not_listed);
    for (size_t i = 0, rows = 0; i < sizeof s->times / sizeof s->times[0]; i++)
        if (s->times[i] > 0)
            printf("%s{\"from\":%.0f,\"count\":%llu}", rows++ ? "," : "", row_ns(i),
                   (unsigned long long)s->times[i]);
    printf("],\"mean_ns\":%.0f}\n", timed(s) ? (double)s->ns / (double)timed(s) : 0.0);
}
