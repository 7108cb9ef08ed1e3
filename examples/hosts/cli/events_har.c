/* events_har.c - HAR files saved by browsers (HAR 1.2). */
#include "events.h"
#include <stdlib.h>
#include <string.h>

edgefn_str events_json_text(events *e, edgefn_str value)
{
    char first = value.len > 0 ? value.ptr[0] : '\0';

    if (first != '"' && first != '-' && (first < '0' || first > '9')) return EDGEFN_ABSENT;
    if (first == '"' && memchr(value.ptr, '\\', value.len) == NULL)
        return (edgefn_str){ value.ptr + 1, value.len - 2 };
    edgefn_json v = edgefn_json_at(&e->decoder, value, EDGEFN_S(""));
    return v.type == EDGEFN_JSON_STRING ? v.string : v.text;
}

/*--- HAR --------------------------------------------------------------------------------------------------------------*/

/* Returns: the member of an object; absent if it has no such member. */
static edgefn_str member(edgefn_str object, const char *name)
{
    edgefn_str found = { NULL, 0 };

    if (object.len == 0 || object.ptr[0] != '{') return found;
    for (cli_json m = cli_json_in(object); cli_json_next(&m);)
        if (edgefn_str_eq(m.name, edgefn_cstr(name))) found = m.value;
    return found;
}

static edgefn_str member_text(events *e, edgefn_str object, const char *name)
{
    edgefn_str text = events_json_text(e, member(object, name));

    return text.ptr ? events_keep(e, text) : text;
}

/* Splits "https://host/path?query#part". */
static bool take_url(events *e, edgefn_str url)
{
    edgefn_cut scheme = edgefn_str_cut(url, EDGEFN_S("://"));
    edgefn_str rest = edgefn_str_cut(scheme.tail, EDGEFN_S("#")).head;
    size_t end = 0;

    if (!scheme.found) return events_error(e, "the URL of a request is not absolute", NULL);
    if (!edgefn_str_eq(scheme.head, EDGEFN_S("http"))
        && !edgefn_str_eq(scheme.head, EDGEFN_S("https")))
        return events_error(e, "the URL of a request is neither http: nor https:", NULL);
    while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?')
        end++;
    e->values[F_PROTOCOL] = scheme.head;
    edgefn_cut user = edgefn_str_cut((edgefn_str){ rest.ptr, end }, EDGEFN_S("@"));
    e->values[F_HOST] = user.found ? user.tail : user.head;
    edgefn_cut path = edgefn_str_cut(edgefn_str_skip(rest, end), EDGEFN_S("?"));
    e->values[F_URI] = path.head.len > 0 ? path.head : EDGEFN_S("/");
    if (path.found) e->values[F_QUERY] = path.tail;
    return true;
}

/* Reads the headers of a request or response. Pseudo-headers of HTTP/2 and HTTP/3 such as ":authority" are
   skipped: the URL contains the same. */
static bool take_headers(events *e, edgefn_str message, pairs *into)
{
    edgefn_str headers = member(message, "headers");

    if (headers.len == 0 || headers.ptr[0] != '[') return true;
    for (cli_json h = cli_json_in(headers); cli_json_next(&h);) {
        edgefn_str name = member_text(e, h.value, "name");
        edgefn_str value = member_text(e, h.value, "value");
        if (name.len == 0 || name.ptr[0] == ':' || value.ptr == NULL) continue;
        if (cli_has_control(name, false) || cli_has_control(value, false))
            return events_error(e, "a header contains a control character", NULL);
        if (into == &e->event.request && edgefn_str_ieq(name, EDGEFN_S("cookie")))
            continue; /* see take_cookies() */
        if (into == &e->event.response && edgefn_str_ieq(name, EDGEFN_S("set-cookie"))
            && (e->event.kind & LAMBDA) == 0)
            continue; /* CloudFront Functions keeps cookies in a separate list: see take_set_cookies() */
        if (!sample_push(into, name, value, true))
            return events_error(e, "more headers than an event can have", NULL);
    }
    return true;
}

