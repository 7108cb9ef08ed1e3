/* lambda_handler.c - for tests/hosts/lambda_stub.py: the URI chooses what the handler does;
   other events pass unchanged. */
#include "edgefn.h"
#include <stdlib.h>
#define S EDGEFN_S

static edgefn_str or_none(edgefn_str s)
{
    return s.ptr != NULL ? s : S("none");
}

static edgefn_str ask(edgefn_event *ev, edgefn_str table, edgefn_str key)
{
    return or_none(edgefn_lookup(ev, table, key));
}

/* Answers with what the host provided, one value per line. */
static bool tell(edgefn_event *ev)
{
    const edgefn_str lambda = S("lambda"), secret = S("secret"), kv = S("kv"), end = S("\n");
    const edgefn_str parts[] = {
        ask(ev, lambda, S("request-id")),
        end,
        ask(ev, lambda, S("deadline-ms")),
        end,
        ask(ev, lambda, S("trace-id")),
        end,
        ask(ev, lambda, S("function-arn")),
        end,
        ask(ev, lambda, S("client-context")),
        end,
        or_none(edgefn_cstr(getenv("_X_AMZN_TRACE_ID"))),
        end,
        ask(ev, secret, S("cookie_key")),
        end,
        ask(ev, secret, S("cookie-key")),
        end,
        ask(ev, secret, S("missing")),
        end,
        ask(ev, kv, S("/old page")),
        end,
        ask(ev, kv, S("a__b")),
        end,
        ask(ev, S("KV"), S("a_b")),
        end,
        edgefn_str_from_u64(ev, (uint64_t)ev->env->now_s),
        end,
        ev->env->has_random ? edgefn_str_from_u64(ev, ev->env->random) : S("none"),
        end,
        edgefn_random_text(ev, S("test")),
        end,
    };
    return edgefn_respond(ev, 200,
                          &(edgefn_respond_opts){
                              .body = edgefn_str_join(ev, parts, sizeof parts / sizeof parts[0]) });
}

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_str uri = ev->request.uri;

    if (edgefn_str_eq(uri, S("/tell"))) return tell(ev);
    if (edgefn_str_starts(uri, S("/token/"))) {
        edgefn_jwt_opts opts = { .rs256 = true, .es256 = true };
        edgefn_jwt jwt = edgefn_jwt_verify(ev, edgefn_str_skip(uri, 7), &opts);
        return edgefn_respond(
            ev, 200, &(edgefn_respond_opts){ .body = jwt.ok ? S("valid") : edgefn_cstr(jwt.why) });
    }
    if (edgefn_str_eq(uri, S("/fail"))) return false;
    if (edgefn_str_eq(uri, S("/log"))) edgefn_log(ev, S("one\ntwo\x1b[1m"));
    if (edgefn_str_eq(uri, S("/reason")))
        return edgefn_fail(ev, EDGEFN_E_HANDLER, S("a \"reason\" \\ \xc3\xa4"));
    if (edgefn_str_eq(uri, S("/policy")))
        return edgefn_set(&ev->request.headers, S("connection"), S("close"));
    if (edgefn_str_eq(uri, S("/much"))) return edgefn_alloc(ev, (size_t)8 << 20, 0) != NULL;
    if (edgefn_str_eq(uri, S("/all"))) {
        while (edgefn_alloc(ev, 65536, 0) != NULL) {
        }
    }
    return true;
}
