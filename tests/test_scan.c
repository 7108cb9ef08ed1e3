/* The vector scanners: on every input each one returns the bits, the list and the verdict of the
   portable one and of a simple loop, and none reads outside the text. */
static int cpu_has(const char *name, int has);
#define __builtin_cpu_supports(name) cpu_has(name, __builtin_cpu_supports(name))
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

enum { LONGEST = 4096 };

typedef struct answer {
    bool ok, full;
    size_t listed;
} answer;
typedef struct outcome {
    answer a;
    unsigned char bits[LONGEST / 8 + 64];
    uint32_t list[LONGEST];
} outcome;

/*--- the simple loop --------------------------------------------------------------------------------------------------*/

static int hex4(const unsigned char *t, size_t len, size_t at)
{
    int unit = 0;
    for (size_t i = at; i < at + 4; i++) {
        if (i >= len) return -1;
        int c = t[i], h = c >= '0' && c <= '9'                 ? c - '0'
                          : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                               : -1;
        if (h < 0) return -1;
        unit = unit * 16 + h;
    }
    return unit;
}

static size_t escape_length(const unsigned char *t, size_t len, size_t at) /* 0: invalid */
{
    if (at + 1 >= len) return 0;
    if (t[at + 1] != 'u') return t[at + 1] && strchr("\"\\/bfnrt", t[at + 1]) ? 2 : 0;
    int unit = hex4(t, len, at + 2), low;
    if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) return 0;
    if (unit < 0xD800 || unit > 0xDFFF) return 6;
    if (at + 7 >= len || t[at + 6] != '\\' || t[at + 7] != 'u') return 0;
    low = hex4(t, len, at + 8);
    return low >= 0xDC00 && low <= 0xDFFF ? 12 : 0;
}

static size_t utf8_length(const unsigned char *t, size_t len, size_t at)
{
    unsigned b = t[at];
    size_t n = b >= 0xC2 && b <= 0xDF   ? 2
               : b >= 0xE0 && b <= 0xEF ? 3
               : b >= 0xF0 && b <= 0xF4 ? 4
                                        : 0;
    if (n == 0 || at + n > len) return 0;
    for (size_t i = 1; i < n; i++)
        if ((t[at + i] & 0xC0) != 0x80) return 0;
    unsigned second = t[at + 1];
    if ((b == 0xE0 && second < 0xA0) || (b == 0xED && second > 0x9F) || (b == 0xF0 && second < 0x90)
        || (b == 0xF4 && second > 0x8F))
        return 0;
    return n;
}

static void loop(const unsigned char *t, size_t len, outcome *o)
{
    bool inside = false, noted = false;
    size_t open = 0;
    memset(o, 0, sizeof *o);
    for (size_t i = 0, n; i < len; i += n) {
        n = 1;
        if (t[i] == '"') {
            o->bits[i / 8] |= (unsigned char)(1 << i % 8);
            inside = !inside, noted = false, open = i;
        } else if (t[i] == '\\') {
            n = escape_length(t, len, i);
            if (!inside || n == 0) return;
            if (!noted) o->list[o->a.listed++] = (uint32_t)open;
            noted = true;
        } else if (t[i] >= 0x80) {
            n = utf8_length(t, len, i);
            if (!inside || n == 0) return;
        } else if (t[i] < 0x20 && inside) {
            return;
        }
    }
    o->a.ok = true;
}

/*--- the scanners -----------------------------------------------------------------------------------------------------*/

typedef bool (*scanner)(edgefn__scanner *s);
static scanner scanners[4];
static const char *scanner_names[4];
static size_t scanner_count;

__attribute__((constructor)) static void find_scanners(void)
{
    scanners[0] = edgefn__scan_portable, scanner_names[0] = "portable";
    scanner_count = 1;
#ifdef EDGEFN__SSE2
    scanners[scanner_count] = edgefn__scan_sse2, scanner_names[scanner_count++] = "sse2";
#endif
#ifdef EDGEFN__AVX2
    __builtin_cpu_init();
    if (edgefn__have_avx2())
        scanners[scanner_count] = edgefn__scan_avx2, scanner_names[scanner_count++] = "avx2";
    if (edgefn__have_avx512())
        scanners[scanner_count] = edgefn__scan_avx512, scanner_names[scanner_count++] = "avx512";
#endif
}

