/* Events built from parts: each sample event is taken apart, built again without its text, and
   then must behave like the parsed event. */
#include "../edgefn.h"
#include "test.h"
#include "kit.h"

static void copy_list(edgefn_fields *to, const edgefn_fields *from)
{
    for (size_t i = 0; i < from->len; i++)
        edgefn_add(to, from->items[i].key.ptr ? from->items[i].key : from->items[i].name,
                   from->items[i].value);
}

/* Copies the parts of a parsed event to a new one. In CloudFront Functions cookies are copied as
   headers, as proxies have them. */
static bool rebuild(edgefn_event *to, edgefn_event *from, edgefn_arena arena)
{
    bool functions = from->dialect == EDGEFN_DIALECT_FUNCTIONS;
    if (edgefn_build_begin(to, from->dialect, from->type, arena, NULL)) return false;
    to->domain = from->domain, to->distribution_id = from->distribution_id,
    to->request_id = from->request_id, to->version = from->version;
    to->request.method = from->request.method, to->request.uri = from->request.uri,
    to->request.client_ip = from->request.client_ip;
    to->request.querystring = edgefn_query_text(from), to->request.body = from->request.body;
    edgefn_origin origin = from->request.origin;
    origin.headers = to->request.origin.headers, to->request.origin = origin;
    copy_list(&to->request.headers, &from->request.headers);
    copy_list(&to->request.origin.headers, &from->request.origin.headers);
    copy_list(&to->response.headers, &from->response.headers);
    to->response.status = from->response.status,
    to->response.status_text = from->response.status_text, to->response.body = from->response.body;
    for (size_t i = 0; functions && i < edgefn_cookies(from)->len; i++) {
        const edgefn_field *c = &edgefn_cookies(from)->items[i];
        edgefn_add(&to->request.headers, S("Cookie"),
                   edgefn_str_join(from, EDGEFN_STRS(c->name, S("="), c->value)));
    }
    for (size_t i = 0; functions && i < edgefn_response_cookies(from)->len; i++) {
        const edgefn_field *c = &edgefn_response_cookies(from)->items[i];
        edgefn_add(&to->response.headers, S("set-cookie"),
                   edgefn_str_join(
                       from, (edgefn_str[]){ c->name, S("="), c->value, S("; "), c->attributes },
                       c->attributes.len ? 5 : 3));
    }
    return edgefn_build_end(to);
}

static const char *rebuilt_differs(edgefn_event *a, edgefn_event *b)
{
    const char *what = event_differs(a, b);
    for (size_t i = 0; !what && i < a->request.headers.len; i++)
        if (a->dialect == EDGEFN_DIALECT_LAMBDA
            && !edgefn_str_eq(a->request.headers.items[i].key, b->request.headers.items[i].key))
            what = "key";
    return what;
}

/* The same edits for both events; the change marks must be equal. */
static void change(edgefn_event *ev, int which)
{
    edgefn_fields *h = edgefn_is_request(ev) ? &ev->request.headers : &ev->response.headers;
    switch (which) {
    case 0: break;
    case 1:
        edgefn_set(h, S("X-New"), S("1")), edgefn_set(h, S("user-agent"), S("x")),
            edgefn_add(h, S("X-New"), S("2"));
        break;
    case 2:
        edgefn_remove(h, S("user-agent")), edgefn_remove(h, S("content-type")),
            edgefn_remove_prefix(h, S("sec-"));
        break;
    case 3:
        edgefn_remove(h, S("accept")), edgefn_set(h, S("accept"), S("text/html")), edgefn_sort(h);
        break;
    case 4:
        if (edgefn_is_request(ev))
            edgefn_set(edgefn_query(ev), S("new"), S("1")),
                edgefn_remove_prefix(edgefn_query(ev), S("utm_"));
        break;
    case 5:
        if (edgefn_is_request(ev))
            edgefn_set(edgefn_cookies(ev), S("new"), S("1")),
                edgefn_remove(edgefn_cookies(ev), S("theme"));
        break;
    case 6:
        if (edgefn_is_request(ev))
            ev->request.uri = S("/else");
        else
            edgefn_set(edgefn_response_cookies(ev), S("seen"), S("1"));
        break;
    case 7:
        if (ev->type == EDGEFN_ORIGIN_REQUEST)
            edgefn_origin_custom(ev, &(edgefn_origin_opts){ .domain = S("o.example") });
        break;
    case 8:
        if (edgefn_is_request(ev))
            edgefn_respond(ev, 403, &(edgefn_respond_opts){ .body = S("no\n") });
        break;
    case 9:
        if (ev->type == EDGEFN_ORIGIN_RESPONSE)
            edgefn_respond(ev, 200, &(edgefn_respond_opts){ .body = S("\xff") });
        break;
    case 10: edgefn_set(h, S("via"), S("x")); break; /* refused in every event type */
    case 11: edgefn_remove(h, S("host")), edgefn_set(h, S("X-Edge-A"), S("1")); break;
    default:
        if (ev->dialect == EDGEFN_DIALECT_LAMBDA && edgefn_is_request(ev))
            edgefn_body_replace(ev, S("a=b"), EDGEFN_ENCODING_DEFAULT);
        break;
    }
}

