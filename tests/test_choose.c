/* The hash, weighted and sticky choices, and roll-outs: pinned values, and distributions over
   fixed sets of keys. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

#define KEYS 100000

static edgefn_str key_of(size_t i)
{
    static char text[40];
    return (edgefn_str){ text, (size_t)snprintf(text, sizeof text, "user-%zu", i) };
}

/* Computed by another implementation in another language. */
TEST(hash_pinned)
{
#define BYTES(text)                                                                                \
  {                                                                                                \
    text, sizeof(text) - 1                                                                         \
  }
    static const struct {
        edgefn_str salt, key;
        uint64_t hash;
    } rows[] = {
        { BYTES(""), BYTES(""), 0xc70b7d317e33bf45u },
        { BYTES("a"), BYTES(""), 0x683e506c76236dfcu },
        { BYTES(""), BYTES("a"), 0x133761eca7e1fdafu },
        { BYTES("ab"), BYTES("c"), 0xf136a88dbccb8984u },
        { BYTES("a"), BYTES("bc"), 0xc7b6cac02157fe1eu },
        { BYTES("salt"), BYTES("192.0.2.44"), 0x5f3a862dc2daabbcu },
        { BYTES("checkout-2026"), BYTES("user-1"), 0x802712092943dba7u },
        { BYTES("\0"), BYTES("\xff\x80"), 0xb317b09924606c0cu },
        { BYTES("foobar"), BYTES("foobar"), 0x615b4f53d2cdf544u },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%.*s, %.*s", EDGEFN_FMT(rows[i].salt), EDGEFN_FMT(rows[i].key));
        CHECK_NUM(edgefn_hash(rows[i].salt, guard_copy(rows[i].key.ptr, rows[i].key.len)),
                  rows[i].hash);
    }
    ROW("absent counts as empty");
    CHECK_NUM(edgefn_hash(edgefn_cstr(NULL), edgefn_cstr(NULL)), 0xc70b7d317e33bf45u);
}

/* The same hash from its two published parts; the first is checked against the test vectors of
   FNV-1a. */
static uint64_t fnv1a(uint64_t h, edgefn_str s)
{
    for (size_t i = 0; i < s.len; i++)
        h ^= (unsigned char)s.ptr[i], h *= UINT64_C(1099511628211);
    return h;
}

static uint64_t fmix64(uint64_t k)
{
    k ^= k >> 33, k *= UINT64_C(0xff51afd7ed558ccd);
    k ^= k >> 33, k *= UINT64_C(0xc4ceb9fe1a85ec53);
    return k ^ (k >> 33);
}

TEST(hash_of_published_parts)
{
    const uint64_t basis = UINT64_C(14695981039346656037);
    static const struct {
        const char *text;
        uint64_t hash;
    } rows[] = {
        /* RFC 9923, test vectors */
        { "", 0xcbf29ce484222325u },
        { "a", 0xaf63dc4c8601ec8cu },
        { "foobar", 0x85944171f73967e8u },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].text);
        edgefn_str s = edgefn_cstr(rows[i].text);
        CHECK_NUM(fnv1a(basis, s), rows[i].hash);
        CHECK_NUM(edgefn_hash(s, S("key")), fmix64(fnv1a(fmix64(fnv1a(basis, s)), S("key"))));
    }
}

/* Flipping one bit of the key must flip each bit of the hash in about half of the cases. */
TEST(avalanche)
{
    static unsigned flips[64];
    size_t tries = 0;
    memset(flips, 0, sizeof flips);
    for (size_t i = 0; i < 1000; i++) {
        edgefn_str key = key_of(i);
        uint64_t h = edgefn_hash(S("s"), key);
        for (size_t bit = 0; bit < key.len * 8; bit++, tries++) {
            ((char *)key.ptr)[bit / 8] = (char)(key.ptr[bit / 8] ^ 1 << bit % 8);
            uint64_t d = h ^ edgefn_hash(S("s"), key);
            ((char *)key.ptr)[bit / 8] = (char)(key.ptr[bit / 8] ^ 1 << bit % 8);
            for (unsigned b = 0; b < 64; b++)
                flips[b] += d >> b & 1;
        }
    }
    for (unsigned b = 0; b < 64; b++) {
        ROW("bit %u", b);
        CHECK(flips[b] > tries * 49 / 100 && flips[b] < tries * 51 / 100);
    }
}

