/* edgefn.h - v0.1.0 - CloudFront edge events in C99 - MIT-0, licence at the end of this file

   Reads a Lambda@Edge or CloudFront Functions event without copying it, lets a handler edit or answer it, and writes back what
   CloudFront expects. No dependencies, no malloc, no hidden state.

   DO THIS
       In ONE file of your program, before the #include, to create the implementation:

           #define EDGEFN_IMPLEMENTATION
           #include "edgefn.h"

       Everywhere else just include it. What you need to know is in this comment and in the doc comments of >>types, >>options and >>api.

   QUICK START
       A complete program: a handler, and a host that reads one event from a file and prints the result.

           #define EDGEFN_IMPLEMENTATION
           #include "edgefn.h"
           #include <stdio.h>
           #define S EDGEFN_S

           bool edgefn_handler(edgefn_event *ev)
           {
               edgefn_request *req = &ev->request;

               if (ev->type != EDGEFN_VIEWER_REQUEST) return true;
               if (edgefn_str_starts(req->uri, S("/admin/")) && !edgefn_has(edgefn_cookies(ev), S("session")))
                   return edgefn_respond(ev, 403, &(edgefn_respond_opts){ .body = S("Sign in first.\n") });
               if (edgefn_str_ends(req->uri, S("/")))
                   req->uri = edgefn_str_join(ev, (edgefn_str[]){ req->uri, S("index.html") }, 2);
               edgefn_remove_prefix(edgefn_query(ev), S("utm_"));
               return true;
           }

           static edgefn_str answer(edgefn_event *ev, edgefn_str json, void *mem, size_t size)
           {
               if (edgefn_parse(ev, json, edgefn_arena_make(mem, size), NULL) == EDGEFN_OK) {
                   if (!edgefn_handler(ev)) edgefn_fail(ev, EDGEFN_E_HANDLER, S("handler"));
                   edgefn_str out = edgefn_finish(ev, NULL); // absent if anything failed
                   if (out.ptr) return out;
               }
               return edgefn_fail_closed(ev);                // constant text; ev->err says why
           }

           int main(int argc, char **argv)
           {
               static char json[1 << 20], mem[4 << 20], why[512];
               FILE *f = argc > 1 ? fopen(argv[1], "rb") : stdin;
               if (f == NULL) return 2;
               edgefn_event ev;
               edgefn_str out = answer(&ev, (edgefn_str){ json, fread(json, 1, sizeof json, f) }, mem, sizeof mem);
               printf("%.*s\n", EDGEFN_FMT(out));
               if (ev.err.code != EDGEFN_OK) fprintf(stderr, "%.*s\n", (int)edgefn_describe(&ev, why, sizeof why), why);
               return ev.err.code != EDGEFN_OK;
           }

   WHAT IT IS, AND WHAT IT IS NOT
       It is the part between bytes and handler: parser, structs, edits, writer. The same handler source runs in an AWS Lambda custom runtime,
       in Lambda@Edge (compiled to WebAssembly, or as a shared object beside Node.js or Python), in a proxy, in a test.
       It is no HTTP library, opens no socket and reads no clock: the host hands in what a handler needs (edgefn_env).
       Lambda@Edge itself runs only Node.js and Python, CloudFront Functions only JavaScript: C reaches the edge inside the former two.

   CONTENTS (search for the tags)
       >>config   version and compile-time options      >>errors   the list of errors
       >>types    strings, events, fields               >>options  what the verbs take
       >>api      the functions with their doc comments; then the implementation:
       >>impl >>tables >>arena >>str >>utf8 >>scan >>json >>lambda >>functions >>fields
       >>headers >>query >>uri >>ua >>viewer >>net >>time >>choose >>crypto >>text >>respond >>body >>origin >>write >>check

   COMPILE-TIME OPTIONS (define before including)
       EDGEFN_IMPLEMENTATION  create the implementation here
       EDGEFN_STATIC          make every function static: private to this file
       EDGEFN_API             your own linkage for the functions, for example __declspec(dllexport)
       EDGEFN_NO_SIMD         portable C only
       EDGEFN_NO_DISPATCH     no choice at run time: the vector code that the compiler's flags allow (SSE2 on plain x86-64)
       In a freestanding build (-ffreestanding) EDGEFN_NO_DISPATCH is implied; the compiler may call memcpy, memmove, memset and memcmp.

   EVENTS
       Two dialects, six kinds; ev->dialect and ev->type tell which. A handler reads and edits all of them through the same structs.

       kind (* Lambda@Edge only)      request                     response
       viewer-request                 edit, or answer             your answer
       origin-request *               edit, or answer; origin     your answer (CloudFront caches it)
       origin-response *              read only                   edit: headers, status, body
       viewer-response                read only                   edit: headers; CloudFront Functions also status and body

       An answer is ev->response with a status in a request event: edgefn_respond(), edgefn_redirect(), edgefn_error_page(). What cannot take
       effect in an event (EDGEFN_E_EVENT_TYPE) or cannot be said in its dialect (EDGEFN_E_DIALECT) is an error, never silently lost; only
       edits of a request that is then answered go with it. A handler's own failure: return false, or edgefn_fail() with a reason.

   STRINGS AND LIFETIMES
       edgefn_str is a pointer and a length. ptr == NULL means absent, which every function takes; "" is present and empty. Strings of an
       event point into the input, or into the arena where the JSON text held an escape. They live as long as input and arena block.
       What a handler gives to a verb or assigns is not copied: it must live until the event is written. Literals and strings made by
       functions that take the event do.

   MEMORY
       One block, given by the host, owned by the event while it is used: ev.arena. edgefn_memory_usual() says how large for events of real
       life, edgefn_memory_bound() what parsing takes at the very most. Running out is EDGEFN_E_OOM everywhere, and never a pass-through.
       The next event may use the same block; then nothing of the one before may be used any more.

   ERRORS
       ev->err holds the first failure and keeps it: code, byte offset into the input where there is one, the place (a path or a function), the
       offending name or value. After a failure edits do nothing and edgefn_finish() gives absent, so a handler may check once, or not
       at all: return true and let the host find out. edgefn_describe() makes a line for people, edgefn_locate() line and column.
       Bad data inside an event (a broken cookie, base64, number) is no failure but an absent value: a viewer must not be able to
       turn a site into errors.

   FIELDS
       Headers, query parameters, cookies and an origin's custom headers are lists of one type:

           for (size_t i = 0; i < list->len; i++) use(list->items[i].name, list->items[i].value);

       edgefn_get/_has/_count/_find read; edgefn_set/_add/_remove/_set_at/_remove_at/_remove_prefix/_keep_only/_sort edit. items is const: the verbs
       keep the marks (items[i].change, removed[]) that the writer and proxies live by. A value set back to what it was is no change.

   COOKIES AND QUERY
       edgefn_cookies(), edgefn_set_cookies() and edgefn_query() give lists in both dialects; edgefn_cookie_attributes_set() changes what stands
       behind the ';' of a response cookie, and edgefn_set() on one that exists leaves it. In Lambda@Edge they are parsed on first use from the headers
       and the raw query, and written back only if changed. Editing both the list and its raw form is EDGEFN_E_CONFLICT. In CloudFront
       Functions cookies stand apart: cookie and set-cookie through the header verbs is EDGEFN_E_DIALECT. Names and values stay as
       they were sent: percent-encoding is not decoded. A changed query of CloudFront Functions is written as a string, which keeps order
       and duplicates. Set-Cookie is never joined.

   ANSWERS
       In response events edgefn_respond() and its sisters edit the received response, because a fresh one would lose read-only headers. In
       origin-request an answer gets Cache-Control: no-store unless .cacheable or .cache_max_age_s says otherwise: CloudFront would
       cache it and give it to everybody. Beside that and a Content-Type for a body, an answer holds what you name and nothing else.

   VIEWERS
       edgefn_ua_of() says what a viewer uses: device bits as CloudFront's, system, browser, or the kind of bot. It judges by words and a few rules, without
       a database of models: a cheap TV may pass for a tablet. edgefn_viewer_of() gathers country, place, address and TLS from CloudFront's headers.

   BODIES
       ev->request.body is there if the trigger was associated with "Include body". Test .truncated: CloudFront shows 40 KB to viewer-request and
       1 MB to origin-request; replacing such a body sends only what you give. Content-Length stays as it is: CloudFront sets it.
       edgefn_body_decode() gives the bytes (not those of a truncated body), edgefn_body_replace() takes raw
       bytes and chooses text or base64. The received body of a response is never shown.

   ORIGINS
       In origin-request, ev->request.origin may be edited member by member, or switched by edgefn_origin_custom() and edgefn_origin_s3(), which
       also set the Host header to the new domain: S3 refuses requests with another one. A switched origin inherits nothing. Members of the
       received one can be assigned only where there is one: test .kind.

   CHECKING
       Setters refuse at once what is no syntax. edgefn_finish() asks the same of assigned members, and that sizes, status and read-only
       members are as CloudFront wants them. It looks at differences only: a received value given back as it was is never refused. Which
       headers are read-only or disallowed in which event is not judged in this version.

   OUTPUT
       Untouched text leaves byte for byte as it came, unknown members, spelling, white space and number text included; an edit replaces
       the text of the one value that changed. edgefn_finish() writes into the arena, edgefn_write() into your buffer, edgefn_write_spans() gives
       pieces for writev(): a long body is not copied.

   SECURITY NOTES
       Every byte of an event may come from a stranger. Parsing is strict, takes linear time, bounded memory and no recursion.
       In Lambda@Edge viewer events, CloudFront-* headers are whatever the viewer sent: decide by country or device in origin-request, or in
       CloudFront Functions. In origin events the Host header is the origin's name unless the viewer's is forwarded: name .host in a redirect. A
       redirect built by edgefn_redirect() always names its
       host; edgefn_redirect_to() refuses "//host". Headers cannot be split: CR, LF and NUL are refused. When in doubt, fail closed.

   LIMITS
       Events below 4 GiB, 64 levels of nesting. A number that the library interprets must be whole and fit 32 bits. An event must not be
       copied after parsing. Lists with 100,000 headers work; adding one by one to such a list takes time with its square.

   PORTABILITY
       C99 and C++11, any byte order, 32 and 64 bit, gcc, clang, others without vectors. Thread-safe: all state is in the event.

   REVISION HISTORY
       0.1.0  parse, edit, answer, write; Lambda@Edge and CloudFront Functions
*/

/*=== >>config =========================================================================================================*/
#ifndef EDGEFN_H_INCLUDED
#define EDGEFN_H_INCLUDED

#define EDGEFN_VERSION_MAJOR 0
#define EDGEFN_VERSION_MINOR 1
#define EDGEFN_VERSION_PATCH 0
#define EDGEFN_VERSION "0.1.0"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef EDGEFN_API
#  ifdef EDGEFN_STATIC
#    if defined(__GNUC__) || defined(__clang__)
#      define EDGEFN_API static __attribute__((unused))
#    else
#      define EDGEFN_API static
#    endif
#  else
#    define EDGEFN_API extern
#  endif
#endif

/* Stands before the declaration of edgefn_handler() below, so that a shared object built with -fvisibility=hidden still exports the
   handler; you need not write it. */
#if defined(__GNUC__) || defined(__clang__)
#  define EDGEFN_EXPORT __attribute__((visibility("default")))
#else
#  define EDGEFN_EXPORT
#endif

/* Deepest nesting of arrays and objects that is read; one level more is EDGEFN_E_JSON_DEPTH. */
#define EDGEFN_MAX_DEPTH 64

#ifdef __cplusplus
extern "C" {
#endif

/*=== >>errors =========================================================================================================*/
/* X(name, text). The enumerators are EDGEFN_E_##name; edgefn_error_name() and edgefn_error_text() read the same list. */
#define EDGEFN_ERROR_LIST(X)                                                                                             \
    X(OOM,            "out of memory: give the arena more bytes, see edgefn_memory_usual()")                             \
    X(OPTIONS,        "an option or argument holds an impossible value")                                                 \
    X(MISUSE,         "the event was copied after parsing, or is not parsed: pass events by pointer")                    \
    X(JSON_EOF,       "the input ends inside the JSON text")                                                             \
    X(JSON_SYNTAX,    "unexpected character")                                                                            \
    X(JSON_STRING,    "bad escape or control character in a string")                                                     \
    X(JSON_NUMBER,    "malformed number")                                                                                \
    X(JSON_UTF8,      "a string is not valid UTF-8")                                                                     \
    X(JSON_DEPTH,     "nested deeper than 64 levels")                                                                    \
    X(JSON_TRAILING,  "bytes after the JSON text")                                                                       \
    X(NOT_AN_EVENT,   "valid JSON, but neither a Lambda@Edge nor a CloudFront Functions event")                          \
    X(MISSING,        "a required member is missing")                                                                    \
    X(DUPLICATE,      "the same name stands twice in one object")                                                        \
    X(TYPE,           "a member has the wrong JSON type")                                                                \
    X(RANGE,          "a number is out of range")                                                                        \
    X(EVENT_TYPE,     "not possible in this kind of event")                                                              \
    X(DIALECT,        "not possible in this dialect")                                                                    \
    X(FIELD_NAME,     "not a valid header, cookie or parameter name")                                                    \
    X(FIELD_VALUE,    "a value holds a control character, is not UTF-8, or holds what its place cannot carry")           \
    X(URI,            "a path must begin with '/' and hold no '?', '#', blank or control; a URL no blank, control or foreign host")                      \
    X(BASE64,         "not valid base64")                                                                                \
    X(STATUS,         "the HTTP status is outside 200..599")                                                             \
    X(CONFLICT,       "the raw and the parsed form of the same data were both changed")                                  \
    X(POLICY,         "CloudFront would refuse this result")                                                             \
    X(HANDLER,        "the handler returned false")                                                                      \
    X(ENVIRONMENT,    "the host gave no clock, draw, look-up or verifier")

typedef enum edgefn_error {
    EDGEFN_OK = 0,
#define EDGEFN__X(id, text) EDGEFN_E_##id,
    EDGEFN_ERROR_LIST(EDGEFN__X)
#undef EDGEFN__X
    EDGEFN__E_COUNT
} edgefn_error;

/*=== >>types ==========================================================================================================*/
/* A view of bytes owned by somebody else: the input, the arena, or a literal. Never NUL-terminated, may hold NUL.
   ptr == NULL: absent. len == 0 with a pointer: present and empty. */
typedef struct edgefn_str {
    const char *ptr;
    size_t      len;
} edgefn_str;

/* EDGEFN_S("literal"): an edgefn_str of a string literal; anything but a literal does not compile.
   EDGEFN_S_INIT is the same for static initialisers. EDGEFN_FMT fits printf's "%.*s". */
#ifdef __cplusplus
#  define EDGEFN_S(lit) (edgefn_str{ "" lit, sizeof("" lit) - 1 })
#else
#  define EDGEFN_S(lit) ((edgefn_str){ "" lit, sizeof("" lit) - 1 })
#endif
#define EDGEFN_S_INIT(lit) { "" lit, sizeof("" lit) - 1 }
#define EDGEFN_FMT(s) (int)((s).len > 0x7fffffff ? 0x7fffffff : (s).len), (s).ptr

typedef struct edgefn_cut      { edgefn_str head, tail; bool found; } edgefn_cut;
typedef struct edgefn_number   { uint64_t value; bool ok; } edgefn_number;
typedef struct edgefn_location { size_t line, column; } edgefn_location; /* both count from 1; column counts bytes */

/* One block of the caller's memory. Events own theirs by value; `used` tells how many bytes were taken. */
typedef struct edgefn_arena {
    unsigned char *ptr;
    size_t         cap, used;
} edgefn_arena;

typedef enum edgefn_dialect {
    EDGEFN_DIALECT_NONE,
    EDGEFN_LAMBDA,    /* Lambda@Edge: {"Records":[{"cf":...}]} */
    EDGEFN_FUNCTIONS  /* CloudFront Functions: {"version":"1.0","context":...} */
} edgefn_dialect;

typedef enum edgefn_type {
    EDGEFN_TYPE_NONE,
    EDGEFN_VIEWER_REQUEST,
    EDGEFN_ORIGIN_REQUEST,  /* Lambda@Edge only */
    EDGEFN_ORIGIN_RESPONSE, /* Lambda@Edge only */
    EDGEFN_VIEWER_RESPONSE
} edgefn_type;

/* How a field or member stands against what was received. A proxy applies only what is not KEPT. */
typedef enum edgefn_change { EDGEFN_KEPT, EDGEFN_CHANGED, EDGEFN_ADDED, EDGEFN_REMOVED } edgefn_change;

typedef enum edgefn_encoding { EDGEFN_ENCODING_DEFAULT, EDGEFN_TEXT, EDGEFN_BASE64 } edgefn_encoding;

/* What the host gives a handler besides the event. Every member may be zero. */
typedef struct edgefn_env {
    int64_t  now_s;      /* seconds since 1970-01-01 UTC; 0: unknown, and whatever needs the time fails */
    uint32_t random;     /* one uniform draw an event, for A/B tests and roll-outs */
    bool     has_random;
    /* Tables "kv", "secret", "auth"; absent when missing. The string must live until the event is written. */
    edgefn_str (*lookup)(void *user, edgefn_str table, edgefn_str key);
    bool       (*verify)(void *user, edgefn_str alg, edgefn_str key_id, edgefn_str message, edgefn_str signature);
    void      *user;
} edgefn_env;

/* The first failure of an event. */
typedef struct edgefn_err {
    edgefn_error code;
    size_t       pos;     /* byte offset into the input; SIZE_MAX when it is not about the input */
    const char  *where;   /* static text, never NULL: "request.headers", "edgefn_redirect", ... */
    edgefn_str   subject; /* the offending name or value as it stands, maybe absent */
} edgefn_err;

typedef struct edgefn_event edgefn_event;

/* One header, query parameter or cookie. Read it; change it through the verbs below. */
typedef struct edgefn_field {
    edgefn_str    name;       /* headers: lower case. Query parameters and cookies: as received */
    edgefn_str    value;      /* as received: percent-encoding is not decoded */
    edgefn_str    key;        /* Lambda@Edge headers: the name's spelling on the wire, maybe absent */
    edgefn_str    attributes; /* cookies of a response: "Path=/; Secure", maybe absent */
    edgefn_change change;     /* against what was received */
    uint32_t      _tag, _group, _value;
} edgefn_field;

/* Headers, query parameters, cookies and an origin's custom headers: one type, one set of verbs.
   Read with a plain loop over items[0..len). Names of headers compare ASCII-case-insensitively, the others exactly.
   The arrays move when the list is edited: keep indices, not pointers. */
typedef struct edgefn_fields {
    const edgefn_field *items;
    size_t              len;
    const edgefn_field *removed; /* removed[0..removed_len): what was received and is gone */
    size_t              removed_len;
    edgefn_event       *_ev;
    const edgefn_field *_received; /* the list before its first edit */
    uint32_t            _received_len, _cap, _removed_cap, _kind, _flags;
    uint32_t            _open, _close; /* the object's braces in the input; 0: it is not there */
} edgefn_fields;

typedef struct edgefn_body {
    edgefn_str      data;      /* as on the wire; edgefn_body_decode() gives the bytes. Absent: no body */
    edgefn_encoding encoding;
    bool            truncated; /* requests: CloudFront showed only the first 40 KB (viewer) or 1 MB (origin) */
    bool            replace;   /* requests: action is "replace". Set by edgefn_body_replace() and _drop() */
} edgefn_body;

typedef enum edgefn_origin_kind { EDGEFN_ORIGIN_NONE, EDGEFN_ORIGIN_CUSTOM, EDGEFN_ORIGIN_S3 } edgefn_origin_kind;
enum { EDGEFN_SSL3 = 1, EDGEFN_TLS1_0 = 2, EDGEFN_TLS1_1 = 4, EDGEFN_TLS1_2 = 8 };

/* Where CloudFront is about to send the request (Lambda@Edge origin events). In origin-request its members may be
   assigned one by one; assigning `domain` does not touch the Host header: edgefn_origin_custom() and _s3() do. */
typedef struct edgefn_origin {
    edgefn_origin_kind kind;
    edgefn_str    domain, path;
    edgefn_fields headers;             /* customHeaders */
    uint32_t      port, keepalive_s;   /* custom only */
    uint32_t      read_timeout_s, completion_timeout_s;
    bool          https;               /* custom only */
    uint32_t      tls;                 /* custom only: EDGEFN_TLS* bits */
    edgefn_str    region, auth_method; /* S3 only */
} edgefn_origin;

/* uri, querystring and the origin's members may be assigned freely; a string must live until the event is written.
   edgefn_finish() compares them with what was received, checks them as their setters would, and writes the difference. */
typedef struct edgefn_request {
    edgefn_str    method, uri;
    edgefn_str    querystring; /* raw; absent when CloudFront Functions gave an object: edgefn_query_text() serves both */
    edgefn_str    client_ip;
    edgefn_fields headers;
    edgefn_origin origin;
    edgefn_body   body;
    edgefn_fields _query, _cookies;
    edgefn_str    _query_source, _query_received;
} edgefn_request;

/* In a response event: what CloudFront is about to store or send. In a request event: your answer, if status != 0. */
typedef struct edgefn_response {
    uint32_t      status;
    edgefn_str    status_text;
    edgefn_fields headers;
    edgefn_body   body;
    edgefn_fields _cookies;
} edgefn_response;

/* The members whose change edgefn_changed() tells, besides the lists, whose fields tell it themselves. */
typedef enum edgefn_member {
    EDGEFN_M_CLIENT_IP, EDGEFN_M_METHOD, EDGEFN_M_URI, EDGEFN_M_QUERYSTRING,
    EDGEFN_M_BODY_ACTION, EDGEFN_M_BODY_ENCODING, EDGEFN_M_BODY_DATA,
    EDGEFN_M_ORIGIN, /* the whole of it: another kind, or given where there was none */
    EDGEFN_M_ORIGIN_DOMAIN, EDGEFN_M_ORIGIN_PATH, EDGEFN_M_ORIGIN_PORT, EDGEFN_M_ORIGIN_KEEPALIVE,
    EDGEFN_M_ORIGIN_READ_TIMEOUT, EDGEFN_M_ORIGIN_COMPLETION_TIMEOUT, EDGEFN_M_ORIGIN_PROTOCOL, EDGEFN_M_ORIGIN_TLS,
    EDGEFN_M_ORIGIN_REGION, EDGEFN_M_ORIGIN_AUTH_METHOD,
    EDGEFN_M_STATUS, EDGEFN_M_STATUS_TEXT, EDGEFN_M_RESPONSE_BODY, EDGEFN_M_RESPONSE_BODY_ENCODING,
    EDGEFN_M_COUNT
} edgefn_member;

/* A span of the input: a value's first byte and its length, both 0 when it is not there. */
typedef struct edgefn__span { uint32_t at, len; } edgefn__span;

/* The members that are no strings, as they were received. */
typedef struct edgefn__was {
    uint32_t           status, port, keepalive_s, read_timeout_s, completion_timeout_s, tls;
    edgefn_origin_kind kind;
    edgefn_encoding    body_encoding, response_encoding;
    bool               https, replace;
    edgefn_str         response_data;
} edgefn__was;

/* Do not copy a parsed event: its lists know its address. */
struct edgefn_event {
    edgefn_dialect    dialect;
    edgefn_type       type;
    edgefn_str        domain;          /* the distribution's *.cloudfront.net name; CloudFront Functions: or .endpoint */
    edgefn_str        distribution_id, request_id;
    edgefn_str        version;         /* CloudFront Functions: "1.0" */
    edgefn_request    request;
    edgefn_response   response;        /* status == 0: there is none (yet) */
    edgefn_arena      arena;           /* .used: how much memory this event has taken */
    edgefn_err        err;             /* the FIRST failure; it stays */
    const edgefn_env *env;             /* never NULL: a zeroed one when the host gave none */
    edgefn_event     *_self;
    edgefn_str        _json;
    edgefn__span      _result;         /* the received request (request events) or response (response events) */
    edgefn__span      _object[4];      /* the objects that can take new members */
    edgefn__span      _had[EDGEFN_M_COUNT];
    edgefn__was       _was;
    size_t            _out_at, _out_end;
    uint32_t          _flags, _mask;   /* _mask: the members that differ, one bit each, while writing */
};

/*=== >>options: every struct may be {0}, and a NULL pointer means {0} =================================================*/
typedef struct edgefn_parse_opts {
    edgefn_dialect    dialect; /* 0: detect; else anything but that dialect is EDGEFN_E_NOT_AN_EVENT */
    const edgefn_env *env;     /* must outlive the event */
} edgefn_parse_opts;

typedef struct edgefn_respond_opts {
    edgefn_str      body;            /* raw bytes; absent: no body */
    edgefn_str      content_type;    /* absent: text/html; charset=utf-8 when there is a body */
    edgefn_encoding encoding;        /* 0: text when the body is valid UTF-8, else base64 */
    edgefn_str      status_text;     /* absent: edgefn_status_text(status) */
    bool            cacheable;       /* origin-request: leave out the Cache-Control: no-store that keeps it unshared */
    uint32_t        cache_max_age_s; /* not 0: Cache-Control: max-age=N, in every event */
} edgefn_respond_opts;

typedef struct edgefn_redirect_opts {
    uint32_t   status;          /* 0: 302. Else 301, 302, 303, 307 or 308 */
    edgefn_str scheme;          /* absent: https */
    edgefn_str host;            /* absent: the Host header */
    edgefn_str path;            /* absent: the request's. May hold its own ?query, which replaces the received one */
    bool       drop_query;      /* false: the received query is appended */
    bool       cacheable;       /* as in edgefn_respond_opts */
    uint32_t   cache_max_age_s;
} edgefn_redirect_opts;

typedef struct edgefn_origin_opts {
    edgefn_str domain;              /* required */
    edgefn_str path;                /* absent: "" */
    uint32_t   port;                /* custom only. 0: 443, or 80 with .http */
    uint32_t   keepalive_s;         /* custom only. 0: 5 */
    uint32_t   read_timeout_s;      /* 0: 30 for custom origins, not written for S3 */
    uint32_t   completion_timeout_s;/* 0: not written */
    bool       http;                /* custom only. false: https */
    uint32_t   tls;                 /* custom only. 0: EDGEFN_TLS1_2 */
    edgefn_str region;              /* S3 only. absent: "" */
    edgefn_str auth_method;         /* S3 only. absent: "none"; else "origin-access-identity" */
    bool       keep_host_header;    /* false: the Host header becomes .domain */
} edgefn_origin_opts;

typedef struct edgefn_write_opts {
    bool skip_check;  /* leave out CloudFront's policy rules (not the syntax rules): for tools and tests */
    bool whole_event; /* write the complete event with the edits in it: for tools and tests; not with an answer */
} edgefn_write_opts;

/*=== >>api ============================================================================================================
   Verbs that change something return false when they failed; the event then carries the first error in ev->err and
   edgefn_finish() refuses. Reading never fails: what is not there is absent. */

/*--- version and errors -----------------------------------------------------------------------------------------------*/

/* Gives the version of the implementation, to compare with EDGEFN_VERSION of the header that a caller was built with.
   Returns: "MAJOR.MINOR.PATCH", static. */
EDGEFN_API const char *edgefn_version(void);

/* Names an error: "EDGEFN_E_JSON_EOF", "EDGEFN_OK"; "EDGEFN_E_?" for a number that is none.
   Returns: static text, never NULL. */
EDGEFN_API const char *edgefn_error_name(edgefn_error code);

/* Says what an error means in one line, with the way out where there is one.
   Returns: static text, never NULL. */
EDGEFN_API const char *edgefn_error_text(edgefn_error code);

/* Turns a byte offset into a line and a column. Lines end at LF; CR LF counts once; columns count bytes.
   json: the text that was parsed. pos: edgefn_err.pos; beyond the text it means the text's end.
   Returns: both counted from 1. Time grows with pos: call it only to print. */
EDGEFN_API edgefn_location edgefn_locate(edgefn_str json, size_t pos);

/* Writes ev->err as one line for a person: "3:14: error: what: where: subject (EDGEFN_E_NAME)", without "LINE:COLUMN:"
   (and with a leading blank) where the error is not about the input, so that a file name and ':' can stand before it.
   buf: gets at most cap bytes, no NUL; control characters of the subject are shown as '?', a long subject is cut.
   Returns: the bytes written. 0 when there is no error. */
EDGEFN_API size_t edgefn_describe(const edgefn_event *ev, char *buf, size_t cap);

/*--- memory -----------------------------------------------------------------------------------------------------------*/

/* Makes an arena of a block of memory. It needs no alignment and no clearing.
   Memory: the block stays the caller's; the next event may use it again.
   Example:
       static unsigned char mem[64 * 1024];
       edgefn_arena arena = edgefn_arena_make(mem, sizeof mem);
       (void)arena; */
EDGEFN_API edgefn_arena edgefn_arena_make(void *mem, size_t size);

/* Tells how many bytes edgefn_parse() can take at the very most for any text of json_len bytes, hostile ones included.
   Returns: bytes; SIZE_MAX when that cannot be said in a size_t. Edits and output are not in it. */
EDGEFN_API size_t edgefn_memory_bound(size_t json_len);

/* Tells how many bytes parsing, editing and edgefn_finish() take for events that CloudFront sends.
   json_len: bytes of the event. edits: how many headers, cookies and parameters the handler sets; add one for every 200 bytes of text or body
   that it makes (a 2,000-byte page and three headers: 13).
   Returns: bytes. Less may do; if it is too little, EDGEFN_E_OOM says so. */
EDGEFN_API size_t edgefn_memory_usual(size_t json_len, size_t edits);

/* Takes bytes from the event's arena; they are not cleared and live until the block is used for the next event.
   align: a power of two up to 16; 0 means 1.
   Returns: NULL when the arena is exhausted.
   Fails: EDGEFN_E_OOM; EDGEFN_E_OPTIONS for an impossible align. */
EDGEFN_API void *edgefn_alloc(edgefn_event *ev, size_t size, size_t align);

/*--- strings ----------------------------------------------------------------------------------------------------------*/

/* Makes a view of a NUL-terminated string; NULL gives absent. */
EDGEFN_API edgefn_str edgefn_cstr(const char *z);

/* Compares bytes. Absent equals absent only, not the empty string. */
EDGEFN_API bool edgefn_str_eq(edgefn_str a, edgefn_str b);

/* Compares bytes, ASCII letters without case. Absent equals absent only. */
EDGEFN_API bool edgefn_str_ieq(edgefn_str a, edgefn_str b);

/* Tells whether s begins with prefix. An absent s begins with nothing, not even "". */
EDGEFN_API bool edgefn_str_starts(edgefn_str s, edgefn_str prefix);

/* Tells whether s ends with suffix. An absent s ends with nothing. */
EDGEFN_API bool edgefn_str_ends(edgefn_str s, edgefn_str suffix);

/* Finds the first place of part in s.
   Returns: its offset; s.len when it is not there or s is absent. An empty part is found at 0.
   Time: bytes of s times bytes of part at worst; parts are short. */
EDGEFN_API size_t edgefn_str_find(edgefn_str s, edgefn_str part);

/* Tells whether part stands somewhere in s. An absent s contains nothing. */
EDGEFN_API bool edgefn_str_contains(edgefn_str s, edgefn_str part);

/* Takes blanks and tabs off both ends (RFC 9110's optional white space). */
EDGEFN_API edgefn_str edgefn_str_trim(edgefn_str s);

/* Leaves out the first n bytes; an empty string when there are fewer. */
EDGEFN_API edgefn_str edgefn_str_skip(edgefn_str s, size_t n);

/* Takes the first n bytes; all of s when there are fewer. */
EDGEFN_API edgefn_str edgefn_str_take(edgefn_str s, size_t n);

/* Cuts s at the first separator.
   Returns: head before and tail behind it, found == true; else head == s and an absent tail.
   Example:
       edgefn_cut c = edgefn_str_cut(EDGEFN_S("a=b=c"), EDGEFN_S("="));
       assert(c.found && c.tail.len == 3); */
EDGEFN_API edgefn_cut edgefn_str_cut(edgefn_str s, edgefn_str separator);

/* Reads a decimal number: digits only, at least one, no sign, no blank, at most UINT64_MAX. */
EDGEFN_API edgefn_number edgefn_str_to_u64(edgefn_str s);

/* Joins strings; absent parts count as empty.
   Returns: absent when it failed. Memory: the sum of the lengths in the arena.
   Fails: EDGEFN_E_OOM.
   Example:
       edgefn_str to = edgefn_str_join(ev, (edgefn_str[]){ EDGEFN_S("/en"), ev->request.uri }, 2);
       ev->request.uri = to; */
EDGEFN_API edgefn_str edgefn_str_join(edgefn_event *ev, const edgefn_str *parts, size_t count);

/* Writes a number in decimal. Returns: absent when it failed. Memory: at most 20 bytes in the arena. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_str_from_u64(edgefn_event *ev, uint64_t value);

/* Lowers ASCII letters.
   Returns: s itself when it has no capital; absent for an absent s, or when it failed. Memory: s.len bytes. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_str_lower(edgefn_event *ev, edgefn_str s);

/* Quotes a string as JSON, with the quotation marks. Bytes that are not UTF-8 become U+FFFD.
   Returns: absent when it failed, or for an absent s. Memory: at most 6 bytes a byte and 2. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_json_quote(edgefn_event *ev, edgefn_str s);

/*--- event ------------------------------------------------------------------------------------------------------------*/

/* Reads one event. Dialect and kind are detected. The text is checked as JSON to the letter (RFC 8259, UTF-8, 64 levels),
   then read as an event; members the library does not know are kept and written back.
   ev: overwritten whole. json: must stay unchanged as long as ev is used; needs no padding and no NUL; below 4 GiB.
   arena: from edgefn_arena_make(); the event takes it over. opts: may be NULL.
   Returns: EDGEFN_OK, or the error that ev->err describes; then no member of the event may be used.
   Memory: at most edgefn_memory_bound(json.len).
   Fails: EDGEFN_E_JSON_*; EDGEFN_E_NOT_AN_EVENT (at the text's first value, or at the event type that is none);
   EDGEFN_E_MISSING (at the closing brace), EDGEFN_E_TYPE and EDGEFN_E_RANGE (at the value), EDGEFN_E_DUPLICATE (at the second name);
   EDGEFN_E_OOM; EDGEFN_E_OPTIONS. A text that is not JSON is reported as that before anything else that is wrong with it.
   Events: all.
   Source: Lambda@Edge event structure; CloudFront Functions event structure. */
EDGEFN_API edgefn_error edgefn_parse(edgefn_event *ev, edgefn_str json, edgefn_arena arena, const edgefn_parse_opts *opts);

/* Tells whether this is a request event (viewer-request, origin-request). */
EDGEFN_API bool edgefn_is_request(const edgefn_event *ev);

/* Names a kind as CloudFront does: "viewer-request"; "" for EDGEFN_TYPE_NONE. Returns: static text. */
EDGEFN_API const char *edgefn_type_name(edgefn_type type);

/* Gives the received request (response in response events) as it stands in the input: what "pass" means.
   Returns: a view of the input; absent when the event was refused. */
EDGEFN_API edgefn_str edgefn_passthrough(const edgefn_event *ev);

/* Gives the result that lets nothing through, for a host that cannot fail the invocation. It needs no memory.
   Returns: static text. Request events: a 503 response without headers. Response events, and when the kind is
   unknown: null, which CloudFront refuses with a 502. */
EDGEFN_API edgefn_str edgefn_fail_closed(const edgefn_event *ev);

/* Fails the event on purpose: a handler that knows a reason, or a host whose handler returned false without one. Only the first failure
   counts.
   code: EDGEFN_E_HANDLER, usually. subject: what it is about, or absent; must live as long as the event.
   Returns: false, so that a handler can return it.
   Example:
       if (!edgefn_handler(ev)) edgefn_fail(ev, EDGEFN_E_HANDLER, EDGEFN_S("my handler")); */
EDGEFN_API bool edgefn_fail(edgefn_event *ev, edgefn_error code, edgefn_str subject);

/* Gives the host's random draw of this event, the same at every call.
   Fails: EDGEFN_E_ENVIRONMENT when the host gave none.
   Example:
       uint32_t draw;
       if (!edgefn_draw(ev, &draw)) return false;
       bool tenth = draw < UINT32_MAX / 10;
       (void)tenth; */
EDGEFN_API bool edgefn_draw(edgefn_event *ev, uint32_t *draw);

/* The handler's entry point: declared here, defined by you. Edit the event or answer it, and return true; return false to fail,
   which hosts report as EDGEFN_E_HANDLER unless the event has an error of its own.
   A handler passes events of kinds it is not for unchanged. */
EDGEFN_EXPORT bool edgefn_handler(edgefn_event *ev);

/*--- fields: headers, query parameters, cookies and custom headers share one type ---------------------------------------
   Lists: &ev->request.headers, &ev->response.headers, &ev->request.origin.headers, edgefn_query(ev), edgefn_cookies(ev),
   edgefn_set_cookies(ev). Every edit fails with
     EDGEFN_E_MISUSE      the list does not lie inside its event (the event or the list was copied)
     EDGEFN_E_EVENT_TYPE  request lists in response events, origin headers outside origin-request, an answer that is not there
     EDGEFN_E_DIALECT     cookie or set-cookie through the header verbs in CloudFront Functions: the cookie lists serve both
     EDGEFN_E_FIELD_NAME  headers: not an RFC 9110 token; cookies: not a token; parameters: empty, or holding '=' '&' '#' blank or control
     EDGEFN_E_FIELD_VALUE not UTF-8, or a control character (headers: tab is allowed); cookies: ';'; parameters: '&' '#' or a blank
     EDGEFN_E_OOM
   Names and values given must live until the event is written; literals and arena strings do. An absent value means "no such field":
   edgefn_set() and edgefn_set_at() remove, edgefn_add() does nothing. A value copied from a viewer may hold what its new place cannot carry. */

/* Finds the next field of that name at or behind index `from`.
   Returns: its index; f->len when there is none.
   Example:
       edgefn_fields *q = edgefn_query(ev);
       for (size_t i = edgefn_find(q, EDGEFN_S("id"), 0); i < q->len; i = edgefn_find(q, EDGEFN_S("id"), i + 1))
           if (q->items[i].value.len == 0) edgefn_remove_at(q, i--); */
EDGEFN_API size_t edgefn_find(const edgefn_fields *f, edgefn_str name, size_t from);

/* Gives the first value of a name. Returns: absent when there is none. */
EDGEFN_API edgefn_str edgefn_get(const edgefn_fields *f, edgefn_str name);

/* Tells whether there is at least one field of that name. */
EDGEFN_API bool edgefn_has(const edgefn_fields *f, edgefn_str name);

/* Counts the fields of that name. */
EDGEFN_API size_t edgefn_count(const edgefn_fields *f, edgefn_str name);

/* Removes all fields of that name. Returns: how many; 0 also when it failed (see ev->err). */
EDGEFN_API size_t edgefn_remove(edgefn_fields *f, edgefn_str name);

/* Removes all fields whose name begins with prefix. Returns: how many; 0 also when it failed. */
EDGEFN_API size_t edgefn_remove_prefix(edgefn_fields *f, edgefn_str prefix);

/* Removes all fields whose name is not among names. Returns: how many; 0 also when it failed. */
EDGEFN_API size_t edgefn_keep_only(edgefn_fields *f, const edgefn_str *names, size_t count);

/* Removes one field among several; those behind it move up.
   Fails: see above; EDGEFN_E_OPTIONS for an index out of the list. */
EDGEFN_API bool edgefn_remove_at(edgefn_fields *f, size_t index);

/* Changes the value of one field among several. An equal value is no change.
   Fails: see above; EDGEFN_E_OPTIONS for an index out of the list. */
EDGEFN_API bool edgefn_set_at(edgefn_fields *f, size_t index, edgefn_str value);

/* Adds a value and never joins: behind the last field of that name in headers and in the cookies of CloudFront Functions, else at the end.
   A header that was received and removed comes back to its place. */
EDGEFN_API bool edgefn_add(edgefn_fields *f, edgefn_str name, edgefn_str value);

/* Makes this the only value of that name: the first field keeps its place and its spelling, further ones go; a new one goes
   to the end. An equal value is no change. In a new header, `key` is spelled as given here and the map key is lower case.
   Example:
       edgefn_set(&ev->request.headers, EDGEFN_S("X-Forwarded-Host"), edgefn_get(&ev->request.headers, EDGEFN_S("host"))); */
EDGEFN_API bool edgefn_set(edgefn_fields *f, edgefn_str name, edgefn_str value);

/* Sorts by name, bytewise; parameters of one name then by value. Fields of one name otherwise keep their order. For cache keys.
   Time: n log n. An order that was right already is no change. Returns: false when it failed. */
EDGEFN_API bool edgefn_sort(edgefn_fields *f);

/*--- headers --------------------------------------------------------------------------------------------------------*/

/*--- query -----------------------------------------------------------------------------------------------------------*/

/* Gives the query's parameters in order, percent-encoding as received; parsed on first use from the raw query. A key without '='
   has the value "" and stays without '=' unless its value is changed. The raw query is rewritten only if the list was changed.
   Returns: never NULL; an empty list when there are none or when it failed.
   Fails: EDGEFN_E_OOM; EDGEFN_E_CONFLICT when the raw query was changed while this list was.
   Events: all; edits in request events. */
EDGEFN_API edgefn_fields *edgefn_query(edgefn_event *ev);

/* Replaces the whole query by raw text without '?'. An unchanged edgefn_query() list is parsed anew.
   Fails: EDGEFN_E_FIELD_VALUE (control, blank, '#', a leading '?', not UTF-8); EDGEFN_E_CONFLICT; EDGEFN_E_EVENT_TYPE. */
EDGEFN_API bool edgefn_query_set_raw(edgefn_event *ev, edgefn_str querystring);

/* Gives the query as text, the edits of edgefn_query() included, in both dialects.
   Returns: "" when there is none. Memory: its length in the arena where it must be made. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_query_text(edgefn_event *ev);

/*--- cookies ----------------------------------------------------------------------------------------------------------*/

/* Gives the request's cookies, from all cookie headers, in order; parsed on first use (Lambda@Edge). A piece without '=' is a
   cookie without a name (its text is the value). The cookie headers are rewritten only if the list was changed.
   Returns: never NULL; an empty list when there are none or when it failed.
   Fails: EDGEFN_E_OOM; EDGEFN_E_CONFLICT when the cookie headers were edited while this list was.
   Events: all; edits in request events.
   Source: RFC 6265 section 5.4; CloudFront Functions event structure, Cookies.
   Example:
       edgefn_str session = edgefn_get(edgefn_cookies(ev), EDGEFN_S("session"));
       if (session.ptr == NULL) return edgefn_redirect_to(ev, 302, EDGEFN_S("https://example.com/sign-in")); */
EDGEFN_API edgefn_fields *edgefn_cookies(edgefn_event *ev);

/* Gives the response's cookies, one field a Set-Cookie, never joined; attributes apart. In Lambda@Edge they are parsed
   on first use and the set-cookie headers are rewritten only where this list was changed.
   Returns, Fails: as edgefn_cookies(). Events: response events; request events that were answered. */
EDGEFN_API edgefn_fields *edgefn_set_cookies(edgefn_event *ev);

/* Replaces the attributes of one response cookie, the text behind the first ';': "Path=/; Secure". Absent takes them away.
   Fails: as edgefn_set_at(); EDGEFN_E_OPTIONS when the list is not edgefn_set_cookies().
   Example:
       edgefn_fields *c = edgefn_set_cookies(ev);
       if (!edgefn_set(c, EDGEFN_S("seen"), EDGEFN_S("1"))) return false;
       return edgefn_cookie_attributes_set(c, edgefn_find(c, EDGEFN_S("seen"), 0), EDGEFN_S("Path=/; Secure; HttpOnly; SameSite=Lax")); */
EDGEFN_API bool edgefn_cookie_attributes_set(edgefn_fields *set_cookies, size_t index, edgefn_str attributes);

/*--- uri --------------------------------------------------------------------------------------------------------------*/

/* Replaces the URI's path. The same as assigning ev->request.uri, but refused at once instead of at the end.
   Fails: EDGEFN_E_URI; EDGEFN_E_EVENT_TYPE outside request events.
   Source: Restrictions on all edge functions, URI and query string. */
EDGEFN_API bool edgefn_uri_set(edgefn_event *ev, edgefn_str uri);

/*--- user agent and device ------------------------------------------------------------------------------------------*/

/* edgefn_ua.device: several may be set, as with CloudFront (a tablet is often mobile too). At least one of the first four is. */
enum { EDGEFN_MOBILE = 1, EDGEFN_TABLET = 2, EDGEFN_DESKTOP = 4, EDGEFN_TV = 8, EDGEFN_IOS = 16, EDGEFN_ANDROID = 32 };

typedef enum edgefn_os {
    EDGEFN_OS_UNKNOWN, EDGEFN_OS_LINUX, EDGEFN_OS_WINDOWS, EDGEFN_OS_MACOS, EDGEFN_OS_CHROMEOS, EDGEFN_OS_ANDROID, EDGEFN_OS_IOS, EDGEFN_OS_KAIOS,
    EDGEFN_OS_SYMBIAN, EDGEFN_OS_BLACKBERRY, EDGEFN_OS_WINDOWS_PHONE, EDGEFN_OS_TIZEN, EDGEFN_OS_WEBOS, EDGEFN_OS_ROKU, EDGEFN_OS_PLAYSTATION
} edgefn_os;

typedef enum edgefn_browser { /* ANDROID: the old one, called "Browser"; IE to 11 */
    EDGEFN_BROWSER_UNKNOWN, EDGEFN_BROWSER_SAFARI, EDGEFN_BROWSER_ANDROID, EDGEFN_BROWSER_CHROME, EDGEFN_BROWSER_FIREFOX, EDGEFN_BROWSER_IE,
    EDGEFN_BROWSER_BRAVE, EDGEFN_BROWSER_EDGE, EDGEFN_BROWSER_SAMSUNG, EDGEFN_BROWSER_SILK, EDGEFN_BROWSER_OPERA, EDGEFN_BROWSER_OPERA_MINI,
    EDGEFN_BROWSER_UC, EDGEFN_BROWSER_YANDEX, EDGEFN_BROWSER_MIUI, EDGEFN_BROWSER_HUAWEI, EDGEFN_BROWSER_QQ, EDGEFN_BROWSER_DUCKDUCKGO,
    EDGEFN_BROWSER_VIVALDI, EDGEFN_BROWSER_WHALE
} edgefn_browser;

/* PREVIEW: shows in social networks and messengers what a link leads to. MONITOR: is the site up and fast? AI: collects for a language model, or browses
   for one. TOOL: command lines, libraries, test browsers. OTHER: says that it is one, or looks like no browser. */
typedef enum edgefn_bot {
    EDGEFN_BOT_NONE, EDGEFN_BOT_SEARCH, EDGEFN_BOT_PREVIEW, EDGEFN_BOT_MONITOR, EDGEFN_BOT_AI, EDGEFN_BOT_TOOL, EDGEFN_BOT_OTHER
} edgefn_bot;

typedef struct edgefn_ua {
    uint32_t       device;   /* EDGEFN_MOBILE ... bits */
    edgefn_os      os;
    edgefn_browser browser;
    uint32_t       major;    /* of the browser's version; 0: unknown */
    edgefn_bot     bot;
    edgefn_str     bot_name; /* a part of the text: "Googlebot"; absent when it is no bot, or one without a name */
} edgefn_ua;

/* Judges the text of a User-Agent header by the words in it. Without evidence it is a desktop, as CloudFront answers; a text without any is a bot as well.
   Game consoles count as TV, those for the pocket as mobile. Everybody can claim to be anything: nothing here keeps somebody out.
   Time: linear in the text. */
EDGEFN_API edgefn_ua edgefn_ua_parse(edgefn_str text);

/* Judges the viewer of an event: by client hints (Sec-CH-UA, -Mobile, -Platform, -Form-Factors), then by CloudFront-Is-*-Viewer where CloudFront wrote them
   (not in Lambda@Edge viewer events), then by User-Agent; "Amazon CloudFront" in Lambda@Edge origin events is none of the viewer's.
   Events: all.
   Source: Add CloudFront request headers, Device type headers; Restrictions on Lambda@Edge; W3C User-Agent Client Hints.
   Example:
       if (edgefn_ua_of(ev).bot == EDGEFN_BOT_AI) return edgefn_respond(ev, 403, NULL); */
EDGEFN_API edgefn_ua edgefn_ua_of(const edgefn_event *ev);

/* Names a device by the first that is set: "tv", "tablet", "mobile"; else "desktop". Returns: static text.
   Example:
       edgefn_set(&ev->request.headers, EDGEFN_S("x-device"), edgefn_device_name(edgefn_ua_of(ev).device)); */
EDGEFN_API edgefn_str edgefn_device_name(uint32_t device);

/*--- viewer ---------------------------------------------------------------------------------------------------------*/

/* What CloudFront's headers say; they are there if the cache or origin request policy names them. Text beyond ASCII is percent-encoded as it came. */
typedef struct edgefn_viewer {
    bool       trusted;                                  /* false in Lambda@Edge viewer events: there a viewer wrote all but the address */
    edgefn_str address;                                  /* IPv4 or IPv6 without brackets; CloudFront's word in all events */
    uint32_t   port;                                     /* 0: unknown */
    edgefn_str country, country_name;                    /* ISO 3166-1: "DE", "Germany" */
    edgefn_str region, region_name;                      /* ISO 3166-2 without the country: "BE", "Berlin" */
    edgefn_str city, postal_code, metro_code, time_zone; /* metro_code: in the US; time_zone: "Europe/Berlin" */
    edgefn_str latitude, longitude;                      /* degrees, decimal */
    edgefn_str asn, http_version;                        /* number of the autonomous system; "2.0" */
    edgefn_str tls_version, tls_cipher, tls_handshake;   /* "TLSv1.3", "TLS_AES_128_GCM_SHA256", "fullHandshake" */
    edgefn_str ja3, ja4;                                 /* fingerprints of the TLS hello */
} edgefn_viewer;

/* Gathers what is known about the viewer. The address is that of CloudFront-Viewer-Address where it can be trusted, else the event's own.
   Returns: views of the event; absent what is not there.
   Events: all.
   Source: Add CloudFront request headers, Viewer location headers, TLS-related headers; Restrictions on Lambda@Edge.
   Example:
       edgefn_viewer viewer = edgefn_viewer_of(ev);
       if (viewer.trusted && edgefn_str_eq(viewer.country, EDGEFN_S("DE"))) ev->request.uri = EDGEFN_S("/de/index.html"); */
EDGEFN_API edgefn_viewer edgefn_viewer_of(const edgefn_event *ev);

/*--- network --------------------------------------------------------------------------------------------------------*/

/*--- time -----------------------------------------------------------------------------------------------------------*/

/*--- choosing -------------------------------------------------------------------------------------------------------*/

/*--- secrets, tokens, signatures (not with EDGEFN_NO_CRYPTO) --------------------------------------------------------*/

/*--- text and tables ------------------------------------------------------------------------------------------------*/

/*--- respond ----------------------------------------------------------------------------------------------------------*/

/* Names a status as the IANA registry does: "Not Found". Returns: static text, "" for an unassigned one. */
EDGEFN_API edgefn_str edgefn_status_text(uint32_t status);

/* Changes the status of the answer or the received response and nothing else.
   text: absent means edgefn_status_text(status).
   Fails: EDGEFN_E_STATUS; EDGEFN_E_EVENT_TYPE in Lambda@Edge viewer-response, and in request events that were not answered. */
EDGEFN_API bool edgefn_status_set(edgefn_event *ev, uint32_t status, edgefn_str text);

/* Answers. In request events it makes a response, which later edits of ev->response refine; a second answer replaces the
   first. In response events it edits the received one: status, text, body (no body empties it), content-type (where there is a body); all other
   headers stay, but for content-encoding, content-length, etag and content-md5, which described the old body.
   status: 200..599. opts: NULL for none.
   Fails: EDGEFN_E_STATUS; EDGEFN_E_POLICY for a body with 204; EDGEFN_E_EVENT_TYPE in Lambda@Edge viewer-response;
   EDGEFN_E_FIELD_VALUE; EDGEFN_E_OOM.
   Events: all but Lambda@Edge viewer-response.
   Source: Work with requests and responses, Generate HTTP responses in request triggers; Update HTTP responses in origin response
   triggers; CloudFront Functions event structure, Response object.
   Example:
       return edgefn_respond(ev, 403, &(edgefn_respond_opts){ .body = EDGEFN_S("Sign in first.\n"), .content_type = EDGEFN_S("text/plain") }); */
EDGEFN_API bool edgefn_respond(edgefn_event *ev, uint32_t status, const edgefn_respond_opts *opts);

/* Redirects to an absolute URL built of the request's parts, those that opts names replaced. The host always stands in it, so a
   path such as "//evil" stays a path of this site. In origin events the Host header is the origin's name unless forwarded: give .host.
   Fails: EDGEFN_E_STATUS for another status; EDGEFN_E_MISSING when there is no Host header; EDGEFN_E_OPTIONS for a scheme or host
   that is none; EDGEFN_E_URI for a path that does not begin with '/' or holds what no URL may hold; and as edgefn_respond().
   Events: as edgefn_respond().
   Example:
       return edgefn_redirect(ev, &(edgefn_redirect_opts){ .status = 301, .host = EDGEFN_S("www.example.com") }); */
EDGEFN_API bool edgefn_redirect(edgefn_event *ev, const edgefn_redirect_opts *opts);

/* Redirects to a URL that the handler vouches for: absolute, or a path of this site beginning with a single '/'.
   status: 0 means 302. url: printable ASCII without blanks.
   Fails: EDGEFN_E_STATUS; EDGEFN_E_URI, also for "//host" and a backslash in front: browsers read both as another site. */
EDGEFN_API bool edgefn_redirect_to(edgefn_event *ev, uint32_t status, edgefn_str url);

/* Answers with a small HTML page that names the status. Fails, Events: as edgefn_respond(). */
EDGEFN_API bool edgefn_error_page(edgefn_event *ev, uint32_t status);

/*--- body -------------------------------------------------------------------------------------------------------------*/

/* Encodes base64 (RFC 4648 section 4) with padding. Returns: absent when it failed. Memory: 4/3. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_base64_encode(edgefn_event *ev, edgefn_str bytes);

/* Decodes base64 (RFC 4648 section 4), strictly: padding required, no other characters, unused bits zero.
   Returns: absent for what is not base64, or when it failed. Memory: 3/4. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_base64_decode(edgefn_event *ev, edgefn_str text);

/* The same for a handler that knows what to do with the first part of a truncated body. */
EDGEFN_API edgefn_str edgefn_body_decode_part(edgefn_event *ev, const edgefn_body *body);

/* Gives a body's bytes, base64 decoded where it is marked so. A truncated body is not decoded.
   body: &ev->request.body or &ev->response.body.
   Returns: absent when there is none, when it is truncated (body->truncated tells), or when its base64 is bad; nothing sticks but OOM.
   Memory: 3/4 of its length in the arena for base64, none for text. Fails: EDGEFN_E_OOM.
   Source: Lambda@Edge event structure, Body. */
EDGEFN_API edgefn_str edgefn_body_decode(edgefn_event *ev, const edgefn_body *body);

/* Replaces the body of the answer or received response if there is one, else of the request. In responses it removes
   content-encoding, content-length, etag and content-md5 when they were received.
   bytes: raw; must live until the event is written. encoding: 0 means text when they are valid UTF-8, else base64.
   Memory: 4/3 of its length for base64, none for text.
   Fails: EDGEFN_E_EVENT_TYPE in Lambda@Edge viewer-response; EDGEFN_E_DIALECT for a request of CloudFront Functions, which have no
   body; EDGEFN_E_FIELD_VALUE for EDGEFN_TEXT that is not UTF-8; EDGEFN_E_OOM. */
EDGEFN_API bool edgefn_body_replace(edgefn_event *ev, edgefn_str bytes, edgefn_encoding encoding);

/* Makes the body empty: it is written as "". Fails: as edgefn_body_replace(). */
EDGEFN_API bool edgefn_body_drop(edgefn_event *ev);

/*--- origin -----------------------------------------------------------------------------------------------------------*/

/* Sends the request to another custom origin and sets the Host header to it. Custom headers start empty.
   Fails: EDGEFN_E_DIALECT in CloudFront Functions; EDGEFN_E_EVENT_TYPE outside origin-request; EDGEFN_E_OPTIONS for an impossible domain,
   path, port, time-out; EDGEFN_E_OOM.
   Source: Lambda@Edge event structure, Request object, custom origin.
   Example:
       return edgefn_origin_custom(ev, &(edgefn_origin_opts){ .domain = EDGEFN_S("eu.example.com"), .read_timeout_s = 5 }); */
EDGEFN_API bool edgefn_origin_custom(edgefn_event *ev, const edgefn_origin_opts *opts);

/* Sends the request to an S3 bucket and sets the Host header to it. Fails: as edgefn_origin_custom(). */
EDGEFN_API bool edgefn_origin_s3(edgefn_event *ev, const edgefn_origin_opts *opts);

/*--- write ------------------------------------------------------------------------------------------------------------*/

/* Names a member as the event does, with its path: "request.uri". Returns: static text, "" for a number that is none. */
EDGEFN_API const char *edgefn_member_name(const edgefn_event *ev, edgefn_member member);

/* Tells how a member now stands against what was received. Changed views (query, cookies) count once they were written
   back, which edgefn_write(), edgefn_write_spans() and edgefn_finish() do.
   Example:
       if (edgefn_changed(ev, EDGEFN_M_URI) != EDGEFN_KEPT)
           edgefn_set(&ev->request.headers, EDGEFN_S("x-rewritten"), EDGEFN_S("1")); */
EDGEFN_API edgefn_change edgefn_changed(const edgefn_event *ev, edgefn_member member);

/* Writes the result: the request, the answer, or the response. What was not touched is copied byte for byte.
   buf, cap: where to; NULL and 0 to ask for the size. Nothing is written when cap is too small, and that is no error.
   Returns: the bytes needed, the same at every call; 0 when ev->err is set.
   Memory: a few bytes an edit in the arena's free part, given back.
   Fails: whatever an edit failed with; EDGEFN_E_URI, EDGEFN_E_FIELD_VALUE, EDGEFN_E_STATUS, EDGEFN_E_OPTIONS, EDGEFN_E_BASE64 for assigned
   members; EDGEFN_E_CONFLICT; EDGEFN_E_POLICY; EDGEFN_E_EVENT_TYPE for edits that cannot take effect; EDGEFN_E_MISUSE; EDGEFN_E_OOM.
   Source: Work with requests and responses; Restrictions on all edge functions. */
EDGEFN_API size_t edgefn_write(edgefn_event *ev, char *buf, size_t cap, const edgefn_write_opts *opts);

/* The same as pieces, in order, that point into the input, the arena, constants and the handler's own strings: nothing long is copied.
   spans, cap: where to; nothing is written when cap is too small.
   Returns: the number of pieces; 0 when ev->err is set. Memory: the text of the edits. Valid until the arena is used for something else. */
EDGEFN_API size_t edgefn_write_spans(edgefn_event *ev, edgefn_str *spans, size_t cap, const edgefn_write_opts *opts);

/* Writes into the arena, or gives the received text itself when nothing changed. A second call reuses the first one's memory.
   Returns: absent when ev->err is set: then answer with edgefn_fail_closed(), or fail the invocation. Fails: as edgefn_write(). */
EDGEFN_API edgefn_str edgefn_finish(edgefn_event *ev, const edgefn_write_opts *opts);

#ifdef __cplusplus
}
#endif
#endif /* EDGEFN_H_INCLUDED */

/* ===================================================================================================================
   End of the interface. What follows is the implementation, compiled where EDGEFN_IMPLEMENTATION is defined.
   =================================================================================================================== */

#ifdef EDGEFN_IMPLEMENTATION
#ifndef EDGEFN_IMPLEMENTATION_DONE
#define EDGEFN_IMPLEMENTATION_DONE

/*=== >>impl ===========================================================================================================
   Maintainer notes.
   - Invariants. The input is never written and never read outside [0, len). items as received are never written after parsing. Sizes are
     computed in >>arena only; everywhere else compare before subtracting. Whatever went wrong while parsing, edgefn__validate() has the word
     on whether the text is JSON, so that all scanners and quick paths report alike. A quick path must leave the cursor where the plain grammar
     would have brought it.
   - A new member of the event: its name in the schema of its object (in CloudFront's order: the next name is guessed), a case in that
     object's reader, a row in edgefn_member and edgefn__members if a handler may change it, tests, a seed.
   - Events built from parts, for proxies, belong behind >>functions: they fill the same lists, with offsets of 0 for "not from a text".
   - A new error: one line in EDGEFN_ERROR_LIST, a row in tests/test_errors.c, "Fails" of the functions that give it.
   - A new rule: a function in >>check that looks at marks and at edgefn_event._mask, with its source; a row at each side of a limit.
   - A new recipe: one file in examples/handlers; if it needs a helper that is not here, that is the reason to write it.
   - Where this differs from what one might expect: a failed parse clears the event, so that a refused event has no kind and
     edgefn_fail_closed() gives null. Items are 80 bytes because a handler reads them as plain structs; the walk writes them in one pass. */

#if defined(__GNUC__) || defined(__clang__)
#  define EDGEFN__INLINE static inline __attribute__((always_inline, unused))
#  define EDGEFN__NOINLINE static __attribute__((noinline, unused))
#  define EDGEFN__UNUSED __attribute__((unused))
#  define EDGEFN__LIKELY(x) __builtin_expect(!!(x), 1)
#  define EDGEFN__UNLIKELY(x) __builtin_expect(!!(x), 0)
#  define edgefn__memcpy(d, s, n) __builtin_memcpy(d, s, n)
#  define edgefn__memmove(d, s, n) __builtin_memmove(d, s, n)
#  define edgefn__memset(d, c, n) __builtin_memset(d, c, n)
#  define edgefn__memcmp(a, b, n) __builtin_memcmp(a, b, n)
#else
#  define EDGEFN__INLINE static inline
#  define EDGEFN__NOINLINE static
#  define EDGEFN__UNUSED
#  define EDGEFN__LIKELY(x) (x)
#  define EDGEFN__UNLIKELY(x) (x)
static void edgefn__memmove(void *d, const void *s, size_t n)
{
    char *to = (char *)d;
    const char *from = (const char *)s;
    if (to < from) for (size_t i = 0; i < n; i++) to[i] = from[i];
    else while (n-- > 0) to[n] = from[n];
}
#  define edgefn__memcpy(d, s, n) edgefn__memmove(d, s, n)
static void edgefn__memset(void *d, int c, size_t n)
{
    for (size_t i = 0; i < n; i++) ((unsigned char *)d)[i] = (unsigned char)c;
}
static int edgefn__memcmp(const void *a, const void *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int d = ((const unsigned char *)a)[i] - ((const unsigned char *)b)[i];
        if (d != 0) return d;
    }
    return 0;
}
#endif

/* Which vector code there is; >>scan says what for. */
#if !defined(EDGEFN_NO_SIMD) && (defined(__SSE2__) || defined(_M_X64))
#  define EDGEFN__SSE2 1
#  include <emmintrin.h>
#  if !defined(EDGEFN_NO_DISPATCH) && defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && __STDC_HOSTED__
#    define EDGEFN__AVX2 1
#    include <immintrin.h>
#  endif
#endif

#define EDGEFN__COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define EDGEFN__NO_POS ((size_t)-1)

/* edgefn_event._flags */
enum { EDGEFN__PARSED = 1, EDGEFN__ORIGIN_NEW = 2 };
/* edgefn_fields._flags */
enum {
    EDGEFN__DIRTY = 1, EDGEFN__REORDERED = 2, EDGEFN__VIEWED = 4, EDGEFN__COOKIE_TOUCHED = 8, EDGEFN__FROM_TEXT = 16,
    EDGEFN__SYNCED = 32, EDGEFN__TOUCHED = 64, EDGEFN__HOLLOW = 128
};
/* edgefn_fields._kind */
enum {
    EDGEFN__REQUEST_HEADERS = 1, EDGEFN__RESPONSE_HEADERS, EDGEFN__ORIGIN_HEADERS,
    EDGEFN__QUERY, EDGEFN__REQUEST_COOKIES, EDGEFN__RESPONSE_COOKIES
};
/* edgefn_event._object */
enum { EDGEFN__O_REQUEST, EDGEFN__O_BODY, EDGEFN__O_ORIGIN, EDGEFN__O_RESPONSE };

EDGEFN__INLINE uint64_t edgefn__load8(const char *p) { uint64_t v; edgefn__memcpy(&v, p, 8); return v; }
EDGEFN__INLINE uint32_t edgefn__load4(const char *p) { uint32_t v; edgefn__memcpy(&v, p, 4); return v; }

/* Both compare n bytes without reading beyond them; a literal's loads fold into constants. */
EDGEFN__INLINE bool edgefn__same8(const char *p, const char *literal) { return edgefn__load8(p) == edgefn__load8(literal); }
EDGEFN__INLINE bool edgefn__same4(const char *p, const char *literal) { return edgefn__load4(p) == edgefn__load4(literal); }

EDGEFN__INLINE bool edgefn__same(const char *a, const char *b, size_t n)
{
    if (n >= 8) {
        for (; EDGEFN__UNLIKELY(n > 16); a += 8, b += 8, n -= 8) {
            if (edgefn__load8(a) != edgefn__load8(b)) return false;
        }
        return ((edgefn__load8(a) ^ edgefn__load8(b)) | (edgefn__load8(a + n - 8) ^ edgefn__load8(b + n - 8))) == 0;
    }
    if (n >= 4) return ((edgefn__load4(a) ^ edgefn__load4(b)) | (edgefn__load4(a + n - 4) ^ edgefn__load4(b + n - 4))) == 0;
    if (n == 0) return true;
    return a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1];
}

/* Copies short strings by two overlapping loads and stores; the call of memcpy costs more than the copy. */
EDGEFN__INLINE void edgefn__copy(char *to, const char *from, size_t n)
{
    if (n > 32) { edgefn__memcpy(to, from, n); return; }
    if (n >= 16) {
        uint64_t a = edgefn__load8(from), b = edgefn__load8(from + 8), c = edgefn__load8(from + n - 16), d = edgefn__load8(from + n - 8);
        edgefn__memcpy(to, &a, 8);
        edgefn__memcpy(to + 8, &b, 8);
        edgefn__memcpy(to + n - 16, &c, 8);
        edgefn__memcpy(to + n - 8, &d, 8);
    } else if (n >= 8) {
        uint64_t a = edgefn__load8(from), b = edgefn__load8(from + n - 8);
        edgefn__memcpy(to, &a, 8);
        edgefn__memcpy(to + n - 8, &b, 8);
    } else if (n >= 4) {
        uint32_t a = edgefn__load4(from), b = edgefn__load4(from + n - 4);
        edgefn__memcpy(to, &a, 4);
        edgefn__memcpy(to + n - 4, &b, 4);
    } else {
        for (size_t i = 0; i < n; i++) to[i] = from[i];
    }
}

/* The lowest bit of a word that is not 0. */
EDGEFN__INLINE unsigned edgefn__ctz(uint64_t v)
{
#if defined(__GNUC__) || defined(__clang__)
    return (unsigned)__builtin_ctzll(v);
#else
    unsigned n = 0;
    while (!(v & 1)) { v >>= 1; n++; }
    return n;
#endif
}

/* Makes the first failure of the event the one it keeps. */
EDGEFN__NOINLINE bool edgefn__fail(edgefn_event *ev, edgefn_error code, const char *where, edgefn_str subject)
{
    if (ev->err.code == EDGEFN_OK) {
        ev->err.code = code;
        ev->err.pos = EDGEFN__NO_POS;
        ev->err.where = where;
        ev->err.subject = subject;
    }
    return false;
}

static edgefn_str edgefn__absent(void) { edgefn_str s = { NULL, 0 }; return s; }
EDGEFN__INLINE edgefn_str edgefn__str(const char *ptr, size_t len) { edgefn_str s; s.ptr = ptr; s.len = len; return s; }
static bool edgefn__is(edgefn_str s, const char *z, size_t len) { return s.ptr != NULL && s.len == len && edgefn__same(s.ptr, z, len); }
#define EDGEFN__IS(s, literal) edgefn__is(s, "" literal, sizeof(literal) - 1)

/*=== >>tables =========================================================================================================*/

/* Character classes, one bit each. */
enum { EDGEFN__C_TOKEN = 1, EDGEFN__C_PLAIN = 2, EDGEFN__C_SPACE = 4, EDGEFN__C_DIGIT = 8, EDGEFN__C_UPPER = 16, EDGEFN__C_HEX = 32 };
/* PLAIN: printable ASCII that JSON does not escape. TOKEN: RFC 9110 section 5.6.2. SPACE: JSON's white space. */
static const unsigned char edgefn__class[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 0, 0, 4, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    6, 3, 0, 3, 3, 3, 3, 3, 2, 2, 3, 3, 2, 3, 3, 2,
    43, 43, 43, 43, 43, 43, 43, 43, 43, 43, 2, 2, 2, 2, 2, 2,
    2, 51, 51, 51, 51, 51, 51, 19, 19, 19, 19, 19, 19, 19, 19, 19,
    19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 2, 0, 2, 3, 3,
    3, 35, 35, 35, 35, 35, 35, 3, 3, 3, 3, 3, 3, 3, 3, 3,
    3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 3, 2, 3, 0
};
EDGEFN__INLINE unsigned edgefn__class_of(char c) { return edgefn__class[(unsigned char)c]; }
EDGEFN__INLINE char edgefn__lower(char c) { return (char)(c + (int)((edgefn__class_of(c) & EDGEFN__C_UPPER) << 1)); }

typedef struct edgefn__status_name { uint16_t status; uint8_t len; const char *text; } edgefn__status_name;
#define EDGEFN__STATUS(n, text) { n, sizeof(text) - 1, text }
/* IANA, Hypertext Transfer Protocol (HTTP) Status Code Registry; sorted. */
static const edgefn__status_name edgefn__statuses[] = {
    EDGEFN__STATUS(200, "OK"), EDGEFN__STATUS(201, "Created"), EDGEFN__STATUS(202, "Accepted"),
    EDGEFN__STATUS(203, "Non-Authoritative Information"), EDGEFN__STATUS(204, "No Content"), EDGEFN__STATUS(205, "Reset Content"),
    EDGEFN__STATUS(206, "Partial Content"), EDGEFN__STATUS(207, "Multi-Status"), EDGEFN__STATUS(208, "Already Reported"),
    EDGEFN__STATUS(226, "IM Used"), EDGEFN__STATUS(300, "Multiple Choices"), EDGEFN__STATUS(301, "Moved Permanently"),
    EDGEFN__STATUS(302, "Found"), EDGEFN__STATUS(303, "See Other"), EDGEFN__STATUS(304, "Not Modified"),
    EDGEFN__STATUS(305, "Use Proxy"), EDGEFN__STATUS(307, "Temporary Redirect"), EDGEFN__STATUS(308, "Permanent Redirect"),
    EDGEFN__STATUS(400, "Bad Request"), EDGEFN__STATUS(401, "Unauthorized"), EDGEFN__STATUS(402, "Payment Required"),
    EDGEFN__STATUS(403, "Forbidden"), EDGEFN__STATUS(404, "Not Found"), EDGEFN__STATUS(405, "Method Not Allowed"),
    EDGEFN__STATUS(406, "Not Acceptable"), EDGEFN__STATUS(407, "Proxy Authentication Required"), EDGEFN__STATUS(408, "Request Timeout"),
    EDGEFN__STATUS(409, "Conflict"), EDGEFN__STATUS(410, "Gone"), EDGEFN__STATUS(411, "Length Required"),
    EDGEFN__STATUS(412, "Precondition Failed"), EDGEFN__STATUS(413, "Content Too Large"), EDGEFN__STATUS(414, "URI Too Long"),
    EDGEFN__STATUS(415, "Unsupported Media Type"), EDGEFN__STATUS(416, "Range Not Satisfiable"), EDGEFN__STATUS(417, "Expectation Failed"),
    EDGEFN__STATUS(421, "Misdirected Request"), EDGEFN__STATUS(422, "Unprocessable Content"), EDGEFN__STATUS(423, "Locked"),
    EDGEFN__STATUS(424, "Failed Dependency"), EDGEFN__STATUS(425, "Too Early"), EDGEFN__STATUS(426, "Upgrade Required"),
    EDGEFN__STATUS(428, "Precondition Required"), EDGEFN__STATUS(429, "Too Many Requests"),
    EDGEFN__STATUS(431, "Request Header Fields Too Large"), EDGEFN__STATUS(451, "Unavailable For Legal Reasons"),
    EDGEFN__STATUS(500, "Internal Server Error"), EDGEFN__STATUS(501, "Not Implemented"), EDGEFN__STATUS(502, "Bad Gateway"),
    EDGEFN__STATUS(503, "Service Unavailable"), EDGEFN__STATUS(504, "Gateway Timeout"), EDGEFN__STATUS(505, "HTTP Version Not Supported"),
    EDGEFN__STATUS(506, "Variant Also Negotiates"), EDGEFN__STATUS(507, "Insufficient Storage"), EDGEFN__STATUS(508, "Loop Detected"),
    EDGEFN__STATUS(510, "Not Extended"), EDGEFN__STATUS(511, "Network Authentication Required")
};

/*=== version and errors ===============================================================================================*/

EDGEFN_API const char *edgefn_version(void) { return EDGEFN_VERSION; }

EDGEFN_API const char *edgefn_error_name(edgefn_error code)
{
    static const char *const names[] = {
        "EDGEFN_OK",
#define EDGEFN__X(id, text) "EDGEFN_E_" #id,
        EDGEFN_ERROR_LIST(EDGEFN__X)
#undef EDGEFN__X
    };
    return (size_t)code < EDGEFN__COUNT(names) ? names[code] : "EDGEFN_E_?";
}

EDGEFN_API const char *edgefn_error_text(edgefn_error code)
{
    static const char *const texts[] = {
        "no error",
#define EDGEFN__X(id, text) text,
        EDGEFN_ERROR_LIST(EDGEFN__X)
#undef EDGEFN__X
    };
    return (size_t)code < EDGEFN__COUNT(texts) ? texts[code] : "no such error";
}

EDGEFN_API edgefn_location edgefn_locate(edgefn_str json, size_t pos)
{
    edgefn_location at = { 1, 1 };
    if (json.ptr == NULL) return at;
    if (pos > json.len) pos = json.len;
    size_t line_start = 0;
    for (size_t i = 0; i < pos; i++) {
        if (json.ptr[i] == '\n') {
            at.line++;
            line_start = i + 1;
        }
    }
    at.column = pos - line_start + 1;
    return at;
}

/* A text under construction in a fixed buffer: what does not fit sets `full`. */
typedef struct edgefn__text {
    char *at, *end;
    bool  full;
} edgefn__text;

EDGEFN__INLINE void edgefn__put(edgefn__text *t, const char *s, size_t n)
{
    if (EDGEFN__UNLIKELY((size_t)(t->end - t->at) < n)) { t->full = true; return; }
    edgefn__copy(t->at, s, n);
    t->at += n;
}
#define EDGEFN__PUT(t, literal) edgefn__put(t, "" literal, sizeof(literal) - 1)

static size_t edgefn__decimal(char *out, uint64_t value)
{
    char reversed[20];
    size_t n = 0;
    do {
        reversed[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    for (size_t i = 0; i < n; i++) out[i] = reversed[n - 1 - i];
    return n;
}

static void edgefn__put_number(edgefn__text *t, uint64_t value)
{
    char digits[20];
    size_t n = edgefn__decimal(digits, value);
    for (size_t i = 0; i < n; i++) edgefn__put(t, &digits[i], 1);
}

/* As edgefn__put(), but takes as much as fits. */
static void edgefn__put_some(edgefn__text *t, const char *s, size_t n)
{
    size_t room = (size_t)(t->end - t->at);
    edgefn__put(t, s, n < room ? n : room);
}

static size_t edgefn__zlen(const char *z)
{
    size_t n = 0;
    while (z[n] != '\0') n++;
    return n;
}

EDGEFN_API size_t edgefn_describe(const edgefn_event *ev, char *buf, size_t cap)
{
    if (ev->err.code == EDGEFN_OK || buf == NULL) return 0;
    edgefn__text t = { buf, buf + cap, false };
    char digits[32];
    if (ev->err.pos != EDGEFN__NO_POS) {
        edgefn_location at = edgefn_locate(ev->_json, ev->err.pos);
        edgefn__put_some(&t, digits, edgefn__decimal(digits, at.line));
        edgefn__put_some(&t, ":", 1);
        edgefn__put_some(&t, digits, edgefn__decimal(digits, at.column));
        edgefn__put_some(&t, ":", 1);
    }
    const char *what = edgefn_error_text(ev->err.code), *name = edgefn_error_name(ev->err.code);
    edgefn__put_some(&t, " error: ", 8);
    edgefn__put_some(&t, what, edgefn__zlen(what));
    if (ev->err.where != NULL && ev->err.where[0] != '\0') {
        edgefn__put_some(&t, ": ", 2);
        edgefn__put_some(&t, ev->err.where, edgefn__zlen(ev->err.where));
    }
    if (ev->err.subject.ptr != NULL) {
        size_t n = ev->err.subject.len < 120 ? ev->err.subject.len : 120;
        edgefn__put_some(&t, ": ", 2);
        for (size_t i = 0; i < n; i++) {
            unsigned char c = (unsigned char)ev->err.subject.ptr[i];
            edgefn__put_some(&t, c < 0x20 || c == 0x7f ? "?" : ev->err.subject.ptr + i, 1);
        }
        if (n < ev->err.subject.len) edgefn__put_some(&t, "...", 3);
    }
    edgefn__put_some(&t, " (", 2);
    edgefn__put_some(&t, name, edgefn__zlen(name));
    edgefn__put_some(&t, ")", 1);
    return (size_t)(t.at - buf);
}

/*=== >>arena ==========================================================================================================
   The only size arithmetic of the file. Taken from the bottom: what lives as long as the event. Taken from `top`: what a
   call needs while it runs. Compare before subtract; nothing here can overflow. */

EDGEFN_API edgefn_arena edgefn_arena_make(void *mem, size_t size)
{
    edgefn_arena a = { (unsigned char *)mem, mem != NULL ? size : 0, 0 };
    return a;
}

/* Takes count * size bytes from the bottom; NULL and EDGEFN_E_OOM when they are not there. align is a power of two. */
static void *edgefn__take(edgefn_event *ev, size_t count, size_t size, size_t align)
{
    edgefn_arena *a = &ev->arena;
    size_t room = a->cap - a->used;
    size_t pad = (size_t)((0 - ((uintptr_t)a->ptr + a->used)) & (align - 1));
    if (pad > room || (count != 0 && size > (room - pad) / count)) {
        edgefn__fail(ev, EDGEFN_E_OOM, "arena", edgefn__absent());
        return NULL;
    }
    unsigned char *p = a->ptr + a->used + pad;
    a->used += pad + count * size;
    return p;
}

/* Takes bytes from the top of the free part, aligned to 8; gives them back by restoring *top. */
static void *edgefn__take_top(edgefn_event *ev, size_t *top, size_t count, size_t size)
{
    size_t room = *top - ev->arena.used;
    size_t slack = (size_t)(((uintptr_t)ev->arena.ptr + *top) & 7);
    if (slack > room || (count != 0 && size > (room - slack) / count)) {
        edgefn__fail(ev, EDGEFN_E_OOM, "arena", edgefn__absent());
        return NULL;
    }
    size_t bytes = (count * size + 7) & ~(size_t)7;
    if (bytes > room - slack) {
        edgefn__fail(ev, EDGEFN_E_OOM, "arena", edgefn__absent());
        return NULL;
    }
    *top -= slack + bytes;
    return ev->arena.ptr + *top;
}

/* What parsing takes at most a byte of input: 4 for the index (every byte a quote); a field of 80 for the 13 bytes of {"value":""} and
   its comma: 6.2; unescaped and folded text: 2; and, given back again, 4 an escaped string: 1; 32 a name for the search of equal names, shortest
   name "a":1, of 6 bytes: 5.4, and its unescaped and folded text: 2. Together below 21; the constant covers the index's slack and alignment. */
EDGEFN_API size_t edgefn_memory_bound(size_t json_len)
{
    if (json_len > (SIZE_MAX - 4096) / 21) return SIZE_MAX;
    return json_len * 21 + 4096;
}

/* Index and fields take less than the text itself in events of many headers (measured in bench/RESULTS.md); then the output, the moved list of
   the first edit, and 200 bytes an edit. */
EDGEFN_API size_t edgefn_memory_usual(size_t json_len, size_t edits)
{
    if (json_len > (SIZE_MAX - 16384) / 4 || edits > (SIZE_MAX - 16384 - json_len * 4) / 400) return SIZE_MAX;
    return json_len * 4 + edits * 400 + 16384;
}

EDGEFN_API void *edgefn_alloc(edgefn_event *ev, size_t size, size_t align)
{
    if (align == 0) align = 1;
    if (align > 16 || (align & (align - 1)) != 0) {
        edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_alloc", edgefn__absent());
        return NULL;
    }
    return edgefn__take(ev, size, 1, align);
}

/* Starts a text in the free part; edgefn__text_end() takes what was written. */
static edgefn__text edgefn__text_begin(edgefn_event *ev, size_t top)
{
    edgefn__text t;
    t.at = (char *)ev->arena.ptr + ev->arena.used;
    t.end = (char *)ev->arena.ptr + top;
    t.full = false;
    if (ev->arena.ptr == NULL) t.at = t.end = (char *)(uintptr_t)"";
    return t;
}

static edgefn_str edgefn__text_end(edgefn_event *ev, edgefn__text *t)
{
    const char *start = (const char *)ev->arena.ptr + ev->arena.used;
    if (t->full || ev->arena.ptr == NULL) {
        edgefn__fail(ev, EDGEFN_E_OOM, "arena", edgefn__absent());
        return edgefn__absent();
    }
    edgefn_str s = edgefn__str(start, (size_t)(t->at - start));
    ev->arena.used += s.len;
    return s;
}

/*=== >>str ============================================================================================================*/

/* A hash of a name's length, first and last four bytes, the same for every spelling of the case: look-ups compare it before the bytes. */
EDGEFN__INLINE uint32_t edgefn__tag(edgefn_str s)
{
    const uint32_t fold = 0x20202020u;
    uint32_t head = 0, tail = 0;
    if (EDGEFN__LIKELY(s.len >= 4)) {
        head = edgefn__load4(s.ptr);
        tail = edgefn__load4(s.ptr + s.len - 4);
    } else if (s.len != 0) {
        head = (uint32_t)(unsigned char)s.ptr[0] << 16 | (uint32_t)(unsigned char)s.ptr[s.len / 2] << 8 | (unsigned char)s.ptr[s.len - 1];
    }
    return (head | fold) * 0x9e3779b1u ^ ((tail | fold) + (uint32_t)s.len) * 0x85ebca6bu;
}

/* Some word that holds all bytes of a string of at most 8. */
EDGEFN__INLINE uint64_t edgefn__load_short(const char *p, size_t n)
{
    if (n >= 4) return (uint64_t)edgefn__load4(p) | (uint64_t)edgefn__load4(p + n - 4) << 32;
    if (n == 0) return 0;
    return (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8 | (uint64_t)(unsigned char)p[n - 1] << 16;
}

EDGEFN__INLINE uint64_t edgefn__upper8(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101u, low = v & (ones * 0x7f);
    return (low + ones * (0x80 - 'A')) & ~(low + ones * (0x7f - 'Z')) & ~v & (ones * 0x80);
}

EDGEFN__INLINE bool edgefn__has_upper(edgefn_str s)
{
    if (s.len <= 8) return edgefn__upper8(edgefn__load_short(s.ptr, s.len)) != 0;
    uint64_t found = 0;
    for (size_t i = 0; i + 8 < s.len; i += 8) found |= edgefn__upper8(edgefn__load8(s.ptr + i));
    return (found | edgefn__upper8(edgefn__load8(s.ptr + s.len - 8))) != 0;
}

/* The same for 32 bytes of readable text of which the first `len`, at least 1, are the name. */
EDGEFN__INLINE bool edgefn__has_upper32(const char *p, size_t len)
{
#ifdef EDGEFN__SSE2
    if (EDGEFN__LIKELY(len <= 32)) {
        const __m128i shift = _mm_set1_epi8((char)(127 - 'Z')), least = _mm_set1_epi8((char)(127 - 26)); /* 'A'..'Z' become the 26 largest */
        __m128i head = _mm_loadu_si128((const __m128i *)(const void *)p), tail = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
        uint32_t found = (uint32_t)_mm_movemask_epi8(_mm_cmpgt_epi8(_mm_add_epi8(head, shift), least))
                       | (uint32_t)_mm_movemask_epi8(_mm_cmpgt_epi8(_mm_add_epi8(tail, shift), least)) << 16;
        return found << ((0 - len) & 31) != 0;
    }
#endif
    return edgefn__has_upper(edgefn__str(p, len));
}

EDGEFN_API edgefn_str edgefn_cstr(const char *z) { return edgefn__str(z, z != NULL ? edgefn__zlen(z) : 0); }

EDGEFN_API bool edgefn_str_eq(edgefn_str a, edgefn_str b)
{
    return a.len == b.len && (a.ptr == NULL) == (b.ptr == NULL) && (a.len == 0 || edgefn__same(a.ptr, b.ptr, a.len));
}

EDGEFN_API bool edgefn_str_ieq(edgefn_str a, edgefn_str b)
{
    if (a.len != b.len || (a.ptr == NULL) != (b.ptr == NULL)) return false;
    for (size_t i = 0; i < a.len; i++) {
        if (edgefn__lower(a.ptr[i]) != edgefn__lower(b.ptr[i])) return false;
    }
    return true;
}

EDGEFN_API bool edgefn_str_starts(edgefn_str s, edgefn_str prefix)
{
    return s.ptr != NULL && s.len >= prefix.len && edgefn__same(s.ptr, prefix.ptr, prefix.len);
}

EDGEFN_API bool edgefn_str_ends(edgefn_str s, edgefn_str suffix)
{
    return s.ptr != NULL && s.len >= suffix.len && edgefn__same(s.ptr + (s.len - suffix.len), suffix.ptr, suffix.len);
}

/* Gives the offset of the first c at or behind `i`; n when there is none. */
EDGEFN__INLINE size_t edgefn__find_byte(const char *p, size_t n, size_t i, char c)
{
#ifdef EDGEFN__SSE2
    for (; n - i >= 16; i += 16) {
        unsigned hit = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + i)), _mm_set1_epi8(c)));
        if (hit != 0) return i + edgefn__ctz(hit);
    }
#else
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    for (; n - i >= 8; i += 8) {
        uint64_t v = edgefn__load8(p + i) ^ (ones * (unsigned char)c);
        if (((v - ones) & ~v & tops) != 0) break;
    }
#endif
    while (i < n && p[i] != c) i++;
    return i;
}

EDGEFN_API size_t edgefn_str_find(edgefn_str s, edgefn_str part)
{
    if (s.ptr == NULL || part.len > s.len) return s.len;
    if (part.len == 0) return 0;
    size_t n = s.len - part.len + 1; /* places where it can begin */
    for (size_t i = 0; (i = edgefn__find_byte(s.ptr, n, i, part.ptr[0])) < n; i++) {
        if (edgefn__same(s.ptr + i, part.ptr, part.len)) return i;
    }
    return s.len;
}

EDGEFN_API bool edgefn_str_contains(edgefn_str s, edgefn_str part)
{
    return s.ptr != NULL && (part.len == 0 || edgefn_str_find(s, part) < s.len);
}

EDGEFN_API edgefn_str edgefn_str_trim(edgefn_str s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t')) { s.ptr++; s.len--; }
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t')) s.len--;
    return s;
}

EDGEFN_API edgefn_str edgefn_str_skip(edgefn_str s, size_t n)
{
    if (n > s.len) n = s.len;
    return s.ptr != NULL ? edgefn__str(s.ptr + n, s.len - n) : s;
}

EDGEFN_API edgefn_str edgefn_str_take(edgefn_str s, size_t n) { return edgefn__str(s.ptr, n < s.len ? n : s.len); }

EDGEFN_API edgefn_cut edgefn_str_cut(edgefn_str s, edgefn_str separator)
{
    edgefn_cut c = { s, { NULL, 0 }, false };
    size_t at = edgefn_str_find(s, separator);
    if (s.ptr == NULL || (at == s.len && separator.len != 0)) return c;
    c.head.len = at;
    c.tail = edgefn_str_skip(s, at + separator.len);
    c.found = true;
    return c;
}

EDGEFN_API edgefn_number edgefn_str_to_u64(edgefn_str s)
{
    edgefn_number n = { 0, false };
    for (size_t i = 0; i < s.len; i++) {
        uint64_t digit = (uint64_t)(unsigned char)s.ptr[i] - '0';
        if (digit > 9 || n.value > (UINT64_MAX - digit) / 10) { n.value = 0; return n; }
        n.value = n.value * 10 + digit;
    }
    n.ok = s.len > 0;
    return n;
}

EDGEFN_API edgefn_str edgefn_str_join(edgefn_event *ev, const edgefn_str *parts, size_t count)
{
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    for (size_t i = 0; i < count; i++) edgefn__put(&t, parts[i].ptr, parts[i].len);
    return edgefn__text_end(ev, &t);
}

EDGEFN_API edgefn_str edgefn_str_from_u64(edgefn_event *ev, uint64_t value)
{
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    edgefn__put_number(&t, value);
    return edgefn__text_end(ev, &t);
}

EDGEFN_API edgefn_str edgefn_str_lower(edgefn_event *ev, edgefn_str s)
{
    size_t i = 0;
    if (s.len == 0 || !edgefn__has_upper(s)) return s;
    char *to = (char *)edgefn__take(ev, s.len, 1, 1);
    if (to == NULL) return edgefn__absent();
    for (i = 0; i < s.len; i++) to[i] = edgefn__lower(s.ptr[i]);
    return edgefn__str(to, s.len);
}

/*=== >>utf8 ===========================================================================================================*/

/* Gives the length of the UTF-8 sequence at p (RFC 3629), 0 for none, -1 when `room` ends inside one that is right so far. */
static int edgefn__utf8(const char *p, size_t room)
{
    const unsigned char *s = (const unsigned char *)p;
    unsigned char lo = 0x80, hi = 0xbf;
    size_t need;
    if (room == 0) return -1;
    if (s[0] < 0x80) return 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf) need = 2;
    else if (s[0] >= 0xe0 && s[0] <= 0xef) need = 3;
    else if (s[0] >= 0xf0 && s[0] <= 0xf4) need = 4;
    else return 0;
    if (s[0] == 0xe0) lo = 0xa0;
    else if (s[0] == 0xed) hi = 0x9f;
    else if (s[0] == 0xf0) lo = 0x90;
    else if (s[0] == 0xf4) hi = 0x8f;
    for (size_t i = 1; i < need; i++) {
        if (i >= room) return -1;
        if (s[i] < lo || s[i] > hi) return 0;
        lo = 0x80;
        hi = 0xbf;
    }
    return (int)need;
}

/* Tells whether 8 bytes hold one that is not printable ASCII, or a quote or backslash. Each term sets the top bit of a byte below 0x20, of one
   of the three characters, or of a byte above 0x7f; a byte may be set wrongly only beside one that is set rightly. */
EDGEFN__INLINE bool edgefn__plain8(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t quote = v ^ (ones * '"'), slash = v ^ (ones * '\\'), del = v ^ (ones * 0x7f);
    return (((v - ones * 0x20) | (quote - ones) | (slash - ones) | (del - ones) | v) & tops) == 0;
}

#ifdef EDGEFN__SSE2
EDGEFN__INLINE bool edgefn__plain16(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)), _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f))),
                               _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
    return _mm_movemask_epi8(hit) == 0;
}
#endif

/* Skips bytes that are printable ASCII and need no escape in JSON; the last step of a plain string overlaps the one before. */
static size_t edgefn__plain_run(const char *p, size_t n)
{
    size_t i = 0;
#ifdef EDGEFN__SSE2
    if (n >= 16) {
        while (n - i >= 16 && edgefn__plain16(p + i)) i += 16;
        if (n - i < 16 && edgefn__plain16(p + n - 16)) return n;
    } else
#endif
    if (n >= 8) {
        while (n - i >= 8 && edgefn__plain8(edgefn__load8(p + i))) i += 8;
        if (n - i < 8 && edgefn__plain8(edgefn__load8(p + n - 8))) return n;
    }
    while (i < n && (edgefn__class_of(p[i]) & EDGEFN__C_PLAIN)) i++;
    return i;
}

static bool edgefn__is_utf8(edgefn_str s)
{
    size_t i = 0;
    while (i < s.len) {
        i += edgefn__plain_run(s.ptr + i, s.len - i);
        if (i == s.len) break;
        int n = edgefn__utf8(s.ptr + i, s.len - i);
        if (n <= 0) return false;
        i += (size_t)n;
    }
    return true;
}

static void edgefn__put_utf8(edgefn__text *t, uint32_t c)
{
    char b[4];
    size_t n;
    if (c < 0x80) { b[0] = (char)c; n = 1; }
    else if (c < 0x800) { b[0] = (char)(0xc0 | c >> 6); b[1] = (char)(0x80 | (c & 63)); n = 2; }
    else if (c < 0x10000) { b[0] = (char)(0xe0 | c >> 12); b[1] = (char)(0x80 | (c >> 6 & 63)); b[2] = (char)(0x80 | (c & 63)); n = 3; }
    else {
        b[0] = (char)(0xf0 | c >> 18);
        b[1] = (char)(0x80 | (c >> 12 & 63));
        b[2] = (char)(0x80 | (c >> 6 & 63));
        b[3] = (char)(0x80 | (c & 63));
        n = 4;
    }
    edgefn__put(t, b, n);
}

static int edgefn__hex(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Reads four hex digits; -1 when they are not there. */
static int32_t edgefn__hex4(const char *p, size_t room)
{
    int32_t v = 0;
    for (size_t i = 0; i < 4; i++) {
        int d = i < room ? edgefn__hex(p[i]) : -1;
        if (d < 0) return -1;
        v = v * 16 + d;
    }
    return v;
}

/* Unescapes the inside of a JSON string that is known to be valid. */
static void edgefn__put_unescaped(edgefn__text *t, const char *p, size_t n)
{
    size_t i = 0;
    while (i < n) {
        size_t run = edgefn__find_byte(p, n, i, '\\');
        edgefn__put(t, p + i, run - i);
        if (run == n) return;
        char c = p[run + 1];
        i = run + 2;
        if (c == 'u') {
            uint32_t unit = (uint32_t)edgefn__hex4(p + i, 4);
            i += 4;
            if (unit >= 0xd800 && unit < 0xdc00) {
                unit = 0x10000 + ((unit - 0xd800) << 10) + ((uint32_t)edgefn__hex4(p + i + 2, 4) - 0xdc00);
                i += 6;
            }
            edgefn__put_utf8(t, unit);
            continue;
        }
        if (c == 'b') c = '\b';
        else if (c == 'f') c = '\f';
        else if (c == 'n') c = '\n';
        else if (c == 'r') c = '\r';
        else if (c == 't') c = '\t';
        edgefn__put(t, &c, 1);
    }
}

/* Quotes a string as JSON. Bytes that are not UTF-8 become U+FFFD. */
static void edgefn__put_quoted(edgefn__text *t, edgefn_str s)
{
    static const char hex[] = "0123456789abcdef";
    size_t i = 0;
    EDGEFN__PUT(t, "\"");
    for (;;) {
        size_t run = edgefn__plain_run(s.ptr + i, s.len - i);
        edgefn__put(t, s.ptr + i, run);
        i += run;
        if (i >= s.len || t->full) break;
        unsigned char c = (unsigned char)s.ptr[i];
        int n = edgefn__utf8(s.ptr + i, s.len - i);
        if (n <= 0) { EDGEFN__PUT(t, "\xef\xbf\xbd"); i++; continue; }
        if (c >= 0x20 && c != '"' && c != '\\') { edgefn__put(t, s.ptr + i, (size_t)n); i += (size_t)n; continue; }
        char escape[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
        const char *brief = c == '"' ? "\\\"" : c == '\\' ? "\\\\" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t"
                          : c == '\b' ? "\\b" : c == '\f' ? "\\f" : NULL;
        edgefn__put(t, brief != NULL ? brief : escape, brief != NULL ? 2 : 6);
        i++;
    }
    EDGEFN__PUT(t, "\"");
}

EDGEFN_API edgefn_str edgefn_json_quote(edgefn_event *ev, edgefn_str s)
{
    if (s.ptr == NULL) return s;
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    edgefn__put_quoted(&t, s);
    return edgefn__text_end(ev, &t);
}

/*=== >>scan ===========================================================================================================
   The first pass: one bit a byte for the quotation marks that delimit strings, and a check of the inside of strings (controls, escapes,
   UTF-8). 64 bytes at a time: one look finds the quotes and whether the block holds anything that needs care; only such blocks
   take the careful way. All variants give the same bits and the same verdict on every input (tests and fuzzers hold them to it).
   No load outside the input. Bits instead of a list of offsets: a list costs four instructions a quote, the bits two a block, and the walk
   needs only three of the ten quotes of a header and finds each with a shift (bench/RESULTS.md, what helped). */

typedef struct edgefn__scanner {
    const char    *text;
    size_t         len;
    unsigned char *quotes;    /* the bits, edgefn__quotes_size() bytes; lowest bit first */
    uint32_t      *escaped;   /* offsets of the strings that hold an escape, going down in memory from top */
    uint32_t      *top, *floor;
    size_t         utf8_done; /* UTF-8 is checked up to here */
    size_t         low_at;    /* where the second half of a surrogate pair must stand */
    uint64_t       carry;     /* 1: the next block's first byte is escaped */
    size_t         counted;   /* up to here `inside` and `last` hold; they are needed for careful blocks only */
    uint64_t       inside;    /* all ones: a string is open */
    uint32_t       last;      /* the last quote */
    bool           full;      /* the list of escaped strings did not fit */
} edgefn__scanner;

/* Bits for all blocks, and behind them ones: a search for a quote ends beyond the text at the latest. */
static size_t edgefn__quotes_size(size_t len) { return len / 64 * 8 + 48; }

typedef struct edgefn__masks { uint64_t quote, slash, control, high; } edgefn__masks;

EDGEFN__INLINE unsigned edgefn__popcount(uint64_t v)
{
    v -= v >> 1 & 0x5555555555555555u;
    v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
    return (unsigned)(((v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u >> 56);
}

/* The highest bit of a word that is not 0. */
EDGEFN__INLINE unsigned edgefn__top_bit(uint64_t v)
{
#if defined(__GNUC__) || defined(__clang__)
    return 63u - (unsigned)__builtin_clzll(v);
#else
    unsigned n = 0;
    while (v >>= 1) n++;
    return n;
#endif
}

/* Eight bytes, the first lowest, whatever the machine's byte order. */
EDGEFN__INLINE uint64_t edgefn__word(const char *p)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return edgefn__load8(p);
#else
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--) v = v << 8 | (unsigned char)p[i];
    return v;
#endif
}

EDGEFN__INLINE void edgefn__store_word(unsigned char *p, uint64_t v)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    edgefn__memcpy(p, &v, 8);
#else
    for (int i = 0; i < 8; i++, v >>= 8) p[i] = (unsigned char)(v & 255);
#endif
}

/* Brings `inside` and `last` up to the block at `base`. Every block is counted once; the sum of quotes is odd when the bits of all
   words together are. */
static void edgefn__scan_count(edgefn__scanner *s, size_t base)
{
    uint64_t all = 0, last = 0;
    size_t last_at = 0;
    for (; s->counted < base; s->counted += 64) {
        uint64_t q = edgefn__word((const char *)s->quotes + s->counted / 8);
        all ^= q;
        if (q != 0) {
            last = q;
            last_at = s->counted;
        }
    }
    if (edgefn__popcount(all) & 1) s->inside = ~s->inside;
    if (last != 0) s->last = (uint32_t)last_at + edgefn__top_bit(last);
}

/* Checks one escape sequence that begins at `at`. */
static bool edgefn__escape_ok(edgefn__scanner *s, size_t at)
{
    if (at + 1 >= s->len) return false;
    char c = s->text[at + 1];
    if (c != 'u') return c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't';
    int32_t unit = edgefn__hex4(s->text + at + 2, s->len - at - 2);
    if (unit < 0) return false;
    if (unit >= 0xdc00 && unit <= 0xdfff) return s->low_at == at;
    if (unit < 0xd800 || unit > 0xdbff) return true;
    if (s->len - at < 12 || s->text[at + 6] != '\\' || s->text[at + 7] != 'u') return false;
    int32_t low = edgefn__hex4(s->text + at + 8, 4);
    s->low_at = at + 6;
    return low >= 0xdc00 && low <= 0xdfff;
}

/* Notes the string that holds the escape at bit k of a block with these quotes. */
static bool edgefn__note_escaped(edgefn__scanner *s, size_t base, uint64_t quote, unsigned k)
{
    uint64_t before = quote & (((uint64_t)1 << k) - 1);
    uint32_t open = before != 0 ? (uint32_t)base + edgefn__top_bit(before) : s->last;
    if (s->escaped != s->top && *s->escaped == open) return true;
    if (s->escaped - s->floor < 2) { /* one stays for the sentinel */
        s->full = true;
        return false;
    }
    *--s->escaped = open;
    return true;
}

/* Reads a block that holds a backslash, a control or a byte beyond ASCII, or that begins escaped.
   Returns false when something in it can be in no JSON text; else *quote holds only the quotes that delimit. */
EDGEFN__NOINLINE bool edgefn__scan_careful(edgefn__scanner *s, const edgefn__masks *m, size_t base, uint64_t *quote)
{
    uint64_t escaped = s->carry, starts = 0, slash = m->slash;
    s->carry = 0;
    while (slash != 0) {
        unsigned k = edgefn__ctz(slash);
        slash &= slash - 1;
        if (escaped >> k & 1) continue;
        starts |= (uint64_t)1 << k;
        if (k == 63) s->carry = 1;
        else escaped |= (uint64_t)2 << k;
    }
    uint64_t q = m->quote & ~escaped;
    *quote = q;
    uint64_t inside = q; /* from an opening quote up to before the closing one */
    inside ^= inside << 1;
    inside ^= inside << 2;
    inside ^= inside << 4;
    inside ^= inside << 8;
    inside ^= inside << 16;
    inside ^= inside << 32;
    edgefn__scan_count(s, base);
    inside ^= s->inside;
    if ((m->control & inside) != 0 || ((starts | m->high) & ~inside) != 0) return false;
    for (; starts != 0; starts &= starts - 1) {
        if (!edgefn__escape_ok(s, base + edgefn__ctz(starts)) || !edgefn__note_escaped(s, base, q, edgefn__ctz(starts))) return false;
    }
    for (uint64_t high = m->high; high != 0; high &= high - 1) {
        size_t at = base + edgefn__ctz(high);
        if (at < s->utf8_done) continue;
        int n = edgefn__utf8(s->text + at, s->len - at);
        if (n <= 0) return false;
        s->utf8_done = at + (size_t)n;
    }
    return true;
}

/* One scanner. quick gives the quotes of 64 bytes and a flag for the careful way, masks all four masks, quiet tells whether 256 bytes
   hold neither; long strings are passed in such strides once eight blocks had no quote. */
#define EDGEFN__SCAN(VARIANT, TARGET)                                                                                    \
    TARGET static bool edgefn__scan_##VARIANT(edgefn__scanner *s)                                                        \
    {                                                                                                                    \
        const char *text = s->text;                                                                                      \
        unsigned char *quotes = s->quotes;                                                                               \
        size_t at = 0, len = s->len;                                                                                     \
        unsigned quiet = 0;                                                                                              \
        char tail[64];                                                                                                   \
        while (at < len) {                                                                                               \
            const char *block = text + at;                                                                               \
            uint64_t quote, care, delimit;                                                                               \
            if (EDGEFN__UNLIKELY(len - at < 64)) {                                                                       \
                edgefn__memset(tail, ' ', 64);                                                                           \
                edgefn__memcpy(tail, block, len - at);                                                                   \
                block = tail;                                                                                            \
            }                                                                                                            \
            quote = edgefn__quick_##VARIANT(block, &care);                                                               \
            if (EDGEFN__UNLIKELY((care | s->carry) != 0)) {                                                              \
                edgefn__masks m;                                                                                         \
                edgefn__masks_##VARIANT(block, &m);                                                                      \
                if (!edgefn__scan_careful(s, &m, at, &delimit)) return false;                                            \
                quote = delimit;                                                                                         \
            }                                                                                                            \
            edgefn__store_word(quotes + at / 8, quote);                                                                  \
            at += 64;                                                                                                    \
            quiet = quote == 0 ? quiet + 1 : 0;                                                                          \
            if (EDGEFN__UNLIKELY(quiet >= 8)) {                                                                          \
                for (; s->carry == 0 && at < len && len - at >= 256 && edgefn__quiet_##VARIANT(text + at); at += 256)    \
                    edgefn__memset(quotes + at / 8, 0, 32);                                                              \
            }                                                                                                            \
        }                                                                                                                \
        edgefn__memset(quotes + (len + 63) / 64 * 8, 0xff, edgefn__quotes_size(len) - (len + 63) / 64 * 8);              \
        return s->carry == 0;                                                                                            \
    }

/* Portable: eight bytes at a time in a 64-bit word, their top bits gathered by a multiplication. */
/* Top bit of each byte that is zero; exact, unlike the shorter form, because no carry crosses a byte. */
EDGEFN__INLINE uint64_t edgefn__zero_tops(uint64_t v)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
    return ~(((v & low) + low) | v | low);
}

EDGEFN__INLINE uint64_t edgefn__gather(uint64_t tops) { return ((tops >> 7) * 0x0102040810204080u) >> 56; }

static void edgefn__masks_portable(const char *p, edgefn__masks *m)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    m->quote = m->slash = m->control = m->high = 0;
    for (unsigned i = 0; i < 64; i += 8) {
        uint64_t v = edgefn__word(p + i);
        uint64_t below = ~(((v & ~tops) + ones * 0x60) | v) & tops;
        m->quote |= edgefn__gather(edgefn__zero_tops(v ^ (ones * '"'))) << i;
        m->slash |= edgefn__gather(edgefn__zero_tops(v ^ (ones * '\\'))) << i;
        m->control |= edgefn__gather(below) << i;
        m->high |= edgefn__gather(v & tops) << i;
    }
}

EDGEFN__INLINE uint64_t edgefn__quick_portable(const char *p, uint64_t *care)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t quote = 0, any = 0;
    for (unsigned i = 0; i < 64; i += 8) {
        uint64_t v = edgefn__word(p + i);
        any |= ((v - ones * 0x20) | ((v ^ (ones * '\\')) - ones) | v) & tops;
        quote |= edgefn__gather(edgefn__zero_tops(v ^ (ones * '"'))) << i;
    }
    *care = any;
    return quote;
}

EDGEFN__INLINE bool edgefn__quiet_portable(const char *p)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t any = 0;
    for (unsigned i = 0; i < 256; i += 8) {
        uint64_t v = edgefn__word(p + i);
        any |= ((v - ones * 0x20) | ((v ^ (ones * '\\')) - ones) | ((v ^ (ones * '"')) - ones) | v);
    }
    return (any & tops) == 0;
}

EDGEFN__SCAN(portable, EDGEFN__UNUSED)

#ifdef EDGEFN__SSE2
#define EDGEFN__AT16(p, i) _mm_loadu_si128((const __m128i *)(const void *)((p) + (i)))

EDGEFN__INLINE uint64_t edgefn__join16(__m128i a, __m128i b, __m128i c, __m128i d)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(a) | (uint64_t)(uint32_t)_mm_movemask_epi8(b) << 16
         | (uint64_t)(uint32_t)_mm_movemask_epi8(c) << 32 | (uint64_t)(uint32_t)_mm_movemask_epi8(d) << 48;
}

/* Signed compare: below 0x20 are the controls and, negative, all bytes beyond ASCII. */
EDGEFN__INLINE __m128i edgefn__care16(__m128i v)
{
    return _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
}

EDGEFN__INLINE uint64_t edgefn__quick_sse2(const char *p, uint64_t *care)
{
    const __m128i quote = _mm_set1_epi8('"');
    __m128i a = EDGEFN__AT16(p, 0), b = EDGEFN__AT16(p, 16), c = EDGEFN__AT16(p, 32), d = EDGEFN__AT16(p, 48);
    __m128i any = _mm_or_si128(_mm_or_si128(edgefn__care16(a), edgefn__care16(b)), _mm_or_si128(edgefn__care16(c), edgefn__care16(d)));
    *care = (uint64_t)(uint32_t)_mm_movemask_epi8(any);
    return edgefn__join16(_mm_cmpeq_epi8(a, quote), _mm_cmpeq_epi8(b, quote), _mm_cmpeq_epi8(c, quote), _mm_cmpeq_epi8(d, quote));
}

static void edgefn__masks_sse2(const char *p, edgefn__masks *m)
{
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), blank = _mm_set1_epi8(0x20);
    __m128i a = EDGEFN__AT16(p, 0), b = EDGEFN__AT16(p, 16), c = EDGEFN__AT16(p, 32), d = EDGEFN__AT16(p, 48);
    m->quote = edgefn__join16(_mm_cmpeq_epi8(a, quote), _mm_cmpeq_epi8(b, quote), _mm_cmpeq_epi8(c, quote), _mm_cmpeq_epi8(d, quote));
    m->slash = edgefn__join16(_mm_cmpeq_epi8(a, slash), _mm_cmpeq_epi8(b, slash), _mm_cmpeq_epi8(c, slash), _mm_cmpeq_epi8(d, slash));
    m->high = edgefn__join16(a, b, c, d);
    m->control = edgefn__join16(_mm_cmplt_epi8(a, blank), _mm_cmplt_epi8(b, blank), _mm_cmplt_epi8(c, blank), _mm_cmplt_epi8(d, blank)) & ~m->high;
}

EDGEFN__INLINE bool edgefn__quiet_sse2(const char *p)
{
    __m128i any = _mm_setzero_si128();
    for (unsigned i = 0; i < 256; i += 16) {
        __m128i v = EDGEFN__AT16(p, i);
        any = _mm_or_si128(any, _mm_or_si128(edgefn__care16(v), _mm_cmpeq_epi8(v, _mm_set1_epi8('"'))));
    }
    return _mm_movemask_epi8(any) == 0;
}

EDGEFN__SCAN(sse2, EDGEFN__UNUSED)
#endif

#ifdef EDGEFN__AVX2
#define EDGEFN__TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2")))
static bool edgefn__have_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"); }
#define EDGEFN__AT32(p, i) _mm256_loadu_si256((const __m256i *)(const void *)((p) + (i)))

EDGEFN__TARGET_AVX2 static inline uint64_t edgefn__join32(__m256i a, __m256i b)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

EDGEFN__TARGET_AVX2 static inline __m256i edgefn__care32(__m256i v)
{
    return _mm256_or_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), v), _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\')));
}

EDGEFN__TARGET_AVX2 static inline uint64_t edgefn__quick_avx2(const char *p, uint64_t *care)
{
    __m256i a = EDGEFN__AT32(p, 0), b = EDGEFN__AT32(p, 32), quote = _mm256_set1_epi8('"');
    *care = (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_or_si256(edgefn__care32(a), edgefn__care32(b)));
    return edgefn__join32(_mm256_cmpeq_epi8(a, quote), _mm256_cmpeq_epi8(b, quote));
}

EDGEFN__TARGET_AVX2 static inline void edgefn__masks_avx2(const char *p, edgefn__masks *m)
{
    __m256i a = EDGEFN__AT32(p, 0), b = EDGEFN__AT32(p, 32);
    __m256i quote = _mm256_set1_epi8('"'), slash = _mm256_set1_epi8('\\'), blank = _mm256_set1_epi8(0x20);
    m->quote = edgefn__join32(_mm256_cmpeq_epi8(a, quote), _mm256_cmpeq_epi8(b, quote));
    m->slash = edgefn__join32(_mm256_cmpeq_epi8(a, slash), _mm256_cmpeq_epi8(b, slash));
    m->high = edgefn__join32(a, b);
    m->control = edgefn__join32(_mm256_cmpgt_epi8(blank, a), _mm256_cmpgt_epi8(blank, b)) & ~m->high;
}

EDGEFN__TARGET_AVX2 static inline bool edgefn__quiet_avx2(const char *p)
{
    __m256i any = _mm256_setzero_si256();
    for (unsigned i = 0; i < 256; i += 32) {
        __m256i v = EDGEFN__AT32(p, i);
        any = _mm256_or_si256(any, _mm256_or_si256(edgefn__care32(v), _mm256_cmpeq_epi8(v, _mm256_set1_epi8('"'))));
    }
    return _mm256_movemask_epi8(any) == 0;
}

EDGEFN__SCAN(avx2, EDGEFN__TARGET_AVX2 EDGEFN__UNUSED)
#endif

static bool edgefn__scan(edgefn__scanner *s)
{
#ifdef EDGEFN__AVX2
    if (edgefn__have_avx2()) return edgefn__scan_avx2(s);
#endif
#ifdef EDGEFN__SSE2
    return edgefn__scan_sse2(s);
#else
    return edgefn__scan_portable(s);
#endif
}

/*=== >>json ===========================================================================================================
   Two readers. edgefn__validate() is the plain one: every byte, in order, an exact error; it runs only after something went wrong,
   so that a text that is not JSON gets the same code and offset whatever way found it. The reader below walks over the text with the
   scan's bits: `pos` is the next byte outside strings, where every '"' opens a string, because the scan found no backslash outside. Quick
   paths only ever move pos to where the plain grammar would have brought it. */

typedef struct edgefn__fault { edgefn_error code; size_t pos; } edgefn__fault;

static bool edgefn__fault_at(edgefn__fault *f, edgefn_error code, size_t pos)
{
    f->code = code;
    f->pos = pos;
    return false;
}

/* Checks a string from its opening quote on; *at becomes the offset behind it. */
static bool edgefn__validate_string(const char *p, size_t len, size_t *at, edgefn__fault *f)
{
    size_t i = *at + 1;
    for (;;) {
        i += edgefn__plain_run(p + i, len - i);
        if (i >= len) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, len);
        unsigned char c = (unsigned char)p[i];
        if (c == '"') break;
        if (c < 0x20) return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, i);
        if (c != '\\') {
            int n = edgefn__utf8(p + i, len - i);
            if (n < 0) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, len);
            if (n == 0) return edgefn__fault_at(f, EDGEFN_E_JSON_UTF8, i);
            i += (size_t)n;
            continue;
        }
        size_t unit_at = i;
        for (int half = 0; half < 2; half++) {
            size_t have = 0;
            if (half == 1 && i < len && p[i] != '\\') return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, unit_at);
            if (i + 1 >= len) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, len);
            if (half == 1 && p[i + 1] != 'u') return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, unit_at);
            char e = p[i + 1];
            if (e != 'u') {
                if (e != '"' && e != '\\' && e != '/' && e != 'b' && e != 'f' && e != 'n' && e != 'r' && e != 't')
                    return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, unit_at);
                i += 2;
                break;
            }
            while (have < 4 && i + 2 + have < len && edgefn__hex(p[i + 2 + have]) >= 0) have++;
            if (have < 4) return edgefn__fault_at(f, i + 2 + have >= len ? EDGEFN_E_JSON_EOF : EDGEFN_E_JSON_STRING, i + 2 + have >= len ? len : unit_at);
            int32_t unit = edgefn__hex4(p + i + 2, 4);
            bool is_low = unit >= 0xdc00 && unit <= 0xdfff, is_high = unit >= 0xd800 && unit <= 0xdbff;
            if (half == 0 ? is_low : !is_low) return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, unit_at);
            i += 6;
            if (half == 0 && !is_high) break;
        }
    }
    *at = i + 1;
    return true;
}

/* Finds the end of a number that begins at `at`; 0 when the text there is none. *ends: the input ended inside it. */
static size_t edgefn__number_end(const char *p, size_t len, size_t at, bool *ends)
{
    size_t i = at, digits;
    *ends = false;
    if (i < len && p[i] == '-') i++;
    digits = i;
    while (i < len && (edgefn__class_of(p[i]) & EDGEFN__C_DIGIT)) i++;
    if (i == digits) { *ends = i >= len; return 0; }
    if (p[digits] == '0' && i - digits > 1) return 0;
    if (i < len && p[i] == '.') {
        digits = ++i;
        while (i < len && (edgefn__class_of(p[i]) & EDGEFN__C_DIGIT)) i++;
        if (i == digits) { *ends = i >= len; return 0; }
    }
    if (i < len && (p[i] == 'e' || p[i] == 'E')) {
        i++;
        if (i < len && (p[i] == '+' || p[i] == '-')) i++;
        digits = i;
        while (i < len && (edgefn__class_of(p[i]) & EDGEFN__C_DIGIT)) i++;
        if (i == digits) { *ends = i >= len; return 0; }
    }
    return i;
}

static const char *edgefn__literal(char first, size_t *len)
{
    *len = first == 'f' ? 5 : 4;
    return first == 't' ? "true" : first == 'f' ? "false" : first == 'n' ? "null" : NULL;
}

/* Checks a number or a literal; *at becomes the offset behind it. */
static bool edgefn__validate_scalar(const char *p, size_t len, size_t *at, edgefn__fault *f)
{
    size_t i = *at, n;
    if (p[i] == '-' || (edgefn__class_of(p[i]) & EDGEFN__C_DIGIT)) {
        bool ends;
        size_t end = edgefn__number_end(p, len, i, &ends);
        if (end == 0) return edgefn__fault_at(f, ends ? EDGEFN_E_JSON_EOF : EDGEFN_E_JSON_NUMBER, ends ? len : i);
        *at = end;
        return true;
    }
    const char *word = edgefn__literal(p[i], &n);
    if (word == NULL) return edgefn__fault_at(f, EDGEFN_E_JSON_SYNTAX, i);
    for (size_t k = 0; k < n; k++) {
        if (i + k >= len) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, len);
        if (p[i + k] != word[k]) return edgefn__fault_at(f, EDGEFN_E_JSON_SYNTAX, i);
    }
    *at = i + n;
    return true;
}

EDGEFN__INLINE size_t edgefn__skip_space(const char *p, size_t len, size_t i)
{
    while (i < len && (unsigned char)p[i] <= ' ' && (edgefn__class_of(p[i]) & EDGEFN__C_SPACE)) i++;
    return i;
}

/* Checks a whole JSON text. `expect` is what may come next: v a value, e a value or ']', n a name or '}', m a name, c a colon, s ',' or a closing bracket. */
EDGEFN__NOINLINE bool edgefn__validate(edgefn_str json, edgefn__fault *f)
{
    const char *p = json.ptr;
    size_t len = json.len, i = 0;
    uint64_t objects = 0; /* one bit a level, the innermost lowest: set for objects */
    unsigned depth = 0;
    char expect = 'v';
    for (;;) {
        i = edgefn__skip_space(p, len, i);
        if (expect == 's' && depth == 0) return i == len || edgefn__fault_at(f, EDGEFN_E_JSON_TRAILING, i);
        if (i >= len) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, len);
        char c = p[i];
        bool closes = (c == '}' || c == ']') && depth > 0 && (c == '}') == ((objects & 1) != 0);
        if (closes && (expect == 's' || expect == 'e' || expect == 'n')) {
            objects >>= 1;
            depth--;
            expect = 's';
            i++;
        } else if (expect == 's') {
            if (c != ',') return edgefn__fault_at(f, EDGEFN_E_JSON_SYNTAX, i);
            expect = objects & 1 ? 'm' : 'v';
            i++;
        } else if (expect == 'c') {
            if (c != ':') return edgefn__fault_at(f, EDGEFN_E_JSON_SYNTAX, i);
            expect = 'v';
            i++;
        } else if (expect == 'n' || expect == 'm') {
            if (c != '"') return edgefn__fault_at(f, EDGEFN_E_JSON_SYNTAX, i);
            if (!edgefn__validate_string(p, len, &i, f)) return false;
            expect = 'c';
        } else if (c == '{' || c == '[') {
            if (depth == EDGEFN_MAX_DEPTH) return edgefn__fault_at(f, EDGEFN_E_JSON_DEPTH, i);
            objects = objects << 1 | (c == '{');
            depth++;
            expect = c == '{' ? 'n' : 'e';
            i++;
        } else {
            if (c == '"' ? !edgefn__validate_string(p, len, &i, f) : !edgefn__validate_scalar(p, len, &i, f)) return false;
            expect = 's';
        }
    }
}

typedef struct edgefn__reader {
    const char     *text;
    uint32_t        len, pos;
    const unsigned char *quotes;
    edgefn_event   *ev;
    unsigned        depth;
    const uint32_t *escaped, *escaped_first; /* the next, and the first, string that holds an escape; they go down and end in UINT32_MAX */
    edgefn_error    code;    /* the first failure */
    uint32_t        at;
    const char     *where;
    edgefn_str      subject;
} edgefn__reader;

EDGEFN__NOINLINE bool edgefn__bad(edgefn__reader *r, edgefn_error code, uint32_t at, const char *where, edgefn_str subject)
{
    if (r->code == EDGEFN_OK) {
        r->code = code;
        r->at = at;
        r->where = where;
        r->subject = subject;
    }
    return false;
}

static bool edgefn__bad_json(edgefn__reader *r) { return edgefn__bad(r, EDGEFN_E_JSON_SYNTAX, r->pos, "JSON text", edgefn__absent()); }
static bool edgefn__bad_memory(edgefn__reader *r) { return edgefn__bad(r, EDGEFN_E_OOM, 0, "arena", edgefn__absent()); }

/* Goes to the next byte that is no white space; gives it, 0 at the end. */
EDGEFN__INLINE char edgefn__peek(edgefn__reader *r)
{
    if (EDGEFN__LIKELY(r->pos < r->len && r->text[r->pos] > ' ')) return r->text[r->pos];
    r->pos = (uint32_t)edgefn__skip_space(r->text, r->len, r->pos);
    return r->pos < r->len ? r->text[r->pos] : '\0';
}

EDGEFN__NOINLINE size_t edgefn__quote_far(const unsigned char *quotes, size_t from)
{
    size_t at = from / 64 * 8 + 8;
    uint64_t w = edgefn__word((const char *)quotes + at - 8) >> (from & 63);
    if (w != 0) return from + edgefn__ctz(w);
    while ((w = edgefn__word((const char *)quotes + at)) == 0) at += 8;
    return at * 8 + edgefn__ctz(w);
}

/* Gives the first quote at or behind `from`; beyond the text when there is none. An unaligned look shows at least 57 bits. */
EDGEFN__INLINE size_t edgefn__quote_in(const unsigned char *quotes, size_t from)
{
    uint64_t w = edgefn__word((const char *)quotes + from / 8) >> (from & 7);
    return EDGEFN__LIKELY(w != 0) ? from + edgefn__ctz(w) : edgefn__quote_far(quotes, from);
}

EDGEFN__INLINE uint32_t edgefn__quote_from(const edgefn__reader *r, uint32_t from) { return (uint32_t)edgefn__quote_in(r->quotes, from); }

/* Reads the string at the cursor: its inside as it stands in the text. The scan has checked it. */
EDGEFN__INLINE bool edgefn__raw_string(edgefn__reader *r, edgefn_str *s)
{
    uint32_t open = r->pos;
    if (EDGEFN__UNLIKELY(open >= r->len || r->text[open] != '"')) return edgefn__bad_json(r);
    uint32_t close = edgefn__quote_from(r, open + 1);
    if (EDGEFN__UNLIKELY(close >= r->len)) return edgefn__bad_json(r);
    *s = edgefn__str(r->text + open + 1, close - open - 1);
    r->pos = close + 1;
    return true;
}

/* Skips any value. Depth is counted from the reader's own; no recursion. */
EDGEFN__NOINLINE bool edgefn__skip_value(edgefn__reader *r)
{
    uint64_t objects = 0;
    unsigned depth = 0;
    edgefn_str s;
    for (;;) {
        char c = edgefn__peek(r);
        bool nested = false;
        if (c == '{' || c == '[') {
            if (r->depth + depth >= EDGEFN_MAX_DEPTH) return edgefn__bad_json(r);
            objects = objects << 1 | (c == '{');
            depth++;
            r->pos++;
            nested = edgefn__peek(r) != (c == '{' ? '}' : ']');
        } else if (c == '"') {
            if (!edgefn__raw_string(r, &s)) return false;
        } else {
            edgefn__fault f;
            size_t at = r->pos;
            if (c == '\0' || !edgefn__validate_scalar(r->text, r->len, &at, &f)) return edgefn__bad_json(r);
            r->pos = (uint32_t)at;
        }
        /* Close what ends here, then go to the next value. */
        while (!nested) {
            if (depth == 0) return true;
            c = edgefn__peek(r);
            if (c == ',') { r->pos++; break; }
            if (c != (objects & 1 ? '}' : ']')) return edgefn__bad_json(r);
            r->pos++;
            objects >>= 1;
            depth--;
        }
        if (objects & 1) {
            if (edgefn__peek(r) != '"' || !edgefn__raw_string(r, &s)) return edgefn__bad_json(r);
            if (edgefn__peek(r) != ':') return edgefn__bad_json(r);
            r->pos++;
        }
    }
}

static size_t edgefn__find_slash(edgefn_str s) { return edgefn__find_byte(s.ptr, s.len, 0, '\\'); }

/* Tells whether the string that opens at `at` holds an escape. To be asked in the order of the text. */
EDGEFN__INLINE bool edgefn__is_escaped(edgefn__reader *r, uint32_t at)
{
    while (EDGEFN__UNLIKELY(*r->escaped < at)) r->escaped--;
    return *r->escaped == at;
}

EDGEFN__NOINLINE bool edgefn__unescape(edgefn__reader *r, edgefn_str *s)
{
    edgefn__text t = edgefn__text_begin(r->ev, r->ev->arena.cap);
    edgefn__put_unescaped(&t, s->ptr, s->len);
    *s = edgefn__text_end(r->ev, &t);
    return s->ptr != NULL || edgefn__bad_memory(r);
}

/*--- objects that the library interprets ------------------------------------------------------------------------------*/

typedef struct edgefn__name { const char *text; uint8_t len; } edgefn__name;
typedef struct edgefn__schema {
    const char         *where;
    const edgefn__name *names;
    uint8_t             count;
} edgefn__schema;
#define EDGEFN__NAME(text) { text, sizeof(text) - 1 }

typedef struct edgefn__object {
    const edgefn__schema *schema;
    uint32_t              open, close, seen, unknown, name_at;
    unsigned              next; /* CloudFront's own order makes the next name easy to guess */
    bool                  more;
} edgefn__object;

enum { EDGEFN__END = -1, EDGEFN__BAD = -2 };

/* A name with its place, for the search of equal names. */
typedef struct edgefn__entry { const char *ptr; uint32_t len, at; } edgefn__entry;

static bool edgefn__entry_eq(const edgefn__entry *a, const edgefn__entry *b)
{
    return a->len == b->len && edgefn__same(a->ptr, b->ptr, a->len);
}

/* Orders by length, then bytes, then place. */
static bool edgefn__entry_before(const edgefn__entry *a, const edgefn__entry *b)
{
    if (a->len != b->len) return a->len < b->len;
    int d = edgefn__memcmp(a->ptr, b->ptr, a->len);
    return d != 0 ? d < 0 : a->at < b->at;
}

static void edgefn__entry_sift(edgefn__entry *e, size_t root, size_t n)
{
    edgefn__entry moved = e[root];
    for (;;) {
        size_t child = root * 2 + 1;
        if (child >= n) break;
        if (child + 1 < n && edgefn__entry_before(&e[child], &e[child + 1])) child++;
        if (!edgefn__entry_before(&moved, &e[child])) break;
        e[root] = e[child];
        root = child;
    }
    e[root] = moved;
}

/* Finds the first name that equals an earlier one, by sorting: n log n whatever the names are. Gives its place or UINT32_MAX. */
EDGEFN__NOINLINE uint32_t edgefn__equal_by_sorting(edgefn__entry *e, size_t n)
{
    for (size_t i = n / 2; i-- > 0;) edgefn__entry_sift(e, i, n);
    for (size_t i = n; i-- > 1;) {
        edgefn__entry last = e[i];
        e[i] = e[0];
        e[0] = last;
        edgefn__entry_sift(e, 0, i);
    }
    uint32_t first = UINT32_MAX;
    for (size_t i = 1; i < n; i++) {
        if (edgefn__entry_eq(&e[i - 1], &e[i]) && e[i].at < first) first = e[i].at;
    }
    return first;
}

/* The same by a hash table of `size` slots, a power of two above n; *gave_up when the names were made to collide. */
static uint32_t edgefn__equal_by_hashing(const edgefn__entry *e, size_t n, uint32_t *slots, size_t size, bool *gave_up)
{
    size_t budget = n * 8 + 64;
    *gave_up = false;
    edgefn__memset(slots, 0, size * sizeof *slots);
    for (size_t i = 0; i < n; i++) {
        uint64_t h = e[i].len;
        size_t k = 0;
        for (; e[i].len - k >= 8; k += 8) h = (h ^ edgefn__load8(e[i].ptr + k)) * 0x9e3779b97f4a7c15u, h ^= h >> 29;
        for (; k < e[i].len; k++) h = (h ^ (unsigned char)e[i].ptr[k]) * 0x9e3779b97f4a7c15u;
        h ^= h >> 32;
        for (size_t slot = (size_t)h & (size - 1);; slot = (slot + 1) & (size - 1)) {
            if (slots[slot] == 0) { slots[slot] = (uint32_t)i + 1; break; }
            if (edgefn__entry_eq(&e[slots[slot] - 1], &e[i])) return e[i].at;
            if (budget-- == 0) { *gave_up = true; return UINT32_MAX; }
        }
    }
    return UINT32_MAX;
}

/* Collects the names of the object that opens at `open` into e, or only counts them where e is NULL. */
static size_t edgefn__names_collect(edgefn__reader *r, uint32_t open, bool fold, edgefn__entry *e)
{
    edgefn__reader again = *r;
    size_t n = 0;
    edgefn_str name;
    again.pos = open + 1;
    again.escaped = r->escaped_first;
    while (edgefn__peek(&again) != '}') {
        if (again.text[again.pos] == ',') again.pos++;
        edgefn__peek(&again);
        uint32_t at = again.pos;
        if (!edgefn__raw_string(&again, &name)) break; /* cannot be: the object was read before */
        edgefn__peek(&again);
        again.pos++;
        if (!edgefn__skip_value(&again)) break;
        if (e != NULL) {
            if (edgefn__is_escaped(&again, at) && !edgefn__unescape(&again, &name)) break;
            if (fold && name.len != 0) name = edgefn_str_lower(r->ev, name);
            e[n].ptr = name.ptr;
            e[n].len = (uint32_t)name.len;
            e[n].at = at;
        }
        n++;
    }
    return n;
}

/* Searches an object for equal names by reading it again; for the rare cases that the quick test leaves open.
   Memory: given back. */
EDGEFN__NOINLINE bool edgefn__names_differ(edgefn__reader *r, uint32_t open, bool fold, const char *where)
{
    size_t used = r->ev->arena.used, cap = r->ev->arena.cap, top = cap, size = 16;
    size_t n = edgefn__names_collect(r, open, fold, NULL);
    while (size < n + n / 2) size *= 2;
    edgefn__entry *e = (edgefn__entry *)edgefn__take_top(r->ev, &top, n, sizeof *e);
    uint32_t *slots = e != NULL ? (uint32_t *)edgefn__take_top(r->ev, &top, size, sizeof *slots) : NULL;
    if (slots == NULL) return edgefn__bad_memory(r);
    r->ev->arena.cap = top; /* unescaped and folded names must not grow into the entries */
    edgefn__names_collect(r, open, fold, e);
    r->ev->arena.cap = cap;
    if (r->ev->err.code != EDGEFN_OK) return edgefn__bad_memory(r);
    bool gave_up;
    uint32_t twice = edgefn__equal_by_hashing(e, n, slots, size, &gave_up);
    if (gave_up) twice = edgefn__equal_by_sorting(e, n);
    r->ev->arena.used = used;
    if (twice == UINT32_MAX) return true;
    return edgefn__bad(r, EDGEFN_E_DUPLICATE, twice, where, edgefn__str(r->text + twice + 1, edgefn__quote_from(r, twice + 1) - twice - 1));
}

/* Opens the object at the cursor; anything else is EDGEFN_E_TYPE. */
EDGEFN__INLINE bool edgefn__object_open(edgefn__reader *r, edgefn__object *o, const edgefn__schema *schema)
{
    o->schema = schema;
    o->close = 0;
    o->seen = 0;
    o->unknown = 0;
    o->name_at = 0;
    o->next = 0;
    o->more = false;
    o->open = r->pos;
    if (edgefn__peek(r) != '{') return edgefn__bad(r, EDGEFN_E_TYPE, r->pos, schema->where, edgefn__absent());
    if (r->depth >= EDGEFN_MAX_DEPTH) return edgefn__bad_json(r);
    r->depth++;
    o->open = r->pos++;
    return true;
}

EDGEFN__NOINLINE int edgefn__object_close(edgefn__reader *r, edgefn__object *o)
{
    o->close = r->pos++;
    r->depth--;
    if (o->unknown >= 2 && !edgefn__names_differ(r, o->open, false, o->schema->where)) return EDGEFN__BAD;
    return EDGEFN__END;
}

/* Looks a name up that was not the guessed one; EDGEFN__END when the schema does not know it. */
EDGEFN__NOINLINE int edgefn__object_lookup(edgefn__reader *r, const edgefn__schema *schema, edgefn_str name)
{
    char plain[64];
    if (edgefn__is_escaped(r, (uint32_t)(name.ptr - r->text) - 1)) {
        edgefn__text t = { plain, plain + sizeof plain, false };
        edgefn__put_unescaped(&t, name.ptr, name.len);
        if (t.full) return EDGEFN__END; /* longer than any name we know */
        name = edgefn__str(plain, (size_t)(t.at - plain));
    }
    for (unsigned i = 0; i < schema->count; i++) {
        if (schema->names[i].len == name.len && edgefn__same(schema->names[i].text, name.ptr, name.len)) return (int)i;
    }
    return EDGEFN__END;
}

/* The plain way to the next known member. */
EDGEFN__NOINLINE int edgefn__object_next_plain(edgefn__reader *r, edgefn__object *o)
{
    for (;;) {
        edgefn_str name;
        char c = edgefn__peek(r);
        if (o->more) {
            if (c == '}') return edgefn__object_close(r, o);
            if (c != ',') { edgefn__bad_json(r); return EDGEFN__BAD; }
            r->pos++;
            c = edgefn__peek(r);
        } else if (c == '}') {
            return edgefn__object_close(r, o);
        }
        o->more = true;
        o->name_at = r->pos;
        if (c != '"' || !edgefn__raw_string(r, &name) || edgefn__peek(r) != ':') { edgefn__bad_json(r); return EDGEFN__BAD; }
        r->pos++;
        edgefn__peek(r);
        const edgefn__schema *schema = o->schema;
        int id = edgefn__object_lookup(r, schema, name);
        if (id < 0) {
            o->unknown++;
            if (!edgefn__skip_value(r)) return EDGEFN__BAD;
            continue;
        }
        if (o->seen >> id & 1) { edgefn__bad(r, EDGEFN_E_DUPLICATE, o->name_at, schema->where, name); return EDGEFN__BAD; }
        o->seen |= (uint32_t)1 << id;
        o->next = (unsigned)id + 1;
        return id;
    }
}

/* Goes to the next member that the schema knows and puts the cursor before its value; skips the others. Gives the member's number,
   EDGEFN__END behind the closing brace, or EDGEFN__BAD.
   The quick path: ,"name": without white space; the name that stands next in the schema is tried first. */
EDGEFN__INLINE int edgefn__object_next(edgefn__reader *r, edgefn__object *o)
{
    const char *t = r->text;
    size_t start = (size_t)r->pos + o->more;
    if (EDGEFN__LIKELY(start + 40 < r->len && t[start] == '"' && (t[start - 1] == ',' || !o->more))) {
        unsigned id = o->next, count = o->schema->count;
        for (unsigned tries = 0; tries < count; tries++, id++) {
            if (id >= count) id = 0;
            const edgefn__name *n = &o->schema->names[id];
            size_t close = start + 1 + n->len; /* a name that is equal has no quote and no escape inside */
            if (t[close] != '"' || !edgefn__same(n->text, t + start + 1, n->len)) continue;
            if (EDGEFN__UNLIKELY((o->seen >> id & 1) || t[close + 1] != ':' || t[close + 2] <= ' ')) break;
            o->seen |= (uint32_t)1 << id;
            o->next = id + 1;
            o->name_at = (uint32_t)start;
            o->more = true;
            r->pos = (uint32_t)close + 2;
            return (int)id;
        }
    }
    if (r->pos < r->len && t[r->pos] == '}' && o->unknown < 2) {
        o->close = r->pos++;
        r->depth--;
        return EDGEFN__END;
    }
    return edgefn__object_next_plain(r, o);
}

/* Compares n bytes with a literal by words that overlap; n is a constant from 8 to 40. */
EDGEFN__INLINE bool edgefn__same_literal(const char *p, const char *literal, size_t n)
{
    uint64_t d = (edgefn__load8(p) ^ edgefn__load8(literal)) | (edgefn__load8(p + n - 8) ^ edgefn__load8(literal + n - 8));
    if (n > 16) d |= edgefn__load8(p + 8) ^ edgefn__load8(literal + 8);
    if (n > 24) d |= edgefn__load8(p + 16) ^ edgefn__load8(literal + 16);
    if (n > 32) d |= edgefn__load8(p + 24) ^ edgefn__load8(literal + 24);
    return d == 0;
}

/* Quick members: the object goes on with exactly this text, ,"name":" or ,"name": (without the comma for its first member), and then a
   string without escapes, or a number of at most nine digits. When anything differs nothing has happened, and the caller's loop over
   edgefn__object_next() takes it from there. They must be tried in the schema's order, from its first name on. */
EDGEFN__INLINE bool edgefn__quick_string(edgefn__reader *r, edgefn__object *o, unsigned id, const char *literal, size_t n, edgefn_str *s, edgefn__span *had)
{
    size_t open = (size_t)r->pos + n - 1;
    if (open + 24 > r->len || !edgefn__same_literal(r->text + r->pos, literal, n)) return false;
    size_t close = edgefn__quote_in(r->quotes, open + 1);
    if (EDGEFN__UNLIKELY(close >= r->len || edgefn__is_escaped(r, (uint32_t)open))) return false;
    *s = edgefn__str(r->text + open + 1, close - open - 1);
    if (had != NULL) {
        had->at = (uint32_t)open;
        had->len = (uint32_t)(close - open) + 1;
    }
    r->pos = (uint32_t)close + 1;
    o->seen |= (uint32_t)1 << id;
    o->next = id + 1;
    o->more = true;
    return true;
}

EDGEFN__INLINE bool edgefn__quick_number(edgefn__reader *r, edgefn__object *o, unsigned id, const char *literal, size_t n, uint32_t *value, edgefn__span *had)
{
    size_t start = (size_t)r->pos + n, at = start;
    uint32_t v = 0;
    if (start + 16 > r->len || !edgefn__same_literal(r->text + r->pos, literal, n)) return false;
    while (at < start + 9 && (unsigned)(r->text[at] - '0') < 10) v = v * 10 + (uint32_t)(r->text[at++] - '0');
    if (at == start || (r->text[start] == '0' && at - start > 1) || (r->text[at] != ',' && r->text[at] != '}')) return false;
    *value = v;
    had->at = (uint32_t)start;
    had->len = (uint32_t)(at - start);
    r->pos = (uint32_t)at;
    o->seen |= (uint32_t)1 << id;
    o->next = id + 1;
    o->more = true;
    return true;
}
#define EDGEFN__QUICK_S(id, literal, s, had) edgefn__quick_string(r, &o, id, literal, sizeof(literal) - 1, s, had)
#define EDGEFN__QUICK_N(id, literal, v, had) edgefn__quick_number(r, &o, id, literal, sizeof(literal) - 1, v, had)

static bool edgefn__type_error(edgefn__reader *r, const edgefn__object *o, int id)
{
    const edgefn__name *n = &o->schema->names[id];
    return edgefn__bad(r, EDGEFN_E_TYPE, r->pos, o->schema->where, edgefn__str(n->text, n->len));
}

static bool edgefn__missing(edgefn__reader *r, const edgefn__object *o, const char *name)
{
    return edgefn__bad(r, EDGEFN_E_MISSING, o->close, o->schema->where, edgefn_cstr(name));
}

/* Reads a string value; had, if not NULL, gets its place. */
static bool edgefn__read_string(edgefn__reader *r, const edgefn__object *o, int id, edgefn_str *s, edgefn__span *had)
{
    uint32_t at = r->pos;
    if (EDGEFN__UNLIKELY(at >= r->len || r->text[at] != '"')) return edgefn__type_error(r, o, id);
    if (!edgefn__raw_string(r, s)) return false;
    if (had != NULL) {
        had->at = at;
        had->len = r->pos - at;
    }
    return EDGEFN__LIKELY(!edgefn__is_escaped(r, at)) || edgefn__unescape(r, s);
}

/* Reads a whole number; fractions, exponents, signs and what is beyond 32 bits are EDGEFN_E_RANGE. */
static bool edgefn__read_u32(edgefn__reader *r, const edgefn__object *o, int id, uint32_t *value, edgefn__span *had)
{
    const edgefn__name *name = &o->schema->names[id];
    bool ends;
    if (r->pos >= r->len || (r->text[r->pos] != '-' && !(edgefn__class_of(r->text[r->pos]) & EDGEFN__C_DIGIT))) return edgefn__type_error(r, o, id);
    size_t end = edgefn__number_end(r->text, r->len, r->pos, &ends);
    if (end == 0) return edgefn__bad_json(r);
    edgefn_number n = edgefn_str_to_u64(edgefn__str(r->text + r->pos, end - r->pos));
    if (!n.ok || n.value > UINT32_MAX) return edgefn__bad(r, EDGEFN_E_RANGE, r->pos, o->schema->where, edgefn__str(name->text, name->len));
    *value = (uint32_t)n.value;
    had->at = r->pos;
    had->len = (uint32_t)(end - r->pos);
    r->pos = (uint32_t)end;
    return true;
}

static bool edgefn__read_bool(edgefn__reader *r, const edgefn__object *o, int id, bool *value)
{
    size_t left = r->len - r->pos;
    if (left >= 4 && edgefn__same4(r->text + r->pos, "true")) { *value = true; r->pos += 4; return true; }
    if (left >= 5 && edgefn__same(r->text + r->pos, "false", 5)) { *value = false; r->pos += 5; return true; }
    return edgefn__type_error(r, o, id);
}

/*--- lists of fields as they are received -----------------------------------------------------------------------------*/

/* A list being read: items grow at the arena's end until the object is closed. */
typedef struct edgefn__list {
    edgefn_field   *items, *at, *end;
    const uint32_t *escaped;
    uint32_t        open, close;
    size_t          names;
    bool            hollow; /* a name without a value: it has no item, but counts as a name */
    bool            again;  /* a name must be folded or was unescaped: look at all names again */
    bool            unescaped;
    bool            twice;  /* two names are equal as they stand */
    const char     *where;
    uint64_t        filter[16];
} edgefn__list;

static bool edgefn__list_open(edgefn__reader *r, edgefn__list *l, const char *where)
{
    edgefn_arena *a = &r->ev->arena;
    if (edgefn__peek(r) != '{') return edgefn__bad(r, EDGEFN_E_TYPE, r->pos, where, edgefn__absent());
    size_t pad = (size_t)((0 - ((uintptr_t)a->ptr + a->used)) & 7), room = a->cap - a->used;
    l->items = l->at = (edgefn_field *)(void *)(a->ptr + a->used + (pad <= room ? pad : 0));
    l->end = l->at + (pad <= room ? (room - pad) / sizeof(edgefn_field) : 0);
    l->escaped = r->escaped;
    l->open = r->pos++;
    l->names = 0;
    l->hollow = l->again = l->twice = l->unescaped = false;
    l->where = where;
    edgefn__memset(l->filter, 0, sizeof l->filter);
    r->depth++;
    return true;
}

/* Tells whether an earlier item has that name. */
EDGEFN__NOINLINE bool edgefn__list_has(const edgefn__list *l, const edgefn_field *it)
{
    for (const edgefn_field *other = l->items; other < it; other++) {
        if (other->_tag == it->_tag && edgefn_str_eq(other->name, it->name)) return true;
    }
    return false;
}

/* Gives a new name its tag and asks a filter of 1,024 bits whether it may have been there before; the bytes decide only then, and
   only for the first 64 names: more go through the hash table when the list is closed. */
EDGEFN__INLINE void edgefn__list_name_new(edgefn__list *l, edgefn_field *it)
{
    uint32_t tag = edgefn__tag(it->name);
    uint64_t *word = &l->filter[tag >> 28], bit = (uint64_t)1 << (tag >> 22 & 63);
    it->_tag = tag;
    if (EDGEFN__UNLIKELY((*word & bit) != 0) && l->names < 64) l->twice |= edgefn__list_has(l, it);
    *word |= bit;
    l->names++;
}

/* Makes the arena know the items so far: whatever is unescaped on the way must not overwrite them. */
EDGEFN__INLINE void edgefn__list_commit(edgefn__reader *r, const edgefn__list *l)
{
    if (l->at > l->items) r->ev->arena.used = (size_t)((unsigned char *)l->at - r->ev->arena.ptr);
}

EDGEFN__INLINE bool edgefn__list_add(edgefn__reader *r, edgefn__list *l, edgefn_str name, edgefn_str value, edgefn_str key, edgefn_str attributes,
                                     uint32_t group, uint32_t value_at)
{
    if (EDGEFN__UNLIKELY(l->at == l->end)) return edgefn__bad_memory(r);
    l->at->name = name;
    l->at->value = value;
    l->at->key = key;
    l->at->attributes = attributes;
    l->at->change = EDGEFN_KEPT;
    l->at->_group = group;
    l->at->_value = value_at;
    if (l->at > l->items && l->at[-1]._group == group) l->at->_tag = l->at[-1]._tag;
    else {
        edgefn__list_name_new(l, l->at);
        l->again |= edgefn__has_upper(name);
    }
    l->at++;
    edgefn__list_commit(r, l);
    return true;
}

/* Gives the offset of a string of the text, 0 for one that is absent or stands in the arena. */
static uint32_t edgefn__offset(const edgefn__reader *r, edgefn_str s)
{
    uintptr_t at = (uintptr_t)s.ptr - (uintptr_t)r->text;
    return s.ptr != NULL && at < r->len ? (uint32_t)at : 0;
}

/* Unescapes what the items point to, going through items and escaped strings side by side. Entries of one group share their name. */
EDGEFN__NOINLINE bool edgefn__list_unescape(edgefn__reader *r, edgefn__list *l)
{
    edgefn_field *it = l->items;
    const uint32_t *escaped = l->escaped;
    for (; *escaped < l->open; escaped--) {}
    for (; it < l->at && *escaped < l->close; escaped--) {
        uint32_t at = *escaped + 1, last;
        for (;; it++) { /* to the item whose last string lies at or behind the escaped one */
            if (it == l->at) return true;
            last = it->_value + 1;
            if (edgefn__offset(r, it->key) > last) last = edgefn__offset(r, it->key);
            if (edgefn__offset(r, it->attributes) > last) last = edgefn__offset(r, it->attributes);
            if (last >= at) break;
        }
        edgefn_str *s = edgefn__offset(r, it->name) == at ? &it->name : it->_value + 1 == at ? &it->value
                      : edgefn__offset(r, it->key) == at ? &it->key : edgefn__offset(r, it->attributes) == at ? &it->attributes : NULL;
        if (s == NULL) continue; /* of a member that the library does not know */
        const char *raw = s->ptr;
        if (!edgefn__unescape(r, s)) return false;
        if (s == &it->name) l->again = l->unescaped = true;
        for (edgefn_field *k = it + 1; s == &it->name && k < l->at && k->name.ptr == raw; k++) k->name = it->name;
    }
    return true;
}

/* Looks at all names anew: folds those of headers, gives tags, searches for equal ones. */
EDGEFN__NOINLINE bool edgefn__list_names(edgefn__reader *r, edgefn__list *l, bool fold)
{
    l->names = 0;
    l->twice = false;
    edgefn__memset(l->filter, 0, sizeof l->filter);
    for (edgefn_field *it = l->items; it < l->at; it++) {
        if (it > l->items && it->_group == it[-1]._group) {
            it->name = it[-1].name;
            it->_tag = it[-1]._tag;
            continue;
        }
        if (fold && it->name.len != 0) {
            it->name = edgefn_str_lower(r->ev, it->name);
            if (it->name.ptr == NULL) return edgefn__bad_memory(r);
        }
        edgefn__list_name_new(l, it);
    }
    return true;
}

static bool edgefn__list_close(edgefn__reader *r, edgefn__list *l, edgefn_fields *f, bool fold)
{
    l->close = r->pos++;
    r->depth--;
    edgefn__list_commit(r, l);
    if (EDGEFN__UNLIKELY(*l->escaped < l->close) && !edgefn__list_unescape(r, l)) return false;
    if (EDGEFN__UNLIKELY(l->again && (fold || l->unescaped)) && !edgefn__list_names(r, l, fold)) return false;
    if (EDGEFN__UNLIKELY(l->twice || l->hollow || l->names > 64) && !edgefn__names_differ(r, l->open, fold, l->where)) return false;
    f->items = f->_received = l->at > l->items ? l->items : NULL;
    f->_received_len = (uint32_t)(l->at - l->items);
    f->len = f->_received_len;
    if (l->hollow) f->_flags |= EDGEFN__HOLLOW;
    f->_open = l->open;
    f->_close = l->close;
    return true;
}

/* After a member: goes to the next name. Gives 1 for one, 0 at the closing brace, -1 for neither. */
static int edgefn__list_more(edgefn__reader *r)
{
    char c = edgefn__peek(r);
    if (c == '}') return 0;
    if (c == ',') {
        r->pos++;
        if (edgefn__peek(r) == '"') return 1;
    }
    edgefn__bad_json(r);
    return -1;
}

/* A failure inside a header is about that header. */
static bool edgefn__about(edgefn__reader *r, edgefn_str name)
{
    if (r->code == EDGEFN_E_TYPE || r->code == EDGEFN_E_MISSING) r->subject = name;
    return false;
}

/*=== >>lambda =========================================================================================================*/

static const edgefn__name edgefn__n_entry[] = { EDGEFN__NAME("key"), EDGEFN__NAME("value") };

/* Reads one array of {"key":...,"value":...} by the plain grammar, the cursor before the '['. */
static bool edgefn__lambda_group(edgefn__reader *r, edgefn__list *l, edgefn_str name, uint32_t group)
{
    const edgefn__schema schema = { l->where, edgefn__n_entry, EDGEFN__COUNT(edgefn__n_entry) };
    edgefn__object o;
    if (edgefn__peek(r) != '[') return edgefn__bad(r, EDGEFN_E_TYPE, r->pos, l->where, name);
    r->pos++;
    r->depth++;
    if (edgefn__peek(r) == ']') {
        l->hollow = true;
    } else {
        for (;;) {
            edgefn_str key = { NULL, 0 }, value = { NULL, 0 };
            uint32_t value_at = 0;
            int id;
            edgefn__peek(r);
            if (!edgefn__object_open(r, &o, &schema)) return edgefn__about(r, name);
            while ((id = edgefn__object_next(r, &o)) >= 0) {
                if (r->pos >= r->len || r->text[r->pos] != '"') return edgefn__type_error(r, &o, id) || edgefn__about(r, name);
                if (id == 1) value_at = r->pos;
                if (!edgefn__raw_string(r, id == 0 ? &key : &value)) return false;
            }
            if (id == EDGEFN__BAD) return false;
            if (value_at == 0) return edgefn__missing(r, &o, "value") || edgefn__about(r, name);
            if (!edgefn__list_add(r, l, name, value, key, edgefn__absent(), group, value_at)) return false;
            if (edgefn__peek(r) != ',') break;
            r->pos++;
        }
        if (edgefn__peek(r) != ']') return edgefn__bad_json(r);
    }
    r->pos++;
    r->depth--;
    return true;
}

/* The quick path: names with exactly one entry, written as CloudFront writes them:
       "name":[{"key":"Name","value":"text"}],
   All constant bytes are compared in one go. Stops before the name that is written otherwise, or at the end. */
EDGEFN__INLINE bool edgefn__lambda_quick(edgefn__reader *r, edgefn__list *l)
{
    const char *t = r->text;
    const unsigned char *quotes = r->quotes;
    size_t pos = r->pos, len = r->len;
    edgefn_field *it = l->at, *end = l->end;
    bool more = true, upper = false;
    if (t[pos] != '"') return true;
    while (it < end) { /* at the opening quote of a name */
        /* The closing quotes. A key is as long as its name; that is asked, but not waited for. */
        size_t name = edgefn__quote_in(quotes, pos + 1), key = name * 2 - pos + 10;
        if (key + 40 > len || name == pos + 1 || edgefn__quote_in(quotes, name + 11) != key) break;
        size_t value = edgefn__quote_in(quotes, key + 11);
        uint64_t d = (edgefn__load8(t + name) ^ edgefn__load8("\":[{\"key")) | (edgefn__load4(t + name + 7) ^ edgefn__load4("y\":\""))
                   | (edgefn__load8(t + key) ^ edgefn__load8("\",\"value")) | (edgefn__load4(t + key + 7) ^ edgefn__load4("e\":\""));
        if (d != 0 || value + 8 > len) break;
        uint32_t tail = edgefn__load4(t + value);
        bool last = tail == edgefn__load4("\"}]}");
        if (!last && (tail != edgefn__load4("\"}],") || t[value + 4] != '"')) break; /* let the plain grammar look at it */
        it->name = edgefn__str(t + pos + 1, name - pos - 1);
        it->value = edgefn__str(t + key + 11, value - key - 11);
        it->key = edgefn__str(t + name + 11, name - pos - 1);
        it->attributes = edgefn__absent();
        it->change = EDGEFN_KEPT;
        it->_group = (uint32_t)pos;
        it->_value = (uint32_t)key + 10;
        edgefn__list_name_new(l, it);
        upper |= edgefn__has_upper32(t + pos + 1, name - pos - 1);
        it++;
        pos = value + 4 - last;
        if (last) {
            more = false;
            break;
        }
    }
    r->pos = (uint32_t)pos;
    l->at = it;
    l->again |= upper;
    edgefn__list_commit(r, l);
    return more;
}

#ifdef EDGEFN__AVX2
/* The same loop with the shifts that came with AVX2: a third of the instructions of a search is a shift. */
EDGEFN__TARGET_AVX2 static bool edgefn__lambda_quick_avx2(edgefn__reader *r, edgefn__list *l) { return edgefn__lambda_quick(r, l); }
#endif

static bool edgefn__lambda_run(edgefn__reader *r, edgefn__list *l)
{
#ifdef EDGEFN__AVX2
    if (edgefn__have_avx2()) return edgefn__lambda_quick_avx2(r, l);
#endif
    return edgefn__lambda_quick(r, l);
}

static bool edgefn__lambda_headers(edgefn__reader *r, edgefn_fields *f, const char *where)
{
    edgefn__list l;
    edgefn_str name = { NULL, 0 };
    if (!edgefn__list_open(r, &l, where)) return false;
    if (edgefn__peek(r) != '}') {
        if (r->text[r->pos < r->len ? r->pos : 0] != '"') return edgefn__bad_json(r);
        for (int more = 1; more != 0;) {
            if (!edgefn__lambda_run(r, &l)) break;
            uint32_t group = r->pos;
            if (!edgefn__raw_string(r, &name) || edgefn__peek(r) != ':') return edgefn__bad_json(r);
            r->pos++;
            if (!edgefn__lambda_group(r, &l, name, group)) return false;
            if ((more = edgefn__list_more(r)) < 0) return false;
        }
    }
    return edgefn__list_close(r, &l, f, true);
}

static const edgefn__name edgefn__n_body[] = {
    EDGEFN__NAME("action"), EDGEFN__NAME("data"), EDGEFN__NAME("encoding"), EDGEFN__NAME("inputTruncated")
};
static const edgefn__schema edgefn__s_body = { "request.body", edgefn__n_body, EDGEFN__COUNT(edgefn__n_body) };

static edgefn_encoding edgefn__encoding_of(edgefn_str s)
{
    return EDGEFN__IS(s, "text") ? EDGEFN_TEXT : EDGEFN__IS(s, "base64") ? EDGEFN_BASE64 : EDGEFN_ENCODING_DEFAULT;
}

static void edgefn__keep_object(edgefn_event *ev, int which, const edgefn__object *o)
{
    ev->_object[which].at = o->open;
    ev->_object[which].len = o->close + 1 - o->open;
}

static bool edgefn__lambda_body(edgefn__reader *r)
{
    edgefn_event *ev = r->ev;
    edgefn_body *b = &ev->request.body;
    edgefn_str s = { NULL, 0 };
    edgefn__object o;
    int id;
    if (!edgefn__object_open(r, &o, &edgefn__s_body)) return false;
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        bool ok = true;
        switch (id) {
        case 0: ok = edgefn__read_string(r, &o, id, &s, &ev->_had[EDGEFN_M_BODY_ACTION]); b->replace = EDGEFN__IS(s, "replace"); break;
        case 1: ok = edgefn__read_string(r, &o, id, &b->data, &ev->_had[EDGEFN_M_BODY_DATA]); break;
        case 2: ok = edgefn__read_string(r, &o, id, &s, &ev->_had[EDGEFN_M_BODY_ENCODING]); b->encoding = edgefn__encoding_of(s); break;
        default: ok = edgefn__read_bool(r, &o, id, &b->truncated); break;
        }
        if (!ok) return false;
    }
    edgefn__keep_object(ev, EDGEFN__O_BODY, &o);
    return id != EDGEFN__BAD;
}

static const edgefn__name edgefn__n_custom[] = {
    EDGEFN__NAME("customHeaders"), EDGEFN__NAME("domainName"), EDGEFN__NAME("keepaliveTimeout"), EDGEFN__NAME("path"), EDGEFN__NAME("port"),
    EDGEFN__NAME("protocol"), EDGEFN__NAME("readTimeout"), EDGEFN__NAME("responseCompletionTimeout"), EDGEFN__NAME("sslProtocols")
};
static const edgefn__name edgefn__n_s3[] = {
    EDGEFN__NAME("authMethod"), EDGEFN__NAME("customHeaders"), EDGEFN__NAME("domainName"), EDGEFN__NAME("path"), EDGEFN__NAME("readTimeout"),
    EDGEFN__NAME("region"), EDGEFN__NAME("responseCompletionTimeout")
};
static const edgefn__schema edgefn__s_custom = { "request.origin.custom", edgefn__n_custom, EDGEFN__COUNT(edgefn__n_custom) };
static const edgefn__schema edgefn__s_s3 = { "request.origin.s3", edgefn__n_s3, EDGEFN__COUNT(edgefn__n_s3) };
static const edgefn__name edgefn__tls_names[] = { EDGEFN__NAME("SSLv3"), EDGEFN__NAME("TLSv1"), EDGEFN__NAME("TLSv1.1"), EDGEFN__NAME("TLSv1.2") };

static bool edgefn__read_tls(edgefn__reader *r, const edgefn__object *o, int id)
{
    edgefn_str s;
    uint32_t start = r->pos;
    if (edgefn__peek(r) != '[') return edgefn__type_error(r, o, id);
    r->pos++;
    if (edgefn__peek(r) != ']') {
        for (;;) {
            if (edgefn__peek(r) != '"') return edgefn__type_error(r, o, id);
            if (!edgefn__raw_string(r, &s) || !edgefn__unescape(r, &s)) return false;
            for (unsigned i = 0; i < EDGEFN__COUNT(edgefn__tls_names); i++) {
                if (edgefn__is(s, edgefn__tls_names[i].text, edgefn__tls_names[i].len)) r->ev->request.origin.tls |= 1u << i;
            }
            if (edgefn__peek(r) != ',') break;
            r->pos++;
        }
        if (edgefn__peek(r) != ']') return edgefn__bad_json(r);
    }
    r->pos++;
    r->ev->_had[EDGEFN_M_ORIGIN_TLS].at = start;
    r->ev->_had[EDGEFN_M_ORIGIN_TLS].len = r->pos - start;
    return true;
}

/* Reads the inside of "custom" or "s3". */
static bool edgefn__lambda_origin_in(edgefn__reader *r, bool s3)
{
    edgefn_event *ev = r->ev;
    edgefn_origin *to = &ev->request.origin;
    edgefn__span *had = ev->_had;
    edgefn_str protocol = { NULL, 0 };
    edgefn__object o;
    int id;
    to->kind = s3 ? EDGEFN_ORIGIN_S3 : EDGEFN_ORIGIN_CUSTOM;
    if (!edgefn__object_open(r, &o, s3 ? &edgefn__s_s3 : &edgefn__s_custom)) return false;
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        bool ok = true;
        switch (s3 ? 10 + id : id) {
        case 0: case 11:
            ok = edgefn__lambda_headers(r, &to->headers, s3 ? "request.origin.s3.customHeaders" : "request.origin.custom.customHeaders");
            break;
        case 1: case 12: ok = edgefn__read_string(r, &o, id, &to->domain, &had[EDGEFN_M_ORIGIN_DOMAIN]); break;
        case 2: ok = edgefn__read_u32(r, &o, id, &to->keepalive_s, &had[EDGEFN_M_ORIGIN_KEEPALIVE]); break;
        case 3: case 13: ok = edgefn__read_string(r, &o, id, &to->path, &had[EDGEFN_M_ORIGIN_PATH]); break;
        case 4: ok = edgefn__read_u32(r, &o, id, &to->port, &had[EDGEFN_M_ORIGIN_PORT]); break;
        case 5: ok = edgefn__read_string(r, &o, id, &protocol, &had[EDGEFN_M_ORIGIN_PROTOCOL]); to->https = EDGEFN__IS(protocol, "https"); break;
        case 6: case 14: ok = edgefn__read_u32(r, &o, id, &to->read_timeout_s, &had[EDGEFN_M_ORIGIN_READ_TIMEOUT]); break;
        case 7: case 16: ok = edgefn__read_u32(r, &o, id, &to->completion_timeout_s, &had[EDGEFN_M_ORIGIN_COMPLETION_TIMEOUT]); break;
        case 8: ok = edgefn__read_tls(r, &o, id); break;
        case 10: ok = edgefn__read_string(r, &o, id, &to->auth_method, &had[EDGEFN_M_ORIGIN_AUTH_METHOD]); break;
        default: ok = edgefn__read_string(r, &o, id, &to->region, &had[EDGEFN_M_ORIGIN_REGION]); break;
        }
        if (!ok) return false;
        if (s3 || id != 0 || o.seen != 1) continue;
        if (EDGEFN__QUICK_S(1, ",\"domainName\":\"", &to->domain, &had[EDGEFN_M_ORIGIN_DOMAIN]) &&
            EDGEFN__QUICK_N(2, ",\"keepaliveTimeout\":", &to->keepalive_s, &had[EDGEFN_M_ORIGIN_KEEPALIVE]) &&
            EDGEFN__QUICK_S(3, ",\"path\":\"", &to->path, &had[EDGEFN_M_ORIGIN_PATH]) &&
            EDGEFN__QUICK_N(4, ",\"port\":", &to->port, &had[EDGEFN_M_ORIGIN_PORT]) &&
            EDGEFN__QUICK_S(5, ",\"protocol\":\"", &protocol, &had[EDGEFN_M_ORIGIN_PROTOCOL]) &&
            EDGEFN__QUICK_N(6, ",\"readTimeout\":", &to->read_timeout_s, &had[EDGEFN_M_ORIGIN_READ_TIMEOUT]))
            (void)EDGEFN__QUICK_N(7, ",\"responseCompletionTimeout\":", &to->completion_timeout_s, &had[EDGEFN_M_ORIGIN_COMPLETION_TIMEOUT]);
        to->https = EDGEFN__IS(protocol, "https");
    }
    edgefn__keep_object(ev, EDGEFN__O_ORIGIN, &o);
    return id != EDGEFN__BAD;
}

static const edgefn__name edgefn__n_origin[] = { EDGEFN__NAME("custom"), EDGEFN__NAME("s3") };
static const edgefn__schema edgefn__s_origin = { "request.origin", edgefn__n_origin, EDGEFN__COUNT(edgefn__n_origin) };

/* CloudFront sends exactly one of custom and s3. Of two the first counts, the other is kept as it is. */
static bool edgefn__lambda_origin(edgefn__reader *r)
{
    edgefn_event *ev = r->ev;
    edgefn__object o;
    int id;
    if (!edgefn__object_open(r, &o, &edgefn__s_origin)) return false;
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        if (edgefn__peek(r) != '{') return edgefn__type_error(r, &o, id);
        if (ev->request.origin.kind == EDGEFN_ORIGIN_NONE ? !edgefn__lambda_origin_in(r, id == 1) : !edgefn__skip_value(r)) return false;
    }
    ev->_had[EDGEFN_M_ORIGIN].at = o.open;
    ev->_had[EDGEFN_M_ORIGIN].len = o.close + 1 - o.open;
    return id != EDGEFN__BAD;
}

static const edgefn__name edgefn__n_lambda_request[] = {
    EDGEFN__NAME("body"), EDGEFN__NAME("clientIp"), EDGEFN__NAME("headers"), EDGEFN__NAME("method"), EDGEFN__NAME("origin"),
    EDGEFN__NAME("querystring"), EDGEFN__NAME("uri")
};
static const edgefn__schema edgefn__s_lambda_request = { "request", edgefn__n_lambda_request, EDGEFN__COUNT(edgefn__n_lambda_request) };

static bool edgefn__lambda_request(edgefn__reader *r)
{
    edgefn_event *ev = r->ev;
    edgefn_request *to = &ev->request;
    edgefn__span *had = ev->_had;
    edgefn__object o;
    int id;
    if (!edgefn__object_open(r, &o, &edgefn__s_lambda_request)) return false;
    (void)EDGEFN__QUICK_S(1, "\"clientIp\":\"", &to->client_ip, &had[EDGEFN_M_CLIENT_IP]);
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        bool ok = true;
        switch (id) {
        case 0: ok = edgefn__lambda_body(r); break;
        case 1: ok = edgefn__read_string(r, &o, id, &to->client_ip, &had[EDGEFN_M_CLIENT_IP]); break;
        case 2: ok = edgefn__lambda_headers(r, &to->headers, "request.headers"); break;
        case 3: ok = edgefn__read_string(r, &o, id, &to->method, &had[EDGEFN_M_METHOD]); break;
        case 4: ok = edgefn__lambda_origin(r); break;
        case 5: ok = edgefn__read_string(r, &o, id, &to->querystring, &had[EDGEFN_M_QUERYSTRING]); break;
        default: ok = edgefn__read_string(r, &o, id, &to->uri, &had[EDGEFN_M_URI]); break;
        }
        if (!ok) return false;
        if (id == 2 && !(o.seen >> 3)) (void)EDGEFN__QUICK_S(3, ",\"method\":\"", &to->method, &had[EDGEFN_M_METHOD]);
        if (id >= 2 && !(o.seen >> 5) && EDGEFN__QUICK_S(5, ",\"querystring\":\"", &to->querystring, &had[EDGEFN_M_QUERYSTRING]))
            (void)EDGEFN__QUICK_S(6, ",\"uri\":\"", &to->uri, &had[EDGEFN_M_URI]);
    }
    if (id == EDGEFN__BAD) return false;
    edgefn__keep_object(ev, EDGEFN__O_REQUEST, &o);
    if (to->method.ptr == NULL) return edgefn__missing(r, &o, "method");
    return to->uri.ptr != NULL || edgefn__missing(r, &o, "uri");
}

static const edgefn__name edgefn__n_lambda_response[] = {
    EDGEFN__NAME("headers"), EDGEFN__NAME("status"), EDGEFN__NAME("statusDescription"), EDGEFN__NAME("body"), EDGEFN__NAME("bodyEncoding")
};
static const edgefn__schema edgefn__s_lambda_response = { "response", edgefn__n_lambda_response, EDGEFN__COUNT(edgefn__n_lambda_response) };

/* Reads a status: a number, or, where `text` allows, a string of digits. */
static bool edgefn__read_status(edgefn__reader *r, const edgefn__object *o, int id, bool text)
{
    edgefn_event *ev = r->ev;
    edgefn__span *had = &ev->_had[EDGEFN_M_STATUS];
    uint32_t at = r->pos;
    if (text && r->pos < r->len && r->text[r->pos] == '"') {
        edgefn_str s = { NULL, 0 };
        if (!edgefn__read_string(r, o, id, &s, had)) return false;
        edgefn_number n = edgefn_str_to_u64(s);
        ev->response.status = n.ok && s.len == 3 ? (uint32_t)n.value : 0;
    } else if (!edgefn__read_u32(r, o, id, &ev->response.status, had)) {
        return false;
    }
    if (ev->response.status >= 100 && ev->response.status <= 999) return true;
    return edgefn__bad(r, EDGEFN_E_RANGE, at, o->schema->where, edgefn__str(o->schema->names[id].text, o->schema->names[id].len));
}

static bool edgefn__lambda_response(edgefn__reader *r, edgefn__object *o)
{
    edgefn_event *ev = r->ev;
    edgefn_response *to = &ev->response;
    edgefn__span *had = ev->_had;
    edgefn_str s = { NULL, 0 };
    int id;
    if (!edgefn__object_open(r, o, &edgefn__s_lambda_response)) return false;
    while ((id = edgefn__object_next(r, o)) >= 0) {
        bool ok = true;
        switch (id) {
        case 0: ok = edgefn__lambda_headers(r, &to->headers, "response.headers"); break;
        case 1: ok = edgefn__read_status(r, o, id, true); break;
        case 2: ok = edgefn__read_string(r, o, id, &to->status_text, &had[EDGEFN_M_STATUS_TEXT]); break;
        case 3: ok = edgefn__read_string(r, o, id, &to->body.data, &had[EDGEFN_M_RESPONSE_BODY]); break;
        default: ok = edgefn__read_string(r, o, id, &s, &had[EDGEFN_M_RESPONSE_BODY_ENCODING]); to->body.encoding = edgefn__encoding_of(s); break;
        }
        if (!ok) return false;
    }
    if (to->body.data.ptr != NULL && to->body.encoding == EDGEFN_ENCODING_DEFAULT && s.ptr == NULL) to->body.encoding = EDGEFN_TEXT;
    edgefn__keep_object(ev, EDGEFN__O_RESPONSE, o);
    return id != EDGEFN__BAD;
}

static const edgefn__name edgefn__types[] = {
    EDGEFN__NAME(""), EDGEFN__NAME("viewer-request"), EDGEFN__NAME("origin-request"), EDGEFN__NAME("origin-response"), EDGEFN__NAME("viewer-response")
};

/* Reads eventType: one of the four, and of the two where CloudFront Functions have no others. */
static bool edgefn__read_type(edgefn__reader *r, const edgefn__object *o, int id)
{
    edgefn_str s;
    uint32_t at = r->pos;
    if (!edgefn__read_string(r, o, id, &s, NULL)) return false;
    for (int t = EDGEFN_VIEWER_REQUEST; t <= EDGEFN_VIEWER_RESPONSE; t++) {
        if (s.len != edgefn__types[t].len || !edgefn__same(s.ptr, edgefn__types[t].text, s.len)) continue;
        if (r->ev->dialect == EDGEFN_FUNCTIONS && t != EDGEFN_VIEWER_REQUEST && t != EDGEFN_VIEWER_RESPONSE) break;
        r->ev->type = (edgefn_type)t;
        return true;
    }
    return edgefn__bad(r, EDGEFN_E_NOT_AN_EVENT, at, o->schema->where, s);
}

static const edgefn__name edgefn__n_config[] = {
    EDGEFN__NAME("distributionDomainName"), EDGEFN__NAME("distributionId"), EDGEFN__NAME("eventType"), EDGEFN__NAME("requestId")
};
static const edgefn__schema edgefn__s_config = { "config", edgefn__n_config, EDGEFN__COUNT(edgefn__n_config) };

static bool edgefn__lambda_config(edgefn__reader *r)
{
    edgefn_event *ev = r->ev;
    edgefn__object o;
    int id;
    if (!edgefn__object_open(r, &o, &edgefn__s_config)) return false;
    (void)(EDGEFN__QUICK_S(0, "\"distributionDomainName\":\"", &ev->domain, NULL) && EDGEFN__QUICK_S(1, ",\"distributionId\":\"", &ev->distribution_id, NULL));
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        bool ok = true;
        switch (id) {
        case 0: ok = edgefn__read_string(r, &o, id, &ev->domain, NULL); break;
        case 1: ok = edgefn__read_string(r, &o, id, &ev->distribution_id, NULL); break;
        case 2: ok = edgefn__read_type(r, &o, id); break;
        default: ok = edgefn__read_string(r, &o, id, &ev->request_id, NULL); break;
        }
        if (!ok) return false;
        if (id == 2 && !(o.seen >> 3)) (void)EDGEFN__QUICK_S(3, ",\"requestId\":\"", &ev->request_id, NULL);
    }
    return id != EDGEFN__BAD && (ev->type != EDGEFN_TYPE_NONE || edgefn__missing(r, &o, "eventType"));
}

/* What both dialects ask at the end of the object that holds request and response. */
static bool edgefn__require(edgefn__reader *r, const edgefn__object *o, bool request, const edgefn__object *response, const char *status)
{
    if (!request) return edgefn__missing(r, o, "request");
    if (edgefn_is_request(r->ev)) {
        edgefn_response none;
        edgefn__memset(&none, 0, sizeof none);
        r->ev->response = none; /* a response in a request event means nothing */
        edgefn__memset(&r->ev->_had[EDGEFN_M_STATUS], 0, (EDGEFN_M_COUNT - EDGEFN_M_STATUS) * sizeof r->ev->_had[0]);
        return true;
    }
    if (response->close == 0) return edgefn__missing(r, o, "response");
    return r->ev->response.status != 0 || edgefn__missing(r, response, status);
}

static const edgefn__name edgefn__n_cf[] = { EDGEFN__NAME("config"), EDGEFN__NAME("request"), EDGEFN__NAME("response") };
static const edgefn__schema edgefn__s_cf = { "cf", edgefn__n_cf, EDGEFN__COUNT(edgefn__n_cf) };

static bool edgefn__lambda_cf(edgefn__reader *r)
{
    edgefn__object o, response;
    bool request = false;
    int id;
    response.close = 0;
    if (!edgefn__object_open(r, &o, &edgefn__s_cf)) return false;
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        if (id == 0 ? !edgefn__lambda_config(r) : id == 1 ? !edgefn__lambda_request(r) : !edgefn__lambda_response(r, &response)) return false;
        if (id == 1) request = true;
    }
    if (id == EDGEFN__BAD) return false;
    if (r->ev->type == EDGEFN_TYPE_NONE) return edgefn__missing(r, &o, "config");
    return edgefn__require(r, &o, request, &response, "status");
}

static const edgefn__name edgefn__n_record[] = { EDGEFN__NAME("cf") };
static const edgefn__name edgefn__n_lambda[] = { EDGEFN__NAME("Records") };
static const edgefn__schema edgefn__s_record = { "Records[0]", edgefn__n_record, EDGEFN__COUNT(edgefn__n_record) };
static const edgefn__schema edgefn__s_lambda = { "event", edgefn__n_lambda, EDGEFN__COUNT(edgefn__n_lambda) };

static bool edgefn__not_an_event(edgefn__reader *r, uint32_t at) { return edgefn__bad(r, EDGEFN_E_NOT_AN_EVENT, at, "event", edgefn__absent()); }

static bool edgefn__lambda(edgefn__reader *r)
{
    edgefn__object root, record;
    bool found = false;
    int id;
    if (!edgefn__object_open(r, &root, &edgefn__s_lambda)) return false;
    while ((id = edgefn__object_next(r, &root)) >= 0) {
        if (edgefn__peek(r) != '[') return edgefn__type_error(r, &root, id);
        r->pos++;
        r->depth++;
        if (edgefn__peek(r) == ']') return edgefn__not_an_event(r, root.open);
        if (!edgefn__object_open(r, &record, &edgefn__s_record)) return false;
        while ((id = edgefn__object_next(r, &record)) >= 0) {
            if (!edgefn__lambda_cf(r)) return false;
            found = true;
        }
        if (id == EDGEFN__BAD) return false;
        while (edgefn__peek(r) == ',') {
            r->pos++;
            if (!edgefn__skip_value(r)) return false;
        }
        if (edgefn__peek(r) != ']') return edgefn__bad_json(r);
        r->pos++;
        r->depth--;
    }
    return id != EDGEFN__BAD && (found || edgefn__not_an_event(r, root.open));
}

/*=== >>functions ======================================================================================================*/

static const edgefn__name edgefn__n_item[] = {
    EDGEFN__NAME("value"), EDGEFN__NAME("multiValue"), EDGEFN__NAME("attributes"), EDGEFN__NAME("multivalue")
};
static const edgefn__name edgefn__n_element[] = { EDGEFN__NAME("value"), EDGEFN__NAME("attributes") };

/* Reads an array of {"value":...[,"attributes":...]}. */
static bool edgefn__functions_multi(edgefn__reader *r, edgefn__list *l, edgefn_str name, uint32_t group)
{
    const edgefn__schema schema = { l->where, edgefn__n_element, EDGEFN__COUNT(edgefn__n_element) };
    edgefn__object o;
    if (edgefn__peek(r) != '[') return edgefn__bad(r, EDGEFN_E_TYPE, r->pos, l->where, name);
    r->pos++;
    r->depth++;
    if (edgefn__peek(r) != ']') {
        for (;;) {
            edgefn_str value = { NULL, 0 }, attributes = { NULL, 0 };
            uint32_t value_at = 0;
            int id;
            edgefn__peek(r);
            if (!edgefn__object_open(r, &o, &schema)) return edgefn__about(r, name);
            while ((id = edgefn__object_next(r, &o)) >= 0) {
                if (r->pos >= r->len || r->text[r->pos] != '"') return edgefn__type_error(r, &o, id) || edgefn__about(r, name);
                if (id == 0) value_at = r->pos;
                if (!edgefn__raw_string(r, id == 0 ? &value : &attributes)) return false;
            }
            if (id == EDGEFN__BAD) return false;
            if (value_at == 0) return edgefn__missing(r, &o, "value") || edgefn__about(r, name);
            if (!edgefn__list_add(r, l, name, value, edgefn__absent(), attributes, group, value_at)) return false;
            if (edgefn__peek(r) != ',') break;
            r->pos++;
        }
        if (edgefn__peek(r) != ']') return edgefn__bad_json(r);
    }
    r->pos++;
    r->depth--;
    return true;
}

/* Reads one {"value":...,"multiValue":[...],"attributes":...} by the plain grammar. */
static bool edgefn__functions_group(edgefn__reader *r, edgefn__list *l, edgefn_str name, uint32_t group)
{
    const edgefn__schema schema = { l->where, edgefn__n_item, EDGEFN__COUNT(edgefn__n_item) };
    edgefn_str value = { NULL, 0 }, attributes = { NULL, 0 };
    uint32_t value_at = 0, before = (uint32_t)(l->at - l->items);
    edgefn__object o;
    int id;
    if (!edgefn__object_open(r, &o, &schema)) return edgefn__about(r, name);
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        if (id == 1 || id == 3) {
            if ((o.seen & 10) == 10) return edgefn__bad(r, EDGEFN_E_DUPLICATE, o.name_at, l->where, name);
            if (!edgefn__functions_multi(r, l, name, group)) return false;
            continue;
        }
        if (r->pos >= r->len || r->text[r->pos] != '"') return edgefn__type_error(r, &o, id) || edgefn__about(r, name);
        if (id == 0) value_at = r->pos;
        if (!edgefn__raw_string(r, id == 0 ? &value : &attributes)) return false;
    }
    if (id == EDGEFN__BAD) return false;
    if (l->at > l->items + before) return true; /* multiValue has them all */
    if (value_at == 0) return edgefn__missing(r, &o, "value") || edgefn__about(r, name);
    return edgefn__list_add(r, l, name, value, edgefn__absent(), attributes, group, value_at);
}

/* The quick path: "name":{"value":"text"}, */
EDGEFN__INLINE bool edgefn__functions_quick(edgefn__reader *r, edgefn__list *l)
{
    const char *t = r->text;
    const unsigned char *quotes = r->quotes;
    size_t pos = r->pos, len = r->len;
    edgefn_field *it = l->at, *end = l->end;
    bool more = true, upper = false;
    if (t[pos] != '"') return true;
    while (it < end) { /* at the opening quote of a name */
        size_t name = edgefn__quote_in(quotes, pos + 1);
        if (name + 40 > len || name == pos + 1) break;
        size_t value = edgefn__quote_in(quotes, name + 12);
        uint64_t d = (edgefn__load8(t + name) ^ edgefn__load8("\":{\"valu")) | (edgefn__load4(t + name + 8) ^ edgefn__load4("e\":\""));
        if (d != 0 || value + 8 > len || t[value + 1] != '}') break;
        bool last = t[value + 2] == '}';
        if (!last && (t[value + 2] != ',' || t[value + 3] != '"')) break;
        it->name = edgefn__str(t + pos + 1, name - pos - 1);
        it->value = edgefn__str(t + name + 12, value - name - 12);
        it->key = edgefn__absent();
        it->attributes = edgefn__absent();
        it->change = EDGEFN_KEPT;
        it->_group = (uint32_t)pos;
        it->_value = (uint32_t)name + 11;
        edgefn__list_name_new(l, it);
        upper |= edgefn__has_upper32(t + pos + 1, name - pos - 1);
        it++;
        pos = value + 3 - last;
        if (last) {
            more = false;
            break;
        }
    }
    r->pos = (uint32_t)pos;
    l->at = it;
    l->again |= upper;
    edgefn__list_commit(r, l);
    return more;
}

#ifdef EDGEFN__AVX2
EDGEFN__TARGET_AVX2 static bool edgefn__functions_quick_avx2(edgefn__reader *r, edgefn__list *l) { return edgefn__functions_quick(r, l); }
#endif

static bool edgefn__functions_run(edgefn__reader *r, edgefn__list *l)
{
#ifdef EDGEFN__AVX2
    if (edgefn__have_avx2()) return edgefn__functions_quick_avx2(r, l);
#endif
    return edgefn__functions_quick(r, l);
}

static bool edgefn__functions_map(edgefn__reader *r, edgefn_fields *f, const char *where, bool fold)
{
    edgefn__list l;
    edgefn_str name = { NULL, 0 };
    if (!edgefn__list_open(r, &l, where)) return false;
    if (edgefn__peek(r) != '}') {
        if (r->text[r->pos < r->len ? r->pos : 0] != '"') return edgefn__bad_json(r);
        for (int more = 1; more != 0;) {
            if (!edgefn__functions_run(r, &l)) break;
            uint32_t group = r->pos;
            if (!edgefn__raw_string(r, &name) || edgefn__peek(r) != ':') return edgefn__bad_json(r);
            r->pos++;
            edgefn__peek(r);
            if (!edgefn__functions_group(r, &l, name, group)) return false;
            if ((more = edgefn__list_more(r)) < 0) return false;
        }
    }
    return edgefn__list_close(r, &l, f, fold);
}

static const edgefn__name edgefn__n_functions_request[] = {
    EDGEFN__NAME("method"), EDGEFN__NAME("uri"), EDGEFN__NAME("querystring"), EDGEFN__NAME("headers"), EDGEFN__NAME("cookies")
};
static const edgefn__schema edgefn__s_functions_request = { "request", edgefn__n_functions_request, EDGEFN__COUNT(edgefn__n_functions_request) };

static bool edgefn__functions_request(edgefn__reader *r)
{
    edgefn_event *ev = r->ev;
    edgefn_request *to = &ev->request;
    edgefn__span *had = ev->_had;
    edgefn__object o;
    int id;
    if (!edgefn__object_open(r, &o, &edgefn__s_functions_request)) return false;
    if (EDGEFN__QUICK_S(0, "\"method\":\"", &to->method, &had[EDGEFN_M_METHOD])) (void)EDGEFN__QUICK_S(1, ",\"uri\":\"", &to->uri, &had[EDGEFN_M_URI]);
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        bool ok = true;
        uint32_t start = r->pos;
        switch (id) {
        case 0: ok = edgefn__read_string(r, &o, id, &to->method, &had[EDGEFN_M_METHOD]); break;
        case 1: ok = edgefn__read_string(r, &o, id, &to->uri, &had[EDGEFN_M_URI]); break;
        case 2:
            if (edgefn__peek(r) == '"') { ok = edgefn__read_string(r, &o, id, &to->querystring, &had[EDGEFN_M_QUERYSTRING]); break; }
            ok = edgefn__functions_map(r, &to->_query, "request.querystring", false);
            had[EDGEFN_M_QUERYSTRING].at = start;
            had[EDGEFN_M_QUERYSTRING].len = r->pos - start;
            break;
        case 3: ok = edgefn__functions_map(r, &to->headers, "request.headers", true); break;
        default: ok = edgefn__functions_map(r, &to->_cookies, "request.cookies", false); break;
        }
        if (!ok) return false;
        if (id == 3 && !(o.seen & 1)) (void)EDGEFN__QUICK_S(0, ",\"method\":\"", &to->method, &had[EDGEFN_M_METHOD]);
        if (id == 2 && !(o.seen & 2)) (void)EDGEFN__QUICK_S(1, ",\"uri\":\"", &to->uri, &had[EDGEFN_M_URI]);
    }
    if (id == EDGEFN__BAD) return false;
    edgefn__keep_object(ev, EDGEFN__O_REQUEST, &o);
    if (to->method.ptr == NULL) return edgefn__missing(r, &o, "method");
    return to->uri.ptr != NULL || edgefn__missing(r, &o, "uri");
}

static const edgefn__name edgefn__n_functions_body[] = { EDGEFN__NAME("encoding"), EDGEFN__NAME("data") };
static const edgefn__schema edgefn__s_functions_body = { "response.body", edgefn__n_functions_body, EDGEFN__COUNT(edgefn__n_functions_body) };

static bool edgefn__functions_body(edgefn__reader *r, const edgefn__object *response, int member)
{
    edgefn_event *ev = r->ev;
    edgefn_body *b = &ev->response.body;
    edgefn__span *had = &ev->_had[EDGEFN_M_RESPONSE_BODY];
    edgefn__object o;
    int id;
    if (edgefn__peek(r) == '"') {
        b->encoding = EDGEFN_TEXT;
        return edgefn__read_string(r, response, member, &b->data, had);
    }
    edgefn_str encoding = { NULL, 0 };
    if (!edgefn__object_open(r, &o, &edgefn__s_functions_body)) return false;
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        if (!edgefn__read_string(r, &o, id, id == 0 ? &encoding : &b->data, NULL)) return false;
    }
    b->encoding = encoding.ptr == NULL && b->data.ptr != NULL ? EDGEFN_TEXT : edgefn__encoding_of(encoding);
    had->at = o.open;
    had->len = o.close + 1 - o.open;
    return id != EDGEFN__BAD;
}

static const edgefn__name edgefn__n_functions_response[] = {
    EDGEFN__NAME("statusCode"), EDGEFN__NAME("statusDescription"), EDGEFN__NAME("headers"), EDGEFN__NAME("cookies"), EDGEFN__NAME("body")
};
static const edgefn__schema edgefn__s_functions_response = { "response", edgefn__n_functions_response, EDGEFN__COUNT(edgefn__n_functions_response) };

static bool edgefn__functions_response(edgefn__reader *r, edgefn__object *o)
{
    edgefn_event *ev = r->ev;
    edgefn_response *to = &ev->response;
    int id;
    if (!edgefn__object_open(r, o, &edgefn__s_functions_response)) return false;
    while ((id = edgefn__object_next(r, o)) >= 0) {
        bool ok = true;
        switch (id) {
        case 0: ok = edgefn__read_status(r, o, id, false); break;
        case 1: ok = edgefn__read_string(r, o, id, &to->status_text, &ev->_had[EDGEFN_M_STATUS_TEXT]); break;
        case 2: ok = edgefn__functions_map(r, &to->headers, "response.headers", true); break;
        case 3: ok = edgefn__functions_map(r, &to->_cookies, "response.cookies", false); break;
        default: ok = edgefn__functions_body(r, o, id); break;
        }
        if (!ok) return false;
    }
    edgefn__keep_object(ev, EDGEFN__O_RESPONSE, o);
    return id != EDGEFN__BAD;
}

static const edgefn__name edgefn__n_context[] = {
    EDGEFN__NAME("distributionDomainName"), EDGEFN__NAME("distributionId"), EDGEFN__NAME("eventType"), EDGEFN__NAME("requestId"), EDGEFN__NAME("endpoint")
};
static const edgefn__schema edgefn__s_context = { "context", edgefn__n_context, EDGEFN__COUNT(edgefn__n_context) };

static bool edgefn__functions_context(edgefn__reader *r)
{
    edgefn_event *ev = r->ev;
    edgefn_str endpoint = { NULL, 0 };
    edgefn__object o;
    int id;
    if (!edgefn__object_open(r, &o, &edgefn__s_context)) return false;
    (void)(EDGEFN__QUICK_S(0, "\"distributionDomainName\":\"", &ev->domain, NULL) && EDGEFN__QUICK_S(1, ",\"distributionId\":\"", &ev->distribution_id, NULL));
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        bool ok = true;
        switch (id) {
        case 0: ok = edgefn__read_string(r, &o, id, &ev->domain, NULL); break;
        case 1: ok = edgefn__read_string(r, &o, id, &ev->distribution_id, NULL); break;
        case 2: ok = edgefn__read_type(r, &o, id); break;
        case 3: ok = edgefn__read_string(r, &o, id, &ev->request_id, NULL); break;
        default: ok = edgefn__read_string(r, &o, id, &endpoint, NULL); break;
        }
        if (!ok) return false;
        if (id == 2 && !(o.seen >> 3 & 1)) (void)EDGEFN__QUICK_S(3, ",\"requestId\":\"", &ev->request_id, NULL);
    }
    if (ev->domain.ptr == NULL) ev->domain = endpoint;
    return id != EDGEFN__BAD && (ev->type != EDGEFN_TYPE_NONE || edgefn__missing(r, &o, "eventType"));
}

static const edgefn__name edgefn__n_viewer[] = { EDGEFN__NAME("ip") };
static const edgefn__schema edgefn__s_viewer = { "viewer", edgefn__n_viewer, EDGEFN__COUNT(edgefn__n_viewer) };
static const edgefn__name edgefn__n_functions[] = {
    EDGEFN__NAME("version"), EDGEFN__NAME("context"), EDGEFN__NAME("viewer"), EDGEFN__NAME("request"), EDGEFN__NAME("response")
};
static const edgefn__schema edgefn__s_functions = { "event", edgefn__n_functions, EDGEFN__COUNT(edgefn__n_functions) };

static bool edgefn__functions_viewer(edgefn__reader *r)
{
    edgefn__object o;
    int id;
    if (!edgefn__object_open(r, &o, &edgefn__s_viewer)) return false;
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        if (!edgefn__read_string(r, &o, id, &r->ev->request.client_ip, &r->ev->_had[EDGEFN_M_CLIENT_IP])) return false;
    }
    return id != EDGEFN__BAD;
}

static bool edgefn__functions(edgefn__reader *r)
{
    edgefn__object o, response;
    bool request = false;
    int id;
    response.close = 0;
    if (!edgefn__object_open(r, &o, &edgefn__s_functions)) return false;
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        bool ok = true;
        switch (id) {
        case 0: ok = edgefn__read_string(r, &o, id, &r->ev->version, NULL); break;
        case 1: ok = edgefn__functions_context(r); break;
        case 2: ok = edgefn__functions_viewer(r); break;
        case 3: ok = edgefn__functions_request(r); request = true; break;
        default: ok = edgefn__functions_response(r, &response); break;
        }
        if (!ok) return false;
    }
    if (id == EDGEFN__BAD) return false;
    if (r->ev->type == EDGEFN_TYPE_NONE) return edgefn__missing(r, &o, "context");
    return edgefn__require(r, &o, request, &response, "statusCode");
}

/*=== event ============================================================================================================*/

/* Tells the dialect by the first of the root's members that says it: Records, or version, context or viewer. */
static edgefn_dialect edgefn__detect(edgefn__reader *r)
{
    static const edgefn__name names[] = { EDGEFN__NAME("Records"), EDGEFN__NAME("version"), EDGEFN__NAME("context"), EDGEFN__NAME("viewer") };
    static const edgefn__schema schema = { "event", names, EDGEFN__COUNT(names) };
    edgefn__reader look = *r;
    edgefn__object o;
    int id;
    if (r->len > 12 && edgefn__same(r->text, "{\"Records\":[", 12)) return EDGEFN_LAMBDA;
    if (r->len > 12 && edgefn__same(r->text, "{\"version\":\"", 12)) return EDGEFN_FUNCTIONS;
    if (edgefn__peek(&look) != '{' || !edgefn__object_open(&look, &o, &schema)) return EDGEFN_DIALECT_NONE;
    id = edgefn__object_next(&look, &o);
    return id < 0 ? EDGEFN_DIALECT_NONE : id == 0 ? EDGEFN_LAMBDA : EDGEFN_FUNCTIONS;
}

static const edgefn_env edgefn__no_env = { 0, 0, false, NULL, NULL, NULL };

static void edgefn__list_init(edgefn_event *ev, edgefn_fields *f, uint32_t kind)
{
    f->_ev = ev;
    f->_kind = kind;
}

static void edgefn__lists_init(edgefn_event *ev)
{
    edgefn__list_init(ev, &ev->request.headers, EDGEFN__REQUEST_HEADERS);
    edgefn__list_init(ev, &ev->response.headers, EDGEFN__RESPONSE_HEADERS);
    edgefn__list_init(ev, &ev->request.origin.headers, EDGEFN__ORIGIN_HEADERS);
    edgefn__list_init(ev, &ev->request._query, EDGEFN__QUERY);
    edgefn__list_init(ev, &ev->request._cookies, EDGEFN__REQUEST_COOKIES);
    edgefn__list_init(ev, &ev->response._cookies, EDGEFN__RESPONSE_COOKIES);
}

static void edgefn__remember(edgefn_event *ev)
{
    const edgefn_origin *o = &ev->request.origin;
    ev->_was.status = ev->response.status;
    ev->_was.port = o->port;
    ev->_was.keepalive_s = o->keepalive_s;
    ev->_was.read_timeout_s = o->read_timeout_s;
    ev->_was.completion_timeout_s = o->completion_timeout_s;
    ev->_was.tls = o->tls;
    ev->_was.https = o->https;
    ev->_was.kind = o->kind;
    ev->_was.replace = ev->request.body.replace;
    ev->_was.body_encoding = ev->request.body.encoding;
    ev->_was.response_encoding = ev->response.body.encoding;
    ev->_was.response_data = ev->response.body.data;
    edgefn__span result = ev->_object[edgefn_is_request(ev) ? EDGEFN__O_REQUEST : EDGEFN__O_RESPONSE];
    ev->_result = result;
}

static void edgefn__clear(edgefn_event *ev, edgefn_str json, edgefn_arena arena, const edgefn_parse_opts *opts)
{
    edgefn__memset(ev, 0, sizeof *ev);
    ev->arena = arena;
    ev->env = opts != NULL && opts->env != NULL ? opts->env : &edgefn__no_env;
    ev->_self = ev;
    ev->_json = json;
    ev->err.where = "";
    edgefn__lists_init(ev);
}

/* Refuses the event: nothing that was read stays, only the error. */
EDGEFN__NOINLINE edgefn_error edgefn__refuse(edgefn_event *ev, edgefn_error code, size_t pos, const char *where, edgefn_str subject)
{
    edgefn_parse_opts opts = { EDGEFN_DIALECT_NONE, ev->env };
    edgefn__clear(ev, ev->_json, ev->arena, &opts);
    ev->err.code = code;
    ev->err.pos = pos;
    ev->err.where = where;
    ev->err.subject = subject;
    return code;
}

/* Runs after anything went wrong. What is no JSON text is that first of all. */
EDGEFN__NOINLINE edgefn_error edgefn__diagnose(edgefn_event *ev, const edgefn__reader *r)
{
    edgefn__fault f = { EDGEFN_OK, 0 };
    if (r->code == EDGEFN_E_OOM) return edgefn__refuse(ev, EDGEFN_E_OOM, EDGEFN__NO_POS, "edgefn_parse", edgefn__absent());
    if (!edgefn__validate(ev->_json, &f)) return edgefn__refuse(ev, f.code, f.pos, "JSON text", edgefn__absent());
    return edgefn__refuse(ev, r->code, r->at, r->where, r->subject);
}

/* Runs the first pass. Its bits and its list of escaped strings stand at the arena's top until the event is read. */
static bool edgefn__scan_into(edgefn_event *ev, edgefn__reader *r)
{
    edgefn__scanner scan;
    size_t top = ev->arena.cap;
    edgefn__memset(&scan, 0, sizeof scan);
    scan.text = r->text;
    scan.len = r->len;
    scan.quotes = ev->arena.ptr != NULL ? (unsigned char *)edgefn__take_top(ev, &top, edgefn__quotes_size(r->len), 1) : NULL;
    if (scan.quotes == NULL || top - ev->arena.used < 8) return edgefn__bad_memory(r);
    scan.escaped = scan.top = (uint32_t *)(void *)scan.quotes;
    scan.floor = scan.top - (top - ev->arena.used) / 4;
    if (!edgefn__scan(&scan)) return scan.full ? edgefn__bad_memory(r) : edgefn__bad_json(r);
    *--scan.escaped = UINT32_MAX;
    r->quotes = scan.quotes;
    r->escaped_first = r->escaped = scan.top - 1;
    ev->arena.cap = (size_t)((unsigned char *)scan.escaped - ev->arena.ptr);
    return true;
}

EDGEFN_API edgefn_error edgefn_parse(edgefn_event *ev, edgefn_str json, edgefn_arena arena, const edgefn_parse_opts *opts)
{
    edgefn__clear(ev, json, arena, opts);
    edgefn_dialect wanted = opts != NULL ? opts->dialect : EDGEFN_DIALECT_NONE;
    if (json.len >= UINT32_MAX - 64 || arena.used > arena.cap || (json.ptr == NULL && json.len != 0))
        return edgefn__refuse(ev, EDGEFN_E_OPTIONS, EDGEFN__NO_POS, "edgefn_parse", edgefn__absent());

    edgefn__reader r;
    edgefn__memset(&r, 0, sizeof r);
    r.ev = ev;
    r.text = json.ptr;
    r.len = (uint32_t)json.len;
    bool ok = edgefn__scan_into(ev, &r);
    if (!ok) return edgefn__diagnose(ev, &r);

    ev->dialect = edgefn__detect(&r);
    edgefn__peek(&r);
    if (ev->dialect == EDGEFN_DIALECT_NONE || (wanted != EDGEFN_DIALECT_NONE && ev->dialect != wanted)) ok = edgefn__not_an_event(&r, r.pos);
    else ok = ev->dialect == EDGEFN_LAMBDA ? edgefn__lambda(&r) : edgefn__functions(&r);
    if (ok && edgefn__skip_space(json.ptr, json.len, r.pos) != json.len) ok = edgefn__bad_json(&r);
    ev->arena.cap = arena.cap;
    if (!ok) return edgefn__diagnose(ev, &r);
    edgefn__lists_init(ev);
    edgefn__remember(ev);
    ev->_flags = EDGEFN__PARSED;
    return EDGEFN_OK;
}

EDGEFN_API bool edgefn_is_request(const edgefn_event *ev) { return ev->type == EDGEFN_VIEWER_REQUEST || ev->type == EDGEFN_ORIGIN_REQUEST; }

EDGEFN_API const char *edgefn_type_name(edgefn_type type)
{
    return (unsigned)type < EDGEFN__COUNT(edgefn__types) ? edgefn__types[type].text : "";
}

EDGEFN_API edgefn_str edgefn_passthrough(const edgefn_event *ev)
{
    if (ev->_result.len == 0) return edgefn__absent();
    return edgefn__str(ev->_json.ptr + ev->_result.at, ev->_result.len);
}

EDGEFN_API edgefn_str edgefn_fail_closed(const edgefn_event *ev)
{
    if (!edgefn_is_request(ev)) return EDGEFN_S("null");
    if (ev->dialect == EDGEFN_FUNCTIONS) return EDGEFN_S("{\"statusCode\":503,\"statusDescription\":\"Service Unavailable\"}");
    return EDGEFN_S("{\"status\":\"503\",\"statusDescription\":\"Service Unavailable\"}");
}

EDGEFN_API bool edgefn_fail(edgefn_event *ev, edgefn_error code, edgefn_str subject)
{
    return edgefn__fail(ev, code != EDGEFN_OK ? code : EDGEFN_E_HANDLER, "edgefn_handler", subject);
}

EDGEFN_API bool edgefn_draw(edgefn_event *ev, uint32_t *draw)
{
    *draw = ev->env->random;
    return ev->env->has_random || edgefn__fail(ev, EDGEFN_E_ENVIRONMENT, "edgefn_draw", EDGEFN_S("random"));
}

/*--- walking valid JSON text around an edit ---------------------------------------------------------------------------*/

static uint32_t edgefn__ws(const char *t, uint32_t at)
{
    while (edgefn__class_of(t[at]) & EDGEFN__C_SPACE) at++;
    return at;
}

/* Gives the offset behind the string that opens at `at`. */
static uint32_t edgefn__after_string(const char *t, uint32_t at)
{
    for (at++; t[at] != '"'; at++) {
        if (t[at] == '\\') at++;
    }
    return at + 1;
}

static uint32_t edgefn__after_value(const char *t, uint32_t at)
{
    size_t depth = 0;
    for (;;) {
        char c = t[at];
        if (c == '"') at = edgefn__after_string(t, at);
        else at++;
        if (c == '{' || c == '[') depth++;
        else if (c == '}' || c == ']') depth--;
        if (depth != 0) continue;
        if (c == '"' || c == '}' || c == ']') return at;
        while (t[at] != ',' && t[at] != '}' && t[at] != ']' && !(edgefn__class_of(t[at]) & EDGEFN__C_SPACE)) at++; /* a number or literal */
        return at;
    }
}

static uint32_t edgefn__after_name(const char *t, uint32_t at) /* to the value of the member whose name opens at `at` */
{
    return edgefn__ws(t, edgefn__ws(t, edgefn__after_string(t, at)) + 1);
}

/*=== >>fields =========================================================================================================
   items as received are never written to: the first edit copies them, so that each field can always be compared with what came.
   In lists read from JSON objects, _group is the offset of the name's opening quote and _value that of the value's; both are 0 for
   what a handler added. In lists parsed from text, _value is 1 + the index as received and _group 1 + the index of the header entry. */

static bool edgefn__is_headers(const edgefn_fields *f) { return f->_kind <= EDGEFN__ORIGIN_HEADERS; }

/* Compares a header's name, which is lower case, with any spelling; others exactly. */
EDGEFN__INLINE bool edgefn__name_eq(const edgefn_fields *f, edgefn_str item, edgefn_str name)
{
    if (item.len != name.len) return false;
    if (edgefn__same(item.ptr, name.ptr, name.len)) return true;
    if (!edgefn__is_headers(f)) return false;
    for (size_t i = 0; i < name.len; i++) {
        if (item.ptr[i] != edgefn__lower(name.ptr[i])) return false;
    }
    return true;
}

EDGEFN_API size_t edgefn_find(const edgefn_fields *f, edgefn_str name, size_t from)
{
    if (name.ptr == NULL) return f->len;
    uint32_t tag = edgefn__tag(name);
    for (size_t i = from; i < f->len; i++) {
        if (f->items[i]._tag == tag && edgefn__name_eq(f, f->items[i].name, name)) return i;
    }
    return f->len;
}

EDGEFN_API edgefn_str edgefn_get(const edgefn_fields *f, edgefn_str name)
{
    size_t i = edgefn_find(f, name, 0);
    return i < f->len ? f->items[i].value : edgefn__absent();
}

EDGEFN_API bool edgefn_has(const edgefn_fields *f, edgefn_str name) { return edgefn_find(f, name, 0) < f->len; }

EDGEFN_API size_t edgefn_count(const edgefn_fields *f, edgefn_str name)
{
    size_t n = 0;
    for (size_t i = edgefn_find(f, name, 0); i < f->len; i = edgefn_find(f, name, i + 1)) n++;
    return n;
}

static const char *edgefn__list_name(const edgefn_fields *f)
{
    static const char *const names[] = { "", "request.headers", "response.headers", "request.origin.customHeaders", "request.querystring",
                                         "request.cookies", "response.cookies" };
    return names[f->_kind < EDGEFN__COUNT(names) ? f->_kind : 0];
}

/* Gives the event of a list that may be edited now; NULL after a failure or when it may not. */
static edgefn_event *edgefn__editable(edgefn_fields *f)
{
    edgefn_event *ev = f->_ev;
    const char *where = edgefn__list_name(f);
    if (ev == NULL || ev->_self != ev) return NULL;
    if ((uintptr_t)f < (uintptr_t)ev || (uintptr_t)f >= (uintptr_t)(ev + 1) || !(ev->_flags & EDGEFN__PARSED)) {
        edgefn__fail(ev, EDGEFN_E_MISUSE, where, edgefn__absent());
        return NULL;
    }
    if (ev->err.code != EDGEFN_OK) return NULL;
    bool allowed;
    switch (f->_kind) {
    case EDGEFN__RESPONSE_HEADERS: case EDGEFN__RESPONSE_COOKIES: allowed = ev->response.status != 0; break;
    case EDGEFN__ORIGIN_HEADERS: allowed = ev->type == EDGEFN_ORIGIN_REQUEST && ev->request.origin.kind != EDGEFN_ORIGIN_NONE; break;
    default: allowed = edgefn_is_request(ev); break;
    }
    if (allowed) return ev;
    edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, where, edgefn__absent());
    return NULL;
}

static bool edgefn__all(edgefn_str s, unsigned classes)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!(edgefn__class_of(s.ptr[i]) & classes)) return false;
    }
    return true;
}

/* Tells whether s is UTF-8 without controls (tab aside where `tab`) and without the bytes of `not`. */
static bool edgefn__is_text(edgefn_str s, bool tab, const char *not_these)
{
    if (s.ptr == NULL) return false;
    size_t i = edgefn__plain_run(s.ptr, s.len);
    if (i < s.len) {
        if (!edgefn__is_utf8(edgefn_str_skip(s, i))) return false;
        for (; i < s.len; i++) {
            unsigned char c = (unsigned char)s.ptr[i];
            if ((c < 0x20 && !(tab && c == '\t')) || c == 0x7f) return false;
        }
    }
    for (; *not_these != '\0'; not_these++) {
        for (i = 0; i < s.len; i++) {
            if (s.ptr[i] == *not_these) return false;
        }
    }
    return true;
}

static bool edgefn__name_ok(edgefn_event *ev, const edgefn_fields *f, edgefn_str name)
{
    bool ok;
    if (f->_kind == EDGEFN__QUERY) ok = name.len > 0 && edgefn__is_text(name, false, "=&# ");
    else ok = name.ptr != NULL && name.len > 0 && edgefn__all(name, EDGEFN__C_TOKEN);
    if (!ok) return edgefn__fail(ev, EDGEFN_E_FIELD_NAME, edgefn__list_name(f), name);
    return true;
}

static bool edgefn__value_ok(edgefn_event *ev, const edgefn_fields *f, edgefn_str name, edgefn_str value)
{
    const char *not_these = f->_kind == EDGEFN__QUERY ? "&# " : edgefn__is_headers(f) ? "" : ";";
    if (edgefn__is_text(value, edgefn__is_headers(f), not_these)) return true;
    return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, edgefn__list_name(f), name);
}

/* Cookies live apart in CloudFront Functions; in Lambda@Edge a view of them must know that the headers changed under it. */
static bool edgefn__cookie_header(edgefn_event *ev, edgefn_fields *f, edgefn_str name)
{
    if ((name.len != 6 && name.len != 10) || !edgefn__is_headers(f)) return true;
    if (!edgefn_str_ieq(name, EDGEFN_S("cookie")) && !edgefn_str_ieq(name, EDGEFN_S("set-cookie"))) return true;
    if (ev->dialect == EDGEFN_FUNCTIONS) return edgefn__fail(ev, EDGEFN_E_DIALECT, edgefn__list_name(f), name);
    f->_flags |= EDGEFN__COOKIE_TOUCHED;
    return true;
}

/* Makes the items writable and leaves room for `more`; NULL when that failed. */
static edgefn_field *edgefn__writable(edgefn_event *ev, edgefn_fields *f, size_t more)
{
    f->_flags = (f->_flags | EDGEFN__DIRTY) & ~(uint32_t)EDGEFN__SYNCED;
    edgefn_field *items = (edgefn_field *)(uintptr_t)f->items;
    if (items != f->_received && f->_cap - f->len >= more) return items;
    size_t cap = f->len + more + f->len / 2 + (more != 0 ? 6 : 0);
    edgefn_field *copy = (edgefn_field *)edgefn__take(ev, cap, sizeof *copy, 8);
    if (copy == NULL) return NULL;
    if (f->len != 0) edgefn__memcpy(copy, items, f->len * sizeof *copy);
    f->items = copy;
    f->_cap = (uint32_t)cap;
    return copy;
}

/* Finds a field as it was received; NULL for one that was added. */
static const edgefn_field *edgefn__received_of(const edgefn_fields *f, const edgefn_field *it)
{
    if (it->_value == 0) return NULL;
    if (f->_flags & EDGEFN__FROM_TEXT) return &f->_received[it->_value - 1];
    size_t low = 0, high = f->_received_len;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (f->_received[mid]._value < it->_value) low = mid + 1;
        else high = mid;
    }
    return low < f->_received_len ? &f->_received[low] : NULL;
}

static void edgefn__judge_field(edgefn_fields *f, edgefn_field *it)
{
    f->_flags |= EDGEFN__TOUCHED; /* not only new names behind the received ones */
    const edgefn_field *was = edgefn__received_of(f, it);
    if (was == NULL) {
        it->change = EDGEFN_ADDED;
    } else if (edgefn_str_eq(was->value, it->value) && edgefn_str_eq(was->attributes, it->attributes)) {
        it->change = EDGEFN_KEPT;
        it->value = was->value; /* the received bytes themselves: views write them out with what stands around them */
        it->attributes = was->attributes;
    } else {
        it->change = EDGEFN_CHANGED;
    }
}

/* Keeps room for n more removed fields. */
static bool edgefn__removed_room(edgefn_event *ev, edgefn_fields *f, size_t n)
{
    if (f->_removed_cap - f->removed_len >= n) return true;
    size_t cap = f->removed_len + n + f->removed_len / 2;
    edgefn_field *copy = (edgefn_field *)edgefn__take(ev, cap, sizeof *copy, 8);
    if (copy == NULL) return false;
    if (f->removed_len != 0) edgefn__memcpy(copy, f->removed, f->removed_len * sizeof *copy);
    f->removed = copy;
    f->_removed_cap = (uint32_t)cap;
    return true;
}

static void edgefn__note_removed(edgefn_fields *f, const edgefn_field *it)
{
    const edgefn_field *was = edgefn__received_of(f, it);
    if (was == NULL) return;
    edgefn_field *to = (edgefn_field *)(uintptr_t)f->removed + f->removed_len++;
    *to = *was;
    to->change = EDGEFN_REMOVED;
    f->_flags |= EDGEFN__TOUCHED;
}

/* The one loop behind all removals: takes out the fields from `from` on that `wanted` picks. */
typedef bool (*edgefn__picker)(const edgefn_fields *f, const edgefn_field *it, const void *with);

static size_t edgefn__remove_where(edgefn_fields *f, size_t from, edgefn__picker wanted, const void *with)
{
    edgefn_event *ev = edgefn__editable(f);
    size_t found = 0, to = from;
    if (ev == NULL) return 0;
    for (size_t i = from; i < f->len; i++) {
        if (!wanted(f, &f->items[i], with)) continue;
        if (!edgefn__cookie_header(ev, f, f->items[i].name)) return 0;
        found++;
    }
    if (found == 0) return 0;
    edgefn_field *items = edgefn__writable(ev, f, 0);
    if (items == NULL || !edgefn__removed_room(ev, f, found)) return 0;
    for (size_t i = from; i < f->len; i++) {
        if (wanted(f, &items[i], with)) edgefn__note_removed(f, &items[i]);
        else if (to++ != i) items[to - 1] = items[i];
    }
    f->len = to;
    return found;
}

static bool edgefn__pick_name(const edgefn_fields *f, const edgefn_field *it, const void *with)
{
    return edgefn__name_eq(f, it->name, *(const edgefn_str *)with);
}

static bool edgefn__pick_prefix(const edgefn_fields *f, const edgefn_field *it, const void *with)
{
    const edgefn_str *prefix = (const edgefn_str *)with;
    return it->name.len >= prefix->len && edgefn__name_eq(f, edgefn_str_take(it->name, prefix->len), *prefix);
}

typedef struct edgefn__keep { const edgefn_str *names; size_t count; } edgefn__keep;

static bool edgefn__pick_others(const edgefn_fields *f, const edgefn_field *it, const void *with)
{
    const edgefn__keep *keep = (const edgefn__keep *)with;
    for (size_t i = 0; i < keep->count; i++) {
        if (edgefn__name_eq(f, it->name, keep->names[i])) return false;
    }
    return true;
}

EDGEFN_API size_t edgefn_remove(edgefn_fields *f, edgefn_str name)
{
    return name.ptr != NULL ? edgefn__remove_where(f, 0, edgefn__pick_name, &name) : 0;
}

EDGEFN_API size_t edgefn_remove_prefix(edgefn_fields *f, edgefn_str prefix)
{
    return prefix.ptr != NULL ? edgefn__remove_where(f, 0, edgefn__pick_prefix, &prefix) : 0;
}

EDGEFN_API size_t edgefn_keep_only(edgefn_fields *f, const edgefn_str *names, size_t count)
{
    edgefn__keep keep = { names, count };
    return edgefn__remove_where(f, 0, edgefn__pick_others, &keep);
}

EDGEFN_API bool edgefn_remove_at(edgefn_fields *f, size_t index)
{
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL) return false;
    if (index >= f->len) return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_remove_at", edgefn__absent());
    if (!edgefn__cookie_header(ev, f, f->items[index].name)) return false;
    edgefn_field *items = edgefn__writable(ev, f, 0);
    if (items == NULL || !edgefn__removed_room(ev, f, 1)) return false;
    edgefn__note_removed(f, &items[index]);
    edgefn__memmove(items + index, items + index + 1, (f->len - index - 1) * sizeof *items);
    f->len--;
    return true;
}

EDGEFN_API bool edgefn_set_at(edgefn_fields *f, size_t index, edgefn_str value)
{
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL) return false;
    if (index >= f->len) return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_set_at", edgefn__absent());
    edgefn_str name = f->items[index].name;
    if (value.ptr == NULL) return edgefn_remove_at(f, index);
    if (edgefn_str_eq(f->items[index].value, value)) return true;
    if (!edgefn__value_ok(ev, f, name, value) || !edgefn__cookie_header(ev, f, name)) return false;
    edgefn_field *items = edgefn__writable(ev, f, 0);
    if (items == NULL) return false;
    items[index].value = value;
    edgefn__judge_field(f, &items[index]);
    return true;
}

/* Gives a removed field of that name back to be changed instead; false when there is none. */
static bool edgefn__take_back(edgefn_fields *f, edgefn_field *it)
{
    edgefn_field *removed = (edgefn_field *)(uintptr_t)f->removed;
    for (size_t k = 0; k < f->removed_len; k++) {
        if (removed[k]._tag != it->_tag || !edgefn_str_eq(removed[k].name, it->name)) continue;
        edgefn_str value = it->value;
        *it = removed[k];
        it->value = value;
        it->attributes = edgefn__absent();
        edgefn__memmove(removed + k, removed + k + 1, (f->removed_len - k - 1) * sizeof *removed);
        f->removed_len--;
        edgefn__judge_field(f, it);
        return true;
    }
    return false;
}

/* Gives a new header the place of one that came without values: "name":[]. */
static bool edgefn__fill_hollow(edgefn_event *ev, edgefn_fields *f, edgefn_field *it)
{
    const char *p = ev->_json.ptr;
    if (!(f->_flags & EDGEFN__HOLLOW)) return false;
    for (uint32_t at = edgefn__ws(p, f->_open + 1); p[at] != '}';) {
        char name[256];
        edgefn__text t = { name, name + sizeof name, false };
        uint32_t from = edgefn__after_name(p, at);
        edgefn__put_unescaped(&t, p + at + 1, edgefn__after_string(p, at) - at - 2);
        if (p[edgefn__ws(p, from + 1)] == ']' && !t.full && edgefn_str_ieq(edgefn__str(name, (size_t)(t.at - name)), it->name)) {
            it->_group = at;
            f->_flags |= EDGEFN__TOUCHED;
            return true;
        }
        at = edgefn__ws(p, edgefn__after_value(p, from));
        if (p[at] == ',') at = edgefn__ws(p, at + 1);
    }
    return false;
}

/* Puts a checked field where it belongs: headers, and the cookies of CloudFront Functions, which cannot stand anywhere else, behind
   the last of that name; one that was received and removed in its old place, so that removing and setting is the same as setting;
   everything else at the end. */
static bool edgefn__insert(edgefn_event *ev, edgefn_fields *f, edgefn_str name, edgefn_str value, bool known_new)
{
    edgefn_field *items = edgefn__writable(ev, f, 1);
    edgefn_field it;
    size_t at = f->len, last = f->len;
    if (items == NULL) return false;
    edgefn__memset(&it, 0, sizeof it);
    it.name = name;
    it.value = value;
    it.change = EDGEFN_ADDED;
    if (edgefn__is_headers(f)) {
        if (ev->dialect == EDGEFN_LAMBDA) it.key = name;
        it.name = edgefn_str_lower(ev, name);
        if (it.name.ptr == NULL) return false;
    }
    it._tag = edgefn__tag(it.name);
    if (edgefn__is_headers(f) || (f->_kind != EDGEFN__QUERY && ev->dialect == EDGEFN_FUNCTIONS)) {
        if (known_new) last = 0;
        while (last > 0 && (items[last - 1]._tag != it._tag || !edgefn_str_eq(items[last - 1].name, it.name))) last--;
        if (last > 0) {
            at = last;
            it._group = items[last - 1]._group;
            f->_flags |= EDGEFN__TOUCHED;
        } else if ((edgefn__take_back(f, &it) || edgefn__fill_hollow(ev, f, &it)) && !(f->_flags & EDGEFN__REORDERED)) {
            for (at = 0; at < f->len && items[at]._group != 0 && items[at]._group < it._group; at++) {}
        }
    }
    edgefn__memmove(items + at + 1, items + at, (f->len - at) * sizeof *items);
    items[at] = it;
    f->len++;
    return true;
}

static bool edgefn__add(edgefn_fields *f, edgefn_str name, edgefn_str value, bool known_new)
{
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL || !edgefn__name_ok(ev, f, name) || !edgefn__value_ok(ev, f, name, value) || !edgefn__cookie_header(ev, f, name)) return false;
    return edgefn__insert(ev, f, name, value, known_new);
}

EDGEFN_API bool edgefn_add(edgefn_fields *f, edgefn_str name, edgefn_str value)
{
    if (value.ptr == NULL) return edgefn__editable(f) != NULL;
    return edgefn__add(f, name, value, false);
}

EDGEFN_API bool edgefn_set(edgefn_fields *f, edgefn_str name, edgefn_str value)
{
    size_t i = edgefn_find(f, name, 0);
    if (value.ptr == NULL) {
        edgefn_remove(f, name);
        return edgefn__editable(f) != NULL;
    }
    if (i == f->len) return edgefn__add(f, name, value, true);
    if (!edgefn_set_at(f, i, value)) return false;
    if (edgefn_find(f, name, i + 1) < f->len) edgefn__remove_where(f, i + 1, edgefn__pick_name, &name);
    return f->_ev->err.code == EDGEFN_OK;
}

static int edgefn__compare(edgefn_str a, edgefn_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int d = n != 0 ? edgefn__memcmp(a.ptr, b.ptr, n) : 0;
    return d != 0 ? d : a.len < b.len ? -1 : a.len > b.len;
}

static bool edgefn__in_order(const edgefn_fields *f, const edgefn_field *a, const edgefn_field *b)
{
    int d = edgefn__compare(a->name, b->name);
    if (d == 0 && f->_kind == EDGEFN__QUERY) d = edgefn__compare(a->value, b->value);
    return d <= 0;
}

EDGEFN_API bool edgefn_sort(edgefn_fields *f)
{
    edgefn_event *ev = edgefn__editable(f);
    size_t top, i = 1, n = f->len;
    if (ev == NULL) return false;
    while (i < n && edgefn__in_order(f, &f->items[i - 1], &f->items[i])) i++;
    if (i >= n) return true;
    top = ev->arena.cap;
    edgefn_field *from = edgefn__writable(ev, f, 0);
    edgefn_field *to = from != NULL ? (edgefn_field *)edgefn__take_top(ev, &top, n, sizeof *to) : NULL;
    if (to == NULL) return false;
    edgefn_field *items = from;
    for (size_t run = 1; run < n; run *= 2) { /* merges from one array into the other; stable */
        for (size_t start = 0; start < n; start += run * 2) {
            size_t a = start, mid = n - start > run ? start + run : n, b = mid, end = n - mid > run ? mid + run : n;
            for (size_t k = start; k < end; k++) {
                bool left = b >= end || (a < mid && edgefn__in_order(f, &from[a], &from[b]));
                to[k] = left ? from[a++] : from[b++];
            }
        }
        edgefn_field *other = from;
        from = to;
        to = other;
    }
    if (from != items) edgefn__memcpy(items, from, n * sizeof *items);
    f->_flags |= EDGEFN__REORDERED;
    return true;
}

/*=== >>headers ======================================================================================================*/

/*=== >>query and cookies: views parsed from text ====================================================================*/

/* Appends to a view that is being built; nothing else is taken from the arena meanwhile, so that the items stay one array. */
static edgefn_field *edgefn__view_add(edgefn_event *ev, edgefn_fields *f, uint32_t group)
{
    edgefn_field *it = (edgefn_field *)edgefn__take(ev, 1, sizeof *it, 8);
    if (it == NULL) return NULL;
    if (f->len == 0) f->items = f->_received = it;
    f->_received_len = (uint32_t)++f->len;
    edgefn__memset(it, 0, sizeof *it);
    it->_group = group;
    it->_value = (uint32_t)f->len;
    return it;
}

static void edgefn__view_reset(edgefn_fields *f, uint32_t flags)
{
    f->items = f->_received = f->removed = NULL;
    f->len = f->removed_len = 0;
    f->_received_len = f->_cap = f->_removed_cap = 0;
    f->_flags = flags;
}

/* name=value; without '=' the text is the value of a nameless cookie, or the name of a valueless parameter. */
static bool edgefn__view_pair(edgefn_event *ev, edgefn_fields *f, edgefn_str piece, uint32_t group, bool cookie)
{
    edgefn_cut c = edgefn_str_cut(piece, EDGEFN_S("="));
    edgefn_field *it = edgefn__view_add(ev, f, group);
    if (it == NULL) return false;
    if (!c.found) {
        it->name = edgefn_str_take(piece, cookie ? 0 : piece.len);
        it->value = edgefn_str_skip(piece, cookie ? 0 : piece.len);
    } else {
        it->name = cookie ? edgefn_str_trim(c.head) : c.head;
        it->value = cookie ? edgefn_str_trim(c.tail) : c.tail;
    }
    it->_tag = edgefn__tag(it->name);
    return true;
}

EDGEFN_API edgefn_fields *edgefn_query(edgefn_event *ev)
{
    edgefn_request *q = &ev->request;
    edgefn_fields *f = &q->_query;
    if (ev->_self != ev || !(ev->_flags & EDGEFN__PARSED) || q->querystring.ptr == NULL) return f;
    if ((f->_flags & EDGEFN__VIEWED) && q->_query_source.ptr == q->querystring.ptr && q->_query_source.len == q->querystring.len) return f;
    if (f->_flags & EDGEFN__DIRTY) {
        edgefn__fail(ev, EDGEFN_E_CONFLICT, "request.querystring", q->querystring);
        return f;
    }
    edgefn__view_reset(f, EDGEFN__VIEWED | EDGEFN__FROM_TEXT);
    q->_query_source = q->_query_received = q->querystring;
    for (edgefn_str rest = q->querystring; rest.ptr != NULL;) {
        edgefn_cut c = edgefn_str_cut(rest, EDGEFN_S("&"));
        rest = c.tail;
        if (c.head.len != 0 && !edgefn__view_pair(ev, f, c.head, 0, false)) break;
    }
    if (ev->err.code == EDGEFN_E_OOM) f->len = 0;
    return f;
}

static bool edgefn__query_ok(edgefn_str q) { return edgefn__is_text(q, false, " #") && !edgefn_str_starts(q, EDGEFN_S("?")); }

EDGEFN_API bool edgefn_query_set_raw(edgefn_event *ev, edgefn_str querystring)
{
    edgefn_fields *f = &ev->request._query;
    if (edgefn__editable(f) == NULL) return false;
    if (f->_flags & EDGEFN__DIRTY) return edgefn__fail(ev, EDGEFN_E_CONFLICT, "edgefn_query_set_raw", querystring);
    if (!edgefn__query_ok(querystring)) return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, "edgefn_query_set_raw", querystring);
    ev->request.querystring = querystring;
    return true;
}

/* Writes the list as text. A field that was read from text and kept goes out as it stood there: `a` stays apart from `a=`. */
static void edgefn__put_pairs(edgefn__text *t, const edgefn_fields *f, size_t from, size_t to, const char *between, size_t between_len)
{
    for (size_t i = from; i < to; i++) {
        const edgefn_field *it = &f->items[i];
        if (i > from) edgefn__put(t, between, between_len);
        if ((f->_flags & EDGEFN__FROM_TEXT) && it->change == EDGEFN_KEPT) {
            edgefn__put(t, it->name.ptr, (size_t)(it->value.ptr + it->value.len - it->name.ptr));
            continue;
        }
        edgefn__put(t, it->name.ptr, it->name.len);
        /* A cookie without a name needs its '=' only where the value would be read as one with a name, or as nothing. */
        bool bare = f->_kind != EDGEFN__QUERY && it->name.len == 0 && it->value.len != 0 && !edgefn_str_contains(it->value, EDGEFN_S("="));
        if (!bare) EDGEFN__PUT(t, "=");
        edgefn__put(t, it->value.ptr, it->value.len);
    }
}

/* Tells whether anything of a list is not as it was received. */
static bool edgefn__list_differs(const edgefn_fields *f)
{
    if (f->removed_len != 0 || (f->_flags & EDGEFN__REORDERED) || f->len != f->_received_len) return true;
    for (size_t i = 0; i < f->len; i++) {
        if (f->items[i].change != EDGEFN_KEPT) return true;
    }
    return false;
}

EDGEFN_API edgefn_str edgefn_query_text(edgefn_event *ev)
{
    edgefn_fields *f = &ev->request._query;
    bool from_list = (f->_flags & EDGEFN__DIRTY) && !(f->_flags & EDGEFN__SYNCED);
    if (!from_list && ev->request.querystring.ptr != NULL) return ev->request.querystring;
    if (from_list && !edgefn__list_differs(f) && ev->request._query_received.ptr != NULL) return ev->request._query_received;
    if (f->len == 0) return EDGEFN_S("");
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    edgefn__put_pairs(&t, f, 0, f->len, "&", 1);
    return edgefn__text_end(ev, &t);
}

/* Builds a view of all cookie (or set-cookie) headers of a Lambda@Edge event. */
static edgefn_fields *edgefn__cookie_view(edgefn_event *ev, edgefn_fields *f, edgefn_fields *headers, edgefn_str header, bool request)
{
    if (ev->_self != ev || !(ev->_flags & EDGEFN__PARSED) || ev->dialect == EDGEFN_FUNCTIONS) return f;
    if ((f->_flags & EDGEFN__VIEWED) && !(headers->_flags & EDGEFN__COOKIE_TOUCHED)) return f;
    if ((f->_flags & EDGEFN__DIRTY) && !(f->_flags & EDGEFN__SYNCED)) {
        edgefn__fail(ev, EDGEFN_E_CONFLICT, edgefn__list_name(f), header);
        return f;
    }
    edgefn__view_reset(f, EDGEFN__VIEWED | EDGEFN__FROM_TEXT);
    headers->_flags &= ~(uint32_t)EDGEFN__COOKIE_TOUCHED;
    uint32_t entry = 0;
    for (size_t i = edgefn_find(headers, header, 0); i < headers->len; i = edgefn_find(headers, header, i + 1)) {
        entry++;
        for (edgefn_str rest = headers->items[i].value; rest.ptr != NULL;) {
            edgefn_cut c = edgefn_str_cut(rest, EDGEFN_S(";"));
            edgefn_str piece = edgefn_str_trim(c.head);
            rest = request ? c.tail : edgefn__absent();
            if (request && piece.len == 0) continue;
            if (!edgefn__view_pair(ev, f, piece, entry, true)) { f->len = 0; return f; }
            if (!request && c.found) ((edgefn_field *)(uintptr_t)f->items)[f->len - 1].attributes = edgefn_str_trim(c.tail);
        }
    }
    return f;
}

EDGEFN_API edgefn_fields *edgefn_cookies(edgefn_event *ev)
{
    return edgefn__cookie_view(ev, &ev->request._cookies, &ev->request.headers, EDGEFN_S("cookie"), true);
}

EDGEFN_API edgefn_fields *edgefn_set_cookies(edgefn_event *ev)
{
    return edgefn__cookie_view(ev, &ev->response._cookies, &ev->response.headers, EDGEFN_S("set-cookie"), false);
}

EDGEFN_API bool edgefn_cookie_attributes_set(edgefn_fields *set_cookies, size_t index, edgefn_str attributes)
{
    edgefn_fields *f = set_cookies;
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL) return false;
    if (index >= f->len || f->_kind != EDGEFN__RESPONSE_COOKIES)
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_cookie_attributes_set", edgefn__absent());
    if (edgefn_str_eq(f->items[index].attributes, attributes)) return true;
    if (attributes.ptr != NULL && !edgefn__is_text(attributes, false, ""))
        return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, edgefn__list_name(f), f->items[index].name);
    edgefn_field *items = edgefn__writable(ev, f, 0);
    if (items == NULL) return false;
    items[index].attributes = attributes;
    edgefn__judge_field(f, &items[index]);
    return true;
}

/* Makes the header value of cookies [from, to): all of a cookie header, or one Set-Cookie. */
static edgefn_str edgefn__cookie_text(edgefn_event *ev, const edgefn_fields *f, size_t from, size_t to)
{
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    const edgefn_field *it = &f->items[from];
    if (f->_kind == EDGEFN__RESPONSE_COOKIES && it->attributes.ptr != NULL && it->change == EDGEFN_KEPT) {
        edgefn__put(&t, it->name.ptr, (size_t)(it->attributes.ptr + it->attributes.len - it->name.ptr));
        return edgefn__text_end(ev, &t);
    }
    edgefn__put_pairs(&t, f, from, to, "; ", 2);
    if (f->_kind == EDGEFN__RESPONSE_COOKIES && it->attributes.ptr != NULL) {
        EDGEFN__PUT(&t, "; ");
        edgefn__put(&t, it->attributes.ptr, it->attributes.len);
    }
    return edgefn__text_end(ev, &t);
}

/* Tells each cookie its header entry, counted from 1; 0: it needs a new one. New request cookies go into the last entry, all
   of a sorted list into the first; a response cookie has an entry of its own. */
static void edgefn__cookie_places(edgefn_fields *f, uint32_t entries)
{
    edgefn_field *items = (edgefn_field *)(uintptr_t)f->items;
    bool request = f->_kind == EDGEFN__REQUEST_COOKIES, sorted = (f->_flags & EDGEFN__REORDERED) != 0;
    for (size_t i = 0; i < f->len; i++) {
        if (sorted) items[i]._group = request && entries != 0 ? 1 : 0;
        else if (request && items[i]._group == 0) items[i]._group = entries;
    }
}

/* A cookie header of the event while a view is written back. */
typedef struct edgefn__entry_place { size_t at; uint32_t received, number; } edgefn__entry_place;

static bool edgefn__pick_emptied(const edgefn_fields *f, const edgefn_field *it, const void *with)
{
    (void)f;
    (void)with;
    return it->change == EDGEFN_REMOVED;
}

/* Tells whether a header entry holds exactly the cookies with which it came. */
static bool edgefn__cookies_kept(const edgefn_fields *f, size_t from, size_t to, uint32_t received)
{
    if ((f->_flags & EDGEFN__REORDERED) || received != to - from) return false;
    for (size_t i = from; i < to; i++) {
        if (f->items[i].change != EDGEFN_KEPT) return false;
    }
    return true;
}

/* Gives each entry that lost or changed a cookie its new value; one that lost all of them is marked as removed. The cookies
   of an entry stand side by side, those without an entry at the end. */
static bool edgefn__cookies_into_entries(edgefn_event *ev, edgefn_fields *f, edgefn_fields *headers, edgefn__entry_place *place, uint32_t entries)
{
    size_t to = f->len, from;
    edgefn_field *items = edgefn__writable(ev, headers, 0);
    if (items == NULL) return false;
    while (to > 0 && f->items[to - 1]._group == 0) to--;
    for (uint32_t entry = entries; entry > 0; entry--, to = from) {
        edgefn_field *header = &items[place[entry].at];
        const edgefn_field *was = edgefn__received_of(headers, header);
        size_t used = ev->arena.used;
        from = to;
        while (from > 0 && f->items[from - 1]._group == entry) from--;
        if (from == to) {
            bool had_none = f->_kind == EDGEFN__REQUEST_COOKIES && edgefn_str_trim(header->value).len == 0;
            if (!had_none) header->change = EDGEFN_REMOVED;
            continue;
        }
        bool kept = was != NULL && edgefn__cookies_kept(f, from, to, place[entry].received);
        edgefn_str text = kept ? was->value : edgefn__cookie_text(ev, f, from, to);
        if (text.ptr == NULL) return false;
        if (edgefn_str_eq(text, header->value)) {
            ev->arena.used = used;
            continue;
        }
        header->value = text;
        edgefn__judge_field(headers, header);
    }
    return true;
}

/* Takes the emptied entries away and renumbers those behind them. */
static bool edgefn__cookies_close_up(edgefn_event *ev, edgefn_fields *f, edgefn_fields *headers, edgefn__entry_place *place, uint32_t entries)
{
    edgefn_field *items = (edgefn_field *)(uintptr_t)f->items, *received = (edgefn_field *)(uintptr_t)f->_received;
    uint32_t number = 0;
    place[0].number = 0;
    for (uint32_t entry = 1; entry <= entries; entry++) place[entry].number = headers->items[place[entry].at].change == EDGEFN_REMOVED ? 0 : ++number;
    if (number == entries) return true;
    edgefn__remove_where(headers, 0, edgefn__pick_emptied, NULL);
    for (size_t i = 0; i < f->len; i++) items[i]._group = place[items[i]._group].number;
    for (size_t i = 0; received != items && i < f->_received_len; i++) received[i]._group = place[received[i]._group].number;
    return ev->err.code == EDGEFN_OK;
}

/* Writes a changed cookie view back into the headers. */
static bool edgefn__sync_cookies(edgefn_event *ev, edgefn_fields *f, edgefn_fields *headers, edgefn_str header)
{
    if (ev->dialect == EDGEFN_FUNCTIONS || !(f->_flags & EDGEFN__DIRTY) || (f->_flags & EDGEFN__SYNCED)) return true;
    if (headers->_flags & EDGEFN__COOKIE_TOUCHED) return edgefn__fail(ev, EDGEFN_E_CONFLICT, edgefn__list_name(f), header);
    uint32_t entries = (uint32_t)edgefn_count(headers, header), entry = 0;
    edgefn__entry_place *place = (edgefn__entry_place *)edgefn__take(ev, (size_t)entries + 1, sizeof *place, 8);
    if (place == NULL) return false;
    edgefn__memset(place, 0, ((size_t)entries + 1) * sizeof *place);
    for (size_t i = edgefn_find(headers, header, 0); i < headers->len; i = edgefn_find(headers, header, i + 1)) place[++entry].at = i;
    for (size_t i = 0; i < f->_received_len; i++) place[f->_received[i]._group].received++;
    edgefn__cookie_places(f, entries);
    if (!edgefn__cookies_into_entries(ev, f, headers, place, entries) || !edgefn__cookies_close_up(ev, f, headers, place, entries)) return false;
    uint32_t count = (uint32_t)edgefn_count(headers, header);
    for (size_t i = 0, end; i < f->len; i = end) {
        end = i + 1;
        if (f->items[i]._group != 0) continue;
        if (f->_kind == EDGEFN__REQUEST_COOKIES) end = f->len;
        edgefn_str text = edgefn__cookie_text(ev, f, i, end);
        edgefn_str spelling = f->_kind == EDGEFN__REQUEST_COOKIES ? EDGEFN_S("Cookie") : EDGEFN_S("Set-Cookie");
        if (text.ptr == NULL || !edgefn__insert(ev, headers, spelling, text, false)) return false;
        count++;
        for (size_t k = i; k < end; k++) ((edgefn_field *)(uintptr_t)f->items)[k]._group = count;
    }
    headers->_flags &= ~(uint32_t)EDGEFN__COOKIE_TOUCHED;
    f->_flags |= EDGEFN__SYNCED;
    return true;
}

static bool edgefn__sync_query(edgefn_event *ev)
{
    edgefn_request *q = &ev->request;
    edgefn_fields *f = &q->_query;
    if (!(f->_flags & EDGEFN__DIRTY)) return true;
    bool same = q->querystring.ptr == q->_query_source.ptr && q->querystring.len == q->_query_source.len;
    if (!same) return edgefn__fail(ev, EDGEFN_E_CONFLICT, "request.querystring", q->querystring);
    if (f->_flags & EDGEFN__SYNCED) return true;
    edgefn_str text = q->_query_received;
    if (edgefn__list_differs(f)) {
        text = edgefn_query_text(ev);
        if (text.ptr == NULL) return false;
    }
    q->querystring = q->_query_source = text;
    f->_flags |= EDGEFN__SYNCED | EDGEFN__VIEWED;
    return true;
}

/*=== >>uri ============================================================================================================*/

static bool edgefn__uri_ok(edgefn_str uri) { return uri.len > 0 && uri.ptr[0] == '/' && edgefn__is_text(uri, false, "?# "); }

EDGEFN_API bool edgefn_uri_set(edgefn_event *ev, edgefn_str uri)
{
    if (edgefn__editable(&ev->request.headers) == NULL) return false;
    if (!edgefn__uri_ok(uri)) return edgefn__fail(ev, EDGEFN_E_URI, "edgefn_uri_set", uri);
    ev->request.uri = uri;
    return true;
}

/* Writes what may stand in a URL and percent-encodes the rest (RFC 3986), but for '%': what is encoded already stays so. */
static void edgefn__put_url(edgefn__text *t, edgefn_str s, const char *also_encode)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool encode = c <= 0x20 || c >= 0x7f;
        for (const char *z = "\"<>\\^`{|}"; *z != '\0'; z++) encode |= c == (unsigned char)*z;
        for (const char *z = also_encode; *z != '\0'; z++) encode |= c == (unsigned char)*z;
        char escaped[3] = { '%', hex[c >> 4], hex[c & 15] };
        if (encode) edgefn__put(t, escaped, 3);
        else edgefn__put(t, s.ptr + i, 1);
    }
}

/*=== >>ua ===========================================================================================================*/

/* What a word of a user agent is evidence of. BRAND: a phone unless it runs Android. ATAB, ATV: a tablet or TV if it runs Android; such words are short. */
enum {
    EDGEFN__U_NONE, EDGEFN__U_KNOWN, EDGEFN__U_ENGINE, EDGEFN__U_MOBILE, EDGEFN__U_MWORD, EDGEFN__U_BRAND, EDGEFN__U_TABLET, EDGEFN__U_ATAB, EDGEFN__U_TV,
    EDGEFN__U_ATV, EDGEFN__U_PC, EDGEFN__U_DARWIN, EDGEFN__U_X86, EDGEFN__U_VERSION, EDGEFN__U_BOT = 1 << 13, EDGEFN__U_WEAK = 1 << 14
};
/* By the letter before a word. Bits 0 to 3: the evidence; 4 to 7: the operating system; 8 to 12: the browser, or with BOT the kind of bot. A WEAK word
   makes a bot where it is the first, or where nothing tells a browser or device. */
#define EDGEFN__UE(evidence) EDGEFN__U_##evidence
#define EDGEFN__UO(evidence, os) EDGEFN__U_##evidence | EDGEFN_OS_##os << 4
#define EDGEFN__UW(browser) EDGEFN__U_KNOWN | EDGEFN_BROWSER_##browser << 8
#define EDGEFN__UB(kind) EDGEFN__U_BOT | EDGEFN_BOT_##kind << 8
static const uint16_t edgefn__ua_means['z' - '0' + 1] = {
    /* 0 */ 0, EDGEFN__UB(SEARCH), EDGEFN__UB(PREVIEW), EDGEFN__UB(MONITOR), EDGEFN__UB(AI), EDGEFN__UB(TOOL), EDGEFN__UB(OTHER),
    /* 7 */ EDGEFN__UB(PREVIEW) | EDGEFN__U_WEAK, EDGEFN__UB(TOOL) | EDGEFN__U_WEAK, EDGEFN__UB(OTHER) | EDGEFN__U_WEAK, 0, 0, 0, 0, 0, 0, 0,
    /* A */ 0, EDGEFN__UE(BRAND), EDGEFN__UO(KNOWN, CHROMEOS), EDGEFN__UE(PC), EDGEFN__UE(ENGINE), EDGEFN__UO(TV, ANDROID),
    /* G */ EDGEFN__UO(TABLET, ANDROID) | EDGEFN_BROWSER_SILK << 8, EDGEFN__UW(HUAWEI), EDGEFN__UW(MIUI), 0, EDGEFN__UE(KNOWN), EDGEFN__UO(KNOWN, LINUX),
    /* M */ EDGEFN__UE(MOBILE), EDGEFN__UO(KNOWN, WINDOWS), EDGEFN__UO(KNOWN, MACOS), EDGEFN__UO(KNOWN, PLAYSTATION), EDGEFN__UW(QQ), EDGEFN__UW(BRAVE),
    /* S */ EDGEFN__UW(SAFARI), 0, EDGEFN__UW(UC), EDGEFN__UW(VIVALDI), EDGEFN__UE(VERSION), EDGEFN__UE(X86), EDGEFN__UW(YANDEX), EDGEFN__UO(KNOWN, TIZEN),
    /* [ */ 0, 0, 0, 0, 0, 0, EDGEFN__UO(KNOWN, ANDROID), EDGEFN__UO(MOBILE, BLACKBERRY), EDGEFN__UW(CHROME), EDGEFN__UE(DARWIN), EDGEFN__UW(IE),
    /* f */ EDGEFN__UO(TABLET, ANDROID), EDGEFN__UW(EDGE), EDGEFN__UW(WHALE), EDGEFN__UO(MOBILE, IOS), EDGEFN__UO(TABLET, IOS), EDGEFN__UO(MOBILE, KAIOS),
    /* l */ EDGEFN__UO(TV, WEBOS), EDGEFN__UE(MWORD), EDGEFN__UE(MOBILE) | EDGEFN_BROWSER_OPERA_MINI << 8, EDGEFN__UW(OPERA), EDGEFN__UO(TABLET, BLACKBERRY),
    /* q */ EDGEFN__UW(DUCKDUCKGO), EDGEFN__UO(TV, ROKU), EDGEFN__UO(MOBILE, SYMBIAN), EDGEFN__UE(TABLET), EDGEFN__UE(ATAB), EDGEFN__UE(TV),
    /* w */ EDGEFN__UO(MOBILE, WINDOWS_PHONE), EDGEFN__UW(FIREFOX), EDGEFN__UE(ATV), EDGEFN__UW(SAMSUNG)
};
/* How words begin, behind their letter of that table, sorted, in lower case; '$' is where a word ends. Then how words end, backwards, sorted too.
   Then where the words of each letter begin. */
static const char edgefn__ua_words[][12] = {
    "ya95", "aadr$", "vadt-", "Faft", "4ai2bot", "8aiohttp", "Balcatel-", "ualfa_", "8amazon c", "Gamazon si", "3amazon-rou", "4amazonbot", "Kamiga", "Bamoi",
    "aandr0id", "aandroid", "9anonymous", "4anthropic", "uap-", "8apache", "tapad", "1applebot", "vappletv", "Eapplewebki", "6archive", "uarchos", "yas5",
    "yas_4k", "Daspire", "yatom-", "vatv", "8axios", "9azure", "ub1-", "ubah", "1baiduspid", "bbb10", "ybeelink", "Kbeos", "1bingbot", "2bingprevi", "Bbird.",
    "bblackberry", "9blackbox", "Kbonecho", "9bot", "ybox", "ubq-7", "Rbrave", "vbravia", "vbrightsign", "Absalsa.com", "Abuild", "5burpcolla", "4bytespider",
    "Acamscanner", "3catchpoint", "4ccbot", "ucci", "vce-html", "Kcharon", "4chatgpt-u", "3check_http", "3checkly", "cchrome", "Cchrome os", "3chrome-lig",
    "Dchromebook", "vchromecast", "cchromium", "Cchromium o", "9clamav", "4claude-", "4claudebot", "6cloudflare", "4cohere-", "6collapsify", "Acompatible",
    "6convertify", "icpu os", "6crawl", "ccrios", "vcrkey", "Ccros$", "yct-", "Acubot", "8curl", "6cursor/", "5cypress", "3dareboost", "8dart", "ddarwin",
    "3datadog", "6datanyze", "6daum", "qddg/", "9ddg_", "4deepseek", "6dejaclick", "8deno$", "4diffbot", "Edillo", "2discordbot", "9discourse", "vdlnadoc",
    "ydm-", "6dmbrowser", "Mdocomo", "1duckduckb", "9duckduckgo", "6duplexweb", "Mdv$", "gedg/", "gedga", "gedge/", "gedgios", "3elb-health", "Kelinks",
    "Delitebook", "2embedly", "4facebookbo", "2facebookca", "2facebookex", "8faraday", "Kfban", "9feed", "6fetch", "xfirefox", "6firephp", "uflyer", "Bfoma",
    "6foregenix", "yformuler", "Lfreebsd", "Afrom: http", "6functioniz", "xfxios", "Egecko", "uginzzu", "8go-http", "Kgoggal", "6google fa", "3google pag",
    "6google se", "6google we", "6google-", "4google-ext", "9google/", "6google_par", "6googlead", "Kgoogleapp", "1googlebot", "3googlehc", "6googlemess",
    "6googleothe", "6googlewebl", "4gptbot", "Bgt-", "tgt-p", "ygtking", "3gtmetrix", "8guzzle", "yh-", "yh32", "yh96$", "vhbbtv", "5headless", "3hetrixtool",
    "yhk1", "6hotjar", "Khotjava", "Bhtc", "6http:/", "8httpie", "6https:/", "5httrack", "Bhuawei", "Hhuaweibro", "yiconbit", "wiemobile", "2iframely",
    "9igetter", "Ximac", "4imagesift", "4img2datase", "8insomnia", "Dinspiron", "yinvin", "dios$", "jipad", "iiph1", "iiphone", "6iplabel", "uiplay", "iipod",
    "8jakarta", "8java", "Mjig", "kkaios", "fkfa", "fkfo", "fkft", "Ekhtml", "ukid", "fkindle", "ukob", "3kube-probe", "vlarge scr", "Dlatitude", "Blenovo-",
    "Aletv", "Blg", "8libwww", "Dlifebook", "Alike", "2linkedinbo", "6linktiger", "Llinux", "wlumia", "8lwp", "Elynx", "um7-", "ym8s", "Omac os",
    "Omac_power", "Xmacbook", "Omacintosh", "Omacos", "Mmaemo", "6manus-", "6marketgoo", "8masscan", "umc_", "8mechanize", "ymecool", "6mediapartn",
    "4meta-exter", "umf", "vmibox", "gmicrosoft ", "umid-", "umid0", "umid1", "umid7", "umid8", "umid9", "Kmidori", "Mmidp", "4mistralai", "umito t", "vmitv",
    "Imiuibrowse", "6mixnode", "mmobile", "1mojeek", "umon-", "Bmot-", "Mmoto ", "Mmoto$", "Bmotorola", "Kmozac", "Amozilla", "Qmqqbrowser", "Kms-office",
    "emsie", "ymxq", "3nagios", "Encsa_", "yneo-", "vnetcast", "Mnetfront", "3newrelic", "9newsblur", "ynexon", "tnexus 10", "tnexus 7", "tnexus 9",
    "vnexus pl", "vnintendo", "Mnintendo 3", "Mnintendo d", "8nmap", "8node", "Bnokia", "unomi_c", "tnook", "unum", "5nutch", "4oai-", "8okhttp", "4omgili",
    "Komniweb", "6onetrust", "Lopenbsd", "6openvas", "oopera", "nopera mini", "nopera mob", "oopios", "oopr/", "uoptima", "yozonehd", "upad", "6pageburst",
    "Mpalm", "Bpantech", "ypendoo", "8perl", "4perplexity", "1petalbot", "5phantomjs", "Bphilips", "Mphone$", "8php", "3pingdom", "Kpinterest/",
    "2pinterestb", "tpixel c$", "tpixel tab", "upixus", "uplane", "pplaybook", "Pplaystatio", "5playwright", "upmt", "tpocketbook", "ypolar_", "Mportable",
    "8postman", "Xpower ", "8powershell", "Epresto", "9preview", "Mpsp ", "3ptst/", "yptv", "5puppeteer", "8python", "Qqqbrowser", "uqs0", "Kquicktime",
    "1qwantify", "urc0", "6readable/", "ureadboy", "9readkit", "2redditbot", "8reqwest", "6rigor$", "Krisc", "yrkm", "urmd", "6robot", "rroku", "9rss",
    "8ruby", "6ruxit", "Krv$", "Ssafari", "Bsamsung", "zsamsung in", "zsamsungbro", "Bsanyo", "Dsatellite", "9scan", "tsch-i800", "6scrape", "5scrapy",
    "9screenshot", "9search$", "6securityhe", "yselenga", "5selenium", "sseries 60", "sseries60", "1seznambot", "usgp", "yshell", "Bsie-", "Gsilk/",
    "3site24x7", "6sitesucker", "2skypeurip", "2slack-", "2slackbot", "1slurp", "Msm-a", "Msm-f", "Msm-g", "ysm-led", "Msm-n", "usm-p", "Msm-s", "usm-t",
    "usm-x", "vsmarttv", "2snap url", "7snapchat", "vsonydtv", "Msonyer", "6sparkler", "3speedcurve", "6spider", "6splash", "8sqlmap", "3statuscake", "vstb$",
    "ystick", "ysw-", "9swcd", "ssymbian", "6synthetic", "yt95", "utab", "ttab$", "ttablet", "Dtablet pc", "utb-", "utb3", "ytdtv", "Mteleca", "2telegrambo",
    "1teoma", "ytf-led", "9thumbor", "6time/", "4timpibot", "Ztizen", "utm-", "ttouchpad", "utpc", "6transcoder", "ytranspeed", "Dtravelmate", "etrident",
    "7tumblr", "ytv", "vtv$", "2twitterbot", "ytx3", "utz", "Lubuntu", "Uucbrowser", "Mucweb", "yugoos", "yuhd", "8undici", "Mup.browser", "3uptime",
    "Wversion", "vvidaa", "vviera", "Mvita$", "Vvivaldi", "vvizio", "yvmp-", "Evms_", "yvontar", "yvorke", "Dvostro", "uvrd-", "uw00$", "uw09$", "uw19$",
    "6w3c", "Kw3m$", "Mwap", "dwatchos", "6watchtowr", "lweb0s", "6wechatdevt", "8wget", "hwhale$", "hwhale/", "6whatcms", "7whatsapp", "Kwin9", "Nwindows",
    "wwindows ce", "wwindows ph", "8winhttp", "Nwinnt", "8wordpress", "6www.", "Lx11", "Xx86", "yx88", "yx92", "yx96", "vxbox", "txoom", "Yyabrowser",
    "1yandexbot", "1yandeximag", "Yyasearch", "1yeti$", "1yeti/", "yyndx", "tyoga tab", "yyundoo", "3zabbix", "8zgrab", "yzidoo", "Bzte",
};
static const char edgefn__ua_ends[][12] = {
    "ubat", "udap", "9hcraes", "6kcehc", "ykcits", "6lwarc", "6nacs", "6redips", "6rednif", "6rehctef", "6reifissalc", "6rekcehc", "6relwarc", "6rennacs",
    "6reparcs", "6revihcra", "6rosivda", "9rotadilav", "6rotcepsni", "6rotinom", "6ssr", "6stob", "6tnega", "6tnemerusae", "6tob", "vvt", "9weiverp", "yxob",
    "6yfirev", "9yrevocsid", "9yxorp",
};
static const uint16_t edgefn__ua_first[27] = {
    0, 33, 55, 89, 112, 120, 137, 162, 178, 195, 198, 207, 221, 266, 288, 302, 338, 342, 358, 412, 441, 449, 461, 484, 491, 500, 504
};
/* Behind the words. */
typedef struct edgefn__ua_scan {
    const char *p;
    size_t      n, browser_at, version_at, bot_at, maybe_at; /* behind the browser's name and "Version"; at the names of bots */
    uint32_t    seen, os, browser, bot, maybe;               /* seen: evidence, one bit each */
} edgefn__ua_scan;

EDGEFN__INLINE bool edgefn__alpha(char c) { return ((unsigned)(unsigned char)c | 0x20) - 'a' < 26; }
EDGEFN__INLINE bool edgefn__digit(char c) { return (unsigned)(unsigned char)c - '0' < 10; }
EDGEFN__INLINE bool edgefn__alnum(char c) { return edgefn__digit(c) || edgefn__alpha(c); }

static bool edgefn__ua_named(char c) { return edgefn__alnum(c) || c == '-' || c == '_' || c == '.' || c == '@'; }

/* Finds the longest known beginning of the word at p. Returns: its length; 0 when there is none. */
static size_t edgefn__ua_find(const char *p, size_t n, uint32_t *means)
{
    unsigned letter = ((unsigned char)p[0] | 0x20u) - 'a';
    char second = n > 1 ? edgefn__lower(p[1]) : '\0';
    if (!edgefn__alpha(p[0])) return 0;
    size_t low = edgefn__ua_first[letter], i = edgefn__ua_first[letter + 1];
    for (size_t from = low; from < i;) { /* i: behind the words whose second letter is no later */
        size_t mid = (from + i) / 2;
        if (edgefn__ua_words[mid][2] <= second) from = mid + 1;
        else i = mid;
    }
    for (; i > low && edgefn__ua_words[i - 1][2] == second; i--) {
        const char *w = edgefn__ua_words[i - 1] + 1;
        size_t k = 2;
        while (k < n && edgefn__lower(p[k]) == w[k]) k++;
        if (w[k] != '\0' && (w[k] != '$' || (k < n && edgefn__alnum(p[k])))) continue;
        *means = edgefn__ua_means[w[-1] - '0'];
        return k;
    }
    return 0;
}

/* Judges an unknown word by its end: names of bots, and of the small makers' tablets and TVs; else by the inches at its beginning: "43UP50GU". */
static uint32_t edgefn__ua_end(const char *p, size_t n)
{
    static const char inches[] = "22 24 28 32 39 40 42 43 48 49 50 55 58 60 65 70 75 77 82 85 86 98";
    const char last = edgefn__lower(p[n - 1]);
    for (size_t i = 0; n > 1 && last >= 'a' && i < EDGEFN__COUNT(edgefn__ua_ends); i++) {
        const char *w = edgefn__ua_ends[i] + 1;
        size_t k = 1;
        if (w[0] > last) break;
        if (w[0] < last) continue;
        while (k < n && edgefn__lower(p[n - 1 - k]) == w[k]) k++;
        if (w[k] == '\0') return edgefn__ua_means[w[-1] - '0'];
    }
    if (n < 4 || !edgefn__digit(p[0]) || !edgefn__alpha(p[2])) return 0;
    for (size_t i = 0; i < sizeof inches; i += 3) {
        if (p[0] == inches[i] && p[1] == inches[i + 1]) return EDGEFN__U_ATV;
    }
    return 0;
}

/* Tells whether the word from i to end closes a domain name, or opens the host of an e-mail address. Browsers hold neither. */
static bool edgefn__ua_contact(const char *p, size_t n, size_t i, size_t end)
{
    static const char tlds[] = "com net org io  ai  co  ";
    bool more = n - end > 1 && p[end] == '.' && edgefn__alnum(p[end + 1]);
    if (!edgefn__alnum(p[i - 2])) return false;
    if (p[i - 1] == '@') return more && edgefn__alpha(p[i]) && edgefn__alpha(p[end + 1]);
    for (size_t k = 0; k < sizeof tlds - 1 && !more; k += 4) {
        if (edgefn__same(p + i, tlds + k, end - i < 3 ? end - i : 3) && tlds[k + end - i] == ' ' && end - i < 4) return true;
    }
    return false;
}

static void edgefn__ua_note(edgefn__ua_scan *s, uint32_t means, size_t at, size_t behind)
{
    uint32_t who = means >> 8 & 31, os = means >> 4 & 15;
    if (means & EDGEFN__U_BOT) {
        bool weak = (means & EDGEFN__U_WEAK) && (at > 0 || who == EDGEFN_BOT_PREVIEW);
        uint32_t *bot = weak ? &s->maybe : &s->bot;
        if (*bot != EDGEFN_BOT_NONE && (*bot != EDGEFN_BOT_OTHER || who == EDGEFN_BOT_OTHER)) return; /* the first one, but a known one first */
        *bot = who;
        *(weak ? &s->maybe_at : &s->bot_at) = at;
        return;
    }
    s->seen |= (uint32_t)1 << (means & 15);
    if ((means & 15) == EDGEFN__U_VERSION) s->version_at = behind;
    if (os > s->os) s->os = os;
    if (who > s->browser) { s->browser = who; s->browser_at = behind; }
}

/* Takes the words of the text one after the other; a word is letters and digits. */
static void edgefn__ua_words_of(edgefn__ua_scan *s)
{
    const char *p = s->p;
    const edgefn_str usual = EDGEFN_S("AppleWebKit/537.36 (KHTML, like Gecko)"); /* most texts hold it: not word by word */
    for (size_t i = 0, n = s->n, end; i < n; i = end) {
        uint32_t means = 0;
        end = i + 1;
        if (!edgefn__alpha(p[i])) {
            if (!edgefn__digit(p[i])) continue;
            while (end < n && edgefn__digit(p[end])) end++;
            if (end == n || !edgefn__alpha(p[end])) continue; /* a number */
        }
        if (p[i] == usual.ptr[0] && n - i >= usual.len && edgefn__same(p + i, usual.ptr, usual.len)) {
            s->seen |= 1u << EDGEFN__U_ENGINE;
            end = i + usual.len;
            continue;
        }
        size_t len = edgefn__ua_find(p + i, n - i, &means);
        for (end = i + (len != 0 ? len : 1); end < n && edgefn__alnum(p[end - 1]) && edgefn__alnum(p[end]);) end++;
        if (means != 0) edgefn__ua_note(s, means, i, end);
        if (i > 1 && (p[i - 1] == '.' || p[i - 1] == '@') && edgefn__ua_contact(p, n, i, end)) edgefn__ua_note(s, EDGEFN__UB(OTHER), i, end);
        if (len != 0 && i + len == end) continue;
        means = edgefn__ua_end(p + i, end - i);
        if (means != 0) edgefn__ua_note(s, means, i, end);
    }
}

/* Reads the number behind a name: of "/124.0", or " 8". */
static uint32_t edgefn__ua_major(edgefn_str t)
{
    uint32_t major = 0;
    for (size_t at = t.len != 0 && (t.ptr[0] == '/' || t.ptr[0] == ' '); at < t.len && edgefn__digit(t.ptr[at]) && major < 100000; at++)
        major = major * 10 + (uint32_t)(t.ptr[at] - '0');
    return major;
}

#define EDGEFN__SEEN(s, what) (((s)->seen >> EDGEFN__U_##what & 1) != 0)
static uint32_t edgefn__ua_device(const edgefn__ua_scan *s)
{
    bool android = s->os == EDGEFN_OS_ANDROID, tablet = EDGEFN__SEEN(s, TABLET) || (android && EDGEFN__SEEN(s, ATAB));
    uint32_t phone = EDGEFN__SEEN(s, MWORD) || EDGEFN__SEEN(s, MOBILE) || (!android && EDGEFN__SEEN(s, BRAND)) ? (uint32_t)EDGEFN_MOBILE : 0;
    if (EDGEFN__SEEN(s, TV) || (android && EDGEFN__SEEN(s, ATV))) return EDGEFN_TV;
    if (s->os == EDGEFN_OS_TIZEN || s->os == EDGEFN_OS_PLAYSTATION) return phone ? EDGEFN_MOBILE : EDGEFN_TV;
    if (EDGEFN__SEEN(s, PC)) return EDGEFN_DESKTOP;
    if (tablet) return EDGEFN_TABLET | phone;
    if (phone || (android && !EDGEFN__SEEN(s, ENGINE)) || (EDGEFN__SEEN(s, DARWIN) && !EDGEFN__SEEN(s, X86))) return EDGEFN_MOBILE;
    return android ? EDGEFN_TABLET : EDGEFN_DESKTOP;
}

/* The product's name around a place. Where that is a URL, the first name behind "compatible;", or of the text, will do. */
static edgefn_str edgefn__ua_name(edgefn_str t, size_t at)
{
    edgefn_str rest = edgefn_str_skip(t, at), compatible = EDGEFN_S("compatible; ");
    if (edgefn_str_starts(rest, EDGEFN_S("http")) || edgefn_str_starts(rest, EDGEFN_S("Mozilla/"))) {
        at = edgefn_str_find(t, compatible);
        at = at < t.len ? at + compatible.len : 0;
    }
    while (at > 0 && edgefn__ua_named(t.ptr[at - 1])) at--;
    size_t end = at;
    while (end < t.len && edgefn__ua_named(t.ptr[end])) end++;
    t = edgefn__str(t.ptr + at, end - at);
    return end == at || EDGEFN__IS(t, "Mozilla") ? edgefn__absent() : t;
}

EDGEFN_API edgefn_ua edgefn_ua_parse(edgefn_str text)
{
    const uint32_t weak = 1u << EDGEFN__U_KNOWN | 1u << EDGEFN__U_X86 | 1u << EDGEFN__U_VERSION; /* what tools say of themselves too */
    if (text.ptr == NULL) text.len = 0;
    edgefn__ua_scan s = { text.ptr, text.len, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    edgefn_ua ua = { EDGEFN_DESKTOP, EDGEFN_OS_UNKNOWN, EDGEFN_BROWSER_UNKNOWN, 0, EDGEFN_BOT_NONE, { NULL, 0 } };
    edgefn__ua_words_of(&s);
    if (s.bot == 0 && (s.seen & ~weak) == 0 && s.os != EDGEFN_OS_ANDROID) { s.bot = s.maybe; s.bot_at = s.maybe_at; }
    if (s.bot == 0 && s.seen == 0 && s.n != 0) s.bot = EDGEFN_BOT_OTHER;
    if (s.os == 0 && EDGEFN__SEEN(&s, DARWIN)) s.os = EDGEFN__SEEN(&s, X86) ? EDGEFN_OS_MACOS : EDGEFN_OS_IOS;
    ua.device = edgefn__ua_device(&s) | (s.os == EDGEFN_OS_IOS ? (uint32_t)EDGEFN_IOS : s.os == EDGEFN_OS_ANDROID ? (uint32_t)EDGEFN_ANDROID : 0);
    ua.os = (edgefn_os)s.os;
    ua.browser = (edgefn_browser)s.browser;
    if (s.browser == EDGEFN_BROWSER_SAFARI && s.os == EDGEFN_OS_ANDROID) ua.browser = EDGEFN_BROWSER_ANDROID;
    uint32_t major = edgefn__ua_major(edgefn_str_skip(text, s.browser_at)), version = edgefn__ua_major(edgefn_str_skip(text, s.version_at));
    if (s.browser == EDGEFN_BROWSER_SAFARI || (s.browser == EDGEFN_BROWSER_OPERA && major == 9 && version != 0)) major = version;
    if (s.browser == EDGEFN_BROWSER_IE && s.browser_at < s.n && text.ptr[s.browser_at] == '/') major += 4; /* Trident/7.0 without MSIE is 11 */
    if (s.browser != EDGEFN_BROWSER_UNKNOWN) ua.major = major;
    ua.bot = (edgefn_bot)s.bot;
    if (s.bot != 0) ua.bot_name = edgefn__ua_name(text, s.bot_at);
    return ua;
}

/* The next string of a structured field list (RFC 8941 section 3.1), and its parameter's if that is a string, as in Sec-CH-UA. Returns: false at the end. */
static bool edgefn__ch_next(edgefn_str *rest, edgefn_str *text, edgefn_str *version)
{
    size_t count = 0, from = 0, i = 0;
    *text = *version = edgefn__absent();
    for (; i < rest->len && (from != 0 || rest->ptr[i] != ',' || count == 0); i++) {
        if (from != 0 && rest->ptr[i] == '\\') i++;
        else if (rest->ptr[i] == '"' && from == 0) from = i + 1;
        else if (rest->ptr[i] == '"') {
            if (count++ < 2) *(count == 1 ? text : version) = edgefn__str(rest->ptr + from, i - from);
            from = 0;
        }
    }
    *rest = edgefn_str_skip(*rest, i < rest->len ? i + 1 : i);
    return count != 0;
}

/* Reads the client hints. They know no television: what the text or CloudFront says about one stays. */
static void edgefn__ch_read(edgefn_ua *ua, const edgefn_fields *h)
{
    edgefn_str mobile = edgefn_str_trim(edgefn_get(h, EDGEFN_S("sec-ch-ua-mobile"))), factors = edgefn_get(h, EDGEFN_S("sec-ch-ua-form-factors"));
    edgefn_str platform = edgefn_get(h, EDGEFN_S("sec-ch-ua-platform")), brands = edgefn_get(h, EDGEFN_S("sec-ch-ua")), text, version;
    uint32_t device = 0, systems = EDGEFN_IOS | EDGEFN_ANDROID, best = 0;
    if (edgefn__ch_next(&platform, &text, &version)) {
        edgefn_ua named = edgefn_ua_parse(text);
        if (named.os != EDGEFN_OS_UNKNOWN) { ua->os = named.os; ua->device = (ua->device & ~systems) | (named.device & systems); }
    }
    while (edgefn__ch_next(&factors, &text, &version)) {
        if (EDGEFN__IS(text, "Tablet")) device |= EDGEFN_TABLET;
        else if (EDGEFN__IS(text, "Mobile") || EDGEFN__IS(text, "Watch")) device |= EDGEFN_MOBILE;
        else if (EDGEFN__IS(text, "Desktop")) device |= EDGEFN_DESKTOP;
    }
    if (EDGEFN__IS(mobile, "?1")) device |= EDGEFN_MOBILE | (ua->device & EDGEFN_TABLET);
    else if (EDGEFN__IS(mobile, "?0") && device == 0) device = ua->device & systems ? EDGEFN_TABLET : EDGEFN_DESKTOP; /* Android tablets say ?0 */
    if (device != 0 && !(ua->device & EDGEFN_TV)) ua->device = (ua->device & systems) | device;
    while (edgefn__ch_next(&brands, &text, &version)) {
        edgefn_ua named = edgefn_ua_parse(text);
        if (named.bot == EDGEFN_BOT_TOOL && ua->bot == EDGEFN_BOT_NONE) { ua->bot = named.bot; ua->bot_name = text; }
        if ((uint32_t)named.browser <= best) continue;
        best = (uint32_t)named.browser;
        ua->browser = named.browser;
        ua->major = edgefn__ua_major(version);
    }
}

/* Tells whether the CloudFront-* request headers are CloudFront's: it adds them behind the viewer-request of Lambda@Edge, before that of its Functions. */
static bool edgefn__trusted(const edgefn_event *ev)
{
    return ev->dialect == EDGEFN_FUNCTIONS || (ev->dialect == EDGEFN_LAMBDA && (ev->type == EDGEFN_ORIGIN_REQUEST || ev->type == EDGEFN_ORIGIN_RESPONSE));
}

EDGEFN_API edgefn_ua edgefn_ua_of(const edgefn_event *ev)
{
    static const struct { const char *name; uint8_t bit; } flags[] = {
        { "cloudfront-is-mobile-viewer", EDGEFN_MOBILE }, { "cloudfront-is-tablet-viewer", EDGEFN_TABLET }, { "cloudfront-is-desktop-viewer", EDGEFN_DESKTOP },
        { "cloudfront-is-smarttv-viewer", EDGEFN_TV }, { "cloudfront-is-ios-viewer", EDGEFN_IOS }, { "cloudfront-is-android-viewer", EDGEFN_ANDROID }
    };
    const edgefn_fields *h = &ev->request.headers;
    edgefn_str text = edgefn_get(h, EDGEFN_S("user-agent"));
    if (edgefn__trusted(ev) && ev->dialect == EDGEFN_LAMBDA && EDGEFN__IS(text, "Amazon CloudFront")) text = edgefn__absent();
    edgefn_ua ua = edgefn_ua_parse(text);
    uint32_t kinds = EDGEFN_MOBILE | EDGEFN_TABLET | EDGEFN_DESKTOP | EDGEFN_TV, said = 0, known = 0;
    for (size_t i = 0; i < EDGEFN__COUNT(flags) && edgefn__trusted(ev); i++) {
        edgefn_str value = edgefn_get(h, edgefn_cstr(flags[i].name));
        if (value.ptr == NULL) continue;
        known |= flags[i].bit;
        if (EDGEFN__IS(value, "true")) said |= flags[i].bit;
    }
    if (said & kinds) known |= kinds;
    else known &= ~kinds;
    ua.device = (ua.device & ~known) | (said & known);
    if (said & EDGEFN_IOS) ua.os = EDGEFN_OS_IOS;
    if (said & EDGEFN_ANDROID) ua.os = EDGEFN_OS_ANDROID;
    edgefn__ch_read(&ua, h);
    return ua;
}

EDGEFN_API edgefn_str edgefn_device_name(uint32_t device)
{
    if (device & EDGEFN_TV) return EDGEFN_S("tv");
    if (device & EDGEFN_TABLET) return EDGEFN_S("tablet");
    return device & EDGEFN_MOBILE ? EDGEFN_S("mobile") : EDGEFN_S("desktop");
}

/*=== >>viewer =======================================================================================================*/

/* Splits "192.0.2.1:443", "2001:db8::1:443" (as CloudFront writes it) and "[2001:db8::1]:443" at the last colon; without a port all is address. */
static void edgefn__split_port(edgefn_str text, edgefn_str *address, uint32_t *port)
{
    size_t colon = text.ptr != NULL ? text.len : 0;
    *address = text;
    *port = 0;
    while (colon > 0 && text.ptr[colon - 1] != ':') colon--;
    edgefn_number n = edgefn_str_to_u64(edgefn_str_skip(text, colon));
    if (colon > 0 && n.ok && n.value <= 65535) {
        *port = (uint32_t)n.value;
        address->len = colon - 1;
    }
    if (address->len >= 2 && address->ptr[0] == '[' && address->ptr[address->len - 1] == ']') *address = edgefn__str(address->ptr + 1, address->len - 2);
}

EDGEFN_API edgefn_viewer edgefn_viewer_of(const edgefn_event *ev)
{
#define EDGEFN__V(header, member) { header, offsetof(edgefn_viewer, member) }
    static const struct { const char *name; size_t at; } headers[] = {
        EDGEFN__V("country", country), EDGEFN__V("country-name", country_name), EDGEFN__V("country-region", region), EDGEFN__V("city", city),
        EDGEFN__V("country-region-name", region_name), EDGEFN__V("postal-code", postal_code), EDGEFN__V("metro-code", metro_code),
        EDGEFN__V("time-zone", time_zone), EDGEFN__V("latitude", latitude), EDGEFN__V("longitude", longitude), EDGEFN__V("asn", asn),
        EDGEFN__V("http-version", http_version), EDGEFN__V("tls", tls_version), EDGEFN__V("ja3-fingerprint", ja3), EDGEFN__V("ja4-fingerprint", ja4),
        EDGEFN__V("address", address)
    };
#undef EDGEFN__V
    const edgefn_fields *h = &ev->request.headers;
    const edgefn_str prefix = EDGEFN_S("cloudfront-viewer-");
    edgefn_viewer v;
    edgefn__memset(&v, 0, sizeof v);
    v.trusted = edgefn__trusted(ev);
    for (size_t i = 0; i < h->len; i++) {
        edgefn_str name = h->items[i].name;
        if (!edgefn_str_ieq(edgefn_str_take(name, prefix.len), prefix)) continue;
        name = edgefn_str_skip(name, prefix.len);
        for (size_t k = 0; k < EDGEFN__COUNT(headers); k++) {
            edgefn_str *to = (edgefn_str *)(void *)((char *)&v + headers[k].at);
            if (to->ptr == NULL && edgefn_str_ieq(name, edgefn_cstr(headers[k].name))) *to = h->items[i].value;
        }
    }
    if (v.trusted && v.address.len > 0) edgefn__split_port(v.address, &v.address, &v.port);
    else v.address = ev->request.client_ip;
    edgefn_cut tls = edgefn_str_cut(v.tls_version, EDGEFN_S(":")), cipher = edgefn_str_cut(tls.tail, EDGEFN_S(":"));
    v.tls_version = tls.head, v.tls_cipher = cipher.head, v.tls_handshake = cipher.tail;
    return v;
}

/*=== >>net ==========================================================================================================*/

/*=== >>time =========================================================================================================*/

/*=== >>choose =======================================================================================================*/

/*=== >>crypto =======================================================================================================*/

/*=== >>text =========================================================================================================*/

/*=== >>respond ========================================================================================================*/

EDGEFN_API edgefn_str edgefn_status_text(uint32_t status)
{
    size_t low = 0, high = EDGEFN__COUNT(edgefn__statuses);
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (edgefn__statuses[mid].status < status) low = mid + 1;
        else high = mid;
    }
    if (low < EDGEFN__COUNT(edgefn__statuses) && edgefn__statuses[low].status == status)
        return edgefn__str(edgefn__statuses[low].text, edgefn__statuses[low].len);
    return EDGEFN_S("");
}

/* Asks whether the event can be answered at all. */
static bool edgefn__answerable(edgefn_event *ev, const char *where)
{
    if (ev->_self != ev || !(ev->_flags & EDGEFN__PARSED)) return edgefn__fail(ev, EDGEFN_E_MISUSE, where, edgefn__absent());
    if (ev->err.code != EDGEFN_OK) return false;
    if (ev->dialect == EDGEFN_LAMBDA && ev->type == EDGEFN_VIEWER_RESPONSE) return edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, where, edgefn__absent());
    return true;
}

static bool edgefn__status_change(edgefn_event *ev, const char *where, uint32_t status, edgefn_str text)
{
    if (status < 200 || status > 599) return edgefn__fail(ev, EDGEFN_E_STATUS, where, edgefn__absent());
    if (text.ptr == NULL) text = edgefn_status_text(status);
    if (!edgefn__is_text(text, true, "")) return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, where, text);
    ev->response.status = status;
    ev->response.status_text = text;
    return true;
}

EDGEFN_API bool edgefn_status_set(edgefn_event *ev, uint32_t status, edgefn_str text)
{
    if (!edgefn__answerable(ev, "edgefn_status_set")) return false;
    if (ev->response.status == 0) return edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, "edgefn_status_set", edgefn__absent());
    return edgefn__status_change(ev, "edgefn_status_set", status, text);
}

/* Puts bytes into a body as their encoding needs it. */
static bool edgefn__body_fill(edgefn_event *ev, edgefn_body *body, edgefn_str bytes, edgefn_encoding encoding, const char *where)
{
    if (bytes.ptr == NULL) bytes = EDGEFN_S("");
    if (encoding != EDGEFN_BASE64) {
        bool text = edgefn__is_utf8(bytes);
        if (!text && encoding == EDGEFN_TEXT) return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, where, edgefn__absent());
        encoding = text ? EDGEFN_TEXT : EDGEFN_BASE64;
    }
    if (encoding == EDGEFN_BASE64) {
        bytes = edgefn_base64_encode(ev, bytes);
        if (bytes.ptr == NULL) return false;
    }
    body->data = bytes;
    body->encoding = encoding;
    return true;
}

/* What described the received body is wrong for another one. */
static bool edgefn__forget_body(edgefn_event *ev)
{
    const edgefn_str names[] = { EDGEFN_S_INIT("content-encoding"), EDGEFN_S_INIT("content-length"), EDGEFN_S_INIT("etag"), EDGEFN_S_INIT("content-md5") };
    if (edgefn_is_request(ev)) return true;
    for (size_t i = 0; i < EDGEFN__COUNT(names); i++) {
        if (edgefn_has(&ev->response.headers, names[i])) edgefn_remove(&ev->response.headers, names[i]);
    }
    return ev->err.code == EDGEFN_OK;
}

EDGEFN_API bool edgefn_respond(edgefn_event *ev, uint32_t status, const edgefn_respond_opts *opts)
{
    edgefn_respond_opts none;
    const char *where = "edgefn_respond";
    edgefn_response *to = &ev->response;
    if (opts == NULL) {
        edgefn__memset(&none, 0, sizeof none);
        opts = &none;
    }
    if (!edgefn__answerable(ev, where)) return false;
    if (opts->body.ptr != NULL && opts->body.len != 0 && status == 204) return edgefn__fail(ev, EDGEFN_E_POLICY, where, EDGEFN_S("204 with a body"));
    if (edgefn_is_request(ev)) {
        edgefn__view_reset(&to->headers, 0);
        edgefn__view_reset(&to->_cookies, 0);
        edgefn__memset(&to->body, 0, sizeof to->body);
    }
    if (!edgefn__status_change(ev, where, status, opts->status_text)) return false;
    if (opts->body.ptr != NULL && status != 204) {
        edgefn_str type = opts->content_type.ptr != NULL ? opts->content_type : EDGEFN_S("text/html; charset=utf-8");
        if (!edgefn__body_fill(ev, &to->body, opts->body, opts->encoding, where)) return false;
        if (!edgefn__forget_body(ev) || !edgefn_set(&to->headers, EDGEFN_S("Content-Type"), type)) return false;
    } else {
        if (!edgefn_is_request(ev) && status != 204 && !edgefn_body_drop(ev)) return false;
        if (opts->content_type.ptr != NULL && !edgefn_set(&to->headers, EDGEFN_S("Content-Type"), opts->content_type)) return false;
    }
    if (opts->cache_max_age_s != 0) {
        const edgefn_str age[] = { EDGEFN_S_INIT("max-age="), edgefn_str_from_u64(ev, opts->cache_max_age_s) };
        return edgefn_set(&to->headers, EDGEFN_S("Cache-Control"), edgefn_str_join(ev, age, 2));
    }
    if (ev->type != EDGEFN_ORIGIN_REQUEST || opts->cacheable) return true;
    return edgefn_set(&to->headers, EDGEFN_S("Cache-Control"), EDGEFN_S("no-store"));
}

static bool edgefn__redirect_with(edgefn_event *ev, uint32_t status, edgefn_str url, bool cacheable, uint32_t max_age_s, const char *where)
{
    edgefn_respond_opts opts;
    edgefn__memset(&opts, 0, sizeof opts);
    opts.cacheable = cacheable;
    opts.cache_max_age_s = max_age_s;
    if (status == 0) status = 302;
    if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308) return edgefn__fail(ev, EDGEFN_E_STATUS, where, edgefn__absent());
    return edgefn_respond(ev, status, &opts) && edgefn_set(&ev->response.headers, EDGEFN_S("Location"), url);
}

static bool edgefn__host_ok(edgefn_str host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        bool alnum = (edgefn__class_of(c) & EDGEFN__C_DIGIT) || (edgefn__lower(c) >= 'a' && edgefn__lower(c) <= 'z');
        if (!alnum && c != '.' && c != '-' && c != '_' && c != ':' && c != '[' && c != ']') return false;
    }
    return host.len > 0;
}

EDGEFN_API bool edgefn_redirect(edgefn_event *ev, const edgefn_redirect_opts *opts)
{
    edgefn_redirect_opts none;
    const char *where = "edgefn_redirect";
    if (opts == NULL) {
        edgefn__memset(&none, 0, sizeof none);
        opts = &none;
    }
    if (!edgefn__answerable(ev, where)) return false;
    edgefn_str scheme = opts->scheme.ptr != NULL ? opts->scheme : EDGEFN_S("https");
    edgefn_str host = opts->host.ptr != NULL ? opts->host : edgefn_get(&ev->request.headers, EDGEFN_S("host"));
    edgefn_str path = opts->path.ptr != NULL ? opts->path : ev->request.uri;
    if (host.ptr == NULL) return edgefn__fail(ev, EDGEFN_E_MISSING, where, EDGEFN_S("host"));
    if (!EDGEFN__IS(scheme, "https") && !EDGEFN__IS(scheme, "http")) return edgefn__fail(ev, EDGEFN_E_OPTIONS, where, scheme);
    if (!edgefn__host_ok(host)) return edgefn__fail(ev, EDGEFN_E_OPTIONS, where, host);
    if (!edgefn_str_starts(path, EDGEFN_S("/"))) return edgefn__fail(ev, EDGEFN_E_URI, where, path);
    edgefn_str query = opts->drop_query || edgefn_str_contains(path, EDGEFN_S("?")) ? EDGEFN_S("") : edgefn_query_text(ev);
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    edgefn__put(&t, scheme.ptr, scheme.len);
    EDGEFN__PUT(&t, "://");
    edgefn__put(&t, host.ptr, host.len);
    edgefn__put_url(&t, path, opts->path.ptr != NULL ? "" : "?#");
    if (query.len != 0) EDGEFN__PUT(&t, "?");
    edgefn__put_url(&t, query, "#");
    edgefn_str url = edgefn__text_end(ev, &t);
    return url.ptr != NULL && edgefn__redirect_with(ev, opts->status, url, opts->cacheable, opts->cache_max_age_s, where);
}

EDGEFN_API bool edgefn_redirect_to(edgefn_event *ev, uint32_t status, edgefn_str url)
{
    const char *where = "edgefn_redirect_to";
    if (!edgefn__answerable(ev, where)) return false;
    bool ok = url.len > 0 && url.ptr[0] == '/' && (url.len == 1 || (url.ptr[1] != '/' && url.ptr[1] != '\\'));
    if (edgefn_str_ieq(edgefn_str_take(url, 8), EDGEFN_S("https://"))) ok = url.len > 8;
    if (edgefn_str_ieq(edgefn_str_take(url, 7), EDGEFN_S("http://"))) ok = url.len > 7;
    for (size_t i = 0; i < url.len; i++) ok = ok && url.ptr[i] > ' ' && url.ptr[i] < 0x7f;
    if (!ok) return edgefn__fail(ev, EDGEFN_E_URI, where, url);
    return edgefn__redirect_with(ev, status, url, false, 0, where);
}

EDGEFN_API bool edgefn_error_page(edgefn_event *ev, uint32_t status)
{
    edgefn_respond_opts opts;
    edgefn_str text = edgefn_status_text(status);
    if (!edgefn__answerable(ev, "edgefn_error_page")) return false;
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    EDGEFN__PUT(&t, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
    for (int again = 0; again < 2; again++) {
        edgefn__put_number(&t, status);
        if (text.len != 0) EDGEFN__PUT(&t, " ");
        edgefn__put(&t, text.ptr, text.len);
        if (again == 0) EDGEFN__PUT(&t, "</title></head>\n<body><h1>");
    }
    EDGEFN__PUT(&t, "</h1></body></html>\n");
    edgefn__memset(&opts, 0, sizeof opts);
    opts.body = edgefn__text_end(ev, &t);
    if (status == 204) opts.body = edgefn__absent();
    return ev->err.code == EDGEFN_OK && edgefn_respond(ev, status, &opts);
}

/*=== >>body ===========================================================================================================*/

static const char edgefn__base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

EDGEFN_API edgefn_str edgefn_base64_encode(edgefn_event *ev, edgefn_str bytes)
{
    const char *digits = edgefn__base64_digits;
    size_t n = bytes.len, i = 0;
    char *to = (char *)edgefn__take(ev, n / 3 + (n % 3 != 0), 4, 1), *at = to;
    if (to == NULL) return edgefn__absent();
    for (; n - i >= 3; i += 3) {
        uint32_t v = (uint32_t)(unsigned char)bytes.ptr[i] << 16 | (uint32_t)(unsigned char)bytes.ptr[i + 1] << 8 | (unsigned char)bytes.ptr[i + 2];
        *at++ = digits[v >> 18];
        *at++ = digits[v >> 12 & 63];
        *at++ = digits[v >> 6 & 63];
        *at++ = digits[v & 63];
    }
    if (i < n) {
        uint32_t v = (uint32_t)(unsigned char)bytes.ptr[i] << 16 | (n - i == 2 ? (uint32_t)(unsigned char)bytes.ptr[i + 1] << 8 : 0);
        *at++ = digits[v >> 18];
        *at++ = digits[v >> 12 & 63];
        *at++ = n - i == 2 ? digits[v >> 6 & 63] : '=';
        *at++ = '=';
    }
    return edgefn__str(to, (size_t)(at - to));
}

/* The value of a base64 digit; 64 for any other byte. */
EDGEFN__INLINE uint32_t edgefn__base64_digit(const unsigned char *table, char c) { return table[(unsigned char)c]; }

/* Decodes into `to`, or only checks where that is NULL. Gives the length, (size_t)-1 for what is not base64. */
static size_t edgefn__base64_read(edgefn_str text, char *to)
{
    const size_t bad = (size_t)-1;
    unsigned char table[256];
    size_t n = 0, whole = text.len, pad = 0;
    if (text.len % 4 != 0) return bad;
    edgefn__memset(table, 64, sizeof table);
    for (uint32_t i = 0; i < 64; i++) table[(unsigned char)edgefn__base64_digits[i]] = (unsigned char)i;
    if (whole != 0 && text.ptr[whole - 1] == '=') {
        pad = text.ptr[whole - 2] == '=' ? 2 : 1;
        whole -= 4;
    }
    for (size_t i = 0; i < whole; i += 4) {
        uint32_t a = edgefn__base64_digit(table, text.ptr[i]), b = edgefn__base64_digit(table, text.ptr[i + 1]);
        uint32_t c = edgefn__base64_digit(table, text.ptr[i + 2]), d = edgefn__base64_digit(table, text.ptr[i + 3]);
        if (((a | b | c | d) & 64) != 0) return bad;
        if (to != NULL) {
            to[n] = (char)(a << 2 | b >> 4);
            to[n + 1] = (char)((b << 4 | c >> 2) & 255);
            to[n + 2] = (char)((c << 6 | d) & 255);
        }
        n += 3;
    }
    if (pad == 0) return n;
    uint32_t a = edgefn__base64_digit(table, text.ptr[whole]), b = edgefn__base64_digit(table, text.ptr[whole + 1]);
    uint32_t c = pad == 1 ? edgefn__base64_digit(table, text.ptr[whole + 2]) : 0;
    if (((a | b | c) & 64) != 0 || (pad == 2 ? (b & 15) != 0 : (c & 3) != 0)) return bad;
    if (to != NULL) to[n] = (char)(a << 2 | b >> 4);
    if (to != NULL && pad == 1) to[n + 1] = (char)((b << 4 | c >> 2) & 255);
    return n + 3 - pad;
}

EDGEFN_API edgefn_str edgefn_base64_decode(edgefn_event *ev, edgefn_str text)
{
    size_t n = text.ptr != NULL ? edgefn__base64_read(text, NULL) : (size_t)-1;
    if (n == (size_t)-1) return edgefn__absent();
    char *to = (char *)edgefn__take(ev, n, 1, 1);
    if (to == NULL) return edgefn__absent();
    edgefn__base64_read(text, to);
    return edgefn__str(to, n);
}

EDGEFN_API edgefn_str edgefn_body_decode_part(edgefn_event *ev, const edgefn_body *body)
{
    if (body->data.ptr == NULL || body->encoding == EDGEFN_ENCODING_DEFAULT) return edgefn__absent();
    return body->encoding == EDGEFN_TEXT ? body->data : edgefn_base64_decode(ev, body->data);
}

EDGEFN_API edgefn_str edgefn_body_decode(edgefn_event *ev, const edgefn_body *body)
{
    return body->truncated ? edgefn__absent() : edgefn_body_decode_part(ev, body);
}

/* Gives the body that the verbs act on, NULL when there can be none. */
static edgefn_body *edgefn__body_of(edgefn_event *ev, const char *where)
{
    if (!edgefn__answerable(ev, where)) return NULL;
    if (ev->response.status != 0) return &ev->response.body;
    if (ev->dialect == EDGEFN_FUNCTIONS) {
        edgefn__fail(ev, EDGEFN_E_DIALECT, where, EDGEFN_S("request body"));
        return NULL;
    }
    return &ev->request.body;
}

EDGEFN_API bool edgefn_body_replace(edgefn_event *ev, edgefn_str bytes, edgefn_encoding encoding)
{
    edgefn_body *body = edgefn__body_of(ev, "edgefn_body_replace");
    if (body == NULL || !edgefn__body_fill(ev, body, bytes, encoding, "edgefn_body_replace")) return false;
    if (body == &ev->response.body) return edgefn__forget_body(ev);
    body->replace = true;
    body->truncated = false;
    return true;
}

EDGEFN_API bool edgefn_body_drop(edgefn_event *ev) { return edgefn_body_replace(ev, EDGEFN_S(""), EDGEFN_TEXT); }

/*=== >>origin =========================================================================================================*/

/* A DNS name: letters, digits, '-', '_', '.', not an address. Source: Lambda@Edge event structure, Request object, domainName. */
static bool edgefn__domain_ok(edgefn_str d, bool s3)
{
    bool letter = false;
    if (d.len == 0 || d.len > (s3 ? 128u : 253u)) return false;
    for (size_t i = 0; i < d.len; i++) {
        char c = d.ptr[i], low = edgefn__lower(c);
        bool alpha = low >= 'a' && low <= 'z';
        if (!alpha && !(edgefn__class_of(c) & EDGEFN__C_DIGIT) && c != '.' && c != '-' && c != '_') return false;
        if (s3 && c != low) return false;
        letter |= alpha;
    }
    return letter;
}

/* Checks an origin as it would go out: the whole of it, or only what the handler changed, because what was received is never refused.
   Source: Lambda@Edge event structure, Request object, custom and S3 origin. */
static bool edgefn__origin_check(edgefn_event *ev, const edgefn_origin *o, bool whole, const char *where)
{
    bool s3 = o->kind == EDGEFN_ORIGIN_S3, ask[EDGEFN_M_COUNT];
    for (int m = 0; m < EDGEFN_M_COUNT; m++) ask[m] = whole || edgefn_changed(ev, (edgefn_member)m) != EDGEFN_KEPT;
    bool path = o->path.len <= 255 && (o->path.len == 0 || (edgefn__uri_ok(o->path) && o->path.ptr[o->path.len - 1] != '/'));
    bool late = o->completion_timeout_s == 0 || o->completion_timeout_s >= o->read_timeout_s;
    const char *fault = NULL;
    if (ask[EDGEFN_M_ORIGIN_DOMAIN] && !edgefn__domain_ok(o->domain, s3)) fault = "domainName";
    else if (ask[EDGEFN_M_ORIGIN_PATH] && !path) fault = "path";
    else if (ask[EDGEFN_M_ORIGIN_READ_TIMEOUT] && (o->read_timeout_s > 120 || (!s3 && o->read_timeout_s == 0))) fault = "readTimeout";
    else if ((ask[EDGEFN_M_ORIGIN_COMPLETION_TIMEOUT] || ask[EDGEFN_M_ORIGIN_READ_TIMEOUT]) && !late) fault = "responseCompletionTimeout";
    if (fault == NULL && s3) {
        bool identity = EDGEFN__IS(o->auth_method, "origin-access-identity");
        if (ask[EDGEFN_M_ORIGIN_AUTH_METHOD] && !identity && !EDGEFN__IS(o->auth_method, "none")) fault = "authMethod";
        else if ((ask[EDGEFN_M_ORIGIN_AUTH_METHOD] || ask[EDGEFN_M_ORIGIN_REGION]) && identity && o->region.len == 0) fault = "region";
    } else if (fault == NULL) {
        if (ask[EDGEFN_M_ORIGIN_PORT] && o->port != 80 && o->port != 443 && (o->port < 1024 || o->port > 65535)) fault = "port";
        else if (ask[EDGEFN_M_ORIGIN_KEEPALIVE] && o->keepalive_s == 0) fault = "keepaliveTimeout";
        else if (ask[EDGEFN_M_ORIGIN_TLS] && (o->tls == 0 || o->tls > 15)) fault = "sslProtocols";
    }
    /* What the other kind of origin has would not be written. */
    const edgefn_member custom[] = { EDGEFN_M_ORIGIN_PORT, EDGEFN_M_ORIGIN_KEEPALIVE, EDGEFN_M_ORIGIN_PROTOCOL, EDGEFN_M_ORIGIN_TLS };
    for (size_t i = 0; i < EDGEFN__COUNT(custom) && s3 && !whole; i++) {
        if (ask[custom[i]]) fault = edgefn_member_name(ev, custom[i]);
    }
    if (!s3 && !whole && ask[EDGEFN_M_ORIGIN_REGION]) fault = "region";
    if (!s3 && !whole && ask[EDGEFN_M_ORIGIN_AUTH_METHOD]) fault = "authMethod";
    return fault == NULL || edgefn__fail(ev, EDGEFN_E_OPTIONS, where, edgefn_cstr(fault));
}

static bool edgefn__origin_switch(edgefn_event *ev, const edgefn_origin *to, bool keep_host, const char *where)
{
    edgefn_origin *o = &ev->request.origin;
    if (ev->_self != ev || !(ev->_flags & EDGEFN__PARSED)) return edgefn__fail(ev, EDGEFN_E_MISUSE, where, edgefn__absent());
    if (ev->err.code != EDGEFN_OK) return false;
    if (ev->dialect != EDGEFN_LAMBDA) return edgefn__fail(ev, EDGEFN_E_DIALECT, where, edgefn__absent());
    if (ev->type != EDGEFN_ORIGIN_REQUEST) return edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, where, edgefn__absent());
    if (!edgefn__origin_check(ev, to, true, where)) return false;
    edgefn_fields headers = o->headers;
    *o = *to;
    o->headers = headers;
    edgefn_keep_only(&o->headers, NULL, 0);
    ev->_flags |= EDGEFN__ORIGIN_NEW;
    if (!keep_host) edgefn_set(&ev->request.headers, EDGEFN_S("Host"), to->domain);
    return ev->err.code == EDGEFN_OK;
}

EDGEFN_API bool edgefn_origin_custom(edgefn_event *ev, const edgefn_origin_opts *opts)
{
    edgefn_origin_opts none;
    edgefn_origin o;
    if (opts == NULL) {
        edgefn__memset(&none, 0, sizeof none);
        opts = &none;
    }
    edgefn__memset(&o, 0, sizeof o);
    o.kind = EDGEFN_ORIGIN_CUSTOM;
    o.domain = opts->domain;
    o.path = opts->path.ptr != NULL ? opts->path : EDGEFN_S("");
    o.https = !opts->http;
    o.port = opts->port != 0 ? opts->port : opts->http ? 80 : 443;
    o.keepalive_s = opts->keepalive_s != 0 ? opts->keepalive_s : 5;
    o.read_timeout_s = opts->read_timeout_s != 0 ? opts->read_timeout_s : 30;
    o.completion_timeout_s = opts->completion_timeout_s;
    o.tls = opts->tls != 0 ? opts->tls : (uint32_t)EDGEFN_TLS1_2;
    return edgefn__origin_switch(ev, &o, opts->keep_host_header, "edgefn_origin_custom");
}

EDGEFN_API bool edgefn_origin_s3(edgefn_event *ev, const edgefn_origin_opts *opts)
{
    edgefn_origin_opts none;
    edgefn_origin o;
    if (opts == NULL) {
        edgefn__memset(&none, 0, sizeof none);
        opts = &none;
    }
    edgefn__memset(&o, 0, sizeof o);
    o.kind = EDGEFN_ORIGIN_S3;
    o.domain = opts->domain;
    o.path = opts->path.ptr != NULL ? opts->path : EDGEFN_S("");
    o.read_timeout_s = opts->read_timeout_s;
    o.completion_timeout_s = opts->completion_timeout_s;
    o.region = opts->region.ptr != NULL ? opts->region : EDGEFN_S("");
    o.auth_method = opts->auth_method.ptr != NULL ? opts->auth_method : EDGEFN_S("none");
    return edgefn__origin_switch(ev, &o, opts->keep_host_header, "edgefn_origin_s3");
}

/*=== >>write ==========================================================================================================
   A plan is a list of replacements in the received text: at `at` take `del` bytes out and put `text` in. Several at one place go out in
   the order in which they were planned. Plan and texts are taken from the arena's top and given back; only the spans keep their texts. */

enum { EDGEFN__V_STR, EDGEFN__V_U32, EDGEFN__V_STATUS, EDGEFN__V_HTTPS, EDGEFN__V_TLS, EDGEFN__V_ACTION, EDGEFN__V_ENCODING, EDGEFN__V_WHOLE };

typedef struct edgefn__member_info {
    const char *lambda, *functions; /* the path; the part behind the last '.' is the name. Of an origin: custom and S3 */
    uint16_t    offset;             /* of the value in edgefn_event */
    uint16_t    was;                /* of the received number in edgefn__was */
    uint8_t     kind, object;
} edgefn__member_info;

#define EDGEFN__AT(path) (uint16_t)offsetof(edgefn_event, path)
#define EDGEFN__WAS(path) (uint16_t)offsetof(edgefn__was, path)
static const edgefn__member_info edgefn__members[EDGEFN_M_COUNT] = {
    { "request.clientIp", "viewer.ip", EDGEFN__AT(request.client_ip), 0, EDGEFN__V_STR, EDGEFN__O_REQUEST },
    { "request.method", "request.method", EDGEFN__AT(request.method), 0, EDGEFN__V_STR, EDGEFN__O_REQUEST },
    { "request.uri", "request.uri", EDGEFN__AT(request.uri), 0, EDGEFN__V_STR, EDGEFN__O_REQUEST },
    { "request.querystring", "request.querystring", EDGEFN__AT(request.querystring), 0, EDGEFN__V_STR, EDGEFN__O_REQUEST },
    { "request.body.action", NULL, EDGEFN__AT(request.body.replace), EDGEFN__WAS(replace), EDGEFN__V_ACTION, EDGEFN__O_BODY },
    { "request.body.encoding", NULL, EDGEFN__AT(request.body.encoding), EDGEFN__WAS(body_encoding), EDGEFN__V_ENCODING, EDGEFN__O_BODY },
    { "request.body.data", NULL, EDGEFN__AT(request.body.data), 0, EDGEFN__V_STR, EDGEFN__O_BODY },
    { "request.origin", NULL, 0, 0, EDGEFN__V_WHOLE, EDGEFN__O_REQUEST },
    { "request.origin.custom.domainName", "request.origin.s3.domainName",
      EDGEFN__AT(request.origin.domain), 0, EDGEFN__V_STR, EDGEFN__O_ORIGIN },
    { "request.origin.custom.path", "request.origin.s3.path",
      EDGEFN__AT(request.origin.path), 0, EDGEFN__V_STR, EDGEFN__O_ORIGIN },
    { "request.origin.custom.port", "request.origin.s3.port",
      EDGEFN__AT(request.origin.port), EDGEFN__WAS(port), EDGEFN__V_U32, EDGEFN__O_ORIGIN },
    { "request.origin.custom.keepaliveTimeout", "request.origin.s3.keepaliveTimeout",
      EDGEFN__AT(request.origin.keepalive_s), EDGEFN__WAS(keepalive_s), EDGEFN__V_U32, EDGEFN__O_ORIGIN },
    { "request.origin.custom.readTimeout", "request.origin.s3.readTimeout",
      EDGEFN__AT(request.origin.read_timeout_s), EDGEFN__WAS(read_timeout_s), EDGEFN__V_U32, EDGEFN__O_ORIGIN },
    { "request.origin.custom.responseCompletionTimeout", "request.origin.s3.responseCompletionTimeout",
      EDGEFN__AT(request.origin.completion_timeout_s), EDGEFN__WAS(completion_timeout_s), EDGEFN__V_U32, EDGEFN__O_ORIGIN },
    { "request.origin.custom.protocol", "request.origin.s3.protocol",
      EDGEFN__AT(request.origin.https), EDGEFN__WAS(https), EDGEFN__V_HTTPS, EDGEFN__O_ORIGIN },
    { "request.origin.custom.sslProtocols", "request.origin.s3.sslProtocols",
      EDGEFN__AT(request.origin.tls), EDGEFN__WAS(tls), EDGEFN__V_TLS, EDGEFN__O_ORIGIN },
    { "request.origin.s3.region", "request.origin.s3.region",
      EDGEFN__AT(request.origin.region), 0, EDGEFN__V_STR, EDGEFN__O_ORIGIN },
    { "request.origin.s3.authMethod", "request.origin.s3.authMethod",
      EDGEFN__AT(request.origin.auth_method), 0, EDGEFN__V_STR, EDGEFN__O_ORIGIN },
    { "response.status", "response.statusCode", EDGEFN__AT(response.status), EDGEFN__WAS(status), EDGEFN__V_STATUS, EDGEFN__O_RESPONSE },
    { "response.statusDescription", "response.statusDescription", EDGEFN__AT(response.status_text), 0, EDGEFN__V_STR, EDGEFN__O_RESPONSE },
    { "response.body", "response.body", EDGEFN__AT(response.body.data), 0, EDGEFN__V_STR, EDGEFN__O_RESPONSE },
    { "response.bodyEncoding", NULL, EDGEFN__AT(response.body.encoding), EDGEFN__WAS(response_encoding), EDGEFN__V_ENCODING, EDGEFN__O_RESPONSE }
};

EDGEFN_API const char *edgefn_member_name(const edgefn_event *ev, edgefn_member member)
{
    if ((unsigned)member >= EDGEFN_M_COUNT) return "";
    const edgefn__member_info *m = &edgefn__members[member];
    bool second = m->object == EDGEFN__O_ORIGIN ? ev->request.origin.kind == EDGEFN_ORIGIN_S3 : ev->dialect == EDGEFN_FUNCTIONS;
    return second && m->functions != NULL ? m->functions : m->lambda;
}

EDGEFN__INLINE edgefn_str edgefn__member_str(const edgefn_event *ev, const edgefn__member_info *m)
{
    edgefn_str s;
    edgefn__memcpy(&s, (const char *)ev + m->offset, sizeof s);
    return s;
}

/* Gives a member that is no string as a number, now or as received. */
EDGEFN__INLINE uint32_t edgefn__member_u32(const edgefn__member_info *m, const void *base, size_t offset)
{
    uint32_t v;
    bool b;
    if (m->kind == EDGEFN__V_HTTPS || m->kind == EDGEFN__V_ACTION) {
        edgefn__memcpy(&b, (const char *)base + offset, sizeof b);
        return b;
    }
    edgefn__memcpy(&v, (const char *)base + offset, sizeof v);
    return v;
}

/* Tells whether s is what the string at `had` in the input means. */
static bool edgefn__still(const edgefn_event *ev, edgefn__span had, edgefn_str s)
{
    const char *raw = ev->_json.ptr + had.at + 1;
    size_t n = had.len - 2;
    if (s.ptr == raw && s.len == n) return true;
    if (ev->_json.ptr[had.at] != '"' || s.len > n) return false;
    size_t slash = edgefn__find_slash(edgefn__str(raw, n));
    if (slash == n) return s.len == n && edgefn__same(s.ptr, raw, n);
    for (size_t i = 0, k = 0; i < n || k < s.len;) { /* piece by piece: one character or escape at a time */
        char one[8];
        edgefn__text t = { one, one + sizeof one, false };
        size_t step = 1;
        if (i >= n || k >= s.len) return false;
        if (raw[i] == '\\') {
            step = raw[i + 1] != 'u' ? 2 : 6;
            if (step == 6 && edgefn__hex4(raw + i + 2, 4) >= 0xd800 && edgefn__hex4(raw + i + 2, 4) < 0xdc00) step = 12;
        }
        edgefn__put_unescaped(&t, raw + i, step);
        size_t made = (size_t)(t.at - one);
        if (made > s.len - k) return false;
        for (size_t c = 0; c < made; c++) {
            if (one[c] != s.ptr[k + c]) return false;
        }
        i += step;
        k += made;
    }
    return true;
}

static edgefn_change edgefn__origin_change(const edgefn_event *ev)
{
    bool had = ev->_was.kind != EDGEFN_ORIGIN_NONE;
    if (ev->request.origin.kind == ev->_was.kind && !(ev->_flags & EDGEFN__ORIGIN_NEW)) return EDGEFN_KEPT;
    if (ev->request.origin.kind == EDGEFN_ORIGIN_NONE) return EDGEFN_REMOVED;
    return had ? EDGEFN_CHANGED : EDGEFN_ADDED;
}

EDGEFN_API edgefn_change edgefn_changed(const edgefn_event *ev, edgefn_member member)
{
    if ((unsigned)member >= EDGEFN_M_COUNT || !(ev->_flags & EDGEFN__PARSED)) return EDGEFN_KEPT;
    const edgefn__member_info *m = &edgefn__members[member];
    edgefn__span had = ev->_had[member];
    if (m->kind == EDGEFN__V_WHOLE) return edgefn__origin_change(ev);
    if (m->kind == EDGEFN__V_STR) {
        edgefn_str now = edgefn__member_str(ev, m);
        bool object = had.at != 0 && ev->_json.ptr[had.at] == '{'; /* CloudFront Functions: querystring and body */
        if (member == EDGEFN_M_RESPONSE_BODY && ev->dialect == EDGEFN_FUNCTIONS && had.at != 0)
            return edgefn_str_eq(now, ev->_was.response_data) && ev->_was.response_encoding == ev->response.body.encoding ? EDGEFN_KEPT : EDGEFN_CHANGED;
        if (now.ptr == NULL) return had.at == 0 || object ? EDGEFN_KEPT : EDGEFN_REMOVED;
        if (had.at == 0) return EDGEFN_ADDED;
        return edgefn__still(ev, had, now) ? EDGEFN_KEPT : EDGEFN_CHANGED;
    }
    if (edgefn__member_u32(m, ev, m->offset) == edgefn__member_u32(m, &ev->_was, m->was)) return EDGEFN_KEPT;
    return had.at != 0 ? EDGEFN_CHANGED : EDGEFN_ADDED;
}

/* Tells of all members whether they changed, one bit each. Strings that still are the received ones cost two compares. */
static uint32_t edgefn__changes(const edgefn_event *ev, int from, int to)
{
    uint32_t mask = 0;
    for (int m = from; m <= to; m++) {
        const edgefn__member_info *info = &edgefn__members[m];
        edgefn__span had = ev->_had[m];
        if (info->kind == EDGEFN__V_STR) {
            edgefn_str now = edgefn__member_str(ev, info);
            if (had.at != 0 ? now.ptr == ev->_json.ptr + had.at + 1 && now.len == had.len - 2 : now.ptr == NULL) continue;
        } else if (info->kind != EDGEFN__V_WHOLE) {
            if (edgefn__member_u32(info, ev, info->offset) != edgefn__member_u32(info, &ev->_was, info->was)) mask |= (uint32_t)1 << m;
            continue;
        }
        if (edgefn_changed(ev, (edgefn_member)m) != EDGEFN_KEPT) mask |= (uint32_t)1 << m;
    }
    return mask;
}
#define EDGEFN__BIT(member) ((uint32_t)1 << (member))
#define EDGEFN__ORIGIN_BITS (EDGEFN__BIT(EDGEFN_M_ORIGIN_AUTH_METHOD + 1) - EDGEFN__BIT(EDGEFN_M_ORIGIN_DOMAIN))

typedef struct edgefn__edit {
    struct edgefn__edit *next;
    uint32_t   at, del;
    edgefn_str text;
} edgefn__edit;

typedef struct edgefn__plan {
    edgefn_event *ev;
    edgefn__edit *head, *last;
    size_t        top;
    uint32_t      from, to;       /* the span of the input that the edits are about; both 0 for an answer */
    bool          keep_texts, unsorted;
    bool          inserted[4];    /* an object got its first member */
} edgefn__plan;

static bool edgefn__plan_edit(edgefn__plan *p, uint32_t at, uint32_t del, edgefn_str text)
{
    edgefn__edit *e = (edgefn__edit *)edgefn__take_top(p->ev, &p->top, 1, sizeof *e);
    if (e == NULL) return false;
    e->next = NULL;
    e->at = at;
    e->del = del;
    e->text = text;
    if (p->last != NULL) {
        if (at < p->last->at) p->unsorted = true;
        p->last->next = e;
    } else {
        p->head = e;
    }
    p->last = e;
    return true;
}

/* Ends a text that was begun with edgefn__text_begin(ev, p->top) and plans it. */
static bool edgefn__plan_text(edgefn__plan *p, edgefn__text *t, uint32_t at, uint32_t del)
{
    size_t used = p->ev->arena.used;
    edgefn_str text = edgefn__text_end(p->ev, t);
    if (text.ptr == NULL) return false;
    if (!p->keep_texts) {
        p->ev->arena.used = used;
        char *to = (char *)edgefn__take_top(p->ev, &p->top, text.len, 1);
        if (to == NULL) return false;
        edgefn__memmove(to, text.ptr, text.len);
        text.ptr = to;
    }
    return edgefn__plan_edit(p, at, del, text);
}

/* Plans a string value. A long one that needs no escapes is not copied. */
static bool edgefn__plan_string(edgefn__plan *p, uint32_t at, uint32_t del, edgefn_str s)
{
    if (s.len >= 256 && edgefn__plain_run(s.ptr, s.len) == s.len)
        return edgefn__plan_edit(p, at, 0, EDGEFN_S("\"")) && edgefn__plan_edit(p, at, 0, s) && edgefn__plan_edit(p, at, del, EDGEFN_S("\""));
    edgefn__text t = edgefn__text_begin(p->ev, p->top);
    edgefn__put_quoted(&t, s);
    return edgefn__plan_text(p, &t, at, del);
}

/* Where a new last member or element goes: behind the last one, before the white space. *empty: there is none. */
static uint32_t edgefn__last_end(const char *t, uint32_t close, bool *empty)
{
    while (edgefn__class_of(t[close - 1]) & EDGEFN__C_SPACE) close--;
    *empty = t[close - 1] == '{' || t[close - 1] == '[';
    return close;
}

/* Takes members or elements out of their container with the commas that go with them. Runs of neighbours go out in one piece. */
typedef struct edgefn__cutter {
    edgefn__plan *plan;
    uint32_t      from, next, end; /* the run: its start, what follows it (0: the end of the container), the end of its last one */
    bool          emptied;
} edgefn__cutter;

static bool edgefn__cut_flush(edgefn__cutter *c)
{
    const char *t = c->plan->ev->_json.ptr;
    uint32_t from = c->from, end = c->next != 0 ? c->next : c->end;
    if (from == 0) return true;
    if (c->next == 0) {
        uint32_t before = from;
        while (edgefn__class_of(t[before - 1]) & EDGEFN__C_SPACE) before--;
        if (t[before - 1] == ',') from = before - 1;
        else c->emptied = true;
    }
    c->from = 0;
    return edgefn__plan_edit(c->plan, from, end - from, EDGEFN_S(""));
}

/* Takes out the one that starts at `start` and ends at `end`. They must come in order. */
static bool edgefn__cut(edgefn__cutter *c, uint32_t start, uint32_t end)
{
    const char *t = c->plan->ev->_json.ptr;
    if (c->from != 0 && c->next != start && !edgefn__cut_flush(c)) return false;
    if (c->from == 0) c->from = start;
    c->end = end;
    end = edgefn__ws(t, end);
    c->next = t[end] == ',' ? edgefn__ws(t, end + 1) : 0;
    return true;
}

/*--- lists of fields --------------------------------------------------------------------------------------------------*/

/* A name or its spelling: what a handler added is a token and needs no look for escapes. */
static void edgefn__put_name(edgefn__text *t, const edgefn_field *it, edgefn_str name)
{
    if (it->_value != 0) { edgefn__put_quoted(t, name); return; }
    EDGEFN__PUT(t, "\"");
    edgefn__put(t, name.ptr, name.len);
    EDGEFN__PUT(t, "\"");
}

/* {"key":"Name","value":"text"}; key is left out when it is not the name in another spelling. */
static void edgefn__put_entry(edgefn__text *t, const edgefn_field *it)
{
    EDGEFN__PUT(t, "{");
    if (it->key.ptr != NULL && (it->key.ptr == it->name.ptr || edgefn_str_ieq(it->key, it->name))) {
        EDGEFN__PUT(t, "\"key\":");
        edgefn__put_name(t, it, it->key);
        EDGEFN__PUT(t, ",");
    }
    EDGEFN__PUT(t, "\"value\":");
    edgefn__put_quoted(t, it->value);
    EDGEFN__PUT(t, "}");
}

static void edgefn__put_item(edgefn__text *t, const edgefn_field *it)
{
    EDGEFN__PUT(t, "\"value\":");
    edgefn__put_quoted(t, it->value);
    if (it->attributes.ptr != NULL) {
        EDGEFN__PUT(t, ",\"attributes\":");
        edgefn__put_quoted(t, it->attributes);
    }
}

/* What stands inside the braces of a CloudFront Functions item, unknown members aside. */
static void edgefn__put_items(edgefn__text *t, const edgefn_field *it, size_t n)
{
    edgefn__put_item(t, it);
    if (n < 2) return;
    EDGEFN__PUT(t, ",\"multiValue\":[");
    for (size_t i = 0; i < n; i++) {
        if (i != 0) EDGEFN__PUT(t, ",");
        EDGEFN__PUT(t, "{");
        edgefn__put_item(t, &it[i]);
        EDGEFN__PUT(t, "}");
    }
    EDGEFN__PUT(t, "]");
}

/* Writes one name with all its fields as a new member. */
static void edgefn__put_group(edgefn__text *t, const edgefn_event *ev, const edgefn_field *it, size_t n)
{
    edgefn__put_name(t, it, it->name);
    if (ev->dialect == EDGEFN_FUNCTIONS) {
        EDGEFN__PUT(t, ":{");
        edgefn__put_items(t, it, n);
        EDGEFN__PUT(t, "}");
        return;
    }
    EDGEFN__PUT(t, ":[");
    for (size_t i = 0; i < n; i++) {
        if (i != 0) EDGEFN__PUT(t, ",");
        edgefn__put_entry(t, &it[i]);
    }
    EDGEFN__PUT(t, "]");
}

static size_t edgefn__group_end(const edgefn_fields *f, size_t i)
{
    size_t end = i + 1;
    while (end < f->len && f->items[end]._tag == f->items[i]._tag && edgefn_str_eq(f->items[end].name, f->items[i].name)) end++;
    return end;
}

/* Writes fields [from, len) as members. Names that were sorted go out as they came where nothing of the list was removed. */
static void edgefn__put_groups(edgefn__text *t, const edgefn_event *ev, const edgefn_fields *f, size_t from, bool comma)
{
    for (size_t i = from, end; i < f->len; i = end) {
        bool kept = f->removed_len == 0 && f->items[i]._group != 0;
        end = edgefn__group_end(f, i);
        for (size_t k = i; k < end; k++) kept = kept && f->items[k].change == EDGEFN_KEPT;
        if (comma) EDGEFN__PUT(t, ",");
        comma = true;
        if (kept) {
            uint32_t start = f->items[i]._group, after = edgefn__after_value(ev->_json.ptr, edgefn__after_name(ev->_json.ptr, start));
            edgefn__put(t, ev->_json.ptr + start, after - start);
        } else {
            edgefn__put_group(t, ev, &f->items[i], end - i);
        }
    }
}

/* A group's part of the plan: items [i, j) are what there is now, removed [k, m) what went. */
typedef struct edgefn__group { const edgefn_fields *list; edgefn_field *items, *removed; size_t count, gone; uint32_t at; } edgefn__group;

static bool edgefn__plan_value(edgefn__plan *p, const edgefn_field *it)
{
    return edgefn__plan_string(p, it->_value, edgefn__after_string(p->ev->_json.ptr, it->_value) - it->_value, it->value);
}

/* Lambda@Edge: changed values are replaced, removed entries cut out of the array, new ones put behind the last. */
static bool edgefn__plan_entries(edgefn__plan *p, const edgefn__group *g)
{
    const char *t = p->ev->_json.ptr;
    edgefn__cutter cut = { p, 0, 0, 0, false };
    uint32_t at = edgefn__ws(t, edgefn__after_name(t, g->at) + 1), last = at;
    size_t added = 0, gone = 0;
    for (size_t i = 0; i < g->count; i++) {
        if (g->items[i]._value == 0) added++;
        else if (g->items[i].change != EDGEFN_KEPT && !edgefn__plan_value(p, &g->items[i])) return false;
    }
    if (added == 0 && g->gone == 0) return true;
    while (t[at] != ']') {
        uint32_t end = edgefn__after_value(t, at);
        if (gone < g->gone && g->removed[gone]._value < end) {
            if (!edgefn__cut(&cut, at, end)) return false;
            gone++;
        }
        last = end;
        at = edgefn__ws(t, end);
        if (t[at] == ',') at = edgefn__ws(t, at + 1);
    }
    if (!edgefn__cut_flush(&cut)) return false;
    bool comma = t[last - 1] == '}' && !cut.emptied;
    for (size_t i = 0; i < g->count; i++) {
        if (g->items[i]._value != 0) continue;
        edgefn__text text = edgefn__text_begin(p->ev, p->top);
        if (comma) EDGEFN__PUT(&text, ",");
        comma = true;
        edgefn__put_entry(&text, &g->items[i]);
        if (!edgefn__plan_text(p, &text, last, 0)) return false;
    }
    return true;
}

/* Tells whether the member whose name opens at `at` has that name, escapes or not. */
static bool edgefn__is_member(const char *p, uint32_t at, const char *name)
{
    char plain[16];
    edgefn__text t = { plain, plain + sizeof plain, false };
    edgefn__put_unescaped(&t, p + at + 1, edgefn__after_string(p, at) - at - 2);
    return !t.full && edgefn_str_eq(edgefn__str(plain, (size_t)(t.at - plain)), edgefn_cstr(name));
}

/* Writes the elements of multiValue; those that came in the array at `array` (0: there is none) and were kept go out as they came. */
static void edgefn__put_elements(edgefn__text *t, const edgefn_event *ev, const edgefn__group *g, uint32_t array)
{
    const char *p = ev->_json.ptr;
    uint32_t at = array != 0 ? edgefn__ws(p, array + 1) : 0;
    EDGEFN__PUT(t, "[");
    for (size_t i = 0; i < g->count; i++) {
        const edgefn_field *it = &g->items[i];
        uint32_t end = 0;
        if (i != 0) EDGEFN__PUT(t, ",");
        while (array != 0 && it->_value > at && p[at] != ']' && (end = edgefn__after_value(p, at)) <= it->_value) {
            at = edgefn__ws(p, end);
            if (p[at] == ',') at = edgefn__ws(p, at + 1);
        }
        if (array != 0 && it->change == EDGEFN_KEPT && at < it->_value && it->_value < end) {
            edgefn__put(t, p + at, end - at);
            continue;
        }
        EDGEFN__PUT(t, "{");
        edgefn__put_item(t, it);
        EDGEFN__PUT(t, "}");
    }
    EDGEFN__PUT(t, "]");
}

/* Writes a CloudFront Functions item whose number of values or whose attributes changed: each member in its old place. */
static void edgefn__put_item_anew(edgefn__text *t, const edgefn_event *ev, const edgefn__group *g, uint32_t open)
{
    const char *p = ev->_json.ptr;
    const edgefn_field *it = g->items;
    bool value = true, attributes = it->attributes.ptr != NULL, multi = g->count > 1, comma = false;
    EDGEFN__PUT(t, "{");
    for (uint32_t at = edgefn__ws(p, open + 1); p[at] != '}';) {
        uint32_t start = at, from = edgefn__after_name(p, at), end = edgefn__after_value(p, from);
        bool is_multi = edgefn__is_member(p, start, "multiValue") || edgefn__is_member(p, start, "multivalue");
        bool is_attributes = edgefn__is_member(p, start, "attributes");
        bool *left = edgefn__is_member(p, start, "value") ? &value : is_attributes ? &attributes : is_multi ? &multi : NULL;
        at = edgefn__ws(p, end);
        if (p[at] == ',') at = edgefn__ws(p, at + 1);
        if (left != NULL && !*left) continue; /* it has no place any more */
        if (comma) EDGEFN__PUT(t, ",");
        comma = true;
        edgefn__put(t, p + start, (left == NULL ? end : from) - start);
        if (left == NULL) continue;
        *left = false;
        if (is_multi) edgefn__put_elements(t, ev, g, from);
        else edgefn__put_quoted(t, is_attributes ? it->attributes : it->value);
    }
    if (value) {
        if (comma) EDGEFN__PUT(t, ",");
        comma = true;
        EDGEFN__PUT(t, "\"value\":");
        edgefn__put_quoted(t, it->value);
    }
    if (attributes) {
        EDGEFN__PUT(t, ",\"attributes\":");
        edgefn__put_quoted(t, it->attributes);
    }
    if (multi) {
        EDGEFN__PUT(t, ",\"multiValue\":");
        edgefn__put_elements(t, ev, g, 0);
    }
    EDGEFN__PUT(t, "}");
}

/* Finds the value of the item's own "value" member; 0 when it has none. */
static uint32_t edgefn__item_value(const char *p, uint32_t open)
{
    for (uint32_t at = edgefn__ws(p, open + 1); p[at] != '}';) {
        uint32_t from = edgefn__after_name(p, at);
        if (edgefn__is_member(p, at, "value")) return from;
        at = edgefn__ws(p, edgefn__after_value(p, from));
        if (p[at] == ',') at = edgefn__ws(p, at + 1);
    }
    return 0;
}

/* CloudFront Functions: with the same number of values only the values' text changes, that of the first in both its places. */
static bool edgefn__plan_items(edgefn__plan *p, const edgefn__group *g)
{
    const char *t = p->ev->_json.ptr;
    uint32_t open = edgefn__after_name(t, g->at), first = edgefn__item_value(t, open);
    bool anew = g->gone != 0;
    for (size_t i = 0; i < g->count && !anew; i++) {
        const edgefn_field *was = edgefn__received_of(g->list, &g->items[i]);
        anew = was == NULL || !edgefn_str_eq(was->attributes, g->items[i].attributes);
    }
    if (anew) {
        edgefn__text text = edgefn__text_begin(p->ev, p->top);
        edgefn__put_item_anew(&text, p->ev, g, open);
        return edgefn__plan_text(p, &text, open, edgefn__after_value(t, open) - open);
    }
    for (size_t i = 0; i < g->count; i++) {
        const edgefn_field *it = &g->items[i];
        if (it->change == EDGEFN_KEPT) continue;
        if (i == 0 && first != 0 && first != it->_value) {
            if (!edgefn__plan_string(p, first, edgefn__after_string(t, first) - first, it->value)) return false;
        }
        if (!edgefn__plan_value(p, it)) return false;
    }
    return true;
}

/* Sorts removed fields by where they stood. */
static void edgefn__removed_sift(edgefn_field *e, size_t root, size_t n)
{
    edgefn_field moved = e[root];
    for (size_t child; (child = root * 2 + 1) < n; root = child) {
        if (child + 1 < n && e[child]._value < e[child + 1]._value) child++;
        if (e[child]._value <= moved._value) break;
        e[root] = e[child];
    }
    e[root] = moved;
}

static edgefn_field *edgefn__removed_sorted(edgefn_fields *f)
{
    edgefn_field *e = (edgefn_field *)(uintptr_t)f->removed;
    size_t n = f->removed_len, i = 1;
    while (i < n && e[i - 1]._value <= e[i]._value) i++;
    if (i >= n) return e;
    for (i = n / 2; i-- > 0;) edgefn__removed_sift(e, i, n);
    for (i = n; i-- > 1;) {
        edgefn_field last = e[i];
        e[i] = e[0];
        e[0] = last;
        edgefn__removed_sift(e, 0, i);
    }
    return e;
}

/* Plans the part of a list that was received, name by name in the order of the text. Gives the first field of a new name. */
static bool edgefn__plan_groups(edgefn__plan *p, edgefn_fields *f, edgefn__cutter *cut, size_t *fresh)
{
    const char *t = p->ev->_json.ptr;
    edgefn_field *items = (edgefn_field *)(uintptr_t)f->items, *removed = edgefn__removed_sorted(f);
    size_t i = 0, k = 0;
    for (;;) {
        bool have_item = i < f->len && items[i]._group != 0, have_removed = k < f->removed_len;
        if (!have_item && !have_removed) break;
        edgefn__group g = { f, items + i, NULL, 0, 0, have_item ? items[i]._group : UINT32_MAX };
        if (have_removed && removed[k]._group < g.at) g.at = removed[k]._group;
        bool touched = false;
        for (; i < f->len && items[i]._group == g.at; i++, g.count++) touched |= items[i].change != EDGEFN_KEPT;
        g.removed = removed != NULL ? removed + k : NULL;
        for (; k < f->removed_len && removed[k]._group == g.at; k++) g.gone++;
        if (g.count == 0) {
            if (!edgefn__cut(cut, g.at, edgefn__after_value(t, edgefn__after_name(t, g.at)))) return false;
        } else if (touched || g.gone != 0) {
            if (p->ev->dialect == EDGEFN_FUNCTIONS ? !edgefn__plan_items(p, &g) : !edgefn__plan_entries(p, &g)) return false;
        }
    }
    *fresh = i;
    return edgefn__cut_flush(cut);
}

/* Starts a new member of an object: plans where it goes and gives the comma it needs. */
static uint32_t edgefn__member_place(edgefn__plan *p, int object, bool *comma)
{
    edgefn__span o = p->ev->_object[object];
    bool empty;
    uint32_t at = edgefn__last_end(p->ev->_json.ptr, o.at + o.len - 1, &empty);
    *comma = !empty || p->inserted[object];
    p->inserted[object] = true;
    return at;
}

static bool edgefn__plan_fields(edgefn__plan *p, edgefn_fields *f, int object, const char *name)
{
    edgefn__cutter cut = { p, 0, 0, 0, false };
    size_t fresh = 0;
    bool comma, empty;
    if (!(f->_flags & EDGEFN__DIRTY)) return true;
    edgefn__text t;
    if (f->_close == 0) { /* the event had no such object */
        if (f->len == 0) return true;
        uint32_t at = edgefn__member_place(p, object, &comma);
        t = edgefn__text_begin(p->ev, p->top);
        if (comma) EDGEFN__PUT(&t, ",");
        edgefn__put_quoted(&t, edgefn_cstr(name));
        EDGEFN__PUT(&t, ":{");
        edgefn__put_groups(&t, p->ev, f, 0, false);
        EDGEFN__PUT(&t, "}");
        return edgefn__plan_text(p, &t, at, 0);
    }
    if (f->_flags & EDGEFN__REORDERED) {
        t = edgefn__text_begin(p->ev, p->top);
        EDGEFN__PUT(&t, "{");
        edgefn__put_groups(&t, p->ev, f, 0, false);
        EDGEFN__PUT(&t, "}");
        return edgefn__plan_text(p, &t, f->_open, f->_close + 1 - f->_open);
    }
    fresh = f->_received_len;
    if ((f->_flags & EDGEFN__TOUCHED) && !edgefn__plan_groups(p, f, &cut, &fresh)) return false;
    if (fresh == f->len) return true;
    uint32_t at = edgefn__last_end(p->ev->_json.ptr, f->_close, &empty);
    t = edgefn__text_begin(p->ev, p->top);
    edgefn__put_groups(&t, p->ev, f, fresh, !empty && !cut.emptied);
    return edgefn__plan_text(p, &t, at, 0);
}

/*--- members ----------------------------------------------------------------------------------------------------------*/

static const char *edgefn__encoding_name(edgefn_encoding e) { return e == EDGEFN_BASE64 ? "base64" : "text"; }

static void edgefn__put_tls(edgefn__text *t, uint32_t tls)
{
    bool comma = false;
    EDGEFN__PUT(t, "[");
    for (unsigned i = 0; i < EDGEFN__COUNT(edgefn__tls_names); i++) {
        if (!(tls >> i & 1)) continue;
        if (comma) EDGEFN__PUT(t, ",");
        comma = true;
        edgefn__put_quoted(t, edgefn__str(edgefn__tls_names[i].text, edgefn__tls_names[i].len));
    }
    EDGEFN__PUT(t, "]");
}

/* Writes a member's value, strings aside. */
static void edgefn__put_member(edgefn__text *t, const edgefn_event *ev, const edgefn__member_info *m)
{
    uint32_t v = edgefn__member_u32(m, ev, m->offset);
    bool quoted = m->kind == EDGEFN__V_STATUS && ev->dialect == EDGEFN_LAMBDA;
    switch (m->kind) {
    case EDGEFN__V_U32: case EDGEFN__V_STATUS:
        if (quoted) EDGEFN__PUT(t, "\"");
        edgefn__put_number(t, v);
        if (quoted) EDGEFN__PUT(t, "\"");
        break;
    case EDGEFN__V_HTTPS: edgefn__put_quoted(t, v ? EDGEFN_S("https") : EDGEFN_S("http")); break;
    case EDGEFN__V_ACTION: edgefn__put_quoted(t, v ? EDGEFN_S("replace") : EDGEFN_S("read-only")); break;
    case EDGEFN__V_ENCODING: edgefn__put_quoted(t, edgefn_cstr(edgefn__encoding_name((edgefn_encoding)v))); break;
    default: edgefn__put_tls(t, v); break;
    }
}

static const char *edgefn__last_name(const char *path)
{
    const char *name = path;
    for (; *path != '\0'; path++) {
        if (*path == '.') name = path + 1;
    }
    return name;
}

/* Plans one member that differs: its value replaced, or a new member behind the last. */
static bool edgefn__plan_member(edgefn__plan *p, edgefn_member which)
{
    edgefn_event *ev = p->ev;
    const edgefn__member_info *m = &edgefn__members[which];
    edgefn__span had = ev->_had[which];
    edgefn__text t;
    uint32_t at = had.at;
    if (at == 0) {
        bool comma;
        at = edgefn__member_place(p, m->object, &comma);
        t = edgefn__text_begin(ev, p->top);
        if (comma) EDGEFN__PUT(&t, ",");
        edgefn__put_quoted(&t, edgefn_cstr(edgefn__last_name(edgefn_member_name(ev, which))));
        EDGEFN__PUT(&t, ":");
        if (!edgefn__plan_text(p, &t, at, 0)) return false;
        had.len = 0;
    }
    if (which == EDGEFN_M_RESPONSE_BODY && ev->dialect == EDGEFN_FUNCTIONS) {
        edgefn_str head = EDGEFN_S("{\"encoding\":\"text\",\"data\":");
        if (ev->response.body.encoding == EDGEFN_BASE64) head = EDGEFN_S("{\"encoding\":\"base64\",\"data\":");
        return edgefn__plan_edit(p, at, 0, head) && edgefn__plan_string(p, at, 0, ev->response.body.data) && edgefn__plan_edit(p, at, had.len, EDGEFN_S("}"));
    }
    if (m->kind == EDGEFN__V_STR) {
        edgefn_str s = edgefn__member_str(ev, m);
        return edgefn__plan_string(p, at, had.len, s.ptr != NULL ? s : EDGEFN_S(""));
    }
    t = edgefn__text_begin(ev, p->top);
    edgefn__put_member(&t, ev, m);
    return edgefn__plan_text(p, &t, at, had.len);
}

static bool edgefn__plan_members(edgefn__plan *p, int from, int to)
{
    for (int m = from; m <= to; m++) {
        if ((p->ev->_mask >> m & 1) != 0 && !edgefn__plan_member(p, (edgefn_member)m)) return false;
    }
    return true;
}

static bool edgefn__plan_origin(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    edgefn_change change = edgefn__origin_change(ev);
    const edgefn_origin *o = &ev->request.origin;
    if (change == EDGEFN_KEPT) {
        if (o->kind == EDGEFN_ORIGIN_NONE) return true;
        return edgefn__plan_members(p, EDGEFN_M_ORIGIN_DOMAIN, EDGEFN_M_ORIGIN_AUTH_METHOD)
            && edgefn__plan_fields(p, &ev->request.origin.headers, EDGEFN__O_ORIGIN, "customHeaders");
    }
    edgefn__span had = ev->_had[EDGEFN_M_ORIGIN];
    uint32_t at = had.at;
    bool comma = false, s3 = o->kind == EDGEFN_ORIGIN_S3;
    if (at == 0) at = edgefn__member_place(p, EDGEFN__O_REQUEST, &comma);
    edgefn__text t = edgefn__text_begin(ev, p->top);
    if (had.at == 0) {
        if (comma) EDGEFN__PUT(&t, ",");
        EDGEFN__PUT(&t, "\"origin\":");
    }
    EDGEFN__PUT(&t, "{\"");
    edgefn__put(&t, s3 ? "s3" : "custom", s3 ? 2 : 6);
    EDGEFN__PUT(&t, "\":{\"customHeaders\":{");
    edgefn__put_groups(&t, ev, &o->headers, 0, false);
    EDGEFN__PUT(&t, "}");
    for (int i = EDGEFN_M_ORIGIN_DOMAIN; i <= EDGEFN_M_ORIGIN_AUTH_METHOD; i++) {
        const edgefn__member_info *m = &edgefn__members[i];
        bool only_custom = i == EDGEFN_M_ORIGIN_PORT || i == EDGEFN_M_ORIGIN_KEEPALIVE || i == EDGEFN_M_ORIGIN_PROTOCOL || i == EDGEFN_M_ORIGIN_TLS;
        bool only_s3 = i == EDGEFN_M_ORIGIN_REGION || i == EDGEFN_M_ORIGIN_AUTH_METHOD;
        bool zero = m->kind == EDGEFN__V_U32 && edgefn__member_u32(m, ev, m->offset) == 0;
        if ((only_custom && s3) || (only_s3 && !s3) || zero) continue;
        EDGEFN__PUT(&t, ",");
        edgefn__put_quoted(&t, edgefn_cstr(edgefn__last_name(m->lambda)));
        EDGEFN__PUT(&t, ":");
        edgefn_str s = edgefn__member_str(ev, m);
        if (m->kind == EDGEFN__V_STR) edgefn__put_quoted(&t, s.ptr != NULL ? s : EDGEFN_S(""));
        else edgefn__put_member(&t, ev, m);
    }
    EDGEFN__PUT(&t, "}}");
    return edgefn__plan_text(p, &t, at, had.len);
}

static bool edgefn__plan_request_body(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    const edgefn_body *b = &ev->request.body;
    if (ev->_object[EDGEFN__O_BODY].at != 0) return edgefn__plan_members(p, EDGEFN_M_BODY_ACTION, EDGEFN_M_BODY_DATA);
    if (b->data.ptr == NULL) return true;
    bool comma;
    uint32_t at = edgefn__member_place(p, EDGEFN__O_REQUEST, &comma);
    edgefn__text t = edgefn__text_begin(ev, p->top);
    if (comma) EDGEFN__PUT(&t, ",");
    EDGEFN__PUT(&t, "\"body\":{\"action\":\"replace\",\"encoding\":\"");
    edgefn__put(&t, edgefn__encoding_name(b->encoding), b->encoding == EDGEFN_BASE64 ? 6 : 4);
    EDGEFN__PUT(&t, "\",\"data\":");
    return edgefn__plan_text(p, &t, at, 0) && edgefn__plan_string(p, at, 0, b->data) && edgefn__plan_edit(p, at, 0, EDGEFN_S("}"));
}

static bool edgefn__plan_request(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    edgefn_request *q = &ev->request;
    if (!edgefn__plan_members(p, EDGEFN_M_METHOD, EDGEFN_M_QUERYSTRING)) return false;
    if (!edgefn__plan_fields(p, &q->headers, EDGEFN__O_REQUEST, "headers")) return false;
    if (ev->dialect == EDGEFN_FUNCTIONS) return edgefn__plan_fields(p, &q->_cookies, EDGEFN__O_REQUEST, "cookies");
    return edgefn__plan_request_body(p) && edgefn__plan_origin(p);
}

static bool edgefn__plan_response(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    bool functions = ev->dialect == EDGEFN_FUNCTIONS;
    if (!edgefn__plan_members(p, EDGEFN_M_STATUS, EDGEFN_M_RESPONSE_BODY)) return false;
    bool encoding = (ev->_mask & EDGEFN__BIT(EDGEFN_M_RESPONSE_BODY_ENCODING)) != 0
                 && (ev->_had[EDGEFN_M_RESPONSE_BODY_ENCODING].at != 0 || ev->response.body.encoding == EDGEFN_BASE64);
    if (!functions && encoding && !edgefn__plan_member(p, EDGEFN_M_RESPONSE_BODY_ENCODING)) return false;
    if (!edgefn__plan_fields(p, &ev->response.headers, EDGEFN__O_RESPONSE, "headers")) return false;
    return !functions || edgefn__plan_fields(p, &ev->response._cookies, EDGEFN__O_RESPONSE, "cookies");
}

/* A generated response, whole. */
static bool edgefn__plan_answer(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    const edgefn_response *a = &ev->response;
    bool functions = ev->dialect == EDGEFN_FUNCTIONS, base64 = a->body.encoding == EDGEFN_BASE64;
    edgefn__text t = edgefn__text_begin(ev, p->top);
    if (functions) EDGEFN__PUT(&t, "{\"statusCode\":");
    else EDGEFN__PUT(&t, "{\"status\":");
    edgefn__put_member(&t, ev, &edgefn__members[EDGEFN_M_STATUS]);
    if (a->status_text.ptr != NULL) {
        EDGEFN__PUT(&t, ",\"statusDescription\":");
        edgefn__put_quoted(&t, a->status_text);
    }
    if (a->headers.len != 0) {
        EDGEFN__PUT(&t, ",\"headers\":{");
        edgefn__put_groups(&t, ev, &a->headers, 0, false);
        EDGEFN__PUT(&t, "}");
    }
    if (functions && a->_cookies.len != 0) {
        EDGEFN__PUT(&t, ",\"cookies\":{");
        edgefn__put_groups(&t, ev, &a->_cookies, 0, false);
        EDGEFN__PUT(&t, "}");
    }
    if (a->body.data.ptr == NULL) {
        EDGEFN__PUT(&t, "}");
        return edgefn__plan_text(p, &t, 0, 0);
    }
    edgefn_str tail = EDGEFN_S("}");
    if (functions) {
        EDGEFN__PUT(&t, ",\"body\":{\"encoding\":\"");
        edgefn__put(&t, edgefn__encoding_name(a->body.encoding), base64 ? 6 : 4);
        EDGEFN__PUT(&t, "\",\"data\":");
        tail = EDGEFN_S("}}");
    } else {
        EDGEFN__PUT(&t, ",\"body\":");
        if (base64) tail = EDGEFN_S(",\"bodyEncoding\":\"base64\"}");
    }
    return edgefn__plan_text(p, &t, 0, 0) && edgefn__plan_string(p, 0, 0, a->body.data) && edgefn__plan_edit(p, 0, 0, tail);
}

/* Puts the edits in order of place; equal places keep the order in which they were planned. Merges runs of 1, 2, 4, ... */
static void edgefn__plan_sort(edgefn__plan *p)
{
    for (size_t run = 1; p->unsorted; run *= 2) {
        edgefn__edit *rest = p->head, *tail = NULL;
        size_t merges = 0;
        while (rest != NULL) {
            edgefn__edit *a = rest, *b = rest;
            size_t left = 0, right = run;
            merges++;
            while (left < run && b != NULL) { b = b->next; left++; }
            while (left > 0 || (right > 0 && b != NULL)) {
                bool take_a = left > 0 && (right == 0 || b == NULL || a->at <= b->at);
                edgefn__edit *e = take_a ? a : b;
                if (take_a) { a = a->next; left--; }
                else { b = b->next; right--; }
                if (tail != NULL) tail->next = e;
                else p->head = e;
                tail = e;
            }
            rest = b;
        }
        if (tail != NULL) tail->next = NULL;
        if (merges <= 1) break;
    }
}

/*=== >>check ==========================================================================================================
   What edgefn_finish() asks of the edits. The place of CloudFront's whole judge: rules over the structs and their marks; they look at
   differences only, so that a received value that was returned as it was is never refused. */

static bool edgefn__refused(edgefn_event *ev, edgefn_error code, edgefn_member m, edgefn_str subject)
{
    return edgefn__fail(ev, code, edgefn_member_name(ev, m), subject);
}

static bool edgefn__base64_ok(edgefn_event *ev, const edgefn_body *b, edgefn_member m)
{
    if (b->encoding != EDGEFN_BASE64 || b->data.ptr == NULL) return true;
    return edgefn__base64_read(b->data, NULL) != (size_t)-1 || edgefn__refused(ev, EDGEFN_E_BASE64, m, edgefn__absent());
}

/* Syntax of what was assigned in a request. */
static bool edgefn__check_request(edgefn_event *ev)
{
    edgefn_request *q = &ev->request;
    bool uri = (ev->_mask & EDGEFN__BIT(EDGEFN_M_URI)) != 0, query = (ev->_mask & EDGEFN__BIT(EDGEFN_M_QUERYSTRING)) != 0;
    if (uri && !edgefn__uri_ok(q->uri)) return edgefn__refused(ev, EDGEFN_E_URI, EDGEFN_M_URI, q->uri);
    if (query && q->querystring.ptr != NULL && !edgefn__query_ok(q->querystring))
        return edgefn__refused(ev, EDGEFN_E_FIELD_VALUE, EDGEFN_M_QUERYSTRING, q->querystring);
    bool data = (ev->_mask & EDGEFN__BIT(EDGEFN_M_BODY_DATA)) != 0;
    if (data && ev->dialect == EDGEFN_FUNCTIONS) return edgefn__refused(ev, EDGEFN_E_DIALECT, EDGEFN_M_BODY_DATA, edgefn__absent());
    if (data || (ev->_mask & EDGEFN__BIT(EDGEFN_M_BODY_ENCODING)) != 0) {
        q->body.replace = true; /* CloudFront ignores a changed body under action "read-only" */
        if (!ev->_was.replace) ev->_mask |= EDGEFN__BIT(EDGEFN_M_BODY_ACTION);
        if (q->body.encoding == EDGEFN_ENCODING_DEFAULT) {
            q->body.encoding = EDGEFN_TEXT;
            ev->_mask |= EDGEFN__BIT(EDGEFN_M_BODY_ENCODING);
        }
        if (!edgefn__is_utf8(q->body.data)) return edgefn__refused(ev, EDGEFN_E_FIELD_VALUE, EDGEFN_M_BODY_DATA, edgefn__absent());
        if (!edgefn__base64_ok(ev, &q->body, EDGEFN_M_BODY_DATA)) return false;
    }
    bool whole = (ev->_mask & EDGEFN__BIT(EDGEFN_M_ORIGIN)) != 0;
    if (whole && q->origin.kind == EDGEFN_ORIGIN_NONE) return edgefn__refused(ev, EDGEFN_E_OPTIONS, EDGEFN_M_ORIGIN, edgefn__absent());
    if (!whole && (ev->_mask & EDGEFN__ORIGIN_BITS) == 0) return true;
    if (ev->dialect != EDGEFN_LAMBDA) return edgefn__refused(ev, EDGEFN_E_DIALECT, EDGEFN_M_ORIGIN, edgefn__absent());
    if (ev->type != EDGEFN_ORIGIN_REQUEST) return edgefn__refused(ev, EDGEFN_E_EVENT_TYPE, EDGEFN_M_ORIGIN, edgefn__absent());
    if (q->origin.kind == EDGEFN_ORIGIN_NONE) return edgefn__refused(ev, EDGEFN_E_OPTIONS, EDGEFN_M_ORIGIN, edgefn__absent());
    return edgefn__origin_check(ev, &q->origin, whole, "request.origin");
}

/* Syntax of an answer, or of what was assigned in a received response. */
static bool edgefn__check_response(edgefn_event *ev, bool answer)
{
    edgefn_response *a = &ev->response;
    bool fixed = ev->dialect == EDGEFN_LAMBDA && ev->type == EDGEFN_VIEWER_RESPONSE;
    bool status = answer || (ev->_mask & EDGEFN__BIT(EDGEFN_M_STATUS)) != 0;
    bool body = (ev->_mask & EDGEFN__BIT(EDGEFN_M_RESPONSE_BODY)) != 0;
    for (int m = EDGEFN_M_STATUS; fixed && m <= EDGEFN_M_RESPONSE_BODY_ENCODING; m++) {
        if (ev->_mask >> m & 1) return edgefn__refused(ev, EDGEFN_E_EVENT_TYPE, (edgefn_member)m, edgefn__absent());
    }
    if (status && (a->status < 200 || a->status > 599)) return edgefn__refused(ev, EDGEFN_E_STATUS, EDGEFN_M_STATUS, edgefn__absent());
    bool text = (ev->_mask & EDGEFN__BIT(EDGEFN_M_STATUS_TEXT)) != 0;
    if (text && a->status_text.ptr != NULL && !edgefn__is_text(a->status_text, true, ""))
        return edgefn__refused(ev, EDGEFN_E_FIELD_VALUE, EDGEFN_M_STATUS_TEXT, a->status_text);
    if (!body) return true;
    if (!edgefn__is_utf8(a->body.data)) return edgefn__refused(ev, EDGEFN_E_FIELD_VALUE, EDGEFN_M_RESPONSE_BODY, edgefn__absent());
    return edgefn__base64_ok(ev, &a->body, EDGEFN_M_RESPONSE_BODY);
}

/* Sizes of name and value of every header and of the body as written. */
static size_t edgefn__response_size(const edgefn_response *a)
{
    size_t n = a->body.data.len;
    for (size_t i = 0; i < a->headers.len; i++) n += a->headers.items[i].name.len + a->headers.items[i].value.len;
    return n;
}

static bool edgefn__too_big(edgefn_event *ev, edgefn_member m, bool viewer)
{
    return edgefn__refused(ev, EDGEFN_E_POLICY, m, viewer ? EDGEFN_S("more than 40 KB") : EDGEFN_S("more than 1 MB"));
}

/* Source: Quotas, Quotas on Lambda@Edge; Restrictions on all edge functions; Work with requests and responses. */
static bool edgefn__check_policy(edgefn_event *ev, bool answer)
{
    const edgefn_request *q = &ev->request;
    bool lambda = ev->dialect == EDGEFN_LAMBDA, viewer = ev->type == EDGEFN_VIEWER_REQUEST || ev->type == EDGEFN_VIEWER_RESPONSE;
    size_t limit = viewer ? 40960 : 1048576;
    if (answer || !edgefn_is_request(ev)) {
        bool body = (ev->_mask & EDGEFN__BIT(EDGEFN_M_RESPONSE_BODY)) != 0;
        if (body && ev->response.status == 204 && ev->response.body.data.len != 0)
            return edgefn__refused(ev, EDGEFN_E_POLICY, EDGEFN_M_RESPONSE_BODY, EDGEFN_S("204 with a body"));
        if (lambda && (answer || body) && edgefn__response_size(&ev->response) > limit)
            return edgefn__too_big(ev, EDGEFN_M_RESPONSE_BODY, viewer);
        return true;
    }
    if ((ev->_mask & EDGEFN__BIT(EDGEFN_M_METHOD)) != 0) return edgefn__refused(ev, EDGEFN_E_POLICY, EDGEFN_M_METHOD, q->method);
    if ((ev->_mask & EDGEFN__BIT(EDGEFN_M_CLIENT_IP)) != 0) return edgefn__refused(ev, EDGEFN_E_POLICY, EDGEFN_M_CLIENT_IP, q->client_ip);
    if ((ev->_mask & EDGEFN__BIT(EDGEFN_M_URI)) != 0 || (ev->_mask & EDGEFN__BIT(EDGEFN_M_QUERYSTRING)) != 0) {
        if (q->uri.len + (q->querystring.len != 0) + q->querystring.len >= 8192)
            return edgefn__refused(ev, EDGEFN_E_POLICY, EDGEFN_M_URI, EDGEFN_S("URI and query reach 8192 characters"));
    }
    if (!lambda || (ev->_mask & EDGEFN__BIT(EDGEFN_M_BODY_DATA)) == 0) return true;
    size_t size = q->body.encoding == EDGEFN_BASE64 ? edgefn__base64_read(q->body.data, NULL) : q->body.data.len;
    if (size <= limit) return true;
    return edgefn__too_big(ev, EDGEFN_M_BODY_DATA, viewer);
}

/* Response events return the response alone: an edit of the request would be lost. */
static bool edgefn__check_request_untouched(edgefn_event *ev)
{
    for (int m = EDGEFN_M_CLIENT_IP; m < EDGEFN_M_STATUS; m++) {
        if ((ev->_mask >> m & 1) != 0) return edgefn__refused(ev, EDGEFN_E_EVENT_TYPE, (edgefn_member)m, edgefn__absent());
    }
    return true;
}

/* Everything that comes before writing: views written back, syntax, policy. */
static bool edgefn__prepare(edgefn_event *ev, const edgefn_write_opts *opts, bool *answer)
{
    if (ev->_self != ev || !(ev->_flags & EDGEFN__PARSED)) return edgefn__fail(ev, EDGEFN_E_MISUSE, "edgefn_write", edgefn__absent());
    if (ev->err.code != EDGEFN_OK) return false;
    bool request = edgefn_is_request(ev);
    *answer = request && ev->response.status != 0;
    if (!edgefn__sync_query(ev)) return false;
    if (!edgefn__sync_cookies(ev, &ev->request._cookies, &ev->request.headers, EDGEFN_S("cookie"))) return false;
    if (!edgefn__sync_cookies(ev, &ev->response._cookies, &ev->response.headers, EDGEFN_S("set-cookie"))) return false;
    ev->_mask = edgefn__changes(ev, *answer ? EDGEFN_M_STATUS : EDGEFN_M_CLIENT_IP, request && !*answer ? EDGEFN_M_STATUS - 1 : EDGEFN_M_COUNT - 1);
    if (!request && !edgefn__check_request_untouched(ev)) return false;
    if (request && !*answer && !edgefn__check_request(ev)) return false;
    if ((!request || *answer) && !edgefn__check_response(ev, *answer)) return false;
    if (opts != NULL && opts->whole_event && *answer) return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_write_opts.whole_event", edgefn__absent());
    return (opts != NULL && opts->skip_check) || edgefn__check_policy(ev, *answer);
}

/* Plans the whole result. */
static bool edgefn__plan_make(edgefn__plan *p, edgefn_event *ev, const edgefn_write_opts *opts, bool keep_texts)
{
    bool answer = false;
    edgefn__memset(p, 0, sizeof *p);
    p->ev = ev;
    p->keep_texts = keep_texts;
    if (!edgefn__prepare(ev, opts, &answer)) return false;
    p->top = ev->arena.cap;
    if (answer) return edgefn__plan_answer(p);
    p->from = ev->_result.at;
    p->to = ev->_result.at + ev->_result.len;
    if (opts != NULL && opts->whole_event) {
        p->from = 0;
        p->to = (uint32_t)ev->_json.len;
    }
    if (edgefn_is_request(ev) ? !edgefn__plan_request(p) : !edgefn__plan_response(p)) return false;
    edgefn__plan_sort(p);
    return true;
}

static size_t edgefn__plan_size(const edgefn__plan *p)
{
    size_t n = p->to - p->from;
    for (const edgefn__edit *e = p->head; e != NULL; e = e->next) n = n + e->text.len - e->del;
    return n;
}

static void edgefn__plan_write(const edgefn__plan *p, char *to)
{
    const char *from = p->ev->_json.ptr;
    uint32_t at = p->from;
    for (const edgefn__edit *e = p->head; e != NULL; e = e->next) {
        edgefn__copy(to, from + at, e->at - at);
        to += e->at - at;
        edgefn__copy(to, e->text.ptr, e->text.len);
        to += e->text.len;
        at = e->at + e->del;
    }
    edgefn__copy(to, from + at, p->to - at);
}

EDGEFN_API size_t edgefn_write(edgefn_event *ev, char *buf, size_t cap, const edgefn_write_opts *opts)
{
    edgefn__plan p;
    if (!edgefn__plan_make(&p, ev, opts, false)) return 0;
    size_t n = edgefn__plan_size(&p);
    if (buf != NULL && n <= cap) edgefn__plan_write(&p, buf);
    return n;
}

EDGEFN_API size_t edgefn_write_spans(edgefn_event *ev, edgefn_str *spans, size_t cap, const edgefn_write_opts *opts)
{
    edgefn__plan p;
    size_t used = ev->arena.used, n = 0;
    if (!edgefn__plan_make(&p, ev, opts, spans != NULL)) return 0;
    for (int pass = 0; pass < 2; pass++) {
        uint32_t at = p.from;
        size_t k = 0;
        for (const edgefn__edit *e = p.head;; e = e->next) {
            uint32_t until = e != NULL ? e->at : p.to;
            if (until > at) {
                if (pass == 1) spans[k] = edgefn__str(ev->_json.ptr + at, until - at);
                k++;
            }
            if (e == NULL) break;
            if (e->text.len != 0) {
                if (pass == 1) spans[k] = e->text;
                k++;
            }
            at = e->at + e->del;
        }
        n = k;
        if (spans == NULL || n > cap) {
            ev->arena.used = used; /* nobody will look at the texts */
            return n;
        }
    }
    return n;
}

EDGEFN_API edgefn_str edgefn_finish(edgefn_event *ev, const edgefn_write_opts *opts)
{
    edgefn__plan p;
    if (ev->_self == ev && ev->_out_end != 0 && ev->arena.used == ev->_out_end) ev->arena.used = ev->_out_at;
    ev->_out_end = 0;
    if (!edgefn__plan_make(&p, ev, opts, false)) return edgefn__absent();
    if (p.head == NULL) return edgefn__str(ev->_json.ptr + p.from, p.to - p.from);
    size_t n = edgefn__plan_size(&p), at = ev->arena.used;
    if (n > p.top - at) {
        edgefn__fail(ev, EDGEFN_E_OOM, "edgefn_finish", edgefn__absent());
        return edgefn__absent();
    }
    char *to = (char *)edgefn__take(ev, n, 1, 1);
    if (to == NULL) return edgefn__absent();
    edgefn__plan_write(&p, to);
    ev->_out_at = at;
    ev->_out_end = ev->arena.used;
    return edgefn__str(to, n);
}

#endif /* EDGEFN_IMPLEMENTATION_DONE */
#endif /* EDGEFN_IMPLEMENTATION */

/*
   Licence: MIT No Attribution (MIT-0)

   Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
   "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
   distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so.

   THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
   MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY
   CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
   SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
*/
