/* edgefn_check(): tests/data/policy.tsv row by row, every rule with its position in the result,
   every limit from both sides, results of every wrong format, received events returned
   unchanged, and agreement between edgefn_finish() and edgefn_check(). */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include "policy.h"
#include <time.h>
/* clang-format off: tables with aligned columns */

/*--- rows: a result with marks, findings as text --------------------------------------------------
   In a result, '^' marks the byte after it and is removed; the first mark is @1. <a*300> stands
   for 300 letters a.
   Findings: "RULE SUBJECT @MARK #LIMIT:ACTUAL", one per line; SUBJECT - is absent, * is
   anything. Without # both numbers are 0. */

static char finding_line[400];
static const char *line_of(const edgefn_finding *f)
{
    snprintf(finding_line, sizeof finding_line, "%s %.*s @%zd #%llu:%llu", f->rule->id,
             f->subject.ptr ? (int)(f->subject.len < 200 ? f->subject.len : 200) : 1,
             f->subject.ptr ? f->subject.ptr : "-", (ssize_t)f->pos, (unsigned long long)f->limit,
             (unsigned long long)f->actual);
    return finding_line;
}

static bool number_is(edgefn_str want, uint64_t is)
{
    return edgefn_str_eq(want, S("*"))
           || (edgefn_str_to_u64(want).ok && edgefn_str_to_u64(want).value == is);
}

/* True if a finding matches a line. at: the marks; NULL if there is no text. */
static bool fits(const edgefn_finding *f, edgefn_str line, const marked *m)
{
    edgefn_cut rule = edgefn_str_cut(line, S(" ")), subject = edgefn_str_cut(rule.tail, S(" ")),
               at = edgefn_str_cut(subject.tail, S(" "));
    if (!edgefn_str_eq(rule.head, edgefn_cstr(f->rule->id))) return false;
    if (edgefn_str_eq(subject.head, S("-"))
            ? f->subject.ptr != NULL
            : !edgefn_str_eq(subject.head, S("*")) && !edgefn_str_eq(subject.head, f->subject))
        return false;
    if (!edgefn_str_starts(at.head, S("@"))) abort();
    edgefn_str mark = edgefn_str_skip(at.head, 1);
    if (m == NULL
            ? f->pos != SIZE_MAX
            : !edgefn_str_eq(mark, S("*")) && f->pos != m->at[edgefn_str_to_u64(mark).value - 1])
        return false;
    if (!at.found) return f->limit == 0 && f->actual == 0;
    edgefn_cut numbers = edgefn_str_cut(edgefn_str_skip(at.tail, 1), S(":"));
    return number_is(numbers.head, f->limit) && number_is(numbers.tail, f->actual);
}

/* Compares without reporting: the numbers must be equal, and each line must have a finding of
   its own. */
static bool findings_are(const edgefn_finding *f, size_t count, const char *want, const marked *m)
{
    bool used[64] = { false };
    size_t lines = 0;
    for (edgefn_str rest = edgefn_cstr(want); rest.len; lines++) {
        edgefn_cut line = edgefn_str_cut(rest, S("\n"));
        size_t i = 0;
        while (i < count && (used[i] || !fits(&f[i], line.head, m)))
            i++;
        if (i == count) return false;
        used[i] = true;
        rest = line.found ? line.tail : edgefn_str_skip(rest, rest.len);
    }
    return lines == count;
}

static void show_findings(const edgefn_finding *f, size_t count, const char *want, const marked *m)
{
    for (size_t i = 0; i < count && i < 64; i++)
        printf("    is:      %s\n", line_of(&f[i]));
    if (count == 0) printf("    is:      no finding\n");
    printf("    must be: %s (marks", *want ? want : "no finding");
    for (size_t i = 0; m && i < m->marks; i++)
        printf(" %zu", m->at[i]);
    printf(")\n");
    if (m) test_show("result ", edgefn_str_take(m->text, 700));
}

/*--- checking -----------------------------------------------------------------------------------------------------------*/

static bool rule_seen[400];

static size_t rule_index(const edgefn_rule *rule)
{
    size_t n, i = 0;
    const edgefn_rule *all = edgefn_rules(&n);
    while (i < n && &all[i] != rule)
        i++;
    return i < n && i < COUNT(rule_seen) ? i : SIZE_MAX;
}

static bool open_for(edgefn_event *ev, edgefn_str json, size_t result_len)
{
    size_t room = KIT_ARENA + edgefn_memory_bound(json.len) + edgefn_memory_bound(result_len)
                  + 2 * result_len;
    if (CHECK(edgefn_parse(ev, json, arena_new(room), NULL) == EDGEFN_OK)) return true;
    kit_why(ev);
    test_show("event  ", edgefn_str_take(json, 700));
    return false;
}

/* Checks a result, and verifies what must hold for every check. Returns the number of findings;
   f has room for 64. */
static size_t checked(edgefn_event *ev, edgefn_str result, edgefn_finding *f)
{
    edgefn_finding few[2];
    if (result.ptr == NULL) {
        kit_look(ev, &kit_unchecked);
        /* changed views are written back now, once */
        (void)edgefn_write(ev, NULL, 0, &kit_unchecked);
    }
    size_t used = ev->arena.used, rules;
    edgefn_str guarded =
        result.ptr && result.len < 4096 ? guard_copy(result.ptr, result.len) : result;
    const edgefn_rule *all = edgefn_rules(&rules);
    size_t count = edgefn_check(ev, guarded, f, 64);
    if (!CHECK(count != SIZE_MAX) || !CHECK(count <= 64)) {
        kit_why(ev);
        return 0;
    }
    CHECK_NUM(ev->err.code, EDGEFN_OK);
    CHECK_NUM(ev->arena.used, used);
    for (size_t i = 0; i < count; i++) {
        if (!CHECK(f[i].rule >= all && f[i].rule < all + rules)) return 0;
        if (f[i].pos == SIZE_MAX ? !CHECK(result.ptr == NULL)
                                 : !CHECK(result.ptr != NULL && f[i].pos <= result.len))
            printf("    %s\n", line_of(&f[i]));
        if (rule_index(f[i].rule) != SIZE_MAX) rule_seen[rule_index(f[i].rule)] = true;
        char says[600];
        size_t len = edgefn_finding_message(&f[i], NULL, 0);
        CHECK((len != 0) == (f[i].rule->message != NULL));
        if (len <= sizeof says) {
            memset(says, 0x5A, sizeof says);
            CHECK_NUM(edgefn_finding_message(&f[i], says, len), len);
            CHECK(len == sizeof says || says[len] == 0x5A);
        }
    }
    CHECK_NUM(edgefn_check(ev, guarded, NULL, 0), count);
    memset(few, 0x5A, sizeof few);
    CHECK_NUM(edgefn_check(ev, guarded, few, 1), count);
    const unsigned char *beyond = (const unsigned char *)&few[1];
    CHECK(beyond[0] == 0x5A && beyond[sizeof few[1] - 1] == 0x5A);
    bool among = count == 0;
    for (size_t i = 0; i < count; i++)
        among |= few[0].rule == f[i].rule && few[0].pos == f[i].pos;
    if (!CHECK(among)) printf("    %s\n", line_of(&few[0]));
    CHECK_NUM(edgefn_check(ev, guarded, f, 64), count); /* writes the subjects again */
    return count;
}

static bool check_row(edgefn_str event, const char *result, const char *want)
{
    edgefn_event ev;
    edgefn_finding f[64];
    marked m = marked_of(result);
    if (!open_for(&ev, event, m.text.len)) return false;
    size_t count = checked(&ev, m.text, f);
    if (!CHECK(findings_are(f, count, want, &m))) {
        show_findings(f, count, want, &m);
        return false;
    }
    edgefn_str pass = edgefn_passthrough(&ev); /* checking edits nothing */
    return CHECK(edgefn_finish(&ev, NULL).ptr == pass.ptr);
}

typedef struct row {
    const char *frame, *received, *result, *findings;
} row;

static bool check_rows(const row *rows, size_t count)
{
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        ROW("%zu: %.60s: %.200s", i, strstr(rows[i].frame, "eventType") + 12, rows[i].result);
        marked event = marked_of(rows[i].received);
        const char *hole = strchr(rows[i].frame, '@');
        size_t head = (size_t)(hole - rows[i].frame), tail = strlen(hole + 1);
        char *text = (char *)test_own(malloc(head + event.text.len + tail));
        edgefn_str a = js_bytes(rows[i].frame, head), b = js_bytes(hole + 1, tail);
        memcpy(text, a.ptr, head);
        if (event.text.len) memcpy(text + head, event.text.ptr, event.text.len);
        memcpy(text + head + event.text.len, b.ptr, tail);
        edgefn_str json = { text, head + event.text.len + tail };
        good &= check_row(json, rows[i].result, rows[i].findings);
    }
    return good;
}

#define GET             "{'method':'GET','uri':'/'}"
#define OK200           "{'status':'200'}"
#define F_OK200         "{'statusCode':200}"
#define CUSTOM(members) "{'method':'GET','uri':'/','origin':{'custom':{" members "}}}"
#define S3(members)     "{'method':'GET','uri':'/','origin':{'s3':{" members "}}}"

/*--- the policy -----------------------------------------------------------------------------------------------------------*/

/* Returns the findings that a row's verdict stands for. For a deletion the only mark is at the
   brace of the headers object. */
static const char *verdict_lines(const char *verdict, const char *name, int action, const kind *k)
{
    static char text[300];
    const char *rule = strchr(verdict, ':');
    bool at_key = action == KEY_CASE && k->dialect == EDGEFN_DIALECT_LAMBDA;
    if (strcmp(verdict, "ok") == 0) return "";
    if (!rule) abort();
    snprintf(text, sizeof text, "%s %s @%d", rule + 1, action == KEY_CASE ? "*" : name,
             at_key ? 2 : 1);
    return text;
}

static void policy_row(const kind *k, const char *name, int action, const char *verdict)
{
    char event[2000], result[800];
    ROW("%s %s, %s, %s: %s", k->dialect == EDGEFN_DIALECT_LAMBDA ? "lambda" : "functions", k->name,
        name, action_names[action], verdict);
    policy_texts(k, name, action, event, result);

    edgefn_event ev;
    edgefn_finding f[64];
    marked m = marked_of(result), e = marked_of(event);
    const char *want = verdict_lines(verdict, name, action, k);
    if (!open_for(&ev, e.text, m.text.len)) return;
    size_t count = checked(&ev, m.text, f);
    if (!CHECK(findings_are(f, count, want, &m))) show_findings(f, count, want, &m);
    /* the comparison itself must be able to fail */
    CHECK(!findings_are(f, count, *want ? "" : "header.disallowed x @1", &m));
    if (count) CHECK((f[0].rule->confidence == EDGEFN_CONFIDENCE_DOUBTFUL) == (verdict[0] == 'd'));
}

TEST(policy)
{
    size_t tried = 0;
    policy_read();
    for (size_t i = 0; i < policy_count; i++) {
        bool used = false;
        for (size_t n = 0; n < COUNT(kinds); n++) {
            if (policy_of(&kinds[n], policies[i].header) != &policies[i]) continue;
            used = true;
            for (int a = 0; a < ACTIONS; a++) {
                if (strcmp(policies[i].verdict[a], "-") == 0
                    || (kinds[n].answer && a != ADDED && a != SECOND))
                    continue;
                policy_row(&kinds[n], policies[i].header, a,
                           kinds[n].answer ? policies[i].verdict[ADDED] : policies[i].verdict[a]);
                tried++;
                while (test_owned_len)
                    free(test_owned[--test_owned_len]);
            }
        }
        if (!CHECK(used)) printf("    never used: line of %s\n", policies[i].header);
    }
    CHECK(tried > 2500);
}

/* Every name that has a row has one for every event type of its dialect, and
   edgefn_header_policy() agrees with it. */
TEST(header_policy)
{
    policy_read();
    for (size_t i = 0; i < policy_count; i++) {
        for (size_t n = 0; n < COUNT(kinds); n++) {
            const kind *k = &kinds[n];
            const char *name = policies[i].header;
            if (strcmp(policies[i].dialect,
                       k->dialect == EDGEFN_DIALECT_LAMBDA ? "lambda" : "functions")
                != 0)
                continue;
            ROW("%s %s, %s", policies[i].dialect, k->name, name);
            const policy *p = policy_of(k, name);
            if (!CHECK(p != NULL) || k->answer || strstr(name, "cookie")
                || strcmp(name, "cloudfront-viewer-country") == 0)
                continue;
            edgefn_policy want = strstr(p->verdict[ADDED], "disallowed")  ? EDGEFN_POLICY_DISALLOWED
                                 : strstr(p->verdict[ADDED], "read-only") ? EDGEFN_POLICY_READ_ONLY
                                                                          : EDGEFN_POLICY_ALLOWED;
            CHECK_NUM(edgefn_header_policy(k->dialect, k->type, edgefn_cstr(name)), want);
            CHECK_NUM(edgefn_header_policy(k->dialect, k->type, edgefn_cstr(title(name))), want);
        }
    }
    CHECK_NUM(edgefn_header_policy(EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, edgefn_cstr(NULL)),
              EDGEFN_POLICY_ALLOWED);
    CHECK_NUM(edgefn_header_policy(EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, S("")),
              EDGEFN_POLICY_ALLOWED);
    CHECK_NUM(edgefn_header_policy(EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, S("X-EDGE-foo")),
              EDGEFN_POLICY_DISALLOWED);
    CHECK_NUM(edgefn_header_policy(EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, S("x-edg")),
              EDGEFN_POLICY_ALLOWED);
}

/*--- the shape of the result ----------------------------------------------------------------------------------------------*/

TEST(shape)
{
    static const row rows[] = {
        { L_VREQ, GET, GET, "" },
        { L_VREQ, GET, " \n" GET " \t", "" },
        { L_VREQ, GET, "{'uri':'/','method':'GET'}", "" },
        { L_VREQ, GET, "{'status':'200'}", "" },
        { L_VREQ, GET, "^", "result.json - @1" },
        { L_VREQ, GET, "   ^", "result.json - @1" },
        { L_VREQ, GET, "{'method':'GET'^", "result.json - @1" },
        { L_VREQ, GET, "{'method':^x}", "result.json - @1" },
        { L_VREQ, GET, GET "^x", "result.json - @1" },
        { L_VREQ, GET, "^undefined", "result.json - @1" },
        { L_VREQ, GET, "{'method':'GET','uri':'/',^}", "result.json - @1" },
        { F_VREQ, GET, "{'method':^", "functions.result.json - @1" },
        { L_VREQ, GET, "^null", "result.object - @1" },
        { L_VREQ, GET, " ^[]", "result.object - @1" },
        { L_VREQ, GET, "^[" GET "]", "result.object - @1" },
        { L_VREQ, GET, "^'null'", "result.object - @1" },
        { L_VREQ, GET, "^12", "result.object - @1" },
        { L_VREQ, GET, "^false", "result.object - @1" },
        { L_ORES, OK200, "^null", "result.object - @1" },
        { L_VRES, OK200, "^[]", "result.object - @1" },
        { F_VREQ, GET, "^null", "functions.result.object - @1" },
        { F_VRES, F_OK200, "^true", "functions.result.object - @1" },
        { L_VREQ, GET,
          "^{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':" GET "}}]}",
          "result.whole-event - @1" },
        { L_ORES, OK200,
          " ^{'Records':[{'cf':{'config':{'eventType':'origin-response'},'request':" GET
          ",'response':" OK200 "}}]}",
          "result.whole-event - @1" },
        { F_VREQ, GET,
          "^{'version':'1.0','context':{'eventType':'viewer-request'},'viewer':{'ip':'192.0.2.1'},'request':" GET
          "}",
          "result.whole-event - @1" },
        { F_VRES, F_OK200,
          "^{'version':'1.0','context':{'eventType':'viewer-response'},'request':" GET
          ",'response':" F_OK200 "}",
          "result.whole-event - @1" },
        { L_VREQ, GET, "^{'request':" GET "}", "result.wrapped request @1" },
        { L_OREQ, GET, "^{'response':" OK200 "}", "result.wrapped response @1" },
        { L_ORES, OK200, "^{'response':" OK200 "}", "result.wrapped response @1" },
        { F_VREQ, GET, "^{'request':" GET "}", "functions.result.wrapped request @1" },
        { F_VRES, F_OK200, "^{'response':" F_OK200 "}", "functions.result.wrapped response @1" },
        { L_VREQ, GET, "^{'status':'200','method':'GET','uri':'/'}", "result.both status @1" },
        { F_VREQ, GET, "^{'method':'GET','uri':'/','statusCode':403}",
          "result.both statusCode @1" },
        { L_ORES, OK200, "^" GET, "result.kind - @1" },
        { L_VRES, OK200, "^" GET, "result.kind - @1" },
        { F_VRES, F_OK200, "^" GET, "result.kind - @1" },
        { L_VREQ, GET, "{^}", "member.missing method @1\nmember.missing uri @1" },
        { L_VREQ, GET, "{'method':'GET','headers':{}^}", "member.missing uri @1" },
        { L_OREQ, GET, "{'uri':'/' ^}", "member.missing method @1" },
        { L_VREQ, GET, "^{'statusCode':403}",
          "result.shape statusCode @1" }, /* a response of the other dialect */
        { F_VREQ, GET, "^{'status':'403'}", "result.shape status @1" },
        { L_ORES, OK200, "^{'statusCode':403}", "result.shape statusCode @1" },
        { L_VREQ, GET, "^{'statusCode':200,'isBase64Encoded':true,'multiValueHeaders':{}}",
          "result.shape isBase64Encoded @1" }, /* of API Gateway */
        { L_VREQ, GET, "^{'statusCode':200,'multiValueHeaders':{}}",
          "result.shape multiValueHeaders @1" },
        { L_VREQ, GET, "{'statusCode':200,'method':'GET','uri':'/'}",
          "" }, /* a request with an unknown member */
        /* half of a surrogate pair */
        { L_VREQ, GET, "{'method':'GET','uri':'/','x':'a^`ud800'}", "result.surrogate - @1" },
        { F_VREQ, GET, "{'method':'GET','uri':'/','x':'^`uDC00'}", "result.surrogate - @1" },
        { L_VREQ, GET, "{'method':'GET','uri':'/','x':'^`ud800`u0041'}", "result.surrogate - @1" },
        { L_VREQ, GET, "{'method':'GET','uri':'/','x':'`ud83d`ude00'}", "" },
        { L_VREQ, GET, "{'method':'GET','uri':'/','x':'^`ud8'}", "result.json - @1" },
        /* could be of either format */
        { L_VREQ, GET, "^{'statusCode':200}", "result.shape statusCode @1" },
        { L_VREQ, GET, "^{'statusCode':200,'body':'x','headers':{}}",
          "result.shape statusCode @1" },
        { L_VREQ, GET, "^{'statusCode':200,'headers':{'a':'1'}}", "result.shape headers @1" },
        { L_VREQ, GET, "^{'statusCode':200,'headers':{'a':{'value':'1'}}}",
          "result.shape value @1" },
        { L_VREQ, GET, "^{'statusCode':200,'headers':{'a':{'value':'1'},'b':'2'}}",
          "result.shape statusCode @1" },
        { L_VREQ, GET, "^{'statusCode':200,'cookies':{}}", "result.shape cookies @1" },
        { L_VREQ, GET, "^{'statusCode':200,'cookies':['a=1']}", "result.shape statusCode @1" },
        { L_VREQ, GET, "^{'statusCode':200,'body':{'encoding':'text','data':''}}",
          "result.shape body @1" },
        /* a request of the other dialect is recognised by two signs; one alone is a mistake in
           that member */
        { L_VREQ, GET,
          "^{'method':'GET','uri':'/','querystring':{},'headers':{'a':{'value':'b'}},'cookies':{}}",
          "result.shape uri @1" },
        { L_OREQ, GET, "^{'method':'GET','querystring':{},'cookies':{}}",
          "result.shape method @1" },
        { L_VREQ, GET, "^{'method':'GET','uri':'/','headers':{'x-a':{'value':'1'}},'cookies':{}}",
          "result.shape uri @1" },
        { L_VREQ, GET, L_GET("'querystring':^{},'headers':{}"), "member.type querystring @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':^{'value':'1'}}"), "headers.array x-a @1" },
        { L_VREQ, GET, L_GET("'cookies':{},'headers':{'x-a':[{'value':'1'}],'x-b':^{'value':'1'}}"),
          "headers.array x-b @1" },
        { F_VREQ, GET,
          "^{'clientIp':'192.0.2.1','method':'GET','uri':'/','querystring':'a=1','headers':{}}",
          "result.shape uri @1" },
        { F_VREQ, GET,
          "^{'method':'GET','uri':'/','querystring':'','headers':{'x-a':[{'value':'1'}]}}",
          "result.shape uri @1" },
        { F_VREQ, GET, "^{'method':'GET','headers':{'x-a':[{'value':'1'}]},'origin':{'s3':{}}}",
          "result.shape method @1" },
        { F_VREQ, GET, L_GET("'querystring':'a=1'"), "" },
        { F_VREQ, GET, L_GET("'headers':{'x-a':^[{'value':'1'}]}"), "headers.item x-a @1" },
        { F_VRES, F_OK200, "^{'clientIp':'192.0.2.1','method':'GET','uri':'/','querystring':''}",
          "result.kind - @1" },
        /* output of test-function: its inner result is checked */
        { F_VREQ, GET,
          " ^'"
          "{`'method`':`'GET`',`'uri`':`'/`'}'",
          "functions.result.wrapped - @1" },
        { F_VREQ, GET, "^'{`'request`':{`'method`':^`'PUT`',`'uri`':`'/`'}}'",
          "functions.result.wrapped - @1\nmethod.changed method @2" },
        { F_VREQ, GET,
          "^'`u007b`'response`':`n{`'x`u00e9`u20ac`ud83d`ude00`':1,`'statusCode`':^600}}'",
          "functions.result.wrapped - @1\nstatus.range statusCode @2 #599:600" },
        { F_VREQ, GET,
          "^{'TestResult':{'FunctionSummary':{'Name':'f'},'FunctionExecutionLogs':[],"
          "'FunctionErrorMessage':'','FunctionOutput':'{`'response`':{`'statusCode`':^600}}'}}",
          "functions.result.wrapped FunctionOutput @1\nstatus.range statusCode @2 #599:600" },
        { F_VREQ, GET, "^{'FunctionOutput':'{`'request`':{`'method`':`'GET`',`'uri`':`'/`'}}'}",
          "functions.result.wrapped FunctionOutput @1" },
        { F_VREQ, GET, "^{'FunctionOutput':'{`'request`':^}'}",
          "functions.result.wrapped FunctionOutput @1\nfunctions.result.json - @2" },
        { F_VREQ, GET,
          "^{'FunctionOutput':'{`'method`':`'GET`',`'uri`':`'/`',`'x`':`'^``ud800`'}'}",
          "functions.result.wrapped FunctionOutput @1\nresult.surrogate - @2" },
        { F_VREQ, GET, "^{'TestResult':{'FunctionErrorMessage':'no','FunctionOutput':^''}}",
          /* the function failed */
          "functions.result.wrapped FunctionOutput @1\nfunctions.result.object - @2" },
        { F_VREQ, GET, "^'hello'", "functions.result.object - @1" },
        { F_VREQ, GET, "{'TestResult':{'FunctionOutput':1}^}",
          "member.missing method @1\nmember.missing uri @1" },
        /* refused in this form */
        { L_VREQ, GET,
          "^'"
          "{`'method`':`'GET`',`'uri`':`'/`'}'",
          "result.object - @1" },
        { L_ORES, OK200, "{'FunctionOutput':'{`'response`':{`'status`':`'200`'}}'^}",
          "member.missing status @1" },
        { F_VREQ, GET, "^{'request':{'method':^'PUT','uri':'/'}}",
          "functions.result.wrapped request @1\nmethod.changed method @2" },
        { F_VREQ, GET, "^{'response':{'statusCode':^600}}",
          "functions.result.wrapped response @1\nstatus.range statusCode @2 #599:600" },
        { L_ORES, OK200, "{'headers':{}^}", "member.missing status @1" },
        { L_VRES, OK200, "{^}", "member.missing status @1" },
        { F_VRES, F_OK200, "{'headers':{}^}", "member.missing statusCode @1" },
        { L_VREQ, GET, "{'method':'GET','uri':'/','unknown':{'deep':[1,{'x':null}]}}", "" },
    };
    check_rows(rows, COUNT(rows));
    ROW("not UTF-8");
    char bad[] = "{\"method\":\"GET\",\"uri\":\"/\xff\"}";
    edgefn_event ev;
    edgefn_finding f[64];
    edgefn_str result = { bad, strlen(bad) };
    if (open_for(&ev, frame(L_VREQ, GET, NULL), 100) && CHECK_NUM(checked(&ev, result, f), 1)) {
        CHECK_STR(edgefn_cstr(f[0].rule->id), "result.json");
        CHECK(f[0].pos >= 22 && f[0].pos <= 24);
    }
}

