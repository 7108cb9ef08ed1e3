/* slow.h - an independent JSON parser for tests: builds a tree of the text and shares no code
   with the library. */
#ifndef SLOW_H
#define SLOW_H

/*--- numbers and memory of one round ----------------------------------------------------------------------------------*/

static uint64_t slow_state = 1;
static const unsigned char *slow_bytes,
    *slow_bytes_end; /* a fuzzer's: they are the numbers, and 0 follows */
TEST_UNUSED static unsigned rnd(unsigned n)
{
    if (slow_bytes != NULL) {
        unsigned drawn = 0;
        for (unsigned room = n; room > 1 && slow_bytes < slow_bytes_end; room >>= 8)
            drawn = drawn << 8 | *slow_bytes++;
        return drawn % n;
    }
    slow_state ^= slow_state << 13;
    slow_state ^= slow_state >> 7;
    slow_state ^= slow_state << 17;
    return (unsigned)(slow_state >> 33) % n;
}

static char slow_pool[8 << 20];
static size_t slow_used;
TEST_UNUSED static void *slow_take(size_t n)
{
    void *p = slow_pool + slow_used;
    slow_used += (n + 15) / 16 * 16;
    if (slow_used > sizeof slow_pool) {
        printf("slow_take: the pool is too small\n");
        abort();
    }
    return p;
}

/* A text that grows at the end of the pool; allocate nothing else from the pool while it grows. */
typedef struct slow_text {
    char *ptr;
    size_t len;
} slow_text;

TEST_UNUSED static slow_text slow_begin(void)
{
    slow_text t = { slow_pool + slow_used, 0 };
    return t;
}

TEST_UNUSED static void slow_put(slow_text *t, const char *p, size_t n)
{
    if (slow_used + t->len + n > sizeof slow_pool) {
        printf("slow_put: the pool is too small\n");
        abort();
    }
    if (n != 0) memcpy(t->ptr + t->len, p, n);
    t->len += n;
}

TEST_UNUSED static void slow_puts(slow_text *t, const char *z)
{
    slow_put(t, z, strlen(z));
}

TEST_UNUSED static edgefn_str slow_end(slow_text *t)
{
    edgefn_str s = { t->ptr, t->len };
    slow_take(t->len + 1);
    return s;
}

