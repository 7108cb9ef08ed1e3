/* Every member of every object of an event: left out, doubled, swapped with each other one, and
   replaced by each wrong value and by each other value of the event; the same for the elements of
   arrays. Each text is read in three layouts, strictly and leniently, right before or right after
   an unreadable page.

   slow_event.h decides: with which error the text is refused and at which byte, or what a handler
   sees. What is accepted is passed through unchanged, and an edit changes nothing else.

   make test leaves out most exchanges of two values and of the third layout, and takes few changes
   of the sample events. STEP: takes only every STEP-th change. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include "strict.h"
#include "slow.h"
#include "slow_event.h"
/* clang-format off */

#ifndef STEP
#  define STEP 1
#endif

/* One event of each type, with every member that CloudFront sends, in its own order and spelling, and
   with the members of a body, which it does not send in responses. */
#define CONFIG(type) \
  "'config':{'distributionDomainName':'d.cloudfront.net','distributionId':'E1','eventType':'" type \
  "','requestId':'r=='}"
#define CONTEXT(type, more) \
  "'version':'1.0','context':{'distributionDomainName':'d.cloudfront.net','distributionId':'E1'," more "'eventType':'" type \
  "','requestId':'r=='},'viewer':{'ip':'192.0.2.1'}"
#define HEADERS \
  "'headers':{'host':[{'key':'Host','value':'a.example'}],'cookie':[{'key':'Cookie','value':'a=1; b=2'}],'x-a':[{'key':'X-A','value':'1'},{'key':'x-a','value':'`u0032'}]}"
#define CUSTOM \
  "'origin':{'custom':{'customHeaders':{'x-key':[{'key':'X-Key','value':'k'}]},'domainName':'o.example','keepaliveTimeout':5,'path':'/v2','port':8443," \
  "'protocol':'https','readTimeout':30,'responseCompletionTimeout':60,'sslProtocols':['TLSv1.1','TLSv1.2']}}"
#define S3 \
  "'origin':{'s3':{'authMethod':'origin-access-identity','customHeaders':{'x-key':[{'key':'X-Key','value':'k'}]},'domainName':'b.s3.amazonaws.com'," \
  "'path':'','readTimeout':20,'region':'eu-west-1','responseCompletionTimeout':40}}"
#define BODY \
  "'body':{'action':'read-only','data':'bmFtZT1i','encoding':'base64','inputTruncated':false}"
#define REQUEST(origin) \
  "'request':{'clientIp':'192.0.2.1'," HEADERS ",'method':'GET'," origin \
  "'querystring':'a=1&b=%20','uri':'/a'}"
#define RESPONSE(body) \
  "'response':{" body "'headers':{'etag':[{'key':'ETag','value':'`'v`''}],'set-cookie':[{'key':'Set-Cookie','value':'a=1; Path=/'},{'key':'Set-Cookie','value':'b=2'}]}," \
  "'status':'404','statusDescription':'Not Found'}"
#define F_REQUEST \
  "'request':{'method':'GET','uri':'/a','querystring':{'a':{'value':'1'},'q':{'value':'2','multiValue':[{'value':'1'},{'value':'2'}]}}," \
  "'headers':{'host':{'value':'a.example'},'accept':{'value':'x','multiValue':[{'value':'x'},{'value':'y'}]}},'cookies':{'a':{'value':'1'},'b':{'value':'`u0032'}}}"
#define F_RESPONSE \
  "'response':{'statusCode':200,'statusDescription':'OK','headers':{'etag':{'value':'v'},'x-a':{'value':'1'}}," \
  "'cookies':{'a':{'value':'1','attributes':'Path=/'},'b':{'value':'2','attributes':'','multiValue':[{'value':'2','attributes':'Secure'},{'value':'3'}]}}," \
  "'body':{'encoding':'text','data':'hello'}}"
#define RECORD(members) "{'Records':[{'cf':{" members "}}]}"

