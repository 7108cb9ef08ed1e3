/* Hashes, MACs, encodings, JSON pointers, and requests signed with AWS Signature Version 4. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

#define GET "{'method':'GET','uri':'/'}"

static const char *hex(const unsigned char *bytes)
{
    static char text[65];
    for (int i = 0; i < 32; i++)
        snprintf(text + i * 2, 3, "%02x", bytes[i]);
    return text;
}

TEST(sha256)
{
    static const struct {
        const char *data;
        size_t times;
        const char *digest;
    } rows[] = {
        { "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", 1,
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" }, /* FIPS 180: one block, two blocks, a million a */
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
          1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
        { "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
    };
    unsigned char digest[32];
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%.20s", rows[i].data);
        size_t n = strlen(rows[i].data), all = n * rows[i].times;
        char *data = (char *)test_own(malloc(all + 1));
        for (size_t k = 0; k < rows[i].times; k++)
            memcpy(data + k * n, rows[i].data, n);
        edgefn_sha256((edgefn_str){ data, all }, digest);
        CHECK_STR(edgefn_cstr(hex(digest)), rows[i].digest);
    }
    ROW("every length around a block: a chain of hashes");
    unsigned char chain[32] = { 0 };
    char data[200];
    memset(data, 'x', sizeof data);
    for (size_t n = 0; n < sizeof data; n++) {
        memcpy(data, chain, n < 32 ? n : 32);
        edgefn_sha256(guard_copy(data, n), chain);
    }
    CHECK_STR(edgefn_cstr(hex(chain)),
              "fc37cd9943bc71d0543b1c1e9c2a9b844b9d51516c37c4d845ed112ae7622d2f");
    edgefn_sha256(EDGEFN_ABSENT, digest);
    CHECK_STR(edgefn_cstr(hex(digest)), rows[0].digest);
}

