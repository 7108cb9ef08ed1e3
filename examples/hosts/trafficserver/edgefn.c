/* edgefn.c - CloudFront's four triggers in Apache Traffic Server 9; see examples/hosts/README.md for the options.

   CloudFront has its cache between two sides, and so has this plugin. The viewer side handles the viewers' transactions and the cache; on a miss it
   sends a request to the origin side, which is the same server on a port of the loopback interface. One transaction for both is not enough: when
   Traffic Server knows that it is a miss, it has already chosen origin and scheme, and an answer of a plugin at that point is never cached.

   Requests are edited when their header has been read. A response with a new body is sent as one of Traffic Server's error messages, whose header is
   corrected at the end; only on the viewer side, where the received response may come from the cache, a transformation replaces the body. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ts/ts.h>
#include <ts/experimental.h>

#define EDGEFN_IMPLEMENTATION
#define EDGEFN_STATIC
#include "edgefn_options.h"
#include "edgefn_store.h"

#define S EDGEFN_S
enum { EDGE_BUCKETS = 1024, EDGE_PAGE = 4096, EDGE_HEADERS = 500 };
enum { EDGE_READ_TIMEOUT = 120 }; /* the longest time-out that a function may set */

static struct {                   /* from plugin.config; constant after the start */
    edgehost_trigger triggers[5]; /* indexed by edgefn_event_type */
    bool no_check, include_body, no_headers, forward_host;
    edgefn_origin origin;
    edgefn_str domain, id;
    edgehost_line *headers; /* of --viewer-header, in addition to CloudFront's own */
    size_t header_count;
    edgehost_store given; /* the rows of --table */
    char *tables_file;    /* of --tables; NULL: none */
    uint32_t port;        /* of the origin side */
    int64_t body_limit;   /* the longest request body that is kept, in bytes */
    uint32_t patience_s;  /* how long the viewer side waits for the origin side */
    bool look,
        keep; /* look: viewer-request sees request bodies; keep: they are kept for origin-request */
    int slot; /* of the edge_txn in a transaction */
    TSCont cont;
} conf;

/*--- the state of a transaction ---------------------------------------------------------------------------------------*/

/* Replaces a response body, on the viewer side. */
typedef struct edge_swap {
    TSIOBuffer buffer;
    TSIOBufferReader reader;
    TSVIO out;
    bool swapped;
    int users; /* the transaction and the transformation, which end in either order */
} edge_swap;

struct edge_txn;

/* The state of a decoder of chunks. */
typedef struct edge_chunks {
    enum { EDGE_SIZE, EDGE_EXTENSION, EDGE_DATA, EDGE_END } state;
    size_t left;
} edge_chunks;

/* A request's body is read by a transformation. Traffic Server sends the request's header only when the transformation has
   announced the length of its output: so the header can still be edited when the body is known. The output is always empty:
   if an origin answers before it has read all output of a transformation, Traffic Server 9.2 closes it twice and crashes.
   The origin side sends the body, from memory. */
typedef struct edge_upload {
    TSHttpTxn txn;
    struct edge_txn *t; /* NULL: the transaction has ended */
    TSIOBuffer buffer;  /* the kept bytes */
    TSIOBufferReader reader;
    TSVIO out; /* NULL: the body has not arrived yet */
    edge_chunks chunks;
    bool chunked;
    bool look; /* viewer-request waits for the body */
    bool drop; /* the body is not kept */
    int users; /* as in edge_swap */
} edge_upload;

typedef struct edge_txn {
    struct edge_txn *next; /* in the list of those that the origin side may look up */
    edgehost_pool pool;
    char id[EDGEFN_REQUEST_ID];
    edgefn_str address, user_agent, http_version; /* of the viewer */
    uint32_t port;
    bool https, origins, listed, from_origin, failed;
    bool forwarded_for; /* the viewer's address is added to X-Forwarded-For */
    bool relayed;       /* the response exists, the next transaction of the origin side sends it */
    edgefn_str body; /* the part of the request's body that functions may see; absent: not read */
    bool truncated;
    edgefn_str
        new_body; /* the body that the origin side sends instead of reading it from the connection; may be absent */
    const char *marker;            /* for X-Cache, if a function answered or failed */
    uint32_t origin_status;        /* 0: the origin has not answered */
    uint32_t status;               /* of the response made by this plugin; 0: none */
    edgefn_str reason, reply_body; /* the rest of this response */
    edgehost_line *reply, *custom; /* custom: the origin's own headers */
    size_t reply_len, custom_len, prefix;
    edgefn_origin
        origin; /* where the request was sent; prefix: the length of the origin's path in the URL */
    edge_swap *swap;
    edge_upload *upload;
} edge_txn;

/* Copies s, which is in memory of an exchange, until the transaction ends. Sets *ok to false when out of memory; an absent s stays absent. */
static edgefn_str edge_keep(edge_txn *t, edgefn_str s, bool *ok)
{
    edgefn_str copy = edgehost_keep(&t->pool, s);

    *ok = *ok && (copy.ptr != NULL) == (s.ptr != NULL);
    return copy;
}

static edgehost_line *edge_keep_lines(edge_txn *t, const edgehost_line *at, size_t len, bool *ok)
{
    edgehost_line *to = (edgehost_line *)edgehost_pool_alloc(&t->pool, (len + 1) * sizeof *to);

    *ok = *ok && to != NULL;
    for (size_t i = 0; *ok && i < len; i++) {
        to[i].name = edge_keep(t, at[i].name, ok);
        to[i].value = edge_keep(t, at[i].value, ok);
    }
    return *ok ? to : NULL;
}

static void edge_swap_release(edge_swap *s)
{
    if (s == NULL || --s->users > 0) return;
    if (s->buffer != NULL) TSIOBufferDestroy(s->buffer);
    free(s);
}

static void edge_upload_release(edge_upload *u)
{
    if (u == NULL || --u->users > 0) return;
    TSIOBufferDestroy(u->buffer);
    free(u);
}

/* The viewers' transactions that wait for the origin side, by request id: from them the origin side gets what it cannot know itself. key: a secret
   value of a header by which it recognises their requests. */
static struct {
    TSMutex mutex;
    edge_txn *buckets[EDGE_BUCKETS];
    char key[32];
} waiting;
#define EDGE_KEY S("X-Edge-Key")

static edge_txn **edge_bucket(const char *id)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < 16; i++)
        hash = (hash ^ (unsigned char)id[i]) * 16777619u;
    return &waiting.buckets[hash % EDGE_BUCKETS];
}

static void edge_list(edge_txn *t)
{
    if (t->listed) return; /* a second attempt to reach the origin side */
    TSMutexLock(waiting.mutex);
    t->next = *edge_bucket(t->id);
    *edge_bucket(t->id) = t;
    TSMutexUnlock(waiting.mutex);
    t->listed = true;
}

static void edge_unlist(edge_txn *t)
{
    if (!t->listed) return;
    TSMutexLock(waiting.mutex);
    edge_txn **at = edge_bucket(t->id);
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    TSMutexUnlock(waiting.mutex);
}

/* Copies data from the viewer side. Returns: true if the viewer side sent the request. */
static bool edge_take_over(edge_txn *to, edgefn_str id)
{
    bool ok = id.len == EDGEFN_REQUEST_ID;

    if (!ok) return false;
    TSMutexLock(waiting.mutex);
    const edge_txn *from = *edge_bucket(id.ptr);
    while (from != NULL && memcmp(from->id, id.ptr, id.len) != 0)
        from = from->next;
    if (from != NULL) {
        memcpy(to->id, from->id, sizeof to->id);
        to->address = edge_keep(to, from->address, &ok);
        to->body = to->new_body = edge_keep(to, from->new_body, &ok);
        to->truncated = from->new_body.ptr == NULL && from->truncated;
        if (from->relayed) {
            to->status = from->status;
            to->failed = from->failed;
            to->marker = from->marker; /* a literal */
            to->reason = edge_keep(to, from->reason, &ok);
            to->reply = edge_keep_lines(to, from->reply, from->reply_len, &ok);
            to->reply_len = ok ? from->reply_len : 0;
            to->reply_body = edge_keep(to, from->reply_body, &ok);
        }
    }
    TSMutexUnlock(waiting.mutex);
    return from != NULL && ok;
}

/*--- what each thread has ---------------------------------------------------------------------------------------------*/

/* The tables and their keys, which a reload replaces. */
typedef struct edge_tables {
    edgehost_store store;
    int users; /* the threads that use it, and `tables` */
} edge_tables;

static struct {
    pthread_mutex_t mutex;
    edge_tables *now;
} tables = { PTHREAD_MUTEX_INITIALIZER, NULL };

/* The mutex is locked. */
static void edge_tables_release(edge_tables *t)
{
    if (t == NULL || --t->users > 0) return;
    edgehost_store_free(&t->store);
    free(t);
}

static void edge_tables_replace(edge_tables *by)
{
    pthread_mutex_lock(&tables.mutex);
    edge_tables *old = tables.now;
    by->users = 1;
    __atomic_store_n(&tables.now, by, __ATOMIC_RELEASE);
    edge_tables_release(old);
    pthread_mutex_unlock(&tables.mutex);
}

typedef struct edge_thread {
    edgehost_thread memory;
    edge_tables *tables; /* of its last exchange, whose strings may be in them */
} edge_thread;

/* Takes the tables of now, for the thread's next exchange. Only after a reload this needs the mutex. */
static void edge_thread_tables(edge_thread *th)
{
    if (th->tables == __atomic_load_n(&tables.now, __ATOMIC_ACQUIRE)) return;
    pthread_mutex_lock(&tables.mutex);
    edge_tables_release(th->tables);
    th->tables = tables.now;
    th->tables->users++;
    pthread_mutex_unlock(&tables.mutex);
}

static pthread_key_t edge_thread_key;

static void edge_thread_end(void *data)
{
    edge_thread *th = (edge_thread *)data;

    edgehost_scratch_free(&th->memory.scratch);
    pthread_mutex_lock(&tables.mutex);
    edge_tables_release(th->tables);
    pthread_mutex_unlock(&tables.mutex);
    free(th);
}

/* Returns: NULL when out of memory, or if there is no random source. */
static edge_thread *edge_this_thread(void)
{
    edge_thread *th = (edge_thread *)pthread_getspecific(edge_thread_key);

    if (th != NULL) return th;
    th = (edge_thread *)calloc(1, sizeof *th);
    if (th != NULL && edgehost_thread_begin(&th->memory)
        && pthread_setspecific(edge_thread_key, th) == 0)
        return th;
    free(th);
    return NULL;
}

/*--- headers ----------------------------------------------------------------------------------------------------------*/

typedef struct edge_head {
    TSMBuffer buf;
    TSMLoc at;
} edge_head;
typedef TSReturnCode edge_get_fn(TSHttpTxn txn, TSMBuffer *buf, TSMLoc *at);

/* Returns a header of the transaction; .at == TS_NULL_MLOC: absent (yet). Call edge_done() afterwards. */
static edge_head edge_get(TSHttpTxn txn, edge_get_fn *get)
{
    edge_head h = { NULL, TS_NULL_MLOC };

    if (get(txn, &h.buf, &h.at) != TS_SUCCESS) h.at = TS_NULL_MLOC;
    return h;
}

static void edge_done(edge_head h)
{
    if (h.at != TS_NULL_MLOC) TSHandleMLocRelease(h.buf, TS_NULL_MLOC, h.at);
}

