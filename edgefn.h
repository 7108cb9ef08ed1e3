/* edgefn.h - v0.1.0 - CloudFront edge events in C99 - MIT-0, licence at the end of this file

   Read a Lambda@Edge or CloudFront Functions event, edit or answer it, write what CloudFront expects. */

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

/* Put before your handler's definition by the declaration of edgefn_handler() below: a shared object built with
   -fvisibility=hidden still exports it. */
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
    X(URI,            "a URI must begin with '/' and hold no '?', '#', space or control character")                      \
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
    uint32_t            _cap, _removed_cap, _kind, _flags;
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
    edgefn_str    _query_source;
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
    edgefn__span      _object[6];      /* the objects that can take new members */
    edgefn__span      _had[EDGEFN_M_COUNT];
    size_t            _out_at, _out_end;
    uint32_t          _flags;
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
   json_len: bytes of the event. edits: headers, cookies and parameters that the handler sets, and twice the bytes of text and
   bodies it makes divided by 100.
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

/* Writes a number in decimal. Memory: at most 20 bytes in the arena. Returns: absent when it failed. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_str_from_u64(edgefn_event *ev, uint64_t value);

/* Lowers ASCII letters.
   Returns: s itself when it has no capital; absent for an absent s, or when it failed. Memory: s.len bytes. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_str_lower(edgefn_event *ev, edgefn_str s);

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

/* Names a member as the event does, with its path: "request.uri". Returns: static text, "" for a number that is none. */
EDGEFN_API const char *edgefn_member_name(const edgefn_event *ev, edgefn_member member);

/* Tells how a member now stands against what was received. Changed views (query, cookies) count once they were written
   back, which edgefn_write(), edgefn_write_spans() and edgefn_finish() do.
   Example:
       if (edgefn_changed(ev, EDGEFN_M_URI) != EDGEFN_KEPT)
           edgefn_set(&ev->request.headers, EDGEFN_S("x-rewritten"), EDGEFN_S("1")); */
EDGEFN_API edgefn_change edgefn_changed(const edgefn_event *ev, edgefn_member member);

/* Gives the received request (response in response events) as it stands in the input: what "pass" means.
   Returns: a view of the input; absent when the event was refused. */
EDGEFN_API edgefn_str edgefn_passthrough(const edgefn_event *ev);

/* Gives the result that lets nothing through, for a host that cannot fail the invocation. It needs no memory.
   Returns: static text. Request events: a 503 response without headers. Response events, and when the kind is
   unknown: null, which CloudFront refuses with a 502. */
EDGEFN_API edgefn_str edgefn_fail_closed(const edgefn_event *ev);

/* Gives the host's random draw of this event, the same at every call.
   Fails: EDGEFN_E_ENVIRONMENT when the host gave none.
   Example:
       uint32_t draw;
       if (!edgefn_draw(ev, &draw)) return false;
       bool tenth = draw < UINT32_MAX / 10;
       (void)tenth; */
EDGEFN_API bool edgefn_draw(edgefn_event *ev, uint32_t *draw);

/* The handler's entry point: declared here, defined by you. Edit the event or answer it, and return true; return false to fail.
   A handler passes events of kinds it is not for unchanged. */
EDGEFN_EXPORT bool edgefn_handler(edgefn_event *ev);

/*--- fields: headers, query parameters, cookies and custom headers share one type ---------------------------------------
   Lists: &ev->request.headers, &ev->response.headers, &ev->request.origin.headers, edgefn_query(ev), edgefn_cookies(ev),
   edgefn_set_cookies(ev). Every edit fails with
     EDGEFN_E_MISUSE      the list does not lie inside its event (the event or the list was copied)
     EDGEFN_E_EVENT_TYPE  request lists in response events, origin headers outside origin-request, an answer that is not there
     EDGEFN_E_DIALECT     cookie or set-cookie through the header verbs in CloudFront Functions: the cookie lists serve both
     EDGEFN_E_FIELD_NAME  headers: not an RFC 9110 token; cookies: not a token; parameters: empty, or holding '=' '&' '#' blank or control
     EDGEFN_E_FIELD_VALUE not UTF-8; headers: a control character but tab, or a blank at either end; cookies: also ';'; parameters: '&' '#' blank or control
     EDGEFN_E_OOM
   Names and values given must live until the event is written; literals and arena strings do. */

/* Gives the first value of a name. Returns: absent when there is none. */
EDGEFN_API edgefn_str edgefn_get(const edgefn_fields *f, edgefn_str name);

/* Tells whether there is at least one field of that name. */
EDGEFN_API bool edgefn_has(const edgefn_fields *f, edgefn_str name);

/* Counts the fields of that name. */
EDGEFN_API size_t edgefn_count(const edgefn_fields *f, edgefn_str name);

/* Finds the next field of that name at or behind index `from`.
   Returns: its index; f->len when there is none.
   Example:
       edgefn_fields *q = edgefn_query(ev);
       for (size_t i = edgefn_find(q, EDGEFN_S("id"), 0); i < q->len; i = edgefn_find(q, EDGEFN_S("id"), i + 1))
           if (q->items[i].value.len == 0) edgefn_remove_at(q, i--); */
EDGEFN_API size_t edgefn_find(const edgefn_fields *f, edgefn_str name, size_t from);

/* Changes the value of one field among several. An equal value is no change.
   Fails: see above; EDGEFN_E_OPTIONS for an index out of the list. */
EDGEFN_API bool edgefn_set_at(edgefn_fields *f, size_t index, edgefn_str value);

/* Removes one field among several; those behind it move up.
   Fails: see above; EDGEFN_E_OPTIONS for an index out of the list. */
