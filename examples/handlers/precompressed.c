/* precompressed.c - serves files that were compressed in advance: "/app.js" becomes "/app.js.br" or
   "/app.js.gz" for browsers that take it.

   Events: viewer-request of both dialects; origin-response, which names the encoding and the type.
   Change: types, codings and suffixes.
   Needs: each such file three times: plain, .br and .gz. The new path is in the cache key. Without
   origin-response, store Content-Encoding, Content-Type and "Vary: Accept-Encoding" with the files.
   Traps: a file that lacks its .br is a 404. CloudFront compresses by itself up to 10 MB: this is
   for better compression, and for larger files. Error pages (404) are not compressed. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_pair types[] = {
    { EDGEFN_S_INIT("css"), EDGEFN_S_INIT("text/css; charset=utf-8") },
    { EDGEFN_S_INIT("html"), EDGEFN_S_INIT("text/html; charset=utf-8") },
    { EDGEFN_S_INIT("js"), EDGEFN_S_INIT("text/javascript; charset=utf-8") },
    { EDGEFN_S_INIT("svg"), EDGEFN_S_INIT("image/svg+xml") },
    { EDGEFN_S_INIT("wasm"), EDGEFN_S_INIT("application/wasm") },
}; /* sorted */
static const edgefn_str codings[] = { EDGEFN_S_INIT("identity"), EDGEFN_S_INIT("br"),
                                      EDGEFN_S_INIT("gzip") };
static const edgefn_str suffixes[] = { EDGEFN_S_INIT(""), EDGEFN_S_INIT(".br"),
                                       EDGEFN_S_INIT(".gz") };

static edgefn_str type_of(edgefn_str path)
{
    return edgefn_table_get(types, EDGEFN_COUNT_OF(types), edgefn_path_split(path).ext);
}

static bool name_coding(edgefn_event *ev)
{
    edgefn_str uri = ev->request.uri;
    uint32_t status = ev->response.status;

    if (status != 200 && status != 206 && status != 304) return true;
    for (size_t i = 1; i < EDGEFN_COUNT_OF(suffixes); i++) {
        if (!edgefn_str_ends(uri, suffixes[i])) continue;
        uri = edgefn_str_take(uri, uri.len - suffixes[i].len);
        if (type_of(uri).ptr == NULL) return true;
        edgefn_set(&ev->response.headers, S("Content-Encoding"), codings[i]);
        edgefn_set(&ev->response.headers, S("Content-Type"), type_of(uri));
    }
    return type_of(uri).ptr == NULL || edgefn_header_vary(ev, S("Accept-Encoding"));
}

bool precompressed(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type == EDGEFN_ORIGIN_RESPONSE) return name_coding(ev);
    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_str_starts(req->uri, S("/"))) return true;
    if (!edgefn_is_get_or_head(ev)) return true;
    if (type_of(req->uri).ptr == NULL) return true;
    edgefn_str accept = edgefn_get(&req->headers, S("accept-encoding"));
    size_t best = edgefn_header_negotiate(accept, codings, EDGEFN_COUNT_OF(codings));
    if (best == 0 || best == EDGEFN_COUNT_OF(codings)) return true;
    if (!edgefn_uri_normalize(ev)) return false;
    req->uri = edgefn_str_join(ev, EDGEFN_STRS(req->uri, suffixes[best]));
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return precompressed(ev);
}
