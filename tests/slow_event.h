/* slow_event.h - what an event is, decided by an independent reader of its tree (slow.h): accepted
   or refused, with which error and where, and what a handler sees of it. It shares no code with the
   reader of the library. The text must be JSON.

   A text with several faults has the first one in the order of the text. A missing member is found
   at the closing brace of its object, and so are equal names of headers, cookies, parameters and of
   members that the library does not know. */
#ifndef SLOW_EVENT_H
#define SLOW_EVENT_H

#ifndef SLOW_FIELDS
#  define SLOW_FIELDS 80 /* of a list */
#endif

typedef struct slow_list {
    edgefn_field fields[SLOW_FIELDS];
    size_t len;
} slow_list;

enum { SEEN_H, SEEN_R, SEEN_O, SEEN_Q, SEEN_C, SEEN_SC, SEEN_LISTS };

typedef struct slow_event {
    /* what the parser was told */
    bool lenient;
    edgefn_event_type wanted;
    /* what it must return */
    edgefn_error code;
    size_t pos;
    /* what a handler sees: the members that are not lists, and the lists */
    edgefn_event ev;
    slow_list lists[SEEN_LISTS];
    /* while it is read */
    const char *text;
    const node *root, *cf, *request, *response;
    bool encoded;
} slow_event;

/* A member that the library knows: the kind of its value, and where it is stored. */
typedef struct slow_slot {
    const char *name;
    char kind;
    void *to;
} slow_slot;

/* The values of one name of a list. */
typedef struct slow_group {
    slow_list *list;
    edgefn_str name;
} slow_group;

static bool slow_member(slow_event *m, const slow_slot *slot, const node *v);

static bool slow_fault(slow_event *m, edgefn_error code, const char *at)
{
    m->code = code;
    m->pos = (size_t)(at - m->text);
    return false;
}

static const char *slow_close(const node *v)
{
    return v->raw.ptr + v->raw.len - 1;
}

static bool slow_missing(slow_event *m, const node *object)
{
    return slow_fault(m, EDGEFN_E_MISSING, slow_close(object));
}

static bool slow_wrong(slow_event *m, const node *v)
{
    return slow_fault(m, EDGEFN_E_TYPE, v->raw.ptr);
}

/* True for a null that counts as absent. */
static bool slow_null(const slow_event *m, const node *v)
{
    return m->lenient && v->kind == 'n';
}

static bool slow_same_name(edgefn_str a, edgefn_str b, bool fold)
{
    size_t used = slow_used;
    bool equal = fold ? same(lower_of(a), lower_of(b)) : same(a, b);
    slow_used = used;
    return equal;
}

static bool slow_names_differ(slow_event *m, const node *object, bool fold)
{
    for (const node *k = object->first; k != NULL; k = k->next)
        for (const node *before = object->first; before != k; before = before->next)
            if (slow_same_name(k->name, before->name, fold))
                return slow_fault(m, EDGEFN_E_DUPLICATE, k->whole.ptr);
    return true;
}

static const slow_slot *slow_slot_of(const slow_slot *slots, size_t count, edgefn_str name)
{
    for (size_t i = 0; i < count; i++)
        if (same(name, edgefn_cstr(slots[i].name))) return &slots[i];
    return NULL;
}

/* Reads the members of an object. Two of the same name, or both spellings of multiValue, are one
   too many. */
static bool slow_members(slow_event *m, const node *object, const slow_slot *slots, size_t count)
{
    if (object->kind != '{') return slow_wrong(m, object);
    for (const node *k = object->first; k != NULL; k = k->next) {
        const slow_slot *slot = slow_slot_of(slots, count, k->name);
        if (slot == NULL) continue;
        for (const node *before = object->first; before != k; before = before->next) {
            const slow_slot *other = slow_slot_of(slots, count, before->name);
            if (other != NULL && (other == slot || (other->kind == 'm' && slot->kind == 'm')))
                return slow_fault(m, EDGEFN_E_DUPLICATE, k->whole.ptr);
        }
        if (!slow_member(m, slot, k)) return false;
    }
    return slow_names_differ(m, object, false);
}
#define SLOW_MEMBERS(m, object, slots) slow_members(m, object, slots, COUNT(slots))

