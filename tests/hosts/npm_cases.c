/* npm_cases.c - events, results and what the C library finds in them, for tests/hosts/npm_alike.mjs:
       npm_cases COUNT SEED EVENT.json...
   First each row of tests/data/policy.tsv in each kind of event, then COUNT results that are generated from the given events,
   and a quarter as many whose headers the library edited.
   A case is four lengths of 32 bits and four texts: event, result, findings, and for rows and edited headers the result
   of edgefn_sanitize(). */
#include "edgefn.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What policy.h needs of test.h. */
#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define CHECK(good)  (good)
static void *test_own(void *p)
{
    return p;
}
#include "../policy.h"

enum { MOST = 1 << 16, MEMORY = 4 << 20, FINDINGS = 2000 };

static uint64_t seed;
static char memory[MEMORY];
static char found[1 << 20];
static size_t found_len;

static unsigned rnd(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

/*--- what the library finds -------------------------------------------------------------------------------------------*/

static void put(edgefn_str s, char after)
{
    if (s.len + 1 > sizeof found - found_len) abort();
    if (s.len > 0) memcpy(found + found_len, s.ptr, s.len);
    found_len += s.len;
    found[found_len++] = after;
}

static void put_number(uint64_t n, char after)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    put(edgefn_cstr(text), after);
}

static const edgefn_parse_opts lenient = { .lenient = true };

static void find(edgefn_str event, edgefn_str result)
{
    static edgefn_finding f[FINDINGS];
    edgefn_event ev;
    found_len = 0;
    if (edgefn_parse(&ev, event, edgefn_arena_make(memory, sizeof memory), &lenient) != EDGEFN_OK) {
        put(edgefn_cstr(edgefn_error_name(ev.err.code)), '\t');
        put_number(ev.err.pos == SIZE_MAX ? 0 : ev.err.pos + 1, '\n');
        return;
    }
    size_t count = edgefn_check(&ev, result, f, FINDINGS);
    if (count > FINDINGS) abort();
    for (size_t i = 0; i < count; i++) {
        char message[20000];
        size_t len = edgefn_finding_message(&f[i], message, sizeof message);
        put(edgefn_cstr(f[i].rule->id), '\t');
        put(f[i].subject.ptr ? f[i].subject : EDGEFN_S("-"), '\t');
        put((edgefn_str){ message, len < sizeof message ? len : sizeof message }, '\t');
        put_number(f[i].pos, '\t');
        put_number(f[i].limit, '\t');
        put_number(f[i].actual, '\n');
    }
}

static void write_case(edgefn_str event, edgefn_str result, edgefn_str sanitized)
{
    find(event, result);
    const uint32_t head[4] = { (uint32_t)event.len, (uint32_t)result.len, (uint32_t)found_len,
                               (uint32_t)sanitized.len };
    fwrite(head, 1, sizeof head, stdout);
    fwrite(event.ptr, 1, event.len, stdout);
    fwrite(result.ptr, 1, result.len, stdout);
    fwrite(found, 1, found_len, stdout);
    if (sanitized.len > 0) fwrite(sanitized.ptr, 1, sanitized.len, stdout);
}

/*--- the rows of the policy -------------------------------------------------------------------------------------------*/

/* Does to the event's headers what the row does, and has it undone. Returns: the result; absent if that cannot be done. */
static edgefn_str sanitized(edgefn_event *ev, const kind *k, edgefn_str event, const char *name,
                            int action)
{
    static char own[MEMORY];
    edgefn_str header = edgefn_cstr(name);
    const edgefn_write_opts unchecked = { .skip_check = true };
    if (edgefn_parse(ev, event, edgefn_arena_make(own, sizeof own), NULL) != EDGEFN_OK || k->answer)
        return EDGEFN_ABSENT;
    edgefn_fields *list = k->response ? &ev->response.headers : &ev->request.headers;
    if (action == ADDED) {
        edgefn_remove(list, EDGEFN_S("x-anchor"));
        edgefn_add(list, header, EDGEFN_S("1"));
    } else if (action == DELETED) {
        edgefn_remove(list, header);
        edgefn_add(list, EDGEFN_S("x-anchor"), EDGEFN_S("a"));
    } else if (action == CHANGED)
        edgefn_set_at(list, 0, EDGEFN_S("2"));
    else if (action == SECOND)
        edgefn_add(list, header, EDGEFN_S("2"));
    else
        return EDGEFN_ABSENT;
    edgefn_sanitize(ev, NULL, 0);
    return edgefn_finish(ev, &unchecked);
}

