/* fuzz_events.c - edgefn events (examples/hosts/cli/events*.c): logs and HAR files as events.

   The input: a byte for the format, one for the event type, then the file.

   Properties:
     - each line that is printed is JSON by the strict parser and an event of the type that was asked for, with a path
     - without a message, each line of a log is one event
     - read twice, the file prints the same twice: no record leaves anything behind */
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "quiet.h"
#include "../examples/hosts/cli/events.h"
#include <errno.h>

static void printed(const char *text, size_t len);
#define fwrite(text, size, len, file) printed(text, len)
#include "../examples/hosts/cli/events.c"
#undef fwrite
#include "../examples/hosts/cli/events_har.c"
#include "../examples/hosts/cli/events_log.c"
#undef stderr
#include "../tests/test.h"
#include "fuzz.h"
#include "../tests/strict.h"

static edgefn_event_type type;
static fuzz_sum sum;
static size_t lines;

static void printed(const char *text, size_t len)
{
    edgefn_event ev;
    size_t pos;
    HOLDS(len > 1 && text[len - 1] == '\n');
    edgefn_str line = { text, len - 1 };
    HOLDS(memchr(text, '\n', len - 1) == NULL && strict_text(line, &pos) == EDGEFN_OK);
    HOLDS_FOR(&ev, fuzz_open(&ev, 0, line));
    HOLDS_FOR(&ev, ev.type == type && edgefn_str_starts(ev.request.uri, EDGEFN_S("/")));
    fuzz_str(&sum, line);
    lines++;
}

static void file_read(events *e, edgefn_str text)
{
    cli_lines l = { .file = "fuzz", .f = stdin, .ended = true };
    events_format from = e->from;
    cli_add(&l.bytes, text.ptr, text.len);
    e->file = "fuzz", e->line = 0, e->column_count = 0;
    sum.h = 0, lines = 0;
    read_lines(e, &l);
    e->from = from;
    cli_lines_close(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = { "viewer-request",           "origin-request",
                                         "origin-response",          "viewer-response",
                                         "functions-viewer-request", "functions-viewer-response" };
    static const edgefn_event_type values[] = { EDGEFN_VIEWER_REQUEST,  EDGEFN_ORIGIN_REQUEST,
                                                EDGEFN_ORIGIN_RESPONSE, EDGEFN_VIEWER_RESPONSE,
                                                EDGEFN_VIEWER_REQUEST,  EDGEFN_VIEWER_RESPONSE };
    static events e;
    fuzz_in in = { data, data + size };
    if (size > 20000) return 0;
    unsigned from = fuzz_byte(&in, 8), which = fuzz_byte(&in, 6);
    edgefn_str text = fuzz_cut(&in, 256);
    memset(&e, 0, sizeof e);
    HOLDS(sample_kind(&e.event, types[which]));
    type = values[which], e.from = (events_format)(from & 3), e.include_body = from & 4;
    file_read(&e, text);
    uint64_t first = sum.h;
    size_t count = lines;
    file_read(&e, text);
    HOLDS(sum.h == first && lines == count);
    size_t records = 0;
    edgefn_str rest = text;
    while (rest.len > 0) {
        edgefn_cut line = edgefn_str_cut(rest, EDGEFN_S("\n"));
        edgefn_str trimmed = edgefn_str_trim(line.head);
        records += trimmed.len > 0 && trimmed.ptr[0] != '#';
        rest = line.tail;
    }
    HOLDS(e.skipped || lines <= records || e.from == FROM_AUTO || e.from == FROM_HAR);
    cli_free(&e.out), cli_free(&e.cookie), cli_memory_free(&e.memory);
    free(e.text), free(e.decoded);
    return 0;
}
