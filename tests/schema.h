/* schema.h - describes an event member by member, so that each member can be broken in every way
   at a known offset. Used by test_lambda.c and test_functions.c, which describe the two
   dialects. */
#ifndef SCHEMA_H
#define SCHEMA_H

/* A member of an object. A `value` of "@name" is the object of that name. `types`: the JSON
   types it may have: s(tring), n(umber), b(oolean), o(bject), a(rray). `need`: '!' if its
   absence is EDGEFN_E_MISSING; 'R' if a text without it is not an event. */
typedef struct member {
    const char *object, *name, *value, *types;
    char need;
} member;

enum {
    AS_IS,
    LEFT_OUT,
    REPLACED,
    TWICE,
    TWICE_AT_END,
    TWICE_ESCAPED,
    NAME_ESCAPED,
    UNKNOWN_BEFORE,
    UNKNOWN_AFTER,
    UNKNOWN_TWICE
};

typedef struct plan {
    const member *members;
    size_t count;
    const char *space; /* between all tokens */
    bool backwards;
    size_t which; /* the member that `what` is applied to */
    int what;
    const char *with; /* REPLACED: the value; UNKNOWN_*: the name */
    char *text;
    size_t len, cap, value_at, second_at, brace_at, root_at;
} plan;

static void put_bytes(plan *p, const char *bytes, size_t len)
{
    if (p->len + len >= p->cap)
        p->text = (char *)realloc(p->text, p->cap = p->cap * 2 + len + 4096);
    if (!p->text) abort();
    memcpy(p->text + p->len, bytes, len);
    p->len += len;
}

static void put(plan *p, const char *text)
{
    put_bytes(p, text, strlen(text));
}
static void put_token(plan *p, const char *text)
{
    put(p, text), put(p, p->space);
}
static void put_object(plan *p, const char *name, size_t len);

static void put_value(plan *p, const char *value)
{
    while (*value) {
        if (*value != '@') {
            put_bytes(p, value++, 1);
            continue;
        }
        size_t n = strspn(++value, "abcdefghijklmnopqrstuvwxyz0123456789_");
        put_object(p, value, n);
        value += n;
    }
}

/* "method" as "\u006dethod". */
static void put_name(plan *p, const char *name, bool escaped)
{
    char first[16];
    put(p, "'");
    if (escaped && *name)
        snprintf(first, sizeof first, "`u%04x", (unsigned)(unsigned char)*name), put(p, first),
            name++;
    put(p, name);
    put_token(p, "'");
    put_token(p, ":");
}

static const char *unknown_value(size_t which)
{
    static const char *const values[] = {
        "null", "{'a':[1,{'b':null}],'b':{}}", "'text'", "-1.5e3", "[]", "true", "['x',['y'],{}]"
    };
    return values[which % COUNT(values)];
}

static void put_member(plan *p, const member *m, bool mine, bool *comma)
{
    int what = mine ? p->what : AS_IS;
    if (what == LEFT_OUT) return;
    for (int round = 0; round < 3; round++) {
        bool unknown = (round == 0 && (what == UNKNOWN_BEFORE || what == UNKNOWN_TWICE))
                       || (round == 2 && (what == UNKNOWN_AFTER || what == UNKNOWN_TWICE));
        bool known = round == 1 || (round == 2 && (what == TWICE || what == TWICE_ESCAPED));
        if (!unknown && !known) continue;
        if (*comma) put_token(p, ",");
        *comma = true;
        if (round == 2) p->second_at = p->len;
        put_name(p, unknown ? p->with : m->name,
                 round == 2 ? what == TWICE_ESCAPED || what == UNKNOWN_TWICE
                            : what == NAME_ESCAPED);
        if (mine && round == 1) p->value_at = p->len;
        if (unknown)
            put(p, unknown_value(p->which));
        else if (what == REPLACED)
            put(p, p->with);
        else
            put_value(p, m->value);
        put(p, p->space);
    }
}

static void put_object(plan *p, const char *name, size_t len)
{
    bool comma = false, mine = false;
    put_token(p, "{");
    for (size_t k = 0; k < p->count; k++) {
        size_t i = p->backwards ? p->count - 1 - k : k;
        const member *m = &p->members[i];
        if (strlen(m->object) != len || memcmp(m->object, name, len) != 0) continue;
        mine |= i == p->which;
        put_member(p, m, i == p->which, &comma);
    }
    if (mine && p->what == TWICE_AT_END) {
        put_token(p, ",");
        p->second_at = p->len;
        put_name(p, p->members[p->which].name, false);
        put_value(p, p->members[p->which].value);
        put(p, p->space);
    }
    if (mine) p->brace_at = p->len;
    put(p, "}");
}

static edgefn_str build(plan *p)
{
    p->len = 0;
    put(p, p->space);
    p->root_at = p->len;
    put_object(p, "root", 4);
    put(p, p->space);
    return js_bytes(p->text, p->len);
}