static size_t write_rows(void)
{
    size_t count = 0;
    policy_read();
    for (size_t i = 0; i < policy_count; i++)
        for (size_t n = 0; n < COUNT(kinds); n++) {
            if (policy_of(&kinds[n], policies[i].header) != &policies[i]) continue;
            for (int a = 0; a < ACTIONS; a++) {
                char event[2000], result[800];
                edgefn_event ev;
                if (strcmp(policies[i].verdict[a], "-") == 0 || (kinds[n].answer && a > ADDED))
                    continue;
                policy_texts(&kinds[n], policies[i].header, a, event, result);
                edgefn_str e = marked_of(event).text, r = marked_of(result).text;
                write_case(e, r, sanitized(&ev, &kinds[n], e, policies[i].header, a));
                count++;
            }
        }
    return count;
}

/*--- generated results ------------------------------------------------------------------------------------------------*/

typedef struct text {
    char bytes[MOST + 1];
    size_t len;
} text;

static void replace(text *t, size_t at, size_t len, const char *with, size_t with_len)
{
    if (t->len - len + with_len > MOST) return;
    memmove(t->bytes + at + with_len, t->bytes + at + len, t->len - at - len);
    memcpy(t->bytes + at, with, with_len);
    t->len = t->len - len + with_len;
    t->bytes[t->len] = '\0';
}

/* The end of the value that begins at `at`; the length of the text at most. */
static size_t value_end(const text *t, size_t at)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = at; i < t->len; i++) {
        char c = t->bytes[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else
                in_string = c != '"';
        } else if (c == '"')
            in_string = true;
        else if (c == '{' || c == '[')
            depth++;
        else if (strchr("}],", c) != NULL && depth == 0)
            return i;
        else if (c == '}' || c == ']')
            depth--;
        if (depth == 0 && !in_string && strchr("}]\"", c) != NULL) return i + 1;
    }
    return t->len;
}

/* The offset after a random byte `c`; SIZE_MAX if there is none. */
static size_t after(const text *t, char c)
{
    size_t from = rnd((unsigned)t->len + 1);
    for (size_t i = 0; i < t->len; i++) {
        size_t at = (from + i) % t->len;
        if (t->bytes[at] == c) return at + 1;
    }
    return SIZE_MAX;
}

static const char *const values[] = {
    "null",
    "true",
    "0",
    "-1",
    "200",
    "404",
    "1e2",
    "502.5",
    "99999999999",
    "\"\"",
    "\"200\"",
    "\"GET\"",
    "\"/a?b\"",
    "\"/\\u00e4 x\"",
    "\"/\xc3\xa4\xf0\x9f\x98\x80\"",
    "\"a\\nb\"",
    "\"\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"a\xff\"",
    "[]",
    "{}",
    "[{\"value\":\"1\"}]",
    "[{\"key\":\"X-A\",\"value\":\"1\"},{\"key\":\"x-a\",\"value\":\"2\"}]",
    "{\"value\":\"1\"}",
    "{\"value\":\"1\",\"multiValue\":[{\"value\":\"1\"}]}",
    "\"https://\xc3\xa4.example/ x\"",
    "\"base64\"",
    "\"custom\"",
    "\"QUJD\"",
    "\"a=1, b=2\"",
    "{\"s3\":{\"domainName\":\"b.s3.amazonaws.com\"}}",
};
static const char *const names[] = {
    "host",
    "via",
    "connection",
    "X-A",
    "x-\xc3\xa4",
    "content-length",
    "transfer-encoding",
    "x-edge-a",
    "location",
    "set-cookie",
    "cookie",
    "status",
    "statusCode",
    "body",
    "headers",
    "origin",
    "uri",
    "querystring",
    "method",
    "cookies",
    "__proto__",
    "",
    "cloudfront-viewer-country",
    "x-amz-cf-id",
    "0",
};

