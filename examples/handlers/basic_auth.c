/* basic_auth.c - asks for one name and password for /preview/, in the browser's own window.

   Events: viewer-request of both dialects.
   Change: guarded, secret_name, challenge (its realm is shown), text.
   Needs: the host's secret "preview": "NAME:PASSWORD".
   Traps: many samples compare the header as text, in a time that tells how much of it was right,
   and pass it on: here neither the origin nor the cache key gets it. Nothing stops guessing: take a
   long password. A disguised path ("/x/../preview", "/%70review") is guarded, too. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str guarded = EDGEFN_S_INIT("/preview*");
static const edgefn_str secret_name = EDGEFN_S_INIT("preview");
static const edgefn_str challenge = EDGEFN_S_INIT("Basic realm=\"preview\", charset=\"UTF-8\"");
static const edgefn_str text = EDGEFN_S_INIT("Name and password, please.\n");

bool basic_auth(edgefn_event *ev)
{
    edgefn_fields *headers = &ev->request.headers;

    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_uri_guards(ev->request.uri, guarded))
        return true;

    edgefn_str secret = edgefn_secret(ev, secret_name);
    edgefn_str sent =
        edgefn_header_credentials(edgefn_get(headers, S("authorization")), S("Basic"));
    if (edgefn_secret_eq(edgefn_base64_decode(ev, sent), secret))
        return edgefn_remove(headers, S("authorization"));

    edgefn_log(ev, sent.ptr != NULL ? S("basic_auth: wrong name or password")
                                    : S("basic_auth: no name and password"));
    return edgefn_respond_text(ev, 401, text)
           && edgefn_set(&ev->response.headers, S("WWW-Authenticate"), challenge);
}

bool edgefn_handler(edgefn_event *ev)
{
    return basic_auth(ev);
}