/* Joins the Cookie headers of a request with "; ": HTTP/2 and HTTP/3 may send one for each cookie (RFC 9113, 8.2.3). */
static void take_cookies(events *e, edgefn_str request)
{
    edgefn_str headers = member(request, "headers"), all = EDGEFN_ABSENT;

    if (headers.len == 0 || headers.ptr[0] != '[') return;
    for (cli_json h = cli_json_in(headers); cli_json_next(&h);) {
        edgefn_str name = events_json_text(e, member(h.value, "name"));
        edgefn_str value = events_json_text(e, member(h.value, "value"));
        if (!edgefn_str_ieq(name, EDGEFN_S("cookie")) || value.ptr == NULL) continue;
        if (all.ptr) all.len += events_keep(e, EDGEFN_S("; ")).len;
        value = events_keep(e, value); /* directly after what was kept before */
        all = (edgefn_str){ all.ptr ? all.ptr : value.ptr, all.len + value.len };
    }
    e->values[F_COOKIE] = all;
}

static bool take_set_cookies(events *e, edgefn_str response)
{
    edgefn_str headers = member(response, "headers");

    if (e->event.kind & LAMBDA || headers.len == 0 || headers.ptr[0] != '[') return true;
    for (cli_json h = cli_json_in(headers); cli_json_next(&h);) {
        edgefn_str name = member_text(e, h.value, "name");
        if (!edgefn_str_ieq(name, EDGEFN_S("set-cookie"))) continue;
        edgefn_cut attributes = edgefn_str_cut(member_text(e, h.value, "value"), EDGEFN_S(";"));
        edgefn_cut one = edgefn_str_cut(attributes.head, EDGEFN_S("="));
        if (!one.found || one.head.len == 0) continue;
        if (!sample_push(&e->event.set_cookies, one.head, one.tail, true))
            return events_error(e, "more cookies than an event can have", NULL);
        if (attributes.found)
            e->event.set_cookies.items[e->event.set_cookies.len - 1].attributes =
                edgefn_str_trim(attributes.tail);
    }
    return true;
}

/* Reads a body. Bodies are text; some tools write bytes as base64, marked as HAR specifies for responses. Returns: false after a message. */
static bool take_body(events *e, edgefn_str request)
{
    enum { SHOWN = 40000 }; /* the limit of viewer-request; the rest is cut off */
    edgefn_str data = member(request, "postData");
    edgefn_str text = member_text(e, data, "text");

    if (!e->include_body || text.ptr == NULL || (e->event.kind & BODY) == 0) return true;
    if (edgefn_str_eq(member_text(e, data, "encoding"), EDGEFN_S("base64"))) {
        text = edgefn_base64_decode(&e->decoder, text);
        if (text.ptr == NULL) return events_error(e, "a body is not valid base64", NULL);
    }
    e->event.truncated = e->event.kind == VREQ && text.len > SHOWN;
    e->event.body = e->event.truncated ? (edgefn_str){ text.ptr, SHOWN } : text;
    return true;
}

static bool take_entry(events *e, edgefn_str entry)
{
    edgefn_str request = member(entry, "request");
    edgefn_str response = member(entry, "response");

    /* headers of responses are read twice; the content, which may be long, is not */
    size_t content = member(response, "content").len;
    if (!events_record_begin(e, request.len + (response.len - content) * 2)) return false;
    e->values[F_METHOD] = member_text(e, request, "method");
    if (!take_url(e, member_text(e, request, "url"))) return false;
    if (!take_headers(e, request, &e->event.request)) return false;
    take_cookies(e, request);
    if (!take_body(e, request)) return false;
    if (e->event.kind & RESPONSE) {
        e->values[F_STATUS] = member_text(e, response, "status");
        edgefn_str text = member_text(e, response, "statusText");
        if (text.len > 0) e->event.status_text = text;
        if (!take_headers(e, response, &e->event.response)) return false;
        if (!take_set_cookies(e, response)) return false;
    }
    return events_print(e);
}

/* Counts the lines up to a position, for messages. */
static void count_lines(events *e, const char **from, const char *to)
{
    for (; *from < to; (*from)++)
        e->line += **from == '\n';
}

bool events_har(events *e, edgefn_str text)
{
    const char *counted = text.ptr;

    if (!cli_is_json(text)) return events_error(e, "this is neither valid JSON nor a log", NULL);
    edgefn_str all = edgefn_str_trim(text);
    edgefn_str entries = member(member(all, "log"), "entries");
    if (entries.len == 0 || entries.ptr[0] != '[')
        return events_error(e, "this JSON text has no log.entries: it is not a HAR file", NULL);
    for (cli_json j = cli_json_in(entries); cli_json_next(&j);) {
        count_lines(e, &counted, j.value.ptr);
        if (!take_entry(e, j.value)) events_reset(e);
    }
    return true;
}