/*--- lists ------------------------------------------------------------------------------------------------------------*/

static void slow_add(slow_group g, edgefn_str value, edgefn_str key, edgefn_str attributes)
{
    if (g.list->len == COUNT(g.list->fields)) abort();
    edgefn_field *f = &g.list->fields[g.list->len++];
    memset(f, 0, sizeof *f);
    f->name = g.name;
    f->value = value;
    f->key = key;
    f->attributes = attributes;
}

/* {"key":...,"value":...} or {"value":...,"attributes":...} */
static bool slow_value_object(slow_event *m, slow_group g, const node *v)
{
    edgefn_str key = EDGEFN_ABSENT, value = EDGEFN_ABSENT, attributes = EDGEFN_ABSENT;
    bool lambda = m->ev.dialect == EDGEFN_DIALECT_LAMBDA;
    const slow_slot slots[] = { { "value", 'v', &value },
                                { lambda ? "key" : "attributes", 's',
                                  lambda ? &key : &attributes } };
    if (!SLOW_MEMBERS(m, v, slots)) return false;
    if (value.ptr == NULL) return slow_missing(m, v);
    slow_add(g, value, key, attributes);
    return true;
}

static bool slow_values(slow_event *m, slow_group g, const node *v)
{
    if (slow_null(m, v)) return true;
    if (v->kind != '[') return slow_wrong(m, v);
    for (const node *k = v->first; k != NULL; k = k->next)
        if (!slow_value_object(m, g, k)) return false;
    return true;
}

/* {"value":...,"attributes":...,"multiValue":[...]} of CloudFront Functions */
static bool slow_item(slow_event *m, slow_group g, const node *v)
{
    edgefn_str value = EDGEFN_ABSENT, attributes = EDGEFN_ABSENT;
    size_t before = g.list->len;
    const slow_slot slots[] = { { "value", 'v', &value },
                                { "attributes", 's', &attributes },
                                { "multiValue", 'm', &g },
                                { "multivalue", 'm', &g } };
    if (slow_null(m, v)) return true;
    if (!SLOW_MEMBERS(m, v, slots)) return false;
    if (g.list->len > before) return true; /* multiValue has all of them */
    if (value.ptr == NULL) return slow_missing(m, v);
    slow_add(g, value, EDGEFN_ABSENT, attributes);
    return true;
}

/* fold: names are headers. */
static bool slow_map(slow_event *m, slow_list *l, const node *v, bool fold)
{
    bool lambda = m->ev.dialect == EDGEFN_DIALECT_LAMBDA;
    if (slow_null(m, v)) return true;
    if (v->kind != '{') return slow_wrong(m, v);
    for (const node *k = v->first; k != NULL; k = k->next) {
        slow_group g = { l, fold ? lower_of(k->name) : k->name };
        if (!(lambda ? slow_values(m, g, k) : slow_item(m, g, k))) return false;
    }
    return slow_names_differ(m, v, fold);
}

/*--- values -----------------------------------------------------------------------------------------------------------*/

static bool slow_string_to(slow_event *m, const node *v, edgefn_str *to)
{
    if (slow_null(m, v)) return true;
    if (v->kind != '"') return slow_wrong(m, v);
    *to = v->str;
    return true;
}

/* Returns the number that a text of digits is; UINT64_MAX for others and above 32 bits. */
static uint64_t slow_digits(edgefn_str s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return UINT64_MAX;
        n = n * 10 + (uint64_t)(s.ptr[i] - '0');
        if (n > UINT32_MAX) return UINT64_MAX;
    }
    return s.len != 0 ? n : UINT64_MAX;
}

static bool slow_is_number(const node *v)
{
    return v->kind == '-' || (v->kind >= '0' && v->kind <= '9');
}

static bool slow_number(slow_event *m, const node *v, uint32_t *to)
{
    if (slow_null(m, v)) return true;
    if (!slow_is_number(v)) return slow_wrong(m, v);
    uint64_t n = slow_digits(v->raw);
    if (n == UINT64_MAX) return slow_fault(m, EDGEFN_E_RANGE, v->raw.ptr);
    *to = (uint32_t)n;
    return true;
}