TEST(like_the_parsed_event)
{
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str json = slurp(*p);
        for (int which = 0; which <= 12; which++) {
            ROW("%s, edit %d", *p, which);
            edgefn_event a, b, again;
            if (!OPEN(&a, json) || !OPEN(&again, json)) continue;
            if (!CHECK(rebuild(&b, &a, arena_new(KIT_ARENA + 8 * json.len)))) {
                kit_why(&b);
                continue;
            }
            const char *what = rebuilt_differs(&a, &b);
            if (what) {
                CHECK(!what);
                printf("    %s differs before\n", what);
                continue;
            }
            CHECK(edgefn_passthrough(&b).ptr == NULL);
            CHECK(edgefn_check(&b, edgefn_passthrough(&a), NULL, 0)
                  == edgefn_check(&again, edgefn_passthrough(&a), NULL, 0));
            change(&a, which), change(&b, which);
            edgefn_outcome outcome = edgefn_outcome_of(&a, NULL);
            CHECK_NUM(edgefn_outcome_of(&b, NULL), outcome);
            if (outcome == EDGEFN_OUTCOME_FAIL) {
                CHECK(b.err.code == a.err.code && edgefn_str_eq(a.err.subject, b.err.subject)
                      && edgefn_finish(&b, NULL).ptr == NULL);
                continue;
            }
            what = rebuilt_differs(&a, &b);
            if (what) {
                CHECK(!what);
                printf("    %s differs after\n", what);
                continue;
            }
            edgefn_fields *of_a[] = { &a.request.headers, &a.response.headers, edgefn_query(&a),
                                      edgefn_cookies(&a) };
            edgefn_fields *of_b[] = { &b.request.headers, &b.response.headers, edgefn_query(&b),
                                      edgefn_cookies(&b) };
            for (int l = 0; l < 4; l++) {
                char text[8000];
                strcpy(text, list_text(of_a[l]));
                CHECK_STR(edgefn_cstr(list_text(of_b[l])), edgefn_cstr(text));
            }
            for (int m = 0; m < EDGEFN_MEMBER_COUNT; m++) {
                /* there, an object became a text */
                bool query =
                    m == EDGEFN_MEMBER_QUERYSTRING && a.dialect == EDGEFN_DIALECT_FUNCTIONS;
                if (!query
                    && edgefn_changed(&a, (edgefn_member)m) != edgefn_changed(&b, (edgefn_member)m))
                    CHECK_STR(S("changed"), edgefn_member_name(&b, (edgefn_member)m));
            }
            edgefn_str of_parts = written(&b), of_text = written(&a);
            edgefn_finding f[20];
            size_t n = edgefn_check(&again, of_parts, f, 20);
            if (!CHECK_NUM(n, edgefn_check(&again, of_text, NULL, 0)))
                for (size_t i = 0; i < n && i < 20; i++)
                    printf("    %s %.*s\n", f[i].rule->id, EDGEFN_FMT(f[i].subject));
        }
    }
}

