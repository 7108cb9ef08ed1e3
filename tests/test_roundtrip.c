/* Round trips of every sample event: unedited parts are written byte for byte as received, and
   edits are parsed again as they were made. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include "strict.h"
/* clang-format off: tables with aligned columns */

TEST(untouched)
{
    static const edgefn_write_opts whole = { .whole_event = true, .skip_check = true };
    for (const char *const *p = event_files(); *p; p++) {
        ROW("%s", *p);
        edgefn_str json = slurp(*p);
        edgefn_event ev;
        if (!OPEN(&ev, guard_copy(json.ptr, json.len))) continue;
        UNTOUCHED(&ev);
        CHECK_STR(edgefn_passthrough(&ev), strict_result(json, !edgefn_is_request(&ev)));
        CHECK_STR(written_with(&ev, &whole), json);
        edgefn_query(&ev), edgefn_cookies(&ev),
            edgefn_response_cookies(&ev); /* reading changes nothing */
        for (size_t i = 0; i < ev.request.headers.len; i++)
            edgefn_get(&ev.request.headers, ev.request.headers.items[i].name);
        edgefn_str out = edgefn_finish(&ev, NULL);
        CHECK(out.ptr == edgefn_passthrough(&ev).ptr);
        for (int m = 0; m < EDGEFN_MEMBER_COUNT; m++)
            CHECK_NUM(edgefn_changed(&ev, (edgefn_member)m), EDGEFN_CHANGE_NONE);
    }
}

/* White space makes no difference. */
TEST(respaced)
{
    static const char *const spaces[] = {
        "", " ", "\n    ", "\r\n\t",
        "                                                                                "
    };
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str json = slurp(*p);
        edgefn_event plain, ev;
        if (json.len > 10000) continue;
        ROW("%s", *p);
        if (!OPEN(&plain, json)) continue;
        for (size_t i = 0; i < COUNT(spaces); i++) {
            ROW("%s, space %zu", *p, i);
            edgefn_str other = strict_respaced(json, spaces[i]);
            if (!OPEN(&ev, other)) continue;
            const char *differs = event_differs(&plain, &ev);
            if (!CHECK(!differs)) printf("    %s\n", differs);
            UNTOUCHED(&ev);
            CHECK_STR(edgefn_passthrough(&ev), strict_result(other, !edgefn_is_request(&ev)));
            if (!edit(&ev,
                      edgefn_is_request(&ev)
                          ? "set h x-new 1\nremove h user-agent\nset c n 1\nadd q n 1\nuri= /other"
                          : "set rh x-new 1\nadd sc n 1"))
                continue;
            edgefn_str out = written(&ev);
            read_back(&ev, out);
        }
    }
}

/* Returns the event with unknown members before every known one and at the end of every object
   that is not a list. */
static edgefn_str with_unknown(edgefn_str json)
{
    strict s = { .t = (const unsigned char *)json.ptr, .len = json.len };
    char *out = (char *)test_own(malloc(json.len * 12));
    size_t n = 0, depth = 0;
    bool map[EDGEFN_MAX_DEPTH] = { false }, expect_map = false;
    int serial = 0;
    while (s.at < s.len) {
        size_t from = s.at;
        char c = (char)s.t[s.at];
        if (c == '"') {
            strict_string(&s);
            edgefn_str name = { json.ptr + from + 1, s.at - from - 2 };
            bool is_name = s.t[s.at] == ':';
            if (is_name && !map[depth])
                n += (size_t)sprintf(out + n, "\"x-%d\":{\"a\":[%d,null],\"\\u0062\":\"\\n\"},",
                                     serial, serial),
                    serial++;
            expect_map =
                is_name
                && (edgefn_str_ieq(name, S("headers")) || edgefn_str_eq(name, S("querystring"))
                    || edgefn_str_eq(name, S("cookies"))
                    || edgefn_str_eq(name, S("customHeaders")));
        } else {
            s.at++;
            if (c == '{' || c == '[') map[++depth] = expect_map, expect_map = false;
            if (c == '}' && !map[depth] && json.ptr[from - 1] != '{')
                n += (size_t)sprintf(out + n, " , \"y-%d\" : -1.50E+2", serial++);
            if (c == '}' || c == ']') depth--;
        }
        memcpy(out + n, json.ptr + from, s.at - from), n += s.at - from;
    }
    return (edgefn_str){ out, n };
}

