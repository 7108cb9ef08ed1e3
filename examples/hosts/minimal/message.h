/* message.h - memory and headers of the minimal proxy: what any proxy needs that must not trust what it received. */
#ifndef MINIMAL_MESSAGE_H_INCLUDED
#define MINIMAL_MESSAGE_H_INCLUDED

#include "edgefn_proxy.h"
#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <sys/queue.h>

#define S EDGEFN_S
enum { HEADERS_MAX = 500 };

typedef struct http_message {
    edgehost_line *lines; /* without those that belong to one connection */
    size_t count, cap;
    edgefn_str body; /* absent: a response without one */
    bool chunked;
} http_message;

/*--- memory that is freed with its exchange ---------------------------------------------------------------------------*/

struct block {
    struct block *next;
};

typedef struct pool {
    struct block *blocks;
} pool;

static inline void *room(pool *p, size_t size)
{
    struct block *b = (struct block *)malloc(sizeof *b + size + 1);

    if (b == NULL)
        abort(); /* a proxy without memory answers nobody; its supervisor starts another */
    b->next = p->blocks;
    p->blocks = b;
    return b + 1;
}

/* Copies a string, with a NUL after it. */
static inline edgefn_str keep(pool *p, edgefn_str s)
{
    if (s.ptr == NULL) return s;
    char *to = (char *)room(p, s.len);
    memcpy(to, s.ptr, s.len);
    to[s.len] = '\0';
    return (edgefn_str){ to, s.len };
}

static inline edgefn_str keep_buffer(pool *p, struct evbuffer *b)
{
    size_t len = evbuffer_get_length(b);
    char *to = (char *)room(p, len);

    evbuffer_copyout(b, to, len);
    return (edgefn_str){ to, len };
}

static inline void free_pool(pool *p)
{
    for (struct block *b = p->blocks, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    p->blocks = NULL;
}

/*--- headers ----------------------------------------------------------------------------------------------------------*/

static inline edgefn_str find(const http_message *m, edgefn_str name)
{
    for (size_t i = 0; i < m->count; i++)
        if (edgefn_str_ieq(m->lines[i].name, name)) return m->lines[i].value;
    return EDGEFN_ABSENT;
}

/* Adds a line whose strings are in the exchange's memory. */
static inline void push_kept(pool *p, http_message *m, edgehost_line line)
{
    if (m->count == m->cap) {
        m->cap = m->cap * 2 + 8;
        edgehost_line *more = (edgehost_line *)room(p, m->cap * sizeof *more);
        if (m->count > 0) memcpy(more, m->lines, m->count * sizeof *more);
        m->lines = more;
    }
    m->lines[m->count++] = line;
}

static inline void push(pool *p, http_message *m, edgefn_str name, edgefn_str value)
{
    push_kept(p, m, (edgehost_line){ keep(p, name), keep(p, value) });
}

static inline void drop(http_message *m, edgefn_str name)
{
    size_t n = 0;

    for (size_t i = 0; i < m->count; i++)
        if (!edgefn_str_ieq(m->lines[i].name, name)) m->lines[n++] = m->lines[i];
    m->count = n;
}

static inline void set(pool *p, http_message *m, edgefn_str name, edgefn_str value)
{
    drop(m, name);
    push(p, m, name, value);
}

/* Headers of one connection, which a proxy must not forward. */
static inline bool hop_by_hop(edgefn_str name)
{
    static const char *const names[] = { "Connection", "Keep-Alive", "Proxy-Connection", "Upgrade",
                                         "Expect",     "TE",         "Trailer" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (edgefn_str_ieq(name, edgefn_cstr(names[i]))) return true;
    return edgehost_framing(name);
}

/* Reports whether a Connection header of the message names this one. */
static inline bool named(const http_message *m, edgefn_str name)
{
    for (size_t i = 0; i < m->count; i++) {
        edgefn_cut c = { m->lines[i].value, m->lines[i].value, true };
        bool connection = edgefn_str_ieq(m->lines[i].name, S("Connection"));
        while (connection && c.found) {
            c = edgefn_str_cut(c.tail, S(","));
            if (edgefn_str_ieq(edgefn_str_trim(c.head), name)) return true;
        }
    }
    return false;
}

/* Reports whether a received header is one for every server: a token, and a value without control characters. */
static inline bool valid_line(edgefn_str name, edgefn_str value)
{
    static const char token[] =
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    if (name.len == 0 || strspn(name.ptr, token) != name.len) return false;
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < ' ' && c != '\t') || c == 127) return false;
    }
    return true;
}

/* The names in a Connection header, which are compared with all headers. */
static inline size_t names_in(edgefn_str name, edgefn_str value)
{
    size_t n = 0;

    if (!edgefn_str_ieq(name, S("Connection"))) return 0;
    for (size_t i = 0; i < value.len; i++)
        n += value.ptr[i] == ',';
    return n + 1;
}

/* Copies received headers. Returns: false if they are not HTTP, or if servers could read the length of the body differently. */
static inline bool take_headers(pool *p, http_message *m, struct evkeyvalq *from,
                                edgefn_str *length, bool *chunked)
{
    struct evkeyval *h;
    http_message listed = { .lines = NULL };
    size_t names = 0;
    bool ok = true;

    *length = EDGEFN_ABSENT;
    *chunked = false;
    TAILQ_FOREACH(h, from, next)
    {
        edgefn_str name = edgefn_cstr(h->key), value = edgefn_str_trim(edgefn_cstr(h->value));
        names += names_in(name, value);
        ok = ok && valid_line(name, value) && listed.count + names < HEADERS_MAX;
        if (!ok) break;
        if (edgefn_str_ieq(name, S("Content-Length"))) {
            ok = ok && length->ptr == NULL && edgefn_str_to_u64(value).ok;
            *length = keep(p, value);
        }
        if (edgefn_str_ieq(name, S("Transfer-Encoding"))) {
            ok = ok && !*chunked && edgefn_str_ieq(value, S("chunked"));
            *chunked = true;
        }
        push(p, &listed, name, value);
    }
    for (size_t i = 0; i < listed.count; i++)
        if (!hop_by_hop(listed.lines[i].name) && !named(&listed, listed.lines[i].name))
            push_kept(p, m, listed.lines[i]);
    return ok && !(*chunked && length->ptr != NULL);
}

#endif /* MINIMAL_MESSAGE_H_INCLUDED */
