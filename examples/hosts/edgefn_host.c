/* edgefn_host.c - compiled together with one handler, makes the shared object that edgefn_host.h describes. */
#define EDGEFN_IMPLEMENTATION
#include "edgefn.h"
#include "edgefn_host.h"
#include "edgefn_why.h"

uint32_t edgehost_abi(void)
{
    return EDGEHOST_ABI;
}

static void set_error(edgehost_call *call, edgefn_error error)
{
    if (call->size >= offsetof(edgehost_call, error) + sizeof call->error) call->error = error;
}

static void set_inferred(edgehost_call *call, edgefn_event_type type)
{
    if (call->size >= offsetof(edgehost_call, inferred) + sizeof call->inferred)
        call->inferred = type;
}

/* Fills in the result that lets nothing through, and the reason. */
static int refuse(edgehost_call *call, edgefn_event *ev, char *room, size_t room_len, int code)
{
    static const char no_room[] = " error: failed, with too little memory to describe the reason";
    edgefn_str closed = edgefn_failed_result(ev);

    set_error(call, ev->err.code);
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
    edgefn_answer_opts opts = {
        .parse = { .env = call->env, .lenient = call->lenient, .type = call->type }
    };
    edgefn_str json = { call->event, call->event_len };
    edgefn_str result = edgefn_answer(&ev, json, edgefn_arena_make(call->mem, work), &opts);

    set_inferred(call, ev.type_inferred ? ev.type : EDGEFN_EVENT_TYPE_NONE);
    if (ev.err.code != EDGEFN_OK)
        return refuse(call, &ev, why, room, ev.type == EDGEFN_EVENT_TYPE_NONE ? 1 : 3);
    call->result = result.ptr;
    call->result_len = result.len;
    call->why = "";
    call->why_len = 0;
    set_error(call, EDGEFN_OK);
    return 0;
}