TEST(three_lines)
{
    edgefn_event ev;
    edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena_new(4000), NULL);
    ev.request.method = S("GET"), ev.request.uri = S("/admin/");
    CHECK(edgefn_build_end(&ev));
    CHECK_NUM(edgefn_outcome_of(&ev, NULL), EDGEFN_OUTCOME_FORWARD);
    CHECK_STR(written(&ev),
              "{\"method\":\"GET\",\"uri\":\"/admin/\",\"querystring\":\"\",\"headers\":{}}");
    CHECK(!edgefn_fields_changed(&ev.request.headers));
    edgefn_set(&ev.request.headers, S("X-A"), S("1"));
    CHECK(edgefn_fields_changed(&ev.request.headers));
    CHECK_STR(
        written(&ev),
        "{\"method\":\"GET\",\"uri\":\"/admin/\",\"querystring\":\"\",\"headers\":{\"x-a\":[{\"key\":\"X-A\",\"value\":\"1\"}]}}");
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_URI), EDGEFN_CHANGE_NONE);
    ev.request.uri = S("/b"), ev.request.querystring = S("x=1");
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_URI), EDGEFN_CHANGE_EDITED);
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_QUERYSTRING), EDGEFN_CHANGE_EDITED);
    edgefn_respond(&ev, 404, NULL);
    CHECK_NUM(edgefn_outcome_of(&ev, NULL), EDGEFN_OUTCOME_ANSWER);
    CHECK_STR(written(&ev), "{\"status\":\"404\",\"statusDescription\":\"Not Found\"}");
}

TEST(checked_or_not)
{
    static const struct {
        const char *header;
        edgefn_outcome usual, strict, skipped;
    } rows[] = {
        { "x-a", EDGEFN_OUTCOME_FORWARD, EDGEFN_OUTCOME_FORWARD, EDGEFN_OUTCOME_FORWARD },
        { "via", EDGEFN_OUTCOME_FAIL, EDGEFN_OUTCOME_FAIL, EDGEFN_OUTCOME_FORWARD },
        { "cloudfront-viewer-country", EDGEFN_OUTCOME_FORWARD, EDGEFN_OUTCOME_FAIL,
          EDGEFN_OUTCOME_FORWARD }, /* changing it is doubtful */
        { "x y", EDGEFN_OUTCOME_FAIL, EDGEFN_OUTCOME_FAIL,
          EDGEFN_OUTCOME_FAIL }, /* syntax is always checked */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int way = 0; way < 3; way++) {
            edgefn_write_opts opts = { .strict = way == 1, .skip_check = way == 2 };
            edgefn_event ev;
            ROW("%s, way %d", rows[i].header, way);
            edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena_new(4000),
                               NULL);
            ev.request.method = S("GET"), ev.request.uri = S("/");
            edgefn_add(&ev.request.headers, S("CloudFront-Viewer-Country"), S("DE"));
            CHECK(edgefn_build_end(&ev));
            edgefn_set(&ev.request.headers, edgefn_cstr(rows[i].header), S("1"));
            CHECK_NUM(edgefn_outcome_of(&ev, &opts), way == 0   ? rows[i].usual
                                                     : way == 1 ? rows[i].strict
                                                                : rows[i].skipped);
        }
    }
}

TEST(any_bytes)
{
    edgefn_event ev;
    for (int dialect = EDGEFN_DIALECT_LAMBDA; dialect <= EDGEFN_DIALECT_FUNCTIONS; dialect++) {
        ROW("dialect %d", dialect);
        edgefn_build_begin(&ev, (edgefn_dialect)dialect, EDGEFN_VIEWER_REQUEST, arena_new(8000),
                           NULL);
        ev.request.method = S("GET"), ev.request.uri = S("/\xE9"),
        ev.request.querystring = S("a=\xE9&b");
        edgefn_add(&ev.request.headers, S("X \xE9"), S("\xE9\x01"));
        edgefn_add(&ev.request.headers, S("Cookie"), S("a=\xE9; b=2"));
        edgefn_add(&ev.request.headers, S("connection"), S("close"));
        if (!CHECK(edgefn_build_end(&ev))) kit_why(&ev);
        CHECK_STR(edgefn_get(&ev.request.headers, S("x \xE9")), "\xE9\x01");
        CHECK_STR(edgefn_get(edgefn_cookies(&ev), S("a")), "\xE9");
        CHECK_STR(edgefn_get(edgefn_query(&ev), S("a")), "\xE9");
        CHECK_NUM(edgefn_has(&ev.request.headers, S("cookie")), dialect == EDGEFN_DIALECT_LAMBDA);
        CHECK_NUM(edgefn_outcome_of(&ev, NULL),
                  EDGEFN_OUTCOME_FORWARD); /* received parts are never refused */
        /* but a handler cannot set it */
        CHECK(!edgefn_set(&ev.request.headers, S("x-b"), S("\xE9"))
              && ev.err.code == EDGEFN_E_FIELD_VALUE);
        CHECK_NUM(edgefn_outcome_of(&ev, NULL), EDGEFN_OUTCOME_FAIL);
    }
}

