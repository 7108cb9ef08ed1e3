/* kit.h - for suites that test events, in addition to test.h: events that are readable in a
   table, lists as text, edits as scripts, and a check that every way of writing returns the same
   bytes.

   JSON in tables is written with ' for the quotation mark and ` for the backslash: every
   character then stands for one byte, and a caret on the next line can point at it. '@' in a
   frame is replaced by the row's text. */
#ifndef KIT_H
#define KIT_H

#define S       EDGEFN_S
#define NOWHERE SIZE_MAX /* err.pos of errors that are not about the input */

#define L_HEAD(type) "{'Records':[{'cf':{'config':{'eventType':'" type "'},"
#define L_VREQ       L_HEAD("viewer-request") "'request':@}}]}"
#define L_OREQ       L_HEAD("origin-request") "'request':@}}]}"
#define L_ORES       L_HEAD("origin-response") "'request':{'method':'GET','uri':'/'},'response':@}}]}"
#define L_VRES       L_HEAD("viewer-response") "'request':{'method':'GET','uri':'/'},'response':@}}]}"
#define F_HEAD(type)                                                                               \
  "{'version':'1.0','context':{'eventType':'" type "'},'viewer':{'ip':'192.0.2.1'},"
#define F_VREQ F_HEAD("viewer-request") "'request':@}"
#define F_VRES F_HEAD("viewer-response") "'request':{'method':'GET','uri':'/'},'response':@}"

#define L_GET(members) "{'method':'GET','uri':'/'," members "}" /* a request with these members */
#define L_200(members) "{'status':'200'," members "}"           /* a response with these members */
#define F_200(members) "{'statusCode':200," members "}"

/*--- rows as JSON -----------------------------------------------------------------------------------------------------*/

/* Returns the bytes that a row stands for, in a block of exactly their size, which is freed when
   the test ends. */
TEST_UNUSED static edgefn_str js_bytes(const char *row, size_t len)
{
    char *p = (char *)test_own(malloc(len ? len : 1));
    for (size_t i = 0; i < len; i++)
        p[i] = row[i] == '\'' ? '"' : row[i] == '`' ? '\\' : row[i];
    edgefn_str s = { p, len };
    return s;
}

TEST_UNUSED static edgefn_str js(const char *row)
{
    return js_bytes(row, strlen(row));
}

/* Returns the frame with '@' replaced by the part; *at, if not NULL, gets the offset of the
   part. If the part is NULL, the frame is cut off at the '@'. */
TEST_UNUSED static edgefn_str frame_bytes(const char *frame, const char *part, size_t part_len,
                                          bool cut, size_t *at)
{
    const char *hole = strchr(frame, '@');
    if (!hole) abort();
    size_t head = (size_t)(hole - frame), tail = cut ? 0 : strlen(hole + 1);
    char *p = (char *)test_own(malloc(head + part_len + tail + 1));
    memcpy(p, frame, head);
    memcpy(p + head, part, part_len);
    memcpy(p + head + part_len, hole + 1, tail);
    if (at) *at = head;
    return js_bytes(p, head + part_len + tail);
}

TEST_UNUSED static edgefn_str frame(const char *text, const char *part, size_t *at)
{
    return frame_bytes(text, part, strlen(part), false, at);
}

/*--- events -----------------------------------------------------------------------------------------------------------*/

#define KIT_ARENA (256 * 1024)

TEST_UNUSED static void kit_why(const edgefn_event *ev)
{
    char line[300];
    printf("    %.*s at %zd\n", (int)edgefn_describe(ev, line, sizeof line), line,
           (ssize_t)ev->err.pos);
}

/* Parses an event that must be valid. */
TEST_UNUSED static bool OPEN(edgefn_event *ev, edgefn_str json)
{
    if (CHECK(edgefn_parse(ev, json, arena_new(KIT_ARENA + 8 * json.len), NULL) == EDGEFN_OK))
        return true;
    kit_why(ev);
    test_show("event  ", json);
    return false;
}

static int kit_by_text(const void *a, const void *b)
{
    return strcmp((const char *)a, (const char *)b);
}

static const char *kit_mark(edgefn_change change, bool gone)
{
    if (gone) return change == EDGEFN_CHANGE_REMOVED ? "" : "?";
    return change == EDGEFN_CHANGE_NONE     ? ""
           : change == EDGEFN_CHANGE_EDITED ? "~"
           : change == EDGEFN_CHANGE_ADDED  ? "+"
                                            : "?";
}