#define HOST "'headers':{'host':[{'key':'Host','value':'h.example'}]}"
#define PROTO(name)                                                                                \
  "'headers':{'host':[{'key':'Host','value':'h.example'}],"                                        \
  "'cloudfront-forwarded-proto':[{'key':'CloudFront-Forwarded-Proto','value':'" name "'}]}"
#define TO(status, url) "{'status':'" status "','headers':{'location':[{'value':^'" url "'}]}}"
#define ASKED(members)  "{'method':'GET','uri':'/a/b'," members "}"
#define F_TO(url)       "{'statusCode':302,'headers':{'location':{'value':^'" url "'}}}"
#define F_ASKED(query)                                                                             \
  "{'method':'GET','uri':'/a','querystring':{" query "},'headers':{'host':{'value':'h.example'}}}"
#define LOOP        "redirect.loop location @1"
#define LOOP_SCHEME "redirect.loop.scheme location @1"
#define L_ORES_AT                                                                                  \
  L_HEAD("origin-response")                                                                        \
  "'request':{'method':'GET','uri':'/a','querystring':'q=1'," HOST "},'response':@}}]}"

TEST(redirect_loops)
{
    static const row rows[] = {
        /* path and query */
        { L_VREQ, ASKED(HOST), TO("302", "/a/b"), LOOP },
        { L_VREQ, ASKED(HOST), TO("302", "/a/b/"), "" },
        { L_VREQ, ASKED(HOST), TO("302", "/a/B"), "" },
        { L_VREQ, ASKED(HOST), TO("302", "/a"), "" },
        { L_VREQ, ASKED(HOST), TO("302", "/a/b?"), LOOP },
        { L_VREQ, ASKED(HOST), TO("302", "/a/b#x"), LOOP },
        { L_VREQ, ASKED(HOST), TO("302", "/a/b?q=1"), "" },
        { L_VREQ, ASKED("'querystring':'q=1&r'"), TO("302", "/a/b?q=1&r"), LOOP },
        { L_VREQ, ASKED("'querystring':'q=1&r'"), TO("302", "/a/b?q=1"), "" },
        { L_VREQ, ASKED("'querystring':'q=1'"), TO("302", "/a/b"), "" },
        { L_VREQ, ASKED("'querystring':'q=1'"), TO("302", "?q=1"), LOOP },
        { L_VREQ, ASKED("'querystring':'q=1'"), TO("302", "?"), "" },
        { L_VREQ, ASKED("'querystring':'q=1'"), TO("302", ""), LOOP }, /* the same page */
        { L_VREQ, ASKED("'querystring':'q=1'"), TO("302", "#top"), LOOP },
        { L_VREQ, ASKED(HOST), TO("302", "b"), LOOP },
        { L_VREQ, ASKED(HOST), TO("302", "./b"), LOOP },
        { L_VREQ, ASKED(HOST), TO("302", "../a/b"), LOOP },
        { L_VREQ, ASKED(HOST), TO("302", "../b"), "" },
        { L_VREQ, ASKED(HOST), TO("302", "c"), "" },
        { L_VREQ, ASKED(HOST), TO("302", "/x/../a/./b"), LOOP },
        /* redirects to the normalised path */
        { L_VREQ, "{'method':'GET','uri':'/a/../b'}", TO("302", "/b"), "" },
        { L_VREQ, "{'method':'GET','uri':'//b'}", TO("302", "/b"), "" },
        /* as viewers send it */
        { L_VREQ, "{'method':'GET','uri':'/`u00e9'}", TO("302", "/%C3%A9"), LOOP },
        { L_VREQ, "{'method':'GET','uri':'/a`u002fb'}", TO("302", "/a`/b"), LOOP },
        /* host and scheme */
        { L_VREQ, ASKED(PROTO("https")), TO("302", "https://h.example/a/b"), LOOP },
        { L_VREQ, ASKED(PROTO("https")), TO("302", "HTTPS://H.Example:443/a/b"), LOOP },
        { L_VREQ, ASKED(PROTO("https")), TO("302", "https://h.example:8443/a/b"), "" },
        { L_VREQ, ASKED(PROTO("https")), TO("302", "http://h.example/a/b"), "" },
        { L_VREQ, ASKED(PROTO("https")), TO("302", "//h.example/a/b"), LOOP },
        { L_VREQ, ASKED(PROTO("https")), TO("302", "//i.example/a/b"), "" },
        { L_VREQ, ASKED(PROTO("https")), TO("302", "https://i.example/a/b"), "" },
        /* the purpose of such a redirect */
        { L_VREQ, ASKED(PROTO("http")), TO("301", "https://h.example/a/b"), "" },
        { L_VREQ, ASKED(PROTO("http")), TO("301", "http://h.example/a/b"), LOOP },
        { L_VREQ, ASKED(PROTO("http")), TO("301", "/a/b"), LOOP },
        { L_VREQ, ASKED(HOST), TO("301", "https://h.example/a/b"), LOOP_SCHEME },
        { L_VREQ, ASKED(HOST), TO("301", "http://h.example/a/b"), LOOP_SCHEME },
        { L_VREQ, ASKED(HOST), TO("301", "//h.example/a/b"), LOOP },
        { L_VREQ, ASKED(HOST), TO("301", "https://h.example/a"), "" },
        { L_VREQ, ASKED(HOST), TO("301", "ftp://h.example/a/b"), "" },
        /* the host is unknown */
        { L_VREQ, ASKED("'headers':{}"), TO("301", "https://h.example/a/b"), "" },
        { L_VREQ, "{'method':'GET','uri':'/'," HOST "}", TO("301", "https://h.example"),
          LOOP_SCHEME },
        { L_VREQ, "{'method':'GET','uri':'/','headers':{'host':[{'value':'h'}]}}",
          TO("301", "https://h/"), LOOP_SCHEME },
        { L_VREQ, "{'method':'GET','uri':'/','headers':{'host':[{'value':'[::1]:80'}]}}",
          TO("301", "http://[::1]/"), LOOP_SCHEME },
        { L_VREQ, "{'method':'GET','uri':'/','headers':{'host':[{'value':'[::1]:80'}]}}",
          TO("301", "https://[::1]/"), "" },
        /* status and method */
        { L_VREQ, ASKED(HOST), TO("303", "/a/b"), LOOP },
        { L_VREQ, ASKED(HOST), TO("307", "/a/b"), LOOP },
        { L_VREQ, ASKED(HOST), TO("308", "/a/b"), LOOP },
        { L_VREQ, ASKED(HOST), TO("300", "/a/b"), "" },
        { L_VREQ, ASKED(HOST), TO("304", "/a/b"), "" },
        { L_VREQ, ASKED(HOST), TO("201", "/a/b"), "" },
        { L_VREQ, "{'method':'HEAD','uri':'/'}", TO("302", "/"), LOOP },
        { L_VREQ, "{'method':'POST','uri':'/'}", TO("302", "/"), "" }, /* is followed by a GET */
        { L_VREQ, "{'method':'POST','uri':'/'}", TO("303", "/"), "" },
        { L_VREQ, "{'method':'POST','uri':'/'}", TO("307", "/"), LOOP },
        /* the other event types, and the other dialect */
        { L_OREQ, ASKED(HOST), TO("302", "/a/b"), LOOP },
        { L_ORES_AT, OK200, TO("302", "/a?q=1"), LOOP },
        { L_ORES_AT, OK200, TO("302", "/a"), "" },
        { L_ORES_AT, OK200, TO("302", "https://h.example/a?q=1"), LOOP_SCHEME },
        { L_ORES_AT, "{'status':'302','headers':{'location':[{'value':'/a?q=1'}]}}",
          /* as received from the origin */
          "{'status':'302','headers':{'location':[{'value':'/a?q=1'}],'x-a':[{'value':'1'}]}}",
          "" },
        { L_ORES_AT, "{'status':'301','headers':{'location':[{'value':'/a?q=1'}]}}",
          TO("302", "/a?q=1"), LOOP },
        { L_ORES_AT, "{'status':'302','headers':{'location':[{'value':'/b'}]}}",
          TO("302", "/a?q=1"), LOOP },
        { F_VREQ, F_ASKED(""), F_TO("/a"), LOOP },
        { F_VREQ, F_ASKED(""), F_TO("https://h.example/a"), LOOP_SCHEME },
        { F_VREQ, F_ASKED("'q':{'value':'1'},'f':{'value':''}"), F_TO("/a?q=1&f"), LOOP },
        { F_VREQ, F_ASKED("'q':{'value':'1'},'f':{'value':''}"), F_TO("/a?q=1&f="), LOOP },
        { F_VREQ, F_ASKED("'q':{'value':'1'},'f':{'value':''}"), F_TO("/a?q=1"), "" },
        { F_VREQ, F_ASKED("'q':{'value':'1'},'f':{'value':''}"), F_TO("/a?q=1&f=2"), "" },
        { F_VREQ, F_ASKED("'q':{'value':'1'},'f':{'value':''}"), F_TO("/a?q=1&f&g"), "" },
        { F_VREQ, F_ASKED("'q':{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}"),
          F_TO("/a?q=1&q=2"), LOOP },
        { F_VREQ, F_ASKED(""), F_TO("/a?q=1"), "" },
        { F_VREQ, F_ASKED("'q':{'value':'1'}"), F_TO("/a"), "" },
        { F_VREQ, F_ASKED("'q':{'value':'1'}"), F_TO("#x"), LOOP },
        { F_VREQ, "{'method':'GET','uri':'/','querystring':'q=1'}", F_TO("/?q=1"), LOOP },
        { F_VRES, F_OK200, F_TO("/"), LOOP },
        { F_VRES, F_OK200, F_TO("/x"), "" },
    };
    check_rows(rows, COUNT(rows));
}

/* For a handler's redirect the received URL counts, whatever the handler changed in it. */
TEST(redirect_loop_of_a_handler)
{
    edgefn_event ev;
    edgefn_finding f[64];
    edgefn_str none = { NULL, 0 };
    edgefn_write_opts strict = { .strict = true };
    /* to the received URL; to the edited path; to the received URL, after that edit */
    for (int i = 0; i < 3; i++) {
        ROW("%d", i);
        if (!OPEN(&ev, frame(L_VREQ, ASKED("'querystring':'q=1'," PROTO("https")), NULL))) return;
        if (i > 0) CHECK(edgefn_uri_set(&ev, S("/c")));
        edgefn_str path = i == 2 ? S("/a/b") : none;
        edgefn_redirect_opts to = { .path = path };
        if (!CHECK(edgefn_redirect(&ev, &to))) continue;
        size_t count = checked(&ev, none, f);
        if (!CHECK_NUM(count, i != 1)) show_findings(f, count, "", NULL);
        if (i != 1) CHECK_STR(edgefn_cstr(f[0].rule->id), "redirect.loop");
        if (i == 0)
            CHECK(edgefn_finish(&ev, NULL).len != 0);
        else
            CHECK_NUM(edgefn_finish(&ev, &strict).ptr != NULL, i == 1);
        CHECK_NUM(ev.err.code, i == 2 ? EDGEFN_E_CHECK : EDGEFN_OK);
    }
}

#define LINK(value)     "{'status':'200','headers':{'link':[{'value':^'" value "'}]}}"
#define REFRESH(value)  "{'status':'200','headers':{'refresh':[{'value':^'" value "'}]}}"
#define SETS(value)     "{'status':'200','headers':{'set-cookie':[{'value':^'" value "'}]}}"
#define F_SETS(members) "{'statusCode':200,'cookies':{'a':{" members "}}}"

TEST(urls_and_cookies)
{
    static const row rows[] = {
        { L_VREQ, GET, TO("302", "/a b"), "header.url location @1" },
        { L_VREQ, GET, TO("302", "/a`tb"), "header.url location @1" },
        { L_VREQ, GET, TO("302", "/`u00e9"), "header.url location @1" },
        { L_VREQ, GET, TO("302", "/a%20b%C3%A9~!"), "" },
        /* refused by another rule */
        { L_VREQ, GET, TO("302", "/a b`n"), "header.value location @1 #0:10" },
        { L_OREQ, GET, "{'status':'200','headers':{'content-location':[{'value':^'/a b'}]}}",
          "header.url content-location @1" },
        { L_VREQ, GET, "{'status':'200','headers':{'x-location':[{'value':'/a b`u00e9'}]}}", "" },
        /* in a request */
        { L_VREQ, L_GET("'headers':{}"), L_GET("'headers':{'link':[{'value':'</a b>'}]}"), "" },
        { L_ORES, OK200, TO("302", "/`u00e9"), "header.url location @1" },
        { L_ORES, "{'status':'302','headers':{'location':[{'value':'/`u00e9'}]}}",
          /* as received from the origin */
          "{'status':'301','headers':{'location':[{'value':'/`u00e9'}]}}", "" },
        { L_VRES, OK200, TO("200", "/ a"), "header.url location @1" },
        { F_VREQ, GET, F_TO("/a b"), "header.url location @1" },
        { F_VRES, F_OK200, F_TO("/`u00e9"), "header.url location @1" },
        { F_VRES, F_OK200, F_TO("/a+b"), "" },
        { L_VREQ, GET, LINK("</a>; rel=preload; title=`'a <b c> d`', </b>; as=style"), "" },
        { L_VREQ, GET, LINK("</a>; title=`'a ```' <b c`', </b c>; as=style"),
          "header.url link @1" },
        { L_VREQ, GET, LINK("</a b>; rel=preload"), "header.url link @1" },
        { L_VREQ, GET, LINK("</a>, </b c>"), "header.url link @1" },
        { L_VREQ, GET, LINK("</a>; title=`u00e9"), "header.url link @1" },
        { L_VREQ, GET, REFRESH("5"), "" },
        { L_VREQ, GET, REFRESH("5; url=/a"), "" },
        { L_VREQ, GET, REFRESH("5; URL = `'/a`' x"), "" },
        { L_VREQ, GET, REFRESH("5;url=/a b"), "header.url refresh @1" },
        { L_VREQ, GET, REFRESH("5, /a?url=1 b"), "header.url refresh @1" },
        { L_VREQ, GET, REFRESH("5; url=`'/a b`'"), "header.url refresh @1" },
        { L_VREQ, GET, REFRESH("5; url=/`u00e9"), "header.url refresh @1" },
        { L_VREQ, GET, REFRESH("5; url=`' /a`'"), "header.url refresh @1" },

        { L_VREQ, GET, SETS("a=1, b=2"), "cookie.joined set-cookie @1" },
        { L_VREQ, GET, SETS("a=1; Path=/, b=2; Path=/"), "cookie.joined set-cookie @1" },
        { L_VREQ, GET, SETS("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/"), "" },
        { L_VREQ, GET, SETS("a=1; Expires=Thu, 01-Jan-1970 00:00:00 GMT"), "" },
        { L_VREQ, GET, SETS("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT, b=2"),
          "cookie.joined set-cookie @1" },
        /* allowed in a value, and many contain it */
        { L_VREQ, GET, SETS("a=1,b=2"), "" },
        { L_VREQ, GET, SETS("a=1, b"), "" },
        { L_VREQ, GET, SETS("a=1, =b"), "" },
        { L_VREQ, GET, SETS("a=`'1, b=2`'"), "" },
        { L_VREQ, GET,
          L_200(
              "'headers':{'set-cookie':[{'value':'a=1'},{'value':'b=2'}],'x-a':[{'value':'a=1, b=2'}]}"),
          "" },
        { L_ORES, OK200, SETS("a=1, b=2"), "cookie.joined set-cookie @1" },
        { L_ORES,
          "{'status':'200','headers':{'set-cookie':[{'value':'a=1, b=2'},{'value':'c=1'}]}}",
          /* as received from the origin */
          "{'status':'200','headers':{'set-cookie':[{'value':'c=1'},{'value':'a=1, b=2'}]}}", "" },
        { F_VREQ, GET, F_SETS("'value':^'1, b=2'"), "cookie.joined a @1" },
        { F_VREQ, GET, F_SETS("'value':^'1','attributes':'Path=/, b=2'"), "cookie.joined a @1" },
        { F_VREQ, GET, F_SETS("'value':'1','attributes':'Expires=Thu, 01 Jan 1970 00:00:00 GMT'"),
          "" },
        { F_VRES, F_SETS("'value':'1, b=2'"), F_SETS("'value':'1, b=2','attributes':'Path=/'"),
          "" },
        { F_VRES, F_SETS("'value':'1, b=2'"), F_SETS("'value':^'1, c=2'"), "cookie.joined a @1" },
        { F_VRES, F_SETS("'value':'1'"), F_SETS("'value':^'1','attributes':'Path=/, c=2'"),
          "cookie.joined a @1" },
    };
    check_rows(rows, COUNT(rows));
}