static edgefn_str edge_text(const char *ptr, int len)
{
    return (edgefn_str){ ptr != NULL ? ptr : "", ptr != NULL && len > 0 ? (size_t)len : 0 };
}

/* Strings of edge_text(), edge_name(), edge_value() and edge_find() point into the header's own memory, which moves with any
   edit of that header: read them at once, or copy them with edge_keep() or edge_copy(). */
static edgefn_str edge_name(edge_head h, TSMLoc field)
{
    int len = 0;
    const char *ptr = TSMimeHdrFieldNameGet(h.buf, h.at, field, &len);

    return edge_text(ptr, len);
}

static edgefn_str edge_value(edge_head h, TSMLoc field)
{
    int len = 0;
    const char *ptr = TSMimeHdrFieldValueStringGet(h.buf, h.at, field, -1, &len);

    return edge_text(ptr, len);
}

static TSMLoc edge_next(edge_head h, TSMLoc field)
{
    TSMLoc next = TSMimeHdrFieldNext(h.buf, h.at, field);

    TSHandleMLocRelease(h.buf, h.at, field);
    return next;
}

/* Returns: the value of the first field of that name, or absent. */
static edgefn_str edge_find(edge_head h, edgefn_str name)
{
    TSMLoc field = TSMimeHdrFieldFind(h.buf, h.at, name.ptr, (int)name.len);

    if (field == TS_NULL_MLOC) return EDGEFN_ABSENT;
    edgefn_str value = edge_value(h, field);
    TSHandleMLocRelease(h.buf, h.at, field);
    return value;
}

static void edge_drop(edge_head h, edgefn_str name)
{
    TSMLoc field;

    while ((field = TSMimeHdrFieldFind(h.buf, h.at, name.ptr, (int)name.len)) != TS_NULL_MLOC) {
        TSMimeHdrFieldDestroy(h.buf, h.at, field);
        TSHandleMLocRelease(h.buf, h.at, field);
    }
}

static bool edge_add(edge_head h, edgehost_line line)
{
    TSMLoc field;

    if (TSMimeHdrFieldCreateNamed(h.buf, h.at, line.name.ptr, (int)line.name.len, &field)
        != TS_SUCCESS)
        return false;
    bool ok =
        TSMimeHdrFieldValueStringSet(h.buf, h.at, field, -1, line.value.ptr, (int)line.value.len)
            == TS_SUCCESS
        && TSMimeHdrFieldAppend(h.buf, h.at, field) == TS_SUCCESS;
    TSHandleMLocRelease(h.buf, h.at, field);
    return ok;
}

static bool edge_set(edge_head h, edgefn_str name, edgefn_str value)
{
    edge_drop(h, name);
    return edge_add(h, (edgehost_line){ name, value });
}

/* The first of the lines from `at` on that is not about framing. */
static size_t edge_line_at(const edgehost_edits *edits, size_t at)
{
    while (at < edits->line_count && edgehost_connection(edits->lines[at].name))
        at++;
    return at;
}

/* Gives a field the value of a line. Returns: false if the line has another name. Functions see names in lower case, of which the case is not known. */
static bool edge_fits(edge_head h, TSMLoc field, const edgehost_trigger *t, edgehost_line line)
{
    edgefn_str name = edge_name(h, field);
    bool same = t->dialect == EDGEFN_DIALECT_FUNCTIONS ? edgefn_str_ieq(name, line.name)
                                                       : edgefn_str_eq(name, line.name);

    if (!same || edgefn_str_eq(edge_value(h, field), line.value)) return same;
    return TSMimeHdrFieldValueStringSet(h.buf, h.at, field, -1, line.value.ptr, (int)line.value.len)
           == TS_SUCCESS;
}

/* Makes edits->lines the fields of a header, except those hidden from functions or about framing. Fields that stay the same are not touched: each that is
   removed or appended makes Traffic Server compare all names of the header with each other. */
static bool edge_set_lines(edge_head h, const edgehost_trigger *t, const edgehost_edits *edits,
                           edgefn_str cookie)
{
    size_t at = edge_line_at(edits, 0);

    for (TSMLoc field = edits->only_added ? TS_NULL_MLOC : TSMimeHdrFieldGet(h.buf, h.at, 0), next;
         field != TS_NULL_MLOC; field = next) {
        edgefn_str name = edge_name(h, field);
        bool stays = edgehost_connection(name) || edgehost_hidden(t, name)
                     || (edits->keep_cookies && edgefn_str_ieq(name, cookie));
        next = TSMimeHdrFieldNext(h.buf, h.at, field);
        if (!stays && at < edits->line_count && edge_fits(h, field, t, edits->lines[at]))
            at = edge_line_at(edits, at + 1);
        else if (!stays)
            TSMimeHdrFieldDestroy(h.buf, h.at, field);
        TSHandleMLocRelease(h.buf, h.at, field);
    }
    for (; at < edits->line_count; at = edge_line_at(edits, at + 1))
        if (!edge_add(h, edits->lines[at])) return false;
    return true;
}

/*--- an exchange ------------------------------------------------------------------------------------------------------*/

/* Copies a string from a header's memory into the event's. The event must not point into a header, because the header is
   edited while the event is still read. Returns: absent when out of memory. */
static edgefn_str edge_copy(edgefn_event *ev, edgefn_str s)
{
    return edgefn_str_copy(ev, s);
}

typedef struct edge_run {
    TSHttpTxn txn;
    edge_txn *t;
    const edgehost_trigger *trigger;
    edgehost_store *store;       /* NULL: the thread has no memory */
    edge_head request, response; /* .at of the response: TS_NULL_MLOC in request events */
    edgefn_str uri, query;       /* as received */
    edgefn_event ev;
    edgefn_env env;
    edgehost_edits edits;
} edge_run;

static bool edge_fill_headers(edge_run *x, edge_head h, edgefn_fields *to)
{
    bool ok = true, other_body = h.buf == x->request.buf && x->t->origins
                                 && x->t->new_body.ptr != NULL; /* than the header says */

    for (TSMLoc field = TSMimeHdrFieldGet(h.buf, h.at, 0); field != TS_NULL_MLOC;
         field = edge_next(h, field)) {
        edgefn_str name = edge_name(h, field);
        if (!ok || name.len == 0 || edgehost_hidden(x->trigger, name)
            || (other_body && edgehost_connection(name)))
            continue;
        name = edge_copy(&x->ev, name);
        edgefn_str value = edge_copy(&x->ev, edge_value(h, field));
        value = edgehost_convert(&x->ev, &x->edits.converted, value);
        ok = name.ptr != NULL && value.ptr != NULL && edgefn_add(to, name, value);
    }
    if (!ok || !other_body) return ok;
    edgefn_str length = edgefn_str_from_u64(&x->ev, x->t->new_body.len);
    return length.ptr != NULL && edgefn_add(to, S("Content-Length"), length);
}

/* Traffic Server stores the URL in parts, without the first '/' and any others directly after it. */
static bool edge_fill_url(edge_run *x)
{
    edgefn_event *ev = &x->ev;
    TSMLoc url;
    int len = 0;

    if (TSHttpHdrUrlGet(x->request.buf, x->request.at, &url) != TS_SUCCESS) return false;
    edgefn_str parts[4] = { S("/"), S(""), S(""), S("") };
    const char *ptr = TSUrlPathGet(x->request.buf, url, &len);
    parts[1] = edgefn_str_skip(edge_text(ptr, len), x->t->prefix);
    ptr = TSUrlHttpParamsGet(x->request.buf, url, &len);
    parts[3] = edge_text(ptr, len);
    if (parts[3].len > 0) parts[2] = S(";");
    ptr = TSUrlHttpQueryGet(x->request.buf, url, &len);
    x->query = edge_copy(ev, edge_text(ptr, len));
    x->uri = edgefn_str_join(ev, parts, 4);
    ev->request.querystring = edgehost_convert(ev, &x->edits.converted, x->query);
    ev->request.uri = edgehost_convert(ev, &x->edits.converted, x->uri);
    TSHandleMLocRelease(x->request.buf, x->request.at, url);
    return ev->request.uri.ptr != NULL && ev->request.querystring.ptr != NULL;
}

static bool edge_fill(edgefn_event *ev, void *host)
{
    edge_run *x = (edge_run *)host;
    edge_txn *t = x->t;
    edgefn_event_type type = x->trigger->type;
    int len = 0;

    ev->domain = conf.domain;
    ev->distribution_id = conf.id;
    ev->request_id = (edgefn_str){ t->id, sizeof t->id };
    if (ev->dialect == EDGEFN_DIALECT_FUNCTIONS) ev->version = S("1.0");
    const char *ptr = TSHttpHdrMethodGet(x->request.buf, x->request.at, &len);
    ev->request.method = edge_copy(ev, edge_text(ptr, len));
    ev->request.client_ip = t->address;
    if (ev->request.method.ptr == NULL || !edge_fill_url(x)
        || !edge_fill_headers(x, x->request, &ev->request.headers))
        return false;
    if (t->origins && !edgehost_fill_origin(ev, &t->origin, t->custom, t->custom_len)) return false;
    if (x->response.at == TS_NULL_MLOC)
        return !conf.include_body || ev->dialect == EDGEFN_DIALECT_FUNCTIONS
               || edgehost_fill_body(ev, t->body, t->truncated);
    ev->response.status = (uint32_t)TSHttpHdrStatusGet(x->response.buf, x->response.at);
    ptr = TSHttpHdrReasonGet(x->response.buf, x->response.at, &len);
    ev->response.status_text = edge_copy(ev, edge_text(ptr, len));
    if (ev->response.status_text.ptr == NULL
        || !edge_fill_headers(x, x->response, &ev->response.headers))
        return false;
    return type != EDGEFN_ORIGIN_RESPONSE || edge_find(x->response, S("Content-Length")).ptr != NULL
           || ev->response.status == 304 || ev->response.status == 204
           || edgefn_has(&ev->response.headers, S("transfer-encoding"))
           || edgefn_add(&ev->response.headers, S("Transfer-Encoding"),
                         S("chunked")); /* Traffic Server has removed it */
}

/* edgefn_env.lookup */
static edgefn_str edge_lookup(void *user, edgefn_str table, edgefn_str key)
{
    return edgehost_tables_lookup(&((edge_run *)user)->store->tables, table, key);
}

/* edgefn_env.verify */
static bool edge_verify(void *user, edgefn_str alg, edgefn_str kid, edgefn_str message,
                        edgefn_str signature)
{
    const edge_run *x = user;
    const char *why = edgehost_keys_refuse(&x->store->keys, alg, kid, message, signature);

    if (why != NULL)
        TSDebug("edgefn", "%s %s: token not verified: %s", edgefn_event_type_name(x->trigger->type),
                x->trigger->name, why);
    return why == NULL;
}

/* edgefn_env.log */
static void edge_log(void *user, edgefn_str text)
{
    const edge_run *x = user;
    char line[EDGEHOST_LOG_MOST];
    size_t len = edgehost_log_line(line, text);

    edgehost_tables_mask(&x->store->tables, line, len);
    TSError("[edgefn] %s %s: %.*s", edgefn_event_type_name(x->trigger->type), x->trigger->name,
            (int)len, line);
}