/* Returns a list as text: "a=1, b=2~, c=3+, -d=4". ~ marks a changed field, + an added one.
   Removed fields follow at the end, sorted, with a leading -. Attributes follow the value in <>. */
TEST_UNUSED static const char *list_text(const edgefn_fields *f)
{
    static char text[8000], one[40][300];
    size_t n = 0;
    text[0] = 0;
    for (size_t i = 0; i < f->len + f->removed_len; i++) {
        bool gone = i >= f->len;
        const edgefn_field *e = gone ? &f->removed[i - f->len] : &f->items[i];
        size_t k = gone ? i - f->len : 0;
        if (k == COUNT(one)) break;
        int m = snprintf(one[k], sizeof one[k], "%s%.*s=%.*s", gone ? "-" : "", EDGEFN_FMT(e->name),
                         EDGEFN_FMT(e->value));
        if (m > (int)sizeof one[k] - 1) m = (int)sizeof one[k] - 1;
        if (e->attributes.ptr)
            m += snprintf(one[k] + m, sizeof one[k] - (size_t)m, "<%.*s>",
                          EDGEFN_FMT(e->attributes));
        if (m > (int)sizeof one[k] - 2) m = (int)sizeof one[k] - 2; /* room for the change mark */
        snprintf(one[k] + m, sizeof one[k] - (size_t)m, "%s", kit_mark(e->change, gone));
        if (!gone && n < sizeof text)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? ", " : "", one[k]);
    }
    qsort(one, f->removed_len < COUNT(one) ? f->removed_len : COUNT(one), sizeof one[0],
          kit_by_text);
    for (size_t i = 0; i < f->removed_len && i < COUNT(one) && n < sizeof text; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? ", " : "", one[i]);
    return text;
}

/* Compares two lists by name, value and attributes; change marks are not compared. */
TEST_UNUSED static bool list_same(const edgefn_fields *a, const edgefn_fields *b)
{
    if (a->len != b->len) return false;
    for (size_t i = 0; i < a->len; i++)
        if (!edgefn_str_eq(a->items[i].name, b->items[i].name)
            || !edgefn_str_eq(a->items[i].value, b->items[i].value)
            || !edgefn_str_eq(a->items[i].attributes, b->items[i].attributes))
            return false;
    return true;
}

TEST_UNUSED static bool body_same(const edgefn_body *a, const edgefn_body *b)
{
    return edgefn_str_eq(a->data, b->data) && a->encoding == b->encoding
           && a->truncated == b->truncated && a->replace == b->replace;
}

TEST_UNUSED static const char *origin_differs(const edgefn_origin *a, const edgefn_origin *b)
{
    if (a->kind != b->kind) return "origin.kind";
    if (!edgefn_str_eq(a->domain, b->domain) || !edgefn_str_eq(a->path, b->path))
        return "origin.domain or path";
    if (a->port != b->port || a->keepalive_s != b->keepalive_s) return "origin.port or keepalive_s";
    if (a->read_timeout_s != b->read_timeout_s
        || a->completion_timeout_s != b->completion_timeout_s)
        return "origin time-outs";
    if (a->https != b->https || a->tls != b->tls) return "origin.https or tls";
    if (!edgefn_str_eq(a->region, b->region) || !edgefn_str_eq(a->auth_method, b->auth_method))
        return "origin.region or auth_method";
    if (!list_same(&a->headers, &b->headers)) return "origin.headers";
    return NULL;
}

/* Compares what a handler can see of two events. Returns NULL if they are equal, otherwise the
   name of what differs. Parses the views of both. */
