/* Edits next to received values that no setter would accept, in unusual orders, or of unusual
   events. */
#include "../edgefn.h"
#include "test.h"
#include "kit.h"

static const edgefn_str absent = { NULL, 0 };

/* A header received without values is filled in place, however long its name is and however it
   is escaped. */
TEST(headers_without_values_of_any_length)
{
    static const size_t lengths[] = { 1,  15, 16, 17, 39,  40,  41,  55,  56,
                                      57, 63, 64, 65, 255, 256, 257, 300, 8192 };
    for (size_t i = 0; i < COUNT(lengths); i++)
        for (int escaped = 0; escaped < 2; escaped++) {
            size_t n = lengths[i], at = 0;
            char *name = (char *)test_own(malloc(n)),
                 *member = (char *)test_own(malloc(n * 6 + 20));
            memset(name, 'x', n);
            at += (size_t)sprintf(member, "'headers':{'");
            for (size_t k = 0; k < n; k++)
                at += (size_t)sprintf(member + at, "%s",
                                      escaped ? k % 2 ? "`u0058" : "`u0078"
                                      : k % 2 ? "X"
                                              : "x");
            char *request = (char *)test_own(malloc(at + 100));
            size_t len =
                (size_t)sprintf(request, "{'method':'GET','uri':'/',%.*s':[ ]}}", (int)at, member);
            edgefn_event ev, again;
            ROW("%zu bytes, escaped %d", n, escaped);
            if (!OPEN(&ev, frame_bytes(L_VREQ, request, len, false, NULL))) continue;
            CHECK(edgefn_set(&ev.request.headers, (edgefn_str){ name, n }, S("v")));
            edgefn_str out =
                written_with(&ev, &(edgefn_write_opts){ .skip_check = true, .whole_event = true });
            if (!OPEN(&again, out)) continue;
            CHECK_NUM(again.request.headers.len, 1);
            CHECK_STR(again.request.headers.items[0].value, S("v"));
        }
}

/* Everything that is set before edgefn_build_end(), by assignment or by a function, counts as
   received. */
TEST(built_by_functions_is_received)
{
    for (int verb = 0; verb < 3; verb++) {
        edgefn_event ev;
        ROW("%d", verb);
        CHECK_NUM(edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_REQUEST,
                                     arena_new(16384), NULL),
                  EDGEFN_OK);
        ev.request.method = S("GET"), ev.request.uri = S("/");
        if (verb == 0)
            edgefn_origin_custom(&ev, &(edgefn_origin_opts){ .domain = S("origin.example.com") });
        else if (verb == 1)
            edgefn_origin_s3(&ev, &(edgefn_origin_opts){ .domain = S("b.s3.amazonaws.com") });
        else
            ev.request.origin.kind = EDGEFN_ORIGIN_S3,
            ev.request.origin.domain = S("b.s3.amazonaws.com"); /* without an authMethod */
        edgefn_body_replace(&ev, S("text"), EDGEFN_ENCODING_TEXT);
        edgefn_sort(&ev.request.headers);
        if (!CHECK(edgefn_build_end(&ev))) continue;
        for (int m = 0; m < EDGEFN_MEMBER_COUNT; m++)
            if (!CHECK_NUM(edgefn_changed(&ev, (edgefn_member)m), EDGEFN_CHANGE_NONE))
                printf("    %s\n", edgefn_member_name(&ev, (edgefn_member)m));
        CHECK(!edgefn_fields_changed(&ev.request.headers));
        CHECK_NUM(edgefn_outcome_of(&ev, NULL), EDGEFN_OUTCOME_FORWARD);
        edgefn_str out = edgefn_finish(&ev, NULL);
        CHECK(out.ptr != NULL && !edgefn_str_contains(out, S("authMethod\":\"\"")));
        CHECK_NUM(edgefn_check(&ev, out, NULL, 0), 0);
    }
}

/* Received parts may contain any byte, also in attributes of cookies; but a field needs a name. */
TEST(building_takes_any_bytes)
{
    edgefn_event ev;
    edgefn_build_begin(&ev, EDGEFN_DIALECT_FUNCTIONS, EDGEFN_VIEWER_RESPONSE, arena_new(16384),
                       NULL);
    CHECK(edgefn_add(edgefn_response_cookies(&ev), S("a"), S("1")));
    CHECK(edgefn_set_attributes_at(edgefn_response_cookies(&ev), 0, S("Path=/\x01")));
    CHECK_NUM(ev.err.code, EDGEFN_OK);
    for (int list = 0; list < 3; list++) {
        edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena_new(16384),
                           NULL);
        edgefn_fields *f = list == 0   ? &ev.request.headers
                           : list == 1 ? edgefn_query(&ev)
                                       : edgefn_cookies(&ev);
        ROW("%d", list);
        CHECK(!(list == 2 ? edgefn_set(f, absent, S("v")) : edgefn_add(f, absent, S("v"))));
        CHECK_NUM(ev.err.code, EDGEFN_E_FIELD_NAME);
        CHECK_NUM(f->len, 0);
    }
}

/* An arena whose `used` exceeds its size is refused, and no later call writes anything. */
TEST(impossible_arena)
{
    static unsigned char mem[64];
    edgefn_arena bad = edgefn_arena_make(mem, 10);
    edgefn_event ev;
    bad.used = 20;
    for (int begin = 0; begin < 2; begin++) {
        memset(mem, 0x5A, sizeof mem);
        if (begin)
            CHECK_NUM(
                edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, bad, NULL),
                EDGEFN_E_OPTIONS);
        else
            CHECK_NUM(edgefn_parse(&ev, S("{}"), bad, NULL), EDGEFN_E_OPTIONS);
        CHECK(edgefn_str_join(&ev, EDGEFN_STRS(S("aaaa"))).ptr == NULL);
        CHECK(edgefn_alloc(&ev, 1, 1) == NULL);
        CHECK_NUM(ev.err.code, EDGEFN_E_OPTIONS);
        for (size_t i = 0; i < sizeof mem; i++)
            CHECK(mem[i] == 0x5A);
    }
}

