/* gen_growth.h - families of events that grow, and hostile shapes: for costs per byte; included by gen.c. Each is a Lambda@Edge
   viewer-request; `size` is a number of headers, or about as many bytes. */

typedef struct family {
    const char *name;
    void (*headers)(maker *m, size_t size); /* NULL: ordinary ones */
    void (*before)(maker *m, size_t size);  /* members before the headers; or NULL */
} family;

static void begin_entry(maker *m, const char *name)
{
    key(&m->o, name);
    opens(&m->o, "[");
}
static void put_entry(maker *m, const char *key_text, const char *value)
{
    next(&m->o);
    opens(&m->o, "{");
    member(&m->o, "key", key_text);
    member(&m->o, "value", value);
    closes(&m->o, "}");
}
static void end_entry(maker *m)
{
    closes(&m->o, "]");
}
static void one_header(maker *m, const char *name, const char *value)
{
    begin_entry(m, name);
    put_entry(m, name, value);
    end_entry(m);
}
/* A header whose value is `unit`, as it is in the JSON text, over and over. */
static void long_value(maker *m, const char *name, const char *unit, size_t bytes)
{
    out *o = &m->o;
    size_t n = strlen(unit);
    begin_entry(m, name);
    next(o);
    opens(o, "{");
    member(o, "key", name);
    key(o, "value");
    put(o, "\"", 1);
    for (size_t i = 0; i + n <= bytes; i += n)
        put(o, unit, n);
    put(o, "\"", 1);
    closes(o, "}");
    end_entry(m);
}

static void many_headers(maker *m, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        m->pool_len = 0;
        one_header(m, text(m, "x-%s-%u", PICK(&m->r, WORDS), (unsigned)i), token(m, 40, BASE64URL));
    }
}
static void hostile_u(maker *m, size_t size)
{
    long_value(m, "x-u", "\\u00e9\\ud83d\\ude00", size);
}
static void hostile_backslashes(maker *m, size_t size)
{
    long_value(m, "x-b", "\\\\\\\"", size);
}
static void hostile_utf8(maker *m, size_t size)
{
    long_value(m, "x-8",
               "\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa9"
               "a",
               size);
}
static void hostile_values(maker *m, size_t size) /* all of one name */
{
    begin_entry(m, "x-many");
    for (size_t i = 0; i < size / 32; i++)
        put_entry(m, "X-Many", "a");
    end_entry(m);
}
static void hostile_alike(maker *m, size_t size) /* names of one length that differ at the end */
{
    for (size_t i = 0; i < size / 110; i++) {
        m->pool_len = 0;
        one_header(m, text(m, "strict-transport-securit-%08u", (unsigned)i), "a");
    }
}
static void hostile_order(maker *m,
                          size_t size) /* value before key, and members that nobody knows */
{
    out *o = &m->o;
    for (size_t i = 0; i < size / 80; i++) {
        m->pool_len = 0;
        const char *name = text(m, "x-%u", (unsigned)i);
        begin_entry(m, name);
        next(o);
        opens(o, "{");
        member(o, "value", "a");
        if (i % 2) member(o, text(m, "m%u", (unsigned)i), "b");
        member(o, "key", name);
        closes(o, "}");
        end_entry(m);
    }
}
static void hostile_cookies(maker *m, size_t size)
{
    long_value(m, "cookie", "a=1; bb=2; ccc=3; ", size);
}
static void hostile_unknown(maker *m, size_t size)
{
    for (size_t i = 0; i < size / 24; i++) {
        m->pool_len = 0;
        member_raw(&m->o, text(m, "unknown%u", (unsigned)i), "-1500");
    }
}
static void hostile_deep(maker *m, size_t size)
{
    out *o = &m->o;
    key(o, "nested");
    opens(o, "[");
    for (size_t i = 0; i < size / 110; i++) {
        next(o);
        for (int k = 0; k < 54; k++)
            puts_(o, "[");
        for (int k = 0; k < 54; k++)
            puts_(o, "]");
    }
    closes(o, "]");
}
static void hostile_space(maker *m, size_t size)
{
    out *o = &m->o;
    key(o, "spaced");
    opens(o, "[");
    for (size_t i = 0; i < size / 16; i++) {
        next(o);
        puts_(o, i % 3 ? " \n\t \r\n  \t 0 \n" : "\n\n\t\t        0  ");
    }
    closes(o, "]");
}

