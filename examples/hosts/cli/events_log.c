/* events_log.c - the lines of CloudFront's standard and real-time logs. */
#include "events.h"
#include <ctype.h>
#include <string.h>

/* The field names of standard and real-time logs that an event has a member for.
   Source: Standard logging reference; Use real-time access logs, Fields. */
static const struct {
    const char *name;
    events_field field;
} names[] = {
    { "cs(Host)", F_DOMAIN },
    { "x-host-header", F_HOST },
    { "cs-host", F_HOST },
    { "cs-method", F_METHOD },
    { "cs-uri-stem", F_URI }, /* in real-time logs includes the query: see events_columns() */
    { "cs-uri-query", F_QUERY },
    { "c-ip", F_IP },
    { "x-edge-request-id", F_REQUEST_ID },
    { "DistributionId", F_DISTRIBUTION_ID },
    { "cs-protocol", F_PROTOCOL },
    { "c-country", F_COUNTRY },
    { "sc-status", F_STATUS },
    { "cs(User-Agent)", F_USER_AGENT },
    { "cs-user-agent", F_USER_AGENT },
    { "cs(Referer)", F_REFERER },
    { "cs-referer", F_REFERER },
    { "cs(Cookie)", F_COOKIE },
    { "cs-cookie", F_COOKIE },
    { "cs-accept", F_ACCEPT },
    { "cs-accept-encoding", F_ACCEPT_ENCODING },
    { "x-forwarded-for", F_FORWARDED_FOR },
    { "cs-headers", F_HEADERS },
    { "sc-content-type", F_CONTENT_TYPE },
    { "sc-content-len", F_CONTENT_LENGTH },
};

static const char standard_order[] =
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) "
    "cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header "
    "cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher "
    "x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port "
    "time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "
    "sc-range-start sc-range-end";

static const char real_time_order[] =
    "timestamp c-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host "
    "cs-uri-stem cs-bytes x-edge-location x-edge-request-id x-host-header time-taken "
    "cs-protocol-version c-ip-version cs-user-agent cs-referer cs-cookie cs-uri-query "
    "x-edge-response-result-type x-forwarded-for ssl-protocol ssl-cipher x-edge-result-type "
    "fle-encrypted-fields fle-status sc-content-type sc-content-len sc-range-start sc-range-end "
    "c-port x-edge-detailed-result-type c-country cs-accept-encoding cs-accept "
    "cache-behavior-path-pattern cs-headers cs-header-names cs-headers-count origin-fbl "
    "origin-lbl asn";

static events_field field_of(edgefn_str name)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (edgefn_str_eq(name, edgefn_cstr(names[i].name))) return names[i].field;
    return F_IGNORED;
}

static bool is_separator(char c)
{
    return c == ' ' || c == '\t' || c == ',';
}

bool events_columns(events *e, edgefn_str text)
{
    bool real_time = e->from == FROM_REAL_TIME;
    bool method = false;
    bool path = false;

    e->column_count = 0;
    for (size_t i = 0; i < text.len;) {
        size_t from = i;
        while (i < text.len && !is_separator(text.ptr[i]))
            i++;
        edgefn_str name = { text.ptr + from, i - from };
        while (i < text.len && is_separator(text.ptr[i]))
            i++;
        if (name.len == 0) continue;
        if (e->column_count == EVENTS_COLUMNS) return events_error(e, "too many fields", NULL);
        /* names that occur only in real-time logs */
        if (edgefn_str_eq(name, EDGEFN_S("cs-user-agent"))
            || edgefn_str_eq(name, EDGEFN_S("timestamp")))
            real_time = true;
        events_field field = field_of(name);
        method = method || field == F_METHOD;
        path = path || field == F_URI;
        e->columns[e->column_count++] = field;
    }
    for (size_t i = 0; real_time && i < e->column_count; i++)
        if (e->columns[i] == F_URI) e->columns[i] = F_URL;
    if (!method) return events_error(e, "the fields lack cs-method", NULL);
    if (!path) return events_error(e, "the fields lack cs-uri-stem", NULL);
    return true;
}

void events_columns_default(events *e)
{
    const char *order = e->from == FROM_REAL_TIME ? real_time_order : standard_order;

    events_columns(e, edgefn_cstr(order));
}

/*--- values -----------------------------------------------------------------------------------------------------------*/

/* True if the text contains "%25XX": a percent sign that was encoded more than once. */
static bool is_encoded_twice(edgefn_str s)
{
    for (size_t i = 0; i + 4 < s.len; i++)
        if (memcmp(s.ptr + i, "%25", 3) == 0 && isxdigit((unsigned char)s.ptr[i + 3])
            && isxdigit((unsigned char)s.ptr[i + 4]))
            return true;
    return false;
}

/* Undoes a log's encoding: each value once, User-Agent until it is no longer encoded, because
   CloudFront encodes it twice. */
static edgefn_str undo(events *e, edgefn_str s, events_field field)
{
    for (int round = 0; field == F_USER_AGENT && round < EVENTS_ROUNDS && is_encoded_twice(s);
         round++)
        s = edgefn_percent_decode(&e->decoder, s, false);
    return edgefn_percent_decode(&e->decoder, s, false);
}

/* Takes a field's value. Logs write "-" for an absent one. */
static bool take(events *e, events_field field, edgefn_str raw)
{
    if (field == F_IGNORED || edgefn_str_eq(raw, EDGEFN_S("-"))) return true;
    /* cs(Host) and x-host-header of standard logs, cs-host of real-time logs: the first counts */
    if (e->values[field].ptr && field == F_HOST) return true;
    edgefn_str value = undo(e, raw, field);
    if (value.ptr == NULL) return events_error(e, "out of memory", NULL);
    if (cli_has_control(value, field == F_HEADERS))
        return events_error(e, "a value contains a control character", NULL);
    e->values[field] = events_keep(e, value);
    return true;
}

bool events_tab_line(events *e, edgefn_str line)
{
    size_t count = 0;
    edgefn_str rest = line;

    if (!events_record_begin(e, line.len)) return false;
    for (;;) {
        edgefn_cut cut = edgefn_str_cut(rest, EDGEFN_S("\t"));
        if (count < e->column_count && !take(e, e->columns[count], cut.head)) return false;
        count++;
        if (!cut.found) break;
        rest = cut.tail;
    }
    if (count != e->column_count) {
        char what[100];
        snprintf(what, sizeof what, "%zu fields where %zu are named", count, e->column_count);
        return events_error(e, what, NULL);
    }
    return events_print(e);
}

bool events_json_line(events *e, edgefn_str line)
{
    edgefn_str text = edgefn_str_trim(line);

    if (!cli_is_json(text)) return events_error(e, "this line is not valid JSON", NULL);
    if (!events_record_begin(e, line.len)) return false;
    for (cli_json m = cli_json_in(text); cli_json_next(&m);) {
        events_field field = field_of(m.name);
        edgefn_str value = events_json_text(e, m.value);
        if (value.ptr && !take(e, field, value)) return false;
    }
    return events_print(e);
}
