/* mutate.c - changes an input where its structure suggests: the members and values of an event, the edits before its first
   '{', the result after a NUL. One source for all: libFuzzer and driver.c call LLVMFuzzerCustomMutator(), AFL++ loads it as a
   library (-DFUZZ_AFL -shared), in addition to its own changes. Inputs without a '{' get only simple changes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

static uint64_t state = 1;
static size_t draw(size_t n)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return n ? (size_t)((state >> 20) % n) : 0;
}

/*--- the parts of a text ----------------------------------------------------------------------------------------------*/

/* A value; `member` is where its name begins, or equal to `from`. */
typedef struct part {
    size_t member, from, to;
} part;
enum { PARTS = 600, DEPTH = 64 };
static part parts[PARTS];
static size_t part_count;

static void note(part p)
{
    if (part_count < PARTS && p.to > p.from) parts[part_count++] = p;
}

static size_t string_end(const uint8_t *t, size_t at, size_t size) /* at: after its first '"' */
{
    while (at < size && t[at] != '"')
        at += t[at] == '\\' && at + 1 < size ? 2 : 1;
    return at < size ? at + 1 : size;
}

static int is_scalar(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'
           || c == '+' || c == '.';
}

static size_t scalar_end(const uint8_t *t, size_t at, size_t size)
{
    while (at < size && is_scalar(t[at]))
        at++;
    return at;
}

/* Finds the values of a text that need not be valid. */
static void find_parts(const uint8_t *t, size_t at, size_t size)
{
    part open[DEPTH];
    size_t depth = 0, name = SIZE_MAX, end;
    for (part_count = 0; at < size; at = end) {
        part p = { name != SIZE_MAX ? name : at, at, at };
        end = at + 1;
        if (t[at] == '"') {
            end = p.to = string_end(t, at + 1, size);
            size_t next = end;
            while (next < size && strchr(" \t\r\n", t[next]) && t[next])
                next++;
            int is_name = next < size && t[next] == ':';
            if (!is_name) note(p);
            name = is_name ? at : SIZE_MAX;
        } else if (t[at] == '{' || t[at] == '[') {
            if (depth < DEPTH) open[depth++] = p;
            name = SIZE_MAX;
        } else if (t[at] == '}' || t[at] == ']') {
            if (depth == 0) continue;
            p = open[--depth];
            p.to = end;
            note(p);
        } else if (is_scalar(t[at])) {
            end = p.to = scalar_end(t, at, size);
            note(p);
            name = SIZE_MAX;
        }
    }
}

/*--- changes ----------------------------------------------------------------------------------------------------------*/

typedef struct text {
    uint8_t *data;
    size_t size, max;
} text;

/* Replaces the bytes from..to; bytes may be part of the text. Does nothing if the result is too long. */
static void splice(text *t, size_t from, size_t to, const void *bytes, size_t n)
{
    if (t->size - (to - from) + n > t->max) return;
    uint8_t *copy = malloc(n ? n : 1);
    if (!copy) return;
    if (n) memcpy(copy, bytes, n);
    memmove(t->data + from + n, t->data + to, t->size - to);
    if (n) memcpy(t->data + from, copy, n);
    t->size = t->size - (to - from) + n;
    free(copy);
}

static void put(text *t, size_t at, const char *word)
{
    splice(t, at, at, word, strlen(word));
}

static void remove_member(text *t, part p)
{
    size_t from = p.member, to = p.to;
    if (to < t->size && t->data[to] == ',')
        to++;
    else if (from > 0 && t->data[from - 1] == ',')
        from--;
    splice(t, from, to, NULL, 0);
}

static void repeat_member(text *t, part p)
{
    for (size_t times = draw(20) ? 1 : 1 + draw(40); times > 0; times--) {
        size_t before = t->size;
        splice(t, p.to, p.to, t->data + p.member, p.to - p.member);
        if (t->size > before) put(t, p.to, ",");
    }
}

static void rename_member(text *t, part p)
{
    static const char *const names[] = {
        "\"key\"",      "\"value\"",      "\"multiValue\"",  "\"attributes\"",
        "\"uri\"",      "\"method\"",     "\"querystring\"", "\"headers\"",
        "\"cookies\"",  "\"body\"",       "\"origin\"",      "\"custom\"",
        "\"s3\"",       "\"status\"",     "\"statusCode\"",  "\"host\"",
        "\"cookie\"",   "\"set-cookie\"", "\"via\"",         "\"x-a\"",
        "\"X-A\"",      "\"x\\u002da\"",  "\"connection\"",  "\"data\"",
        "\"encoding\"", "\"request\"",    "\"response\"",    "\"customHeaders\"",
        "\"action\"",   "\"config\""
    };
    if (p.member == p.from) return;
    const char *name = names[draw(sizeof names / sizeof names[0])];
    splice(t, p.member, string_end(t->data, p.member + 1, t->size), name, strlen(name));
}

