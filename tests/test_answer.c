/* edgefn_answer(), the complete loop of a host; edgefn_log(); and strings that change after they
   were passed in: what edgefn_finish() and the other writers find in any case, and what
   edgefn_env.check_lifetimes finds. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"

static edgefn_str logged[4];
static size_t logged_len;

static void note_line(void *user, edgefn_str text)
{
    CHECK(user == &logged_len);
    if (logged_len < COUNT(logged)) logged[logged_len] = text;
    logged_len++;
}

/* The header x-test chooses what the handler does. */
bool edgefn_handler(edgefn_event *ev)
{
    edgefn_str how = edgefn_get(&ev->request.headers, S("x-test"));

    edgefn_log(ev, S("called"));
    if (edgefn_str_eq(how, S("false"))) return false;
    if (edgefn_str_eq(how, S("fail"))) return edgefn_fail(ev, EDGEFN_E_HANDLER, S("no table"));
    if (edgefn_str_eq(how, S("fail, true"))) edgefn_fail(ev, EDGEFN_E_HANDLER, S("no table"));
    if (edgefn_str_eq(how, S("uri"))) ev->request.uri = S("no-slash");
    if (edgefn_str_eq(how, S("check")))
        edgefn_set(&ev->request.headers, S("Connection"), S("close"));
    if (edgefn_str_eq(how, S("edit"))) ev->request.uri = S("/other");
    if (edgefn_str_eq(how, S("answer"))) return edgefn_respond(ev, 403, NULL);
    if (edgefn_str_eq(how, S("memory"))) return edgefn_alloc(ev, 1 << 20, 1) != NULL;
    return true;
}

static edgefn_str event_with(const char *how)
{
    char part[200];

    snprintf(part, sizeof part, L_GET("'headers':{'x-test':[{'value':'%s'}]}"), how);
    return frame(L_VREQ, part, NULL);
}

#define CLOSED "{\"status\":\"503\",\"statusDescription\":\"Service Unavailable\"}"

TEST(answer)
{
    static const struct {
        const char *how; /* NULL: not JSON */
        edgefn_error error;
        const char *where, *out; /* out: a part of the result */
    } rows[] = {
        { "pass", EDGEFN_OK, "", "\"x-test\":[{\"value\":\"pass\"}]" },
        { "edit", EDGEFN_OK, "", "\"uri\":\"/other\"" },
        { "answer", EDGEFN_OK, "", "\"status\":\"403\"" },
        { "false", EDGEFN_E_HANDLER, "edgefn_handler", CLOSED },
        { "fail", EDGEFN_E_HANDLER, "edgefn_handler", CLOSED },
        { "fail, true", EDGEFN_E_HANDLER, "edgefn_handler", CLOSED },
        { "uri", EDGEFN_E_URI, "request.uri", CLOSED },
        { "check", EDGEFN_E_CHECK, "header.blocked", CLOSED },
        { "memory", EDGEFN_E_OOM, "arena", CLOSED },
        { NULL, EDGEFN_E_JSON_SYNTAX, "", "null" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].how ? rows[i].how : "not JSON");
        edgefn_event ev;
        edgefn_str json = rows[i].how ? event_with(rows[i].how) : S("!");
        edgefn_str out = edgefn_answer(&ev, json, arena_new(65536), NULL);
        CHECK_NUM(ev.err.code, rows[i].error);
        if (rows[i].how && rows[i].error != EDGEFN_E_CHECK)
            CHECK_STR(edgefn_cstr(ev.err.where), rows[i].where);
        if (rows[i].error == EDGEFN_OK)
            CHECK(edgefn_str_contains(out, edgefn_cstr(rows[i].out)));
        else
            CHECK_STR(out, rows[i].out);
        CHECK((ev.type == EDGEFN_EVENT_TYPE_NONE) == (rows[i].how == NULL));
    }
}

TEST(answer_without_memory)
{
    edgefn_str json = event_with("edit");
    for (size_t size = 0; size < 4000; size += size < 600 ? 1 : 16) {
        edgefn_event ev;
        edgefn_str out = edgefn_answer(&ev, json, arena_new(size), NULL);
        if (!CHECK(out.ptr != NULL && out.len != 0)) return;
        if (!CHECK(ev.err.code == EDGEFN_OK || ev.err.code == EDGEFN_E_OOM)) return;
        CHECK((ev.err.code == EDGEFN_OK) == edgefn_str_contains(out, S("/other")));
    }
}