TEST_UNUSED static const char *event_differs(edgefn_event *a, edgefn_event *b)
{
    if (a->dialect != b->dialect || a->type != b->type) return "dialect or type";
    if (!edgefn_str_eq(a->domain, b->domain)
        || !edgefn_str_eq(a->distribution_id, b->distribution_id))
        return "domain or distribution_id";
    if (!edgefn_str_eq(a->request_id, b->request_id) || !edgefn_str_eq(a->version, b->version))
        return "request_id or version";
    if (!edgefn_str_eq(a->request.method, b->request.method)
        || !edgefn_str_eq(a->request.uri, b->request.uri))
        return "method or uri";
    if (!edgefn_str_eq(a->request.client_ip, b->request.client_ip)) return "client_ip";
    if (!edgefn_str_eq(edgefn_query_text(a), edgefn_query_text(b))) return "query text";
    if (!list_same(&a->request.headers, &b->request.headers)) return "request.headers";
    if (!list_same(edgefn_query(a), edgefn_query(b))) return "query";
    if (!list_same(edgefn_cookies(a), edgefn_cookies(b))) return "cookies";
    if (!body_same(&a->request.body, &b->request.body)) return "request.body";
    if (a->response.status != b->response.status
        || !edgefn_str_eq(a->response.status_text, b->response.status_text))
        return "status";
    if (!list_same(&a->response.headers, &b->response.headers)) return "response.headers";
    if (a->response.status && !list_same(edgefn_response_cookies(a), edgefn_response_cookies(b)))
        return "set-cookies";
    if (!body_same(&a->response.body, &b->response.body)) return "response.body";
    if (a->err.code != EDGEFN_OK || b->err.code != EDGEFN_OK) return "err";
    return origin_differs(&a->request.origin, &b->request.origin);
}

/*--- writing ----------------------------------------------------------------------------------------------------------*/

/* Calls one of the functions that only read an event, a different one each time. The first of
   them writes changed views back to the headers, and the output must not depend on which one
   that was. */
static unsigned kit_turn;
TEST_UNUSED static void kit_look(edgefn_event *ev, const edgefn_write_opts *opts)
{
    edgefn_str span;
    switch (kit_turn++ % 7) {
    case 0: (void)edgefn_write(ev, NULL, 0, opts); break;
    case 1: (void)edgefn_write_spans(ev, NULL, 0, opts); break;
    case 2: (void)edgefn_write_spans(ev, &span, 1, opts); break;
    case 3: (void)edgefn_outcome_of(ev, opts); break;
    case 4: (void)edgefn_query_text(ev); break;
    case 5: (void)edgefn_check(ev, EDGEFN_ABSENT, NULL, 0); break;
    default: (void)edgefn_finish(ev, opts); break;
    }
}

/* Writes in every possible way and checks that the results are equal. Returns a copy that stays
   valid. */
TEST_UNUSED static edgefn_str written_with(edgefn_event *ev, const edgefn_write_opts *opts)
{
    kit_look(ev, opts);
    size_t need = edgefn_write(ev, NULL, 0, opts),
           used = ev->arena.used; /* changed views are written back now, once */
    edgefn_str out = { NULL, 0 };
    if (!CHECK(need != 0)) {
        kit_why(ev);
        return out;
    }
    char *buf = (char *)test_own(malloc(need)), *joined = (char *)test_own(malloc(need));
    memset(buf, 0x5A, need);
    CHECK_NUM(edgefn_write(ev, buf, need - 1, opts), need);
    for (size_t i = 0; i < need; i++)
        if (!CHECK(buf[i] == 0x5A)) break; /* the buffer is too small: nothing is written */
    CHECK_NUM(edgefn_write(ev, buf, need, opts), need);
    CHECK_NUM(ev->arena.used, used); /* memory taken for writing is released */
    edgefn_str once = { buf, need };

    size_t spans = edgefn_write_spans(ev, NULL, 0, opts), at = 0;
    if (!CHECK(spans != 0)) {
        kit_why(ev);
        return out;
    }
    edgefn_str *pieces = (edgefn_str *)test_own(malloc(spans * sizeof *pieces));
    memset(pieces, 0x5A, spans * sizeof *pieces);
    edgefn_str none = pieces[0];
    CHECK_NUM(edgefn_write_spans(ev, pieces, spans - 1, opts), spans);
    CHECK(pieces[0].ptr == none.ptr && pieces[0].len == none.len);
    CHECK_NUM(edgefn_write_spans(ev, pieces, spans, opts), spans);
    for (size_t i = 0; i < spans; i++) {
        if (!CHECK(pieces[i].len <= need - at)) return out;
        if (pieces[i].len) memcpy(joined + at, pieces[i].ptr, pieces[i].len);
        at += pieces[i].len;
    }
    edgefn_str pieced = { joined, at };
    CHECK_STR(pieced, once);

    edgefn_str made = edgefn_finish(ev, opts);
    CHECK_STR(made, once);
    used = ev->arena.used;
    edgefn_str again = edgefn_finish(ev, opts);
    CHECK(again.ptr == made.ptr && again.len == made.len);
    CHECK_NUM(ev->arena.used, used);
    CHECK_NUM(ev->err.code, EDGEFN_OK);
    return once;
}

