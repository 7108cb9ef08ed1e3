/* handler_cost.c - checks that a handler of your own takes linear time. Part of make fuzz HANDLER=my.c.

       build/fuzz/own/my/cost EVENT.json...

   Each event is enlarged, up to CloudFront's limits: more headers, cookies or query parameters, with
   different names or the same name, or longer ones. The handler and the library are compiled with
   -fsanitize-coverage=trace-pc, which calls the counter below at every basic block: the number of
   steps is the same on every machine. An event four times as large must not take more than 5.5 times
   the steps. */
#include "edgefn.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t steps;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

enum { HEADERS, COOKIES, QUERY, PATH, PLACES };
enum { OTHER_NAMES, SAME_NAME, LONG_VALUE, SHAPES };

static const struct {
    const char *name;
    size_t most; /* CloudFront's limit in bytes */
} places[] = {
    { "headers", 20000 },
    { "cookies", 20000 },
    { "query parameters", 8000 },
    { "path segments", 8000 },
};

static const char *const shapes[] = { "of other names", "of one name", "as one long value" };

/* Adds parts like " x12=a" up to `size` bytes. */
static void pieces(char *text, size_t size, int shape, const char *format, const char *separator)
{
    size_t len = 0;

    text[0] = '\0';
    for (int i = 0; len + 40 < size; i++)
        len +=
            (size_t)sprintf(text + len, format, len ? separator : "", shape == SAME_NAME ? 0 : i);
}

static void fill(char *text, size_t size)
{
    memset(text, 'a', size);
    text[size] = '\0';
}

static void grow_headers(edgefn_event *ev, char *text, size_t size, int shape)
{
    if (shape == LONG_VALUE) {
        fill(text, size);
        edgefn_add(&ev->request.headers, EDGEFN_S("x-long"), edgefn_cstr(text));
        return;
    }
    for (size_t at = 0, i = 0; at + 40 < size; i++) {
        size_t len = (size_t)sprintf(text + at, "x-%zu", shape == SAME_NAME ? (size_t)0 : i);
        edgefn_add(&ev->request.headers, (edgefn_str){ text + at, len }, EDGEFN_S("some value"));
        at += len + 1 + sizeof "some value";
    }
}

static void grow_text(edgefn_event *ev, int place, char *text, size_t size, int shape)
{
    if (shape == LONG_VALUE)
        fill(text, size);
    else if (place == COOKIES)
        pieces(text, size, shape, "%sc%d=v", "; ");
    else if (place == QUERY)
        pieces(text, size, shape, "%sq%d=v", "&");
    else
        pieces(text, size, shape, "/%sp%d", "");
    if (place == PATH && shape == LONG_VALUE) text[0] = '/';
    if (place == COOKIES) edgefn_set(&ev->request.headers, EDGEFN_S("cookie"), edgefn_cstr(text));
    if (place == QUERY) ev->request.querystring = edgefn_cstr(text);
    if (place == PATH) ev->request.uri = edgefn_cstr(text);
}

static void copy_list(edgefn_fields *to, const edgefn_fields *from)
{
    for (size_t i = 0; i < from->len; i++)
        edgefn_add(to, from->items[i].name, from->items[i].value);
}

static edgefn_str look_up(void *user, edgefn_str table, edgefn_str key)
{
    (void)user, (void)table, (void)key;
    return EDGEFN_S("fuzz");
}

/* Returns: the steps of the handler for an enlarged event. */
static uint64_t steps_of(const edgefn_event *seed, int place, int shape, size_t size)
{
    enum { MEMORY = 16 << 20 };
    static char text[65536];
    void *memory = malloc(MEMORY);
    edgefn_env env = { .now_s = 1767863704,
                       .random = 1u << 31,
                       .has_random = true,
                       .has_random_bytes = true,
                       .lookup = look_up };
    edgefn_parse_opts with_env = { .env = &env };
    edgefn_event ev;

    if (memory == NULL) exit(2);
    edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, seed->type, edgefn_arena_make(memory, MEMORY),
                       &with_env);
    ev.request.method = seed->request.method;
    ev.request.uri = seed->request.uri;
    ev.request.querystring = seed->request.querystring;
    ev.request.client_ip = seed->request.client_ip;
    copy_list(&ev.request.headers, &seed->request.headers);
    ev.response.status = seed->response.status;
    copy_list(&ev.response.headers, &seed->response.headers);
    if (place == HEADERS)
        grow_headers(&ev, text, size, shape);
    else
        grow_text(&ev, place, text, size, shape);
    uint64_t from = steps;
    if (edgefn_build_end(&ev)) {
        from = steps;
        if (!edgefn_handler(&ev)) edgefn_fail(&ev, EDGEFN_E_HANDLER, EDGEFN_ABSENT);
    }
    uint64_t taken = steps - from;
    free(memory);
    return taken;
}

/* Returns: true if the handler takes linear time for the event when it is enlarged in one way. */
static bool is_linear(const char *file, const edgefn_event *seed, int place, int shape)
{
    enum { SLACK = 2000 };
    size_t most = places[place].most;
    uint64_t few = steps_of(seed, place, shape, most / 4);
    uint64_t many = steps_of(seed, place, shape, most);

    if ((double)many <= 5.5 * (double)(few + SLACK)) return true;
    printf("violated: more than linear time: %zu bytes of %s %s take %llu steps, %zu bytes %llu: "
           "%.1f times as many\n    event: %s\n",
           most / 4, places[place].name, shapes[shape], (unsigned long long)few, most,
           (unsigned long long)many, (double)many / (double)few, file);
    return false;
}

static bool try_event(const char *file)
{
    static char json[1 << 20];
    enum { MEMORY = 32 << 20 };
    FILE *f = fopen(file, "rb");
    void *memory = malloc(MEMORY);
    edgefn_event seed;
    bool good = true;

    if (f == NULL || memory == NULL) {
        perror(file);
        exit(2);
    }
    edgefn_str text = { json, fread(json, 1, sizeof json, f) };
    fclose(f);
    if (edgefn_parse(&seed, text, edgefn_arena_make(memory, MEMORY), NULL) == EDGEFN_OK
        && seed.dialect == EDGEFN_DIALECT_LAMBDA) {
        for (int place = 0; place < PLACES; place++)
            for (int shape = 0; shape < SHAPES; shape++)
                good = is_linear(file, &seed, place, shape) && good;
    }
    free(memory);
    return good;
}

int main(int argc, char **argv)
{
    bool good = true;

    for (int i = 1; i < argc && good; i++)
        good = try_event(argv[i]);
    return good ? 0 : 1;
}
