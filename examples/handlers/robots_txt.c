/* robots_txt.c - answers /robots.txt at the edge, without crawlers that train models.

   All others may read everything but the search, and find the site map of the host that they asked.
   Events: viewer-request of both dialects.
   Change: unwelcome, others (the rules for all others), sitemap (its path), max_age_s.
   Needs: /sitemap.xml at the origin.
   Traps: crawlers need not obey: block_bots.c refuses those that name themselves. A Disallow does
   not take a page out of a search index. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str unwelcome[] = { EDGEFN_S_INIT("GPTBot"), EDGEFN_S_INIT("ClaudeBot"),
                                        EDGEFN_S_INIT("CCBot"), EDGEFN_S_INIT("Google-Extended") };
static const edgefn_str others = EDGEFN_S_INIT("Disallow: /\n\nUser-agent: *\nDisallow: /search\n");
static const edgefn_str sitemap = EDGEFN_S_INIT("/sitemap.xml\n");
static const uint32_t max_age_s = 86400;

/* fixed: the format */
static const edgefn_str path = EDGEFN_S_INIT("/robots.txt");
static const edgefn_str agent_line = EDGEFN_S_INIT("User-agent: ");
static const edgefn_str sitemap_line = EDGEFN_S_INIT("\nSitemap: https://");

bool robots_txt(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_str_eq(ev->request.uri, path)) return true;

    edgefn_text text = { 0 };
    for (size_t i = 0; i < EDGEFN_COUNT_OF(unwelcome); i++) {
        edgefn_text_put(ev, &text, agent_line);
        edgefn_text_put(ev, &text, unwelcome[i]);
        edgefn_text_put(ev, &text, S("\n"));
    }
    edgefn_text_put(ev, &text, others);
    edgefn_str host = edgefn_get(&ev->request.headers, S("host"));
    if (host.len > 0) {
        edgefn_text_put(ev, &text, sitemap_line);
        edgefn_text_put(ev, &text, host);
        edgefn_text_put(ev, &text, sitemap);
    }
    edgefn_respond_opts opts = { .body = edgefn_text_end(ev, &text),
                                 .content_type = S("text/plain; charset=utf-8"),
                                 .cache_max_age_s = max_age_s };
    return edgefn_respond(ev, 200, &opts);
}

bool edgefn_handler(edgefn_event *ev)
{
    return robots_txt(ev);
}
