/* edgefn_why.h - why an event came to nothing, as lines for a log. */
#ifndef EDGEFN_WHY_H_INCLUDED
#define EDGEFN_WHY_H_INCLUDED

#include "edgefn.h"

/* Adds text of a stranger to a line. Returns: the new length, at most cap. */
static inline size_t edgehost_why_add(char *to, size_t at, size_t cap, edgefn_str s)
{
    for (size_t i = 0; i < s.len && at < cap; i++)
        to[at++] = (unsigned char)s.ptr[i] < ' ' ? '?' : s.ptr[i];
    return at;
}

/* Adds a line for each of CloudFront's objections, as far as they fit: " refused: what is wrong: subject (rule)". */
static inline size_t edgehost_why_findings(edgefn_event *ev, char *to, size_t at, size_t cap)
{
    edgefn_finding findings[8];
    size_t count = edgefn_check(ev, edgefn_cstr(NULL), findings, 8);

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
        if (at == cap) return line; /* whole lines only */
    }
    return at;
}

/* Writes what edgefn_describe() says and, where CloudFront would refuse the result, a line for each of its reasons. Without a last line end and
   without a NUL. Returns: the length, at most cap. */
static inline size_t edgehost_why(edgefn_event *ev, char *to, size_t cap)
{
    size_t len = cap > 0 ? edgefn_describe(ev, to, cap) : 0;

    if (len > cap) len = cap;
    return ev->err.code == EDGEFN_E_CHECK ? edgehost_why_findings(ev, to, len, cap) : len;
}

#endif /* EDGEFN_WHY_H_INCLUDED */