/* Runs the trigger. The event's strings are valid until this thread's next exchange. */
static edgefn_outcome edge_exchange(edge_run *x, TSHttpTxn txn, edge_txn *t, edgefn_event_type type,
                                    edge_head request, edge_head response)
{
    edge_thread *th = edge_this_thread();

    memset(x, 0, sizeof *x);
    x->txn = txn;
    x->t = t;
    x->trigger = &conf.triggers[type];
    x->request = request;
    x->response = response;
    x->env.lookup = edge_lookup;
    x->env.log = edge_log;
    x->env.user = x;
    if (th != NULL) {
        edgehost_thread_env(&th->memory, &x->env);
        edge_thread_tables(th);
        x->store = &th->tables->store;
        x->env.verify = x->store->keys.len > 0 ? edge_verify : NULL;
        return edgehost_exchange(&x->ev, x->trigger, &x->env, &th->memory.scratch, edge_fill, x,
                                 &x->edits);
    }
    edgefn_build_begin(&x->ev, x->trigger->dialect, type, edgefn_arena_make(NULL, 0), NULL);
    edgefn_fail(&x->ev, EDGEFN_E_OOM, S("the thread's memory"));
    return EDGEFN_OUTCOME_FAIL;
}

/*--- responses that are made here -------------------------------------------------------------------------------------*/

static bool edge_bodiless(uint32_t status)
{
    return status < 200 || status == 204 || status == 304;
}

/* Replaces the response by CloudFront's error: the reasons are logged, and shown on the page unless --no-check is set. */
static bool edge_fail(edge_run *x)
{
    edge_txn *t = x->t;
    char why[2048], page[EDGE_PAGE];
    const edgehost_tables *rows = x->store != NULL ? &x->store->tables : NULL;
    edgehost_failure f = edgehost_failure_of(&x->ev, x->trigger, rows, why, sizeof why);
    const char *type = edgefn_event_type_name(x->trigger->type);
    edgehost_line lines[] = { { S("Content-Type"), S("text/plain") },
                              { S("Cache-Control"), S("no-store") } };
    bool ok = true;

    for (edgefn_cut line = edgefn_str_cut(f.why, S("\n"));;
         line = edgefn_str_cut(line.tail, S("\n"))) {
        TSError("[edgefn] %s %s:%.*s", type, x->trigger->name, EDGEFN_FMT(line.head));
        if (!line.found) break;
    }
    size_t len = edgehost_failure_page(&f, x->trigger, !conf.no_check, page, sizeof page);
    t->status = f.status;
    t->marker = f.cache;
    t->failed = true;
    t->reason = edgefn_status_text(f.status);
    t->reply = edge_keep_lines(t, lines, 2, &ok);
    t->reply_len = ok ? 2 : 0;
    t->reply_body = edge_keep(t, (edgefn_str){ page, len }, &ok);
    return ok;
}

/* Sets the status of a received response to that of the event. was: the received status. */
static void edge_set_status(edge_head h, const edgefn_event *ev, uint32_t was)
{
    if (ev->response.status != was)
        TSHttpHdrStatusSet(h.buf, h.at, (TSHttpStatus)ev->response.status);
    if (ev->response.status == was
        && edgefn_changed(ev, EDGEFN_MEMBER_STATUS_TEXT) == EDGEFN_CHANGE_NONE)
        return;
    edgefn_str reason = edgehost_reason(ev);
    TSHttpHdrReasonSet(h.buf, h.at, reason.ptr, (int)reason.len);
}

/* Replaces the transaction's response by that of the event. */
static bool edge_reply(edge_run *x, const edgehost_line *at, size_t len)
{
    edge_txn *t = x->t;
    edgefn_response *a = &x->ev.response;
    edgefn_str body = x->edits.body;
    bool ok = true;

    t->reason = edge_keep(t, edgehost_reason(&x->ev), &ok);
    t->reply = edge_keep_lines(t, at, len, &ok);
    t->reply_body = edge_keep(t, edge_bodiless(a->status) ? S("") : body, &ok);
    t->reply_len = ok ? len : 0;
    t->status = a->status;
    return ok;
}

static bool edge_answer(edge_run *x)
{
    edge_txn *t = x->t;

    t->marker = edgehost_answer_cache(&x->ev);
    return edge_reply(x, x->edits.lines, x->edits.line_count);
}

/* Copies the reply into the header to be sent, at the last moment: until then Traffic Server makes its own. */
static void edge_write_reply(edge_txn *t, edge_head h)
{
    TSHttpHdrStatusSet(h.buf, h.at, (TSHttpStatus)t->status);
    TSHttpHdrReasonSet(h.buf, h.at, t->reason.ptr, (int)t->reason.len);
    edge_drop(h, S("Content-Type"));
    edge_drop(h, S("Content-Language"));
    for (size_t i = 0; i < t->reply_len; i++)
        if (!edgehost_connection(t->reply[i].name)) edge_drop(h, t->reply[i].name);
    for (size_t i = 0; i < t->reply_len; i++)
        if (!edgehost_connection(t->reply[i].name)) edge_add(h, t->reply[i]);
}

/* Passes the reply's body to Traffic Server as its error message. */
static void edge_write_body(TSHttpTxn txn, edge_txn *t)
{
    char *body = NULL;

    if (t->reply_body.len > 0) {
        body = (char *)TSmalloc(t->reply_body.len);
        memcpy(body, t->reply_body.ptr, t->reply_body.len);
    }
    TSHttpTxnErrorBodySet(txn, body, t->reply_body.len,
                          TSstrdup("")); /* "": the header already has the type */
}

/*--- requests ---------------------------------------------------------------------------------------------------------*/

static bool edge_set_url(edge_head h, edgefn_str prefix, edgefn_str uri, edgefn_str query)
{
    TSMLoc url;

    if (TSHttpHdrUrlGet(h.buf, h.at, &url) != TS_SUCCESS) return false;
    char *path = (char *)malloc(prefix.len + uri.len + 1); /* TSUrlPathSet() copies */
    bool ok = path != NULL;
    if (ok) {
        memcpy(path, prefix.ptr, prefix.len);
        memcpy(path + prefix.len, uri.ptr, uri.len);
        ok = TSUrlPathSet(h.buf, url, path + 1, (int)(prefix.len + uri.len - 1)) == TS_SUCCESS
             && /* without the first '/' */
             TSUrlHttpParamsSet(h.buf, url, "", 0) == TS_SUCCESS
             && TSUrlHttpQuerySet(h.buf, url, query.ptr, (int)query.len) == TS_SUCCESS;
    }
    free(path);
    TSHandleMLocRelease(h.buf, h.at, url);
    return ok;
}

/* Sets the server of a request. */
static bool edge_set_target(edge_head h, bool https, edgefn_str host, uint32_t port)
{
    TSMLoc url;

    if (TSHttpHdrUrlGet(h.buf, h.at, &url) != TS_SUCCESS) return false;
    const char *scheme = https ? TS_URL_SCHEME_HTTPS : TS_URL_SCHEME_HTTP;
    bool ok =
        TSUrlSchemeSet(h.buf, url, scheme, https ? TS_URL_LEN_HTTPS : TS_URL_LEN_HTTP) == TS_SUCCESS
        && TSUrlHostSet(h.buf, url, host.ptr, (int)host.len) == TS_SUCCESS
        && TSUrlPortSet(h.buf, url, (int)port) == TS_SUCCESS;
    TSHandleMLocRelease(h.buf, h.at, url);
    return ok;
}

/* Applies a function's edits to a request. prefix: the origin's path, "" on the viewer side. */
static bool edge_edit(edge_run *x, edge_head h, edgefn_str prefix)
{
    const edgehost_edits *e = &x->edits;

    if (e->headers && !edge_set_lines(h, x->trigger, e, S("cookie"))) return false;
    if (prefix.len == 0 && e->uri.ptr == NULL && e->query.ptr == NULL) return true;
    return edge_set_url(h, prefix, e->uri.ptr != NULL ? e->uri : x->uri,
                        e->query.ptr != NULL ? e->query : x->query);
}

/* Applies a function's edits to the viewer's request and, if the function had to wait for the body, to the request that
   Traffic Server has meanwhile prepared for the origin side. */
static bool edge_forward(edge_run *x, edgefn_str prefix)
{
    edge_head onward = edge_get(x->txn, TSHttpTxnServerReqGet);
    bool ok = edge_edit(x, x->request, prefix);

    if (ok && onward.at != TS_NULL_MLOC) ok = edge_edit(x, onward, prefix);
    edge_done(onward);
    if (ok && x->edits.body.ptr != NULL) x->t->new_body = edge_keep(x->t, x->edits.body, &ok);
    return ok;
}

/* Adds CloudFront's headers to a request. */
static bool edge_supply(edge_txn *t, edge_head h)
{
    edgehost_line lines[EDGEHOST_VIEWER_LINES];
    char address[EDGEHOST_VIEWER_ADDRESS];
    edgehost_viewer_facts viewer = { t->user_agent, t->address, t->port, t->http_version,
                                     t->https };
    size_t n = edgehost_viewer_headers(&viewer, lines, address);
    bool ok = true;

    for (size_t i = 0; i < n && ok; i++)
        ok = edge_set(h, lines[i].name, lines[i].value);
    for (size_t i = 0; i < conf.header_count && ok; i++)
        ok = edge_set(h, conf.headers[i].name, conf.headers[i].value);
    return ok;
}

/* Runs viewer-request. Returns: true to continue with the request; false if there is a reply. */
static bool edge_viewer_request(TSHttpTxn txn, edge_txn *t, edge_head request)
{
    edge_run x;
    edge_head none = { NULL, TS_NULL_MLOC };

    if (conf.triggers[EDGEFN_VIEWER_REQUEST].handler == NULL) return true;
    edgefn_outcome outcome = edge_exchange(&x, txn, t, EDGEFN_VIEWER_REQUEST, request, none);
    if (outcome == EDGEFN_OUTCOME_FORWARD && edge_forward(&x, S(""))) return true;
    if (outcome != EDGEFN_OUTCOME_ANSWER || !edge_answer(&x)) edge_fail(&x);
    return false;
}

/* Sets the cache key: without the host, unless the host is forwarded to the origin. */
static void edge_set_cache_key(TSHttpTxn txn, edge_head request)
{
    TSMLoc url;
    int path_len = 0, params_len = 0, query_len = 0;

    if (TSHttpHdrUrlGet(request.buf, request.at, &url) != TS_SUCCESS) return;
    const char *path = TSUrlPathGet(request.buf, url, &path_len),
               *params = TSUrlHttpParamsGet(request.buf, url, &params_len);
    const char *query = TSUrlHttpQueryGet(request.buf, url, &query_len);
    edgefn_str host = conf.forward_host ? edge_find(request, S("Host")) : S("edge");
    size_t cap = host.len + (size_t)(path_len + params_len + query_len) + 16;
    char *key = (char *)malloc(cap);
    if (key != NULL) {
        int len =
            snprintf(key, cap, "http://%.*s/%.*s%s%.*s%s%.*s", EDGEFN_FMT(host), path_len,
                     path ? path : "", params_len > 0 ? ";" : "", params_len, params ? params : "",
                     query_len > 0 ? "?" : "", query_len, query ? query : "");
        TSCacheUrlSet(txn, key, len);
    }
    free(key);
    TSHandleMLocRelease(request.buf, request.at, url);
}

