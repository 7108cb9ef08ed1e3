/* settings.h - shared declarations of `edgefn settings`: settings.c has the command and its options, settings_read.c reads JSON into
   structures, settings_shapes.c says which members there are and checks what they refer to, settings_managed.c has the policies
   that AWS manages, settings_nginx.c prints the configuration. */
#ifndef SETTINGS_H_INCLUDED
#define SETTINGS_H_INCLUDED

#include "cli.h"

/*--- what is read ------------------------------------------------------------------------------------------------------*/

typedef struct settings_text {
    edgefn_str s;   /* absent: not set */
    const char *at; /* in the file, for messages; NULL: from an option */
} settings_text;

typedef struct settings_number {
    uint64_t value;
    const char *at; /* NULL: not set */
} settings_number;

typedef struct settings_bool {
    bool value;
    const char *at;
} settings_bool;

typedef struct settings_list {
    settings_text *items;
    size_t len;
} settings_list;

/* Objects of one shape; at: see settings_at(). */
typedef struct settings_objects {
    void *items;
    size_t len;
} settings_objects;

typedef struct settings_row {
    settings_text table, key, value;
} settings_row;

typedef struct settings_fields {
    const char
        *at; /* of the object: where something is missing in it. First member of every object */
    settings_text behavior;
    settings_list names;
} settings_fields;

typedef struct settings_key {
    const char *at;
    settings_bool brotli, gzip;
    settings_fields cookies, headers, query;
} settings_key;

typedef struct settings_cache_policy {
    const char *at;
    settings_text name;
    settings_number min, normal, max;
    settings_key key;
} settings_cache_policy;

typedef struct settings_request_policy {
    const char *at;
    settings_text name;
    settings_fields cookies, headers, query;
    bool desk; /* sends all headers that CloudFront adds */
} settings_request_policy;

typedef struct settings_header {
    const char *at;
    settings_text name, value;
    settings_bool override;
} settings_header;

typedef struct settings_cors {
    const char *at;
    settings_bool credentials, override;
    settings_list headers, methods, origins, expose;
    settings_number max_age;
} settings_cors;

typedef struct settings_hsts {
    const char *at;
    settings_number max_age;
    settings_bool subdomains, override, preload;
} settings_hsts;

typedef struct settings_xss {
    const char *at;
    settings_bool block, override, protection;
    settings_text report;
} settings_xss;

typedef struct settings_security {
    const char *at;
    settings_header csp, nosniff, frame, referrer; /* name is not set */
    settings_hsts hsts;
    settings_xss xss;
} settings_security;

typedef struct settings_items {
    const char *at;
    settings_objects items;
} settings_items;

typedef struct settings_response_policy {
    const char *at;
    settings_text name;
    settings_cors cors;
    settings_items custom, remove; /* settings_header */
    settings_security security;
} settings_response_policy;

typedef struct settings_function {
    const char *at;
    settings_text type, name; /* type: of event */
    settings_bool include_body;
} settings_function;

typedef struct settings_trigger {
    size_t function; /* its number in settings.functions, from 1; 0: none */
    bool functions;  /* CloudFront Functions */
    bool include_body;
} settings_trigger;

typedef struct settings_behavior {
    const char *at;
    settings_text pattern, origin, protocol, cache_id, request_id, response_id;
    settings_list methods, cached;
    settings_objects lambda, functions; /* settings_function */
    const struct settings_origin *to;
    settings_cache_policy *cache;
    const settings_request_policy *request;   /* NULL: none */
    const settings_response_policy *response; /* NULL: none */
    settings_trigger triggers[5];             /* indexed by edgefn_event_type */
} settings_behavior;

typedef struct settings_custom {
    const char *at;
    settings_number http_port, https_port, read_timeout;
    settings_text protocol;
} settings_custom;

typedef struct settings_s3 {
    const char *at;
    settings_text identity;
} settings_s3;

typedef struct settings_origin {
    const char *at;
    settings_text id, domain, path, address, directory;
    settings_custom custom;
    settings_s3 s3;
    settings_objects headers; /* settings_header */
} settings_origin;

typedef struct settings_group_member {
    const char *at;
    settings_text origin;
} settings_group_member;

typedef struct settings_group {
    const char *at;
    settings_text id;
    settings_objects members; /* settings_group_member */
} settings_group;

typedef struct settings_error {
    const char *at;
    settings_number status, sent, ttl; /* sent: the status that the viewer gets */
    settings_text page;
} settings_error;

/* A function's source as it is written, and resolved: a recipe's name, a path, or "a+b". */
typedef struct settings_source {
    edgefn_str written, resolved;
    bool functions; /* CloudFront Functions; only for those that are not in C */
} settings_source;

typedef struct settings_model {
    const char *at;
    settings_objects origins, groups, behaviors, errors;
    settings_behavior normal; /* DefaultCacheBehavior */
    settings_objects cache, request, response;
    settings_text root, country;
    settings_objects rows;  /* settings_row, of Tables */
    settings_objects added; /* settings_row without a table: headers, of ViewerHeaders */
    settings_source *functions;
    size_t function_count;
    const struct settings_model *managed; /* AWS's policies */
} settings_model;

