/* What proxies share for messages that strangers sent (examples/hosts/edgefn_message.h), and for tables (edgefn_store.h). */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "../examples/hosts/edgefn_transaction.h"
#include "test.h"
#include "kit.h"

/* Adds the lines of a text, "Name:value|Name:value". */
static void add_lines(edgehost_message *m, const char *text)
{
    edgefn_cut line = { edgefn_cstr(text), edgefn_cstr(text), text[0] != '\0' };

    while (line.found) {
        line = edgefn_str_cut(line.tail, S("|"));
        edgefn_cut c = edgefn_str_cut(line.head, S(":"));
        edgehost_message_add(m, c.head, c.tail);
    }
}

TEST(check_of_received_lines)
{
    static const struct {
        const char *lines, *left; /* left: the names that are forwarded; NULL: refused */
        const char *length;
        bool chunked;
    } rows[] = {
        { "", "", NULL, false },
        { "Host:a|X-A:1|X-A:2", "Host X-A X-A ", NULL, false },
        { "Content-Length:5|Host:a", "Host ", "5", false },
        { "Host:a|transfer-encoding:Chunked", "Host ", NULL, true },
        { "Content-Length:5|Transfer-Encoding:chunked", NULL, NULL, false },
        { "Transfer-Encoding:chunked|Content-Length:0", NULL, NULL, false },
        { "Content-Length:5|content-length:5", NULL, NULL, false },
        { "Content-Length:5, 5", NULL, NULL, false },
        { "Content-Length:", NULL, NULL, false },
        { "Content-Length:+5", NULL, NULL, false },
        { "Content-Length:-1", NULL, NULL, false },
        { "Content-Length:0x5", NULL, NULL, false },
        { "Content-Length:5 ", NULL, NULL, false },
        { "Content-Length:18446744073709551616", NULL, NULL, false },
        { "Transfer-Encoding:chunked|Transfer-Encoding:chunked", NULL, NULL, false },
        { "Transfer-Encoding:gzip, chunked", NULL, NULL, false },
        { "Transfer-Encoding:identity", NULL, NULL, false },
        { "Transfer-Encoding:", NULL, NULL, false },
        { "Content-Length :5", NULL, NULL, false },
        { ":x", NULL, NULL, false },
        { "X A:x", NULL, NULL, false },
        { "X\x80:x", NULL, NULL, false },
        { "X-A:a\rX-B", NULL, NULL, false },
        { "X-A:a\nX-B", NULL, NULL, false },
        { "X-A:\x7f", NULL, NULL, false },
        { "X-A:a\tb \xe4", "X-A ", NULL, false },
        { "Connection:close|Keep-Alive:a|Proxy-Connection:b|TE:c|Trailer:d|Upgrade:e|Expect:f|X-A:1",
          "X-A ", NULL, false },
        { "Connection:close, X-A|X-B:2|Connection:\tx-c ,,|x-a:1|X-C:3|X-D:4", "X-B X-D ", NULL,
          false },
        { "Connection:\"x, X-A|X-A:1", "", NULL, false },
        { "X-A:1|Connection:X-A, Host|Host:a", "", NULL, false },
        { "Connection:Content-Length|Content-Length:5", "", "5", false },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].lines);
        edgehost_pool pool = { NULL, false };
        edgehost_message m = edgehost_message_make(&pool);
        char left[200] = "";
        add_lines(&m, rows[i].lines);
        CHECK(edgehost_message_check(&m) == (rows[i].left != NULL));
        if (rows[i].left != NULL) {
            for (size_t k = 0; k < m.count; k++) {
                size_t at = strlen(left);
                snprintf(left + at, sizeof left - at, "%s ", m.lines[k].name.ptr);
            }
            CHECK_STR(edgefn_cstr(left), rows[i].left);
            CHECK_STR(m.length, rows[i].length);
            CHECK(m.chunked == rows[i].chunked);
        }
        edgehost_pool_free(&pool);
    }
}

TEST(number_of_lines)
{
    for (int names = 0; names < 2; names++)
        for (size_t n = EDGEHOST_LINES_MAX - 1; n <= EDGEHOST_LINES_MAX + 1; n++) {
            ROW("%zu %s", n, names ? "names in Connection" : "lines");
            edgehost_pool pool = { NULL, false };
            edgehost_message m = edgehost_message_make(&pool);
            char commas[EDGEHOST_LINES_MAX + 2];
            memset(commas, ',', sizeof commas);
            if (names) /* the line, and one name more than commas */
                edgehost_message_add(&m, S("Connection"), (edgefn_str){ commas, n - 2 });
            for (size_t i = 0; !names && i < n; i++)
                edgehost_message_add(&m, S("X-A"), S(""));
            CHECK(edgehost_message_check(&m) == (n <= EDGEHOST_LINES_MAX));
            edgehost_pool_free(&pool);
        }
}