/* A number from 100 to 999; in Lambda@Edge also as a string of three digits. */
static bool slow_status(slow_event *m, const node *v)
{
    bool text = m->ev.dialect == EDGEFN_DIALECT_LAMBDA && v->kind == '"';
    if (slow_null(m, v)) return true;
    if (!text && !slow_is_number(v)) return slow_wrong(m, v);
    uint64_t n = slow_digits(text ? v->str : v->raw);
    if (n < 100 || n > 999 || (text && v->str.len != 3))
        return slow_fault(m, EDGEFN_E_RANGE, v->raw.ptr);
    m->ev.response.status = (uint32_t)n;
    return true;
}

static bool slow_truth(slow_event *m, const node *v, bool *to)
{
    if (slow_null(m, v)) return true;
    if (v->kind != 't' && v->kind != 'f') return slow_wrong(m, v);
    *to = v->kind == 't';
    return true;
}

/* One of a few words; others are kept, but mean nothing. */
static bool slow_word(slow_event *m, const node *v, char kind, void *to)
{
    edgefn_str word = EDGEFN_ABSENT;
    if (!slow_string_to(m, v, &word)) return false;
    if (kind == 'r') *(bool *)to = same(word, edgefn_cstr("replace"));
    if (kind == 'h') *(bool *)to = same(word, edgefn_cstr("https"));
    if (kind == 'e')
        *(edgefn_encoding *)to = same(word, edgefn_cstr("text"))     ? EDGEFN_ENCODING_TEXT
                                 : same(word, edgefn_cstr("base64")) ? EDGEFN_ENCODING_BASE64
                                                                     : EDGEFN_ENCODING_DEFAULT;
    return true;
}

static bool slow_tls(slow_event *m, const node *v, uint32_t *to)
{
    static const char *const names[] = { "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2" };
    if (slow_null(m, v)) return true;
    if (v->kind != '[') return slow_wrong(m, v);
    for (const node *k = v->first; k != NULL; k = k->next) {
        edgefn_str word = EDGEFN_ABSENT;
        if (!slow_string_to(m, k, &word)) return false;
        for (unsigned i = 0; i < COUNT(names); i++)
            if (same(word, edgefn_cstr(names[i]))) *to |= 1u << i;
    }
    return true;
}

/* One of the four types; CloudFront Functions has only two. */
static bool slow_type(slow_event *m, const node *v)
{
    edgefn_str word = EDGEFN_ABSENT;
    if (!slow_string_to(m, v, &word)) return false;
    if (word.ptr == NULL) return true;
    for (int t = EDGEFN_VIEWER_REQUEST; t <= EDGEFN_VIEWER_RESPONSE; t++) {
        bool origin = t == EDGEFN_ORIGIN_REQUEST || t == EDGEFN_ORIGIN_RESPONSE;
        if (!same(word, edgefn_cstr(edgefn_event_type_name((edgefn_event_type)t)))) continue;
        if (origin && m->ev.dialect == EDGEFN_DIALECT_FUNCTIONS) break;
        if (m->wanted != EDGEFN_EVENT_TYPE_NONE && (int)m->wanted != t) break;
        m->ev.type = (edgefn_event_type)t;
        return true;
    }
    return slow_fault(m, EDGEFN_E_NOT_AN_EVENT, v->raw.ptr);
}

/*--- objects ----------------------------------------------------------------------------------------------------------*/

static bool slow_config(slow_event *m, const node *v)
{
    bool lambda = m->ev.dialect == EDGEFN_DIALECT_LAMBDA;
    edgefn_str endpoint = EDGEFN_ABSENT;
    const slow_slot slots[] = { { "distributionDomainName", 's', &m->ev.domain },
                                { "distributionId", 's', &m->ev.distribution_id },
                                { "eventType", 'y', NULL },
                                { "requestId", 's', &m->ev.request_id },
                                { "endpoint", 's', &endpoint } };
    if (slow_null(m, v)) return true;
    if (!slow_members(m, v, slots, COUNT(slots) - lambda)) return false;
    if (m->ev.domain.ptr == NULL) m->ev.domain = endpoint;
    return m->ev.type != EDGEFN_EVENT_TYPE_NONE || m->lenient || slow_missing(m, v);
}

