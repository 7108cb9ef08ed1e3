/* block_bots.c - answers collectors for language models, and command-line tools, with 403.

   Search engines, link previews and monitors pass, and so does everything that may be a person.
   Events: viewer-request of both dialects.
   Change: the kinds of bots in the last condition; the text of the answer.
   Needs: nothing.
   Traps: a user agent is what the sender says it is: this keeps out those who say so. robots_txt.c
   asks the others; AWS WAF looks deeper. */
#include "edgefn.h"

bool block_bots(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (edgefn_str_eq(ev->request.uri, EDGEFN_S("/robots.txt")))
        return true; /* it says the same, politely */

    edgefn_bot bot = edgefn_ua_of(ev).bot;
    if (bot != EDGEFN_BOT_AI && bot != EDGEFN_BOT_TOOL) return true;
    return edgefn_respond(ev, 403,
                          &(edgefn_respond_opts){ .body = EDGEFN_S("No robots here, please.\n"),
                                                  .content_type = EDGEFN_S("text/plain") });
}

bool edgefn_handler(edgefn_event *ev)
{
    return block_bots(ev);
}
