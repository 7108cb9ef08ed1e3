/* cjson.c - cJSON. It does not validate UTF-8, and its numbers are doubles. */
#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "../gen.h"

typedef cJSON *tree;
static tree tree_root;

static tree tree_member(tree t, const char *name) { return cJSON_GetObjectItemCaseSensitive(t, name); }
static bool tree_is_array(tree t) { return cJSON_IsArray(t); }
static tree tree_first(tree t) { return cJSON_IsArray(t) ? t->child : NULL; }
static const char *tree_text(tree t, size_t *len)
{
    const char *s = cJSON_GetStringValue(t);
    if (s) *len = strlen(s);
    return s;
}
static void tree_each(tree t, void (*f)(void *ctx, tree value), void *ctx)
{
    for (tree c = t->child; c; c = c->next) f(ctx, c);
}
static tree tree_object(void) { return cJSON_CreateObject(); }
static tree tree_array(void) { return cJSON_CreateArray(); }
static tree tree_string(const char *s, size_t len)
{
    char t[9000];
    if (s[len] == 0) return cJSON_CreateString(s);
    memcpy(t, s, len);
    t[len] = 0;
    return cJSON_CreateString(t);
}
static void tree_put(tree object, const char *name, tree value)
{
    if (cJSON_GetObjectItemCaseSensitive(object, name)) cJSON_ReplaceItemInObjectCaseSensitive(object, name, value);
    else cJSON_AddItemToObject(object, name, value);
}
static void tree_push(tree array, tree value) { cJSON_AddItemToArray(array, value); }
static size_t tree_write(tree t, char *buf, size_t cap) { return cJSON_PrintPreallocated(t, buf, (int)cap, false) ? strlen(buf) : 0; }
static bool tree_parse(const gen_event *e, size_t i)
{
    (void)i;
    cJSON_Delete(tree_root);
    tree_root = cJSON_ParseWithLength(e->json, e->len);
    return tree_root != NULL;
}

#include "tree.h"

static const char *about(void) { return cJSON_Version(); }
static bool open(size_t max_len) { (void)max_len; return true; }
const bench_subject bench_cjson = { "cjson", about, open, NULL, tree_parse, tree_sum, tree_job, NULL, NULL };
