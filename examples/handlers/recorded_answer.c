/* recorded_answer.c - answers with what a server once said, for an API that is not built yet, or is
   down.

   A recording is what `curl -i` shows: status line, headers, an empty line, body.
   Events: viewer-request of both dialects, GET and HEAD.
   Change: table, prefix (of its keys).
   Needs: the host's look-up: entry "recorded:/status" of the table "kv" is the answer to /status.
   Traps: a recording has headers that CloudFront refuses from a function (Connection, Via, X-Cache,
   Content-Length...): edgefn_sanitize() removes them, so that nobody has to clean recordings by
   hand. A cookie was somebody's own and is left out. A recording that is none is an error. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str table = EDGEFN_S_INIT("kv"), prefix = EDGEFN_S_INIT("recorded:");

bool recorded_answer(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_is_get_or_head(ev)) return true;
    edgefn_str recording =
        edgefn_lookup(ev, table, edgefn_str_join(ev, EDGEFN_STRS(prefix, ev->request.uri)));
    if (recording.ptr == NULL) return ev->err.code == EDGEFN_OK;

    edgefn_cut parts = edgefn_str_cut(recording, S("\r\n\r\n")),
               line = edgefn_str_cut(parts.head, S("\r\n"));
    edgefn_number status = edgefn_str_to_u64(
        edgefn_str_take(edgefn_str_cut(line.head, S(" ")).tail, 3)); /* HTTP/2 200 */
    if (!status.ok) return edgefn_fail(ev, EDGEFN_E_STATUS, line.head);
    if (!edgefn_respond(ev, (uint32_t)status.value, &(edgefn_respond_opts){ .body = parts.tail }))
        return false;

    edgefn_remove(&ev->response.headers, S("content-type")); /* the recording has one */
    while (line.found) {
        line = edgefn_str_cut(line.tail, S("\r\n"));
        edgefn_cut field = edgefn_str_cut(line.head, S(":"));
        if (!field.found) return edgefn_fail(ev, EDGEFN_E_FIELD_NAME, line.head);
        if (edgefn_str_ieq(field.head, S("set-cookie"))) continue;
        if (!edgefn_add(&ev->response.headers, field.head, edgefn_str_trim(field.tail)))
            return false;
    }
    edgefn_remove(&ev->response.headers, S("content-length")); /* of the body on the wire */
    edgefn_sanitize(ev, NULL, 0);
    return ev->err.code == EDGEFN_OK;
}

bool edgefn_handler(edgefn_event *ev)
{
    return recorded_answer(ev);
}