static char json_type(const char *value)
{
    switch (*value) {
    case '\'': return 's';
    case '{': return 'o';
    case '[': return 'a';
    case 't':
    case 'f': return 'b';
    case 'n': return '0';
    default: return 'n';
    }
}

static bool build_and_parse(plan *p, edgefn_event *ev)
{
    edgefn_str json = build(p);
    edgefn_parse(ev, json, arena_new(edgefn_memory_bound(json.len) + 4096), NULL);
    return ev->err.code == EDGEFN_OK;
}

static const char *const plan_names[] = { "unchanged",
                                          "left out",
                                          "replaced by",
                                          "twice",
                                          "again at the end",
                                          "again, escaped",
                                          "its name escaped",
                                          "unknown member before:",
                                          "unknown member after:",
                                          "unknown member twice:" };

static void plan_row(const plan *p, const char *title)
{
    const member *m = &p->members[p->which];
    ROW("%s: %s.%s %s %s%s%s", title, m->object, m->name, plan_names[p->what],
        p->with ? p->with : "", *p->space ? ", spaced" : "", p->backwards ? ", backwards" : "");
}

static void expect(plan *p, const char *title, edgefn_error code, const size_t *at)
{
    edgefn_event ev;
    plan_row(p, title);
    build_and_parse(p, &ev);
    bool held = CHECK_ERR(&ev, code, *at) && CHECK(ev.err.where != NULL);
    if (!held) test_show("event  ", js_bytes(p->text, p->len));
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL && edgefn_passthrough(&ev).ptr == NULL
          && edgefn_write(&ev, NULL, 0, NULL) == 0);
}

static void expect_same(plan *p, const char *title, edgefn_event *base)
{
    edgefn_event ev;
    plan_row(p, title);
    if (!build_and_parse(p, &ev)) {
        CHECK(!"is accepted"), kit_why(&ev), test_show("event  ", js_bytes(p->text, p->len));
        return;
    }
    const char *differs = base ? event_differs(&ev, base) : NULL;
    if (!CHECK(!differs)) printf("    %s\n", differs);
    UNTOUCHED(&ev);
}

/* True for objects whose member names are data: headers, parameters, cookies. */
static bool is_map(const char *object)
{
    return strncmp(object, "map_", 4) == 0;
}

static void break_member(plan *p, const char *title, edgefn_event *base)
{
    static const char *const samples[] = { "null", "true", "false",    "7",  "-0.5e1", "'text'",
                                           "''",   "[]",   "['text']", "{}", "{'a':1}" };
    static const char *const unknown[] = { "zzz",      "",    "methoD", "header",
                                           "headersx", "Key", "values", "\xC3\xA4" };
    const member *m = &p->members[p->which];
    p->what = LEFT_OUT, p->with = NULL;
    if (m->need == '!')
        expect(p, title, EDGEFN_E_MISSING, &p->brace_at);
    else if (m->need == 'R')
        expect(p, title, EDGEFN_E_NOT_AN_EVENT, &p->root_at);
    else if (m->need != '?')
        expect_same(p, title, NULL);

    p->what = REPLACED;
    for (size_t i = 0; i < COUNT(samples); i++)
        if (!strchr(m->types, json_type(samples[i])))
            p->with = samples[i], expect(p, title, EDGEFN_E_TYPE, &p->value_at);
    p->with = NULL;
    for (p->what = TWICE; p->what <= TWICE_ESCAPED; p->what++)
        expect(p, title, EDGEFN_E_DUPLICATE, &p->second_at);
    p->what = NAME_ESCAPED;
    expect_same(p, title, base);
    if (is_map(m->object)) return;
    for (p->what = UNKNOWN_BEFORE; p->what <= UNKNOWN_AFTER; p->what++)
        p->with = unknown[p->which % COUNT(unknown)], expect_same(p, title, base);
    p->what = UNKNOWN_TWICE, p->with = "zzz";
    expect(p, title, EDGEFN_E_DUPLICATE, &p->second_at);
}

/* Breaks every member in every way, with and without white space, with the members in both
   orders. */
TEST_UNUSED static void break_everything(const char *title, const member *members, size_t count)
{
    for (int variant = 0; variant < 4; variant++) {
        plan p = { .members = members,
                   .count = count,
                   .space = variant & 1 ? "\r\n\t " : "",
                   .backwards = (variant & 2) != 0 };
        edgefn_event base;
        p.which = SIZE_MAX;
        ROW("%s unchanged, variant %d", title, variant);
        if (CHECK(build_and_parse(&p, &base))) {
            UNTOUCHED(&base);
            for (p.which = 0; p.which < count; p.which++)
                break_member(&p, title, &base);
        } else {
            kit_why(&base);
        }
        free(p.text);
    }
}

#endif