/* Makes sure that there is a reply. */
static void edge_refuse(edge_txn *t, uint32_t status, const char *marker)
{
    if (t == NULL || t->status != 0) return;
    t->status = status;
    t->reason = edgefn_status_text(status);
    t->marker = marker;
    t->failed = true;
}

/*--- request bodies ---------------------------------------------------------------------------------------------------*/

/* True if Traffic Server expects a body. */
static bool edge_chunked(edge_head request)
{
    edgefn_cut cut = { { NULL, 0 }, edge_find(request, S("Transfer-Encoding")), true };

    while (cut.found) {
        cut = edgefn_str_cut(cut.tail, S(","));
        if (edgefn_str_ieq(edgefn_str_trim(cut.head), S("chunked"))) return true;
    }
    return false;
}

static int64_t edge_length(edge_head request)
{
    return (int64_t)edgefn_str_to_u64(edge_find(request, S("Content-Length"))).value;
}

static bool edge_has_body(edge_head request)
{
    return edge_chunked(request) || edge_length(request) > 0;
}

/* Keeps the content in a part of a chunked body. Traffic Server has validated the chunks, and knows where the body
   ends. */
static void edge_dechunk(edge_upload *u, const char *p, size_t len)
{
    edge_chunks *c = &u->chunks;

    for (size_t i = 0; i < len; i++) {
        int digit = p[i] >= '0' && p[i] <= '9'                 ? p[i] - '0'
                    : (p[i] | 32) >= 'a' && (p[i] | 32) <= 'f' ? (p[i] | 32) - 'a' + 10
                                                               : -1;
        if (c->state == EDGE_DATA && c->left > 0) {
            size_t take = len - i < c->left ? len - i : c->left;
            TSIOBufferWrite(u->buffer, p + i, (int64_t)take);
            c->left -= take;
            i += take - 1;
        } else if (c->state == EDGE_DATA) {
            if (p[i] == '\n') c->state = EDGE_SIZE;
        } else if (p[i] == '\n' && c->state != EDGE_END)
            c->state = c->left > 0 ? EDGE_DATA : EDGE_END;
        else if (c->state == EDGE_SIZE && digit >= 0)
            c->left = c->left * 16 + (size_t)digit;
        else if (c->state == EDGE_SIZE)
            c->state = EDGE_EXTENSION;
    }
}

/* Takes n bytes of the input. */
static void edge_upload_take(edge_upload *u, TSIOBufferReader from, int64_t n)
{
    int64_t len = 0, left = n;

    if (!u->drop && !u->chunked) TSIOBufferCopy(u->buffer, from, n, 0);
    for (TSIOBufferBlock b = !u->drop && u->chunked ? TSIOBufferReaderStart(from) : NULL;
         b != NULL && left > 0; b = TSIOBufferBlockNext(b)) {
        const char *p = TSIOBufferBlockReadStart(b, from, &len);
        if (len > left) len = left;
        edge_dechunk(u, p, (size_t)len);
        left -= len;
    }
    TSIOBufferReaderConsume(from, n);
}

/* The body is complete: runs viewer-request if it waited for the body. */
static void edge_upload_done(edge_upload *u)
{
    edge_txn *t = u->t;
    size_t len = (size_t)TSIOBufferReaderAvail(u->reader);
    edge_head request = edge_get(u->txn, TSHttpTxnClientReqGet);
    char *body = (char *)edgehost_pool_alloc(&t->pool, len + 1);
    bool ok = body != NULL && request.at != TS_NULL_MLOC;

    if (ok) {
        TSIOBufferReaderCopy(u->reader, body, (int64_t)len);
        TSIOBufferReaderConsume(u->reader, (int64_t)len);
        t->body = (edgefn_str){ body, len };
        ok = !u->look || edge_viewer_request(u->txn, t, request);
    }
    u->look = false;
    if (ok && t->new_body.ptr == NULL) t->new_body = t->body;
    if (!ok) {
        edge_refuse(t, 503, "LambdaExecutionError from cloudfront");
        t->relayed = true;
    }
    edge_done(request);
}

static void edge_upload_move(TSVConn transform, edge_upload *u)
{
    TSVIO in = TSVConnWriteVIOGet(transform);

    if (TSVIOBufferGet(in) == NULL) { /* the input has ended */
        if (u->out != NULL) TSVIOReenable(u->out);
        return;
    }
    int64_t left = TSVIONTodoGet(in), n = TSIOBufferReaderAvail(TSVIOReaderGet(in));
    if (n > left) n = left;
    if (n > 0) {
        edge_upload_take(u, TSVIOReaderGet(in), n);
        TSVIONDoneSet(in, TSVIONDoneGet(in) + n);
    }
    bool end = n == left;
    if (!u->drop && TSIOBufferReaderAvail(u->reader) > conf.body_limit && u->t != NULL) {
        TSError(
            "[edgefn] a chunked body for functions is longer than proxy.config.http.post_copy_size");
        edge_refuse(u->t, 413, "Error from cloudfront");
        u->t->relayed = u->drop = true;
        u->look = false;
        TSIOBufferReaderConsume(u->reader, TSIOBufferReaderAvail(u->reader));
    }
    if (end && u->out == NULL) {
        if (!u->drop && u->t != NULL) edge_upload_done(u);
        u->out =
            TSVConnWrite(TSTransformOutputVConnGet(transform), (TSCont)transform, u->reader, 0);
    } else if (u->out != NULL)
        TSVIOReenable(u->out);
    if (n > 0 || end)
        TSContCall(TSVIOContGet(in),
                   end ? TS_EVENT_VCONN_WRITE_COMPLETE : TS_EVENT_VCONN_WRITE_READY, in);
}

static int edge_upload_event(TSCont contp, TSEvent event, void *data)
{
    edge_upload *u = (edge_upload *)TSContDataGet(contp);

    (void)data;
    if (TSVConnClosedGet((TSVConn)contp)) {
        u->out = NULL;
        edge_upload_release(u);
        TSContDestroy(contp);
    } else if (event == TS_EVENT_ERROR) {
        TSVIO in = TSVConnWriteVIOGet((TSVConn)contp);
        TSContCall(TSVIOContGet(in), TS_EVENT_ERROR, in);
    } else if (event == TS_EVENT_VCONN_WRITE_COMPLETE)
        TSVConnShutdown(TSTransformOutputVConnGet((TSVConn)contp), 0, 1);
    else
        edge_upload_move((TSVConn)contp, u);
    return 0;
}

/* Reads the body of a request from the connection. look: it is kept, and viewer-request runs when it is complete; keep: it
   is kept; neither: it is discarded. Returns: false if there is no body. */
static bool edge_upload_through(TSHttpTxn txn, edge_txn *t, edge_head request, bool look, bool keep)
{
    if (!edge_has_body(request)) return false;
    if (t->upload != NULL) return true;
    edge_upload *u = (edge_upload *)calloc(1, sizeof *u);
    if (u == NULL) return false;
    u->txn = txn;
    u->t = t;
    u->buffer = TSIOBufferCreate();
    u->reader = TSIOBufferReaderAlloc(u->buffer);
    u->chunked = edge_chunked(request);
    u->look = look;
    u->drop = !look && !keep;
    u->users = 2;
    TSCont transform = (TSCont)TSTransformCreate(edge_upload_event, txn);
    TSContDataSet(transform, u);
    TSHttpTxnHookAdd(txn, TS_HTTP_REQUEST_TRANSFORM_HOOK, transform); /* it is closed in any case */
    TSHttpTxnConfigIntSet(txn, TS_CONFIG_HTTP_CACHE_HTTP, 0);         /* its key is not yet known */
    TSHttpTxnConfigIntSet(txn, TS_CONFIG_HTTP_NORMALIZE_AE,
                          0); /* viewer-request must see what the viewer sent */
    t->upload = u;
    return true;
}

/* Returns: the status with which CloudFront refuses a request before any function runs; 0: it accepts the request. */
static uint32_t edge_refusal(edge_head request)
{
    TSMLoc url;
    int method_len = 0, path = 0, params = 0, query = 0;
    const char *ptr = TSHttpHdrMethodGet(request.buf, request.at, &method_len);
    edgefn_str method = edge_text(ptr, method_len);

    if (TSHttpHdrUrlGet(request.buf, request.at, &url) != TS_SUCCESS) return 400;
    TSUrlPathGet(request.buf, url, &path);
    TSUrlHttpParamsGet(request.buf, url, &params);
    TSUrlHttpQueryGet(request.buf, url, &query);
    TSHandleMLocRelease(request.buf, request.at, url);
    int len = 1 + path + (params > 0 ? 1 + params : 0) + (query > 0 ? 1 + query : 0);
    uint32_t refusal =
        edgehost_refusal(method, (size_t)len, (size_t)TSHttpHdrLengthGet(request.buf, request.at));
    if (refusal != 0) return refusal;
    return edgefn_str_eq(method, S("GET")) && edge_has_body(request) ? 403 : 0;
}

/* Begins a transaction of the viewer side. Returns: true to continue. */
static bool edge_begin_viewer(TSHttpTxn txn, edge_txn *t, edge_head request)
{
    static const struct {
        TSOverridableConfigKey key;
        TSMgmtInt value;
    } options[] = {
        { TS_CONFIG_HTTP_RESPONSE_SERVER_ENABLED, 0 },
        /* the origin side itself waits and tries again, and always answers: do not repeat requests to it or mark it as down */
        { TS_CONFIG_HTTP_CONNECT_ATTEMPTS_MAX_RETRIES, 0 },
        { TS_CONFIG_HTTP_CONNECT_ATTEMPTS_MAX_RETRIES_DEAD_SERVER, 0 },
        { TS_CONFIG_HTTP_DOWN_SERVER_CACHE_TIME, 0 },
        { TS_CONFIG_HTTP_KEEP_ALIVE_NO_ACTIVITY_TIMEOUT_OUT,
          30 }, /* shorter than the time-out of connections at the origin side */
    };
    char address[INET6_ADDRSTRLEN];
    const struct sockaddr *from = TSHttpTxnClientAddrGet(txn);
    edge_thread *th = edge_this_thread();
    bool ok = th != NULL && from != NULL;
    bool functions = conf.triggers[EDGEFN_VIEWER_REQUEST].dialect == EDGEFN_DIALECT_FUNCTIONS;

    if (!ok) return false;
    edgehost_request_id(t->id, &th->memory.draws);
    bool six = from->sa_family == AF_INET6;
    inet_ntop(from->sa_family,
              six ? (const void *)&((const struct sockaddr_in6 *)from)->sin6_addr
                  : &((const struct sockaddr_in *)from)->sin_addr,
              address, sizeof address);
    t->address = edge_keep(t, edgefn_cstr(address), &ok);
    t->user_agent = edge_keep(t, edge_find(request, S("User-Agent")), &ok);
    t->port = ntohs(six ? ((const struct sockaddr_in6 *)from)->sin6_port
                        : ((const struct sockaddr_in *)from)->sin_port);
    t->https = TSHttpTxnClientProtocolStackContains(txn, "tls") != NULL;
    t->http_version = TSHttpTxnClientProtocolStackContains(txn, "h2") != NULL ? S("2.0")
                      : TSHttpHdrVersionGet(request.buf, request.at) == TS_HTTP_VERSION(1, 0)
                          ? S("1.0")
                          : S("1.1");
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        TSHttpTxnConfigIntSet(txn, options[i].key, options[i].value);
    uint32_t refusal = edge_refusal(request);
    /* Traffic Server needs cubic time for reading and copying headers */
    if (refusal == 0 && TSMimeHdrFieldsCount(request.buf, request.at) > EDGE_HEADERS) refusal = 431;
    if (refusal != 0) {
        edge_refuse(t, refusal, "Error from cloudfront");
        return false;
    }
    TSHttpTxnConfigIntSet(txn, TS_CONFIG_HTTP_TRANSACTION_NO_ACTIVITY_TIMEOUT_OUT, conf.patience_s);
    /* the address is added here, late: if Traffic Server added it, an edit after that would lose it */
    TSMgmtInt forwarded_for = 0;
    t->forwarded_for =
        TSHttpTxnConfigIntGet(txn, TS_CONFIG_HTTP_INSERT_SQUID_X_FORWARDED_FOR, &forwarded_for)
            == TS_SUCCESS
        && forwarded_for != 0;
    TSHttpTxnConfigIntSet(txn, TS_CONFIG_HTTP_INSERT_SQUID_X_FORWARDED_FOR, 0);
    if (!conf.no_headers && functions) ok = ok && edge_supply(t, request);
    if (!ok) return false;
    bool body = edge_has_body(request), longer = edge_length(request) > conf.body_limit;
    t->truncated = body && longer; /* to an empty body */
    if (conf.look && body && !longer) return edge_upload_through(txn, t, request, true, true);
    if (!edge_viewer_request(txn, t, request)) return false;
    bool keep = conf.keep && !longer && t->new_body.ptr == NULL;
    return !body || (t->new_body.ptr == NULL && !keep)
           || edge_upload_through(txn, t, request, false, keep);
}