static const struct {
    const char *name, *text;
} own[] = {
    { "viewer-request",
      RECORD(CONFIG("viewer-request") ",'request':{" BODY ",'clientIp':'192.0.2.1'," HEADERS
                                      ",'method':'POST','querystring':'','uri':'/a'}") },
    { "origin-request", RECORD(CONFIG("origin-request") "," REQUEST(CUSTOM ",")) },
    { "origin-request, S3", RECORD(CONFIG("origin-request") "," REQUEST(S3 ",")) },
    { "origin-response", RECORD(CONFIG("origin-response") "," REQUEST(S3 ",") "," RESPONSE("'body':'YQ==','bodyEncoding':'base64',")) },
    { "viewer-response", RECORD(CONFIG("viewer-response") "," REQUEST("") "," RESPONSE("")) },
    { "viewer-request, Functions", "{" CONTEXT("viewer-request", "'endpoint':'e.example',") "," F_REQUEST "}" },
    { "viewer-response, Functions",
      "{" CONTEXT("viewer-response", "") ",'request':{'method':'GET','uri':'/a','querystring':'a=1','headers':{},'cookies':{}}," F_RESPONSE "}" },
};

/* What a value is replaced by, in addition to each other value of the same event. */
static const char *const samples[] = {
    "null", "true", "false", "0", "-1", "-0", "1.5", "2e2", "200", "99", "1000", "4294967295", "4294967296", "''", "'x'",
    "'200'", "'`u0032`u003000'", "'0200'", "'text'", "'viewer-response'", "'origin-request'", "[]", "[null]", "['x']", "[{}]",
    "[[]]", "[{'value':'1'}]", "[{'value':'1'},{'value':null}]", "[{'key':'K'}]", "[1,{'value':'2'}]", "{}", "{'x':null}",
    "{'x':1,'`u0078':2}", "{'x':[]}", "{'X':[],'x':[]}", "{'x':null,'X':null}", "{'value':'1'}", "{'value':null}",
    "{'value':'1','value':'2'}", "{'x':{'value':'1'}}", "{'multiValue':[]}", "{'multiValue':[],'value':'1'}",
    "{'multivalue':[{'value':'1'}],'attributes':null}", "{'multiValue':[],'multivalue':[]}", "{'custom':{},'s3':{}}",
    "{'s3':{'port':'x','region':''},'custom':[]}", "{'data':'x'}", "{'encoding':'base64'}", "[[[[{'a':[{'b':[]}]}]]]]",
};
/* clang-format on */

/*--- the values of a text ---------------------------------------------------------------------------------------------*/

/* A value of the event, in the order of the text. */
typedef struct spot {
    const node *v, *parent, *before; /* before: the member or element before it */
} spot;

typedef struct layout {
    edgefn_str text;
    spot spots[600];
    size_t count;
} layout;

enum { COMPACT, INDENTED, IRREGULAR, LAYOUTS };

static void spots_of(layout *l, const node *v, const node *parent, const node *before)
{
    if (l->count == COUNT(l->spots)) abort();
    l->spots[l->count++] = (spot){ v, parent, before };
    before = NULL;
    for (const node *k = v->first; k != NULL; before = k, k = k->next)
        spots_of(l, k, v, before);
}

static void layouts_of(layout *layouts, edgefn_str text)
{
    slow_used = 0;
    for (int i = 0; i < LAYOUTS; i++) {
        layout *l = &layouts[i];
        l->text = i == COMPACT    ? strict_respaced(text, "")
                  : i == INDENTED ? strict_indented(text, "  ", "\n")
                                  : strict_indented(text, NULL, "");
        l->count = 0;
        spots_of(l, slow_tree(l->text), NULL, NULL);
    }
}

/*--- changes ----------------------------------------------------------------------------------------------------------*/

enum { REMOVED, DOUBLED, DOUBLED_AT_END, REPLACED, EXCHANGED, SWAPPED };
static const char *const change_names[] = {
    "removed",           "doubled",           "doubled at the end", "replaced by sample",
    "replaced by value", "swapped with value"
};

/* REPLACED: with samples[with]; EXCHANGED: with the value of spot `with`; SWAPPED: with it. */
typedef struct change {
    int what;
    size_t at, with;
} change;

static size_t offset(const layout *l, const char *p)
{
    return (size_t)(p - l->text.ptr);
}

static const char *end_of(edgefn_str s)
{
    return s.ptr + s.len;
}

