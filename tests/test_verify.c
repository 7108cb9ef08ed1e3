/* Signatures by public keys, and which keys of a JWKS are used (examples/hosts/edgefn_verify.h). The tokens are in
   tests/data/jwt/tokens.json, which tests of the other hosts read too. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "../examples/hosts/edgefn_verify.h"
#include "test.h"
#include "kit.h"

#ifdef EDGEHOST_OPENSSL

static edgehost_keys keys;

static bool verify(void *user, edgefn_str alg, edgefn_str kid, edgefn_str message,
                   edgefn_str signature)
{
    return edgehost_keys_refuse((const edgehost_keys *)user, alg, kid, message, signature) == NULL;
}

/* The file of tokens, in an event whose memory suffices for all of its strings. */
static edgefn_str tokens(edgefn_event *ev, edgefn_env *env)
{
    edgefn_str text = slurp("tests/data/jwt/tokens.json");
    edgefn_parse_opts opts = { .env = env };
    CHECK(edgefn_build_begin(ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                             arena_new(8 * text.len), &opts)
          == EDGEFN_OK);
    env->now_s = (int64_t)edgefn_str_to_u64(edgefn_json_at(ev, text, EDGEFN_S("/now")).text).value;
    return text;
}

static edgefn_json at(edgefn_event *ev, edgefn_str json, const char *pointer)
{
    return edgefn_json_at(ev, json, edgefn_cstr(pointer));
}

static edgefn_json item(edgefn_event *ev, edgefn_str list, size_t i)
{
    char pointer[24];
    snprintf(pointer, sizeof pointer, "/%zu", i);
    return at(ev, list, pointer);
}

/* Returns one of the sets: {"issuer", "jwks"}. */
static edgefn_str set_of(edgefn_event *ev, edgefn_str file, const char *issuer)
{
    edgefn_json sets = at(ev, file, "/sets");
    for (size_t i = 0; i < sets.count; i++) {
        edgefn_str set = item(ev, sets.text, i).text;
        if (edgefn_str_eq(at(ev, set, "/issuer").string, edgefn_cstr(issuer)))
            return at(ev, set, "/jwks").text;
    }
    CHECK(false);
    return EDGEFN_ABSENT;
}

static void load_all(edgefn_event *ev, edgefn_str file)
{
    char why[300];
    edgefn_json sets = at(ev, file, "/sets");
    for (size_t i = 0; i < sets.count; i++) {
        edgefn_str set = item(ev, sets.text, i).text;
        CHECK(edgehost_keys_add(&keys, at(ev, set, "/issuer").string, at(ev, set, "/jwks").text,
                                why, sizeof why));
    }
}

static bool valid(edgefn_event *ev, edgefn_str token)
{
    return edgefn_jwt_verify(ev, token, &(edgefn_jwt_opts){ .rs256 = true, .es256 = true }).ok;
}

TEST(tokens)
{
    edgefn_event ev;
    edgefn_env env = { .verify = verify, .user = &keys };
    edgefn_str file = tokens(&ev, &env);
    edgefn_str cases = at(&ev, file, "/cases").text;
    size_t good = 0, count = at(&ev, file, "/cases").count;
    load_all(&ev, file);
    CHECK(count > 60);
    for (size_t i = 0; i < count; i++) {
        edgefn_str one = item(&ev, cases, i).text;
        edgefn_str token = at(&ev, one, "/token").string;
        bool ok = edgefn_str_eq(at(&ev, one, "/ok").text, S("true"));
        ROW("%.*s", EDGEFN_FMT(at(&ev, one, "/name").string));
        edgefn_jwt_opts opts = { .rs256 = true, .es256 = true };
        edgefn_jwt jwt = edgefn_jwt_verify(&ev, guard_copy(token.ptr, token.len), &opts);
        CHECK(jwt.ok == ok);
        CHECK(edgefn_str_eq(edgefn_cstr(jwt.why), at(&ev, one, "/why").string));
        good += ok;
        if (!ok) continue;
        opts = (edgefn_jwt_opts){ .hs256 = true, .secret = S("secret") };
        CHECK(edgefn_jwt_verify(&ev, token, &opts).reason == EDGEFN_JWT_ALGORITHM);
    }
    CHECK_NUM(good, 8);
    edgehost_keys_free(&keys);
}

