/* settings.c - edgefn settings: checks a distribution's settings (edge.json), and prints them as a part of nginx's configuration. */
#include "settings.h"
#include <stdlib.h>
#include <string.h>

/* The settings of a handler without a file: the origin receives everything but Host, and the key has the path and the query. */
static const char plain_file[] =
    "{\"Origins\": [{\"Id\": \"site\", \"DomainName\": \"origin.example.com\", \"Address\": \"desk\", "
    "\"CustomOriginConfig\": {\"OriginProtocolPolicy\": \"http-only\"}}],"
    "\"CachePolicies\": [{\"Name\": \"desk\", \"ParametersInCacheKeyAndForwardedToOrigin\": {"
    "\"EnableAcceptEncodingGzip\": true, \"QueryStringsConfig\": {\"QueryStringBehavior\": \"all\"}}}],"
    "\"OriginRequestPolicies\": [{\"Name\": \"desk\", "
    "\"HeadersConfig\": {\"HeaderBehavior\": \"allExcept\", \"Headers\": [\"Host\"]}, "
    "\"CookiesConfig\": {\"CookieBehavior\": \"all\"}, "
    "\"QueryStringsConfig\": {\"QueryStringBehavior\": \"all\"}}],"
    "\"DefaultCacheBehavior\": {\"TargetOriginId\": \"site\", \"ViewerProtocolPolicy\": \"allow-all\", "
    "\"AllowedMethods\": [\"GET\", \"HEAD\", \"OPTIONS\", \"PUT\", \"POST\", \"PATCH\", \"DELETE\"], "
    "\"CachePolicyId\": \"desk\", \"OriginRequestPolicyId\": \"desk\"}}";

/* The command's state. */
typedef struct settings {
    settings_reader reader, managed_reader;
    settings_model model, managed;
    settings_desk desk;
    const char *what; /* "--list", "--page", "--check"; NULL: the configuration */
    /* what options set in place of the file */
    const char *handler, *address, *domain, *country;
    bool functions, https, s3, body;
    settings_list key, triggers;       /* triggers: of the handler; none: all four */
    settings_objects rows, usual_rows; /* settings_row */
} settings;

/*--- options that override the file ----------------------------------------------------------------------------------------*/

/* Adds a row, or replaces that of the same table and key. usual: keeps that one. */
static bool put_row(settings *s, const settings_row *row, bool usual)
{
    settings_objects *to = &s->model.rows;
    settings_row *rows = to->items;

    for (size_t i = 0; i < to->len; i++) {
        if (!edgefn_str_eq(rows[i].table.s, row->table.s)
            || !edgefn_str_eq(rows[i].key.s, row->key.s))
            continue;
        if (!usual) rows[i] = *row;
        return true;
    }
    settings_row *more = settings_push(&s->reader, &to->items, &to->len, sizeof *more);
    if (more == NULL) return false;
    *more = *row;
    return true;
}

static bool is_listed(const settings_list *list, const char *word)
{
    for (size_t i = 0; i < list->len; i++)
        if (edgefn_str_eq(list->items[i].s, edgefn_cstr(word))) return true;
    return false;
}

/* HANDLER runs at all four triggers, or those of --trigger, of every behaviour that names no function. */
static void put_handler(settings *s, settings_behavior *b)
{
    if (s->handler == NULL || b->lambda.len + b->functions.len > 0) return;
    edgefn_str path = edgefn_cstr(s->handler);
    size_t number = settings_function_number(&s->reader, &s->model, path, path, s->functions);
    for (int type = EDGEFN_VIEWER_REQUEST; type <= EDGEFN_VIEWER_RESPONSE; type++) {
        bool viewer = type == EDGEFN_VIEWER_REQUEST || type == EDGEFN_VIEWER_RESPONSE;
        const char *name = edgefn_event_type_name((edgefn_event_type)type);
        if (s->triggers.len > 0 && !is_listed(&s->triggers, name)) continue;
        b->triggers[type] = (settings_trigger){ number, s->functions && viewer, false };
    }
}

static void override_behavior(settings *s, settings_behavior *b)
{
    put_handler(s, b);
    if (s->body)
        b->triggers[EDGEFN_VIEWER_REQUEST].include_body =
            b->triggers[EDGEFN_ORIGIN_REQUEST].include_body = true;
    if (s->key.len == 0) return;
    b->cache->key.headers.behavior.s = EDGEFN_S("whitelist");
    b->cache->key.headers.names = s->key;
}

static void override_origin(settings *s)
{
    settings_origin *o = s->model.origins.items;

    while (o != s->model.normal.to)
        o++;
    if (s->address != NULL) o->directory.s = EDGEFN_ABSENT;
    if (s->address != NULL) o->address.s = edgefn_cstr(s->address);
    if (s->domain != NULL) o->domain.s = edgefn_cstr(s->domain);
    if (s->s3) o->s3.at = o->at;
    if (s->https) o->custom.protocol.s = EDGEFN_S("https-only");
    if (s->https) o->custom.at = o->at;
}