/*--- settings_read.c ---------------------------------------------------------------------------------------------------*/

typedef struct settings_reader {
    const char *file,
        *base; /* base: the directory of what is relative in the file, with '/' at the end */
    cli_bytes bytes;
    edgefn_str text; /* without comments */
    size_t errors;
    bool out_of_memory;
    struct settings_block *blocks; /* memory that lives as long as the model */
} settings_reader;

typedef enum settings_kind {
    SETTINGS_TEXT,
    SETTINGS_WORD,   /* one of .words */
    SETTINGS_NUMBER, /* from .least to .most */
    SETTINGS_BOOL,
    SETTINGS_LIST,    /* texts; with .words some of these */
    SETTINGS_OBJECT,  /* of .shape */
    SETTINGS_OBJECTS, /* a list of them */
    SETTINGS_TABLES,  /* an object of objects of texts */
    SETTINGS_HEADERS, /* an object of texts */
    SETTINGS_ANY,     /* anything, not read: it makes no difference here */
    SETTINGS_LACKS,   /* the same, with a note, which ends with .words[0] */
    SETTINGS_INSTEAD  /* an error that says what is written instead, in .words[0] */
} settings_kind;

typedef struct settings_member {
    const char *name;
    settings_kind kind;
    bool required;
    size_t offset;
    const char *const *words; /* NULL at the end */
    uint64_t least, most;
    const struct settings_shape *shape;
} settings_member;

typedef struct settings_shape {
    const char *name; /* for messages */
    size_t size;
    const settings_member *members; /* name NULL at the end */
} settings_shape;

/* Reads a file of that shape into `to`. Returns: false after messages. text: read in place of the file, or absent. */
bool settings_read(settings_reader *r, edgefn_str text, const settings_shape *shape, void *to);
void settings_free(settings_reader *r);

/* Memory, filled with zeros, that lives as long as the model. Returns: NULL when out of memory, which is then noted. */
void *settings_alloc(settings_reader *r, size_t size);

/* Appends an element of `size` bytes to an array that grows. Returns: NULL when out of memory. */
void *settings_push(settings_reader *r, void **items, size_t *len, size_t size);

/* "FILE:LINE:COLUMN: error: WHAT 'about'MORE" on stderr. at: NULL: an option, and no position. Returns: false. */
bool settings_wrong(settings_reader *r, const char *at, const char *what, edgefn_str about,
                    const char *more);
void settings_note(const settings_reader *r, const char *at, const char *what, edgefn_str about,
                   const char *more);

/* The Levenshtein distance in any case; a large number if one of them is long. */
size_t settings_distance(edgefn_str a, edgefn_str b);

/* Returns: the nearest of the words to a wrong one; NULL if none is near. */
const char *settings_near(edgefn_str wrong, const char *const *words, size_t count);

/*--- settings_shapes.c, settings_managed.c, settings_nginx.c -------------------------------------------------------------*/

extern const settings_shape settings_file;

/* Checks what members refer to, and sets the pointers and triggers. Returns: false after messages. */
bool settings_settle(settings_reader *r, settings_model *m);
bool settings_settle_policies(settings_reader *r, settings_model *m); /* only policies */

/* Adds a function, once. Returns: its number; 0 when out of memory. */
size_t settings_function_number(settings_reader *r, settings_model *m, edgefn_str written,
                                edgefn_str resolved, bool functions);

/* The policies that AWS manages: a text of the shape settings_managed. */
extern const char settings_managed_text[];
extern const settings_shape settings_managed;

/* Returns: the name of a policy that AWS manages, or what is not the id of one. */
edgefn_str settings_managed_name(edgefn_str id);

/* What the desk adds to the settings. */
typedef struct settings_desk {
    const char *dir;               /* of sockets and functions */
    const char *listen;            /* "127.0.0.1:8080" */
    const char *tls;               /* "127.0.0.1:8081"; NULL: no https */
    const char *certificate;       /* a PEM file with its key; NULL: none */
    const char *check;             /* of edge_check */
    const char *trace;             /* a file; NULL: none */
    const char *port, *https_port; /* of edge_desk; NULL: not a desk */
    const char *include;           /* a file for the viewers' server; NULL: none */
    bool any;                      /* all other origins are the desk's own site */
    settings_objects others;       /* settings_row without a table: addresses of hosts, of --host */
} settings_desk;

void settings_print(const settings_model *m, const settings_desk *desk);

/* For functions that choose an origin: "ID<tab>words" in lines; the words are those of runtime/cloudfront.mjs. */
void settings_print_origins(const settings_model *m, const settings_desk *desk);

/* For the start page: the behaviours, as JSON. */
void settings_print_page(const settings_model *m);

/* A function in C is a recipe, a file or a chain; all others run in a process of their own. */
bool settings_is_c(edgefn_str resolved);

/* Returns: the name of a function's file, without directory. */
edgefn_str settings_function_file(edgefn_str resolved);

/* Returns: the name of a function's file, without directory and ".c". */
edgefn_str settings_function_name(edgefn_str resolved);

#endif /* SETTINGS_H_INCLUDED */
