/* test.h - shared by every tests/test_*.c. Each topic is a program of its own, started in the
   top directory:

       #define EDGEFN_IMPLEMENTATION
       #include "../edgefn.h"
       #include "test.h"

       TEST(trim)                                  // counts as one, unless it has rows
       {
           CHECK_STR(edgefn_str_trim(EDGEFN_S(" a ")), "a");
           for (size_t i = 0; i < COUNT(rows); i++) {
               ROW("%zu: %s", i, rows[i].text);    // each row counts as one
               if (!CHECK(rows[i].n == 3)) continue;
           }
       }

   A suite that uses no internal names (edgefn__x) is linked with one compiled implementation;
   see the Makefile. A random test takes its seed from test_seed() and its number of rounds from
   test_rounds(): a few rounds with a fixed seed in `make test`, many with a new seed in
   `make test-deep`:

       uint64_t state = test_seed();
       for (size_t i = 0; i < test_rounds(2000); i++) ...

   There is no main() to write: TEST registers itself. build/tests/gcc/test_x NAME... runs only
   those tests; with TEST_STOP=1 a program ends at its first failure. Compile with -D_DEFAULT_SOURCE (mmap, glob). Memory of slurp() and arena_new() is
   freed when the test ends.

   The fuzz targets include suites for their slow models: with TEST_NO_MAIN the tests themselves
   are dropped. */
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define TEST_UNUSED  __attribute__((unused))
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct {
    const char *topic;
    void (*run)(void);
} test_list[400];
static size_t test_count, test_rows, test_passed, test_failed;
static bool test_bad;
static const char *test_name = "";
static char test_row[512];
static void **test_owned; /* freed when the test ends */
static size_t test_owned_len, test_owned_cap;

TEST_UNUSED static void test_add(const char *topic, void (*run)(void))
{
    if (test_count == COUNT(test_list)) abort();
    test_list[test_count].topic = topic;
    test_list[test_count++].run = run;
}