TEST(answer_options)
{
    edgefn_event ev;
    edgefn_env env = { .log = note_line, .user = &logged_len };
    edgefn_answer_opts opts = { .parse = { .env = &env } };
    edgefn_str json = event_with("check");

    ROW("log");
    logged_len = 0;
    CHECK_STR(edgefn_answer(&ev, json, arena_new(65536), &opts), CLOSED);
    CHECK_NUM(logged_len, 1);
    CHECK_STR(logged[0], "called");
    ROW("not checked");
    opts.write.skip_check = true;
    CHECK(edgefn_str_contains(edgefn_answer(&ev, json, arena_new(65536), &opts), S("close")));
    ROW("whole event");
    opts.write.whole_event = true;
    CHECK(edgefn_str_starts(edgefn_answer(&ev, json, arena_new(65536), &opts), S("{\"Records\"")));
    ROW("the other dialect");
    opts.parse.dialect = EDGEFN_DIALECT_FUNCTIONS;
    CHECK_STR(edgefn_answer(&ev, json, arena_new(65536), &opts), "null");
    CHECK_NUM(ev.err.code, EDGEFN_E_NOT_AN_EVENT);
    ROW("lenient");
    opts = (edgefn_answer_opts){ .parse = { .lenient = true, .type = EDGEFN_ORIGIN_REQUEST } };
    json = js("{'Records':[{'cf':{'request':{'uri':'/'}}}]}");
    CHECK_STR(edgefn_answer(&ev, json, arena_new(65536), &opts), js("{'uri':'/'}"));
    CHECK_NUM(ev.type, EDGEFN_ORIGIN_REQUEST);
    CHECK_STR(edgefn_answer(&ev, json, arena_new(65536), NULL), "null");
}

static bool other_handler(edgefn_event *ev)
{
    return edgefn_set(&ev->request.headers, S("x-other"), S("1"));
}

TEST(answer_with)
{
    edgefn_event ev;
    edgefn_str json = event_with("false");

    CHECK(edgefn_str_contains(edgefn_answer_with(&ev, json, arena_new(65536), other_handler, NULL),
                              S("x-other")));
    ROW("no handler");
    CHECK_STR(edgefn_answer_with(&ev, json, arena_new(65536), NULL, NULL), CLOSED);
    CHECK_ERR(&ev, EDGEFN_E_OPTIONS, NOWHERE);
    ROW("response events");
    json = frame(L_ORES, L_200("'headers':{}"), NULL);
    CHECK_STR(edgefn_answer_with(&ev, json, arena_new(65536), NULL, NULL), "null");
    ROW("CloudFront Functions");
    json = frame(F_VREQ, "{'method':'GET','uri':'/'}", NULL);
    CHECK_STR(edgefn_answer_with(&ev, json, arena_new(65536), NULL, NULL),
              js("{'statusCode':503,'statusDescription':'Service Unavailable'}"));
}

TEST(log)
{
    edgefn_event ev;
    edgefn_env env = { .log = note_line, .user = &logged_len };
    edgefn_parse_opts opts = { .env = &env };

    ROW("without a log");
    CHECK(edgefn_parse(&ev, event_with("pass"), arena_new(65536), NULL) == EDGEFN_OK);
    edgefn_log(&ev, S("nobody reads this"));
    CHECK_ERR(&ev, EDGEFN_OK, 0);
    ROW("lines");
    logged_len = 0;
    CHECK(edgefn_parse(&ev, event_with("pass"), arena_new(65536), &opts) == EDGEFN_OK);
    edgefn_log(&ev, S("one"));
    edgefn_log(&ev, S(""));
    edgefn_log(&ev, edgefn_cstr(NULL));
    CHECK_NUM(logged_len, 2);
    CHECK_STR(logged[0], "one");
    CHECK_STR(logged[1], "");
    ROW("after a failure");
    edgefn_fail(&ev, EDGEFN_E_HANDLER, S("x"));
    edgefn_log(&ev, S("still"));
    CHECK_NUM(logged_len, 3);
    ROW("a refused event");
    CHECK(edgefn_parse(&ev, S("!"), arena_new(65536), &opts) != EDGEFN_OK);
    edgefn_log(&ev, S("refused"));
    CHECK_NUM(logged_len, 4);
}

/*--- strings that change after they were passed in ---*/