/* The first failure stays, whatever is called after it. */
TEST(first_failure_stays)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, L_GET("'headers':{'host':[{'key':'Host','value':'a'}]}"), NULL)))
        return;
    edgefn_set(&ev.request.headers, S("host"), S("b"));
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK_NUM(ev.err.code, EDGEFN_E_CHECK);
    ev.request.uri = S("x");
    CHECK_NUM(edgefn_check(&ev, absent, NULL, 0), (size_t)-1);
    CHECK_NUM(ev.err.code, EDGEFN_E_CHECK);
    CHECK_STR(ev.err.subject, S("host"));
}

/* A Set-Cookie header in a request does not affect the request's cookies, nor does Cookie in a
   response affect the response's. */
TEST(the_other_cookie_header)
{
    edgefn_event ev;
    if (!OPEN(
            &ev,
            frame(
                L_VREQ,
                L_GET(
                    "'headers':{'host':[{'value':'a'}],'cookie':[{'value':'a=1; b=2'}],'set-cookie':[{'value':'x'}]}"),
                NULL)))
        return;
    edgefn_remove(edgefn_cookies(&ev), S("a"));
    edgefn_keep_only(&ev.request.headers, EDGEFN_STRS(S("host"), S("cookie")));
    CHECK_STR(
        written(&ev),
        js("{'method':'GET','uri':'/','headers':{'host':[{'value':'a'}],'cookie':[{'value':'b=2'}]}}"));
    if (!OPEN(&ev,
              frame(L_ORES,
                    L_200("'headers':{'set-cookie':[{'value':'a=1'}],'cookie':[{'value':'x'}]}"),
                    NULL)))
        return;
    edgefn_set(edgefn_response_cookies(&ev), S("a"), S("2"));
    edgefn_remove(&ev.response.headers, S("Cookie"));
    CHECK_STR(written(&ev), js("{'status':'200','headers':{'set-cookie':[{'value':'a=2'}]}}"));
    if (!OPEN(
            &ev,
            frame(
                F_VREQ,
                "{'method':'GET','uri':'/','headers':{'set-cookie':{'value':'x'},'a':{'value':'1'}}}",
                NULL)))
        return;
    edgefn_keep_only(&ev.request.headers, EDGEFN_STRS(S("a")));
    CHECK_STR(written(&ev), js("{'method':'GET','uri':'/','headers':{'a':{'value':'1'}}}"));
    if (!OPEN(
            &ev,
            frame(
                L_OREQ,
                L_GET(
                    "'origin':{'custom':{'domainName':'o.example','customHeaders':{}}},'headers':{'cookie':[{'value':'a=1'}]}"),
                NULL)))
        return;
    edgefn_set(edgefn_cookies(&ev), S("a"), S("2"));
    CHECK(edgefn_set(&ev.request.origin.headers, S("Set-Cookie"), S("x")));
    CHECK(written(&ev).ptr != NULL);
}

/* Assigning a member of an absent response is an error, so that it is not lost. */
TEST(members_without_an_answer)
{
    static const edgefn_str events[] = { EDGEFN_S_INIT(L_VREQ), EDGEFN_S_INIT(L_OREQ),
                                         EDGEFN_S_INIT(F_VREQ) };
    for (size_t i = 0; i < COUNT(events) * 3; i++) {
        edgefn_event ev;
        ROW("%zu", i);
        if (!OPEN(&ev, frame(events[i / 3].ptr, "{'method':'GET','uri':'/'}", NULL))) continue;
        if (i % 3 == 0)
            ev.response.body.data = S("Sign in first.");
        else if (i % 3 == 1)
            ev.response.status_text = S("Forbidden");
        else
            ev.response.body.encoding = EDGEFN_ENCODING_TEXT;
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        CHECK_NUM(ev.err.code, EDGEFN_E_EVENT_TYPE);
    }
}

/* The query list follows the assigned query; an absent query is an empty list. */
TEST(get_or_head)
{
    static const struct {
        const char *method;
        bool reads;
    } rows[] = { { "GET", true },      { "HEAD", true }, { "POST", false },
                 { "OPTIONS", false }, { "get", false }, { "GETS", false },
                 { "GE", false },      { "", false },    { "GET HEAD", false } };
    edgefn_event ev;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].method);
        if (!OPEN(&ev, frame(L_VREQ, "{'method':'PUT','uri':'/'}", NULL))) return;
        CHECK(!edgefn_is_get_or_head(&ev));
        ev.request.method = edgefn_cstr(rows[i].method);
        CHECK(edgefn_is_get_or_head(&ev) == rows[i].reads);
    }
    ROW("absent; the request of a response event");
    ev.request.method = EDGEFN_ABSENT;
    CHECK(!edgefn_is_get_or_head(&ev));
    if (OPEN(&ev, frame(F_VRES, F_200("'headers':{}"), NULL))) CHECK(edgefn_is_get_or_head(&ev));
}

TEST(last_request)
{
    static const struct {
        const char *frame, *part;
        bool last;
    } rows[] = {
        { L_VREQ, "{'method':'GET','uri':'/'}", false }, { L_ORES, "{'status':'200'}", false },
        { L_OREQ, "{'method':'GET','uri':'/'}", true },  { L_VRES, "{'status':'200'}", false },
        { F_VREQ, "{'method':'GET','uri':'/'}", true },  { F_VRES, "{'statusCode':200}", false },
    };
    edgefn_event ev;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].frame);
        if (OPEN(&ev, frame(rows[i].frame, rows[i].part, NULL)))
            CHECK(edgefn_is_last_request(&ev) == rows[i].last);
    }
}

TEST(query_taken_away)
{
    edgefn_event ev;
    edgefn_str json = frame(L_VREQ, L_GET("'querystring':'admin=1'"), NULL);
    if (!OPEN(&ev, json)) return;
    CHECK_STR(edgefn_get(edgefn_query(&ev), S("admin")), S("1"));
    ev.request.querystring = absent;
    CHECK_STR(edgefn_query_text(&ev), S(""));
    CHECK(!edgefn_has(edgefn_query(&ev), S("admin")));
    CHECK_STR(written(&ev), js("{'method':'GET','uri':'/','querystring':''}"));
    ev.request.querystring = S("b=2");
    CHECK_STR(edgefn_get(edgefn_query(&ev), S("b")), S("2"));
    if (!OPEN(&ev, json)) return;
    edgefn_set(edgefn_query(&ev), S("b"), S("2"));
    ev.request.querystring = absent;
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK_NUM(ev.err.code, EDGEFN_E_CONFLICT);
}