/* Records where a function sent the request, for edge_fill() and the connection. */
static bool edge_set_origin(edge_run *x)
{
    edge_txn *t = x->t;
    const edgefn_origin *o = &x->ev.request.origin;
    edgehost_line *lines =
        (edgehost_line *)edgehost_pool_alloc(&t->pool, (o->headers.len + 1) * sizeof *lines);
    bool ok = lines != NULL, s3 = o->kind == EDGEFN_ORIGIN_S3 && t->origin.kind != EDGEFN_ORIGIN_S3;

    for (size_t i = 0; ok && i < o->headers.len; i++) {
        const edgefn_field *h = &o->headers.items[i];
        lines[i].name = edge_keep(t, h->key.ptr != NULL ? h->key : h->name, &ok);
        lines[i].value = edge_keep(t, h->value, &ok);
    }
    t->custom = lines;
    t->custom_len = ok ? o->headers.len : 0;
    t->origin = *o;
    t->origin.domain = edge_keep(t, o->domain, &ok);
    t->origin.path = edge_keep(t, o->path, &ok);
    t->origin.region = edge_keep(t, o->region, &ok);
    t->origin.auth_method = edge_keep(t, o->auth_method, &ok);
    if (s3) t->origin.https = true;
    return ok;
}

static bool edge_origin_request(TSHttpTxn txn, edge_txn *t, edge_head request)
{
    edge_run x;
    edge_head none = { NULL, TS_NULL_MLOC };

    edgefn_outcome outcome = edge_exchange(&x, txn, t, EDGEFN_ORIGIN_REQUEST, request, none);
    bool ok = outcome == EDGEFN_OUTCOME_FORWARD && edge_set_origin(&x)
              && edge_forward(&x, t->origin.path.ptr != NULL ? t->origin.path : S(""));
    if (ok) return true;
    if (outcome != EDGEFN_OUTCOME_ANSWER || !edge_answer(&x)) edge_fail(&x);
    return false;
}

/* Puts the origin's path before that of the request, if no function does. */
static bool edge_prefix(edge_head request, edgefn_str prefix)
{
    TSMLoc url;
    int len = 0;

    if (prefix.len == 0) return true;
    if (TSHttpHdrUrlGet(request.buf, request.at, &url) != TS_SUCCESS) return false;
    const char *path = TSUrlPathGet(request.buf, url, &len);
    size_t size = prefix.len + (size_t)len;
    char *to = (char *)malloc(size + 1);
    bool ok = to != NULL;
    if (ok) {
        memcpy(to, prefix.ptr + 1, prefix.len - 1);
        to[prefix.len - 1] = '/';
        if (len > 0) memcpy(to + prefix.len, path, (size_t)len);
        ok = TSUrlPathSet(request.buf, url, to, (int)size) == TS_SUCCESS;
    }
    free(to);
    TSHandleMLocRelease(request.buf, request.at, url);
    return ok;
}

/* Begins a transaction of the origin side. Returns: true to continue. */
static bool edge_begin_origin(TSHttpTxn txn, edge_txn *t, edge_head request)
{
    static const TSOverridableConfigKey off[] = { TS_CONFIG_HTTP_CACHE_HTTP,
                                                  TS_CONFIG_HTTP_INSERT_SQUID_X_FORWARDED_FOR,
                                                  TS_CONFIG_HTTP_RESPONSE_SERVER_ENABLED,
                                                  TS_CONFIG_HTTP_INSERT_AGE_IN_RESPONSE };

    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
        TSHttpTxnConfigIntSet(txn, off[i], 0);
    /* the viewer side keeps the connection open while it waits for a body */
    TSHttpTxnConfigIntSet(txn, TS_CONFIG_HTTP_KEEP_ALIVE_NO_ACTIVITY_TIMEOUT_IN, conf.patience_s);
    bool known = edgefn_str_eq(edge_find(request, EDGE_KEY),
                               (edgefn_str){ waiting.key, sizeof waiting.key });
    edge_drop(request, EDGE_KEY);
    if (!known || !edge_take_over(t, edge_find(request, S("X-Amz-Cf-Id")))) {
        TSError(
            "[edgefn] port %u is only for the origin side, and must not get requests from others",
            (unsigned)conf.port);
        return false;
    }
    if (t->status != 0) return false;
    t->origin = conf.origin;
    if (!conf.forward_host && !edge_set(request, S("Host"), conf.origin.domain)) return false;
    if (conf.triggers[EDGEFN_ORIGIN_REQUEST].handler != NULL) {
        if (!edge_origin_request(txn, t, request)) return false;
    } else if (!edge_prefix(request, conf.origin.path))
        return false;
    const edgefn_origin *o = &t->origin;
    if (t->new_body.ptr != NULL && edge_has_body(request)) { /* the body was too long to be kept */
        TSError(
            "[edgefn] a request's body is longer than proxy.config.http.post_copy_size and cannot be replaced");
        edge_refuse(t, 413, "Error from cloudfront");
        return false;
    }
    t->prefix = o->path.len;
    if (o->read_timeout_s != conf.origin.read_timeout_s)
        TSHttpTxnConfigIntSet(txn, TS_CONFIG_HTTP_TRANSACTION_NO_ACTIVITY_TIMEOUT_OUT,
                              o->read_timeout_s);
    return true;
}

/*--- the hooks --------------------------------------------------------------------------------------------------------*/

/* A reply is sent only after the request's body has been read: a viewer that still sends when the connection is closed may not see the reply. So the body
   is read from the connection, and then a request without a body fetches the reply from the origin side; the origin side does the same with a
   request to itself. Without a body, the status makes remapping, which has nothing else to do here, send the reply: only this way keeps the connection
   open. Returns: false if there is no reply. */
static bool edge_reply_later(TSHttpTxn txn, edge_txn *t, edge_head request)
{
    t->new_body = EDGEFN_ABSENT;
    t->relayed = edge_upload_through(txn, t, request, false, false);
    if (t->relayed && t->origins) TSHttpTxnConfigIntSet(txn, TS_CONFIG_HTTP_MAX_PROXY_CYCLES, 1);
    return t->relayed;
}

static TSEvent edge_on_request(TSHttpTxn txn)
{
    edge_txn *t = (edge_txn *)calloc(1, sizeof *t);
    edge_head request = edge_get(txn, TSHttpTxnClientReqGet);
    const struct sockaddr *to = TSHttpTxnIncomingAddrGet(txn);
    bool go_on = false, target = false;

    TSUserArgSet(txn, conf.slot, t);
    if (t != NULL && request.at != TS_NULL_MLOC && to != NULL) {
        t->origins = to->sa_family == AF_INET
                     && ntohs(((const struct sockaddr_in *)to)->sin_port) == conf.port;
        go_on =
            t->origins ? edge_begin_origin(txn, t, request) : edge_begin_viewer(txn, t, request);
        const edgefn_origin *o = &t->origin;
        target = t->origins && go_on ? edge_set_target(request, o->https, o->domain,
                                                       o->port != 0 ? o->port
                                                       : o->https   ? 443
                                                                    : 80)
                                     : edge_set_target(request, false, S("127.0.0.1"), conf.port);
        if (go_on && !t->origins && t->upload == NULL) edge_set_cache_key(txn, request);
    }
    if (!go_on || !target) edge_refuse(t, 503, "LambdaExecutionError from cloudfront");
    if (target && (go_on || edge_reply_later(txn, t, request)))
        TSSkipRemappingSet(txn, 1);
    else
        TSHttpTxnStatusSet(txn, TS_HTTP_STATUS_SERVICE_UNAVAILABLE);
    edge_done(request);
    return TS_EVENT_HTTP_CONTINUE;
}

/* Removes headers that CloudFront does not forward, before origin-request; also an Expect other than 100-continue, which a proxy cannot handle. */
static void edge_take_out(edge_head h)
{
    for (TSMLoc field = TSMimeHdrFieldGet(h.buf, h.at, 0), next; field != TS_NULL_MLOC;
         field = next) {
        edgefn_str name = edge_name(h, field);
        bool out = edgehost_viewers_only(name)
                   || (edgefn_str_ieq(name, S("Expect"))
                       && !edgefn_str_ieq(edge_value(h, field), S("100-continue")));
        next = TSMimeHdrFieldNext(h.buf, h.at, field);
        if (out) TSMimeHdrFieldDestroy(h.buf, h.at, field);
        TSHandleMLocRelease(h.buf, h.at, field);
    }
}

/* Adds a value to a header that is a list. */
static void edge_append(edge_head h, edgefn_str name, edgefn_str value)
{
    TSMLoc field = TSMimeHdrFieldFind(h.buf, h.at, name.ptr, (int)name.len);

    if (field == TS_NULL_MLOC) {
        edge_add(h, (edgehost_line){ name, value });
        return;
    }
    TSMimeHdrFieldValueStringInsert(h.buf, h.at, field, -1, value.ptr, (int)value.len);
    TSHandleMLocRelease(h.buf, h.at, field);
}

