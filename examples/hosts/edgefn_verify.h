/* edgefn_verify.h - signatures of tokens by public keys (edgefn_env.verify): RS256 and ES256, with OpenSSL.

   The keys come from the table "jwks": a row's key is an issuer (the claim "iss" of its tokens, every byte of it), its value that issuer's JWKS, or
   the name of a file that holds it. A key verifies the tokens of its own issuer and no others. Load the keys when the configuration is loaded:

       edgehost_keys keys = { 0 };
       if (!edgehost_keys_rows(&keys, rows, count, why, sizeof why)) ... // do not start
       env.verify = keys.len > 0 ? my_verify : NULL;

   where my_verify() returns edgehost_keys_refuse(...) == NULL. To rotate keys, load them again. Threads may use the same keys.

   Compile with -DEDGEHOST_OPENSSL and link with -lcrypto (1.1.1 or later). Otherwise edgehost_keys_rows() fails for a table "jwks". POSIX. */
#ifndef EDGEFN_VERIFY_H_INCLUDED
#define EDGEFN_VERIFY_H_INCLUDED

#include "edgefn_tables.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef EDGEHOST_OPENSSL
#  include <openssl/err.h>
#  include <openssl/evp.h>
#  include <openssl/x509.h>
#endif

/* The shortest and longest RSA keys, and the largest JWKS. Source: RFC 7518, section 3.3. */
enum {
    EDGEHOST_RSA_MIN_BITS = 2048,
    EDGEHOST_RSA_MAX_BITS = 8192,
    EDGEHOST_JWKS_MAX_KEYS = 100,
    EDGEHOST_JWKS_MAX = 1024 * 1024
};

typedef struct edgehost_key {
    edgefn_str issuer, kid; /* kid absent: the key has none */
    bool ec;                /* for ES256, otherwise for RS256 */
    bool ambiguous;         /* another key of this issuer has the same kid: neither is used */
    void *key;              /* an EVP_PKEY */
    char *text;             /* holds issuer and kid */
} edgehost_key;

/* Zero it first. */
typedef struct edgehost_keys {
    edgehost_key *items;
    size_t len;
} edgehost_keys;

/* An event only for the functions that need one. Returns: its memory, to be freed; NULL when out of memory. */
static inline void *edgehost_keys_event(edgefn_event *ev, size_t text_len)
{
    size_t room = 4 * text_len + 65536;
    void *memory = malloc(room);

    if (memory != NULL
        && edgefn_build_begin(ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                              edgefn_arena_make(memory, room), NULL)
               == EDGEFN_OK)
        return memory;
    free(memory);
    return NULL;
}

static inline edgefn_str edgehost_bytes(const void *ptr, size_t len)
{
    edgefn_str s = { (const char *)ptr, len };
    return s;
}

static inline edgefn_json edgehost_keys_member(edgefn_event *ev, edgefn_str object,
                                               const char *pointer)
{
    return edgefn_json_at(ev, object, edgefn_cstr(pointer));
}

#ifdef EDGEHOST_OPENSSL

/* DER is written from the end of the array to its beginning. */
typedef struct edgehost_der {
    unsigned char bytes[EDGEHOST_RSA_MAX_BITS / 8 + 64];
    size_t at;
} edgehost_der;

static inline void edgehost_der_put(edgehost_der *d, const void *bytes, size_t len)
{
    if (len > d->at) abort(); /* callers limit the lengths */
    d->at -= len;
    memcpy(d->bytes + d->at, bytes, len);
}

/* Writes tag and length before what was written since `end`. */
static inline void edgehost_der_head(edgehost_der *d, unsigned char tag, size_t end)
{
    size_t len = end - d->at;
    unsigned char head[4] = { tag, 0x82, (unsigned char)(len >> 8), (unsigned char)len };

    if (len >= 256) {
        edgehost_der_put(d, head, 4);
        return;
    }
    head[1] = len >= 128 ? 0x81 : (unsigned char)len;
    head[2] = (unsigned char)len;
    edgehost_der_put(d, head, len >= 128 ? 3 : 2);
}

static inline edgefn_str edgehost_without_zeros(edgefn_str number)
{
    while (number.len > 0 && number.ptr[0] == '\0')
        number = edgefn_str_skip(number, 1);
    return number;
}