TEST(hmac) /* RFC 4231 sections 4.2 to 4.8 */
{
    static const struct {
        unsigned char key, data;
        size_t key_len, data_len;
        const char *key_text, *data_text, *mac;
    } rows[] = {
        { 0x0b, 0, 20, 0, NULL, "Hi There",
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { 0, 0, 0, 0, "Jefe", "what do ya want for nothing?",
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { 0xaa, 0xdd, 20, 50, NULL, NULL,
          "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
        { 1, 0xcd, 25, 50, NULL, NULL,
          "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" }, /* key 01 02 03 ... 19 */
        { 0xaa, 0, 131, 0, NULL, "Test Using Larger Than Block-Size Key - Hash Key First",
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
        { 0xaa, 0, 131, 0, NULL,
          "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
          "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("test case %zu", i);
        char key[200], data[200];
        unsigned char mac[32];
        memset(key, rows[i].key, sizeof key), memset(data, rows[i].data, sizeof data);
        for (size_t k = 0; k < 25 && rows[i].key == 1; k++)
            key[k] = (char)(k + 1);
        edgefn_str key_str =
            rows[i].key_text ? edgefn_cstr(rows[i].key_text) : guard_copy(key, rows[i].key_len);
        edgefn_hmac_sha256(key_str,
                           rows[i].data_text ? edgefn_cstr(rows[i].data_text)
                                             : (edgefn_str){ data, rows[i].data_len },
                           mac);
        CHECK_STR(edgefn_cstr(hex(mac)), rows[i].mac);
    }
    ROW("no key, no data; keys of 64 and 65 bytes");
    unsigned char a[32], b[32];
    char key[65] = { 0 };
    edgefn_hmac_sha256(EDGEFN_ABSENT, EDGEFN_ABSENT, a);
    CHECK_STR(edgefn_cstr(hex(a)),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    edgefn_hmac_sha256((edgefn_str){ key, 64 }, S(""), b); /* short keys are padded with zeros */
    CHECK(memcmp(a, b, 32) == 0);
    edgefn_hmac_sha256(S("k"), S(""), b);
    CHECK(memcmp(a, b, 32) != 0);
    edgefn_hmac_sha256((edgefn_str){ key, 65 }, S(""), b);
    CHECK(memcmp(a, b, 32) != 0);
}

TEST(hashes_as_strings)
{
    edgefn_event ev;
    unsigned char hash[32], mac[32];
    edgefn_sha256(S("abc"), hash);
    edgefn_hmac_sha256(S("Jefe"), S("abc"), mac);
    edgefn_str hash_str = { (const char *)hash, 32 }, mac_str = { (const char *)mac, 32 };
    for (size_t room = 0; room < 40; room++) {
        ROW("%zu bytes", room);
        if (!OPEN(&ev, frame(L_VREQ, GET, NULL))) return;
        size_t used = ev.arena.used;
        ev.arena.cap = used + room;
        edgefn_str s = edgefn_sha256_str(&ev, S("abc"));
        CHECK_STR(s, room >= 32 ? hash_str : EDGEFN_ABSENT);
        CHECK_NUM(ev.err.code, room >= 32 ? EDGEFN_OK : EDGEFN_E_OOM);
        CHECK_NUM(ev.arena.used - used, room >= 32 ? 32 : 0);
        if (!OPEN(&ev, frame(L_VREQ, GET, NULL))) return;
        ev.arena.cap = ev.arena.used + room;
        s = edgefn_hmac_sha256_str(&ev, S("Jefe"), S("abc"));
        CHECK_STR(s, room >= 32 ? mac_str : EDGEFN_ABSENT);
        CHECK_NUM(ev.err.code, room >= 32 ? EDGEFN_OK : EDGEFN_E_OOM);
    }
    ROW("absent data counts as empty; an absent key opens nothing, an empty one counts");
    if (!OPEN(&ev, frame(L_VREQ, GET, NULL))) return;
    CHECK_STR(edgefn_sha256_str(&ev, EDGEFN_ABSENT), edgefn_sha256_str(&ev, S("")));
    CHECK_STR(edgefn_hmac_sha256_str(&ev, EDGEFN_ABSENT, S("abc")), NULL);
    edgefn_str twice[2] = { edgefn_hmac_sha256_str(&ev, S(""), EDGEFN_ABSENT),
                            edgefn_hmac_sha256_str(&ev, S(""), S("")) };
    CHECK_STR(twice[0], twice[1]);
    CHECK(twice[0].len == 32 && twice[0].ptr != twice[1].ptr && ev.err.code == EDGEFN_OK);
}

TEST(secrets)
{
    static const struct {
        edgefn_str a, b;
        bool same;
    } rows[] = {
        { EDGEFN_S_INIT("secret"), EDGEFN_S_INIT("secret"), 1 },
        { EDGEFN_S_INIT("secret"), EDGEFN_S_INIT("Secret"), 0 },
        { EDGEFN_S_INIT("secret"), EDGEFN_S_INIT("secreT"), 0 },
        { EDGEFN_S_INIT("secret"), EDGEFN_S_INIT("secre"), 0 },
        { EDGEFN_S_INIT(""), EDGEFN_S_INIT(""), 1 },
        { EDGEFN_S_INIT(""), { NULL, 0 }, 0 },
        { { NULL, 0 }, { NULL, 0 }, 0 },
        { EDGEFN_S_INIT("\0a"), EDGEFN_S_INIT("\0b"), 0 },
        { EDGEFN_S_INIT("a\x80"), EDGEFN_S_INIT("a\0"), 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%zu", i);
        CHECK(edgefn_secret_eq(rows[i].a, rows[i].b) == rows[i].same
              && edgefn_secret_eq(rows[i].b, rows[i].a) == rows[i].same);
    }
}

static edgefn_str look(void *user, edgefn_str table, edgefn_str key)
{
    edgefn_str *asked = (edgefn_str *)user;
    asked[0] = table, asked[1] = key;
    return edgefn_str_eq(key, S("jwt"))     ? S("hunter2")
           : edgefn_str_eq(key, S("empty")) ? S("")
                                            : EDGEFN_ABSENT;
}

TEST(secret)
{
    edgefn_str asked[2];
    edgefn_env with = { .lookup = look, .user = asked }, without = { 0 };
    static const struct {
        const char *name, *want;
        bool with;
    } rows[] = {
        { "jwt", "hunter2", 1 }, { "other", NULL, 1 }, { "empty", NULL, 1 }, { "jwt", NULL, 0 }
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s, %d", rows[i].name, rows[i].with);
        edgefn_event ev;
        char why[200];
        if (!CHECK(edgefn_parse(&ev, frame(L_VREQ, GET, NULL), arena_new(4096),
                                &(edgefn_parse_opts){ .env = rows[i].with ? &with : &without })
                   == EDGEFN_OK))
            return;
        CHECK_STR(edgefn_secret(&ev, edgefn_cstr(rows[i].name)), rows[i].want);
        CHECK_ERR(&ev, rows[i].want ? EDGEFN_OK : EDGEFN_E_ENVIRONMENT, rows[i].want ? 0 : NOWHERE);
        CHECK(!edgefn_str_contains((edgefn_str){ why, edgefn_describe(&ev, why, sizeof why) },
                                   S("hunter2")));
        if (rows[i].with) CHECK_STR(asked[0], "secret"), CHECK_STR(asked[1], rows[i].name);
    }
}

TEST(codes)
{
    static const struct {
        edgefn_str bytes;
        const char *base64url, *hex;
    } rows[] = {
        /* RFC 4648 section 10, without padding; then the two characters that differ from base64,
           and RFC 7515 appendix C */
        { EDGEFN_S_INIT(""), "", "" },
        { EDGEFN_S_INIT("f"), "Zg", "66" },
        { EDGEFN_S_INIT("fo"), "Zm8", "666f" },
        { EDGEFN_S_INIT("foo"), "Zm9v", "666f6f" },
        { EDGEFN_S_INIT("foob"), "Zm9vYg", "666f6f62" },
        { EDGEFN_S_INIT("fooba"), "Zm9vYmE", "666f6f6261" },
        { EDGEFN_S_INIT("foobar"), "Zm9vYmFy", "666f6f626172" },
        { EDGEFN_S_INIT("\xfb\xff\xfe"), "-__-", "fbfffe" },
        { EDGEFN_S_INIT("\x03\xec\xff\xe0\xc1"), "A-z_4ME", "03ecffe0c1" },
        { EDGEFN_S_INIT("\0\0"), "AAA", "0000" },
    };
    static const char *const bad_url[] = { "Zg==",   "Zg=",  "Zm9vYg==", "Z",     "Zm9vY",
                                           "+/+/",   "Zh",   "Zm9",      "Zm9v ", " Zm9v",
                                           "Zm9v\n", "Zm.v", "Zm9v====", "=",     "\xc3\xa4" };
    static const char *const bad_hex[] = { "6", "666", "6g", "0x66", " 66", "66 ", "zz", "6\xe9" };
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, GET, NULL))) return;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].hex);
        CHECK_STR(edgefn_base64url_encode(&ev, rows[i].bytes), rows[i].base64url);
        CHECK_STR(
            edgefn_base64url_decode(&ev, guard_copy(rows[i].base64url, strlen(rows[i].base64url))),
            rows[i].bytes);
        CHECK_STR(edgefn_hex_encode(&ev, rows[i].bytes), rows[i].hex);
        CHECK_STR(edgefn_hex_decode(&ev, guard_copy(rows[i].hex, strlen(rows[i].hex))),
                  rows[i].bytes);
        CHECK_STR(edgefn_base64_decode(&ev, edgefn_base64_encode(&ev, rows[i].bytes)),
                  rows[i].bytes);
    }
    for (size_t i = 0; i < COUNT(bad_url); i++) {
        ROW("not base64url: %s", bad_url[i]);
        CHECK(edgefn_base64url_decode(&ev, guard_copy(bad_url[i], strlen(bad_url[i]))).ptr == NULL);
    }
    for (size_t i = 0; i < COUNT(bad_hex); i++) {
        ROW("not hex: %s", bad_hex[i]);
        CHECK(edgefn_hex_decode(&ev, guard_copy(bad_hex[i], strlen(bad_hex[i]))).ptr == NULL);
    }
    ROW("upper case, absent, the other alphabet");
    CHECK_STR(edgefn_hex_decode(&ev, S("FBfF")), "\xfb\xff");
    edgefn_str absent = { NULL, 0 };
    CHECK(!edgefn_hex_decode(&ev, absent).ptr && !edgefn_base64url_decode(&ev, absent).ptr
          && !edgefn_base64_decode(&ev, S("-__-")).ptr && !edgefn_base64_decode(&ev, S("Zg")).ptr);
    CHECK_ERR(&ev, EDGEFN_OK, 0);
}

/* The type of the value at the beginning of a text, by another method than the library's. */
static edgefn_json_type type_of(char first)
{
    static const char firsts[] = "n\'-{[";
    static const edgefn_json_type types[] = { EDGEFN_JSON_ABSENT, EDGEFN_JSON_STRING,
                                              EDGEFN_JSON_NUMBER, EDGEFN_JSON_OBJECT,
                                              EDGEFN_JSON_ARRAY };
    const char *at = strchr(firsts, first);
    if (first == 't' || first == 'f') return EDGEFN_JSON_BOOL;
    return at ? types[at - firsts] : EDGEFN_JSON_NUMBER;
}

TEST(json_at)
{
    /* RFC 6901 section 5 */
    static const char *const rfc =
        "{'foo':['bar','baz'],'':0,'a/b':1,'c%d':2,'e^f':3,'g|h':4,'i``j':5,'k`'l':6,' ':7,'m~n':8}";
    static const struct {
        const char *json, *pointer, *want; /* the JSON text, and the decoded string */
        const char *string;
    } rows[] = {
        { NULL, "/foo", "['bar','baz']", NULL },
        { NULL, "/foo/0", "'bar'", "bar" },
        { NULL, "/", "0", NULL },
        { NULL, "/a~1b", "1", NULL },
        { NULL, "/c%d", "2", NULL },
        { NULL, "/e^f", "3", NULL },
        { NULL, "/g|h", "4", NULL },
        { NULL, "/i`j", "5", NULL },
        { NULL, "/k'l", "6", NULL },
        { NULL, "/ ", "7", NULL },
        { NULL, "/m~0n", "8", NULL },
        { NULL, "/foo/2", NULL, NULL },
        { NULL, "/foo/-", NULL, NULL },
        { NULL, "/foo/00", NULL, NULL },
        { NULL, "/foo/01", NULL, NULL },
        { NULL, "/foo/", NULL, NULL },
        { NULL, "/foo/0/x", NULL, NULL },
        { NULL, "/foo/0/0", NULL, NULL },
        { NULL, "foo", NULL, NULL },
        { NULL, "/fo", NULL, NULL },
        { NULL, "/fooo", NULL, NULL },
        { NULL, "//", NULL, NULL },
        { NULL, "/a/b", NULL, NULL },
        { NULL, "/m~n", NULL, NULL },
        { NULL, "/m~", NULL, NULL },
        { NULL, "/m~2n", NULL, NULL },
        { NULL, "~", NULL, NULL },
        { NULL, "/foo/0~", NULL, NULL },
        { "{'m~n':1,'m~':2,'~':3,'~2':4,'~1':5}", "/m~n", NULL, NULL },
        { "{'m~':1,'~':2}", "/m~", NULL, NULL },
        { "{'~':1}", "/~", NULL, NULL },
        { "{'~2':1}", "/~2", NULL, NULL },
        { "{'a':{'~~0':1}}", "/a/~~0", NULL, NULL },
        { "{'a':{'~~':7}}", "/a/~0~0", "7", NULL },
        { "{'~1':5}", "/~01", "5", NULL },
        { "{'/0':6}", "/~10", "6", NULL },
        { "{'a~':8}", "/a~0", "8", NULL },
        { " 1 ", "", "1", NULL },
        { " 'x' ", "", "'x'", "x" },
        { "`t[ ]`n", "", NULL, NULL },
        { "\t[ ]\n", "", "[ ]", NULL },
        { "true", "/0", NULL, NULL },
        { "null", "", "null", NULL },
        { "''", "", "''", "" },
        { " { 'a' : { 'b' : [ 1 , { 'c' : -2.5e3 } ] } } ", "/a/b/1/c", "-2.5e3", NULL },
        { "[[[[7]]]]", "/0/0/0/0", "7", NULL },
        { "[[],{},3]", "/2", "3", NULL },
        { "{'a':']}','b':1}", "/b", "1", NULL },
        { "{'a':1,'a':2}", "/a", "2", NULL },
        { "{'`u0061':1}", "/a", "1", NULL },
        { "{'a':1,'`u0061':2}", "/a", "2", NULL },
        { "{'`ud83d`ude00':1}", "/\xf0\x9f\x98\x80", "1", NULL },
        { "{'`u00e9x':1}", "/\xc3\xa9x", "1", NULL },
        { "{'`n':1}", "/\n", "1", NULL },
        { "{'a':'x`u0041`ny'}", "/a", "'x`u0041`ny'", "xA\ny" },
        { "{'ab':1}", "/a", NULL, NULL },
        { "{'a':1}", "/ab", NULL, NULL },
        { "{'':{'':3}}", "//", "3", NULL },
        { "{'a':'`u0000'}", "/b", NULL, NULL },
        { "[1,2,3,4,5,6,7,8,9,10,11]", "/10", "11", NULL },
        { "[1]", "/18446744073709551616", NULL, NULL },
        { "{'a':1", "/a", NULL, NULL },
        { "", "", NULL, NULL },
        { " ", "", NULL, NULL },
        { "{'a':1}x", "/a", NULL, NULL },
        { "{'a':01}", "/a", NULL, NULL },
        { "{a:1}", "/a", NULL, NULL },
        { "{'a':'\xff'}", "/a", NULL, NULL },
        { "{'a':'`ud800'}", "/a", NULL, NULL },
        { "[1,]", "/0", NULL, NULL },
        { "nul", "", NULL, NULL },
        /* types */
        { "{'a':'true'}", "/a", "'true'", "true" },
        { "{'a':true}", "/a", "true", NULL },
        { "{'a':false}", "/a", "false", NULL },
        { "{'a':'7'}", "/a", "'7'", "7" },
        { "{'a':-7}", "/a", "-7", NULL },
        { "{'a':'null'}", "/a", "'null'", "null" },
        { "{'a':null}", "/a", "null", NULL },
        { "{'a':null}", "/a/0", NULL, NULL },
        { "{'a':{}}", "/a", "{}", NULL },
        { "{'a': {'b':1} }", "/a", "{'b':1}", NULL },
    };
    edgefn_event ev;
    if (!OPEN(&ev, frame(L_VREQ, GET, NULL))) return;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s of %s", rows[i].pointer, rows[i].json ? rows[i].json : "RFC 6901");
        edgefn_str json = js(rows[i].json ? rows[i].json : rfc), pointer = js(rows[i].pointer);
        edgefn_json got = edgefn_json_at(&ev, guard_copy(json.ptr, json.len), pointer);
        if (rows[i].want)
            CHECK_STR(got.text, js(rows[i].want));
        else
            CHECK(got.text.ptr == NULL);
        if (rows[i].string)
            CHECK_STR(got.string, js(rows[i].string));
        else
            CHECK(got.string.ptr == NULL);
        CHECK_NUM(got.type, type_of(rows[i].want ? rows[i].want[0] : 'n'));
    }
    ROW("counts");
    static const struct {
        const char *json;
        size_t count;
    } counts[] = {
        { "[]", 0 },  { "[ 1 , [2,3], {} ]", 3 }, { "{\"a\":1,\"a\":2,\"b\":[1,2,3]}", 3 },
        { "{ }", 0 }, { "\"[1,2]\"", 0 },         { "7", 0 },
        { "null", 0 }
    };
    for (size_t i = 0; i < COUNT(counts); i++)
        CHECK_NUM(edgefn_json_at(&ev, js(counts[i].json), S("")).count, counts[i].count);
    ROW("the whole document, an empty one, a deep one");
    CHECK_STR(edgefn_json_at(&ev, S("[1]"), S("")).text, "[1]");
    CHECK(!edgefn_json_at(&ev, S("[1]"), EDGEFN_ABSENT).text.ptr
          && !edgefn_json_at(&ev, EDGEFN_ABSENT, S("")).text.ptr);
    char deep[400], way[200];
    for (int n = 63; n < 66; n++) {
        memset(deep, '[', (size_t)n), deep[n] = '8', memset(deep + n + 1, ']', (size_t)n);
        for (int k = 0; k < n; k++)
            memcpy(way + 2 * k, "/0", 2);
        CHECK_STR(edgefn_json_at(&ev, guard_copy(deep, (size_t)n * 2 + 1),
                                 (edgefn_str){ way, (size_t)n * 2 })
                      .text,
                  n <= 64 ? "8" : NULL);
    }
    CHECK_ERR(&ev, EDGEFN_OK, 0);
}

