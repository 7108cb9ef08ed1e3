/* edgefn_message.h - a request or response as a list of header lines, for proxies whose server has none that can be edited, and the checks of
   what strangers send. The memory is a pool's: if it runs out, lines are missing and pool->failed is true. */
#ifndef EDGEFN_MESSAGE_H_INCLUDED
#define EDGEFN_MESSAGE_H_INCLUDED

#include "edgefn_pool.h"
#include "edgefn_proxy.h"

/* The most header lines of a received message, with the names in its Connection headers. */
enum { EDGEHOST_LINES_MAX = 500 };

/* Zero it first, except pool. */
typedef struct edgehost_message {
    edgehost_pool *pool;
    edgehost_line *lines; /* their strings end with a NUL */
    size_t count, cap;
    edgefn_str body;   /* absent: a response without one */
    edgefn_str length; /* Content-Length as received; absent: none */
    bool chunked;      /* received in chunks */
} edgehost_message;

static inline edgehost_message edgehost_message_make(edgehost_pool *pool)
{
    edgehost_message m;

    memset(&m, 0, sizeof m);
    m.pool = pool;
    return m;
}

/* Returns: the value of the first header of that name, or absent. */
static inline edgefn_str edgehost_message_find(const edgehost_message *m, edgefn_str name)
{
    edgefn_str absent = { NULL, 0 };

    for (size_t i = 0; i < m->count; i++)
        if (edgefn_str_ieq(m->lines[i].name, name)) return m->lines[i].value;
    return absent;
}

/* Appends a line whose strings are in the pool. */
static inline void edgehost_message_push(edgehost_message *m, edgehost_line line)
{
    if (m->count == m->cap) {
        size_t cap = m->cap * 2 + 8;
        edgehost_line *more = (edgehost_line *)edgehost_pool_alloc(m->pool, cap * sizeof *more);
        if (more == NULL) return;
        if (m->count > 0) memcpy(more, m->lines, m->count * sizeof *more);
        m->lines = more;
        m->cap = cap;
    }
    m->lines[m->count++] = line;
}

/* Appends a copy of a line. */
static inline void edgehost_message_add(edgehost_message *m, edgefn_str name, edgefn_str value)
{
    edgehost_line line = { edgehost_keep(m->pool, name), edgehost_keep(m->pool, value) };

    if (line.name.ptr != NULL && line.value.ptr != NULL) edgehost_message_push(m, line);
}

static inline void edgehost_message_drop(edgehost_message *m, edgefn_str name)
{
    size_t n = 0;

    for (size_t i = 0; i < m->count; i++)
        if (!edgefn_str_ieq(m->lines[i].name, name)) m->lines[n++] = m->lines[i];
    m->count = n;
}

static inline void edgehost_message_set(edgehost_message *m, edgefn_str name, edgefn_str value)
{
    edgehost_message_drop(m, name);
    edgehost_message_add(m, name, value);
}

/* Reports whether a text is a value, or a reason phrase, for every server: without control characters. */
static inline bool edgehost_value_valid(edgefn_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < ' ' && c != '\t') || c == 127) return false;
    }
    return value.ptr != NULL;
}

/* Reports whether a header is one for every server: a token, and a valid value. */
static inline bool edgehost_line_valid(edgehost_line line)
{
    static const char token[] =
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    for (size_t i = 0; i < line.name.len; i++)
        if (memchr(token, line.name.ptr[i], sizeof token - 1) == NULL) return false;
    return line.name.len > 0 && edgehost_value_valid(line.value);
}

/* Reports whether a header is only for this connection, so that it is not forwarded. */
static inline bool edgehost_hop_by_hop(edgefn_str name)
{
    return edgehost_connection(name) || edgefn_str_ieq(name, EDGEFN_S("TE"))
           || edgefn_str_ieq(name, EDGEFN_S("Expect"));
}

/* Appends a copy of a line of a function's, unless it is not HTTP, which is possible without the check, or hop by hop. */
static inline void edgehost_message_add_edited(edgehost_message *m, edgehost_line line)
{
    if (edgehost_line_valid(line) && !edgehost_hop_by_hop(line.name))
        edgehost_message_add(m, line.name, line.value);
}

/* Reports whether a Connection header names this header, so that it is not forwarded. Quotation marks mean nothing there. */
static inline bool edgehost_message_names(const edgehost_message *m, edgefn_str name)
{
    for (size_t i = 0; i < m->count; i++) {
        edgefn_cut c = { m->lines[i].value, m->lines[i].value, true };
        bool connection = edgefn_str_ieq(m->lines[i].name, EDGEFN_S("Connection"));
        while (connection && c.found) {
            c = edgefn_str_cut(c.tail, EDGEFN_S(","));
            if (edgefn_str_ieq(edgefn_str_trim(c.head), name)) return true;
        }
    }
    return false;
}