static void override_all(settings *s)
{
    settings_behavior *b = s->model.behaviors.items;
    settings_row *rows = s->usual_rows.items;
    edgefn_str country = s->country != NULL ? edgefn_cstr(s->country) : s->model.country.s;

    override_origin(s);
    override_behavior(s, &s->model.normal);
    for (size_t i = 0; i < s->model.behaviors.len; i++)
        override_behavior(s, &b[i]);
    for (size_t i = 0; i < s->usual_rows.len; i++)
        put_row(s, &rows[i], true);
    rows = s->rows.items;
    for (size_t i = 0; i < s->rows.len; i++)
        put_row(s, &rows[i], false);
    settings_row *row =
        settings_push(&s->reader, &s->model.added.items, &s->model.added.len, sizeof *row);
    if (row == NULL) return;
    *row = (settings_row){ .key.s = EDGEFN_S("CloudFront-Viewer-Country"),
                           .value.s = country.ptr != NULL ? country : EDGEFN_S("DE") };
}

/*--- options ---------------------------------------------------------------------------------------------------------------*/

/* "\n" in the value of a row is a line end. */
static edgefn_str unescaped(settings *s, edgefn_str text)
{
    char *to = settings_alloc(&s->reader, text.len + 1);
    size_t len = 0;

    for (size_t i = 0; to != NULL && i < text.len; i++) {
        char next = '\0';
        if (i + 1 < text.len) next = text.ptr[i + 1];
        if (text.ptr[i] != '\\' || strchr("nrt\\\"", next) == NULL || next == '\0') {
            to[len++] = text.ptr[i];
            continue;
        }
        const char *control = strchr("n\nr\rt\t", next);
        to[len++] = control != NULL ? control[1] : next;
        i++;
    }
    return (edgefn_str){ to, len };
}

/* "TABLE KEY VALUE" */
static bool take_row(settings *s, cli_args *args, const char *value, settings_objects *to)
{
    edgefn_cut table = edgefn_str_cut(edgefn_str_trim(edgefn_cstr(value)), EDGEFN_S(" "));
    edgefn_cut key = edgefn_str_cut(edgefn_str_trim(table.tail), EDGEFN_S(" "));
    settings_row *row = settings_push(&s->reader, &to->items, &to->len, sizeof *row);

    if (row == NULL) return false;
    *row = (settings_row){ .table.s = table.head,
                           .key.s = key.head,
                           .value.s = unescaped(s, edgefn_str_trim(key.tail)) };
    if (key.found && row->value.s.ptr != NULL) return true;
    cli_usage(args, "--table needs 'TABLE KEY VALUE', not", value);
    return false;
}

/* "HOST=ADDRESS" */
static bool take_host(settings *s, cli_args *args, const char *value)
{
    edgefn_cut cut = edgefn_str_cut(edgefn_cstr(value), EDGEFN_S("="));
    settings_row *row =
        settings_push(&s->reader, &s->desk.others.items, &s->desk.others.len, sizeof *row);

    if (row == NULL) return false;
    *row = (settings_row){ .key.s = cut.head, .value.s = cut.tail };
    if (cli_is(args, "--usual-host")) row->table.s = EDGEFN_S("usual");
    if (cut.found && cut.head.len > 0 && cut.tail.len > 0) return true;
    cli_usage(args, "--host needs NAME=ADDRESS, not", value);
    return false;
}

static bool take_word(settings *s, settings_list *list, const char *value)
{
    settings_text *t = settings_push(&s->reader, (void **)&list->items, &list->len, sizeof *t);

    if (t == NULL) return false;
    t->s = edgefn_cstr(value);
    return true;
}

/* Options with a value that is only kept. Returns: where; NULL for another option. */
static const char **place_of(settings *s, const cli_args *args)
{
    const struct {
        const char *option;
        const char **to;
    } places[] = { { "--dir", &s->desk.dir },         { "--listen", &s->desk.listen },
                   { "--https", &s->desk.tls },       { "--certificate", &s->desk.certificate },
                   { "--results", &s->desk.check },   { "--trace", &s->desk.trace },
                   { "--port", &s->desk.port },       { "--https-port", &s->desk.https_port },
                   { "--include", &s->desk.include }, { "--handler", &s->handler },
                   { "--address", &s->address },      { "--domain", &s->domain },
                   { "--country", &s->country } };

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (cli_is(args, places[i].option)) return places[i].to;
    return NULL;
}

static bool *flag_of(settings *s, const cli_args *args)
{
    if (cli_is(args, "--functions")) return &s->functions;
    if (cli_is(args, "--https-origin")) return &s->https;
    if (cli_is(args, "--s3")) return &s->s3;
    if (cli_is(args, "--any-origin")) return &s->desk.any;
    return cli_is(args, "--body") ? &s->body : NULL;
}

static bool take_repeated(settings *s, cli_args *args, const char *value)
{
    if (cli_is(args, "--table")) return take_row(s, args, value, &s->rows);
    if (cli_is(args, "--usual-table")) return take_row(s, args, value, &s->usual_rows);
    if (cli_is(args, "--host") || cli_is(args, "--usual-host")) return take_host(s, args, value);
    return take_word(s, cli_is(args, "--key") ? &s->key : &s->triggers, value);
}