/*--- Signature Version 4 ----------------------------------------------------------------------------------------------*/

typedef struct signing {
    const char *title, *request;
    int64_t now;
    edgefn_sign_opts opts;
    const char *signed_headers, *signature;
} signing;

#define S3_KEYS                                                                                    \
  .access_key = EDGEFN_S_INIT("AKIAIOSFODNN7EXAMPLE"),                                             \
  .secret_key = EDGEFN_S_INIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),                         \
  .region = EDGEFN_S_INIT("us-east-1")
#define SUITE_KEYS                                                                                 \
  .access_key = EDGEFN_S_INIT("AKIDEXAMPLE"),                                                      \
  .secret_key = EDGEFN_S_INIT("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),                         \
  .region = EDGEFN_S_INIT("us-east-1")
#define SUITE      SUITE_KEYS, .service = EDGEFN_S_INIT("service")
#define IN_2013    1369353600 /* 20130524T000000Z */
#define IN_2015    1440938160 /* 20150830T123600Z */
#define S3_HOST    "'host':[{'value':'examplebucket.s3.amazonaws.com'}]"
#define SUITE_HOST "'host':[{'value':'example.amazonaws.com'}]"

static edgefn_env env;
static edgefn_str names[] = { EDGEFN_S_INIT("range"),
                              EDGEFN_S_INIT("date"),
                              EDGEFN_S_INIT("x-amz-storage-class"),
                              EDGEFN_S_INIT("content-type"),
                              EDGEFN_S_INIT("my-header1"),
                              EDGEFN_S_INIT("my-header2"),
                              EDGEFN_S_INIT("not-there"),
                              EDGEFN_S_INIT("host") };
#define NAMES .headers = names, .header_count = COUNT(names)

/* Amazon S3 API Reference, Signature Calculations for the Authorization Header, Examples; Authenticating Requests: Using Query Parameters, Example;
   IAM User Guide, Create a signed AWS API request (ListUsers); and AWS's Signature Version 4 test suite. */
static const signing vectors[] = {
    { "S3 GET Object",
      "'uri':'/test.txt','headers':{" S3_HOST ",'range':[{'value':'bytes=0-9'}]}",
      IN_2013,
      { S3_KEYS, NAMES },
      "host;range;x-amz-content-sha256;x-amz-date",
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
    { "S3 PUT Object",
      "'method':'PUT','uri':'/test$file.text','body':{'action':'read-only','encoding':'base64','inputTruncated':false,'data':'V2VsY29tZSB0byBBbWF6b24gUzMu'},"
      "'headers':{" S3_HOST
      ",'date':[{'value':'Fri, 24 May 2013 00:00:00 GMT'}],'x-amz-storage-class':[{'value':'REDUCED_REDUNDANCY'}]}",
      IN_2013,
      { S3_KEYS, NAMES },
      "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd" },
    { "S3 GET Bucket Lifecycle",
      "'uri':'/','querystring':'lifecycle','headers':{" S3_HOST "}",
      IN_2013,
      { S3_KEYS },
      "host;x-amz-content-sha256;x-amz-date",
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543" },
    { "S3 list objects",
      "'uri':'/','querystring':'prefix=J&max-keys=2','headers':{" S3_HOST "}",
      IN_2013,
      { S3_KEYS },
      "host;x-amz-content-sha256;x-amz-date",
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" },
    { "S3 presigned",
      "'uri':'/test.txt','headers':{" S3_HOST "}",
      IN_2013,
      { S3_KEYS, .expires_s = 86400 },
      "host",
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404" },
    { "IAM ListUsers",
      "'uri':'/','querystring':'Action=ListUsers&Version=2010-05-08','headers':{'content-type':[{'value':'application/x-www-form-urlencoded; charset=utf-8'}],'host':[{'value':'iam.amazonaws.com'}]}",
      IN_2015,
      { SUITE_KEYS, .service = EDGEFN_S_INIT("iam"), NAMES },
      "content-type;host;x-amz-date",
      "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7" },
    { "get-vanilla",
      "'uri':'/','headers':{" SUITE_HOST "}",
      IN_2015,
      { SUITE },
      "host;x-amz-date",
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
    { "get-utf8",
      "'uri':'/\xe1\x88\xb4','headers':{" SUITE_HOST "}",
      IN_2015,
      { SUITE },
      "host;x-amz-date",
      "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85" },
    { "get-vanilla-query-order-key-case",
      "'uri':'/','querystring':'Param2=value2&Param1=value1','headers':{" SUITE_HOST "}",
      IN_2015,
      { SUITE },
      "host;x-amz-date",
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500" },
    { "get-header-key-duplicate",
      "'uri':'/','headers':{" SUITE_HOST
      ",'my-header1':[{'value':'value2'},{'value':'value2'},{'value':'value1'}]}",
      IN_2015,
      { SUITE, NAMES },
      "host;my-header1;x-amz-date",
      "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea" },
    { "get-header-value-trim",
      "'uri':'/','headers':{'my-header2':[{'value':' `'a   b   c`''}]," SUITE_HOST
      ",'my-header1':[{'value':' value1'}]}",
      IN_2015,
      { SUITE, NAMES },
      "host;my-header1;my-header2;x-amz-date",
      "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736" },
};

static bool open_request(edgefn_event *ev, const char *members, int64_t now, size_t size)
{
    char part[2000];
    env.now_s = now;
    snprintf(part, sizeof part, "{%s%s,'clientIp':'192.0.2.1'}",
             strstr(members, "'method'") ? "" : "'method':'GET',", members);
    return CHECK(edgefn_parse(ev, frame(L_OREQ, part, NULL), arena_new(size),
                              &(edgefn_parse_opts){ .env = &env })
                 == EDGEFN_OK);
}

static edgefn_str between(edgefn_str s, edgefn_str from, edgefn_str to)
{
    edgefn_cut c = edgefn_str_cut(s, from);
    return c.found ? edgefn_str_cut(c.tail, to).head : EDGEFN_ABSENT;
}

static edgefn_str signature_of(edgefn_event *ev)
{
    edgefn_str s = edgefn_get(edgefn_query(ev), S("X-Amz-Signature"));
    return s.ptr ? s
                 : between(edgefn_get(&ev->request.headers, S("authorization")), S("Signature="),
                           S(","));
}

TEST(sign_vectors)
{
    for (size_t i = 0; i < COUNT(vectors); i++) {
        const signing *v = &vectors[i];
        ROW("%s", v->title);
        edgefn_event ev;
        if (!open_request(&ev, v->request, v->now, 32 * 1024)) continue;
        edgefn_str before = edgefn_query_text(&ev), auth;
        if (!CHECK(edgefn_sign_v4(&ev, &v->opts))) {
            kit_why(&ev);
            continue;
        }
        auth = edgefn_get(&ev.request.headers, S("authorization"));
        CHECK_STR(signature_of(&ev), v->signature);
        if (v->opts.expires_s)
            CHECK(auth.ptr == NULL),
                CHECK_STR(edgefn_get(edgefn_query(&ev), S("X-Amz-SignedHeaders")),
                          v->signed_headers);
        else
            CHECK_STR(between(auth, S("SignedHeaders="), S(",")), v->signed_headers),
                CHECK_STR(edgefn_query_text(&ev), before);
        CHECK(edgefn_str_starts(edgefn_finish(&ev, NULL), S("{")));
        CHECK(edgefn_sign_v4(&ev, &v->opts)); /* signing again has the same result */
        CHECK_STR(signature_of(&ev), v->signature);
        CHECK_NUM(edgefn_count(&ev.request.headers, S("authorization")), v->opts.expires_s == 0);
    }
}

/* Pairs of requests: if AWS must treat both as equal, their signatures are equal, otherwise
   different. */
TEST(sign_pairs)
{
    static const struct {
        const char *title, *a, *b;
        edgefn_sign_opts opts;
        bool same;
    } rows[] = {
        { "S3 encodes a path once",
          "'uri':'/a%20b+c(d)'",
          "'uri':'/a%20b%2Bc%28d%29'",
          { S3_KEYS },
          1 },
        { "S3, case of hex", "'uri':'/%c3%a4'", "'uri':'/%C3%A4'", { S3_KEYS }, 1 },
        { "S3, encoded or not", "'uri':'/\xc3\xa4'", "'uri':'/%C3%A4'", { S3_KEYS }, 1 },
        { "S3, encoded slash", "'uri':'/a%2Fb'", "'uri':'/a/b'", { S3_KEYS }, 1 },
        { "S3, broken percent", "'uri':'/a%zz'", "'uri':'/a%25zz'", { S3_KEYS }, 1 },
        { "S3, percent at the end", "'uri':'/a%2'", "'uri':'/a%252'", { S3_KEYS }, 1 },
        { "others twice", "'uri':'/a%20b'", "'uri':'/a b'", { SUITE }, 0 },
        { "others, case of hex", "'uri':'/%c3%a4'", "'uri':'/%C3%A4'", { SUITE }, 0 },
        { "query, order",
          "'uri':'/','querystring':'b=2&a=1&a=0'",
          "'uri':'/','querystring':'a=0&a=1&b=2'",
          { S3_KEYS },
          1 },
        { "query, plus",
          "'uri':'/','querystring':'a=x+y'",
          "'uri':'/','querystring':'a=x%20y'",
          { S3_KEYS },
          1 },
        { "query, no '='",
          "'uri':'/','querystring':'a&b'",
          "'uri':'/','querystring':'b=&a='",
          { S3_KEYS },
          1 },
        { "query, encoding",
          "'uri':'/','querystring':'a/b=~'",
          "'uri':'/','querystring':'a%2fb=%7e'",
          { S3_KEYS },
          1 },
        { "query, prefix of a name",
          "'uri':'/','querystring':'a-b=1&a=1'",
          "'uri':'/','querystring':'a=1&a-b=1'",
          { S3_KEYS },
          1 },
        { "query, another value",
          "'uri':'/','querystring':'a=1'",
          "'uri':'/','querystring':'a=2'",
          { S3_KEYS },
          0 },
        { "a viewer's x-amz header is not signed",
          "'uri':'/'",
          "'uri':'/','headers':{'x-amz-acl':[{'value':'public-read'}],@}",
          { S3_KEYS },
          1 },
        { "parameters without names",
          "'uri':'/','querystring':'=&=&a&a='",
          "'uri':'/','querystring':'a=&=&a&='",
          { S3_KEYS },
          1 },
        { "old signature is removed",
          "'uri':'/'",
          "'uri':'/','headers':{'authorization':[{'value':'AWS4 x'}],'x-amz-date':[{'value':'x'}],'x-amz-security-token':[{'value':'x'}],'x-amz-content-sha256':[{'value':'x'}],@}",
          { S3_KEYS },
          1 },
        { "session token",
          "'uri':'/'",
          "'uri':'/','headers':{'x-amz-security-token':[{'value':'other'}],@}",
          { S3_KEYS, .session_token = EDGEFN_S_INIT("to/ken==") },
          1 },
        { "spaces in values",
          "'uri':'/','headers':{'range':[{'value':' a    b '}],@}",
          "'uri':'/','headers':{'range':[{'value':'a b'}],@}",
          { S3_KEYS, NAMES },
          1 },
        { "tabs in values",
          "'uri':'/','headers':{'range':[{'value':'`ta`t`tb `t c`t '}],@}",
          "'uri':'/','headers':{'range':[{'value':'a b c'}],@}",
          { S3_KEYS, NAMES },
          1 },
        { "a tab counts as a space",
          "'uri':'/','headers':{'range':[{'value':'a`tb'}],@}",
          "'uri':'/','headers':{'range':[{'value':'ab'}],@}",
          { S3_KEYS, NAMES },
          0 },
        { "listed header counts",
          "'uri':'/','headers':{'range':[{'value':'a'}],@}",
          "'uri':'/','headers':{'range':[{'value':'b'}],@}",
          { S3_KEYS, NAMES },
          0 },
        { "body text or base64",
          "'method':'POST','uri':'/','body':{'action':'replace','encoding':'text','inputTruncated':false,'data':'hello'}",
          "'method':'POST','uri':'/','body':{'action':'read-only','encoding':'base64','inputTruncated':false,'data':'aGVsbG8='}",
          { SUITE },
          1 },
        { "another body",
          "'method':'POST','uri':'/','body':{'action':'replace','encoding':'text','inputTruncated':false,'data':'hello'}",
          "'method':'POST','uri':'/','body':{'action':'replace','encoding':'text','inputTruncated':false,'data':'hellp'}",
          { SUITE },
          0 },
        { "unsigned body",
          "'method':'PUT','uri':'/','body':{'action':'replace','encoding':'text','inputTruncated':false,'data':'hello'}",
          "'method':'PUT','uri':'/'",
          { S3_KEYS, .unsigned_payload = true },
          1 },
        { "truncated, but unsigned",
          "'method':'PUT','uri':'/','body':{'action':'read-only','encoding':'base64','inputTruncated':true,'data':'aGVsbG8='}",
          "'method':'PUT','uri':'/'",
          { S3_KEYS, .unsigned_payload = true },
          1 },
        { "no body, empty body",
          "'method':'PUT','uri':'/','body':{'action':'read-only','encoding':'base64','inputTruncated':false,'data':''}",
          "'method':'PUT','uri':'/'",
          { S3_KEYS },
          1 },
        { "origin path",
          "'uri':'/c','origin':{'s3':{'domainName':'x.s3.amazonaws.com','path':'/a/b','customHeaders':{},'authMethod':'none','region':''}}",
          "'uri':'/a/b/c'",
          { S3_KEYS },
          1 },
        { "presigned, old parameters go",
          "'uri':'/'",
          "'uri':'/','querystring':'X-Amz-Signature=abc&X-Amz-Date=x&X-Amz-Expires=9'",
          { S3_KEYS, .expires_s = 60 },
          1 },
        { "presigned, keeps the others",
          "'uri':'/'",
          "'uri':'/','querystring':'versionId=1'",
          { S3_KEYS, .expires_s = 60 },
          0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].title);
        char kept[2][80];
        for (int k = 0; k < 2; k++) {
            const char *from = k ? rows[i].b : rows[i].a, *hole = strchr(from, '@');
            char text[1500];
            edgefn_event ev;
            if (hole)
                snprintf(text, sizeof text, "%.*s" S3_HOST "%s", (int)(hole - from), from,
                         hole + 1);
            else
                snprintf(text, sizeof text, "%s,'headers':{" S3_HOST "}", from);
            if (!open_request(&ev, text, IN_2013, 64 * 1024)) return;
            if (!CHECK(edgefn_sign_v4(&ev, &rows[i].opts))) kit_why(&ev);
            edgefn_str s = signature_of(&ev);
            CHECK(s.len == 64);
            snprintf(kept[k], sizeof kept[k], "%.*s", EDGEFN_FMT(s));
            CHECK(edgefn_finish(&ev, NULL).ptr != NULL);
        }
        CHECK((strcmp(kept[0], kept[1]) == 0) == rows[i].same);
    }
}

TEST(sign_session_and_cf_id)
{
    edgefn_event ev;
    edgefn_sign_opts opts = { S3_KEYS, .session_token = S("to/ken==") };
    static const char *const custom =
        "{'Records':[{'cf':{'config':{'eventType':'origin-request','requestId':'abc-_=='},'request':{'method':'GET','uri':'/','headers':{" S3_HOST
        "},"
        "'origin':{'custom':{'domainName':'b.s3.amazonaws.com','path':'','port':443,'protocol':'https','sslProtocols':['TLSv1.2'],'readTimeout':30,'keepaliveTimeout':5,'customHeaders':{}}}}}}]}";
    env.now_s = IN_2013;
    ROW("session token, and the header that CloudFront adds, for S3 as a custom origin");
    if (!CHECK(
            edgefn_parse(&ev, js(custom), arena_new(64 * 1024), &(edgefn_parse_opts){ .env = &env })
            == EDGEFN_OK)) {
        kit_why(&ev);
        return;
    }
    CHECK(edgefn_sign_v4(&ev, &opts));
    CHECK_STR(
        between(edgefn_get(&ev.request.headers, S("authorization")), S("SignedHeaders="), S(",")),
        "host;x-amz-cf-id;x-amz-content-sha256;x-amz-date;x-amz-security-token");
    CHECK_STR(edgefn_get(&ev.request.headers, S("x-amz-security-token")), "to/ken==");
    CHECK(!edgefn_has(&ev.request.headers, S("x-amz-cf-id")));
    ROW("in the query");
    opts.expires_s = 60;
    CHECK(edgefn_sign_v4(&ev, &opts));
    CHECK_STR(edgefn_get(edgefn_query(&ev), S("X-Amz-SignedHeaders")), "host%3Bx-amz-cf-id");
    CHECK_STR(edgefn_get(edgefn_query(&ev), S("X-Amz-Security-Token")), "to%2Fken%3D%3D");
    CHECK_STR(edgefn_get(edgefn_query(&ev), S("X-Amz-Credential")),
              "AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request");
    ROW("not for other services");
    opts.service = S("lambda"), opts.expires_s = 0;
    CHECK(edgefn_sign_v4(&ev, &opts));
    CHECK(!edgefn_str_contains(edgefn_get(&ev.request.headers, S("authorization")), S("cf-id")));
}

/* S3 as a custom origin, without the id of the request: there is no header that CloudFront adds. A payload that is not
   signed is named in a header for every service. */
TEST(sign_without_id_or_payload)
{
    edgefn_event ev;
    edgefn_sign_opts opts = { S3_KEYS };
    static const char *const custom =
        "{'Records':[{'cf':{'config':{'eventType':'origin-request'},'request':{'method':'GET','uri':'/','querystring':'=x&a','headers':{" S3_HOST
        "},'origin':{'custom':{'domainName':'b.s3.amazonaws.com','path':'','port':443,'protocol':'https','sslProtocols':['TLSv1.2'],"
        "'readTimeout':30,'keepaliveTimeout':5,'customHeaders':{}}}}}}]}";
    env.now_s = IN_2013;
    if (!CHECK(
            edgefn_parse(&ev, js(custom), arena_new(64 * 1024), &(edgefn_parse_opts){ .env = &env })
            == EDGEFN_OK))
        return;
    CHECK(edgefn_sign_v4(&ev, &opts));
    CHECK_STR(
        between(edgefn_get(&ev.request.headers, S("authorization")), S("SignedHeaders="), S(",")),
        "host;x-amz-content-sha256;x-amz-date");
    opts.service = S("lambda"), opts.unsigned_payload = true;
    edgefn_remove(&ev.request.headers, S("x-amz-content-sha256"));
    CHECK(edgefn_sign_v4(&ev, &opts));
    CHECK_STR(edgefn_get(&ev.request.headers, S("x-amz-content-sha256")), "UNSIGNED-PAYLOAD");
}

TEST(sign_for_a_week)
{
    edgefn_sign_opts opts = { S3_KEYS, .expires_s = 604800 };
    edgefn_event ev;
    if (!open_request(&ev, "'uri':'/','headers':{" S3_HOST "}", IN_2013, 32 * 1024)) return;
    CHECK(edgefn_sign_v4(&ev, &opts));
    if (!open_request(&ev, "'uri':'/','headers':{" S3_HOST "}", IN_2013, 32 * 1024)) return;
    opts.expires_s++;
    CHECK(!edgefn_sign_v4(&ev, &opts) && ev.err.code == EDGEFN_E_OPTIONS);
}

TEST(sign_refused)
{
    static const struct {
        const char *title, *request;
        int64_t now;
        edgefn_sign_opts opts;
        edgefn_error code;
    } rows[] = {
        { "no clock", "'uri':'/','headers':{" S3_HOST "}", 0, { S3_KEYS }, EDGEFN_E_ENVIRONMENT },
        { "no host", "'uri':'/'", IN_2013, { S3_KEYS }, EDGEFN_E_MISSING },
        { "nothing",
          "'uri':'/','headers':{" S3_HOST "}",
          IN_2013,
          { .service = EDGEFN_S_INIT("s3") },
          EDGEFN_E_OPTIONS },
        { "no region",
          "'uri':'/','headers':{" S3_HOST "}",
          IN_2013,
          { .access_key = EDGEFN_S_INIT("a"), .secret_key = EDGEFN_S_INIT("hunter2") },
          EDGEFN_E_OPTIONS },
        { "no secret",
          "'uri':'/','headers':{" S3_HOST "}",
          IN_2013,
          { .access_key = EDGEFN_S_INIT("a"), .region = EDGEFN_S_INIT("b") },
          EDGEFN_E_OPTIONS },
        { "too long",
          "'uri':'/','headers':{" S3_HOST "}",
          IN_2013,
          { S3_KEYS, .expires_s = 604801 },
          EDGEFN_E_OPTIONS },
        { "truncated",
          "'method':'PUT','uri':'/','headers':{" S3_HOST
          "},'body':{'action':'read-only','encoding':'base64','inputTruncated':true,'data':'aGVsbG8='}",
          IN_2013,
          { S3_KEYS },
          EDGEFN_E_OPTIONS },
        { "bad base64",
          "'method':'PUT','uri':'/','headers':{" S3_HOST
          "},'body':{'action':'read-only','encoding':'base64','inputTruncated':false,'data':'aGVsbG8'}",
          IN_2013,
          { S3_KEYS },
          EDGEFN_E_BASE64 },
        { "token with a line end",
          "'uri':'/','headers':{" S3_HOST "}",
          IN_2013,
          { S3_KEYS, .session_token = EDGEFN_S_INIT("a\nb") },
          EDGEFN_E_FIELD_VALUE },
    };
    edgefn_event ev;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].title);
        if (!open_request(&ev, rows[i].request, rows[i].now, 32 * 1024)) return;
        char why[300];
        CHECK(!edgefn_sign_v4(&ev, &rows[i].opts) && edgefn_finish(&ev, NULL).ptr == NULL);
        CHECK_ERR(&ev, rows[i].code, NOWHERE);
        edgefn_str line = { why, edgefn_describe(&ev, why, sizeof why) };
        CHECK(!edgefn_str_contains(line, S("wJalr")) && !edgefn_str_contains(line, S("hunter2")));
    }
    static const char *const frames[] = { L_VREQ, F_VREQ, L_ORES };
    for (size_t i = 0; i < COUNT(frames); i++) {
        ROW("%s", frames[i]);
        if (!OPEN(&ev, frame(frames[i], i == 2 ? "{'status':'200'}" : GET, NULL))) return;
        CHECK(!edgefn_sign_v4(&ev, &(edgefn_sign_opts){ S3_KEYS }));
        CHECK_ERR(&ev, EDGEFN_E_EVENT_TYPE, NOWHERE);
    }
    ROW("no options");
    if (open_request(&ev, "'uri':'/'", IN_2013, 4096))
        CHECK(!edgefn_sign_v4(&ev, NULL) && ev.err.code == EDGEFN_E_OPTIONS);
}

/* With any amount of memory the signature is the same, or the result is EDGEFN_E_OOM. */
TEST(sign_out_of_memory)
{
    static const signing query = {
        "query", "'uri':'/a','querystring':'b=2&a=1&c=%20','headers':{" S3_HOST "}",
        IN_2013, { S3_KEYS, .session_token = EDGEFN_S_INIT("t/"), .expires_s = 60 },
        "",      ""
    };
    const signing *both[] = { &vectors[1], &query };
    for (size_t i = 0; i < 2; i++) {
        ROW("%s", both[i]->title);
        char want[80] = "";
        size_t failed = 0, done = 0;
        for (size_t room = 20000; done < 200; room = room == 20000 ? 0 : room + 1) {
            edgefn_event ev;
            if (!open_request(&ev, both[i]->request, IN_2013, 32 * 1024)) return;
            size_t cap = ev.arena.cap = ev.arena.used + room;
            bool ok = edgefn_sign_v4(&ev, &both[i]->opts);
            CHECK(ev.arena.cap == cap && ev.arena.used <= cap);
            if (ok) {
                char got[80];
                snprintf(got, sizeof got, "%.*s", EDGEFN_FMT(signature_of(&ev)));
                if (!want[0]) strcpy(want, got);
                if (!CHECK_STR(edgefn_cstr(got), edgefn_cstr(want))) return;
                if (room != 20000) done++;
            } else {
                failed++;
                if (!CHECK_ERR(&ev, EDGEFN_E_OOM, NOWHERE)) return;
            }
            arena_drop();
        }
        CHECK(failed > 500);
    }
    ROW("codes and pointers");
    for (size_t room = 0; room < 40; room++) {
        static const struct {
            const char *json;
            size_t need;
        } rows[] = { { NULL, 12 }, { NULL, 8 }, { NULL, 4 }, { "{'a':'`u0041bcdef'}", 6 } };
        for (size_t k = 0; k < COUNT(rows); k++) {
            edgefn_event ev;
            if (!OPEN(&ev, frame(L_VREQ, GET, NULL))) return;
            ev.arena.cap = ev.arena.used + room;
            edgefn_str s = k == 0   ? edgefn_hex_encode(&ev, S("foobar"))
                           : k == 1 ? edgefn_base64url_encode(&ev, S("foobar"))
                           : k == 2 ? edgefn_hex_decode(&ev, S("61626364"))
                                    : edgefn_json_at(&ev, js(rows[k].json), S("/a")).string;
            CHECK((s.ptr != NULL) == (room >= rows[k].need)
                  && (s.ptr != NULL || ev.err.code == EDGEFN_E_OOM));
        }
    }
}