/* Completes the request to be forwarded: headers added here are not part of the viewer's request. */
static void edge_on_send_request(TSHttpTxn txn, edge_txn *t)
{
    edge_head h = edge_get(txn, TSHttpTxnServerReqGet),
              request = edge_get(txn, TSHttpTxnClientReqGet);

    if (h.at == TS_NULL_MLOC || request.at == TS_NULL_MLOC) return;
    if (t->upload != NULL
        && t->upload->look) { /* nothing is forwarded that viewer-request has not seen */
        edge_refuse(t, 503, "LambdaExecutionError from cloudfront");
        t->relayed = true;
    }
    if (edge_find(request, S("Pragma")).ptr
        != NULL) { /* for a Pragma, Traffic Server adds a Cache-Control */
        edgefn_str cache_control = edge_find(request, S("Cache-Control"));
        edge_drop(h, S("Cache-Control"));
        if (cache_control.ptr != NULL)
            edge_add(h, (edgehost_line){ S("Cache-Control"), cache_control });
    }
    if (t->origins && !t->relayed) {
        for (size_t i = 0; i < t->custom_len; i++)
            edge_set(h, t->custom[i].name, t->custom[i].value);
    } else {
        if (!t->origins) edge_take_out(h);
        if (t->forwarded_for) edge_append(h, S("X-Forwarded-For"), t->address);
        if (!t->origins && !conf.no_headers
            && conf.triggers[EDGEFN_VIEWER_REQUEST].dialect != EDGEFN_DIALECT_FUNCTIONS)
            edge_supply(t, h);
        edge_set(h, S("X-Amz-Cf-Id"), (edgefn_str){ t->id, sizeof t->id });
        edge_set(h, EDGE_KEY, (edgefn_str){ waiting.key, sizeof waiting.key });
        edge_list(t);
    }
    if (t->origins && t->new_body.ptr != NULL) {
        char *body = (char *)TSmalloc(t->new_body.len + 1);
        memcpy(body, t->new_body.ptr, t->new_body.len);
        TSHttpTxnServerRequestBodySet(txn, body,
                                      (int64_t)t->new_body.len); /* with its Content-Length */
    }
    if (t->upload != NULL || t->new_body.ptr != NULL) {
        edge_drop(h, S("Transfer-Encoding"));
        edge_drop(h, S("Expect"));
    }
    edge_done(request);
    edge_done(h);
}

/* Runs origin-response. Returns: false to send the reply instead of the received response. */
static bool edge_origin_response(TSHttpTxn txn, edge_txn *t, edge_head request, edge_head response)
{
    edge_run x;
    edgefn_event *ev = &x.ev;
    uint32_t was = t->origin_status;

    if (edge_exchange(&x, txn, t, EDGEFN_ORIGIN_RESPONSE, request, response)
        == EDGEFN_OUTCOME_FAIL) {
        edge_fail(&x);
        return false;
    }
    bool other =
        ev->response.status != was
        && (edge_bodiless(was)
            || edge_bodiless(ev->response.status)); /* which also changes how the response ends */
    bool ok = !x.edits.headers || edge_set_lines(response, x.trigger, &x.edits, S("set-cookie"));
    if (ok
        && (x.edits.body.ptr != NULL
            || other)) { /* Traffic Server discards this header, so it is copied into the reply */
        size_t count = (size_t)TSMimeHdrFieldsCount(response.buf, response.at), n = 0;
        edgehost_line *at =
            (edgehost_line *)edgehost_pool_alloc(&t->pool, (count + 1) * sizeof *at);
        for (TSMLoc f = TSMimeHdrFieldGet(response.buf, response.at, 0); f != TS_NULL_MLOC;
             f = edge_next(response, f))
            if (at != NULL && n < count && edge_name(response, f).len > 0)
                at[n++] = (edgehost_line){ edge_name(response, f), edge_value(response, f) };
        if (at != NULL && edge_reply(&x, at, n)) return false;
        ok = false;
    }
    if (!ok) {
        edgefn_fail(ev, EDGEFN_E_OOM, S("the response's header"));
        edge_fail(&x);
        return false;
    }
    edge_set_status(response, ev, was);
    return true;
}

static TSEvent edge_on_response(TSHttpTxn txn, edge_txn *t)
{
    edge_head request = edge_get(txn, TSHttpTxnClientReqGet),
              response = edge_get(txn, TSHttpTxnServerRespGet);
    bool ok = request.at != TS_NULL_MLOC && response.at != TS_NULL_MLOC;

    if (t->origins && t->new_body.ptr != NULL)
        TSHttpTxnServerRequestBodySet(
            txn, NULL, 0); /* otherwise Traffic Server might treat it as that of a response */
    if (ok) t->origin_status = (uint32_t)TSHttpHdrStatusGet(response.buf, response.at);
    if (ok
        && t->origin_status
               == 0) { /* the origin closed without an answer: Traffic Server has an error page for that */
        edge_done(request);
        edge_done(response);
        return TS_EVENT_HTTP_CONTINUE;
    }
    t->from_origin = true;
    if (!t->origins && t->origin_status != 304)
        TSHttpTxnConfigIntSet(txn, TS_CONFIG_HTTP_INSERT_AGE_IN_RESPONSE,
                              0); /* the response does not come from the cache */
    if (ok && t->origins && !t->relayed && conf.triggers[EDGEFN_ORIGIN_RESPONSE].handler != NULL)
        ok = edge_origin_response(txn, t, request, response);
    if (!ok) edge_refuse(t, 503, "LambdaExecutionError from cloudfront");
    edge_done(request);
    edge_done(response);
    return ok ? TS_EVENT_HTTP_CONTINUE : TS_EVENT_HTTP_ERROR;
}

/*--- another body on the viewer side --------------------------------------------------------------------------------*/

/* Copies the input to a buffer. Nothing is read from the buffer before viewer-response has run: Traffic Server makes the header when this function
   announces its output, and reads the output only then. */
static void edge_move(TSCont contp, edge_swap *s)
{
    TSVIO in = TSVConnWriteVIOGet(contp);

    if (s->out == NULL) {
        s->buffer = TSIOBufferCreate();
        s->reader = TSIOBufferReaderAlloc(s->buffer);
        s->out =
            TSVConnWrite(TSTransformOutputVConnGet(contp), contp, s->reader, TSVIONBytesGet(in));
    }
    if (TSVIOBufferGet(in) == NULL) { /* the input has ended */
        if (!s->swapped) TSVIONBytesSet(s->out, TSVIONDoneGet(in));
        TSVIOReenable(s->out);
        return;
    }
    int64_t left = TSVIONTodoGet(in), n = TSIOBufferReaderAvail(TSVIOReaderGet(in));
    if (n > left) n = left;
    if (n > 0) {
        if (!s->swapped) TSIOBufferCopy(s->buffer, TSVIOReaderGet(in), n, 0);
        TSIOBufferReaderConsume(TSVIOReaderGet(in), n);
        TSVIONDoneSet(in, TSVIONDoneGet(in) + n);
    }
    if (TSVIONTodoGet(in) <= 0 && !s->swapped) TSVIONBytesSet(s->out, TSVIONDoneGet(in));
    if (n > 0 || TSVIONTodoGet(in) <= 0) {
        TSVIOReenable(s->out);
        TSContCall(
            TSVIOContGet(in),
            TSVIONTodoGet(in) > 0 ? TS_EVENT_VCONN_WRITE_READY : TS_EVENT_VCONN_WRITE_COMPLETE, in);
    }
}

static int edge_transform(TSCont contp, TSEvent event, void *data)
{
    edge_swap *s = (edge_swap *)TSContDataGet(contp);

    (void)data;
    if (TSVConnClosedGet(contp)) {
        s->out = NULL;
        edge_swap_release(s);
        TSContDestroy(contp);
    } else if (event == TS_EVENT_ERROR) {
        TSVIO in = TSVConnWriteVIOGet(contp);
        TSContCall(TSVIOContGet(in), TS_EVENT_ERROR, in);
    } else if (event == TS_EVENT_VCONN_WRITE_COMPLETE)
        TSVConnShutdown(TSTransformOutputVConnGet(contp), 0, 1);
    else
        edge_move(contp, s);
    return 0;
}

/* Prepares to replace the received body. Not for a part of a body (a range), because Traffic Server's own transformation follows this one; not for
   a response without a body. */
static void edge_prepare_swap(TSHttpTxn txn, edge_txn *t)
{
    edge_head request = edge_get(txn, TSHttpTxnClientReqGet);
    int len = 0;

    if (request.at == TS_NULL_MLOC || t->swap != NULL || t->relayed
        || conf.triggers[EDGEFN_VIEWER_RESPONSE].handler == NULL)
        return;
    const char *method = TSHttpHdrMethodGet(request.buf, request.at, &len);
    if (!edgefn_str_eq(edge_text(method, len), S("HEAD"))
        && edge_find(request, S("Range")).ptr == NULL) {
        TSVConn transform = TSTransformCreate(edge_transform, txn);
        t->swap = (edge_swap *)calloc(1, sizeof *t->swap);
        if (t->swap != NULL) {
            t->swap->users = 2;
            TSContDataSet(transform, t->swap);
            TSHttpTxnUntransformedRespCache(txn, 1);
            TSHttpTxnTransformedRespCache(txn, 0);
            TSHttpTxnHookAdd(txn, TS_HTTP_RESPONSE_TRANSFORM_HOOK, transform);
        } else
            TSContDestroy(transform);
    }
    edge_done(request);
}

/* Sets Content-Length to the length of t->reply_body, also in an answer to HEAD. */
static bool edge_set_length(edge_txn *t, edge_head h)
{
    char length[24];
    int len = snprintf(length, sizeof length, "%zu", t->reply_body.len);

    return edge_find(h, S("Transfer-Encoding")).ptr != NULL
           || edge_set(h, S("Content-Length"), edge_text(length, len));
}

/* Replaces the received body by t->reply_body. Returns: false if it is too late for that. */
static bool edge_swap_body(edge_txn *t, edge_head h)
{
    edge_swap *s = t->swap;

    if (s == NULL || s->out == NULL) return false;
    TSIOBufferReaderConsume(s->reader, TSIOBufferReaderAvail(s->reader));
    if (t->reply_body.len > 0)
        TSIOBufferWrite(s->buffer, t->reply_body.ptr, (int64_t)t->reply_body.len);
    TSVIONBytesSet(s->out, (int64_t)t->reply_body.len);
    s->swapped = true;
    TSVIOReenable(s->out);
    return edge_set_length(t, h);
}

/*--- responses that go out --------------------------------------------------------------------------------------------*/

/* The header with which the origin side reports the origin's status, and what a function did, to the viewer side: "404 MARKER from cloudfront". It is
   stored in the cache, hidden from functions, and removed at the viewer side. */
#define EDGE_RESULT S("X-Edge-Result")

static void edge_on_send_from_origins(TSHttpTxn txn, edge_txn *t, edge_head h)
{
    char result[128];
    uint32_t status = t->from_origin && !t->failed ? t->origin_status : t->status;

    if (t->relayed && t->from_origin) return; /* it is complete */
    edge_drop(h, EDGE_RESULT);
    if (t->status != 0) {
        edge_write_reply(t, h);
        edge_write_body(txn, t);
    }
    uint32_t sent = (uint32_t)TSHttpHdrStatusGet(h.buf, h.at);
    if (status == 0 && sent == 500) { /* Traffic Server's status for a name that does not exist */
        sent = 502;
        TSHttpHdrStatusSet(h.buf, h.at, TS_HTTP_STATUS_BAD_GATEWAY);
        TSHttpHdrReasonSet(h.buf, h.at, "Bad Gateway", 11);
    }
    if (status == 0) status = sent; /* an error of Traffic Server itself */
    if (status < 400 && status == sent && t->marker == NULL)
        return; /* as after a 304, which keeps what is in the cache */
    int len = snprintf(result, sizeof result, "%u %s", (unsigned)status,
                       t->marker != NULL ? t->marker : "");
    edge_add(h, (edgehost_line){ EDGE_RESULT, edge_text(result, len) });
}