TEST(members)
{
    static const row rows[] = {
        { L_VREQ, GET, "{'method':^1,'uri':'/'}", "member.type method @1" },
        { L_VREQ, GET, "{'method':'GET','uri':^null}", "member.type uri @1" },
        { L_VREQ, GET, "{'method':'GET','uri':^['/']}", "member.type uri @1" },
        { L_VREQ, L_GET("'querystring':''"), L_GET("'querystring':^{}"),
          "member.type querystring @1" },
        { L_VREQ, L_GET("'querystring':''"), L_GET("'querystring':^null"),
          "member.type querystring @1" },
        { L_VREQ, GET, L_GET("'headers':^[]"), "member.type headers @1" },
        { L_VREQ, GET, L_GET("'headers':^null"), "member.type headers @1" },
        { L_VREQ, GET, L_GET("'body':^'x'"), "body.type body @1" },
        { L_VREQ, L_GET("'clientIp':'192.0.2.1'"), L_GET("'clientIp':^5"),
          "member.type clientIp @1" },
        { L_OREQ, GET, L_GET("'origin':^'x'"), "member.type origin @1" },
        { L_VREQ, GET, L_200("'headers':^[]"), "member.type headers @1" },
        { L_VREQ, GET, L_200("'statusDescription':^200"), "member.type statusDescription @1" },
        { L_VREQ, GET, L_200("'bodyEncoding':^1,'body':'x'"), "member.type bodyEncoding @1" },
        { F_VREQ, GET, L_GET("'querystring':^[]"), "member.type querystring @1" },
        { F_VREQ, GET, L_GET("'cookies':^'a=1'"), "member.type cookies @1" },
        { F_VREQ, GET, L_GET("'headers':^[]"), "member.type headers @1" },
        { F_VREQ, GET, F_200("'statusDescription':^null"), "member.type statusDescription @1" },
        { L_VREQ, GET, L_200("'body':^{'data':'x','encoding':'text'}"), "body.type body @1" },
        { L_VREQ, GET, L_200("'body':^1"), "body.type body @1" },
        { L_ORES, OK200, L_200("'body':^null"), "body.type body @1" },
        { F_VREQ, GET, F_200("'body':^1"), "functions.body.type body @1" },
        { F_VREQ, GET, F_200("'body':'x'"), "" },
        { F_VREQ, GET, F_200("'body':{'encoding':'text','data':'x'}"), "" },
        { F_VREQ, GET, F_200("'body':{'encoding':'base64','data':'eA=='}"), "" },
        { L_VREQ, GET, "{'method':'GET','uri':'/',^'uri':'/'}", "member.duplicate uri @1" },
        { L_VREQ, GET, "{'status':'200',^'status':'200'}", "member.duplicate status @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'value':'1'}],^'x-a':[{'value':'1'}]}"),
          "member.duplicate x-a @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'value':'1'}],^'X-A':[{'value':'1'}]}"),
          "member.duplicate * @1" },
        { F_VREQ, GET, L_GET("'headers':{'x-a':{'value':'1'},^'x-a':{'value':'1'}}"),
          "member.duplicate x-a @1" },

        { L_VREQ, GET, L_GET("'headers':{'x-a':^'1'}"), "headers.array x-a @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':^{'value':'1'}}"), "headers.array x-a @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':^null,'x-b':^5}"),
          "headers.array x-a @1\nheaders.array x-b @2" },
        { L_ORES, OK200, L_200("'headers':{'x-a':^'1'}"), "headers.array x-a @1" },
        { L_OREQ, GET, L_200("'headers':{'location':^{'value':'/'}}"),
          "headers.array location @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[]}"), "" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[^'1']}"), "headers.entry x-a @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'value':^1}]}"), "headers.entry x-a @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'value':^null}]}"), "headers.entry x-a @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'key':'X-A'^}]}"), "headers.entry x-a @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'value':'1'},^null]}"), "headers.entry x-a @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'value':^['1','2']}]}"),
          "headers.value-list x-a @1" },
        { F_VREQ, GET, L_GET("'headers':{'x-a':^'1'}"), "headers.item x-a @1" },
        { F_VREQ, GET, L_GET("'headers':{'x-a':^[{'key':'X-A','value':'1'}]}"),
          "headers.item x-a @1" },
        { F_VREQ, GET, L_GET("'headers':{'x-a':{'value':^1}}"), "headers.item x-a @1" },
        { F_VREQ, GET, L_GET("'headers':{'x-a':{^}}"), "headers.item x-a @1" },
        { F_VREQ, GET, L_GET("'querystring':{'a':^'1'}"), "headers.item a @1" },
        { F_VREQ, GET, L_GET("'cookies':{'c':^'1'}"), "headers.item c @1" },
        { F_VREQ, GET, L_GET("'querystring':'a=1'"), "" },
        { F_VRES, F_OK200, F_200("'cookies':{'c':{'value':'1','attributes':'Path=/'}}"), "" },
        { F_VRES, F_OK200, F_200("'cookies':{'c':^'1; Path=/'}"), "headers.item c @1" },
        /* both spellings of multiValue: the rest is still parsed and checked */
        { F_VREQ, L_GET("'headers':{'host':{'value':'h'}}"),
          "{'headers':{'a':{'value':'1','multiValue':[{'value':'1'}],^'multivalue':[{'value':'1'}]},"
          "^'connection':{'value':'x'},^'host':{'value':'o'}},'method':^'POST','uri':^'x','querystring':{},'cookies':{}}",
          "member.duplicate a @1\nfunctions.header.disallowed connection @2\nfunctions.header.read-only.changed host @3\nmethod.changed method @4\nfunctions.uri.start uri @5" },
        { F_VREQ, L_GET("'headers':{'host':{'value':'h'}}"),
          "{'headers':{'a':{'multivalue':[{'value':'1'}],^'multiValue':5,'value':'1'},"
          "'host':{'value':'h'}},'method':'GET','uri':'/'}",
          "member.duplicate a @1" },
    };
    check_rows(rows, COUNT(rows));
}

/*--- headers that are not in the policy -----------------------------------------------------------------------------------*/

#define VIA2(a, b) "'headers':{'via':[{'key':'Via','value':'" a "'},{'key':'Via','value':'" b "'}]}"

TEST(headers)
{
    static const row rows[] = {
        { L_VREQ, L_GET(VIA2("a", "b")), L_GET(VIA2("a", "b")), "" },
        { L_VREQ, L_GET(VIA2("a", "b")),
          L_GET("'headers':{^'via':[{'key':'Via','value':'b'},{'key':'Via','value':'a'}]}"),
          "header.read-only.reordered via @1" },
        { L_VREQ, L_GET(VIA2("a", "b")), L_GET("'headers':{^'via':[{'key':'Via','value':'a'}]}"),
          "header.read-only.values via @1" },
        { L_VREQ, L_GET(VIA2("a", "b")),
          L_GET("'headers':{^'via':[{'key':'Via','value':'a'},{'key':'Via','value':'c'}]}"),
          "header.read-only.changed via @1" },
        { L_VREQ, L_GET(VIA2("a", "b")), L_GET("'headers':{^}"),
          "header.read-only.deleted via @1" },
        { L_VREQ, L_GET(VIA2("a", "b")), "{'method':'GET','uri':'/'^}",
          "header.read-only.deleted via @1" },
        { L_VREQ,
          L_GET(
              "'headers':{'via':[{'key':'Via','value':'a'}],'host':[{'key':'Host','value':'h'}]}"),
          L_GET(
              "'headers':{'host':[{'key':'Host','value':'h'}],'via':[{'key':'Via','value':'`u0061'}]}"),
          "" },
        { L_VREQ, L_GET("'headers':{'via':[{'key':'Via','value':'a'}]}"),
          L_GET("'headers':{^'via':[{'key':'Via','value':'A'}]}"),
          "header.read-only.changed via @1" },
        { L_VREQ, L_GET("'headers':{'via':[{'key':'Via','value':'a'}]}"),
          L_GET("'headers':{^'via':[{'key':'Via','value':''}]}"),
          "header.read-only.changed via @1" },
        { F_VREQ,
          L_GET("'headers':{'via':{'value':'a','multiValue':[{'value':'a'},{'value':'b'}]}}"),
          L_GET("'headers':{^'via':{'value':'b','multiValue':[{'value':'b'},{'value':'a'}]}}"),
          "functions.header.read-only.reordered via @1" },
        { F_VREQ, L_GET("'headers':{'via':{'value':'a'}}"), L_GET("'headers':{^}"),
          "functions.header.read-only.deleted via @1" },
        { F_VREQ, L_GET("'headers':{'via':{'value':'a'}}"), "{'method':'GET','uri':'/'^}",
          "functions.header.read-only.deleted via @1" },
        /* responses are not compared with the request */
        { L_VREQ, L_GET(VIA2("a", "b")), OK200, "" },
        { L_VREQ, L_GET(VIA2("a", "b")), L_200("'headers':{^'via':[{'value':'a'}]}"),
          "header.read-only.added via @1" },
        { L_OREQ, GET, L_200("'headers':{^'content-length':[{'value':'1'}]}"),
          "header.read-only.added content-length @1" },
        { L_ORES,
          L_200(
              "'headers':{'transfer-encoding':[{'key':'Transfer-Encoding','value':'chunked'}],'server':[{'value':'s'}]}"),
          "{'status':'404','headers':{^},'body':'x'}",
          "header.read-only.deleted transfer-encoding @1" },
        { F_VREQ, GET, F_200("'headers':{^'content-length':{'value':'1'}}"),
          "functions.content-length content-length @1" },
        /* names and values */
        { L_VREQ, GET, L_GET("'headers':{^'x a':[{'value':'1'}]}"), "header.name x%20a @1" },
        { L_VREQ, GET, L_GET("'headers':{^'':[{'value':'1'}]}"), "header.name * @1" },
        { L_VREQ, GET, L_GET("'headers':{^'x:a':[{'value':'1'}]}"), "header.name x:a @1" },
        { L_VREQ, GET, L_GET("'headers':{^'\xc3\xa9':[{'value':'1'}]}"),
          "header.name \xc3\xa9 @1" },
        { F_VREQ, GET, L_GET("'headers':{^'x(a)':{'value':'1'}}"), "header.name x(a) @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'value':^'a`rb'}]}"),
          "header.value x-a @1 #0:13" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'value':^'a`nb'},{'value':^'`u0000'}]}"),
          "header.value x-a @1 #0:10\nheader.value x-a @2" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'value':^'`u007f'}]}"),
          "header.value x-a @1 #0:127" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'value':'a`tb'}],'x-b':[{'value':'\xc3\xa9'}]}"),
          "" },
        { L_ORES, OK200, L_200("'headers':{'location':[{'value':^'/a`r`nSet-Cookie: x'}]}"),
          "header.value location @1 #0:13" },
        { F_VREQ, GET, F_200("'headers':{'location':{'value':^'/a`r`nb'}}"),
          "functions.header.value location @1 #0:13" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'key':^'X-B','value':'1'}]}"),
          "header.key x-a @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'key':'X-A','value':'1'}]}"), "" },
        { L_VREQ, GET, L_GET("'headers':{^'X-A':[{'key':'x-a','value':'1'}]}"),
          "header.case * @1" },
        { L_VREQ, GET, L_GET("'headers':{^'X-EDGE-Foo':[{'value':'1'}]}"),
          "header.case * @1\nheader.disallowed * @1" },
        { L_VREQ, GET, L_200("'headers':{^'Location':[{'value':'/'}]}"), "header.case * @1" },
        { F_VREQ, GET, F_200("'headers':{^'Location':{'value':'/'}}"),
          "functions.header.case * @1" },
        { F_VREQ, GET, L_GET("'headers':{^'X-A':{'value':'1'}}"), "functions.header.case * @1" },
        { F_VRES, F_OK200, F_200("'headers':{^'Cache-Control':{'value':'no-store'}}"),
          "functions.header.case * @1" },
        { F_VRES, F_OK200, F_200("'headers':{^'set-cookie':{'value':'a=1'}}"),
          "functions.header.cookie set-cookie @1" },
    /* CloudFront Functions: a changed multiValue wins; otherwise a changed value replaces the
       first */
#define VIA_F(value, a, b)                                                                         \
  "'via':{'value':'" value "','multiValue':[{'value':'" a "'},{'value':'" b "'}]}"
        { F_VREQ, L_GET("'headers':{" VIA_F("a", "a", "b") "}"),
          L_GET("'headers':{" VIA_F("a", "a", "b") "}"), "" },
        { F_VREQ, L_GET("'headers':{" VIA_F("a", "a", "b") "}"),
          L_GET("'headers':{^" VIA_F("x", "a", "b") "}"),
          "functions.header.read-only.changed via @1" },
        { F_VREQ, L_GET("'headers':{" VIA_F("a", "a", "b") "}"),
          L_GET("'headers':{^" VIA_F("a", "a", "c") "}"),
          "functions.header.read-only.changed via @1" },
        { F_VREQ, L_GET("'headers':{" VIA_F("a", "a", "b") "}"),
          L_GET("'headers':{^'via':{'value':'a'}}"), "functions.header.read-only.values via @1" },
        { F_VREQ, GET,
          L_GET("'headers':{'x-a':{'value':'1','multiValue':[{'value':'1'},{'value':^2}]}}"),
          "headers.item x-a @1" },
        { F_VREQ, GET, L_GET("'querystring':{'a':{'value':^'1#'}}"), "query.characters a @1" },
        { F_VREQ, L_GET("'querystring':{'a':{'value':'1#'}}"),
          L_GET("'querystring':{'a':{'value':'1#'},'b':{'value':'2'}}"), "" },
        { F_VREQ, GET, L_GET("'cookies':{'a':{'value':'1'},'b':{'value':''}}"), "" },
        { F_VREQ, L_GET("'cookies':{'a b':{'value':'1'}}"),
          L_GET("'cookies':{'a b':{'value':'1'},'b':{'value':'2'}}"), "" },
        /* if multiValue comes first, escapes are still decoded in all of it */
        { F_VREQ,
          L_GET(
              "'headers':{'via':{'multiValue':[{'value':'a'},{'value':'b`'c'}],'value':'`u0061'}}"),
          L_GET(
              "'headers':{'via':{'multiValue':[{'value':'a'},{'value':'b`'c'}],'value':'`u0061'}}"),
          "" },
        { F_VREQ, GET,
          L_GET("'headers':{'x':{'multiValue':[{'value':'b'},{'value':^'c`n'}],'value':'b'}}"),
          "functions.header.value x @1 #0:10" },
        { F_VREQ, GET,
          L_GET("'headers':{'x':{'value':'b','multiValue':[{'value':'b'},{'value':^'c`n'}]}}"),
          "functions.header.value x @1 #0:10" },
        /* some of several values were removed: the others count as received */
        { L_VREQ, L_GET("'headers':{'x-a':[{'value':'1'},{'value':'`u0001'}]}"),
          L_GET("'headers':{'x-a':[{'value':'`u0001'}]}"), "" },
        { L_VREQ, L_GET("'headers':{'x-a':[{'value':'1'},{'value':'`u0001'}]}"),
          L_GET("'headers':{'x-a':[{'value':'`u0001'},{'value':'2'}]}"), "" },
        { L_VREQ, L_GET("'headers':{'x-a':[{'value':'1'},{'value':'`u0001'}]}"),
          L_GET("'headers':{'x-a':[{'value':^'`u0002'}]}"), "header.value x-a @1 #0:2" },
        /* a header or query written anew from received cookies or parameters also counts as
           received */
        { L_VREQ, L_GET("'headers':{'cookie':[{'value':'a=`u0001; b=2'}]}"),
          L_GET("'headers':{'cookie':[{'value':'a=`u0001'}]}"), "" },
        { L_VREQ, L_GET("'headers':{'cookie':[{'value':'a=`u0001; b=2'}]}"),
          L_GET("'headers':{'cookie':[{'value':^'a=`u0002'}]}"), "header.value cookie @1 #0:2" },
        { L_VREQ, L_GET("'headers':{'x':[{'value':'a=`u0001; b=2'}]}"),
          L_GET("'headers':{'x':[{'value':^'a=`u0001'}]}"), "header.value x @1 #0:1" },
        { L_ORES, L_200("'headers':{'set-cookie':[{'value':'a=`u0001; Path=/'}]}"),
          L_200("'headers':{'set-cookie':[{'value':'a=`u0001; Path=/; Secure'}]}"), "" },
        { L_VREQ, L_GET("'querystring':'q=`u007f&u=1'"), L_GET("'querystring':'q=`u007f'"), "" },
        { L_VREQ, L_GET("'querystring':'q=`u007f&u=1'"), L_GET("'querystring':^'r=x`u007f'"),
          "query.characters querystring @1" },
        { L_VREQ, L_GET("'querystring':'q#&u=1'"), L_GET("'querystring':'u=1&q#=2'"), "" },
        { F_VREQ, L_GET("'cookies':{'a;b':{'value':'1'}}"),
          L_GET("'cookies':{'a;b':{'value':'2'}}"), "" },
        { F_VREQ, L_GET("'cookies':{'a;b':{'value':'1'}}"),
          L_GET("'cookies':{^'a;c':{'value':'2'}}"), "header.name a;c @1" },
        { F_VREQ, L_GET("'querystring':{'a#':{'value':'1'}}"),
          L_GET("'querystring':{'a#':{'value':'2'}}"), "" },
        { F_VRES, F_200("'cookies':{'a':{'value':'1`u0001','attributes':'x'}}"),
          F_200("'cookies':{'a':{'value':'1`u0001','attributes':'Secure'}}"), "" },
        /* escapes in names make no difference */
        { L_VREQ, L_GET("'headers':{'host':[{'key':'Host','value':'h'}]}"),
          L_GET("'head`u0065rs':{'h`u006fst':[{'k`u0065y':'H`u006fst','v`u0061lue':'`u0068'}]}"),
          "" },
        { L_VREQ, L_GET("'headers':{'h`u006fst':[{'key':'H`u006fst','value':'`u0068'}]}"),
          L_GET("'headers':{'host':[{'key':'Host','value':'h'}]}"), "" },
        { L_VREQ, GET, L_GET("'headers':{^'vi`u0061':[{'value':'1'}]}"),
          "header.read-only.added via @1" },
        { L_VREQ, GET, "{'st`u0061tus':'200','headers':{^'x-`u0063ache':[{'value':'1'}]}}",
          "header.disallowed x-cache @1" },
        { F_VREQ, GET, L_GET("'headers':{^'vi`u0061':{'value':'1'}}"),
          "functions.header.read-only.added via @1" },
        { F_VREQ, GET, L_GET("'headers':{^'Vi`u0062':{'value':'1'}}"),
          "functions.header.case * @1" },
        { L_VREQ, GET, "{'R`u0065cords':[^]}", "result.whole-event - @*" },
        /* several findings at once */
        { L_VREQ,
          L_GET(
              "'headers':{'host':[{'key':'Host','value':'h'}],'via':[{'key':'Via','value':'v'}]}"),
          "{'method':^'POST','uri':^'x','querystring':^'a b','headers':{^'connection':[{'value':'close'}],'x-a':[{'value':^'`n'}],^'host':[{'key':'Host','value':'i'}]^}}",
          "method.changed method @1\nuri.start uri @2\nquery.characters querystring @3\nheader.disallowed connection @4\nheader.value x-a @5 #0:10\nheader.read-only.changed host @6\n"
          "header.read-only.deleted via @7" },
        { L_VREQ, GET,
          "{'status':^'600','bodyEncoding':^'gzip','body':'x','headers':{^'via':[{'value':'v'}],^'x-cache':[{'value':'Hit'}]}}",
          "status.range status @1 #599:600\nbody.encoding bodyEncoding @2\nheader.read-only.added via @3\nheader.disallowed x-cache @4" },
    };
    static row changed[COUNT(rows)];
    memcpy(changed, rows, sizeof rows);
    /* the words of an expected finding are separated by spaces: * stands for this subject */
    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcmp(rows[i].findings, "header.name x%20a @1") == 0)
            changed[i].findings = "header.name * @1";
    check_rows(changed, COUNT(changed));
}

/*--- responses ------------------------------------------------------------------------------------------------------------*/

