/* app_download.c - leads /get-app to the store of the viewer's phone, with its query.

   All other devices get the page itself, which should have both links.
   Events: viewer-request of both dialects.
   Change: page, app_store, play_store, with_query.
   Needs: the page at the origin. User-Agent need not be in the cache policy.
   Traps: Opera Mini and UC Browser let a server of their own fetch pages: User-Agent is that
   server's, and the phone's is in another header, which is read first. Anybody can send it, but it
   only chooses between two shops. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str page = EDGEFN_S_INIT("/get-app");
static const edgefn_str app_store = EDGEFN_S_INIT("https://apps.apple.com/app/id1234567890");
static const edgefn_str play_store =
    EDGEFN_S_INIT("https://play.google.com/store/apps/details?id=com.example.app");
static const edgefn_redirect_to_opts with_query = { .keep_query = true };

/* fixed: headers with the phone's User-Agent */
static const edgefn_str behind[] = { EDGEFN_S_INIT("device-stock-ua"),
                                     EDGEFN_S_INIT("x-operamini-phone-ua"),
                                     EDGEFN_S_INIT("x-ucbrowser-device-ua") };

static edgefn_os system_of(const edgefn_event *ev)
{
    for (size_t i = 0; i < EDGEFN_COUNT_OF(behind); i++) {
        edgefn_str phone = edgefn_get(&ev->request.headers, behind[i]);
        if (phone.len > 0) return edgefn_ua_parse(phone).os;
    }
    return edgefn_ua_of(ev).os;
}

bool app_download(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_str_eq(ev->request.uri, page)
        || !edgefn_is_get_or_head(ev))
        return true;

    switch (system_of(ev)) {
    case EDGEFN_OS_IOS: return edgefn_redirect_to(ev, app_store, &with_query);
    case EDGEFN_OS_ANDROID: return edgefn_redirect_to(ev, play_store, &with_query);
    default: return true;
    }
}

bool edgefn_handler(edgefn_event *ev)
{
    return app_download(ev);
}
