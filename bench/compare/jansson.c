/* jansson.c - jansson, which validates UTF-8. */
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "../gen.h"

typedef json_t *tree;
static tree tree_root;

static tree tree_member(tree t, const char *name) { return json_object_get(t, name); }
static bool tree_is_array(tree t) { return json_is_array(t); }
static tree tree_first(tree t) { return json_array_get(t, 0); }
static const char *tree_text(tree t, size_t *len)
{
    const char *s = json_string_value(t);
    if (s) *len = json_string_length(t);
    return s;
}
static void tree_each(tree t, void (*f)(void *ctx, tree value), void *ctx)
{
    const char *name;
    size_t      i;
    tree        c;
    if (json_is_array(t)) {
        json_array_foreach(t, i, c) f(ctx, c);
    } else {
        json_object_foreach(t, name, c) f(ctx, c);
    }
}
static tree tree_object(void) { return json_object(); }
static tree tree_array(void) { return json_array(); }
static tree tree_string(const char *s, size_t len) { return json_stringn(s, len); }
static void tree_put(tree object, const char *name, tree value) { json_object_set_new(object, name, value); }
static void tree_push(tree array, tree value) { json_array_append_new(array, value); }
static size_t tree_write(tree t, char *buf, size_t cap)
{
    size_t n = json_dumpb(t, buf, cap, JSON_COMPACT);
    return n <= cap ? n : 0;
}
static bool tree_parse(const gen_event *e, size_t i)
{
    (void)i;
    json_decref(tree_root);
    tree_root = json_loadb(e->json, e->len, 0, NULL);
    return tree_root != NULL;
}

#include "tree.h"

static const char *about(void) { return JANSSON_VERSION; }
static bool open(size_t max_len) { (void)max_len; return true; }
const bench_subject bench_jansson = { "jansson", about, open, NULL, tree_parse, tree_sum, tree_job, NULL, NULL };
