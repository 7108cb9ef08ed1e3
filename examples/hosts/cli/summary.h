/* summary.h - counts of what handlers did to many events. */
#ifndef SUMMARY_H_INCLUDED
#define SUMMARY_H_INCLUDED

#include "cli.h"
#include "edgefn_load.h"

/* What happened to an event as a whole. */
typedef enum summary_fate {
    FATE_UNCHANGED,
    FATE_EDITED,
    FATE_ANSWERED,
    FATE_FAILED,   /* the handler failed, crashed or took too long */
    FATE_REFUSED,  /* CloudFront would refuse the result */
    FATE_NO_EVENT, /* the event itself was refused */
    FATES
} summary_fate;

enum { SUMMARY_KINDS = 300, SUMMARY_EXAMPLES = 5, SUMMARY_NAME = 80, SUMMARY_EXAMPLE = 96 };

/* One sort of edit, answer or failure, for example "header x-frame-options added". */
typedef struct summary_kind {
    summary_fate fate;
    char what[SUMMARY_NAME];
    uint64_t count;
    unsigned example_count;
    char examples[SUMMARY_EXAMPLES][SUMMARY_EXAMPLE];
} summary_kind;

/* Has no pointers, because workers fill one in shared memory. */
struct summary {
    uint64_t fates[FATES];
    summary_kind kinds[SUMMARY_KINDS];
    unsigned kind_count;
    uint64_t not_listed; /* events of kinds that did not fit */
    uint64_t
        times[64
              * 4]; /* of parse, handler and check: four steps from a power of 2 ns to the next */
    uint64_t ns;
};

/* Counts a fate. */
void summary_fate_add(summary *s, summary_fate fate);

/* Counts a kind of it. example: where and what, "-:17 GET /index.html"; NULL for none. */
void summary_add(summary *s, summary_fate fate, const char *what, const char *example);
void summary_time(summary *s, uint64_t ns);

/* Adds `from` to `to`. */
void summary_merge(summary *to, const summary *from);

/* Runs the handler on one event and counts what it did. Returns: an exit code. */
int summary_run(summary *s, const char *name, edgefn_str json, const edgehost_library *library,
                const edgefn_env *env, cli_memory *memory);

void summary_print(const summary *s);
void summary_print_json(const summary *s);

#endif /* SUMMARY_H_INCLUDED */