TEST(status)
{
    static const row rows[] = {
        { L_VREQ, GET, "{'status':^'199'}", "status.range status @1 #200:199" },
        { L_VREQ, GET, "{'status':'200'}", "" },
        { L_VREQ, GET, "{'status':'599'}", "" },
        { L_OREQ, GET, "{'status':^'600'}", "status.range status @1 #599:600" },
        { L_OREQ, GET, "{'status':^'100'}", "status.range status @1 #200:100" },
        { L_VREQ, GET, "{'status':^'abc'}", "status.range status @1 #*:0" },
        { L_VREQ, GET, "{'status':^''}", "status.range status @1 #*:0" },
        { L_VREQ, GET, "{'status':^'-200'}", "status.range status @1 #*:0" },
        { L_VREQ, GET, "{'status':^' 200'}", "status.range status @1 #*:0" },
        { L_VREQ, GET, "{'status':^'99999999999999999999999'}", "status.range status @1 #*:*" },
        { L_VREQ, GET, "{'status':^200}", "status.number status @1" },
        { L_VREQ, GET, "{'status':^600}",
          "status.number status @1\nstatus.range status @1 #599:600" },
        { L_ORES, "{'status':'404'}", "{'status':^200}", "status.number status @1" },
        { L_ORES, "{'status':404}", "{'status':404}", "" },
        { L_VREQ, GET, "{'status':^true}", "status.type status @1" },
        { L_VREQ, GET, "{'status':^null}", "status.type status @1" },
        { L_VREQ, GET, "{'status':^200.5}", "status.range status @1 #*:*" },
        { F_VREQ, GET, "{'statusCode':^'200'}", "status.type statusCode @1" },
        { F_VREQ, GET, "{'statusCode':^null}", "status.type statusCode @1" },
        { F_VREQ, GET, "{'statusCode':^199}", "status.range statusCode @1 #200:199" },
        { F_VREQ, GET, "{'statusCode':200}", "" },
        { F_VREQ, GET, "{'statusCode':599}", "" },
        { F_VREQ, GET, "{'statusCode':^600}", "status.range statusCode @1 #599:600" },
        { F_VRES, F_OK200, "{'statusCode':404}", "" },
        { L_ORES, "{'status':'404','statusDescription':'Not Found'}",
          "{'status':'200','statusDescription':'Fine'}", "" },
        { L_ORES, "{'status':'404'}", "{'status':^'099'}", "status.range status @1 #*:*" },
        { L_VRES, OK200, "{'status':^'404'}", "status.changed status @1" },
        { L_VRES, "{'status':'404','statusDescription':'Not Found'}",
          "{'status':'404','statusDescription':^'Gone'}",
          "status-text.changed statusDescription @1" },
        { L_VREQ, GET, L_200("'statusDescription':^'a`nb'"),
          "status-text.characters statusDescription @1" },
        { F_VREQ, GET, F_200("'statusDescription':^'a`u0000'"),
          "status-text.characters statusDescription @1" },
        { L_ORES, L_200("'statusDescription':'a`n'"), L_200("'statusDescription':'a`n','body':'x'"),
          "" },
        { L_VRES, OK200, L_200("'body':^'x'"), "body.viewer-response body @1" },
        { L_VREQ, GET, "{'status':'204','body':^'x'}", "body.with-204 body @1" },
        { L_VREQ, GET, "{'status':'204','body':''}", "" },
        { L_OREQ, GET, "{'status':'204','body':^'x'}", "body.with-204 body @1" },
        { L_ORES, OK200, "{'status':'204','body':^'x'}", "body.with-204 body @1" },
        { F_VREQ, GET, "{'statusCode':204,'body':^'x'}", "body.with-204 body @1" },
        { L_ORES, OK200, "{'status':'204'}", "" },
        { L_VREQ, GET, L_200("'body':'x','bodyEncoding':'text'"), "" },
        { L_VREQ, GET, L_200("'body':'eA==','bodyEncoding':'base64'"), "" },
        { L_VREQ, GET, L_200("'body':'x','bodyEncoding':'te`u0078t'"),
          "" }, /* escapes make no difference */
        { L_VREQ, GET, L_200("'body':'x','bodyEncoding':^'gzip'"),
          "body.encoding bodyEncoding @1" },
        { L_VREQ, GET, L_200("'body':'x','bodyEncoding':^'Base64'"),
          "body.encoding bodyEncoding @1" },
        { L_VREQ, GET, L_200("'body':^'x!','bodyEncoding':'base64'"), "body.base64 body @1" },
        { L_VREQ, GET, L_200("'body':^'eA=','bodyEncoding':'base64'"), "body.base64 body @1" },
        { F_VREQ, GET, F_200("'body':^{'data':'x!','encoding':'base64'}"), "body.base64 body @1" },
        { F_VREQ, GET, F_200("'body':^{'data':'x','encoding':'gzip'}"), "body.encoding * @1" },
    };
    check_rows(rows, COUNT(rows));
}

/* Each limit: one less, exactly, one more. <a*N> in a row stands for N letters. */
TEST(sizes)
{
    static const row rows[] = {
        { L_VREQ, GET, L_200("'body':'<a*40000>'"), "" },
        { L_VREQ, GET, L_200("'body':^'<a*40001>'"), "response.size.close * @1 #40000:40001" },
        { L_VREQ, GET, L_200("'body':^'<a*40960>'"), "response.size.close * @1 #40000:40960" },
        { L_VREQ, GET, L_200("'body':^'<a*40961>'"), "response.size * @1 #40960:40961" },
        { L_VREQ, GET, L_200("'headers':{'x-a':[{'key':'X-A','value':'1'}]},'body':^'<a*40957>'"),
          "response.size * @1 #40960:40961" }, /* 3 + 1 + 40957 */
        { L_VREQ, GET, L_200("'headers':{'x-a':[{'key':'X-A','value':'1'}]},'body':^'<a*40956>'"),
          "response.size.close * @1 #40000:40960" },
        { L_VREQ, GET,
          L_200("'headers':{'x-a':[{'value':'1'},{'value':'22'}]},'body':^'<a*40951>'"),
          "response.size.close * @1 #40000:40960" }, /* the name counts twice */
        { L_VREQ, GET,
          L_200("'headers':{'x-a':[{'value':'1'},{'value':'22'}]},'body':^'<a*40952>'"),
          "response.size * @1 #40960:40961" },
        { L_VREQ, GET, L_200("'body':^'\xc3\xa9<a*40959>'"),
          "response.size * @1 #40960:40961" }, /* counted in bytes */
        { L_VREQ, GET, L_200("'body':^'`u00e9`n<a*40957>'"),
          "response.size.close * @1 #40000:40960" }, /* escapes are not counted */
        { L_VREQ, GET, L_200("'statusDescription':'<a*9000>','body':'<a*32000>'"), "" },
        { L_VREQ, GET, L_200("'bodyEncoding':'base64','body':'<A*40000>'"),
          "" }, /* counted as written, not decoded */
        { L_VREQ, GET, L_200("'bodyEncoding':'base64','body':^'<A*40960>'"),
          "response.size.close * @1 #40000:40960" },
        { L_VREQ, GET, L_200("'bodyEncoding':'base64','body':^'<A*40964>'"),
          "response.size * @1 #40960:40964" },
        { L_VREQ, GET, "^" L_200("'headers':{'x-a':[{'value':'<a*40958>'}]}"),
          "response.size * @1 #40960:40961" },
        { L_VREQ, GET, " ^" L_200("'headers':{'x-a':[{'value':'<a*40958>'}]}"),
          "response.size * @1 #40960:40961" },
        { L_OREQ, GET, L_200("'body':'<a*1048575>'"), "" },
        { L_OREQ, GET, L_200("'body':'<a*1048576>'"), "" },
        { L_OREQ, GET, L_200("'body':^'<a*1048577>'"), "response.size * @1 #1048576:1048577" },
        { L_ORES, OK200, L_200("'body':'<a*1048576>'"), "" },
        { L_ORES, OK200, L_200("'body':^'<a*1048577>'"), "response.size * @1 #1048576:1048577" },
        { L_ORES, L_200("'headers':{'x-a':[{'value':'1'}]}"),
          L_200("'headers':{'x-a':[{'value':'1'}]},'body':^'<a*1048573>'"),
          "response.size * @1 #1048576:1048577" },
        { F_VREQ, GET, F_200("'body':'<a*40960>'"), "" },
        { F_VREQ, GET, F_200("'body':^'<a*40961>'"), "functions.body.size * @1 #40960:40961" },
        { F_VRES, F_OK200, F_200("'body':{'encoding':'text','data':'<a*40960>'}"), "" },
        { F_VRES, F_OK200, F_200("'body':^{'encoding':'text','data':'<a*40961>'}"),
          "functions.body.size * @1 #40960:40961" },
        { L_VREQ, GET, L_200("'body':^'<a*10485760>'"), "response.size * @1 #40960:10485760" },
        /* replaced request bodies: the decoded size counts */
        { L_VREQ, GET, L_GET("'body':{'action':'replace','encoding':'text','data':'<a*40000>'}"),
          "" },
        { L_VREQ, GET, L_GET("'body':{'action':'replace','encoding':'text','data':^'<a*40001>'}"),
          "body.size.close * @1 #40000:40001" },
        { L_VREQ, GET, L_GET("'body':{'action':'replace','encoding':'text','data':^'<a*40960>'}"),
          "body.size.close * @1 #40000:40960" },
        { L_VREQ, GET, L_GET("'body':{'action':'replace','encoding':'text','data':^'<a*40961>'}"),
          "body.size * @1 #40960:40961" },
        { L_VREQ, GET, L_GET("'body':{'action':'replace','encoding':'base64','data':'<A*54476>'}"),
          "" },
        { L_VREQ, GET, L_GET("'body':{'action':'replace','encoding':'base64','data':^'<A*54480>'}"),
          "body.size.close * @1 #54476:54480" },
        { L_VREQ, GET,
          L_GET("'body':{'action':'replace','encoding':'base64','data':^'<A*54614>=='}"),
          "body.size.close * @1 #54476:54616" }, /* 40,960 bytes */
        { L_VREQ, GET,
          L_GET("'body':{'action':'replace','encoding':'base64','data':^'<A*54615>='}"),
          "body.size * @1 #40960:40961" },
        { L_OREQ, GET, L_GET("'body':{'action':'replace','encoding':'text','data':'<a*1048576>'}"),
          "" },
        { L_OREQ, GET, L_GET("'body':{'action':'replace','encoding':'text','data':^'<a*1048577>'}"),
          "body.size * @1 #1048576:1048577" },
        { L_OREQ, GET,
          L_GET("'body':{'action':'replace','encoding':'base64','data':'<A*1398102>=='}"), "" },
        { L_OREQ, GET,
          L_GET("'body':{'action':'replace','encoding':'base64','data':^'<A*1398103>='}"),
          "body.size * @1 #1048576:1048577" },
    };
    check_rows(rows, COUNT(rows));
}

/*--- requests -------------------------------------------------------------------------------------------------------------*/

TEST(request)
{
    static const row rows[] = {
        { L_VREQ, GET, "{'method':^'POST','uri':'/'}", "method.changed method @1" },
        { F_VREQ, GET, "{'method':^'get','uri':'/'}", "method.changed method @1" },
        { L_VREQ, L_GET("'clientIp':'192.0.2.1'"), L_GET("'clientIp':^'192.0.2.2'"),
          "client-ip.changed clientIp @1" },
        { L_VREQ, L_GET("'clientIp':'192.0.2.1'"), L_GET("'clientIp':'192.0.2.1'"), "" },
        { L_VREQ, GET, "{'method':'GET','uri':^'x'}", "uri.start uri @1" },
        { L_VREQ, GET, "{'method':'GET','uri':^''}", "uri.start uri @1" },
        { F_VREQ, GET, "{'method':'GET','uri':^'index.html'}", "functions.uri.start uri @1" },
        { L_VREQ, GET, "{'method':'GET','uri':^'/a?b'}", "uri.characters uri @1" },
        { L_VREQ, GET, "{'method':'GET','uri':^'/a#b'}", "uri.characters uri @1" },
        { L_VREQ, GET, "{'method':'GET','uri':^'/a b'}", "uri.characters uri @1" },
        { L_VREQ, GET, "{'method':'GET','uri':^'/a`u0000'}", "uri.characters uri @1" },
        { F_VREQ, GET, "{'method':'GET','uri':^'/a`n'}", "functions.uri.characters uri @1" },
        { L_VREQ, GET, "{'method':'GET','uri':'/\xc3\xa9%20~'}", "" },
        { L_VREQ, GET, L_GET("'querystring':'a=1&b=%20&?'"), "" },
        { L_VREQ, GET, L_GET("'querystring':^'a b'"), "query.characters querystring @1" },
        { L_VREQ, GET, L_GET("'querystring':^'a#b'"), "query.characters querystring @1" },
        { L_VREQ, GET, L_GET("'querystring':^'a`u0001'"), "query.characters querystring @1" },
        { F_VREQ, GET, L_GET("'querystring':^'a b'"), "query.characters querystring @1" },
        { L_VREQ, GET, L_GET("'querystring':^'?a=1'"), "query.question-mark querystring @1" },
        { F_VREQ, L_GET("'querystring':{'b':{'value':'1'}}"), L_GET("'querystring':^'?b=1'"),
          "query.question-mark querystring @1" },
        { L_VREQ, GET, L_GET("'querystring':^'?a b'"), "query.characters querystring @1" },
        { L_VREQ, L_GET("'querystring':'?a=1'"), "{'method':'GET','uri':'/x','querystring':'?a=1'}",
          "" },
        { L_VREQ, GET, "{'method':'GET','uri':'/<a*8189>'}", "" },
        { L_VREQ, GET, "{'method':'GET','uri':'/<a*8190>'}", "" },
        { L_VREQ, GET, "{'method':'GET','uri':^'/<a*8191>'}", "uri.length * @1 #8191:8192" },
        { L_VREQ, GET, L_GET("'querystring':'<a*8189>'"), "" },
        { L_VREQ, GET, "{'method':'GET','uri':^'/','querystring':'<a*8190>'}",
          "uri.length * @1 #8191:8192" },
        { L_OREQ, GET, "{'method':'GET','uri':^'/<a*8190>','querystring':'a'}",
          "uri.length * @1 #8191:8193" },
        { F_VREQ, GET, "{'method':'GET','uri':^'/','querystring':'<a*8190>'}",
          "uri.length * @1 #8191:8192" },
        { F_VREQ, GET, "{'method':'GET','uri':'/','querystring':'<a*8189>'}", "" },
        { L_VREQ, "{'method':'GET','uri':'/<a*9000>'}",
          "{'method':'GET','uri':'/<a*9000>','querystring':''}", "" }, /* as received */
        { L_VREQ, GET, L_GET("'body':{'action':^'Replace','encoding':'text','data':'x'}"),
          "body.action action @1" },
        { L_VREQ, GET, L_GET("'body':{'action':'replace','encoding':^'gzip','data':'x'}"),
          "body.encoding encoding @1" },
        { L_VREQ, GET,
          L_GET("'body':{'action':'replace','encoding':'base64','data':^'plain text'}"),
          "body.base64 data @1" },
        { L_VREQ, GET, L_GET("'body':{'action':'replace','encoding':'text','data':'plain text'}"),
          "" },
        { L_VREQ,
          L_GET(
              "'body':{'action':'read-only','encoding':'base64','data':'eA==','inputTruncated':false}"),
          L_GET(
              "'body':{'action':'read-only','encoding':'base64','data':^'eQ==','inputTruncated':false}"),
          "body.ignored data @1" },
        { L_VREQ,
          L_GET(
              "'body':{'action':'read-only','encoding':'base64','data':'eA==','inputTruncated':false}"),
          L_GET(
              "'body':{'action':'replace','encoding':'base64','data':^'eA==','inputTruncated':false}"),
          "" },
    };
    check_rows(rows, COUNT(rows));
}

#define DOMX                                                                                       \
  "'domainName':'o.example','port':443,'protocol':'https','path':'','readTimeout':30,'keepaliveTimeout':5,'sslProtocols':['TLSv1.2']"
#define DOM                                                                                        \
  "'domainName':'o.example','port':443,'protocol':'https','path':'','readTimeout':30,'keepaliveTimeout':5,'sslProtocols':['TLSv1.2'],'customHeaders':{}"
#define NEW(domain, port, protocol, path, read, keep, tls, more)                                   \
  CUSTOM("'domainName':" domain ",'port':" port ",'protocol':" protocol ",'path':" path            \
         ",'readTimeout':" read ",'keepaliveTimeout':" keep ",'sslProtocols':" tls                 \
         ",'customHeaders':{" more "}")
#define D       "'o.example'"
#define PORT(p) NEW(D, p, "'https'", "''", "30", "5", "['TLSv1.2']", "")
#define DOMAIN(d)                                                                                  \
  "{'method':'GET','uri':'/','headers':{'host':[{'value':" d                                       \
  "}]},'origin':{'custom':{'domainName':^" d                                                       \
  ",'port':443,'protocol':'https','path':'','readTimeout':30,"                                     \
  "'keepaliveTimeout':5,'sslProtocols':['TLSv1.2'],'customHeaders':{}}}}"
#define PATH(p) NEW(D, "443", "'https'", p, "30", "5", "['TLSv1.2']", "")
#define READ(n) NEW(D, "443", "'https'", "''", n, "5", "['TLSv1.2']", "")
#define KEEP(n) NEW(D, "443", "'https'", "''", "30", n, "['TLSv1.2']", "")
#define DONE(n) CUSTOM(DOM ",'responseCompletionTimeout':" n)
#define HDR(h)  NEW(D, "443", "'https'", "''", "30", "5", "['TLSv1.2']", h)
#define BUCKET                                                                                     \
  "'domainName':'b.s3.amazonaws.com','path':'','authMethod':'none','region':'','customHeaders':{}"
#define TO_S3(domain, auth, region)                                                                \
  "{'method':'GET','uri':'/','headers':{'host':[{'value':" domain                                  \
  "}]},'origin':{'s3':{'domainName':^" domain ",'path':'','authMethod':^" auth region              \
  ",'customHeaders':{}^}}}"