/* Writes an INTEGER, not negative, from big-endian bytes. */
static inline void edgehost_der_integer(edgehost_der *d, edgefn_str number)
{
    size_t end = d->at;

    number = edgehost_without_zeros(number);
    if (number.len > 0) edgehost_der_put(d, number.ptr, number.len);
    if (number.len == 0 || ((unsigned char)number.ptr[0] & 0x80) != 0) edgehost_der_put(d, "", 1);
    edgehost_der_head(d, 0x02, end);
}

/* Reads a SubjectPublicKeyInfo: OpenSSL checks the numbers, and that a point is on the curve. Returns: NULL if it is invalid. */
static inline void *edgehost_key_of_der(const edgehost_der *d)
{
    const unsigned char *p = d->bytes + d->at;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)(sizeof d->bytes - d->at));

    ERR_clear_error();
    return key;
}

/* Returns: NULL if it can be used, otherwise why not. */
static inline const char *edgehost_key_rsa(edgefn_str n, edgefn_str e, void **key)
{
    static const unsigned char rsa[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                         0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
    edgehost_der d = { { 0 }, sizeof d.bytes };
    size_t end = d.at;

    n = edgehost_without_zeros(n);
    e = edgehost_without_zeros(e);
    if (n.len == 0 || e.len == 0) return "n or e is missing or not base64url";
    size_t bits = n.len * 8;
    for (unsigned char top = (unsigned char)n.ptr[0]; (top & 0x80) == 0;
         top = (unsigned char)(top << 1))
        bits--;
    if (bits < EDGEHOST_RSA_MIN_BITS) return "an RSA key of less than 2048 bits";
    if (bits > EDGEHOST_RSA_MAX_BITS) return "an RSA key of more than 8192 bits";
    if ((n.ptr[n.len - 1] & 1) == 0) return "n is even";
    /* with an exponent of 1 anybody could sign */
    if (e.len < 3 || e.len > 4 || (e.ptr[e.len - 1] & 1) == 0)
        return "e is not an odd number from 65537 to below 2^32";
    edgehost_der_integer(&d, e);
    edgehost_der_integer(&d, n);
    edgehost_der_head(&d, 0x30, end);
    edgehost_der_put(&d, "", 1); /* no unused bits */
    edgehost_der_head(&d, 0x03, end);
    edgehost_der_put(&d, rsa, sizeof rsa);
    edgehost_der_head(&d, 0x30, end);
    *key = edgehost_key_of_der(&d);
    return *key != NULL ? NULL : "not an RSA key";
}

static inline const char *edgehost_key_ec(edgefn_str curve, edgefn_str x, edgefn_str y, void **key)
{
    static const unsigned char p256[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                          0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                          0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04 };
    edgehost_der d = { { 0 }, sizeof d.bytes };

    if (!edgefn_str_eq(curve, EDGEFN_S("P-256"))) return "a curve other than P-256";
    if (x.len != 32 || y.len != 32) return "x or y is not 32 bytes in base64url";
    edgehost_der_put(&d, y.ptr, y.len);
    edgehost_der_put(&d, x.ptr, x.len);
    edgehost_der_put(&d, p256, sizeof p256);
    *key = edgehost_key_of_der(&d);
    return *key != NULL ? NULL : "not a point on P-256";
}

/* Reports whether a key may verify signatures: "use", "key_ops" and "alg", if present, allow it. */
static inline bool edgehost_key_may_verify(edgefn_event *ev, edgefn_str jwk, edgefn_str alg)
{
    edgefn_json use = edgehost_keys_member(ev, jwk, "/use");
    edgefn_json ops = edgehost_keys_member(ev, jwk, "/key_ops");
    edgefn_json is = edgehost_keys_member(ev, jwk, "/alg");
    bool verify = ops.type == EDGEFN_JSON_ABSENT;

    for (unsigned i = 0; ops.type == EDGEFN_JSON_ARRAY && i < 10 && !verify; i++) {
        char at[16];
        snprintf(at, sizeof at, "/%u", i);
        verify = edgefn_str_eq(edgehost_keys_member(ev, ops.text, at).string, EDGEFN_S("verify"));
    }
    if (use.type != EDGEFN_JSON_ABSENT && !edgefn_str_eq(use.string, EDGEFN_S("sig"))) return false;
    return verify && (is.type == EDGEFN_JSON_ABSENT || edgefn_str_eq(is.string, alg));
}

static inline edgefn_str edgehost_key_number(edgefn_event *ev, edgefn_str jwk, const char *pointer)
{
    return edgefn_base64url_decode(ev, edgehost_keys_member(ev, jwk, pointer).string);
}

/* Reads one JWK. Returns: NULL if it can be used, otherwise why not. */
static inline const char *edgehost_key_read(edgefn_event *ev, edgefn_str jwk, edgehost_key *to)
{
    edgefn_str kty = edgehost_keys_member(ev, jwk, "/kty").string;
    edgefn_json kid = edgehost_keys_member(ev, jwk, "/kid");

    to->ec = edgefn_str_eq(kty, EDGEFN_S("EC"));
    if (!to->ec && !edgefn_str_eq(kty, EDGEFN_S("RSA"))) return "kty is not RSA or EC";
    if (kid.type != EDGEFN_JSON_ABSENT && kid.string.len == 0) return "kid is not a text";
    to->kid = kid.string;
    if (edgehost_keys_member(ev, jwk, "/d").type != EDGEFN_JSON_ABSENT)
        return "a private key: publish and configure only the public part";
    if (!edgehost_key_may_verify(ev, jwk, to->ec ? EDGEFN_S("ES256") : EDGEFN_S("RS256")))
        return "use, key_ops or alg says that it is for something else";
    if (to->ec)
        return edgehost_key_ec(edgehost_keys_member(ev, jwk, "/crv").string,
                               edgehost_key_number(ev, jwk, "/x"),
                               edgehost_key_number(ev, jwk, "/y"), &to->key);
    return edgehost_key_rsa(edgehost_key_number(ev, jwk, "/n"), edgehost_key_number(ev, jwk, "/e"),
                            &to->key);
}

/* Adds a key, with copies of its texts. Returns: false when out of memory. */
static inline bool edgehost_keys_push(edgehost_keys *to, edgefn_str issuer, const edgehost_key *key)
{
    edgehost_key *more = (edgehost_key *)realloc(to->items, (to->len + 1) * sizeof *more);
    char *text = (char *)malloc(issuer.len + key->kid.len + 1);

    if (more != NULL) to->items = more;
    if (more == NULL || text == NULL) {
        free(text);
        return false;
    }
    edgehost_key *k = &more[to->len++];
    *k = *key;
    k->text = text;
    memcpy(text, issuer.ptr, issuer.len);
    k->issuer = edgehost_bytes(text, issuer.len);
    if (key->kid.ptr != NULL) {
        memcpy(text + issuer.len, key->kid.ptr, key->kid.len);
        k->kid.ptr = text + issuer.len;
    }
    for (edgehost_key *other = more; other < k; other++) {
        bool same = edgefn_str_eq(other->issuer, k->issuer) && k->kid.ptr != NULL
                    && edgefn_str_eq(other->kid, k->kid);
        if (same) other->ambiguous = k->ambiguous = true;
    }
    return true;
}

static inline void edgehost_keys_free(edgehost_keys *k)
{
    for (size_t i = 0; i < k->len; i++) {
        EVP_PKEY_free((EVP_PKEY *)k->items[i].key);
        free(k->items[i].text);
    }
    free(k->items);
    k->items = NULL;
    k->len = 0;
}

/* Reads the keys of a JWKS that may be used, and skips others, as RFC 7517 demands: a set may also have keys for other things.
   Returns: true if there is at least one. why: gets "", or about the last key that was skipped, or why this failed. */
static inline bool edgehost_keys_read(edgefn_event *ev, edgehost_keys *to, edgefn_str issuer,
                                      edgefn_str jwks, char *why, size_t cap)
{
    edgefn_json list = edgehost_keys_member(ev, jwks, "/keys");
    edgefn_str name = edgefn_str_take(issuer, 200);
    size_t before = to->len;
    const char *wrong = list.type != EDGEFN_JSON_ARRAY
                            ? "not a JWKS, which is a JSON object with a list \"keys\""
                            : "the JWKS has no key";

    why[0] = '\0';
    if (list.type == EDGEFN_JSON_ARRAY && list.count > EDGEHOST_JWKS_MAX_KEYS)
        wrong = "the JWKS has more than 100 keys";
    for (size_t i = 0;
         i < list.count && list.type == EDGEFN_JSON_ARRAY && list.count <= EDGEHOST_JWKS_MAX_KEYS;
         i++) {
        char at[24];
        snprintf(at, sizeof at, "/%u", (unsigned)i);
        edgehost_key key;
        memset(&key, 0, sizeof key);
        const char *fault =
            edgehost_key_read(ev, edgehost_keys_member(ev, list.text, at).text, &key);
        if (fault == NULL && edgehost_keys_push(to, issuer, &key)) continue;
        if (fault == NULL) EVP_PKEY_free((EVP_PKEY *)key.key);
        snprintf(why, cap, "%.*s: key %u of the JWKS is not used: %s", EDGEFN_FMT(name),
                 (unsigned)i + 1, fault != NULL ? fault : "out of memory");
    }
    if (to->len == before && why[0] == '\0')
        snprintf(why, cap, "%.*s: %s", EDGEFN_FMT(name), wrong);
    return to->len > before;
}

/* Adds the keys of an issuer. why, cap: on failure get a NUL-terminated reason, otherwise "" or a note about a key that was skipped.
   Returns: false if there is no usable key. */
static inline bool edgehost_keys_add(edgehost_keys *to, edgefn_str issuer, edgefn_str jwks,
                                     char *why, size_t cap)
{
    edgefn_event ev;
    void *memory = edgehost_keys_event(&ev, jwks.len);

    snprintf(why, cap, "out of memory");
    bool ok = memory != NULL && edgehost_keys_read(&ev, to, issuer, jwks, why, cap);
    free(memory);
    return ok;
}

/* Returns: the key for a token; NULL, and why. */
static inline const edgehost_key *edgehost_keys_find(const edgehost_keys *k, edgefn_str issuer,
                                                     bool ec, edgefn_str kid, const char **why)
{
    const edgehost_key *found = NULL;
    size_t known = 0, fits = 0;

    for (size_t i = 0; i < k->len; i++) {
        const edgehost_key *key = &k->items[i];
        if (!edgefn_str_eq(key->issuer, issuer)) continue;
        known++;
        if (key->ec != ec || (kid.ptr != NULL && !edgefn_str_eq(key->kid, kid))) continue;
        fits++;
        found = key;
    }
    if (fits == 1 && !found->ambiguous) return found;
    *why = known == 0  ? "the table jwks has no keys of this issuer"
           : fits == 0 ? "the issuer's JWKS has no such key (kid) for this algorithm"
           : kid.ptr   ? "the issuer's JWKS has several keys with this kid"
                       : "the token has no kid, and the issuer's JWKS has several keys";
    return NULL;
}

/* Checks a signature. Returns: true if it is valid. */
static inline bool edgehost_key_verifies(const edgehost_key *key, edgefn_str message,
                                         edgefn_str signature)
{
    edgehost_der d = { { 0 }, sizeof d.bytes };
    size_t end = d.at;

    if (key->ec) { /* JWS has r and s, OpenSSL expects DER */
        if (signature.len != 64) return false;
        edgehost_der_integer(&d, edgefn_str_skip(signature, 32));
        edgehost_der_integer(&d, edgefn_str_take(signature, 32));
        edgehost_der_head(&d, 0x30, end);
        signature = edgehost_bytes(d.bytes + d.at, end - d.at);
    }
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok = md != NULL
              && EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, (EVP_PKEY *)key->key) == 1
              && EVP_DigestVerify(md, (const unsigned char *)signature.ptr, signature.len,
                                  (const unsigned char *)message.ptr, message.len)
                     == 1;
    EVP_MD_CTX_free(md);
    ERR_clear_error(); /* a proxy would find it after its own next call */
    return ok;
}