enum { F_HEADERS, F_BODY, F_FIRST_HOSTILE };
static const family FAMILIES[] = {
    { "headers", many_headers, NULL },    { "body", NULL, NULL },
    { "escapes", hostile_u, NULL },       { "backslashes", hostile_backslashes, NULL },
    { "utf8", hostile_utf8, NULL },       { "values", hostile_values, NULL },
    { "alike", hostile_alike, NULL },     { "order", hostile_order, NULL },
    { "cookies", hostile_cookies, NULL }, { "unknown", NULL, hostile_unknown },
    { "deep", NULL, hostile_deep },       { "space", NULL, hostile_space },
};
#define HOSTILE(f)                                                                                 \
  { f, 65536, 4 },                                                                                 \
  {                                                                                                \
    f, 1048576, 1                                                                                  \
  }
static const struct growth {
    unsigned family, size, events;
} GROWTH[] = {
    { F_HEADERS, 10, 128 },       { F_HEADERS, 30, 64 },        { F_HEADERS, 100, 32 },
    { F_HEADERS, 300, 16 },       { F_HEADERS, 1000, 8 },       { F_HEADERS, 3000, 4 },
    { F_HEADERS, 10000, 2 },      { F_BODY, 1024, 128 },        { F_BODY, 4096, 64 },
    { F_BODY, 16384, 32 },        { F_BODY, 65536, 16 },        { F_BODY, 262144, 8 },
    { F_BODY, 1048576, 4 },       { F_BODY, 1468006, 4 },       HOSTILE(F_FIRST_HOSTILE),
    HOSTILE(F_FIRST_HOSTILE + 1), HOSTILE(F_FIRST_HOSTILE + 2), HOSTILE(F_FIRST_HOSTILE + 3),
    HOSTILE(F_FIRST_HOSTILE + 4), HOSTILE(F_FIRST_HOSTILE + 5), HOSTILE(F_FIRST_HOSTILE + 6),
    HOSTILE(F_FIRST_HOSTILE + 7), HOSTILE(F_FIRST_HOSTILE + 8), HOSTILE(F_FIRST_HOSTILE + 9),
};
enum { GROWTH_COUNT = sizeof GROWTH / sizeof GROWTH[0] };

static void make_growth(maker *m, const kind *k)
{
    out *o = &m->o;
    const family *f = &FAMILIES[k->flags];
    fields ordinary = { 0 };
    const char *ip = make_ip(m);
    open_lambda(m);
    put_config(m, "config", "viewer-request");
    key(o, "request");
    opens(o, "{");
    if (k->flags == F_BODY) put_body(m, k->body / 4 * 3);
    member(o, "clientIp", ip);
    if (f->before) f->before(m, k->body);
    if (f->headers) {
        key(o, "headers");
        opens(o, "{");
        f->headers(m, k->body);
        closes(o, "}");
    } else {
        viewer_headers(m, &ordinary, 4, "www.example.com");
        put_lambda_headers(m, &ordinary, "headers", true);
    }
    member(o, "method", "GET");
    member(o, "querystring", "");
    member(o, "uri", "/index.html");
    closes(o, "}");
    close_lambda(m);
}

const char *gen_growth_name(size_t i, unsigned *size)
{
    if (i >= GROWTH_COUNT) return NULL;
    *size = GROWTH[i].size;
    return FAMILIES[GROWTH[i].family].name;
}
