/* error_page.c - shows your own HTML page, in the viewer's language, where the origin has an error.

   Events: origin-response of Lambda@Edge: its result is what CloudFront caches.
   Change: languages (the first is the default), pages, html, api (paths whose errors stay), hold_s.
   Needs: paths that begin with the language ("/de/...", see language_path), or Accept-Language in
   the cache policy; else one viewer's language is cached for everybody.
   Traps: the status stays, so that search engines do not index the page and monitoring sees the
   error. Everybody gets this copy, so cookies go. It is kept hold_s seconds, or the distribution's
   Error caching minimum TTL if that is longer (10 s unless set). S3 says 403 for a missing file
   unless it may list the bucket: let tidy_response run first. An origin that cannot be reached
   causes no event: set a custom error response in the distribution, too. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str languages[] = { EDGEFN_S_INIT("en"), EDGEFN_S_INIT("de") };
static const struct {
    uint32_t from, to; /* statuses */
    edgefn_str text[EDGEFN_COUNT_OF(languages)];
} pages[] = {
    { 404, 404, { EDGEFN_S_INIT("Page not found"), EDGEFN_S_INIT("Seite nicht gefunden") } },
    { 410, 410, { EDGEFN_S_INIT("Page removed"), EDGEFN_S_INIT("Seite entfernt") } },
    { 500, 599, { EDGEFN_S_INIT("Please try again"), EDGEFN_S_INIT("Bitte noch einmal") } },
};
static const edgefn_str html = EDGEFN_S_INIT(
    "<!doctype html>\n<html lang=\"{lang}\">\n<title>{text}</title>\n<h1>{text}</h1>\n");
static const edgefn_str api = EDGEFN_S_INIT("/api/*");
static const uint32_t hold_s = 10;

static size_t language_of(const edgefn_request *req)
{
    const size_t count = EDGEFN_COUNT_OF(languages);
    edgefn_str wish = edgefn_get(&req->headers, S("accept-language"));
    size_t best = edgefn_header_language(wish, languages, count);

    for (size_t i = 0; i < count; i++)
        if (edgefn_str_eq(edgefn_path_segment(req->uri, 0), languages[i])) best = i;
    return best < count ? best : 0;
}

bool error_page(edgefn_event *ev)
{
    uint32_t status = ev->response.status;
    size_t language = language_of(&ev->request), i = 0;

    if (ev->type != EDGEFN_ORIGIN_RESPONSE || edgefn_uri_match(ev->request.uri, api)) return true;
    while (i < EDGEFN_COUNT_OF(pages) && (status < pages[i].from || status > pages[i].to))
        i++;
    if (i == EDGEFN_COUNT_OF(pages)) return true;

    const edgefn_pair fill[] = { { S("{lang}"), languages[language] },
                                 { S("{text}"), pages[i].text[language] } };
    edgefn_str page = edgefn_replace_all(ev, html, fill, EDGEFN_COUNT_OF(fill));
    edgefn_remove(&ev->response.headers, S("set-cookie"));
    return edgefn_respond(ev, status,
                          &(edgefn_respond_opts){ .body = page, .cache_max_age_s = hold_s });
}

bool edgefn_handler(edgefn_event *ev)
{
    return error_page(ev);
}