TEST(origin)
{
    static const row rows[] = {
        { L_OREQ, CUSTOM(DOM), CUSTOM(DOM), "" },
        { L_OREQ, CUSTOM(DOM), L_GET("'origin':^{}"), "origin.kind * @1" },
        { L_OREQ, CUSTOM(DOM), L_GET("'origin':^{'custom':{" DOM "},'s3':{" BUCKET "}}"),
          "origin.kind * @1" },
        { L_OREQ, CUSTOM(DOM), PORT("^79"), "origin.port port @1 #*:79" },
        { L_OREQ, CUSTOM(DOM), PORT("80"), "" },
        { L_OREQ, CUSTOM(DOM), PORT("^81"), "origin.port port @1 #*:81" },
        { L_OREQ, CUSTOM(DOM), PORT("443"), "" },
        { L_OREQ, CUSTOM(DOM), PORT("^444"), "origin.port port @1 #*:444" },
        { L_OREQ, CUSTOM(DOM), PORT("^1023"), "origin.port port @1 #*:1023" },
        { L_OREQ, CUSTOM(DOM), PORT("1024"), "" },
        { L_OREQ, CUSTOM(DOM), PORT("65535"), "" },
        { L_OREQ, CUSTOM(DOM), PORT("^65536"), "origin.port port @1 #*:65536" },
        { L_OREQ, CUSTOM(DOM), PORT("^0"), "origin.port port @1 #*:0" },
        { L_OREQ, CUSTOM(DOM), PORT("^'443'"), "member.type port @1" },
        { L_OREQ, CUSTOM(DOM), READ("^0"), "origin.timeout readTimeout @1 #1:0" },
        { L_OREQ, CUSTOM(DOM), READ("1"), "" },
        { L_OREQ, CUSTOM(DOM), READ("120"), "" },
        { L_OREQ, CUSTOM(DOM), READ("^121"), "origin.timeout readTimeout @1 #120:121" },
        { L_OREQ, CUSTOM(DOM), KEEP("^0"), "origin.timeout keepaliveTimeout @1 #1:0" },
        { L_OREQ, CUSTOM(DOM), KEEP("1"), "" },
        { L_OREQ, CUSTOM(DOM), KEEP("120"), "" },
        { L_OREQ, CUSTOM(DOM), KEEP("^121"), "origin.keepalive keepaliveTimeout @1 #120:121" },
        { L_OREQ, CUSTOM(DOM), DONE("0"), "" },
        { L_OREQ, CUSTOM(DOM), DONE("^29"),
          "origin.completion responseCompletionTimeout @1 #30:29" },
        { L_OREQ, CUSTOM(DOM), DONE("30"), "" },
        { L_OREQ, CUSTOM(DOM), DONE("31"), "" },
        { L_OREQ, CUSTOM(DOM), DOMAIN("'n.example'"), "" },
        { L_OREQ, CUSTOM(DOM), DOMAIN("'<a*63>.<a*63>.<a*63>.<a*61>'"), "" }, /* 253 */
        { L_OREQ, CUSTOM(DOM), DOMAIN("'<a*63>.<a*63>.<a*63>.<a*62>'"),
          "origin.domain domainName @1" }, /* 254 */
        { L_OREQ, CUSTOM(DOM), DOMAIN("'a:80'"), "origin.domain domainName @1" },
        { L_OREQ, CUSTOM(DOM), DOMAIN("'10.0.0.1'"), "origin.domain domainName @1" },
        { L_OREQ, CUSTOM(DOM), DOMAIN("'[::1]'"), "origin.domain domainName @1" },
        { L_OREQ, CUSTOM(DOM), DOMAIN("''"), "origin.domain domainName @1" },
        { L_OREQ, CUSTOM(DOM),
          NEW("^'n.example'", "443", "'https'", "''", "30", "5", "['TLSv1.2']", ""),
          "origin.host * @1" },
        { L_OREQ, CUSTOM(DOM), PATH("'/a'"), "" },
        { L_OREQ, CUSTOM(DOM), PATH("^'/a/'"), "origin.path path @1" },
        { L_OREQ, CUSTOM(DOM), PATH("^'a'"), "origin.path path @1" },
        { L_OREQ, CUSTOM(DOM), PATH("^'/'"), "origin.path path @1" },
        { L_OREQ, CUSTOM(DOM), PATH("'/<a*254>'"), "" },
        { L_OREQ, CUSTOM(DOM), PATH("^'/<a*255>'"), "origin.path path @1" },
        { L_OREQ, CUSTOM(DOM), NEW(D, "443", "^'ftp'", "''", "30", "5", "['TLSv1.2']", ""),
          "origin.protocol protocol @1" },
        { L_OREQ, CUSTOM(DOM), NEW(D, "443", "'`u0068ttp'", "''", "30", "5", "['TLSv1.2']", ""),
          "" },
        { L_OREQ, CUSTOM(DOM), NEW(D, "443", "^'HTTPS'", "''", "30", "5", "['TLSv1.2']", ""),
          "origin.protocol protocol @1" },
        { L_OREQ, CUSTOM(DOM), NEW(D, "443", "'http'", "''", "30", "5", "['TLSv1.2']", ""), "" },
        { L_OREQ, CUSTOM(DOM),
          NEW(D, "443", "'https'", "''", "30", "5", "['TLSv1.2',^'TLSv1.3']", ""),
          "origin.tls sslProtocols @*" },
        { L_OREQ, CUSTOM(DOM),
          NEW(D, "443", "'https'", "''", "30", "5", "['TLSv1','TLSv1.1','SSLv3']", ""), "" },
        { L_OREQ, CUSTOM(DOM), TO_S3("'b.s3.amazonaws.com'", "'none'", ",'region':''"), "" },
        { L_OREQ, CUSTOM(DOM), TO_S3("'b.s3.amazonaws.com'", "'none'", ""), "" },
        { L_OREQ, CUSTOM(DOM), TO_S3("'B.s3.amazonaws.com'", "'none'", ""),
          "origin.domain domainName @1" },
        { L_OREQ, CUSTOM(DOM), TO_S3("'<b*63>.<b*64>'", "'none'", ""), "" }, /* 128 */
        { L_OREQ, CUSTOM(DOM), TO_S3("'<b*63>.<b*63>.b'", "'none'", ""),
          "origin.domain domainName @1" }, /* 129 */
        { L_OREQ, CUSTOM(DOM), TO_S3("'b.s3.amazonaws.com'", "'origin-access-control'", ""),
          "origin.auth-method authMethod @2" },
        { L_OREQ, CUSTOM(DOM),
          TO_S3("'b.s3.amazonaws.com'", "'origin-access-identity'", ",'region':'eu-west-1'"),
          "origin.identity authMethod @2" },
        { L_OREQ, CUSTOM(DOM),
          TO_S3("'b.s3.amazonaws.com'", "'origin-access-identity'", ",'region':''"),
          "origin.identity authMethod @2" }, /* AWS's example */
        { L_OREQ, CUSTOM(DOM), TO_S3("'b.s3-website-us-east-1.amazonaws.com'", "'none'", ""),
          "origin.website domainName @1" },
        { L_OREQ, CUSTOM(DOM), TO_S3("'b.s3-website.eu-central-1.amazonaws.com'", "'none'", ""),
          "origin.website domainName @1" },
        { L_OREQ, CUSTOM(DOM), TO_S3("'s3-website.s3.eu-central-1.amazonaws.com'", "'none'", ""),
          "" },
        { L_OREQ,
          S3("'domainName':'a.s3.amazonaws.com','path':'','authMethod':'origin-access-identity','region':'eu-west-1','customHeaders':{}"),
          TO_S3("'b.s3.amazonaws.com'", "'origin-access-identity'", ",'region':'eu-west-1'"), "" },
        { L_OREQ,
          S3("'domainName':'a.s3.amazonaws.com','path':'','authMethod':'origin-access-identity','region':'eu-west-1','customHeaders':{}"),
          TO_S3("'b.s3.amazonaws.com'", "'origin-access-identity'", ",'region':^''"),
          "origin.region region @3" },
        { L_OREQ,
          S3("'domainName':'a.s3.amazonaws.com','path':'','authMethod':'origin-access-identity','region':'eu-west-1','customHeaders':{}"),
          TO_S3("'b.s3.amazonaws.com'", "'origin-access-identity'", ""),
          "origin.region region @*" },
        { L_OREQ, CUSTOM(DOM),
          CUSTOM(
              "'port':443,'protocol':'https','path':'','readTimeout':30,'keepaliveTimeout':5,'sslProtocols':['TLSv1.2']^"),
          "member.missing domainName @1" },
        { L_OREQ, S3(BUCKET), L_GET("'origin':{'s3':{'path':'','authMethod':'none'^}}"),
          "member.missing domainName @1" },
        { L_OREQ, S3(BUCKET), L_GET("'origin':{'s3':{'path':''^}}"),
          "member.missing domainName @1\norigin.member.missing authMethod @1" },
        { L_OREQ, CUSTOM(DOM), GET, "" },
        /* two types of origin: the received one counts, wherever it is; without one, custom */
        { L_OREQ, CUSTOM(DOM), "{'method':'GET','uri':'/','origin':^{'s3':{},'custom':{" DOM "}}}",
          "origin.kind origin @1" },
        { L_OREQ, CUSTOM(DOM), "{'method':'GET','uri':'/','origin':^{'custom':{" DOM "},'s3':{}}}",
          "origin.kind origin @1" },
        /* custom headers */
        { L_OREQ,
          CUSTOM(
              "'customHeaders':{'via':[{'value':'1'},{'value':'2'}],'x-q':[{'value':'1'},{'value':'2'}]}," DOMX),
          CUSTOM("'customHeaders':{'via':[{'value':'2'}],'x-q':[{'value':'2'}]}," DOMX), "" },
        { L_OREQ, CUSTOM(DOM), HDR("'x-key':[{'key':'X-Key','value':'1'}]"), "" },
        { L_OREQ, CUSTOM(DOM), HDR("^'<x*256>':[{'value':'1'}]"), "" },
        { L_OREQ, CUSTOM(DOM), HDR("^'<x*257>':[{'value':'1'}]"),
          "origin.header.size * @1 #256:257" },
        { L_OREQ, CUSTOM(DOM), HDR("'x-key':[{'value':'<v*1783>'}]"), "" },
        { L_OREQ, CUSTOM(DOM), HDR("'x-key':[{'value':^'<v*1784>'}]"),
          "origin.header.size x-key @1 #1783:1784" },
        { L_OREQ, CUSTOM(DOM),
          HDR("'a':[{'value':'<v*1699>'}],'b':[{'value':'<v*1699>'}],'c':[{'value':'<v*1699>'}],'d':[{'value':'<v*1699>'}],'e':[{'value':'<v*1699>'}],"
              "'f':[{'value':'<v*1699>'}],'g':[{'value':'<v*39>'}]"),
          "" }, /* 6 * 1700 + 40 */
        { L_OREQ, CUSTOM(DOM),
          HDR("'a':[{'value':'<v*1699>'}],'b':[{'value':'<v*1699>'}],'c':[{'value':'<v*1699>'}],'d':[{'value':'<v*1699>'}],'e':[{'value':'<v*1699>'}],"
              "'f':[{'value':'<v*1699>'}],'g':[{'value':'<v*40>'}]"),
          "origin.header.size * @* #10240:10241" },
        { L_OREQ, CUSTOM(DOM), HDR("'x-key':^'1'"), "headers.array x-key @1" },
        { L_OREQ, CUSTOM(DOM),
          "{'method':'GET','uri':'/','headers':{'x-key':[{'value':'2'}]},'origin':{'custom':{'domainName':'o.example','port':443,'protocol':'https','path':'','readTimeout':30,"
          "'keepaliveTimeout':5,'sslProtocols':['TLSv1.2'],'customHeaders':{^'x-key':[{'value':'1'}]}}}}",
          "origin.header.clash x-key @1" },
        { L_OREQ, CUSTOM(DOM), TO_S3("'b.s3.amazonaws.com'", "'none'", ",'readTimeout':120"), "" },
        { L_OREQ, CUSTOM(DOM), TO_S3("'b.s3.amazonaws.com'", "'none'", ",'readTimeout':^121"),
          "origin.timeout readTimeout @3 #120:121" },
    };
    check_rows(rows, COUNT(rows));
    static const row members[] = {
        /* members of the other type of origin */
        { L_OREQ, CUSTOM(DOM), TO_S3("'b.s3.amazonaws.com'", "'none'", ",'port':^443"),
          "origin.member.foreign port @3" },
        { L_OREQ, CUSTOM(DOM), TO_S3("'b.s3.amazonaws.com'", "'none'", ",'protocol':^'https'"),
          "origin.member.foreign protocol @3" },
        { L_OREQ, S3(BUCKET), S3(BUCKET ",'keepaliveTimeout':^5,'sslProtocols':^['TLSv1.2']"),
          "origin.member.foreign keepaliveTimeout @1\norigin.member.foreign sslProtocols @2" },
        { L_OREQ, S3(BUCKET), S3(BUCKET ",'p`u006frt' : ^'x','ports':1,'Port':2"),
          "origin.member.foreign port @1" },
        { L_OREQ, CUSTOM(DOM), CUSTOM(DOM ",'region':^'','authMethod':^'none'"),
          "origin.member.foreign region @1\norigin.member.foreign authMethod @2" },
        { L_OREQ, GET, TO_S3("'b.s3.amazonaws.com'", "'none'", ",'port':^443"),
          "origin.member.foreign port @3" },
        { L_OREQ, S3(BUCKET ",'port':443"), S3(BUCKET ",'port':80,'readTimeout':9"), "" },
        { L_OREQ, S3(BUCKET ",'port':443"), DOMAIN("'o.example'"), "" },
        { L_OREQ, CUSTOM(DOM ",'region':'x'"),
          TO_S3("'b.s3.amazonaws.com'", "'none'", ",'port':^443"),
          "origin.member.foreign port @3" },
        /* missing members */
        { L_OREQ, CUSTOM(DOM),
          CUSTOM(
              "'domainName':'o.example','protocol':'https','path':'','readTimeout':30,'keepaliveTimeout':5,'sslProtocols':['TLSv1.2']^"),
          "origin.member.missing port @1" },
        { L_OREQ, CUSTOM(DOM),
          CUSTOM(
              "'domainName':'o.example','port':443,'path':'','readTimeout':30,'keepaliveTimeout':5,'sslProtocols':['TLSv1.2']^"),
          "origin.member.missing protocol @1" },
        { L_OREQ, CUSTOM(DOM),
          CUSTOM(
              "'domainName':'o.example','port':443,'protocol':'https','readTimeout':30,'keepaliveTimeout':5,'sslProtocols':['TLSv1.2']^"),
          "origin.member.missing path @1" },
        { L_OREQ, CUSTOM(DOM),
          CUSTOM(
              "'domainName':'o.example','port':443,'protocol':'https','path':'','keepaliveTimeout':5,'sslProtocols':['TLSv1.2']^"),
          "origin.member.missing readTimeout @1" },
        { L_OREQ, CUSTOM(DOM),
          CUSTOM(
              "'domainName':'o.example','port':443,'protocol':'https','path':'','readTimeout':30^"),
          "origin.member.missing keepaliveTimeout @1\norigin.member.missing sslProtocols @1" },
        { L_OREQ, CUSTOM(DOM ",'responseCompletionTimeout':60"), CUSTOM(DOM),
          "" }, /* AWS documents no limit */
        { L_OREQ, CUSTOM("'domainName':'o.example','port':443"),
          CUSTOM("'domainName':'o.example','port':80"), "" },
        { L_OREQ, CUSTOM("'domainName':'o.example','port':443"),
          CUSTOM("'domainName':'o.example'^"), "origin.member.missing port @1" },
        { L_OREQ, S3(BUCKET ",'readTimeout':9"),
          S3("'domainName':'b.s3.amazonaws.com','path':'','authMethod':'none'"), "" },
        { L_OREQ, S3(BUCKET), S3("'domainName':'b.s3.amazonaws.com'^"),
          "origin.member.missing authMethod @1\norigin.member.missing path @1" },
        { L_OREQ, CUSTOM(DOM),
          "{'method':'GET','uri':'/','headers':{'host':[{'value':'b'}]},'origin':{'s3':{'domainName':'b','path':''^}}}",
          "origin.member.missing authMethod @1" },
    };
    check_rows(members, COUNT(members));

    static const char *const denied[] = {
        "cache-control", "connection", "content-length", "cookie", "host", "if-match",
        "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "max-forwards",
        "pragma", "proxy-authenticate", "proxy-authorization", "proxy-connection", "range",
        "request-range", "te", "trailer", "transfer-encoding", "upgrade", "via", "x-real-ip",
        "x-amz-", "x-amz-date", "x-amz-meta-a", "x-edge-", "x-edge-a", "x-amz-cf-id",
        /* disallowed in every event type */
        "expect", "keep-alive", "x-accel-redirect", "x-amzn-requestid", "x-cache",
        "x-forwarded-proto", "client-cert"
    };
    static const char *const fine[] = {
        "authorization", "x-forwarded-host", "x-amzn-foo", "x-amz",        "if",
        "origin",        "x-api-key",        "accept",     "cache-status", "hosts"
    };
    for (size_t i = 0; i < COUNT(denied) + COUNT(fine); i++) {
        const char *name = i < COUNT(denied) ? denied[i] : fine[i - COUNT(denied)];
        char part[2000], want[100];
        ROW("custom header %s", name);
        snprintf(part, sizeof part, HDR("%s%s%s"), "^'", name, "':[{'value':'1'}]");
        snprintf(want, sizeof want, "origin.header.denied %s @1", name);
        check_row(frame(L_OREQ, CUSTOM(DOM), NULL), part, i < COUNT(denied) ? want : "");
    }
}

/*--- received events ------------------------------------------------------------------------------------------------------*/

static void received_passes(edgefn_str json)
{
    edgefn_event ev;
    edgefn_finding f[64];
    if (!open_for(&ev, json, json.len)) return;
    edgefn_str pass = edgefn_passthrough(&ev), none = { NULL, 0 };
    size_t count = checked(&ev, pass, f);
    if (!CHECK_NUM(count, 0)) show_findings(f, count, "", NULL);
    count = checked(&ev, none, f);
    if (!CHECK_NUM(count, 0)) show_findings(f, count, "", NULL);
    CHECK_NUM(edgefn_sanitize(&ev, f, 64), 0);
    edgefn_write_opts strict = { .strict = true };
    CHECK(edgefn_finish(&ev, &strict).ptr == pass.ptr);

    /* the same with an additional member, so that the texts are not simply equal */
    char *more = (char *)test_own(malloc(pass.len + 40));
    int n = sprintf(more, "{ \"x-unknown\" : [1] , %.*s", (int)(pass.len - 1), pass.ptr + 1);
    edgefn_str other = { more, (size_t)n };
    count = checked(&ev, other, f);
    if (!CHECK_NUM(count, 0))
        show_findings(f, count, "", NULL), test_show("result ", edgefn_str_take(other, 300));
}

TEST(received)
{
    static const struct {
        const char *frame, *part;
    } odd[] = {
        { L_VREQ,
          L_GET(
              "'headers':{'connection':[{'key':'Connection','value':'close'}],'x-edge-foo':[{'value':'1'}]}") },
        { L_VREQ, L_GET("'headers':{'cloudfront-viewer-country':[{'value':'DE'}]}") },
        { L_VREQ, L_GET("'headers':{'X-A':[{'value':'1'}],'x-b':[{'key':'X-C','value':'1'}]}") },
        { L_VREQ, L_GET("'headers':{'x-a':[{'value':'a`r`nb'}],'x-b':[{'value':'`u0000'}]}") },
        { L_VREQ, L_GET("'headers':{'x a':[{'value':'1'}],'':[{'value':'1'}]}") },
        { L_VREQ,
          L_GET(
              "'headers':{'via':[{'value':'1'},{'key':'VIA','value':'2'}],'host':[{'value':'1'}]}") },
        { L_VREQ, "{'method':'GET','uri':'/<a*9000>'}" },
        { L_VREQ, "{'method':'GET','uri':'no slash? #','querystring':'?a b#'}" },
        { L_VREQ, "{'method':'get it','uri':'','querystring':'<a*9000>','clientIp':'nobody'}" },
        { L_VREQ,
          L_GET(
              "'body':{'action':'read-only','encoding':'base64','data':'!!','inputTruncated':true}") },
        { L_VREQ,
          L_GET(
              "'body':{'action':'replace','encoding':'base64','data':'!!','inputTruncated':true}") },
        { L_VREQ, L_GET("'body':{'action':'replace','encoding':'text','data':'<a*50000>'}") },
        { L_VREQ, L_GET("'body':{}") },
        { L_OREQ,
          CUSTOM(
              "'domainName':'10.0.0.1','port':79,'path':'a/','readTimeout':0,'keepaliveTimeout':500,'responseCompletionTimeout':1") },
        { L_OREQ,
          CUSTOM(
              "'domainName':'o.example','customHeaders':{'host':[{'value':'1'}],'x-amz-a':[{'value':'<v*2000>'}],'<n*300>':[{'value':'1'}]}") },
        { L_OREQ,
          "{'method':'GET','uri':'/','headers':{'x-key':[{'value':'2'}]},'origin':{'custom':{'domainName':'o.example','customHeaders':{'x-key':[{'value':'1'}]}}}}" },
        { L_OREQ, S3("'domainName':'B.S3','authMethod':'something','region':''") },
        { L_OREQ, S3("'domainName':'b','authMethod':'origin-access-identity'") },
        { L_ORES, "{'status':200}" },
        { L_ORES, "{'status':'204','body':'x'}" },
        { L_ORES,
          L_200(
              "'headers':{'connection':[{'value':'close'}],'x-cache':[{'value':'Hit'}],'content-length':[{'value':'5'}]}") },
        { L_ORES, L_200("'body':'<a*1100000>'") },
        { L_ORES, L_200("'body':'x!','bodyEncoding':'base64'") },
        { L_VRES, L_200("'body':'x!','bodyEncoding':'base64'") },
        { L_VRES, L_200("'body':'x','bodyEncoding':'text'") },
        { L_VRES, "{'status':'204','body':'x','bodyEncoding':'text'}" },
        { F_VRES, F_200("'body':{'encoding':'base64','data':'x!'}") },
        { F_VRES, "{'statusCode':204,'body':{'encoding':'text','data':'x'}}" },
        { L_VRES, L_200("'body':'<a*50000>','statusDescription':'OK'") },
        { F_VREQ,
          L_GET(
              "'headers':{'cookie':{'value':'a=1'},'connection':{'value':'close'},'X-A':{'value':'1'},'via':{'value':'1'}}") },
        { F_VREQ, L_GET("'querystring':'a b#'") },
        { F_VRES,
          F_200(
              "'headers':{'set-cookie':{'value':'a=1'},'Content-Length':{'value':'5'},'x a':{'value':'`n'}}") },
        { F_VRES, F_200("'body':'<a*50000>'") },
    };
    for (const char *const *p = event_files(); *p; p++) {
        ROW("%s", *p);
        received_passes(slurp(*p));
    }
    for (size_t i = 0; i < COUNT(odd); i++) {
        ROW("%zu: %.200s", i, odd[i].part);
        const char *hole = strchr(odd[i].frame, '@');
        char *text = (char *)test_own(malloc(strlen(odd[i].frame) + strlen(odd[i].part)));
        sprintf(text, "%.*s%s%s", (int)(hole - odd[i].frame), odd[i].frame, odd[i].part, hole + 1);
        received_passes(marked_of(text).text);
    }
}

