/* http.c - HTTP/1.1 on one persistent connection: answers with Content-Length, in chunks, or up to the end of the connection. */
#define _GNU_SOURCE
#include "http.h"
#include <errno.h>
#ifndef LAMBDA_BARE
#  include <netdb.h>
#endif
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#define S EDGEFN_S

enum { HEAD_LIMIT = 65536, LINE_LIMIT = 4096, ROOM = 16384, TRIES = 4 };

bool lambda_memory_grow(lambda_memory *m, size_t cap)
{
    if (cap <= m->cap) return true;
    if (cap > SIZE_MAX / 2) return false;
    /* mremap() moves the old block, so that two blocks never exist at once; on failure the old block remains. */
    void *p = m->cap != 0
                  ? mremap(m->ptr, m->cap, cap, MREMAP_MAYMOVE)
                  : mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return false;
    m->ptr = p;
    m->cap = cap;
    return true;
}

/*--- text ---*/

bool http_put(char *text, size_t cap, size_t *len, edgefn_str s)
{
    if (s.len > cap - *len) return false;
    if (s.len != 0) memcpy(text + *len, s.ptr, s.len);
    *len += s.len;
    return true;
}

bool http_put_number(char *text, size_t cap, size_t *len, size_t n)
{
    char digits[20];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + n % 10);
    while ((n /= 10) != 0);
    return http_put(text, cap, len, (edgefn_str){ digits + at, sizeof digits - at });
}

edgefn_str http_header(edgefn_str head, edgefn_str name)
{
    edgefn_cut line = edgefn_str_cut(head, S("\r\n")); /* the status line */

    while (line.found) {
        line = edgefn_str_cut(line.tail, S("\r\n"));
        edgefn_cut c = edgefn_str_cut(line.head, S(":"));
        if (c.found && edgefn_str_ieq(c.head, name)) return edgefn_str_trim(c.tail);
    }
    return EDGEFN_ABSENT;
}

/*--- the connection ---*/

static void add_address(http_client *c, edgefn_ip ip, uint16_t port)
{
    if (ip.v4) {
        struct sockaddr_in *a = &c->addresses[c->count++].v4;
        a->sin_family = AF_INET;
        a->sin_port = htons(port);
        memcpy(&a->sin_addr, ip.bytes + 12, 4);
    } else {
        struct sockaddr_in6 *a = &c->addresses[c->count++].v6;
        a->sin6_family = AF_INET6;
        a->sin6_port = htons(port);
        memcpy(&a->sin6_addr, ip.bytes, 16);
    }
}

/* Resolves a name with the C library. Returns: NULL, or an error message. */
static const char *resolve(http_client *c, edgefn_str name, uint16_t port)
{
#ifdef LAMBDA_BARE
    (void)c, (void)name, (void)port;
    return "this build resolves no names except localhost: use an address, or build with LAMBDA_LIBC=own";
#else
    static const edgefn_ip none;
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *found = NULL;
    char text[256];

    if (name.len >= sizeof text) return "the host's name is too long";
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    if (getaddrinfo(text, NULL, &hints, &found) != 0) return "the host's name cannot be resolved";
    for (const struct addrinfo *a = found;
         a != NULL && c->count < sizeof c->addresses / sizeof *c->addresses; a = a->ai_next) {
        edgefn_ip ip = none;
        ip.v4 = a->ai_family == AF_INET;
        if (ip.v4)
            memcpy(ip.bytes + 12, &((const struct sockaddr_in *)(const void *)a->ai_addr)->sin_addr,
                   4);
        else if (a->ai_family == AF_INET6)
            memcpy(ip.bytes, &((const struct sockaddr_in6 *)(const void *)a->ai_addr)->sin6_addr,
                   16);
        else
            continue;
        add_address(c, ip, port);
    }
    freeaddrinfo(found);
    return c->count != 0 ? NULL : "the host's name has no address";
#endif
}

/* True if a text can be written into a request line unchanged. */
static bool is_plain(edgefn_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] >= 127 || s.ptr[i] == '?' || s.ptr[i] == '#') return false;
    return true;
}

