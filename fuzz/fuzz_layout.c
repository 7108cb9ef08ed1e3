/* fuzz_layout.c - the quick paths of the parser, compared with the plain grammar: white space and escapes change nothing.

   Properties: the event is read, with the same members, or refused with the same code,
     - as it came, and with each token on a line of its own, in layouts that the quick paths learn
     - with irregular white space, which only the plain grammar reads
     - with every string spelled in escapes, which no quick path reads; only the size of what is too long may then differ */
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "../tests/test.h"
#include "fuzz.h"
#include "../tests/kit.h"
#include "../tests/strict.h"

static edgefn_event plain;

static void alike(edgefn_str laid)
{
    edgefn_event ev;
    edgefn_str copy = fuzz_copy(laid.ptr, laid.len);
    fuzz_open(&ev, 1, copy);
    HOLDS_FOR(&ev, ev.err.code == plain.err.code);
    HOLDS_FOR(&ev, strcmp(ev.err.where, plain.err.where) == 0);
    if (ev.err.code == EDGEFN_OK) {
        const char *differs = event_differs(&plain, &ev);
        if (differs) fprintf(stderr, "    %s\n", differs);
        HOLDS_FOR(&ev, differs == NULL);
    }
    fuzz_free(copy);
}

/* Returns the text with the ASCII letters of its strings as escapes. */
static edgefn_str escaped(edgefn_str json)
{
    char *out = (char *)test_own(malloc(json.len * 6 + 1));
    size_t n = 0;
    bool inside = false;
    for (size_t i = 0; i < json.len; i++) {
        unsigned char c = (unsigned char)json.ptr[i];
        if (c == '"') inside = !inside;
        if (inside && c == '\\') {
            out[n++] = json.ptr[i++];
            out[n++] = json.ptr[i];
            for (int k = 0; json.ptr[i] == 'u' && k < 4; k++)
                out[n + (size_t)k] = json.ptr[i + 1 + (size_t)k];
            if (json.ptr[i] == 'u') n += 4, i += 4;
        } else if (inside && ((c | 32) >= 'a' && (c | 32) <= 'z')) {
            n += (size_t)sprintf(out + n, "\\u%04x", c);
        } else {
            out[n++] = (char)c;
        }
    }
    return (edgefn_str){ out, n };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const indents[] = { "", " ", "  ", "    ", "\t" };
    edgefn_str json = { (const char *)data, size };
    size_t pos;
    if (size > 20000 || strict_text(json, &pos) != EDGEFN_OK) return 0;
    edgefn_str noisy = strict_indented(json, NULL, "");
    fuzz_open(&plain, 0, noisy);
    alike(json);
    alike(strict_indented(json, indents[size % COUNT(indents)], size & 1 ? "\r\n" : "\n"));
    alike(strict_respaced(json, size & 1 ? " " : ""));
    alike(escaped(json));
    test_free();
    return 0;
}
