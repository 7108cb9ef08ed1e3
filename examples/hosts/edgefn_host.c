/* edgefn_host.c - compiled together with one handler, it makes the shared object that edgefn_host.h describes. */
#define EDGEFN_IMPLEMENTATION
#include "edgefn.h"
#include "edgefn_host.h"

uint32_t edgefn_abi(void) { return EDGEFN_HOST_ABI; }

/* Adds text of a stranger to a line. Returns: the new length, at most cap. */
static size_t add(char *to, size_t at, size_t cap, edgefn_str s)
{
    for (size_t i = 0; i < s.len && at < cap; i++) to[at++] = (unsigned char)s.ptr[i] < ' ' ? '?' : s.ptr[i];
    return at;
}

/* Adds a line for each of CloudFront's objections, as far as they fit: " refused: what is wrong: subject (rule)". */
static size_t add_findings(edgefn_event *ev, char *to, size_t at, size_t cap)
{
    edgefn_finding findings[8];
    edgefn_err err = ev->err;

    ev->err.code = EDGEFN_OK; /* an event that failed is not judged */
    size_t count = edgefn_check(ev, edgefn_cstr(NULL), findings, 8);
    ev->err = err;
    for (size_t i = 0; count != SIZE_MAX && i < count && i < 8; i++) {
        const edgefn_finding *f = &findings[i];
        size_t line = at;
        if (at < cap) to[at++] = '\n';
        at = add(to, at, cap, f->rule->confidence == EDGEFN_DOUBTFUL ? EDGEFN_S(" doubtful: ") : EDGEFN_S(" refused: "));
        at = add(to, at, cap, edgefn_cstr(f->rule->text));
        if (f->subject.ptr) at = add(to, at, cap, EDGEFN_S(": "));
        at = add(to, at, cap, edgefn_str_take(f->subject, 80));
        at = add(to, at, cap, EDGEFN_S(" ("));
        at = add(to, at, cap, edgefn_cstr(f->rule->id));
        at = add(to, at, cap, EDGEFN_S(")"));
        if (at == cap) return line; /* whole lines only */
    }
    return at;
}

/* Fills in what a host gets instead of a result. */
static int refuse(edgefn_call *call, edgefn_event *ev, char *room, size_t room_len, int code)
{
    static const char no_room[] = " error: failed, and too little memory to say why";
    edgefn_str closed = edgefn_fail_closed(ev);

    call->result = closed.ptr;
    call->result_len = closed.len;
    call->why = room;
    call->why_len = room_len >= sizeof no_room ? edgefn_describe(ev, room, room_len) : 0;
    if (call->why_len == 0) {
        call->why = no_room;
        call->why_len = sizeof no_room - 1;
    } else if (ev->err.code == EDGEFN_E_POLICY) call->why_len = add_findings(ev, room, call->why_len, room_len);
    return code;
}

int edgefn_handle(edgefn_call *call)
{
    if (call == NULL || call->size < sizeof *call) return 3;

    size_t room = call->mem_len / 4 < EDGEFN_HOST_WHY ? call->mem_len / 4 : EDGEFN_HOST_WHY;
    size_t work = call->mem_len - room;
    char *why = call->mem == NULL ? NULL : (char *)call->mem + work;
    if (why == NULL) room = work = 0;

    edgefn_event ev;
    edgefn_parse_opts opts = { .env = call->env };
    edgefn_str json = { call->event, call->event_len };

    if (edgefn_parse(&ev, json, edgefn_arena_make(call->mem, work), &opts) != EDGEFN_OK) return refuse(call, &ev, why, room, 1);

    if (!edgefn_handler(&ev)) {
        if (ev.err.code == EDGEFN_OK) ev.err = (edgefn_err){ EDGEFN_E_HANDLER, SIZE_MAX, "edgefn_handler", { NULL, 0 } };
        return refuse(call, &ev, why, room, 3);
    }
    edgefn_str result = edgefn_finish(&ev, NULL);
    if (result.ptr == NULL) return refuse(call, &ev, why, room, 3);

    call->result = result.ptr;
    call->result_len = result.len;
    call->why = "";
    call->why_len = 0;
    return 0;
}
