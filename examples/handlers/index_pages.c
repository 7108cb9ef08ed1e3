/* index_pages.c - gives a static site folders: "/guides" leads to "/guides/", which shows
   "/guides/index.html".

   A path is a file if its last part is in the list below, or ends in a dot and 1 to 5 letters or
   digits, at least one of them a letter: "/app.js" and "/song.mp3" are files, "/releases/v1.2" is a
   folder. Nothing below "/.well-known/" is touched. Only GET and HEAD: a redirected POST would lose
   its body.
   Events: Lambda@Edge viewer-request (the redirect) and origin-request (the file: the cache key
   stays "/guides/"); CloudFront Functions viewer-request does both, because it has no
   origin-request.
   Change: index_file; files, the names of files without such an ending; untouched, a folder.
   Needs: the files at the origin. An S3 origin that is not a website endpoint has no folders
   itself.
   Traps: AWS's version takes every path with a dot for a file, so that "/releases/v1.2" is a 404,
   and every path without one for a folder, so that "/apple-app-site-association" is one. It also
   shows "/guides" without redirecting: relative links then start one folder too high. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str index_file = EDGEFN_S_INIT("index.html");
static const edgefn_str untouched = EDGEFN_S_INIT(".well-known");
static const edgefn_str files[] = { EDGEFN_S_INIT("apple-app-site-association"),
                                    EDGEFN_S_INIT("CNAME"), EDGEFN_S_INIT("LICENSE") };

static bool is_file(edgefn_str uri)
{
    edgefn_path path = edgefn_path_split(uri);
    bool letter = false;

    if (edgefn_str_eq(edgefn_path_segment(uri, 0), untouched)) return true;
    if (edgefn_str_in(path.base, files, EDGEFN_COUNT_OF(files))) return true;
    size_t dot = path.base.len;
    while (dot > 0 && path.base.ptr[dot - 1] != '.') {
        char c = path.base.ptr[--dot];
        bool digit = c >= '0' && c <= '9';
        letter |= !digit;
        if (!digit && !((c | 32) >= 'a' && (c | 32) <= 'z')) return false;
    }
    return dot > 0 && letter && path.base.len - dot <= 5;
}

bool index_pages(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;
    const edgefn_str received = req->uri;

    if (!edgefn_is_request(ev) || !edgefn_is_get_or_head(ev)
        || !edgefn_str_starts(received, S("/")))
        return true;
    if (!edgefn_uri_normalize(ev)) return false; /* "/guides/.." is "/" */
    bool viewer = ev->type == EDGEFN_VIEWER_REQUEST, file = is_file(req->uri);
    bool slash = edgefn_str_ends(req->uri, S("/"));
    edgefn_str folder = slash ? req->uri : edgefn_str_join(ev, EDGEFN_STRS(req->uri, S("/")));
    if (viewer && !slash && !file && edgefn_url(ev).ptr != NULL) /* absent without Host */
        return edgefn_redirect(ev, &(edgefn_redirect_opts){ .status = 301, .path = folder });
    bool stays = file || (viewer && (!slash || ev->dialect == EDGEFN_DIALECT_LAMBDA));
    req->uri = stays ? received : folder;
    return stays || edgefn_uri_add_index(ev, index_file);
}

bool edgefn_handler(edgefn_event *ev)
{
    return index_pages(ev);
}