static void replace_value(text *t, part p)
{
    static const char *const values[] = {
        "null",    "true",    "0",        "-1",         "1e9",     "\"\"",        "[]",
        "{}",      "\"200\"", "200",      "65536",      "\"/\"",   "\"\\u0000\"", "[{}]",
        "\"a b\"", "[null]",  "\"text\"", "\"base64\"", "\"a=b\"", "0.5",         "\"\xc3\xa9\"",
        "007",     "1.",      "-",        "1e",         "+1"
    };
    part other = parts[draw(part_count)];
    const char *value = values[draw(sizeof values / sizeof values[0])];
    if (draw(2))
        splice(t, p.from, p.to, value, strlen(value));
    else if (draw(2))
        splice(t, p.member, p.to, t->data + other.member, other.to - other.member);
    else
        splice(t, p.from, p.to, t->data + other.from, other.to - other.from);
}

/* Another spelling of the same text: white space or an escape. */
static void respell(text *t, part p)
{
    static const char *const space[] = { " ", "\n", "\t", "\r\n  ", "\n                " };
    static const char hex[] = "0123456789abcdef";
    size_t at = p.from + 1 + draw(p.to - p.from > 2 ? p.to - p.from - 2 : 1);
    if (draw(2) || t->data[p.from] != '"') {
        put(t, draw(2) ? p.from : p.to, space[draw(5)]);
    } else if (at < t->size && t->data[at] < 0x80 && t->data[at] != '"' && t->data[at] != '\\'
               && t->data[at - 1] != '\\') {
        char six[] = { '\\', 'u', '0', '0', hex[t->data[at] >> 4], hex[t->data[at] & 15] };
        splice(t, at, at + 1, six, 6);
    }
}

/* Changes bytes inside a string, or those of a number or literal. */
static void change_bytes(text *t, part p)
{
    uint8_t some[256];
    size_t quote = t->data[p.from] == '"', n = p.to - p.from;
    if ((!quote && !is_scalar(t->data[p.from])) || n < 2 * quote || n - 2 * quote > sizeof some / 2)
        return;
    n -= 2 * quote;
    memcpy(some, t->data + p.from + quote, n);
    n = LLVMFuzzerMutate(some, n, sizeof some);
    splice(t, p.from + quote, p.to - quote, some, n);
}

static void change_json(text *t, size_t from)
{
    find_parts(t->data, from, t->size);
    if (part_count == 0) return;
    part p = parts[draw(part_count)];
    switch (draw(7)) {
    case 0: remove_member(t, p); break;
    case 1: repeat_member(t, p); break;
    case 2: rename_member(t, p); break;
    case 3: respell(t, p); break;
    case 4: replace_value(t, p); break;
    default: change_bytes(t, p);
    }
}

/* A program is a letter for each edit, and digits that choose list, name and value. */
static void change_program(text *t, size_t end)
{
    static const char letters[] = "SARPKTDIOHUQBXWELJCGFYVMN";
    size_t at = draw(end + 1), n = 1 + draw(4);
    char one[5] = { letters[draw(sizeof letters - 1)], 0, 0, 0, 0 };
    for (size_t i = 1; i < sizeof one; i++)
        one[i] = (char)('0' + draw(20));
    if (n > end - at) n = end - at;
    switch (draw(4)) {
    case 0: splice(t, at, at + n, NULL, 0); break;
    case 1: splice(t, at, at, t->data + draw(end), draw(2) ? 1 : 0); break;
    case 2: splice(t, at, at + (n > 0), one + draw(2), 1); break;
    default: splice(t, at, at, one, 1 + draw(4));
    }
}

static size_t by_structure(uint8_t *data, size_t size, size_t max)
{
    text t = { data, size, max };
    const uint8_t *brace = size ? memchr(data, '{', size) : NULL;
    if (!brace) return size;
    size_t end = (size_t)(brace - data);
    if (draw(3) == 0)
        change_program(&t, end);
    else
        change_json(&t, end);
    return t.size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    state = ((uint64_t)seed + 1) * 0x9E3779B97F4A7C15u | 1;
    if (draw(2) || !size || !memchr(data, '{', size)) return LLVMFuzzerMutate(data, size, max);
    return by_structure(data, size, max);
}

#ifdef FUZZ_AFL
void *afl_custom_init(void *afl, unsigned seed);
size_t afl_custom_fuzz(void *mine, uint8_t *buf, size_t size, uint8_t **out, uint8_t *add,
                       size_t add_size, size_t max);
void afl_custom_deinit(void *mine);

/* AFL++ makes simple changes itself. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max)
{
    (void)max;
    if (size) data[draw(size)] ^= (uint8_t)(1u << draw(8));
    return size;
}

void *afl_custom_init(void *afl, unsigned seed)
{
    (void)afl;
    state = ((uint64_t)seed + 1) * 0x9E3779B97F4A7C15u | 1;
    return &state;
}

size_t afl_custom_fuzz(void *mine, uint8_t *buf, size_t size, uint8_t **out, uint8_t *add,
                       size_t add_size, size_t max)
{
    static uint8_t copy[1 << 20];
    (void)mine, (void)add, (void)add_size;
    if (max > sizeof copy) max = sizeof copy;
    if (size > max) size = max;
    memcpy(copy, buf, size);
    for (size_t times = 1 + draw(4); times > 0; times--)
        size = by_structure(copy, size, max);
    *out = copy;
    return size;
}

void afl_custom_deinit(void *mine)
{
    (void)mine;
}
#endif