/* Query and cookies, as text or through their lists. */
TEST(lists_or_text)
{
    for (int dialect = EDGEFN_DIALECT_LAMBDA; dialect <= EDGEFN_DIALECT_FUNCTIONS; dialect++) {
        for (int way = 0; way < 8; way++) {
            ROW("dialect %d, variant %d", dialect, way);
            edgefn_event ev;
            edgefn_build_begin(&ev, (edgefn_dialect)dialect, EDGEFN_VIEWER_REQUEST, arena_new(8000),
                               NULL);
            ev.request.method = S("GET"), ev.request.uri = S("/");
            bool list_first = way == 3 || way == 5;
            if (list_first)
                edgefn_add(edgefn_query(&ev), S("q"), S("1")),
                    edgefn_add(edgefn_cookies(&ev), S("c"), S("1"));
            if (way & 1)
                ev.request.querystring = S("q=1"),
                edgefn_add(&ev.request.headers, S("Cookie"), S("c=1"));
            if ((way & 2) && !list_first)
                edgefn_add(edgefn_query(&ev), S("r"), S("2")),
                    edgefn_add(edgefn_cookies(&ev), S("d"), S("2"));
            bool conflict = list_first || (dialect == EDGEFN_DIALECT_FUNCTIONS && (way & 3) == 3);
            if (!CHECK_NUM(edgefn_build_end(&ev), !conflict)) kit_why(&ev);
            if (conflict) {
                CHECK_NUM(ev.err.code, EDGEFN_E_CONFLICT);
                continue;
            }
            static const char *const query[] = { "", "q=1", "r=2", "q=1&r=2" }, *const cookies[] = {
                "", "c=1", "d=2", "c=1, d=2"
            };
            CHECK_STR(edgefn_query_text(&ev), edgefn_cstr(query[way & 3]));
            CHECK_STR(edgefn_cstr(list_text(edgefn_cookies(&ev))), edgefn_cstr(cookies[way & 3]));
            CHECK_NUM(edgefn_outcome_of(&ev, NULL), EDGEFN_OUTCOME_FORWARD);
            CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_QUERYSTRING), EDGEFN_CHANGE_NONE);
            for (size_t i = 0; i < edgefn_query(&ev)->len; i++)
                CHECK_NUM(edgefn_query(&ev)->items[i].change, EDGEFN_CHANGE_NONE);
            CHECK(!edgefn_fields_changed(edgefn_query(&ev))
                  && !edgefn_fields_changed(edgefn_cookies(&ev)));
            edgefn_remove_prefix(edgefn_query(&ev), S("q")),
                edgefn_set(edgefn_cookies(&ev), S("e"), S("3"));
            CHECK_STR(edgefn_query_text(&ev), way & 2 ? "r=2" : "");
            CHECK_NUM(edgefn_outcome_of(&ev, NULL), EDGEFN_OUTCOME_FORWARD);
            CHECK(edgefn_str_contains(written(&ev), S("e")));
            CHECK(edgefn_fields_changed(edgefn_cookies(&ev)));
        }
    }
}