/* Like edgefn_env.verify. message: HEADER.PAYLOAD. Returns: NULL if the signature is valid, otherwise why not, for a log. */
static inline const char *edgehost_keys_refuse(const edgehost_keys *k, edgefn_str alg,
                                               edgefn_str kid, edgefn_str message,
                                               edgefn_str signature)
{
    edgefn_event ev;
    bool ec = edgefn_str_eq(alg, EDGEFN_S("ES256"));
    const char *why = "only RS256 and ES256 are supported";

    if (!ec && !edgefn_str_eq(alg, EDGEFN_S("RS256"))) return why;
    void *memory = edgehost_keys_event(&ev, message.len);
    if (memory == NULL) return "out of memory";
    edgefn_str payload = edgefn_base64url_decode(&ev, edgefn_str_cut(message, EDGEFN_S(".")).tail);
    edgefn_str issuer = edgehost_keys_member(&ev, payload, "/iss").string;
    const edgehost_key *key = NULL;
    why = "the token has no iss";
    if (issuer.len > 0) key = edgehost_keys_find(k, issuer, ec, kid, &why);
    free(memory);
    if (key == NULL) return why;
    return edgehost_key_verifies(key, message, signature) ? NULL : "the signature is wrong";
}

#else

static inline bool edgehost_keys_add(edgehost_keys *to, edgefn_str issuer, edgefn_str jwks,
                                     char *why, size_t cap)
{
    (void)to, (void)issuer, (void)jwks;
    snprintf(why, cap, "built without OpenSSL: RS256 and ES256 cannot be verified");
    return false;
}