/* Returns Pearson's chi-squared against expected counts, in thousandths. */
static uint64_t chi_square(const size_t *seen, const uint64_t *expected, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t d = seen[i] > expected[i] ? seen[i] - expected[i] : expected[i] - seen[i];
        sum += d * d * 1000 / expected[i];
    }
    return sum;
}

TEST(distribution)
{
    static const char *const salts[] = { "", "a", "b", "checkout-2026", "X-Experiment-Name" };
    for (size_t s = 0; s < COUNT(salts); s++) {
        size_t even[10] = { 0 }, weighted[4] = { 0 }, tens[10] = { 0 };
        uint64_t tenth[10], parts[] = { KEYS / 10, KEYS * 2 / 10, KEYS * 3 / 10, KEYS * 4 / 10 };
        const uint32_t weights[] = { 10, 20, 30, 40 };
        for (size_t i = 0; i < 10; i++)
            tenth[i] = KEYS / 10;
        for (size_t i = 0; i < KEYS; i++) {
            uint64_t h = edgefn_hash(edgefn_cstr(salts[s]), key_of(i));
            even[edgefn_choose(h, NULL, 10)]++;
            weighted[edgefn_choose(h, weights, 4)]++;
            tens[h % 10]++; /* the low bits as well */
        }
        /* exceeded by one set in a thousand, with 9 and 3 degrees of freedom */
        ROW("salt %s", salts[s]);
        CHECK(chi_square(even, tenth, 10) < 27877);
        CHECK(chi_square(weighted, parts, 4) < 16266);
        CHECK(chi_square(tens, tenth, 10) < 27877);
    }
    ROW("two experiments are independent");
    size_t cells[16] = { 0 };
    uint64_t expected[16];
    for (size_t i = 0; i < 16; i++)
        expected[i] = KEYS / 16;
    for (size_t i = 0; i < KEYS; i++) {
        size_t a = edgefn_choose(edgefn_hash(S("one"), key_of(i)), NULL, 4),
               b = edgefn_choose(edgefn_hash(S("onf"), key_of(i)), NULL, 4);
        cells[a * 4 + b]++;
    }
    CHECK(chi_square(cells, expected, 16) < 37697);
}