static bool slow_viewer(slow_event *m, const node *v)
{
    const slow_slot slots[] = { { "ip", 's', &m->ev.request.client_ip } };
    return slow_null(m, v) || SLOW_MEMBERS(m, v, slots);
}

static bool slow_body(slow_event *m, const node *v)
{
    edgefn_body *b = &m->ev.request.body;
    const slow_slot slots[] = { { "action", 'r', &b->replace },
                                { "data", 's', &b->data },
                                { "encoding", 'e', &b->encoding },
                                { "inputTruncated", 't', &b->truncated } };
    return slow_null(m, v) || SLOW_MEMBERS(m, v, slots);
}

/* "custom" or "s3": the first that is present is the origin, and the other is not read. */
static bool slow_kind(slow_event *m, const node *v, edgefn_origin_kind kind)
{
    edgefn_origin *o = &m->ev.request.origin;
    const slow_slot slots[] = { { "customHeaders", 'l', &m->lists[SEEN_O] },
                                { "domainName", 's', &o->domain },
                                { "path", 's', &o->path },
                                { "readTimeout", 'n', &o->read_timeout_s },
                                { "responseCompletionTimeout", 'n', &o->completion_timeout_s },
                                { "keepaliveTimeout", 'n', &o->keepalive_s },
                                { "port", 'n', &o->port },
                                { "protocol", 'h', &o->https },
                                { "sslProtocols", 'p', &o->tls } };
    const slow_slot s3[] = { slots[0],
                             slots[1],
                             slots[2],
                             slots[3],
                             slots[4],
                             { "authMethod", 's', &o->auth_method },
                             { "region", 's', &o->region } };
    if (slow_null(m, v)) return true;
    if (v->kind != '{') return slow_wrong(m, v);
    if (o->kind != EDGEFN_ORIGIN_NONE) return true;
    o->kind = kind;
    return kind == EDGEFN_ORIGIN_S3 ? SLOW_MEMBERS(m, v, s3) : SLOW_MEMBERS(m, v, slots);
}

static bool slow_origin(slow_event *m, const node *v)
{
    const slow_slot slots[] = { { "custom", 'U', NULL }, { "s3", '3', NULL } };
    return slow_null(m, v) || SLOW_MEMBERS(m, v, slots);
}

static bool slow_request(slow_event *m, const node *v)
{
    edgefn_request *r = &m->ev.request;
    const slow_slot slots[] = { { "method", 's', &r->method },
                                { "uri", 's', &r->uri },
                                { "querystring", 'q', &r->querystring },
                                { "headers", 'l', &m->lists[SEEN_H] },
                                { "clientIp", 's', &r->client_ip },
                                { "body", 'B', NULL },
                                { "origin", 'O', NULL } };
    const slow_slot functions[] = {
        slots[0], slots[1], slots[2], slots[3], { "cookies", 'c', &m->lists[SEEN_C] }
    };
    bool lambda = m->ev.dialect == EDGEFN_DIALECT_LAMBDA;
    if (slow_null(m, v)) return true;
    if (!(lambda ? SLOW_MEMBERS(m, v, slots) : SLOW_MEMBERS(m, v, functions))) return false;
    m->request = v;
    if (r->method.ptr == NULL && !m->lenient) return slow_missing(m, v);
    return r->uri.ptr != NULL || slow_missing(m, v);
}

/* The body of a response: a string, in CloudFront Functions also an object. */
static bool slow_content(slow_event *m, const node *v)
{
    edgefn_body *b = &m->ev.response.body;
    edgefn_encoding encoding = EDGEFN_ENCODING_TEXT;
    const slow_slot slots[] = { { "data", 's', &b->data }, { "encoding", 'E', &encoding } };
    if (m->ev.dialect == EDGEFN_DIALECT_LAMBDA) return slow_string_to(m, v, &b->data);
    if (slow_null(m, v)) return true;
    if (v->kind == '"') {
        b->encoding = EDGEFN_ENCODING_TEXT;
        return slow_string_to(m, v, &b->data);
    }
    m->encoded = false;
    if (!SLOW_MEMBERS(m, v, slots)) return false;
    b->encoding = m->encoded || b->data.ptr != NULL ? encoding : EDGEFN_ENCODING_DEFAULT;
    return true;
}

