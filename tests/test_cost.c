/* Checks that text sent by a viewer takes linear time, whatever it contains (n log n where
   something is sorted), by counting steps. The implementation is compiled with
   -fsanitize-coverage=trace-pc, which calls the counter below at every basic block. Copies and
   comparisons of memory, which the compiler leaves to the C library, count by their length
   (-Wl,--wrap; see the Makefile). The same input always takes the same number of steps, even on
   a busy machine.

   A row is a function and a shape: a text of that shape is made with n bytes, then with four
   times as many, and so on. A text four times as long must not take more than 5.5 times the
   steps, nor more than STEPS_A_BYTE per byte. The last test compares the measured functions with
   the declarations in edgefn.h: each one must be measured, with steps that grow with the text in
   some row, or be listed with the reason why it is not. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include <setjmp.h>
#define S EDGEFN_S

#define GROWTH 5.5 /* n log n takes 4.8 times the steps at these sizes */
#define SLACK  300 /* steps that are ignored: some functions do next to nothing */
/* for the most expensive way to read one byte; rows of path patterns, which are compared with
   many decodings of the path, have limits of their own */
#define STEPS_A_BYTE 400
#define GIVE_UP      20 /* a call is aborted after this many times the steps of the previous size */
#define SIZES        4  /* plus one more for a function that grew too fast */

/*--- the counter ------------------------------------------------------------------------------------------------------*/

static uint64_t cost_steps, cost_limit = UINT64_MAX;
static jmp_buf cost_over;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    if (++cost_steps > cost_limit) {
        cost_limit = UINT64_MAX;
        longjmp(cost_over, 1);
    }
}

/* A copy of 16 bytes is one step; a comparison counts up to the first difference. */
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__wrap_memmove(void *to, const void *from, size_t n);
void *__wrap_memset(void *to, int c, size_t n);
int __wrap_memcmp(const void *a, const void *b, size_t n);
int __wrap_bcmp(const void *a, const void *b, size_t n);
void *__real_memmove(void *to, const void *from, size_t n);
void *__real_memset(void *to, int c, size_t n);

void *__wrap_memcpy(void *to, const void *from, size_t n)
{
    cost_steps += n / 16;
    return __real_memmove(to, from, n);
}

void *__wrap_memmove(void *to, const void *from, size_t n)
{
    cost_steps += n / 16;
    return __real_memmove(to, from, n);
}

void *__wrap_memset(void *to, int c, size_t n)
{
    cost_steps += n / 16;
    return __real_memset(to, c, n);
}

int __wrap_memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = (const unsigned char *)a, *y = (const unsigned char *)b;
    size_t i = 0;
    while (i < n && x[i] == y[i])
        i++;
    cost_steps += i / 16;
    return i == n ? 0 : x[i] < y[i] ? -1 : 1;
}

int __wrap_bcmp(const void *a, const void *b, size_t n)
{
    return __wrap_memcmp(a, b, n);
}

/*--- results ----------------------------------------------------------------------------------------------------------*/

typedef struct cost {
    const char *function;
    uint64_t steps;
    bool left;
} cost;

static cost costs[SIZES + 1][64];
static size_t costs_len[SIZES + 1], cost_size; /* the size being measured */
static struct {
    const char *function;
    bool grew;
} seen[400];
static size_t seen_len;

static void cost_begin(const char *function)
{
    size_t k = costs_len[cost_size]++;
    if (k == COUNT(costs[0])) abort();
    cost *c = &costs[cost_size][k], *before = cost_size ? &costs[cost_size - 1][k] : NULL;
    c->function = function, c->steps = 0, c->left = false;
    bool known = before && k < costs_len[cost_size - 1] && strcmp(before->function, function) == 0;
    uint64_t most = known ? before->steps * GIVE_UP + 1000000 : 4000000000u;
    cost_limit = cost_steps + most;
    c->steps = cost_steps;
}

static void cost_end(void)
{
    cost *c = &costs[cost_size][costs_len[cost_size] - 1];
    c->steps = cost_steps - c->steps;
    cost_limit = UINT64_MAX;
}

/* COST(edgefn_x, arguments) calls the function and counts its steps. LOOP_OF(edgefn_x) { many
   calls } counts all of them as one. */
