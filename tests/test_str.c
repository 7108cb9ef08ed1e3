/* Strings: the functions that need no event. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

static const edgefn_str absent = { NULL, 0 };

TEST(version)
{
    char text[40];
    snprintf(text, sizeof text, "%d.%d.%d", EDGEFN_VERSION_MAJOR, EDGEFN_VERSION_MINOR,
             EDGEFN_VERSION_PATCH);
    CHECK_STR(edgefn_cstr(edgefn_version()), edgefn_cstr(text));
    CHECK_STR(S(EDGEFN_VERSION), edgefn_cstr(text));
}

TEST(cstr)
{
    CHECK_STR(edgefn_cstr("abc"), "abc");
    CHECK(edgefn_cstr(NULL).ptr == NULL && edgefn_cstr(NULL).len == 0);
    edgefn_str empty = edgefn_cstr("");
    CHECK(empty.ptr != NULL && empty.len == 0);
    CHECK_NUM(S("a\0b").len, 3);
}

TEST(eq)
{
    static const struct {
        const char *a, *b;
        bool eq, ieq;
    } rows[] = {
        { NULL, NULL, true, true },
        { NULL, "", false, false },
        { "", NULL, false, false },
        { "", "", true, true },
        { "a", "a", true, true },
        { "a", "A", false, true },
        { "A", "a", false, true },
        { "a", "b", false, false },
        { "a", "ab", false, false },
        { "ab", "a", false, false },
        { "Z", "z", false, true },
        { "@", "`", false, false },
        { "[", "{", false, false },
        { "k", "K", false, true },
        { "\xC3\x84", "\xC3\xA4", false, false },
        { "Content-Type", "content-type", false, true },
        { "content-typo", "content-type", false, false },
        { "x-aaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "x-aaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false, false },
        { "X-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaB", "x-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAb", false, true },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s | %s", rows[i].a ? rows[i].a : "absent", rows[i].b ? rows[i].b : "absent");
        edgefn_str a = edgefn_cstr(rows[i].a), b = edgefn_cstr(rows[i].b);
        CHECK(edgefn_str_eq(a, b) == rows[i].eq);
        CHECK(edgefn_str_ieq(a, b) == rows[i].ieq);
    }
    ROW("every pair of bytes");
    for (int x = 0; x < 256; x++)
        for (int y = 0; y < 256; y++) {
            char cx = (char)x, cy = (char)y;
            edgefn_str a = { &cx, 1 }, b = { &cy, 1 };
            int fx = x >= 'A' && x <= 'Z' ? x + 32 : x, fy = y >= 'A' && y <= 'Z' ? y + 32 : y;
            if (!CHECK(edgefn_str_eq(a, b) == (x == y))
                || !CHECK(edgefn_str_ieq(a, b) == (fx == fy))) {
                printf("    %d %d\n", x, y);
                return;
            }
        }
}

TEST(starts_ends_contains)
{
    static const struct {
        const char *s, *part;
        bool starts, ends;
        size_t find;
    } rows[] = {
        { NULL, NULL, false, false, 0 }, { NULL, "", false, false, 0 },
        { NULL, "a", false, false, 0 },  { "", "", true, true, 0 },
        { "", "a", false, false, 0 },    { "a", "", true, true, 0 },
        { "abc", "abc", true, true, 0 }, { "abc", "ab", true, false, 0 },
        { "abc", "bc", false, true, 1 }, { "abc", "abcd", false, false, 3 },
        { "abc", "c", false, true, 2 },  { "abc", "b", false, false, 1 },
        { "abc", "B", false, false, 3 }, { "aaab", "aab", false, true, 1 },
        { "abab", "ab", true, true, 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s | %s", rows[i].s ? rows[i].s : "absent", rows[i].part ? rows[i].part : "absent");
        edgefn_str s = edgefn_cstr(rows[i].s), part = edgefn_cstr(rows[i].part);
        CHECK(edgefn_str_starts(s, part) == rows[i].starts);
        CHECK(edgefn_str_ends(s, part) == rows[i].ends);
        CHECK_NUM(edgefn_str_find(s, part), rows[i].find);
        CHECK(edgefn_str_contains(s, part)
              == (rows[i].s && rows[i].find + strlen(rows[i].part) <= s.len));
    }
}

/* Matches by definition, one character of the pattern after the other; for short texts. */
static bool slow_match(const char *s, const char *p)
{
    if (*p == '\0') return *s == '\0';
    if (*p == '*') return slow_match(s, p + 1) || (*s != '\0' && slow_match(s + 1, p));
    return *s != '\0' && (*p == '?' || *p == *s) && slow_match(s + 1, p + 1);
}

