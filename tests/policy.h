/* policy.h - reads tests/data/policy.tsv, makes events and results from its rows, and expands
   rows of JSON that contain marks. */
#ifndef POLICY_H
#define POLICY_H
/* clang-format off: tables with aligned columns */

/* In a result, '^' marks the byte after it and is removed; the first mark is @1. <a*300> stands
   for 300 letters a. */
typedef struct marked {
    edgefn_str text;
    size_t at[10], marks;
} marked;

static void put_byte(char **p, size_t *len, size_t *cap, char c)
{
    if (*len == *cap) *p = (char *)realloc(*p, *cap = *cap * 2 + 256);
    if (!*p) abort();
    (*p)[(*len)++] = c;
}

static marked marked_of(const char *row)
{
    marked m = { { NULL, 0 }, { 0 }, 0 };
    size_t len = 0, cap = 0;
    char *p = NULL;
    for (; *row; row++) {
        char c = 0, close = 0;
        unsigned long n = 0;
        if (*row == '^') {
            m.at[m.marks++] = len;
            continue;
        }
        if (*row == '<' && sscanf(row, "<%c*%lu%c", &c, &n, &close) == 3 && close == '>') {
            while (n-- > 0)
                put_byte(&p, &len, &cap, c);
            row = strchr(row, '>');
            continue;
        }
        put_byte(&p, &len, &cap, *row == '\'' ? '"' : *row == '`' ? '\\' : *row);
    }
    char *exact =
        /* exact size: the sanitizer reports reads after it */
        (char *)test_own(malloc(len ? len : 1));
    if (len) memcpy(exact, p, len);
    free(p);
    m.text = (edgefn_str){ exact, len };
    return m;
}

enum { ADDED, DELETED, CHANGED, SECOND, KEY_CASE, UNTOUCHED, ACTIONS };
static const char *const action_names[] = { "added",        "deleted",          "changed",
                                            "second-value", "key-case-changed", "untouched" };

typedef struct kind {
    const char *name;
    edgefn_dialect dialect;
    edgefn_event_type type;
    bool response, answer;
} kind;
static const kind kinds[] = {
    { "vreq", EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, false, false },
    { "vreq-answer", EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, true, true },
    { "oreq", EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_REQUEST, false, false },
    { "oreq-answer", EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_REQUEST, true, true },
    { "ores", EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_RESPONSE, true, false },
    { "vres", EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_RESPONSE, true, false },
    { "vreq", EDGEFN_DIALECT_FUNCTIONS, EDGEFN_VIEWER_REQUEST, false, false },
    { "vreq-answer", EDGEFN_DIALECT_FUNCTIONS, EDGEFN_VIEWER_REQUEST, true, true },
    { "vres", EDGEFN_DIALECT_FUNCTIONS, EDGEFN_VIEWER_RESPONSE, true, false },
};

/* Returns the name with the first letter of each part in upper case. */
static const char *title(const char *name)
{
    static char text[100];
    snprintf(text, sizeof text, "%s", name);
    for (size_t i = 0; text[i]; i++)
        if ((i == 0 || text[i - 1] == '-') && text[i] >= 'a' && text[i] <= 'z')
            text[i] = (char)(text[i] - 32);
    return text;
}

/* Writes one header in a dialect; values: "" for no such header, "1", "2", or "12" for both. */
static void put_header(char *to, size_t cap, const kind *k, const char *name, const char *values,
                       bool lower_key)
{
    if (!*values)
        snprintf(to, cap, "'x-anchor':%s",
                 k->dialect == EDGEFN_DIALECT_LAMBDA ? "[{'value':'a'}]" : "{'value':'a'}");
    else if (k->dialect == EDGEFN_DIALECT_LAMBDA) {
        int n = snprintf(to, cap, "^'%s':[", name);
        for (const char *v = values; *v; v++)
            n += snprintf(to + n, cap - (size_t)n, "%s{'key':^'%s','value':'%c'}",
                          v > values ? "," : "", lower_key ? name : title(name), *v);
        snprintf(to + n, cap - (size_t)n, "]");
    } else if (strlen(values) == 1)
        snprintf(to, cap, "^'%s':{'value':'%c'}", lower_key ? title(name) : name, *values);
    else
        snprintf(to, cap, "^'%s':{'value':'1','multiValue':[{'value':'1'},{'value':'2'}]}", name);
}

