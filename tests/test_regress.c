/* tests/data/regress: the smallest input of each fault that was found. A file has a comment, an
   event, edits in the words of edit() or "sanitize", and after "=>" the result, or the name of the
   error. */
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