TEST(match)
{
    static const struct {
        const char *s, *pattern;
        bool fits;
    } rows[] = {
        { NULL, "*", false },
        { "", NULL, false },
        { "", "", true },
        { "", "*", true },
        { "", "?", false },
        { "a", "", false },
        { "/a/b", "/a/*", true },
        { "/a/", "/a/*", true },
        { "/a", "/a/*", false },
        { "/A/b", "/a/*", false },
        { "/x/y/z.png", "*.png", true },
        { "/x/y/z.png", "/x/*/?.png", true },
        { "/x/y/z.pnG", "*.png", false },
        { "aab", "*ab", true },
        { "abcabd", "*abd", true },
        { "abab", "*ab", true },
        { "xab", "xa*ab", false }, /* what a '*' is followed by begins after it */
        { "xa-xab", "xa*ab", true },
        { "\xC3\xA4", "?", true },
        { "\xC3\xA4", "??", false },
        { "\xE2\x82\xAC\xF0\x9F\x98\x80", "*??", true },
        { "\xE2\x82\xAC", "*??", false },
        { "\xFF\xFE", "??", true },
        { "a*c", "a*c", true },
        { "a?c", "a?c", true },
        { "a\\c", "a\\*", true },
        { "[a]", "[a]", true },
        { "a", "[a]", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s | %s", rows[i].s ? rows[i].s : "absent", rows[i].pattern ? rows[i].pattern : "-");
        CHECK(edgefn_str_match(edgefn_cstr(rows[i].s), edgefn_cstr(rows[i].pattern))
              == rows[i].fits);
    }
    ROW("all texts of up to 5 of ab, all patterns of up to 4 of ab*?");
    char s[6], p[5];
    for (unsigned long n = 0; n < 3 * 3 * 3 * 3 * 3; n++) {
        unsigned long left = n;
        size_t len = 0;
        for (size_t i = 0; i < 5; i++, left /= 3)
            if (left % 3 != 0) s[len++] = "-ab"[left % 3];
        s[len] = '\0';
        for (unsigned long m = 0; m < 5 * 5 * 5 * 5; m++) {
            size_t k = 0;
            left = m;
            for (size_t i = 0; i < 4; i++, left /= 5)
                if (left % 5 != 0) p[k++] = "-ab*?"[left % 5];
            p[k] = '\0';
            if (!CHECK(edgefn_str_match(edgefn_cstr(s), edgefn_cstr(p)) == slow_match(s, p))) {
                printf("    %s %s\n", s, p);
                return;
            }
        }
    }
}

TEST(in)
{
    const edgefn_str list[] = { S("GET"), absent, S(""), S("HEAD") };
    CHECK(edgefn_str_in(S("GET"), list, 4) && edgefn_str_in(S("HEAD"), list, 4));
    CHECK(!edgefn_str_in(S("HEAD"), list, 3) && !edgefn_str_in(S("get"), list, 4));
    CHECK(edgefn_str_in(S(""), list, 4) && !edgefn_str_in(S(""), list, 2));
    CHECK(!edgefn_str_in(absent, list, 4) && !edgefn_str_in(S("a"), NULL, 0));
}

TEST(to_decimal)
{
    static const struct {
        const char *s;
        unsigned digits;
        bool ok;
        uint64_t value;
    } rows[] = {
        { "0.8", 3, true, 800 },
        { "0.9", 1, true, 9 },
        { "12.50", 2, true, 1250 },
        { "12.5", 2, true, 1250 },
        { "12", 2, true, 1200 },
        { "12.500000", 2, true, 1250 },
        { "12.501", 2, false, 0 },
        { "12.0", 0, true, 12 },
        { "12.5", 0, false, 0 },
        { "007.10", 1, true, 71 },
        { "18446744073709551.615", 3, true, UINT64_MAX },
        { "18446744073709551.616", 3, false, 0 },
        { "18446744073709552", 3, false, 0 },
        { "18446744073709551615.0", 0, true, UINT64_MAX },
        { "1", 19, true, 10000000000000000000u },
        { "2", 19, false, 0 },
        { "0", 20, false, 0 },
        { "0", 4000000000u, false, 0 },
        { ".5", 1, false, 0 },
        { "5.", 1, false, 0 },
        { ".", 1, false, 0 },
        { "", 1, false, 0 },
        { NULL, 1, false, 0 },
        { "1.2.3", 3, false, 0 },
        { "-1.5", 1, false, 0 },
        { "1.-5", 2, false, 0 },
        { "1,5", 1, false, 0 },
        { "1.5e3", 1, false, 0 },
        { " 1.5", 1, false, 0 },
        { "1.5 ", 2, false, 0 },
        { "1.00x", 1, false, 0 },
        { "1.\xD9\xA1", 2, false, 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("\"%s\", %u digits", rows[i].s ? rows[i].s : "absent", rows[i].digits);
        edgefn_number n = edgefn_str_to_decimal(edgefn_cstr(rows[i].s), rows[i].digits);
        CHECK(n.ok == rows[i].ok);
        CHECK_NUM(n.value, rows[i].value);
    }
}

TEST(trim_skip_take)
{
    static const struct {
        const char *s, *trimmed;
    } rows[] = {
        { "", "" },
        { " ", "" },
        { "\t \t", "" },
        { "a", "a" },
        { " a", "a" },
        { "a\t", "a" },
        { " a b ", "a b" },
        { "\na\n", "\na\n" },
        { "\xC2\xA0"
          "a",
          "\xC2\xA0"
          "a" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("trim \"%s\"", rows[i].s);
        CHECK_STR(edgefn_str_trim(edgefn_cstr(rows[i].s)), rows[i].trimmed);
    }
    ROW("absent");
    CHECK(edgefn_str_trim(absent).ptr == NULL);
    CHECK(edgefn_str_take(absent, 3).len == 0);
    CHECK(edgefn_str_skip(absent, 3).len == 0);
    ROW("skip and take");
    CHECK_STR(edgefn_str_skip(S("abc"), 0), "abc");
    CHECK_STR(edgefn_str_skip(S("abc"), 2), "c");
    CHECK_STR(edgefn_str_skip(S("abc"), 3), "");
    CHECK_STR(edgefn_str_skip(S("abc"), SIZE_MAX), "");
    CHECK_STR(edgefn_str_take(S("abc"), 0), "");
    CHECK_STR(edgefn_str_take(S("abc"), 2), "ab");
    CHECK_STR(edgefn_str_take(S("abc"), SIZE_MAX), "abc");
}

TEST(cut)
{
    static const struct {
        const char *s, *sep, *head, *tail;
    } rows[] = {
        { "a=b=c", "=", "a", "b=c" }, { "a", "=", "a", NULL }, { "=a", "=", "", "a" },
        { "a=", "=", "a", "" },       { "", "=", "", NULL },   { "a; b", "; ", "a", "b" },
        { "a;b", "; ", "a;b", NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s by %s", rows[i].s, rows[i].sep);
        edgefn_cut c = edgefn_str_cut(edgefn_cstr(rows[i].s), edgefn_cstr(rows[i].sep));
        CHECK_STR(c.head, rows[i].head);
        CHECK_STR(c.tail, rows[i].tail);
        CHECK(c.found == (rows[i].tail != NULL));
    }
    ROW("absent");
    CHECK(!edgefn_str_cut(absent, S("=")).found);
    CHECK(edgefn_str_cut(absent, S("=")).head.ptr == NULL);
}

TEST(to_u64)
{
    static const struct {
        const char *s;
        bool ok;
        uint64_t value;
    } rows[] = {
        { "0", true, 0 },
        { "7", true, 7 },
        { "007", true, 7 },
        { "18446744073709551615", true, UINT64_MAX },
        { "18446744073709551616", false, 0 },
        { "18446744073709551620", false, 0 },
        { "99999999999999999999", false, 0 },
        { "100000000000000000000", false, 0 },
        { "000000000000000000000000000001", true, 1 },
        { "", false, 0 },
        { NULL, false, 0 },
        { "-1", false, 0 },
        { "+1", false, 0 },
        { " 1", false, 0 },
        { "1 ", false, 0 },
        { "1.0", false, 0 },
        { "1e3", false, 0 },
        { "0x10", false, 0 },
        { "1:", false, 0 },
        { "/1", false, 0 },
        { "\xD9\xA1", false, 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("\"%s\"", rows[i].s ? rows[i].s : "absent");
        edgefn_number n = edgefn_str_to_u64(edgefn_cstr(rows[i].s));
        CHECK(n.ok == rows[i].ok);
        if (rows[i].ok) CHECK_NUM(n.value, rows[i].value);
    }
}

/* No function may read the byte after the string. */
TEST(at_the_page_end)
{
    for (size_t n = 0; n <= 70; n++) {
        ROW("%zu bytes", n);
        char text[80];
        memset(text, 'a', sizeof text);
        edgefn_str s = guard_copy(text, n), front = guard_copy_front(text, n), same = { text, n },
                   longer = { text, n + 1 };
        CHECK(edgefn_str_eq(s, same) && edgefn_str_ieq(s, same) && edgefn_str_eq(s, front)
              && !edgefn_str_eq(s, longer));
        CHECK(edgefn_str_starts(s, same) && edgefn_str_ends(s, same)
              && !edgefn_str_starts(s, longer) && !edgefn_str_ends(front, longer));
        CHECK_NUM(edgefn_str_find(s, S("b")), n);
        CHECK_NUM(edgefn_str_find(s, longer), n);
        CHECK_NUM(edgefn_str_trim(s).len, n);
        CHECK(!edgefn_str_to_u64(s).ok);
        CHECK(!edgefn_str_cut(s, S("b")).found);
    }
}

#define EVENT L_HEAD("viewer-request") "'request':{'method':'GET','uri':'/'}}}]}"

TEST(join_number_lower)
{
    edgefn_event ev;
    if (!OPEN(&ev, js(EVENT))) return;
    edgefn_str parts[] = { S("/en"), { NULL, 0 }, S(""), S("/index.html") };
    CHECK_STR(edgefn_str_join(&ev, parts, 4), "/en/index.html");
    edgefn_str nothing = edgefn_str_join(&ev, parts, 0);
    CHECK(nothing.ptr != NULL && nothing.len == 0);
    nothing = edgefn_str_join(&ev, parts + 1, 2);
    CHECK(nothing.ptr != NULL && nothing.len == 0);
    CHECK_STR(edgefn_str_from_u64(&ev, 0), "0");
    CHECK_STR(edgefn_str_from_u64(&ev, 10), "10");
    CHECK_STR(edgefn_str_from_u64(&ev, UINT64_MAX), "18446744073709551615");
    edgefn_str low = S("abc-[`{@1\xC3\x84");
    CHECK(edgefn_str_lower(&ev, low).ptr == low.ptr);
    CHECK_STR(edgefn_str_lower(&ev, S("AbZ-[`{@1\xC3\x84")), "abz-[`{@1\xC3\x84");
    CHECK(edgefn_str_lower(&ev, absent).ptr == NULL);
    CHECK_NUM(ev.err.code, EDGEFN_OK);
    UNTOUCHED(&ev);
}

/* Against one byte at a time: each length up to 70, each byte at each position, and nothing is read beyond the ends. */
TEST(letters_at_every_length)
{
    edgefn_event ev;
    if (!OPEN(&ev, js(EVENT))) return;
    for (size_t len = 1; len <= 70; len++) {
        char *a = (char *)test_own(malloc(len)), *b = (char *)test_own(malloc(len));
        for (size_t at = 0; at < len; at++)
            for (int c = 0; c < 256; c += len % 7 == 0 || c == 63 ? 1 : 31) {
                memset(a, 'm', len);
                memset(b, 'M', len);
                a[at] = (char)c;
                b[at] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
                edgefn_str low = edgefn_str_lower(&ev, (edgefn_str){ a, len }), s = { b, len };
                bool same = edgefn_str_ieq(low, s) && low.ptr[at] == b[at];
                b[at] = (char)(b[at] ^ 0x20);
                bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
                bool folds = edgefn_str_ieq(low, s) == letter;
                ev.arena.used = ev.arena.used - (low.ptr != a ? len : 0);
                if (CHECK(same) && CHECK(folds)) continue;
                printf("    length %zu, byte %d at %zu\n", len, c, at);
                return;
            }
    }
}

TEST(copy)
{
    edgefn_event ev;
    if (!OPEN(&ev, js(EVENT))) return;
    char buf[8] = "abc";
    size_t used = ev.arena.used;
    edgefn_str made = edgefn_str_copy(&ev, edgefn_cstr(buf));
    CHECK_NUM(ev.arena.used - used, 3);
    buf[0] = 'x';
    CHECK_STR(made, "abc");
    CHECK_STR(edgefn_str_copy(&ev, S("")), "");
    CHECK(edgefn_str_copy(&ev, absent).ptr == NULL && ev.err.code == EDGEFN_OK);
}

/* Strings made for a handler do not overwrite each other. */
TEST(made_strings_stay)
{
    edgefn_event ev;
    if (!OPEN(&ev, js(EVENT))) return;
    edgefn_str made[50];
    for (uint64_t i = 0; i < COUNT(made); i++)
        made[i] = edgefn_str_from_u64(&ev, i * 1000003);
    for (uint64_t i = 0; i < COUNT(made); i++) {
        edgefn_number n = edgefn_str_to_u64(made[i]);
        CHECK(n.ok && n.value == i * 1000003);
    }
}

TEST(alloc)
{
    edgefn_event ev;
    if (!OPEN(&ev, js(EVENT))) return;
    for (size_t align = 1; align <= 16; align *= 2) {
        ROW("align %zu", align);
        /* makes sure that the next block is not aligned by chance */
        CHECK(edgefn_alloc(&ev, 1, 1) != NULL);
        char *p = (char *)edgefn_alloc(&ev, 24, align);
        if (!CHECK(p != NULL)) return;
        CHECK_NUM((uintptr_t)p % align, 0);
        memset(p, 1, 24);
    }
    ROW("align 0 and size 0");
    CHECK(edgefn_alloc(&ev, 8, 0) != NULL);
    CHECK(edgefn_alloc(&ev, 0, 0) != NULL);
    CHECK_NUM(ev.err.code, EDGEFN_OK);
    static const size_t bad[] = { 3, 17, 32, 6, SIZE_MAX };
    for (size_t i = 0; i < COUNT(bad); i++) {
        ROW("align %zu", bad[i]);
        if (!OPEN(&ev, js(EVENT))) return;
        CHECK(edgefn_alloc(&ev, 8, bad[i]) == NULL);
        CHECK_ERR(&ev, EDGEFN_E_OPTIONS, NOWHERE);
    }
    static const size_t large[] = { KIT_ARENA * 2, SIZE_MAX, SIZE_MAX - 7, SIZE_MAX / 2 + 1 };
    for (size_t i = 0; i < COUNT(large); i++) {
        ROW("%zu bytes", large[i]);
        if (!OPEN(&ev, js(EVENT))) return;
        size_t used = ev.arena.used;
        CHECK(edgefn_alloc(&ev, large[i], 16) == NULL);
        CHECK_ERR(&ev, EDGEFN_E_OOM, NOWHERE);
        CHECK_NUM(ev.arena.used, used);
        CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
    }
}

TEST(json_quote)
{
    static const struct {
        edgefn_str s;
        const char *quoted;
    } rows[] = {
        { EDGEFN_S_INIT(""), "''" },
        { EDGEFN_S_INIT("abc /"), "'abc /'" },
        { EDGEFN_S_INIT("\""), "'`''" },
        { EDGEFN_S_INIT("\\"), "'``'" },
        { EDGEFN_S_INIT("a\"b\\c"), "'a`'b``c'" },
        { EDGEFN_S_INIT("\b\f\n\r\t"), "'`b`f`n`r`t'" },
        { EDGEFN_S_INIT("\0\x01\x1f"), "'`u0000`u0001`u001f'" },
        { EDGEFN_S_INIT("\x7f"), "'\x7f'" },
        { EDGEFN_S_INIT("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"),
          "'\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80'" },
        { EDGEFN_S_INIT("a\xFFz"), "'a\xEF\xBF\xBDz'" },
        { EDGEFN_S_INIT("\xC3"), "'\xEF\xBF\xBD'" },
        { EDGEFN_S_INIT("\xC0\x80"), "'\xEF\xBF\xBD\xEF\xBF\xBD'" },
        { EDGEFN_S_INIT("\xC3\""), "'\xEF\xBF\xBD`''" },
    };
    edgefn_event ev;
    if (!OPEN(&ev, js(EVENT))) return;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].quoted);
        edgefn_str at_end = guard_copy(rows[i].s.ptr, rows[i].s.len);
        CHECK_STR(edgefn_json_quote(&ev, at_end), js(rows[i].quoted));
    }
    ROW("absent");
    CHECK(edgefn_json_quote(&ev, absent).ptr == NULL);
    CHECK_NUM(ev.err.code, EDGEFN_OK);
}

TEST(status_text)
{
    static const struct {
        uint32_t status;
        const char *text;
    } rows[] = {
        { 200, "OK" },
        { 201, "Created" },
        { 204, "No Content" },
        { 206, "Partial Content" },
        { 301, "Moved Permanently" },
        { 302, "Found" },
        { 303, "See Other" },
        { 304, "Not Modified" },
        { 307, "Temporary Redirect" },
        { 308, "Permanent Redirect" },
        { 400, "Bad Request" },
        { 401, "Unauthorized" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 410, "Gone" },
        { 429, "Too Many Requests" },
        { 451, "Unavailable For Legal Reasons" },
        { 500, "Internal Server Error" },
        { 502, "Bad Gateway" },
        { 503, "Service Unavailable" },
        { 504, "Gateway Timeout" },
        { 0, "" },
        { 299, "" },
        { 599, "" },
        { 1000, "" },
        { UINT32_MAX, "" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%u", (unsigned)rows[i].status);
        CHECK_STR(edgefn_status_text(rows[i].status), rows[i].text);
    }
}