static size_t count(edgefn_str s, edgefn_str part)
{
    size_t n = 0;
    for (size_t i = 0; i + part.len <= s.len; i++)
        n += memcmp(s.ptr + i, part.ptr, part.len) == 0;
    return n;
}

TEST(unknown_members_survive)
{
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str json = slurp(*p);
        edgefn_event plain, ev;
        if (json.len > 10000) continue;
        ROW("%s", *p);
        edgefn_str other = with_unknown(strict_respaced(json, ""));
        size_t pos;
        if (!CHECK_NUM(strict_text(other, &pos), EDGEFN_OK) || !CHECK(other.len > json.len + 500)
            || !OPEN(&plain, json) || !OPEN(&ev, other))
            continue;
        const char *differs = event_differs(&plain, &ev);
        if (!CHECK(!differs)) printf("    %s\n", differs);
        UNTOUCHED(&ev);
        edgefn_fields *h = edgefn_is_request(&ev) ? &ev.request.headers : &ev.response.headers;
        size_t unknown =
            count(edgefn_passthrough(&ev), S("\"y-")) + count(edgefn_passthrough(&ev), S("\"x-"));
        /* changes the values one by one: all unknown members stay */
        for (size_t i = 0; i < h->len; i++) {
            char value[40];
            snprintf(value, sizeof value, "value-%zu", i);
            edgefn_str lasting = edgefn_str_join(&ev, &(edgefn_str){ value, strlen(value) }, 1);
            CHECK(edgefn_set_at(h, i, lasting));
        }
        edgefn_str out = written(&ev);
        CHECK_NUM(count(out, S("\"y-")) + count(out, S("\"x-")), unknown);
        CHECK(unknown > 10);
        read_back(&ev, out);
    }
}

/* The same event with all its strings spelled as \u escapes. */
TEST(escaped)
{
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str json = slurp(*p);
        edgefn_event plain, ev;
        if (json.len > 10000) continue;
        ROW("%s", *p);
        strict s = { .t = (const unsigned char *)json.ptr, .len = json.len };
        char *out = (char *)test_own(malloc(json.len * 6));
        size_t n = 0;
        while (s.at < s.len) {
            size_t from = s.at;
            if (s.t[s.at] != '"') {
                out[n++] = (char)s.t[s.at++];
                continue;
            }
            strict_string(&s);
            for (size_t i = from; i < s.at; i++) {
                bool plain_byte = i > from && i + 1 < s.at && s.t[i] < 0x80 && s.t[i] != '\\';
                if (s.t[i] == '\\') {
                    size_t m = s.t[i + 1] == 'u' ? 6 : 2;
                    memcpy(out + n, s.t + i, m), n += m, i += m - 1;
                } else if (plain_byte)
                    n += (size_t)sprintf(out + n, "\\u%04x", s.t[i]);
                else
                    out[n++] = (char)s.t[i];
            }
        }
        edgefn_str other = { out, n };
        if (!OPEN(&plain, json) || !OPEN(&ev, other)) continue;
        const char *differs = event_differs(&plain, &ev);
        if (!CHECK(!differs)) printf("    %s\n", differs);
        UNTOUCHED(&ev);
        if (!edit(&ev, edgefn_is_request(&ev) ? "set h host x\nadd h accept y\nset c n 1"
                                              : "set rh content-type x\nadd sc n 1"))
            continue;
        edgefn_str text = written(&ev);
        read_back(&ev, text);
    }
}

