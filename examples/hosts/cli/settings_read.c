/* settings_read.c - reads JSON with comments into structures, and says what is wrong with it: file, line, and what is allowed. */
#include "settings.h"
#include <stdlib.h>
#include <string.h>

/* After so many messages the rest is likely to follow from them. */
enum { SETTINGS_MOST_ERRORS = 20 };

struct settings_block {
    struct settings_block *next;
};

void *settings_alloc(settings_reader *r, size_t size)
{
    struct settings_block *b = calloc(1, sizeof *b + size);

    if (b == NULL) {
        r->out_of_memory = true;
        return NULL;
    }
    b->next = r->blocks;
    r->blocks = b;
    return b + 1;
}

void *settings_push(settings_reader *r, void **items, size_t *len, size_t size)
{
    if ((*len & (*len - 1)) == 0) { /* 0, 1, 2, 4...: it is full */
        void *more = settings_alloc(r, (*len > 0 ? 2 * *len : 1) * size);
        if (more == NULL) return NULL;
        if (*len > 0) memcpy(more, *items, *len * size);
        *items = more;
    }
    return (char *)*items + (*len)++ * size;
}

void settings_free(settings_reader *r)
{
    while (r->blocks != NULL) {
        struct settings_block *b = r->blocks;
        r->blocks = b->next;
        free(b);
    }
    cli_free(&r->bytes);
}

/*--- messages ----------------------------------------------------------------------------------------------------------*/

static void say(const settings_reader *r, const char *at, const char *kind, const char *what,
                edgefn_str about, const char *more)
{
    if (at != NULL) {
        edgefn_location l = edgefn_locate(r->text, (size_t)(at - r->text.ptr));
        fprintf(stderr, "%s:%u:%u: ", r->file, (unsigned)l.line, (unsigned)l.column);
    } else
        fputs("edgefn settings: ", stderr);
    fprintf(stderr, "%s: %s", kind, what);
    if (about.ptr != NULL) {
        fputs(what[0] != '\0' ? " \"" : "\"", stderr);
        cli_put_to(stderr, edgefn_str_take(about, 200));
        fputs("\"", stderr);
    }
    fprintf(stderr, "%s\n", more);
}

bool settings_wrong(settings_reader *r, const char *at, const char *what, edgefn_str about,
                    const char *more)
{
    r->errors++;
    if (r->errors <= SETTINGS_MOST_ERRORS)
        say(r, at, "error", what, about, more);
    else if (r->errors == SETTINGS_MOST_ERRORS + 1)
        fprintf(stderr, "%s: more errors are not shown\n", r->file);
    return false;
}

void settings_note(const settings_reader *r, const char *at, const char *what, edgefn_str about,
                   const char *more)
{
    say(r, at, "note", what, about, more);
}

