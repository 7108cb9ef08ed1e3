/* text.c - printing for reading. */
#include "cli.h"
#include <string.h>

const edgehost_tables *cli_secrets;

size_t cli_character(edgefn_str s, size_t i, uint32_t *code)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char c = (unsigned char)s.ptr[i];
    size_t len = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;

    if (len == 0 || len > s.len - i) return 0;
    *code = len == 1 ? c : c & (0x7Fu >> len);
    for (size_t k = 1; k < len; k++) {
        unsigned char next = (unsigned char)s.ptr[i + k];
        if ((next & 0xC0) != 0x80) return 0;
        *code = *code << 6 | (next & 0x3Fu);
    }
    bool good = *code >= least[len] && *code <= 0x10FFFF && !(*code >= 0xD800 && *code <= 0xDFFF);
    return good ? len : 0;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

/* Line separators and characters that change the writing direction. */
static bool is_sly(uint32_t c)
{
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E)
           || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

/* Prints a character; len is 0 if its first byte is not UTF-8. */
static void put_character(FILE *f, const char *bytes, size_t len, uint32_t code)
{
    if (len == 0)
        fprintf(f, "\\x%02x", (unsigned)(unsigned char)*bytes);
    else if (code == '\n')
        fputs("\\n", f);
    else if (code == '\r')
        fputs("\\r", f);
    else if (code == '\t')
        fputs("\\t", f);
    else if (is_control(code))
        fprintf(f, "\\x%02x", (unsigned)code);
    else if (is_sly(code))
        fprintf(f, "\\u%04x", (unsigned)code);
    else
        fwrite(bytes, 1, len, f);
}

/* Prints the whole characters in the first `max` bytes, and *** for each secret that begins there. Returns: the number of bytes that this was. */
static size_t put_some(FILE *f, edgefn_str s, size_t max)
{
    size_t i = 0;

    while (i < s.len && i < max) {
        uint32_t code = 0;
        size_t len = cli_character(s, i, &code);
        size_t secret = edgehost_tables_secret(cli_secrets, edgefn_str_skip(s, i));
        if (secret > 0) {
            fputs("***", f);
            i += secret;
            continue;
        }
        if (i + len > max) break;
        put_character(f, s.ptr + i, len, code);
        i += len > 0 ? len : 1;
    }
    return i;
}

void cli_put_to(FILE *f, edgefn_str s)
{
    put_some(f, s, s.len);
}

void cli_put(edgefn_str s)
{
    cli_put_to(stdout, s);
}

void cli_put_short(edgefn_str s, size_t max)
{
    size_t len = put_some(stdout, s, max);

    if (len < s.len) printf("... (%zu bytes)", s.len);
}

void cli_put_quoted(edgefn_str s)
{
    putchar('"');
    cli_put_short(s, 200);
    putchar('"');
}

bool cli_begins_as_text(edgefn_str s, size_t max)
{
    for (size_t i = 0; i < s.len && i < max;) {
        uint32_t code = 0;
        size_t len = cli_character(s, i, &code);
        if (len == 0 || (is_control(code) && code != '\n' && code != '\r' && code != '\t'))
            return false;
        i += len;
    }
    return true;
}

bool cli_is_text(edgefn_str s)
{
    return cli_begins_as_text(s, s.len);
}

bool cli_json_has(edgefn_str text, const char *pointer)
{
    char memory[4096];
    edgefn_event ev;
    edgefn_arena arena = edgefn_arena_make(memory, sizeof memory);

    if (edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena, NULL)
        != EDGEFN_OK)
        return false;
    return edgefn_json_at(&ev, text, edgefn_cstr(pointer)).type != EDGEFN_JSON_ABSENT;
}

bool cli_is_json(edgefn_str text)
{
    return cli_json_has(text, "");
}

bool cli_same(edgefn_str a, edgefn_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int cli_order(edgefn_str a, edgefn_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int c = len ? memcmp(a.ptr, b.ptr, len) : 0;

    return c != 0 ? c : a.len < b.len ? -1 : a.len > b.len;
}

const char *cli_dialect_name(edgefn_dialect dialect)
{
    return dialect == EDGEFN_DIALECT_LAMBDA ? "Lambda@Edge" : "CloudFront Functions";
}

const char *cli_encoding_name(edgefn_encoding encoding)
{
    return encoding == EDGEFN_ENCODING_BASE64 ? "base64" : "text";
}

void cli_put_origin(const edgefn_origin *origin)
{
    bool custom = origin->kind == EDGEFN_ORIGIN_CUSTOM;

    if (origin->kind == EDGEFN_ORIGIN_NONE)
        fputs("none", stdout);
    else {
        fputs(!custom ? "s3 " : origin->https ? "custom https://" : "custom http://", stdout);
        cli_put(origin->domain);
        if (custom && origin->port != 0) printf(":%u", (unsigned)origin->port);
        cli_put(origin->path);
    }
}

bool cli_has_control(edgefn_str s, bool lines)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c < 32 && c != '\t' && !(lines && c == '\n')) || c == 127) return true;
    }
    return false;
}
