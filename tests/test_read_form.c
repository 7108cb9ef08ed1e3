/* examples/handlers/read_form.c: the lines it writes to the host's log, which `edgefn run` does
   not print with the result. */
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include "../examples/handlers/read_form.c"

static char logged[2000];

static void note(void *user, edgefn_str text)
{
    size_t len = strlen(logged);
    (void)user;
    snprintf(logged + len, sizeof logged - len, "%s%.*s", len > 0 ? "|" : "", EDGEFN_FMT(text));
}

TEST(log)
{
    static const char form[] = "application/x-www-form-urlencoded";
    static const struct {
        const char *type, *body, *logged;
        bool truncated;
    } rows[] = {
        { form, "name=Ada+L.&email=ada%40example.com", "name=Ada L.|email=ada@example.com", false },
        { "Application/X-WWW-Form-Urlencoded ; charset=utf-8", "a=1&&b&=c", "a=1|b=|=c", false },
        { form, "password=secret&c%61rd=4111&x=y", "password=(not logged)|card=(not logged)|x=y",
          false },
        { form, "", "", false },
        { form, "a=%ff%", "a=\xff%", false },
        { form, "name=a", "not read: 6 bytes", true },
        { "multipart/form-data; boundary=x", "--x--", "not read: 5 bytes", false },
        { NULL, "name=a", "not read: 6 bytes", false },
        { "", "name=a", "not read: 6 bytes", false },
        { form, NULL, "", false },
    };
    edgefn_env env = { .log = note };
    edgefn_event ev;

    for (int type = EDGEFN_VIEWER_REQUEST; type <= EDGEFN_ORIGIN_REQUEST; type++)
        for (size_t i = 0; i < COUNT(rows); i++) {
            ROW("%d %zu", type, i);
            logged[0] = 0;
            edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, (edgefn_event_type)type,
                               arena_new(64 * 1024), &(edgefn_parse_opts){ .env = &env });
            ev.request.method = S("POST");
            ev.request.uri = S("/feedback");
            ev.request.body.data = edgefn_base64_encode(&ev, edgefn_cstr(rows[i].body));
            if (rows[i].body == NULL) ev.request.body.data = EDGEFN_ABSENT;
            ev.request.body.encoding = EDGEFN_ENCODING_BASE64;
            ev.request.body.truncated = rows[i].truncated;
            edgefn_add(&ev.request.headers, S("Host"), S("www.example.com"));
            edgefn_add(&ev.request.headers, S("Content-Type"), edgefn_cstr(rows[i].type));
            CHECK(edgefn_build_end(&ev) && edgefn_handler(&ev));
            CHECK_STR(edgefn_cstr(logged), rows[i].logged);
            CHECK(edgefn_outcome_of(&ev, &(edgefn_write_opts){ .strict = true })
                  == EDGEFN_OUTCOME_FORWARD);
            CHECK(edgefn_changed(&ev, EDGEFN_MEMBER_BODY_DATA) == EDGEFN_CHANGE_NONE);
        }
}