TEST(errors)
{
    static const struct {
        edgefn_dialect dialect;
        edgefn_event_type type;
        bool good;
    } kinds[] = {
        { EDGEFN_DIALECT_NONE, EDGEFN_VIEWER_REQUEST, false },
        { EDGEFN_DIALECT_LAMBDA, EDGEFN_EVENT_TYPE_NONE, false },
        { EDGEFN_DIALECT_FUNCTIONS, EDGEFN_ORIGIN_REQUEST, false },
        { EDGEFN_DIALECT_FUNCTIONS, EDGEFN_ORIGIN_RESPONSE, false },
        { EDGEFN_DIALECT_LAMBDA, (edgefn_event_type)9, false },
        { EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_RESPONSE, true },
        { EDGEFN_DIALECT_FUNCTIONS, EDGEFN_VIEWER_RESPONSE, true },
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        ROW("dialect %d, type %d", kinds[i].dialect, kinds[i].type);
        edgefn_event ev;
        CHECK((edgefn_build_begin(&ev, kinds[i].dialect, kinds[i].type, arena_new(4000), NULL)
               == EDGEFN_OK)
              == kinds[i].good);
        if (!kinds[i].good) {
            CHECK_ERR(&ev, EDGEFN_E_OPTIONS, NOWHERE);
            continue;
        }
        CHECK_NUM(edgefn_outcome_of(&ev, NULL), EDGEFN_OUTCOME_FAIL);
        CHECK_NUM(ev.err.code, EDGEFN_E_MISUSE);
        for (int have = 0; have < 4; have++) {
            edgefn_build_begin(&ev, kinds[i].dialect, kinds[i].type, arena_new(4000), NULL);
            if (have > 0) ev.request.method = S("GET");
            if (have > 1) ev.request.uri = S("/");
            if (have > 2) ev.response.status = 200;
            CHECK_NUM(edgefn_build_end(&ev), have == 3);
            CHECK_NUM(ev.err.code, have == 3 ? EDGEFN_OK : EDGEFN_E_MISSING);
        }
        /* may be called only once */
        CHECK(!edgefn_build_end(&ev) && ev.err.code == EDGEFN_E_MISUSE);
    }
    ROW("a parsed event");
    edgefn_event ev;
    OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL));
    CHECK(!edgefn_build_end(&ev) && ev.err.code == EDGEFN_E_MISUSE);
}

/* Members assigned without the type or encoding that belongs to them. */
TEST(incomplete_members)
{
    edgefn_event ev;
    edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_REQUEST, arena_new(4000), NULL);
    ev.request.method = S("POST");
    ev.request.uri = S("/");
    ev.request.body.data = S("a=1");
    CHECK(edgefn_build_end(&ev));
    CHECK_STR(edgefn_body_decode(&ev, &ev.request.body), "a=1");
    CHECK_STR(edgefn_body_decode_part(&ev, &ev.request.body), "a=1");
    ROW("an origin without a type");
    edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_REQUEST, arena_new(4000), NULL);
    ev.request.method = S("GET");
    ev.request.uri = S("/");
    ev.request.origin.domain = S("origin.example.com");
    CHECK(!edgefn_build_end(&ev) && ev.err.code == EDGEFN_E_MISSING);
    CHECK_STR(ev.err.subject, "origin.kind");
}

/* A handler changes the text of a header after adding it: found at every length and position. */
TEST(added_headers_that_change)
{
    for (size_t len = 1; len <= 40; len++)
        for (size_t at = 0; at < len * 2; at++) {
            edgefn_event ev;
            char name[40], value[40];
            memset(name, at % 2 ? 'a' : 'B', len);
            memset(value, 'v', len);
            edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_RESPONSE, arena_new(4000),
                               NULL);
            ev.request.method = S("GET");
            ev.request.uri = S("/");
            ev.response.status = 200;
            edgefn_add(&ev.response.headers, S("X-Received"), S("1"));
            CHECK(edgefn_build_end(&ev));
            CHECK(edgefn_set(&ev.response.headers, (edgefn_str){ name, len },
                             (edgefn_str){ value, len }));
            CHECK(edgefn_outcome_of(&ev, NULL) == EDGEFN_OUTCOME_FORWARD);
            if (at < len)
                name[at] = ' ';
            else
                value[at - len] = '\n';
            CHECK(edgefn_outcome_of(&ev, NULL) == EDGEFN_OUTCOME_FAIL);
            CHECK_NUM(ev.err.code, at < len ? EDGEFN_E_FIELD_NAME : EDGEFN_E_FIELD_VALUE);
            arena_drop();
        }
}