/* Runs a scanner with room for `room` entries in the list. */
static void run(scanner scan, const char *text, size_t len, size_t room, outcome *o)
{
    static uint32_t list[LONGEST + 8];
    static unsigned char bits[LONGEST / 8 + 200];
    edgefn__scanner s;
    size_t size = edgefn__quotes_size(len);
    memset(&s, 0, sizeof s);
    memset(bits, 0x5A, size + 64);
    s.text = text, s.len = len, s.quotes = bits;
    s.top = s.escaped = list + COUNT(list), s.floor = s.top - room;
    memset(o, 0, sizeof *o);
    o->a.ok = scan(&s), o->a.full = s.full, o->a.listed = (size_t)(s.top - s.escaped);
    for (size_t i = 0; i < o->a.listed; i++)
        o->list[i] = s.top[-1 - (ptrdiff_t)i];
    for (size_t i = size; i < size + 64; i++)
        if (!CHECK(bits[i] == 0x5A)) return; /* nothing is written after its room */
    if (!o->a.ok) return;
    memcpy(o->bits, bits, (len + 7) / 8);
    if (len % 8) o->bits[len / 8] &= (unsigned char)((1 << len % 8) - 1);
    for (size_t i = (len + 63) / 64 * 8; i < size; i++)
        if (!CHECK(bits[i] == 0xFF)) return; /* sentinel of searches for a quotation mark */
    for (size_t i = len; i < (len + 63) / 64 * 64; i++)
        if (!CHECK((bits[i / 8] >> i % 8 & 1) == 0)) return;
}

static bool agree(const char *text, size_t len)
{
    static outcome want, got;
    loop((const unsigned char *)text, len, &want);
    for (size_t i = 0; i < scanner_count; i++)
        for (int end = 0; end < 2; end++) {
            edgefn_str copy = end ? guard_copy(text, len) : guard_copy_front(text, len);
            run(scanners[i], copy.ptr, len, LONGEST, &got);
            bool same = got.a.ok == want.a.ok && !got.a.full;
            if (same && want.a.ok)
                same = got.a.listed == want.a.listed
                       && memcmp(got.list, want.list, want.a.listed * 4) == 0
                       && memcmp(got.bits, want.bits, (len + 7) / 8) == 0;
            if (CHECK(same)) continue;
            printf("    %s: result %d must be %d, %zu listed must be %zu\n", scanner_names[i],
                   got.a.ok, want.a.ok, got.a.listed, want.a.listed);
            test_show("text   ", copy);
            return false;
        }
    return true;
}

TEST(variants)
{
    CHECK(scanner_count >= 1);
    if (scanner_count < 3)
        SKIP("this machine or compiler lacks a vector scanner; the others are tested");
    for (size_t i = 0; i < scanner_count; i++)
        printf("    scanner: %s\n", scanner_names[i]);
}

static const char *const triggers[] = { "\"",
                                        "\\\\",
                                        "\\\"",
                                        "\\n",
                                        "\\u0041",
                                        "\\ud83d\\ude00",
                                        "\\",
                                        "\\u",
                                        "\\x",
                                        "\\ud83d",
                                        "\\udc00",
                                        "\\ud83d\\u0041",
                                        "\x01",
                                        "\n",
                                        "\x1f",
                                        "\x7f",
                                        "\x80",
                                        "\xC3\xA4",
                                        "\xC3",
                                        "\xE2\x82\xAC",
                                        "\xE2\x82",
                                        "\xF0\x9F\x98\x80",
                                        "\xF0\x9F\x98",
                                        "\xED\xA0\x80",
                                        "\xFF",
                                        "\xC0\x80",
                                        "\\u00",
                                        "\"\"",
                                        " " };

/* Every length, position and trigger, inside and outside a string. */
TEST(every_length_and_place)
{
    char text[300];
    for (size_t t = 0; t < COUNT(triggers); t++)
        for (int inside = 0; inside < 2; inside++) {
            ROW("trigger %zu %s a string", t, inside ? "in" : "outside of");
            size_t n = strlen(triggers[t]);
            for (size_t len = 0; len <= 200; len += len < 140 ? 1 : 7)
                for (size_t at = (size_t)inside; at <= len; at++) {
                    if (len > 70 && at > 2 && at + 70 < len && at % 64 > 2 && at % 64 < 61)
                        continue; /* the middle of a block is covered by shorter texts */
                    memset(text, inside ? 'a' : ' ', sizeof text);
                    if (inside) text[0] = '"';
                    memcpy(text + at, triggers[t], n);
                    if (!agree(text, at + n > len ? at + n : len)) goto next;
                }
        next:;
        }
}

/* Two triggers, one after the other, around the ends of blocks. */
TEST(pairs)
{
    char text[200];
    for (size_t a = 0; a < COUNT(triggers); a++)
        for (size_t b = 0; b < COUNT(triggers); b++) {
            ROW("triggers %zu and %zu", a, b);
            for (size_t at = 55; at < 70; at++)
                for (size_t gap = 0; gap < 2; gap++) {
                    memset(text, 'a', sizeof text);
                    text[0] = '"', text[150] = '"';
                    memcpy(text + at, triggers[a], strlen(triggers[a]));
                    memcpy(text + at + strlen(triggers[a]) + gap, triggers[b], strlen(triggers[b]));
                    if (!agree(text, 151)) goto next;
                }
        next:;
        }
}