/*--- random edits, compared with a model --------------------------------------------------------------------------------*/

typedef struct pair {
    edgefn_str name, value, attributes;
} pair;
typedef struct model {
    pair items[300];
    size_t len;
    bool fold, grouped;
} model;

static uint32_t seed;
static uint32_t draw(uint32_t below)
{
    seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
    return seed % below;
}

static bool model_is(const model *m, const pair *p, edgefn_str name)
{
    return m->fold ? edgefn_str_ieq(p->name, name) : edgefn_str_eq(p->name, name);
}

static void model_of(model *m, const edgefn_fields *f)
{
    m->len = f->len;
    for (size_t i = 0; i < f->len; i++)
        m->items[i] = (pair){ f->items[i].name, f->items[i].value, f->items[i].attributes };
}

static void model_remove_at(model *m, size_t at)
{
    memmove(&m->items[at], &m->items[at + 1], (m->len - at - 1) * sizeof *m->items);
    m->len--;
}

static size_t model_remove(model *m, edgefn_str name)
{
    size_t gone = 0;
    for (size_t i = 0; i < m->len;)
        if (model_is(m, &m->items[i], name))
            model_remove_at(m, i), gone++;
        else
            i++;
    return gone;
}

static void model_add(model *m, edgefn_str name, edgefn_str value)
{
    size_t at = m->len;
    for (size_t i = 0; m->grouped && i < m->len; i++)
        if (model_is(m, &m->items[i], name)) at = i + 1;
    memmove(&m->items[at + 1], &m->items[at], (m->len - at) * sizeof *m->items);
    m->items[at] = (pair){ name, value, { NULL, 0 } };
    m->len++;
}

/* A name that was received and removed may return to its old position: the model then copies the
   position from the list. */
static void model_follow(model *m, const model *received, const edgefn_fields *f, edgefn_str name)
{
    size_t mine = 0, at = edgefn_find(f, name, 0);
    bool known = false;
    for (size_t i = 0; i < m->len; i++)
        if (model_is(m, &m->items[i], name)) mine = i;
    for (size_t i = 0; i < received->len; i++)
        known |= model_is(m, &received->items[i], name);
    if (!known || at >= m->len || edgefn_count(f, name) != 1) return;
    pair moved = m->items[mine];
    model_remove_at(m, mine);
    memmove(&m->items[at + 1], &m->items[at], (m->len - at) * sizeof *m->items);
    m->items[at] = moved, m->len++;
}

static void model_set(model *m, edgefn_str name, edgefn_str value)
{
    bool found = false;
    for (size_t i = 0; i < m->len;)
        if (!model_is(m, &m->items[i], name))
            i++;
        else if (!found)
            m->items[i++].value = value, found = true;
        else
            model_remove_at(m, i);
    if (!found) model_add(m, name, value);
}

static bool model_equals(const model *m, const edgefn_fields *f)
{
    if (m->len != f->len) return false;
    for (size_t i = 0; i < m->len; i++)
        if (!model_is(m, &m->items[i], f->items[i].name)
            || !edgefn_str_eq(m->items[i].value, f->items[i].value)
            || !edgefn_str_eq(m->items[i].attributes, f->items[i].attributes))
            return false;
    return true;
}

static edgefn_str pool_name(const model *received)
{
    static const edgefn_str names[] = { EDGEFN_S_INIT("x-new"), EDGEFN_S_INIT("n"),
                                        EDGEFN_S_INIT("zz") };
    edgefn_str name = received->len && draw(3) ? received->items[draw((uint32_t)received->len)].name
                                               : names[draw(3)];
    return name.len ? name : names[1]; /* a cookie without a name cannot be set by name */
}

static edgefn_str pool_value(const model *received)
{
    static const edgefn_str values[] = { EDGEFN_S_INIT("1"), EDGEFN_S_INIT(""),
                                         EDGEFN_S_INIT("a\"\\b"), EDGEFN_S_INIT("\xC3\xA4") };
    return received->len && draw(2) ? received->items[draw((uint32_t)received->len)].value
                                    : values[draw(4)];
}