#define ORIGIN_EVENT                                                                               \
  "{'method':'GET','uri':'/','headers':{'host':[{'key':'Host','value':'o.example'}],"              \
  "'cookie':[{'key':'Cookie','value':'a=1'}]},'querystring':'b=2',"                                \
  "'origin':{'custom':{'domainName':'o.example','path':'','port':443,'protocol':'https',"          \
  "'readTimeout':5,'keepaliveTimeout':5,'sslProtocols':['TLSv1.2'],'customHeaders':{}}}}"

static char room[400]; /* stands for the handler's stack */

static edgefn_str in_room(const char *text)
{
    snprintf(room, sizeof room, "%s", text);
    return edgefn_cstr(room);
}

typedef bool edit_fn(edgefn_event *ev);
static bool value_added(edgefn_event *ev)
{
    return edgefn_add(&ev->request.headers, S("x-a"), in_room("value"));
}
static bool long_value_added(edgefn_event *ev)
{
    memset(room, 'v', 300), room[300] = '\0';
    return edgefn_add(&ev->request.headers, S("x-a"), edgefn_cstr(room));
}
static bool value_set(edgefn_event *ev)
{
    return edgefn_set(&ev->request.headers, S("host"), in_room("value"));
}
static bool name_added(edgefn_event *ev)
{
    return edgefn_add(&ev->request.headers, in_room("x-name"), S("1"));
}
static bool spelling_added(edgefn_event *ev)
{
    return edgefn_add(&ev->request.headers, in_room("X-Name"), S("1"));
}
static bool query_value(edgefn_event *ev)
{
    return edgefn_set(edgefn_query(ev), S("b"), in_room("value"));
}
static bool query_name(edgefn_event *ev)
{
    return edgefn_add(edgefn_query(ev), in_room("name"), S("1"));
}
static bool cookie_value(edgefn_event *ev)
{
    return edgefn_set(edgefn_cookies(ev), S("a"), in_room("value"));
}
static bool cookie_name(edgefn_event *ev)
{
    return edgefn_add(edgefn_cookies(ev), in_room("name"), S("1"));
}
static bool custom_value(edgefn_event *ev)
{
    return edgefn_set(&ev->request.origin.headers, S("x-a"), in_room("value"));
}
static bool raw_query(edgefn_event *ev)
{
    return edgefn_query_set_raw(ev, in_room("a=value"));
}
static bool origin_domain(edgefn_event *ev)
{
    return edgefn_origin_custom(
        ev, &(edgefn_origin_opts){ .domain = in_room("b.example"), .keep_host_header = true });
}
static bool answer_header(edgefn_event *ev)
{
    return edgefn_respond(ev, 200, NULL)
           && edgefn_set(&ev->response.headers, S("x-a"), in_room("value"));
}
static bool answer_cookie(edgefn_event *ev)
{
    return edgefn_respond(ev, 200, NULL)
           && edgefn_add(edgefn_response_cookies(ev), S("a"), in_room("value"));
}
static bool answer_attributes(edgefn_event *ev)
{
    return edgefn_respond(ev, 200, NULL) && edgefn_add(edgefn_response_cookies(ev), S("a"), S("1"))
           && edgefn_set_attributes_at(edgefn_response_cookies(ev), 0, in_room("Path=/"));
}
static bool answer_body(edgefn_event *ev)
{
    return edgefn_respond(ev, 200, &(edgefn_respond_opts){ .body = in_room("body") });
}
static bool assigned_uri(edgefn_event *ev)
{
    ev->request.uri = in_room("/uri");
    return true;
}
static bool assigned_query(edgefn_event *ev)
{
    ev->request.querystring = in_room("a=1");
    return true;
}