/* The same kid with another key: after loading it, what was refused is valid and the reverse. */
TEST(rotation)
{
    edgefn_event ev;
    edgefn_env env = { .verify = verify, .user = &keys };
    edgefn_str file = tokens(&ev, &env);
    edgefn_json cases = at(&ev, file, "/cases");
    edgefn_str issuer = at(&ev, file, "/rotated/issuer").string;
    char why[300];
    CHECK(edgehost_keys_add(&keys, issuer, at(&ev, file, "/rotated/jwks").text, why, sizeof why));
    for (size_t i = 0; i < cases.count; i++) {
        edgefn_str one = item(&ev, cases.text, i).text;
        bool passes =
            edgefn_str_eq(at(&ev, one, "/name").string, at(&ev, file, "/rotated/passes").string);
        ROW("%.*s", EDGEFN_FMT(at(&ev, one, "/name").string));
        CHECK(valid(&ev, at(&ev, one, "/token").string) == passes);
    }
    edgehost_keys_free(&keys);
}

TEST(sets_without_usable_keys)
{
    edgefn_event ev;
    edgefn_env env = { 0 };
    edgefn_str file = tokens(&ev, &env);
    edgefn_json unusable = at(&ev, file, "/unusable");
    for (size_t i = 0; i < unusable.count; i++) {
        edgefn_str one = item(&ev, unusable.text, i).text, text = at(&ev, one, "/text").string;
        char why[300] = "";
        ROW("%.*s", EDGEFN_FMT(at(&ev, one, "/name").string));
        CHECK(!edgehost_keys_add(&keys, S("https://id.example.com"), guard_copy(text.ptr, text.len),
                                 why, sizeof why));
        CHECK(strlen(why) > 30 && strstr(why, "https://id.example.com: ") == why);
        CHECK(keys.len == 0);
    }
    edgehost_keys_free(&keys);
}

/* Why an RSA key or a set is not used: which rule it breaks. */
TEST(reasons)
{
    static const struct {
        const char *n_end, *e, *why; /* n: 341 times '_', and this */
    } rows[] = {
        { "w", "AQAB", "" },
        { "w", "_____w", "" }, /* four bytes */
        { "g", "AQAB", "n is even" },
        { "", "AQAB", "an RSA key of less than 2048 bits" },
        { "w", "AQE", "e is not an odd number from 65537 to below 2^32" },
        { "w", "AQAA", "e is not an odd number from 65537 to below 2^32" },
        { "w", "AQAAAAE", "e is not an odd number from 65537 to below 2^32" },
        { "w", "AA", "n or e is missing or not base64url" },
    };
    edgefn_event ev;
    edgefn_env env = { 0 };
    static char n[342], set[4000];
    char why[300];
    tokens(&ev, &env);
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s %s", rows[i].n_end, rows[i].e);
        memset(n, '_', rows[i].n_end[0] ? 341 : 340);
        n[rows[i].n_end[0] ? 341 : 340] = '\0';
        snprintf(set, sizeof set,
                 "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\",\"n\":\"%s%s\",\"e\":\"%s\"}]}", n,
                 rows[i].n_end, rows[i].e);
        bool used = edgehost_keys_add(&keys, S("i"), edgefn_cstr(set), why, sizeof why);
        CHECK(used == (rows[i].why[0] == '\0'));
        CHECK(used ? why[0] == '\0' : edgefn_str_ends(edgefn_cstr(why), edgefn_cstr(rows[i].why)));
        edgehost_keys_free(&keys);
    }
    ROW("no list");
    CHECK(!edgehost_keys_add(&keys, S("i"), S("{\"keys\":{}}"), why, sizeof why));
    CHECK(strstr(why, "not a JWKS") != NULL);
    ROW("an empty list");
    CHECK(!edgehost_keys_add(&keys, S("i"), S("{\"keys\":[]}"), why, sizeof why));
    CHECK(strstr(why, "the JWKS has no key") != NULL);
    ROW("101 keys");
    strcpy(set, "{\"keys\":[");
    for (int i = 0; i < 101; i++)
        strcat(set, i ? ",{}" : "{}");
    strcat(set, "]}");
    CHECK(!edgehost_keys_add(&keys, S("i"), edgefn_cstr(set), why, sizeof why));
    CHECK(strstr(why, "more than 100 keys") != NULL);
    edgehost_keys_free(&keys);
}

static unsigned random_byte(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*state >> 33);
}

