/* path_by_country.c - serves viewers of each country from a folder: "/a.html" becomes "/de/a.html".

   Events: viewer-request of CloudFront Functions; origin-request of Lambda@Edge.
   Change: folders (sorted by country), other (the folder of all other countries), shared (paths
   that are the same for everybody).
   Needs: CloudFront-Viewer-Country in an origin request policy (CloudFront Functions) or in the
   cache policy (Lambda@Edge); every page in every folder. An S3 bucket has no page for "/de/":
   chain index_pages before this.
   Traps: in a viewer-request function of Lambda@Edge the header is whatever the viewer sent. Prefer
   CloudFront Functions: the new path is the cache key, so three countries of one folder share its
   copies. A path that begins with one of the folders stays, so that links between them work. */
#include "edgefn.h"

static const edgefn_pair folders[] = {
    { EDGEFN_S_INIT("AT"), EDGEFN_S_INIT("/de") },
    { EDGEFN_S_INIT("CH"), EDGEFN_S_INIT("/de") },
    { EDGEFN_S_INIT("DE"), EDGEFN_S_INIT("/de") },
    { EDGEFN_S_INIT("FR"), EDGEFN_S_INIT("/fr") },
};
static const edgefn_str other = EDGEFN_S_INIT("/en");
static const edgefn_str shared[] = { EDGEFN_S_INIT("/assets/*"), EDGEFN_S_INIT("/favicon.ico"),
                                     EDGEFN_S_INIT("/robots.txt"),
                                     EDGEFN_S_INIT("/.well-known/*") };

static bool is_below(edgefn_str uri, edgefn_str folder)
{
    edgefn_str first = edgefn_path_segment(uri, 0);
    return edgefn_str_eq(first, edgefn_str_skip(folder, 1));
}

bool path_by_country(edgefn_event *ev)
{
    edgefn_str uri = ev->request.uri;
    edgefn_viewer viewer = edgefn_viewer_of(ev);

    if (!edgefn_is_request(ev) || !viewer.trusted || !edgefn_str_starts(uri, EDGEFN_S("/")))
        return true;
    if (is_below(uri, other)) return true;
    if (edgefn_uri_match_any(uri, shared, EDGEFN_COUNT_OF(shared))) return true;
    for (size_t i = 0; i < EDGEFN_COUNT_OF(folders); i++)
        if (is_below(uri, folders[i].to)) return true;
    edgefn_str to = edgefn_table_get(folders, EDGEFN_COUNT_OF(folders), viewer.country);
    return edgefn_uri_normalize(ev)
           && edgefn_uri_replace_prefix(ev, EDGEFN_S(""), to.ptr != NULL ? to : other);
}

bool edgefn_handler(edgefn_event *ev)
{
    return path_by_country(ev);
}