static bool slow_response(slow_event *m, const node *v)
{
    edgefn_response *r = &m->ev.response;
    bool lambda = m->ev.dialect == EDGEFN_DIALECT_LAMBDA;
    edgefn_encoding encoding = EDGEFN_ENCODING_TEXT;
    const slow_slot slots[] = { { "body", 'b', NULL },
                                { "headers", 'l', &m->lists[SEEN_R] },
                                { "statusDescription", 's', &r->status_text },
                                { lambda ? "status" : "statusCode", '4', NULL },
                                { lambda ? "bodyEncoding" : "cookies", lambda ? 'E' : 'c',
                                  lambda ? (void *)&encoding : (void *)&m->lists[SEEN_SC] } };
    if (slow_null(m, v)) return true;
    m->encoded = false;
    if (!SLOW_MEMBERS(m, v, slots)) return false;
    if (lambda && (m->encoded || r->body.data.ptr != NULL)) r->body.encoding = encoding;
    m->response = v;
    return true;
}

/* The type of an event without eventType. */
static bool slow_infer(slow_event *m)
{
    bool functions = m->ev.dialect == EDGEFN_DIALECT_FUNCTIONS;
    bool origin = m->ev.request.origin.kind != EDGEFN_ORIGIN_NONE;
    bool at_origin = m->wanted == EDGEFN_ORIGIN_REQUEST || m->wanted == EDGEFN_ORIGIN_RESPONSE;
    if (functions && at_origin) return slow_fault(m, EDGEFN_E_NOT_AN_EVENT, m->root->raw.ptr);
    m->ev.type_inferred = m->wanted == EDGEFN_EVENT_TYPE_NONE;
    m->ev.type = !m->ev.type_inferred  ? m->wanted
                 : m->response != NULL ? (origin ? EDGEFN_ORIGIN_RESPONSE : EDGEFN_VIEWER_RESPONSE)
                                       : (origin ? EDGEFN_ORIGIN_REQUEST : EDGEFN_VIEWER_REQUEST);
    return true;
}

/* The object with request and response. */
static bool slow_cf(slow_event *m, const node *v)
{
    bool lambda = m->ev.dialect == EDGEFN_DIALECT_LAMBDA;
    const slow_slot slots[] = { { lambda ? "config" : "context", 'C', NULL },
                                { "request", 'Q', NULL },
                                { "response", 'S', NULL },
                                { "version", 's', &m->ev.version },
                                { "viewer", 'V', NULL } };
    if (slow_null(m, v)) return slow_fault(m, EDGEFN_E_NOT_AN_EVENT, v->raw.ptr);
    m->cf = v;
    if (!slow_members(m, v, slots, lambda ? 3 : COUNT(slots))) return false;
    if (m->ev.type == EDGEFN_EVENT_TYPE_NONE && !m->lenient) return slow_missing(m, v);
    if (m->ev.type == EDGEFN_EVENT_TYPE_NONE && !slow_infer(m)) return false;
    bool asks = edgefn_is_request(&m->ev);
    if (m->request == NULL && (asks || !m->lenient)) return slow_missing(m, v);
    if (asks) { /* a response is not read */
        memset(&m->ev.response, 0, sizeof m->ev.response);
        m->lists[SEEN_R].len = m->lists[SEEN_SC].len = 0;
        return true;
    }
    if (m->response == NULL) return slow_missing(m, v);
    return m->ev.response.status != 0 || slow_missing(m, m->response);
}

/* Only the first record is read. */
static bool slow_records(slow_event *m, const node *v)
{
    const slow_slot slots[] = { { "cf", 'F', NULL } };
    if (slow_null(m, v)) return true;
    if (v->kind != '[') return slow_wrong(m, v);
    if (v->first == NULL) return slow_fault(m, EDGEFN_E_NOT_AN_EVENT, m->root->raw.ptr);
    return slow_null(m, v->first) || SLOW_MEMBERS(m, v->first, slots);
}

