/* test.c - unit tests of handler.c: each makes an event, calls the handler, and checks its edits. */
#include "edgefn.h"
#include <stdio.h>
#define S EDGEFN_S

static int failed;

#define CHECK(c)                                                                                   \
  ((c) ? (void)0 : (void)(failed++, printf("%s:%d: not true: %s\n", __FILE__, __LINE__, #c)))

/* Runs the handler on a GET request for this path. */
static edgefn_outcome get(edgefn_event *ev, edgefn_str uri)
{
    static unsigned char memory[1 << 16];

    edgefn_build_begin(ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                       edgefn_arena_make(memory, sizeof memory), NULL);
    ev->request.method = S("GET");
    ev->request.uri = uri;
    edgefn_add(&ev->request.headers, S("Host"), S("www.example.com"));
    if (!edgefn_build_end(ev) || !edgefn_handler(ev)) return EDGEFN_OUTCOME_FAIL;
    return edgefn_outcome_of(ev, NULL); /* also checks what CloudFront would refuse */
}

int main(void)
{
    edgefn_event ev;

    CHECK(get(&ev, S("/a/")) == EDGEFN_OUTCOME_FORWARD);
    CHECK(edgefn_str_eq(ev.request.uri, S("/a/index.html")));

    CHECK(get(&ev, S("/a.html")) == EDGEFN_OUTCOME_FORWARD);
    CHECK(edgefn_changed(&ev, EDGEFN_MEMBER_URI) == EDGEFN_CHANGE_NONE);

    CHECK(get(&ev, S("/old")) == EDGEFN_OUTCOME_ANSWER);
    CHECK(ev.response.status == 301);
    CHECK(edgefn_str_eq(edgefn_get(&ev.response.headers, S("location")),
                        S("https://example.com/new")));

    puts(failed ? "failed" : "all tests passed");
    return failed != 0;
}
