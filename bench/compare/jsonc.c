/* jsonc.c - json-c, told to be strict and to validate UTF-8. */
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "../gen.h"

typedef struct json_object *tree;
static tree tree_root;
static struct json_tokener *tokener;

static tree tree_member(tree t, const char *name)
{
    tree found = NULL;
    return json_object_object_get_ex(t, name, &found) ? found : NULL;
}
static bool tree_is_array(tree t) { return json_object_is_type(t, json_type_array); }
static tree tree_first(tree t) { return tree_is_array(t) ? json_object_array_get_idx(t, 0) : NULL; }
static const char *tree_text(tree t, size_t *len)
{
    if (!json_object_is_type(t, json_type_string)) return NULL;
    *len = (size_t)json_object_get_string_len(t);
    return json_object_get_string(t);
}
static void tree_each(tree t, void (*f)(void *ctx, tree value), void *ctx)
{
    if (tree_is_array(t)) {
        for (size_t i = 0; i < json_object_array_length(t); i++) f(ctx, json_object_array_get_idx(t, i));
        return;
    }
    json_object_object_foreach(t, name, value)
    {
        (void)name;
        f(ctx, value);
    }
}
static tree tree_object(void) { return json_object_new_object(); }
static tree tree_array(void) { return json_object_new_array(); }
static tree tree_string(const char *s, size_t len) { return json_object_new_string_len(s, (int)len); }
static void tree_put(tree object, const char *name, tree value) { json_object_object_add(object, name, value); }
static void tree_push(tree array, tree value) { json_object_array_add(array, value); }
static size_t tree_write(tree t, char *buf, size_t cap)
{
    size_t      n;
    const char *s = json_object_to_json_string_length(t, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);
    if (s == NULL || n > cap) return 0;
    memcpy(buf, s, n);
    return n;
}
static bool tree_parse(const gen_event *e, size_t i)
{
    (void)i;
    json_object_put(tree_root);
    json_tokener_reset(tokener);
    tree_root = json_tokener_parse_ex(tokener, e->json, (int)e->len);
    return tree_root != NULL && json_tokener_get_parse_end(tokener) == e->len;
}

#include "tree.h"

static const char *about(void) { return json_c_version(); }
static bool open(size_t max_len)
{
    (void)max_len;
    if (tokener == NULL && (tokener = json_tokener_new()) != NULL)
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    return tokener != NULL;
}
const bench_subject bench_jsonc = { "json-c", about, open, NULL, tree_parse, tree_sum, tree_job, NULL, NULL };