/*--- finish and check -----------------------------------------------------------------------------------------------------*/

/* Returns "rule subject" for each finding, sorted, one per line. */
static const char *rules_text(const edgefn_finding *f, size_t count, bool *refused)
{
    static char text[2][64 * 200], lines[64][200];
    static int turn;
    char *to = text[turn ^= 1];
    size_t n = 0;
    *refused = false;
    for (size_t i = 0; i < count; i++) {
        *refused |= f[i].rule->confidence != EDGEFN_CONFIDENCE_DOUBTFUL;
        snprintf(lines[i], sizeof lines[i], "%s %.*s", f[i].rule->id,
                 (int)(f[i].subject.len < 100 ? f[i].subject.len : 100),
                 f[i].subject.ptr ? f[i].subject.ptr : "-");
    }
    qsort(lines, count, sizeof lines[0], kit_by_text);
    for (size_t i = 0; i < count; i++)
        n += (size_t)sprintf(to + n, "%s\n", lines[i]);
    to[n] = 0;
    return to;
}

#define H3                                                                                         \
  "'headers':{'host':[{'key':'Host','value':'h'}],'via':[{'key':'Via','value':'v'}],'x-a':[{'key':'X-A','value':'1'}]}"
#define RH3                                                                                        \
  "'headers':{'transfer-encoding':[{'key':'Transfer-Encoding','value':'chunked'}],'via':[{'key':'Via','value':'v'}],'content-length':[{'value':'5'}],'x-a':[{'value':'1'}]}"
#define FH3 "'headers':{'host':{'value':'h'},'via':{'value':'v'},'x-a':{'value':'1'}}"

TEST(agree)
{
    static const struct {
        const char *frame, *part, *script, *rules;
    } rows[] = {
        { L_VREQ, L_GET(H3), "set h x-a 2", "" },
        { L_VREQ, L_GET(H3), "set h host other", "header.read-only.changed host\n" },
        { L_VREQ, L_GET(H3), "remove h via", "header.read-only.deleted via\n" },
        { L_VREQ, L_GET(H3), "add h via w", "header.read-only.values via\n" },
        { L_VREQ, L_GET(H3), "set h content-length 7", "header.read-only.added content-length\n" },
        { L_VREQ, L_GET(H3), "remove h via\nadd h via v", "" },
        { L_VREQ, L_GET(H3), "set h connection close\nset h X-Edge-A 1",
          "header.disallowed connection\nheader.disallowed x-edge-a\n" },
        { L_VREQ, L_GET(H3), "set h host other\nremove h via\nset h x-cache Hit\nmethod= POST",
          "header.disallowed x-cache\nheader.read-only.changed host\nheader.read-only.deleted via\nmethod.changed method\n" },
        { L_VREQ, L_GET(H3), "keep_only h x-a",
          "header.read-only.deleted host\nheader.read-only.deleted via\n" },
        { L_VREQ, L_GET(H3), "sort h", "" },
        { L_VREQ, L_GET(H3), "set h cloudfront-viewer-country DE",
          "header.country.added cloudfront-viewer-country\n" },
        { L_VREQ, L_GET("'headers':{'cloudfront-viewer-country':[{'value':'US'}]}"),
          "set h cloudfront-viewer-country DE",
          "header.country.edited cloudfront-viewer-country\n" },
        { L_VREQ, L_GET("'headers':{'connection':[{'value':'close'}]}"), "remove h connection",
          "" },
        { L_VREQ, L_GET("'headers':{'connection':[{'value':'close'}]}"), "set h connection open",
          "header.disallowed connection\n" },
        { L_VREQ, GET, "method= POST", "method.changed method\n" },
        { L_VREQ, L_GET("'clientIp':'192.0.2.1'"), "client_ip= 192.0.2.2",
          "client-ip.changed clientIp\n" },
        { L_VREQ, GET, "respond 200 hello", "" },
        { L_VREQ, L_GET(H3), "respond 403", "" },
        { L_VREQ, GET, "respond 200 hello\nset rh via x", "header.read-only.added via\n" },
        { L_VREQ, GET, "respond 200 hello\nset rh content-length 5\nset rh x-real-ip 1",
          "header.disallowed x-real-ip\nheader.read-only.added content-length\n" },
        { L_VREQ, GET, "redirect_to 301 https://www.example.com/", "" },
        { L_OREQ, L_GET(H3), "set h host other", "" },
        { L_OREQ, L_GET(H3), "set h if-none-match x", "header.read-only.added if-none-match\n" },
        { L_OREQ, CUSTOM(DOM), "keepalive_s= 121", "origin.keepalive keepaliveTimeout\n" },
        { L_OREQ, CUSTOM(DOM), "set oh x-key 1", "" },
        { L_OREQ, CUSTOM(DOM), "set oh host 1\nset oh x-amz-date 1",
          "origin.header.denied host\norigin.header.denied x-amz-date\n" },
        { L_OREQ, CUSTOM(DOM), "set h x-key 1\nset oh x-key 2", "origin.header.clash x-key\n" },
        { L_OREQ, GET, "error_page 404", "" },
        { L_OREQ, GET, "error_page 404\nset rh content-length 5",
          "header.read-only.added content-length\n" },
        { L_ORES, L_200(RH3), "respond 404 gone", "" },
        { L_ORES, L_200(RH3),
          "remove rh transfer-encoding\nset rh content-length 7\nset rh keep-alive 1",
          "header.disallowed keep-alive\nheader.read-only.deleted transfer-encoding\n" },
        { L_ORES, L_200("'statusDescription':'OK'"), "status 204\nresponse.body.data= x",
          "body.with-204 body\n" },
        { L_VRES, L_200(RH3), "set rh x-a 2", "" },
        { L_VRES, L_200(RH3),
          "remove rh content-length\nset rh content-encoding br\nset rh warning 1",
          "header.read-only.added content-encoding\nheader.read-only.added warning\nheader.read-only.deleted content-length\n" },
        { F_VREQ, L_GET(FH3), "set h host other\nremove h via\nset h upgrade h2c",
          "functions.header.disallowed upgrade\nfunctions.header.read-only.changed host\nfunctions.header.read-only.deleted via\n" },
        { F_VREQ, L_GET(FH3), "add h via w", "functions.header.read-only.values via\n" },
        { F_VREQ, GET, "method= POST", "method.changed method\n" },
        { F_VREQ, GET, "set h cdn-loop x", "functions.header.read-only.added cdn-loop\n" },
        { F_VREQ, GET, "respond 200 hello\nset rh content-length 5",
          "functions.content-length content-length\n" },
        { F_VREQ, GET, "set c a 1\nset q b 2", "" },
        { L_VREQ, L_GET("'querystring':'?a=1&b=2'"), "remove q b",
          "query.question-mark querystring\n" },
        { F_VRES, F_200("'headers':{'via':{'value':'v'},'content-length':{'value':'5'}}"),
          "remove rh content-length\nstatus 404", "" },
        { F_VRES, F_200("'headers':{'via':{'value':'v'},'content-length':{'value':'5'}}"),
          "remove rh via\nset rh warning x",
          "functions.header.read-only.added warning\nfunctions.header.read-only.deleted via\n" },
    };
    static const edgefn_write_opts skip = { .skip_check = true }, strict = { .strict = true };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev, other;
        edgefn_finding f[64];
        bool refused = false, refused_text = false;
        edgefn_str json = frame(rows[i].frame, rows[i].part, NULL), none = { NULL, 0 };
        ROW("%zu: %.40s: %s", i, strstr(rows[i].frame, "eventType") + 12, rows[i].script);
        if (!OPEN(&ev, json) || !edit(&ev, rows[i].script)) continue;
        size_t count = checked(&ev, none, f);
        const char *ids = rules_text(f, count, &refused);
        CHECK_STR(edgefn_cstr(ids), rows[i].rules);
        edgefn_str text = edgefn_finish(&ev, &skip);
        if (!CHECK(text.ptr != NULL)) {
            kit_why(&ev);
            continue;
        }
        if (!open_for(&other, json, text.len)) continue;
        count = checked(&other, text, f);
        CHECK_STR(edgefn_cstr(rules_text(f, count, &refused_text)), ids);
        CHECK_NUM(refused_text, refused);

        edgefn_str out = edgefn_finish(&ev, NULL); /* the same event, now with the check */
        CHECK_NUM(out.ptr == NULL, refused);
        CHECK_NUM(ev.err.code, refused ? EDGEFN_E_CHECK : EDGEFN_OK);
        if (!OPEN(&other, json) || !edit(&other, rows[i].script)) continue;
        out = edgefn_finish(&other, &strict);
        CHECK_NUM(out.ptr == NULL, count != 0);
        CHECK_NUM(other.err.code, count != 0 ? EDGEFN_E_CHECK : EDGEFN_OK);
    }
}

/* The error names the first finding that refuses the result, with its subject. */
TEST(finish_names_the_finding)
{
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_OREQ, S3(BUCKET), NULL))) return;
    /* S3 origins have no such member: it would be lost. Syntax is checked before policy. */
    ev.request.origin.port = 8443;
    CHECK_NUM(edgefn_check(&ev, edgefn_cstr(NULL), NULL, 0), SIZE_MAX);
    CHECK_NUM(ev.err.code, EDGEFN_E_OPTIONS);
    CHECK_STR(ev.err.subject, "port");
    if (!OPEN(&ev, frame(L_VREQ, L_GET(H3), NULL)) || !edit(&ev, "set h host other")) return;
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK_NUM(ev.err.code, EDGEFN_E_CHECK);
    CHECK_STR(ev.err.subject, "host");
    edgefn_finding why[2];
    /* the findings are available afterwards */
    CHECK_NUM(edgefn_check(&ev, edgefn_cstr(NULL), why, 2), 1);
    CHECK_STR(edgefn_cstr(why[0].rule->id), "header.read-only.changed");
    /* and the error stays */
    CHECK(ev.err.code == EDGEFN_E_CHECK && edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK_NUM(edgefn_check(&ev, S(GET), NULL, 0), edgefn_check(&ev, S(GET), NULL, 0));
    if (!OPEN(&ev, frame(L_VREQ, L_GET(H3), NULL))
        || !CHECK(!edgefn_set(&ev.request.headers, S("a b"), S("x"))))
        return;
    CHECK_NUM(edgefn_check(&ev, S(GET), NULL, 0), SIZE_MAX); /* a failed event is not checked */
}

/*--- sanitize -------------------------------------------------------------------------------------------------------------*/

TEST(sanitize)
{
    static const struct {
        const char *frame, *part, *script, *did, *after;
    } rows[] = {
        { L_VREQ, L_GET(H3), "set h x-a 2", "",
          L_GET(
              "'headers':{'host':[{'key':'Host','value':'h'}],'via':[{'key':'Via','value':'v'}],'x-a':[{'key':'X-A','value':'2'}]}") },
        { L_VREQ, L_GET(H3), "set h host other", "header.read-only.changed host\n", L_GET(H3) },
        { L_VREQ, L_GET(H3), "remove h host\nremove h via",
          "header.read-only.deleted host\nheader.read-only.deleted via\n", L_GET(H3) },
        { L_VREQ, L_GET(H3), "add h via w", "header.read-only.values via\n", L_GET(H3) },
        { L_VREQ, L_GET(H3), "set h content-length 7", "header.read-only.added content-length\n",
          L_GET(H3) },
        { L_VREQ, L_GET(H3), "set h connection close\nset h x-edge-b 1",
          "header.disallowed connection\nheader.disallowed x-edge-b\n", L_GET(H3) },
        { L_VREQ, L_GET(H3), "set h cloudfront-viewer-country DE",
          "header.country.added cloudfront-viewer-country\n", L_GET(H3) },
        { L_VREQ, L_GET("'headers':{'connection':[{'key':'Connection','value':'close'}]}"),
          "set h connection open", "header.disallowed connection\n",
          L_GET("'headers':{'connection':[{'key':'Connection','value':'close'}]}") },
        { L_VREQ, L_GET("'headers':{'connection':[{'key':'Connection','value':'close'}]}"),
          "set h x-b 1", "",
          L_GET(
              "'headers':{'connection':[{'key':'Connection','value':'close'}],'x-b':[{'key':'x-b','value':'1'}]}") },
        { L_OREQ, CUSTOM(DOM), "set oh host a\nset oh x-key 1\nset oh x-amz-date 2",
          "origin.header.denied host\norigin.header.denied x-amz-date\n",
          NEW(D, "443", "'https'", "''", "30", "5", "['TLSv1.2']",
              "'x-key':[{'key':'x-key','value':'1'}]") },
        { L_VREQ, L_GET("'headers':{'x-edge-a':[{'key':'X-Edge-A','value':'1'}]}"),
          "set h x-edge-a 2", "header.disallowed x-edge-a\n",
          L_GET("'headers':{'x-edge-a':[{'key':'X-Edge-A','value':'1'}]}") },
        { L_VREQ, L_GET("'headers':{'x-edge-a':[{'key':'X-Edge-A','value':'1'}]}"),
          "add h x-edge-a 2", "header.disallowed x-edge-a\n",
          L_GET("'headers':{'x-edge-a':[{'key':'X-Edge-A','value':'1'}]}") },
        { L_OREQ, CUSTOM("'domainName':'o.example','customHeaders':{'x-key':[{'value':'1'}]}"),
          "set h x-key 1", "origin.header.clash x-key\n",
          CUSTOM("'domainName':'o.example','customHeaders':{'x-key':[{'value':'1'}]}") },
        { L_ORES, L_200(RH3), "remove rh transfer-encoding",
          "header.read-only.deleted transfer-encoding\n", L_200(RH3) },
        { L_VRES, L_200(RH3), "remove rh content-length\nset rh x-cache Hit",
          "header.disallowed x-cache\nheader.read-only.deleted content-length\n", L_200(RH3) },
        { L_VREQ, GET, "respond 403\nset rh via x\nset rh x-b 1", "header.read-only.added via\n",
          "{'status':'403','statusDescription':'Forbidden','headers':{'x-b':[{'key':'x-b','value':'1'}]}}" },
        { F_VREQ, L_GET(FH3), "set h host other\nremove h via\nset h upgrade h2c",
          "functions.header.disallowed upgrade\nfunctions.header.read-only.changed host\nfunctions.header.read-only.deleted via\n",
          L_GET(FH3) },
        { F_VRES, F_200("'headers':{'via':{'value':'v'}}"), "remove rh via\nset rh warning x",
          "functions.header.read-only.added warning\nfunctions.header.read-only.deleted via\n",
          F_200("'headers':{'via':{'value':'v'}}") },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        edgefn_finding f[64];
        bool refused;
        edgefn_str none = { NULL, 0 };
        ROW("%zu: %.40s: %s", i, strstr(rows[i].frame, "eventType") + 12, rows[i].script);
        if (!OPEN(&ev, frame(rows[i].frame, rows[i].part, NULL)) || !edit(&ev, rows[i].script))
            continue;
        size_t count = edgefn_sanitize(&ev, f, 64);
        if (!CHECK(count <= 64)) {
            kit_why(&ev);
            continue;
        }
        CHECK_STR(edgefn_cstr(rules_text(f, count, &refused)), rows[i].did);
        CHECK_NUM(edgefn_check(&ev, none, f, 64), 0);
        CHECK_NUM(edgefn_sanitize(&ev, NULL, 0), 0); /* nothing is left to undo */
        CHECK_STR(written(&ev), js(rows[i].after));
    }
    edgefn_event ev;
    ROW("doubtful headers stay");
    edgefn_finding f[64];
    edgefn_str none = { NULL, 0 };
    bool refused;
    if (!OPEN(
            &ev,
            frame(
                L_VREQ,
                L_GET(
                    "'headers':{'host':[{'value':'h'}],'cloudfront-viewer-country':[{'value':'US'}]}"),
                NULL)))
        return;
    if (!edit(&ev, "set h host other\nset h cloudfront-viewer-country DE")) return;
    CHECK_STR(edgefn_cstr(rules_text(f, edgefn_sanitize(&ev, f, 64), &refused)),
              "header.read-only.changed host\n");
    CHECK_STR(edgefn_cstr(rules_text(f, edgefn_check(&ev, none, f, 64), &refused)),
              "header.country.edited cloudfront-viewer-country\n");
    ROW("findings that are not about headers stay");
    if (!OPEN(&ev, frame(L_VREQ, L_GET(H3), NULL)) || !edit(&ev, "method= POST\nset h host other"))
        return;
    CHECK_NUM(edgefn_sanitize(&ev, NULL, 0), 1);
    if (CHECK_NUM(edgefn_check(&ev, none, f, 64), 1))
        CHECK_STR(edgefn_cstr(f[0].rule->id), "method.changed");
    ROW("more than cap findings: undone and counted, not stored");
    if (!OPEN(&ev, frame(L_VREQ, L_GET(H3), NULL))
        || !edit(&ev, "set h host other\nremove h via\nset h x-cache Hit"))
        return;
    memset(f, 0x5A, sizeof f);
    CHECK_NUM(edgefn_sanitize(&ev, f, 1), 3);
    CHECK(strncmp(f[0].rule->id, "header.", 7) == 0 && f[1].limit == 0x5A5A5A5A5A5A5A5AU);
    CHECK_STR(written(&ev), js(L_GET(H3)));
    ROW("custom headers whose total is too long");
    if (!OPEN(&ev, frame(L_OREQ,
                         CUSTOM("'domainName':'o.example','customHeaders':{'a':[{'value':'1'}]}"),
                         NULL)))
        return;
    static char long_value[1701];
    memset(long_value, 'v', 1700);
    for (int i = 0; i < 7; i++)
        CHECK(edgefn_set(&ev.request.origin.headers, edgefn_str_from_u64(&ev, (uint64_t)i),
                         edgefn_cstr(long_value)));
    CHECK_NUM(edgefn_sanitize(&ev, f, 64), 1);
    CHECK_STR(edgefn_cstr(list_text(&ev.request.origin.headers)), "a=1");
    ROW("after a failure");
    if (!OPEN(&ev, frame(L_VREQ, L_GET(H3), NULL)) || !edit(&ev, "set h host other")) return;
    CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    CHECK_NUM(edgefn_sanitize(&ev, f, 64), 0);
    CHECK_NUM(ev.err.code, EDGEFN_E_CHECK);
    ROW("an assigned member");
    if (!OPEN(&ev, frame(L_VREQ, L_GET(H3), NULL)) || !edit(&ev, "set h host other\nuri= x"))
        return;
    CHECK_NUM(edgefn_sanitize(&ev, f, 64), 0);
    CHECK_ERR(&ev, EDGEFN_E_URI, NOWHERE);
}

/*--- the table of rules, and CloudFront's messages ------------------------------------------------------------------------*/

