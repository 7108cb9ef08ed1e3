/* tree.h - parse and job over a library that reads JSON into a tree and lets the tree be edited: as most programs are written.
   The includer defines, for its library:
     tree                                   a node; tree_member(), tree_first() and tree_text() accept NULL
     tree tree_member(tree object, const char *name)       NULL if absent or no object
     tree tree_first(tree array)                           NULL if no array
     bool tree_is_array(tree t)
     const char *tree_text(tree t, size_t *len)            NULL if no string
     void tree_each(tree t, void (*f)(void *ctx, tree value), void *ctx)    values of an object or array
     tree tree_object(void), tree_array(void), tree_string(const char *s, size_t len)
     void tree_put(tree object, const char *name, tree value)     adds or replaces
     void tree_push(tree array, tree value)
     size_t tree_write(tree t, char *buf, size_t cap)      0: failed
     bool tree_parse(const gen_event *e, size_t i)         sets tree_root, after it released the last one */
#include "../bench.h"

#include <string.h>

static tree tree_base(bool *lambda)
{
    tree records = tree_member(tree_root, "Records");
    *lambda = records != NULL;
    return records ? tree_member(tree_first(records), "cf") : tree_root;
}
static void tree_count_value(void *ctx, tree entry)
{
    bench_sum *s = (bench_sum *)ctx;
    size_t     n = 0;
    tree_text(tree_member(entry, "value"), &n);
    s->headers++;
    s->value_bytes += n;
}
static void tree_count_name(void *ctx, tree entry)
{
    tree list = tree_is_array(entry) ? entry : tree_member(entry, "multiValue");
    if (list) tree_each(list, tree_count_value, ctx);
    else tree_count_value(ctx, entry);
}
static void tree_count(bench_sum *s, tree headers)
{
    if (headers) tree_each(headers, tree_count_name, s);
}
static bool tree_sum(bench_sum *s)
{
    bool   lambda;
    size_t uri = 0;
    tree   cf = tree_base(&lambda), request = tree_member(cf, "request"), origin = tree_member(request, "origin");
    memset(s, 0, sizeof *s);
    tree_text(tree_member(request, "uri"), &uri);
    s->uri_bytes = uri;
    tree_count(s, tree_member(request, "headers"));
    tree_count(s, tree_member(tree_member(origin, "custom"), "customHeaders"));
    tree_count(s, tree_member(tree_member(origin, "s3"), "customHeaders"));
    tree_count(s, tree_member(tree_member(cf, "response"), "headers"));
    return true;
}

static tree tree_header(tree headers, const char *name)
{
    tree entry = tree_member(headers, name);
    return tree_member(entry && tree_is_array(entry) ? tree_first(entry) : entry, "value");
}
static size_t tree_length(tree t)
{
    size_t n;
    return tree_text(t, &n) ? n : SIZE_MAX;
}
static size_t tree_cookie(const char *s, size_t len)
{
    const char *end = s + len;
    while (s < end) {
        while (s < end && (*s == ' ' || *s == ';')) s++;
        const char *stop = (const char *)memchr(s, ';', (size_t)(end - s));
        if (stop == NULL) stop = end;
        if ((size_t)(stop - s) > sizeof JOB_COOKIE - 1 && memcmp(s, JOB_COOKIE "=", sizeof JOB_COOKIE) == 0)
            return (size_t)(stop - s) - sizeof JOB_COOKIE;
        s = stop;
    }
    return SIZE_MAX;
}
static void tree_set_header(tree headers, bool lambda, const char *name, size_t name_len, const char *value, size_t value_len)
{
    tree had = tree_member(headers, name);
    if (had) {
        tree_put(lambda ? tree_first(had) : had, "value", tree_string(value, value_len));
        return;
    }
    tree one = tree_object();
    if (lambda) tree_put(one, "key", tree_string(name, name_len));
    tree_put(one, "value", tree_string(value, value_len));
    tree entry = one;
    if (lambda) {
        entry = tree_array();
        tree_push(entry, one);
    }
    tree_put(headers, name, entry);
}
static bench_out tree_job(const gen_event *e, size_t i, bench_found *found, char *buf, size_t cap)
{
    bench_out out = { NULL, 0 };
    if (!tree_parse(e, i)) return out;
    bool   lambda;
    size_t n = 0;
    tree   cf = tree_base(&lambda), request = tree_member(cf, "request"), response = tree_member(cf, "response");
    tree   headers = tree_member(request, "headers"), agent = tree_header(headers, "user-agent");
    found->host = tree_length(tree_header(headers, "host"));
    found->user_agent = tree_length(agent);
    found->accept_language = tree_length(tree_header(headers, "accept-language"));
    if (lambda) {
        const char *cookie = tree_text(tree_header(headers, "cookie"), &n);
        found->session = cookie ? tree_cookie(cookie, n) : SIZE_MAX;
    } else found->session = tree_length(tree_member(tree_member(tree_member(request, "cookies"), JOB_COOKIE), "value"));

    const char *text = tree_text(agent, &n);
    if (!response && text && strstr(text, JOB_MOBILE)) {
        char        moved[9000];
        const char *uri = tree_text(tree_member(request, "uri"), &n);
        if (uri == NULL || n + sizeof JOB_PREFIX > sizeof moved) return out;
        memcpy(moved, JOB_PREFIX, sizeof JOB_PREFIX - 1);
        memcpy(moved + sizeof JOB_PREFIX - 1, uri, n);
        tree_put(request, "uri", tree_string(moved, n + sizeof JOB_PREFIX - 1));
    }
    tree edited = tree_member(response ? response : request, "headers");
#define X(name, value) tree_set_header(edited, lambda, name, sizeof name - 1, value, sizeof value - 1);
    JOB_HEADERS(X)
#undef X
    out.len = tree_write(response ? response : request, buf, cap);
    if (out.len != 0) out.ptr = buf;
    return out;
}