static int pair_order(const pair *a, const pair *b)
{
    size_t n = a->name.len < b->name.len ? a->name.len : b->name.len;
    int d = n ? memcmp(a->name.ptr, b->name.ptr, n) : 0;
    return d ? d : a->name.len < b->name.len ? -1 : a->name.len > b->name.len;
}

static void model_sort(model *m)
{
    for (size_t i = 1; i < m->len; i++)
        for (size_t k = i; k > 0 && pair_order(&m->items[k - 1], &m->items[k]) > 0; k--) {
            pair t = m->items[k];
            m->items[k] = m->items[k - 1], m->items[k - 1] = t;
        }
}

static size_t model_remove_prefix(model *m, edgefn_str prefix)
{
    size_t gone = 0;
    for (size_t i = 0; i < m->len;)
        if (m->items[i].name.len >= prefix.len
            && model_is(m, &(pair){ .name = edgefn_str_take(m->items[i].name, prefix.len) },
                        prefix))
            model_remove_at(m, i), gone++;
        else
            i++;
    return gone;
}

/* Makes one random edit in the list and the model. Returns its name for messages. */
static const char *random_edit(edgefn_fields *f, model *m, const model *received, bool *done)
{
    static const edgefn_str absent = { NULL, 0 };
    edgefn_str name = pool_name(received), value = pool_value(received);
    size_t at = m->len ? draw((uint32_t)m->len) : 0;
    bool there = edgefn_has(f, name);
    /* an empty text without a name is not a cookie */
    if (m->len && m->items[at].name.len == 0) value = S("1");
    switch (draw(m->len ? 16 : 4)) {
    case 0:
    case 1:
        model_set(m, name, value), *done = edgefn_set(f, name, value);
        if (!there) model_follow(m, received, f, name);
        return "set";
    case 2:
    case 3:
        if (m->len > 250) return *done = true, "nothing";
        model_add(m, name, value), *done = edgefn_add(f, name, value);
        if (!there) model_follow(m, received, f, name);
        return "add";
    case 4:
    case 5: model_remove(m, name), *done = edgefn_remove(f, name); return "remove";
    case 6:
    case 7: m->items[at].value = value, *done = edgefn_set_at(f, at, value); return "set_at";
    case 8:
    case 9: model_remove_at(m, at), *done = edgefn_remove_at(f, at); return "remove_at";
    case 10: model_remove(m, name), *done = edgefn_set(f, name, absent); return "set absent";
    case 11: model_remove_at(m, at), *done = edgefn_set_at(f, at, absent); return "set_at absent";
    case 12: *done = edgefn_add(f, name, absent); return "add absent";
    case 13:
        if (draw(3)) return *done = true, "nothing";
        model_sort(m), *done = edgefn_sort(f);
        return "sort";
    case 14:
        name = edgefn_str_take(name, 3), model_remove_prefix(m, name),
        *done = edgefn_remove_prefix(f, name);
        return "remove_prefix";
    default: /* back to the received value, if the name was received */
        for (size_t i = 0; i < received->len; i++)
            if (model_is(m, &m->items[at], received->items[i].name)) {
                m->items[at].value = received->items[i].value,
                *done = edgefn_set_at(f, at, received->items[i].value);
                return "set_at received";
            }
        return *done = true, "nothing";
    }
}

static edgefn_fields *list_of(edgefn_event *ev, int which)
{
    switch (which) {
    case 0: return edgefn_is_request(ev) ? &ev->request.headers : &ev->response.headers;
    case 1: return edgefn_is_request(ev) ? edgefn_query(ev) : edgefn_response_cookies(ev);
    case 2: return edgefn_is_request(ev) ? edgefn_cookies(ev) : edgefn_response_cookies(ev);
    default:
        return ev->type == EDGEFN_ORIGIN_REQUEST && ev->request.origin.kind
                   ? &ev->request.origin.headers
                   : NULL;
    }
}