/* These suites test writing; test_check.c tests CloudFront's rules. */
static const edgefn_write_opts kit_unchecked = { .skip_check = true };
TEST_UNUSED static edgefn_str written(edgefn_event *ev)
{
    return written_with(ev, &kit_unchecked);
}

/* Checks that an unedited event is returned as a view of the input, without taking memory. */
#define UNTOUCHED(ev) kit_untouched((ev), __LINE__)
TEST_UNUSED static bool kit_untouched(edgefn_event *ev, int line)
{
    edgefn_str pass = edgefn_passthrough(ev);
    size_t used = ev->arena.used;
    edgefn_str out = edgefn_finish(ev, NULL);
    if (out.ptr == pass.ptr && out.len == pass.len && pass.ptr && ev->arena.used == used
        && written(ev).len == pass.len)
        return true;
    printf("    (line %d)\n", line);
    return CHECK(!"an unedited event is returned as a view of the input, without taking memory");
}

/* Checks that the edited event, written as a whole and parsed again, is equal to the event in
   memory, and that passing it through returns the written result. */
TEST_UNUSED static void read_back(edgefn_event *ev, edgefn_str out)
{
    static const edgefn_write_opts whole = { .whole_event = true, .skip_check = true };
    edgefn_str all = written_with(ev, &whole);
    edgefn_event again;
    if (!all.ptr || !OPEN(&again, all)) {
        test_show("whole  ", all);
        return;
    }
    CHECK_STR(edgefn_passthrough(&again), out);
    const char *differs = event_differs(ev, &again);
    if (!CHECK(!differs)) printf("    %s\n", differs);
}

/*--- edits as a script ------------------------------------------------------------------------------------------------*/

typedef struct kit_op {
    edgefn_str verb, list, a, b;
    bool fails;
} kit_op;

static edgefn_str kit_word(edgefn_str *rest)
{
    edgefn_cut c = edgefn_str_cut(*rest, S(" "));
    *rest = c.found ? c.tail : edgefn_str_skip(*rest, rest->len);
    return c.head;
}

/* the list that H means in a script: a table can test several lists */
static const char *kit_H = "h";

TEST_UNUSED static edgefn_fields *kit_list(edgefn_event *ev, edgefn_str name)
{
    if (edgefn_str_eq(name, S("H"))) name = edgefn_cstr(kit_H);
    if (edgefn_str_eq(name, S("h"))) return &ev->request.headers;
    if (edgefn_str_eq(name, S("rh"))) return &ev->response.headers;
    if (edgefn_str_eq(name, S("oh"))) return &ev->request.origin.headers;
    if (edgefn_str_eq(name, S("q"))) return edgefn_query(ev);
    if (edgefn_str_eq(name, S("c"))) return edgefn_cookies(ev);
    if (edgefn_str_eq(name, S("sc"))) return edgefn_response_cookies(ev);
    printf("no such list: %.*s\n", EDGEFN_FMT(name));
    abort();
}

static bool kit_keep_only(edgefn_fields *f, edgefn_str names)
{
    edgefn_str list[16];
    size_t n = 0;
    for (edgefn_str rest = names; rest.len && n < COUNT(list);) {
        edgefn_cut c = edgefn_str_cut(rest, S(","));
        list[n++] = c.head;
        rest = c.found ? c.tail : edgefn_str_skip(rest, rest.len);
    }
    return edgefn_keep_only(f, list, n);
}

/* Checks that a removal removed something, unless there was nothing to remove, which is also a
   success. */
static bool kit_removed(edgefn_event *ev, edgefn_fields *f, size_t had, bool done)
{
    CHECK(!done || ev->err.code == EDGEFN_OK);
    return done && f->len < had;
}

