/* Addresses, networks, and the client address behind proxies. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

static const char *ip_hex(edgefn_ip ip)
{
    static char text[40];
    for (int i = 0; i < 16; i++)
        snprintf(text + i * 2, 3, "%02x", ip.bytes[i]);
    return text;
}

#define V4 "00000000000000000000ffff"

TEST(parse)
{
    static const struct {
        const char *text, *bytes, *again;
    } rows[] = {
        { "192.0.2.1", V4 "c0000201", "192.0.2.1" },
        { "0.0.0.0", V4 "00000000", "0.0.0.0" },
        { "255.255.255.255", V4 "ffffffff", "255.255.255.255" },
        { "::ffff:192.0.2.1", V4 "c0000201", "192.0.2.1" },
        { "::FFFF:c000:201", V4 "c0000201", "192.0.2.1" },
        { "0:0:0:0:0:ffff:1.2.3.4", V4 "01020304", "1.2.3.4" },
        { "::", "00000000000000000000000000000000", "::" },
        { "::1", "00000000000000000000000000000001", "::1" },
        { "1::", "00010000000000000000000000000000", "1::" },
        { "::1.2.3.4", "00000000000000000000000001020304", "::102:304" },
        { "64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221", "64:ff9b::c000:221" },
        { "1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304", "1:2:3:4:5:6:102:304" },
        { "1:2:3:4:5:6:7::", "00010002000300040005000600070000", "1:2:3:4:5:6:7:0" },
        { "::2:3:4:5:6:7:8", "00000002000300040005000600070008", "0:2:3:4:5:6:7:8" },
        /* RFC 5952 sections 1, 2 and 4 */
        { "2001:db8:0:0:1:0:0:1", "20010db8000000000001000000000001", "2001:db8::1:0:0:1" },
        { "2001:0db8:0:0:1:0:0:1", "20010db8000000000001000000000001", "2001:db8::1:0:0:1" },
        { "2001:db8::1:0:0:1", "20010db8000000000001000000000001", "2001:db8::1:0:0:1" },
        { "2001:DB8:0:0:1::1", "20010db8000000000001000000000001", "2001:db8::1:0:0:1" },
        { "2001:db8:aaaa:bbbb:cccc:dddd:eeee:001", "20010db8aaaabbbbccccddddeeee0001",
          "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1" },
        { "2001:db8:0:0:0:0:2:1", "20010db8000000000000000000020001", "2001:db8::2:1" },
        { "2001:db8::1:1:1:1:1", "20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1" },
        { "2001:0:0:1:0:0:0:1", "20010000000000010000000000000001", "2001:0:0:1::1" },
        { "2001:db8::", "20010db8000000000000000000000000", "2001:db8::" },
        { "fe80:0a0b:0c0d:0::0fff", "fe800a0b0c0d00000000000000000fff", "fe80:a0b:c0d::fff" },
    };
    static const char *const bad[] = {
        "",
        " ",
        "1.2.3",
        "1.2.3.4.5",
        "01.2.3.4",
        "1.2.3.04",
        "1.2.3.00",
        "256.1.1.1",
        "1.2.3.999",
        "1.2.3.4 ",
        " 1.2.3.4",
        "1..3.4",
        ".1.2.3",
        "1.2.3.",
        "1.2.3.-4",
        "+1.2.3.4",
        "1.2.3.4:80",
        "0x7f.0.0.1",
        "127.1",
        "2130706433",
        "1,2,3,4",
        "unknown",
        ":",
        ":::",
        "1",
        "1:",
        ":1",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "1:2:3:4::5:6:7:8",
        "1::2::3",
        ":::1",
        "1:::2",
        "12345::",
        "g::",
        "::1%eth0",
        "[::1]",
        "::1.2.3",
        "::1.2.3.4.5",
        "::01.2.3.4",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "::1 ",
        "1: :2",
        "1:2:3:4:5:6:7:",
        "::fffff:1.2.3.4",
        "2001:db8::1/64",
    };
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].text);
        edgefn_ip ip = edgefn_ip_parse(guard_copy(rows[i].text, strlen(rows[i].text)));
        if (!CHECK(ip.ok)) continue;
        CHECK_STR(edgefn_cstr(ip_hex(ip)), rows[i].bytes);
        CHECK(ip.v4 == (strncmp(rows[i].bytes, V4, sizeof V4 - 1) == 0));
        edgefn_str text = edgefn_ip_text(&ev, ip);
        CHECK_STR(text, rows[i].again);
        edgefn_ip again = edgefn_ip_parse(text);
        CHECK(again.ok && again.v4 == ip.v4 && memcmp(again.bytes, ip.bytes, 16) == 0);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        ROW("not %s", bad[i]);
        edgefn_ip ip = edgefn_ip_parse(guard_copy(bad[i], strlen(bad[i])));
        CHECK(!ip.ok && !ip.v4);
        CHECK_STR(edgefn_cstr(ip_hex(ip)), "00000000000000000000000000000000");
        CHECK(edgefn_ip_text(&ev, ip).ptr == NULL);
    }
    ROW("absent, and NUL inside");
    CHECK(!edgefn_ip_parse(EDGEFN_ABSENT).ok);
    CHECK(!edgefn_ip_parse(S("1.2.3.4\0")).ok);
    CHECK_ERR(&ev, EDGEFN_OK, 0);
}