static size_t undone; /* rounds whose edits cancelled each other */

static bool random_round(edgefn_str json, int which, int edits)
{
    static model received, m;
    static char trace[4000];
    edgefn_event ev;
    size_t n = 0;
    if (!CHECK(edgefn_parse(&ev, json, arena_new(512 * 1024), NULL) == EDGEFN_OK)) return false;
    edgefn_fields *f = list_of(&ev, which);
    if (!f) return true;
    received.fold = m.fold = which == 0 || which == 3;
    m.grouped =
        m.fold
        || (ev.dialect == EDGEFN_DIALECT_FUNCTIONS && !(which == 1 && edgefn_is_request(&ev)));
    model_of(&received, f), model_of(&m, f);
    trace[0] = 0;
    for (int i = 0; i < edits; i++) {
        bool done = false;
        const char *what = random_edit(f, &m, &received, &done);
        if (n < sizeof trace - 40) n += (size_t)sprintf(trace + n, "%s ", what);
        if (CHECK(done) && CHECK(model_equals(&m, f))) continue;
        printf("    after: %s\n    list: %s\n", trace, list_text(f));
        if (ev.err.code) kit_why(&ev);
        return false;
    }
    edgefn_str out = written(&ev);
    bool held = out.ptr && CHECK(model_equals(&m, f));
    bool kept = model_equals(&received, f) && f->removed_len == 0;
    for (size_t i = 0; i < f->len; i++)
        kept &= f->items[i].change == EDGEFN_CHANGE_NONE;
    if (held && kept) undone++, held = CHECK_STR(out, edgefn_passthrough(&ev));
    bool was_bad = test_bad;
    if (held) read_back(&ev, out);
    held &= !test_bad || was_bad;
    if (!held) printf("    after: %s\n    list: %s\n", trace, list_text(f));
    return held;
}

TEST(random_edits)
{
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str json = slurp(*p);
        size_t kept = test_owned_len;
        if (json.len > 10000) continue;
        for (int which = 0; which < 4; which++) {
            ROW("%s, list %d", *p, which);
            for (int round = 0; round < 60; round++) {
                seed = 0x9E3779B9u * (uint32_t)(round * 4 + which + 1);
                if (!random_round(json, which, 1 + round % 12)) {
                    printf("    round %d\n", round);
                    break;
                }
                while (test_owned_len > kept)
                    free(test_owned[--test_owned_len]);
            }
        }
    }
    ROW("edits that cancelled each other");
    CHECK(undone > 50);
}

/* Edits all lists in turn, and writes in between. Each step is checked against the list before
   it, and the final result is parsed and compared with the event in memory. Cookies are edited
   through their list or through their headers, not both. */
static bool mixed_round(edgefn_str json, int edits, int *writes)
{
    static model received[4], m;
    edgefn_event ev;
    if (!CHECK(edgefn_parse(&ev, json, arena_new(1024 * 1024), NULL) == EDGEFN_OK)) return false;
    bool by_header = draw(2) == 0;
    for (int which = 0; which < 4; which++) {
        edgefn_fields *f = list_of(&ev, which);
        if (f) model_of(&received[which], f);
    }
    for (int i = 0; i < edits; i++) {
        int which = (int)draw(4);
        bool done = false, cookies = which == 2 || (which == 1 && !edgefn_is_request(&ev));
        if ((which == 0 && !by_header) || (cookies && by_header)) continue;
        edgefn_fields *f = list_of(&ev, which);
        if (!f) continue;
        m.fold = which == 0 || which == 3;
        m.grouped =
            m.fold
            || (ev.dialect == EDGEFN_DIALECT_FUNCTIONS && !(which == 1 && edgefn_is_request(&ev)));
        model_of(&m, f);
        const char *what = random_edit(f, &m, &received[which], &done);
        if (!CHECK(done) || !CHECK(model_equals(&m, f))) {
            printf("    list %d, step %d: %s\n    %s\n", which, i, what, list_text(f));
            return false;
        }
        if (draw(6) == 0 && !(++*writes, CHECK(edgefn_write(&ev, NULL, 0, &kit_unchecked) > 0)))
            return kit_why(&ev), false;
        if (draw(9) == 0)
            ev.request.uri = draw(2) && edgefn_is_request(&ev) ? S("/x") : ev.request.uri;
        if (ev.type == EDGEFN_ORIGIN_REQUEST && draw(30) == 0)
            edgefn_origin_custom(
                &ev, &(edgefn_origin_opts){ .domain = S("o.example"), .keep_host_header = true });
    }
    bool was_bad = test_bad;
    edgefn_str out = written(&ev);
    if (out.ptr) read_back(&ev, out);
    return out.ptr && (!test_bad || was_bad);
}

