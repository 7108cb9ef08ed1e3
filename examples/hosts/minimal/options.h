/* options.h - the command line of the minimal proxy. */
#ifndef MINIMAL_OPTIONS_H_INCLUDED
#define MINIMAL_OPTIONS_H_INCLUDED

#include "edgefn_proxy.h"
#include "edgefn_verify.h"
#include <event2/dns.h>
#include <event2/event.h>

#define S EDGEFN_S

static struct { /* the command line; constant after the start */
    edgehost_trigger triggers[5];
    edgefn_origin origin;
    edgehost_tables_row *rows;
    edgehost_tables tables;
    edgehost_keys keys;
    bool check, include_body, show_reasons;
    size_t body_max;
    const char *address; /* to listen on */
    uint16_t port;
    struct event_base *base;
    struct evdns_base *dns;
} conf = { .check = true, .body_max = 16 * 1024 * 1024 };

static inline int usage(const char *option, const char *why)
{
    fprintf(stderr, "minimal: %s: %s\n", option, why);
    exit(2);
}

static inline void option_trigger(const char *option, edgefn_event_type type, edgefn_str value)
{
    edgehost_trigger *t = &conf.triggers[type];
    edgehost_library library = { NULL, NULL, NULL };
    bool functions = edgefn_str_ends(value, S(",functions"));
    char why[1024], *file = strdup(value.ptr);

    if (file == NULL) abort();
    if (functions) file[value.len - S(",functions").len] = '\0';
    if (!edgehost_load(&library, file, why, sizeof why)) usage(option, why);
    *t =
        (edgehost_trigger){ .type = type,
                            .dialect = functions ? EDGEFN_DIALECT_FUNCTIONS : EDGEFN_DIALECT_LAMBDA,
                            .handler = library.handler,
                            .name = file };
}

/* HOST:PORT[/PATH] */
static inline void option_origin(const char *option, edgefn_str value)
{
    edgefn_cut path = edgefn_str_cut(value, S("/")), host = edgefn_str_cut(path.head, S(":"));
    edgefn_number port = edgefn_str_to_u64(host.tail);

    if (!port.ok || port.value == 0 || port.value > 65535 || host.head.len == 0)
        usage(option, "must be HOST:PORT or HOST:PORT/PATH");
    conf.origin = (edgefn_origin){ .kind = EDGEFN_ORIGIN_CUSTOM,
                                   .port = (uint32_t)port.value,
                                   .tls = EDGEFN_TLS1_2,
                                   .keepalive_s = 5,
                                   .read_timeout_s = 30 };
    char *domain = strndup(host.head.ptr, host.head.len); /* never freed */
    if (domain == NULL) abort();
    conf.origin.domain = edgefn_cstr(domain);
    conf.origin.path = path.found ? edgefn_str_skip(value, path.head.len) : S("");
}

/* TABLE:KEY=VALUE */
static inline void option_table(const char *option, edgefn_str value)
{
    edgefn_cut table = edgefn_str_cut(value, S(":")), key = edgefn_str_cut(table.tail, S("="));

    conf.rows =
        (edgehost_tables_row *)realloc(conf.rows, (conf.tables.count + 1) * sizeof *conf.rows);
    if (conf.rows == NULL) abort();
    if (!table.found || !key.found) usage(option, "must be TABLE:KEY=VALUE");
    conf.rows[conf.tables.count++] = (edgehost_tables_row){ table.head, key.head, key.tail };
}

static inline void configure(char **argv)
{
    static const char *const events[] = { "", "--viewer-request", "--origin-request",
                                          "--origin-response", "--viewer-response" };
    char why[1024];

    for (; *argv != NULL; argv++) {
        edgefn_cut c = edgefn_str_cut(edgefn_cstr(*argv), S("="));
        edgefn_number n = edgefn_str_to_u64(edgefn_str_cut(c.tail, S(":")).tail);
        bool known = false;
        for (int type = EDGEFN_VIEWER_REQUEST; type <= EDGEFN_VIEWER_RESPONSE; type++)
            if (edgefn_str_eq(c.head, edgefn_cstr(events[type])))
                option_trigger(*argv, (edgefn_event_type)type, c.tail), known = true;
        if (edgefn_str_eq(c.head, S("--listen")) && n.ok && n.value < 65536) {
            conf.address = strndup(c.tail.ptr, edgefn_str_cut(c.tail, S(":")).head.len);
            conf.port = (uint16_t)n.value;
        } else if (edgefn_str_eq(c.head, S("--origin")))
            option_origin(*argv, c.tail);
        else if (edgefn_str_eq(c.head, S("--table")))
            option_table(*argv, c.tail);
        else if (edgefn_str_eq(c.head, S("--dns"))) {
            if (evdns_base_nameserver_ip_add(conf.dns, c.tail.ptr) != 0)
                usage(*argv, "not an address");
        } else if (edgefn_str_eq(c.head, S("--max-body")) && edgefn_str_to_u64(c.tail).ok)
            conf.body_max = (size_t)edgefn_str_to_u64(c.tail).value;
        else if (edgefn_str_eq(c.head, S("--read-timeout")) && edgefn_str_to_u64(c.tail).ok)
            conf.origin.read_timeout_s = (uint32_t)edgefn_str_to_u64(c.tail).value;
        else if (strcmp(*argv, "--show-reasons")
                 == 0) /* on the page of a failure: only for development */
            conf.show_reasons = true;
        else if (strcmp(*argv, "--include-body") == 0)
            conf.include_body = true;
        else if (strcmp(*argv, "--no-check") == 0)
            conf.check = false;
        else if (!known)
            usage(*argv, "unknown option");
    }
    for (int type = 0; type < 5; type++)
        conf.triggers[type].check = conf.check;
    const char *forbidden = edgehost_combination(conf.triggers);
    const edgehost_tables_row *twice = edgehost_tables_sort(conf.rows, conf.tables.count);
    if (conf.origin.kind == EDGEFN_ORIGIN_NONE || conf.address == NULL)
        usage(
            "usage",
            "--listen=ADDRESS:PORT --origin=HOST:PORT [--viewer-request=FILE.so[,functions]] ...");
    if (forbidden != NULL) usage("functions", forbidden);
    if (twice != NULL) usage("--table", "a key occurs twice");
    conf.tables.rows = conf.rows;
    if (!edgehost_keys_rows(&conf.keys, conf.rows, conf.tables.count, NULL, why, sizeof why))
        usage("--table", why);
}

#endif /* MINIMAL_OPTIONS_H_INCLUDED */