/* Received bytes that a setter would refuse stay next to an edit; what the handler adds must
   follow the rules. */
TEST(received_bytes_beside_an_edit)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, L_GET("'querystring':'q=`u007f&utm_x=1&?=#'"), NULL))) return;
    edgefn_remove_prefix(edgefn_query(&ev), S("utm_"));
    CHECK_STR(written(&ev), js("{'method':'GET','uri':'/','querystring':'q=\x7f&?=#'}"));
    if (!OPEN(
            &ev,
            frame(
                L_VREQ,
                L_GET(
                    "'headers':{'cookie':[{'value':'a=`u0001; b=2'}],'x`u0001':[{'value':'`u0002'},{'value':'1'}]}"),
                NULL)))
        return;
    edgefn_remove(edgefn_cookies(&ev), S("b"));
    edgefn_set_at(&ev.request.headers, 2, S("2"));
    CHECK_STR(
        written(&ev),
        js("{'method':'GET','uri':'/','headers':{'cookie':[{'value':'a=`u0001'}],'x`u0001':[{'value':'`u0002'},{'value':'2'}]}}"));
}

/* Bytes that changed after they were passed in are checked again: nothing that a setter refuses
   is written. */
TEST(bytes_that_changed_since)
{
    static const char *const types[] = { L_VREQ, L_OREQ, F_VREQ };
    for (size_t i = 0; i < COUNT(types) * 8; i++) {
        edgefn_event ev;
        char value[] = "value", name[] = "name", query[] = "query";
        size_t row = i % 8;
        ROW("%zu", i);
        const char *rest =
            types[i / 8] == types[1]
                ? "{'method':'GET','uri':'/','origin':{'custom':{'domainName':'o.example','customHeaders':{}}}}"
                : "{'method':'GET','uri':'/'}";
        if (!OPEN(&ev, frame(types[i / 8], rest, NULL))) continue;
        edgefn_fields *lists[] = { &ev.request.headers, edgefn_query(&ev), edgefn_cookies(&ev),
                                   &ev.request.origin.headers };
        edgefn_fields *f = lists[row / 2];
        if (row >= 6 && ev.type != EDGEFN_ORIGIN_REQUEST) continue;
        CHECK(edgefn_set(f, row % 2 ? edgefn_cstr(name) : S("name"),
                         row % 2 ? S("v") : edgefn_cstr(value)));
        (void)query;
        CHECK(edgefn_finish(&ev, &kit_unchecked).ptr != NULL);
        if (row / 2 != 2)
            name[1] = value[1] = '\n'; /* as if the stack was reused */
        else
            name[1] = value[1] = ';';
        if ((row / 2 == 2 || row / 2 == 1) && ev.dialect == EDGEFN_DIALECT_LAMBDA)
            continue; /* edgefn_finish() above has already written their text */
        CHECK(edgefn_finish(&ev, &kit_unchecked).ptr == NULL);
        CHECK_NUM(ev.err.code, row % 2 ? EDGEFN_E_FIELD_NAME : EDGEFN_E_FIELD_VALUE);
        CHECK_STR(ev.err.subject, row % 2 ? edgefn_cstr(name) : S("name"));
    }
}

/* Members that were filled in when an assigned body was written are removed with the body. */
TEST(body_assigned_and_taken_back)
{
    edgefn_event ev;
    static const char *const bodies[] = {
        "'body':{'action':'read-only','data':'abc','encoding':'text','inputTruncated':false}",
        "'x':1",
        "'body':{'inputTruncated':false,'action':'read-only','data':'','encoding':'base64'}"
    };
    for (size_t i = 0; i < COUNT(bodies); i++) {
        char request[200];
        ROW("%zu", i);
        sprintf(request, "{'method':'POST','uri':'/',%s}", bodies[i]);
        if (!OPEN(&ev, frame(L_VREQ, request, NULL))) continue;
        edgefn_body was = ev.request.body;
        ev.request.body.data = S("bmV3");
        CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
        ev.request.body.data = was.data;
        CHECK_STR(written(&ev), edgefn_passthrough(&ev));
        CHECK_NUM(edgefn_outcome_of(&ev, NULL), EDGEFN_OUTCOME_FORWARD);
        CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_BODY_ACTION), EDGEFN_CHANGE_NONE);
        CHECK(edgefn_body_drop(&ev));
        CHECK(edgefn_str_contains(written(&ev), js("'action':'replace'")));
    }
}

/* A sorted list moves the text of its names: unknown members, white space and the spelling of
   keys stay, whatever else is edited. */
