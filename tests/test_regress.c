/* tests/data/regress: the smallest input of each fault that was found. A file has a comment, an
   event, edits in the words of edit() or "sanitize", and after "=>" the result, or the name of the
   error. The folders in it have the inputs of fuzz targets, which test_fuzz.sh replays; what they
   showed has rows here. */
#include "../edgefn.h"
#include "test.h"
#include "kit.h"

static edgefn_str next_line(edgefn_str *rest)
{
    edgefn_cut line = edgefn_str_cut(*rest, S("\n"));
    *rest = line.tail;
    return line.head;
}

static void run_case(edgefn_str text)
{
    edgefn_event ev;
    edgefn_str line = next_line(&text);
    while (edgefn_str_starts(line, S("#")))
        line = next_line(&text);
    edgefn_parse(&ev, line, arena_new(65536 + 8 * line.len), NULL);
    for (line = next_line(&text); !edgefn_str_starts(line, S("=>")); line = next_line(&text)) {
        if (!CHECK(line.ptr != NULL)) return;
        char *script = (char *)test_own(calloc(line.len + 1, 1)); /* until the event is written */
        memcpy(script, line.ptr, line.len);
        if (strcmp(script, "sanitize") == 0)
            edgefn_sanitize(&ev, NULL, 0);
        else
            edit(&ev, script);
    }
    edgefn_str out = edgefn_finish(&ev, NULL), want = edgefn_str_trim(edgefn_str_skip(line, 2));
    if (edgefn_str_starts(want, S("EDGEFN_E_")))
        CHECK_STR(edgefn_cstr(edgefn_error_name(ev.err.code)), want);
    else if (!CHECK_STR(out, want))
        kit_why(&ev);
}

TEST(regress)
{
    glob_t files;
    if (!CHECK(glob("tests/data/regress/*.txt", 0, NULL, &files) == 0)) return;
    for (size_t i = 0; i < files.gl_pathc; i++) {
        ROW("%s", files.gl_pathv[i]);
        run_case(slurp(files.gl_pathv[i]));
    }
    globfree(&files);
}

/* Members that a request was received with, though they belong to the other dialect or to a
   response, are unknown members: the text of an edited event has the findings of the event. */
TEST(received_names)
{
    static const struct {
        const char *frame, *result;
    } rows[] = {
        { F_VREQ, "{'method':'GET','uri':'/','origin':{}}" },
        { F_VREQ, "{'method':'GET','uri':'/','origin':{},'clientIp':'x'}" },
        { F_VREQ, "{'method':'GET','uri':'/','statusCode':1}" },
        { L_VREQ, "{'method':'GET','uri':'/','status':{}}" },
        { L_VREQ, "{'method':'GET','uri':'/','cookies':{}}" },
        { L_ORES, "{'status':'200','uri':'/'}" },
        { F_VRES, "{'statusCode':200,'method':1,'context':{}}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].result);
        edgefn_event ev, fresh;
        edgefn_finding found[4];
        edgefn_str json = frame(rows[i].frame, rows[i].result, NULL);
        if (!OPEN(&ev, json) || !OPEN(&fresh, json)) continue;
        if (edgefn_is_request(&ev)) {
            CHECK(edgefn_uri_set(&ev, S("/new")));
            CHECK(edgefn_query_set_raw(&ev, S("a=1")));
        } else {
            CHECK(edgefn_set(&ev.response.headers, S("x-a"), S("1")));
        }
        CHECK_NUM(edgefn_check(&ev, EDGEFN_ABSENT, found, 4), 0);
        CHECK_NUM(edgefn_check(&fresh, written(&ev), found, 4), 0);
    }
    ROW("what was not received is still found");
    edgefn_event ev;
    if (!OPEN(&ev, frame(F_VREQ, "{'method':'GET','uri':'/','origin':{}}", NULL))) return;
    edgefn_str other = js("{'method':'GET','uri':'/','clientIp':'x','querystring':'a'}");
    CHECK_NUM(edgefn_check(&ev, other, NULL, 0), 1);
    other = js("{'statusCode':200,'uri':'/'}");
    CHECK(edgefn_check(&ev, other, NULL, 0) > 0);
}

/* With any amount of memory the findings are the same, with their subjects, or the result is
   EDGEFN_E_OOM. */
TEST(subjects_in_little_memory)
{
    static const char result[] =
        "{'method':'POST','uri':'x y','querystring':'a b#','clientIp':'::2','headers':{'host':'h',"
        "'x-a':[{'key':'X-B','value':['1','2']}],'Jx b':[{'value':'a`r`nb'}]},"
        "'body':{'action':'replace','encoding':'gzip','data':'!'}}";
    edgefn_str json = frame(L_OREQ, "{'method':'GET','uri':'/'}", NULL), text = js(result);
    edgefn_finding want[16], found[16];
    edgefn_event ev, small;
    if (!OPEN(&ev, json)) return;
    size_t used = ev.arena.used, n = edgefn_check(&ev, text, want, 16), enough = 0;
    CHECK(n > 4 && n <= 16);
    for (size_t room = used; room < used + 6000; room += 8) {
        ROW("%zu bytes", room);
        size_t m = SIZE_MAX;
        if (edgefn_parse(&small, json, arena_new(room), NULL) == EDGEFN_OK)
            m = edgefn_check(&small, text, found, 16);
        bool same = m == SIZE_MAX && small.err.code == EDGEFN_E_OOM;
        enough += m == n;
        for (size_t i = 0; m == n && i < n; i++) {
            same =
                found[i].rule == want[i].rule && edgefn_str_eq(found[i].subject, want[i].subject);
            if (!same) break;
        }
        if (!CHECK(same)) return;
        arena_drop();
    }
    CHECK(enough > 100);
}

/* Whether a bot has a name, and its length, do not depend on the case of letters. */
TEST(bot_names_in_any_case)
{
    static const char *const texts[] = { "\x01httprss", "(compatible; abc/1; http://rss)",
                                         "mozilla/5.0 (compatible; rss)",
                                         "x mozilla/5.0 (bot) compatible; a" };
    char upper[100];
    for (size_t i = 0; i < COUNT(texts); i++) {
        size_t n = strlen(texts[i]);
        ROW("%s", texts[i] + 1);
        for (size_t k = 0; k < n; k++)
            upper[k] = (char)(texts[i][k] - (texts[i][k] >= 'a' && texts[i][k] <= 'z' ? 32 : 0));
        edgefn_ua a = edgefn_ua_parse(guard_copy(texts[i], n));
        edgefn_ua b = edgefn_ua_parse((edgefn_str){ upper, n });
        CHECK(a.bot == b.bot && a.device == b.device);
        CHECK(!a.bot_name.ptr == !b.bot_name.ptr && a.bot_name.len == b.bot_name.len);
    }
}