EDGEFN_API bool edgefn_remove_at(edgefn_fields *f, size_t index);

/* Makes this the only value of that name: the first field keeps its place and its spelling, further ones go; a new one goes
   to the end. An equal value is no change. In a new header, `key` is spelled as given here and the map key is lower case.
   Example:
       edgefn_set(&ev->request.headers, EDGEFN_S("X-Forwarded-Host"), edgefn_get(&ev->request.headers, EDGEFN_S("host"))); */
EDGEFN_API bool edgefn_set(edgefn_fields *f, edgefn_str name, edgefn_str value);

/* Adds a value and never joins: in headers behind the last field of that name, else at the end. */
EDGEFN_API bool edgefn_add(edgefn_fields *f, edgefn_str name, edgefn_str value);

/* Removes all fields of that name. Returns: how many; 0 also when it failed (see ev->err). */
EDGEFN_API size_t edgefn_remove(edgefn_fields *f, edgefn_str name);

/* Removes all fields whose name begins with prefix. Returns: how many; 0 also when it failed. */
EDGEFN_API size_t edgefn_remove_prefix(edgefn_fields *f, edgefn_str prefix);

/* Removes all fields whose name is not among names. Returns: how many; 0 also when it failed. */
EDGEFN_API size_t edgefn_keep_only(edgefn_fields *f, const edgefn_str *names, size_t count);

/* Sorts by name, bytewise, then by value: for cache keys. Cookies of a response are not sorted by value.
   Time: n log n. An order that was right already is no change. Returns: false when it failed. */
EDGEFN_API bool edgefn_sort(edgefn_fields *f);

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
   Fails: as edgefn_set_at(); EDGEFN_E_OPTIONS when the list is not edgefn_set_cookies(). */
EDGEFN_API bool edgefn_cookie_attributes_set(edgefn_fields *set_cookies, size_t index, edgefn_str attributes);

/*--- query and uri ----------------------------------------------------------------------------------------------------*/

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

/* Replaces the URI's path. The same as assigning ev->request.uri, but refused at once instead of at the end.
   Fails: EDGEFN_E_URI; EDGEFN_E_EVENT_TYPE outside request events.
   Source: Restrictions on all edge functions, URI and query string. */
EDGEFN_API bool edgefn_uri_set(edgefn_event *ev, edgefn_str uri);

/*--- respond ----------------------------------------------------------------------------------------------------------*/

/* Answers. In request events it makes a response, which later edits of ev->response refine; a second answer replaces the
   first. In response events it edits the received one: status, text, body (no body empties it), content-type; all other
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
   path such as "//evil" stays a path of this site.
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

/* Changes the status of the answer or the received response and nothing else.
   text: absent means edgefn_status_text(status).
   Fails: EDGEFN_E_STATUS; EDGEFN_E_EVENT_TYPE in Lambda@Edge viewer-response, and in request events that were not answered. */
EDGEFN_API bool edgefn_status_set(edgefn_event *ev, uint32_t status, edgefn_str text);

/* Names a status as the IANA registry does: "Not Found". Returns: static text, "" for an unassigned one. */
EDGEFN_API edgefn_str edgefn_status_text(uint32_t status);

/*--- body -------------------------------------------------------------------------------------------------------------*/

/* Gives a body's bytes, base64 decoded where it is marked so. A truncated body is not decoded.
   body: &ev->request.body or &ev->response.body.
   Returns: absent when there is none, when it is truncated (body->truncated tells), or when its base64 is bad; nothing sticks but OOM.
   Memory: 3/4 of its length in the arena for base64, none for text. Fails: EDGEFN_E_OOM.
   Source: Lambda@Edge event structure, Body. */
EDGEFN_API edgefn_str edgefn_body_decode(edgefn_event *ev, const edgefn_body *body);

/* The same for a handler that knows what to do with the first part of a truncated body. */
EDGEFN_API edgefn_str edgefn_body_decode_part(edgefn_event *ev, const edgefn_body *body);

/* Replaces the body of the answer or received response if there is one, else of the request. In responses it removes
   content-encoding, content-length, etag and content-md5 when they were received.
   bytes: raw; must live until the event is written. encoding: 0 means text when they are valid UTF-8, else base64.
   Memory: 4/3 of its length for base64, none for text.
   Fails: EDGEFN_E_EVENT_TYPE in Lambda@Edge viewer-response; EDGEFN_E_DIALECT for a request of CloudFront Functions, which have no
   body; EDGEFN_E_FIELD_VALUE for EDGEFN_TEXT that is not UTF-8; EDGEFN_E_OOM. */
EDGEFN_API bool edgefn_body_replace(edgefn_event *ev, edgefn_str bytes, edgefn_encoding encoding);

/* Makes the body empty: it is written as "". Fails: as edgefn_body_replace(). */
EDGEFN_API bool edgefn_body_drop(edgefn_event *ev);

/* Encodes base64 (RFC 4648 section 4) with padding. Returns: absent when it failed. Memory: 4/3. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_base64_encode(edgefn_event *ev, edgefn_str bytes);

/* Decodes base64 (RFC 4648 section 4), strictly: padding required, no other characters, unused bits zero.
   Returns: absent for what is not base64, or when it failed. Memory: 3/4. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_base64_decode(edgefn_event *ev, edgefn_str text);

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

/* Quotes a string as JSON, with the quotation marks. Bytes that are not UTF-8 become U+FFFD.
   Returns: absent when it failed, or for an absent s. Memory: at most 6 bytes a byte and 2. Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_json_quote(edgefn_event *ev, edgefn_str s);

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
#endif
#endif