/* Runs viewer-response on the header to be sent. Returns: false if the header cannot be made. */
static bool edge_viewer_response(TSHttpTxn txn, edge_txn *t, edge_head request, edge_head h)
{
    edge_run x;
    edgefn_event *ev = &x.ev;
    uint32_t was = (uint32_t)TSHttpHdrStatusGet(h.buf, h.at);
    int len = 0;
    const char *method = TSHttpHdrMethodGet(request.buf, request.at, &len);
    bool head = edgefn_str_eq(edge_text(method, len), S("HEAD")), ok = true;

    if (edge_exchange(&x, txn, t, EDGEFN_VIEWER_RESPONSE, request, h) == EDGEFN_OUTCOME_FAIL) {
        edge_fail(&x);
        for (TSMLoc f = TSMimeHdrFieldGet(h.buf, h.at, 0), next; f != TS_NULL_MLOC; f = next) {
            next = TSMimeHdrFieldNext(h.buf, h.at, f);
            if (!edgehost_connection(edge_name(h, f))
                && !edgefn_str_ieq(edge_name(h, f), S("Date")))
                TSMimeHdrFieldDestroy(h.buf, h.at, f);
            TSHandleMLocRelease(h.buf, h.at, f);
        }
        edge_write_reply(t, h);
    } else {
        bool other = ev->response.status != was
                     && (edge_bodiless(was) || edge_bodiless(ev->response.status));
        if (x.edits.headers) ok = edge_set_lines(h, x.trigger, &x.edits, S("set-cookie"));
        edge_set_status(h, ev, was);
        if (x.edits.body.ptr == NULL && !other) return ok;
        ok = ok && edge_reply(&x, NULL, 0);
    }
    if (ok && edge_bodiless(was)) return edge_set(h, S("Content-Length"), S("0"));
    return ok && (head ? edge_set_length(t, h) : edge_swap_body(t, h));
}

/* Sets X-Cache, as CloudFront does. */
static edgefn_str edge_x_cache(const edge_txn *t, bool hit, bool stale, uint32_t origin_status)
{
    if (hit && !t->failed)
        return origin_status >= 400 ? S("Error from cloudfront") : S("Hit from cloudfront");
    if (t->marker != NULL) return edgefn_cstr(t->marker);
    if (origin_status >= 400 || (!hit && !t->from_origin)) return S("Error from cloudfront");
    return stale && t->origin_status == 304 ? S("RefreshHit from cloudfront")
                                            : S("Miss from cloudfront");
}

/* Reads EDGE_RESULT. A 304 that Traffic Server makes for a conditional request lacks this header of the cached response. */
static uint32_t edge_take_result(TSHttpTxn txn, edge_txn *t, edge_head h, bool cached)
{
    edge_head kept = cached && TSHttpHdrStatusGet(h.buf, h.at) == TS_HTTP_STATUS_NOT_MODIFIED
                         ? edge_get(txn, TSHttpTxnCachedRespGet)
                         : (edge_head){ NULL, TS_NULL_MLOC };
    edgefn_str value = edge_find(kept.at != TS_NULL_MLOC ? kept : h, EDGE_RESULT);
    edgefn_cut cut = edgefn_str_cut(value, S(" "));
    bool ok = true;

    if (!cached && cut.tail.len > 0) { /* edge_keep() leaves room for a NUL */
        edgefn_str marker = edge_keep(t, cut.tail, &ok);
        if (ok) ((char *)(uintptr_t)marker.ptr)[marker.len] = '\0';
        t->marker = ok ? marker.ptr : NULL;
    }
    uint32_t status = value.ptr != NULL ? (uint32_t)edgefn_str_to_u64(cut.head).value
                                        : (uint32_t)TSHttpHdrStatusGet(h.buf, h.at);
    edge_done(kept);
    edge_drop(h, EDGE_RESULT);
    return status;
}

static TSEvent edge_on_send_to_viewer(TSHttpTxn txn, edge_txn *t, edge_head h)
{
    edge_head request = edge_get(txn, TSHttpTxnClientReqGet);
    int lookup = TS_CACHE_LOOKUP_MISS;
    uint32_t origin_status = 0;
    bool ok = true;

    if (TSHttpTxnCacheLookupStatusGet(txn, &lookup) != TS_SUCCESS) lookup = TS_CACHE_LOOKUP_MISS;
    bool stale = lookup == TS_CACHE_LOOKUP_HIT_STALE,
         hit = !t->from_origin && (stale || lookup == TS_CACHE_LOOKUP_HIT_FRESH);
    if (t->status != 0 && !(t->relayed && t->from_origin)) {
        edge_write_reply(t, h);
        edge_write_body(txn, t);
    } else {
        origin_status = edge_take_result(txn, t, h, hit || (stale && t->origin_status == 304));
        bool runs = (hit || t->from_origin) && !t->relayed && origin_status < 400
                    && request.at != TS_NULL_MLOC;
        if (runs && conf.triggers[EDGEFN_VIEWER_RESPONSE].handler != NULL)
            ok = edge_viewer_response(txn, t, request, h);
    }
    if (ok) {
        edge_drop(h, S("X-Cache"));
        edge_drop(h, S("X-Amz-Cf-Id"));
        edge_drop(h, S("Trailer"));
        edge_add(h, (edgehost_line){ S("X-Cache"), edge_x_cache(t, hit && t->status == 0, stale,
                                                                origin_status) });
        edge_add(h, (edgehost_line){ S("X-Amz-Cf-Id"), { t->id, sizeof t->id } });
    } else { /* only an error, whose header Traffic Server makes alone, can hold back the received body */
        if (t->status < 400)
            TSError("[edgefn] a part of a response cannot be replaced by another body");
        TSHttpTxnStatusSet(txn, (TSHttpStatus)(t->status >= 400 ? t->status : 502));
        TSHttpTxnErrorBodySet(txn, TSstrdup(EDGEHOST_FAILURE_TEXT),
                              sizeof EDGEHOST_FAILURE_TEXT - 1, TSstrdup("text/plain"));
    }
    edge_done(request);
    return ok ? TS_EVENT_HTTP_CONTINUE : TS_EVENT_HTTP_ERROR;
}

static void edge_on_lookup(TSHttpTxn txn, edge_txn *t)
{
    int lookup = TS_CACHE_LOOKUP_MISS;

    if (!t->origins && TSHttpTxnCacheLookupStatusGet(txn, &lookup) == TS_SUCCESS
        && lookup == TS_CACHE_LOOKUP_HIT_FRESH)
        edge_prepare_swap(txn, t);
}

static void edge_on_close(TSHttpTxn txn, edge_txn *t)
{
    TSUserArgSet(txn, conf.slot, NULL);
    if (t == NULL) return;
    edge_unlist(t);
    edge_swap_release(t->swap);
    if (t->upload != NULL) t->upload->t = NULL;
    edge_upload_release(t->upload);
    edgehost_pool_free(&t->pool);
    free(t);
}

static int edge_hook(TSCont contp, TSEvent event, void *data)
{
    TSHttpTxn txn = (TSHttpTxn)data;
    TSEvent result = TS_EVENT_HTTP_CONTINUE;
    edge_txn *t =
        event == TS_EVENT_HTTP_READ_REQUEST_HDR ? NULL : (edge_txn *)TSUserArgGet(txn, conf.slot);
    edge_head h;

    (void)contp;
    switch ((int)event) {
    case TS_EVENT_HTTP_READ_REQUEST_HDR: result = edge_on_request(txn); break;
    case TS_EVENT_HTTP_TXN_CLOSE: edge_on_close(txn, t); break;
    case TS_EVENT_HTTP_CACHE_LOOKUP_COMPLETE:
        if (t != NULL) edge_on_lookup(txn, t);
        break;
    case TS_EVENT_HTTP_SEND_REQUEST_HDR:
        if (t != NULL) edge_on_send_request(txn, t);
        break;
    case TS_EVENT_HTTP_READ_RESPONSE_HDR:
        if (t != NULL) result = edge_on_response(txn, t);
        if (t != NULL && !t->origins) edge_prepare_swap(txn, t);
        break;
    case TS_EVENT_HTTP_SEND_RESPONSE_HDR:
        h = edge_get(txn, TSHttpTxnClientRespGet);
        if (t != NULL && h.at != TS_NULL_MLOC && t->origins)
            edge_on_send_from_origins(txn, t, h);
        else if (t != NULL && h.at != TS_NULL_MLOC)
            result = edge_on_send_to_viewer(txn, t, h);
        edge_done(h);
        break;
    default: break;
    }
    TSHttpTxnReenable(txn, result);
    return 0;
}

/*--- configuration ----------------------------------------------------------------------------------------------------*/

/* Decodes %XX, which stands for characters that plugin.config does not allow. Returns: a NUL-terminated copy that is never freed. */
static edgefn_str edge_decoded(edgefn_str s)
{
    char *to = (char *)malloc(s.len + 1);
    size_t n = 0;

    if (to == NULL) TSEmergency("[edgefn] out of memory");
    for (size_t i = 0; i < s.len; i++) {
        char hex[3] = { i + 2 < s.len ? s.ptr[i + 1] : '\0', i + 2 < s.len ? s.ptr[i + 2] : '\0',
                        '\0' },
             *end = hex;
        long byte = s.ptr[i] == '%' ? strtol(hex, &end, 16) : 0;
        bool encoded = end == hex + 2 && hex[0] != ' ' && hex[0] != '-' && hex[0] != '+';
        to[n++] = encoded ? (char)byte : s.ptr[i];
        if (encoded) i += 2;
    }
    to[n] = '\0';
    return (edgefn_str){ to, n };
}

static void edge_refuse_option(const char *option, const char *why)
{
    TSEmergency("[edgefn] plugin.config: %s: %s", option, why);
}

static bool edge_port(edgefn_str s, uint32_t *to)
{
    uint64_t n = 0;
    bool ok = edgehost_option_number(s, 1, 65535, &n);

    *to = (uint32_t)n;
    return ok;
}

/* custom|s3,DOMAIN[,port=N][,protocol=http|https][,path=/p][,region=R] */
static void edge_option_origin(const char *option, edgefn_str value)
{
    edgefn_origin *o = &conf.origin;
    edgefn_cut cut = edgefn_str_cut(value, S(","));

    o->kind = edgefn_str_eq(cut.head, S("custom")) ? EDGEFN_ORIGIN_CUSTOM
              : edgefn_str_eq(cut.head, S("s3"))   ? EDGEFN_ORIGIN_S3
                                                   : EDGEFN_ORIGIN_NONE;
    if (o->kind == EDGEFN_ORIGIN_NONE)
        edge_refuse_option(option, "an origin must be custom,DOMAIN or s3,DOMAIN");
    cut = edgefn_str_cut(cut.tail, S(","));
    o->domain = edge_decoded(cut.head);
    if (o->domain.len == 0) edge_refuse_option(option, "the origin has no domain");
    o->path = S("");
    o->region = o->kind == EDGEFN_ORIGIN_S3 ? S("") : EDGEFN_ABSENT;
    o->auth_method = o->kind == EDGEFN_ORIGIN_S3 ? S("none") : EDGEFN_ABSENT;
    o->https = true;
    o->tls = o->kind == EDGEFN_ORIGIN_CUSTOM ? EDGEFN_TLS1_2 : 0;
    o->keepalive_s = o->kind == EDGEFN_ORIGIN_CUSTOM ? 5 : 0;
    o->read_timeout_s = 30;
    while (cut.found) {
        cut = edgefn_str_cut(cut.tail, S(","));
        edgefn_cut word = edgefn_str_cut(cut.head, S("="));
        edgefn_str text = edge_decoded(word.tail);
        bool ok = true;
        if (edgefn_str_eq(word.head, S("port")))
            ok = edge_port(text, &o->port);
        else if (edgefn_str_eq(word.head, S("protocol"))) {
            o->https = edgefn_str_eq(text, S("https"));
            ok = o->https || edgefn_str_eq(text, S("http"));
        } else if (edgefn_str_eq(word.head, S("path"))) {
            o->path = text;
            ok = text.len == 0 || (text.ptr[0] == '/' && text.ptr[text.len - 1] != '/');
        } else if (edgefn_str_eq(word.head, S("region")))
            o->region = text;
        else
            ok = false;
        if (!ok)
            edge_refuse_option(
                option,
                "port=1..65535, protocol=http or https, path=/without/slash/at/the/end and region= may follow the domain");
    }
    if (o->port == 0) o->port = o->https ? 443 : 80;
}

