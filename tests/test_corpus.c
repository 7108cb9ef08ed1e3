/* The events of the benchmark (bench/gen.c): different ones, as many as are claimed, read, edited and written by the library. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "../bench/gen.c"

static edgefn_str event_text(const gen_class *c, size_t i)
{
    return (edgefn_str){ c->events[i].json, c->events[i].len };
}

/* Read, written back unchanged where it was not edited, and nothing that was received is refused. */
static bool reads(edgefn_str json, bool lenient)
{
    edgefn_event ev;
    edgefn_parse_opts opts = { .lenient = lenient };
    edgefn_arena arena = arena_new(edgefn_memory_bound(json.len) + 2 * json.len + 65536);
    if (!CHECK(edgefn_parse(&ev, json, arena, &opts) == EDGEFN_OK)) return false;
    edgefn_str same = edgefn_finish(&ev, NULL);
    if (!CHECK(same.len != 0 && edgefn_str_find(json, same) != SIZE_MAX)) return false;
    edgefn_fields *headers = edgefn_is_request(&ev) ? &ev.request.headers : &ev.response.headers;
    edgefn_set(headers, EDGEFN_S("x-frame-options"), EDGEFN_S("DENY"));
    return CHECK(edgefn_finish(&ev, NULL).len != 0);
}

TEST(classes)
{
    const char *name;
    for (size_t k = 0; (name = gen_class_name(k)) != NULL; k++) {
        ROW("%s", name);
        gen_class c;
        if (!CHECK(gen_class_make(&c, name))) return;
        bool few = strcmp(name, "body1m") == 0; /* of 1.4 MB each */
        CHECK(few || c.count >= 64);
        for (size_t i = 0; i < c.count; i++) {
            for (size_t j = 0; j < i; j++)
                if (!CHECK(!edgefn_str_eq(event_text(&c, i), event_text(&c, j)))) break;
            if ((!few || i == 0) && !reads(event_text(&c, i), c.lenient)) break;
        }
        gen_class_free(&c);
    }
}

TEST(growth)
{
    unsigned size;
    const char *name;
    for (size_t k = 0; (name = gen_growth_name(k, &size)) != NULL; k++) {
        if (size > 100000) continue;
        ROW("%s %u", name, size);
        gen_class c;
        if (!CHECK(gen_growth_make(&c, k))) return;
        CHECK(c.count != 0);
        reads(event_text(&c, 0), false);
        gen_class_free(&c);
    }
}