const char *http_open(http_client *c, edgefn_str api, size_t limit)
{
    size_t slash = edgefn_str_find(api, S("/")), host_len = 0, prefix_len = 0;
    edgefn_str authority = edgefn_str_take(api, slash), prefix = edgefn_str_skip(api, slash),
               port_text = { NULL, 0 };
    bool in_brackets = edgefn_str_starts(authority, S("["));
    edgefn_cut at = in_brackets ? edgefn_str_cut(edgefn_str_skip(authority, 1), S("]"))
                                : edgefn_str_cut(authority, S(":"));
    edgefn_str name = at.head;
    edgefn_number port = { 80, true };

    if (in_brackets && (!at.found || (at.tail.len != 0 && at.tail.ptr[0] != ':')))
        return "only :PORT may follow [ADDRESS]";
    if (!in_brackets && at.found) port_text = at.tail;
    if (in_brackets && at.tail.len != 0) port_text = edgefn_str_skip(at.tail, 1);
    if (at.found && (port_text.ptr != NULL)) port = edgefn_str_to_u64(port_text);
    if (!port.ok || port.value == 0 || port.value > 65535)
        return "the port is not a number from 1 to 65535";
    if (name.len == 0) return "the host is missing";
    if (!is_plain(api)) return "a character is not allowed in a host, port or path";

    while (edgefn_str_ends(prefix, S("/")))
        prefix.len--; /* each path begins with a slash */
    *c = (http_client){ .fd = -1, .limit = limit };
    if (!http_put(c->host, sizeof c->host - 1, &host_len, authority)
        || !http_put(c->prefix, sizeof c->prefix - 1, &prefix_len, prefix))
        return "it is too long";

    edgefn_ip ip = edgefn_ip_parse(edgefn_str_ieq(name, S("localhost")) ? S("127.0.0.1") : name);
    if (in_brackets && (!ip.ok || !edgefn_str_contains(name, S(":"))))
        return "only an IPv6 address may be in brackets";
    if (ip.ok)
        add_address(c, ip, (uint16_t)port.value);
    else {
        bool numbers =
            true; /* "256.0.0.1" is not a name, and neither are old forms of addresses that some libraries accept */
        for (size_t i = 0; i < name.len; i++)
            numbers = numbers && (name.ptr[i] == '.' || (name.ptr[i] >= '0' && name.ptr[i] <= '9'));
        return numbers ? "the address is not an IPv4 address"
                       : resolve(c, name, (uint16_t)port.value);
    }
    return NULL;
}

static void hang_up(http_client *c)
{
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
}

/* True if the server has not closed the idle connection. If this were noticed only after sending, it would be unknown whether the server read the request. */
static bool still_there(const http_client *c)
{
    char byte;

    return c->fd >= 0 && recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0
           && (errno == EAGAIN || errno == EWOULDBLOCK);
}

static bool dial(http_client *c)
{
    int yes = 1;

    if (still_there(c)) return true;
    hang_up(c);
    for (size_t i = 0; i < c->count; i++) {
        const struct sockaddr *to = &c->addresses[i].any;
        c->fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (c->fd < 0) continue;
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        socklen_t len =
            to->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
        if (connect(c->fd, to, len) == 0) return true;
        hang_up(c);
    }
    return false;
}

/*--- sending ---*/

/* Returns: false if not all was sent. Stops if the server answers early: after a 413 it may stop reading. */
static bool send_all(const http_client *c, edgefn_str head, edgefn_str body)
{
    int flags = MSG_NOSIGNAL | MSG_DONTWAIT;

    while (head.len + body.len != 0) {
        struct iovec pieces[2] = { { (void *)(uintptr_t)head.ptr, head.len },
                                   { (void *)(uintptr_t)body.ptr, body.len } };
        struct msghdr message = { .msg_iov = pieces, .msg_iovlen = 2 };
        ssize_t n = sendmsg(c->fd, &message, flags);

        if (n >= 0) {
            size_t of_head = (size_t)n < head.len ? (size_t)n : head.len;
            head = edgefn_str_skip(head, of_head);
            body = edgefn_str_skip(body, (size_t)n - of_head);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd wait = { .fd = c->fd, .events = POLLIN | POLLOUT };
            int ready = poll(&wait, 1, -1);
            if (ready > 0 && (wait.revents & POLLIN)) return false;
            if (ready < 0 && errno != EINTR)
                flags = MSG_NOSIGNAL; /* poll() does not work here: let sendmsg() wait */
        } else if (errno != EINTR)
            return false;
    }
    return true;
}

