/* jwt.c - edgefn jwt: signs and verifies tokens for tests of handlers, and shows the content of any token. */
#include "cli.h"
#include <stdlib.h>
#include <string.h>

typedef enum jwt_action { SIGN, VERIFY, SHOW } jwt_action;

typedef struct jwt_command {
    jwt_action action;
    const char *text; /* the operand: a token, or the payload to sign */
    edgefn_jwt_opts opts;
    edgefn_env env;
    cli_env table;      /* "jwks" */
    uint64_t expires_s; /* 0: the payload is signed unchanged */
    cli_bytes read, secret;
    edgefn_event ev;
    void *memory;
} jwt_command;

static int failed(const char *what, edgefn_str about, int code)
{
    fprintf(stderr, "edgefn jwt: %s", what);
    if (about.ptr) {
        fputs(": ", stderr);
        cli_put_to(stderr, about);
    }
    fputc('\n', stderr);
    return code;
}

/* Makes an event, which the library's token functions need. */
static bool make_event(jwt_command *c, size_t len)
{
    size_t room = 16 * len + 65536;
    edgefn_parse_opts opts = { .env = &c->env };

    c->memory = malloc(room);
    if (c->memory == NULL) return false;
    return edgefn_build_begin(&c->ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                              edgefn_arena_make(c->memory, room), &opts)
           == EDGEFN_OK;
}

static edgefn_json member(jwt_command *c, edgefn_str object, const char *pointer)
{
    return edgefn_json_at(&c->ev, object, edgefn_cstr(pointer));
}

/*--- sign -------------------------------------------------------------------------------------------------------------*/

/* Adds iat and exp before the claims, so that those of the payload take precedence. Returns: false if the payload is not an object. */
static bool add_times(jwt_command *c, edgefn_str *payload, cli_bytes *into)
{
    edgefn_str rest = edgefn_str_trim(*payload);
    char times[80];

    if (!edgefn_str_starts(rest, EDGEFN_S("{"))) return false;
    rest = edgefn_str_trim(edgefn_str_skip(rest, 1));
    unsigned long long now = (unsigned long long)c->env.now_s;
    snprintf(times, sizeof times, "{\"iat\":%llu,\"exp\":%llu%s", now, now + c->expires_s,
             edgefn_str_starts(rest, EDGEFN_S("}")) ? "" : ",");
    cli_add_z(into, times);
    cli_add(into, rest.ptr, rest.len);
    *payload = cli_str(into);
    return !into->failed;
}

static int sign(jwt_command *c, edgefn_str payload)
{
    cli_bytes with_times = { 0 };
    edgefn_str token = { NULL, 0 };

    if (c->expires_s == 0 || add_times(c, &payload, &with_times))
        token = edgefn_jwt_sign(&c->ev, payload, c->opts.secret);
    cli_free(&with_times);
    if (token.ptr == NULL)
        return failed("the payload is not a JSON object", EDGEFN_ABSENT, CLI_REFUSED);
    printf("%.*s\n", EDGEFN_FMT(token));
    return CLI_OK;
}

/*--- verify and show --------------------------------------------------------------------------------------------------*/

/* Decodes a part. Returns: absent if it is not a JSON object. */
static edgefn_str object_of(jwt_command *c, edgefn_str part)
{
    edgefn_str text = edgefn_base64url_decode(&c->ev, part);

    return member(c, text, "").type == EDGEFN_JSON_OBJECT ? text : EDGEFN_ABSENT;
}

static edgefn_str header_of(jwt_command *c, edgefn_str token)
{
    return object_of(c, edgefn_str_cut(token, EDGEFN_S(".")).head);
}

static int verify(jwt_command *c, edgefn_str token)
{
    edgefn_str algorithm = member(c, header_of(c, token), "/alg").string;
    edgefn_jwt jwt;

    if (!c->opts.rs256 && algorithm.ptr && !edgefn_str_eq(algorithm, EDGEFN_S("HS256")))
        return failed("refused: only HS256 is supported, this token has", algorithm, CLI_REFUSED);
    jwt = edgefn_jwt_verify(&c->ev, token, &c->opts);
    if (!jwt.ok) return failed("refused", edgefn_cstr(jwt.why), CLI_REFUSED);
    printf("%.*s\n", EDGEFN_FMT(jwt.payload));
    return CLI_OK;
}

/* Prints "exp 1767863704: Thu, 08 Jan 2026 09:15:04 GMT, 300 s from now". */
static void show_time(jwt_command *c, edgefn_str payload, const char *name)
{
    char pointer[8];

    snprintf(pointer, sizeof pointer, "/%s", name);
    edgefn_number n = edgefn_str_to_u64(member(c, payload, pointer).text);
    if (!n.ok || n.value >= (uint64_t)1 << 53) return;
    int64_t from_now = (int64_t)n.value - c->env.now_s;
    edgefn_str date = edgefn_date_text(&c->ev, (int64_t)n.value);
    if (date.len == 0) return; /* after the year 9999 */
    printf("%-10s %.*s, %lld s %s\n", name, EDGEFN_FMT(date),
           (long long)(from_now < 0 ? -from_now : from_now), from_now < 0 ? "ago" : "from now");
}

static int show(jwt_command *c, edgefn_str token)
{
    edgefn_cut head = edgefn_str_cut(token, EDGEFN_S("."));
    edgefn_cut body = edgefn_str_cut(head.tail, EDGEFN_S("."));
    edgefn_str header = header_of(c, token);
    edgefn_str payload = object_of(c, body.head);

    if (!body.found || header.ptr == NULL || payload.ptr == NULL)
        return failed("not a signed token: HEADER.PAYLOAD.SIGNATURE, each in base64url",
                      EDGEFN_ABSENT, CLI_REFUSED);
    fputs("header     ", stdout);
    cli_put(header);
    fputs("\npayload    ", stdout);
    cli_put(payload);
    putchar('\n');
    show_time(c, payload, "iat");
    show_time(c, payload, "nbf");
    show_time(c, payload, "exp");
    puts("signature  not checked");
    return CLI_OK;
}

