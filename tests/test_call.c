/* edgehost_handle() as a host calls it: what edgehost_call reports, callers with an older,
   smaller edgehost_call, and retries with more memory. */
#include "edgefn.h"
#include "test.h"
#include "kit.h"
#include "edgefn_retry.h"
#include "../examples/hosts/edgefn_host.c"

static size_t calls; /* of the handler */

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_str how = edgefn_get(&ev->request.headers, S("x-test"));
    edgefn_number need = edgefn_str_to_u64(how);

    calls++;
    if (edgefn_str_eq(how, S("false"))) return false;
    if (edgefn_str_eq(how, S("uri"))) ev->request.uri = S("no-slash");
    if (edgefn_str_eq(how, S("policy")))
        edgefn_set(&ev->request.headers, S("Connection"), S("close"));
    return !need.ok || edgefn_alloc(ev, (size_t)need.value, 1) != NULL;
}

static edgefn_str event_with(const char *how)
{
    char part[200];

    snprintf(part, sizeof part, L_GET("'headers':{'x-test':[{'value':'%s'}]}"), how);
    return frame(L_VREQ, part, NULL);
}

static const struct {
    const char *how; /* NULL: the event is not JSON */
    size_t room;
    int code;
    edgefn_error error;
} rows[] = {
    { "pass", 65536, 0, EDGEFN_OK },         { NULL, 65536, 1, EDGEFN_E_JSON_SYNTAX },
    { "pass", 100, 1, EDGEFN_E_OOM },        { "pass", 0, 1, EDGEFN_E_OOM },
    { "false", 65536, 3, EDGEFN_E_HANDLER }, { "uri", 65536, 3, EDGEFN_E_URI },
    { "policy", 65536, 3, EDGEFN_E_CHECK },  { "100000", 65536, 3, EDGEFN_E_OOM },
};

static edgehost_call call_of(size_t row, void *mem)
{
    edgefn_str json = rows[row].how != NULL ? event_with(rows[row].how) : S("!");
    edgehost_call call = { .size = sizeof call, .event = json.ptr, .event_len = json.len };

    call.mem = mem;
    call.mem_len = rows[row].room;
    return call;
}

static bool ends_as_told(const edgehost_call *call, edgefn_error error)
{
    char end[40];

    if (error == EDGEFN_OK) return call->why_len == 0;
    snprintf(end, sizeof end, "(%s)", edgefn_error_name(error));
    edgefn_str why = { call->why, call->why_len };
    return edgefn_str_contains(why, edgefn_cstr(end));
}

TEST(error)
{
    static unsigned char mem[65536];

    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s in %zu", rows[i].how ? rows[i].how : "not JSON", rows[i].room);
        edgehost_call call = call_of(i, mem);
        call.error = EDGEFN_E_RANGE; /* from an earlier call */
        CHECK_NUM(edgehost_handle(&call), rows[i].code);
        CHECK_NUM(call.error, rows[i].error);
        CHECK(rows[i].room < 1000 || ends_as_told(&call, rows[i].error));
        CHECK(call.result != NULL && call.result_len > 0);
        if (rows[i].room < 1000) {
            edgefn_str why = { call.why, call.why_len };
            CHECK_STR(why, " error: failed, with too little memory to describe the reason");
        }
    }
}

/* A host that was compiled when edgehost_call ended before .error: its struct is allocated with
   exactly that size. */
TEST(older_host)
{
    static unsigned char mem[65536];

    CHECK(EDGEHOST_CALL_LEAST < sizeof(edgehost_call));
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s in %zu", rows[i].how ? rows[i].how : "not JSON", rows[i].room);
        edgehost_call filled = call_of(i, mem);
        edgehost_call *call = (edgehost_call *)test_own(malloc(EDGEHOST_CALL_LEAST));
        filled.size = EDGEHOST_CALL_LEAST;
        memcpy(call, &filled, EDGEHOST_CALL_LEAST);
        CHECK_NUM(edgehost_handle(call), rows[i].code);
        CHECK(rows[i].room < 1000 || ends_as_told(call, rows[i].error));
    }
}

/* A size that ends inside a member: the member counts as absent. */
TEST(half_a_member)
{
    static unsigned char mem[65536];
    edgehost_call call = call_of(1, mem);

    call.size = EDGEHOST_CALL_LEAST + 1;
    call.error = EDGEFN_E_RANGE;
    CHECK_NUM(edgehost_handle(&call), 1);
    CHECK_NUM(call.error, EDGEFN_E_RANGE);
    call.size = offsetof(edgehost_call, error) + sizeof call.error; /* the whole member */
    CHECK_NUM(edgehost_handle(&call), 1);
    CHECK(call.error != EDGEFN_E_RANGE && call.error != EDGEFN_OK);
    call.size = offsetof(edgehost_call, inferred) + sizeof call.inferred;
    call.inferred = EDGEFN_VIEWER_RESPONSE;
    CHECK_NUM(edgehost_handle(&call), 1);
    CHECK_NUM(call.inferred, EDGEFN_EVENT_TYPE_NONE);
}