/*--- receiving: `at` is the offset of the first unread byte, `out` the end of the decoded body ---*/

typedef struct reader {
    http_client *c;
    lambda_memory *m;
    size_t at, out;
    bool ended, too_large; /* ended: the server closed the connection properly */
} reader;

/* Reads at least one byte, after making room for `want` bytes. */
static bool more(reader *r, size_t want)
{
    lambda_memory *m = r->m;

    if (m->cap - m->len < want && r->at > r->out) { /* remove the gap that decoded chunks leave */
        memmove(m->ptr + r->out, m->ptr + r->at, m->len - r->at);
        m->len -= r->at - r->out;
        r->at = r->out;
    }
    if (m->cap - m->len < want) {
        size_t cap = m->cap < ROOM ? ROOM : m->cap;
        r->too_large =
            m->len > r->c->limit
            || want > r->c->limit - m->len; /* a length may be any number: avoid overflow */
        if (r->too_large) return false;
        while (cap < m->len + want)
            cap *= 2;
        r->too_large = !lambda_memory_grow(m, cap);
        if (r->too_large) return false;
    }
    ssize_t n;
    do
        n = recv(r->c->fd, m->ptr + m->len, m->cap - m->len, 0);
    while (n < 0 && errno == EINTR);
    r->ended = n == 0;
    if (n <= 0) return false;
    m->len += (size_t)n;
    return true;
}

/* Waits until there are n unread bytes. */
static bool have(reader *r, size_t n)
{
    while (r->m->len - r->at < n) {
        if (!more(r, n - (r->m->len - r->at))) return false;
    }
    return true;
}

/* Takes the bytes before `end`, and skips `end`. Returns: absent if `end` does not come within limit bytes. */
static edgefn_str take_until(reader *r, edgefn_str end, size_t limit)
{
    for (;;) {
        edgefn_str there = { r->m->ptr + r->at, r->m->len - r->at };
        size_t found = edgefn_str_find(edgefn_str_take(there, limit), end);
        if (found + end.len <= there.len && found + end.len <= limit) {
            r->at += found + end.len;
            return edgefn_str_take(there, found);
        }
        if (there.len >= limit || !more(r, 1)) return EDGEFN_ABSENT;
    }
}

static bool chunk_size(edgefn_str line, size_t *size)
{
    size_t i = 0;

    *size = 0;
    for (; i < line.len && i < 8; i++) {
        unsigned char ch = (unsigned char)line.ptr[i], low = ch | 32;
        if (ch >= '0' && ch <= '9')
            *size = *size * 16 + (size_t)(ch - '0');
        else if (low >= 'a' && low <= 'f')
            *size = *size * 16 + (size_t)(low - 'a' + 10);
        else
            break;
    }
    return i > 0
           && (i == line.len || line.ptr[i] == ';' || line.ptr[i] == ' ' || line.ptr[i] == '\t');
}

/* Reads chunks and joins their content. */
static bool read_chunks(reader *r)
{
    for (;;) {
        size_t size;
        edgefn_str line = take_until(r, S("\r\n"), LINE_LIMIT);

        if (line.ptr == NULL || !chunk_size(line, &size)) return false;
        if (size == 0) break;
        if (!have(r, size + 2) || memcmp(r->m->ptr + r->at + size, "\r\n", 2) != 0) return false;
        memmove(r->m->ptr + r->out, r->m->ptr + r->at, size);
        r->out += size;
        r->at += size + 2;
    }
    for (;;) { /* trailers */
        edgefn_str line = take_until(r, S("\r\n"), LINE_LIMIT);
        if (line.ptr == NULL) return false;
        if (line.len == 0) return true;
    }
}

static bool read_body(reader *r, edgefn_str head, unsigned status, bool *keep)
{
    edgefn_str coding = http_header(head, S("transfer-encoding")),
               length = http_header(head, S("content-length"));

    if (status == 204 || status == 304) return true;
    if (edgefn_str_ieq(coding, S("chunked"))) return read_chunks(r);
    if (coding.ptr == NULL && length.ptr != NULL) {
        edgefn_number n = edgefn_str_to_u64(length);
        if (!n.ok || !have(r, (size_t)n.value)) return false;
        r->out = r->at += (size_t)n.value;
        return true;
    }
    *keep = false;
    if (coding.ptr != NULL) return false; /* other codings were not requested */
    while (more(r, ROOM)) {
    }
    r->out = r->at = r->m->len;
    return r->ended;
}