/* Adds "a, b or c" to a message that has room for `cap` bytes. */
static void add_words(char *to, size_t cap, const char *const *words)
{
    size_t len = strlen(to);

    for (size_t i = 0; words[i] != NULL; i++) {
        const char *between = words[i + 1] == NULL ? " or " : ", ";
        if (i == 0) between = "";
        int n = snprintf(to + len, cap - len, "%s%s", between, words[i]);
        if (n < 0 || (size_t)n >= cap - len) return;
        len += (size_t)n;
    }
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static size_t least_of(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

enum { NEAR_LONGEST = 63 };

size_t settings_distance(edgefn_str a, edgefn_str b)
{
    size_t row[NEAR_LONGEST + 1];

    if (a.len > NEAR_LONGEST || b.len > NEAR_LONGEST) return 1000;
    for (size_t k = 0; k <= b.len; k++)
        row[k] = k;
    for (size_t i = 0; i < a.len; i++) {
        size_t before = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < b.len; k++) {
            size_t up = row[k + 1], same = lower(a.ptr[i]) == lower(b.ptr[k]);
            row[k + 1] = least_of(up + 1, row[k] + 1, before + !same);
            before = up;
        }
    }
    return row[b.len];
}

const char *settings_near(edgefn_str wrong, const char *const *words, size_t count)
{
    const char *found = NULL;
    size_t best = wrong.len / 3 + 2;

    for (size_t i = 0; i < count; i++) {
        edgefn_str word = edgefn_cstr(words[i]);
        size_t d = settings_distance(wrong, word);
        bool begins = wrong.len >= 4 && edgefn_str_ieq(edgefn_str_take(word, wrong.len), wrong);
        if (begins && found == NULL) found = words[i];
        if (d >= best) continue;
        best = d;
        found = words[i];
    }
    return found;
}

/*--- values ------------------------------------------------------------------------------------------------------------*/

static bool read_object(settings_reader *r, edgefn_str value, const settings_shape *shape,
                        void *to);

static char first_of(edgefn_str value)
{
    return value.len > 0 ? value.ptr[0] : '\0';
}

static bool wrong_type(settings_reader *r, edgefn_str value, const char *name, const char *type)
{
    char more[100];

    snprintf(more, sizeof more, " must be %s", type);
    return settings_wrong(r, value.ptr, "", edgefn_cstr(name), more);
}

/* Returns: the text of a JSON string, which is valid; absent when out of memory. */
static edgefn_str unescaped(settings_reader *r, edgefn_str raw)
{
    edgefn_str absent = { NULL, 0 };

    if (memchr(raw.ptr, '\\', raw.len) == NULL) return (edgefn_str){ raw.ptr + 1, raw.len - 2 };
    size_t cap = raw.len + 65536;
    void *memory = settings_alloc(r, cap);
    edgefn_event ev;
    if (memory == NULL
        || edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                              edgefn_arena_make(memory, cap), NULL)
               != EDGEFN_OK)
        return absent;
    return edgefn_json_at(&ev, raw, EDGEFN_S("")).string;
}

/* lines: it may have line ends and tabs. */
static bool read_string(settings_reader *r, edgefn_str value, const char *name, bool lines,
                        settings_text *to)
{
    if (first_of(value) != '"') return wrong_type(r, value, name, "a text in quotation marks");
    to->at = value.ptr;
    to->s = unescaped(r, value);
    if (to->s.ptr == NULL) return false;
    for (size_t i = 0; i < to->s.len; i++) {
        char c = to->s.ptr[i];
        bool line = lines && (c == '\n' || c == '\r' || c == '\t');
        if (line || (c != 127 && ((unsigned char)c >= 32))) continue;
        return settings_wrong(r, to->at, "control character in", to->s, "");
    }
    return true;
}

static bool read_text(settings_reader *r, edgefn_str value, const char *name, settings_text *to)
{
    return read_string(r, value, name, false, to);
}

static bool read_word(settings_reader *r, edgefn_str value, const settings_member *m,
                      settings_text *to)
{
    char more[400] = ": it must be ";

    if (!read_text(r, value, m->name, to)) return false;
    size_t count = 0;
    for (; m->words[count] != NULL; count++)
        if (edgefn_str_eq(to->s, edgefn_cstr(m->words[count]))) return true;
    add_words(more, sizeof more, m->words);
    char what[100];
    snprintf(what, sizeof what, "%s is", m->name);
    return settings_wrong(r, to->at, what, to->s, more);
}

static bool read_number(settings_reader *r, edgefn_str value, const settings_member *m,
                        settings_number *to)
{
    char type[100];
    edgefn_number n = edgefn_str_to_u64(value);

    to->at = value.ptr;
    to->value = n.value;
    if (n.ok && n.value >= m->least && n.value <= m->most) return true;
    snprintf(type, sizeof type, "a whole number from %llu to %llu", (unsigned long long)m->least,
             (unsigned long long)m->most);
    return wrong_type(r, value, m->name, type);
}

static bool read_bool(settings_reader *r, edgefn_str value, const char *name, settings_bool *to)
{
    to->at = value.ptr;
    to->value = first_of(value) == 't';
    return to->value || first_of(value) == 'f' || wrong_type(r, value, name, "true or false");
}

/* A list is an array or, as the API of CloudFront writes it, an object {"Quantity": 1, "Items": [...]}. Returns: the array; absent after a message.
   more: gets the value of "CachedMethods", which is in such an object. */