TEST(inferred)
{
    static unsigned char mem[65536];
    edgefn_str json =
        S("{\"Records\":[{\"cf\":{\"request\":{\"method\":\"GET\",\"uri\":\"/\"}}}]}");
    edgehost_call call = call_of(0, mem);

    call.inferred = EDGEFN_VIEWER_RESPONSE; /* from an earlier call */
    CHECK_NUM(edgehost_handle(&call), 0);
    CHECK_NUM(call.inferred, EDGEFN_EVENT_TYPE_NONE);
    call.event = json.ptr;
    call.event_len = json.len;
    call.lenient = true;
    CHECK_NUM(edgehost_handle(&call), 0);
    CHECK_NUM(call.inferred, EDGEFN_VIEWER_REQUEST);
    call.type = EDGEFN_ORIGIN_REQUEST;
    CHECK_NUM(edgehost_handle(&call), 0);
    CHECK_NUM(call.inferred, EDGEFN_EVENT_TYPE_NONE);

    /* a host compiled before this member was added */
    call.size = offsetof(edgehost_call, inferred);
    call.type = EDGEFN_EVENT_TYPE_NONE;
    CHECK_NUM(edgehost_handle(&call), 0);
    CHECK_NUM(call.inferred, EDGEFN_EVENT_TYPE_NONE);
}

TEST(too_small)
{
    edgehost_call call;

    memset(&call, 0xA5, sizeof call);
    call.size = EDGEHOST_CALL_LEAST - 1;
    edgehost_call before = call;
    CHECK_NUM(edgehost_handle(&call), 3);
    CHECK(memcmp(&call, &before, sizeof call) == 0);
    CHECK_NUM(edgehost_handle(NULL), 3);
}

/*--- retries ----------------------------------------------------------------------------------------------------------*/

typedef struct memory {
    size_t size, most, asked; /* most: available memory; asked: number of requests */
} memory;

static bool room(void *host, size_t size)
{
    memory *m = (memory *)host;

    m->asked++;
    if (size > m->most) return false;
    m->size = size;
    return true;
}

TEST(retry)
{
    static const struct {
        edgefn_error error;
        size_t have, limit, most;
        bool again;
        size_t then;
    } tries[] = {
        { EDGEFN_OK, 10, 100, 1000, false, 10 },
        { EDGEFN_E_HANDLER, 10, 100, 1000, false, 10 },
        { EDGEFN_E_OOM, 10, 100, 1000, true, 20 },
        { EDGEFN_E_OOM, 50, 100, 1000, true, 100 },
        { EDGEFN_E_OOM, 51, 100, 1000, true, 100 },
        { EDGEFN_E_OOM, 99, 100, 1000, true, 100 },
        { EDGEFN_E_OOM, 100, 100, 1000, false, 100 },
        { EDGEFN_E_OOM, 200, 100, 1000, false, 200 },
        { EDGEFN_E_OOM, 10, 100, 19, false, 10 },
        { EDGEFN_E_OOM, SIZE_MAX / 2 + 2, SIZE_MAX, SIZE_MAX, true, SIZE_MAX },
        { EDGEFN_E_OOM, SIZE_MAX, SIZE_MAX, SIZE_MAX, false, SIZE_MAX },
    };

    for (size_t i = 0; i < COUNT(tries); i++) {
        ROW("%s with %zu of %zu", edgefn_error_name(tries[i].error), tries[i].have, tries[i].limit);
        memory m = { tries[i].have, tries[i].most, 0 };
        CHECK(edgehost_retry(tries[i].error, m.size, tries[i].limit, room, &m) == tries[i].again);
        CHECK_NUM(m.size, tries[i].then);
    }
}

static bool block_room(void *host, size_t size)
{
    edgehost_call *call = (edgehost_call *)host;

    call->mem = test_own(malloc(size));
    call->mem_len = size;
    return true;
}

/* A handler that needs more memory gets it, up to the limit; beyond that it fails, with the
   message of the last attempt. */
TEST(retry_handler)
{
    static const struct {
        const char *need;
        size_t limit, then, calls;
        edgefn_error error;
    } needs[] = {
        { "100", 1 << 20, 4096, 1, EDGEFN_OK },
        { "20000", 1 << 20, 32768, 4, EDGEFN_OK },
        { "900000", 1 << 20, 1 << 20, 9, EDGEFN_OK },
        { "2000000", 1 << 20, 1 << 20, 9, EDGEFN_E_OOM },
        { "20000", 20000, 20000, 4, EDGEFN_E_OOM },
        { "false", 1 << 20, 4096, 1, EDGEFN_E_HANDLER },
    };

    for (size_t i = 0; i < COUNT(needs); i++) {
        ROW("%s of %zu", needs[i].need, needs[i].limit);
        edgefn_str json = event_with(needs[i].need);
        edgehost_call call = { .size = sizeof call, .event = json.ptr, .event_len = json.len };
        int code;
        calls = 0;
        block_room(&call, 4096);
        do
            code = edgehost_handle(&call);
        while (edgehost_retry(call.error, call.mem_len, needs[i].limit, block_room, &call));
        CHECK_NUM(code, needs[i].error == EDGEFN_OK ? 0 : 3);
        CHECK_NUM(call.error, needs[i].error);
        CHECK_NUM(call.mem_len, needs[i].then);
        CHECK_NUM(calls, needs[i].calls);
        CHECK(ends_as_told(&call, needs[i].error));
    }
}
