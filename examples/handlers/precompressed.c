/* precompressed.c - serves files that were compressed in advance: "/app.js" becomes "/app.js.br" or
   "/app.js.gz" for browsers that take it.

   Events: viewer-request of both dialects; origin-response, which names the encoding and the type.
   Change: types, suffixes.
   Needs: each such file three times: plain, .br and .gz. The new path is in the cache key. Without
   a function in origin-response (CloudFront Functions alone), store the files with their metadata
   Content-Encoding and Content-Type, and with "Vary: Accept-Encoding".
   Traps: a file that lacks its .br is a 404. CloudFront compresses by itself up to 10 MB: this is
   for better compression, and for larger files. The error page for a missing file is not
   compressed, so only 200, 206 and 304 get the headers. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_pair types[] = {
    { EDGEFN_S_INIT("css"), EDGEFN_S_INIT("text/css; charset=utf-8") },
    { EDGEFN_S_INIT("html"), EDGEFN_S_INIT("text/html; charset=utf-8") },
    { EDGEFN_S_INIT("js"), EDGEFN_S_INIT("text/javascript; charset=utf-8") },
    { EDGEFN_S_INIT("svg"), EDGEFN_S_INIT("image/svg+xml") },
    { EDGEFN_S_INIT("wasm"), EDGEFN_S_INIT("application/wasm") },
}; /* sorted by extension */
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
        edgefn_str type = type_of(edgefn_str_take(uri, uri.len - suffixes[i].len));
        if (!edgefn_str_ends(uri, suffixes[i]) || type.ptr == NULL) continue;
        return edgefn_set(&ev->response.headers, S("Content-Encoding"), codings[i])
               && edgefn_set(&ev->response.headers, S("Content-Type"), type)
               && edgefn_header_vary(ev, S("Accept-Encoding"));
    }
    return type_of(uri).ptr == NULL || edgefn_header_vary(ev, S("Accept-Encoding"));
}

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type == EDGEFN_ORIGIN_RESPONSE) return name_coding(ev);
    if (ev->type != EDGEFN_VIEWER_REQUEST || type_of(req->uri).ptr == NULL) return true;
    if (!edgefn_str_in(req->method, EDGEFN_STRS(S("GET"), S("HEAD")))) return true;
    size_t best = edgefn_header_negotiate(edgefn_get(&req->headers, S("accept-encoding")), codings,
                                          EDGEFN_COUNT_OF(codings));
    if (best == 0 || best == EDGEFN_COUNT_OF(codings)) return true;
    req->uri = edgefn_str_join(ev, EDGEFN_STRS(req->uri, suffixes[best]));
    return true;
}
