/* edgefn.h - v0.1.0 - CloudFront edge events in C99 - MIT-0, licence at the end of this file

   Reads a Lambda@Edge or CloudFront Functions event without copying it, lets a handler edit or
   answer it, and writes back what CloudFront expects. No dependencies, no malloc, no hidden state.

   DO THIS
       In ONE file of your program, before the #include, to create the implementation:

           #define EDGEFN_IMPLEMENTATION
           #include "edgefn.h"

       Everywhere else just include it. What you need to know is in this comment and in the doc
       comments of >>types, >>options and >>api.

   QUICK START
       A complete program: a handler, and a host that reads one event from a file and prints the
       result.

           #define EDGEFN_IMPLEMENTATION
           #include "edgefn.h"
           #include <stdio.h>
           #define S EDGEFN_S

           bool edgefn_handler(edgefn_event *ev)
           {
               edgefn_request *req = &ev->request;

               if (ev->type != EDGEFN_VIEWER_REQUEST) return true;
               if (edgefn_uri_match(req->uri, S("/admin*")) && !edgefn_has(edgefn_cookies(ev),
               S("session")))
                   return edgefn_respond(ev, 403,
                                         &(edgefn_respond_opts){ .body = S("Sign in first.\n") });
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
               edgefn_str event = { json, fread(json, 1, sizeof json, f) };
               edgefn_str out = answer(&ev, event, mem, sizeof mem);
               printf("%.*s\n", EDGEFN_FMT(out));
               if (ev.err.code != EDGEFN_OK)
                   fprintf(stderr, "%.*s\n", (int)edgefn_describe(&ev, why, sizeof why), why);
               return ev.err.code != EDGEFN_OK;
           }

   WHAT IT IS, AND WHAT IT IS NOT
       It is the part between bytes and handler: parser, structs, edits, writer. The same handler
       source runs in an AWS Lambda custom runtime, in Lambda@Edge (compiled to WebAssembly, or as a
       shared object beside Node.js or Python), in a proxy, in a test. It is no HTTP library, opens
       no socket and reads no clock: the host hands in what a handler needs (edgefn_env).
       Lambda@Edge itself runs only Node.js and Python, CloudFront Functions only JavaScript: C
       reaches the edge inside the former two.

   CONTENTS (search for the tags)
       >>config   version and compile-time options      >>errors   the list of errors
       >>types    strings, events, fields               >>options  what the verbs take
       >>api      the functions with their doc comments; then the implementation:
       >>impl >>tables >>arena >>str >>utf8 >>scan >>json >>lambda >>functions >>parts >>fields
       >>headers >>query >>uri >>ua >>viewer >>net >>time >>choose >>crypto >>text >>respond >>body
       >>origin >>write >>check

   COMPILE-TIME OPTIONS (define before including)
       EDGEFN_IMPLEMENTATION  create the implementation here
       EDGEFN_STATIC          make every function static: private to this file
       EDGEFN_API             your own linkage for the functions, for example __declspec(dllexport)
       EDGEFN_NO_SIMD         portable C only
       EDGEFN_NO_CRYPTO       leave out hashes, tokens and signatures, their declarations too
       EDGEFN_NO_DISPATCH     no choice at run time: the vector code that the compiler's flags
                              allow (SSE2 on plain x86-64)
       In a freestanding build (-ffreestanding) EDGEFN_NO_DISPATCH is implied; the compiler may call
       memcpy, memmove, memset and memcmp.

   EVENTS
       Two dialects, six kinds; ev->dialect and ev->type tell which. A handler reads and edits all
       of them through the same structs.

       kind (* Lambda@Edge only)      request                     response
       viewer-request                 edit, or answer             your answer
       origin-request *               edit, or answer; origin     your answer (CloudFront caches it)
       origin-response *              read only                   edit: headers, status, body
       viewer-response                read only                   edit: headers; CloudFront
                                                                  Functions also status and body

       An answer is ev->response with a status in a request event: edgefn_respond(),
       edgefn_redirect(), edgefn_error_page(). What cannot take effect in an event
       (EDGEFN_E_EVENT_TYPE) or cannot be said in its dialect (EDGEFN_E_DIALECT) is an error, never
       silently lost; only edits of a request that is then answered go with it. A handler's own
       failure: return false, or edgefn_fail() with a reason.

   STRINGS AND LIFETIMES
       edgefn_str is a pointer and a length. ptr == NULL means absent, which every function takes;
       "" is present and empty. Strings of an event point into the input, or into the arena where
       the JSON text held an escape. They live as long as input and arena block. What a handler
       gives to a verb or assigns is not copied: it must live until the event is written. Literals
       and strings made by functions that take the event do.

   WHAT THE HOST GIVES
       No clock, no randomness, no secrets inside: a host hands them in, and a call that needs a
       missing one is EDGEFN_E_ENVIRONMENT:

           // tables "secret", "kv", "auth"; absent: no such key
           static edgefn_str look_up(void *user, edgefn_str table, edgefn_str key);
           edgefn_env env = { .now_s = time(NULL),
                              .random = my_draw(), .has_random = true,
                              .lookup = look_up };
           edgefn_parse(&ev, json, arena, &(edgefn_parse_opts){ .env = &env });

   MEMORY
       One block, given by the host, owned by the event while it is used: ev.arena.
       edgefn_memory_usual() says how large for events of real life, edgefn_memory_bound() what
       parsing takes at the very most. Running out is EDGEFN_E_OOM everywhere, and never a
       pass-through. The next event may use the same block; then nothing of the one before may be
       used any more.

   ERRORS
       ev->err holds the first failure and keeps it: code, byte offset into the input where there is
       one, the place (a path or a function), the offending name or value. After a failure edits do
       nothing and edgefn_finish() gives absent, so a handler may check once, or not at all: return
       true and let the host find out. edgefn_describe() makes a line for people, edgefn_locate()
       line and column. Bad data inside an event (a broken cookie, base64, number) is no failure but
       an absent value: a viewer must not be able to turn a site into errors.

   FIELDS
       Headers, query parameters, cookies and an origin's custom headers are lists of one type:

           for (size_t i = 0; i < list->len; i++) use(list->items[i].name, list->items[i].value);

       edgefn_get/_has/_count/_find read;
       edgefn_set/_add/_remove/_set_at/_remove_at/_remove_if/_remove_prefix/_keep_only/_sort edit.
       items is const: the verbs keep the marks (items[i].change, removed[]) that the writer and
       proxies live by. A value set back to what it was is no change.

   COOKIES AND QUERY
       edgefn_cookies(), edgefn_set_cookies() and edgefn_query() give lists in both dialects;
       edgefn_cookie_attributes_set() changes what stands behind the ';' of a response cookie, and
       edgefn_set() on one that exists leaves it. In Lambda@Edge they are parsed on first use from
       the headers and the raw query, and written back only if changed. Editing both the list and
       its raw form is EDGEFN_E_CONFLICT. In CloudFront Functions cookies stand apart: cookie and
       set-cookie through the header verbs is EDGEFN_E_DIALECT. Names and values stay as they were
       sent: percent-encoding is not decoded. A changed query of CloudFront Functions is written as
       a string, which keeps order and duplicates. Set-Cookie is never joined.

   NEGOTIATING AND CHOOSING
       edgefn_header_negotiate() and _language() choose an offer, edgefn_choose() a variant by
       weights, edgefn_rollout() a part of the users. edgefn_header_security/_cors/_cache/_vary()
       and edgefn_cookie_set() edit the received response, or the answer to a request. Without an
       answer no cookie can be set in viewer-request: call edgefn_choose_sticky() there to act, and
       alike in viewer-response, where it sets the cookie.

   PATHS AND QUERIES
       uri and query stay as they were sent; edgefn_uri_normalize() and edgefn_query_normalize()
       make one spelling of many. Guard with edgefn_uri_match(): it matches encoded and disguised
       spellings, too, though not every one that some server reads (see there). Normalise first, so
       that the origin sees what was checked. An exception from a guard ("all
       but /public/") asks edgefn_uri_plain() too. For a redirect on this site change req->uri, then
       call edgefn_redirect().

   ANSWERS
       In response events edgefn_respond() and its sisters edit the received response, because a
       fresh one would lose read-only headers. In origin-request an answer gets Cache-Control:
       no-store unless .cacheable or .cache_max_age_s says otherwise: CloudFront would cache it and
       give it to everybody. Beside that and a Content-Type for a body, an answer holds what you
       name and nothing else.

   PARTS
       A proxy that has read the request already hands it over without JSON: edgefn_begin(), the
       members and lists, edgefn_received(), the handler, edgefn_outcome_of(). It is the shortest
       unit test of a handler, too:

           edgefn_arena arena = edgefn_arena_make(mem, sizeof mem);
           edgefn_begin(ev, EDGEFN_LAMBDA, EDGEFN_VIEWER_REQUEST, arena, NULL);
           ev->request.method = EDGEFN_S("GET"), ev->request.uri = EDGEFN_S("/admin/");
           assert(edgefn_received(ev) && edgefn_handler(ev));
           assert(edgefn_outcome_of(ev, NULL) == EDGEFN_ANSWER && ev->response.status == 403);

   VIEWERS
       edgefn_ua_of() says what a viewer uses: device bits as CloudFront's, system, browser, or the
       kind of bot. It judges by words and a few rules, without a database of models: a cheap TV may
       pass for a tablet. edgefn_viewer_of() gathers country, place, address and TLS from
       CloudFront's headers.

   BODIES
       ev->request.body is there if the trigger was associated with "Include body". Test .truncated:
       CloudFront shows 40 KB to viewer-request and 1 MB to origin-request; replacing such a body
       sends only what you give. Content-Length stays as it is: CloudFront sets it.
       edgefn_body_decode() gives the bytes (not those of a truncated body), edgefn_body_replace()
       takes raw bytes and chooses text or base64. The received body of a response is never shown.

   ORIGINS
       In origin-request, ev->request.origin may be edited member by member, or switched by
       edgefn_origin_custom() and edgefn_origin_s3(), which also set the Host header to the new
       domain: S3 refuses requests with another one. A switched origin inherits nothing. Members of
       the received one can be assigned only where there is one: test .kind.

   NETWORK AND TIME
       edgefn_ip_parse() and edgefn_ip_in() compare addresses with networks; edgefn_forwarded_for()
       steps back over your own proxies only. Dates are seconds since 1970 as in edgefn_env.now_s;
       without that clock only the calls that need it fail.

   SECRETS, TOKENS AND SIGNATURES
       edgefn_secret() asks the host; no secret ever stands in an error. edgefn_jwt_verify() takes
       the algorithms from your options, never from the token, and a bad token is an answer, not a
       failure. edgefn_sign_v4() signs the request to S3 or a Lambda URL: the last thing a handler
       does.

   CHECKING
       Setters refuse at once what is no syntax. edgefn_finish() asks the same of assigned members,
       and that sizes, status and read-only members are as CloudFront wants them, and lets
       CloudFront's judge look at the result: read-only and disallowed headers, sizes, status,
       origin. edgefn_check() is that judge for any function's result, also one of Node.js or
       Python, and says with rule, place and CloudFront's own words what is wrong; edgefn_rules() is
       its table. It looks at differences only: a received value given back as it was is never
       refused. What AWS leaves open is doubtful: reported, not refused. edgefn_sanitize() puts
       headers right instead of failing.

   OUTPUT
       Untouched text leaves byte for byte as it came, unknown members, spelling, white space and
       number text included; an edit replaces the text of the one value that changed.
       edgefn_finish() writes into the arena, edgefn_write() into your buffer, edgefn_write_spans()
       gives pieces for writev(): a long body is not copied.

   SECURITY NOTES
       Every byte of an event may come from a stranger. Parsing is strict, takes linear time,
       bounded memory and no recursion. In Lambda@Edge viewer events, CloudFront-* headers are
       whatever the viewer sent: decide by country or device in origin-request, or in CloudFront
       Functions. In origin events the Host header is the origin's name unless the viewer's is
       forwarded: name .host in a redirect. A redirect built by edgefn_redirect() always names its
       host; edgefn_redirect_to() refuses "//host". Headers cannot be split: CR, LF and NUL are
       refused. When in doubt, fail closed.

   LIMITS
       Events below 4 GiB, 64 levels of nesting. A number that the library interprets must be whole
       and fit 32 bits. An event must not be copied after parsing. Lists with 100,000 headers work;
       adding one by one to such a list takes time with its square.

   PORTABILITY
       C99 and C++11 (examples here are C99: in C++ name what they write as &(edgefn_x_opts){ ... }
       or (edgefn_str[]){ ... }: edgefn_x_opts o = {}; o.status = 301; f(ev, &o);), any byte order,
       32 and 64 bit, gcc, clang, others without vectors. Thread-safe: all state is in the event.

   REVISION HISTORY
       0.1.0  parse, edit, answer, write; Lambda@Edge and CloudFront Functions; addresses, dates,
       tokens, signatures
*/

/*=== >>config ===================================================================================*/
#ifndef EDGEFN_H_INCLUDED
#  define EDGEFN_H_INCLUDED

#  define EDGEFN_VERSION_MAJOR 0
#  define EDGEFN_VERSION_MINOR 1
#  define EDGEFN_VERSION_PATCH 0
#  define EDGEFN_VERSION       "0.1.0"

#  include <stdbool.h>
#  include <stddef.h>
#  include <stdint.h>

#  ifndef EDGEFN_API
#    ifdef EDGEFN_STATIC
#      if defined(__GNUC__) || defined(__clang__)
#        define EDGEFN_API static __attribute__((unused))
#      else
#        define EDGEFN_API static
#      endif
#    else
#      define EDGEFN_API extern
#    endif
#  endif

/* Stands before the declaration of edgefn_handler() below, so that a shared object built with
   -fvisibility=hidden still exports the handler; you need not write it. */
#  if defined(__GNUC__) || defined(__clang__)
#    define EDGEFN_EXPORT __attribute__((visibility("default")))
#  else
#    define EDGEFN_EXPORT
#  endif

/* Deepest nesting of arrays and objects that is read; one level more is EDGEFN_E_JSON_DEPTH. */
#  define EDGEFN_MAX_DEPTH 64

#  ifdef __cplusplus
extern "C" {
#  endif

/* clang-format off */
/*=== >>errors ===================================================================================*/
/* X(name, text). The enumerators are EDGEFN_E_##name; edgefn_error_name() and edgefn_error_text()
   read the same list. */
#define EDGEFN_ERROR_LIST(X)                                                                       \
    X(OOM,            "out of memory: give the arena more bytes, see edgefn_memory_usual()")       \
    X(OPTIONS,        "an option or argument holds an impossible value")                           \
    X(MISUSE, \
              "the event was copied after parsing, or is not parsed: pass events by pointer") \
    X(JSON_EOF,       "the input ends inside the JSON text")                                       \
    X(JSON_SYNTAX,    "unexpected character")                                                      \
    X(JSON_STRING,    "bad escape or control character in a string")                               \
    X(JSON_NUMBER,    "malformed number")                                                          \
    X(JSON_UTF8,      "a string is not valid UTF-8")                                               \
    X(JSON_DEPTH,     "nested deeper than 64 levels")                                              \
    X(JSON_TRAILING,  "bytes after the JSON text")                                                 \
    X(NOT_AN_EVENT,   "valid JSON, but neither a Lambda@Edge nor a CloudFront Functions event")    \
    X(MISSING,        "a required member is missing")                                              \
    X(DUPLICATE,      "the same name stands twice in one object")                                  \
    X(TYPE,           "a member has the wrong JSON type")                                          \
    X(RANGE,          "a number is out of range")                                                  \
    X(EVENT_TYPE,     "not possible in this kind of event")                                        \
    X(DIALECT,        "not possible in this dialect")                                              \
    X(FIELD_NAME,     "not a valid header, cookie or parameter name")                              \
    X(FIELD_VALUE, \
         "a value holds a control character, is not UTF-8, or holds what its place cannot carry") \
    X(URI,            "a path must begin with '/' and hold no '?', '#', blank or control; "        \
                      "a URL no blank, control or foreign host")                                   \
    X(BASE64,         "not valid base64")                                                          \
    X(STATUS,         "the HTTP status is outside 200..599")                                       \
    X(CONFLICT,       "the raw and the parsed form of the same data were both changed")            \
    X(POLICY,         "CloudFront would refuse this result")                                       \
    X(HANDLER,        "the handler returned false")                                                \
    X(ENVIRONMENT,    "the host did not provide what this call needs: see edgefn_env")

typedef enum edgefn_error {
    EDGEFN_OK = 0,
#define EDGEFN__X(id, text) EDGEFN_E_##id,
    EDGEFN_ERROR_LIST(EDGEFN__X)
#undef EDGEFN__X
    EDGEFN__E_COUNT
} edgefn_error;

/*=== >>types ====================================================================================*/
/* A view of bytes owned by somebody else: the input, the arena, or a literal. Never NUL-terminated,
   may hold NUL. ptr == NULL: absent. len == 0 with a pointer: present and empty. */
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
/* both count from 1; column counts bytes */
typedef struct edgefn_location { size_t line, column; } edgefn_location;

/* One block of the caller's memory. Events own theirs by value; `used` tells how many bytes were
   taken. */
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
typedef enum edgefn_change {
    EDGEFN_KEPT,
    EDGEFN_CHANGED,
    EDGEFN_ADDED,
    EDGEFN_REMOVED
} edgefn_change;

typedef enum edgefn_encoding {
    EDGEFN_ENCODING_DEFAULT,
    EDGEFN_TEXT,
    EDGEFN_BASE64
} edgefn_encoding;

/* What the host gives a handler besides the event. Every member may be zero. */
typedef struct edgefn_env {
    int64_t  now_s;      /* seconds since 1970-01-01 UTC; 0: unknown, and whatever needs the time
                            fails */
    uint32_t random;     /* one uniform draw an event, for A/B tests and roll-outs */
    bool     has_random;
    /* Tables "kv", "secret", "auth"; absent when missing. The string must live until the event is
       written. */
    edgefn_str (*lookup)(void *user, edgefn_str table, edgefn_str key);
    bool       (*verify)(void *user, edgefn_str alg, edgefn_str key_id, edgefn_str message,
                          edgefn_str signature);
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
    edgefn_str    key;        /* Lambda@Edge headers: the name's spelling on the wire, maybe absent
                                 */
    edgefn_str    attributes; /* cookies of a response: "Path=/; Secure", maybe absent */
    edgefn_change change;     /* against what was received */
    uint32_t      _tag, _group, _value;
} edgefn_field;

/* Headers, query parameters, cookies and an origin's custom headers: one type, one set of verbs.
   Read with a plain loop over items[0..len). Names of headers compare ASCII-case-insensitively, the
   others exactly. The arrays move when the list is edited: keep indices, not pointers. */
typedef struct edgefn_fields {
    const edgefn_field *items;
    size_t              len;
    const edgefn_field *removed; /* removed[0..removed_len): what was received and is gone */
    size_t              removed_len;
    edgefn_event       *_ev;
    const edgefn_field *_received; /* the list before its first edit */
    uint64_t            _filter;   /* one bit a name: a clear one says that there is none of that
                                      name */
    uint32_t            _received_len, _cap, _removed_cap, _kind, _flags;
    uint32_t            _open, _close; /* the object's braces in the input; 0: it is not there */
} edgefn_fields;

typedef struct edgefn_body {
    edgefn_str      data;      /* as on the wire; edgefn_body_decode() gives the bytes. Absent: no
                                  body */
    edgefn_encoding encoding;
    bool            truncated; /* requests: CloudFront showed only the first 40 KB (viewer) or 1 MB
                                  (origin) */
    bool            replace;   /* requests: action is "replace". Set by edgefn_body_replace() and
                                  _drop() */
} edgefn_body;

typedef enum edgefn_origin_kind {
    EDGEFN_ORIGIN_NONE,
    EDGEFN_ORIGIN_CUSTOM,
    EDGEFN_ORIGIN_S3
} edgefn_origin_kind;
enum { EDGEFN_SSL3 = 1, EDGEFN_TLS1_0 = 2, EDGEFN_TLS1_1 = 4, EDGEFN_TLS1_2 = 8 };

/* Where CloudFront is about to send the request (Lambda@Edge origin events). In origin-request its
   members may be assigned one by one; assigning `domain` does not touch the Host header:
   edgefn_origin_custom() and _s3() do. */
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

/* uri, querystring and the origin's members may be assigned freely; a string must live until the
   event is written. edgefn_finish() compares them with what was received, checks them as their
   setters would, and writes the difference. */
typedef struct edgefn_request {
    edgefn_str    method, uri;
    edgefn_str    querystring; /* raw; absent when CloudFront Functions gave an object:
                                  edgefn_query_text() serves both */
    edgefn_str    client_ip;
    edgefn_fields headers;
    edgefn_origin origin;
    edgefn_body   body;
    edgefn_fields _query, _cookies;
    edgefn_str    _query_source, _query_received;
} edgefn_request;

/* In a response event: what CloudFront is about to store or send. In a request event: your answer,
   if status != 0. */
typedef struct edgefn_response {
    uint32_t      status;
    edgefn_str    status_text;
    edgefn_fields headers;
    edgefn_body   body;
    edgefn_fields _cookies;
} edgefn_response;

/* The members whose change edgefn_changed() tells, besides the lists, whose fields tell it
   themselves. */
typedef enum edgefn_member {
    EDGEFN_M_CLIENT_IP, EDGEFN_M_METHOD, EDGEFN_M_URI, EDGEFN_M_QUERYSTRING,
    EDGEFN_M_BODY_ACTION, EDGEFN_M_BODY_ENCODING, EDGEFN_M_BODY_DATA,
    EDGEFN_M_ORIGIN, /* the whole of it: another kind, or given where there was none */
    EDGEFN_M_ORIGIN_DOMAIN, EDGEFN_M_ORIGIN_PATH, EDGEFN_M_ORIGIN_PORT, EDGEFN_M_ORIGIN_KEEPALIVE,
    EDGEFN_M_ORIGIN_READ_TIMEOUT, EDGEFN_M_ORIGIN_COMPLETION_TIMEOUT, EDGEFN_M_ORIGIN_PROTOCOL,
    EDGEFN_M_ORIGIN_TLS, EDGEFN_M_ORIGIN_REGION, EDGEFN_M_ORIGIN_AUTH_METHOD,
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
    bool              type_inferred;   /* .lenient: neither the event nor .type named the type */
    edgefn_str        domain;          /* the distribution's *.cloudfront.net name; CloudFront
                                          Functions: or .endpoint */
    edgefn_str        distribution_id, request_id;
    edgefn_str        version;         /* CloudFront Functions: "1.0" */
    edgefn_request    request;
    edgefn_response   response;        /* status == 0: there is none (yet) */
    edgefn_arena      arena;           /* .used: how much memory this event has taken */
    edgefn_err        err;             /* the FIRST failure; it stays */
    const edgefn_env *env;             /* never NULL: a zeroed one when the host gave none */
    edgefn_event     *_self;
    edgefn_str        _json;
    const edgefn_str *_parts;          /* of an event built from parts: its string members as they
                                          were received */
    edgefn__span      _result;         /* the received request (request events) or response
                                          (response events) */
    edgefn__span      _object[4];      /* the objects that can take new members */
    edgefn__span      _had[EDGEFN_M_COUNT];
    edgefn__was       _was;
    size_t            _out_at, _out_end;
    edgefn_fields    *_unsynced[2];    /* headers of the request, of the response, as they were
                                          before cookies were written back */
    uint32_t          _flags, _mask;   /* _mask: the members that differ, one bit each, while
                                          writing */
};

/*=== >>options: every struct may be {0}, and a NULL pointer means {0} ===========================*/
typedef struct edgefn_parse_opts {
    edgefn_dialect    dialect; /* 0: detect; else anything but that dialect is EDGEFN_E_NOT_AN_EVENT
                                  */
    const edgefn_env *env;     /* must outlive the event */
    bool              lenient; /* false: strict. true: also take test events that leave out what
                                  CloudFront always sends, see edgefn_parse() */
    edgefn_type       type;    /* 0: any. Else what an event without eventType is (.lenient); any
                                  other eventType is EDGEFN_E_NOT_AN_EVENT */
} edgefn_parse_opts;

typedef struct edgefn_respond_opts {
    edgefn_str      body;            /* raw bytes; absent: no body */
    edgefn_str      content_type;    /* absent: text/html; charset=utf-8 when there is a body */
    edgefn_encoding encoding;        /* 0: text when the body is valid UTF-8, else base64 */
    edgefn_str      status_text;     /* absent: edgefn_status_text(status) */
    bool            cacheable;       /* origin-request: leave out the Cache-Control: no-store that
                                        keeps it unshared */
    uint32_t        cache_max_age_s; /* not 0: Cache-Control: max-age=N, in every event */
} edgefn_respond_opts;

typedef struct edgefn_redirect_opts {
    uint32_t   status;          /* 0: 302. Else 301, 302, 303, 307 or 308 */
    edgefn_str scheme;          /* absent: https */
    edgefn_str host;            /* absent: the Host header */
    edgefn_str path;            /* absent: the request's. May hold its own ?query, which replaces
                                   the received one */
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

/* Absent: the usual value, where the response has none; "": the header stays as it is; else the
   value, whatever was there. */
typedef struct edgefn_security_opts {
    edgefn_str hsts, frame_options;                /* max-age=63072000; DENY */
    edgefn_str csp;                                /* frame-ancestors 'none', unless there is
                                                      another X-Frame-Options */
    edgefn_str referrer_policy;                    /* strict-origin-when-cross-origin */
    edgefn_str xss_protection, permissions_policy; /* both stay as they are */
} edgefn_security_opts;

typedef struct edgefn_cors_opts {
    const edgefn_str *origins;          /* "https://app.example.com", equal to the byte. None:
                                           everybody is refused */
    size_t     origin_count;
    bool       any_origin, credentials; /* "*" instead of origins; not with "*", also not in the
                                           lists below */
    edgefn_str methods, headers;        /* preflight: what is allowed beside what always is: "PUT,
                                           DELETE", "X-Token" */
    uint32_t   max_age_s;               /* preflight: 0: not written, which means 5 */
    edgefn_str expose;                  /* what scripts may read beside what they always may */
} edgefn_cors_opts;

typedef struct edgefn_cache_opts {
    uint32_t max_age_s;                            /* always written; 0: ask before each use */
    uint32_t shared_max_age_s, stale_revalidate_s; /* s-maxage, which CloudFront prefers;
                                                      stale-while-revalidate. 0: not written */
    bool     immutable, browser_only, no_store;    /* immutable; private, not with s-maxage;
                                                      no-store, not with anything else */
} edgefn_cache_opts;

typedef enum edgefn_same_site {
    EDGEFN_SAME_SITE_LAX,
    EDGEFN_SAME_SITE_STRICT,
    EDGEFN_SAME_SITE_NONE
} edgefn_same_site;

typedef struct edgefn_cookie_opts {
    edgefn_str path, domain;          /* absent: "/"; this host alone. A '.' may begin a domain */
    uint32_t   max_age_s;             /* 0: until the browser closes. At most 34,560,000 (400 days):
                                         browsers keep none longer */
    edgefn_same_site same_site;
    bool       script_readable;       /* false: HttpOnly */
    bool       insecure, partitioned; /* false: Secure. insecure not with SameSite=None,
                                         Partitioned, or a name that begins with __Secure- or
                                         __Host- */
} edgefn_cookie_opts;

typedef struct edgefn_forwarded_opts {
    uint32_t          trusted_hops; /* so many addresses are yours whatever they are, client_ip the
                                       first */
    const edgefn_str *trusted;      /* and those of these networks */
    size_t            trusted_count;
} edgefn_forwarded_opts;

#ifndef EDGEFN_NO_CRYPTO
typedef struct edgefn_jwt_opts {
    bool       hs256, rs256, es256, eddsa; /* what the token may be signed with: at least one */
    edgefn_str secret;                     /* for hs256 */
    edgefn_str issuer, audience;           /* absent: not checked */
    uint32_t   leeway_s;                   /* for clocks that differ */
    bool       expiry_optional;            /* false: a token without exp is bad */
} edgefn_jwt_opts;

typedef struct edgefn_sign_opts {
    edgefn_str        access_key, secret_key, region; /* required */
    edgefn_str        session_token;                  /* absent: a key that needs none */
    edgefn_str        service;                        /* absent: "s3"; "lambda" for a function URL
                                                         */
    const edgefn_str *headers;                        /* to sign besides, in lower case; those that
                                                         are not there do not count */
    size_t            header_count;
    uint32_t          expires_s;                      /* not 0: sign in the query, valid so long, at
                                                         most 604800 */
    bool              unsigned_payload;               /* S3 over https only */
} edgefn_sign_opts;
#endif

typedef struct edgefn_write_opts {
    bool skip_check;  /* leave out CloudFront's policy rules (not the syntax rules): for tools and
                         tests */
    bool whole_event; /* write the complete event with the edits in it: for tools and tests; not
                         with an answer */
    bool strict;      /* refuse what the judge finds doubtful, too */
} edgefn_write_opts;

/* A '*' at the end of a name stands for any end: "utm_*". Names are compared as
   edgefn_query_normalize() writes them. */
typedef struct edgefn_query_opts {
    const edgefn_str *keep, *drop;             /* keep: only these stay; NULL: all. drop: these go
                                                  */
    size_t            keep_count, drop_count;
    bool              lower_case_names;        /* false: ID and id are two parameters */
    bool              plus_is_space;           /* false: '+' and %20 are two values. Origins that
                                                  decode forms read them alike */
    /* false: parameters of one name keep their order, and equal ones stay. true: they are sorted by
       value, and one of equal ones stays: for origins that read them as a set. */
    bool              sort_values;
} edgefn_query_opts;

/* clang-format on */

/*=== >>api ========================================================================================
   Verbs that change something return false when they failed; the event then carries the first error
   in ev->err and edgefn_finish() refuses. Reading never fails: what is not there is absent. */

/*--- version and errors -------------------------------------------------------------------------*/

/* Gives the version of the implementation, to compare with EDGEFN_VERSION of the header that a
   caller was built with.
   Returns: "MAJOR.MINOR.PATCH", static. */
EDGEFN_API const char *edgefn_version(void);

/* Names an error: "EDGEFN_E_JSON_EOF", "EDGEFN_OK"; "EDGEFN_E_?" for a number that is none.
   Returns: static text, never NULL. */
EDGEFN_API const char *edgefn_error_name(edgefn_error code);

/* Says what an error means in one line, with the way out where there is one.
   Returns: static text, never NULL. */
EDGEFN_API const char *edgefn_error_text(edgefn_error code);

/* Turns a byte offset into a line and a column. Lines end at LF; CR LF counts once; columns count
   bytes. json: the text that was parsed. pos: edgefn_err.pos; beyond the text it means the text's
   end.
   Returns: both counted from 1. Time grows with pos: call it only to print. */
EDGEFN_API edgefn_location edgefn_locate(edgefn_str json, size_t pos);

/* Writes ev->err as one line for a person: "3:14: error: what: where: subject (EDGEFN_E_NAME)",
   without "LINE:COLUMN:" (and with a leading blank) where the error is not about the input, so that
   a file name and ':' can stand before it. buf: gets at most cap bytes, no NUL; control characters
   of the subject are shown as '?', a long subject is cut.
   Returns: the bytes written. 0 when there is no error. */
EDGEFN_API size_t edgefn_describe(const edgefn_event *ev, char *buf, size_t cap);

/*--- memory -------------------------------------------------------------------------------------*/

/* Makes an arena of a block of memory. It needs no alignment and no clearing.
   Memory: the block stays the caller's; the next event may use it again.
   Example:
       static unsigned char mem[64 * 1024];
       edgefn_arena arena = edgefn_arena_make(mem, sizeof mem);
       (void)arena; */
EDGEFN_API edgefn_arena edgefn_arena_make(void *mem, size_t size);

/* Tells how many bytes edgefn_parse() can take at the very most for any text of json_len bytes,
   hostile ones included.
   Returns: bytes; SIZE_MAX when that cannot be said in a size_t. Edits and output are not in it. */
EDGEFN_API size_t edgefn_memory_bound(size_t json_len);

/* Tells how many bytes parsing, editing and edgefn_finish() take for events that CloudFront sends.
   json_len: bytes of the event. edits: how many headers, cookies and parameters the handler sets;
   add one for every 200 bytes of text or body that it makes (a 2,000-byte page and three headers:
   13).
   Returns: bytes. Less may do; if it is too little, EDGEFN_E_OOM says so. */
EDGEFN_API size_t edgefn_memory_usual(size_t json_len, size_t edits);

/* Takes bytes from the event's arena; they are not cleared and live until the block is used for the
   next event. align: a power of two up to 16; 0 means 1.
   Returns: NULL when the arena is exhausted.
   Fails: EDGEFN_E_OOM; EDGEFN_E_OPTIONS for an impossible align. */
EDGEFN_API void *edgefn_alloc(edgefn_event *ev, size_t size, size_t align);

/*--- strings ------------------------------------------------------------------------------------*/

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

/* Writes a number in decimal. Returns: absent when it failed. Memory: at most 20 bytes in the
   arena. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_str_from_u64(edgefn_event *ev, uint64_t value);

/* Lowers ASCII letters.
   Returns: s itself when it has no capital; absent for an absent s, or when it failed. Memory:
   s.len bytes. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_str_lower(edgefn_event *ev, edgefn_str s);

/* Quotes a string as JSON, with the quotation marks. Bytes that are not UTF-8 become U+FFFD.
   Returns: absent when it failed, or for an absent s. Memory: at most 6 bytes a byte and 2. Fails:
   EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_json_quote(edgefn_event *ev, edgefn_str s);

/*--- event --------------------------------------------------------------------------------------*/

/* Reads one event. Dialect and kind are detected. The text is checked as JSON to the letter (RFC
   8259, UTF-8, 64 levels), then read as an event; members the library does not know are kept and
   written back. With opts.lenient it also takes test events, such as those of AWS SAM and of the
   Lambda console: without eventType or all of config (context), without method, in response events
   without request, and with null for an optional member or header, which is then absent, written
   back untouched, and replaced by an edit. Required stay uri where there is a request, and a
   response with its status in response events. The type of an event without eventType is opts.type;
   else a response whose request has an origin makes it origin-response, a response viewer-response,
   an origin origin-request, anything else viewer-request (CloudFront Functions: a response
   viewer-response, else viewer-request), and ev->type_inferred says so. Wherever strict parsing
   succeeds, lenient parsing has the same result. ev: overwritten whole. json: must stay unchanged
   as long as ev is used; needs no padding and no NUL; below 4 GiB. arena: from edgefn_arena_make();
   the event takes it over. opts: may be NULL.
   Returns: EDGEFN_OK, or the error that ev->err describes; then no member of the event may be used.
   Memory: at most edgefn_memory_bound(json.len).
   Fails: EDGEFN_E_JSON_*; EDGEFN_E_NOT_AN_EVENT (at the text's first value, or at the event type
   that is none); EDGEFN_E_MISSING (at the closing brace), EDGEFN_E_TYPE and EDGEFN_E_RANGE (at the
   value), EDGEFN_E_DUPLICATE (at the second name);
   EDGEFN_E_OOM, also for a text that is not JSON; EDGEFN_E_OPTIONS (also for an impossible
   opts.type). With memory enough, a text that is not JSON is reported as that before anything else
   that is wrong with it; a byte order mark before it, or UTF-16, is named. Events of other AWS
   services are EDGEFN_E_NOT_AN_EVENT. What .lenient would take is said by edgefn_describe().
   Events: all.
   Source: Lambda@Edge event structure; CloudFront Functions event structure. */
EDGEFN_API edgefn_error edgefn_parse(edgefn_event *ev, edgefn_str json, edgefn_arena arena,
                                     const edgefn_parse_opts *opts);

/* Begins an event that is built from parts: in a proxy that has read the request already, or in a
   test. Assign members (method, uri, querystring, client_ip, domain, the origin's, status, body),
   fill the lists with edgefn_add(), then call edgefn_received(). Until then every part may be set
   and may hold any bytes.
   type: EDGEFN_FUNCTIONS has no origin events. opts: .env, nothing else; NULL for none.
   Returns: EDGEFN_OK or ev->err.code. Fails: EDGEFN_E_OPTIONS.
   Example:
       edgefn_begin(ev, EDGEFN_LAMBDA, EDGEFN_VIEWER_REQUEST, ev->arena, NULL);
       ev->request.method = EDGEFN_S("GET"), ev->request.uri = EDGEFN_S("/admin/");
       edgefn_add(&ev->request.headers, EDGEFN_S("Host"), EDGEFN_S("www.example.com"));
       return edgefn_received(ev) && edgefn_handler(ev) && ev->response.status == 403; */
EDGEFN_API edgefn_error edgefn_begin(edgefn_event *ev, edgefn_dialect dialect, edgefn_type type,
                                     edgefn_arena arena, const edgefn_parse_opts *opts);

/* Ends the building: what is there now is what was received, and from here on everything is an
   edit. In CloudFront Functions the query and the cookies become lists, and the cookie headers go,
   as in the events that CloudFront sends.
   Returns: false when it failed. Memory: 16 bytes a string member, 80 a cookie and a parameter.
   Query and cookies may have been given as text (querystring, the cookie header) or through their
   lists; both is EDGEFN_E_CONFLICT.
   Fails: EDGEFN_E_MISSING without method, uri or, in response events, status; EDGEFN_E_MISUSE
   without edgefn_begin(); EDGEFN_E_OOM. */
EDGEFN_API bool edgefn_received(edgefn_event *ev);

/* What a proxy is to do with an event that a handler was given. */
typedef enum edgefn_outcome { EDGEFN_FAIL, EDGEFN_FORWARD, EDGEFN_ANSWER } edgefn_outcome;

/* Tells what came of an event, for a host that applies the edits itself: writes changed views back
   (query, cookies), asks syntax and judge as edgefn_finish() does, and says fail (ev->err tells
   why), forward, or answer with ev->response. Then edgefn_changed() and the marks of the lists say
   what to apply. EDGEFN_FAIL until edgefn_received(). opts: .skip_check leaves out the judge,
   .strict refuses doubtful results, too; NULL for neither. */
EDGEFN_API edgefn_outcome edgefn_outcome_of(edgefn_event *ev, const edgefn_write_opts *opts);

/* Tells whether this is a request event (viewer-request, origin-request). */
EDGEFN_API bool edgefn_is_request(const edgefn_event *ev);

/* Names a kind as CloudFront does: "viewer-request"; "" for EDGEFN_TYPE_NONE. Returns: static text.
   */
EDGEFN_API const char *edgefn_type_name(edgefn_type type);

/* Gives the received request (response in response events) as it stands in the input: what "pass"
   means.
   Returns: a view of the input; absent when the event was refused. */
EDGEFN_API edgefn_str edgefn_passthrough(const edgefn_event *ev);

/* Gives the result that lets nothing through, for a host that cannot fail the invocation. It needs
   no memory.
   Returns: static text. Request events: a 503 response without headers. Response events, and when
   the kind is unknown: null, which CloudFront refuses with a 502. */
EDGEFN_API edgefn_str edgefn_fail_closed(const edgefn_event *ev);

/* Fails the event on purpose: a handler that knows a reason, or a host whose handler returned false
   without one. Only the first failure counts.
   code: EDGEFN_E_HANDLER, usually. subject: what it is about, or absent; must live as long as the
   event.
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

/* Reads one value of a JSON text, by a pointer (RFC 6901): "/user/roles/0"; "" is the whole. Of
   equal names the last counts. Checks all of json each time.
   Returns: the text of a string, unescaped; anything else as it stands; absent when it is not
   there, when json is no JSON text, and for an invalid pointer: one without a '/' at its beginning,
   or with a '~' that neither 0 nor 1 follows.
   Memory: none, but for strings with escapes. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_json_at(edgefn_event *ev, edgefn_str json, edgefn_str pointer);

/* The handler's entry point: declared here, defined by you. Edit the event or answer it, and return
   true; return false to fail, which hosts report as EDGEFN_E_HANDLER unless the event has an error
   of its own. A handler passes events of kinds it is not for unchanged. */
EDGEFN_EXPORT bool edgefn_handler(edgefn_event *ev);

/*--- fields: headers, query parameters, cookies and custom headers share one type -----------------
   Lists: &ev->request.headers, &ev->response.headers, &ev->request.origin.headers,
   edgefn_query(ev), edgefn_cookies(ev), edgefn_set_cookies(ev). Every edit fails with
     EDGEFN_E_MISUSE      the list does not lie inside its event (the event or the list was copied)
     EDGEFN_E_EVENT_TYPE  request lists in response events, origin headers outside origin-request,
     an answer that is not there
     EDGEFN_E_DIALECT     cookie or set-cookie through the header verbs in CloudFront Functions:
                          the cookie lists serve both
     EDGEFN_E_FIELD_NAME  headers: not an RFC 9110 token; cookies: not a token; parameters: empty,
     or holding '=' '&' '#' blank or control EDGEFN_E_FIELD_VALUE not UTF-8, or a control character
     (headers: tab is allowed); cookies: ';'; parameters: '&' '#' or a blank EDGEFN_E_OOM
   Names and values given must live until the event is written; literals and arena strings do. An
   absent value means "no such field": edgefn_set() and edgefn_set_at() remove, edgefn_add() does
   nothing. A value copied from a viewer may hold what its new place cannot carry. */

/* Finds the next field of that name at or behind index `from`.
   Returns: its index; f->len when there is none.
   Example:
       edgefn_fields *q = edgefn_query(ev);
       for (size_t i = edgefn_find(q, EDGEFN_S("id"), 0); i < q->len;
            i = edgefn_find(q, EDGEFN_S("id"), i + 1))
           if (q->items[i].value.len == 0) edgefn_set_at(q, i, EDGEFN_S("0")); */
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

/* Removes all fields that a function of yours picks, in one pass: linear time, where
   edgefn_remove_at() in a loop takes quadratic time. wanted: returns true for a field to remove;
   called once for each, in order; it must not edit the list. user: passed on to it.
   Returns: how many; 0 also when it failed.
   Memory: one bit a field while it runs.
   Example:
       static bool without_value(const edgefn_field *field, void *user)
       {
           (void)user;
           return field->value.len == 0;
       }

       bool edgefn_handler(edgefn_event *ev)
       {
           edgefn_remove_if(edgefn_query(ev), without_value, NULL);
           return true;
       } */
EDGEFN_API size_t edgefn_remove_if(edgefn_fields *f,
                                   bool (*wanted)(const edgefn_field *field, void *user),
                                   void *user);

/* Removes one field among several; those after it move up, which takes time. For many fields use
   edgefn_remove_if().
   Fails: see above; EDGEFN_E_OPTIONS for an index out of the list. */
EDGEFN_API bool edgefn_remove_at(edgefn_fields *f, size_t index);

/* Changes the value of one field among several. An equal value is no change.
   Fails: see above; EDGEFN_E_OPTIONS for an index out of the list. */
EDGEFN_API bool edgefn_set_at(edgefn_fields *f, size_t index, edgefn_str value);

/* Adds a value and never joins: behind the last field of that name in headers and in the cookies of
   CloudFront Functions, else at the end. A header that was received and removed comes back to its
   place. */
EDGEFN_API bool edgefn_add(edgefn_fields *f, edgefn_str name, edgefn_str value);

/* Makes this the only value of that name: the first field keeps its place and its spelling, further
   ones go; a new one goes to the end. An equal value is no change. In a new header, `key` is
   spelled as given here and the map key is lower case.
   Example:
       edgefn_str host = edgefn_get(&ev->request.headers, EDGEFN_S("host"));
       edgefn_set(&ev->request.headers, EDGEFN_S("X-Forwarded-Host"), host); */
EDGEFN_API bool edgefn_set(edgefn_fields *f, edgefn_str name, edgefn_str value);

/* Sorts by name, bytewise. Fields of one name keep their order: it means something to many origins.
   For cache keys.
   Time: n log n. An order that was right already is no change. Returns: false when it failed. */
EDGEFN_API bool edgefn_sort(edgefn_fields *f);

/*--- headers ------------------------------------------------------------------------------------*/

/* Tells whether a list ("Connection: close, Upgrade") has this element, letters without case.
   Source: RFC 9110 section 5.6.1. */
EDGEFN_API bool edgefn_header_has_token(edgefn_str value, edgefn_str token);

/* Gives a directive of Cache-Control and its like, letters without case: "60" for max-age of
   "private, max-age=60".
   Returns: the first of equal ones without its quotation marks; "" without a value; absent when it
   is not there. Source: RFC 9111 section 5.2. */
EDGEFN_API edgefn_str edgefn_header_directive(edgefn_str value, edgefn_str name);

/* Chooses a media type by Accept, or a coding by Accept-Encoding. The most specific range has the
   word on an offer, q=0 refuses; a range with a weight that is none (q=2, q=1.0000, q=abc) counts
   as not sent. Of equally good offers the first wins: begin with what every client understands.
   "identity" is accepted unless refused, after all that is named. x-gzip is gzip, x-compress is
   compress.
   Returns: the offer's index; 0 when value is absent; count when none fits.
   Source: RFC 9110 sections 8.4.1, 12.4.2, 12.5.1, 12.5.3. */
EDGEFN_API size_t edgefn_header_negotiate(edgefn_str value, const edgefn_str *offers, size_t count);

/* Chooses a language by Accept-Language: the best range first, shortened until it is an offer:
   "de-CH" finds "de", but "de" does not find "de-CH". "*" finds the first offer that is not
   refused, when no other range found one.
   Returns: as edgefn_header_negotiate(). Source: RFC 4647 section 3.4; RFC 9110 section 12.5.4. */
EDGEFN_API size_t edgefn_header_language(edgefn_str value, const edgefn_str *offers, size_t count);

/* Adds a name to the response's Vary unless it or "*" is there; "*" replaces all names.
   Fails: EDGEFN_E_OPTIONS for no token; as edgefn_set(). Events: response events; request events
   that were answered. */
EDGEFN_API bool edgefn_header_vary(edgefn_event *ev, edgefn_str name);

/* Sets the security headers of edgefn_security_opts and X-Content-Type-Options: nosniff.
   Fails: as edgefn_set(). Events: as edgefn_header_vary(). Source: RFC 6797; RFC 7034; Content
   Security Policy Level 3. */
EDGEFN_API bool edgefn_header_security(edgefn_event *ev, const edgefn_security_opts *opts);

/* Does CORS, called alike in request and response events. A preflight (OPTIONS with Origin and
   Access-Control-Request-Method) is answered with 204, other requests pass. A response, or an
   answer given before, gets the headers that its request's Origin may have, and loses all others of
   CORS: a refused origin, which "null" is unless all may, gets none. "Vary: Origin" is there
   whenever there is no "*".
   Fails: EDGEFN_E_OPTIONS for credentials with "*", origins beside .any_origin, or an invalid one
   ("*", "null", with a path); as edgefn_respond().
   Events: viewer events; origin events where Origin is in the cache key. Source: Fetch standard,
   CORS protocol.
   Example:
       const edgefn_str origins[] = { EDGEFN_S("https://app.example.com") };
       return edgefn_header_cors(ev, &(edgefn_cors_opts){
           .origins = origins, .origin_count = 1, .methods = EDGEFN_S("PUT") }); */
EDGEFN_API bool edgefn_header_cors(edgefn_event *ev, const edgefn_cors_opts *opts);

/* Sets the response's Cache-Control. Fails: EDGEFN_E_OPTIONS for what contradicts itself; as
   edgefn_set().
   Events: as edgefn_header_vary(). Source: RFC 9111 section 5.2.2; RFC 5861 section 3; RFC 8246. */
EDGEFN_API bool edgefn_header_cache(edgefn_event *ev, const edgefn_cache_opts *opts);

/*--- query --------------------------------------------------------------------------------------*/

/* Gives the query's parameters in order, percent-encoding as received; parsed on first use from the
   raw query. A key without '=' has the value "" and stays without '=' unless its value is changed.
   The raw query is rewritten only if the list was changed.
   Returns: never NULL; an empty list when there are none or when it failed.
   Fails: EDGEFN_E_OOM; EDGEFN_E_CONFLICT when the raw query was changed while this list was.
   Events: all; edits in request events. */
EDGEFN_API edgefn_fields *edgefn_query(edgefn_event *ev);

/* Replaces the whole query by raw text without '?'. An unchanged edgefn_query() list is parsed
   anew.
   Fails: EDGEFN_E_FIELD_VALUE (control, blank, '#', a leading '?' where none was received, not
   UTF-8); EDGEFN_E_CONFLICT; EDGEFN_E_EVENT_TYPE. */
EDGEFN_API bool edgefn_query_set_raw(edgefn_event *ev, edgefn_str querystring);

/* Gives the query as text, the edits of edgefn_query() included, in both dialects.
   Returns: "" when there is none. Memory: its length in the arena where it must be made. Fails:
   EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_query_text(edgefn_event *ev);

/* Makes one query of all that mean the same, for the cache key: drops what opts names, writes
   equivalent encodings alike, sorts by name. Parameters of one name keep their order, and equal
   ones stay ("load[]=jquery&load[]=common"), unless opts says .sort_values: then the order of the
   parameters makes no difference at all. Doing it twice makes none either. Alike are %41 and A, - .
   _ ~ too; %2f and %2F; what no query may hold ([ ] | " non-ASCII, a stray '%') and its %XX.
   Reserved characters stay: %2F is not '/'. A name without '=' stays without: a is not a=, but of
   both .sort_values leaves a. The list is read anew, without marks.
   Memory: twice its length, 200 bytes a parameter; nothing if nothing changes.
   Fails: EDGEFN_E_EVENT_TYPE outside request events; EDGEFN_E_CONFLICT; EDGEFN_E_OOM. Source: RFC
   3986 section 6.2.2.
   Example:
       static const edgefn_str drop[] = { EDGEFN_S_INIT("utm_*"), EDGEFN_S_INIT("gclid") };
       return edgefn_query_normalize(ev, &(edgefn_query_opts){ .drop = drop, .drop_count = 2 }); */
EDGEFN_API bool edgefn_query_normalize(edgefn_event *ev, const edgefn_query_opts *opts);

/* Takes the next pair off a form body or query, as it stands. Empty pieces are skipped; a piece
   without '=' is a name with the value "". edgefn_percent_decode(ev, value, true) decodes. rest:
   the text at first, then what is behind the pair. Returns: false at the end.
   Source: WHATWG URL, application/x-www-form-urlencoded parsing. */
EDGEFN_API bool edgefn_form_next(edgefn_str *rest, edgefn_str *name, edgefn_str *value);

/* Decodes %XX once; what is none stays. The result may hold any byte, NUL and broken UTF-8 too:
   setters refuse what their place cannot carry.
   Returns: s itself where nothing is encoded; absent for an absent s, or when it failed. Memory: at
   most s.len. Fails: EDGEFN_E_OOM.
   Source: RFC 3986 section 2.1; WHATWG URL, percent-decode. */
EDGEFN_API edgefn_str edgefn_percent_decode(edgefn_event *ev, edgefn_str s, bool plus_is_space);

/* Encodes all bytes but letters, digits, - . _ ~ and those of keep, as upper-case %XX. keep
   "!*'()": as encodeURIComponent(). A space in keep is written as '+': " *" is for forms, but
   leaves '~' plain where browsers write %7E; both decode alike.
   Returns, Memory, Fails: as edgefn_percent_decode(), but 3 bytes a byte. */
EDGEFN_API edgefn_str edgefn_percent_encode(edgefn_event *ev, edgefn_str s, edgefn_str keep);

/*--- cookies ------------------------------------------------------------------------------------*/

/* Gives the request's cookies, from all cookie headers, in order; parsed on first use
   (Lambda@Edge). A piece without '=' is a cookie without a name (its text is the value). The cookie
   headers are rewritten only if the list was changed.
   Returns: never NULL; an empty list when there are none or when it failed.
   Fails: EDGEFN_E_OOM; EDGEFN_E_CONFLICT when the cookie headers were edited while this list was.
   Events: all; edits in request events.
   Source: RFC 6265 section 5.4; CloudFront Functions event structure, Cookies.
   Example:
       edgefn_str session = edgefn_get(edgefn_cookies(ev), EDGEFN_S("session"));
       if (session.ptr == NULL)
           return edgefn_redirect_to(ev, 302, EDGEFN_S("https://example.com/sign-in")); */
EDGEFN_API edgefn_fields *edgefn_cookies(edgefn_event *ev);

/* Gives the response's cookies, one field a Set-Cookie, never joined; attributes apart. In
   Lambda@Edge they are parsed on first use and the set-cookie headers are rewritten only where this
   list was changed. Returns, Fails: as edgefn_cookies(). Events: response events; request events
   that were answered. */
EDGEFN_API edgefn_fields *edgefn_set_cookies(edgefn_event *ev);

/* Replaces the attributes of one response cookie, the text behind the first ';': "Path=/; Secure".
   Absent takes them away.
   Fails: as edgefn_set_at(); EDGEFN_E_OPTIONS when the list is not edgefn_set_cookies().
   Example:
       edgefn_fields *c = edgefn_set_cookies(ev);
       if (!edgefn_set(c, EDGEFN_S("seen"), EDGEFN_S("1"))) return false;
       return edgefn_cookie_attributes_set(c, edgefn_find(c, EDGEFN_S("seen"), 0),
                                           EDGEFN_S("Path=/; Secure; HttpOnly; SameSite=Lax")); */
EDGEFN_API bool edgefn_cookie_attributes_set(edgefn_fields *set_cookies, size_t index,
                                             edgefn_str attributes);

/* Sets a cookie of the response in place of all of that name; "Path=/; Secure; HttpOnly;
   SameSite=Lax" unless opts says otherwise. value: printable ASCII but for blank, '"', ',', ';' and
   backslash. Absent: no such cookie.
   Fails: EDGEFN_E_OPTIONS for what browsers refuse: see edgefn_cookie_opts, and __Host- with a
   domain or path; EDGEFN_E_FIELD_VALUE, also for more than 4,096 bytes of name and value; as
   edgefn_set(). Events: as edgefn_header_vary(). Source: RFC 6265bis sections 4.1 and 5.7.
   Example:
       return edgefn_cookie_set(ev, EDGEFN_S("__Host-sid"), EDGEFN_S("31d4d96e"),
                                &(edgefn_cookie_opts){ .max_age_s = 86400 }); */
EDGEFN_API bool edgefn_cookie_set(edgefn_event *ev, edgefn_str name, edgefn_str value,
                                  const edgefn_cookie_opts *opts);

/* Makes the browser forget a cookie; path and domain must be those it was set with. Fails, Events:
   as edgefn_cookie_set(). */
EDGEFN_API bool edgefn_cookie_expire(edgefn_event *ev, edgefn_str name,
                                     const edgefn_cookie_opts *opts);

/* Gives an attribute of a received Set-Cookie, letters without case:
   edgefn_cookie_attribute(c->items[i].attributes, EDGEFN_S("max-age")).
   Returns: the last of equal ones; "" without a value; absent when it is not there. Source: RFC
   6265bis section 5.6. */
EDGEFN_API edgefn_str edgefn_cookie_attribute(edgefn_str attributes, edgefn_str name);

/*--- uri ----------------------------------------------------------------------------------------*/

/* Replaces the URI's path. The same as assigning ev->request.uri, but refused at once instead of at
   the end.
   Fails: EDGEFN_E_URI; EDGEFN_E_EVENT_TYPE outside request events.
   Source: Restrictions on all edge functions, URI and query string. */
EDGEFN_API bool edgefn_uri_set(edgefn_event *ev, edgefn_str uri);

typedef struct edgefn_path {
    edgefn_str dir, base, stem, ext;
} edgefn_path;
/* As they stand; what is not there is absent, but path. ok == false: a blank, control, backslash or
   non-ASCII; no proper host or port. */
typedef struct edgefn_url_parts {
    edgefn_str scheme, userinfo, host, port, path, query, fragment;
    bool ok;
} edgefn_url_parts;

/* Splits a path: "/a/b.tar.gz" is dir "/a/", base "b.tar.gz", stem "b.tar", ext "gz"; an absent
   ext: none, as in "/.htaccess". */
EDGEFN_API edgefn_path edgefn_path_split(edgefn_str path);

/* Gives one piece between slashes, from 0: of "/a/b", "a" and "b"; the second of "/a/" is "".
   Returns: absent behind the last. */
EDGEFN_API edgefn_str edgefn_path_segment(edgefn_str path, size_t index);

/* Splits a URL, absolute or not. Ask .ok before you trust .host. Source: RFC 3986 section 3. */
EDGEFN_API edgefn_url_parts edgefn_url_split(edgefn_str url);

/* Gives the request's absolute URL: https, or http where CloudFront-Forwarded-Proto says so; the
   Host header (in origin events the origin's).
   Returns: absent without a proper Host header, for a path without '/' at its beginning, or when it
   failed.
   Memory: its length. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_url(edgefn_event *ev);

/* Gives the path one spelling. %XX of letters, digits and - . _ ~ are decoded, once; other %XX
   (%2f, %5c, %25) stay, in upper case; what no path may hold is encoded, a stray '%' too; a
   backslash becomes '/', as in browsers; runs of '/' become one; dot segments are resolved. Twice
   is as once.
   Fails: EDGEFN_E_EVENT_TYPE outside request events; EDGEFN_E_URI for what CloudFront never sends;
   EDGEFN_E_OOM. Source: RFC 3986 5.2.4, 6.2.2. */
EDGEFN_API bool edgefn_uri_normalize(edgefn_event *ev);

/* Tells whether a path fits a pattern: '*' is any run of characters, '/' included, '?' exactly one;
   case counts; the whole path; a '/' in front may be left out. "/admin/" and '*' fit neither
   "/admin" nor "/administrator". To guard whatever servers stand behind, a path fits if one reading
   does: edgefn_uri_normalize()'s, and all with %XX decoded once, that but %2F, however often, or
   not, backslash as '/' or not, ";..." cut off or not, runs of '/' joined before or after dot
   segments are resolved; of the path as it came, and of the normalised one. Not read are %uXXXX,
   '+' as a space, letters without case, ";..." cut off before %XX is decoded or after dot segments
   are resolved, and exactly two decodings: against these, refuse what is not edgefn_uri_plain().
   For
   servers that resolve no dot segments, normalise first. Do not turn it round ("all but /public/"):
   such an exception must also be edgefn_uri_plain(). Above 8,192 bytes, which CloudFront refuses,
   every path fits. pattern: plain UTF-8, not encoded. Time: grows with the path, for a pattern that
   repeats itself with both multiplied; CloudFront's own patterns have at most 255 bytes.
   Source: All distribution settings reference, Path pattern. */
EDGEFN_API bool edgefn_uri_match(edgefn_str uri, edgefn_str pattern);

/* Tells whether all servers read a path alike, the case of letters aside: no dot segment, "//",
   backslash, ';', control, %2F, %25, %uXXXX or stray '%', nothing that decodes twice, and no '+',
   which S3 reads as a space. Else 400 is an answer. */
EDGEFN_API bool edgefn_uri_plain(edgefn_str uri);

/* Replaces the first segments: with "/v1" and "/v2", "/v1/x" becomes "/v2/x"; "/v10" stays. A '/'
   at the end of either, or in front, means nothing; "" is no segment: it takes away, or puts in
   front. Compares as it stands: normalise first.
   Fails: EDGEFN_E_URI; EDGEFN_E_EVENT_TYPE outside request events; EDGEFN_E_OOM. */
EDGEFN_API bool edgefn_uri_replace_prefix(edgefn_event *ev, edgefn_str from, edgefn_str to);

/* Asks for the file of a folder: "/a/" and, having no extension, "/a" become "/a/index.html".
   index: absent means index.html; "" only adds the '/'. Fails: as edgefn_uri_replace_prefix(). */
EDGEFN_API bool edgefn_uri_add_index(edgefn_event *ev, edgefn_str index);

/* Takes the '/' off the path's end, all of them; "/" stays. Fails: as edgefn_uri_replace_prefix().
   */
EDGEFN_API bool edgefn_uri_drop_slash(edgefn_event *ev);

/* Encodes the path as S3 and its signatures want it: all but letters, digits, - . _ ~ / as %XX,
   nothing twice; '+', which S3 reads as a blank, as %2B. '//' and dots may be part of a key and
   stay. Fails: as edgefn_uri_normalize(). Source: Naming Amazon S3 objects. */
EDGEFN_API bool edgefn_uri_encode_s3(edgefn_event *ev);

/*--- user agent and device ----------------------------------------------------------------------*/

/* edgefn_ua.device: several may be set, as with CloudFront (a tablet is often mobile too). At least
   one of the first four is. */
enum {
    EDGEFN_MOBILE = 1,
    EDGEFN_TABLET = 2,
    EDGEFN_DESKTOP = 4,
    EDGEFN_TV = 8,
    EDGEFN_IOS = 16,
    EDGEFN_ANDROID = 32
};

typedef enum edgefn_os {
    EDGEFN_OS_UNKNOWN,
    EDGEFN_OS_LINUX,
    EDGEFN_OS_WINDOWS,
    EDGEFN_OS_MACOS,
    EDGEFN_OS_CHROMEOS,
    EDGEFN_OS_ANDROID,
    EDGEFN_OS_IOS,
    EDGEFN_OS_KAIOS,
    EDGEFN_OS_SYMBIAN,
    EDGEFN_OS_BLACKBERRY,
    EDGEFN_OS_WINDOWS_PHONE,
    EDGEFN_OS_TIZEN,
    EDGEFN_OS_WEBOS,
    EDGEFN_OS_ROKU,
    EDGEFN_OS_PLAYSTATION
} edgefn_os;

typedef enum edgefn_browser { /* ANDROID: the old one, called "Browser"; IE to 11 */
                              EDGEFN_BROWSER_UNKNOWN,
                              EDGEFN_BROWSER_SAFARI,
                              EDGEFN_BROWSER_ANDROID,
                              EDGEFN_BROWSER_CHROME,
                              EDGEFN_BROWSER_FIREFOX,
                              EDGEFN_BROWSER_IE,
                              EDGEFN_BROWSER_BRAVE,
                              EDGEFN_BROWSER_EDGE,
                              EDGEFN_BROWSER_SAMSUNG,
                              EDGEFN_BROWSER_SILK,
                              EDGEFN_BROWSER_OPERA,
                              EDGEFN_BROWSER_OPERA_MINI,
                              EDGEFN_BROWSER_UC,
                              EDGEFN_BROWSER_YANDEX,
                              EDGEFN_BROWSER_MIUI,
                              EDGEFN_BROWSER_HUAWEI,
                              EDGEFN_BROWSER_QQ,
                              EDGEFN_BROWSER_DUCKDUCKGO,
                              EDGEFN_BROWSER_VIVALDI,
                              EDGEFN_BROWSER_WHALE
} edgefn_browser;

/* PREVIEW: shows in social networks and messengers what a link leads to. MONITOR: is the site up
   and fast? AI: collects for a language model, or browses for one. TOOL: command lines, libraries,
   test browsers. OTHER: says that it is one, or looks like no browser. */
typedef enum edgefn_bot {
    EDGEFN_BOT_NONE,
    EDGEFN_BOT_SEARCH,
    EDGEFN_BOT_PREVIEW,
    EDGEFN_BOT_MONITOR,
    EDGEFN_BOT_AI,
    EDGEFN_BOT_TOOL,
    EDGEFN_BOT_OTHER
} edgefn_bot;

typedef struct edgefn_ua {
    uint32_t device; /* EDGEFN_MOBILE ... bits */
    edgefn_os os;
    edgefn_browser browser;
    uint32_t major; /* of the browser's version; 0: unknown */
    edgefn_bot bot;
    edgefn_str
        bot_name; /* a part of the text: "Googlebot"; absent when it is no bot, or one without a
                     name */
} edgefn_ua;

/* Judges the text of a User-Agent header by the words in it. Without evidence it is a desktop, as
   CloudFront answers; a text without any is a bot as well. Game consoles count as TV, those for the
   pocket as mobile. Words count in their place: an app's name does not make a phone a TV, "Mobile"
   on Android outranks a short word that TVs have in their names, and iPhone, iPad and iPod outrank
   every TV. A text that names only its operating system, and does not begin with Mozilla, is a
   tool; a name after "like Gecko; compatible;" is a bot. Everybody can claim to be anything:
   nothing here keeps somebody out.
   Time: linear in the text. */
EDGEFN_API edgefn_ua edgefn_ua_parse(edgefn_str text);

/* Judges the viewer of an event: by client hints (Sec-CH-UA, -Mobile, -Platform, -Form-Factors),
   then by CloudFront-Is-*-Viewer where CloudFront wrote them (not in Lambda@Edge viewer events),
   then by User-Agent; "Amazon CloudFront" in Lambda@Edge origin events is none of the viewer's.
   Events: all.
   Source: Add CloudFront request headers, Device type headers; Restrictions on Lambda@Edge; W3C
   User-Agent Client Hints.
   Example:
       if (edgefn_ua_of(ev).bot == EDGEFN_BOT_AI) return edgefn_respond(ev, 403, NULL); */
EDGEFN_API edgefn_ua edgefn_ua_of(const edgefn_event *ev);

/* Names a device by the first that is set: "tv", "tablet", "mobile"; else "desktop". Returns:
   static text.
   Example:
       edgefn_str device = edgefn_device_name(edgefn_ua_of(ev).device);
       edgefn_set(&ev->request.headers, EDGEFN_S("x-device"), device); */
EDGEFN_API edgefn_str edgefn_device_name(uint32_t device);

/*--- viewer -------------------------------------------------------------------------------------*/

/* What CloudFront's headers say; they are there if the cache or origin request policy names them.
   Text beyond ASCII is percent-encoded as it came. */
typedef struct edgefn_viewer {
    bool trusted; /* false in Lambda@Edge viewer events: there a viewer wrote all but the address */
    edgefn_str address; /* IPv4 or IPv6 without brackets; CloudFront's word in all events */
    uint32_t port;      /* 0: unknown */
    edgefn_str country, country_name; /* ISO 3166-1: "DE", "Germany" */
    edgefn_str region, region_name;   /* ISO 3166-2 without the country: "BE", "Berlin" */
    edgefn_str city, postal_code, metro_code,
        time_zone;                  /* metro_code: in the US; time_zone: "Europe/Berlin" */
    edgefn_str latitude, longitude; /* degrees, decimal */
    edgefn_str asn, http_version;   /* number of the autonomous system; "2.0" */
    edgefn_str tls_version, tls_cipher,
        tls_handshake;   /* "TLSv1.3", "TLS_AES_128_GCM_SHA256", "fullHandshake" */
    edgefn_str ja3, ja4; /* fingerprints of the TLS hello */
} edgefn_viewer;

/* Gathers what is known about the viewer. The address is that of CloudFront-Viewer-Address where it
   can be trusted, else the event's own.
   Returns: views of the event; absent what is not there.
   Events: all.
   Source: Add CloudFront request headers, Viewer location headers, TLS-related headers;
   Restrictions on Lambda@Edge.
   Example:
       edgefn_viewer viewer = edgefn_viewer_of(ev);
       if (viewer.trusted && edgefn_str_eq(viewer.country, EDGEFN_S("DE")))
           ev->request.uri = EDGEFN_S("/de/index.html"); */
EDGEFN_API edgefn_viewer edgefn_viewer_of(const edgefn_event *ev);

/*--- network ------------------------------------------------------------------------------------*/

/* An address. IPv4 has v4 set and stands as ::ffff:a.b.c.d does, in bytes[12..15]; ok == false: it
   is none. */
typedef struct edgefn_ip {
    unsigned char bytes[16];
    bool v4, ok;
} edgefn_ip;

/* Reads an IPv4 address (no leading zeros) or an IPv6 one (no zone, no brackets). ::ffff:192.0.2.1
   is the IPv4 address. Source: RFC 4291 section 2.2. */
EDGEFN_API edgefn_ip edgefn_ip_parse(edgefn_str text);

/* Writes an address in the one form that compares as text. Returns: absent for none. Memory: at
   most 39 bytes. Fails: EDGEFN_E_OOM. Source: RFC 5952. */
EDGEFN_API edgefn_str edgefn_ip_text(edgefn_event *ev, edgefn_ip ip);

/* Tells whether an address lies in one of the networks, "192.0.2.0/24", "2001:db8::/32", or an
   address alone. Bits behind the prefix do not count; what is no network contains nothing; IPv4
   addresses lie in IPv4 networks only. Of "::ffff:a.b.c.d" a prefix below 96 is no IPv4 network,
   and contains nothing.
   Example:
       static const edgefn_str office[] = { EDGEFN_S_INIT("198.51.100.0/24"),
                                            EDGEFN_S_INIT("2001:db8::/32") };
       if (!edgefn_ip_in(edgefn_ip_parse(ev->request.client_ip), office, 2))
           return edgefn_respond(ev, 403, NULL); */
EDGEFN_API bool edgefn_ip_in(edgefn_ip ip, const edgefn_str *cidrs, size_t count);

/* Finds the client behind proxies that you run: begins at client_ip, goes on through
   X-Forwarded-For from the right, and stops at the first address that is not trusted. Entries may
   have a port, and an IPv6 address brackets (RFC 7239 section 6). What stands left of it anybody
   may have written. opts: NULL trusts nobody, which gives client_ip. If the list ends at an address
   of .trusted, that is the answer.
   Returns: ok == false for an entry that is no address ("unknown"), and when there are fewer
   entries than trusted_hops. */
EDGEFN_API edgefn_ip edgefn_forwarded_for(const edgefn_event *ev,
                                          const edgefn_forwarded_opts *opts);

/*--- time ---------------------------------------------------------------------------------------*/

/* Seconds since 1970-01-01 UTC, leap seconds not counted; years 1 to 9999. ok == false: it is none.
   */
typedef struct edgefn_time {
    int64_t seconds;
    bool ok;
} edgefn_time;

/* Gives the host's clock, the same at every call. Fails: EDGEFN_E_ENVIRONMENT when the host gave
   none, or one beyond the year 9999. */
EDGEFN_API bool edgefn_now(edgefn_event *ev, int64_t *now_s);

/* Writes a date as HTTP does: "Sun, 06 Nov 1994 08:49:37 GMT".
   Returns: absent outside the years 1 to 9999. Memory: 29 bytes. Fails: EDGEFN_E_OOM.
   Example:
       int64_t now;
       if (!edgefn_now(ev, &now)) return false;
       edgefn_set(&ev->response.headers, EDGEFN_S("Expires"), edgefn_date_text(ev, now + 3600)); */
EDGEFN_API edgefn_str edgefn_date_text(edgefn_event *ev, int64_t time_s);

/* Reads a date in any of HTTP's three forms, to the letter, but the weekday need not fit the day. A
   year of two digits is at most 50 years ahead of now; without the host's clock it is none. Second
   60 is the next minute's first. An Expires header that is no date means "expired". Source: RFC
   9110 section 5.6.7. */
EDGEFN_API edgefn_time edgefn_date_parse(edgefn_event *ev, edgefn_str text);

/* Reads Retry-After: seconds or a date. Returns: seconds from now on, 0 for a date that is over; ok
   == false for what is neither.
   Fails: EDGEFN_E_ENVIRONMENT for a date without a clock. Source: RFC 9110 section 10.2.3. */
EDGEFN_API edgefn_number edgefn_retry_after(edgefn_event *ev, edgefn_str value);

/*--- choosing -----------------------------------------------------------------------------------*/

/* Hashes a key, the same on every machine: FNV-1a (64 bits) over salt, then fmix64; from there on
   FNV-1a over key, then fmix64. A salt of its own keeps each experiment apart from the others. No
   protection against who looks for collisions. Source: RFC 9923; MurmurHash3, fmix64. */
EDGEFN_API uint64_t edgefn_hash(edgefn_str salt, edgefn_str key);

/* Chooses an index with the probability weight / sum.
   draw: edgefn_hash(), or edgefn_draw()'s 32 bits << 32. weights: NULL: all alike. Returns: count
   when all weights are zero. */
EDGEFN_API size_t edgefn_choose(uint64_t draw, const uint32_t *weights, size_t count);

/* Chooses a variant and keeps the viewer there: what the cookie names (if its weight is not 0),
   else by a hash of the cookie's name, client IP and User-Agent. In viewer-response, or behind an
   answer in viewer-request, it sets the cookie of a viewer who has none. names: the cookie's
   values. opts: without .max_age_s the cookie ends with the session. Returns: the index; count when
   all weights are zero, or it failed.
   Fails: EDGEFN_E_EVENT_TYPE in origin events, where the cookie would be cached for everybody; as
   edgefn_cookie_set(). */
EDGEFN_API size_t edgefn_choose_sticky(edgefn_event *ev, edgefn_str cookie, const edgefn_str *names,
                                       const uint32_t *weights, size_t count,
                                       const edgefn_cookie_opts *opts);

/* Tells whether a key is among the first `hundredths` of a percent (1250: 12.5 %). More never takes
   one out. An absent key waits for 10000, all. key: what stays with a user: a cookie, an account,
   the address. In origin events the answer is cached for everybody: choose in viewer-request, hand
   the choice on in a header of your own that is in the cache key, and read that header there. */
EDGEFN_API bool edgefn_rollout(edgefn_str salt, edgefn_str key, uint32_t hundredths);

/*--- secrets, tokens, signatures (not with EDGEFN_NO_CRYPTO) ------------------------------------*/

#  ifndef EDGEFN_NO_CRYPTO

/* Hashes bytes. Source: FIPS 180-4. */
EDGEFN_API void edgefn_sha256(edgefn_str data, unsigned char digest[32]);

/* Authenticates bytes with a key. Source: RFC 2104. */
EDGEFN_API void edgefn_hmac_sha256(edgefn_str key, edgefn_str data, unsigned char mac[32]);

/* Compares in a time that tells nothing but the length. Absent equals nothing, not even absent. */
EDGEFN_API bool edgefn_secret_eq(edgefn_str a, edgefn_str b);

/* Gives one of the host's secrets. Fails: EDGEFN_E_ENVIRONMENT when there is none of that name, or
   an empty one. */
EDGEFN_API edgefn_str edgefn_secret(edgefn_event *ev, edgefn_str name);

/* Writes bytes as lower-case hex. Memory: twice the bytes. Fails: EDGEFN_E_OOM.
   Example:
       unsigned char digest[32]; // what a Lambda URL behind origin access control asks of a POST
       if (ev->request.body.truncated) return false;
       edgefn_sha256(edgefn_body_decode(ev, &ev->request.body), digest);
       edgefn_str hex = edgefn_hex_encode(ev, (edgefn_str){ (char *)digest, 32 });
       edgefn_set(&ev->request.headers, EDGEFN_S("x-amz-content-sha256"), hex); */
EDGEFN_API edgefn_str edgefn_hex_encode(edgefn_event *ev, edgefn_str bytes);

/* Reads hex of either case. Returns: absent for what is none, or when it failed. Memory: half the
   text. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_hex_decode(edgefn_event *ev, edgefn_str text);

/* A longer token is refused unread: CloudFront takes headers of 20 KB at most. */
#    define EDGEFN_JWT_MAX 16384

/* What is in a token; header and payload, JSON objects, are absent unless ok. why: static text for
   a log, "" when ok. */
typedef struct edgefn_jwt {
    edgefn_str header, payload;
    bool ok;
    const char *why;
} edgefn_jwt;

/* Checks a signed token (JWS compact form): its signature by an algorithm that opts names, never
   one the token chooses, and the claims exp, nbf, and, where opts names them, iss and aud (a string
   or a list). HS256 is checked here, the others by edgefn_env.verify with the token's kid. A header
   with crit is refused. exp, nbf and iat are any JSON numbers below 2^53; whole seconds count, and
   iat is not compared with the clock. Of equal claims the last counts.
   Returns: ok == false and why for any bad token; that sticks nowhere. Memory: 3/4 of its length,
   given back unless ok.
   Fails: EDGEFN_E_OPTIONS when no algorithm is named, or hs256 without a secret;
   EDGEFN_E_ENVIRONMENT without a clock or verifier; EDGEFN_E_OOM.
   Source: RFC 7515, RFC 7519, RFC 8725.
   Example:
       edgefn_jwt jwt = edgefn_jwt_verify(ev, edgefn_get(edgefn_cookies(ev), EDGEFN_S("session")),
                                          &(edgefn_jwt_opts){
                                             .hs256 = true,
                                             .secret = edgefn_secret(ev, EDGEFN_S("jwt")) });
       if (!jwt.ok) return edgefn_respond(ev, 401, NULL);
       edgefn_str subject = edgefn_jwt_claim(ev, &jwt, EDGEFN_S("sub"));
       edgefn_set(&ev->request.headers, EDGEFN_S("x-user"), subject); */
EDGEFN_API edgefn_jwt edgefn_jwt_verify(edgefn_event *ev, edgefn_str token,
                                        const edgefn_jwt_opts *opts);

/* Gives a claim as edgefn_json_at() gives a value, which reads on in lists and objects.
   Returns: absent when there is no such claim, when it is null, when the token is not ok, or when
   it failed.
   Memory: none, but for strings with escapes. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_jwt_claim(edgefn_event *ev, const edgefn_jwt *jwt, edgefn_str name);

/* Makes a token signed with HS256. payload: a JSON object. Returns: absent when it failed. Memory:
   3 times the token's length.
   Fails: EDGEFN_E_OPTIONS for a payload that is no object, and without a secret; EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_jwt_sign(edgefn_event *ev, edgefn_str payload, edgefn_str secret);

/* Signs the request to the origin with AWS Signature Version 4, in headers, or with .expires_s in
   the query (a presigned URL). Call it last: later
   edits of path, query, body or signed headers break it. Signed are host, what this call sets, and
   .headers;
   x-amz-* that a viewer sent are not, so take them out by edgefn_remove_prefix(). The origin's path
   is signed with the URI's; for S3 call edgefn_uri_encode_s3() before.
   The body is hashed decoded; without "Include body" it counts as empty, so use .unsigned_payload
   for uploads to S3. The path of services other than S3 is signed as it stands: without "//",
   "/./", "/../". '+' in the query is a blank.
   Memory: while it works, the body's bytes, the signed parts twice, and 160 bytes a parameter; then
   what it sets.
   Fails: EDGEFN_E_OPTIONS without key or region, for more than seven days, and for a truncated
   body, unless .unsigned_payload or a presigned URL of S3, which does not sign it; EDGEFN_E_MISSING
   without Host; EDGEFN_E_ENVIRONMENT without a clock; EDGEFN_E_BASE64 for a broken body;
   EDGEFN_E_CONFLICT; EDGEFN_E_EVENT_TYPE; EDGEFN_E_OOM.
   Events: origin-request.
   Source: IAM User Guide, Create a signed AWS API request; Amazon S3 API Reference, Authenticating
   Requests (AWS Signature Version 4); AWS blog, Serving SSE-KMS encrypted content from S3 using
   CloudFront (why x-amz-cf-id is signed).
   Example:
       return edgefn_sign_v4(ev, &(edgefn_sign_opts){
           .region = EDGEFN_S("eu-west-1"),
           .access_key = edgefn_secret(ev, EDGEFN_S("access_key")),
           .secret_key = edgefn_secret(ev, EDGEFN_S("secret_key")) }); */
EDGEFN_API bool edgefn_sign_v4(edgefn_event *ev, const edgefn_sign_opts *opts);

#  endif /* EDGEFN_NO_CRYPTO */

/*--- text and tables ----------------------------------------------------------------------------*/

/* A text that grows in the event's arena. Begin with { 0 }; end with edgefn_text_end(). */
typedef struct edgefn_text {
    char *_ptr;
    size_t _len, _cap;
} edgefn_text;

/* Puts a piece behind a text; absent puts nothing. Other calls may take memory in between: the text
   then moves.
   Returns: false when it failed. Memory: at most twice the text, three times where it had to move.
   Fails: EDGEFN_E_OOM.
   Example:
       edgefn_text t = { 0 };
       for (size_t i = 0; i < edgefn_query(ev)->len; i++)
           edgefn_text_put(ev, &t, EDGEFN_S("<li>")),
           edgefn_text_put(ev, &t, edgefn_html_escape(ev, edgefn_query(ev)->items[i].name));
       return edgefn_respond(ev, 200, &(edgefn_respond_opts){ .body = edgefn_text_end(ev, &t) }); */
EDGEFN_API bool edgefn_text_put(edgefn_event *ev, edgefn_text *text, edgefn_str piece);

/* Ends a text. Returns: it, "" when nothing was put; absent when something failed. Memory: what is
   left over is given back. */
EDGEFN_API edgefn_str edgefn_text_end(edgefn_event *ev, edgefn_text *text);

typedef struct edgefn_pair {
    edgefn_str from, to;
} edgefn_pair; /* a replacement, or a row of a table */

/* Replaces in one pass from the left: at each place the first pair that fits wins; what was put in
   is not looked at again; an empty `from` never fits. Time: bytes of text, times the pairs that
   begin with that byte.
   Returns: text itself where nothing fits; absent for absent text, or when it failed. Memory: the
   result's length. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_replace_all(edgefn_event *ev, edgefn_str text,
                                         const edgefn_pair *pairs, size_t count);

/* Escapes & < > " ' for HTML text and quoted attributes. Returns, Memory, Fails: as
   edgefn_replace_all(). */
EDGEFN_API edgefn_str edgefn_html_escape(edgefn_event *ev, edgefn_str text);

/* Looks up a key in a table sorted by `from`, bytewise. Returns: its `to`; absent when there is
   none. Time: log n. */
EDGEFN_API edgefn_str edgefn_table_get(const edgefn_pair *sorted, size_t count, edgefn_str key);

/* Asks the host. table: "kv", "secret", "auth", or one that your host knows.
   Returns: absent when there is no such key, or when it failed. Fails: EDGEFN_E_ENVIRONMENT when
   the host gave no look-up. */
EDGEFN_API edgefn_str edgefn_lookup(edgefn_event *ev, edgefn_str table, edgefn_str key);

/*--- respond ------------------------------------------------------------------------------------*/

/* Names a status as the IANA registry does: "Not Found". Returns: static text, "" for an unassigned
   one. */
EDGEFN_API edgefn_str edgefn_status_text(uint32_t status);

/* Changes the status of the answer or the received response and nothing else.
   text: absent means edgefn_status_text(status).
   Fails: EDGEFN_E_STATUS; EDGEFN_E_FIELD_VALUE for the text; EDGEFN_E_EVENT_TYPE in Lambda@Edge
   viewer-response, and in request events that were not answered. */
EDGEFN_API bool edgefn_status_set(edgefn_event *ev, uint32_t status, edgefn_str text);

/* Answers. In request events it makes a response, which later edits of ev->response refine; a
   second answer replaces the first. In response events it edits the received one: status, text,
   body (no body empties it, with 204 too), content-type (where there is a body); all other
   headers stay, but for content-encoding, content-length, etag and content-md5, which described the
   old body. To HEAD a body may be given as to GET: AWS names no rule for it.
   status: 200..599. opts: NULL for none.
   Fails: EDGEFN_E_STATUS; EDGEFN_E_POLICY for a body with 204; EDGEFN_E_EVENT_TYPE in Lambda@Edge
   viewer-response;
   EDGEFN_E_FIELD_VALUE; EDGEFN_E_OOM.
   Events: all but Lambda@Edge viewer-response.
   Source: Work with requests and responses, Generate HTTP responses in request triggers; Update
   HTTP responses in origin response triggers; CloudFront Functions event structure, Response
   object.
   Example:
       return edgefn_respond(ev, 403, &(edgefn_respond_opts){
           .body = EDGEFN_S("Sign in first.\n"), .content_type = EDGEFN_S("text/plain") }); */
EDGEFN_API bool edgefn_respond(edgefn_event *ev, uint32_t status, const edgefn_respond_opts *opts);

/* Redirects to an absolute URL built of the request's parts, those that opts names replaced. The
   host always stands in it, so a path such as "//evil" stays a path of this site. In origin events
   the Host header is the origin's name unless forwarded: give .host. What no URL may hold is
   encoded.
   Fails: EDGEFN_E_STATUS for another status; EDGEFN_E_MISSING when there is neither .host nor a
   Host header; EDGEFN_E_OPTIONS for an invalid scheme or host; EDGEFN_E_URI for a path that does
   not begin with '/'; and as edgefn_respond().
   Events: as edgefn_respond().
   Example:
       return edgefn_redirect(ev, &(edgefn_redirect_opts){
           .status = 301, .host = EDGEFN_S("www.example.com") }); */
EDGEFN_API bool edgefn_redirect(edgefn_event *ev, const edgefn_redirect_opts *opts);

/* Redirects to a URL that the handler vouches for: absolute, http or https, or a path of this site
   beginning with a single '/'. status: 0 means 302. url: printable ASCII without blanks.
   Fails: EDGEFN_E_STATUS; EDGEFN_E_URI, also for "//host", "https:host", "user@host" and
   backslashes: browsers read them as another site; and as edgefn_respond().
   Events: as edgefn_respond(). */
EDGEFN_API bool edgefn_redirect_to(edgefn_event *ev, uint32_t status, edgefn_str url);

/* Answers with a small HTML page that names the status. Fails, Events: as edgefn_respond(). */
EDGEFN_API bool edgefn_error_page(edgefn_event *ev, uint32_t status);

/*--- body ---------------------------------------------------------------------------------------*/

/* Encodes base64 (RFC 4648 section 4) with padding. Returns: absent when it failed. Memory: 4/3.
   Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_base64_encode(edgefn_event *ev, edgefn_str bytes);

/* Decodes base64 (RFC 4648 section 4), strictly: padding required, no other characters, unused bits
   zero.
   Returns: absent for what is not base64, or when it failed. Memory: 3/4. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_base64_decode(edgefn_event *ev, edgefn_str text);

/* Encodes base64url (RFC 4648 section 5), without padding. Memory: 4/3. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_base64url_encode(edgefn_event *ev, edgefn_str bytes);

/* Decodes base64url as strictly as edgefn_base64_decode(); padding is refused. */
EDGEFN_API edgefn_str edgefn_base64url_decode(edgefn_event *ev, edgefn_str text);

/* Decodes as edgefn_body_decode() does, a truncated body, too: for a handler that knows what to do
   with the first part of one.
   Returns: absent when there is none, or when its base64 is invalid. Memory, Fails: as
   edgefn_body_decode(). */
EDGEFN_API edgefn_str edgefn_body_decode_part(edgefn_event *ev, const edgefn_body *body);

/* Gives a body's bytes, base64 decoded where it is marked so. A truncated body is not decoded.
   body: &ev->request.body or &ev->response.body.
   Returns: absent when there is none, when it is truncated (body->truncated tells), or when its
   base64 is bad; nothing sticks but OOM.
   Memory: 3/4 of its length in the arena for base64, none for text. Fails: EDGEFN_E_OOM.
   Source: Lambda@Edge event structure, Body. */
EDGEFN_API edgefn_str edgefn_body_decode(edgefn_event *ev, const edgefn_body *body);

/* Replaces the body of the answer or received response if there is one, else of the request. In
   responses it removes content-encoding, content-length, etag and content-md5 when they were
   received. bytes: raw; must live until the event is written. encoding: 0 means text when they are
   valid UTF-8, else base64.
   Memory: 4/3 of its length for base64, none for text.
   Fails: EDGEFN_E_EVENT_TYPE in Lambda@Edge viewer-response; EDGEFN_E_DIALECT for a request of
   CloudFront Functions, which have no body; EDGEFN_E_FIELD_VALUE for EDGEFN_TEXT that is not UTF-8;
   EDGEFN_E_OOM. */
EDGEFN_API bool edgefn_body_replace(edgefn_event *ev, edgefn_str bytes, edgefn_encoding encoding);

/* Makes the body empty: it is written as "". Fails: as edgefn_body_replace(). */
EDGEFN_API bool edgefn_body_drop(edgefn_event *ev);

/*--- origin -------------------------------------------------------------------------------------*/

/* Sends the request to another custom origin and sets the Host header to it. Custom headers start
   empty: edgefn_set() fills ev->request.origin.headers, and edgefn_remove() takes out of the
   request's headers what a viewer sent under such a name, which CloudFront would refuse beside it.
   Fails: EDGEFN_E_DIALECT in CloudFront Functions; EDGEFN_E_EVENT_TYPE outside origin-request;
   EDGEFN_E_OPTIONS for an impossible domain (an address, a port in it), path, port, time-out;
   EDGEFN_E_OOM.
   Source: Lambda@Edge event structure, Request object, custom origin.
   Example:
       return edgefn_origin_custom(ev, &(edgefn_origin_opts){
           .domain = EDGEFN_S("eu.example.com"), .read_timeout_s = 5 }); */
EDGEFN_API bool edgefn_origin_custom(edgefn_event *ev, const edgefn_origin_opts *opts);

/* Sends the request to an S3 bucket and sets the Host header to it. Fails: as
   edgefn_origin_custom(). */
EDGEFN_API bool edgefn_origin_s3(edgefn_event *ev, const edgefn_origin_opts *opts);

/*--- changes ------------------------------------------------------------------------------------*/

/* Names a member as the event does, with its path: "request.uri". Returns: static text, "" for a
   number that is none. */
EDGEFN_API const char *edgefn_member_name(const edgefn_event *ev, edgefn_member member);

/* Tells how a member now stands against what was received. Changed views (query, cookies) count
   once they were written back, which edgefn_write(), edgefn_write_spans() and edgefn_finish() do.
   Example:
       if (edgefn_changed(ev, EDGEFN_M_URI) != EDGEFN_KEPT)
           edgefn_set(&ev->request.headers, EDGEFN_S("x-rewritten"), EDGEFN_S("1")); */
EDGEFN_API edgefn_change edgefn_changed(const edgefn_event *ev, edgefn_member member);

/* Tells whether a list differs from what was received: in a field, its place, or a missing one. */
EDGEFN_API bool edgefn_fields_changed(const edgefn_fields *f);

/*--- check: CloudFront's verdict ----------------------------------------------------------------*/

typedef enum edgefn_policy { EDGEFN_ALLOWED, EDGEFN_READ_ONLY, EDGEFN_DISALLOWED } edgefn_policy;

/* How sure a rule is. The first three refuse; a doubtful one reports what AWS leaves open, and
   refuses nothing. */
typedef enum edgefn_confidence {
    EDGEFN_DOCUMENTED = 1,
    EDGEFN_REPORTED,
    EDGEFN_INFERRED,
    EDGEFN_DOUBTFUL
} edgefn_confidence;

/* One of CloudFront's rules, or of its doubts. Rules whose words differ between the two kinds of
   functions have two ids; those of CloudFront Functions begin with "functions.". */
typedef struct edgefn_rule {
    const char *id; /* stable: "header.read-only.deleted" */
    edgefn_confidence confidence;
    uint32_t status; /* what the viewer gets instead of the result: 502; 0 for a doubtful rule */
    const char
        *kinds; /* where it holds: "all", "Lambda@Edge", "CloudFront Functions", "viewer-request",
                  ... */
    const char *text;   /* what is wrong, in our words */
    const char *says;   /* CloudFront's own sentence, on its error page or in its log;
                                     NULL where unknown. %n stands for the subject, %c for a
                                     character: edgefn_finding_says() fills them in */
    const char *source; /* AWS's page and heading */
} edgefn_rule;

typedef struct edgefn_finding {
    const edgefn_rule *rule;
    edgefn_str
        subject; /* the header or member that it is about; absent for the result as a whole */
    size_t pos;  /* byte offset in the result; SIZE_MAX for what is not about a text */
    uint64_t limit,
        actual; /* where a number is too large or too small; actual is also header.value's
                   character; else 0 */
} edgefn_finding;

/* Tells what a function may do with a header in such an event: anything, read it only, or not name
   it at all. */
EDGEFN_API edgefn_policy edgefn_header_policy(edgefn_dialect dialect, edgefn_type type,
                                              edgefn_str name);

/* Gives the table of all rules. count: gets their number. Returns: static rows, refusing ones and
   doubtful ones. */
EDGEFN_API const edgefn_rule *edgefn_rules(size_t *count);

/* Judges a function's result as CloudFront would, and reports every finding, in the order of the
   text. ev: the event that the function got, parsed. result_json: what it returned, any text;
   absent judges what was done to ev so far, as edgefn_finish() will. findings, cap: where to; NULL
   and 0 to count. Beyond cap they are counted, not stored. Half of a surrogate pair ("\ud800"
   alone) is refused as "result.surrogate", in events as EDGEFN_E_JSON_STRING: JSON's grammar allows
   it, but it has no UTF-8 form, so that it could not be written back. The result of a CloudFront
   function may be wrapped as AWS's test-function prints it, be that command's whole answer, or its
   FunctionOutput, a JSON string: what is inside is checked; places are those in result_json.
   Returns: the number of findings; SIZE_MAX when it could not judge (see ev->err). Memory: the
   structs of the result in the arena's free part, given back: subjects are valid until the arena is
   used again. Fails: whatever failed before, but for EDGEFN_E_POLICY, so that it can be asked after
   edgefn_finish() refused; EDGEFN_E_OOM; EDGEFN_E_MISUSE.
   Example:
       edgefn_finding found[8];
       char says[400];
       size_t n = edgefn_check(ev, (edgefn_str){ NULL, 0 }, found, 8);
       for (size_t i = 0; n != SIZE_MAX && i < n && i < 8; i++)
           printf("%s: %.*s: %.*s\n", found[i].rule->id, EDGEFN_FMT(found[i].subject),
                  (int)edgefn_finding_says(&found[i], says, sizeof says), says); */
EDGEFN_API size_t edgefn_check(edgefn_event *ev, edgefn_str result_json, edgefn_finding *findings,
                               size_t cap);

/* Writes CloudFront's sentence for a finding, filled in. Returns: its length, whether it fitted or
   not; 0 where CloudFront's words are not known. */
EDGEFN_API size_t edgefn_finding_says(const edgefn_finding *finding, char *buf, size_t cap);

/* Undoes header edits that CloudFront would refuse, and nothing else: read-only headers are again
   what was received; disallowed ones that were added go, and changed ones get their received values
   (removing them is allowed); custom origin headers that may not be are undone, all of them when
   together they are too long. What is only doubtful stays. Order: a header that comes back takes
   its old place. did, cap: gets the refused findings as they were before; NULL and 0 for none.
   Beyond cap they are put right and counted, not stored. Call it before edgefn_finish(). Returns:
   how many fewer there are now; 0 also when it failed (see ev->err). Fails: as edgefn_finish(), the
   judge aside. */
EDGEFN_API size_t edgefn_sanitize(edgefn_event *ev, edgefn_finding *did, size_t cap);

/*--- write --------------------------------------------------------------------------------------*/

/* Writes the result: the request, the answer, or the response. What was not touched is copied byte
   for byte. buf, cap: where to; NULL and 0 to ask for the size. Nothing is written when cap is too
   small, and that is no error.
   Returns: the bytes needed, the same at every call; 0 when ev->err is set.
   Memory: a few bytes an edit in the arena's free part, given back.
   Fails: whatever an edit failed with; EDGEFN_E_URI, EDGEFN_E_FIELD_VALUE, EDGEFN_E_STATUS,
   EDGEFN_E_OPTIONS, EDGEFN_E_BASE64 for assigned members; EDGEFN_E_CONFLICT; EDGEFN_E_POLICY;
   EDGEFN_E_EVENT_TYPE for edits that cannot take effect; EDGEFN_E_MISUSE; EDGEFN_E_OOM.
   Source: Work with requests and responses; Restrictions on all edge functions. */
EDGEFN_API size_t edgefn_write(edgefn_event *ev, char *buf, size_t cap,
                               const edgefn_write_opts *opts);

/* The same as pieces, in order, that point into the input, the arena, constants and the handler's
   own strings: nothing long is copied. spans, cap: where to; nothing is written when cap is too
   small.
   Returns: the number of pieces; 0 when ev->err is set. Memory: the text of the edits. Valid until
   the arena is used for something else. */
EDGEFN_API size_t edgefn_write_spans(edgefn_event *ev, edgefn_str *spans, size_t cap,
                                     const edgefn_write_opts *opts);

/* Writes into the arena, or gives the received text itself when nothing changed. A second call
   reuses the first one's memory.
   Returns: absent when ev->err is set: then answer with edgefn_fail_closed(), or fail the
   invocation. Fails: as edgefn_write(). */
EDGEFN_API edgefn_str edgefn_finish(edgefn_event *ev, const edgefn_write_opts *opts);

#  ifdef __cplusplus
}
#  endif
#endif /* EDGEFN_H_INCLUDED */

/* ===============================================================================================
   End of the interface. What follows is the implementation, compiled where EDGEFN_IMPLEMENTATION is
   defined.
   ===============================================================================================
   */

#ifdef EDGEFN_IMPLEMENTATION
#  ifndef EDGEFN_IMPLEMENTATION_DONE
#    define EDGEFN_IMPLEMENTATION_DONE

/*=== >>impl =======================================================================================
   Maintainer notes.
   - Invariants. The input is never written and never read outside [0, len). items as received are
     never written after parsing. Sizes are computed in >>arena only; everywhere else compare before
     subtracting. Whatever went wrong while parsing, edgefn__validate() has the word on whether the
     text is JSON, so that all scanners and quick paths report alike. A quick path must leave the
     cursor where the plain grammar would have brought it.
   - A new member of the event: its name in the schema of its object (in CloudFront's order: the
     next name is guessed), a case in that object's reader, a row in edgefn_member and
     edgefn__members if a handler may change it, tests, a seed.
   - A new error: one line in EDGEFN_ERROR_LIST, a row in tests/test_errors.c, "Fails" of the
     functions that give it.
   - A new rule: a function in >>check that looks at marks and at edgefn_event._mask, with its
     source; a row at each side of a limit.
   - A new recipe: one file in examples/handlers; if it needs a helper that is not here, that is the
     reason to write it.
   - Where this differs from what one might expect: a failed parse clears the event, so that a
     refused event has no kind and edgefn_fail_closed() gives null. Items are 80 bytes because a
     handler reads them as plain structs; the walk writes them in one pass. The file may be as long
     as it needs: what counts is that each line holds one thing. */

#    if defined(__GNUC__) || defined(__clang__)
#      define EDGEFN__INLINE   static inline __attribute__((always_inline, unused))
#      define EDGEFN__NOINLINE static __attribute__((noinline, unused))
#      define EDGEFN__UNUSED   __attribute__((unused))
#      define EDGEFN__HIDE(x)                                                                      \
        __asm__(                                                                                   \
            ""                                                                                     \
            : "+r"(x)) /* a size that is known makes gcc write "rep stos", which starts slowly */
#      define EDGEFN__LIKELY(x)        __builtin_expect(!!(x), 1)
#      define EDGEFN__UNLIKELY(x)      __builtin_expect(!!(x), 0)
#      define edgefn__memcpy(d, s, n)  __builtin_memcpy(d, s, n)
#      define edgefn__memmove(d, s, n) __builtin_memmove(d, s, n)
#      define edgefn__memset(d, c, n)  __builtin_memset(d, c, n)
#      define edgefn__memcmp(a, b, n)  __builtin_memcmp(a, b, n)
#    else
#      define EDGEFN__INLINE   static inline
#      define EDGEFN__NOINLINE static
#      define EDGEFN__UNUSED
#      define EDGEFN__HIDE(x)         ((void)0)
#      define EDGEFN__LIKELY(x)       (x)
#      define EDGEFN__UNLIKELY(x)     (x)
static void edgefn__memmove(void *d, const void *s, size_t n)
{
    char *to = (char *)d;
    const char *from = (const char *)s;
    if (to < from)
        for (size_t i = 0; i < n; i++)
            to[i] = from[i];
    else
        while (n-- > 0)
            to[n] = from[n];
}
#      define edgefn__memcpy(d, s, n) edgefn__memmove(d, s, n)
static void edgefn__memset(void *d, int c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)d)[i] = (unsigned char)c;
}
static int edgefn__memcmp(const void *a, const void *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int d = ((const unsigned char *)a)[i] - ((const unsigned char *)b)[i];
        if (d != 0) return d;
    }
    return 0;
}
#    endif

/* Zeroes a struct. */
EDGEFN__INLINE void edgefn__zero(void *p, size_t size)
{
    EDGEFN__HIDE(size);
    edgefn__memset(p, 0, size);
}

/* Which vector code there is; >>scan says what for. */
#    if !defined(EDGEFN_NO_SIMD) && (defined(__SSE2__) || defined(_M_X64))
#      define EDGEFN__SSE2 1
#      include <emmintrin.h>
#      if !defined(EDGEFN_NO_DISPATCH) && defined(__x86_64__)                                      \
          && (defined(__GNUC__) || defined(__clang__)) && __STDC_HOSTED__
#        define EDGEFN__AVX2 1
#        include <immintrin.h>
#      endif
#    endif

#    define EDGEFN__COUNT(array) (sizeof(array) / sizeof((array)[0]))
#    define EDGEFN__NO_POS       ((size_t)-1)

/* edgefn_event._flags */
enum {
    EDGEFN__PARSED = 1,
    EDGEFN__ORIGIN_NEW = 2,
    EDGEFN__ORIGIN_ODD = 4 /* received without exactly one of custom and s3 */,
    EDGEFN__PARTS = 8,
    EDGEFN__BUILDING = 16,      /* between edgefn_begin() and edgefn_received() */
    EDGEFN__WRITTEN_BACK = 512, /* _unsynced may hold something */
    EDGEFN__ACTION_FILLED = 32,
    EDGEFN__ENCODING_FILLED = 64, /* of an assigned body, by an earlier write */
    EDGEFN__LENIENT = 128,
    EDGEFN__NULLS = 256 /* a null was taken as absent */
};
/* edgefn_fields._flags */
/* clang-format off */
enum {
    EDGEFN__DIRTY = 1, EDGEFN__REORDERED = 2, EDGEFN__VIEWED = 4, EDGEFN__COOKIE_TOUCHED = 8,
    EDGEFN__FROM_TEXT = 16,
    /* places are indices, as FROM_TEXT, but there is no text */
    EDGEFN__SYNCED = 32, EDGEFN__TOUCHED = 64, EDGEFN__HOLLOW = 128, EDGEFN__INDEXED = 256
};
/* clang-format on */

/* edgefn_fields._kind */
/* clang-format off */
enum {
    EDGEFN__REQUEST_HEADERS = 1, EDGEFN__RESPONSE_HEADERS, EDGEFN__ORIGIN_HEADERS,
    EDGEFN__QUERY, EDGEFN__REQUEST_COOKIES, EDGEFN__RESPONSE_COOKIES
};
/* clang-format on */

/* edgefn_event._object */
enum { EDGEFN__O_REQUEST, EDGEFN__O_BODY, EDGEFN__O_ORIGIN, EDGEFN__O_RESPONSE };

EDGEFN__INLINE uint64_t edgefn__load8(const char *p)
{
    uint64_t v;
    edgefn__memcpy(&v, p, 8);
    return v;
}
EDGEFN__INLINE uint32_t edgefn__load4(const char *p)
{
    uint32_t v;
    edgefn__memcpy(&v, p, 4);
    return v;
}

/* Both compare n bytes without reading beyond them; a literal's loads fold into constants. */
EDGEFN__INLINE bool edgefn__same8(const char *p, const char *literal)
{
    return edgefn__load8(p) == edgefn__load8(literal);
}
EDGEFN__INLINE bool edgefn__same4(const char *p, const char *literal)
{
    return edgefn__load4(p) == edgefn__load4(literal);
}

EDGEFN__INLINE bool edgefn__same(const char *a, const char *b, size_t n)
{
    if (n >= 8) {
        for (; EDGEFN__UNLIKELY(n > 16); a += 8, b += 8, n -= 8) {
            if (edgefn__load8(a) != edgefn__load8(b)) return false;
        }
        return ((edgefn__load8(a) ^ edgefn__load8(b))
                | (edgefn__load8(a + n - 8) ^ edgefn__load8(b + n - 8)))
               == 0;
    }
    if (n >= 4)
        return ((edgefn__load4(a) ^ edgefn__load4(b))
                | (edgefn__load4(a + n - 4) ^ edgefn__load4(b + n - 4)))
               == 0;
    if (n == 0) return true;
    return a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1];
}

/* Copies short strings by two overlapping loads and stores; the call of memcpy costs more than the
   copy. */
EDGEFN__INLINE void edgefn__copy(char *to, const char *from, size_t n)
{
    if (n > 128) {
        edgefn__memcpy(to, from, n);
        return;
    }
    if (n >= 16) {
        for (size_t i = 0; i < n - 16; i += 16)
            edgefn__memcpy(to + i, from + i, 16);
        edgefn__memcpy(to + n - 16, from + n - 16, 16);
    } else if (n >= 8) {
        uint64_t a = edgefn__load8(from);
        uint64_t b = edgefn__load8(from + n - 8);
        edgefn__memcpy(to, &a, 8);
        edgefn__memcpy(to + n - 8, &b, 8);
    } else if (n >= 4) {
        uint32_t a = edgefn__load4(from);
        uint32_t b = edgefn__load4(from + n - 4);
        edgefn__memcpy(to, &a, 4);
        edgefn__memcpy(to + n - 4, &b, 4);
    } else {
        for (size_t i = 0; i < n; i++)
            to[i] = from[i];
    }
}

/* The lowest bit of a word that is not 0. */
EDGEFN__INLINE unsigned edgefn__ctz(uint64_t v)
{
#    if defined(__GNUC__) || defined(__clang__)
    return (unsigned)__builtin_ctzll(v);
#    else
    unsigned n = 0;
    while (!(v & 1)) {
        v >>= 1;
        n++;
    }
    return n;
#    endif
}

/* Makes the first failure of the event the one it keeps. */
EDGEFN__NOINLINE bool edgefn__fail(edgefn_event *ev, edgefn_error code, const char *where,
                                   edgefn_str subject)
{
    if (ev->err.code == EDGEFN_OK) {
        ev->err.code = code;
        ev->err.pos = EDGEFN__NO_POS;
        ev->err.where = where;
        ev->err.subject = subject;
    }
    return false;
}

static edgefn_str edgefn__absent(void)
{
    edgefn_str s = { NULL, 0 };
    return s;
}
EDGEFN__INLINE edgefn_str edgefn__str(const char *ptr, size_t len)
{
    edgefn_str s;
    s.ptr = ptr;
    s.len = len;
    return s;
}
static bool edgefn__is(edgefn_str s, const char *z, size_t len)
{
    return s.ptr != NULL && s.len == len && edgefn__same(s.ptr, z, len);
}
#    define EDGEFN__IS(s, literal) edgefn__is(s, "" literal, sizeof(literal) - 1)

/*=== >>tables ===================================================================================*/

/* Character classes, one bit each. */
enum {
    EDGEFN__C_TOKEN = 1,
    EDGEFN__C_PLAIN = 2,
    EDGEFN__C_SPACE = 4,
    EDGEFN__C_DIGIT = 8,
    EDGEFN__C_UPPER = 16,
    EDGEFN__C_HEX = 32
};
/* PLAIN: printable ASCII that JSON does not escape. TOKEN: RFC 9110 section 5.6.2. SPACE: JSON's
   white space. */
/* clang-format off */
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
/* clang-format on */

EDGEFN__INLINE unsigned edgefn__class_of(char c)
{
    return edgefn__class[(unsigned char)c];
}
EDGEFN__INLINE char edgefn__lower(char c)
{
    return (char)(c + (int)((edgefn__class_of(c) & EDGEFN__C_UPPER) << 1));
}

typedef struct edgefn__status_name {
    uint16_t status;
    uint8_t len;
    const char *text;
} edgefn__status_name;
#    define EDGEFN__STATUS(n, text)                                                                \
      {                                                                                            \
        n, sizeof(text) - 1, text                                                                  \
      }
/* IANA, Hypertext Transfer Protocol (HTTP) Status Code Registry; sorted. */
/* clang-format off */
static const edgefn__status_name edgefn__statuses[] = {
    EDGEFN__STATUS(200, "OK"), EDGEFN__STATUS(201, "Created"), EDGEFN__STATUS(202, "Accepted"),
    EDGEFN__STATUS(203, "Non-Authoritative Information"), EDGEFN__STATUS(204, "No Content"),
    EDGEFN__STATUS(205, "Reset Content"),
    EDGEFN__STATUS(206, "Partial Content"), EDGEFN__STATUS(207, "Multi-Status"),
    EDGEFN__STATUS(208, "Already Reported"),
    EDGEFN__STATUS(226, "IM Used"), EDGEFN__STATUS(300, "Multiple Choices"),
    EDGEFN__STATUS(301, "Moved Permanently"),
    EDGEFN__STATUS(302, "Found"), EDGEFN__STATUS(303, "See Other"),
    EDGEFN__STATUS(304, "Not Modified"),
    EDGEFN__STATUS(305, "Use Proxy"), EDGEFN__STATUS(307, "Temporary Redirect"),
    EDGEFN__STATUS(308, "Permanent Redirect"),
    EDGEFN__STATUS(400, "Bad Request"), EDGEFN__STATUS(401, "Unauthorized"),
    EDGEFN__STATUS(402, "Payment Required"),
    EDGEFN__STATUS(403, "Forbidden"), EDGEFN__STATUS(404, "Not Found"),
    EDGEFN__STATUS(405, "Method Not Allowed"),
    EDGEFN__STATUS(406, "Not Acceptable"), EDGEFN__STATUS(407, "Proxy Authentication Required"),
    EDGEFN__STATUS(408, "Request Timeout"),
    EDGEFN__STATUS(409, "Conflict"), EDGEFN__STATUS(410, "Gone"),
    EDGEFN__STATUS(411, "Length Required"),
    EDGEFN__STATUS(412, "Precondition Failed"), EDGEFN__STATUS(413, "Content Too Large"),
    EDGEFN__STATUS(414, "URI Too Long"),
    EDGEFN__STATUS(415, "Unsupported Media Type"), EDGEFN__STATUS(416, "Range Not Satisfiable"),
    EDGEFN__STATUS(417, "Expectation Failed"),
    EDGEFN__STATUS(421, "Misdirected Request"), EDGEFN__STATUS(422, "Unprocessable Content"),
    EDGEFN__STATUS(423, "Locked"),
    EDGEFN__STATUS(424, "Failed Dependency"), EDGEFN__STATUS(425, "Too Early"),
    EDGEFN__STATUS(426, "Upgrade Required"),
    EDGEFN__STATUS(428, "Precondition Required"), EDGEFN__STATUS(429, "Too Many Requests"),
    EDGEFN__STATUS(431, "Request Header Fields Too Large"),
    EDGEFN__STATUS(451, "Unavailable For Legal Reasons"),
    EDGEFN__STATUS(500, "Internal Server Error"), EDGEFN__STATUS(501, "Not Implemented"),
    EDGEFN__STATUS(502, "Bad Gateway"),
    EDGEFN__STATUS(503, "Service Unavailable"), EDGEFN__STATUS(504, "Gateway Timeout"),
    EDGEFN__STATUS(505, "HTTP Version Not Supported"),
    EDGEFN__STATUS(506, "Variant Also Negotiates"), EDGEFN__STATUS(507, "Insufficient Storage"),
    EDGEFN__STATUS(508, "Loop Detected"),
    EDGEFN__STATUS(510, "Not Extended"), EDGEFN__STATUS(511, "Network Authentication Required")
};
/* clang-format on */

/*=== version and errors =========================================================================*/

/*--- CloudFront's rules:
   X(enumerator, id, confidence, kinds, text, CloudFront's sentence, source) */
#    define EDGEFN__FAILED "The Lambda function result failed validation: "
#    define EDGEFN__Y_BODY                                                                         \
      EDGEFN__FAILED "The body is not a string, is not an object, or exceeds the maximum size."
#    define EDGEFN__Y_READ_ONLY                                                                    \
      EDGEFN__FAILED "The function tried to add, delete, or change a read-only header."
#    define EDGEFN__Y_READ_ONLY_F                                                                  \
      "The CloudFront function tried to add, delete, or change a read-only header."
#    define EDGEFN__Y_URI EDGEFN__FAILED "The specified URI is in an invalid format."
#    define EDGEFN__Y_OBJECT                                                                       \
      "The Lambda function returned invalid JSON: The JSON output must be an object type."
#    define EDGEFN__Y_ORIGIN                                                                       \
      "The Lambda function returned an invalid origin configuration: One or more HeaderName or "   \
      "HeaderValue values are invalid."
#    define EDGEFN__Z_RESULT                                                                       \
      "HTTP 502 status code, Lambda validation error; Work with requests and responses"
#    define EDGEFN__Z_EVENT     "Lambda@Edge event structure, Request event and Response event"
#    define EDGEFN__Z_FUNCTIONS "CloudFront Functions event structure"
#    define EDGEFN__Z_TEST      "Test functions, test-function"
#    define EDGEFN__Z_HEADERS                                                                      \
      "Restrictions on all edge functions, HTTP headers; Restrictions on Lambda@Edge, HTTP headers"
#    define EDGEFN__Z_URI  "Restrictions on all edge functions, Query string, URI, encoding"
#    define EDGEFN__Z_BODY "Work with requests and responses, Access the request body"
#    define EDGEFN__Z_ANSWER                                                                       \
      "Work with requests and responses, Generate HTTP responses in request triggers"
#    define EDGEFN__Z_ORIGIN "Lambda@Edge event structure, Request event, origin"
#    define EDGEFN__Z_CUSTOM                                                                       \
      "Add custom headers to origin requests, Custom headers that CloudFront can't add"
#    define EDGEFN__Z_PROTO                                                                        \
      "Add CloudFront request headers, Other CloudFront headers; "                                 \
      "RFC 9110 section 15.4, Redirection 3xx"
#    define EDGEFN__L "Lambda@Edge"
#    define EDGEFN__F "CloudFront Functions"
/* clang-format off */
#define EDGEFN__RULE_LIST(X) \
    X(JSON, "result.json", DOCUMENTED, EDGEFN__L, "the result is no JSON text", \
      "The Lambda function returned invalid JSON: The JSON output is not parsable.", \
      EDGEFN__Z_RESULT) \
    X(F_JSON, "functions.result.json", DOCUMENTED, EDGEFN__F, "the result is no JSON text", NULL, \
      EDGEFN__Z_FUNCTIONS) \
    X(SURROGATE, "result.surrogate", INFERRED, "all", \
      "the result holds half of a surrogate pair, which has no UTF-8 form: it is not read " \
      "further", NULL, EDGEFN__Z_RESULT) \
    X(OBJECT, "result.object", DOCUMENTED, EDGEFN__L, "the result is no JSON object", \
      EDGEFN__Y_OBJECT, EDGEFN__Z_RESULT) \
    X(F_OBJECT, "functions.result.object", DOCUMENTED, EDGEFN__F, "the result is no JSON object", \
      NULL, EDGEFN__Z_FUNCTIONS) \
    X(SHAPE, "result.shape", INFERRED, "all", \
      "an answer or request in the format of another service: API Gateway's, or the other kind " \
      "of edge function's", NULL, EDGEFN__Z_EVENT) \
    X(WHOLE_EVENT, "result.whole-event", REPORTED, "all", \
      "the whole event was returned: return its request or response alone", NULL, \
      EDGEFN__Z_RESULT) \
    X(WRAPPED, "result.wrapped", REPORTED, EDGEFN__L, \
      "the result is wrapped in request or response: return what is inside", NULL, \
      EDGEFN__Z_RESULT) \
    X(F_WRAPPED, "functions.result.wrapped", DOUBTFUL, EDGEFN__F, \
      "in the wrapping, or the JSON string, in which AWS's test-function prints results; what " \
      "is inside is checked. A function returns only what is inside", NULL, EDGEFN__Z_TEST) \
    X(BOTH, "result.both", INFERRED, "all", \
      "a status beside uri or method: request and response in one object", NULL, EDGEFN__Z_RESULT) \
    X(KIND, "result.kind", DOCUMENTED, "response events", \
      "a request was returned where only a response can be", NULL, EDGEFN__Z_RESULT) \
    X(MEMBER_MISSING, "member.missing", DOCUMENTED, "all", "a required member is missing", NULL, \
      EDGEFN__Z_EVENT) \
    X(MEMBER_TYPE, "member.type", DOCUMENTED, "all", "a member has the wrong JSON type", NULL, \
      EDGEFN__Z_EVENT) \
    X(MEMBER_DUPLICATE, "member.duplicate", DOUBTFUL, "all", \
      "a name stands twice in one object: which one counts is not known", NULL, EDGEFN__Z_EVENT) \
    X(HEADERS_ARRAY, "headers.array", DOCUMENTED, EDGEFN__L, \
      "the entries of a header must be an array", \
      "The Lambda function returned an invalid entry in the headers object: Each header entry " \
      "in the headers object must be an array.", EDGEFN__Z_EVENT) \
    X(HEADERS_ENTRY, "headers.entry", DOCUMENTED, EDGEFN__L, \
      "an entry must be an object with a string as value", \
      "The Lambda function returned an invalid entry in the headers object, the value of each " \
      "header value must be of string or array of string type, header :%n has one or more " \
      "entries whose value is neither string nor array of strings.", EDGEFN__Z_EVENT) \
    X(HEADERS_LIST, "headers.value-list", DOUBTFUL, EDGEFN__L, \
      "a value is an array of strings, which only a log text mentions", NULL, EDGEFN__Z_EVENT) \
    X(HEADERS_ITEM, "headers.item", DOCUMENTED, EDGEFN__F, \
      "an item of headers, cookies or querystring must be an object with a string as value", \
      NULL, EDGEFN__Z_FUNCTIONS) \
    X(STATUS_NUMBER, "status.number", DOUBTFUL, EDGEFN__L, \
      "status is a number: documented is a string", NULL, EDGEFN__Z_EVENT) \
    X(STATUS_TYPE, "status.type", DOCUMENTED, "all", "the status has the wrong JSON type", NULL, \
      EDGEFN__Z_EVENT) \
    X(RO_ADDED, "header.read-only.added", DOCUMENTED, EDGEFN__L, "a read-only header was added", \
      EDGEFN__Y_READ_ONLY, EDGEFN__Z_HEADERS) \
    X(RO_DELETED, "header.read-only.deleted", DOCUMENTED, EDGEFN__L, \
      "a read-only header was deleted", EDGEFN__Y_READ_ONLY, EDGEFN__Z_HEADERS) \
    X(RO_CHANGED, "header.read-only.changed", DOCUMENTED, EDGEFN__L, \
      "a read-only header was changed", EDGEFN__Y_READ_ONLY, EDGEFN__Z_HEADERS) \
    X(RO_VALUES, "header.read-only.values", INFERRED, EDGEFN__L, \
      "a read-only header has another number of values", EDGEFN__Y_READ_ONLY, EDGEFN__Z_HEADERS) \
    X(RO_REORDERED, "header.read-only.reordered", INFERRED, EDGEFN__L, \
      "the values of a read-only header stand in another order", EDGEFN__Y_READ_ONLY, \
      EDGEFN__Z_HEADERS) \
    X(F_RO_ADDED, "functions.header.read-only.added", DOCUMENTED, EDGEFN__F, \
      "a read-only header was added", EDGEFN__Y_READ_ONLY_F, EDGEFN__Z_HEADERS) \
    X(F_RO_DELETED, "functions.header.read-only.deleted", DOCUMENTED, EDGEFN__F, \
      "a read-only header was deleted", EDGEFN__Y_READ_ONLY_F, EDGEFN__Z_HEADERS) \
    X(F_RO_CHANGED, "functions.header.read-only.changed", DOCUMENTED, EDGEFN__F, \
      "a read-only header was changed", EDGEFN__Y_READ_ONLY_F, EDGEFN__Z_HEADERS) \
    X(F_RO_VALUES, "functions.header.read-only.values", INFERRED, EDGEFN__F, \
      "a read-only header has another number of values", EDGEFN__Y_READ_ONLY_F, EDGEFN__Z_HEADERS) \
    X(F_RO_REORDERED, "functions.header.read-only.reordered", INFERRED, EDGEFN__F, \
      "the values of a read-only header stand in another order", EDGEFN__Y_READ_ONLY_F, \
      EDGEFN__Z_HEADERS) \
    X(RO_KEY, "header.read-only.key", DOUBTFUL, EDGEFN__L, \
      "a read-only header was sent back with another spelling of key", NULL, EDGEFN__Z_HEADERS) \
    X(DISALLOWED, "header.disallowed", DOCUMENTED, EDGEFN__L, "a disallowed header was added", \
      EDGEFN__FAILED "The function tried to add a blacklisted header.", EDGEFN__Z_HEADERS) \
    X(F_DISALLOWED, "functions.header.disallowed", DOCUMENTED, EDGEFN__F, \
      "a disallowed header was added", NULL, EDGEFN__Z_HEADERS) \
    X(COUNTRY_ADDED, "header.country.added", DOCUMENTED, "viewer-request", \
      "CloudFront-Viewer-Country was added in viewer-request", NULL, EDGEFN__Z_HEADERS) \
    X(COUNTRY_EDITED, "header.country.edited", DOUBTFUL, "viewer-request", \
      "CloudFront-Viewer-Country was changed or removed in viewer-request", NULL, \
      EDGEFN__Z_HEADERS) \
    X(HEADER_NAME, "header.name", DOCUMENTED, "all", "a header's name is no token", NULL, \
      EDGEFN__Z_HEADERS) \
    X(HEADER_VALUE, "header.value", REPORTED, EDGEFN__L, \
      "a header's value holds a control character", \
      "Lambda function result validation failed, the function returned an invalid header, " \
      "invalid character : '%c' in header value, headerName : %n.", EDGEFN__Z_HEADERS) \
    X(F_HEADER_VALUE, "functions.header.value", INFERRED, EDGEFN__F, \
      "a header's or cookie's value holds a control character", NULL, EDGEFN__Z_HEADERS) \
    X(HEADER_KEY, "header.key", DOUBTFUL, EDGEFN__L, "key is another name than the map's key", \
      NULL, EDGEFN__Z_EVENT) \
    X(HEADER_CASE, "header.case", DOUBTFUL, EDGEFN__L, "a map key holds upper-case letters", \
      NULL, EDGEFN__Z_EVENT) \
    X(F_HEADER_CASE, "functions.header.case", DOCUMENTED, EDGEFN__F, \
      "header names must be in lower case", \
      "The CloudFront function returned an invalid value: response.headers must have header " \
      "names in lower case.", EDGEFN__Z_FUNCTIONS) \
    X(F_COOKIE, "functions.header.cookie", DOCUMENTED, EDGEFN__F, \
      "cookies belong into cookies, not into headers", NULL, EDGEFN__Z_FUNCTIONS) \
    X(F_LENGTH, "functions.content-length", DOUBTFUL, EDGEFN__F, \
      "a generated response names its content-length", NULL, EDGEFN__Z_HEADERS) \
    X(HEADER_URL, "header.url", DOUBTFUL, "all", \
      "Location, Content-Location, Link or Refresh holds a blank in its URL, or bytes beyond " \
      "ASCII: CloudFront was seen to send '?' in their place", NULL, \
      "RFC 9110 section 10.2.2, Location; RFC 3986 section 2, Characters") \
    X(COOKIE_JOINED, "cookie.joined", DOUBTFUL, "all", \
      "two cookies joined by ', ' in one Set-Cookie: viewers see one cookie", NULL, \
      "RFC 6265 section 3, Overview") \
    X(LOOP, "redirect.loop", DOUBTFUL, "all", \
      "a redirect to the request's own URL: endless, unless something that it sets, such as a " \
      "cookie, ends it", NULL, EDGEFN__Z_PROTO) \
    X(LOOP_SCHEME, "redirect.loop.scheme", DOUBTFUL, "all", \
      "a redirect to the request's own URL: endless, unless the viewer came over http (over " \
      "https, where Location is http). CloudFront-Forwarded-Proto, which tells, is absent", NULL, \
      EDGEFN__Z_PROTO) \
    X(STATUS_RANGE, "status.range", DOCUMENTED, "all", "the status is outside 200..599", NULL, \
      EDGEFN__Z_ANSWER) \
    X(STATUS_CHANGED, "status.changed", DOCUMENTED, EDGEFN__L " viewer-response", \
      "the status cannot be changed here", NULL, EDGEFN__Z_ANSWER) \
    X(STATUS_TEXT, "status-text.changed", DOUBTFUL, EDGEFN__L " viewer-response", \
      "statusDescription was changed", NULL, EDGEFN__Z_ANSWER) \
    X(STATUS_TEXT_BYTES, "status-text.characters", DOUBTFUL, "all", \
      "statusDescription holds a control character", NULL, EDGEFN__Z_ANSWER) \
    X(BODY_204, "body.with-204", DOCUMENTED, "all", "a response with status 204 has a body", \
      NULL, EDGEFN__Z_ANSWER) \
    X(BODY_TYPE, "body.type", DOCUMENTED, EDGEFN__L, "the body has the wrong JSON type", \
      EDGEFN__Y_BODY, EDGEFN__Z_ANSWER) \
    X(F_BODY_TYPE, "functions.body.type", DOCUMENTED, EDGEFN__F, \
      "the body has the wrong JSON type", NULL, EDGEFN__Z_FUNCTIONS) \
    X(BODY_ENCODING, "body.encoding", DOCUMENTED, "all", "a body's encoding is text or base64", \
      NULL, EDGEFN__Z_ANSWER) \
    X(BODY_BASE64, "body.base64", DOCUMENTED, "all", "the body is not valid base64", NULL, \
      EDGEFN__Z_ANSWER) \
    X(BODY_VIEWER, "body.viewer-response", DOUBTFUL, EDGEFN__L " viewer-response", \
      "a body in viewer-response", NULL, EDGEFN__Z_ANSWER) \
    X(RESPONSE_SIZE, "response.size", DOCUMENTED, EDGEFN__L, \
      "headers and body of a generated response are too large", EDGEFN__Y_BODY, \
      "Quotas, Quotas on Lambda@Edge") \
    X(RESPONSE_CLOSE, "response.size.close", DOUBTFUL, EDGEFN__L " viewer events", \
      "more than 40,000 bytes: 40 KB may mean that", NULL, "Quotas, Quotas on Lambda@Edge") \
    X(F_BODY_SIZE, "functions.body.size", DOUBTFUL, EDGEFN__F, \
      "a body of more than 40 KB: no limit is documented", NULL, \
      "Quotas, Quotas on CloudFront Functions") \
    X(METHOD, "method.changed", INFERRED, "request events", "method is read-only", NULL, \
      EDGEFN__Z_EVENT) \
    X(CLIENT_IP, "client-ip.changed", INFERRED, "request events", \
      "the client's address is read-only", NULL, EDGEFN__Z_EVENT) \
    X(URI_START, "uri.start", DOCUMENTED, EDGEFN__L " request events", "uri must begin with '/'", \
      EDGEFN__Y_URI, EDGEFN__Z_URI) \
    X(URI_CHARACTERS, "uri.characters", INFERRED, EDGEFN__L " request events", \
      "uri holds '?', '#', a blank or a control character", EDGEFN__Y_URI, EDGEFN__Z_URI) \
    X(F_URI_START, "functions.uri.start", DOCUMENTED, EDGEFN__F " viewer-request", \
      "uri must begin with '/'", NULL, EDGEFN__Z_URI) \
    X(F_URI_CHARACTERS, "functions.uri.characters", INFERRED, EDGEFN__F " viewer-request", \
      "uri holds '?', '#', a blank or a control character", NULL, EDGEFN__Z_URI) \
    X(URI_LENGTH, "uri.length", DOCUMENTED, "request events", \
      "uri and query together reach 8,192 characters", NULL, EDGEFN__Z_URI) \
    X(QUERY_CHARACTERS, "query.characters", DOCUMENTED, "request events", \
      "querystring holds a blank, a control character or '#'", NULL, EDGEFN__Z_URI) \
    X(QUERY_MARK, "query.question-mark", DOUBTFUL, "request events", \
      "querystring begins with '?', which is no part of it", NULL, EDGEFN__Z_URI) \
    X(BODY_ACTION, "body.action", INFERRED, EDGEFN__L " request events", \
      "a body's action is read-only or replace", NULL, EDGEFN__Z_BODY) \
    X(BODY_SIZE, "body.size", DOCUMENTED, EDGEFN__L " request events", \
      "the replaced body is too large", EDGEFN__Y_BODY, EDGEFN__Z_BODY) \
    X(BODY_CLOSE, "body.size.close", DOUBTFUL, EDGEFN__L " viewer-request", \
      "a replaced body that some readings of 40 KB and 53.2 KB refuse", NULL, EDGEFN__Z_BODY) \
    X(BODY_IGNORED, "body.ignored", DOUBTFUL, EDGEFN__L " request events", \
      "the body was changed under action read-only: CloudFront ignores that", NULL, \
      EDGEFN__Z_BODY) \
    X(ORIGIN_KIND, "origin.kind", DOCUMENTED, "origin-request", \
      "an origin is exactly one of custom and s3", NULL, EDGEFN__Z_ORIGIN) \
    X(ORIGIN_DOMAIN, "origin.domain", DOCUMENTED, "origin-request", \
      "domainName is no DNS name (253 characters; S3: 128, lower case)", NULL, EDGEFN__Z_ORIGIN) \
    X(ORIGIN_PATH, "origin.path", DOCUMENTED, "origin-request", \
      "path begins with '/', does not end with it, 255 characters at most", NULL, \
      EDGEFN__Z_ORIGIN) \
    X(ORIGIN_PORT, "origin.port", DOCUMENTED, "origin-request", "port is 80, 443 or 1024..65535", \
      NULL, EDGEFN__Z_ORIGIN) \
    X(ORIGIN_PROTOCOL, "origin.protocol", DOCUMENTED, "origin-request", \
      "protocol is http or https", NULL, EDGEFN__Z_ORIGIN) \
    X(ORIGIN_TLS, "origin.tls", DOCUMENTED, "origin-request", \
      "sslProtocols names none of TLSv1.2, TLSv1.1, TLSv1, SSLv3, or another", NULL, \
      EDGEFN__Z_ORIGIN) \
    X(ORIGIN_TIMEOUT, "origin.timeout", DOCUMENTED, "origin-request", \
      "a time-out is outside 1..120 seconds", NULL, EDGEFN__Z_ORIGIN) \
    X(ORIGIN_KEEPALIVE, "origin.keepalive", DOUBTFUL, "origin-request", \
      "keepaliveTimeout above 120: AWS's pages differ", NULL, EDGEFN__Z_ORIGIN) \
    X(ORIGIN_COMPLETION, "origin.completion", DOCUMENTED, "origin-request", \
      "responseCompletionTimeout is 0 or at least readTimeout", NULL, EDGEFN__Z_ORIGIN) \
    X(ORIGIN_AUTH, "origin.auth-method", DOCUMENTED, "origin-request", \
      "authMethod is none or origin-access-identity", NULL, EDGEFN__Z_ORIGIN) \
    X(ORIGIN_REGION, "origin.region", DOCUMENTED, "origin-request", \
      "an origin access identity needs the bucket's region", NULL, EDGEFN__Z_ORIGIN) \
    X(ORIGIN_IDENTITY, "origin.identity", DOUBTFUL, "origin-request", \
      "a custom origin becomes one with an origin access identity: AWS's page forbids it and " \
      "wants a region, AWS's example does it without", NULL, \
      EDGEFN__Z_ORIGIN "; Lambda@Edge example functions, Change an origin") \
    X(ORIGIN_WEBSITE, "origin.website", DOUBTFUL, "origin-request", \
      "an S3 website endpoint as an s3 origin: it speaks only HTTP and knows no identity, so " \
      "that it needs a custom origin", NULL, \
      "Use various origins with CloudFront distributions, Use an Amazon S3 bucket that's " \
      "configured as a website endpoint") \
    X(ORIGIN_OTHER, "origin.member", INFERRED, "origin-request", \
      "a member that this kind of origin does not have", NULL, EDGEFN__Z_ORIGIN) \
    X(ORIGIN_FOREIGN, "origin.member.foreign", DOUBTFUL, "origin-request", \
      "a member that only the other kind of origin has", NULL, EDGEFN__Z_ORIGIN) \
    X(ORIGIN_LACKS, "origin.member.missing", DOUBTFUL, "origin-request", \
      "a member is left out that AWS always sends", NULL, EDGEFN__Z_ORIGIN) \
    X(CUSTOM_DENIED, "origin.header.denied", DOCUMENTED, "origin-request", \
      "a header that CloudFront cannot add as a custom header", EDGEFN__Y_ORIGIN, \
      EDGEFN__Z_CUSTOM) \
    X(CUSTOM_CLASH, "origin.header.clash", INFERRED, "origin-request", \
      "a custom header that request.headers has too", EDGEFN__Y_ORIGIN, EDGEFN__Z_ORIGIN) \
    X(CUSTOM_SIZE, "origin.header.size", DOCUMENTED, "origin-request", \
      "a custom header's name, its value, or all of them are too long", EDGEFN__Y_ORIGIN, \
      "Quotas, Quotas on headers") \
    X(ORIGIN_HOST, "origin.host", DOUBTFUL, "origin-request", \
      "the Host header is not the changed origin's domain", NULL, EDGEFN__Z_ORIGIN)

enum {
#define EDGEFN__X(name, id, confidence, kinds, text, says, source) EDGEFN__R_##name,
    EDGEFN__RULE_LIST(EDGEFN__X)
#undef EDGEFN__X
    EDGEFN__R_COUNT
};
static const edgefn_rule edgefn__rules[EDGEFN__R_COUNT] = {
#define EDGEFN__X(name, id, confidence, kinds, text, says, source) \
    { id, EDGEFN_##confidence, EDGEFN_##confidence == EDGEFN_DOUBTFUL ? 0 : 502, kinds, text, \
      says, source },
    EDGEFN__RULE_LIST(EDGEFN__X)
#undef EDGEFN__X
};
/* clang-format on */

/* What functions may not do with headers, sorted by name. Read-only in Lambda@Edge: 1
   viewer-request, 2 origin-request, 4 origin-response, 8 viewer-response; in CloudFront Functions:
   16 viewer-request, 32 viewer-response. 64: disallowed everywhere. 128: not as a custom header.
   Source: Restrictions on all edge functions, HTTP headers; Restrictions on Lambda@Edge, HTTP
   headers; Add custom headers to origin requests, Custom headers that CloudFront can't add to
   origin requests. */
enum { EDGEFN__H_DISALLOWED = 64, EDGEFN__H_NOT_CUSTOM = 128 };
enum {
    EDGEFN__LVQ = 1,
    EDGEFN__LOQ = 2,
    EDGEFN__LOS = 4,
    EDGEFN__LVS = 8,
    EDGEFN__FVQ = 16,
    EDGEFN__FVS = 32
};
typedef struct edgefn__header_rule {
    const char *name;
    uint8_t len, bits;
} edgefn__header_rule;
#    define EDGEFN__H(name, bits)                                                                  \
      {                                                                                            \
        name, sizeof(name) - 1, bits                                                               \
      }
/* clang-format off */
static const edgefn__header_rule edgefn__header_policies[] = {
    EDGEFN__H("accept-encoding", 2), EDGEFN__H("cache-control", 128),
    EDGEFN__H("cdn-loop", 1 | 2 | 16), EDGEFN__H("client-cert", 64),
    EDGEFN__H("client-cert-chain", 64), EDGEFN__H("cloudfront-viewer-cert-pem", 64),
    EDGEFN__H("connection", 64 | 128), EDGEFN__H("content-encoding", 8),
    EDGEFN__H("content-length", 1 | 2 | 8 | 16 | 128), EDGEFN__H("cookie", 128),
    EDGEFN__H("expect", 64), EDGEFN__H("host", 1 | 16 | 128),
    EDGEFN__H("if-match", 128), EDGEFN__H("if-modified-since", 2 | 128),
    EDGEFN__H("if-none-match", 2 | 128), EDGEFN__H("if-range", 2 | 128),
    EDGEFN__H("if-unmodified-since", 2 | 128), EDGEFN__H("keep-alive", 64),
    EDGEFN__H("max-forwards", 128), EDGEFN__H("pragma", 128),
    EDGEFN__H("proxy-authenticate", 64 | 128), EDGEFN__H("proxy-authorization", 64 | 128),
    EDGEFN__H("proxy-connection", 64 | 128), EDGEFN__H("range", 128),
    EDGEFN__H("request-range", 128), EDGEFN__H("te", 128), EDGEFN__H("trailer", 64 | 128),
    EDGEFN__H("transfer-encoding", 1 | 2 | 4 | 8 | 16 | 128),
    EDGEFN__H("upgrade", 64 | 128), EDGEFN__H("via", 63 | 128), EDGEFN__H("warning", 8 | 32),
    EDGEFN__H("x-accel-buffering", 64),
    EDGEFN__H("x-accel-charset", 64), EDGEFN__H("x-accel-limit-rate", 64),
    EDGEFN__H("x-accel-redirect", 64), EDGEFN__H("x-amzn-auth", 64),
    EDGEFN__H("x-amzn-cf-billing", 64), EDGEFN__H("x-amzn-cf-id", 64),
    EDGEFN__H("x-amzn-cf-xff", 64), EDGEFN__H("x-amzn-errortype", 64),
    EDGEFN__H("x-amzn-fle-profile", 64), EDGEFN__H("x-amzn-header-count", 64),
    EDGEFN__H("x-amzn-header-order", 64),
    EDGEFN__H("x-amzn-lambda-integration-tag", 64), EDGEFN__H("x-amzn-requestid", 64),
    EDGEFN__H("x-cache", 64), EDGEFN__H("x-forwarded-proto", 64),
    EDGEFN__H("x-real-ip", 64 | 128)
};
/* clang-format on */

/* The lengths of the names above by first letter, one bit each: most names are seen to be none of
   them; and the first name of a letter. */
/* clang-format off */
static const uint32_t edgefn__header_lengths[26] = {
    0x8000, 0, 0x4036d40, 0, 0x40, 0, 0, 0x10, 0xa2100, 0, 0x400, 0, 0x1000, 0, 0, 0xd0040, 0,
    0x2020, 0, 0x20084, 0x80, 0x8, 0x80, 0x200fba80, 0, 0
};
/* clang-format on */

static const uint8_t edgefn__header_first[27] = { 0,  1,  1,  10, 10, 11, 11, 11, 12,
                                                  17, 17, 18, 18, 19, 19, 19, 23, 23,
                                                  25, 25, 28, 29, 30, 31, 48, 48, 48 };

EDGEFN_API const char *edgefn_version(void)
{
    return EDGEFN_VERSION;
}

EDGEFN_API const char *edgefn_error_name(edgefn_error code)
{
    static const char *const names[] = { "EDGEFN_OK",
#    define EDGEFN__X(id, text) "EDGEFN_E_" #    id,
                                         EDGEFN_ERROR_LIST(EDGEFN__X)
#    undef EDGEFN__X
    };
    return (size_t)code < EDGEFN__COUNT(names) ? names[code] : "EDGEFN_E_?";
}

EDGEFN_API const char *edgefn_error_text(edgefn_error code)
{
    static const char *const texts[] = { "no error",
#    define EDGEFN__X(id, text) text,
                                         EDGEFN_ERROR_LIST(EDGEFN__X)
#    undef EDGEFN__X
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
    bool full;
} edgefn__text;

EDGEFN__INLINE void edgefn__put(edgefn__text *t, const char *s, size_t n)
{
    if (EDGEFN__UNLIKELY((size_t)(t->end - t->at) < n)) {
        t->full = true;
        return;
    }
    edgefn__copy(t->at, s, n);
    t->at += n;
}
#    define EDGEFN__PUT(t, literal) edgefn__put(t, "" literal, sizeof(literal) - 1)

static size_t edgefn__decimal(char *out, uint64_t value)
{
    char reversed[20];
    size_t n = 0;
    do {
        reversed[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    return n;
}

static void edgefn__put_number(edgefn__text *t, uint64_t value)
{
    char digits[20];
    size_t n = edgefn__decimal(digits, value);
    for (size_t i = 0; i < n; i++)
        edgefn__put(t, &digits[i], 1);
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
    while (z[n] != '\0')
        n++;
    return n;
}

/* Tells whether strict parsing refused what lenient parsing would take, as far as this one failure
   shows. */
static bool edgefn__lenient_helps(const edgefn_event *ev)
{
    edgefn_str s = ev->err.subject;
    edgefn_str p = ev->_json;
    size_t pos = ev->err.pos;
    if ((ev->_flags & (EDGEFN__LENIENT | EDGEFN__PARTS)) || pos == EDGEFN__NO_POS || pos >= p.len)
        return false;
    if (ev->err.code == EDGEFN_E_TYPE)
        return edgefn_str_starts(edgefn_str_skip(p, pos), EDGEFN_S("null"));
    return ev->err.code == EDGEFN_E_MISSING
           && (EDGEFN__IS(s, "eventType") || EDGEFN__IS(s, "config") || EDGEFN__IS(s, "context")
               || EDGEFN__IS(s, "method") || EDGEFN__IS(s, "request"));
}

EDGEFN_API size_t edgefn_describe(const edgefn_event *ev, char *buf, size_t cap)
{
    if (ev->err.code == EDGEFN_OK || buf == NULL) return 0;
    static const char hint[] = "; for test events: .lenient of edgefn_parse_opts";
    edgefn__text t = { buf, buf + cap, false };
    char digits[32];
    if (ev->err.pos != EDGEFN__NO_POS) {
        edgefn_location at = edgefn_locate(ev->_json, ev->err.pos);
        edgefn__put_some(&t, digits, edgefn__decimal(digits, at.line));
        edgefn__put_some(&t, ":", 1);
        edgefn__put_some(&t, digits, edgefn__decimal(digits, at.column));
        edgefn__put_some(&t, ":", 1);
    }
    const char *what = edgefn_error_text(ev->err.code);
    const char *name = edgefn_error_name(ev->err.code);
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
    if (edgefn__lenient_helps(ev)) edgefn__put_some(&t, hint, sizeof hint - 1);
    edgefn__put_some(&t, " (", 2);
    edgefn__put_some(&t, name, edgefn__zlen(name));
    edgefn__put_some(&t, ")", 1);
    return (size_t)(t.at - buf);
}

/*=== >>arena ======================================================================================
   The only size arithmetic of the file. Taken from the bottom: what lives as long as the event.
   Taken from `top`: what a call needs while it runs. Compare before subtract; nothing here can
   overflow. */

EDGEFN_API edgefn_arena edgefn_arena_make(void *mem, size_t size)
{
    edgefn_arena a = { (unsigned char *)mem, mem != NULL ? size : 0, 0 };
    return a;
}

/* Tells whether count things of that size fit; divides only where the product could overflow. */
EDGEFN__INLINE bool edgefn__fits(size_t count, size_t size, size_t room)
{
    if (((count | size) >> (sizeof(size_t) * 4 - 1)) == 0) return count * size <= room;
    return count == 0 || size <= room / count;
}

/* Takes count * size bytes from the bottom; NULL and EDGEFN_E_OOM when they are not there. align is
   a power of two. */
static void *edgefn__take(edgefn_event *ev, size_t count, size_t size, size_t align)
{
    edgefn_arena *a = &ev->arena;
    size_t room = a->cap - a->used;
    size_t pad = (size_t)((0 - ((uintptr_t)a->ptr + a->used)) & (align - 1));
    if (EDGEFN__UNLIKELY(a->ptr == NULL || pad > room || !edgefn__fits(count, size, room - pad))) {
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
    if (ev->arena.ptr == NULL || slack > room || !edgefn__fits(count, size, room - slack)) {
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

/* What parsing takes at most a byte of input: 4 for the index (every byte a quote); a field of 80
   for the 13 bytes of {"value":""} and its comma: 6.2; unescaped and folded text: 2; and, given
   back again, 4 an escaped string: 1; 32 a name for the search of equal names, shortest name "a":1,
   of 6 bytes: 5.4, and its unescaped and folded text: 2. Together below 21; the constant covers the
   index's slack and alignment. */
EDGEFN_API size_t edgefn_memory_bound(size_t json_len)
{
    if (json_len > (SIZE_MAX - 4096) / 21) return SIZE_MAX;
    return json_len * 21 + 4096;
}

/* Index and fields take less than the text itself in events of many headers (measured in
   bench/RESULTS.md); then the output, the moved list of the first edit, and 200 bytes an edit. */
EDGEFN_API size_t edgefn_memory_usual(size_t json_len, size_t edits)
{
    if (json_len > (SIZE_MAX - 16384) / 4 || edits > (SIZE_MAX - 16384 - json_len * 4) / 400)
        return SIZE_MAX;
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
    t.at = t.end = (char *)(uintptr_t) ""; /* without a block nothing fits; NULL takes no offset */
    t.full = false;
    if (ev->arena.ptr == NULL) return t;
    t.at = (char *)ev->arena.ptr + ev->arena.used;
    t.end = (char *)ev->arena.ptr + top;
    return t;
}

static edgefn_str edgefn__text_end(edgefn_event *ev, edgefn__text *t)
{
    if (t->full || ev->arena.ptr == NULL) {
        edgefn__fail(ev, EDGEFN_E_OOM, "arena", edgefn__absent());
        return edgefn__absent();
    }
    const char *start = (const char *)ev->arena.ptr + ev->arena.used;
    edgefn_str s = edgefn__str(start, (size_t)(t->at - start));
    ev->arena.used += s.len;
    return s;
}

/*=== >>str ======================================================================================*/

/* A hash of a name's length, first and last four bytes, the same for every spelling of the case:
   look-ups compare it before the bytes. */
EDGEFN__INLINE uint32_t edgefn__tag(edgefn_str s)
{
    const uint32_t fold = 0x20202020u;
    uint32_t head = 0;
    uint32_t tail = 0;
    if (EDGEFN__LIKELY(s.len >= 4)) {
        head = edgefn__load4(s.ptr);
        tail = edgefn__load4(s.ptr + s.len - 4);
    } else if (s.len != 0) {
        head = (uint32_t)(unsigned char)s.ptr[0] << 16
               | (uint32_t)(unsigned char)s.ptr[s.len / 2] << 8 | (unsigned char)s.ptr[s.len - 1];
    }
    return (head | fold) * 0x9e3779b1u ^ ((tail | fold) + (uint32_t)s.len) * 0x85ebca6bu;
}
#    define EDGEFN__TAG_BIT(tag) ((uint64_t)1 << ((tag) >> 22 & 63))

/* Some word that holds all bytes of a string of at most 8. */
EDGEFN__INLINE uint64_t edgefn__load_short(const char *p, size_t n)
{
    if (n >= 4) return (uint64_t)edgefn__load4(p) | (uint64_t)edgefn__load4(p + n - 4) << 32;
    if (n == 0) return 0;
    return (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8
           | (uint64_t)(unsigned char)p[n - 1] << 16;
}

EDGEFN__INLINE uint64_t edgefn__upper8(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101u;
    const uint64_t low = v & (ones * 0x7f);
    return (low + ones * (0x80 - 'A')) & ~(low + ones * (0x7f - 'Z')) & ~v & (ones * 0x80);
}

EDGEFN__INLINE bool edgefn__has_upper(edgefn_str s)
{
    if (s.len <= 8) return edgefn__upper8(edgefn__load_short(s.ptr, s.len)) != 0;
    uint64_t found = 0;
    for (size_t i = 0; i + 8 < s.len; i += 8)
        found |= edgefn__upper8(edgefn__load8(s.ptr + i));
    return (found | edgefn__upper8(edgefn__load8(s.ptr + s.len - 8))) != 0;
}

/* The same, as a word that is 0 or not, for 32 bytes of readable text of which the first `len` are
   the name; not 0 may be wrong for none. */
EDGEFN__INLINE uint32_t edgefn__has_upper32(const char *p, size_t len)
{
#    ifdef EDGEFN__SSE2
    if (EDGEFN__LIKELY(len <= 32)) {
        const __m128i shift = _mm_set1_epi8((char)(127 - 'Z')),
                      least = _mm_set1_epi8((char)(127 - 26)); /* 'A'..'Z' become the 26 largest */
        __m128i head = _mm_loadu_si128((const __m128i *)(const void *)p),
                tail = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
        uint32_t found =
            (uint32_t)_mm_movemask_epi8(_mm_cmpgt_epi8(_mm_add_epi8(head, shift), least))
            | (uint32_t)_mm_movemask_epi8(_mm_cmpgt_epi8(_mm_add_epi8(tail, shift), least)) << 16;
        return found << ((0 - len) & 31);
    }
#    endif
    return edgefn__has_upper(edgefn__str(p, len));
}

static int edgefn__compare(edgefn_str a, edgefn_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int d = n != 0 ? edgefn__memcmp(a.ptr, b.ptr, n) : 0;
    return d != 0 ? d : a.len < b.len ? -1 : a.len > b.len;
}

/* The part of a path behind its last dot. */
static const char *edgefn__last_name(const char *path)
{
    const char *name = path;
    for (; *path != '\0'; path++) {
        if (*path == '.') name = path + 1;
    }
    return name;
}

static edgefn_str edgefn__last_part(const char *path)
{
    const char *z = edgefn__last_name(path);
    return edgefn__str(z, edgefn__zlen(z));
}

EDGEFN_API edgefn_str edgefn_cstr(const char *z)
{
    return edgefn__str(z, z != NULL ? edgefn__zlen(z) : 0);
}

EDGEFN_API bool edgefn_str_eq(edgefn_str a, edgefn_str b)
{
    return a.len == b.len && (a.ptr == NULL) == (b.ptr == NULL)
           && (a.len == 0 || edgefn__same(a.ptr, b.ptr, a.len));
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
    return s.ptr != NULL && s.len >= suffix.len
           && edgefn__same(s.ptr + (s.len - suffix.len), suffix.ptr, suffix.len);
}

/* Gives the offset of the first c at or behind `i`; n when there is none. */
EDGEFN__INLINE size_t edgefn__find_byte(const char *p, size_t n, size_t i, char c)
{
#    ifdef EDGEFN__SSE2
    for (; n - i >= 16; i += 16) {
        unsigned hit = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(
            _mm_loadu_si128((const __m128i *)(const void *)(p + i)), _mm_set1_epi8(c)));
        if (hit != 0) return i + edgefn__ctz(hit);
    }
    if (n >= 16 && i < n) { /* the last 16 bytes, without those that were seen */
        unsigned hit = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(
            _mm_loadu_si128((const __m128i *)(const void *)(p + n - 16)), _mm_set1_epi8(c)));
        hit &= ~0u << (16 - (n - i));
        return hit != 0 ? n - 16 + edgefn__ctz(hit) : n;
    }
#    else
    const uint64_t ones = 0x0101010101010101u;
    const uint64_t tops = 0x8080808080808080u;
    for (; n - i >= 8; i += 8) {
        uint64_t v = edgefn__load8(p + i) ^ (ones * (unsigned char)c);
        if (((v - ones) & ~v & tops) != 0) break;
    }
#    endif
    while (i < n && p[i] != c)
        i++;
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

EDGEFN__INLINE edgefn_str edgefn__trim_start(edgefn_str s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t')) {
        s.ptr++;
        s.len--;
    }
    return s;
}
EDGEFN__INLINE edgefn_str edgefn__trim_end(edgefn_str s)
{
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}
EDGEFN__INLINE edgefn_str edgefn__trim(edgefn_str s)
{
    return edgefn__trim_end(edgefn__trim_start(s));
}

EDGEFN_API edgefn_str edgefn_str_trim(edgefn_str s)
{
    return edgefn__trim(s);
}

EDGEFN_API edgefn_str edgefn_str_skip(edgefn_str s, size_t n)
{
    if (n > s.len) n = s.len;
    return s.ptr != NULL ? edgefn__str(s.ptr + n, s.len - n) : s;
}

EDGEFN_API edgefn_str edgefn_str_take(edgefn_str s, size_t n)
{
    return edgefn__str(s.ptr, n < s.len ? n : s.len);
}

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
        if (digit > 9 || n.value > (UINT64_MAX - digit) / 10) {
            n.value = 0;
            return n;
        }
        n.value = n.value * 10 + digit;
    }
    n.ok = s.len > 0;
    return n;
}

EDGEFN_API edgefn_str edgefn_str_join(edgefn_event *ev, const edgefn_str *parts, size_t count)
{
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    for (size_t i = 0; i < count; i++)
        edgefn__put(&t, parts[i].ptr, parts[i].len);
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
    for (i = 0; i < s.len; i++)
        to[i] = edgefn__lower(s.ptr[i]);
    return edgefn__str(to, s.len);
}

/*=== >>utf8 =====================================================================================*/

/* The length that the first byte of a UTF-8 sequence states; 0 if it can be none. */
static size_t edgefn__utf8_need(unsigned char first)
{
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return 0;
    if (first < 0xe0) return 2;
    return first < 0xf0 ? 3 : 4;
}

/* Returns the length of the UTF-8 sequence at p (RFC 3629), 0 for none, -1 when `room` ends inside
   one that is right so far. */
static int edgefn__utf8(const char *p, size_t room)
{
    const unsigned char *s = (const unsigned char *)p;
    unsigned char lo = 0x80;
    unsigned char hi = 0xbf;
    if (room == 0) return -1;
    size_t need = edgefn__utf8_need(s[0]);
    switch (s[0]) { /* no longer form than needed, no surrogates, nothing above U+10FFFF */
    case 0xe0: lo = 0xa0; break;
    case 0xed: hi = 0x9f; break;
    case 0xf0: lo = 0x90; break;
    case 0xf4: hi = 0x8f; break;
    default: break;
    }
    for (size_t i = 1; i < need; i++) {
        if (i >= room) return -1;
        if (s[i] < lo || s[i] > hi) return 0;
        lo = 0x80;
        hi = 0xbf;
    }
    return (int)need;
}

/* Tells whether 8 bytes hold one that is not printable ASCII, or a quote or backslash. Each term
   sets the top bit of a byte below 0x20, of one of the three characters, or of a byte above 0x7f; a
   byte may be set wrongly only beside one that is set rightly. */
EDGEFN__INLINE bool edgefn__plain8(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101u;
    const uint64_t tops = 0x8080808080808080u;
    uint64_t quote = v ^ (ones * '"');
    uint64_t slash = v ^ (ones * '\\');
    uint64_t del = v ^ (ones * 0x7f);
    return (((v - ones * 0x20) | (quote - ones) | (slash - ones) | (del - ones) | v) & tops) == 0;
}

#    ifdef EDGEFN__SSE2
EDGEFN__INLINE __m128i edgefn__odd16(__m128i v)
{
    return _mm_or_si128(_mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)),
                                     _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f))),
                        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                     _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
}
EDGEFN__INLINE bool edgefn__plain16(const char *p)
{
    return _mm_movemask_epi8(edgefn__odd16(_mm_loadu_si128((const __m128i *)(const void *)p))) == 0;
}
#    endif

/* Skips bytes that are printable ASCII and need no escape in JSON; the last step of a plain string
   overlaps the one before. */
static size_t edgefn__plain_run(const char *p, size_t n)
{
    size_t i = 0;
#    ifdef EDGEFN__SSE2
    if (n >= 16) {
        while (n - i >= 16 && edgefn__plain16(p + i))
            i += 16;
        if (n - i < 16 && edgefn__plain16(p + n - 16)) return n;
    } else
#    endif
        if (n >= 8) {
        while (n - i >= 8 && edgefn__plain8(edgefn__load8(p + i)))
            i += 8;
        if (n - i < 8 && edgefn__plain8(edgefn__load8(p + n - 8))) return n;
    }
    while (i < n && (edgefn__class_of(p[i]) & EDGEFN__C_PLAIN))
        i++;
    return i;
}

/* Tells whether all of s is printable ASCII that JSON does not escape, and copies it on the way
   unless `to` is NULL. Parts overlap. */
EDGEFN__INLINE bool edgefn__copy_plain(char *to, edgefn_str s)
{
    size_t i = 0;
#    ifdef EDGEFN__SSE2
    if (s.len >= 16) {
        __m128i odd = _mm_setzero_si128(), v;
        for (;; i = s.len - i > 32 ? i + 16 : s.len - 16) {
            v = _mm_loadu_si128((const __m128i *)(const void *)(s.ptr + i));
            if (to != NULL) _mm_storeu_si128((__m128i *)(void *)(to + i), v);
            odd = _mm_or_si128(odd, edgefn__odd16(v));
            if (i == s.len - 16) return _mm_movemask_epi8(odd) == 0;
        }
    }
#    endif
    if (to != NULL) edgefn__copy(to, s.ptr, s.len);
#    ifdef EDGEFN__SSE2
    if (s.len >= 8) {
        const __m128i *head = (const __m128i *)(const void *)s.ptr,
                      *tail = (const __m128i *)(const void *)(s.ptr + s.len - 8);
        return _mm_movemask_epi8(
                   edgefn__odd16(_mm_unpacklo_epi64(_mm_loadl_epi64(head), _mm_loadl_epi64(tail))))
               == 0;
    }
    if (s.len >= 4) {
        __m128i head = _mm_set1_epi32((int)edgefn__load4(s.ptr)),
                tail = _mm_set1_epi32((int)edgefn__load4(s.ptr + s.len - 4));
        return _mm_movemask_epi8(edgefn__odd16(_mm_unpacklo_epi32(head, tail))) == 0;
    }
#    else
    if (s.len >= 8) {
        for (; s.len - i > 8; i += 8) {
            if (!edgefn__plain8(edgefn__load8(s.ptr + i))) return false;
        }
        return edgefn__plain8(edgefn__load8(s.ptr + s.len - 8));
    }
    if (s.len >= 4) return edgefn__plain8(edgefn__load_short(s.ptr, s.len));
#    endif
    for (; i < s.len; i++) {
        if (!(edgefn__class_of(s.ptr[i]) & EDGEFN__C_PLAIN)) return false;
    }
    return true;
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
    if (c < 0x80) {
        b[0] = (char)c;
        n = 1;
    } else if (c < 0x800) {
        b[0] = (char)(0xc0 | c >> 6);
        b[1] = (char)(0x80 | (c & 63));
        n = 2;
    } else if (c < 0x10000) {
        b[0] = (char)(0xe0 | c >> 12);
        b[1] = (char)(0x80 | (c >> 6 & 63));
        b[2] = (char)(0x80 | (c & 63));
        n = 3;
    } else {
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

/* What may follow a backslash, other than u. */
static bool edgefn__is_short_escape(char c)
{
    static const char letters[8] = { '"', '\\', '/', 'b', 'f', 'n', 'r', 't' };
    for (size_t i = 0; i < sizeof letters; i++) {
        if (letters[i] == c) return true;
    }
    return false;
}

static bool edgefn__is_high_half(int32_t unit)
{
    return (unit & ~0x3ff) == 0xd800;
}
static bool edgefn__is_low_half(int32_t unit)
{
    return (unit & ~0x3ff) == 0xdc00;
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
                unit = 0x10000 + ((unit - 0xd800) << 10)
                       + ((uint32_t)edgefn__hex4(p + i + 2, 4) - 0xdc00);
                i += 6;
            }
            edgefn__put_utf8(t, unit);
            continue;
        }
        if (c == 'b')
            c = '\b';
        else if (c == 'f')
            c = '\f';
        else if (c == 'n')
            c = '\n';
        else if (c == 'r')
            c = '\r';
        else if (c == 't')
            c = '\t';
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
        if (n <= 0) {
            EDGEFN__PUT(t, "\xef\xbf\xbd");
            i++;
            continue;
        }
        if (c >= 0x20 && c != '"' && c != '\\') {
            edgefn__put(t, s.ptr + i, (size_t)n);
            i += (size_t)n;
            continue;
        }
        char escape[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
        const char *brief = c == '"'    ? "\\\""
                            : c == '\\' ? "\\\\"
                            : c == '\n' ? "\\n"
                            : c == '\r' ? "\\r"
                            : c == '\t' ? "\\t"
                            : c == '\b' ? "\\b"
                            : c == '\f' ? "\\f"
                                        : NULL;
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

/*=== >>scan =======================================================================================
   The first pass: one bit a byte for the quotation marks that delimit strings, and a check of the
   inside of strings (controls, escapes, UTF-8). 64 bytes at a time: one look finds the quotes and
   whether the block holds anything that needs care; only such blocks take the careful way. All
   variants give the same bits and the same verdict on every input (tests and fuzzers hold them to
   it). No load outside the input. Bits instead of a list of offsets: a list costs four instructions
   a quote, the bits two a block, and the walk needs only three of the ten quotes of a header and
   finds each with a shift (bench/RESULTS.md, what helped). */

typedef struct edgefn__scanner {
    const char *text;
    size_t len;
    unsigned char *quotes; /* the bits, edgefn__quotes_size() bytes; lowest bit first */
    uint32_t
        *escaped; /* offsets of the strings that hold an escape, going down in memory from top */
    uint32_t *top, *floor;
    size_t utf8_done; /* UTF-8 is checked up to here */
    size_t low_at;    /* where the second half of a surrogate pair must stand */
    uint64_t carry;   /* 1: the next block's first byte is escaped */
    size_t known; /* `last` is the last quote before here; it is needed for careful blocks only */
    uint32_t last;
    bool full; /* the list of escaped strings did not fit */
} edgefn__scanner;

/* Bits for all blocks, and behind them ones: a search for a quote ends beyond the text at the
   latest. */
static size_t edgefn__quotes_size(size_t len)
{
    return len / 64 * 8 + 48;
}

typedef struct edgefn__masks {
    uint64_t quote, slash, control, high;
} edgefn__masks;

EDGEFN__INLINE unsigned edgefn__popcount(uint64_t v)
{
    v -= v >> 1 & 0x5555555555555555u;
    v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
    return (unsigned)(((v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u >> 56);
}

/* The highest bit of a word that is not 0. */
EDGEFN__INLINE unsigned edgefn__top_bit(uint64_t v)
{
#    if defined(__GNUC__) || defined(__clang__)
    return 63u - (unsigned)__builtin_clzll(v);
#    else
    unsigned n = 0;
    while (v >>= 1)
        n++;
    return n;
#    endif
}

/* Eight bytes, the first lowest, whatever the machine's byte order. */
EDGEFN__INLINE uint64_t edgefn__word(const char *p)
{
#    if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return edgefn__load8(p);
#    else
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--)
        v = v << 8 | (unsigned char)p[i];
    return v;
#    endif
}

EDGEFN__INLINE void edgefn__store_word(unsigned char *p, uint64_t v)
{
#    if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    edgefn__memcpy(p, &v, 8);
#    else
    for (int i = 0; i < 8; i++, v >>= 8)
        p[i] = (unsigned char)(v & 255);
#    endif
}

/* Brings `last` up to the block at `base`: looks back to where it was known, so that all looks
   together are one pass. */
static void edgefn__scan_last(edgefn__scanner *s, size_t base)
{
    size_t known = s->known;
    s->known = base;
    for (; base > known; base -= 64) {
        uint64_t q = edgefn__word((const char *)s->quotes + base / 8 - 8);
        if (q == 0) continue;
        s->last = (uint32_t)base - 64 + edgefn__top_bit(q);
        return;
    }
}

/* Checks one escape sequence that begins at `at`. */
static bool edgefn__escape_ok(edgefn__scanner *s, size_t at)
{
    if (at + 1 >= s->len) return false;
    const char *p = s->text + at;
    if (p[1] != 'u') return edgefn__is_short_escape(p[1]);
    int32_t unit = edgefn__hex4(p + 2, s->len - at - 2);
    if (unit < 0) return false;
    if (edgefn__is_low_half(unit)) return s->low_at == at;
    if (!edgefn__is_high_half(unit)) return true;
    if (s->len - at < 12 || p[6] != '\\' || p[7] != 'u') return false;
    s->low_at = at + 6;
    return edgefn__is_low_half(edgefn__hex4(p + 8, 4));
}

/* Notes the string that holds the escape at bit k of a block with these quotes. */
static bool edgefn__note_escaped(edgefn__scanner *s, size_t base, uint64_t quote, unsigned k)
{
    uint64_t before = quote & (((uint64_t)1 << k) - 1);
    if (before == 0) edgefn__scan_last(s, base);
    uint32_t open = before != 0 ? (uint32_t)base + edgefn__top_bit(before) : s->last;
    if (s->escaped != s->top && *s->escaped == open) return true;
    if (s->escaped - s->floor < 2) { /* one stays for the sentinel */
        s->full = true;
        return false;
    }
    *--s->escaped = open;
    return true;
}

/* Reads a block that holds a backslash, a control or a byte beyond ASCII, or that begins escaped; a
   string is open where the words of quotes before it, xor-ed to `before`, have an odd number of
   bits. Returns false when something in it can be in no JSON text; else *quote holds only the
   quotes that delimit. */
EDGEFN__NOINLINE bool edgefn__scan_careful(edgefn__scanner *s, const edgefn__masks *m, size_t base,
                                           uint64_t before, uint64_t *quote)
{
    uint64_t escaped = s->carry;
    uint64_t starts = 0;
    uint64_t slash = m->slash;
    s->carry = 0;
    while (slash != 0) {
        unsigned k = edgefn__ctz(slash);
        slash &= slash - 1;
        if (escaped >> k & 1) continue;
        starts |= (uint64_t)1 << k;
        if (k == 63)
            s->carry = 1;
        else
            escaped |= (uint64_t)2 << k;
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
    inside ^= 0 - (uint64_t)(edgefn__popcount(before) & 1);
    if ((m->control & inside) != 0 || ((starts | m->high) & ~inside) != 0) return false;
    for (; starts != 0; starts &= starts - 1) {
        if (!edgefn__escape_ok(s, base + edgefn__ctz(starts))
            || !edgefn__note_escaped(s, base, q, edgefn__ctz(starts)))
            return false;
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

/* One scanner. quick gives the quotes of 64 bytes and a flag for the careful way, masks all four
   masks, quiet tells whether 256 bytes hold neither; long strings are passed in such strides once
   eight blocks had no quote. The last block is padded with blanks. */
#    define EDGEFN__SCAN(VARIANT, TARGET)                                                          \
      TARGET static bool edgefn__scan_##VARIANT(edgefn__scanner *s)                                \
      {                                                                                            \
        const char *text = s->text;                                                                \
        size_t at = 0, len = s->len, whole = len / 64 * 64;                                        \
        uint64_t before = 0;                                                                       \
        char tail[64];                                                                             \
        edgefn__memset(s->quotes + whole / 8, 0xff, 48); /* the end of edgefn__quotes_size() */    \
        while (at < len) {                                                                         \
          const char *block = text + at;                                                           \
          unsigned char *quotes = s->quotes + at / 8;                                              \
          size_t stop = whole - at > 512 ? at + 512 : whole;                                       \
          uint64_t any = 0;                                                                        \
          if (at == whole) {                                                                       \
            edgefn__memset(tail, ' ', 64);                                                         \
            edgefn__memcpy(tail, block, len - at);                                                 \
            block = tail;                                                                          \
            stop = at + 64;                                                                        \
          }                                                                                        \
          for (; at < stop; at += 64, block += 64, quotes += 8) {                                  \
            uint64_t care, quote = edgefn__quick_##VARIANT(block, &care);                          \
            if (EDGEFN__UNLIKELY((care | s->carry) != 0)) {                                        \
              uint64_t delimit;                                                                    \
              edgefn__masks m;                                                                     \
              edgefn__masks_##VARIANT(block, &m);                                                  \
              if (!edgefn__scan_careful(s, &m, at, before, &delimit)) return false;                \
              quote = delimit;                                                                     \
            }                                                                                      \
            edgefn__store_word(quotes, quote);                                                     \
            before ^= quote;                                                                       \
            any |= quote;                                                                          \
          }                                                                                        \
          for (; any == 0 && s->carry == 0 && at < len && len - at >= 256                          \
                 && edgefn__quiet_##VARIANT(text + at);                                            \
               at += 256)                                                                          \
            edgefn__memset(s->quotes + at / 8, 0, 32);                                             \
        }                                                                                          \
        return s->carry == 0;                                                                      \
      }

/* Portable: eight bytes at a time in a 64-bit word, their top bits gathered by a multiplication. */
/* Top bit of each byte that is zero; exact, unlike the shorter form, because no carry crosses a
   byte. */
EDGEFN__INLINE uint64_t edgefn__zero_tops(uint64_t v)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
    return ~(((v & low) + low) | v | low);
}

EDGEFN__INLINE uint64_t edgefn__gather(uint64_t tops)
{
    return ((tops >> 7) * 0x0102040810204080u) >> 56;
}

static void edgefn__masks_portable(const char *p, edgefn__masks *m)
{
    const uint64_t ones = 0x0101010101010101u;
    const uint64_t tops = 0x8080808080808080u;
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
    const uint64_t ones = 0x0101010101010101u;
    const uint64_t tops = 0x8080808080808080u;
    uint64_t quote = 0;
    uint64_t any = 0;
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
    const uint64_t ones = 0x0101010101010101u;
    const uint64_t tops = 0x8080808080808080u;
    uint64_t any = 0;
    for (unsigned i = 0; i < 256; i += 8) {
        uint64_t v = edgefn__word(p + i);
        any |= ((v - ones * 0x20) | ((v ^ (ones * '\\')) - ones) | ((v ^ (ones * '"')) - ones) | v);
    }
    return (any & tops) == 0;
}

EDGEFN__SCAN(portable, EDGEFN__UNUSED)

#    ifdef EDGEFN__SSE2
#      define EDGEFN__AT16(p, i) _mm_loadu_si128((const __m128i *)(const void *)((p) + (i)))

EDGEFN__INLINE uint64_t edgefn__join16(__m128i a, __m128i b, __m128i c, __m128i d)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(a) | (uint64_t)(uint32_t)_mm_movemask_epi8(b) << 16
           | (uint64_t)(uint32_t)_mm_movemask_epi8(c) << 32
           | (uint64_t)(uint32_t)_mm_movemask_epi8(d) << 48;
}

/* Signed compare: below 0x20 are the controls and, negative, all bytes beyond ASCII. */
EDGEFN__INLINE __m128i edgefn__care16(__m128i v)
{
    return _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)),
                        _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
}

EDGEFN__INLINE uint64_t edgefn__quick_sse2(const char *p, uint64_t *care)
{
    const __m128i quote = _mm_set1_epi8('"');
    __m128i a = EDGEFN__AT16(p, 0), b = EDGEFN__AT16(p, 16), c = EDGEFN__AT16(p, 32),
            d = EDGEFN__AT16(p, 48);
    __m128i any = _mm_or_si128(_mm_or_si128(edgefn__care16(a), edgefn__care16(b)),
                               _mm_or_si128(edgefn__care16(c), edgefn__care16(d)));
    *care = (uint64_t)(uint32_t)_mm_movemask_epi8(any);
    return edgefn__join16(_mm_cmpeq_epi8(a, quote), _mm_cmpeq_epi8(b, quote),
                          _mm_cmpeq_epi8(c, quote), _mm_cmpeq_epi8(d, quote));
}

static void edgefn__masks_sse2(const char *p, edgefn__masks *m)
{
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'),
                  blank = _mm_set1_epi8(0x20);
    __m128i a = EDGEFN__AT16(p, 0), b = EDGEFN__AT16(p, 16), c = EDGEFN__AT16(p, 32),
            d = EDGEFN__AT16(p, 48);
    m->quote = edgefn__join16(_mm_cmpeq_epi8(a, quote), _mm_cmpeq_epi8(b, quote),
                              _mm_cmpeq_epi8(c, quote), _mm_cmpeq_epi8(d, quote));
    m->slash = edgefn__join16(_mm_cmpeq_epi8(a, slash), _mm_cmpeq_epi8(b, slash),
                              _mm_cmpeq_epi8(c, slash), _mm_cmpeq_epi8(d, slash));
    m->high = edgefn__join16(a, b, c, d);
    m->control = edgefn__join16(_mm_cmplt_epi8(a, blank), _mm_cmplt_epi8(b, blank),
                                _mm_cmplt_epi8(c, blank), _mm_cmplt_epi8(d, blank))
                 & ~m->high;
}

EDGEFN__INLINE bool edgefn__quiet_sse2(const char *p)
{
    __m128i any = _mm_setzero_si128();
    for (unsigned i = 0; i < 256; i += 16) {
        __m128i v = EDGEFN__AT16(p, i);
        any = _mm_or_si128(any,
                           _mm_or_si128(edgefn__care16(v), _mm_cmpeq_epi8(v, _mm_set1_epi8('"'))));
    }
    return _mm_movemask_epi8(any) == 0;
}

EDGEFN__SCAN(sse2, EDGEFN__UNUSED)
#    endif

#    ifdef EDGEFN__AVX2
#      define EDGEFN__TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2")))
static bool edgefn__have_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
}
#      define EDGEFN__AT32(p, i) _mm256_loadu_si256((const __m256i *)(const void *)((p) + (i)))

EDGEFN__TARGET_AVX2 static inline uint64_t edgefn__join32(__m256i a, __m256i b)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(a)
           | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

EDGEFN__TARGET_AVX2 static inline __m256i edgefn__care32(__m256i v)
{
    return _mm256_or_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), v),
                           _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\')));
}

EDGEFN__TARGET_AVX2 static inline uint64_t edgefn__quick_avx2(const char *p, uint64_t *care)
{
    __m256i a = EDGEFN__AT32(p, 0), b = EDGEFN__AT32(p, 32), quote = _mm256_set1_epi8('"');
    *care = (uint64_t)(uint32_t)_mm256_movemask_epi8(
        _mm256_or_si256(edgefn__care32(a), edgefn__care32(b)));
    return edgefn__join32(_mm256_cmpeq_epi8(a, quote), _mm256_cmpeq_epi8(b, quote));
}

EDGEFN__TARGET_AVX2 static inline void edgefn__masks_avx2(const char *p, edgefn__masks *m)
{
    __m256i a = EDGEFN__AT32(p, 0), b = EDGEFN__AT32(p, 32);
    __m256i quote = _mm256_set1_epi8('"'), slash = _mm256_set1_epi8('\\'),
            blank = _mm256_set1_epi8(0x20);
    m->quote = edgefn__join32(_mm256_cmpeq_epi8(a, quote), _mm256_cmpeq_epi8(b, quote));
    m->slash = edgefn__join32(_mm256_cmpeq_epi8(a, slash), _mm256_cmpeq_epi8(b, slash));
    m->high = edgefn__join32(a, b);
    m->control =
        edgefn__join32(_mm256_cmpgt_epi8(blank, a), _mm256_cmpgt_epi8(blank, b)) & ~m->high;
}

EDGEFN__TARGET_AVX2 static inline bool edgefn__quiet_avx2(const char *p)
{
    __m256i any = _mm256_setzero_si256();
    for (unsigned i = 0; i < 256; i += 32) {
        __m256i v = EDGEFN__AT32(p, i);
        any = _mm256_or_si256(
            any, _mm256_or_si256(edgefn__care32(v), _mm256_cmpeq_epi8(v, _mm256_set1_epi8('"'))));
    }
    return _mm256_movemask_epi8(any) == 0;
}

EDGEFN__SCAN(avx2, EDGEFN__TARGET_AVX2 EDGEFN__UNUSED)

#    endif

static bool edgefn__scan(edgefn__scanner *s)
{
#    ifdef EDGEFN__AVX2
    if (edgefn__have_avx2()) return edgefn__scan_avx2(s);
#    endif
#    ifdef EDGEFN__SSE2
    return edgefn__scan_sse2(s);
#    else
    return edgefn__scan_portable(s);
#    endif
}

/*=== >>json =======================================================================================
   Two readers. edgefn__validate() is the plain one: every byte, in order, an exact error; it runs
   only after something went wrong, so that a text that is not JSON gets the same code and offset
   whatever way found it. The reader below walks over the text with the scan's bits: `pos` is the
   next byte outside strings, where every '"' opens a string, because the scan found no backslash
   outside. Quick paths only ever move pos to where the plain grammar would have brought it. */

typedef struct edgefn__fault {
    edgefn_error code;
    size_t pos;
} edgefn__fault;

static bool edgefn__fault_at(edgefn__fault *f, edgefn_error code, size_t pos)
{
    f->code = code;
    f->pos = pos;
    return false;
}

/* Reads the \uXXXX at *at; the fault is that of the whole escape, which begins at `escape`. */
static bool edgefn__validate_unit(const char *p, size_t len, size_t *at, size_t escape,
                                  edgefn__fault *f, int32_t *unit)
{
    size_t end = *at + 2;
    while (end < len && end < *at + 6 && edgefn__hex(p[end]) >= 0)
        end++;
    if (end < *at + 6) {
        if (end >= len) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, len);
        return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, escape);
    }
    *unit = edgefn__hex4(p + *at + 2, 4);
    *at = end;
    return true;
}

/* Checks the escape at *at; *at becomes the offset after it. */
static bool edgefn__validate_escape(const char *p, size_t len, size_t *at, edgefn__fault *f)
{
    size_t escape = *at;
    int32_t unit = 0;
    if (escape + 1 >= len) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, len);
    if (p[escape + 1] != 'u') {
        *at += 2;
        return edgefn__is_short_escape(p[escape + 1])
               || edgefn__fault_at(f, EDGEFN_E_JSON_STRING, escape);
    }
    if (!edgefn__validate_unit(p, len, at, escape, f, &unit)) return false;
    if (edgefn__is_low_half(unit)) return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, escape);
    if (!edgefn__is_high_half(unit)) return true;
    if (*at < len && p[*at] != '\\') return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, escape);
    if (*at + 1 >= len) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, len);
    if (p[*at + 1] != 'u') return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, escape);
    if (!edgefn__validate_unit(p, len, at, escape, f, &unit)) return false;
    return edgefn__is_low_half(unit) || edgefn__fault_at(f, EDGEFN_E_JSON_STRING, escape);
}

/* Checks a string from its opening quote on; *at becomes the offset after it. */
static bool edgefn__validate_string(const char *p, size_t len, size_t *at, edgefn__fault *f)
{
    size_t i = *at + 1;
    for (;;) {
        i += edgefn__plain_run(p + i, len - i);
        if (i >= len) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, len);
        if (p[i] == '"') break;
        if ((unsigned char)p[i] < 0x20) return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, i);
        if (p[i] == '\\') {
            if (!edgefn__validate_escape(p, len, &i, f)) return false;
            continue;
        }
        int n = edgefn__utf8(p + i, len - i);
        if (n < 0) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, len);
        if (n == 0) return edgefn__fault_at(f, EDGEFN_E_JSON_UTF8, i);
        i += (size_t)n;
    }
    *at = i + 1;
    return true;
}

/* Goes over digits, at least one; 0 when there is none. */
static size_t edgefn__digits_end(const char *p, size_t len, size_t at)
{
    size_t i = at;
    while (i < len && (edgefn__class_of(p[i]) & EDGEFN__C_DIGIT))
        i++;
    return i != at ? i : 0;
}

/* Finds the end of a number that begins at `at`; 0 when the text there is none. *ends: the input
   ended inside it. */
static size_t edgefn__number_end(const char *p, size_t len, size_t at, bool *ends)
{
    size_t from = at;
    *ends = false;
    if (from < len && p[from] == '-') from++;
    size_t end = edgefn__digits_end(p, len, from);
    if (end > from + 1 && p[from] == '0') return 0;
    if (end != 0 && end < len && p[end] == '.') {
        from = end + 1;
        end = edgefn__digits_end(p, len, from);
    }
    if (end != 0 && end < len && (p[end] == 'e' || p[end] == 'E')) {
        from = end + 1;
        if (from < len && (p[from] == '+' || p[from] == '-')) from++;
        end = edgefn__digits_end(p, len, from);
    }
    *ends = end == 0 && from >= len;
    return end;
}

static const char *edgefn__literal(char first, size_t *len)
{
    *len = first == 'f' ? 5 : 4;
    return first == 't' ? "true" : first == 'f' ? "false" : first == 'n' ? "null" : NULL;
}

/* Checks a number or a literal; *at becomes the offset behind it. */
static bool edgefn__validate_scalar(const char *p, size_t len, size_t *at, edgefn__fault *f)
{
    size_t i = *at;
    size_t n;
    if (p[i] == '-' || (edgefn__class_of(p[i]) & EDGEFN__C_DIGIT)) {
        bool ends;
        size_t end = edgefn__number_end(p, len, i, &ends);
        if (end == 0)
            return edgefn__fault_at(f, ends ? EDGEFN_E_JSON_EOF : EDGEFN_E_JSON_NUMBER,
                                    ends ? len : i);
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
    while (i < len && (unsigned char)p[i] <= ' ' && (edgefn__class_of(p[i]) & EDGEFN__C_SPACE))
        i++;
    return i;
}

/* A JSON text being checked. `expect` is what may come next: v a value, e a value or ']', n a name
   or '}', m a name, c a colon, s ',' or a closing bracket. */
typedef struct edgefn__validation {
    const char *p;
    size_t len, at;
    uint64_t objects; /* one bit a level, the innermost lowest: set for objects */
    unsigned depth;
    char expect;
} edgefn__validation;

/* Goes over a closing bracket where one may stand. */
static bool edgefn__validate_close(edgefn__validation *v)
{
    char c = v->p[v->at];
    if (v->depth == 0 || c != (v->objects & 1 ? '}' : ']')) return false;
    if (v->expect != 's' && v->expect != 'e' && v->expect != 'n') return false;
    v->objects >>= 1;
    v->depth--;
    v->expect = 's';
    v->at++;
    return true;
}

/* Goes over a value, of an object or array only its opening bracket. */
static bool edgefn__validate_value(edgefn__validation *v, edgefn__fault *f)
{
    char c = v->p[v->at];
    v->expect = 's';
    if (c == '"') return edgefn__validate_string(v->p, v->len, &v->at, f);
    if (c != '{' && c != '[') return edgefn__validate_scalar(v->p, v->len, &v->at, f);
    if (v->depth == EDGEFN_MAX_DEPTH) return edgefn__fault_at(f, EDGEFN_E_JSON_DEPTH, v->at);
    v->objects = v->objects << 1 | (c == '{');
    v->depth++;
    v->expect = c == '{' ? 'n' : 'e';
    v->at++;
    return true;
}

/* Goes over what is expected. */
static bool edgefn__validate_next(edgefn__validation *v, edgefn__fault *f)
{
    char wanted;
    switch (v->expect) {
    case 's': wanted = ','; break;
    case 'c': wanted = ':'; break;
    case 'n':
    case 'm': wanted = '"'; break;
    default: return edgefn__validate_value(v, f);
    }
    if (v->p[v->at] != wanted) return edgefn__fault_at(f, EDGEFN_E_JSON_SYNTAX, v->at);
    if (wanted == '"') {
        v->expect = 'c';
        return edgefn__validate_string(v->p, v->len, &v->at, f);
    }
    v->expect = wanted == ',' && (v->objects & 1) ? 'm' : 'v';
    v->at++;
    return true;
}

/* Checks a whole JSON text. */
EDGEFN__NOINLINE bool edgefn__validate(edgefn_str json, edgefn__fault *f)
{
    edgefn__validation v = { json.ptr, json.len, 0, 0, 0, 'v' };
    for (;;) {
        v.at = edgefn__skip_space(v.p, v.len, v.at);
        if (v.expect == 's' && v.depth == 0)
            return v.at == v.len || edgefn__fault_at(f, EDGEFN_E_JSON_TRAILING, v.at);
        if (v.at >= v.len) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, v.len);
        if (!edgefn__validate_close(&v) && !edgefn__validate_next(&v, f)) return false;
    }
}

typedef struct edgefn__reader {
    const char *text;
    uint32_t len, pos;
    const unsigned char *quotes;
    edgefn_event *ev;
    unsigned depth;
    const uint32_t *escaped,
        /* the next, and the first, string that holds an escape; they go down and end in UINT32_MAX
           */
        *escaped_first;
    struct edgefn__judge *
        judge; /* not NULL: a function's result is read, and what is wrong in it is noted and passed
                  over */
    bool lenient;      /* edgefn_parse_opts.lenient, when an event is read */
    bool no_method;    /* a request may lack its method */
    edgefn_type type;  /* edgefn_parse_opts.type */
    edgefn_str item;   /* the name whose entries are read */
    edgefn_error code; /* the first failure */
    uint32_t at;
    const char *where;
    edgefn_str subject;
} edgefn__reader;

EDGEFN__NOINLINE bool edgefn__bad(edgefn__reader *r, edgefn_error code, uint32_t at,
                                  const char *where, edgefn_str subject)
{
    if (r->code == EDGEFN_OK) {
        r->code = code;
        r->at = at;
        r->where = where;
        r->subject = subject;
    }
    return false;
}

static bool edgefn__odd(edgefn__reader *r, int rule, uint32_t at, edgefn_str subject); /* >>check */

static bool edgefn__twice(edgefn__reader *r, uint32_t at, const char *where, edgefn_str name)
{
    return r->judge != NULL ? edgefn__odd(r, EDGEFN__R_MEMBER_DUPLICATE, at, name)
                            : edgefn__bad(r, EDGEFN_E_DUPLICATE, at, where, name);
}

static bool edgefn__bad_json(edgefn__reader *r)
{
    return edgefn__bad(r, EDGEFN_E_JSON_SYNTAX, r->pos, "JSON text", edgefn__absent());
}
static bool edgefn__bad_memory(edgefn__reader *r)
{
    return edgefn__bad(r, EDGEFN_E_OOM, 0, "arena", edgefn__absent());
}

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
    while ((w = edgefn__word((const char *)quotes + at)) == 0)
        at += 8;
    return at * 8 + edgefn__ctz(w);
}

/* Gives the first quote at or behind `from`; beyond the text when there is none. An unaligned look
   shows at least 57 bits. */
EDGEFN__INLINE size_t edgefn__quote_in(const unsigned char *quotes, size_t from)
{
    uint64_t w = edgefn__word((const char *)quotes + from / 8) >> (from & 7);
    return EDGEFN__LIKELY(w != 0) ? from + edgefn__ctz(w) : edgefn__quote_far(quotes, from);
}

/* The same as a distance: the quick path waits for little else than these, one after the other. */
EDGEFN__INLINE size_t edgefn__quote_gap(const unsigned char *quotes, size_t from)
{
    uint64_t w = edgefn__word((const char *)quotes + from / 8) >> (from & 7);
    return EDGEFN__LIKELY(w != 0) ? edgefn__ctz(w) : edgefn__quote_far(quotes, from) - from;
}

/* The same as far as one look shows: above 56 it is not known. */
EDGEFN__INLINE size_t edgefn__quote_near(const unsigned char *quotes, size_t from)
{
    uint64_t w = edgefn__word((const char *)quotes + from / 8) >> (from & 7);
    return edgefn__ctz(w | (uint64_t)1 << 63);
}

EDGEFN__INLINE uint32_t edgefn__quote_from(const edgefn__reader *r, uint32_t from)
{
    return (uint32_t)edgefn__quote_in(r->quotes, from);
}

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

/* Reads one name by the plain grammar; the cursor is before its quote, then before its value. */
static bool edgefn__object_name(edgefn__reader *r, edgefn_str *name)
{
    if (edgefn__peek(r) != '"' || !edgefn__raw_string(r, name)) return edgefn__bad_json(r);
    if (edgefn__peek(r) != ':') return edgefn__bad_json(r);
    r->pos++;
    edgefn__peek(r);
    return true;
}

/* Skips a string, number or literal that begins with c. */
static bool edgefn__skip_scalar(edgefn__reader *r, char c)
{
    edgefn_str s;
    edgefn__fault f;
    size_t at = r->pos;
    if (c == '"') return edgefn__raw_string(r, &s);
    if (c == '\0' || !edgefn__validate_scalar(r->text, r->len, &at, &f)) return edgefn__bad_json(r);
    r->pos = (uint32_t)at;
    return true;
}

/* After a value: closes what ends there, and goes over the comma if more follows. */
static bool edgefn__skip_close(edgefn__reader *r, uint64_t *objects, unsigned *depth)
{
    while (*depth != 0) {
        char c = edgefn__peek(r);
        if (c != ',' && c != (*objects & 1 ? '}' : ']')) return edgefn__bad_json(r);
        r->pos++;
        if (c == ',') return true;
        *objects >>= 1;
        (*depth)--;
    }
    return true;
}

/* Skips any value. Depth is counted from the reader's own; no recursion. */
EDGEFN__NOINLINE bool edgefn__skip_value(edgefn__reader *r)
{
    uint64_t objects = 0;
    unsigned depth = 0;
    edgefn_str name;
    for (;;) {
        char c = edgefn__peek(r);
        bool opens = c == '{' || c == '[';
        if (opens) {
            if (r->depth + depth >= EDGEFN_MAX_DEPTH) return edgefn__bad_json(r);
            objects = objects << 1 | (c == '{');
            depth++;
            r->pos++;
            opens = edgefn__peek(r) != (c == '{' ? '}' : ']');
        } else if (!edgefn__skip_scalar(r, c)) {
            return false;
        }
        if (!opens && !edgefn__skip_close(r, &objects, &depth)) return false;
        if (depth == 0) return true;
        if ((objects & 1) && !edgefn__object_name(r, &name)) return false;
    }
}

static size_t edgefn__find_slash(edgefn_str s)
{
    return edgefn__find_byte(s.ptr, s.len, 0, '\\');
}

/* Tells whether the string that opens at `at` holds an escape. To be asked in the order of the
   text. */
EDGEFN__INLINE bool edgefn__is_escaped(edgefn__reader *r, uint32_t at)
{
    while (EDGEFN__UNLIKELY(*r->escaped < at))
        r->escaped--;
    return *r->escaped == at;
}

EDGEFN__NOINLINE bool edgefn__unescape(edgefn__reader *r, edgefn_str *s)
{
    edgefn__text t = edgefn__text_begin(r->ev, r->ev->arena.cap);
    edgefn__put_unescaped(&t, s->ptr, s->len);
    *s = edgefn__text_end(r->ev, &t);
    return s->ptr != NULL || edgefn__bad_memory(r);
}

/*--- objects that the library interprets --------------------------------------------------------*/

typedef struct edgefn__name {
    const char *text;
    uint8_t len;
    const char *member; /* as it stands in an object: ,"text": */
} edgefn__name;
typedef struct edgefn__schema {
    const char *where;
    const edgefn__name *names;
    uint8_t count;
} edgefn__schema;
#    define EDGEFN__NAME(text)                                                                     \
      {                                                                                            \
        text, sizeof(text) - 1, ",\"" text "\":"                                                   \
      }

typedef struct edgefn__object {
    const edgefn__schema *schema;
    uint32_t open, close, seen, unknown, name_at;
    unsigned next; /* CloudFront's own order makes the next name easy to guess */
    bool more;
} edgefn__object;

enum { EDGEFN__END = -1, EDGEFN__BAD = -2 };

/* A name with its place, for the search of equal names. */
typedef struct edgefn__entry {
    const char *ptr;
    uint32_t len, at;
} edgefn__entry;

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

static void edgefn__entries_sort(edgefn__entry *e, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        edgefn__entry_sift(e, i, n);
    for (size_t i = n; i-- > 1;) {
        edgefn__entry last = e[i];
        e[i] = e[0];
        e[0] = last;
        edgefn__entry_sift(e, 0, i);
    }
}

/* Finds the first name that equals an earlier one, by sorting: n log n whatever the names are.
   Gives its place or UINT32_MAX. */
EDGEFN__NOINLINE uint32_t edgefn__equal_by_sorting(edgefn__entry *e, size_t n)
{
    edgefn__entries_sort(e, n);
    uint32_t first = UINT32_MAX;
    for (size_t i = 1; i < n; i++) {
        if (edgefn__entry_eq(&e[i - 1], &e[i]) && e[i].at < first) first = e[i].at;
    }
    return first;
}

/* The same by a hash table of `size` slots, a power of two above n; *gave_up when the names were
   made to collide. */
static uint32_t edgefn__equal_by_hashing(const edgefn__entry *e, size_t n, uint32_t *slots,
                                         size_t size, bool *gave_up)
{
    size_t budget = n * 8 + 64;
    *gave_up = false;
    edgefn__memset(slots, 0, size * sizeof *slots);
    for (size_t i = 0; i < n; i++) {
        uint64_t h = e[i].len;
        size_t k = 0;
        for (; e[i].len - k >= 8; k += 8)
            h = (h ^ edgefn__load8(e[i].ptr + k)) * 0x9e3779b97f4a7c15u, h ^= h >> 29;
        for (; k < e[i].len; k++)
            h = (h ^ (unsigned char)e[i].ptr[k]) * 0x9e3779b97f4a7c15u;
        h ^= h >> 32;
        for (size_t slot = (size_t)h & (size - 1);; slot = (slot + 1) & (size - 1)) {
            if (slots[slot] == 0) {
                slots[slot] = (uint32_t)i + 1;
                break;
            }
            if (edgefn__entry_eq(&e[slots[slot] - 1], &e[i])) return e[i].at;
            if (budget-- == 0) {
                *gave_up = true;
                return UINT32_MAX;
            }
        }
    }
    return UINT32_MAX;
}

/* Collects the names of the object that opens at `open` into e, or only counts them where e is
   NULL. */
static size_t edgefn__names_collect(edgefn__reader *r, uint32_t open, bool fold, edgefn__entry *e)
{
    edgefn__reader again = *r;
    size_t n = 0;
    edgefn_str name;
    again.pos = open + 1;
    /* back to the first escaped string of this object, which is as far as the object is long; from
       the text's first one, many objects would take quadratic time */
    while (again.escaped < r->escaped_first && again.escaped[1] > open)
        again.escaped++;
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

/* Searches an object for equal names by reading it again; for the rare cases that the quick test
   leaves open.
   Memory: given back. */
EDGEFN__NOINLINE bool edgefn__names_differ(edgefn__reader *r, uint32_t open, bool fold,
                                           const char *where)
{
    size_t used = r->ev->arena.used;
    size_t cap = r->ev->arena.cap;
    size_t top = cap;
    size_t size = 16;
    (void)edgefn__is_escaped(r, open); /* nobody asks for an earlier string any more */
    size_t n = edgefn__names_collect(r, open, fold, NULL);
    while (size < n + n / 2)
        size *= 2;
    edgefn__entry *e = (edgefn__entry *)edgefn__take_top(r->ev, &top, n, sizeof *e);
    uint32_t *slots =
        e != NULL ? (uint32_t *)edgefn__take_top(r->ev, &top, size, sizeof *slots) : NULL;
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
    return edgefn__twice(
        r, twice, where,
        edgefn__str(r->text + twice + 1, edgefn__quote_from(r, twice + 1) - twice - 1));
}

/* of what should have been an object, in a function's result */
static const edgefn__schema edgefn__s_gone = { "", NULL, 0 };
static const edgefn__schema edgefn__s_null = { "", NULL, 0 }; /* of a null that counts as absent */
/* >>check */
static bool edgefn__null_received(const edgefn__reader *r, const char *parent, size_t parent_len,
                                  const char *name);

/* Passes over a null that counts as absent: in a lenient event every one, in a function's result
   one that was received there. where, name: the path of the member; name may be NULL when `where`
   is all of it. */
EDGEFN__NOINLINE bool edgefn__null(edgefn__reader *r, const char *where, const char *name)
{
    if (r->len - r->pos < 4 || !edgefn__same4(r->text + r->pos, "null")) return false;
    if (r->judge != NULL) {
        const char *last = name != NULL ? name : edgefn__last_name(where);
        size_t parent_len =
            name != NULL ? edgefn__zlen(where) : (size_t)(last - where) - (last != where);
        if (!edgefn__null_received(r, where, parent_len, last)) return false;
    } else {
        if (!r->lenient) return false;
        r->ev->_flags |= EDGEFN__NULLS;
    }
    r->pos += 4;
    return true;
}

/* The same where it stands for all values of one header, cookie or parameter. */
EDGEFN__NOINLINE bool edgefn__null_group(edgefn__reader *r)
{
    bool received = r->judge != NULL && edgefn__null_received(r, "", 0, NULL);
    if (r->len - r->pos < 4 || !edgefn__same4(r->text + r->pos, "null")) return false;
    if (r->judge != NULL ? !received : !r->lenient) return false;
    if (r->judge == NULL) r->ev->_flags |= EDGEFN__NULLS;
    r->pos += 4;
    return true;
}
/* What holds one value of a header, cookie or parameter. */
static const edgefn__name edgefn__n_entry[] = { EDGEFN__NAME("key"), EDGEFN__NAME("value") };
static const edgefn__name edgefn__n_item[] = { EDGEFN__NAME("value"), EDGEFN__NAME("multiValue"),
                                               EDGEFN__NAME("attributes"),
                                               EDGEFN__NAME("multivalue") };
static const edgefn__name edgefn__n_element[] = { EDGEFN__NAME("value"),
                                                  EDGEFN__NAME("attributes") };
static bool edgefn__odd_type(edgefn__reader *r, const edgefn__schema *schema, int id);
static bool edgefn__odd_number(edgefn__reader *r, edgefn_str name, uint32_t at);
static bool edgefn__odd_status(edgefn__reader *r, edgefn_str name, uint32_t at, uint64_t actual);

/* Opens the object at the cursor; anything else is EDGEFN_E_TYPE. */
EDGEFN__INLINE bool edgefn__object_open(edgefn__reader *r, edgefn__object *o,
                                        const edgefn__schema *schema)
{
    o->schema = schema;
    o->close = 0;
    o->seen = 0;
    o->unknown = 0;
    o->name_at = 0;
    o->next = 0;
    o->more = false;
    o->open = r->pos;
    bool here = r->pos < r->len && r->text[r->pos] == '{';
    if (EDGEFN__UNLIKELY(!here && edgefn__peek(r) != '{')) {
        bool holds_value = schema->names == edgefn__n_entry || schema->names == edgefn__n_item
                           || schema->names == edgefn__n_element;
        if (!holds_value && edgefn__null(r, schema->where, NULL)) {
            o->schema = &edgefn__s_null;
            o->unknown = 2; /* keeps the quick paths away */
            return true;
        }
        if (r->judge == NULL)
            return edgefn__bad(r, EDGEFN_E_TYPE, r->pos, schema->where, edgefn__absent());
        o->schema = &edgefn__s_gone;
        o->unknown = 2;
        o->more = true;
        return edgefn__odd_type(r, schema, -1);
    }
    if (r->depth >= EDGEFN_MAX_DEPTH) return edgefn__bad_json(r);
    r->depth++;
    o->open = r->pos++;
    return true;
}

EDGEFN__NOINLINE int edgefn__object_close(edgefn__reader *r, edgefn__object *o)
{
    o->close = r->pos++;
    r->depth--;
    if (o->unknown >= 2 && !edgefn__names_differ(r, o->open, false, o->schema->where))
        return EDGEFN__BAD;
    return EDGEFN__END;
}

/* Looks a name up that was not the guessed one; EDGEFN__END when the schema does not know it. */
EDGEFN__NOINLINE int edgefn__object_lookup(edgefn__reader *r, const edgefn__schema *schema,
                                           edgefn_str name)
{
    char plain[64];
    if (edgefn__is_escaped(r, (uint32_t)(name.ptr - r->text) - 1)) {
        edgefn__text t = { plain, plain + sizeof plain, false };
        edgefn__put_unescaped(&t, name.ptr, name.len);
        if (t.full) return EDGEFN__END; /* longer than any name we know */
        name = edgefn__str(plain, (size_t)(t.at - plain));
    }
    for (unsigned i = 0; i < schema->count; i++) {
        if (schema->names[i].len == name.len
            && edgefn__same(schema->names[i].text, name.ptr, name.len))
            return (int)i;
    }
    return EDGEFN__END;
}

/* Takes a member if the object goes on with exactly ,"name": and a value, nothing blank between
   them. The first member has no comma. */
EDGEFN__INLINE bool edgefn__object_takes(edgefn__reader *r, edgefn__object *o, unsigned id)
{
    const edgefn__name *name = &o->schema->names[id];
    const char *t = r->text + r->pos;
    size_t comma = o->more;
    size_t n = name->len + 3 + comma;
    if (!edgefn__same(name->member + 1 - comma, t, n) || t[n] <= ' ' || (o->seen >> id & 1))
        return false;
    o->name_at = r->pos + (uint32_t)comma;
    r->pos += (uint32_t)n;
    o->seen |= (uint32_t)1 << id;
    o->next = id + 1;
    o->more = true;
    return true;
}

/* The plain way to the next known member. */
EDGEFN__NOINLINE int edgefn__object_next_plain(edgefn__reader *r, edgefn__object *o)
{
    const edgefn__schema *schema = o->schema;
    if (schema->names == NULL) return EDGEFN__END;
    for (unsigned id = 0; (size_t)r->pos + 40 < r->len && id < schema->count; id++) {
        if (edgefn__object_takes(r, o, id)) return (int)id;
    }
    for (;;) {
        edgefn_str name;
        char c = edgefn__peek(r);
        if (c == '}') return edgefn__object_close(r, o);
        if (o->more && c != ',') {
            edgefn__bad_json(r);
            return EDGEFN__BAD;
        }
        r->pos += o->more;
        edgefn__peek(r);
        o->more = true;
        o->name_at = r->pos;
        if (!edgefn__object_name(r, &name)) return EDGEFN__BAD;
        int id = edgefn__object_lookup(r, schema, name);
        if (id < 0) {
            o->unknown++;
            if (!edgefn__skip_value(r)) return EDGEFN__BAD;
            continue;
        }
        if (o->seen >> id & 1) {
            if (!edgefn__twice(r, o->name_at, schema->where, name) || !edgefn__skip_value(r))
                return EDGEFN__BAD;
            continue;
        }
        o->seen |= (uint32_t)1 << id;
        o->next = (unsigned)id + 1;
        return id;
    }
}

/* Goes to the next member that the schema knows and puts the cursor before its value; skips the
   others. Gives the member's number, EDGEFN__END behind the closing brace, or EDGEFN__BAD. The
   schema is in CloudFront's order: the name that stands next in it is tried first. */
EDGEFN__INLINE int edgefn__object_next(edgefn__reader *r, edgefn__object *o)
{
    unsigned id = o->next;
    if (EDGEFN__LIKELY(id < o->schema->count && (size_t)r->pos + 40 < r->len)
        && edgefn__object_takes(r, o, id))
        return (int)id;
    if (r->pos < r->len && r->text[r->pos] == '}' && o->unknown < 2) {
        o->close = r->pos++;
        r->depth--;
        return EDGEFN__END;
    }
    return edgefn__object_next_plain(r, o);
}

/* Compares n bytes with a literal by words that overlap; n is a constant from 4 to 40. */
EDGEFN__INLINE bool edgefn__same_literal(const char *p, const char *literal, size_t n)
{
    if (n < 8)
        return ((edgefn__load4(p) ^ edgefn__load4(literal))
                | (edgefn__load4(p + n - 4) ^ edgefn__load4(literal + n - 4)))
               == 0;
    uint64_t d = (edgefn__load8(p) ^ edgefn__load8(literal))
                 | (edgefn__load8(p + n - 8) ^ edgefn__load8(literal + n - 8));
    if (n > 16) d |= edgefn__load8(p + 8) ^ edgefn__load8(literal + 8);
    if (n > 24) d |= edgefn__load8(p + 16) ^ edgefn__load8(literal + 16);
    if (n > 32) d |= edgefn__load8(p + 24) ^ edgefn__load8(literal + 24);
    return d == 0;
}

/* Quick members: the object goes on with exactly this text, ,"name":" or ,"name": (without the
   comma for its first member), and then a string without escapes, or a number of at most nine
   digits. When anything differs nothing has happened, and the caller's loop over
   edgefn__object_next() takes it from there. They must be tried in the schema's order, from its
   first name on. */
EDGEFN__INLINE bool edgefn__quick_string(edgefn__reader *r, edgefn__object *o, unsigned id,
                                         const char *literal, size_t n, edgefn_str *s,
                                         edgefn__span *had)
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

EDGEFN__INLINE bool edgefn__quick_number(edgefn__reader *r, edgefn__object *o, unsigned id,
                                         const char *literal, size_t n, uint32_t *value,
                                         edgefn__span *had)
{
    size_t start = (size_t)r->pos + n;
    size_t at = start;
    uint32_t v = 0;
    if (start + 16 > r->len || !edgefn__same_literal(r->text + r->pos, literal, n)) return false;
    while (at < start + 9 && (unsigned)(r->text[at] - '0') < 10)
        v = v * 10 + (uint32_t)(r->text[at++] - '0');
    if (at == start || (r->text[start] == '0' && at - start > 1)
        || (r->text[at] != ',' && r->text[at] != '}'))
        return false;
    *value = v;
    had->at = (uint32_t)start;
    had->len = (uint32_t)(at - start);
    r->pos = (uint32_t)at;
    o->seen |= (uint32_t)1 << id;
    o->next = id + 1;
    o->more = true;
    return true;
}
#    define EDGEFN__QUICK_S(id, literal, s, had)                                                   \
      edgefn__quick_string(r, &o, id, literal, sizeof(literal) - 1, s, had)
#    define EDGEFN__QUICK_N(id, literal, v, had)                                                   \
      edgefn__quick_number(r, &o, id, literal, sizeof(literal) - 1, v, had)

static bool edgefn__is_optional(const edgefn__schema *schema, int id); /* >>functions */

/* A value of another type than the schema's. True: it was passed over. */
static bool edgefn__type_error(edgefn__reader *r, const edgefn__object *o, int id)
{
    const edgefn__name *n = &o->schema->names[id];
    if (edgefn__is_optional(o->schema, id) && edgefn__null(r, o->schema->where, n->text))
        return true;
    if (r->judge != NULL) return edgefn__odd_type(r, o->schema, id);
    return edgefn__bad(r, EDGEFN_E_TYPE, r->pos, o->schema->where, edgefn__str(n->text, n->len));
}
static bool edgefn__missing(edgefn__reader *r, const edgefn__object *o, const char *name)
{
    for (int id = 0; r->judge != NULL && id < o->schema->count; id++) {
        const edgefn__name *n = &o->schema->names[id];
        if ((o->seen >> id & 1) && edgefn_str_eq(edgefn_cstr(name), edgefn__str(n->text, n->len)))
            return true; /* of another type: noted */
    }
    if (r->judge != NULL)
        return o->schema == &edgefn__s_gone
               || edgefn__odd(r, EDGEFN__R_MEMBER_MISSING, o->close, edgefn_cstr(name));
    return edgefn__bad(r, EDGEFN_E_MISSING, o->close, o->schema->where, edgefn_cstr(name));
}

/* A failure inside a header is about that header. */
static bool edgefn__about(edgefn__reader *r, edgefn_str name)
{
    if (r->code == EDGEFN_E_TYPE || r->code == EDGEFN_E_MISSING) r->subject = name;
    return false;
}

/* An entry or item without its value: what that is called depends on whose it is. */
static bool edgefn__no_value(edgefn__reader *r, const edgefn__object *o, edgefn_str name)
{
    if (r->judge == NULL) return edgefn__missing(r, o, "value") || edgefn__about(r, name);
    if (o->schema == &edgefn__s_gone) return true; /* it was noted already */
    return edgefn__odd(
        r, r->ev->dialect == EDGEFN_LAMBDA ? EDGEFN__R_HEADERS_ENTRY : EDGEFN__R_HEADERS_ITEM,
        o->close, name);
}

/* Reads a string value; had, if not NULL, gets its place. */
static bool edgefn__read_string(edgefn__reader *r, const edgefn__object *o, int id, edgefn_str *s,
                                edgefn__span *had)
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

/* Reads a whole number; fractions, exponents, signs and what is beyond 32 bits are EDGEFN_E_RANGE.
   */
static bool edgefn__read_u32(edgefn__reader *r, const edgefn__object *o, int id, uint32_t *value,
                             edgefn__span *had)
{
    const edgefn__name *name = &o->schema->names[id];
    bool ends;
    if (r->pos >= r->len
        || (r->text[r->pos] != '-' && !(edgefn__class_of(r->text[r->pos]) & EDGEFN__C_DIGIT)))
        return edgefn__type_error(r, o, id);
    size_t end = edgefn__number_end(r->text, r->len, r->pos, &ends);
    if (end == 0) return edgefn__bad_json(r);
    edgefn_number n = edgefn_str_to_u64(edgefn__str(r->text + r->pos, end - r->pos));
    if (!n.ok || n.value > UINT32_MAX) {
        if (r->judge != NULL)
            return edgefn__odd_number(r, edgefn__str(name->text, name->len), r->pos);
        return edgefn__bad(r, EDGEFN_E_RANGE, r->pos, o->schema->where,
                           edgefn__str(name->text, name->len));
    }
    *value = (uint32_t)n.value;
    had->at = r->pos;
    had->len = (uint32_t)(end - r->pos);
    r->pos = (uint32_t)end;
    return true;
}

static bool edgefn__read_bool(edgefn__reader *r, const edgefn__object *o, int id, bool *value)
{
    size_t left = r->len - r->pos;
    if (left >= 4 && edgefn__same4(r->text + r->pos, "true")) {
        *value = true;
        r->pos += 4;
        return true;
    }
    if (left >= 5 && edgefn__same(r->text + r->pos, "false", 5)) {
        *value = false;
        r->pos += 5;
        return true;
    }
    return edgefn__type_error(r, o, id);
}

/*--- lists of fields as they are received -------------------------------------------------------*/

/* A list being read: items grow at the arena's end until the object is closed. */
typedef struct edgefn__list {
    edgefn_field *items, *at, *end;
    const uint32_t *escaped;
    uint32_t open, close;
    size_t names;
    bool hollow; /* a name without a value: it has no item, but counts as a name */
    bool again;  /* a name must be folded or was unescaped: look at all names again */
    bool unescaped;
    bool twice; /* two names are equal as they stand */
    const char *where;
    uint64_t filter[8];
} edgefn__list;

static bool edgefn__list_open(edgefn__reader *r, edgefn__list *l, const char *where)
{
    edgefn_arena *a = &r->ev->arena;
    if (edgefn__peek(r) != '{') {
        if (edgefn__null(r, where, NULL)) return false; /* without an error: there is no list */
        if (r->judge != NULL)
            edgefn__odd(r, EDGEFN__R_MEMBER_TYPE, r->pos, edgefn__last_part(where));
        else
            edgefn__bad(r, EDGEFN_E_TYPE, r->pos, where, edgefn__absent());
        return false;
    }
    size_t pad = (size_t)((0 - ((uintptr_t)a->ptr + a->used)) & 7);
    size_t room = a->cap - a->used;
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

/* Tells whether an earlier item has that name; asks only for the first 64 names: more go through
   the hash table when the list is closed. */
EDGEFN__NOINLINE bool edgefn__list_has(const edgefn__list *l, const edgefn_field *it)
{
    if (l->names + (size_t)(it - l->at) >= 64) return false;
    for (const edgefn_field *other = l->items; other < it; other++) {
        if (other->_tag == it->_tag && edgefn_str_eq(other->name, it->name)) return true;
    }
    return false;
}

/* Gives a new name, l->at or one of a run from there, its tag and asks a filter of 512 bits whether
   it may have been there before; the bytes decide only then. The caller counts the name. */
EDGEFN__INLINE void edgefn__list_name_new(edgefn__list *l, edgefn_field *it)
{
    uint32_t tag = edgefn__tag(it->name);
    uint64_t *word = &l->filter[tag >> 29];
    uint64_t bit = EDGEFN__TAG_BIT(tag);
    it->_tag = tag;
    if (EDGEFN__UNLIKELY((*word & bit) != 0)) l->twice |= edgefn__list_has(l, it);
    *word |= bit;
}

/* Makes the arena know the items so far: whatever is unescaped on the way must not overwrite them.
   */
EDGEFN__INLINE void edgefn__list_commit(edgefn__reader *r, const edgefn__list *l)
{
    if (l->at > l->items) r->ev->arena.used = (size_t)((unsigned char *)l->at - r->ev->arena.ptr);
}

EDGEFN__INLINE bool edgefn__list_add(edgefn__reader *r, edgefn__list *l, const edgefn_field *it)
{
    if (EDGEFN__UNLIKELY(l->at == l->end)) return edgefn__bad_memory(r);
    *l->at = *it;
    if (l->at > l->items && l->at[-1]._group == it->_group)
        l->at->_tag = l->at[-1]._tag;
    else {
        edgefn__list_name_new(l, l->at);
        l->names++;
        l->again |= edgefn__has_upper(it->name);
    }
    l->at++;
    edgefn__list_commit(r, l);
    return true;
}

/* Ends a quick path behind the items up to `it`. */
EDGEFN__INLINE void edgefn__list_run(edgefn__reader *r, edgefn__list *l, edgefn_field *it,
                                     size_t pos, bool again)
{
    r->pos = (uint32_t)pos;
    l->names += (size_t)(it - l->at);
    l->at = it;
    l->again |= again;
    edgefn__list_commit(r, l);
}

/* Gives the offset of a string of the text, 0 for one that is absent or stands in the arena. */
static uint32_t edgefn__offset(const edgefn__reader *r, edgefn_str s)
{
    uintptr_t at = (uintptr_t)s.ptr - (uintptr_t)r->text;
    return s.ptr != NULL && at < r->len ? (uint32_t)at : 0;
}

/* Where an item's last string begins in the text. keyed: its key follows its name, as in
   Lambda@Edge; else it holds a result's value, which can be anywhere in its item. */
static uint32_t edgefn__last_string(const edgefn__reader *r, const edgefn_field *it, bool keyed)
{
    uint32_t last = it->_value + 1;
    uint32_t key = keyed ? edgefn__offset(r, it->key) : 0;
    uint32_t attributes = edgefn__offset(r, it->attributes);
    if (key > last) last = key;
    return attributes > last ? attributes : last;
}

/* The string of an item that begins at `at`; NULL for one of a member that the library does not
   know. */
static edgefn_str *edgefn__string_from(const edgefn__reader *r, edgefn_field *it, uint32_t at,
                                       bool keyed)
{
    if (edgefn__offset(r, it->name) == at) return &it->name;
    if (it->_value + 1 == at) return &it->value;
    if (keyed && edgefn__offset(r, it->key) == at) return &it->key;
    return edgefn__offset(r, it->attributes) == at ? &it->attributes : NULL;
}

/* Goes on to the item whose last string lies at or after `at`, in long steps at first; the list's
   end when there is none. */
static edgefn_field *edgefn__item_until(const edgefn__reader *r, const edgefn__list *l,
                                        edgefn_field *it, uint32_t at, bool keyed)
{
    while (l->at - it > 8 && it[7]._group != it[8]._group && it[8]._group < at)
        it += 8;
    while (it + 1 < l->at && it[1]._group != it->_group && it[1]._group < at)
        it++;
    while (it < l->at && edgefn__last_string(r, it, keyed) < at)
        it++;
    return it;
}

/* Unescapes the values of a result that stand in `key`. */
static bool edgefn__keys_unescape(edgefn__reader *r, edgefn__list *l)
{
    for (edgefn_field *it = l->items; it < l->at; it++) {
        bool plain = it->key.ptr == NULL || edgefn__find_slash(it->key) == it->key.len;
        if (!plain && !edgefn__unescape(r, &it->key)) return false;
    }
    return true;
}

/* Unescapes what the items point to, going through items and escaped strings side by side. Entries
   of one group share their name. */
EDGEFN__NOINLINE bool edgefn__list_unescape(edgefn__reader *r, edgefn__list *l)
{
    edgefn_field *it = l->items;
    const uint32_t *escaped = l->escaped;
    bool keyed = r->ev->dialect == EDGEFN_LAMBDA;
    if (!keyed && r->judge != NULL && !edgefn__keys_unescape(r, l)) return false;
    while (*escaped < l->open)
        escaped--;
    for (; *escaped < l->close; escaped--) {
        uint32_t at = *escaped + 1;
        it = edgefn__item_until(r, l, it, at, keyed);
        if (it == l->at) return true;
        edgefn_str *s = edgefn__string_from(r, it, at, keyed);
        if (s == NULL) continue;
        const char *raw = s->ptr;
        if (!edgefn__unescape(r, s)) return false;
        if (s != &it->name) continue;
        l->again = true;
        l->unescaped = true;
        for (edgefn_field *k = it + 1; k < l->at && k->name.ptr == raw; k++)
            k->name = it->name;
    }
    return true;
}

/* Looks at all names anew: folds those of headers, gives tags, searches for equal ones. */
EDGEFN__NOINLINE bool edgefn__list_names(edgefn__reader *r, edgefn__list *l, bool fold)
{
    l->names = 0;
    l->twice = false;
    edgefn__memset(l->filter, 0, sizeof l->filter);
    edgefn_field *end = l->at;
    edgefn_field *it = l->at = l->items;
    for (; it < end; l->at = ++it) {
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
        l->names++;
    }
    return true;
}

static bool edgefn__list_close(edgefn__reader *r, edgefn__list *l, edgefn_fields *f, bool fold)
{
    l->close = r->pos++;
    r->depth--;
    edgefn__list_commit(r, l);
    if (EDGEFN__UNLIKELY(*l->escaped < l->close) && !edgefn__list_unescape(r, l)) return false;
    if (EDGEFN__UNLIKELY(l->again && (fold || l->unescaped)) && !edgefn__list_names(r, l, fold))
        return false;
    if (EDGEFN__UNLIKELY(l->twice || l->hollow || l->names > 64)
        && !edgefn__names_differ(r, l->open, fold, l->where))
        return false;
    f->items = f->_received = l->at > l->items ? l->items : NULL;
    f->_received_len = (uint32_t)(l->at - l->items);
    f->len = f->_received_len;
    if (l->hollow) f->_flags |= EDGEFN__HOLLOW;
    f->_open = l->open;
    f->_close = l->close;
    const uint64_t *w = l->filter;
    f->_filter |= w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7];
    return true;
}

/* After a member: goes to the next name. Gives 1 for one, 0 at the closing brace, -1 for neither.
   */
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

/* How a dialect writes the lists of headers, cookies and parameters: as CloudFront does,
       "name":[{"key":"Name","value":"text"}],    Lambda@Edge
       "name":{"value":"text"},                   CloudFront Functions
   for the quick path, and what the plain grammar takes for it. */
typedef struct edgefn__form {
    edgefn_str to_key;         /* from a name to its key; empty where there is none. 16 readable */
    edgefn_str to_value;       /* from there to the value; 16 readable bytes */
    edgefn_str to_next;        /* from a value into the next name */
    edgefn_str to_end;         /* from a value to behind the list's brace */
    const edgefn__name *names; /* the members of what stands in an array of values */
    uint8_t count;
    uint8_t value; /* the number of its "value"; the other is the key, or the attributes */
    bool array;    /* all values of a name stand in an array; else in an object that may hold one */
    int not_array; /* rule */
} edgefn__form;

/* 0 if the text begins with these at most 16 bytes; both have 16 readable ones. */
EDGEFN__INLINE unsigned edgefn__differs16(const char *p, edgefn_str s)
{
#    ifdef EDGEFN__SSE2
    __m128i same = _mm_cmpeq_epi8(EDGEFN__AT16(p, 0), EDGEFN__AT16(s.ptr, 0));
    return ~(unsigned)_mm_movemask_epi8(same) & ((1u << s.len) - 1);
#    else
    return !edgefn__same(p, s.ptr, s.len);
#    endif
}

/* True if the text begins with these 4 to 8 bytes. */
EDGEFN__INLINE bool edgefn__same_short(const char *p, edgefn_str s)
{
    return edgefn__load4(p) == edgefn__load4(s.ptr)
           && edgefn__load4(p + s.len - 4) == edgefn__load4(s.ptr + s.len - 4);
}

/* The quick path: names with exactly one value, written as CloudFront writes them. A key is as long
   as its name, so that all places are known from the quotes before a byte is looked at. Stops
   before a name that is written otherwise (or is longer than a look at the quotes shows, or stands
   at the end of the text), or, false, at the list's brace. Without it a parse takes twice as
   long. */
EDGEFN__INLINE bool edgefn__list_quick(edgefn__reader *r, edgefn__list *l, const edgefn__form *form)
{
    const char *t = r->text;
    const bool keyed = form->to_key.len != 0;
    size_t name = (size_t)r->pos + 1;             /* behind its opening quote */
    size_t limit = r->len > 20 ? r->len - 20 : 0; /* all looks end before the text does */
    edgefn_field *it = l->at;
    uint32_t upper = 0;
    bool more = true;
    if (t[r->pos] != '"') return true;
    while (it < l->end) {
        size_t n = edgefn__quote_near(r->quotes, name);
        size_t key = name + n + form->to_key.len;
        size_t key_len = keyed ? n : 0;
        size_t value = key + key_len + form->to_value.len;
        if (n > 56 || (keyed && edgefn__quote_near(r->quotes, key) != n)) break;
        size_t m = edgefn__quote_gap(r->quotes, value);
        const char *close = t + value + m;
        if (value + m > limit) break;
        unsigned before_key = keyed ? edgefn__differs16(t + name + n, form->to_key) : 0;
        if ((before_key | edgefn__differs16(t + key + key_len, form->to_value)) != 0) break;
        it->name = edgefn__str(t + name, n);
        it->value = edgefn__str(t + value, m);
        it->key = keyed ? edgefn__str(t + key, n) : edgefn__absent();
        it->attributes = edgefn__absent();
        it->change = EDGEFN_KEPT;
        it->_group = (uint32_t)name - 1;
        it->_value = (uint32_t)value - 1;
        edgefn__list_name_new(l, it);
        upper |= edgefn__has_upper32(t + name, n);
        if (EDGEFN__LIKELY(edgefn__same_short(close, form->to_next))) {
            name = value + m + form->to_next.len;
            it++;
            continue;
        }
        more = !edgefn__same(close, form->to_end.ptr, form->to_end.len);
        if (more) break; /* the item does not count */
        name = value + m + form->to_end.len;
        it++;
        break;
    }
    edgefn__list_run(r, l, it, name - 1, upper != 0);
    return more;
}

/* Reads a member of what holds one value: that, or its key or attributes. */
static bool edgefn__read_part(edgefn__reader *r, const edgefn__object *o, int id,
                              const edgefn__form *form, edgefn_field *it)
{
    edgefn_str *other = form->array ? &it->key : &it->attributes;
    if (r->pos >= r->len || r->text[r->pos] != '"')
        return edgefn__type_error(r, o, id) || edgefn__about(r, it->name);
    if (id == form->value) it->_value = r->pos;
    return edgefn__raw_string(r, id == form->value ? &it->value : other);
}

/* After what holds one value: adds it to the list. */
static bool edgefn__read_done(edgefn__reader *r, edgefn__list *l, const edgefn__object *o,
                              const edgefn__form *form, const edgefn_field *it)
{
    if (it->_value != 0) return edgefn__list_add(r, l, it);
    return o->seen >> form->value & 1 ? r->judge != NULL : edgefn__no_value(r, o, it->name);
}

static bool edgefn__read_value(edgefn__reader *r, edgefn__list *l, const edgefn__form *form,
                               edgefn_field it)
{
    const edgefn__schema schema = { l->where, form->names, form->count };
    edgefn__object o;
    int id;
    edgefn__peek(r);
    if (!edgefn__object_open(r, &o, &schema)) return edgefn__about(r, it.name);
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        if (!edgefn__read_part(r, &o, id, form, &it)) return false;
    }
    return id != EDGEFN__BAD && edgefn__read_done(r, l, &o, form, &it);
}

/* Reads an array of values; it: their name. */
static bool edgefn__read_values(edgefn__reader *r, edgefn__list *l, const edgefn__form *form,
                                const edgefn_field *it)
{
    if (edgefn__peek(r) != '[') {
        bool null = edgefn__null_group(r);
        l->hollow |= null && form->array;
        if (null) return true;
        return r->judge != NULL ? edgefn__odd(r, form->not_array, r->pos, it->name)
                                : edgefn__bad(r, EDGEFN_E_TYPE, r->pos, l->where, it->name);
    }
    r->pos++;
    r->depth++;
    if (edgefn__peek(r) == ']') {
        l->hollow |= form->array;
    } else {
        for (;; r->pos++) {
            if (!edgefn__read_value(r, l, form, *it)) return false;
            if (edgefn__peek(r) != ',') break;
        }
        if (edgefn__peek(r) != ']') return edgefn__bad_json(r);
    }
    r->pos++;
    r->depth--;
    return true;
}

/* Reads one {"value":...,"multiValue":[...],"attributes":...}. */
static bool edgefn__read_item(edgefn__reader *r, edgefn__list *l, const edgefn__form *form,
                              edgefn_field it)
{
    const edgefn__schema schema = { l->where, edgefn__n_item, EDGEFN__COUNT(edgefn__n_item) };
    const edgefn_field name = it;
    size_t before = (size_t)(l->at - l->items);
    edgefn__object o;
    int id;
    if (edgefn__peek(r) != '{' && edgefn__null_group(r)) {
        l->hollow = true;
        return true;
    }
    if (!edgefn__object_open(r, &o, &schema)) return edgefn__about(r, it.name);
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        bool ok;
        if (id != 1 && id != 3)
            ok = edgefn__read_part(r, &o, id, form, &it);
        else if ((o.seen & 10) == 10) /* both spellings */
            ok = edgefn__twice(r, o.name_at, l->where, it.name) && edgefn__skip_value(r);
        else
            ok = edgefn__read_values(r, l, form, &name);
        if (!ok) return false;
    }
    if (id == EDGEFN__BAD) return false;
    if (l->at > l->items + before) { /* multiValue has them all */
        if (r->judge != NULL)
            l->items[before].key =
                it.value; /* counts where multiValue was not changed: see edgefn__mark() */
        return true;
    }
    return edgefn__read_done(r, l, &o, form, &it);
}

/* Reads the name at the cursor and all its values by the plain grammar. */
static bool edgefn__read_group(edgefn__reader *r, edgefn__list *l, const edgefn__form *form)
{
    edgefn_field it;
    edgefn__memset(&it, 0, sizeof it);
    it._group = r->pos;
    if (!edgefn__object_name(r, &it.name)) return false;
    r->item = it.name;
    return form->array ? edgefn__read_values(r, l, form, &it) : edgefn__read_item(r, l, form, it);
}

/* Reads a list; inlined, so that compilers fold what is constant in a form. */
EDGEFN__INLINE bool edgefn__read_list(edgefn__reader *r, edgefn_fields *f, const char *where,
                                      const edgefn__form *form, bool fold)
{
    edgefn__list l;
    int more = 1;
    if (!edgefn__list_open(r, &l, where))
        return r->code == EDGEFN_OK; /* it is null, or a function's result: noted */
    if (edgefn__peek(r) == '}') return edgefn__list_close(r, &l, f, fold);
    if (r->pos >= r->len) return edgefn__bad_json(r);
    while (more == 1 && edgefn__list_quick(r, &l, form)) {
        if (!edgefn__read_group(r, &l, form)) return false;
        more = edgefn__list_more(r);
    }
    return more >= 0 && edgefn__list_close(r, &l, f, fold);
}

/*=== >>lambda ===================================================================================*/

static bool edgefn__lambda_headers(edgefn__reader *r, edgefn_fields *f, const char *where)
{
    static const edgefn__form form = {
        { "\":[{\"key\":\"     ", 11 },
        { "\",\"value\":\"     ", 11 },
        { "\"}],\"", 5 },
        { "\"}]}", 4 },
        edgefn__n_entry,
        EDGEFN__COUNT(edgefn__n_entry),
        1,
        true,
        EDGEFN__R_HEADERS_ARRAY,
    };
    return edgefn__read_list(r, f, where, &form, true);
}

/* clang-format off */
static const edgefn__name edgefn__n_body[] = {
    EDGEFN__NAME("action"), EDGEFN__NAME("data"), EDGEFN__NAME("encoding"),
    EDGEFN__NAME("inputTruncated")
};
/* clang-format on */

static const edgefn__schema edgefn__s_body = { "request.body", edgefn__n_body,
                                               EDGEFN__COUNT(edgefn__n_body) };

static edgefn_encoding edgefn__encoding_of(edgefn_str s)
{
    return EDGEFN__IS(s, "text")     ? EDGEFN_TEXT
           : EDGEFN__IS(s, "base64") ? EDGEFN_BASE64
                                     : EDGEFN_ENCODING_DEFAULT;
}

static void edgefn__keep_object(edgefn_event *ev, int which, const edgefn__object *o)
{
    if (EDGEFN__UNLIKELY(o->schema == &edgefn__s_null)) return;
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
        s = edgefn__absent(); /* of another type in a result: it stays absent */
        switch (id) {
        case 0:
            ok = edgefn__read_string(r, &o, id, &s, &ev->_had[EDGEFN_M_BODY_ACTION]);
            b->replace = EDGEFN__IS(s, "replace");
            break;
        case 1: ok = edgefn__read_string(r, &o, id, &b->data, &ev->_had[EDGEFN_M_BODY_DATA]); break;
        case 2:
            ok = edgefn__read_string(r, &o, id, &s, &ev->_had[EDGEFN_M_BODY_ENCODING]);
            b->encoding = edgefn__encoding_of(s);
            break;
        default: ok = edgefn__read_bool(r, &o, id, &b->truncated); break;
        }
        if (!ok) return false;
    }
    edgefn__keep_object(ev, EDGEFN__O_BODY, &o);
    return id != EDGEFN__BAD;
}

/* clang-format off */
static const edgefn__name edgefn__n_custom[] = {
    EDGEFN__NAME("customHeaders"), EDGEFN__NAME("domainName"), EDGEFN__NAME("keepaliveTimeout"),
    EDGEFN__NAME("path"), EDGEFN__NAME("port"),
    EDGEFN__NAME("protocol"), EDGEFN__NAME("readTimeout"),
    EDGEFN__NAME("responseCompletionTimeout"), EDGEFN__NAME("sslProtocols")
};
static const edgefn__name edgefn__n_s3[] = {
    EDGEFN__NAME("authMethod"), EDGEFN__NAME("customHeaders"), EDGEFN__NAME("domainName"),
    EDGEFN__NAME("path"), EDGEFN__NAME("readTimeout"),
    EDGEFN__NAME("region"), EDGEFN__NAME("responseCompletionTimeout")
};
/* clang-format on */

static const edgefn__schema edgefn__s_custom = { "request.origin.custom", edgefn__n_custom,
                                                 EDGEFN__COUNT(edgefn__n_custom) };
static const edgefn__schema edgefn__s_s3 = { "request.origin.s3", edgefn__n_s3,
                                             EDGEFN__COUNT(edgefn__n_s3) };
static const edgefn__name edgefn__tls_names[] = { EDGEFN__NAME("SSLv3"), EDGEFN__NAME("TLSv1"),
                                                  EDGEFN__NAME("TLSv1.1"),
                                                  EDGEFN__NAME("TLSv1.2") };

static bool edgefn__read_tls(edgefn__reader *r, const edgefn__object *o, int id)
{
    edgefn_str s;
    uint32_t start = r->pos;
    if (edgefn__peek(r) != '[') return edgefn__type_error(r, o, id);
    r->pos++;
    if (edgefn__peek(r) != ']') {
        for (;;) {
            s = EDGEFN_S("");
            if (edgefn__peek(r) != '"') {
                if (!edgefn__type_error(r, o, id)) return false;
            } else if (!edgefn__raw_string(r, &s) || !edgefn__unescape(r, &s)) {
                return false;
            }
            uint32_t bit =
                r->judge != NULL ? 16 : 0; /* of a function's result also what is none of them */
            for (unsigned i = 0; i < EDGEFN__COUNT(edgefn__tls_names); i++) {
                if (edgefn__is(s, edgefn__tls_names[i].text, edgefn__tls_names[i].len))
                    bit = 1u << i;
            }
            r->ev->request.origin.tls |= bit;
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

static void edgefn__odd_origin(edgefn__reader *r, const edgefn__object *o, bool s3);

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
        case 0:
        case 11:
            ok = edgefn__lambda_headers(r, &to->headers,
                                        s3 ? "request.origin.s3.customHeaders"
                                           : "request.origin.custom.customHeaders");
            break;
        case 1:
        case 12:
            ok = edgefn__read_string(r, &o, id, &to->domain, &had[EDGEFN_M_ORIGIN_DOMAIN]);
            break;
        case 2:
            ok = edgefn__read_u32(r, &o, id, &to->keepalive_s, &had[EDGEFN_M_ORIGIN_KEEPALIVE]);
            break;
        case 3:
        case 13: ok = edgefn__read_string(r, &o, id, &to->path, &had[EDGEFN_M_ORIGIN_PATH]); break;
        case 4: ok = edgefn__read_u32(r, &o, id, &to->port, &had[EDGEFN_M_ORIGIN_PORT]); break;
        case 5:
            ok = edgefn__read_string(r, &o, id, &protocol, &had[EDGEFN_M_ORIGIN_PROTOCOL]);
            to->https = EDGEFN__IS(protocol, "https");
            break;
        case 6:
        case 14:
            ok = edgefn__read_u32(r, &o, id, &to->read_timeout_s,
                                  &had[EDGEFN_M_ORIGIN_READ_TIMEOUT]);
            break;
        case 7:
        case 16:
            ok = edgefn__read_u32(r, &o, id, &to->completion_timeout_s,
                                  &had[EDGEFN_M_ORIGIN_COMPLETION_TIMEOUT]);
            break;
        case 8: ok = edgefn__read_tls(r, &o, id); break;
        case 10:
            ok =
                edgefn__read_string(r, &o, id, &to->auth_method, &had[EDGEFN_M_ORIGIN_AUTH_METHOD]);
            break;
        default:
            ok = edgefn__read_string(r, &o, id, &to->region, &had[EDGEFN_M_ORIGIN_REGION]);
            break;
        }
        if (!ok) return false;
        if (s3 || id != 0 || o.seen != 1) continue;
        if (EDGEFN__QUICK_S(1, ",\"domainName\":\"", &to->domain, &had[EDGEFN_M_ORIGIN_DOMAIN])
            && EDGEFN__QUICK_N(2, ",\"keepaliveTimeout\":", &to->keepalive_s,
                               &had[EDGEFN_M_ORIGIN_KEEPALIVE])
            && EDGEFN__QUICK_S(3, ",\"path\":\"", &to->path, &had[EDGEFN_M_ORIGIN_PATH])
            && EDGEFN__QUICK_N(4, ",\"port\":", &to->port, &had[EDGEFN_M_ORIGIN_PORT])
            && EDGEFN__QUICK_S(5, ",\"protocol\":\"", &protocol, &had[EDGEFN_M_ORIGIN_PROTOCOL])
            && EDGEFN__QUICK_N(6, ",\"readTimeout\":", &to->read_timeout_s,
                               &had[EDGEFN_M_ORIGIN_READ_TIMEOUT]))
            (void)EDGEFN__QUICK_N(7, ",\"responseCompletionTimeout\":", &to->completion_timeout_s,
                                  &had[EDGEFN_M_ORIGIN_COMPLETION_TIMEOUT]);
        to->https = EDGEFN__IS(protocol, "https");
    }
    if (r->judge != NULL && id == EDGEFN__END) edgefn__odd_origin(r, &o, s3);
    edgefn__keep_object(ev, EDGEFN__O_ORIGIN, &o);
    return id != EDGEFN__BAD;
}

static const edgefn__name edgefn__n_origin[] = { EDGEFN__NAME("custom"), EDGEFN__NAME("s3") };
static const edgefn__schema edgefn__s_origin = { "request.origin", edgefn__n_origin,
                                                 EDGEFN__COUNT(edgefn__n_origin) };

static bool edgefn__passed_over(const edgefn__reader *r, const edgefn__object *o,
                                bool s3); /* >>check */

/* CloudFront sends exactly one of custom and s3. Of two the first counts, the other is kept as it
   is. */
static bool edgefn__lambda_origin(edgefn__reader *r)
{
    edgefn_event *ev = r->ev;
    edgefn__object o;
    int id;
    if (!edgefn__object_open(r, &o, &edgefn__s_origin)) return false;
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        if (edgefn__peek(r) != '{') {
            if (!edgefn__type_error(r, &o, id)) return false;
            continue;
        }
        bool skip = ev->request.origin.kind != EDGEFN_ORIGIN_NONE
                    || (r->judge != NULL && edgefn__passed_over(r, &o, id == 1));
        if (skip ? !edgefn__skip_value(r) : !edgefn__lambda_origin_in(r, id == 1)) return false;
    }
    if (o.schema == &edgefn__s_null) return true;
    ev->_had[EDGEFN_M_ORIGIN].at = o.open;
    ev->_had[EDGEFN_M_ORIGIN].len = o.close + 1 - o.open;
    if (o.seen != 1 && o.seen != 2 && o.schema != &edgefn__s_gone) ev->_flags |= EDGEFN__ORIGIN_ODD;
    return id != EDGEFN__BAD;
}

/* clang-format off */
static const edgefn__name edgefn__n_lambda_request[] = {
    EDGEFN__NAME("body"), EDGEFN__NAME("clientIp"), EDGEFN__NAME("headers"), EDGEFN__NAME("method"),
    EDGEFN__NAME("origin"),
    EDGEFN__NAME("querystring"), EDGEFN__NAME("uri")
};
/* clang-format on */

static const edgefn__schema edgefn__s_lambda_request = { "request", edgefn__n_lambda_request,
                                                         EDGEFN__COUNT(edgefn__n_lambda_request) };

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
        case 1:
            ok = edgefn__read_string(r, &o, id, &to->client_ip, &had[EDGEFN_M_CLIENT_IP]);
            break;
        case 2: ok = edgefn__lambda_headers(r, &to->headers, "request.headers"); break;
        case 3: ok = edgefn__read_string(r, &o, id, &to->method, &had[EDGEFN_M_METHOD]); break;
        case 4: ok = edgefn__lambda_origin(r); break;
        case 5:
            ok = edgefn__read_string(r, &o, id, &to->querystring, &had[EDGEFN_M_QUERYSTRING]);
            break;
        default: ok = edgefn__read_string(r, &o, id, &to->uri, &had[EDGEFN_M_URI]); break;
        }
        if (!ok) return false;
        if (id == 2 && !(o.seen >> 3))
            (void)EDGEFN__QUICK_S(3, ",\"method\":\"", &to->method, &had[EDGEFN_M_METHOD]);
        if (id >= 2 && !(o.seen >> 5)
            && EDGEFN__QUICK_S(5, ",\"querystring\":\"", &to->querystring,
                               &had[EDGEFN_M_QUERYSTRING]))
            (void)EDGEFN__QUICK_S(6, ",\"uri\":\"", &to->uri, &had[EDGEFN_M_URI]);
    }
    if (id == EDGEFN__BAD) return false;
    if (EDGEFN__UNLIKELY(o.schema == &edgefn__s_null)) return true;
    edgefn__keep_object(ev, EDGEFN__O_REQUEST, &o);
    if (to->method.ptr == NULL && !r->no_method && !edgefn__missing(r, &o, "method")) return false;
    return to->uri.ptr != NULL || edgefn__missing(r, &o, "uri");
}

/* clang-format off */
static const edgefn__name edgefn__n_lambda_response[] = {
    EDGEFN__NAME("headers"), EDGEFN__NAME("status"), EDGEFN__NAME("statusDescription"),
    EDGEFN__NAME("body"), EDGEFN__NAME("bodyEncoding")
};
/* clang-format on */

static const edgefn__schema edgefn__s_lambda_response = {
    "response", edgefn__n_lambda_response, EDGEFN__COUNT(edgefn__n_lambda_response)
};

/* Reads a status: a number, or, where `text` allows, a string of digits. */
static bool edgefn__read_status(edgefn__reader *r, const edgefn__object *o, int id, bool text)
{
    edgefn_event *ev = r->ev;
    edgefn__span *had = &ev->_had[EDGEFN_M_STATUS];
    edgefn_str name = edgefn__str(o->schema->names[id].text, o->schema->names[id].len);
    edgefn_str s = { NULL, 0 };
    edgefn_number n = { 0, true };
    uint32_t at = r->pos;
    if (text && r->pos < r->len && r->text[r->pos] == '"') {
        if (!edgefn__read_string(r, o, id, &s, had)) return false;
        n = edgefn_str_to_u64(s);
        ev->response.status = n.ok && s.len == 3 ? (uint32_t)n.value : 0;
    } else {
        if (!edgefn__read_u32(r, o, id, &ev->response.status, had)) return false;
        n.value = ev->response.status;
    }
    if (ev->response.status >= 100 && ev->response.status <= 999) return true;
    if (had->at == 0) return true; /* null, or noted already */
    if (r->judge == NULL) return edgefn__bad(r, EDGEFN_E_RANGE, at, o->schema->where, name);
    ev->response.status = 0;
    return edgefn__odd_status(r, name, at, n.ok ? n.value : 0);
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
        case 2:
            ok = edgefn__read_string(r, o, id, &to->status_text, &had[EDGEFN_M_STATUS_TEXT]);
            break;
        case 3:
            ok = edgefn__read_string(r, o, id, &to->body.data, &had[EDGEFN_M_RESPONSE_BODY]);
            break;
        default:
            ok = edgefn__read_string(r, o, id, &s, &had[EDGEFN_M_RESPONSE_BODY_ENCODING]);
            to->body.encoding = edgefn__encoding_of(s);
            break;
        }
        if (!ok) return false;
    }
    if (to->body.data.ptr != NULL && to->body.encoding == EDGEFN_ENCODING_DEFAULT && s.ptr == NULL)
        to->body.encoding = EDGEFN_TEXT;
    edgefn__keep_object(ev, EDGEFN__O_RESPONSE, o);
    return id != EDGEFN__BAD; /* of null: o->close stays 0, which says that there is none */
}

/* clang-format off */
static const edgefn__name edgefn__types[] = {
    EDGEFN__NAME(""), EDGEFN__NAME("viewer-request"), EDGEFN__NAME("origin-request"),
    EDGEFN__NAME("origin-response"), EDGEFN__NAME("viewer-response")
};
/* clang-format on */

/* Reads eventType: one of the four, and of the two where CloudFront Functions have no others. */
static bool edgefn__read_type(edgefn__reader *r, const edgefn__object *o, int id)
{
    edgefn_str s = { NULL, 0 };
    uint32_t at = r->pos;
    if (!edgefn__read_string(r, o, id, &s, NULL)) return false;
    if (s.ptr == NULL) return true; /* null */
    for (int t = EDGEFN_VIEWER_REQUEST; t <= EDGEFN_VIEWER_RESPONSE; t++) {
        if (s.len != edgefn__types[t].len || !edgefn__same(s.ptr, edgefn__types[t].text, s.len))
            continue;
        if (r->type != EDGEFN_TYPE_NONE && (int)r->type != t) break;
        if (r->ev->dialect == EDGEFN_FUNCTIONS && t != EDGEFN_VIEWER_REQUEST
            && t != EDGEFN_VIEWER_RESPONSE)
            break;
        r->ev->type = (edgefn_type)t;
        return true;
    }
    return edgefn__bad(r, EDGEFN_E_NOT_AN_EVENT, at, o->schema->where, s);
}

/* clang-format off */
static const edgefn__name edgefn__n_config[] = {
    EDGEFN__NAME("distributionDomainName"), EDGEFN__NAME("distributionId"),
    EDGEFN__NAME("eventType"), EDGEFN__NAME("requestId")
};
/* clang-format on */

static const edgefn__schema edgefn__s_config = { "config", edgefn__n_config,
                                                 EDGEFN__COUNT(edgefn__n_config) };

static bool edgefn__lambda_config(edgefn__reader *r)
{
    edgefn_event *ev = r->ev;
    edgefn__object o;
    int id;
    if (!edgefn__object_open(r, &o, &edgefn__s_config)) return false;
    (void)(EDGEFN__QUICK_S(0, "\"distributionDomainName\":\"", &ev->domain, NULL)
           && EDGEFN__QUICK_S(1, ",\"distributionId\":\"", &ev->distribution_id, NULL));
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        bool ok = true;
        switch (id) {
        case 0: ok = edgefn__read_string(r, &o, id, &ev->domain, NULL); break;
        case 1: ok = edgefn__read_string(r, &o, id, &ev->distribution_id, NULL); break;
        case 2: ok = edgefn__read_type(r, &o, id); break;
        default: ok = edgefn__read_string(r, &o, id, &ev->request_id, NULL); break;
        }
        if (!ok) return false;
        if (id == 2 && !(o.seen >> 3))
            (void)EDGEFN__QUICK_S(3, ",\"requestId\":\"", &ev->request_id, NULL);
    }
    return id != EDGEFN__BAD
           && (ev->type != EDGEFN_TYPE_NONE || r->lenient || edgefn__missing(r, &o, "eventType"));
}

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

/* The type of a lenient event without eventType. */
EDGEFN__NOINLINE bool edgefn__infer_type(edgefn__reader *r, const edgefn__object *response)
{
    edgefn_event *ev = r->ev;
    bool origin = ev->request.origin.kind != EDGEFN_ORIGIN_NONE;
    bool answered = response->close != 0;
    bool functions = ev->dialect == EDGEFN_FUNCTIONS;
    ev->type = r->type;
    ev->type_inferred = r->type == EDGEFN_TYPE_NONE;
    if (functions && (r->type == EDGEFN_ORIGIN_REQUEST || r->type == EDGEFN_ORIGIN_RESPONSE)) {
        return edgefn__bad(r, EDGEFN_E_NOT_AN_EVENT, 0, "event",
                           edgefn_cstr(edgefn__types[r->type].text));
    }
    if (!ev->type_inferred) return true;
    if (answered)
        ev->type = origin ? EDGEFN_ORIGIN_RESPONSE : EDGEFN_VIEWER_RESPONSE;
    else
        ev->type = origin ? EDGEFN_ORIGIN_REQUEST : EDGEFN_VIEWER_REQUEST;
    return true;
}

/* What both dialects ask at the end of the object that holds request and response. */
static bool edgefn__require(edgefn__reader *r, const edgefn__object *o, bool request,
                            const edgefn__object *response, const char *status)
{
    if (!request && (edgefn_is_request(r->ev) || !r->lenient))
        return edgefn__missing(r, o, "request");
    if (edgefn_is_request(r->ev)) {
        if (response->close == 0) return true;
        edgefn__memset(&r->ev->response, 0,
                       sizeof r->ev->response); /* a response in a request event means nothing */
        edgefn__lists_init(r->ev);
        edgefn__memset(&r->ev->_had[EDGEFN_M_STATUS], 0,
                       (EDGEFN_M_COUNT - EDGEFN_M_STATUS) * sizeof r->ev->_had[0]);
        return true;
    }
    if (response->close == 0) return edgefn__missing(r, o, "response");
    return r->ev->response.status != 0 || edgefn__missing(r, response, status);
}

static bool edgefn__not_an_event(edgefn__reader *r, uint32_t at)
{
    return edgefn__bad(r, EDGEFN_E_NOT_AN_EVENT, at, "event", edgefn__absent());
}

static const edgefn__name edgefn__n_cf[] = { EDGEFN__NAME("config"), EDGEFN__NAME("request"),
                                             EDGEFN__NAME("response") };
static const edgefn__schema edgefn__s_cf = { "cf", edgefn__n_cf, EDGEFN__COUNT(edgefn__n_cf) };

static bool edgefn__lambda_cf(edgefn__reader *r)
{
    edgefn__object o, response;
    bool request = false;
    int id;
    response.close = 0;
    if (!edgefn__object_open(r, &o, &edgefn__s_cf)) return false;
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        if (id == 0   ? !edgefn__lambda_config(r)
            : id == 1 ? !edgefn__lambda_request(r)
                      : !edgefn__lambda_response(r, &response))
            return false;
        if (id == 1) request = r->ev->_object[EDGEFN__O_REQUEST].len != 0;
    }
    if (id == EDGEFN__BAD) return false;
    if (o.schema == &edgefn__s_null) return edgefn__not_an_event(r, o.open);
    if (r->ev->type == EDGEFN_TYPE_NONE && !r->lenient) return edgefn__missing(r, &o, "config");
    if (r->ev->type == EDGEFN_TYPE_NONE && !edgefn__infer_type(r, &response)) return false;
    return edgefn__require(r, &o, request, &response, "status");
}

static const edgefn__name edgefn__n_record[] = { EDGEFN__NAME("cf") };
static const edgefn__name edgefn__n_lambda[] = { EDGEFN__NAME("Records") };
static const edgefn__schema edgefn__s_record = { "Records[0]", edgefn__n_record,
                                                 EDGEFN__COUNT(edgefn__n_record) };
static const edgefn__schema edgefn__s_lambda = { "event", edgefn__n_lambda,
                                                 EDGEFN__COUNT(edgefn__n_lambda) };

static bool edgefn__lambda(edgefn__reader *r)
{
    edgefn__object root, record;
    bool found = false;
    int id;
    if (!edgefn__object_open(r, &root, &edgefn__s_lambda)) return false;
    while ((id = edgefn__object_next(r, &root)) >= 0) {
        if (edgefn__peek(r) != '[') {
            if (!edgefn__type_error(r, &root, id)) return false;
            continue;
        }
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

/*=== >>functions ================================================================================*/

static bool edgefn__functions_map(edgefn__reader *r, edgefn_fields *f, const char *where, bool fold)
{
    static const edgefn__form form = {
        { "", 0 },
        { "\":{\"value\":\"    ", 12 },
        { "\"},\"", 4 },
        { "\"}}", 3 },
        edgefn__n_element,
        EDGEFN__COUNT(edgefn__n_element),
        0,
        false,
        EDGEFN__R_HEADERS_ITEM,
    };
    return edgefn__read_list(r, f, where, &form, fold);
}

/* clang-format off */
static const edgefn__name edgefn__n_functions_request[] = {
    EDGEFN__NAME("method"), EDGEFN__NAME("uri"), EDGEFN__NAME("querystring"),
    EDGEFN__NAME("headers"), EDGEFN__NAME("cookies")
};
/* clang-format on */

static const edgefn__schema edgefn__s_functions_request = {
    "request", edgefn__n_functions_request, EDGEFN__COUNT(edgefn__n_functions_request)
};

static bool edgefn__functions_request(edgefn__reader *r)
{
    edgefn_event *ev = r->ev;
    edgefn_request *to = &ev->request;
    edgefn__span *had = ev->_had;
    edgefn__object o;
    int id;
    if (!edgefn__object_open(r, &o, &edgefn__s_functions_request)) return false;
    if (EDGEFN__QUICK_S(0, "\"method\":\"", &to->method, &had[EDGEFN_M_METHOD]))
        (void)EDGEFN__QUICK_S(1, ",\"uri\":\"", &to->uri, &had[EDGEFN_M_URI]);
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        bool ok = true;
        uint32_t start = r->pos;
        switch (id) {
        case 0: ok = edgefn__read_string(r, &o, id, &to->method, &had[EDGEFN_M_METHOD]); break;
        case 1: ok = edgefn__read_string(r, &o, id, &to->uri, &had[EDGEFN_M_URI]); break;
        case 2:
            if (edgefn__peek(r) == '"') {
                ok = edgefn__read_string(r, &o, id, &to->querystring, &had[EDGEFN_M_QUERYSTRING]);
                break;
            }
            ok = edgefn__functions_map(r, &to->_query, "request.querystring", false);
            if (!ok || r->text[start] == 'n') break; /* the text may end here; null */
            had[EDGEFN_M_QUERYSTRING].at = start;
            had[EDGEFN_M_QUERYSTRING].len = r->pos - start;
            break;
        case 3: ok = edgefn__functions_map(r, &to->headers, "request.headers", true); break;
        default: ok = edgefn__functions_map(r, &to->_cookies, "request.cookies", false); break;
        }
        if (!ok) return false;
        if (id == 3 && !(o.seen & 1))
            (void)EDGEFN__QUICK_S(0, ",\"method\":\"", &to->method, &had[EDGEFN_M_METHOD]);
        if (id == 2 && !(o.seen & 2))
            (void)EDGEFN__QUICK_S(1, ",\"uri\":\"", &to->uri, &had[EDGEFN_M_URI]);
    }
    if (id == EDGEFN__BAD) return false;
    if (EDGEFN__UNLIKELY(o.schema == &edgefn__s_null)) return true;
    edgefn__keep_object(ev, EDGEFN__O_REQUEST, &o);
    if (to->method.ptr == NULL && !r->no_method && !edgefn__missing(r, &o, "method")) return false;
    return to->uri.ptr != NULL || edgefn__missing(r, &o, "uri");
}

static const edgefn__name edgefn__n_functions_body[] = { EDGEFN__NAME("encoding"),
                                                         EDGEFN__NAME("data") };
static const edgefn__schema edgefn__s_functions_body = { "response.body", edgefn__n_functions_body,
                                                         EDGEFN__COUNT(edgefn__n_functions_body) };

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
    if (o.schema == &edgefn__s_null) return true;
    b->encoding =
        encoding.ptr == NULL && b->data.ptr != NULL ? EDGEFN_TEXT : edgefn__encoding_of(encoding);
    had->at = o.open;
    had->len = o.close + 1 - o.open;
    return id != EDGEFN__BAD;
}

/* clang-format off */
static const edgefn__name edgefn__n_functions_response[] = {
    EDGEFN__NAME("statusCode"), EDGEFN__NAME("statusDescription"), EDGEFN__NAME("headers"),
    EDGEFN__NAME("cookies"), EDGEFN__NAME("body")
};
/* clang-format on */

static const edgefn__schema edgefn__s_functions_response = {
    "response", edgefn__n_functions_response, EDGEFN__COUNT(edgefn__n_functions_response)
};

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
        case 1:
            ok = edgefn__read_string(r, o, id, &to->status_text, &ev->_had[EDGEFN_M_STATUS_TEXT]);
            break;
        case 2: ok = edgefn__functions_map(r, &to->headers, "response.headers", true); break;
        case 3: ok = edgefn__functions_map(r, &to->_cookies, "response.cookies", false); break;
        default: ok = edgefn__functions_body(r, o, id); break;
        }
        if (!ok) return false;
    }
    edgefn__keep_object(ev, EDGEFN__O_RESPONSE, o);
    return id != EDGEFN__BAD; /* of null: o->close stays 0, which says that there is none */
}

/* clang-format off */
static const edgefn__name edgefn__n_context[] = {
    EDGEFN__NAME("distributionDomainName"), EDGEFN__NAME("distributionId"),
    EDGEFN__NAME("eventType"), EDGEFN__NAME("requestId"), EDGEFN__NAME("endpoint")
};
/* clang-format on */

static const edgefn__schema edgefn__s_context = { "context", edgefn__n_context,
                                                  EDGEFN__COUNT(edgefn__n_context) };

static bool edgefn__functions_context(edgefn__reader *r)
{
    edgefn_event *ev = r->ev;
    edgefn_str endpoint = { NULL, 0 };
    edgefn__object o;
    int id;
    if (!edgefn__object_open(r, &o, &edgefn__s_context)) return false;
    (void)(EDGEFN__QUICK_S(0, "\"distributionDomainName\":\"", &ev->domain, NULL)
           && EDGEFN__QUICK_S(1, ",\"distributionId\":\"", &ev->distribution_id, NULL));
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
        if (id == 2 && !(o.seen >> 3 & 1))
            (void)EDGEFN__QUICK_S(3, ",\"requestId\":\"", &ev->request_id, NULL);
    }
    if (ev->domain.ptr == NULL) ev->domain = endpoint;
    return id != EDGEFN__BAD
           && (ev->type != EDGEFN_TYPE_NONE || r->lenient || edgefn__missing(r, &o, "eventType"));
}

static const edgefn__name edgefn__n_viewer[] = { EDGEFN__NAME("ip") };
static const edgefn__schema edgefn__s_viewer = { "viewer", edgefn__n_viewer,
                                                 EDGEFN__COUNT(edgefn__n_viewer) };
/* clang-format off */
static const edgefn__name edgefn__n_functions[] = {
    EDGEFN__NAME("version"), EDGEFN__NAME("context"), EDGEFN__NAME("viewer"),
    EDGEFN__NAME("request"), EDGEFN__NAME("response")
};
/* clang-format on */

static const edgefn__schema edgefn__s_functions = { "event", edgefn__n_functions,
                                                    EDGEFN__COUNT(edgefn__n_functions) };

static bool edgefn__functions_viewer(edgefn__reader *r)
{
    edgefn__object o;
    int id;
    if (!edgefn__object_open(r, &o, &edgefn__s_viewer)) return false;
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        if (!edgefn__read_string(r, &o, id, &r->ev->request.client_ip,
                                 &r->ev->_had[EDGEFN_M_CLIENT_IP]))
            return false;
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
    (void)EDGEFN__QUICK_S(0, "\"version\":\"", &r->ev->version, NULL);
    while ((id = edgefn__object_next(r, &o)) >= 0) {
        bool ok = true;
        switch (id) {
        case 0: ok = edgefn__read_string(r, &o, id, &r->ev->version, NULL); break;
        case 1: ok = edgefn__functions_context(r); break;
        case 2: ok = edgefn__functions_viewer(r); break;
        case 3:
            ok = edgefn__functions_request(r);
            request = r->ev->_object[EDGEFN__O_REQUEST].len != 0;
            break;
        default: ok = edgefn__functions_response(r, &response); break;
        }
        if (!ok) return false;
    }
    if (id == EDGEFN__BAD) return false;
    if (r->ev->type == EDGEFN_TYPE_NONE && !r->lenient) return edgefn__missing(r, &o, "context");
    if (r->ev->type == EDGEFN_TYPE_NONE && !edgefn__infer_type(r, &response)) return false;
    return edgefn__require(r, &o, request, &response, "statusCode");
}

/* Tells whether a member may be null in a lenient event. What holds a value must have it. */
static bool edgefn__is_optional(const edgefn__schema *schema, int id)
{
    if (schema->names == edgefn__n_entry) return id == 0;
    return id != 0 || (schema->names != edgefn__n_item && schema->names != edgefn__n_element);
}

/*=== event ======================================================================================*/

/* Tells the dialect by the first of the root's members that says it: Records, or version, context
   or viewer. */
static edgefn_dialect edgefn__detect(edgefn__reader *r)
{
    static const edgefn__name names[] = { EDGEFN__NAME("Records"), EDGEFN__NAME("version"),
                                          EDGEFN__NAME("context"), EDGEFN__NAME("viewer") };
    static const edgefn__schema schema = { "event", names, EDGEFN__COUNT(names) };
    edgefn__object o;
    int id;
    if (r->len > 12 && edgefn__same(r->text, "{\"Records\":[", 12)) return EDGEFN_LAMBDA;
    if (r->len > 12 && edgefn__same(r->text, "{\"version\":\"", 12)) return EDGEFN_FUNCTIONS;
    edgefn__reader look = *r;
    if (edgefn__peek(&look) != '{' || !edgefn__object_open(&look, &o, &schema))
        return EDGEFN_DIALECT_NONE;
    id = edgefn__object_next(&look, &o);
    return id < 0 ? EDGEFN_DIALECT_NONE : id == 0 ? EDGEFN_LAMBDA : EDGEFN_FUNCTIONS;
}

static const edgefn_env edgefn__no_env = { 0, 0, false, NULL, NULL, NULL };

/* Collects the members that are no strings, to compare them all at once. */
static void edgefn__numbers_now(const edgefn_event *ev, edgefn__was *w)
{
    const edgefn_origin *o = &ev->request.origin;
    edgefn__memset(w, 0, sizeof *w);
    w->status = ev->response.status;
    w->port = o->port;
    w->keepalive_s = o->keepalive_s;
    w->read_timeout_s = o->read_timeout_s;
    w->completion_timeout_s = o->completion_timeout_s;
    w->tls = o->tls;
    w->https = o->https;
    w->kind = o->kind;
    w->replace = ev->request.body.replace;
    w->body_encoding = ev->request.body.encoding;
    w->response_encoding = ev->response.body.encoding;
    w->response_data = ev->response.body.data;
}

static void edgefn__remember(edgefn_event *ev)
{
    edgefn__numbers_now(ev, &ev->_was);
    ev->_result = ev->_object[edgefn_is_request(ev) ? EDGEFN__O_REQUEST : EDGEFN__O_RESPONSE];
}

static void edgefn__clear(edgefn_event *ev, edgefn_str json, edgefn_arena arena,
                          const edgefn_parse_opts *opts)
{
    edgefn__zero(ev, sizeof *ev);
    EDGEFN__HIDE(
        arena.cap); /* the caller has just written it in pieces: a vector load would have to wait */
    ev->arena = arena;
    ev->env = opts != NULL && opts->env != NULL ? opts->env : &edgefn__no_env;
    ev->_self = ev;
    ev->_json = json;
    ev->err.where = "";
    if (opts != NULL && opts->lenient) ev->_flags = EDGEFN__LENIENT;
    edgefn__lists_init(ev);
}

/* Refuses the event: nothing that was read stays, only the error. */
EDGEFN__NOINLINE edgefn_error edgefn__refuse(edgefn_event *ev, edgefn_error code, size_t pos,
                                             const char *where, edgefn_str subject)
{
    edgefn_parse_opts opts = { EDGEFN_DIALECT_NONE, ev->env, (ev->_flags & EDGEFN__LENIENT) != 0,
                               EDGEFN_TYPE_NONE };
    edgefn__clear(ev, ev->_json, ev->arena, &opts);
    ev->err.code = code;
    ev->err.pos = pos;
    ev->err.where = where;
    ev->err.subject = subject;
    return code;
}

/* True for an arena with more bytes taken than it has; the event then has none, so that no later
   call writes beyond the block. */
static bool edgefn__arena_impossible(edgefn_event *ev)
{
    if (ev->arena.used <= ev->arena.cap) return false;
    ev->arena = edgefn_arena_make(NULL, 0);
    return true;
}

static uint32_t edgefn__find_member(const char *p, uint32_t open, const char *name); /* >>write */
static uint32_t edgefn__ws(const char *p, uint32_t at);                              /* >>fields */

/* Tells whether a member of an object is itself an object that is empty or has one of these
   members. */
static bool edgefn__has_object(const char *p, uint32_t open, const char *name,
                               const edgefn__name *inside, size_t count, bool empty_does)
{
    uint32_t at = edgefn__find_member(p, open, name);
    if (at == 0 || p[at] != '{') return false;
    if (empty_does && p[edgefn__ws(p, at + 1)] == '}') return true;
    for (size_t i = 0; i < count; i++) {
        if (edgefn__find_member(p, at, inside[i].text) != 0) return true;
    }
    return false;
}

/* Tells whether a JSON object that failed as an event of CloudFront Functions was meant as one.
   Events of other services also have a version or a context: EventBridge, API Gateway, function
   URLs, Cognito, Alexa. */
static bool edgefn__like_functions(const char *p, uint32_t root)
{
    return edgefn__has_object(p, root, "context", edgefn__n_context,
                              EDGEFN__COUNT(edgefn__n_context), true)
           || edgefn__has_object(p, root, "viewer", edgefn__n_viewer,
                                 EDGEFN__COUNT(edgefn__n_viewer), true)
           || edgefn__has_object(p, root, "request", edgefn__n_functions_request, 2, false)
           || /* method, uri */
           edgefn__has_object(p, root, "response", edgefn__n_functions_response, 1,
                              false); /* statusCode */
}

/* Names a text that is no JSON at its first byte. */
static const char *edgefn__text_name(edgefn_str json, size_t pos)
{
    if (pos != 0 || json.len < 2) return "JSON text";
    unsigned char a = (unsigned char)json.ptr[0];
    unsigned char b = (unsigned char)json.ptr[1];
    if (json.len >= 3 && a == 0xef && b == 0xbb && (unsigned char)json.ptr[2] == 0xbf)
        return "a byte order mark before the JSON text";
    if ((a == 0xff && b == 0xfe) || (a == 0xfe && b == 0xff))
        return "a byte order mark of UTF-16: the JSON text must be UTF-8";
    return "JSON text";
}

/* Runs after anything went wrong. What is no JSON text is that first of all. */
EDGEFN__NOINLINE edgefn_error edgefn__diagnose(edgefn_event *ev, const edgefn__reader *r)
{
    edgefn__fault f = { EDGEFN_OK, 0 };
    if (r->code == EDGEFN_E_OOM)
        return edgefn__refuse(ev, EDGEFN_E_OOM, EDGEFN__NO_POS, "edgefn_parse", edgefn__absent());
    if (!edgefn__validate(ev->_json, &f))
        return edgefn__refuse(ev, f.code, f.pos, edgefn__text_name(ev->_json, f.pos),
                              edgefn__absent());
    if (ev->dialect == EDGEFN_FUNCTIONS
        && (r->code == EDGEFN_E_MISSING || r->code == EDGEFN_E_TYPE)) {
        uint32_t root = (uint32_t)edgefn__skip_space(r->text, r->len, 0);
        if (!edgefn__like_functions(r->text, root))
            return edgefn__refuse(ev, EDGEFN_E_NOT_AN_EVENT, root, "event", edgefn__absent());
    }
    return edgefn__refuse(ev, r->code, r->at, r->where, r->subject);
}

/* Runs the first pass. Its bits and its list of escaped strings stand at the arena's top until the
   event is read. */
static bool edgefn__scan_into(edgefn_event *ev, edgefn__reader *r)
{
    edgefn__scanner scan;
    size_t top = ev->arena.cap;
    edgefn__memset(&scan, 0, sizeof scan);
    scan.text = r->text;
    scan.len = r->len;
    scan.quotes = ev->arena.ptr != NULL
                      ? (unsigned char *)edgefn__take_top(ev, &top, edgefn__quotes_size(r->len), 1)
                      : NULL;
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

EDGEFN_API edgefn_error edgefn_parse(edgefn_event *ev, edgefn_str json, edgefn_arena arena,
                                     const edgefn_parse_opts *opts)
{
    edgefn__clear(ev, json, arena, opts);
    edgefn_dialect wanted = opts != NULL ? opts->dialect : EDGEFN_DIALECT_NONE;
    edgefn_type type = opts != NULL ? opts->type : EDGEFN_TYPE_NONE;
    if (json.len >= UINT32_MAX - 64 || edgefn__arena_impossible(ev)
        || (json.ptr == NULL && json.len != 0) || (unsigned)type > EDGEFN_VIEWER_RESPONSE)
        return edgefn__refuse(ev, EDGEFN_E_OPTIONS, EDGEFN__NO_POS, "edgefn_parse",
                              edgefn__absent());

    edgefn__reader r;
    edgefn__zero(&r, sizeof r);
    r.ev = ev;
    r.text = json.ptr;
    r.len = (uint32_t)json.len;
    r.lenient = r.no_method = opts != NULL && opts->lenient;
    r.type = type;
    bool ok = edgefn__scan_into(ev, &r);
    if (!ok) return edgefn__diagnose(ev, &r);

    ev->dialect = edgefn__detect(&r);
    edgefn__peek(&r);
    if (ev->dialect == EDGEFN_DIALECT_NONE
        || (wanted != EDGEFN_DIALECT_NONE && ev->dialect != wanted))
        ok = edgefn__not_an_event(&r, r.pos);
    else
        ok = ev->dialect == EDGEFN_LAMBDA ? edgefn__lambda(&r) : edgefn__functions(&r);
    if (ok && edgefn__skip_space(json.ptr, json.len, r.pos) != json.len) ok = edgefn__bad_json(&r);
    ev->arena.cap = arena.cap;
    if (!ok) return edgefn__diagnose(ev, &r);
    edgefn__remember(ev);
    ev->_flags |= EDGEFN__PARSED;
    return EDGEFN_OK;
}

static bool edgefn__prepare(edgefn_event *ev, bool *answer, bool writes);
static bool edgefn__approved(edgefn_event *ev, const edgefn_write_opts *opts, bool answer);
static void edgefn__cookies_read(edgefn_event *ev, edgefn_fields *f, edgefn_fields *headers,
                                 edgefn_str header, bool request);
static bool edgefn__sync_cookies(edgefn_event *ev, edgefn_fields *f, edgefn_fields *headers,
                                 edgefn_str header);
static bool edgefn__sync_query(edgefn_event *ev);
static void edgefn__view_reset(edgefn_fields *f, uint32_t flags);
static edgefn_str edgefn__part(const edgefn_event *ev, edgefn_member m);

/*=== >>parts ======================================================================================
   Events without a text: the same structs and lists. Fields count their places (_value: 1 + index,
   _group: 1 + index of the first of that name) where those of a text have offsets; strings as
   received lie in _parts; everything is written anew. */

EDGEFN_API edgefn_error edgefn_begin(edgefn_event *ev, edgefn_dialect dialect, edgefn_type type,
                                     edgefn_arena arena, const edgefn_parse_opts *opts)
{
    bool lambda =
        dialect == EDGEFN_LAMBDA && type >= EDGEFN_VIEWER_REQUEST && type <= EDGEFN_VIEWER_RESPONSE;
    bool functions = dialect == EDGEFN_FUNCTIONS
                     && (type == EDGEFN_VIEWER_REQUEST || type == EDGEFN_VIEWER_RESPONSE);
    edgefn__clear(ev, edgefn__absent(), arena, opts);
    if (edgefn__arena_impossible(ev) || !(lambda || functions))
        return edgefn__refuse(ev, EDGEFN_E_OPTIONS, EDGEFN__NO_POS, "edgefn_begin",
                              edgefn__absent());
    ev->dialect = dialect;
    ev->type = type;
    ev->_flags = EDGEFN__PARSED | EDGEFN__PARTS | EDGEFN__BUILDING;
    return EDGEFN_OK;
}

static void edgefn__list_received(edgefn_fields *f, uint32_t flags)
{
    edgefn_field *items = (edgefn_field *)(uintptr_t)f->items;
    uint32_t group = 0;
    for (size_t i = 0; i < f->len; i++) {
        if (i == 0 || items[i]._tag != items[i - 1]._tag
            || !edgefn_str_eq(items[i].name, items[i - 1].name))
            group = (uint32_t)i + 1;
        items[i].change = EDGEFN_KEPT;
        items[i]._group = group;
        items[i]._value = (uint32_t)i + 1;
    }
    f->_received = f->items;
    f->_received_len = (uint32_t)f->len;
    f->removed_len = 0;
    f->_removed_cap = f->_cap = 0;
    f->_flags = flags;
}

/* Cookies came as headers or through their list. Lambda@Edge has them in headers, CloudFront
   Functions in a list. */
static bool edgefn__cookies_received(edgefn_event *ev, edgefn_fields *f, edgefn_fields *headers,
                                     edgefn_str header, bool request)
{
    if (ev->dialect == EDGEFN_LAMBDA) {
        if (!edgefn__sync_cookies(ev, f, headers, header)) return false;
        edgefn__view_reset(f, 0);
        return true;
    }
    if (!edgefn_has(headers, header)) return true;
    if (f->len != 0) return edgefn__fail(ev, EDGEFN_E_CONFLICT, "edgefn_received", header);
    edgefn__cookies_read(ev, f, headers, header, request);
    return ev->err.code == EDGEFN_OK && edgefn_remove(headers, header) != 0;
}

static bool edgefn__parts_missing(edgefn_event *ev, const char *name)
{
    return edgefn__fail(ev, EDGEFN_E_MISSING, "edgefn_received", edgefn_cstr(name));
}

EDGEFN_API bool edgefn_received(edgefn_event *ev)
{
    edgefn_request *q = &ev->request;
    edgefn_response *a = &ev->response;
    bool functions = ev->dialect == EDGEFN_FUNCTIONS;
    bool request = edgefn_is_request(ev);
    if (ev->_self != ev || !(ev->_flags & EDGEFN__BUILDING))
        return edgefn__fail(ev, EDGEFN_E_MISUSE, "edgefn_received", edgefn__absent());
    if (ev->err.code != EDGEFN_OK) return false;
    if (q->method.ptr == NULL) return edgefn__parts_missing(ev, "method");
    if (q->uri.ptr == NULL) return edgefn__parts_missing(ev, "uri");
    if (!request && a->status == 0) return edgefn__parts_missing(ev, "status");
    if (!edgefn__cookies_received(ev, &q->_cookies, &q->headers, EDGEFN_S("cookie"), true))
        return false;
    if (!edgefn__cookies_received(ev, &a->_cookies, &a->headers, EDGEFN_S("set-cookie"), false))
        return false;
    if (!edgefn__sync_query(ev)) return false; /* a list that was filled becomes the text */
    if (q->querystring.ptr == NULL) q->querystring = EDGEFN_S("");
    edgefn__view_reset(&q->_query, 0);
    if (functions) {
        edgefn_query(ev);
        q->querystring = q->_query_source = q->_query_received =
            edgefn__absent(); /* an object, as far as the dialect knows */
    }
    edgefn_str *parts = (edgefn_str *)edgefn__take(ev, EDGEFN_M_COUNT, sizeof *parts, 8);
    if (parts == NULL || ev->err.code != EDGEFN_OK) return false;
    for (int m = 0; m < EDGEFN_M_COUNT; m++)
        parts[m] = edgefn__part(ev, (edgefn_member)m);
    ev->_parts = parts;
    edgefn__list_received(&q->headers, EDGEFN__INDEXED);
    edgefn__list_received(&q->origin.headers, EDGEFN__INDEXED);
    edgefn__list_received(&a->headers, EDGEFN__INDEXED);
    if (functions) {
        edgefn__list_received(&q->_query, EDGEFN__FROM_TEXT);
        edgefn__list_received(&q->_cookies, EDGEFN__INDEXED);
        edgefn__list_received(&a->_cookies, EDGEFN__INDEXED);
    }
    edgefn__numbers_now(ev, &ev->_was);
    ev->_flags &= ~(uint32_t)(EDGEFN__BUILDING
                              | EDGEFN__ORIGIN_NEW); /* whatever was set until now was received */
    return true;
}

EDGEFN_API edgefn_outcome edgefn_outcome_of(edgefn_event *ev, const edgefn_write_opts *opts)
{
    bool answer = false;
    if (!edgefn__prepare(ev, &answer, false) || !edgefn__approved(ev, opts, answer))
        return EDGEFN_FAIL;
    return answer ? EDGEFN_ANSWER : EDGEFN_FORWARD;
}

EDGEFN_API bool edgefn_is_request(const edgefn_event *ev)
{
    return ev->type == EDGEFN_VIEWER_REQUEST || ev->type == EDGEFN_ORIGIN_REQUEST;
}

EDGEFN_API const char *edgefn_type_name(edgefn_type type)
{
    return (unsigned)type < EDGEFN__COUNT(edgefn__types) ? edgefn__types[type].text : "";
}

EDGEFN_API edgefn_str edgefn_passthrough(const edgefn_event *ev)
{
    if (ev->_result.len == 0) return edgefn__absent();
    return ev->_json.ptr != NULL ? edgefn__str(ev->_json.ptr + ev->_result.at, ev->_result.len)
                                 : edgefn__absent();
}

EDGEFN_API edgefn_str edgefn_fail_closed(const edgefn_event *ev)
{
    if (!edgefn_is_request(ev)) return EDGEFN_S("null");
    if (ev->dialect == EDGEFN_FUNCTIONS)
        return EDGEFN_S("{\"statusCode\":503,\"statusDescription\":\"Service Unavailable\"}");
    return EDGEFN_S("{\"status\":\"503\",\"statusDescription\":\"Service Unavailable\"}");
}

EDGEFN_API bool edgefn_fail(edgefn_event *ev, edgefn_error code, edgefn_str subject)
{
    return edgefn__fail(ev, code != EDGEFN_OK ? code : EDGEFN_E_HANDLER, "edgefn_handler", subject);
}

EDGEFN_API bool edgefn_draw(edgefn_event *ev, uint32_t *draw)
{
    *draw = ev->env->random;
    return ev->env->has_random
           || edgefn__fail(ev, EDGEFN_E_ENVIRONMENT, "edgefn_draw", EDGEFN_S("random"));
}

/*--- walking valid JSON text around an edit -----------------------------------------------------*/

static uint32_t edgefn__ws(const char *t, uint32_t at)
{
    while (edgefn__class_of(t[at]) & EDGEFN__C_SPACE)
        at++;
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
        if (c == '"')
            at = edgefn__after_string(t, at);
        else
            at++;
        if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
        if (depth != 0) continue;
        if (c == '"' || c == '}' || c == ']') return at;
        while (t[at] != ',' && t[at] != '}' && t[at] != ']'
               && !(edgefn__class_of(t[at]) & EDGEFN__C_SPACE))
            at++; /* a number or literal */
        return at;
    }
}

static uint32_t
edgefn__after_name(const char *t,
                   uint32_t at) /* to the value of the member whose name opens at `at` */
{
    return edgefn__ws(t, edgefn__ws(t, edgefn__after_string(t, at)) + 1);
}

/* Gives the one value of a JSON text without the blanks around it; absent for what is no JSON text.
   */
static edgefn_str edgefn__json_root(edgefn_str json)
{
    edgefn__fault f;
    if (json.ptr == NULL || json.len >= UINT32_MAX || !edgefn__validate(json, &f))
        return edgefn__absent();
    while (edgefn__class_of(json.ptr[json.len - 1]) & EDGEFN__C_SPACE)
        json.len--;
    return edgefn_str_skip(json, edgefn__skip_space(json.ptr, json.len, 0));
}

/* How edgefn__json_means() reads the string it compares with. */
enum {
    EDGEFN__EXACT,
    EDGEFN__POINTER /* ~0 and ~1 are '~' and '/' */,
    EDGEFN__FOLD /* lower case; the JSON string in any case */
};

/* True if the inside of a JSON string, escapes decoded, equals s. Any length, no memory. */
static bool edgefn__json_means(edgefn_str raw, edgefn_str s, int how)
{
    size_t k = 0;
    for (size_t i = 0, len; i < raw.len; i += len) {
        char one[4];
        edgefn__text t = { one, one + 4, false };
        len = raw.ptr[i] != '\\'                                      ? 1
              : raw.ptr[i + 1] != 'u'                                 ? 2
              : (edgefn__hex4(raw.ptr + i + 2, 4) & 0xfc00) == 0xd800 ? 12
                                                                      : 6;
        edgefn__put_unescaped(&t, raw.ptr + i, len);
        for (const char *p = one; p < t.at; p++, k++) {
            if (k >= s.len) return false;
            char c = s.ptr[k];
            /* edgefn_json_at() has checked that 0 or 1 follows */
            if (how == EDGEFN__POINTER && c == '~') c = s.ptr[++k] == '0' ? '~' : '/';
            if (c != (how == EDGEFN__FOLD ? edgefn__lower(*p) : *p)) return false;
        }
    }
    return k == s.len;
}

/* The inside of the string that opens at `at`. */
static edgefn_str edgefn__string_at(const char *t, uint32_t at)
{
    return edgefn__str(t + at + 1, edgefn__after_string(t, at) - at - 2);
}

/* Gives a member of an object or an element of an array; of equal names the last counts, as in
   JavaScript. Absent when it is not there. */
static edgefn_str edgefn__json_step(edgefn_str v, edgefn_str name, int how)
{
    edgefn_str found = { NULL, 0 };
    edgefn_number index = edgefn_str_to_u64(name);
    const char *t = v.ptr;
    if (v.ptr == NULL
        || (t[0] != '{' && (t[0] != '[' || !index.ok || (name.len > 1 && name.ptr[0] == '0'))))
        return found;
    uint32_t at = edgefn__ws(t, 1);
    for (uint64_t i = 0; t[at] != '}' && t[at] != ']'; i++) {
        bool hit = i == index.value;
        if (t[0] == '{') {
            hit = edgefn__json_means(edgefn__string_at(t, at), name, how);
            at = edgefn__after_name(t, at);
        }
        uint32_t end = edgefn__after_value(t, at);
        if (hit) found = edgefn__str(t + at, end - at);
        at = edgefn__ws(t, end);
        if (t[at] == ',') at = edgefn__ws(t, at + 1);
    }
    return found;
}

/* Gives the text of a string, anything else as it stands. */
static edgefn_str edgefn__json_text(edgefn_event *ev, edgefn_str v)
{
    if (v.len < 2 || v.ptr[0] != '"') return v;
    v = edgefn__str(v.ptr + 1, v.len - 2);
    if (edgefn__find_slash(v) == v.len) return v;
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    edgefn__put_unescaped(&t, v.ptr, v.len);
    return edgefn__text_end(ev, &t);
}

EDGEFN_API edgefn_str edgefn_json_at(edgefn_event *ev, edgefn_str json, edgefn_str pointer)
{
    for (size_t i = 0; i < pointer.len; i++) { /* after '~' nothing but 0 and 1 */
        char next = i + 1 < pointer.len ? pointer.ptr[i + 1] : '\0';
        if (pointer.ptr[i] == '~' && next != '0' && next != '1') return edgefn__absent();
    }
    edgefn_str v = pointer.ptr != NULL ? edgefn__json_root(json) : pointer;
    while (pointer.len > 0 && v.ptr != NULL) {
        if (pointer.ptr[0] != '/') return edgefn__absent();
        size_t end = edgefn__find_byte(pointer.ptr, pointer.len, 1, '/');
        v = edgefn__json_step(v, edgefn__str(pointer.ptr + 1, end - 1), EDGEFN__POINTER);
        pointer = edgefn_str_skip(pointer, end);
    }
    return edgefn__json_text(ev, v);
}

/*=== >>fields =====================================================================================
   items as received are never written to: the first edit copies them, so that each field can always
   be compared with what came. In lists read from JSON objects, _group is the offset of the name's
   opening quote and _value that of the value's; both are 0 for what a handler added. In lists
   parsed from text, _value is 1 + the index as received and _group 1 + the index of the header
   entry. */

static bool edgefn__is_headers(const edgefn_fields *f)
{
    return f->_kind <= EDGEFN__ORIGIN_HEADERS;
}

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

EDGEFN__INLINE size_t edgefn__find(const edgefn_fields *f, edgefn_str name, uint32_t tag,
                                   size_t from)
{
    size_t len = f->len;
    if ((f->_filter & EDGEFN__TAG_BIT(tag)) == 0) return len;
    for (size_t i = from; i < len; i++) {
        if (f->items[i]._tag == tag && edgefn__name_eq(f, f->items[i].name, name)) return i;
    }
    return len;
}

EDGEFN_API size_t edgefn_find(const edgefn_fields *f, edgefn_str name, size_t from)
{
    return name.ptr != NULL ? edgefn__find(f, name, edgefn__tag(name), from) : f->len;
}

EDGEFN_API edgefn_str edgefn_get(const edgefn_fields *f, edgefn_str name)
{
    size_t i = name.ptr != NULL ? edgefn__find(f, name, edgefn__tag(name), 0) : f->len;
    return i < f->len ? f->items[i].value : edgefn__absent();
}

EDGEFN_API bool edgefn_has(const edgefn_fields *f, edgefn_str name)
{
    return edgefn_find(f, name, 0) < f->len;
}

EDGEFN_API size_t edgefn_count(const edgefn_fields *f, edgefn_str name)
{
    size_t n = 0;
    for (size_t i = edgefn_find(f, name, 0); i < f->len; i = edgefn_find(f, name, i + 1))
        n++;
    return n;
}

static const char *edgefn__list_name(const edgefn_fields *f)
{
    static const char *const names[] = { "",
                                         "request.headers",
                                         "response.headers",
                                         "request.origin.customHeaders",
                                         "request.querystring",
                                         "request.cookies",
                                         "response.cookies" };
    return names[f->_kind < EDGEFN__COUNT(names) ? f->_kind : 0];
}

/* Which headers a list of headers or cookies belongs to: 0 the request's, 1 the response's; -1 for
   the other lists. */
static int edgefn__side(const edgefn_fields *f)
{
    if (f->_kind == EDGEFN__REQUEST_HEADERS || f->_kind == EDGEFN__REQUEST_COOKIES) return 0;
    return f->_kind == EDGEFN__RESPONSE_HEADERS || f->_kind == EDGEFN__RESPONSE_COOKIES ? 1 : -1;
}

/* Before an edit: headers are again what they were before a reading call wrote cookies back, so
   that what an edit does not depend on whether somebody looked. */
EDGEFN__NOINLINE void edgefn__unsync(edgefn_event *ev, int side)
{
    edgefn_fields *view = side == 0 ? &ev->request._cookies : &ev->response._cookies;
    if (side < 0 || ev->_unsynced[side] == NULL) return;
    if (side == 0)
        ev->request.headers = *ev->_unsynced[side];
    else
        ev->response.headers = *ev->_unsynced[side];
    view->_flags &= ~(uint32_t)EDGEFN__SYNCED;
    ev->_unsynced[side] = NULL;
}

/* Gives the event of a list that may be edited now; NULL after a failure or when it may not. */
static edgefn_event *edgefn__editable(edgefn_fields *f)
{
    edgefn_event *ev = f->_ev;
    if (ev == NULL || ev->_self != ev) return NULL;
    if ((uintptr_t)f - (uintptr_t)ev >= sizeof *ev || !(ev->_flags & EDGEFN__PARSED)) {
        edgefn__fail(ev, EDGEFN_E_MISUSE, edgefn__list_name(f), edgefn__absent());
        return NULL;
    }
    if (ev->err.code != EDGEFN_OK) return NULL;
    bool allowed;
    if (ev->_flags & EDGEFN__BUILDING) return ev;
    switch (f->_kind) {
    case EDGEFN__RESPONSE_HEADERS:
    case EDGEFN__RESPONSE_COOKIES: allowed = ev->response.status != 0; break;
    case EDGEFN__ORIGIN_HEADERS:
        allowed =
            ev->type == EDGEFN_ORIGIN_REQUEST && ev->request.origin.kind != EDGEFN_ORIGIN_NONE;
        break;
    default: allowed = edgefn_is_request(ev); break;
    }
    if (allowed && EDGEFN__UNLIKELY(ev->_flags & EDGEFN__WRITTEN_BACK))
        edgefn__unsync(ev, edgefn__side(f));
    if (allowed) return ev;
    edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, edgefn__list_name(f), edgefn__absent());
    return NULL;
}

static bool edgefn__all(edgefn_str s, unsigned classes)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!(edgefn__class_of(s.ptr[i]) & classes)) return false;
    }
    return true;
}

/* Tells whether s is UTF-8 without controls (tab aside where `tab`) and without the bytes of `not`.
   */
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
        if (edgefn__find_byte(s.ptr, s.len, 0, *not_these) < s.len) return false;
    }
    return true;
}

#    ifdef EDGEFN__SSE2
EDGEFN__INLINE __m128i edgefn__not_lower16(__m128i v)
{
    __m128i letter =
        _mm_subs_epu8(_mm_sub_epi8(v, _mm_set1_epi8('a')), _mm_set1_epi8(25)); /* 0 for 'a'..'z' */
    return _mm_andnot_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('-')), letter);
}
#    endif

/* True for a token without upper case, which most names are: nothing but letters and '-', in one
   look where vectors can. Copies the name to `to` on the way where that is not NULL; what was
   copied does not count if it is false. */
EDGEFN__INLINE bool edgefn__copy_lower_token(char *to, edgefn_str s)
{
#    ifdef EDGEFN__SSE2
    if (s.len >= 8 && s.len <= 32) {
        size_t half = s.len >= 16 ? 16 : 8;
        const __m128i *head = (const __m128i *)(const void *)s.ptr,
                      *tail = (const __m128i *)(const void *)(s.ptr + s.len - half);
        __m128i a = half == 16 ? _mm_loadu_si128(head) : _mm_loadl_epi64(head),
                b = half == 16 ? _mm_loadu_si128(tail) : _mm_loadl_epi64(tail);
        if (to != NULL && half == 16) {
            _mm_storeu_si128((__m128i *)(void *)to, a);
            _mm_storeu_si128((__m128i *)(void *)(to + s.len - 16), b);
        } else if (to != NULL) {
            _mm_storel_epi64((__m128i *)(void *)to, a);
            _mm_storel_epi64((__m128i *)(void *)(to + s.len - 8), b);
        }
        if (half == 8) a = b = _mm_unpacklo_epi64(a, b);
        __m128i other = _mm_or_si128(edgefn__not_lower16(a), edgefn__not_lower16(b));
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(other, _mm_setzero_si128())) == 0xffff) return true;
    } else
#    endif
        if (to != NULL)
        edgefn__copy(to, s.ptr, s.len);
    for (size_t i = 0; i < s.len; i++) {
        if ((edgefn__class_of(s.ptr[i]) & (EDGEFN__C_TOKEN | EDGEFN__C_UPPER)) != EDGEFN__C_TOKEN)
            return false;
    }
    return s.len != 0;
}

EDGEFN__INLINE bool edgefn__lower_token(edgefn_str s)
{
    return edgefn__copy_lower_token(NULL, s);
}

static bool edgefn__name_ok(edgefn_event *ev, const edgefn_fields *f, edgefn_str name)
{
    bool ok;
    if (f->_kind == EDGEFN__QUERY)
        ok = name.len > 0 && edgefn__is_text(name, false, "=&# ");
    else
        ok = name.ptr != NULL && name.len > 0 && edgefn__all(name, EDGEFN__C_TOKEN);
    if (!ok) return edgefn__fail(ev, EDGEFN_E_FIELD_NAME, edgefn__list_name(f), name);
    return true;
}

static bool edgefn__value_ok(edgefn_event *ev, const edgefn_fields *f, edgefn_str name,
                             edgefn_str value)
{
    const char *not_these = f->_kind == EDGEFN__QUERY ? "&# " : edgefn__is_headers(f) ? "" : ";";
    if (edgefn__is_text(value, edgefn__is_headers(f), not_these)) return true;
    return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, edgefn__list_name(f), name);
}

/* Called before a header changes. In Lambda@Edge the list of cookies must be read anew when its
   header (Cookie in requests, Set-Cookie in responses) is edited directly. CloudFront Functions
   keeps cookies apart: there neither may be set as a header; one that should not be there at all (a
   viewer may send Set-Cookie) may be removed. */
static bool edgefn__cookie_header(edgefn_event *ev, edgefn_fields *f, edgefn_str name, bool sets)
{
    if ((name.len != 6 && name.len != 10) || !edgefn__is_headers(f)) return true;
    bool cookie = edgefn_str_ieq(name, EDGEFN_S("cookie"));
    if (!cookie && !edgefn_str_ieq(name, EDGEFN_S("set-cookie"))) return true;
    bool own = f->_kind == (cookie ? EDGEFN__REQUEST_HEADERS : EDGEFN__RESPONSE_HEADERS);
    bool apart = ev->dialect == EDGEFN_FUNCTIONS && !(ev->_flags & EDGEFN__BUILDING);
    if (apart && (own || sets))
        return edgefn__fail(ev, EDGEFN_E_DIALECT, edgefn__list_name(f), name);
    if (own) f->_flags |= EDGEFN__COOKIE_TOUCHED;
    return true;
}

/* Copies the items to where they can be written. */
EDGEFN__NOINLINE edgefn_field *edgefn__items_copied(edgefn_event *ev, edgefn_fields *f, size_t more)
{
    size_t spare =
        f->items == f->_received
            ? 0
            : f->len / 2; /* the first copy is for a few edits, further ones are for many */
    size_t cap = f->len + more + spare + (more != 0 ? 9 : 0);
    edgefn_field *copy = (edgefn_field *)edgefn__take(ev, cap, sizeof *copy, 8);
    if (copy == NULL) return NULL;
    if (f->len != 0) edgefn__memcpy(copy, f->items, f->len * sizeof *copy);
    f->items = copy;
    f->_cap = (uint32_t)cap;
    return copy;
}

/* Makes the items writable and leaves room for `more`; NULL when that failed. */
EDGEFN__INLINE edgefn_field *edgefn__writable(edgefn_event *ev, edgefn_fields *f, size_t more)
{
    f->_flags = (f->_flags | EDGEFN__DIRTY) & ~(uint32_t)EDGEFN__SYNCED;
    if (f->items != f->_received && f->_cap - f->len >= more)
        return (edgefn_field *)(uintptr_t)f->items;
    return edgefn__items_copied(ev, f, more);
}

/* Finds a field as it was received; NULL for one that was added. */
static const edgefn_field *edgefn__received_of(const edgefn_fields *f, const edgefn_field *it)
{
    if (it->_value == 0) return NULL;
    if (f->_flags & (EDGEFN__FROM_TEXT | EDGEFN__INDEXED)) return &f->_received[it->_value - 1];
    size_t low = 0;
    size_t high = f->_received_len;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (f->_received[mid]._value < it->_value)
            low = mid + 1;
        else
            high = mid;
    }
    return low < f->_received_len ? &f->_received[low] : NULL;
}

static void edgefn__judge_field(edgefn_fields *f, edgefn_field *it)
{
    f->_flags |= EDGEFN__TOUCHED; /* not only new names behind the received ones */
    const edgefn_field *was = edgefn__received_of(f, it);
    if (was == NULL) {
        it->change = EDGEFN_ADDED;
    } else if (edgefn_str_eq(was->value, it->value)
               && edgefn_str_eq(was->attributes, it->attributes)) {
        it->change = EDGEFN_KEPT;
        it->value =
            /* the received bytes themselves: views write them out with what stands around them */
            was->value;
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

static size_t edgefn__remove_where(edgefn_fields *f, size_t from, edgefn__picker wanted,
                                   const void *with)
{
    edgefn_event *ev = edgefn__editable(f);
    size_t found = 0;
    size_t to = from;
    if (ev == NULL) return 0;
    for (size_t i = from; i < f->len; i++) {
        if (!wanted(f, &f->items[i], with)) continue;
        if (!edgefn__cookie_header(ev, f, f->items[i].name, false)) return 0;
        found++;
    }
    if (found == 0) return 0;
    edgefn_field *items = edgefn__writable(ev, f, 0);
    if (items == NULL || !edgefn__removed_room(ev, f, found)) return 0;
    for (size_t i = from; i < f->len; i++) {
        if (wanted(f, &items[i], with))
            edgefn__note_removed(f, &items[i]);
        else if (to++ != i)
            items[to - 1] = items[i];
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
    return it->name.len >= prefix->len
           && edgefn__name_eq(f, edgefn_str_take(it->name, prefix->len), *prefix);
}

typedef struct edgefn__keep {
    const edgefn_str *names;
    size_t count;
} edgefn__keep;

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

static bool edgefn__pick_marked(const edgefn_fields *f, const edgefn_field *it, const void *with)
{
    size_t i = (size_t)(it - f->items);
    return (((const unsigned char *)with)[i / 8] >> (i % 8) & 1) != 0;
}

EDGEFN_API size_t edgefn_remove_if(edgefn_fields *f,
                                   bool (*wanted)(const edgefn_field *field, void *user),
                                   void *user)
{
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL || f->len == 0) return 0;
    size_t cap = ev->arena.cap;
    size_t top = cap;
    size_t bytes = f->len / 8 + 1;
    unsigned char *marks = (unsigned char *)edgefn__take_top(ev, &top, bytes, 1);
    if (marks == NULL) return 0;
    edgefn__memset(marks, 0, bytes);
    ev->arena.cap = top; /* nothing that is taken meanwhile may grow into the marks */
    for (size_t i = 0; i < f->len; i++) {
        if (wanted(&f->items[i], user))
            marks[i / 8] = (unsigned char)(marks[i / 8] | 1u << (i % 8));
    }
    size_t removed = edgefn__remove_where(f, 0, edgefn__pick_marked, marks);
    ev->arena.cap = cap;
    return removed;
}

EDGEFN_API bool edgefn_remove_at(edgefn_fields *f, size_t index)
{
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL) return false;
    if (index >= f->len)
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_remove_at", edgefn__absent());
    if (!edgefn__cookie_header(ev, f, f->items[index].name, false)) return false;
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
    if (index >= f->len)
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_set_at", edgefn__absent());
    edgefn_str name = f->items[index].name;
    if (value.ptr == NULL) return edgefn_remove_at(f, index);
    if (edgefn_str_eq(f->items[index].value, value)) return true;
    if (!(ev->_flags & EDGEFN__BUILDING) && !edgefn__value_ok(ev, f, name, value)) return false;
    if (!edgefn__cookie_header(ev, f, name, true)) return false;
    edgefn_field *items = edgefn__writable(ev, f, 0);
    if (items == NULL) return false;
    items[index].value = value;
    edgefn__judge_field(f, &items[index]);
    return true;
}

/* Gives a removed field of that name, one that stood behind the place `behind`, back to be changed
   instead; false when there is none. */
static bool edgefn__take_back(edgefn_fields *f, edgefn_field *it, uint32_t behind)
{
    edgefn_field *removed = (edgefn_field *)(uintptr_t)f->removed;
    for (size_t k = 0; k < f->removed_len; k++) {
        if (removed[k]._tag != it->_tag || removed[k]._value <= behind
            || !edgefn_str_eq(removed[k].name, it->name))
            continue;
        edgefn_str value = it->value;
        *it = removed[k];
        it->value = value;
        it->attributes = edgefn__absent();
        f->removed_len--;
        if (k == 0) { /* the usual case, and what makes bringing back many linear */
            f->removed++;
            f->_removed_cap--;
        } else {
            edgefn__memmove(removed + k, removed + k + 1, (f->removed_len - k) * sizeof *removed);
        }
        edgefn__judge_field(f, it);
        return true;
    }
    return false;
}

/* Finds a header by its name among the members of a list's object in a text; *empty: it stands
   there as [] or null. 0: it is not there. */
static uint32_t edgefn__header_in_text(const char *p, const edgefn_fields *f, edgefn_str wanted,
                                       bool only_empty, bool *empty)
{
    for (uint32_t at = edgefn__ws(p, f->_open + 1); p[at] != '}';) {
        uint32_t from = edgefn__after_name(p, at);
        *empty = p[from] == 'n' || (p[from] == '[' && p[edgefn__ws(p, from + 1)] == ']');
        if ((*empty || !only_empty)
            && edgefn__json_means(edgefn__string_at(p, at), wanted, EDGEFN__FOLD))
            return at;
        at = edgefn__ws(p, edgefn__after_value(p, from));
        if (p[at] == ',') at = edgefn__ws(p, at + 1);
    }
    return 0;
}

/* Gives a new header the place of one that came without values: "name":[], or null in a lenient
   event. */
static bool edgefn__fill_hollow(edgefn_event *ev, edgefn_fields *f, edgefn_field *it)
{
    bool empty;
    uint32_t at = f->_flags & EDGEFN__HOLLOW
                      ? edgefn__header_in_text(ev->_json.ptr, f, it->name, true, &empty)
                      : 0;
    if (at == 0) return false;
    it->_group = at;
    f->_flags |= EDGEFN__TOUCHED;
    return true;
}

/* Puts a checked field where it belongs: headers, and the cookies of CloudFront Functions, which
   cannot stand anywhere else, behind the last of that name; one that was received and removed in
   its old place, so that removing and setting is the same as setting; everything else at the end.
   */
EDGEFN__NOINLINE bool edgefn__insert(edgefn_event *ev, edgefn_fields *f, edgefn_str name,
                                     uint32_t tag, edgefn_str value, bool known_new)
{
    edgefn_field *items = edgefn__writable(ev, f, 1);
    edgefn_field it;
    size_t at = f->len;
    size_t last = f->len;
    if (items == NULL) return false;
    f->_filter |= EDGEFN__TAG_BIT(tag);
    edgefn__memset(&it, 0, sizeof it);
    it.name = name;
    it.value = value;
    it.change = EDGEFN_ADDED;
    if (edgefn__is_headers(f)) {
        if (ev->dialect == EDGEFN_LAMBDA) it.key = name;
        it.name = edgefn_str_lower(ev, name);
        if (it.name.ptr == NULL) return false;
    }
    it._tag = tag;
    if (edgefn__is_headers(f) || (f->_kind != EDGEFN__QUERY && ev->dialect == EDGEFN_FUNCTIONS)) {
        if (known_new) last = 0;
        while (
            last > 0
            && (items[last - 1]._tag != it._tag || !edgefn_str_eq(items[last - 1].name, it.name)))
            last--;
        if (last > 0) {
            at = last;
            it._group = items[last - 1]._group;
            f->_flags |= EDGEFN__TOUCHED;
            if (items[last - 1]._value != 0 && !(f->_flags & EDGEFN__REORDERED))
                edgefn__take_back(f, &it, items[last - 1]._value);
        } else if ((edgefn__take_back(f, &it, 0) || edgefn__fill_hollow(ev, f, &it))
                   && !(f->_flags & EDGEFN__REORDERED)) {
            for (at = 0; at < f->len && items[at]._group != 0 && items[at]._group < it._group;
                 at++) {
            }
        }
    }
    edgefn__memmove(items + at + 1, items + at, (f->len - at) * sizeof *items);
    items[at] = it;
    f->len++;
    return true;
}

/* tag: that of the name, which is the same in any case */
EDGEFN__INLINE bool edgefn__add(edgefn_fields *f, edgefn_str name, uint32_t tag, edgefn_str value,
                                bool known_new)
{
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL) return false;
    if (EDGEFN__UNLIKELY(ev->_flags & EDGEFN__BUILDING) && name.ptr != NULL) /* any bytes */
        return edgefn__cookie_header(ev, f, name, true)
               && edgefn__insert(ev, f, name, tag, value, known_new);
    bool headers = edgefn__is_headers(f);
    bool lower = headers && edgefn__lower_token(name);
    if (!lower && !edgefn__name_ok(ev, f, name)) return false;
    if (!(headers && edgefn__copy_plain(NULL, value)) && !edgefn__value_ok(ev, f, name, value))
        return false;
    if (!edgefn__cookie_header(ev, f, name, true)) return false;
    if (!lower || !known_new || f->removed_len != 0 || (f->_flags & EDGEFN__HOLLOW))
        return edgefn__insert(ev, f, name, tag, value, known_new);
    edgefn_field *it =
        edgefn__writable(ev, f, 1); /* the usual case: there is nothing to look for */
    bool lambda = ev->dialect == EDGEFN_LAMBDA;
    if (it == NULL) return false;
    it += f->len++;
    f->_filter |= EDGEFN__TAG_BIT(tag);
    it->name = name;
    it->value = value;
    it->key = edgefn__str(lambda ? name.ptr : NULL, lambda ? name.len : 0);
    it->attributes = edgefn__absent();
    it->change = EDGEFN_ADDED;
    it->_tag = tag;
    it->_group = it->_value = 0;
    return true;
}

EDGEFN_API bool edgefn_add(edgefn_fields *f, edgefn_str name, edgefn_str value)
{
    if (value.ptr == NULL) return edgefn__editable(f) != NULL;
    return edgefn__add(f, name, edgefn__tag(name), value, false);
}

EDGEFN_API bool edgefn_set(edgefn_fields *f, edgefn_str name, edgefn_str value)
{
    if (value.ptr == NULL) {
        edgefn_remove(f, name);
        return edgefn__editable(f) != NULL;
    }
    uint32_t tag = edgefn__tag(name);
    size_t i = name.ptr != NULL ? edgefn__find(f, name, tag, 0) : f->len;
    if (i == f->len) return edgefn__add(f, name, tag, value, true);
    if (!edgefn_set_at(f, i, value)) return false;
    if (edgefn_find(f, name, i + 1) < f->len)
        edgefn__remove_where(f, i + 1, edgefn__pick_name, &name);
    return f->_ev->err.code == EDGEFN_OK;
}

/* True for a parameter that was read from text and has no '='. */
static bool edgefn__bare(const edgefn_field *it)
{
    return it->name.len != 0 && it->value.ptr == it->name.ptr + it->name.len;
}

/* By name; with `values` then by value, a parameter without '=' before one whose value is empty. */
static bool edgefn__in_order(const edgefn_field *a, const edgefn_field *b, bool values)
{
    int d = edgefn__compare(a->name, b->name);
    if (d == 0 && values) d = edgefn__compare(a->value, b->value);
    if (d == 0 && values) d = (int)edgefn__bare(b) - (int)edgefn__bare(a);
    return d <= 0;
}

/* Sorts n fields by merging from one array into the other; stable. Returns the one that then holds
   them. */
static edgefn_field *edgefn__merge(edgefn_field *from, edgefn_field *to, size_t n, bool values)
{
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t start = 0; start < n; start += run * 2) {
            size_t a = start;
            size_t mid = n - start > run ? start + run : n;
            size_t b = mid;
            size_t end = n - mid > run ? mid + run : n;
            for (size_t k = start; k < end; k++) {
                bool left = b >= end || (a < mid && edgefn__in_order(&from[a], &from[b], values));
                to[k] = left ? from[a++] : from[b++];
            }
        }
        edgefn_field *other = from;
        from = to;
        to = other;
    }
    return from;
}

static bool edgefn__sort(edgefn_fields *f, bool values)
{
    edgefn_event *ev = edgefn__editable(f);
    size_t top;
    size_t i = 1;
    size_t n = f->len;
    if (ev == NULL) return false;
    while (i < n && edgefn__in_order(&f->items[i - 1], &f->items[i], values))
        i++;
    if (i >= n) return true;
    top = ev->arena.cap;
    edgefn_field *items = edgefn__writable(ev, f, 0);
    edgefn_field *to =
        items != NULL ? (edgefn_field *)edgefn__take_top(ev, &top, n, sizeof *to) : NULL;
    if (to == NULL) return false;
    const edgefn_field *sorted = edgefn__merge(items, to, n, values);
    if (sorted != items) edgefn__memcpy(items, sorted, n * sizeof *items);
    f->_flags |= EDGEFN__REORDERED;
    return true;
}

EDGEFN_API bool edgefn_sort(edgefn_fields *f)
{
    return edgefn__sort(f, false);
}

/*=== >>headers ==================================================================================*/

/* Takes the next element of a list, trimmed and never empty; a separator inside a quoted string is
   none. */
static bool edgefn__element_next(edgefn_str *rest, char separator, edgefn_str *element)
{
    for (element->len = 0; rest->len > 0 && element->len == 0;) {
        bool quoted = false;
        size_t i = 0;
        for (; i < rest->len && (quoted || rest->ptr[i] != separator); i++) {
            if (rest->ptr[i] == '"')
                quoted = !quoted;
            else if (quoted && rest->ptr[i] == '\\' && i + 1 < rest->len)
                i++;
        }
        *element = edgefn_str_trim(edgefn_str_take(*rest, i));
        *rest = edgefn_str_skip(*rest, i + 1);
    }
    return element->len > 0;
}

/* Finds NAME or NAME=VALUE. */
static edgefn_str edgefn__element_get(edgefn_str list, char separator, edgefn_str name)
{
    edgefn_str e;
    while (edgefn__element_next(&list, separator, &e)) {
        edgefn_cut c = edgefn_str_cut(e, EDGEFN_S("="));
        edgefn_str v = edgefn_str_trim(c.tail);
        if (!edgefn_str_ieq(edgefn_str_trim(c.head), name)) continue;
        if (v.len >= 2 && v.ptr[0] == '"' && v.ptr[v.len - 1] == '"')
            v = edgefn__str(v.ptr + 1, v.len - 2);
        return c.found ? v : edgefn_str_take(e, 0);
    }
    return edgefn__absent();
}

EDGEFN_API bool edgefn_header_has_token(edgefn_str value, edgefn_str token)
{
    edgefn_str e;
    while (edgefn__element_next(&value, ',', &e))
        if (edgefn_str_ieq(e, token)) return true;
    return false;
}

EDGEFN_API edgefn_str edgefn_header_directive(edgefn_str value, edgefn_str name)
{
    return edgefn__element_get(value, ',', name);
}

/* Reads "0.123" as 123; gives more than 1000 for what is no weight. */
static uint32_t edgefn__weight(edgefn_str s)
{
    uint32_t weight = 0;
    uint32_t unit = 1000;
    for (size_t i = 0; i < s.len; i++) {
        if (i == 1 ? s.ptr[i] != '.' : i > 4 || !(edgefn__class_of(s.ptr[i]) & EDGEFN__C_DIGIT))
            return 1001;
        if (i != 1) {
            weight += (uint32_t)(s.ptr[i] - '0') * unit;
            unit /= 10;
        }
    }
    return s.len != 0 ? weight : 1001;
}

typedef struct edgefn__range {
    edgefn_str name, params;
    uint32_t weight;
} edgefn__range;

/* Reads the next range of an Accept header. */
static bool edgefn__range_next(edgefn_str *rest, edgefn__range *r)
{
    edgefn_str element;
    while (edgefn__element_next(rest, ',', &element)) {
        edgefn_cut c = edgefn_str_cut(element, EDGEFN_S(";"));
        edgefn_str q = edgefn__element_get(c.tail, ';', EDGEFN_S("q"));
        r->name = edgefn_str_trim(c.head);
        r->params = c.tail;
        r->weight = q.ptr != NULL ? edgefn__weight(q) : 1000;
        if (r->name.len != 0 && r->weight <= 1000) return true;
    }
    return false;
}

/* x-gzip and x-compress are other names of gzip and compress (RFC 9110 sections 8.4.1.1 and
   8.4.1.3). */
static edgefn_str edgefn__coding(edgefn_str s)
{
    bool alias = edgefn_str_ieq(s, EDGEFN_S("x-gzip")) || edgefn_str_ieq(s, EDGEFN_S("x-compress"));
    return alias ? edgefn_str_skip(s, 2) : s;
}

/* How closely a range fits an offer; 0: it does not. */
static size_t edgefn__range_fit(const edgefn__range *r, edgefn_str offer)
{
    edgefn_cut o = edgefn_str_cut(offer, EDGEFN_S(";"));
    edgefn_str type = edgefn_str_trim(o.head);
    edgefn_str params = r->params;
    edgefn_str p;
    size_t n = r->name.len;
    size_t fit = 1;
    if (edgefn_str_ieq(edgefn__coding(r->name), edgefn__coding(type)))
        fit = 1 << 17;
    else if (edgefn_str_ends(r->name, EDGEFN_S("/*"))
             && edgefn_str_ieq(edgefn_str_take(r->name, n - 1), edgefn_str_take(type, n - 1)))
        fit = 1 << 16;
    else if (!EDGEFN__IS(r->name, "*/*") && !EDGEFN__IS(r->name, "*"))
        return 0;
    for (; edgefn__element_next(&params, ';', &p); fit++) {
        edgefn_str name = edgefn_str_trim(edgefn_str_cut(p, EDGEFN_S("=")).head);
        if (edgefn_str_ieq(name, EDGEFN_S("q"))) break; /* what follows is no part of the type */
        if (!edgefn_str_ieq(edgefn__element_get(p, ';', name),
                            edgefn__element_get(o.tail, ';', name)))
            return 0;
    }
    return fit;
}

EDGEFN_API size_t edgefn_header_negotiate(edgefn_str value, const edgefn_str *offers, size_t count)
{
    size_t best = count;
    uint32_t best_weight = 0;
    for (size_t i = 0; i < count && value.ptr != NULL; i++) {
        uint32_t weight = edgefn_str_ieq(offers[i], EDGEFN_S("identity")); /* 0.001 is 2 */
        size_t closest = 0;
        size_t fit;
        edgefn__range r;
        for (edgefn_str rest = value; edgefn__range_next(&rest, &r);)
            if ((fit = edgefn__range_fit(&r, offers[i])) > closest) {
                closest = fit;
                weight = r.weight * 2;
            }
        if (weight > best_weight) {
            best = i;
            best_weight = weight;
        }
    }
    return value.ptr != NULL ? best : 0;
}

static bool edgefn__tag_begins(edgefn_str tag, edgefn_str begin)
{
    return begin.len > 0 && edgefn_str_ieq(edgefn_str_take(tag, begin.len), begin)
           && (tag.len == begin.len || tag.ptr[begin.len] == '-');
}

/* Offer by offer, because range by range would take time with the square of the header. A range
   finds an offer with which it begins; the best offer is that of the best range (the first of equal
   ones), and among its offers the longest. What an offer begins with can refuse it; the longest
   such range decides. */
EDGEFN_API size_t edgefn_header_language(edgefn_str value, const edgefn_str *offers, size_t count)
{
    size_t best = count;
    uint64_t best_key = 0;
    for (size_t i = 0; i < count && value.ptr != NULL; i++) {
        uint64_t key = 0;
        size_t closest = 0;
        bool refused = false;
        bool no_other = false;
        edgefn__range r;
        for (edgefn_str rest = value; edgefn__range_next(&rest, &r);) {
            bool star = EDGEFN__IS(r.name, "*");
            size_t fit = !star && edgefn__tag_begins(offers[i], r.name) ? r.name.len + 1 : 0;
            no_other = no_other || (star && r.weight == 0);
            uint64_t k = (uint64_t)r.weight << 52
                         | (uint64_t)(UINT32_MAX - (uint32_t)(r.name.ptr - value.ptr)) << 20
                         | (offers[i].len & 0xfffff);
            if (fit > closest) {
                closest = fit;
                refused = r.weight == 0;
            }
            if (star) k = 1;
            if (r.weight != 0 && k > key && (star || edgefn__tag_begins(r.name, offers[i])))
                key = k;
        }
        if (!refused && !(no_other && key <= 1) && key > best_key) {
            best = i;
            best_key = key;
        }
    }
    return value.ptr != NULL ? best : 0;
}

EDGEFN_API bool edgefn_header_vary(edgefn_event *ev, edgefn_str name)
{
    edgefn_fields *h = &ev->response.headers;
    const edgefn_str vary = EDGEFN_S("Vary");
    size_t last = h->len;
    if (name.len == 0 || !edgefn__all(name, EDGEFN__C_TOKEN))
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_header_vary", name);
    for (size_t i = edgefn_find(h, vary, 0); i < h->len; i = edgefn_find(h, vary, i + 1)) {
        edgefn_str value = h->items[i].value;
        if (edgefn_header_has_token(value, EDGEFN_S("*")) || edgefn_header_has_token(value, name))
            return edgefn__editable(h) != NULL;
        if (edgefn_str_trim(value).len != 0) last = i;
    }
    if (last == h->len || EDGEFN__IS(name, "*")) return edgefn_set(h, vary, name);
    const edgefn_str parts[] = { h->items[last].value, EDGEFN_S(", "), name };
    return edgefn_set_at(h, last, edgefn_str_join(ev, parts, 3));
}

static const void *edgefn__zeroed(void *opts, size_t size)
{
    edgefn__memset(opts, 0, size);
    return opts;
}

EDGEFN_API bool edgefn_header_security(edgefn_event *ev, const edgefn_security_opts *opts)
{
    edgefn_security_opts none;
    if (opts == NULL) opts = (const edgefn_security_opts *)edgefn__zeroed(&none, sizeof none);
    edgefn_fields *h = &ev->response.headers;
    const edgefn_str no = EDGEFN_S("");
    const edgefn_str own = edgefn_get(h, EDGEFN_S("x-frame-options"));
    const edgefn_str csp = opts->frame_options.ptr == NULL && own.ptr == NULL
                               ? EDGEFN_S("frame-ancestors 'none'")
                               : no;
    const struct {
        edgefn_str name, given, usual;
    } rows[] = { { EDGEFN_S("Strict-Transport-Security"), opts->hsts,
                   EDGEFN_S("max-age=63072000") },
                 { EDGEFN_S("Content-Security-Policy"), opts->csp, csp },
                 { EDGEFN_S("X-Content-Type-Options"), EDGEFN_S("nosniff"), no },
                 { EDGEFN_S("X-Frame-Options"), opts->frame_options, EDGEFN_S("DENY") },
                 { EDGEFN_S("X-XSS-Protection"), opts->xss_protection, no },
                 { EDGEFN_S("Permissions-Policy"), opts->permissions_policy, no },
                 { EDGEFN_S("Referrer-Policy"), opts->referrer_policy,
                   EDGEFN_S("strict-origin-when-cross-origin") } };
    for (size_t i = 0; i < EDGEFN__COUNT(rows);
         i++) { /* a default never replaces what the origin said: it might be stricter */
        edgefn_str value = rows[i].given.ptr != NULL || edgefn_has(h, rows[i].name) ? rows[i].given
                                                                                    : rows[i].usual;
        if (value.len != 0 && !edgefn_set(h, rows[i].name, value)) return false;
    }
    return true;
}

EDGEFN_API bool edgefn_header_cors(edgefn_event *ev, const edgefn_cors_opts *opts)
{
    edgefn_cors_opts none;
    if (opts == NULL) opts = (const edgefn_cors_opts *)edgefn__zeroed(&none, sizeof none);
    const edgefn_str no = edgefn__absent();
    const edgefn_str star = EDGEFN_S("*");
    const edgefn_str lists[] = { opts->methods, opts->headers, opts->expose };
    const edgefn_fields *asked = &ev->request.headers;
    edgefn_str origin = edgefn_get(asked, EDGEFN_S("origin"));
    edgefn_str age = no;
    bool preflight = EDGEFN__IS(ev->request.method, "OPTIONS") && origin.ptr != NULL
                     && edgefn_has(asked, EDGEFN_S("access-control-request-method"));
    bool allowed = opts->any_origin;
    bool ok = !opts->any_origin || (!opts->credentials && opts->origin_count == 0);
    for (size_t i = 0; i < 3; i++)
        ok = ok && !(opts->credentials && edgefn_header_has_token(lists[i], star));
    for (size_t i = 0; i < opts->origin_count; i++) {
        edgefn_cut c = edgefn_str_cut(opts->origins[i], EDGEFN_S("://"));
        ok = ok && c.head.len > 0 && c.tail.len > 0 && !edgefn_str_contains(c.tail, EDGEFN_S("/"))
             && !edgefn_str_contains(c.tail, star);
        allowed = allowed
                  || (edgefn_str_eq(origin, opts->origins[i])
                      && edgefn_count(asked, EDGEFN_S("origin")) == 1);
    }
    if (!ok) return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_header_cors", no);
    if (edgefn_is_request(ev) && ev->response.status == 0) {
        if (!preflight) return ev->err.code == EDGEFN_OK;
        if (!edgefn_respond(ev, 204, NULL)) return false;
    }
    preflight = preflight && allowed;
    if (preflight && opts->max_age_s != 0) age = edgefn_str_from_u64(ev, opts->max_age_s);
    const struct {
        edgefn_str name, value;
    } rows[] = { { EDGEFN_S("Access-Control-Allow-Origin"), opts->any_origin ? star
                                                            : allowed        ? origin
                                                                             : no },
                 { EDGEFN_S("Access-Control-Allow-Credentials"),
                   allowed && opts->credentials ? EDGEFN_S("true") : no },
                 { EDGEFN_S("Access-Control-Expose-Headers"),
                   allowed && !preflight ? opts->expose : no },
                 { EDGEFN_S("Access-Control-Allow-Methods"), preflight ? opts->methods : no },
                 { EDGEFN_S("Access-Control-Allow-Headers"), preflight ? opts->headers : no },
                 { EDGEFN_S("Access-Control-Max-Age"), age } };
    for (size_t i = 0; i < EDGEFN__COUNT(rows); i++)
        if (!edgefn_set(&ev->response.headers, rows[i].name, rows[i].value)) return false;
    return opts->any_origin || edgefn_header_vary(ev, EDGEFN_S("Origin"));
}

EDGEFN_API bool edgefn_header_cache(edgefn_event *ev, const edgefn_cache_opts *opts)
{
    edgefn_cache_opts none;
    if (opts == NULL) opts = (const edgefn_cache_opts *)edgefn__zeroed(&none, sizeof none);
    uint32_t age = opts->max_age_s;
    uint32_t shared = opts->shared_max_age_s;
    uint32_t stale = opts->stale_revalidate_s;
    if ((opts->no_store
         && (age != 0 || shared != 0 || stale != 0 || opts->immutable || opts->browser_only))
        || (opts->browser_only && shared != 0))
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_header_cache", edgefn__absent());
    const edgefn_str no = edgefn__absent();
    const edgefn_str parts[] = { opts->browser_only ? EDGEFN_S("private, max-age=")
                                                    : EDGEFN_S("max-age="),
                                 edgefn_str_from_u64(ev, age),
                                 shared != 0 ? EDGEFN_S(", s-maxage=") : no,
                                 shared != 0 ? edgefn_str_from_u64(ev, shared) : no,
                                 stale != 0 ? EDGEFN_S(", stale-while-revalidate=") : no,
                                 stale != 0 ? edgefn_str_from_u64(ev, stale) : no,
                                 opts->immutable ? EDGEFN_S(", immutable") : no };
    edgefn_str value =
        opts->no_store ? EDGEFN_S("no-store") : edgefn_str_join(ev, parts, EDGEFN__COUNT(parts));
    return edgefn_set(&ev->response.headers, EDGEFN_S("Cache-Control"), value);
}

/*=== >>query and cookies: views parsed from text ================================================*/

/* Appends to a view that is being built; nothing else is taken from the arena meanwhile, so that
   the items stay one array. */
EDGEFN__INLINE edgefn_field *edgefn__view_add(edgefn_event *ev, edgefn_fields *f, uint32_t group)
{
    edgefn_field *it = (edgefn_field *)edgefn__take(ev, 1, sizeof *it, 8);
    if (it == NULL) return NULL;
    if (f->len == 0) f->items = f->_received = it;
    f->_received_len = (uint32_t)++f->len;
    it->key = edgefn__absent();
    it->attributes = edgefn__absent();
    it->change = EDGEFN_KEPT;
    it->_group = group;
    it->_value = (uint32_t)f->len;
    return it;
}

static void edgefn__view_reset(edgefn_fields *f, uint32_t flags)
{
    f->items = f->_received = f->removed = NULL;
    f->len = f->removed_len = 0;
    f->_filter = 0;
    f->_received_len = f->_cap = f->_removed_cap = 0;
    f->_flags = flags;
}

/* name=value; without '=' the text is the value of a nameless cookie, or the name of a valueless
   parameter. */
EDGEFN__INLINE bool edgefn__view_pair(edgefn_event *ev, edgefn_fields *f, edgefn_str piece,
                                      uint32_t group, bool cookie)
{
    size_t at = edgefn__find_byte(piece.ptr, piece.len, 0, '=');
    edgefn_field *it = edgefn__view_add(ev, f, group);
    if (it == NULL) return false;
    if (at == piece.len) {
        it->name = edgefn_str_take(piece, cookie ? 0 : piece.len);
        it->value = edgefn_str_skip(piece, cookie ? 0 : piece.len);
    } else {
        it->name = edgefn__str(piece.ptr, at);
        it->value = edgefn__str(piece.ptr + at + 1, piece.len - at - 1);
        if (cookie)
            it->name = edgefn__trim_end(it->name),
            it->value = edgefn__trim_start(it->value); /* the piece is trimmed */
    }
    it->_tag = edgefn__tag(it->name);
    f->_filter |= EDGEFN__TAG_BIT(it->_tag);
    return true;
}

/* True if the list says what the raw form says: it was read from it, or there is no raw form and
   never was one. */
static bool edgefn__query_current(const edgefn_request *q)
{
    bool same =
        q->_query_source.ptr == q->querystring.ptr && q->_query_source.len == q->querystring.len;
    return same && (q->querystring.ptr == NULL || (q->_query._flags & EDGEFN__VIEWED) != 0);
}

EDGEFN_API edgefn_fields *edgefn_query(edgefn_event *ev)
{
    edgefn_request *q = &ev->request;
    edgefn_fields *f = &q->_query;
    if (ev->_self != ev || !(ev->_flags & EDGEFN__PARSED) || edgefn__query_current(q)) return f;
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

/* A '?' in front is a slip of the handler, unless a viewer sent it. */
static bool edgefn__query_ok(const edgefn_event *ev, edgefn_str q)
{
    edgefn__span had = ev->_had[EDGEFN_M_QUERYSTRING];
    edgefn_str was = ev->_parts != NULL ? ev->_parts[EDGEFN_M_QUERYSTRING]
                     : had.at != 0      ? edgefn__str(ev->_json.ptr + had.at + 1, 1)
                                        : edgefn__absent();
    return edgefn__is_text(q, false, " #")
           && (edgefn_str_starts(was, EDGEFN_S("?")) || !edgefn_str_starts(q, EDGEFN_S("?")));
}

EDGEFN_API bool edgefn_query_set_raw(edgefn_event *ev, edgefn_str querystring)
{
    edgefn_fields *f = &ev->request._query;
    if (edgefn__editable(f) == NULL) return false;
    if (f->_flags & EDGEFN__DIRTY)
        return edgefn__fail(ev, EDGEFN_E_CONFLICT, "edgefn_query_set_raw", querystring);
    if (!edgefn__query_ok(ev, querystring))
        return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, "edgefn_query_set_raw", querystring);
    ev->request.querystring = querystring;
    return true;
}

/* Writes the list as text. A field that was read from text and kept goes out as it stood there: `a`
   stays apart from `a=`. */
static void edgefn__put_pairs(edgefn__text *t, const edgefn_fields *f, size_t from, size_t to,
                              const char *between, size_t between_len)
{
    for (size_t i = from; i < to; i++) {
        const edgefn_field *it = &f->items[i];
        if (i > from) edgefn__put(t, between, between_len);
        if ((f->_flags & EDGEFN__FROM_TEXT) && it->change == EDGEFN_KEPT) {
            edgefn__put(t, it->name.ptr, (size_t)(it->value.ptr + it->value.len - it->name.ptr));
            continue;
        }
        edgefn__put(t, it->name.ptr, it->name.len);
        /* A cookie without a name needs its '=' only where the value would be read as one with a
           name, or as nothing. */
        bool bare = f->_kind != EDGEFN__QUERY && it->name.len == 0
                    && edgefn__trim(it->value).len != 0
                    && !edgefn_str_contains(it->value, EDGEFN_S("="));
        if (!bare) EDGEFN__PUT(t, "=");
        edgefn__put(t, it->value.ptr, it->value.len);
    }
}

/* Tells whether anything of a list is not as it was received. */
static bool edgefn__list_differs(const edgefn_fields *f)
{
    if (f->removed_len != 0 || f->len != f->_received_len) return true;
    for (size_t i = 0; i < f->len; i++) { /* sorted and taken back is as it came */
        if (f->items[i].change != EDGEFN_KEPT || f->items[i]._value != f->_received[i]._value)
            return true;
    }
    return false;
}

EDGEFN_API edgefn_str edgefn_query_text(edgefn_event *ev)
{
    edgefn_fields *f = &ev->request._query;
    bool from_list = (f->_flags & EDGEFN__DIRTY) && !(f->_flags & EDGEFN__SYNCED);
    if (!from_list && ev->request.querystring.ptr != NULL) return ev->request.querystring;
    if (from_list && !edgefn__list_differs(f) && ev->request._query_received.ptr != NULL)
        return ev->request._query_received;
    if (f->len == 0
        || (ev->request.querystring.ptr == NULL && !edgefn__query_current(&ev->request)))
        return EDGEFN_S("");
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    edgefn__put_pairs(&t, f, 0, f->len, "&", 1);
    return edgefn__text_end(ev, &t);
}

/* RFC 3986's unreserved characters and those of keep. */
static bool edgefn__kept(char c, edgefn_str keep)
{
    if ((edgefn__class_of(c) & EDGEFN__C_DIGIT)
        || (edgefn__lower(c) >= 'a' && edgefn__lower(c) <= 'z'))
        return true;
    return c == '-' || c == '.' || c == '_' || c == '~'
           || edgefn__find_byte(keep.ptr, keep.len, 0, c) < keep.len;
}

/* Gives the byte that %XX at s[i] stands for; -1 when there is none. */
static int edgefn__percent(edgefn_str s, size_t i)
{
    int high = s.ptr[i] == '%' && s.len - i > 2 ? edgefn__hex(s.ptr[i + 1]) : -1;
    int low = high >= 0 ? edgefn__hex(s.ptr[i + 2]) : -1;
    return low >= 0 ? high * 16 + low : -1;
}

/* '%' is a byte as any other; nothing is encoded; '+' is a blank; letters become small; a path:
   backslash is '/', and dot segments are resolved. */
enum {
    EDGEFN__RAW = 1,
    EDGEFN__DECODE = 2,
    EDGEFN__PLUS = 4,
    EDGEFN__LOWER = 8,
    EDGEFN__PATH = 16
};

/* Writes all spellings of a text alike: unreserved characters plain, those of keep as they came,
   all else as upper-case %XX. */
static void edgefn__put_alike(edgefn__text *t, edgefn_str s, edgefn_str keep, unsigned how)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        int v = how & EDGEFN__RAW ? -1 : edgefn__percent(s, i);
        char c = v >= 0                                     ? (char)v
                 : s.ptr[i] == '+' && (how & EDGEFN__PLUS)  ? ' '
                 : s.ptr[i] == '\\' && (how & EDGEFN__PATH) ? '/'
                                                            : s.ptr[i];
        if (how & EDGEFN__LOWER) c = edgefn__lower(c);
        char escaped[3] = { '%', hex[(unsigned char)c >> 4], hex[c & 15] };
        if (!(how & EDGEFN__DECODE) && !edgefn__kept(c, v >= 0 ? EDGEFN_S("") : keep))
            edgefn__put(t, escaped, 3);
        else
            edgefn__put(t, c == ' ' && !(how & EDGEFN__DECODE) ? "+" : &c, 1);
        if (v >= 0) i += 2;
    }
}

/* Removes dot segments in place (RFC 3986 section 5.2.4), and, with `merge`, empty segments on the
   way. */
static size_t edgefn__resolve(char *p, size_t n, bool merge)
{
    size_t to = 0;
    if (n == 0 || p[0] != '/') return n;
    for (size_t at = 0, end; at < n; at = end) {
        end = edgefn__find_byte(p, n, at + 1, '/');
        edgefn_str piece = edgefn__str(p + at, end - at);
        bool dots = EDGEFN__IS(piece, "/..");
        bool gone = dots || EDGEFN__IS(piece, "/.") || (merge && piece.len == 1);
        if (dots)
            while (to > 0 && p[--to] != '/') {
            }
        if (gone && end == n) p[to++] = '/';
        if (gone) continue;
        edgefn__memmove(p + to, p + at, piece.len);
        to += piece.len;
    }
    return to;
}

/* As a string: s itself, and no memory, where nothing changes. */
static edgefn_str edgefn__alike(edgefn_event *ev, edgefn_str s, edgefn_str keep, unsigned how)
{
    if (s.ptr == NULL) return s;
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    char *start = t.at;
    edgefn__put_alike(&t, s, keep, how);
    if (how & EDGEFN__PATH) t.at = start + edgefn__resolve(start, (size_t)(t.at - start), true);
    edgefn_str made = edgefn__text_end(ev, &t);
    if (!edgefn_str_eq(made, s)) return made;
    ev->arena.used -= s.len;
    return s;
}

/* Compares with a pattern of '*' and '?'. A '*' takes nothing at first, and one byte more at each
   failure behind it. */
static bool edgefn__glob(edgefn_str s, edgefn_str p)
{
    for (size_t i = 0, k = 0, star = EDGEFN__NO_POS, from = 0;;) {
        if (k < p.len && p.ptr[k] == '*') {
            star = ++k;
            from = i;
        } else if (i == s.len) {
            return k == p.len;
        } else if (k < p.len && (p.ptr[k] == '?' || p.ptr[k] == s.ptr[i])) {
            i++;
            if (p.ptr[k++] == '?')
                while (i < s.len && ((unsigned char)s.ptr[i] & 0xc0) == 0x80)
                    i++;
        } else {
            if (star == EDGEFN__NO_POS) return false;
            k = star;
            i = ++from;
        }
    }
}

/* Tells whether a name is this one, or begins so where a '*' ends it. */
static bool edgefn__ends_open(edgefn_str name, edgefn_str pattern)
{
    bool open = edgefn_str_ends(pattern, EDGEFN_S("*"));
    return open ? edgefn_str_starts(name, edgefn_str_take(pattern, pattern.len - 1))
                : edgefn_str_eq(name, pattern);
}

static bool edgefn__listed(const edgefn_str *names, size_t count, edgefn_str name)
{
    while (count > 0 && !edgefn__ends_open(name, names[count - 1]))
        count--;
    return count > 0;
}

static bool edgefn__sync_query(edgefn_event *ev)
{
    edgefn_request *q = &ev->request;
    edgefn_fields *f = &q->_query;
    if (!(f->_flags & EDGEFN__DIRTY)) return true;
    bool same =
        q->querystring.ptr == q->_query_source.ptr && q->querystring.len == q->_query_source.len;
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

/* The query's parameters sorted, as text; by value too, equal ones once, where `values`. */
static edgefn_str edgefn__query_sorted(edgefn_event *ev, bool values)
{
    edgefn_fields sorted = *edgefn_query(ev);
    size_t n = sorted.len;
    size_t top = ev->arena.cap;
    edgefn_field *items =
        (edgefn_field *)(uintptr_t)sorted.items; /* nobody has seen this list: sorted where it is */
    edgefn_field *spare = (edgefn_field *)edgefn__take_top(ev, &top, n, sizeof *spare);
    if (spare == NULL || ev->err.code != EDGEFN_OK) return edgefn__absent();
    items = edgefn__merge(items, spare, n, values);
    sorted.items = items;
    sorted.len = 0;
    for (size_t i = 0; i < n; i++) {
        const edgefn_field *last = sorted.len != 0 ? &items[sorted.len - 1] : NULL;
        bool again = values && last != NULL && edgefn_str_eq(last->name, items[i].name)
                     && edgefn_str_eq(last->value, items[i].value);
        if (!again) items[sorted.len++] = items[i];
    }
    edgefn__text t = edgefn__text_begin(ev, top);
    edgefn__put_pairs(&t, &sorted, 0, sorted.len, "&", 1);
    return edgefn__text_end(ev, &t);
}

EDGEFN_API bool edgefn_query_normalize(edgefn_event *ev, const edgefn_query_opts *opts)
{
    static const edgefn_query_opts none = { NULL, NULL, 0, 0, false, false, false };
    edgefn_fields *f = &ev->request._query;
    if (edgefn__editable(f) == NULL || !edgefn__sync_query(ev)) return false;
    if (opts == NULL) opts = &none;
    edgefn_request was = ev->request;
    size_t used = ev->arena.used;
    unsigned plus = opts->plus_is_space ? EDGEFN__PLUS : 0;
    edgefn_str text = edgefn_query_text(ev);
    edgefn_str name;
    edgefn_str value;
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    char *start = t.at;
    for (edgefn_str rest = text; edgefn_form_next(&rest, &name, &value);) {
        char *at = t.at;
        char *from = at + (at != start ? 1 : 0);
        const char *end = name.ptr + name.len;
        if (at != start) EDGEFN__PUT(&t, "&");
        edgefn__put_alike(&t, name, EDGEFN_S("!$'()*+,;:@/"),
                          plus | (opts->lower_case_names ? EDGEFN__LOWER : 0));
        name = edgefn__str(from, t.full ? 0 : (size_t)(t.at - from));
        /* without '=' the value is where the name ends */
        if (value.ptr != end) EDGEFN__PUT(&t, "=");
        edgefn__put_alike(&t, value, EDGEFN_S("!$'()*+,;:@/?="), plus);
        if ((opts->keep != NULL && !edgefn__listed(opts->keep, opts->keep_count, name))
            || edgefn__listed(opts->drop, opts->drop_count, name))
            t.at = at;
    }
    ev->request.querystring = edgefn__text_end(ev, &t);
    edgefn__view_reset(f, 0);
    if (ev->err.code != EDGEFN_OK) return false;
    edgefn_str sorted = edgefn__query_sorted(ev, opts->sort_values);
    edgefn__view_reset(f, 0);
    if (sorted.ptr == NULL) return false;
    if (edgefn_str_eq(sorted, text)) {
        ev->request = was;
        ev->arena.used = used;
        return true;
    }
    edgefn__memmove(ev->arena.ptr + used, sorted.ptr, sorted.len); /* the text alone stays */
    ev->arena.used = used + sorted.len;
    ev->request.querystring = edgefn__str((const char *)ev->arena.ptr + used, sorted.len);
    if (was.querystring.ptr == NULL || (was._query._flags & EDGEFN__VIEWED))
        edgefn_query(ev); /* the list that a handler holds goes on */
    return ev->err.code == EDGEFN_OK;
}

EDGEFN_API bool edgefn_form_next(edgefn_str *rest, edgefn_str *name, edgefn_str *value)
{
    while (rest->ptr != NULL) {
        edgefn_cut piece = edgefn_str_cut(*rest, EDGEFN_S("&"));
        edgefn_cut pair = edgefn_str_cut(piece.head, EDGEFN_S("="));
        *rest = piece.tail;
        if (piece.head.len == 0) continue;
        *name = pair.head;
        *value = pair.found ? pair.tail : edgefn_str_skip(pair.head, pair.head.len);
        return true;
    }
    return false;
}

EDGEFN_API edgefn_str edgefn_percent_decode(edgefn_event *ev, edgefn_str s, bool plus_is_space)
{
    return edgefn__alike(ev, s, edgefn__absent(),
                         EDGEFN__DECODE | (plus_is_space ? EDGEFN__PLUS : 0));
}

EDGEFN_API edgefn_str edgefn_percent_encode(edgefn_event *ev, edgefn_str s, edgefn_str keep)
{
    return edgefn__alike(ev, s, keep, EDGEFN__RAW);
}

/* Builds a view of all cookie (or set-cookie) headers of a Lambda@Edge event. */
static edgefn_fields *edgefn__cookie_view(edgefn_event *ev, edgefn_fields *f,
                                          edgefn_fields *headers, edgefn_str header, bool request)
{
    if (ev->_self != ev || !(ev->_flags & EDGEFN__PARSED) || ev->dialect == EDGEFN_FUNCTIONS)
        return f;
    if ((f->_flags & EDGEFN__VIEWED) && !(headers->_flags & EDGEFN__COOKIE_TOUCHED)) return f;
    if ((f->_flags & EDGEFN__DIRTY) && !(f->_flags & EDGEFN__SYNCED)) {
        edgefn__fail(ev, EDGEFN_E_CONFLICT, edgefn__list_name(f), header);
        return f;
    }
    headers->_flags &= ~(uint32_t)EDGEFN__COOKIE_TOUCHED;
    edgefn__cookies_read(ev, f, headers, header, request);
    return f;
}

/* Makes the list of cookies from the headers of that name; an empty one, and ev->err, when memory
   ran out. */
static void edgefn__cookies_read(edgefn_event *ev, edgefn_fields *f, edgefn_fields *headers,
                                 edgefn_str header, bool request)
{
    uint32_t entry = 0;
    edgefn__view_reset(f, EDGEFN__VIEWED | EDGEFN__FROM_TEXT);
    for (size_t i = edgefn_find(headers, header, 0); i < headers->len;
         i = edgefn_find(headers, header, i + 1)) {
        entry++;
        edgefn_str all = headers->items[i].value;
        for (size_t from = 0, end; from <= all.len; from = request ? end + 1 : all.len + 1) {
            end = edgefn__find_byte(all.ptr, all.len, from, ';');
            edgefn_str piece = edgefn__trim(edgefn__str(all.ptr + from, end - from));
            if (request && piece.len == 0) continue;
            if (!edgefn__view_pair(ev, f, piece, entry, true)) {
                f->len = 0;
                return;
            }
            if (!request && end < all.len)
                ((edgefn_field *)(uintptr_t)f->items)[f->len - 1].attributes =
                    edgefn__trim(edgefn__str(all.ptr + end + 1, all.len - end - 1));
        }
    }
}

EDGEFN_API edgefn_fields *edgefn_cookies(edgefn_event *ev)
{
    return edgefn__cookie_view(ev, &ev->request._cookies, &ev->request.headers, EDGEFN_S("cookie"),
                               true);
}

EDGEFN_API edgefn_fields *edgefn_set_cookies(edgefn_event *ev)
{
    return edgefn__cookie_view(ev, &ev->response._cookies, &ev->response.headers,
                               EDGEFN_S("set-cookie"), false);
}

EDGEFN_API bool edgefn_cookie_attributes_set(edgefn_fields *set_cookies, size_t index,
                                             edgefn_str attributes)
{
    edgefn_fields *f = set_cookies;
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL) return false;
    if (index >= f->len || f->_kind != EDGEFN__RESPONSE_COOKIES)
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_cookie_attributes_set", edgefn__absent());
    if (edgefn_str_eq(f->items[index].attributes, attributes)) return true;
    if (attributes.ptr != NULL && !(ev->_flags & EDGEFN__BUILDING)
        && !edgefn__is_text(attributes, false, ""))
        return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, edgefn__list_name(f), f->items[index].name);
    edgefn_field *items = edgefn__writable(ev, f, 0);
    if (items == NULL) return false;
    items[index].attributes = attributes;
    edgefn__judge_field(f, &items[index]);
    return true;
}

/* True if browsers take a Domain attribute: labels of letters, digits, '_' and, inside, '-'; a '.'
   before them means nothing. */
static bool edgefn__cookie_domain_ok(edgefn_str domain)
{
    size_t dot = edgefn_str_starts(domain, EDGEFN_S(".")) ? 1 : 0;
    edgefn_cut c = { domain, edgefn_str_skip(domain, dot), true };
    while (c.found) {
        c = edgefn_str_cut(c.tail, EDGEFN_S("."));
        size_t n = c.head.len;
        if (n == 0 || c.head.ptr[0] == '-' || c.head.ptr[n - 1] == '-') return false;
        for (size_t i = 0; i < n; i++) {
            char byte = c.head.ptr[i];
            if (byte == '~' || !edgefn__kept(byte, edgefn__absent())) return false;
        }
    }
    return true;
}

/* Tells whether browsers would take a cookie of this name. */
static bool edgefn__cookie_ok(edgefn_str name, const edgefn_cookie_opts *opts, edgefn_str path)
{
    bool host = edgefn_str_ieq(edgefn_str_take(name, 7), EDGEFN_S("__Host-"));
    bool secure = edgefn_str_ieq(edgefn_str_take(name, 9), EDGEFN_S("__Secure-"));
    if (opts->insecure
        && (host || secure || opts->partitioned || opts->same_site == EDGEFN_SAME_SITE_NONE))
        return false;
    if (host && (opts->domain.ptr != NULL || path.len != 1)) return false;
    if (opts->domain.ptr != NULL && !edgefn__cookie_domain_ok(opts->domain)) return false;
    if (!edgefn_str_starts(path, EDGEFN_S("/")) || !edgefn__all(path, EDGEFN__C_PLAIN)
        || !edgefn__is_text(path, false, ";"))
        return false;
    return path.len <= 1024 && opts->domain.len <= 1024 && opts->max_age_s <= 400 * 86400
           && (unsigned)opts->same_site <= EDGEFN_SAME_SITE_NONE;
}

static bool edgefn__cookie_put(edgefn_event *ev, edgefn_str name, edgefn_str value,
                               const edgefn_cookie_opts *opts, edgefn_str expires,
                               const char *where)
{
    static const edgefn_str same_site[] = { EDGEFN_S_INIT("; SameSite=Lax"),
                                            EDGEFN_S_INIT("; SameSite=Strict"),
                                            EDGEFN_S_INIT("; SameSite=None") };
    edgefn_cookie_opts none;
    if (opts == NULL) opts = (const edgefn_cookie_opts *)edgefn__zeroed(&none, sizeof none);
    edgefn_fields *f = edgefn_set_cookies(ev);
    edgefn_str path = opts->path.ptr != NULL ? opts->path : EDGEFN_S("/");
    if (value.ptr == NULL) return edgefn_set(f, name, value);
    if (!edgefn__cookie_ok(name, opts, path))
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, where, name);
    if (!edgefn__all(value, EDGEFN__C_PLAIN) || !edgefn__is_text(value, false, " ,;")
        || name.len > 4096 || value.len > 4096 - name.len)
        return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, where, name);
    bool aged = expires.ptr == NULL && opts->max_age_s != 0;
    const edgefn_str no = edgefn__absent();
    const edgefn_str parts[] = { EDGEFN_S("Path="),
                                 path,
                                 opts->domain.ptr != NULL ? EDGEFN_S("; Domain=") : no,
                                 opts->domain,
                                 aged ? EDGEFN_S("; Max-Age=") : expires,
                                 aged ? edgefn_str_from_u64(ev, opts->max_age_s) : no,
                                 opts->insecure ? no : EDGEFN_S("; Secure"),
                                 opts->script_readable ? no : EDGEFN_S("; HttpOnly"),
                                 same_site[opts->same_site],
                                 opts->partitioned ? EDGEFN_S("; Partitioned") : no };
    edgefn_str attributes = edgefn_str_join(ev, parts, EDGEFN__COUNT(parts));
    return edgefn_set(f, name, value)
           && edgefn_cookie_attributes_set(f, edgefn_find(f, name, 0), attributes);
}

EDGEFN_API bool edgefn_cookie_set(edgefn_event *ev, edgefn_str name, edgefn_str value,
                                  const edgefn_cookie_opts *opts)
{
    return edgefn__cookie_put(ev, name, value, opts, edgefn__absent(), "edgefn_cookie_set");
}

EDGEFN_API bool edgefn_cookie_expire(edgefn_event *ev, edgefn_str name,
                                     const edgefn_cookie_opts *opts)
{
    return edgefn__cookie_put(ev, name, EDGEFN_S(""), opts,
                              EDGEFN_S("; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
                              "edgefn_cookie_expire");
}

EDGEFN_API edgefn_str edgefn_cookie_attribute(edgefn_str attributes, edgefn_str name)
{
    edgefn_str found = edgefn__absent();
    while (attributes.len > 0) {
        edgefn_cut a = edgefn_str_cut(attributes, EDGEFN_S(";"));
        edgefn_cut c = edgefn_str_cut(a.head, EDGEFN_S("="));
        edgefn_str value = c.found ? edgefn_str_trim(c.tail) : edgefn_str_take(a.head, 0);
        if (edgefn_str_ieq(edgefn_str_trim(c.head), name) && value.len <= 1024) found = value;
        attributes = a.tail;
    }
    return found;
}

/* Makes the header value of cookies [from, to): all of a cookie header, or one Set-Cookie. */
static edgefn_str edgefn__cookie_text(edgefn_event *ev, const edgefn_fields *f, size_t from,
                                      size_t to)
{
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    const edgefn_field *it = &f->items[from];
    if (f->_kind == EDGEFN__RESPONSE_COOKIES && it->attributes.ptr != NULL
        && it->change == EDGEFN_KEPT) {
        edgefn__put(&t, it->name.ptr,
                    (size_t)(it->attributes.ptr + it->attributes.len - it->name.ptr));
        return edgefn__text_end(ev, &t);
    }
    edgefn__put_pairs(&t, f, from, to, "; ", 2);
    if (f->_kind == EDGEFN__RESPONSE_COOKIES && it->attributes.ptr != NULL) {
        EDGEFN__PUT(&t, "; ");
        edgefn__put(&t, it->attributes.ptr, it->attributes.len);
    }
    return edgefn__text_end(ev, &t);
}

/* Tells each cookie its header entry, counted from 1; 0: it needs a new one. New request cookies go
   into the last entry, all of a sorted list into the first; a response cookie has an entry of its
   own. */
static void edgefn__cookie_places(edgefn_fields *f, uint32_t entries)
{
    edgefn_field *items = (edgefn_field *)(uintptr_t)f->items;
    bool request = f->_kind == EDGEFN__REQUEST_COOKIES;
    bool sorted = (f->_flags & EDGEFN__REORDERED) != 0;
    for (size_t i = 0; i < f->len; i++) {
        if (sorted)
            items[i]._group = request && entries != 0 ? 1 : 0;
        else if (request && items[i]._group == 0)
            items[i]._group = entries;
    }
}

/* A cookie header of the event while a view is written back. */
typedef struct edgefn__entry_place {
    size_t at;
    uint32_t received;
} edgefn__entry_place;

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

/* Tells whether a Cookie header holds no cookie. */
static bool edgefn__cookieless(edgefn_str s)
{
    while (s.len > 0
           && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t' || s.ptr[s.len - 1] == ';'))
        s.len--;
    return s.len == 0;
}

/* Gives each entry that lost or changed a cookie its new value; one that lost all of them is marked
   as removed, or is again as empty as it came. The cookies of an entry stand side by side, those
   without an entry at the end. */
static bool edgefn__cookies_into_entries(edgefn_event *ev, edgefn_fields *f, edgefn_fields *headers,
                                         edgefn__entry_place *place, uint32_t entries)
{
    size_t to = f->len;
    size_t from;
    edgefn_field *items = edgefn__writable(ev, headers, 0);
    if (items == NULL) return false;
    while (to > 0 && f->items[to - 1]._group == 0)
        to--;
    for (uint32_t entry = entries; entry > 0; entry--, to = from) {
        edgefn_field *header = &items[place[entry].at];
        const edgefn_field *was = edgefn__received_of(headers, header);
        size_t used = ev->arena.used;
        from = to;
        while (from > 0 && f->items[from - 1]._group == entry)
            from--;
        if (from == to) {
            bool request = f->_kind == EDGEFN__REQUEST_COOKIES;
            if (request && edgefn__cookieless(header->value)) continue;
            if (request && was != NULL && edgefn__cookieless(was->value))
                header->value = was->value, edgefn__judge_field(headers, header);
            else
                header->change = EDGEFN_REMOVED;
            continue;
        }
        bool kept = was != NULL && edgefn__cookies_kept(f, from, to, place[entry].received);
        uintptr_t at = (uintptr_t)f->items[from].value.ptr;
        uintptr_t text_at = kept ? (uintptr_t)was->value.ptr : 0;
        kept =
            kept && at >= text_at
            && at - text_at
                   <= was->value
                          /* and the list was read from what was received, not from an edit of it */
                          .len;
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

/* Copies headers before cookies are written back into them: edgefn__unsync() needs them as they
   were. */
static edgefn_fields *edgefn__sync_begin(edgefn_event *ev, edgefn_fields *headers)
{
    edgefn_fields *was = (edgefn_fields *)edgefn__take(ev, 1, sizeof *was, 8);
    if (was == NULL) return NULL;
    *was = *headers;
    if (headers->items != headers->_received && headers->len != 0
        && edgefn__items_copied(ev, headers, 1) == NULL)
        return NULL;
    if (headers->len == 0) headers->_cap = 0; /* an array of its own for what is added */
    headers->_removed_cap = (uint32_t)headers->removed_len;
    if (headers->removed_len != 0 && !edgefn__removed_room(ev, headers, 1)) return NULL;
    return was;
}

/* Writes a changed cookie view back into the headers. The view itself stays as it is: its entries
   are those of the headers before. */
static bool edgefn__sync_cookies(edgefn_event *ev, edgefn_fields *f, edgefn_fields *headers,
                                 edgefn_str header)
{
    if (ev->dialect == EDGEFN_FUNCTIONS || !(f->_flags & EDGEFN__DIRTY)
        || (f->_flags & EDGEFN__SYNCED))
        return true;
    if (headers->_flags & EDGEFN__COOKIE_TOUCHED)
        return edgefn__fail(ev, EDGEFN_E_CONFLICT, edgefn__list_name(f), header);
    edgefn_fields *was = edgefn__sync_begin(ev, headers);
    uint32_t entries = (uint32_t)edgefn_count(headers, header);
    uint32_t entry = 0;
    edgefn__entry_place *place =
        (edgefn__entry_place *)edgefn__take(ev, (size_t)entries + 1, sizeof *place, 8);
    if (was == NULL || place == NULL) return false;
    edgefn__memset(place, 0, ((size_t)entries + 1) * sizeof *place);
    for (size_t i = edgefn_find(headers, header, 0); i < headers->len;
         i = edgefn_find(headers, header, i + 1))
        place[++entry].at = i;
    for (size_t i = 0; i < f->_received_len; i++)
        place[f->_received[i]._group].received++;
    edgefn__cookie_places(f, entries);
    if (!edgefn__cookies_into_entries(ev, f, headers, place, entries)) return false;
    edgefn__remove_where(headers, 0, edgefn__pick_emptied, NULL);
    for (size_t i = 0, end; i < f->len; i = end) {
        end = i + 1;
        if (f->items[i]._group != 0) continue;
        if (f->_kind == EDGEFN__REQUEST_COOKIES) end = f->len;
        edgefn_str text = edgefn__cookie_text(ev, f, i, end);
        edgefn_str spelling =
            f->_kind == EDGEFN__REQUEST_COOKIES ? EDGEFN_S("Cookie") : EDGEFN_S("Set-Cookie");
        if (text.ptr == NULL
            || !edgefn__insert(ev, headers, spelling, edgefn__tag(spelling), text, false))
            return false;
    }
    headers->_flags &= ~(uint32_t)EDGEFN__COOKIE_TOUCHED;
    f->_flags |= EDGEFN__SYNCED;
    if (!(ev->_flags & EDGEFN__BUILDING)) {
        ev->_unsynced[edgefn__side(f)] = was;
        ev->_flags |= EDGEFN__WRITTEN_BACK;
    }
    return ev->err.code == EDGEFN_OK;
}

/*=== >>uri ======================================================================================*/

static bool edgefn__uri_ok(edgefn_str uri)
{
    return uri.len > 0 && uri.ptr[0] == '/' && edgefn__is_text(uri, false, "?# ");
}

EDGEFN_API bool edgefn_uri_set(edgefn_event *ev, edgefn_str uri)
{
    if (edgefn__editable(&ev->request.headers) == NULL) return false;
    if (!edgefn__uri_ok(uri)) return edgefn__fail(ev, EDGEFN_E_URI, "edgefn_uri_set", uri);
    ev->request.uri = uri;
    return true;
}

EDGEFN_API edgefn_path edgefn_path_split(edgefn_str path)
{
    size_t i = path.len;
    while (i > 0 && path.ptr[i - 1] != '/')
        i--;
    edgefn_path p = {
        edgefn_str_take(path, i), edgefn_str_skip(path, i), edgefn_str_skip(path, i), { NULL, 0 }
    };
    for (i = p.base.len; i > 1 && p.base.ptr[i - 1] != '.'; i--) {
    }
    if (i > 1) p.stem.len = i - 1, p.ext = edgefn_str_skip(p.base, i);
    return p;
}

EDGEFN_API edgefn_str edgefn_path_segment(edgefn_str path, size_t index)
{
    edgefn_cut c = edgefn_str_cut(
        edgefn_str_skip(path, edgefn_str_starts(path, EDGEFN_S("/")) ? 1 : 0), EDGEFN_S("/"));
    for (; index > 0 && c.head.ptr != NULL; index--)
        c = edgefn_str_cut(c.tail, EDGEFN_S("/"));
    return c.head;
}

static bool edgefn__host_ok(edgefn_str host)
{
    if (edgefn_str_starts(host,
                          EDGEFN_S("["))) { /* an IPv6 address in brackets, maybe with a port */
        edgefn_cut c = edgefn_str_cut(edgefn_str_skip(host, 1), EDGEFN_S("]"));
        edgefn_ip ip = edgefn_ip_parse(c.head);
        return c.found && ip.ok
               && (c.tail.len == 0
                   || (c.tail.len > 1 && c.tail.ptr[0] == ':'
                       && edgefn__all(edgefn_str_skip(c.tail, 1), EDGEFN__C_DIGIT)));
    }
    edgefn_cut port = edgefn_str_cut(host, EDGEFN_S(":"));
    for (size_t i = 0; i < port.head.len; i++) {
        char c = port.head.ptr[i];
        if (c == '~' || !edgefn__kept(c, edgefn__absent())) return false;
        /* an empty label; a '.' at the end makes none */
        if (c == '.' && (i == 0 || port.head.ptr[i - 1] == '.')) return false;
    }
    return port.head.len > 0
           && (!port.found || (port.tail.len != 0 && edgefn__all(port.tail, EDGEFN__C_DIGIT)));
}

EDGEFN_API edgefn_url_parts edgefn_url_split(edgefn_str url)
{
    edgefn_cut hash = edgefn_str_cut(url, EDGEFN_S("#"));
    edgefn_cut mark = edgefn_str_cut(hash.head, EDGEFN_S("?"));
    edgefn_cut colon = edgefn_str_cut(mark.head, EDGEFN_S(":"));
    edgefn_url_parts u = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 },
                           mark.head,   mark.tail,   hash.tail,   url.ptr != NULL };
    for (size_t i = 0; i < url.len; i++)
        u.ok = u.ok && url.ptr[i] > ' ' && url.ptr[i] < 0x7f && url.ptr[i] != '\\';
    bool scheme = colon.found && colon.head.len != 0 && edgefn__lower(colon.head.ptr[0]) >= 'a'
                  && edgefn__lower(colon.head.ptr[0]) <= 'z';
    for (size_t i = 0; scheme && i < colon.head.len; i++) {
        char c = colon.head.ptr[i];
        scheme = edgefn__kept(c, EDGEFN_S("+")) && c != '_' && c != '~';
    }
    if (scheme) {
        u.scheme = colon.head;
        u.path = colon.tail;
    }
    if (!edgefn_str_starts(u.path, EDGEFN_S("//"))) return u;
    edgefn_str host = edgefn_str_cut(edgefn_str_skip(u.path, 2), EDGEFN_S("/")).head;
    u.path = edgefn_str_skip(u.path, 2 + host.len);
    size_t at = host.len;
    while (at > 0 && host.ptr[at - 1] != '@')
        at--;
    if (at > 0) u.userinfo = edgefn_str_take(host, at - 1);
    host = edgefn_str_skip(host, at);
    at = edgefn_str_starts(host, EDGEFN_S("[")) ? edgefn_str_find(host, EDGEFN_S("]")) : 0;
    at += edgefn_str_find(edgefn_str_skip(host, at), EDGEFN_S(":"));
    u.host = edgefn_str_take(host, at);
    if (at < host.len) u.port = edgefn_str_skip(host, at + 1);
    edgefn_number port = edgefn_str_to_u64(u.port);
    u.ok =
        u.ok && edgefn__host_ok(u.host) && (u.port.ptr == NULL || (port.ok && port.value < 65536));
    return u;
}

/* Makes a URL with what no URL may hold encoded; what is encoded already stays as it is. */
static edgefn_str edgefn__absolute(edgefn_event *ev, edgefn_str scheme, edgefn_str host,
                                   edgefn_str path, bool whole, edgefn_str query)
{
    path = edgefn__alike(ev, path,
                         whole ? EDGEFN_S("!$&'()*+,;=:@/[]%?#") : EDGEFN_S("!$&'()*+,;=:@/[]%"),
                         EDGEFN__RAW);
    query = edgefn__alike(ev, query, EDGEFN_S("!$&'()*+,;=:@/[]%?"), EDGEFN__RAW);
    const edgefn_str parts[] = {
        scheme, EDGEFN_S("://"), host, path, query.len != 0 ? EDGEFN_S("?") : EDGEFN_S(""), query
    };
    return ev->err.code == EDGEFN_OK ? edgefn_str_join(ev, parts, 6) : edgefn__absent();
}

EDGEFN_API edgefn_str edgefn_url(edgefn_event *ev)
{
    edgefn_str host = edgefn_get(&ev->request.headers, EDGEFN_S("host"));
    edgefn_str proto = edgefn_get(&ev->request.headers, EDGEFN_S("cloudfront-forwarded-proto"));
    if (!edgefn__host_ok(host) || !edgefn_str_starts(ev->request.uri, EDGEFN_S("/")))
        return edgefn__absent();
    return edgefn__absolute(ev, EDGEFN__IS(proto, "http") ? proto : EDGEFN_S("https"), host,
                            ev->request.uri, false, edgefn_query_text(ev));
}

static bool edgefn__uri_become(edgefn_event *ev, edgefn_str uri)
{
    if (edgefn__editable(&ev->request.headers) == NULL) return false;
    return (uri.ptr != NULL && edgefn_str_eq(uri, ev->request.uri)) || edgefn_uri_set(ev, uri);
}

EDGEFN_API bool edgefn_uri_normalize(edgefn_event *ev)
{
    if (!edgefn_str_starts(ev->request.uri, EDGEFN_S("/")))
        return edgefn_uri_set(ev, ev->request.uri); /* refuses it */
    return edgefn__uri_become(
        ev, edgefn__alike(ev, ev->request.uri, EDGEFN_S("/!$&'()*+,;=:@"), EDGEFN__PATH));
}

enum {
    EDGEFN__PATH_MAX = 8192,
    EDGEFN__READ_EACH = 1,
    EDGEFN__READ_ALL = 2,
    EDGEFN__READ_LATE = 4,
    EDGEFN__READ_BACKSLASH = 8,
    EDGEFN__READ_CUT = 16
};

/* Decodes a path as some server might: unreserved characters, everything once (EACH), that but %2F
   (both), or all as long as something is encoded (ALL); `to` may be the path itself. `odd`: another
   server may decode it otherwise; not set with EACH. */
static edgefn_str edgefn__path_decode(char *to, edgefn_str uri, unsigned how, bool *odd)
{
    size_t n = 0;
    for (size_t i = 0; i < uri.len; i++) {
        int byte = uri.ptr[i] == '%' && (how & EDGEFN__READ_EACH) ? edgefn__percent(uri, i) : -1;
        if (byte == '/' && (how & EDGEFN__READ_ALL)) byte = -1;
        to[n++] = byte >= 0 ? (char)byte : uri.ptr[i];
        if (byte >= 0) i += 2;
        bool simple = true; /* what is decoded here is %XX as it came */
        while (!(how & EDGEFN__READ_EACH) && n > 2 && to[n - 3] == '%') {
            int v = edgefn__percent(edgefn__str(to, n), n - 3);
            if (v < 0 || !((how & EDGEFN__READ_ALL) || edgefn__kept((char)v, EDGEFN_S("")))) break;
            *odd = *odd || !simple || edgefn__percent(uri, i - 2) < 0 || v == '/' || v == '%';
            n -= 2;
            to[n - 1] = (char)v;
            simple = false;
        }
    }
    return edgefn__str(to, n);
}

/* Reads a decoded path as some server might: a backslash is '/', ';' and what follows in its
   segment is cut, or they mean nothing; runs of '/' are joined before or after (LATE) dot segments
   are resolved. `to` may be the path itself. `odd`: another server may read it otherwise.
   `double_slash`: whether LATE makes a difference. */
static edgefn_str edgefn__path_read(char *to, edgefn_str path, unsigned how, bool *odd,
                                    bool *double_slash)
{
    size_t m = 0;
    bool cut = false;
    *double_slash = false;
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i] == '\\' && (how & EDGEFN__READ_BACKSLASH) ? '/' : path.ptr[i];
        bool control = (unsigned char)c < 0x20 || c == 0x7f;
        *odd = *odd || c != path.ptr[i] || c == '%' || c == ';' || control;
        cut = c != '/' && (cut || (c == ';' && (how & EDGEFN__READ_CUT)));
        if (cut) continue;
        *double_slash = *double_slash || (c == '/' && m > 0 && to[m - 1] == '/');
        to[m++] = c;
    }
    size_t late = how & EDGEFN__READ_LATE ? edgefn__resolve(to, m, false) : m;
    size_t n = edgefn__resolve(to, late, true);
    *odd = *odd || m != n;
    return edgefn__str(to, n);
}

/* Compares a path and a pattern, in which the '/' at the beginning may be left out. */
static bool edgefn__path_fits(edgefn_str path, edgefn_str pattern)
{
    size_t slash = pattern.ptr[0] != '/' && edgefn_str_starts(path, EDGEFN_S("/")) ? 1 : 0;
    return edgefn__glob(edgefn_str_skip(path, slash), pattern);
}

/* True if one reading of a path fits. Each way to decode is done once, and a way to read only where
   it makes a difference. */
static bool edgefn__path_any(edgefn_str uri, edgefn_str pattern)
{
    char decoded[EDGEFN__PATH_MAX], text[EDGEFN__PATH_MAX];
    bool odd = false;
    bool twice = false;
    unsigned ways = edgefn__find_byte(uri.ptr, uri.len, 0, '%') < uri.len ? 4 : 1;
    for (unsigned decode = 0; decode < ways; decode++) {
        edgefn_str path = edgefn__path_decode(decoded, uri, decode, &odd);
        unsigned none = 0;
        size_t end = path.len;
        if (edgefn__find_byte(path.ptr, end, 0, '\\') == end) none |= EDGEFN__READ_BACKSLASH;
        if (edgefn__find_byte(path.ptr, end, 0, ';') == end) none |= EDGEFN__READ_CUT;
        for (unsigned how = 0; how < 32; how += EDGEFN__READ_LATE) { /* LATE comes after its twin */
            if ((how & none) != 0 || ((how & EDGEFN__READ_LATE) && !twice)) continue;
            edgefn_str reading = edgefn__path_read(text, path, how, &odd, &twice);
            if (edgefn__path_fits(reading, pattern)) return true;
        }
    }
    return false;
}

EDGEFN_API bool edgefn_uri_match(edgefn_str uri, edgefn_str pattern)
{
    char text[EDGEFN__PATH_MAX];
    bool odd = false;
    bool twice;
    if (uri.len == 0 || pattern.len == 0) return false;
    if (uri.len > sizeof text) return true;
    edgefn_str path = edgefn__path_decode(text, uri, 0, &odd); /* as edgefn_uri_normalize() */
    path = edgefn__path_read(text, path, EDGEFN__READ_BACKSLASH, &odd, &twice);
    if (edgefn__path_fits(path, pattern)) return true;
    if (!odd) return false;
    if (edgefn__path_any(uri, pattern)) return true;
    return !edgefn_str_eq(path, uri) && edgefn__path_any(path, pattern);
}

EDGEFN_API bool edgefn_uri_plain(edgefn_str uri)
{
    char text[EDGEFN__PATH_MAX];
    bool odd = edgefn__find_byte(uri.ptr, uri.len, 0, '+') < uri.len;
    bool twice;
    if (uri.len > sizeof text || !edgefn_str_starts(uri, EDGEFN_S("/"))) return false;
    edgefn_str path = edgefn__path_decode(text, uri, EDGEFN__READ_ALL, &odd);
    edgefn__path_read(text, path, EDGEFN__READ_BACKSLASH | EDGEFN__READ_CUT, &odd, &twice);
    return !odd;
}

static edgefn_str edgefn__no_slash_behind(edgefn_str s)
{
    while (s.len > 0 && s.ptr[s.len - 1] == '/')
        s.len--;
    return s;
}

EDGEFN_API bool edgefn_uri_replace_prefix(edgefn_event *ev, edgefn_str from, edgefn_str to)
{
    edgefn_str uri = ev->request.uri;
    from = edgefn__no_slash_behind(from);
    size_t slash = from.len != 0 && from.ptr[0] != '/' && edgefn_str_starts(uri, EDGEFN_S("/"))
                       ? 1
                       : 0; /* "v1" is "/v1" */
    bool bare = to.len != 0 && to.ptr[0] != '/'
                && edgefn_url_split(to).scheme.ptr == NULL; /* a URL is refused */
    const edgefn_str parts[] = { bare ? EDGEFN_S("/") : EDGEFN_S(""), edgefn__no_slash_behind(to),
                                 edgefn_str_skip(uri, slash + from.len) };
    if (!edgefn_str_starts(edgefn_str_skip(uri, slash), from)
        || (parts[2].len != 0 && parts[2].ptr[0] != '/'))
        return edgefn__uri_become(ev, uri);
    return edgefn__uri_become(ev, parts[1].len + parts[2].len == 0 ? EDGEFN_S("/")
                                                                   : edgefn_str_join(ev, parts, 3));
}

EDGEFN_API bool edgefn_uri_add_index(edgefn_event *ev, edgefn_str index)
{
    edgefn_path p = edgefn_path_split(ev->request.uri);
    if (index.ptr == NULL) index = EDGEFN_S("index.html");
    if (p.ext.ptr != NULL) return edgefn__uri_become(ev, ev->request.uri);
    const edgefn_str parts[] = { ev->request.uri, p.base.len != 0 ? EDGEFN_S("/") : EDGEFN_S(""),
                                 index };
    return edgefn__uri_become(ev, edgefn_str_join(ev, parts, 3));
}

EDGEFN_API bool edgefn_uri_drop_slash(edgefn_event *ev)
{
    edgefn_str uri = edgefn__no_slash_behind(ev->request.uri);
    if (uri.ptr == NULL) return edgefn_uri_set(ev, uri); /* refuses it */
    return edgefn__uri_become(ev, uri.len != 0 ? uri : EDGEFN_S("/"));
}

EDGEFN_API bool edgefn_uri_encode_s3(edgefn_event *ev)
{
    return edgefn__uri_become(ev, edgefn__alike(ev, ev->request.uri, EDGEFN_S("/"), 0));
}

/*=== >>ua =======================================================================================*/

/* What a word of a user agent is evidence of. BRAND: a phone unless it runs Android. ATAB, ATV: a
   tablet or TV if it runs Android; such words are short.
   SYSTEM: of the operating system alone, which tools name too. LAPTOP: a desktop, but a tablet if
   it runs Android. */
/* clang-format off */
enum {
    EDGEFN__U_SYSTEM, EDGEFN__U_KNOWN, EDGEFN__U_ENGINE, EDGEFN__U_MOBILE, EDGEFN__U_MWORD,
    EDGEFN__U_BRAND, EDGEFN__U_TABLET, EDGEFN__U_ATAB, EDGEFN__U_TV,
    EDGEFN__U_ATV, EDGEFN__U_PC, EDGEFN__U_DARWIN, EDGEFN__U_X86, EDGEFN__U_VERSION,
    EDGEFN__U_DROID, EDGEFN__U_LAPTOP,
    EDGEFN__U_BOT = 1 << 13, EDGEFN__U_WEAK = 1 << 14,
    /* a bot of no kind: words that are read in their place */
    EDGEFN__U_MOZILLA = EDGEFN__U_BOT | EDGEFN__U_WEAK, EDGEFN__U_COMPATIBLE = EDGEFN__U_MOZILLA | 1
};
/* clang-format on */

/* By the letter before a word. Bits 0 to 3: the evidence; 4 to 7: the operating system; 8 to 12:
   the browser, or with BOT the kind of bot. A WEAK word makes a bot where it is the first, or where
   nothing tells a browser or device. */
#    define EDGEFN__UE(evidence)     EDGEFN__U_##evidence
#    define EDGEFN__UO(evidence, os) EDGEFN__U_##evidence | EDGEFN_OS_##os << 4
#    define EDGEFN__UW(browser)      EDGEFN__U_KNOWN | EDGEFN_BROWSER_##browser << 8
#    define EDGEFN__UB(kind)         EDGEFN__U_BOT | EDGEFN_BOT_##kind << 8
/* clang-format off */
static const uint16_t edgefn__ua_means['z' - '0' + 1] = {
    /* 0 */ 0, EDGEFN__UB(SEARCH), EDGEFN__UB(PREVIEW), EDGEFN__UB(MONITOR), EDGEFN__UB(AI),
            EDGEFN__UB(TOOL), EDGEFN__UB(OTHER),
    /* 7 */ EDGEFN__UB(PREVIEW) | EDGEFN__U_WEAK, EDGEFN__UB(TOOL) | EDGEFN__U_WEAK,
            EDGEFN__UB(OTHER) | EDGEFN__U_WEAK, EDGEFN__UB(AI) | EDGEFN__U_WEAK,
    /* ; */ EDGEFN__UE(LAPTOP), EDGEFN__UO(MOBILE, ANDROID), EDGEFN__UO(DROID, ANDROID),
            EDGEFN__U_MOZILLA, EDGEFN__U_COMPATIBLE, 0,
    /* A */ 0, EDGEFN__UE(BRAND), EDGEFN__UO(KNOWN, CHROMEOS), EDGEFN__UE(PC), EDGEFN__UE(ENGINE),
            EDGEFN__UO(TV, ANDROID),
    /* G */ EDGEFN__UO(TABLET, ANDROID) | EDGEFN_BROWSER_SILK << 8, EDGEFN__UW(HUAWEI),
            EDGEFN__UW(MIUI), 0, EDGEFN__UE(KNOWN), EDGEFN__UO(SYSTEM, LINUX),
    /* M */ EDGEFN__UE(MOBILE), EDGEFN__UO(SYSTEM, WINDOWS), EDGEFN__UO(SYSTEM, MACOS),
            EDGEFN__UO(KNOWN, PLAYSTATION), EDGEFN__UW(QQ), EDGEFN__UW(BRAVE),
    /* S */ EDGEFN__UW(SAFARI), 0, EDGEFN__UW(UC), EDGEFN__UW(VIVALDI), EDGEFN__UE(VERSION),
            EDGEFN__UE(X86), EDGEFN__UW(YANDEX), EDGEFN__UO(KNOWN, TIZEN),
    /* [ */ 0, 0, 0, 0, 0, 0, EDGEFN__UO(KNOWN, ANDROID), EDGEFN__UO(MOBILE, BLACKBERRY),
            EDGEFN__UW(CHROME), EDGEFN__UE(DARWIN), EDGEFN__UW(IE),
    /* f */ EDGEFN__UO(TABLET, ANDROID), EDGEFN__UW(EDGE), EDGEFN__UW(WHALE),
            EDGEFN__UO(MOBILE, IOS), EDGEFN__UO(TABLET, IOS), EDGEFN__UO(MOBILE, KAIOS),
    /* l */ EDGEFN__UO(TV, WEBOS), EDGEFN__UE(MWORD),
            EDGEFN__UE(MOBILE) | EDGEFN_BROWSER_OPERA_MINI << 8, EDGEFN__UW(OPERA),
            EDGEFN__UO(TABLET, BLACKBERRY),
    /* q */ EDGEFN__UW(DUCKDUCKGO), EDGEFN__UO(TV, ROKU), EDGEFN__UO(MOBILE, SYMBIAN),
            EDGEFN__UE(TABLET), EDGEFN__UE(ATAB), EDGEFN__UE(TV),
    /* w */ EDGEFN__UO(MOBILE, WINDOWS_PHONE), EDGEFN__UW(FIREFOX), EDGEFN__UE(ATV),
            EDGEFN__UW(SAMSUNG)
};
/* clang-format on */

/* How words begin, behind their letter of that table, sorted, in lower case; '$' is where a word
   ends. Then how words end, backwards, sorted too. Then where the words of each letter begin. */
/* clang-format off */
static const char edgefn__ua_words[][12] = {
    "ya95", "aadr$", "vadt-", "Faft", "4ai2bot", "8aiohttp", "Balcatel-", "ualfa_", "8amazon c",
    "Gamazon sil", "3amazon-rou", "4amazonbot", "Kamiga",
    "Bamoi", "4amzn-", "=andr0id", "=android", "9anonymous", "4anthropic", "uap-", "8apache",
    "tapad", "1applebot", "4applebot-e", "vappletv",
    "Eapplewebki", "6archive", "uarchos", "yas5", "yas_4k", ";aspire", "yatom-", "vatv", "8aws-",
    "8axios", "9azure", "ub1-", "ubah", "1baiduspid", "bbb10",
    "ybeelink", "Kbeos", "1bingbot", "2bingprevi", "Bbird.", "bblackberry", "9blackbox", "Kbonecho",
    "9bot", "ybox", "ubq-7", "Rbrave", "vbravia",
    "vbrightsign", "Absalsa.com", "Abuild", "5burpcolla", "4bytespider", "Acamscanner",
    "3catchpoint", "4ccbot", "ucci", "vce-html", "Kcharon",
    "4chatgpt-b", "4chatgpt-u", "3check_http", "3checkly", "cchrome", "Cchrome os", "3chrome-lig",
    "Dchromebook", "vchromecast", "cchromium", "Cchromium o",
    "9clamav", "4claude-", "4claudebot", "6cloudflare", "4cohere-", "6collapsify", "?compatible",
    "6convertify", "Mcoolpad", "icpu os", "6crawl", "ccrios",
    "vcrkey", "Ccros$", "yct-", "Acubot", "8curl", "6cursor/", "5cypress", "3dareboost", "8dart",
    "ddarwin", "3datadog", "6datanyze", "6daum/", "Kdaumapps",
    "6daumoa", "qddg/", "9ddg_", "4deepseek", "6dejaclick", "8deno$", ":devin$", "4diffbot",
    "Edillo", "2discordbot", "9discourse", "vdlnadoc", "ydm-",
    "6dmbrowser", "8docker/", "Mdocomo", "4duckassist", "1duckduckb", "9duckduckgo", "6duplexweb",
    "Mdv$", "gedg/", "gedga", "gedge/", "gedgios",
    "3elb-health", "Kelinks", ";elitebook", "2embedly", "4facebookbo", "2facebookca", "2facebookex",
    "8faraday", "<fb4a", "Kfban", "ifbios", "9feed",
    "6fetch", "4firecrawl", "xfirefox", "6firephp", "uflyer", "Bfoma", "6foregenix", "yformuler",
    "Lfreebsd", "Afrom: http", "6functioniz", "xfxios",
    "Egecko", "4gemini-dee", "uginzzu", "8go-http", "Kgoggal", "6google fa", "3google pag",
    "6google se", "6google we", "6google-", "4google-clo",
    "4google-ext", "4google-not", "9google/", "6google_par", "6googlead", "4googleagen",
    "Kgoogleapp", "1googlebot", "3googlehc", "6googlemess",
    "6googleothe", "6googlewebl", "4gptbot", "8gradle/", "Bgt-", "tgt-p", "ygtking", "3gtmetrix",
    "8guzzle", "yh-", "yh96$", "vhbbtv", "5headless",
    "3hetrixtool", "yhk1", "6hotjar", "Khotjava", "Bhtc", "6http:/", "8httpie", "6https:/",
    "5httrack", "Bhuawei", "Hhuaweibro", "4huggingfac", "yiconbit",
    "wiemobile", "2iframely", "9igetter", "Ximac", "4imagesift", "4img2datase", "8insomnia",
    ";inspiron", "yinvin", "dios$", "jipad", "iiph1", "iiphone",
    "6iplabel", "uiplay", "iipod", "8jakarta", "8java", "Mjig", "kkaios", "fkfa", "fkfo", "fkft",
    "Ekhtml", "ukid", ":kimi$", "4kimibot", "fkindle", "ukob",
    "3kube-probe", "8kubectl/", "vlarge scr", ";latitude", "Blenovo-", "Aletv", "Blg", "8libwww",
    ";lifebook", "Alike", "2linkedinbo", "6linktiger",
    "Llinux", "wlumia", "8lwp", "Elynx", "um7-", "ym8s", "Omac os", "Omac_power", "Xmacbook",
    "Omacintosh", "Omacos", "Mmaemo", "6manus-", "4manus-user",
    "6marketgoo", "8masscan", "umc_", "8mechanize", "ymecool", "6mediapartn", "4meta-exter", "umf",
    "vmibox", "umid-", "umid0", "umid1", "umid7", "umid8",
    "umid9", "Kmidori", "Mmidp", "4mistralai", "umito t", "vmitv", "Imiuibrowse", "6mixnode",
    "mmobile", "1mojeek", "umon-", "Bmot-", "Mmoto ", "Mmoto$",
    "Bmotorola", "Kmozac", ">mozilla", "Qmqqbrowser", "Kms-office", "emsie", "ymxq", "3nagios",
    "Encsa_", "yneo-", "vnetcast", "Mnetfront", "3newrelic",
    "9newsblur", "ynexon", "tnexus 10", "tnexus 7", "tnexus 9", "vnexus pl", "vnintendo",
    "Mnintendo 3", "Mnintendo d", "8nmap", "8node", "Bnokia",
    "unomi_c", "tnook", "unum", "5nutch", "4oai-", "8okhttp", "4omgili", "Komniweb", "6onetrust",
    "Lopenbsd", "6openvas", "oopera", "nopera mini",
    "nopera mob", "noperamini", "Aoperator", "oopios", "oopr/", "uoptima", "yozonehd", "upad",
    "Mpadfone", "6pageburst", "Mpalm", "4pangubot", "Bpantech",
    "ypendoo", "8perl", "4perplexity", "1petalbot", "5phantomjs", "Bphilips", "Mphone$", "8php",
    "3pingdom", "Kpinterest/", "2pinterestb", "8pip/",
    "tpixel c$", "tpixel tab", "upixus", "uplane", "pplaybook", "Pplaystatio", "5playwright",
    "upmt", "tpocketbook", "ypolar_", "Mportable", "8postman",
    "Xpower ", "8powershell", "Epresto", "9preview", "Mpsp ", "3ptst/", "yptv", "5puppeteer",
    "8python", "Qqqbrowser", "uqs0", "Kquicktime", "1qwantify",
    "urc0", "6readable/", "ureadboy", "9readkit", "2redditbot", "8reqwest", "6rigor$", "Krisc",
    "yrkm", "urmd", "6robot", "rroku", "9rss", "8ruby",
    "6ruxit", "Krv$", "Ssafari", "Bsamsung", "zsamsung in", "zsamsungbro", "Bsanyo", ";satellite",
    "9scan", "tsch-i800", "6scrape", "5scrapy",
    "9screenshot", "9search$", "6securityhe", "yselenga", "5selenium", "sseries 60", "sseries60",
    "1seznambot", "usgp", "yshell", "Bsie-", "Gsilk/",
    "3site24x7", "6sitesucker", "2skypeurip", "2slack-", "2slackbot", "1slurp", "Msm-a", "Msm-f",
    "Msm-g", "ysm-led", "Msm-n", "usm-p", "Msm-s", "usm-t",
    "usm-x", "vsmarttv", "2snap url", "7snapchat", "vsonydtv", "Msonyer", "6sparkler",
    "3speedcurve", "6spider", "6splash", "8sqlmap", "3statuscake",
    "vstb$", "ystick", "ysw-", "9swcd", "ssymbian", "6synthetic", "yt95", "utab", "ttab$",
    "ttablet", ";tablet pc", "utb-", "utb3", "ytdtv", "Mteleca",
    "2telegrambo", "1teoma", "ytf-led", "9thumbor", "6time/", "4timpibot", "Ztizen", "utm-",
    "ttouchpad", "utpc", "6transcoder", "ytranspeed",
    ";travelmate", "etrident", "7tumblr", "ytv", "vtv$", "2twitterbot", "ytx3", "utz", "Lubuntu",
    "Uucbrowser", "Mucweb", "yugoos", "yuhd", "8undici",
    "Mup.browser", "3uptime", "Wversion", "vvidaa", "vviera", "Mvita$", "Vvivaldi", "vvizio",
    "yvmp-", "Evms_", "yvontar", "yvorke", ";vostro", "uvrd-",
    "uw00$", "uw09$", "uw19$", "6w3c", "Kw3m$", "Mwap", "dwatchos", "6watchtowr", "lweb0s",
    "6wechatdevt", "8wget", "hwhale$", "hwhale/", "6whatcms",
    "7whatsapp", "Kwin9", "Nwindows", "wwindows ce", "wwindows ph", "8windowspow", "8winhttp",
    "Nwinnt", "8wordpress", "6www.", "Lx11", "Xx86", "yx88",
    "yx92", "yx96", "4xai-", "vxbox", "txoom", "Yyabrowser", "1yandexbot", "1yandeximag",
    "Yyasearch", "1yeti$", "1yeti/", "yyndx", "tyoga tab", "4youbot",
    "yyundoo", "3zabbix", "8zgrab", "yzidoo", "Bzte",
};
static const char edgefn__ua_ends[][12] = {
    "ubat", "udap", "9hcraes", "6kcehc", "ykcits", "6lwarc", "6nacs", "6redips", "6rednif",
    "6rehctef", "6reifissalc", "6rekcehc", "6relwarc", "6rennacs",
    "6reparcs", "6revihcra", "6rosivda", "9rotadilav", "6rotcepsni", "6rotinom", "6ssr", "6stob",
    "6tnega", "6tnemerusae", "6tob", "vvt", "9weiverp", "yxob",
    "6yfirev", "9yrevocsid", "9yxorp",
};
static const uint16_t edgefn__ua_first[27] = {
    0, 36, 58, 94, 122, 130, 150, 180, 196, 213, 216, 228, 242, 287, 309, 325, 364, 368, 384, 438,
    467, 475, 487, 511, 519, 529, 533
};
/* clang-format on */

/* Behind the words. */
typedef struct edgefn__ua_scan {
    const char *p;
    size_t n, browser_at, version_at, bot_at,
        maybe_at; /* behind the browser's name and "Version"; at the names of bots */
    uint32_t seen, os, browser, bot, maybe; /* seen: evidence, one bit each */
    size_t named_at;     /* at the name after "like Gecko; compatible; "; 0: there is none */
    bool mozilla, apple; /* the first word, as browsers have it; iPhone, iPad or iPod */
} edgefn__ua_scan;

EDGEFN__INLINE bool edgefn__alpha(char c)
{
    return ((unsigned)(unsigned char)c | 0x20) - 'a' < 26;
}
EDGEFN__INLINE bool edgefn__digit(char c)
{
    return (unsigned)(unsigned char)c - '0' < 10;
}
EDGEFN__INLINE bool edgefn__alnum(char c)
{
    return edgefn__digit(c) || edgefn__alpha(c);
}

static bool edgefn__ua_named(char c)
{
    return edgefn__alnum(c) || c == '-' || c == '_' || c == '.' || c == '@';
}

/* Finds the longest known beginning of the word at p. Returns: its length; 0 when there is none. */
static size_t edgefn__ua_find(const char *p, size_t n, uint32_t *means)
{
    unsigned letter = ((unsigned char)p[0] | 0x20u) - 'a';
    char second = n > 1 ? edgefn__lower(p[1]) : '\0';
    if (!edgefn__alpha(p[0])) return 0;
    size_t low = edgefn__ua_first[letter];
    size_t i = edgefn__ua_first[letter + 1];
    for (size_t from = low; from < i;) { /* i: behind the words whose second letter is no later */
        size_t mid = (from + i) / 2;
        if (edgefn__ua_words[mid][2] <= second)
            from = mid + 1;
        else
            i = mid;
    }
    for (; i > low && edgefn__ua_words[i - 1][2] == second; i--) {
        const char *w = edgefn__ua_words[i - 1] + 1;
        size_t k = 2;
        while (k < n && w[k] != '\0' && edgefn__lower(p[k]) == w[k])
            k++;
        if (w[k] != '\0' && (w[k] != '$' || (k < n && edgefn__alnum(p[k])))) continue;
        *means = edgefn__ua_means[w[-1] - '0'];
        return k;
    }
    return 0;
}

/* Judges an unknown word by its end: names of bots, and of the small makers' tablets and TVs; else
   by the inches at its beginning: "43UP50GU". */
static uint32_t edgefn__ua_end(const char *p, size_t n)
{
    static const char inches[] =
        "22 24 28 32 39 40 42 43 48 49 50 55 58 60 65 70 75 77 82 85 86 98";
    const char last = edgefn__lower(p[n - 1]);
    for (size_t i = 0; n > 1 && last >= 'a' && i < EDGEFN__COUNT(edgefn__ua_ends); i++) {
        const char *w = edgefn__ua_ends[i] + 1;
        size_t k = 1;
        if (w[0] > last) break;
        if (w[0] < last) continue;
        while (k < n && edgefn__lower(p[n - 1 - k]) == w[k])
            k++;
        if (w[k] == '\0') return edgefn__ua_means[w[-1] - '0'];
    }
    if (n < 4 || !edgefn__digit(p[0]) || !edgefn__alpha(p[2])) return 0;
    for (size_t i = 0; i < sizeof inches; i += 3) {
        if (p[0] == inches[i] && p[1] == inches[i + 1]) return EDGEFN__U_ATV;
    }
    return 0;
}

/* Tells whether the word from i to end closes a domain name, or opens the host of an e-mail
   address. Browsers hold neither. */
static bool edgefn__ua_contact(const char *p, size_t n, size_t i, size_t end)
{
    static const char tlds[] = "com net org io  ai  co  ";
    bool more = n - end > 1 && p[end] == '.' && edgefn__alnum(p[end + 1]);
    if (!edgefn__alnum(p[i - 2])) return false;
    if (p[i - 1] == '@') return more && edgefn__alpha(p[i]) && edgefn__alpha(p[end + 1]);
    for (size_t k = 0; k < sizeof tlds - 1 && !more; k += 4) {
        if (end - i < 4 && edgefn__same(p + i, tlds + k, end - i) && tlds[k + end - i] == ' ')
            return true;
    }
    return false;
}

static void edgefn__ua_note(edgefn__ua_scan *s, uint32_t means, size_t at, size_t behind)
{
    uint32_t who = means >> 8 & 31;
    uint32_t os = means >> 4 & 15;
    if (means == EDGEFN__U_MOZILLA) {
        s->mozilla = s->mozilla || at == 0;
        return;
    }
    if (means
        /* no browser puts a second name beside "like Gecko": whose it is does not matter */
        == EDGEFN__U_COMPATIBLE) {
        const edgefn_str gecko = EDGEFN_S("gecko; ");
        if (at < gecko.len || !edgefn_str_ieq(edgefn__str(s->p + at - gecko.len, gecko.len), gecko))
            return;
        if (s->n - behind < 3 || s->p[behind] != ';' || s->p[behind + 1] != ' '
            || !edgefn__alnum(s->p[behind + 2]))
            return;
        at = s->named_at = behind + 2;
        who = EDGEFN_BOT_OTHER;
        means = EDGEFN__U_BOT;
    }
    if (means & EDGEFN__U_BOT) {
        bool weak = (means & EDGEFN__U_WEAK)
                    && (who == EDGEFN_BOT_PREVIEW || (at > 0 && at != s->named_at));
        uint32_t *bot = weak ? &s->maybe : &s->bot;
        if (*bot != EDGEFN_BOT_NONE && (*bot != EDGEFN_BOT_OTHER || who == EDGEFN_BOT_OTHER))
            return; /* the first one, but a known one first */
        *bot = who;
        *(weak ? &s->maybe_at : &s->bot_at) = at;
        return;
    }
    s->seen |= (uint32_t)1 << (means & 15);
    if ((means & 15) == EDGEFN__U_VERSION) s->version_at = behind;
    if (os > s->os) s->os = os;
    s->apple = s->apple || os == EDGEFN_OS_IOS;
    if (who > s->browser) {
        s->browser = who;
        s->browser_at = behind;
    }
}

/* Reports whether a word that ends there is the name of a product, or the beginning of a longer
   name. */
EDGEFN__INLINE bool edgefn__ua_product(const char *p, size_t n, size_t end)
{
    return end < n && (p[end] == '/' || p[end] == '-');
}

/* Takes the words of the text one after the other; a word is letters and digits. */
static void edgefn__ua_words_of(edgefn__ua_scan *s)
{
    const char *p = s->p;
    const edgefn_str usual = EDGEFN_S(
        "AppleWebKit/537.36 (KHTML, like Gecko)"); /* most texts hold it: not word by word */
    for (size_t i = 0, n = s->n, end; i < n; i = end) {
        uint32_t means = 0;
        end = i + 1;
        if (!edgefn__alpha(p[i])) {
            if (!edgefn__digit(p[i])) continue;
            while (end < n && edgefn__digit(p[end]))
                end++;
            if (end == n || !edgefn__alpha(p[end])) continue; /* a number */
        }
        if (p[i] == usual.ptr[0] && n - i >= usual.len
            && edgefn__same(p + i, usual.ptr, usual.len)) {
            s->seen |= 1u << EDGEFN__U_ENGINE;
            end = i + usual.len;
            continue;
        }
        size_t len = edgefn__ua_find(p + i, n - i, &means);
        for (end = i + (len != 0 ? len : 1);
             end < n && edgefn__alnum(p[end - 1]) && edgefn__alnum(p[end]);)
            end++;
        if (means != 0) {
            if (means == EDGEFN__U_ATV
                && (edgefn__ua_product(p, n, end) || (i > 0 && p[i - 1] == '-')))
                means = 0;
            if (means == EDGEFN__U_TV && end - i == 2 && edgefn__ua_product(p, n, end))
                means = 0; /* "Molotov.tv/5" */
            if (means != 0) edgefn__ua_note(s, means, i, end);
        }
        if (i > 1 && (p[i - 1] == '.' || p[i - 1] == '@') && edgefn__ua_contact(p, n, i, end))
            edgefn__ua_note(s, EDGEFN__UB(OTHER), i, end);
        if (len != 0 && i + len == end) continue;
        means = edgefn__ua_end(p + i, end - i);
        if (means == 0) continue;
        if (!(means
              /* how a product's name ends says nothing of the device: "PlutoTV/5.1" */
              & EDGEFN__U_BOT)) {
            if (edgefn__ua_product(p, n, end)) continue;
            if (edgefn__digit(p[i]) && (i < 2 || p[i - 2] != ';'))
                continue; /* inches begin a model: not "32GB", "60fps" */
        }
        edgefn__ua_note(s, means, i, end);
    }
}

/* Reads the number behind a name: of "/124.0", or " 8". */
static uint32_t edgefn__ua_major(edgefn_str t)
{
    uint32_t major = 0;
    for (size_t at = t.len != 0 && (t.ptr[0] == '/' || t.ptr[0] == ' ');
         at < t.len && edgefn__digit(t.ptr[at]) && major < 100000; at++)
        major = major * 10 + (uint32_t)(t.ptr[at] - '0');
    return major;
}

#    define EDGEFN__SEEN(s, what) (((s)->seen >> EDGEFN__U_##what & 1) != 0)
static uint32_t edgefn__ua_device(const edgefn__ua_scan *s)
{
    bool android = s->os == EDGEFN_OS_ANDROID;
    bool laptop = EDGEFN__SEEN(s, LAPTOP);
    bool mobile = EDGEFN__SEEN(s, MWORD) || EDGEFN__SEEN(s, MOBILE);
    bool tablet = EDGEFN__SEEN(s, TABLET) || (android && (EDGEFN__SEEN(s, ATAB) || laptop));
    uint32_t phone = mobile || (!android && EDGEFN__SEEN(s, BRAND)) ? (uint32_t)EDGEFN_MOBILE : 0;
    if (!s->apple && (EDGEFN__SEEN(s, TV) || (android && EDGEFN__SEEN(s, ATV) && !mobile)))
        return EDGEFN_TV;
    if (s->os == EDGEFN_OS_TIZEN || s->os == EDGEFN_OS_PLAYSTATION)
        return phone ? EDGEFN_MOBILE : EDGEFN_TV;
    if (EDGEFN__SEEN(s, PC) || (laptop && !android)) return EDGEFN_DESKTOP;
    if (tablet) return EDGEFN_TABLET | phone;
    if (phone || (android && !EDGEFN__SEEN(s, ENGINE))
        || (EDGEFN__SEEN(s, DARWIN) && !EDGEFN__SEEN(s, X86)))
        return EDGEFN_MOBILE;
    return android ? EDGEFN_TABLET : EDGEFN_DESKTOP;
}

/* The product's name around a place. Where that is a URL, the first name behind "compatible;", or
   of the text, will do. */
static edgefn_str edgefn__ua_name(edgefn_str t, size_t at)
{
    edgefn_str rest = edgefn_str_skip(t, at);
    edgefn_str compatible = EDGEFN_S("compatible; ");
    if (edgefn_str_starts(rest, EDGEFN_S("http"))
        || edgefn_str_starts(rest, EDGEFN_S("Mozilla/"))) {
        at = edgefn_str_find(t, compatible);
        at = at < t.len ? at + compatible.len : 0;
    }
    while (at > 0 && edgefn__ua_named(t.ptr[at - 1]))
        at--;
    size_t end = at;
    while (end < t.len && edgefn__ua_named(t.ptr[end]))
        end++;
    t = edgefn__str(t.ptr + at, end - at);
    return end == at || EDGEFN__IS(t, "Mozilla") ? edgefn__absent() : t;
}

EDGEFN_API edgefn_ua edgefn_ua_parse(edgefn_str text)
{
    const uint32_t system = 1u << EDGEFN__U_SYSTEM;
    const uint32_t with = system | 1u << EDGEFN__U_X86 | 1u << EDGEFN__U_VERSION;
    const uint32_t weak = with | 1u << EDGEFN__U_KNOWN; /* what tools say of themselves too */
    if (text.ptr == NULL) text.len = 0;
    edgefn__ua_scan s = { text.ptr, text.len, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, false };
    edgefn_ua ua = { EDGEFN_DESKTOP,  EDGEFN_OS_UNKNOWN, EDGEFN_BROWSER_UNKNOWN, 0,
                     EDGEFN_BOT_NONE, { NULL, 0 } };
    edgefn__ua_words_of(&s);
    if (s.bot == 0 && (s.seen & ~weak) == 0 && s.os != EDGEFN_OS_ANDROID) {
        s.bot = s.maybe;
        s.bot_at = s.maybe_at;
    }
    if (s.bot == 0 && !s.mozilla && (s.seen & system) && (s.seen & ~with) == 0)
        s.bot = EDGEFN_BOT_TOOL; /* a system alone acquits nobody */
    if (s.apple && s.os >= EDGEFN_OS_TIZEN)
        s.os = EDGEFN_OS_IOS; /* a TV's name in it is its remote's, or an app's */
    if (s.os == EDGEFN_OS_BLACKBERRY && EDGEFN__SEEN(&s, DROID))
        s.os = EDGEFN_OS_ANDROID; /* the maker's later phones */
    if (s.bot == 0 && s.seen == 0 && s.n != 0) s.bot = EDGEFN_BOT_OTHER;
    if (s.os == 0 && EDGEFN__SEEN(&s, DARWIN))
        s.os = EDGEFN__SEEN(&s, X86) ? EDGEFN_OS_MACOS : EDGEFN_OS_IOS;
    ua.device = edgefn__ua_device(&s)
                | (s.os == EDGEFN_OS_IOS       ? (uint32_t)EDGEFN_IOS
                   : s.os == EDGEFN_OS_ANDROID ? (uint32_t)EDGEFN_ANDROID
                                               : 0);
    ua.os = (edgefn_os)s.os;
    ua.browser = (edgefn_browser)s.browser;
    if (s.browser == EDGEFN_BROWSER_SAFARI && s.os == EDGEFN_OS_ANDROID)
        ua.browser = EDGEFN_BROWSER_ANDROID;
    uint32_t major = edgefn__ua_major(edgefn_str_skip(text, s.browser_at));
    uint32_t version = edgefn__ua_major(edgefn_str_skip(text, s.version_at));
    if (s.browser == EDGEFN_BROWSER_SAFARI
        || (s.browser == EDGEFN_BROWSER_OPERA && major == 9 && version != 0))
        major = version;
    if (s.browser == EDGEFN_BROWSER_IE && s.browser_at < s.n && text.ptr[s.browser_at] == '/')
        major += 4; /* Trident/7.0 without MSIE is 11 */
    if (s.browser != EDGEFN_BROWSER_UNKNOWN) ua.major = major;
    ua.bot = (edgefn_bot)s.bot;
    if (s.bot != 0) ua.bot_name = edgefn__ua_name(text, s.bot_at);
    return ua;
}

/* The lines of a structured field that is a list, read as one list (RFC 8941 section 4.2). */
typedef struct edgefn__ch_list {
    const edgefn_fields *h;
    edgefn_str name, rest;
    size_t next; /* the line to read after rest */
} edgefn__ch_list;

/* Reads the string at the beginning of rest. Returns: its text with the escapes; absent if it does
   not end. */
static edgefn_str edgefn__ch_string(edgefn_str *rest)
{
    edgefn_str all = *rest;
    size_t i = 1;
    while (i < all.len && all.ptr[i] != '"')
        i += all.ptr[i] == '\\' ? 2 : 1;
    *rest = edgefn_str_skip(all, i < all.len ? i + 1 : all.len);
    return i < all.len ? edgefn__str(all.ptr + 1, i - 1) : edgefn__absent();
}

/* Skips to a comma; with `all` false also to ';', '=', space or tab. A string is skipped whole. */
static edgefn_str edgefn__ch_skip(edgefn_str *rest, bool all)
{
    const char *p = rest->ptr;
    size_t i = 0;
    size_t n = rest->len;
    for (; i < n && p[i] != ','; i++) {
        if (p[i] == '"') {
            for (i++; i < n && p[i] != '"'; i++)
                i += p[i] == '\\';
        } else if (!all && (p[i] == ';' || p[i] == '=' || p[i] == ' ' || p[i] == '\t'))
            break;
    }
    edgefn_str head = edgefn_str_take(*rest, i);
    *rest = edgefn_str_skip(*rest, i);
    return head;
}

static void edgefn__ch_space(edgefn_str *rest)
{
    size_t i = 0;
    while (i < rest->len && (rest->ptr[i] == ' ' || rest->ptr[i] == '\t'))
        i++;
    *rest = edgefn_str_skip(*rest, i);
}

/* Reads the parameters of an item (RFC 8941 section 3.1.2). Returns: the last "v" if it is a
   string, else absent. */
static edgefn_str edgefn__ch_params(edgefn_str *rest)
{
    edgefn_str version = edgefn__absent();
    while (rest->len > 0 && rest->ptr[0] == ';') {
        edgefn_str value = edgefn__absent();
        *rest = edgefn_str_skip(*rest, 1);
        edgefn__ch_space(rest);
        edgefn_str key = edgefn__ch_skip(rest, false);
        if (rest->len > 0 && rest->ptr[0] == '=') {
            *rest = edgefn_str_skip(*rest, 1);
            if (rest->len > 0 && rest->ptr[0] == '"')
                value = edgefn__ch_string(rest);
            else
                (void)edgefn__ch_skip(rest, false);
        }
        if (edgefn_str_eq(key, EDGEFN_S("v"))) version = value;
    }
    return version;
}

/* The next string of a list, and its parameter "v", as in Sec-CH-UA. Other members are skipped.
   Returns: false at the end. */
static bool edgefn__ch_next(edgefn__ch_list *l, edgefn_str *text, edgefn_str *version)
{
    *text = *version = edgefn__absent();
    for (;;) {
        while (l->rest.len == 0) {
            if (l->next == l->h->len) return false;
            const edgefn_field *f = &l->h->items[l->next++];
            if (f->name.len == l->name.len && edgefn_str_ieq(f->name, l->name)) l->rest = f->value;
        }
        edgefn__ch_space(&l->rest);
        if (l->rest.len > 0 && l->rest.ptr[0] == '"') {
            *text = edgefn__ch_string(&l->rest);
            *version = edgefn__ch_params(&l->rest);
        }
        (void)edgefn__ch_skip(&l->rest, true);
        l->rest = edgefn_str_skip(l->rest, 1);
        if (text->ptr != NULL) return true;
    }
}

static edgefn__ch_list edgefn__ch_open(const edgefn_fields *h, edgefn_str name)
{
    edgefn__ch_list l = { h, name, { NULL, 0 }, 0 };
    return l;
}

/* Reads a boolean, with parameters or without. Returns: '1', '0', or '\0' for what is invalid. */
static char edgefn__ch_flag(edgefn_str value)
{
    value = edgefn_str_trim(value);
    edgefn_str rest = edgefn_str_skip(value, 2);
    if (value.len < 2 || value.ptr[0] != '?' || (value.ptr[1] != '0' && value.ptr[1] != '1'))
        return '\0';
    (void)edgefn__ch_params(&rest);
    return rest.len == 0 ? value.ptr[1] : '\0';
}

/* Reads the client hints. They know no television: what the text or CloudFront says about one
   stays. */
static void edgefn__ch_read(edgefn_ua *ua, const edgefn_fields *h)
{
    char mobile = edgefn__ch_flag(edgefn_get(h, EDGEFN_S("sec-ch-ua-mobile")));
    edgefn__ch_list factors = edgefn__ch_open(h, EDGEFN_S("sec-ch-ua-form-factors"));
    edgefn__ch_list platform = edgefn__ch_open(h, EDGEFN_S("sec-ch-ua-platform"));
    edgefn__ch_list brands = edgefn__ch_open(h, EDGEFN_S("sec-ch-ua"));
    edgefn_str text, version;
    uint32_t device = 0;
    uint32_t systems = EDGEFN_IOS | EDGEFN_ANDROID;
    uint32_t best = 0;
    if (edgefn__ch_next(&platform, &text, &version)) {
        edgefn_ua named = edgefn_ua_parse(text);
        if (named.os != EDGEFN_OS_UNKNOWN) {
            ua->os = named.os;
            ua->device = (ua->device & ~systems) | (named.device & systems);
        }
    }
    while (edgefn__ch_next(&factors, &text, &version)) {
        if (EDGEFN__IS(text, "Tablet"))
            device |= EDGEFN_TABLET;
        else if (EDGEFN__IS(text, "Mobile") || EDGEFN__IS(text, "Watch"))
            device |= EDGEFN_MOBILE;
        else if (EDGEFN__IS(text, "Desktop"))
            device |= EDGEFN_DESKTOP;
    }
    if (mobile == '1')
        device |= EDGEFN_MOBILE | (ua->device & EDGEFN_TABLET);
    else if (mobile == '0' && device == 0)
        device = ua->device & systems ? EDGEFN_TABLET : EDGEFN_DESKTOP; /* Android tablets say ?0 */
    if (device != 0 && !(ua->device & EDGEFN_TV)) ua->device = (ua->device & systems) | device;
    while (edgefn__ch_next(&brands, &text, &version)) {
        edgefn_ua named = edgefn_ua_parse(text);
        if (EDGEFN__IS(text, "Microsoft Edge"))
            named.browser = EDGEFN_BROWSER_EDGE; /* other products of that maker are no browser */
        if (named.bot == EDGEFN_BOT_TOOL && ua->bot == EDGEFN_BOT_NONE) {
            ua->bot = named.bot;
            ua->bot_name = text;
        }
        if ((uint32_t)named.browser <= best) continue;
        best = (uint32_t)named.browser;
        ua->browser = named.browser;
        ua->major = edgefn__ua_major(version);
    }
}

/* Tells whether the CloudFront-* request headers are CloudFront's: it adds them behind the
   viewer-request of Lambda@Edge, before that of its Functions. */
static bool edgefn__trusted(const edgefn_event *ev)
{
    return ev->dialect == EDGEFN_FUNCTIONS
           || (ev->dialect == EDGEFN_LAMBDA
               && (ev->type == EDGEFN_ORIGIN_REQUEST || ev->type == EDGEFN_ORIGIN_RESPONSE));
}

EDGEFN_API edgefn_ua edgefn_ua_of(const edgefn_event *ev)
{
    static const struct {
        const char *name;
        uint8_t bit;
    } flags[] = { { "cloudfront-is-mobile-viewer", EDGEFN_MOBILE },
                  { "cloudfront-is-tablet-viewer", EDGEFN_TABLET },
                  { "cloudfront-is-desktop-viewer", EDGEFN_DESKTOP },
                  { "cloudfront-is-smarttv-viewer", EDGEFN_TV },
                  { "cloudfront-is-ios-viewer", EDGEFN_IOS },
                  { "cloudfront-is-android-viewer", EDGEFN_ANDROID } };
    const edgefn_fields *h = &ev->request.headers;
    edgefn_str text = edgefn_get(h, EDGEFN_S("user-agent"));
    if (edgefn__trusted(ev) && ev->dialect == EDGEFN_LAMBDA
        && EDGEFN__IS(text, "Amazon CloudFront"))
        text = edgefn__absent();
    edgefn_ua ua = edgefn_ua_parse(text);
    uint32_t kinds = EDGEFN_MOBILE | EDGEFN_TABLET | EDGEFN_DESKTOP | EDGEFN_TV;
    uint32_t said = 0;
    uint32_t known = 0;
    for (size_t i = 0; i < EDGEFN__COUNT(flags) && edgefn__trusted(ev); i++) {
        edgefn_str value = edgefn_get(h, edgefn_cstr(flags[i].name));
        if (value.ptr == NULL) continue;
        known |= flags[i].bit;
        if (EDGEFN__IS(value, "true")) said |= flags[i].bit;
    }
    if (said & kinds)
        known |= kinds;
    else
        known &= ~kinds;
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

/*=== >>viewer ===================================================================================*/

static bool edgefn__split_port(edgefn_str text, edgefn_str *address, uint32_t *port); /* >>net */

EDGEFN_API edgefn_viewer edgefn_viewer_of(const edgefn_event *ev)
{
#    define EDGEFN__V(header, member)                                                              \
      {                                                                                            \
        header, offsetof(edgefn_viewer, member)                                                    \
      }
    static const struct {
        const char *name;
        size_t at;
    } headers[] = { EDGEFN__V("country", country),
                    EDGEFN__V("country-name", country_name),
                    EDGEFN__V("country-region", region),
                    EDGEFN__V("city", city),
                    EDGEFN__V("country-region-name", region_name),
                    EDGEFN__V("postal-code", postal_code),
                    EDGEFN__V("metro-code", metro_code),
                    EDGEFN__V("time-zone", time_zone),
                    EDGEFN__V("latitude", latitude),
                    EDGEFN__V("longitude", longitude),
                    EDGEFN__V("asn", asn),
                    EDGEFN__V("http-version", http_version),
                    EDGEFN__V("tls", tls_version),
                    EDGEFN__V("ja3-fingerprint", ja3),
                    EDGEFN__V("ja4-fingerprint", ja4),
                    EDGEFN__V("address", address) };
#    undef EDGEFN__V
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
            if (to->ptr == NULL && edgefn_str_ieq(name, edgefn_cstr(headers[k].name)))
                *to = h->items[i].value;
        }
    }
    if (!v.trusted || v.address.len == 0)
        v.address = ev->request.client_ip;
    else
        (void)edgefn__split_port(v.address, &v.address, &v.port);
    edgefn_cut tls = edgefn_str_cut(v.tls_version, EDGEFN_S(":"));
    edgefn_cut cipher = edgefn_str_cut(tls.tail, EDGEFN_S(":"));
    v.tls_version = tls.head, v.tls_cipher = cipher.head, v.tls_handshake = cipher.tail;
    return v;
}

/*=== >>net ======================================================================================*/

static bool edgefn__v4(edgefn_str s, unsigned char *to)
{
    for (int k = 0; k < 4; k++) {
        edgefn_cut c = edgefn_str_cut(s, EDGEFN_S("."));
        edgefn_number n = edgefn_str_to_u64(c.head);
        if (!n.ok || n.value > 255 || c.head.len > 3 || (c.head.len > 1 && c.head.ptr[0] == '0')
            || c.found != (k < 3))
            return false;
        to[k] = (unsigned char)n.value;
        s = c.tail;
    }
    return true;
}

static bool edgefn__v6(edgefn_str s, unsigned char *to)
{
    /* bytes written; where "::" stands, 17: nowhere */
    size_t n = 0;
    size_t gap = 17;
    size_t i = 0;
    if (edgefn_str_starts(s, EDGEFN_S("::"))) {
        gap = 0;
        i = 2;
    }
    while (i < s.len) {
        unsigned v = 0;
        size_t start = i;
        for (; i < s.len && i - start < 4 && edgefn__hex(s.ptr[i]) >= 0; i++)
            v = v << 4 | (unsigned)edgefn__hex(s.ptr[i]);
        if (i < s.len && s.ptr[i] == '.') {
            if (n > 12 || !edgefn__v4(edgefn_str_skip(s, start), to + n)) return false;
            n += 4;
            break;
        }
        if (i == start || n > 14) return false;
        to[n++] = (unsigned char)(v >> 8);
        to[n++] = (unsigned char)(v & 255);
        if (i == s.len) break;
        if (s.ptr[i++] != ':' || i == s.len) return false;
        if (s.ptr[i] != ':') continue;
        if (gap <= 16) return false;
        gap = n;
        i++;
    }
    if (gap > 16 || n > 14) return gap > 16 && n == 16;
    edgefn__memmove(to + gap + 16 - n, to + gap, n - gap);
    edgefn__memset(to + gap, 0, 16 - n);
    return true;
}

EDGEFN_API edgefn_ip edgefn_ip_parse(edgefn_str text)
{
    edgefn_ip ip = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0 }, false, false };
    edgefn_ip mapped = ip;
    edgefn_ip none = { { 0 }, false, false };
    ip.ok = edgefn__v4(text, ip.bytes + 12) || edgefn__v6(text, ip.bytes);
    ip.v4 = ip.ok && edgefn__memcmp(ip.bytes, mapped.bytes, 12) == 0;
    return ip.ok ? ip : none;
}

EDGEFN_API edgefn_str edgefn_ip_text(edgefn_event *ev, edgefn_ip ip)
{
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    /* the first of the longest runs of two zero groups or more becomes "::" */
    size_t gap = 8;
    size_t longest = 1;
    if (!ip.ok) return edgefn__absent();
    for (size_t i = 0, run = 0; i < 8 && !ip.v4; i++) {
        run = (ip.bytes[i * 2] | ip.bytes[i * 2 + 1]) == 0 ? run + 1 : 0;
        if (run > longest) {
            longest = run;
            gap = i + 1 - run;
        }
    }
    for (size_t i = ip.v4 ? 12 : 0; i < (ip.v4 ? 16 : 8); i++) {
        if (i == gap) {
            EDGEFN__PUT(&t, "::");
            i += longest - 1;
            continue;
        }
        edgefn__put(&t, ip.v4 ? "." : ":", i > (ip.v4 ? 12 : 0) && i != gap + longest);
        if (ip.v4) {
            edgefn__put_number(&t, ip.bytes[i]);
            continue;
        }
        unsigned v = (unsigned)ip.bytes[i * 2] << 8 | ip.bytes[i * 2 + 1];
        for (unsigned shift = 16; shift > 0; shift -= 4)
            edgefn__put(&t, &"0123456789abcdef"[v >> (shift - 4) & 15],
                        shift == 4 || v >> (shift - 4) != 0);
    }
    return edgefn__text_end(ev, &t);
}

EDGEFN_API bool edgefn_ip_in(edgefn_ip ip, const edgefn_str *cidrs, size_t count)
{
    for (size_t i = 0; i < count && ip.ok; i++) {
        edgefn_cut c = edgefn_str_cut(cidrs[i], EDGEFN_S("/"));
        edgefn_ip net = edgefn_ip_parse(c.head);
        uint64_t most = edgefn_str_contains(c.head, EDGEFN_S(":")) ? 128 : 32;
        edgefn_number bits = edgefn_str_to_u64(c.tail);
        bool good = !c.found
                    || (bits.ok && bits.value <= most && !(c.tail.len > 1 && c.tail.ptr[0] == '0'));
        if (!net.ok || net.v4 != ip.v4 || !good) continue;
        uint64_t n = c.found ? bits.value + (128 - most) : 128;
        if (net.v4 && n < 96) continue; /* "::ffff:10.0.0.0/8" compares none of the IPv4 address */
        unsigned last =
            n % 8 != 0 ? (unsigned)(ip.bytes[n / 8] ^ net.bytes[n / 8]) >> (8 - n % 8) : 0;
        if (edgefn__memcmp(ip.bytes, net.bytes, (size_t)(n / 8)) == 0 && last == 0) return true;
    }
    return false;
}

/* Splits "address:port" at the last colon, so that an IPv6 address may stand there without
   brackets; takes brackets off, which only an IPv6 address has (RFC 7239 section 6). Brackets
   without a port: port is 0. Returns: false if there is neither; address is then as it was. */
static bool edgefn__split_port(edgefn_str text, edgefn_str *address, uint32_t *port)
{
    size_t n = text.len;
    *port = 0;
    if (n > 2 && text.ptr[0] == '[' && text.ptr[n - 1] == ']') {
        if (!edgefn_str_contains(text, EDGEFN_S(":"))) return false;
        *address = edgefn__str(text.ptr + 1, n - 2);
        return true;
    }
    while (n > 0 && text.ptr[n - 1] != ':')
        n--;
    edgefn_number p = edgefn_str_to_u64(edgefn_str_skip(text, n));
    if (n < 2 || !p.ok || p.value > 65535 || text.len - n > 5) return false;
    edgefn_str head = edgefn_str_take(text, n - 1);
    bool bracketed = head.ptr[0] == '[' && edgefn_str_ends(head, EDGEFN_S("]"))
                     && edgefn_str_contains(head, EDGEFN_S(":"));
    *address = bracketed ? edgefn__str(head.ptr + 1, head.len - 2) : head;
    *port = (uint32_t)p.value;
    return true;
}

/* Reads the next entry to the left, over all lines: an address, maybe with a port. False when there
   is none. Empty entries are none. */
static bool edgefn__forwarded_next(const edgefn_fields *h, size_t *i, edgefn_str *rest,
                                   edgefn_ip *ip)
{
    for (;;) {
        while (rest->ptr == NULL) {
            if (*i == 0) return false;
            if (EDGEFN__IS(h->items[--*i].name, "x-forwarded-for")) *rest = h->items[*i].value;
        }
        size_t comma = rest->len;
        uint32_t port;
        while (comma > 0 && rest->ptr[comma - 1] != ',')
            comma--;
        edgefn_str entry = edgefn_str_trim(edgefn_str_skip(*rest, comma));
        *rest = comma > 0 ? edgefn_str_take(*rest, comma - 1) : edgefn__absent();
        if (entry.len == 0) continue;
        *ip = edgefn_ip_parse(entry);
        if (!ip->ok && edgefn__split_port(entry, &entry, &port)) *ip = edgefn_ip_parse(entry);
        return true;
    }
}

EDGEFN_API edgefn_ip edgefn_forwarded_for(const edgefn_event *ev, const edgefn_forwarded_opts *opts)
{
    edgefn_str rest = { NULL, 0 };
    edgefn_ip ip = edgefn_ip_parse(ev->request.client_ip);
    edgefn_ip next = edgefn_ip_parse(rest);
    edgefn_ip none = next;
    const edgefn_fields *h = &ev->request.headers;
    size_t i = h->len;
    uint32_t hops = opts != NULL ? opts->trusted_hops : 0;
    bool own =
        ev->type == EDGEFN_ORIGIN_REQUEST
        || ev->type == EDGEFN_ORIGIN_RESPONSE; /* there CloudFront has added client_ip itself */
    while (ip.ok) {
        bool counted = hops > 0;
        if (counted)
            hops--;
        else if (opts == NULL || !edgefn_ip_in(ip, opts->trusted, opts->trusted_count))
            break;
        bool more = edgefn__forwarded_next(h, &i, &rest, &next);
        if (own && more && next.ok && edgefn__memcmp(next.bytes, ip.bytes, 16) == 0)
            more = edgefn__forwarded_next(h, &i, &rest, &next);
        if (!more) return counted ? none : ip;
        own = false;
        ip = next;
    }
    return ip;
}

/*=== >>time =====================================================================================*/

static const char *const edgefn__weekdays[7] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
                                                 "Thursday", "Friday", "Saturday" };
static const char *const edgefn__months[12] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
#    define EDGEFN__TIME_MIN (-62135596800) /* 0001-01-01 */
#    define EDGEFN__TIME_MAX 253402300799   /* 9999-12-31 23:59:59 */

/* Counts days since 1970-01-01 in the Gregorian calendar. Years begin in March, so that the leap
   day is their last; 400 of them are 146,097 days. */
static int64_t edgefn__days(int64_t year, unsigned month, unsigned day)
{
    int64_t y = year + 400 - (month <= 2);
    return y * 365 + y / 4 - y / 100 + y / 400 + ((month + 9) % 12 * 153 + 2) / 5 + day - 1 - 719468
           - 146097;
}

/* Takes seconds within EDGEFN__TIME_MIN and _MAX apart: day, month, year, hour, minute, second,
   weekday. */
static void edgefn__date_split(int64_t time_s, unsigned *v)
{
    int64_t day = (time_s - EDGEFN__TIME_MIN) / 86400 - 719162;
    int64_t year = (day + 719468) / 366;
    unsigned month = 1;
    unsigned second = (unsigned)((time_s - EDGEFN__TIME_MIN) % 86400);
    while (edgefn__days(year + 1, 1, 1) <= day)
        year++;
    while (month < 12 && edgefn__days(year, month + 1, 1) <= day)
        month++;
    unsigned all[7] = { (unsigned)(day - edgefn__days(year, month, 1)) + 1,
                        month,
                        (unsigned)year,
                        second / 3600,
                        second / 60 % 60,
                        second % 60,
                        (unsigned)((day + 719163) % 7) };
    edgefn__memcpy(v, all, sizeof all);
}

EDGEFN_API bool edgefn_now(edgefn_event *ev, int64_t *now_s)
{
    *now_s = ev->env->now_s;
    return (*now_s > 0 && *now_s <= EDGEFN__TIME_MAX)
           || edgefn__fail(ev, EDGEFN_E_ENVIRONMENT, "edgefn_now", EDGEFN_S("time"));
}

/* Writes a number with leading zeros. */
static void edgefn__put_padded(edgefn__text *t, unsigned value, unsigned digits)
{
    unsigned unit = 1;
    while (--digits > 0)
        unit *= 10;
    for (; unit > 0; unit /= 10)
        edgefn__put(t, &"0123456789"[value / unit % 10], 1);
}

EDGEFN_API edgefn_str edgefn_date_text(edgefn_event *ev, int64_t time_s)
{
    unsigned v[7];
    if (time_s < EDGEFN__TIME_MIN || time_s > EDGEFN__TIME_MAX) return edgefn__absent();
    edgefn__date_split(time_s, v);
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    edgefn__put(&t, edgefn__weekdays[v[6]], 3);
    for (unsigned i = 0; i < 6; i++) {
        edgefn__put(&t, &",   ::"[i], 1);
        if (i == 0) EDGEFN__PUT(&t, " ");
        if (i == 1)
            edgefn__put(&t, edgefn__months[v[1] - 1], 3);
        else
            edgefn__put_padded(&t, v[i], i == 2 ? 4 : 2);
    }
    EDGEFN__PUT(&t, " GMT");
    return edgefn__text_end(ev, &t);
}

/* Reads a date by a pattern: 0 day, 1 month's name, 2 year, 3 hour, 4 minute, 5 second, 6 year of
   two digits, 7 day padded with a blank, 8 weekday of three letters, 9 whole weekday; the rest
   stands for itself. */
static bool edgefn__date_match(edgefn_str s, const char *pattern, unsigned *v)
{
    for (; *pattern != '\0'; pattern++) {
        unsigned what = (unsigned)*pattern - '0';
        unsigned k = 0;
        size_t n = what > 9 ? 1 : what == 2 ? 4 : 2;
        if (what == 1 || what == 8 || what == 9) {
            for (bool found = false; !found; k++) {
                if (k == (what == 1 ? 12 : 7)) return false;
                const char *name = what == 1 ? edgefn__months[k] : edgefn__weekdays[k];
                n = what == 9 ? edgefn__zlen(name) : 3;
                found = s.len >= n && edgefn__same(s.ptr, name, n);
            }
            if (what == 1) v[1] = k;
        } else if (what < 8) {
            size_t pad = what == 7 && s.len > 0 && s.ptr[0] == ' ';
            edgefn_number x = edgefn_str_to_u64(edgefn_str_skip(edgefn_str_take(s, n), pad));
            if (!x.ok || s.len < n) return false;
            v[what == 6 ? 2 : what % 7] = (unsigned)x.value;
        } else if (s.len == 0 || s.ptr[0] != *pattern)
            return false;
        s = edgefn_str_skip(s, n);
    }
    return s.len == 0;
}

EDGEFN_API edgefn_time edgefn_date_parse(edgefn_event *ev, edgefn_str text)
{
    edgefn_time t = { 0, false };
    unsigned v[6], today[7];
    int64_t now = ev->env->now_s;
    if (!edgefn__date_match(text, "8, 0 1 2 3:4:5 GMT", v)
        && !edgefn__date_match(text, "8 1 7 3:4:5 2", v)) {
        if (!edgefn__date_match(text, "9, 0-1-6 3:4:5 GMT", v)) return t;
        if (now <= 0 || now > EDGEFN__TIME_MAX) return t;
        edgefn__date_split(now, today);
        v[2] += today[2] - today[2] % 100 + 100;
        while ((edgefn__days((int64_t)v[2] - 50, v[1], v[0]) * 24 + v[3]) * 3600 + v[4] * 60 + v[5]
               > now)
            v[2] -= 100;
    }
    int64_t day = edgefn__days(v[2], v[1], v[0]);
    t.ok = v[2] > 0 && v[2] < 10000 && v[0] > 0
           && day < edgefn__days(v[2] + v[1] / 12, v[1] % 12 + 1, 1) && v[3] < 24 && v[4] < 60
           && v[5] <= 60;
    if (t.ok) t.seconds = (day * 24 + v[3]) * 3600 + v[4] * 60 + v[5];
    t.ok = t.ok && t.seconds < edgefn__days(10000, 1, 1) * 86400;
    return t;
}

EDGEFN_API edgefn_number edgefn_retry_after(edgefn_event *ev, edgefn_str value)
{
    int64_t now;
    edgefn_number n = edgefn_str_to_u64(value);
    if (n.ok) return n;
    edgefn_time t = edgefn_date_parse(ev, value);
    n.ok = t.ok && edgefn_now(ev, &now);
    if (n.ok && t.seconds > now) n.value = (uint64_t)(t.seconds - now);
    return n;
}

/*=== >>choose ===================================================================================*/

static uint64_t edgefn__hash_on(uint64_t h, edgefn_str s)
{
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
    return h ^ (h >> 33);
}

EDGEFN_API uint64_t edgefn_hash(edgefn_str salt, edgefn_str key)
{
    return edgefn__hash_on(edgefn__hash_on(0xcbf29ce484222325u, salt), key);
}

/* The upper half of a product of 128 bits: the place of draw, of 2^64, in n. */
static uint64_t edgefn__scaled(uint64_t draw, uint64_t n)
{
    const uint64_t low = 0xffffffffu;
    uint64_t mid = (draw >> 32) * (n & low) + ((draw & low) * (n & low) >> 32);
    return (draw >> 32) * (n >> 32) + (mid >> 32)
           + (((draw & low) * (n >> 32) + (mid & low)) >> 32);
}

EDGEFN_API size_t edgefn_choose(uint64_t draw, const uint32_t *weights, size_t count)
{
    uint64_t sum = weights == NULL ? count : 0;
    size_t i = 0;
    for (; weights != NULL && i < count; i++)
        sum += weights[i];
    uint64_t at = edgefn__scaled(draw, sum);
    if (weights == NULL || sum == 0) return sum == 0 ? count : (size_t)at;
    for (i = 0; at >= weights[i]; i++)
        at -= weights[i];
    return i;
}

EDGEFN_API size_t edgefn_choose_sticky(edgefn_event *ev, edgefn_str cookie, const edgefn_str *names,
                                       const uint32_t *weights, size_t count,
                                       const edgefn_cookie_opts *opts)
{
    const edgefn_fields *c = edgefn_cookies(ev);
    if (ev->type == EDGEFN_ORIGIN_REQUEST || ev->type == EDGEFN_ORIGIN_RESPONSE)
        edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, "edgefn_choose_sticky", cookie);
    if (ev->err.code != EDGEFN_OK) return count;
    for (size_t i = edgefn_find(c, cookie, 0); i < c->len; i = edgefn_find(c, cookie, i + 1)) {
        for (size_t k = 0; k < count; k++)
            if ((weights == NULL || weights[k] != 0) && edgefn_str_eq(c->items[i].value, names[k]))
                return k;
    }
    uint64_t h = edgefn_hash(cookie, ev->request.client_ip);
    size_t chosen =
        edgefn_choose(edgefn__hash_on(h, edgefn_get(&ev->request.headers, EDGEFN_S("user-agent"))),
                      weights, count);
    bool sets = chosen < count && ev->response.status != 0;
    return sets && !edgefn_cookie_set(ev, cookie, names[chosen], opts) ? count : chosen;
}

EDGEFN_API bool edgefn_rollout(edgefn_str salt, edgefn_str key, uint32_t hundredths)
{
    return hundredths >= 10000
           || (key.ptr != NULL && edgefn__scaled(edgefn_hash(salt, key), 10000) < hundredths);
}

/*=== >>crypto ===================================================================================*/

#    ifndef EDGEFN_NO_CRYPTO

EDGEFN__INLINE uint32_t edgefn__turn(uint32_t v, unsigned n)
{
    return v >> n | v << (32 - n);
}

/* FIPS 180-4 section 6.2.2. */
static void edgefn__sha_block(uint32_t *h, const unsigned char *p)
{
    static const uint32_t k[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
        0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
        0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
        0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
        0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
        0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
        0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
        0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
        0xc67178f2
    };
    uint32_t w[64], v[8];
    for (size_t i = 0; i < 16; i++, p += 4)
        w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    for (size_t i = 16; i < 64; i++) {
        uint32_t a = w[i - 15];
        uint32_t b = w[i - 2];
        w[i] = w[i - 16] + (edgefn__turn(a, 7) ^ edgefn__turn(a, 18) ^ a >> 3) + w[i - 7]
               + (edgefn__turn(b, 17) ^ edgefn__turn(b, 19) ^ b >> 10);
    }
    edgefn__memcpy(v, h, sizeof v);
    for (size_t i = 0; i < 64;
         /* the eight turn by one name a round: v[(7 - i) & 7] is the h of FIPS 180, v[-i & 7] its a
           */
         i++) {
        uint32_t a = v[(64 - i) & 7];
        uint32_t b = v[(65 - i) & 7];
        uint32_t c = v[(66 - i) & 7];
        uint32_t e = v[(68 - i) & 7];
        uint32_t f = v[(69 - i) & 7];
        uint32_t g = v[(70 - i) & 7];
        uint32_t t = v[(71 - i) & 7]
                     + (edgefn__turn(e, 6) ^ edgefn__turn(e, 11) ^ edgefn__turn(e, 25))
                     + ((e & f) ^ (~e & g)) + k[i] + w[i];
        v[(67 - i) & 7] += t;
        v[(71 - i) & 7] = t + (edgefn__turn(a, 2) ^ edgefn__turn(a, 13) ^ edgefn__turn(a, 22))
                          + ((a & b) ^ (a & c) ^ (b & c));
    }
    for (size_t i = 0; i < 8; i++)
        h[i] += v[i];
}

/* Hashes a block, unless that is NULL, and the data. */
static void edgefn__sha(const unsigned char *block, edgefn_str data, unsigned char *digest)
{
    uint32_t h[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
    unsigned char end[128] = { 0 };
    size_t rest = data.len % 64;
    size_t whole = data.len - rest;
    size_t n = rest < 56 ? 64 : 128;
    uint64_t bits = ((uint64_t)data.len + (block != NULL ? 64 : 0)) * 8;
    if (block != NULL) edgefn__sha_block(h, block);
    for (size_t i = 0; i < whole; i += 64)
        edgefn__sha_block(h, (const unsigned char *)data.ptr + i);
    if (rest > 0) edgefn__memcpy(end, data.ptr + whole, rest);
    end[rest] = 0x80;
    for (unsigned i = 1; i <= 8; i++, bits >>= 8)
        end[n - i] = (unsigned char)(bits & 255);
    for (size_t i = 0; i < n; i += 64)
        edgefn__sha_block(h, end + i);
    for (unsigned i = 0; i < 32; i++)
        digest[i] = (unsigned char)(h[i / 4] >> (24 - i % 4 * 8) & 255);
}

EDGEFN_API void edgefn_sha256(edgefn_str data, unsigned char digest[32])
{
    edgefn__sha(NULL, data, digest);
}

EDGEFN_API void edgefn_hmac_sha256(edgefn_str key, edgefn_str data, unsigned char mac[32])
{
    unsigned char block[64] = { 0 };
    unsigned char inner[32];
    if (key.len > 64)
        edgefn_sha256(key, block);
    else if (key.len > 0)
        edgefn__memcpy(block, key.ptr, key.len);
    for (size_t i = 0; i < 64; i++)
        block[i] ^= 0x36;
    edgefn__sha(block, data, inner);
    for (size_t i = 0; i < 64; i++)
        block[i] ^= 0x36 ^ 0x5c;
    edgefn__sha(block, edgefn__str((const char *)inner, sizeof inner), mac);
}

EDGEFN_API bool edgefn_secret_eq(edgefn_str a, edgefn_str b)
{
    volatile unsigned differ =
        a.ptr == NULL || b.ptr == NULL || a.len != b.len; /* volatile: every byte is looked at */
    for (size_t i = 0; i < a.len && a.len == b.len; i++)
        differ = differ | ((unsigned)(unsigned char)a.ptr[i] ^ (unsigned char)b.ptr[i]);
    return differ == 0;
}

EDGEFN_API edgefn_str edgefn_secret(edgefn_event *ev, edgefn_str name)
{
    edgefn_str s = { NULL, 0 };
    edgefn_str table = EDGEFN_S("secret");
    const edgefn_env *env = ev->env;
    if (env->lookup != NULL && name.ptr != NULL) s = env->lookup(env->user, table, name);
    if (s.len == 0) edgefn__fail(ev, EDGEFN_E_ENVIRONMENT, "edgefn_secret", name);
    return s.len != 0 ? s : edgefn__absent();
}

EDGEFN_API edgefn_str edgefn_hex_encode(edgefn_event *ev, edgefn_str bytes)
{
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    for (size_t i = 0; i < bytes.len * 2; i++)
        edgefn__put(
            &t, &"0123456789abcdef"[(unsigned char)bytes.ptr[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15],
            1);
    return edgefn__text_end(ev, &t);
}

EDGEFN_API edgefn_str edgefn_hex_decode(edgefn_event *ev, edgefn_str text)
{
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    if (text.ptr == NULL || text.len % 2 != 0
        || !edgefn__all(text, EDGEFN__C_HEX | EDGEFN__C_DIGIT))
        return edgefn__absent();
    for (size_t i = 0; i < text.len; i += 2) {
        char byte = (char)(edgefn__hex(text.ptr[i]) * 16 + edgefn__hex(text.ptr[i + 1]));
        edgefn__put(&t, &byte, 1);
    }
    return edgefn__text_end(ev, &t);
}

/*--- tokens -------------------------------------------------------------------------------------*/

/* Tells whether a value is a string of this meaning. */
static bool edgefn__json_is(edgefn_str v, edgefn_str text)
{
    return v.len >= 2 && v.ptr[0] == '"'
           && edgefn__json_means(edgefn__str(v.ptr + 1, v.len - 2), text, EDGEFN__EXACT);
}

static edgefn_str edgefn__jwt_member(edgefn_str object, const char *name)
{
    return edgefn__json_step(object, edgefn_cstr(name), EDGEFN__EXACT);
}

/* Reads a NumericDate: a JSON number whose whole part is below 2^53. What its exponent leaves of a
   fraction is cut off. */
static edgefn_time edgefn__jwt_time(edgefn_str v)
{
    edgefn_time t = { 0, false };
    bool minus = edgefn_str_starts(v, EDGEFN_S("-"));
    v = edgefn_str_skip(v, minus);
    if (v.len == 0 || !(edgefn__class_of(v.ptr[0]) & EDGEFN__C_DIGIT)) return t; /* another type */
    size_t end = 0;
    while (end < v.len && edgefn__lower(v.ptr[end]) != 'e')
        end++;
    edgefn_cut c = edgefn_str_cut(edgefn_str_take(v, end), EDGEFN_S("."));
    edgefn_str power = edgefn_str_skip(v, end + 1);
    bool down = edgefn_str_starts(power, EDGEFN_S("-"));
    bool sign = down || edgefn_str_starts(power, EDGEFN_S("+"));
    edgefn_number n = edgefn_str_to_u64(edgefn_str_skip(power, sign));
    const int64_t most = EDGEFN_JWT_MAX * 2; /* more digits than a token can hold */
    int64_t shift = power.len != 0 && (!n.ok || n.value > (uint64_t)most) ? most : (int64_t)n.value;
    int64_t places = (int64_t)c.head.len + (down ? -shift : shift);
    for (int64_t i = 0; i < places; i++) {
        /* the point is before c.tail */
        size_t k = (size_t)i;
        size_t after = k - c.head.len;
        char digit = '0';
        if (k < c.head.len)
            digit = c.head.ptr[k];
        else if (after < c.tail.len)
            digit = c.tail.ptr[after];
        t.seconds = t.seconds * 10 + (digit - '0');
        if (t.seconds >> 53 != 0) return t;
    }
    t.ok = true;
    if (minus) t.seconds = -t.seconds;
    return t;
}

/* Checks the claims of a token whose signature is right. Gives NULL, or why not. */
static const char *edgefn__jwt_claims(edgefn_event *ev, edgefn_str payload,
                                      const edgefn_jwt_opts *opts)
{
    edgefn_str exp = edgefn__jwt_member(payload, "exp");
    edgefn_str nbf = edgefn__jwt_member(payload, "nbf");
    edgefn_str aud = edgefn__jwt_member(payload, "aud");
    edgefn_str iat = edgefn__jwt_member(payload, "iat");
    edgefn_time until = edgefn__jwt_time(exp);
    edgefn_time from = edgefn__jwt_time(nbf);
    int64_t now = 0;
    bool meant = opts->audience.ptr == NULL || edgefn__json_is(aud, opts->audience);
    if (exp.ptr == NULL ? !opts->expiry_optional : !until.ok) return "no expiry";
    if (nbf.ptr != NULL && !from.ok) return "no time to begin";
    if (iat.ptr != NULL && !edgefn__jwt_time(iat).ok) return "no time of issue";
    if ((until.ok || from.ok) && !edgefn_now(ev, &now)) return "no clock";
    if (until.ok && now >= until.seconds + opts->leeway_s) return "expired";
    if (from.ok && now < from.seconds - opts->leeway_s) return "not valid yet";
    if (opts->issuer.ptr != NULL
        && !edgefn__json_is(edgefn__jwt_member(payload, "iss"), opts->issuer))
        return "another issuer";
    uint32_t at = aud.len > 0 && aud.ptr[0] == '[' ? edgefn__ws(aud.ptr, 1) : (uint32_t)aud.len;
    while (!meant && at + 1 < aud.len) {
        uint32_t end = edgefn__after_value(aud.ptr, at);
        meant = edgefn__json_is(edgefn__str(aud.ptr + at, end - at), opts->audience);
        at = edgefn__ws(aud.ptr, end);
        if (aud.ptr[at] == ',') at = edgefn__ws(aud.ptr, at + 1);
    }
    return meant ? NULL : "another audience";
}

static const char *edgefn__jwt_check(edgefn_event *ev, edgefn_str token,
                                     const edgefn_jwt_opts *opts, edgefn_jwt *jwt)
{
    edgefn_cut head = edgefn_str_cut(token, EDGEFN_S("."));
    edgefn_cut body = edgefn_str_cut(head.tail, EDGEFN_S("."));
    edgefn_str signature;
    edgefn_str message = edgefn_str_take(token, head.head.len + 1 + body.head.len);
    unsigned char mac[32] = { 0 };
    if (token.len == 0) return "no token";
    if (token.len > EDGEFN_JWT_MAX) return "too long";
    if (!body.found || edgefn_str_contains(body.tail, EDGEFN_S("."))) return "not three parts";
    jwt->header = edgefn__json_root(edgefn_base64url_decode(ev, head.head));
    signature = edgefn_base64url_decode(ev, body.tail);
    if (jwt->header.ptr == NULL || jwt->header.ptr[0] != '{')
        return "the header is no base64url of a JSON object";
    if (signature.ptr == NULL) return "the signature is no base64url";
    edgefn_str alg = edgefn__jwt_member(jwt->header, "alg");
    edgefn_str kid = edgefn__jwt_member(jwt->header, "kid");
    if (edgefn__jwt_member(jwt->header, "crit").ptr != NULL) return "a critical extension";
    if (opts->hs256 && edgefn__json_is(alg, EDGEFN_S("HS256"))) {
        edgefn_hmac_sha256(opts->secret, message, mac);
        if (!edgefn_secret_eq(signature, edgefn__str((const char *)mac, sizeof mac)))
            return "the signature is wrong";
    } else if ((opts->rs256 && edgefn__json_is(alg, EDGEFN_S("RS256")))
               || (opts->es256 && edgefn__json_is(alg, EDGEFN_S("ES256")))
               || (opts->eddsa && edgefn__json_is(alg, EDGEFN_S("EdDSA")))) {
        if (ev->env->verify == NULL)
            edgefn__fail(ev, EDGEFN_E_ENVIRONMENT, "edgefn_jwt_verify", EDGEFN_S("verify"));
        kid =
            edgefn_str_starts(kid, EDGEFN_S("\"")) ? edgefn__json_text(ev, kid) : edgefn__absent();
        if (ev->err.code != EDGEFN_OK
            || !ev->env->verify(ev->env->user, edgefn__json_text(ev, alg), kid, message, signature))
            return "the signature is wrong";
    } else
        return "another algorithm";
    jwt->payload = edgefn__json_root(edgefn_base64url_decode(ev, body.head));
    if (jwt->payload.ptr == NULL || jwt->payload.ptr[0] != '{')
        return "the payload is no base64url of a JSON object";
    return edgefn__jwt_claims(ev, jwt->payload, opts);
}

EDGEFN_API edgefn_jwt edgefn_jwt_verify(edgefn_event *ev, edgefn_str token,
                                        const edgefn_jwt_opts *opts)
{
    edgefn_jwt jwt = { { NULL, 0 }, { NULL, 0 }, false, NULL };
    size_t used = ev->arena.used;
    if (opts == NULL || !(opts->hs256 || opts->rs256 || opts->es256 || opts->eddsa)
        || (opts->hs256 && opts->secret.len == 0))
        edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_jwt_verify", edgefn__absent());
    if (ev->err.code == EDGEFN_OK) jwt.why = edgefn__jwt_check(ev, token, opts, &jwt);
    if (ev->err.code != EDGEFN_OK) jwt.why = "the event has failed";
    jwt.ok = jwt.why == NULL;
    if (jwt.ok) {
        jwt.why = "";
        return jwt;
    }
    jwt.header = jwt.payload = edgefn__absent();
    ev->arena.used = used;
    return jwt;
}

EDGEFN_API edgefn_str edgefn_jwt_claim(edgefn_event *ev, const edgefn_jwt *jwt, edgefn_str name)
{
    edgefn_str claim =
        jwt->ok ? edgefn__json_step(jwt->payload, name, EDGEFN__EXACT) : edgefn__absent();
    return EDGEFN__IS(claim, "null") ? edgefn__absent() : edgefn__json_text(ev, claim);
}

EDGEFN_API edgefn_str edgefn_jwt_sign(edgefn_event *ev, edgefn_str payload, edgefn_str secret)
{
    edgefn_str parts[4] = { EDGEFN_S_INIT("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."),
                            { NULL, 0 },
                            EDGEFN_S_INIT("."),
                            { NULL, 0 } };
    edgefn_str root = edgefn__json_root(payload);
    unsigned char mac[32] = { 0 };
    if (root.ptr == NULL || root.ptr[0] != '{' || secret.len == 0)
        edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_jwt_sign", edgefn__absent());
    if (ev->err.code != EDGEFN_OK) return edgefn__absent();
    parts[1] = edgefn_base64url_encode(ev, payload);
    edgefn_hmac_sha256(secret, edgefn_str_join(ev, parts, 2), mac);
    parts[3] = edgefn_base64url_encode(ev, edgefn__str((const char *)mac, sizeof mac));
    return ev->err.code == EDGEFN_OK ? edgefn_str_join(ev, parts, 4) : edgefn__absent();
}

/*--- AWS Signature Version 4 --------------------------------------------------------------------*/

/* Percent-encodes all but letters, digits and "-._~", and '/' in a path. decode: takes apart first
   what is encoded. Absent stays absent. */
static edgefn_str edgefn__aws(edgefn_event *ev, edgefn_str s, bool decode, bool path)
{
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (decode && c == '%' && s.len - i > 2 && edgefn__hex(s.ptr[i + 1]) >= 0
            && edgefn__hex(s.ptr[i + 2]) >= 0) {
            c = (unsigned char)(edgefn__hex(s.ptr[i + 1]) * 16 + edgefn__hex(s.ptr[i + 2]));
            i += 2;
        } else if (decode && !path && c == '+')
            c = ' ';
        bool plain = (c | 32u) - 'a' < 26 || (c >= '0' && c <= '9') || c == '-' || c == '.'
                     || c == '_' || c == '~' || (path && c == '/');
        char text[3] = { plain ? (char)c : '%', "0123456789ABCDEF"[c >> 4],
                         "0123456789ABCDEF"[c & 15] };
        edgefn__put(&t, text, plain ? 1 : 3);
    }
    return s.ptr != NULL ? edgefn__text_end(ev, &t) : s;
}

typedef struct edgefn__signing {
    edgefn_event *ev;
    const edgefn_sign_opts *opts;
    edgefn_str service, when, payload;
    bool s3, in_query, cf_id;
} edgefn__signing;

/* Gives the name behind `after` of the headers to sign, in order. Others stay unsigned: what a
   viewer wrote as x-amz-acl must not get a signature, and the rest may change on the way. */
static edgefn_str edgefn__sign_name(const edgefn__signing *g, edgefn_str after)
{
    static const edgefn_str own[] = { EDGEFN_S_INIT("host"), EDGEFN_S_INIT("x-amz-cf-id"),
                                      EDGEFN_S_INIT("x-amz-date"),
                                      EDGEFN_S_INIT("x-amz-security-token"),
                                      EDGEFN_S_INIT("x-amz-content-sha256") };
    edgefn_str best = { NULL, 0 };
    for (size_t i = 0, ours = EDGEFN__COUNT(own); i < ours + g->opts->header_count; i++) {
        edgefn_str name = i < ours ? own[i] : g->opts->headers[i - ours];
        bool wanted = i == 1 ? g->cf_id
                             : (i == 0 || i >= ours || !g->in_query)
                                   && edgefn_has(&g->ev->request.headers, name);
        if (wanted && edgefn__compare(name, after) > 0
            && (best.ptr == NULL || edgefn__compare(name, best) < 0))
            best = name;
    }
    return best;
}

/* Writes the headers to sign: names with ';' between, or whole lines. */
static edgefn_str edgefn__sign_headers(const edgefn__signing *g, bool lines)
{
    const edgefn_fields *h = &g->ev->request.headers;
    edgefn__text t = edgefn__text_begin(g->ev, g->ev->arena.cap);
    edgefn_str name = edgefn__sign_name(g, edgefn__absent());
    for (bool more = false; name.ptr != NULL; name = edgefn__sign_name(g, name), more = true) {
        if (more && !lines) EDGEFN__PUT(&t, ";");
        edgefn__put(&t, name.ptr, name.len);
        for (size_t i = edgefn_find(h, name, 0), n = 0; lines && (i < h->len || n == 0);
             i = edgefn_find(h, name, i + 1), n++) {
            edgefn_str value = edgefn_str_trim(i < h->len ? h->items[i].value : g->ev->request_id);
            edgefn__put(&t, n == 0 ? ":" : ",", 1);
            size_t spaces = 0; /* side by side, with tabs; they become one space */
            for (size_t k = 0; k < value.len; k++) {
                spaces = value.ptr[k] == ' ' || value.ptr[k] == '\t' ? spaces + 1 : 0;
                if (spaces <= 1) edgefn__put(&t, spaces == 1 ? " " : value.ptr + k, 1);
            }
        }
        if (lines) EDGEFN__PUT(&t, "\n");
    }
    return edgefn__text_end(g->ev, &t);
}

/* Writes the query with every part encoded, sorted by that. */
static edgefn_str edgefn__sign_query(edgefn_event *ev)
{
    edgefn_fields *q = edgefn_query(ev);
    size_t n = q->len;
    size_t cap = ev->arena.cap;
    edgefn_field *a = (edgefn_field *)edgefn__take_top(ev, &ev->arena.cap, n, sizeof *a);
    edgefn_field *b =
        a != NULL ? (edgefn_field *)edgefn__take_top(ev, &ev->arena.cap, n, sizeof *b) : NULL;
    for (size_t i = 0; i < n && b != NULL; i++) {
        a[i] = q->items[i];
        a[i].name = edgefn__aws(ev, a[i].name, true, false);
        a[i].value = edgefn__aws(ev, a[i].value, true, false);
    }
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    if (ev->err.code == EDGEFN_OK) a = edgefn__merge(a, b, n, true);
    for (size_t i = 0; i < n && ev->err.code == EDGEFN_OK; i++) {
        edgefn__put(&t, "&", i > 0);
        edgefn__put(&t, a[i].name.ptr, a[i].name.len);
        EDGEFN__PUT(&t, "=");
        edgefn__put(&t, a[i].value.ptr, a[i].value.len);
    }
    ev->arena.cap = cap;
    return edgefn__text_end(ev, &t);
}

/* Makes the signature, in hex. Everything else that it takes is given back. */
static edgefn_str edgefn__signature(const edgefn__signing *g, edgefn_str scope, edgefn_str names)
{
    edgefn_event *ev = g->ev;
    const edgefn_request *r = &ev->request;
    size_t used = ev->arena.used;
    unsigned char mac[32] = { 0 };
    edgefn_str line = EDGEFN_S("\n");
    edgefn_str part = edgefn__str((const char *)mac, sizeof mac);
    edgefn_str key[2] = { EDGEFN_S_INIT("AWS4"), g->opts->secret_key };
    edgefn_str path[2] = { r->origin.kind != EDGEFN_ORIGIN_NONE ? r->origin.path : edgefn__absent(),
                           r->uri };
    edgefn_str request[11] = { r->method,
                               line,
                               edgefn__aws(ev, edgefn_str_join(ev, path, 2), g->s3, true),
                               line,
                               edgefn__sign_query(ev),
                               line,
                               edgefn__sign_headers(g, true),
                               line,
                               names,
                               line,
                               g->payload };
    edgefn_sha256(edgefn_str_join(ev, request, 11), mac);
    edgefn_str text[6] = { EDGEFN_S_INIT("AWS4-HMAC-SHA256\n"), g->when, line, scope, line,
                           edgefn_hex_encode(ev, part) };
    edgefn_str chain[5] = { edgefn_str_take(g->when, 8), g->opts->region, g->service,
                            EDGEFN_S_INIT("aws4_request"), edgefn_str_join(ev, text, 6) };
    for (size_t i = 0; i < 5; i++)
        edgefn_hmac_sha256(i == 0 ? edgefn_str_join(ev, key, 2) : part, chain[i], mac);
    ev->arena.used = used;
    return edgefn_hex_encode(ev, part);
}

static bool edgefn__sign(const edgefn__signing *g)
{
    edgefn_event *ev = g->ev;
    const edgefn_sign_opts *opts = g->opts;
    edgefn_fields *h = &ev->request.headers;
    edgefn_fields *q = edgefn_query(ev);
    edgefn_str slash = EDGEFN_S("/");
    edgefn_str parts[8] = { opts->access_key,
                            slash,
                            edgefn_str_take(g->when, 8),
                            slash,
                            opts->region,
                            slash,
                            g->service,
                            EDGEFN_S_INIT("/aws4_request") };
    edgefn_str credential = edgefn_str_join(ev, parts, 8);
    edgefn_str scope = edgefn_str_skip(credential, opts->access_key.len + 1);
    edgefn_remove(h, EDGEFN_S("authorization"));
    if (!g->in_query) {
        edgefn_set(h, EDGEFN_S("X-Amz-Date"), g->when);
        edgefn_set(h, EDGEFN_S("X-Amz-Security-Token"), opts->session_token);
        if (g->s3 || opts->unsigned_payload || edgefn_has(h, EDGEFN_S("x-amz-content-sha256")))
            edgefn_set(h, EDGEFN_S("X-Amz-Content-Sha256"), g->payload);
    }
    edgefn_str names = edgefn__sign_headers(g, false);
    if (!g->in_query) {
        edgefn_str text[6] = { EDGEFN_S_INIT("AWS4-HMAC-SHA256 Credential="),
                               credential,
                               EDGEFN_S_INIT(", SignedHeaders="),
                               names,
                               EDGEFN_S_INIT(", Signature="),
                               edgefn__signature(g, scope, names) };
        return edgefn_set(h, EDGEFN_S("Authorization"), edgefn_str_join(ev, text, 6));
    }
    edgefn_set(q, EDGEFN_S("X-Amz-Algorithm"), EDGEFN_S("AWS4-HMAC-SHA256"));
    edgefn_set(q, EDGEFN_S("X-Amz-Credential"), edgefn__aws(ev, credential, false, false));
    edgefn_set(q, EDGEFN_S("X-Amz-Date"), g->when);
    edgefn_set(q, EDGEFN_S("X-Amz-Expires"), edgefn_str_from_u64(ev, opts->expires_s));
    edgefn_set(q, EDGEFN_S("X-Amz-Security-Token"),
               edgefn__aws(ev, opts->session_token, false, false));
    edgefn_set(q, EDGEFN_S("X-Amz-SignedHeaders"), edgefn__aws(ev, names, false, false));
    edgefn_remove(q, EDGEFN_S("X-Amz-Signature"));
    return edgefn_set(q, EDGEFN_S("X-Amz-Signature"), edgefn__signature(g, scope, names));
}

EDGEFN_API bool edgefn_sign_v4(edgefn_event *ev, const edgefn_sign_opts *opts)
{
    const char *where = "edgefn_sign_v4";
    const edgefn_body *body = &ev->request.body;
    unsigned v[7];
    unsigned char digest[32] = { 0 };
    int64_t now;
    if (edgefn__editable(&ev->request.headers) == NULL) return false;
    if (ev->type != EDGEFN_ORIGIN_REQUEST)
        return edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, where, edgefn__absent());
    if (opts == NULL || opts->access_key.len == 0 || opts->secret_key.len == 0
        || opts->region.len == 0 || opts->expires_s > 604800)
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, where, edgefn__absent());
    if (!edgefn_has(&ev->request.headers, EDGEFN_S("host")))
        return edgefn__fail(ev, EDGEFN_E_MISSING, where, EDGEFN_S("host"));
    if (!edgefn_now(ev, &now)) return false;
    edgefn__signing g = { ev,
                          opts,
                          opts->service,
                          edgefn__absent(),
                          EDGEFN_S_INIT("UNSIGNED-PAYLOAD"),
                          false,
                          opts->expires_s > 0,
                          false };
    if (g.service.ptr == NULL) g.service = EDGEFN_S("s3");
    g.s3 = edgefn_str_starts(g.service, EDGEFN_S("s3"));
    g.cf_id = g.s3 && ev->request.origin.kind == EDGEFN_ORIGIN_CUSTOM
              && ev->request_id.len > 0; /* CloudFront adds it later, S3 wants it signed */
    if (!opts->unsigned_payload && !(g.s3 && g.in_query)) {
        size_t used = ev->arena.used;
        edgefn_str bytes = edgefn_body_decode(ev, body);
        if (bytes.ptr == NULL && body->data.ptr != NULL)
            return edgefn__fail(ev, body->truncated ? EDGEFN_E_OPTIONS : EDGEFN_E_BASE64, where,
                                EDGEFN_S("body"));
        edgefn_sha256(bytes, digest);
        ev->arena.used = used;
        g.payload = edgefn_hex_encode(ev, edgefn__str((const char *)digest, sizeof digest));
    }
    edgefn__date_split(now, v);
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    edgefn__put_padded(&t, v[2] * 10000 + v[1] * 100 + v[0], 8);
    EDGEFN__PUT(&t, "T");
    edgefn__put_padded(&t, v[3] * 10000 + v[4] * 100 + v[5], 6);
    EDGEFN__PUT(&t, "Z");
    g.when = edgefn__text_end(ev, &t);
    return ev->err.code == EDGEFN_OK && edgefn__sign(&g) && ev->err.code == EDGEFN_OK;
}

#    endif /* EDGEFN_NO_CRYPTO */

/*=== >>text =====================================================================================*/

/* Tells whether a text is what was taken last, so that it can grow or shrink in its place. */
static bool edgefn__text_is_last(const edgefn_event *ev, const edgefn_text *text)
{
    return text->_ptr != NULL
           && (unsigned char *)text->_ptr + text->_cap == ev->arena.ptr + ev->arena.used;
}

EDGEFN_API bool edgefn_text_put(edgefn_event *ev, edgefn_text *text, edgefn_str piece)
{
    if (ev->err.code != EDGEFN_OK) return false;
    if (piece.len > text->_cap - text->_len) {
        size_t more = piece.len - (text->_cap - text->_len);
        size_t spare = text->_len + 64;
        if (edgefn__text_is_last(ev, text)) {
            size_t room = ev->arena.cap - ev->arena.used;
            if (spare > room || more > room - spare)
                spare = more <= room ? room - more : 0; /* rather less to spare than none at all */
            if (edgefn__take(ev, more, 1, 1) == NULL || edgefn__take(ev, spare, 1, 1) == NULL)
                return false;
            text->_cap += more + spare;
        } else {
            size_t cap = text->_cap + more;
            size_t room = ev->arena.cap - ev->arena.used;
            if (cap <= room && spare <= room - cap) cap += spare;
            char *to = (char *)edgefn__take(ev, cap, 1, 1);
            if (to == NULL) return false;
            if (text->_len != 0) edgefn__memcpy(to, text->_ptr, text->_len);
            text->_ptr = to;
            text->_cap = cap;
        }
    }
    if (piece.len != 0) edgefn__memcpy(text->_ptr + text->_len, piece.ptr, piece.len);
    text->_len += piece.len;
    return true;
}

EDGEFN_API edgefn_str edgefn_text_end(edgefn_event *ev, edgefn_text *text)
{
    edgefn_str s = text->_ptr != NULL ? edgefn__str(text->_ptr, text->_len) : EDGEFN_S("");
    if (edgefn__text_is_last(ev, text)) ev->arena.used -= text->_cap - text->_len;
    edgefn__memset(text, 0, sizeof *text);
    return ev->err.code == EDGEFN_OK ? s : edgefn__absent();
}

EDGEFN_API edgefn_str edgefn_replace_all(edgefn_event *ev, edgefn_str text,
                                         const edgefn_pair *pairs, size_t count)
{
    bool first[256]; /* bytes that a pair begins with */
    size_t done = 0;
    size_t k;
    if (text.ptr == NULL) return text;
    edgefn__memset(first, 0, sizeof first);
    for (k = 0; k < count; k++) {
        if (pairs[k].from.len != 0) first[(unsigned char)pairs[k].from.ptr[0]] = true;
    }
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    for (size_t i = 0; i < text.len; i++) {
        if (!first[(unsigned char)text.ptr[i]]) continue;
        for (k = 0; k < count
                    && (pairs[k].from.len == 0
                        || !edgefn_str_starts(edgefn_str_skip(text, i), pairs[k].from));
             k++) {
        }
        if (k == count) continue;
        edgefn__put(&t, text.ptr + done, i - done);
        edgefn__put(&t, pairs[k].to.ptr, pairs[k].to.len);
        done = i + pairs[k].from.len;
        i = done - 1;
    }
    if (done == 0) return text;
    edgefn__put(&t, text.ptr + done, text.len - done);
    return edgefn__text_end(ev, &t);
}

EDGEFN_API edgefn_str edgefn_html_escape(edgefn_event *ev, edgefn_str text)
{
    static const edgefn_pair pairs[] = { { EDGEFN_S_INIT("&"), EDGEFN_S_INIT("&amp;") },
                                         { EDGEFN_S_INIT("<"), EDGEFN_S_INIT("&lt;") },
                                         { EDGEFN_S_INIT(">"), EDGEFN_S_INIT("&gt;") },
                                         { EDGEFN_S_INIT("\""), EDGEFN_S_INIT("&quot;") },
                                         { EDGEFN_S_INIT("'"), EDGEFN_S_INIT("&#39;") } };
    return edgefn_replace_all(ev, text, pairs, EDGEFN__COUNT(pairs));
}

EDGEFN_API edgefn_str edgefn_table_get(const edgefn_pair *sorted, size_t count, edgefn_str key)
{
    for (size_t low = 0, high = key.ptr != NULL ? count : 0; low < high;) {
        size_t mid = low + (high - low) / 2;
        int d = edgefn__compare(sorted[mid].from, key);
        if (d == 0) return sorted[mid].to;
        if (d < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return edgefn__absent();
}

EDGEFN_API edgefn_str edgefn_lookup(edgefn_event *ev, edgefn_str table, edgefn_str key)
{
    const edgefn_env *env = ev->env;
    if (env->lookup != NULL && (table.ptr == NULL || key.ptr == NULL)) return edgefn__absent();
    if (env->lookup != NULL) return env->lookup(env->user, table, key);
    edgefn__fail(ev, EDGEFN_E_ENVIRONMENT, "edgefn_lookup", table);
    return edgefn__absent();
}

/*=== >>respond ==================================================================================*/

EDGEFN_API edgefn_str edgefn_status_text(uint32_t status)
{
    size_t low = 0;
    size_t high = EDGEFN__COUNT(edgefn__statuses);
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (edgefn__statuses[mid].status < status)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < EDGEFN__COUNT(edgefn__statuses) && edgefn__statuses[low].status == status)
        return edgefn__str(edgefn__statuses[low].text, edgefn__statuses[low].len);
    return EDGEFN_S("");
}

/* Asks whether the event can be answered at all. */
static bool edgefn__answerable(edgefn_event *ev, const char *where)
{
    if (ev->_self != ev || !(ev->_flags & EDGEFN__PARSED))
        return edgefn__fail(ev, EDGEFN_E_MISUSE, where, edgefn__absent());
    if (ev->err.code != EDGEFN_OK) return false;
    if (ev->dialect == EDGEFN_LAMBDA && ev->type == EDGEFN_VIEWER_RESPONSE)
        return edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, where, edgefn__absent());
    return true;
}

static bool edgefn__status_change(edgefn_event *ev, const char *where, uint32_t status,
                                  edgefn_str text)
{
    if (status < 200 || status > 599)
        return edgefn__fail(ev, EDGEFN_E_STATUS, where, edgefn__absent());
    if (text.ptr == NULL) text = edgefn_status_text(status);
    if (!edgefn__is_text(text, true, ""))
        return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, where, text);
    ev->response.status = status;
    ev->response.status_text = text;
    return true;
}

EDGEFN_API bool edgefn_status_set(edgefn_event *ev, uint32_t status, edgefn_str text)
{
    if (!edgefn__answerable(ev, "edgefn_status_set")) return false;
    if (ev->response.status == 0)
        return edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, "edgefn_status_set", edgefn__absent());
    return edgefn__status_change(ev, "edgefn_status_set", status, text);
}

/* Puts bytes into a body as their encoding needs it. */
static bool edgefn__body_fill(edgefn_event *ev, edgefn_body *body, edgefn_str bytes,
                              edgefn_encoding encoding, const char *where)
{
    if (bytes.ptr == NULL) bytes = EDGEFN_S("");
    if (encoding != EDGEFN_BASE64) {
        bool text = edgefn__is_utf8(bytes);
        if (!text && encoding == EDGEFN_TEXT)
            return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, where, edgefn__absent());
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
    const edgefn_str names[] = { EDGEFN_S_INIT("content-encoding"), EDGEFN_S_INIT("content-length"),
                                 EDGEFN_S_INIT("etag"), EDGEFN_S_INIT("content-md5") };
    if (edgefn_is_request(ev)) return true;
    for (size_t i = 0; i < EDGEFN__COUNT(names); i++) {
        if (edgefn_has(&ev->response.headers, names[i]))
            edgefn_remove(&ev->response.headers, names[i]);
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
    if (opts->body.ptr != NULL && opts->body.len != 0 && status == 204)
        return edgefn__fail(ev, EDGEFN_E_POLICY, where, EDGEFN_S("204 with a body"));
    if (edgefn_is_request(ev)) {
        ev->_unsynced[1] = NULL;
        edgefn__view_reset(&to->headers, 0);
        edgefn__view_reset(&to->_cookies, 0);
        edgefn__memset(&to->body, 0, sizeof to->body);
    }
    if (!edgefn__status_change(ev, where, status, opts->status_text)) return false;
    if (opts->body.ptr != NULL && status != 204) {
        edgefn_str type = opts->content_type.ptr != NULL ? opts->content_type
                                                         : EDGEFN_S("text/html; charset=utf-8");
        if (!edgefn__body_fill(ev, &to->body, opts->body, opts->encoding, where)) return false;
        if (!edgefn__forget_body(ev) || !edgefn_set(&to->headers, EDGEFN_S("Content-Type"), type))
            return false;
    } else {
        if (!edgefn_is_request(ev) && !edgefn_body_drop(ev)) return false;
        if (opts->content_type.ptr != NULL
            && !edgefn_set(&to->headers, EDGEFN_S("Content-Type"), opts->content_type))
            return false;
    }
    if (opts->cache_max_age_s != 0) {
        const edgefn_str age[] = { EDGEFN_S_INIT("max-age="),
                                   edgefn_str_from_u64(ev, opts->cache_max_age_s) };
        return edgefn_set(&to->headers, EDGEFN_S("Cache-Control"), edgefn_str_join(ev, age, 2));
    }
    if (ev->type != EDGEFN_ORIGIN_REQUEST || opts->cacheable) return true;
    return edgefn_set(&to->headers, EDGEFN_S("Cache-Control"), EDGEFN_S("no-store"));
}

static bool edgefn__redirect_with(edgefn_event *ev, uint32_t status, edgefn_str url, bool cacheable,
                                  uint32_t max_age_s, const char *where)
{
    edgefn_respond_opts opts;
    edgefn__memset(&opts, 0, sizeof opts);
    opts.cacheable = cacheable;
    opts.cache_max_age_s = max_age_s;
    if (status == 0) status = 302;
    if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308)
        return edgefn__fail(ev, EDGEFN_E_STATUS, where, edgefn__absent());
    return edgefn_respond(ev, status, &opts)
           && edgefn_set(&ev->response.headers, EDGEFN_S("Location"), url);
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
    edgefn_str host =
        opts->host.ptr != NULL ? opts->host : edgefn_get(&ev->request.headers, EDGEFN_S("host"));
    edgefn_str path = opts->path.ptr != NULL ? opts->path : ev->request.uri;
    if (host.ptr == NULL) return edgefn__fail(ev, EDGEFN_E_MISSING, where, EDGEFN_S("host"));
    if (!EDGEFN__IS(scheme, "https") && !EDGEFN__IS(scheme, "http"))
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, where, scheme);
    if (!edgefn__host_ok(host)) return edgefn__fail(ev, EDGEFN_E_OPTIONS, where, host);
    if (!edgefn_str_starts(path, EDGEFN_S("/"))) return edgefn__fail(ev, EDGEFN_E_URI, where, path);
    bool given = opts->path.ptr != NULL;
    edgefn_cut hash = edgefn_str_cut(path, EDGEFN_S("#")); /* a query stands before the fragment */
    if (given) path = hash.head;
    edgefn_str query = opts->drop_query || edgefn_str_contains(path, EDGEFN_S("?"))
                           ? EDGEFN_S("")
                           : edgefn_query_text(ev);
    edgefn_str url = edgefn__absolute(ev, scheme, host, path, given, query);
    if (given && hash.found && url.ptr != NULL) {
        const edgefn_str parts[] = { url, EDGEFN_S("#"),
                                     edgefn__alike(ev, hash.tail, EDGEFN_S("!$&'()*+,;=:@/[]%?"),
                                                   EDGEFN__RAW) };
        url = edgefn_str_join(ev, parts, 3);
    }
    return url.ptr != NULL
           && edgefn__redirect_with(ev, opts->status, url, opts->cacheable, opts->cache_max_age_s,
                                    where);
}

EDGEFN_API bool edgefn_redirect_to(edgefn_event *ev, uint32_t status, edgefn_str url)
{
    const char *where = "edgefn_redirect_to";
    if (!edgefn__answerable(ev, where)) return false;
    edgefn_url_parts u = edgefn_url_split(url);
    bool http =
        edgefn_str_ieq(u.scheme, EDGEFN_S("http")) || edgefn_str_ieq(u.scheme, EDGEFN_S("https"));
    bool ok =
        u.ok && u.userinfo.ptr == NULL
        && (u.host.ptr != NULL ? http
                               : u.scheme.ptr == NULL && edgefn_str_starts(u.path, EDGEFN_S("/")));
    if (!ok) return edgefn__fail(ev, EDGEFN_E_URI, where, url);
    return edgefn__redirect_with(ev, status, url, false, 0, where);
}

EDGEFN_API bool edgefn_error_page(edgefn_event *ev, uint32_t status)
{
    edgefn_respond_opts opts;
    edgefn_str text = edgefn_status_text(status);
    if (!edgefn__answerable(ev, "edgefn_error_page")) return false;
    edgefn_str number = edgefn_str_from_u64(ev, status);
    edgefn_str blank = text.len != 0 ? EDGEFN_S(" ") : EDGEFN_S("");
    const edgefn_str parts[] = {
        EDGEFN_S("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>"),
        number,
        blank,
        text,
        EDGEFN_S("</title></head>\n<body><h1>"),
        number,
        blank,
        text,
        EDGEFN_S("</h1></body></html>\n")
    };
    edgefn__memset(&opts, 0, sizeof opts);
    if (status != 204) opts.body = edgefn_str_join(ev, parts, EDGEFN__COUNT(parts));
    return ev->err.code == EDGEFN_OK && edgefn_respond(ev, status, &opts);
}

/*=== >>body =====================================================================================*/

static const char edgefn__base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char edgefn__base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Encodes with one of the two alphabets; the first one pads. */
static edgefn_str edgefn__base64_write(edgefn_event *ev, edgefn_str bytes, const char *digits)
{
    size_t n = bytes.len;
    size_t i = 0;
    char *to = (char *)edgefn__take(ev, n / 3 + (n % 3 != 0), 4, 1);
    char *at = to;
    if (to == NULL) return edgefn__absent();
    for (; n - i >= 3; i += 3) {
        uint32_t v = (uint32_t)(unsigned char)bytes.ptr[i] << 16
                     | (uint32_t)(unsigned char)bytes.ptr[i + 1] << 8
                     | (unsigned char)bytes.ptr[i + 2];
        *at++ = digits[v >> 18];
        *at++ = digits[v >> 12 & 63];
        *at++ = digits[v >> 6 & 63];
        *at++ = digits[v & 63];
    }
    if (i < n) {
        uint32_t v = (uint32_t)(unsigned char)bytes.ptr[i] << 16
                     | (n - i == 2 ? (uint32_t)(unsigned char)bytes.ptr[i + 1] << 8 : 0);
        *at++ = digits[v >> 18];
        *at++ = digits[v >> 12 & 63];
        if (n - i == 2) *at++ = digits[v >> 6 & 63];
        for (; digits[62] == '+' && (at - to) % 4 != 0; at++)
            *at = '=';
    }
    return edgefn__str(to, (size_t)(at - to));
}

EDGEFN_API edgefn_str edgefn_base64_encode(edgefn_event *ev, edgefn_str bytes)
{
    return edgefn__base64_write(ev, bytes, edgefn__base64_digits);
}

/* The value of a base64 digit; 64 for any other byte. */
EDGEFN__INLINE uint32_t edgefn__base64_digit(const unsigned char *table, char c)
{
    return table[(unsigned char)c];
}

/* Decodes into `to`, or only checks where that is NULL. Gives the length, (size_t)-1 for what is
   not base64 in this alphabet. */
static size_t edgefn__base64_read_as(edgefn_str text, char *to, const char *digits)
{
    const size_t bad = (size_t)-1;
    unsigned char table[256];
    /* rest: digits of the last, shorter group */
    size_t n = 0;
    size_t rest = text.len % 4;
    size_t whole = text.len - rest;
    if (digits[62] == '+') {
        if (rest != 0) return bad;
        if (whole != 0 && text.ptr[whole - 1] == '=') {
            rest = text.ptr[whole - 2] == '=' ? 2 : 3;
            whole -= 4;
        }
    }
    edgefn__memset(table, 64, sizeof table);
    for (uint32_t i = 0; i < 64; i++)
        table[(unsigned char)digits[i]] = (unsigned char)i;
    for (size_t i = 0; i < whole; i += 4) {
        uint32_t a = edgefn__base64_digit(table, text.ptr[i]);
        uint32_t b = edgefn__base64_digit(table, text.ptr[i + 1]);
        uint32_t c = edgefn__base64_digit(table, text.ptr[i + 2]);
        uint32_t d = edgefn__base64_digit(table, text.ptr[i + 3]);
        if (((a | b | c | d) & 64) != 0) return bad;
        if (to != NULL) {
            to[n] = (char)(a << 2 | b >> 4);
            to[n + 1] = (char)((b << 4 | c >> 2) & 255);
            to[n + 2] = (char)((c << 6 | d) & 255);
        }
        n += 3;
    }
    if (rest < 2) return rest == 0 ? n : bad;
    uint32_t a = edgefn__base64_digit(table, text.ptr[whole]);
    uint32_t b = edgefn__base64_digit(table, text.ptr[whole + 1]);
    uint32_t c = rest == 3 ? edgefn__base64_digit(table, text.ptr[whole + 2]) : 0;
    if (((a | b | c) & 64) != 0 || (rest == 2 ? (b & 15) != 0 : (c & 3) != 0)) return bad;
    if (to != NULL) to[n] = (char)(a << 2 | b >> 4);
    if (to != NULL && rest == 3) to[n + 1] = (char)((b << 4 | c >> 2) & 255);
    return n + rest - 1;
}

static size_t edgefn__base64_read(edgefn_str text, char *to)
{
    return edgefn__base64_read_as(text, to, edgefn__base64_digits);
}

static edgefn_str edgefn__base64_take(edgefn_event *ev, edgefn_str text, const char *digits)
{
    size_t n = text.ptr != NULL ? edgefn__base64_read_as(text, NULL, digits) : (size_t)-1;
    char *to = n != (size_t)-1 ? (char *)edgefn__take(ev, n, 1, 1) : NULL;
    if (to == NULL) return edgefn__absent();
    edgefn__base64_read_as(text, to, digits);
    return edgefn__str(to, n);
}

EDGEFN_API edgefn_str edgefn_base64_decode(edgefn_event *ev, edgefn_str text)
{
    return edgefn__base64_take(ev, text, edgefn__base64_digits);
}
EDGEFN_API edgefn_str edgefn_base64url_encode(edgefn_event *ev, edgefn_str bytes)
{
    return edgefn__base64_write(ev, bytes, edgefn__base64url_digits);
}
EDGEFN_API edgefn_str edgefn_base64url_decode(edgefn_event *ev, edgefn_str text)
{
    return edgefn__base64_take(ev, text, edgefn__base64url_digits);
}

EDGEFN_API edgefn_str edgefn_body_decode_part(edgefn_event *ev, const edgefn_body *body)
{
    if (body->data.ptr == NULL || body->encoding == EDGEFN_ENCODING_DEFAULT)
        return edgefn__absent();
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
    if (body == NULL || !edgefn__body_fill(ev, body, bytes, encoding, "edgefn_body_replace"))
        return false;
    if (body == &ev->response.body) return edgefn__forget_body(ev);
    body->replace = true;
    body->truncated = false;
    ev->_flags &= ~(uint32_t)(EDGEFN__ACTION_FILLED | EDGEFN__ENCODING_FILLED);
    return true;
}

EDGEFN_API bool edgefn_body_drop(edgefn_event *ev)
{
    return edgefn_body_replace(ev, EDGEFN_S(""), EDGEFN_TEXT);
}

/*=== >>origin ===================================================================================*/

/* A DNS name: letters, digits, '-', '_', '.', not an address. Source: Lambda@Edge event structure,
   Request object, domainName. */
static bool edgefn__domain_ok(edgefn_str d, bool s3)
{
    bool letter = false;
    if (d.len == 0 || d.len > (s3 ? 128u : 253u)) return false;
    for (size_t i = 0; i < d.len; i++) {
        char c = d.ptr[i];
        char low = edgefn__lower(c);
        bool alpha = low >= 'a' && low <= 'z';
        if (!alpha && !(edgefn__class_of(c) & EDGEFN__C_DIGIT) && c != '.' && c != '-' && c != '_')
            return false;
        if (s3 && c != low) return false;
        letter |= alpha;
    }
    return letter;
}

static bool edgefn__origin_check(edgefn_event *ev, const edgefn_origin *o, bool whole,
                                 const char *where);

static bool edgefn__origin_switch(edgefn_event *ev, const edgefn_origin *to, bool keep_host,
                                  const char *where)
{
    edgefn_origin *o = &ev->request.origin;
    if (ev->_self != ev || !(ev->_flags & EDGEFN__PARSED))
        return edgefn__fail(ev, EDGEFN_E_MISUSE, where, edgefn__absent());
    if (ev->err.code != EDGEFN_OK) return false;
    if (ev->dialect != EDGEFN_LAMBDA)
        return edgefn__fail(ev, EDGEFN_E_DIALECT, where, edgefn__absent());
    if (ev->type != EDGEFN_ORIGIN_REQUEST)
        return edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, where, edgefn__absent());
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

/*=== >>write ======================================================================================
   A plan is a list of replacements in the received text: at `at` take `del` bytes out and put
   `text` in. Several at one place go out in the order in which they were planned. Plan and texts
   are taken from the arena's top and given back; only the spans keep their texts. */

enum {
    EDGEFN__V_STR,
    EDGEFN__V_U32,
    EDGEFN__V_STATUS,
    EDGEFN__V_HTTPS,
    EDGEFN__V_TLS,
    EDGEFN__V_ACTION,
    EDGEFN__V_ENCODING,
    EDGEFN__V_WHOLE
};

typedef struct edgefn__member_info {
    const char *lambda,
        /* the path; the part behind the last '.' is the name. Of an origin: custom and S3 */
        *functions;
    uint16_t offset; /* of the value in edgefn_event */
    uint16_t was;    /* of the received number in edgefn__was */
    uint8_t kind, object;
} edgefn__member_info;

#    define EDGEFN__AT(path)  (uint16_t) offsetof(edgefn_event, path)
#    define EDGEFN__WAS(path) (uint16_t) offsetof(edgefn__was, path)
/* clang-format off */
static const edgefn__member_info edgefn__members[EDGEFN_M_COUNT] = {
    { "request.clientIp", "viewer.ip", EDGEFN__AT(request.client_ip), 0, EDGEFN__V_STR,
      EDGEFN__O_REQUEST },
    { "request.method", "request.method", EDGEFN__AT(request.method), 0, EDGEFN__V_STR,
      EDGEFN__O_REQUEST },
    { "request.uri", "request.uri", EDGEFN__AT(request.uri), 0, EDGEFN__V_STR, EDGEFN__O_REQUEST },
    { "request.querystring", "request.querystring", EDGEFN__AT(request.querystring), 0,
      EDGEFN__V_STR, EDGEFN__O_REQUEST },
    { "request.body.action", NULL, EDGEFN__AT(request.body.replace), EDGEFN__WAS(replace),
      EDGEFN__V_ACTION, EDGEFN__O_BODY },
    { "request.body.encoding", NULL, EDGEFN__AT(request.body.encoding),
      EDGEFN__WAS(body_encoding), EDGEFN__V_ENCODING, EDGEFN__O_BODY },
    { "request.body.data", NULL, EDGEFN__AT(request.body.data), 0, EDGEFN__V_STR, EDGEFN__O_BODY },
    { "request.origin", NULL, 0, 0, EDGEFN__V_WHOLE, EDGEFN__O_REQUEST },
    { "request.origin.custom.domainName", "request.origin.s3.domainName",
      EDGEFN__AT(request.origin.domain), 0, EDGEFN__V_STR, EDGEFN__O_ORIGIN },
    { "request.origin.custom.path", "request.origin.s3.path",
      EDGEFN__AT(request.origin.path), 0, EDGEFN__V_STR, EDGEFN__O_ORIGIN },
    { "request.origin.custom.port", "request.origin.s3.port",
      EDGEFN__AT(request.origin.port), EDGEFN__WAS(port), EDGEFN__V_U32, EDGEFN__O_ORIGIN },
    { "request.origin.custom.keepaliveTimeout", "request.origin.s3.keepaliveTimeout",
      EDGEFN__AT(request.origin.keepalive_s), EDGEFN__WAS(keepalive_s), EDGEFN__V_U32,
      EDGEFN__O_ORIGIN },
    { "request.origin.custom.readTimeout", "request.origin.s3.readTimeout",
      EDGEFN__AT(request.origin.read_timeout_s), EDGEFN__WAS(read_timeout_s), EDGEFN__V_U32,
      EDGEFN__O_ORIGIN },
    { "request.origin.custom.responseCompletionTimeout",
      "request.origin.s3.responseCompletionTimeout",
      EDGEFN__AT(request.origin.completion_timeout_s), EDGEFN__WAS(completion_timeout_s),
      EDGEFN__V_U32, EDGEFN__O_ORIGIN },
    { "request.origin.custom.protocol", "request.origin.s3.protocol",
      EDGEFN__AT(request.origin.https), EDGEFN__WAS(https), EDGEFN__V_HTTPS, EDGEFN__O_ORIGIN },
    { "request.origin.custom.sslProtocols", "request.origin.s3.sslProtocols",
      EDGEFN__AT(request.origin.tls), EDGEFN__WAS(tls), EDGEFN__V_TLS, EDGEFN__O_ORIGIN },
    { "request.origin.s3.region", "request.origin.s3.region",
      EDGEFN__AT(request.origin.region), 0, EDGEFN__V_STR, EDGEFN__O_ORIGIN },
    { "request.origin.s3.authMethod", "request.origin.s3.authMethod",
      EDGEFN__AT(request.origin.auth_method), 0, EDGEFN__V_STR, EDGEFN__O_ORIGIN },
    { "response.status", "response.statusCode", EDGEFN__AT(response.status), EDGEFN__WAS(status),
      EDGEFN__V_STATUS, EDGEFN__O_RESPONSE },
    { "response.statusDescription", "response.statusDescription",
      EDGEFN__AT(response.status_text), 0, EDGEFN__V_STR, EDGEFN__O_RESPONSE },
    { "response.body", "response.body", EDGEFN__AT(response.body.data), 0, EDGEFN__V_STR,
      EDGEFN__O_RESPONSE },
    { "response.bodyEncoding", NULL, EDGEFN__AT(response.body.encoding),
      EDGEFN__WAS(response_encoding), EDGEFN__V_ENCODING, EDGEFN__O_RESPONSE }
};
/* clang-format on */

EDGEFN_API const char *edgefn_member_name(const edgefn_event *ev, edgefn_member member)
{
    if ((unsigned)member >= EDGEFN_M_COUNT) return "";
    const edgefn__member_info *m = &edgefn__members[member];
    bool second = m->object == EDGEFN__O_ORIGIN ? ev->request.origin.kind == EDGEFN_ORIGIN_S3
                                                : ev->dialect == EDGEFN_FUNCTIONS;
    return second && m->functions != NULL ? m->functions : m->lambda;
}

EDGEFN__INLINE edgefn_str edgefn__member_str(const edgefn_event *ev, const edgefn__member_info *m)
{
    edgefn_str s;
    edgefn__memcpy(&s, (const char *)ev + m->offset, sizeof s);
    return s;
}

/* Gives a member that is no string as a number, now or as received. */
EDGEFN__INLINE uint32_t edgefn__member_u32(const edgefn__member_info *m, const void *base,
                                           size_t offset)
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
    return edgefn__json_means(edgefn__str(raw, n), s, EDGEFN__EXACT);
}

static edgefn_change edgefn__origin_change(const edgefn_event *ev)
{
    bool had = ev->_was.kind != EDGEFN_ORIGIN_NONE;
    if (ev->request.origin.kind == ev->_was.kind && !(ev->_flags & EDGEFN__ORIGIN_NEW))
        return EDGEFN_KEPT;
    if (ev->request.origin.kind == EDGEFN_ORIGIN_NONE) return EDGEFN_REMOVED;
    return had ? EDGEFN_CHANGED : EDGEFN_ADDED;
}

/* A string member as it is now; absent for the others. */
static edgefn_str edgefn__part(const edgefn_event *ev, edgefn_member m)
{
    return edgefn__members[m].kind == EDGEFN__V_STR ? edgefn__member_str(ev, &edgefn__members[m])
                                                    : edgefn__absent();
}

EDGEFN_API edgefn_change edgefn_changed(const edgefn_event *ev, edgefn_member member)
{
    if ((unsigned)member >= EDGEFN_M_COUNT || !(ev->_flags & EDGEFN__PARSED)) return EDGEFN_KEPT;
    const edgefn__member_info *m = &edgefn__members[member];
    edgefn__span had = ev->_had[member];
    if (m->kind == EDGEFN__V_WHOLE) return edgefn__origin_change(ev);
    if (m->kind == EDGEFN__V_STR) {
        edgefn_str now = edgefn__member_str(ev, m);
        if (ev->_parts != NULL) {
            if (edgefn_str_eq(now, ev->_parts[member])) return EDGEFN_KEPT;
            return now.ptr == NULL                  ? EDGEFN_REMOVED
                   : ev->_parts[member].ptr == NULL ? EDGEFN_ADDED
                                                    : EDGEFN_CHANGED;
        }
        bool object =
            had.at != 0
            && ev->_json.ptr[had.at] == '{'; /* CloudFront Functions: querystring and body */
        if (member == EDGEFN_M_RESPONSE_BODY && ev->dialect == EDGEFN_FUNCTIONS && had.at != 0)
            return edgefn_str_eq(now, ev->_was.response_data)
                           && ev->_was.response_encoding == ev->response.body.encoding
                       ? EDGEFN_KEPT
                       : EDGEFN_CHANGED;
        if (now.ptr == NULL) return had.at == 0 || object ? EDGEFN_KEPT : EDGEFN_REMOVED;
        if (had.at == 0) return EDGEFN_ADDED;
        return edgefn__still(ev, had, now) ? EDGEFN_KEPT : EDGEFN_CHANGED;
    }
    uint32_t was = edgefn__member_u32(m, &ev->_was, m->was);
    if (edgefn__member_u32(m, ev, m->offset) == was) return EDGEFN_KEPT;
    bool body = m->object == EDGEFN__O_BODY && ev->_parts != NULL
                && ev->_parts[EDGEFN_M_BODY_DATA].ptr != NULL;
    bool had_part = ev->_parts != NULL
                    && (was != 0 || body
                        || (m->kind == EDGEFN__V_HTTPS && ev->_was.kind == EDGEFN_ORIGIN_CUSTOM));
    return had.at != 0 || had_part ? EDGEFN_CHANGED : EDGEFN_ADDED;
}

EDGEFN_API bool edgefn_fields_changed(const edgefn_fields *f)
{
    return edgefn__list_differs(f);
}

/* The bit of a string member unless it still is the received one, which two compares tell. */
EDGEFN__INLINE uint32_t edgefn__maybe(const edgefn_event *ev, edgefn_member m, edgefn_str s)
{
    edgefn__span had = ev->_had[m];
    bool same = had.at != 0 ? s.ptr == ev->_json.ptr + had.at + 1 && s.len == had.len - 2
                            : s.ptr == NULL && ev->_parts == NULL;
    return (uint32_t)!same << m;
}

/* The same for all members that are no strings, at once: all bits if any of them changed. */
EDGEFN__INLINE uint32_t edgefn__maybe_numbers(const edgefn_event *ev)
{
    const edgefn_origin *o = &ev->request.origin;
    const edgefn__was *w = &ev->_was;
    const edgefn_body *a = &ev->request.body;
    const edgefn_body *b = &ev->response.body;
    uint32_t d = (w->status ^ ev->response.status) | (w->port ^ o->port)
                 | (w->keepalive_s ^ o->keepalive_s) | (w->read_timeout_s ^ o->read_timeout_s)
                 | (w->completion_timeout_s ^ o->completion_timeout_s) | (w->tls ^ o->tls)
                 | (ev->_flags & EDGEFN__ORIGIN_NEW);
    bool same = d == 0 && w->https == o->https && w->kind == o->kind && w->replace == a->replace
                && w->body_encoding == a->encoding && w->response_encoding == b->encoding
                && w->response_data.ptr == b->data.ptr && w->response_data.len == b->data.len;
    return same ? 0 : ~(uint32_t)0;
}

/* Tells of the members from..to whether they changed, one bit each. */
static uint32_t edgefn__changes(const edgefn_event *ev, int from, int to)
{
    const edgefn_request *q = &ev->request;
    uint32_t mask = 0;
    uint32_t maybe = edgefn__maybe_numbers(ev) | edgefn__maybe(ev, EDGEFN_M_CLIENT_IP, q->client_ip)
                     | edgefn__maybe(ev, EDGEFN_M_METHOD, q->method)
                     | edgefn__maybe(ev, EDGEFN_M_URI, q->uri)
                     | edgefn__maybe(ev, EDGEFN_M_QUERYSTRING, q->querystring)
                     | edgefn__maybe(ev, EDGEFN_M_BODY_DATA, q->body.data)
                     | edgefn__maybe(ev, EDGEFN_M_ORIGIN_DOMAIN, q->origin.domain)
                     | edgefn__maybe(ev, EDGEFN_M_ORIGIN_PATH, q->origin.path)
                     | edgefn__maybe(ev, EDGEFN_M_ORIGIN_REGION, q->origin.region)
                     | edgefn__maybe(ev, EDGEFN_M_ORIGIN_AUTH_METHOD, q->origin.auth_method)
                     | edgefn__maybe(ev, EDGEFN_M_STATUS_TEXT, ev->response.status_text)
                     | edgefn__maybe(ev, EDGEFN_M_RESPONSE_BODY, ev->response.body.data);
    for (int m = from; m <= to && maybe >> m != 0; m++) {
        if ((maybe >> m & 1) != 0 && edgefn_changed(ev, (edgefn_member)m) != EDGEFN_KEPT)
            mask |= (uint32_t)1 << m;
    }
    return mask;
}
#    define EDGEFN__BIT(member) ((uint32_t)1 << (member))
#    define EDGEFN__ORIGIN_BITS                                                                    \
      (EDGEFN__BIT(EDGEFN_M_ORIGIN_AUTH_METHOD + 1) - EDGEFN__BIT(EDGEFN_M_ORIGIN_DOMAIN))

typedef struct edgefn__edit {
    struct edgefn__edit *next;
    uint32_t at, del;
    edgefn_str text;
} edgefn__edit;

typedef struct edgefn__plan {
    edgefn_event *ev;
    edgefn__edit *head, *last;
    size_t used, top;  /* before the first edit, and now */
    uint32_t from, to; /* the span of the input that the edits are about; both 0 for an answer */
    bool keep_texts, unsorted;
    bool inserted[4]; /* an object got its first member */
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

/* Puts the edits in order of place; equal places keep the order in which they were planned. Merges
   runs of 1, 2, 4, ... */
static void edgefn__plan_sort(edgefn__plan *p)
{
    for (size_t run = 1;; run *= 2) {
        edgefn__edit *rest = p->head;
        edgefn__edit *tail = NULL;
        size_t merges = 0;
        while (rest != NULL) {
            edgefn__edit *a = rest;
            edgefn__edit *b = rest;
            size_t left = 0;
            size_t right = run;
            merges++;
            while (left < run && b != NULL) {
                b = b->next;
                left++;
            }
            while (left > 0 || (right > 0 && b != NULL)) {
                bool take_a = left > 0 && (right == 0 || b == NULL || a->at <= b->at);
                edgefn__edit *e = take_a ? a : b;
                if (take_a) {
                    a = a->next;
                    left--;
                } else {
                    b = b->next;
                    right--;
                }
                if (tail != NULL)
                    tail->next = e;
                else
                    p->head = e;
                tail = e;
            }
            rest = b;
        }
        if (tail != NULL) tail->next = NULL;
        if (merges <= 1) break;
    }
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
        return edgefn__plan_edit(p, at, 0, EDGEFN_S("\"")) && edgefn__plan_edit(p, at, 0, s)
               && edgefn__plan_edit(p, at, del, EDGEFN_S("\""));
    edgefn__text t = edgefn__text_begin(p->ev, p->top);
    edgefn__put_quoted(&t, s);
    return edgefn__plan_text(p, &t, at, del);
}

/* Where a new last member or element goes: behind the last one, before the white space. *empty:
   there is none. */
static uint32_t edgefn__last_end(const char *t, uint32_t close, bool *empty)
{
    while (edgefn__class_of(t[close - 1]) & EDGEFN__C_SPACE)
        close--;
    *empty = t[close - 1] == '{' || t[close - 1] == '[';
    return close;
}

/* Takes members or elements out of their container with the commas that go with them. Runs of
   neighbours go out in one piece. */
typedef struct edgefn__cutter {
    edgefn__plan *plan;
    uint32_t from, next,
        end; /* the run: its start, what follows it (0: the end of the container), the end of its
                last one */
    bool emptied;
} edgefn__cutter;

static bool edgefn__cut_flush(edgefn__cutter *c)
{
    const char *t = c->plan->ev->_json.ptr;
    uint32_t from = c->from;
    uint32_t end = c->next != 0 ? c->next : c->end;
    if (from == 0) return true;
    if (c->next == 0) {
        uint32_t before = from;
        while (edgefn__class_of(t[before - 1]) & EDGEFN__C_SPACE)
            before--;
        if (t[before - 1] == ',')
            from = before - 1;
        else
            c->emptied = true;
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

/*--- lists of fields ----------------------------------------------------------------------------*/

/* True if a field's text comes from a cookie list that was written back: the list's fields were
   looked at. */
static bool edgefn__from_cookies(const edgefn_event *ev, const edgefn_fields *f, edgefn_str name)
{
    const edgefn_fields *view =
        f->_kind == EDGEFN__REQUEST_HEADERS ? &ev->request._cookies : &ev->response._cookies;
    if (f->_kind > EDGEFN__RESPONSE_HEADERS || ev->dialect != EDGEFN_LAMBDA
        || !(view->_flags & EDGEFN__SYNCED))
        return false;
    return edgefn_str_eq(name, f->_kind == EDGEFN__REQUEST_HEADERS ? EDGEFN_S("cookie")
                                                                   : EDGEFN_S("set-cookie"));
}

/* A field that was added or changed: is it still one that the setters would take? */
EDGEFN__NOINLINE bool edgefn__field_still_ok(edgefn_event *ev, const edgefn_fields *f,
                                             const edgefn_field *it)
{
    const edgefn_field *was = edgefn__received_of(f, it);
    if (edgefn__from_cookies(ev, f, it->name)) return true;
    if (was == NULL && !edgefn__name_ok(ev, f, it->name)) return false;
    if (was == NULL && it->key.ptr != NULL && !edgefn_str_ieq(it->key, it->name))
        return edgefn__fail(ev, EDGEFN_E_FIELD_NAME, edgefn__list_name(f), it->name);
    if ((was == NULL || !edgefn_str_eq(was->value, it->value))
        && !edgefn__value_ok(ev, f, it->name, it->value))
        return false;
    bool attributes = it->attributes.ptr != NULL
                      && (was == NULL || !edgefn_str_eq(was->attributes, it->attributes));
    if (!attributes || edgefn__is_text(it->attributes, false, "")) return true;
    return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, edgefn__list_name(f), it->name);
}

/* A name or its spelling: what a handler added is a token and needs no look for escapes. */
static void edgefn__put_name(edgefn__text *t, const edgefn_field *it, edgefn_str name)
{
    if (it->_value != 0) {
        edgefn__put_quoted(t, name);
        return;
    }
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
static void edgefn__put_group_value(edgefn__text *t, const edgefn_event *ev, const edgefn_field *it,
                                    size_t n)
{
    if (ev->dialect == EDGEFN_FUNCTIONS) {
        EDGEFN__PUT(t, "{");
        edgefn__put_items(t, it, n);
        EDGEFN__PUT(t, "}");
        return;
    }
    EDGEFN__PUT(t, "[");
    for (size_t i = 0; i < n; i++) {
        if (i != 0) EDGEFN__PUT(t, ",");
        edgefn__put_entry(t, &it[i]);
    }
    EDGEFN__PUT(t, "]");
}

static void edgefn__put_group(edgefn__text *t, const edgefn_event *ev, const edgefn_field *it,
                              size_t n)
{
    edgefn__put_name(t, it, it->name);
    EDGEFN__PUT(t, ":");
    edgefn__put_group_value(t, ev, it, n);
}

/* The same for the usual case, all of it in one go: one new header, spelled as it is named, its
   value without escapes. False, with nothing written, for all others. */
EDGEFN__INLINE bool edgefn__put_new_header(edgefn__text *t, const edgefn_event *ev,
                                           const edgefn_field *it, bool comma)
{
    bool lambda = ev->dialect == EDGEFN_LAMBDA;
    size_t n = it->name.len;
    size_t m = it->value.len;
    size_t room = (size_t)(t->end - t->at);
    if (it->_value != 0 || it->attributes.ptr != NULL
        || it->key.ptr != (lambda ? it->name.ptr : NULL))
        return false;
    if ((n | m) >> 20 != 0 || room < 48 + n * 2 + m) return false;
    char *p = t->at;
    *p = ',';
    p += comma;
    *p++ = '"';
    if (!edgefn__copy_lower_token(p, it->name)) return false;
    p += n;
    if (lambda) {
        edgefn__memcpy(p, "\":[{\"key\":\"", 11);
        edgefn__copy(p + 11, it->name.ptr, n);
        edgefn__memcpy(p + 11 + n, "\",\"value\":\"", 11);
        p += n + 22;
    } else {
        edgefn__memcpy(p, "\":{\"value\":\"", 12);
        p += 12;
    }
    if (!edgefn__copy_plain(p, it->value)) return false; /* what was written does not count */
    edgefn__memcpy(p + m, lambda ? "\"}]," : "\"},,", 4);
    t->at = p + m + 2 + lambda;
    return true;
}

/* Where a run of fields of one name ends. */
static size_t edgefn__run_end(const edgefn_field *items, size_t len, size_t i)
{
    size_t end = i + 1;
    while (end < len && items[end]._tag == items[i]._tag
           && edgefn_str_eq(items[end].name, items[i].name))
        end++;
    return end;
}

/* Looks at a run of fields before it is written; what is wrong with it is in ev->err. */
static void edgefn__look_again(edgefn_event *ev, const edgefn_fields *f, size_t from, size_t end)
{
    for (; from < end; from++) {
        if (f->items[from].change != EDGEFN_KEPT && !edgefn__field_still_ok(ev, f, &f->items[from]))
            return;
    }
}

/* Writes fields [from, len) as new members. */
static void edgefn__put_groups(edgefn__text *t, edgefn_event *ev, const edgefn_fields *f,
                               size_t from, bool comma)
{
    for (size_t i = from, end; i < f->len; i = end) {
        end = i + 1;
        bool alone = end == f->len || f->items[end]._tag != f->items[i]._tag;
        if (alone && edgefn__put_new_header(t, ev, &f->items[i], comma)) {
            comma = true;
            continue;
        }
        end = edgefn__run_end(f->items, f->len, i);
        edgefn__look_again(ev, f, i, end);
        if (comma) EDGEFN__PUT(t, ",");
        comma = true;
        edgefn__put_group(t, ev, &f->items[i], end - i);
    }
}

/* A group's part of the plan: items [i, j) are what there is now, removed [k, m) what went. */
typedef struct edgefn__group {
    const edgefn_fields *list;
    edgefn_field *items, *removed;
    size_t count, gone;
    uint32_t at;
} edgefn__group;

static bool edgefn__plan_value(edgefn__plan *p, const edgefn_field *it)
{
    return edgefn__plan_string(
        p, it->_value, edgefn__after_string(p->ev->_json.ptr, it->_value) - it->_value, it->value);
}

/* A group that came as null is written anew in its place. */
static bool edgefn__plan_null(edgefn__plan *p, const edgefn__group *g)
{
    edgefn__text t = edgefn__text_begin(p->ev, p->top);
    edgefn__put_group_value(&t, p->ev, g->items, g->count);
    return edgefn__plan_text(p, &t, edgefn__after_name(p->ev->_json.ptr, g->at), 4);
}

/* Lambda@Edge: changed values are replaced, removed entries cut out of the array, new ones put
   behind the last. */
static bool edgefn__plan_entries(edgefn__plan *p, const edgefn__group *g)
{
    const char *t = p->ev->_json.ptr;
    edgefn__cutter cut = { p, 0, 0, 0, false };
    uint32_t at = edgefn__ws(t, edgefn__after_name(t, g->at) + 1);
    uint32_t last = at;
    size_t added = 0;
    size_t gone = 0;
    if (t[edgefn__after_name(t, g->at)] == 'n') return edgefn__plan_null(p, g);
    uint32_t name_end = edgefn__after_string(t, g->at);
    bool filled =
        g->gone == 0
        && g->items[0]._value
               /* it came without values: the handler's header now, in lower case as all of those */
               == 0;
    bool respelled =
        filled && !edgefn__json_means(edgefn__string_at(t, g->at), g->items[0].name, EDGEFN__EXACT);
    if (respelled && !edgefn__plan_string(p, g->at, name_end - g->at, g->items[0].name))
        return false;
    for (size_t i = 0; i < g->count; i++) {
        if (g->items[i]._value == 0)
            added++;
        else if (g->items[i].change != EDGEFN_KEPT && !edgefn__plan_value(p, &g->items[i]))
            return false;
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
    return edgefn__json_means(edgefn__string_at(p, at), edgefn_cstr(name), EDGEFN__EXACT);
}

/* Writes the elements of multiValue; those that came in the array at `array` (0: there is none) and
   were kept go out as they came. */
static void edgefn__put_elements(edgefn__text *t, const edgefn_event *ev, const edgefn__group *g,
                                 uint32_t array)
{
    const char *p = ev->_json.ptr;
    uint32_t at = array != 0 ? edgefn__ws(p, array + 1) : 0;
    EDGEFN__PUT(t, "[");
    for (size_t i = 0; i < g->count; i++) {
        const edgefn_field *it = &g->items[i];
        uint32_t end = 0;
        if (i != 0) EDGEFN__PUT(t, ",");
        while (array != 0 && it->_value > at && p[at] != ']'
               && (end = edgefn__after_value(p, at)) <= it->_value) {
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

/* Writes a CloudFront Functions item whose number of values or whose attributes changed: each
   member in its old place. */
static void edgefn__put_item_anew(edgefn__text *t, const edgefn_event *ev, const edgefn__group *g,
                                  uint32_t open)
{
    const char *p = ev->_json.ptr;
    const edgefn_field *it = g->items;
    bool value = true;
    bool attributes = it->attributes.ptr != NULL;
    bool multi = g->count > 1;
    bool comma = false;
    EDGEFN__PUT(t, "{");
    for (uint32_t at = edgefn__ws(p, open + 1); p[at] != '}';) {
        uint32_t start = at;
        uint32_t from = edgefn__after_name(p, at);
        uint32_t end = edgefn__after_value(p, from);
        bool is_multi =
            edgefn__is_member(p, start, "multiValue") || edgefn__is_member(p, start, "multivalue");
        bool is_attributes = edgefn__is_member(p, start, "attributes");
        bool *left = edgefn__is_member(p, start, "value") ? &value
                     : is_attributes                      ? &attributes
                     : is_multi                           ? &multi
                                                          : NULL;
        at = edgefn__ws(p, end);
        if (p[at] == ',') at = edgefn__ws(p, at + 1);
        if (left != NULL && !*left) continue; /* it has no place any more */
        if (comma) EDGEFN__PUT(t, ",");
        comma = true;
        edgefn__put(t, p + start, (left == NULL ? end : from) - start);
        if (left == NULL) continue;
        *left = false;
        if (is_multi)
            edgefn__put_elements(t, ev, g, p[from] == '[' ? from : 0);
        else
            edgefn__put_quoted(t, is_attributes ? it->attributes : it->value);
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

/* Finds the value of an object's member; 0 when it has none. */
static uint32_t edgefn__find_member(const char *p, uint32_t open, const char *name)
{
    for (uint32_t at = edgefn__ws(p, open + 1); p[at] != '}';) {
        uint32_t from = edgefn__after_name(p, at);
        if (edgefn__is_member(p, at, name)) return from;
        at = edgefn__ws(p, edgefn__after_value(p, from));
        if (p[at] == ',') at = edgefn__ws(p, at + 1);
    }
    return 0;
}

/* CloudFront Functions: with the same number of values only the values' text changes, that of the
   first in both its places. */
static bool edgefn__plan_items(edgefn__plan *p, const edgefn__group *g)
{
    const char *t = p->ev->_json.ptr;
    uint32_t open = edgefn__after_name(t, g->at);
    if (t[open] == 'n') return edgefn__plan_null(p, g);
    uint32_t first = edgefn__find_member(t, open, "value");
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
            if (!edgefn__plan_string(p, first, edgefn__after_string(t, first) - first, it->value))
                return false;
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
    size_t n = f->removed_len;
    size_t i = 1;
    while (i < n && e[i - 1]._value <= e[i]._value)
        i++;
    if (i >= n) return e;
    for (i = n / 2; i-- > 0;)
        edgefn__removed_sift(e, i, n);
    for (i = n; i-- > 1;) {
        edgefn_field last = e[i];
        e[i] = e[0];
        e[0] = last;
        edgefn__removed_sift(e, 0, i);
    }
    return e;
}

/* Plans the part of a list that was received, name by name in the order of the text. Gives the
   first field of a new name. */
static bool edgefn__plan_groups(edgefn__plan *p, edgefn_fields *f, edgefn__cutter *cut,
                                size_t *fresh)
{
    const char *t = p->ev->_json.ptr;
    edgefn_field *items = (edgefn_field *)(uintptr_t)f->items;
    edgefn_field *removed = edgefn__removed_sorted(f);
    size_t i = 0;
    size_t k = 0;
    for (;;) {
        bool have_item = i < f->len && items[i]._group != 0;
        bool have_removed = k < f->removed_len;
        if (!have_item && !have_removed) break;
        edgefn__group g = { f, items + i, NULL, 0, 0, have_item ? items[i]._group : UINT32_MAX };
        if (have_removed && removed[k]._group < g.at) g.at = removed[k]._group;
        bool touched = false;
        for (; i < f->len && items[i]._group == g.at; i++, g.count++)
            touched |= items[i].change != EDGEFN_KEPT;
        g.removed = removed != NULL ? removed + k : NULL;
        for (; k < f->removed_len && removed[k]._group == g.at; k++)
            g.gone++;
        if (g.count == 0) {
            if (!edgefn__cut(cut, g.at, edgefn__after_value(t, edgefn__after_name(t, g.at))))
                return false;
        } else if (touched || g.gone != 0) {
            if (p->ev->dialect == EDGEFN_FUNCTIONS ? !edgefn__plan_items(p, &g)
                                                   : !edgefn__plan_entries(p, &g))
                return false;
        }
    }
    *fresh = i;
    return edgefn__cut_flush(cut);
}

/* Plans a piece of the text to go in at another place. */
static bool edgefn__plan_piece(edgefn__plan *p, uint32_t at, uint32_t from, uint32_t to)
{
    return from == to
           || edgefn__plan_edit(p, at, 0, edgefn__str(p->ev->_json.ptr + from, to - from));
}

/* Plans a received name with its edits at another place: the text between the edits goes there too.
   */
static bool edgefn__plan_group_moved(edgefn__plan *p, const edgefn__group *g, uint32_t at)
{
    const char *t = p->ev->_json.ptr;
    uint32_t from = g->at;
    uint32_t end = edgefn__after_value(t, edgefn__after_name(t, from));
    edgefn__plan in_place = *p;
    in_place.head = in_place.last = NULL;
    in_place.unsorted = false;
    bool done = p->ev->dialect == EDGEFN_FUNCTIONS ? edgefn__plan_items(&in_place, g)
                                                   : edgefn__plan_entries(&in_place, g);
    p->top = in_place.top;
    if (!done) return false;
    if (in_place.unsorted) edgefn__plan_sort(&in_place);
    for (const edgefn__edit *e = in_place.head; e != NULL; e = e->next) {
        if (!edgefn__plan_piece(p, at, from, e->at)) return false;
        if (e->text.len != 0 && !edgefn__plan_edit(p, at, 0, e->text)) return false;
        from = e->at + e->del;
    }
    return edgefn__plan_piece(p, at, from, end);
}

/* The first removed field of a group at or after this one; they are sorted by place. */
static size_t edgefn__removed_from(const edgefn_field *removed, size_t n, uint32_t group)
{
    size_t low = 0;
    while (low < n) {
        size_t mid = low + (n - low) / 2;
        if (removed[mid]._group < group)
            low = mid + 1;
        else
            n = mid;
    }
    return low;
}

/* Plans all of a list, in its present order, at one place: received names with their text, others
   as new members. */
static bool edgefn__plan_list_moved(edgefn__plan *p, edgefn_fields *f, uint32_t at)
{
    edgefn_field *items = (edgefn_field *)(uintptr_t)f->items;
    edgefn_field *removed = edgefn__removed_sorted(f);
    for (size_t i = 0, end; i < f->len; i = end) {
        end = edgefn__run_end(items, f->len, i);
        if (i != 0 && !edgefn__plan_edit(p, at, 0, EDGEFN_S(","))) return false;
        if (items[i]._group == 0 || p->ev->_parts != NULL) {
            edgefn__look_again(p->ev, f, i, end);
            edgefn__text t = edgefn__text_begin(p->ev, p->top);
            edgefn__put_group(&t, p->ev, &items[i], end - i);
            if (!edgefn__plan_text(p, &t, at, 0)) return false;
            continue;
        }
        edgefn__group g = { f, items + i, NULL, end - i, 0, items[i]._group };
        size_t k = edgefn__removed_from(removed, f->removed_len, g.at);
        g.removed = removed != NULL ? removed + k : NULL;
        while (k + g.gone < f->removed_len && removed[k + g.gone]._group == g.at)
            g.gone++;
        if (!edgefn__plan_group_moved(p, &g, at)) return false;
    }
    return true;
}

/* Where a new member of an object goes: to the end, or in the place of a null of that name, which
   is as long as `len`. */
typedef struct edgefn__place {
    uint32_t at, len;
    bool comma;
} edgefn__place;

static edgefn__place edgefn__member_place(edgefn__plan *p, int object, const char *name)
{
    const char *t = p->ev->_json.ptr;
    edgefn__span o = p->ev->_object[object];
    edgefn__place place = { 0, 0, false };
    bool empty;
    bool nulls = (p->ev->_flags & EDGEFN__NULLS) != 0;
    uint32_t end = nulls ? edgefn__find_member(t, o.at, name) : 0;
    if (end != 0) {
        place.at = end;
        for (uint32_t at = edgefn__ws(t, o.at + 1), value; place.at == end;
             at = edgefn__ws(t, at + (t[at] == ','))) {
            value = edgefn__after_name(t, at);
            if (value == end)
                place.at = at;
            else
                at = edgefn__ws(t, edgefn__after_value(t, value));
        }
        place.len = end + 4 - place.at;
        return place;
    }
    place.at = edgefn__last_end(t, o.at + o.len - 1, &empty);
    place.comma = !empty || p->inserted[object];
    p->inserted[object] = true;
    return place;
}

static bool edgefn__plan_fields(edgefn__plan *p, edgefn_fields *f, int object, const char *name)
{
    edgefn__cutter cut = { p, 0, 0, 0, false };
    size_t fresh = 0;
    bool empty;
    if (!(f->_flags & EDGEFN__DIRTY)) return true;
    edgefn__text t;
    if (f->_close == 0) { /* the event had no such object */
        if (f->len == 0) return true;
        edgefn__place place = edgefn__member_place(p, object, name);
        t = edgefn__text_begin(p->ev, p->top);
        if (place.comma) EDGEFN__PUT(&t, ",");
        edgefn__put_quoted(&t, edgefn_cstr(name));
        EDGEFN__PUT(&t, ":{");
        edgefn__put_groups(&t, p->ev, f, 0, false);
        EDGEFN__PUT(&t, "}");
        return edgefn__plan_text(p, &t, place.at, place.len);
    }
    if ((f->_flags & EDGEFN__REORDERED) && !edgefn__list_differs(f)) return true;
    if (f->_flags & EDGEFN__REORDERED) {
        return edgefn__plan_edit(p, f->_open, 0, EDGEFN_S("{"))
               && edgefn__plan_list_moved(p, f, f->_open)
               && edgefn__plan_edit(p, f->_open, f->_close + 1 - f->_open, EDGEFN_S("}"));
    }
    fresh = f->_received_len;
    if ((f->_flags & EDGEFN__TOUCHED) && !edgefn__plan_groups(p, f, &cut, &fresh)) return false;
    if (fresh == f->len) return true;
    uint32_t at = edgefn__last_end(p->ev->_json.ptr, f->_close, &empty);
    t = edgefn__text_begin(p->ev, p->top);
    edgefn__put_groups(&t, p->ev, f, fresh, !empty && !cut.emptied);
    return edgefn__plan_text(p, &t, at, 0);
}

/*--- members ------------------------------------------------------------------------------------*/

static const char *edgefn__encoding_name(edgefn_encoding e)
{
    return e == EDGEFN_BASE64 ? "base64" : "text";
}

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
static void edgefn__put_member(edgefn__text *t, const edgefn_event *ev,
                               const edgefn__member_info *m)
{
    uint32_t v = edgefn__member_u32(m, ev, m->offset);
    bool quoted = m->kind == EDGEFN__V_STATUS && ev->dialect == EDGEFN_LAMBDA;
    switch (m->kind) {
    case EDGEFN__V_U32:
    case EDGEFN__V_STATUS:
        if (quoted) EDGEFN__PUT(t, "\"");
        edgefn__put_number(t, v);
        if (quoted) EDGEFN__PUT(t, "\"");
        break;
    case EDGEFN__V_HTTPS: edgefn__put_quoted(t, v ? EDGEFN_S("https") : EDGEFN_S("http")); break;
    case EDGEFN__V_ACTION:
        edgefn__put_quoted(t, v ? EDGEFN_S("replace") : EDGEFN_S("read-only"));
        break;
    case EDGEFN__V_ENCODING:
        edgefn__put_quoted(t, edgefn_cstr(edgefn__encoding_name((edgefn_encoding)v)));
        break;
    default: edgefn__put_tls(t, v); break;
    }
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
        const char *name = edgefn__last_name(edgefn_member_name(ev, which));
        edgefn__place place = edgefn__member_place(p, m->object, name);
        at = place.at;
        t = edgefn__text_begin(ev, p->top);
        if (place.comma) EDGEFN__PUT(&t, ",");
        edgefn__put_quoted(&t, edgefn_cstr(name));
        EDGEFN__PUT(&t, ":");
        if (!edgefn__plan_text(p, &t, at, 0)) return false;
        had.len = place.len;
    }
    if (which == EDGEFN_M_RESPONSE_BODY && ev->dialect == EDGEFN_FUNCTIONS) {
        edgefn_str head = EDGEFN_S("{\"encoding\":\"text\",\"data\":");
        if (ev->response.body.encoding == EDGEFN_BASE64)
            head = EDGEFN_S("{\"encoding\":\"base64\",\"data\":");
        return edgefn__plan_edit(p, at, 0, head)
               && edgefn__plan_string(p, at, 0, ev->response.body.data)
               && edgefn__plan_edit(p, at, had.len, EDGEFN_S("}"));
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

/* The start of an origin that is written anew, up to its first custom header. */
static void edgefn__put_origin_head(edgefn__text *t, const edgefn_event *ev)
{
    bool s3 = ev->request.origin.kind == EDGEFN_ORIGIN_S3;
    EDGEFN__PUT(t, "{\"");
    edgefn__put(t, s3 ? "s3" : "custom", s3 ? 2 : 6);
    EDGEFN__PUT(t, "\":{\"customHeaders\":{");
}

/* What follows its custom headers. */
static void edgefn__put_origin_tail(edgefn__text *t, const edgefn_event *ev)
{
    bool s3 = ev->request.origin.kind == EDGEFN_ORIGIN_S3;
    EDGEFN__PUT(t, "}");
    for (int i = EDGEFN_M_ORIGIN_DOMAIN; i <= EDGEFN_M_ORIGIN_AUTH_METHOD; i++) {
        const edgefn__member_info *m = &edgefn__members[i];
        bool only_custom = i == EDGEFN_M_ORIGIN_PORT || i == EDGEFN_M_ORIGIN_KEEPALIVE
                           || i == EDGEFN_M_ORIGIN_PROTOCOL || i == EDGEFN_M_ORIGIN_TLS;
        bool only_s3 = i == EDGEFN_M_ORIGIN_REGION || i == EDGEFN_M_ORIGIN_AUTH_METHOD;
        bool none = m->kind == EDGEFN__V_STR
                        ? edgefn__member_str(ev, m).ptr == NULL
                        : m->kind == EDGEFN__V_U32 && edgefn__member_u32(m, ev, m->offset) == 0;
        if ((only_custom && s3) || (only_s3 && !s3) || none) continue;
        EDGEFN__PUT(t, ",");
        edgefn__put_quoted(t, edgefn_cstr(edgefn__last_name(m->lambda)));
        EDGEFN__PUT(t, ":");
        if (m->kind == EDGEFN__V_STR)
            edgefn__put_quoted(t, edgefn__member_str(ev, m));
        else
            edgefn__put_member(t, ev, m);
    }
    EDGEFN__PUT(t, "}}");
}

static bool edgefn__plan_origin(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    edgefn_change change = edgefn__origin_change(ev);
    const edgefn_origin *o = &ev->request.origin;
    if (change == EDGEFN_KEPT) {
        if (o->kind == EDGEFN_ORIGIN_NONE) return true;
        return edgefn__plan_members(p, EDGEFN_M_ORIGIN_DOMAIN, EDGEFN_M_ORIGIN_AUTH_METHOD)
               && edgefn__plan_fields(p, &ev->request.origin.headers, EDGEFN__O_ORIGIN,
                                      "customHeaders");
    }
    edgefn__span had = ev->_had[EDGEFN_M_ORIGIN];
    edgefn__place place = { had.at, had.len, false };
    if (had.at == 0) place = edgefn__member_place(p, EDGEFN__O_REQUEST, "origin");
    uint32_t at = place.at;
    edgefn__text t = edgefn__text_begin(ev, p->top);
    if (had.at == 0) {
        if (place.comma) EDGEFN__PUT(&t, ",");
        EDGEFN__PUT(&t, "\"origin\":");
    }
    edgefn__put_origin_head(&t, ev);
    if (!edgefn__plan_text(p, &t, at, 0)
        || !edgefn__plan_list_moved(p, &ev->request.origin.headers, at))
        return false;
    t = edgefn__text_begin(ev, p->top);
    edgefn__put_origin_tail(&t, ev);
    return edgefn__plan_text(p, &t, at, place.len);
}

static bool edgefn__plan_request_body(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    const edgefn_body *b = &ev->request.body;
    if (ev->_object[EDGEFN__O_BODY].at != 0)
        return edgefn__plan_members(p, EDGEFN_M_BODY_ACTION, EDGEFN_M_BODY_DATA);
    if (b->data.ptr == NULL) return true;
    edgefn__place place = edgefn__member_place(p, EDGEFN__O_REQUEST, "body");
    uint32_t at = place.at;
    edgefn__text t = edgefn__text_begin(ev, p->top);
    if (place.comma) EDGEFN__PUT(&t, ",");
    EDGEFN__PUT(&t, "\"body\":{\"action\":\"replace\",\"encoding\":\"");
    edgefn__put(&t, edgefn__encoding_name(b->encoding), b->encoding == EDGEFN_BASE64 ? 6 : 4);
    EDGEFN__PUT(&t, "\",\"data\":");
    return edgefn__plan_text(p, &t, at, 0) && edgefn__plan_string(p, at, 0, b->data)
           && edgefn__plan_edit(p, at, place.len, EDGEFN_S("}"));
}

static bool edgefn__plan_request(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    edgefn_request *q = &ev->request;
    if (!edgefn__plan_members(p,
                              ev->dialect == EDGEFN_LAMBDA ? EDGEFN_M_CLIENT_IP : EDGEFN_M_METHOD,
                              EDGEFN_M_QUERYSTRING))
        return false;
    if (!edgefn__plan_fields(p, &q->headers, EDGEFN__O_REQUEST, "headers")) return false;
    if (ev->dialect == EDGEFN_FUNCTIONS)
        return edgefn__plan_fields(p, &q->_cookies, EDGEFN__O_REQUEST, "cookies");
    return edgefn__plan_request_body(p) && edgefn__plan_origin(p);
}

static bool edgefn__plan_response(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    bool functions = ev->dialect == EDGEFN_FUNCTIONS;
    if (!edgefn__plan_members(p, EDGEFN_M_STATUS, EDGEFN_M_RESPONSE_BODY)) return false;
    bool encoding = (ev->_mask & EDGEFN__BIT(EDGEFN_M_RESPONSE_BODY_ENCODING)) != 0
                    && (ev->_had[EDGEFN_M_RESPONSE_BODY_ENCODING].at != 0
                        || ev->response.body.encoding == EDGEFN_BASE64);
    if (!functions && encoding && !edgefn__plan_member(p, EDGEFN_M_RESPONSE_BODY_ENCODING))
        return false;
    if (!edgefn__plan_fields(p, &ev->response.headers, EDGEFN__O_RESPONSE, "headers")) return false;
    return !functions
           || edgefn__plan_fields(p, &ev->response._cookies, EDGEFN__O_RESPONSE, "cookies");
}

/* A generated response, whole. */
static bool edgefn__plan_answer(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    const edgefn_response *a = &ev->response;
    bool functions = ev->dialect == EDGEFN_FUNCTIONS;
    bool base64 = a->body.encoding == EDGEFN_BASE64;
    edgefn__text t = edgefn__text_begin(ev, p->top);
    if (functions)
        EDGEFN__PUT(&t, "{\"statusCode\":");
    else
        EDGEFN__PUT(&t, "{\"status\":");
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
    return edgefn__plan_text(p, &t, 0, 0) && edgefn__plan_string(p, 0, 0, a->body.data)
           && edgefn__plan_edit(p, 0, 0, tail);
}

/* Plans the whole request of an event that was built from parts. */
static bool edgefn__plan_parts(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    const edgefn_request *q = &ev->request;
    bool functions = ev->dialect == EDGEFN_FUNCTIONS;
    edgefn__text t = edgefn__text_begin(ev, p->top);
    EDGEFN__PUT(&t, "{\"method\":");
    edgefn__put_quoted(&t, q->method);
    EDGEFN__PUT(&t, ",\"uri\":");
    edgefn__put_quoted(&t, q->uri);
    EDGEFN__PUT(&t, ",\"querystring\":");
    if (functions && q->querystring.ptr == NULL) {
        EDGEFN__PUT(&t, "{");
        edgefn__put_groups(&t, ev, &q->_query, 0, false);
        EDGEFN__PUT(&t, "}");
    } else {
        edgefn__put_quoted(&t, q->querystring);
    }
    EDGEFN__PUT(&t, ",\"headers\":{");
    edgefn__put_groups(&t, ev, &q->headers, 0, false);
    EDGEFN__PUT(&t, "}");
    if (functions) {
        EDGEFN__PUT(&t, ",\"cookies\":{");
        edgefn__put_groups(&t, ev, &q->_cookies, 0, false);
        EDGEFN__PUT(&t, "}}");
        return edgefn__plan_text(p, &t, 0, 0);
    }
    if (q->client_ip.ptr != NULL) {
        EDGEFN__PUT(&t, ",\"clientIp\":");
        edgefn__put_quoted(&t, q->client_ip);
    }
    if (q->origin.kind != EDGEFN_ORIGIN_NONE) {
        EDGEFN__PUT(&t, ",\"origin\":");
        edgefn__put_origin_head(&t, ev);
        edgefn__put_groups(&t, ev, &q->origin.headers, 0, false);
        edgefn__put_origin_tail(&t, ev);
    }
    if (q->body.data.ptr == NULL) {
        EDGEFN__PUT(&t, "}");
        return edgefn__plan_text(p, &t, 0, 0);
    }
    EDGEFN__PUT(&t, ",\"body\":{\"action\":");
    edgefn__put_member(&t, ev, &edgefn__members[EDGEFN_M_BODY_ACTION]);
    EDGEFN__PUT(&t, ",\"encoding\":");
    edgefn__put_member(&t, ev, &edgefn__members[EDGEFN_M_BODY_ENCODING]);
    EDGEFN__PUT(&t, ",\"inputTruncated\":");
    edgefn__put(&t, q->body.truncated ? "true" : "false", q->body.truncated ? 4 : 5);
    EDGEFN__PUT(&t, ",\"data\":");
    return edgefn__plan_text(p, &t, 0, 0) && edgefn__plan_string(p, 0, 0, q->body.data)
           && edgefn__plan_edit(p, 0, 0, EDGEFN_S("}}"));
}

/*=== >>check ======================================================================================
   CloudFront's judge. Its rules (edgefn__rules in >>tables) look at differences only: at what was
   added, changed, removed or generated, so that a received value that was returned as it was is
   never refused. edgefn_finish() lets them look at the event's own structs and marks;
   edgefn_check() reads a function's result into the same structs, marks them against the event, and
   asks the same rules. What only a text can have wrong is noted by its reader (edgefn__odd). */

typedef struct edgefn__judge {
    edgefn_event *ev; /* what was received */
    edgefn_event
        *now; /* whose request or response is judged: ev itself, or the result that was read */
    edgefn_finding *to;
    size_t cap, count;
    uint32_t mask; /* the members that differ */
    bool answer;   /* a response in a request event */
    bool strict, refused, no_doubts;
    bool odd_ip, odd_data; /* clientIp, the request body's data: noted already */
    edgefn_finding worst;  /* the first that refuses */
    size_t lookups,
        top; /* names looked up; what the arena's top holds for the judge begins here, 0 when
                nothing */
    struct {
        const edgefn_fields *of;
        edgefn__entry *names;
        size_t len;
    } index[2]; /* received names, sorted: made when many are looked up */
} edgefn__judge;

static bool edgefn__has_text(const edgefn__judge *j)
{
    return j->now != j->ev;
}

static void edgefn__note_number(edgefn__judge *j, int rule, edgefn_str subject, size_t pos,
                                uint64_t limit, uint64_t actual)
{
    edgefn_finding f = { &edgefn__rules[rule], subject, edgefn__has_text(j) ? pos : EDGEFN__NO_POS,
                         limit, actual };
    if (j->no_doubts && f.rule->confidence == EDGEFN_DOUBTFUL) return;
    if (!j->refused && (j->strict || f.rule->confidence != EDGEFN_DOUBTFUL)) {
        j->refused = true;
        j->worst = f;
    }
    if (j->count < j->cap) j->to[j->count] = f;
    j->count++;
}

static void edgefn__note(edgefn__judge *j, int rule, edgefn_str subject, size_t pos)
{
    edgefn__note_number(j, rule, subject, pos, 0, 0);
}

/* Notes what a function's result has wrong at `at`, and passes over the value when the reader still
   stands before it. Gives true: go on. */
static bool edgefn__odd(edgefn__reader *r, int rule, uint32_t at, edgefn_str subject)
{
    edgefn__note(r->judge, rule, subject, at);
    return rule == EDGEFN__R_MEMBER_DUPLICATE || rule == EDGEFN__R_MEMBER_MISSING || r->pos != at
           || edgefn__skip_value(r);
}

/* Tells whether an event came with null for the member of that path, which a result may then have,
   too. A name of NULL: for one of its headers. */
static bool edgefn__null_received(const edgefn__reader *r, const char *parent, size_t parent_len,
                                  const char *name)
{
    static const struct {
        edgefn__name path;
        int object;
    } objects[] = { { EDGEFN__NAME("request"), EDGEFN__O_REQUEST },
                    { EDGEFN__NAME("response"), EDGEFN__O_RESPONSE },
                    { EDGEFN__NAME("request.body"), EDGEFN__O_BODY },
                    { EDGEFN__NAME("request.origin.custom"), EDGEFN__O_ORIGIN },
                    { EDGEFN__NAME("request.origin.s3"), EDGEFN__O_ORIGIN } };
    const edgefn_event *ev = r->judge->ev;
    if (!(ev->_flags & EDGEFN__NULLS)) return false;
    edgefn_str path = edgefn__str(parent, parent_len);
    for (size_t i = 0; name != NULL && i < EDGEFN__COUNT(objects); i++) {
        edgefn__span o = ev->_object[objects[i].object];
        if (o.len == 0 || !edgefn__is(path, objects[i].path.text, objects[i].path.len)) continue;
        uint32_t at = edgefn__find_member(ev->_json.ptr, o.at, name);
        return at != 0 && ev->_json.ptr[at] == 'n';
    }
    return true; /* inside a header or a Functions body: that the event has nulls at all suffices */
}

static bool edgefn__odd_type(edgefn__reader *r, const edgefn__schema *schema, int id)
{
    edgefn_str name = id >= 0 ? edgefn__str(schema->names[id].text, schema->names[id].len)
                              : edgefn__last_part(schema->where);
    if (schema->names == edgefn__n_item || schema->names == edgefn__n_element)
        return edgefn__odd(r, EDGEFN__R_HEADERS_ITEM, r->pos, r->item);
    if (schema->names == edgefn__n_entry) {
        bool list = id == 1 && r->text[r->pos] == '[';
        for (uint32_t at = list ? edgefn__ws(r->text, r->pos + 1) : 0;
             list && r->text[at] != ']';) { /* of strings alone? */
            list = r->text[at] == '"';
            at = edgefn__ws(r->text, edgefn__after_value(r->text, at));
            if (r->text[at] == ',') at = edgefn__ws(r->text, at + 1);
        }
        return edgefn__odd(r, list ? EDGEFN__R_HEADERS_LIST : EDGEFN__R_HEADERS_ENTRY, r->pos,
                           r->item);
    }
    bool status = EDGEFN__IS(name, "status") || EDGEFN__IS(name, "statusCode");
    bool body = EDGEFN__IS(name, "body");
    int body_rule = r->ev->dialect == EDGEFN_LAMBDA ? EDGEFN__R_BODY_TYPE : EDGEFN__R_F_BODY_TYPE;
    if (EDGEFN__IS(name, "clientIp")) r->judge->odd_ip = true;
    if (EDGEFN__IS(name, "data")) r->judge->odd_data = true;
    return edgefn__odd(r,
                       status ? EDGEFN__R_STATUS_TYPE
                       : body ? body_rule
                              : EDGEFN__R_MEMBER_TYPE,
                       r->pos, name);
}

/* A number that is none of the kind that the library reads: negative, broken, too large. */
static bool edgefn__odd_number(edgefn__reader *r, edgefn_str name, uint32_t at)
{
    bool status = EDGEFN__IS(name, "status") || EDGEFN__IS(name, "statusCode");
    return edgefn__odd(r,
                       status                     ? EDGEFN__R_STATUS_RANGE
                       : EDGEFN__IS(name, "port") ? EDGEFN__R_ORIGIN_PORT
                                                  : EDGEFN__R_ORIGIN_TIMEOUT,
                       at, name);
}

static bool edgefn__odd_status(edgefn__reader *r, edgefn_str name, uint32_t at, uint64_t actual)
{
    edgefn__note_number(r->judge, EDGEFN__R_STATUS_RANGE, name, at, actual < 200 ? 200 : 599,
                        actual);
    return true;
}

/* Notes what a result's origin has of the other kind, and what it lacks that CloudFront sends; what
   the received one has or lacks too is no difference. */
static void edgefn__odd_origin(edgefn__reader *r, const edgefn__object *o, bool s3)
{
    const edgefn__schema *own = s3 ? &edgefn__s_s3 : &edgefn__s_custom;
    const edgefn__schema *other = s3 ? &edgefn__s_custom : &edgefn__s_s3;
    unsigned
        usual = s3 ? 0x9 : 0x17c,
        foreign =
            s3 ? 0x134
               : 0x21; /* usual: but customHeaders, domainName, region, and the time-outs of 2025 */
    const edgefn_event *ev = r->judge->ev;
    bool whole = ev->_was.kind != r->ev->request.origin.kind;
    uint32_t was = whole ? 0 : ev->_object[EDGEFN__O_ORIGIN].at;
    for (int i = 0; i < own->count + other->count; i++) {
        int k = i - own->count;
        const edgefn__name *n = k < 0 ? &own->names[i] : &other->names[k];
        bool came = was != 0 && edgefn__find_member(ev->_json.ptr, was, n->text) != 0;
        bool lacks = k < 0 && ((usual & ~o->seen) >> i & 1);
        uint32_t at = lacks ? o->close
                      : k >= 0 && (foreign >> k & 1)
                          ? edgefn__find_member(r->text, o->open, n->text)
                          : 0;
        if (at == 0 || (lacks ? !whole && !came : came)) continue;
        edgefn__note(r->judge, lacks ? EDGEFN__R_ORIGIN_LACKS : EDGEFN__R_ORIGIN_FOREIGN,
                     edgefn__str(n->text, n->len), at);
    }
}

/* True for the one of two origins in a result that does not count: whatever their order, the kind
   that was received does, else custom. */
static bool edgefn__passed_over(const edgefn__reader *r, const edgefn__object *o, bool s3)
{
    bool counts = s3 == (r->judge->ev->_was.kind == EDGEFN_ORIGIN_S3);
    uint32_t other = counts ? 0 : edgefn__find_member(r->text, o->open, s3 ? "custom" : "s3");
    return other != 0 && r->text[other] == '{';
}

/*--- headers: what may be done with them --------------------------------------------------------*/

/* What there is to say against a header, in lower case; 0 for most. */
static unsigned edgefn__header_bits(edgefn_str name)
{
    unsigned letter = name.len > 0 ? (unsigned)(unsigned char)name.ptr[0] - 'a' : 26u;
    if (letter >= 26) return 0;
    if (letter == 'x' - 'a' && name.len >= 6) {
        if (name.len >= 7 && edgefn__same(name.ptr, "x-edge-", 7))
            return EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM;
        if (edgefn__same(name.ptr, "x-amz-", 6))
            return edgefn_str_starts(name, EDGEFN_S("x-amz-cf-"))
                       ? EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM
                       : EDGEFN__H_NOT_CUSTOM;
    }
    if (name.len > 31 || !(edgefn__header_lengths[letter] >> name.len & 1)) return 0;
    for (size_t i = edgefn__header_first[letter]; i < edgefn__header_first[letter + 1]; i++) {
        const edgefn__header_rule *h = &edgefn__header_policies[i];
        if (h->len == name.len && edgefn__same(h->name, name.ptr, name.len)) return h->bits;
    }
    return 0;
}

/* The bit of an event in edgefn__header_rule. */
static unsigned edgefn__event_bit(edgefn_dialect dialect, edgefn_type type)
{
    if (dialect == EDGEFN_FUNCTIONS)
        return type == EDGEFN_VIEWER_REQUEST    ? EDGEFN__FVQ
               : type == EDGEFN_VIEWER_RESPONSE ? EDGEFN__FVS
                                                : 0;
    return type != EDGEFN_TYPE_NONE ? 1u << (type - 1) : 0;
}

EDGEFN_API edgefn_policy edgefn_header_policy(edgefn_dialect dialect, edgefn_type type,
                                              edgefn_str name)
{
    char low[40];
    edgefn_str s =
        edgefn_str_take(name, sizeof low); /* the longest name has 29, the longest prefix 9 */
    for (size_t i = 0; i < s.len; i++)
        low[i] = edgefn__lower(s.ptr[i]);
    unsigned bits = edgefn__header_bits(edgefn__str(low, s.len));
    return bits & EDGEFN__H_DISALLOWED               ? EDGEFN_DISALLOWED
           : bits & edgefn__event_bit(dialect, type) ? EDGEFN_READ_ONLY
                                                     : EDGEFN_ALLOWED;
}

EDGEFN_API const edgefn_rule *edgefn_rules(size_t *count)
{
    *count = EDGEFN__R_COUNT;
    return edgefn__rules;
}

/* Names of a list, one for each run of equal ones, sorted. */
static edgefn__entry *edgefn__sorted_names(edgefn_event *ev, size_t *top, const edgefn_field *items,
                                           size_t len, size_t *count)
{
    edgefn__entry *e = (edgefn__entry *)edgefn__take_top(ev, top, len + 1, sizeof *e);
    *count = 0;
    for (size_t i = 0; e != NULL && i < len; i++) {
        if (i > 0 && items[i]._tag == items[i - 1]._tag
            && edgefn_str_eq(items[i].name, items[i - 1].name))
            continue;
        e[*count].ptr = items[i].name.ptr;
        e[*count].len = (uint32_t)items[i].name.len;
        e[(*count)++].at = (uint32_t)i;
    }
    if (e != NULL) edgefn__entries_sort(e, *count);
    return e;
}

/* The received fields of a name, which stand together. */
typedef struct edgefn__run {
    const edgefn_field *items;
    size_t len;
} edgefn__run;

/* The first byte that cannot be in a header's value; s.len when there is none. */
static size_t edgefn__control_at(edgefn_str s)
{
    size_t i = 0;
    while (i < s.len && ((unsigned char)s.ptr[i] >= 0x20 || s.ptr[i] == '\t') && s.ptr[i] != 0x7f)
        i++;
    return i;
}

/* The next run of bytes between any of `marks` (ASCII) from *at on. Returns: false at the end. */
static bool edgefn__next_atom(edgefn_str s, const char *marks, size_t *at, edgefn_str *atom)
{
    if (*at >= s.len) return false;
    size_t end = *at;
    for (; end < s.len; end++) {
        const char *m = marks;
        while (*m != '\0' && *m != s.ptr[end])
            m++;
        if (*m != '\0') break;
    }
    *atom = edgefn__str(s.ptr + *at, end - *at);
    *at = end + 1;
    return true;
}

typedef struct edgefn__atoms {
    edgefn__entry *e;
    size_t len;
} edgefn__atoms;

/* Counts, or adds where e is, the names and values of a cookie header or query that hold what may
   not be there. */
static void edgefn__atoms_add(edgefn__atoms *a, edgefn_str s, bool query)
{
    edgefn_str atom;
    for (size_t at = 0; edgefn__next_atom(s, query ? "&=" : "; =", &at, &atom);) {
        if (query ? edgefn__is_text(atom, false, " #") : edgefn__control_at(atom) == atom.len)
            continue;
        if (a->e != NULL) {
            a->e[a->len].ptr = atom.ptr;
            a->e[a->len].len = (uint32_t)atom.len;
            a->e[a->len].at = 0;
        }
        a->len++;
    }
}

/* True if all names and values of a text that hold what may not be there were received: a list that
   is written anew is made of received ones too, and these are nobody's fault. n log n. */
static bool edgefn__atoms_came(edgefn__judge *j, edgefn_str text, edgefn_str one, edgefn__run run,
                               bool query)
{
    edgefn__atoms a = { NULL, 0 };
    edgefn__atoms b = { NULL, 0 };
    size_t k = 0;
    size_t top = j->top != 0 ? j->top : j->now->arena.cap;
    edgefn__atoms_add(&a, text, query);
    edgefn__atoms_add(&b, one, query);
    for (size_t i = 0; i < run.len; i++)
        edgefn__atoms_add(&b, run.items[i].value, query);
    if (a.len == 0 || b.len == 0) return a.len == 0;
    a.e = (edgefn__entry *)edgefn__take_top(j->now, &top, a.len, sizeof *a.e);
    b.e = a.e != NULL ? (edgefn__entry *)edgefn__take_top(j->now, &top, b.len, sizeof *b.e) : NULL;
    if (b.e == NULL) return true; /* edgefn__judge_all() reports it */
    a.len = b.len = 0;
    edgefn__atoms_add(&a, text, query);
    edgefn__atoms_add(&b, one, query);
    for (size_t i = 0; i < run.len; i++)
        edgefn__atoms_add(&b, run.items[i].value, query);
    edgefn__entries_sort(a.e, a.len);
    edgefn__entries_sort(b.e, b.len);
    for (size_t i = 0; i < a.len; i++) {
        while (k < b.len && !edgefn__entry_eq(&b.e[k], &a.e[i])
               && edgefn__entry_before(&b.e[k], &a.e[i]))
            k++;
        if (k == b.len || !edgefn__entry_eq(&b.e[k], &a.e[i])) return false;
    }
    return true;
}

/* Tells whether a key of a result, as it stands behind its opening quote, has a capital, be it
   written as \\u0041. */
static bool edgefn__key_has_upper(const char *z)
{
    for (; *z != '"'; z++) {
        if (*z >= 'A' && *z <= 'Z') return true;
        if (*z != '\\') continue;
        if (*++z != 'u') continue;
        bool upper = z[1] == '0' && z[2] == '0'
                     && ((z[3] == '4' && z[4] != '0')
                         || (z[3] == '5' && (z[4] <= '9' || (z[4] | 0x20) == 'a')));
        if (upper) return true;
        z += 4;
    }
    return false;
}

/* Syntax and spelling of what stands in a result's text; an event's own lists were checked when
   they were edited. */
static void edgefn__judge_spelling(edgefn__judge *j, const edgefn_fields *f, const edgefn_field *it,
                                   bool first, const edgefn_field *was, edgefn__run came)
{
    bool lambda = j->ev->dialect == EDGEFN_LAMBDA;
    bool kept = it->change == EDGEFN_KEPT;
    const char *raw = j->now->_json.ptr + it->_group + 1;
    bool upper = first && edgefn__key_has_upper(raw);
    bool came_so = was != NULL && was->_group != 0 && j->ev->_parts == NULL
                   && edgefn__same(j->ev->_json.ptr + was->_group + 1, raw, it->name.len);
    if (upper && !came_so)
        edgefn__note(j, lambda ? EDGEFN__R_HEADER_CASE : EDGEFN__R_F_HEADER_CASE, it->name,
                     it->_group);
    if (first && was == NULL && !(it->name.len != 0 && edgefn__all(it->name, EDGEFN__C_TOKEN)))
        edgefn__note(j, EDGEFN__R_HEADER_NAME, it->name, it->_group);
    if (!kept && (first || it[-1].change == EDGEFN_KEPT) && !lambda
        && (EDGEFN__IS(it->name, "cookie") || EDGEFN__IS(it->name, "set-cookie")))
        edgefn__note(j, EDGEFN__R_F_COOKIE, it->name, it->_group);
    size_t bad = kept ? it->value.len : edgefn__control_at(it->value);
    bool returned = kept || bad == it->value.len;
    for (size_t i = 0; i < came.len && i < 32 && !returned; i++)
        returned = edgefn_str_eq(came.items[i].value, it->value);
    bool cookies =
        lambda
        && (f->_kind == EDGEFN__REQUEST_HEADERS
                ? EDGEFN__IS(it->name, "cookie")
                : f->_kind == EDGEFN__RESPONSE_HEADERS && EDGEFN__IS(it->name, "set-cookie"));
    if (!returned && cookies)
        returned = edgefn__atoms_came(j, it->value, edgefn__absent(), came, false);
    if (!returned)
        edgefn__note_number(j, lambda ? EDGEFN__R_HEADER_VALUE : EDGEFN__R_F_HEADER_VALUE, it->name,
                            it->_value, 0, (unsigned char)it->value.ptr[bad]);
    if (!lambda || it->key.ptr == NULL || (was != NULL && edgefn_str_eq(was->key, it->key))) return;
    uintptr_t key = (uintptr_t)it->key.ptr
                    - (uintptr_t)j->now->_json.ptr; /* beyond the text: it held an escape */
    size_t at = key < j->now->_json.len ? (size_t)key - 1 : it->_group;
    bool other = !edgefn_str_ieq(it->key, it->name);
    for (size_t i = 0; i < came.len && i < 32 && other; i++)
        other = !edgefn_str_eq(came.items[i].key, it->key);
    if (other)
        edgefn__note(j, EDGEFN__R_HEADER_KEY, it->name, at);
    else if (kept && was != NULL && was->key.ptr != NULL && f->_kind != EDGEFN__ORIGIN_HEADERS
             && (edgefn__header_bits(it->name) & edgefn__event_bit(j->ev->dialect, j->ev->type)))
        edgefn__note(j, EDGEFN__R_RO_KEY, it->name, at);
}

/* CloudFront Functions: what was changed or added among the parameters and cookies of a result. */
static void edgefn__judge_item(edgefn__judge *j, const edgefn_fields *f, const edgefn_field *it,
                               edgefn__run came)
{
    /* received so: the first 32 are looked at, so that the time stays linear */
    bool value = false;
    bool attributes = false;
    for (size_t i = 0; i < came.len && i < 32; i++) {
        value |= edgefn_str_eq(came.items[i].value, it->value);
        attributes |= edgefn_str_eq(came.items[i].attributes, it->attributes);
    }
    if (f->_kind == EDGEFN__QUERY) {
        if ((came.len == 0 && !edgefn__is_text(it->name, false, "# "))
            || (!value && !edgefn__is_text(it->value, false, "# ")))
            edgefn__note(j, EDGEFN__R_QUERY_CHARACTERS, it->name, it->_value);
        return;
    }
    if (came.len == 0 && !edgefn__all(it->name, EDGEFN__C_TOKEN))
        edgefn__note(j, EDGEFN__R_HEADER_NAME, it->name, it->_group);
    for (int part = 0; part < 2; part++) {
        edgefn_str s = part == 0 ? it->value : it->attributes;
        size_t i = part == 0    ? (value ? s.len : edgefn__control_at(s))
                   : attributes ? s.len
                                : edgefn__control_at(s);
        if (i < s.len)
            edgefn__note_number(j, EDGEFN__R_F_HEADER_VALUE, it->name, it->_value, 0,
                                (unsigned char)s.ptr[i]);
    }
}

/* CloudFront Functions: tells whether the "value" that stood beside a received multiValue, whatever
   it was, is this one. */
static bool edgefn__value_kept(const edgefn__judge *j, const edgefn_field *old, edgefn_str value)
{
    const char *p = j->ev->_json.ptr;
    edgefn__span was = {
        p != NULL ? edgefn__find_member(p, edgefn__after_name(p, old->_group), "value") : 0, 0
    };
    if (was.at == 0) return false;
    was.len = edgefn__after_string(p, was.at) - was.at;
    return edgefn__still(j->ev, was, value);
}

static bool edgefn__field_same(const edgefn_field *a, const edgefn_field *b)
{
    return edgefn_str_eq(a->value, b->value) && edgefn_str_eq(a->attributes, b->attributes);
}

/* Marks the fields of a result that was read against those that the event came with. n log n. */
static bool edgefn__mark(edgefn__judge *j, const edgefn_fields *was, edgefn_fields *now)
{
    edgefn_event *ev = j->now;
    size_t n;
    size_t m;
    size_t i = 0;
    size_t k = 0;
    edgefn_field *items = (edgefn_field *)(uintptr_t)now->items;
    const edgefn_field *old = was->_received;
    edgefn_field *removed =
        (edgefn_field *)edgefn__take(ev, was->_received_len, sizeof *removed, 8);
    j->top = ev->arena.cap;
    edgefn__entry *a =
        removed != NULL ? edgefn__sorted_names(ev, &j->top, old, was->_received_len, &n) : NULL;
    edgefn__entry *b = a != NULL ? edgefn__sorted_names(ev, &j->top, items, now->len, &m) : NULL;
    if (b == NULL) return false;
    now->removed = removed;
    now->_received = old;
    now->_received_len = was->_received_len;
    while (i < n || k < m) {
        bool multi_kept = true;
        int d = i >= n                               ? 1
                : k >= m                             ? -1
                : edgefn__entry_eq(&a[i], &b[k])     ? 0
                : edgefn__entry_before(&a[i], &b[k]) ? -1
                                                     : 1;
        size_t from = d <= 0 ? a[i].at : 0;
        size_t end = d <= 0 ? edgefn__run_end(old, was->_received_len, from) : 0;
        size_t at = d >= 0 ? b[k].at : 0;
        size_t stop = d >= 0 ? edgefn__run_end(items, now->len, at) : 0;
        for (size_t q = 0; d == 0 && q < end - from && q < stop - at; q++)
            multi_kept = multi_kept && edgefn_str_eq(items[at + q].value, old[from + q].value);
        if (d == 0 && ev->dialect == EDGEFN_FUNCTIONS && items[at].key.ptr != NULL) {
            bool untouched =
                multi_kept
                && end - from == stop - at; /* multiValue was not, so that value is the first one */
            if (untouched && !edgefn__value_kept(j, &old[from], items[at].key))
                items[at].value = items[at].key;
            items[at].key = edgefn__absent();
        }
        edgefn__run all = { from < end ? old + from : old, end - from };
        size_t left = from;
        size_t next = at;
        for (; left < end && next < stop; left++)
            next += edgefn__field_same(&items[next], &old[left]);
        bool fewer = d == 0 && next == stop; /* values were taken away, and nothing else was done */
        for (bool first = true; at < stop; at++, first = false) {
            while (fewer && !edgefn__field_same(&items[at], &old[from]))
                removed[now->removed_len++] = old[from++];
            const edgefn_field *came = from < end ? &old[from++] : NULL;
            bool same = came != NULL && edgefn__field_same(&items[at], came);
            items[at].change = came == NULL ? EDGEFN_ADDED : same ? EDGEFN_KEPT : EDGEFN_CHANGED;
            if (edgefn__is_headers(now))
                edgefn__judge_spelling(j, now, &items[at], first, came, all);
            else if (!same)
                edgefn__judge_item(j, now, &items[at], all);
        }
        for (; from < end; from++)
            removed[now->removed_len++] = old[from];
        i += d <= 0;
        k += d >= 0;
    }
    j->top = 0;
    now->_flags |= EDGEFN__DIRTY;
    return ev->err.code == EDGEFN_OK;
}

/* Looks a name up among the received ones of a list by their index, so that many look-ups take
   n log n. Returns: where it begins;
   SIZE_MAX when it was not received, or the arena is full, which edgefn__judge_all() reports. */
static size_t edgefn__indexed(edgefn__judge *j, const edgefn_fields *f, edgefn_str name)
{
    int k = j->index[0].of != NULL
            && j->index[0].of != f; /* headers of the request, and of its origin */
    if (j->index[k].of == NULL) {
        if (j->top == 0) j->top = j->now->arena.cap;
        j->index[k].names =
            edgefn__sorted_names(j->now, &j->top, f->_received, f->_received_len, &j->index[k].len);
        if (j->index[k].names == NULL) return (size_t)-1;
        j->index[k].of = f;
    }
    const edgefn__entry *names = j->index[k].names;
    edgefn__entry wanted = { name.ptr, (uint32_t)name.len, 0 };
    size_t low = 0;
    size_t high = j->index[k].len;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (edgefn__entry_before(&names[mid], &wanted))
            low = mid + 1;
        else
            high = mid;
    }
    return low < j->index[k].len && edgefn__entry_eq(&names[low], &wanted) ? names[low].at
                                                                           : (size_t)-1;
}

static edgefn__run edgefn__came(edgefn__judge *j, const edgefn_fields *f, const edgefn_field *it)
{
    edgefn__run run = { f->_received, 0 };
    size_t n = j->answer ? 0 : f->_received_len;
    size_t from = 0;
    if (n > 64 && ++j->lookups > 16)
        from = edgefn__indexed(j, f, it->name);
    else
        while (from < n
               && (f->_received[from]._tag != it->_tag
                   || !edgefn_str_eq(f->_received[from].name, it->name)))
            from++;
    if (from >= n) return run;
    run.items += from;
    run.len = edgefn__run_end(f->_received, n, from) - from;
    return run;
}

/* True for a value that was not received under its name. Of many values the first 32 are looked at,
   so that the time stays linear. */
static bool edgefn__is_new(edgefn__judge *j, const edgefn_fields *f, const edgefn_field *it)
{
    if (it->change == EDGEFN_KEPT) return false;
    edgefn__run came = edgefn__came(j, f, it);
    for (size_t k = 0; k < came.len && k < 32; k++) {
        if (edgefn_str_eq(came.items[k].value, it->value)) return false;
    }
    return true;
}

/* Tells whether nothing was done to a header but taking values away. */
static bool edgefn__only_fewer(edgefn__judge *j, const edgefn_fields *f, size_t at, size_t end)
{
    edgefn__run came = edgefn__came(j, f, &f->items[at]);
    size_t k = 0;
    for (; at < end; at++, k++) {
        while (k < came.len && !edgefn_str_eq(came.items[k].value, f->items[at].value))
            k++;
        if (k >= came.len) return false;
    }
    return true;
}

/* A read-only header that does not stand as it was received: says how. */
static void edgefn__judge_read_only(edgefn__judge *j, const edgefn_fields *f, size_t at, size_t end,
                                    size_t pos)
{
    edgefn__run came = edgefn__came(j, f, &f->items[at]);
    const edgefn_field *old = came.items;
    size_t had = came.len;
    size_t count = end - at;
    size_t same = 0;
    edgefn_str name = f->items[at].name;
    int rule = EDGEFN__R_RO_CHANGED;
    int functions =
        j->ev->dialect == EDGEFN_FUNCTIONS ? EDGEFN__R_F_RO_ADDED - EDGEFN__R_RO_ADDED : 0;
    if (had == 0)
        rule = EDGEFN__R_RO_ADDED;
    else if (had != count)
        rule = EDGEFN__R_RO_VALUES;
    else {
        bool equal = true;
        for (size_t i = 0; i < count; i++)
            equal = equal && edgefn_str_eq(old[i].value, f->items[at + i].value);
        if (equal) return;
        for (size_t i = 0; i < count && count <= 32; i++) { /* as often here as there */
            size_t here = 0;
            size_t there = 0;
            for (size_t k = 0; k < count; k++) {
                here += edgefn_str_eq(f->items[at + k].value, f->items[at + i].value);
                there += edgefn_str_eq(old[k].value, f->items[at + i].value);
            }
            same += here == there;
        }
        if (same == count) rule = EDGEFN__R_RO_REORDERED;
    }
    if (rule == EDGEFN__R_RO_ADDED && j->answer && functions != 0
        && EDGEFN__IS(name, "content-length"))
        rule = EDGEFN__R_F_LENGTH;
    else
        rule += functions;
    edgefn__note(j, rule, name, pos);
}

/* Where an object of a result ends. */
static size_t edgefn__closing(const edgefn__judge *j, int object)
{
    edgefn__span o = j->now->_object[object];
    return o.len != 0 ? (size_t)o.at + o.len - 1 : 0;
}

/* Asks the rules of one list of headers, of what changed in it. */
static void edgefn__judge_headers(edgefn__judge *j, edgefn_fields *f)
{
    unsigned event = edgefn__event_bit(j->ev->dialect, j->ev->type);
    int functions = j->ev->dialect == EDGEFN_FUNCTIONS;
    bool asks_country = event == EDGEFN__LVQ && !j->answer;
    int object = f->_kind == EDGEFN__REQUEST_HEADERS ? EDGEFN__O_REQUEST : EDGEFN__O_RESPONSE;
    if (!(f->_flags & EDGEFN__DIRTY)) return;
    bool only_new =
        !edgefn__has_text(j)
        && !(f->_flags
             & (EDGEFN__TOUCHED | EDGEFN__REORDERED)); /* names that were not there, at the end */
    for (size_t i = only_new ? f->_received_len : 0, end; i < f->len; i = end) {
        end = i + 1;
        const edgefn_str *name = &f->items[i].name;
        if (f->items[i].change == EDGEFN_KEPT) continue;
        if (only_new && edgefn__header_bits(*name) == 0 && (name->len != 25 || name->ptr[0] != 'c'))
            continue; /* most have nothing against them */
        while (i > 0 && f->items[i - 1]._tag == f->items[i]._tag
               && edgefn_str_eq(f->items[i - 1].name, f->items[i].name))
            i--;
        const edgefn_field *it = &f->items[i];
        edgefn_change change = it->change;
        end = edgefn__run_end(f->items, f->len, i);
        for (size_t k = i + 1; k < end; k++)
            change = change == f->items[k].change ? change : EDGEFN_CHANGED;
        unsigned bits = edgefn__header_bits(it->name);
        if ((bits & EDGEFN__H_DISALLOWED) && !edgefn__only_fewer(j, f, i, end))
            edgefn__note(j, functions ? EDGEFN__R_F_DISALLOWED : EDGEFN__R_DISALLOWED, it->name,
                         it->_group);
        else if (!(bits & EDGEFN__H_DISALLOWED) && (bits & event))
            edgefn__judge_read_only(j, f, i, end, it->_group);
        else if (asks_country && EDGEFN__IS(it->name, "cloudfront-viewer-country"))
            edgefn__note(j,
                         edgefn__came(j, f, it).len == 0 ? EDGEFN__R_COUNTRY_ADDED
                                                         : EDGEFN__R_COUNTRY_EDITED,
                         it->name, it->_group);
    }
    const edgefn_field *gone = f->removed_len != 0 ? edgefn__removed_sorted(f) : NULL;
    for (size_t k = 0; k < f->removed_len; k++) {
        bool country = asks_country && EDGEFN__IS(gone[k].name, "cloudfront-viewer-country");
        if (k > 0 && edgefn_str_eq(gone[k].name, gone[k - 1].name)) continue;
        if (!country && !(edgefn__header_bits(gone[k].name) & event)) continue;
        size_t at = edgefn_find(f, gone[k].name, 0);
        if (at == f->len) {
            bool empty =
                false; /* what stands in the text and was noted as no entries is not deleted as well
                          */
            if (edgefn__has_text(j) && f->_close != 0
                && edgefn__header_in_text(j->now->_json.ptr, f, gone[k].name, false, &empty) != 0
                && !empty)
                continue;
            int rule = functions ? EDGEFN__R_F_RO_DELETED : EDGEFN__R_RO_DELETED;
            edgefn__note(j, country ? EDGEFN__R_COUNTRY_EDITED : rule, gone[k].name,
                         f->_close != 0 ? f->_close : edgefn__closing(j, object));
            continue;
        }
        size_t end = edgefn__run_end(f->items, f->len, at);
        bool kept = true;
        for (size_t i = at; i < end; i++)
            kept = kept && f->items[i].change == EDGEFN_KEPT;
        if (kept && country)
            edgefn__note(j, EDGEFN__R_COUNTRY_EDITED, gone[k].name, f->items[at]._group);
        else if (kept)
            edgefn__judge_read_only(j, f, at, end, f->items[at]._group);
    }
}

static void edgefn__judge_clash(edgefn__judge *j, size_t custom_at, size_t header_at)
{
    const edgefn_fields *f = &j->now->request.origin.headers;
    const edgefn_fields *headers = &j->now->request.headers;
    const edgefn_field *custom = &f->items[custom_at];
    bool came = edgefn__only_fewer(j, f, custom_at, edgefn__run_end(f->items, f->len, custom_at));
    if (came
        && edgefn__only_fewer(j, headers, header_at,
                              edgefn__run_end(headers->items, headers->len, header_at)))
        return;
    if (edgefn__header_bits(custom->name) & (EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM))
        return; /* it was noted already */
    edgefn__note(j, EDGEFN__R_CUSTOM_CLASH, custom->name, custom->_group);
}

/* Custom headers of an origin: names, sizes, and none that the request has too. */
static bool edgefn__judge_custom(edgefn__judge *j)
{
    const edgefn_fields *f = &j->now->request.origin.headers;
    const edgefn_fields *headers = &j->now->request.headers;
    size_t total = 0;
    size_t n;
    size_t m;
    bool touched = false;
    if (!((f->_flags | headers->_flags) & EDGEFN__DIRTY)) return true;
    for (size_t i = 0, end; i < f->len; i = end) {
        edgefn_str name = f->items[i].name;
        bool changed = false;
        end = edgefn__run_end(f->items, f->len, i);
        for (size_t k = i; k < end; k++) {
            total += name.len + f->items[k].value.len;
            changed |= f->items[k].change != EDGEFN_KEPT;
        }
        if (!changed || edgefn__only_fewer(j, f, i, end)) continue;
        touched = true;
        if (edgefn__header_bits(name) & (EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM))
            edgefn__note(j, EDGEFN__R_CUSTOM_DENIED, name, f->items[i]._group);
        if (name.len > 256)
            edgefn__note_number(j, EDGEFN__R_CUSTOM_SIZE, name, f->items[i]._group, 256, name.len);
        for (size_t k = i; k < end; k++) {
            size_t size = f->items[k].value.len;
            if (size > 1783 && edgefn__is_new(j, f, &f->items[k]))
                edgefn__note_number(j, EDGEFN__R_CUSTOM_SIZE, name, f->items[k]._value, 1783, size);
        }
    }
    if (touched && total > 10240)
        edgefn__note_number(j, EDGEFN__R_CUSTOM_SIZE, EDGEFN_S("customHeaders"), f->_open, 10240,
                            total);
    if (f->len * headers->len
        < 65536) { /* so few that looking up what was touched is quicker than sorting */
        for (size_t i = 0; i < f->len; i++) {
            const edgefn_field *it = &f->items[i];
            size_t at = edgefn_find(headers, it->name, 0);
            if (at < headers->len && edgefn_find(f, it->name, 0) == i)
                edgefn__judge_clash(j, i, at);
        }
        return true;
    }
    if (j->top == 0) j->top = j->now->arena.cap;
    edgefn__entry *a = edgefn__sorted_names(j->now, &j->top, f->items, f->len, &n);
    edgefn__entry *b =
        a != NULL ? edgefn__sorted_names(j->now, &j->top, headers->items, headers->len, &m) : NULL;
    for (size_t i = 0, k = 0; b != NULL && i < n && k < m;) {
        if (!edgefn__entry_eq(&a[i], &b[k])) {
            if (edgefn__entry_before(&a[i], &b[k]))
                i++;
            else
                k++;
            continue;
        }
        edgefn__judge_clash(j, a[i++].at, b[k++].at);
    }
    return b != NULL;
}

/*--- members ------------------------------------------------------------------------------------*/

static bool edgefn__differs(const edgefn__judge *j, edgefn_member m)
{
    return (j->mask >> m & 1) != 0;
}

static void edgefn__note_member(edgefn__judge *j, int rule, edgefn_member m, uint64_t limit,
                                uint64_t actual)
{
    edgefn_str name = edgefn__last_part(edgefn_member_name(j->now, m));
    size_t at = j->now->_had[m].at;
    edgefn__note_number(j, rule, name, at != 0 ? at : edgefn__closing(j, edgefn__members[m].object),
                        limit, actual);
}

/* Tells whether a member of a result's text is one of two words; of an event's own structs it
   always is. */
static bool edgefn__is_word(const edgefn__judge *j, edgefn_member m, const char *one,
                            const char *other)
{
    edgefn__span had = j->now->_had[m];
    if (!edgefn__has_text(j) || had.len < 2) return true;
    edgefn_str s = edgefn__str(j->now->_json.ptr + had.at + 1, had.len - 2);
    return edgefn__json_means(s, edgefn_cstr(one), EDGEFN__EXACT)
           || edgefn__json_means(s, edgefn_cstr(other), EDGEFN__EXACT);
}

/* True for BUCKET.s3-website-REGION.amazonaws.com, and with a dot before the region. */
static bool edgefn__is_website(edgefn_str domain)
{
    bool aws = edgefn_str_ends(domain, EDGEFN_S(".amazonaws.com"))
               || edgefn_str_ends(domain, EDGEFN_S(".amazonaws.com.cn"));
    size_t at = aws ? edgefn__find_byte(domain.ptr, domain.len, 0, '.') : domain.len;
    for (; at < domain.len; at = edgefn__find_byte(domain.ptr, domain.len, at + 1, '.')) {
        edgefn_str rest = edgefn_str_skip(domain, at);
        if (edgefn_str_starts(rest, EDGEFN_S(".s3-website-"))
            || edgefn_str_starts(rest, EDGEFN_S(".s3-website.")))
            return true;
    }
    return false;
}

/* Asks the rules of an origin: the whole of it, or only what differs. */
static void edgefn__judge_origin(edgefn__judge *j, const edgefn_origin *o, bool whole)
{
    bool s3 = o->kind == EDGEFN_ORIGIN_S3;
    bool identity = EDGEFN__IS(o->auth_method, "origin-access-identity");
    uint32_t ask = whole ? ~(uint32_t)0 : j->mask;
    uint32_t late = o->read_timeout_s;
    const edgefn_member times[] = { EDGEFN_M_ORIGIN_READ_TIMEOUT, EDGEFN_M_ORIGIN_KEEPALIVE };
    bool path =
        o->path.len <= 255
        && (o->path.len == 0 || (edgefn__uri_ok(o->path) && o->path.ptr[o->path.len - 1] != '/'));
    bool named = !edgefn__has_text(j) || j->now->_had[EDGEFN_M_ORIGIN_DOMAIN].at != 0;
    if ((ask >> EDGEFN_M_ORIGIN_DOMAIN & 1) && named && !edgefn__domain_ok(o->domain, s3))
        edgefn__note_member(j, EDGEFN__R_ORIGIN_DOMAIN, EDGEFN_M_ORIGIN_DOMAIN, 0, 0);
    if ((ask >> EDGEFN_M_ORIGIN_PATH & 1) && !path)
        edgefn__note_member(j, EDGEFN__R_ORIGIN_PATH, EDGEFN_M_ORIGIN_PATH, 0, 0);
    for (int i = 0; i < (s3 ? 1 : 2); i++) {
        uint32_t value = i == 0 ? o->read_timeout_s : o->keepalive_s;
        bool there = !edgefn__has_text(j) ? value != 0 || !s3 : j->now->_had[times[i]].at != 0;
        if (!(ask >> times[i] & 1) || !there) continue;
        if (value == 0)
            edgefn__note_member(j, EDGEFN__R_ORIGIN_TIMEOUT, times[i], 1, value);
        else if (value > 120)
            edgefn__note_member(j, i == 0 ? EDGEFN__R_ORIGIN_TIMEOUT : EDGEFN__R_ORIGIN_KEEPALIVE,
                                times[i], 120, value);
    }
    if ((ask >> EDGEFN_M_ORIGIN_COMPLETION_TIMEOUT & 1 || ask >> EDGEFN_M_ORIGIN_READ_TIMEOUT & 1)
        && o->completion_timeout_s != 0 && o->completion_timeout_s < late)
        edgefn__note_member(j, EDGEFN__R_ORIGIN_COMPLETION, EDGEFN_M_ORIGIN_COMPLETION_TIMEOUT,
                            late, o->completion_timeout_s);
    if (s3) {
        bool auth = (ask >> EDGEFN_M_ORIGIN_AUTH_METHOD & 1) != 0
                    && (!edgefn__has_text(j) || j->now->_had[EDGEFN_M_ORIGIN_AUTH_METHOD].at != 0);
        if (auth && !identity && !EDGEFN__IS(o->auth_method, "none"))
            edgefn__note_member(j, EDGEFN__R_ORIGIN_AUTH, EDGEFN_M_ORIGIN_AUTH_METHOD, 0, 0);
        bool gone = edgefn__has_text(j) && j->now->_had[EDGEFN_M_ORIGIN_REGION].at == 0
                    && j->ev->request.origin.region.len != 0;
        bool custom = j->ev->_was.kind == EDGEFN_ORIGIN_CUSTOM;
        if ((auth || gone || ask >> EDGEFN_M_ORIGIN_REGION & 1) && identity && o->region.len == 0
            && !custom)
            edgefn__note_member(j, EDGEFN__R_ORIGIN_REGION, EDGEFN_M_ORIGIN_REGION, 0, 0);
        if ((ask >> EDGEFN_M_ORIGIN_DOMAIN & 1) && edgefn__is_website(o->domain))
            edgefn__note_member(j, EDGEFN__R_ORIGIN_WEBSITE, EDGEFN_M_ORIGIN_DOMAIN, 0, 0);
        if (auth && identity && custom)
            edgefn__note_member(j, EDGEFN__R_ORIGIN_IDENTITY, EDGEFN_M_ORIGIN_AUTH_METHOD, 0, 0);
    } else {
        bool port = o->port == 80 || o->port == 443 || (o->port >= 1024 && o->port <= 65535);
        bool has = !edgefn__has_text(j) || j->now->_had[EDGEFN_M_ORIGIN_PORT].at != 0;
        bool tls = !edgefn__has_text(j) || j->now->_had[EDGEFN_M_ORIGIN_TLS].at != 0;
        if ((ask >> EDGEFN_M_ORIGIN_PORT & 1) && has && !port)
            edgefn__note_member(j, EDGEFN__R_ORIGIN_PORT, EDGEFN_M_ORIGIN_PORT,
                                o->port < 1024 ? 1024 : 65535, o->port);
        if ((ask >> EDGEFN_M_ORIGIN_PROTOCOL & 1)
            && !edgefn__is_word(j, EDGEFN_M_ORIGIN_PROTOCOL, "http", "https"))
            edgefn__note_member(j, EDGEFN__R_ORIGIN_PROTOCOL, EDGEFN_M_ORIGIN_PROTOCOL, 0, 0);
        if ((ask >> EDGEFN_M_ORIGIN_TLS & 1) && tls && (o->tls == 0 || o->tls > 15))
            edgefn__note_member(j, EDGEFN__R_ORIGIN_TLS, EDGEFN_M_ORIGIN_TLS, 0, 0);
    }
    /* What the other kind of origin has would not be written. */
    for (int m = EDGEFN_M_ORIGIN_DOMAIN; m <= EDGEFN_M_ORIGIN_AUTH_METHOD && !whole; m++) {
        bool custom = m == EDGEFN_M_ORIGIN_PORT || m == EDGEFN_M_ORIGIN_KEEPALIVE
                      || m == EDGEFN_M_ORIGIN_PROTOCOL || m == EDGEFN_M_ORIGIN_TLS;
        bool bucket = m == EDGEFN_M_ORIGIN_REGION || m == EDGEFN_M_ORIGIN_AUTH_METHOD;
        if (edgefn__differs(j, (edgefn_member)m) && (s3 ? custom : bucket))
            edgefn__note_member(j, EDGEFN__R_ORIGIN_OTHER, (edgefn_member)m, 0, 0);
    }
}

/* What the setters and edgefn_finish() ask of an origin, as an error that names the member. */
static bool edgefn__origin_check(edgefn_event *ev, const edgefn_origin *o, bool whole,
                                 const char *where)
{
    edgefn__judge j;
    edgefn_origin kept = ev->request.origin;
    edgefn__memset(&j, 0, sizeof j);
    j.ev = j.now = ev;
    j.mask = edgefn__changes(ev, EDGEFN_M_ORIGIN_DOMAIN, EDGEFN_M_ORIGIN_AUTH_METHOD);
    ev->request.origin.kind = o->kind; /* the names of its members depend on it */
    edgefn__judge_origin(&j, o, whole);
    ev->request.origin.kind = kept.kind;
    if (j.refused) return edgefn__fail(ev, EDGEFN_E_OPTIONS, where, j.worst.subject);
    /* A doubt in other people's results, which AWS's example causes; who writes an origin here can
       name the region that the page wants. */
    bool named = o->kind != EDGEFN_ORIGIN_S3 || o->region.len != 0
                 || !EDGEFN__IS(o->auth_method, "origin-access-identity");
    return !whole || named || edgefn__fail(ev, EDGEFN_E_OPTIONS, where, EDGEFN_S("region"));
}

static size_t edgefn__query_length(const edgefn_request *q)
{
    size_t n = q->querystring.len;
    for (size_t i = 0; q->querystring.ptr == NULL && i < q->_query.len; i++)
        n += (i != 0) + q->_query.items[i].name.len + 1 + q->_query.items[i].value.len;
    return n;
}

static void edgefn__judge_body(edgefn__judge *j)
{
    const edgefn_body *b = &j->now->request.body;
    bool viewer = j->ev->type == EDGEFN_VIEWER_REQUEST;
    bool data = edgefn__differs(j, EDGEFN_M_BODY_DATA);
    bool encoding = edgefn__differs(j, EDGEFN_M_BODY_ENCODING);
    bool action = edgefn__differs(j, EDGEFN_M_BODY_ACTION);
    bool base64 = b->encoding != EDGEFN_TEXT;
    size_t limit = viewer ? 40960 : 1048576;
    if (!data && !encoding && !action) return;
    if (!edgefn__is_word(j, EDGEFN_M_BODY_ACTION, "read-only", "replace")) {
        edgefn__note_member(j, EDGEFN__R_BODY_ACTION, EDGEFN_M_BODY_ACTION, 0, 0);
        return;
    }
    if (encoding && !edgefn__is_word(j, EDGEFN_M_BODY_ENCODING, "text", "base64")) {
        edgefn__note_member(j, EDGEFN__R_BODY_ENCODING, EDGEFN_M_BODY_ENCODING, 0, 0);
        return;
    }
    if (!b->replace) {
        edgefn__note_member(j, EDGEFN__R_BODY_IGNORED,
                            data ? EDGEFN_M_BODY_DATA : EDGEFN_M_BODY_ENCODING, 0, 0);
        return;
    }
    if (b->data.ptr == NULL) {
        if (edgefn__has_text(j) && !j->odd_data)
            edgefn__note(j, EDGEFN__R_MEMBER_MISSING, EDGEFN_S("data"),
                         edgefn__closing(j, EDGEFN__O_BODY));
        return;
    }
    size_t size = base64 ? edgefn__base64_read(b->data, NULL) : b->data.len;
    if (!edgefn__is_word(j, EDGEFN_M_BODY_ENCODING, "text", "base64")) return;
    if (size == (size_t)-1)
        edgefn__note_member(j, EDGEFN__R_BODY_BASE64, EDGEFN_M_BODY_DATA, 0, 0);
    else if (size > limit)
        edgefn__note_member(j, EDGEFN__R_BODY_SIZE, EDGEFN_M_BODY_DATA, limit, size);
    else if (viewer && b->data.len > (base64 ? 54476u : 40000u))
        edgefn__note_member(j, EDGEFN__R_BODY_CLOSE, EDGEFN_M_BODY_DATA, base64 ? 54476 : 40000,
                            b->data.len);
}

/* A text begun in the judge's arena, below what is at its top. */
static edgefn__text edgefn__judge_begin(const edgefn__judge *j)
{
    return edgefn__text_begin(j->now, j->top != 0 ? j->top : j->now->arena.cap);
}

/* A string member as it was received, in the judge's arena; absent for no string. */
static edgefn_str edgefn__received_text(edgefn__judge *j, edgefn_member m)
{
    const edgefn_event *ev = j->ev;
    edgefn__span had = ev->_had[m];
    if (ev->_parts != NULL) return ev->_parts[m];
    if (had.len < 2 || ev->_json.ptr[had.at] != '"') return edgefn__absent();
    edgefn__text t = edgefn__judge_begin(j);
    edgefn__put_unescaped(&t, ev->_json.ptr + had.at + 1, had.len - 2);
    return edgefn__text_end(j->now, &t);
}

/* True if what a query holds that may not be there was received with it. */
static bool edgefn__query_came(edgefn__judge *j)
{
    edgefn_event *now = j->now;
    edgefn__run none = { NULL, 0 };
    size_t used = now->arena.used;
    edgefn_str was = edgefn__received_text(j, EDGEFN_M_QUERYSTRING);
    bool came = edgefn__atoms_came(j, now->request.querystring, was, none, true);
    now->arena.used = used;
    return came;
}

static bool edgefn__judge_request(edgefn__judge *j)
{
    edgefn_request *q = &j->now->request;
    bool lambda = j->ev->dialect == EDGEFN_LAMBDA;
    bool uri = edgefn__differs(j, EDGEFN_M_URI);
    bool query = edgefn__differs(j, EDGEFN_M_QUERYSTRING);
    size_t length = q->uri.len + 1 + edgefn__query_length(q);
    size_t was = edgefn__query_length(&j->ev->request);
    if (edgefn__has_text(j) && length == q->uri.len + 1 && was == 0)
        query = false; /* "" is the same as absent */
    if (edgefn__differs(j, EDGEFN_M_METHOD))
        edgefn__note_member(j, EDGEFN__R_METHOD, EDGEFN_M_METHOD, 0, 0);
    if (edgefn__differs(j, EDGEFN_M_CLIENT_IP))
        edgefn__note_member(j, EDGEFN__R_CLIENT_IP, EDGEFN_M_CLIENT_IP, 0, 0);
    if (uri && (q->uri.len == 0 || q->uri.ptr[0] != '/'))
        edgefn__note_member(j, lambda ? EDGEFN__R_URI_START : EDGEFN__R_F_URI_START, EDGEFN_M_URI,
                            0, 0);
    else if (uri && !edgefn__uri_ok(q->uri))
        edgefn__note_member(j, lambda ? EDGEFN__R_URI_CHARACTERS : EDGEFN__R_F_URI_CHARACTERS,
                            EDGEFN_M_URI, 0, 0);
    if (query && q->querystring.ptr != NULL && !edgefn__is_text(q->querystring, false, " #")
        && !edgefn__query_came(j))
        edgefn__note_member(j, EDGEFN__R_QUERY_CHARACTERS, EDGEFN_M_QUERYSTRING, 0, 0);
    else if (query && edgefn_str_starts(q->querystring, EDGEFN_S("?")))
        edgefn__note_member(j, EDGEFN__R_QUERY_MARK, EDGEFN_M_QUERYSTRING, 0, 0);
    if (length == q->uri.len + 1) length--; /* no query, no '?' */
    if (length >= 8192 && (uri || query || length - q->uri.len > was + 1))
        edgefn__note_member(j, EDGEFN__R_URI_LENGTH, EDGEFN_M_URI, 8191, length);
    edgefn__judge_headers(j, &q->headers);
    if (j->ev->dialect != EDGEFN_LAMBDA) return true;
    edgefn__judge_body(j);
    if (j->ev->type != EDGEFN_ORIGIN_REQUEST) return true;
    bool whole = edgefn__differs(j, EDGEFN_M_ORIGIN);
    edgefn__span now = j->now->_had[EDGEFN_M_ORIGIN];
    edgefn__span old = j->ev->_had[EDGEFN_M_ORIGIN];
    bool same = now.len == old.len && now.len != 0
                && edgefn__same(j->now->_json.ptr + now.at, j->ev->_json.ptr + old.at, now.len);
    if (edgefn__has_text(j) && !same && now.at != 0
        && (j->now->_flags & ~j->ev->_flags & EDGEFN__ORIGIN_ODD))
        edgefn__note_member(j, EDGEFN__R_ORIGIN_KIND, EDGEFN_M_ORIGIN, 0, 0);
    if (q->origin.kind == EDGEFN_ORIGIN_NONE) return true;
    if (edgefn__has_text(j) && !same && now.at != 0 && j->now->_had[EDGEFN_M_ORIGIN_DOMAIN].at == 0
        && (whole || j->ev->request.origin.domain.ptr != NULL)) {
        edgefn__note(j, EDGEFN__R_MEMBER_MISSING, EDGEFN_S("domainName"),
                     edgefn__closing(j, EDGEFN__O_ORIGIN));
        j->mask &= ~EDGEFN__BIT(EDGEFN_M_ORIGIN_DOMAIN);
    }
    edgefn__judge_origin(j, &q->origin, whole);
    if (edgefn__differs(j, EDGEFN_M_ORIGIN_DOMAIN)
        && !edgefn_str_ieq(edgefn_get(&q->headers, EDGEFN_S("host")), q->origin.domain))
        edgefn__note_member(j, EDGEFN__R_ORIGIN_HOST, EDGEFN_M_ORIGIN_DOMAIN, 0, 0);
    return edgefn__judge_custom(j);
}

/* An answer, or what was changed in a received response. */
static void edgefn__judge_response(edgefn__judge *j)
{
    edgefn_response *a = &j->now->response;
    bool lambda = j->ev->dialect == EDGEFN_LAMBDA;
    bool viewer = j->ev->type == EDGEFN_VIEWER_REQUEST || j->ev->type == EDGEFN_VIEWER_RESPONSE;
    bool fixed = lambda && j->ev->type == EDGEFN_VIEWER_RESPONSE;
    bool body = edgefn__differs(j, EDGEFN_M_RESPONSE_BODY);
    bool status = j->answer || edgefn__differs(j, EDGEFN_M_STATUS);
    edgefn__span had = j->now->_had[EDGEFN_M_STATUS];
    size_t limit = viewer ? 40960 : 1048576;
    size_t size = a->body.data.len;
    if (status && fixed)
        edgefn__note_member(j, EDGEFN__R_STATUS_CHANGED, EDGEFN_M_STATUS, 0, 0);
    else if (status && a->status != 0 && (a->status < 200 || a->status > 599))
        edgefn__note_member(j, EDGEFN__R_STATUS_RANGE, EDGEFN_M_STATUS, a->status < 200 ? 200 : 599,
                            a->status);
    if (edgefn__has_text(j) && lambda && had.at != 0 && j->now->_json.ptr[had.at] != '"'
        && (status || j->ev->_parts != NULL
            || j->ev->_json.ptr[j->ev->_had[EDGEFN_M_STATUS].at] == '"'))
        edgefn__note_member(j, EDGEFN__R_STATUS_NUMBER, EDGEFN_M_STATUS, 0, 0);
    if (edgefn__differs(j, EDGEFN_M_STATUS_TEXT) && a->status_text.ptr != NULL
        && !edgefn__is_text(a->status_text, true, ""))
        edgefn__note_member(j, EDGEFN__R_STATUS_TEXT_BYTES, EDGEFN_M_STATUS_TEXT, 0, 0);
    if (fixed && edgefn__differs(j, EDGEFN_M_STATUS_TEXT))
        edgefn__note_member(j, EDGEFN__R_STATUS_TEXT, EDGEFN_M_STATUS_TEXT, 0, 0);
    edgefn__judge_headers(j, &a->headers);
    if (body || edgefn__differs(j, EDGEFN_M_RESPONSE_BODY_ENCODING)) {
        bool word =
            edgefn__is_word(j, EDGEFN_M_RESPONSE_BODY_ENCODING, "text", "base64")
            && (lambda || a->body.encoding != EDGEFN_ENCODING_DEFAULT || a->body.data.ptr == NULL
                || !edgefn__has_text(
                    j)); /* a handler's body without an encoding is written as text */
        if (!word)
            edgefn__note_member(j, EDGEFN__R_BODY_ENCODING,
                                lambda ? EDGEFN_M_RESPONSE_BODY_ENCODING : EDGEFN_M_RESPONSE_BODY,
                                0, 0);
        if (fixed) edgefn__note_member(j, EDGEFN__R_BODY_VIEWER, EDGEFN_M_RESPONSE_BODY, 0, 0);
        if (a->body.encoding == EDGEFN_BASE64 && a->body.data.ptr != NULL
            && edgefn__base64_read(a->body.data, NULL) == (size_t)-1)
            edgefn__note_member(j, EDGEFN__R_BODY_BASE64, EDGEFN_M_RESPONSE_BODY, 0, 0);
    }
    if (a->status == 204 && a->body.data.len != 0 && (body || status))
        edgefn__note_member(j, EDGEFN__R_BODY_204, EDGEFN_M_RESPONSE_BODY, 0, 0);
    for (size_t i = 0; i < a->headers.len && (body || j->answer); i++)
        size += a->headers.items[i].name.len + a->headers.items[i].value.len;
    if (!lambda && (body || j->answer) && a->body.data.len > 40960)
        edgefn__note_member(j, EDGEFN__R_F_BODY_SIZE, EDGEFN_M_RESPONSE_BODY, 40960,
                            a->body.data.len);
    if (!lambda || !(body || j->answer)) return;
    size_t at = j->now->_had[EDGEFN_M_RESPONSE_BODY].at != 0
                    ? j->now->_had[EDGEFN_M_RESPONSE_BODY].at
                    : j->now->_object[EDGEFN__O_RESPONSE].at;
    if (size > limit)
        edgefn__note_number(j, EDGEFN__R_RESPONSE_SIZE, EDGEFN_S("body"), at, limit, size);
    else if (viewer && size > 40000)
        edgefn__note_number(j, EDGEFN__R_RESPONSE_CLOSE, EDGEFN_S("body"), at, 40000, size);
}

/* Tells whether a header that holds a URL holds what no URL does: a byte beyond ASCII, or a blank
   in it. */
static bool edgefn__url_odd(edgefn_str name, edgefn_str s)
{
    char end = '\0'; /* of the URL of a Refresh */
    bool link = EDGEFN__IS(name, "link");
    bool quoted = false;
    bool inside = !link;
    if (edgefn__control_at(s) < s.len) return false; /* which is refused */
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] >= 0x80) return true;
    }
    if (EDGEFN__IS(name, "refresh")) { /* 5; url=/a */
        size_t at = 0;
        while (at < s.len && s.ptr[at] != ';' && s.ptr[at] != ',')
            at++;
        s = edgefn_str_trim(edgefn_str_skip(s, at + 1));
        edgefn_cut url = edgefn_str_cut(s, EDGEFN_S("="));
        bool named = url.found && edgefn_str_ieq(edgefn_str_trim(url.head), EDGEFN_S("url"));
        if (named) s = edgefn_str_trim(url.tail);
        if (s.len != 0 && (s.ptr[0] == '"' || s.ptr[0] == '\'')) {
            end = s.ptr[0];
            s = edgefn_str_skip(s, 1);
        }
    }
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (end != '\0' && c == end) return false;
        if (inside && (c == ' ' || c == '\t')) return true;
        if (!link) continue;
        if (inside)
            inside = c != '>';
        else if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted)
            inside = c == '<';
    }
    return false;
}

/* Tells whether a Set-Cookie holds a second cookie after ", ". What follows in "Expires=Thu, 01
   Jan 1970" is none: no name and '='. */
static bool edgefn__is_joined(edgefn_str s)
{
    bool quoted = false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"') quoted = !quoted;
        if (quoted || s.ptr[i] != ',') continue;
        size_t at = i + 1;
        while (at < s.len && (s.ptr[at] == ' ' || s.ptr[at] == '\t'))
            at++;
        size_t end = at;
        while (end < s.len && (edgefn__class_of(s.ptr[end]) & EDGEFN__C_TOKEN))
            end++;
        if (at > i + 1 && end > at && end < s.len && s.ptr[end] == '=') return true;
    }
    return false;
}

/* What is doubtful in values that were not received: URLs, and cookies that are joined. */
static void edgefn__judge_values(edgefn__judge *j, const edgefn_response *a)
{
    bool lambda = j->ev->dialect == EDGEFN_LAMBDA;
    for (size_t i = 0; i < a->headers.len; i++) {
        const edgefn_field *it = &a->headers.items[i];
        bool cookie = lambda && EDGEFN__IS(it->name, "set-cookie");
        bool url = EDGEFN__IS(it->name, "location") || EDGEFN__IS(it->name, "content-location")
                   || EDGEFN__IS(it->name, "link") || EDGEFN__IS(it->name, "refresh");
        if (it->change == EDGEFN_KEPT || !(cookie || url)) continue;
        bool odd = cookie ? edgefn__is_joined(it->value) : edgefn__url_odd(it->name, it->value);
        if (!odd || !edgefn__is_new(j, &a->headers, it)) continue;
        int rule = cookie ? EDGEFN__R_COOKIE_JOINED : EDGEFN__R_HEADER_URL;
        edgefn__note(j, rule, it->name, it->_value);
    }
    for (size_t i = 0; !lambda && i < a->_cookies.len; i++) {
        const edgefn_field *it = &a->_cookies.items[i];
        bool value = it->change != EDGEFN_KEPT && edgefn__is_joined(it->value);
        bool attributes = it->change != EDGEFN_KEPT && edgefn__is_joined(it->attributes);
        if (!value && !attributes) continue;
        edgefn__run came = edgefn__came(j, &a->_cookies, it);
        for (size_t k = 0; k < came.len && k < 32; k++) {
            value = value && !edgefn_str_eq(came.items[k].value, it->value);
            attributes = attributes && !edgefn_str_eq(came.items[k].attributes, it->attributes);
        }
        if (value || attributes) edgefn__note(j, EDGEFN__R_COOKIE_JOINED, it->name, it->_value);
    }
}

/* A request's header as it was received; absent without. */
static edgefn_str edgefn__received_header(const edgefn_event *ev, edgefn_str name)
{
    const edgefn_fields *f = &ev->request.headers;
    for (size_t i = 0; i < f->_received_len; i++) {
        if (edgefn_str_eq(f->_received[i].name, name)) return f->_received[i].value;
    }
    return edgefn__absent();
}

static bool edgefn__is_query(edgefn__judge *j, edgefn_str query)
{
    const edgefn_fields *f = &j->ev->request._query;
    edgefn_str was = edgefn__received_text(j, EDGEFN_M_QUERYSTRING);
    edgefn_str keep = EDGEFN_S("!$&'()*+,;=:@/[]%?");
    if (j->ev->dialect == EDGEFN_LAMBDA || was.ptr != NULL) { /* both as viewers send them */
        edgefn__text t = edgefn__judge_begin(j);
        edgefn__put_alike(&t, was, keep, EDGEFN__RAW);
        was = edgefn__text_end(j->now, &t);
        t = edgefn__judge_begin(j);
        edgefn__put_alike(&t, query, keep, EDGEFN__RAW);
        return edgefn_str_eq(was, edgefn__text_end(j->now, &t));
    }
    edgefn_cut rest = { query, query, query.len != 0 };
    for (size_t i = 0; i < f->_received_len; i++) { /* an object: "a" and "a=" are the same in it */
        if (!rest.found) return false;
        rest = edgefn_str_cut(rest.tail, EDGEFN_S("&"));
        edgefn_cut c = edgefn_str_cut(rest.head, EDGEFN_S("="));
        edgefn_str value = c.found ? c.tail : EDGEFN_S("");
        if (!edgefn_str_eq(c.head, f->_received[i].name)) return false;
        if (!edgefn_str_eq(value, f->_received[i].value)) return false;
    }
    return !rest.found;
}

/* Tells whether host and port are those of a Host header. */
static bool edgefn__is_host(edgefn_str host, edgefn_str port, edgefn_str header, bool http)
{
    edgefn_str usual = http ? EDGEFN_S("80") : EDGEFN_S("443");
    edgefn_str own = edgefn__absent();
    bool v6 = edgefn_str_starts(header, EDGEFN_S("["));
    size_t at = v6 ? edgefn_str_find(header, EDGEFN_S("]")) : 0;
    at += edgefn_str_find(edgefn_str_skip(header, at), EDGEFN_S(":"));
    if (at < header.len) own = edgefn_str_skip(header, at + 1);
    return header.len != 0 && edgefn_str_ieq(host, edgefn_str_take(header, at))
           && edgefn_str_eq(port.len != 0 ? port : usual, own.len != 0 ? own : usual);
}

/* Tells whether a Location leads to the request's own URL, as it was received. *open: whether only
   the scheme may differ. */
static bool edgefn__is_own_url(edgefn__judge *j, edgefn_str location, bool *open)
{
    edgefn_url_parts u = edgefn_url_split(location);
    edgefn_str keep = EDGEFN_S("!$&'()*+,;=:@/[]%");
    edgefn_str uri = edgefn__received_text(j, EDGEFN_M_URI);
    edgefn_str host = edgefn__received_header(j->ev, EDGEFN_S("host"));
    edgefn_str proto = edgefn__received_header(j->ev, EDGEFN_S("cloudfront-forwarded-proto"));
    edgefn_str scheme = u.scheme.ptr != NULL ? u.scheme : proto;
    bool http = edgefn_str_ieq(scheme, EDGEFN_S("http"));
    bool web = http || edgefn_str_ieq(scheme, EDGEFN_S("https"));
    if (u.scheme.ptr != NULL && (u.host.ptr == NULL || !web)) return false;
    if (!edgefn_str_starts(uri, EDGEFN_S("/"))) return false;
    if (proto.len != 0 && !edgefn_str_ieq(scheme, proto)) return false;
    if (u.host.ptr != NULL && !edgefn__is_host(u.host, u.port, host, http)) return false;
    *open = u.scheme.ptr != NULL && proto.len == 0;
    bool same_document = u.host.ptr == NULL && u.path.len == 0;
    if (!same_document) { /* RFC 3986 section 5.2 */
        size_t dir = u.host.ptr != NULL || edgefn_str_starts(u.path, EDGEFN_S("/")) ? 0 : uri.len;
        while (dir > 0 && uri.ptr[dir - 1] != '/')
            dir--;
        edgefn__text t = edgefn__judge_begin(j);
        edgefn__put_alike(&t, uri, keep, EDGEFN__RAW);
        edgefn_str own = edgefn__text_end(j->now, &t);
        t = edgefn__judge_begin(j);
        char *start = t.at;
        edgefn__put_alike(&t, edgefn_str_take(uri, dir), keep, EDGEFN__RAW);
        edgefn__put_alike(&t, u.path.len != 0 ? u.path : EDGEFN_S("/"), keep, EDGEFN__RAW);
        t.at = start + edgefn__resolve(start, (size_t)(t.at - start), false);
        if (!edgefn_str_eq(own, edgefn__text_end(j->now, &t))) return false;
    }
    return (same_document && u.query.ptr == NULL) || edgefn__is_query(j, u.query);
}

/* A redirect to where the viewer already is. After another method than GET and HEAD, 301 to 303
   lead to GET: that is another request. */
static void edgefn__judge_loop(edgefn__judge *j, const edgefn_response *a)
{
    edgefn_str method = j->ev->request.method;
    bool open = false;
    bool get = EDGEFN__IS(method, "GET") || EDGEFN__IS(method, "HEAD");
    bool keeps = a->status == 307 || a->status == 308;
    size_t at = edgefn_find(&a->headers, EDGEFN_S("location"), 0);
    size_t used = j->now->arena.used;
    if (!(keeps || (get && a->status >= 301 && a->status <= 303)) || at == a->headers.len) return;
    const edgefn_field *it = &a->headers.items[at];
    bool status = j->answer || edgefn__differs(j, EDGEFN_M_STATUS);
    if (!status && !edgefn__is_new(j, &a->headers, it)) return;
    bool own = edgefn__is_own_url(j, it->value, &open);
    j->now->arena.used = used;
    if (own) edgefn__note(j, open ? EDGEFN__R_LOOP_SCHEME : EDGEFN__R_LOOP, it->name, it->_value);
}

static bool edgefn__judge_all(edgefn__judge *j)
{
    if (!j->answer && edgefn_is_request(j->ev))
        return edgefn__judge_request(j) && j->now->err.code == EDGEFN_OK;
    edgefn__judge_response(j);
    if (!j->no_doubts) {
        edgefn__judge_values(j, &j->now->response);
        edgefn__judge_loop(j, &j->now->response);
    }
    return j->now->err.code == EDGEFN_OK;
}

/*--- a function's result ------------------------------------------------------------------------*/

/* Compares the members of a result with what the event came with; text that is the same means the
   same. */
static void edgefn__compare_members(edgefn__judge *j)
{
    const edgefn_event *ev = j->ev;
    const edgefn_event *now = j->now;
    for (int m = 0; m < EDGEFN_M_COUNT; m++) {
        const edgefn__member_info *info = &edgefn__members[m];
        edgefn__span a = ev->_had[m];
        edgefn__span b = now->_had[m];
        bool differs =
            b.at != 0
            && !(a.at != 0 && a.len == b.len
                 && edgefn__memcmp(ev->_json.ptr + a.at, now->_json.ptr + b.at, a.len) == 0);
        if (ev->_parts != NULL && info->kind == EDGEFN__V_STR)
            differs = b.at != 0 && !edgefn_str_eq(edgefn__member_str(now, info), ev->_parts[m]);
        else if (info->kind == EDGEFN__V_WHOLE)
            differs = b.at != 0 && now->request.origin.kind != ev->_was.kind;
        else if (info->kind == EDGEFN__V_STR)
            differs = differs
                      && !(a.at != 0 && ev->_json.ptr[a.at] == '"'
                           && edgefn__still(ev, a, edgefn__member_str(now, info)));
        else if (differs && (a.at != 0 || ev->_parts != NULL))
            differs = (a.at != 0 && info->kind == EDGEFN__V_HTTPS)
                      || edgefn__member_u32(info, now, info->offset)
                             != edgefn__member_u32(info, &ev->_was, info->was);
        if (m == EDGEFN_M_CLIENT_IP && ev->dialect == EDGEFN_LAMBDA && b.at == 0 && !j->odd_ip)
            differs = a.at != 0; /* read-only: may not go either */
        if (differs) j->mask |= (uint32_t)1 << m;
    }
}

enum {
    EDGEFN__T_STATUS,
    EDGEFN__T_STATUS_CODE,
    EDGEFN__T_URI,
    EDGEFN__T_METHOD,
    EDGEFN__T_REQUEST,
    EDGEFN__T_RESPONSE,
    EDGEFN__T_RECORDS,
    EDGEFN__T_CF,
    EDGEFN__T_CONTEXT,
    EDGEFN__T_MULTI,
    EDGEFN__T_IS_BASE64
};
/* clang-format off */
static const edgefn__name edgefn__n_result[] = {
    EDGEFN__NAME("status"), EDGEFN__NAME("statusCode"), EDGEFN__NAME("uri"), EDGEFN__NAME("method"),
    EDGEFN__NAME("request"), EDGEFN__NAME("response"),
    EDGEFN__NAME("Records"), EDGEFN__NAME("cf"), EDGEFN__NAME("context"),
    EDGEFN__NAME("multiValueHeaders"), EDGEFN__NAME("isBase64Encoded")
};
/* clang-format on */

/* The first byte of an object's values, where it is the same in all of them; else '\0', as for no
   object. */
static char edgefn__values_begin(const char *t, uint32_t open)
{
    char kind = '\0';
    if (open == 0 || t[open] != '{') return '\0';
    for (uint32_t at = edgefn__ws(t, open + 1); t[at] != '}';) {
        uint32_t from = edgefn__after_name(t, at);
        if (kind != '\0' && t[from] != kind) return '\0';
        kind = t[from];
        at = edgefn__ws(t, edgefn__after_value(t, from));
        if (t[at] == ',') at = edgefn__ws(t, at + 1);
    }
    return kind;
}

static bool edgefn__member_begins(const char *t, uint32_t open, const char *name, char with)
{
    uint32_t at = edgefn__find_member(t, open, name);
    return at != 0 && t[at] == with;
}

/* Tells whether a request has two marks of the other dialect's: one alone is a mistake in that
   member. */
static bool edgefn__is_other_request(const char *t, uint32_t open, bool lambda)
{
    char entries = edgefn__values_begin(t, edgefn__find_member(t, open, "headers"));
    if (lambda) {
        return (entries == '{') + edgefn__member_begins(t, open, "querystring", '{')
                   + edgefn__member_begins(t, open, "cookies", '{')
               >= 2;
    }
    return (entries == '[') + edgefn__member_begins(t, open, "querystring", '"')
               + edgefn__member_begins(t, open, "clientIp", '"')
               + edgefn__member_begins(t, open, "origin", '{')
           >= 2;
}

/* The member by which an answer with statusCode, for a Lambda@Edge event, shows whose it is:
   isBase64Encoded, multiValueHeaders and headers (of strings) are API Gateway's; value (of a
   header), cookies and body (objects) CloudFront Functions'; statusCode is both's. */
static edgefn_str edgefn__shown_by(const char *t, uint32_t open, unsigned seen)
{
    char entries = edgefn__values_begin(t, edgefn__find_member(t, open, "headers"));
    if (seen >> EDGEFN__T_IS_BASE64 & 1) return EDGEFN_S("isBase64Encoded");
    if (seen >> EDGEFN__T_MULTI & 1) return EDGEFN_S("multiValueHeaders");
    if (entries == '"') return EDGEFN_S("headers");
    if (entries == '{') return EDGEFN_S("value");
    if (edgefn__member_begins(t, open, "cookies", '{')) return EDGEFN_S("cookies");
    return edgefn__member_begins(t, open, "body", '{') ? EDGEFN_S("body") : EDGEFN_S("statusCode");
}

/* Notes a result that is no request or response of this kind of function; it is not read then.
   seen: which names it has. */
static bool edgefn__is_foreign(edgefn__judge *j, const char *t, uint32_t at, unsigned seen)
{
    bool lambda = j->now->dialect == EDGEFN_LAMBDA;
    bool path = (seen >> EDGEFN__T_URI & 3) != 0;
    int own = lambda ? EDGEFN__T_STATUS : EDGEFN__T_STATUS_CODE;
    int other = lambda ? EDGEFN__T_STATUS_CODE : EDGEFN__T_STATUS;
    if (seen >> own & 1) return false;
    if (path) {
        bool uri = (seen >> EDGEFN__T_URI & 1) != 0;
        if (!edgefn_is_request(j->now) || !edgefn__is_other_request(t, at, lambda)) return false;
        edgefn__note(j, EDGEFN__R_SHAPE, uri ? EDGEFN_S("uri") : EDGEFN_S("method"), at);
        return true;
    }
    if (seen >> other & 1) {
        edgefn_str member = lambda ? edgefn__shown_by(t, at, seen) : EDGEFN_S("status");
        edgefn__note(j, EDGEFN__R_SHAPE, member, at);
        return true;
    }
    if ((seen >> EDGEFN__T_RECORDS & 3) != 0 || (seen >> EDGEFN__T_CONTEXT & 1) != 0) {
        edgefn__note(j, EDGEFN__R_WHOLE_EVENT, edgefn__absent(), at);
        return true;
    }
    int id = seen >> EDGEFN__T_RESPONSE & 1 ? EDGEFN__T_RESPONSE : EDGEFN__T_REQUEST;
    if (!(seen >> id & 1)) return false;
    edgefn_str name = edgefn__str(edgefn__n_result[id].text, edgefn__n_result[id].len);
    edgefn__note(j, EDGEFN__R_WRAPPED, name, at);
    return true;
}

/* Looks at the names of a result, then reads it as what it is and judges it. False when memory ran
   out. */
static bool edgefn__judge_object(edgefn__judge *j, edgefn__reader *r)
{
    edgefn_event *now = j->now;
    bool lambda = now->dialect == EDGEFN_LAMBDA;
    uint32_t start = r->pos;
    uint32_t seen = 0;
    edgefn__object o;
    int id;
    int status_id = lambda ? EDGEFN__T_STATUS : EDGEFN__T_STATUS_CODE;
    r->judge = NULL; /* equal names are noted when it is read again */
    edgefn_str name = { NULL, 0 };
    for (r->pos++; edgefn__peek(r) != '}';) {
        if (r->text[r->pos] == ',') {
            r->pos++;
            edgefn__peek(r);
        }
        uint32_t at = r->pos;
        if (!edgefn__raw_string(r, &name)
            || (edgefn__is_escaped(r, at) && !edgefn__unescape(r, &name)) || edgefn__peek(r) != ':')
            return false;
        r->pos++;
        edgefn__peek(r);
        for (id = 0; id < (int)EDGEFN__COUNT(edgefn__n_result); id++) {
            if (edgefn__is(name, edgefn__n_result[id].text, edgefn__n_result[id].len))
                seen |= 1u << id;
        }
        if (!edgefn__skip_value(r)) return false;
    }
    uint32_t close = r->pos;
    bool status = (seen >> status_id & 1) != 0;
    bool path = (seen >> EDGEFN__T_URI & 3) != 0;
    r->judge = j;
    if (edgefn__is_foreign(j, r->text, start, seen)) return true;
    bool request = edgefn_is_request(now);
    if (status && path)
        edgefn__note(j, EDGEFN__R_BOTH,
                     edgefn__str(edgefn__n_result[status_id].text, edgefn__n_result[status_id].len),
                     start);
    if (!request && !status && path) {
        edgefn__note(j, EDGEFN__R_KIND, edgefn__absent(), start);
        return true;
    }
    if (!request && !status)
        edgefn__note(j, EDGEFN__R_MEMBER_MISSING,
                     edgefn__str(edgefn__n_result[status_id].text, edgefn__n_result[status_id].len),
                     close);
    j->answer = request && status;
    r->pos = start;
    r->escaped = r->escaped_first;
    if (request && !status ? lambda ? !edgefn__lambda_request(r) : !edgefn__functions_request(r)
        : lambda ? !edgefn__lambda_response(r, &o)
                           : !edgefn__functions_response(r, &o))
        return false;
    now->request.headers._flags |= EDGEFN__DIRTY;
    now->response.headers._flags |= EDGEFN__DIRTY;
    edgefn__compare_members(j);
    edgefn_fields none = now->request._query; /* an answer is compared with nothing */
    edgefn__memset(&none, 0, sizeof none);
    if (request && !status) {
        if (!edgefn__mark(j, &j->ev->request.headers, &now->request.headers)) return false;
        if (!edgefn__mark(j, &j->ev->request.origin.headers, &now->request.origin.headers))
            return false;
        if (!lambda && !edgefn__mark(j, &j->ev->request._query, &now->request._query)) return false;
        if (!lambda && !edgefn__mark(j, &j->ev->request._cookies, &now->request._cookies))
            return false;
    } else {
        if (!edgefn__mark(j, j->answer ? &none : &j->ev->response.headers, &now->response.headers))
            return false;
        if (!lambda
            && !edgefn__mark(j, j->answer ? &none : &j->ev->response._cookies,
                             &now->response._cookies))
            return false;
    }
    return edgefn__judge_all(j);
}

/* True for half of a surrogate pair at a fault: JSON by its grammar, but no text. */
static bool edgefn__half_pair(edgefn_str json, const edgefn__fault *f)
{
    if (f->code != EDGEFN_E_JSON_STRING || json.len - f->pos < 6 || json.ptr[f->pos] != '\\'
        || json.ptr[f->pos + 1] != 'u')
        return false;
    int32_t unit = edgefn__hex4(json.ptr + f->pos + 2, 4);
    return unit >= 0xd800 && unit <= 0xdfff;
}

/* CloudFront Functions: the object inside of {"request":{...}} or {"response":{...}}, as AWS's
   test-function prints results.
   Returns: its offset, and its name; 0 when the result is no such object. */
static uint32_t edgefn__unwrapped(const char *t, uint32_t at, edgefn_str *name)
{
    static const char *const others[] = {
        "statusCode", "uri", "method", "context", "Records", "cf"
    };
    for (size_t i = 0; i < EDGEFN__COUNT(others); i++) {
        if (edgefn__find_member(t, at, others[i]) != 0) return 0;
    }
    *name = EDGEFN_S("response");
    uint32_t in = edgefn__find_member(t, at, "response");
    if (in == 0) {
        *name = EDGEFN_S("request");
        in = edgefn__find_member(t, at, "request");
    }
    return in != 0 && t[in] == '{' ? in : 0;
}

static bool edgefn__finding_before(const edgefn_finding *a, const edgefn_finding *b)
{
    if (a->pos != b->pos) return a->pos < b->pos;
    if (a->rule != b->rule) return a->rule < b->rule;
    return a->actual < b->actual;
}

static void edgefn__finding_sift(edgefn_finding *f, size_t i, size_t n)
{
    edgefn_finding moved = f[i];
    for (size_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
        if (child + 1 < n && edgefn__finding_before(&f[child], &f[child + 1])) child++;
        if (!edgefn__finding_before(&moved, &f[child])) break;
        f[i] = f[child];
        i = child;
    }
    f[i] = moved;
}

/* Puts findings into the order of the text. n log n, whatever their order was: a heap. */
static void edgefn__findings_sort(edgefn_finding *f, size_t n)
{
    size_t i = 1;
    while (i < n && !edgefn__finding_before(&f[i], &f[i - 1]))
        i++;
    if (i >= n) return;
    for (i = n / 2; i-- > 0;)
        edgefn__finding_sift(f, i, n);
    for (i = n; i-- > 1;) {
        edgefn_finding last = f[i];
        f[i] = f[0];
        f[0] = last;
        edgefn__finding_sift(f, 0, i);
    }
}

/* Judges a text that is a result. wrapped: it was in something, and that was noted. */
static bool edgefn__judge_result(edgefn__judge *j, edgefn_str json, bool wrapped)
{
    bool lambda = j->now->dialect == EDGEFN_LAMBDA;
    edgefn__fault fault;
    edgefn__reader r;
    edgefn_str name;
    size_t first = edgefn__skip_space(json.ptr, json.len, 0);
    if (!edgefn__validate(json, &fault)) {
        int rule = edgefn__half_pair(json, &fault) ? EDGEFN__R_SURROGATE
                   : lambda                        ? EDGEFN__R_JSON
                                                   : EDGEFN__R_F_JSON;
        edgefn__note(j, rule, edgefn__absent(), fault.pos);
        return true;
    }
    if (json.ptr[first] != '{') {
        edgefn__note(j, lambda ? EDGEFN__R_OBJECT : EDGEFN__R_F_OBJECT, edgefn__absent(), first);
        return true;
    }
    edgefn__zero(&r, sizeof r);
    r.no_method = j->ev->request.method.ptr
                  == NULL; /* a test event without one: neither need the result have it */
    r.ev = j->now;
    r.text = json.ptr;
    r.len = (uint32_t)json.len;
    if (!edgefn__scan_into(j->now, &r)) return false;
    r.pos = (uint32_t)first;
    uint32_t in = lambda ? 0 : edgefn__unwrapped(r.text, r.pos, &name);
    if (in != 0) {
        if (!wrapped) edgefn__note(j, EDGEFN__R_F_WRAPPED, name, first);
        r.pos = in;
    }
    return edgefn__judge_object(j, &r);
}

/* CloudFront Functions: the JSON string that holds the result, in the answer of AWS's test-
   function or alone, as its --query TestResult.FunctionOutput prints it. Returns: whether there is
   one; *at is its place, *name absent when it stands alone. */
static bool edgefn__output(edgefn_str json, size_t first, uint32_t *at, edgefn_str *name)
{
    *name = edgefn__absent();
    *at = (uint32_t)first;
    if (json.ptr[first] != '{') return json.ptr[first] == '"';
    uint32_t in = edgefn__find_member(json.ptr, *at, "TestResult");
    *name = EDGEFN_S("FunctionOutput");
    if (in != 0 && json.ptr[in] == '{') *at = in;
    *at = edgefn__find_member(json.ptr, *at, "FunctionOutput");
    return *at != 0 && json.ptr[*at] == '"';
}

/* Puts the findings of a JSON string's text where they stand in the text around it. */
static void edgefn__findings_move(edgefn_finding *f, size_t n, const char *p, uint32_t at)
{
    size_t inner = 0;
    size_t outer = (size_t)at + 1;
    edgefn__findings_sort(f, n);
    for (size_t i = 0; i < n; i++) {
        while (inner < f[i].pos && p[outer] != '"') {
            bool escape = p[outer] == '\\';
            bool u = escape && p[outer + 1] == 'u';
            int32_t unit = u ? edgefn__hex4(p + outer + 2, 4) : 0;
            bool pair = unit >= 0xd800 && unit < 0xdc00;
            inner += pair ? 4 : unit >= 0x800 ? 3 : unit >= 0x80 ? 2 : 1;
            outer += pair ? 12 : u ? 6 : escape ? 2 : 1;
        }
        f[i].pos = outer;
    }
}

static bool edgefn__judge_text(edgefn__judge *j, edgefn_str json)
{
    edgefn__fault fault;
    edgefn_str name;
    uint32_t at = 0;
    size_t first = edgefn__skip_space(json.ptr, json.len, 0);
    size_t before;
    bool text = j->now->dialect == EDGEFN_FUNCTIONS && edgefn__validate(json, &fault)
                && edgefn__output(json, first, &at, &name);
    if (!text) return edgefn__judge_result(j, json, false);
    edgefn__text t = edgefn__text_begin(j->now, j->now->arena.cap);
    edgefn__put_unescaped(&t, json.ptr + at + 1, edgefn__after_string(json.ptr, at) - at - 2);
    edgefn_str inside = edgefn__text_end(j->now, &t);
    if (inside.ptr == NULL) return false;
    size_t in = edgefn__skip_space(inside.ptr, inside.len, 0);
    bool object = in < inside.len && inside.ptr[in] == '{';
    if (object || name.ptr != NULL) edgefn__note(j, EDGEFN__R_F_WRAPPED, name, first);
    if (!object) {
        edgefn__note(j, EDGEFN__R_F_OBJECT, edgefn__absent(), at);
        return true;
    }
    before = j->count < j->cap ? j->count : j->cap;
    j->now->_json = inside;
    if (!edgefn__judge_result(j, inside, true)) return false;
    size_t stored = j->count < j->cap ? j->count : j->cap;
    if (stored > before) edgefn__findings_move(j->to + before, stored - before, json.ptr, at);
    return true;
}

EDGEFN_API size_t edgefn_check(edgefn_event *ev, edgefn_str result_json, edgefn_finding *findings,
                               size_t cap)
{
    edgefn__judge j;
    edgefn_event now;
    edgefn__memset(&j, 0, sizeof j);
    j.ev = j.now = ev;
    j.to = findings;
    j.cap = findings != NULL ? cap : 0;
    if (ev->_self != ev || !(ev->_flags & EDGEFN__PARSED))
        edgefn__fail(ev, EDGEFN_E_MISUSE, "edgefn_check", edgefn__absent());
    if (result_json.len >= UINT32_MAX - 64)
        edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_check", edgefn__absent());
    edgefn_err kept = ev->err;
    if (kept.code == EDGEFN_E_POLICY)
        ev->err.code = EDGEFN_OK; /* edgefn_finish() refused, and now somebody asks why */
    if (ev->err.code != EDGEFN_OK) return (size_t)-1;
    if (result_json.ptr == NULL) {
        bool judged = edgefn__prepare(ev, &j.answer, false);
        j.mask = ev->_mask;
        judged = judged && edgefn__judge_all(&j);
        if (kept.code != EDGEFN_OK || ev->err.code == EDGEFN_OK)
            ev->err = kept; /* the first failure stays */
        return judged ? j.count : (size_t)-1;
    }
    edgefn__memset(&now, 0, sizeof now);
    now.dialect = ev->dialect;
    now.type = ev->type;
    now.arena = ev->arena;
    now.env = ev->env;
    now._self = &now;
    now._json = result_json;
    edgefn__lists_init(&now);
    j.now = &now;
    if (!edgefn__judge_text(&j, result_json)) {
        edgefn__fail(ev, EDGEFN_E_OOM, "edgefn_check", edgefn__absent());
        return (size_t)-1;
    }
    ev->err = kept;
    edgefn__findings_sort(findings, j.count < j.cap ? j.count : j.cap);
    return j.count;
}

EDGEFN_API size_t edgefn_finding_says(const edgefn_finding *finding, char *buf, size_t cap)
{
    static const char hex[] = "0123456789ABCDEF";
    char none[1]; /* for no buffer: NULL takes no offset */
    edgefn__text t = { buf != NULL ? buf : none, buf != NULL ? buf + cap : none, false };
    size_t n = 0;
    for (const char *z = finding->rule->says; z != NULL && *z != '\0'; z++) {
        char byte[3] = { '%', hex[finding->actual >> 4 & 15], hex[finding->actual & 15] };
        edgefn_str piece = edgefn__str(z, 1);
        if (*z == '%') piece = *++z == 'n' ? finding->subject : edgefn__str(byte, 3);
        n += piece.len;
        edgefn__put(&t, piece.ptr, piece.len);
    }
    return n;
}

/*--- edgefn_sanitize(): undoes edits. A field that was added goes, one that was changed gets its
received value, one that was removed comes back. ---*/

/* What of a list is to be undone, and by which event's rules. */
typedef struct edgefn__undo {
    edgefn_fields *list;
    const edgefn__entry
        *others; /* sorted names that a field of this list must not have; NULL: none */
    size_t other_count;
    unsigned event; /* the bit of the event in edgefn__header_rule */
    bool all;       /* undo every edit */
} edgefn__undo;

static bool edgefn__has_entry(const edgefn__entry *e, size_t n, edgefn_str name)
{
    edgefn__entry wanted = { name.ptr, (uint32_t)name.len, 0 };
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (edgefn__entry_eq(&e[mid], &wanted)) return true;
        wanted.at = e[mid].at; /* names alone decide */
        if (edgefn__entry_before(&e[mid], &wanted))
            low = mid + 1;
        else
            high = mid;
    }
    return false;
}

/* True if CloudFront refuses what was done to the fields of one name; whatever the marks say,
   received values may be returned. */
static bool edgefn__undo_name(const edgefn__undo *u, edgefn__judge *j, size_t from, size_t end)
{
    const edgefn_fields *f = u->list;
    edgefn_str name = f->items[from].name;
    unsigned bits = edgefn__header_bits(name);
    bool disallowed = (bits & EDGEFN__H_DISALLOWED) != 0;
    bool clash = edgefn__has_entry(u->others, u->other_count, name);
    if (u->all) return true;
    if (f->_kind == EDGEFN__ORIGIN_HEADERS)
        clash = clash || disallowed || (bits & EDGEFN__H_NOT_CUSTOM) != 0 || name.len > 256;
    else if (!disallowed && (bits & u->event) != 0) {
        size_t notes = j->count;
        edgefn__judge_read_only(j, f, from, end, 0);
        return j->count != notes;
    }
    if (clash || disallowed) return !edgefn__only_fewer(j, f, from, end);
    bool country = f->_kind == EDGEFN__REQUEST_HEADERS && u->event == EDGEFN__LVQ
                   && EDGEFN__IS(name, "cloudfront-viewer-country");
    return country
           && edgefn__came(j, f, &f->items[from]).len == 0; /* a changed one is doubtful only */
}

/* Marks the edited fields that CloudFront refuses, one bit each. Returns: how many. */
static size_t edgefn__undo_mark(const edgefn__undo *u, unsigned char *marks)
{
    const edgefn_fields *f = u->list;
    edgefn__judge j;
    size_t count = 0;
    edgefn__zero(&j, sizeof j);
    j.ev = j.now = f->_ev;
    for (size_t i = 0, end; i < f->len; i = end) {
        bool edited = false;
        end = edgefn__run_end(f->items, f->len, i);
        for (size_t k = i; k < end; k++)
            edited |= f->items[k].change != EDGEFN_KEPT;
        bool refused = edited && edgefn__undo_name(u, &j, i, end);
        for (size_t k = i; k < end && edited; k++) {
            bool large = f->_kind == EDGEFN__ORIGIN_HEADERS && f->items[k].value.len > 1783
                         && edgefn__is_new(&j, f, &f->items[k]);
            if (f->items[k].change == EDGEFN_KEPT || !(refused || large)) continue;
            marks[k / 8] = (unsigned char)(marks[k / 8] | 1u << (k % 8));
            count++;
        }
    }
    return count;
}

/* True for a removed field that CloudFront wants back: disallowed headers may go. */
static bool edgefn__undo_removal(const edgefn__undo *u, const edgefn_field *gone)
{
    unsigned bits = edgefn__header_bits(gone->name);
    return u->list->_kind != EDGEFN__ORIGIN_HEADERS && !(bits & EDGEFN__H_DISALLOWED)
           && (bits & u->event) != 0;
}

/* True if a field that comes back goes before this one: names and values are in the order in which
   they were received, new names last. */
static bool edgefn__back_before(const edgefn_field *back, const edgefn_field *it)
{
    if (it->_group == 0 || back->_group != it->_group)
        return it->_group == 0 || back->_group < it->_group;
    return it->_value == 0 || back->_value < it->_value;
}

/* Copies a list with fields that come back into an array that has room. In a list that was sorted
   they go beside those of their name. */
static size_t edgefn__put_back(const edgefn_fields *f, const edgefn_field *from, size_t n,
                               edgefn_field *back, size_t m, edgefn_field *to)
{
    size_t count = 0;
    size_t k = 0;
    bool sorted = (f->_flags & EDGEFN__REORDERED) != 0;
    for (size_t i = 0; i < n; i++) {
        bool starts = i == 0 || !edgefn_str_eq(from[i].name, from[i - 1].name);
        if (sorted
            /* those of this name, found by halving: back is sorted by name, then place */
            && starts) {
            size_t high = m;
            for (k = 0; k < high;) {
                size_t mid = k + (high - k) / 2;
                if (edgefn__compare(back[mid].name, from[i].name) < 0)
                    k = mid + 1;
                else
                    high = mid;
            }
        }
        while (k < m && (!sorted || edgefn_str_eq(back[k].name, from[i].name))
               && edgefn__back_before(&back[k], &from[i])) {
            to[count++] = back[k];
            back[k++].change = EDGEFN_KEPT; /* done */
        }
        to[count++] = from[i];
        bool ends = i + 1 == n || !edgefn_str_eq(from[i + 1].name, from[i].name);
        while (sorted && ends && k < m && edgefn_str_eq(back[k].name, from[i].name)) {
            to[count++] = back[k];
            back[k++].change = EDGEFN_KEPT;
        }
    }
    for (k = 0; k < m; k++) {
        if (back[k].change != EDGEFN_KEPT) to[count++] = back[k];
    }
    return count;
}

/* Takes the removed fields that come back out of the list of removed ones, in the order that
   edgefn__put_back() needs; NULL: no memory. */
static edgefn_field *edgefn__removed_back(const edgefn__undo *u, size_t *top, size_t n)
{
    edgefn_fields *f = u->list;
    edgefn_field *removed = edgefn__removed_sorted(f);
    edgefn_field *back = (edgefn_field *)edgefn__take_top(f->_ev, top, n, sizeof *back);
    edgefn_field *spare =
        back != NULL ? (edgefn_field *)edgefn__take_top(f->_ev, top, n, sizeof *spare) : NULL;
    size_t m = 0;
    size_t stay = 0;
    if (spare == NULL) return NULL;
    for (size_t k = 0; k < f->removed_len; k++) {
        if (edgefn__undo_removal(u, &removed[k]))
            back[m++] = removed[k];
        else
            removed[stay++] = removed[k];
    }
    f->removed_len = stay;
    return f->_flags & EDGEFN__REORDERED ? edgefn__merge(back, spare, m, false) : back;
}

/* Undoes the marked edits of a list, and the removals that CloudFront refuses. */
static bool edgefn__undo_marked(const edgefn__undo *u, const unsigned char *marks, size_t back)
{
    edgefn_fields *f = u->list;
    edgefn_event *ev = f->_ev;
    size_t n = 0;
    size_t top = ev->arena.cap;
    edgefn_field *items = (edgefn_field *)edgefn__take(ev, f->len + back, sizeof *items, 8);
    edgefn_field *kept =
        items != NULL ? (edgefn_field *)edgefn__take_top(ev, &top, f->len, sizeof *kept) : NULL;
    edgefn_field *returned = kept != NULL ? edgefn__removed_back(u, &top, back) : NULL;
    if (returned == NULL) return false;
    for (size_t i = 0; i < f->len; i++) {
        kept[n] = f->items[i];
        if (marks[i / 8] >> (i % 8) & 1) {
            const edgefn_field *was = edgefn__received_of(f, &kept[n]);
            if (was == NULL) continue;
            kept[n].value = was->value; /* any bytes: no setter is asked */
            kept[n].attributes = was->attributes;
            kept[n].change = EDGEFN_KEPT;
        }
        n++;
    }
    f->len = edgefn__put_back(f, kept, n, returned, back, items);
    for (size_t i = 0; i < f->len; i++) {
        if (items[i].change == EDGEFN_REMOVED) items[i].change = EDGEFN_KEPT;
    }
    f->items = items;
    f->_cap = (uint32_t)(n + back);
    f->_flags = (f->_flags | EDGEFN__DIRTY | EDGEFN__TOUCHED) & ~(uint32_t)EDGEFN__SYNCED;
    return true;
}

/* Undoes what is refused of one list; false when memory ran out. n log n. */
static bool edgefn__undo_edits(const edgefn__undo *u)
{
    edgefn_fields *f = u->list;
    edgefn_event *ev = f->_ev;
    size_t cap = ev->arena.cap;
    size_t top = cap;
    size_t bytes = f->len / 8 + 1;
    size_t back = 0;
    unsigned char *marks = (unsigned char *)edgefn__take_top(ev, &top, bytes, 1);
    if (marks == NULL) return false;
    edgefn__memset(marks, 0, bytes);
    ev->arena.cap = top; /* nothing that is taken meanwhile may grow into the marks */
    size_t wrong = edgefn__undo_mark(u, marks);
    for (size_t k = 0; k < f->removed_len; k++)
        back += edgefn__undo_removal(u, &f->removed[k]);
    bool done = (wrong == 0 && back == 0) || edgefn__undo_marked(u, marks, back);
    ev->arena.cap = cap;
    return done && ev->err.code == EDGEFN_OK;
}

/* Undoes edits of a list that have a name of another one. */
static bool edgefn__undo_clashes(edgefn_fields *f, const edgefn_fields *other, unsigned event)
{
    edgefn__undo u = { f, NULL, 0, event, false };
    size_t cap = f->_ev->arena.cap;
    size_t top = cap;
    u.others = edgefn__sorted_names(f->_ev, &top, other->items, other->len, &u.other_count);
    if (u.others == NULL) return false;
    f->_ev->arena.cap = top; /* the list's new array must not grow into the names */
    bool done = edgefn__undo_edits(&u);
    f->_ev->arena.cap = cap;
    return done;
}

/* Custom headers may not have a name that the request has, and together have a limit. What was
   received is allowed to. */
static bool edgefn__undo_custom(edgefn_event *ev, unsigned event)
{
    edgefn_fields *headers = &ev->request.headers;
    edgefn_fields *custom = &ev->request.origin.headers;
    edgefn__undo all = { custom, NULL, 0, event, true };
    size_t total = 0;
    if (!edgefn__undo_clashes(custom, headers, event)
        || !edgefn__undo_clashes(headers, custom, event))
        return false;
    for (size_t i = 0; i < custom->len; i++)
        total += custom->items[i].name.len + custom->items[i].value.len;
    return total <= 10240 || edgefn__undo_edits(&all);
}

/* Notes what is refused about the headers of the result, and counts it; SIZE_MAX when memory ran
   out. */
static size_t edgefn__judge_only_headers(edgefn_event *ev, bool answer, edgefn_finding *to,
                                         size_t cap)
{
    edgefn__judge j;
    bool request = edgefn_is_request(ev) && !answer;
    edgefn__memset(&j, 0, sizeof j);
    j.ev = j.now = ev;
    j.to = to;
    j.cap = to != NULL ? cap : 0;
    j.answer = answer;
    j.no_doubts = true;
    edgefn__judge_headers(&j, request ? &ev->request.headers : &ev->response.headers);
    if (request && ev->type == EDGEFN_ORIGIN_REQUEST && !edgefn__judge_custom(&j))
        return (size_t)-1;
    return j.count;
}

EDGEFN_API size_t edgefn_sanitize(edgefn_event *ev, edgefn_finding *did, size_t cap)
{
    bool answer = false;
    if (!edgefn__prepare(ev, &answer, false)) return 0;
    size_t before = edgefn__judge_only_headers(ev, answer, did, cap);
    if (before == 0 || before == (size_t)-1) return 0;
    bool request = edgefn_is_request(ev) && !answer;
    edgefn__undo u = { request ? &ev->request.headers : &ev->response.headers, NULL, 0,
                       edgefn__event_bit(ev->dialect, ev->type), false };
    edgefn__unsync(ev, request ? 0 : 1);
    bool done = edgefn__undo_edits(&u);
    if (done && request && ev->type == EDGEFN_ORIGIN_REQUEST)
        done = edgefn__undo_custom(ev, u.event);
    done = done && edgefn__prepare(ev, &answer, false);
    size_t after = done ? edgefn__judge_only_headers(ev, answer, NULL, 0) : before;
    return ev->err.code == EDGEFN_OK && after < before ? before - after : 0;
}

/*--- what edgefn_finish() asks ------------------------------------------------------------------*/

static bool edgefn__refused(edgefn_event *ev, edgefn_error code, edgefn_member m,
                            edgefn_str subject)
{
    return edgefn__fail(ev, code, edgefn_member_name(ev, m), subject);
}

static bool edgefn__base64_ok(edgefn_event *ev, const edgefn_body *b, edgefn_member m)
{
    if (b->encoding != EDGEFN_BASE64 || b->data.ptr == NULL) return true;
    return edgefn__base64_read(b->data, NULL) != (size_t)-1
           || edgefn__refused(ev, EDGEFN_E_BASE64, m, edgefn__absent());
}

/* What an assigned body needs besides its data: CloudFront ignores a changed body under action
   "read-only". */
static void edgefn__body_fill_in(edgefn_event *ev)
{
    edgefn_body *b = &ev->request.body;
    if (!b->replace) {
        b->replace = true;
        ev->_flags |= EDGEFN__ACTION_FILLED;
    }
    if (!ev->_was.replace) ev->_mask |= EDGEFN__BIT(EDGEFN_M_BODY_ACTION);
    if (b->encoding != EDGEFN_ENCODING_DEFAULT) return;
    b->encoding = EDGEFN_TEXT;
    ev->_flags |= EDGEFN__ENCODING_FILLED;
    ev->_mask |= EDGEFN__BIT(EDGEFN_M_BODY_ENCODING);
}

/* Takes back what an earlier write filled in: the data may be the received ones again. */
static void edgefn__body_unfill(edgefn_event *ev)
{
    edgefn_body *b = &ev->request.body;
    if (ev->_flags & EDGEFN__ACTION_FILLED) b->replace = false;
    if ((ev->_flags & EDGEFN__ENCODING_FILLED) && b->encoding == EDGEFN_TEXT)
        b->encoding = EDGEFN_ENCODING_DEFAULT;
    ev->_flags &= ~(uint32_t)(EDGEFN__ACTION_FILLED | EDGEFN__ENCODING_FILLED);
}

/* Looks again at what was added or changed: the strings are the handler's, and the bytes behind
   them may not be those that the setter saw. What was received is not looked at. New names at the
   end of headers are left to edgefn__put_groups() where it `writes` them. */
EDGEFN__INLINE bool edgefn__fields_still_ok(edgefn_event *ev, const edgefn_fields *f, bool writes)
{
    bool only_new = !(f->_flags & (EDGEFN__TOUCHED | EDGEFN__REORDERED));
    if (!(f->_flags & EDGEFN__DIRTY) || (writes && only_new && edgefn__is_headers(f))) return true;
    for (size_t i = only_new ? f->_received_len : 0; i < f->len; i++) {
        if (f->items[i].change != EDGEFN_KEPT && !edgefn__field_still_ok(ev, f, &f->items[i]))
            return false;
    }
    return true;
}

/* Syntax of what was assigned in a request. */
static bool edgefn__check_request(edgefn_event *ev)
{
    edgefn_request *q = &ev->request;
    bool uri = (ev->_mask & EDGEFN__BIT(EDGEFN_M_URI)) != 0;
    bool query = (ev->_mask & EDGEFN__BIT(EDGEFN_M_QUERYSTRING)) != 0;
    if (uri && !edgefn__uri_ok(q->uri))
        return edgefn__refused(ev, EDGEFN_E_URI, EDGEFN_M_URI, q->uri);
    bool listed = (q->_query._flags & EDGEFN__DIRTY)
                  != 0; /* made of the list's fields, which were looked at one by one */
    if (query && !listed && q->querystring.ptr != NULL && !edgefn__query_ok(ev, q->querystring))
        return edgefn__refused(ev, EDGEFN_E_FIELD_VALUE, EDGEFN_M_QUERYSTRING, q->querystring);
    bool data = (ev->_mask & EDGEFN__BIT(EDGEFN_M_BODY_DATA)) != 0;
    if (data && ev->dialect == EDGEFN_FUNCTIONS)
        return edgefn__refused(ev, EDGEFN_E_DIALECT, EDGEFN_M_BODY_DATA, edgefn__absent());
    if (data || (ev->_mask & EDGEFN__BIT(EDGEFN_M_BODY_ENCODING)) != 0) {
        edgefn__body_fill_in(ev);
        if (!edgefn__is_utf8(q->body.data))
            return edgefn__refused(ev, EDGEFN_E_FIELD_VALUE, EDGEFN_M_BODY_DATA, edgefn__absent());
        if (!edgefn__base64_ok(ev, &q->body, EDGEFN_M_BODY_DATA)) return false;
    }
    bool whole = (ev->_mask & EDGEFN__BIT(EDGEFN_M_ORIGIN)) != 0;
    if (whole && q->origin.kind == EDGEFN_ORIGIN_NONE)
        return edgefn__refused(ev, EDGEFN_E_OPTIONS, EDGEFN_M_ORIGIN, edgefn__absent());
    if (!whole && (ev->_mask & EDGEFN__ORIGIN_BITS) == 0) return true;
    if (ev->dialect != EDGEFN_LAMBDA)
        return edgefn__refused(ev, EDGEFN_E_DIALECT, EDGEFN_M_ORIGIN, edgefn__absent());
    if (ev->type != EDGEFN_ORIGIN_REQUEST)
        return edgefn__refused(ev, EDGEFN_E_EVENT_TYPE, EDGEFN_M_ORIGIN, edgefn__absent());
    if (q->origin.kind == EDGEFN_ORIGIN_NONE)
        return edgefn__refused(ev, EDGEFN_E_OPTIONS, EDGEFN_M_ORIGIN, edgefn__absent());
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
        if (ev->_mask >> m & 1)
            return edgefn__refused(ev, EDGEFN_E_EVENT_TYPE, (edgefn_member)m, edgefn__absent());
    }
    if (status && (a->status < 200 || a->status > 599))
        return edgefn__refused(ev, EDGEFN_E_STATUS, EDGEFN_M_STATUS, edgefn__absent());
    bool text = (ev->_mask & EDGEFN__BIT(EDGEFN_M_STATUS_TEXT)) != 0;
    if (text && a->status_text.ptr != NULL && !edgefn__is_text(a->status_text, true, ""))
        return edgefn__refused(ev, EDGEFN_E_FIELD_VALUE, EDGEFN_M_STATUS_TEXT, a->status_text);
    if (!body) return true;
    if (!edgefn__is_utf8(a->body.data))
        return edgefn__refused(ev, EDGEFN_E_FIELD_VALUE, EDGEFN_M_RESPONSE_BODY, edgefn__absent());
    return edgefn__base64_ok(ev, &a->body, EDGEFN_M_RESPONSE_BODY);
}

/* Response events return the response alone: an edit of the request would be lost. */
static bool edgefn__check_request_untouched(edgefn_event *ev)
{
    for (int m = EDGEFN_M_CLIENT_IP; m < EDGEFN_M_STATUS; m++) {
        if ((ev->_mask >> m & 1) != 0)
            return edgefn__refused(ev, EDGEFN_E_EVENT_TYPE, (edgefn_member)m, edgefn__absent());
    }
    return true;
}

/* Request events without a status have no answer: one of its other members alone would be lost. */
static bool edgefn__check_no_answer(edgefn_event *ev)
{
    const edgefn_response *a = &ev->response;
    edgefn_member m;
    if (a->body.data.ptr != NULL)
        m = EDGEFN_M_RESPONSE_BODY;
    else if (a->status_text.ptr != NULL)
        m = EDGEFN_M_STATUS_TEXT;
    else if (a->body.encoding != EDGEFN_ENCODING_DEFAULT)
        m = EDGEFN_M_RESPONSE_BODY_ENCODING;
    else
        return true;
    return edgefn__refused(ev, EDGEFN_E_EVENT_TYPE, m, edgefn__absent());
}

EDGEFN__INLINE bool edgefn__request_fields_ok(edgefn_event *ev, bool writes)
{
    const edgefn_request *q = &ev->request;
    if (writes
        && !((q->headers._flags & (EDGEFN__TOUCHED | EDGEFN__REORDERED))
             | /* the usual case: new headers, which the writer looks at */
             ((q->_query._flags | q->_cookies._flags | q->origin.headers._flags) & EDGEFN__DIRTY)))
        return true;
    return edgefn__fields_still_ok(ev, &q->headers, writes)
           && edgefn__fields_still_ok(ev, &q->_query, writes)
           && edgefn__fields_still_ok(ev, &q->_cookies, writes)
           && edgefn__fields_still_ok(ev, &q->origin.headers, writes);
}

/* What comes before judging and writing: views written back, the members that differ, their syntax.
   */
static bool edgefn__prepare(edgefn_event *ev, bool *answer, bool writes)
{
    if (ev->_self != ev || (ev->_flags & (EDGEFN__PARSED | EDGEFN__BUILDING)) != EDGEFN__PARSED)
        return edgefn__fail(ev, EDGEFN_E_MISUSE, "edgefn_write", edgefn__absent());
    if (ev->err.code != EDGEFN_OK) return false;
    bool request = edgefn_is_request(ev);
    *answer = request && ev->response.status != 0;
    if (ev->_flags & (EDGEFN__ACTION_FILLED | EDGEFN__ENCODING_FILLED)) edgefn__body_unfill(ev);
    if (!edgefn__sync_query(ev)) return false;
    if (!edgefn__sync_cookies(ev, &ev->request._cookies, &ev->request.headers, EDGEFN_S("cookie")))
        return false;
    if (!edgefn__sync_cookies(ev, &ev->response._cookies, &ev->response.headers,
                              EDGEFN_S("set-cookie")))
        return false;
    ev->_mask = edgefn__changes(ev, *answer ? EDGEFN_M_STATUS : EDGEFN_M_CLIENT_IP,
                                request && !*answer ? EDGEFN_M_STATUS - 1 : EDGEFN_M_COUNT - 1);
    if (!request && !edgefn__check_request_untouched(ev)) return false;
    if (request && !*answer)
        return edgefn__check_no_answer(ev) && edgefn__request_fields_ok(ev, writes)
               && edgefn__check_request(ev);
    return edgefn__fields_still_ok(ev, &ev->response.headers, writes)
           && edgefn__fields_still_ok(ev, &ev->response._cookies, writes)
           && edgefn__check_response(ev, *answer);
}

/* Lets the judge look at what edgefn__prepare() found in order. */
static bool edgefn__approved(edgefn_event *ev, const edgefn_write_opts *opts, bool answer)
{
    edgefn__judge j;
    if (opts != NULL && opts->skip_check) return true;
    edgefn__zero(&j, sizeof j);
    j.ev = j.now = ev;
    j.mask = ev->_mask;
    j.answer = answer;
    j.strict = opts != NULL && opts->strict;
    j.no_doubts = !j.strict; /* they refuse nothing then */
    if (!edgefn__judge_all(&j)) return false;
    return !j.refused || edgefn__fail(ev, EDGEFN_E_POLICY, j.worst.rule->id, j.worst.subject);
}

/* Plans the whole result. */
static bool edgefn__plan_make(edgefn__plan *p, edgefn_event *ev, const edgefn_write_opts *opts,
                              bool keep_texts)
{
    bool answer = false;
    edgefn__zero(p, sizeof *p);
    p->ev = ev;
    p->keep_texts = keep_texts;
    if (!edgefn__prepare(ev, &answer, true)) return false;
    if (opts != NULL && opts->whole_event && answer)
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_write_opts.whole_event",
                            edgefn__absent());
    if (!edgefn__approved(ev, opts, answer)) return false;
    p->used = ev->arena.used;
    p->top = ev->arena.cap;
    bool parts = ev->_parts != NULL;
    if (parts && opts != NULL && opts->whole_event)
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_write_opts.whole_event",
                            edgefn__absent());
    if (answer || (parts && !edgefn_is_request(ev)))
        return edgefn__plan_answer(p) && ev->err.code == EDGEFN_OK;
    if (parts) return edgefn__plan_parts(p) && ev->err.code == EDGEFN_OK;
    p->from = ev->_result.at;
    p->to = ev->_result.at + ev->_result.len;
    if (opts != NULL && opts->whole_event) {
        p->from = 0;
        p->to = (uint32_t)ev->_json.len;
    }
    if (edgefn_is_request(ev) ? !edgefn__plan_request(p) : !edgefn__plan_response(p)) return false;
    if (p->unsorted) edgefn__plan_sort(p);
    return ev->err.code
           /* bytes that changed since they were set are seen while they are written */
           == EDGEFN_OK;
}

static size_t edgefn__plan_size(const edgefn__plan *p)
{
    size_t n = p->to - p->from;
    for (const edgefn__edit *e = p->head; e != NULL; e = e->next)
        n = n + e->text.len - e->del;
    return n;
}

static void edgefn__plan_write(const edgefn__plan *p, char *to)
{
    const char *from = p->ev->_json.ptr != NULL ? p->ev->_json.ptr : "";
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

EDGEFN_API size_t edgefn_write(edgefn_event *ev, char *buf, size_t cap,
                               const edgefn_write_opts *opts)
{
    edgefn__plan p;
    size_t n = 0;
    if (edgefn__plan_make(&p, ev, opts, true)) n = edgefn__plan_size(&p);
    if (n != 0 && buf != NULL && n <= cap) edgefn__plan_write(&p, buf);
    if (p.top != 0) ev->arena.used = p.used; /* the texts are written */
    return n;
}

EDGEFN_API size_t edgefn_write_spans(edgefn_event *ev, edgefn_str *spans, size_t cap,
                                     const edgefn_write_opts *opts)
{
    edgefn__plan p;
    size_t n = 0;
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
            ev->arena.used =
                p.used; /* the plan's texts only: cookies and query that were written back stay */
            return n;
        }
    }
    return n;
}

EDGEFN_API edgefn_str edgefn_finish(edgefn_event *ev, const edgefn_write_opts *opts)
{
    edgefn__plan p;
    if (ev->_self == ev && ev->_out_end != 0 && ev->arena.used == ev->_out_end)
        ev->arena.used = ev->_out_at;
    ev->_out_end = 0;
    if (!edgefn__plan_make(&p, ev, opts, false)) return edgefn__absent();
    if (p.head == NULL) return edgefn__str(ev->_json.ptr + p.from, p.to - p.from);
    size_t n = edgefn__plan_size(&p);
    size_t at = ev->arena.used;
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

#  endif /* EDGEFN_IMPLEMENTATION_DONE */
#endif   /* EDGEFN_IMPLEMENTATION */

/*
   Licence: MIT No Attribution (MIT-0)

   Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
   associated documentation files (the "Software"), to deal in the Software without restriction,
   including without limitation the rights to use, copy, modify, merge, publish, distribute,
   sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
   furnished to do so.

   THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
   NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
   NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
   DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
   OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
*/