#define INVALID "The Lambda function result failed validation: "
TEST(messages)
{
    static const struct {
        const char *rule, *frame, *received, *result, *says;
    } rows[] = {
        { "result.json", L_VREQ, GET, "{",
          "The Lambda function returned invalid JSON: The JSON output is not parsable." },
        { "result.object", L_VREQ, GET, "null",
          "The Lambda function returned invalid JSON: The JSON output must be an object type." },
        { "headers.array", L_VREQ, GET, L_GET("'headers':{'x-a':'1'}"),
          "The Lambda function returned an invalid entry in the headers object: Each header entry in the headers object must be an array." },
        { "header.read-only.added", L_VREQ, GET, L_GET("'headers':{'via':[{'value':'1'}]}"),
          INVALID "The function tried to add, delete, or change a read-only header." },
        { "header.disallowed", L_VREQ, GET, L_GET("'headers':{'x-cache':[{'value':'1'}]}"),
          INVALID "The function tried to add a blacklisted header." },
        { "functions.header.read-only.added", F_VREQ, GET, L_GET("'headers':{'via':{'value':'1'}}"),
          "The CloudFront function tried to add, delete, or change a read-only header." },
        { "functions.header.case", F_VREQ, GET, F_200("'headers':{'Via2':{'value':'1'}}"),
          "The CloudFront function returned an invalid value: response.headers must have header names in lower case." },
        { "body.type", L_VREQ, GET, L_200("'body':{}"),
          INVALID "The body is not a string, is not an object, or exceeds the maximum size." },
        { "response.size", L_VREQ, GET, L_200("'body':'<a*50000>'"),
          INVALID "The body is not a string, is not an object, or exceeds the maximum size." },
        { "uri.start", L_VREQ, GET, "{'method':'GET','uri':'x'}",
          INVALID "The specified URI is in an invalid format." },
        { "uri.characters", L_VREQ, GET, "{'method':'GET','uri':'/ '}",
          INVALID "The specified URI is in an invalid format." },
        { "origin.header.denied", L_OREQ, CUSTOM(DOM), HDR("'via':[{'value':'1'}]"),
          "The Lambda function returned an invalid origin configuration: One or more HeaderName or HeaderValue values are invalid." },
        { "header.value", L_ORES, OK200, L_200("'headers':{'location':[{'value':'/a`rb'}]}"),
          "Lambda function result validation failed, the function returned an invalid header, invalid character : '%0D' in header value, headerName : location." },
        { "functions.header.disallowed", F_VREQ, GET, L_GET("'headers':{'x-cache':{'value':'1'}}"),
          "" },
        { "method.changed", L_VREQ, GET, "{'method':'PUT','uri':'/'}", "" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        edgefn_finding f[64];
        char says[600];
        marked m = marked_of(rows[i].result);
        ROW("%s", rows[i].rule);
        if (!open_for(&ev, frame(rows[i].frame, rows[i].received, NULL), m.text.len)
            || !CHECK_NUM(checked(&ev, m.text, f), 1))
            continue;
        CHECK_STR(edgefn_cstr(f[0].rule->id), rows[i].rule);
        size_t len = edgefn_finding_message(&f[0], says, sizeof says);
        edgefn_str is = { says, len < sizeof says ? len : 0 };
        CHECK_STR(is, rows[i].says);
    }
}

static const char *const documented[] = { "result.json",
                                          "result.object",
                                          "result.kind",
                                          "member.missing",
                                          "member.type",
                                          "headers.array",
                                          "headers.entry",
                                          "headers.item",
                                          "status.type",
                                          "header.read-only.added",
                                          "header.read-only.deleted",
                                          "header.read-only.changed",
                                          "functions.header.read-only.added",
                                          "functions.header.read-only.deleted",
                                          "functions.header.read-only.changed",
                                          "header.disallowed",
                                          "functions.header.disallowed",
                                          "header.country.added",
                                          "header.name",
                                          "functions.header.case",
                                          "functions.header.cookie",
                                          "status.range",
                                          "status.changed",
                                          "body.with-204",
                                          "body.type",
                                          "body.encoding",
                                          "body.base64",
                                          "response.size",
                                          "uri.start",
                                          "query.characters",
                                          "uri.length",
                                          "body.size",
                                          "origin.kind",
                                          "origin.domain",
                                          "origin.path",
                                          "origin.port",
                                          "origin.protocol",
                                          "origin.tls",
                                          "origin.timeout",
                                          "origin.completion",
                                          "origin.auth-method",
                                          "origin.region",
                                          "functions.result.json",
                                          "functions.result.object",
                                          "functions.body.type",
                                          "functions.uri.start",
                                          "origin.header.denied",
                                          "origin.header.size" };
static const char *const reported[] = { "result.whole-event", "result.wrapped", "header.value" };
static const char *const inferred[] = { "result.both",
                                        "header.read-only.values",
                                        "header.read-only.reordered",
                                        "functions.header.read-only.values",
                                        "functions.header.read-only.reordered",
                                        "method.changed",
                                        "client-ip.changed",
                                        "uri.characters",
                                        "functions.uri.characters",
                                        "functions.header.value",
                                        "result.surrogate",
                                        "result.shape",
                                        "body.action",
                                        "origin.header.clash",
                                        "origin.member" };
static const char *const doubtful[] = { "header.url",
                                        "cookie.joined",
                                        "redirect.loop",
                                        "redirect.loop.scheme",
                                        "member.duplicate",
                                        "origin.identity",
                                        "origin.website",
                                        "functions.result.wrapped",
                                        "headers.value-list",
                                        "status.number",
                                        "header.read-only.key",
                                        "header.country.edited",
                                        "header.key",
                                        "header.case",
                                        "functions.content-length",
                                        "status-text.changed",
                                        "status-text.characters",
                                        "body.viewer-response",
                                        "response.size.close",
                                        "functions.body.size",
                                        "body.size.close",
                                        "body.ignored",
                                        "origin.keepalive",
                                        "origin.host",
                                        "query.question-mark",
                                        "origin.member.foreign",
                                        "origin.member.missing" };

static edgefn_confidence confidence_of(const char *id)
{
    static const struct {
        const char *const *ids;
        size_t count;
    } lists[] = { { documented, COUNT(documented) },
                  { reported, COUNT(reported) },
                  { inferred, COUNT(inferred) },
                  { doubtful, COUNT(doubtful) } };
    for (size_t k = 0; k < COUNT(lists); k++)
        for (size_t i = 0; i < lists[k].count; i++)
            if (strcmp(lists[k].ids[i], id) == 0) return (edgefn_confidence)(k + 1);
    return (edgefn_confidence)0;
}

TEST(rules)
{
    size_t count = 0;
    const edgefn_rule *rules = edgefn_rules(&count);
    CHECK_NUM(count, COUNT(documented) + COUNT(reported) + COUNT(inferred) + COUNT(doubtful));
    for (size_t i = 0; i < count; i++) {
        const edgefn_rule *r = &rules[i];
        ROW("%s", r->id);
        CHECK_NUM(r->confidence, confidence_of(r->id));
        CHECK_NUM(r->status, r->confidence == EDGEFN_CONFIDENCE_DOUBTFUL ? 0 : 502);
        CHECK(r->events && *r->events && r->text && *r->text && r->source && *r->source
              && (!r->message || *r->message));
        for (size_t k = 0; k < i; k++)
            CHECK(strcmp(rules[k].id, r->id) != 0);
        for (const char *c = r->id; *c; c++)
            CHECK((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '-' || *c == '.');
    }
}

/* Runs last: the tables above must have reached every rule. */
TEST(every_rule_was_reached)
{
    size_t count = 0, seen = 0;
    const edgefn_rule *rules = edgefn_rules(&count);
    for (size_t i = 0; i < count && i < COUNT(rule_seen); i++)
        seen += rule_seen[i];
    if (seen < 20) {
        SKIP("the other tests did not run");
        return;
    }
    for (size_t i = 0; i < count && i < COUNT(rule_seen); i++)
        if (!CHECK(rule_seen[i] || strcmp(rules[i].id, "origin.member") == 0))
            printf("    never: %s\n", rules[i].id); /* only setters report this one */
}

/*--- many, large, and too little memory -----------------------------------------------------------------------------------*/

TEST(many_headers)
{
    size_t n = 100000, at = 0, cap = n * 90 + 1000;
    char *text = (char *)test_own(malloc(cap));
    edgefn_event ev;
    edgefn_finding f[64];
    at += (size_t)sprintf(text, "{\"method\":\"GET\",\"uri\":\"/\",\"headers\":{");
    for (size_t i = 0; i < n; i++)
        at += (size_t)sprintf(
            text + at, "\"x-h-%zu\":[{\"key\":\"X-H-%zu\",\"value\":\"value %zu\"}],", i, i, i);
    size_t mark = at;
    at += (size_t)sprintf(text + at, "\"via\":[{\"value\":\"1\"}]}}");
    edgefn_str result = { text, at };
    clock_t start = clock();
    if (open_for(&ev, frame(L_VREQ, GET, NULL), result.len)) { /* all headers are added */
        if (CHECK_NUM(edgefn_check(&ev, result, f, 64), 1))
            CHECK_STR(edgefn_cstr(f[0].rule->id), "header.read-only.added"),
                CHECK_NUM(f[0].pos, mark);
    }
    ROW("all but one deleted");
    char *all = (char *)test_own(malloc(cap + 200));
    size_t len = (size_t)sprintf(
        all,
        "{\"Records\":[{\"cf\":{\"config\":{\"eventType\":\"viewer-request\"},\"request\":%.*s}}]}",
        EDGEFN_FMT(result));
    edgefn_str json = { all, len }, none = { NULL, 0 };
    if (open_for(&ev, json, result.len)) {
        CHECK_NUM(edgefn_check(&ev, result, f, 64), 0);
        if (CHECK_NUM(edgefn_check(&ev, js(GET), f, 64), 1))
            CHECK_STR(edgefn_cstr(f[0].rule->id), "header.read-only.deleted");
        CHECK_NUM(edgefn_check(&ev, none, f, 64), 0);
        CHECK_NUM(edgefn_sanitize(&ev, f, 64), 0);
    }
    ROW("a finding for each header");
    at = (size_t)sprintf(text, "{\"method\":\"GET\",\"uri\":\"/\",\"headers\":{");
    for (size_t i = 0; i < n; i++)
        at += (size_t)sprintf(text + at, "\"x-edge-%zu\":[{\"value\":\"a\\nb\"}]%s", i,
                              i + 1 < n ? "," : "}}");
    result.len = at;
    if (open_for(&ev, frame(L_VREQ, GET, NULL), result.len))
        CHECK_NUM(edgefn_check(&ev, result, f, 64), 2 * n);
    ROW("time in seconds");
    CHECK((double)(clock() - start) / CLOCKS_PER_SEC < 20);
}

static const struct {
    const char *frame, *received, *result;
} broken[] = {
    { L_VREQ, L_GET(VIA2("a", "b")),
      "{'method':'PUT','uri':'x','querystring':'a b','clientIp':'::1','headers':{'via':[{'key':'Via','value':'b'}],'X-A':[{'value':'`r'},{'value':1}]},"
      "'body':{'action':'replace','encoding':'base64','data':'eA==','inputTruncated':false}}" },
    { L_OREQ, CUSTOM(DOM),
      "{'method':'GET','uri':'/','headers':{'host':[{'key':'Host','value':'h'}]},'origin':{'custom':{'domainName':'n','port':79,'protocol':'ftp','path':'/','readTimeout':121,"
      "'keepaliveTimeout':0,'sslProtocols':['TLSv9'],'customHeaders':{'via':[{'value':'1'}]}}}}" },
    { L_VREQ, GET,
      "{'status':'204','statusDescription':'`u00e9','body':'x!','bodyEncoding':'base64','headers':{'via':[{'key':'V`u0069a','value':'1'}],'connection':[{'value':['a']}]}}" },
    { F_VREQ, GET,
      "{'method':'GET','uri':'/','querystring':{'a':{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}},'headers':{'Via':{'value':'1'},'cookie':{'value':'a'}},'cookies':{'c':{'value':''}}}" },
    { F_VRES, F_OK200,
      "{'statusCode':204,'headers':{'warning':{'value':'`n'}},'cookies':{'c':{'value':'1','attributes':'Path=/'}},'body':{'encoding':'base64','data':'!'}}" },
    { L_ORES, OK200, "{'Records':[{'cf':{'response':{'status':'200'}}}]}" },
    { F_VREQ, GET,
      "{'TestResult':{'FunctionOutput':'{`'response`':{`'statusCode`':302,`'headers`':"
      "{`'location`':{`'value`':`'/`u00e9``n ?#`'}},`'cookies`':{`'a`':{`'value`':`'1, b=2`'}}}}'}}" },
    { L_VREQ, L_GET("'querystring':'a=1'"),
      "{'status':'302','headers':{'location':[{'value':'../?a=1'}],"
      "'link':[{'value':'</a b>'}],'refresh':[{'value':'1;url=`'a b'}],'set-cookie':[{'value':'a=1, b=2'}]}}" },
};

/* A truncated result is reported as invalid JSON at every length, and nothing is read after its
   end. */
TEST(every_prefix)
{
    for (size_t i = 0; i < COUNT(broken); i++) {
        edgefn_event ev;
        edgefn_finding f[64];
        marked m = marked_of(broken[i].result);
        if (!open_for(&ev, frame(broken[i].frame, broken[i].received, NULL), m.text.len)) continue;
        for (size_t n = 0; n < m.text.len; n++) {
            ROW("%zu: %zu bytes", i, n);
            size_t count = checked(&ev, edgefn_str_take(m.text, n), f);
            if (CHECK_NUM(count, 1))
                CHECK_STR(edgefn_cstr(f[0].rule->id), ev.dialect == EDGEFN_DIALECT_LAMBDA
                                                          ? "result.json"
                                                          : "functions.result.json");
        }
        ROW("%zu: complete", i);
        CHECK(checked(&ev, m.text, f) > 0);
    }
}

/* Replaces every byte of a result by others: the checks in checked() hold, and the event is
   unchanged. */
TEST(every_byte)
{
    static const char other[] = "\"{}[]:,\\0 \n\xff"
                                "n";
    for (size_t i = 0; i < COUNT(broken); i++) {
        edgefn_event ev;
        edgefn_finding f[64];
        marked m = marked_of(broken[i].result);
        char *text = (char *)test_own(malloc(m.text.len));
        if (!open_for(&ev, frame(broken[i].frame, broken[i].received, NULL), m.text.len)) continue;
        for (size_t n = 0; n < m.text.len; n++) {
            ROW("%zu: byte %zu", i, n);
            memcpy(text, m.text.ptr, m.text.len);
            for (const char *c = other; *c; c++) {
                text[n] = *c;
                edgefn_str result = { text, m.text.len };
                checked(&ev, result, f);
            }
        }
        edgefn_str pass = edgefn_passthrough(&ev);
        CHECK(edgefn_finish(&ev, NULL).ptr == pass.ptr);
    }
}

/* In an arena of any size the findings are the same, or the result is EDGEFN_E_OOM. */
static void little_memory(edgefn_str json, const char *result, size_t wanted)
{
    marked m = marked_of(result);
    size_t fitted = 0, failed = 0;
    for (size_t size = 0; size < 6000 && fitted < 300; size++) {
        edgefn_event ev;
        edgefn_finding f[64];
        edgefn_arena arena = arena_new(size);
        if (edgefn_parse(&ev, json, arena, NULL) == EDGEFN_OK) {
            size_t used = ev.arena.used, count = edgefn_check(&ev, m.text, f, 64);
            if (count == SIZE_MAX) {
                failed++;
                CHECK_NUM(ev.err.code, EDGEFN_E_OOM);
                /* nothing is written after a failure */
                CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
            } else {
                fitted++;
                CHECK_NUM(ev.err.code, EDGEFN_OK);
                CHECK_NUM(ev.arena.used, used);
                if (!CHECK_NUM(count, wanted)) show_findings(f, count, "", &m);
            }
        }
        arena_drop();
    }
    CHECK(failed > 10 && fitted > 10);
}

TEST(little_memory)
{
    little_memory(
        frame(L_VREQ, L_GET(H3 ",'querystring':'a=1'"), NULL),
        L_GET(
            "'headers':{'via':[{'key':'V`u0069a','value':'`u0076w'}],'connection':[{'value':'x'}]},"
            "'querystring':'a `u0020'"),
        4);
    ROW("output of test-function");
    little_memory(frame(F_VREQ, F_ASKED("'q':{'value':'1'}"), NULL),
                  "{'FunctionOutput':'{`'response`':{`'statusCode`':302,`'headers`':{`'location`':"
                  "{`'value`':`'https://h.example/x/../a?q=1`'}}}}'}",
                  2);
    ROW("a redirect to itself");
    little_memory(frame(L_VREQ, ASKED("'querystring':'q=1'"), NULL), TO("302", "./b?q=1"), 1);
}

TEST(little_memory_sanitize)
{
    edgefn_str json = frame(L_VREQ, L_GET(H3), NULL), none = { NULL, 0 };
    size_t fitted = 0, failed = 0;
    for (size_t size = 0; size < 6000 && fitted < 300; size++) {
        edgefn_event ev;
        edgefn_arena arena = arena_new(size);
        if (edgefn_parse(&ev, json, arena, NULL) == EDGEFN_OK
            && edgefn_set(&ev.request.headers, S("host"), S("x"))
            && edgefn_set(&ev.request.headers, S("connection"), S("x"))
            && edgefn_remove(&ev.request.headers, S("via"))) {
            size_t undone = edgefn_sanitize(&ev, NULL, 0);
            if (ev.err.code != EDGEFN_OK) {
                failed++;
                CHECK_NUM(undone, 0);
                CHECK_NUM(ev.err.code, EDGEFN_E_OOM);
                CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
            } else {
                edgefn_str out = edgefn_finish(&ev, NULL);
                if (out.ptr == NULL)
                    CHECK_NUM(ev.err.code, EDGEFN_E_OOM);
                else
                    fitted++, CHECK_STR(out, edgefn_passthrough(&ev)),
                        CHECK_NUM(edgefn_check(&ev, none, NULL, 0), 0);
            }
        }
        arena_drop();
    }
    CHECK(fitted > 10);
    (void)failed;
}

/* The headers are found after the uri but are before it in the text, so findings are sorted: few
   in place, many in the arena. */
TEST(equal_places_in_order)
{
#define DELETED                                                                                    \
  "'headers':{'transfer-encoding':[{'value':'chunked'}],'host':[{'value':'h'}],"                   \
  "'via':[{'value':'v'}],'content-length':[{'value':'1'}]}"
    static const char *const names[] = { "transfer-encoding", "host", "via", "content-length" };
    static const char *const headers[] = {
        "", "'connection':[{'value':'1'}],'te':[{'value':'1'}],'trailer':[{'value':'1'}],"
            "'upgrade':[{'value':'1'}],'x-edge-a':[{'value':'1'}],'x-edge-b':[{'value':'1'}]"
    };
    for (size_t i = 0; i < COUNT(headers); i++) {
        edgefn_event ev;
        edgefn_finding f[64];
        char text[600];
        snprintf(text, sizeof text, "{'method':'GET','headers':{%s},'uri':'x'}", headers[i]);
        marked m = marked_of(text);
        if (!open_for(&ev, frame(L_VREQ, L_GET(DELETED), NULL), m.text.len)) return;
        size_t count = checked(&ev, m.text, f), at = 0;
        while (at < count && strcmp(f[at].rule->id, "header.read-only.deleted") != 0)
            at++;
        if (!CHECK_NUM(count, at + COUNT(names) + 1)) return;
        for (size_t k = 0; k < COUNT(names); k++) {
            CHECK_NUM(f[at + k].pos, f[at].pos);
            CHECK_STR(f[at + k].subject, edgefn_cstr(names[k]));
        }
        CHECK_STR(edgefn_cstr(f[count - 1].rule->id), S("uri.start"));
        CHECK(i == 0 || count > 8);
    }
}

TEST(misuse)
{
    edgefn_event ev, copy;
    memset(&ev, 0, sizeof ev);
    CHECK_NUM(edgefn_check(&ev, S("{}"), NULL, 0), SIZE_MAX);
    CHECK_NUM(ev.err.code, EDGEFN_E_MISUSE);
    if (!OPEN(&ev, frame(L_VREQ, GET, NULL))) return;
    memcpy(&copy, &ev, sizeof ev);
    CHECK_NUM(edgefn_check(&copy, S("{}"), NULL, 0), SIZE_MAX);
    CHECK_NUM(copy.err.code, EDGEFN_E_MISUSE);
    memcpy(&copy, &ev, sizeof ev);
    CHECK_NUM(edgefn_sanitize(&copy, NULL, 0), 0);
    CHECK_NUM(copy.err.code, EDGEFN_E_MISUSE);
}

/*--- results and events that are rare -----------------------------------------------------------------------------------*/

TEST(rare_results)
{
    static const row rows[] = {
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'value':^[1]}]}"), "headers.entry x-a @1" },
        { L_VREQ, GET, L_GET("'headers':{'x-a':[{'value':^['1',2]}]}"), "headers.entry x-a @1" },
        { L_ORES, OK200, "{'status':^'1000'}", "status.range status @1 #599:1000" },
        { L_ORES, OK200, "{'status':^'20'}", "status.range status @1 #200:20" },
        { L_OREQ, S3(BUCKET), L_GET("'origin':^{'custom':{" DOM "},'s3':{" BUCKET "}}"),
          "origin.kind * @1" },
        { L_VREQ,
          L_GET("'headers':{'x-a':[{'key':'Other','value':'1'},{'key':'X-A','value':'2'}]}"),
          L_GET("'headers':{'x-a':[{'key':'X-A','value':'1'},{'key':'Other','value':'2'}]}"), "" },
        { L_VREQ,
          L_GET("'headers':{'x-a':[{'key':'Other','value':'1'},{'key':'X-A','value':'2'}]}"),
          L_GET("'headers':{'x-a':[{'key':'X-A','value':'1'},{'key':^'Another','value':'2'}]}"),
          "header.key x-a @1" },
        { L_OREQ,
          CUSTOM("'domainName':'o.example','customHeaders':{'via':[{'key':'Via','value':'1'}]}"),
          CUSTOM("'domainName':'o.example','customHeaders':{'via':[{'key':'VIA','value':'1'}]}"),
          "" },
        { F_VREQ, L_GET("'querystring':{'a':{'multiValue':[{'value':'x y'},{'value':'2'}]}}"),
          L_GET("'querystring':{'a':{'multiValue':[{'value':'2'},{'value':'x y'}]}}"), "" },
        { F_VREQ, L_GET("'querystring':{'a':{'multiValue':[{'value':'x y'},{'value':'2'}]}}"),
          L_GET("'querystring':{'a':{'multiValue':[{'value':'2'},{'value':^'x z'}]}}"),
          "query.characters a @1" },
        { F_VREQ, L_GET("'headers':{'via':{'multiValue':[{'value':'1'},{'value':'2'}]}}"),
          L_GET("'headers':{'via':{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}}"), "" },
        { L_VREQ, L_GET(H3), L_GET("'headers':{'host':[],'via':[{'key':'Via','value':'v'}]^}"),
          "header.read-only.deleted host @1" },
        { L_OREQ,
          CUSTOM(
              "'domainName':'o.example','customHeaders':{'x-k':[{'value':'<a*2000>'},{'value':'b'}]}"),
          CUSTOM(
              "'domainName':'o.example','customHeaders':{'x-k':[{'value':'<a*2000>'},{'value':'c'}]}"),
          "" },
        { L_OREQ, S3("'domainName':'b.s3.amazonaws.com'"),
          S3("'domainName':^'b.s3-website.cn-north-1.amazonaws.com.cn'"),
          "origin.website domainName @1\norigin.host domainName @1" },
        { L_VREQ,
          L_GET(
              "'body':{'action':'read-only','encoding':'utf8','data':'x','inputTruncated':false}"),
          L_GET("'body':{'action':'replace','encoding':'utf8','data':'!!','inputTruncated':false}"),
          "" },
        { L_VREQ,
          L_GET(
              "'body':{'action':'read-only','encoding':'text','data':'x','inputTruncated':false}"),
          L_GET("'body':{'action':'replace','encoding':'text','data':^5,'inputTruncated':false}"),
          "member.type data @1" },
        { F_VREQ, L_GET("'querystring':{}"),
          "{'method':'GET','uri':^'/','querystring':{'a':{'value':'<a*8200>'}}}",
          "uri.length uri @1 #8191:8204" },
        { L_OREQ, CUSTOM("'port':80"), CUSTOM("'port':443"), "" },
        { L_OREQ, CUSTOM(DOM), L_GET("'origin':^5"), "member.type origin @1" },
        { L_VRES, OK200, "{'status':'200','headers':{'set-cookie':[{'value':^'a=1,`tb=2'}]}}",
          "cookie.joined set-cookie @1" },
        { L_VREQ, GET, "{'a':'^`u1x", "result.json - @1" },
        { L_VREQ, GET, "{'a':'^`ud81x", "result.json - @1" },
        { F_VRES, F_OK200, "{'headers':{'a':{^}}^}",
          "headers.item a @1\nmember.missing statusCode @2" },
        { L_OREQ, CUSTOM(DOM), NEW(D, "443", "'https'", "''", "30", "5", "^['TLSv1.2',^5]", ""),
          "origin.tls sslProtocols @1\nmember.type sslProtocols @2" },
        { L_OREQ, CUSTOM(DOM), L_GET("'origin':{'s3':{'path':'','customHeaders':{}^}}"),
          "member.missing domainName @1\norigin.member.missing authMethod @1" },
        { F_VREQ, F_ASKED("'q':{'value':'1'}"), F_TO("?r=1"), "" },
        { F_VREQ, F_ASKED("'q':{'value':'1'}"), F_TO("?q=1"), "redirect.loop location @1" },
        { F_VREQ, GET, "^'{`'method`':^'",
          "functions.result.wrapped - @1\nfunctions.result.json - @2" },
    };
    check_rows(rows, COUNT(rows));
}