/* For every address with few non-zero groups, the shortest text is written and is parsed to the
   same address. */
TEST(text_of_few_groups)
{
    edgefn_event ev;
    for (unsigned bits = 0; bits < 256; bits++) {
        edgefn_ip ip = { { 0 }, false, true };
        if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
        for (unsigned g = 0; g < 8; g++)
            ip.bytes[g * 2 + 1] = bits >> g & 1;
        ROW("groups %02x", bits);
        edgefn_str text = edgefn_ip_text(&ev, ip);
        edgefn_ip again = edgefn_ip_parse(text);
        CHECK(again.ok && memcmp(again.bytes, ip.bytes, 16) == 0);
        CHECK(edgefn_str_contains(text, S("::")) == ((~bits & ~bits >> 1 & 0x7f) != 0));
        arena_drop();
    }
}

TEST(networks)
{
    static const struct {
        const char *ip, *cidr;
        bool in;
    } rows[] = {
        { "192.0.2.1", "192.0.2.1", 1 },
        { "192.0.2.1", "192.0.2.1/32", 1 },
        { "192.0.2.2", "192.0.2.1", 0 },
        { "192.0.2.2", "192.0.2.1/31", 0 },
        { "192.0.2.3", "192.0.2.2/31", 1 },
        { "192.0.2.200", "192.0.2.0/24", 1 },
        { "192.0.3.1", "192.0.2.0/24", 0 },
        { "192.0.3.1", "192.0.2.0/23", 1 },
        { "10.255.1.1", "10.0.0.0/8", 1 },
        { "11.0.0.0", "10.0.0.0/8", 0 },
        { "192.0.2.77", "192.0.2.1/24", 1 },
        { "8.8.8.8", "0.0.0.0/0", 1 },
        { "128.0.0.1", "0.0.0.0/1", 0 },
        { "127.0.0.1", "0.0.0.0/1", 1 },
        { "192.0.2.1", "192.0.2.0/33", 0 },
        { "192.0.2.1", "0.0.0.0/", 0 },
        { "192.0.2.1", "0.0.0.0/-1", 0 },
        { "192.0.2.1", "0.0.0.0/ 0", 0 },
        { "192.0.2.1", "0.0.0.0/0000", 0 },
        { "192.0.2.1", "192.0.2.1/032", 0 },
        { "192.0.2.1", "/0", 0 },
        { "192.0.2.1", "", 0 },
        { "192.0.2.1", "*", 0 },
        { "192.0.2.1", "192.0.2/24", 0 },
        { "192.0.2.1", "192.0.2.0/24/24", 0 },
        { "192.0.2.1", "0.0.0.0/99999999999999999999", 0 },
        { "2001:db8::1", "2001:db8::/32", 1 },
        { "2001:db9::1", "2001:db8::/32", 0 },
        { "2001:db9::1", "2001:db8::/31", 1 },
        { "2001:db8::1", "2001:db8::1", 1 },
        { "2001:db8::2", "2001:db8::1/128", 0 },
        { "2001:db8::1", "::/0", 1 },
        { "2001:db8::1", "2001:db8::/129", 0 },
        { "2001:db8:8000::", "2001:db8::/33", 0 },
        { "2001:db8:7fff::", "2001:db8::/33", 1 },
        { "192.0.2.1", "::/0", 0 },
        { "2001:db8::1", "0.0.0.0/0", 0 },
        { "::ffff:192.0.2.1", "192.0.2.0/24", 1 },
        { "192.0.2.1", "::ffff:192.0.2.0/120", 1 },
        { "192.0.3.1", "::ffff:192.0.2.0/120", 0 },
        { "192.0.2.1", "::ffff:0:0/96", 1 },
        { "::1", "::ffff:0:0/96", 0 },
        { "11.1.2.3", "::ffff:10.0.0.0/8", 0 },
        { "10.1.2.3", "::ffff:10.0.0.0/8", 0 },
        { "10.0.0.0", "::ffff:10.0.0.0/95", 0 },
        { "10.0.0.0", "::ffff:10.0.0.0/0", 0 },
        { "::ffff:11.1.2.3", "::ffff:a00:0/8", 0 },
        { "::1", "::ffff:10.0.0.0/0", 0 },
        { "10.1.2.3", "::ffff:10.0.0.0/104", 1 },
        { "11.1.2.3", "::ffff:10.0.0.0/104", 0 },
        { "11.1.2.3", "::ffff:10.0.0.0/96", 1 },
        { "11.1.2.3", "::ffff:10.0.0.0/128", 0 },
        { "10.1.2.3", "::fffe:0:0/95", 0 },
        { "1.2.3", "0.0.0.0/0", 0 },
        { "", "::/0", 0 },
        { "::", "203.0.113.0/24", 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s in %s", rows[i].ip, rows[i].cidr);
        edgefn_str list[3] = { S("not one"), S("203.0.113.0/24"),
                               guard_copy(rows[i].cidr, strlen(rows[i].cidr)) };
        CHECK(edgefn_ip_in(edgefn_ip_parse(edgefn_cstr(rows[i].ip)), list, 3) == rows[i].in);
        CHECK(!edgefn_ip_in(edgefn_ip_parse(edgefn_cstr(rows[i].ip)), list, 2));
    }
    ROW("no list, absent entry");
    CHECK(!edgefn_ip_in(edgefn_ip_parse(S("1.2.3.4")), NULL, 0));
    CHECK(!edgefn_ip_in(edgefn_ip_parse(S("1.2.3.4")), &EDGEFN_ABSENT, 1));
}

#define XFF(value) "'x-forwarded-for':[{'value':'" value "'}]"
#define XFF2(a, b) "'x-forwarded-for':[{'value':'" a "'},{'value':'" b "'}]"

TEST(forwarded)
{
    static const edgefn_str nets[] = { EDGEFN_S_INIT("10.0.0.0/8"),
                                       EDGEFN_S_INIT("2001:db8:10::/48") };
    static const struct {
        const char *client, *headers;
        uint32_t hops;
        bool nets;
        const char *want;
    } rows[] = {
        { "203.0.113.9", "", 0, 0, "203.0.113.9" },
        { "203.0.113.9", XFF("198.51.100.1"), 0, 0, "203.0.113.9" },
        { "203.0.113.9", XFF("198.51.100.1"), 0, 1, "203.0.113.9" },
        { "10.0.0.1", XFF("198.51.100.1"), 0, 1, "198.51.100.1" },
        { "10.0.0.1", XFF("6.6.6.6, 198.51.100.1"), 0, 1, "198.51.100.1" },
        { "10.0.0.1", XFF("6.6.6.6, 198.51.100.1 ,\\t10.9.9.9"), 0, 1, "198.51.100.1" },
        { "10.0.0.1", XFF2("6.6.6.6, 198.51.100.1", "10.2.2.2"), 0, 1, "198.51.100.1" },
        { "10.0.0.1", XFF2("10.3.3.3", ""), 0, 1, "10.3.3.3" },
        { "10.0.0.1", "", 0, 1, "10.0.0.1" },
        { "10.0.0.1", XFF(""), 0, 1, "10.0.0.1" },
        { "10.0.0.1", XFF(",, ,"), 0, 1, "10.0.0.1" },
        { "10.0.0.1", XFF("198.51.100.1,, ,"), 0, 1, "198.51.100.1" },
        { "203.0.113.9", XFF("198.51.100.1"), 1, 0, "198.51.100.1" },
        { "203.0.113.9", XFF("6.6.6.6, 198.51.100.1"), 1, 0, "198.51.100.1" },
        { "203.0.113.9", XFF("6.6.6.6, 198.51.100.1"), 2, 0, "6.6.6.6" },
        { "203.0.113.9", XFF("6.6.6.6, 203.0.113.9, 203.0.113.9, 203.0.113.9"), 2, 0,
          "203.0.113.9" }, /* of equal ones only the last is the address itself */
        { "203.0.113.9", XFF("198.51.100.1"), 2, 0, NULL },
        { "203.0.113.9", "", 1, 0, NULL },
        { "203.0.113.9", XFF("6.6.6.6"), 4294967295u, 0, NULL },
        { "203.0.113.9", XFF("198.51.100.1, 10.1.1.1"), 1, 1, "198.51.100.1" },
        { "2001:db8:10::1", XFF("2001:DB8:0:0::5"), 0, 1, "2001:db8::5" },
        { "10.0.0.1", XFF("198.51.100.1:4711"), 0, 1, "198.51.100.1" },
        { "10.0.0.1", XFF("[2001:db8::7]:4711"), 0, 1, "2001:db8::7" },
        { "10.0.0.1", XFF("[2001:db8::7]"), 0, 1, "2001:db8::7" },
        { "10.0.0.1", XFF("6.6.6.6, [2001:db8::7], [2001:db8:10::2]:443, [2001:db8:10::3]"), 0, 1,
          "2001:db8::7" },
        { "10.0.0.1", XFF("[198.51.100.1]"), 0, 1, NULL },
        { "10.0.0.1", XFF("[198.51.100.1]:80"), 0, 1, NULL },
        { "10.0.0.1", XFF("[2001:db8::7"), 0, 1, NULL },
        { "10.0.0.1", XFF("2001:db8::7]"), 0, 1, NULL },
        { "10.0.0.1", XFF("[[2001:db8::7]]"), 0, 1, NULL },
        { "10.0.0.1", XFF("[2001:db8::7]x"), 0, 1, NULL },
        { "10.0.0.1", XFF("[2001:db8::7]:"), 0, 1, NULL },
        { "10.0.0.1", XFF("[::ffff:198.51.100.1]"), 0, 1, "198.51.100.1" },
        { "10.0.0.1", XFF("2001:db8::7:65535"), 0, 1, "2001:db8::7" },
        { "10.0.0.1", XFF("::ffff:198.51.100.1"), 0, 1, "198.51.100.1" },
        { "10.0.0.1", XFF("198.51.100.1, unknown"), 0, 1, NULL },
        { "10.0.0.1", XFF("198.51.100.1, _hidden"), 0, 1, NULL },
        { "10.0.0.1", XFF("`'198.51.100.1`'"), 0, 1, NULL },
        { "10.0.0.1", XFF("junk, 198.51.100.1"), 0, 1, "198.51.100.1" },
        { "10.0.0.1", XFF("198.51.100.1:99999"), 0, 1, NULL },
        { "10.0.0.1", XFF("198.51.100.1:"), 0, 1, NULL },
        { "10.0.0.1", XFF(":80"), 0, 1, NULL },
        { "10.0.0.1", XFF("[]"), 0, 1, NULL },
        { "10.0.0.1", XFF("[]:80"), 0, 1, NULL },
        { "10.0.0.1", XFF("[198.51.100.1"), 0, 1, NULL },
        { "10.0.0.1", XFF("198.51.100.1:000080"), 0, 1, NULL },
        { "junk", XFF("198.51.100.1"), 1, 1, NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int origin = 0; origin < 2; origin++) {
            ROW("%s; %s; %u hops%s%s", rows[i].client, rows[i].headers, rows[i].hops,
                rows[i].nets ? ", networks" : "", origin ? ", origin-request" : "");
            char part[400];
            snprintf(part, sizeof part, "{'clientIp':'%s','method':'GET','uri':'/','headers':{%s}}",
                     rows[i].client, rows[i].headers);
            edgefn_event ev;
            if (!OPEN(&ev, frame(origin ? L_OREQ : L_VREQ, part, NULL))) continue;
            edgefn_client_ip_opts opts = { .trusted_hops = rows[i].hops,
                                           .trusted = rows[i].nets ? nets : NULL,
                                           .trusted_count = rows[i].nets ? 2 : 0 };
            edgefn_ip ip = edgefn_client_ip(&ev, &opts);
            CHECK_STR(edgefn_ip_text(&ev, ip), rows[i].want);
            CHECK(ip.ok == (rows[i].want != NULL));
            UNTOUCHED(&ev);
        }
    }
    static const struct {
        const char *frame, *want;
    } own[] = { { L_VREQ, "10.0.0.1" }, { L_OREQ, "198.51.100.1" }, { F_VREQ, "192.0.2.1" } };
    /* in origin events CloudFront has appended client_ip */
    for (size_t i = 0; i < COUNT(own); i++) {
        ROW("appended, %zu", i);
        edgefn_event ev;
        bool functions = i == 2;
        if (!OPEN(
                &ev,
                frame(
                    own[i].frame,
                    functions
                        ? "{'method':'GET','uri':'/','headers':{'x-forwarded-for':{'value':'6.6.6.6'}}}"
                        : "{'clientIp':'10.0.0.1','method':'GET','uri':'/','headers':{" XFF(
                            "198.51.100.1, 10.0.0.1") "}}",
                    NULL)))
            continue;
        CHECK_STR(
            edgefn_ip_text(
                &ev, edgefn_client_ip(
                         &ev, functions ? NULL : &(edgefn_client_ip_opts){ .trusted_hops = 1 })),
            own[i].want);
    }
    ROW("no client_ip");
    edgefn_event ev;
    if (OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL)))
        CHECK(!edgefn_client_ip(&ev, NULL).ok);
}