TEST(sorted_text_stays)
{
    static const struct {
        const char *edits, *headers;
    } rows[] = {
        { "sort H",
          "{'host':[{'key':'Host','value':'a','sensitive':true}],'x-a':[ {'key':'Other', 'value':'2'} ],'x-b':[{'value':'1','k':0}, {'value':'3','k':1}]}" },
        { "sort H\nset H x-b 4",
          "{'host':[{'key':'Host','value':'a','sensitive':true}],'x-a':[ {'key':'Other', 'value':'2'} ],'x-b':[{'value':'4','k':0}]}" },
        { "sort H\nremove H x-b",
          "{'host':[{'key':'Host','value':'a','sensitive':true}],'x-a':[ {'key':'Other', 'value':'2'} ]}" },
        { "sort H\nadd H x-b 5",
          "{'host':[{'key':'Host','value':'a','sensitive':true}],'x-a':[ {'key':'Other', 'value':'2'} ],"
          "'x-b':[{'value':'1','k':0}, {'value':'3','k':1},{'key':'x-b','value':'5'}]}" },
        { "sort H\nremove_at H 2\nset H host b",
          "{'host':[{'key':'Host','value':'b','sensitive':true}],'x-a':[ {'key':'Other', 'value':'2'} ],'x-b':[{'value':'3','k':1}]}" },
        { "add H a 1\nsort H",
          "{'a':[{'key':'a','value':'1'}],'host':[{'key':'Host','value':'a','sensitive':true}],'x-a':[ {'key':'Other', 'value':'2'} ],"
          "'x-b':[{'value':'1','k':0}, {'value':'3','k':1}]}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        char text[600];
        ROW("%s", rows[i].edits);
        if (!OPEN(
                &ev,
                frame(
                    L_VREQ,
                    L_GET(
                        "'headers':{'x-b':[{'value':'1','k':0}, {'value':'3','k':1}],'host':[{'key':'Host','value':'a','sensitive':true}],"
                        "'x-a':[ {'key':'Other', 'value':'2'} ]}"),
                    NULL)))
            continue;
        edit(&ev, rows[i].edits);
        sprintf(text, "{'method':'GET','uri':'/','headers':%s}", rows[i].headers);
        CHECK_STR(written(&ev), js(text));
    }
}

/* The same for the custom headers of an origin that is written anew. */
TEST(custom_headers_stay_with_a_new_origin)
{
    edgefn_event ev;
    if (!OPEN(
            &ev,
            frame(
                L_OREQ,
                L_GET(
                    "'origin':{'custom':{'domainName':'o.example','customHeaders':{'x-a':[{'value':'1','k':0}],'x-b':[{'value':'2'}]}}}"),
                NULL)))
        return;
    edgefn_origin_s3(
        &ev, &(edgefn_origin_opts){ .domain = S("b.s3.amazonaws.com"), .keep_host_header = true });
    edgefn_set(&ev.request.origin.headers, S("x-a"), S("1"));
    CHECK(edgefn_str_contains(
        written(&ev),
        js("{'s3':{'customHeaders':{'x-a':[{'value':'1','k':0}]},'domainName':'b.s3.amazonaws.com'")));
}

typedef struct choice {
    uint32_t bits, asked;
    edgefn_event *ev;
} choice;

static bool chosen(const edgefn_field *field, void *user)
{
    choice *c = (choice *)user;
    (void)edgefn_str_lower(c->ev, field->name); /* takes memory while it is called */
    return (c->bits >> c->asked++ & 1) != 0;
}

/* edgefn_remove_if() has the same effect as removing one by one. */
TEST(remove_if_is_remove_at)
{
    static const char *const events[] = {
        "examples/events/viewer-request-cookies.json",
        "examples/events/functions-viewer-request-multivalue.json",
        "examples/events/viewer-response-set-cookie.json",
        "examples/events/origin-request-full.json"
    };
    for (uint32_t bits = 1, round = 0; round < 400; bits = bits * 1664525u + 1013904223u, round++) {
        edgefn_event a, b;
        edgefn_str json = slurp(events[round % 4]);
        ROW("%s, bits %x", events[round % 4], bits);
        if (!OPEN(&a, json) || !OPEN(&b, json)) return;
        edgefn_fields *la[] = { &a.request.headers, edgefn_query(&a), edgefn_cookies(&a),
                                &a.request.origin.headers },
                      *lb[] = { &b.request.headers, edgefn_query(&b), edgefn_cookies(&b),
                                &b.request.origin.headers };
        size_t k = round / 4 % 4;
        edgefn_fields *fa = edgefn_is_request(&a) ? la[k]
                            : k % 2               ? &a.response.headers
                                                  : edgefn_response_cookies(&a);
        edgefn_fields *fb = edgefn_is_request(&b) ? lb[k]
                            : k % 2               ? &b.response.headers
                                                  : edgefn_response_cookies(&b);
        if (fa->len == 0) continue;
        if (fa->len > 32) fa = fb = NULL;
        if (!CHECK(fa != NULL)) return;
        if (round % 3 == 0)
            edgefn_set(fa, fa->items[0].name, S("new")),
                edgefn_set(fb, fb->items[0].name, S("new"));
        choice c = { bits, 0, &a };
        size_t len = fa->len, gone = 0;
        CHECK(edgefn_remove_if(fa, chosen, &c));
        CHECK_NUM(c.asked, len);
        for (size_t i = 0; i < len; i++)
            gone += (bits >> i & 1) && CHECK(edgefn_remove_at(fb, i - gone));
        CHECK_NUM(len - fa->len, gone);
        CHECK_STR(written(&a), written(&b));
    }
}

/* edgefn_sanitize() does not fail on its own, restores any received bytes in their place, and
   checks every field. */
TEST(sanitize_restores_received_headers)
{
    static const struct {
        const char *frame, *request, *script, *after;
    } rows[] = {
        { L_OREQ, L_GET("'headers':{'host':[{'value':'h'}]}"), "set h connection x",
          L_GET("'headers':{'host':[{'value':'h'}]}") }, /* without an origin */
        { L_ORES,
          L_200(
              "'headers':{'x-cache':[{'value':'a'}],'x-real-ip':[{'value':'b'}],'age':[{'value':'c'}]}"),
          "sort rh\nset rh x-cache 1\nset rh x-real-ip 2",
          L_200(
              "'headers':{'age':[{'value':'c'}],'x-cache':[{'value':'a'}],'x-real-ip':[{'value':'b'}]}") },
        { L_VREQ,
          L_GET(
              "'headers':{'a':[{'value':'1'}],'via':[{'value':'x`u0001y'},{'value':'z'}],'b':[{'value':'2'}]}"),
          "remove h via",
          L_GET(
              "'headers':{'a':[{'value':'1'}],'via':[{'value':'x`u0001y'},{'value':'z'}],'b':[{'value':'2'}]}") },
        { L_VREQ,
          L_GET(
              "'headers':{'via':[{'value':'1'},{'value':'2'},{'value':'3'}],'host':[{'value':'h'}]}"),
          "remove_at h 1\nadd h via 4\nset_at h 0 9\nsort h",
          L_GET(
              "'headers':{'host':[{'value':'h'}],'via':[{'value':'1'},{'value':'2'},{'value':'3'}]}") },
        { L_OREQ,
          L_GET(
              "'headers':{'host':[{'value':'h'}],'accept-encoding':[{'value':'gzip'}]},'origin':{'custom':{'domainName':'o.example','customHeaders':{}}}"),
          "remove h accept-encoding\nset oh accept-encoding identity",
          L_GET(
              "'headers':{'host':[{'value':'h'}],'accept-encoding':[{'value':'gzip'}]},'origin':{'custom':{'domainName':'o.example','customHeaders':{}}}") },
        { L_OREQ,
          L_GET(
              "'headers':{'host':[{'value':'h'}]},'origin':{'custom':{'domainName':'o.example','customHeaders':{'x-a':[{'value':'1'}]}}}"),
          "set h x-a 2\nset oh x-a 3\nset h x-b 4\nset oh x-c 5",
          L_GET(
              "'headers':{'host':[{'value':'h'}],'x-b':[{'key':'x-b','value':'4'}]},"
              "'origin':{'custom':{'domainName':'o.example','customHeaders':{'x-a':[{'value':'1'}],'x-c':[{'key':'x-c','value':'5'}]}}}") },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        edgefn_finding f[8];
        ROW("%zu: %s", i, rows[i].script);
        if (!OPEN(&ev, frame(rows[i].frame, rows[i].request, NULL)) || !edit(&ev, rows[i].script))
            continue;
        CHECK(edgefn_sanitize(&ev, f, COUNT(f)) > 0);
        CHECK_NUM(ev.err.code, EDGEFN_OK);
        CHECK_NUM(edgefn_sanitize(&ev, NULL, 0), 0);
        CHECK_STR(written(&ev), js(rows[i].after));
        CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
    }
    edgefn_event ev; /* built from parts, with a received value that is not UTF-8 */
    edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_RESPONSE, arena_new(16384), NULL);
    ev.request.method = S("GET"), ev.request.uri = S("/"), ev.response.status = 200;
    edgefn_add(&ev.response.headers, S("Via"), S("1.1 caf\xe9"));
    CHECK(edgefn_build_end(&ev));
    edgefn_remove(&ev.response.headers, S("via"));
    CHECK_NUM(edgefn_sanitize(&ev, NULL, 0), 1);
    CHECK_NUM(edgefn_outcome_of(&ev, NULL), EDGEFN_OUTCOME_FORWARD);
    CHECK(!edgefn_fields_changed(&ev.response.headers));
}