#define IS(word) edgefn_str_eq(op, S(word))
static int kit_list_op(edgefn_event *ev, edgefn_str op, edgefn_str rest)
{
    edgefn_fields *f = kit_list(ev, kit_word(&rest));
    edgefn_str whole = rest, name = kit_word(&rest);
    size_t index = (size_t)edgefn_str_to_u64(name).value;
    if (IS("set")) return edgefn_set(f, name, rest);
    if (IS("add")) return edgefn_add(f, name, rest);
    if (IS("set_at")) return edgefn_set_at(f, index, rest);
    if (IS("remove_at")) return edgefn_remove_at(f, index);
    size_t had = f->len;
    if (IS("remove")) return kit_removed(ev, f, had, edgefn_remove(f, name));
    if (IS("remove_prefix")) return kit_removed(ev, f, had, edgefn_remove_prefix(f, name));
    if (IS("keep_only")) return kit_removed(ev, f, had, kit_keep_only(f, whole));
    if (IS("sort")) return edgefn_sort(f);
    if (IS("attributes")) return edgefn_set_attributes_at(f, index, rest);
    if (IS("no_attributes")) return edgefn_set_attributes_at(f, index, edgefn_cstr(NULL));
    return -1;
}

static int kit_assign(edgefn_event *ev, edgefn_str op, edgefn_str rest)
{
    edgefn_origin *o = &ev->request.origin;
    uint32_t n = (uint32_t)edgefn_str_to_u64(rest).value;
    if (IS("uri=")) return ev->request.uri = rest, 1;
    if (IS("method=")) return ev->request.method = rest, 1;
    if (IS("client_ip=")) return ev->request.client_ip = rest, 1;
    if (IS("querystring=")) return ev->request.querystring = rest, 1;
    if (IS("status=")) return ev->response.status = n, 1;
    if (IS("status_text=")) return ev->response.status_text = rest, 1;
    if (IS("domain=")) return o->domain = rest, 1;
    if (IS("path=")) return o->path = rest, 1;
    if (IS("region=")) return o->region = rest, 1;
    if (IS("auth_method=")) return o->auth_method = rest, 1;
    if (IS("port=")) return o->port = n, 1;
    if (IS("keepalive_s=")) return o->keepalive_s = n, 1;
    if (IS("read_timeout_s=")) return o->read_timeout_s = n, 1;
    if (IS("completion_timeout_s=")) return o->completion_timeout_s = n, 1;
    if (IS("https=")) return o->https = n != 0, 1;
    if (IS("tls=")) return o->tls = n, 1;
    if (IS("body.data=")) return ev->request.body.data = rest, 1;
    if (IS("response.body.data=")) return ev->response.body.data = rest, 1;
    return -1;
}

static int kit_event_op(edgefn_event *ev, edgefn_str op, edgefn_str rest)
{
    edgefn_str all = rest, first = kit_word(&rest);
    uint32_t n = (uint32_t)edgefn_str_to_u64(first).value;
    if (IS("uri")) return edgefn_uri_set(ev, all);
    if (IS("query")) return edgefn_query_set_raw(ev, all);
    if (IS("status")) return edgefn_status_set(ev, n, rest.len ? rest : edgefn_cstr(NULL));
    if (IS("respond")) {
        edgefn_respond_opts o = { .body = rest.len ? rest : edgefn_cstr(NULL),
                                  .content_type = S("text/plain") };
        if (!rest.len) o.content_type = edgefn_cstr(NULL);
        return edgefn_respond(ev, n, &o);
    }
    if (IS("redirect_to"))
        return edgefn_redirect_to(ev, rest, &(edgefn_redirect_to_opts){ .status = n });
    if (IS("error_page")) return edgefn_error_page(ev, n);
    if (IS("body")) return edgefn_body_replace(ev, all, EDGEFN_ENCODING_DEFAULT);
    if (IS("body64")) return edgefn_body_replace(ev, all, EDGEFN_ENCODING_BASE64);
    if (IS("body_drop")) return edgefn_body_drop(ev);
    if (IS("look"))
        return (void)edgefn_query(ev), (void)edgefn_cookies(ev), (void)edgefn_response_cookies(ev),
               1;
    return -1;
}
#undef IS

/* Runs the edits of a script, one per line: "VERB LIST NAME VALUE...", "uri= /x" (an
   assignment), "uri /x" (the setter). Lists: H the list chosen by kit_H, h request headers, rh
   response headers, oh origin custom headers, q query, c cookies, sc set-cookies. A line that
   begins with '!' must fail (or, for removals, find nothing). The strings passed are views of
   the script. */