static bool slow_member(slow_event *m, const slow_slot *slot, const node *v)
{
    switch (slot->kind) {
    case 's': return slow_string_to(m, v, (edgefn_str *)slot->to);
    case 'v': /* which may not be null */
        if (v->kind != '"') return slow_wrong(m, v);
        return slow_string_to(m, v, (edgefn_str *)slot->to);
    case 'n': return slow_number(m, v, (uint32_t *)slot->to);
    case 't': return slow_truth(m, v, (bool *)slot->to);
    case 'r':
    case 'h':
    case 'e': return slow_word(m, v, slot->kind, slot->to);
    case 'E':
        m->encoded |= v->kind == '"';
        return slow_null(m, v) || slow_word(m, v, 'e', slot->to);
    case 'p': return slow_tls(m, v, (uint32_t *)slot->to);
    case 'y': return slow_type(m, v);
    case '4': return slow_status(m, v);
    case 'm': return slow_values(m, *(slow_group *)slot->to, v);
    case 'l': return slow_map(m, (slow_list *)slot->to, v, true);
    case 'c': return slow_map(m, (slow_list *)slot->to, v, false);
    case 'q':
        if (m->ev.dialect == EDGEFN_DIALECT_LAMBDA || v->kind == '"')
            return slow_string_to(m, v, (edgefn_str *)slot->to);
        return slow_map(m, &m->lists[SEEN_Q], v, false);
    case 'b': return slow_content(m, v);
    case 'B': return slow_body(m, v);
    case 'O': return slow_origin(m, v);
    case 'U': return slow_kind(m, v, EDGEFN_ORIGIN_CUSTOM);
    case '3': return slow_kind(m, v, EDGEFN_ORIGIN_S3);
    case 'C': return slow_config(m, v);
    case 'V': return slow_viewer(m, v);
    case 'Q': return slow_request(m, v);
    case 'S': return slow_response(m, v);
    case 'F': return slow_cf(m, v);
    case 'A': return slow_records(m, v);
    default: abort();
    }
}

/* True if a refused object was meant as an event of CloudFront Functions, and not as one of another
   service. */
