/* json_same.c - compares two JSON texts by meaning: the order of members, white space and the spelling of strings do not matter.
   Slow and simple on purpose: it shares no code with the measured libraries. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

typedef struct node {
    char type;  /* { [ " 0 t f n */
    char *text; /* the decoded string, or the literal as written */
    size_t len;
    char *name; /* in an object */
    size_t name_len;
    struct node *child, *next;
} node;

typedef struct reader {
    const char *p, *end;
    bool bad;
    unsigned depth;
} reader;

static void node_free(node *n)
{
    while (n) {
        node *after = n->next;
        node_free(n->child);
        free(n->text);
        free(n->name);
        free(n);
        n = after;
    }
}
static void blank(reader *r)
{
    while (r->p < r->end && strchr(" \t\r\n", *r->p) && *r->p)
        r->p++;
}
static bool take(reader *r, char c)
{
    blank(r);
    if (r->p < r->end && *r->p == c) {
        r->p++;
        return true;
    }
    return false;
}
static unsigned hex4(reader *r)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++) {
        char c = r->p < r->end ? *r->p++ : 'x';
        unsigned d = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                     : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                     : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                            : 99;
        if (d == 99) r->bad = true;
        v = v << 4 | (d & 15);
    }
    return v;
}
static size_t encode(char *t, unsigned c)
{
    if (c < 0x80) {
        t[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        t[0] = (char)(0xc0 | c >> 6);
        t[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        t[0] = (char)(0xe0 | c >> 12);
        t[1] = (char)(0x80 | (c >> 6 & 63));
        t[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    t[0] = (char)(0xf0 | c >> 18);
    t[1] = (char)(0x80 | (c >> 12 & 63));
    t[2] = (char)(0x80 | (c >> 6 & 63));
    t[3] = (char)(0x80 | (c & 63));
    return 4;
}
static char *string(reader *r, size_t *len)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char *t = malloc((size_t)(r->end - r->p) + 1);
    size_t n = 0;
    while (t && !r->bad && r->p < r->end && *r->p != '"') {
        char c = *r->p++;
        if (c != '\\') {
            t[n++] = c;
            continue;
        }
        c = r->p < r->end ? *r->p++ : 0;
        const char *at = c ? strchr(from, c) : NULL;
        if (at)
            t[n++] = to[at - from];
        else if (c == 'u') {
            unsigned u = hex4(r);
            if (u >= 0xd800 && u < 0xdc00 && r->end - r->p > 6 && r->p[0] == '\\'
                && r->p[1] == 'u') {
                r->p += 2;
                u = 0x10000 + ((u & 0x3ff) << 10) + (hex4(r) & 0x3ff);
            }
            n += encode(t + n, u);
        } else
            r->bad = true;
    }
    if (t == NULL || !take(r, '"')) r->bad = true;
    *len = n;
    return t;
}
static node *value(reader *r)
{
    node *n = calloc(1, sizeof *n), **last;
    blank(r);
    if (n == NULL || r->p == r->end || ++r->depth > 200) {
        r->bad = true;
        return n;
    }
    last = &n->child;
    n->type = *r->p;
    if (n->type == '"') {
        r->p++;
        n->text = string(r, &n->len);
    } else if (n->type == '{' || n->type == '[') {
        char close = n->type == '{' ? '}' : ']';
        r->p++;
        if (!take(r, close)) do {
                char *name = NULL;
                size_t len = 0;
                if (close == '}') {
                    if (take(r, '"'))
                        name = string(r, &len);
                    else
                        r->bad = true;
                    if (!take(r, ':')) r->bad = true;
                }
                node *v = r->bad ? NULL : value(r);
                if (v == NULL) {
                    free(name);
                    r->bad = true;
                    break;
                }
                v->name = name;
                v->name_len = len;
                *last = v;
                last = &v->next;
            } while (!r->bad && take(r, ','));
        if (!r->bad && n->child && !take(r, close)) r->bad = true;
    } else {
        const char *from = r->p;
        while (r->p < r->end && *r->p && !strchr(",]} \t\r\n", *r->p))
            r->p++;
        n->type = '0';
        n->len = (size_t)(r->p - from);
        n->text = malloc(n->len + 1);
        if (n->text) memcpy(n->text, from, n->len);
        if (n->len == 0 || n->text == NULL) r->bad = true;
    }
    r->depth--;
    return n;
}
static bool named_alike(const node *x, const node *y)
{
    return y && y->name_len == x->name_len && memcmp(y->name, x->name, x->name_len) == 0;
}
static bool same(const node *a, const node *b)
{
    if (a->type != b->type || a->len != b->len || (a->len && memcmp(a->text, b->text, a->len) != 0))
        return false;
    size_t na = 0, nb = 0;
    for (const node *c = a->child; c; c = c->next)
        na++;
    for (const node *c = b->child; c; c = c->next)
        nb++;
    if (na != nb) return false;
    const node *y = b->child; /* the next one, as the order is usually the same */
    for (const node *x = a->child; x; x = x->next) {
        if (a->type == '{' && !named_alike(x, y))
            for (y = b->child; y && !named_alike(x, y);)
                y = y->next;
        if (y == NULL || !same(x, y)) return false;
        y = y->next;
    }
    return true;
}

bool bench_json_same(const char *a, size_t a_len, const char *b, size_t b_len)
{
    reader ra = { a, a + a_len, false, 0 }, rb = { b, b + b_len, false, 0 };
    node *na = value(&ra), *nb = value(&rb);
    blank(&ra);
    blank(&rb);
    bool ok = !ra.bad && !rb.bad && ra.p == ra.end && rb.p == rb.end && same(na, nb);
    node_free(na);
    node_free(nb);
    return ok;
}
