/* upload_guard.c - takes pictures only: a PUT below /photos/ must begin as JPEG, PNG or WebP files
   do.

   CloudFront shows the first 40 KB of a body, and the first bytes are all it takes; the whole goes
   to the origin untouched.
   Events: viewer-request of Lambda@Edge. CloudFront Functions see no body.
   Change: guarded; the first bytes of other formats.
   Needs: "Include body": without it nothing can be uploaded. All methods allowed in the behaviour.
   Traps: the name and Content-Type of a file say nothing about it. A file that begins as a picture
   may hold anything after that. POST and PATCH are not checked: the origin must refuse them. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str guarded = EDGEFN_S_INIT("/photos/*");

bool upload_guard(edgefn_event *ev)
{
    if (ev->dialect != EDGEFN_DIALECT_LAMBDA || ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (!edgefn_str_eq(ev->request.method, S("PUT"))
        || !edgefn_uri_guards(ev->request.uri, guarded))
        return true;

    edgefn_str file = edgefn_body_decode_part(ev, &ev->request.body);
    bool webp = edgefn_str_starts(file, S("RIFF"))
                && edgefn_str_starts(edgefn_str_skip(file, 8), S("WEBP"));
    if (webp || edgefn_str_starts(file, S("\xff\xd8\xff"))
        || edgefn_str_starts(file, S("\x89PNG\r\n\x1a\n")))
        return true;
    edgefn_log(ev, S("upload_guard: not a JPEG, PNG or WebP file"));
    return edgefn_respond(ev, 415,
                          &(edgefn_respond_opts){ .body = S("JPEG, PNG or WebP, please.\n"),
                                                  .content_type = S("text/plain") });
}

bool edgefn_handler(edgefn_event *ev)
{
    return upload_guard(ev);
}