/* Long strings are scanned in strides: a trigger at every position of a stride and at its ends. */
TEST(long_strings)
{
    static char text[LONGEST];
    for (size_t t = 0; t < COUNT(triggers); t++) {
        ROW("trigger %zu", t);
        for (size_t at = 500; at<1700; at += at % 64> 2 && at % 64 < 60 ? 11 : 1) {
            memset(text, 'a', sizeof text);
            text[0] = '"', text[1900] = '"';
            memcpy(text + at, triggers[t], strlen(triggers[t]));
            if (!agree(text, 1901) || !agree(text, at + strlen(triggers[t]))) break;
        }
    }
    ROW("runs of backslashes");
    for (size_t run_length = 1; run_length < 200; run_length++)
        for (size_t at = 1; at < 70; at += 3) {
            memset(text, 'a', 400);
            text[0] = '"';
            memset(text + at, '\\', run_length);
            text[at + run_length] = '"', text[399] = '"';
            if (!agree(text, 400)) return;
        }
}

TEST(random_texts)
{
    static char text[LONGEST];
    uint32_t seed = 2463534242u;
    size_t good = 0;
    ROW("30000 texts");
    for (int round = 0; round < 30000; round++) {
        size_t n = 0, len;
        int kinds = round % 3;
        seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
        len = seed % (round % 50 ? 400 : 3000);
        while (n < len) {
            seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
            const char *piece = seed % 7 == 0
                                    ? triggers[seed / 7 % (kinds == 0 ? 6 : COUNT(triggers))]
                                : seed % 5 == 0 ? "\""
                                : kinds == 2    ? "{\"a\":[1, "
                                                : "abcdefghijklmnopqrstuvwxyz";
            if (kinds == 0 && *piece == '\\') piece = "\"\\n\""; /* mostly valid */
            size_t m = strlen(piece);
            memcpy(text + n, piece, m), n += m;
        }
        static outcome want;
        loop((const unsigned char *)text, n, &want);
        good += want.a.ok;
        if (!agree(text, n)) {
            printf("    round %d\n", round);
            return;
        }
    }
    ROW("valid and invalid texts occurred");
    CHECK(good > 1000 && good < 29000);
}

TEST(random_bytes)
{
    char text[600];
    uint32_t seed = 88172645u;
    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)round % 300;
        for (size_t i = 0; i < len; i++) {
            seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
            text[i] = (char)(seed >> 11);
            if (seed % 3) text[i] = "\"\\u0d8a \xC3\xA4"[seed % 11];
        }
        if (!agree(text, len)) {
            printf("    round %d\n", round);
            return;
        }
    }
}

/* If the list has not enough room, all scanners report it as full, at the same position. */
TEST(little_room)
{
    static char text[2000];
    static outcome first, got;
    size_t n = 0;
    for (int i = 0; i < 100; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "\"a\\n\" \"plain\"");
    for (size_t room = 1; room < 110; room++) {
        ROW("room for %zu", room);
        for (size_t i = 0; i < scanner_count; i++) {
            run(scanners[i], text, n, room, &got);
            /* one entry is reserved for the end of the list */
            CHECK(got.a.ok == (room > 100) && got.a.full == (room <= 100));
            if (i == 0) first = got;
            CHECK(memcmp(&got.a, &first.a, sizeof got.a) == 0);
        }
    }
}

/*--- processors with fewer instructions -------------------------------------------------------------------------------*/

static const char *lacks = "";
TEST_UNUSED static int cpu_has(const char *name, int has)
{
    return has && strcmp(name, lacks) != 0;
}

/* Without one of the instructions that it needs, a variant is not chosen, and events are read as before. */
TEST(lacking_instructions)
{
#ifdef EDGEFN__AVX2
    static const struct {
        const char *name;
        bool avx512, avx2;
    } rows[] = { { "avx512bw", false, true },
                 { "avx2", true, false },
                 { "bmi2", false, false },
                 { "pclmul", false, false } };
    bool avx512 = edgefn__have_avx512(), avx2 = edgefn__have_avx2();
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (const char *const *p = event_files(); *p; p++) {
            edgefn_str json = slurp(*p);
            edgefn_event want, got;
            ROW("without %s: %s", rows[i].name, *p);
            CHECK(edgefn_parse(&want, json, arena_new(1 << 16), NULL) == EDGEFN_OK);
            lacks = rows[i].name;
            CHECK(edgefn__have_avx512() == (avx512 && rows[i].avx512));
            CHECK(edgefn__have_avx2() == (avx2 && rows[i].avx2));
            CHECK(edgefn_parse(&got, json, arena_new(1 << 16), NULL) == EDGEFN_OK);
            lacks = "";
            const char *differs = event_differs(&want, &got);
            if (!CHECK(differs == NULL)) printf("    %s\n", differs);
        }
    }
#else
    SKIP("this compiler or processor has no such variants");
#endif
}
