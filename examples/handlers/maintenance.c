/* maintenance.c - shows a 503 until the moment that a table names, and nothing after it.

   The moment is an HTTP date ("Thu, 08 Jan 2026 12:00:00 GMT"); an invalid one, which the log
   names, or one that is over, does not count.
   Events: viewer-request of both dialects.
   Change: table, entry, text.
   Needs: the host's clock; its look-up: entry "maintenance_until" of the table "kv". Without a
   look-up there is no maintenance.
   Traps: a page with status 200 would be cached by browsers and indexed by search engines;
   Retry-After tells them when to come back. All paths of the behaviour get the 503, also /api/ and
   pictures, and so do you: try the site by another distribution. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str table = EDGEFN_S_INIT("kv"), entry = EDGEFN_S_INIT("maintenance_until");
static const edgefn_str text = EDGEFN_S_INIT("We are back at {when}.\n");

bool maintenance(edgefn_event *ev)
{
    int64_t now;
    if (ev->type != EDGEFN_VIEWER_REQUEST || ev->env->lookup == NULL) return true;

    edgefn_str moment = ev->env->lookup(ev->env->user, table, entry);
    edgefn_time until = edgefn_date_parse(ev, moment);
    if (!until.ok && moment.len > 0)
        edgefn_log(ev, edgefn_str_join(ev, EDGEFN_STRS(S("maintenance: not a date: "), moment)));
    if (!until.ok) return ev->err.code == EDGEFN_OK;
    if (!edgefn_now(ev, &now)) return false;
    if (until.seconds <= now) return true;

    edgefn_str when = edgefn_date_text(ev, until.seconds);
    const edgefn_pair fill = { S("{when}"), when };
    edgefn_str page = edgefn_replace_all(ev, text, &fill, 1);
    return edgefn_respond_text(ev, 503, page)
           && edgefn_set(&ev->response.headers, S("Retry-After"), when);
}

bool edgefn_handler(edgefn_event *ev)
{
    return maintenance(ev);
}
