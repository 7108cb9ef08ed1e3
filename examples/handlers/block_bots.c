/* block_bots.c - answers collectors for language models, and command-line tools, with 403.

   Search engines, link previews and monitors pass, and so does everything that may be a person.
   Events: viewer-request of both dialects.
   Change: refused, the kinds of bots; robots, a path that they may read; text.
   Needs: nothing.
   Traps: a user agent is what the sender says it is: this keeps out those who say so. robots_txt.c
   asks the others; AWS WAF looks deeper. */
#include "edgefn.h"

static const edgefn_bot refused[] = { EDGEFN_BOT_AI, EDGEFN_BOT_TOOL };
static const edgefn_str robots = EDGEFN_S_INIT("/robots.txt"); /* it says the same, politely */
static const edgefn_str text = EDGEFN_S_INIT("No robots here, please.\n");

bool block_bots(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST || edgefn_str_eq(ev->request.uri, robots)) return true;

    edgefn_bot bot = edgefn_ua_of(ev).bot;
    for (size_t i = 0; i < EDGEFN_COUNT_OF(refused); i++)
        if (bot == refused[i]) return edgefn_respond_text(ev, 403, text);
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return block_bots(ev);
}