#define COST(f, ...)                                                                               \
  do {                                                                                             \
    cost_begin(#f);                                                                                \
    (void)f(__VA_ARGS__);                                                                          \
    cost_end();                                                                                    \
  } while (0)
#define COST_INTO(result, f, ...)                                                                  \
  do {                                                                                             \
    cost_begin(#f);                                                                                \
    result = f(__VA_ARGS__);                                                                       \
    cost_end();                                                                                    \
  } while (0)
#define LOOP_OF(f) for (bool once_ = (cost_begin(#f), true); once_; once_ = (cost_end(), false))

static void saw(const char *function, bool grew)
{
    size_t i = 0;
    while (i < seen_len && strcmp(seen[i].function, function) != 0)
        i++;
    if (i == COUNT(seen)) abort();
    if (i == seen_len) seen[seen_len++].function = function;
    seen[i].grew |= grew;
}

/*--- texts of a shape -------------------------------------------------------------------------------------------------*/

/* A unit is repeated until the text has its size. In a unit, {i} is a number that counts up, {d}
   one that counts down, {r} a pseudo-random one. {o} and {s} interleave numbers (neighbours in
   the text are far apart in order, or the reverse), which is bad for sorting by halves. mid and
   second: another unit for the second half, or NULL. */
typedef struct shape {
    const char *name, *head, *unit, *mid, *second, *tail;
} shape;

static char *pool; /* for texts and arenas of the size being measured */
static size_t pool_used;
/* reserved address space, not used memory */
#define POOL ((size_t)1 << (sizeof(size_t) > 4 ? 35 : 30))

static void *pool_take(size_t n)
{
    if (!pool) {
        pool = (char *)mmap(NULL, POOL, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (pool == (char *)MAP_FAILED) {
            perror("mmap");
            exit(2);
        }
    }
    n = (n + 15) & ~(size_t)15;
    if (n > POOL - pool_used) {
        printf("the pool is too small\n");
        exit(2);
    }
    pool_used += n;
    return pool + pool_used - n;
}

static size_t put_unit(char *at, const char *unit, size_t i, size_t count)
{
    static const size_t primes[] = { 7919, 7907 };
    size_t k = 0;
    while (*unit) {
        if (unit[0] == '{' && unit[1] && strchr("idros", unit[1]) && unit[2] == '}') {
            size_t number = i;
            if (unit[1] == 'd') number = count - 1 - i;
            if (unit[1] == 'r') number = i * primes[count % primes[0] == 0] % count;
            if (unit[1] == 'o') number = i % 2 == 0 ? count / 2 + i / 2 : i / 2;
            if (unit[1] == 's') number = i < count / 2 ? 2 * i + 1 : 2 * (i - count / 2);
            k += (size_t)sprintf(at + k, "%06zu", number);
            unit += 3;
        } else
            at[k++] = *unit++;
    }
    return k;
}

/* Each size has exactly four times the units of the previous one, and their number is a multiple
   of four. So a quotation mark is never left unpaired at one size only, and base64 never has an
   impossible length at one size only. */
static size_t put_units(char *at, const char *unit, size_t bytes, size_t size)
{
    char one[400];
    size_t len = put_unit(one, unit, 0, 1), count = bytes / len & ~(size_t)3, k = 0;
    /* interleaving by halves is exact only for a power of two */
    if (strstr(unit, "{o}") || strstr(unit, "{s}"))
        while (count & (count - 1))
            count += count & ~(count - 1);
    count <<= 2 * size;
    for (size_t i = 0; i < count; i++)
        k += put_unit(at + k, unit, i, count);
    return k;
}

/* n: the approximate number of bytes at the smallest size; 0: head and tail only. json: ' stands
   for the quotation mark, ` for the backslash. */
static edgefn_str make(const shape *s, size_t n, bool json)
{
    const char *mid = s->mid ? s->mid : "", *tail = s->tail ? s->tail : "",
               *head = s->head ? s->head : "";
    size_t fixed = strlen(head) + strlen(mid) + strlen(tail), k = strlen(head);
    size_t left = n > fixed ? n - fixed : 0;
    char *p = (char *)pool_take(fixed + (left << 2 * cost_size) * 2 + 1000);
    memcpy(p, head, k);
    k += put_units(p + k, s->unit, s->second ? left / 2 : left, cost_size);
    memcpy(p + k, mid, strlen(mid)), k += strlen(mid);
    if (s->second) k += put_units(p + k, s->second, left / 2, cost_size);
    memcpy(p + k, tail, strlen(tail)), k += strlen(tail);
    for (size_t i = 0; json && i < k; i++)
        p[i] = p[i] == '\'' ? '"' : p[i] == '`' ? '\\' : p[i];
    return (edgefn_str){ p, k };
}

static edgefn_str copy_of(edgefn_str s)
{
    char *p = (char *)pool_take(s.len + 1);
    if (s.len) memcpy(p, s.ptr, s.len);
    return (edgefn_str){ p, s.len };
}

/*--- a row ------------------------------------------------------------------------------------------------------------*/

static size_t deepest(size_t usual)
{
    return test_deep() ? SIZES : usual;
}

typedef struct measured {
    const char *what;
    void (*run)(const void *row, size_t n);
    const void *row;
    size_t base, sizes;
    unsigned most;
} measured;

/* Measures one size. A call that takes far too many steps is aborted; the calls before it are
   kept. */
static void measure_size(const measured *m, size_t size)
{
    cost_size = size;
    pool_used = costs_len[size] = 0;
    if (setjmp(cost_over) == 0) {
        m->run(m->row, m->base);
        return;
    }
    cost *c = &costs[size][costs_len[size] - 1];
    c->steps = cost_steps - c->steps;
    c->left = true;
}

/* True if the cost of one size is out of proportion to that of the previous size. One step per
   byte is always fine, however few steps the smaller size took. */
static bool too_many(const measured *m, size_t j, size_t k)
{
    double before = (double)costs[k - 1][j].steps, bytes = (double)(m->base << 2 * (k - 1));
    return costs[k][j].left
           || (double)costs[k][j].steps > (before > bytes ? before : bytes) * GROWTH + SLACK;
}

static bool is_there(size_t j, size_t k)
{
    return j < costs_len[k] && strcmp(costs[k][j].function, costs[0][j].function) == 0;
}

/* Measures and compares all sizes. If only the larger text exceeds some threshold of the
   function, that costs extra once; so growth counts as a failure only if it continues at the
   next size. */
static void measure(const char *what, void (*run)(const void *row, size_t n), const void *row,
                    size_t base, size_t sizes, unsigned most)
{
    measured m = { what, run, row, base, sizes, most ? most : STEPS_A_BYTE };
    size_t done = sizes;
    for (size_t k = 0; k < sizes; k++)
        measure_size(&m, k);
    for (size_t j = 0; j < costs_len[0]; j++) {
        const char *function = costs[0][j].function;
        bool grew = false;
        ROW("%s, %s", function, what);
        CHECK(true);
        for (size_t k = 1; k < sizes && is_there(j, k); k++) {
            uint64_t before = costs[k - 1][j].steps, steps = costs[k][j].steps,
                     n = (uint64_t)base << 2 * k;
            grew |= steps > before + before / 2;
            bool fast = too_many(&m, j, k);
            if (fast && k + 1 == done && !costs[k][j].left) measure_size(&m, done++);
            if (fast && k + 1 < done && is_there(j, k + 1)) fast = too_many(&m, j, k + 1);
            if (CHECK(!fast) && CHECK(steps <= n * m.most)) continue;
            for (size_t i = k - 1; i < done && is_there(j, i); i++)
                printf("    %zu bytes: %s%llu steps, %.1f a byte\n", base << 2 * i,
                       costs[i][j].left ? "more than " : "", (unsigned long long)costs[i][j].steps,
                       (double)costs[i][j].steps / (double)(base << 2 * i));
            break;
        }
        saw(function, grew);
    }
}

static edgefn_str env_lookup(void *user, edgefn_str table, edgefn_str key)
{
    (void)user, (void)table, (void)key;
    return S("a-secret-of-the-host");
}

static bool env_verify(void *user, edgefn_str alg, edgefn_str key_id, edgefn_str message,
                       edgefn_str signature)
{
    (void)user, (void)alg, (void)key_id, (void)message, (void)signature;
    return true;
}

static const edgefn_env env = { .now_s = 1700000000,
                                .random = 7,
                                .has_random = true,
                                .has_random_bytes = true,
                                .lookup = env_lookup,
                                .verify = env_verify };
static const edgefn_parse_opts with_env = { .env = &env };

static edgefn_arena arena_for(size_t len)
{
    size_t size = edgefn_memory_bound(len) + 200 * len + (1 << 20);
    return edgefn_arena_make(pool_take(size), size);
}

/*--- functions that read one text -------------------------------------------------------------------------------------*/

/* Types of text. Every row is tried with the units of its types, with DEEP=1 with all units: an
   attack on one function is harmless text for another. */
enum {
    U_ALL = 255,
    U_PATH = 1,
    U_QUERY = 2,
    U_HEADER = 4,
    U_ADDRESS = 8,
    U_CODE = 16,
    U_AGENT = 32,
    U_TEXT = 64
};
static const struct {
    unsigned kinds;
    const char *unit;
} text_units[] = {
    { U_ALL, "a" },
    { U_ALL, "A" },
    { U_ALL, " " },
    { U_ALL, "\t" },
    { U_ALL, "0" },
    { U_ALL, "Z9" },
    { U_ALL, "a{i} " },
    { U_ALL, "\n" },
    { U_ALL, "\r\n" },
    { U_ALL, "\x01" },
    { U_ALL, "\x7f" },
    { U_ALL, "\xff" },
    { U_ALL, "\xc3\xa4" },
    { U_ALL, "\xf0\x9f\x98\x80" },
    { U_ALL, "\xe2\x82" },
    { U_ALL, "." },
    { U_ALL, "-" },
    { U_ALL, "\"" },
    { U_ALL, "\\" },
    { U_ALL, "<&\"'>" },
    { U_PATH | U_QUERY, "%" },
    { U_PATH, "%4" },
    { U_PATH | U_QUERY | U_TEXT, "%41" },
    { U_PATH | U_QUERY, "%2f" },
    { U_PATH, "%2F.." },
    { U_PATH | U_QUERY, "%25" },
    { U_PATH, "%252e" },
    { U_PATH, "%5c" },
    { U_PATH, "%00" },
    { U_PATH, "%u0041" },
    { U_PATH | U_QUERY, "%c3%a4" },
    { U_PATH | U_QUERY, "+" },
    { U_AGENT | U_PATH, "/" },
    { U_CODE | U_PATH, "/a" },
    { U_PATH, "/." },
    { U_PATH, "/.." },
    { U_PATH, "/../" },
    { U_PATH, "/a/.." },
    { U_PATH, "//;a" },
    { U_PATH, "/;/" },
    { U_PATH, ";a/.." },
    { U_PATH, "/admi" },
    { U_PATH, "\\/" },
    { U_PATH, ".." },
    { U_PATH, "http://" },
    { U_PATH, "https://a/" },
    { U_ADDRESS | U_PATH, ":" },
    { U_ADDRESS | U_CODE | U_PATH, "[" },
    { U_HEADER | U_PATH, "@" },
    { U_PATH, "?" },
    { U_PATH, "#" },
    { U_PATH, "~" },
    { U_PATH, "*" },
    { U_PATH, "a*" },
    { U_PATH | U_QUERY, "|" },
    { U_CODE | U_HEADER | U_QUERY, "=" },
    { U_HEADER | U_QUERY, "a=" },
    { U_QUERY, "a=1&" },
    { U_QUERY, "a&" },
    { U_QUERY | U_TEXT, "&" },
    { U_QUERY, "&&a{r}=" },
    { U_HEADER | U_QUERY, "=?" },
    { U_QUERY, "a=1; " },
    { U_QUERY, "=; " },
    { U_QUERY, "b{d}=1; " },
    { U_QUERY, "a=\"1\"; " },
    { U_AGENT | U_HEADER, ";" },
    { U_AGENT | U_HEADER, "; " },
    { U_HEADER, ";a=1" },
    { U_HEADER, "a;" },
    { U_HEADER, ";q=0.5" },
    { U_ADDRESS | U_AGENT | U_CODE | U_HEADER, "," },
    { U_ADDRESS | U_HEADER, ", " },
    { U_HEADER, "a," },
    { U_HEADER, ",a" },
    { U_HEADER, "a, b;q=0.5, " },
    { U_HEADER, "*/*;q=0.1," },
    { U_HEADER, "image/*," },
    { U_HEADER, "text/html;level=1," },
    { U_HEADER, "gzip;q=0," },
    { U_HEADER, "de-" },
    { U_HEADER, "de-CH," },
    { U_HEADER, "*," },
    { U_HEADER, "\\\"" },
    { U_HEADER, "\"a\"," },
    { U_AGENT | U_HEADER, "\"a;v=\\\"1\\\",\";v=\"1\", " },
    { U_HEADER, "Path=/; " },
    { U_HEADER, "Max-Age=" },
    { U_HEADER, "max-age=1, " },
    { U_HEADER, "no-cache, " },
    { U_HEADER, "X-{i}, " },
    { U_HEADER, "accept, " },
    { U_HEADER, "Sun, 06 Nov 1994 " },
    { U_HEADER, "08:49:37 " },
    { U_AGENT | U_HEADER, "(" },
    { U_AGENT | U_HEADER, ")" },
    { U_ADDRESS, "9" },
    { U_ADDRESS, "::" },
    { U_ADDRESS, "1:" },
    { U_ADDRESS, "1.2.3.4, " },
    { U_ADDRESS, "1.2.3.4:5," },
    { U_ADDRESS, "[::1], " },
    { U_ADDRESS, "fe80::1, " },
    { U_ADDRESS, "10.0.0.1," },
    { U_ADDRESS, "1." },
    { U_CODE, "{" },
    { U_CODE, "[]" },
    { U_CODE, "[]," },
    { U_CODE, "{}" },
    { U_CODE, "\"\\u0061\"," },
    { U_CODE, "\\u0061" },
    { U_CODE, "\\n" },
    { U_CODE, "1," },
    { U_CODE, "1e" },
    { U_CODE, "\"k{i}\":1," },
    { U_CODE, "\"a\":1," },
    { U_CODE, "\"k\\u0061{d}\":1," },
    { U_CODE, "~1" },
    { U_CODE, "QUJD" },
    { U_CODE, "QQ==" },
    { U_CODE, "_-" },
    { U_CODE, "eyJ" },
    { U_CODE, "a." },
    { U_CODE, "0a" },
    { U_CODE, "00" },
    { U_AGENT, "()" },
    { U_AGENT, "(;" },
    { U_AGENT, "a " },
    { U_AGENT, "Mozilla/5.0 " },
    { U_AGENT, "(compatible; " },
    { U_AGENT, "bot" },
    { U_AGENT, "bot/1.0 " },
    { U_AGENT, "bot; " },
    { U_AGENT, "+http://" },
    { U_AGENT, "Android " },
    { U_AGENT, "Linux; Android 10; " },
    { U_AGENT, "like Gecko " },
    { U_AGENT, "Version/4.0 " },
    { U_AGENT, "Chrome/99" },
    { U_AGENT, "Mobile " },
    { U_AGENT, "tv" },
    { U_AGENT, "TV " },
    { U_AGENT, "Build/" },
    { U_AGENT, "A-" },
    { U_AGENT, "B1-" },
    { U_AGENT, "rv:" },
    { U_AGENT, "iPhone;" },
    { U_AGENT, "x/y " },
    { U_AGENT, "GET " },
    { U_TEXT, "<" },
    { U_TEXT, "&amp;" },
    { U_TEXT, "aaaaaaaa" },
    { U_TEXT, "'" },
    { U_TEXT, "!" },
};

typedef void text_run(edgefn_event *ev, edgefn_str s);
typedef struct text_row {
    unsigned kinds;
    const char *name, *head, *tail;
    text_run *run;
    size_t base;
    unsigned most;
} text_row;
typedef struct text_job {
    const text_row *row;
    const char *unit;
} text_job;

static void run_text(const void *data, size_t n)
{
    const text_job *job = (const text_job *)data;
    shape s = { NULL, job->row->head, job->unit, NULL, NULL, job->row->tail };
    edgefn_str text = make(&s, n, false);
    edgefn_event *ev = (edgefn_event *)pool_take(sizeof *ev);
    if (edgefn_build_begin(ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_REQUEST, arena_for(text.len),
                           &with_env)
        != EDGEFN_OK)
        abort();
    ev->request.method = S("GET");
    ev->request.uri = S("/");
    ev->request.client_ip = S("192.0.2.1");
    job->row->run(ev, text);
}

/* Completes the event as received, with a Host header if it has none. */
static void got(edgefn_event *ev)
{
    if (!edgefn_has(&ev->request.headers, S("host")))
        edgefn_add(&ev->request.headers, S("Host"), S("www.example.com"));
    if (!edgefn_build_end(ev)) abort();
}

static void got_header(edgefn_event *ev, const char *name, edgefn_str value)
{
    edgefn_add(&ev->request.headers, edgefn_cstr(name), value);
    got(ev);
}

/* A response event, built from parts, that was received with this header. */
static void got_response(edgefn_event *ev, const char *name, edgefn_str value,
                         const char *request_name)
{
    edgefn_arena arena = ev->arena;
    if (edgefn_build_begin(ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_RESPONSE, arena, &with_env)
        != EDGEFN_OK)
        abort();
    ev->request.method = S("GET");
    ev->request.uri = S("/");
    ev->response.status = 200;
    if (request_name) edgefn_add(&ev->request.headers, edgefn_cstr(request_name), value);
    if (name) edgefn_add(&ev->response.headers, edgefn_cstr(name), value);
    got(ev);
}

#define OP(id)   static void op_##id(edgefn_event *ev, edgefn_str s)
#define NO_EVENT (void)ev

OP(cstr)
{
    NO_EVENT;
    ((char *)(uintptr_t)s.ptr)[s.len - 1] = 0;
    COST(edgefn_cstr, s.ptr);
}

OP(compare)
{
    NO_EVENT;
    edgefn_str t = copy_of(s);
    COST(edgefn_str_eq, s, t);
    COST(edgefn_str_ieq, s, t);
    COST(edgefn_str_starts, s, t);
    COST(edgefn_str_ends, s, t);
    COST(edgefn_secret_eq, s, t);
    COST(edgefn_str_trim, s);
    COST(edgefn_str_to_u64, s);
    COST(edgefn_str_to_decimal, s, 3);
    COST(edgefn_str_in, s, &t, 1);
    COST(edgefn_header_value_ok, s);
}

OP(find)
{
    NO_EVENT;
    COST(edgefn_str_find, s, S("aaaaaaab"));
    COST(edgefn_str_find, s, S("%41%41%4"));
    COST(edgefn_str_contains, s, S("/../../x"));
    COST(edgefn_str_cut, s, S("\x02"));
}

OP(strings)
{
    COST(edgefn_str_join, ev, EDGEFN_STRS(s, s));
    COST(edgefn_str_lower, ev, s);
    COST(edgefn_json_quote, ev, s);
    COST(edgefn_locate, s, s.len);
    COST(edgefn_percent_decode, ev, s, true);
    COST(edgefn_percent_encode, ev, s, S("!*'()"));
    COST(edgefn_form_encode, ev, s);
    COST(edgefn_str_copy, ev, s);
    COST(edgefn_html_escape, ev, s);
    COST(edgefn_hash, s, s);
    COST(edgefn_rollout, s, s, 5000);
}

OP(json_at)
{
    COST(edgefn_json_at, ev, s, S("/a/9"));
    COST(edgefn_json_at, ev, s, S(""));
    COST(edgefn_json_at, ev, S("{\"a\":1}"), s);
}

OP(header)
{
    static const edgefn_str types[] = { EDGEFN_S_INIT("image/avif"), EDGEFN_S_INIT("image/webp"),
                                        EDGEFN_S_INIT("text/html"), EDGEFN_S_INIT("gzip") };
    static const edgefn_str tongues[] = { EDGEFN_S_INIT("en"), EDGEFN_S_INIT("de"),
                                          EDGEFN_S_INIT("de-CH"), EDGEFN_S_INIT("fr") };
    NO_EVENT;
    COST(edgefn_header_has_token, s, S("upgrade"));
    COST(edgefn_header_has_type, s, S("text/html"));
    COST(edgefn_header_credentials, s, S("bearer"));
    COST(edgefn_header_directive, s, S("max-age"));
    COST(edgefn_header_negotiate, s, types, COUNT(types));
    COST(edgefn_header_language, s, tongues, COUNT(tongues));
    COST(edgefn_cookie_attribute, s, S("max-age"));
    COST(edgefn_header_policy, EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_REQUEST, s);
}

OP(form)
{
    NO_EVENT;
    edgefn_str rest = s, name, value;
    LOOP_OF(edgefn_form_next) while (edgefn_form_next(&rest, &name, &value))
    {
    }
}

OP(path)
{
    NO_EVENT;
    COST(edgefn_path_split, s);
    COST(edgefn_path_segment, s, s.len);
    COST(edgefn_url_split, s);
    COST(edgefn_uri_plain, s);
}

OP(match)
{
    static const edgefn_str patterns[] = { EDGEFN_S_INIT("/members/*"), EDGEFN_S_INIT("*/admin/*"),
                                           EDGEFN_S_INIT("*/admi/admi/admi/admi/admi/admin*"),
                                           EDGEFN_S_INIT("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b") };
    NO_EVENT;
    for (size_t i = 0; i < COUNT(patterns); i++)
        COST(edgefn_uri_match, s, patterns[i]);
    for (size_t i = 0; i < COUNT(patterns); i++)
        COST(edgefn_uri_guards, s, patterns[i]);
    COST(edgefn_uri_match_any, s, patterns, COUNT(patterns));
    COST(edgefn_uri_guards_any, s, patterns, COUNT(patterns));
    for (size_t i = 0; i < COUNT(patterns); i++)
        COST(edgefn_str_match, s, patterns[i]);
}

OP(uri)
{
    ev->request.uri = s;
    got(ev);
    size_t used = ev->arena.used;
    COST(edgefn_url, ev);
    COST(edgefn_path_and_query, ev);
    COST(edgefn_changed, ev, EDGEFN_MEMBER_URI);
    COST(edgefn_uri_normalize, ev);
    ev->request.uri = s, ev->arena.used = used;
    COST(edgefn_uri_replace_prefix, ev, S("/a"), S("/b"));
    ev->request.uri = s;
    COST(edgefn_uri_add_index, ev, edgefn_cstr(NULL));
    ev->request.uri = s;
    COST(edgefn_uri_drop_slash, ev);
    ev->request.uri = s;
    COST(edgefn_uri_encode_s3, ev);
    COST(edgefn_uri_set, ev, copy_of(s));
    COST(edgefn_outcome_of, ev, NULL);
}

OP(redirect)
{
    ev->request.uri = s;
    got(ev);
    COST(edgefn_redirect, ev, &(edgefn_redirect_opts){ .host = S("www.example.com") });
    COST(edgefn_outcome_of, ev, NULL);
}

OP(redirect_path)
{
    got(ev);
    COST(edgefn_redirect, ev, &(edgefn_redirect_opts){ .host = S("www.example.com"), .path = s });
}

OP(redirect_to)
{
    got(ev);
    COST(edgefn_redirect_to, ev, s, NULL);
    COST(edgefn_outcome_of, ev, NULL);
}

OP(respond)
{
    got(ev);
    COST(edgefn_respond_text, ev, 403, s);
    COST(edgefn_respond, ev, 200, &(edgefn_respond_opts){ .body = s });
    COST(edgefn_status_set, ev, 404, s);
    COST(edgefn_outcome_of, ev, NULL);
    COST(edgefn_describe, ev, (char *)pool_take(1 << 10), 1 << 10);
}

OP(body)
{
    got(ev);
    COST(edgefn_body_replace, ev, s, EDGEFN_ENCODING_DEFAULT);
    COST(edgefn_body_replace, ev, s, EDGEFN_ENCODING_BASE64);
    COST(edgefn_body_decode, ev, &ev->request.body);
    COST(edgefn_body_decode_part, ev, &ev->request.body);
    ev->request.body.data = s, ev->request.body.encoding = EDGEFN_ENCODING_BASE64;
    COST(edgefn_body_decode, ev, &ev->request.body);
    uint32_t refused;
    edgefn_add(&ev->request.headers, S("Content-Type"), S("application/x-www-form-urlencoded"));
    COST(edgefn_body_form, ev, &refused);
    COST(edgefn_outcome_of, ev, NULL);
}

OP(codes)
{
    edgefn_str t;
    COST_INTO(t, edgefn_base64_encode, ev, s);
    COST(edgefn_base64_decode, ev, t);
    COST(edgefn_base64_decode, ev, s);
    COST_INTO(t, edgefn_base64url_encode, ev, s);
    COST(edgefn_base64url_decode, ev, t);
    COST(edgefn_base64url_decode, ev, s);
    COST_INTO(t, edgefn_hex_encode, ev, s);
    COST(edgefn_hex_decode, ev, t);
    COST(edgefn_hex_decode, ev, s);
}

OP(hashes)
{
    unsigned char digest[32];
    COST(edgefn_sha256, s, digest);
    COST(edgefn_sha256_str, ev, s);
    COST(edgefn_hmac_sha256, s, s, digest);
    COST(edgefn_hmac_sha256_str, ev, s, s);
}

OP(text)
{
    static const edgefn_pair pairs[] = { { EDGEFN_S_INIT("aaaaaaaab"), EDGEFN_S_INIT("x") },
                                         { EDGEFN_S_INIT("%41"),
                                           EDGEFN_S_INIT("longer than that") },
                                         { EDGEFN_S_INIT("<"), EDGEFN_S_INIT("") } };
    static const edgefn_pair table[] = { { EDGEFN_S_INIT("a"), EDGEFN_S_INIT("1") },
                                         { EDGEFN_S_INIT("b"), EDGEFN_S_INIT("2") } };
    edgefn_text t = { 0 };
    COST(edgefn_replace_all, ev, s, pairs, COUNT(pairs));
    edgefn_pair own[2] = { table[0], { copy_of(s), S("2") } };
    COST(edgefn_table_get, own, 2, s);
    LOOP_OF(edgefn_text_put)
    for (size_t i = 0; i < s.len; i++)
        edgefn_text_put(ev, &t, edgefn_str_take(edgefn_str_skip(s, i), 1));
    COST(edgefn_text_end, ev, &t);
}

OP(ua)
{
    NO_EVENT;
    COST(edgefn_ua_parse, s);
}

OP(ip)
{
    edgefn_ip ip = edgefn_ip_parse(S("192.0.2.1"));
    NO_EVENT;
    COST(edgefn_ip_parse, s);
    COST(edgefn_ip_in, ip, &s, 1);
}

OP(date)
{
    COST(edgefn_date_parse, ev, s);
    COST(edgefn_retry_after, ev, s);
}

static edgefn_str dotted(edgefn_event *ev, edgefn_str head, edgefn_str payload)
{
    edgefn_str parts[] = { edgefn_base64url_encode(ev, head), S("."),
                           edgefn_base64url_encode(ev, payload), S(".c2ln") };
    return edgefn_str_join(ev, parts, COUNT(parts));
}

OP(jwt)
{
    const edgefn_jwt_opts hs = { .hs256 = true,
                                 .secret = S("a secret"),
                                 .expiry_optional = true,
                                 .audience = S("me"),
                                 .issuer = S("us") };
    const edgefn_jwt_opts rs = { .rs256 = true, .expiry_optional = true };
    edgefn_jwt jwt;
    COST(edgefn_jwt_verify, ev, s, &hs);
    edgefn_str token = dotted(ev, S("{\"alg\":\"RS256\"}"), s);
    COST_INTO(jwt, edgefn_jwt_verify, ev, token, &rs);
    COST(edgefn_jwt_claim, ev, &jwt, S("sub"));
    COST(edgefn_jwt_verify, ev, dotted(ev, s, S("{}")), &rs);
    COST_INTO(token, edgefn_jwt_sign, ev, s, S("a secret"));
    COST(edgefn_jwt_verify, ev, token, &hs);
    COST(edgefn_random_text, ev, s);
}

static const edgefn_sign_opts sign = { .access_key = EDGEFN_S_INIT("AKIA"),
                                       .secret_key = EDGEFN_S_INIT("k"),
                                       .region = EDGEFN_S_INIT("eu-west-1") };
static void op_signed(edgefn_event *ev)
{
    const edgefn_str also[] = { S("x-a") };
    edgefn_sign_opts more = sign, query = sign;
    more.headers = also, more.header_count = 1;
    COST(edgefn_sign_v4, ev, &more);
    edgefn_event *twin = ev;
    query.expires_s = 60;
    COST(edgefn_sign_v4, twin, &query);
}

OP(sign_uri)
{
    ev->request.uri = s;
    got(ev);
    op_signed(ev);
}
OP(sign_query)
{
    ev->request.querystring = s;
    got(ev);
    op_signed(ev);
}
OP(sign_header)
{
    got_header(ev, "x-a", s);
    op_signed(ev);
}
OP(sign_body)
{
    ev->request.body.data = s;
    ev->request.body.encoding = EDGEFN_ENCODING_TEXT;
    got(ev);
    op_signed(ev);
}

OP(received)
{
    ev->request.querystring = s;
    edgefn_add(&ev->request.headers, S("Cookie"), s);
    edgefn_add(&ev->request.headers, S("Host"), S("www.example.com"));
    COST(edgefn_build_end, ev);
    COST(edgefn_query, ev);
    COST(edgefn_cookie_get, ev, S("a"));
    COST(edgefn_cookies, ev);
    COST(edgefn_query_text, ev);
    COST(edgefn_fields_changed, &ev->request.headers);
    COST(edgefn_query_normalize, ev, NULL);
    COST(edgefn_query_set_raw, ev, copy_of(s));
    COST(edgefn_outcome_of, ev, NULL);
}

OP(received_functions)
{
    edgefn_arena arena = ev->arena;
    if (edgefn_build_begin(ev, EDGEFN_DIALECT_FUNCTIONS, EDGEFN_VIEWER_REQUEST, arena, &with_env)
        != EDGEFN_OK)
        abort();
    ev->request.method = S("GET"), ev->request.uri = S("/");
    ev->request.querystring = s;
    edgefn_add(&ev->request.headers, S("Cookie"), s);
    COST(edgefn_build_end, ev);
    COST(edgefn_query_text, ev);
    COST(edgefn_query_find, ev, S("%41%41%4"), 0);
    COST(edgefn_query_get, ev, S("aaaaaaab"));
    COST(edgefn_query_remove, ev, S("aaaaaaab"));
    COST(edgefn_query_remove, ev, S("A*"));
    COST(edgefn_sort, edgefn_query(ev));
    COST(edgefn_query_normalize, ev,
         &(edgefn_query_opts){ .lower_case_names = true, .plus_is_space = true });
    COST(edgefn_outcome_of, ev, NULL);
}

OP(forwarded)
{
    const edgefn_str nets[] = { S("10.0.0.0/8"), S("1.0.0.0/8"), S("192.0.2.0/24"),
                                S("fe80::/10") };
    got_header(ev, "x-forwarded-for", s);
    COST(edgefn_client_ip, ev,
         &(edgefn_client_ip_opts){ .trusted = nets, .trusted_count = COUNT(nets) });
    COST(edgefn_client_ip, ev, &(edgefn_client_ip_opts){ .trusted_hops = UINT32_MAX });
}

OP(hints)
{
    static const char *const names[] = { "sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform",
                                         "sec-ch-ua-form-factors", "user-agent" };
    for (size_t i = 0; i < COUNT(names); i++)
        edgefn_add(&ev->request.headers, edgefn_cstr(names[i]), s);
    got(ev);
    COST(edgefn_ua_of, ev);
    edgefn_choose_sticky(ev, S("ab"), NULL, NULL, 0, NULL);
}

OP(viewer)
{
    static const char *const names[] = { "cloudfront-viewer-address", "cloudfront-viewer-tls",
                                         "cloudfront-viewer-country", "cloudfront-viewer-asn" };
    for (size_t i = 0; i < COUNT(names); i++)
        edgefn_add(&ev->request.headers, edgefn_cstr(names[i]), s);
    got(ev);
    COST(edgefn_viewer_of, ev);
}

OP(sticky)
{
    const edgefn_str names[] = { S("one"), S("two") };
    edgefn_arena arena = ev->arena;
    if (edgefn_build_begin(ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena, &with_env)
        != EDGEFN_OK)
        abort();
    ev->request.method = S("GET"), ev->request.uri = S("/"), ev->request.client_ip = S("192.0.2.1");
    edgefn_add(&ev->request.headers, S("User-Agent"), s);
    edgefn_add(&ev->request.headers, S("Cookie"), s);
    got(ev);
    edgefn_cookies(ev);
    COST(edgefn_choose_sticky, ev, S("ab"), names, NULL, 2, NULL);
}

OP(response)
{
    const edgefn_str origins[] = { S("https://app.example.com") };
    got_response(ev, "vary", s, "origin");
    COST(edgefn_header_vary, ev, S("Origin"));
    COST(edgefn_header_cors, ev,
         &(edgefn_cors_opts){ .origins = origins, .origin_count = 1, .credentials = true });
    COST(edgefn_header_cors, ev, &(edgefn_cors_opts){ .any_origin = true });
    COST(edgefn_outcome_of, ev, NULL);
}

OP(preflight)
{
    const edgefn_str origins[] = { S("https://app.example.com") };
    ev->request.method = S("OPTIONS");
    edgefn_add(&ev->request.headers, S("Origin"), S("https://app.example.com"));
    edgefn_add(&ev->request.headers, S("Access-Control-Request-Method"), s);
    edgefn_add(&ev->request.headers, S("Access-Control-Request-Headers"), s);
    got(ev);
    COST(edgefn_header_cors, ev,
         &(edgefn_cors_opts){ .origins = origins,
                              .origin_count = 1,
                              .methods = S("PUT, DELETE"),
                              .headers = S("X-Token") });
    COST(edgefn_outcome_of, ev, NULL);
}

OP(set_cookie)
{
    got_response(ev, "set-cookie", s, NULL);
    COST(edgefn_response_cookies, ev);
    COST(edgefn_set_attributes_at, edgefn_response_cookies(ev), 0, s);
    COST(edgefn_cookie_set, ev, S("a"), s, NULL);
    COST(edgefn_outcome_of, ev, NULL);
}

OP(cookie_names)
{
    got_response(ev, "set-cookie", S("a=1"), NULL);
    COST(edgefn_cookie_set, ev, s, S("1"), NULL);
}

OP(cookie_domain)
{
    got_response(ev, "set-cookie", S("a=1"), NULL);
    COST(edgefn_cookie_expire, ev, S("a"), &(edgefn_cookie_opts){ .domain = s, .path = s });
}

OP(set)
{
    got(ev);
    COST(edgefn_set, &ev->request.headers, S("x-a"), s);
    COST(edgefn_add, &ev->request.headers, S("x-a"), s);
    COST(edgefn_set, &ev->request.headers, s, S("1"));
    COST(edgefn_header_trusted, ev, S("x-a"), s);
    COST(edgefn_header_trusted, ev, s, S("1"));
    COST(edgefn_outcome_of, ev, NULL);
    COST(edgefn_describe, ev, (char *)pool_take(1 << 10), 1 << 10);
}

OP(set_const)
{
    edgefn_str name = S("x-const");
    edgefn_const_header c[2] = { test_const(pool_take(TEST_CONST_ROOM(name, s)), name, s),
                                 test_const(pool_take(TEST_CONST_ROOM(s, name)), s, name) };
    got(ev);
    COST(edgefn_set_const, &ev->request.headers, c, 2);
    COST(edgefn_outcome_of, ev, NULL);
}

OP(set_name)
{
    got(ev);
    COST(edgefn_set, &ev->request.headers, s, S("1"));
    COST(edgefn_get, &ev->request.headers, s);
    COST(edgefn_add, edgefn_query(ev), s, s);
    COST(edgefn_add, edgefn_cookies(ev), s, s);
    COST(edgefn_outcome_of, ev, NULL);
}

OP(origin)
{
    got(ev);
    COST(edgefn_origin_custom, ev, &(edgefn_origin_opts){ .domain = s, .path = s });
}

OP(origin_s3)
{
    got(ev);
    COST(edgefn_origin_s3, ev, &(edgefn_origin_opts){ .domain = s, .region = s, .path = s });
}

OP(fail)
{
    got(ev);
    edgefn_fail(ev, EDGEFN_E_HANDLER, s);
    char *line = (char *)pool_take(s.len + 1000);
    COST(edgefn_describe, ev, line, s.len + 1000);
    size_t count;
    const edgefn_rule *rules = edgefn_rules(&count);
    for (size_t i = 0; i < count; i++) {
        edgefn_finding finding = { .rule = &rules[i], .subject = s, .limit = 1, .actual = 2 };
        char *says = (char *)pool_take(4 * s.len + 1000);
        if (rules[i].message && strstr(rules[i].message, "%n")) {
            COST(edgefn_finding_message, &finding, says, 4 * s.len + 1000);
            break;
        }
    }
}

OP(parse)
{
    COST(edgefn_parse, ev, s, arena_for(s.len), &with_env);
}

OP(check)
{
    static edgefn_finding found[1 << 12];
    got(ev);
    COST(edgefn_check, ev, s, found, COUNT(found));
}

#define L_BEGIN(type)                                                                              \
  "{\"Records\":[{\"cf\":{\"config\":{\"eventType\":\"" type                                       \
  "\"},\"request\":{\"clientIp\":\"192.0.2.1\",\"method\":\"GET\",\"querystring\":\"\",\"uri\":\"/\","
static const text_row text_rows[] = {
    { U_TEXT, "NUL-terminated", "", "", op_cstr, 0, 0 },
    { U_TEXT, "compare", "", "", op_compare, 0, 0 },
    { U_TEXT, "compare after spaces", "        ", "        ", op_compare, 0, 0 },
    { U_TEXT | U_PATH, "find", "", "", op_find, 0, 0 },
    { U_TEXT | U_PATH, "text", "", "", op_strings, 0, 0 },
    { U_TEXT, "replace", "", "", op_text, 0, 0 },
    { U_CODE, "JSON of anything", "", "", op_json_at, 0, 0 },
    { U_CODE, "JSON: string", "{\"a\":\"", "\"}", op_json_at, 0, 0 },
    { U_CODE, "JSON: list", "{\"a\":[", "0]}", op_json_at, 0, 0 },
    { U_CODE, "JSON: members", "{", "\"a\":[1]}", op_json_at, 0, 0 },
    { U_CODE, "JSON pointer", "/", "", op_json_at, 0, 0 },
    { U_HEADER, "header", "", "", op_header, 0, 0 },
    { U_HEADER, "header, quoted", "a;q=\"", "\"", op_header, 0, 0 },
    { U_QUERY, "form", "", "", op_form, 0, 0 },
    { U_PATH, "path", "/", "", op_path, 2048, 0 },
    { U_PATH, "path", "/", "", op_path, 0, 0 },
    { U_PATH, "URL", "https://www.example.com/", "", op_path, 0, 0 },
    { U_PATH, "host of a URL", "https://", "", op_path, 0, 0 },
    { U_PATH, "path", "/", "", op_match, 2048, 1800 },
    { U_PATH, "odd path", "/", "/%252e;%2", op_match, 2048, 1800 },
    { U_PATH, "path of 16 KB", "/", "", op_match, 0, 1800 },
    { U_PATH, "path of 16 KB", "/", "", op_uri, 0, 0 },
    { U_PATH, "path of 16 KB", "/", "", op_redirect, 0, 0 },
    { U_PATH, "path given", "/", "", op_redirect_path, 0, 0 },
    { U_PATH, "URL", "https://h.example/", "", op_redirect_to, 0, 0 },
    { U_PATH, "path", "/", "", op_redirect_to, 0, 0 },
    { U_TEXT, "body", "", "", op_respond, 0, 0 },
    { U_CODE | U_TEXT, "body", "", "", op_body, 0, 0 },
    { U_CODE, "codes", "", "", op_codes, 0, 0 },
    { U_TEXT, "bytes", "", "", op_hashes, 0, 0 },
    { U_AGENT, "user agent", "", "", op_ua, 0, 0 },
    { U_AGENT, "user agent of a phone", "Mozilla/5.0 (Linux; Android 10; ",
      ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Mobile Safari/537.36", op_ua, 0, 0 },
    { U_AGENT, "user agent of a program", "Mozilla/5.0 (compatible; ", ")", op_ua, 0, 0 },
    { U_AGENT, "client hints", "", "", op_hints, 0, 0 },
    { U_AGENT, "client hints, quoted", "\"", "\"", op_hints, 0, 0 },
    { U_ADDRESS, "address", "", "", op_ip, 0, 0 },
    { U_ADDRESS, "address", "1::", "/8", op_ip, 0, 0 },
    { U_HEADER, "date", "", "", op_date, 0, 0 },
    { U_HEADER, "date", "Sun, 06 Nov 1994 08:49:37 GMT", "", op_date, 0, 0 },
    { U_CODE, "token", "", "", op_jwt, 3072, 0 },
    { U_CODE, "token, payload", "{\"aud\":[\"", "\"]}", op_jwt, 2048, 0 },
    { U_CODE, "token, payload", "{", "\"aud\":\"me\"}", op_jwt, 2048, 0 },
    { U_CODE, "token of 16 KB", "eyJhbGciOiJIUzI1NiJ9.", ".e30", op_jwt, 0, 0 },
    { U_PATH, "path", "/", "", op_sign_uri, 2048, 0 },
    { U_QUERY, "query", "", "", op_sign_query, 0, 0 },
    { U_HEADER, "header", "", "", op_sign_header, 0, 0 },
    { U_TEXT, "body", "", "", op_sign_body, 0, 0 },
    { U_QUERY, "query and cookies", "", "", op_received, 0, 0 },
    { U_QUERY, "query and cookies", "a=1&b=2; c=", "", op_received_functions, 0, 0 },
    { U_ADDRESS | U_HEADER, "X-Forwarded-For", "", "", op_forwarded, 0, 0 },
    { U_ADDRESS, "viewer", "", "", op_viewer, 0, 0 },
    { U_ADDRESS, "viewer", "1.2.3.4:", "", op_viewer, 0, 0 },
    { U_QUERY, "User-Agent and Cookie", "", "", op_sticky, 0, 0 },
    { U_HEADER, "Vary and Origin", "", "", op_response, 0, 0 },
    { U_HEADER, "preflight", "", "", op_preflight, 0, 0 },
    { U_QUERY | U_HEADER, "Set-Cookie", "a=1;", "", op_set_cookie, 0, 0 },
    { U_QUERY, "name of a cookie", "", "", op_cookie_names, 0, 0 },
    { U_PATH, "domain of a cookie", "", "", op_cookie_domain, 0, 0 },
    { U_TEXT, "value", "", "", op_set, 0, 0 },
    { U_TEXT, "constant", "", "", op_set_const, 0, 0 },
    { U_TEXT | U_QUERY, "name", "", "", op_set_name, 0, 0 },
    { U_PATH, "origin", "o.example", "", op_origin, 0, 0 },
    { U_PATH, "origin", "o.example", "", op_origin_s3, 0, 0 },
    { U_TEXT, "subject", "", "", op_fail, 0, 0 },
    { U_CODE, "not an event", "", "", op_parse, 0, 0 },
    { U_CODE, "event: list of anything", "[", "]", op_parse, 0, 0 },
    { U_CODE, "event: unknown string", L_BEGIN("origin-request") "\"headers\":{},\"zz\":\"",
      "\"}}}]}", op_parse, 0, 0 },
    { U_CODE, "event: unknown list", L_BEGIN("origin-request") "\"headers\":{},\"zz\":[", "0]}}}]}",
      op_parse, 0, 0 },
    { U_CODE, "event: unknown members", L_BEGIN("origin-request") "\"headers\":{},\"zz\":{",
      "\"a\":0}}}}]}", op_parse, 0, 0 },
    { U_CODE, "event: value", L_BEGIN("origin-request") "\"headers\":{\"x\":[{\"value\":\"",
      "\"}]}}}}]}", op_parse, 0, 0 },
    { U_CODE, "event: name", L_BEGIN("origin-request") "\"headers\":{\"",
      "\":[{\"value\":\"1\"}]}}}}]}", op_parse, 0, 0 },
    { U_CODE | U_PATH, "result of anything", "", "", op_check, 0, 0 },
    { U_CODE | U_PATH, "result, header value", "{\"headers\":{\"x-a\":[{\"value\":\"",
      "\"}]},\"method\":\"GET\",\"uri\":\"/\"}", op_check, 0, 0 },
    { U_CODE | U_PATH, "result, header name", "{\"headers\":{\"",
      "\":[{\"value\":\"1\"}]},\"method\":\"GET\",\"uri\":\"/\"}", op_check, 0, 0 },
    { U_CODE | U_PATH, "result, path", "{\"headers\":{},\"method\":\"GET\",\"uri\":\"/", "\"}",
      op_check, 0, 0 },
    { U_CODE | U_PATH, "result, query",
      "{\"headers\":{},\"method\":\"GET\",\"uri\":\"/\",\"querystring\":\"", "\"}", op_check, 0,
      0 },
    { U_CODE | U_PATH, "result, unknown",
      "{\"headers\":{},\"method\":\"GET\",\"uri\":\"/\",\"zz\":[", "0]}", op_check, 0, 0 },
    { U_CODE | U_PATH, "result, body",
      "{\"status\":\"200\",\"bodyEncoding\":\"base64\",\"body\":\"", "\"}", op_check, 0, 0 },
    { U_CODE | U_PATH, "result, Location",
      "{\"status\":\"302\",\"headers\":{\"location\":[{\"value\":\"", "\"}]}}", op_check, 0, 0 },
};

TEST(texts)
{
    char what[300];
    for (size_t i = 0; i < COUNT(text_rows); i++) {
        for (size_t k = 0; k < COUNT(text_units); k++) {
            text_job job = { &text_rows[i], text_units[k].unit };
            const text_row *row = job.row;
            bool usual = (row->kinds & text_units[k].kinds) != 0;
            if (!usual && !test_deep()) continue;
            snprintf(what, sizeof what, "%s: %s...%s...%s", row->name, row->head, job.unit,
                     row->tail);
            for (char *c = what; *c; c++)
                if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e) *c = '?';
            measure(what, run_text, &job, row->base ? row->base : 16384,
                    row->base || !usual ? 2 : deepest(2), row->most);
        }
    }
}

/*--- functions that read an event -------------------------------------------------------------------------------------*/

#define J_CONFIG(type)                                                                                \
  "{'Records':[{'cf':{'config':{'distributionDomainName':'d','distributionId':'E','eventType':'" type \
  "','requestId':'r'},"
#define J_REQUEST "'request':{'clientIp':'192.0.2.1','method':'GET','uri':'/',"
#define J_ORIGIN                                                                                   \
  "'origin':{'custom':{'domainName':'o.example','keepaliveTimeout':5,'path':'','port':443,'protocol':'https','readTimeout':30,'sslProtocols':['TLSv1.2'],'customHeaders':{"
#define J_HOST "'host':[{'key':'Host','value':'www.example.com'}]"
#define J_VQ   J_CONFIG("viewer-request") J_REQUEST "'querystring':'a=1','headers':{" J_HOST
#define J_OQ                                                                                       \
  J_CONFIG("origin-request") J_REQUEST "'querystring':'a=1'," J_ORIGIN "}}},'headers':{" J_HOST
#define J_OH                                                                                       \
  J_CONFIG("origin-request")                                                                       \
  J_REQUEST "'querystring':'a=1','headers':{" J_HOST "}," J_ORIGIN                                 \
            "'x-z':[{'key':'X-Z','value':'0'}]"
#define J_OP                                                                                       \
  J_CONFIG("origin-response")                                                                      \
  J_REQUEST                                                                                        \
  "'querystring':'','headers':{" J_HOST                                                            \
  "}},'response':{'status':'200','statusDescription':'OK','headers':{'x-z':[{'value':'0'}]"
#define J_VP                                                                                       \
  J_CONFIG("viewer-response")                                                                      \
  J_REQUEST                                                                                        \
  "'querystring':'','headers':{" J_HOST                                                            \
  "}},'response':{'status':'200','statusDescription':'OK','headers':{'x-z':[{'value':'0'}]"
#define J_QS          J_CONFIG("viewer-request") J_REQUEST "'headers':{" J_HOST "},'querystring':'a=1"
#define J_END         "}}}]}"
#define J_HEADERS_END "}" J_END
#define J_OH_END      "}}}" J_END
#define J_F(type)                                                                                  \
  "{'version':'1.0','context':{'eventType':'" type                                                 \
  "'},'viewer':{'ip':'192.0.2.1'},'request':{'method':'GET','uri':'/',"
#define J_FQ                                                                                       \
  J_F("viewer-request")                                                                            \
  "'querystring':{},'cookies':{},'headers':{'host':{'value':'www.example.com'}"
#define J_FS                                                                                       \
  J_F("viewer-request")                                                                            \
  "'headers':{'host':{'value':'www.example.com'}},'cookies':{},'querystring':{'z':{'value':'0'}"
#define J_FC                                                                                       \
  J_F("viewer-request")                                                                            \
  "'headers':{'host':{'value':'www.example.com'}},'querystring':{},'cookies':{'z':{'value':'0'}"
#define J_FP                                                                                       \
  J_F("viewer-response") "'headers':{}},'response':{'statusCode':200,'headers':{'x-z':{'value':'0'}"
#define J_FK                                                                                       \
  J_F("viewer-response")                                                                           \
  "'headers':{}},'response':{'statusCode':200,'headers':{},'cookies':{'z':{'value':'0'}"
#define J_FEND "}}}"

/* list: the one that the units fill: h request headers, r response headers, o custom headers of
   the origin, q query, c cookies, s set-cookies. */
typedef struct event_shape {
    char list;
    shape s;
} event_shape;
static const event_shape event_shapes[] = {
    { 'h',
      { "headers", J_OQ, ",'x-{i}':[{'key':'X-{i}','value':'1'}]", NULL, NULL, J_HEADERS_END } },
    { 'h',
      { "headers, last first", J_VQ, ",'x-{d}':[{'key':'X-{d}','value':'1'}]", NULL, NULL,
        J_HEADERS_END } },
    { 'h', { "headers in disorder", J_VQ, ",'x-{r}':[{'value':'1'}]", NULL, NULL, J_HEADERS_END } },
    { 'h', { "headers, halves", J_VQ, ",'x-{o}':[{'value':'1'}]", NULL, NULL, J_HEADERS_END } },
    { 'h',
      { "headers, interleaved order, invalid keys", J_VQ, ",'x-{s}':[{'key':'Z','value':'1'}]",
        NULL, NULL, J_HEADERS_END } },
    { 'h',
      { "headers, two values each", J_OQ, ",'x-{r}':[{'value':'1'},{'key':'x-{r}','value':'1'}]",
        NULL, NULL, J_HEADERS_END } },
    { 'h', { "headers without values", J_OQ, ",'x-{i}':[]", NULL, NULL, J_HEADERS_END } },
    { 'h',
      { "headers, half without values", J_OQ, ",'x-{i}':[],'y-{i}':[{'value':'1'}]", NULL, NULL,
        J_HEADERS_END } },
    { 'h',
      { "headers, escapes in names", J_OQ, ",'x`u002d{d}':[{'key':'X`u002d{d}','value':'1'}]", NULL,
        NULL, J_HEADERS_END } },
    { 'h',
      { "headers, similar long names", J_OQ,
        ",'x-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-{r}':[{'value':'1'}]",
        NULL, NULL, J_HEADERS_END } },
    { 'h',
      { "x-edge-*", J_OQ, ",'x-edge-{r}':[{'key':'X-Edge-{r}','value':'1'}]", NULL, NULL,
        J_HEADERS_END } },
    { 'h',
      { "x-edge-*, halves", J_VQ, ",'x-edge-{o}':[{'value':'1'}]", NULL, NULL, J_HEADERS_END } },
    { 'h',
      { "x-amz-cf-*, cloudfront-*", J_OQ,
        ",'x-amz-cf-{d}':[{'value':'1'}],'cloudfront-{d}':[{'value':'1'}]", NULL, NULL,
        J_HEADERS_END } },
    { 'h',
      { "one name", J_OQ ",'x-a':[{'value':'0'}", ",{'key':'X-A','value':'1'}", NULL, NULL,
        "]" J_HEADERS_END } },
    { 'h',
      { "via", J_OQ ",'via':[{'value':'0'}", ",{'key':'Via','value':'1'}", NULL, NULL,
        "]" J_HEADERS_END } },
    { 'h',
      { "connection", J_VQ ",'connection':[{'value':'0'}", ",{'value':'1'}", NULL, NULL,
        "]" J_HEADERS_END } },
    { 'h',
      { "transfer-encoding, numbered", J_OQ ",'transfer-encoding':[{'value':'0'}",
        ",{'value':'{d}'}", NULL, NULL, "]" J_HEADERS_END } },
    { 'h',
      { "x-forwarded-for, numbered", J_VQ ",'x-forwarded-for':[{'value':'0'}",
        ",{'value':'10.0.0.1, {d}'}", NULL, NULL, "]" J_HEADERS_END } },
    { 'h',
      { "sec-ch-ua", J_VQ ",'sec-ch-ua':[{'value':''}", ",{'value':'`'Chromium`';v=`'1`''}", NULL,
        NULL, "]" J_HEADERS_END } },
    { 'h',
      { "unknown members", J_OQ ",'x-a':[{'value':'0'}", ",{'value':'1','x':1,'y':[2]}", NULL, NULL,
        "]" J_HEADERS_END } },
    { 'h',
      { "unknown members with escapes", J_OQ ",'x-a':[{'value':'0'}",
        ",{'value':'1','`u0078':1,'y`u0078':2}", NULL, NULL, "]" J_HEADERS_END } },
    { 'h',
      { "unknown members after escapes",
        J_CONFIG("origin-request") J_REQUEST "'querystring':'','zz':[0", ",'`n'",
        "],'headers':{'x-a':[{'value':'0'}", ",{'value':'1','x':1,'y':2}", "]" J_HEADERS_END } },
    { 'h',
      { "headers after escapes", J_CONFIG("origin-request") J_REQUEST "'querystring':'','zz':[0",
        ",'`n'", "],'headers':{'x-a':[{'value':'0'}]", ",'x-{r}':[{'value':'`u0031'}]",
        J_HEADERS_END } },
    { 'h',
      { "one value", J_OQ ",'x-a':[{'value':'1'},{'value':'", "a`n", NULL, NULL,
        "'}]" J_HEADERS_END } },
    { 'h',
      { "white space", J_OQ, " , 'x-{i}' : [ { 'key' : 'X-{i}' , 'value' : '1' } ] \n", NULL, NULL,
        J_HEADERS_END } },
    { 'c',
      { "cookie headers", J_VQ ",'cookie':[{'value':'z=0'}", ",{'key':'Cookie','value':'a{r}=1'}",
        NULL, NULL, "]" J_HEADERS_END } },
    { 'c',
      { "cookies in one header", J_VQ ",'cookie':[{'value':'z=0", "; a{r}=1", NULL, NULL,
        "'}]" J_HEADERS_END } },
    { 'c',
      { "cookies of one name", J_OQ ",'cookie':[{'value':'z=0", "; a=1", NULL, NULL,
        "'}]" J_HEADERS_END } },
    { 'c',
      { "empty cookies", J_VQ ",'cookie':[{'value':'z=0", ";=; ;", NULL, NULL,
        "'}]" J_HEADERS_END } },
    { 'c',
      { "cookies without names", J_VQ ",'cookie':[{'value':'z=0", "; a", NULL, NULL,
        "'}]" J_HEADERS_END } },
    { 'q', { "parameters", J_QS, "&a{r}=1", NULL, NULL, "'" J_END } },
    { 'q', { "parameters, last first", J_QS, "&a{d}=1", NULL, NULL, "'" J_END } },
    { 'q', { "parameters, halves", J_QS, "&a{o}=1", NULL, NULL, "'" J_END } },
    { 'q', { "parameters of one name", J_QS, "&a={d}", NULL, NULL, "'" J_END } },
    { 'q', { "equal parameters", J_QS, "&a", NULL, NULL, "'" J_END } },
    { 'q', { "empty parameters", J_QS, "&", NULL, NULL, "'" J_END } },
    { 'q', { "encoded parameters", J_QS, "&%61%{i}=%2f%", NULL, NULL, "'" J_END } },
    { 'o',
      { "custom headers", J_OH, ",'x-{r}':[{'key':'X-{r}','value':'1'}]", NULL, NULL, J_OH_END } },
    { 'o', { "custom headers, halves", J_OH, ",'x-{o}':[{'value':'1'}]", NULL, NULL, J_OH_END } },
    { 'o',
      { "custom header of one name", J_OH ",'x-a':[{'value':'0'}", ",{'key':'X-A','value':'1'}",
        NULL, NULL, "]" J_OH_END } },
    { 'o',
      { "custom x-edge-*", J_OH, ",'x-edge-{d}':[{'key':'X-Edge-{d}','value':'1'}]", NULL, NULL,
        J_OH_END } },
    { 'o',
      { "custom headers and headers",
        J_CONFIG("origin-request") J_REQUEST "'querystring':'','headers':{" J_HOST,
        ",'x-{r}':[{'value':'1'}]", "}," J_ORIGIN "'x-z':[{'value':'0'}]",
        ",'y-{d}':[{'value':'1'}]", J_OH_END } },
    { 'r',
      { "response headers", J_OP, ",'x-{r}':[{'key':'X-{r}','value':'1'}]", NULL, NULL,
        J_HEADERS_END } },
    { 'r',
      { "response headers, halves", J_VP, ",'x-{o}':[{'value':'1'}]", NULL, NULL, J_HEADERS_END } },
    { 'r',
      { "response x-edge-*", J_OP, ",'x-edge-{r}':[{'value':'1'}]", NULL, NULL, J_HEADERS_END } },
    { 'r',
      { "response header of one name", J_VP ",'via':[{'value':'0'}", ",{'value':'1'}", NULL, NULL,
        "]" J_HEADERS_END } },
    { 'r',
      { "vary and access-control-*", J_OP ",'vary':[{'value':'0'}", ",{'value':'x-{r}'}",
        "],'access-control-allow-origin':[{'value':'0'}", ",{'value':'1'}", "]" J_HEADERS_END } },
    { 's',
      { "set-cookies", J_OP ",'set-cookie':[{'value':'z=0'}",
        ",{'key':'Set-Cookie','value':'a{r}=1; Path=/'}", NULL, NULL, "]" J_HEADERS_END } },
    { 's',
      { "set-cookies before other headers", J_OP ",'set-cookie':[{'value':'z=0'}",
        ",{'value':'a{r}=1; Path=/'}", "],'x-mid':[{'value':'0'}]", ",'x-{r}':[{'value':'1'}]",
        J_HEADERS_END } },
    { 's',
      { "set-cookies of one name", J_VP ",'set-cookie':[{'value':'z=0'}", ",{'value':'a=1'}", NULL,
        NULL, "]" J_HEADERS_END } },
    { 's',
      { "set-cookie with many attributes", J_VP ",'set-cookie':[{'value':'z=0'},{'value':'a=1",
        "; Max-Age=1", NULL, NULL, "'}]" J_HEADERS_END } },
    { 'h', { "Functions, headers", J_FQ, ",'x-{r}':{'value':'1'}", NULL, NULL, J_FEND } },
    { 'h', { "Functions, headers, halves", J_FQ, ",'x-{o}':{'value':'1'}", NULL, NULL, J_FEND } },
    { 'h', { "Functions, x-edge-*", J_FQ, ",'x-edge-{r}':{'value':'1'}", NULL, NULL, J_FEND } },
    { 'h',
      { "Functions, header of one name", J_FQ ",'x-a':{'value':'0','multiValue':[{'value':'0'}",
        ",{'value':'1'}", NULL, NULL, "]}" J_FEND } },
    { 'h',
      { "Functions, headers, two values each", J_FQ,
        ",'x-{d}':{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}", NULL, NULL, J_FEND } },
    { 'h',
      { "Functions, values first", J_FQ,
        ",'x-{d}':{'multiValue':[{'value':'`u0031','z':1,'`u0041':2},{'value':'2'}],'value':'1'}",
        NULL, NULL, J_FEND } },
    { 'q', { "Functions, parameters", J_FS, ",'a{r}':{'value':'1'}", NULL, NULL, J_FEND } },
    { 'q',
      { "Functions, parameter of one name", J_FS ",'a':{'value':'0','multiValue':[{'value':'0'}",
        ",{'value':'1'}", NULL, NULL, "]}" J_FEND } },
    { 'q',
      { "Functions, query as text",
        J_F("viewer-request") "'headers':{},'cookies':{},'querystring':'a=1", "&a{d}=1", NULL, NULL,
        "'}}" } },
    { 'c', { "Functions, cookies", J_FC, ",'a{r}':{'value':'1'}", NULL, NULL, J_FEND } },
    { 'c',
      { "Functions, cookie of one name", J_FC ",'a':{'value':'0','multiValue':[{'value':'0'}",
        ",{'value':'1'}", NULL, NULL, "]}" J_FEND } },
    { 'r', { "Functions, response headers", J_FP, ",'x-{r}':{'value':'1'}", NULL, NULL, J_FEND } },
    { 's',
      { "Functions, set-cookies", J_FK, ",'a{r}':{'value':'1','attributes':'Path=/'}", NULL, NULL,
        J_FEND } },
    { 's',
      { "Functions, set-cookie of one name", J_FK ",'a':{'value':'0','multiValue':[{'value':'0'}",
        ",{'value':'1','attributes':'Path=/; Max-Age=1'}", NULL, NULL, "]}" J_FEND } },
    { 0,
      { "body",
        J_CONFIG("origin-request") J_REQUEST
        "'querystring':'','headers':{},'body':{'inputTruncated':false,'action':'read-only','encoding':'base64','data':'",
        "QUJD", NULL, NULL, "'}" J_END } },
    { 0,
      { "header of that name again and again", J_VQ, ",'x-a':[{'value':'1'}]", NULL, NULL,
        J_HEADERS_END } },
    { 0,
      { "unknown members of one name", J_VQ "},'zz':{'a':1", ",'a':1", NULL, NULL,
        J_HEADERS_END } },
    { 0, { "unknown members of the request", J_VQ "}", ",'z{r}':1", NULL, NULL, J_END } },
    { 0, { "unknown members of the request, equal", J_VQ "}", ",'z':1", NULL, NULL, J_END } },
    { 0,
      { "unknown members of the event", "{'a':0", ",'z{o}':1", NULL, NULL,
        ",'Records':[{'cf':{'config':{'eventType':'viewer-request'}," J_REQUEST
        "'querystring':'','headers':{}" J_END } },
    { 0,
      { "records", "{'Records':[0", ",{'cf':{'config':{'eventType':'viewer-request'}}}", NULL, NULL,
        "]}" } },
    { 0, { "broken at the end", J_VQ, ",'x-{i}':[{'value':'1'}]\n", NULL, NULL, "!" } },
    { 0,
      { "depth", J_VQ "},'zz':[0",
        ",[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", NULL,
        NULL, "]" J_END } },
    { 0,
      { "depth of objects", J_VQ "},'zz':[0", ",{'a':{'a':{'a':{'b':1,'a':{'a':{'a':{'b':1}}}}}}}",
        NULL, NULL, "]" J_END } },
    { 0, { "too deep", "", "[", NULL, NULL, "" } },
    { 0, { "too deep, objects", "", "{'a':", NULL, NULL, "" } },
    { 0,
      { "methods", J_CONFIG("viewer-request") "'request':{'clientIp':'192.0.2.1'",
        ",'method':'GET'", NULL, NULL, J_END } },
    { 0,
      { "TLS versions",
        J_CONFIG("origin-request") J_REQUEST
        "'querystring':'','headers':{},'origin':{'custom':{'domainName':'o.example','keepaliveTimeout':5,'path':'','port':443,'protocol':'https','readTimeout':30,'customHeaders':{},'sslProtocols':['TLSv1.2'",
        ",'TLSv1.2'", NULL, NULL, "]}}" J_END } },
};

typedef struct event_job {
    const event_shape *shape;
    unsigned edit, after;
} event_job;

static edgefn_fields *filled(edgefn_event *ev, char list)
{
    switch (list) {
    case 'h': return &ev->request.headers;
    case 'r': return &ev->response.headers;
    case 'o': return &ev->request.origin.headers;
    case 'q': return edgefn_query(ev);
    case 'c': return edgefn_cookies(ev);
    default: return edgefn_response_cookies(ev);
    }
}

static edgefn_event *opened(const event_shape *e, edgefn_str json, size_t room)
{
    edgefn_event *ev = (edgefn_event *)pool_take(sizeof *ev);
    if (edgefn_parse(ev, json, arena_for(json.len + room), &with_env) != EDGEFN_OK) {
        char line[300];
        printf("%s: %.*s\n", e->s.name, (int)edgefn_describe(ev, line, sizeof line), line);
        exit(2); /* an invalid shape would test nothing */
    }
    return ev;
}

static void run_parse(const void *data, size_t n)
{
    const event_job *job = (const event_job *)data;
    edgefn_str json = make(&job->shape->s, n, true);
    edgefn_event *ev = (edgefn_event *)pool_take(sizeof *ev);
    COST(edgefn_parse, ev, json, arena_for(json.len), &with_env);
    COST(edgefn_describe, ev, (char *)pool_take(1000), 1000);
    COST(edgefn_locate, json, ev->err.code == EDGEFN_OK ? json.len : ev->err.pos);
}

static bool every_other(const edgefn_field *field, void *user)
{
    (void)field;
    return (*(size_t *)user)++ % 2 == 0;
}

static void run_reads(const void *data, size_t n)
{
    const event_job *job = (const event_job *)data;
    char list = job->shape->list;
    edgefn_event *ev = opened(job->shape, make(&job->shape->s, n, true), 0);
    edgefn_str variants[] = { S("one"), S("two") };
    COST(edgefn_ua_of, ev);
    COST(edgefn_viewer_of, ev);
    COST(edgefn_client_ip, ev, &(edgefn_client_ip_opts){ .trusted_hops = UINT32_MAX });
    COST(edgefn_url, ev);
    COST(edgefn_path_and_query, ev);
    if (list == 'q') COST(edgefn_query, ev);
    if (list == 'c') COST(edgefn_cookies, ev);
    if (list == 's') COST(edgefn_response_cookies, ev);
    COST(edgefn_query_text, ev);
    edgefn_fields *f = filled(ev, list);
    if (f->len == 0) return; /* names without values */
    edgefn_str last = f->items[f->len - 1].name;
    COST(edgefn_find, f, S("x-none"), 0);
    COST(edgefn_get, f, last);
    COST(edgefn_has, f, last);
    COST(edgefn_count, f, last);
    LOOP_OF(edgefn_find)
    for (size_t i = edgefn_find(f, last, 0); i < f->len; i = edgefn_find(f, last, i + 1)) {
    }
    COST(edgefn_fields_changed, f);
    if (ev->type == EDGEFN_VIEWER_REQUEST || ev->type == EDGEFN_VIEWER_RESPONSE)
        COST(edgefn_choose_sticky, ev, last, variants, NULL, 2, NULL);
    COST(edgefn_sanitize, ev, NULL, 0);
    COST(edgefn_check, ev, EDGEFN_ABSENT, NULL, 0);
    COST(edgefn_finish, ev, NULL);
}

enum {
    E_SET_ALL,
    E_REMOVE_IF,
    E_KEEP_ONLY,
    E_SORT,
    E_REMOVE_PREFIX,
    E_ADD,
    E_REMOVE,
    E_REMOVE_AT,
    E_NORMALIZE,
    E_RESPOND,
    E_ORIGIN,
    E_COUNT
};

static bool edit(edgefn_event *ev, const event_job *job)
{
    static const edgefn_str names[] = { EDGEFN_S_INIT("host"), EDGEFN_S_INIT("x-000001"),
                                        EDGEFN_S_INIT("a000001"), EDGEFN_S_INIT("x-edge-000001") };
    static const edgefn_str origins[] = { EDGEFN_S_INIT("https://app.example.com") };
    edgefn_fields *f = filled(ev, job->shape->list);
    edgefn_str last = f->items[f->len - 1].name;
    size_t turn = 0;
    bool request = edgefn_is_request(ev), lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA;
    switch (job->edit) {
    case E_SET_ALL:
        LOOP_OF(edgefn_set_at) for (size_t i = 1; i < f->len; i++) edgefn_set_at(f, i, S("2"));
        return true;
    case E_REMOVE_IF: COST(edgefn_remove_if, f, every_other, &turn); return true;
    case E_KEEP_ONLY: COST(edgefn_keep_only, f, names, COUNT(names)); return true;
    case E_SORT: COST(edgefn_sort, f); return true;
    case E_REMOVE_PREFIX:
        COST(edgefn_remove_prefix, f, S("x-"));
        COST(edgefn_remove_prefix, f, S("a"));
        return true;
    case E_ADD:
        COST(edgefn_add, f, last, S("2"));
        COST(edgefn_add, f, S("x-new"), S("2"));
        COST(edgefn_set, f, S("x-other"), S("2"));
        if (!request) {
            COST(edgefn_header_security, ev, NULL);
            COST(edgefn_header_vary, ev, S("Accept"));
            COST(edgefn_header_cache, ev, &(edgefn_cache_opts){ .max_age_s = 60 });
            COST(edgefn_header_cors, ev,
                 &(edgefn_cors_opts){ .origins = origins, .origin_count = 1 });
            COST(edgefn_cookie_set, ev, S("a000003"), S("2"), NULL);
            COST(edgefn_cookie_expire, ev, S("a000004"), NULL);
            if (job->shape->list == 's') COST(edgefn_set_attributes_at, f, f->len - 1, S("Path=/"));
        }
        return true;
    case E_REMOVE:
        COST(edgefn_set, f, last, S("2"));
        COST(edgefn_remove, f, last);
        COST(edgefn_add, f, last, S("1"));
        if (request) COST(edgefn_header_trusted, ev, S("x-user"), S("1"));
        return true;
    case E_REMOVE_AT: COST(edgefn_remove_at, f, 1); return true;
    case E_NORMALIZE:
        if (!request) return false;
        COST(edgefn_query_normalize, ev, &(edgefn_query_opts){ .lower_case_names = true });
        if (job->shape->list != 'q') return true;
        COST(edgefn_query_set_raw, ev, copy_of(edgefn_query_text(ev)));
        return true;
    case E_RESPOND:
        if (!request && lambda && ev->type == EDGEFN_VIEWER_RESPONSE) return false;
        COST(edgefn_redirect, ev, &(edgefn_redirect_opts){ .host = S("www.example.com") });
        COST(edgefn_error_page, ev, 404);
        COST(edgefn_body_drop, ev);
        return true;
    default:
        if (ev->type != EDGEFN_ORIGIN_REQUEST) return false;
        COST(edgefn_origin_custom, ev, &(edgefn_origin_opts){ .domain = S("other.example") });
        COST(edgefn_origin_s3, ev, &(edgefn_origin_opts){ .domain = S("b.s3.amazonaws.com") });
        COST(edgefn_sign_v4, ev, &sign);
        return true;
    }
}

static void run_edits(const void *data, size_t n)
{
    static edgefn_finding found[1 << 16];
    static edgefn_str spans[1 << 16];
    const event_job *job = (const event_job *)data;
    edgefn_event *ev = opened(job->shape, make(&job->shape->s, n, true), 0);
    static const edgefn_write_opts all = { .skip_check = true };
    if (!edit(ev, job)) return;
    if (job->after == 1) {
        COST(edgefn_sanitize, ev, found, COUNT(found));
        COST(edgefn_finish, ev, NULL);
        return;
    }
    COST(edgefn_check, ev, EDGEFN_ABSENT, found, COUNT(found));
    COST(edgefn_outcome_of, ev, NULL);
    LOOP_OF(edgefn_changed)
    for (int m = 0; m < EDGEFN_MEMBER_COUNT; m++)
        edgefn_changed(ev, (edgefn_member)m);
    COST(edgefn_fields_changed, filled(ev, job->shape->list));
    if (ev->err.code == EDGEFN_E_CHECK) { /* write it in spite of the findings */
        ev = opened(job->shape, make(&job->shape->s, n, true), 0);
        edit(ev, job);
    }
    char *buf = (char *)pool_take(8 * ev->_json.len);
    COST(edgefn_write_spans, ev, spans, COUNT(spans), &all);
    COST(edgefn_write, ev, buf, 8 * ev->_json.len, &all);
    COST(edgefn_finish, ev, &all);
}

/* The results: the received one; the received one with changed values; the received fields, for
   an event that received none; and no fields, for an event that received some. */
enum { R_SAME, R_CHANGED, R_ADDED, R_REMOVED, R_COUNT };

static void run_checks(const void *data, size_t n)
{
    static edgefn_finding found[1 << 17];
    const event_job *job = (const event_job *)data;
    edgefn_str full = make(&job->shape->s, n, true), bare = make(&job->shape->s, 0, true);
    edgefn_event *ev = opened(job->shape, full, full.len),
                 *other = opened(job->shape, bare, 2 * full.len);
    edgefn_str result = copy_of(edgefn_passthrough(job->edit == R_REMOVED ? other : ev));
    if (job->edit == R_CHANGED)
        for (size_t i = 1; i + 1 < result.len; i++)
            if (result.ptr[i] == '1' && !(result.ptr[i - 1] >= '0' && result.ptr[i - 1] <= '9')
                && result.ptr[i + 1] == '"')
                ((char *)(uintptr_t)result.ptr)[i] = '2';
    if (job->edit == R_ADDED) ev = other;
    COST(edgefn_check, ev, result, found, COUNT(found));
}

TEST(events_parsed)
{
    for (size_t i = 0; i < COUNT(event_shapes); i++) {
        event_job job = { &event_shapes[i], 0, 0 };
        measure(job.shape->s.name, run_parse, &job, 16384, deepest(3), 0);
    }
}

TEST(events_read)
{
    for (size_t i = 0; i < COUNT(event_shapes); i++) {
        event_job job = { &event_shapes[i], 0, 0 };
        if (job.shape->list) measure(job.shape->s.name, run_reads, &job, 16384, deepest(2), 0);
    }
}

TEST(events_edited)
{
    static const char *const edits[] = { "set each",       "remove_if",     "keep_only",
                                         "sort",           "remove_prefix", "add",
                                         "remove and add", "remove_at",     "normalize",
                                         "answer",         "origin" };
    char what[200];
    for (size_t i = 0; i < COUNT(event_shapes); i++) {
        event_job job = { &event_shapes[i], 0, 0 };
        if (!job.shape->list) continue;
        for (job.edit = 0; job.edit < E_COUNT; job.edit++) {
            for (job.after = 0; job.after < 2; job.after++) {
                snprintf(what, sizeof what, "%s, %s%s", job.shape->s.name, edits[job.edit],
                         job.after ? ", sanitized" : "");
                measure(what, run_edits, &job, 16384, deepest(2), 0);
            }
        }
    }
}

TEST(results_checked)
{
    static const char *const results[] = { "the same", "changed", "added", "removed" };
    char what[200];
    for (size_t i = 0; i < COUNT(event_shapes); i++) {
        event_job job = { &event_shapes[i], 0, 0 };
        if (!job.shape->list) continue;
        for (job.edit = 0; job.edit < R_COUNT; job.edit++) {
            snprintf(what, sizeof what, "result: %s, %s", job.shape->s.name, results[job.edit]);
            measure(what, run_checks, &job, 16384, deepest(3), 0);
        }
    }
}

/*--- is every function measured? --------------------------------------------------------------------------------------*/

/* Functions that read nothing sent by a viewer, or at most a fixed number of bytes of it. If a
   row measures one of them, its steps must not grow. */
static const struct {
    const char *function, *why;
} not_measured[] = {
    { "edgefn_version", "static text" },
    { "edgefn_error_name", "static text" },
    { "edgefn_error_text", "static text" },
    { "edgefn_event_type_name", "static text" },
    { "edgefn_member_name", "static text" },
    { "edgefn_status_text", "static text" },
    { "edgefn_device_name", "static text" },
    { "edgefn_rules", "a static table" },
    { "edgefn_failed_result", "static text" },
    { "edgefn_arena_make", "reads no byte of the block" },
    { "edgefn_memory_bound", "arithmetic" },
    { "edgefn_memory_event", "arithmetic" },
    { "edgefn_alloc", "arithmetic; the memory is not cleared" },
    { "edgefn_str_skip", "arithmetic; reads no byte" },
    { "edgefn_str_take", "arithmetic; reads no byte" },
    { "edgefn_str_from_u64", "at most 20 digits" },
    { "edgefn_text_put_u64", "at most 20 digits" },
    { "edgefn_text_put_i64", "a sign and at most 19 digits" },
    { "edgefn_build_begin", "nothing sent by the viewer is known yet" },
    { "edgefn_is_request", "compares two numbers" },
    { "edgefn_is_get_or_head", "compares with two names of fixed length" },
    { "edgefn_is_last_request", "compares two numbers" },
    { "edgefn_passthrough", "a view; reads no byte" },
    { "edgefn_fail", "stores a view; reads no byte" },
    { "edgefn_draw", "the host's number" },
    { "edgefn_random", "the host's 16 bytes" },
    { "edgefn_log", "the host's log" },
    { "edgefn_answer_with", "edgefn_parse(), the handler and edgefn_finish(), which are measured" },
    { "edgefn_now", "the host's clock" },
    { "edgefn_date_text", "29 bytes" },
    { "edgefn_ip_text", "at most 39 bytes" },
    { "edgefn_choose", "the handler's weights" },
    { "edgefn_secret", "the host's table: the host looks up" },
    { "edgefn_lookup", "the host's table: the host looks up" },
    { "edgefn_handler", "the handler's" },
    { "edgefn_date_parse", "refuses texts longer than a date" },
    { "edgefn_text_end", "releases memory; reads no byte" },
    { "edgefn_header_policy", "compares with a few names of fixed length" },
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The name that begins with edgefn_ and ends at the parenthesis. */
static edgefn_str declared(const char *text, const char *bracket)
{
    const char *begin = bracket;
    while (begin > text && is_word(begin[-1]))
        begin--;
    return (edgefn_str){ begin, (size_t)(bracket - begin) };
}

/* Runs last: it needs the measurements of the tests above. */
TEST(zz_every_function)
{
    edgefn_str header = slurp("edgefn.h");
    size_t found = 0;
    if (seen_len == 0) return; /* run by name, without the other tests */
    char *text = (char *)test_own(malloc(header.len + 1)), name[100];
    memcpy(text, header.ptr, header.len);
    text[header.len] = 0;
    char *end = strstr(text, "#endif /* EDGEFN_H_INCLUDED */");
    if (!CHECK(end)) return;
    *end = 0;
    for (const char *at = strstr(text, "\nEDGEFN_API "); at; at = strstr(at + 1, "\nEDGEFN_API ")) {
        edgefn_str function = declared(text, strchr(at, '('));
        snprintf(name, sizeof name, "%.*s", EDGEFN_FMT(function));
        ROW("%s", name);
        bool counted = false, grew = false, named = false;
        for (size_t i = 0; i < seen_len; i++)
            if (strcmp(seen[i].function, name) == 0) counted = true, grew = seen[i].grew;
        for (size_t i = 0; i < COUNT(not_measured); i++)
            named |= strcmp(not_measured[i].function, name) == 0;
        CHECK(named || counted);
        /* a row whose steps do not grow measures nothing; those of a function listed above
           must not grow */
        CHECK(named != grew);
        found++;
    }
    CHECK(found > 100);
}