static const struct {
    const char *name;
    edit_fn *edit;
    const char *where, *subject; /* of EDGEFN_E_LIFETIME */
    bool control;                /* a control character in it is found without the flag as well */
    bool assigned;
} passed[] = {
    { "value", value_added, "request.headers", "x-a", true, false },
    { "long value", long_value_added, "request.headers", "x-a", true, false },
    { "value of a received header", value_set, "request.headers", "host", true, false },
    { "name", name_added, "request.headers", "x-name", true, false },
    { "name with capitals", spelling_added, "request.headers", "X-Name", true, false },
    { "parameter", query_value, "request.querystring", "b", true, false },
    { "parameter's name", query_name, "request.querystring", "name", true, false },
    { "cookie", cookie_value, "request.cookies", "a", true, false },
    { "cookie's name", cookie_name, "request.cookies", "name", true, false },
    { "custom header", custom_value, "request.origin.customHeaders", "x-a", true, false },
    { "query", raw_query, "request.querystring", "", true, false },
    { "origin", origin_domain, "request.origin.custom.domainName", "", true, false },
    { "answer's header", answer_header, "response.headers", "x-a", true, false },
    { "answer's cookie", answer_cookie, "response.cookies", "a", true, false },
    { "answer's attributes", answer_attributes, "response.cookies", "a", true, false },
    { "answer's body", answer_body, "response.body", "", false, false },
    { "URI", assigned_uri, "request.uri", "", true, true },
    { "assigned query", assigned_query, "request.querystring", "", true, true },
};

/* Writes, or gets the outcome, in one of several ways. Returns true if anything was written. */
static bool goes_out(edgefn_event *ev, int how)
{
    char out[4000];
    edgefn_str spans[100];
    if (how == 0) return edgefn_finish(ev, NULL).ptr != NULL;
    if (how == 1) return edgefn_write(ev, out, sizeof out, NULL) != 0;
    if (how == 2) return edgefn_write_spans(ev, spans, 100, NULL) != 0;
    return edgefn_outcome_of(ev, NULL) != EDGEFN_OUTCOME_FAIL;
}

/* Control characters are never written, even if the string changed after it was passed in. */
TEST(changed_to_control_characters)
{
    for (size_t i = 0; i < COUNT(passed); i++) {
        for (int how = 0; how < 4 && passed[i].control; how++) {
            ROW("%s, %d", passed[i].name, how);
            edgefn_event ev;
            if (!CHECK(edgefn_parse(&ev, frame(L_OREQ, ORIGIN_EVENT, NULL), arena_new(65536), NULL)
                       == EDGEFN_OK))
                continue;
            CHECK(passed[i].edit(&ev));
            room[strlen(room) - 1] = '\n';
            CHECK(!goes_out(&ev, how) && ev.err.code != EDGEFN_OK);
        }
    }
}

TEST(lifetimes)
{
    edgefn_env env = { .check_lifetimes = true };
    edgefn_parse_opts opts = { .env = &env };
    for (size_t i = 0; i < COUNT(passed); i++) {
        for (int how = 0; how < 4 && !passed[i].assigned; how++) {
            for (int changes = 0; changes < 2; changes++) {
                ROW("%s, %d, %s", passed[i].name, how, changes ? "changed" : "kept");
                edgefn_event ev;
                if (!CHECK(edgefn_parse(&ev, frame(L_OREQ, ORIGIN_EVENT, NULL), arena_new(65536),
                                        &opts)
                           == EDGEFN_OK))
                    continue;
                CHECK(passed[i].edit(&ev));
                if (changes) room[strlen(room) - 1] ^= 1;
                CHECK(goes_out(&ev, how) == !changes);
                if (!changes) continue;
                CHECK_ERR(&ev, EDGEFN_E_LIFETIME, NOWHERE);
                CHECK_STR(edgefn_cstr(ev.err.where), passed[i].where);
                CHECK_STR(ev.err.subject.ptr ? ev.err.subject : S(""), passed[i].subject);
            }
        }
    }
}

/* Without the flag nothing is remembered, and the changed text is written. */
TEST(lifetimes_off)
{
    edgefn_event ev;
    if (!CHECK(edgefn_parse(&ev, frame(L_OREQ, ORIGIN_EVENT, NULL), arena_new(65536), NULL)
               == EDGEFN_OK))
        return;
    CHECK(value_added(&ev));
    room[0] = 'V';
    CHECK(edgefn_str_contains(edgefn_finish(&ev, NULL), S("Value")));
    CHECK(ev._passed == NULL);
}