static edgefn_str list_of(settings_reader *r, edgefn_str value, const char *name, edgefn_str *more)
{
    edgefn_str items = EDGEFN_S("[]");

    if (first_of(value) == '[') return value;
    if (first_of(value) != '{') {
        wrong_type(r, value, name, "a list: [...]");
        return (edgefn_str){ NULL, 0 };
    }
    for (cli_json j = cli_json_in(value); cli_json_next(&j);) {
        if (edgefn_str_eq(j.name, EDGEFN_S("Items")) && first_of(j.value) == '[')
            items = j.value;
        else if (more != NULL && edgefn_str_eq(j.name, EDGEFN_S("CachedMethods")))
            *more = j.value;
        else if (!edgefn_str_eq(j.name, EDGEFN_S("Quantity"))) {
            settings_wrong(r, j.name.ptr - 1, "unknown name", j.name,
                           ": a list is [...] or {\"Quantity\": 1, \"Items\": [...]}");
            return (edgefn_str){ NULL, 0 };
        }
    }
    return items;
}

static bool read_list(settings_reader *r, edgefn_str value, const settings_member *m,
                      settings_list *to)
{
    edgefn_str ignored, array = list_of(r, value, m->name, &ignored);
    bool good = array.ptr != NULL;

    if (!good) return false;
    for (cli_json j = cli_json_in(array); cli_json_next(&j);) {
        settings_text *t = settings_push(r, (void **)&to->items, &to->len, sizeof *t);
        if (t == NULL) return false;
        bool read =
            m->words != NULL ? read_word(r, j.value, m, t) : read_text(r, j.value, m->name, t);
        good = read && good;
    }
    return good;
}

static bool read_objects(settings_reader *r, edgefn_str value, const settings_member *m,
                         settings_objects *to)
{
    edgefn_str array = list_of(r, value, m->name, NULL);
    bool good = array.ptr != NULL;

    if (!good) return false;
    for (cli_json j = cli_json_in(array); cli_json_next(&j);) {
        void *one = settings_push(r, &to->items, &to->len, m->shape->size);
        if (one == NULL) return false;
        good = read_object(r, j.value, m->shape, one) && good;
    }
    return good;
}

/* Reads {"name": "value"}. The value of the table jwks may be an object: its text is the value. */
static bool read_rows(settings_reader *r, edgefn_str value, edgefn_str table, settings_objects *to)
{
    bool good = true, jwks = edgefn_str_eq(table, EDGEFN_S("jwks"));
    bool tables = !edgefn_str_eq(table, EDGEFN_S("ViewerHeaders"));

    if (first_of(value) != '{')
        return settings_wrong(r, value.ptr, "the table", table,
                              " must be an object of texts: {\"key\": \"value\"}");
    for (cli_json j = cli_json_in(value); cli_json_next(&j);) {
        settings_row *row = settings_push(r, &to->items, &to->len, sizeof *row);
        if (row == NULL) return false;
        row->table.s = table;
        row->key.at = j.name.ptr - 1;
        row->key.s = unescaped(r, (edgefn_str){ j.name.ptr - 1, j.name.len + 2 });
        if (row->key.s.ptr == NULL) return false;
        row->value = (settings_text){ j.value, j.value.ptr };
        bool object = jwks && first_of(j.value) == '{';
        if (!object) good = read_string(r, j.value, "the value", tables, &row->value) && good;
    }
    return good;
}

static bool read_tables(settings_reader *r, edgefn_str value, const char *name,
                        settings_objects *to)
{
    bool good = true;

    if (first_of(value) != '{')
        return wrong_type(r, value, name, "an object of tables: {\"kv\": {\"key\": \"value\"}}");
    for (cli_json j = cli_json_in(value); cli_json_next(&j);)
        good = read_rows(r, j.value, j.name, to) && good;
    return good;
}

static bool read_instead(settings_reader *r, edgefn_str value, const settings_member *m)
{
    char more[200];

    snprintf(more, sizeof more, " is not read: %s", m->words[0]);
    return settings_wrong(r, value.ptr, "", edgefn_cstr(m->name), more);
}

