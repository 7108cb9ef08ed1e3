/* app_download.c - leads /get-app to the store of the viewer's phone; for all others it is a page of yours, with both links.

   Opera Mini and UC Browser let a server of their own fetch pages: there User-Agent is that server's, and the phone's stands in another
   header, which is read first. Anybody can send it; it only chooses between two shops.
   Events: viewer-request of both dialects. */
#include "edgefn.h"
#define S EDGEFN_S

static edgefn_os system_of(const edgefn_event *ev)
{
    static const edgefn_str behind[] = { EDGEFN_S_INIT("device-stock-ua"),
                                         EDGEFN_S_INIT("x-operamini-phone-ua"),
                                         EDGEFN_S_INIT("x-ucbrowser-device-ua") };

    for (size_t i = 0; i < EDGEFN_COUNT_OF(behind); i++) {
        edgefn_str phone = edgefn_get(&ev->request.headers, behind[i]);
        if (phone.len > 0) return edgefn_ua_parse(phone).os;
    }
    return edgefn_ua_of(ev).os;
}

bool edgefn_handler(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_str_eq(ev->request.uri, S("/get-app")))
        return true;

    switch (system_of(ev)) {
    case EDGEFN_OS_IOS:
        return edgefn_redirect_to(ev, S("https://apps.apple.com/app/id1234567890"), NULL);
    case EDGEFN_OS_ANDROID:
        return edgefn_redirect_to(
            ev, S("https://play.google.com/store/apps/details?id=com.example.app"), NULL);
    default: return true;
    }
}
