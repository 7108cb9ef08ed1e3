/* upload_guard.c - takes pictures only: a PUT below /photos/ must begin as JPEG, PNG or WebP files
   do.

   CloudFront shows the first 40 KB of a body, and the first bytes are all it takes; the whole goes
   to the origin untouched.
   Events: viewer-request of Lambda@Edge. CloudFront Functions see no body.
   Change: guarded, text; formats, the first bytes of each.
   Needs: "Include body": without it nothing can be uploaded. All methods allowed in the behaviour.
   Traps: the name and Content-Type of a file say nothing about it. A file that begins as a picture
   may hold anything after that. POST and PATCH are not checked: the origin must refuse them. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str guarded = EDGEFN_S_INIT("/photos/*");
static const edgefn_str text = EDGEFN_S_INIT("JPEG, PNG or WebP, please.\n");
static const struct {
    edgefn_str first, at_8; /* bytes */
} formats[] = {
    { EDGEFN_S_INIT("\xff\xd8\xff"), EDGEFN_S_INIT("") },
    { EDGEFN_S_INIT("\x89PNG\r\n\x1a\n"), EDGEFN_S_INIT("") },
    { EDGEFN_S_INIT("RIFF"), EDGEFN_S_INIT("WEBP") },
};

bool upload_guard(edgefn_event *ev)
{
    if (ev->dialect != EDGEFN_DIALECT_LAMBDA || ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (!edgefn_str_eq(ev->request.method, S("PUT"))
        || !edgefn_uri_guards(ev->request.uri, guarded))
        return true;

    edgefn_str file = edgefn_body_decode_part(ev, &ev->request.body);
    for (size_t i = 0; i < EDGEFN_COUNT_OF(formats); i++)
        if (edgefn_str_starts(file, formats[i].first)
            && edgefn_str_starts(edgefn_str_skip(file, 8), formats[i].at_8))
            return true;
    edgefn_log(ev, S("upload_guard: not a JPEG, PNG or WebP file"));
    return edgefn_respond_text(ev, 415, text);
}

bool edgefn_handler(edgefn_event *ev)
{
    return upload_guard(ev);
}