/* Returns the text with the part from `from` to `to` replaced. */
static edgefn_str spliced(edgefn_str text, size_t from, size_t to, edgefn_str a, edgefn_str b)
{
    slow_text t = slow_begin();
    slow_put(&t, text.ptr, from);
    slow_put(&t, a.ptr, a.len);
    slow_put(&t, b.ptr, b.len);
    slow_put(&t, text.ptr + to, text.len - to);
    return slow_end(&t);
}

static edgefn_str between(const char *from, const char *to)
{
    return text_of(from, (size_t)(to - from));
}

/* The comma beside a member or element, with its white space. */
static edgefn_str comma_of(const spot *p)
{
    if (p->before != NULL) return between(end_of(p->before->whole), p->v->whole.ptr);
    if (p->v->next != NULL) return between(end_of(p->v->whole), p->v->next->whole.ptr);
    return S(",");
}

static edgefn_str removed(const layout *l, const spot *p)
{
    const char *from = p->v->whole.ptr, *to = end_of(p->v->whole);
    if (p->v->next != NULL)
        to = p->v->next->whole.ptr;
    else if (p->before != NULL)
        from = end_of(p->before->whole);
    return spliced(l->text, offset(l, from), offset(l, to), S(""), S(""));
}

static edgefn_str doubled(const layout *l, const spot *p, bool at_end)
{
    const node *last = p->v;
    while (at_end && last->next != NULL)
        last = last->next;
    size_t at = offset(l, end_of(last->whole));
    return spliced(l->text, at, at, comma_of(p), p->v->whole);
}

static edgefn_str swapped(const layout *l, edgefn_str a, edgefn_str b)
{
    edgefn_str first = spliced(l->text, offset(l, b.ptr), offset(l, end_of(b)), a, S(""));
    return spliced(first, offset(l, a.ptr), offset(l, end_of(a)), b, S(""));
}

static edgefn_str replaced(const layout *l, const node *v, edgefn_str by)
{
    return spliced(l->text, offset(l, v->raw.ptr), offset(l, end_of(v->raw)), by, S(""));
}

/* Returns the changed text, in the pool. */
static edgefn_str apply(const layout *l, change c)
{
    const spot *p = &l->spots[c.at];
    const node *with = c.what >= EXCHANGED ? l->spots[c.with].v : NULL;
    switch (c.what) {
    case REMOVED: return removed(l, p);
    case DOUBLED:
    case DOUBLED_AT_END: return doubled(l, p, c.what == DOUBLED_AT_END);
    case REPLACED: return replaced(l, p->v, js(samples[c.with]));
    case EXCHANGED: return replaced(l, p->v, with->raw);
    default: return swapped(l, p->v->whole, with->whole);
    }
}

/* Moves to the next change of an event. Returns false after the last one. */
static bool next_change(const layout *l, change *c)
{
    const spot *p = &l->spots[c->at];
    bool alone = p->parent == NULL; /* the root */
    c->with++;
    for (;; c->with = 0, c->what++) {
        switch (c->what) {
        case REMOVED:
        case DOUBLED:
            if (c->with == 0 && !alone) return true;
            break;
        case DOUBLED_AT_END:
            if (c->with == 0 && !alone && p->v->next != NULL) return true;
            break;
        case REPLACED:
            if (c->with < COUNT(samples)) return true;
            break;
        case EXCHANGED:
            c->with += c->with == c->at;
            if (c->with < l->count) return true;
            break;
        case SWAPPED: /* with the members after it */
            if (c->with <= c->at) c->with = c->at + 1;
            while (c->with < l->count && (alone || l->spots[c->with].parent != p->parent))
                c->with++;
            if (c->with < l->count) return true;
            break;
        default:
            if (c->at + 1 == l->count) return false;
            p = &l->spots[++c->at];
            alone = false;
            c->what = REMOVED - 1;
        }
    }
}

/*--- one changed text -------------------------------------------------------------------------------------------------*/

enum { STRICT_READ, LENIENT_READ, TYPE_READ, MODES };
static const edgefn_write_opts whole = { .whole_event = true, .skip_check = true };
static size_t accepted, refused, edit_count;
static slow_event want, again, original;
static unsigned turn; /* chooses the type and the end of the page */
static int layout_now;

