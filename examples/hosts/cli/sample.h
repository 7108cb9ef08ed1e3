/* sample.h - shared declarations of sample.c (options and templates) and sample_json.c (writing). */
#ifndef SAMPLE_H_INCLUDED
#define SAMPLE_H_INCLUDED

#include "cli.h"

/* The event types of both dialects, as bits. */
enum {
    VREQ = 1,
    OREQ = 2,
    ORES = 4,
    VRES = 8,
    F_VREQ = 16,
    F_VRES = 32,
    LAMBDA = VREQ | OREQ | ORES | VRES,
    ORIGIN = OREQ | ORES,
    RESPONSE = ORES | VRES | F_VRES,
    BODY = VREQ | OREQ,
    ANY = 63
};

/* A name and a value; attributes for response cookies. */
typedef struct pair {
    edgefn_str name, value, attributes;
    bool given; /* set by an option, not by the template */
    bool done;  /* already written */
} pair;

enum { MAX_PAIRS = 200 };

typedef struct pairs {
    pair items[MAX_PAIRS];
    size_t len;
} pairs;

typedef struct sample {
    unsigned kind;
    const char *type;
    edgefn_str method, uri, query;
    edgefn_str domain, distribution_id, request_id, client_ip; /* absent: omitted */
    edgefn_str body, origin;                                   /* absent: not in the event */
    edgefn_str status_text;
    uint32_t status;
    bool s3, truncated;
    char length[24]; /* of the body */
    cli_bytes file;  /* the body, of --body @FILE */
    pairs request, response, cookies, set_cookies,
        parameters; /* parameters: of the query, for CloudFront Functions */
} sample;

bool sample_push(pairs *list, edgefn_str name, edgefn_str value,
                 bool given); /* false when the list is full */

/* Sets the event type by its name, for example "functions-viewer-request". Returns: false for an
   unknown name. */
bool sample_kind(sample *s, const char *name);

/* The same for the name in the arguments, which may be NULL. Returns: false after a message that lists the types. */
bool sample_kind_option(sample *s, const cli_args *args, const char *name);

/* Splits "a=1; b=2", the text of a Cookie header, into pairs. Returns: false when there are too
   many. */
bool sample_split_cookies(pairs *list, edgefn_str text);

/* Write the whole event. cookie: gets the text of the cookie header. */
bool sample_lambda(cli_bytes *b, sample *s, cli_bytes *cookie);
bool sample_functions(cli_bytes *b, sample *s); /* false when the query has too many parameters */

#endif /* SAMPLE_H_INCLUDED */
