/* yyjson.c - yyjson with pools: one block for the document, one for the mutable part; the result is written to the caller's
   buffer. In situ: parsing destroys the event; a new copy is made outside the measured time. */
#include "../bench.h"
#include "copies.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

static char       *doc_mem, *mut_mem;
static size_t      doc_len, mut_len;
static yyjson_doc *doc;

static const char *about(void) { return YYJSON_VERSION_STRING ", pools"; }
static bool open(size_t max_len)
{
    doc_len = yyjson_read_max_memory_usage(max_len, 0) + 4096;
    mut_len = max_len * 12 + 65536;
    free(doc_mem);
    free(mut_mem);
    doc_mem = malloc(doc_len);
    mut_mem = malloc(mut_len);
    return doc_mem && mut_mem;
}
static bool parse(const gen_event *e, size_t i)
{
    yyjson_alc alc;
    (void)i;
    yyjson_alc_pool_init(&alc, doc_mem, doc_len);
    doc = yyjson_read_opts((char *)(size_t)e->json, e->len, 0, &alc, NULL);
    return doc != NULL;
}
static bool parse_insitu(const gen_event *e, size_t i)
{
    yyjson_alc alc;
    yyjson_alc_pool_init(&alc, doc_mem, doc_len);
    doc = yyjson_read_opts(copy_at[i], e->len, YYJSON_READ_INSITU, &alc, NULL);
    return doc != NULL;
}

static yyjson_val *base(bool *lambda)
{
    yyjson_val *root = yyjson_doc_get_root(doc), *records = yyjson_obj_get(root, "Records");
    *lambda = records != NULL;
    return records ? yyjson_obj_get(yyjson_arr_get_first(records), "cf") : root;
}
static void count(bench_sum *s, yyjson_val *headers)
{
    size_t      i, n, k, m;
    yyjson_val *name, *entry, *one;
    yyjson_obj_foreach(headers, i, n, name, entry) {
        yyjson_val *list = yyjson_is_arr(entry) ? entry : yyjson_obj_get(entry, "multiValue");
        if (list == NULL) { s->headers++; s->value_bytes += yyjson_get_len(yyjson_obj_get(entry, "value")); continue; }
        yyjson_arr_foreach(list, k, m, one) { s->headers++; s->value_bytes += yyjson_get_len(yyjson_obj_get(one, "value")); }
    }
}
static bool sum(bench_sum *s)
{
    bool        lambda;
    yyjson_val *cf = base(&lambda), *request = yyjson_obj_get(cf, "request"), *origin = yyjson_obj_get(request, "origin");
    *s = (bench_sum){ 0, 0, yyjson_get_len(yyjson_obj_get(request, "uri")) };
    count(s, yyjson_obj_get(request, "headers"));
    count(s, yyjson_obj_get(yyjson_obj_get(origin, "custom"), "customHeaders"));
    count(s, yyjson_obj_get(yyjson_obj_get(origin, "s3"), "customHeaders"));
    count(s, yyjson_obj_get(yyjson_obj_get(cf, "response"), "headers"));
    return true;
}

static yyjson_val *header(yyjson_val *headers, const char *name)
{
    yyjson_val *entry = yyjson_obj_get(headers, name);
    return yyjson_obj_get(yyjson_is_arr(entry) ? yyjson_arr_get_first(entry) : entry, "value");
}
static size_t length(yyjson_val *v) { return v ? yyjson_get_len(v) : SIZE_MAX; }

static size_t cookie_length(const char *s, size_t len)
{
    const char *end = s + len;
    while (s < end) {
        while (s < end && (*s == ' ' || *s == ';')) s++;
        const char *stop = memchr(s, ';', (size_t)(end - s));
        if (stop == NULL) stop = end;
        if ((size_t)(stop - s) > sizeof JOB_COOKIE - 1 && memcmp(s, JOB_COOKIE "=", sizeof JOB_COOKIE) == 0)
            return (size_t)(stop - s) - sizeof JOB_COOKIE;
        s = stop;
    }
    return SIZE_MAX;
}