TEST(choose)
{
#define MAX64        UINT64_MAX
#define AT(part, of) (UINT64_MAX / (of) * (part)) /* just below part/of */
    static const struct {
        uint64_t draw;
        uint32_t weights[5];
        size_t count, chosen;
    } rows[] = {
        { 0, { 1 }, 1, 0 },
        { MAX64, { 1 }, 1, 0 },
        { 0, { 0, 1 }, 2, 1 },
        { MAX64, { 1, 0 }, 2, 0 },
        { 0, { 0 }, 1, 1 },
        { MAX64, { 0, 0, 0 }, 3, 3 },
        { 5, { 0 }, 0, 0 },
        { 0, { 3, 1 }, 2, 0 },
        { UINT64_C(0xBFFFFFFFFFFFFFFF), { 3, 1 }, 2, 0 },
        { UINT64_C(0xC000000000000000), { 3, 1 }, 2, 1 },
        { MAX64, { 3, 1 }, 2, 1 },
        { UINT64_C(0xBFFFFFFF) << 32, { 3, 1 }, 2, 0 },
        { UINT64_C(0xC0000000) << 32, { 3, 1 }, 2, 1 },
        { UINT64_C(0x7FFFFFFFFFFFFFFF), { 1, 1 }, 2, 0 },
        { UINT64_C(0x8000000000000000), { 1, 1 }, 2, 1 },
        { 0, { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX }, 5, 0 },
        { MAX64, { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX }, 5, 4 },
        { AT(2, 5) - 100, { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX }, 5, 1 },
        { AT(2, 5) + 100, { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX }, 5, 2 },
        { 0, { 0, 0, 7, 0, 0 }, 5, 2 },
        { MAX64, { 0, 0, 7, 0, 0 }, 5, 2 },
        { 0, { 1, UINT32_MAX }, 2, 0 },
        { UINT64_C(1) << 33, { 1, UINT32_MAX }, 2, 1 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("row %zu", i);
        const void *weights = guard_copy(rows[i].weights, rows[i].count * sizeof(uint32_t)).ptr;
        CHECK_NUM(edgefn_choose(rows[i].draw, (const uint32_t *)weights, rows[i].count),
                  rows[i].chosen);
    }
    ROW("without weights");
    CHECK(edgefn_choose(0, NULL, 0) == 0 && edgefn_choose(MAX64, NULL, 0) == 0
          && edgefn_choose(MAX64, NULL, 3) == 2 && edgefn_choose(0, NULL, 3) == 0
          && edgefn_choose(AT(1, 3) + 9, NULL, 3) == 1);
    ROW("the largest weights");
    CHECK(edgefn_choose(MAX64, NULL, SIZE_MAX) == SIZE_MAX - 1
          && edgefn_choose(MAX64 / 2, NULL, SIZE_MAX)
                 == (sizeof(size_t) == 8 ? SIZE_MAX / 2 - 1 : SIZE_MAX / 2)); /* rounded down */
}

TEST(rollout)
{
    static const uint32_t steps[] = { 0, 1, 10, 100, 1250, 5000, 9000, 9999, 10000, UINT32_MAX };
    static bool in[KEYS];
    memset(in, 0, sizeof in);
    for (size_t k = 0; k < COUNT(steps); k++) {
        ROW("%u", steps[k]);
        size_t n = 0, lost = 0,
               want = (size_t)(steps[k] < 10000 ? steps[k] : 10000) * (KEYS / 10000);
        for (size_t i = 0; i < KEYS; i++) {
            bool now = edgefn_rollout(S("new-search"), key_of(i), steps[k]);
            lost += in[i] && !now;
            in[i] = now;
            n += now;
        }
        CHECK_NUM(lost, 0);
        size_t off = n > want ? n - want : want - n; /* within four standard deviations */
        CHECK(off * off <= 16 * (want - want * want / KEYS) && (want != 0 || n == 0)
              && (want != KEYS || n == KEYS));
    }
    ROW("absent and empty keys");
    CHECK(!edgefn_rollout(S("s"), edgefn_cstr(NULL), 9999)
          && edgefn_rollout(S("s"), edgefn_cstr(NULL), 10000) && !edgefn_rollout(S("s"), S(""), 0)
          && edgefn_rollout(edgefn_cstr(NULL), S(""), 10000));
    ROW("another salt chooses other keys");
    size_t both = 0;
    for (size_t i = 0; i < KEYS; i++)
        both += edgefn_rollout(S("a"), key_of(i), 1000) && edgefn_rollout(S("b"), key_of(i), 1000);
    CHECK(both > KEYS / 100 - 130 && both < KEYS / 100 + 130);
}

/*--- sticky -------------------------------------------------------------------------------------------------------------*/

static const edgefn_str names[] = { EDGEFN_S_INIT("control"), EDGEFN_S_INIT("blue"),
                                    EDGEFN_S_INIT("green") };

/* Returns an event of a viewer; cookies: "" or "ab=blue; x=1". */
static edgefn_str viewer_event(bool functions, bool response, const char *ip, const char *ua,
                               const char *cookies)
{
    char text[2000];
    size_t n = 0;
    if (functions) {
        n += (size_t)snprintf(
            text, sizeof text,
            "{'version':'1.0','context':{'eventType':'viewer-%s'},'viewer':{'ip':'%s'},'request':{'method':'GET','uri':'/','headers':{'user-agent':{'value':'%s'}},'cookies':{",
            response ? "response" : "request", ip, ua);
        bool first = true;
        for (edgefn_str rest = edgefn_cstr(cookies); rest.len; first = false) {
            edgefn_cut c = edgefn_str_cut(rest, S("; ")), nv = edgefn_str_cut(c.head, S("="));
            n += (size_t)snprintf(text + n, sizeof text - n, "%s'%.*s':{'value':'%.*s'}",
                                  first ? "" : ",", EDGEFN_FMT(nv.head), EDGEFN_FMT(nv.tail));
            rest = c.tail;
        }
        n += (size_t)snprintf(text + n, sizeof text - n, "}}%s}",
                              response ? ",'response':{'statusCode':200}" : "");
    } else {
        n += (size_t)snprintf(
            text, sizeof text,
            "{'Records':[{'cf':{'config':{'eventType':'viewer-%s'},'request':{'clientIp':'%s','method':'GET','uri':'/','headers':{'user-agent':[{'value':'%s'}]%s%s%s}}%s}}]}",
            response ? "response" : "request", ip, ua, *cookies ? ",'cookie':[{'value':'" : "",
            cookies, *cookies ? "'}]" : "", response ? ",'response':{'status':'200'}" : "");
    }
    return js_bytes(text, n);
}

static size_t sticky(edgefn_event *ev, const uint32_t *weights)
{
    return edgefn_choose_sticky(ev, S("ab"), names, weights, 3,
                                &(edgefn_cookie_opts){ .max_age_s = 2592000 });
}

TEST(sticky_cookie)
{
    static const uint32_t even[] = { 1, 1, 1 }, no_blue[] = { 1, 0, 1 }, only_green[] = { 0, 0, 5 },
                          nothing[] = { 0, 0, 0 };
    static const struct {
        const char *cookies;
        const uint32_t *weights;
        size_t chosen;
        bool set;
    } rows[] = {
        /* chosen == 9: any choice, but the same everywhere */
        { "ab=control", even, 0, false },
        { "ab=blue", even, 1, false },
        { "ab=blue", NULL, 1, false },
        { "x=1; ab=green", even, 2, false },
        { "ab=control", only_green, 2, true },
        { "ab=blue", no_blue, 9, true },
        { "", only_green, 2, true },
        { "", even, 9, true },
        { "", NULL, 9, true },
        { "ab=", even, 9, true },
        { "ab=BLUE", even, 9, true },
        { "AB=blue", even, 9, true },
        { "", nothing, 3, false },
        { "ab=blue", nothing, 3, false },
        { "ab=../../etc", even, 9, true },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t first = 9;
        for (int k = 0; k < 4; k++) {
            bool functions = k & 1, response = k & 2;
            ROW("%s, row %zu, %s", functions ? "Functions" : "Lambda@Edge", i,
                response ? "response" : "request");
            edgefn_event ev;
            if (!OPEN(&ev, viewer_event(functions, response, "192.0.2.44", "Mozilla/5.0 (x)",
                                        rows[i].cookies)))
                return;
            size_t chosen = sticky(&ev, rows[i].weights);
            CHECK(rows[i].chosen == 9 ? chosen < 3 : chosen == rows[i].chosen);
            if (first == 9) first = chosen;
            CHECK_NUM(chosen, first); /* both events of a request choose the same */
            if (!response || !rows[i].set) {
                UNTOUCHED(&ev);
                continue;
            }
            if (!CHECK_NUM(edgefn_response_cookies(&ev)->len, 1)) continue;
            CHECK_STR(edgefn_get(edgefn_response_cookies(&ev), S("ab")), names[chosen]);
            CHECK_STR(edgefn_response_cookies(&ev)->items[0].attributes,
                      "Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax");
            read_back(&ev, written(&ev));
        }
    }
    ROW("the second of two cookies is valid");
    edgefn_event ev;
    if (!OPEN(&ev, viewer_event(false, true, "192.0.2.44", "x", "ab=old; ab=green"))) return;
    CHECK_NUM(sticky(&ev, even), 2);
    UNTOUCHED(&ev);
}

TEST(sticky_new_viewers)
{
    static const uint32_t weights[] = { 2, 1, 1 };
    size_t seen[3] = { 0 }, by_agent = 0, others = 0;
    const size_t count = 4000;
    ROW("distribution by weights");
    for (size_t i = 0; i < count; i++) {
        char ip[40];
        snprintf(ip, sizeof ip, "198.51.%zu.%zu", i / 250, i % 250);
        edgefn_event ev;
        if (!OPEN(&ev, viewer_event(false, false, ip, "x", ""))) return;
        size_t a = sticky(&ev, weights);
        arena_drop();
        if (!CHECK(a < 3) || !OPEN(&ev, viewer_event(true, false, ip, "y", ""))) return;
        seen[a]++, by_agent += sticky(&ev, weights) != a;
        others += edgefn_choose_sticky(&ev, S("other"), names, weights, 3, NULL) != a;
        arena_drop();
    }
    const uint64_t expected[] = { count / 2, count / 4, count / 4 };
    CHECK(chi_square(seen, expected, 3) < 13816);
    CHECK(by_agent > count / 2
          && others > count / 2); /* independent choices differ in 10 of 16 cases */
}

TEST(sticky_answers_and_refusals)
{
    for (int functions = 0; functions < 2; functions++) {
        ROW("%s: a response has the cookie", functions ? "Functions" : "Lambda@Edge");
        edgefn_event ev;
        if (!OPEN(&ev, viewer_event(functions, false, "192.0.2.44", "x", ""))
            || !edit(&ev, "respond 403"))
            return;
        size_t chosen = sticky(&ev, NULL);
        if (CHECK(chosen < 3))
            CHECK_STR(edgefn_get(edgefn_response_cookies(&ev), S("ab")), names[chosen]);
        ROW("%s: a name that is not a cookie value", functions ? "Functions" : "Lambda@Edge");
        if (!OPEN(&ev, viewer_event(functions, true, "192.0.2.44", "x", ""))) return;
        const edgefn_str bad[] = { S("a b"), S("a;b") };
        CHECK_NUM(edgefn_choose_sticky(&ev, S("ab"), bad, NULL, 2, NULL), 2);
        CHECK_ERR(&ev, EDGEFN_E_FIELD_VALUE, NOWHERE);
        /* the failure stays */
        CHECK_NUM(edgefn_choose_sticky(&ev, S("ab"), names, NULL, 3, NULL), 3);
    }
    for (int response = 0; response < 2; response++) {
        ROW("origin event %d", response);
        edgefn_event ev;
        if (!OPEN(&ev, frame(response ? L_ORES : L_OREQ,
                             response ? "{'status':'200'}" : "{'method':'GET','uri':'/'}", NULL)))
            return;
        CHECK_NUM(sticky(&ev, NULL), 3);
        CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
    }
    ROW("no memory");
    edgefn_str json = viewer_event(false, true, "192.0.2.44", "x", "a=1");
    size_t ooms = 0;
    for (size_t size = 0; size < 20000; size++) {
        edgefn_event ev;
        bool parsed = edgefn_parse(&ev, json, arena_new(size), NULL) == EDGEFN_OK,
             done = parsed && sticky(&ev, NULL) < 3, out = edgefn_finish(&ev, NULL).ptr != NULL;
        if (out)
            CHECK(done);
        else
            ooms++, CHECK_ERR(&ev, EDGEFN_E_OOM, NOWHERE);
        arena_drop();
        if (out) break;
    }
    CHECK(ooms > 100);
}