/* Reports whether a text has `"name": value` in it, with any white space. */
static bool has_member(edgefn_str text, edgefn_str name, edgefn_str value)
{
    for (edgefn_cut cut = edgefn_str_cut(text, name); cut.found;
         cut = edgefn_str_cut(cut.tail, name)) {
        edgefn_cut colon = edgefn_str_cut(cut.tail, EDGEFN_S(":"));
        if (edgefn_str_trim(colon.head).len == 0
            && edgefn_str_starts(edgefn_str_trim(colon.tail), value))
            return true;
    }
    return false;
}

/* Reports whether a value is one of those that `aws cloudfront get-distribution-config` prints for what is not used. */
static bool is_unused(edgefn_str value)
{
    static const edgefn_str empty[] = { EDGEFN_S_INIT("false"), EDGEFN_S_INIT("null"),
                                        EDGEFN_S_INIT("\"\""), EDGEFN_S_INIT("[]"),
                                        EDGEFN_S_INIT("{}") };

    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++)
        if (edgefn_str_eq(edgefn_str_trim(value), empty[i])) return true;
    return has_member(value, EDGEFN_S("\"Enabled\""), EDGEFN_S("false"))
           || has_member(value, EDGEFN_S("\"RestrictionType\""), EDGEFN_S("\"none\""));
}

static bool read_member(settings_reader *r, edgefn_str value, const settings_member *m,
                        void *object)
{
    void *to = (char *)object + m->offset;

    switch (m->kind) {
    case SETTINGS_TEXT: return read_text(r, value, m->name, to);
    case SETTINGS_WORD: return read_word(r, value, m, to);
    case SETTINGS_NUMBER: return read_number(r, value, m, to);
    case SETTINGS_BOOL: return read_bool(r, value, m->name, to);
    case SETTINGS_LIST: return read_list(r, value, m, to);
    case SETTINGS_OBJECT: return read_object(r, value, m->shape, to);
    case SETTINGS_OBJECTS: return read_objects(r, value, m, to);
    case SETTINGS_TABLES: return read_tables(r, value, m->name, to);
    case SETTINGS_HEADERS: return read_rows(r, value, EDGEFN_S("ViewerHeaders"), to);
    case SETTINGS_INSTEAD: return read_instead(r, value, m);
    case SETTINGS_LACKS:
        if (!is_unused(value)) settings_note(r, value.ptr, "", edgefn_cstr(m->name), m->words[0]);
        return true;
    default: return true;
    }
}

/*--- objects -----------------------------------------------------------------------------------------------------------*/

enum { SETTINGS_MOST_MEMBERS = 32 };

static bool unknown(settings_reader *r, const settings_shape *shape, edgefn_str name)
{
    const char *words[SETTINGS_MOST_MEMBERS + 1];
    char more[700], what[100];
    size_t count = 0;

    for (const settings_member *m = shape->members; m->name != NULL; m++)
        if (m->kind != SETTINGS_INSTEAD) words[count++] = m->name;
    words[count] = NULL;
    const char *near = settings_near(name, words, count);
    snprintf(what, sizeof what, "%s has no", shape->name);
    if (near != NULL)
        snprintf(more, sizeof more, ": did you mean \"%s\"?", near);
    else {
        strcpy(more, ": it may have ");
        add_words(more, sizeof more, words);
    }
    return settings_wrong(r, name.ptr - 1, what, name, more);
}

static bool read_object(settings_reader *r, edgefn_str value, const settings_shape *shape, void *to)
{
    bool good = true, all_known = true, seen[SETTINGS_MOST_MEMBERS] = { false };

    memcpy(to, &value.ptr, sizeof value.ptr); /* its first member: where it is */
    if (first_of(value) != '{') return wrong_type(r, value, shape->name, "an object: {...}");
    for (cli_json j = cli_json_in(value); cli_json_next(&j);) {
        const settings_member *m = shape->members;
        while (m->name != NULL && !edgefn_str_eq(j.name, edgefn_cstr(m->name)))
            m++;
        if (m->name == NULL) {
            good = all_known = unknown(r, shape, j.name);
            continue;
        }
        bool twice = seen[m - shape->members];
        seen[m - shape->members] = true;
        if (twice) good = settings_wrong(r, j.name.ptr - 1, "set twice:", j.name, "");
        if (!twice) good = read_member(r, j.value, m, to) && good;
    }
    for (const settings_member *m = shape->members; all_known && m->name != NULL; m++) {
        if (!m->required || seen[m - shape->members]) continue;
        char what[100];
        snprintf(what, sizeof what, "%s needs", shape->name);
        good = settings_wrong(r, value.ptr, what, edgefn_cstr(m->name), "");
    }
    return good;
}

