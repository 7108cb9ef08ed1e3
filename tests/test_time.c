/* HTTP dates and delays. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include <time.h>
/* clang-format off: tables with aligned columns */

static bool open_at(edgefn_event *ev, int64_t now)
{
    static edgefn_env env;
    env.now_s = now;
    return CHECK(edgefn_parse(ev, frame(F_VREQ, "{'method':'GET','uri':'/'}", NULL),
                              arena_new(4096), &(edgefn_parse_opts){ .env = &env })
                 == EDGEFN_OK);
}

#define Y2026 1780000000 /* 2026-05-28 20:26:40 */

TEST(parse)
{
    static const struct {
        const char *text;
        int64_t now, seconds;
    } rows[] = {
        /* RFC 9110 section 5.6.7 */
        { "Sun, 06 Nov 1994 08:49:37 GMT", 0, 784111777 },
        { "Sunday, 06-Nov-94 08:49:37 GMT", Y2026, 784111777 },
        { "Sun Nov  6 08:49:37 1994", 0, 784111777 },
        { "Sun Nov 16 08:49:37 1994", 0, 784111777 + 864000 },
        { "Sun Nov 06 08:49:37 1994", 0, 784111777 },
        { "Thu, 01 Jan 1970 00:00:00 GMT", 0, 0 },
        { "Wed, 31 Dec 1969 23:59:59 GMT", 0, -1 },
        { "Mon, 01 Jan 0001 00:00:00 GMT", 0, -62135596800 },
        { "Fri, 31 Dec 9999 23:59:59 GMT", 0, 253402300799 },
        { "Tue, 29 Feb 2000 12:00:00 GMT", 0, 951825600 },
        { "Thu, 29 Feb 2024 00:00:00 GMT", 0, 1709164800 },
        { "Sat, 31 Dec 2016 23:59:60 GMT", 0, 1483228800 },
        { "Tue, 19 Jan 2038 03:14:08 GMT", 0, 2147483648 },
        { "Mon, 06 Nov 1994 08:49:37 GMT", 0, 784111777 }, /* the weekday is not checked */
        /* years of two digits: at most 50 years ahead of 2026-05-28 20:26:40 */
        { "Friday, 01-Jan-26 00:00:00 GMT", Y2026, 1767225600 },
        { "Friday, 01-Jan-75 00:00:00 GMT", Y2026, 3313526400 },
        { "Friday, 28-May-76 20:26:40 GMT", Y2026, 3357923200 },
        { "Friday, 28-May-76 20:26:41 GMT", Y2026, 202163201 },
        { "Friday, 01-Jan-77 00:00:00 GMT", Y2026, 220924800 },
        { "Friday, 31-Dec-99 23:59:59 GMT", Y2026, 946684799 },
        { "Tuesday, 29-Feb-00 00:00:00 GMT", Y2026, 951782400 },
        { "Thursday, 01-Jan-70 00:00:01 GMT", 1, 1 },
        { "Friday, 31-Dec-19 00:00:00 GMT", 1, 1577750400 },
        { "Friday, 31-Dec-20 00:00:00 GMT", 1, -1546387200 },
        { "Friday, 01-Jan-49 00:00:00 GMT", 2524607999, 2493072000 },
    };
    static const char *const bad[] = {
        "",
        "0",
        "-1",
        "now",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Xxx, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Xov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Wed, 31 Nov 1994 08:49:37 GMT",
        "Wed, 30 Feb 1994 08:49:37 GMT",
        "Wed, 29 Feb 2023 00:00:00 GMT",
        "Thu, 29 Feb 1900 00:00:00 GMT",
        "Sun, 32 Jan 1994 08:49:37 GMT",
        "Sun, 99 Dec 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 10000 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:-7 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun,  6 Nov 1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
        "Sun Nov  0 08:49:37 1994",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sund, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06 Nov 94 08:49:37 GMT",
        "Sunday, 31-Feb-94 08:49:37 GMT",
        "Wednesday, 29-Feb-23 00:00:00 GMT",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun",
        "Sun Nov  ",
    };
    edgefn_event ev;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].text);
        if (!open_at(&ev, rows[i].now)) return;
        edgefn_time t = edgefn_date_parse(&ev, guard_copy(rows[i].text, strlen(rows[i].text)));
        CHECK(t.ok);
        CHECK_NUM(t.seconds, rows[i].seconds);
        CHECK_ERR(&ev, EDGEFN_OK, 0);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        ROW("not %s", bad[i]);
        if (!open_at(&ev, Y2026)) return;
        edgefn_time t = edgefn_date_parse(&ev, guard_copy(bad[i], strlen(bad[i])));
        CHECK(!t.ok && t.seconds == 0 && ev.err.code == EDGEFN_OK);
    }
    ROW("truncated anywhere");
    for (size_t n = 0; n < 29; n++)
        CHECK(!edgefn_date_parse(&ev, guard_copy("Sun, 06 Nov 1994 08:49:37 GMT", n)).ok);
    CHECK(!edgefn_date_parse(&ev, EDGEFN_ABSENT).ok);
    ROW("two digits without a clock");
    if (!open_at(&ev, 0)) return;
    CHECK(!edgefn_date_parse(&ev, S("Sunday, 06-Nov-94 08:49:37 GMT")).ok);
    CHECK_ERR(&ev, EDGEFN_OK, 0); /* viewers can send such dates: the event must not fail */
}

