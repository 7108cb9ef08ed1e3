/* fuzz_path.c - paths: the guards, compared with models of servers (tests/test_guards.c), and normalising.

   The input: a byte for the model, a pattern up to a NUL, then a path.

   Properties:
     - a path that a model of a server turns into one that the pattern matches is guarded
     - a normalised path has no dot segments, doubled slashes and backslashes; normalising again changes nothing; it matches the
       patterns that the received path matches
     - a plain path means the same after decoding; encoding and decoding return the same bytes
     - segments and pieces of a path and URL are parts of it, in their order */
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "../tests/test_guards.c"
#include "fuzz.h"

enum { LONGEST = 200 };

static void guarded(edgefn_str path, edgefn_str pattern, const char *steps)
{
    char reading[LONGEST + 1], p[LONGEST + 1];
    memcpy(reading, path.ptr, path.len), memcpy(p, pattern.ptr, pattern.len);
    reading[path.len] = p[pattern.len] = '\0';
    if (strlen(reading) != path.len || strlen(p) != pattern.len) return;
    model(reading, steps);
    /* '?' is a character, and for the slow matching also any byte of one */
    for (const char *c = reading; strchr(p, '?') && *c; c++)
        if (*c & 0x80) return;
    bool slash = p[0] != '/' && reading[0] == '/';
    if (!slow(reading + slash, p) || edgefn_uri_guards(path, pattern)) return;
    fprintf(stderr, "  %.*s by \"%s\" is %s: %s\n", EDGEFN_FMT(path), steps, reading, p);
    HOLDS(!"the path is guarded");
}

static void normal(edgefn_event *ev, edgefn_str path, edgefn_str pattern)
{
    ev->request.uri = path;
    HOLDS_FOR(ev, edgefn_uri_normalize(ev));
    edgefn_str once = ev->request.uri, end = edgefn_str_skip(once, once.len > 3 ? once.len - 3 : 0);
    HOLDS_FOR(ev, edgefn_uri_normalize(ev) && ev->request.uri.ptr == once.ptr
                      && ev->request.uri.len == once.len);
    HOLDS(once.ptr[0] == '/' && !edgefn_str_contains(once, S("//"))
          && !edgefn_str_contains(once, S("\\")) && !edgefn_str_contains(once, S("/./"))
          && !edgefn_str_contains(once, S("/../")));
    HOLDS(!edgefn_str_ends(end, S("/.")) && !edgefn_str_ends(end, S("/..")));
    HOLDS(edgefn_uri_match(once, pattern) == edgefn_uri_match(path, pattern));
    if (edgefn_uri_match(once, pattern)) HOLDS(edgefn_uri_guards(path, pattern));
    if (!edgefn_uri_plain(path)) return;
    edgefn_str a = edgefn_percent_decode(ev, path, false),
               b = edgefn_percent_decode(ev, once, false);
    HOLDS(edgefn_uri_plain(once) && edgefn_str_eq(a, b));
}

static void pieces(edgefn_event *ev, edgefn_str path)
{
    const char *last = path.ptr, *end = path.ptr + path.len;
    for (size_t i = 0; i < 20; i++) {
        edgefn_str s = edgefn_path_segment(path, i);
        if (s.ptr == NULL) break;
        HOLDS(s.ptr >= last && s.ptr + s.len <= end && !edgefn_str_contains(s, S("/")));
        last = s.ptr + s.len;
    }
    edgefn_url_parts url = edgefn_url_split(path);
    fuzz_sum sum = { 0 };
    fuzz_str(&sum, url.scheme), fuzz_str(&sum, url.host), fuzz_str(&sum, url.path);
    edgefn_str coded = edgefn_percent_encode(ev, path, EDGEFN_ABSENT);
    HOLDS(edgefn_str_eq(edgefn_percent_decode(ev, coded, false), path));
    HOLDS(edgefn_uri_match_any(path, &path, 1) == edgefn_uri_match(path, path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static edgefn_event start;
    fuzz_in in = { data, data + size };
    if (size > LONGEST) return 0;
    const char *steps = models[fuzz_byte(&in, COUNT(models))];
    edgefn_str pattern = fuzz_cut(&in, 0), rest = fuzz_cut(&in, 256), path;
    char text[LONGEST + 1] = "/";
    if (rest.len) memcpy(text + 1, rest.ptr, rest.len);
    path = guard_copy(text, rest.len + 1);
    HOLDS(edgefn_build_begin(&start, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                             fuzz_arena(0, 65536), NULL)
          == EDGEFN_OK);
    start.request.method = S("GET"), start.request.uri = S("/");
    HOLDS_FOR(&start, edgefn_build_end(&start));
    size_t stars = 0, marks = 0;
    for (size_t i = 0; i < pattern.len; i++)
        stars += pattern.ptr[i] == '*', marks += pattern.ptr[i] == '?';
    if (stars <= 3 && marks <= 5)
        guarded(path, pattern, steps); /* the slow matching takes exponential time */
    normal(&start, path, pattern);
    pieces(&start, path);
    return 0;
}
