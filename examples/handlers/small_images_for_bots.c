/* small_images_for_bots.c - sends small pictures to programs and to pages of other sites:
   "/img/a.jpg" becomes "/img/small/a.jpg".

   Events: viewer-request of both dialects.
   Change: folder, small_folder, own_hosts, full_size.
   Needs: every picture also in small_folder. The new path is in the cache key: leave Referer and
   User-Agent out of the cache policy.
   Traps: both headers can be forged: this saves traffic and protects nothing. hotlink_guard.c
   refuses instead. Hosts are compared whole: www.example.com.evil.net is another site. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str folder = EDGEFN_S_INIT("/img");
static const edgefn_str small_folder = EDGEFN_S_INIT("/img/small");
static const edgefn_str own_hosts[] = { EDGEFN_S_INIT("www.example.com"),
                                        EDGEFN_S_INIT("shop.example.com") };
static const edgefn_bot full_size[] = { EDGEFN_BOT_NONE, EDGEFN_BOT_SEARCH, EDGEFN_BOT_PREVIEW };

/* Full size is for viewers of our own pages, for requests without a Referer, which privacy settings
   remove, and for the bots in full_size. No browser leaves out the User-Agent. */
static bool small(const edgefn_event *ev)
{
    const edgefn_fields *headers = &ev->request.headers;
    edgefn_bot bot = edgefn_ua_of(ev).bot;
    edgefn_str referer = edgefn_get(headers, S("referer"));
    edgefn_url_parts url = edgefn_url_split(referer);
    bool full = false;

    for (size_t i = 0; i < EDGEFN_COUNT_OF(full_size); i++)
        full |= bot == full_size[i];
    if (!full || edgefn_get(headers, S("user-agent")).len == 0) return true;
    if (referer.len == 0 || bot != EDGEFN_BOT_NONE) return false;
    for (size_t i = 0; url.ok && i < EDGEFN_COUNT_OF(own_hosts); i++)
        if (edgefn_str_ieq(url.host, own_hosts[i])) return false;
    return true;
}

static bool is_below(edgefn_event *ev, edgefn_str path)
{
    return edgefn_uri_match(ev->request.uri, edgefn_str_join(ev, EDGEFN_STRS(path, S("/*"))));
}

bool small_images_for_bots(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST || !is_below(ev, folder)) return true;
    if (is_below(ev, small_folder) || !small(ev)) return true;
    return edgefn_uri_normalize(ev) && edgefn_uri_replace_prefix(ev, folder, small_folder);
}

bool edgefn_handler(edgefn_event *ev)
{
    return small_images_for_bots(ev);
}