/* Notes what a header says about the length of the body. Returns: false if servers could read it differently: two lengths, one that is not
   digits, another coding than chunked. */
static inline bool edgehost_message_framing(edgehost_message *m, edgehost_line line)
{
    if (edgefn_str_ieq(line.name, EDGEFN_S("Content-Length"))) {
        bool ok = m->length.ptr == NULL && edgefn_str_to_u64(line.value).ok;
        m->length = line.value;
        return ok;
    }
    if (edgefn_str_ieq(line.name, EDGEFN_S("Transfer-Encoding"))) {
        bool ok = !m->chunked && edgefn_str_ieq(line.value, EDGEFN_S("chunked"));
        m->chunked = true;
        return ok;
    }
    return true;
}

/* Checks all lines of a received message, sets length and chunked, and takes out what must not be forwarded: framing, and headers of one connection.
   Returns: false if they are not HTTP, too many, or if another server could read the length of the body differently, which is how requests
   are smuggled. Then refuse the message and close the connection: what follows may be a part of it. */
static inline bool edgehost_message_check(edgehost_message *m)
{
    edgehost_message forwarded = edgehost_message_make(m->pool);
    size_t names = 0; /* in Connection headers: each is compared with all headers */

    for (size_t i = 0; i < m->count; i++) {
        edgehost_line line = m->lines[i];
        bool connection = edgefn_str_ieq(line.name, EDGEFN_S("Connection"));
        for (size_t k = 0; connection && k < line.value.len; k++)
            names += line.value.ptr[k] == ',';
        names += connection;
        if (!edgehost_line_valid(line) || !edgehost_message_framing(m, line)) return false;
    }
    if (m->count + names > EDGEHOST_LINES_MAX || (m->chunked && m->length.ptr != NULL))
        return false;
    for (size_t i = 0; i < m->count; i++)
        if (!edgehost_hop_by_hop(m->lines[i].name) && !edgehost_message_names(m, m->lines[i].name))
            edgehost_message_push(&forwarded, m->lines[i]);
    m->lines = forwarded.lines;
    m->count = forwarded.count;
    m->cap = forwarded.cap;
    return true;
}

/* Returns: the number of a header's lines. */
static inline size_t edgehost_message_count(const edgehost_message *m, edgefn_str name)
{
    size_t n = 0;

    for (size_t i = 0; i < m->count; i++)
        n += edgefn_str_ieq(m->lines[i].name, name);
    return n;
}

/* Makes the result of a function the headers of a message. Those that are hidden from functions stay. response: the message is one. */
static inline void edgehost_message_edit(edgehost_message *m, const edgehost_trigger *t,
                                         const edgehost_edits *e, bool response)
{
    edgefn_str cookies = response ? EDGEFN_S("Set-Cookie") : EDGEFN_S("Cookie");
    edgehost_message to = *m;

    if (!e->headers) return;
    to.lines = NULL;
    to.count = to.cap = 0;
    for (size_t i = 0; i < m->count; i++)
        if (edgehost_hidden(t, m->lines[i].name)
            || (e->keep_cookies && edgefn_str_ieq(m->lines[i].name, cookies)))
            edgehost_message_push(&to, m->lines[i]);
    for (size_t i = 0; i < e->line_count; i++)
        edgehost_message_add_edited(&to, e->lines[i]);
    *m = to;
}

/* Shows the headers of a message to a function. Call it from fill(). Returns: false when out of memory. */
static inline bool edgehost_message_fill(const edgehost_message *m, edgefn_event *ev,
                                         edgehost_edits *edits, const edgehost_trigger *t,
                                         edgefn_fields *to)
{
    bool request = to == &ev->request.headers;
    bool length = request ? m->body.len > 0 : m->body.ptr != NULL;

    for (size_t i = 0; i < m->count; i++) {
        if (edgehost_hidden(t, m->lines[i].name)) continue;
        edgefn_str value = edgehost_convert(ev, &edits->converted, m->lines[i].value);
        if (value.ptr == NULL || !edgefn_add(to, m->lines[i].name, value)) return false;
    }
    if (m->chunked) return edgefn_add(to, EDGEFN_S("Transfer-Encoding"), EDGEFN_S("chunked"));
    if (!length) return true;
    return edgefn_add(to, EDGEFN_S("Content-Length"), edgefn_str_from_u64(ev, m->body.len));
}

#endif /* EDGEFN_MESSAGE_H_INCLUDED */
