/* graphql_guard.c - lets through only those GraphQL queries that your own pages ask: "persisted" ones, named by their hash.

   The body is {"extensions":{"persistedQuery":{"sha256Hash":HASH}},"variables":...}; the table "kv" has an entry "query:HASH" for
   each. A query written out, a list of several, and a body above 40 KB are refused.
   Events: viewer-request of Lambda@Edge. CloudFront Functions see no body.
   Needs: "Include body"; the host's look-up. */
#include "edgefn.h"
#define S EDGEFN_S

static bool refuse(edgefn_event *ev, uint32_t status, edgefn_str body)
{
    return edgefn_respond(
        ev, status, &(edgefn_respond_opts){ .body = body, .content_type = S("application/json") });
}

bool edgefn_handler(edgefn_event *ev)
{
    if (ev->dialect != EDGEFN_DIALECT_LAMBDA || ev->type != EDGEFN_VIEWER_REQUEST
        || !edgefn_uri_guards(ev->request.uri, S("/graphql*")))
        return true;
    if (edgefn_str_eq(ev->request.method, S("OPTIONS"))) return true;
    if (!edgefn_str_eq(ev->request.method, S("POST")))
        return refuse(ev, 405, S("{\"errors\":[{\"message\":\"POST only\"}]}\n"));
    if (ev->request.body.truncated)
        return refuse(ev, 413, S("{\"errors\":[{\"message\":\"too long\"}]}\n"));

    edgefn_str body = edgefn_body_decode(ev, &ev->request.body);
    edgefn_str hash = edgefn_json_at(ev, body, S("/extensions/persistedQuery/sha256Hash")).string;
    bool known =
        hash.ptr != NULL
        && edgefn_lookup(ev, S("kv"), edgefn_str_join(ev, EDGEFN_STRS(S("query:"), hash))).ptr
               != NULL;
    if (known && edgefn_json_at(ev, body, S("/query")).type == EDGEFN_JSON_ABSENT) return true;
    return refuse(ev, 403, S("{\"errors\":[{\"message\":\"unknown query\"}]}\n"));
}
