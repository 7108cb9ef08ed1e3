/* headers_from_table.c - sets the response headers that a table names, so that they change without
   a deployment.

   As in the file _headers of static hosts, the entry has lines like "X-Frame-Options: DENY"; a line
   "X-Frame-Options:" removes the header, and '#' begins a note.
   Events: response events of both dialects.
   Change: table, entry.
   Needs: the host's look-up: entry "headers" of the table "kv".
   Traps: a header that CloudFront lets no function change here (Via; in Lambda@Edge viewer-response
   Content-Encoding...) is skipped: one such line would make every page a 502. So are cookies, which
   would be everybody's. A line that is no header at all is an error. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str table = EDGEFN_S_INIT("kv"), entry = EDGEFN_S_INIT("headers");

bool headers_from_table(edgefn_event *ev)
{
    if (edgefn_is_request(ev)) return true;

    for (edgefn_str rest = edgefn_lookup(ev, table, entry); rest.len > 0;) {
        edgefn_cut line = edgefn_str_cut(rest, S("\n")), field = edgefn_str_cut(line.head, S(":"));
        edgefn_str name = edgefn_str_trim(field.head), value = edgefn_str_trim(field.tail);
        rest = line.tail;
        if (edgefn_str_trim(line.head).len == 0 || edgefn_str_starts(name, S("#"))) continue;
        if (!field.found) return edgefn_fail(ev, EDGEFN_E_FIELD_NAME, line.head);
        if (edgefn_str_ieq(name, S("set-cookie"))) continue;
        if (edgefn_header_policy(ev->dialect, ev->type, name) != EDGEFN_POLICY_ALLOWED) continue;
        edgefn_set(&ev->response.headers, name, value); /* checks the name of a removed one, too */
        if (value.len == 0) edgefn_set(&ev->response.headers, name, EDGEFN_ABSENT);
    }
    return ev->err.code == EDGEFN_OK;
}

bool edgefn_handler(edgefn_event *ev)
{
    return headers_from_table(ev);
}