static bool is_repeated(const cli_args *args)
{
    static const char *const options[] = { "--table",      "--usual-table", "--host",
                                           "--usual-host", "--key",         "--trigger" };

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (cli_is(args, options[i])) return true;
    return false;
}

/* Returns: false after a message. */
static bool take_option(settings *s, cli_args *args)
{
    static const char *const whats[] = { "--list", "--page", "--rows", "--origins", "--check" };
    const char **place = place_of(s, args);
    bool *flag = flag_of(s, args);
    bool repeated = is_repeated(args);

    if (flag != NULL) {
        *flag = true;
        return cli_flag(args);
    }
    for (size_t i = 0; i < sizeof whats / sizeof whats[0]; i++) {
        if (!cli_is(args, whats[i])) continue;
        s->what = whats[i];
        return cli_flag(args);
    }
    if (place == NULL && !repeated) {
        cli_usage(args, "unknown option", args->option);
        return false;
    }
    const char *value = cli_value(args);
    if (value == NULL) return false;
    if (repeated) return take_repeated(s, args, value);
    *place = value;
    return true;
}

/*--- the command -------------------------------------------------------------------------------------------------------------*/

/* Each function: its number, its file's name, and what HANDLER would be. */
static void print_list(const settings_model *m)
{
    for (size_t i = 0; i < m->function_count; i++) {
        edgefn_str name = settings_function_name(m->functions[i].resolved);
        printf("%zu\t%.*s\t%.*s", i + 1, EDGEFN_FMT(name), EDGEFN_FMT(m->functions[i].resolved));
        if (!settings_is_c(m->functions[i].resolved))
            fputs(m->functions[i].functions ? "\tfunctions" : "\tlambda", stdout);
        putchar('\n');
    }
}

/* "TABLE KEY VALUE" in lines, for functions in other languages; values with line ends are left out. */
static void print_rows(const settings_model *m)
{
    const settings_row *rows = m->rows.items;

    for (size_t i = 0; i < m->rows.len; i++)
        if (!edgefn_str_contains(rows[i].value.s, EDGEFN_S("\n")))
            printf("%.*s %.*s %.*s\n", EDGEFN_FMT(rows[i].table.s), EDGEFN_FMT(rows[i].key.s),
                   EDGEFN_FMT(rows[i].value.s));
}

/* Sets the directory of a file, with '/' at the end; empty for the working directory. */
static bool set_base(settings *s, const char *file)
{
    const char *slash = strrchr(file, '/');
    size_t len = slash != NULL ? (size_t)(slash - file) + 1 : 0;
    char *base = settings_alloc(&s->reader, len + 1);

    if (base == NULL) return false;
    memcpy(base, file, len);
    s->reader.base = base;
    return true;
}

static int read_and_print(settings *s, const char *file)
{
    bool plain = file == NULL;
    edgefn_str text = plain ? edgefn_cstr(plain_file) : EDGEFN_ABSENT;

    s->reader.file = plain ? "edgefn settings" : file;
    s->managed_reader.file = "managed policies";
    s->managed_reader.base = "";
    s->model.managed = s->managed.managed = &s->managed;
    if (!set_base(s, plain ? "" : file)
        || !settings_read(&s->managed_reader, edgefn_cstr(settings_managed_text), &settings_managed,
                          &s->managed)
        || !settings_settle_policies(&s->managed_reader, &s->managed))
        return CLI_USAGE;
    if (!settings_read(&s->reader, text, &settings_file, &s->model))
        return s->reader.errors > 0 ? CLI_REFUSED : CLI_USAGE;
    if (!settings_settle(&s->reader, &s->model)) return CLI_REFUSED;
    if (plain) ((settings_request_policy *)s->model.request.items)->desk = true;
    override_all(s);
    if (s->reader.out_of_memory) return CLI_USAGE;
    if (s->what == NULL)
        settings_print(&s->model, &s->desk);
    else if (strcmp(s->what, "--list") == 0)
        print_list(&s->model);
    else if (strcmp(s->what, "--rows") == 0)
        print_rows(&s->model);
    else if (strcmp(s->what, "--origins") == 0)
        settings_print_origins(&s->model, &s->desk);
    else if (strcmp(s->what, "--page") == 0)
        settings_print_page(&s->model);
    return cli_flush(CLI_OK);
}

int cli_settings(cli_args *args)
{
    settings s = { .desk = { .dir = "/run/edgefn", .listen = "127.0.0.1:8080", .check = "log" } };
    const char *file = NULL;
    int code = CLI_OK;

    while (code == CLI_OK && cli_next(args)) {
        if (args->operand == NULL)
            code = take_option(&s, args) ? CLI_OK : CLI_USAGE;
        else if (file != NULL)
            code = cli_usage(args, "one file, not also", args->operand);
        else
            file = args->operand;
    }
    if (code == CLI_OK && s.desk.tls != NULL && s.desk.certificate == NULL)
        code = cli_usage(args, "--https needs --certificate", NULL);
    if (code == CLI_OK) code = read_and_print(&s, file);
    settings_free(&s.reader);
    settings_free(&s.managed_reader);
    return code;
}