static void drop_to(size_t owned)
{
    while (test_owned_len > owned)
        free(test_owned[--test_owned_len]);
}

/* A new header is the only difference that adding it makes. */
static bool edit_holds(edgefn_str json)
{
    edgefn_parse_opts opts = { .lenient = want.lenient, .type = want.wanted };
    edgefn_event ev;
    size_t pos, at = 0;
    edit_count++;
    edgefn_parse(&ev, json, arena_new(edgefn_memory_bound(json.len) + 20000), &opts);
    if (!CHECK_STR(edgefn_finish(&ev, &whole), json)) return false;
    bool asks = edgefn_is_request(&ev);
    if (!CHECK(edgefn_set(asks ? &ev.request.headers : &ev.response.headers, S("X-New"), S("1"))))
        return kit_why(&ev), false;
    edgefn_str out = edgefn_finish(&ev, &whole);
    if (!CHECK(out.ptr != NULL && strict_text(out, &pos) == EDGEFN_OK)) return false;
    slow_event_read(&again, out, want.lenient, want.wanted);
    slow_list *l = &again.lists[asks ? SEEN_H : SEEN_R];
    while (at < l->len && !same(l->fields[at].name, S("x-new")))
        at++;
    if (!CHECK(again.code == EDGEFN_OK && at < l->len)) return test_show("written", out), false;
    memmove(&l->fields[at], &l->fields[at + 1], (--l->len - at) * sizeof l->fields[0]);
    return CHECK(slow_events_alike(&want, &again)) || (test_show("written", out), false);
}

static bool is_accepted(edgefn_event *ev, edgefn_str copy, edgefn_str json)
{
    const char *differs = slow_event_differs(&want, ev);
    if (!CHECK(differs == NULL)) return printf("    %s\n", differs), false;
    edgefn_str out = edgefn_finish(ev, NULL), pass = edgefn_passthrough(ev);
    const node *result = edgefn_is_request(ev) ? want.request : want.response;
    const char *from = copy.ptr + (result->raw.ptr - want.text);
    if (!CHECK(out.ptr == from && pass.ptr == from)
        || !CHECK(out.len == result->raw.len && pass.len == out.len))
        return false;
    return (!test_deep() && accepted % 16 != 0) || edit_holds(json);
}

static bool is_refused(edgefn_event *ev, edgefn_str json)
{
    char line[400];
    edgefn_str message = { line, edgefn_describe(ev, line, sizeof line) };
    if (!CHECK(ev->err.pos < json.len && ev->err.where != NULL)
        || !CHECK(edgefn_finish(ev, NULL).ptr == NULL && edgefn_passthrough(ev).ptr == NULL))
        return false;
    if (want.lenient || edgefn_str_contains(message, S(".lenient"))) return true;
    slow_event_read(&again, json, true, want.wanted);
    return CHECK(again.code != EDGEFN_OK); /* otherwise the message must mention it */
}

/* The error is the same in every layout, but for its position. */
static bool same_error(const edgefn_event *ev, int mode)
{
    static char compact[MODES][400];
    char text[400];
    snprintf(text, sizeof text, "%d %s %.*s", (int)ev->err.code,
             ev->err.where != NULL ? ev->err.where : "", EDGEFN_FMT(ev->err.subject));
    if (layout_now == COMPACT) strcpy(compact[mode], text);
    return CHECK_STR(edgefn_cstr(text), edgefn_cstr(compact[mode]));
}

/* Compares what the parser returns for a text with what the model does. */
static bool text_holds(edgefn_str json, int mode, edgefn_event_type type, bool at_end)
{
    edgefn_parse_opts opts = { .lenient = mode == LENIENT_READ || (mode == TYPE_READ && type & 1),
                               .type = type };
    edgefn_event ev;
    edgefn_str copy =
        at_end ? guard_copy(json.ptr, json.len) : guard_copy_front(json.ptr, json.len);
    slow_event_read(&want, json, opts.lenient, type);
    edgefn_parse(&ev, copy, arena_new(edgefn_memory_bound(json.len)), &opts);
    bool ok = want.code == EDGEFN_OK;
    *(ok ? &accepted : &refused) += 1;
    return CHECK_ERR(&ev, want.code, want.pos) && same_error(&ev, mode)
           && (ok ? is_accepted(&ev, copy, json) : is_refused(&ev, json));
}

