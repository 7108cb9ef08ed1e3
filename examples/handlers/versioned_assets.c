/* versioned_assets.c - serves pages and their files from the folder of the current release, which a
   table names: "/app.js" becomes "/releases/42/app.js".

   Events: viewer-request of both dialects.
   Change: folder, table and key, preview_cookie, as_they_are.
   Needs: the table "kv" with the release under "release"; each release whole in its folder, and
   those before it for a while. An S3 bucket has no page for "/releases/42/": chain index_pages
   before this. The new path is in the cache key. Let the origin send "Cache-Control: max-age=0,
   s-maxage=31536000": browsers then ask each time, and CloudFront keeps each file of a release for
   a year.
   Traps: a function never sees the body that the origin sends, so it cannot write versions into the
   links of a page. It versions the path instead: pages name "/app.js", and one table entry moves
   all of the site to another release, or back. A page that is open while the release changes loads
   its later files from the new one. The cookie, to look at a release before all do, works for
   everybody who knows its name. Without an entry, or with one that is not the name of a folder,
   paths stay as they are. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str folder = EDGEFN_S_INIT("/releases");
static const edgefn_str table = EDGEFN_S_INIT("kv"), key = EDGEFN_S_INIT("release");
static const edgefn_str preview_cookie = EDGEFN_S_INIT("release");
static const edgefn_str as_they_are[] = { EDGEFN_S_INIT("/releases/*"), EDGEFN_S_INIT("/api/*"),
                                          EDGEFN_S_INIT("/.well-known/*") };

/* Letters, digits and - . _ ~, as one segment of a path. */
static bool is_name(edgefn_event *ev, edgefn_str s)
{
    return s.len > 0 && !edgefn_str_starts(s, S("."))
           && edgefn_str_eq(edgefn_percent_encode(ev, s, EDGEFN_ABSENT), s);
}

bool versioned_assets(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_str_starts(req->uri, S("/"))) return true;
    if (edgefn_uri_match_any(req->uri, as_they_are, EDGEFN_COUNT_OF(as_they_are))) return true;
    edgefn_str release = edgefn_cookie_get(ev, preview_cookie);
    if (!is_name(ev, release)) release = edgefn_lookup(ev, table, key);
    if (!is_name(ev, release)) return ev->err.code == EDGEFN_OK;
    if (!edgefn_uri_normalize(ev)) return false;
    req->uri = edgefn_str_join(ev, EDGEFN_STRS(folder, S("/"), release, req->uri));
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return versioned_assets(ev);
}