static void mutate(text *t)
{
    char piece[600];
    const char *value = values[rnd(COUNT(values))], *name = names[rnd(COUNT(names))];
    size_t at = after(t, ':');
    if (t->len == 0 || at == SIZE_MAX) return;
    switch (rnd(12)) {
    case 0:
    case 1:
    case 2: replace(t, at, value_end(t, at) - at, value, strlen(value)); break;
    case 3:
    case 4:
    case 5:
    case 6:
        at = after(t, '{');
        if (at == SIZE_MAX) return;
        snprintf(piece, sizeof piece, "\"%s\":%s%s", name, value, t->bytes[at] == '}' ? "" : ",");
        replace(t, at, 0, piece, strlen(piece));
        break;
    case 7: /* a member less, with its comma, if one comes after it */
        at = after(t, '{');
        if (at == SIZE_MAX || at >= t->len || t->bytes[at] == '}') return;
        {
            size_t end = value_end(t, at);
            if (end < t->len && t->bytes[end] == ':') end = value_end(t, end + 1);
            if (end < t->len && t->bytes[end] == ',') end++;
            replace(t, at, end - at, "", 0);
        }
        break;
    case 8: /* a long value */
        memset(piece, 'a', sizeof piece);
        piece[0] = piece[sizeof piece - 1] = '"';
        replace(t, at, value_end(t, at) - at, piece, sizeof piece);
        break;
    case 9: replace(t, at, 0, "\n", 1); break;
    case 10: /* another name */
        at = after(t, '"');
        if (at != SIZE_MAX) replace(t, at, 0, name, strlen(name));
        break;
    default:
        if (rnd(4) == 0)
            t->bytes[rnd((unsigned)t->len)] = (char)rnd(256);
        else if (rnd(8) == 0)
            t->len = rnd((unsigned)t->len);
        break;
    }
}

static text *events[100];
static size_t event_count;

static void read_event(const char *file)
{
    FILE *f = fopen(file, "rb");
    text *t = (text *)calloc(1, sizeof *t);
    if (f == NULL || t == NULL || event_count == COUNT(events)) exit(2);
    t->len = fread(t->bytes, 1, MOST, f);
    fclose(f);
    events[event_count++] = t;
}

static void copy(text *to, edgefn_str from)
{
    if (from.len > MOST) exit(2);
    memcpy(to->bytes, from.ptr, from.len);
    to->len = from.len;
    to->bytes[to->len] = '\0';
}

static void write_generated(void)
{
    static const char *const answers[] = {
        "{\"status\":\"200\",\"headers\":{\"content-type\":[{\"key\":\"Content-Type\",\"value\":\"text/html\"}]},\"body\":\"<p>\"}",
        "{\"statusCode\":302,\"statusDescription\":\"Found\",\"headers\":{\"location\":{\"value\":\"/new\"}},\"cookies\":{\"a\":{\"value\":\"1\",\"attributes\":\"Path=/\"}}}",
        "null",
        "{}",
        "\"text\"",
        "[1]",
    };
    static text event, result;
    edgefn_event ev;
    event = *events[rnd((unsigned)event_count)];
    edgefn_parse(&ev, (edgefn_str){ event.bytes, event.len },
                 edgefn_arena_make(memory, sizeof memory), &lenient);
    if (ev.err.code != EDGEFN_OK || rnd(5) == 0)
        copy(&result, edgefn_cstr(answers[rnd(COUNT(answers))]));
    else
        copy(&result, edgefn_passthrough(&ev));
    for (unsigned n = rnd(5); n > 0; n--)
        mutate(&result);
    if (rnd(15) == 0) mutate(&event);
    write_case((edgefn_str){ event.bytes, event.len }, (edgefn_str){ result.bytes, result.len },
               EDGEFN_ABSENT);
}

/*--- generated edits of headers, with what edgefn_sanitize() makes of them ----------------------------------------------*/