/* Reads a text strictly, leniently, and as an event of some type. */
static bool text_holds_in_modes(edgefn_str json)
{
    size_t used = slow_used, owned = test_owned_len;
    bool held = true, strictly = false;
    for (int mode = 0; held && mode < MODES; mode++) {
        edgefn_event_type type = EDGEFN_EVENT_TYPE_NONE;
        if (mode == TYPE_READ) type = (edgefn_event_type)(turn % 4 + 1);
        for (int end = 0; held && end < 2; end++) {
            if (!test_deep() && end != (int)(turn / 4 + (unsigned)layout_now) % 2) continue;
            held = text_holds(json, mode, type, end);
            drop_to(owned);
        }
        if (mode == STRICT_READ && want.code == EDGEFN_OK) strictly = true, original = want;
        /* what strict parsing accepts, lenient parsing reads alike */
        if (mode == LENIENT_READ && strictly)
            held = held && CHECK(slow_events_alike(&original, &want));
    }
    slow_used = used;
    if (!held) test_show("event  ", json);
    return held;
}

/* Reads the event that an edited one is, written as a whole. */
static bool written_model(slow_event *m, edgefn_str json)
{
    static const char *const edits[] = { "set h x-new 1\nset c n 1\nuri= /other\nquerystring= z=1",
                                         "set rh x-new 1\nadd sc n 1" };
    edgefn_event ev;
    if (!OPEN(&ev, json) || !edit(&ev, edits[!edgefn_is_request(&ev)])) return false;
    edgefn_str out = edgefn_finish(&ev, &whole);
    if (!CHECK(out.ptr != NULL)) return kit_why(&ev), false;
    slow_event_read(m, out, false, EDGEFN_EVENT_TYPE_NONE);
    return CHECK_NUM(m->code, EDGEFN_OK);
}

/* Of an event with its members in another order, a handler sees the same, and edits have the same
   result. */
static bool swap_holds(edgefn_str base, edgefn_str json)
{
    size_t owned = test_owned_len;
    slow_event_read(&original, base, false, EDGEFN_EVENT_TYPE_NONE);
    slow_event_read(&want, json, false, EDGEFN_EVENT_TYPE_NONE);
    bool held = CHECK(slow_events_alike(&original, &want)) && written_model(&original, base)
                && written_model(&again, json) && CHECK(slow_events_alike(&original, &again));
    if (!held) test_show("event  ", json);
    drop_to(owned);
    return held;
}

/* Checks the request or response of a changed event as the result of a function that received the
   event before. A fault that refuses an event is a finding in a result, too. In every layout there
   are the same findings, inside the text, and the event stays as it was. */
static bool check_holds(edgefn_event *ev, edgefn_str json)
{
    static char compact[40][300];
    static size_t compact_count;
    edgefn_finding found[40];
    char text[300];
    edgefn_str result = strict_result(json, !edgefn_is_request(ev));
    if (result.ptr == NULL) return true;
    edgefn_str copy =
        turn & 1 ? guard_copy(result.ptr, result.len) : guard_copy_front(result.ptr, result.len);
    size_t used = ev->arena.used, n = edgefn_check(ev, copy, found, COUNT(found));
    if (!CHECK(n <= COUNT(found))) return kit_why(ev), false;
    slow_event_read(&want, json, false, EDGEFN_EVENT_TYPE_NONE);
    const char *at = json.ptr + want.pos;
    bool inside = at >= result.ptr && at < end_of(result);
    if (!CHECK(n != 0 || want.code == EDGEFN_OK || !inside))
        return test_show("result ", result), false;
    if (layout_now == COMPACT) compact_count = n;
    bool held = CHECK_NUM(n, compact_count) && CHECK_NUM(ev->arena.used, used);
    for (size_t i = 0; held && i < n; i++) {
        snprintf(text, sizeof text, "%s %.*s %llu %llu", found[i].rule->id,
                 EDGEFN_FMT(found[i].subject), (unsigned long long)found[i].limit,
                 (unsigned long long)found[i].actual);
        if (layout_now == COMPACT) strcpy(compact[i], text);
        held = CHECK(found[i].pos < result.len)
               && CHECK_STR(edgefn_cstr(text), edgefn_cstr(compact[i]));
    }
    edgefn_str out = edgefn_finish(ev, NULL), pass = edgefn_passthrough(ev);
    held = held && CHECK(out.ptr == pass.ptr && out.len == pass.len);
    if (!held) test_show("result ", result);
    return held;
}