/* A string that is no longer in use may change, and so may one that is passed in again. */
TEST(lifetimes_of_what_was_replaced)
{
    edgefn_env env = { .check_lifetimes = true };
    edgefn_parse_opts opts = { .env = &env };
    for (int how = 0; how < 6; how++) {
        ROW("%d", how);
        edgefn_event ev;
        if (!CHECK(edgefn_parse(&ev, frame(L_OREQ, ORIGIN_EVENT, NULL), arena_new(65536), &opts)
                   == EDGEFN_OK))
            continue;
        edgefn_fields *h = &ev.request.headers;
        CHECK(edgefn_set(h, S("x-a"), in_room("value")));
        if (how == 0) edgefn_set(h, S("x-a"), S("other"));
        if (how == 1) edgefn_remove(h, S("x-a"));
        room[0] = 'V';
        if (how == 2) edgefn_set(h, S("x-a"), edgefn_cstr(room));
        if (how == 3) edgefn_respond(&ev, 403, NULL);
        /* the string set in x-a has changed */
        if (how == 4) edgefn_set(h, S("x-b"), edgefn_cstr(room));
        CHECK((edgefn_finish(&ev, NULL).ptr != NULL) == (how < 4));
        if (how < 4) continue;
        CHECK_ERR(&ev, EDGEFN_E_LIFETIME, NOWHERE);
        CHECK_STR(ev.err.subject, "x-a");
    }
}

/* Events built from parts: strings that the host passes in count as received; only those of the
   handler are checked. */
TEST(lifetimes_of_parts)
{
    edgefn_env env = { .check_lifetimes = true };
    edgefn_parse_opts opts = { .env = &env };
    edgefn_event ev;
    CHECK(edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena_new(65536),
                             &opts)
          == EDGEFN_OK);
    ev.request.method = S("GET"), ev.request.uri = S("/");
    edgefn_add(&ev.request.headers, S("host"), S("h"));
    CHECK(edgefn_build_end(&ev));
    CHECK(value_added(&ev));
    CHECK(edgefn_outcome_of(&ev, NULL) == EDGEFN_OUTCOME_FORWARD);
    room[0] = 'V';
    CHECK(edgefn_outcome_of(&ev, NULL) == EDGEFN_OUTCOME_FAIL);
    CHECK_ERR(&ev, EDGEFN_E_LIFETIME, NOWHERE);
}

/* edgefn_answer() overwrites the stack of a handler that has returned, and checks assigned
   members as well. AddressSanitizer would report reading that stack first. */
#ifdef __has_feature
#  if __has_feature(address_sanitizer)
#    define SANITIZED 1
#  endif
#endif
#if defined(SANITIZED) || defined(__SANITIZE_ADDRESS__)
TEST(lifetimes_of_the_stack)
{
}
#else
static edit_fn *stack_edit;
static bool stack_method; /* the method is assigned, not the uri */
static bool stack_handler(edgefn_event *ev)
{
    char text[1 << 14];       /* so large that what runs later does not overwrite its beginning */
    char *volatile at = text; /* else the compiler need not write what ends with this function */
    edgefn_str s = { text, 4 };
    memcpy(at, "/abc", 4);
    if (edgefn_has(edgefn_query(ev), S("b")))
        *(stack_method ? &ev->request.method : &ev->request.uri) = s;
    return stack_edit == NULL || edgefn_set(&ev->request.headers, S("x-a"), s);
}
TEST(lifetimes_of_the_stack)
{
    edgefn_env env = { .check_lifetimes = true };
    edgefn_answer_opts opts = { .parse = { .env = &env } };
    edgefn_event ev;
    bool (*volatile handler)(edgefn_event *) = stack_handler;
    edgefn_str out = edgefn_answer_with(&ev, frame(L_OREQ, ORIGIN_EVENT, NULL), arena_new(65536),
                                        handler, &opts);
    CHECK_STR(out, CLOSED);
    CHECK_NUM(ev.err.code, EDGEFN_E_LIFETIME);
    CHECK_STR(edgefn_cstr(ev.err.where), "request.uri");
    stack_method = true;
    out = edgefn_answer_with(&ev, frame(L_OREQ, ORIGIN_EVENT, NULL), arena_new(65536), handler,
                             &opts);
    stack_method = false;
    CHECK_STR(out, CLOSED);
    CHECK_NUM(ev.err.code, EDGEFN_E_LIFETIME);
    CHECK_STR(edgefn_cstr(ev.err.where), "request.method");
}
#endif

/* The message says how to fix the handler. */
TEST(lifetime_message)
{
    edgefn_env env = { .check_lifetimes = true };
    edgefn_parse_opts opts = { .env = &env };
    edgefn_event ev;
    char line[300];
    CHECK(edgefn_parse(&ev, frame(L_OREQ, ORIGIN_EVENT, NULL), arena_new(65536), &opts)
          == EDGEFN_OK);
    CHECK(name_added(&ev));
    memset(room, '\n', 6);
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    size_t len = edgefn_describe(&ev, line, sizeof line);
    CHECK_STR(((edgefn_str){ line, len }),
              " error: a string changed after it was passed in: copy it with edgefn_str_copy(): "
              "request.headers: x-name (EDGEFN_E_LIFETIME)");
}

