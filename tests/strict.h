/* strict.h - an independent JSON validator for tests: one simple function for each production of
   RFC 8259. It reports whether a text is JSON and, if not, the error code and position. It also
   finds members, so that a test knows the bytes of the request without using the library. */
#ifndef STRICT_H
#define STRICT_H

/* Without sanitizers: this runs millions of times, and is not itself under test. */
#define STRICT __attribute__((no_sanitize("address"), no_sanitize("undefined"), unused)) static

typedef struct strict {
    const unsigned char *t;
    size_t len, at;
    size_t pos; /* of the error */
    int depth;
    edgefn_error code;
} strict;

STRICT bool strict_value(strict *s);

STRICT bool strict_bad(strict *s, edgefn_error code, size_t pos)
{
    s->code = code, s->pos = pos;
    return false;
}

STRICT bool strict_eof(strict *s)
{
    return strict_bad(s, EDGEFN_E_JSON_EOF, s->len);
}

STRICT void strict_space(strict *s)
{
    while (s->at < s->len
           && (s->t[s->at] == ' ' || s->t[s->at] == '\t' || s->t[s->at] == '\n'
               || s->t[s->at] == '\r'))
        s->at++;
}

STRICT int strict_hex(int c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Reads four hex digits at p. Returns 1 and the unit; 0 if the text ends; -1 at an invalid
   digit. */
STRICT int strict_unit(strict *s, size_t p, unsigned *unit)
{
    *unit = 0;
    for (size_t i = 0; i < 4; i++) {
        if (p + i >= s->len) return 0;
        int h = strict_hex(s->t[p + i]);
        if (h < 0) return -1;
        *unit = *unit * 16 + (unsigned)h;
    }
    return 1;
}

STRICT bool strict_escape(strict *s)
{
    size_t start = s->at;
    unsigned unit, low;
    if (start + 1 >= s->len) return strict_eof(s);
    int c = s->t[start + 1];
    if (c != 'u') {
        if (c == 0 || !strchr("\"\\/bfnrt", c)) return strict_bad(s, EDGEFN_E_JSON_STRING, start);
        s->at += 2;
        return true;
    }
    int got = strict_unit(s, start + 2, &unit);
    if (got <= 0) return got < 0 ? strict_bad(s, EDGEFN_E_JSON_STRING, start) : strict_eof(s);
    s->at += 6;
    if (unit < 0xD800 || unit > 0xDFFF) return true;
    if (unit > 0xDBFF) return strict_bad(s, EDGEFN_E_JSON_STRING, start);
    if (s->at >= s->len) return strict_eof(s);
    if (s->t[s->at] != '\\') return strict_bad(s, EDGEFN_E_JSON_STRING, start);
    if (s->at + 1 >= s->len) return strict_eof(s);
    if (s->t[s->at + 1] != 'u') return strict_bad(s, EDGEFN_E_JSON_STRING, start);
    got = strict_unit(s, s->at + 2, &low);
    if (got == 0) return strict_eof(s);
    if (got < 0 || low < 0xDC00 || low > 0xDFFF) return strict_bad(s, EDGEFN_E_JSON_STRING, start);
    s->at += 6;
    return true;
}

STRICT bool strict_utf8(strict *s)
{
    size_t start = s->at;
    unsigned b = s->t[start], low = 0x80, high = 0xBF;
    size_t more = b >= 0xC2 && b <= 0xDF   ? 1
                  : b >= 0xE0 && b <= 0xEF ? 2
                  : b >= 0xF0 && b <= 0xF4 ? 3
                                           : 0;
    if (more == 0) return strict_bad(s, EDGEFN_E_JSON_UTF8, start);
    if (b == 0xE0) low = 0xA0;
    if (b == 0xED) high = 0x9F;
    if (b == 0xF0) low = 0x90;
    if (b == 0xF4) high = 0x8F;
    for (size_t k = 1; k <= more; k++, low = 0x80, high = 0xBF) {
        if (start + k >= s->len) return strict_eof(s);
        if (s->t[start + k] < low || s->t[start + k] > high)
            return strict_bad(s, EDGEFN_E_JSON_UTF8, start);
    }
    s->at += more + 1;
    return true;
}

STRICT bool strict_string(strict *s) /* at the opening quote */
{
    s->at++;
    for (;;) {
        if (s->at >= s->len) return strict_eof(s);
        unsigned c = s->t[s->at];
        if (c == '"') {
            s->at++;
            return true;
        }
        if (c < 0x20) return strict_bad(s, EDGEFN_E_JSON_STRING, s->at);
        if (c == '\\') {
            if (!strict_escape(s)) return false;
        } else if (c >= 0x80) {
            if (!strict_utf8(s)) return false;
        } else
            s->at++;
    }
}

STRICT bool strict_digits(strict *s, size_t start)
{
    if (s->at >= s->len) return strict_eof(s);
    if (s->t[s->at] < '0' || s->t[s->at] > '9') return strict_bad(s, EDGEFN_E_JSON_NUMBER, start);
    while (s->at < s->len && s->t[s->at] >= '0' && s->t[s->at] <= '9')
        s->at++;
    return true;
}

STRICT bool strict_number(strict *s)
{
    size_t start = s->at;
    if (s->t[s->at] == '-') s->at++;
    if (s->at < s->len && s->t[s->at] == '0') {
        s->at++;
        if (s->at < s->len && s->t[s->at] >= '0' && s->t[s->at] <= '9')
            return strict_bad(s, EDGEFN_E_JSON_NUMBER, start);
    } else if (!strict_digits(s, start)) {
        return false;
    }
    if (s->at < s->len && s->t[s->at] == '.') {
        s->at++;
        if (!strict_digits(s, start)) return false;
    }
    if (s->at < s->len && (s->t[s->at] == 'e' || s->t[s->at] == 'E')) {
        s->at++;
        if (s->at < s->len && (s->t[s->at] == '+' || s->t[s->at] == '-')) s->at++;
        if (!strict_digits(s, start)) return false;
    }
    return true;
}

STRICT bool strict_literal(strict *s, const char *word)
{
    for (size_t i = 0; word[i]; i++) {
        if (s->at + i >= s->len) return strict_eof(s);
        if (s->t[s->at + i] != (unsigned char)word[i])
            return strict_bad(s, EDGEFN_E_JSON_SYNTAX, s->at);
    }
    s->at += strlen(word);
    return true;
}

STRICT bool strict_members(strict *s, bool object)
{
    unsigned char close = object ? '}' : ']';
    if (++s->depth > EDGEFN_MAX_DEPTH) return strict_bad(s, EDGEFN_E_JSON_DEPTH, s->at);
    s->at++;
    strict_space(s);
    if (s->at < s->len && s->t[s->at] == close) {
        s->at++, s->depth--;
        return true;
    }
    for (;;) {
        strict_space(s);
        if (s->at >= s->len) return strict_eof(s);
        if (object) {
            if (s->t[s->at] != '"') return strict_bad(s, EDGEFN_E_JSON_SYNTAX, s->at);
            if (!strict_string(s)) return false;
            strict_space(s);
            if (s->at >= s->len) return strict_eof(s);
            if (s->t[s->at] != ':') return strict_bad(s, EDGEFN_E_JSON_SYNTAX, s->at);
            s->at++;
        }
        if (!strict_value(s)) return false;
        strict_space(s);
        if (s->at >= s->len) return strict_eof(s);
        if (s->t[s->at] == close) {
            s->at++, s->depth--;
            return true;
        }
        if (s->t[s->at] != ',') return strict_bad(s, EDGEFN_E_JSON_SYNTAX, s->at);
        s->at++;
    }
}

STRICT bool strict_value(strict *s)
{
    strict_space(s);
    if (s->at >= s->len) return strict_eof(s);
    switch (s->t[s->at]) {
    case '{': return strict_members(s, true);
    case '[': return strict_members(s, false);
    case '"': return strict_string(s);
    case 't': return strict_literal(s, "true");
    case 'f': return strict_literal(s, "false");
    case 'n': return strict_literal(s, "null");
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9': return strict_number(s);
    default: return strict_bad(s, EDGEFN_E_JSON_SYNTAX, s->at);
    }
}

/* Returns EDGEFN_OK if the text is JSON; otherwise the error code, and its position in *pos. */
STRICT edgefn_error strict_text(edgefn_str json, size_t *pos)
{
    strict s = { .t = (const unsigned char *)json.ptr, .len = json.len };
    if (strict_value(&s)) {
        strict_space(&s);
        if (s.at < s.len) strict_bad(&s, EDGEFN_E_JSON_TRAILING, s.at);
    }
    *pos = s.pos;
    return s.code;
}

/* Returns the value of a member, or of the first element of an array if the name is "0". The
   text must be JSON and the name must not contain escapes. Returns absent if json is not an
   object or has no such member. */
STRICT edgefn_str strict_member(edgefn_str json, const char *name)
{
    strict s = { .t = (const unsigned char *)json.ptr, .len = json.len };
    edgefn_str none = { NULL, 0 };
    strict_space(&s);
    bool object = s.at < s.len && s.t[s.at] == '{', array = s.at < s.len && s.t[s.at] == '[';
    if (!object && !array) return none;
    s.at++;
    for (size_t index = 0;; index++) {
        strict_space(&s);
        if (s.t[s.at] == '}' || s.t[s.at] == ']') return none;
        size_t from = s.at + 1, to = from;
        if (object) {
            strict_string(&s);
            to = s.at - 1;
            strict_space(&s);
            s.at++;
            strict_space(&s);
        }
        size_t value = s.at;
        strict_value(&s);
        bool mine = object ? to - from == strlen(name) && memcmp(s.t + from, name, to - from) == 0
                           : index == 0 && strcmp(name, "0") == 0;
        if (mine) return (edgefn_str){ json.ptr + value, s.at - value };
        strict_space(&s);
        if (s.t[s.at] != ',') return none;
        s.at++;
    }
}

/* Returns CloudFront's result in an event: its request or response. */
STRICT edgefn_str strict_result(edgefn_str json, bool response)
{
    edgefn_str cf = strict_member(strict_member(strict_member(json, "Records"), "0"), "cf");
    return strict_member(cf.ptr ? cf : json, response ? "response" : "request");
}

/* Returns the same JSON with `space` between all tokens in place of its own white space. */
STRICT edgefn_str strict_respaced(edgefn_str json, const char *space)
{
    strict s = { .t = (const unsigned char *)json.ptr, .len = json.len };
    size_t n = 0, w = strlen(space);
    char *out = (char *)test_own(malloc((json.len + 2) * (2 * w + 1)));
#define SPACE() (memcpy(out + n, space, w), n += w)
    SPACE();
    for (strict_space(&s); s.at < s.len; strict_space(&s)) {
        size_t from = s.at;
        if (s.t[s.at] == '"')
            strict_string(&s);
        else if (strchr("{}[],:", s.t[s.at]))
            s.at++;
        else
            strict_value(&s);
        memcpy(out + n, json.ptr + from, s.at - from), n += s.at - from;
        SPACE();
    }
#undef SPACE
    return (edgefn_str){ out, n };
}

/* The same JSON with each member and element on a line of its own, `indent` for each level. indent NULL: with irregular
   white space, so that no two entries look alike. */
STRICT edgefn_str strict_indented(edgefn_str json, const char *indent, const char *line_break)
{
    strict s = { .t = (const unsigned char *)json.ptr, .len = json.len };
    size_t n = 0, depth = 0, w = indent ? strlen(indent) : 1;
    unsigned noise = 1;
    char *out = (char *)test_own(malloc((json.len + 2) * (w * EDGEFN_MAX_DEPTH + 8)));
    for (strict_space(&s); s.at < s.len; strict_space(&s)) {
        size_t from = s.at;
        char c = json.ptr[from];
        bool closes = c == '}' || c == ']', opens = c == '{' || c == '[';
        if (c == '"')
            strict_string(&s);
        else if (strchr("{}[],:", c))
            s.at++;
        else
            strict_value(&s);
        depth -= closes;
        for (int after = 0; after < 2; after++) {
            if (after) memcpy(out + n, json.ptr + from, s.at - from), n += s.at - from;
            if (after) depth += opens;
            if (indent == NULL)
                for (noise = noise * 1103515245u + 12345u; noise >> 28 != 0; noise -= 1u << 28)
                    out[n++] = " \n\r\t"[noise >> 29 & 3];
            else if (after ? opens || c == ',' : closes) {
                memcpy(out + n, line_break, strlen(line_break)), n += strlen(line_break);
                for (size_t k = 0; k < depth; k++)
                    memcpy(out + n, indent, w), n += w;
            } else if (after && c == ':')
                out[n++] = ' ';
        }
    }
    return (edgefn_str){ out, n };
}

#endif