/*--- the tests --------------------------------------------------------------------------------------------------------*/

/* ev: the event before the change; NULL: its result is not checked. */
static bool change_holds(const layout *l, change c, edgefn_event *ev)
{
    const node *parent = l->spots[c.at].parent;
    edgefn_str json = apply(l, c);
    return text_holds_in_modes(json)
           && (c.what != SWAPPED || parent->kind != '{' || swap_holds(l->text, json))
           && (ev == NULL || check_holds(ev, json));
}

/* Makes every step-th change of an event. */
static void change_everything(const char *name, edgefn_str text, size_t step)
{
    static layout layouts[LAYOUTS];
    change c = { REMOVED, 0, SIZE_MAX };
    edgefn_event ev;
    layouts_of(layouts, text);
    size_t used = slow_used;
    ROW("%s", name);
    if (!OPEN(&ev, text)) return;
    for (size_t serial = 0; next_change(&layouts[0], &c); serial++) {
        if (serial % step != 0) continue;
        if (!test_deep() && c.what == EXCHANGED && serial % 4 != 0) continue;
        bool held = true;
        turn++;
        for (layout_now = 0; held && layout_now < LAYOUTS; layout_now++) {
            const layout *l = &layouts[layout_now];
            size_t owned = test_owned_len;
            if (!test_deep() && layout_now == IRREGULAR && serial % 5 != 0) continue;
            ROW("%s, layout %d: value %zu (%.*s) %s %zu", name, layout_now, c.at,
                EDGEFN_FMT(l->spots[c.at].v->name), change_names[c.what], c.with);
            held = change_holds(l, c, test_deep() || serial % 3 == 0 ? &ev : NULL);
            drop_to(owned);
            slow_used = used;
        }
    }
}

TEST(own_events)
{
    for (size_t i = 0; i < COUNT(own); i++)
        change_everything(own[i].name, js(own[i].text), STEP);
    ROW("all events");
    CHECK(accepted > 10000 / STEP && refused > 40000 / STEP && edit_count > 500 / STEP);
}

TEST(sample_events)
{
    for (const char *const *p = event_files(); *p; p++) {
        edgefn_str json = slurp(*p);
        size_t kept = test_owned_len;
        if (json.len > 6000) continue;
        change_everything(*p, json, STEP * (test_deep() ? 7 : 499));
        drop_to(kept);
    }
}

/* Makes one random change; none if the text has only one value. */
static edgefn_str random_change(edgefn_str text)
{
    static layout l;
    l.text = text;
    l.count = 0;
    spots_of(&l, slow_tree(text), NULL, NULL);
    if (l.count == 1) return text;
    change c = { REMOVED, 1 + rnd((unsigned)l.count - 1), SIZE_MAX }, made = c;
    for (unsigned k = rnd(120); next_change(&l, &c) && c.at == made.at; k--) {
        made = c;
        if (k == 0) break;
    }
    return apply(&l, made);
}

/* Several changes at once: the first fault in the order of the text is reported. */
TEST(several_changes)
{
    slow_state = test_seed();
    layout_now = COMPACT;
    for (size_t round = 0; round < test_rounds(4000 / STEP); round++) {
        size_t owned = test_owned_len;
        edgefn_str text = js(own[rnd(COUNT(own))].text);
        slow_used = 0;
        ROW("round %zu", round);
        if (rnd(2)) text = strict_indented(text, rnd(2) ? "  " : "\t", "\n");
        for (size_t i = 2 + rnd(3); i > 0; i--)
            text = random_change(text);
        turn++;
        bool held = text_holds_in_modes(text);
        drop_to(owned);
        if (!held) break;
    }
}