/* A list that is first parsed inside another call belongs to the event: memory taken by that
   call is released, the list stays. */
TEST(lists_read_inside_other_calls)
{
    edgefn_env env = { .now_s = 1700000000 };
    edgefn_event ev;
    edgefn_str json = frame(
        L_OREQ,
        L_GET(
            "'headers':{'host':[{'value':'h'}],'cookie':[{'value':'a=1'}]},'querystring':'b=2&a=1',"
            "'origin':{'custom':{'domainName':'o.example','customHeaders':{}}}"),
        NULL);
    if (!CHECK_NUM(edgefn_parse(&ev, json, arena_new(65536), &(edgefn_parse_opts){ .env = &env }),
                   EDGEFN_OK))
        return;
    CHECK(edgefn_sign_v4(&ev, &(edgefn_sign_opts){ .access_key = S("AK"),
                                                   .secret_key = S("SK"),
                                                   .region = S("eu-west-1"),
                                                   .service = S("execute-api") }));
    char *over = (char *)edgefn_alloc(&ev, 4096, 1);
    if (CHECK(over != NULL)) memset(over, 0x5A, 4096);
    CHECK_STR(edgefn_cstr(list_text(edgefn_query(&ev))), "b=2, a=1");
}

/* Functions that only read an event do not reorder removed fields: an added field revives the
   same one. */
TEST(removed_in_any_order)
{
    for (int look = 0; look < 4; look++) {
        ROW("reader %d", look);
        edgefn_event ev;
        edgefn_str json = frame(L_VREQ,
                                L_GET("'headers':{'x-a':[{'key':'X-A','value':'1'},"
                                      "{'key':'x-a','value':'2'}]}"),
                                NULL);
        if (!CHECK(edgefn_parse(&ev, json, arena_new(1 << 16), NULL) == EDGEFN_OK)) continue;
        CHECK(edgefn_remove_at(&ev.request.headers, 1));
        CHECK(edgefn_remove_at(&ev.request.headers, 0));
        if (look == 1) edgefn_outcome_of(&ev, NULL);
        if (look == 2) edgefn_finish(&ev, NULL);
        if (look == 3) edgefn_check(&ev, edgefn_cstr(NULL), NULL, 0);
        CHECK(edgefn_add(&ev.request.headers, S("x-a"), S("9")));
        CHECK(edgefn_str_contains(edgefn_finish(&ev, NULL),
                                  S("{\"x-a\":[{\"key\":\"x-a\",\"value\":\"9\"}]}")));
    }
}

/* A check writes changed cookies back and thereby moves headers: an edit by name must still find
   its header. */
TEST(set_after_a_check)
{
    static const char *const headers[] = {
        "'set-cookie':[]", "'set-cookie':[],'b':[{'key':'b','value':'1'}]",
        "'set-cookie':[{'key':'Set-Cookie','value':'a=1'}],'b':[{'key':'b','value':'1'}]"
    };
    for (size_t i = 0; i < COUNT(headers); i++) {
        ROW("%s", headers[i]);
        char response[300];
        edgefn_event ev;
        snprintf(response, sizeof response, "{'status':'200','headers':{%s}}", headers[i]);
        if (!OPEN(&ev, frame(L_VRES, response, NULL))) return;
        CHECK(edgefn_add(edgefn_response_cookies(&ev), S("n"), S("3")));
        CHECK(edgefn_add(&ev.response.headers, S("X-A"), S("new")));
        CHECK(edgefn_check(&ev, EDGEFN_ABSENT, NULL, 0) != SIZE_MAX);
        CHECK(edgefn_set(&ev.response.headers, S("X-A"), S("1")));
        edgefn_str out = edgefn_finish(&ev, NULL);
        CHECK(edgefn_str_contains(out, S("{\"key\":\"X-A\",\"value\":\"1\"}")));
        CHECK(edgefn_str_contains(out, S("n=3")));
        CHECK(!edgefn_str_contains(out, S("new")));
    }
}

/* A check does not show cookies that it wrote back, so an index found before it is valid after it.
   If the host sees them, an index counts them, and cookies can be edited only in their list. */