/* A clock beyond the last date counts as absent; a viewer's date must not fail the event because
   of it. */
TEST(two_digits_without_a_clock)
{
    static const int64_t clocks[] = { 0, -1, INT64_MIN, 253402300800, INT64_MAX };
    for (size_t i = 0; i < COUNT(clocks); i++) {
        ROW("%lld", (long long)clocks[i]);
        edgefn_event ev;
        if (!open_at(&ev, clocks[i])) return;
        CHECK(!edgefn_date_parse(&ev, S("Sunday, 06-Nov-94 08:49:37 GMT")).ok
              && edgefn_date_parse(&ev, S("Sun, 06 Nov 1994 08:49:37 GMT")).ok);
        CHECK(!edgefn_retry_after(&ev, S("Sunday, 06-Nov-94 08:49:37 GMT")).ok);
        CHECK_ERR(&ev, EDGEFN_OK, 0);
        int64_t now;
        CHECK(!edgefn_now(&ev, &now));
        CHECK_ERR(&ev, EDGEFN_E_ENVIRONMENT, NOWHERE);
    }
}

TEST(text)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } rows[] = {
        { 784111777, "Sun, 06 Nov 1994 08:49:37 GMT" },
        { 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
        { -1, "Wed, 31 Dec 1969 23:59:59 GMT" },
        { -62135596800, "Mon, 01 Jan 0001 00:00:00 GMT" },
        { 253402300799, "Fri, 31 Dec 9999 23:59:59 GMT" },
        { 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
        { 951868800, "Wed, 01 Mar 2000 00:00:00 GMT" },
        { 1709251199, "Thu, 29 Feb 2024 23:59:59 GMT" },
        { -62135596801, NULL },
        { 253402300800, NULL },
        { INT64_MIN, NULL },
        { INT64_MAX, NULL },
    };
    edgefn_event ev;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%lld", (long long)rows[i].seconds);
        if (open_at(&ev, 0)) CHECK_STR(edgefn_date_text(&ev, rows[i].seconds), rows[i].text);
        CHECK_ERR(&ev, EDGEFN_OK, 0);
    }
}

/* Compares all years with the C library's calendar, in both directions. */
TEST(calendar)
{
    edgefn_event ev;
    if (!open_at(&ev, Y2026)) return;
    for (int64_t s = -62135596800; s <= 253402300799; s += 86400 * 97 + 12345) {
        time_t when = (time_t)s;
        struct tm tm;
        char want[64];
        if (when != s) continue; /* the C library's time has 32 bits */
        ev.arena.used = ev.arena.cap - 64;
        gmtime_r(&when, &tm);
        size_t n = strftime(want, sizeof want, "%a, %d %b ", &tm);
        n += (size_t)snprintf(want + n, sizeof want - n, "%04d ", tm.tm_year + 1900);
        strftime(want + n, sizeof want - n, "%H:%M:%S GMT", &tm);
        edgefn_str text = edgefn_date_text(&ev, s);
        if (!CHECK_STR(text, edgefn_cstr(want))
            || !CHECK(edgefn_date_parse(&ev, text).seconds == s))
            return;
        strftime(want, sizeof want, "%a %b %e %H:%M:%S ", &tm);
        snprintf(want + strlen(want), 8, "%04d", tm.tm_year + 1900);
        if (!CHECK(edgefn_date_parse(&ev, edgefn_cstr(want)).seconds == s)) {
            printf("    %s\n", want);
            return;
        }
    }
    /* a date with two digits is at most 50 years ahead, and a century later it would be more */
    for (int year = 0; year < 100; year++) {
        char text[64];
        snprintf(text, sizeof text, "Monday, 28-Feb-%02d 12:00:00 GMT", year);
        edgefn_time t = edgefn_date_parse(&ev, edgefn_cstr(text));
        int64_t most = Y2026 + (int64_t)18263 * 86400;
        if (!CHECK(t.ok && t.seconds <= most && t.seconds + (int64_t)36524 * 86400 > most)) {
            printf("    %s\n", text);
            return;
        }
    }
}