#ifdef TEST_NO_MAIN
#  define TEST_CONSTRUCTOR
#else
#  define TEST_CONSTRUCTOR __attribute__((constructor))
#endif
#define TEST(topic)                                                                                \
  static void t_##topic(void);                                                                     \
  TEST_CONSTRUCTOR TEST_UNUSED static void t_add_##topic(void)                                     \
  {                                                                                                \
    test_add(#topic, t_##topic);                                                                   \
  }                                                                                                \
  static void t_##topic(void)

/* Checks return whether they passed, so that a test can return early. */
#define CHECK(c) test_check((c), __FILE__, __LINE__, #c)
#define CHECK_NUM(a, b)                                                                            \
  test_check_num((unsigned long long)(a), (unsigned long long)(b), __FILE__, __LINE__, #a)
#define CHECK_STR(a, b)                                                                            \
  test_check_str((a), TEST_STR(b), __FILE__, __LINE__,                                             \
                 #a) /* b: edgefn_str, "literal", NULL (absent) */
#define CHECK_ERR(ev, c, at)                                                                       \
  test_check_err((ev), (c), (at), __FILE__, __LINE__) /* edgefn_event *, code, offset */
#define TEST_STR(b) (__extension__ _Generic((b), edgefn_str : test_same, default : test_cstr)(b))

/* True in `make test-deep`, which also runs rows that take long. */
TEST_UNUSED static bool test_deep(void)
{
    const char *deep = getenv("DEEP");
    return deep && strcmp(deep, "1") == 0;
}

static uint64_t test_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

/* The seed of random tests: 1 in `make test`, SEED in `make test-deep`. */
TEST_UNUSED static uint64_t test_seed(void)
{
    return test_deep() ? test_number("SEED", 1) : 1;
}

/* for (size_t i = 0; i < test_rounds(n); i++): n rounds in `make test`; in `make test-deep` at
   least n, and more until SECS seconds (default 60) have passed since the first call in this
   TEST. Returns SIZE_MAX until then, afterwards n. */
static time_t test_rounds_until; /* 0: not yet called in this TEST */
TEST_UNUSED static size_t test_rounds(size_t n)
{
    if (!test_deep()) return n;
    if (test_rounds_until == 0) test_rounds_until = time(NULL) + (time_t)test_number("SECS", 60);
    return time(NULL) < test_rounds_until ? SIZE_MAX : n;
}

/* SKIP("why") prints a line, which the runner counts as a failure if CI=true. Return after it. */
#define SKIP(why) printf("SKIP %s: %s\n", test_name, why)

TEST_UNUSED static edgefn_str test_same(edgefn_str s)
{
    return s;
}
TEST_UNUSED static edgefn_str test_cstr(const char *z)
{
    edgefn_str s = { z, z ? strlen(z) : 0 };
    return s;
}

static void test_complain(const char *file, int line, const char *what)
{
    printf("%s:%d: %s: %s%s%s\n", file, line, test_name, what, test_row[0] ? "\n    row: " : "",
           test_row);
    test_bad = true;
    if (getenv("TEST_STOP")) exit(1); /* tests/mutate.py needs to know only that a test fails */
}

TEST_UNUSED static bool test_check(bool held, const char *file, int line, const char *text)
{
    if (!held) test_complain(file, line, text);
    return held;
}

TEST_UNUSED static bool test_check_num(unsigned long long a, unsigned long long b, const char *file,
                                       int line, const char *text)
{
    if (a == b) return true;
    test_complain(file, line, text);
    printf("    is %llu (0x%llx), must be %llu (0x%llx)\n", a, a, b, b);
    return false;
}

/* What EDGEFN_CONST_HEADER() makes of literals. room: TEST_CONST_ROOM(name, value) bytes. */
#define TEST_CONST_ROOM(name, value) (3 * (name).len + 2 * (value).len + 60)
TEST_UNUSED static char *test_put(char *to, edgefn_str s)
{
    if (s.len != 0) memcpy(to, s.ptr, s.len);
    return to + s.len;
}
TEST_UNUSED static edgefn_const_header test_const(char *room, edgefn_str name, edgefn_str value)
{
    edgefn_const_header c = { room, NULL, name.len, value.len };
    room = test_put(test_put(room, EDGEFN_S("\"")), name);
    room = test_put(test_put(room, EDGEFN_S("\":[{\"key\":\"")), name);
    room = test_put(test_put(room, EDGEFN_S("\",\"value\":\"")), value);
    room = test_put(room, EDGEFN_S("\"}]"));
    c._functions = room;
    room = test_put(test_put(room, EDGEFN_S("\"")), name);
    room = test_put(test_put(room, EDGEFN_S("\":{\"value\":\"")), value);
    test_put(room, EDGEFN_S("\"}"));
    return c;
}

static void test_show(const char *label, edgefn_str s)
{
    printf(s.ptr ? "    %s \"" : "    %s absent", label);
    for (size_t i = 0; i < s.len && i < 6000; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < 0x20 || c > 0x7e || c == '\\')
            printf("\\x%02x", c);
        else
            putchar(c);
    }
    printf(s.ptr ? "\" (%zu bytes)\n" : "\n", s.len);
}

TEST_UNUSED static bool test_check_str(edgefn_str a, edgefn_str b, const char *file, int line,
                                       const char *text)
{
    if (a.len == b.len && !a.ptr == !b.ptr && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0))
        return true;
    test_complain(file, line, text);
    test_show("is     ", a);
    test_show("must be", b);
    return false;
}

TEST_UNUSED static bool test_check_err(const edgefn_event *ev, edgefn_error code, size_t pos,
                                       const char *file, int line)
{
    if (ev->err.code == code && ev->err.pos == pos) return true;
    test_complain(file, line, "error");
    printf("    is      %s at %zd in %s\n", edgefn_error_name(ev->err.code), (ssize_t)ev->err.pos,
           ev->err.where ? ev->err.where : "NULL");
    printf("    must be %s at %zd\n", edgefn_error_name(code), (ssize_t)pos);
    return false;
}

TEST_UNUSED static void test_close_row(void)
{
    *(test_bad ? &test_failed : &test_passed) += 1;
    test_bad = false;
    test_row[0] = 0;
}

/* Begins the next row of a table: failures from here on are printed with this text. */
__attribute__((unused, format(printf, 1, 2))) static void ROW(const char *format, ...)
{
    va_list args;
    if (test_rows++) test_close_row();
    va_start(args, format);
    vsnprintf(test_row, sizeof test_row, format, args);
    va_end(args);
}

static void *test_own(void *p)
{
    if (test_owned_len == test_owned_cap)
        test_owned = (void **)realloc(test_owned, (test_owned_cap = test_owned_cap * 2 + 64)
                                                      * sizeof *test_owned);
    if (!p || !test_owned) abort();
    return test_owned[test_owned_len++] = p;
}

/* Returns a block of exactly this size, filled with 0xA5, so that the sanitizer reports every
   access outside it. */
TEST_UNUSED static edgefn_arena arena_new(size_t size)
{
    void *p = test_own(malloc(size ? size : 1));
    memset(p, 0xA5, size ? size : 1);
    return edgefn_arena_make(p, size);
}

/* Frees the last arena, for loops that would otherwise hold thousands of them. */
TEST_UNUSED static void arena_drop(void)
{
    free(test_owned[--test_owned_len]);
}

/* Reads a whole file into a block of exactly its size. Ends the program if the file cannot be
   read. */
TEST_UNUSED static edgefn_str slurp(const char *path)
{
    FILE *f = fopen(path, "rb");
    edgefn_str s = { NULL, 0 };
    long n = -1;
    if (f && fseek(f, 0, SEEK_END) == 0) n = ftell(f);
    if (n < 0) {
        perror(path);
        exit(2);
    }
    char *p = (char *)test_own(malloc(n ? (size_t)n : 1));
    rewind(f);
    s.len = fread(p, 1, (size_t)n, f), s.ptr = p;
    fclose(f);
    if (s.len != (size_t)n) {
        perror(path);
        exit(2);
    }
    return s;
}

/* The sample events, sorted, NULL at the end: for (const char *const *p = event_files(); *p; p++) ... */
TEST_UNUSED static const char *const *event_files(void)
{
    static glob_t g;
    if (g.gl_pathc == 0 && glob("examples/events/*.json", 0, NULL, &g) != 0) {
        printf("no examples/events/*.json: run this in the top directory\n");
        exit(2);
    }
    return (const char *const *)g.gl_pathv;
}

/* Copies the data next to an unreadable page: after the last byte (end), or before the first.
   The copy is valid until the next call for the same side. */
static edgefn_str test_guard(const void *data, size_t len, bool end)
{
    static char *base[2];
    static size_t room[2];
    size_t page = (size_t)sysconf(_SC_PAGESIZE), need = (len / page + 2) * page;
    if (need > room[end]) {
        if (base[end]) munmap(base[end] - page, room[end] + 2 * page);
        room[end] = need * 2;
        char *p = (char *)mmap(NULL, room[end] + 2 * page, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == (char *)MAP_FAILED || mprotect(p, page, PROT_NONE)
            || mprotect(p + page + room[end], page, PROT_NONE))
            abort();
        base[end] = p + page;
    }
    edgefn_str s = { end ? base[end] + room[end] - len : base[end], len };
    if (len) memcpy((char *)s.ptr, data, len);
    return s;
}
TEST_UNUSED static edgefn_str guard_copy(const void *data, size_t len)
{
    return test_guard(data, len, true);
}
TEST_UNUSED static edgefn_str guard_copy_front(const void *data, size_t len)
{
    return test_guard(data, len, false);
}

/* Frees what slurp(), arena_new() and js() have allocated. */
TEST_UNUSED static void test_free(void)
{
    while (test_owned_len)
        free(test_owned[--test_owned_len]);
}

#ifndef TEST_NO_MAIN
/* Prints the test and row in which a sanitizer ended the program. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));
static void test_died(void)
{
    printf("died in %s%s%s\n", test_name, test_row[0] ? ", row: " : "", test_row);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *program = strrchr(argv[0], '/');
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(test_died);
    for (size_t k = 0; k < test_count; k++) {
        /* constructors of a file run in order, on Windows backwards; some tests add up what others did */
#  ifdef _WIN32
        size_t i = test_count - 1 - k;
#  else
        size_t i = k;
#  endif
        bool wanted = argc < 2;
        for (int a = 1; a < argc; a++)
            wanted |= strcmp(argv[a], test_list[i].topic) == 0;
        if (!wanted) continue;
        test_name = test_list[i].topic, test_rows = 0, test_rounds_until = 0;
        test_list[i].run();
        test_close_row();
        test_free();
    }
    free(test_owned), test_owned = NULL;
    printf("%s: %zu passed, %zu failed\n", program ? program + 1 : argv[0], test_passed,
           test_failed);
    return test_failed != 0 || test_passed == 0;
}
#endif