static void set_header(yyjson_mut_doc *to, yyjson_mut_val *headers, bool lambda, const char *name, size_t name_len, const char *value, size_t value_len)
{
    yyjson_mut_val *had = yyjson_mut_obj_getn(headers, name, name_len);
    if (had) {
        if (lambda) had = yyjson_mut_arr_get_first(had);
        yyjson_mut_set_strn(yyjson_mut_obj_getn(had, "value", 5), value, value_len);
        return;
    }
    yyjson_mut_val *one = yyjson_mut_obj(to), *entry = one;
    if (lambda) {
        yyjson_mut_obj_add_strn(to, one, "key", name, name_len);
        entry = yyjson_mut_arr(to);
        yyjson_mut_arr_append(entry, one);
    }
    yyjson_mut_obj_add_strn(to, one, "value", value, value_len);
    yyjson_mut_obj_add(headers, yyjson_mut_strn(to, name, name_len), entry);
}

static bench_out edit(bench_found *found, char *buf, size_t cap)
{
    bench_out   out = { NULL, 0 };
    bool        lambda;
    yyjson_val *cf = base(&lambda), *request = yyjson_obj_get(cf, "request"), *response = yyjson_obj_get(cf, "response");
    yyjson_val *headers = yyjson_obj_get(request, "headers"), *user_agent = header(headers, "user-agent");
    found->host = length(header(headers, "host"));
    found->user_agent = length(user_agent);
    found->accept_language = length(header(headers, "accept-language"));
    if (lambda) {
        yyjson_val *cookie = header(headers, "cookie");
        found->session = cookie ? cookie_length(yyjson_get_str(cookie), yyjson_get_len(cookie)) : SIZE_MAX;
    } else found->session = length(yyjson_obj_get(yyjson_obj_get(yyjson_obj_get(request, "cookies"), JOB_COOKIE), "value"));

    yyjson_alc alc, out_alc;
    yyjson_alc_pool_init(&alc, mut_mem, mut_len);
    yyjson_mut_doc *to = yyjson_mut_doc_new(&alc);
    yyjson_mut_val *result = yyjson_val_mut_copy(to, response ? response : request);
    if (result == NULL) return out;
    if (!response && user_agent && strstr(yyjson_get_str(user_agent), JOB_MOBILE)) {
        yyjson_mut_val *uri = yyjson_mut_obj_get(result, "uri");
        size_t          n = yyjson_mut_get_len(uri);
        char           *t = alc.malloc(alc.ctx, n + sizeof JOB_PREFIX);
        if (t == NULL) return out;
        memcpy(t, JOB_PREFIX, sizeof JOB_PREFIX - 1);
        memcpy(t + sizeof JOB_PREFIX - 1, yyjson_mut_get_str(uri), n + 1);
        yyjson_mut_set_strn(uri, t, n + sizeof JOB_PREFIX - 1);
    }
    yyjson_mut_val *edited = yyjson_mut_obj_get(result, "headers");
#define X(name, value) set_header(to, edited, lambda, name, sizeof name - 1, value, sizeof value - 1);
    JOB_HEADERS(X)
#undef X
    yyjson_alc_pool_init(&out_alc, buf, cap);
    out.ptr = yyjson_mut_val_write_opts(result, YYJSON_WRITE_NOFLAG, &out_alc, &out.len, NULL);
    return out;
}
static bench_out job(const gen_event *e, size_t i, bench_found *found, char *buf, size_t cap)
{
    if (!parse(e, i)) return (bench_out){ NULL, 0 };
    return edit(found, buf, cap);
}
static bench_out job_insitu(const gen_event *e, size_t i, bench_found *found, char *buf, size_t cap)
{
    if (!parse_insitu(e, i)) return (bench_out){ NULL, 0 };
    return edit(found, buf, cap);
}

const bench_subject bench_yyjson = { "yyjson", about, open, NULL, parse, sum, job, NULL, NULL };
const bench_subject bench_yyjson_insitu = { "yyjson-insitu", about, open, copies_prepare, parse_insitu, sum, job_insitu, NULL, NULL };
