/* json_api.c - answers a small read-only JSON API from the key-value table: a list, and one item.

   Events: viewer-request of both dialects.
   Change: base (path of the API), table, list_key, prefix (of the items' keys), max_age_s;
   wrong_method, not_found and invalid, texts.
   Needs: the host's look-up with the table "kv": "items" is a JSON list, "item:42" the JSON text of
   /api/items/42.
   Traps: the prefix keeps the other entries of the table out of reach. CloudFront's KeyValueStore
   takes values of 1 KB at most, and 40 KB are the most that a viewer-request function may answer:
   longer lists belong at an origin. An entry that is not JSON is a 500, not a broken 200. A script
   of another site needs CORS: let cors_preflight or cors_wildcard run first. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str base = EDGEFN_S_INIT("/api/items");
static const edgefn_str table = EDGEFN_S_INIT("kv");
static const edgefn_str list_key = EDGEFN_S_INIT("items"), prefix = EDGEFN_S_INIT("item:");
static const edgefn_str wrong_method = EDGEFN_S_INIT("{\"error\":\"method not allowed\"}\n");
static const edgefn_str not_found = EDGEFN_S_INIT("{\"error\":\"not found\"}\n");
static const edgefn_str invalid = EDGEFN_S_INIT("{\"error\":\"invalid entry\"}\n");
static const uint32_t max_age_s = 60;

/* fixed: what this function answers */
static const edgefn_str allow = EDGEFN_S_INIT("GET, HEAD");

static bool answer(edgefn_event *ev, uint32_t status, edgefn_str json)
{
    const edgefn_respond_opts opts = { .body = json,
                                       .content_type = S("application/json"),
                                       .cache_max_age_s = status == 200 ? max_age_s : 0 };
    return edgefn_respond(ev, status, &opts);
}

bool json_api(edgefn_event *ev)
{
    edgefn_str rest = edgefn_str_skip(ev->request.uri, base.len);

    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_str_starts(ev->request.uri, base)) return true;
    if (rest.len > 0 && !edgefn_str_starts(rest, S("/"))) return true;
    if (!edgefn_is_get_or_head(ev))
        return answer(ev, 405, wrong_method)
               && edgefn_set(&ev->response.headers, S("Allow"), allow);

    edgefn_str id = edgefn_percent_decode(ev, edgefn_str_skip(rest, 1), false);
    edgefn_str key = id.len == 0 ? list_key : edgefn_str_join(ev, EDGEFN_STRS(prefix, id));
    edgefn_str json = edgefn_lookup(ev, table, key);
    if (ev->err.code != EDGEFN_OK) return false;
    if (json.ptr == NULL) return answer(ev, 404, not_found);
    if (edgefn_json_at(ev, json, S("")).text.ptr == NULL) return answer(ev, 500, invalid);
    return answer(ev, 200, json);
}

bool edgefn_handler(edgefn_event *ev)
{
    return json_api(ev);
}
