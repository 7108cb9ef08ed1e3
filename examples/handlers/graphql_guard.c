/* graphql_guard.c - lets through only the GraphQL queries of your own pages, named by their hash.

   The body is {"extensions":{"persistedQuery":{"sha256Hash":HASH}},"variables":...}.
   Events: viewer-request of Lambda@Edge. CloudFront Functions see no body.
   Change: path, table, prefix (of its keys), wrong_method, too_long, unknown (texts).
   Needs: "Include body"; the host's look-up: the table "kv" has an entry "query:HASH" for each
   query. All methods allowed in the behaviour; those but POST and OPTIONS get a 405.
   Traps: a query written out, several in a list, and a body above 40 KB, which is shown in part,
   are refused: the server would run what nobody checked here. Some servers prefer a ?query=... of
   the address: the query string is removed. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str path = EDGEFN_S_INIT("/graphql*");
static const edgefn_str table = EDGEFN_S_INIT("kv"), prefix = EDGEFN_S_INIT("query:");
static const edgefn_str wrong_method =
    EDGEFN_S_INIT("{\"errors\":[{\"message\":\"POST only\"}]}\n");
static const edgefn_str too_long = EDGEFN_S_INIT("{\"errors\":[{\"message\":\"too long\"}]}\n");
static const edgefn_str unknown = EDGEFN_S_INIT("{\"errors\":[{\"message\":\"unknown query\"}]}\n");

/* fixed: where a body has the hash and the query */
static const edgefn_str hash_at = EDGEFN_S_INIT("/extensions/persistedQuery/sha256Hash");
static const edgefn_str query_at = EDGEFN_S_INIT("/query");
static const edgefn_str allow = EDGEFN_S_INIT("POST, OPTIONS");

static bool refuse(edgefn_event *ev, uint32_t status, edgefn_str body)
{
    return edgefn_respond(
        ev, status, &(edgefn_respond_opts){ .body = body, .content_type = S("application/json") });
}

bool graphql_guard(edgefn_event *ev)
{
    if (ev->dialect != EDGEFN_DIALECT_LAMBDA || ev->type != EDGEFN_VIEWER_REQUEST
        || !edgefn_uri_guards(ev->request.uri, path))
        return true;
    if (edgefn_str_eq(ev->request.method, S("OPTIONS"))) return true;
    if (!edgefn_str_eq(ev->request.method, S("POST")))
        return refuse(ev, 405, wrong_method)
               && edgefn_set(&ev->response.headers, S("Allow"), allow);
    if (ev->request.body.truncated) return refuse(ev, 413, too_long);

    edgefn_str body = edgefn_body_decode(ev, &ev->request.body);
    edgefn_str hash = edgefn_json_at(ev, body, hash_at).string;
    bool known =
        hash.ptr != NULL
        && edgefn_lookup(ev, table, edgefn_str_join(ev, EDGEFN_STRS(prefix, hash))).ptr != NULL;
    if (known && edgefn_json_at(ev, body, query_at).type == EDGEFN_JSON_ABSENT)
        return edgefn_query_set_raw(ev, S(""));
    return refuse(ev, 403, unknown);
}

bool edgefn_handler(edgefn_event *ev)
{
    return graphql_guard(ev);
}
