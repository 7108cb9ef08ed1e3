/* ua.c - edgefn ua: classifies user agents, one per line. */
#include "cli.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const systems[] = { "-",        "linux",      "windows",       "macos",
                                       "chromeos", "android",    "ios",           "kaios",
                                       "symbian",  "blackberry", "windows-phone", "tizen",
                                       "webos",    "roku",       "playstation" };
static const char *const browsers[] = { "-",       "safari",  "android-browser",
                                        "chrome",  "firefox", "ie",
                                        "brave",   "edge",    "samsung",
                                        "silk",    "opera",   "opera-mini",
                                        "uc",      "yandex",  "miui",
                                        "huawei",  "qq",      "duckduckgo",
                                        "vivaldi", "whale" };

const char *cli_system_name(edgefn_os os)
{
    return systems[os];
}

const char *cli_browser_name(edgefn_browser browser)
{
    return browsers[browser];
}

/* A buffer for stdout: stdio calls for each part of a line cost more than the classification. */
static char out[1 << 18];
static size_t out_len;

static void flush(void)
{
    fwrite(out, 1, out_len, stdout);
    out_len = 0;
}

static void put(edgefn_str s, char after)
{
    if (s.len >= sizeof out - out_len) flush();
    if (s.len >= sizeof out)
        fwrite(s.ptr, 1, s.len, stdout);
    else if (s.len > 0) {
        memcpy(out + out_len, s.ptr, s.len);
        out_len += s.len;
    }
    out[out_len++] = after;
}

static void print(edgefn_str text)
{
    edgefn_ua ua = edgefn_ua_parse(text);
    char digits[16];
    size_t at = sizeof digits;

    for (uint32_t major = ua.major; major != 0; major /= 10)
        digits[--at] = (char)('0' + major % 10);
    put(ua.bot != EDGEFN_BOT_NONE ? EDGEFN_S("bot") : edgefn_device_name(ua.device), '\t');
    put(edgefn_cstr(cli_system_name(ua.os)), '\t');
    put(edgefn_cstr(cli_browser_name(ua.browser)), '\t');
    put(ua.major == 0 ? EDGEFN_S("-") : (edgefn_str){ digits + at, sizeof digits - at }, '\t');
    put(ua.bot == EDGEFN_BOT_NONE ? EDGEFN_S("-")
        : ua.bot_name.ptr == NULL ? EDGEFN_S("?")
                                  : ua.bot_name,
        '\t');
    put(text, '\n');
}

static edgefn_str without_mark(edgefn_str s)
{
    return edgefn_str_skip(s, edgefn_str_starts(s, EDGEFN_S(CLI_MARK)) ? sizeof CLI_MARK - 1 : 0);
}

/* Prints the lines of standard input; text after the last line end is also a line. Returns: 0, or an errno. */
static int print_lines(void)
{
    cli_bytes rest = { 0 }; /* the start of a line whose end was not read yet */
    static char block[1 << 18];
    bool begins = true;
    size_t got;

    while ((got = fread(block, 1, sizeof block, stdin)) > 0) {
        const char *at = block, *end = block + got, *line_end;
        for (; (line_end = memchr(at, '\n', (size_t)(end - at))) != NULL; at = line_end + 1) {
            edgefn_str line = { at, (size_t)(line_end - at) };
            if (rest.len > 0) {
                cli_add(&rest, line.ptr, line.len);
                if (rest.failed) break;
                line = cli_str(&rest);
            }
            if (line.len > 0 && line.ptr[line.len - 1] == '\r') line.len--;
            print(begins ? without_mark(line) : line);
            begins = false;
            rest.len = 0;
        }
        if (!rest.failed) cli_add(&rest, at, (size_t)(end - at));
        if (rest.failed) break;
    }
    int why = rest.failed ? ENOMEM : ferror(stdin) ? (errno ? errno : EIO) : 0;
    if (why == 0 && rest.len > 0) print(begins ? without_mark(cli_str(&rest)) : cli_str(&rest));
    cli_free(&rest);
    return why;
}

int cli_ua(cli_args *args)
{
    const char *text = NULL;

    while (cli_next(args)) {
        if (args->operand == NULL) return cli_usage(args, "unknown option", args->option);
        if (text) return cli_usage(args, "expected only one user agent, not also", args->operand);
        text = args->operand;
    }
    if (text == NULL)
        return cli_usage(args, "a user agent is missing ('-' reads them from standard input)",
                         NULL);
    if (strcmp(text, "-") != 0) {
        print(edgefn_cstr(text));
        flush();
        return cli_flush(CLI_OK);
    }
    errno = 0;
    int why = print_lines();
    flush();
    if (why == 0) return cli_flush(CLI_OK);
    fflush(stdout);
    fprintf(stderr, "edgefn: standard input: %s\n", strerror(why));
    return CLI_USAGE;
}