/* The rules of a name whose beginning is that of others, of a long one, and of an unknown event type. */
TEST(policy_of_other_names)
{
    const edgefn_dialect lambda = EDGEFN_DIALECT_LAMBDA;
    CHECK_NUM(edgefn_header_policy(lambda, EDGEFN_VIEWER_REQUEST, S("x-edgex")),
              EDGEFN_POLICY_ALLOWED);
    CHECK_NUM(edgefn_header_policy(lambda, EDGEFN_VIEWER_REQUEST, S("x-edge")),
              EDGEFN_POLICY_ALLOWED);
    CHECK_NUM(edgefn_header_policy(lambda, EDGEFN_VIEWER_REQUEST,
                                   S("x-accel-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
              EDGEFN_POLICY_ALLOWED);
    CHECK_NUM(edgefn_header_policy(lambda, EDGEFN_VIEWER_REQUEST,
                                   S("x-edge-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
              EDGEFN_POLICY_DISALLOWED);
    CHECK_NUM(edgefn_header_policy(lambda, EDGEFN_VIEWER_REQUEST, S("host")),
              EDGEFN_POLICY_READ_ONLY);
    CHECK_NUM(edgefn_header_policy(lambda, (edgefn_event_type)5, S("host")), EDGEFN_POLICY_ALLOWED);
    CHECK_NUM(edgefn_header_policy(lambda, (edgefn_event_type)5, S("connection")),
              EDGEFN_POLICY_DISALLOWED);
}

/* A header with as many values as numbers from first to last, each preceded by `before`; odd: that one has a control byte. */
static size_t put_values(char *to, const char *name, int first, int last, int odd)
{
    size_t n = (size_t)sprintf(to, "\"%s\":[", name);
    for (int i = first; i != last; i += first < last ? 1 : -1)
        n += (size_t)sprintf(to + n, "%s{\"value\":\"%d%s\"}", i == first ? "" : ",", i,
                             i == odd ? "\\u0001" : "");
    return n + (size_t)sprintf(to + n, "]");
}

static size_t check_values(edgefn_finding *f, int odd, const char *name, bool reversed)
{
    static char received[4000], result[4000];
    char values[3000];
    edgefn_event ev;
    put_values(values, name, 0, 40, odd);
    snprintf(received, sizeof received, "{\"method\":\"GET\",\"uri\":\"/\",\"headers\":{%s}}",
             values);
    put_values(values, name, reversed ? 39 : 0, reversed ? -1 : 40, odd);
    snprintf(result, sizeof result, "{\"method\":\"GET\",\"uri\":\"/\",\"headers\":{%s}}", values);
    if (!open_for(&ev, frame(L_VREQ, received, NULL), 4000)) return SIZE_MAX;
    return checked(&ev, edgefn_cstr(result), f);
}

/* Of the values received under one name, only the first 32 are compared when they come back in another order. */
TEST(many_values_of_one_name)
{
    edgefn_finding f[64];
    ROW("all in order");
    CHECK_NUM(check_values(f, 35, "x-a", false), 0);
    ROW("an invalid one among the first 32");
    CHECK_NUM(check_values(f, 5, "x-a", true), 0);
    ROW("an invalid one after them");
    if (CHECK_NUM(check_values(f, 35, "x-a", true), 1))
        CHECK_STR(edgefn_cstr(f[0].rule->id), "header.value");
    ROW("a read-only header: what was reordered counts as changed");
    if (CHECK_NUM(check_values(f, -1, "via", true), 1))
        CHECK_STR(edgefn_cstr(f[0].rule->id), "header.read-only.changed");
}

/* Results of an event that was built: there is no text of what was received. */
TEST(results_of_built_events)
{
    edgefn_event ev;
    edgefn_finding f[64];
    edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_RESPONSE, arena_new(1 << 16),
                       NULL);
    ev.request.method = S("GET"), ev.request.uri = S("/"), ev.response.status = 200;
    edgefn_add(&ev.response.headers, S("X-A"), S("1"));
    CHECK(edgefn_build_end(&ev));
    CHECK_NUM(checked(&ev, js("{'status':'200','headers':{'x-a':[{'key':'X-A','value':'1'}]}}"), f),
              0);
    if (CHECK_NUM(
            checked(&ev, js("{'status':'200','headers':{'X-A':[{'key':'X-A','value':'1'}]}}"), f),
            1))
        CHECK_STR(edgefn_cstr(f[0].rule->id), "header.case");
    if (CHECK_NUM(checked(&ev, js("{'status':200}"), f), 1))
        CHECK_STR(edgefn_cstr(f[0].rule->id), "status.number");

    edgefn_build_begin(&ev, EDGEFN_DIALECT_FUNCTIONS, EDGEFN_VIEWER_REQUEST, arena_new(1 << 16),
                       NULL);
    ev.request.method = S("GET"), ev.request.uri = S("no-slash");
    CHECK(edgefn_build_end(&ev));
    if (CHECK(checked(&ev,
                      js("{'method':'GET','uri':'/','clientIp':'::1','querystring':'a','headers':{"
                         "'x-a':[{'key':'X-A','value':'1'}]}}"),
                      f)
              > 0))
        CHECK_STR(edgefn_cstr(f[0].rule->id), "result.shape");
    CHECK_NUM(
        checked(&ev, js("{'statusCode':302,'headers':{'location':{'value':'./no-slash'}}}"), f), 0);
}

/* So many custom headers and headers that they are not looked up one by one: one name is in both lists. */
TEST(many_clashes)
{
    enum { MANY = 300 };
    char *text = (char *)test_own(malloc(MANY * 80 + 1000));
    edgefn_event ev;
    edgefn_finding f[64];
    size_t n = (size_t)sprintf(text, "{\"method\":\"GET\",\"uri\":\"/\",\"headers\":{");
    for (int i = 0; i < MANY; i++)
        n += (size_t)sprintf(text + n, "%s\"h-%d\":[{\"value\":\"1\"}]", i ? "," : "", i);
    n += (size_t)sprintf(
        text + n,
        "},\"origin\":{\"s3\":{\"domainName\":\"b.s3.amazonaws.com\",\"customHeaders\":{");
    for (int i = 0; i < MANY; i++)
        n += (size_t)sprintf(text + n, "%s\"%s-%d\":[{\"value\":\"1\"}]", i ? "," : "",
                             i == 7 ? "h" : "c", i);
    n += (size_t)sprintf(text + n, "}}}}");
    edgefn_str result = { text, n };
    if (!open_for(&ev, frame(L_OREQ, S3("'domainName':'b.s3.amazonaws.com'"), NULL), 4 * n)) return;
    size_t count = edgefn_check(&ev, result, f, 64), clashes = 0;
    for (size_t i = 0; i < count && i < 64; i++)
        if (strcmp(f[i].rule->id, "origin.header.clash") == 0) {
            clashes++;
            CHECK_STR(f[i].subject, "h-7");
        }
    CHECK_NUM(clashes, 1);
    CHECK(count == 1 || (count < 64 && clashes == 1));
    size_t used = ev.arena.used, ooms = 0;
    for (size_t left = 0; left < 200000; left += 97) {
        edgefn_arena all = ev.arena;
        ev.arena.cap = used + left;
        if (edgefn_check(&ev, result, f, 64) != count) {
            ooms++;
            CHECK_NUM(ev.err.code, EDGEFN_E_OOM);
            ev.err.code = EDGEFN_OK;
        }
        ev.arena = all;
    }
    CHECK(ooms > 20);
}

/* Many look-ups among many received headers of two lists use an index of each: names that are in both lists may stay with
   fewer values, and those that are new in both clash. */
TEST(many_look_ups)
{
    enum { MANY = 100, NEW_ONES = 20 };
    static char event[MANY * 120 + 4000], result[MANY * 120 + 4000];
    edgefn_event ev;
    edgefn_finding f[64];
    for (int edited = 0; edited < 2; edited++) {
        char *text = edited ? result : event;
        size_t n =
            (size_t)sprintf(text, "{'method':'GET','uri':'/','headers':{'x':[{'value':'1'}]");
        for (int list = 0; list < 2; list++) {
            if (list)
                n += (size_t)sprintf(
                    text + n,
                    "},'origin':{'s3':{'domainName':'b.s3.amazonaws.com','customHeaders':{'y':[{'value':'1'}]");
            for (int i = 0; i < MANY; i++)
                n += (size_t)sprintf(text + n, ",'h-%d':[{'value':'1'}%s]", i,
                                     edited ? "" : ",{'value':'2'}");
            for (int i = 0; edited && i < NEW_ONES; i++)
                n += (size_t)sprintf(text + n, ",'new-%d':[{'value':'1'}]", i);
        }
        sprintf(text + n, "}}}}");
    }
    if (!open_for(&ev, frame(L_OREQ, event, NULL), 1 << 16)) return;
    edgefn_str text = js(result);
    size_t count = edgefn_check(&ev, text, f, 64);
    CHECK_NUM(count, NEW_ONES);
    for (size_t i = 0; i < count && i < 64; i++)
        if (!CHECK(strcmp(f[i].rule->id, "origin.header.clash") == 0
                   && edgefn_str_starts(f[i].subject, S("new-"))))
            printf("    %s\n", line_of(&f[i]));
    size_t used = ev.arena.used, ooms = 0;
    for (size_t left = 0; left < 120000; left += 61) {
        edgefn_arena all = ev.arena;
        ev.arena.cap = used + left;
        if (edgefn_check(&ev, text, f, 64) != count) {
            ooms++;
            if (!CHECK_NUM(ev.err.code, EDGEFN_E_OOM)) break;
            ev.err.code = EDGEFN_OK;
        }
        ev.arena = all;
    }
    CHECK(ooms > 20);
}

/* Custom headers that are too long, and received values that no rule refuses. */
TEST(sanitize_long_custom_headers)
{
    static char name[300], value[2000], event[9000];
    edgefn_finding f[64];
    edgefn_event ev;
    memset(name, 'n', sizeof name - 1);
    memset(value, 'v', sizeof value - 1);
    snprintf(
        event, sizeof event,
        "{'method':'GET','uri':'/','origin':{'s3':{'domainName':'b.s3.amazonaws.com','customHeaders':{"
        "'x-a':[{'key':'x-a','value':'%s'},{'key':'x-a','value':'2'}]}}}}",
        value);
    for (int way = 0; way < 4; way++) {
        ROW("%d", way);
        if (!open_for(&ev, frame(L_OREQ, event, NULL), 20000)) return;
        edgefn_fields *h = &ev.request.origin.headers;
        switch (way) {
        case 0: edgefn_set(h, edgefn_cstr(name), S("1")); break;    /* the name */
        case 1: edgefn_set(h, S("x-b"), edgefn_cstr(value)); break; /* the value */
        case 2:
            edgefn_set_at(h, 1, edgefn_cstr(value)), edgefn_set(h, S("host"), S("x"));
            break; /* received under that name */
        default: edgefn_set_at(h, 1, S("3")), edgefn_set(h, S("host"), S("x")); break;
        }
        CHECK_NUM(edgefn_sanitize(&ev, f, 64), 1);
        CHECK_NUM(edgefn_sanitize(&ev, f, 64), 0);
        edgefn_str out = edgefn_finish(&ev, NULL);
        if (way < 2)
            CHECK_STR(out, edgefn_passthrough(&ev));
        else
            CHECK(out.ptr != NULL && !edgefn_has(h, S("host"))
                  && edgefn_str_eq(h->items[1].value, way == 2 ? edgefn_cstr(value) : S("3")));
    }
    ROW("the received values again, by other fields");
    if (!open_for(&ev, frame(L_VREQ, L_GET(VIA2("a", "b")), NULL), 4000)) return;
    edgefn_fields *h = &ev.request.headers;
    CHECK(edgefn_remove_at(h, 0) && edgefn_set_at(h, 0, S("a")) && edgefn_add(h, S("via"), S("b"))
          && edgefn_set(h, S("host"), S("x")));
    CHECK_NUM(edgefn_sanitize(&ev, f, 64), 1);
    CHECK_STR(edgefn_cstr(f[0].rule->id), "header.read-only.added");
    CHECK(!edgefn_has(h, S("host")));
    CHECK_NUM(edgefn_count(h, S("via")), 2);
    CHECK_NUM(edgefn_check(&ev, (edgefn_str){ NULL, 0 }, f, 64), 0);
    ROW("a removed header comes back before an added one");
    if (!open_for(&ev, frame(L_VREQ, L_GET(H3), NULL), 4000)) return;
    CHECK(edit(&ev, "remove h via\nset h x-b 1\nset h host x"));
    CHECK_NUM(edgefn_sanitize(&ev, f, 64), 2);
    CHECK_STR(edgefn_cstr(list_text(&ev.request.headers)), "host=h, via=v, x-a=1, x-b=1+");
    ROW("a value of the greatest length stays");
    if (!open_for(&ev, frame(L_OREQ, CUSTOM(DOM), NULL), 8000)) return;
    CHECK(edgefn_set(&ev.request.origin.headers, S("x-b"), (edgefn_str){ value, 1783 })
          && edgefn_set(&ev.request.origin.headers, S("host"), S("x")));
    CHECK_NUM(edgefn_sanitize(&ev, f, 64), 1);
    CHECK_NUM(edgefn_get(&ev.request.origin.headers, S("x-b")).len, 1783);
    ROW("a removed value comes back before an added one");
    if (!open_for(&ev, frame(L_VREQ, L_GET(VIA2("a", "b")), NULL), 4000)) return;
    CHECK(edgefn_remove_at(h, 1) && edgefn_add(h, S("via"), S("c")));
    CHECK_NUM(edgefn_sanitize(&ev, f, 64), 1);
    CHECK_STR(edgefn_finish(&ev, NULL), edgefn_passthrough(&ev));
}

/* Edits of so many headers that clashes are found by sorting, with every amount of memory. */
TEST(many_clashes_of_edits)
{
    enum { MANY = 300 };
    static char event[MANY * 40 + 500], names[MANY][8];
    size_t n = (size_t)sprintf(event, "{'method':'GET','uri':'/','headers':{");
    size_t ooms[2] = { 0, 0 };
    for (int i = 0; i < MANY; i++)
        n += (size_t)sprintf(event + n, "%s'h-%d':[{'value':'1'}]", i ? "," : "", i);
    sprintf(event + n, "},'origin':{'s3':{'domainName':'b.s3.amazonaws.com'}}}");
    edgefn_str json = frame(L_OREQ, event, NULL);
    for (size_t left = 0; left < 400000; left += 997)
        for (int sanitizes = 0; sanitizes < 2; sanitizes++) {
            edgefn_event ev;
            edgefn_finding f[4];
            edgefn_parse(&ev, json, arena_new(1 << 20), NULL);
            for (int i = 0; i < MANY; i++) {
                snprintf(names[i], sizeof names[i], "%s-%d", i == 7 ? "h" : "c", i);
                edgefn_add(&ev.request.origin.headers, edgefn_cstr(names[i]), S("1"));
            }
            ev.arena.cap = ev.arena.used + left;
            size_t undone = sanitizes ? edgefn_sanitize(&ev, f, 4) : 0;
            edgefn_str out = edgefn_finish(&ev, NULL);
            if (ev.err.code == EDGEFN_E_OOM)
                ooms[sanitizes]++;
            else if (sanitizes)
                CHECK(undone == 1 && out.ptr != NULL
                      && !edgefn_has(&ev.request.origin.headers, S("h-7")));
            else
                CHECK(ev.err.code == EDGEFN_E_CHECK && edgefn_str_eq(ev.err.subject, S("h-7")));
            arena_drop();
        }
    CHECK(ooms[0] > 5 && ooms[0] < 390 && ooms[1] > 5 && ooms[1] < 390);
}

/* The query of a built event has no text: a result's longer one counts by its length. */
TEST(long_query_of_a_built_event)
{
    static char value[8300], result[8500];
    edgefn_event ev;
    edgefn_finding f[8];
    memset(value, 'v', sizeof value - 1);
    for (int is_long = 0; is_long < 2; is_long++) {
        edgefn_build_begin(&ev, EDGEFN_DIALECT_FUNCTIONS, EDGEFN_VIEWER_REQUEST, arena_new(1 << 17),
                           NULL);
        ev.request.method = S("GET"), ev.request.uri = S("/"), ev.request.querystring = S("a=1");
        if (!CHECK(edgefn_build_end(&ev))) return;
        snprintf(result, sizeof result,
                 "{'method':'GET','uri':'/','querystring':{'a':{'value':'%s'}}}",
                 is_long ? value : "2");
        CHECK_NUM(edgefn_check(&ev, js(result), f, 8), is_long);
        if (is_long) CHECK_STR(edgefn_cstr(f[0].rule->id), "uri.length");
    }
}
