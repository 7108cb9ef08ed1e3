/* http.h - a small HTTP/1.1 client, with only what the Lambda Runtime API needs: one connection, one call at a time, no time-out. */
#ifndef LAMBDA_HTTP_H_INCLUDED
#define LAMBDA_HTTP_H_INCLUDED

#include "edgefn.h"
#include <netinet/in.h>

/* Memory from the system, whose pages are allocated on first use. */
typedef struct lambda_memory {
    char *ptr;
    size_t cap, len;
} lambda_memory;

/* Makes room for cap bytes and keeps the first len. Returns: false when out of memory; then nothing changes. */
bool lambda_memory_grow(lambda_memory *m, size_t cap);

typedef struct http_client {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } addresses[4]; /* of the host, tried in this order */
    size_t count;
    char host[272];   /* for the Host header: "127.0.0.1:9001" */
    char prefix[256]; /* put before each path; usually "" */
    int fd;           /* -1: not connected */
    size_t limit;     /* largest answer, in bytes */
} http_client;

typedef struct http_request {
    const char *method;
    edgefn_str path, headers; /* each header line with its CR LF */
    edgefn_str body;          /* absent: no body and no Content-Length */
} http_request;

typedef struct http_answer {
    unsigned status;       /* 0: no status was read */
    edgefn_str head, body; /* in the memory `into` */
} http_answer;

typedef enum http_outcome {
    HTTP_DONE,      /* the answer is complete */
    HTTP_UNSENT,    /* the server cannot have read the whole request: it may be sent again */
    HTTP_LOST,      /* the server may have read the request, but sent no answer or not HTTP */
    HTTP_CUT,       /* status and headers are complete, the body is not */
    HTTP_TOO_LARGE, /* the same, because the body does not fit into memory */
} http_outcome;

/* Reads "host:port/path"; port and path may be absent. host: an IPv4 address, an IPv6 address in brackets, localhost, or a name,
   which is resolved at once. With LAMBDA_BARE names cannot be resolved.
   Returns: NULL, or an error message. */
const char *http_open(http_client *c, edgefn_str api, size_t limit);

/* Sends a request and waits for its answer without a time-out. A request that was certainly not sent is repeated, four times in 0.4 s. */
http_outcome http_call(http_client *c, const http_request *r, lambda_memory *into, http_answer *a);

/* Returns: the value of the first header of that name, without white space around it; absent if there is no such header. */
edgefn_str http_header(edgefn_str head, edgefn_str name);

/* Appends to a text of at most cap bytes. Returns: false if it does not fit; then nothing is appended. */
bool http_put(char *text, size_t cap, size_t *len, edgefn_str s);
bool http_put_number(char *text, size_t cap, size_t *len, size_t n);

#endif /* LAMBDA_HTTP_H_INCLUDED */