TEST(indexes_after_a_check)
{
    static const char *const headers[] = {
        "'set-cookie':[],'b':[{'key':'b','value':'1'}]",
        "'a':[{'key':'a','value':'1'}],'set-cookie':[{'key':'Set-Cookie','value':'a=1'}],'b':[{'key':'b','value':'1'}]",
        "'set-cookie':[{'key':'Set-Cookie','value':'a=1'},{'key':'Set-Cookie','value':'c=1'}],'b':[{'key':'b','value':'1'}]"
    };
    for (size_t i = 0; i < COUNT(headers) * 8; i++) {
        bool removes = i & 1, host = i & 2, early = i & 4;
        ROW("%s %d %d %d", headers[i / 8], removes, host, early);
        if (host && early) continue;
        char response[300];
        edgefn_event ev;
        snprintf(response, sizeof response, "{'status':'200','headers':{%s}}", headers[i / 8]);
        if (!OPEN(&ev, frame(L_VRES, response, NULL))) return;
        edgefn_fields *f = &ev.response.headers;
        if (removes)
            CHECK(edgefn_remove(edgefn_response_cookies(&ev), S("a")));
        else
            CHECK(edgefn_add(edgefn_response_cookies(&ev), S("n"), S("3")));
        size_t at = edgefn_find(f, S("b"), 0), was = f->len;
        edgefn_write_opts skip = { .skip_check = true };
        if (host)
            CHECK(edgefn_outcome_of(&ev, &skip) == EDGEFN_OUTCOME_FORWARD);
        else
            CHECK(edgefn_check(&ev, EDGEFN_ABSENT, NULL, 0) != SIZE_MAX);
        if (!host) CHECK_NUM(f->len, was);
        if (!early) at = edgefn_find(f, S("b"), 0);
        CHECK(edgefn_set_at(f, at, S("new")));
        edgefn_str out = edgefn_finish(&ev, &skip);
        CHECK(edgefn_str_contains(out, S("{\"key\":\"b\",\"value\":\"new\"}")));
        CHECK(edgefn_str_contains(out, S("n=3")) == !removes);
        size_t cookie = edgefn_find(f, S("set-cookie"), 0);
        edgefn_error refused = cookie < f->len ? EDGEFN_E_CONFLICT : EDGEFN_E_OPTIONS;
        CHECK(!edgefn_set_at(f, cookie, S("x=1")));
        CHECK(ev.err.code == refused);
    }
}

/* edgefn_sanitize() keeps headers that are only doubtful, and received custom headers that could
   not be added, next to one that it removes. */
TEST(sanitize_leaves_what_is_not_refused)
{
    edgefn_event ev;
    if (!CHECK(edgefn_parse(&ev, frame(F_VREQ, "{'method':'GET','uri':'/'}", NULL),
                            arena_new(1 << 16), NULL)
               == EDGEFN_OK))
        return;
    CHECK(edgefn_respond(&ev, 200, &(edgefn_respond_opts){ .body = S("abc") }));
    CHECK(edgefn_set(&ev.response.headers, S("content-length"), S("3")));
    CHECK(edgefn_set(&ev.response.headers, S("transfer-encoding"), S("x")));
    CHECK_NUM(edgefn_sanitize(&ev, NULL, 0), 1);
    CHECK_STR(edgefn_get(&ev.response.headers, S("content-length")), S("3"));
    CHECK(!edgefn_has(&ev.response.headers, S("transfer-encoding")));

    if (!CHECK(edgefn_parse(&ev,
                            frame(L_OREQ,
                                  "{'method':'GET','uri':'/','origin':{'s3':{'customHeaders':"
                                  "{'host':[{'value':'a'}]}}}}",
                                  NULL),
                            arena_new(1 << 16), NULL)
               == EDGEFN_OK))
        return;
    CHECK(edgefn_set(&ev.request.headers, S("host"), S("1")));
    CHECK(edgefn_add(&ev.request.origin.headers, S("transfer-encoding"), S("1")));
    CHECK_NUM(edgefn_sanitize(&ev, NULL, 0), 1);
    CHECK_STR(edgefn_get(&ev.request.headers, S("host")), S("1"));
    CHECK_STR(edgefn_get(&ev.request.origin.headers, S("host")), S("a"));
    CHECK(!edgefn_has(&ev.request.origin.headers, S("transfer-encoding")));
}

/* Strings that are cut short in place differ by their length only. */
TEST(strings_cut_short)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/abc','querystring':'a=1&b=2'}", NULL)))
        return;
    ROW("uri");
    ev.request.uri.len--;
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_URI), EDGEFN_CHANGE_EDITED);
    CHECK_STR(written(&ev), js("{'method':'GET','uri':'/ab','querystring':'a=1&b=2'}"));
    ROW("querystring");
    CHECK_NUM(edgefn_query(&ev)->len, 2);
    ev.request.querystring.len = 3;
    CHECK_NUM(edgefn_query(&ev)->len, 1);
    CHECK_STR(written(&ev), js("{'method':'GET','uri':'/ab','querystring':'a=1'}"));
    ROW("status text");
    if (!OPEN(&ev, frame(L_ORES, "{'status':'200','statusDescription':'OKAY','body':'abc'}", NULL)))
        return;
    ev.response.status_text.len = 2;
    CHECK_STR(written(&ev), js("{'status':'200','statusDescription':'OK','body':'abc'}"));
    ROW("body");
    ev.response.body.data.len = 2;
    CHECK_STR(written(&ev), js("{'status':'200','statusDescription':'OK','body':'ab'}"));
    ROW("encoding");
    if (!OPEN(&ev,
              frame(F_VRES, "{'statusCode':200,'body':{'encoding':'text','data':'YQ=='}}", NULL)))
        return;
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_RESPONSE_BODY), EDGEFN_CHANGE_NONE);
    ev.response.body.encoding = EDGEFN_ENCODING_BASE64;
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_RESPONSE_BODY), EDGEFN_CHANGE_EDITED);
    CHECK_STR(written(&ev), js("{'statusCode':200,'body':{'encoding':'base64','data':'YQ=='}}"));
}