TEST_UNUSED static bool same(edgefn_str a, edgefn_str b)
{
    return !a.ptr == !b.ptr && a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

TEST_UNUSED static edgefn_str text_of(const char *p, size_t n)
{
    edgefn_str s = { p, n };
    return s;
}

TEST_UNUSED static edgefn_str lower_of(edgefn_str s)
{
    char *p = (char *)slow_take(s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        p[i] = s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? (char)(s.ptr[i] + 32) : s.ptr[i];
    return text_of(p, s.len);
}

/*--- the tree ---------------------------------------------------------------------------------------------------------*/

typedef struct node {
    char kind;        /* '{' '[' '"', or the first byte of a number or literal */
    edgefn_str raw;   /* as in the text */
    edgefn_str whole; /* of a member: from the quotation mark of its name to the end of its value */
    edgefn_str raw_name;  /* of a member: with its quotation marks */
    edgefn_str name, str; /* decoded: the name of a member, the text of a string */
    struct node *first, *next;
    size_t count;
} node;

static const char *slow_at, *slow_stop;

static void slow_space(void)
{
    while (slow_at < slow_stop && strchr(" \t\r\n", *slow_at) != NULL && *slow_at != '\0')
        slow_at++;
}

static unsigned slow_hex(const char *p)
{
    char four[5] = { p[0], p[1], p[2], p[3], '\0' };
    return (unsigned)strtoul(four, NULL, 16);
}

static edgefn_str slow_string(void) /* slow_at is at the opening quotation mark */
{
    slow_text t = slow_begin();
    for (slow_at++; slow_at < slow_stop && *slow_at != '"';) {
        static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
        char c = *slow_at++;
        unsigned u = 0;
        if (c != '\\') {
            slow_put(&t, &c, 1);
            continue;
        }
        c = *slow_at++;
        if (c != 'u') {
            const char *k = strchr(from, c);
            slow_put(&t, k != NULL ? &to[k - from] : &c, 1);
            continue;
        }
        u = slow_hex(slow_at);
        slow_at += 4;
        if (u >= 0xd800 && u < 0xdc00 && slow_at[0] == '\\' && slow_at[1] == 'u') {
            u = 0x10000 + ((u - 0xd800) << 10) + (slow_hex(slow_at + 2) - 0xdc00);
            slow_at += 6;
        }
        unsigned char b[4] = { (unsigned char)u, 0, 0, 0 };
        size_t n = 1;
        if (u >= 0x10000) {
            b[0] = (unsigned char)(0xf0 | u >> 18);
            b[1] = (unsigned char)(0x80 | (u >> 12 & 63));
            b[2] = (unsigned char)(0x80 | (u >> 6 & 63));
            b[3] = (unsigned char)(0x80 | (u & 63));
            n = 4;
        } else if (u >= 0x800) {
            b[0] = (unsigned char)(0xe0 | u >> 12);
            b[1] = (unsigned char)(0x80 | (u >> 6 & 63));
            b[2] = (unsigned char)(0x80 | (u & 63));
            n = 3;
        } else if (u >= 0x80) {
            b[0] = (unsigned char)(0xc0 | u >> 6);
            b[1] = (unsigned char)(0x80 | (u & 63));
            n = 2;
        }
        slow_put(&t, (const char *)b, n);
    }
    slow_at++;
    return slow_end(&t);
}

/* Parses one value. Returns NULL if it is invalid. */
static node *slow_value(void)
{
    node *v = (node *)slow_take(sizeof *v), **last = &v->first;
    memset(v, 0, sizeof *v);
    slow_space();
    const char *start = slow_at;
    if (slow_at >= slow_stop) return NULL;
    v->kind = *slow_at;
    if (v->kind == '"') {
        v->str = slow_string();
    } else if (v->kind == '{' || v->kind == '[') {
        char close = v->kind == '{' ? '}' : ']';
        slow_at++;
        slow_space();
        while (slow_at < slow_stop && *slow_at != close) {
            const char *from = slow_at, *to = slow_at;
            edgefn_str name = { NULL, 0 };
            if (v->count != 0 && *slow_at++ != ',') return NULL;
            slow_space();
            if (v->kind == '{') {
                from = slow_at;
                if (slow_at >= slow_stop || *slow_at != '"') return NULL;
                name = slow_string();
                to = slow_at;
                slow_space();
                if (slow_at >= slow_stop || *slow_at++ != ':') return NULL;
            }
            node *kid = slow_value();
            if (kid == NULL) return NULL;
            kid->name = name;
            kid->raw_name = text_of(from, (size_t)(to - from));
            kid->whole = v->kind == '{' ? text_of(from, (size_t)(slow_at - from)) : kid->raw;
            *last = kid;
            last = &kid->next;
            v->count++;
            slow_space();
        }
        slow_at++;
    } else {
        while (slow_at < slow_stop
               && strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *slow_at) != NULL)
            slow_at++;
        if (slow_at == start) return NULL;
    }
    if (slow_at > slow_stop) return NULL;
    v->raw = v->whole = text_of(start, (size_t)(slow_at - start));
    return v;
}

TEST_UNUSED static node *slow_tree(edgefn_str json)
{
    slow_at = json.ptr;
    slow_stop = json.ptr + json.len;
    node *v = slow_value();
    if (v != NULL) slow_space();
    return v != NULL && slow_at == slow_stop ? v : NULL;
}

TEST_UNUSED static node *kid_of(const node *v, const char *name)
{
    for (node *k = v != NULL ? v->first : NULL; k != NULL; k = k->next)
        if (same(k->name, edgefn_cstr(name))) return k;
    return NULL;
}

TEST_UNUSED static edgefn_str str_of(const node *v)
{
    edgefn_str none = { NULL, 0 };
    return v != NULL && v->kind == '"' ? v->str : none;
}

TEST_UNUSED static unsigned num_of(const node *v)
{
    if (v == NULL) return 0;
    edgefn_str digits = v->kind == '"' ? v->str : v->raw;
    char number[16];
    snprintf(number, sizeof number, "%.*s", digits.len < 15 ? (int)digits.len : 15, digits.ptr);
    return (unsigned)strtoul(number, NULL, 10);
}

/*--- unusual but valid texts ------------------------------------------------------------------------------------------*/

static bool odd_space, odd_escapes, odd_order, odd_members;

TEST_UNUSED static void odd_dress(void)
{
    odd_space = rnd(3) == 0;
    odd_escapes = rnd(2) == 0;
    odd_order = rnd(2) == 0;
    odd_members = rnd(2) == 0;
}

TEST_UNUSED static void put_space(slow_text *t)
{
    static const char *const space[] = { " ", "\n", "\t", " \r\n  " };
    if (odd_space && rnd(3) == 0) slow_puts(t, space[rnd(4)]);
}

TEST_UNUSED static void put_string(slow_text *t, edgefn_str s)
{
    bool odd = odd_escapes && rnd(3) == 0;
    slow_puts(t, "\"");
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        char six[8];
        int n = snprintf(six, sizeof six, "\\u%04x", c);
        if (c < 0x20 || (odd && c < 0x80 && rnd(4) == 0))
            slow_put(t, six, (size_t)n);
        else if (c == '"' || c == '\\')
            slow_puts(t, c == '"' ? "\\\"" : "\\\\");
        else if (c == '/' && odd)
            slow_puts(t, "\\/");
        else
            slow_put(t, s.ptr + i, 1);
    }
    slow_puts(t, "\"");
}