/* No prefix of a set and no changed byte of it crashes or reads outside of it, and none makes a token valid that was not. */
TEST(malformed)
{
    edgefn_event ev;
    edgefn_env env = { .verify = verify, .user = &keys };
    edgefn_str file = tokens(&ev, &env);
    edgefn_str set = set_of(&ev, file, "https://id.example.com");
    uint64_t state = test_seed();
    char why[300];
    for (size_t i = 0; i < set.len; i += 1 + i / 50)
        CHECK(!edgehost_keys_add(&keys, S("i"), guard_copy(set.ptr, i), why, sizeof why));
    for (size_t i = 0; i < test_rounds(400); i++) {
        edgefn_str copy = guard_copy(set.ptr, set.len);
        size_t byte = random_byte(&state) % set.len;
        ((char *)(uintptr_t)copy.ptr)[byte] = (char)random_byte(&state);
        edgehost_keys_add(&keys, S("i"), copy, why, sizeof why);
        edgehost_keys_free(&keys);
    }
    for (size_t len = 0; len < 600; len += 7) { /* a signature or message of any length */
        load_all(&ev, file);
        char *text = test_own(malloc(len + 1));
        for (size_t i = 0; i < len; i++)
            text[i] = (char)random_byte(&state);
        edgefn_str s = { text, len };
        for (size_t i = 0; i < keys.len; i++)
            CHECK(!edgehost_key_verifies(&keys.items[i], s, s));
        CHECK(edgehost_keys_refuse(&keys, S("RS256"), s, s, s) != NULL);
        CHECK(edgehost_keys_refuse(&keys, S("ES256"), EDGEFN_ABSENT, s, s) != NULL);
        CHECK(edgehost_keys_refuse(&keys, S("EdDSA"), EDGEFN_ABSENT, s, s) != NULL);
        edgehost_keys_free(&keys);
        file = tokens(&ev, &env);
    }
}

TEST(rows)
{
    char why[300];
    edgefn_event ev;
    edgefn_env env = { 0 };
    edgefn_str file = tokens(&ev, &env);
    edgefn_str set = set_of(&ev, file, "https://id.example.com");
    edgefn_str odd = set_of(&ev, file, "https://odd.example.com");
    char dir[] = "/tmp/edgefn-jwks-XXXXXX", path[100];
    CHECK(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/set.json", dir);
    FILE *f = fopen(path, "wb");
    CHECK(f && fwrite(set.ptr, 1, set.len, f) == set.len && fclose(f) == 0);
    edgehost_tables_row r[] = { { S("kv"), S("a"), S("not a set") },
                                { S("jwks"), S("https://id.example.com"), S("set.json") },
                                { S("jwks"), S("inline"), set },
                                { S("jwks"), S("whole name"), edgefn_cstr(path) } };
    CHECK(edgehost_keys_rows(&keys, r, COUNT(r), dir, why, sizeof why));
    CHECK_NUM(keys.len, 6);
    CHECK_STR(edgefn_cstr(why), "");
    edgehost_keys_free(&keys);
    ROW("no row");
    CHECK(edgehost_keys_rows(&keys, r, 1, dir, why, sizeof why) && keys.len == 0);
    ROW("a note about a key that is not used");
    r[1].value = odd;
    CHECK(edgehost_keys_rows(&keys, r, 2, dir, why, sizeof why));
    CHECK(strstr(why, "is not used: ") != NULL);
    edgehost_keys_free(&keys);
    ROW("which key, and of whom: at most 200 bytes");
    static char issuer[202];
    memset(issuer, 'i', sizeof issuer - 1);
    for (size_t len = 199; len <= 201; len++) {
        CHECK(!edgehost_keys_add(&keys, (edgefn_str){ issuer, len },
                                 S("{\"keys\":[{\"kty\":\"RSA\"},{\"kty\":\"oct\"}]}"), why,
                                 sizeof why));
        size_t shown = len < 200 ? len : 200;
        CHECK(strspn(why, "i") == shown);
        CHECK_STR(edgefn_cstr(why + shown),
                  ": key 2 of the JWKS is not used: kty is not RSA or EC");
    }
    ROW("files that are not there or not JWKS");
    const char *const values[] = { "", "other.json", ".", "/", "set.json/" };
    for (size_t i = 0; i < COUNT(values); i++) {
        r[1].value = edgefn_cstr(values[i]);
        CHECK(!edgehost_keys_rows(&keys, r, COUNT(r), dir, why, sizeof why));
        CHECK(strlen(why) > 20);
        CHECK((strstr(why, "other.json: No such file or directory") != NULL) == (i == 1));
        edgehost_keys_free(&keys);
    }
    CHECK(truncate(path, 1 << 20) == 0);
    r[1].value = S("set.json");
    CHECK(!edgehost_keys_rows(&keys, r, COUNT(r), dir, why, sizeof why));
    CHECK(strstr(why, ": not a file of less than 1 MB") != NULL);
    edgehost_keys_free(&keys);
    unlink(path);
    rmdir(dir);
}

#else

TEST(without_openssl)
{
    char why[200];
    edgehost_keys keys = { 0 };
    edgehost_tables_row r = { S("jwks"), S("i"), S("{\"keys\":[]}") };
    CHECK(!edgehost_keys_rows(&keys, &r, 1, ".", why, sizeof why));
    CHECK(strstr(why, "built without OpenSSL") != NULL);
    CHECK(edgehost_keys_refuse(&keys, S("RS256"), S("a"), S("b.c"), S("d")) != NULL);
    SKIP("signatures need OpenSSL (libssl-dev)");
}

#endif
