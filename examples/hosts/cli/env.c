/* env.c - the environment of handlers: --now, --random, --random-bytes, and entries of tables: --secret, --kv, --auth, --jwks, --table. */
#include "cli.h"
#include "../edgefn_verify.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool read_now(const char *text, int64_t *now)
{
    edgefn_number n = edgefn_str_to_u64(edgefn_cstr(text));

    *now = (int64_t)n.value;
    return n.ok && n.value <= INT64_MAX;
}

static bool read_random(const char *text, uint32_t *draw)
{
    char *end;
    double x = strtod(text, &end);

    if (*text == '\0' || text[strspn(text, "0123456789.eE+-")] != '\0' || *end != '\0')
        return false;
    if (!(x >= 0 && x < 1)) return false;
    *draw = (uint32_t)(x * 4294967296.0);
    return true;
}

/* Reads 32 hex digits. */
static bool read_bytes(const char *text, unsigned char bytes[16])
{
    if (strlen(text) != 32 || text[strspn(text, "0123456789abcdefABCDEF")] != '\0') return false;
    for (int i = 0; i < 16; i++) {
        const char digits[3] = { text[2 * i], text[2 * i + 1], '\0' };
        bytes[i] = (unsigned char)strtoul(digits, NULL, 16);
    }
    return true;
}

/* Adds "NAME=VALUE". There is room for one entry per argument. */
static bool add_entry(cli_env *e, edgefn_str table, edgefn_str text)
{
    edgefn_cut c = edgefn_str_cut(text, EDGEFN_S("="));

    if (!c.found || c.head.len == 0) return false;
    e->items[e->tables.count++] = (edgehost_tables_row){ table, c.head, c.tail };
    return true;
}

/* Adds "TABLE:NAME=VALUE". */
static bool add_to_table(cli_env *e, edgefn_str text)
{
    edgefn_cut c = edgefn_str_cut(text, EDGEFN_S(":"));

    return c.found && c.head.len > 0 && add_entry(e, c.head, c.tail);
}

static edgefn_str look_up(void *user, edgefn_str table, edgefn_str name)
{
    const cli_env *e = user;

    for (size_t i = e->tables.count; i-- > 0;) {
        if (edgefn_str_eq(e->items[i].table, table) && edgefn_str_eq(e->items[i].key, name))
            return e->items[i].value;
    }
    return EDGEFN_ABSENT;
}

/* edgefn_env.verify. The log names the reason, which the handler does not learn. */
static bool verify(void *user, edgefn_str alg, edgefn_str kid, edgefn_str message,
                   edgefn_str signature)
{
    const cli_env *e = user;
    const char *why = edgehost_keys_refuse(e->keys, alg, kid, message, signature);

    if (why != NULL && e->env.log != NULL) e->env.log(user, edgefn_cstr(why));
    return why == NULL;
}

/* Reads the keys of the last entry of the table "jwks". Returns: false after a message. */
static bool add_keys(cli_env *e)
{
    const edgehost_tables_row *s = &e->items[e->tables.count - 1];
    char why[500];

    if (e->keys == NULL) e->keys = calloc(1, sizeof *e->keys);
    if (e->keys == NULL) return false;
    e->env.verify = verify;
    bool ok = edgehost_keys_row(e->keys, s->key, s->value, NULL, why, sizeof why);
    if (why[0] != '\0') fprintf(stderr, "edgefn: table jwks: %s\n", why);
    return ok;
}

/* Takes what no option set from the system's random source. If there is none, it stays unset. */
void cli_env_draw(edgefn_env *env)
{
    FILE *f;

    if (env->has_random && env->has_random_bytes) return;
    f = fopen("/dev/urandom", "rb");
    if (!env->has_random) env->has_random = f && fread(&env->random, sizeof env->random, 1, f) == 1;
    if (!env->has_random_bytes)
        env->has_random_bytes = f && fread(env->random_bytes, sizeof env->random_bytes, 1, f) == 1;
    if (!env->has_random || !env->has_random_bytes)
        fprintf(stderr, "edgefn: /dev/urandom: %s; use --random X and --random-bytes HEX\n",
                strerror(errno));
    if (f) fclose(f);
}

bool cli_env_make(cli_env *e, const cli_args *args)
{
    *e = (cli_env){ .env = { .now_s = (int64_t)time(NULL), .lookup = look_up, .user = e } };
    e->items = malloc((size_t)args->argc * sizeof *e->items);
    if (e->items == NULL) cli_usage(args, "out of memory", NULL);
    e->tables.rows = e->items;
    cli_secrets = &e->tables;
    return e->items != NULL;
}

void cli_env_free(cli_env *e)
{
    cli_secrets = NULL;
    free(e->items);
    e->items = NULL;
    if (e->keys != NULL) edgehost_keys_free(e->keys);
    free(e->keys);
    e->keys = NULL;
}

/* Reads the value of --secret, --kv, --auth, --jwks or --table. Returns: NULL, or an error message. */
static const char *read_entry(cli_env *e, const char *option, const char *value)
{
    edgefn_str text = edgefn_cstr(value);

    if (strcmp(option, "--table") == 0)
        return add_to_table(e, text) ? NULL : "--table needs TABLE:NAME=VALUE";
    if (strcmp(option, "--secret") == 0)
        return add_entry(e, EDGEFN_S("secret"), text) ? NULL : "--secret needs NAME=VALUE";
    if (strcmp(option, "--auth") == 0)
        return add_entry(e, EDGEFN_S("auth"), text) ? NULL : "--auth needs NAME=VALUE";
    if (strcmp(option, "--jwks") == 0)
        return add_entry(e, EDGEFN_S("jwks"), text) ? NULL : "--jwks needs ISSUER=FILE, not";
    return add_entry(e, EDGEFN_S("kv"), text) ? NULL : "--kv needs NAME=VALUE, not";
}

/* Reads the value of another option. Returns: NULL, or an error message, which the value follows. */
static const char *read_value(cli_env *e, const char *option, const char *value)
{
    if (strcmp(option, "--now") == 0)
        return read_now(value, &e->env.now_s) ? NULL : "--now needs whole seconds since 1970, not";
    if (strcmp(option, "--random-bytes") == 0) {
        e->env.has_random_bytes = read_bytes(value, e->env.random_bytes);
        return e->env.has_random_bytes ? NULL : "--random-bytes needs 32 hex digits, not";
    }
    e->env.has_random = read_random(value, &e->env.random);
    return e->env.has_random ? NULL : "--random needs a number from 0 to below 1, not";
}

int cli_env_option(cli_args *args, cli_env *e)
{
    static const struct {
        const char *name;
        bool entry, hidden; /* hidden: a wrong value, which may be a secret, is not printed */
    } options[] = {
        { "--now", false, false },
        { "--random", false, false },
        { "--random-bytes", false, false },
        { "--secret", true, true },
        { "--kv", true, false },
        { "--auth", true, true },
        { "--jwks", true, false },
        { "--table", true, true },
    };

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        const char *name = options[i].name;
        if (!cli_is(args, name)) continue;
        const char *value = cli_value(args);
        if (value == NULL) return -1;
        const char *wrong =
            options[i].entry ? read_entry(e, name, value) : read_value(e, name, value);
        bool keys = options[i].entry && wrong == NULL
                    && edgefn_str_eq(e->items[e->tables.count - 1].table, EDGEFN_S("jwks"));
        if (keys && !add_keys(e)) return -1;
        if (wrong == NULL) return 1;
        cli_usage(args, wrong, options[i].hidden ? NULL : value);
        return -1;
    }
    return 0;
}