static inline void edgehost_keys_free(edgehost_keys *k)
{
    (void)k;
}

static inline const char *edgehost_keys_refuse(const edgehost_keys *k, edgefn_str alg,
                                               edgefn_str kid, edgefn_str message,
                                               edgefn_str signature)
{
    (void)k, (void)alg, (void)kid, (void)message, (void)signature;
    return "built without OpenSSL: RS256 and ES256 cannot be verified";
}

#endif

/* Reads a file into memory that the caller frees. Returns: absent, and why. */
static inline edgefn_str edgehost_jwks_file(const char *name, char *why, size_t cap)
{
    edgefn_str text = { NULL, 0 };
    FILE *f = fopen(name, "rb");
    char *at = f != NULL ? (char *)malloc(EDGEHOST_JWKS_MAX) : NULL;

    snprintf(why, cap, "%.200s: %s", name, strerror(errno));
    if (at != NULL) text = edgehost_bytes(at, fread(at, 1, EDGEHOST_JWKS_MAX, f));
    bool failed = at == NULL || ferror(f) || text.len == EDGEHOST_JWKS_MAX;
    if (at != NULL && failed) snprintf(why, cap, "%.200s: not a file of less than 1 MB", name);
    if (failed) {
        free(at);
        text = edgehost_bytes(NULL, 0);
    }
    if (f != NULL) fclose(f);
    return text;
}