TEST(mixed_edits)
{
    int writes = 0;
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str json = slurp(*p);
        size_t kept = test_owned_len;
        if (json.len > 10000) continue;
        ROW("%s", *p);
        for (int round = 0; round < 100; round++) {
            seed = 0x85EBCA6Bu * (uint32_t)(round + 1);
            if (!mixed_round(json, 2 + round % 30, &writes)) {
                printf("    round %d\n", round);
                break;
            }
            while (test_owned_len > kept)
                free(test_owned[--test_owned_len]);
        }
    }
    CHECK(writes > 100);
}

/* After adding a field, sorting, and removing it, the received bytes are written. */
TEST(sorted_and_back)
{
    static const char *const texts[] = {
        L_GET("'headers':{'a':[{'value':'1'}],'b':[{'value':'2'}]`n },'querystring':'a=1&&b=2'"),
        L_GET("'headers':{ 'x':[{'value':'1'},{'value':'2'}] }"),
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        edgefn_event ev;
        ROW("%s", texts[i]);
        char text[200], *at;
        strcpy(text, texts[i]);
        if ((at = strstr(text, "`n"))) memcpy(at, " \n", 2);
        if (!OPEN(&ev, frame(L_VREQ, text, NULL))) continue;
        edgefn_add(&ev.request.headers, S("A0"), S("1")), edgefn_sort(&ev.request.headers),
            edgefn_remove(&ev.request.headers, S("a0"));
        edgefn_add(edgefn_query(&ev), S("A"), S("1")), edgefn_sort(edgefn_query(&ev)),
            edgefn_remove(edgefn_query(&ev), S("A"));
        CHECK_STR(written(&ev), edgefn_passthrough(&ev));
    }
}

/* A first call returns the number of spans, as documented; views that it wrote back stay written
   back. */
TEST(spans_counted_first)
{
    edgefn_event ev;
    edgefn_str json = frame(
                   L_VREQ,
                   L_GET("'headers':{'cookie':[{'value':'a=1; b=2'}]},'querystring':'a=1&b=2'"),
                   NULL),
               spans[64];
    for (size_t cap = 0; cap < 3; cap++) {
        if (!OPEN(&ev, json)) return;
        edgefn_set(edgefn_query(&ev), S("b"), S("two"));
        edgefn_set(edgefn_cookies(&ev), S("b"), S("zwei"));
        edgefn_set(&ev.request.headers, S("x-new"), S("new-value"));
        CHECK(edgefn_write_spans(&ev, cap != 0 ? spans : NULL, cap, &kit_unchecked) > cap);
        CHECK_STR(edgefn_finish(&ev, &kit_unchecked),
                  js("{'method':'GET','uri':'/','headers':{'cookie':[{'value':'a=1; b=zwei'}],"
                     "'x-new':[{'key':'x-new','value':'new-value'}]},'querystring':'a=1&b=two'}"));
    }
}