/* Members taken away. */
TEST(members_taken_away)
{
    edgefn_event ev;
    edgefn_finding f[8];
    ROW("status text");
    if (!OPEN(&ev, frame(L_ORES, "{'status':'200','statusDescription':'OKAY'}", NULL))) return;
    ev.response.status_text = absent;
    CHECK_NUM(edgefn_check(&ev, absent, f, 8), 0);
    CHECK_STR(written(&ev), js("{'status':'200','statusDescription':''}"));
    ROW("body");
    if (!OPEN(
            &ev,
            frame(
                L_VREQ,
                "{'method':'POST','uri':'/','body':{'action':'read-only','data':'YQ==','encoding':'base64',"
                "'inputTruncated':false}}",
                NULL)))
        return;
    ev.request.body.data = absent;
    ev.request.body.replace = true;
    CHECK_NUM(edgefn_check(&ev, absent, f, 8), 0);
    CHECK_STR(
        written(&ev),
        js("{'method':'POST','uri':'/','body':{'action':'replace','data':'','encoding':'base64',"
           "'inputTruncated':false}}"));
    ROW("origin");
    if (!OPEN(
            &ev,
            frame(L_OREQ,
                  "{'method':'GET','uri':'/','origin':{'s3':{'domainName':'b.s3.amazonaws.com'}}}",
                  NULL)))
        return;
    ev.request.origin.kind = EDGEFN_ORIGIN_NONE;
    CHECK_NUM(edgefn_changed(&ev, EDGEFN_MEMBER_ORIGIN), EDGEFN_CHANGE_REMOVED);
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK_ERR(&ev, EDGEFN_E_OPTIONS, NOWHERE);
    ROW("names");
    CHECK_STR(edgefn_cstr(edgefn_member_name(&ev, EDGEFN_MEMBER_COUNT)), "");
    ROW("a body's encoding where a request has no body");
    if (!OPEN(&ev, frame(F_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
    ev.request.body.encoding = EDGEFN_ENCODING_BASE64;
    edgefn_str out = edgefn_finish(&ev, NULL);
    CHECK(out.ptr == NULL || edgefn_str_eq(out, edgefn_passthrough(&ev)));
}

/* Fields that a handler changed by hand: they are checked like those that a function set. */
TEST(fields_changed_by_hand)
{
    static const struct {
        const char *key, *value, *attributes;
        edgefn_error code;
    } rows[] = {
        { "X-A", "1", NULL, EDGEFN_OK },
        { "x-b", "1", NULL, EDGEFN_E_FIELD_NAME },
        { "x a", "1", NULL, EDGEFN_E_FIELD_NAME },
        { NULL, "1", NULL, EDGEFN_OK },
        { "x-a", NULL, NULL, EDGEFN_E_FIELD_VALUE },
        { "x-a", "1\n", NULL, EDGEFN_E_FIELD_VALUE },
        { "x-a", "1", "a", EDGEFN_OK },
        { "x-a", "1", "a\x01", EDGEFN_E_FIELD_VALUE },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int sorted = 0; sorted < 2; sorted++) {
            edgefn_event ev;
            ROW("key %s, value %s, attributes %s%s", rows[i].key, rows[i].value, rows[i].attributes,
                sorted ? ", sorted" : "");
            if (!OPEN(
                    &ev,
                    frame(
                        L_VREQ,
                        "{'method':'GET','uri':'/','headers':{'host':[{'key':'Host','value':'h'}]}}",
                        NULL)))
                continue;
            if (!CHECK(edgefn_add(&ev.request.headers, S("x-a"), S("1")))) continue;
            if (sorted) edgefn_sort(&ev.request.headers);
            edgefn_field *it = (edgefn_field *)(uintptr_t)&ev.request.headers.items[1];
            it->key = edgefn_cstr(rows[i].key), it->value = edgefn_cstr(rows[i].value),
            it->attributes = edgefn_cstr(rows[i].attributes);
            CHECK_NUM(edgefn_outcome_of(&ev, NULL),
                      rows[i].code == EDGEFN_OK ? EDGEFN_OUTCOME_FORWARD : EDGEFN_OUTCOME_FAIL);
            CHECK_NUM(ev.err.code, rows[i].code);
            if (rows[i].code == EDGEFN_OK && rows[i].key == NULL)
                CHECK_STR(
                    edgefn_finish(&ev, NULL),
                    js("{'method':'GET','uri':'/','headers':{'host':[{'key':'Host','value':'h'}],"
                       "'x-a':[{'value':'1'}]}}"));
        }
    ROW("a list cut short: the received fields are not written to");
    edgefn_event ev;
    if (!OPEN(
            &ev,
            frame(L_VREQ,
                  "{'method':'GET','uri':'/','headers':{'a':[{'value':'1'}],'b':[{'value':'2'}]}}",
                  NULL)))
        return;
    edgefn_fields *h = &ev.request.headers;
    const edgefn_field *received = h->items;
    h->len = 1;
    CHECK(edgefn_add(h, S("x-new"), S("3")));
    CHECK_STR(edgefn_get(h, S("x-new")), "3");
    CHECK_STR(received[1].name, "b");
    CHECK_STR(received[1].value, "2");
}

/* A header of 1 MB, which is more than the quick writer takes. */
TEST(a_large_header)
{
    edgefn_event ev;
    size_t n = (size_t)1 << 20;
    char *value = (char *)test_own(malloc(n));
    memset(value, 'v', n);
    edgefn_str json = frame(L_ORES, "{'status':'200'}", NULL);
    if (!CHECK(edgefn_parse(&ev, json, arena_new(4 * n), NULL) == EDGEFN_OK)) return;
    CHECK(edgefn_set(&ev.response.headers, S("x-a"), (edgefn_str){ value, n }));
    edgefn_str out = edgefn_finish(&ev, &kit_unchecked);
    edgefn_str head = js("{'status':'200','headers':{'x-a':[{'key':'x-a','value':'"),
               tail = js("'}]}}");
    CHECK_NUM(out.len, head.len + n + tail.len);
    CHECK(edgefn_str_starts(out, head) && edgefn_str_ends(out, tail));
    CHECK(memchr(out.ptr + head.len, '"', n) == NULL);
}

/* An index beyond the end, while cookies are written back into the list. */
TEST(index_beyond_the_end_after_a_check)
{
    for (size_t index = 2; index < 5; index++) {
        edgefn_event ev;
        ROW("index %zu", index);
        if (!OPEN(
                &ev,
                frame(
                    L_VREQ,
                    "{'method':'GET','uri':'/','headers':{'cookie':[{'value':'a=1'}],'x':[{'value':'1'}]}}",
                    NULL)))
            return;
        CHECK(edgefn_set(edgefn_cookies(&ev), S("a"), S("2")));
        CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
        CHECK(!edgefn_set_at(&ev.request.headers, index, S("3")));
        CHECK_ERR(&ev, EDGEFN_E_OPTIONS, NOWHERE);
    }
}

/* The query as text and as list, edited both ways. */
TEST(query_edited_both_ways)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/','querystring':'a=1'}", NULL))) return;
    CHECK(edgefn_set(edgefn_query(&ev), S("a"), S("2")));
    ev.request.querystring = S("b=3");
    edgefn_query(&ev);
    CHECK_ERR(&ev, EDGEFN_E_CONFLICT, NOWHERE);
    ROW("a question mark where there was no query");
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
    CHECK(!edgefn_query_set_raw(&ev, S("?a=1")));
    CHECK_ERR(&ev, EDGEFN_E_FIELD_VALUE, NOWHERE);
    ROW("a list that makes the URL too long");
    static char value[8300];
    memset(value, 'v', sizeof value);
    if (!OPEN(&ev, frame(F_VREQ, "{'method':'GET','uri':'/','querystring':{}}", NULL))) return;
    CHECK(edgefn_set(edgefn_query(&ev), S("a"), (edgefn_str){ value, sizeof value }));
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK_ERR(&ev, EDGEFN_E_CHECK, NOWHERE);
    CHECK_STR(edgefn_cstr(ev.err.where), "uri.length");
}

/* A Cookie header without a cookie, edited as a header and then as a list. */
TEST(cookie_header_without_cookies)
{
    edgefn_event ev;
    if (!OPEN(&ev,
              frame(L_VREQ, "{'method':'GET','uri':'/','headers':{'cookie':[{'value':' ; '}]}}",
                    NULL)))
        return;
    CHECK(edgefn_set(&ev.request.headers, S("cookie"), S("a=1")));
    CHECK(edgefn_remove(edgefn_cookies(&ev), S("a")));
    CHECK_STR(written(&ev), edgefn_passthrough(&ev));
    ROW("the list was read from an edited header");
    if (!OPEN(
            &ev,
            frame(
                L_VREQ,
                "{'method':'GET','uri':'/','headers':{'cookie':[{'value':'a=1'},{'value':'b=2'}]}}",
                NULL)))
        return;
    CHECK(edgefn_set_at(&ev.request.headers, 0, S("c=3")));
    CHECK_STR(edgefn_cstr(list_text(edgefn_cookies(&ev))), "c=3, b=2");
    CHECK(edgefn_set(edgefn_cookies(&ev), S("b"), S("4")));
    CHECK_STR(
        written(&ev),
        js("{'method':'GET','uri':'/','headers':{'cookie':[{'value':'c=3'},{'value':'b=4'}]}}"));
    ROW("an answer taken back after its cookies were edited");
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
    CHECK(edgefn_respond(&ev, 200, NULL) && edgefn_cookie_set(&ev, S("a"), S("1"), NULL));
    ev.response.status = 0;
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
    ROW("CORS after a failure");
    if (!OPEN(
            &ev,
            frame(
                L_VREQ,
                "{'method':'OPTIONS','uri':'/','headers':{'origin':[{'value':'https://a.example'}],"
                "'access-control-request-method':[{'value':'PUT'}]}}",
                NULL)))
        return;
    edgefn_fail(&ev, EDGEFN_E_HANDLER, absent);
    CHECK(!edgefn_header_cors(&ev, &(edgefn_cors_opts){ .any_origin = true }));
    CHECK_NUM(ev.response.status, 0);
}

/* Values that JSON must escape at any place, of any length. */
TEST(values_with_escapes_anywhere)
{
    for (size_t n = 1; n <= 40; n++)
        for (size_t at = 0; at < n; at++) {
            char value[41], want[200];
            edgefn_event ev;
            ROW("%zu bytes, escaped at %zu", n, at);
            memset(value, 'v', n);
            value[at] = '"', value[n] = 0;
            if (!OPEN(&ev, frame(L_ORES, "{'status':'200'}", NULL))) return;
            CHECK(edgefn_set(&ev.response.headers, S("x-a"), edgefn_cstr(value)));
            snprintf(
                want, sizeof want,
                "{\"status\":\"200\",\"headers\":{\"x-a\":[{\"key\":\"x-a\",\"value\":\"%.*s\\%s\"}]}}",
                (int)at, value, value + at);
            CHECK_STR(edgefn_finish(&ev, NULL), edgefn_cstr(want));
        }
}

/* A cookie list that was read from an edited header whose text is before or after that of the event. */
TEST(cookies_of_edited_headers_anywhere)
{
    static const char event[] =
        "{\"Records\":[{\"cf\":{\"config\":{\"eventType\":\"viewer-request\"},\"request\":{\"method\":\"GET\",\"uri\":\"/\","
        "\"headers\":{\"cookie\":[{\"value\":\"a=1\"},{\"value\":\"b=2\"}]}}}}]}";
    for (int after = 0; after < 2; after++) {
        char *block = (char *)test_own(malloc(sizeof event + 100));
        char *text = block + (after ? 0 : 50), *value = after ? block + sizeof event : block;
        edgefn_event ev;
        ROW("%s", after ? "after" : "before");
        memcpy(text, event, sizeof event - 1);
        memcpy(value, "c=3", 3);
        if (!OPEN(&ev, (edgefn_str){ text, sizeof event - 1 })) return;
        CHECK(edgefn_set_at(&ev.request.headers, 0, (edgefn_str){ value, 3 }));
        CHECK(edgefn_set(edgefn_cookies(&ev), S("b"), S("4")));
        CHECK_STR(
            written(&ev),
            js("{'method':'GET','uri':'/','headers':{'cookie':[{'value':'c=3'},{'value':'b=4'}]}}"));
    }
}

/* What an earlier call filled in of an assigned body is taken back; what the handler set stays. */
TEST(body_filled_in_by_halves)
{
    edgefn_event ev;
    edgefn_str json = frame(L_VREQ, "{'method':'POST','uri':'/'}", NULL);
    ROW("the handler set the action");
    if (!OPEN(&ev, json)) return;
    ev.request.body.data = S("new"), ev.request.body.replace = true;
    CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
    ev.request.body.data = S("newer");
    edgefn_str out = written(&ev);
    CHECK(edgefn_str_contains(out, js("'action':'replace'"))
          && edgefn_str_contains(out, js("'encoding':'text'")));
    CHECK(ev.request.body.replace);
    ROW("the handler set the encoding after the first call");
    if (!OPEN(&ev, json)) return;
    ev.request.body.data = S("bmV3");
    CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
    ev.request.body.encoding = EDGEFN_ENCODING_BASE64;
    CHECK(edgefn_str_contains(written(&ev), js("'encoding':'base64'")));
}