/* Adds the keys of one row. value: a JWKS, which begins with '{', or the name of a file with one; a relative name is in `directory`, if that is not NULL. */
static inline bool edgehost_keys_row(edgehost_keys *to, edgefn_str issuer, edgefn_str value,
                                     const char *directory, char *why, size_t cap)
{
    char name[4096];

    if (edgefn_str_starts(edgefn_str_trim(value), EDGEFN_S("{")))
        return edgehost_keys_add(to, issuer, value, why, cap);
    bool absolute = directory == NULL || edgefn_str_starts(value, EDGEFN_S("/"));
    int len = snprintf(name, sizeof name, "%s%s%.*s", absolute ? "" : directory,
                       absolute ? "" : "/", EDGEFN_FMT(value));
    snprintf(why, cap, "the name of a JWKS file is empty or too long");
    if (len < 0 || (size_t)len >= sizeof name || value.len == 0) return false;
    edgefn_str text = edgehost_jwks_file(name, why, cap);
    bool ok = text.ptr != NULL && edgehost_keys_add(to, issuer, text, why, cap);
    free((void *)(uintptr_t)text.ptr);
    return ok;
}

/* Adds the keys of all rows of the table "jwks"; other rows are skipped. Returns: false, and why, if one of them has no usable key. Then
   the host must not start. With true, why is "" or a note about a key that was skipped. */
static inline bool edgehost_keys_rows(edgehost_keys *to, const edgehost_tables_row *rows,
                                      size_t count, const char *directory, char *why, size_t cap)
{
    char note[512];
    bool ok = true;

    why[0] = '\0';
    for (size_t i = 0; i < count && ok; i++) {
        if (!edgefn_str_eq(rows[i].table, EDGEFN_S("jwks"))) continue;
        ok = edgehost_keys_row(to, rows[i].key, rows[i].value, directory, note, sizeof note);
        if (note[0] != '\0') snprintf(why, cap, "table jwks: %s", note);
    }
    return ok;
}

#endif /* EDGEFN_VERIFY_H_INCLUDED */