/*--- the command line -------------------------------------------------------------------------------------------------*/

/* Reads "@FILE" from a file and "-" from standard input, without the last line end. "@@" stands for a text that begins with '@'. */
static bool read_text(const char *text, bool dash, cli_bytes *file, edgefn_str *to)
{
    bool is_stdin = dash && strcmp(text, "-") == 0;

    *to = edgefn_cstr(text[0] == '@' && text[1] == '@' ? text + 1 : text);
    if (!is_stdin && (text[0] != '@' || text[1] == '@')) return true;
    if (!cli_read(is_stdin ? "-" : text + 1, file)) return false;
    *to = cli_str(file);
    if (to->len > 0 && to->ptr[to->len - 1] == '\n') to->len--;
    if (to->len > 0 && to->ptr[to->len - 1] == '\r') to->len--;
    return true;
}

/* Reads a whole number. Returns: false after a message. */
static bool read_number(cli_args *args, const char *value, uint64_t most, uint64_t *to)
{
    edgefn_number n = edgefn_str_to_u64(edgefn_cstr(value));

    *to = n.value;
    if (n.ok && n.value <= most) return true;
    cli_usage(args, "expected whole seconds, not", value);
    return false;
}

/* edgefn_env.log: why a signature is refused. */
static void write_reason(void *user, edgefn_str text)
{
    (void)user;
    failed("not verified", text, 0);
}

/* Reads --jwks. Returns: CLI_OK, or CLI_USAGE after a message. */
static int read_keys(cli_args *args, jwt_command *c)
{
    c->opts.rs256 = c->opts.es256 = true;
    c->table.env.log = write_reason;
    if (cli_env_option(args, &c->table) != 1) return CLI_USAGE;
    c->env.verify = c->table.env.verify;
    c->env.user = &c->table;
    return CLI_OK;
}

/* Returns: CLI_OK, or CLI_USAGE after a message. */
static int read_option(cli_args *args, jwt_command *c)
{
    uint64_t seconds = 0;

    if (cli_is(args, "--no-expiry")) {
        c->opts.expiry_optional = true;
        return cli_flag(args) ? CLI_OK : CLI_USAGE;
    }
    if (cli_is(args, "--jwks")) return read_keys(args, c);
    static const char *const known[] = { "--secret", "--issuer", "--audience",
                                         "--leeway", "--now",    "--expires" };
    size_t which = 0;
    while (which < 6 && !cli_is(args, known[which]))
        which++;
    if (which == 6) return cli_usage(args, "unknown option", args->option);
    const char *value = cli_value(args);
    if (value == NULL) return CLI_USAGE;
    if (which >= 3 && !read_number(args, value, UINT32_MAX * (uint64_t)1024, &seconds))
        return CLI_USAGE;
    switch (which) {
    case 0: return read_text(value, false, &c->secret, &c->opts.secret) ? CLI_OK : CLI_USAGE;
    case 1: c->opts.issuer = edgefn_cstr(value); break;
    case 2: c->opts.audience = edgefn_cstr(value); break;
    case 3: c->opts.leeway_s = seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds; break;
    case 4: c->env.now_s = (int64_t)seconds; break;
    default: c->expires_s = seconds;
    }
    return CLI_OK;
}

static int read_args(cli_args *args, jwt_command *c)
{
    static const char *const actions[] = { "sign", "verify", "show" };
    const char *action = NULL;

    while (cli_next(args)) {
        if (args->operand == NULL) {
            if (read_option(args, c) != CLI_OK) return CLI_USAGE;
        } else if (action == NULL) {
            action = args->operand;
        } else if (c->text == NULL) {
            c->text = args->operand;
        } else {
            return cli_usage(args, "expected only one token or payload, not also", args->operand);
        }
    }
    if (action == NULL) return cli_usage(args, "expected sign, verify or show", NULL);
    size_t i = 0;
    while (i < 3 && strcmp(action, actions[i]) != 0)
        i++;
    if (i == 3) return cli_usage(args, "expected sign, verify or show, not", action);
    c->action = (jwt_action)i;
    if (c->text == NULL)
        return cli_usage(args, c->action == SIGN ? "a payload is missing" : "a token is missing",
                         NULL);
    bool keys = c->action == VERIFY && c->opts.rs256;
    c->opts.hs256 = c->opts.secret.len > 0;
    if (c->action != SHOW && !c->opts.hs256 && !keys)
        return cli_usage(args, "--secret is missing", NULL);
    return CLI_OK;
}

int cli_jwt(cli_args *args)
{
    jwt_command c = { .text = NULL };
    edgefn_str text;
    int code = CLI_USAGE;

    if (!cli_env_make(&c.table, args)) return CLI_USAGE;
    c.env.now_s = c.table.env.now_s;
    if (read_args(args, &c) == CLI_OK && read_text(c.text, true, &c.read, &text)) {
        if (!make_event(&c, text.len))
            code = failed("out of memory", EDGEFN_ABSENT, CLI_USAGE);
        else if (c.action == SIGN)
            code = sign(&c, text);
        else
            code = c.action == VERIFY ? verify(&c, text) : show(&c, text);
    }
    free(c.memory);
    cli_env_free(&c.table);
    cli_free(&c.read);
    cli_free(&c.secret);
    return cli_flush(code);
}
