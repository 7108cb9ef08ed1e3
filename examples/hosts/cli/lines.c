/* lines.c - a file or standard input, line by line, in bounded memory. */
#include "cli.h"
#include <errno.h>
#include <string.h>

bool cli_lines_open(cli_lines *l, const char *file)
{
    bool is_stdin = strcmp(file, "-") == 0;

    *l = (cli_lines){ .file = file, .f = is_stdin ? stdin : fopen(file, "rb") };
    if (l->f == NULL) fprintf(stderr, "edgefn: %s: %s\n", file, strerror(errno));
    return l->f != NULL;
}

void cli_lines_close(cli_lines *l)
{
    if (l->f && l->f != stdin) fclose(l->f);
    cli_free(&l->bytes);
}

/* Reads more bytes after those in the buffer, which may move to its start. Returns: false at the end. */
static bool read_more(cli_lines *l)
{
    char chunk[65536];

    if (l->ended) return false;
    l->bytes.len -= l->at;
    if (l->at > 0) memmove(l->bytes.ptr, l->bytes.ptr + l->at, l->bytes.len);
    l->at = 0;
    errno = 0;
    size_t got = fread(chunk, 1, sizeof chunk, l->f);
    if (ferror(l->f)) {
        fprintf(stderr, "edgefn: %s: %s\n", l->file, strerror(errno ? errno : EIO));
        l->failed = true;
    }
    cli_add(&l->bytes, chunk, got);
    if (l->bytes.failed) {
        fputs("edgefn: not enough memory\n", stderr);
        l->failed = true;
    }
    l->ended = got < sizeof chunk || l->failed;
    return got > 0;
}

/* Finds the end of the line at `at`. from: the first byte not searched yet. Returns: its position, or
   the number of bytes if the last line has no end. */
static size_t find_end(cli_lines *l, size_t from)
{
    for (;;) {
        char *end = NULL;
        if (from < l->bytes.len) end = memchr(l->bytes.ptr + from, '\n', l->bytes.len - from);
        if (end) return (size_t)(end - l->bytes.ptr);
        size_t seen = l->bytes.len - l->at;
        if (seen > CLI_LONGEST_LINE) {
            l->too_long = true;
            l->at = l->bytes.len; /* drops the part of the line read so far */
            seen = 0;
        }
        if (!read_more(l)) return l->bytes.len;
        from = seen;
    }
}

bool cli_lines_next(cli_lines *l, edgefn_str *line)
{
    l->too_long = false;
    size_t end = find_end(l, l->at);
    if (end == l->at && end == l->bytes.len && !l->too_long) return false;
    l->line++;
    *line = (edgefn_str){ l->bytes.ptr + l->at, end - l->at };
    l->at = end < l->bytes.len ? end + 1 : end;
    if (line->len > 0 && line->ptr[line->len - 1] == '\r') line->len--;
    if (l->line == 1 && edgefn_str_starts(*line, EDGEFN_S(CLI_MARK)))
        *line = edgefn_str_skip(*line, sizeof CLI_MARK - 1);
    return true;
}

edgefn_str cli_lines_rest(cli_lines *l, edgefn_str line)
{
    l->at = (size_t)(line.ptr - l->bytes.ptr);
    while (read_more(l))
        ;
    edgefn_str rest = { l->bytes.ptr + l->at, l->bytes.len - l->at };
    l->at = l->bytes.len;
    return rest;
}

bool cli_is_blank(edgefn_str line)
{
    return edgefn_str_trim(line).len == 0;
}