/* While an event is built, equal names are found in any spelling, and stay together. */
TEST(names_that_repeat)
{
    static const char *const names[] = { "Set-Cookie", "X-Ab",       "set-cookie", "x-aB",
                                         "Via",        "SET-COOKIE", "vIA" };
    edgefn_event ev;
    edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_RESPONSE, arena_new(8000), NULL);
    ev.request.method = S("GET");
    ev.request.uri = S("/");
    ev.response.status = 200;
    for (size_t i = 0; i < COUNT(names); i++)
        CHECK(edgefn_add(&ev.response.headers, edgefn_cstr(names[i]), edgefn_cstr(names[i])));
    CHECK(edgefn_build_end(&ev));
    static const char *const want[] = { "Set-Cookie", "set-cookie", "SET-COOKIE", "X-Ab",
                                        "x-aB",       "Via",        "vIA" };
    const edgefn_fields *h = &ev.response.headers;
    if (!CHECK_NUM(h->len, COUNT(want))) return;
    for (size_t i = 0; i < h->len; i++) {
        CHECK_STR(h->items[i].key, want[i]);
        CHECK_STR(h->items[i].value, want[i]);
        CHECK(edgefn_str_ieq(h->items[i].name, h->items[i].key)
              && h->items[i].change == EDGEFN_CHANGE_NONE);
    }
    CHECK_STR(h->items[2].name, "set-cookie");
    CHECK(!edgefn_fields_changed(h));
}

/* With any amount of memory: an error, or the same result. */
TEST(little_memory)
{
    edgefn_str json = slurp("examples/events/functions-viewer-request.json"), whole = { NULL, 0 };
    for (size_t size = 20000, good = 0; size < 20001; size = good ? size - 8 : size + 1) {
        edgefn_event a, b;
        edgefn_parse(&a, json, edgefn_arena_make(test_own(malloc(40000)), 40000), NULL);
        bool built = rebuild(&b, &a, arena_new(size));
        if (built) change(&b, 1), change(&b, 4), change(&b, 5);
        edgefn_str out = edgefn_finish(&b, NULL);
        if (size == 20000)
            whole = out, good = 1;
        else if (out.ptr)
            CHECK_STR(out, whole);
        else
            CHECK(b.err.code == EDGEFN_E_OOM);
        if (size <= 8) break;
        if (size != 20000) {
            arena_drop();
            arena_drop();
        }
    }
}

/* Building in arenas of every size: the event, or EDGEFN_E_OOM. */
#define EIGHT(x) x x x x x x x x
static const char many_parameters[] = EIGHT(EIGHT("a=1&")) "a=1";
static bool build_many(edgefn_event *ev, edgefn_dialect dialect, bool lists, edgefn_arena arena)
{
    edgefn_build_begin(ev, dialect, EDGEFN_VIEWER_REQUEST, arena, NULL);
    ev->request.method = S("GET"), ev->request.uri = S("/");
    if (lists) {
        for (int i = 0; i < 12; i++) {
            edgefn_add(edgefn_query(ev), S("a"), S("1"));
            edgefn_add(edgefn_cookies(ev), S("c"), S("2"));
        }
    } else {
        ev->request.querystring = edgefn_cstr(many_parameters);
        edgefn_add(&ev->request.headers, S("Cookie"),
                   S("c=2; c=2; c=2; c=2; c=2; c=2; c=2; c=2; c=2; c=2; c=2; c=2"));
    }
    return edgefn_build_end(ev);
}
TEST(built_in_little_memory)
{
    for (int dialect = EDGEFN_DIALECT_LAMBDA; dialect <= EDGEFN_DIALECT_FUNCTIONS; dialect++)
        for (int lists = 0; lists < 2; lists++) {
            size_t ooms = 0;
            edgefn_event want, ev;
            ROW("dialect %d, %s", dialect, lists ? "lists" : "text");
            if (!CHECK(build_many(&want, (edgefn_dialect)dialect, lists != 0, arena_new(65536))))
                continue;
            for (size_t size = 0; size < 60000; size += 15) {
                bool built = build_many(&ev, (edgefn_dialect)dialect, lists != 0, arena_new(size));
                if (!built) {
                    ooms++;
                    CHECK_ERR(&ev, EDGEFN_E_OOM, NOWHERE);
                } else if (size % 300 == 0 && ev.arena.cap - ev.arena.used > 25000) {
                    CHECK(event_differs(&ev, &want) == NULL);
                }
                arena_drop();
            }
            CHECK(ooms > (sizeof(void *) == 8 ? 100 : 50) && ooms < 3900);
        }
}

