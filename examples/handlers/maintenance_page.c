/* maintenance_page.c - answers a part of the site with a page made from a template, while that part
   is down.

   Who has the cookie preview=1 is let through.
   Events: viewer-request of both dialects.
   Change: closed, page, home (the address in it), retry_after (seconds), preview_cookie.
   Needs: nothing.
   Traps: the page names the path that was asked for: anybody may write one, so it is escaped.
   Anybody may also send the cookie: it opens a preview, not a secret. A function never sees the
   body of a received response: a page that is to be changed is answered like this. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str closed[] = { EDGEFN_S_INIT("/search*"), EDGEFN_S_INIT("/albums/*"),
                                     EDGEFN_S_INIT("/men\xC3\xBC/*") };
static const edgefn_str page =
    EDGEFN_S_INIT("<!doctype html>\n<title>Back soon</title>\n<h1>Back soon</h1>\n"
                  "<p>{path} is being repaired. <a href=\"{home}\">To the start page</a></p>\n");
static const edgefn_str home = EDGEFN_S_INIT("/?from=repair");
static const edgefn_str retry_after = EDGEFN_S_INIT("600");
static const edgefn_str preview_cookie = EDGEFN_S_INIT("preview");

static bool has_preview(const edgefn_fields *cookies)
{
    for (size_t i = edgefn_find(cookies, preview_cookie, 0); i < cookies->len;
         i = edgefn_find(cookies, preview_cookie, i + 1))
        if (edgefn_str_eq(cookies->items[i].value, S("1"))) return true;
    return false;
}

bool maintenance_page(edgefn_event *ev)
{
    edgefn_str path = ev->request.uri;

    if (ev->type != EDGEFN_VIEWER_REQUEST
        || !edgefn_uri_match_any(path, closed, EDGEFN_COUNT_OF(closed)))
        return true;
    if (has_preview(edgefn_cookies(ev))) return true;

    const edgefn_pair fill[] = { { S("{path}"), edgefn_html_escape(ev, path) },
                                 { S("{home}"), home } };
    if (!edgefn_respond(ev, 503,
                        &(edgefn_respond_opts){
                            .body = edgefn_replace_all(ev, page, fill, EDGEFN_COUNT_OF(fill)) }))
        return false;
    return edgefn_set(&ev->response.headers, S("Retry-After"), retry_after);
}

bool edgefn_handler(edgefn_event *ev)
{
    return maintenance_page(ev);
}