TEST_UNUSED static bool edit(edgefn_event *ev, const char *script)
{
    edgefn_str rest = edgefn_cstr(script ? script : "");
    while (rest.len) {
        edgefn_cut line = edgefn_str_cut(rest, S("\n"));
        edgefn_str args = line.head;
        rest = line.found ? line.tail : edgefn_str_skip(rest, rest.len);
        bool fails = edgefn_str_starts(args, S("!"));
        if (fails) args = edgefn_str_skip(args, 1);
        edgefn_str op = kit_word(&args);
        int done =
            edgefn_str_ends(op, S("=")) ? kit_assign(ev, op, args) : kit_event_op(ev, op, args);
        if (done < 0) done = kit_list_op(ev, op, args);
        if (done < 0) {
            printf("no such edit: %.*s\n", EDGEFN_FMT(op));
            abort();
        }
        if (!CHECK((done != 0) == !fails)) {
            printf("    edit: %.*s\n", EDGEFN_FMT(line.head));
            if (ev->err.code != EDGEFN_OK) kit_why(ev);
            return false;
        }
    }
    return true;
}

/*--- edits as rows ----------------------------------------------------------------------------------------------------*/

/* Where the text of a row is inserted: the result around it, and the event around the result. */
typedef struct place {
    const char *event, *result, *list;
} place;

#define P_L_HEADERS                                                                                \
  {                                                                                                \
    L_VREQ, "{'method':'GET','uri':'/','headers':@}", "h"                                          \
  }
#define P_L_ORIGIN_H                                                                               \
  {                                                                                                \
    L_OREQ, "{'headers':@,'method':'GET','uri':'/'}", "h"                                          \
  }
#define P_L_RHEADERS                                                                               \
  {                                                                                                \
    L_ORES, "{'headers':@,'status':'200'}", "rh"                                                   \
  }
#define P_L_VRHEADERS                                                                              \
  {                                                                                                \
    L_VRES, "{'status':'200','headers':@,'statusDescription':'OK'}", "rh"                          \
  }
#define P_L_CUSTOM                                                                                                \
  {                                                                                                               \
    L_OREQ,                                                                                                       \
        "{'method':'GET','uri':'/','origin':{'custom':{'domainName':'o.example','customHeaders':@,'port':443}}}", \
        "oh"                                                                                                      \
  }
#define P_L_S3                                                                                     \
  {                                                                                                \
    L_OREQ,                                                                                        \
        "{'method':'GET','uri':'/','origin':{'s3':{'customHeaders':@,'domainName':'o.example'}}}", \
        "oh"                                                                                       \
  }
#define P_F_HEADERS                                                                                \
  {                                                                                                \
    F_VREQ, "{'method':'GET','uri':'/','headers':@}", "h"                                          \
  }
#define P_F_RHEADERS                                                                               \
  {                                                                                                \
    F_VRES, "{'statusCode':200,'headers':@}", "rh"                                                 \
  }

/* Tests one row at one place: the script must turn `before` into `after`, and list_text must
   then return `list` unless that is NULL. If both texts are equal, the received text must be
   passed through, not written anew. */
TEST_UNUSED static bool edited(const place *p, const char *before, const char *script,
                               const char *list, const char *after)
{
    edgefn_event ev;
    edgefn_str result = frame(p->result, before, NULL), want = frame(p->result, after, NULL);
    const char *hole = strchr(p->event, '@');
    char *text = (char *)test_own(malloc(strlen(p->event) + result.len + 1));
    int n =
        sprintf(text, "%.*s%.*s%s", (int)(hole - p->event), p->event, EDGEFN_FMT(result), hole + 1);
    kit_H = p->list;
    if (!OPEN(&ev, js_bytes(text, (size_t)n))) return false;
    if (!edit(&ev, script)) return false;
    if (list && !CHECK_STR(edgefn_cstr(list_text(kit_list(&ev, S("H")))), list)) return false;
    edgefn_str out = written(&ev);
    if (!CHECK_STR(out, want)) return false;
    if (strcmp(before, after) == 0
        && !CHECK(edgefn_finish(&ev, NULL).ptr == edgefn_passthrough(&ev).ptr))
        return false;
    if (list && !CHECK_STR(edgefn_cstr(list_text(kit_list(&ev, S("H")))), list)) return false;
    read_back(&ev, out);
    return true;
}

#endif