/* Members are made one by one, with their values, and then joined to an object in any order. */
typedef struct odd_object {
    edgefn_str member[40];
    size_t count;
    bool names; /* the members are headers, cookies or parameters: none of them is unknown */
} odd_object;

TEST_UNUSED static void odd_add(odd_object *o, const char *name, edgefn_str value)
{
    slow_text t = slow_begin();
    put_string(&t, edgefn_cstr(name));
    put_space(&t);
    slow_puts(&t, ":");
    put_space(&t);
    slow_put(&t, value.ptr, value.len);
    if (o->count == COUNT(o->member)) abort();
    o->member[o->count++] = slow_end(&t);
}

TEST_UNUSED static void odd_string(odd_object *o, const char *name, edgefn_str s)
{
    slow_text t = slow_begin();
    put_string(&t, s);
    odd_add(o, name, slow_end(&t));
}

TEST_UNUSED static edgefn_str odd_close(odd_object *o, const char *open, const char *close)
{
    static const char *const strange[] = { "\"x1\":{\"a\":[1,2.50,{\"b\":null}]}",
                                           "\"x2\" : -0.0e+5", "\"\\u0078\\t3\":true", "\"x4\":[ ]",
                                           "\"x5\":\"}],\\\"{[\\\\\"" };
    if (odd_members && *open == '{' && !o->names)
        for (size_t i = 0; i < COUNT(strange); i++)
            if (rnd(8) == 0 && o->count < COUNT(o->member))
                o->member[o->count++] = edgefn_cstr(strange[i]);
    for (size_t i = o->count; odd_order && *open == '{' && i > 1; i--) {
        size_t k = rnd((unsigned)i);
        edgefn_str other = o->member[k];
        o->member[k] = o->member[i - 1];
        o->member[i - 1] = other;
    }
    slow_text t = slow_begin();
    slow_puts(&t, open);
    for (size_t i = 0; i < o->count; i++) {
        if (i != 0) slow_puts(&t, ",");
        put_space(&t);
        slow_put(&t, o->member[i].ptr, o->member[i].len);
        put_space(&t);
    }
    if (o->count == 0) put_space(&t);
    slow_puts(&t, close);
    return slow_end(&t);
}

#endif