/* A string is in use only where it was passed in for, with its length: one that begins like it, or that is elsewhere, is
   another. */
TEST(lifetimes_of_similar_strings)
{
    edgefn_env env = { .check_lifetimes = true };
    edgefn_parse_opts opts = { .env = &env };
    for (int how = 0; how < 10; how++) {
        edgefn_event ev;
        ROW("%d", how);
        if (!CHECK(edgefn_parse(&ev, frame(L_OREQ, ORIGIN_EVENT, NULL), arena_new(65536), &opts)
                   == EDGEFN_OK))
            continue;
        edgefn_fields *h = &ev.request.headers;
        edgefn_str value = in_room("/value"), part = { room, 3 };
        if (how < 5) {
            CHECK(edgefn_set(h, S("x-a"), value));
            if (how == 0) edgefn_set(h, S("x-a"), part); /* the same bytes, but fewer of them */
        } else {
            CHECK(edgefn_uri_set(&ev, value));
            if (how == 5) ev.request.uri = part;
            if (how == 6) ev.request.uri = S("/other");
            if (how == 7) edgefn_respond(&ev, 403, NULL); /* the request is not sent */
        }
        room[5] = 'X';
        if (how == 1)
            edgefn_set(h, S("x-a"), part); /* x-a has the new part, not the changed value */
        if (how == 2)
            edgefn_add(&ev.request.origin.headers, S("x-a"),
                       (edgefn_str){ room, 6 }); /* renewed elsewhere only */
        if (how == 3) edgefn_set(h, S("x-a"), (edgefn_str){ room, 6 });
        if (how == 4) edgefn_set(h, S("x-b"), part);
        if (how == 8) edgefn_set(h, S("x-a"), (edgefn_str){ room, 6 });
        if (how == 9) edgefn_uri_set(&ev, (edgefn_str){ room, 6 });
        static const bool fits[10] = {
            true, true, false, true, false, true, true, true, false, true
        };
        if (!CHECK((edgefn_finish(&ev, &kit_unchecked).ptr != NULL) == fits[how])) kit_why(&ev);
        CHECK_NUM(ev.err.code, fits[how] ? EDGEFN_OK : EDGEFN_E_LIFETIME);
    }
}

/* Every function that takes a string for a member notes it. */
TEST(lifetimes_of_members)
{
    edgefn_env env = { .check_lifetimes = true };
    edgefn_parse_opts opts = { .env = &env };
    static const char *const where[] = { "request.uri",
                                         "request.querystring",
                                         "request.origin.s3.path",
                                         "response.statusDescription",
                                         "response.statusDescription",
                                         "response.body" };
    for (int how = 0; how < 6; how++) {
        edgefn_event ev;
        ROW("%s", where[how]);
        edgefn_str json =
            how == 3 ? frame(L_ORES, "{'status':'200'}", NULL) : frame(L_OREQ, ORIGIN_EVENT, NULL);
        if (!CHECK(edgefn_parse(&ev, json, arena_new(65536), &opts) == EDGEFN_OK)) continue;
        edgefn_str text = in_room("/text");
        bool done =
            how == 0   ? edgefn_uri_set(&ev, text)
            : how == 1 ? edgefn_query_set_raw(&ev, text)
            : how == 2 ? edgefn_origin_s3(
                  &ev, &(edgefn_origin_opts){ .domain = S("b.s3.amazonaws.com"), .path = text })
            : how == 3 ? edgefn_status_set(&ev, 403, text)
            : how == 4 ? edgefn_respond(&ev, 403, &(edgefn_respond_opts){ .status_text = text })
                       : edgefn_respond(&ev, 403, &(edgefn_respond_opts){ .body = text });
        CHECK(done);
        room[3] = 'X';
        CHECK(edgefn_finish(&ev, &kit_unchecked).ptr == NULL);
        CHECK_ERR(&ev, EDGEFN_E_LIFETIME, NOWHERE);
        CHECK_STR(edgefn_cstr(ev.err.where), edgefn_cstr(where[how]));
    }
}