TEST(targets)
{
    static const struct {
        const char *target, *host, *uri, *query; /* uri NULL: refused */
    } rows[] = {
        { "/", "front", "/", "" },
        { "/a?b=c?d", "front", "/a", "b=c?d" },
        { "//a//b", "front", "//a//b", "" },
        { "/a#b?c", "front", "/a", "" },
        { "http://other/a?b", "other", "/a", "b" },
        { "HTTP://other:8080", "other:8080", "/", "" },
        { "http://other?b", "other", "/", "b" },
        { "https://other/", NULL, NULL, NULL },
        { "a", NULL, NULL, NULL },
        { "*", NULL, NULL, NULL },
        { "", NULL, NULL, NULL },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].target);
        static edgehost_transaction t;
        memset(&t, 0, sizeof t);
        t.request = edgehost_message_make(&t.pool);
        edgehost_message_add(&t.request, S("Host"), S("front"));
        bool ok = edgehost_transaction_target(&t, edgefn_cstr(rows[i].target));
        if (CHECK(ok == (rows[i].uri != NULL)) && ok) {
            CHECK_STR(t.uri, rows[i].uri);
            CHECK_STR(t.query, rows[i].query);
            CHECK_STR(edgehost_message_find(&t.request, S("host")), rows[i].host);
            CHECK(edgehost_message_count(&t.request, S("Host")) == 1);
        }
        edgehost_pool_free(&t.pool);
    }
}

TEST(without_memory)
{
    static edgehost_transaction t;
    memset(&t, 0, sizeof t);
    t.response = edgehost_message_make(&t.pool);
    edgehost_message_add(&t.response, S("Set-Cookie"), S("secret"));
    t.response.body = S("secret");
    t.status = 200;
    t.pool.failed = true;
    edgehost_transaction_end(&t);
    CHECK(t.status == 503);
    CHECK(t.response.body.len == 0);
    CHECK(edgehost_message_find(&t.response, S("Set-Cookie")).ptr == NULL);
    edgehost_pool_free(&t.pool);
}

TEST(rows_of_a_file)
{
    static const struct {
        const char *line;
        const char *table, *key, *value; /* NULL: no row */
        bool ok;
    } rows[] = {
        { "kv /a /b", "kv", "/a", "/b", true },
        { "  kv\t/a \t b c  ", "kv", "/a", "b c", true },
        { "secret k v\r", "secret", "k", "v", true },
        { "jwks https://i {\"keys\":[]}", "jwks", "https://i", "{\"keys\":[]}", true },
        { "", NULL, NULL, NULL, true },
        { " \t\r", NULL, NULL, NULL, true },
        { "# kv a b", NULL, NULL, NULL, true },
        { "kv", NULL, NULL, NULL, false },
        { "kv a", NULL, NULL, NULL, false },
        { "kv a ", NULL, NULL, NULL, false },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].line);
        edgehost_store s;
        memset(&s, 0, sizeof s);
        CHECK(edgehost_store_line(&s, edgefn_cstr(rows[i].line)) == rows[i].ok);
        if (CHECK(s.count == (rows[i].table != NULL)) && s.count == 1) {
            CHECK_STR(s.rows[0].table, rows[i].table);
            CHECK_STR(s.rows[0].key, rows[i].key);
            CHECK_STR(s.rows[0].value, rows[i].value);
        }
        edgehost_store_free(&s);
    }
}

TEST(store)
{
    edgehost_store s;
    char why[200], name[40];
    memset(&s, 0, sizeof s);
    for (int i = 99; i >= 0; i--) {
        snprintf(name, sizeof name, "kv:k%d=%d", i, i);
        CHECK(edgehost_store_option(&s, edgefn_cstr(name)));
    }
    CHECK(edgehost_store_ready(&s, NULL, why, sizeof why));
    CHECK_STR(edgehost_tables_lookup(&s.tables, S("kv"), S("k42")), "42");
    CHECK(!edgehost_store_option(&s, S("kv:a")));
    CHECK(!edgehost_store_option(&s, S("a=b")));
    CHECK(edgehost_store_option(&s, S("kv:k1=again")));
    CHECK(!edgehost_store_ready(&s, NULL, why, sizeof why));
    CHECK_STR(edgefn_cstr(why), "kv:k1 occurs twice");
    CHECK(!edgehost_store_file(&s, "no such file", why, sizeof why));
    edgehost_store_free(&s);
}
