/* wasm.c - linked with one handler and edgefn_host.c, makes the WebAssembly module that edgefn.mjs runs.

   The module imports two functions: edgehost.log(text, len) writes a line of a log, and edgehost.verify(alg, len, kid, len, message, len,
   signature, len) is edgefn_env.verify. It exports its memory and three functions:

       edgehost_tables_room(rows, bytes, keys)
                                          once, before the first event: returns where to write the look-up tables (edgefn_tables.h). keys:
                                          whether edgehost.verify() has keys
       edgehost_event_room(len)           returns where to write the next event's JSON
       edgehost_event_run(len, now, draw, a, b, c, d)
                                          runs the handler on it

   Memory, from address 0: the stack (an overflow traps), constants, the tables, the event, and the work memory up to the end. An
   event overwrites the previous one. Memory grows when an event needs it and never shrinks. */
#include "edgefn_host.h"
#include "edgefn_bytes.h"
#include "edgefn_retry.h"
#include "edgefn_tables.h"
#include "edgefn_why.h"

#define PAGE ((size_t)65536)
#define GROW_LIMIT                                                                                 \
  ((size_t)64 << 20) /* work memory for one event, unless parsing alone may need more */
#define EXPORT(name) __attribute__((export_name(name)))

extern unsigned char __heap_base; /* the linker's: the first byte after stack and constants */

typedef struct answer {
    uint32_t code; /* of edgehost_handle() */
    const char *result;
    size_t result_len;
    const char *why;
    size_t why_len;
} answer;

static edgehost_tables tables;
static size_t tables_len;
static bool has_keys;

static char *event_place(void)
{
    return (char *)&__heap_base + tables_len;
}

static size_t memory_len(void)
{
    return __builtin_wasm_memory_size(0) * PAGE;
}

/* Grows the memory to at least `len` bytes after `at`. Returns: false if it cannot grow so far. */
static bool reach(const char *at, size_t len)
{
    size_t there = memory_len() - (size_t)at;

    if (there >= len) return true;
    return __builtin_wasm_memory_grow(0, (len - there - 1) / PAGE + 1) != SIZE_MAX;
}

/* Enlarges the memory after the event. */
static bool work_room(void *mem, size_t size)
{
    return reach(mem, size);
}

/* Returns: where to write `rows` rows, sorted, followed by `bytes` bytes of their strings; NULL when out of memory. */
EXPORT("edgehost_tables_room")
edgehost_tables_row *edgehost_tables_room(size_t rows, size_t bytes, bool keys);
edgehost_tables_row *edgehost_tables_room(size_t rows, size_t bytes, bool keys)
{
    edgehost_tables_row *place = (edgehost_tables_row *)(((size_t)&__heap_base + 15) & ~(size_t)15);

    if (rows >= SIZE_MAX / 64 || bytes >= SIZE_MAX / 4
        || !reach((char *)place, rows * sizeof *place + bytes))
        return NULL;
    tables.rows = place;
    tables.count = rows;
    has_keys = keys;
    tables_len = (size_t)((char *)(place + rows) + bytes - (char *)&__heap_base);
    return place;
}

/* Returns: where to write an event of `len` bytes; NULL if it is too long for the available memory. */
EXPORT("edgehost_event_room") char *edgehost_event_room(size_t len);
char *edgehost_event_room(size_t len)
{
    size_t work = edgefn_memory_event(len, 100) + EDGEHOST_WHY;

    if (len > SIZE_MAX / 32 || !reach(event_place(), len + work)) return NULL;
    return event_place();
}

__attribute__((import_module("edgehost"), import_name("log"))) void
edgehost_import_log(const char *text, size_t len);

/* edgefn_env.log */
static void write_log(void *user, edgefn_str text)
{
    char line[EDGEHOST_LOG_MOST];

    (void)user;
    edgehost_import_log(line, edgehost_log_line(line, text));
}

__attribute__((import_module("edgehost"), import_name("verify"))) bool
edgehost_import_verify(const char *alg, size_t alg_len, const char *kid, size_t kid_len,
                       const char *message, size_t message_len, const char *signature,
                       size_t signature_len);

/* edgefn_env.verify */
static bool verify(void *user, edgefn_str alg, edgefn_str kid, edgefn_str message,
                   edgefn_str signature)
{
    (void)user;
    return edgehost_import_verify(alg.ptr, alg.len, kid.ptr, kid.len, message.ptr, message.len,
                                  signature.ptr, signature.len);
}

/* now: seconds since 1970, 0 for unknown. draw: 32 random bits. a to d: 128 unpredictable random bits.
   Returns: the result. Its strings are in the event, in the memory after it, or in constants. */
EXPORT("edgehost_event_run")
const answer *edgehost_event_run(size_t len, double now, uint32_t draw, uint32_t a, uint32_t b,
                                 uint32_t c, uint32_t d);
const answer *edgehost_event_run(size_t len, double now, uint32_t draw, uint32_t a, uint32_t b,
                                 uint32_t c, uint32_t d)
{
    static answer out;
    const uint32_t bits[4] = { a, b, c, d };
    edgefn_env env = { .now_s = (int64_t)now,
                       .random = draw,
                       .has_random = true,
                       .has_random_bytes = true,
                       .log = write_log };
    edgehost_call call = { .size = sizeof call,
                           .event = event_place(),
                           .event_len = len,
                           .mem = event_place() + len,
                           .env = &env };

    __builtin_memcpy(env.random_bytes, bits, sizeof bits);
    if (tables.rows != NULL) {
        env.lookup = edgehost_tables_lookup;
        env.user = &tables;
        env.verify = has_keys ? verify : NULL;
    }
    do {
        call.mem_len = memory_len() - (size_t)call.mem;
        out.code = (uint32_t)edgehost_handle(&call);
    } while (edgehost_retry(call.error, call.mem_len, GROW_LIMIT, work_room, call.mem));
    out.result = call.result;
    out.result_len = call.result_len;
    out.why = call.why;
    out.why_len = call.why_len;
    return &out;
}
