/* edgefn_host.c - compiled together with one handler, it makes the shared object that edgefn_host.h describes. */
#define EDGEFN_IMPLEMENTATION
#include "edgefn.h"
#include "edgefn_host.h"
#include "edgefn_why.h"

uint32_t edgehost_abi(void)
{
    return EDGEHOST_ABI;
}

static void tell_error(edgehost_call *call, edgefn_error error)
{
    if (call->size >= offsetof(edgehost_call, error) + sizeof call->error) call->error = error;
}

static void tell_inferred(edgehost_call *call, edgefn_event_type type)
{
    if (call->size >= offsetof(edgehost_call, inferred) + sizeof call->inferred)
        call->inferred = type;
}

/* Fills in what a host gets instead of a result. */
static int refuse(edgehost_call *call, edgefn_event *ev, char *room, size_t room_len, int code)
{
    static const char no_room[] = " error: failed, and too little memory to say why";
    edgefn_str closed = edgefn_failed_result(ev);

    tell_error(call, ev->err.code);
    call->result = closed.ptr;
    call->result_len = closed.len;
    call->why = room;
    call->why_len = room_len >= sizeof no_room ? edgehost_why(ev, room, room_len) : 0;
    if (call->why_len == 0) {
        call->why = no_room;
        call->why_len = sizeof no_room - 1;
    }
    return code;
}

int edgehost_handle(edgehost_call *call)
{
    if (call == NULL || call->size < EDGEHOST_CALL_LEAST) return 3;

    size_t room = call->mem_len / 4 < EDGEHOST_WHY ? call->mem_len / 4 : EDGEHOST_WHY;
    size_t work = call->mem_len - room;
    char *why = call->mem == NULL ? NULL : (char *)call->mem + work;
    if (why == NULL) room = work = 0;

    edgefn_event ev;
    edgefn_parse_opts opts = { .env = call->env, .lenient = call->lenient, .type = call->type };
    edgefn_str json = { call->event, call->event_len };

    tell_inferred(call, EDGEFN_EVENT_TYPE_NONE);
    if (edgefn_parse(&ev, json, edgefn_arena_make(call->mem, work), &opts) != EDGEFN_OK)
        return refuse(call, &ev, why, room, 1);
    if (ev.type_inferred) tell_inferred(call, ev.type);

    if (!edgefn_handler(&ev)) {
        if (ev.err.code == EDGEFN_OK)
            ev.err = (edgefn_err){ EDGEFN_E_HANDLER, SIZE_MAX, "edgefn_handler", { NULL, 0 } };
        return refuse(call, &ev, why, room, 3);
    }
    edgefn_str result = edgefn_finish(&ev, NULL);
    if (result.ptr == NULL) return refuse(call, &ev, why, room, 3);

    call->result = result.ptr;
    call->result_len = result.len;
    call->why = "";
    call->why_len = 0;
    tell_error(call, EDGEFN_OK);
    return 0;
}