/* Reads the status line and headers, after skipping interim responses (1xx). Returns: their length; 0 if they do not come. */
static size_t read_head(reader *r, http_answer *a)
{
    do {
        r->m->len -= r->at;
        memmove(r->m->ptr, r->m->ptr + r->at, r->m->len);
        r->at = 0;
        edgefn_str head = take_until(r, S("\r\n\r\n"), HEAD_LIMIT);
        edgefn_number code = edgefn_str_to_u64(edgefn_str_take(edgefn_str_skip(head, 9), 3));
        if (!edgefn_str_starts(head, S("HTTP/1.")) || head.ptr[8] != ' ' || !code.ok
            || code.value < 100)
            return 0;
        a->status = (unsigned)code.value;
    } while (a->status < 200);
    return r->at;
}

static http_outcome receive(http_client *c, lambda_memory *into, http_answer *a)
{
    reader r = { .c = c, .m = into };
    bool keep = true;

    into->len = 0;
    *a = (http_answer){ 0 };
    if (into->cap == 0 && !lambda_memory_grow(into, ROOM)) return HTTP_LOST;
    size_t head_len = read_head(&r, a);
    if (head_len == 0) {
        a->status = 0;
        hang_up(c);
        return HTTP_LOST;
    }
    r.out = head_len;

    /* The head may move when the body grows, so it is read before that, and returned by its new address. */
    edgefn_str head = { into->ptr, head_len };
    edgefn_str connection = http_header(head, S("connection"));
    if (edgefn_str_ieq(connection, S("close")) || edgefn_str_starts(head, S("HTTP/1.0")))
        keep = false;
    bool whole = read_body(&r, head, a->status, &keep);

    a->head = (edgefn_str){ into->ptr, head_len };
    a->body = (edgefn_str){ into->ptr + head_len, r.out - head_len };
    if (!whole || !keep || into->len != r.at) hang_up(c);
    return whole ? HTTP_DONE : r.too_large ? HTTP_TOO_LARGE : HTTP_CUT;
}

/*--- both ---*/

static http_outcome attempt(http_client *c, edgefn_str head, edgefn_str body, lambda_memory *into,
                            http_answer *a)
{
    *a = (http_answer){ 0 };
    if (!dial(c)) return HTTP_UNSENT;
    bool sent = send_all(c, head, body);
    http_outcome outcome =
        receive(c, into, a); /* even if not all was sent: the server may have answered early */
    if (!sent) hang_up(c);
    return outcome == HTTP_LOST && !sent ? HTTP_UNSENT : outcome;
}

http_outcome http_call(http_client *c, const http_request *r, lambda_memory *into, http_answer *a)
{
    char text[LINE_LIMIT];
    size_t len = 0;
    bool fits = http_put(text, sizeof text, &len, edgefn_cstr(r->method))
                && http_put(text, sizeof text, &len, S(" "))
                && http_put(text, sizeof text, &len, edgefn_cstr(c->prefix))
                && http_put(text, sizeof text, &len, r->path)
                && http_put(text, sizeof text, &len, S(" HTTP/1.1\r\nHost: "))
                && http_put(text, sizeof text, &len, edgefn_cstr(c->host))
                && http_put(text, sizeof text, &len, S("\r\n"))
                && http_put(text, sizeof text, &len, r->headers);

    if (fits && r->body.ptr != NULL)
        fits = http_put(text, sizeof text, &len,
                        S("Content-Type: application/json\r\nContent-Length: "))
               && http_put_number(text, sizeof text, &len, r->body.len)
               && http_put(text, sizeof text, &len, S("\r\n"));
    if (!fits || !http_put(text, sizeof text, &len, S("\r\n"))) return HTTP_UNSENT;

    for (int tries = 1;; tries++) {
        http_outcome outcome = attempt(c, (edgefn_str){ text, len }, r->body, into, a);
        if (outcome != HTTP_UNSENT || tries == TRIES) return outcome;
        if (tries > 1)
            nanosleep(&(struct timespec){ .tv_nsec = tries == 2 ? 50000000L : 350000000L }, NULL);
    }
}
