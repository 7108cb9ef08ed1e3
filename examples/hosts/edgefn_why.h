/* edgefn_why.h - lines for a log: why an event failed, and the texts that handlers log. */
#ifndef EDGEFN_WHY_H_INCLUDED
#define EDGEFN_WHY_H_INCLUDED

#include "edgefn.h"

/* Adds untrusted text to a line. Returns: the new length, at most cap. */
static inline size_t edgehost_why_add(char *to, size_t at, size_t cap, edgefn_str s)
{
    for (size_t i = 0; i < s.len && at < cap; i++)
        to[at++] = (unsigned char)s.ptr[i] < ' ' ? '?' : s.ptr[i];
    return at;
}

/* Returns: the findings about a result, or if that has none or is absent, about the edits of the event: see edgefn_check(). */
static inline size_t edgehost_why_check(edgefn_event *ev, edgefn_str result, edgefn_finding *to,
                                        size_t cap)
{
    size_t count = result.ptr != NULL ? edgefn_check(ev, result, to, cap) : 0;

    return count > 0 ? count : edgefn_check(ev, EDGEFN_ABSENT, to, cap);
}

/* Adds what CloudFront says of a finding, if that is known. */
static inline size_t edgehost_why_says(const edgefn_finding *f, char *to, size_t at, size_t cap)
{
    char says[300];
    size_t len = edgefn_finding_message(f, says, sizeof says);
    edgefn_str text = { says, len < sizeof says ? len : sizeof says - 1 };

    if (len == 0) return at;
    if (at < cap) to[at++] = '\n';
    at = edgehost_why_add(to, at, cap, EDGEFN_S("   CloudFront says: "));
    return edgehost_why_add(to, at, cap, text);
}

/* Adds a line for each finding, as far as they fit: " refused: what is wrong: subject (rule)"; for functions in other languages also CloudFront's words. */
static inline size_t edgehost_why_findings(edgefn_event *ev, edgefn_str result, char *to, size_t at,
                                           size_t cap)
{
    edgefn_finding findings[8];
    size_t count = edgehost_why_check(ev, result, findings, 8);

    for (size_t i = 0; count != SIZE_MAX && i < count && i < 8; i++) {
        const edgefn_finding *f = &findings[i];
        size_t line = at;
        if (at < cap) to[at++] = '\n';
        at = edgehost_why_add(to, at, cap,
                              f->rule->confidence == EDGEFN_CONFIDENCE_DOUBTFUL
                                  ? EDGEFN_S(" doubtful: ")
                                  : EDGEFN_S(" refused: "));
        at = edgehost_why_add(to, at, cap, edgefn_cstr(f->rule->text));
        if (f->subject.ptr) at = edgehost_why_add(to, at, cap, EDGEFN_S(": "));
        at = edgehost_why_add(to, at, cap, edgefn_str_take(f->subject, 80));
        at = edgehost_why_add(to, at, cap, EDGEFN_S(" ("));
        at = edgehost_why_add(to, at, cap, edgefn_cstr(f->rule->id));
        at = edgehost_why_add(to, at, cap, EDGEFN_S(")"));
        if (result.ptr != NULL) at = edgehost_why_says(f, to, at, cap);
        if (at == cap) return line; /* whole lines only */
    }
    return at;
}

/* Leaves out what only C has: the names of its functions and error codes. Returns: the new length. */
static inline size_t edgehost_why_plain(char *to, size_t len)
{
    edgefn_str line = { to, len };
    edgefn_cut name;

    if (edgefn_str_ends(line, EDGEFN_S(")")))
        line = edgefn_str_cut(line, EDGEFN_S(" (EDGEFN_E_")).head;
    name = edgefn_str_cut(line, EDGEFN_S(": edgefn_handler"));
    if (!name.found) return line.len;
    for (size_t i = 0; i < name.tail.len; i++)
        to[name.head.len + i] = name.tail.ptr[i];
    return name.head.len + name.tail.len;
}

/* Writes the text of edgefn_describe() and, if CloudFront would refuse the result, a line for each finding. Writes no line end after the last
   line and no NUL. result: JSON of a function in another language, whose author never reads of C. Returns: the length, at most cap. */
static inline size_t edgehost_why_result(edgefn_event *ev, edgefn_str result, char *to, size_t cap)
{
    size_t len = cap > 0 ? edgefn_describe(ev, to, cap) : 0;

    if (len > cap) len = cap;
    if (result.ptr != NULL) len = edgehost_why_plain(to, len);
    return ev->err.code == EDGEFN_E_CHECK ? edgehost_why_findings(ev, result, to, len, cap) : len;
}

/* The same for a handler, whose result is the event's edits. */
static inline size_t edgehost_why(edgefn_event *ev, char *to, size_t cap)
{
    return edgehost_why_result(ev, EDGEFN_ABSENT, to, cap);
}

/* A line of edgefn_log() is cut to this many bytes. */
#define EDGEHOST_LOG_MOST 1000

/* Makes one line of a log from a handler's text: control characters, with which a viewer could forge
   lines or control a terminal, become '?', and a long text is cut and ends with "...".
   to: gets at most EDGEHOST_LOG_MOST bytes, no NUL. Returns: their number. */
static inline size_t edgehost_log_line(char to[EDGEHOST_LOG_MOST], edgefn_str text)
{
    size_t len = text.len <= EDGEHOST_LOG_MOST ? text.len : EDGEHOST_LOG_MOST - 3;
    size_t at = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        unsigned char next = i + 1 < text.len ? (unsigned char)text.ptr[i + 1] : 0;
        bool c1 = c == 0xc2 && next >= 0x80 && next < 0xa0; /* U+0080 to U+009F */
        to[at++] = (char)(c < 0x20 || c == 0x7f || c1 ? '?' : c);
        i += c1;
    }
    for (size_t i = len; i < text.len && i < len + 3; i++)
        to[at++] = '.';
    return at;
}

#endif /* EDGEFN_WHY_H_INCLUDED */