TEST(long_lists)
{
    size_t n = 200000;
    char *text = (char *)test_own(malloc(n + 200));
    int at = sprintf(
        text,
        "{'clientIp':'10.0.0.1','method':'GET','uri':'/','headers':{'x-forwarded-for':[{'value':'198.51.100.1");
    memset(text + at, ',', n);
    strcpy(text + at + n, "'}]}}");
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, text, NULL))) return;
    CHECK_STR(
        edgefn_ip_text(&ev, edgefn_client_ip(&ev, &(edgefn_client_ip_opts){ .trusted_hops = 1 })),
        "198.51.100.1");
    CHECK(!edgefn_ip_parse(edgefn_get(&ev.request.headers, S("x-forwarded-for"))).ok);
}

TEST(out_of_memory)
{
    edgefn_event ev;
    for (size_t room = 0; room < 60; room++) {
        ROW("%zu bytes", room);
        if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
        ev.arena.cap = ev.arena.used + room;
        edgefn_str text =
            edgefn_ip_text(&ev, edgefn_ip_parse(S("2001:db8:1111:2222:3333:4444:5555:6666")));
        if (room >= 38)
            CHECK_STR(text, "2001:db8:1111:2222:3333:4444:5555:6666");
        else
            CHECK(text.ptr == NULL), CHECK_ERR(&ev, EDGEFN_E_OOM, NOWHERE);
        arena_drop();
    }
}
