/* json_check.h - checks whether a text is one JSON document by RFC 8259. It shares no code with edgefn.h, and is written to
   be obviously correct, not fast: the fuzz targets compare the library's results with it.

   Like the library, it is stricter than the RFC's grammar in one point: a string must not contain half of a surrogate pair. */
#ifndef JSON_CHECK_H
#define JSON_CHECK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct json_check_in {
    const unsigned char *p, *end;
} json_check_in;

static bool json_check_word(json_check_in *in, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(in->end - in->p) < n || memcmp(in->p, word, n) != 0) return false;
    in->p += n;
    return true;
}

static void json_check_blank(json_check_in *in)
{
    while (in->p < in->end && (*in->p == ' ' || *in->p == '\t' || *in->p == '\n' || *in->p == '\r'))
        in->p++;
}

static bool json_check_digits(json_check_in *in) /* at least one */
{
    const unsigned char *start = in->p;
    while (in->p < in->end && *in->p >= '0' && *in->p <= '9')
        in->p++;
    return in->p > start;
}

static bool json_check_number(json_check_in *in)
{
    json_check_word(in, "-");
    if (!json_check_word(in, "0") && !json_check_digits(in)) return false;
    if (json_check_word(in, ".") && !json_check_digits(in)) return false;
    if (json_check_word(in, "e") || json_check_word(in, "E")) {
        if (!json_check_word(in, "+")) json_check_word(in, "-");
        if (!json_check_digits(in)) return false;
    }
    return true;
}

static bool json_check_hex4(json_check_in *in, unsigned *value)
{
    *value = 0;
    for (int i = 0; i < 4; i++, in->p++) {
        if (in->p >= in->end) return false;
        unsigned c = *in->p;
        if (c >= '0' && c <= '9')
            c -= '0';
        else if (c >= 'a' && c <= 'f')
            c -= 'a' - 10;
        else if (c >= 'A' && c <= 'F')
            c -= 'A' - 10;
        else
            return false;
        *value = *value * 16 + c;
    }
    return true;
}

static bool json_check_escape(json_check_in *in) /* after the backslash */
{
    unsigned high, low;
    if (in->p >= in->end) return false;
    unsigned char c = *in->p++;
    if (c != 'u') return c != 0 && strchr("\"\\/bfnrt", c) != NULL;
    if (!json_check_hex4(in, &high)) return false;
    if (high < 0xD800 || high > 0xDFFF) return true;
    return high <= 0xDBFF && json_check_word(in, "\\u") && json_check_hex4(in, &low)
           && low >= 0xDC00 && low <= 0xDFFF;
}

static bool json_check_utf8(json_check_in *in) /* one non-ASCII character */
{
    unsigned char c = *in->p++;
    int more = c >= 0xC2 && c <= 0xDF   ? 1
               : c >= 0xE0 && c <= 0xEF ? 2
               : c >= 0xF0 && c <= 0xF4 ? 3
                                        : 0;
    unsigned long code = c & (0x3Fu >> more);
    if (more == 0) return false;
    for (int i = 0; i < more; i++) {
        if (in->p >= in->end || (*in->p & 0xC0) != 0x80) return false;
        code = code << 6 | (*in->p++ & 0x3F);
    }
    if (more == 2 && code < 0x800) return false;
    if (more == 3 && code < 0x10000) return false;
    return code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
}

static bool json_check_string(json_check_in *in)
{
    if (!json_check_word(in, "\"")) return false;
    while (in->p < in->end) {
        if (*in->p == '"') return in->p++, true;
        if (*in->p < 0x20) return false;
        if (*in->p == '\\') {
            in->p++;
            if (!json_check_escape(in)) return false;
        } else if (*in->p >= 0x80) {
            if (!json_check_utf8(in)) return false;
        } else
            in->p++;
    }
    return false;
}

/* *depth gets the deepest nesting: 0 for a single number, 1 for {} and so on. */
static inline bool json_check(const void *text, size_t len, size_t *depth)
{
    json_check_in in = { (const unsigned char *)text, (const unsigned char *)text + len };
    char *open = (char *)malloc(len + 1); /* a stack of '{' and '[' */
    size_t level = 0, deepest = 0;
    bool good = false, value = true; /* value: a value must follow */

    for (;;) {
        json_check_blank(&in);
        if (value) {
            if (in.p >= in.end) break;
            unsigned char c = *in.p;
            if (c == '{' || c == '[') {
                open[level++] = (char)c;
                if (level > deepest) deepest = level;
                in.p++;
                json_check_blank(&in);
                if (!json_check_word(&in, c == '{' ? "}" : "]")) {
                    if (c == '[') continue;
                    if (!json_check_string(&in)) break;
                    json_check_blank(&in);
                    if (!json_check_word(&in, ":")) break;
                    continue;
                }
                level--;
            } else if (c == '"') {
                if (!json_check_string(&in)) break;
            } else if (!json_check_word(&in, "true") && !json_check_word(&in, "false")
                       && !json_check_word(&in, "null")) {
                if (!json_check_number(&in)) break;
            }
            value = false;
            continue;
        }
        if (level == 0) { /* after the document's value */
            good = in.p == in.end;
            break;
        }
        if (json_check_word(&in, ",")) {
            if (open[level - 1] == '{') {
                json_check_blank(&in);
                if (!json_check_string(&in)) break;
                json_check_blank(&in);
                if (!json_check_word(&in, ":")) break;
            }
            value = true;
        } else if (json_check_word(&in, open[level - 1] == '{' ? "}" : "]"))
            level--;
        else
            break;
    }
    free(open);
    if (depth) *depth = deepest;
    return good;
}
#endif