/*--- the file ----------------------------------------------------------------------------------------------------------*/

/* Returns: where the comment at text[i] ends; i if there is none. */
static size_t comment_end(const char *text, size_t len, size_t i)
{
    if (i + 1 >= len || text[i] != '/' || (text[i + 1] != '/' && text[i + 1] != '*')) return i;
    bool line = text[i + 1] == '/';
    for (i += 2; i < len; i++) {
        if (line && text[i] == '\n') return i;
        if (!line && text[i] == '*' && i + 1 < len && text[i + 1] == '/') return i + 2;
    }
    return len;
}

/* Returns: the end of the string whose opening quotation mark is text[i]. */
static size_t string_end(const char *text, size_t len, size_t i)
{
    for (i++; i < len && text[i] != '"'; i++)
        if (text[i] == '\\') i++;
    return i < len ? i + 1 : len;
}

/* Replaces comments, and commas before a closing bracket, by spaces: positions stay. */
static void blank_comments(char *text, size_t len)
{
    size_t comma = len; /* the position of a comma that nothing has followed */

    for (size_t i = 0; i < len;) {
        size_t end = comment_end(text, len, i);
        if (end > i) {
            for (; i < end; i++)
                if (text[i] != '\n') text[i] = ' ';
            continue;
        }
        char c = text[i];
        if ((c == '}' || c == ']') && comma < len) text[comma] = ' ';
        if (c == ',')
            comma = i;
        else if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            comma = len;
        i = c == '"' ? string_end(text, len, i) : i + 1;
    }
}

/* Reports whether the text is JSON: the library's parser says where it is not. */
static bool is_json(settings_reader *r)
{
    edgefn_event ev;
    cli_memory memory = { 0 };
    char line[EDGEHOST_WHY];

    if (!cli_memory_make(&memory, r->text.len)) return false;
    edgefn_error code = edgefn_parse(&ev, r->text, edgefn_arena_make(memory.ptr, memory.cap), NULL);
    bool good = code < EDGEFN_E_JSON_EOF || code > EDGEFN_E_JSON_TRAILING;
    if (!good) {
        cli_complain(r->file, (edgefn_str){ line, edgefn_describe(&ev, line, sizeof line) });
        r->errors++;
    }
    if (good && edgefn_json_at(&ev, r->text, EDGEFN_S("")).type == EDGEFN_JSON_ABSENT)
        good = settings_wrong(r, r->text.ptr, "not a JSON object", EDGEFN_ABSENT, "");
    cli_memory_free(&memory);
    return good;
}

bool settings_read(settings_reader *r, edgefn_str text, const settings_shape *shape, void *to)
{
    if (text.ptr != NULL)
        cli_add(&r->bytes, text.ptr, text.len);
    else if (!cli_read_raw(r->file, &r->bytes))
        return false;
    cli_add(&r->bytes, "", 1);
    if (r->bytes.failed) {
        fputs("edgefn: not enough memory\n", stderr);
        return false;
    }
    r->bytes.len--;
    if (edgefn_str_starts(cli_str(&r->bytes), EDGEFN_S(CLI_MARK))) memset(r->bytes.ptr, ' ', 3);
    blank_comments(r->bytes.ptr, r->bytes.len);
    r->text = cli_str(&r->bytes);
    if (!is_json(r)) return false;
    bool good = read_object(r, cli_json_trim(r->text), shape, to);
    if (r->out_of_memory) fputs("edgefn: not enough memory\n", stderr);
    return good && !r->out_of_memory;
}