static void put_object(char *to, size_t cap, const kind *k, bool response, const char *header)
{
    const char *rest = !response                             ? "'method':'GET','uri':'/'"
                       : k->dialect == EDGEFN_DIALECT_LAMBDA ? "'status':'200'"
                                                             : "'statusCode':200";
    snprintf(to, cap, "{%s,'headers':{%s^}}", rest, header);
}

/* Writes the texts for a row of the policy, with marks: the event with or without the header,
   and the result. */
static void policy_texts(const kind *k, const char *name, int action, char event[2000],
                         char result[800])
{
    static const char *const before[] = { "", "1", "1", "1", "1", "1" }, *const after[] = {
        "1", "", "2", "12", "1", "1"
    };
    const char *head = k->dialect == EDGEFN_DIALECT_LAMBDA
                           ? "{'Records':[{'cf':{'config':{'eventType':'%s'},%s}}]}"
                           : "{'version':'1.0','context':{'eventType':'%s'},%s}";
    char header[600], received[800], body[1000];
    put_header(header, sizeof header, k, name, before[action], false);
    put_object(received, sizeof received, k, k->response && !k->answer, header);
    snprintf(body, sizeof body,
             k->response && !k->answer ? "'request':{'method':'GET','uri':'/'},'response':%s"
                                       : "'request':%s",
             k->answer ? "{'method':'GET','uri':'/'}" : received);
    snprintf(event, 2000, head, edgefn_event_type_name(k->type), body);
    put_header(header, sizeof header, k, name, after[action], action == KEY_CASE);
    put_object(result, 800, k, k->response, header);
}

static bool listed(const char *list, const char *name)
{
    size_t len = strlen(name);
    if (strcmp(list, "*") == 0) return true;
    for (const char *p = list; (p = strstr(p, name)) != NULL; p += len)
        if ((p == list || p[-1] == ',') && (p[len] == ',' || p[len] == 0)) return true;
    return false;
}

typedef struct policy {
    char dialect[12], kinds[80], header[40], verdict[ACTIONS][60];
} policy;
static policy policies[300];
static size_t policy_count;

static void policy_read(void)
{
    char line[1000];
    FILE *f = fopen("tests/data/policy.tsv", "r");
    if (!f) {
        perror("tests/data/policy.tsv");
        exit(2);
    }
    policy_count = 0;
    while (fgets(line, sizeof line, f)) {
        policy *p = &policies[policy_count];
        if (line[0] == '#' || line[0] == '\n' || strncmp(line, "dialect\t", 8) == 0) continue;
        int n = sscanf(
            line,
            "%11[^\t]\t%79[^\t]\t%39[^\t]\t%59[^\t]\t%59[^\t]\t%59[^\t]\t%59[^\t]\t%59[^\t]\t%59[^\t\n]",
            p->dialect, p->kinds, p->header, p->verdict[0], p->verdict[1], p->verdict[2],
            p->verdict[3], p->verdict[4], p->verdict[5]);
        if (n != 3 + ACTIONS || policy_count + 1 == COUNT(policies)) {
            printf("tests/data/policy.tsv: %d columns: %s\n", n, line);
            exit(2);
        }
        policy_count++;
    }
    fclose(f);
}

static const policy *policy_of(const kind *k, const char *header)
{
    const policy *found = NULL;
    for (size_t i = 0; i < policy_count; i++) {
        const policy *p = &policies[i];
        if (strcmp(p->dialect, k->dialect == EDGEFN_DIALECT_LAMBDA ? "lambda" : "functions") != 0
            || strcmp(p->header, header) != 0 || !listed(p->kinds, k->name))
            continue;
        if (!CHECK(found == NULL)) printf("    twice: %s %s\n", k->name, header);
        found = p;
    }
    return found;
}
#endif
