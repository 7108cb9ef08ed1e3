/* image_by_density.c - sends a picture as sharp as the viewer's screen: "/img/logo.png" becomes
   "/img/logo@1x.png", "@2x" or "@3x".

   Events: viewer-request of both dialects; viewer-response of both, for Vary.
   Change: pictures, base_width, marks.
   Needs: the files "@1x", "@2x" and "@3x" of every picture; "@1x" is base_width pixels wide. Pages
   over HTTPS with "Accept-CH: Sec-CH-DPR, Sec-CH-Width"; for pictures of another host also with a
   Permissions-Policy that delegates both. The cache key needs neither hints nor User-Agent.
   Traps: only Chromium's browsers send the hints; for all others the User-Agent decides. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str pictures[] = { EDGEFN_S_INIT("/img/*.png"), EDGEFN_S_INIT("/img/*.jpg"),
                                       EDGEFN_S_INIT("/img/*.webp") };
static const edgefn_str marks[] = { EDGEFN_S_INIT("@1x."), EDGEFN_S_INIT("@2x."),
                                    EDGEFN_S_INIT("@3x.") };
enum { base_width = 400 }; /* pixels */

/* A hint or its old name, rounded up; 0 if absent or not a number. */
static uint64_t hint(edgefn_event *ev, edgefn_str name, edgefn_str old_name)
{
    const uint64_t one = 1000000000000000; /* 15 decimals: 1.1 may come as 1.100000023841858 */
    edgefn_str value = edgefn_get(&ev->request.headers, name);
    if (value.ptr == NULL) value = edgefn_get(&ev->request.headers, old_name);
    edgefn_number n = edgefn_str_to_decimal(value, 15);
    return n.ok ? n.value / one + (n.value % one != 0) : 0;
}

/* By Width, the pixels of the place in the page, else by DPR (at least 1), else by User-Agent. */
static uint64_t density(edgefn_event *ev)
{
    uint64_t width = hint(ev, S("sec-ch-width"), S("width"));
    uint64_t dpr = hint(ev, S("sec-ch-dpr"), S("dpr"));
    edgefn_ua ua = edgefn_ua_of(ev);
    if (width > 0) return width / base_width + (width % base_width != 0);
    if (dpr > 0) return dpr;
    if (ua.bot != EDGEFN_BOT_NONE) return 1;
    if ((ua.device & EDGEFN_DEVICE_TABLET) != 0 || ua.os == EDGEFN_OS_MACOS) return 2;
    return (ua.device & EDGEFN_DEVICE_MOBILE) != 0 ? 3 : 1;
}

bool image_by_density(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;
    if (!edgefn_uri_match_any(req->uri, pictures, EDGEFN_COUNT_OF(pictures))) return true;
    if (ev->type == EDGEFN_VIEWER_RESPONSE) /* what density() reads */
        return edgefn_header_vary(ev, S("Sec-CH-Width")) && edgefn_header_vary(ev, S("Width"))
               && edgefn_header_vary(ev, S("Sec-CH-DPR")) && edgefn_header_vary(ev, S("DPR"))
               && edgefn_header_vary(ev, S("User-Agent"));
    if (ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (edgefn_uri_match(req->uri, S("*@*"))) return true; /* the page chose itself */
    if (!edgefn_uri_normalize(ev)) return false;
    edgefn_path path = edgefn_path_split(req->uri);
    uint64_t times = density(ev);
    if (times > EDGEFN_COUNT_OF(marks)) times = EDGEFN_COUNT_OF(marks);
    req->uri = edgefn_str_join(ev, EDGEFN_STRS(path.dir, path.stem, marks[times - 1], path.ext));
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return image_by_density(ev);
}
