/* language_by_region.c - serves each page in the language of the viewer's region: "/guides/"
   becomes "/zh-TW/guides/" for zh-Hant-TW, and "/es-ES/guides/" for es.

   Events: viewer-request of both dialects; viewer-response of both, to tell browsers and proxies
   that the page depends on Accept-Language and the cookie.
   Change: cookie, tags and folders, page_ending.
   Needs: each page in every folder; "/en/" is for viewers who read none of the others. An S3 bucket
   has no page for "/en/": chain index_pages before this. The new path is in the cache key: leave
   Accept-Language and the cookie out of the cache policy.
   Traps: a tag finds its own row, or that of its beginning: zh-Hant-MO finds zh-Hant, but zh-MO
   finds zh. So give a row to each script (zh-Hant), to each region that reads another one than the
   language alone (zh-TW, zh-HK), and to the language alone (zh, es). Search engines send no
   Accept-Language: link the folders in each page (hreflang). language_path.c is for sites without
   regions. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str cookie = EDGEFN_S_INIT("lang"); /* the viewer's own choice, a tag */
static const edgefn_str tags[] = {
    EDGEFN_S_INIT("en"),      EDGEFN_S_INIT("es"),    EDGEFN_S_INIT("es-MX"),
    EDGEFN_S_INIT("es-419"),  EDGEFN_S_INIT("zh"),    EDGEFN_S_INIT("zh-Hans"),
    EDGEFN_S_INIT("zh-Hant"), EDGEFN_S_INIT("zh-TW"), EDGEFN_S_INIT("zh-HK"),
};
static const edgefn_str folders[] = {
    EDGEFN_S_INIT("/en"),    EDGEFN_S_INIT("/es-ES"), EDGEFN_S_INIT("/es-MX"),
    EDGEFN_S_INIT("/es-MX"), EDGEFN_S_INIT("/zh-CN"), EDGEFN_S_INIT("/zh-CN"),
    EDGEFN_S_INIT("/zh-TW"), EDGEFN_S_INIT("/zh-TW"), EDGEFN_S_INIT("/zh-TW"),
};

static const edgefn_str page_ending = EDGEFN_S_INIT(".html");

bool language_by_region(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (!edgefn_str_ends(req->uri, S("/")) && !edgefn_str_ends(req->uri, page_ending)) return true;
    if (ev->type == EDGEFN_VIEWER_RESPONSE)
        return edgefn_header_vary(ev, S("Accept-Language")) && edgefn_header_vary(ev, S("Cookie"));
    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_str_starts(req->uri, S("/"))) return true;

    if (!edgefn_uri_normalize(ev)) return false;
    edgefn_str first = edgefn_path_segment(req->uri, 0);
    for (size_t i = 0; i < EDGEFN_COUNT_OF(folders); i++) /* the path names its language */
        if (edgefn_str_eq(first, edgefn_str_skip(folders[i], 1))) return true;

    edgefn_str wish = edgefn_cookie_get(ev, cookie);
    if (wish.len == 0) wish = edgefn_get(&req->headers, S("accept-language"));
    size_t best = edgefn_header_language(wish, tags, EDGEFN_COUNT_OF(tags));
    if (best == EDGEFN_COUNT_OF(tags)) best = 0;
    req->uri = edgefn_str_join(ev, EDGEFN_STRS(folders[best], req->uri));
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return language_by_region(ev);
}