/* TABLE:KEY=VALUE */
static void edge_option_table(const char *option, edgefn_str value)
{
    edgefn_cut table = edgefn_str_cut(value, S(":")), key = edgefn_str_cut(table.tail, S("="));

    if (!table.found || !key.found) edge_refuse_option(option, "a row must be TABLE:KEY=VALUE");
    if (!edgehost_store_add(&conf.given, edge_decoded(table.head), edge_decoded(key.head),
                            edge_decoded(key.tail)))
        TSEmergency("[edgefn] out of memory");
}

/* NAME:VALUE */
static void edge_option_header(const char *option, edgefn_str value)
{
    edgefn_cut cut = edgefn_str_cut(value, S(":"));
    edgehost_line *more =
        (edgehost_line *)realloc(conf.headers, (conf.header_count + 1) * sizeof *more);

    if (!cut.found || cut.head.len == 0) edge_refuse_option(option, "a header must be NAME:VALUE");
    if (more == NULL) TSEmergency("[edgefn] out of memory");
    conf.headers = more;
    conf.headers[conf.header_count++] =
        (edgehost_line){ edge_decoded(cut.head), edge_decoded(edgefn_str_trim(cut.tail)) };
}

/* The name of a file with rows. */
static void edge_option_tables(const char *option, edgefn_str value)
{
    edgefn_str name = edge_decoded(value);
    bool absolute = edgefn_str_starts(name, S("/"));
    size_t size = strlen(TSConfigDirGet()) + name.len + 2;

    if (name.len == 0 || conf.tables_file != NULL)
        edge_refuse_option(option, "it must name one file");
    conf.tables_file = (char *)malloc(size);
    if (conf.tables_file == NULL) TSEmergency("[edgefn] out of memory");
    snprintf(conf.tables_file, size, "%s%s%.*s", absolute ? "" : TSConfigDirGet(),
             absolute ? "" : "/", EDGEFN_FMT(name));
}

/* Reads the tables: the rows of --table, those of the file, and the files of keys that they name. Returns: NULL, and why. */
static edge_tables *edge_read_tables(char *why, size_t cap)
{
    edge_tables *t = (edge_tables *)calloc(1, sizeof *t);
    bool ok = t != NULL;

    snprintf(why, cap, "out of memory");
    for (size_t i = 0; ok && i < conf.given.count; i++) {
        const edgehost_tables_row *row = &conf.given.rows[i];
        ok = edgehost_store_add(&t->store, row->table, row->key, row->value);
    }
    if (ok && conf.tables_file != NULL)
        ok = edgehost_store_file(&t->store, conf.tables_file, why, cap);
    if (ok && edgehost_store_ready(&t->store, TSConfigDirGet(), why, cap)) return t;
    if (t != NULL) edgehost_store_free(&t->store);
    free(t);
    return NULL;
}

/* `traffic_ctl config reload`: takes new tables, or if they are not valid, keeps the old ones. Exchanges that run use the old ones to their end. */
static int edge_on_reload(TSCont contp, TSEvent event, void *data)
{
    char why[1024];

    (void)contp, (void)data;
    if (event != TS_EVENT_MGMT_UPDATE) return 0;
    edge_tables *read = edge_read_tables(why, sizeof why);
    if (read == NULL) {
        TSError("[edgefn] the tables stay as they are: %s", why);
        return 0;
    }
    if (why[0] != '\0') TSError("[edgefn] %s", why);
    edge_tables_replace(read);
    TSNote("[edgefn] the tables were read again");
    return 0;
}

static void edge_option(const char *option)
{
    static const char *const events[] = { NULL, "--viewer-request", "--origin-request",
                                          "--origin-response", "--viewer-response" };
    edgefn_cut cut = edgefn_str_cut(edgefn_cstr(option), S("="));
    char why[1024];

    for (int type = EDGEFN_VIEWER_REQUEST; type <= EDGEFN_VIEWER_RESPONSE; type++)
        if (cut.found && edgefn_str_eq(cut.head, edgefn_cstr(events[type]))) {
            if (!edgehost_option_trigger(&conf.triggers[type], (edgefn_event_type)type, cut.tail,
                                         TSConfigDirGet(), why, sizeof why))
                edge_refuse_option(option, why);
            return;
        }
    if (strcmp(option, "--no-check") == 0)
        conf.no_check = true;
    else if (strcmp(option, "--include-body") == 0)
        conf.include_body = true;
    else if (strcmp(option, "--no-cloudfront-headers") == 0)
        conf.no_headers = true;
    else if (strcmp(option, "--forward-host") == 0)
        conf.forward_host = true;
    else if (edgefn_str_eq(cut.head, S("--origin")))
        edge_option_origin(option, cut.tail);
    else if (edgefn_str_eq(cut.head, S("--table")))
        edge_option_table(option, cut.tail);
    else if (edgefn_str_eq(cut.head, S("--tables")))
        edge_option_tables(option, cut.tail);
    else if (edgefn_str_eq(cut.head, S("--viewer-header")))
        edge_option_header(option, cut.tail);
    else if (edgefn_str_eq(cut.head, S("--distribution"))) {
        edgefn_cut names = edgefn_str_cut(cut.tail, S(","));
        conf.domain = edge_decoded(names.head);
        if (names.found) conf.id = edge_decoded(names.tail);
    } else if (edgefn_str_eq(cut.head, S("--origins-port"))) {
        if (!edge_port(cut.tail, &conf.port)) edge_refuse_option(option, "not a port");
    } else
        edge_refuse_option(option, "unknown option");
}

static void edge_configure(int argc, const char *argv[])
{
    conf.domain = S("d111111abcdef8.cloudfront.net");
    conf.id = S("EDFDVBD6EXAMPLE");
    for (int i = 1; i < argc; i++)
        edge_option(argv[i]);
    TSMgmtInt limit = 0, retries = 0, connect_s = 0, read_s = 0;
    if (TSMgmtIntGet("proxy.config.http.post_copy_size", &limit) == TS_SUCCESS && limit > 0)
        conf.body_limit = limit;
    TSMgmtIntGet("proxy.config.http.connect_attempts_max_retries", &retries);
    TSMgmtIntGet("proxy.config.http.connect_attempts_timeout", &connect_s);
    TSMgmtIntGet("proxy.config.http.transaction_no_activity_timeout_out", &read_s);
    if (read_s < EDGE_READ_TIMEOUT) read_s = EDGE_READ_TIMEOUT;
    conf.patience_s = (uint32_t)((retries + 1) * (connect_s + read_s) + 30);
    if (conf.origin.kind == EDGEFN_ORIGIN_NONE)
        TSEmergency(
            "[edgefn] plugin.config: --origin=custom,DOMAIN or --origin=s3,DOMAIN is missing");
    if (conf.port == 0)
        TSEmergency(
            "[edgefn] plugin.config: --origins-port=N is missing, a port of 127.0.0.1 in proxy.config.http.server_ports");
    const char *forbidden = edgehost_combination(conf.triggers);
    if (forbidden != NULL) TSEmergency("[edgefn] plugin.config: %s", forbidden);
    const edgehost_trigger *first = &conf.triggers[EDGEFN_VIEWER_REQUEST];
    conf.look =
        conf.include_body && first->handler != NULL && first->dialect == EDGEFN_DIALECT_LAMBDA;
    conf.keep = conf.triggers[EDGEFN_ORIGIN_REQUEST].handler != NULL;
    char why[1024];
    edge_tables *read = edge_read_tables(why, sizeof why);
    if (read == NULL) TSEmergency("[edgefn] plugin.config: --table: %s", why);
    if (why[0] != '\0') TSError("[edgefn] plugin.config: --table: %s", why);
    edge_tables_replace(read);
    for (size_t i = 0; i < sizeof conf.triggers / sizeof conf.triggers[0]; i++) {
        conf.triggers[i].check = !conf.no_check;
        conf.triggers[i].appends = true;
    }
}

EDGEFN_EXPORT void TSPluginInit(int argc, const char *argv[])
{
    static const TSHttpHookID hooks[] = {
        TS_HTTP_READ_REQUEST_HDR_HOOK,  TS_HTTP_CACHE_LOOKUP_COMPLETE_HOOK,
        TS_HTTP_SEND_REQUEST_HDR_HOOK,  TS_HTTP_READ_RESPONSE_HDR_HOOK,
        TS_HTTP_SEND_RESPONSE_HDR_HOOK, TS_HTTP_TXN_CLOSE_HOOK
    };
    TSPluginRegistrationInfo info = { .plugin_name = "edgefn",
                                      .vendor_name = "edgefn",
                                      .support_email = "" };

    if (TSTrafficServerVersionGetMajor() != 9)
        TSEmergency(
            "[edgefn] this plugin is for Traffic Server 9, and this is %s: build it with the headers of this one",
            TSTrafficServerVersionGet());
    if (TSPluginRegister(&info) != TS_SUCCESS)
        TSEmergency("[edgefn] Traffic Server does not accept the plugin");
    edge_configure(argc, argv);
    if (TSUserArgIndexReserve(TS_USER_ARGS_TXN, "edgefn", "CloudFront's functions", &conf.slot)
            != TS_SUCCESS
        || pthread_key_create(&edge_thread_key, edge_thread_end) != 0)
        TSEmergency("[edgefn] no slot for the data of a transaction or a thread");
    edgehost_draws first[sizeof waiting.key
                         / 16]; /* four bits per character, so that the whole seed is used */
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        if (!edgehost_draw_seed(&first[i]))
            TSEmergency("[edgefn] there is no source of random numbers");
        for (size_t k = 0; k < 16; k++)
            waiting.key[16 * i + k] = "0123456789abcdef"[first[i].state >> 4 * k & 15];
    }
    waiting.mutex = TSMutexCreate();
    conf.cont = TSContCreate(
        edge_hook,
        NULL); /* no mutex: every transaction has its own, and they share only the list of edge_list() */
    for (size_t i = 0; i < sizeof hooks / sizeof hooks[0]; i++)
        TSHttpHookAdd(hooks[i], conf.cont);
    TSMgmtUpdateRegister(TSContCreate(edge_on_reload, TSMutexCreate()), "edgefn");
}
