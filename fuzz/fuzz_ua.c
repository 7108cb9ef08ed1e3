/* fuzz_ua.c - user agents.

   Properties:
     - nothing outside of the text is read (unreadable pages on both sides), and the result is the same on both sides
     - there is always a device; only a bot has a name, which is part of the text
     - the case of letters changes nothing but the name's, and whether "example.com" is a domain, which only a bot has: those are
       written in lower case; the event's header is classified as the text is
     - text after an end that no word crosses takes nothing away: a bot's address after it makes it a bot */
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "../tests/test.h"
#include "fuzz.h"
#include "../tests/kit.h"

static bool equal(edgefn_ua a, edgefn_ua b)
{
    return a.device == b.device && a.os == b.os && a.browser == b.browser && a.major == b.major
           && a.bot == b.bot && !a.bot_name.ptr == !b.bot_name.ptr
           && a.bot_name.len == b.bot_name.len;
}

static void in_event(edgefn_str text, edgefn_ua ua)
{
    edgefn_event ev;
    HOLDS(edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                             fuzz_arena(0, 65536), NULL)
          == EDGEFN_OK);
    ev.request.method = S("GET"), ev.request.uri = S("/");
    edgefn_add(&ev.request.headers, S("user-agent"), text);
    if (edgefn_build_end(&ev)) HOLDS_FOR(&ev, equal(edgefn_ua_of(&ev), ua));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char other[2100];
    if (size > 2000) return 0;
    edgefn_str text = guard_copy(data, size), front = guard_copy_front(data, size);
    edgefn_ua ua = edgefn_ua_parse(text);
    HOLDS(equal(ua, edgefn_ua_parse(front)));
    HOLDS((ua.device & 15) != 0 && (ua.bot != EDGEFN_BOT_NONE || ua.bot_name.ptr == NULL));
    HOLDS(ua.bot_name.ptr == NULL
          || (ua.bot_name.ptr >= text.ptr && ua.bot_name.len > 0
              && ua.bot_name.ptr + ua.bot_name.len <= text.ptr + text.len));
    in_event(text, ua);
    bool domain = false;
    for (size_t i = 1; i < size; i++)
        domain |= data[i - 1] == '.' && (data[i] | 32) >= 'a' && (data[i] | 32) <= 'z';
    for (int upper = 0; upper < 2; upper++) {
        for (size_t i = 0; i < size; i++) {
            bool letter = (data[i] | 32) >= 'a' && (data[i] | 32) <= 'z';
            other[i] = (char)(!letter ? data[i] : upper ? data[i] & ~32 : data[i] | 32);
        }
        edgefn_ua cased = edgefn_ua_parse((edgefn_str){ other, size });
        if (domain) cased.bot = ua.bot, cased.bot_name = ua.bot_name;
        HOLDS(equal(ua, cased));
    }
    memcpy(other, data, size), memcpy(other + size, " (+http://x.example/bot)", 24);
    HOLDS(edgefn_ua_parse((edgefn_str){ other, size + 24 }).bot != EDGEFN_BOT_NONE);
    for (uint32_t d = 1; d; d <<= 1)
        if (ua.device & d) HOLDS(edgefn_device_name(d).len > 0 || d > 15);
    return 0;
}