/* What is not the event itself cannot be completed, edited or logged. */
static int logged;
static void count_logs(void *user, edgefn_str text)
{
    (void)user;
    (void)text;
    logged++;
}
TEST(copied_events)
{
    edgefn_event ev, copy;
    edgefn_env env = { .log = count_logs };
    edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena_new(8000),
                       &(edgefn_parse_opts){ .env = &env });
    ev.request.method = S("GET"), ev.request.uri = S("/");
    copy = ev;
    CHECK(!edgefn_build_end(&copy));
    CHECK_ERR(&copy, EDGEFN_E_MISUSE, NOWHERE);
    edgefn_log(&copy, S("text"));
    CHECK_NUM(logged, 0);
    edgefn_log(&ev, S("text"));
    CHECK_NUM(logged, 1);
    CHECK(edgefn_build_end(&ev));
    copy = ev;
    memset(&ev, 0, sizeof ev); /* the lists of the copy still point to it */
    CHECK(!edgefn_set(&copy.request.headers, S("x"), S("1"))
          && !edgefn_add(&copy.request.headers, S("x"), S("1")));
    CHECK_NUM(copy.request.headers.len, 0);
    CHECK_NUM(copy.err.code, EDGEFN_OK);
    edgefn_fields none = { 0 };
    CHECK(!edgefn_add(&none, S("x"), S("1")) && !edgefn_set(&none, S("x"), S("1")));
}

/* While an event is built its strings may be of any bytes, and their lifetimes are the host's matter. */
TEST(building_with_lifetimes)
{
    edgefn_event ev;
    edgefn_env env = { .check_lifetimes = true };
    char value[] = "one\x01";
    edgefn_build_begin(&ev, EDGEFN_DIALECT_FUNCTIONS, EDGEFN_VIEWER_RESPONSE, arena_new(8000),
                       &(edgefn_parse_opts){ .env = &env });
    ev.request.method = S("GET"), ev.request.uri = S("/"), ev.response.status = 200;
    CHECK(edgefn_add(&ev.response.headers, S("x"), S("0")));
    CHECK(edgefn_set_at(&ev.response.headers, 0, edgefn_cstr(value)));
    CHECK(edgefn_add(edgefn_response_cookies(&ev), S("c"), S("0")));
    CHECK(edgefn_set_attributes_at(edgefn_response_cookies(&ev), 0, edgefn_cstr(value)));
    value[0] = 'O';
    CHECK(edgefn_build_end(&ev));
    CHECK_STR(edgefn_get(&ev.response.headers, S("x")), "One\x01");
    CHECK(edgefn_finish(&ev, &kit_unchecked).ptr != NULL);
    CHECK_NUM(ev.err.code, EDGEFN_OK);
}

/* Cookies of a response are given as headers or in their list, not both. */
TEST(response_cookies_twice)
{
    edgefn_event ev;
    edgefn_build_begin(&ev, EDGEFN_DIALECT_FUNCTIONS, EDGEFN_VIEWER_RESPONSE, arena_new(8000),
                       NULL);
    ev.request.method = S("GET"), ev.request.uri = S("/"), ev.response.status = 200;
    edgefn_add(&ev.response.headers, S("set-cookie"), S("a=1"));
    edgefn_add(edgefn_response_cookies(&ev), S("b"), S("2"));
    CHECK(!edgefn_build_end(&ev));
    CHECK_ERR(&ev, EDGEFN_E_CONFLICT, NOWHERE);
}
