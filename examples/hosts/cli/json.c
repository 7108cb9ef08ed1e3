/* json.c - a walk over the members of an object, or the elements of an array. */
#include "cli.h"

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at;
}

/* at: the opening quotation mark of a string. Returns: the position after the closing one. */
static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\') at++;
    return at < end ? at + 1 : end;
}

static const char *skip_value(const char *at, const char *end)
{
    size_t depth = 0;

    while (at < end) {
        if (*at == '"') {
            at = skip_string(at, end);
        } else {
            if (*at == '{' || *at == '[') depth++;
            if ((*at == '}' || *at == ']') && depth-- == 0) return at;
            if (*at == ',' && depth == 0) return at;
            at++;
            continue;
        }
        if (depth == 0) return at;
    }
    return end;
}

edgefn_str cli_json_trim(edgefn_str text)
{
    const char *end = text.ptr + text.len, *at = skip_space(text.ptr, end);

    while (end > at && skip_space(end - 1, end) == end)
        end--;
    return (edgefn_str){ at, (size_t)(end - at) };
}

cli_json cli_json_in(edgefn_str text)
{
    return (cli_json){ .at = text.ptr + 1, .end = text.ptr + text.len };
}

bool cli_json_next(cli_json *j)
{
    j->at = skip_space(j->at, j->end);
    if (j->at < j->end && *j->at == ',') j->at = skip_space(j->at + 1, j->end);
    if (j->at >= j->end || *j->at == '}' || *j->at == ']') return false;
    const char *from = j->at;
    const char *after = *from == '"' ? skip_space(skip_string(from, j->end), j->end) : from;
    j->name = EDGEFN_ABSENT;
    if (after < j->end && *after == ':') {
        const char *quote = skip_string(from, j->end) - 1;
        j->name = (edgefn_str){ from + 1, (size_t)(quote - from - 1) };
        j->at = skip_space(after + 1, j->end);
    }
    const char *value = j->at;
    j->at = skip_value(value, j->end);
    j->value = cli_json_trim((edgefn_str){ value, (size_t)(j->at - value) });
    return true;
}