TEST(retry_after)
{
    static const struct {
        const char *text;
        int64_t now;
        bool ok;
        uint64_t seconds;
    } rows[] = {
        { "120", 0, 1, 120 },
        { "0", 0, 1, 0 },
        { "18446744073709551615", 0, 1, UINT64_MAX },
        { "18446744073709551616", 5, 0, 0 },
        { "-1", 5, 0, 0 },
        { "1.5", 5, 0, 0 },
        { "", 5, 0, 0 },
        { "soon", 5, 0, 0 },
        { " 1", 5, 0, 0 },
        { "Sun, 06 Nov 1994 08:49:37 GMT", 784111770, 1, 7 },
        { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777, 1, 0 },
        { "Sun, 06 Nov 1994 08:49:37 GMT", 784111778, 1, 0 },
        { "Sun Nov  6 08:49:37 1994", 784111717, 1, 60 },
    };
    edgefn_event ev;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].text);
        if (!open_at(&ev, rows[i].now)) return;
        edgefn_number n = edgefn_retry_after(&ev, edgefn_cstr(rows[i].text));
        CHECK(n.ok == rows[i].ok && n.value == rows[i].seconds);
        CHECK_ERR(&ev, EDGEFN_OK, 0);
    }
    ROW("a date without a clock");
    if (!open_at(&ev, 0)) return;
    CHECK(!edgefn_retry_after(&ev, S("Sun, 06 Nov 1994 08:49:37 GMT")).ok);
    CHECK_ERR(&ev, EDGEFN_E_ENVIRONMENT, NOWHERE);
    CHECK(!edgefn_retry_after(&ev, EDGEFN_ABSENT).ok);
}

TEST(now)
{
    static const struct {
        int64_t now;
        bool ok;
    } rows[] = { { Y2026, 1 },        { 1, 1 },         { 253402300799, 1 }, { 0, 0 }, { -1, 0 },
                 { 253402300800, 0 }, { INT64_MIN, 0 }, { INT64_MAX, 0 } };
    edgefn_event ev;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t now = 7;
        ROW("%lld", (long long)rows[i].now);
        if (!open_at(&ev, rows[i].now)) return;
        CHECK(edgefn_now(&ev, &now) == rows[i].ok && now == rows[i].now);
        CHECK_ERR(&ev, rows[i].ok ? EDGEFN_OK : EDGEFN_E_ENVIRONMENT, rows[i].ok ? 0 : NOWHERE);
    }
    ROW("out of memory");
    for (size_t room = 0; room < 40; room++) {
        if (!open_at(&ev, Y2026)) return;
        ev.arena.cap = ev.arena.used + room;
        CHECK_STR(edgefn_date_text(&ev, 0), room < 29 ? NULL : "Thu, 01 Jan 1970 00:00:00 GMT");
        CHECK_ERR(&ev, room < 29 ? EDGEFN_E_OOM : EDGEFN_OK, room < 29 ? NOWHERE : 0);
    }
}

/* No date is after the last one, 9999-12-31 23:59:59. */
TEST(the_last_date)
{
    static const struct {
        const char *text;
        int64_t now;
        bool ok;
    } rows[] = {
        { "Fri, 31 Dec 9999 23:59:59 GMT", Y2026, true },
        { "Fri, 31 Dec 9999 23:59:60 GMT", Y2026, false },
        { "Friday, 31-Dec-99 23:59:59 GMT", 253402300799, true },
        { "Friday, 01-Jan-00 00:00:00 GMT", 253402300799, false },
        { "Friday, 01-Jan-49 00:00:00 GMT", 253402300799, false },
        { "Friday, 01-Jan-51 00:00:00 GMT", 253402300799, true },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        ROW("%s", rows[i].text);
        if (!open_at(&ev, rows[i].now)) return;
        CHECK(edgefn_date_parse(&ev, edgefn_cstr(rows[i].text)).ok == rows[i].ok);
        CHECK_NUM(ev.err.code, EDGEFN_OK);
    }
}