static const char *const edited[] = {
    "host",
    "via",
    "connection",
    "x-cache",
    "x-a",
    "x-b",
    "content-length",
    "transfer-encoding",
    "accept",
    "x-edge-a",
    "cloudfront-viewer-country",
    "x-amz-cf-id",
    "user-agent",
    "expect",
    "x-real-ip",
    "date",
};

static edgefn_str edited_value(const edgefn_fields *f)
{
    static char longs[5000];
    memset(longs, 'a', sizeof longs);
    switch (rnd(6)) {
    case 0: return EDGEFN_S("1");
    case 1: return EDGEFN_S("2");
    case 2: return f->len > 0 ? f->items[rnd((unsigned)f->len)].value : EDGEFN_S("");
    case 3: return EDGEFN_S("\xc3\xa4\xf0\x9f\x98\x80 \"\\");
    case 4: return (edgefn_str){ longs, 1700 + rnd(3300) };
    default: return EDGEFN_S("a, b");
    }
}

/* Edits a name that was not edited before: a text does not show by which of two edits it came about. */
static void edit(edgefn_fields *f)
{
    edgefn_str name = edgefn_cstr(edited[rnd(COUNT(edited))]), value = edited_value(f);
    unsigned at = f->len > 0 ? rnd((unsigned)f->len) : 0, what = rnd(f->len > 0 ? 6 : 2);
    if (f->len > 0 && (what > 3 || rnd(3) == 0)) name = f->items[at].name;
    for (size_t i = edgefn_find(f, name, 0); i < f->len; i = edgefn_find(f, name, i + 1))
        if (f->items[i].change != EDGEFN_CHANGE_NONE) return;
    for (size_t i = 0; i < f->removed_len; i++)
        if (edgefn_str_ieq(f->removed[i].name, name)) return;
    switch (what) {
    case 0:
    case 1: edgefn_add(f, name, value); break;
    case 2: edgefn_set(f, name, value); break;
    case 3: edgefn_remove(f, name); break;
    case 4: edgefn_remove_at(f, at); break;
    default: edgefn_set_at(f, at, value); break;
    }
}

/* Makes random edits of headers and custom headers. Returns: the result; absent if they cannot be written. */
static edgefn_str edited_result(edgefn_event *ev, void *own, edgefn_str event, bool sanitize)
{
    const edgefn_write_opts unchecked = { .skip_check = true };
    if (edgefn_parse(ev, event, edgefn_arena_make(own, MEMORY), NULL) != EDGEFN_OK)
        return EDGEFN_ABSENT;
    if (edgefn_is_request(ev) && rnd(4) == 0) edgefn_respond(ev, 200, NULL);
    bool answer = edgefn_is_request(ev) && ev->response.status != 0;
    bool response = answer || !edgefn_is_request(ev);
    for (unsigned n = 1 + rnd(8); n > 0; n--)
        edit(response ? &ev->response.headers : &ev->request.headers);
    if (!answer && ev->type == EDGEFN_ORIGIN_REQUEST)
        for (unsigned n = rnd(8); n > 0; n--)
            edit(&ev->request.origin.headers);
    if (sanitize) edgefn_sanitize(ev, NULL, 0);
    return edgefn_finish(ev, &unchecked);
}

static void write_edited(void)
{
    static char own[MEMORY], other[MEMORY];
    edgefn_event ev;
    const text *t = events[rnd((unsigned)event_count)];
    edgefn_str event = { t->bytes, t->len };
    uint64_t same_edits = seed;
    edgefn_str result = edited_result(&ev, own, event, false);
    seed = same_edits;
    edgefn_str sanitized_result = edited_result(&ev, other, event, true);
    if (result.ptr && sanitized_result.ptr) write_case(event, result, sanitized_result);
}

int main(int argc, char **argv)
{
    if (argc < 4) return 2;
    seed = strtoull(argv[2], NULL, 10);
    for (int i = 3; i < argc; i++)
        read_event(argv[i]);
    if (write_rows() < 800) return 1;
    for (long n = atol(argv[1]); n > 0; n--)
        write_generated();
    for (long n = atol(argv[1]) / 4; n > 0; n--)
        write_edited();
    return 0;
}