static bool slow_like_functions(const slow_event *m)
{
    static const struct {
        const char *object, *names[5];
        bool empty;
    } rows[] = {
        { "context",
          { "distributionDomainName", "distributionId", "endpoint", "eventType", "requestId" },
          true },
        { "viewer", { "ip" }, true },
        { "request", { "method", "uri" }, false },
        { "response", { "statusCode" }, false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const node *v = kid_of(m->root, rows[i].object);
        if (v == NULL || v->kind != '{') continue;
        if (rows[i].empty && v->first == NULL) return true;
        for (size_t k = 0; k < COUNT(rows[i].names) && rows[i].names[k] != NULL; k++)
            if (kid_of(v, rows[i].names[k]) != NULL) return true;
    }
    return false;
}

/* The first of these members of the root decides. */
static edgefn_dialect slow_dialect(const node *root)
{
    if (root->kind != '{') return EDGEFN_DIALECT_NONE;
    for (const node *k = root->first; k != NULL; k = k->next) {
        if (same(k->name, edgefn_cstr("Records"))) return EDGEFN_DIALECT_LAMBDA;
        if (same(k->name, edgefn_cstr("version")) || same(k->name, edgefn_cstr("context"))
            || same(k->name, edgefn_cstr("viewer")))
            return EDGEFN_DIALECT_FUNCTIONS;
    }
    return EDGEFN_DIALECT_NONE;
}

/* Reads the event that a text is, with these options of the parser. */
TEST_UNUSED static void slow_event_read(slow_event *m, edgefn_str text, bool lenient,
                                        edgefn_event_type wanted)
{
    const slow_slot slots[] = { { "Records", 'A', NULL } };
    memset(m, 0, offsetof(slow_event, lists));
    for (int i = 0; i < SEEN_LISTS; i++)
        m->lists[i].len = 0;
    m->request = m->response = m->cf = NULL;
    m->lenient = lenient;
    m->wanted = wanted;
    m->text = text.ptr;
    m->root = slow_tree(text);
    if (m->root == NULL) abort(); /* it is not JSON */
    m->ev.dialect = slow_dialect(m->root);
    if (m->ev.dialect == EDGEFN_DIALECT_LAMBDA) {
        if (SLOW_MEMBERS(m, m->root, slots) && m->cf == NULL)
            slow_fault(m, EDGEFN_E_NOT_AN_EVENT, m->root->raw.ptr);
        return;
    }
    if (m->ev.dialect == EDGEFN_DIALECT_FUNCTIONS) slow_cf(m, m->root);
    bool about_members = m->code == EDGEFN_E_MISSING || m->code == EDGEFN_E_TYPE;
    if (m->ev.dialect == EDGEFN_DIALECT_NONE || (about_members && !slow_like_functions(m)))
        slow_fault(m, EDGEFN_E_NOT_AN_EVENT, m->root->raw.ptr);
}

/*--- comparison -------------------------------------------------------------------------------------------------------*/

/* ordered: fields are in the same order; otherwise only the fields of one name are. */
static bool slow_list_same(const slow_list *a, const edgefn_field *fields, size_t len, bool ordered)
{
    if (a->len != len) return false;
    for (size_t i = 0; i < len; i++) {
        const edgefn_field *f = &a->fields[i];
        size_t at = i, times = 0;
        if (!ordered) {
            for (size_t k = 0; k < i; k++)
                times += same(a->fields[k].name, f->name);
            for (at = 0; at < len; at++)
                if (same(fields[at].name, f->name) && times-- == 0) break;
            if (at == len) return false;
        }
        const edgefn_field *g = &fields[at];
        if (!same(f->name, g->name) || !same(f->value, g->value) || !same(f->key, g->key)
            || !same(f->attributes, g->attributes))
            return false;
    }
    return true;
}

/* Compares the members that are not lists. Returns NULL if they are equal, else what differs. */
static const char *slow_scalars_differ(const edgefn_event *a, const edgefn_event *b)
{
    const edgefn_request *p = &a->request, *q = &b->request;
    edgefn_origin s = p->origin, t = q->origin;
    s.headers.len = t.headers.len = 0;
    if (a->dialect != b->dialect || a->type != b->type || a->type_inferred != b->type_inferred)
        return "dialect, type or type_inferred";
    if (!same(a->domain, b->domain) || !same(a->distribution_id, b->distribution_id)
        || !same(a->request_id, b->request_id) || !same(a->version, b->version))
        return "domain, distribution_id, request_id or version";
    if (!same(p->method, q->method) || !same(p->uri, q->uri) || !same(p->client_ip, q->client_ip)
        || !same(p->querystring, q->querystring))
        return "method, uri, client_ip or querystring";
    if (!body_same(&p->body, &q->body)) return "request.body";
    if (a->response.status != b->response.status
        || !same(a->response.status_text, b->response.status_text))
        return "status or its text";
    if (!body_same(&a->response.body, &b->response.body)) return "response.body";
    return origin_differs(&s, &t);
}

/* Compares the model with the event that the library has read; views of texts are not compared. */
TEST_UNUSED static const char *slow_event_differs(const slow_event *m, edgefn_event *ev)
{
    static const char *const names[] = { "request.headers", "response.headers", "origin.headers",
                                         "query",           "cookies",          "set-cookies" };
    bool functions = ev->dialect == EDGEFN_DIALECT_FUNCTIONS;
    const edgefn_fields *lists[] = { &ev->request.headers,
                                     &ev->response.headers,
                                     &ev->request.origin.headers,
                                     functions && !ev->request.querystring.ptr ? edgefn_query(ev)
                                                                               : NULL,
                                     functions ? edgefn_cookies(ev) : NULL,
                                     functions ? edgefn_response_cookies(ev) : NULL };
    const char *differs = slow_scalars_differ(&m->ev, ev);
    for (int i = 0; differs == NULL && i < SEEN_LISTS; i++)
        if (lists[i] != NULL && !slow_list_same(&m->lists[i], lists[i]->items, lists[i]->len, true))
            return names[i];
    return differs;
}

/* Compares two models; fields of different names may be in another order. */
TEST_UNUSED static bool slow_events_alike(const slow_event *a, const slow_event *b)
{
    if (a->code != b->code || slow_scalars_differ(&a->ev, &b->ev) != NULL) return false;
    for (int i = 0; i < SEEN_LISTS; i++)
        if (!slow_list_same(&a->lists[i], b->lists[i].fields, b->lists[i].len, false)) return false;
    return true;
}

#endif
