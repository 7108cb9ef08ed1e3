/* The rows of tests/data/policy.tsv must detect every change of the header's own table: each bit
   of each row is flipped in memory, and a test row about that header must then fail. Otherwise a
   test that compares nothing would pass. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
#include "policy.h"

/* True if edgefn_check() agrees with the row. */
static bool row_holds(const kind *k, const char *name, int action, const char *verdict)
{
    static char mem[64 * 1024];
    char event[2000], result[800];
    edgefn_event ev;
    edgefn_finding f[4];
    policy_texts(k, name, action, event, result);
    marked e = marked_of(event), r = marked_of(result);
    const char *rule = strchr(verdict, ':');
    bool held = edgefn_parse(&ev, e.text, edgefn_arena_make(mem, sizeof mem), NULL) == EDGEFN_OK;
    size_t count = held ? edgefn_check(&ev, r.text, f, 4) : SIZE_MAX;
    held = rule ? count == 1 && strcmp(f[0].rule->id, rule + 1) == 0 : count == 0;
    while (test_owned_len)
        free(test_owned[--test_owned_len]);
    return held;
}

static bool rows_hold(edgefn_str name)
{
    for (size_t i = 0; i < policy_count; i++) {
        if (!edgefn_str_eq(name, edgefn_cstr(policies[i].header))) continue;
        for (size_t n = 0; n < COUNT(kinds); n++) {
            if (policy_of(&kinds[n], policies[i].header) != &policies[i]) continue;
            for (int a = 0; a < ACTIONS; a++)
                if (strcmp(policies[i].verdict[a], "-") != 0 && !(kinds[n].answer && a > ADDED)
                    && !row_holds(&kinds[n], policies[i].header, a, policies[i].verdict[a]))
                    return false;
        }
    }
    return true;
}

/* True if a custom header of an origin is refused or allowed according to the list in AWS's "Add
   custom headers to origin requests". */
static bool custom_holds(edgefn_str name)
{
    static const char *const denied =
        " cache-control connection content-length cookie host if-match if-modified-since if-none-match if-range if-unmodified-since max-forwards pragma"
        " proxy-authenticate proxy-authorization proxy-connection range request-range te trailer transfer-encoding upgrade via x-real-ip ";
    static const char *const disallowed =
        " expect keep-alive x-accel-buffering x-accel-charset x-accel-limit-rate x-accel-redirect x-amzn-auth x-amzn-cf-billing x-amzn-cf-id x-amzn-cf-xff"
        " x-amzn-errortype x-amzn-fle-profile x-amzn-header-count x-amzn-header-order x-amzn-lambda-integration-tag x-amzn-requestid x-cache"
        " x-forwarded-proto cloudfront-viewer-cert-pem client-cert client-cert-chain ";
    static char mem[64 * 1024];
    char part[300], word[100];
    edgefn_event ev;
    edgefn_finding f[4];
    snprintf(word, sizeof word, " %.*s ", EDGEFN_FMT(name));
    bool no = strstr(denied, word) || strstr(disallowed, word);
    snprintf(
        part, sizeof part,
        "{'method':'GET','uri':'/','origin':{'custom':{'domainName':'o.example','customHeaders':{'%.*s':[{'value':'1'}]}}}}",
        EDGEFN_FMT(name));
    edgefn_str
        event = frame(
            L_OREQ,
            "{'method':'GET','uri':'/','origin':{'custom':{'domainName':'o.example','customHeaders':{}}}}",
            NULL),
        result = js(part);
    bool held = edgefn_parse(&ev, event, edgefn_arena_make(mem, sizeof mem), NULL) == EDGEFN_OK;
    size_t count = held ? edgefn_check(&ev, result, f, 4) : SIZE_MAX;
    held = no ? count == 1 && strcmp(f[0].rule->id, "origin.header.denied") == 0 : count == 0;
    while (test_owned_len)
        free(test_owned[--test_owned_len]);
    return held;
}

TEST(every_bit_of_the_table_matters)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE),
           rows = sizeof edgefn__header_policies / sizeof edgefn__header_policies[0], seen = 0;
    uintptr_t from = (uintptr_t)edgefn__header_policies / page * page,
              to = (uintptr_t)edgefn__header_policies + sizeof edgefn__header_policies;
    if (!CHECK(mprotect((void *)from, to - from, PROT_READ | PROT_WRITE) == 0)) return;
    policy_read();
    for (size_t i = 0; i < rows; i++) {
        const edgefn__header_rule *r = &edgefn__header_policies[i];
        edgefn_str name = { r->name, r->len };
        ROW("%s unchanged", r->name);
        CHECK(rows_hold(name) && custom_holds(name));
        for (unsigned bit = 1; bit <= EDGEFN__H_COUNTRY; bit *= 2) {
            if ((r->bits & EDGEFN__H_DISALLOWED) && bit != EDGEFN__H_DISALLOWED)
                continue; /* makes the other bits irrelevant */
            /* also makes this bit irrelevant */
            if ((r->bits & EDGEFN__LVQ) && bit == EDGEFN__H_COUNTRY) continue;
            volatile uint16_t *bits = (volatile uint16_t *)(uintptr_t)&r->bits;
            ROW("%s, bit %u", r->name, bit);
            *bits = (uint16_t)(*bits ^ bit);
            CHECK(!rows_hold(name) || !custom_holds(name));
            *bits = (uint16_t)(*bits ^ bit);
            seen++;
        }
    }
    ROW("number of rows");
    CHECK(seen > 150 && rows > 45);
}
