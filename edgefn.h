/* edgefn.h - v0.2.0 - CloudFront edge events in C99 - MIT-0, licence at the end of this file

   Parses a Lambda@Edge or CloudFront Functions event without copying it, lets a handler edit or
   answer it, and writes the result that CloudFront expects. No dependencies, no malloc, no hidden
   state.

   DO THIS
       In ONE file of your program, best one of its own because it takes seconds to compile, before
       the #include, to create the implementation:

           #define EDGEFN_IMPLEMENTATION
           #include "edgefn.h"

       Everywhere else just include it. This comment is the manual; the doc comments of >>types,
       >>options and >>api are the reference.

   QUICK START
       A complete program: a handler, and a host that reads one event from a file and prints the
       result.

           #define EDGEFN_IMPLEMENTATION
           #include "edgefn.h"
           #include <stdio.h>
           #include <stdlib.h>
           #define S EDGEFN_S

           bool edgefn_handler(edgefn_event *ev)
           {
               edgefn_request *req = &ev->request;

               if (ev->type != EDGEFN_VIEWER_REQUEST) return true; // forward unchanged
               if (edgefn_uri_guards(req->uri, S("/admin*"))
                   && !edgefn_has(edgefn_cookies(ev), S("session")))
                   return edgefn_respond(ev, 403,
                                         &(edgefn_respond_opts){ .body = S("Sign in first.\n") });
               if (edgefn_str_ends(req->uri, S("/")))
                   req->uri = edgefn_str_join(ev, EDGEFN_STRS(req->uri, S("index.html")));
               return edgefn_query_remove(ev, S("utm_*"));
           }

           int main(int argc, char **argv)
           {
               static char json[2 << 20], why[512];
               FILE *f = argc > 1 ? fopen(argv[1], "rb") : stdin;
               if (f == NULL) return 2;
               edgefn_event ev;
               edgefn_str event = { json, fread(json, 1, sizeof json, f) };
               size_t size = edgefn_memory_event(event.len, 20); // enough for 20 edits
               edgefn_arena arena = edgefn_arena_make(malloc(size), size);
               edgefn_str out = edgefn_answer(&ev, event, arena, NULL);
               printf("%.*s\n", EDGEFN_FMT(out));
               if (ev.err.code != EDGEFN_OK)
                   fprintf(stderr, "%.*s\n", (int)edgefn_describe(&ev, why, sizeof why), why);
               return ev.err.code != EDGEFN_OK;
           }

   WHAT IT IS, AND WHAT IT IS NOT
       It is what lies between the bytes of an event and your handler: parser, structs, edits,
       writer. The same handler source runs in an AWS Lambda custom runtime, in Lambda@Edge
       (compiled to WebAssembly, or as a shared object in Node.js or Python), in a proxy and in
       a test. It is not an HTTP library: it opens no sockets and reads no clock. The host supplies
       what a handler needs (edgefn_env).
       Lambda@Edge itself runs only Node.js and Python, and CloudFront Functions only JavaScript. To
       run C at the edge, load it from Node.js or Python.

   CONTENTS (search for the tags)
       >>config   version and compile-time options      >>errors   the list of errors
       >>types    strings, events, fields               >>options  option structs of the functions
       >>api      the functions with their doc comments; then the implementation:
       >>impl >>tables >>arena >>str >>utf8 >>scan >>json >>lists >>members >>parts >>fields
       >>headers >>query >>uri >>ua >>viewer >>net >>time >>choose >>crypto >>text >>respond
       >>body >>origin >>write >>check

   EVENTS
       There are two dialects (ev->dialect) and four event types (ev->type). A handler reads and
       edits all of them through the same structs.

       event type (* Lambda@Edge only)  request                  response
       viewer-request                   edit, or answer          your answer
       origin-request *                 edit, or answer; origin  your answer (can be cached)
       origin-response *                read only                edit: headers, status, body
       viewer-response                  read only                edit: headers; CloudFront
                                                                 Functions also status and body

       CloudFront calls no viewer-response function if the origin's status is 400 or above.
       To answer a request, call edgefn_respond(), edgefn_redirect() or edgefn_error_page(), which
       set ev->response. An edit that this event (EDGEFN_E_EVENT_TYPE) or dialect
       (EDGEFN_E_DIALECT) cannot carry is an error, never dropped. One exception: answering a
       request discards the edits made to it. To fail the event, a handler returns false;
       edgefn_fail() returns false, too, and records a reason.

   STRINGS AND LIFETIMES
       edgefn_str is a pointer and a length, not NUL-terminated. ptr == NULL means absent, and every
       function accepts an absent string; "" is present and empty. The strings of an event point
       into the input, or into the arena where the JSON text contained an escape. They are valid as
       long as the input and the arena's block are. Strings you pass or assign are not copied and
       must stay valid until the event is written. Literals do, and so does everything returned by a
       function that takes the event. A buffer of your own on the stack does not: pass
       edgefn_str_copy(ev, s). "edgefn run" and "make fuzz" find strings that changed after they
       were passed in.

   ERRORS
       ev->err records the first failure and keeps it: code, byte offset in the input where there
       is one, place (a path or a function), and the name or value in question. After a failure,
       edits do nothing and edgefn_finish() returns an absent string. A handler may therefore check
       every call, or none. edgefn_describe() formats the error for people, edgefn_locate() computes
       line and column.
       Invalid data inside an event (a cookie, base64, a number, a token) is not a failure but an
       absent value or ok == false: otherwise any viewer could make a site fail.

   FIELDS
       Headers, query parameters, cookies and an origin's custom headers are lists of one type:

           for (size_t i = 0; i < list->len; i++) use(list->items[i].name, list->items[i].value);

       To read: edgefn_get(), _has(), _count(), _find(). To edit: edgefn_set(), _set_const(),
       _add(), _remove(), _set_at(), _remove_at(), _remove_if(), _remove_prefix(), _keep_only(),
       _sort(). items is const: only these functions maintain the change marks (items[i].change,
       removed[]) that the writer and proxies rely on. Setting a field to its received value clears
       its mark.

   COOKIES AND QUERY
       edgefn_cookies(), edgefn_response_cookies() and edgefn_query() return lists in both dialects;
       edgefn_cookie_get() and edgefn_query_get() return one value.
       In Lambda@Edge they are parsed on first use from the headers and the raw query, and written
       back only if changed; editing both a list and the text it came from is EDGEFN_E_CONFLICT.
       CloudFront Functions keeps cookies apart from headers: setting Cookie or Set-Cookie as a
       header fails with EDGEFN_E_DIALECT. There, a changed query is written as a string, which
       keeps order and duplicates.
       Names and values are as sent; percent-encoding is not decoded. edgefn_set() on an existing
       response cookie keeps its attributes, and edgefn_set_attributes_at() replaces them.
       Set-Cookie fields are never joined.

   PATHS AND QUERIES
       uri and query stay as sent. edgefn_uri_normalize() and edgefn_query_normalize() rewrite
       equivalent spellings as one, for the cache key. To route, use edgefn_uri_match(): it matches
       CloudFront's path patterns against the normalised path. To protect, use edgefn_uri_guards(),
       which also matches spellings that some origin decodes into a protected path; its doc comment
       lists them. For an exception from a guard ("all but /public/") require edgefn_uri_plain() as
       well. To redirect within this site, change req->uri, then call edgefn_redirect().

   ANSWERS
       In response events edgefn_respond() and its relatives edit the received response, because a
       new one would lose read-only headers. In origin-request, an answer gets Cache-Control:
       no-store unless .cacheable or .cache_max_age_s is set: CloudFront would otherwise cache it
       for everybody. Otherwise the response contains only what you set, plus Content-Type if it has
       a body. Assigning ev->response.status also sets its text. Replacing a body removes the
       received headers that described the old one, such as ETag and Content-Range.

   BODIES
       ev->request.body is present if the trigger was created with "Include body". Check .truncated:
       CloudFront passes 40 KB to viewer-request and 1 MB to origin-request, and replacing a
       truncated body sends only what you provide. Content-Length stays as it is: CloudFront sets
       it. edgefn_body_decode() returns the bytes (absent without a body and for a truncated one);
       edgefn_body_replace() takes raw bytes, chooses text or base64, and removes the headers of the
       old body, which assigning .data does not. The body of a received response is never passed.

   ORIGINS
       In origin-request the members of ev->request.origin may be assigned, or
       edgefn_origin_custom() and edgefn_origin_s3() switch to another origin. Both also set the
       Host header to the new domain: S3 rejects requests with another one. A switched origin
       inherits nothing. Members of the received origin can be assigned only if there is one: check
       .kind.

   VIEWERS
       edgefn_ua_of() identifies device classes (the same bits as CloudFront's), operating system,
       browser and bots. It classifies by keywords, without a device database; an unknown TV may be
       reported as a tablet. edgefn_viewer_of() collects country, location, address and TLS
       parameters from CloudFront's headers.
       Naming: edgefn_x_of() computes the struct edgefn_x of an event.

   NEGOTIATING AND CHOOSING
       edgefn_header_negotiate() and edgefn_header_language() choose an offer by the request's
       Accept headers: by weight, then by the more specific range, then the first offer. So put
       first what every client understands. edgefn_choose() chooses a variant by weights, and
       edgefn_rollout() a share of the users. edgefn_header_security(), _cors(), _cache(), _vary()
       and edgefn_cookie_set() edit the received response, or the answer to a request. Without an
       answer, no cookie can be set in viewer-request: call edgefn_choose_sticky() there to act on
       the choice, and with the same arguments in viewer-response, where it sets the cookie.

   JSON AND FORMS
       edgefn_json_at(ev, body, "/a/b") returns one value of a JSON text with its type: .string for
       a string, edgefn_str_to_u64(v.text) for a number, .type == EDGEFN_JSON_ABSENT for null or no
       value. edgefn_json_quote() writes a string. edgefn_form_next() reads form fields.

   NETWORK AND TIME
       edgefn_ip_parse() and edgefn_ip_in() compare addresses with networks; edgefn_client_ip()
       walks back through X-Forwarded-For over your own proxies only. Times are seconds since 1970
       (edgefn_env.now_s); without a clock, only calls that need one fail.

   SECRETS, TOKENS AND SIGNATURES
       edgefn_secret() asks the host; secrets never appear in an error. edgefn_jwt_verify() takes
       the accepted algorithms from your options, never from the token; an invalid token returns ok
       == false with a .reason and does not fail the event. edgefn_sign_v4() signs the request to S3
       or a Lambda function URL: call it last.

   WHAT THE HOST PROVIDES
       The library has no clock, random source or secrets of its own: the host passes them in. A
       call that needs a missing one fails with EDGEFN_E_ENVIRONMENT:

           // tables "secret", "kv", "auth"; absent: no such key
           static edgefn_str look_up(void *user, edgefn_str table, edgefn_str key);
           edgefn_env env = { .now_s = time(NULL), .lookup = look_up, .log = write_line,
                              .random = my_draw(), .has_random = true };
           getrandom(env.random_bytes, sizeof env.random_bytes, 0);
           env.has_random_bytes = true;
           edgefn_answer(&ev, json, arena, &(edgefn_answer_opts){ .parse = { .env = &env } });

       edgefn_draw() returns .random, for A/B tests: it can be guessed. Session ids, states and
       nonces come from edgefn_random_text(), which needs .random_bytes. edgefn_log() writes to the
       host's log: stderr in "edgefn run", CloudWatch in Lambda, the error log in proxies.

   MEMORY
       Each event uses one block of memory, ev.arena, which the host provides.
       edgefn_memory_event() returns a size that suffices for any event CloudFront sends, its views
       and a number of edits; edgefn_memory_bound() returns the most that parsing can use for any
       input. Running out of memory is EDGEFN_E_OOM, and never a pass-through; a host then tries
       again with twice the memory. You may reuse the block: call edgefn_arena_make() again for each
       event. All strings of the previous event then become invalid.

   PARTS
       A proxy that has already parsed the request passes it on without JSON: edgefn_build_begin(),
       the members and lists, edgefn_build_end(), the handler, edgefn_outcome_of(). This is also the
       shortest unit test of a handler:

           edgefn_arena arena = edgefn_arena_make(mem, sizeof mem);
           edgefn_build_begin(ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena, NULL);
           ev->request.method = EDGEFN_S("GET"), ev->request.uri = EDGEFN_S("/admin/");
           assert(edgefn_build_end(ev) && edgefn_handler(ev));
           assert(edgefn_outcome_of(ev, NULL) == EDGEFN_OUTCOME_ANSWER);
           assert(ev->response.status == 403);

   CHECKING
       Editing functions reject invalid syntax immediately; edgefn_finish() checks assigned members
       the same way. It then checks the result against CloudFront's rules: read-only and disallowed
       headers, sizes, status, origin. edgefn_check() runs the same rules on any function's result,
       also one written in JavaScript or Python, and reports findings: rule, position, and
       CloudFront's own message. edgefn_rules() lists all rules. Only differences are checked: a
       received value returned unchanged is never refused. Behaviour AWS does not document is
       reported as doubtful but not refused. edgefn_sanitize() undoes header edits that would be
       refused, instead of failing.

   OUTPUT
       Untouched text is written back byte for byte, including unknown members, spelling, white
       space and number formatting; an edit replaces only the text of the value that changed.
       edgefn_finish() writes into the arena, edgefn_write() into your buffer, and
       edgefn_write_spans() returns pieces for writev(), so that a long body is not copied.

   SECURITY NOTES
       Treat every byte of an event as hostile. Parsing is strict and takes linear time and bounded
       memory, without recursion.
       In Lambda@Edge viewer events, CloudFront-* headers are whatever the viewer sent: decide by
       country or device in origin-request, or in CloudFront Functions. In origin events the Host
       header is the origin's name unless you forward the viewer's: set .host in a redirect.
       edgefn_redirect() always writes an absolute URL; edgefn_redirect_to() rejects "//host".
       Header injection is impossible: CR, LF and NUL are rejected. When in doubt, fail closed.

   LIMITS
       Events smaller than 4 GiB, 64 levels of nesting. A number that the library interprets must be
       an integer that fits 32 bits. An event must not be copied after parsing. Lists with 100,000
       headers work, but adding headers one by one to such a list takes quadratic time.

   COMPILE-TIME OPTIONS (define before including)
       EDGEFN_IMPLEMENTATION  create the implementation here
       EDGEFN_STATIC          make every function static: private to this file
       EDGEFN_API             your own linkage for the functions, for example __declspec(dllexport)
       EDGEFN_NO_SIMD         portable C only
       EDGEFN_SMALL           leave out what only saves time, with the same results: vector code and
                              quick paths. A sixth less code; parsing takes 4 to 6 times as long
       EDGEFN_NO_CRYPTO       leave out hashes, tokens and signatures, and their declarations
       EDGEFN_NO_UA           leave out the reading of user agents, and its declarations
       EDGEFN_NO_FUNCTIONS    leave out CloudFront Functions: its events fail with EDGEFN_E_DIALECT
       EDGEFN_NO_LAMBDA       leave out Lambda@Edge: its events fail with EDGEFN_E_DIALECT;
                              edgefn_origin_custom() and edgefn_origin_s3() are not declared
       EDGEFN_NO_DISPATCH     use only the vector instructions that the compiler's flags allow (SSE2
                              on plain x86-64), instead of choosing at run time
       EDGEFN_DEBUG           trap when the library releases memory that is still in use, or when
                              something is true that cannot be; for tests
                              of the library itself
       A freestanding build (-ffreestanding) implies EDGEFN_NO_DISPATCH. The compiler may insert
       calls of memcpy, memmove, memset and memcmp.

   PORTABILITY
       C99 and C++11, any byte order, 32 and 64 bit; gcc, clang and tcc, other compilers without
       vector code. Examples here are C99. C++20 can write
       edgefn_respond(ev, 403, {.body = EDGEFN_S("no\n")}); C++11 passes an options struct.

   THREADS
       The library has no variables: all state is in an event and its arena. Any number of threads
       can handle events at the same time, each with an event and an arena of its own; one event
       belongs to one thread at a time, for reading as well, because views are made when they are
       first asked for. Threads can share what nobody changes meanwhile: the JSON text, edgefn_env,
       options, tables and lists. Callbacks in edgefn_env are called by the thread that handles the
       event: what they share is theirs to protect.

   VERSIONS
       Semantic versioning. It covers the functions, types, public members, enumerators and macros
       of this file, and what their comments say; the ids of rules; commands, options and exit codes
       of the command line; directives and variables of the hosts. A major version may break these;
       before 1.0 a minor version may, too. It does not cover: names with two underscores, members
       that begin with one, the layout of structs (compile with the header you link with:
       edgehost_abi() of a shared object compares version and size), the wording of errors and
       findings, and rules added because CloudFront turns out to refuse more than was known.

   REVISION HISTORY
       0.2.0  (not released) New: lenient parsing of test events (edgefn_parse_opts.lenient, .type);
              EDGEFN_NO_UA, EDGEFN_NO_FUNCTIONS, EDGEFN_NO_LAMBDA;
              edgefn_remove_if(); edgefn_query_opts.sort_values; more rules: redirects to
              themselves, invalid URLs in headers, results in the form of another service; findings
              of one rule about one byte come in the order in which they were found; tcc compiles
              the header. Mended: edgefn_sanitize() no longer brings back a removed value of a
              read-only header whose place another field with that value has taken; .check_lifetimes
              covers edgefn_uri_set() and status texts; subjects of findings when memory is short;
              unknown members that an event was received with are not taken for those of another
              result; names of bots in user agents in capitals; the position of the error when
              .type is an origin event, but the text begins with white space and is one of
              CloudFront Functions.
              Renamed, old name and new one:
                edgefn_set_cookies()              edgefn_response_cookies()
                edgefn_cookie_attributes_set()    edgefn_set_attributes_at()
                edgefn_begin()                    edgefn_build_begin()
                edgefn_received()                 edgefn_build_end()
                edgefn_fail_closed()              edgefn_failed_result()
                edgefn_forwarded_for(), _opts     edgefn_client_ip(), _opts
                edgefn_finding_says()             edgefn_finding_message()
                edgefn_rule.says, .kinds          edgefn_rule.message, .events
                edgefn_type, edgefn_type_name()   edgefn_event_type, edgefn_event_type_name()
                EDGEFN_TYPE_NONE                  EDGEFN_EVENT_TYPE_NONE
                EDGEFN_LAMBDA, _FUNCTIONS         EDGEFN_DIALECT_LAMBDA, _FUNCTIONS
                EDGEFN_TEXT, _BASE64              EDGEFN_ENCODING_TEXT, _BASE64
                EDGEFN_FAIL, _FORWARD, _ANSWER    EDGEFN_OUTCOME_FAIL, _FORWARD, _ANSWER
                EDGEFN_KEPT, _CHANGED             EDGEFN_CHANGE_NONE, _EDITED
                EDGEFN_ADDED, _REMOVED            EDGEFN_CHANGE_ADDED, _REMOVED
                EDGEFN_M_URI and its like         EDGEFN_MEMBER_URI ...
                EDGEFN_MOBILE and its like        EDGEFN_DEVICE_MOBILE ...
                EDGEFN_ALLOWED and its like       EDGEFN_POLICY_ALLOWED ...
                EDGEFN_DOCUMENTED and its like    EDGEFN_CONFIDENCE_DOCUMENTED ...
                EDGEFN_E_POLICY                   EDGEFN_E_CHECK
                edgefn_abi() and all other names  edgehost_abi() ...
                declared by hosts and examples
                edgefn_memory_usual()             edgefn_memory_event(), which covers the views
              Changed or new:
                edgefn_remove(), _remove_prefix() return true, even with nothing to remove, or
                edgefn_keep_only(), _remove_if()  false on failure; they no longer return a count
                EDGEFN_STRS(), EDGEFN_ABSENT      new: a list in place, the absent string
                EDGEFN_COUNT_OF()                 new: the items of an array
                edgefn_query_opts                 .keep, .keep_count, .drop, .drop_count: new order
                edgefn_str_match()                new: '*' and '?' in any string
                edgefn_uri_match()                for routing: CloudFront's pattern and the
                                                  normalised path; case counts
                edgefn_uri_guards()               new: protects paths, whatever their spelling
                edgefn_uri_plain()                false for what is not UTF-8
                edgefn_str_in(), _copy()          new: one of a list; a copy in the arena
                edgefn_uri_match_any(),           new: a path and a list of patterns
                edgefn_uri_guards_any()
                edgefn_is_get_or_head()           new: is the method one of these?
                edgefn_is_last_request()          new: the last event before the origin
                edgefn_header_has_type()          new: a media type, without its parameters
                edgefn_header_credentials()       new: what follows "Bearer" in Authorization
                edgefn_header_trusted()           new: a header that only the function sets
                edgefn_body_form()                new: the body of a whole form, or a status
                edgefn_respond_text()             new: an answer in plain text
                edgefn_sha256_str(),              new: the 32 bytes as a string
                edgefn_hmac_sha256_str()
                edgefn_str_to_decimal()           new: "12.50" as a whole number
                edgefn_text_put_u64(), _put_i64() new
                edgefn_set_const()                new: several constant headers at once
                edgefn_cookie_get()               new: one cookie, without the list
                EDGEFN_SMALL                      new: less code, without quick paths
                edgefn_header_value_ok()          new: would edgefn_set() accept it?
                edgefn_query_find(), _get(),      new: parameters in any percent spelling
                edgefn_query_remove()
                edgefn_cookie_set(), _expire()    names as browsers accept them: a@b, "a b"
                and the lists of cookies
                edgefn_form_encode()              new
                edgefn_percent_encode()           a space in `keep` stays a space
                edgefn_path_and_query()           new: "/path?query" of the request
                edgefn_redirect_to(ev, status, url)
                                                  edgefn_redirect_to(ev, url, opts)
                edgefn_redirect()                 in origin events fails without .host if the Host
                                                  header is the origin's name
                response.status                   assigning it also changes the status text
                edgefn_respond(), edgefn_body_replace(), _drop()
                                                  more headers of the old body are removed
                edgefn_json_at(), _jwt_claim()    return edgefn_json: type, string, text, count;
                                                  null is absent
                edgefn_jwt                        new member .reason (edgefn_jwt_reason)
                edgefn_header_negotiate()         among equal weights the more specific range wins
                EDGEFN_FMT                        no old-style cast in C++
                edgefn_random(), _random_text()   new: 128 random bits: edgefn_env.random_bytes,
                                                  .has_random_bytes; edgefn run --random-bytes
                C++                               options by const reference
                edgefn_answer(), _answer_with()   new: a host's whole loop
                edgefn_log()                      new: edgefn_env.log
                edgefn_env.check_lifetimes        new: finds strings that changed after they were
                                                  passed in: EDGEFN_E_LIFETIME
                edgefn_memory_bound()             a third of what it was; 640 bytes of it are for
                                                  headers that a handler adds
                edgefn_check(), _sanitize()       do not show cookies that they wrote back into
                                                  headers: indexes stay valid
                edgefn_set_at(), _remove_at()     EDGEFN_E_CONFLICT for a cookie header that
                                                  edgefn_outcome_of() or a write made
       0.1.0  parse, edit, answer, write; Lambda@Edge and CloudFront Functions; addresses, dates,
              tokens, signatures
*/

/*=== >>config ===================================================================================*/
#ifndef EDGEFN_H_INCLUDED
#  define EDGEFN_H_INCLUDED

#  define EDGEFN_VERSION_MAJOR 0
#  define EDGEFN_VERSION_MINOR 2
#  define EDGEFN_VERSION_PATCH 0
#  define EDGEFN_VERSION       "0.2.0"

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

/* Precedes the declaration of edgefn_handler() below, so that a shared object built with
   -fvisibility=hidden still exports the handler; you need not write it. */
#  if defined(__GNUC__) || defined(__clang__)
#    define EDGEFN_EXPORT      __attribute__((visibility("default")))
#    define EDGEFN__INLINE_API static inline __attribute__((unused))
#  else
#    define EDGEFN_EXPORT
#    define EDGEFN__INLINE_API static inline
#  endif

/* Deepest nesting of arrays and objects that is read; one level more is EDGEFN_E_JSON_DEPTH. */
#  define EDGEFN_MAX_DEPTH 64

#  ifdef __cplusplus
extern "C" {
#  endif

/* clang-format off */
#if defined(EDGEFN_NO_LAMBDA) && defined(EDGEFN_NO_FUNCTIONS)
#  error EDGEFN_NO_LAMBDA and EDGEFN_NO_FUNCTIONS leave no dialect: define only one of them
#endif

/*=== >>errors ===================================================================================*/
/* X(name, text): the enumerators are EDGEFN_E_##name; edgefn_error_name() and edgefn_error_text()
   use the same list. */
#define EDGEFN_ERROR_LIST(X)                                                                       \
    X(OOM,            "out of memory: give the arena more bytes, see edgefn_memory_event()")       \
    X(OPTIONS,        "an option or argument has an invalid value")                                \
    X(MISUSE, \
              "the event was copied after parsing, or was not parsed: pass events by pointer") \
    X(JSON_EOF,       "the input ends inside the JSON text")                                       \
    X(JSON_SYNTAX,    "unexpected character")                                                      \
    X(JSON_STRING,    "bad escape or control character in a string")                               \
    X(JSON_NUMBER,    "malformed number")                                                          \
    X(JSON_UTF8,      "a string is not valid UTF-8")                                               \
    X(JSON_DEPTH,     "nested deeper than 64 levels")                                              \
    X(JSON_TRAILING,  "bytes after the JSON text")                                                 \
    X(NOT_AN_EVENT,   "valid JSON, but neither a Lambda@Edge nor a CloudFront Functions event")    \
    X(MISSING,        "a required member is missing")                                              \
    X(DUPLICATE,      "the same name occurs twice in one object")                                  \
    X(TYPE,           "a member has the wrong JSON type")                                          \
    X(RANGE,          "a number is out of range")                                                  \
    X(EVENT_TYPE,     "not possible in this event type")                                           \
    X(DIALECT,        "not possible in this dialect")                                              \
    X(FIELD_NAME,     "not a valid header, cookie or parameter name")                              \
    X(FIELD_VALUE, \
         "a value contains a control character, a character not allowed there, or invalid UTF-8") \
    X(URI,            "an invalid path (it must begin with '/', without '?', '#', space or "       \
                      "control character) or URL")                                                 \
    X(BASE64,         "not valid base64")                                                          \
    X(STATUS,         "the HTTP status is outside 200..599")                                       \
    X(CONFLICT,       "a view and the text it was read from were both changed")                    \
    X(CHECK,          "CloudFront would refuse this result")                                       \
    X(HANDLER,        "the handler returned false")                                                \
    X(ENVIRONMENT,    "the host did not provide what this call needs: see edgefn_env")             \
    X(LIFETIME,       "a string changed after it was passed in: copy it with edgefn_str_copy()")

typedef enum edgefn_error {
    EDGEFN_OK = 0,
#define EDGEFN__X(id, text) EDGEFN_E_##id,
    EDGEFN_ERROR_LIST(EDGEFN__X)
#undef EDGEFN__X
    EDGEFN__E_COUNT
} edgefn_error;

/*=== >>types ====================================================================================*/
/* Bytes in the input, in the arena or in a literal; they may include NUL and do not end with it.
   ptr == NULL: absent. len == 0 with any other ptr: present and empty. */
typedef struct edgefn_str {
    const char *ptr;
    size_t      len;
} edgefn_str;

/* EDGEFN_S("literal"): a string literal as an edgefn_str; anything else does not compile.
   EDGEFN_S_INIT("literal"): the same for static initialisers.
   EDGEFN_FMT(s): the two arguments of printf's "%.*s". */
#ifdef __cplusplus
#  define EDGEFN_S(lit) (edgefn_str{ "" lit, sizeof("" lit) - 1 })
#else
#  define EDGEFN_S(lit) ((edgefn_str){ "" lit, sizeof("" lit) - 1 })
#endif
#define EDGEFN_S_INIT(lit) { "" lit, sizeof("" lit) - 1 }

/* EDGEFN_ABSENT: the absent string.
   EDGEFN_STRS(a, b, ...): an array of strings and its length, as two arguments:
   edgefn_str_join(ev, EDGEFN_STRS(a, b)). In C also an option and the count that follows it:
   .origins = EDGEFN_STRS(a, b); in C++ that needs an array with a name. Each string is evaluated
   once. The array lives to the end of the block in C, to the end of the call in C++.
   EDGEFN_COUNT_OF(array): the number of items in an array. */
#ifdef __cplusplus
#  define EDGEFN_ABSENT    (edgefn_str{ NULL, 0 })
#  define EDGEFN_STRS(...) edgefn__strs({ __VA_ARGS__ }), sizeof(edgefn__strs_len({ __VA_ARGS__ }))
extern "C++" {
template <size_t N> inline const edgefn_str *edgefn__strs(const edgefn_str (&&list)[N])
{
    return list;
}
template <size_t N> char (&edgefn__strs_len(const edgefn_str (&&list)[N]))[N]; /* for sizeof only */
}
#else
#  define EDGEFN_ABSENT ((edgefn_str){ NULL, 0 })
#  define EDGEFN_STRS(...)                                                                         \
      (const edgefn_str[]){ __VA_ARGS__ },                                                         \
          sizeof((const edgefn_str[]){ __VA_ARGS__ }) / sizeof(edgefn_str)
#endif
#define EDGEFN_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#ifdef __cplusplus
#  define EDGEFN_FMT(s) static_cast<int>((s).len > 0x7fffffff ? 0x7fffffff : (s).len), (s).ptr
#else
#  define EDGEFN_FMT(s) (int)((s).len > 0x7fffffff ? 0x7fffffff : (s).len), (s).ptr
#endif

/* What edgefn_str_cut() returns. */
typedef struct edgefn_cut      { edgefn_str head, tail; bool found; } edgefn_cut;
/* A number that was read from a text; ok == false: the text is not one. */
typedef struct edgefn_number   { uint64_t value; bool ok; } edgefn_number;
/* A position in a text. Both count from 1; column counts bytes. */
typedef struct edgefn_location { size_t line, column; } edgefn_location;

/* A block of the caller's memory, from edgefn_arena_make(). An event keeps it by value. */
typedef struct edgefn_arena {
    unsigned char *ptr;
    size_t         cap;  /* bytes of the block */
    size_t         used; /* bytes that are taken */
} edgefn_arena;

typedef enum edgefn_dialect {
    EDGEFN_DIALECT_NONE,
    EDGEFN_DIALECT_LAMBDA,    /* Lambda@Edge: {"Records":[{"cf":...}]} */
    EDGEFN_DIALECT_FUNCTIONS  /* CloudFront Functions: {"version":"1.0","context":...} */
} edgefn_dialect;

typedef enum edgefn_event_type {
    EDGEFN_EVENT_TYPE_NONE,
    EDGEFN_VIEWER_REQUEST,
    EDGEFN_ORIGIN_REQUEST,  /* Lambda@Edge only */
    EDGEFN_ORIGIN_RESPONSE, /* Lambda@Edge only */
    EDGEFN_VIEWER_RESPONSE
} edgefn_event_type;

/* How a field or member differs from what was received. A proxy applies everything but
   EDGEFN_CHANGE_NONE. */
typedef enum edgefn_change {
    EDGEFN_CHANGE_NONE,
    EDGEFN_CHANGE_EDITED,
    EDGEFN_CHANGE_ADDED,
    EDGEFN_CHANGE_REMOVED
} edgefn_change;

/* How the bytes of a body are written in JSON. */
typedef enum edgefn_encoding {
    EDGEFN_ENCODING_DEFAULT, /* as an option: text if the bytes are valid UTF-8, else base64. In a
                                body: text */
    EDGEFN_ENCODING_TEXT,
    EDGEFN_ENCODING_BASE64
} edgefn_encoding;

/* What the host supplies to a handler besides the event. Every member may be zero. */
typedef struct edgefn_env {
    int64_t  now_s;      /* seconds since 1970-01-01 UTC; 0: unknown, calls that need it fail */
    uint32_t random;     /* one uniform random number per event, for A/B tests and roll-outs */
    bool     has_random;
    bool     has_random_bytes;
    unsigned char random_bytes[16]; /* 128 bits of the system's random source, new for each event:
                                       for session ids and whatever must not be guessed */
    /* Looks up a key in table "kv", "secret" or "auth"; absent: no such key. The string must stay
       valid until the event is written. */
    edgefn_str (*lookup)(void *user, edgefn_str table, edgefn_str key);
    /* Verifies a token's signature by an algorithm that the library does not have. alg: "RS256",
       "ES256" or "EdDSA". key_id: the token's kid, or absent. message: the signed bytes.
       signature: raw bytes, as JWS has them. Returns: true if it is valid. */
    bool (*verify)(void *user, edgefn_str alg, edgefn_str key_id, edgefn_str message,
                   edgefn_str signature);
    void *user; /* passed to the functions here */
    /* Writes one line of a log. The text is a handler's: replace control characters, cut long
       lines. NULL: edgefn_log() does nothing. */
    void (*log)(void *user, edgefn_str text);
    bool       check_lifetimes; /* for tools and tests: edgefn_finish() fails with
                                   EDGEFN_E_LIFETIME if a string changed after it was passed in */
} edgefn_env;

/* The first failure of an event. */
typedef struct edgefn_err {
    edgefn_error code;
    size_t       pos;     /* byte offset into the input; SIZE_MAX when it is not about the input */
    const char  *where;   /* static text, never NULL: "request.headers", "edgefn_redirect", ... */
    edgefn_str   subject; /* the name or value at fault, unchanged, or absent */
} edgefn_err;

typedef struct edgefn_event edgefn_event;

/* One header, query parameter or cookie. Read its members; edit it through the list functions. */
typedef struct edgefn_field {
    edgefn_str    name;       /* headers: in lower case; parameters and cookies: as received */
    edgefn_str    value;      /* as received: percent-encoding is not decoded */
    edgefn_str    key;        /* headers in Lambda@Edge: the name as it was spelled, or absent */
    edgefn_str    attributes; /* response cookies: "Path=/; Secure", or absent */
    edgefn_change change;     /* how it differs from what was received */
    uint32_t      _tag, _group, _value;
} edgefn_field;

/* A header whose name and value are constants, as the result will have it, for edgefn_set_const().
   EDGEFN_CONST_HEADER("name", "value"): one of two string literals, for an array's initialiser. A
   name with capitals, and a value with a quotation mark, a backslash or more than ASCII, are set as
   well, but not in less time. */
typedef struct edgefn_const_header {
    const char *_lambda, *_functions; /* its text in either dialect */
    size_t      _name_len, _value_len;
} edgefn_const_header;
#define EDGEFN_CONST_HEADER(name, value)                                                           \
    { "\"" name "\":[{\"key\":\"" name "\",\"value\":\"" value "\"}]",                             \
      "\"" name "\":{\"value\":\"" value "\"}", sizeof("" name) - 1, sizeof("" value) - 1 }

/* A list of headers, query parameters, cookies or an origin's custom headers. Read it with a loop
   over items[0..len). Names of headers are compared ignoring the case of ASCII letters, all others
   exactly. Edits move the arrays: keep indices, not pointers. */
typedef struct edgefn_fields {
    const edgefn_field *items;
    size_t              len;
    const edgefn_field *removed; /* removed[0..removed_len): received fields that were removed */
    size_t              removed_len;
    edgefn_event       *_ev;
    const edgefn_field *_received; /* the list before its first edit */
    uint64_t            _filter;   /* a bit for each hash of a name: clear if no field has it */
    uint32_t            _received_len, _cap, _removed_cap, _kind, _flags;
    uint32_t            _open, _close; /* the object's braces in the input; 0: there is no object */
} edgefn_fields;

typedef struct edgefn_body {
    edgefn_str      data;      /* as transferred; edgefn_body_decode() returns the bytes. Absent: no
                                  body */
    edgefn_encoding encoding;  /* of data */
    bool            truncated; /* requests: CloudFront passed only the first 40 KB (viewer-request)
                                  or 1 MB (origin-request) */
    bool            replace;   /* requests: action is "replace". Set by edgefn_body_replace() and
                                  _drop() */
} edgefn_body;

typedef enum edgefn_origin_kind {
    EDGEFN_ORIGIN_NONE,
    EDGEFN_ORIGIN_CUSTOM,
    EDGEFN_ORIGIN_S3
} edgefn_origin_kind;
enum { EDGEFN_SSL3 = 1, EDGEFN_TLS1_0 = 2, EDGEFN_TLS1_1 = 4, EDGEFN_TLS1_2 = 8 };

/* The server to which CloudFront will send the request (Lambda@Edge origin events). In
   origin-request its members may be assigned one by one. Assigning `domain` does not change the
   Host header; edgefn_origin_custom() and _s3() do. */
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
    edgefn_str    querystring; /* raw; absent if a CloudFront Functions event has an object instead:
                                  edgefn_query_text() returns the query in both cases */
    edgefn_str    client_ip;
    edgefn_fields headers;
    edgefn_origin origin;
    edgefn_body   body;
    edgefn_fields _query, _cookies;
    edgefn_str    _query_source, _query_received;
} edgefn_request;

/* In a response event: the response that CloudFront will store or send. In a request event: your
   answer, if status != 0. */
typedef struct edgefn_response {
    uint32_t      status;      /* assigned, it also changes status_text when the event is written,
                                  unless that was assigned as well */
    edgefn_str    status_text;
    edgefn_fields headers;
    edgefn_body   body;        /* assigning it keeps the headers of the old one:
                                  edgefn_body_replace() */
    edgefn_fields _cookies;
} edgefn_response;

/* The members that edgefn_changed() reports. Fields of lists carry their own change. */
typedef enum edgefn_member {
    EDGEFN_MEMBER_CLIENT_IP, EDGEFN_MEMBER_METHOD, EDGEFN_MEMBER_URI, EDGEFN_MEMBER_QUERYSTRING,
    EDGEFN_MEMBER_BODY_ACTION, EDGEFN_MEMBER_BODY_ENCODING, EDGEFN_MEMBER_BODY_DATA,
    EDGEFN_MEMBER_ORIGIN, /* as a whole: switched by edgefn_origin_custom() or _s3(), or of another
                             kind than the received one */
    EDGEFN_MEMBER_ORIGIN_DOMAIN, EDGEFN_MEMBER_ORIGIN_PATH, EDGEFN_MEMBER_ORIGIN_PORT,
    EDGEFN_MEMBER_ORIGIN_KEEPALIVE,
    EDGEFN_MEMBER_ORIGIN_READ_TIMEOUT, EDGEFN_MEMBER_ORIGIN_COMPLETION_TIMEOUT,
    EDGEFN_MEMBER_ORIGIN_PROTOCOL,
    EDGEFN_MEMBER_ORIGIN_TLS, EDGEFN_MEMBER_ORIGIN_REGION, EDGEFN_MEMBER_ORIGIN_AUTH_METHOD,
    EDGEFN_MEMBER_STATUS, EDGEFN_MEMBER_STATUS_TEXT, EDGEFN_MEMBER_RESPONSE_BODY,
    EDGEFN_MEMBER_RESPONSE_BODY_ENCODING,
    EDGEFN_MEMBER_COUNT
} edgefn_member;

/* A span of the input: offset and length of a value, both 0 if it is absent. */
typedef struct edgefn__span { uint32_t at, len; } edgefn__span;

/* The received values of members that are not strings (of the origin: its kind), and of the
   response body's data and the status text, which is compared by address. */
typedef struct edgefn__was {
    uint32_t   number[EDGEFN_MEMBER_COUNT];
    edgefn_str response_data, status_text;
} edgefn__was;

/* Fields [at, at + count) of a list were added from an array, and may have been edited since. */
typedef struct edgefn__constants {
    const edgefn_fields *list;
    const edgefn_const_header *headers;
    size_t at, count;
} edgefn__constants;

/* Do not copy a parsed event: its lists know its address. */
struct edgefn_event {
    edgefn_dialect    dialect;
    edgefn_event_type type;
    bool              type_inferred;   /* .lenient: neither the event nor .type named the type */
    edgefn_str        domain;          /* the distribution's *.cloudfront.net name; CloudFront
                                          Functions: or .endpoint */
    edgefn_str        distribution_id, request_id;
    edgefn_str        version;         /* CloudFront Functions: "1.0" */
    edgefn_request    request;
    edgefn_response   response;        /* status == 0: no response (yet) */
    edgefn_arena      arena;           /* .used: bytes this event has taken so far */
    edgefn_err        err;             /* the FIRST failure; it stays */
    const edgefn_env *env;             /* never NULL; all zero if the host supplied none */
    edgefn_event     *_self;
    edgefn_str        _json;
    const edgefn_str *_parts;          /* of an event built from parts: its string members as they
                                          were received */
    edgefn__span      _result;         /* the received request (request events) or response
                                          (response events) */
    edgefn__span      _object[4];      /* the objects that can take new members */
    edgefn__span      _had[EDGEFN_MEMBER_COUNT];
    edgefn__was       _was;
    size_t            _out_at, _out_end;
    struct edgefn__passed *_passed;    /* .check_lifetimes: the strings that were passed in */
    edgefn__constants _constants;      /* of the last edgefn_set_const() */
    edgefn_fields    *_unsynced[2];    /* headers of the request, of the response: without the
                                          cookies that were written back, or with them */
    uint32_t          _flags, _mask;   /* _mask: the members that differ, one bit each, while
                                          writing */
    uint32_t          _named;          /* the status whose usual text the library put in; 0: none */
};

/*=== >>options: every struct may be {0}, and a NULL pointer means {0} ===========================*/
typedef struct edgefn_parse_opts {
    edgefn_dialect    dialect; /* 0: detect it. Otherwise an event of another dialect fails with
                                  EDGEFN_E_NOT_AN_EVENT */
    const edgefn_env *env;     /* NULL: all zero. Must outlive the event */
    bool              lenient; /* false: strict. true: also accept test events that lack members
                                  CloudFront always sends, see edgefn_parse() */
    edgefn_event_type type;    /* 0: any. Otherwise an event of another type fails with
                                  EDGEFN_E_NOT_AN_EVENT. With .lenient it is also the type of an
                                  event without eventType */
} edgefn_parse_opts;

typedef struct edgefn_respond_opts {
    edgefn_str      body;            /* raw bytes. Absent: no body */
    edgefn_str      content_type;    /* absent: text/html; charset=utf-8 if there is a body */
    edgefn_encoding encoding;        /* 0: text if the body is valid UTF-8, else base64 */
    edgefn_str      status_text;     /* absent: edgefn_status_text(status) */
    bool            cacheable;       /* false: origin-request sets Cache-Control: no-store, so that
                                        CloudFront does not cache the answer. true: it does not */
    uint32_t        cache_max_age_s; /* 0: not set. Else Cache-Control: max-age=N, in every event */
} edgefn_respond_opts;

typedef struct edgefn_redirect_opts {
    uint32_t   status;          /* 0: 302. Else 301, 302, 303, 307 or 308 */
    edgefn_str scheme;          /* absent: https */
    edgefn_str host;            /* absent: the Host header. In origin events that may be the
                                   origin's name: set .host there */
    edgefn_str path;            /* absent: the request's path. May have its own ?query, which
                                   replaces the request's */
    bool       drop_query;      /* false: the request's query, edits included, is appended */
    bool       cacheable;       /* as in edgefn_respond_opts */
    uint32_t   cache_max_age_s; /* as in edgefn_respond_opts */
} edgefn_redirect_opts;

typedef struct edgefn_redirect_to_opts {
    uint32_t status;          /* 0: 302. Else 301, 302, 303, 307 or 308 */
    bool     keep_query;      /* false: the URL as it is. true: the request's query, edits included,
                                 is appended; after '&' if the URL has a query of its own */
    bool     cacheable;       /* as in edgefn_respond_opts */
    uint32_t cache_max_age_s; /* as in edgefn_respond_opts */
} edgefn_redirect_to_opts;

typedef struct edgefn_origin_opts {
    edgefn_str domain;              /* required */
    edgefn_str path;                /* absent: ""; else "/a/b": from '/', and none at the end */
    uint32_t   port;                /* custom only. 0: 443, or 80 with .http */
    uint32_t   keepalive_s;         /* custom only. 0: 5 */
    uint32_t   read_timeout_s;      /* 0: 30 for custom origins, not written for S3 */
    uint32_t   completion_timeout_s;/* 0: not written */
    bool       http;                /* custom only. false: https */
    uint32_t   tls;                 /* custom only. 0: EDGEFN_TLS1_2 */
    edgefn_str region;              /* S3 only. absent: ""; required for an access identity */
    edgefn_str auth_method;         /* S3 only. absent: "none", also with origin access control;
                                       else "origin-access-identity" */
    bool       keep_host_header;    /* false: the Host header is set to .domain */
} edgefn_origin_opts;

/* For each header: absent sets the default if the response does not have the header; "" leaves the
   header as it is; any other value replaces it. */
typedef struct edgefn_security_opts {
    edgefn_str hsts;               /* default: max-age=63072000 */
    edgefn_str frame_options;      /* default: DENY */
    edgefn_str csp;                /* default: frame-ancestors 'none', unless X-Frame-Options is in
                                      the response or in these options */
    edgefn_str referrer_policy;    /* default: strict-origin-when-cross-origin */
    edgefn_str xss_protection;     /* default: the header stays as it is */
    edgefn_str permissions_policy; /* default: the header stays as it is */
} edgefn_security_opts;

typedef struct edgefn_cors_opts {
    const edgefn_str *origins; /* the allowed origins, "https://app.example.com", compared byte by
                                  byte; default: none is allowed */
    size_t     origin_count;
    bool       any_origin;     /* default false; true: every origin is allowed ("*"), and .origins
                                  must be empty */
    bool       credentials;    /* default false; true: requests with cookies are allowed; not
                                  with .any_origin, and not with "*" in the lists below */
    edgefn_str methods;        /* preflight: allowed besides GET, HEAD and POST: "PUT, DELETE";
                                  default: none */
    edgefn_str headers;        /* preflight: request headers allowed besides the CORS-safelisted
                                  ones: "X-Token"; default: none */
    uint32_t   max_age_s;      /* preflight: seconds; default 0: not written, browsers take 5 */
    edgefn_str expose;         /* response headers that scripts may read besides the CORS-safelisted
                                  ones; default: none */
} edgefn_cors_opts;

typedef struct edgefn_cache_opts {
    uint32_t max_age_s;          /* max-age in seconds, always written; default 0: caches ask before
                                    each use */
    uint32_t shared_max_age_s;   /* s-maxage in seconds, which CloudFront prefers; default 0: not
                                    written */
    uint32_t stale_revalidate_s; /* stale-while-revalidate in seconds; default 0: not written */
    bool     immutable;          /* immutable; default false */
    bool     browser_only;       /* private, not with .shared_max_age_s; default false */
    bool     no_store;           /* no-store, not with any other option; default false */
} edgefn_cache_opts;

typedef enum edgefn_same_site {
    EDGEFN_SAME_SITE_LAX,
    EDGEFN_SAME_SITE_STRICT,
    EDGEFN_SAME_SITE_NONE
} edgefn_same_site;

typedef struct edgefn_cookie_opts {
    edgefn_str path;            /* default: "/" */
    edgefn_str domain;          /* default: this host only. May start with a '.' */
    uint32_t   max_age_s;       /* default 0: until the browser closes. At most 34,560,000 (400
                                   days), the most that browsers keep */
    edgefn_same_site same_site; /* default: Lax */
    bool       script_readable; /* default false: HttpOnly */
    bool       insecure;        /* default false: Secure. true is an error with SameSite=None,
                                   .partitioned, or a name that starts with __Secure- or __Host-, in
                                   any case */
    bool       partitioned;     /* default false; true: Partitioned */
} edgefn_cookie_opts;

typedef struct edgefn_client_ip_opts {
    uint32_t          trusted_hops;  /* 0: none. How many addresses are those of your proxies,
                                        whatever their value: client_ip is the first */
    const edgefn_str *trusted;       /* NULL: none. Networks of your proxies: "10.0.0.0/8" */
    size_t            trusted_count; /* how many networks */
} edgefn_client_ip_opts;

#ifndef EDGEFN_NO_CRYPTO
typedef struct edgefn_jwt_opts {
    bool       hs256, rs256, es256, eddsa; /* the algorithms that a token may be signed with: at
                                              least one */
    edgefn_str secret;                     /* required for hs256 */
    edgefn_str issuer;                     /* absent: iss is not checked */
    edgefn_str audience;                   /* absent: aud is not checked */
    uint32_t   leeway_s;                   /* 0: none. Seconds by which clocks may differ */
    bool       expiry_optional;            /* false: a token without exp is refused */
} edgefn_jwt_opts;

typedef struct edgefn_sign_opts {
    edgefn_str        access_key;       /* required */
    edgefn_str        secret_key;       /* required */
    edgefn_str        region;           /* required */
    edgefn_str        session_token;    /* absent: the keys are not temporary ones */
    edgefn_str        service;          /* absent: "s3". "lambda" for a function URL */
    const edgefn_str *headers;          /* NULL: none. More headers to sign, names in lower case;
                                           those that the request lacks are skipped */
    size_t            header_count;
    uint32_t          expires_s;        /* 0: sign in headers. Else sign in the query, valid for so
                                           many seconds, at most 604800 */
    bool              unsigned_payload; /* false: sign the body. true: only S3, only over https */
} edgefn_sign_opts;
#endif

typedef struct edgefn_write_opts {
    bool skip_check;  /* false. true: do not apply CloudFront's rules (syntax is still verified);
                         for tools and tests */
    bool whole_event; /* false. true: write the complete event including the edits; for tools and
                         tests; fails if the event is answered */
    bool strict;      /* false. true: refuse doubtful results, too */
} edgefn_write_opts;

typedef struct edgefn_answer_opts {
    edgefn_parse_opts parse; /* zero: the defaults of edgefn_parse() */
    edgefn_write_opts write; /* zero: the defaults of edgefn_finish() */
} edgefn_answer_opts;

/* A name with '*' at its end is a prefix: "utm_*". Names are compared as edgefn_query_normalize()
   writes them. */
typedef struct edgefn_query_opts {
    const edgefn_str *keep;             /* only these stay; default NULL: all */
    size_t            keep_count;
    const edgefn_str *drop;             /* these are removed, also those in .keep; default: none */
    size_t            drop_count;
    bool              lower_case_names; /* default false: ID and id are two parameters */
    bool              plus_is_space;    /* default false: '+' and %20 differ. true: both are written
                                           as %20, for origins that decode forms */
    /* default false: parameters of one name keep their order, and equal ones stay. true: they are
       sorted by value, and one of equal ones stays, for origins that read them as a set. */
    bool              sort_values;
} edgefn_query_opts;

/* clang-format on */

/*=== >>api ========================================================================================
   Functions that edit return false on failure; the event then has the first error in ev->err, and
   edgefn_finish() returns an absent string. Reading a missing or invalid value is not a failure:
   the result is absent. */

/*--- version and errors -------------------------------------------------------------------------*/

/* Returns the version of the implementation, to be compared with EDGEFN_VERSION of the header that
   the caller was compiled with.
   Returns: "MAJOR.MINOR.PATCH", static text. */
EDGEFN_API const char *edgefn_version(void);

/* Returns the name of an error: "EDGEFN_E_JSON_EOF", "EDGEFN_OK".
   Returns: static text, never NULL; "EDGEFN_E_?" for an unknown number. */
EDGEFN_API const char *edgefn_error_name(edgefn_error code);

/* Describes an error in one line, with a remedy where there is one.
   Returns: static text, never NULL. */
EDGEFN_API const char *edgefn_error_text(edgefn_error code);

/* Converts a byte offset to a line and a column. Lines end at LF, so CR LF counts once; columns
   count bytes.
   json: the text that was parsed.
   pos: a byte offset, for example edgefn_err.pos; beyond the text it means the end of the text.
   Returns: both counted from 1.
   Time: linear in pos; call it only to print. */
EDGEFN_API edgefn_location edgefn_locate(edgefn_str json, size_t pos);

/* Writes ev->err as one line for people: "3:14: error: what: where: subject (EDGEFN_E_NAME)". If
   the error is not about the input, "3:14:" is left out and the line begins with a space, so that a
   file name and ':' can precede it.
   buf: gets at most cap bytes, without NUL. Control characters of the subject are shown as '?', and
   a long subject is cut.
   Returns: the number of bytes written; 0 if there is no error. */
EDGEFN_API size_t edgefn_describe(const edgefn_event *ev, char *buf, size_t cap);

/*--- memory -------------------------------------------------------------------------------------*/

/* Makes an arena of a block of memory, which needs neither alignment nor clearing.
   mem: size bytes; NULL makes an arena in which every call fails with EDGEFN_E_OOM.
   Memory: the block remains the caller's; the next event may use it again.
   Example:
       static unsigned char mem[64 * 1024];
       edgefn_arena arena = edgefn_arena_make(mem, sizeof mem);
       (void)arena; */
EDGEFN_API edgefn_arena edgefn_arena_make(void *mem, size_t size);

/* Returns how many bytes edgefn_parse() takes at most for any text of json_len bytes, including one
   crafted to take as much as possible.
   Returns: bytes, about seven times json_len; SIZE_MAX if that exceeds a size_t. Views, edits and
   the result are not included: see edgefn_memory_event(). */
EDGEFN_API size_t edgefn_memory_bound(size_t json_len);

/* Returns a size that suffices for any event that CloudFront can send, with everything a handler
   usually does to it: parsing, edgefn_query() and edgefn_cookies(), sorting and normalising, edits,
   removing every field, and the result. It is large because a viewer decides how many parameters
   and cookies there are: 8 KB of "a&a&a" are 4,096 fields. Memory that is not touched costs little
   on most systems.
   json_len: bytes of the event. edits: number of headers, cookies and parameters that the handler
   sets; add one for every 200 bytes of text or body that it makes (a 2,000-byte page and three
   headers: 13).
   Returns: bytes, never less than edgefn_memory_bound(); SIZE_MAX if that exceeds a size_t. About
   500 KB for an event of 2 KB, 6 MB for one of 32 KB, 21 MB for one with a body of 1 MB, which
   includes decoding it once. For an event built from parts: the length of all parts. A handler
   that does more (normalises the query several times) or an event that exceeds CloudFront's limits
   may still fail with EDGEFN_E_OOM: hosts then retry with twice the memory.
   Source: Quotas, URL length and total length of a request.
   Example:
       edgefn_str json = EDGEFN_S("{...}");
       size_t size = edgefn_memory_event(json.len, 20);
       printf("%.1f MB\n", (double)size / 1e6); */
EDGEFN_API size_t edgefn_memory_event(size_t json_len, size_t edits);

/* Takes bytes from the event's arena. They are not cleared and stay valid until the block is used
   for the next event.
   size: bytes.
   align: a power of two up to 16; 0 means 1.
   Returns: NULL when the arena is exhausted.
   Fails: EDGEFN_E_OOM; EDGEFN_E_OPTIONS for any other align. */
EDGEFN_API void *edgefn_alloc(edgefn_event *ev, size_t size, size_t align);

/*--- strings ------------------------------------------------------------------------------------*/

/* Returns a string of a NUL-terminated text, without copying it; NULL is absent. */
EDGEFN_API edgefn_str edgefn_cstr(const char *z);

/* Reports whether two strings have the same bytes. Absent equals only absent, not the empty string.
   */
EDGEFN_API bool edgefn_str_eq(edgefn_str a, edgefn_str b);

/* Reports whether two strings have the same bytes, ignoring the case of ASCII letters. Absent
   equals only absent. */
EDGEFN_API bool edgefn_str_ieq(edgefn_str a, edgefn_str b);

/* Reports whether s equals one string of a list, byte by byte. An absent s is in no list.
   list, count: an array and its length; EDGEFN_STRS() is both.
   Recipe: few_cookies
   Example:
       if (edgefn_str_in(ev->request.method, EDGEFN_STRS(EDGEFN_S("PUT"), EDGEFN_S("DELETE"))))
           return edgefn_error_page(ev, 405); */
EDGEFN_API bool edgefn_str_in(edgefn_str s, const edgefn_str *list, size_t count);

/* Reports whether s starts with prefix. An absent s starts with nothing, not even "". */
EDGEFN_API bool edgefn_str_starts(edgefn_str s, edgefn_str prefix);

/* Reports whether s ends with suffix. An absent s ends with nothing, not even "". */
EDGEFN_API bool edgefn_str_ends(edgefn_str s, edgefn_str suffix);

/* Finds the first occurrence of part in s.
   Returns: its offset in bytes; s.len if there is none or s is absent. An empty part is at 0.
   Time: the length of s, at worst multiplied by that of part. */
EDGEFN_API size_t edgefn_str_find(edgefn_str s, edgefn_str part);

/* Reports whether part occurs in s. An absent s contains nothing. */
EDGEFN_API bool edgefn_str_contains(edgefn_str s, edgefn_str part);

/* Reports whether a pattern matches all of s. '*' matches any bytes, also none; '?' matches one
   character (one byte where s is not UTF-8); all other bytes match themselves.
   pattern: plain text; there is no escape for '*' and '?'. For paths that a viewer sent use
   edgefn_uri_match().
   Returns: false if either is absent.
   Time: the length of s, at worst multiplied by that of the longest piece between two '*'.
   Example:
       assert(edgefn_str_match(EDGEFN_S("/img/a.png"), EDGEFN_S("/img/?*.png"))); */
EDGEFN_API bool edgefn_str_match(edgefn_str s, edgefn_str pattern);

/* Returns s without the spaces and tabs at both ends.
   Source: RFC 9110 section 5.6.3, optional white space. */
EDGEFN_API edgefn_str edgefn_str_trim(edgefn_str s);

/* Returns s without its first n bytes; "" if it has fewer. */
EDGEFN_API edgefn_str edgefn_str_skip(edgefn_str s, size_t n);

/* Returns the first n bytes of s; all of s if it has fewer. */
EDGEFN_API edgefn_str edgefn_str_take(edgefn_str s, size_t n);

/* Cuts s at the first separator.
   Returns: found == true, with the text before the separator in head and the text after it in tail;
   found == false, with all of s in head and an absent tail, if there is no separator.
   Example:
       edgefn_cut c = edgefn_str_cut(EDGEFN_S("a=b=c"), EDGEFN_S("="));
       assert(c.found && c.tail.len == 3); */
EDGEFN_API edgefn_cut edgefn_str_cut(edgefn_str s, edgefn_str separator);

/* Reads a decimal number: digits only, at least one, at most UINT64_MAX.
   Returns: ok == false for anything else, a sign or a space included. */
EDGEFN_API edgefn_number edgefn_str_to_u64(edgefn_str s);

/* Reads a decimal fraction as a whole number, scaled by 10 to the power of digits: "12.5" is 1250
   with 2 digits, and so is "12.50". Nothing is rounded.
   digits: decimal places to keep, at most 19.
   Returns: ok == false if s is not digits, or digits '.' digits; if further decimal places are not
   0; if the scaled number exceeds UINT64_MAX.
   Example:
       edgefn_number share = edgefn_str_to_decimal(EDGEFN_S("12.5"), 2); // hundredths of a percent
       assert(share.ok && share.value == 1250); */
EDGEFN_API edgefn_number edgefn_str_to_decimal(edgefn_str s, unsigned digits);

/* Copies a string into the event's arena. Use it for a string in a buffer of your own, such as one
   on the stack, that may change before the event is written.
   Returns: absent for an absent s and on failure.
   Memory: s.len bytes.
   Fails: EDGEFN_E_OOM.
   Example:
       char line[32] = "on the stack";
       return edgefn_set(&ev->request.headers, EDGEFN_S("X-Line"),
                         edgefn_str_copy(ev, edgefn_cstr(line))); */
EDGEFN_API edgefn_str edgefn_str_copy(edgefn_event *ev, edgefn_str s);

/* Joins strings; absent ones count as empty.
   parts, count: an array and its length; EDGEFN_STRS() is both.
   Returns: absent on failure.
   Memory: the sum of the lengths.
   Fails: EDGEFN_E_OOM.
   Recipe: language_path
   Example:
       edgefn_str to = edgefn_str_join(ev, EDGEFN_STRS(EDGEFN_S("/en"), ev->request.uri));
       ev->request.uri = to; */
EDGEFN_API edgefn_str edgefn_str_join(edgefn_event *ev, const edgefn_str *parts, size_t count);

/* Writes a number in decimal.
   Returns: absent on failure.
   Memory: at most 20 bytes.
   Fails: EDGEFN_E_OOM.
   Recipe: retry_later */
EDGEFN_API edgefn_str edgefn_str_from_u64(edgefn_event *ev, uint64_t value);

/* Converts ASCII capital letters to small ones.
   Returns: s itself if it has no capital; absent for an absent s and on failure.
   Memory: s.len bytes if it has a capital.
   Fails: EDGEFN_E_OOM.
   Recipe: move_to_s3 */
EDGEFN_API edgefn_str edgefn_str_lower(edgefn_event *ev, edgefn_str s);

/* Writes a string as JSON, quotation marks included. Bytes that are not UTF-8 become U+FFFD.
   Returns: absent for an absent s and on failure.
   Memory: at most 6 bytes for each byte of s, and 2.
   Fails: EDGEFN_E_OOM.
   Recipe: issue_session */
EDGEFN_API edgefn_str edgefn_json_quote(edgefn_event *ev, edgefn_str s);

/*--- event --------------------------------------------------------------------------------------*/

/* Reads one event. Dialect and event type are detected. The text is checked strictly as JSON (RFC
   8259, UTF-8, 64 levels), then read as an event. Unknown members are kept and written back.
   ev: overwritten completely.
   json: below 4 GiB; must stay unchanged as long as ev is used. It needs no padding and no NUL.
   arena: from edgefn_arena_make(); the event takes it over.
   opts: may be NULL. With .lenient, test events such as those of AWS SAM and of the Lambda console
   are accepted, too. They may lack eventType or all of config (CloudFront Functions: context), the
   method, and in response events the request. An optional member or a header may be null: it counts
   as absent, is written back as null, and is replaced by an edit. Still required are uri where
   there is a request, and in response events a response with its status. If strict parsing
   succeeds, lenient parsing has the same result.
   The type of a lenient event without eventType is opts.type. If that is 0, the type is inferred
   and ev->type_inferred is true: origin-response if there is a response and the request has an
   origin, viewer-response if there is only a response, origin-request if there is only an origin,
   else viewer-request. In CloudFront Functions: viewer-response if there is a response, else
   viewer-request.
   Returns: EDGEFN_OK, or the error that is also in ev->err; then no member of the event may be
   used.
   Memory: at most edgefn_memory_bound(json.len).
   Fails: EDGEFN_E_JSON_* if the text is not JSON; other errors in such a text are not reported,
   except EDGEFN_E_OOM, if memory ran out before the fault was found. ev->err.where names a byte
   order mark or UTF-16. EDGEFN_E_NOT_AN_EVENT (position: the first value, or the unknown event
   type), also for events of other AWS services; EDGEFN_E_MISSING (the closing brace); EDGEFN_E_TYPE
   and EDGEFN_E_RANGE (the value); EDGEFN_E_DUPLICATE (the second name); EDGEFN_E_OOM;
   EDGEFN_E_OPTIONS; EDGEFN_E_DIALECT if its dialect was left out when the library was compiled. If
   .lenient would accept the text, edgefn_describe() mentions it.
   Events: all.
   Source: Lambda@Edge event structure; CloudFront Functions event structure. */
EDGEFN_API edgefn_error edgefn_parse(edgefn_event *ev, edgefn_str json, edgefn_arena arena,
                                     const edgefn_parse_opts *opts);

/* Begins an event that is built from parts, for a proxy that has read the request already, or for a
   test. Assign members (method, uri, querystring, client_ip, domain, status, body, and the origin's
   with its .kind), fill the lists with edgefn_add(), then call edgefn_build_end(). Until then every
   part may be set and may contain any bytes.
   type: CloudFront Functions has no origin events.
   arena, opts: as for edgefn_parse(), but of opts only .env is used.
   Returns: EDGEFN_OK or ev->err.code.
   Fails: EDGEFN_E_OPTIONS for an event type that the dialect does not have.
   Example:
       static char mem[65536];
       edgefn_arena arena = edgefn_arena_make(mem, sizeof mem);
       edgefn_build_begin(ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST, arena, NULL);
       ev->request.method = EDGEFN_S("GET"), ev->request.uri = EDGEFN_S("/admin/");
       edgefn_add(&ev->request.headers, EDGEFN_S("Host"), EDGEFN_S("www.example.com"));
       return edgefn_build_end(ev) && edgefn_handler(ev) && ev->response.status == 403; */
EDGEFN_API edgefn_error edgefn_build_begin(edgefn_event *ev, edgefn_dialect dialect,
                                           edgefn_event_type type, edgefn_arena arena,
                                           const edgefn_parse_opts *opts);

/* Ends building: the current content counts as received, and everything from here on is an edit. In
   CloudFront Functions the query and the cookies become lists and the cookie headers are removed,
   as in the events that CloudFront sends. Query and cookies may be supplied as text (querystring,
   the cookie header) or through their lists, not both.
   Returns: false on failure.
   Memory: about 360 bytes, and 80 per cookie and parameter.
   Fails: EDGEFN_E_MISSING without method, uri or, in response events, status, and for an origin
   without .kind; EDGEFN_E_CONFLICT if a text and its list were both supplied; EDGEFN_E_MISUSE
   without edgefn_build_begin(); EDGEFN_E_OOM. */
EDGEFN_API bool edgefn_build_end(edgefn_event *ev);

/* What a proxy must do with an event after its handler. */
typedef enum edgefn_outcome {
    EDGEFN_OUTCOME_FAIL,
    EDGEFN_OUTCOME_FORWARD,
    EDGEFN_OUTCOME_ANSWER
} edgefn_outcome;

/* Returns what the host must do with the event, for a host that applies the edits itself. Writes
   changed views (query, cookies) back and runs the same checks as edgefn_finish(). Afterwards
   edgefn_changed() and the change marks of the lists show what to apply.
   opts: .skip_check and .strict are used; may be NULL.
   Returns: EDGEFN_OUTCOME_FAIL (ev->err has the reason; also before edgefn_build_end()), _FORWARD
   the request or response with its edits, or _ANSWER with ev->response.
   Memory: the changed query and cookies as text.
   Fails: as edgefn_finish(). */
EDGEFN_API edgefn_outcome edgefn_outcome_of(edgefn_event *ev, const edgefn_write_opts *opts);

/* Reports whether this is a request event: viewer-request or origin-request. */
EDGEFN_API bool edgefn_is_request(const edgefn_event *ev);

/* Reports whether the request's method is GET or HEAD, the methods of a viewer who only reads. The
   method as it is now counts; HTTP compares it byte by byte.
   Events: all; in response events the request that is answered.
   Source: RFC 9110 section 9.3.
   Recipe: redirect_https, few_cookies
   Example:
       if (!edgefn_is_get_or_head(ev)) return edgefn_error_page(ev, 405); */
EDGEFN_API bool edgefn_is_get_or_head(const edgefn_event *ev);

/* Reports whether this is the last request event before the origin: origin-request of Lambda@Edge,
   or viewer-request of CloudFront Functions, which have no origin-request. In both, headers such as
   CloudFront-Viewer-Country are CloudFront's own. A handler that changes what the origin gets
   checks this to work in both dialects.
   Recipe: path_by_device, rewrite_prefix
   Example:
       if (!edgefn_is_last_request(ev)) return true;
       return edgefn_uri_replace_prefix(ev, EDGEFN_S(""), EDGEFN_S("/v2")); */
EDGEFN_API bool edgefn_is_last_request(const edgefn_event *ev);

/* Returns CloudFront's name of an event type: "viewer-request".
   Returns: static text; "" for EDGEFN_EVENT_TYPE_NONE. */
EDGEFN_API const char *edgefn_event_type_name(edgefn_event_type type);

/* Returns the received request (in response events, the response) as it is in the input: the result
   of a function that changes nothing.
   Returns: a view of the input; absent if parsing failed, and for an event built from parts. */
EDGEFN_API edgefn_str edgefn_passthrough(const edgefn_event *ev);

/* Returns a result that lets nothing through, for a host that cannot fail the invocation. It needs
   no memory.
   Returns: static text. Request events: a 503 response without headers. Response events, and if the
   event type is unknown: null, which CloudFront answers with a 502. */
EDGEFN_API edgefn_str edgefn_failed_result(const edgefn_event *ev);

/* Fails the event on purpose: for a handler that knows the reason, or a host whose handler returned
   false without one. Only the first failure counts.
   code: usually EDGEFN_E_HANDLER; EDGEFN_OK counts as that.
   subject: what the failure is about, or absent; must live as long as the event.
   Returns: false, so that a handler can return it.
   Example:
       if (ev->request.uri.len > 1000) return edgefn_fail(ev, EDGEFN_E_HANDLER, EDGEFN_S("uri")); */
EDGEFN_API bool edgefn_fail(edgefn_event *ev, edgefn_error code, edgefn_str subject);

/* Returns the host's random number for this event, the same at every call.
   draw: gets the number, uniformly distributed over 32 bits.
   Returns: false on failure.
   Fails: EDGEFN_E_ENVIRONMENT if the host supplied none.
   Example:
       uint32_t draw;
       if (!edgefn_draw(ev, &draw)) return false;
       bool tenth = draw < UINT32_MAX / 10;
       (void)tenth; */
EDGEFN_API bool edgefn_draw(edgefn_event *ev, uint32_t *draw);

/* Writes a line to the host's log (edgefn_env.log). Without a log it does nothing, and the event
   does not fail. It also works after a failure.
   text: the line, without a line end. Hosts replace control characters and cut long lines. Never
   pass a secret, token or password: logs are kept for long and read by many.
   Events: all.
   Recipe: basic_auth
   Example:
       edgefn_log(ev, EDGEFN_S("sign-in refused: no session cookie")); */
EDGEFN_API void edgefn_log(const edgefn_event *ev, edgefn_str text);

/* The type of a JSON value. */
typedef enum edgefn_json_type {
    EDGEFN_JSON_ABSENT, /* not there, or null */
    EDGEFN_JSON_STRING,
    EDGEFN_JSON_NUMBER,
    EDGEFN_JSON_BOOL,
    EDGEFN_JSON_OBJECT,
    EDGEFN_JSON_ARRAY
} edgefn_json_type;

/* A JSON value with its type: the string "true" and the boolean true differ. */
typedef struct edgefn_json {
    edgefn_json_type type;
    edgefn_str string; /* the unescaped text of a string; absent for all other types */
    edgefn_str text;   /* the value as JSON, as received: "\"a\"", 7, true, [1, 2]. null has the
                          type EDGEFN_JSON_ABSENT and the text "null" */
    size_t count;      /* the elements of an array or the members of an object; else 0 */
} edgefn_json;

/* Returns one value of a JSON text with its type. Checks all of json at every call.
   json: a JSON text, such as a body or the .text of another value.
   pointer: where the value is (RFC 6901): "/user/roles/0"; "" is the whole text. In a name, "~1" is
   '/' and "~0" is '~'. Of equal names the last counts.
   Returns: EDGEFN_JSON_ABSENT if there is no such value, if it is null, if json is invalid, if
   pointer is invalid, or on failure. Numbers: edgefn_str_to_u64(v.text). Booleans: compare v.text
   with "true".
   Fails: EDGEFN_E_OOM.
   Memory: the string, if it contains escapes; otherwise none.
   Time: bytes of json.
   Source: RFC 8259, RFC 6901.
   Recipe: graphql_guard
   Example:
       edgefn_str body = EDGEFN_S("{\"user\":{\"name\":\"J\\u00f6\",\"age\":\"7\"}}");
       edgefn_str name = edgefn_json_at(ev, body, EDGEFN_S("/user/name")).string;
       edgefn_json age = edgefn_json_at(ev, body, EDGEFN_S("/user/age"));
       assert(name.len == 3 && age.type == EDGEFN_JSON_STRING);
       assert(!edgefn_str_to_u64(age.text).ok); // "7" with quotation marks is not a number */
EDGEFN_API edgefn_json edgefn_json_at(edgefn_event *ev, edgefn_str json, edgefn_str pointer);

/* Handles one event: declared here, defined by you. Edit the event or answer it. Return events of
   other types unchanged.
   Returns: true; false fails the event, with EDGEFN_E_HANDLER unless it has an error already. */
EDGEFN_EXPORT bool edgefn_handler(edgefn_event *ev);

/*--- fields: headers, query parameters, cookies and custom headers share one type -----------------
   Lists: &ev->request.headers, &ev->response.headers, &ev->request.origin.headers,
   edgefn_query(ev), edgefn_cookies(ev), edgefn_response_cookies(ev).

   Strings that you pass are not copied and must stay valid until the event is written; literals and
   strings made by functions that take the event do. For others use edgefn_str_copy(). An absent
   value means "no such field": edgefn_set() and edgefn_set_at() remove the field, edgefn_add() does
   nothing. A value that a viewer sent may contain characters not allowed in its new place.

   Every edit fails with
     EDGEFN_E_MISUSE       if the event or the list was copied
     EDGEFN_E_EVENT_TYPE   for request lists in response events, for origin headers outside of
                           origin-request, and for a response that does not exist
     EDGEFN_E_DIALECT      if Cookie or Set-Cookie is set as a header in CloudFront Functions: use
                           the cookie lists, which work in both dialects
     EDGEFN_E_FIELD_NAME   headers: a name that is not a token (RFC 9110 section 5.6.2)
                           cookies: an empty name, white space around it, '=' or ';' in it
                           parameters: an empty name, '=' '&' '#' or a space in it
                           cookies and parameters: control characters or invalid UTF-8
     EDGEFN_E_FIELD_VALUE  headers: control characters but tab; cookies: control characters or ';';
                           parameters: control characters, '&' '#' or a space; all: invalid UTF-8
     EDGEFN_E_OOM          if memory runs out: a list's first edit copies it, 80 bytes for each
                           field, and each removed field takes 80 */

/* Finds the next field of a name.
   from: the index to start at.
   Returns: its index; f->len if there is none.
   Recipe: canonical_link
   Example:
       edgefn_fields *q = edgefn_query(ev);
       for (size_t i = edgefn_find(q, EDGEFN_S("id"), 0); i < q->len;
            i = edgefn_find(q, EDGEFN_S("id"), i + 1))
           if (q->items[i].value.len == 0) edgefn_set_at(q, i, EDGEFN_S("0")); */
EDGEFN_API size_t edgefn_find(const edgefn_fields *f, edgefn_str name, size_t from);

/* Returns the value of the first field of a name; absent if there is none. */
EDGEFN_API edgefn_str edgefn_get(const edgefn_fields *f, edgefn_str name);

/* Reports whether there is a field of that name. */
EDGEFN_API bool edgefn_has(const edgefn_fields *f, edgefn_str name);

/* Counts the fields of a name. */
EDGEFN_API size_t edgefn_count(const edgefn_fields *f, edgefn_str name);

/* Removes all fields of a name.
   Returns: false on failure only: true as well if there was nothing to remove.
   Recipe: tidy_response */
EDGEFN_API bool edgefn_remove(edgefn_fields *f, edgefn_str name);

/* Removes all fields whose name starts with prefix.
   Returns: as edgefn_remove().
   Recipe: tidy_response */
EDGEFN_API bool edgefn_remove_prefix(edgefn_fields *f, edgefn_str prefix);

/* Removes all fields except those of the listed names.
   names, count: an array and its length; EDGEFN_STRS() is both. With count 0 nothing stays.
   Returns: as edgefn_remove().
   Time: the fields multiplied by the names.
   Recipe: few_cookies
   Example:
       return edgefn_keep_only(edgefn_cookies(ev),
                               EDGEFN_STRS(EDGEFN_S("session"), EDGEFN_S("lang"))); */
EDGEFN_API bool edgefn_keep_only(edgefn_fields *f, const edgefn_str *names, size_t count);

/* Removes the fields that a function of yours selects.
   wanted: returns true for a field to remove. It is called once for each field, in order, and must
   not edit the list.
   user: passed to wanted.
   Returns: as edgefn_remove().
   Memory: one bit for each field while it runs.
   Time: linear, where edgefn_remove_at() in a loop is quadratic.
   Example:
       static bool without_value(const edgefn_field *field, void *user)
       {
           (void)user;
           return field->value.len == 0;
       }

       bool edgefn_handler(edgefn_event *ev)
       {
           return edgefn_remove_if(edgefn_query(ev), without_value, NULL);
       } */
EDGEFN_API bool edgefn_remove_if(edgefn_fields *f,
                                 bool (*wanted)(const edgefn_field *field, void *user), void *user);

/* Removes the field at an index; those after it move up. To remove many use edgefn_remove_if().
   Fails: as every edit; EDGEFN_E_OPTIONS if index is not below f->len; EDGEFN_E_CONFLICT for a
   cookie header that edgefn_outcome_of() or a write made from edited cookies. */
EDGEFN_API bool edgefn_remove_at(edgefn_fields *f, size_t index);

/* Changes the value of the field at an index; absent removes the field. Setting the same value
   again is no change.
   Fails: as edgefn_remove_at(). */
EDGEFN_API bool edgefn_set_at(edgefn_fields *f, size_t index, edgefn_str value);

/* Adds a field, even if fields of that name exist. In headers and in the cookies of CloudFront
   Functions it is placed after the last field of that name, otherwise at the end of the list. A
   header that was received and then removed returns to its place. */
EDGEFN_API bool edgefn_add(edgefn_fields *f, edgefn_str name, edgefn_str value);

/* Makes a value the only one of its name. The first field of that name keeps its place and
   spelling, further ones are removed; without one, a new field is added at the end. Setting the
   same value again is not a change. In a new header of Lambda@Edge the entry's "key" is spelled
   like name, and the map key is lower case.
   Recipe: body_hash
   Example:
       edgefn_str host = edgefn_get(&ev->request.headers, EDGEFN_S("host"));
       edgefn_set(&ev->request.headers, EDGEFN_S("X-Forwarded-Host"), host); */
EDGEFN_API bool edgefn_set(edgefn_fields *f, edgefn_str name, edgefn_str value);

/* Sets each of several constant headers, as edgefn_set() does, in less time: their texts are ready,
   are checked once, and are copied as they are.
   f: headers of the request or the response, or an origin's custom headers.
   headers, count: made by EDGEFN_CONST_HEADER(); they stay as they are until the result is written.
   Returns: as edgefn_set(); false at the first that cannot be set.
   Memory, fails, events: as edgefn_set().
   Example:
       static const edgefn_const_header usual[] = {
           EDGEFN_CONST_HEADER("x-content-type-options", "nosniff"),
           EDGEFN_CONST_HEADER("x-frame-options", "DENY"),
       };
       return edgefn_set_const(&ev->response.headers, usual, EDGEFN_COUNT_OF(usual)); */
EDGEFN_API bool edgefn_set_const(edgefn_fields *f, const edgefn_const_header *headers,
                                 size_t count);

/* Sorts a list by name, byte by byte, for cache keys. Fields of one name keep their order, which
   many origins rely on. A list that is already sorted is not changed.
   Memory: as for the first edit; 80 bytes for each field while it runs.
   Time: n log n.
   Recipe: few_cookies */
EDGEFN_API bool edgefn_sort(edgefn_fields *f);

/*--- headers ------------------------------------------------------------------------------------*/

/* Reports whether a string may be the value of a header: UTF-8 without control characters other
   than tab. edgefn_set() and the other editing functions accept exactly these.
   Returns: false if s is absent.
   Source: RFC 9110 section 5.5. */
EDGEFN_API bool edgefn_header_value_ok(edgefn_str s);

/* Reports whether a comma-separated list such as "Connection: close, Upgrade" has an element,
   ignoring case.
   Source: RFC 9110 section 5.6.1.
   Recipe: cache_safety */
EDGEFN_API bool edgefn_header_has_token(edgefn_str value, edgefn_str token);

/* Reports whether the value of Content-Type names a media type, ignoring case and parameters:
   "text/html" in "Text/HTML; charset=utf-8".
   value: the header's value. type: a media type without parameters; there are no wildcards.
   Returns: false if either is absent.
   Source: RFC 9110 section 8.3.1.
   Recipe: read_form, tracking_cookie
   Example:
       edgefn_str type = edgefn_get(&ev->request.headers, EDGEFN_S("content-type"));
       if (!edgefn_header_has_type(type, EDGEFN_S("application/json")))
           return edgefn_error_page(ev, 415); */
EDGEFN_API bool edgefn_header_has_type(edgefn_str value, edgefn_str type);

/* Returns the credentials in the value of Authorization: "abc" for "bearer" in "Bearer abc".
   value: the header's value. scheme: its first word, compared ignoring case.
   Returns: what follows the scheme and one space, without white space around it, which may be "";
   absent for another scheme, and for a scheme without a space.
   Source: RFC 9110 section 11.4; RFC 6750 section 2.1; RFC 7617 section 2.
   Recipe: basic_auth, confirm_elsewhere
   Example:
       edgefn_str sent = edgefn_get(&ev->request.headers, EDGEFN_S("authorization"));
       edgefn_str token = edgefn_header_credentials(sent, EDGEFN_S("Bearer"));
       if (token.len == 0) return edgefn_error_page(ev, 401); */
EDGEFN_API edgefn_str edgefn_header_credentials(edgefn_str value, edgefn_str scheme);

/* Returns the value of a directive of Cache-Control or a similar header, ignoring the case of
   names: "60" for max-age in "private, max-age=60".
   Returns: the first of equal names, without quotation marks; "" if it has no value; absent if
   there is none.
   Source: RFC 9111 section 5.2.
   Recipe: cache_control_by_path */
EDGEFN_API edgefn_str edgefn_header_directive(edgefn_str value, edgefn_str name);

/* Chooses a media type by Accept, or a content coding by Accept-Encoding.
   value: the header's value.
   offers, count: what the site has. Their order only decides ties, and without a header the first
   is chosen: put first what every client understands.
   Each offer gets the weight of the most specific range that matches it: type and subtype with
   parameters, without parameters, a type with any subtype, anything; for codings the name, then
   "*". q=0 rejects.
   Then
     1. the offer with the highest weight wins;
     2. among equal weights, the offer whose range is more specific: one that the client names wins
        over one that only a wildcard matches;
     3. among equally specific ranges, the first offer: for "*" alone the result is 0.
   Ranges with an invalid weight (q=2, q=1.0000, q=abc) are ignored. "identity" is acceptable unless
   it is rejected; if no range matches it, it comes last. x-gzip is gzip, x-compress is compress.
   Returns: the offer's index; 0 if value is absent; count if no offer is acceptable, also for an
   empty value.
   Time: bytes of value times offers.
   Source: RFC 9110 sections 8.4.1, 12.4.2, 12.5.1, 12.5.3.
   Recipe: image_by_accept
   Example:
       static const edgefn_str offers[] = { EDGEFN_S_INIT("image/jpeg"),
                                            EDGEFN_S_INIT("image/avif") };
       edgefn_str accept = edgefn_get(&ev->request.headers, EDGEFN_S("accept"));
       bool avif = edgefn_header_negotiate(accept, offers, 2) == 1;
       (void)avif; */
EDGEFN_API size_t edgefn_header_negotiate(edgefn_str value, const edgefn_str *offers, size_t count);

/* Chooses a language by Accept-Language: takes the range with the highest weight and shortens it
   until it equals an offer. "de-CH" finds "de", but "de" does not find "de-CH".
   value: the header's value. offers, count: the site's languages, its default first.
     1. A higher weight wins; among equal weights, the range that comes first in the header.
     2. Of the offers that a range finds, the longest wins.
     3. "*" finds the first offer that is not rejected, if no other range finds one.
   q=0 rejects the offers that begin with that range, unless a longer range accepts them.
   Returns: the offer's index; 0 if value is absent; count if no offer is acceptable.
   Time: bytes of value times offers.
   Source: RFC 4647 section 3.4; RFC 9110 section 12.5.4.
   Recipe: language_path */
EDGEFN_API size_t edgefn_header_language(edgefn_str value, const edgefn_str *offers, size_t count);

/* Adds a name to the response's Vary header unless it or "*" is there. "*" replaces all names. A
   received value that could not be written back is not extended.
   Memory: that of the edits (see >>api, fields), and the texts that are set.
   Fails: as every edit; EDGEFN_E_OPTIONS if name is not a token.
   Events: response events; request events with an answer.
   Recipe: image_by_accept */
EDGEFN_API bool edgefn_header_vary(edgefn_event *ev, edgefn_str name);

/* Sets the security headers that edgefn_security_opts lists, and X-Content-Type-Options: nosniff.
   opts: NULL for the defaults.
   Memory: that of the edits (see >>api, fields), and the texts that are set.
   Fails: as every edit.
   Events: response events; request events with an answer.
   Source: RFC 6797; RFC 7034; Content Security Policy Level 3.
   Recipe: security_headers, add_security_headers */
EDGEFN_API bool edgefn_header_security(edgefn_event *ev, const edgefn_security_opts *opts);

/* Applies CORS; call it in request and response events alike. A preflight (OPTIONS with Origin and
   Access-Control-Request-Method) is answered with status 204; other requests pass. A response, or
   an answer set before, gets the headers its request's Origin is entitled to, and all other CORS
   headers are removed. A disallowed origin gets none; "null" is disallowed unless .any_origin is
   set. Vary: Origin is set unless .any_origin is.
   opts: NULL allows no origin.
   Memory: that of the edits (see >>api, fields), and the texts that are set.
   Fails: as every edit; EDGEFN_E_OPTIONS for credentials with "*", for origins with .any_origin,
   and for an invalid origin ("*", "null", one with a path).
   Events: viewer events; origin events if Origin is in the cache key.
   Source: Fetch standard, CORS protocol.
   Recipe: cors_preflight
   Example:
       return edgefn_header_cors(ev, &(edgefn_cors_opts){
           .origins = EDGEFN_STRS(EDGEFN_S("https://app.example.com")),
           .methods = EDGEFN_S("PUT") }); */
EDGEFN_API bool edgefn_header_cors(edgefn_event *ev, const edgefn_cors_opts *opts);

/* Sets the response's Cache-Control from options.
   opts: NULL for max-age=0.
   Memory: that of the edits (see >>api, fields), and the texts that are set.
   Fails: as every edit; EDGEFN_E_OPTIONS for options that contradict each other.
   Events: response events; request events with an answer.
   Source: RFC 9111 section 5.2.2; RFC 5861 section 3; RFC 8246.
   Recipe: cache_control_by_path */
EDGEFN_API bool edgefn_header_cache(edgefn_event *ev, const edgefn_cache_opts *opts);

/* Sets a request header that the origin trusts, such as the name of the viewer. What the viewer
   sent under that name is removed, also under names that servers read as the same because they do
   not distinguish characters other than letters and digits: X_User and X.User for X-User.
   value: absent only removes. Remove it from every request, not only where a value is known.
   Memory: that of the edits (see >>api, fields).
   Fails: as every edit.
   Events: request events.
   Source: RFC 3875 section 4.1.18, where '-' becomes '_'.
   Recipe: confirm_elsewhere, client_address
   Example:
       edgefn_str token = edgefn_cookie_get(ev, EDGEFN_S("session"));
       edgefn_str user = edgefn_lookup(ev, EDGEFN_S("auth"), token);
       return edgefn_header_trusted(ev, EDGEFN_S("X-User"), user); // absent: nobody */
EDGEFN_API bool edgefn_header_trusted(edgefn_event *ev, edgefn_str name, edgefn_str value);

/*--- query --------------------------------------------------------------------------------------*/

/* Returns the query's parameters in order, as received: percent-encoding is not decoded. They are
   parsed from the raw query on first use. A parameter without '=' has the value "" and stays
   without '=' unless its value is changed. The raw query is rewritten only if the list is changed.
   edgefn_get(), edgefn_remove() and the other list functions compare names as received: use
   edgefn_query_get(), _find() and _remove() for parameters in any percent spelling.
   Returns: never NULL; an empty list if there are none and on failure.
   Memory: 80 bytes for each parameter.
   Fails: EDGEFN_E_OOM; EDGEFN_E_CONFLICT if the raw query and this list were both changed.
   Events: all; edits in request events. */
EDGEFN_API edgefn_fields *edgefn_query(edgefn_event *ev);

/* Replaces the whole query by raw text. An unchanged edgefn_query() list is parsed again.
   querystring: without the '?'; "" for an empty query.
   Fails: EDGEFN_E_FIELD_VALUE for an absent string, a space, '#', control character, invalid UTF-8,
   or '?' at the start unless the received query starts with one; EDGEFN_E_CONFLICT if
   edgefn_query() was changed; EDGEFN_E_EVENT_TYPE outside request events.
   Events: request events.
   Recipe: move_to_s3 */
EDGEFN_API bool edgefn_query_set_raw(edgefn_event *ev, edgefn_str querystring);

/* Returns the query as text without the '?', edits of edgefn_query() included, in both dialects.
   Returns: "" if there is none; absent on failure.
   Memory: its length if it has to be written.
   Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_query_text(edgefn_event *ev);

/* Finds the next parameter of a name in any percent spelling: origins read %61uth=1 as "auth". In
   each name %XX is decoded once, and '+' is a space; case counts.
   name: plain text, not encoded.
   from: the index to start at.
   Returns: its index in edgefn_query(); the list's len if there is none.
   Memory: as edgefn_query().
   Fails: as edgefn_query(). */
EDGEFN_API size_t edgefn_query_find(edgefn_event *ev, edgefn_str name, size_t from);

/* Returns the decoded value of the first parameter of a name in any percent spelling. If a name
   occurs twice the origin may read the other one: check with edgefn_query_find() where this
   matters.
   name: plain text, not encoded.
   Returns: absent if there is none and on failure. The value may contain any byte.
   Memory: as edgefn_query(); the length of a value in which something is encoded.
   Fails: as edgefn_query().
   Recipe: signed_link
   Example:
       if (edgefn_str_eq(edgefn_query_get(ev, EDGEFN_S("view")), EDGEFN_S("print")))
           ev->request.uri = EDGEFN_S("/print.html"); */
EDGEFN_API edgefn_str edgefn_query_get(edgefn_event *ev, edgefn_str name);

/* Removes all parameters of a name, in any percent spelling.
   name: plain text, not encoded. With '*' at its end it is a prefix: "utm_*".
   The others stay as received: edgefn_query_normalize() with .drop also encodes a space in them,
   which the result may not contain.
   Returns: as edgefn_remove().
   Memory: that of the edits (see >>api, fields).
   Fails: as edgefn_query(), and as every edit.
   Events: request events.
   Example:
       return edgefn_query_remove(ev, EDGEFN_S("utm_*")); */
EDGEFN_API bool edgefn_query_remove(edgefn_event *ev, edgefn_str name);

/* Rewrites the query so that queries of the same meaning become the same text, for cache keys:
   removes the parameters that opts names, writes equivalent encodings in one way, and sorts by
   name. Parameters of one name keep their order, and equal ones stay
   ("load[]=jquery&load[]=common"), unless .sort_values is set. Normalising a second time changes
   nothing.
   Letters, digits and - . _ ~ are decoded (%41 becomes A); %2f becomes %2F; characters that a query
   must not contain ([ ] | " non-ASCII, a '%' without two hex digits) are encoded. Reserved
   characters stay as they are: %2F does not become '/'. "a" and "a=" stay different, but if both
   occur .sort_values keeps only "a". If the text changes, the list of edgefn_query() is parsed
   again, without change marks.
   opts: NULL for the defaults.
   Memory: 32 bytes for each parameter and three times the text; 80 bytes more for each if
   edgefn_query() was called before; nothing if nothing changes.
   Fails: EDGEFN_E_EVENT_TYPE outside request events; EDGEFN_E_CONFLICT if the raw query and the
   list were both changed; EDGEFN_E_OOM.
   Events: request events.
   Source: RFC 3986 section 6.2.2.
   Recipe: cache_key
   Example:
       return edgefn_query_normalize(ev, &(edgefn_query_opts){
           .drop = EDGEFN_STRS(EDGEFN_S("utm_*"), EDGEFN_S("gclid")) }); */
EDGEFN_API bool edgefn_query_normalize(edgefn_event *ev, const edgefn_query_opts *opts);

/* Takes the next pair from a form body or query, undecoded. Empty pairs are skipped; a pair without
   '=' has the value "". Decode names and values with edgefn_percent_decode(ev, s, true).
   rest: the text at first; each call sets it to the text after the pair.
   name, value: receive the pair.
   Returns: false at the end.
   Source: WHATWG URL, application/x-www-form-urlencoded parsing.
   Recipe: form_fields */
EDGEFN_API bool edgefn_form_next(edgefn_str *rest, edgefn_str *name, edgefn_str *value);

/* Decodes each %XX once; a '%' without two hex digits stays. The result may contain any byte, also
   NUL and invalid UTF-8: setters reject what their place cannot carry.
   plus_is_space: true for forms and queries, in which '+' is a space.
   Returns: s itself if nothing is encoded; absent for an absent s and on failure.
   Memory: at most s.len bytes.
   Fails: EDGEFN_E_OOM.
   Source: RFC 3986 section 2.1; WHATWG URL, percent-decode.
   Recipe: form_fields */
EDGEFN_API edgefn_str edgefn_percent_decode(edgefn_event *ev, edgefn_str s, bool plus_is_space);

/* Encodes a string as upper-case %XX, except letters, digits, - . _ ~ and the bytes of keep.
   keep: further bytes that stay; "!*'()" for the result of encodeURIComponent(); absent for none.
   Returns: s itself if nothing is to encode; absent for an absent s and on failure.
   Memory: at most 3 bytes for each byte of s.
   Fails: EDGEFN_E_OOM.
   Source: RFC 3986 section 2.1.
   Recipe: canonical_link */
EDGEFN_API edgefn_str edgefn_percent_encode(edgefn_event *ev, edgefn_str s, edgefn_str keep);

/* Encodes a name or value of a form or query as browsers do: letters, digits and * - . _ stay, a
   space becomes '+', all other bytes upper-case %XX, also '~'.
   Returns: s itself if nothing is to encode; absent for an absent s and on failure.
   Memory: at most 3 bytes for each byte of s.
   Fails: EDGEFN_E_OOM.
   Source: WHATWG URL, application/x-www-form-urlencoded percent-encode set.
   Recipe: sign_in_elsewhere */
EDGEFN_API edgefn_str edgefn_form_encode(edgefn_event *ev, edgefn_str s);

/*--- cookies ------------------------------------------------------------------------------------*/

/* Returns the request's cookies from all Cookie headers, in order. In Lambda@Edge they are parsed
   on first use. Text without '=' is the value of a cookie without a name. The headers are rewritten
   only if the list is changed.
   Returns: never NULL; an empty list if there are none and on failure.
   Memory: 80 bytes for each cookie in Lambda@Edge.
   Fails: EDGEFN_E_OOM; EDGEFN_E_CONFLICT if the Cookie headers and this list were both changed.
   Events: all; edits in request events.
   Source: RFC 6265 section 5.4; CloudFront Functions event structure, Cookies.
   Recipe: session_cookie
   Example:
       if (!edgefn_has(edgefn_cookies(ev), EDGEFN_S("session")))
           return edgefn_redirect_to(ev, EDGEFN_S("https://example.com/sign-in"), NULL); */
EDGEFN_API edgefn_fields *edgefn_cookies(edgefn_event *ev);

/* Returns the value of the request's first cookie of a name, without making the list.
   Returns: as edgefn_get(edgefn_cookies(ev), name): absent if there is none and on failure.
   Memory: none; that of edgefn_cookies() for the name "".
   Fails: as edgefn_cookies().
   Events: all.
   Recipe: image_by_cookie
   Example:
       if (!edgefn_str_eq(edgefn_cookie_get(ev, EDGEFN_S("lang")), EDGEFN_S("de"))) return true; */
EDGEFN_API edgefn_str edgefn_cookie_get(edgefn_event *ev, edgefn_str name);

/* Returns the response's cookies, one field for each Set-Cookie, with the attributes apart. In
   Lambda@Edge they are parsed on first use, and only the Set-Cookie headers of changed cookies are
   rewritten. They are never joined.
   Returns: never NULL; an empty list if there are none and on failure.
   Memory: 80 bytes for each cookie in Lambda@Edge.
   Fails: EDGEFN_E_OOM; EDGEFN_E_CONFLICT if the Set-Cookie headers and this list were both changed.
   Events: response events; request events with an answer.
   Recipe: harden_cookies */
EDGEFN_API edgefn_fields *edgefn_response_cookies(edgefn_event *ev);

/* Replaces the attributes of a response cookie.
   set_cookies: the list of edgefn_response_cookies().
   attributes: the text after the first ';', such as "Path=/; Secure"; absent removes them.
   Fails: as every edit; EDGEFN_E_OPTIONS if index is not below the list's len, or for any other
   list.
   Recipe: harden_cookies
   Example:
       edgefn_fields *c = edgefn_response_cookies(ev);
       if (!edgefn_set(c, EDGEFN_S("seen"), EDGEFN_S("1"))) return false;
       return edgefn_set_attributes_at(c, edgefn_find(c, EDGEFN_S("seen"), 0),
                                       EDGEFN_S("Path=/; Secure; HttpOnly; SameSite=Lax")); */
EDGEFN_API bool edgefn_set_attributes_at(edgefn_fields *set_cookies, size_t index,
                                         edgefn_str attributes);

/* Sets a cookie of the response, in place of all of that name, with the attributes "Path=/; Secure;
   HttpOnly; SameSite=Lax" unless opts says otherwise.
   name: as browsers accept it: not empty, without '=', ';' and control characters, no white space
   around it.
   value: printable ASCII except space, '"', ',', ';' and backslash; at most 4,096 bytes with the
   name. Absent removes the cookie from the response.
   opts: NULL for the defaults.
   Memory: that of the edits (see >>api, fields), and the texts that are set.
   Fails: as every edit; EDGEFN_E_FIELD_VALUE for any other value; EDGEFN_E_OPTIONS for options that
   browsers reject: see edgefn_cookie_opts, and a name with the prefix __Host- (in any case) with a
   domain or with a path other than "/".
   Events: response events; request events with an answer.
   Source: RFC 6265bis sections 4.1, 5.6 and 5.7.
   Recipe: session_cookie
   Example:
       return edgefn_cookie_set(ev, EDGEFN_S("__Host-sid"), EDGEFN_S("31d4d96e"),
                                &(edgefn_cookie_opts){ .max_age_s = 86400 }); */
EDGEFN_API bool edgefn_cookie_set(edgefn_event *ev, edgefn_str name, edgefn_str value,
                                  const edgefn_cookie_opts *opts);

/* Makes the browser delete a cookie.
   opts: .path and .domain must be those the cookie was set with; NULL for the defaults.
   Memory: that of the edits (see >>api, fields), and the texts that are set.
   Fails: as edgefn_cookie_set().
   Events: response events; request events with an answer.
   Recipe: session_cookie */
EDGEFN_API bool edgefn_cookie_expire(edgefn_event *ev, edgefn_str name,
                                     const edgefn_cookie_opts *opts);

/* Returns the value of an attribute of a Set-Cookie, ignoring the case of names:
   edgefn_cookie_attribute(c->items[i].attributes, EDGEFN_S("max-age")).
   Returns: the last of equal names; "" if it has no value; absent if there is none. Values above
   1,024 bytes are ignored, as browsers do.
   Source: RFC 6265bis section 5.6.
   Recipe: harden_cookies */
EDGEFN_API edgefn_str edgefn_cookie_attribute(edgefn_str attributes, edgefn_str name);

/*--- uri ----------------------------------------------------------------------------------------*/

/* Replaces the request's path. The same as assigning ev->request.uri, but checked at once instead
   of when the event is written.
   uri: begins with '/', without '?' and '#'.
   Fails: EDGEFN_E_URI; EDGEFN_E_EVENT_TYPE outside request events.
   Events: request events.
   Source: Restrictions on all edge functions, URI and query string. */
EDGEFN_API bool edgefn_uri_set(edgefn_event *ev, edgefn_str uri);

typedef struct edgefn_path {
    edgefn_str dir, base, stem, ext;
} edgefn_path;
/* The parts of a URL, undecoded. A missing part is absent, except path, which is then "". ok ==
   false: the URL is absent, contains a space, control character, backslash or byte beyond ASCII, or
   has an invalid host or port. */
typedef struct edgefn_url_parts {
    edgefn_str scheme, userinfo, host, port, path, query, fragment;
    bool ok;
} edgefn_url_parts;

/* Splits a path: "/a/b.tar.gz" is dir "/a/", base "b.tar.gz", stem "b.tar" and ext "gz". ext is
   absent if there is no extension, as in "/.htaccess".
   Recipe: few_cookies */
EDGEFN_API edgefn_path edgefn_path_split(edgefn_str path);

/* Returns one segment of a path, undecoded: of "/a/b" segment 0 is "a" and segment 1 is "b".
   Segment 1 of "/a/" is "".
   Returns: absent after the last segment.
   Recipe: image_links */
EDGEFN_API edgefn_str edgefn_path_segment(edgefn_str path, size_t index);

/* Splits a URL, absolute or relative. Check .ok before you rely on .host.
   Source: RFC 3986 section 3.
   Recipe: hotlink_guard */
EDGEFN_API edgefn_url_parts edgefn_url_split(edgefn_str url);

/* Returns the request's absolute URL with the edits of edgefn_query(). The scheme is https, or http
   if CloudFront-Forwarded-Proto says so. The host is the Host header; in origin events that may be
   the origin's name. Characters that a URL may not contain are percent-encoded.
   Returns: absent without a valid Host header, for a path that does not begin with '/', and when it
   failed.
   Memory: its length.
   Fails: EDGEFN_E_OOM.
   Recipe: sign_in_elsewhere */
EDGEFN_API edgefn_str edgefn_url(edgefn_event *ev);

/* Returns the end of edgefn_url(): "/path", or "/path?query" if there is a query, with the edits of
   edgefn_query(). Characters that a URL may not contain are percent-encoded. It begins with "//" if
   the path does, which browsers read as another host: edgefn_redirect_to() refuses that, but a page
   it is passed to must, too.
   Returns: absent for a path that does not begin with '/', and when it failed.
   Memory: its length.
   Fails: EDGEFN_E_OOM; the errors of edgefn_query_text().
   Recipe: jwt_sign_in, oauth_start
   Example:
       edgefn_set(&ev->request.headers, EDGEFN_S("x-page"), edgefn_path_and_query(ev)); */
EDGEFN_API edgefn_str edgefn_path_and_query(edgefn_event *ev);

/* Rewrites the path into its normal form. %XX of letters, digits and - . _ ~ is decoded, once. All
   other %XX (%2F, %5C, %25) stays, in upper case. Characters that a path may not contain are
   encoded, and so is a '%' without two hex digits. A backslash becomes '/', as in browsers; runs of
   '/' become one; dot segments are resolved. Normalising a second time changes nothing.
   Memory: the length of the new path.
   Fails: EDGEFN_E_EVENT_TYPE outside request events; EDGEFN_E_URI for a path that does not begin
   with '/'; EDGEFN_E_OOM.
   Events: request events.
   Source: RFC 3986 sections 5.2.4 and 6.2.2.
   Recipe: rewrite_prefix, redirect_map */
EDGEFN_API bool edgefn_uri_normalize(edgefn_event *ev);

/* Reports whether a path matches a pattern, for routing. The path is compared as
   edgefn_uri_normalize() spells it, but with %XX decoded, all but %2F. Case counts. To protect a
   path call edgefn_uri_guards().
   pattern: UTF-8, not encoded. '*' is any run of characters, '/' included, and '?' is one
   character. All of the path must match, from the '/' at its beginning, which a pattern may leave
   out and a '*' includes. "/admin/" followed by '*' matches neither "/admin" nor "/administrator".
   Returns: false if either is absent or empty, and for a path above 8,192 bytes, which CloudFront
   refuses.
   Memory: none.
   Time: the length of the path, at worst multiplied by that of the longest piece between two '*',
   because a '?' in a piece rules out a linear string search. Patterns are the handler's own;
   CloudFront's have at most 255 bytes.
   Source: All distribution settings reference, Path pattern.
   Example:
       if (edgefn_uri_match(ev->request.uri, EDGEFN_S("*.jpg")))
           return edgefn_set(&ev->request.headers, EDGEFN_S("x-class"), EDGEFN_S("image")); */
EDGEFN_API bool edgefn_uri_match(edgefn_str uri, edgefn_str pattern);

/* Reports whether a path matches one pattern of a list: edgefn_uri_match() for each.
   patterns, count: an array and its length; EDGEFN_STRS() is both.
   Returns: false for an empty list.
   Memory: none.
   Time: that of edgefn_uri_match(), multiplied by the patterns.
   Recipe: path_by_country
   Example:
       if (edgefn_uri_match_any(ev->request.uri, EDGEFN_STRS(EDGEFN_S("*.jpg"), EDGEFN_S("*.png"))))
           return edgefn_set(&ev->request.headers, EDGEFN_S("x-class"), EDGEFN_S("image")); */
EDGEFN_API bool edgefn_uri_match_any(edgefn_str uri, const edgefn_str *patterns, size_t count);

/* Reports whether all servers read a path in the same way, apart from the case of letters. Such a
   path begins with '/'. When decoded it is UTF-8 and contains no dot segment, "//", backslash, ';',
   control character or '%': so it has no %25, and no '%' without two hex digits. It has no %2F, and
   no unencoded '+', which Amazon S3 reads as a space and other servers do not. If your site needs
   no other paths, answer them with status 400.
   Returns: false also above 8,192 bytes.
   Memory: none.
   Recipe: rewrite_prefix */
EDGEFN_API bool edgefn_uri_plain(edgefn_str uri);

/* Reports whether a path may be one that a pattern protects. Servers decode paths in different
   ways: where they may disagree, this returns true rather than false.
   pattern: as for edgefn_uri_match(), but the letters A to Z match in either case, and '+' and
   space are the same. "/admin/" and '*' does not match "/admin": to protect a folder and its own
   name without "/administrator", call it for both patterns.
   Returns: for a path that is edgefn_uri_plain(), whether it matches the pattern. For any other
   path, whether it contains the pattern's literal pieces in their order. The pieces are the text
   between '*', '?' and '/'; a piece at the beginning of the pattern or after a '/' must begin a
   segment. The path is first decoded until nothing is left to decode: %XX, %uXXXX, '+' as a space,
   backslash as '/'. The case of letters is ignored.
   Also true if uri or pattern is absent or empty, and for a path above 8,192 bytes. For a path that
   is not plain, also true if the pattern has no pieces or contains '%', and if the decoded path
   contains a control character, a %uXXXX above 007F, or invalid UTF-8.
   If the path has an escape, hexadecimal digits and 'u' at the beginning of a piece after '*' or
   '?' are not compared, because they may belong to it.
   Covered: servers that decode any number of times, wholly or in part, before or after their other
   steps; resolve dot segments; merge "//"; remove ";..." from a segment; read backslash as '/', or
   '+' as a space; end a path at NUL; ignore case.
   Not covered: dots or spaces that a file system removes from the end of a name; other names of a
   file ("admini~1", "::$DATA", links); letters beyond ASCII that the file system treats as equal; a
   script that is found by the beginning of a path ("/x.php/y" for "*.php"); paths in a query or
   body.
   An exception from a guard ("all but /public/") must match its own pattern with edgefn_uri_match()
   and be edgefn_uri_plain().
   Memory: none.
   Time: as edgefn_uri_match().
   Recipe: basic_auth, jwt_sign_in
   Example:
       edgefn_str uri = ev->request.uri;
       if (edgefn_uri_guards(uri, EDGEFN_S("/admin"))
           || edgefn_uri_guards(uri, EDGEFN_S("/admin/" "*")))
           return edgefn_respond(ev, 403, NULL); */
EDGEFN_API bool edgefn_uri_guards(edgefn_str uri, edgefn_str pattern);

/* Reports whether a path may be one that a pattern of a list protects: edgefn_uri_guards() for
   each.
   patterns, count: an array and its length; EDGEFN_STRS() is both.
   Returns: false for an empty list, which protects nothing.
   Memory: none.
   Time: that of edgefn_uri_guards(), multiplied by the patterns.
   Recipe: confirm_elsewhere, request_filter
   Example:
       edgefn_str uri = ev->request.uri;
       if (edgefn_uri_guards_any(uri, EDGEFN_STRS(EDGEFN_S("/admin"), EDGEFN_S("/admin/" "*"))))
           return edgefn_respond(ev, 403, NULL); */
EDGEFN_API bool edgefn_uri_guards_any(edgefn_str uri, const edgefn_str *patterns, size_t count);

/* Replaces the first segments of the path: with "/v1" and "/v2", "/v1/x" becomes "/v2/x" and "/v10"
   stays. The path is compared byte for byte: normalise it first.
   from: the segments to replace. "" inserts `to` at the beginning.
   to: the new segments. "" removes them.
   In both, a '/' at the beginning may be left out, and one at the end does not count.
   Memory: the length of the new path.
   Fails: EDGEFN_E_URI; EDGEFN_E_EVENT_TYPE outside request events; EDGEFN_E_OOM.
   Events: request events.
   Recipe: rewrite_prefix */
EDGEFN_API bool edgefn_uri_replace_prefix(edgefn_event *ev, edgefn_str from, edgefn_str to);

/* Appends the name of a folder's index file: "/a/" becomes "/a/index.html", and so does "/a", which
   has no extension.
   index: absent means index.html; "" only appends the '/'.
   Memory: the length of the new path.
   Fails: the errors of edgefn_uri_replace_prefix().
   Events: request events.
   Recipe: index_pages */
EDGEFN_API bool edgefn_uri_add_index(edgefn_event *ev, edgefn_str index);

/* Removes every '/' at the end of the path. "/" stays.
   Fails: EDGEFN_E_URI; EDGEFN_E_EVENT_TYPE outside request events.
   Events: request events.
   Recipe: redirect_map */
EDGEFN_API bool edgefn_uri_drop_slash(edgefn_event *ev);

/* Encodes the path as Amazon S3 and its signatures need it: everything but letters, digits and
   - . _ ~ / as %XX, and nothing twice. '+', which S3 reads as a space, becomes %2B. "//" and dot
   segments may be part of a key and stay.
   Memory: the length of the new path.
   Fails: EDGEFN_E_EVENT_TYPE outside request events; EDGEFN_E_URI; EDGEFN_E_OOM.
   Events: request events.
   Source: Naming Amazon S3 objects.
   Recipe: move_to_s3 */
EDGEFN_API bool edgefn_uri_encode_s3(edgefn_event *ev);

/*--- user agent and device (not with EDGEFN_NO_UA) ----------------------------------------------*/

#  ifndef EDGEFN_NO_UA

/* Bits of edgefn_ua.device. Several may be set, as by CloudFront (a tablet is often mobile, too).
   At least one of the first four is. */
enum {
    EDGEFN_DEVICE_MOBILE = 1,
    EDGEFN_DEVICE_TABLET = 2,
    EDGEFN_DEVICE_DESKTOP = 4,
    EDGEFN_DEVICE_TV = 8,
    EDGEFN_DEVICE_IOS = 16,
    EDGEFN_DEVICE_ANDROID = 32
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

typedef enum edgefn_browser { /* ANDROID: the old "Browser" app. IE: up to 11 */
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

/* PREVIEW: shows a preview of a link, in social networks and messengers. MONITOR: measures whether
   a site is up and fast. AI: collects text for a language model, or browses for one. TOOL: command
   lines, libraries, test browsers. OTHER: calls itself a bot, or does not look like a browser. */
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
    uint32_t device; /* bits: EDGEFN_DEVICE_MOBILE ... */
    edgefn_os os;
    edgefn_browser browser;
    uint32_t major; /* of the browser's version; 0: unknown */
    edgefn_bot bot;
    edgefn_str
        bot_name; /* a part of the text: "Googlebot". Absent unless it is a bot with a name */
} edgefn_ua;

/* Classifies the text of a User-Agent header by keywords. The default is desktop, as in CloudFront;
   a text without any known word is also reported as a bot. Game consoles count as TV, handheld ones
   as mobile. Some words count only in certain places: "TV" in the name of an app does not make a
   phone a TV. On Android, "Mobile" outranks the short words that TVs have in their names; iPhone,
   iPad and iPod outrank every word for a TV. A text that names only an operating system and does
   not begin with Mozilla is a tool; a name after "like Gecko; compatible;" is a bot. User agents
   can be forged: do not use this for access control.
   Time: linear in the text.
   Recipe: app_download */
EDGEFN_API edgefn_ua edgefn_ua_parse(edgefn_str text);

/* Classifies the viewer of an event. Client hints decide first (Sec-CH-UA, -Mobile, -Platform,
   -Form-Factors); then CloudFront-Is-*-Viewer, where CloudFront wrote it (not in Lambda@Edge viewer
   events); then User-Agent. "Amazon CloudFront", which Lambda@Edge origin events may have there, is
   ignored.
   Events: all.
   Source: Add CloudFront request headers, Device type headers; Restrictions on Lambda@Edge; W3C
   User-Agent Client Hints.
   Recipe: block_bots, device_key
   Example:
       if (edgefn_ua_of(ev).bot == EDGEFN_BOT_AI) return edgefn_respond(ev, 403, NULL); */
EDGEFN_API edgefn_ua edgefn_ua_of(const edgefn_event *ev);

/* Returns the name of a device: "tv", "tablet" or "mobile" for the first of these bits that is set,
   else "desktop".
   device: edgefn_ua.device.
   Returns: static text.
   Recipe: device_key
   Example:
       edgefn_str device = edgefn_device_name(edgefn_ua_of(ev).device);
       edgefn_set(&ev->request.headers, EDGEFN_S("x-device"), device); */
EDGEFN_API edgefn_str edgefn_device_name(uint32_t device);

#  endif /* EDGEFN_NO_UA */

/*--- viewer -------------------------------------------------------------------------------------*/

/* From CloudFront's headers, which are present if the cache policy or origin request policy names
   them. Text beyond ASCII stays percent-encoded. */
typedef struct edgefn_viewer {
    bool trusted; /* false in Lambda@Edge viewer events: there viewers can forge all members but
                     address */
    edgefn_str address; /* IPv4, or IPv6 without brackets; set by CloudFront in all events */
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

/* Returns what is known about the viewer. The address is that of CloudFront-Viewer-Address where
   that header can be trusted, else the event's own.
   Returns: parts of the event's strings; members without a value are absent.
   Events: all. What origin-request decides by the viewer is cached for everybody, unless the header
   is in the cache key.
   Source: Add CloudFront request headers, Viewer location headers, TLS-related headers;
   Restrictions on Lambda@Edge.
   Recipe: country_redirect
   Example:
       edgefn_viewer viewer = edgefn_viewer_of(ev);
       if (viewer.trusted && edgefn_str_eq(viewer.country, EDGEFN_S("DE")))
           ev->request.uri = EDGEFN_S("/de/index.html"); */
EDGEFN_API edgefn_viewer edgefn_viewer_of(const edgefn_event *ev);

/*--- network ------------------------------------------------------------------------------------*/

/* An address. IPv4 addresses have v4 set and are kept as ::ffff:a.b.c.d, in bytes[12..15]. ok ==
   false: not an address. */
typedef struct edgefn_ip {
    unsigned char bytes[16];
    bool v4, ok;
} edgefn_ip;

/* Reads an IPv4 address (without leading zeros) or an IPv6 address (without zone or brackets).
   ::ffff:192.0.2.1 is read as the IPv4 address.
   Returns: ok == false for any other text.
   Source: RFC 4291 section 2.2.
   Recipe: allow_networks */
EDGEFN_API edgefn_ip edgefn_ip_parse(edgefn_str text);

/* Writes an address in its canonical form, so that equal addresses are equal texts.
   Returns: absent if ip.ok is false, and when it failed.
   Memory: at most 39 bytes.
   Fails: EDGEFN_E_OOM.
   Source: RFC 5952.
   Recipe: client_address */
EDGEFN_API edgefn_str edgefn_ip_text(edgefn_event *ev, edgefn_ip ip);

/* Reports whether an address belongs to one of the networks. IPv4 addresses belong to IPv4 networks
   only.
   cidrs: "192.0.2.0/24", "2001:db8::/32", or an address alone. Bits after the prefix do not count.
   An invalid network contains nothing, and so does "::ffff:a.b.c.d" with a prefix below 96.
   count: how many networks.
   Returns: false if ip.ok is false.
   Recipe: allow_networks
   Example:
       static const edgefn_str office[] = { EDGEFN_S_INIT("198.51.100.0/24"),
                                            EDGEFN_S_INIT("2001:db8::/32") };
       if (!edgefn_ip_in(edgefn_ip_parse(ev->request.client_ip), office, 2))
           return edgefn_respond(ev, 403, NULL); */
EDGEFN_API bool edgefn_ip_in(edgefn_ip ip, const edgefn_str *cidrs, size_t count);

/* Returns the address of the client that reached your own proxies. Starts at client_ip, continues
   in X-Forwarded-For from right to left, and returns the first address that is not trusted.
   Everything to the left of it can be forged. In origin events the entry that CloudFront appended,
   client_ip itself, is skipped. Entries may have a port, and IPv6 addresses brackets (RFC 7239
   section 6).
   opts: NULL trusts nobody: the result is client_ip.
   Returns: the leftmost address if all are in .trusted. ok == false if client_ip or an entry on the
   way is not an address ("unknown"), and if X-Forwarded-For has fewer entries than .trusted_hops.
   Recipe: allow_networks */
EDGEFN_API edgefn_ip edgefn_client_ip(const edgefn_event *ev, const edgefn_client_ip_opts *opts);

/*--- time ---------------------------------------------------------------------------------------*/

/* A time. */
typedef struct edgefn_time {
    int64_t seconds; /* since 1970-01-01 UTC without leap seconds; years 1 to 9999 */
    bool ok;         /* false: the text was not a valid date */
} edgefn_time;

/* Reads the host's clock. It is the same at every call for one event.
   now_s: receives seconds since 1970-01-01 UTC.
   Fails: EDGEFN_E_ENVIRONMENT if the host supplied no clock, or one after the year 9999.
   Recipe: maintenance, signed_link
   Example:
       int64_t now;
       if (!edgefn_now(ev, &now)) return false;
       bool over = now >= 1800000000;
       (void)over; */
EDGEFN_API bool edgefn_now(edgefn_event *ev, int64_t *now_s);

/* Returns a date in the format of HTTP headers: "Sun, 06 Nov 1994 08:49:37 GMT".
   time_s: seconds since 1970-01-01 UTC.
   Returns: absent outside of the years 1 to 9999, or on failure.
   Fails: EDGEFN_E_OOM.
   Memory: 29 bytes.
   Source: RFC 9110 section 5.6.7.
   Recipe: maintenance
   Example:
       int64_t now;
       if (!edgefn_now(ev, &now)) return false;
       edgefn_set(&ev->response.headers, EDGEFN_S("Expires"), edgefn_date_text(ev, now + 3600)); */
EDGEFN_API edgefn_str edgefn_date_text(edgefn_event *ev, int64_t time_s);

/* Reads a date in any of HTTP's three formats. The format must match exactly, but the weekday need
   not be the one of that date.
   text: the date, without white space around it. A year of two digits is taken as at most 50 years
   ahead of the host's clock, and is invalid without a clock. Second 60 is the first of the next
   minute.
   Returns: seconds since 1970-01-01 UTC; ok == false if text is not a valid date. An Expires header
   with an invalid date means "expired".
   Source: RFC 9110 section 5.6.7.
   Recipe: maintenance
   Example:
       edgefn_str expires = edgefn_get(&ev->response.headers, EDGEFN_S("expires"));
       edgefn_time until = edgefn_date_parse(ev, expires);
       int64_t now;
       if (!edgefn_now(ev, &now)) return false;
       bool fresh = until.ok && until.seconds > now;
       (void)fresh; */
EDGEFN_API edgefn_time edgefn_date_parse(edgefn_event *ev, edgefn_str text);

/* Reads a Retry-After header.
   value: a number of seconds, or a date as edgefn_date_parse() reads it.
   Returns: seconds from now, 0 for a date in the past; ok == false if value is neither.
   Fails: EDGEFN_E_ENVIRONMENT for a date if the host supplied no clock.
   Source: RFC 9110 section 10.2.3.
   Recipe: retry_later
   Example:
       edgefn_str after = edgefn_get(&ev->response.headers, EDGEFN_S("retry-after"));
       edgefn_number wait = edgefn_retry_after(ev, after);
       bool soon = wait.ok && wait.value < 60;
       (void)soon; */
EDGEFN_API edgefn_number edgefn_retry_after(edgefn_event *ev, edgefn_str value);

/*--- choosing -----------------------------------------------------------------------------------*/

/* Hashes a key. The result is the same on every machine and in every version: FNV-1a (64 bits) over
   salt, then fmix64; continued with FNV-1a over key, then fmix64.
   salt: the name of an experiment, so that each divides the users independently of the others.
   key: what stays the same for a user: a cookie, an account, the address.
   Returns: 64 bits, evenly distributed. Not a cryptographic hash: whoever chooses keys can make
   collisions.
   Time: bytes of salt and key.
   Source: RFC 9923 (FNV); MurmurHash3, fmix64.
   Recipe: gradual_bucket
   Example:
       uint64_t h = edgefn_hash(EDGEFN_S("new-pages"), ev->request.client_ip);
       size_t variant = edgefn_choose(h, NULL, 3); // one of three
       (void)variant; */
EDGEFN_API uint64_t edgefn_hash(edgefn_str salt, edgefn_str key);

/* Chooses an index: each has the probability weight / sum of the weights.
   draw: 64 bits: edgefn_hash(), or the 32 bits of edgefn_draw() shifted left by 32.
   weights, count: one weight for each index. weights NULL: all are equal.
   Returns: 0 to count - 1; count if the sum is 0.
   Recipe: ab_test, gradual_bucket
   Example:
       static const uint32_t weights[2] = { 90, 10 };
       uint32_t draw;
       if (!edgefn_draw(ev, &draw)) return false;
       bool is_new = edgefn_choose((uint64_t)draw << 32, weights, 2) == 1;
       (void)is_new; */
EDGEFN_API size_t edgefn_choose(uint64_t draw, const uint32_t *weights, size_t count);

/* Chooses a variant and keeps the viewer with it: the variant that the cookie names, unless its
   weight is 0; otherwise one chosen by a hash of the cookie's name, client IP and User-Agent. In
   viewer-response, and after an answer in viewer-request, it also sets the cookie if the choice did
   not come from it. In viewer-request without an answer, no cookie can be set: call it there to act
   on the choice, and again with the same arguments in viewer-response to set the cookie.
   cookie: the cookie's name. names, count: its possible values, one for each variant.
   weights: one for each variant. NULL: all are equal.
   opts: attributes of the cookie. NULL: a cookie that ends with the session.
   Returns: the index of the variant; count if the sum of the weights is 0, or on failure.
   Memory: that of the edits (see >>api, fields), and the texts that are set.
   Fails: EDGEFN_E_EVENT_TYPE in origin events, where the cookie would be cached for everybody; as
   edgefn_cookie_set().
   Events: viewer-request, viewer-response.
   Recipe: ab_sticky
   Example:
       static const edgefn_str names[2] = { EDGEFN_S_INIT("old"), EDGEFN_S_INIT("new") };
       size_t variant = edgefn_choose_sticky(ev, EDGEFN_S("variant"), names, NULL, 2, NULL);
       bool is_new = variant == 1;
       (void)is_new; */
EDGEFN_API size_t edgefn_choose_sticky(edgefn_event *ev, edgefn_str cookie, const edgefn_str *names,
                                       const uint32_t *weights, size_t count,
                                       const edgefn_cookie_opts *opts);

/* Reports whether a key is included in a gradual roll-out. Raising `hundredths` never removes a
   key.
   salt: the name of the roll-out. key: what stays the same for a user: a cookie, an account, the
   address. An absent key is included only at 10000.
   hundredths: hundredths of a percent: 1250 is 12.5 %, 10000 or more includes every key.
   Events: all. In origin events the result would be cached for everybody: call it in
   viewer-request, pass the result on in a header of your own that is part of the cache key, and
   read that header in the origin event.
   Recipe: rollout
   Example:
       edgefn_str user = edgefn_cookie_get(ev, EDGEFN_S("user"));
       if (edgefn_rollout(EDGEFN_S("new-pages"), user, 1250))
           ev->request.uri = edgefn_str_join(
               ev, EDGEFN_STRS(EDGEFN_S("/new"), ev->request.uri)); */
EDGEFN_API bool edgefn_rollout(edgefn_str salt, edgefn_str key, uint32_t hundredths);

/*--- secrets, tokens, signatures (not with EDGEFN_NO_CRYPTO) ------------------------------------*/

#  ifndef EDGEFN_NO_CRYPTO

/* Computes a SHA-256 hash.
   data: the bytes; absent counts as empty. digest: receives 32 bytes.
   Source: FIPS 180-4.
   Example:
       unsigned char digest[32];
       edgefn_sha256(ev->request.uri, digest);
       edgefn_str etag = edgefn_hex_encode(ev, (edgefn_str){ (char *)digest, 8 });
       (void)etag; */
EDGEFN_API void edgefn_sha256(edgefn_str data, unsigned char digest[32]);

/* As edgefn_sha256(), but returns the hash as a string.
   Returns: 32 bytes, for edgefn_hex_encode() or edgefn_base64url_encode(). Absent on failure.
   Fails: EDGEFN_E_OOM.
   Memory: 32 bytes.
   Recipe: body_hash, oauth_start
   Example:
       edgefn_str hash = edgefn_sha256_str(ev, ev->request.uri);
       edgefn_set(&ev->request.headers, EDGEFN_S("X-Hash"), edgefn_hex_encode(ev, hash)); */
EDGEFN_API edgefn_str edgefn_sha256_str(edgefn_event *ev, edgefn_str data);

/* Computes an HMAC-SHA256, which only a holder of the key can compute.
   key: the secret. data: the bytes. Absent counts as empty, also for the key: check edgefn_secret()
   first. mac: receives 32 bytes.
   Source: RFC 2104.
   Example:
       unsigned char mac[32];
       edgefn_hmac_sha256(edgefn_secret(ev, EDGEFN_S("link")), ev->request.uri, mac);
       edgefn_str sent = edgefn_hex_decode(ev, edgefn_get(edgefn_query(ev), EDGEFN_S("mac")));
       if (!edgefn_secret_eq(sent, (edgefn_str){ (char *)mac, sizeof mac }))
           return edgefn_respond(ev, 403, NULL); */
EDGEFN_API void edgefn_hmac_sha256(edgefn_str key, edgefn_str data, unsigned char mac[32]);

/* As edgefn_hmac_sha256(), but returns the result as a string, for edgefn_secret_eq(), and has none
   without a key.
   Returns: 32 bytes; absent, which edgefn_secret_eq() finds equal to nothing, if key is absent or
   on failure.
   Fails: EDGEFN_E_OOM.
   Memory: 32 bytes.
   Recipe: signed_link, image_links
   Example:
       edgefn_str key = edgefn_secret(ev, EDGEFN_S("link"));
       edgefn_str sent = edgefn_hex_decode(ev, edgefn_get(edgefn_query(ev), EDGEFN_S("mac")));
       if (!edgefn_secret_eq(sent, edgefn_hmac_sha256_str(ev, key, ev->request.uri)))
           return edgefn_respond(ev, 403, NULL); */
EDGEFN_API edgefn_str edgefn_hmac_sha256_str(edgefn_event *ev, edgefn_str key, edgefn_str data);

/* Compares two strings in constant time: the time depends on their lengths only.
   Returns: true if both have the same bytes. An absent string equals nothing, not even another
   absent one.
   Recipe: basic_auth
   Example:
       edgefn_str sent = edgefn_get(&ev->request.headers, EDGEFN_S("x-key"));
       if (!edgefn_secret_eq(sent, edgefn_secret(ev, EDGEFN_S("key"))))
           return edgefn_respond(ev, 403, NULL); */
EDGEFN_API bool edgefn_secret_eq(edgefn_str a, edgefn_str b);

/* Copies the 128 random bits that the host supplies for this event, the same at every call.
   bytes: set to zeros on failure.
   Fails: EDGEFN_E_ENVIRONMENT if the host supplied none. edgefn_draw() is no substitute: it can be
   guessed.
   Example:
       unsigned char bits[16];
       if (!edgefn_random(ev, bits)) return false;
       edgefn_str id = edgefn_hex_encode(ev, (edgefn_str){ (char *)bits, sizeof bits });
       edgefn_set(&ev->request.headers, EDGEFN_S("X-Trace"), id); */
EDGEFN_API bool edgefn_random(edgefn_event *ev, unsigned char bytes[16]);

/* Returns a text that nobody can guess: a session id, an OAuth state, a PKCE verifier, a nonce.
   purpose: texts of different purposes are independent: knowing one does not help to guess another.
   The same purpose returns the same text at every call for this event.
   Returns: 43 characters of base64url: HMAC-SHA256 of purpose, keyed with the bytes of
   edgefn_random(). Absent on failure.
   Fails: EDGEFN_E_ENVIRONMENT if the host supplied no random bytes; EDGEFN_E_OOM.
   Memory: 43 bytes.
   Recipe: oauth_start, issue_session
   Example:
       edgefn_str id = edgefn_random_text(ev, EDGEFN_S("session"));
       return edgefn_redirect_to(ev, EDGEFN_S("/start"), NULL)
              && edgefn_cookie_set(ev, EDGEFN_S("visit"), id, NULL); */
EDGEFN_API edgefn_str edgefn_random_text(edgefn_event *ev, edgefn_str purpose);

/* Returns one of the host's secrets: edgefn_lookup() in the table "secret", but a missing secret is
   a failure.
   name: the secret's name. It is named in the error; the secret never is.
   Returns: absent on failure.
   Fails: EDGEFN_E_ENVIRONMENT if there is no secret of that name, or it is empty.
   Recipe: signed_link
   Example:
       edgefn_str key = edgefn_secret(ev, EDGEFN_S("key"));
       if (key.ptr == NULL) return false; */
EDGEFN_API edgefn_str edgefn_secret(edgefn_event *ev, edgefn_str name);

/* Returns bytes as hex digits in lower case.
   Returns: absent on failure.
   Fails: EDGEFN_E_OOM.
   Memory: twice the bytes.
   Recipe: body_hash
   Example:
       // a Lambda URL with origin access control needs this for a POST
       if (ev->request.body.truncated) return false;
       edgefn_str hash = edgefn_sha256_str(ev, edgefn_body_decode(ev, &ev->request.body));
       edgefn_str hex = edgefn_hex_encode(ev, hash);
       edgefn_set(&ev->request.headers, EDGEFN_S("x-amz-content-sha256"), hex); */
EDGEFN_API edgefn_str edgefn_hex_encode(edgefn_event *ev, edgefn_str bytes);

/* Returns the bytes that hex digits encode.
   text: an even number of hex digits, in lower or upper case.
   Returns: absent if text is anything else, or on failure.
   Fails: EDGEFN_E_OOM.
   Memory: half the text.
   Recipe: signed_link
   Example:
       edgefn_str mac = edgefn_hex_decode(ev, edgefn_get(edgefn_query(ev), EDGEFN_S("mac")));
       if (mac.len != 32) return edgefn_respond(ev, 403, NULL); */
EDGEFN_API edgefn_str edgefn_hex_decode(edgefn_event *ev, edgefn_str text);

/* Bytes of the longest token that is checked: CloudFront accepts at most 20 KB of headers. */
#    define EDGEFN_JWT_MAX 16384

/* Why a token is refused. */
typedef enum edgefn_jwt_reason {
    EDGEFN_JWT_OK,
    EDGEFN_JWT_ABSENT,    /* absent or empty: the viewer sent none */
    EDGEFN_JWT_TOO_LONG,  /* longer than EDGEFN_JWT_MAX */
    EDGEFN_JWT_MALFORMED, /* not three parts, not base64url, or not JSON objects */
    EDGEFN_JWT_CRITICAL,  /* the header has crit */
    EDGEFN_JWT_ALGORITHM, /* signed with an algorithm that the options do not allow */
    EDGEFN_JWT_SIGNATURE,
    EDGEFN_JWT_DATE, /* exp is missing, or exp, nbf or iat is not a number of seconds */
    EDGEFN_JWT_EXPIRED,
    EDGEFN_JWT_NOT_YET, /* nbf is in the future */
    EDGEFN_JWT_ISSUER,
    EDGEFN_JWT_AUDIENCE,
    EDGEFN_JWT_FAILED /* the event has failed: ev->err has the error */
} edgefn_jwt_reason;

/* The result of checking a token. */
typedef struct edgefn_jwt {
    edgefn_str header, payload; /* JSON objects; absent unless ok */
    bool ok;                    /* the token is valid; equal to reason == EDGEFN_JWT_OK */
    edgefn_jwt_reason reason;   /* for handlers that answer an expired token differently */
    const char *why;            /* static text of the reason, for a log; "" if ok */
} edgefn_jwt;

/* Checks a signed token (JWT): its signature, only with algorithms that opts allows; then the
   claims exp, nbf and iat, and iss and aud if opts names them. HS256 is computed here; RS256, ES256
   and EdDSA are checked by edgefn_env.verify, which receives the token's kid.
   token: HEADER.PAYLOAD.SIGNATURE, at most EDGEFN_JWT_MAX bytes. exp, nbf and iat may be any JSON
   numbers below 2^53; fractions of a second are cut off, and iat is not compared with the clock.
   aud may be a string or a list. Of equal claims the last counts. A header with crit is refused.
   opts: required.
   Returns: ok == true and the token's parts; or ok == false, reason and why. An invalid token does
   not fail the event.
   Fails: EDGEFN_E_OPTIONS if opts allows no algorithm, or hs256 without a secret;
   EDGEFN_E_ENVIRONMENT without a clock or verifier that is needed; EDGEFN_E_OOM.
   Memory: 3/4 of the token; released unless ok.
   Time: bytes of token.
   Source: RFC 7515, RFC 7519, RFC 8725.
   Recipe: jwt_sign_in
   Example:
       edgefn_jwt jwt = edgefn_jwt_verify(ev, edgefn_cookie_get(ev, EDGEFN_S("session")),
                                          &(edgefn_jwt_opts){
                                             .hs256 = true,
                                             .secret = edgefn_secret(ev, EDGEFN_S("jwt")) });
       if (jwt.reason == EDGEFN_JWT_EXPIRED)
           return edgefn_redirect_to(ev, EDGEFN_S("/sign-in/renew"), NULL);
       if (!jwt.ok) return edgefn_respond(ev, 401, NULL);
       edgefn_str subject = edgefn_jwt_claim(ev, &jwt, EDGEFN_S("sub")).string;
       return edgefn_header_trusted(ev, EDGEFN_S("X-User"), subject); */
EDGEFN_API edgefn_jwt edgefn_jwt_verify(edgefn_event *ev, edgefn_str token,
                                        const edgefn_jwt_opts *opts);

/* Returns a claim of a valid token with its type.
   name: the claim's name, not a pointer: "https://example.com/roles" is one claim. Inside lists and
   objects, edgefn_json_at() reads on in the .text of the claim.
   Returns: EDGEFN_JSON_ABSENT if there is no such claim, if it is null, if the token is not ok, or
   on failure.
   Fails: EDGEFN_E_OOM.
   Memory: the string, if it contains escapes; otherwise none.
   Recipe: jwt_sign_in
   Example:
       edgefn_jwt_opts opts = { 0 };
       opts.hs256 = true, opts.secret = edgefn_secret(ev, EDGEFN_S("jwt"));
       edgefn_str token = edgefn_cookie_get(ev, EDGEFN_S("session"));
       edgefn_jwt jwt = edgefn_jwt_verify(ev, token, &opts);
       edgefn_str user = edgefn_jwt_claim(ev, &jwt, EDGEFN_S("sub")).string;
       return edgefn_header_trusted(ev, EDGEFN_S("X-User"), user); */
EDGEFN_API edgefn_json edgefn_jwt_claim(edgefn_event *ev, const edgefn_jwt *jwt, edgefn_str name);

/* Makes a token signed with HS256.
   payload: a JSON object: the claims. secret: the key, not empty.
   Returns: the token; absent on failure.
   Fails: EDGEFN_E_OPTIONS if payload is not a JSON object or secret is empty; EDGEFN_E_OOM.
   Memory: three times the token.
   Source: RFC 7515, RFC 7519.
   Recipe: issue_session
   Example:
       edgefn_str claims = EDGEFN_S("{\"sub\":\"ana\",\"exp\":1800000000}");
       edgefn_str token = edgefn_jwt_sign(ev, claims, edgefn_secret(ev, EDGEFN_S("jwt")));
       return edgefn_redirect_to(ev, EDGEFN_S("/start"), NULL)
              && edgefn_cookie_set(ev, EDGEFN_S("session"), token, NULL); */
EDGEFN_API edgefn_str edgefn_jwt_sign(edgefn_event *ev, edgefn_str payload, edgefn_str secret);

/* Signs the request to the origin with AWS Signature Version 4: in headers, or with .expires_s in
   the query (a presigned URL). Call it last: later edits of path, query, body or signed headers
   invalidate the signature.
   Signed are Host, the headers that this call sets, and those in .headers. An Authorization header
   of the viewer is removed. Headers x-amz-* that the viewer sent are not signed: remove them with
   edgefn_remove_prefix().
   The path is the origin's path followed by the URI. For S3 call edgefn_uri_encode_s3() first; for
   other services it is signed as it is, so it must not contain "//", "/./" or "/../".
   A '+' in the query is signed as a space. The hash of the body is that of its decoded bytes.
   Without "Include body" the event has no body, and that of an empty one is signed: use
   .unsigned_payload for uploads to S3.
   opts: required.
   Fails: EDGEFN_E_OPTIONS without keys or region, for .expires_s above 604800, and for a truncated
   body if the body is signed (it is not with .unsigned_payload and in presigned URLs of S3);
   EDGEFN_E_MISSING without Host; EDGEFN_E_ENVIRONMENT without a clock; EDGEFN_E_BASE64 for an
   invalid body; EDGEFN_E_CONFLICT if the raw query and edgefn_query() were both changed;
   EDGEFN_E_EVENT_TYPE outside origin-request; EDGEFN_E_OOM.
   Memory: what it sets; while it works also the body, twice the signed parts, and 160 bytes for
   each parameter.
   Events: origin-request.
   Source: IAM User Guide, Create a signed AWS API request; Amazon S3 API Reference, Authenticating
   Requests (AWS Signature Version 4); AWS blog, Serving SSE-KMS encrypted content from S3 using
   CloudFront (why x-amz-cf-id is signed).
   Recipe: sign_origin
   Example:
       return edgefn_sign_v4(ev, &(edgefn_sign_opts){
           .region = EDGEFN_S("eu-west-1"),
           .access_key = edgefn_secret(ev, EDGEFN_S("access_key")),
           .secret_key = edgefn_secret(ev, EDGEFN_S("secret_key")) }); */
EDGEFN_API bool edgefn_sign_v4(edgefn_event *ev, const edgefn_sign_opts *opts);

#  endif /* EDGEFN_NO_CRYPTO */

/*--- text and tables ----------------------------------------------------------------------------*/

/* A text that grows in the event's arena. Start with { 0 }, append with edgefn_text_put(), end with
   edgefn_text_end(). */
typedef struct edgefn_text {
    char *_ptr;
    size_t _len, _cap;
} edgefn_text;

/* Appends a piece to a text.
   piece: copied; absent appends nothing.
   Returns: false on failure.
   Fails: EDGEFN_E_OOM.
   Memory: at most twice the text. If other calls allocate in between, the text is copied elsewhere:
   then at most three times.
   Recipe: robots_txt, form_fields
   Example:
       edgefn_text t = { 0 };
       for (size_t i = 0; i < edgefn_query(ev)->len; i++)
           edgefn_text_put(ev, &t, EDGEFN_S("<li>")),
           edgefn_text_put(ev, &t, edgefn_html_escape(ev, edgefn_query(ev)->items[i].name));
       return edgefn_respond(ev, 200, &(edgefn_respond_opts){ .body = edgefn_text_end(ev, &t) }); */
EDGEFN_API bool edgefn_text_put(edgefn_event *ev, edgefn_text *text, edgefn_str piece);

/* Appends a number in decimal to a text.
   Returns, Memory, Fails: as edgefn_text_put().
   Example:
       edgefn_text t = { 0 };
       edgefn_text_put(ev, &t, EDGEFN_S("max-age="));
       edgefn_text_put_u64(ev, &t, 3600);
       edgefn_str value = edgefn_text_end(ev, &t);
       return edgefn_set(&ev->response.headers, EDGEFN_S("Cache-Control"), value); */
EDGEFN_API bool edgefn_text_put_u64(edgefn_event *ev, edgefn_text *text, uint64_t value);

/* Appends a number in decimal to a text, with a '-' if it is negative.
   Returns, Memory, Fails: as edgefn_text_put(). */
EDGEFN_API bool edgefn_text_put_i64(edgefn_event *ev, edgefn_text *text, int64_t value);

/* Ends a text and zeroes *text, which may then be used for another one.
   Returns: the whole text, "" if nothing was appended; absent if the event has failed.
   Memory: none; unused bytes are released.
   Recipe: robots_txt */
EDGEFN_API edgefn_str edgefn_text_end(edgefn_event *ev, edgefn_text *text);

/* A replacement, or a row of a table. */
typedef struct edgefn_pair {
    edgefn_str from, to;
} edgefn_pair;

/* Replaces strings in a text, in one pass from left to right. Replacements are not searched again.
   pairs, count: at each position the first pair whose .from matches is used. An empty .from never
   matches.
   Returns: text itself if nothing matches; absent if text is absent, or on failure.
   Fails: EDGEFN_E_OOM.
   Memory: the result.
   Time: bytes of text; at each byte that begins some .from, a comparison with every pair.
   Recipe: maintenance_page
   Example:
       static const edgefn_pair pairs[] = { { EDGEFN_S_INIT("{host}"),
                                              EDGEFN_S_INIT("www.example.com") } };
       edgefn_str page = edgefn_replace_all(ev, EDGEFN_S("<a href=//{host}/>Home</a>"), pairs, 1);
       return edgefn_respond(ev, 404, &(edgefn_respond_opts){ .body = page }); */
EDGEFN_API edgefn_str edgefn_replace_all(edgefn_event *ev, edgefn_str text,
                                         const edgefn_pair *pairs, size_t count);

/* Escapes & < > " ' for HTML text and for attribute values in quotation marks.
   Returns: text itself if it contains none of them; absent if text is absent, or on failure.
   Fails: EDGEFN_E_OOM.
   Memory: the result.
   Recipe: maintenance_page
   Example:
       edgefn_str name = edgefn_html_escape(ev, edgefn_get(edgefn_query(ev), EDGEFN_S("name")));
       return edgefn_respond(ev, 200, &(edgefn_respond_opts){ .body = name }); */
EDGEFN_API edgefn_str edgefn_html_escape(edgefn_event *ev, edgefn_str text);

/* Finds a key in a sorted table.
   sorted, count: pairs sorted by .from, byte by byte.
   Returns: the .to of the pair; absent if there is no such key.
   Time: the logarithm of count.
   Recipe: redirect_map
   Example:
       static const edgefn_pair moved[] = { { EDGEFN_S_INIT("/a"), EDGEFN_S_INIT("/b") },
                                            { EDGEFN_S_INIT("/old"), EDGEFN_S_INIT("/new") } };
       edgefn_str to = edgefn_table_get(moved, 2, ev->request.uri);
       if (to.ptr != NULL) return edgefn_redirect_to(ev, to, NULL); */
EDGEFN_API edgefn_str edgefn_table_get(const edgefn_pair *sorted, size_t count, edgefn_str key);

/* Looks up a key in one of the host's tables.
   table: "kv", "secret", "auth", or another one that your host has. key: the key.
   Returns: the value; absent if there is no such key, or on failure.
   Fails: EDGEFN_E_ENVIRONMENT if the host supplied no look-up.
   Recipe: redirect_map
   Example:
       edgefn_str to = edgefn_lookup(ev, EDGEFN_S("kv"), ev->request.uri);
       if (to.ptr != NULL) return edgefn_redirect_to(ev, to, NULL); */
EDGEFN_API edgefn_str edgefn_lookup(edgefn_event *ev, edgefn_str table, edgefn_str key);

/*--- respond ------------------------------------------------------------------------------------*/

/* Returns the usual text of a status, as in the IANA registry: "Not Found".
   Returns: static text, "" for an unassigned status. */
EDGEFN_API edgefn_str edgefn_status_text(uint32_t status);

/* Changes the status of the answer or of the received response, and nothing else. Assigning
   ev->response.status does the same: its text follows when the event is written, unless the text
   was assigned as well.
   status: 200 to 599.
   text: absent means edgefn_status_text(status).
   Memory: none.
   Fails: EDGEFN_E_STATUS; EDGEFN_E_FIELD_VALUE for the text; EDGEFN_E_EVENT_TYPE in Lambda@Edge
   viewer-response, and in request events that were not answered.
   Events: response events but Lambda@Edge viewer-response; request events with an answer. */
EDGEFN_API bool edgefn_status_set(edgefn_event *ev, uint32_t status, edgefn_str text);

/* Answers a request, or replaces a received response. In request events it creates a response,
   which later edits of ev->response refine; a second answer replaces the first. In response events
   it edits the received one: status, text, body (an empty one without .body and for 204) and, if
   there is a body or .content_type is given, Content-Type. Headers that described the received body
   are removed, see edgefn_body_replace(). A response to HEAD may have a body: AWS documents no rule
   for it.
   status: 200 to 599.
   opts: NULL for the defaults.
   Memory: that of the edits (see >>api, fields), and the texts that are set.
   Fails: EDGEFN_E_STATUS; EDGEFN_E_CHECK for a body with 204; EDGEFN_E_EVENT_TYPE in Lambda@Edge
   viewer-response; EDGEFN_E_FIELD_VALUE; EDGEFN_E_OOM.
   Events: all but Lambda@Edge viewer-response.
   Source: Work with requests and responses, Generate HTTP responses in request triggers; Update
   HTTP responses in origin response triggers; CloudFront Functions event structure, Response
   object.
   Recipe: error_to_static_page
   Example:
       return edgefn_respond(ev, 403, &(edgefn_respond_opts){
           .body = EDGEFN_S("Sign in first.\n"), .content_type = EDGEFN_S("text/plain") }); */
EDGEFN_API bool edgefn_respond(edgefn_event *ev, uint32_t status, const edgefn_respond_opts *opts);

/* Redirects to an absolute URL made of the request's own parts, some of them replaced by opts. The
   URL always names its host, so a path such as "//evil" stays a path of this site. Characters that
   a URL may not contain are percent-encoded.
   opts: NULL for the defaults.
   Memory: that of the edits (see >>api, fields), and the texts that are set.
   Fails: EDGEFN_E_MISSING without .host if there is no Host header, or, in origin events, if that
   header names the origin (its domain, or a name below amazonaws.com or on.aws);
   EDGEFN_E_STATUS for another status; EDGEFN_E_OPTIONS for an invalid scheme or host; EDGEFN_E_URI
   for a path that does not begin with '/'; the errors of edgefn_respond().
   Events: as edgefn_respond().
   Recipe: redirect_https
   Example:
       return edgefn_redirect(ev, &(edgefn_redirect_opts){
           .status = 301, .host = EDGEFN_S("www.example.com") }); */
EDGEFN_API bool edgefn_redirect(edgefn_event *ev, const edgefn_redirect_opts *opts);

/* Redirects to a URL that the handler chose.
   url: absolute with http or https, or a path of this site that begins with a single '/'. Printable
   ASCII without spaces.
   opts: NULL for the defaults.
   Memory: that of the edits (see >>api, fields), and the texts that are set.
   Fails: EDGEFN_E_STATUS; EDGEFN_E_URI, also for "//host", "https:host", "user@host" and
   backslashes, which browsers read as another site; the errors of edgefn_respond().
   Events: as edgefn_respond().
   Recipe: app_download
   Example:
       return edgefn_redirect_to(ev, EDGEFN_S("/new"),
                                 &(edgefn_redirect_to_opts){ .status = 301, .keep_query = true });
   */
EDGEFN_API bool edgefn_redirect_to(edgefn_event *ev, edgefn_str url,
                                   const edgefn_redirect_to_opts *opts);

/* Answers with a small HTML page that names the status: "404 Not Found".
   status: 200 to 599. 204 has no page.
   Fails: the errors of edgefn_respond().
   Memory: the page, about 200 bytes.
   Events: as edgefn_respond().
   Recipe: allow_networks */
EDGEFN_API bool edgefn_error_page(edgefn_event *ev, uint32_t status);

/* Answers with a plain text in UTF-8: edgefn_respond() with that .content_type.
   status: 200 to 599. text: the body; absent for none. It must stay valid until the event is
   written.
   Fails: the errors of edgefn_respond().
   Memory: that of the edits (see >>api, fields).
   Events: as edgefn_respond().
   Recipe: block_bots
   Example:
       return edgefn_respond_text(ev, 403, EDGEFN_S("Sign in first.\n")); */
EDGEFN_API bool edgefn_respond_text(edgefn_event *ev, uint32_t status, edgefn_str text);

/*--- body ---------------------------------------------------------------------------------------*/

/* Encodes base64 (RFC 4648 section 4) with padding.
   Returns: absent when it failed.
   Memory: 4/3 of the length.
   Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_base64_encode(edgefn_event *ev, edgefn_str bytes);

/* Decodes base64 (RFC 4648 section 4) strictly: padding is required, no other characters are
   allowed, and unused bits must be zero.
   Returns: absent for a text that is not base64, and when it failed.
   Memory: 3/4 of the length.
   Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_base64_decode(edgefn_event *ev, edgefn_str text);

/* Encodes base64url (RFC 4648 section 5), without padding.
   Returns: absent when it failed.
   Memory: 4/3 of the length.
   Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_base64url_encode(edgefn_event *ev, edgefn_str bytes);

/* Decodes base64url (RFC 4648 section 5) strictly: without padding, no other characters, unused
   bits zero.
   Returns: absent for a text that is not base64url, and when it failed.
   Memory: 3/4 of the length.
   Fails: EDGEFN_E_OOM. */
EDGEFN_API edgefn_str edgefn_base64url_decode(edgefn_event *ev, edgefn_str text);

/* Decodes a body as edgefn_body_decode() does, also a truncated one: for a handler that needs only
   its first bytes.
   body: &ev->request.body or &ev->response.body.
   Returns: absent without a body, and for invalid base64.
   Memory: 3/4 of its length for base64, none for text.
   Fails: EDGEFN_E_OOM.
   Recipe: upload_guard */
EDGEFN_API edgefn_str edgefn_body_decode_part(edgefn_event *ev, const edgefn_body *body);

/* Returns a body's bytes: the base64 decoded where the body's encoding says so.
   body: &ev->request.body or &ev->response.body.
   Returns: absent without a body, for a truncated one (body->truncated), and for invalid base64,
   which does not fail the event.
   Memory: 3/4 of its length for base64, none for text.
   Fails: EDGEFN_E_OOM.
   Source: Lambda@Edge event structure, Body.
   Recipe: body_hash */
EDGEFN_API edgefn_str edgefn_body_decode(edgefn_event *ev, const edgefn_body *body);

/* Returns the request's body if it is a whole HTML form, for edgefn_form_next().
   refused: receives 0, or the status for a request without such a form: 415 for a Content-Type
   other than application/x-www-form-urlencoded, 413 for a truncated body, 400 without a body, for
   invalid base64, and on failure.
   Returns: the decoded body; absent if *refused is not 0.
   Memory: as edgefn_body_decode().
   Fails: EDGEFN_E_OOM.
   Events: request events of Lambda@Edge with "Include body".
   Source: WHATWG HTML, form submission; Lambda@Edge event structure, Body.
   Recipe: form_guard, form_fields
   Example:
       uint32_t refused;
       edgefn_str form = edgefn_body_form(ev, &refused), name, value;
       if (refused != 0) return edgefn_error_page(ev, refused);
       while (edgefn_form_next(&form, &name, &value))
           if (edgefn_str_eq(name, EDGEFN_S("website"))) return edgefn_error_page(ev, 403); */
EDGEFN_API edgefn_str edgefn_body_form(edgefn_event *ev, uint32_t *refused);

/* Replaces the body of the answer or of the received response, or else of the request. From a
   received response it removes the fields that described its body, unless the handler has changed
   them: Content-Encoding, -Length, -Language, -Location, -Range, -Disposition, -MD5 and -Digest,
   Repr-Digest, Digest, ETag and Last-Modified. Content-Type stays.
   bytes: the body itself, not encoded; must stay valid until the event is written. Absent counts as
   empty. A request's .truncated becomes false.
   encoding: EDGEFN_ENCODING_DEFAULT means text if the bytes are valid UTF-8, else base64.
   Memory: 4/3 of the length for base64, none for text.
   Fails: EDGEFN_E_EVENT_TYPE in Lambda@Edge viewer-response; EDGEFN_E_DIALECT for a request of
   CloudFront Functions, which has no body; EDGEFN_E_FIELD_VALUE for EDGEFN_ENCODING_TEXT with bytes
   that are not UTF-8; EDGEFN_E_OOM.
   Events: all but Lambda@Edge viewer-response; in CloudFront Functions only with a response.
   Source: RFC 9110 section 8, Representation Data and Metadata; RFC 9530.
   Recipe: form_fields */
EDGEFN_API bool edgefn_body_replace(edgefn_event *ev, edgefn_str bytes, edgefn_encoding encoding);

/* Replaces the body with an empty one, which is written as "".
   Fails: the errors of edgefn_body_replace().
   Events: as edgefn_body_replace(). */
EDGEFN_API bool edgefn_body_drop(edgefn_event *ev);

/*--- origin (not with EDGEFN_NO_LAMBDA) ---------------------------------------------------------*/

#  ifndef EDGEFN_NO_LAMBDA

/* Sends the request to another custom origin and sets the Host header to its domain. Its custom
   headers are empty at first: add some with edgefn_set() on ev->request.origin.headers. CloudFront
   refuses a custom header whose name is also in ev->request.headers. A viewer may send such a
   header: remove it there.
   opts: .domain is required.
   Memory: that of the edits (see >>api, fields), and the texts that are set.
   Fails: EDGEFN_E_DIALECT in CloudFront Functions; EDGEFN_E_EVENT_TYPE outside origin-request;
   EDGEFN_E_OPTIONS for an invalid domain (an address, or with a port), path, port or time-out;
   EDGEFN_E_OOM.
   Events: origin-request.
   Source: Lambda@Edge event structure, Request object, custom origin.
   Recipe: move_to_s3
   Example:
       return edgefn_origin_custom(ev, &(edgefn_origin_opts){
           .domain = EDGEFN_S("eu.example.com"), .read_timeout_s = 5 }); */
EDGEFN_API bool edgefn_origin_custom(edgefn_event *ev, const edgefn_origin_opts *opts);

/* Sends the request to an S3 bucket and sets the Host header to its domain.
   opts: .domain is required: "bucket.s3.eu-west-1.amazonaws.com".
   Memory: that of the edits (see >>api, fields), and the texts that are set.
   Fails: the errors of edgefn_origin_custom().
   Events: origin-request.
   Source: Lambda@Edge event structure, Request object, S3 origin.
   Recipe: move_to_s3 */
EDGEFN_API bool edgefn_origin_s3(edgefn_event *ev, const edgefn_origin_opts *opts);

#  endif /* EDGEFN_NO_LAMBDA */

/*--- changes ------------------------------------------------------------------------------------*/

/* Returns the path of a member in the event: "request.uri".
   Returns: static text; "" for an unknown number. */
EDGEFN_API const char *edgefn_member_name(const edgefn_event *ev, edgefn_member member);

/* Returns how a member differs from what was received. Changed views (query, cookies) count after
   edgefn_write(), edgefn_write_spans(), edgefn_finish() or edgefn_outcome_of() has written them
   back.
   Example:
       if (edgefn_changed(ev, EDGEFN_MEMBER_URI) != EDGEFN_CHANGE_NONE)
           edgefn_set(&ev->request.headers, EDGEFN_S("x-rewritten"), EDGEFN_S("1")); */
EDGEFN_API edgefn_change edgefn_changed(const edgefn_event *ev, edgefn_member member);

/* Reports whether a list differs from what was received: in its fields, their order, or their
   number. */
EDGEFN_API bool edgefn_fields_changed(const edgefn_fields *f);

/*--- check: CloudFront's rules ------------------------------------------------------------------*/

typedef enum edgefn_policy {
    EDGEFN_POLICY_ALLOWED,
    EDGEFN_POLICY_READ_ONLY,
    EDGEFN_POLICY_DISALLOWED
} edgefn_policy;

/* How certain a rule is. The first three refuse a result; a doubtful rule reports behaviour that
   AWS does not document and refuses nothing. */
typedef enum edgefn_confidence {
    EDGEFN_CONFIDENCE_DOCUMENTED = 1,
    EDGEFN_CONFIDENCE_REPORTED,
    EDGEFN_CONFIDENCE_INFERRED,
    EDGEFN_CONFIDENCE_DOUBTFUL
} edgefn_confidence;

/* One of CloudFront's rules. A rule whose message differs between Lambda@Edge and CloudFront
   Functions has two ids; those of CloudFront Functions begin with "functions.". */
typedef struct edgefn_rule {
    const char *id; /* stable: "header.read-only.deleted" */
    edgefn_confidence confidence;
    uint32_t status;    /* what the viewer gets instead of the result: 502; 0 for a doubtful rule */
    const char *events; /* where it applies: "all", "Lambda@Edge", "CloudFront Functions",
                           "viewer-request", ... */
    const char *text;   /* what is wrong, in this library's words */
    const char *message; /* CloudFront's own sentence, on its error page or in its log; NULL if
                            unknown. It contains %n for the subject and %c for a character, which
                            edgefn_finding_message() fills in */
    const char *source;  /* AWS's page and heading */
} edgefn_rule;

typedef struct edgefn_finding {
    const edgefn_rule *rule;
    edgefn_str subject;     /* the header or member; absent if it is the result as a whole */
    size_t pos;             /* byte offset in the result; SIZE_MAX if it is not about a text */
    uint64_t limit, actual; /* the violated limit and the actual number; for rule header.value,
                               actual is the character; otherwise 0 */
} edgefn_finding;

/* Returns what a function may do with a header in an event of that type: edit it, only read it, or
   not even add it.
   name: in any case. Custom headers of an origin have further rules. */
EDGEFN_API edgefn_policy edgefn_header_policy(edgefn_dialect dialect, edgefn_event_type type,
                                              edgefn_str name);

/* Returns the table of all rules, doubtful ones included.
   count: gets their number.
   Returns: static rows. */
EDGEFN_API const edgefn_rule *edgefn_rules(size_t *count);

/* Checks a function's result as CloudFront would, and reports every finding. Only differences are
   checked: a received value that is returned unchanged is never refused.
   ev: the event that the function received.
   result_json: what the function returned, whatever its language; any text, also invalid JSON. For
   CloudFront Functions it may also be what AWS's test-function command prints: its whole output,
   FunctionOutput alone (a JSON string), or the object in that, {"request":...} or {"response":...}.
   Then the result inside is checked, positions refer to result_json, and there is also the doubtful
   finding "functions.result.wrapped".
   Absent: checks the edits made to ev so far, as edgefn_finish() would write them; the handler can
   go on editing, and indexes stay valid.
   findings: receives at most cap findings, sorted by position, then by rule, then by .actual, then
   in the order found. NULL and 0: only count. Findings beyond cap are counted, not stored.
   Returns: the number of findings; SIZE_MAX if checking failed (see ev->err).
   Memory: the structs of the result, in the free part of the arena; released before the call
   returns. Subjects are valid until the arena is used again. If result_json is absent: the changed
   query and cookies as text.
   Fails: with any earlier failure except EDGEFN_E_CHECK: it can be called to learn why
   edgefn_finish() refused a result. EDGEFN_E_OOM; EDGEFN_E_MISUSE; EDGEFN_E_OPTIONS for a result of
   4 GiB or more; if result_json is absent also as edgefn_finish(), except EDGEFN_E_CHECK. Half of a
   surrogate pair ("\ud800" alone) is the finding "result.surrogate", in an event
   EDGEFN_E_JSON_STRING: JSON allows it, but it has no UTF-8 form and could not be written.
   Example:
       edgefn_finding found[8];
       char message[400];
       size_t n = edgefn_check(ev, (edgefn_str){ NULL, 0 }, found, 8);
       for (size_t i = 0; n != SIZE_MAX && i < n && i < 8; i++)
           printf("%s: %.*s: %.*s\n", found[i].rule->id, EDGEFN_FMT(found[i].subject),
                  (int)edgefn_finding_message(&found[i], message, sizeof message), message); */
EDGEFN_API size_t edgefn_check(edgefn_event *ev, edgefn_str result_json, edgefn_finding *findings,
                               size_t cap);

/* Writes CloudFront's sentence for a finding, with its subject filled in.
   buf: gets at most cap bytes, without NUL.
   Returns: the length of the sentence, whether it fitted or not; 0 if CloudFront's sentence is not
   known. */
EDGEFN_API size_t edgefn_finding_message(const edgefn_finding *finding, char *buf, size_t cap);

/* Undoes header edits that CloudFront would refuse, and nothing else. Read-only headers are
   restored. Disallowed headers are removed if they were added and restored if they were changed;
   removing one is allowed. Forbidden edits of custom origin headers are undone; if those headers
   together are too long, every edit of them is. A restored header returns to its old place.
   Doubtful edits stay. Call it before edgefn_finish().
   did: receives at most cap of the refused findings that there were before; NULL and 0: none.
   Findings beyond cap are undone and counted, not stored.
   Returns: how many fewer findings there are now; 0 also on failure (see ev->err).
   Memory: that of the edits (see >>api, fields).
   Fails: as edgefn_finish(), except EDGEFN_E_CHECK.
   Recipe: recorded_answer */
EDGEFN_API size_t edgefn_sanitize(edgefn_event *ev, edgefn_finding *did, size_t cap);

/*--- write --------------------------------------------------------------------------------------*/

/* Writes the result: the request, the answer, or the response. Unchanged parts are copied byte for
   byte.
   buf: receives the result if cap is large enough. Otherwise nothing is written; this is not a
   failure. NULL and 0: only return the size.
   opts: may be NULL.
   Returns: the number of bytes needed, the same at every call; 0 if ev->err is set.
   Memory: a few bytes per edit in the free part of the arena, released before the call returns.
   Fails: with any earlier failure. If an assigned member is invalid, or a string became invalid
   after it was passed in: EDGEFN_E_URI, EDGEFN_E_FIELD_NAME, EDGEFN_E_FIELD_VALUE, EDGEFN_E_STATUS,
   EDGEFN_E_OPTIONS, EDGEFN_E_BASE64. EDGEFN_E_LIFETIME with edgefn_env.check_lifetimes;
   EDGEFN_E_CONFLICT; EDGEFN_E_EVENT_TYPE for edits that have no effect in this event type;
   EDGEFN_E_DIALECT for an origin or request body in CloudFront Functions; EDGEFN_E_OPTIONS for
   .whole_event if the event is answered or built from parts; EDGEFN_E_CHECK if CloudFront would
   refuse the result; EDGEFN_E_MISUSE; EDGEFN_E_OOM.
   Source: Work with requests and responses; Restrictions on all edge functions. */
EDGEFN_API size_t edgefn_write(edgefn_event *ev, char *buf, size_t cap,
                               const edgefn_write_opts *opts);

/* Writes the result as pieces for writev(), in order. They point into the input, the arena,
   constants and the handler's own strings: long texts are not copied.
   spans: gets the pieces if cap is large enough, else nothing. NULL and 0: only count.
   opts: may be NULL.
   Returns: the number of pieces; 0 if ev->err is set.
   Memory: the text of the edits. The pieces are valid until the arena is used again.
   Fails: as edgefn_write(). */
EDGEFN_API size_t edgefn_write_spans(edgefn_event *ev, edgefn_str *spans, size_t cap,
                                     const edgefn_write_opts *opts);

/* Writes the result into the arena, or returns the received text itself if nothing changed. A
   second call reuses the memory of the first one.
   opts: may be NULL.
   Returns: the result; absent if ev->err is set: then send edgefn_failed_result(), or fail the
   invocation.
   Memory: the result, and a few bytes per edit that are released.
   Fails: as edgefn_write(). */
EDGEFN_API edgefn_str edgefn_finish(edgefn_event *ev, const edgefn_write_opts *opts);

/* Does everything a host does with one event: parses it, calls a handler, checks and writes the
   result.
   ev: overwritten completely; afterwards it can be inspected like any parsed event.
   json, arena: as for edgefn_parse().
   handler: usually edgefn_handler, which edgefn_answer() passes.
   opts: may be NULL.
   Returns: the text to send, never absent. If anything failed it is edgefn_failed_result(ev), and
   ev->err has the reason; a host that can fail the invocation does that instead. If the event
   itself was refused, ev->type is EDGEFN_EVENT_TYPE_NONE.
   Memory: the event, its edits and the result: see edgefn_memory_event().
   Fails: as edgefn_parse() and edgefn_finish(), or with the handler's failure; EDGEFN_E_HANDLER if
   the handler returned false without one; EDGEFN_E_OPTIONS without a handler.
   Events: all.
   Example:
       static char mem[65536];
       edgefn_str json = EDGEFN_S("{...}");
       edgefn_arena arena = edgefn_arena_make(mem, sizeof mem);
       edgefn_str out = edgefn_answer_with(ev, json, arena, edgefn_handler, NULL);
       fwrite(out.ptr, 1, out.len, stdout);
       return ev->err.code == EDGEFN_OK; */
EDGEFN_API edgefn_str edgefn_answer_with(edgefn_event *ev, edgefn_str json, edgefn_arena arena,
                                         bool (*handler)(edgefn_event *ev),
                                         const edgefn_answer_opts *opts);

/* Does the same with edgefn_handler(), which the program must define. It is inline so that a
   program that does not call it needs no handler. */
EDGEFN__INLINE_API edgefn_str edgefn_answer(edgefn_event *ev, edgefn_str json, edgefn_arena arena,
                                            const edgefn_answer_opts *opts)
{
    return edgefn_answer_with(ev, json, arena, edgefn_handler, opts);
}

#  ifdef __cplusplus
}

/*--- C++: options by reference --------------------------------------------------------------------
   Every function with options also takes them by const reference. C++20 writes
       return edgefn_respond(ev, 403, { .body = EDGEFN_S("Sign in first.\n") });
   and C++11 passes a struct without '&'. nullptr, NULL and {} still mean no options. */
#    define EDGEFN__OVERLOAD(result, name, parameters, arguments)                                  \
      EDGEFN__INLINE_API result name parameters                                                    \
      {                                                                                            \
        return name arguments;                                                                     \
      }
/* clang-format off */
  EDGEFN__OVERLOAD(edgefn_error, edgefn_parse,
                   (edgefn_event *ev, edgefn_str json, edgefn_arena arena,
                    const edgefn_parse_opts &opts),
                   (ev, json, arena, &opts))
  EDGEFN__OVERLOAD(edgefn_error, edgefn_build_begin,
                   (edgefn_event *ev, edgefn_dialect dialect, edgefn_event_type type,
                    edgefn_arena arena, const edgefn_parse_opts &opts),
                   (ev, dialect, type, arena, &opts))
  EDGEFN__OVERLOAD(edgefn_outcome, edgefn_outcome_of,
                   (edgefn_event *ev, const edgefn_write_opts &opts), (ev, &opts))
  EDGEFN__OVERLOAD(bool, edgefn_header_security,
                   (edgefn_event *ev, const edgefn_security_opts &opts), (ev, &opts))
  EDGEFN__OVERLOAD(bool, edgefn_header_cors,
                   (edgefn_event *ev, const edgefn_cors_opts &opts), (ev, &opts))
  EDGEFN__OVERLOAD(bool, edgefn_header_cache,
                   (edgefn_event *ev, const edgefn_cache_opts &opts), (ev, &opts))
  EDGEFN__OVERLOAD(bool, edgefn_query_normalize,
                   (edgefn_event *ev, const edgefn_query_opts &opts), (ev, &opts))
  EDGEFN__OVERLOAD(bool, edgefn_cookie_set,
                   (edgefn_event *ev, edgefn_str name, edgefn_str value,
                    const edgefn_cookie_opts &opts),
                   (ev, name, value, &opts))
  EDGEFN__OVERLOAD(bool, edgefn_cookie_expire,
                   (edgefn_event *ev, edgefn_str name, const edgefn_cookie_opts &opts),
                   (ev, name, &opts))
  EDGEFN__OVERLOAD(edgefn_ip, edgefn_client_ip,
                   (const edgefn_event *ev, const edgefn_client_ip_opts &opts), (ev, &opts))
  EDGEFN__OVERLOAD(size_t, edgefn_choose_sticky,
                   (edgefn_event *ev, edgefn_str cookie, const edgefn_str *names,
                    const uint32_t *weights, size_t count, const edgefn_cookie_opts &opts),
                   (ev, cookie, names, weights, count, &opts))
#    ifndef EDGEFN_NO_CRYPTO
  EDGEFN__OVERLOAD(edgefn_jwt, edgefn_jwt_verify,
                   (edgefn_event *ev, edgefn_str token, const edgefn_jwt_opts &opts),
                   (ev, token, &opts))
  EDGEFN__OVERLOAD(bool, edgefn_sign_v4,
                   (edgefn_event *ev, const edgefn_sign_opts &opts), (ev, &opts))
#    endif
  EDGEFN__OVERLOAD(bool, edgefn_respond,
                   (edgefn_event *ev, uint32_t status, const edgefn_respond_opts &opts),
                   (ev, status, &opts))
  EDGEFN__OVERLOAD(bool, edgefn_redirect,
                   (edgefn_event *ev, const edgefn_redirect_opts &opts), (ev, &opts))
  EDGEFN__OVERLOAD(bool, edgefn_redirect_to,
                   (edgefn_event *ev, edgefn_str url, const edgefn_redirect_to_opts &opts),
                   (ev, url, &opts))
  EDGEFN__OVERLOAD(edgefn_str, edgefn_answer_with,
                   (edgefn_event *ev, edgefn_str json, edgefn_arena arena,
                    bool (*handler)(edgefn_event *ev), const edgefn_answer_opts &opts),
                   (ev, json, arena, handler, &opts))
  EDGEFN__OVERLOAD(edgefn_str, edgefn_answer,
                   (edgefn_event *ev, edgefn_str json, edgefn_arena arena,
                    const edgefn_answer_opts &opts),
                   (ev, json, arena, &opts))
#    ifndef EDGEFN_NO_LAMBDA
  EDGEFN__OVERLOAD(bool, edgefn_origin_custom,
                   (edgefn_event *ev, const edgefn_origin_opts &opts), (ev, &opts))
  EDGEFN__OVERLOAD(bool, edgefn_origin_s3,
                   (edgefn_event *ev, const edgefn_origin_opts &opts), (ev, &opts))
#    endif
  EDGEFN__OVERLOAD(size_t, edgefn_write,
                   (edgefn_event *ev, char *buf, size_t cap, const edgefn_write_opts &opts),
                   (ev, buf, cap, &opts))
  EDGEFN__OVERLOAD(size_t, edgefn_write_spans,
                   (edgefn_event *ev, edgefn_str *spans, size_t cap, const edgefn_write_opts &opts),
                   (ev, spans, cap, &opts))
  EDGEFN__OVERLOAD(edgefn_str, edgefn_finish,
                   (edgefn_event *ev, const edgefn_write_opts &opts), (ev, &opts))
/* clang-format on */
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

   How it works. edgefn_parse() makes one pass over the text that finds all structural characters
   (>>scan), then walks them and stores names, values and positions in the event's structs (>>json,
   >>lists, >>members). Editing functions change fields and mark them (>>fields). Cookies and query
   are views: parsed on first use, written back before the event is checked or written (>>query).
   Writing copies the received text and replaces the text of what changed (>>write), after the
   result has been checked against CloudFront's rules (>>check).

   Invariants
   - The input is never written, and never read outside [0, len). items as received are never
     written after parsing. Sizes are computed in >>arena only; everywhere else compare before
     subtracting.
   - Whatever parsing stopped at, edgefn__validate() decides whether the text is JSON, so that all
     scanners and quick paths report the same error. Only a lack of memory that is noticed before
     the fault is reported as such: the host tries again. A quick path leaves the cursor where the
     plain grammar would have left it.
   - Before an event is checked or written it is settled: views are written back into the text or
     headers they were read from, and an assigned body gets its missing members. edgefn__unsync()
     and edgefn__body_unfill() undo that before the next edit, so that an edit has the same effect
     whether or not the event was checked before; edgefn_check() does not even show the headers
     that it wrote cookies into (edgefn__sync_aside). Verifying, checking and planning change
     nothing.
   - Only the scopes of >>arena release memory.
   - A section uses only sections above it, except for the declarations at the end of >>impl.

   How to add
   - A member of the event: its field in a struct of >>types; if a handler may change it, its name
     in edgefn_member, before EDGEFN_MEMBER_COUNT; one row in the table of >>members (the compiler
     reports a missing one). The row makes the rest: reading, edgefn_changed(),
     edgefn_member_name(), errors for an origin of the other kind, writing. A new value type needs
     edgefn__receive_TYPE() there and edgefn__write_TYPE() in >>write. Then a row in
     tests/test_lambda.c or test_functions.c, one in tests/test_edits.c or test_origin.c, and a
     seed. Limits of its value are rules.
   - An error: a line in EDGEFN_ERROR_LIST, a row in tests/test_errors.c, and "Fails" in the doc
     comments of the functions that return it.
   - A rule: a row in EDGEFN__RULE_LIST with its source, and one in EDGEFN__TWIN_LIST if CloudFront
     Functions has its own. Findings about the same byte are reported in the order of the rows, and
     those of one rule by .actual, then in the order found. Then the check itself, in >>check: a
     row if there is a table (edgefn__size_rules, edgefn__origin_rules), otherwise code in the
     function of that subject, which looks at change marks and at edgefn_event._mask. Its numbers
     are named in >>tables. Add rows to tests/test_check.c: one on each side of a limit, and one
     that shows that a received value may be returned.
   - A header with a rule of its own: a row in edgefn__header_policies, sorted by name, then "make
     tables"; and rows in tests/data/policy.tsv, typed from AWS's pages, for every event.
     tests/test_policy_flip.c fails if those rows would miss a changed bit.
   - A function: its declaration in >>api and its definition in the section of its topic, in the
     same order; a doc comment with all labels that are not trivial; rows in tests/test_absent.c
     and tests/test_cost.c, which fail until they list it.
   - A recipe: one file in examples/handlers, with a function of the file's name, which its
     edgefn_handler() calls. If it needs a helper that is missing, that is the reason to write the
     helper.
   - A host: a directory in examples/hosts that knows nothing about handlers, tests that start it on
     loopback, a line in examples/hosts/README.md. For its memory use edgefn_retry.h.

   How to work
   - Generated tables are between "generated by tests/tables.py" and "end of generated": the indexes
     of edgefn__header_policies and edgefn__ua_words. "make tables" (python3 tests/tables.py)
     generates them from the rows; tests/test_tables.sh fails if they are out of date or the rows
     are not sorted.
   - Form: at most 15 branches a function (if, for, while, case, &&, ||, ?), one statement a line,
     100 columns; tests/docs.py checks it. "make format" runs clang-format 14. The file may be as
     long as it needs to be, as long as each line does one thing.
   - Declare an automatic array of edgefn_str with its length: tcc cannot count its values.
   - Measure a change in instructions first, which other programs on the machine do not affect:
     "make bench-instructions" before and after; then in time: "make bench", both headers in one
     run. "make test" fails at 2 % more instructions than bench/budget.tsv: a commit that raises a
     count ("make bench-budget") says why. A quick path must gain 3 % of parsing or of a job. A
     comment around it says what it gains, and a test compares it with the plain path.

   What may surprise
   - A failed parse clears the event: a rejected event has no event type, and
     edgefn_failed_result() returns null.
   - Fields are 80 bytes because handlers read them as plain structs; the walk fills them in one
     pass. */

#    if defined(__GNUC__) || defined(__clang__)
#      if defined(__OPTIMIZE_SIZE__) /* -Os: copies of these functions are a quarter of the code */
#        define EDGEFN__INLINE static inline __attribute__((unused))
#      else
#        define EDGEFN__INLINE static inline __attribute__((always_inline, unused))
#      endif
#      define EDGEFN__NOINLINE static __attribute__((noinline, unused))
#      define EDGEFN__UNUSED   __attribute__((unused))
#      define EDGEFN__HIDE(x)                                                                      \
        __asm__("" : "+r"(x)) /* for a known size gcc emits "rep stos", which is slow to start */
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
    if ((uintptr_t)to < (uintptr_t)from) /* they may be of different objects */
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

/* Stops the program: a condition that cannot be true is true. */
#    ifdef EDGEFN_DEBUG
static void edgefn__stop(void)
{
#      if defined(__GNUC__) || defined(__clang__)
    __builtin_trap();
#      else
    *(volatile int *)NULL = 0;
#      endif
}
#    endif

/* Defence: a condition, without side effects, that cannot be true, for the reason beside it. It is
   checked nevertheless, and with EDGEFN_DEBUG it traps. "make coverage" defines EDGEFN__COVERAGE,
   which takes it out of the count. */
#    if defined(EDGEFN__COVERAGE)
#      define EDGEFN__NEVER(x) 0
#    elif defined(EDGEFN_DEBUG)
#      define EDGEFN__NEVER(x) ((x) ? (edgefn__stop(), true) : false)
#    else
#      define EDGEFN__NEVER(x) EDGEFN__UNLIKELY(x)
#    endif

/* Sets a struct to zeros. */
EDGEFN__INLINE void edgefn__zero(void *p, size_t size)
{
    EDGEFN__HIDE(size);
    edgefn__memset(p, 0, size);
}

EDGEFN__INLINE void *edgefn__zeroed(void *p, size_t size)
{
    edgefn__zero(p, size);
    return p;
}

/* Replaces omitted options by a struct of zeros. */
#    define EDGEFN__DEFAULTS(type, opts)                                                           \
      type opts##_zero;                                                                            \
      if (opts == NULL) opts = (type *)edgefn__zeroed(&opts##_zero, sizeof opts##_zero)

/* The only dialect, if the other is left out. */
#    if defined(EDGEFN_NO_FUNCTIONS)
#      define EDGEFN__ONLY EDGEFN_DIALECT_LAMBDA
#    elif defined(EDGEFN_NO_LAMBDA)
#      define EDGEFN__ONLY EDGEFN_DIALECT_FUNCTIONS
#    else
#      define EDGEFN__ONLY EDGEFN_DIALECT_NONE
#    endif

/* True if quick paths are left out: without them the general code has the same result. */
#    if defined(EDGEFN_SMALL)
#      define EDGEFN__SMALL 1
#    else
#      define EDGEFN__SMALL 0
#    endif

/* The vector instructions available; >>scan explains their use. */
#    if !defined(EDGEFN_NO_SIMD) && !EDGEFN__SMALL && (defined(__SSE2__) || defined(_M_X64))
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
    EDGEFN__ORIGIN_ODD = 4 /* received with both or neither of custom and s3 */,
    EDGEFN__PARTS = 8,
    EDGEFN__BUILDING = 16,      /* between edgefn_build_begin() and edgefn_build_end() */
    EDGEFN__WRITTEN_BACK = 512, /* _unsynced may hold something */
    EDGEFN__TEXT_FILLED = 1024, /* the text of an assigned status, when it was settled */
    EDGEFN__ACTION_FILLED = 32,
    EDGEFN__ENCODING_FILLED = 64, /* of an assigned body, when it was settled */
    EDGEFN__LENIENT = 128,
    EDGEFN__NULLS = 256,      /* a null was read as absent (lenient) */
    EDGEFN__LIFETIMES = 2048, /* edgefn_env.check_lifetimes */
    EDGEFN__ASIDE = 4096,     /* edgefn__aside() */
    EDGEFN__ANY_ASIDE = EDGEFN__ASIDE | EDGEFN__ASIDE << 1
};
/* edgefn_fields._flags */
/* clang-format off */
enum {
    EDGEFN__DIRTY = 1, EDGEFN__REORDERED = 2, EDGEFN__VIEWED = 4, EDGEFN__COOKIE_TOUCHED = 8,
    EDGEFN__FROM_TEXT = 16,
    /* as FROM_TEXT, positions are indices, but there is no text */
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

/* Compares four bytes. Compilers turn the load of a literal into a constant. */
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

/* Copies short strings with two overlapping loads and stores: calling memcpy would cost more than
   the copy. */
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

/* Returns the index of the lowest set bit; v must not be 0. */
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

/* Records a failure unless the event already has one. Returns false. */
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

/* Returns s, or `other` if s is absent. */
EDGEFN__INLINE edgefn_str edgefn__or(edgefn_str s, edgefn_str other)
{
    return s.ptr != NULL ? s : other;
}

/* Returns s if wanted, otherwise absent. */
EDGEFN__INLINE edgefn_str edgefn__when(bool wanted, edgefn_str s)
{
    return wanted ? s : edgefn__absent();
}
static bool edgefn__is(edgefn_str s, const char *z, size_t len)
{
    return s.ptr != NULL && s.len == len && edgefn__same(s.ptr, z, len);
}
#    define EDGEFN__IS(s, literal) edgefn__is(s, "" literal, sizeof(literal) - 1)

EDGEFN__INLINE bool edgefn__is_request(const edgefn_event *ev)
{
    return ev->type == EDGEFN_VIEWER_REQUEST || ev->type == EDGEFN_ORIGIN_REQUEST;
}

/* True for origin-request and origin-response. */
EDGEFN__INLINE bool edgefn__at_origin(const edgefn_event *ev)
{
    return ev->type == EDGEFN_ORIGIN_REQUEST || ev->type == EDGEFN_ORIGIN_RESPONSE;
}

/* True for an event that was parsed or built, and not copied since. */
EDGEFN__INLINE bool edgefn__is_ready(const edgefn_event *ev)
{
    return ev->_self == ev && (ev->_flags & EDGEFN__PARSED) != 0;
}

/* The dialect of an event. A dialect that is left out is known when this is compiled, so that the
   compiler drops its code. */
EDGEFN__INLINE bool edgefn__is_lambda(const edgefn_event *ev)
{
#    if defined(EDGEFN_NO_LAMBDA) || defined(EDGEFN_NO_FUNCTIONS)
    (void)ev;
    return EDGEFN__ONLY == EDGEFN_DIALECT_LAMBDA;
#    else
    return ev->dialect == EDGEFN_DIALECT_LAMBDA;
#    endif
}
EDGEFN__INLINE bool edgefn__is_functions(const edgefn_event *ev)
{
#    if defined(EDGEFN_NO_LAMBDA) || defined(EDGEFN_NO_FUNCTIONS)
    (void)ev;
    return EDGEFN__ONLY == EDGEFN_DIALECT_FUNCTIONS;
#    else
    return ev->dialect == EDGEFN_DIALECT_FUNCTIONS;
#    endif
}

/* True if the dialect is left out by EDGEFN_NO_LAMBDA or EDGEFN_NO_FUNCTIONS. */
EDGEFN__INLINE bool edgefn__is_left_out(edgefn_dialect dialect)
{
    return EDGEFN__ONLY != EDGEFN_DIALECT_NONE && dialect != EDGEFN__ONLY;
}

/* A section uses only sections above it, except for these functions (tests/docs.py): */
/* >>query: edgefn_build_end() makes the lists of cookies and query the received ones */
static bool edgefn__views_received(edgefn_event *ev);
/* >>check: edgefn_outcome_of() checks what edgefn_finish() would write */
static bool edgefn__prepare(edgefn_event *ev, bool writes);
static bool edgefn__approved(edgefn_event *ev, const edgefn_write_opts *opts);
/* >>check: the setters of an origin reject what the rules would refuse */
static edgefn_str edgefn__origin_fault(const edgefn_event *ev, const edgefn_origin *o, bool whole);

/*=== >>tables =====================================================================================
   How it works: what AWS and the RFCs state as data is data here: character classes, status texts,
   CloudFront's rules, its limits, and what it allows functions to do with headers. */

/* Character classes, one bit each. */
enum {
    EDGEFN__C_TOKEN = 1,
    EDGEFN__C_PLAIN = 2,
    EDGEFN__C_SPACE = 4,
    EDGEFN__C_DIGIT = 8,
    EDGEFN__C_UPPER = 16,
    EDGEFN__C_HEX = 32,
    EDGEFN__C_ALPHA = 64
};
/* PLAIN: printable ASCII that JSON need not escape. TOKEN: RFC 9110 section 5.6.2. SPACE: white
   space in JSON. */
/* clang-format off */
static const unsigned char edgefn__class[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 0, 0, 4, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    6, 3, 0, 3, 3, 3, 3, 3, 2, 2, 3, 3, 2, 3, 3, 2,
    43, 43, 43, 43, 43, 43, 43, 43, 43, 43, 2, 2, 2, 2, 2, 2,
    2, 115, 115, 115, 115, 115, 115, 83, 83, 83, 83, 83, 83, 83, 83, 83,
    83, 83, 83, 83, 83, 83, 83, 83, 83, 83, 83, 2, 0, 2, 3, 3,
    3, 99, 99, 99, 99, 99, 99, 67, 67, 67, 67, 67, 67, 67, 67, 67,
    67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 2, 3, 2, 3, 0
};
/* clang-format on */

EDGEFN__INLINE unsigned edgefn__class_of(char c)
{
    return edgefn__class[(unsigned char)c];
}

EDGEFN__INLINE bool edgefn__alpha(char c)
{
    return (edgefn__class_of(c) & EDGEFN__C_ALPHA) != 0;
}
EDGEFN__INLINE bool edgefn__digit(char c)
{
    return (edgefn__class_of(c) & EDGEFN__C_DIGIT) != 0;
}
EDGEFN__INLINE bool edgefn__alnum(char c)
{
    return (edgefn__class_of(c) & (EDGEFN__C_ALPHA | EDGEFN__C_DIGIT)) != 0;
}
/* RFC 3986's unreserved characters. */
EDGEFN__INLINE bool edgefn__unreserved(char c)
{
    return edgefn__alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
EDGEFN__INLINE char edgefn__lower(char c)
{
    return (char)(c + (int)((edgefn__class_of(c) & EDGEFN__C_UPPER) << 1));
}

/* IANA, Hypertext Transfer Protocol (HTTP) Status Code Registry; sorted. */
/* clang-format off */
#    define EDGEFN__STATUS_LIST(X) \
        X(200, "OK") X(201, "Created") X(202, "Accepted") \
        X(203, "Non-Authoritative Information") X(204, "No Content") X(205, "Reset Content") \
        X(206, "Partial Content") X(207, "Multi-Status") X(208, "Already Reported") \
        X(226, "IM Used") X(300, "Multiple Choices") X(301, "Moved Permanently") X(302, "Found") \
        X(303, "See Other") X(304, "Not Modified") X(305, "Use Proxy") \
        X(307, "Temporary Redirect") X(308, "Permanent Redirect") X(400, "Bad Request") \
        X(401, "Unauthorized") X(402, "Payment Required") X(403, "Forbidden") \
        X(404, "Not Found") X(405, "Method Not Allowed") X(406, "Not Acceptable") \
        X(407, "Proxy Authentication Required") X(408, "Request Timeout") X(409, "Conflict") \
        X(410, "Gone") X(411, "Length Required") X(412, "Precondition Failed") \
        X(413, "Content Too Large") X(414, "URI Too Long") X(415, "Unsupported Media Type") \
        X(416, "Range Not Satisfiable") X(417, "Expectation Failed") \
        X(421, "Misdirected Request") X(422, "Unprocessable Content") X(423, "Locked") \
        X(424, "Failed Dependency") X(425, "Too Early") X(426, "Upgrade Required") \
        X(428, "Precondition Required") X(429, "Too Many Requests") \
        X(431, "Request Header Fields Too Large") X(451, "Unavailable For Legal Reasons") \
        X(500, "Internal Server Error") X(501, "Not Implemented") X(502, "Bad Gateway") \
        X(503, "Service Unavailable") X(504, "Gateway Timeout") \
        X(505, "HTTP Version Not Supported") X(506, "Variant Also Negotiates") \
        X(507, "Insufficient Storage") X(508, "Loop Detected") X(510, "Not Extended") \
        X(511, "Network Authentication Required")
/* clang-format on */
/* Texts by offset: a table of pointers would need a relocation each in a shared object. */
typedef struct edgefn__status_texts {
#    define EDGEFN__X(status, text) char s##status[sizeof(text)];
    EDGEFN__STATUS_LIST(EDGEFN__X)
#    undef EDGEFN__X
} edgefn__status_texts;
static const edgefn__status_texts edgefn__status_text_of = {
#    define EDGEFN__X(status, text) text,
    EDGEFN__STATUS_LIST(EDGEFN__X)
#    undef EDGEFN__X
};
typedef struct edgefn__status_name {
    uint16_t status, at, len;
} edgefn__status_name;
static const edgefn__status_name edgefn__statuses[] = {
#    define EDGEFN__X(status, text)                                                                \
      { status, offsetof(edgefn__status_texts, s##status), sizeof(text) - 1 },
    EDGEFN__STATUS_LIST(EDGEFN__X)
#    undef EDGEFN__X
};

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
    X(JSON, "result.json", DOCUMENTED, EDGEFN__L, "the result is not valid JSON", \
      "The Lambda function returned invalid JSON: The JSON output is not parsable.", \
      EDGEFN__Z_RESULT) \
    X(F_JSON, "functions.result.json", DOCUMENTED, EDGEFN__F, "the result is not valid JSON", \
      "", \
      EDGEFN__Z_FUNCTIONS) \
    X(SURROGATE, "result.surrogate", INFERRED, "all", \
      "the result contains half of a surrogate pair, which has no UTF-8 form: the rest is not " \
      "checked", "", EDGEFN__Z_RESULT) \
    X(OBJECT, "result.object", DOCUMENTED, EDGEFN__L, "the result is not a JSON object", \
      EDGEFN__Y_OBJECT, EDGEFN__Z_RESULT) \
    X(F_OBJECT, "functions.result.object", DOCUMENTED, EDGEFN__F, \
      "the result is not a JSON object", \
      "", EDGEFN__Z_FUNCTIONS) \
    X(SHAPE, "result.shape", INFERRED, "all", \
      "a response or request in the format of another service: API Gateway's, or that of the " \
      "other edge functions", "", EDGEFN__Z_EVENT) \
    X(WHOLE_EVENT, "result.whole-event", REPORTED, "all", \
      "the whole event was returned: return its request or response alone", "", \
      EDGEFN__Z_RESULT) \
    X(WRAPPED, "result.wrapped", REPORTED, EDGEFN__L, \
      "the result is wrapped in request or response: return what is inside", "", \
      EDGEFN__Z_RESULT) \
    X(F_WRAPPED, "functions.result.wrapped", DOUBTFUL, EDGEFN__F, \
      "wrapped, or a JSON string, as AWS's test-function prints results: only the part inside is " \
      "what a function returns, and that is checked", "", EDGEFN__Z_TEST) \
    X(BOTH, "result.both", INFERRED, "all", \
      "status together with uri or method: a request and a response in one object", "", \
      EDGEFN__Z_RESULT) \
    X(KIND, "result.kind", DOCUMENTED, "response events", \
      "a request was returned where only a response is possible", "", EDGEFN__Z_RESULT) \
    X(MEMBER_MISSING, "member.missing", DOCUMENTED, "all", "a required member is missing", "", \
      EDGEFN__Z_EVENT) \
    X(MEMBER_TYPE, "member.type", DOCUMENTED, "all", "a member has the wrong JSON type", "", \
      EDGEFN__Z_EVENT) \
    X(MEMBER_DUPLICATE, "member.duplicate", DOUBTFUL, "all", \
      "a name occurs twice in one object: which one counts is not documented", "", \
      EDGEFN__Z_EVENT) \
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
      "a value is an array of strings, which only a log message of CloudFront mentions", "", \
      EDGEFN__Z_EVENT) \
    X(HEADERS_ITEM, "headers.item", DOCUMENTED, EDGEFN__F, \
      "an item of headers, cookies or querystring must be an object with a string as value", \
      "", EDGEFN__Z_FUNCTIONS) \
    X(STATUS_NUMBER, "status.number", DOUBTFUL, EDGEFN__L, \
      "status is a number; the documentation says a string", "", EDGEFN__Z_EVENT) \
    X(STATUS_TYPE, "status.type", DOCUMENTED, "all", "the status has the wrong JSON type", "", \
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
      "the values of a read-only header are in another order", EDGEFN__Y_READ_ONLY, \
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
      "the values of a read-only header are in another order", EDGEFN__Y_READ_ONLY_F, \
      EDGEFN__Z_HEADERS) \
    X(RO_KEY, "header.read-only.key", DOUBTFUL, EDGEFN__L, \
      "a read-only header was sent back with another spelling of key", "", EDGEFN__Z_HEADERS) \
    X(DISALLOWED, "header.disallowed", DOCUMENTED, EDGEFN__L, "a disallowed header was added", \
      EDGEFN__FAILED "The function tried to add a blacklisted header.", EDGEFN__Z_HEADERS) \
    X(F_DISALLOWED, "functions.header.disallowed", DOCUMENTED, EDGEFN__F, \
      "a disallowed header was added", "", EDGEFN__Z_HEADERS) \
    X(COUNTRY_ADDED, "header.country.added", DOCUMENTED, "viewer-request", \
      "CloudFront-Viewer-Country was added in viewer-request", "", EDGEFN__Z_HEADERS) \
    X(COUNTRY_EDITED, "header.country.edited", DOUBTFUL, "viewer-request", \
      "CloudFront-Viewer-Country was changed or removed in viewer-request", "", \
      EDGEFN__Z_HEADERS) \
    X(HEADER_NAME, "header.name", DOCUMENTED, "all", "a header's name is not a valid token", "", \
      EDGEFN__Z_HEADERS) \
    X(HEADER_VALUE, "header.value", REPORTED, EDGEFN__L, \
      "a header's value contains a control character", \
      "Lambda function result validation failed, the function returned an invalid header, " \
      "invalid character : '%c' in header value, headerName : %n.", EDGEFN__Z_HEADERS) \
    X(F_HEADER_VALUE, "functions.header.value", INFERRED, EDGEFN__F, \
      "a header's or cookie's value contains a control character", "", EDGEFN__Z_HEADERS) \
    X(HEADER_KEY, "header.key", DOUBTFUL, EDGEFN__L, \
      "key is not the name of its entry in headers", \
      "", EDGEFN__Z_EVENT) \
    X(HEADER_CASE, "header.case", DOUBTFUL, EDGEFN__L, \
      "a name in headers contains upper-case letters", \
      "", EDGEFN__Z_EVENT) \
    X(F_HEADER_CASE, "functions.header.case", DOCUMENTED, EDGEFN__F, \
      "header names must be in lower case", \
      "The CloudFront function returned an invalid value: response.headers must have header " \
      "names in lower case.", EDGEFN__Z_FUNCTIONS) \
    X(F_COOKIE, "functions.header.cookie", DOCUMENTED, EDGEFN__F, \
      "cookies belong in cookies, not in headers", "", EDGEFN__Z_FUNCTIONS) \
    X(F_LENGTH, "functions.content-length", DOUBTFUL, EDGEFN__F, \
      "a generated response contains content-length", "", EDGEFN__Z_HEADERS) \
    X(HEADER_URL, "header.url", DOUBTFUL, "all", \
      "the URL in Location, Content-Location, Link or Refresh contains a space or non-ASCII " \
      "bytes: CloudFront has been seen to send '?' instead", "", \
      "RFC 9110 section 10.2.2, Location; RFC 3986 section 2, Characters") \
    X(COOKIE_JOINED, "cookie.joined", DOUBTFUL, "all", \
      "two cookies joined by ', ' in one Set-Cookie: browsers see one cookie", "", \
      "RFC 6265 section 3, Overview") \
    X(LOOP, "redirect.loop", DOUBTFUL, "all", \
      "a redirect to the request's own URL: an endless loop, unless something it sets, such as " \
      "a cookie, ends it", "", EDGEFN__Z_PROTO) \
    X(LOOP_SCHEME, "redirect.loop.scheme", DOUBTFUL, "all", \
      "a redirect to the request's own URL: an endless loop, unless the viewer used http (or " \
      "https, if Location is http). CloudFront-Forwarded-Proto, which would show it, is absent", \
      "", \
      EDGEFN__Z_PROTO) \
    X(STATUS_RANGE, "status.range", DOCUMENTED, "all", "the status is outside 200..599", "", \
      EDGEFN__Z_ANSWER) \
    X(STATUS_CHANGED, "status.changed", DOCUMENTED, EDGEFN__L " viewer-response", \
      "the status cannot be changed here", "", EDGEFN__Z_ANSWER) \
    X(STATUS_TEXT, "status-text.changed", DOUBTFUL, EDGEFN__L " viewer-response", \
      "statusDescription was changed", "", EDGEFN__Z_ANSWER) \
    X(STATUS_TEXT_BYTES, "status-text.characters", DOUBTFUL, "all", \
      "statusDescription contains a control character", "", EDGEFN__Z_ANSWER) \
    X(BODY_204, "body.with-204", DOCUMENTED, "all", "a response with status 204 has a body", \
      "", EDGEFN__Z_ANSWER) \
    X(BODY_TYPE, "body.type", DOCUMENTED, EDGEFN__L, "the body has the wrong JSON type", \
      EDGEFN__Y_BODY, EDGEFN__Z_ANSWER) \
    X(F_BODY_TYPE, "functions.body.type", DOCUMENTED, EDGEFN__F, \
      "the body has the wrong JSON type", "", EDGEFN__Z_FUNCTIONS) \
    X(BODY_ENCODING, "body.encoding", DOCUMENTED, "all", \
      "a body's encoding must be text or base64", \
      "", EDGEFN__Z_ANSWER) \
    X(BODY_BASE64, "body.base64", DOCUMENTED, "all", "the body is not valid base64", "", \
      EDGEFN__Z_ANSWER) \
    X(BODY_VIEWER, "body.viewer-response", DOUBTFUL, EDGEFN__L " viewer-response", \
      "a body in viewer-response", "", EDGEFN__Z_ANSWER) \
    X(RESPONSE_SIZE, "response.size", DOCUMENTED, EDGEFN__L, \
      "headers and body of a generated response are too large", EDGEFN__Y_BODY, \
      "Quotas, Quotas on Lambda@Edge") \
    X(RESPONSE_CLOSE, "response.size.close", DOUBTFUL, EDGEFN__L " viewer events", \
      "more than 40,000 bytes, which may be what AWS means by 40 KB", "", \
      "Quotas, Quotas on Lambda@Edge") \
    X(F_BODY_SIZE, "functions.body.size", DOUBTFUL, EDGEFN__F, \
      "a body of more than 40 KB: no limit is documented", "", \
      "Quotas, Quotas on CloudFront Functions") \
    X(METHOD, "method.changed", INFERRED, "request events", "method is read-only", "", \
      EDGEFN__Z_EVENT) \
    X(CLIENT_IP, "client-ip.changed", INFERRED, "request events", \
      "the client's address is read-only", "", EDGEFN__Z_EVENT) \
    X(URI_START, "uri.start", DOCUMENTED, EDGEFN__L " request events", "uri must begin with '/'", \
      EDGEFN__Y_URI, EDGEFN__Z_URI) \
    X(URI_CHARACTERS, "uri.characters", INFERRED, EDGEFN__L " request events", \
      "uri contains '?', '#', a space or a control character", EDGEFN__Y_URI, EDGEFN__Z_URI) \
    X(F_URI_START, "functions.uri.start", DOCUMENTED, EDGEFN__F " viewer-request", \
      "uri must begin with '/'", "", EDGEFN__Z_URI) \
    X(F_URI_CHARACTERS, "functions.uri.characters", INFERRED, EDGEFN__F " viewer-request", \
      "uri contains '?', '#', a space or a control character", "", EDGEFN__Z_URI) \
    X(URI_LENGTH, "uri.length", DOCUMENTED, "request events", \
      "uri and query together reach 8,192 characters", "", EDGEFN__Z_URI) \
    X(QUERY_CHARACTERS, "query.characters", DOCUMENTED, "request events", \
      "querystring contains a space, a control character or '#'", "", EDGEFN__Z_URI) \
    X(QUERY_MARK, "query.question-mark", DOUBTFUL, "request events", \
      "querystring begins with '?', which is not part of it", "", EDGEFN__Z_URI) \
    X(BODY_ACTION, "body.action", INFERRED, EDGEFN__L " request events", \
      "a body's action must be read-only or replace", "", EDGEFN__Z_BODY) \
    X(BODY_SIZE, "body.size", DOCUMENTED, EDGEFN__L " request events", \
      "the replaced body is too large", EDGEFN__Y_BODY, EDGEFN__Z_BODY) \
    X(BODY_CLOSE, "body.size.close", DOUBTFUL, EDGEFN__L " viewer-request", \
      "a replaced body that is too large by some readings of 40 KB and 53.2 KB", "", \
      EDGEFN__Z_BODY) \
    X(BODY_IGNORED, "body.ignored", DOUBTFUL, EDGEFN__L " request events", \
      "the body was changed, but its action is read-only: CloudFront ignores the change", "", \
      EDGEFN__Z_BODY) \
    X(ORIGIN_KIND, "origin.kind", DOCUMENTED, "origin-request", \
      "an origin must be exactly one of custom and s3", "", EDGEFN__Z_ORIGIN) \
    X(ORIGIN_DOMAIN, "origin.domain", DOCUMENTED, "origin-request", \
      "domainName must be a DNS name of at most 253 characters (S3: 128, lower case)", "", \
      EDGEFN__Z_ORIGIN) \
    X(ORIGIN_PATH, "origin.path", DOCUMENTED, "origin-request", \
      "path must begin with '/', not end with '/', and have at most 255 characters", "", \
      EDGEFN__Z_ORIGIN) \
    X(ORIGIN_PORT, "origin.port", DOCUMENTED, "origin-request", \
      "port must be 80, 443 or 1024..65535", \
      "", EDGEFN__Z_ORIGIN) \
    X(ORIGIN_PROTOCOL, "origin.protocol", DOCUMENTED, "origin-request", \
      "protocol must be http or https", "", EDGEFN__Z_ORIGIN) \
    X(ORIGIN_TLS, "origin.tls", DOCUMENTED, "origin-request", \
      "sslProtocols must contain TLSv1.2, TLSv1.1, TLSv1 or SSLv3, and nothing else", "", \
      EDGEFN__Z_ORIGIN) \
    X(ORIGIN_TIMEOUT, "origin.timeout", DOCUMENTED, "origin-request", \
      "a time-out is outside 1..120 seconds", "", EDGEFN__Z_ORIGIN) \
    X(ORIGIN_KEEPALIVE, "origin.keepalive", DOUBTFUL, "origin-request", \
      "keepaliveTimeout above 120: AWS's pages disagree", "", EDGEFN__Z_ORIGIN) \
    X(ORIGIN_COMPLETION, "origin.completion", DOCUMENTED, "origin-request", \
      "responseCompletionTimeout must be 0 or at least readTimeout", "", EDGEFN__Z_ORIGIN) \
    X(ORIGIN_AUTH, "origin.auth-method", DOCUMENTED, "origin-request", \
      "authMethod must be none or origin-access-identity", "", EDGEFN__Z_ORIGIN) \
    X(ORIGIN_REGION, "origin.region", DOCUMENTED, "origin-request", \
      "an origin access identity needs the bucket's region", "", EDGEFN__Z_ORIGIN) \
    X(ORIGIN_IDENTITY, "origin.identity", DOUBTFUL, "origin-request", \
      "a custom origin is replaced by one with an origin access identity: AWS's page forbids it " \
      "and requires a region, AWS's example does it without", "", \
      EDGEFN__Z_ORIGIN "; Lambda@Edge example functions, Change an origin") \
    X(ORIGIN_WEBSITE, "origin.website", DOUBTFUL, "origin-request", \
      "an S3 website endpoint as an s3 origin: it supports neither HTTPS nor an access identity; " \
      "use a custom origin", "", \
      "Use various origins with CloudFront distributions, Use an Amazon S3 bucket that's " \
      "configured as a website endpoint") \
    X(ORIGIN_OTHER, "origin.member", INFERRED, "origin-request", \
      "an origin of this kind has no such member", "", EDGEFN__Z_ORIGIN) \
    X(ORIGIN_FOREIGN, "origin.member.foreign", DOUBTFUL, "origin-request", \
      "only an origin of the other kind has this member", "", EDGEFN__Z_ORIGIN) \
    X(ORIGIN_LACKS, "origin.member.missing", DOUBTFUL, "origin-request", \
      "a member that AWS always sends is missing", "", EDGEFN__Z_ORIGIN) \
    X(CUSTOM_DENIED, "origin.header.denied", DOCUMENTED, "origin-request", \
      "a header that CloudFront cannot add as a custom header", EDGEFN__Y_ORIGIN, \
      EDGEFN__Z_CUSTOM) \
    X(CUSTOM_CLASH, "origin.header.clash", INFERRED, "origin-request", \
      "a custom header that is also in request.headers", EDGEFN__Y_ORIGIN, EDGEFN__Z_ORIGIN) \
    X(CUSTOM_SIZE, "origin.header.size", DOCUMENTED, "origin-request", \
      "a custom header's name, its value, or all of them are too long", EDGEFN__Y_ORIGIN, \
      "Quotas, Quotas on headers") \
    X(ORIGIN_HOST, "origin.host", DOUBTFUL, "origin-request", \
      "the Host header is not the changed origin's domain", "", EDGEFN__Z_ORIGIN)

enum {
#define EDGEFN__X(name, id, confidence, kinds, text, says, source) EDGEFN__R_##name,
    EDGEFN__RULE_LIST(EDGEFN__X)
#undef EDGEFN__X
    EDGEFN__R_COUNT
};
static const uint8_t edgefn__confidences[EDGEFN__R_COUNT] = {
#define EDGEFN__X(name, id, confidence, kinds, text, says, source) EDGEFN_CONFIDENCE_##confidence,
    EDGEFN__RULE_LIST(EDGEFN__X)
#undef EDGEFN__X
};
/* The table that edgefn_rules() and findings refer to. Its texts are arrays, so that a host that
   only writes results is linked without them; edgefn__rule_id() has the ids once more. */
static const struct {
#define EDGEFN__X(name, id, confidence, kinds, text, says, source) \
    char name##_id[sizeof(id)], name##_in[sizeof(kinds)], name##_text[sizeof(text)]; \
    char name##_says[sizeof(says)], name##_of[sizeof(source)];
    EDGEFN__RULE_LIST(EDGEFN__X)
#undef EDGEFN__X
} edgefn__rule_texts = {
#define EDGEFN__X(name, id, confidence, kinds, text, says, source) id, kinds, text, says, source,
    EDGEFN__RULE_LIST(EDGEFN__X)
#undef EDGEFN__X
};
static const edgefn_rule edgefn__rules[EDGEFN__R_COUNT] = {
#define EDGEFN__X(name, id, confidence, kinds, text, says, source) \
    { edgefn__rule_texts.name##_id, EDGEFN_CONFIDENCE_##confidence, \
      EDGEFN_CONFIDENCE_##confidence == EDGEFN_CONFIDENCE_DOUBTFUL ? 0 : 502, \
      edgefn__rule_texts.name##_in, edgefn__rule_texts.name##_text, \
      sizeof(says) > 1 ? edgefn__rule_texts.name##_says : NULL, edgefn__rule_texts.name##_of },
    EDGEFN__RULE_LIST(EDGEFN__X)
#undef EDGEFN__X
};
/* clang-format on */

/* Rules of Lambda@Edge and their counterparts: X(Lambda@Edge, CloudFront Functions). */
/* clang-format off */
#define EDGEFN__TWIN_LIST(X) \
    X(JSON, F_JSON) \
    X(OBJECT, F_OBJECT) \
    X(HEADERS_ARRAY, HEADERS_ITEM) \
    X(HEADERS_ENTRY, HEADERS_ITEM) \
    X(RO_ADDED, F_RO_ADDED) \
    X(RO_DELETED, F_RO_DELETED) \
    X(RO_CHANGED, F_RO_CHANGED) \
    X(RO_VALUES, F_RO_VALUES) \
    X(RO_REORDERED, F_RO_REORDERED) \
    X(DISALLOWED, F_DISALLOWED) \
    X(HEADER_VALUE, F_HEADER_VALUE) \
    X(HEADER_CASE, F_HEADER_CASE) \
    X(BODY_TYPE, F_BODY_TYPE) \
    X(URI_START, F_URI_START) \
    X(URI_CHARACTERS, F_URI_CHARACTERS)

static const struct {
    uint8_t lambda, functions;
} edgefn__twins[] = {
#define EDGEFN__X(lambda, functions) { EDGEFN__R_##lambda, EDGEFN__R_##functions },
    EDGEFN__TWIN_LIST(EDGEFN__X)
#undef EDGEFN__X
};
/* clang-format on */

/* One bit for each event type of each dialect. */
enum {
    EDGEFN__LVQ = 1,  /* Lambda@Edge: viewer-request */
    EDGEFN__LOQ = 2,  /* origin-request */
    EDGEFN__LOS = 4,  /* origin-response */
    EDGEFN__LVS = 8,  /* viewer-response */
    EDGEFN__FVQ = 16, /* CloudFront Functions: viewer-request */
    EDGEFN__FVS = 32, /* viewer-response */
    EDGEFN__ALL_EVENTS = 63,
    /* other properties of a row of edgefn__header_policies */
    EDGEFN__H_DISALLOWED = 64,  /* in every event */
    EDGEFN__H_NOT_CUSTOM = 128, /* not allowed as a custom header of an origin */
    EDGEFN__H_COUNTRY = 256     /* added after Lambda@Edge viewer-request */
};

/* Limits without a row in a table below. */
enum {
    /* Generate HTTP responses in request triggers */
    EDGEFN__STATUS_LOWEST = 200,
    EDGEFN__STATUS_HIGHEST = 599,
    /* uri, '?' and query. Restrictions on all edge functions, Query string, URI, encoding */
    EDGEFN__URL_MOST = 8191,
    /* a domain name, of a custom origin and of an S3 bucket. Lambda@Edge event structure, Request
       event, origin */
    EDGEFN__DOMAIN_MOST = 253,
    EDGEFN__BUCKET_MOST = 128,
    /* an origin's custom headers: each name, each value, all of them. Quotas, Quotas on headers */
    EDGEFN__CUSTOM_NAME_MOST = 256,
    EDGEFN__CUSTOM_VALUE_MOST = 1783,
    EDGEFN__CUSTOM_TOTAL_MOST = 10240
};

/* Size limits in bytes, by event type; the first row that is exceeded is reported. Sources: Quotas,
   Quotas on Lambda@Edge; for request bodies: Work with requests and responses, Access the request
   body. AWS's "40 KB" may also mean 40,000 bytes. For CloudFront Functions no limit is
   documented. */
enum {
    EDGEFN__SIZE_RESPONSE, /* headers and body of a response */
    EDGEFN__SIZE_RESPONSE_BODY,
    EDGEFN__SIZE_BODY,      /* the body of a request, decoded */
    EDGEFN__SIZE_BODY_TEXT, /* the same as written, by encoding */
    EDGEFN__SIZE_BODY_BASE64,
    EDGEFN__SIZE_COUNT
};
typedef struct edgefn__size_rule {
    uint8_t events, of, rule;
    uint32_t most;
} edgefn__size_rule;
/* clang-format off */
static const edgefn__size_rule edgefn__size_rules[] = {
    { EDGEFN__LVQ | EDGEFN__LVS, EDGEFN__SIZE_RESPONSE, EDGEFN__R_RESPONSE_SIZE, 40 * 1024 },
    { EDGEFN__LVQ | EDGEFN__LVS, EDGEFN__SIZE_RESPONSE, EDGEFN__R_RESPONSE_CLOSE, 40000 },
    { EDGEFN__LOQ | EDGEFN__LOS, EDGEFN__SIZE_RESPONSE, EDGEFN__R_RESPONSE_SIZE, 1024 * 1024 },
    { EDGEFN__FVQ | EDGEFN__FVS, EDGEFN__SIZE_RESPONSE_BODY, EDGEFN__R_F_BODY_SIZE, 40 * 1024 },
    { EDGEFN__LVQ, EDGEFN__SIZE_BODY, EDGEFN__R_BODY_SIZE, 40 * 1024 },
    { EDGEFN__LVQ, EDGEFN__SIZE_BODY_TEXT, EDGEFN__R_BODY_CLOSE, 40000 },
    { EDGEFN__LVQ, EDGEFN__SIZE_BODY_BASE64, EDGEFN__R_BODY_CLOSE, 54476 }, /* 53.2 KB */
    { EDGEFN__LOQ, EDGEFN__SIZE_BODY, EDGEFN__R_BODY_SIZE, 1024 * 1024 }
};
/* clang-format on */

/* Headers that functions may not change freely, sorted by name: the event types in which each is
   read-only, and further properties. tests/tables.py generates the index below.
   Source: Restrictions on all edge functions, HTTP headers; Restrictions on Lambda@Edge, HTTP
   headers; Add custom headers to origin requests, Custom headers that CloudFront can't add to
   origin requests. */
typedef struct edgefn__header_rule {
    const char *name;
    uint8_t len;
    uint16_t bits;
} edgefn__header_rule;
#    define EDGEFN__H(name, bits)                                                                  \
      {                                                                                            \
        name, sizeof(name) - 1, bits                                                               \
      }
/* clang-format off */
static const edgefn__header_rule edgefn__header_policies[] = {
    EDGEFN__H("accept-encoding", EDGEFN__LOQ),
    EDGEFN__H("cache-control", EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("cdn-loop", EDGEFN__LVQ | EDGEFN__LOQ | EDGEFN__FVQ),
    EDGEFN__H("client-cert", EDGEFN__H_DISALLOWED),
    EDGEFN__H("client-cert-chain", EDGEFN__H_DISALLOWED),
    EDGEFN__H("cloudfront-viewer-cert-pem", EDGEFN__H_DISALLOWED),
    EDGEFN__H("cloudfront-viewer-country", EDGEFN__H_COUNTRY),
    EDGEFN__H("connection", EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("content-encoding", EDGEFN__LVS),
    EDGEFN__H("content-length", EDGEFN__LVQ | EDGEFN__LOQ | EDGEFN__LVS | EDGEFN__FVQ |
              EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("cookie", EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("expect", EDGEFN__H_DISALLOWED),
    EDGEFN__H("host", EDGEFN__LVQ | EDGEFN__FVQ | EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("if-match", EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("if-modified-since", EDGEFN__LOQ | EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("if-none-match", EDGEFN__LOQ | EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("if-range", EDGEFN__LOQ | EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("if-unmodified-since", EDGEFN__LOQ | EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("keep-alive", EDGEFN__H_DISALLOWED),
    EDGEFN__H("max-forwards", EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("pragma", EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("proxy-authenticate", EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("proxy-authorization", EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("proxy-connection", EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("range", EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("request-range", EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("te", EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("trailer", EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("transfer-encoding", EDGEFN__LVQ | EDGEFN__LOQ | EDGEFN__LOS | EDGEFN__LVS |
              EDGEFN__FVQ | EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("upgrade", EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("via", EDGEFN__ALL_EVENTS | EDGEFN__H_NOT_CUSTOM),
    EDGEFN__H("warning", EDGEFN__LVS | EDGEFN__FVS),
    EDGEFN__H("x-accel-buffering", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-accel-charset", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-accel-limit-rate", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-accel-redirect", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-amzn-auth", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-amzn-cf-billing", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-amzn-cf-id", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-amzn-cf-xff", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-amzn-errortype", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-amzn-fle-profile", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-amzn-header-count", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-amzn-header-order", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-amzn-lambda-integration-tag", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-amzn-requestid", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-cache", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-forwarded-proto", EDGEFN__H_DISALLOWED),
    EDGEFN__H("x-real-ip", EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM)
};

/* For each first letter, the lengths of its names and their last letters as bits, which rule out
   most headers at once, and the index of its first name. */
/* generated by tests/tables.py: */
static const uint32_t edgefn__header_lengths[26] = {
    0x8000, 0, 0x6036d40, 0, 0x40, 0, 0, 0x10, 0xa2100, 0, 0x400, 0, 0x1000, 0, 0, 0xd0040, 0,
    0x2020, 0, 0x20084, 0x80, 0x8, 0x80, 0x200fba80, 0, 0
};
static const uint32_t edgefn__header_lasts[26] = {
    0x40, 0, 0x108b8d0, 0, 0x80000, 0, 0, 0x80000, 0x90, 0, 0x10, 0, 0x40000, 0, 0, 0x2011, 0,
    0x10, 0, 0x20050, 0x10, 0x1, 0x40, 0xac0f8, 0, 0
};
static const uint8_t edgefn__header_first[27] = {
    0, 1, 1, 11, 11, 12, 12, 12, 13, 18, 18, 19, 19, 20, 20, 20, 24, 24, 26, 26, 29, 30, 31, 32,
    49, 49, 49
};
/* end of generated */
/* clang-format on */

static edgefn_str edgefn__status_text(uint32_t status)
{
    size_t low = 0;
    size_t high = EDGEFN__COUNT(edgefn__statuses);
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const edgefn__status_name *s = &edgefn__statuses[mid];
        if (s->status == status)
            return edgefn__str((const char *)&edgefn__status_text_of + s->at, s->len);
        if (s->status < status)
            low = mid + 1;
        else
            high = mid;
    }
    return EDGEFN_S("");
}

EDGEFN_API const char *edgefn_version(void)
{
    return EDGEFN_VERSION;
}

/* Returns the n-th of some texts that follow one another, each ended by NUL. Such a list is linked
   only with the function that uses it; the literals of a table of pointers are linked with any
   table of pointers. */
static const char *edgefn__nth_text(const char *texts, size_t n)
{
    while (n != 0) {
        if (*texts++ == '\0') n--;
    }
    return texts;
}

EDGEFN_API const char *edgefn_error_name(edgefn_error code)
{
#    define EDGEFN__X(id, text) "EDGEFN_E_" #    id "\0"
    static const char names[] = "EDGEFN_OK\0" EDGEFN_ERROR_LIST(EDGEFN__X);
#    undef EDGEFN__X
    return (unsigned)code < EDGEFN__E_COUNT ? edgefn__nth_text(names, (size_t)code) : "EDGEFN_E_?";
}

EDGEFN_API const char *edgefn_error_text(edgefn_error code)
{
#    define EDGEFN__X(id, text) text "\0"
    static const char texts[] = "no error\0" EDGEFN_ERROR_LIST(EDGEFN__X);
#    undef EDGEFN__X
    return (unsigned)code < EDGEFN__E_COUNT ? edgefn__nth_text(texts, (size_t)code)
                                            : "no such error";
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

/* A text under construction in a fixed buffer; `full` is set when something did not fit. */
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

/* As edgefn__put(), but appends as much as fits. */
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

/* Reports whether lenient parsing would accept what strict parsing rejected, judging by this one
   failure. */
static bool edgefn__lenient_helps(const edgefn_event *ev)
{
    edgefn_str s = ev->err.subject;
    edgefn_str p = ev->_json;
    size_t pos = ev->err.pos;
    if ((ev->_flags & (EDGEFN__LENIENT | EDGEFN__PARTS)) || pos == EDGEFN__NO_POS || pos >= p.len)
        return false;
    if (ev->err.code == EDGEFN_E_TYPE)
        return p.len - pos >= 4 && edgefn__same4(p.ptr + pos, "null");
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
   How it works: one block, used from both ends. Memory from the bottom lives as long as the event,
   or until its scope ends; memory from the top lives while a call runs. All size arithmetic of the
   file is here; it compares before it subtracts, so that nothing can overflow. */

EDGEFN_API edgefn_arena edgefn_arena_make(void *mem, size_t size)
{
    edgefn_arena a = { (unsigned char *)mem, mem != NULL ? size : 0, 0 };
    return a;
}

/* Reports whether count elements of that size fit; divides only if the product could overflow. */
EDGEFN__INLINE bool edgefn__fits(size_t count, size_t size, size_t room)
{
    if (((count | size) >> (sizeof(size_t) * 4 - 1)) == 0) return count * size <= room;
    if (EDGEFN__NEVER(count == 0)) return true; /* sizes are small, so count is not */
    return size <= room / count;
}

/* Allocates count * size bytes from the bottom; NULL and EDGEFN_E_OOM if they do not fit. align is
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

/* Allocates n bytes from the bottom, without alignment. */
EDGEFN__INLINE char *edgefn__take_bytes(edgefn_event *ev, size_t n)
{
    edgefn_arena *a = &ev->arena;
    if (EDGEFN__UNLIKELY(a->ptr == NULL || n > a->cap - a->used))
        return (char *)edgefn__take(ev, n, 1, 1);
    a->used += n;
    return (char *)a->ptr + a->used - n;
}

/* Allocates bytes from the top of the free part, aligned to 8; restoring *top releases them. */
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

/* Fields for which there is room after the headers that a handler may edit. */
enum { EDGEFN__SPARE = 8 };

/* Parsing takes at most 7 bytes a byte of input. One bit a byte marks the quotes: 0.125. Everything
   else is charged to pieces of the text that do not overlap:
   - A value {"value":""} with its comma has at least 13 bytes and takes a field of 80: 6.16. An
     escape in it adds at least 2 bytes to the text and 4 + 1 to the memory.
   - While equal names are searched in one object, each name takes 16 and at most 12 in the hash
     table, or 16 for sorting: 32, released afterwards, and a byte each for its text unescaped and
     in lower case. The shortest member, "":0, has 5 bytes if the names are equal, and then there is
     no sorting: 28 / 5 = 5.6. With a field, "":{"value":""}, has 16: (80 + 28) / 16 = 6.75.
     Names that differ, "a":{"value":""}, 17 bytes: (80 + 32 + 3) / 17 = 6.77.
   - An escaped string in an array, "\n", has 5 bytes and takes 4: 0.8.
   Together at most 6.77 + 0.125. The constant covers the marks' slack, a hash table of 16 slots,
   alignment, and the room that is left for added headers. */
EDGEFN_API size_t edgefn_memory_bound(size_t json_len)
{
    const size_t more = 1024 + EDGEFN__SPARE * sizeof(edgefn_field);
    if (json_len > (SIZE_MAX - more) / 7) return SIZE_MAX;
    return json_len * 7 + more;
}

/* The memory that an event takes in all, by the most that one byte of it can cost. CloudFront
   limits a URL to 8,192 bytes and a request's head to 32,768, which as JSON is at most 256 KB (30
   bytes for a header of "a:b"); the rest of a larger event is a body. A parameter has at least 2
   bytes, "a&", and takes fields of 80 bytes: in the view, in its copy for edits, in a larger copy
   for more than 9 edits (120), among the removed ones, and again in the view after normalising; two
   more while that sorts: 222 a byte measured. A cookie, "a;", has the same view, copies and
   sorting: 143. A header of at least 13 bytes: 43. Text (the result, a decoded body): 2. */
EDGEFN_API size_t edgefn_memory_event(size_t json_len, size_t edits)
{
    static const uint32_t ends[3] = { 8192, 32768, 262144 };
    static const uint32_t rates[3] = { 240, 160, 48 };
    size_t total = 16384;
    size_t from = 0;
    for (int i = 0; i < 3; i++) {
        size_t end = json_len < ends[i] ? json_len : ends[i];
        total += (end - from) * rates[i];
        from = end;
    }
    if (json_len > (SIZE_MAX - total) / 3) return SIZE_MAX;
    total += json_len * 3;
    if (edits > (SIZE_MAX - total) / 400) return SIZE_MAX;
    total += edits * 400;
    size_t bound = edgefn_memory_bound(json_len);
    return total < bound ? bound : total;
}

/*--- scopes -------------------------------------------------------------------------------------*/

/* The end of a scope releases what was allocated since its begin. Memory is released in no other
   way, so nothing allocated inside a scope may be kept. With EDGEFN_DEBUG, which the tests define,
   the end traps if a list or member of the event lies in the released memory, and overwrites it,
   so that tests notice any other string kept there. */
typedef struct edgefn__scope {
    size_t used, cap;
} edgefn__scope;

#    ifdef EDGEFN_DEBUG
typedef struct edgefn__released {
    const unsigned char *from, *end;
} edgefn__released;

static bool edgefn__is_released(const edgefn__released *r, const void *p)
{
    return (uintptr_t)p >= (uintptr_t)r->from && (uintptr_t)p < (uintptr_t)r->end;
}

static bool edgefn__list_released(const edgefn__released *r, const edgefn_fields *f)
{
    if (f->len + f->_cap != 0 && edgefn__is_released(r, f->items)) return true;
    if (f->removed_len + f->_removed_cap != 0 && edgefn__is_released(r, f->removed)) return true;
    return f->_received_len != 0 && edgefn__is_released(r, f->_received);
}

static bool edgefn__event_released(const edgefn__released *r, const edgefn_event *ev)
{
    const edgefn_request *q = &ev->request;
    const edgefn_response *a = &ev->response;
    const edgefn_fields *lists[8] = { &q->headers,      &q->origin.headers, &q->_query,
                                      &q->_cookies,     &a->headers,        &a->_cookies,
                                      ev->_unsynced[0], ev->_unsynced[1] };
    edgefn_str strings[14] = { q->method,
                               q->uri,
                               q->querystring,
                               q->client_ip,
                               q->body.data,
                               q->origin.domain,
                               q->origin.path,
                               q->origin.region,
                               q->origin.auth_method,
                               q->_query_source,
                               q->_query_received,
                               a->status_text,
                               a->body.data,
                               ev->err.subject };
    for (size_t i = 0; i < EDGEFN__COUNT(lists); i++) {
        if (edgefn__is_released(r, lists[i])) return true;
        if (lists[i] != NULL && edgefn__list_released(r, lists[i])) return true;
    }
    for (size_t i = 0; i < EDGEFN__COUNT(strings); i++) {
        if (strings[i].len != 0 && edgefn__is_released(r, strings[i].ptr)) return true;
    }
    return edgefn__is_released(r, ev->_parts);
}

/* Releases the bytes [from, end) of the arena. */
static void edgefn__release_check(const edgefn_event *ev, size_t from, size_t end)
{
    edgefn__released r = { ev->arena.ptr, ev->arena.ptr };
    if (end < from) edgefn__stop();
    if (end == from) return;
    r.from += from;
    r.end += end;
    if (edgefn__event_released(&r, ev)) edgefn__stop();
    edgefn__memset(ev->arena.ptr + from, 0xdd, end - from);
}
#    endif

EDGEFN__INLINE edgefn__scope edgefn__scope_begin(const edgefn_event *ev)
{
    edgefn__scope s = { ev->arena.used, ev->arena.cap };
    return s;
}

/* Releases what is held at the top; what was allocated from the bottom stays. */
EDGEFN__INLINE void edgefn__scope_end_top(edgefn_event *ev, edgefn__scope s)
{
#    ifdef EDGEFN_DEBUG
    edgefn__release_check(ev, ev->arena.cap, s.cap);
#    endif
    ev->arena.cap = s.cap;
}

EDGEFN__INLINE void edgefn__scope_end(edgefn_event *ev, edgefn__scope s)
{
#    ifdef EDGEFN_DEBUG
    edgefn__release_check(ev, s.used, ev->arena.used);
#    endif
    ev->arena.used = s.used;
    edgefn__scope_end_top(ev, s);
}

/* Protects what was allocated from the top down to `top` until the scope ends. */
EDGEFN__INLINE void edgefn__hold(edgefn_event *ev, size_t top)
{
    ev->arena.cap = top;
}

/* Allocates bytes from the top and protects them. */
static void *edgefn__take_held(edgefn_event *ev, size_t count, size_t size)
{
    size_t top = ev->arena.cap;
    void *p = edgefn__take_top(ev, &top, count, size);
    edgefn__hold(ev, top);
    return p;
}

/* Ends a scope but keeps one of its texts. */
static edgefn_str edgefn__scope_end_but(edgefn_event *ev, edgefn__scope s, edgefn_str text)
{
    char *to = (char *)ev->arena.ptr + s.used;
    edgefn__memmove(to, text.ptr, text.len);
    s.used += text.len;
    edgefn__scope_end(ev, s);
    return edgefn__str(to, text.len);
}

/* Releases the bytes allocated last. */
static void edgefn__give_back(edgefn_event *ev, size_t bytes)
{
    edgefn__scope last = { ev->arena.used - bytes, ev->arena.cap };
    edgefn__scope_end(ev, last);
}

/* Releases the previous result, [at, end), if it was allocated last. */
static void edgefn__take_again(edgefn_event *ev, size_t at, size_t end)
{
    if (end != 0 && ev->arena.used == end) ev->arena.used = at;
}

/* Allocates what was written into the free part before `end`. */
EDGEFN__INLINE void edgefn__take_until(edgefn_event *ev, const void *end)
{
    ev->arena.used = (size_t)((const unsigned char *)end - ev->arena.ptr);
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

/* Starts a text in the free part; edgefn__text_end() allocates what was written. */
static edgefn__text edgefn__text_begin(edgefn_event *ev, size_t top)
{
    edgefn__text t;
    t.at = t.end = (char *)(uintptr_t) ""; /* without a block nothing fits; NULL + 0 is undefined */
    t.full = false;
    if (ev->arena.ptr == NULL) return t;
    t.at = (char *)ev->arena.ptr + ev->arena.used;
    t.end = (char *)ev->arena.ptr + top;
    return t;
}

/* Returns what was written of a text that is not allocated yet; absent if it did not fit. */
static edgefn_str edgefn__text_written(edgefn_event *ev, const edgefn__text *t)
{
    if (t->full || ev->arena.ptr == NULL) {
        edgefn__fail(ev, EDGEFN_E_OOM, "arena", edgefn__absent());
        return edgefn__absent();
    }
    const char *start = (const char *)ev->arena.ptr + ev->arena.used;
    return edgefn__str(start, (size_t)(t->at - start));
}

static edgefn_str edgefn__text_end(edgefn_event *ev, edgefn__text *t)
{
    edgefn_str s = edgefn__text_written(ev, t);
    ev->arena.used += s.len;
    return s;
}

/* Ends a text that is needed only while a call runs: moves it to the top. */
static edgefn_str edgefn__text_end_top(edgefn_event *ev, edgefn__text *t, size_t *top)
{
    edgefn_str s = edgefn__text_written(ev, t);
    if (s.ptr == NULL) return s;
    char *to = (char *)edgefn__take_top(ev, top, s.len, 1);
    if (to == NULL) return edgefn__absent();
    edgefn__memmove(to, s.ptr, s.len);
    return edgefn__str(to, s.len);
}

/*=== >>str ========================================================================================
   A hash of each name lets look-ups skip most comparisons of bytes. Sorting merges runs and is
   stable. Functions that read several bytes at once do not read beyond the string unless their
   comment says so. */

/* Hashes the length, the first and the last four bytes of a name, the same for any case of its
   letters. Look-ups compare the hash before the bytes. */
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

/* A word that contains all bytes of a string of at most 8. */
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

/* Eight bytes with ASCII letters in lower case. */
EDGEFN__INLINE uint64_t edgefn__lower8(uint64_t v)
{
    return v | edgefn__upper8(v) >> 2;
}

#    ifdef EDGEFN__SSE2
/* Sets all bits of each byte that is a capital. */
EDGEFN__INLINE __m128i edgefn__upper16(__m128i v)
{
    const __m128i shift = _mm_set1_epi8((char)(127 - 'Z')); /* they become the 26 largest */
    return _mm_cmpgt_epi8(_mm_add_epi8(v, shift), _mm_set1_epi8((char)(127 - 26)));
}
EDGEFN__INLINE __m128i edgefn__lower16(__m128i v)
{
    return _mm_or_si128(v, _mm_and_si128(edgefn__upper16(v), _mm_set1_epi8(0x20)));
}
#    endif

EDGEFN__INLINE bool edgefn__has_upper(edgefn_str s)
{
#    ifdef EDGEFN__SSE2
    if (s.len >= 16) {
        __m128i found = _mm_setzero_si128(), v;
        for (size_t i = 0;; i = s.len - i > 32 ? i + 16 : s.len - 16) {
            v = _mm_loadu_si128((const __m128i *)(const void *)(s.ptr + i));
            found = _mm_or_si128(found, edgefn__upper16(v));
            if (i == s.len - 16) return _mm_movemask_epi8(found) != 0;
        }
    }
#    endif
    if (s.len <= 8) return edgefn__upper8(edgefn__load_short(s.ptr, s.len)) != 0;
    uint64_t found = 0;
    for (size_t i = 0; i + 8 < s.len; i += 8)
        found |= edgefn__upper8(edgefn__load8(s.ptr + i));
    return (found | edgefn__upper8(edgefn__load8(s.ptr + s.len - 8))) != 0;
}

/* As edgefn__has_upper(), but needs 32 readable bytes, of which the first `len` are the name. Not
   0: there may be a capital (false positives occur); 0: there is none. */
EDGEFN__INLINE uint32_t edgefn__has_upper32(const char *p, size_t len)
{
#    ifdef EDGEFN__SSE2
    if (EDGEFN__LIKELY(len <= 32)) {
        __m128i head = _mm_loadu_si128((const __m128i *)(const void *)p),
                tail = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
        uint32_t found = (uint32_t)_mm_movemask_epi8(edgefn__upper16(head))
                         | (uint32_t)_mm_movemask_epi8(edgefn__upper16(tail)) << 16;
        return found << ((0 - len) & 31);
    }
#    endif
    return edgefn__has_upper(edgefn__str(p, len));
}
static int edgefn__compare(edgefn_str a, edgefn_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int d = n != 0 ? edgefn__memcmp(a.ptr, b.ptr, n) : 0;
    if (d != 0) return d;
    return a.len < b.len ? -1 : a.len > b.len;
}

/* Negative if a belongs before b, 0 if they are equal, positive if it belongs after b. */
typedef int (*edgefn__order)(const void *a, const void *b);

static bool edgefn__sorted(const void *items, size_t n, size_t size, edgefn__order order)
{
    const char *at = (const char *)items;
    for (size_t i = 1; i < n; i++, at += size) {
        if (order(at, at + size) > 0) return false;
    }
    return true;
}

/* Merges two adjacent sorted runs, [a, b) and [b, end), into `to`. */
static void edgefn__merge(const char *a, const char *b, const char *end, char *to, size_t size,
                          edgefn__order order)
{
    const char *mid = b;
    for (; a < mid && b < end; to += size) {
        bool right = order(a, b) > 0;
        edgefn__copy(to, right ? b : a, size);
        a += right ? 0 : size;
        b += right ? size : 0;
    }
    edgefn__memcpy(to, a, (size_t)(mid - a));
    edgefn__memcpy(to + (mid - a), b, (size_t)(end - b));
}

/* Sorts a few items in place, by insertion. */
static void edgefn__sort_few(char *items, size_t n, size_t size, edgefn__order order)
{
    char item[sizeof(edgefn_field)]; /* the largest that is sorted */
    for (size_t i = 1; i < n; i++) {
        char *at = items + i * size;
        char *to = at;
        while (to > items && order(to - size, at) > 0)
            to -= size;
        if (to == at) continue;
        edgefn__memcpy(item, at, size);
        edgefn__memmove(to + size, to, (size_t)(at - to));
        edgefn__memcpy(to, item, size);
    }
}

/* Sorts n items of `size` bytes, at most an edgefn_field's; stable, n log n. More than 8 items out
   of order need as much memory as they occupy, taken from the arena below `top` while it runs.
   Returns: false without memory. */
static bool edgefn__sort(edgefn_event *ev, size_t top, void *items, size_t n, size_t size,
                         edgefn__order order)
{
    if (n <= 8) {
        edgefn__sort_few((char *)items, n, size, order);
        return true;
    }
    if (edgefn__sorted(items, n, size, order)) return true;
    char *from = (char *)items;
    char *to = (char *)edgefn__take_top(ev, &top, n, size);
    if (to == NULL) return false;
    for (size_t run = size; run < n * size; run *= 2) {
        for (size_t at = 0; at < n * size; at += run * 2) {
            size_t left = n * size - at;
            const char *mid = from + at + (left < run ? left : run);
            const char *end = from + at + (left < run * 2 ? left : run * 2);
            edgefn__merge(from + at, mid, end, to + at, size, order);
        }
        char *other = from;
        from = to;
        to = other;
    }
    if (from != (char *)items) edgefn__memcpy(items, from, n * size);
    return true;
}

/* Returns the index of the first of n sorted items that does not belong before `wanted`; n if all
   do. */
static size_t edgefn__lower_bound(const void *items, size_t n, size_t size, const void *wanted,
                                  edgefn__order order)
{
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (order((const char *)items + mid * size, wanted) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The part of a path after its last dot. */
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
#    ifdef EDGEFN__SSE2
    for (size_t i = 0; a.len >= 16; i = a.len - i > 32 ? i + 16 : a.len - 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(a.ptr + i));
        __m128i y = _mm_loadu_si128((const __m128i *)(const void *)(b.ptr + i));
        __m128i same = _mm_cmpeq_epi8(edgefn__lower16(x), edgefn__lower16(y));
        if (_mm_movemask_epi8(same) != 0xffff) return false;
        if (i == a.len - 16) return true;
    }
#    endif
    if (a.len < 8)
        return edgefn__lower8(edgefn__load_short(a.ptr, a.len))
               == edgefn__lower8(edgefn__load_short(b.ptr, b.len));
    for (size_t i = 0;; i = a.len - i > 16 ? i + 8 : a.len - 8) { /* the last step overlaps */
        if (edgefn__lower8(edgefn__load8(a.ptr + i)) != edgefn__lower8(edgefn__load8(b.ptr + i)))
            return false;
        if (i == a.len - 8) return true;
    }
}

EDGEFN_API bool edgefn_str_in(edgefn_str s, const edgefn_str *list, size_t count)
{
    size_t i = 0;
    while (i < count && !edgefn_str_eq(s, list[i]))
        i++;
    return s.ptr != NULL && i < count;
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

/* Returns the offset of the first c at or after `i`; n if there is none. */
EDGEFN__INLINE size_t edgefn__find_byte(const char *p, size_t n, size_t i, char c)
{
#    ifdef EDGEFN__SSE2
    for (; n - i >= 16; i += 16) {
        unsigned hit = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(
            _mm_loadu_si128((const __m128i *)(const void *)(p + i)), _mm_set1_epi8(c)));
        if (hit != 0) return i + edgefn__ctz(hit);
    }
    if (n >= 16 && i < n) { /* the last 16 bytes, without those already compared */
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
    size_t n = s.len - part.len + 1; /* offsets where it can start */
    size_t i = edgefn__find_byte(s.ptr, n, 0, part.ptr[0]);
    while (i < n && !edgefn__same(s.ptr + i, part.ptr, part.len))
        i = edgefn__find_byte(s.ptr, n, i + 1, part.ptr[0]);
    return i < n ? i : s.len;
}

EDGEFN__INLINE bool edgefn__begins(edgefn_str s, char c)
{
    return s.len != 0 && s.ptr[0] == c;
}

static bool edgefn__has_byte(edgefn_str s, char c)
{
    return edgefn__find_byte(s.ptr, s.len, 0, c) < s.len;
}

/* The offset after the last c; 0 if there is none. */
static size_t edgefn__after_last(edgefn_str s, char c)
{
    size_t at = s.len;
    while (at > 0 && s.ptr[at - 1] != c)
        at--;
    return at;
}

/* True for text enclosed by these two characters. */
static bool edgefn__enclosed(edgefn_str s, char open, char close)
{
    return s.len >= 2 && s.ptr[0] == open && s.ptr[s.len - 1] == close;
}

static edgefn_str edgefn__inside(edgefn_str s)
{
    return edgefn__str(s.ptr + 1, s.len - 2);
}

/* Returns the offset of the quotation mark that ends the string starting at i; s.len or more if
   none does. */
static size_t edgefn__quoted_end(edgefn_str s, size_t i)
{
    for (i++; i < s.len && s.ptr[i] != '"'; i++) {
        if (s.ptr[i] == '\\') i++;
    }
    return i;
}

EDGEFN_API bool edgefn_str_contains(edgefn_str s, edgefn_str part)
{
    return s.ptr != NULL && (part.len == 0 || edgefn_str_find(s, part) < s.len);
}

/* The end of the UTF-8 sequence at i. */
EDGEFN__INLINE size_t edgefn__after_character(edgefn_str s, size_t i)
{
    i++;
    while (i < s.len && ((unsigned char)s.ptr[i] & 0xc0) == 0x80)
        i++;
    return i;
}

/* Maps bytes that some servers treat as equal in a path to one of them: letters of either case, '+'
   and space, backslash and '/'. */
EDGEFN__INLINE char edgefn__guard_byte(char c)
{
    if (c == '+') return ' ';
    return c == '\\' ? '/' : edgefn__lower(c);
}

/* Compares with a pattern of '*' and '?'. Each '*' first matches nothing; after a mismatch the last
   one takes a byte more. Earlier ones need not be tried again: the shortest match up to the next
   '*' leaves most for the rest. `fold`: as edgefn__guard_byte(). */
EDGEFN__INLINE bool edgefn__str_match(edgefn_str s, edgefn_str p, bool fold)
{
    size_t i = 0;
    size_t k = 0;
    size_t star = EDGEFN__NO_POS; /* after the last '*' */
    size_t from = 0;              /* where the text for the rest starts */
    const int at_end = 256;       /* not a character */
    if (s.ptr == NULL || p.ptr == NULL) return false;
    for (;;) {
        int want = k < p.len ? p.ptr[k] : at_end;
        if (want == '*') {
            star = ++k;
            from = i;
        } else if (i == s.len) {
            return k == p.len;
        } else if (want == '?') {
            i = edgefn__after_character(s, i);
            k++;
        } else if (want == s.ptr[i]
                   || (fold && want != at_end
                       && edgefn__guard_byte((char)want) == edgefn__guard_byte(s.ptr[i]))) {
            i++;
            k++;
        } else if (star == EDGEFN__NO_POS) {
            return false;
        } else {
            k = star;
            i = ++from;
        }
    }
}

EDGEFN_API bool edgefn_str_match(edgefn_str s, edgefn_str pattern)
{
    return edgefn__str_match(s, pattern, false);
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
    if (s.len != 0 && s.ptr[0] > ' ' && s.ptr[s.len - 1] > ' ') return s;
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

/* Removes c from the start. Returns: false if the text does not begin with it. */
static bool edgefn__take_byte(edgefn_str *rest, char c)
{
    if (!edgefn__begins(*rest, c)) return false;
    *rest = edgefn_str_skip(*rest, 1);
    return true;
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

/* Reads a number without leading zeros. */
static edgefn_number edgefn__number_upto(edgefn_str s, uint64_t most)
{
    edgefn_number n = edgefn_str_to_u64(s);
    if (n.value > most || (s.len > 1 && s.ptr[0] == '0')) n.ok = false;
    return n;
}

EDGEFN_API edgefn_number edgefn_str_to_decimal(edgefn_str s, unsigned digits)
{
    edgefn_cut c = edgefn_str_cut(s, EDGEFN_S("."));
    edgefn_number n = edgefn_str_to_u64(c.head);
    n.ok = n.ok && digits <= 19 && (!c.found || c.tail.len != 0);
    for (size_t i = 0; n.ok && (i < digits || i < c.tail.len); i++) {
        uint64_t digit = i < c.tail.len ? (uint64_t)(unsigned char)c.tail.ptr[i] - '0' : 0;
        bool lost = i >= digits && digit != 0;
        if (digit > 9 || lost || (i < digits && n.value > (UINT64_MAX - digit) / 10)) n.ok = false;
        if (i < digits) n.value = n.value * 10 + digit;
    }
    if (!n.ok) n.value = 0;
    return n;
}

EDGEFN_API edgefn_str edgefn_str_copy(edgefn_event *ev, edgefn_str s)
{
    char *to = s.ptr != NULL ? edgefn__take_bytes(ev, s.len) : NULL;
    if (to == NULL) return edgefn__absent();
    edgefn__copy(to, s.ptr, s.len);
    return edgefn__str(to, s.len);
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

/* Copies s with ASCII letters in lower case. The last step of such a copy overlaps the one
   before. */
static void edgefn__lower_to(char *to, edgefn_str s)
{
    if (s.len < 4) {
        for (size_t i = 0; i < s.len; i++)
            to[i] = edgefn__lower(s.ptr[i]);
        return;
    }
    if (s.len < 8) {
        uint64_t v = edgefn__lower8(edgefn__load_short(s.ptr, s.len));
        uint32_t head = (uint32_t)v;
        uint32_t tail = (uint32_t)(v >> 32);
        edgefn__memcpy(to, &head, 4);
        edgefn__memcpy(to + s.len - 4, &tail, 4);
        return;
    }
#    ifdef EDGEFN__SSE2
    for (size_t i = 0; s.len >= 16; i = s.len - i > 32 ? i + 16 : s.len - 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s.ptr + i));
        _mm_storeu_si128((__m128i *)(void *)(to + i), edgefn__lower16(v));
        if (i == s.len - 16) return;
    }
#    endif
    for (size_t i = 0;; i = s.len - i > 16 ? i + 8 : s.len - 8) {
        uint64_t v = edgefn__lower8(edgefn__load8(s.ptr + i));
        edgefn__memcpy(to + i, &v, 8);
        if (i == s.len - 8) return;
    }
}

EDGEFN_API edgefn_str edgefn_str_lower(edgefn_event *ev, edgefn_str s)
{
    if (s.len == 0 || !edgefn__has_upper(s)) return s;
    char *to = edgefn__take_bytes(ev, s.len);
    if (to == NULL) return edgefn__absent();
    edgefn__lower_to(to, s);
    return edgefn__str(to, s.len);
}

/*--- lists --------------------------------------------------------------------------------------*/

/* Empties a list. */
static void edgefn__view_reset(edgefn_fields *f, uint32_t flags)
{
    f->items = NULL;
    f->_received = NULL;
    f->removed = NULL;
    f->len = 0;
    f->removed_len = 0;
    f->_filter = 0;
    f->_received_len = 0;
    f->_cap = 0;
    f->_removed_cap = 0;
    f->_flags = flags;
}

/*--- base64 -------------------------------------------------------------------------------------*/

static const char edgefn__base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char edgefn__base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Writes n bytes, three at most, as n + 1 digits. */
EDGEFN__INLINE char *edgefn__base64_put(char *at, const char *p, size_t n, const char *digits)
{
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint32_t)(unsigned char)p[i] << (16 - i * 8);
    for (size_t i = 0; i <= n; i++)
        *at++ = digits[v >> (18 - i * 6) & 63];
    return at;
}

/* Encodes in one of the two alphabets; only the first pads. */
static edgefn_str edgefn__base64_write(edgefn_event *ev, edgefn_str bytes, const char *digits)
{
    size_t rest = bytes.len % 3;
    size_t whole = bytes.len - rest;
    char *to = (char *)edgefn__take(ev, bytes.len / 3 + (rest != 0), 4, 1);
    char *at = to;
    if (to == NULL) return edgefn__absent();
    for (size_t i = 0; i < whole; i += 3)
        at = edgefn__base64_put(at, bytes.ptr + i, 3, digits);
    if (rest != 0) {
        at = edgefn__base64_put(at, bytes.ptr + whole, rest, digits);
        for (; digits == edgefn__base64_digits && (at - to) % 4 != 0; at++)
            *at = '=';
    }
    return edgefn__str(to, (size_t)(at - to));
}

/* Reads n digits, four at most, into the upper of 24 bits. Returns: more than 24 bits if one is
   invalid. */
EDGEFN__INLINE uint32_t edgefn__base64_get(const unsigned char *values, const char *p, size_t n)
{
    uint32_t v = 0;
    uint32_t invalid = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t value = values[(unsigned char)p[i]];
        invalid |= value & 64;
        v |= value << (18 - i * 6);
    }
    return v | invalid << 24;
}

EDGEFN__INLINE void edgefn__base64_bytes(char *to, uint32_t v, size_t n)
{
    for (size_t i = 0; i < n && to != NULL; i++)
        to[i] = (char)(v >> (16 - i * 8) & 255);
}

/* Decodes into `to`, or only checks if that is NULL. Returns: the length; (size_t)-1 for what is
   not valid base64 in this alphabet. */
static size_t edgefn__base64_read_as(edgefn_str text, char *to, const char *digits)
{
    const size_t bad = (size_t)-1;
    unsigned char values[256];
    size_t n = 0;
    size_t rest = text.len % 4; /* digits of the last, shorter group */
    size_t whole = text.len - rest;
    bool pads = digits == edgefn__base64_digits;
    if (pads && rest != 0) return bad;
    if (pads && whole != 0 && text.ptr[whole - 1] == '=') {
        rest = text.ptr[whole - 2] == '=' ? 2 : 3;
        whole -= 4;
    }
    edgefn__memset(values, 64, sizeof values);
    for (uint32_t i = 0; i < 64; i++)
        values[(unsigned char)digits[i]] = (unsigned char)i;
    for (size_t i = 0; i < whole; i += 4) {
        uint32_t v = edgefn__base64_get(values, text.ptr + i, 4);
        if (v >> 24 != 0) return bad;
        edgefn__base64_bytes(to != NULL ? to + n : NULL, v, 3);
        n += 3;
    }
    if (rest == 0) return n;
    if (rest == 1) return bad;
    uint32_t v = edgefn__base64_get(values, text.ptr + whole, rest);
    if (v >> 24 != 0 || (v & 0xffffffu >> (rest - 1) * 8) != 0) return bad;
    edgefn__base64_bytes(to != NULL ? to + n : NULL, v, rest - 1);
    return n + rest - 1;
}

static size_t edgefn__base64_read(edgefn_str text, char *to)
{
    return edgefn__base64_read_as(text, to, edgefn__base64_digits);
}

static edgefn_str edgefn__base64_take(edgefn_event *ev, edgefn_str text, const char *digits)
{
    size_t n = text.ptr != NULL ? edgefn__base64_read_as(text, NULL, digits) : (size_t)-1;
    char *to = n != (size_t)-1 ? edgefn__take_bytes(ev, n) : NULL;
    if (to == NULL) return edgefn__absent();
    edgefn__base64_read_as(text, to, digits);
    return edgefn__str(to, n);
}

/* The bytes of a body; absent if its encoding is unknown. */
static edgefn_str edgefn__body_bytes(edgefn_event *ev, const edgefn_body *body)
{
    if (body->data.ptr == NULL || body->encoding != EDGEFN_ENCODING_BASE64) return body->data;
    return edgefn__base64_take(ev, body->data, edgefn__base64_digits);
}

/*=== >>utf8 =======================================================================================
   Checks and writes UTF-8, and writes and reads the escapes of JSON strings. Most text is plain
   ASCII: vectors skip it, and only the rest is read byte by byte. */

/* Returns the length of the UTF-8 sequence that starts with this byte, which is above 0x7f; 0 if
   none does. */
static size_t edgefn__utf8_len(unsigned char lead)
{
    if (lead < 0xc2 || lead > 0xf4) return 0;
    if (lead < 0xe0) return 2;
    return lead < 0xf0 ? 3 : 4;
}

/* Reports whether a second byte is valid; excludes overlong forms, surrogates and code points above
   U+10FFFF. */
static bool edgefn__utf8_second(unsigned char lead, unsigned char second)
{
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    switch (lead) {
    case 0xe0: low = 0xa0; break;
    case 0xed: high = 0x9f; break;
    case 0xf0: low = 0x90; break;
    case 0xf4: high = 0x8f; break;
    default: break;
    }
    return second >= low && second <= high;
}

/* Returns the length of the UTF-8 sequence at p (RFC 3629); 0 if it is invalid; -1 if it is valid
   so far but `room` ends inside it. */
static int edgefn__utf8(const char *p, size_t room)
{
    const unsigned char *s = (const unsigned char *)p;
    if (EDGEFN__NEVER(room == 0)) return -1; /* callers have a byte */
    if (s[0] < 0x80) return 1;
    size_t need = edgefn__utf8_len(s[0]);
    if (need == 0) return 0;
    if (room == 1) return -1;
    if (!edgefn__utf8_second(s[0], s[1])) return 0;
    for (size_t i = 2; i < need; i++) {
        if (i >= room) return -1;
        if ((s[i] & 0xc0) != 0x80) return 0;
    }
    return (int)need;
}

/* Reports whether all of 8 bytes are printable ASCII other than '"' and backslash. Each term sets
   the top bit of a byte below 0x20, of one of the three characters, or of a byte above 0x7f; false
   positives occur only next to a true positive. */
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
EDGEFN__INLINE __m128i edgefn__escaped16(__m128i v)
{
    return _mm_or_si128(_mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)),
                                     _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f))),
                        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                     _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
}
EDGEFN__INLINE bool edgefn__plain16(const char *p)
{
    return _mm_movemask_epi8(edgefn__escaped16(_mm_loadu_si128((const __m128i *)(const void *)p)))
           == 0;
}
#    endif

/* Returns the number of leading bytes that are printable ASCII and need no escape in JSON. The last
   step of such a string overlaps the one before. */
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

/* Reports whether all of s is printable ASCII that JSON does not escape, and copies it at the same
   time unless `to` is NULL. The steps overlap. */
EDGEFN__INLINE bool edgefn__copy_plain(char *to, edgefn_str s)
{
    size_t i = 0;
#    ifdef EDGEFN__SSE2
    if (s.len >= 16) {
        __m128i odd = _mm_setzero_si128(), v;
        for (;; i = s.len - i > 32 ? i + 16 : s.len - 16) {
            v = _mm_loadu_si128((const __m128i *)(const void *)(s.ptr + i));
            if (to != NULL) _mm_storeu_si128((__m128i *)(void *)(to + i), v);
            odd = _mm_or_si128(odd, edgefn__escaped16(v));
            if (i == s.len - 16) return _mm_movemask_epi8(odd) == 0;
        }
    }
#    endif
    if (to != NULL) edgefn__copy(to, s.ptr, s.len);
#    ifdef EDGEFN__SSE2
    if (s.len >= 8) {
        const __m128i *head = (const __m128i *)(const void *)s.ptr,
                      *tail = (const __m128i *)(const void *)(s.ptr + s.len - 8);
        return _mm_movemask_epi8(edgefn__escaped16(
                   _mm_unpacklo_epi64(_mm_loadl_epi64(head), _mm_loadl_epi64(tail))))
               == 0;
    }
    if (s.len >= 4) {
        __m128i head = _mm_set1_epi32((int)edgefn__load4(s.ptr)),
                tail = _mm_set1_epi32((int)edgefn__load4(s.ptr + s.len - 4));
        return _mm_movemask_epi8(edgefn__escaped16(_mm_unpacklo_epi32(head, tail))) == 0;
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

/* Writes a character as UTF-8; needs room for four bytes. Returns how many it has. There is no
   branch between the usual characters, of two and of three bytes: text with both would mispredict
   it. */
EDGEFN__INLINE size_t edgefn__store_utf8(char *b, uint32_t c)
{
    bool three = c >= 0x800;
    char last = (char)(0x80 | (c & 63));
    char middle = (char)(0x80 | (c >> 6 & 63));
    if (EDGEFN__UNLIKELY(c < 0x80)) {
        b[0] = (char)c;
        return 1;
    }
    if (EDGEFN__UNLIKELY(c >= 0x10000)) {
        b[0] = (char)(0xf0 | c >> 18);
        b[1] = (char)(0x80 | (c >> 12 & 63));
        b[2] = middle;
        b[3] = last;
        return 4;
    }
    b[0] = (char)(three ? 0xe0 | c >> 12 : 0xc0 | c >> 6);
    b[1] = three ? middle : last;
    b[2] = last;
    return three ? 3 : 2;
}

static void edgefn__put_utf8(edgefn__text *t, uint32_t c)
{
    char b[4];
    edgefn__put(t, b, edgefn__store_utf8(b, c));
}
static const char edgefn__hex_digits[] = "0123456789ABCDEF";

static int edgefn__hex(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

EDGEFN__INLINE char edgefn__hex_lower(unsigned value)
{
    return edgefn__lower(edgefn__hex_digits[value & 15]);
}

/* Writes a byte as %XX. */
static void edgefn__put_percent(edgefn__text *t, char byte)
{
    unsigned v = (unsigned char)byte;
    char escaped[3] = { '%', edgefn__hex_digits[v >> 4], edgefn__hex_digits[v & 15] };
    edgefn__put(t, escaped, sizeof escaped);
}

EDGEFN__INLINE bool edgefn__are_hex4(const char *p)
{
    return (edgefn__class_of(p[0]) & edgefn__class_of(p[1]) & edgefn__class_of(p[2])
            & edgefn__class_of(p[3]) & EDGEFN__C_HEX)
           != 0;
}

/* Returns the value of four hex digits: of each, the low four bits, and 9 more for a letter. */
EDGEFN__INLINE uint32_t edgefn__hex4_value(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    uint32_t v = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    v = (v & 0x0f0f0f0f) + (v >> 6 & 0x01010101) * 9;
    v += v << 12; /* the second and the fourth byte become pairs of digits */
    return (v & 0xff00) | v >> 24;
}

/* Reads four hex digits. Returns: -1 if they are not there. */
static int32_t edgefn__hex4(const char *p, size_t room)
{
    return room >= 4 && edgefn__are_hex4(p) ? (int32_t)edgefn__hex4_value(p) : -1;
}

/* The characters that JSON escapes by a letter, and the letter. */
static const char edgefn__escapes[][2] = { { '"', '"' },  { '\\', '\\' }, { '/', '/' },
                                           { '\n', 'n' }, { '\r', 'r' },  { '\t', 't' },
                                           { '\b', 'b' }, { '\f', 'f' } };

/* Reads a \u escape; p is at its digits. Returns: how many bytes the escape has after the first \u,
   both halves of a pair included. */
EDGEFN__INLINE size_t edgefn__read_unit(const char *p, uint32_t *c)
{
    uint32_t unit = edgefn__hex4_value(p);
    *c = unit;
    if ((unit & 0xfc00) != 0xd800) return 4;
    *c = 0x10000 + ((unit - 0xd800) << 10) + (edgefn__hex4_value(p + 6) - 0xdc00);
    return 10;
}

/* Reports whether a character other than u may follow a backslash. */
static bool edgefn__is_short_escape(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return true;
    default: return false;
    }
}

/* Returns what such a character means after a backslash: letters by their low five bits. */
EDGEFN__INLINE char edgefn__short_escape(char c)
{
    static const char letters[32] = { 0, 0, '\b', 0,    0, 0, '\f', 0,    0, 0,   0,
                                      0, 0, 0,    '\n', 0, 0, 0,    '\r', 0, '\t' };
    return c < 'a' ? c : letters[c & 31];
}

static bool edgefn__is_high_half(int32_t unit)
{
    return (unit & ~0x3ff) == 0xd800;
}
static bool edgefn__is_low_half(int32_t unit)
{
    return (unit & ~0x3ff) == 0xdc00;
}

/* The backslashes of 32 bytes, one bit each. */
EDGEFN__INLINE uint64_t edgefn__slashes32(const char *p)
{
#    ifdef EDGEFN__SSE2
    const __m128i slash = _mm_set1_epi8('\\');
    __m128i a = _mm_loadu_si128((const __m128i *)(const void *)p),
            b = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(a, slash))
           | (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b, slash)) << 16;
#    else
    uint64_t found = 0;
    for (unsigned i = 0; i < 32; i++)
        found |= (uint64_t)(p[i] == '\\') << i;
    return found;
#    endif
}

enum { EDGEFN__UNESCAPE_SLACK = 64 };

/* Unescapes the inside of a JSON string that is known to be valid; p[n] is its closing quote. Reads
   and writes at most EDGEFN__UNESCAPE_SLACK bytes more than n. Returns the end of what was written.
   The backslashes of 63 bytes are found at once, so that no search waits for the escape before it,
   and the text between two is copied as 32 or 64 bytes, so that no branch depends on its length
   more closely. */
EDGEFN__NOINLINE char *edgefn__unescape_to(char *to, const char *p, size_t n)
{
    const char *end = p + n;
    while (p < end) {
        const char *stop = end - p < 63 ? end : p + 63;
        uint64_t slashes =
            edgefn__slashes32(p) | edgefn__slashes32(p + 32) << 32 | (uint64_t)1 << (stop - p);
        for (;;) {
            unsigned run = edgefn__ctz(slashes);
            edgefn__memcpy(to, p, 16);
            edgefn__memcpy(to + 16, p + 16, 16);
            if (run > 32) {
                edgefn__memcpy(to + 32, p + 32, 16);
                edgefn__memcpy(to + 48, p + 48, 16);
            }
            const char *at = p;
            to += run;
            p += run;
            if (p >= stop) break;
            if (p[1] != 'u') {
                *to++ = edgefn__short_escape(p[1]);
                p += 2;
            } else {
                do {
                    uint32_t c;
                    p += 2 + edgefn__read_unit(p + 2, &c);
                    to += edgefn__store_utf8(to, c);
                } while (p[0] == '\\' && p[1] == 'u');
            }
            if (p >= stop) break;
            slashes >>= p - at;
        }
    }
    return to;
}

/* Writes the character of a \u escape; p is at its digits. Returns: as edgefn__read_unit(). */
static size_t edgefn__put_unit(edgefn__text *t, const char *p)
{
    uint32_t c;
    size_t len = edgefn__read_unit(p, &c);
    edgefn__put_utf8(t, c);
    return len;
}

/* The same without readable bytes after the string, and for any room. */
static void edgefn__put_unescaped(edgefn__text *t, const char *p, size_t n)
{
    size_t i = 0;
    while (i < n) {
        size_t run = edgefn__find_byte(p, n, i, '\\');
        edgefn__put(t, p + i, run - i);
        if (run == n) return;
        i = run + 2;
        if (p[run + 1] == 'u') {
            i += edgefn__put_unit(t, p + i);
            continue;
        }
        char c = edgefn__short_escape(p[run + 1]);
        edgefn__put(t, &c, 1);
    }
}

/* Writes the escape of a quotation mark, backslash or control character. */
static void edgefn__put_escape(edgefn__text *t, char c)
{
    unsigned v = (unsigned char)c;
    for (size_t k = 0; k < EDGEFN__COUNT(edgefn__escapes); k++) {
        char brief[2] = { '\\', edgefn__escapes[k][1] };
        if (edgefn__escapes[k][0] != c) continue;
        edgefn__put(t, brief, 2);
        return;
    }
    char escape[6] = { '\\', 'u', '0', '0', edgefn__hex_lower(v >> 4), edgefn__hex_lower(v) };
    edgefn__put(t, escape, 6);
}

/* Quotes a string as JSON. Bytes that are not UTF-8 become U+FFFD. */
static void edgefn__put_quoted(edgefn__text *t, edgefn_str s)
{
    size_t i = 0;
    EDGEFN__PUT(t, "\"");
    while (i < s.len) {
        size_t run = edgefn__plain_run(s.ptr + i, s.len - i);
        edgefn__put(t, s.ptr + i, run);
        i += run;
        if (i >= s.len || t->full) break;
        char c = s.ptr[i];
        int n = edgefn__utf8(s.ptr + i, s.len - i);
        if (n <= 0)
            EDGEFN__PUT(t, "\xef\xbf\xbd");
        else if ((unsigned char)c < 0x20 || c == '"' || c == '\\')
            edgefn__put_escape(t, c);
        else
            edgefn__put(t, s.ptr + i, (size_t)n);
        i += n > 0 ? (size_t)n : 1;
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
   How it works: the first pass over the text sets one bit for each quotation mark that delimits a
   string, and checks the contents of strings (control characters, escapes, UTF-8). It reads 64
   bytes at a time. One load and a few comparisons find the quotes and whether the block contains
   anything that needs care; only such blocks take the slower path. All variants produce the same
   bits and the same errors for every input, which tests and fuzzers verify. Nothing outside the
   input is read.
   Bits instead of a list of offsets, because a list costs four instructions a quote and the bits
   two a block, and the walk needs only three of the ten quotes of a header and finds each with a
   shift (bench/RESULTS.md, what helped). */

typedef struct edgefn__scanner {
    const char *text;
    size_t len;
    unsigned char *quotes; /* the bits, edgefn__quotes_size() bytes; lowest bit first */
    uint32_t *escaped;     /* offsets of strings with an escape, growing down from top */
    uint32_t *top, *floor;
    size_t low_at;  /* where the second half of a surrogate pair must begin */
    uint64_t carry; /* what the next block must begin with: bit 0, an escaped byte; the bits above,
                       bytes that continue a character of UTF-8 */
    size_t known;   /* `last` is the last quote before here; it is needed for careful blocks only */
    uint32_t last;
    bool full; /* the list of escaped strings did not fit */
} edgefn__scanner;

/* Bits for all blocks, followed by ones, so that a search for a quote always ends. */
static size_t edgefn__quotes_size(size_t len)
{
    return len / 64 * 8 + 48;
}

/* One bit for each byte of a block. */
typedef struct edgefn__masks {
    uint64_t quote, slash, control, high;
} edgefn__masks;

/* The same for UTF-8: bytes that continue a character, that begin one of three or more bytes, or of
   four, and first bytes that are invalid or limit the second byte. */
typedef struct edgefn__leads {
    uint64_t follow, three, four, limits;
} edgefn__leads;

EDGEFN__INLINE unsigned edgefn__popcount(uint64_t v)
{
    v -= v >> 1 & 0x5555555555555555u;
    v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
    return (unsigned)(((v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u >> 56);
}

/* Returns the index of the highest set bit; v must not be 0. */
EDGEFN__INLINE unsigned edgefn__top_bit(uint64_t v)
{
#    if defined(__GNUC__) || defined(__clang__)
    return 63u - (unsigned)__builtin_clzll(v);
#    else
    unsigned n = 0;
    for (v >>= 1; v != 0; v >>= 1)
        n++;
    return n;
#    endif
}

/* Loads eight bytes in little-endian order on any machine. */
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

/* Updates `last` for the block at `base`. Searches back only to where it was known, so that all
   searches together take one pass. */
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
    if (s->len - at < 6 || !edgefn__are_hex4(p + 2)) return false;
    if ((p[2] | 0x20) != 'd') return true; /* no half of a pair */
    int32_t unit = (int32_t)edgefn__hex4_value(p + 2);
    if (edgefn__is_low_half(unit)) return s->low_at == at;
    if (!edgefn__is_high_half(unit)) return true;
    if (s->len - at < 12 || p[6] != '\\' || p[7] != 'u') return false;
    s->low_at = at + 6;
    return edgefn__is_low_half(edgefn__hex4(p + 8, 4));
}

/* Records the strings with the escapes that begin at these bits of a block, each string once. */
static bool edgefn__note_escaped(edgefn__scanner *s, size_t base, uint64_t quote, uint64_t starts)
{
    while (starts != 0) {
        uint64_t below = (starts & (0 - starts)) - 1;
        uint64_t before = quote & below;
        uint64_t after = quote & ~below;
        if (before == 0) edgefn__scan_last(s, base);
        uint32_t open = before != 0 ? (uint32_t)base + edgefn__top_bit(before) : s->last;
        starts &= after != 0 ? ~((after & (0 - after)) - 1) : 0; /* those of the next strings */
        if (s->escaped != s->top && *s->escaped == open) continue;
        if (s->escaped - s->floor < 2) { /* one is reserved for the sentinel */
            s->full = true;
            return false;
        }
        *--s->escaped = open;
    }
    return true;
}

/* Checks the UTF-8 of a block: the bytes that continue a character must be those that the first
   bytes announce. awaited: those announced in the block before. */
EDGEFN__NOINLINE bool edgefn__scan_utf8(edgefn__scanner *s, size_t base, uint64_t high,
                                        uint64_t awaited, const edgefn__leads *m)
{
    uint64_t first = high & ~m->follow;
    if (m->follow != (awaited | first << 1 | m->three << 2 | m->four << 3)) return false;
    s->carry |= (first >> 63 | m->three >> 62 | m->four >> 61) << 1;
    for (uint64_t limits = m->limits; limits != 0; limits &= limits - 1) {
        size_t at = base + edgefn__ctz(limits);
        if (edgefn__utf8(s->text + at, s->len - at) <= 0) return false;
    }
    return true;
}

/* Returns the bytes inside strings, each with its opening quote. A string is open at the begin of
   the block if `before`, the words of quotes before it xor-ed, has an odd number of bits. */
static uint64_t edgefn__inside_portable(uint64_t quote, uint64_t before)
{
    uint64_t inside = quote;
    inside ^= inside << 1;
    inside ^= inside << 2;
    inside ^= inside << 4;
    inside ^= inside << 8;
    inside ^= inside << 16;
    inside ^= inside << 32;
    return inside ^ (0 - (uint64_t)(edgefn__popcount(before) & 1));
}

/* Returns the backslashes that begin an escape; first: the block's first byte is escaped. In a row
   of backslashes these are every second one, from its first on. Adding the first ones at even
   places clears the rows that begin there, which then differ from the even places where the others
   do not. */
EDGEFN__INLINE uint64_t edgefn__escape_starts(uint64_t slash, uint64_t first)
{
    const uint64_t even = 0x5555555555555555u;
    uint64_t rows = slash & ~first;
    return rows & ((rows + (rows & ~(rows << 1) & even)) ^ even);
}

/* Checks and records the escapes of a block. others: those other than of a quote or backslash,
   which need a look at the text. */
EDGEFN__NOINLINE bool edgefn__scan_escapes(edgefn__scanner *s, size_t base, uint64_t quote,
                                           uint64_t starts, uint64_t others)
{
    for (; others != 0; others &= others - 1) {
        if (!edgefn__escape_ok(s, base + edgefn__ctz(others))) return false;
    }
    return edgefn__note_escaped(s, base, quote, starts);
}

/* The operations that differ between the variants. Callers pass constants, so that compilers inline
   them. */
typedef struct edgefn__looks {
    uint64_t (*quick)(const char *p, uint64_t *care); /* the quotes of 64 bytes */
    bool (*spaced)(const char *p, uint64_t *control); /* true: ASCII without a backslash */
    void (*full)(const char *p, edgefn__masks *m);    /* all masks */
    void (*leads)(const char *p, uint64_t high, edgefn__leads *m);
    bool (*quiet)(const char *p); /* true: 256 bytes without quotes or care */
    uint64_t (*inside)(uint64_t quote, uint64_t before);
} edgefn__looks;

/* Reads a block with a backslash or a byte beyond ASCII, or after a block with one at its end.
   Returns false if it contains something invalid in any JSON text; otherwise *quote keeps only the
   quotes that delimit strings. */
EDGEFN__INLINE bool edgefn__scan_careful(edgefn__scanner *s, const char *block, size_t base,
                                         uint64_t before, uint64_t *quote,
                                         const edgefn__looks *look)
{
    edgefn__masks m;
    uint64_t first = s->carry & 1;
    uint64_t awaited = s->carry >> 1;
    look->full(block, &m);
    uint64_t starts = edgefn__escape_starts(m.slash, first);
    uint64_t escaped = first | starts << 1;
    s->carry = starts >> 63;
    *quote = m.quote & ~escaped;
    uint64_t inside = look->inside(*quote, before);
    if ((m.control & inside) != 0 || ((starts | m.high) & ~inside) != 0) return false;
    if (EDGEFN__UNLIKELY((m.high | awaited) != 0)) {
        edgefn__leads leads;
        look->leads(block, m.high, &leads);
        if (!edgefn__scan_utf8(s, base, m.high, awaited, &leads)) return false;
    }
    uint64_t others = starts & ~((m.quote | m.slash) >> 1);
    return starts == 0 || edgefn__scan_escapes(s, base, *quote, starts, others);
}

/* Reads 64 bytes; *quote becomes the quotes that delimit strings. Returns false as above. A block
   of an indented event needs care for its line breaks only: looking for them alone saves 16 % of
   parsing such an event. */
EDGEFN__INLINE bool edgefn__scan_block(edgefn__scanner *s, const char *block, size_t at,
                                       uint64_t before, uint64_t *quote, const edgefn__looks *look)
{
    uint64_t care;
    uint64_t control;
    *quote = look->quick(block, &care);
    if (EDGEFN__LIKELY((care | s->carry) == 0)) return true;
    if (EDGEFN__LIKELY(look->spaced(block, &control) && s->carry == 0))
        return (control & look->inside(*quote, before)) == 0;
    return edgefn__scan_careful(s, block, at, before, quote, look);
}

/* Skips the contents of a long string. Returns where they end. */
EDGEFN__INLINE size_t edgefn__scan_quiet(edgefn__scanner *s, size_t at, const edgefn__looks *look)
{
    while (s->carry == 0 && s->len - at >= 256 && look->quiet(s->text + at)) {
        edgefn__memset(s->quotes + at / 8, 0, 32);
        at += 256;
    }
    return at;
}

/* The scanner. After eight blocks without a quote it skips long strings in strides. The last block
   is padded with spaces. */
EDGEFN__INLINE bool edgefn__scan_all(edgefn__scanner *s, const edgefn__looks *look)
{
    size_t whole = s->len / 64 * 64;
    size_t at = 0;
    uint64_t before = 0;
    uint64_t quote;
    char tail[64];
    edgefn__memset(s->quotes + whole / 8, 0xff, 48); /* the end of edgefn__quotes_size() */
    while (at < whole) {
        size_t stop = whole - at > 512 ? at + 512 : whole;
        const char *text = s->text;
        unsigned char *quotes = s->quotes + at / 8;
        uint64_t any = 0;
        for (; at < stop; at += 64, quotes += 8) {
            if (!edgefn__scan_block(s, text + at, at, before, &quote, look)) return false;
            edgefn__store_word(quotes, quote);
            before ^= quote;
            any |= quote;
        }
        if (any == 0) at = edgefn__scan_quiet(s, at, look);
    }
    if (at < s->len) {
        edgefn__memset(tail, ' ', 64);
        edgefn__memcpy(tail, s->text + at, s->len - at);
        if (!edgefn__scan_block(s, tail, at, before, &quote, look)) return false;
        edgefn__store_word(s->quotes + at / 8, quote);
    }
    return s->carry == 0;
}

/* Portable: eight bytes at a time in a 64-bit word; a multiplication gathers their top bits. */
/* Sets the top bit of each byte that is zero. Exact, unlike the shorter form: no carry crosses a
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

static void edgefn__leads_portable(const char *p, uint64_t high, edgefn__leads *m)
{
    m->follow = m->three = m->four = m->limits = 0;
    for (; high != 0; high &= high - 1) {
        uint64_t bit = high & (0 - high);
        unsigned char c = (unsigned char)p[edgefn__ctz(high)];
        if (c < 0xc0) m->follow |= bit;
        if (c >= 0xe0) m->three |= bit;
        if (c >= 0xf0) m->four |= bit;
        if (c >= 0xc0) m->limits |= bit;
    }
}

static bool edgefn__spaced_portable(const char *p, uint64_t *control)
{
    edgefn__masks m;
    edgefn__masks_portable(p, &m);
    *control = m.control;
    return (m.slash | m.high) == 0;
}

static uint64_t edgefn__quick_portable(const char *p, uint64_t *care)
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

static bool edgefn__quiet_portable(const char *p)
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

EDGEFN__UNUSED static bool edgefn__scan_portable(edgefn__scanner *s)
{
    static const edgefn__looks looks = { edgefn__quick_portable, edgefn__spaced_portable,
                                         edgefn__masks_portable, edgefn__leads_portable,
                                         edgefn__quiet_portable, edgefn__inside_portable };
    return edgefn__scan_all(s, &looks);
}

#    ifdef EDGEFN__SSE2
#      define EDGEFN__AT16(p, i) _mm_loadu_si128((const __m128i *)(const void *)((p) + (i)))

EDGEFN__INLINE uint64_t edgefn__join16(__m128i a, __m128i b, __m128i c, __m128i d)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(a) | (uint64_t)(uint32_t)_mm_movemask_epi8(b) << 16
           | (uint64_t)(uint32_t)_mm_movemask_epi8(c) << 32
           | (uint64_t)(uint32_t)_mm_movemask_epi8(d) << 48;
}

/* The comparison is signed: control characters and bytes beyond ASCII (negative) are below 0x20. */
EDGEFN__INLINE __m128i edgefn__care16(__m128i v)
{
    return _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)),
                        _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
}

static uint64_t edgefn__quick_sse2(const char *p, uint64_t *care)
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

static bool edgefn__spaced_sse2(const char *p, uint64_t *control)
{
    const __m128i slash = _mm_set1_epi8('\\'), blank = _mm_set1_epi8(0x20);
    __m128i a = EDGEFN__AT16(p, 0), b = EDGEFN__AT16(p, 16), c = EDGEFN__AT16(p, 32),
            d = EDGEFN__AT16(p, 48);
    *control = edgefn__join16(_mm_cmplt_epi8(a, blank), _mm_cmplt_epi8(b, blank),
                              _mm_cmplt_epi8(c, blank), _mm_cmplt_epi8(d, blank));
    __m128i high = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
    __m128i any = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(a, slash), _mm_cmpeq_epi8(b, slash)),
                               _mm_or_si128(_mm_cmpeq_epi8(c, slash), _mm_cmpeq_epi8(d, slash)));
    return _mm_movemask_epi8(_mm_or_si128(any, high)) == 0;
}

/* The bytes above `least`, those below 0x80 included. */
EDGEFN__INLINE uint64_t edgefn__above_sse2(const char *p, int least)
{
    const __m128i v = _mm_set1_epi8((char)least);
    return edgefn__join16(
        _mm_cmpgt_epi8(EDGEFN__AT16(p, 0), v), _mm_cmpgt_epi8(EDGEFN__AT16(p, 16), v),
        _mm_cmpgt_epi8(EDGEFN__AT16(p, 32), v), _mm_cmpgt_epi8(EDGEFN__AT16(p, 48), v));
}

EDGEFN__INLINE __m128i edgefn__limits16(__m128i v)
{
    return _mm_or_si128(_mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(1)), _mm_set1_epi8(-0x3f)),
                        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(-0x20)),
                                     _mm_cmpeq_epi8(v, _mm_set1_epi8(-0x13))));
}

static void edgefn__leads_sse2(const char *p, uint64_t high, edgefn__leads *m)
{
    m->follow = high & ~edgefn__above_sse2(p, -0x41);
    m->three = high & edgefn__above_sse2(p, -0x21);
    m->four = high & edgefn__above_sse2(p, -0x11);
    m->limits = m->four
                | edgefn__join16(
                    edgefn__limits16(EDGEFN__AT16(p, 0)), edgefn__limits16(EDGEFN__AT16(p, 16)),
                    edgefn__limits16(EDGEFN__AT16(p, 32)), edgefn__limits16(EDGEFN__AT16(p, 48)));
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

static bool edgefn__quiet_sse2(const char *p)
{
    __m128i any = _mm_setzero_si128();
    for (unsigned i = 0; i < 256; i += 16) {
        __m128i v = EDGEFN__AT16(p, i);
        any = _mm_or_si128(any,
                           _mm_or_si128(edgefn__care16(v), _mm_cmpeq_epi8(v, _mm_set1_epi8('"'))));
    }
    return _mm_movemask_epi8(any) == 0;
}

EDGEFN__UNUSED static bool edgefn__scan_sse2(edgefn__scanner *s)
{
    static const edgefn__looks looks = { edgefn__quick_sse2, edgefn__spaced_sse2,
                                         edgefn__masks_sse2, edgefn__leads_sse2,
                                         edgefn__quiet_sse2, edgefn__inside_portable };
    return edgefn__scan_all(s, &looks);
}
#    endif

#    ifdef EDGEFN__AVX2
#      define EDGEFN__TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul")))
static bool edgefn__have_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")
           && __builtin_cpu_supports("pclmul");
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
    __m256i a = EDGEFN__AT32(p, 0), b = EDGEFN__AT32(p, 32), quote = _mm256_set1_epi8('"'),
            slash = _mm256_set1_epi8('\\');
    *care = (uint64_t)(uint32_t)_mm256_movemask_epi8(
        _mm256_or_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), _mm256_min_epi8(a, b)),
                        _mm256_or_si256(_mm256_cmpeq_epi8(a, slash), _mm256_cmpeq_epi8(b, slash))));
    return edgefn__join32(_mm256_cmpeq_epi8(a, quote), _mm256_cmpeq_epi8(b, quote));
}

EDGEFN__TARGET_AVX2 static inline bool edgefn__spaced_avx2(const char *p, uint64_t *control)
{
    __m256i a = EDGEFN__AT32(p, 0), b = EDGEFN__AT32(p, 32);
    __m256i slash = _mm256_set1_epi8('\\'), blank = _mm256_set1_epi8(0x20);
    *control = edgefn__join32(_mm256_cmpgt_epi8(blank, a), _mm256_cmpgt_epi8(blank, b));
    __m256i any = _mm256_or_si256(_mm256_cmpeq_epi8(a, slash), _mm256_cmpeq_epi8(b, slash));
    return _mm256_movemask_epi8(_mm256_or_si256(any, _mm256_or_si256(a, b))) == 0;
}

/* As edgefn__inside_portable(): a product without carries with all ones is the xor of all lower
   bits. */
EDGEFN__TARGET_AVX2 static inline uint64_t edgefn__inside_avx2(uint64_t quote, uint64_t before)
{
    __m128i product =
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)quote), _mm_set1_epi8(-1), 0);
    return (uint64_t)_mm_cvtsi128_si64(product)
           ^ (0 - (uint64_t)((unsigned)__builtin_popcountll(before) & 1));
}

/* The bytes above `least`, those below 0x80 included. */
EDGEFN__TARGET_AVX2 static inline uint64_t edgefn__above_avx2(const char *p, int least)
{
    const __m256i v = _mm256_set1_epi8((char)least);
    return edgefn__join32(_mm256_cmpgt_epi8(EDGEFN__AT32(p, 0), v),
                          _mm256_cmpgt_epi8(EDGEFN__AT32(p, 32), v));
}

EDGEFN__TARGET_AVX2 static inline __m256i edgefn__limits32(__m256i v)
{
    return _mm256_or_si256(
        _mm256_cmpeq_epi8(_mm256_or_si256(v, _mm256_set1_epi8(1)), _mm256_set1_epi8(-0x3f)),
        _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(-0x20)),
                        _mm256_cmpeq_epi8(v, _mm256_set1_epi8(-0x13))));
}

EDGEFN__TARGET_AVX2 static inline void edgefn__leads_avx2(const char *p, uint64_t high,
                                                          edgefn__leads *m)
{
    m->follow = high & ~edgefn__above_avx2(p, -0x41);
    m->three = high & edgefn__above_avx2(p, -0x21);
    m->four = high & edgefn__above_avx2(p, -0x11);
    m->limits = m->four
                | edgefn__join32(edgefn__limits32(EDGEFN__AT32(p, 0)),
                                 edgefn__limits32(EDGEFN__AT32(p, 32)));
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

EDGEFN__TARGET_AVX2 EDGEFN__UNUSED static bool edgefn__scan_avx2(edgefn__scanner *s)
{
    static const edgefn__looks looks = { edgefn__quick_avx2, edgefn__spaced_avx2,
                                         edgefn__masks_avx2, edgefn__leads_avx2,
                                         edgefn__quiet_avx2, edgefn__inside_avx2 };
    return edgefn__scan_all(s, &looks);
}

/* AVX-512: 64 bytes in one register, and comparisons that produce bit masks directly. It saves 1 to
   9 % of a job compared with AVX2; test_scan compares all scanners. */
#      define EDGEFN__TARGET_AVX512                                                                \
        __attribute__((target("avx512f,avx512bw,avx2,bmi,bmi2,popcnt,pclmul")))
static bool edgefn__have_avx512(void)
{
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2")
           && __builtin_cpu_supports("pclmul");
}
#      define EDGEFN__AT64(p, i) _mm512_loadu_si512((const void *)((p) + (i)))

EDGEFN__TARGET_AVX512 static inline uint64_t edgefn__care64(__m512i v)
{
    return _mm512_cmplt_epi8_mask(v, _mm512_set1_epi8(0x20))
           | _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\'));
}

EDGEFN__TARGET_AVX512 static inline uint64_t edgefn__quick_avx512(const char *p, uint64_t *care)
{
    __m512i v = EDGEFN__AT64(p, 0);
    *care = edgefn__care64(v);
    return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"'));
}

EDGEFN__TARGET_AVX512 static inline bool edgefn__spaced_avx512(const char *p, uint64_t *control)
{
    __m512i v = EDGEFN__AT64(p, 0);
    *control = _mm512_cmplt_epi8_mask(v, _mm512_set1_epi8(0x20));
    return (_mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\')) | _mm512_movepi8_mask(v)) == 0;
}

EDGEFN__TARGET_AVX512 static inline void edgefn__leads_avx512(const char *p, uint64_t high,
                                                              edgefn__leads *m)
{
    __m512i v = EDGEFN__AT64(p, 0);
    (void)high;
    m->follow = _mm512_cmplt_epi8_mask(v, _mm512_set1_epi8(-0x40));
    m->three = _mm512_cmpge_epu8_mask(v, _mm512_set1_epi8(-0x20));
    m->four = _mm512_cmpge_epu8_mask(v, _mm512_set1_epi8(-0x10));
    m->limits =
        m->four
        | _mm512_cmpeq_epi8_mask(_mm512_or_si512(v, _mm512_set1_epi8(1)), _mm512_set1_epi8(-0x3f))
        | _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(-0x20))
        | _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(-0x13));
}

EDGEFN__TARGET_AVX512 static inline void edgefn__masks_avx512(const char *p, edgefn__masks *m)
{
    __m512i v = EDGEFN__AT64(p, 0);
    m->quote = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"'));
    m->slash = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\'));
    m->high = _mm512_movepi8_mask(v);
    m->control = _mm512_cmplt_epi8_mask(v, _mm512_set1_epi8(0x20)) & ~m->high;
}

EDGEFN__TARGET_AVX512 static inline bool edgefn__quiet_avx512(const char *p)
{
    uint64_t any = 0;
    for (unsigned i = 0; i < 256; i += 64) {
        __m512i v = EDGEFN__AT64(p, i);
        any |= edgefn__care64(v) | _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"'));
    }
    return any == 0;
}

EDGEFN__TARGET_AVX512 EDGEFN__UNUSED static bool edgefn__scan_avx512(edgefn__scanner *s)
{
    static const edgefn__looks looks = { edgefn__quick_avx512, edgefn__spaced_avx512,
                                         edgefn__masks_avx512, edgefn__leads_avx512,
                                         edgefn__quiet_avx512, edgefn__inside_avx2 };
    return edgefn__scan_all(s, &looks);
}

#    endif

static bool edgefn__scan(edgefn__scanner *s)
{
#    ifdef EDGEFN__AVX2
    if (edgefn__have_avx512()) return edgefn__scan_avx512(s);
    if (edgefn__have_avx2()) return edgefn__scan_avx2(s);
#    endif
#    ifdef EDGEFN__SSE2
    return edgefn__scan_sse2(s);
#    else
    return edgefn__scan_portable(s);
#    endif
}

/*=== >>json =======================================================================================
   How it works: there are two readers. edgefn__validate() is the plain one: it reads every byte in
   order and finds the exact error. It runs only after a failure, so that a text that is not JSON
   is reported with the same code and offset whichever path found it. The reader below walks over
   the text with the bits of the scan: `pos` is the next byte outside strings, where every '"' opens
   a string, because the scan found no backslash outside strings. Quick paths leave pos where the
   plain grammar would have left it. */

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

/* Reads the \uXXXX at *at. Errors are reported at `escape`, where the whole escape begins. */
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
        if (edgefn__is_short_escape(p[escape + 1])) return true;
        return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, escape);
    }
    if (!edgefn__validate_unit(p, len, at, escape, f, &unit)) return false;
    if (edgefn__is_low_half(unit)) return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, escape);
    if (!edgefn__is_high_half(unit)) return true;
    if (*at < len && p[*at] != '\\') return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, escape);
    if (*at + 1 >= len) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, len);
    if (p[*at + 1] != 'u') return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, escape);
    if (!edgefn__validate_unit(p, len, at, escape, f, &unit)) return false;
    if (edgefn__is_low_half(unit)) return true;
    return edgefn__fault_at(f, EDGEFN_E_JSON_STRING, escape);
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

/* Skips one or more digits. Returns 0 if there is none. */
static size_t edgefn__digits_end(const char *p, size_t len, size_t at)
{
    size_t i = at;
    while (i < len && (edgefn__class_of(p[i]) & EDGEFN__C_DIGIT))
        i++;
    return i != at ? i : 0;
}

/* Returns the end of the number that begins at `at`; 0 if it is invalid. *ends: the input ended
   inside it. */
static size_t edgefn__number_end(const char *p, size_t len, size_t at, bool *ends)
{
    size_t from = at;
    *ends = false;
    if (p[from] == '-') from++; /* callers have a byte */
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
    if (first == 't') return "true";
    if (first == 'f') return "false";
    return first == 'n' ? "null" : NULL;
}

/* Checks a number or a literal; *at becomes the offset after it. */
static bool edgefn__validate_scalar(const char *p, size_t len, size_t *at, edgefn__fault *f)
{
    size_t i = *at;
    size_t n;
    if (p[i] == '-' || (edgefn__class_of(p[i]) & EDGEFN__C_DIGIT)) {
        bool ends;
        size_t end = edgefn__number_end(p, len, i, &ends);
        if (end == 0 && ends) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, len);
        if (end == 0) return edgefn__fault_at(f, EDGEFN_E_JSON_NUMBER, i);
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

/* Skips white space. Reading 16 bytes at a time saves 5 % or more of parsing an indented event. */
EDGEFN__NOINLINE size_t edgefn__skip_space(const char *p, size_t len, size_t i)
{
#    ifdef EDGEFN__SSE2
    while (i < len && len - i >= 16) {
        __m128i v = EDGEFN__AT16(p, i);
        __m128i breaks = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')),
                                      _mm_cmpeq_epi8(v, _mm_set1_epi8('\r')));
        __m128i blanks = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')),
                                      _mm_cmpeq_epi8(v, _mm_set1_epi8('\t')));
        unsigned others = (unsigned)_mm_movemask_epi8(_mm_or_si128(breaks, blanks)) ^ 0xffff;
        if (others != 0) return i + edgefn__ctz(others);
        i += 16;
    }
#    endif
    while (i < len && (edgefn__class_of(p[i]) & EDGEFN__C_SPACE))
        i++;
    return i;
}

/* A JSON text being checked. `expect` is what may follow: v a value, e a value or ']', n a name or
   '}', m a name, c a colon, s ',' or a closing bracket. */
typedef struct edgefn__validation {
    const char *p;
    size_t len, at;
    uint64_t objects; /* one bit a level, the innermost lowest; set for objects */
    unsigned depth;
    char expect;
} edgefn__validation;

/* Reads a closing bracket where one is allowed. */
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

/* Reads a value; of an object or array only its opening bracket. */
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

/* Reads what is expected. */
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
        if (v.expect == 's' && v.depth == 0) {
            if (v.at == v.len) return true;
            return edgefn__fault_at(f, EDGEFN_E_JSON_TRAILING, v.at);
        }
        if (v.at >= v.len) return edgefn__fault_at(f, EDGEFN_E_JSON_EOF, v.len);
        if (!edgefn__validate_close(&v) && !edgefn__validate_next(&v, f)) return false;
    }
}

/*--- walking over text that is valid JSON -------------------------------------------------------*/

static uint32_t edgefn__ws(const char *t, uint32_t at)
{
    while (edgefn__class_of(t[at]) & EDGEFN__C_SPACE)
        at++;
    return at;
}

/* Returns the offset after the string that opens at `at`. */
static uint32_t edgefn__after_string(const char *t, uint32_t at)
{
    for (at++; t[at] != '"'; at++) {
        if (t[at] == '\\') at++;
    }
    return at + 1;
}

static uint32_t edgefn__after_scalar(const char *t, uint32_t at)
{
    while (t[at] != ',' && t[at] != '}' && t[at] != ']'
           && !(edgefn__class_of(t[at]) & EDGEFN__C_SPACE))
        at++;
    return at;
}

static uint32_t edgefn__after_value(const char *t, uint32_t at)
{
    size_t depth = 0;
    if (t[at] != '"' && t[at] != '{' && t[at] != '[') return edgefn__after_scalar(t, at);
    do { /* outside strings only brackets matter */
        char c = t[at];
        at = c == '"' ? edgefn__after_string(t, at) : at + 1;
        if (c == '{' || c == '[') depth++;
        if (c == '}' || c == ']') depth--;
    } while (depth != 0);
    return at;
}

/* Returns the offset of the value of the member whose name opens at `at`. */
static uint32_t edgefn__after_name(const char *t, uint32_t at)
{
    return edgefn__ws(t, edgefn__ws(t, edgefn__after_string(t, at)) + 1);
}

/* Returns the contents of the string that opens at `at`, escapes not decoded. */
static edgefn_str edgefn__string_at(const char *t, uint32_t at)
{
    return edgefn__str(t + at + 1, edgefn__after_string(t, at) - at - 2);
}

/* Iterates over the members of an object, or the elements of an array:
       edgefn__each e = edgefn__each_in(text, open);
       while (edgefn__next(&e)) */
typedef struct edgefn__each {
    const char *text;
    uint32_t at;         /* the next one; at the end the closing bracket */
    uint32_t name;       /* where this one begins, a member with its name */
    uint32_t value, end; /* its value, and what follows that */
    bool object;
} edgefn__each;

static edgefn__each edgefn__each_in(const char *text, uint32_t open)
{
    edgefn__each e = { text, edgefn__ws(text, open + 1), 0, 0, 0, text[open] == '{' };
    return e;
}

static bool edgefn__next(edgefn__each *e)
{
    const char *t = e->text;
    if (t[e->at] == '}' || t[e->at] == ']') return false;
    e->name = e->at;
    e->value = e->object ? edgefn__after_name(t, e->at) : e->at;
    e->end = edgefn__after_value(t, e->value);
    e->at = edgefn__ws(t, e->end);
    if (t[e->at] == ',') e->at = edgefn__ws(t, e->at + 1);
    return true;
}

/* How edgefn__json_means() compares. */
enum {
    EDGEFN__EXACT,
    EDGEFN__POINTER /* ~0 and ~1 in s mean '~' and '/' */,
    EDGEFN__FOLD /* s is lower case, the JSON string in any case */
};

/* Returns the length of a character of a JSON string. */
static size_t edgefn__escape_len(const char *p)
{
    if (p[0] != '\\') return 1;
    if (p[1] != 'u') return 2;
    return edgefn__is_high_half(edgefn__hex4(p + 2, 4)) ? 12 : 6;
}

/* Reports whether the contents of a JSON string, escapes decoded, equal s. Uses no memory. */
static bool edgefn__json_means(edgefn_str raw, edgefn_str s, int how)
{
    size_t k = 0;
    for (size_t i = 0, len; i < raw.len; i += len) {
        char one[4];
        edgefn__text t = { one, one + 4, false };
        len = edgefn__escape_len(raw.ptr + i);
        edgefn__put_unescaped(&t, raw.ptr + i, len);
        for (const char *p = one; p < t.at; p++, k++) {
            if (k >= s.len) return false;
            char c = s.ptr[k];
            /* the caller has checked that 0 or 1 follows */
            if (how == EDGEFN__POINTER && c == '~') c = s.ptr[++k] == '0' ? '~' : '/';
            if (c != (how == EDGEFN__FOLD ? edgefn__lower(*p) : *p)) return false;
        }
    }
    return k == s.len;
}

/* Reports whether the member whose name opens at `at` has that name, escaped or not. */
static bool edgefn__is_member(const char *p, uint32_t at, const char *name)
{
    return edgefn__json_means(edgefn__string_at(p, at), edgefn_cstr(name), EDGEFN__EXACT);
}

/* Returns the offset of the value of an object's member; 0 if it has no such member. */
static uint32_t edgefn__find_member(const char *p, uint32_t open, const char *name)
{
    edgefn__each e = edgefn__each_in(p, open);
    while (edgefn__next(&e)) {
        if (edgefn__is_member(p, e.name, name)) return e.value;
    }
    return 0;
}

/*--- what a reader reports ----------------------------------------------------------------------*/

/* What a reader can report about a text that is valid JSON. A new issue needs its error in
   edgefn__event_issue(), and a row in edgefn__issue_rules if functions can cause it. */
typedef enum edgefn__issue_type {
    EDGEFN__I_TYPE,      /* a member or object has the wrong JSON type; `at` is its value */
    EDGEFN__I_VALUES,    /* the same for the array of a header's values */
    EDGEFN__I_ENTRY,     /* the same for an object with one value, or its other members */
    EDGEFN__I_VALUE,     /* the same for such a value, which must be a string */
    EDGEFN__I_NO_VALUE,  /* such an object has no value; `at` is its end */
    EDGEFN__I_MISSING,   /* a required member is missing; `at` is the end of its object */
    EDGEFN__I_UNREAD,    /* the same, but it is present with a value that was skipped */
    EDGEFN__I_DUPLICATE, /* a second member of the same name; `at` is the name */
    EDGEFN__I_NUMBER,    /* a number that is not an integer of 32 bits; `at` is the number */
    EDGEFN__I_STATUS,    /* a status outside 100..999; `at` is its value */
    EDGEFN__I_TLS,       /* a TLS version with an unknown name; `at` is after it */
    EDGEFN__I_ORIGIN     /* an origin has other members than the known ones; `at` is its end */
} edgefn__issue_type;

typedef struct edgefn__issue {
    edgefn__issue_type type;
    uint32_t at;
    const char *where;  /* the path of the object or list */
    edgefn_str subject; /* the name of a member or header; absent: the object or list itself */
    uint64_t number;    /* the status */
} edgefn__issue;

typedef struct edgefn__reader edgefn__reader;

/* Decides what an issue means: the first one rejects an event, while the issues of a function's
   result are collected. */
typedef struct edgefn__sink {
    /* Returns true to continue, false to stop. */
    bool (*issue)(edgefn__reader *r, const edgefn__issue *issue);
    /* Returns true if null is accepted for an absent member. name: NULL for a value of a header,
       cookie or parameter. */
    bool (*null)(edgefn__reader *r, edgefn_str parent, const char *name);
} edgefn__sink;

/* The texts between the strings of a list's entries. */
typedef struct edgefn__between {
    edgefn_str to_key;   /* from a name to its key, or empty */
    edgefn_str to_value; /* from the key to the value */
    edgefn_str to_next;  /* from a value into the next name */
    edgefn_str to_end;   /* from a value to after the list's brace; learned: after the entry */
} edgefn__between;

struct edgefn__reader {
    const char *text;
    uint32_t len, pos;
    const unsigned char *quotes;
    edgefn_event *ev;
    unsigned depth;
    const uint32_t *escaped,
        /* the next and the first string with an escape; they grow down and end with UINT32_MAX */
        *escaped_first;
    const edgefn__sink *sink;
    void *sink_data;
    edgefn_origin_kind skipped;      /* the kind of origin that is being skipped */
    bool lenient;                    /* edgefn_parse_opts.lenient, when an event is read */
    bool no_method;                  /* a request may lack its method */
    edgefn_event_type type;          /* edgefn_parse_opts.type */
    struct edgefn__object *response; /* where the response of an event is recorded */
    bool found;                      /* Records[0].cf is present */
    edgefn_str item;                 /* the name whose values are being read */
    edgefn_error code;               /* the first failure */
    uint32_t at;
    const char *where;
    edgefn_str subject;
    edgefn__between spaced; /* as learned from an entry of an indented event */
    const char *margin;     /* what lines of an indented text begin with: edgefn__margins */
    uint32_t unit;          /* the indentation of one level; 0: no layout was learned */
};

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

/* Returns true to continue. */
EDGEFN__NOINLINE bool edgefn__report(edgefn__reader *r, edgefn__issue_type type, uint32_t at,
                                     const char *where, edgefn_str subject)
{
    edgefn__issue issue = { type, at, where, subject, 0 };
    return r->sink->issue(r, &issue);
}

/* The sink of an event. */
static bool edgefn__event_issue(edgefn__reader *r, const edgefn__issue *issue)
{
    static const edgefn_error errors[] = {
        EDGEFN_E_TYPE,                      /* TYPE */
        EDGEFN_E_TYPE,                      /* VALUES */
        EDGEFN_E_TYPE,                      /* ENTRY */
        EDGEFN_E_TYPE,                      /* VALUE */
        EDGEFN_E_MISSING,                   /* NO_VALUE */
        EDGEFN_E_MISSING,                   /* MISSING */
        EDGEFN_E_MISSING,                   /* UNREAD */
        EDGEFN_E_DUPLICATE, EDGEFN_E_RANGE, /* NUMBER */
        EDGEFN_E_RANGE,                     /* STATUS */
        EDGEFN_OK, /* TLS: CloudFront may send versions newer than this library */
        EDGEFN_OK  /* ORIGIN: for the same reason */
    };
    edgefn_error code = errors[issue->type];
    if (code == EDGEFN_OK) return true;
    return edgefn__bad(r, code, issue->at, issue->where, issue->subject);
}

static bool edgefn__event_null(edgefn__reader *r, edgefn_str parent, const char *name)
{
    (void)parent;
    (void)name;
    if (!r->lenient) return false;
    r->ev->_flags |= EDGEFN__NULLS;
    return true;
}

static const edgefn__sink edgefn__event_sink = { edgefn__event_issue, edgefn__event_null };

static bool edgefn__bad_json(edgefn__reader *r)
{
    return edgefn__bad(r, EDGEFN_E_JSON_SYNTAX, r->pos, "JSON text", edgefn__absent());
}
static bool edgefn__bad_memory(edgefn__reader *r)
{
    return edgefn__bad(r, EDGEFN_E_OOM, 0, "arena", edgefn__absent());
}

/* Skips white space. Returns the next byte, 0 at the end. */
EDGEFN__INLINE char edgefn__peek(edgefn__reader *r)
{
    if (EDGEFN__LIKELY(r->pos < r->len && r->text[r->pos] > ' ')) return r->text[r->pos];
    r->pos = (uint32_t)edgefn__skip_space(r->text, r->len, r->pos);
    return r->pos < r->len ? r->text[r->pos] : '\0';
}

/* The same after the 57 bits from `from` on, which hold no quote: hence nor does the rest of their
   word of 64. */
EDGEFN__NOINLINE size_t edgefn__quote_far(const unsigned char *quotes, size_t from)
{
    size_t at = from / 64 * 8;
    uint64_t w = 0;
    for (; w == 0; at += 8)
        w = edgefn__word((const char *)quotes + at + 8);
    return at * 8 + edgefn__ctz(w);
}

/* Returns the offset of the first quote at or after `from`; beyond the text if there is none. An
   unaligned load shows at least 57 bits. */
EDGEFN__INLINE size_t edgefn__quote_in(const unsigned char *quotes, size_t from)
{
    uint64_t w = edgefn__word((const char *)quotes + from / 8) >> (from & 7);
    return EDGEFN__LIKELY(w != 0) ? from + edgefn__ctz(w) : edgefn__quote_far(quotes, from);
}

/* The same as a distance. The quick paths are bound by the latency of these loads. */
EDGEFN__INLINE size_t edgefn__quote_gap(const unsigned char *quotes, size_t from)
{
    uint64_t w = edgefn__word((const char *)quotes + from / 8) >> (from & 7);
    return EDGEFN__LIKELY(w != 0) ? edgefn__ctz(w) : edgefn__quote_far(quotes, from) - from;
}

/* The quotes from `from` on that one load shows, at least 57 bits; the lowest is the next one. */
EDGEFN__INLINE uint64_t edgefn__quotes_at(const unsigned char *quotes, size_t from)
{
    return edgefn__word((const char *)quotes + from / 8) >> (from & 7);
}

EDGEFN__INLINE uint32_t edgefn__quote_from(const edgefn__reader *r, uint32_t from)
{
    return (uint32_t)edgefn__quote_in(r->quotes, from);
}

/* Reads the string at the cursor, escapes not decoded. The scan has checked it. */
EDGEFN__INLINE bool edgefn__raw_string(edgefn__reader *r, edgefn_str *s)
{
    uint32_t open = r->pos;
    if (EDGEFN__NEVER(open >= r->len || r->text[open] != '"'))
        return edgefn__bad_json(r); /* callers look for the quote */
    uint32_t close = edgefn__quote_from(r, open + 1);
    if (EDGEFN__UNLIKELY(close >= r->len)) return edgefn__bad_json(r);
    *s = edgefn__str(r->text + open + 1, close - open - 1);
    r->pos = close + 1;
    return true;
}

/* Reads one name by the plain grammar; the cursor is before its quote, then before its value. */
EDGEFN__INLINE bool edgefn__object_name(edgefn__reader *r, edgefn_str *name)
{
    if (edgefn__peek(r) != '"' || !edgefn__raw_string(r, name)) return edgefn__bad_json(r);
    if (edgefn__peek(r) != ':') return edgefn__bad_json(r);
    r->pos++;
    if (r->pos < r->len && r->text[r->pos] == ' ') r->pos++;
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

/* After a value: closes the objects and arrays that end there, and skips a comma. */
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

/* Skips any value. Depth counts from the reader's own; no recursion. */
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

/* Reports whether the string that opens at `at` contains an escape. Must be called in the order of
   the text. */
EDGEFN__INLINE bool edgefn__is_escaped(edgefn__reader *r, uint32_t at)
{
    while (EDGEFN__UNLIKELY(*r->escaped < at))
        r->escaped--;
    return *r->escaped == at;
}

EDGEFN__NOINLINE bool edgefn__unescape(edgefn__reader *r, edgefn_str *s)
{
    edgefn__text t = edgefn__text_begin(r->ev, r->ev->arena.cap);
    size_t room = (size_t)(t.end - t.at);
    size_t rest = (size_t)(r->text + r->len - s->ptr); /* >= s->len + 1 */
    if (EDGEFN__LIKELY(rest - s->len >= EDGEFN__UNESCAPE_SLACK && room >= EDGEFN__UNESCAPE_SLACK
                       && room - EDGEFN__UNESCAPE_SLACK >= s->len))
        t.at = edgefn__unescape_to(t.at, s->ptr, s->len);
    else
        edgefn__put_unescaped(&t, s->ptr, s->len);
    *s = edgefn__text_end(r->ev, &t);
    if (s->ptr != NULL) return true;
    return edgefn__bad_memory(r);
}

/* Returns 0 if the text begins with these at most 16 bytes; both have 16 readable bytes. */
EDGEFN__INLINE unsigned edgefn__differs16(const char *p, edgefn_str s)
{
#    ifdef EDGEFN__SSE2
    __m128i same = _mm_cmpeq_epi8(EDGEFN__AT16(p, 0), EDGEFN__AT16(s.ptr, 0));
    return ~(unsigned)_mm_movemask_epi8(same) & ((1u << s.len) - 1);
#    else
    return !edgefn__same(p, s.ptr, s.len);
#    endif
}

/* The same for any length; from 16 bytes on, no more need be readable. */
EDGEFN__INLINE unsigned edgefn__differs_long(const char *p, edgefn_str s)
{
#    ifdef EDGEFN__SSE2
    if (s.len > 16) {
        size_t last = s.len - 16;
        __m128i same = _mm_cmpeq_epi8(EDGEFN__AT16(p, last), EDGEFN__AT16(s.ptr, last));
        for (size_t i = 0; i < last; i += 16)
            same = _mm_and_si128(same, _mm_cmpeq_epi8(EDGEFN__AT16(p, i), EDGEFN__AT16(s.ptr, i)));
        return (unsigned)_mm_movemask_epi8(same) ^ 0xffff;
    }
#    endif
    return edgefn__differs16(p, s);
}

/*--- lines of an indented text ------------------------------------------------------------------*/

/* A line break and indentation: what lines of an indented text begin with. */
static const char edgefn__margins[2][65] = {
    "\n                                                               ",
    "\n\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t"
    "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t"
};

/* Returns 0 if 1 to 32 bytes are the same; both have 32 readable bytes. */
EDGEFN__INLINE uint32_t edgefn__differs32(const char *p, const char *q, size_t n)
{
#    ifdef EDGEFN__SSE2
    __m128i a = _mm_cmpeq_epi8(EDGEFN__AT16(p, 0), EDGEFN__AT16(q, 0));
    __m128i b = _mm_cmpeq_epi8(EDGEFN__AT16(p, 16), EDGEFN__AT16(q, 16));
    uint32_t same = (uint32_t)_mm_movemask_epi8(a) | (uint32_t)_mm_movemask_epi8(b) << 16;
    return ~same << (32 - n);
#    else
    return !edgefn__same(p, q, n);
#    endif
}

/* Learns the layout of an indented text: a line break, and the same blanks for each level. line:
   after the first brace; name: where its first name begins. The functions that use it know where
   each token is before the white space is compared, so that nothing waits for that: parsing
   events of 1 to 2 KB takes 16 to 18 % less time, of 4 to 6 KB 7 to 11 % less, though up to 7 %
   more instructions. tests/test_flip.c and fuzz_layout compare them with the plain grammar. */
static void edgefn__layout_learn(edgefn__reader *r, size_t line, size_t name)
{
    size_t n = name - line;
    if (n < 2 || n > 9 || r->len - line < 32) return;
    const char *margin = edgefn__margins[r->text[line + 1] == '\t'];
    if (edgefn__differs32(r->text + line, margin, n) != 0) return;
    r->margin = margin;
    r->unit = (uint32_t)n - 1;
}

/* Returns the length of what a line of this depth begins with. */
EDGEFN__INLINE size_t edgefn__margin_len(const edgefn__reader *r, unsigned depth)
{
    return 1 + (size_t)depth * r->unit;
}

/* Reports whether a line of this depth follows that begins with c. */
EDGEFN__INLINE bool edgefn__line_begins(const edgefn__reader *r, size_t at, unsigned depth, char c)
{
    size_t margin = edgefn__margin_len(r, depth);
    return margin <= 32 && at + margin < r->len && edgefn__same(r->text + at, r->margin, margin)
           && r->text[at + margin] == c;
}

/*--- objects that the library interprets --------------------------------------------------------*/

struct edgefn__object;

/* A name that the library knows. The fields after the length are for members of the event:
   >>members. */
typedef struct edgefn__name {
    const char *text;
    uint8_t len;
    uint8_t in;        /* the variants of its object with this member, EDGEFN__IN_* */
    uint8_t member;    /* edgefn_member; EDGEFN_MEMBER_COUNT: not one of them */
    uint16_t offset;   /* of its field in edgefn_event */
    const char *quick; /* "name":" */
    bool (*read)(struct edgefn__reader *r, const struct edgefn__object *o, int id);
} edgefn__name;
typedef struct edgefn__schema {
    const char *where;
    const edgefn__name *names;
    uint8_t count;
    uint8_t in; /* the variant of the object; names of other variants are unknown */
} edgefn__schema;
/* Objects of the event differ by dialect, origins by kind. The second two bits are the variants
   that always have the member. */
enum {
    EDGEFN__IN_lambda = 1,
    EDGEFN__IN_functions = 2,
    EDGEFN__IN_custom = 1,
    EDGEFN__IN_s3 = 2,
    EDGEFN__IN_both = 3,
    EDGEFN__IN_CUSTOM = EDGEFN__IN_custom | EDGEFN__IN_custom << 2,
    EDGEFN__IN_S3 = EDGEFN__IN_s3 | EDGEFN__IN_s3 << 2,
    EDGEFN__IN_BOTH = EDGEFN__IN_CUSTOM | EDGEFN__IN_S3,
    EDGEFN__IN_CUSTOM_s3 = EDGEFN__IN_CUSTOM | EDGEFN__IN_s3
};
#    define EDGEFN__NAME(text)                                                                     \
      {                                                                                            \
        text, sizeof(text) - 1, EDGEFN__IN_both, EDGEFN_MEMBER_COUNT, 0, NULL, NULL                \
      }

typedef struct edgefn__object {
    const edgefn__schema *schema;
    uint32_t open, close, seen, unknown, name_at;
    unsigned next; /* the row of the schema that is compared first: the one after the last member */
    uint32_t space, space_len; /* white space before a name, usually the same before all of them */
    uint32_t gap;              /* from the cursor to the next name, if that is so; 0: nothing */
    uint32_t gap_more;         /* the same before a name after the first one, with its comma */
    bool lined;                /* its members are on lines, in the layout that was learned */
} edgefn__object;

enum { EDGEFN__END = -1, EDGEFN__BAD = -2, EDGEFN__OTHER = -3 };

/* A name with its position, for the search for equal names. */
typedef struct edgefn__entry {
    const char *ptr;
    uint32_t len, at;
} edgefn__entry;

static bool edgefn__entry_eq(const edgefn__entry *a, const edgefn__entry *b)
{
    return a->len == b->len && edgefn__same(a->ptr, b->ptr, a->len);
}

/* Orders by length, then bytes, then position. */
static int edgefn__entry_order(const void *a, const void *b)
{
    const edgefn__entry *x = (const edgefn__entry *)a;
    const edgefn__entry *y = (const edgefn__entry *)b;
    if (x->len != y->len) return x->len < y->len ? -1 : 1;
    int d = edgefn__memcmp(x->ptr, y->ptr, x->len);
    if (d != 0) return d;
    return x->at < y->at ? -1 : x->at > y->at;
}

static bool edgefn__entry_before(const edgefn__entry *a, const edgefn__entry *b)
{
    return edgefn__entry_order(a, b) < 0;
}
/* Finds the first name that equals an earlier one by sorting: n log n for any names.
   Returns its position; UINT32_MAX if all differ, or if memory ran out, which the event records. */
EDGEFN__NOINLINE uint32_t edgefn__equal_by_sorting(edgefn_event *ev, size_t top, edgefn__entry *e,
                                                   size_t n)
{
    uint32_t first = UINT32_MAX;
    if (!edgefn__sort(ev, top, e, n, sizeof *e, edgefn__entry_order)) return first;
    for (size_t i = 1; i < n; i++) {
        if (edgefn__entry_eq(&e[i - 1], &e[i]) && e[i].at < first) first = e[i].at;
    }
    return first;
}

/* The same with a hash table of `size` slots, a power of two above n; *gave_up if the names were
   chosen to collide. */
static uint32_t edgefn__equal_by_hashing(const edgefn__entry *e, size_t n, uint32_t *slots,
                                         size_t size, bool *gave_up)
{
    size_t budget = n * 8 + 64;
    *gave_up = false;
    edgefn__memset(slots, 0, size * sizeof *slots);
    for (size_t i = 0; i < n; i++) {
        uint64_t h = e[i].len;
        size_t k = 0;
        for (; e[i].len - k >= 8; k += 8) {
            h = (h ^ edgefn__load8(e[i].ptr + k)) * 0x9e3779b97f4a7c15u;
            h ^= h >> 29;
        }
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

/* Collects the names of the object that opens at `open` in e, or only counts them if e is NULL. */
static size_t edgefn__names_collect(edgefn__reader *r, uint32_t open, bool fold, edgefn__entry *e)
{
    edgefn__reader again = *r;
    size_t n = 0;
    edgefn_str name;
    again.pos = open + 1;
    /* Go back to the first escaped string of this object only: starting from the first one of the
       text would take quadratic time for many objects. */
    while (again.escaped < r->escaped_first && again.escaped[1] > open)
        again.escaped++;
    while (edgefn__peek(&again) != '}') {
        if (again.text[again.pos] == ',') again.pos++;
        edgefn__peek(&again);
        uint32_t at = again.pos;
        bool is_name = edgefn__raw_string(&again, &name);
        edgefn__peek(&again);
        again.pos++;
        bool is_value = edgefn__skip_value(&again);
        if (EDGEFN__NEVER(!is_name || !is_value)) break; /* both were read before */
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

/* Returns the first name of an object that equals an earlier one; UINT32_MAX: none, or OOM. */
static uint32_t edgefn__equal_name(edgefn__reader *r, uint32_t open, bool fold)
{
    edgefn_event *ev = r->ev;
    size_t size = 16;
    bool gave_up;
    size_t n = edgefn__names_collect(r, open, fold, NULL);
    while (size < n + n / 2)
        size *= 2;
    edgefn__entry *e = (edgefn__entry *)edgefn__take_held(ev, n, sizeof *e);
    if (e == NULL) return UINT32_MAX;
    edgefn__scope scope = edgefn__scope_begin(ev);
    uint32_t *slots = (uint32_t *)edgefn__take_held(ev, size, sizeof *slots);
    if (slots == NULL) return UINT32_MAX;
    edgefn__names_collect(r, open, fold, e);
    if (ev->err.code != EDGEFN_OK) return UINT32_MAX;
    uint32_t twice = edgefn__equal_by_hashing(e, n, slots, size, &gave_up);
    edgefn__scope_end_top(ev, scope);
    return gave_up ? edgefn__equal_by_sorting(ev, ev->arena.cap, e, n) : twice;
}

/* Searches an object for equal names by reading it again, for the rare cases that the quick test
   leaves open. Releases its memory. */
EDGEFN__NOINLINE bool edgefn__names_differ(edgefn__reader *r, uint32_t open, bool fold,
                                           const char *where)
{
    edgefn__scope scope = edgefn__scope_begin(r->ev);
    (void)edgefn__is_escaped(r, open); /* earlier strings are not needed any more */
    uint32_t twice = edgefn__equal_name(r, open, fold);
    edgefn__scope_end(r->ev, scope);
    if (r->ev->err.code != EDGEFN_OK) return edgefn__bad_memory(r);
    if (twice == UINT32_MAX) return true;
    return edgefn__report(
        r, EDGEFN__I_DUPLICATE, twice, where,
        edgefn__str(r->text + twice + 1, edgefn__quote_from(r, twice + 1) - twice - 1));
}

/* for a value that is not an object: reported and skipped */
static const edgefn__schema edgefn__s_gone = { "", NULL, 0, 0 };
static const edgefn__schema edgefn__s_null = { "", NULL, 0,
                                               0 }; /* for a null that is read as absent */

static bool edgefn__null_at(edgefn__reader *r, edgefn_str parent, const char *name)
{
    if (r->len - r->pos < 4 || !edgefn__same4(r->text + r->pos, "null")) return false;
    if (!r->sink->null(r, parent, name)) return false;
    r->pos += 4;
    return true;
}

/* Skips a null that is read as absent. where, name: the path of the member; name may be NULL if
   `where` is the whole path. */
EDGEFN__NOINLINE bool edgefn__null(edgefn__reader *r, const char *where, const char *name)
{
    if (name != NULL) return edgefn__null_at(r, edgefn_cstr(where), name);
    const char *last = edgefn__last_name(where);
    size_t parent = (size_t)(last - where);
    return edgefn__null_at(r, edgefn__str(where, last != where ? parent - 1 : 0), last);
}

/* The same for all values of one header, cookie or parameter. */
EDGEFN__NOINLINE bool edgefn__null_group(edgefn__reader *r)
{
    return edgefn__null_at(r, edgefn__absent(), NULL);
}

/* The members of an object with one value of a header, cookie or parameter. */
static const edgefn__name edgefn__n_entry[] = { EDGEFN__NAME("key"), EDGEFN__NAME("value") };
static const edgefn__name edgefn__n_item[] = { EDGEFN__NAME("value"), EDGEFN__NAME("multiValue"),
                                               EDGEFN__NAME("attributes"),
                                               EDGEFN__NAME("multivalue") };
static const edgefn__name edgefn__n_element[] = { EDGEFN__NAME("value"),
                                                  EDGEFN__NAME("attributes") };

static bool edgefn__holds_value(const edgefn__schema *schema)
{
    return schema->names == edgefn__n_entry || schema->names == edgefn__n_item
           || schema->names == edgefn__n_element;
}

/* In a lenient event, members may be null, except those that contain a value. */
static bool edgefn__is_optional(const edgefn__schema *schema, int id)
{
    if (schema->names == edgefn__n_entry) return id == 0;
    return id != 0 || !edgefn__holds_value(schema);
}

static edgefn_str edgefn__name_at(const edgefn__schema *schema, int id)
{
    return edgefn__str(schema->names[id].text, schema->names[id].len);
}

/* Reports and skips a value of the wrong type. id: -1 for the object itself. */
EDGEFN__NOINLINE bool edgefn__wrong_type(edgefn__reader *r, const edgefn__schema *schema, int id)
{
    edgefn__issue_type type = EDGEFN__I_TYPE;
    edgefn_str subject = id >= 0 ? edgefn__name_at(schema, id) : edgefn__absent();
    if (edgefn__holds_value(schema)) {
        type = EDGEFN__IS(subject, "value") ? EDGEFN__I_VALUE : EDGEFN__I_ENTRY;
        subject = r->item;
    }
    if (!edgefn__report(r, type, r->pos, schema->where, subject)) return false;
    return edgefn__skip_value(r);
}

/* The same for a list, or for all values of one name. */
EDGEFN__NOINLINE bool edgefn__wrong_list(edgefn__reader *r, edgefn__issue_type type,
                                         const char *where, edgefn_str subject)
{
    if (!edgefn__report(r, type, r->pos, where, subject)) return false;
    return edgefn__skip_value(r);
}

/* Handles a value that is not an object: null is read as absent, others are reported and skipped.
   Returns the empty schema to read instead; NULL to stop. */
EDGEFN__NOINLINE const edgefn__schema *edgefn__no_object(edgefn__reader *r,
                                                         const edgefn__schema *schema)
{
    if (!edgefn__holds_value(schema) && edgefn__null(r, schema->where, NULL))
        return &edgefn__s_null;
    return edgefn__wrong_type(r, schema, -1) ? &edgefn__s_gone : NULL;
}

/* Measures the white space before the first name of an object, without consuming it. */
EDGEFN__NOINLINE void edgefn__object_gap(const edgefn__reader *r, edgefn__object *o)
{
    o->space = r->pos;
    o->lined = r->unit != 0 && edgefn__line_begins(r, r->pos, r->depth, '"');
    if (o->lined) return;
    o->space_len = (uint32_t)edgefn__skip_space(r->text, r->len, r->pos) - r->pos;
    o->gap = o->space_len;
    o->gap_more = o->space_len + 1;
}

/* Reports whether a member was read. */
EDGEFN__INLINE bool edgefn__has_more(const edgefn__object *o)
{
    return o->gap == o->gap_more;
}

/* Reports whether the gap before the next name is the same white space as before another one, with
   a comma after a member. Needs 16 readable bytes after it. */
EDGEFN__NOINLINE bool edgefn__gap_same(const edgefn__reader *r, const edgefn__object *o)
{
    uint32_t start = r->pos + edgefn__has_more(o);
    edgefn_str space = edgefn__str(r->text + o->space, o->space_len);
    return o->space_len != 0 && (!edgefn__has_more(o) || r->text[r->pos] == ',')
           && edgefn__differs_long(r->text + start, space) == 0;
}

/* Opens the object at the cursor; any other value is EDGEFN_E_TYPE. */
EDGEFN__INLINE bool edgefn__object_open(edgefn__reader *r, edgefn__object *o,
                                        const edgefn__schema *schema)
{
    o->schema = schema;
    o->close = 0;
    o->seen = 0;
    o->unknown = 0;
    o->name_at = 0;
    o->space_len = 0;
    o->gap = 0;
    o->gap_more = 1;
    o->lined = false;
    o->next = 0;
    o->open = r->pos;
    bool here = r->pos < r->len && r->text[r->pos] == '{'; /* callers skip white space */
    if (EDGEFN__UNLIKELY(!here)) {
        o->schema = edgefn__no_object(r, schema);
        o->unknown = 2;      /* no quick path: this is not an object */
        o->gap = UINT32_MAX; /* nor for what follows it */
        return o->schema != NULL;
    }
    if (EDGEFN__NEVER(r->depth >= EDGEFN_MAX_DEPTH)) /* the objects of an event are not so deep */
        return edgefn__bad_json(r);
    r->depth++;
    o->open = r->pos++;
    if (EDGEFN__UNLIKELY(r->pos < r->len && r->text[r->pos] <= ' ')) edgefn__object_gap(r, o);
    return true;
}

/* Reads the closing brace at the cursor. */
EDGEFN__INLINE void edgefn__object_end(edgefn__reader *r, edgefn__object *o)
{
    o->close = r->pos++;
    r->depth--;
}

EDGEFN__NOINLINE int edgefn__object_close(edgefn__reader *r, edgefn__object *o)
{
    edgefn__object_end(r, o);
    if (o->unknown >= 2 && !edgefn__names_differ(r, o->open, false, o->schema->where))
        return EDGEFN__BAD;
    return EDGEFN__END;
}

/* Looks up a name, from row `first` on and then before it; EDGEFN__END if the schema does not have
   it. */
EDGEFN__INLINE int edgefn__object_lookup(const edgefn__schema *schema, edgefn_str name,
                                         unsigned first)
{
    unsigned i = first;
    for (unsigned left = schema->count; left != 0; left--, i++) {
        if (i >= schema->count) i = 0;
        const edgefn__name *n = &schema->names[i];
        if (n->len == name.len && (n->in & schema->in) != 0
            && edgefn__same(n->text, name.ptr, name.len))
            return (int)i;
    }
    return EDGEFN__END;
}

/* The same for a name with escapes. */
EDGEFN__NOINLINE int edgefn__object_lookup_escaped(const edgefn__schema *schema, edgefn_str name)
{
    char plain[64];
    edgefn__text t = { plain, plain + sizeof plain, false };
    edgefn__put_unescaped(&t, name.ptr, name.len);
    if (t.full) return EDGEFN__END; /* longer than any known name */
    return edgefn__object_lookup(schema, edgefn__str(plain, (size_t)(t.at - plain)), 0);
}

/* Reads the name of the next member. Returns false at the closing brace and after an error. */
EDGEFN__INLINE bool edgefn__object_member(edgefn__reader *r, edgefn__object *o, edgefn_str *name)
{
    char c = edgefn__peek(r);
    if (c == '}') return false;
    if (edgefn__has_more(o)) {
        if (c != ',') return edgefn__bad_json(r);
        r->pos++;
        edgefn__peek(r);
    }
    o->gap = o->gap_more;
    o->name_at = r->pos;
    return edgefn__object_name(r, name);
}

/* Moves the cursor to the value of the next known member and skips the others.
   Returns the member's index, EDGEFN__END after the closing brace, or EDGEFN__BAD. */
EDGEFN__NOINLINE int edgefn__object_next(edgefn__reader *r, edgefn__object *o)
{
    const edgefn__schema *schema = o->schema;
    edgefn_str name;
    if (schema->names == NULL) return EDGEFN__END;
    while (edgefn__object_member(r, o, &name)) {
        int id = edgefn__is_escaped(r, o->name_at) ? edgefn__object_lookup_escaped(schema, name)
                                                   : edgefn__object_lookup(schema, name, o->next);
        if (id < 0) {
            o->unknown++;
            if (!edgefn__skip_value(r)) return EDGEFN__BAD;
            continue;
        }
        if (o->seen >> id & 1) {
            if (!edgefn__report(r, EDGEFN__I_DUPLICATE, o->name_at, schema->where, name))
                return EDGEFN__BAD;
            bool skipped = edgefn__skip_value(r);
            if (EDGEFN__NEVER(!skipped)) return EDGEFN__BAD; /* a result is valid JSON */
            continue;
        }
        o->seen |= (uint32_t)1 << id;
        o->next = (unsigned)id + 1;
        return id;
    }
    return r->code == EDGEFN_OK ? edgefn__object_close(r, o) : EDGEFN__BAD;
}

/* For functions that load words. Not inlined where compilers load a word byte by byte: that would
   be long, and gcc 12 warns of words of other lengths before it removes them. */
#    if defined(__riscv)
#      define EDGEFN__INLINE_WORDS EDGEFN__NOINLINE
#    else
#      define EDGEFN__INLINE_WORDS EDGEFN__INLINE
#    endif

/* Compares n bytes with a literal in overlapping words; n is a constant from 4 to 32. */
EDGEFN__INLINE_WORDS bool edgefn__same_literal(const char *p, const char *literal, size_t n)
{
    if (n < 8)
        return ((edgefn__load4(p) ^ edgefn__load4(literal))
                | (edgefn__load4(p + n - 4) ^ edgefn__load4(literal + n - 4)))
               == 0;
    uint64_t d = (edgefn__load8(p) ^ edgefn__load8(literal))
                 | (edgefn__load8(p + n - 8) ^ edgefn__load8(literal + n - 8));
    if (n > 16) d |= edgefn__load8(p + 8) ^ edgefn__load8(literal + 8);
    if (n > 24) d |= edgefn__load8(p + 16) ^ edgefn__load8(literal + 16);
    return d == 0;
}

/* Handles a value of the wrong type. Returns true if it was skipped. */
static bool edgefn__type_error(edgefn__reader *r, const edgefn__object *o, int id)
{
    const edgefn__schema *schema = o->schema;
    if (edgefn__is_optional(schema, id) && edgefn__null(r, schema->where, schema->names[id].text))
        return true;
    return edgefn__wrong_type(r, schema, id);
}

static bool edgefn__missing(edgefn__reader *r, const edgefn__object *o, const char *name)
{
    edgefn__issue_type type = EDGEFN__I_MISSING;
    edgefn_str member = edgefn_cstr(name);
    if (EDGEFN__NEVER(o->schema == &edgefn__s_gone)) return true; /* only lists read on then */
    for (int id = 0; id < o->schema->count; id++) {
        if ((o->seen >> id & 1) && edgefn_str_eq(member, edgefn__name_at(o->schema, id)))
            type = EDGEFN__I_UNREAD;
    }
    return edgefn__report(r, type, o->close, o->schema->where, member);
}

/* Reports a missing "value". */
static bool edgefn__no_value(edgefn__reader *r, const edgefn__object *o)
{
    if (o->schema == &edgefn__s_gone) return true;
    return edgefn__report(r, EDGEFN__I_NO_VALUE, o->close, o->schema->where, r->item);
}

/* Reads a string value; had, if not NULL, receives its position. */
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

/* Reads an integer; fractions, exponents, signs and more than 32 bits are EDGEFN_E_RANGE. */
static bool edgefn__read_u32(edgefn__reader *r, const edgefn__object *o, int id, uint32_t *value,
                             edgefn__span *had)
{
    bool ends;
    if (r->pos >= r->len
        || (r->text[r->pos] != '-' && !(edgefn__class_of(r->text[r->pos]) & EDGEFN__C_DIGIT)))
        return edgefn__type_error(r, o, id);
    size_t end = edgefn__number_end(r->text, r->len, r->pos, &ends);
    if (end == 0) return edgefn__bad_json(r);
    edgefn_number n = edgefn_str_to_u64(edgefn__str(r->text + r->pos, end - r->pos));
    if (!n.ok || n.value > UINT32_MAX) {
        edgefn_str name = edgefn__name_at(o->schema, id);
        if (!edgefn__report(r, EDGEFN__I_NUMBER, r->pos, o->schema->where, name)) return false;
        return edgefn__skip_value(r);
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

/*=== >>lists: fields as they are received =========================================================
   How it works: a list is read by the quick path while it is written exactly as CloudFront writes
   it, or as the entry before is, with white space; otherwise one entry by the plain grammar. All
   know a dialect only as data (edgefn__form, edgefn__between). Strings with escapes are decoded
   when the list ends. */

/* A list being read: its items grow at the end of the arena until the object is closed. */
typedef struct edgefn__list {
    edgefn_field *items, *at, *end;
    const uint32_t *escaped;
    uint32_t open, close;
    size_t names;
    bool hollow; /* a name without values: it has no item, but counts as a name */
    bool again;  /* a name must be lowered or was escaped: compare all names again */
    bool unescaped;
    bool twice; /* two names are equal without decoding */
    const char *where;
    uint64_t filter[8];
} edgefn__list;

EDGEFN__INLINE bool edgefn__list_open(edgefn__reader *r, edgefn__list *l, const char *where)
{
    edgefn_arena *a = &r->ev->arena;
    if (edgefn__peek(r) != '{') {
        if (!edgefn__null(r, where, NULL))
            (void)edgefn__wrong_list(r, EDGEFN__I_TYPE, where, edgefn__absent());
        return false; /* without an error: the list is absent */
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

/* True if two fields of a list have the same name. */
EDGEFN__INLINE bool edgefn__same_name(const edgefn_field *a, const edgefn_field *b)
{
    return a->_tag == b->_tag && edgefn_str_eq(a->name, b->name);
}

/* Reports whether an earlier item has that name; called for the first 64 names only. More names are
   compared by a hash table when the list is closed. */
EDGEFN__NOINLINE bool edgefn__list_has(const edgefn__list *l, const edgefn_field *it)
{
    if (l->names + (size_t)(it - l->at) >= 64) return false;
    for (const edgefn_field *other = l->items; other < it; other++) {
        if (edgefn__same_name(other, it)) return true;
    }
    return false;
}

/* Tags a new name, l->at or one of a run from there. A filter of 512 bits shows whether the name
   may have occurred before; only then are bytes compared. The caller counts the name. */
EDGEFN__INLINE void edgefn__list_name_new(edgefn__list *l, edgefn_field *it)
{
    uint32_t tag = edgefn__tag(it->name);
    uint64_t *word = &l->filter[tag >> 29];
    uint64_t bit = EDGEFN__TAG_BIT(tag);
    it->_tag = tag;
    if (EDGEFN__UNLIKELY((*word & bit) != 0)) l->twice |= edgefn__list_has(l, it);
    *word |= bit;
}

/* Allocates the items so far, so that decoding strings does not overwrite them. */
EDGEFN__INLINE void edgefn__list_commit(edgefn__reader *r, const edgefn__list *l)
{
    if (l->at > l->items) edgefn__take_until(r->ev, l->at);
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

/* Ends a quick path after the items up to `it`. */
EDGEFN__INLINE void edgefn__list_run(edgefn__reader *r, edgefn__list *l, edgefn_field *it,
                                     size_t pos, bool again)
{
    r->pos = (uint32_t)pos;
    l->names += (size_t)(it - l->at);
    l->at = it;
    l->again |= again;
    edgefn__list_commit(r, l);
}

/* Returns the offset of a string in the text; 0 if it is absent or lies in the arena. */
static uint32_t edgefn__offset(const edgefn__reader *r, edgefn_str s)
{
    uintptr_t at = (uintptr_t)s.ptr - (uintptr_t)r->text;
    return s.ptr != NULL && at < r->len ? (uint32_t)at : 0;
}

/* Returns where an item's last string begins in the text. */
static uint32_t edgefn__last_string(const edgefn__reader *r, const edgefn_field *it)
{
    uint32_t last = it->_value + 1;
    uint32_t key = edgefn__offset(r, it->key);
    uint32_t attributes = edgefn__offset(r, it->attributes);
    if (key > last) last = key;
    return attributes > last ? attributes : last;
}

/* Returns the string of an item that begins at `at`; NULL for one of an unknown member. */
static edgefn_str *edgefn__string_from(const edgefn__reader *r, edgefn_field *it, uint32_t at)
{
    if (edgefn__offset(r, it->name) == at) return &it->name;
    if (it->_value + 1 == at) return &it->value;
    if (edgefn__offset(r, it->key) == at) return &it->key;
    return edgefn__offset(r, it->attributes) == at ? &it->attributes : NULL;
}

/* Moves on to the item whose last string is at or after `at`, in large steps at first; to the end
   of the list if there is none. */
static edgefn_field *edgefn__item_until(const edgefn__reader *r, const edgefn__list *l,
                                        edgefn_field *it, uint32_t at)
{
    while (l->at - it > 8 && it[7]._group != it[8]._group && it[8]._group < at)
        it += 8;
    while (it + 1 < l->at && it[1]._group != it->_group && it[1]._group < at)
        it++;
    while (it < l->at && edgefn__last_string(r, it) < at)
        it++;
    return it;
}

/* Decodes the escaped strings of items, walking over items and escaped strings side by side.
   Entries of one group share their name. */
EDGEFN__NOINLINE bool edgefn__list_unescape(edgefn__reader *r, edgefn__list *l)
{
    edgefn_field *it = l->items;
    const uint32_t *escaped = l->escaped;
    while (*escaped < l->open)
        escaped--;
    for (; *escaped < l->close; escaped--) {
        uint32_t at = *escaped + 1;
        it = edgefn__item_until(r, l, it, at);
        if (it == l->at) return true;
        edgefn_str *s = edgefn__string_from(r, it, at);
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

/* Processes all names again: lowers those of headers, tags them, searches for equal ones. */
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

/* Reports whether a hash table shows that all names of a list differ. If it does not, two may be
   equal, or they were chosen to collide. */
EDGEFN__NOINLINE bool edgefn__hash_differs(edgefn__reader *r, const edgefn__list *l)
{
    edgefn__scope scope = edgefn__scope_begin(r->ev);
    size_t size = 128;
    size_t budget = l->names * 2; /* of occupied slots looked at */
    while (size < l->names * 2)
        size *= 2;
    uint32_t *slots = (uint32_t *)edgefn__take_held(r->ev, size, sizeof *slots);
    if (slots == NULL) return false;
    edgefn__memset(slots, 0, size * sizeof *slots);
    for (const edgefn_field *it = l->items; it < l->at && budget != 0; it++) {
        if (it > l->items && it->_group == it[-1]._group) continue;
        uint32_t hash = (it->_tag ^ it->_tag >> 15) * 0x9e3779b1u;
        size_t slot = (hash ^ hash >> 15) & (size - 1);
        for (; slots[slot] != 0 && budget != 0; slot = (slot + 1) & (size - 1))
            budget = edgefn__same_name(&l->items[slots[slot] - 1], it) ? 0 : budget - 1;
        slots[slot] = (uint32_t)(it - l->items) + 1;
    }
    edgefn__scope_end_top(r->ev, scope);
    return budget != 0;
}

/* Searches a list for equal names, as far as that was not done with each name. */
EDGEFN__INLINE bool edgefn__list_unique(edgefn__reader *r, const edgefn__list *l, bool fold)
{
    bool maybe = l->twice || l->hollow;
    if (EDGEFN__LIKELY(!maybe && l->names <= 64)) return true;
    return (!maybe && edgefn__hash_differs(r, l))
           || edgefn__names_differ(r, l->open, fold, l->where);
}

/* Leaves room after the headers that a handler may add to, so that edgefn__append() need not copy
   the list. */
EDGEFN__INLINE bool edgefn__list_spare(edgefn__reader *r, const edgefn__list *l, edgefn_fields *f)
{
    edgefn_event *ev = r->ev;
    uint32_t edited = edgefn__is_request(ev) ? EDGEFN__REQUEST_HEADERS : EDGEFN__RESPONSE_HEADERS;
    if (f->_kind != edited || l->at == l->items || r->sink != &edgefn__event_sink) return true;
    if (EDGEFN__NEVER((unsigned char *)(void *)l->at != ev->arena.ptr + ev->arena.used))
        return true; /* a list is the last block while it is read */
    f->_cap = (uint32_t)(l->at - l->items) + EDGEFN__SPARE;
    if (edgefn__take_bytes(ev, EDGEFN__SPARE * sizeof *l->at) != NULL) return true;
    return edgefn__bad_memory(r);
}

static bool edgefn__list_close(edgefn__reader *r, edgefn__list *l, edgefn_fields *f, bool fold)
{
    l->close = r->pos++;
    r->depth--;
    if (!edgefn__list_spare(r, l, f)) return false;
    if (EDGEFN__UNLIKELY(*l->escaped < l->close) && !edgefn__list_unescape(r, l)) return false;
    bool again = l->again && (fold || l->unescaped);
    if (EDGEFN__UNLIKELY(again) && !edgefn__list_names(r, l, fold)) return false;
    if (!edgefn__list_unique(r, l, fold)) return false;
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

/* After a member: moves to the next name. Returns 1, or 0 at the closing brace, or -1 on error. */
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
   as separators for the quick path, and as schema for the plain grammar. */
typedef struct edgefn__form {
    edgefn__between between;   /* to_key and to_value have 16 readable bytes */
    const edgefn__name *names; /* the members of an object in an array of values */
    uint8_t count;
    uint8_t value; /* the index of "value"; the other is the key, or the attributes */
    bool array;    /* the values of a name are in an array; false: in an object */
} edgefn__form;

/* Reports whether the text begins with these 4 to 8 bytes. */
EDGEFN__INLINE bool edgefn__same_short(const char *p, edgefn_str s)
{
    return edgefn__load4(p) == edgefn__load4(s.ptr)
           && edgefn__load4(p + s.len - 4) == edgefn__load4(s.ptr + s.len - 4);
}

/* Returns 0 if the text begins with one that was learned, of at most 255 bytes; both have 32
   readable bytes. */
typedef unsigned edgefn__text_differ(const char *p, edgefn_str s);

/* Where a quick path stopped: at the name of an entry that is left to the plain grammar, after an
   entry, or at the list's closing brace. */
enum { EDGEFN__AT_NAME, EDGEFN__AFTER_ENTRY, EDGEFN__AT_BRACE };

/* Returns 0 if the texts between name, key and value are the expected ones. */
EDGEFN__INLINE unsigned edgefn__between_differs(const char *to_key, const char *to_value,
                                                edgefn__between b, edgefn__text_differ *learned)
{
    if (learned == NULL) {
        unsigned before_key = b.to_key.len != 0 ? edgefn__differs16(to_key, b.to_key) : 0;
        return before_key | edgefn__differs16(to_value, b.to_value);
    }
    unsigned differ = learned(to_value, b.to_value);
    return b.to_key.len != 0 ? differ | learned(to_key, b.to_key) : differ;
}

/* Where an entry with one value is in the text. key: 0 if it has none; else as long as the name. */
typedef struct edgefn__one_value {
    size_t name, name_len, key, value, value_len;
} edgefn__one_value;

/* Reports whether another entry follows the value that ends at `close`; the text ends at `end`.
   Constant texts need no test: they are shorter than what is left anyway. */
EDGEFN__INLINE bool edgefn__next_follows(const char *close, const char *end, edgefn__between b,
                                         edgefn__text_differ *learned)
{
    if (learned == NULL) return edgefn__same_short(close, b.to_next);
    return (size_t)(end - close) >= b.to_next.len + 32 && learned(close, b.to_next) == 0;
}

EDGEFN__INLINE bool edgefn__end_follows(const char *close, const char *end, edgefn__between b,
                                        edgefn__text_differ *learned)
{
    bool fits = learned == NULL || (size_t)(end - close) >= b.to_end.len;
    return fits && edgefn__same(close, b.to_end.ptr, b.to_end.len);
}

/* Stores an entry with one value, without its tag. */
EDGEFN__INLINE void edgefn__entry_store(edgefn_field *it, const char *t, edgefn__one_value at)
{
    it->name = edgefn__str(t + at.name, at.name_len);
    it->value = edgefn__str(t + at.value, at.value_len);
    it->key = at.key != 0 ? edgefn__str(t + at.key, at.name_len) : edgefn__absent();
    it->attributes = edgefn__absent();
    it->change = EDGEFN_CHANGE_NONE;
    it->_group = (uint32_t)at.name - 1;
    it->_value = (uint32_t)at.value - 1;
}

/* The quick path of a list's last entry where vectors would read past the end of the text: cookies
   end most events of CloudFront Functions. Returns: EDGEFN__AT_BRACE; EDGEFN__AT_NAME, with nothing
   read, if a text is not as expected. */
EDGEFN__NOINLINE int edgefn__last_entry(edgefn__reader *r, edgefn__list *l,
                                        const edgefn__between *b, edgefn__one_value at)
{
    const char *t = r->text;
    size_t close = at.value + at.value_len;
    size_t end = close + b->to_end.len;
    if (end > r->len || !edgefn__same(t + close, b->to_end.ptr, b->to_end.len))
        return EDGEFN__AT_NAME;
    if (!edgefn__same(t + at.value - b->to_value.len, b->to_value.ptr, b->to_value.len))
        return EDGEFN__AT_NAME;
    if (!edgefn__same(t + at.name + at.name_len, b->to_key.ptr, b->to_key.len))
        return EDGEFN__AT_NAME;
    edgefn__entry_store(l->at, t, at);
    edgefn__list_name_new(l, l->at);
    edgefn__list_run(r, l, l->at + 1, end - 1, edgefn__has_upper(l->at->name));
    return EDGEFN__AT_BRACE;
}

/* The quick path: names with one value, with the same texts between name, key, value and
   next name as in other entries. A key is as long as its name, so that all positions follow from
   the quotes before any byte is compared. Stops at a name that is written differently, is longer
   than one load of quotes shows, or is at the end of the text. Without it parsing takes 2.0 to 2.7
   times the instructions. tests/test_flip.c compares it with the plain grammar.
   learned: compares texts of any length; NULL: the texts are constants, which compilers fold.
   has_upper: edgefn__has_upper32(), or the same for other vectors. */
EDGEFN__INLINE int edgefn__list_quick(edgefn__reader *r, edgefn__list *l,
                                      const edgefn__between *between, edgefn__text_differ *learned,
                                      uint32_t (*has_upper)(const char *p, size_t len))
{
    const edgefn__between b = *between; /* stores to items could change it */
    const char *t = r->text;
    const bool keyed = b.to_key.len != 0;
    const size_t slack = learned != NULL ? 32 : 20;
    size_t name = (size_t)r->pos + 1; /* after its opening quote */
    size_t limit = r->len > slack ? r->len - slack : 0;
    edgefn_field *it = l->at;
    uint32_t upper = 0;
    int stopped = EDGEFN__AT_NAME;
    if (t[r->pos] != '"') return stopped;
    while (it < l->end) {
        uint64_t quotes = edgefn__quotes_at(r->quotes, name);
        size_t n = edgefn__ctz(quotes | (uint64_t)1 << 57);
        size_t key = name + n + b.to_key.len;
        size_t key_len = keyed ? n : 0;
        size_t value = key + key_len + b.to_value.len;
        uint64_t keys = keyed ? edgefn__quotes_at(r->quotes, key) : quotes;
        if (n == 57 || (keys & (0 - keys)) != (quotes & (0 - quotes))) break; /* the lowest bits */
        size_t m = edgefn__quote_gap(r->quotes, value);
        /* all loads end before the text does; a value begins 12 bytes after its name or later */
        edgefn__one_value at = { name, n, keyed ? key : 0, value, m };
        if (EDGEFN__UNLIKELY(value + m > limit)) {
            edgefn__list_run(r, l, it, name - 1, upper != 0);
            return learned != NULL ? stopped : edgefn__last_entry(r, l, between, at);
        }
        if (edgefn__between_differs(t + name + n, t + key + key_len, b, learned) != 0) break;
        edgefn__entry_store(it, t, at);
        edgefn__list_name_new(l, it);
        upper |= has_upper(t + name, n);
        const char *close = t + value + m;
        if (EDGEFN__LIKELY(edgefn__next_follows(close, t + r->len, b, learned))) {
            name = value + m + b.to_next.len;
            it++;
            continue;
        }
        if (edgefn__end_follows(close, t + r->len, b, learned)) {
            name = value + m + b.to_end.len + (learned != NULL);
            it++;
            stopped = learned != NULL ? EDGEFN__AFTER_ENTRY : EDGEFN__AT_BRACE;
        }
        break; /* otherwise not this item */
    }
    edgefn__list_run(r, l, it, name - 1, upper != 0);
    return stopped;
}

/* Compares the text at `at` with a separator of the compact form, with white space where JSON
   allows it. inside: it begins with the closing quote of a string. Returns its end; 0 if it
   differs. */
static size_t edgefn__spaced_end(const edgefn__reader *r, size_t at, edgefn_str compact,
                                 bool inside)
{
    for (size_t i = 0; i < compact.len; i++, at++) {
        char c = compact.ptr[i];
        if (!inside && at < r->len && r->text[at] != c)
            at = edgefn__skip_space(r->text, r->len, at);
        if (at >= r->len || r->text[at] != c) return 0;
        inside ^= c == '"';
    }
    return at;
}

/* Learns the texts of an indented event from the entry at the cursor: those of the compact form
   with white space between the tokens. Returns false if it has other members. */
EDGEFN__NOINLINE bool edgefn__list_learn(edgefn__reader *r, const edgefn__between *compact)
{
    const char *t = r->text;
    edgefn__between b = { { t, 0 }, { t, 0 }, { t, 0 }, { t, 0 } };
    edgefn_str to_end = edgefn__str(compact->to_end.ptr, compact->to_end.len - 1);
    size_t at = edgefn__quote_in(r->quotes, (size_t)r->pos + 1);
    if (compact->to_key.len != 0) {
        size_t key = edgefn__spaced_end(r, at, compact->to_key, true);
        if (key == 0) return false;
        b.to_key = edgefn__str(t + at, key - at);
        at = edgefn__quote_in(r->quotes, key);
    }
    size_t value = edgefn__spaced_end(r, at, compact->to_value, true);
    if (value == 0) return false;
    b.to_value = edgefn__str(t + at, value - at);
    at = edgefn__quote_in(r->quotes, value);
    size_t end = edgefn__spaced_end(r, at, to_end, true);
    if (end == 0) return false;
    size_t next = edgefn__spaced_end(r, end, EDGEFN_S(",\""), false);
    bool last = next == 0;
    if (b.to_key.len > 255 || b.to_value.len > 255 || (!last && next - at > 255)) return false;
    b.to_end = edgefn__str(t + at, end - at);
    b.to_next = edgefn__str(t + at, last ? r->len : next - at); /* longer than what is left */
    r->spaced = b;
    return true;
}

/* Compare the text at `at` with a constant, and with what lines begin with, at most 64 bytes. They
   return its end, so that all positions follow before any byte is compared. */
EDGEFN__INLINE size_t edgefn__const_end(const edgefn__reader *r, size_t at, edgefn_str s,
                                        uint32_t *differ)
{
    *differ |= (uint32_t)!edgefn__same(r->text + at, s.ptr, s.len);
    return at + s.len;
}

EDGEFN__INLINE size_t edgefn__margin_end(const edgefn__reader *r, size_t at, size_t n,
                                         uint32_t *differ)
{
    const char *p = r->text + at;
    *differ |= edgefn__differs32(p, r->margin, n < 32 ? n : 32);
    if (n > 32) *differ |= edgefn__differs32(p + n - 32, r->margin + n - 32, 32);
    return at + n;
}

/* Returns the end of such a text from a name to its key: each token on a line. outer: what lines
   with names begin with. */
static size_t edgefn__key_lines(const edgefn__reader *r, size_t at, size_t outer, uint32_t *differ)
{
    at = edgefn__const_end(r, at, EDGEFN_S("\": ["), differ);
    at = edgefn__margin_end(r, at, outer + r->unit, differ);
    at = edgefn__const_end(r, at, EDGEFN_S("{"), differ);
    at = edgefn__margin_end(r, at, outer + (size_t)r->unit * 2, differ);
    return edgefn__const_end(r, at, EDGEFN_S("\"key\": \""), differ);
}

/* The same from a key, or a name, to the value. */
static size_t edgefn__value_lines(const edgefn__reader *r, size_t at, size_t outer, bool keyed,
                                  uint32_t *differ)
{
    at = edgefn__const_end(r, at, keyed ? EDGEFN_S("\",") : EDGEFN_S("\": {"), differ);
    at = edgefn__margin_end(r, at, outer + (keyed ? r->unit * 2 : r->unit), differ);
    return edgefn__const_end(r, at, EDGEFN_S("\"value\": \""), differ);
}

/* The same from a value to the end of its entry. */
static size_t edgefn__end_lines(const edgefn__reader *r, size_t at, size_t outer, bool keyed,
                                uint32_t *differ)
{
    at = edgefn__const_end(r, at, EDGEFN_S("\""), differ);
    if (keyed) {
        at = edgefn__margin_end(r, at, outer + r->unit, differ);
        at = edgefn__const_end(r, at, EDGEFN_S("}"), differ);
    }
    at = edgefn__margin_end(r, at, outer, differ);
    return edgefn__const_end(r, at, keyed ? EDGEFN_S("]") : EDGEFN_S("}"), differ);
}

/* As edgefn__list_learn(), with fewer instructions, if each token of the entry is on a line of its
   own in the layout that was learned. Each text has at most 192 bytes. */
EDGEFN__NOINLINE bool edgefn__lines_learn(edgefn__reader *r, bool keyed)
{
    const size_t most = 192;
    const char *t = r->text;
    edgefn__between b = { { t, 0 }, { t, 0 }, { t, 0 }, { t, 0 } };
    size_t outer = edgefn__margin_len(r, r->depth);
    size_t at = edgefn__quote_in(r->quotes, (size_t)r->pos + 1);
    size_t end;
    uint32_t differ = 0;
    if (r->unit == 0 || outer + (size_t)r->unit * 2 > 64 || at + most >= r->len) return false;
    if (keyed) {
        end = edgefn__key_lines(r, at, outer, &differ);
        b.to_key = edgefn__str(t + at, end - at);
        at = edgefn__quote_in(r->quotes, end);
        if (differ != 0 || at + most >= r->len) return false;
    }
    end = edgefn__value_lines(r, at, outer, keyed, &differ);
    b.to_value = edgefn__str(t + at, end - at);
    at = edgefn__quote_in(r->quotes, end);
    if (differ != 0 || at + most >= r->len) return false;
    end = edgefn__end_lines(r, at, outer, keyed, &differ);
    b.to_end = edgefn__str(t + at, end - at);
    if (differ != 0) return false;
    end = edgefn__const_end(r, end, EDGEFN_S(","), &differ);
    end = edgefn__margin_end(r, end, outer, &differ);
    end = edgefn__const_end(r, end, EDGEFN_S("\""), &differ);
    /* the last entry: longer than what is left */
    b.to_next = edgefn__str(t + at, differ != 0 ? r->len : end - at);
    r->spaced = b;
    return true;
}

/* Reads a member of an object with one value: the value, its key or its attributes. */
EDGEFN__INLINE bool edgefn__read_part(edgefn__reader *r, const edgefn__object *o, int id,
                                      const edgefn__form *form, edgefn_field *it)
{
    edgefn_str *other = form->array ? &it->key : &it->attributes;
    if (r->pos >= r->len || r->text[r->pos] != '"') return edgefn__type_error(r, o, id);
    if (id == form->value) it->_value = r->pos;
    return edgefn__raw_string(r, id == form->value ? &it->value : other);
}

/* After an object with one value: adds it to the list. One of the wrong type was reported. */
EDGEFN__INLINE bool edgefn__read_done(edgefn__reader *r, edgefn__list *l, const edgefn__object *o,
                                      const edgefn__form *form, const edgefn_field *it)
{
    if (it->_value != 0) return edgefn__list_add(r, l, it);
    return (o->seen >> form->value & 1) || edgefn__no_value(r, o);
}

static bool edgefn__read_value(edgefn__reader *r, edgefn__list *l, const edgefn__form *form,
                               edgefn_field it)
{
    const edgefn__schema schema = { l->where, form->names, form->count, EDGEFN__IN_both };
    edgefn__object o;
    edgefn__peek(r);
    if (!edgefn__object_open(r, &o, &schema)) return false;
    int id = edgefn__object_next(r, &o);
    while (id >= 0) {
        if (!edgefn__read_part(r, &o, id, form, &it)) return false;
        id = edgefn__object_next(r, &o);
    }
    return id != EDGEFN__BAD && edgefn__read_done(r, l, &o, form, &it);
}

/* Reads an array of values. it: their name. */
static bool edgefn__read_values(edgefn__reader *r, edgefn__list *l, const edgefn__form *form,
                                const edgefn_field *it)
{
    if (edgefn__peek(r) != '[') {
        if (!edgefn__null_group(r))
            return edgefn__wrong_list(r, EDGEFN__I_VALUES, l->where, it->name);
        l->hollow |= form->array;
        return true;
    }
    r->pos++;
    r->depth++;
    bool more = edgefn__peek(r) != ']';
    if (!more) l->hollow |= form->array;
    while (more) {
        if (!edgefn__read_value(r, l, form, *it)) return false;
        more = edgefn__peek(r) == ',';
        r->pos += more;
    }
    if (edgefn__peek(r) != ']') return edgefn__bad_json(r);
    r->pos++;
    r->depth--;
    return true;
}

/* The members of an item that contain all of its values; CloudFront accepts both spellings. */
static bool edgefn__is_multi(int id)
{
    return id == 1 || id == 3;
}

/* Reads a member of {"value":...,"multiValue":[...],"attributes":...}. */
static bool edgefn__read_item_part(edgefn__reader *r, edgefn__list *l, const edgefn__object *o,
                                   int id, const edgefn__form *form, edgefn_field *it)
{
    const uint32_t both = 1u << 1 | 1u << 3;
    if (!edgefn__is_multi(id)) return edgefn__read_part(r, o, id, form, it);
    if ((o->seen & both) == both) {
        if (!edgefn__report(r, EDGEFN__I_DUPLICATE, o->name_at, l->where, it->name)) return false;
        return edgefn__skip_value(r);
    }
    edgefn_field each;
    edgefn__memset(&each, 0, sizeof each);
    each.name = it->name;
    each._group = it->_group;
    return edgefn__read_values(r, l, form, &each);
}

static bool edgefn__read_item(edgefn__reader *r, edgefn__list *l, const edgefn__form *form,
                              edgefn_field it)
{
    const edgefn__schema schema = { l->where, edgefn__n_item, EDGEFN__COUNT(edgefn__n_item),
                                    EDGEFN__IN_both };
    size_t before = (size_t)(l->at - l->items);
    edgefn__object o;
    if (edgefn__peek(r) != '{' && edgefn__null_group(r)) {
        l->hollow = true;
        return true;
    }
    if (!edgefn__object_open(r, &o, &schema)) return false;
    int id = edgefn__object_next(r, &o);
    while (id >= 0) {
        if (!edgefn__read_item_part(r, l, &o, id, form, &it)) return false;
        id = edgefn__object_next(r, &o);
    }
    if (id == EDGEFN__BAD) return false;
    if (l->at > l->items + before) return true; /* multiValue contains all of them */
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

static const edgefn__form edgefn__lambda_form = {
    { { "\":[{\"key\":\"     ", 11 },
      { "\",\"value\":\"     ", 11 },
      { "\"}],\"", 5 },
      { "\"}]}", 4 } },
    edgefn__n_entry,
    EDGEFN__COUNT(edgefn__n_entry),
    1,
    true,
};

static const edgefn__form edgefn__functions_form = {
    { { "", 0 }, { "\":{\"value\":\"    ", 12 }, { "\"},\"", 4 }, { "\"}}", 3 } },
    edgefn__n_element,
    EDGEFN__COUNT(edgefn__n_element),
    0,
    false,
};

/* The quick path of each form, and of learned texts; also compiled with the shifts that came with
   AVX2, which save 5 % of parsing. */
#    ifdef EDGEFN__AVX2
/* As edgefn__has_upper32(). */
EDGEFN__TARGET_AVX2 static inline uint32_t edgefn__has_upper_avx2(const char *p, size_t len)
{
    if (EDGEFN__UNLIKELY(len > 32)) return edgefn__has_upper(edgefn__str(p, len));
    __m256i moved = _mm256_add_epi8(EDGEFN__AT32(p, 0), _mm256_set1_epi8((char)(127 - 'Z')));
    __m256i upper = _mm256_cmpgt_epi8(moved, _mm256_set1_epi8((char)(127 - 26)));
    return _bzhi_u32((uint32_t)_mm256_movemask_epi8(upper), (unsigned)len);
}

EDGEFN__TARGET_AVX2 static int edgefn__lambda_quick_avx2(edgefn__reader *r, edgefn__list *l)
{
    return edgefn__list_quick(r, l, &edgefn__lambda_form.between, NULL, edgefn__has_upper_avx2);
}

EDGEFN__TARGET_AVX2 static int edgefn__functions_quick_avx2(edgefn__reader *r, edgefn__list *l)
{
    return edgefn__list_quick(r, l, &edgefn__functions_form.between, NULL, edgefn__has_upper_avx2);
}

/* Saves 4 % of parsing an indented event. */
EDGEFN__TARGET_AVX2 static inline unsigned edgefn__differs_avx2(const char *p, edgefn_str s)
{
    size_t last = s.len > 32 ? s.len - 32 : 0;
    __m256i differ =
        _mm256_or_si256(_mm256_xor_si256(EDGEFN__AT32(p, 0), EDGEFN__AT32(s.ptr, 0)),
                        _mm256_xor_si256(EDGEFN__AT32(p, last), EDGEFN__AT32(s.ptr, last)));
    for (size_t i = 32; EDGEFN__UNLIKELY(i < last); i += 32)
        differ =
            _mm256_or_si256(differ, _mm256_xor_si256(EDGEFN__AT32(p, i), EDGEFN__AT32(s.ptr, i)));
    __m256i same = _mm256_cmpeq_epi8(differ, _mm256_setzero_si256());
    return _bzhi_u32(~(unsigned)_mm256_movemask_epi8(same), (unsigned)s.len);
}

EDGEFN__TARGET_AVX2 static int edgefn__spaced_quick_avx2(edgefn__reader *r, edgefn__list *l)
{
    return edgefn__list_quick(r, l, &r->spaced, edgefn__differs_avx2, edgefn__has_upper_avx2);
}
#    endif

static int edgefn__lambda_quick(edgefn__reader *r, edgefn__list *l)
{
    if (EDGEFN__SMALL) return EDGEFN__AT_NAME;
#    ifdef EDGEFN__AVX2
    if (edgefn__have_avx2()) return edgefn__lambda_quick_avx2(r, l);
#    endif
    return edgefn__list_quick(r, l, &edgefn__lambda_form.between, NULL, edgefn__has_upper32);
}

static int edgefn__functions_quick(edgefn__reader *r, edgefn__list *l)
{
    if (EDGEFN__SMALL) return EDGEFN__AT_NAME;
#    ifdef EDGEFN__AVX2
    if (edgefn__have_avx2()) return edgefn__functions_quick_avx2(r, l);
#    endif
    return edgefn__list_quick(r, l, &edgefn__functions_form.between, NULL, edgefn__has_upper32);
}

static int edgefn__spaced_quick(edgefn__reader *r, edgefn__list *l)
{
    if (EDGEFN__SMALL) return EDGEFN__AT_NAME;
#    ifdef EDGEFN__AVX2
    if (edgefn__have_avx2()) return edgefn__spaced_quick_avx2(r, l);
#    endif
    return edgefn__list_quick(r, l, &r->spaced, edgefn__differs_long, edgefn__has_upper32);
}

/* The quick path of an indented list: with the texts of the entries before, or with those of the
   entry at the cursor. Parsing an indented event takes 4 times the instructions without it. */
EDGEFN__NOINLINE int edgefn__list_spaced(edgefn__reader *r, edgefn__list *l,
                                         const edgefn__form *form)
{
    const edgefn_field *before = l->at;
    if (EDGEFN__SMALL) return EDGEFN__AT_NAME;
    if (r->spaced.to_value.len != 0) {
        int stopped = edgefn__spaced_quick(r, l);
        if (stopped != EDGEFN__AT_NAME || l->at != before) return stopped;
    }
    bool learned = edgefn__lines_learn(r, form->array) || edgefn__list_learn(r, &form->between);
    return learned ? edgefn__spaced_quick(r, l) : EDGEFN__AT_NAME;
}

/* The quick path of a name with several values in Lambda@Edge, such as Set-Cookie:
       "name":[{"key":"Name","value":"text"},{"key":"Name","value":"text"}]
   Parsing a response with two cookies takes 13 % more instructions without it. Returns:
   EDGEFN__AFTER_ENTRY; EDGEFN__AT_NAME, with nothing read, if they are not written exactly so. */
static int edgefn__values_quick(edgefn__reader *r, edgefn__list *l)
{
    const char *t = r->text;
    const size_t name = (size_t)r->pos + 1;
    const size_t n = edgefn__quote_gap(r->quotes, name);
    edgefn_field *it = l->at;
    size_t end = name + n; /* of a string: its closing quote */
    if (EDGEFN__SMALL) return EDGEFN__AT_NAME;
    if (end + 20 > r->len || !edgefn__same_literal(t + end, "\":[{\"key\":\"", 11))
        return EDGEFN__AT_NAME;
    do {
        edgefn__one_value at = { name, n, end + 11, end + 11 + n + 11, 0 };
        if (it == l->end || at.value + 20 > r->len) return EDGEFN__AT_NAME;
        if (edgefn__quote_gap(r->quotes, at.key) != n) return EDGEFN__AT_NAME;
        if (!edgefn__same_literal(t + at.key + n, "\",\"value\":\"", 11)) return EDGEFN__AT_NAME;
        at.value_len = edgefn__quote_gap(r->quotes, at.value);
        end = at.value + at.value_len;
        if (end + 20 > r->len) return EDGEFN__AT_NAME;
        edgefn__entry_store(it++, t, at);
    } while (edgefn__same_literal(t + end, "\"},{\"key\":\"", 11));
    if (t[end + 1] != '}' || t[end + 2] != ']') return EDGEFN__AT_NAME;
    edgefn__list_name_new(l, l->at);
    for (edgefn_field *more = l->at + 1; more < it; more++)
        more->_tag = l->at->_tag;
    l->names -= (size_t)(it - l->at) - 1; /* they have one name */
    edgefn__list_run(r, l, it, end + 3, edgefn__has_upper(l->at->name));
    return EDGEFN__AFTER_ENTRY;
}

/* The same for a cookie of a response in CloudFront Functions:
       "name":{"value":"text","attributes":"text"} */
static int edgefn__attributes_quick(edgefn__reader *r, edgefn__list *l)
{
    const char *t = r->text;
    const size_t name = (size_t)r->pos + 1;
    const size_t n = edgefn__quote_gap(r->quotes, name);
    edgefn__one_value at = { name, n, 0, name + n + 12, 0 };
    if (EDGEFN__SMALL) return EDGEFN__AT_NAME;
    if (l->at == l->end || at.value + 20 > r->len) return EDGEFN__AT_NAME;
    if (!edgefn__same_literal(t + name + n, "\":{\"value\":\"", 12)) return EDGEFN__AT_NAME;
    at.value_len = edgefn__quote_gap(r->quotes, at.value);
    const size_t other = at.value + at.value_len + 16;
    if (other + 20 > r->len || !edgefn__same_literal(t + other - 16, "\",\"attributes\":\"", 16))
        return EDGEFN__AT_NAME;
    const size_t other_len = edgefn__quote_gap(r->quotes, other);
    if (other + other_len + 2 > r->len || t[other + other_len + 1] != '}') return EDGEFN__AT_NAME;
    edgefn__entry_store(l->at, t, at);
    l->at->attributes = edgefn__str(t + other, other_len);
    edgefn__list_name_new(l, l->at);
    edgefn__list_run(r, l, l->at + 1, other + other_len + 2, edgefn__has_upper(l->at->name));
    return EDGEFN__AFTER_ENTRY;
}

/* Reads entries from the name at the cursor on. Returns as edgefn__list_more(). */
static int edgefn__read_entries(edgefn__reader *r, edgefn__list *l, const edgefn__form *form)
{
    size_t close = edgefn__quote_in(r->quotes, (size_t)r->pos + 1);
    const edgefn__between *b = &form->between;
    const char *first = b->to_key.len != 0 ? b->to_key.ptr : b->to_value.ptr;
    bool compact = close + 4 > r->len || edgefn__same4(r->text + close, first);
    int stopped = EDGEFN__AT_NAME;
    if (!compact)
        stopped = edgefn__list_spaced(r, l, form);
    else if (r->text[r->pos] == '"')
        stopped = form->array ? edgefn__values_quick(r, l) : edgefn__attributes_quick(r, l);
    if (stopped == EDGEFN__AT_NAME && !edgefn__read_group(r, l, form)) return -1;
    return edgefn__list_more(r);
}

/* Reads a list. quick: the quick path of its form. */
EDGEFN__INLINE bool edgefn__read_list(edgefn__reader *r, edgefn_fields *f, const char *where,
                                      const edgefn__form *form, bool fold,
                                      int (*quick)(edgefn__reader *r, edgefn__list *l))
{
    edgefn__list l;
    int more = 1;
    if (!edgefn__list_open(r, &l, where))
        return r->code == EDGEFN_OK; /* it is null, or reported in a function's result */
    if (edgefn__peek(r) == '}') return edgefn__list_close(r, &l, f, fold);
    if (r->pos >= r->len) return edgefn__bad_json(r);
    while (more == 1) {
        if (r->spaced.to_value.len == 0 && quick(r, &l) == EDGEFN__AT_BRACE) break;
        more = edgefn__read_entries(r, &l, form);
    }
    return more >= 0 && edgefn__list_close(r, &l, f, fold);
}

static bool edgefn__lambda_headers(edgefn__reader *r, edgefn_fields *f, const char *where)
{
    return edgefn__read_list(r, f, where, &edgefn__lambda_form, true, edgefn__lambda_quick);
}

static bool edgefn__functions_map(edgefn__reader *r, edgefn_fields *f, const char *where, bool fold)
{
    return edgefn__read_list(r, f, where, &edgefn__functions_form, fold, edgefn__functions_quick);
}

/*=== >>members ====================================================================================
   How it works: one row describes a member of the event. It generates the member's name, the call
   that reads it, its bit in change masks, the comparison with the received value, and the call that
   writes it. The reader of objects below uses the rows. */

/* clang-format off */
/* The rows of each object, in the order in which Lambda@Edge sends them: by name. New members are
   written in the order of edgefn_member.
     TEXT    a string that a handler may change, with its mark in edgefn_member
     VALUE   any other member with a mark: a number, a word, a set
     PART    a list, an object, or a member that handlers do not change
   The columns:
     name    in the JSON text
     type    edgefn__receive_TYPE() reads it; edgefn__write_TYPE() writes it, if it has a mark
     field   its field in the object's struct (EDGEFN__STRUCT_*)
     mark    in edgefn_member, without the object's prefix (EDGEFN__MARK_*)
     in      the dialects whose object has it, or the kinds of an origin; in capitals if it is
             always present, so that a function's result must contain it */
#    define EDGEFN__EVENT_MEMBERS(TEXT, VALUE, PART, o) \
  PART (o, version,  string,   version,           functions) \
  PART (o, config,   config,   type,              lambda) \
  PART (o, context,  config,   type,              functions) \
  PART (o, viewer,   viewer,   request.client_ip, functions) \
  PART (o, request,  request,  request,           both) \
  PART (o, response, response, response,          both)

#    define EDGEFN__CONFIG_MEMBERS(TEXT, VALUE, PART, o) \
  PART (o, distributionDomainName, string,   domain,            both) \
  PART (o, distributionId,         string,   distribution_id,   both) \
  PART (o, endpoint,               endpoint, domain,            functions) \
  PART (o, eventType,              type,     type,              both) \
  PART (o, requestId,              string,   request_id,        both)

#    define EDGEFN__REQUEST_MEMBERS(TEXT, VALUE, PART, o) \
  PART (o, body,        body,   body,                     lambda) \
  TEXT (o, clientIp,    string, client_ip,   CLIENT_IP,   lambda) \
  PART (o, cookies,     list,   _cookies,                 functions) \
  PART (o, headers,     list,   headers,                  both) \
  TEXT (o, method,      string, method,      METHOD,      both) \
  VALUE(o, origin,      origin, origin.kind, ORIGIN,      lambda) \
  TEXT (o, querystring, query,  querystring, QUERYSTRING, both) \
  TEXT (o, uri,         string, uri,         URI,         both)

#    define EDGEFN__BODY_MEMBERS(TEXT, VALUE, PART, o) \
  VALUE(o, action,         action,   replace,   ACTION,   lambda) \
  TEXT (o, data,           string,   data,      DATA,     lambda) \
  VALUE(o, encoding,       encoding, encoding,  ENCODING, lambda) \
  PART (o, inputTruncated, truth,    truncated,           lambda)

#    define EDGEFN__ORIGIN_MEMBERS(TEXT, VALUE, PART, o) \
  TEXT (o, authMethod,                string, auth_method,          AUTH_METHOD,        S3) \
  PART (o, customHeaders,             list,   headers,                                  both) \
  TEXT (o, domainName,                string, domain,               DOMAIN,             both) \
  VALUE(o, keepaliveTimeout,          number, keepalive_s,          KEEPALIVE,          CUSTOM) \
  TEXT (o, path,                      string, path,                 PATH,               BOTH) \
  VALUE(o, port,                      number, port,                 PORT,               CUSTOM) \
  VALUE(o, protocol,                  scheme, https,                PROTOCOL,           CUSTOM) \
  VALUE(o, readTimeout,               number, read_timeout_s,       READ_TIMEOUT,       CUSTOM_s3) \
  TEXT (o, region,                    string, region,               REGION,             s3) \
  VALUE(o, responseCompletionTimeout, number, completion_timeout_s, COMPLETION_TIMEOUT, both) \
  VALUE(o, sslProtocols,              tls,    tls,                  TLS,                CUSTOM)

#    define EDGEFN__RESPONSE_MEMBERS(TEXT, VALUE, PART, o) \
  TEXT (o, body,              content,  body.data,     RESPONSE_BODY,          both) \
  VALUE(o, bodyEncoding,      encoding, body.encoding, RESPONSE_BODY_ENCODING, lambda) \
  PART (o, cookies,           list,     _cookies,                              functions) \
  PART (o, headers,           list,     headers,                               both) \
  VALUE(o, status,            status,   status,        STATUS,                 lambda) \
  PART (o, statusCode,        status,   status,                                functions) \
  TEXT (o, statusDescription, string,   status_text,   STATUS_TEXT,            both)

#    define EDGEFN__STRUCT_event
#    define EDGEFN__STRUCT_config
#    define EDGEFN__STRUCT_request     request.
#    define EDGEFN__STRUCT_body        request.body.
#    define EDGEFN__STRUCT_origin      request.origin.
#    define EDGEFN__STRUCT_response    response.
#    define EDGEFN__MARK_request(mark)  EDGEFN_MEMBER_##mark
#    define EDGEFN__MARK_body(mark)     EDGEFN_MEMBER_BODY_##mark
#    define EDGEFN__MARK_origin(mark)   EDGEFN_MEMBER_ORIGIN_##mark
#    define EDGEFN__MARK_response(mark) EDGEFN_MEMBER_##mark
/* clang-format on */

#    define EDGEFN__MEMBERS(TEXT, VALUE, PART)                                                     \
      EDGEFN__REQUEST_MEMBERS(TEXT, VALUE, PART, request)                                          \
      EDGEFN__BODY_MEMBERS(TEXT, VALUE, PART, body)                                                \
      EDGEFN__ORIGIN_MEMBERS(TEXT, VALUE, PART, origin)                                            \
      EDGEFN__RESPONSE_MEMBERS(TEXT, VALUE, PART, response)
#    define EDGEFN__NO_ROW(...)
#    define EDGEFN__ID(o, name, type, field, mark, in)     EDGEFN__I_##o##_##name,
#    define EDGEFN__ID_PART(o, name, type, field, in)      EDGEFN__I_##o##_##name,
#    define EDGEFN__OR_BIT(o, name, type, field, mark, in) | (uint32_t)1 << EDGEFN__MARK_##o(mark)

/* The members of each object, one bit each. */
#    define EDGEFN__BITS(MEMBERS, o) (0u MEMBERS(EDGEFN__OR_BIT, EDGEFN__OR_BIT, EDGEFN__NO_ROW, o))
#    define EDGEFN__BODY_BITS        EDGEFN__BITS(EDGEFN__BODY_MEMBERS, body)
#    define EDGEFN__ORIGIN_BITS      EDGEFN__BITS(EDGEFN__ORIGIN_MEMBERS, origin)
#    define EDGEFN__RESPONSE_BITS    EDGEFN__BITS(EDGEFN__RESPONSE_MEMBERS, response)
#    define EDGEFN__REQUEST_BITS                                                                   \
      (EDGEFN__BITS(EDGEFN__REQUEST_MEMBERS, request) | EDGEFN__BODY_BITS | EDGEFN__ORIGIN_BITS)
#    define EDGEFN__BIT(member) ((uint32_t)1 << (member))

/* The members that a variant of the object has. */
#    define EDGEFN__OR_BIT_IN(o, name, type, field, mark, in)                                      \
      | (uint32_t)((EDGEFN__IN_##in & variant) != 0) << EDGEFN__MARK_##o(mark)

/* Members that only the other kind of origin has. */
static uint32_t edgefn__foreign_bits(edgefn_origin_kind kind)
{
    unsigned variant = kind == EDGEFN_ORIGIN_S3 ? EDGEFN__IN_s3 : EDGEFN__IN_custom;
    uint32_t own =
        0 EDGEFN__ORIGIN_MEMBERS(EDGEFN__OR_BIT_IN, EDGEFN__OR_BIT_IN, EDGEFN__NO_ROW, origin);
    return EDGEFN__ORIGIN_BITS & ~own;
}

/* The members of the request object itself in a dialect. */
static uint32_t edgefn__request_bits(edgefn_dialect dialect)
{
    unsigned variant = dialect == EDGEFN_DIALECT_LAMBDA ? EDGEFN__IN_lambda : EDGEFN__IN_functions;
    return 0 EDGEFN__REQUEST_MEMBERS(EDGEFN__OR_BIT_IN, EDGEFN__OR_BIT_IN, EDGEFN__NO_ROW, request);
}

/* The names of an object, with the functions that read their values. */
#    define EDGEFN__ENTRY(o, name, type, field, member, in)                                        \
      { #name,                                                                                     \
        sizeof(#name) - 1,                                                                         \
        EDGEFN__IN_##in,                                                                           \
        member,                                                                                    \
        (uint16_t)offsetof(edgefn_event, EDGEFN__STRUCT_##o field),                                \
        "\"" #name "\":\"",                                                                        \
        edgefn__receive_##type },
#    define EDGEFN__ENTRY_MARK(o, name, type, field, mark, in)                                     \
      EDGEFN__ENTRY(o, name, type, field, EDGEFN__MARK_##o(mark), in)
#    define EDGEFN__ENTRY_PART(o, name, type, field, in)                                           \
      EDGEFN__ENTRY(o, name, type, field, EDGEFN_MEMBER_COUNT, in)
#    define EDGEFN__NAMES(MEMBERS, o)                                                              \
      enum { MEMBERS(EDGEFN__ID, EDGEFN__ID, EDGEFN__ID_PART, o) EDGEFN__I_##o##_COUNT };          \
      static const edgefn__name edgefn__n_##o[] = { MEMBERS(                                       \
          EDGEFN__ENTRY_MARK, EDGEFN__ENTRY_MARK, EDGEFN__ENTRY_PART, o) }
#    define EDGEFN__SCHEMA(where, o, in)                                                           \
      {                                                                                            \
        where, edgefn__n_##o, EDGEFN__I_##o##_COUNT, EDGEFN__IN_##in                               \
      }

/*--- values: each function reads the value of member `id` into its field ------------------------*/

static void *edgefn__field(const edgefn__reader *r, const edgefn__object *o, int id)
{
    return (char *)r->ev + o->schema->names[id].offset;
}

/* Returns where the position of the value is recorded; NULL for a member without a mark. */
static edgefn__span *edgefn__place_kept(const edgefn__reader *r, const edgefn__object *o, int id)
{
    unsigned member = o->schema->names[id].member;
    return member < EDGEFN_MEMBER_COUNT ? &r->ev->_had[member] : NULL;
}

static bool edgefn__receive_string(edgefn__reader *r, const edgefn__object *o, int id)
{
    return edgefn__read_string(r, o, id, (edgefn_str *)edgefn__field(r, o, id),
                               edgefn__place_kept(r, o, id));
}

static bool edgefn__receive_number(edgefn__reader *r, const edgefn__object *o, int id)
{
    return edgefn__read_u32(r, o, id, (uint32_t *)edgefn__field(r, o, id),
                            edgefn__place_kept(r, o, id));
}

static bool edgefn__receive_truth(edgefn__reader *r, const edgefn__object *o, int id)
{
    return edgefn__read_bool(r, o, id, (bool *)edgefn__field(r, o, id));
}

/* Reads one of a few words; absent if a result has another type. */
static bool edgefn__read_word(edgefn__reader *r, const edgefn__object *o, int id, edgefn_str *word)
{
    *word = edgefn__absent();
    return edgefn__read_string(r, o, id, word, edgefn__place_kept(r, o, id));
}

static bool edgefn__receive_action(edgefn__reader *r, const edgefn__object *o, int id)
{
    edgefn_str word;
    bool ok = edgefn__read_word(r, o, id, &word);
    *(bool *)edgefn__field(r, o, id) = EDGEFN__IS(word, "replace");
    return ok;
}

static bool edgefn__receive_scheme(edgefn__reader *r, const edgefn__object *o, int id)
{
    edgefn_str word;
    bool ok = edgefn__read_word(r, o, id, &word);
    *(bool *)edgefn__field(r, o, id) = EDGEFN__IS(word, "https");
    return ok;
}

static edgefn_encoding edgefn__encoding_of(edgefn_str s)
{
    if (EDGEFN__IS(s, "text")) return EDGEFN_ENCODING_TEXT;
    return EDGEFN__IS(s, "base64") ? EDGEFN_ENCODING_BASE64 : EDGEFN_ENCODING_DEFAULT;
}

static bool edgefn__receive_encoding(edgefn__reader *r, const edgefn__object *o, int id)
{
    edgefn_str word;
    bool ok = edgefn__read_word(r, o, id, &word);
    *(edgefn_encoding *)edgefn__field(r, o, id) = edgefn__encoding_of(word);
    return ok;
}

static const edgefn__name edgefn__tls_names[] = { EDGEFN__NAME("SSLv3"), EDGEFN__NAME("TLSv1"),
                                                  EDGEFN__NAME("TLSv1.1"),
                                                  EDGEFN__NAME("TLSv1.2") };

/* Returns the bit of a protocol's name; 0 for an unknown one. */
static uint32_t edgefn__tls_bit(edgefn_str s)
{
    for (unsigned i = 0; i < EDGEFN__COUNT(edgefn__tls_names); i++) {
        if (edgefn__is(s, edgefn__tls_names[i].text, edgefn__tls_names[i].len)) return 1u << i;
    }
    return 0;
}

static bool edgefn__read_tls_name(edgefn__reader *r, const edgefn__object *o, int id,
                                  uint32_t *bits)
{
    edgefn_str s = EDGEFN_S("");
    if (edgefn__peek(r) != '"') {
        if (!edgefn__type_error(r, o, id)) return false;
    } else if (!edgefn__raw_string(r, &s) || !edgefn__unescape(r, &s)) {
        return false;
    }
    uint32_t bit = edgefn__tls_bit(s);
    *bits |= bit;
    if (bit != 0) return true;
    return edgefn__report(r, EDGEFN__I_TLS, r->pos, o->schema->where, s);
}

static bool edgefn__receive_tls(edgefn__reader *r, const edgefn__object *o, int id)
{
    edgefn__span *kept = edgefn__place_kept(r, o, id);
    uint32_t start = r->pos;
    if (edgefn__peek(r) != '[') return edgefn__type_error(r, o, id);
    r->pos++;
    bool more = edgefn__peek(r) != ']';
    while (more) {
        if (!edgefn__read_tls_name(r, o, id, (uint32_t *)edgefn__field(r, o, id))) return false;
        more = edgefn__peek(r) == ',';
        r->pos += more;
    }
    if (edgefn__peek(r) != ']') return edgefn__bad_json(r);
    r->pos++;
    kept->at = start;
    kept->len = r->pos - start;
    return true;
}

/* Reads a status: a number; in Lambda@Edge also a string of digits. */
static bool edgefn__receive_status(edgefn__reader *r, const edgefn__object *o, int id)
{
    edgefn_event *ev = r->ev;
    edgefn__span *had = &ev->_had[EDGEFN_MEMBER_STATUS];
    edgefn_str s = { NULL, 0 };
    edgefn_number n = { 0, true };
    uint32_t at = r->pos;
    if (edgefn__is_lambda(ev) && r->pos < r->len && r->text[r->pos] == '"') {
        if (!edgefn__read_string(r, o, id, &s, had)) return false;
        n = edgefn_str_to_u64(s);
        ev->response.status = n.ok && s.len == 3 ? (uint32_t)n.value : 0;
    } else {
        if (!edgefn__read_u32(r, o, id, &ev->response.status, had)) return false;
        n.value = ev->response.status;
    }
    if (ev->response.status >= 100 && ev->response.status <= 999) return true;
    if (had->at == 0) return true; /* null, or reported already */
    edgefn__issue issue = { EDGEFN__I_STATUS, at, o->schema->where, edgefn__name_at(o->schema, id),
                            n.ok ? n.value : 0 };
    ev->response.status = 0;
    return r->sink->issue(r, &issue);
}

/* clang-format off */
static const edgefn__name edgefn__types[] = {
    EDGEFN__NAME(""), EDGEFN__NAME("viewer-request"), EDGEFN__NAME("origin-request"),
    EDGEFN__NAME("origin-response"), EDGEFN__NAME("viewer-response")
};
/* clang-format on */

/* Returns the type of this name if an event of the dialect can have it. */
static edgefn_event_type edgefn__type_named(const edgefn__reader *r, edgefn_str s)
{
    for (int t = EDGEFN_VIEWER_REQUEST; t <= EDGEFN_VIEWER_RESPONSE; t++) {
        if (s.len != edgefn__types[t].len || !edgefn__same(s.ptr, edgefn__types[t].text, s.len))
            continue;
        if (r->type != EDGEFN_EVENT_TYPE_NONE && (int)r->type != t) break;
        if (edgefn__is_functions(r->ev) && t != EDGEFN_VIEWER_REQUEST
            && t != EDGEFN_VIEWER_RESPONSE)
            break;
        return (edgefn_event_type)t;
    }
    return EDGEFN_EVENT_TYPE_NONE;
}

/* Reads one of the four event types; of CloudFront Functions one of two. */
static bool edgefn__receive_type(edgefn__reader *r, const edgefn__object *o, int id)
{
    edgefn_str s = { NULL, 0 };
    uint32_t at = r->pos;
    if (!edgefn__read_string(r, o, id, &s, NULL)) return false;
    if (s.ptr == NULL) return true; /* null */
    edgefn_event_type type = edgefn__type_named(r, s);
    if (type != EDGEFN_EVENT_TYPE_NONE) {
        r->ev->type = type;
        return true;
    }
    return edgefn__bad(r, EDGEFN_E_NOT_AN_EVENT, at, o->schema->where, s);
}

/* Reads the name that is used when the distribution's is missing. */
static bool edgefn__receive_endpoint(edgefn__reader *r, const edgefn__object *o, int id)
{
    edgefn_str s = { NULL, 0 };
    bool ok = edgefn__read_string(r, o, id, &s, NULL);
    if (r->ev->domain.ptr == NULL) r->ev->domain = s;
    return ok;
}

/* The path of a list in errors, by its kind; the headers of an S3 origin come first. */
static const char *const edgefn__list_paths[] = { "request.origin.s3.customHeaders",
                                                  "request.headers",
                                                  "response.headers",
                                                  "request.origin.custom.customHeaders",
                                                  "request.querystring",
                                                  "request.cookies",
                                                  "response.cookies" };

static const char *edgefn__list_path(const edgefn_event *ev, const edgefn_fields *f)
{
    bool s3 = f->_kind == EDGEFN__ORIGIN_HEADERS && ev->request.origin.kind == EDGEFN_ORIGIN_S3;
    return edgefn__list_paths[s3 ? 0 : f->_kind];
}

static bool edgefn__receive_list(edgefn__reader *r, const edgefn__object *o, int id)
{
    edgefn_fields *f = (edgefn_fields *)edgefn__field(r, o, id);
    const char *path = edgefn__list_path(r->ev, f);
    if (edgefn__is_lambda(r->ev)) return edgefn__lambda_headers(r, f, path);
    return edgefn__functions_map(r, f, path, f->_kind <= EDGEFN__RESPONSE_HEADERS);
}

/* Reads the query: a string; in CloudFront Functions also an object. */
static bool edgefn__receive_query(edgefn__reader *r, const edgefn__object *o, int id)
{
    edgefn_fields *f = &r->ev->request._query;
    edgefn__span *kept = edgefn__place_kept(r, o, id);
    uint32_t start = r->pos;
    if (edgefn__is_lambda(r->ev) || edgefn__peek(r) == '"') return edgefn__receive_string(r, o, id);
    if (!edgefn__functions_map(r, f, edgefn__list_path(r->ev, f), false)) return false;
    if (r->text[start] == 'n') return true; /* null; the text may end here */
    kept->at = start;
    kept->len = r->pos - start;
    return true;
}

/*--- objects ------------------------------------------------------------------------------------*/

/* Reads the string that opens at `open`, unless it has an escape. */
EDGEFN__INLINE bool edgefn__plain_string(edgefn__reader *r, const edgefn__name *n, size_t open)
{
    size_t close = edgefn__quote_in(r->quotes, open + 1);
    if (EDGEFN__UNLIKELY(close >= r->len || edgefn__is_escaped(r, (uint32_t)open))) return false;
    edgefn_str *s = (edgefn_str *)(void *)((char *)r->ev + n->offset);
    *s = edgefn__str(r->text + open + 1, close - open - 1);
    if (n->member < EDGEFN_MEMBER_COUNT) {
        r->ev->_had[n->member].at = (uint32_t)open;
        r->ev->_had[n->member].len = (uint32_t)(close - open) + 1;
    }
    r->pos = (uint32_t)close + 1;
    return true;
}

/* As edgefn__object_lookup(). A call of its own leaves the caller its registers. */
EDGEFN__NOINLINE int edgefn__row_of(const edgefn__schema *schema, const char *name, size_t len,
                                    unsigned first)
{
    return edgefn__object_lookup(schema, edgefn__str(name, len), first);
}

/* Moves the cursor to the value of the next member if it is on a line of its own, known and new.
   Returns its index, or EDGEFN__OTHER: nothing was consumed. */
EDGEFN__INLINE int edgefn__line_name(edgefn__reader *r, edgefn__object *o, size_t margin)
{
    const char *t = r->text;
    size_t open = (size_t)r->pos + margin;
    if (open + 33 > r->len) return EDGEFN__OTHER;
    if (edgefn__has_more(o)) {
        if (t[r->pos] != ',') return EDGEFN__OTHER;
        open++;
    }
    if (edgefn__differs32(t + open - margin, r->margin, margin) != 0 || t[open] != '"')
        return EDGEFN__OTHER;
    size_t n = edgefn__quote_gap(r->quotes, open + 1);
    size_t value = open + n + 3;
    if (value + 1 >= r->len || t[value - 1] != ':') return EDGEFN__OTHER;
    if (EDGEFN__LIKELY(t[value] == ' ')) value++;
    if (t[value] <= ' ') return EDGEFN__OTHER;
    int id = edgefn__row_of(o->schema, t + open + 1, n, o->next);
    if (id < 0 || (o->seen >> id & 1)) return EDGEFN__OTHER;
    o->name_at = (uint32_t)open;
    o->seen |= (uint32_t)1 << id;
    o->next = (unsigned)id + 1;
    o->gap = o->gap_more;
    r->pos = (uint32_t)value;
    return id;
}

/* Reads the members of an indented object while each is on a line of its own, known and new.
   Returns EDGEFN__END after the closing brace, EDGEFN__BAD, or EDGEFN__OTHER before a member that
   is left to the plain grammar. */
EDGEFN__NOINLINE int edgefn__members_lined(edgefn__reader *r, edgefn__object *o)
{
    size_t margin = edgefn__margin_len(r, r->depth);
    if (EDGEFN__SMALL) return EDGEFN__OTHER;
    for (;;) {
        int id = edgefn__line_name(r, o, margin);
        if (id == EDGEFN__OTHER) break;
        const edgefn__name *n = &o->schema->names[id];
        bool text = n->read == edgefn__receive_string || n->read == edgefn__receive_query;
        if (text && r->text[r->pos] == '"' && edgefn__plain_string(r, n, r->pos)) continue;
        if (!n->read(r, o, id)) return EDGEFN__BAD;
    }
    if (o->unknown >= 2 || !edgefn__line_begins(r, r->pos, r->depth - 1, '}')) return EDGEFN__OTHER;
    r->pos += (uint32_t)edgefn__margin_len(r, r->depth - 1);
    edgefn__object_end(r, o);
    return EDGEFN__END;
}

EDGEFN__NOINLINE bool edgefn__members_plain(edgefn__reader *r, edgefn__object *o)
{
    if (!o->lined && o->unknown == 0
        && edgefn__peek(r) == '}') { /* the end of an indented object */
        edgefn__object_end(r, o);
        return true;
    }
    for (;;) {
        int id = o->lined ? edgefn__members_lined(r, o) : EDGEFN__OTHER;
        if (id == EDGEFN__OTHER) id = edgefn__object_next(r, o);
        if (id < 0) return id != EDGEFN__BAD;
        if (!o->schema->names[id].read(r, o, id)) return false;
    }
}

/* Reads the remaining members of an object, in any order. Usually there are none: checking that
   first saves 2 % of parsing. */
EDGEFN__INLINE bool edgefn__members_read(edgefn__reader *r, edgefn__object *o)
{
    if (EDGEFN__UNLIKELY(r->pos >= r->len || r->text[r->pos] != '}' || o->unknown != 0))
        return edgefn__members_plain(r, o);
    edgefn__object_end(r, o);
    return true;
}

/* Quick members: the object continues with exactly ,"name": (no comma before its first member) and
   a value, or the same with the white space that is before its first name, and a space before the
   value. A string without escapes or a number of at most nine digits is read at once, other values
   by their type. If anything differs, nothing was consumed, and edgefn__members_read() continues
   with the plain grammar. Each row is tried once. Without it parsing takes 23 to 27 % more
   instructions. tests/test_roundtrip.c and test_flip.c compare it with the plain grammar. */
EDGEFN__INLINE bool edgefn__quick_name(const edgefn__reader *r, const edgefn__object *o,
                                       const edgefn__name *n, size_t *value)
{
    size_t len = (size_t)n->len + 3;
    size_t start = (size_t)r->pos + o->gap;
    if (EDGEFN__SMALL) return false;
    if (start + len + 24 > r->len || !edgefn__same_literal(r->text + start, n->quick, len))
        return false;
    *value = start + len;
    if (EDGEFN__LIKELY(o->gap == 1 && r->text[r->pos] == ',')) return true;
    return o->gap == 0 || edgefn__gap_same(r, o);
}

EDGEFN__INLINE void edgefn__quick_end(edgefn__reader *r, edgefn__object *o, unsigned id, size_t at)
{
    r->pos = (uint32_t)at;
    o->seen |= (uint32_t)1 << id;
    o->gap = o->gap_more;
}

EDGEFN__INLINE bool edgefn__quick_string(edgefn__reader *r, edgefn__object *o, unsigned id,
                                         const edgefn__name *n)
{
    size_t open;
    if (!edgefn__quick_name(r, o, n, &open)) return false;
    if (EDGEFN__UNLIKELY(r->text[open] != '"')) {
        open += r->text[open] == ' ';
        if (r->text[open] != '"') return false;
    }
    if (!edgefn__plain_string(r, n, open)) return false;
    edgefn__quick_end(r, o, id, r->pos);
    return true;
}

EDGEFN__INLINE void edgefn__quick_number(edgefn__reader *r, edgefn__object *o, unsigned id,
                                         const edgefn__name *n)
{
    size_t start;
    uint32_t v = 0;
    if (!edgefn__quick_name(r, o, n, &start)) return;
    if (EDGEFN__UNLIKELY(r->text[start] == ' ')) start++;
    size_t at = start;
    while (at < start + 9 && (unsigned)(r->text[at] - '0') < 10)
        v = v * 10 + (uint32_t)(r->text[at++] - '0');
    bool whole = at > start && (r->text[start] != '0' || at == start + 1);
    if (!whole || (r->text[at] != ',' && r->text[at] != '}')) return;
    *(uint32_t *)(void *)((char *)r->ev + n->offset) = v;
    r->ev->_had[n->member].at = (uint32_t)start;
    r->ev->_had[n->member].len = (uint32_t)(at - start);
    edgefn__quick_end(r, o, id, at);
}

EDGEFN__INLINE bool edgefn__quick(edgefn__reader *r, edgefn__object *o, const edgefn__name *names,
                                  unsigned id, unsigned in)
{
    const edgefn__name *n = &names[id];
    size_t value;
    if (EDGEFN__SMALL) return true;
    if ((n->in & in) == 0) return true;
    bool text = n->read == edgefn__receive_string || n->read == edgefn__receive_query;
    if (text && edgefn__quick_string(r, o, id, n)) return true;
    if (n->read == edgefn__receive_string) return true;
    if (n->read == edgefn__receive_number) {
        edgefn__quick_number(r, o, id, n);
        return true;
    }
    if (!edgefn__quick_name(r, o, n, &value)) return true;
    if (EDGEFN__UNLIKELY(r->text[value] <= ' ')) {
        value += r->text[value] == ' ';
        if (r->text[value] <= ' ') return true;
    }
    edgefn__quick_end(r, o, id, value);
    return n->read(r, o, (int)id);
}

/* The same as a statement: for one member, for each row of an object. The function returns if the
   value cannot be read; strings and numbers are left to the plain grammar then. */
/* clang-format off */
#    define EDGEFN__OR_RETURN(quick)    if (!(quick)) return false
#    define EDGEFN__ROW_string(quick)   (void)(quick)
#    define EDGEFN__ROW_number(quick)   (void)(quick)
#    define EDGEFN__ROW_body(quick)     EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_config(quick)   EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_content(quick)  EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_encoding(quick) EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_endpoint(quick) EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_list(quick)     EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_origin(quick)   EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_query(quick)    EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_request(quick)  EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_response(quick) EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_scheme(quick)   EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_status(quick)   EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_tls(quick)      EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_type(quick)     EDGEFN__OR_RETURN(quick)
#    define EDGEFN__ROW_viewer(quick)   EDGEFN__OR_RETURN(quick)
#    define EDGEFN__QUICK(o, name, type, in) \
  EDGEFN__ROW_##type(edgefn__quick(r, object, edgefn__n_##o, EDGEFN__I_##o##_##name, in))
#    define EDGEFN__QUICK_MARK(o, name, type, field, mark, in) \
  EDGEFN__QUICK(o, name, type, variant);
#    define EDGEFN__QUICK_PART(o, name, type, field, in) EDGEFN__QUICK(o, name, type, variant);
#    define EDGEFN__OF_LAMBDA_lambda(row)   row
#    define EDGEFN__OF_LAMBDA_both(row)     row
#    define EDGEFN__OF_LAMBDA_functions(row)
#    define EDGEFN__LAMBDA_MARK(o, name, type, field, mark, in) \
  EDGEFN__OF_LAMBDA_##in(EDGEFN__QUICK(o, name, type, EDGEFN__IN_lambda);)
#    define EDGEFN__LAMBDA_PART(o, name, type, field, in) \
  EDGEFN__OF_LAMBDA_##in(EDGEFN__QUICK(o, name, type, EDGEFN__IN_lambda);)
#    define EDGEFN__QUICK_ROWS(MEMBERS, o) \
  MEMBERS(EDGEFN__QUICK_MARK, EDGEFN__QUICK_MARK, EDGEFN__QUICK_PART, o)
/* clang-format on */

static void edgefn__keep_object(edgefn_event *ev, int which, const edgefn__object *o)
{
    if (EDGEFN__UNLIKELY(o->schema == &edgefn__s_null)) return;
    ev->_object[which].at = o->open;
    ev->_object[which].len = o->close + 1 - o->open;
}

EDGEFN__NAMES(EDGEFN__BODY_MEMBERS, body);
static const edgefn__schema edgefn__s_body = EDGEFN__SCHEMA("request.body", body, lambda);

static bool edgefn__receive_body(edgefn__reader *r, const edgefn__object *request, int id)
{
    edgefn__object o;
    (void)request;
    (void)id;
    if (!edgefn__object_open(r, &o, &edgefn__s_body) || !edgefn__members_read(r, &o)) return false;
    edgefn__keep_object(r->ev, EDGEFN__O_BODY, &o);
    return true;
}

EDGEFN__NAMES(EDGEFN__ORIGIN_MEMBERS, origin);
static const edgefn__schema edgefn__s_custom =
    EDGEFN__SCHEMA("request.origin.custom", origin, custom);
static const edgefn__schema edgefn__s_s3 = EDGEFN__SCHEMA("request.origin.s3", origin, s3);

EDGEFN__INLINE bool edgefn__origin_rows(edgefn__reader *r, edgefn__object *object, unsigned variant)
{
    if (EDGEFN__UNLIKELY(object->lined)) return true;
    EDGEFN__QUICK_ROWS(EDGEFN__ORIGIN_MEMBERS, origin)
    return true;
}

/* Reads the members of "custom" or "s3". */
static bool edgefn__origin_read(edgefn__reader *r, bool s3)
{
    edgefn__object o;
    r->ev->request.origin.kind = s3 ? EDGEFN_ORIGIN_S3 : EDGEFN_ORIGIN_CUSTOM;
    bool opened = edgefn__object_open(r, &o, s3 ? &edgefn__s_s3 : &edgefn__s_custom);
    if (EDGEFN__NEVER(!opened)) return false; /* the caller looked for the '{' */
    bool ok = s3 ? edgefn__origin_rows(r, &o, EDGEFN__IN_s3)
                 : edgefn__origin_rows(r, &o, EDGEFN__IN_custom);
    if (!ok || !edgefn__members_read(r, &o)) return false;
    edgefn__keep_object(r->ev, EDGEFN__O_ORIGIN, &o);
    return edgefn__report(r, EDGEFN__I_ORIGIN, o.close, o.schema->where, edgefn__absent());
}

/* CloudFront sends exactly one of custom and s3. If there are two, the first is read and the other
   kept as it is. */
static bool edgefn__receive_kind(edgefn__reader *r, const edgefn__object *origin, int id)
{
    bool s3 = id == 1;
    edgefn_origin_kind kind = s3 ? EDGEFN_ORIGIN_S3 : EDGEFN_ORIGIN_CUSTOM;
    if (edgefn__peek(r) != '{') return edgefn__type_error(r, origin, id);
    bool skip = r->ev->request.origin.kind != EDGEFN_ORIGIN_NONE || kind == r->skipped;
    return skip ? edgefn__skip_value(r) : edgefn__origin_read(r, s3);
}

static const edgefn__name edgefn__n_origins[] = {
    EDGEFN__ENTRY(origin, custom, kind, kind, EDGEFN_MEMBER_COUNT, both)
        EDGEFN__ENTRY(origin, s3, kind, kind, EDGEFN_MEMBER_COUNT, both)
};
static const edgefn__schema edgefn__s_origins = { "request.origin", edgefn__n_origins,
                                                  EDGEFN__COUNT(edgefn__n_origins),
                                                  EDGEFN__IN_both };

static bool edgefn__receive_origin(edgefn__reader *r, const edgefn__object *request, int member)
{
    edgefn_event *ev = r->ev;
    edgefn__span *kept = edgefn__place_kept(r, request, member);
    edgefn__object o;
    if (!edgefn__object_open(r, &o, &edgefn__s_origins)) return false;
    bool ok = o.lined
              || (edgefn__quick(r, &o, edgefn__n_origins, 0, EDGEFN__IN_both)
                  && edgefn__quick(r, &o, edgefn__n_origins, 1, EDGEFN__IN_both));
    if (!ok || !edgefn__members_read(r, &o)) return false;
    if (o.schema == &edgefn__s_null) return true;
    kept->at = o.open;
    kept->len = o.close + 1 - o.open;
    if (o.seen != 1 && o.seen != 2 && o.schema != &edgefn__s_gone) ev->_flags |= EDGEFN__ORIGIN_ODD;
    return true;
}

EDGEFN__NAMES(EDGEFN__REQUEST_MEMBERS, request);
static const edgefn__schema edgefn__s_lambda_request = EDGEFN__SCHEMA("request", request, lambda);
static const edgefn__schema edgefn__s_functions_request =
    EDGEFN__SCHEMA("request", request, functions);

EDGEFN__INLINE bool edgefn__lambda_request_rows(edgefn__reader *r, edgefn__object *object)
{
    EDGEFN__REQUEST_MEMBERS(EDGEFN__LAMBDA_MARK, EDGEFN__LAMBDA_MARK, EDGEFN__LAMBDA_PART, request)
    return true;
}

/* In the order of CloudFront Functions. */
EDGEFN__INLINE bool edgefn__functions_request_rows(edgefn__reader *r, edgefn__object *object)
{
    if (EDGEFN__UNLIKELY(object->lined)) return true;
    EDGEFN__QUICK(request, method, string, EDGEFN__IN_functions);
    EDGEFN__QUICK(request, uri, string, EDGEFN__IN_functions);
    EDGEFN__QUICK(request, querystring, query, EDGEFN__IN_functions);
    EDGEFN__QUICK(request, headers, list, EDGEFN__IN_functions);
    EDGEFN__QUICK(request, cookies, list, EDGEFN__IN_functions);
    return true;
}

/* Reads a string that follows a constant text at *at, which becomes the offset of its closing
   quote. Whether it is escaped is left open. */
EDGEFN__INLINE bool edgefn__string_after(const edgefn__reader *r, const char *text, size_t n,
                                         size_t *at, edgefn_str *s)
{
    size_t start = *at + n;
    if (start > r->len || !edgefn__same_literal(r->text + *at, text, n)) return false;
    *s = edgefn__str(r->text + start, edgefn__quote_gap(r->quotes, start));
    *at = start + s->len;
    return true;
}
#    define EDGEFN__STRING_AFTER(literal, s)                                                       \
      edgefn__string_after(r, literal, sizeof(literal) - 1, &at, s)

/* Stores a member that such a template read. */
EDGEFN__INLINE void edgefn__member_read(edgefn__reader *r, edgefn__object *o, unsigned id,
                                        edgefn_str s)
{
    const edgefn__name *n = &o->schema->names[id];
    edgefn__span had = { (uint32_t)(s.ptr - r->text) - 1, (uint32_t)s.len + 2 };
    *(edgefn_str *)(void *)((char *)r->ev + n->offset) = s;
    r->ev->_had[n->member] = had;
    o->seen |= (uint32_t)1 << id;
}

/* Two templates: the member before the headers of a request in Lambda@Edge, and those after the
   method of one without an origin. If something differs, nothing was consumed. */
EDGEFN__INLINE bool edgefn__request_head(edgefn__reader *r, edgefn__object *o)
{
    size_t at = r->pos;
    edgefn_str ip;
    if (EDGEFN__SMALL) return false;
    if (o->unknown != 0) return false; /* it is no object */
    if (!EDGEFN__STRING_AFTER("\"clientIp\":\"", &ip) || at + 13 > r->len || *r->escaped < at)
        return false;
    if (!edgefn__same_literal(r->text + at, "\",\"headers\":{", 13)) return false;
    edgefn__member_read(r, o, EDGEFN__I_request_clientIp, ip);
    edgefn__quick_end(r, o, EDGEFN__I_request_headers, at + 12);
    return true;
}

EDGEFN__INLINE bool edgefn__request_tail(edgefn__reader *r, edgefn__object *o)
{
    size_t at = r->pos;
    edgefn_str query, uri;
    if (EDGEFN__SMALL) return false;
    if (!EDGEFN__STRING_AFTER(",\"querystring\":\"", &query)
        || !EDGEFN__STRING_AFTER("\",\"uri\":\"", &uri) || at >= r->len)
        return false;
    (void)edgefn__is_escaped(r, r->pos); /* earlier strings are not needed any more */
    if (EDGEFN__UNLIKELY(*r->escaped < at)) return false;
    edgefn__member_read(r, o, EDGEFN__I_request_querystring, query);
    edgefn__member_read(r, o, EDGEFN__I_request_uri, uri);
    r->pos = (uint32_t)at + 1;
    return true;
}

/* Reads a request of Lambda@Edge with these, and the members between them by their rows. No member
   may be tried twice: a second one of its name is an error that only the plain grammar finds. */
EDGEFN__INLINE bool edgefn__lambda_request(edgefn__reader *r, edgefn__object *object)
{
    if (EDGEFN__UNLIKELY(object->lined)) return true;
    if (!edgefn__request_head(r, object)) return edgefn__lambda_request_rows(r, object);
    if (!edgefn__receive_list(r, object, EDGEFN__I_request_headers)) return false;
    EDGEFN__QUICK(request, method, string, EDGEFN__IN_lambda);
    if (edgefn__request_tail(r, object)) return true;
    EDGEFN__QUICK(request, origin, origin, EDGEFN__IN_lambda);
    EDGEFN__QUICK(request, querystring, query, EDGEFN__IN_lambda);
    EDGEFN__QUICK(request, uri, string, EDGEFN__IN_lambda);
    return true;
}

static bool edgefn__receive_request(edgefn__reader *r, const edgefn__object *event, int id)
{
    const edgefn_request *to = &r->ev->request;
    bool lambda = edgefn__is_lambda(r->ev);
    edgefn__object o;
    (void)event;
    (void)id;
    if (!edgefn__object_open(r, &o,
                             lambda ? &edgefn__s_lambda_request : &edgefn__s_functions_request))
        return false;
    bool ok = lambda ? edgefn__lambda_request(r, &o) : edgefn__functions_request_rows(r, &o);
    if (!ok || !edgefn__members_read(r, &o)) return false;
    if (EDGEFN__UNLIKELY(o.schema == &edgefn__s_null)) return true;
    edgefn__keep_object(r->ev, EDGEFN__O_REQUEST, &o);
    if (to->method.ptr == NULL && !r->no_method && !edgefn__missing(r, &o, "method")) return false;
    return to->uri.ptr != NULL || edgefn__missing(r, &o, "uri");
}

static const edgefn__name edgefn__n_functions_body[] = { EDGEFN__NAME("encoding"),
                                                         EDGEFN__NAME("data") };
static const edgefn__schema edgefn__s_functions_body = { "response.body", edgefn__n_functions_body,
                                                         EDGEFN__COUNT(edgefn__n_functions_body),
                                                         EDGEFN__IN_both };

/* Reads the body of a response: a string; in CloudFront Functions also an object. */
static bool edgefn__receive_content(edgefn__reader *r, const edgefn__object *response, int member)
{
    edgefn_body *b = &r->ev->response.body;
    edgefn__span *kept = edgefn__place_kept(r, response, member);
    edgefn_str encoding = { NULL, 0 };
    edgefn__object o;
    if (edgefn__is_lambda(r->ev)) return edgefn__receive_string(r, response, member);
    if (edgefn__peek(r) == '"') {
        b->encoding = EDGEFN_ENCODING_TEXT;
        return edgefn__receive_string(r, response, member);
    }
    if (!edgefn__object_open(r, &o, &edgefn__s_functions_body)) return false;
    int id = edgefn__object_next(r, &o);
    while (id >= 0) {
        if (!edgefn__read_string(r, &o, id, id == 0 ? &encoding : &b->data, NULL)) return false;
        id = edgefn__object_next(r, &o);
    }
    if (o.schema == &edgefn__s_null) return true;
    bool plain = encoding.ptr == NULL && b->data.ptr != NULL;
    b->encoding = plain ? EDGEFN_ENCODING_TEXT : edgefn__encoding_of(encoding);
    kept->at = o.open;
    kept->len = o.close + 1 - o.open;
    return id != EDGEFN__BAD;
}

EDGEFN__NAMES(EDGEFN__RESPONSE_MEMBERS, response);
static const edgefn__schema edgefn__s_lambda_response =
    EDGEFN__SCHEMA("response", response, lambda);
static const edgefn__schema edgefn__s_functions_response =
    EDGEFN__SCHEMA("response", response, functions);

EDGEFN__INLINE bool edgefn__lambda_response_rows(edgefn__reader *r, edgefn__object *object)
{
    if (EDGEFN__UNLIKELY(object->lined)) return true;
    EDGEFN__RESPONSE_MEMBERS(EDGEFN__LAMBDA_MARK, EDGEFN__LAMBDA_MARK, EDGEFN__LAMBDA_PART,
                             response)
    return true;
}

/* In the order of CloudFront Functions. */
EDGEFN__INLINE bool edgefn__functions_response_rows(edgefn__reader *r, edgefn__object *object)
{
    if (EDGEFN__UNLIKELY(object->lined)) return true;
    EDGEFN__QUICK(response, statusCode, status, EDGEFN__IN_functions);
    EDGEFN__QUICK(response, statusDescription, string, EDGEFN__IN_functions);
    EDGEFN__QUICK(response, headers, list, EDGEFN__IN_functions);
    EDGEFN__QUICK(response, cookies, list, EDGEFN__IN_functions);
    EDGEFN__QUICK(response, body, content, EDGEFN__IN_functions);
    return true;
}

/* Reads a response. For null, o->close stays 0: there is no response. */
static bool edgefn__response_read(edgefn__reader *r, edgefn__object *o)
{
    edgefn_body *b = &r->ev->response.body;
    bool lambda = edgefn__is_lambda(r->ev);
    if (!edgefn__object_open(r, o,
                             lambda ? &edgefn__s_lambda_response : &edgefn__s_functions_response))
        return false;
    bool ok = lambda ? edgefn__lambda_response_rows(r, o) : edgefn__functions_response_rows(r, o);
    if (!ok || !edgefn__members_read(r, o)) return false;
    bool plain = b->data.ptr != NULL && b->encoding == EDGEFN_ENCODING_DEFAULT;
    if (lambda && plain && r->ev->_had[EDGEFN_MEMBER_RESPONSE_BODY_ENCODING].at == 0)
        b->encoding = EDGEFN_ENCODING_TEXT;
    edgefn__keep_object(r->ev, EDGEFN__O_RESPONSE, o);
    return true;
}

EDGEFN__NAMES(EDGEFN__CONFIG_MEMBERS, config);
static const edgefn__schema edgefn__s_config = EDGEFN__SCHEMA("config", config, lambda);
static const edgefn__schema edgefn__s_context = EDGEFN__SCHEMA("context", config, functions);

EDGEFN__INLINE bool edgefn__config_rows(edgefn__reader *r, edgefn__object *object, unsigned variant)
{
    if (EDGEFN__UNLIKELY(object->lined)) return true;
    EDGEFN__QUICK_ROWS(EDGEFN__CONFIG_MEMBERS, config)
    return true;
}

/* Quick path: the whole object as CloudFront writes it, as one template. If anything differs,
   nothing was consumed. */
EDGEFN__INLINE bool edgefn__config_quick(edgefn__reader *r)
{
    edgefn_event *ev = r->ev;
    size_t at = r->pos;
    edgefn_str domain, distribution, name, request;
    if (EDGEFN__SMALL) return false;
    if (!EDGEFN__STRING_AFTER("{\"distributionDomainName\":\"", &domain)
        || !EDGEFN__STRING_AFTER("\",\"distributionId\":\"", &distribution)
        || !EDGEFN__STRING_AFTER("\",\"eventType\":\"", &name)
        || !EDGEFN__STRING_AFTER("\",\"requestId\":\"", &request))
        return false;
    if (at + 2 > r->len || r->text[at + 1] != '}' || *r->escaped < at) return false;
    edgefn_event_type type = edgefn__type_named(r, name);
    if (type == EDGEFN_EVENT_TYPE_NONE) return false;
    ev->domain = domain;
    ev->distribution_id = distribution;
    ev->type = type;
    ev->request_id = request;
    r->pos = (uint32_t)at + 2;
    return true;
}

static bool edgefn__receive_config(edgefn__reader *r, const edgefn__object *event, int id)
{
    bool lambda = edgefn__is_lambda(r->ev);
    edgefn__object o;
    (void)event;
    (void)id;
    if (edgefn__config_quick(r)) return true;
    if (!edgefn__object_open(r, &o, lambda ? &edgefn__s_config : &edgefn__s_context)) return false;
    bool ok = lambda ? edgefn__config_rows(r, &o, EDGEFN__IN_lambda)
                     : edgefn__config_rows(r, &o, EDGEFN__IN_functions);
    if (!ok || !edgefn__members_read(r, &o)) return false;
    if (r->ev->type != EDGEFN_EVENT_TYPE_NONE || r->lenient) return true;
    return edgefn__missing(r, &o, "eventType");
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

/* Infers the type of a lenient event without eventType. o: the object with request and response,
   in CloudFront Functions the root. */
EDGEFN__NOINLINE bool edgefn__infer_type(edgefn__reader *r, const edgefn__object *o,
                                         const edgefn__object *response)
{
    edgefn_event *ev = r->ev;
    bool origin = ev->request.origin.kind != EDGEFN_ORIGIN_NONE;
    bool answered = response->close != 0;
    bool functions = edgefn__is_functions(ev);
    ev->type = r->type;
    ev->type_inferred = r->type == EDGEFN_EVENT_TYPE_NONE;
    if (functions && (r->type == EDGEFN_ORIGIN_REQUEST || r->type == EDGEFN_ORIGIN_RESPONSE)) {
        return edgefn__bad(r, EDGEFN_E_NOT_AN_EVENT, o->open, "event",
                           edgefn_cstr(edgefn__types[r->type].text));
    }
    if (!ev->type_inferred) return true;
    if (answered)
        ev->type = origin ? EDGEFN_ORIGIN_RESPONSE : EDGEFN_VIEWER_RESPONSE;
    else
        ev->type = origin ? EDGEFN_ORIGIN_REQUEST : EDGEFN_VIEWER_REQUEST;
    return true;
}

/* Checks the object with request and response at its end, for both dialects. */
static bool edgefn__require(edgefn__reader *r, const edgefn__object *o, bool request,
                            const edgefn__object *response, const char *status)
{
    if (!request && (edgefn__is_request(r->ev) || !r->lenient))
        return edgefn__missing(r, o, "request");
    if (edgefn__is_request(r->ev)) {
        if (response->close == 0) return true;
        edgefn__memset(&r->ev->response, 0,
                       sizeof r->ev->response); /* a response in a request event is ignored */
        edgefn__lists_init(r->ev);
        for (int m = 0; m < EDGEFN_MEMBER_COUNT; m++) {
            if (EDGEFN__RESPONSE_BITS & EDGEFN__BIT(m))
                edgefn__memset(&r->ev->_had[m], 0, sizeof r->ev->_had[m]);
        }
        return true;
    }
    if (response->close == 0) return edgefn__missing(r, o, "response");
    if (r->ev->response.status != 0) return true;
    return edgefn__missing(r, response, status);
}

static bool edgefn__not_an_event(edgefn__reader *r, uint32_t at)
{
    return edgefn__bad(r, EDGEFN_E_NOT_AN_EVENT, at, "event", edgefn__absent());
}

static bool edgefn__receive_response(edgefn__reader *r, const edgefn__object *event, int id)
{
    (void)event;
    (void)id;
    return edgefn__response_read(r, r->response);
}

static const edgefn__name edgefn__n_viewer[] = { EDGEFN__ENTRY(
    request, ip, string, client_ip, EDGEFN_MEMBER_CLIENT_IP, functions) };
static const edgefn__schema edgefn__s_viewer = { "viewer", edgefn__n_viewer,
                                                 EDGEFN__COUNT(edgefn__n_viewer), EDGEFN__IN_both };

static bool edgefn__receive_viewer(edgefn__reader *r, const edgefn__object *event, int id)
{
    edgefn__object o;
    (void)event;
    (void)id;
    if (!edgefn__object_open(r, &o, &edgefn__s_viewer)) return false;
    if (!o.lined)
        edgefn__quick(r, &o, edgefn__n_viewer, 0, EDGEFN__IN_both); /* a string: never stops */
    return edgefn__members_read(r, &o);
}

EDGEFN__NAMES(EDGEFN__EVENT_MEMBERS, event);
static const edgefn__schema edgefn__s_cf = EDGEFN__SCHEMA("cf", event, lambda);
static const edgefn__schema edgefn__s_functions = EDGEFN__SCHEMA("event", event, functions);

EDGEFN__INLINE bool edgefn__event_rows(edgefn__reader *r, edgefn__object *object, unsigned variant)
{
    if (EDGEFN__UNLIKELY(object->lined)) return true;
    EDGEFN__QUICK_ROWS(EDGEFN__EVENT_MEMBERS, event)
    return true;
}

/* Reads the object with request and response. */
EDGEFN__INLINE bool edgefn__event_read(edgefn__reader *r, bool lambda)
{
    const edgefn_event *ev = r->ev;
    edgefn__object o;
    edgefn__object response;
    response.close = 0;
    r->response = &response;
    if (!edgefn__object_open(r, &o, lambda ? &edgefn__s_cf : &edgefn__s_functions)) return false;
    unsigned variant = lambda ? EDGEFN__IN_lambda : EDGEFN__IN_functions;
    if (!edgefn__event_rows(r, &o, variant) || !edgefn__members_read(r, &o)) return false;
    if (o.schema == &edgefn__s_null) return edgefn__not_an_event(r, o.open);
    if (ev->type == EDGEFN_EVENT_TYPE_NONE && !r->lenient)
        return edgefn__missing(r, &o, lambda ? "config" : "context");
    if (ev->type == EDGEFN_EVENT_TYPE_NONE && !edgefn__infer_type(r, &o, &response)) return false;
    return edgefn__require(r, &o, ev->_object[EDGEFN__O_REQUEST].len != 0, &response,
                           lambda ? "status" : "statusCode");
}

static bool edgefn__receive_cf(edgefn__reader *r, const edgefn__object *record, int id)
{
    (void)record;
    (void)id;
    r->found = true;
    return edgefn__event_read(r, true);
}

static const edgefn__name edgefn__n_record[] = { EDGEFN__ENTRY(event, cf, cf, type,
                                                               EDGEFN_MEMBER_COUNT, lambda) };
static const edgefn__schema edgefn__s_record = { "Records[0]", edgefn__n_record,
                                                 EDGEFN__COUNT(edgefn__n_record), EDGEFN__IN_both };

/* Reads the first record. */
static bool edgefn__receive_Records(edgefn__reader *r, const edgefn__object *root, int id)
{
    edgefn__object record;
    if (edgefn__peek(r) != '[') return edgefn__type_error(r, root, id);
    r->pos++;
    r->depth++;
    if (edgefn__peek(r) == ']') return edgefn__not_an_event(r, root->open);
    if (!edgefn__object_open(r, &record, &edgefn__s_record)) return false;
    if ((!record.lined && !edgefn__quick(r, &record, edgefn__n_record, 0, EDGEFN__IN_both))
        || !edgefn__members_read(r, &record))
        return false;
    while (edgefn__peek(r) == ',') {
        r->pos++;
        if (!edgefn__skip_value(r)) return false;
    }
    if (edgefn__peek(r) != ']') return edgefn__bad_json(r);
    r->pos++;
    r->depth--;
    return true;
}

static const edgefn__name edgefn__n_lambda[] = { EDGEFN__ENTRY(event, Records, Records, type,
                                                               EDGEFN_MEMBER_COUNT, lambda) };
static const edgefn__schema edgefn__s_lambda = { "event", edgefn__n_lambda,
                                                 EDGEFN__COUNT(edgefn__n_lambda), EDGEFN__IN_both };

static bool edgefn__lambda(edgefn__reader *r)
{
    edgefn__object root;
    bool opened = edgefn__object_open(r, &root, &edgefn__s_lambda);
    if (EDGEFN__NEVER(!opened)) return false; /* edgefn__detect() found the '{' */
    if ((!root.lined && !edgefn__quick(r, &root, edgefn__n_lambda, 0, EDGEFN__IN_both))
        || !edgefn__members_read(r, &root))
        return false;
    if (r->found) return true;
    return edgefn__not_an_event(r, root.open);
}

/*=== event ======================================================================================*/

EDGEFN__INLINE bool edgefn__text_begins(const edgefn__reader *r, size_t at, const char *literal,
                                        size_t n)
{
    return r->len - at > n && edgefn__same(r->text + at, literal, n);
}

/* Detects the dialect by the first member of the root that decides it: Records, or version, context
   or viewer. */
static edgefn_dialect edgefn__detect(edgefn__reader *r)
{
    static const edgefn__name names[] = { EDGEFN__NAME("Records"), EDGEFN__NAME("version"),
                                          EDGEFN__NAME("context"), EDGEFN__NAME("viewer") };
    static const edgefn__schema schema = { "event", names, EDGEFN__COUNT(names), EDGEFN__IN_both };
    edgefn__object o;
    /* events from CloudFront begin like this: saves 2 % of parsing */
    if (edgefn__text_begins(r, 0, "{\"Records\":[", 12)) return EDGEFN_DIALECT_LAMBDA;
    if (edgefn__text_begins(r, 0, "{\"version\":\"", 12)) return EDGEFN_DIALECT_FUNCTIONS;
    size_t at = edgefn__skip_space(r->text, r->len, 0);
    if (at < r->len && r->text[at] == '{') { /* the same with white space */
        size_t line = at + 1;
        at = edgefn__skip_space(r->text, r->len, line);
        if (!EDGEFN__SMALL) edgefn__layout_learn(r, line, at);
        if (edgefn__text_begins(r, at, "\"Records\"", 9)) return EDGEFN_DIALECT_LAMBDA;
        if (edgefn__text_begins(r, at, "\"version\"", 9)) return EDGEFN_DIALECT_FUNCTIONS;
    }
    edgefn__reader look = *r;
    if (edgefn__peek(&look) != '{') return EDGEFN_DIALECT_NONE;
    edgefn__object_open(&look, &o, &schema);
    int id = edgefn__object_next(&look, &o);
    if (id < 0) return EDGEFN_DIALECT_NONE;
    return id == 0 ? EDGEFN_DIALECT_LAMBDA : EDGEFN_DIALECT_FUNCTIONS;
}

static const edgefn_env edgefn__no_env = {
    0, 0, false, false, { 0 }, NULL, NULL, NULL, NULL, false
};

/* Copies the members that are not strings, to compare all of them at once. */
static void edgefn__values_keep(edgefn_event *ev)
{
    edgefn__was *w = &ev->_was;
#    define EDGEFN__KEEP(o, name, type, field, mark, in)                                           \
      w->number[EDGEFN__MARK_##o(mark)] = (uint32_t)ev->EDGEFN__STRUCT_##o field;
    EDGEFN__MEMBERS(EDGEFN__NO_ROW, EDGEFN__KEEP, EDGEFN__NO_ROW)
#    undef EDGEFN__KEEP
    w->response_data = ev->response.body.data;
    w->status_text = ev->response.status_text;
}

static void edgefn__remember(edgefn_event *ev)
{
    edgefn__values_keep(ev);
    ev->_result = ev->_object[edgefn__is_request(ev) ? EDGEFN__O_REQUEST : EDGEFN__O_RESPONSE];
}

static void edgefn__clear(edgefn_event *ev, edgefn_str json, edgefn_arena arena,
                          const edgefn_parse_opts *opts)
{
    edgefn__zero(ev, sizeof *ev);
    EDGEFN__HIDE(arena.cap); /* just written in pieces by the caller: a vector load would stall */
    ev->arena = arena;
    ev->env = opts != NULL && opts->env != NULL ? opts->env : &edgefn__no_env;
    ev->_self = ev;
    ev->_json = json;
    ev->err.where = "";
    if (opts != NULL && opts->lenient) ev->_flags = EDGEFN__LENIENT;
    if (ev->env->check_lifetimes) ev->_flags |= EDGEFN__LIFETIMES;
    edgefn__lists_init(ev);
}

/* Rejects the event: keeps only the error. */
EDGEFN__NOINLINE edgefn_error edgefn__refuse(edgefn_event *ev, edgefn_error code, size_t pos,
                                             const char *where, edgefn_str subject)
{
    edgefn_parse_opts opts = { EDGEFN_DIALECT_NONE, ev->env, (ev->_flags & EDGEFN__LENIENT) != 0,
                               EDGEFN_EVENT_TYPE_NONE };
    edgefn__clear(ev, ev->_json, ev->arena, &opts);
    ev->err.code = code;
    ev->err.pos = pos;
    ev->err.where = where;
    ev->err.subject = subject;
    return code;
}

/* Reports whether more bytes are used than the arena has; the event then gets an empty arena, so
   that no later call writes outside the block. */
static bool edgefn__arena_impossible(edgefn_event *ev)
{
    if (ev->arena.used <= ev->arena.cap) return false;
    ev->arena = edgefn_arena_make(NULL, 0);
    return true;
}

/* Reports whether a member of an object is an object that is empty or has one of these members. */
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

/* Reports whether a JSON object rejected as an event of CloudFront Functions was meant as one.
   Events of other services also have a version or a context: EventBridge, API Gateway, function
   URLs, Cognito, Alexa. */
static bool edgefn__like_functions(const char *p, uint32_t root)
{
    static const edgefn__name request[] = { EDGEFN__NAME("method"), EDGEFN__NAME("uri") };
    static const edgefn__name response[] = { EDGEFN__NAME("statusCode") };
    return edgefn__has_object(p, root, "context", edgefn__n_config, EDGEFN__COUNT(edgefn__n_config),
                              true)
           || edgefn__has_object(p, root, "viewer", edgefn__n_viewer,
                                 EDGEFN__COUNT(edgefn__n_viewer), true)
           || edgefn__has_object(p, root, "request", request, EDGEFN__COUNT(request), false)
           || edgefn__has_object(p, root, "response", response, EDGEFN__COUNT(response), false);
}

/* Recognises a text that is not JSON by its first bytes. */
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

/* Runs after any failure: a text that is not JSON is reported as such, whatever else was found,
   except a lack of memory. */
EDGEFN__NOINLINE edgefn_error edgefn__diagnose(edgefn_event *ev, const edgefn__reader *r)
{
    edgefn__fault f = { EDGEFN_OK, 0 };
    if (r->code == EDGEFN_E_OOM)
        return edgefn__refuse(ev, EDGEFN_E_OOM, EDGEFN__NO_POS, "edgefn_parse", edgefn__absent());
    if (!edgefn__validate(ev->_json, &f))
        return edgefn__refuse(ev, f.code, f.pos, edgefn__text_name(ev->_json, f.pos),
                              edgefn__absent());
    if (edgefn__is_functions(ev) && (r->code == EDGEFN_E_MISSING || r->code == EDGEFN_E_TYPE)) {
        uint32_t root = (uint32_t)edgefn__skip_space(r->text, r->len, 0);
        if (!edgefn__like_functions(r->text, root))
            return edgefn__refuse(ev, EDGEFN_E_NOT_AN_EVENT, root, "event", edgefn__absent());
    }
    return edgefn__refuse(ev, r->code, r->at, r->where, r->subject);
}

/* Runs the first pass. Its bits and its list of escaped strings stay at the top of the arena until
   the event is read. */
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
    edgefn__hold(ev, (size_t)((unsigned char *)scan.escaped - ev->arena.ptr));
    return true;
}

/* Checks the arguments of edgefn_parse(). */
static bool edgefn__parse_callable(edgefn_event *ev, edgefn_event_type type)
{
    edgefn_str json = ev->_json;
    if (edgefn__arena_impossible(ev) || json.len >= UINT32_MAX - 64) return false;
    return (json.ptr != NULL || json.len == 0) && (unsigned)type <= EDGEFN_VIEWER_RESPONSE;
}

/* Reads the whole text. wanted: the only accepted dialect; EDGEFN_DIALECT_NONE: both. */
EDGEFN__INLINE bool edgefn__root_read(edgefn__reader *r, edgefn_dialect wanted)
{
    edgefn_dialect dialect = edgefn__detect(r);
    r->ev->dialect = dialect;
    edgefn__peek(r);
    if (dialect == EDGEFN_DIALECT_NONE) return edgefn__not_an_event(r, r->pos);
    if (wanted != EDGEFN_DIALECT_NONE && dialect != wanted) return edgefn__not_an_event(r, r->pos);
    if (edgefn__is_left_out(dialect))
        return edgefn__bad(r, EDGEFN_E_DIALECT, r->pos, "event",
                           dialect == EDGEFN_DIALECT_LAMBDA ? EDGEFN_S("EDGEFN_NO_LAMBDA")
                                                            : EDGEFN_S("EDGEFN_NO_FUNCTIONS"));
    bool ok = edgefn__is_lambda(r->ev) ? edgefn__lambda(r) : edgefn__event_read(r, false);
    if (!ok) return false;
    if (edgefn__skip_space(r->text, r->len, r->pos) == r->len) return true;
    return edgefn__bad_json(r);
}

EDGEFN_API edgefn_error edgefn_parse(edgefn_event *ev, edgefn_str json, edgefn_arena arena,
                                     const edgefn_parse_opts *opts)
{
    static const edgefn_parse_opts defaults = { EDGEFN_DIALECT_NONE, NULL, false,
                                                EDGEFN_EVENT_TYPE_NONE };
    const edgefn_parse_opts *o = opts != NULL ? opts : &defaults;
    edgefn__clear(ev, json, arena, o);
    if (!edgefn__parse_callable(ev, o->type))
        return edgefn__refuse(ev, EDGEFN_E_OPTIONS, EDGEFN__NO_POS, "edgefn_parse",
                              edgefn__absent());

    edgefn__reader r;
    edgefn__zero(&r, sizeof r);
    r.ev = ev;
    r.text = json.ptr;
    r.len = (uint32_t)json.len;
    r.sink = &edgefn__event_sink;
    r.lenient = o->lenient;
    r.no_method = o->lenient;
    r.type = o->type;
    edgefn__scope scope = edgefn__scope_begin(ev);
    if (!edgefn__scan_into(ev, &r)) return edgefn__diagnose(ev, &r);
    bool ok = edgefn__root_read(&r, o->dialect);
    edgefn__scope_end_top(ev, scope);
    if (!ok) return edgefn__diagnose(ev, &r);
    edgefn__remember(ev);
    ev->_flags |= EDGEFN__PARSED;
    return EDGEFN_OK;
}

/* Returns the field of a TEXT member; NULL for others. */
static const edgefn_str *edgefn__member_text(const edgefn_event *ev, edgefn_member member)
{
#    define EDGEFN__TEXT_OF(o, name, type, field, mark, in)                                        \
    case EDGEFN__MARK_##o(mark): return &ev->EDGEFN__STRUCT_##o field;
    switch (member) {
        EDGEFN__MEMBERS(EDGEFN__TEXT_OF, EDGEFN__NO_ROW, EDGEFN__NO_ROW)
    default: return NULL;
    }
#    undef EDGEFN__TEXT_OF
}

/*=== >>parts ======================================================================================
   How it works: an event built from parts uses the same structs and lists, but has no text. Instead
   of offsets its fields hold indices (_value: 1 + index, _group: 1 + index of the first field of
   that name), and _parts holds the strings as received. Its result is always written from scratch.
   */

/* True if CloudFront has such events. */
static bool edgefn__is_event(edgefn_dialect dialect, edgefn_event_type type)
{
    if (type < EDGEFN_VIEWER_REQUEST || type > EDGEFN_VIEWER_RESPONSE) return false;
    if (edgefn__is_left_out(dialect)) return false;
    bool at_origin = type == EDGEFN_ORIGIN_REQUEST || type == EDGEFN_ORIGIN_RESPONSE;
    return dialect == EDGEFN_DIALECT_LAMBDA || (dialect == EDGEFN_DIALECT_FUNCTIONS && !at_origin);
}

EDGEFN_API edgefn_error edgefn_build_begin(edgefn_event *ev, edgefn_dialect dialect,
                                           edgefn_event_type type, edgefn_arena arena,
                                           const edgefn_parse_opts *opts)
{
    edgefn__clear(ev, edgefn__absent(), arena, opts);
    if (edgefn__arena_impossible(ev) || !edgefn__is_event(dialect, type))
        return edgefn__refuse(ev, EDGEFN_E_OPTIONS, EDGEFN__NO_POS, "edgefn_build_begin",
                              edgefn__absent());
    ev->dialect = dialect;
    ev->type = type;
    ev->_flags |= EDGEFN__PARSED | EDGEFN__PARTS | EDGEFN__BUILDING;
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
        items[i].change = EDGEFN_CHANGE_NONE;
        items[i]._group = group;
        items[i]._value = (uint32_t)i + 1;
    }
    f->_received = f->items;
    f->_received_len = (uint32_t)f->len;
    f->removed_len = 0;
    f->_removed_cap = f->_cap = 0;
    f->_flags = flags;
}

static bool edgefn__part_missing(edgefn_event *ev, const char *name)
{
    return edgefn__fail(ev, EDGEFN_E_MISSING, "edgefn_build_end", edgefn_cstr(name));
}

static bool edgefn__parts_complete(edgefn_event *ev)
{
    if (ev->request.method.ptr == NULL) return edgefn__part_missing(ev, "method");
    if (ev->request.uri.ptr == NULL) return edgefn__part_missing(ev, "uri");
    if (!edgefn__is_request(ev) && ev->response.status == 0)
        return edgefn__part_missing(ev, "status");
    if (ev->request.origin.domain.ptr != NULL && ev->request.origin.kind == EDGEFN_ORIGIN_NONE)
        return edgefn__part_missing(ev, "origin.kind");
    return true;
}

/* Keeps the received strings for later comparison. */
static bool edgefn__parts_keep(edgefn_event *ev)
{
    edgefn_str *parts = (edgefn_str *)edgefn__take(ev, EDGEFN_MEMBER_COUNT, sizeof *parts, 8);
    if (parts == NULL) return false;
    if (EDGEFN__NEVER(ev->err.code != EDGEFN_OK)) return false; /* a field needs less memory */
    edgefn__memset(parts, 0, EDGEFN_MEMBER_COUNT * sizeof *parts);
#    define EDGEFN__KEEP_TEXT(o, name, type, field, mark, in)                                      \
      parts[EDGEFN__MARK_##o(mark)] = ev->EDGEFN__STRUCT_##o field;
    EDGEFN__MEMBERS(EDGEFN__KEEP_TEXT, EDGEFN__NO_ROW, EDGEFN__NO_ROW)
#    undef EDGEFN__KEEP_TEXT
    ev->_parts = parts;
    return true;
}

EDGEFN_API bool edgefn_build_end(edgefn_event *ev)
{
    edgefn_request *q = &ev->request;
    edgefn_response *a = &ev->response;
    if (ev->_self != ev || !(ev->_flags & EDGEFN__BUILDING))
        return edgefn__fail(ev, EDGEFN_E_MISUSE, "edgefn_build_end", edgefn__absent());
    if (ev->err.code != EDGEFN_OK) return false;
    if (!edgefn__parts_complete(ev) || !edgefn__views_received(ev)) return false;
    if (!edgefn__parts_keep(ev)) return false;
    edgefn__list_received(&q->headers, EDGEFN__INDEXED);
    edgefn__list_received(&q->origin.headers, EDGEFN__INDEXED);
    edgefn__list_received(&a->headers, EDGEFN__INDEXED);
    if (edgefn__is_functions(ev)) {
        edgefn__list_received(&q->_query, EDGEFN__FROM_TEXT);
        edgefn__list_received(&q->_cookies, EDGEFN__INDEXED);
        edgefn__list_received(&a->_cookies, EDGEFN__INDEXED);
    }
    edgefn__values_keep(ev);
    /* whatever was set until now was received */
    ev->_flags &= ~(uint32_t)(EDGEFN__BUILDING | EDGEFN__ORIGIN_NEW);
    return true;
}

/* True for a request event that the handler answers. */
static bool edgefn__is_answered(const edgefn_event *ev)
{
    return edgefn_is_request(ev) && ev->response.status != 0;
}

EDGEFN_API edgefn_outcome edgefn_outcome_of(edgefn_event *ev, const edgefn_write_opts *opts)
{
    if (!edgefn__prepare(ev, false) || !edgefn__approved(ev, opts)) return EDGEFN_OUTCOME_FAIL;
    return edgefn__is_answered(ev) ? EDGEFN_OUTCOME_ANSWER : EDGEFN_OUTCOME_FORWARD;
}

EDGEFN_API bool edgefn_is_request(const edgefn_event *ev)
{
    return edgefn__is_request(ev);
}

EDGEFN_API bool edgefn_is_get_or_head(const edgefn_event *ev)
{
    static const edgefn_str reads[] = { EDGEFN_S_INIT("GET"), EDGEFN_S_INIT("HEAD") };
    return edgefn_str_in(ev->request.method, reads, EDGEFN__COUNT(reads));
}

EDGEFN_API bool edgefn_is_last_request(const edgefn_event *ev)
{
    return ev->type == (edgefn__is_functions(ev) ? EDGEFN_VIEWER_REQUEST : EDGEFN_ORIGIN_REQUEST);
}

EDGEFN_API const char *edgefn_event_type_name(edgefn_event_type type)
{
    return (unsigned)type < EDGEFN__COUNT(edgefn__types) ? edgefn__types[type].text : "";
}

EDGEFN_API edgefn_str edgefn_passthrough(const edgefn_event *ev)
{
    if (ev->_result.len == 0) return edgefn__absent();
    return edgefn__str(ev->_json.ptr + ev->_result.at, ev->_result.len);
}

EDGEFN_API edgefn_str edgefn_failed_result(const edgefn_event *ev)
{
    if (!edgefn_is_request(ev)) return EDGEFN_S("null");
    if (edgefn__is_functions(ev))
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
    if (ev->env->has_random) return true;
    return edgefn__fail(ev, EDGEFN_E_ENVIRONMENT, "edgefn_draw", EDGEFN_S("random"));
}

EDGEFN_API void edgefn_log(const edgefn_event *ev, edgefn_str text)
{
    if (ev->_self == ev && ev->env->log != NULL && text.ptr != NULL)
        ev->env->log(ev->env->user, text);
}

/* Returns the value of a JSON text without the white space around it; absent if the text is
   invalid. */
static edgefn_str edgefn__json_root(edgefn_str json)
{
    edgefn__fault f;
    if (json.ptr == NULL || json.len >= UINT32_MAX || !edgefn__validate(json, &f))
        return edgefn__absent();
    while (edgefn__class_of(json.ptr[json.len - 1]) & EDGEFN__C_SPACE)
        json.len--;
    return edgefn_str_skip(json, edgefn__skip_space(json.ptr, json.len, 0));
}

/* Returns a member of an object or an element of an array; absent if there is none. Of equal names
   the last counts, as in JavaScript. */
static edgefn_str edgefn__json_step(edgefn_str v, edgefn_str name, int how)
{
    edgefn_str found = { NULL, 0 };
    edgefn_number index = edgefn_str_to_u64(name);
    const char *t = v.ptr;
    if (EDGEFN__NEVER(v.ptr == NULL)) return found; /* callers have a value */
    if (t[0] != '{' && (t[0] != '[' || !index.ok || (name.len > 1 && name.ptr[0] == '0')))
        return found;
    edgefn__each e = edgefn__each_in(t, 0);
    for (uint64_t i = 0; edgefn__next(&e); i++) {
        bool hit = i == index.value;
        if (e.object) hit = edgefn__json_means(edgefn__string_at(t, e.name), name, how);
        if (hit) found = edgefn__str(t + e.value, e.end - e.value);
    }
    return found;
}

/* The type of a JSON value, by its first byte. */
static edgefn_json_type edgefn__json_type(char first)
{
    switch (first) {
    case '"': return EDGEFN_JSON_STRING;
    case '{': return EDGEFN_JSON_OBJECT;
    case '[': return EDGEFN_JSON_ARRAY;
    case 't':
    case 'f': return EDGEFN_JSON_BOOL;
    case 'n': return EDGEFN_JSON_ABSENT;
    default: return EDGEFN_JSON_NUMBER;
    }
}

/* Makes a value of its JSON text, which may be absent. */
static edgefn_json edgefn__json_value(edgefn_event *ev, edgefn_str text)
{
    edgefn_json v = { EDGEFN_JSON_ABSENT, { NULL, 0 }, { NULL, 0 }, 0 };
    if (text.ptr == NULL) return v;
    edgefn_json_type type = edgefn__json_type(text.ptr[0]);
    if (type == EDGEFN_JSON_STRING) {
        v.string = edgefn__str(text.ptr + 1, text.len - 2);
        if (edgefn__find_slash(v.string) < v.string.len) {
            edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
            edgefn__put_unescaped(&t, v.string.ptr, v.string.len);
            v.string = edgefn__text_end(ev, &t);
        }
        if (v.string.ptr == NULL) return v;
    }
    if (type == EDGEFN_JSON_OBJECT || type == EDGEFN_JSON_ARRAY) {
        edgefn__each e = edgefn__each_in(text.ptr, 0);
        while (edgefn__next(&e))
            v.count++;
    }
    v.type = type;
    v.text = text;
    return v;
}

/* Finds the text of the value that a pointer names; absent if there is none. */
static edgefn_str edgefn__json_find(edgefn_str json, edgefn_str pointer)
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
    return v;
}

EDGEFN_API edgefn_json edgefn_json_at(edgefn_event *ev, edgefn_str json, edgefn_str pointer)
{
    return edgefn__json_value(ev, edgefn__json_find(json, pointer));
}

/*=== >>fields =====================================================================================
   The items as received are never written to, so that each field can be compared with what was
   received: the first edit copies them, unless it adds a header where there is room after them. In
   lists read from JSON objects, _group is the offset of the name's opening quotation mark and
   _value that of the value's; both are 0 for added fields.
   In lists parsed from text, _value is 1 + the index as received and _group 1 + the index of the
   header entry. */

static bool edgefn__is_headers(const edgefn_fields *f)
{
    return f->_kind <= EDGEFN__ORIGIN_HEADERS;
}

/* Compares names: a header's, which is in lower case, with any spelling; others exactly. */
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

/* By _kind. */
static const char *const edgefn__places[7] = { "",
                                               "request.headers",
                                               "response.headers",
                                               "request.origin.customHeaders",
                                               "request.querystring",
                                               "request.cookies",
                                               "response.cookies" };

static const char *edgefn__list_name(const edgefn_fields *f)
{
    if (EDGEFN__NEVER(f->_kind >= EDGEFN__COUNT(edgefn__places)))
        return ""; /* edgefn__lists_init() */
    return edgefn__places[f->_kind];
}

/* The headers that a list of headers or cookies belongs to: 0 the request's, 1 the response's; -1
   for other lists. */
static int edgefn__side(const edgefn_fields *f)
{
    static const signed char sides[] = { -1, 0, 1, -1, -1, 0, 1 };
    return sides[f->_kind];
}

static edgefn_fields *edgefn__headers_of_side(edgefn_event *ev, int side)
{
    return side == 0 ? &ev->request.headers : &ev->response.headers;
}

/* Set while the handler sees the headers of a side without the cookies that were written back. */
EDGEFN__INLINE uint32_t edgefn__aside(int side)
{
    return (uint32_t)EDGEFN__ASIDE << side;
}

/* Exchanges what the handler sees for the headers in _unsynced[side]. */
static void edgefn__sync_swap(edgefn_event *ev, int side)
{
    edgefn_fields *seen = edgefn__headers_of_side(ev, side);
    edgefn_fields other = *ev->_unsynced[side];
    *ev->_unsynced[side] = *seen;
    *seen = other;
    ev->_flags ^= edgefn__aside(side);
}

/* The sides whose headers show cookies that were written back, as bits. */
static unsigned edgefn__sync_shown(const edgefn_event *ev)
{
    unsigned shown = 0;
    if (ev->_self != ev) return 0;
    for (int side = 0; side < 2; side++) {
        if (ev->_unsynced[side] != NULL && !(ev->_flags & edgefn__aside(side))) shown |= 1u << side;
    }
    return shown;
}

/* Before writing or checking: shows the headers again that edgefn__sync_aside() put aside. */
EDGEFN__NOINLINE void edgefn__sync_show(edgefn_event *ev)
{
    for (int side = 0; side < 2; side++) {
        if (ev->_flags & edgefn__aside(side)) edgefn__sync_swap(ev, side);
    }
}

/* A handler that checks its edits goes on with the headers as it left them: puts those aside that
   cookies were written back into, except on the sides that showed them before. */
static void edgefn__sync_aside(edgefn_event *ev, unsigned before)
{
    unsigned now = edgefn__sync_shown(ev) & ~before;
    for (int side = 0; side < 2; side++) {
        if (now >> side & 1) edgefn__sync_swap(ev, side);
    }
}

/* Before an edit: undoes the writing back of cookies by a reading call, so that the result of an
   edit does not depend on whether the headers were read before. */
EDGEFN__NOINLINE void edgefn__unsync(edgefn_event *ev, int side)
{
    if (side < 0 || ev->_unsynced[side] == NULL) return;
    edgefn_fields *view = side == 0 ? &ev->request._cookies : &ev->response._cookies;
    if (!(ev->_flags & edgefn__aside(side)))
        *edgefn__headers_of_side(ev, side) = *ev->_unsynced[side];
    view->_flags &= ~(uint32_t)EDGEFN__SYNCED;
    ev->_flags &= ~edgefn__aside(side);
    ev->_unsynced[side] = NULL;
}

/* True if edits of such a list take effect in this event. */
EDGEFN__INLINE bool edgefn__has_effect(const edgefn_event *ev, uint32_t kind)
{
    if (kind == EDGEFN__RESPONSE_HEADERS || kind == EDGEFN__RESPONSE_COOKIES)
        return ev->response.status != 0;
    if (kind != EDGEFN__ORIGIN_HEADERS) return edgefn_is_request(ev);
    return ev->type == EDGEFN_ORIGIN_REQUEST && ev->request.origin.kind != EDGEFN_ORIGIN_NONE;
}

/* Returns the event of a list that may be edited now; NULL after a failure and if the list may not
   be edited, which fails the event. */
static edgefn_event *edgefn__editable(edgefn_fields *f)
{
    edgefn_event *ev = f->_ev;
    if (ev == NULL || ev->_self != ev) return NULL;
    if ((uintptr_t)f - (uintptr_t)ev >= sizeof *ev || !(ev->_flags & EDGEFN__PARSED)) {
        edgefn__fail(ev, EDGEFN_E_MISUSE, edgefn__list_name(f), edgefn__absent());
        return NULL;
    }
    if (ev->err.code != EDGEFN_OK) return NULL;
    if (ev->_flags & EDGEFN__BUILDING) return ev;
    if (!edgefn__has_effect(ev, f->_kind)) {
        edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, edgefn__list_name(f), edgefn__absent());
        return NULL;
    }
    if (EDGEFN__UNLIKELY(ev->_flags & EDGEFN__WRITTEN_BACK)) edgefn__unsync(ev, edgefn__side(f));
    return ev;
}

/* True if cookies may have been written back into headers: editing restores them, which moves
   fields. Whoever has an index calls edgefn__index_restored() then; whoever looks one up calls
   edgefn__editable() before. */
EDGEFN__INLINE bool edgefn__is_written_back(const edgefn_fields *f)
{
    return f->_ev != NULL && (f->_ev->_flags & EDGEFN__WRITTEN_BACK) != 0;
}

/* Restores a list that may show cookies that were written back. Returns: the index, which counts in
   what is shown, for the same field without them. Cookie headers can be edited in their list only:
   fails for the index of one. */
EDGEFN__NOINLINE size_t edgefn__index_restored(edgefn_fields *f, size_t index)
{
    int side = f->_kind <= EDGEFN__RESPONSE_HEADERS ? edgefn__side(f) : -1;
    bool shown = side >= 0 && (edgefn__sync_shown(f->_ev) >> side & 1) != 0;
    edgefn_str cookies = side == 0 ? EDGEFN_S("cookie") : EDGEFN_S("set-cookie");
    edgefn_str name = index < f->len ? f->items[index].name : edgefn__absent();
    size_t others = 1; /* the fields up to this one that are no cookies */
    for (size_t i = 0; i < index && i < f->len; i++)
        others += !edgefn_str_eq(f->items[i].name, cookies);
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL || !shown) return index;
    if (edgefn_str_eq(name, cookies))
        edgefn__fail(ev, EDGEFN_E_CONFLICT, edgefn__list_name(f), name);
    for (index = 0; index < f->len; index++) {
        others -= !edgefn_str_eq(f->items[index].name, cookies);
        if (others == 0) break;
    }
    return index;
}

/* What edgefn_env.check_lifetimes remembers of a string that a handler passed in: enough to find
   out later whether its bytes are still the same. `place` is the list's _kind, or
   EDGEFN__PASSED_MEMBER plus the member. The latest one is first. */
enum { EDGEFN__PASSED_MEMBER = 16 };
typedef struct edgefn__passed {
    struct edgefn__passed *next;
    edgefn_str text, name; /* name: a copy */
    uint64_t hash;
    uint32_t place;
} edgefn__passed;

/* FNV-1a */
static uint64_t edgefn__bytes_hash(edgefn_str s)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * 1099511628211u;
    return h;
}

EDGEFN__NOINLINE void edgefn__pass_noted(edgefn_event *ev, uint32_t place, edgefn_str name,
                                         edgefn_str text)
{
    if (text.len == 0 || (ev->_flags & EDGEFN__BUILDING)) return;
    edgefn__passed *p = (edgefn__passed *)edgefn__take(ev, 1, sizeof *p, 8);
    char *copy = p != NULL ? edgefn__take_bytes(ev, name.len) : NULL;
    if (copy == NULL) return;
    edgefn__copy(copy, name.ptr, name.len);
    p->next = ev->_passed;
    p->text = text;
    p->name = edgefn__str(copy, name.len);
    p->hash = edgefn__bytes_hash(text);
    p->place = place;
    ev->_passed = p;
}

/* Notes a string that was passed to an editing function. */
EDGEFN__INLINE void edgefn__pass(edgefn_event *ev, uint32_t place, edgefn_str name, edgefn_str text)
{
    if (EDGEFN__UNLIKELY(ev->_flags & EDGEFN__LIFETIMES)) edgefn__pass_noted(ev, place, name, text);
}

/* The same of a string that becomes a member. */
EDGEFN__INLINE void edgefn__pass_member(edgefn_event *ev, edgefn_member member, edgefn_str text)
{
    edgefn__pass(ev, EDGEFN__PASSED_MEMBER + (uint32_t)member, EDGEFN_S(""), text);
}

static bool edgefn__all(edgefn_str s, unsigned classes)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!(edgefn__class_of(s.ptr[i]) & classes)) return false;
    }
    return true;
}

/* True for letters, digits and the bytes of `more`. */
static bool edgefn__made_of(edgefn_str s, edgefn_str more)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!edgefn__alnum(s.ptr[i]) && !edgefn__has_byte(more, s.ptr[i])) return false;
    }
    return true;
}

EDGEFN__INLINE bool edgefn__is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Reports whether s is UTF-8 without control characters (except tab if `tab`) and without the bytes
   of `not_these`. */
static bool edgefn__is_text(edgefn_str s, bool tab, const char *not_these)
{
    if (s.ptr == NULL) return false;
    size_t i = edgefn__plain_run(s.ptr, s.len);
    if (i < s.len) {
        if (!edgefn__is_utf8(edgefn_str_skip(s, i))) return false;
        for (; i < s.len; i++) {
            unsigned char c = (unsigned char)s.ptr[i];
            if ((c < 0x20 && (!tab || c != '\t')) || c == 0x7f) return false;
        }
    }
    for (; *not_these != '\0'; not_these++) {
        if (edgefn__find_byte(s.ptr, s.len, 0, *not_these) < s.len) return false;
    }
    return true;
}

#    ifdef EDGEFN__SSE2
/* Bytes other than letters and '-' are not 0. fold: 0x20 for letters of any case, 0 for small
   ones. */
EDGEFN__INLINE __m128i edgefn__not_name16(__m128i v, char fold)
{
    __m128i from_a = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(fold)), _mm_set1_epi8('a'));
    __m128i letter = _mm_subs_epu8(from_a, _mm_set1_epi8(25)); /* 0 for 'a'..'z' */
    return _mm_andnot_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('-')), letter);
}

/* Loads 16 or 8 bytes. */
EDGEFN__INLINE __m128i edgefn__load_half(const char *from, size_t half)
{
    const __m128i *p = (const __m128i *)(const void *)from;
    return half == 16 ? _mm_loadu_si128(p) : _mm_loadl_epi64(p);
}
EDGEFN__INLINE void edgefn__store_half(char *to, __m128i v, size_t half)
{
    __m128i *p = (__m128i *)(void *)to;
    if (half == 16)
        _mm_storeu_si128(p, v);
    else
        _mm_storel_epi64(p, v);
}
#    endif

/* True for a token, with fold == 0 only for one without capitals, with 0x20 for any. Most names
   consist of letters and '-', which vectors check in one step. Copies the name at the same time to
   `to`, and to `also`, unless they are NULL; if the result is false the copies are not valid. */
EDGEFN__INLINE bool edgefn__copy_token(char *to, char *also, edgefn_str s, char fold)
{
#    ifdef EDGEFN__SSE2
    if (s.len >= 8 && s.len <= 32) {
        size_t half = s.len >= 16 ? 16 : 8;
        __m128i a = edgefn__load_half(s.ptr, half);
        __m128i b = edgefn__load_half(s.ptr + s.len - half, half);
        if (to != NULL) {
            edgefn__store_half(to, a, half);
            edgefn__store_half(to + s.len - half, b, half);
        }
        if (also != NULL) {
            edgefn__store_half(also, a, half);
            edgefn__store_half(also + s.len - half, b, half);
        }
        if (half == 8) {
            a = _mm_unpacklo_epi64(a, b);
            b = a;
        }
        __m128i other = _mm_or_si128(edgefn__not_name16(a, fold), edgefn__not_name16(b, fold));
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(other, _mm_setzero_si128())) == 0xffff) return true;
    } else
#    endif
    {
        if (to != NULL) edgefn__copy(to, s.ptr, s.len);
        if (also != NULL) edgefn__copy(also, s.ptr, s.len);
    }
    unsigned upper = fold == 0 ? EDGEFN__C_UPPER : 0;
    for (size_t i = 0; i < s.len; i++) {
        if ((edgefn__class_of(s.ptr[i]) & (EDGEFN__C_TOKEN | upper)) != EDGEFN__C_TOKEN)
            return false;
    }
    return s.len != 0;
}

EDGEFN__INLINE bool edgefn__lower_token(edgefn_str s)
{
    return edgefn__copy_token(NULL, NULL, s, 0);
}

/* True for a token, with or without capitals. */
EDGEFN__INLINE bool edgefn__token(edgefn_str s)
{
    return edgefn__copy_token(NULL, NULL, s, 0x20);
}

/* True for names that browsers accept (RFC 6265bis section 5.6): without ';', '=' and control
   characters, without white space around it; and not empty. */
static bool edgefn__cookie_name_valid(edgefn_str name)
{
    return name.len != 0 && edgefn__trim(name).len == name.len
           && edgefn__is_text(name, false, ";=");
}

static bool edgefn__name_valid(const edgefn_fields *f, edgefn_str name)
{
    if (f->_kind == EDGEFN__QUERY) return name.len > 0 && edgefn__is_text(name, false, "=&# ");
    if (!edgefn__is_headers(f)) return edgefn__cookie_name_valid(name);
    return name.ptr != NULL && edgefn__token(name);
}

static bool edgefn__header_value_valid(edgefn_str value)
{
    return edgefn__is_text(value, true, "");
}

static bool edgefn__value_valid(const edgefn_fields *f, edgefn_str value)
{
    if (edgefn__is_headers(f)) return edgefn__header_value_valid(value);
    return edgefn__is_text(value, false, f->_kind == EDGEFN__QUERY ? "&# " : ";");
}

static bool edgefn__name_ok(edgefn_event *ev, const edgefn_fields *f, edgefn_str name)
{
    if (edgefn__name_valid(f, name)) return true;
    return edgefn__fail(ev, EDGEFN_E_FIELD_NAME, edgefn__list_name(f), name);
}
static bool edgefn__value_ok(edgefn_event *ev, const edgefn_fields *f, edgefn_str name,
                             edgefn_str value)
{
    if (edgefn__value_valid(f, value)) return true;
    return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, edgefn__list_name(f), name);
}

/* Called before a header is edited. Editing Cookie (requests) or Set-Cookie (responses) in
   Lambda@Edge invalidates the list of cookies. In CloudFront Functions, which keeps cookies in a
   list of their own, neither may be set as a header; one that does not belong there (a viewer may
   send Set-Cookie) may be removed. */
EDGEFN__NOINLINE bool edgefn__cookie_header_maybe(edgefn_event *ev, edgefn_fields *f,
                                                  edgefn_str name, bool sets)
{
    bool cookie = edgefn_str_ieq(name, EDGEFN_S("cookie"));
    if (!cookie && !edgefn_str_ieq(name, EDGEFN_S("set-cookie"))) return true;
    bool own = f->_kind == (cookie ? EDGEFN__REQUEST_HEADERS : EDGEFN__RESPONSE_HEADERS);
    bool apart = edgefn__is_functions(ev) && !(ev->_flags & EDGEFN__BUILDING);
    if (apart && (own || sets))
        return edgefn__fail(ev, EDGEFN_E_DIALECT, edgefn__list_name(f), name);
    if (own) f->_flags |= EDGEFN__COOKIE_TOUCHED;
    return true;
}
EDGEFN__INLINE bool edgefn__cookie_header(edgefn_event *ev, edgefn_fields *f, edgefn_str name,
                                          bool sets)
{
    if ((name.len != 6 && name.len != 10) || !edgefn__is_headers(f)) return true;
    char first = (char)(name.ptr[0] | 0x20); /* of cookie, set-cookie */
    return (first != 'c' && first != 's') || edgefn__cookie_header_maybe(ev, f, name, sets);
}

/* Copies the items to an array that can be written. The first copy has room for a few additions,
   further ones for many. */
EDGEFN__NOINLINE edgefn_field *edgefn__items_copied(edgefn_event *ev, edgefn_fields *f, size_t more)
{
    size_t spare = f->items == f->_received ? 0 : f->len / 2;
    if (f->len == 0 && (ev->_flags & EDGEFN__BUILDING)) spare = 10; /* more come */
    size_t cap = f->len + more + spare + (more != 0 ? 9 : 0);
    edgefn_field *copy = (edgefn_field *)edgefn__take(ev, cap, sizeof *copy, 8);
    if (copy == NULL) return NULL;
    if (f->len != 0) edgefn__memcpy(copy, f->items, f->len * sizeof *copy);
    f->items = copy;
    f->_cap = (uint32_t)cap;
    return copy;
}

/* Makes the items writable, with room for `more`. Returns: NULL without memory. */
EDGEFN__INLINE edgefn_field *edgefn__writable(edgefn_event *ev, edgefn_fields *f, size_t more)
{
    f->_flags = (f->_flags | EDGEFN__DIRTY) & ~(uint32_t)EDGEFN__SYNCED;
    if (f->items != f->_received && f->_cap - f->len >= more)
        return (edgefn_field *)(uintptr_t)f->items;
    return edgefn__items_copied(ev, f, more);
}

/* Makes room for one more field after the last. The items may be the received ones, with room after
   them, and must not be written to. Returns: NULL without memory. */
EDGEFN__INLINE edgefn_field *edgefn__room_after(edgefn_event *ev, edgefn_fields *f)
{
    bool own = f->items != f->_received || f->len >= f->_received_len;
    f->_flags = (f->_flags | EDGEFN__DIRTY) & ~(uint32_t)EDGEFN__SYNCED;
    if (own && f->_cap > f->len) return (edgefn_field *)(uintptr_t)f->items;
    return edgefn__items_copied(ev, f, 1);
}

/* Returns a field as it was received; NULL for an added one. */
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
    if (EDGEFN__NEVER(low >= f->_received_len)) return NULL; /* it was received, and is found */
    return &f->_received[low];
}
static void edgefn__update_change(edgefn_fields *f, edgefn_field *it)
{
    f->_flags |= EDGEFN__TOUCHED; /* more than new names after the received ones */
    const edgefn_field *was = edgefn__received_of(f, it);
    if (was == NULL) {
        it->change = EDGEFN_CHANGE_ADDED;
        return;
    }
    it->change = EDGEFN_CHANGE_EDITED;
    if (!edgefn_str_eq(was->value, it->value)) return;
    if (!edgefn_str_eq(was->attributes, it->attributes)) return;
    /* the received bytes themselves: views write them with the text between them */
    it->change = EDGEFN_CHANGE_NONE;
    it->value = was->value;
    it->attributes = was->attributes;
}

/* Makes room for n more removed fields. */
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
    to->change = EDGEFN_CHANGE_REMOVED;
    f->_flags |= EDGEFN__TOUCHED;
}

/* Returns the array for the `rest` of a list's fields when the others are removed: the present one,
   or a first copy with room for no more than these. NULL without memory. */
static edgefn_field *edgefn__room_for_rest(edgefn_event *ev, edgefn_fields *f, size_t rest)
{
    if (f->items != f->_received) return edgefn__writable(ev, f, 0);
    edgefn_field *copy = (edgefn_field *)edgefn__take(ev, rest, sizeof *copy, 8);
    if (copy == NULL) return NULL;
    f->_flags = (f->_flags | EDGEFN__DIRTY) & ~(uint32_t)EDGEFN__SYNCED;
    f->_cap = (uint32_t)rest;
    return copy;
}

/* Removes the fields from index `from` on that `wanted` selects; all removals use it. */
typedef bool (*edgefn__picker)(const edgefn_fields *f, const edgefn_field *it, const void *with);
static bool edgefn__remove_where(edgefn_fields *f, size_t from, edgefn__picker wanted,
                                 const void *with)
{
    edgefn_event *ev = edgefn__editable(f);
    size_t found = 0;
    size_t to = from;
    if (ev == NULL) return false;
    for (size_t i = from; i < f->len; i++) {
        if (!wanted(f, &f->items[i], with)) continue;
        if (!edgefn__cookie_header(ev, f, f->items[i].name, false)) return false;
        found++;
    }
    if (found == 0) return true;
    const edgefn_field *old = f->items;
    edgefn_field *items = edgefn__room_for_rest(ev, f, f->len - found);
    if (items == NULL || !edgefn__removed_room(ev, f, found)) return false;
    if (items != old && from != 0) edgefn__memcpy(items, old, from * sizeof *items);
    for (size_t i = from; i < f->len; i++) {
        if (wanted(f, &old[i], with))
            edgefn__note_removed(f, &old[i]);
        else
            items[to++] = old[i];
    }
    f->items = items;
    f->len = to;
    return true;
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

EDGEFN_API bool edgefn_remove(edgefn_fields *f, edgefn_str name)
{
    if (name.ptr == NULL) return edgefn__editable(f) != NULL;
    return edgefn__remove_where(f, 0, edgefn__pick_name, &name);
}

EDGEFN_API bool edgefn_remove_prefix(edgefn_fields *f, edgefn_str prefix)
{
    if (prefix.ptr == NULL) return edgefn__editable(f) != NULL;
    return edgefn__remove_where(f, 0, edgefn__pick_prefix, &prefix);
}

EDGEFN_API bool edgefn_keep_only(edgefn_fields *f, const edgefn_str *names, size_t count)
{
    edgefn__keep keep = { names, count };
    return edgefn__remove_where(f, 0, edgefn__pick_others, &keep);
}

static bool edgefn__pick_marked(const edgefn_fields *f, const edgefn_field *it, const void *with)
{
    size_t i = (size_t)(it - f->items);
    return (((const unsigned char *)with)[i / 8] >> (i % 8) & 1) != 0;
}

EDGEFN_API bool edgefn_remove_if(edgefn_fields *f,
                                 bool (*wanted)(const edgefn_field *field, void *user), void *user)
{
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL) return false;
    if (f->len == 0) return true;
    edgefn__scope scope = edgefn__scope_begin(ev);
    size_t bytes = f->len / 8 + 1;
    unsigned char *marks = (unsigned char *)edgefn__take_held(ev, bytes, 1);
    if (marks == NULL) return false;
    edgefn__memset(marks, 0, bytes);
    for (size_t i = 0; i < f->len; i++) {
        if (wanted(&f->items[i], user))
            marks[i / 8] = (unsigned char)(marks[i / 8] | 1u << (i % 8));
    }
    bool removed = edgefn__remove_where(f, 0, edgefn__pick_marked, marks);
    edgefn__scope_end_top(ev, scope);
    return removed;
}

EDGEFN_API bool edgefn_remove_at(edgefn_fields *f, size_t index)
{
    if (EDGEFN__UNLIKELY(edgefn__is_written_back(f))) index = edgefn__index_restored(f, index);
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
    if (EDGEFN__UNLIKELY(edgefn__is_written_back(f))) index = edgefn__index_restored(f, index);
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL) return false;
    if (index >= f->len)
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_set_at", edgefn__absent());
    edgefn_str name = f->items[index].name;
    if (value.ptr == NULL) return edgefn_remove_at(f, index);
    edgefn__pass(ev, f->_kind, name, value);
    if (edgefn_str_eq(f->items[index].value, value)) return true;
    if (!(ev->_flags & EDGEFN__BUILDING) && !edgefn__value_ok(ev, f, name, value)) return false;
    if (!edgefn__cookie_header(ev, f, name, true)) return false;
    edgefn_field *items = edgefn__writable(ev, f, 0);
    if (items == NULL) return false;
    items[index].value = value;
    edgefn__update_change(f, &items[index]);
    return true;
}

/* Revives a removed field of the same name that was received after the position `after`, so that
   removing and adding counts as a change. Returns: false if there is none. */
static bool edgefn__take_back(edgefn_fields *f, edgefn_field *it, uint32_t after)
{
    edgefn_field *removed = (edgefn_field *)(uintptr_t)f->removed;
    for (size_t k = 0; k < f->removed_len; k++) {
        if (removed[k]._value <= after || !edgefn__same_name(&removed[k], it)) continue;
        edgefn_str value = it->value;
        *it = removed[k];
        it->value = value;
        it->attributes = edgefn__absent();
        f->removed_len--;
        if (k == 0) { /* the usual case; keeps reviving many linear */
            f->removed++;
            f->_removed_cap--;
        } else {
            edgefn__memmove(removed + k, removed + k + 1, (f->removed_len - k) * sizeof *removed);
        }
        edgefn__update_change(f, it);
        return true;
    }
    return false;
}

/* Finds a header by its name among the members of a list's object in the input. *empty: its value
   is [] or null. Returns: 0 if it is not there. */
static uint32_t edgefn__header_in_text(const char *p, const edgefn_fields *f, edgefn_str wanted,
                                       bool only_empty, bool *empty)
{
    edgefn__each e = edgefn__each_in(p, f->_open);
    while (edgefn__next(&e)) {
        *empty = p[e.value] == 'n' || (p[e.value] == '[' && p[edgefn__ws(p, e.value + 1)] == ']');
        if ((*empty || !only_empty)
            && edgefn__json_means(edgefn__string_at(p, e.name), wanted, EDGEFN__FOLD))
            return e.name;
    }
    return 0;
}

/* Assigns a new header to a received member without values: "name":[], or null in a lenient
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

/* The index after the last field of that name; 0 if there is none. */
static size_t edgefn__after_same(const edgefn_fields *f, const edgefn_field *it)
{
    for (size_t i = f->len; i > 0; i--) {
        if (edgefn__same_name(&f->items[i - 1], it)) return i;
    }
    return 0;
}

/* The index for a received name in a list in the order of the input. */
static size_t edgefn__group_place(const edgefn_fields *f, uint32_t group)
{
    size_t i = 0;
    while (i < f->len && f->items[i]._group != 0 && f->items[i]._group < group)
        i++;
    return i;
}

/* Returns the index for a new field in a list that keeps equal names together; `it` may be replaced
   by a removed field. */
static size_t edgefn__place_of(edgefn_event *ev, edgefn_fields *f, edgefn_field *it, bool known_new)
{
    bool reordered = (f->_flags & EDGEFN__REORDERED) != 0;
    size_t last = known_new ? 0 : edgefn__after_same(f, it);
    if (last > 0) {
        const edgefn_field *same = &f->items[last - 1];
        it->_group = same->_group;
        f->_flags |= EDGEFN__TOUCHED;
        if (same->_value != 0 && !reordered) edgefn__take_back(f, it, same->_value);
        return last;
    }
    bool received = edgefn__take_back(f, it, 0) || edgefn__fill_hollow(ev, f, it);
    return received && !reordered ? edgefn__group_place(f, it->_group) : f->len;
}

/* Inserts a valid field. In headers, and in the cookies of CloudFront Functions, whose format keeps
   equal names together, it goes after the last field of that name; a field that was received and
   removed returns to its place, so that removing and setting equals setting. In all other lists it
   goes to the end. */
EDGEFN__NOINLINE bool edgefn__insert(edgefn_event *ev, edgefn_fields *f, edgefn_str name,
                                     uint32_t tag, edgefn_str value, bool known_new)
{
    edgefn_field *items = edgefn__writable(ev, f, 1);
    edgefn_field it;
    size_t at = f->len;
    bool headers = edgefn__is_headers(f);
    if (items == NULL) return false;
    f->_filter |= EDGEFN__TAG_BIT(tag);
    edgefn__memset(&it, 0, sizeof it);
    it.name = headers ? edgefn_str_lower(ev, name) : name;
    if (headers && it.name.ptr == NULL) return false;
    if (headers && edgefn__is_lambda(ev)) it.key = name;
    it.value = value;
    it.change = EDGEFN_CHANGE_ADDED;
    it._tag = tag;
    if (headers || (f->_kind != EDGEFN__QUERY && edgefn__is_functions(ev)))
        at = edgefn__place_of(ev, f, &it, known_new);
    edgefn__memmove(items + at + 1, items + at, (f->len - at) * sizeof *items);
    items[at] = it;
    f->len++;
    return true;
}

EDGEFN__INLINE bool edgefn__field_ok(edgefn_event *ev, const edgefn_fields *f, edgefn_str name,
                                     edgefn_str value, bool lower)
{
    if (!lower && !edgefn__name_ok(ev, f, name)) return false;
    if (edgefn__is_headers(f) && edgefn__copy_plain(NULL, value)) return true;
    return edgefn__value_ok(ev, f, name, value);
}

/* edgefn_str_lower() of a name: most have 8 to 32 bytes. */
EDGEFN__INLINE edgefn_str edgefn__lowered(edgefn_event *ev, edgefn_str s)
{
#    ifdef EDGEFN__SSE2
    if (EDGEFN__LIKELY(s.len >= 8 && s.len <= 32)) {
        size_t half = s.len >= 16 ? 16 : 8;
        __m128i a = edgefn__load_half(s.ptr, half);
        __m128i b = edgefn__load_half(s.ptr + s.len - half, half);
        __m128i upper = _mm_or_si128(edgefn__upper16(a), edgefn__upper16(b));
        if (_mm_movemask_epi8(upper) == 0) return s;
        char *to = edgefn__take_bytes(ev, s.len);
        if (to == NULL) return edgefn__absent();
        edgefn__store_half(to, edgefn__lower16(a), half);
        edgefn__store_half(to + s.len - half, edgefn__lower16(b), half);
        return edgefn__str(to, s.len);
    }
#    endif
    return edgefn_str_lower(ev, s);
}

/* Appends a header to a list that has, and had, none of that name. lower: the name has no
   capitals. */
EDGEFN__INLINE bool edgefn__append(edgefn_event *ev, edgefn_fields *f, edgefn_str name,
                                   uint32_t tag, edgefn_str value, bool lower)
{
    edgefn_str low = lower ? name : edgefn__lowered(ev, name);
    edgefn_field *it = edgefn__room_after(ev, f);
    if (it == NULL || low.ptr == NULL) return false;
    it += f->len++;
    f->_filter |= EDGEFN__TAG_BIT(tag);
    it->name = low;
    it->value = value;
    it->key = edgefn__is_lambda(ev) ? name : edgefn__absent();
    it->attributes = edgefn__absent();
    it->change = EDGEFN_CHANGE_ADDED;
    it->_tag = tag;
    it->_group = 0;
    it->_value = 0;
    return true;
}

/* Adds a field while an event is built: names and values are not checked then. */
EDGEFN__INLINE bool edgefn__add_received(edgefn_event *ev, edgefn_fields *f, edgefn_str name,
                                         uint32_t tag, edgefn_str value)
{
    edgefn__cookie_header(ev, f, name, true); /* refuses nothing while an event is built */
    if (edgefn__is_headers(f) && (f->_filter & EDGEFN__TAG_BIT(tag)) == 0)
        return edgefn__append(ev, f, name, tag, value, false);
    return edgefn__insert(ev, f, name, tag, value, false);
}

/* tag: the hash of the name */
EDGEFN__INLINE bool edgefn__add(edgefn_fields *f, edgefn_str name, uint32_t tag, edgefn_str value,
                                bool known_new)
{
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL) return false;
    if (EDGEFN__UNLIKELY(ev->_flags & (EDGEFN__BUILDING | EDGEFN__LIFETIMES))) {
        if ((ev->_flags & EDGEFN__BUILDING) && name.ptr != NULL)
            return edgefn__add_received(ev, f, name, tag, value);
        edgefn__pass(ev, f->_kind, name, name);
        edgefn__pass(ev, f->_kind, name, value);
    }
    bool lower = edgefn__is_headers(f) && edgefn__lower_token(name);
    if (!edgefn__field_ok(ev, f, name, value, lower)) return false;
    if (!edgefn__cookie_header(ev, f, name, true)) return false;
    bool looks = f->removed_len != 0 || (f->_flags & EDGEFN__HOLLOW) != 0; /* for what was there */
    known_new = known_new || (f->_filter & EDGEFN__TAG_BIT(tag)) == 0;
    if (known_new && !looks && edgefn__is_headers(f))
        return edgefn__append(ev, f, name, tag, value, lower);
    return edgefn__insert(ev, f, name, tag, value, known_new);
}

/* True for a list whose event is being built, and may be. */
EDGEFN__INLINE bool edgefn__is_building(const edgefn_fields *f)
{
    const edgefn_event *ev = f->_ev;
    return ev != NULL && ev->_self == ev && (uintptr_t)f - (uintptr_t)ev < sizeof *ev
           && (ev->_flags & EDGEFN__BUILDING) && ev->err.code == EDGEFN_OK;
}

EDGEFN_API bool edgefn_add(edgefn_fields *f, edgefn_str name, edgefn_str value)
{
    if (value.ptr == NULL) return edgefn__editable(f) != NULL;
    if (name.ptr != NULL && edgefn__is_building(f))
        return edgefn__add_received(f->_ev, f, name, edgefn__tag(name), value);
    return edgefn__add(f, name, edgefn__tag(name), value, false);
}

EDGEFN_API bool edgefn_set(edgefn_fields *f, edgefn_str name, edgefn_str value)
{
    if (value.ptr == NULL) return edgefn_remove(f, name);
    if (EDGEFN__UNLIKELY(edgefn__is_written_back(f))) edgefn__editable(f);
    uint32_t tag = edgefn__tag(name);
    size_t i = name.ptr != NULL ? edgefn__find(f, name, tag, 0) : f->len;
    if (i == f->len) return edgefn__add(f, name, tag, value, true);
    if (!edgefn_set_at(f, i, value)) return false;
    if (edgefn_find(f, name, i + 1) == f->len) return true;
    return edgefn__remove_where(f, i + 1, edgefn__pick_name, &name);
}

/* Where a constant header's value is in its text. */
EDGEFN__INLINE size_t edgefn__const_value_at(size_t name_len, bool lambda)
{
    return lambda ? 2 * name_len + 23 : name_len + 13;
}

/* Appends a constant header whose name the list neither has nor had. Its text is checked here,
   once. Returns: false, with nothing done, if edgefn_set() must do it. */
EDGEFN__INLINE bool edgefn__append_const(edgefn_event *ev, edgefn_fields *f,
                                         const edgefn_const_header *c)
{
    bool lambda = edgefn__is_lambda(ev);
    const char *text = lambda ? c->_lambda : c->_functions;
    edgefn_str name = edgefn__str(text + 1, c->_name_len);
    edgefn_str value = edgefn__str(text + edgefn__const_value_at(name.len, lambda), c->_value_len);
    uint32_t tag = edgefn__tag(name);
    if (f->removed_len != 0 || (f->_flags & EDGEFN__HOLLOW)) return false;
    if (!edgefn__lower_token(name) || !edgefn__copy_plain(NULL, value)) return false;
    if (edgefn__find(f, name, tag, 0) != f->len) return false;
    return edgefn__cookie_header(ev, f, name, true)
           && edgefn__append(ev, f, name, tag, value, true);
}

EDGEFN_API bool edgefn_set_const(edgefn_fields *f, const edgefn_const_header *headers, size_t count)
{
    edgefn_event *ev = edgefn__editable(f);
    bool usual = ev != NULL && edgefn__is_headers(f)
                 && !(ev->_flags & (EDGEFN__BUILDING | EDGEFN__LIFETIMES));
    edgefn__constants run = { f, headers, f->len, 0 }; /* the last ones that were appended */
    for (size_t i = 0; i < count; i++) {
        const edgefn_const_header *c = &headers[i];
        if (usual && edgefn__append_const(ev, f, c)) {
            run.count++;
            continue;
        }
        edgefn_str name = edgefn__str(c->_functions + 1, c->_name_len);
        size_t value_at = edgefn__const_value_at(name.len, false);
        if (!edgefn_set(f, name, edgefn__str(c->_functions + value_at, c->_value_len)))
            return false;
        run.headers = c + 1;
        run.at = f->len;
        run.count = 0;
    }
    if (usual) ev->_constants = run;
    return ev != NULL;
}

/* True for a view that was edited and not yet written back. */
static bool edgefn__is_unwritten(const edgefn_fields *f)
{
    return (f->_flags & EDGEFN__DIRTY) && !(f->_flags & EDGEFN__SYNCED);
}

static int edgefn__by_name(const void *a, const void *b)
{
    return edgefn__compare(((const edgefn_field *)a)->name, ((const edgefn_field *)b)->name);
}

EDGEFN_API bool edgefn_sort(edgefn_fields *f)
{
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL) return false;
    if (edgefn__sorted(f->items, f->len, sizeof *f->items, edgefn__by_name)) return true;
    edgefn_field *items = edgefn__writable(ev, f, 0);
    if (items == NULL) return false;
    if (!edgefn__sort(ev, ev->arena.cap, items, f->len, sizeof *items, edgefn__by_name))
        return false;
    f->_flags |= EDGEFN__REORDERED;
    return true;
}

/*=== >>headers ====================================================================================
   Header values are read element by element and never split into lists. The functions that set
   headers only call edgefn_set(). */

/*--- answers ------------------------------------------------------------------------------------*/

/* Checks whether the event can have an answer. */
static bool edgefn__answerable(edgefn_event *ev, const char *where)
{
    if (!edgefn__is_ready(ev)) return edgefn__fail(ev, EDGEFN_E_MISUSE, where, edgefn__absent());
    if (ev->err.code != EDGEFN_OK) return false;
    if (edgefn__is_lambda(ev) && ev->type == EDGEFN_VIEWER_RESPONSE)
        return edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, where, edgefn__absent());
    return true;
}

static bool edgefn__status_change(edgefn_event *ev, const char *where, uint32_t status,
                                  edgefn_str text)
{
    uint32_t named = text.ptr == NULL ? status : 0;
    if (status < EDGEFN__STATUS_LOWEST || status > EDGEFN__STATUS_HIGHEST)
        return edgefn__fail(ev, EDGEFN_E_STATUS, where, edgefn__absent());
    text = edgefn__or(text, edgefn__status_text(status));
    if (!edgefn__is_text(text, true, ""))
        return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, where, text);
    edgefn__pass_member(ev, EDGEFN_MEMBER_STATUS_TEXT, text);
    ev->response.status = status;
    ev->response.status_text = text;
    ev->_named = named;
    ev->_flags &= ~(uint32_t)EDGEFN__TEXT_FILLED;
    return true;
}

/* Turns an event into an answer. In request events all other members of the answer are reset. */
static bool edgefn__answer(edgefn_event *ev, const char *where, uint32_t status, edgefn_str text)
{
    edgefn_response *to = &ev->response;
    if (edgefn_is_request(ev)) {
        ev->_unsynced[1] = NULL;
        ev->_flags &= ~edgefn__aside(1);
        edgefn__view_reset(&to->headers, 0);
        edgefn__view_reset(&to->_cookies, 0);
        edgefn__memset(&to->body, 0, sizeof to->body);
    }
    return edgefn__status_change(ev, where, status, text);
}

/* CloudFront caches an answer to origin-request unless it says otherwise. */
static bool edgefn__answer_uncached(edgefn_event *ev)
{
    if (ev->type != EDGEFN_ORIGIN_REQUEST) return true;
    return edgefn_set(&ev->response.headers, EDGEFN_S("Cache-Control"), EDGEFN_S("no-store"));
}

/*--- lists of elements --------------------------------------------------------------------------*/

/* Returns the offset of the first separator outside of quoted strings; s.len or more if there is
   none. */
static size_t edgefn__element_end(edgefn_str s, char separator)
{
    size_t i = 0;
    for (; i < s.len && s.ptr[i] != separator; i++) {
        if (s.ptr[i] == '"') i = edgefn__quoted_end(s, i);
    }
    return i;
}

/* Takes the next element of a list, trimmed, skipping empty ones. */
static bool edgefn__element_next(edgefn_str *rest, char separator, edgefn_str *element)
{
    element->len = 0;
    while (rest->len > 0 && element->len == 0) {
        size_t end = edgefn__element_end(*rest, separator);
        *element = edgefn_str_trim(edgefn_str_take(*rest, end));
        *rest = edgefn_str_skip(*rest, end + 1);
    }
    return element->len > 0;
}

/* Returns the value of NAME=VALUE, "" for NAME alone, absent if neither is there. */
static edgefn_str edgefn__element_get(edgefn_str list, char separator, edgefn_str name)
{
    edgefn_str e;
    while (edgefn__element_next(&list, separator, &e)) {
        edgefn_cut c = edgefn_str_cut(e, EDGEFN_S("="));
        edgefn_str v = edgefn_str_trim(c.tail);
        if (!edgefn_str_ieq(edgefn_str_trim(c.head), name)) continue;
        if (edgefn__enclosed(v, '"', '"')) v = edgefn__inside(v);
        return c.found ? v : edgefn_str_take(e, 0);
    }
    return edgefn__absent();
}

EDGEFN_API bool edgefn_header_value_ok(edgefn_str s)
{
    return edgefn__header_value_valid(s);
}

EDGEFN_API bool edgefn_header_has_token(edgefn_str value, edgefn_str token)
{
    edgefn_str e;
    while (edgefn__element_next(&value, ',', &e))
        if (edgefn_str_ieq(e, token)) return true;
    return false;
}

EDGEFN_API bool edgefn_header_has_type(edgefn_str value, edgefn_str type)
{
    edgefn_str sent = edgefn_str_trim(edgefn_str_cut(value, EDGEFN_S(";")).head);
    return value.ptr != NULL && edgefn_str_ieq(sent, type);
}

EDGEFN_API edgefn_str edgefn_header_credentials(edgefn_str value, edgefn_str scheme)
{
    edgefn_cut sent = edgefn_str_cut(value, EDGEFN_S(" "));
    bool there = sent.found && edgefn_str_ieq(sent.head, scheme);
    return there ? edgefn_str_trim(sent.tail) : edgefn__absent();
}

EDGEFN_API edgefn_str edgefn_header_directive(edgefn_str value, edgefn_str name)
{
    return edgefn__element_get(value, ',', name);
}

/* Reads "0.123" as 123. Returns: more than 1000 if the weight is invalid. */
static uint32_t edgefn__weight(edgefn_str s)
{
    const uint32_t invalid = 1001;
    uint32_t weight = 0;
    uint32_t unit = 1000;
    if (s.len == 0 || s.len > 5) return invalid;
    if (s.len > 1 && s.ptr[1] != '.') return invalid;
    for (size_t i = 0; i < s.len; i++) {
        if (i == 1) continue;
        if (!edgefn__digit(s.ptr[i])) return invalid;
        weight += (uint32_t)(s.ptr[i] - '0') * unit;
        unit /= 10;
    }
    return weight;
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

/* How specific a range is that matches an offer: higher is more specific, 0: it does not match. */
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
        if (edgefn_str_ieq(name, EDGEFN_S("q"))) break; /* what follows is not part of the type */
        if (!edgefn_str_ieq(edgefn__element_get(p, ';', name),
                            edgefn__element_get(o.tail, ';', name)))
            return 0;
    }
    return fit;
}
/* Returns the weight of an offer, in steps of 0.0005. fit: receives how specific the deciding range
   is. */
static uint32_t edgefn__offer_weight(edgefn_str value, edgefn_str offer, size_t *fit)
{
    uint32_t weight = edgefn_str_ieq(offer, EDGEFN_S("identity")); /* less than any weight sent */
    edgefn__range r;
    *fit = 0;
    while (edgefn__range_next(&value, &r)) {
        size_t n = edgefn__range_fit(&r, offer);
        if (n <= *fit) continue;
        *fit = n;
        weight = r.weight * 2;
    }
    return weight;
}

EDGEFN_API size_t edgefn_header_negotiate(edgefn_str value, const edgefn_str *offers, size_t count)
{
    size_t best = count;
    size_t best_fit = 0;
    uint32_t best_weight = 0;
    if (value.ptr == NULL) return 0;
    for (size_t i = 0; i < count; i++) {
        size_t fit;
        uint32_t weight = edgefn__offer_weight(value, offers[i], &fit);
        if (weight == 0 || weight < best_weight) continue;
        if (weight == best_weight && fit <= best_fit) continue;
        best = i;
        best_fit = fit;
        best_weight = weight;
    }
    return best;
}

static bool edgefn__tag_begins(edgefn_str tag, edgefn_str begin)
{
    return begin.len > 0 && edgefn_str_ieq(edgefn_str_take(tag, begin.len), begin)
           && (tag.len == begin.len || tag.ptr[begin.len] == '-');
}

/* How good an offer is: higher is better, 0: not acceptable. A range finds an offer if it begins
   with the offer. A range with q=0 rejects the offers that begin with it; the longest such range
   decides. */
static uint64_t edgefn__language_key(edgefn_str value, edgefn_str offer)
{
    uint64_t key = 0;
    size_t closest = 0;
    bool refused = false;
    bool no_other = false;
    edgefn__range r;
    for (edgefn_str rest = value; edgefn__range_next(&rest, &r);) {
        if (EDGEFN__IS(r.name, "*")) {
            no_other = no_other || r.weight == 0;
            if (r.weight != 0 && key == 0) key = 1;
            continue;
        }
        if (r.name.len >= closest && edgefn__tag_begins(offer, r.name)) {
            closest = r.name.len + 1;
            refused = r.weight == 0;
        }
        if (r.weight == 0 || !edgefn__tag_begins(r.name, offer)) continue;
        uint64_t place = UINT32_MAX - (uint32_t)(r.name.ptr - value.ptr);
        uint64_t k = (uint64_t)r.weight << 52 | place << 20 | (offer.len & 0xfffff);
        if (k > key) key = k;
    }
    if (refused || (no_other && key <= 1)) return 0;
    return key;
}

/* Goes through the offers, because going through the ranges would take quadratic time. The best
   offer is that of the best range (the first of equal ones), and among its offers the longest. */
EDGEFN_API size_t edgefn_header_language(edgefn_str value, const edgefn_str *offers, size_t count)
{
    size_t best = count;
    uint64_t best_key = 0;
    if (value.ptr == NULL) return 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t key = edgefn__language_key(value, offers[i]);
        if (key <= best_key) continue;
        best = i;
        best_key = key;
    }
    return best;
}

EDGEFN_API bool edgefn_header_vary(edgefn_event *ev, edgefn_str name)
{
    edgefn_fields *h = &ev->response.headers;
    const edgefn_str vary = EDGEFN_S("Vary");
    size_t last = h->len;
    if (!edgefn__token(name)) return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_header_vary", name);
    for (size_t i = edgefn_find(h, vary, 0); i < h->len; i = edgefn_find(h, vary, i + 1)) {
        edgefn_str value = h->items[i].value;
        if (edgefn_header_has_token(value, EDGEFN_S("*")) || edgefn_header_has_token(value, name))
            return edgefn__editable(h) != NULL;
        if (edgefn_str_trim(value).len != 0 && edgefn_header_value_ok(value)) last = i;
    }
    if (last == h->len || EDGEFN__IS(name, "*")) return edgefn_set(h, vary, name);
    const edgefn_str parts[3] = { h->items[last].value, EDGEFN_S(", "), name };
    return edgefn_set_at(h, last, edgefn_str_join(ev, parts, 3));
}
EDGEFN_API bool edgefn_header_security(edgefn_event *ev, const edgefn_security_opts *opts)
{
    EDGEFN__DEFAULTS(edgefn_security_opts, opts);
    edgefn_fields *h = &ev->response.headers;
    const edgefn_str no = EDGEFN_S("");
    bool framed = opts->frame_options.ptr != NULL || edgefn_has(h, EDGEFN_S("x-frame-options"));
    const edgefn_str csp = framed ? no : EDGEFN_S("frame-ancestors 'none'");
    const struct {
        edgefn_str name, given, usual;
    } rows[7] = { { EDGEFN_S("Strict-Transport-Security"), opts->hsts,
                    EDGEFN_S("max-age=63072000") },
                  { EDGEFN_S("Content-Security-Policy"), opts->csp, csp },
                  { EDGEFN_S("X-Content-Type-Options"), EDGEFN_S("nosniff"), no },
                  { EDGEFN_S("X-Frame-Options"), opts->frame_options, EDGEFN_S("DENY") },
                  { EDGEFN_S("X-XSS-Protection"), opts->xss_protection, no },
                  { EDGEFN_S("Permissions-Policy"), opts->permissions_policy, no },
                  { EDGEFN_S("Referrer-Policy"), opts->referrer_policy,
                    EDGEFN_S("strict-origin-when-cross-origin") } };
    for (size_t i = 0; i < EDGEFN__COUNT(rows); i++) {
        edgefn_str value = rows[i].given;
        /* a default never replaces the origin's value, which may be stricter */
        if (value.ptr == NULL && !edgefn_has(h, rows[i].name)) value = rows[i].usual;
        if (value.len != 0 && !edgefn_set(h, rows[i].name, value)) return false;
    }
    return true;
}
static bool edgefn__cors_origin_ok(edgefn_str origin)
{
    edgefn_cut c = edgefn_str_cut(origin, EDGEFN_S("://"));
    if (c.head.len == 0 || c.tail.len == 0) return false;
    return !edgefn__has_byte(c.tail, '/') && !edgefn__has_byte(c.tail, '*');
}

static bool edgefn__cors_opts_ok(const edgefn_cors_opts *opts)
{
    const edgefn_str lists[3] = { opts->methods, opts->headers, opts->expose };
    if (opts->any_origin && (opts->credentials || opts->origin_count != 0)) return false;
    for (size_t i = 0; i < 3 && opts->credentials; i++) {
        if (edgefn_header_has_token(lists[i], EDGEFN_S("*"))) return false;
    }
    for (size_t i = 0; i < opts->origin_count; i++) {
        if (!edgefn__cors_origin_ok(opts->origins[i])) return false;
    }
    return true;
}

static bool edgefn__cors_allowed(const edgefn_event *ev, const edgefn_cors_opts *opts)
{
    const edgefn_str name = EDGEFN_S("origin");
    edgefn_str origin = edgefn_get(&ev->request.headers, name);
    if (opts->any_origin) return true;
    if (edgefn_count(&ev->request.headers, name) != 1) return false;
    for (size_t i = 0; i < opts->origin_count; i++) {
        if (edgefn_str_eq(origin, opts->origins[i])) return true;
    }
    return false;
}

static bool edgefn__cors_preflight(const edgefn_event *ev)
{
    const edgefn_fields *h = &ev->request.headers;
    return EDGEFN__IS(ev->request.method, "OPTIONS") && edgefn_has(h, EDGEFN_S("origin"))
           && edgefn_has(h, EDGEFN_S("access-control-request-method"));
}

/* Sets the CORS headers that the request's origin is entitled to and removes the others. */
static bool edgefn__cors_write(edgefn_event *ev, const edgefn_cors_opts *opts, bool allowed,
                               bool preflight)
{
    edgefn_str origin = edgefn_get(&ev->request.headers, EDGEFN_S("origin"));
    edgefn_str age = edgefn__absent();
    if (opts->any_origin) origin = EDGEFN_S("*");
    if (preflight && opts->max_age_s != 0) age = edgefn_str_from_u64(ev, opts->max_age_s);
    const struct {
        edgefn_str name, value;
    } rows[6] = {
        { EDGEFN_S("Access-Control-Allow-Origin"), edgefn__when(allowed, origin) },
        { EDGEFN_S("Access-Control-Allow-Credentials"),
          edgefn__when(allowed && opts->credentials, EDGEFN_S("true")) },
        { EDGEFN_S("Access-Control-Expose-Headers"),
          edgefn__when(allowed && !preflight, opts->expose) },
        { EDGEFN_S("Access-Control-Allow-Methods"), edgefn__when(preflight, opts->methods) },
        { EDGEFN_S("Access-Control-Allow-Headers"), edgefn__when(preflight, opts->headers) },
        { EDGEFN_S("Access-Control-Max-Age"), age }
    };
    for (size_t i = 0; i < EDGEFN__COUNT(rows); i++) {
        if (!edgefn_set(&ev->response.headers, rows[i].name, rows[i].value)) return false;
    }
    return true;
}

EDGEFN_API bool edgefn_header_cors(edgefn_event *ev, const edgefn_cors_opts *opts)
{
    EDGEFN__DEFAULTS(edgefn_cors_opts, opts);
    const char *respond = "edgefn_respond";
    if (!edgefn__cors_opts_ok(opts))
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_header_cors", edgefn__absent());
    bool allowed = edgefn__cors_allowed(ev, opts);
    bool preflight = edgefn__cors_preflight(ev);
    if (edgefn_is_request(ev) && ev->response.status == 0) {
        if (!preflight) return ev->err.code == EDGEFN_OK;
        if (!edgefn__answerable(ev, respond)) return false;
        edgefn__answer(ev, respond, 204, edgefn__absent());
        if (!edgefn__answer_uncached(ev)) return false;
    }
    if (!edgefn__cors_write(ev, opts, allowed, preflight && allowed)) return false;
    return opts->any_origin || edgefn_header_vary(ev, EDGEFN_S("Origin"));
}
static edgefn_str edgefn__cache_text(edgefn_event *ev, const edgefn_cache_opts *opts)
{
    if (opts->no_store) return EDGEFN_S("no-store");
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    if (opts->browser_only) EDGEFN__PUT(&t, "private, ");
    EDGEFN__PUT(&t, "max-age=");
    edgefn__put_number(&t, opts->max_age_s);
    if (opts->shared_max_age_s != 0) {
        EDGEFN__PUT(&t, ", s-maxage=");
        edgefn__put_number(&t, opts->shared_max_age_s);
    }
    if (opts->stale_revalidate_s != 0) {
        EDGEFN__PUT(&t, ", stale-while-revalidate=");
        edgefn__put_number(&t, opts->stale_revalidate_s);
    }
    if (opts->immutable) EDGEFN__PUT(&t, ", immutable");
    return edgefn__text_end(ev, &t);
}

EDGEFN_API bool edgefn_header_cache(edgefn_event *ev, const edgefn_cache_opts *opts)
{
    EDGEFN__DEFAULTS(edgefn_cache_opts, opts);
    bool shared = opts->shared_max_age_s != 0;
    bool aged = opts->max_age_s != 0 || shared || opts->stale_revalidate_s != 0;
    bool stores = aged || opts->immutable || opts->browser_only;
    if ((opts->no_store && stores) || (opts->browser_only && shared))
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_header_cache", edgefn__absent());
    edgefn_str value = edgefn__cache_text(ev, opts);
    return edgefn_set(&ev->response.headers, EDGEFN_S("Cache-Control"), value);
}

/* True for a header whose name some servers read as another: CGI makes '_' of '-', and some servers
   make it of every character but letters and digits. */
static bool edgefn__pick_alike(const edgefn_fields *f, const edgefn_field *it, const void *with)
{
    edgefn_str name = *(const edgefn_str *)with;
    (void)f;
    if (it->name.len != name.len) return false;
    for (size_t i = 0; i < name.len; i++) {
        bool plain = edgefn__alnum(name.ptr[i]);
        if (plain != edgefn__alnum(it->name.ptr[i])) return false;
        if (plain && (name.ptr[i] | 32) != (it->name.ptr[i] | 32)) return false;
    }
    return true;
}

EDGEFN_API bool edgefn_header_trusted(edgefn_event *ev, edgefn_str name, edgefn_str value)
{
    edgefn_fields *headers = &ev->request.headers;
    return edgefn__remove_where(headers, 0, edgefn__pick_alike, &name)
           && edgefn_set(headers, name, value);
}

/*=== >>query and cookies: views parsed from text ==================================================
   A view is a list parsed from a text on first use: the raw query, or the cookie headers of
   Lambda@Edge. Its names and values point into the text. Edits change the view only;
   edgefn__sync_query() and edgefn__sync_cookies() write it back before anything is checked or
   written. If the text was edited as well, that is EDGEFN_E_CONFLICT. */

/* Appends to a view that is being built. Nothing else may be taken from the arena meanwhile: the
   items are one array. */
EDGEFN__INLINE edgefn_field *edgefn__view_add(edgefn_event *ev, edgefn_fields *f, uint32_t group)
{
    void *room = f->len == 0 ? edgefn__take(ev, 1, sizeof(edgefn_field), 8)
                             : edgefn__take_bytes(ev, sizeof(edgefn_field));
    edgefn_field *it = (edgefn_field *)room;
    if (it == NULL) return NULL;
    if (f->len == 0) {
        f->items = it;
        f->_received = it;
    }
    f->len++;
    f->_received_len = (uint32_t)f->len;
    it->key = edgefn__absent();
    it->attributes = edgefn__absent();
    it->change = EDGEFN_CHANGE_NONE;
    it->_group = group;
    it->_value = (uint32_t)f->len;
    return it;
}

/* Adds name=value. Text without '=' is the value of a cookie without a name, or the name of a
   parameter without a value. */
EDGEFN__INLINE bool edgefn__view_pair(edgefn_event *ev, edgefn_fields *f, edgefn_str piece,
                                      uint32_t group, bool cookie)
{
    size_t at = edgefn__find_byte(piece.ptr, piece.len, 0, '=');
    edgefn_field *it = edgefn__view_add(ev, f, group);
    if (it == NULL) return false;
    if (at == piece.len) {
        size_t name_len = cookie ? 0 : piece.len;
        it->name = edgefn_str_take(piece, name_len);
        it->value = edgefn_str_skip(piece, name_len);
    } else {
        it->name = edgefn__str(piece.ptr, at);
        it->value = edgefn__str(piece.ptr + at + 1, piece.len - at - 1);
        if (cookie) { /* the piece is trimmed */
            it->name = edgefn__trim_end(it->name);
            it->value = edgefn__trim_start(it->value);
        }
    }
    it->_tag = edgefn__tag(it->name);
    f->_filter |= EDGEFN__TAG_BIT(it->_tag);
    return true;
}

/* True if the raw query is the text from which the list was parsed. */
static bool edgefn__query_unchanged(const edgefn_request *q)
{
    return q->_query_source.ptr == q->querystring.ptr && q->_query_source.len == q->querystring.len;
}

/* True if the list is up to date: it was parsed from the raw query, or there is and was no raw
   query. */
static bool edgefn__query_current(const edgefn_request *q)
{
    bool viewed = q->querystring.ptr == NULL || (q->_query._flags & EDGEFN__VIEWED) != 0;
    return viewed && edgefn__query_unchanged(q);
}
/* Parses a text into a list of parameters. Without memory the list is empty and ev->err set. */
static void edgefn__query_read(edgefn_event *ev, edgefn_fields *f, edgefn_str text)
{
    edgefn__view_reset(f, EDGEFN__VIEWED | EDGEFN__FROM_TEXT);
    for (edgefn_str rest = text; rest.ptr != NULL;) {
        edgefn_cut c = edgefn_str_cut(rest, EDGEFN_S("&"));
        rest = c.tail;
        if (c.head.len != 0 && !edgefn__view_pair(ev, f, c.head, 0, false)) break;
    }
    if (ev->err.code == EDGEFN_E_OOM) f->len = 0;
}

EDGEFN_API edgefn_fields *edgefn_query(edgefn_event *ev)
{
    edgefn_request *q = &ev->request;
    edgefn_fields *f = &q->_query;
    if (!edgefn__is_ready(ev) || edgefn__query_current(q)) return f;
    if (f->_flags & EDGEFN__DIRTY) {
        edgefn__fail(ev, EDGEFN_E_CONFLICT, "request.querystring", q->querystring);
        return f;
    }
    q->_query_source = q->querystring;
    q->_query_received = q->querystring;
    edgefn__query_read(ev, f, q->querystring);
    return f;
}

/* A query that starts with '?' is a mistake of the handler, unless the received one does as
   well. */
static bool edgefn__query_ok(const edgefn_event *ev, edgefn_str q)
{
    edgefn__span had = ev->_had[EDGEFN_MEMBER_QUERYSTRING];
    edgefn_str was = edgefn__absent();
    if (!edgefn__is_text(q, false, " #")) return false;
    if (!edgefn_str_starts(q, EDGEFN_S("?"))) return true;
    if (ev->_parts != NULL)
        was = ev->_parts[EDGEFN_MEMBER_QUERYSTRING];
    else if (had.at != 0)
        was = edgefn__str(ev->_json.ptr + had.at + 1, 1);
    return edgefn_str_starts(was, EDGEFN_S("?"));
}

EDGEFN_API bool edgefn_query_set_raw(edgefn_event *ev, edgefn_str querystring)
{
    edgefn_fields *f = &ev->request._query;
    if (edgefn__editable(f) == NULL) return false;
    if (f->_flags & EDGEFN__DIRTY)
        return edgefn__fail(ev, EDGEFN_E_CONFLICT, "edgefn_query_set_raw", querystring);
    if (!edgefn__query_ok(ev, querystring))
        return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, "edgefn_query_set_raw", querystring);
    edgefn__pass_member(ev, EDGEFN_MEMBER_QUERYSTRING, querystring);
    ev->request.querystring = querystring;
    return true;
}

/* True for a cookie without a name that is written without '='. It needs the '=' if its value would
   otherwise be parsed as a name and value, or be skipped. */
static bool edgefn__nameless(const edgefn_fields *f, const edgefn_field *it)
{
    return f->_kind != EDGEFN__QUERY && it->name.len == 0 && edgefn__trim(it->value).len != 0
           && !edgefn_str_contains(it->value, EDGEFN_S("="));
}

/* Writes the list as text. An unchanged field that was parsed from text is written as received: `a`
   and `a=` differ. */
static void edgefn__put_pairs(edgefn__text *t, const edgefn_fields *f, size_t from, size_t to,
                              const char *between, size_t between_len)
{
    for (size_t i = from; i < to; i++) {
        const edgefn_field *it = &f->items[i];
        if (i > from) edgefn__put(t, between, between_len);
        if ((f->_flags & EDGEFN__FROM_TEXT) && it->change == EDGEFN_CHANGE_NONE) {
            edgefn__put(t, it->name.ptr, (size_t)(it->value.ptr + it->value.len - it->name.ptr));
            continue;
        }
        edgefn__put(t, it->name.ptr, it->name.len);
        if (!edgefn__nameless(f, it)) EDGEFN__PUT(t, "=");
        edgefn__put(t, it->value.ptr, it->value.len);
    }
}

/* Reports whether a list differs from what was received. */
static bool edgefn__list_differs(const edgefn_fields *f)
{
    if (f->removed_len != 0 || f->len != f->_received_len) return true;
    for (size_t i = 0; i < f->len; i++) { /* sorted and sorted back is not a difference */
        if (f->items[i].change != EDGEFN_CHANGE_NONE
            || f->items[i]._value != f->_received[i]._value)
            return true;
    }
    return false;
}

EDGEFN_API edgefn_str edgefn_query_text(edgefn_event *ev)
{
    edgefn_fields *f = &ev->request._query;
    bool from_list = edgefn__is_unwritten(f);
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

/* Returns the byte that %XX at s[i] encodes; -1 if there is no %XX. */
static int edgefn__percent(edgefn_str s, size_t i)
{
    int high = s.ptr[i] == '%' && s.len - i > 2 ? edgefn__hex(s.ptr[i + 1]) : -1;
    int low = high >= 0 ? edgefn__hex(s.ptr[i + 2]) : -1;
    return low >= 0 ? high * 16 + low : -1;
}

/* Flags: RAW: '%' is an ordinary byte; DECODE: decode only; PLUS: '+' is a space; LOWER: letters
   become lower case; PATH: backslash becomes '/', and dot segments are resolved; FORM: a space
   becomes '+', and '~' is encoded. */
enum {
    EDGEFN__RAW = 1,
    EDGEFN__DECODE = 2,
    EDGEFN__PLUS = 4,
    EDGEFN__LOWER = 8,
    EDGEFN__PATH = 16,
    EDGEFN__FORM = 32
};

/* A byte of a text as these flags read it. */
EDGEFN__INLINE char edgefn__meant(char c, unsigned how)
{
    if (c == '+' && (how & EDGEFN__PLUS)) return ' ';
    if (c == '\\' && (how & EDGEFN__PATH)) return '/';
    return c;
}

/* Writes all spellings of a text alike: unreserved characters and those of `keep` as they are, all
   other bytes as upper-case %XX. Encoded bytes of `keep` stay encoded. */
static void edgefn__put_alike(edgefn__text *t, edgefn_str s, edgefn_str keep, unsigned how)
{
    for (size_t i = 0; i < s.len; i++) {
        int v = how & EDGEFN__RAW ? -1 : edgefn__percent(s, i);
        char c = v >= 0 ? (char)v : edgefn__meant(s.ptr[i], how);
        if (how & EDGEFN__LOWER) c = edgefn__lower(c);
        if (v >= 0) i += 2;
        bool plain = (how & EDGEFN__DECODE) || edgefn__unreserved(c);
        if (!plain) plain = v < 0 && edgefn__has_byte(keep, c);
        if (how & EDGEFN__FORM) {
            plain = plain && c != '~';
            if (c == ' ') c = '+';
        }
        if (plain)
            edgefn__put(t, &c, 1);
        else
            edgefn__put_percent(t, c);
    }
}

/* The offset at which the last segment of p[0, n) starts. */
EDGEFN__INLINE size_t edgefn__last_segment(const char *p, size_t n)
{
    while (n > 0) {
        n--;
        if (p[n] == '/') break;
    }
    return n;
}

/* Resolves dot segments in place (RFC 3986 section 5.2.4) and, with `merge`, removes empty
   segments. */
static size_t edgefn__resolve(char *p, size_t n, bool merge)
{
    size_t to = 0;
    size_t at = 0;
    if (n == 0 || p[0] != '/') return n;
    while (at < n) {
        size_t end = edgefn__find_byte(p, n, at + 1, '/');
        edgefn_str piece = edgefn__str(p + at, end - at);
        bool dots = EDGEFN__IS(piece, "/..");
        bool dropped = dots || EDGEFN__IS(piece, "/.") || (merge && piece.len == 1);
        if (dots) to = edgefn__last_segment(p, to);
        if (!dropped) {
            edgefn__memmove(p + to, p + at, piece.len);
            to += piece.len;
        } else if (end == n) {
            p[to++] = '/';
        }
        at = end;
    }
    return to;
}

/* edgefn__put_alike() as a string: s itself, without memory, if nothing changes. */
static edgefn_str edgefn__alike(edgefn_event *ev, edgefn_str s, edgefn_str keep, unsigned how)
{
    if (s.ptr == NULL) return s;
    edgefn__scope scope = edgefn__scope_begin(ev);
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    char *start = t.at;
    edgefn__put_alike(&t, s, keep, how);
    if (how & EDGEFN__PATH) t.at = start + edgefn__resolve(start, (size_t)(t.at - start), true);
    edgefn_str made = edgefn__text_end(ev, &t);
    if (!edgefn_str_eq(made, s)) return made;
    edgefn__scope_end(ev, scope);
    return s;
}

/* Reports whether s, decoded, equals a plain text, or with `open` starts with it. */
static bool edgefn__decodes_to(edgefn_str s, edgefn_str plain, bool open)
{
    size_t k = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (k == plain.len) return open;
        int v = edgefn__percent(s, i);
        char c = v >= 0 ? (char)v : edgefn__meant(s.ptr[i], EDGEFN__PLUS);
        if (c != plain.ptr[k++]) return false;
        if (v >= 0) i += 2;
    }
    return k == plain.len;
}

EDGEFN_API size_t edgefn_query_find(edgefn_event *ev, edgefn_str name, size_t from)
{
    const edgefn_fields *f = edgefn_query(ev);
    size_t i = name.ptr != NULL && from < f->len ? from : f->len;
    while (i < f->len && !edgefn__decodes_to(f->items[i].name, name, false))
        i++;
    return i;
}

EDGEFN_API edgefn_str edgefn_query_get(edgefn_event *ev, edgefn_str name)
{
    size_t i = edgefn_query_find(ev, name, 0);
    const edgefn_fields *f = edgefn_query(ev);
    if (i == f->len) return edgefn__absent();
    return edgefn__alike(ev, f->items[i].value, edgefn__absent(), EDGEFN__DECODE | EDGEFN__PLUS);
}

static bool edgefn__pick_decoded(const edgefn_fields *f, const edgefn_field *it, const void *with)
{
    edgefn_str name = *(const edgefn_str *)with;
    bool open = edgefn_str_ends(name, EDGEFN_S("*"));
    (void)f;
    return edgefn__decodes_to(it->name, edgefn_str_take(name, name.len - (open ? 1 : 0)), open);
}

EDGEFN_API bool edgefn_query_remove(edgefn_event *ev, edgefn_str name)
{
    edgefn_fields *f = edgefn_query(ev);
    if (name.ptr == NULL) return edgefn__editable(f) != NULL;
    return edgefn__remove_where(f, 0, edgefn__pick_decoded, &name);
}

/* Reports whether a name equals a pattern, which is a prefix if '*' ends it. */
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
    if (!edgefn__query_unchanged(q))
        return edgefn__fail(ev, EDGEFN_E_CONFLICT, "request.querystring", q->querystring);
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

/* A parameter of a normalised query, from its name to the end of its value. */
typedef struct edgefn__param {
    const char *at;
    uint32_t name_len, len;
} edgefn__param;

static edgefn_str edgefn__param_name(const edgefn__param *p)
{
    return edgefn__str(p->at, p->name_len);
}

/* The '=' and the value; "" without '='. */
static edgefn_str edgefn__param_rest(const edgefn__param *p)
{
    return edgefn__str(p->at + p->name_len, p->len - p->name_len);
}

static int edgefn__param_by_name(const void *a, const void *b)
{
    return edgefn__compare(edgefn__param_name((const edgefn__param *)a),
                           edgefn__param_name((const edgefn__param *)b));
}

/* By name, then by value, a parameter without '=' before one whose value is empty. */
static int edgefn__param_by_value(const void *a, const void *b)
{
    int d = edgefn__param_by_name(a, b);
    if (d != 0) return d;
    return edgefn__compare(edgefn__param_rest((const edgefn__param *)a),
                           edgefn__param_rest((const edgefn__param *)b));
}

/* True if b adds nothing to a, which precedes it: the same, or with an empty value where a has no
   '='. */
static bool edgefn__param_again(const edgefn__param *a, const edgefn__param *b)
{
    edgefn_str x = edgefn__param_rest(a);
    edgefn_str y = edgefn__param_rest(b);
    return edgefn__param_by_name(a, b) == 0 && (edgefn_str_eq(x, y) || (x.len == 0 && y.len == 1));
}

/* Splits a query into its parameters. */
static edgefn__param *edgefn__params(edgefn_event *ev, edgefn_str text, size_t *count)
{
    edgefn_str name;
    edgefn_str value;
    size_t n = 0;
    for (edgefn_str rest = text; edgefn_form_next(&rest, &name, &value);)
        n++;
    edgefn__param *p = (edgefn__param *)edgefn__take(ev, n, sizeof *p, 8);
    if (p == NULL) return NULL;
    n = 0;
    for (edgefn_str rest = text; edgefn_form_next(&rest, &name, &value); n++) {
        p[n].at = name.ptr;
        p[n].name_len = (uint32_t)name.len;
        p[n].len = (uint32_t)(value.ptr + value.len - name.ptr);
    }
    *count = n;
    return p;
}

/* Writes the parameters of a query sorted by name; with `values` by value, too, and equal ones
   once. */
static edgefn_str edgefn__query_sorted(edgefn_event *ev, edgefn_str text, bool values)
{
    size_t n = 0;
    edgefn__param *p = edgefn__params(ev, text, &n);
    if (p == NULL) return edgefn__absent();
    if (!edgefn__sort(ev, ev->arena.cap, p, n, sizeof *p,
                      values ? edgefn__param_by_value : edgefn__param_by_name))
        return edgefn__absent();
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    const edgefn__param *last = NULL;
    for (const edgefn__param *it = p; it < p + n; it++) {
        if (values && last != NULL && edgefn__param_again(last, it)) continue;
        if (last != NULL) EDGEFN__PUT(&t, "&");
        edgefn__put(&t, it->at, it->len);
        last = it;
    }
    return edgefn__text_end(ev, &t);
}

static bool edgefn__query_wanted(const edgefn_query_opts *opts, edgefn_str name)
{
    if (opts->keep != NULL && !edgefn__listed(opts->keep, opts->keep_count, name)) return false;
    return !edgefn__listed(opts->drop, opts->drop_count, name);
}

/* Writes the wanted parameters in the order of the text, all spellings alike. */
static edgefn_str edgefn__query_alike(edgefn_event *ev, edgefn_str text,
                                      const edgefn_query_opts *opts)
{
    unsigned how = opts->plus_is_space ? EDGEFN__PLUS : 0;
    unsigned how_names = how | (opts->lower_case_names ? EDGEFN__LOWER : 0);
    edgefn_str name;
    edgefn_str value;
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    char *start = t.at;
    for (edgefn_str rest = text; edgefn_form_next(&rest, &name, &value);) {
        char *before = t.at;
        bool bare = value.ptr == name.ptr + name.len; /* without '=' */
        if (before != start) EDGEFN__PUT(&t, "&");
        const char *from = t.at;
        edgefn__put_alike(&t, name, EDGEFN_S("!$'()*+,;:@/"), how_names);
        edgefn_str written = edgefn__str(from, (size_t)(t.at - from));
        if (!bare) EDGEFN__PUT(&t, "=");
        edgefn__put_alike(&t, value, EDGEFN_S("!$'()*+,;:@/?="), how);
        if (!edgefn__query_wanted(opts, written)) t.at = before;
    }
    return edgefn__text_end(ev, &t);
}

EDGEFN_API bool edgefn_query_normalize(edgefn_event *ev, const edgefn_query_opts *opts)
{
    EDGEFN__DEFAULTS(edgefn_query_opts, opts);
    edgefn_request *q = &ev->request;
    edgefn_fields *f = &q->_query;
    if (edgefn__editable(f) == NULL || !edgefn__sync_query(ev)) return false;
    edgefn__scope scope = edgefn__scope_begin(ev);
    edgefn_str text = edgefn_query_text(ev);
    edgefn_str made = edgefn__query_alike(ev, text, opts);
    if (made.ptr != NULL) made = edgefn__query_sorted(ev, made, opts->sort_values);
    if (made.ptr == NULL) return false;
    if (edgefn_str_eq(made, text)) {
        edgefn__scope_end(ev, scope);
        return true;
    }
    bool viewed = q->querystring.ptr == NULL || (f->_flags & EDGEFN__VIEWED) != 0;
    edgefn__view_reset(f, 0);
    q->querystring = q->_query_source = q->_query_received = edgefn__absent();
    q->querystring = edgefn__scope_end_but(ev, scope, made);
    if (viewed) edgefn_query(ev); /* the handler may hold the list */
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

EDGEFN_API edgefn_str edgefn_form_encode(edgefn_event *ev, edgefn_str s)
{
    return edgefn__alike(ev, s, EDGEFN_S(" *"), EDGEFN__RAW | EDGEFN__FORM);
}

/* Cuts the next cookie, which may be empty, off a header. */
EDGEFN__INLINE edgefn_str edgefn__next_cookie(edgefn_str all, size_t *from)
{
    size_t end = edgefn__find_byte(all.ptr, all.len, *from, ';');
    edgefn_str piece = edgefn__trim(edgefn__str(all.ptr + *from, end - *from));
    *from = end + 1;
    if (*from < all.len && all.ptr[*from] == ' ') ++*from; /* usual: nothing is left to trim */
    return piece;
}

/* Adds the cookies of one header of a request. */
static bool edgefn__cookie_header_read(edgefn_event *ev, edgefn_fields *f, edgefn_str all,
                                       uint32_t entry)
{
    for (size_t from = 0; from <= all.len;) {
        edgefn_str piece = edgefn__next_cookie(all, &from);
        if (piece.len != 0 && !edgefn__view_pair(ev, f, piece, entry, true)) return false;
    }
    return true;
}

/* The value of the first cookie of a name, which is not "", in one header; absent if there is
   none. */
static edgefn_str edgefn__cookie_in(edgefn_str all, edgefn_str name)
{
    for (size_t from = 0; from <= all.len;) {
        edgefn_str piece = edgefn__next_cookie(all, &from);
        if (!edgefn_str_starts(piece, name)) continue;
        size_t at = edgefn__find_byte(piece.ptr, piece.len, 0, '=');
        if (at == piece.len || !edgefn_str_eq(edgefn__trim_end(edgefn_str_take(piece, at)), name))
            continue;
        return edgefn__trim_start(edgefn_str_skip(piece, at + 1));
    }
    return edgefn__absent();
}

/* Adds the cookie of one header of a response, and its attributes. */
static bool edgefn__set_cookie_read(edgefn_event *ev, edgefn_fields *f, edgefn_str all,
                                    uint32_t entry)
{
    size_t end = edgefn__find_byte(all.ptr, all.len, 0, ';');
    if (!edgefn__view_pair(ev, f, edgefn__trim(edgefn_str_take(all, end)), entry, true))
        return false;
    edgefn_field *it = (edgefn_field *)(uintptr_t)f->items + f->len - 1;
    if (end < all.len) it->attributes = edgefn__trim(edgefn_str_skip(all, end + 1));
    return true;
}

/* Parses the headers of a name into a list of cookies. Without memory the list is empty and ev->err
   set. */
static void edgefn__cookies_read(edgefn_event *ev, edgefn_fields *f, edgefn_fields *headers,
                                 edgefn_str header, bool request)
{
    uint32_t entry = 0;
    edgefn__view_reset(f, EDGEFN__VIEWED | EDGEFN__FROM_TEXT);
    for (size_t i = edgefn_find(headers, header, 0); i < headers->len;
         i = edgefn_find(headers, header, i + 1)) {
        edgefn_str all = headers->items[i].value;
        entry++;
        bool done = request ? edgefn__cookie_header_read(ev, f, all, entry)
                            : edgefn__set_cookie_read(ev, f, all, entry);
        if (done) continue;
        f->len = 0;
        return;
    }
}

/* Returns the view of all Cookie or Set-Cookie headers of a Lambda@Edge event, parsed if it is not
   up to date. */
static edgefn_fields *edgefn__cookie_view(edgefn_event *ev, edgefn_fields *f,
                                          edgefn_fields *headers, edgefn_str header, bool request)
{
    if (!edgefn__is_ready(ev) || edgefn__is_functions(ev)) return f;
    if ((f->_flags & EDGEFN__VIEWED) && !(headers->_flags & EDGEFN__COOKIE_TOUCHED)) return f;
    if (edgefn__is_unwritten(f)) {
        edgefn__fail(ev, EDGEFN_E_CONFLICT, edgefn__list_name(f), header);
        return f;
    }
    headers->_flags &= ~(uint32_t)EDGEFN__COOKIE_TOUCHED;
    edgefn__cookies_read(ev, f, headers, header, request);
    return f;
}

EDGEFN_API edgefn_fields *edgefn_cookies(edgefn_event *ev)
{
    return edgefn__cookie_view(ev, &ev->request._cookies, &ev->request.headers, EDGEFN_S("cookie"),
                               true);
}

EDGEFN_API edgefn_str edgefn_cookie_get(edgefn_event *ev, edgefn_str name)
{
    const edgefn_fields *headers = &ev->request.headers;
    bool listed = edgefn__is_functions(ev) || (ev->request._cookies._flags & EDGEFN__VIEWED);
    if (listed || name.len == 0 || !edgefn__is_ready(ev))
        return edgefn_get(edgefn_cookies(ev), name);
    for (size_t i = edgefn_find(headers, EDGEFN_S("cookie"), 0); i < headers->len;
         i = edgefn_find(headers, EDGEFN_S("cookie"), i + 1)) {
        edgefn_str found = edgefn__cookie_in(headers->items[i].value, name);
        if (found.ptr != NULL) return found;
    }
    return edgefn__absent();
}

EDGEFN_API edgefn_fields *edgefn_response_cookies(edgefn_event *ev)
{
    return edgefn__cookie_view(ev, &ev->response._cookies, &ev->response.headers,
                               EDGEFN_S("set-cookie"), false);
}

EDGEFN_API bool edgefn_set_attributes_at(edgefn_fields *set_cookies, size_t index,
                                         edgefn_str attributes)
{
    edgefn_fields *f = set_cookies;
    edgefn_event *ev = edgefn__editable(f);
    if (ev == NULL) return false;
    if (index >= f->len || f->_kind != EDGEFN__RESPONSE_COOKIES)
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_set_attributes_at", edgefn__absent());
    edgefn__pass(ev, f->_kind, f->items[index].name, attributes);
    if (edgefn_str_eq(f->items[index].attributes, attributes)) return true;
    if (attributes.ptr != NULL && !(ev->_flags & EDGEFN__BUILDING)
        && !edgefn__is_text(attributes, false, ""))
        return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, edgefn__list_name(f), f->items[index].name);
    edgefn_field *items = edgefn__writable(ev, f, 0);
    if (items == NULL) return false;
    items[index].attributes = attributes;
    edgefn__update_change(f, &items[index]);
    return true;
}

static bool edgefn__all_host(edgefn_str s)
{
    return edgefn__made_of(s, EDGEFN_S("-._"));
}

/* True if browsers accept a Domain attribute: labels of letters, digits, '_' and, inside, '-'. A
   '.' before them has no meaning. */
static bool edgefn__cookie_domain_ok(edgefn_str domain)
{
    edgefn__take_byte(&domain, '.');
    edgefn_cut c = { domain, domain, true };
    while (c.found) {
        c = edgefn_str_cut(c.tail, EDGEFN_S("."));
        size_t n = c.head.len;
        if (n == 0 || c.head.ptr[0] == '-' || c.head.ptr[n - 1] == '-') return false;
        if (!edgefn__all_host(c.head)) return false;
    }
    return true;
}

static bool edgefn__cookie_path_ok(edgefn_str path)
{
    return path.len <= 1024 && edgefn_str_starts(path, EDGEFN_S("/"))
           && edgefn__all(path, EDGEFN__C_PLAIN) && edgefn__is_text(path, false, ";");
}

/* Reports whether browsers accept a cookie of this name with these options. */
static bool edgefn__cookie_ok(edgefn_str name, const edgefn_cookie_opts *opts, edgefn_str path)
{
    bool host = edgefn_str_ieq(edgefn_str_take(name, 7), EDGEFN_S("__Host-"));
    bool secure = edgefn_str_ieq(edgefn_str_take(name, 9), EDGEFN_S("__Secure-"));
    bool for_all = opts->partitioned || opts->same_site == EDGEFN_SAME_SITE_NONE;
    if (opts->insecure && (host || secure || for_all)) return false;
    if (host && (opts->domain.ptr != NULL || path.len != 1)) return false;
    if (opts->domain.ptr != NULL && !edgefn__cookie_domain_ok(opts->domain)) return false;
    if (!edgefn__cookie_path_ok(path)) return false;
    return opts->domain.len <= 1024 && opts->max_age_s <= 400 * 86400
           && (unsigned)opts->same_site <= EDGEFN_SAME_SITE_NONE;
}
/* Writes the attributes of a cookie; `expires`, unless absent, takes the place of Max-Age. */
static edgefn_str edgefn__cookie_attributes(edgefn_event *ev, const edgefn_cookie_opts *opts,
                                            edgefn_str path, edgefn_str expires)
{
    static const edgefn_str same_site[] = { EDGEFN_S_INIT("; SameSite=Lax"),
                                            EDGEFN_S_INIT("; SameSite=Strict"),
                                            EDGEFN_S_INIT("; SameSite=None") };
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    EDGEFN__PUT(&t, "Path=");
    edgefn__put(&t, path.ptr, path.len);
    if (opts->domain.ptr != NULL) {
        EDGEFN__PUT(&t, "; Domain=");
        edgefn__put(&t, opts->domain.ptr, opts->domain.len);
    }
    if (expires.ptr != NULL) {
        edgefn__put(&t, expires.ptr, expires.len);
    } else if (opts->max_age_s != 0) {
        EDGEFN__PUT(&t, "; Max-Age=");
        edgefn__put_number(&t, opts->max_age_s);
    }
    if (!opts->insecure) EDGEFN__PUT(&t, "; Secure");
    if (!opts->script_readable) EDGEFN__PUT(&t, "; HttpOnly");
    edgefn__put(&t, same_site[opts->same_site].ptr, same_site[opts->same_site].len);
    if (opts->partitioned) EDGEFN__PUT(&t, "; Partitioned");
    return edgefn__text_end(ev, &t);
}

static bool edgefn__cookie_put(edgefn_event *ev, edgefn_str name, edgefn_str value,
                               const edgefn_cookie_opts *opts, edgefn_str expires,
                               const char *where)
{
    EDGEFN__DEFAULTS(edgefn_cookie_opts, opts);
    edgefn_fields *f = edgefn_response_cookies(ev);
    edgefn_str path = edgefn__or(opts->path, EDGEFN_S("/"));
    if (value.ptr == NULL) return edgefn_set(f, name, value);
    if (!edgefn__cookie_ok(name, opts, path))
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, where, name);
    bool fits = name.len <= 4096 && value.len <= 4096 - name.len;
    if (!fits || !edgefn__all(value, EDGEFN__C_PLAIN) || !edgefn__is_text(value, false, " ,;"))
        return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, where, name);
    edgefn_str attributes = edgefn__cookie_attributes(ev, opts, path, expires);
    if (!edgefn_set(f, name, value)) return false;
    return edgefn_set_attributes_at(f, edgefn_find(f, name, 0), attributes);
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

/* Writes the header value of the cookies [from, to): a whole Cookie header, or one Set-Cookie. */
static edgefn_str edgefn__cookie_text(edgefn_event *ev, const edgefn_fields *f, size_t from,
                                      size_t to)
{
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    const edgefn_field *it = &f->items[from];
    bool attributes = f->_kind == EDGEFN__RESPONSE_COOKIES && it->attributes.ptr != NULL;
    if (attributes && it->change == EDGEFN_CHANGE_NONE) {
        edgefn__put(&t, it->name.ptr,
                    (size_t)(it->attributes.ptr + it->attributes.len - it->name.ptr));
        return edgefn__text_end(ev, &t);
    }
    edgefn__put_pairs(&t, f, from, to, "; ", 2);
    if (attributes) {
        EDGEFN__PUT(&t, "; ");
        edgefn__put(&t, it->attributes.ptr, it->attributes.len);
    }
    return edgefn__text_end(ev, &t);
}

/* Assigns each cookie to a header entry, counted from 1; 0 is a new entry. New request cookies go
   into the last entry, all of a sorted list into the first; each response cookie has an entry of
   its own. */
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

/* A cookie header while the list is written back: its index, the number of cookies it was received
   with, and those of the list it contains now, [from, to). */
typedef struct edgefn__cookie_entry {
    size_t at, from, to;
    uint32_t received;
    bool emptied; /* it is removed */
} edgefn__cookie_entry;

typedef struct edgefn__cookie_entries {
    edgefn__cookie_entry *entry;
    uint32_t count;
} edgefn__cookie_entries;

/* Fills in the entries. The cookies of an entry are adjacent; those without one are at the end. */
static bool edgefn__entries_find(edgefn_event *ev, edgefn_fields *f, const edgefn_fields *headers,
                                 edgefn_str header, edgefn__cookie_entries *e)
{
    uint32_t k = 0;
    e->count = (uint32_t)edgefn_count(headers, header);
    e->entry = (edgefn__cookie_entry *)edgefn__take(ev, e->count, sizeof *e->entry, 8);
    if (e->entry == NULL) return false;
    if (e->count != 0) edgefn__memset(e->entry, 0, e->count * sizeof *e->entry);
    for (size_t i = edgefn_find(headers, header, 0); i < headers->len;
         i = edgefn_find(headers, header, i + 1))
        e->entry[k++].at = i;
    for (size_t i = 0; i < f->_received_len; i++)
        e->entry[f->_received[i]._group - 1].received++;
    edgefn__cookie_places(f, e->count);
    for (size_t i = 0; i < f->len; i++) {
        if (f->items[i]._group == 0) continue;
        edgefn__cookie_entry *to = &e->entry[f->items[i]._group - 1];
        if (to->to == 0) to->from = i;
        to->to = i + 1;
    }
    return true;
}

/* Reports whether a header entry contains exactly the cookies it was received with. */
static bool edgefn__cookies_kept(const edgefn_fields *f, size_t from, size_t to, uint32_t received)
{
    if ((f->_flags & EDGEFN__REORDERED) || received != to - from) return false;
    for (size_t i = from; i < to; i++) {
        if (f->items[i].change != EDGEFN_CHANGE_NONE) return false;
    }
    return true;
}

/* Reports whether a Cookie header contains no cookie. */
static bool edgefn__cookieless(edgefn_str s)
{
    while (s.len > 0 && edgefn__has_byte(EDGEFN_S(" \t;"), s.ptr[s.len - 1]))
        s.len--;
    return s.len == 0;
}

/* Reports whether a header that lost its last cookie is removed. A Cookie header that was received
   without cookies is restored instead. */
static bool edgefn__entry_goes(const edgefn_fields *f, edgefn_fields *headers, edgefn_field *header)
{
    const edgefn_field *was = edgefn__received_of(headers, header);
    if (f->_kind == EDGEFN__RESPONSE_COOKIES) return true;
    if (edgefn__cookieless(header->value)) return false;
    if (was == NULL || !edgefn__cookieless(was->value)) return true;
    header->value = was->value;
    edgefn__update_change(headers, header);
    return false;
}

/* Returns the value of a header with its present cookies: the received value if they are those it
   came with. was: the header as received, or NULL. */
static edgefn_str edgefn__entry_value(edgefn_event *ev, const edgefn_fields *f,
                                      const edgefn__cookie_entry *e, const edgefn_field *was)
{
    if (was == NULL || !edgefn__cookies_kept(f, e->from, e->to, e->received))
        return edgefn__cookie_text(ev, f, e->from, e->to);
    /* and the list was parsed from the received value, not from an edited one */
    uintptr_t start = (uintptr_t)was->value.ptr;
    uintptr_t at = (uintptr_t)f->items[e->from].value.ptr;
    bool inside = at >= start && at - start <= was->value.len;
    return inside ? was->value : edgefn__cookie_text(ev, f, e->from, e->to);
}

/* Updates the value of each entry that lost or changed a cookie, and marks those to remove. */
static bool edgefn__entries_write(edgefn_event *ev, const edgefn_fields *f, edgefn_fields *headers,
                                  const edgefn__cookie_entries *e)
{
    edgefn_field *items = edgefn__writable(ev, headers, 0);
    if (items == NULL) return false;
    for (edgefn__cookie_entry *entry = e->entry; entry < e->entry + e->count; entry++) {
        edgefn_field *header = &items[entry->at];
        if (entry->from == entry->to) {
            entry->emptied = edgefn__entry_goes(f, headers, header);
            continue;
        }
        edgefn__scope scope = edgefn__scope_begin(ev);
        edgefn_str text = edgefn__entry_value(ev, f, entry, edgefn__received_of(headers, header));
        if (text.ptr == NULL) return false;
        if (edgefn_str_eq(text, header->value)) {
            edgefn__scope_end(ev, scope);
            continue;
        }
        header->value = text;
        edgefn__update_change(headers, header);
    }
    return true;
}

/* Removes the marked entries. */
static bool edgefn__entries_remove(edgefn_event *ev, edgefn_fields *headers,
                                   const edgefn__cookie_entries *e)
{
    edgefn_field *items = (edgefn_field *)(uintptr_t)headers->items;
    size_t emptied = 0;
    for (uint32_t k = 0; k < e->count; k++)
        emptied += e->entry[k].emptied;
    if (emptied == 0) return true;
    if (!edgefn__removed_room(ev, headers, emptied)) return false;
    size_t to = 0;
    uint32_t k = 0;
    for (size_t i = 0; i < headers->len; i++) {
        bool own = k < e->count && e->entry[k].at == i;
        bool gone = own && e->entry[k].emptied;
        k += own;
        if (gone)
            edgefn__note_removed(headers, &items[i]);
        else
            items[to++] = items[i];
    }
    headers->len = to;
    return true;
}

/* Adds an entry for cookies [from, to). */
static bool edgefn__entry_add(edgefn_event *ev, const edgefn_fields *f, edgefn_fields *headers,
                              size_t from, size_t to)
{
    edgefn_str spelling =
        f->_kind == EDGEFN__REQUEST_COOKIES ? EDGEFN_S("Cookie") : EDGEFN_S("Set-Cookie");
    edgefn_str text = edgefn__cookie_text(ev, f, from, to);
    return text.ptr != NULL
           && edgefn__insert(ev, headers, spelling, edgefn__tag(spelling), text, false);
}

/* Adds entries for the cookies that have none: one Cookie header for all, or a Set-Cookie header
   for each. They are adjacent, and the fields after them move once. */
static bool edgefn__entries_add(edgefn_event *ev, const edgefn_fields *f, edgefn_fields *headers,
                                edgefn_str header)
{
    size_t next = f->len;
    while (next > 0 && f->items[next - 1]._group == 0)
        next--;
    size_t more = f->len - next;
    if (more == 0) return true;
    if (f->_kind == EDGEFN__REQUEST_COOKIES) return edgefn__entry_add(ev, f, headers, next, f->len);
    edgefn_field *items = edgefn__writable(ev, headers, more);
    if (items == NULL || !edgefn__entry_add(ev, f, headers, next, next + 1)) return false;
    size_t end = headers->len;
    while (!edgefn_str_eq(items[end - 1].name, header))
        end--;
    size_t tail = headers->len - end;
    edgefn_field *aside = items + end + more - 1;
    edgefn__memmove(aside, items + end, tail * sizeof *items);
    headers->len = end;
    for (next++; next < f->len; next++) {
        if (!edgefn__entry_add(ev, f, headers, next, next + 1)) break;
    }
    edgefn__memmove(items + headers->len, aside, tail * sizeof *items);
    headers->len += tail;
    return ev->err.code == EDGEFN_OK;
}

/* Saves the headers before cookies are written back into them: edgefn__unsync() restores them. */
static edgefn_fields *edgefn__sync_begin(edgefn_event *ev, edgefn_fields *headers)
{
    edgefn_fields *was = (edgefn_fields *)edgefn__take(ev, 1, sizeof *was, 8);
    if (was == NULL) return NULL;
    *was = *headers;
    if (headers->items != headers->_received && headers->len != 0
        && edgefn__items_copied(ev, headers, 1) == NULL)
        return NULL;
    if (headers->len == 0) headers->_cap = 0; /* additions get an array of their own */
    headers->_removed_cap = (uint32_t)headers->removed_len;
    if (headers->removed_len != 0 && !edgefn__removed_room(ev, headers, 1)) return NULL;
    return was;
}

/* Writes an edited list of cookies back into the headers. The list itself is not changed: it refers
   to the entries of the saved headers. */
static bool edgefn__sync_cookies(edgefn_event *ev, edgefn_fields *f, edgefn_fields *headers,
                                 edgefn_str header)
{
    if (edgefn__is_functions(ev) || !edgefn__is_unwritten(f)) return true;
    if (headers->_flags & EDGEFN__COOKIE_TOUCHED)
        return edgefn__fail(ev, EDGEFN_E_CONFLICT, edgefn__list_name(f), header);
    if (edgefn__editable(headers) == NULL) return false;
    edgefn__cookie_entries e;
    edgefn_fields *was = edgefn__sync_begin(ev, headers);
    if (was == NULL || !edgefn__entries_find(ev, f, headers, header, &e)) return false;
    if (!edgefn__entries_write(ev, f, headers, &e) || !edgefn__entries_remove(ev, headers, &e)
        || !edgefn__entries_add(ev, f, headers, header))
        return false;
    headers->_flags &= ~(uint32_t)EDGEFN__COOKIE_TOUCHED;
    f->_flags |= EDGEFN__SYNCED;
    if (!(ev->_flags & EDGEFN__BUILDING)) {
        ev->_unsynced[edgefn__side(f)] = was;
        ev->_flags |= EDGEFN__WRITTEN_BACK;
    }
    return ev->err.code == EDGEFN_OK;
}

/* While an event is built, cookies are given as headers or in their list. Lambda@Edge keeps them in
   headers, CloudFront Functions in the list. */
static bool edgefn__cookies_received(edgefn_event *ev, edgefn_fields *f, edgefn_fields *headers,
                                     edgefn_str header, bool request)
{
    if (edgefn__is_lambda(ev)) {
        if (!edgefn__sync_cookies(ev, f, headers, header)) return false;
        edgefn__view_reset(f, 0);
        return true;
    }
    if (!edgefn_has(headers, header)) return true;
    if (f->len != 0) return edgefn__fail(ev, EDGEFN_E_CONFLICT, "edgefn_build_end", header);
    edgefn__cookies_read(ev, f, headers, header, request);
    return ev->err.code == EDGEFN_OK && edgefn_remove(headers, header);
}

/* Makes what the host filled in, as text or in lists, the received query and cookies. */
static bool edgefn__views_received(edgefn_event *ev)
{
    edgefn_request *q = &ev->request;
    edgefn_response *a = &ev->response;
    if (!edgefn__cookies_received(ev, &q->_cookies, &q->headers, EDGEFN_S("cookie"), true))
        return false;
    if (!edgefn__cookies_received(ev, &a->_cookies, &a->headers, EDGEFN_S("set-cookie"), false))
        return false;
    if (!edgefn__sync_query(ev)) return false; /* writes a filled list as text */
    if (q->querystring.ptr == NULL) q->querystring = EDGEFN_S("");
    edgefn__view_reset(&q->_query, 0);
    if (edgefn__is_lambda(ev)) return true;
    edgefn_query(ev);
    /* this dialect has an object, no text */
    q->querystring = q->_query_source = q->_query_received = edgefn__absent();
    return true;
}

/*=== >>uri ========================================================================================
   Paths and URLs. Functions that edit compute the new path and pass it to edgefn__uri_become(),
   which leaves the event alone if nothing changes. edgefn_uri_match(), _plain() and _guards()
   decode into a buffer on the stack, as large as CloudFront's longest path. edgefn__guard_read()
   decodes until nothing is left to decode. Whatever path a server reads, the pieces of a pattern
   that occur in it then occur in the decoded text as well, in the same order: servers only decode,
   or drop whole segments or the ends of segments. */

static bool edgefn__uri_ok(edgefn_str uri)
{
    return edgefn__begins(uri, '/') && edgefn__is_text(uri, false, "?# ");
}

EDGEFN_API bool edgefn_uri_set(edgefn_event *ev, edgefn_str uri)
{
    if (edgefn__editable(&ev->request.headers) == NULL) return false;
    if (!edgefn__uri_ok(uri)) return edgefn__fail(ev, EDGEFN_E_URI, "edgefn_uri_set", uri);
    edgefn__pass_member(ev, EDGEFN_MEMBER_URI, uri);
    ev->request.uri = uri;
    return true;
}
EDGEFN_API edgefn_path edgefn_path_split(edgefn_str path)
{
    size_t dir = edgefn__after_last(path, '/');
    edgefn_str base = edgefn_str_skip(path, dir);
    edgefn_path p = { edgefn_str_take(path, dir), base, base, { NULL, 0 } };
    size_t dot = edgefn__after_last(base, '.');
    if (dot > 1) { /* a dot at the beginning begins no extension */
        p.stem.len = dot - 1;
        p.ext = edgefn_str_skip(base, dot);
    }
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

/*--- addresses ----------------------------------------------------------------------------------*/

static bool edgefn__v4(edgefn_str s, unsigned char *to)
{
    for (int k = 0; k < 4; k++) {
        edgefn_cut c = edgefn_str_cut(s, EDGEFN_S("."));
        edgefn_number n = edgefn__number_upto(c.head, 255);
        if (!n.ok || c.found != (k < 3)) return false;
        to[k] = (unsigned char)n.value;
        s = c.tail;
    }
    return true;
}
/* Reads a group of up to four hex digits. */
static bool edgefn__hex_group(edgefn_str s, unsigned char *to)
{
    unsigned v = 0;
    if (s.len == 0 || s.len > 4) return false;
    for (size_t i = 0; i < s.len; i++) {
        if (edgefn__hex(s.ptr[i]) < 0) return false;
        v = v << 4 | (unsigned)edgefn__hex(s.ptr[i]);
    }
    to[0] = (unsigned char)(v >> 8);
    to[1] = (unsigned char)(v & 255);
    return true;
}

/* Reads groups separated by colons into up to 16 bytes. At the address's end the last one may be an
   IPv4 address. Returns: how many bytes; 17 if the groups are invalid. */
static size_t edgefn__v6_groups(edgefn_str s, bool at_end, unsigned char *to)
{
    const size_t invalid = 17;
    edgefn_cut c = { s, s, s.len != 0 };
    size_t n = 0;
    while (c.found) {
        c = edgefn_str_cut(c.tail, EDGEFN_S(":"));
        size_t size = at_end && !c.found && edgefn__has_byte(c.head, '.') ? 4 : 2;
        if (n + size > 16) return invalid;
        bool valid = size == 4 ? edgefn__v4(c.head, to + n) : edgefn__hex_group(c.head, to + n);
        if (!valid) return invalid;
        n += size;
    }
    return n;
}

static bool edgefn__v6(edgefn_str s, unsigned char *to)
{
    unsigned char after[16];
    edgefn_cut c = edgefn_str_cut(s, EDGEFN_S("::"));
    size_t n = edgefn__v6_groups(c.head, !c.found, to);
    size_t m = edgefn__v6_groups(c.tail, true, after);
    if (!c.found) return n == 16;
    if (n + m > 14) return false;
    edgefn__memset(to + n, 0, 16 - n - m);
    edgefn__memcpy(to + 16 - m, after, m);
    return true;
}

/* Reads an address into 16 bytes, an IPv4 address as ::ffff:a.b.c.d. */
static bool edgefn__ip_read(edgefn_str text, unsigned char *to)
{
    edgefn__memset(to, 0, 10);
    edgefn__memset(to + 10, 0xff, 2);
    return edgefn__v4(text, to + 12) || edgefn__v6(text, to);
}
/* Splits "address:port" at the last colon, so that an IPv6 address needs no brackets. Removes
   brackets, which only an IPv6 address may have (RFC 7239 section 6); the port is 0 if there are
   only brackets. Returns: false if there is neither; address is then unchanged. */
static bool edgefn__split_port(edgefn_str text, edgefn_str *address, uint32_t *port)
{
    *port = 0;
    if (edgefn__enclosed(text, '[', ']')) {
        if (!edgefn__has_byte(text, ':')) return false;
        *address = edgefn__inside(text);
        return true;
    }
    size_t n = edgefn__after_last(text, ':');
    edgefn_number p = edgefn_str_to_u64(edgefn_str_skip(text, n));
    if (n < 2 || !p.ok || p.value > 65535 || text.len - n > 5) return false;
    edgefn_str head = edgefn_str_take(text, n - 1);
    bool bracketed = edgefn__enclosed(head, '[', ']') && edgefn__has_byte(head, ':');
    *address = bracketed ? edgefn__inside(head) : head;
    *port = (uint32_t)p.value;
    return true;
}
static bool edgefn__is_digits(edgefn_str s)
{
    return s.len != 0 && edgefn__all(s, EDGEFN__C_DIGIT);
}

/* True for a text that may follow a host: "", or ":" and a port. */
static bool edgefn__port_ok(edgefn_str s)
{
    return s.len == 0 || (s.ptr[0] == ':' && edgefn__is_digits(edgefn_str_skip(s, 1)));
}

/* True for a name, an IPv4 address, or an IPv6 address in brackets, each with or without a port. */
static bool edgefn__host_ok(edgefn_str host)
{
    if (edgefn__begins(host, '[')) {
        edgefn_cut c = edgefn_str_cut(edgefn_str_skip(host, 1), EDGEFN_S("]"));
        unsigned char address[16];
        return c.found && edgefn__ip_read(c.head, address) && edgefn__port_ok(c.tail);
    }
    edgefn_str name = edgefn_str_cut(host, EDGEFN_S(":")).head;
    if (!edgefn__port_ok(edgefn_str_skip(host, name.len))) return false;
    if (name.len == 0 || !edgefn__all_host(name)) return false;
    /* empty labels are invalid; a '.' at the end is not */
    return name.ptr[0] != '.' && !edgefn_str_contains(name, EDGEFN_S(".."));
}
static bool edgefn__url_bytes_ok(edgefn_str url)
{
    for (size_t i = 0; i < url.len; i++) {
        char c = url.ptr[i];
        if (c <= ' ' || c >= 0x7f || c == '\\') return false;
    }
    return true;
}

/* RFC 3986 section 3.1. */
static bool edgefn__scheme_ok(edgefn_str s)
{
    return s.len != 0 && edgefn__alpha(s.ptr[0]) && edgefn__made_of(s, EDGEFN_S("+-."));
}

/* Splits user, host and port. Returns: whether host and port are valid. */
static bool edgefn__authority_split(edgefn_url_parts *u, edgefn_str host)
{
    size_t at = edgefn__after_last(host, '@');
    if (at > 0) u->userinfo = edgefn_str_take(host, at - 1);
    host = edgefn_str_skip(host, at);
    bool bracket = edgefn__begins(host, '[');
    size_t end = bracket ? edgefn_str_find(host, EDGEFN_S("]")) : 0;
    end += edgefn_str_find(edgefn_str_skip(host, end), EDGEFN_S(":"));
    u->host = edgefn_str_take(host, end);
    if (end < host.len) u->port = edgefn_str_skip(host, end + 1);
    edgefn_number port = edgefn_str_to_u64(u->port);
    bool port_ok = u->port.ptr == NULL || (port.ok && port.value < 65536);
    return port_ok && edgefn__host_ok(u->host);
}

EDGEFN_API edgefn_url_parts edgefn_url_split(edgefn_str url)
{
    edgefn_cut hash = edgefn_str_cut(url, EDGEFN_S("#"));
    edgefn_cut mark = edgefn_str_cut(hash.head, EDGEFN_S("?"));
    edgefn_cut colon = edgefn_str_cut(mark.head, EDGEFN_S(":"));
    edgefn_url_parts u = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 },
                           mark.head,   mark.tail,   hash.tail,   false };
    u.ok = url.ptr != NULL && edgefn__url_bytes_ok(url);
    if (colon.found && edgefn__scheme_ok(colon.head)) {
        u.scheme = colon.head;
        u.path = colon.tail;
    }
    if (!edgefn_str_starts(u.path, EDGEFN_S("//"))) return u;
    edgefn_str authority = edgefn_str_cut(edgefn_str_skip(u.path, 2), EDGEFN_S("/")).head;
    u.path = edgefn_str_skip(u.path, 2 + authority.len);
    u.ok = edgefn__authority_split(&u, authority) && u.ok;
    return u;
}

/* Encodes the characters that a URL's query may not contain; %XX stays as it is. */
static edgefn_str edgefn__url_query(edgefn_event *ev, edgefn_str query)
{
    return edgefn__alike(ev, query, EDGEFN_S("!$&'()*+,;=:@/[]%?"), EDGEFN__RAW);
}

/* Makes a URL, or without a scheme its end, and encodes the characters that a URL may not contain.
   `whole`: path may have a query of its own. */
static edgefn_str edgefn__url_make(edgefn_event *ev, edgefn_str scheme, edgefn_str host,
                                   edgefn_str path, bool whole, edgefn_str query)
{
    edgefn_str plain = whole ? EDGEFN_S("!$&'()*+,;=:@/[]%?#") : EDGEFN_S("!$&'()*+,;=:@/[]%");
    path = edgefn__alike(ev, path, plain, EDGEFN__RAW);
    query = edgefn__url_query(ev, query);
    edgefn_str colon = edgefn__when(scheme.ptr != NULL, EDGEFN_S("://"));
    edgefn_str mark = edgefn__when(query.len != 0, EDGEFN_S("?"));
    const edgefn_str parts[6] = { scheme, colon, host, path, mark, query };
    return ev->err.code == EDGEFN_OK ? edgefn_str_join(ev, parts, 6) : edgefn__absent();
}

EDGEFN_API edgefn_str edgefn_url(edgefn_event *ev)
{
    edgefn_str host = edgefn_get(&ev->request.headers, EDGEFN_S("host"));
    edgefn_str proto = edgefn_get(&ev->request.headers, EDGEFN_S("cloudfront-forwarded-proto"));
    if (!edgefn__host_ok(host) || !edgefn__begins(ev->request.uri, '/')) return edgefn__absent();
    return edgefn__url_make(ev, EDGEFN__IS(proto, "http") ? proto : EDGEFN_S("https"), host,
                            ev->request.uri, false, edgefn_query_text(ev));
}

EDGEFN_API edgefn_str edgefn_path_and_query(edgefn_event *ev)
{
    if (!edgefn__begins(ev->request.uri, '/')) return edgefn__absent();
    return edgefn__url_make(ev, edgefn__absent(), edgefn__absent(), ev->request.uri, false,
                            edgefn_query_text(ev));
}

static bool edgefn__uri_become(edgefn_event *ev, edgefn_str uri)
{
    if (edgefn__editable(&ev->request.headers) == NULL) return false;
    return (uri.ptr != NULL && edgefn_str_eq(uri, ev->request.uri)) || edgefn_uri_set(ev, uri);
}

EDGEFN_API bool edgefn_uri_normalize(edgefn_event *ev)
{
    if (!edgefn_str_starts(ev->request.uri, EDGEFN_S("/")))
        return edgefn_uri_set(ev, ev->request.uri); /* which fails */
    return edgefn__uri_become(
        ev, edgefn__alike(ev, ev->request.uri, EDGEFN_S("/!$&'()*+,;=:@"), EDGEFN__PATH));
}

/* CloudFront refuses longer URLs. */
enum { EDGEFN__PATH_MAX = 8192 };

/* Compares a path and a pattern, in which the '/' at the beginning may be left out. A '*' at the
   beginning matches that of the path. */
static bool edgefn__path_fits(edgefn_str path, edgefn_str pattern, bool fold)
{
    bool whole = pattern.ptr[0] == '/' || pattern.ptr[0] == '*' || !edgefn__begins(path, '/');
    return edgefn__str_match(edgefn_str_skip(path, whole ? 0 : 1), pattern, fold);
}

/* A byte that servers do not all read alike. */
EDGEFN__INLINE bool edgefn__path_odd(char c)
{
    return c == '%' || c == ';' || c == '\\' || edgefn__is_control(c);
}

/* Normalises a path and decodes it once, all but %2F. `plain`: as edgefn_uri_plain(). */
static edgefn_str edgefn__path_read(char *to, edgefn_str uri, bool *plain)
{
    size_t n = 0;
    bool odd = !edgefn__begins(uri, '/');
    for (size_t i = 0; i < uri.len; i++) {
        int byte = edgefn__percent(uri, i);
        char c = byte >= 0 ? (char)byte : uri.ptr[i];
        odd = odd || byte == '/' || (byte < 0 && c == '+') || edgefn__path_odd(c);
        if (byte >= 0) i += 2;
        if (byte == '/') {
            edgefn__memcpy(to + n, "%2F", 3);
            n += 3;
        } else {
            to[n++] = byte < 0 && c == '\\' ? '/' : c;
        }
    }
    size_t m = edgefn__resolve(to, n, true);
    *plain = !odd && m == n && edgefn__is_utf8(edgefn__str(to, m));
    return edgefn__str(to, m);
}

EDGEFN_API bool edgefn_uri_match(edgefn_str uri, edgefn_str pattern)
{
    char text[EDGEFN__PATH_MAX];
    bool plain;
    if (uri.len == 0 || pattern.len == 0 || uri.len > sizeof text) return false;
    return edgefn__path_fits(edgefn__path_read(text, uri, &plain), pattern, false);
}

EDGEFN_API bool edgefn_uri_match_any(edgefn_str uri, const edgefn_str *patterns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (edgefn_uri_match(uri, patterns[i])) return true;
    return false;
}

EDGEFN_API bool edgefn_uri_plain(edgefn_str uri)
{
    char text[EDGEFN__PATH_MAX];
    bool plain = false;
    if (uri.len <= sizeof text) edgefn__path_read(text, uri, &plain);
    return plain;
}

/* Removes an escape, %XX or %uXXXX, from the end of to[0, *n). Returns: its value; -1 if there is
   none. */
static int edgefn__escape_take(const char *to, size_t *n)
{
    edgefn_str text = edgefn__str(to, *n);
    if (*n > 2 && to[*n - 3] == '%') {
        int byte = edgefn__percent(text, *n - 3);
        if (byte >= 0) *n -= 3;
        return byte;
    }
    unsigned char value[2];
    bool wide = *n > 5 && to[*n - 6] == '%' && to[*n - 5] == 'u'
                && edgefn__hex_group(edgefn_str_skip(text, *n - 4), value);
    if (wide) *n -= 6;
    return wide ? value[0] * 256 + value[1] : -1;
}

/* Decodes a path until nothing decodes any more, for edgefn_uri_guards(). An escape is decoded as
   soon as its last byte is written, so one pass is enough. Decoding in any other order has the same
   result, because escapes never overlap. Returns: absent for a path that must be guarded whatever
   the pattern. */
static edgefn_str edgefn__guard_read(char *to, edgefn_str uri)
{
    size_t n = 0;
    for (size_t i = 0; i < uri.len; i++) {
        int c = (unsigned char)uri.ptr[i];
        bool wide = false; /* of an escape with four digits */
        while (c >= 0) {
            if (edgefn__is_control((char)c) || (wide && c > 0x7f)) return edgefn__absent();
            to[n++] = edgefn__guard_byte((char)c);
            size_t had = n;
            c = edgefn__escape_take(to, &n);
            wide = had - n == 6;
        }
    }
    return edgefn__is_utf8(edgefn__str(to, n)) ? edgefn__str(to, n) : edgefn__absent();
}

/* True for a byte that may follow the '%' of an escape. */
EDGEFN__INLINE bool edgefn__is_escape_byte(char c)
{
    return edgefn__hex(c) >= 0 || c == 'u' || c == 'U';
}

/* True for a byte that separates the literal pieces of a pattern. */
EDGEFN__INLINE bool edgefn__is_gap(char c)
{
    return c == '*' || c == '?' || c == '/' || c == '\\';
}

/* Finds a piece in text from `from` on; `first`: at the beginning of a segment only. Returns: where
   it ends, or EDGEFN__NO_POS. */
static size_t edgefn__piece_end(edgefn_str text, size_t from, edgefn_str piece, bool first)
{
    for (size_t at = from; text.len - at >= piece.len; at++) {
        if (first && at > 0 && text.ptr[at - 1] != '/') continue;
        size_t k = 0;
        while (k < piece.len && edgefn__guard_byte(piece.ptr[k]) == text.ptr[at + k])
            k++;
        if (k == piece.len) return at + k;
    }
    return EDGEFN__NO_POS;
}

/* True if the pieces of a pattern occur in text in their order. A server that decodes less often
   may find "%41b" where text has "Ab", and "41b" matches "*41b": if the path is `encoded`, the
   bytes at the beginning of a piece after a wildcard that may belong to an escape are not compared.
   */
static bool edgefn__has_pieces(edgefn_str text, edgefn_str pattern, bool encoded)
{
    size_t at = 0;
    for (size_t i = 0; i < pattern.len; i++) {
        bool first = i == 0 || pattern.ptr[i - 1] == '/' || pattern.ptr[i - 1] == '\\';
        size_t from = i;
        while (i < pattern.len && !edgefn__is_gap(pattern.ptr[i]))
            i++;
        while (encoded && !first && from < i && edgefn__is_escape_byte(pattern.ptr[from]))
            from++;
        if (from == i) continue;
        at = edgefn__piece_end(text, at, edgefn__str(pattern.ptr + from, i - from), first);
        if (at == EDGEFN__NO_POS) return false;
    }
    return true;
}

EDGEFN_API bool edgefn_uri_guards(edgefn_str uri, edgefn_str pattern)
{
    char text[EDGEFN__PATH_MAX];
    bool plain;
    if (uri.len == 0 || pattern.len == 0 || uri.len > sizeof text) return true;
    edgefn_str path = edgefn__path_read(text, uri, &plain);
    if (plain) return edgefn__path_fits(path, pattern, true);
    if (edgefn__has_byte(pattern, '%')) return true;
    path = edgefn__guard_read(text, uri);
    return path.ptr == NULL || edgefn__has_pieces(path, pattern, edgefn__has_byte(uri, '%'));
}

EDGEFN_API bool edgefn_uri_guards_any(edgefn_str uri, const edgefn_str *patterns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (edgefn_uri_guards(uri, patterns[i])) return true;
    return false;
}

static edgefn_str edgefn__no_slash_at_end(edgefn_str s)
{
    while (s.len > 0 && s.ptr[s.len - 1] == '/')
        s.len--;
    return s;
}
static bool edgefn__is_relative(edgefn_str path)
{
    return path.len != 0 && path.ptr[0] != '/';
}

EDGEFN_API bool edgefn_uri_replace_prefix(edgefn_event *ev, edgefn_str from, edgefn_str to)
{
    edgefn_str uri = ev->request.uri;
    from = edgefn__no_slash_at_end(from);
    edgefn_str path = uri;
    if (edgefn__is_relative(from)) edgefn__take_byte(&path, '/'); /* "v1" is "/v1" */
    edgefn_str rest = edgefn_str_skip(path, from.len);
    bool fits = edgefn_str_starts(path, from) && (rest.len == 0 || rest.ptr[0] == '/');
    if (!fits) return edgefn__uri_become(ev, uri);
    /* a URL gets no leading '/', so that edgefn_uri_set() refuses it */
    bool bare = edgefn__is_relative(to) && edgefn_url_split(to).scheme.ptr == NULL;
    const edgefn_str parts[3] = { bare ? EDGEFN_S("/") : EDGEFN_S(""), edgefn__no_slash_at_end(to),
                                  rest };
    bool empty = parts[1].len + rest.len == 0;
    return edgefn__uri_become(ev, empty ? EDGEFN_S("/") : edgefn_str_join(ev, parts, 3));
}

EDGEFN_API bool edgefn_uri_add_index(edgefn_event *ev, edgefn_str index)
{
    edgefn_path p = edgefn_path_split(ev->request.uri);
    if (index.ptr == NULL) index = EDGEFN_S("index.html");
    if (p.ext.ptr != NULL) return edgefn__uri_become(ev, ev->request.uri);
    const edgefn_str parts[3] = { ev->request.uri, p.base.len != 0 ? EDGEFN_S("/") : EDGEFN_S(""),
                                  index };
    return edgefn__uri_become(ev, edgefn_str_join(ev, parts, 3));
}

EDGEFN_API bool edgefn_uri_drop_slash(edgefn_event *ev)
{
    edgefn_str uri = edgefn__no_slash_at_end(ev->request.uri);
    if (uri.ptr == NULL) return edgefn_uri_set(ev, uri); /* which fails */
    return edgefn__uri_become(ev, uri.len != 0 ? uri : EDGEFN_S("/"));
}

EDGEFN_API bool edgefn_uri_encode_s3(edgefn_event *ev)
{
    return edgefn__uri_become(ev, edgefn__alike(ev, ev->request.uri, EDGEFN_S("/"), 0));
}

/*=== >>ua =========================================================================================
   A user agent is read word by word. edgefn__ua_find() looks a word up by its beginning in a sorted
   table, edgefn__ua_end() by its end. edgefn__ua_note() collects the evidence in edgefn__ua_scan,
   one bit each; when all words are read, the functions edgefn__ua_settle_*() and
   edgefn__ua_device() decide. edgefn_ua_of() then applies CloudFront's headers and the client
   hints. */

/* True if CloudFront wrote the CloudFront-* request headers. It adds them after the viewer-request
   of Lambda@Edge, but before that of CloudFront Functions. */
static bool edgefn__trusted(const edgefn_event *ev)
{
    if (edgefn__is_functions(ev)) return true;
    return edgefn__is_lambda(ev) && edgefn__at_origin(ev);
}

#    ifndef EDGEFN_NO_UA

/* The evidence that a word of a user agent is. BRAND: a phone unless it runs Android. ATAB, ATV: a
   tablet or TV if it runs Android; such words are short. SYSTEM: only an operating system, which
   tools name, too. LAPTOP: a desktop, but a tablet if it runs Android. */
/* clang-format off */
enum {
    EDGEFN__U_SYSTEM, EDGEFN__U_KNOWN, EDGEFN__U_ENGINE, EDGEFN__U_MOBILE, EDGEFN__U_MWORD,
    EDGEFN__U_BRAND, EDGEFN__U_TABLET, EDGEFN__U_ATAB, EDGEFN__U_TV,
    EDGEFN__U_ATV, EDGEFN__U_PC, EDGEFN__U_DARWIN, EDGEFN__U_X86, EDGEFN__U_VERSION,
    EDGEFN__U_DROID, EDGEFN__U_LAPTOP,
    EDGEFN__U_BOT = 1 << 13, EDGEFN__U_WEAK = 1 << 14,
    /* bots without a type: words that count only in their place */
    EDGEFN__U_MOZILLA = EDGEFN__U_BOT | EDGEFN__U_WEAK, EDGEFN__U_COMPATIBLE = EDGEFN__U_MOZILLA | 1
};
/* clang-format on */

/* Indexed by the letter before a word in the table below. Bits 0 to 3: the evidence; 4 to 7: the
   operating system; 8 to 12: the browser, or with BOT the type of bot. A WEAK word means a bot if
   it is the first one, or if no other word names a browser or device. */
#      define EDGEFN__UE(evidence)     EDGEFN__U_##evidence
#      define EDGEFN__UO(evidence, os) (EDGEFN__U_##evidence | EDGEFN_OS_##os << 4)
#      define EDGEFN__UW(browser)      (EDGEFN__U_KNOWN | EDGEFN_BROWSER_##browser << 8)
#      define EDGEFN__UB(kind)         (EDGEFN__U_BOT | EDGEFN_BOT_##kind << 8)
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

/* The beginnings of words, each after its letter of that table, sorted, in lower case; '$' is the
   end of a word. Then the ends of words, backwards, sorted as well. Then the place at which the
   words of each letter begin. */
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
/* generated by tests/tables.py: */
static const uint16_t edgefn__ua_first[27] = {
    0, 36, 58, 94, 122, 130, 150, 180, 196, 213, 216, 228, 242, 287, 309, 325, 364, 368, 384,
    438, 467, 475, 487, 511, 519, 529, 533
};
/* end of generated */
/* clang-format on */

typedef struct edgefn__ua_scan {
    const char *p;
    size_t n, browser_at, version_at, bot_at,
        maybe_at; /* after the browser's name and "Version"; at the names of bots */
    uint32_t seen, os, browser, bot, maybe; /* seen: evidence, one bit each */
    size_t named_at;     /* at the name after "like Gecko; compatible; "; 0: no such name */
    bool mozilla, apple; /* the first word, as browsers have it; iPhone, iPad or iPod */
} edgefn__ua_scan;

static bool edgefn__ua_named(char c)
{
    return edgefn__alnum(c) || c == '-' || c == '_' || c == '.' || c == '@';
}

/* Returns the first of the words [from, end) whose second letter is greater than this one, else
   `end`. */
static size_t edgefn__ua_until(size_t from, size_t end, char second)
{
    while (from < end) {
        size_t mid = (from + end) / 2;
        if (edgefn__ua_words[mid][2] <= second)
            from = mid + 1;
        else
            end = mid;
    }
    return end;
}

/* Compares a text with the beginning of a word; the first two bytes are equal. Returns: how many
   bytes are equal; 0 if it is another word. */
static size_t edgefn__ua_begin(const char *word, const char *p, size_t n)
{
    size_t k = 2;
    while (k < n && word[k] != '\0' && edgefn__lower(p[k]) == word[k])
        k++;
    if (word[k] == '\0') return k;
    bool ends = k == n || !edgefn__alnum(p[k]);
    return word[k] == '$' && ends ? k : 0;
}

/* Finds the longest known beginning of the word at p. Returns: its length; 0 if none is known. */
static size_t edgefn__ua_find(const char *p, size_t n, uint32_t *means)
{
    unsigned letter = ((unsigned char)p[0] | 0x20u) - 'a';
    char second = n > 1 ? edgefn__lower(p[1]) : '\0';
    if (!edgefn__alpha(p[0])) return 0;
    size_t low = edgefn__ua_first[letter];
    size_t i = edgefn__ua_until(low, edgefn__ua_first[letter + 1], second);
    for (; i > low && edgefn__ua_words[i - 1][2] == second; i--) {
        const char *word = edgefn__ua_words[i - 1];
        size_t len = edgefn__ua_begin(word + 1, p, n);
        if (len == 0) continue;
        *means = edgefn__ua_means[word[0] - '0'];
        return len;
    }
    return 0;
}

/* True if the text ends with `end`, which is written backwards. */
static bool edgefn__ua_ends_so(const char *end, const char *p, size_t n)
{
    size_t k = 0;
    while (k < n && edgefn__lower(p[n - 1 - k]) == end[k])
        k++;
    return end[k] == '\0';
}

/* True for a model's name that begins with the size of a TV in inches: "43UP50GU". */
static bool edgefn__ua_inches(const char *p, size_t n)
{
    const edgefn_str inches =
        EDGEFN_S("22 24 28 32 39 40 42 43 48 49 50 55 58 60 65 70 75 77 82 85 86 98");
    if (n < 4 || !edgefn__digit(p[0]) || !edgefn__alpha(p[2])) return false;
    return edgefn_str_contains(inches, edgefn__str(p, 2));
}

/* Classifies an unknown word by its end (bots, and tablets and TVs of small makers), else by the
   inches at its beginning. */
static uint32_t edgefn__ua_end(const char *p, size_t n)
{
    const char last = edgefn__lower(p[n - 1]);
    for (size_t i = 0; n > 1 && last >= 'a' && i < EDGEFN__COUNT(edgefn__ua_ends); i++) {
        const char *end = edgefn__ua_ends[i];
        if (end[1] > last) break;
        if (edgefn__ua_ends_so(end + 1, p, n)) return edgefn__ua_means[end[0] - '0'];
    }
    return edgefn__ua_inches(p, n) ? EDGEFN__U_ATV : 0;
}

/* True if the word from i to end is the end of a domain name or the beginning of an e-mail
   address's host. Browsers have neither. */
static bool edgefn__ua_contact(const char *p, size_t n, size_t i, size_t end)
{
    static const edgefn_str domains[] = { EDGEFN_S_INIT("com"), EDGEFN_S_INIT("net"),
                                          EDGEFN_S_INIT("org"), EDGEFN_S_INIT("io"),
                                          EDGEFN_S_INIT("ai"),  EDGEFN_S_INIT("co") };
    bool more = n - end > 1 && p[end] == '.' && edgefn__alnum(p[end + 1]);
    if ((p[i - 1] != '.' && p[i - 1] != '@') || !edgefn__alnum(p[i - 2])) return false;
    if (p[i - 1] == '@') return more && edgefn__alpha(p[i]) && edgefn__alpha(p[end + 1]);
    if (more) return false;
    for (size_t k = 0; k < EDGEFN__COUNT(domains); k++) {
        if (edgefn_str_eq(edgefn__str(p + i, end - i), domains[k])) return true;
    }
    return false;
}

/* Notes the name of a bot: the first one, but known types before OTHER. A weak one counts only if
   there is no other evidence. */
static void edgefn__ua_note_bot(edgefn__ua_scan *s, uint32_t kind, bool weak, size_t at)
{
    uint32_t *bot = weak ? &s->maybe : &s->bot;
    size_t *place = weak ? &s->maybe_at : &s->bot_at;
    if (*bot != EDGEFN_BOT_NONE && (*bot != EDGEFN_BOT_OTHER || kind == EDGEFN_BOT_OTHER)) return;
    *bot = kind;
    *place = at;
}

/* No browser has a name after "like Gecko; compatible;": whatever it is, it is a bot. */
static void edgefn__ua_note_compatible(edgefn__ua_scan *s, size_t at, size_t after)
{
    const edgefn_str gecko = EDGEFN_S("gecko; ");
    const char *p = s->p + after;
    if (at < gecko.len || !edgefn_str_ieq(edgefn__str(s->p + at - gecko.len, gecko.len), gecko))
        return;
    if (s->n - after < 3 || p[0] != ';' || p[1] != ' ' || !edgefn__alnum(p[2])) return;
    s->named_at = after + 2;
    edgefn__ua_note_bot(s, EDGEFN_BOT_OTHER, false, s->named_at);
}

/* Notes a word that bots have in their names. */
static void edgefn__ua_note_name(edgefn__ua_scan *s, uint32_t means, size_t at, size_t after)
{
    uint32_t who = means >> 8 & 31;
    bool first = at == 0 || at == s->named_at;
    bool weak = (means & EDGEFN__U_WEAK) && (who == EDGEFN_BOT_PREVIEW || !first);
    if (means == EDGEFN__U_MOZILLA)
        s->mozilla = s->mozilla || at == 0;
    else if (means == EDGEFN__U_COMPATIBLE)
        edgefn__ua_note_compatible(s, at, after);
    else
        edgefn__ua_note_bot(s, who, weak, at);
}

/* Notes the meaning of a word that begins at `at` and ends before `after`. */
static void edgefn__ua_note(edgefn__ua_scan *s, uint32_t means, size_t at, size_t after)
{
    uint32_t who = means >> 8 & 31;
    uint32_t os = means >> 4 & 15;
    if (means & EDGEFN__U_BOT) {
        edgefn__ua_note_name(s, means, at, after);
        return;
    }
    s->seen |= (uint32_t)1 << (means & 15);
    s->apple = s->apple || os == EDGEFN_OS_IOS;
    if ((means & 15) == EDGEFN__U_VERSION) s->version_at = after;
    if (os > s->os) s->os = os;
    if (who <= s->browser) return;
    s->browser = who;
    s->browser_at = after;
}

/* True if the word that ends there is the name of a product, or the beginning of a longer name. */
EDGEFN__INLINE bool edgefn__ua_product(const char *p, size_t n, size_t end)
{
    return end < n && (p[end] == '/' || p[end] == '-');
}

/* Skips bytes that are not words, numbers, and a phrase that most texts contain. Returns: where
   these end; i if a word begins there. */
EDGEFN__INLINE size_t edgefn__ua_skip(edgefn__ua_scan *s, size_t i)
{
    const edgefn_str usual = EDGEFN_S("AppleWebKit/537.36 (KHTML, like Gecko)");
    const char *p = s->p;
    if (edgefn__alpha(p[i])) {
        if (!edgefn_str_starts(edgefn__str(p + i, s->n - i), usual)) return i;
        s->seen |= 1u << EDGEFN__U_ENGINE;
        return i + usual.len;
    }
    size_t end = i + 1;
    if (!edgefn__digit(p[i])) return end;
    while (end < s->n && edgefn__digit(p[end]))
        end++;
    return end < s->n && edgefn__alpha(p[end]) ? i : end;
}

/* True for a word that is no evidence in its place: part of a model's name, or "Molotov.tv/5". */
static bool edgefn__ua_misleads(const edgefn__ua_scan *s, uint32_t means, size_t i, size_t end)
{
    bool product = edgefn__ua_product(s->p, s->n, end);
    if (means == EDGEFN__U_ATV) return product || (i > 0 && s->p[i - 1] == '-');
    return means == EDGEFN__U_TV && end - i == 2 && product;
}

/* Notes the meaning of the end of a word that is not known as a whole. */
static void edgefn__ua_note_end(edgefn__ua_scan *s, size_t i, size_t end)
{
    const char *p = s->p;
    uint32_t means = edgefn__ua_end(p + i, end - i);
    if (means == 0) return;
    bool device = !(means & EDGEFN__U_BOT);
    /* the end of a product's name is no evidence of the device: "PlutoTV/5.1" */
    if (device && edgefn__ua_product(p, s->n, end)) return;
    /* inches begin a model: not "32GB", "60fps" */
    if (device && edgefn__digit(p[i]) && (i < 2 || p[i - 2] != ';')) return;
    edgefn__ua_note(s, means, i, end);
}

/* Reads the word at i, letters and digits. Returns: where it ends. */
EDGEFN__INLINE size_t edgefn__ua_word(edgefn__ua_scan *s, size_t i)
{
    const char *p = s->p;
    size_t n = s->n;
    uint32_t means = 0;
    size_t len = edgefn__ua_find(p + i, n - i, &means);
    size_t end = i + (len != 0 ? len : 1);
    while (end < n && edgefn__alnum(p[end - 1]) && edgefn__alnum(p[end]))
        end++;
    if (means != 0 && !edgefn__ua_misleads(s, means, i, end)) edgefn__ua_note(s, means, i, end);
    if (i > 1 && edgefn__ua_contact(p, n, i, end)) edgefn__ua_note(s, EDGEFN__UB(OTHER), i, end);
    if (len == 0 || i + len != end) edgefn__ua_note_end(s, i, end);
    return end;
}

/* Reads all words of the text. */
static void edgefn__ua_words_of(edgefn__ua_scan *s)
{
    size_t i = 0;
    while (i < s->n) {
        size_t end = edgefn__ua_skip(s, i);
        i = end == i ? edgefn__ua_word(s, i) : end;
    }
}

/* Reads the number after a name: 124 of "/124.0", 8 of " 8". */
static uint32_t edgefn__ua_major(edgefn_str t)
{
    uint32_t major = 0;
    size_t at = edgefn__begins(t, '/') || edgefn__begins(t, ' ') ? 1 : 0;
    for (; at < t.len && edgefn__digit(t.ptr[at]) && major < 100000; at++)
        major = major * 10 + (uint32_t)(t.ptr[at] - '0');
    return major;
}

#      define EDGEFN__EVIDENCE(what) ((uint32_t)1 << EDGEFN__U_##what)
#      define EDGEFN__SEEN(s, what)  (((s)->seen & EDGEFN__EVIDENCE(what)) != 0)
/* True for a television. On Apple's devices such a word is the name of a remote control or an app.
   */
static bool edgefn__ua_is_tv(const edgefn__ua_scan *s, bool android, bool mobile)
{
    if (s->apple) return false;
    return EDGEFN__SEEN(s, TV) || (android && EDGEFN__SEEN(s, ATV) && !mobile);
}

static uint32_t edgefn__ua_device(const edgefn__ua_scan *s)
{
    /* the evidence on devices that do not run Android, and on those that do */
    const uint32_t mobiles = EDGEFN__EVIDENCE(MWORD) | EDGEFN__EVIDENCE(MOBILE);
    const uint32_t laptop = EDGEFN__EVIDENCE(LAPTOP);
    const struct {
        uint32_t phone, tablet, desktop;
    } words[2] = { { mobiles | EDGEFN__EVIDENCE(BRAND), EDGEFN__EVIDENCE(TABLET),
                     laptop | EDGEFN__EVIDENCE(PC) },
                   { mobiles, laptop | EDGEFN__EVIDENCE(TABLET) | EDGEFN__EVIDENCE(ATAB),
                     EDGEFN__EVIDENCE(PC) } };
    bool android = s->os == EDGEFN_OS_ANDROID;
    uint32_t phone = (s->seen & words[android].phone) != 0 ? (uint32_t)EDGEFN_DEVICE_MOBILE : 0;
    if (edgefn__ua_is_tv(s, android, (s->seen & mobiles) != 0)) return EDGEFN_DEVICE_TV;
    if (s->os == EDGEFN_OS_TIZEN || s->os == EDGEFN_OS_PLAYSTATION)
        return phone != 0 ? EDGEFN_DEVICE_MOBILE : EDGEFN_DEVICE_TV;
    if (s->seen & words[android].desktop) return EDGEFN_DEVICE_DESKTOP;
    if (s->seen & words[android].tablet) return EDGEFN_DEVICE_TABLET | phone;
    if (phone != 0 || (android && !EDGEFN__SEEN(s, ENGINE))) return EDGEFN_DEVICE_MOBILE;
    if (EDGEFN__SEEN(s, DARWIN) && !EDGEFN__SEEN(s, X86)) return EDGEFN_DEVICE_MOBILE;
    return android ? EDGEFN_DEVICE_TABLET : EDGEFN_DEVICE_DESKTOP;
}

/* True if these letters, in any case, are at a place of the text. */
static bool edgefn__ua_at(edgefn_str t, size_t at, edgefn_str letters)
{
    return edgefn_str_ieq(edgefn_str_take(edgefn_str_skip(t, at), letters.len), letters);
}

/* Returns the product's name around a place. If that is a URL, the first name after "compatible;"
   or else the first name of the text. */
static edgefn_str edgefn__ua_name(edgefn_str t, size_t at)
{
    if (edgefn__ua_at(t, at, EDGEFN_S("http")) || edgefn__ua_at(t, at, EDGEFN_S("Mozilla/"))) {
        edgefn_str compatible = EDGEFN_S("compatible; ");
        at = 0;
        while (at < t.len && !edgefn__ua_at(t, at, compatible))
            at++;
        at = at < t.len ? at + compatible.len : 0;
    }
    while (at > 0 && edgefn__ua_named(t.ptr[at - 1]))
        at--;
    size_t end = at;
    while (end < t.len && edgefn__ua_named(t.ptr[end]))
        end++;
    edgefn_str name = edgefn__str(t.ptr + at, end - at);
    return edgefn__when(name.len != 0 && !edgefn_str_ieq(name, EDGEFN_S("Mozilla")), name);
}
static void edgefn__ua_settle_bot(edgefn__ua_scan *s)
{
    const uint32_t system = EDGEFN__EVIDENCE(SYSTEM);
    const uint32_t with = system | EDGEFN__EVIDENCE(X86) | EDGEFN__EVIDENCE(VERSION);
    const uint32_t weak = with | EDGEFN__EVIDENCE(KNOWN); /* words that tools use, too */
    if (s->bot == 0 && (s->seen & ~weak) == 0 && s->os != EDGEFN_OS_ANDROID) {
        s->bot = s->maybe;
        s->bot_at = s->maybe_at;
    }
    if (s->bot != 0) return;
    if (!s->mozilla && (s->seen & system) && (s->seen & ~with) == 0)
        s->bot = EDGEFN_BOT_TOOL; /* only a system's name: no browser */
    else if (s->seen == 0 && s->n != 0)
        s->bot = EDGEFN_BOT_OTHER;
}

static void edgefn__ua_settle_os(edgefn__ua_scan *s)
{
    if (s->apple && s->os >= EDGEFN_OS_TIZEN)
        s->os = EDGEFN_OS_IOS; /* a TV's name is that of a remote control or an app */
    if (s->os == EDGEFN_OS_BLACKBERRY && EDGEFN__SEEN(s, DROID))
        s->os = EDGEFN_OS_ANDROID; /* later phones of that maker */
    if (s->os == 0 && EDGEFN__SEEN(s, DARWIN))
        s->os = EDGEFN__SEEN(s, X86) ? EDGEFN_OS_MACOS : EDGEFN_OS_IOS;
}

static uint32_t edgefn__ua_browser_major(const edgefn__ua_scan *s, edgefn_str text)
{
    uint32_t major = edgefn__ua_major(edgefn_str_skip(text, s->browser_at));
    uint32_t version = edgefn__ua_major(edgefn_str_skip(text, s->version_at));
    if (s->browser == EDGEFN_BROWSER_UNKNOWN) return 0;
    if (s->browser == EDGEFN_BROWSER_SAFARI) return version;
    if (s->browser == EDGEFN_BROWSER_OPERA && major == 9 && version != 0) return version;
    if (s->browser == EDGEFN_BROWSER_IE && s->browser_at < s->n && text.ptr[s->browser_at] == '/')
        return major + 4; /* Trident/7.0 without MSIE is 11 */
    return major;
}

EDGEFN_API edgefn_ua edgefn_ua_parse(edgefn_str text)
{
    if (text.ptr == NULL) text.len = 0;
    edgefn__ua_scan s = { text.ptr, text.len, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, false };
    edgefn_ua ua = { EDGEFN_DEVICE_DESKTOP, EDGEFN_OS_UNKNOWN, EDGEFN_BROWSER_UNKNOWN, 0,
                     EDGEFN_BOT_NONE,       { NULL, 0 } };
    edgefn__ua_words_of(&s);
    edgefn__ua_settle_bot(&s);
    edgefn__ua_settle_os(&s);
    ua.device = edgefn__ua_device(&s);
    if (s.os == EDGEFN_OS_IOS) ua.device |= EDGEFN_DEVICE_IOS;
    if (s.os == EDGEFN_OS_ANDROID) ua.device |= EDGEFN_DEVICE_ANDROID;
    ua.os = (edgefn_os)s.os;
    ua.browser = (edgefn_browser)s.browser;
    if (s.browser == EDGEFN_BROWSER_SAFARI && s.os == EDGEFN_OS_ANDROID)
        ua.browser = EDGEFN_BROWSER_ANDROID;
    ua.major = edgefn__ua_browser_major(&s, text);
    ua.bot = (edgefn_bot)s.bot;
    if (s.bot != 0) ua.bot_name = edgefn__ua_name(text, s.bot_at);
    return ua;
}

/* A structured field that is a list; its lines are read as one list (RFC 8941 section 4.2). */
typedef struct edgefn__ch_list {
    const edgefn_fields *h;
    edgefn_str name, rest;
    size_t next; /* the line to read after rest */
} edgefn__ch_list;

/* Reads the string at the beginning of rest. Returns: its text, escapes included; absent if the
   string does not end. */
static edgefn_str edgefn__ch_string(edgefn_str *rest)
{
    edgefn_str all = *rest;
    size_t end = edgefn__quoted_end(all, 0);
    *rest = edgefn_str_skip(all, end + 1);
    return end < all.len ? edgefn__str(all.ptr + 1, end - 1) : edgefn__absent();
}

/* Skips to a comma; with `all` false also to ';', '=', space or tab. A string is skipped whole. */
static edgefn_str edgefn__ch_skip(edgefn_str *rest, bool all)
{
    const edgefn_str ends = all ? EDGEFN_S(",") : EDGEFN_S(",;= \t");
    size_t i = 0;
    for (; i < rest->len && !edgefn__has_byte(ends, rest->ptr[i]); i++) {
        if (rest->ptr[i] == '"') i = edgefn__quoted_end(*rest, i);
    }
    edgefn_str head = edgefn_str_take(*rest, i);
    *rest = edgefn_str_skip(*rest, i);
    return head;
}

/* Reads the value of a parameter. Returns: absent if it is not a string. */
static edgefn_str edgefn__ch_value(edgefn_str *rest)
{
    if (edgefn__begins(*rest, '"')) return edgefn__ch_string(rest);
    (void)edgefn__ch_skip(rest, false);
    return edgefn__absent();
}

/* Reads the parameters of an item (RFC 8941 section 3.1.2). Returns: the last "v" if it is a
   string, else absent. */
static edgefn_str edgefn__ch_params(edgefn_str *rest)
{
    edgefn_str version = edgefn__absent();
    while (edgefn__take_byte(rest, ';')) {
        edgefn_str value = edgefn__absent();
        *rest = edgefn__trim_start(*rest);
        edgefn_str key = edgefn__ch_skip(rest, false);
        if (edgefn__take_byte(rest, '=')) value = edgefn__ch_value(rest);
        if (edgefn_str_eq(key, EDGEFN_S("v"))) version = value;
    }
    return version;
}

/* Moves to the next line of a list. Returns: false after the last one. */
static bool edgefn__ch_line(edgefn__ch_list *l)
{
    size_t at = edgefn_find(l->h, l->name, l->next);
    if (at == l->h->len) return false;
    l->rest = l->h->items[at].value;
    l->next = at + 1;
    return true;
}

/* Reads the next string of a list and its parameter "v", as in Sec-CH-UA. Other members are
   skipped.
   Returns: false at the end. */
static bool edgefn__ch_next(edgefn__ch_list *l, edgefn_str *text, edgefn_str *version)
{
    *text = edgefn__absent();
    *version = edgefn__absent();
    while (text->ptr == NULL) {
        while (l->rest.len == 0) {
            if (!edgefn__ch_line(l)) return false;
        }
        l->rest = edgefn__trim_start(l->rest);
        if (edgefn__begins(l->rest, '"')) {
            *text = edgefn__ch_string(&l->rest);
            *version = edgefn__ch_params(&l->rest);
        }
        (void)edgefn__ch_skip(&l->rest, true);
        l->rest = edgefn_str_skip(l->rest, 1);
    }
    return true;
}

static edgefn__ch_list edgefn__ch_open(const edgefn_fields *h, edgefn_str name)
{
    edgefn__ch_list l = { h, name, { NULL, 0 }, 0 };
    return l;
}

/* Reads a boolean with or without parameters. Returns: '1', '0', or '\0' if it is invalid. */
static char edgefn__ch_flag(edgefn_str value)
{
    value = edgefn_str_trim(value);
    edgefn_str rest = edgefn_str_skip(value, 2);
    bool valid =
        edgefn_str_starts(value, EDGEFN_S("?0")) || edgefn_str_starts(value, EDGEFN_S("?1"));
    (void)edgefn__ch_params(&rest);
    return valid && rest.len == 0 ? value.ptr[1] : '\0';
}

static void edgefn__ch_platform(edgefn_ua *ua, const edgefn_fields *h)
{
    const uint32_t systems = EDGEFN_DEVICE_IOS | EDGEFN_DEVICE_ANDROID;
    edgefn__ch_list platform = edgefn__ch_open(h, EDGEFN_S("sec-ch-ua-platform"));
    edgefn_str text, version;
    if (!edgefn__ch_next(&platform, &text, &version)) return;
    edgefn_ua named = edgefn_ua_parse(text);
    if (named.os == EDGEFN_OS_UNKNOWN) return;
    ua->os = named.os;
    ua->device = (ua->device & ~systems) | (named.device & systems);
}

static uint32_t edgefn__ch_form_factors(const edgefn_fields *h)
{
    static const struct {
        edgefn_str name;
        uint32_t device;
    } known[] = { { EDGEFN_S_INIT("Tablet"), EDGEFN_DEVICE_TABLET },
                  { EDGEFN_S_INIT("Mobile"), EDGEFN_DEVICE_MOBILE },
                  { EDGEFN_S_INIT("Watch"), EDGEFN_DEVICE_MOBILE },
                  { EDGEFN_S_INIT("Desktop"), EDGEFN_DEVICE_DESKTOP } };
    edgefn__ch_list factors = edgefn__ch_open(h, EDGEFN_S("sec-ch-ua-form-factors"));
    edgefn_str text, version;
    uint32_t device = 0;
    while (edgefn__ch_next(&factors, &text, &version)) {
        for (size_t i = 0; i < EDGEFN__COUNT(known); i++)
            device |= edgefn_str_eq(text, known[i].name) ? known[i].device : 0;
    }
    return device;
}

/* Client hints have no value for televisions: those found in other headers are kept. */
static void edgefn__ch_device(edgefn_ua *ua, const edgefn_fields *h)
{
    const uint32_t systems = EDGEFN_DEVICE_IOS | EDGEFN_DEVICE_ANDROID;
    char mobile = edgefn__ch_flag(edgefn_get(h, EDGEFN_S("sec-ch-ua-mobile")));
    uint32_t device = edgefn__ch_form_factors(h);
    if (mobile == '1')
        device |= EDGEFN_DEVICE_MOBILE | (ua->device & EDGEFN_DEVICE_TABLET);
    else if (mobile == '0' && device == 0)
        device = (ua->device & systems) != 0 ? EDGEFN_DEVICE_TABLET
                                             : EDGEFN_DEVICE_DESKTOP; /* Android tablets say ?0 */
    if (device != 0 && !(ua->device & EDGEFN_DEVICE_TV))
        ua->device = (ua->device & systems) | device;
}

static void edgefn__ch_brands(edgefn_ua *ua, const edgefn_fields *h)
{
    edgefn__ch_list brands = edgefn__ch_open(h, EDGEFN_S("sec-ch-ua"));
    edgefn_str text, version;
    uint32_t best = 0;
    while (edgefn__ch_next(&brands, &text, &version)) {
        edgefn_ua named = edgefn_ua_parse(text);
        if (EDGEFN__IS(text, "Microsoft Edge"))
            named.browser = EDGEFN_BROWSER_EDGE; /* other products of that maker are not browsers */
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

/* Applies CloudFront's own headers about the device. */
static void edgefn__ua_cloudfront(edgefn_ua *ua, const edgefn_fields *h)
{
    static const struct {
        edgefn_str name;
        uint32_t bit;
    } flags[] = { { EDGEFN_S_INIT("cloudfront-is-mobile-viewer"), EDGEFN_DEVICE_MOBILE },
                  { EDGEFN_S_INIT("cloudfront-is-tablet-viewer"), EDGEFN_DEVICE_TABLET },
                  { EDGEFN_S_INIT("cloudfront-is-desktop-viewer"), EDGEFN_DEVICE_DESKTOP },
                  { EDGEFN_S_INIT("cloudfront-is-smarttv-viewer"), EDGEFN_DEVICE_TV },
                  { EDGEFN_S_INIT("cloudfront-is-ios-viewer"), EDGEFN_DEVICE_IOS },
                  { EDGEFN_S_INIT("cloudfront-is-android-viewer"), EDGEFN_DEVICE_ANDROID } };
    const uint32_t kinds =
        EDGEFN_DEVICE_MOBILE | EDGEFN_DEVICE_TABLET | EDGEFN_DEVICE_DESKTOP | EDGEFN_DEVICE_TV;
    uint32_t said = 0;
    uint32_t known = 0;
    for (size_t i = 0; i < EDGEFN__COUNT(flags); i++) {
        edgefn_str value = edgefn_get(h, flags[i].name);
        if (value.ptr == NULL) continue;
        known |= flags[i].bit;
        if (EDGEFN__IS(value, "true")) said |= flags[i].bit;
    }
    if (said & kinds)
        known |= kinds;
    else
        known &= ~kinds;
    ua->device = (ua->device & ~known) | (said & known);
    if (said & EDGEFN_DEVICE_IOS) ua->os = EDGEFN_OS_IOS;
    if (said & EDGEFN_DEVICE_ANDROID) ua->os = EDGEFN_OS_ANDROID;
}

EDGEFN_API edgefn_ua edgefn_ua_of(const edgefn_event *ev)
{
    const edgefn_fields *h = &ev->request.headers;
    edgefn_str text = edgefn_get(h, EDGEFN_S("user-agent"));
    bool trusted = edgefn__trusted(ev);
    if (trusted && edgefn__is_lambda(ev) && EDGEFN__IS(text, "Amazon CloudFront"))
        text = edgefn__absent();
    edgefn_ua ua = edgefn_ua_parse(text);
    if (trusted) edgefn__ua_cloudfront(&ua, h);
    edgefn__ch_platform(&ua, h);
    edgefn__ch_device(&ua, h);
    edgefn__ch_brands(&ua, h);
    return ua;
}

EDGEFN_API edgefn_str edgefn_device_name(uint32_t device)
{
    if (device & EDGEFN_DEVICE_TV) return EDGEFN_S("tv");
    if (device & EDGEFN_DEVICE_TABLET) return EDGEFN_S("tablet");
    return device & EDGEFN_DEVICE_MOBILE ? EDGEFN_S("mobile") : EDGEFN_S("desktop");
}

#    endif /* EDGEFN_NO_UA */

/*=== >>viewer =====================================================================================
   CloudFront-Viewer-* headers are copied into the struct by a table of names. */

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
    v.tls_version = tls.head;
    v.tls_cipher = cipher.head;
    v.tls_handshake = cipher.tail;
    return v;
}

/*=== >>net ========================================================================================
   An address is 16 bytes, an IPv4 address its mapped form, so that one comparison of bits serves
   both. edgefn__ip_read() in >>uri reads them. */

EDGEFN_API edgefn_ip edgefn_ip_parse(edgefn_str text)
{
    edgefn_ip ip = { { 0 }, false, false };
    edgefn_ip none = ip;
    unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    if (!edgefn__ip_read(text, ip.bytes)) return none;
    ip.ok = true;
    ip.v4 = edgefn__memcmp(ip.bytes, mapped, sizeof mapped) == 0;
    return ip;
}
/* Finds the first of the longest runs of at least two zero groups, which is written as "::".
   Returns: its length; *gap is its place. */
static size_t edgefn__ip_gap(const edgefn_ip *ip, size_t *gap)
{
    size_t longest = 1;
    size_t run = 0;
    *gap = 8;
    for (size_t i = 0; i < 8; i++) {
        run = (ip->bytes[i * 2] | ip->bytes[i * 2 + 1]) == 0 ? run + 1 : 0;
        if (run <= longest) continue;
        longest = run;
        *gap = i + 1 - run;
    }
    return longest;
}

static void edgefn__put_hex(edgefn__text *t, unsigned v)
{
    unsigned digits = 1;
    while (digits < 4 && v >> (digits * 4) != 0)
        digits++;
    while (digits-- > 0) {
        char digit = edgefn__hex_lower(v >> (digits * 4));
        edgefn__put(t, &digit, 1);
    }
}

static void edgefn__put_v4(edgefn__text *t, const unsigned char *bytes)
{
    for (size_t i = 0; i < 4; i++) {
        if (i > 0) EDGEFN__PUT(t, ".");
        edgefn__put_number(t, bytes[i]);
    }
}

static void edgefn__put_v6(edgefn__text *t, const edgefn_ip *ip)
{
    size_t gap;
    size_t gap_len = edgefn__ip_gap(ip, &gap);
    for (size_t i = 0; i < 8; i++) {
        if (i == gap) {
            EDGEFN__PUT(t, "::");
            i += gap_len - 1;
            continue;
        }
        if (i > 0 && i != gap + gap_len) EDGEFN__PUT(t, ":");
        edgefn__put_hex(t, (unsigned)ip->bytes[i * 2] << 8 | ip->bytes[i * 2 + 1]);
    }
}

EDGEFN_API edgefn_str edgefn_ip_text(edgefn_event *ev, edgefn_ip ip)
{
    if (!ip.ok) return edgefn__absent();
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    if (ip.v4)
        edgefn__put_v4(&t, ip.bytes + 12);
    else
        edgefn__put_v6(&t, &ip);
    return edgefn__text_end(ev, &t);
}
/* Reads a network. *bits: how many of the 128 bits count. */
static bool edgefn__cidr_read(edgefn_str text, edgefn_ip *net, size_t *bits)
{
    edgefn_cut c = edgefn_str_cut(text, EDGEFN_S("/"));
    size_t all = edgefn_str_contains(c.head, EDGEFN_S(":")) ? 128 : 32;
    *net = edgefn_ip_parse(c.head);
    *bits = 128;
    if (!net->ok) return false;
    if (!c.found) return true;
    edgefn_number n = edgefn__number_upto(c.tail, all);
    if (!n.ok) return false;
    *bits = (size_t)n.value + (128 - all);
    /* "::ffff:10.0.0.0/8" compares nothing of the IPv4 address */
    return !net->v4 || *bits >= 96;
}

static bool edgefn__same_bits(const unsigned char *a, const unsigned char *b, size_t bits)
{
    size_t whole = bits / 8;
    if (edgefn__memcmp(a, b, whole) != 0) return false;
    return bits % 8 == 0 || (unsigned)(a[whole] ^ b[whole]) >> (8 - bits % 8) == 0;
}

EDGEFN_API bool edgefn_ip_in(edgefn_ip ip, const edgefn_str *cidrs, size_t count)
{
    for (size_t i = 0; i < count && ip.ok; i++) {
        edgefn_ip net;
        size_t bits;
        if (!edgefn__cidr_read(cidrs[i], &net, &bits) || net.v4 != ip.v4) continue;
        if (edgefn__same_bits(ip.bytes, net.bytes, bits)) return true;
    }
    return false;
}

/* Reads the next entry from right to left, over all lines: an address with or without a port. Empty
   entries are skipped. Returns: false after the first entry. */
static bool edgefn__forwarded_next(const edgefn_fields *h, size_t *i, edgefn_str *rest,
                                   edgefn_ip *ip)
{
    edgefn_str entry = edgefn__absent();
    uint32_t port;
    while (entry.len == 0) {
        while (rest->ptr == NULL) {
            if (*i == 0) return false;
            --*i;
            if (EDGEFN__IS(h->items[*i].name, "x-forwarded-for")) *rest = h->items[*i].value;
        }
        size_t comma = edgefn__after_last(*rest, ',');
        entry = edgefn_str_trim(edgefn_str_skip(*rest, comma));
        *rest = comma > 0 ? edgefn_str_take(*rest, comma - 1) : edgefn__absent();
    }
    *ip = edgefn_ip_parse(entry);
    if (!ip->ok && edgefn__split_port(entry, &entry, &port)) *ip = edgefn_ip_parse(entry);
    return true;
}

EDGEFN_API edgefn_ip edgefn_client_ip(const edgefn_event *ev, const edgefn_client_ip_opts *opts)
{
    edgefn_str rest = { NULL, 0 };
    edgefn_ip ip = edgefn_ip_parse(ev->request.client_ip);
    edgefn_ip next = edgefn_ip_parse(rest);
    edgefn_ip none = next;
    const edgefn_fields *h = &ev->request.headers;
    size_t i = h->len;
    uint32_t hops = opts != NULL ? opts->trusted_hops : 0;
    bool own = edgefn__at_origin(ev); /* there CloudFront has appended client_ip itself */
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

/*=== >>time =======================================================================================
   How it works: a date is split into its parts and assembled from them by counting days in the
   Gregorian calendar. Reading follows a format text as strptime() does, one part at a time. */

static const char *const edgefn__weekdays[7] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
                                                 "Thursday", "Friday", "Saturday" };
static const char *const edgefn__months[12] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
#    define EDGEFN__TIME_MIN (-62135596800) /* 0001-01-01 */
#    define EDGEFN__TIME_MAX 253402300799   /* 9999-12-31 23:59:59 */

/* Counts days since 1970-01-01 in the Gregorian calendar. Years begin in March here, so that the
   leap day is the last one; 400 years have 146,097 days. */
static int64_t edgefn__days(int64_t year, unsigned month, unsigned day)
{
    int64_t y = year + 400 - (month <= 2);
    return y * 365 + y / 4 - y / 100 + y / 400 + ((month + 9) % 12 * 153 + 2) / 5 + day - 1 - 719468
           - 146097;
}

typedef struct edgefn__date {
    unsigned day, month, year, hour, minute, second, weekday;
} edgefn__date;

/* Splits seconds between EDGEFN__TIME_MIN and _MAX into the parts of a date. */
static edgefn__date edgefn__date_split(int64_t time_s)
{
    int64_t day = (time_s - EDGEFN__TIME_MIN) / 86400 - 719162;
    int64_t year = (day + 719468) / 366;
    unsigned month = 1;
    unsigned second = (unsigned)((time_s - EDGEFN__TIME_MIN) % 86400);
    while (edgefn__days(year + 1, 1, 1) <= day)
        year++;
    while (month < 12 && edgefn__days(year, month + 1, 1) <= day)
        month++;
    edgefn__date d;
    d.day = (unsigned)(day - edgefn__days(year, month, 1)) + 1;
    d.month = month;
    d.year = (unsigned)year;
    d.hour = second / 3600;
    d.minute = second / 60 % 60;
    d.second = second % 60;
    d.weekday = (unsigned)((day + 719163) % 7);
    return d;
}

static int64_t edgefn__date_seconds(const edgefn__date *d)
{
    int64_t day = edgefn__days(d->year, d->month, d->day);
    return ((day * 24 + d->hour) * 60 + d->minute) * 60 + d->second;
}

EDGEFN_API bool edgefn_now(edgefn_event *ev, int64_t *now_s)
{
    *now_s = ev->env->now_s;
    if (*now_s > 0 && *now_s <= EDGEFN__TIME_MAX) return true;
    return edgefn__fail(ev, EDGEFN_E_ENVIRONMENT, "edgefn_now", EDGEFN_S("time"));
}

/* Writes a number with leading zeros. */
static void edgefn__put_padded(edgefn__text *t, unsigned value, unsigned digits)
{
    unsigned unit = 1;
    while (--digits > 0)
        unit *= 10;
    for (; unit > 0; unit /= 10) {
        char digit = (char)('0' + value / unit % 10);
        edgefn__put(t, &digit, 1);
    }
}
EDGEFN_API edgefn_str edgefn_date_text(edgefn_event *ev, int64_t time_s)
{
    if (time_s < EDGEFN__TIME_MIN || time_s > EDGEFN__TIME_MAX) return edgefn__absent();
    edgefn__date d = edgefn__date_split(time_s);
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    edgefn__put(&t, edgefn__weekdays[d.weekday], 3);
    EDGEFN__PUT(&t, ", ");
    edgefn__put_padded(&t, d.day, 2);
    EDGEFN__PUT(&t, " ");
    edgefn__put(&t, edgefn__months[d.month - 1], 3);
    EDGEFN__PUT(&t, " ");
    edgefn__put_padded(&t, d.year, 4);
    EDGEFN__PUT(&t, " ");
    edgefn__put_padded(&t, d.hour, 2);
    EDGEFN__PUT(&t, ":");
    edgefn__put_padded(&t, d.minute, 2);
    EDGEFN__PUT(&t, ":");
    edgefn__put_padded(&t, d.second, 2);
    EDGEFN__PUT(&t, " GMT");
    return edgefn__text_end(ev, &t);
}

/* Each of these removes one part from the beginning of a text, or returns false. */

static bool edgefn__take_number(edgefn_str *s, size_t digits, unsigned *value)
{
    edgefn_number n = edgefn_str_to_u64(edgefn_str_take(*s, digits));
    if (!n.ok || s->len < digits) return false;
    *value = (unsigned)n.value;
    *s = edgefn_str_skip(*s, digits);
    return true;
}

/* Removes one of `count` names: its first three letters or, if whole, all of them. */
static bool edgefn__take_name(edgefn_str *s, const char *const *names, unsigned count, bool whole,
                              unsigned *index)
{
    for (unsigned k = 0; k < count; k++) {
        size_t n = whole ? edgefn__zlen(names[k]) : 3;
        if (s->len < n || !edgefn__same(s->ptr, names[k], n)) continue;
        *index = k;
        *s = edgefn_str_skip(*s, n);
        return true;
    }
    return false;
}

static bool edgefn__take_month(edgefn_str *s, edgefn__date *d)
{
    if (!edgefn__take_name(s, edgefn__months, 12, false, &d->month)) return false;
    d->month++;
    return true;
}

/* Removes one part of a date, named by its letter as in strptime(). %A: the whole name of the
   weekday. %e: a day below 10 has a space before it. */
static bool edgefn__take_part(edgefn_str *s, char part, edgefn__date *d)
{
    switch (part) {
    case 'a': return edgefn__take_name(s, edgefn__weekdays, 7, false, &d->weekday);
    case 'A': return edgefn__take_name(s, edgefn__weekdays, 7, true, &d->weekday);
    case 'b': return edgefn__take_month(s, d);
    case 'd': return edgefn__take_number(s, 2, &d->day);
    case 'e': return edgefn__take_number(s, edgefn__take_byte(s, ' ') ? 1 : 2, &d->day);
    case 'H': return edgefn__take_number(s, 2, &d->hour);
    case 'M': return edgefn__take_number(s, 2, &d->minute);
    case 'S': return edgefn__take_number(s, 2, &d->second);
    case 'y': return edgefn__take_number(s, 2, &d->year);
    default: return edgefn__take_number(s, 4, &d->year);
    }
}

static bool edgefn__date_read(edgefn_str s, const char *form, edgefn__date *d)
{
    for (; *form != '\0'; form++) {
        bool is_part = *form == '%';
        if (is_part) form++;
        bool taken = is_part ? edgefn__take_part(&s, *form, d) : edgefn__take_byte(&s, *form);
        if (!taken) return false;
    }
    return s.len == 0;
}

/* Adds the century to a year of two digits: the latest one in which the date is at most 50 years
   ahead of now (RFC 9110). */
static void edgefn__date_century(edgefn__date *d, int64_t now)
{
    edgefn__date today = edgefn__date_split(now);
    edgefn__date back = *d;
    d->year += today.year - today.year % 100 + 100;
    back.year = d->year - 50;
    while (edgefn__date_seconds(&back) > now) {
        d->year -= 100;
        back.year -= 100;
    }
}

static bool edgefn__date_ok(const edgefn__date *d)
{
    if (d->year == 0 || d->year > 9999 || d->day == 0) return false;
    if (d->hour > 23 || d->minute > 59 || d->second > 60) return false;
    int64_t next_month = edgefn__days(d->year + d->month / 12, d->month % 12 + 1, 1);
    return edgefn__days(d->year, d->month, d->day) < next_month
           && edgefn__date_seconds(d) <= EDGEFN__TIME_MAX;
}
EDGEFN_API edgefn_time edgefn_date_parse(edgefn_event *ev, edgefn_str text)
{
    edgefn_time t = { 0, false };
    edgefn__date d;
    int64_t now = ev->env->now_s;
    /* the three formats of RFC 9110 section 5.6.7 */
    if (!edgefn__date_read(text, "%a, %d %b %Y %H:%M:%S GMT", &d)
        && !edgefn__date_read(text, "%a %b %e %H:%M:%S %Y", &d)) {
        bool clock = now > 0 && now <= EDGEFN__TIME_MAX;
        if (!clock || !edgefn__date_read(text, "%A, %d-%b-%y %H:%M:%S GMT", &d)) return t;
        edgefn__date_century(&d, now);
    }
    t.ok = edgefn__date_ok(&d);
    if (t.ok) t.seconds = edgefn__date_seconds(&d);
    return t;
}

EDGEFN_API edgefn_number edgefn_retry_after(edgefn_event *ev, edgefn_str value)
{
    int64_t now = 0;
    edgefn_number n = edgefn_str_to_u64(value);
    if (n.ok) return n;
    edgefn_time t = edgefn_date_parse(ev, value);
    n.ok = t.ok && edgefn_now(ev, &now);
    if (n.ok && t.seconds > now) n.value = (uint64_t)(t.seconds - now);
    return n;
}

/*=== >>choose =====================================================================================
   How it works: a hash or a random draw is a position in [0, 2^64). It is scaled to [0, sum of the
   weights), and the weights are subtracted from it one by one. */

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

/* Scales draw from [0, 2^64) to [0, n): the upper half of a product of 128 bits. */
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

/*=== >>crypto =====================================================================================
   How it works: SHA-256 as in FIPS 180-4, portable C. Tokens are checked in this order: length,
   three parts, header, signature, payload, claims; nothing of the payload is read before the
   signature is verified. Every refusal is a row of EDGEFN__JWT_FAULTS. A Signature Version 4 joins
   the request's parts in canonical form in the arena, hashes them and releases the memory. */

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
    /* instead of moving all eight variables in each round, their indices move: v[(7 - i) & 7] is h
       of FIPS 180, v[-i & 7] is a */
    for (size_t i = 0; i < 64; i++) {
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

/* Hashes data, after a first block of 64 bytes unless block is NULL. */
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

EDGEFN_API edgefn_str edgefn_sha256_str(edgefn_event *ev, edgefn_str data)
{
    unsigned char digest[32];
    edgefn_sha256(data, digest);
    return edgefn_str_copy(ev, edgefn__str((const char *)digest, sizeof digest));
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

EDGEFN_API edgefn_str edgefn_hmac_sha256_str(edgefn_event *ev, edgefn_str key, edgefn_str data)
{
    unsigned char mac[32];
    if (key.ptr == NULL) return edgefn__absent();
    edgefn_hmac_sha256(key, data, mac);
    return edgefn_str_copy(ev, edgefn__str((const char *)mac, sizeof mac));
}

EDGEFN_API bool edgefn_secret_eq(edgefn_str a, edgefn_str b)
{
    /* volatile: the compiler may not stop at the first difference */
    volatile unsigned differ = a.ptr == NULL || b.ptr == NULL || a.len != b.len;
    for (size_t i = 0; i < a.len && a.len == b.len; i++)
        differ = differ | ((unsigned)(unsigned char)a.ptr[i] ^ (unsigned char)b.ptr[i]);
    return differ == 0;
}
EDGEFN_API bool edgefn_random(edgefn_event *ev, unsigned char bytes[16])
{
    const edgefn_env *env = ev->env;
    edgefn__memset(bytes, 0, 16);
    if (!env->has_random_bytes)
        return edgefn__fail(ev, EDGEFN_E_ENVIRONMENT, "edgefn_random", EDGEFN_S("random_bytes"));
    edgefn__memcpy(bytes, env->random_bytes, 16);
    return true;
}

EDGEFN_API edgefn_str edgefn_random_text(edgefn_event *ev, edgefn_str purpose)
{
    unsigned char key[16];
    unsigned char mac[32];
    if (!edgefn_random(ev, key)) return edgefn__absent();
    edgefn_hmac_sha256(edgefn__str((const char *)key, sizeof key), purpose, mac);
    return edgefn__base64_write(ev, edgefn__str((const char *)mac, sizeof mac),
                                edgefn__base64url_digits);
}

EDGEFN_API edgefn_str edgefn_secret(edgefn_event *ev, edgefn_str name)
{
    edgefn_str s = edgefn__absent();
    const edgefn_env *env = ev->env;
    if (env->lookup != NULL && name.ptr != NULL)
        s = env->lookup(env->user, EDGEFN_S("secret"), name);
    if (s.len != 0) return s;
    edgefn__fail(ev, EDGEFN_E_ENVIRONMENT, "edgefn_secret", name);
    return edgefn__absent();
}
EDGEFN_API edgefn_str edgefn_hex_encode(edgefn_event *ev, edgefn_str bytes)
{
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned v = (unsigned char)bytes.ptr[i];
        char digits[2] = { edgefn__hex_lower(v >> 4), edgefn__hex_lower(v) };
        edgefn__put(&t, digits, 2);
    }
    return edgefn__text_end(ev, &t);
}

EDGEFN_API edgefn_str edgefn_hex_decode(edgefn_event *ev, edgefn_str text)
{
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    if (text.ptr == NULL || text.len % 2 != 0 || !edgefn__all(text, EDGEFN__C_HEX))
        return edgefn__absent();
    for (size_t i = 0; i < text.len; i += 2) {
        char byte = (char)(edgefn__hex(text.ptr[i]) * 16 + edgefn__hex(text.ptr[i + 1]));
        edgefn__put(&t, &byte, 1);
    }
    return edgefn__text_end(ev, &t);
}

/*--- tokens -------------------------------------------------------------------------------------*/

/* Why tokens are refused: X(fault, its reason in the interface, text). */
#      define EDGEFN__JWT_FAULTS(X)                                                                \
        X(NONE, OK, "")                                                                            \
        X(ABSENT, ABSENT, "no token")                                                              \
        X(TOO_LONG, TOO_LONG, "longer than 16,384 bytes")                                          \
        X(PARTS, MALFORMED, "not three parts separated by '.'")                                    \
        X(HEADER, MALFORMED, "the header is not a JSON object in base64url")                       \
        X(ENCODING, MALFORMED, "the signature is not base64url")                                   \
        X(PAYLOAD, MALFORMED, "the payload is not a JSON object in base64url")                     \
        X(CRITICAL, CRITICAL, "the header requires an extension (crit)")                           \
        X(ALGORITHM, ALGORITHM, "the algorithm is not allowed")                                    \
        X(SIGNATURE, SIGNATURE, "the signature is wrong")                                          \
        X(EXP, DATE, "exp is missing or not a number of seconds")                                  \
        X(NBF, DATE, "nbf is not a number of seconds")                                             \
        X(IAT, DATE, "iat is not a number of seconds")                                             \
        X(EXPIRED, EXPIRED, "expired")                                                             \
        X(NOT_YET, NOT_YET, "not valid yet")                                                       \
        X(ISSUER, ISSUER, "another issuer")                                                        \
        X(AUDIENCE, AUDIENCE, "another audience")                                                  \
        X(FAILED, FAILED, "the event has failed")

typedef enum edgefn__jwt_fault {
#      define EDGEFN__X(fault, reason, text) EDGEFN__JWT_##fault,
    EDGEFN__JWT_FAULTS(EDGEFN__X)
#      undef EDGEFN__X
} edgefn__jwt_fault;

static const struct {
    edgefn_jwt_reason reason;
    const char *text;
} edgefn__jwt_faults[] = {
#      define EDGEFN__X(fault, reason, text) { EDGEFN_JWT_##reason, text },
    EDGEFN__JWT_FAULTS(EDGEFN__X)
#      undef EDGEFN__X
};

/* Reports whether a JSON value is this string. */
static bool edgefn__json_is(edgefn_str v, edgefn_str text)
{
    return v.len >= 2 && v.ptr[0] == '"'
           && edgefn__json_means(edgefn__str(v.ptr + 1, v.len - 2), text, EDGEFN__EXACT);
}

static edgefn_str edgefn__jwt_member(edgefn_str object, const char *name)
{
    return edgefn__json_step(object, edgefn_cstr(name), EDGEFN__EXACT);
}

/* Reads the exponent of a JSON number. */
static int64_t edgefn__jwt_shift(edgefn_str power)
{
    const int64_t most = (int64_t)EDGEFN_JWT_MAX * 2; /* more digits than a token can have */
    if (power.len == 0) return 0;
    bool down = power.ptr[0] == '-';
    edgefn_number n = edgefn_str_to_u64(edgefn_str_skip(power, down || power.ptr[0] == '+'));
    int64_t shift = n.ok && n.value <= (uint64_t)most ? (int64_t)n.value : most;
    return down ? -shift : shift;
}

/* Reads a NumericDate: a JSON number whose whole part is below 2^53. The exponent is applied first,
   then the fraction is cut off. */
static edgefn_time edgefn__jwt_time(edgefn_str v)
{
    edgefn_time t = { 0, false };
    bool minus = edgefn_str_starts(v, EDGEFN_S("-"));
    v = edgefn_str_skip(v, minus);
    if (v.len == 0 || !edgefn__digit(v.ptr[0])) return t; /* not a number */
    size_t end = 0;
    while (end < v.len && edgefn__lower(v.ptr[end]) != 'e')
        end++;
    edgefn_cut c = edgefn_str_cut(edgefn_str_take(v, end), EDGEFN_S("."));
    int64_t places = (int64_t)c.head.len + edgefn__jwt_shift(edgefn_str_skip(v, end + 1));
    for (int64_t i = 0; i < places; i++) {
        /* the digits of c.head, then those of c.tail, which come after the point */
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

/* Checks exp, nbf and iat. */
static edgefn__jwt_fault edgefn__jwt_times(edgefn_event *ev, edgefn_str payload,
                                           const edgefn_jwt_opts *opts)
{
    edgefn_str exp = edgefn__jwt_member(payload, "exp");
    edgefn_str nbf = edgefn__jwt_member(payload, "nbf");
    edgefn_str iat = edgefn__jwt_member(payload, "iat");
    edgefn_time until = edgefn__jwt_time(exp);
    edgefn_time from = edgefn__jwt_time(nbf);
    int64_t now = 0;
    bool optional = exp.ptr == NULL && opts->expiry_optional;
    if (!until.ok && !optional) return EDGEFN__JWT_EXP;
    if (nbf.ptr != NULL && !from.ok) return EDGEFN__JWT_NBF;
    if (iat.ptr != NULL && !edgefn__jwt_time(iat).ok) return EDGEFN__JWT_IAT;
    if ((until.ok || from.ok) && !edgefn_now(ev, &now)) return EDGEFN__JWT_FAILED;
    if (until.ok && now >= until.seconds + opts->leeway_s) return EDGEFN__JWT_EXPIRED;
    if (from.ok && now < from.seconds - opts->leeway_s) return EDGEFN__JWT_NOT_YET;
    return EDGEFN__JWT_NONE;
}

/* True if the claim "aud" is this audience, or a list that contains it. */
static bool edgefn__jwt_is_for(edgefn_str aud, edgefn_str audience)
{
    if (aud.len == 0 || aud.ptr[0] != '[') return edgefn__json_is(aud, audience);
    edgefn__each e = edgefn__each_in(aud.ptr, 0);
    while (edgefn__next(&e)) {
        if (edgefn__json_is(edgefn__str(aud.ptr + e.value, e.end - e.value), audience)) return true;
    }
    return false;
}

/* Checks the claims of a token whose signature is valid. */
static edgefn__jwt_fault edgefn__jwt_claims(edgefn_event *ev, edgefn_str payload,
                                            const edgefn_jwt_opts *opts)
{
    edgefn__jwt_fault fault = edgefn__jwt_times(ev, payload, opts);
    if (fault != EDGEFN__JWT_NONE) return fault;
    edgefn_str iss = edgefn__jwt_member(payload, "iss");
    edgefn_str aud = edgefn__jwt_member(payload, "aud");
    if (opts->issuer.ptr != NULL && !edgefn__json_is(iss, opts->issuer)) return EDGEFN__JWT_ISSUER;
    if (opts->audience.ptr != NULL && !edgefn__jwt_is_for(aud, opts->audience))
        return EDGEFN__JWT_AUDIENCE;
    return EDGEFN__JWT_NONE;
}
/* True if the options allow this algorithm and the host verifies it. */
static bool edgefn__jwt_by_host(const edgefn_jwt_opts *opts, edgefn_str alg)
{
    return (opts->rs256 && edgefn__json_is(alg, EDGEFN_S("RS256")))
           || (opts->es256 && edgefn__json_is(alg, EDGEFN_S("ES256")))
           || (opts->eddsa && edgefn__json_is(alg, EDGEFN_S("EdDSA")));
}

static bool edgefn__jwt_ask_host(edgefn_event *ev, edgefn_str alg, edgefn_str kid,
                                 edgefn_str message, edgefn_str signature)
{
    const edgefn_env *env = ev->env;
    if (env->verify == NULL)
        edgefn__fail(ev, EDGEFN_E_ENVIRONMENT, "edgefn_jwt_verify", EDGEFN_S("verify"));
    kid = edgefn__json_value(ev, kid).string;
    alg = edgefn__json_value(ev, alg).string;
    if (ev->err.code != EDGEFN_OK) return false;
    return env->verify(env->user, alg, kid, message, signature);
}

/* Checks a signature by the algorithm that the header names. */
static edgefn__jwt_fault edgefn__jwt_signature(edgefn_event *ev, const edgefn_jwt_opts *opts,
                                               edgefn_str header, edgefn_str message,
                                               edgefn_str signature)
{
    edgefn_str alg = edgefn__jwt_member(header, "alg");
    edgefn_str kid = edgefn__jwt_member(header, "kid");
    bool right = false;
    if (edgefn__jwt_member(header, "crit").ptr != NULL) return EDGEFN__JWT_CRITICAL;
    if (opts->hs256 && edgefn__json_is(alg, EDGEFN_S("HS256"))) {
        unsigned char mac[32];
        edgefn_hmac_sha256(opts->secret, message, mac);
        right = edgefn_secret_eq(signature, edgefn__str((const char *)mac, sizeof mac));
    } else if (edgefn__jwt_by_host(opts, alg)) {
        right = edgefn__jwt_ask_host(ev, alg, kid, message, signature);
    } else {
        return EDGEFN__JWT_ALGORITHM;
    }
    return right ? EDGEFN__JWT_NONE : EDGEFN__JWT_SIGNATURE;
}

/* Decodes a part of a token, which is a JSON object; absent if it is invalid. */
static edgefn_str edgefn__jwt_object(edgefn_event *ev, edgefn_str part)
{
    edgefn_str text = edgefn__base64_take(ev, part, edgefn__base64url_digits);
    edgefn_str root = edgefn__json_root(text);
    return edgefn__when(root.ptr != NULL && root.ptr[0] == '{', root);
}

static edgefn__jwt_fault edgefn__jwt_check(edgefn_event *ev, edgefn_str token,
                                           const edgefn_jwt_opts *opts, edgefn_jwt *jwt)
{
    edgefn_cut head = edgefn_str_cut(token, EDGEFN_S("."));
    edgefn_cut body = edgefn_str_cut(head.tail, EDGEFN_S("."));
    edgefn_str message = edgefn_str_take(token, head.head.len + 1 + body.head.len);
    if (token.len == 0) return EDGEFN__JWT_ABSENT;
    if (token.len > EDGEFN_JWT_MAX) return EDGEFN__JWT_TOO_LONG;
    if (!body.found || edgefn_str_contains(body.tail, EDGEFN_S("."))) return EDGEFN__JWT_PARTS;
    jwt->header = edgefn__jwt_object(ev, head.head);
    edgefn_str signature = edgefn__base64_take(ev, body.tail, edgefn__base64url_digits);
    if (jwt->header.ptr == NULL) return EDGEFN__JWT_HEADER;
    if (signature.ptr == NULL) return EDGEFN__JWT_ENCODING;
    edgefn__jwt_fault fault = edgefn__jwt_signature(ev, opts, jwt->header, message, signature);
    if (fault != EDGEFN__JWT_NONE) return fault;
    jwt->payload = edgefn__jwt_object(ev, body.head);
    if (jwt->payload.ptr == NULL) return EDGEFN__JWT_PAYLOAD;
    return edgefn__jwt_claims(ev, jwt->payload, opts);
}

EDGEFN_API edgefn_jwt edgefn_jwt_verify(edgefn_event *ev, edgefn_str token,
                                        const edgefn_jwt_opts *opts)
{
    edgefn_jwt jwt = { { NULL, 0 }, { NULL, 0 }, false, EDGEFN_JWT_OK, NULL };
    edgefn__jwt_fault fault = EDGEFN__JWT_FAILED;
    edgefn__scope scope = edgefn__scope_begin(ev);
    if (opts == NULL || (!opts->hs256 && !opts->rs256 && !opts->es256 && !opts->eddsa)
        || (opts->hs256 && opts->secret.len == 0))
        edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_jwt_verify", edgefn__absent());
    if (ev->err.code == EDGEFN_OK) fault = edgefn__jwt_check(ev, token, opts, &jwt);
    if (ev->err.code != EDGEFN_OK) fault = EDGEFN__JWT_FAILED;
    jwt.reason = edgefn__jwt_faults[fault].reason;
    jwt.why = edgefn__jwt_faults[fault].text;
    jwt.ok = fault == EDGEFN__JWT_NONE;
    if (jwt.ok) return jwt;
    jwt.header = edgefn__absent();
    jwt.payload = edgefn__absent();
    edgefn__scope_end(ev, scope);
    return jwt;
}

EDGEFN_API edgefn_json edgefn_jwt_claim(edgefn_event *ev, const edgefn_jwt *jwt, edgefn_str name)
{
    edgefn_str claim =
        jwt->ok ? edgefn__json_step(jwt->payload, name, EDGEFN__EXACT) : edgefn__absent();
    return edgefn__json_value(ev, claim);
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
    parts[1] = edgefn__base64_write(ev, payload, edgefn__base64url_digits);
    edgefn_hmac_sha256(secret, edgefn_str_join(ev, parts, 2), mac);
    parts[3] = edgefn__base64_write(ev, edgefn__str((const char *)mac, sizeof mac),
                                    edgefn__base64url_digits);
    return ev->err.code == EDGEFN_OK ? edgefn_str_join(ev, parts, 4) : edgefn__absent();
}

/*--- AWS Signature Version 4 --------------------------------------------------------------------*/

typedef struct edgefn__signing {
    edgefn_event *ev;
    const edgefn_sign_opts *opts;
    edgefn_str service, when, payload;
    bool s3, in_query, cf_id;
} edgefn__signing;

/* Returns the next name after `after` of the headers to sign, in alphabetical order. All others
   stay unsigned: an x-amz-acl from a viewer must not be signed, and the rest may change on the way
   to the origin. */
static edgefn_str edgefn__sign_name(const edgefn__signing *g, edgefn_str after)
{
    static const edgefn_str own[] = { EDGEFN_S_INIT("host"), EDGEFN_S_INIT("x-amz-cf-id"),
                                      EDGEFN_S_INIT("x-amz-date"),
                                      EDGEFN_S_INIT("x-amz-security-token"),
                                      EDGEFN_S_INIT("x-amz-content-sha256") };
    const size_t ours = EDGEFN__COUNT(own);
    edgefn_str best = edgefn__absent();
    for (size_t i = 0; i < ours + g->opts->header_count; i++) {
        edgefn_str name = i < ours ? own[i] : g->opts->headers[i - ours];
        bool amz = i > 0 && i < ours; /* parameters in a presigned URL */
        bool wanted = edgefn_has(&g->ev->request.headers, name) && (!amz || !g->in_query);
        if (i == 1) wanted = g->cf_id;
        if (!wanted || edgefn__compare(name, after) <= 0) continue;
        if (best.ptr == NULL || edgefn__compare(name, best) < 0) best = name;
    }
    return best;
}

/* Writes a value with runs of spaces and tabs as one space. */
static void edgefn__put_single_spaced(edgefn__text *t, edgefn_str value)
{
    bool space = false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool before = space;
        space = c == ' ' || c == '\t';
        if (!space)
            edgefn__put(t, &c, 1);
        else if (!before)
            EDGEFN__PUT(t, " ");
    }
}

/* Writes the values of a header to sign. x-amz-cf-id, which CloudFront adds later, is the request
   id. */
static void edgefn__sign_values(edgefn__text *t, const edgefn__signing *g, edgefn_str name)
{
    const edgefn_fields *h = &g->ev->request.headers;
    size_t i = edgefn_find(h, name, 0);
    EDGEFN__PUT(t, ":");
    if (i == h->len) edgefn__put_single_spaced(t, edgefn_str_trim(g->ev->request_id));
    while (i < h->len) {
        edgefn__put_single_spaced(t, edgefn_str_trim(h->items[i].value));
        i = edgefn_find(h, name, i + 1);
        if (i < h->len) EDGEFN__PUT(t, ",");
    }
}

/* Writes the headers to sign: whole lines, or their names separated by ';'. */
static edgefn_str edgefn__sign_headers(const edgefn__signing *g, bool lines)
{
    edgefn__text t = edgefn__text_begin(g->ev, g->ev->arena.cap);
    edgefn_str name = edgefn__sign_name(g, edgefn__absent());
    while (name.ptr != NULL) {
        edgefn_str next = edgefn__sign_name(g, name);
        edgefn__put(&t, name.ptr, name.len);
        if (lines) {
            edgefn__sign_values(&t, g, name);
            EDGEFN__PUT(&t, "\n");
        } else if (next.ptr != NULL) {
            EDGEFN__PUT(&t, ";");
        }
        name = next;
    }
    return edgefn__text_end(g->ev, &t);
}

/* By name, then by value. */
static int edgefn__by_name_and_value(const void *a, const void *b)
{
    const edgefn_field *x = (const edgefn_field *)a;
    const edgefn_field *y = (const edgefn_field *)b;
    int d = edgefn__compare(x->name, y->name);
    return d != 0 ? d : edgefn__compare(x->value, y->value);
}

/* Writes the query with all names and values percent-encoded, sorted by the encoded text. */
static edgefn_str edgefn__sign_query(edgefn_event *ev)
{
    const edgefn_fields *q = edgefn_query(ev);
    size_t n = q->len;
    edgefn__scope held = edgefn__scope_begin(ev);
    edgefn_field *a = (edgefn_field *)edgefn__take_held(ev, n, sizeof *a);
    for (size_t i = 0; i < n && a != NULL; i++) {
        a[i] = q->items[i];
        a[i].name = edgefn__alike(ev, a[i].name, EDGEFN_S(""), EDGEFN__PLUS);
        a[i].value = edgefn__alike(ev, a[i].value, EDGEFN_S(""), EDGEFN__PLUS);
    }
    bool sorted = ev->err.code == EDGEFN_OK
                  && edgefn__sort(ev, ev->arena.cap, a, n, sizeof *a, edgefn__by_name_and_value);
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    for (size_t i = 0; i < n && sorted; i++) {
        edgefn__put(&t, "&", i > 0);
        edgefn__put(&t, a[i].name.ptr, a[i].name.len);
        EDGEFN__PUT(&t, "=");
        edgefn__put(&t, a[i].value.ptr, a[i].value.len);
    }
    edgefn__scope_end_top(ev, held);
    return edgefn__text_end(ev, &t);
}

/* Makes the signature, in hex. All other memory is released. */
static edgefn_str edgefn__signature(const edgefn__signing *g, edgefn_str scope, edgefn_str names)
{
    edgefn_event *ev = g->ev;
    const edgefn_request *r = &ev->request;
    edgefn__scope scratch = edgefn__scope_begin(ev);
    unsigned char mac[32] = { 0 };
    edgefn_str line = EDGEFN_S("\n");
    edgefn_str part = edgefn__str((const char *)mac, sizeof mac);
    edgefn_str key[2] = { EDGEFN_S_INIT("AWS4"), g->opts->secret_key };
    edgefn_str path[2] = { r->origin.kind != EDGEFN_ORIGIN_NONE ? r->origin.path : edgefn__absent(),
                           r->uri };
    /* S3 signs the decoded path, other services the path as it is sent */
    edgefn_str uri = edgefn_str_join(ev, path, 2);
    if (g->s3) uri = edgefn_percent_decode(ev, uri, false);
    edgefn_str request[11] = { r->method,
                               line,
                               edgefn_percent_encode(ev, uri, EDGEFN_S("/")),
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
    edgefn__scope_end(ev, scratch);
    return edgefn_hex_encode(ev, part);
}
static bool edgefn__sign_in_header(const edgefn__signing *g, edgefn_str credential,
                                   edgefn_str scope)
{
    edgefn_event *ev = g->ev;
    edgefn_fields *h = &ev->request.headers;
    const edgefn_str digest = EDGEFN_S("X-Amz-Content-Sha256");
    edgefn_set(h, EDGEFN_S("X-Amz-Date"), g->when);
    edgefn_set(h, EDGEFN_S("X-Amz-Security-Token"), g->opts->session_token);
    if (g->s3 || g->opts->unsigned_payload || edgefn_has(h, digest))
        edgefn_set(h, digest, g->payload);
    edgefn_str names = edgefn__sign_headers(g, false);
    edgefn_str text[6] = { EDGEFN_S_INIT("AWS4-HMAC-SHA256 Credential="),
                           credential,
                           EDGEFN_S_INIT(", SignedHeaders="),
                           names,
                           EDGEFN_S_INIT(", Signature="),
                           edgefn__signature(g, scope, names) };
    return edgefn_set(h, EDGEFN_S("Authorization"), edgefn_str_join(ev, text, 6));
}

static bool edgefn__sign_in_query(const edgefn__signing *g, edgefn_str credential, edgefn_str scope)
{
    edgefn_event *ev = g->ev;
    edgefn_fields *q = edgefn_query(ev);
    const edgefn_str none = EDGEFN_S("");
    edgefn_str token = edgefn_percent_encode(ev, g->opts->session_token, none);
    edgefn_str names = edgefn__sign_headers(g, false);
    edgefn_set(q, EDGEFN_S("X-Amz-Algorithm"), EDGEFN_S("AWS4-HMAC-SHA256"));
    edgefn_set(q, EDGEFN_S("X-Amz-Credential"), edgefn_percent_encode(ev, credential, none));
    edgefn_set(q, EDGEFN_S("X-Amz-Date"), g->when);
    edgefn_set(q, EDGEFN_S("X-Amz-Expires"), edgefn_str_from_u64(ev, g->opts->expires_s));
    edgefn_set(q, EDGEFN_S("X-Amz-Security-Token"), token);
    edgefn_set(q, EDGEFN_S("X-Amz-SignedHeaders"), edgefn_percent_encode(ev, names, none));
    edgefn_remove(q, EDGEFN_S("X-Amz-Signature"));
    return edgefn_set(q, EDGEFN_S("X-Amz-Signature"), edgefn__signature(g, scope, names));
}

static bool edgefn__sign(const edgefn__signing *g)
{
    edgefn_event *ev = g->ev;
    const edgefn_sign_opts *opts = g->opts;
    const edgefn_str slash = EDGEFN_S("/");
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
    edgefn_query(ev); /* reports a conflict for both kinds of signature */
    edgefn_remove(&ev->request.headers, EDGEFN_S("authorization"));
    return g->in_query ? edgefn__sign_in_query(g, credential, scope)
                       : edgefn__sign_in_header(g, credential, scope);
}
static bool edgefn__sign_opts_ok(const edgefn_sign_opts *opts)
{
    return opts != NULL && opts->access_key.len != 0 && opts->secret_key.len != 0
           && opts->region.len != 0 && opts->expires_s <= 604800;
}

/* Writes the time of a signature: 20150830T123600Z */
static edgefn_str edgefn__sign_when(edgefn_event *ev, int64_t now)
{
    edgefn__date d = edgefn__date_split(now);
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    edgefn__put_padded(&t, d.year * 10000 + d.month * 100 + d.day, 8);
    EDGEFN__PUT(&t, "T");
    edgefn__put_padded(&t, d.hour * 10000 + d.minute * 100 + d.second, 6);
    EDGEFN__PUT(&t, "Z");
    return edgefn__text_end(ev, &t);
}

/* Hashes the request's body, in hex; absent on failure. */
static edgefn_str edgefn__sign_payload(edgefn_event *ev, const char *where)
{
    const edgefn_body *body = &ev->request.body;
    unsigned char digest[32];
    edgefn__scope scope = edgefn__scope_begin(ev);
    edgefn_str bytes = body->truncated ? edgefn__absent() : edgefn__body_bytes(ev, body);
    if (bytes.ptr == NULL && body->data.ptr != NULL) {
        edgefn__fail(ev, body->truncated ? EDGEFN_E_OPTIONS : EDGEFN_E_BASE64, where,
                     EDGEFN_S("body"));
        return edgefn__absent();
    }
    edgefn_sha256(bytes, digest);
    edgefn__scope_end(ev, scope);
    return edgefn_hex_encode(ev, edgefn__str((const char *)digest, sizeof digest));
}

EDGEFN_API bool edgefn_sign_v4(edgefn_event *ev, const edgefn_sign_opts *opts)
{
    const char *where = "edgefn_sign_v4";
    const edgefn_str none = edgefn__absent();
    edgefn__signing g;
    int64_t now;
    if (edgefn__editable(&ev->request.headers) == NULL) return false;
    if (ev->type != EDGEFN_ORIGIN_REQUEST)
        return edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, where, none);
    if (!edgefn__sign_opts_ok(opts)) return edgefn__fail(ev, EDGEFN_E_OPTIONS, where, none);
    if (!edgefn_has(&ev->request.headers, EDGEFN_S("host")))
        return edgefn__fail(ev, EDGEFN_E_MISSING, where, EDGEFN_S("host"));
    if (!edgefn_now(ev, &now)) return false;
    g.ev = ev;
    g.opts = opts;
    g.service = edgefn__or(opts->service, EDGEFN_S("s3"));
    g.payload = EDGEFN_S("UNSIGNED-PAYLOAD");
    g.s3 = edgefn_str_starts(g.service, EDGEFN_S("s3"));
    g.in_query = opts->expires_s > 0;
    /* CloudFront adds this header later, and S3 requires that it is signed */
    g.cf_id = g.s3 && ev->request.origin.kind == EDGEFN_ORIGIN_CUSTOM && ev->request_id.len > 0;
    if (!opts->unsigned_payload && (!g.s3 || !g.in_query))
        g.payload = edgefn__sign_payload(ev, where);
    g.when = edgefn__sign_when(ev, now);
    if (ev->err.code == EDGEFN_OK) edgefn__sign(&g);
    return ev->err.code == EDGEFN_OK;
}

#    endif /* EDGEFN_NO_CRYPTO */

/*=== >>text =======================================================================================
   How it works: a text is a block in the arena with some unused bytes at its end. As long as
   nothing was allocated after it, it grows where it is; otherwise it is copied to a new block. */

/* Reports whether a text is the latest allocation, so that it can grow or shrink where it is. */
static bool edgefn__text_is_last(const edgefn_event *ev, const edgefn_text *text)
{
    return text->_ptr != NULL
           && (unsigned char *)text->_ptr + text->_cap == ev->arena.ptr + ev->arena.used;
}
/* Makes room for `more` bytes of a text where it is, and some unused ones if the arena has them. */
static bool edgefn__text_extend(edgefn_event *ev, edgefn_text *text, size_t more)
{
    size_t room = ev->arena.cap - ev->arena.used;
    size_t spare = text->_len + 64;
    if (more > room)
        spare = 0;
    else if (spare > room - more)
        spare = room - more;
    if (edgefn__take(ev, more + spare, 1, 1) == NULL) return false;
    text->_cap += more + spare;
    return true;
}

/* As edgefn__text_extend(), but copies the text to a new block. */
static bool edgefn__text_move(edgefn_event *ev, edgefn_text *text, size_t more)
{
    size_t room = ev->arena.cap - ev->arena.used;
    size_t spare = text->_len + 64;
    size_t cap = text->_cap + more;
    if (cap <= room && spare <= room - cap) cap += spare;
    char *to = edgefn__take_bytes(ev, cap);
    if (to == NULL) return false;
    if (text->_len != 0) edgefn__memcpy(to, text->_ptr, text->_len);
    text->_ptr = to;
    text->_cap = cap;
    return true;
}

EDGEFN_API bool edgefn_text_put(edgefn_event *ev, edgefn_text *text, edgefn_str piece)
{
    size_t room = text->_cap - text->_len;
    if (ev->err.code != EDGEFN_OK) return false;
    if (piece.len > room) {
        size_t more = piece.len - room;
        bool done = edgefn__text_is_last(ev, text) ? edgefn__text_extend(ev, text, more)
                                                   : edgefn__text_move(ev, text, more);
        if (!done) return false;
    }
    if (piece.len != 0) edgefn__memcpy(text->_ptr + text->_len, piece.ptr, piece.len);
    text->_len += piece.len;
    return true;
}

EDGEFN_API bool edgefn_text_put_u64(edgefn_event *ev, edgefn_text *text, uint64_t value)
{
    char digits[20];
    return edgefn_text_put(ev, text, edgefn__str(digits, edgefn__decimal(digits, value)));
}

EDGEFN_API bool edgefn_text_put_i64(edgefn_event *ev, edgefn_text *text, int64_t value)
{
    char digits[21] = { '-' };
    size_t sign = value < 0;
    uint64_t size = sign != 0 ? 0 - (uint64_t)value : (uint64_t)value;
    size_t n = edgefn__decimal(digits + sign, size);
    return edgefn_text_put(ev, text, edgefn__str(digits, sign + n));
}

EDGEFN_API edgefn_str edgefn_text_end(edgefn_event *ev, edgefn_text *text)
{
    edgefn_str s = text->_ptr != NULL ? edgefn__str(text->_ptr, text->_len) : EDGEFN_S("");
    if (edgefn__text_is_last(ev, text)) edgefn__give_back(ev, text->_cap - text->_len);
    edgefn__memset(text, 0, sizeof *text);
    return ev->err.code == EDGEFN_OK ? s : edgefn__absent();
}
/* Finds the first pair whose .from the text begins with; count if there is none. */
static size_t edgefn__pair_at(edgefn_str text, const edgefn_pair *pairs, size_t count)
{
    size_t k = 0;
    for (; k < count; k++) {
        if (pairs[k].from.len != 0 && edgefn_str_starts(text, pairs[k].from)) break;
    }
    return k;
}

EDGEFN_API edgefn_str edgefn_replace_all(edgefn_event *ev, edgefn_str text,
                                         const edgefn_pair *pairs, size_t count)
{
    bool first[256]; /* the first bytes of all .from */
    size_t done = 0;
    if (text.ptr == NULL) return text;
    edgefn__memset(first, 0, sizeof first);
    for (size_t k = 0; k < count; k++) {
        if (pairs[k].from.len != 0) first[(unsigned char)pairs[k].from.ptr[0]] = true;
    }
    edgefn__text t = edgefn__text_begin(ev, ev->arena.cap);
    for (size_t i = 0; i < text.len; i++) {
        if (!first[(unsigned char)text.ptr[i]]) continue;
        size_t k = edgefn__pair_at(edgefn_str_skip(text, i), pairs, count);
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

/*=== >>respond ====================================================================================
   edgefn_respond() does the work: status and text, then the body, then the headers. The redirects
   make a URL, check it, and respond without a body. */
EDGEFN_API edgefn_str edgefn_status_text(uint32_t status)
{
    return edgefn__status_text(status);
}
EDGEFN_API bool edgefn_status_set(edgefn_event *ev, uint32_t status, edgefn_str text)
{
    if (!edgefn__answerable(ev, "edgefn_status_set")) return false;
    if (ev->response.status == 0)
        return edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, "edgefn_status_set", edgefn__absent());
    return edgefn__status_change(ev, "edgefn_status_set", status, text);
}

/* Fills a body with bytes, encoded as required. */
static bool edgefn__body_fill(edgefn_event *ev, edgefn_body *body, edgefn_str bytes,
                              edgefn_encoding encoding, const char *where)
{
    if (bytes.ptr == NULL) bytes = EDGEFN_S("");
    if (encoding != EDGEFN_ENCODING_BASE64) {
        bool text = edgefn__is_utf8(bytes);
        if (!text && encoding == EDGEFN_ENCODING_TEXT)
            return edgefn__fail(ev, EDGEFN_E_FIELD_VALUE, where, edgefn__absent());
        encoding = text ? EDGEFN_ENCODING_TEXT : EDGEFN_ENCODING_BASE64;
    }
    if (encoding == EDGEFN_ENCODING_BASE64) {
        bytes = edgefn__base64_write(ev, bytes, edgefn__base64_digits);
        if (bytes.ptr == NULL) return false;
    }
    edgefn__pass_member(ev, EDGEFN_MEMBER_BODY_DATA, bytes);
    edgefn__pass_member(ev, EDGEFN_MEMBER_RESPONSE_BODY, bytes);
    body->data = bytes;
    body->encoding = encoding;
    return true;
}

/* Picks the received fields that describe the received body, unless the handler changed them.
   Accept-Ranges stays: it describes the server, not the body (RFC 9110 section 14.3). */
static bool edgefn__pick_described(const edgefn_fields *f, const edgefn_field *it, const void *with)
{
    static const edgefn_str names[] = { EDGEFN_S_INIT("content-encoding"),
                                        EDGEFN_S_INIT("content-length"),
                                        EDGEFN_S_INIT("content-language"),
                                        EDGEFN_S_INIT("content-location"),
                                        EDGEFN_S_INIT("content-range"),
                                        EDGEFN_S_INIT("content-disposition"),
                                        EDGEFN_S_INIT("content-md5"),
                                        EDGEFN_S_INIT("content-digest"),
                                        EDGEFN_S_INIT("repr-digest"),
                                        EDGEFN_S_INIT("digest"),
                                        EDGEFN_S_INIT("etag"),
                                        EDGEFN_S_INIT("last-modified") };
    (void)with;
    if (it->change != EDGEFN_CHANGE_NONE) return false;
    for (size_t i = 0; i < EDGEFN__COUNT(names); i++) {
        if (edgefn__name_eq(f, it->name, names[i])) return true;
    }
    return false;
}

/* Removes the headers that described the received body. */
static bool edgefn__forget_body(edgefn_event *ev)
{
    if (edgefn_is_request(ev)) return true;
    edgefn__remove_where(&ev->response.headers, 0, edgefn__pick_described, NULL);
    return ev->err.code == EDGEFN_OK;
}
/* Replaces the body of a response, and removes the headers that described the received one. */
static bool edgefn__respond_body(edgefn_event *ev, edgefn_str bytes, edgefn_encoding encoding,
                                 const char *where)
{
    return edgefn__body_fill(ev, &ev->response.body, bytes, encoding, where)
           && edgefn__forget_body(ev);
}

static bool edgefn__respond_cache(edgefn_event *ev, const edgefn_respond_opts *opts)
{
    const edgefn_str name = EDGEFN_S("Cache-Control");
    edgefn_fields *headers = &ev->response.headers;
    if (opts->cache_max_age_s != 0) {
        const edgefn_str age[2] = { EDGEFN_S_INIT("max-age="),
                                    edgefn_str_from_u64(ev, opts->cache_max_age_s) };
        return edgefn_set(headers, name, edgefn_str_join(ev, age, 2));
    }
    return opts->cacheable || edgefn__answer_uncached(ev);
}

EDGEFN_API bool edgefn_respond(edgefn_event *ev, uint32_t status, const edgefn_respond_opts *opts)
{
    EDGEFN__DEFAULTS(edgefn_respond_opts, opts);
    const char *where = "edgefn_respond";
    edgefn_response *to = &ev->response;
    edgefn_str type = opts->content_type;
    if (!edgefn__answerable(ev, where)) return false;
    if (opts->body.ptr != NULL && opts->body.len != 0 && status == 204)
        return edgefn__fail(ev, EDGEFN_E_CHECK, where, EDGEFN_S("204 with a body"));
    if (!edgefn__answer(ev, where, status, opts->status_text)) return false;
    if (opts->body.ptr != NULL && status != 204) {
        type = edgefn__or(type, EDGEFN_S("text/html; charset=utf-8"));
        if (!edgefn__respond_body(ev, opts->body, opts->encoding, where)) return false;
    } else if (!edgefn_is_request(ev)) {
        if (!edgefn__respond_body(ev, EDGEFN_S(""), EDGEFN_ENCODING_TEXT, where)) return false;
    }
    if (type.ptr != NULL && !edgefn_set(&to->headers, EDGEFN_S("Content-Type"), type)) return false;
    return edgefn__respond_cache(ev, opts);
}

static bool edgefn__is_redirect(uint32_t status)
{
    static const uint32_t redirects[] = { 301, 302, 303, 307, 308 };
    for (size_t i = 0; i < EDGEFN__COUNT(redirects); i++) {
        if (status == redirects[i]) return true;
    }
    return false;
}

/* True for an origin event whose Host header is the origin's name, not the viewer's: its domain, or
   a name that only AWS can have. */
static bool edgefn__host_is_origins(const edgefn_event *ev, edgefn_str host)
{
    edgefn_str name = edgefn_str_cut(host, EDGEFN_S(":")).head;
    if (!edgefn__at_origin(ev)) return false;
    return edgefn_str_ieq(name, ev->request.origin.domain)
           || edgefn_str_ends(name, EDGEFN_S(".amazonaws.com"))
           || edgefn_str_ends(name, EDGEFN_S(".on.aws"));
}

static bool edgefn__redirect_with(edgefn_event *ev, uint32_t status, edgefn_str url, bool cacheable,
                                  uint32_t max_age_s, const char *where)
{
    edgefn_respond_opts opts;
    edgefn__memset(&opts, 0, sizeof opts);
    opts.cacheable = cacheable;
    opts.cache_max_age_s = max_age_s;
    if (status == 0) status = 302;
    if (!edgefn__is_redirect(status))
        return edgefn__fail(ev, EDGEFN_E_STATUS, where, edgefn__absent());
    return edgefn_respond(ev, status, &opts)
           && edgefn_set(&ev->response.headers, EDGEFN_S("Location"), url);
}
/* Makes the URL of a redirect. .path may have a query and a fragment; the request's query is
   inserted before the fragment. */
static edgefn_str edgefn__redirect_url(edgefn_event *ev, const edgefn_redirect_opts *opts,
                                       edgefn_str scheme, edgefn_str host)
{
    bool given = opts->path.ptr != NULL;
    edgefn_cut hash = edgefn_str_cut(opts->path, EDGEFN_S("#"));
    edgefn_str path = given ? hash.head : ev->request.uri;
    bool no_query = opts->drop_query || edgefn_str_contains(path, EDGEFN_S("?"));
    edgefn_str query = no_query ? EDGEFN_S("") : edgefn_query_text(ev);
    edgefn_str url = edgefn__url_make(ev, scheme, host, path, given, query);
    if (!hash.found || url.ptr == NULL) return url;
    const edgefn_str parts[3] = { url, EDGEFN_S("#"), edgefn__url_query(ev, hash.tail) };
    return edgefn_str_join(ev, parts, 3);
}

EDGEFN_API bool edgefn_redirect(edgefn_event *ev, const edgefn_redirect_opts *opts)
{
    EDGEFN__DEFAULTS(edgefn_redirect_opts, opts);
    const char *where = "edgefn_redirect";
    if (!edgefn__answerable(ev, where)) return false;
    edgefn_str scheme = edgefn__or(opts->scheme, EDGEFN_S("https"));
    edgefn_str host = edgefn__or(opts->host, edgefn_get(&ev->request.headers, EDGEFN_S("host")));
    edgefn_str path = edgefn__or(opts->path, ev->request.uri);
    if (host.ptr == NULL || (opts->host.ptr == NULL && edgefn__host_is_origins(ev, host)))
        return edgefn__fail(ev, EDGEFN_E_MISSING, where, EDGEFN_S(".host"));
    if (!EDGEFN__IS(scheme, "https") && !EDGEFN__IS(scheme, "http"))
        return edgefn__fail(ev, EDGEFN_E_OPTIONS, where, scheme);
    if (!edgefn__host_ok(host)) return edgefn__fail(ev, EDGEFN_E_OPTIONS, where, host);
    if (!edgefn_str_starts(path, EDGEFN_S("/"))) return edgefn__fail(ev, EDGEFN_E_URI, where, path);
    edgefn_str url = edgefn__redirect_url(ev, opts, scheme, host);
    if (url.ptr == NULL) return false;
    return edgefn__redirect_with(ev, opts->status, url, opts->cacheable, opts->cache_max_age_s,
                                 where);
}

/* True for an absolute URL, and for a path that browsers read as one of this site. */
static bool edgefn__target_ok(edgefn_str url)
{
    edgefn_url_parts u = edgefn_url_split(url);
    bool http =
        edgefn_str_ieq(u.scheme, EDGEFN_S("http")) || edgefn_str_ieq(u.scheme, EDGEFN_S("https"));
    bool local = u.scheme.ptr == NULL && edgefn_str_starts(u.path, EDGEFN_S("/"));
    return u.ok && u.userinfo.ptr == NULL && (u.host.ptr != NULL ? http : local);
}

/* Inserts the request's query into a URL: after the URL's own query, before its fragment. */
static edgefn_str edgefn__with_query(edgefn_event *ev, edgefn_str url)
{
    edgefn_str query = edgefn__url_query(ev, edgefn_query_text(ev));
    edgefn_cut hash = edgefn_str_cut(url, EDGEFN_S("#"));
    edgefn_str sign = edgefn__has_byte(hash.head, '?') ? EDGEFN_S("&") : EDGEFN_S("?");
    edgefn_str rest = edgefn_str_skip(url, hash.head.len);
    const edgefn_str parts[4] = { hash.head, sign, query, rest };
    return query.len != 0 ? edgefn_str_join(ev, parts, 4) : url;
}

EDGEFN_API bool edgefn_redirect_to(edgefn_event *ev, edgefn_str url,
                                   const edgefn_redirect_to_opts *opts)
{
    EDGEFN__DEFAULTS(edgefn_redirect_to_opts, opts);
    const char *where = "edgefn_redirect_to";
    if (!edgefn__answerable(ev, where)) return false;
    if (!edgefn__target_ok(url)) return edgefn__fail(ev, EDGEFN_E_URI, where, url);
    if (opts->keep_query) url = edgefn__with_query(ev, url);
    return edgefn__redirect_with(ev, opts->status, url, opts->cacheable, opts->cache_max_age_s,
                                 where);
}

EDGEFN_API bool edgefn_error_page(edgefn_event *ev, uint32_t status)
{
    edgefn_respond_opts opts;
    edgefn_str text = edgefn_status_text(status);
    if (!edgefn__answerable(ev, "edgefn_error_page")) return false;
    edgefn_str number = edgefn_str_from_u64(ev, status);
    edgefn_str space = text.len != 0 ? EDGEFN_S(" ") : EDGEFN_S("");
    const edgefn_str parts[9] = {
        EDGEFN_S("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>"),
        number,
        space,
        text,
        EDGEFN_S("</title></head>\n<body><h1>"),
        number,
        space,
        text,
        EDGEFN_S("</h1></body></html>\n")
    };
    edgefn__memset(&opts, 0, sizeof opts);
    if (status != 204) opts.body = edgefn_str_join(ev, parts, EDGEFN__COUNT(parts));
    return ev->err.code == EDGEFN_OK && edgefn_respond(ev, status, &opts);
}

EDGEFN_API bool edgefn_respond_text(edgefn_event *ev, uint32_t status, edgefn_str text)
{
    edgefn_respond_opts opts;
    edgefn__memset(&opts, 0, sizeof opts);
    opts.body = text;
    if (text.ptr != NULL) opts.content_type = EDGEFN_S("text/plain; charset=utf-8");
    return edgefn_respond(ev, status, &opts);
}

/*=== >>body =======================================================================================
   Base64 for handlers, and the body that edgefn_body_replace() edits: the response's if there is a
   response, else the request's. */

EDGEFN_API edgefn_str edgefn_base64_encode(edgefn_event *ev, edgefn_str bytes)
{
    return edgefn__base64_write(ev, bytes, edgefn__base64_digits);
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
    return edgefn__body_bytes(ev, body);
}
EDGEFN_API edgefn_str edgefn_body_decode(edgefn_event *ev, const edgefn_body *body)
{
    return body->truncated ? edgefn__absent() : edgefn__body_bytes(ev, body);
}

EDGEFN_API edgefn_str edgefn_body_form(edgefn_event *ev, uint32_t *refused)
{
    const edgefn_body *body = &ev->request.body;
    edgefn_str type = edgefn_get(&ev->request.headers, EDGEFN_S("content-type"));
    edgefn_str form = edgefn__absent();
    *refused = body->truncated ? 413 : 0;
    if (!edgefn_header_has_type(type, EDGEFN_S("application/x-www-form-urlencoded")))
        *refused = 415;
    if (*refused != 0) return form;
    form = edgefn_body_decode(ev, body);
    if (form.ptr == NULL) *refused = 400;
    return form;
}

/* Returns the body that is to be edited; NULL if the event cannot have one. */
static edgefn_body *edgefn__body_of(edgefn_event *ev, const char *where)
{
    if (!edgefn__answerable(ev, where)) return NULL;
    if (ev->response.status != 0) return &ev->response.body;
    if (edgefn__is_functions(ev)) {
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
    return edgefn_body_replace(ev, EDGEFN_S(""), EDGEFN_ENCODING_TEXT);
}

/*=== >>origin =====================================================================================
   Both functions fill an edgefn_origin from their options; edgefn__origin_switch() checks it with
   the rules of >>check and puts it in the place of the received one. */

/* A DNS name: letters, digits, '-', '_', '.', not an address. Source: Lambda@Edge event structure,
   Request object, domainName. */
static bool edgefn__domain_ok(edgefn_str d, bool s3)
{
    if (d.len == 0 || d.len > (s3 ? EDGEFN__BUCKET_MOST : EDGEFN__DOMAIN_MOST)) return false;
    if (!edgefn__all_host(d) || (s3 && edgefn__has_upper(d))) return false;
    size_t i = 0;
    while (i < d.len && !edgefn__alpha(d.ptr[i]))
        i++;
    return i < d.len;
}

#    ifndef EDGEFN_NO_LAMBDA

static bool edgefn__origin_switch(edgefn_event *ev, const edgefn_origin *to, bool keep_host,
                                  const char *where)
{
    edgefn_origin *o = &ev->request.origin;
    if (!edgefn__is_ready(ev)) return edgefn__fail(ev, EDGEFN_E_MISUSE, where, edgefn__absent());
    if (ev->err.code != EDGEFN_OK) return false;
    if (!edgefn__is_lambda(ev)) return edgefn__fail(ev, EDGEFN_E_DIALECT, where, edgefn__absent());
    if (ev->type != EDGEFN_ORIGIN_REQUEST)
        return edgefn__fail(ev, EDGEFN_E_EVENT_TYPE, where, edgefn__absent());
    edgefn_str fault = edgefn__origin_fault(ev, to, true);
    if (fault.ptr != NULL) return edgefn__fail(ev, EDGEFN_E_OPTIONS, where, fault);
    edgefn__pass_member(ev, EDGEFN_MEMBER_ORIGIN_DOMAIN, to->domain);
    edgefn__pass_member(ev, EDGEFN_MEMBER_ORIGIN_PATH, to->path);
    edgefn__pass_member(ev, EDGEFN_MEMBER_ORIGIN_REGION, to->region);
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
    EDGEFN__DEFAULTS(edgefn_origin_opts, opts);
    uint32_t usual_port = opts->http ? 80 : 443;
    edgefn_origin o;
    edgefn__memset(&o, 0, sizeof o);
    o.kind = EDGEFN_ORIGIN_CUSTOM;
    o.domain = opts->domain;
    o.path = edgefn__or(opts->path, EDGEFN_S(""));
    o.https = !opts->http;
    o.port = opts->port != 0 ? opts->port : usual_port;
    o.keepalive_s = opts->keepalive_s != 0 ? opts->keepalive_s : 5;
    o.read_timeout_s = opts->read_timeout_s != 0 ? opts->read_timeout_s : 30;
    o.completion_timeout_s = opts->completion_timeout_s;
    o.tls = opts->tls != 0 ? opts->tls : (uint32_t)EDGEFN_TLS1_2;
    return edgefn__origin_switch(ev, &o, opts->keep_host_header, "edgefn_origin_custom");
}
EDGEFN_API bool edgefn_origin_s3(edgefn_event *ev, const edgefn_origin_opts *opts)
{
    EDGEFN__DEFAULTS(edgefn_origin_opts, opts);
    edgefn_origin o;
    edgefn__memset(&o, 0, sizeof o);
    o.kind = EDGEFN_ORIGIN_S3;
    o.domain = opts->domain;
    o.path = edgefn__or(opts->path, EDGEFN_S(""));
    o.read_timeout_s = opts->read_timeout_s;
    o.completion_timeout_s = opts->completion_timeout_s;
    o.region = edgefn__or(opts->region, EDGEFN_S(""));
    o.auth_method = edgefn__or(opts->auth_method, EDGEFN_S("none"));
    return edgefn__origin_switch(ev, &o, opts->keep_host_header, "edgefn_origin_s3");
}

#    endif /* EDGEFN_NO_LAMBDA */

/*=== >>write ======================================================================================
   How it works: a plan lists replacements in the received text: at offset `at`, `del` bytes are
   replaced by `text`. Several at the same place are written in the order in which they were
   planned. The plan and its texts are taken from the top of the arena and released; only
   edgefn_write_spans() keeps the texts. A value that needs no change is never written again. */

/* The path of a member of each object. That of an origin's member contains its kind. */
/* clang-format off */
#    define EDGEFN__PATH_request(name, in)  "request." name
#    define EDGEFN__PATH_body(name, in)     "request.body." name
#    define EDGEFN__PATH_origin(name, in) \
       edgefn__either(s3 | (((in) & EDGEFN__IN_custom) == 0), "request.origin.s3." name, \
                      "request.origin.custom." name)
#    define EDGEFN__PATH_response(name, in) "response." name
/* clang-format on */

static const char *edgefn__either(bool first, const char *a, const char *b)
{
    return first ? a : b;
}

EDGEFN_API const char *edgefn_member_name(const edgefn_event *ev, edgefn_member member)
{
    bool s3 = ev->request.origin.kind == EDGEFN_ORIGIN_S3;
    bool functions = edgefn__is_functions(ev);
    if (functions && member == EDGEFN_MEMBER_CLIENT_IP) return "viewer.ip";
    if (functions && member == EDGEFN_MEMBER_STATUS) return "response.statusCode";
#    define EDGEFN__NAME_OF(o, name, type, field, mark, in)                                        \
    case EDGEFN__MARK_##o(mark): return EDGEFN__PATH_##o(#name, EDGEFN__IN_##in);
    switch ((int)member) {
        EDGEFN__MEMBERS(EDGEFN__NAME_OF, EDGEFN__NAME_OF, EDGEFN__NO_ROW)
    default: return "";
    }
#    undef EDGEFN__NAME_OF
}

/* The object that has the member. */
static int edgefn__object_of(edgefn_member member)
{
    uint32_t bit = EDGEFN__BIT(member);
    if (EDGEFN__ORIGIN_BITS & bit) return EDGEFN__O_ORIGIN;
    if (EDGEFN__BODY_BITS & bit) return EDGEFN__O_BODY;
    return (EDGEFN__RESPONSE_BITS & bit) != 0 ? EDGEFN__O_RESPONSE : EDGEFN__O_REQUEST;
}

/* A VALUE as a number, in the form in which received ones are kept. */
static uint32_t edgefn__member_value(const edgefn_event *ev, edgefn_member member)
{
#    define EDGEFN__VALUE_OF(o, name, type, field, mark, in)                                       \
    case EDGEFN__MARK_##o(mark): return (uint32_t)ev->EDGEFN__STRUCT_##o field;
    switch ((int)member) {
        EDGEFN__BODY_MEMBERS(EDGEFN__NO_ROW, EDGEFN__VALUE_OF, EDGEFN__NO_ROW, body)
        EDGEFN__ORIGIN_MEMBERS(EDGEFN__NO_ROW, EDGEFN__VALUE_OF, EDGEFN__NO_ROW, origin)
        EDGEFN__RESPONSE_MEMBERS(EDGEFN__NO_ROW, EDGEFN__VALUE_OF, EDGEFN__NO_ROW, response)
    default: return (uint32_t)ev->request.origin.kind; /* EDGEFN_MEMBER_ORIGIN */
    }
#    undef EDGEFN__VALUE_OF
}

/* True if s equals the unescaped string at `had` in the input. */
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

static edgefn_origin_kind edgefn__kind_received(const edgefn_event *ev)
{
    return (edgefn_origin_kind)ev->_was.number[EDGEFN_MEMBER_ORIGIN];
}

static edgefn_change edgefn__origin_change(const edgefn_event *ev)
{
    edgefn_origin_kind now = (edgefn_origin_kind)edgefn__member_value(ev, EDGEFN_MEMBER_ORIGIN);
    edgefn_origin_kind was = edgefn__kind_received(ev);
    if (now == was && !(ev->_flags & EDGEFN__ORIGIN_NEW)) return EDGEFN_CHANGE_NONE;
    if (now == EDGEFN_ORIGIN_NONE) return EDGEFN_CHANGE_REMOVED;
    return was != EDGEFN_ORIGIN_NONE ? EDGEFN_CHANGE_EDITED : EDGEFN_CHANGE_ADDED;
}

/* How a TEXT of an event built from parts differs from what was received. */
static edgefn_change edgefn__part_change(edgefn_str now, edgefn_str was)
{
    if (edgefn_str_eq(now, was)) return EDGEFN_CHANGE_NONE;
    if (now.ptr == NULL) return EDGEFN_CHANGE_REMOVED;
    return was.ptr == NULL ? EDGEFN_CHANGE_ADDED : EDGEFN_CHANGE_EDITED;
}

static edgefn_change edgefn__text_change(const edgefn_event *ev, edgefn_str now, edgefn__span had)
{
    bool object = had.at != 0 && ev->_json.ptr[had.at] == '{'; /* querystring */
    if (now.ptr == NULL) return had.at == 0 || object ? EDGEFN_CHANGE_NONE : EDGEFN_CHANGE_REMOVED;
    if (had.at == 0) return EDGEFN_CHANGE_ADDED;
    return edgefn__still(ev, had, now) ? EDGEFN_CHANGE_NONE : EDGEFN_CHANGE_EDITED;
}

/* The body of a response that CloudFront Functions received: data and encoding are one member. */
static edgefn_change edgefn__content_change(const edgefn_event *ev)
{
    const edgefn_body *b = &ev->response.body;
    bool same = edgefn_str_eq(b->data, ev->_was.response_data)
                && (uint32_t)b->encoding == ev->_was.number[EDGEFN_MEMBER_RESPONSE_BODY_ENCODING];
    return same ? EDGEFN_CHANGE_NONE : EDGEFN_CHANGE_EDITED;
}

static edgefn_change edgefn__value_change(const edgefn_event *ev, edgefn_member m)
{
    uint32_t was = ev->_was.number[m];
    if (edgefn__member_value(ev, m) == was) return EDGEFN_CHANGE_NONE;
    if (ev->_had[m].at != 0) return EDGEFN_CHANGE_EDITED;
    if (ev->_parts == NULL) return EDGEFN_CHANGE_ADDED;
    /* without a text, 0 may stand for a received value: of the protocol it is "http", and of a body
       with data it is its action or encoding */
    bool zero =
        (m == EDGEFN_MEMBER_ORIGIN_PROTOCOL && edgefn__kind_received(ev) == EDGEFN_ORIGIN_CUSTOM)
        || ((EDGEFN__BODY_BITS & EDGEFN__BIT(m))
            && ev->_parts[EDGEFN_MEMBER_BODY_DATA].ptr != NULL);
    return was != 0 || zero ? EDGEFN_CHANGE_EDITED : EDGEFN_CHANGE_ADDED;
}

static bool edgefn__is_same(edgefn_str a, edgefn_str b)
{
    return a.ptr == b.ptr && a.len == b.len;
}

/* Returns the status text to write. If the status was assigned and the text was not, this is the
   text of the new status. A text that was not assigned is recognised by its address: the received
   one, or one that the library set. */
static edgefn_str edgefn__status_text_due(const edgefn_event *ev)
{
    edgefn_str text = ev->response.status_text;
    uint32_t status = ev->response.status;
    uint32_t received = ev->_was.number[EDGEFN_MEMBER_STATUS];
    bool named = ev->_named != 0 && edgefn__is_same(text, edgefn__status_text(ev->_named));
    if (!named && !edgefn__is_same(text, ev->_was.status_text)) return text;
    if (status == (named ? ev->_named : received)) return text;
    if (status == 0 && !(ev->_flags & EDGEFN__TEXT_FILLED)) return text; /* of an answer */
    return status == received ? ev->_was.status_text : edgefn__status_text(status);
}

EDGEFN_API edgefn_change edgefn_changed(const edgefn_event *ev, edgefn_member member)
{
    if ((unsigned)member >= EDGEFN_MEMBER_COUNT || !(ev->_flags & EDGEFN__PARSED))
        return EDGEFN_CHANGE_NONE;
    if (member == EDGEFN_MEMBER_ORIGIN) return edgefn__origin_change(ev);
    const edgefn_str *text = edgefn__member_text(ev, member);
    edgefn__span had = ev->_had[member];
    if (text == NULL) return edgefn__value_change(ev, member);
    edgefn_str now = member == EDGEFN_MEMBER_STATUS_TEXT ? edgefn__status_text_due(ev) : *text;
    if (ev->_parts != NULL) return edgefn__part_change(now, ev->_parts[member]);
    if (member == EDGEFN_MEMBER_RESPONSE_BODY && edgefn__is_functions(ev) && had.at != 0)
        return edgefn__content_change(ev);
    return edgefn__text_change(ev, now, had);
}

EDGEFN_API bool edgefn_fields_changed(const edgefn_fields *f)
{
    return edgefn__list_differs(f);
}

/* The bit of a TEXT, or 0 if pointer and length show that it is still the received one. */
EDGEFN__INLINE uint32_t edgefn__maybe(const edgefn_event *ev, edgefn_member m, edgefn_str s)
{
    edgefn__span had = ev->_had[m];
    if (ev->_parts != NULL) return (uint32_t)!edgefn__is_same(s, ev->_parts[m]) << m;
    bool same =
        had.at != 0 ? s.ptr == ev->_json.ptr + had.at + 1 && s.len == had.len - 2 : s.ptr == NULL;
    return (uint32_t)!same << m;
}

/* Returns the members that may have changed, one bit each: the TEXT members as above; all members
   if a VALUE or the data of the response body differ from what was received. */
EDGEFN__INLINE uint32_t edgefn__maybe_changed(const edgefn_event *ev)
{
    const edgefn__was *w = &ev->_was;
    edgefn_str data = ev->response.body.data;
    uint32_t d = ev->_flags & EDGEFN__ORIGIN_NEW;
    uint32_t maybe = 0;
#    define EDGEFN__MAYBE(o, name, type, field, mark, in)                                          \
      maybe |= edgefn__maybe(ev, EDGEFN__MARK_##o(mark), ev->EDGEFN__STRUCT_##o field);
#    define EDGEFN__DIFFERS(o, name, type, field, mark, in)                                        \
      d |= w->number[EDGEFN__MARK_##o(mark)] ^ (uint32_t)ev->EDGEFN__STRUCT_##o field;
    EDGEFN__MEMBERS(EDGEFN__MAYBE, EDGEFN__DIFFERS, EDGEFN__NO_ROW)
#    undef EDGEFN__MAYBE
#    undef EDGEFN__DIFFERS
    bool same = d == 0 && w->response_data.ptr == data.ptr && w->response_data.len == data.len;
    return same ? maybe : ~(uint32_t)0;
}

/* The members among these that changed, one bit each. */
static uint32_t edgefn__changes(const edgefn_event *ev, uint32_t members)
{
    uint32_t mask = 0;
    uint32_t maybe = edgefn__maybe_changed(ev) & members;
    for (; maybe != 0; maybe &= maybe - 1) {
        unsigned m = edgefn__ctz(maybe);
        if (edgefn_changed(ev, (edgefn_member)m) != EDGEFN_CHANGE_NONE) mask |= EDGEFN__BIT(m);
    }
    return mask;
}

typedef struct edgefn__edit {
    struct edgefn__edit *next;
    uint32_t at, del;
    edgefn_str text;
} edgefn__edit;

typedef struct edgefn__plan {
    edgefn_event *ev;
    edgefn__edit *head, *last;
    edgefn__scope scope; /* for texts that are kept until the result has been written */
    size_t top;
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

static int edgefn__by_place(const void *a, const void *b)
{
    uint32_t x = (*(const edgefn__edit *const *)a)->at;
    uint32_t y = (*(const edgefn__edit *const *)b)->at;
    return x < y ? -1 : x > y;
}

/* Sorts the edits by position; those at the same position keep the order in which they were
   planned. */
static bool edgefn__plan_sort(edgefn__plan *p)
{
    size_t top = p->top;
    size_t n = 0;
    if (!p->unsorted) return true;
    for (const edgefn__edit *e = p->head; e != NULL; e = e->next)
        n++;
    edgefn__edit **edits = (edgefn__edit **)edgefn__take_top(p->ev, &top, n, sizeof *edits);
    if (edits == NULL) return false;
    n = 0;
    for (edgefn__edit *e = p->head; e != NULL; e = e->next)
        edits[n++] = e;
    if (!edgefn__sort(p->ev, top, edits, n, sizeof *edits, edgefn__by_place)) return false;
    p->head = edits[0];
    p->last = edits[n - 1];
    p->last->next = NULL;
    for (size_t i = 1; i < n; i++)
        edits[i - 1]->next = edits[i];
    return true;
}

/* Ends a text that was begun with edgefn__text_begin(ev, p->top) and plans it. */
static bool edgefn__plan_text(edgefn__plan *p, edgefn__text *t, uint32_t at, uint32_t del)
{
    edgefn_str text =
        p->keep_texts ? edgefn__text_end(p->ev, t) : edgefn__text_end_top(p->ev, t, &p->top);
    return text.ptr != NULL && edgefn__plan_edit(p, at, del, text);
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

/* Where a new last member goes: after the last one, before the white space. *empty: the object has
   none. */
static uint32_t edgefn__last_end(const char *t, uint32_t close, bool *empty)
{
    while (edgefn__class_of(t[close - 1]) & EDGEFN__C_SPACE)
        close--;
    *empty = t[close - 1] == '{';
    return close;
}

/* Where something new goes: at the end of an object or array, or in place of a null of that name,
   whose length is `len`. */
typedef struct edgefn__place {
    uint32_t at, len;
    bool comma;
} edgefn__place;

/* Removes members or elements from their container, with their commas. Neighbours are removed as
   one piece. */
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

/* Removes the one from `start` to `end`. Calls must be in the order of the text. */
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

/* True if a field's text was made from a cookie list, whose fields are verified themselves. */
static bool edgefn__from_cookies(const edgefn_event *ev, const edgefn_fields *f, edgefn_str name)
{
    const edgefn_fields *view =
        f->_kind == EDGEFN__REQUEST_HEADERS ? &ev->request._cookies : &ev->response._cookies;
    if (f->_kind > EDGEFN__RESPONSE_HEADERS || !edgefn__is_lambda(ev)
        || !(view->_flags & EDGEFN__SYNCED))
        return false;
    return edgefn_str_eq(name, f->_kind == EDGEFN__REQUEST_HEADERS ? EDGEFN_S("cookie")
                                                                   : EDGEFN_S("set-cookie"));
}

/* What is wrong with an added or changed field. Its strings belong to the handler and may have
   changed since its setter checked them. */
EDGEFN__NOINLINE edgefn_error edgefn__field_fault(const edgefn_event *ev, const edgefn_fields *f,
                                                  const edgefn_field *it)
{
    const edgefn_field *was = edgefn__received_of(f, it);
    if (edgefn__from_cookies(ev, f, it->name)) return EDGEFN_OK;
    if (was == NULL) {
        bool respelled = it->key.ptr != NULL && !edgefn_str_ieq(it->key, it->name);
        if (respelled || !edgefn__name_valid(f, it->name)) return EDGEFN_E_FIELD_NAME;
    }
    bool value = was == NULL || !edgefn_str_eq(was->value, it->value);
    if (value && !edgefn__value_valid(f, it->value)) return EDGEFN_E_FIELD_VALUE;
    if (it->attributes.ptr == NULL) return EDGEFN_OK;
    bool attributes = was == NULL || !edgefn_str_eq(was->attributes, it->attributes);
    if (attributes && !edgefn__is_text(it->attributes, false, "")) return EDGEFN_E_FIELD_VALUE;
    return EDGEFN_OK;
}

/* {"key":"Name","value":"text"}; key is left out unless it equals the name, ignoring case. */
static void edgefn__put_entry(edgefn__text *t, const edgefn_field *it)
{
    EDGEFN__PUT(t, "{");
    if (it->key.ptr != NULL && (it->key.ptr == it->name.ptr || edgefn_str_ieq(it->key, it->name))) {
        EDGEFN__PUT(t, "\"key\":");
        edgefn__put_quoted(t, it->key);
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

/* The members of a CloudFront Functions item, without unknown ones and without the braces. */
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
    if (edgefn__is_functions(ev)) {
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
    edgefn__put_quoted(t, it->name);
    EDGEFN__PUT(t, ":");
    edgefn__put_group_value(t, ev, it, n);
}

/* The same for the usual case in one step: one new header whose name is spelled in lower case and
   whose value needs no escapes. False, with nothing written, in all other cases. */
EDGEFN__INLINE bool edgefn__put_new_header(edgefn__text *t, const edgefn_event *ev,
                                           const edgefn_field *it, bool comma)
{
    const char *key = edgefn__is_lambda(ev) ? it->name.ptr : NULL;
    size_t n = it->name.len;
    size_t m = it->value.len;
    size_t room = (size_t)(t->end - t->at);
    if (EDGEFN__SMALL) return false;
    if (it->_value != 0 || it->attributes.ptr != NULL || it->key.ptr != key) return false;
    if ((n | m) >> 20 != 0 || room < 48 + n * 2 + m) return false;
    char *p = t->at;
    *p = ',';
    p += comma;
    *p++ = '"';
    if (!edgefn__copy_token(p, key != NULL ? p + n + 11 : NULL, it->name, 0)) return false;
    p += n;
    if (key != NULL) {
        edgefn__memcpy(p, "\":[{\"key\":\"", 11);
        edgefn__memcpy(p + 11 + n, "\",\"value\":\"", 11);
        p += n + 22;
    } else {
        edgefn__memcpy(p, "\":{\"value\":\"", 12);
        p += 12;
    }
    if (!edgefn__copy_plain(p, it->value)) return false; /* what was written does not count */
    edgefn__memcpy(p + m, key != NULL ? "\"}]," : "\"},,", 4);
    t->at = p + m + 2 + (key != NULL);
    return true;
}

/* The same for a header of edgefn_set_const() that is as it was added: its text was checked, and is
   copied. */
EDGEFN__INLINE bool edgefn__put_const(edgefn__text *t, const edgefn_event *ev,
                                      const edgefn_fields *f, size_t i, bool comma)
{
    const edgefn__constants *all = &ev->_constants;
    if (EDGEFN__SMALL) return false;
    if (all->list != f || i < all->at || i - all->at >= all->count) return false;
    bool lambda = edgefn__is_lambda(ev);
    const edgefn_const_header *c = &all->headers[i - all->at];
    const char *text = lambda ? c->_lambda : c->_functions;
    const edgefn_field *it = &f->items[i];
    size_t value_at = edgefn__const_value_at(c->_name_len, lambda);
    size_t len = value_at + c->_value_len + (lambda ? 3 : 2);
    if (it->name.ptr != text + 1 || it->value.ptr != text + value_at) return false;
    if (it->value.len != c->_value_len || (size_t)(t->end - t->at) < len + 1) return false;
    *t->at = ',';
    t->at += comma;
    edgefn__copy(t->at, text, len);
    t->at += len;
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

/* Verifies a run of fields before it is written; ev->err gets what is wrong. */
static void edgefn__look_again(edgefn_event *ev, const edgefn_fields *f, size_t from, size_t end)
{
    for (const edgefn_field *it = f->items + from; it < f->items + end; it++) {
        edgefn_error fault =
            it->change != EDGEFN_CHANGE_NONE ? edgefn__field_fault(ev, f, it) : EDGEFN_OK;
        if (fault != EDGEFN_OK) edgefn__fail(ev, fault, edgefn__list_name(f), it->name);
    }
}

/* Writes fields [from, len) as new members. */
static void edgefn__put_groups(edgefn__text *t, edgefn_event *ev, const edgefn_fields *f,
                               size_t from, bool comma)
{
    for (size_t i = from, end; i < f->len; i = end) {
        end = i + 1;
        bool alone = end == f->len || f->items[end]._tag != f->items[i]._tag;
        if (alone
            && (edgefn__put_const(t, ev, f, i, comma)
                || edgefn__put_new_header(t, ev, &f->items[i], comma))) {
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

/* A name as it was received, which begins at `at`, with its fields as they are now. */
typedef struct edgefn__group {
    const edgefn_fields *list;
    const edgefn_field *items, *removed; /* its fields: `count` present, `gone` removed */
    size_t count, gone;
    uint32_t at;
    bool touched; /* one of the items was changed or added */
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

/* A header that was received without values and now has some gets the handler's name, which is in
   lower case. */
static bool edgefn__plan_filled_name(edgefn__plan *p, const edgefn__group *g)
{
    const char *t = p->ev->_json.ptr;
    edgefn_str name = g->items[0].name;
    bool filled = g->gone == 0 && g->items[0]._value == 0;
    if (!filled || edgefn__json_means(edgefn__string_at(t, g->at), name, EDGEFN__EXACT))
        return true;
    return edgefn__plan_string(p, g->at, edgefn__after_string(t, g->at) - g->at, name);
}

/* Cuts the removed entries out of the array at `open`. *to: where new ones go. */
static bool edgefn__plan_removed(edgefn__plan *p, const edgefn__group *g, uint32_t open,
                                 edgefn__place *to)
{
    const char *t = p->ev->_json.ptr;
    edgefn__cutter cut = { p, 0, 0, 0, false };
    size_t gone = 0;
    edgefn__each e = edgefn__each_in(t, open);
    to->at = e.at;
    while (edgefn__next(&e)) {
        if (gone < g->gone && g->removed[gone]._value < e.end) {
            if (!edgefn__cut(&cut, e.value, e.end)) return false;
            gone++;
        }
        to->at = e.end;
    }
    if (!edgefn__cut_flush(&cut)) return false;
    to->comma = t[to->at - 1] == '}' && !cut.emptied;
    return true;
}

/* Lambda@Edge: replaces the values of changed entries, cuts out removed entries, and adds new ones
   after the last. */
static bool edgefn__plan_entries(edgefn__plan *p, const edgefn__group *g)
{
    const char *t = p->ev->_json.ptr;
    uint32_t open = edgefn__after_name(t, g->at);
    size_t added = 0;
    if (t[open] == 'n') return edgefn__plan_null(p, g);
    if (!edgefn__plan_filled_name(p, g)) return false;
    for (const edgefn_field *it = g->items; it < g->items + g->count; it++) {
        if (it->_value == 0)
            added++;
        else if (it->change != EDGEFN_CHANGE_NONE && !edgefn__plan_value(p, it))
            return false;
    }
    edgefn__place to = { 0, 0, false };
    if (added == 0 && g->gone == 0) return true;
    if (!edgefn__plan_removed(p, g, open, &to)) return false;
    for (const edgefn_field *it = g->items; it < g->items + g->count; it++) {
        if (it->_value != 0) continue;
        edgefn__text text = edgefn__text_begin(p->ev, p->top);
        if (to.comma) EDGEFN__PUT(&text, ",");
        to.comma = true;
        edgefn__put_entry(&text, it);
        if (!edgefn__plan_text(p, &text, to.at, 0)) return false;
    }
    return true;
}

/* Advances to the element that contains the offset `value`. An added field is in no element. */
static void edgefn__element_find(edgefn__each *e, uint32_t value)
{
    bool more = value >= e->end;
    while (more)
        more = edgefn__next(e) && value >= e->end;
}

/* Writes the elements of multiValue. Unchanged ones are copied from the array at `array` (0: no
   array). */
static void edgefn__put_elements(edgefn__text *t, const edgefn_event *ev, const edgefn__group *g,
                                 uint32_t array)
{
    const char *p = ev->_json.ptr;
    edgefn__each e = { p, 0, 0, 0, 0, false };
    if (array != 0) e = edgefn__each_in(p, array);
    EDGEFN__PUT(t, "[");
    for (size_t i = 0; i < g->count; i++) {
        const edgefn_field *it = &g->items[i];
        if (i != 0) EDGEFN__PUT(t, ",");
        if (array != 0) edgefn__element_find(&e, it->_value);
        bool inside = it->change == EDGEFN_CHANGE_NONE && it->_value < e.end;
        /* elements keep their order, so this one does not begin after the value */
        if (EDGEFN__NEVER(inside && e.value > it->_value)) inside = false;
        if (inside) {
            edgefn__put(t, p + e.value, e.end - e.value);
            continue;
        }
        EDGEFN__PUT(t, "{");
        edgefn__put_item(t, it);
        EDGEFN__PUT(t, "}");
    }
    EDGEFN__PUT(t, "]");
}

/* The members of a CloudFront Functions item that the library writes. */
enum {
    EDGEFN__ITEM_OTHER = 0,
    EDGEFN__ITEM_VALUE = 1,
    EDGEFN__ITEM_ATTRIBUTES = 2,
    EDGEFN__ITEM_MULTI = 4
};

/* Returns which of these the member is whose name opens at `at`. */
static unsigned edgefn__item_part(const char *p, uint32_t at)
{
    if (edgefn__is_member(p, at, "value")) return EDGEFN__ITEM_VALUE;
    if (edgefn__is_member(p, at, "attributes")) return EDGEFN__ITEM_ATTRIBUTES;
    if (edgefn__is_member(p, at, "multiValue")) return EDGEFN__ITEM_MULTI;
    return edgefn__is_member(p, at, "multivalue") ? EDGEFN__ITEM_MULTI : EDGEFN__ITEM_OTHER;
}

/* Writes the value of one member. array: offset of its old elements; 0: none. */
static void edgefn__put_item_part(edgefn__text *t, const edgefn_event *ev, const edgefn__group *g,
                                  unsigned part, uint32_t array)
{
    if (part == EDGEFN__ITEM_MULTI)
        edgefn__put_elements(t, ev, g, array);
    else
        edgefn__put_quoted(t, part == EDGEFN__ITEM_VALUE ? g->items->value : g->items->attributes);
}

/* Rewrites a CloudFront Functions item whose attributes or number of values changed: members that
   it had keep their places, new ones go to the end. */
static void edgefn__put_item_anew(edgefn__text *t, const edgefn_event *ev, const edgefn__group *g,
                                  uint32_t open)
{
    static const edgefn_str names[] = { EDGEFN_S_INIT("\"value\":"),
                                        EDGEFN_S_INIT("\"attributes\":"),
                                        EDGEFN_S_INIT("\"multiValue\":") };
    const char *p = ev->_json.ptr;
    unsigned left = EDGEFN__ITEM_VALUE;
    bool comma = false;
    if (g->items->attributes.ptr != NULL) left |= EDGEFN__ITEM_ATTRIBUTES;
    if (g->count > 1) left |= EDGEFN__ITEM_MULTI;
    EDGEFN__PUT(t, "{");
    edgefn__each e = edgefn__each_in(p, open);
    while (edgefn__next(&e)) {
        unsigned part = edgefn__item_part(p, e.name);
        if ((left & part) != part) continue; /* it has no place any more */
        if (comma) EDGEFN__PUT(t, ",");
        comma = true;
        edgefn__put(t, p + e.name, (part == EDGEFN__ITEM_OTHER ? e.end : e.value) - e.name);
        if (part == EDGEFN__ITEM_OTHER) continue;
        left &= ~part;
        edgefn__put_item_part(t, ev, g, part, p[e.value] == '[' ? e.value : 0);
    }
    for (unsigned k = 0; k < EDGEFN__COUNT(names); k++) {
        if (!(left >> k & 1)) continue;
        if (comma) EDGEFN__PUT(t, ",");
        comma = true;
        edgefn__put(t, names[k].ptr, names[k].len);
        edgefn__put_item_part(t, ev, g, 1u << k, 0);
    }
    EDGEFN__PUT(t, "}");
}

/* CloudFront Functions: plans the edits of one item. If only values changed, only their text is
   replaced, that of the first value both in "value" and in multiValue. Otherwise the item is
   rewritten. */
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
        if (it->change == EDGEFN_CHANGE_NONE) continue;
        if (i == 0 && first != 0 && first != it->_value) {
            if (!edgefn__plan_string(p, first, edgefn__after_string(t, first) - first, it->value))
                return false;
        }
        if (!edgefn__plan_value(p, it)) return false;
    }
    return true;
}

static int edgefn__by_received(const void *a, const void *b)
{
    uint32_t x = ((const edgefn_field *)a)->_value;
    uint32_t y = ((const edgefn_field *)b)->_value;
    return x < y ? -1 : x > y;
}

/* Returns the removed fields of a list in the order in which they were received; NULL if there are
   none or memory ran out. The list itself stays in the order of removal, which decides which field
   a later edit revives: if the two orders differ, the result is a sorted copy at the top of the
   arena. */
static const edgefn_field *edgefn__removed_sorted(const edgefn_fields *f, size_t *top)
{
    size_t n = f->removed_len;
    if (edgefn__sorted(f->removed, n, sizeof *f->removed, edgefn__by_received)) return f->removed;
    edgefn_field *e = (edgefn_field *)edgefn__take_top(f->_ev, top, n, sizeof *e);
    if (e == NULL) return NULL;
    edgefn__memcpy(e, f->removed, n * sizeof *e);
    return edgefn__sort(f->_ev, *top, e, n, sizeof *e, edgefn__by_received) ? e : NULL;
}

static bool edgefn__plan_group(edgefn__plan *p, const edgefn__group *g)
{
    return edgefn__is_functions(p->ev) ? edgefn__plan_items(p, g) : edgefn__plan_entries(p, g);
}

/* Goes through the received names of a list in the order of the text. */
typedef struct edgefn__groups {
    const edgefn_fields *list;
    const edgefn_field *removed;
    size_t item, gone; /* the next ones */
} edgefn__groups;

static bool edgefn__next_group(edgefn__groups *from, edgefn__group *g)
{
    const edgefn_fields *f = from->list;
    uint32_t item = from->item < f->len ? f->items[from->item]._group : 0;
    uint32_t gone = from->gone < f->removed_len ? from->removed[from->gone]._group : 0;
    if (item == 0 && gone == 0) return false;
    bool removed_first = item == 0 || (gone != 0 && gone < item);
    edgefn__memset(g, 0, sizeof *g);
    g->list = f;
    g->at = removed_first ? gone : item;
    g->items = f->items + from->item;
    for (; from->item < f->len && f->items[from->item]._group == g->at; from->item++) {
        g->touched |= f->items[from->item].change != EDGEFN_CHANGE_NONE;
        g->count++;
    }
    if (gone != 0) g->removed = from->removed + from->gone;
    for (; from->gone < f->removed_len && from->removed[from->gone]._group == g->at; from->gone++)
        g->gone++;
    return true;
}

/* Plans the part of a list that was received. *fresh: the first field of a new name. */
static bool edgefn__plan_groups(edgefn__plan *p, const edgefn_fields *f, edgefn__cutter *cut,
                                size_t *fresh)
{
    const char *t = p->ev->_json.ptr;
    edgefn__groups all = { f, edgefn__removed_sorted(f, &p->top), 0, 0 };
    edgefn__group g;
    if (all.removed == NULL && f->removed_len != 0) return false;
    while (edgefn__next_group(&all, &g)) {
        bool done = true;
        if (g.count == 0)
            done = edgefn__cut(cut, g.at, edgefn__after_value(t, edgefn__after_name(t, g.at)));
        else if (g.touched || g.gone != 0)
            done = edgefn__plan_group(p, &g);
        if (!done) return false;
    }
    *fresh = all.item;
    return edgefn__cut_flush(cut);
}

/* Plans a piece of the text to be inserted at another place. */
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
    bool done = edgefn__plan_group(&in_place, g);
    p->top = in_place.top;
    if (!done) return false;
    if (!edgefn__plan_sort(&in_place)) return false;
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

/* Plans a whole list in its present order at one place: received names with their text, others as
   new members. */
static bool edgefn__plan_list_moved(edgefn__plan *p, const edgefn_fields *f, uint32_t at)
{
    const edgefn_field *items = f->items;
    const edgefn_field *removed = edgefn__removed_sorted(f, &p->top);
    if (removed == NULL && f->removed_len != 0) return false;
    for (size_t i = 0, end; i < f->len; i = end) {
        end = edgefn__run_end(items, f->len, i);
        if (i != 0 && !edgefn__plan_edit(p, at, 0, EDGEFN_S(","))) return false;
        if (items[i]._group == 0) {
            edgefn__look_again(p->ev, f, i, end);
            edgefn__text t = edgefn__text_begin(p->ev, p->top);
            edgefn__put_group(&t, p->ev, &items[i], end - i);
            if (!edgefn__plan_text(p, &t, at, 0)) return false;
            continue;
        }
        edgefn__group g = { f, items + i, NULL, end - i, 0, items[i]._group, true };
        size_t k = edgefn__removed_from(removed, f->removed_len, g.at);
        g.removed = removed != NULL ? removed + k : NULL;
        while (k + g.gone < f->removed_len && removed[k + g.gone]._group == g.at)
            g.gone++;
        if (!edgefn__plan_group_moved(p, &g, at)) return false;
    }
    return true;
}

static edgefn__place edgefn__member_place(edgefn__plan *p, int object, const char *name)
{
    const char *t = p->ev->_json.ptr;
    edgefn__span o = p->ev->_object[object];
    edgefn__place place = { 0, 0, false };
    bool empty;
    bool nulls = (p->ev->_flags & EDGEFN__NULLS) != 0;
    uint32_t end = nulls ? edgefn__find_member(t, o.at, name) : 0;
    if (end != 0) {
        edgefn__each e = edgefn__each_in(t, o.at);
        while (e.value != end)
            edgefn__next(&e);
        place.at = e.name;
        place.len = end + 4 - place.at;
        return place;
    }
    place.at = edgefn__last_end(t, o.at + o.len - 1, &empty);
    place.comma = !empty || p->inserted[object];
    p->inserted[object] = true;
    return place;
}

static bool edgefn__plan_fields(edgefn__plan *p, const edgefn_fields *f, int object,
                                const char *name)
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

/* These write the value of a field, by type. They return false without a value: for an absent
   string or the number 0. */
static bool edgefn__write_string(edgefn__text *t, const edgefn_event *ev, edgefn_str s)
{
    (void)ev;
    edgefn__put_quoted(t, s);
    return s.ptr != NULL;
}

static bool edgefn__write_number(edgefn__text *t, const edgefn_event *ev, uint32_t v)
{
    (void)ev;
    edgefn__put_number(t, v);
    return v != 0;
}

/* Writes a status: in Lambda@Edge a string of digits, otherwise a number. */
static bool edgefn__write_status(edgefn__text *t, const edgefn_event *ev, uint32_t v)
{
    bool quoted = edgefn__is_lambda(ev);
    if (quoted) EDGEFN__PUT(t, "\"");
    edgefn__put_number(t, v);
    if (quoted) EDGEFN__PUT(t, "\"");
    return true;
}

static bool edgefn__write_word(edgefn__text *t, const char *word)
{
    edgefn__put_quoted(t, edgefn_cstr(word));
    return true;
}

static bool edgefn__write_scheme(edgefn__text *t, const edgefn_event *ev, bool https)
{
    (void)ev;
    return edgefn__write_word(t, https ? "https" : "http");
}

static bool edgefn__write_action(edgefn__text *t, const edgefn_event *ev, bool replace)
{
    (void)ev;
    return edgefn__write_word(t, replace ? "replace" : "read-only");
}

static bool edgefn__write_encoding(edgefn__text *t, const edgefn_event *ev, edgefn_encoding e)
{
    (void)ev;
    return edgefn__write_word(t, e == EDGEFN_ENCODING_BASE64 ? "base64" : "text");
}

static bool edgefn__write_tls(edgefn__text *t, const edgefn_event *ev, uint32_t tls)
{
    bool comma = false;
    (void)ev;
    EDGEFN__PUT(t, "[");
    for (unsigned i = 0; i < EDGEFN__COUNT(edgefn__tls_names); i++) {
        if (!(tls >> i & 1)) continue;
        if (comma) EDGEFN__PUT(t, ",");
        comma = true;
        edgefn__put_quoted(t, edgefn__str(edgefn__tls_names[i].text, edgefn__tls_names[i].len));
    }
    EDGEFN__PUT(t, "]");
    return true;
}

/* A list that is written from scratch. */
static void edgefn__put_list(edgefn__text *t, edgefn_event *ev, const edgefn_fields *f)
{
    EDGEFN__PUT(t, "{");
    edgefn__put_groups(t, ev, f, 0, false);
    EDGEFN__PUT(t, "}");
}

/* Writes the query: a string; in CloudFront Functions, if there is no raw query, an object. */
static bool edgefn__write_query(edgefn__text *t, edgefn_event *ev, edgefn_str s)
{
    if (edgefn__is_lambda(ev) || s.ptr != NULL) {
        edgefn__put_quoted(t, s);
        return true;
    }
    edgefn__put_list(t, ev, &ev->request._query);
    return true;
}

/* Writes a response's body up to its data. Returns: the text that follows the data. */
static edgefn_str edgefn__put_content_head(edgefn__text *t, const edgefn_event *ev)
{
    if (edgefn__is_lambda(ev)) return EDGEFN_S("");
    EDGEFN__PUT(t, "{\"encoding\":");
    edgefn__write_encoding(t, ev, ev->response.body.encoding);
    EDGEFN__PUT(t, ",\"data\":");
    return EDGEFN_S("}");
}

static bool edgefn__write_origin(edgefn__text *t, edgefn_event *ev, edgefn_origin_kind kind);

/* Writes the value of a member; false where it has none. Not for the data of bodies, which
   edgefn__plan_ended() writes. */
static bool edgefn__put_value(edgefn__text *t, edgefn_event *ev, edgefn_member member)
{
#    define EDGEFN__WRITE(o, name, type, field, mark, in)                                          \
    case EDGEFN__MARK_##o(mark): return edgefn__write_##type(t, ev, ev->EDGEFN__STRUCT_##o field);
    switch ((int)member) {
        EDGEFN__REQUEST_MEMBERS(EDGEFN__WRITE, EDGEFN__WRITE, EDGEFN__NO_ROW, request)
        EDGEFN__BODY_MEMBERS(EDGEFN__NO_ROW, EDGEFN__WRITE, EDGEFN__NO_ROW, body)
        EDGEFN__ORIGIN_MEMBERS(EDGEFN__WRITE, EDGEFN__WRITE, EDGEFN__NO_ROW, origin)
        EDGEFN__RESPONSE_MEMBERS(EDGEFN__NO_ROW, EDGEFN__WRITE, EDGEFN__NO_ROW, response)
    default: return edgefn__write_string(t, ev, ev->response.status_text);
    }
#    undef EDGEFN__WRITE
}

static void edgefn__put_key(edgefn__text *t, const char *name, bool *comma)
{
    if (*comma) EDGEFN__PUT(t, ",");
    edgefn__put_quoted(t, edgefn_cstr(name));
    EDGEFN__PUT(t, ":");
    *comma = true;
}

/* Writes a member with its name; false where it has no value. */
static bool edgefn__put_member(edgefn__text *t, edgefn_event *ev, edgefn_member member, bool *comma)
{
    edgefn__put_key(t, edgefn__last_name(edgefn_member_name(ev, member)), comma);
    return edgefn__put_value(t, ev, member);
}

/* Writes the members among these that have a value. */
static void edgefn__put_members(edgefn__text *t, edgefn_event *ev, uint32_t members, bool *comma)
{
    for (; members != 0; members &= members - 1) {
        edgefn__text before = *t;
        bool had_comma = *comma;
        if (edgefn__put_member(t, ev, (edgefn_member)edgefn__ctz(members), comma)) continue;
        *t = before;
        *comma = had_comma;
    }
}

/* The start of an origin that is written from scratch, up to its first custom header. */
static void edgefn__put_origin_head(edgefn__text *t, edgefn_origin_kind kind)
{
    if (kind == EDGEFN_ORIGIN_S3)
        EDGEFN__PUT(t, "{\"s3\":{\"customHeaders\":{");
    else
        EDGEFN__PUT(t, "{\"custom\":{\"customHeaders\":{");
}

/* The rest of that origin, after its custom headers. */
static void edgefn__put_origin_tail(edgefn__text *t, edgefn_event *ev, edgefn_origin_kind kind)
{
    bool comma = true;
    EDGEFN__PUT(t, "}");
    edgefn__put_members(t, ev, EDGEFN__ORIGIN_BITS & ~edgefn__foreign_bits(kind), &comma);
    EDGEFN__PUT(t, "}}");
}

static bool edgefn__write_origin(edgefn__text *t, edgefn_event *ev, edgefn_origin_kind kind)
{
    if (kind == EDGEFN_ORIGIN_NONE) return false;
    edgefn__put_origin_head(t, kind);
    edgefn__put_groups(t, ev, &ev->request.origin.headers, 0, false);
    edgefn__put_origin_tail(t, ev, kind);
    return true;
}

/* Plans three texts, one after the other, at `place`: t, the string s, which may be long, and tail.
   */
static bool edgefn__plan_ended(edgefn__plan *p, edgefn__text *t, edgefn__place place, edgefn_str s,
                               edgefn_str tail)
{
    return edgefn__plan_text(p, t, place.at, 0) && edgefn__plan_string(p, place.at, 0, s)
           && edgefn__plan_edit(p, place.at, place.len, tail);
}

/* Plans one member that differs: replaces its value, or adds it after the last member. */
static bool edgefn__plan_member(edgefn__plan *p, edgefn_member which)
{
    edgefn_event *ev = p->ev;
    const edgefn_str *text = edgefn__member_text(ev, which);
    edgefn__place place = { ev->_had[which].at, ev->_had[which].len, false };
    edgefn__text t;
    if (place.at == 0) {
        const char *name = edgefn__last_name(edgefn_member_name(ev, which));
        place = edgefn__member_place(p, edgefn__object_of(which), name);
        t = edgefn__text_begin(ev, p->top);
        edgefn__put_key(&t, name, &place.comma);
        if (!edgefn__plan_text(p, &t, place.at, 0)) return false;
    }
    if (text != NULL && (which != EDGEFN_MEMBER_RESPONSE_BODY || edgefn__is_lambda(ev)))
        return edgefn__plan_string(p, place.at, place.len,
                                   text->ptr != NULL ? *text : EDGEFN_S(""));
    t = edgefn__text_begin(ev, p->top);
    if (text != NULL) {
        edgefn_str tail = edgefn__put_content_head(&t, ev);
        return edgefn__plan_ended(p, &t, place, *text, tail);
    }
    edgefn__put_value(&t, ev, which);
    return edgefn__plan_text(p, &t, place.at, place.len);
}

/* Plans the members among these that differ. */
static bool edgefn__plan_members(edgefn__plan *p, uint32_t members)
{
    for (members &= p->ev->_mask; members != 0; members &= members - 1) {
        if (!edgefn__plan_member(p, (edgefn_member)edgefn__ctz(members))) return false;
    }
    return true;
}

static bool edgefn__plan_origin(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    edgefn_fields *headers = &ev->request.origin.headers;
    edgefn_origin_kind kind = ev->request.origin.kind;
    if (edgefn__origin_change(ev) == EDGEFN_CHANGE_NONE) {
        if (kind == EDGEFN_ORIGIN_NONE) return true;
        return edgefn__plan_members(p, EDGEFN__ORIGIN_BITS)
               && edgefn__plan_fields(p, headers, EDGEFN__O_ORIGIN, "customHeaders");
    }
    edgefn__span had = ev->_had[EDGEFN_MEMBER_ORIGIN];
    edgefn__place place = { had.at, had.len, false };
    if (had.at == 0) place = edgefn__member_place(p, EDGEFN__O_REQUEST, "origin");
    edgefn__text t = edgefn__text_begin(ev, p->top);
    if (had.at == 0) edgefn__put_key(&t, "origin", &place.comma);
    edgefn__put_origin_head(&t, kind);
    if (!edgefn__plan_text(p, &t, place.at, 0) || !edgefn__plan_list_moved(p, headers, place.at))
        return false;
    t = edgefn__text_begin(ev, p->top);
    edgefn__put_origin_tail(&t, ev, kind);
    return edgefn__plan_text(p, &t, place.at, place.len);
}

/* A request's body from scratch, up to its data. */
static void edgefn__put_body_head(edgefn__text *t, edgefn_event *ev)
{
    bool comma = false;
    EDGEFN__PUT(t, "{");
    edgefn__put_members(t, ev, EDGEFN__BODY_BITS & ~EDGEFN__BIT(EDGEFN_MEMBER_BODY_DATA), &comma);
    if (ev->_parts != NULL) {
        edgefn__put_key(t, "inputTruncated", &comma);
        edgefn_str truncated = ev->request.body.truncated ? EDGEFN_S("true") : EDGEFN_S("false");
        edgefn__put(t, truncated.ptr, truncated.len);
    }
    edgefn__put_key(t, "data", &comma);
}

static bool edgefn__plan_request_body(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    if (ev->_object[EDGEFN__O_BODY].at != 0) return edgefn__plan_members(p, EDGEFN__BODY_BITS);
    if (ev->request.body.data.ptr == NULL) return true;
    edgefn__place place = edgefn__member_place(p, EDGEFN__O_REQUEST, "body");
    edgefn__text t = edgefn__text_begin(ev, p->top);
    edgefn__put_key(&t, "body", &place.comma);
    edgefn__put_body_head(&t, ev);
    return edgefn__plan_ended(p, &t, place, ev->request.body.data, EDGEFN_S("}"));
}

static bool edgefn__plan_request(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    edgefn_request *q = &ev->request;
    bool functions = edgefn__is_functions(ev);
    uint32_t members = edgefn__request_bits(ev->dialect) & ~EDGEFN__BIT(EDGEFN_MEMBER_ORIGIN);
    bool first = !functions && q->headers._close != 0; /* as in the text: nothing is to be sorted */
    if (first && !edgefn__plan_fields(p, &q->headers, EDGEFN__O_REQUEST, "headers")) return false;
    if (!edgefn__plan_members(p, members)) return false;
    if (!first && !edgefn__plan_fields(p, &q->headers, EDGEFN__O_REQUEST, "headers")) return false;
    if (functions) return edgefn__plan_fields(p, &q->_cookies, EDGEFN__O_REQUEST, "cookies");
    return edgefn__plan_request_body(p) && edgefn__plan_origin(p);
}

static bool edgefn__plan_response(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    bool functions = edgefn__is_functions(ev);
    uint32_t members = EDGEFN__RESPONSE_BITS;
    bool encoding = ev->_had[EDGEFN_MEMBER_RESPONSE_BODY_ENCODING].at != 0
                    || ev->response.body.encoding == EDGEFN_ENCODING_BASE64;
    if (functions || !encoding) members &= ~EDGEFN__BIT(EDGEFN_MEMBER_RESPONSE_BODY_ENCODING);
    if (!edgefn__plan_members(p, members)) return false;
    if (!edgefn__plan_fields(p, &ev->response.headers, EDGEFN__O_RESPONSE, "headers")) return false;
    return !functions
           || edgefn__plan_fields(p, &ev->response._cookies, EDGEFN__O_RESPONSE, "cookies");
}

/* A generated response, whole. */
static bool edgefn__plan_answer(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    const edgefn_response *a = &ev->response;
    const uint32_t body = EDGEFN__BIT(EDGEFN_MEMBER_RESPONSE_BODY)
                          | EDGEFN__BIT(EDGEFN_MEMBER_RESPONSE_BODY_ENCODING);
    edgefn__place start = { 0, 0, false };
    bool functions = edgefn__is_functions(ev);
    bool comma = false;
    edgefn__text t = edgefn__text_begin(ev, p->top);
    EDGEFN__PUT(&t, "{");
    edgefn__put_members(&t, ev, EDGEFN__RESPONSE_BITS & ~body, &comma);
    if (a->headers.len != 0) {
        edgefn__put_key(&t, "headers", &comma);
        edgefn__put_list(&t, ev, &a->headers);
    }
    if (functions && a->_cookies.len != 0) {
        edgefn__put_key(&t, "cookies", &comma);
        edgefn__put_list(&t, ev, &a->_cookies);
    }
    if (a->body.data.ptr == NULL) {
        EDGEFN__PUT(&t, "}");
        return edgefn__plan_text(p, &t, 0, 0);
    }
    edgefn__put_key(&t, "body", &comma);
    edgefn__put_content_head(&t, ev);
    edgefn_str tail = functions ? EDGEFN_S("}}") : EDGEFN_S("}");
    if (!functions && a->body.encoding == EDGEFN_ENCODING_BASE64)
        tail = EDGEFN_S(",\"bodyEncoding\":\"base64\"}");
    return edgefn__plan_ended(p, &t, start, a->body.data, tail);
}

/* Plans the whole request of an event that was built from parts. */
static bool edgefn__plan_parts(edgefn__plan *p)
{
    edgefn_event *ev = p->ev;
    const uint32_t written = EDGEFN__BIT(EDGEFN_MEMBER_METHOD) | EDGEFN__BIT(EDGEFN_MEMBER_URI)
                             | EDGEFN__BIT(EDGEFN_MEMBER_QUERYSTRING);
    edgefn__place start = { 0, 0, false };
    bool functions = edgefn__is_functions(ev);
    bool comma = false;
    edgefn__text t = edgefn__text_begin(ev, p->top);
    EDGEFN__PUT(&t, "{");
    edgefn__put_member(&t, ev, EDGEFN_MEMBER_METHOD, &comma);
    edgefn__put_member(&t, ev, EDGEFN_MEMBER_URI, &comma);
    edgefn__put_member(&t, ev, EDGEFN_MEMBER_QUERYSTRING, &comma);
    edgefn__put_key(&t, "headers", &comma);
    edgefn__put_list(&t, ev, &ev->request.headers);
    if (functions) {
        edgefn__put_key(&t, "cookies", &comma);
        edgefn__put_list(&t, ev, &ev->request._cookies);
    }
    edgefn__put_members(&t, ev, edgefn__request_bits(ev->dialect) & ~written, &comma);
    if (functions || ev->request.body.data.ptr == NULL) {
        EDGEFN__PUT(&t, "}");
        return edgefn__plan_text(p, &t, 0, 0);
    }
    edgefn__put_key(&t, "body", &comma);
    edgefn__put_body_head(&t, ev);
    return edgefn__plan_ended(p, &t, start, ev->request.body.data, EDGEFN_S("}}"));
}

/*=== >>check ======================================================================================
   How it works:
   1. An event is settled and verified by edgefn__prepare(). A function's result is read into
      structs like an event's by edgefn__check_text(); its reader reports what can be wrong only in
      a text to edgefn__result_issue().
   2. Marks show what differs from what was received. In an event, the editing functions set them.
      In a result, edgefn__compare_members() marks the members and edgefn__mark() the fields.
   3. edgefn__check_all() and the functions it calls check only marked members and fields, so that a
      received value may always be returned. edgefn__note() makes a finding of each rule that is
      broken (edgefn__rules in >>tables).
   4. The first finding that refuses decides: edgefn__approved() makes it the error of
      edgefn_finish(). edgefn_check() returns all findings. Those about a text are sorted by
      position, then by rule in the order of edgefn__rules, then by .actual; equal ones keep the
      order in which they were found.
   edgefn_sanitize() undoes the header edits that step 3 refuses. At the end of the section are the
   functions that write. */

/* The names that a list received, sorted: made when many are looked up. */
typedef struct edgefn__names {
    const edgefn_fields *of;
    edgefn__entry *names;
    size_t len;
} edgefn__names;

typedef struct edgefn__checker {
    edgefn_event *ev;         /* what was received */
    edgefn_event *now;        /* what is checked: ev itself, or the result that was read */
    edgefn_finding *to;       /* where findings go */
    const edgefn_rule *rules; /* what findings refer to */
    size_t cap, count;        /* how many fit, and how many there are */
    uint32_t mask;            /* the members that differ, one bit each */
    bool answer;              /* a response in a request event */
    bool strict;              /* doubtful rules refuse, too */
    bool no_doubts;           /* doubtful rules are not applied */
    bool ip_noted;            /* clientIp has the wrong type, which was noted */
    bool data_noted;          /* the same of the request body's data */
    bool refused;             /* a finding refuses; the first of these: */
    int first_rule;
    edgefn_str first_subject;
    size_t lookups; /* of received names */
    size_t top;     /* where the free part of now's arena ends */
    edgefn__names index[2];
} edgefn__checker;

static void edgefn__checker_init(edgefn__checker *c, const edgefn_event *ev)
{
    edgefn__memset(c, 0, sizeof *c);
    c->ev = (edgefn_event *)(uintptr_t)ev; /* written only if the caller may write to ev */
    c->now = c->ev;
    c->top = ev->arena.cap;
}

static bool edgefn__has_text(const edgefn__checker *c)
{
    return c->now != c->ev;
}

/* The number of findings that fitted. */
static size_t edgefn__stored(const edgefn__checker *c)
{
    return c->count < c->cap ? c->count : c->cap;
}

/* The rule of this event's dialect that corresponds to one of Lambda@Edge; most apply to both. */
static int edgefn__own_rule(const edgefn__checker *c, int rule)
{
    bool functions = edgefn__is_functions(c->ev);
    for (size_t i = 0; functions && i < EDGEFN__COUNT(edgefn__twins); i++) {
        if (edgefn__twins[i].lambda == rule) return edgefn__twins[i].functions;
    }
    return rule;
}

static bool edgefn__is_doubtful(int rule)
{
    return edgefn__confidences[rule] == EDGEFN_CONFIDENCE_DOUBTFUL;
}

/* The id of a rule, for the error of a result that is refused. */
static const char *edgefn__rule_id(int rule)
{
#    define EDGEFN__X(name, id, confidence, kinds, text, says, source) id "\0"
    static const char ids[] = EDGEFN__RULE_LIST(EDGEFN__X);
#    undef EDGEFN__X
    return edgefn__nth_text(ids, (size_t)rule);
}

static void edgefn__note_number(edgefn__checker *c, int rule, edgefn_str subject, size_t pos,
                                uint64_t limit, uint64_t actual)
{
    int own = edgefn__own_rule(c, rule);
    bool doubtful = edgefn__is_doubtful(own);
    if (doubtful && c->no_doubts) return;
    if (!c->refused && (c->strict || !doubtful)) {
        c->refused = true;
        c->first_rule = own;
        c->first_subject = subject;
    }
    if (c->count < c->cap) {
        edgefn_finding f = { &c->rules[own], subject, EDGEFN__NO_POS, limit, actual };
        if (edgefn__has_text(c)) f.pos = pos;
        c->to[c->count] = f;
    }
    c->count++;
}

static void edgefn__note(edgefn__checker *c, int rule, edgefn_str subject, size_t pos)
{
    edgefn__note_number(c, rule, subject, pos, 0, 0);
}

/*--- what the reader of a result reports --------------------------------------------------------*/

/* True if all elements of a JSON array are strings. */
static bool edgefn__is_strings(const char *t, uint32_t open)
{
    edgefn__each e = edgefn__each_in(t, open);
    while (edgefn__next(&e)) {
        if (t[e.value] != '"') return false;
    }
    return true;
}

typedef struct edgefn__issue_rule {
    edgefn__issue_type type;
    const char *subject; /* NULL: any other */
    int rule;
} edgefn__issue_rule;
/* clang-format off */
static const edgefn__issue_rule edgefn__issue_rules[] = {
    { EDGEFN__I_TYPE, "status", EDGEFN__R_STATUS_TYPE },
    { EDGEFN__I_TYPE, "statusCode", EDGEFN__R_STATUS_TYPE },
    { EDGEFN__I_TYPE, "body", EDGEFN__R_BODY_TYPE },
    { EDGEFN__I_TYPE, NULL, EDGEFN__R_MEMBER_TYPE },
    { EDGEFN__I_VALUES, NULL, EDGEFN__R_HEADERS_ARRAY },
    { EDGEFN__I_ENTRY, NULL, EDGEFN__R_HEADERS_ENTRY },
    { EDGEFN__I_VALUE, NULL, EDGEFN__R_HEADERS_ENTRY },
    { EDGEFN__I_NO_VALUE, NULL, EDGEFN__R_HEADERS_ENTRY },
    { EDGEFN__I_MISSING, NULL, EDGEFN__R_MEMBER_MISSING },
    { EDGEFN__I_DUPLICATE, NULL, EDGEFN__R_MEMBER_DUPLICATE },
    { EDGEFN__I_NUMBER, "status", EDGEFN__R_STATUS_RANGE },
    { EDGEFN__I_NUMBER, "statusCode", EDGEFN__R_STATUS_RANGE },
    { EDGEFN__I_NUMBER, "port", EDGEFN__R_ORIGIN_PORT },
    { EDGEFN__I_NUMBER, NULL, EDGEFN__R_ORIGIN_TIMEOUT },
    { EDGEFN__I_STATUS, NULL, EDGEFN__R_STATUS_RANGE }
};
/* clang-format on */

/* Lambda@Edge: a value that is an array of strings. */
static bool edgefn__is_value_list(const edgefn__reader *r, const edgefn__issue *issue)
{
    if (issue->type != EDGEFN__I_VALUE || !edgefn__is_lambda(r->ev)) return false;
    return r->text[issue->at] == '[' && edgefn__is_strings(r->text, issue->at);
}

/* Returns: the rule that an issue breaks; EDGEFN__R_COUNT if it breaks none. */
static int edgefn__rule_of(const edgefn__reader *r, const edgefn__issue *issue, edgefn_str subject)
{
    if (edgefn__is_value_list(r, issue)) return EDGEFN__R_HEADERS_LIST;
    for (size_t i = 0; i < EDGEFN__COUNT(edgefn__issue_rules); i++) {
        const edgefn__issue_rule *row = &edgefn__issue_rules[i];
        if (row->type != issue->type) continue;
        if (row->subject == NULL || edgefn_str_eq(subject, edgefn_cstr(row->subject)))
            return row->rule;
    }
    return EDGEFN__R_COUNT;
}

/* Returns the offset of the value of an object's member if it begins with the byte `with`; else 0.
   */
static uint32_t edgefn__find_value(const char *text, uint32_t open, const char *name, char with)
{
    uint32_t at = edgefn__find_member(text, open, name);
    return text[at] == with ? at : 0;
}

enum { EDGEFN__TLS_UNKNOWN = 16 }; /* in edgefn_origin.tls */
/* Notes the members of a result's origin that only the other kind has, and the members it lacks
   that CloudFront always sends. A member is not a finding if the received origin of that kind
   also has or lacks it. */
static void edgefn__note_origin(edgefn__checker *c, const char *text)
{
    const edgefn_event *ev = c->ev;
    edgefn_origin_kind kind = c->now->request.origin.kind;
    unsigned in = kind == EDGEFN_ORIGIN_S3 ? EDGEFN__IN_s3 : EDGEFN__IN_custom;
    bool whole = edgefn__kind_received(ev) != kind;
    uint32_t received_at = whole ? 0 : ev->_object[EDGEFN__O_ORIGIN].at;
    edgefn__span o = c->now->_object[EDGEFN__O_ORIGIN];
    for (int i = 0; i < EDGEFN__I_origin_COUNT; i++) {
        const edgefn__name *n = &edgefn__n_origin[i];
        edgefn_str name = edgefn__str(n->text, n->len);
        uint32_t at = edgefn__find_member(text, o.at, n->text);
        bool received =
            received_at != 0 && edgefn__find_member(ev->_json.ptr, received_at, n->text) != 0;
        if ((n->in >> 2 & in) && at == 0 && (whole || received))
            edgefn__note(c, EDGEFN__R_ORIGIN_LACKS, name, o.at + o.len - 1);
        if (!(n->in & in) && at != 0 && !received)
            edgefn__note(c, EDGEFN__R_ORIGIN_FOREIGN, name, at);
    }
}

/* Receives the issues in a function's result. Those that break a rule are noted; none stops the
   reader. */
static bool edgefn__result_issue(edgefn__reader *r, const edgefn__issue *issue)
{
    edgefn__checker *c = (edgefn__checker *)r->sink_data;
    edgefn_str subject = issue->subject;
    uint64_t limit = 0;
    if (issue->type == EDGEFN__I_TLS) {
        r->ev->request.origin.tls |= EDGEFN__TLS_UNKNOWN;
        return true;
    }
    if (issue->type == EDGEFN__I_ORIGIN) {
        edgefn__note_origin(c, r->text);
        return true;
    }
    if (subject.ptr == NULL) subject = edgefn__last_part(issue->where);
    if (issue->type == EDGEFN__I_STATUS) limit = issue->number < 200 ? 200 : 599;
    if (issue->type == EDGEFN__I_TYPE) {
        c->ip_noted |= EDGEFN__IS(subject, "clientIp");
        c->data_noted |= EDGEFN__IS(subject, "data");
    }
    int rule = edgefn__rule_of(r, issue, subject);
    if (rule != EDGEFN__R_COUNT)
        edgefn__note_number(c, rule, subject, issue->at, limit, issue->number);
    return true;
}

/* A result may have null where the event has null. */
static bool edgefn__result_null(edgefn__reader *r, edgefn_str parent, const char *name)
{
    static const struct {
        edgefn__name path;
        int object;
    } objects[] = { { EDGEFN__NAME("request"), EDGEFN__O_REQUEST },
                    { EDGEFN__NAME("response"), EDGEFN__O_RESPONSE },
                    { EDGEFN__NAME("request.body"), EDGEFN__O_BODY },
                    { EDGEFN__NAME("request.origin.custom"), EDGEFN__O_ORIGIN },
                    { EDGEFN__NAME("request.origin.s3"), EDGEFN__O_ORIGIN } };
    const edgefn_event *ev = ((const edgefn__checker *)r->sink_data)->ev;
    if (!(ev->_flags & EDGEFN__NULLS)) return false;
    if (name == NULL) return true;
    for (size_t i = 0; i < EDGEFN__COUNT(objects); i++) {
        edgefn__span o = ev->_object[objects[i].object];
        if (o.len == 0 || !edgefn__is(parent, objects[i].path.text, objects[i].path.len)) continue;
        return edgefn__find_value(ev->_json.ptr, o.at, name, 'n') != 0;
    }
    return true; /* inside a header or a Functions body any null in the event suffices */
}

static const edgefn__sink edgefn__result_sink = { edgefn__result_issue, edgefn__result_null };

/* If a result has both kinds of origin, the kind that was received is read, or custom if there was
   none. Returns: the kind that is skipped; NONE if the result does not have both. */
static edgefn_origin_kind edgefn__skipped_origin(const edgefn__checker *c, const char *text,
                                                 uint32_t open)
{
    uint32_t origin = edgefn__find_value(text, open, "origin", '{');
    if (origin == 0 || edgefn__find_value(text, origin, "custom", '{') == 0
        || edgefn__find_value(text, origin, "s3", '{') == 0)
        return EDGEFN_ORIGIN_NONE;
    return edgefn__kind_received(c->ev) == EDGEFN_ORIGIN_S3 ? EDGEFN_ORIGIN_CUSTOM
                                                            : EDGEFN_ORIGIN_S3;
}

/*--- headers: what may be done with them --------------------------------------------------------*/

/* The rules of names that begin with x-edge-, x-amz- or x-amz-cf-. */
static unsigned edgefn__prefix_bits(edgefn_str name)
{
    const unsigned disallowed = EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM;
    if (name.len < 6) return 0;
    if (edgefn__same(name.ptr, "x-edge", 6))
        return name.len > 6 && name.ptr[6] == '-' ? disallowed : 0;
    if (!edgefn__same(name.ptr, "x-amz-", 6)) return 0;
    if (edgefn_str_starts(name, EDGEFN_S("x-amz-cf-"))) return disallowed;
    return EDGEFN__H_NOT_CUSTOM;
}

/* True for most headers without a rule, in any case of letters. */
EDGEFN__INLINE bool edgefn__header_is_free(edgefn_str name)
{
    if (name.len == 0) return true;
    unsigned letter = (unsigned)((unsigned char)name.ptr[0] | 0x20) - 'a';
    if (letter >= 26) return true;
    if (letter == 'x' - 'a' && name.len > 2) {
        char third = (char)(name.ptr[2] | 0x20);
        if (third == 'a' || third == 'e') return false; /* prefixes of any length */
    }
    if (name.len > 31 || !(edgefn__header_lengths[letter] >> name.len & 1)) return true;
    unsigned last = (unsigned)((unsigned char)name.ptr[name.len - 1] | 0x20) - 'a';
    return last >= 26 || !(edgefn__header_lasts[letter] >> last & 1);
}

/* The rules of a header, in lower case; 0 for most. */
static unsigned edgefn__header_bits(edgefn_str name)
{
    if (edgefn__header_is_free(name)) return 0;
    unsigned letter = (unsigned)(unsigned char)name.ptr[0] - 'a';
    unsigned bits = letter == 'x' - 'a' ? edgefn__prefix_bits(name) : 0;
    if (name.len > 31 || bits != 0) return bits;
    for (size_t i = edgefn__header_first[letter]; i < edgefn__header_first[letter + 1]; i++) {
        const edgefn__header_rule *h = &edgefn__header_policies[i];
        if (h->len == name.len && edgefn__same(h->name, name.ptr, name.len)) return h->bits;
    }
    return 0;
}

/* The bit of an event type: EDGEFN__LVQ to EDGEFN__FVS; 0 for others. */
static unsigned edgefn__event_bit(edgefn_dialect dialect, edgefn_event_type type)
{
    static const uint8_t bits[2][5] = {
        { 0, EDGEFN__LVQ, EDGEFN__LOQ, EDGEFN__LOS, EDGEFN__LVS },
        { 0, EDGEFN__FVQ, 0, 0, EDGEFN__FVS },
    };
    return (unsigned)type < 5 ? bits[dialect == EDGEFN_DIALECT_FUNCTIONS][type] : 0;
}

EDGEFN__NOINLINE edgefn_policy edgefn__header_policy_of(edgefn_dialect dialect,
                                                        edgefn_event_type type, edgefn_str name)
{
    char low[40]; /* the longest name has 29 bytes, the longest prefix 9 */
    edgefn_str s = edgefn_str_take(name, sizeof low);
    edgefn__lower_to(low, s);
    unsigned bits = edgefn__header_bits(edgefn__str(low, s.len));
    if (bits & EDGEFN__H_DISALLOWED) return EDGEFN_POLICY_DISALLOWED;
    return (bits & edgefn__event_bit(dialect, type)) != 0 ? EDGEFN_POLICY_READ_ONLY
                                                          : EDGEFN_POLICY_ALLOWED;
}

EDGEFN_API edgefn_policy edgefn_header_policy(edgefn_dialect dialect, edgefn_event_type type,
                                              edgefn_str name)
{
    return edgefn__header_is_free(name) ? EDGEFN_POLICY_ALLOWED
                                        : edgefn__header_policy_of(dialect, type, name);
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
    if (e == NULL) return NULL;
    for (size_t i = 0; i < len; i = edgefn__run_end(items, len, i)) {
        e[*count].ptr = items[i].name.ptr;
        e[*count].len = (uint32_t)items[i].name.len;
        e[*count].at = (uint32_t)i;
        *count += 1;
    }
    return edgefn__sort(ev, *top, e, *count, sizeof *e, edgefn__entry_order) ? e : NULL;
}

/* Finds a text among sorted ones; NULL if it is absent. */
static const edgefn__entry *edgefn__entry_find(const edgefn__entry *names, size_t len,
                                               edgefn_str name)
{
    edgefn__entry wanted = { name.ptr, (uint32_t)name.len, 0 };
    size_t i = edgefn__lower_bound(names, len, sizeof *names, &wanted, edgefn__entry_order);
    return i < len && edgefn__entry_eq(&names[i], &wanted) ? &names[i] : NULL;
}

/* Fields of one name, which are adjacent in a list. */
typedef struct edgefn__run {
    const edgefn_field *items;
    size_t len;
} edgefn__run;

/* The first byte not allowed in a header's value; s.len if all are. */
static size_t edgefn__control_at(edgefn_str s)
{
    size_t i = 0;
    while (i < s.len && ((unsigned char)s.ptr[i] >= 0x20 || s.ptr[i] == '\t') && s.ptr[i] != 0x7f)
        i++;
    return i;
}

/* The first byte of a text from `at` on that is one of `bytes`, or s.len. */
static size_t edgefn__find_any(edgefn_str s, size_t at, edgefn_str bytes)
{
    while (at < s.len && edgefn__find_byte(bytes.ptr, bytes.len, 0, s.ptr[at]) == bytes.len)
        at++;
    return at;
}

/* The next invalid name or value of a cookie header or query, from *at on. Returns: false when
   there are no more. */
static bool edgefn__next_invalid(edgefn_str s, bool query, size_t *at, edgefn_str *piece)
{
    edgefn_str marks = query ? EDGEFN_S("&=") : EDGEFN_S("; =");
    while (*at < s.len) {
        size_t end = edgefn__find_any(s, *at, marks);
        *piece = edgefn__str(s.ptr + *at, end - *at);
        *at = end + 1;
        bool valid =
            query ? edgefn__is_text(*piece, false, " #") : edgefn__control_at(*piece) == piece->len;
        if (!valid) return true;
    }
    return false;
}

/* Collects the invalid names and values of all values of a run. to: NULL only counts. */
static size_t edgefn__invalid_pieces(edgefn__run run, bool query, edgefn__entry *to)
{
    size_t n = 0;
    edgefn_str piece;
    for (size_t i = 0; i < run.len; i++) {
        for (size_t at = 0; edgefn__next_invalid(run.items[i].value, query, &at, &piece); n++) {
            if (to == NULL) continue;
            to[n].ptr = piece.ptr;
            to[n].len = (uint32_t)piece.len;
            to[n].at = 0;
        }
    }
    return n;
}

/* True if all invalid names and values in a text occur in the received values, `run`. A header or
   query that the library rewrites also contains received names and values, and the handler is not
   to blame for those. n log n. */
static bool edgefn__pieces_received(edgefn__checker *c, edgefn_str text, edgefn__run run,
                                    bool query)
{
    size_t n = edgefn__invalid_pieces(run, query, NULL);
    size_t top = c->top;
    edgefn_str piece;
    edgefn__entry *e = (edgefn__entry *)edgefn__take_top(c->now, &top, n, sizeof *e);
    if (e == NULL) return true; /* edgefn__check_all() reports it */
    edgefn__invalid_pieces(run, query, e);
    if (!edgefn__sort(c->now, top, e, n, sizeof *e, edgefn__entry_order))
        return true; /* as above */
    for (size_t at = 0; edgefn__next_invalid(text, query, &at, &piece);) {
        if (edgefn__entry_find(e, n, piece) == NULL) return false;
    }
    return true;
}

/* True if a key of a result, given without its opening quote, has an upper-case letter, be it
   written as \\u0041. */
static bool edgefn__key_has_upper(const char *z)
{
    for (; *z != '"'; z++) {
        bool escape = *z == '\\';
        z += escape;
        int32_t unit = (unsigned char)*z;
        if (escape && *z == 'u') {
            unit = edgefn__hex4(z + 1, 4);
            z += 4;
        }
        if (unit >= 'A' && unit <= 'Z') return true;
    }
    return false;
}

/* True if one of the first 32 fields of a run has that string as its member; more are not looked
   at, so that the time stays linear. */
static bool edgefn__run_has(edgefn__run run, size_t member, edgefn_str s)
{
    size_t n = run.len < 32 ? run.len : 32;
    for (size_t i = 0; i < n; i++) {
        const void *at = (const char *)&run.items[i] + member;
        if (edgefn_str_eq(*(const edgefn_str *)at, s)) return true;
    }
    return false;
}

/* A field of a result and the received one to compare it with. */
typedef struct edgefn__beside {
    const edgefn_fields *list;
    const edgefn_field *it;
    const edgefn_field *old; /* the received one in its place; NULL for an added one */
    edgefn__run received;    /* all that were received under its name */
    size_t count;            /* how many of its name the result has */
    bool first;              /* of its name in the result */
} edgefn__beside;

/* Upper-case letters in the map key of a header. */
static void edgefn__check_case(edgefn__checker *c, const edgefn__beside *b)
{
    const edgefn_field *it = b->it;
    const char *key = c->now->_json.ptr + it->_group + 1;
    if (!b->first || !edgefn__key_has_upper(key)) return;
    if (b->old != NULL && c->ev->_parts == NULL) {
        const char *received = c->ev->_json.ptr + b->old->_group + 1;
        if (edgefn__same(received, key, it->name.len)) return;
    }
    edgefn__note(c, EDGEFN__R_HEADER_CASE, it->name, it->_group);
}

static void edgefn__check_name(edgefn__checker *c, const edgefn_field *it)
{
    if (!edgefn__token(it->name)) edgefn__note(c, EDGEFN__R_HEADER_NAME, it->name, it->_group);
}

/* CloudFront Functions: cookies among the headers. */
static void edgefn__check_cookie_header(edgefn__checker *c, const edgefn__beside *b)
{
    const edgefn_field *it = b->it;
    bool noted = !b->first && it[-1].change != EDGEFN_CHANGE_NONE; /* once a name */
    if (noted || it->change == EDGEFN_CHANGE_NONE) return;
    if (EDGEFN__IS(it->name, "cookie") || EDGEFN__IS(it->name, "set-cookie"))
        edgefn__note(c, EDGEFN__R_F_COOKIE, it->name, it->_group);
}

/* Lambda@Edge: true for the header that the library may write from a list of cookies. */
static bool edgefn__is_cookie_header(const edgefn_fields *f, edgefn_str name)
{
    if (!edgefn__is_lambda(f->_ev)) return false;
    if (f->_kind == EDGEFN__REQUEST_HEADERS) return EDGEFN__IS(name, "cookie");
    return f->_kind == EDGEFN__RESPONSE_HEADERS && EDGEFN__IS(name, "set-cookie");
}

/* Notes the first control character of a value. */
static void edgefn__check_bytes(edgefn__checker *c, const edgefn_field *it, edgefn_str value)
{
    size_t at = edgefn__control_at(value);
    if (at < value.len)
        edgefn__note_number(c, EDGEFN__R_HEADER_VALUE, it->name, it->_value, 0,
                            (unsigned char)value.ptr[at]);
}

/* Control characters in a header's value that were not received. */
static void edgefn__check_value(edgefn__checker *c, const edgefn__beside *b)
{
    const edgefn_field *it = b->it;
    if (it->change == EDGEFN_CHANGE_NONE || edgefn__control_at(it->value) == it->value.len) return;
    if (edgefn__run_has(b->received, offsetof(edgefn_field, value), it->value)) return;
    if (edgefn__is_cookie_header(b->list, it->name)
        && edgefn__pieces_received(c, it->value, b->received, false))
        return;
    edgefn__check_bytes(c, it, it->value);
}

/* Lambda@Edge: the offset of a header's key; a key that contained an escape is outside the text. */
static size_t edgefn__key_place(const edgefn__checker *c, const edgefn_field *it)
{
    uintptr_t key = (uintptr_t)it->key.ptr - (uintptr_t)c->now->_json.ptr;
    return key < c->now->_json.len ? (size_t)key - 1 : it->_group;
}

/* Lambda@Edge: "key", which is the header's name as it is sent. */
static void edgefn__check_key(edgefn__checker *c, const edgefn__beside *b)
{
    const edgefn_field *it = b->it;
    edgefn_str old = b->old != NULL ? b->old->key : edgefn__absent();
    if (it->key.ptr == NULL || edgefn_str_eq(old, it->key)) return;
    if (!edgefn_str_ieq(it->key, it->name)
        && !edgefn__run_has(b->received, offsetof(edgefn_field, key), it->key)) {
        edgefn__note(c, EDGEFN__R_HEADER_KEY, it->name, edgefn__key_place(c, it));
        return;
    }
    if (old.ptr == NULL || it->change != EDGEFN_CHANGE_NONE) return;
    if (b->count != b->received.len) return; /* which is a finding of its own */
    if (b->list->_kind == EDGEFN__ORIGIN_HEADERS) return;
    if (edgefn__header_bits(it->name) & edgefn__event_bit(c->ev->dialect, c->ev->type))
        edgefn__note(c, EDGEFN__R_RO_KEY, it->name, edgefn__key_place(c, it));
}

/* Syntax and spelling of a header in a result's text; an event's own lists were checked when they
   were edited. */
static void edgefn__check_spelling(edgefn__checker *c, const edgefn__beside *b)
{
    edgefn__check_case(c, b);
    if (b->first && b->old == NULL) edgefn__check_name(c, b->it);
    if (edgefn__is_functions(c->ev)) edgefn__check_cookie_header(c, b);
    edgefn__check_value(c, b);
    if (edgefn__is_lambda(c->ev)) edgefn__check_key(c, b);
}

/* CloudFront Functions: a query parameter of a result that was added or changed. */
static void edgefn__check_parameter(edgefn__checker *c, const edgefn__beside *b)
{
    const edgefn_field *it = b->it;
    bool name = b->received.len == 0 && !edgefn__is_text(it->name, false, "# ");
    bool value = !edgefn__run_has(b->received, offsetof(edgefn_field, value), it->value)
                 && !edgefn__is_text(it->value, false, "# ");
    if (name || value) edgefn__note(c, EDGEFN__R_QUERY_CHARACTERS, it->name, it->_value);
}

/* CloudFront Functions: a cookie of a result that was added or changed. */
static void edgefn__check_cookie(edgefn__checker *c, const edgefn__beside *b)
{
    const edgefn_field *it = b->it;
    if (b->received.len == 0 && !edgefn__cookie_name_valid(it->name))
        edgefn__note(c, EDGEFN__R_HEADER_NAME, it->name, it->_group);
    if (!edgefn__run_has(b->received, offsetof(edgefn_field, value), it->value))
        edgefn__check_bytes(c, it, it->value);
    if (!edgefn__run_has(b->received, offsetof(edgefn_field, attributes), it->attributes))
        edgefn__check_bytes(c, it, it->attributes);
}

/* Begins a text in the free part of the checker's arena. */
static edgefn__text edgefn__scratch_begin(const edgefn__checker *c)
{
    return edgefn__text_begin(c->now, c->top);
}

/* CloudFront Functions: true if a received multiValue had the same "value" next to it. */
static bool edgefn__value_kept(const edgefn__checker *c, const edgefn_field *received,
                               edgefn_str value)
{
    const char *p = c->ev->_json.ptr;
    edgefn__span had = { 0, 0 };
    if (p == NULL) return false;
    had.at = edgefn__find_value(p, edgefn__after_name(p, received->_group), "value", '"');
    if (had.at == 0) return false;
    had.len = edgefn__after_string(p, had.at) - had.at;
    return edgefn__still(c->ev, had, value);
}

static bool edgefn__field_same(const edgefn_field *a, const edgefn_field *b)
{
    return edgefn_str_eq(a->value, b->value) && edgefn_str_eq(a->attributes, b->attributes);
}

static bool edgefn__values_same(edgefn__run a, edgefn__run b)
{
    for (size_t i = 0; i < a.len; i++) {
        if (!edgefn_str_eq(a.items[i].value, b.items[i].value)) return false;
    }
    return true;
}

/* Two sorted lists of names, name by name. */
typedef struct edgefn__pairs {
    const edgefn__entry *a, *a_end, *b, *b_end;
    const edgefn__entry *in_a, *in_b; /* the name at hand; NULL: that list does not have it */
} edgefn__pairs;

/* Goes on to the next name of either list. Returns: false at the end of both. */
static bool edgefn__pairs_next(edgefn__pairs *p)
{
    bool a = p->a < p->a_end;
    bool b = p->b < p->b_end;
    if (a && b && !edgefn__entry_eq(p->a, p->b)) {
        a = edgefn__entry_before(p->a, p->b);
        b = !a;
    }
    p->in_a = a ? p->a++ : NULL;
    p->in_b = b ? p->b++ : NULL;
    return a || b;
}

/* Sorts the names of two lists of fields, at the top of the check's arena. Returns: false when
   memory ran out. */
static bool edgefn__pairs_make(edgefn__checker *c, edgefn__pairs *p, edgefn__run a, edgefn__run b)
{
    size_t n;
    size_t m;
    p->a = edgefn__sorted_names(c->now, &c->top, a.items, a.len, &n);
    if (p->a == NULL) return false;
    p->b = edgefn__sorted_names(c->now, &c->top, b.items, b.len, &m);
    if (p->b == NULL) return false;
    p->a_end = p->a + n;
    p->b_end = p->b + m;
    return true;
}

static edgefn__run edgefn__run_of(edgefn__run list, const edgefn__entry *name)
{
    edgefn__run run = { list.items, 0 };
    if (name == NULL) return run;
    run.items += name->at;
    run.len = edgefn__run_end(list.items, list.len, name->at) - name->at;
    return run;
}

/* CloudFront Functions: a result may have "value" next to multiValue. If "value" was edited and
   multiValue was not, "value" is taken as the first value of the field. */
static void edgefn__mark_value(edgefn__checker *c, edgefn__run now, edgefn__run received)
{
    const char *p = c->now->_json.ptr;
    edgefn_field *it = (edgefn_field *)(uintptr_t)now.items;
    if (!edgefn__is_functions(c->now) || now.len == 0 || now.len != received.len) return;
    if (!edgefn__values_same(now, received)) return;
    uint32_t at = edgefn__find_value(p, edgefn__after_name(p, it->_group), "value", '"');
    if (at == 0 || at == it->_value) return;
    edgefn__text t = edgefn__scratch_begin(c);
    edgefn__put_unescaped(&t, p + at + 1, edgefn__after_string(p, at) - at - 2);
    edgefn_str value = edgefn__text_end(c->now, &t);
    if (value.ptr != NULL && !edgefn__value_kept(c, received.items, value)) it->value = value;
}

/* True if the fields of a name are received ones in their order, with or without gaps. */
static bool edgefn__is_part(const edgefn_field *items, size_t n, edgefn__run received)
{
    size_t found = 0;
    for (size_t i = 0; i < received.len && found < n; i++)
        found += edgefn__field_same(&items[found], &received.items[i]);
    return found == n;
}

/* Marks one field of a result and checks it against what was received. */
static void edgefn__mark_field(edgefn__checker *c, edgefn_field *it, const edgefn__beside *b)
{
    bool same = b->old != NULL && edgefn__field_same(it, b->old);
    it->change = same ? EDGEFN_CHANGE_NONE : EDGEFN_CHANGE_EDITED;
    if (b->old == NULL) it->change = EDGEFN_CHANGE_ADDED;
    if (edgefn__is_headers(b->list))
        edgefn__check_spelling(c, b);
    else if (same)
        return;
    else if (b->list->_kind == EDGEFN__QUERY)
        edgefn__check_parameter(c, b);
    else
        edgefn__check_cookie(c, b);
}

/* Marks the fields of one name by comparing them with the received ones in order. If values were
   only removed, the removed fields are those that are missing; otherwise they are the last ones. */
static void edgefn__mark_run(edgefn__checker *c, edgefn_fields *now, edgefn__run run,
                             edgefn__run received)
{
    edgefn_field *items = (edgefn_field *)(uintptr_t)run.items;
    edgefn_field *removed = (edgefn_field *)(uintptr_t)now->removed;
    size_t k = 0;
    edgefn__mark_value(c, run, received);
    bool part = edgefn__is_part(items, run.len, received);
    for (size_t i = 0; i < run.len; i++) {
        while (part && !edgefn__field_same(&items[i], &received.items[k]))
            removed[now->removed_len++] = received.items[k++];
        const edgefn_field *old = k < received.len ? &received.items[k++] : NULL;
        edgefn__beside b = { now, &items[i], old, received, run.len, i == 0 };
        edgefn__mark_field(c, &items[i], &b);
    }
    while (k < received.len)
        removed[now->removed_len++] = received.items[k++];
}

/* Marks the fields of a result against those that were received. n log n. */
static bool edgefn__mark(edgefn__checker *c, const edgefn_fields *received, edgefn_fields *now)
{
    edgefn_event *ev = c->now;
    edgefn__pairs p;
    edgefn__run from = { received->_received, received->_received_len };
    edgefn__run result = { now->items, now->len };
    edgefn_field *removed =
        (edgefn_field *)edgefn__take(ev, received->_received_len, sizeof *removed, 8);
    if (removed == NULL || !edgefn__pairs_make(c, &p, from, result)) return false;
    now->removed = removed;
    now->_received = received->_received;
    now->_received_len = received->_received_len;
    while (edgefn__pairs_next(&p))
        edgefn__mark_run(c, now, edgefn__run_of(result, p.in_b), edgefn__run_of(from, p.in_a));
    c->top = ev->arena.cap;
    now->_flags |= EDGEFN__DIRTY;
    return ev->err.code == EDGEFN_OK;
}

/* Looks a name up among the received ones of a list by their index, so that many look-ups take n
   log n. Returns: where it begins; SIZE_MAX when it was not received, or the arena is full, which
   edgefn__check_all() reports. */
static size_t edgefn__indexed(edgefn__checker *c, const edgefn_fields *f, edgefn_str name)
{
    /* headers of the request, and of its origin */
    edgefn__names *index = &c->index[c->index[0].of != NULL && c->index[0].of != f];
    if (index->of == NULL) {
        index->names =
            edgefn__sorted_names(c->now, &c->top, f->_received, f->_received_len, &index->len);
        if (index->names == NULL) return (size_t)-1;
        index->of = f;
    }
    const edgefn__entry *found = edgefn__entry_find(index->names, index->len, name);
    return found != NULL ? found->at : (size_t)-1;
}

/* All fields that were received under the name of one. */
static edgefn__run edgefn__received_run(edgefn__checker *c, const edgefn_fields *f,
                                        const edgefn_field *it)
{
    edgefn__run run = { f->_received, 0 };
    size_t n = c->answer ? 0 : f->_received_len;
    size_t from = 0;
    if (n > 64 && ++c->lookups > 16)
        from = edgefn__indexed(c, f, it->name);
    else
        while (from < n && !edgefn__same_name(&f->_received[from], it))
            from++;
    if (from >= n) return run;
    run.items += from;
    run.len = edgefn__run_end(f->_received, n, from) - from;
    return run;
}

/* True if a value was not received under that name. */
static bool edgefn__is_new(edgefn__checker *c, const edgefn_fields *f, const edgefn_field *it)
{
    if (it->change == EDGEFN_CHANGE_NONE) return false;
    edgefn__run received = edgefn__received_run(c, f, it);
    return !edgefn__run_has(received, offsetof(edgefn_field, value), it->value);
}

/* True if the only edit of a header was removing values. */
static bool edgefn__only_fewer(edgefn__checker *c, const edgefn_fields *f, edgefn__run now)
{
    edgefn__run received = edgefn__received_run(c, f, now.items);
    size_t k = 0;
    for (size_t i = 0; i < now.len; i++, k++) {
        while (k < received.len && !edgefn_str_eq(received.items[k].value, now.items[i].value))
            k++;
        if (k >= received.len) return false;
    }
    return true;
}

static size_t edgefn__times(edgefn__run run, edgefn_str value)
{
    size_t n = 0;
    for (size_t i = 0; i < run.len; i++)
        n += edgefn_str_eq(run.items[i].value, value);
    return n;
}

/* True if each value is as often in one list as in the other. More than 32 are not looked at, so
   that the time stays linear. */
static bool edgefn__values_reordered(edgefn__run a, edgefn__run b)
{
    if (a.len > 32) return false;
    for (size_t i = 0; i < a.len; i++) {
        edgefn_str value = a.items[i].value;
        if (edgefn__times(a, value) != edgefn__times(b, value)) return false;
    }
    return true;
}

/* The rule that an edit of a read-only header breaks; EDGEFN__R_COUNT if it is unchanged. */
static int edgefn__read_only_rule(edgefn__run now, edgefn__run received)
{
    if (received.len == 0) return EDGEFN__R_RO_ADDED;
    if (received.len != now.len) return EDGEFN__R_RO_VALUES;
    if (edgefn__values_same(now, received)) return EDGEFN__R_COUNT;
    return edgefn__values_reordered(now, received) ? EDGEFN__R_RO_REORDERED : EDGEFN__R_RO_CHANGED;
}

/* The same for a header of a list. A Content-Length that an answer adds is only doubtful in
   CloudFront Functions. */
static int edgefn__read_only_broken(edgefn__checker *c, const edgefn_fields *f, edgefn__run now)
{
    int rule = edgefn__read_only_rule(now, edgefn__received_run(c, f, now.items));
    bool generated = rule == EDGEFN__R_RO_ADDED && c->answer && edgefn__is_functions(c->ev);
    if (generated && EDGEFN__IS(now.items[0].name, "content-length")) return EDGEFN__R_F_LENGTH;
    return rule;
}

/* Notes how a read-only header differs from what was received. */
static void edgefn__check_read_only(edgefn__checker *c, const edgefn_fields *f, edgefn__run now)
{
    int rule = edgefn__read_only_broken(c, f, now);
    if (rule != EDGEFN__R_COUNT) edgefn__note(c, rule, now.items[0].name, now.items[0]._group);
}

/* Where an object of a result ends. */
static size_t edgefn__closing(const edgefn__checker *c, int object)
{
    edgefn__span o = c->now->_object[object];
    return o.len != 0 ? (size_t)o.at + o.len - 1 : 0;
}

/* Where the run of fields of one name begins. */
static size_t edgefn__run_start(const edgefn_field *items, size_t i)
{
    while (i > 0 && edgefn__same_name(&items[i - 1], &items[i]))
        i--;
    return i;
}

/* The fields of a list from one on that have its name. */
static edgefn__run edgefn__run_at(const edgefn_fields *f, size_t i)
{
    edgefn__run run = { f->items + i, edgefn__run_end(f->items, f->len, i) - i };
    return run;
}

static bool edgefn__run_changed(edgefn__run run)
{
    for (size_t i = 0; i < run.len; i++) {
        if (run.items[i].change != EDGEFN_CHANGE_NONE) return true;
    }
    return false;
}

static unsigned edgefn__own_event(const edgefn__checker *c)
{
    return edgefn__event_bit(c->ev->dialect, c->ev->type);
}

/* True for CloudFront-Viewer-Country where CloudFront has not added it yet. */
static bool edgefn__is_country(const edgefn__checker *c, unsigned bits)
{
    return (bits & EDGEFN__H_COUNTRY) != 0 && !c->answer && edgefn__own_event(c) == EDGEFN__LVQ;
}

/* Checks a header that was added or changed. bits: from its row of edgefn__header_policies. */
static void edgefn__check_changed(edgefn__checker *c, const edgefn_fields *f, edgefn__run now,
                                  unsigned bits)
{
    const edgefn_field *it = now.items;
    if (bits & EDGEFN__H_DISALLOWED) {
        if (!edgefn__only_fewer(c, f, now))
            edgefn__note(c, EDGEFN__R_DISALLOWED, it->name, it->_group);
    } else if (bits & edgefn__own_event(c)) {
        edgefn__check_read_only(c, f, now);
    } else if (edgefn__is_country(c, bits)) {
        bool added = edgefn__received_run(c, f, it).len == 0;
        edgefn__note(c, added ? EDGEFN__R_COUNTRY_ADDED : EDGEFN__R_COUNTRY_EDITED, it->name,
                     it->_group);
    }
}

/* True for a header whose value in a result's text is not a list of entries: that was noted
   already, so the header is not reported as deleted. */
static bool edgefn__still_in_text(const edgefn__checker *c, const edgefn_fields *f, edgefn_str name)
{
    bool empty = false;
    if (!edgefn__has_text(c) || f->_close == 0) return false;
    return edgefn__header_in_text(c->now->_json.ptr, f, name, false, &empty) != 0 && !empty;
}

/* A header of which all fields were removed. */
static void edgefn__check_deleted(edgefn__checker *c, const edgefn_fields *f, edgefn_str name,
                                  int rule)
{
    int object = f->_kind == EDGEFN__REQUEST_HEADERS ? EDGEFN__O_REQUEST : EDGEFN__O_RESPONSE;
    size_t pos = f->_close != 0 ? f->_close : edgefn__closing(c, object);
    if (!edgefn__still_in_text(c, f, name)) edgefn__note(c, rule, name, pos);
}

/* Checks a header that lost fields: all of them, or some while the others are unchanged. */
static void edgefn__check_removed(edgefn__checker *c, const edgefn_fields *f, edgefn_str name,
                                  unsigned bits)
{
    bool country = edgefn__is_country(c, bits);
    if (!country && (bits & edgefn__own_event(c)) == 0) return;
    size_t at = edgefn_find(f, name, 0);
    if (at == f->len) {
        edgefn__check_deleted(c, f, name,
                              country ? EDGEFN__R_COUNTRY_EDITED : EDGEFN__R_RO_DELETED);
        return;
    }
    edgefn__run now = edgefn__run_at(f, at);
    if (edgefn__run_changed(now)) return; /* edgefn__check_changed() has seen it */
    if (country)
        edgefn__note(c, EDGEFN__R_COUNTRY_EDITED, name, now.items[0]._group);
    else
        edgefn__check_read_only(c, f, now);
}

/* The headers that were added or changed. */
static void edgefn__check_edited(edgefn__checker *c, const edgefn_fields *f)
{
    /* the only edits are new names at the end */
    bool only_new = !edgefn__has_text(c) && !(f->_flags & (EDGEFN__TOUCHED | EDGEFN__REORDERED));
    for (size_t i = only_new ? f->_received_len : 0, end; i < f->len; i = end) {
        end = i + 1;
        if (f->items[i].change == EDGEFN_CHANGE_NONE) continue;
        if (edgefn__header_is_free(f->items[i].name)) continue; /* as most are */
        unsigned bits = edgefn__header_bits(f->items[i].name);
        if (bits == 0) continue;
        edgefn__run now = edgefn__run_at(f, edgefn__run_start(f->items, i));
        end = (size_t)(now.items - f->items) + now.len;
        edgefn__check_changed(c, f, now, bits);
    }
}

/* The rules of a list of headers: first what was added or changed, then what was removed. */
static void edgefn__check_headers(edgefn__checker *c, edgefn_fields *f)
{
    if (!(f->_flags & EDGEFN__DIRTY)) return;
    edgefn__check_edited(c, f);
    if (f->removed_len == 0) return;
    const edgefn_field *removed = edgefn__removed_sorted(f, &c->top);
    edgefn_str last = edgefn__absent();
    for (size_t k = 0; removed != NULL && k < f->removed_len; k++) {
        edgefn_str name = removed[k].name;
        if (!edgefn_str_eq(name, last))
            edgefn__check_removed(c, f, name, edgefn__header_bits(name));
        last = name;
    }
}

/* A custom header that request.headers has, too. */
static void edgefn__check_clash(edgefn__checker *c, size_t custom_at, size_t header_at)
{
    const edgefn_fields *f = &c->now->request.origin.headers;
    const edgefn_fields *headers = &c->now->request.headers;
    edgefn__run custom = edgefn__run_at(f, custom_at);
    edgefn_str name = custom.items[0].name;
    if (edgefn__only_fewer(c, f, custom)
        && edgefn__only_fewer(c, headers, edgefn__run_at(headers, header_at)))
        return;
    if (edgefn__header_bits(name) & (EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM))
        return; /* it was noted already */
    edgefn__note(c, EDGEFN__R_CUSTOM_CLASH, name, custom.items[0]._group);
}

/* Looks each custom header up in request.headers: of few, this is quicker than sorting. */
static void edgefn__check_few_clashes(edgefn__checker *c, const edgefn_fields *f,
                                      const edgefn_fields *headers)
{
    for (size_t i = 0; i < f->len; i++) {
        size_t at = edgefn_find(headers, f->items[i].name, 0);
        if (at < headers->len && edgefn_find(f, f->items[i].name, 0) == i)
            edgefn__check_clash(c, i, at);
    }
}

/* Custom headers that the request has as well. Returns: false when memory ran out. */
static bool edgefn__check_clashes(edgefn__checker *c)
{
    const edgefn_fields *f = &c->now->request.origin.headers;
    const edgefn_fields *headers = &c->now->request.headers;
    edgefn__run custom = { f->items, f->len };
    edgefn__run others = { headers->items, headers->len };
    edgefn__pairs p;
    if (f->len * headers->len < 65536) {
        edgefn__check_few_clashes(c, f, headers);
        return true;
    }
    if (!edgefn__pairs_make(c, &p, custom, others)) return false;
    while (edgefn__pairs_next(&p)) {
        if (p.in_a != NULL && p.in_b != NULL) edgefn__check_clash(c, p.in_a->at, p.in_b->at);
    }
    return true;
}

/* A custom header that was added or changed. */
static void edgefn__check_custom_header(edgefn__checker *c, const edgefn_fields *f, edgefn__run now)
{
    edgefn_str name = now.items[0].name;
    size_t pos = now.items[0]._group;
    if (edgefn__header_bits(name) & (EDGEFN__H_DISALLOWED | EDGEFN__H_NOT_CUSTOM))
        edgefn__note(c, EDGEFN__R_CUSTOM_DENIED, name, pos);
    if (name.len > EDGEFN__CUSTOM_NAME_MOST)
        edgefn__note_number(c, EDGEFN__R_CUSTOM_SIZE, name, pos, EDGEFN__CUSTOM_NAME_MOST,
                            name.len);
    for (size_t i = 0; i < now.len; i++) {
        const edgefn_field *it = &now.items[i];
        if (it->value.len > EDGEFN__CUSTOM_VALUE_MOST && edgefn__is_new(c, f, it))
            edgefn__note_number(c, EDGEFN__R_CUSTOM_SIZE, name, it->_value,
                                EDGEFN__CUSTOM_VALUE_MOST, it->value.len);
    }
}

/* The bytes of names and values. */
static size_t edgefn__total_size(const edgefn_fields *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->len; i++)
        n += f->items[i].name.len + f->items[i].value.len;
    return n;
}

/* Custom headers of an origin: names, sizes, and whether the request has them, too. */
static bool edgefn__check_custom(edgefn__checker *c)
{
    const edgefn_fields *f = &c->now->request.origin.headers;
    bool edited = false;
    if (!((f->_flags | c->now->request.headers._flags) & EDGEFN__DIRTY)) return true;
    for (size_t i = 0; i < f->len; i = edgefn__run_end(f->items, f->len, i)) {
        edgefn__run now = edgefn__run_at(f, i);
        if (!edgefn__run_changed(now) || edgefn__only_fewer(c, f, now)) continue;
        edited = true;
        edgefn__check_custom_header(c, f, now);
    }
    size_t total = edgefn__total_size(f);
    if (edited && total > EDGEFN__CUSTOM_TOTAL_MOST)
        edgefn__note_number(c, EDGEFN__R_CUSTOM_SIZE, EDGEFN_S("customHeaders"), f->_open,
                            EDGEFN__CUSTOM_TOTAL_MOST, total);
    return edgefn__check_clashes(c);
}

/*--- members ------------------------------------------------------------------------------------*/

static bool edgefn__differs(const edgefn__checker *c, edgefn_member m)
{
    return (c->mask >> m & 1) != 0;
}

static void edgefn__note_member(edgefn__checker *c, int rule, edgefn_member m, uint64_t limit,
                                uint64_t actual)
{
    edgefn_str name = edgefn__last_part(edgefn_member_name(c->now, m));
    size_t at = c->now->_had[m].at;
    if (at == 0) at = edgefn__closing(c, edgefn__object_of(m));
    edgefn__note_number(c, rule, name, at, limit, actual);
}

/* Notes a rule of a member where it is broken. */
EDGEFN__INLINE void edgefn__note_if(edgefn__checker *c, bool broken, int rule, edgefn_member m)
{
    if (broken) edgefn__note_member(c, rule, m, 0, 0);
}

/* True if a member of a result's text is one of two words; always true for an event's own structs.
   */
static bool edgefn__is_word(const edgefn__checker *c, edgefn_member m, const char *one,
                            const char *other)
{
    edgefn__span had = c->now->_had[m];
    if (!edgefn__has_text(c) || had.len < 2) return true;
    edgefn_str s = edgefn__str(c->now->_json.ptr + had.at + 1, had.len - 2);
    return edgefn__json_means(s, edgefn_cstr(one), EDGEFN__EXACT)
           || edgefn__json_means(s, edgefn_cstr(other), EDGEFN__EXACT);
}

/* True for BUCKET.s3-website-REGION.amazonaws.com, and with a dot before the region. */
static bool edgefn__is_website(edgefn_str domain)
{
    bool aws = edgefn_str_ends(domain, EDGEFN_S(".amazonaws.com"))
               || edgefn_str_ends(domain, EDGEFN_S(".amazonaws.com.cn"));
    if (!aws) return false;
    return edgefn_str_find(domain, EDGEFN_S(".s3-website-")) < domain.len
           || edgefn_str_find(domain, EDGEFN_S(".s3-website.")) < domain.len;
}

/* An origin that is checked: the whole of it, or the members that differ. */
typedef struct edgefn__origin_check {
    edgefn__checker *c;
    const edgefn_origin *origin;
    uint32_t members;                    /* that are to be checked, one bit each */
    const struct edgefn__origin_rule *r; /* the rule at hand */
    uint64_t limit, actual;              /* the numbers that go with it if it does not hold */
} edgefn__origin_check;

typedef struct edgefn__origin_rule {
    uint8_t rule, member;
    uint8_t kinds; /* EDGEFN__CUSTOM, EDGEFN__S3 */
    bool crosses;  /* depends on other members, too, and decides itself when it applies */
    uint32_t lowest, highest;
    bool (*holds)(edgefn__origin_check *o);
} edgefn__origin_rule;

enum { EDGEFN__CUSTOM = 1, EDGEFN__S3 = 2, EDGEFN__EITHER = 3 };

static bool edgefn__is_s3(const edgefn__origin_check *o)
{
    return o->origin->kind == EDGEFN_ORIGIN_S3;
}

/* The number that a row of edgefn__origin_rules limits. */
static uint32_t edgefn__origin_number(const edgefn_origin *o, int member)
{
    switch (member) {
    case EDGEFN_MEMBER_ORIGIN_PORT: return o->port;
    case EDGEFN_MEMBER_ORIGIN_KEEPALIVE: return o->keepalive_s;
    default: return o->read_timeout_s;
    }
}

/* True if a member is to be checked and is there. An S3 origin need not have a time-out. */
static bool edgefn__origin_checks(const edgefn__origin_check *o, int member)
{
    if (!(o->members >> member & 1)) return false;
    if (edgefn__has_text(o->c)) return o->c->now->_had[member].at != 0;
    bool optional = edgefn__is_s3(o) && member == EDGEFN_MEMBER_ORIGIN_READ_TIMEOUT;
    return !optional || o->origin->read_timeout_s != 0;
}

static bool edgefn__origin_in_range(edgefn__origin_check *o)
{
    uint32_t n = edgefn__origin_number(o->origin, o->r->member);
    o->limit = n < o->r->lowest ? o->r->lowest : o->r->highest;
    o->actual = n;
    return n >= o->r->lowest && n <= o->r->highest;
}

static bool edgefn__origin_port_ok(edgefn__origin_check *o)
{
    return o->origin->port == 80 || o->origin->port == 443 || edgefn__origin_in_range(o);
}

static bool edgefn__origin_domain_ok(edgefn__origin_check *o)
{
    return edgefn__domain_ok(o->origin->domain, edgefn__is_s3(o));
}

static bool edgefn__origin_path_ok(edgefn__origin_check *o)
{
    edgefn_str path = o->origin->path;
    if (path.len == 0) return true;
    return path.len <= o->r->highest && edgefn__uri_ok(path) && path.ptr[path.len - 1] != '/';
}

static bool edgefn__origin_protocol_ok(edgefn__origin_check *o)
{
    return edgefn__is_word(o->c, EDGEFN_MEMBER_ORIGIN_PROTOCOL, "http", "https");
}

static bool edgefn__origin_tls_ok(edgefn__origin_check *o)
{
    return o->origin->tls != 0 && o->origin->tls <= 15;
}

static bool edgefn__has_identity(const edgefn_origin *o)
{
    return EDGEFN__IS(o->auth_method, "origin-access-identity");
}

static bool edgefn__origin_auth_ok(edgefn__origin_check *o)
{
    return edgefn__has_identity(o->origin) || EDGEFN__IS(o->origin->auth_method, "none");
}

/* The completion time-out must be 0 or at least as long as the read time-out. */
static bool edgefn__origin_completion_ok(edgefn__origin_check *o)
{
    uint32_t either = EDGEFN__BIT(o->r->member) | EDGEFN__BIT(EDGEFN_MEMBER_ORIGIN_READ_TIMEOUT);
    o->limit = o->origin->read_timeout_s;
    o->actual = o->origin->completion_timeout_s;
    return !(o->members & either) || o->actual == 0 || o->actual >= o->limit;
}

/* An S3 origin with an access identity needs a region. Checked if the region or the authentication
   was edited, or a result left out the received region. */
static bool edgefn__origin_region_ok(edgefn__origin_check *o)
{
    if (!edgefn__has_identity(o->origin) || o->origin->region.len != 0) return true;
    if (edgefn__kind_received(o->c->ev) == EDGEFN_ORIGIN_CUSTOM)
        return true; /* edgefn__origin_identity_ok() notes it */
    bool removed = edgefn__has_text(o->c) && o->c->ev->request.origin.region.len != 0;
    return !removed && !(o->members & EDGEFN__BIT(EDGEFN_MEMBER_ORIGIN_REGION))
           && !edgefn__origin_checks(o, EDGEFN_MEMBER_ORIGIN_AUTH_METHOD);
}

static bool edgefn__origin_website_ok(edgefn__origin_check *o)
{
    return !edgefn__is_website(o->origin->domain);
}

/* False if a received custom origin is replaced by an S3 origin with an access identity. */
static bool edgefn__origin_identity_ok(edgefn__origin_check *o)
{
    return !edgefn__has_identity(o->origin)
           || edgefn__kind_received(o->c->ev) != EDGEFN_ORIGIN_CUSTOM;
}

/* In the order of the findings. Source: Lambda@Edge event structure, Request event, origin. */
/* clang-format off */
#define EDGEFN__OR(rule, member, kinds, crosses, lowest, highest, holds) \
    { EDGEFN__R_ORIGIN_##rule, EDGEFN_MEMBER_ORIGIN_##member, EDGEFN__##kinds, crosses, \
      lowest, highest, edgefn__origin_##holds }
static const edgefn__origin_rule edgefn__origin_rules[] = {
    /*         rule        member              kinds   crosses  lowest  highest     holds */
    EDGEFN__OR(DOMAIN,     DOMAIN,             EITHER, false,   0,      0,          domain_ok),
    EDGEFN__OR(PATH,       PATH,               EITHER, false,   0,      255,        path_ok),
    EDGEFN__OR(TIMEOUT,    READ_TIMEOUT,       EITHER, false,   1,      120,        in_range),
    EDGEFN__OR(TIMEOUT,    KEEPALIVE,          CUSTOM, false,   1,      UINT32_MAX, in_range),
    EDGEFN__OR(KEEPALIVE,  KEEPALIVE,          CUSTOM, false,   0,      120,        in_range),
    EDGEFN__OR(COMPLETION, COMPLETION_TIMEOUT, EITHER, true,    0,      0,          completion_ok),
    EDGEFN__OR(AUTH,       AUTH_METHOD,        S3,     false,   0,      0,          auth_ok),
    EDGEFN__OR(REGION,     REGION,             S3,     true,    0,      0,          region_ok),
    EDGEFN__OR(WEBSITE,    DOMAIN,             S3,     false,   0,      0,          website_ok),
    EDGEFN__OR(IDENTITY,   AUTH_METHOD,        S3,     false,   0,      0,          identity_ok),
    EDGEFN__OR(PORT,       PORT,               CUSTOM, false,   1024,   65535,      port_ok),
    EDGEFN__OR(PROTOCOL,   PROTOCOL,           CUSTOM, false,   0,      0,          protocol_ok),
    EDGEFN__OR(TLS,        TLS,                CUSTOM, false,   0,      0,          tls_ok)
};
/* clang-format on */

/* Notes edits of members that only the other kind of origin has: they would not be written. */
static void edgefn__check_other_kind(edgefn__checker *c, edgefn_origin_kind kind)
{
    uint32_t others = c->mask & edgefn__foreign_bits(kind);
    for (; others != 0; others &= others - 1)
        edgefn__note_member(c, EDGEFN__R_ORIGIN_OTHER, (edgefn_member)edgefn__ctz(others), 0, 0);
}

/* The rules of an origin: of the whole of it, or only of what differs. */
static void edgefn__check_origin(edgefn__checker *c, const edgefn_origin *origin, bool whole)
{
    edgefn__origin_check o = { c, origin, whole ? ~(uint32_t)0 : c->mask, NULL, 0, 0 };
    bool s3 = edgefn__is_s3(&o);
    for (size_t i = 0; i < EDGEFN__COUNT(edgefn__origin_rules); i++) {
        const edgefn__origin_rule *r = &edgefn__origin_rules[i];
        if (!(r->kinds & (s3 ? EDGEFN__S3 : EDGEFN__CUSTOM))) continue;
        if (!r->crosses && !edgefn__origin_checks(&o, r->member)) continue;
        o.r = r;
        o.limit = o.actual = 0;
        if (!r->holds(&o))
            edgefn__note_member(c, r->rule, (edgefn_member)r->member, o.limit, o.actual);
    }
    if (!whole) edgefn__check_other_kind(c, origin->kind);
}

/* The member of an origin that the setters and edgefn_finish() refuse; absent if it is valid. */
static edgefn_str edgefn__origin_fault(const edgefn_event *ev, const edgefn_origin *o, bool whole)
{
    edgefn__checker c;
    edgefn__checker_init(&c, ev);
    c.mask = edgefn__changes(ev, EDGEFN__ORIGIN_BITS);
    edgefn__check_origin(&c, o, whole);
    if (c.refused) return c.first_subject;
    /* Only doubtful in results of other functions, because of AWS's example; a handler using this
       library can set the region that AWS's page requires. */
    bool region = o->kind == EDGEFN_ORIGIN_S3 && edgefn__has_identity(o) && o->region.len == 0;
    return edgefn__when(whole && region, EDGEFN_S("region"));
}

static size_t edgefn__query_length(const edgefn_request *q)
{
    size_t n = q->querystring.len;
    for (size_t i = 0; q->querystring.ptr == NULL && i < q->_query.len; i++)
        n += (i != 0) + q->_query.items[i].name.len + 1 + q->_query.items[i].value.len;
    return n;
}

/* The first row of edgefn__size_rules that one of these sizes exceeds, or NULL. */
static const edgefn__size_rule *edgefn__too_large(const edgefn__checker *c, const size_t *sizes)
{
    unsigned event = edgefn__event_bit(c->ev->dialect, c->ev->type);
    for (size_t i = 0; i < EDGEFN__COUNT(edgefn__size_rules); i++) {
        const edgefn__size_rule *r = &edgefn__size_rules[i];
        if ((r->events & event) != 0 && sizes[r->of] > r->most) return r;
    }
    return NULL;
}

/* True for a body that should be base64 and is not. */
static bool edgefn__is_bad_base64(const edgefn_body *b)
{
    return b->encoding == EDGEFN_ENCODING_BASE64 && b->data.ptr != NULL
           && edgefn__base64_read(b->data, NULL) == (size_t)-1;
}

/* The data of a body that replaces the received one. */
static void edgefn__check_body_data(edgefn__checker *c)
{
    const edgefn_body *b = &c->now->request.body;
    size_t sizes[EDGEFN__SIZE_COUNT] = { 0 };
    if (!edgefn__is_word(c, EDGEFN_MEMBER_BODY_ENCODING, "text", "base64")) return;
    bool base64 = b->encoding != EDGEFN_ENCODING_TEXT;
    size_t size = base64 ? edgefn__base64_read(b->data, NULL) : b->data.len;
    if (size == (size_t)-1) {
        edgefn__note_member(c, EDGEFN__R_BODY_BASE64, EDGEFN_MEMBER_BODY_DATA, 0, 0);
        return;
    }
    sizes[EDGEFN__SIZE_BODY] = size;
    sizes[base64 ? EDGEFN__SIZE_BODY_BASE64 : EDGEFN__SIZE_BODY_TEXT] = b->data.len;
    const edgefn__size_rule *r = edgefn__too_large(c, sizes);
    if (r != NULL) edgefn__note_member(c, r->rule, EDGEFN_MEMBER_BODY_DATA, r->most, sizes[r->of]);
}

/* The first rule that a request's changed body breaks, but for those of its data; EDGEFN__R_COUNT
   for none. *m: the member that breaks it. */
static int edgefn__body_rule(const edgefn__checker *c, edgefn_member *m)
{
    *m = EDGEFN_MEMBER_BODY_ACTION;
    if (!edgefn__is_word(c, *m, "read-only", "replace")) return EDGEFN__R_BODY_ACTION;
    *m = EDGEFN_MEMBER_BODY_ENCODING;
    if (edgefn__differs(c, *m) && !edgefn__is_word(c, *m, "text", "base64"))
        return EDGEFN__R_BODY_ENCODING;
    if (edgefn__differs(c, EDGEFN_MEMBER_BODY_DATA)) *m = EDGEFN_MEMBER_BODY_DATA;
    return c->now->request.body.replace ? EDGEFN__R_COUNT : EDGEFN__R_BODY_IGNORED;
}

static void edgefn__check_body(edgefn__checker *c)
{
    edgefn_member m;
    if (!(c->mask & EDGEFN__BODY_BITS)) return;
    int rule = edgefn__body_rule(c, &m);
    if (rule != EDGEFN__R_COUNT)
        edgefn__note_member(c, rule, m, 0, 0);
    else if (c->now->request.body.data.ptr != NULL)
        edgefn__check_body_data(c);
    else if (edgefn__has_text(c) && !c->data_noted)
        edgefn__note(c, EDGEFN__R_MEMBER_MISSING, EDGEFN_S("data"),
                     edgefn__closing(c, EDGEFN__O_BODY));
}

/* A string member as it was received, in the checker's arena; absent if it was not a string. */
static edgefn_str edgefn__received_text(edgefn__checker *c, edgefn_member m)
{
    const edgefn_event *ev = c->ev;
    edgefn__span had = ev->_had[m];
    if (ev->_parts != NULL) return ev->_parts[m];
    if (had.len < 2 || ev->_json.ptr[had.at] != '"') return edgefn__absent();
    edgefn__text t = edgefn__scratch_begin(c);
    edgefn__put_unescaped(&t, ev->_json.ptr + had.at + 1, had.len - 2);
    return edgefn__text_end(c->now, &t);
}

/* True if the characters not allowed in a query were received with it. */
static bool edgefn__query_received(edgefn__checker *c)
{
    edgefn_event *now = c->now;
    edgefn_field received;
    edgefn__run run = { &received, 1 };
    edgefn__scope scope = edgefn__scope_begin(now);
    edgefn__zero(&received, sizeof received);
    received.value = edgefn__received_text(c, EDGEFN_MEMBER_QUERYSTRING);
    bool all = edgefn__pieces_received(c, now->request.querystring, run, true);
    edgefn__scope_end(now, scope);
    return all;
}

static void edgefn__check_uri(edgefn__checker *c)
{
    edgefn_str uri = c->now->request.uri;
    if (!edgefn__has_text(c)) return; /* edgefn__verify_request() has checked that of an event */
    if (!edgefn__differs(c, EDGEFN_MEMBER_URI)) return;
    bool start = edgefn_str_starts(uri, EDGEFN_S("/"));
    edgefn__note_if(c, !start, EDGEFN__R_URI_START, EDGEFN_MEMBER_URI);
    edgefn__note_if(c, start && !edgefn__uri_ok(uri), EDGEFN__R_URI_CHARACTERS, EDGEFN_MEMBER_URI);
}

static void edgefn__check_query(edgefn__checker *c)
{
    edgefn_str query = c->now->request.querystring;
    bool valid = query.ptr == NULL || edgefn__is_text(query, false, " #");
    if (!valid && !edgefn__query_received(c))
        edgefn__note_member(c, EDGEFN__R_QUERY_CHARACTERS, EDGEFN_MEMBER_QUERYSTRING, 0, 0);
    else if (edgefn_str_starts(query, EDGEFN_S("?")))
        edgefn__note_member(c, EDGEFN__R_QUERY_MARK, EDGEFN_MEMBER_QUERYSTRING, 0, 0);
}

/* Checks uri and query, and their total length if one of them was edited: a longer URL may have
   been received. */
static void edgefn__check_url(edgefn__checker *c)
{
    const edgefn_request *q = &c->now->request;
    size_t query_len = edgefn__query_length(q);
    size_t received_len = edgefn__query_length(&c->ev->request);
    bool empty = edgefn__has_text(c) && (query_len | received_len) == 0; /* "" is as absent */
    bool query = edgefn__differs(c, EDGEFN_MEMBER_QUERYSTRING) && !empty;
    edgefn__check_uri(c);
    if (query) edgefn__check_query(c);
    size_t url_len = q->uri.len + query_len;
    if (query_len != 0) url_len += 1;
    bool edited = edgefn__differs(c, EDGEFN_MEMBER_URI) || query || query_len > received_len;
    if (edited && url_len > EDGEFN__URL_MOST)
        edgefn__note_member(c, EDGEFN__R_URI_LENGTH, EDGEFN_MEMBER_URI, EDGEFN__URL_MOST, url_len);
}

/* True if the result's text of a member is the received one, which then means the same. */
static bool edgefn__same_bytes(const edgefn__checker *c, edgefn_member m)
{
    edgefn__span a = c->ev->_had[m];
    edgefn__span b = c->now->_had[m];
    if (a.at == 0 || a.len != b.len) return false;
    return edgefn__memcmp(c->ev->_json.ptr + a.at, c->now->_json.ptr + b.at, a.len) == 0;
}

/* True if a result has an origin that is not the received one, byte for byte. */
static bool edgefn__has_new_origin(const edgefn__checker *c)
{
    edgefn__span now = c->now->_had[EDGEFN_MEMBER_ORIGIN];
    if (!edgefn__has_text(c) || now.at == 0) return false;
    return !edgefn__same_bytes(c, EDGEFN_MEMBER_ORIGIN);
}

/* A result's origin needs a domain, unless one without was received. */
static void edgefn__check_domain_missing(edgefn__checker *c, bool whole)
{
    if (c->now->_had[EDGEFN_MEMBER_ORIGIN_DOMAIN].at != 0) return;
    if (!whole && c->ev->request.origin.domain.ptr == NULL) return;
    edgefn__note(c, EDGEFN__R_MEMBER_MISSING, EDGEFN_S("domainName"),
                 edgefn__closing(c, EDGEFN__O_ORIGIN));
    c->mask &= ~EDGEFN__BIT(EDGEFN_MEMBER_ORIGIN_DOMAIN);
}

/* The origin of an origin-request event. Returns: false when memory ran out. */
static bool edgefn__check_request_origin(edgefn__checker *c)
{
    const edgefn_request *q = &c->now->request;
    bool whole = edgefn__differs(c, EDGEFN_MEMBER_ORIGIN);
    bool is_new = edgefn__has_new_origin(c);
    bool both = (c->now->_flags & ~c->ev->_flags & EDGEFN__ORIGIN_ODD) != 0;
    edgefn__note_if(c, is_new && both, EDGEFN__R_ORIGIN_KIND, EDGEFN_MEMBER_ORIGIN);
    if (q->origin.kind == EDGEFN_ORIGIN_NONE) return true;
    if (is_new) edgefn__check_domain_missing(c, whole);
    edgefn__check_origin(c, &q->origin, whole);
    edgefn_str host = edgefn_get(&q->headers, EDGEFN_S("host"));
    bool domain = edgefn__differs(c, EDGEFN_MEMBER_ORIGIN_DOMAIN);
    edgefn__note_if(c, domain && !edgefn_str_ieq(host, q->origin.domain), EDGEFN__R_ORIGIN_HOST,
                    EDGEFN_MEMBER_ORIGIN_DOMAIN);
    return edgefn__check_custom(c);
}

static bool edgefn__check_request(edgefn__checker *c)
{
    edgefn__note_if(c, edgefn__differs(c, EDGEFN_MEMBER_METHOD), EDGEFN__R_METHOD,
                    EDGEFN_MEMBER_METHOD);
    edgefn__note_if(c, edgefn__differs(c, EDGEFN_MEMBER_CLIENT_IP), EDGEFN__R_CLIENT_IP,
                    EDGEFN_MEMBER_CLIENT_IP);
    edgefn__check_url(c);
    edgefn__check_headers(c, &c->now->request.headers);
    if (!edgefn__is_lambda(c->ev)) return true;
    edgefn__check_body(c);
    if (c->ev->type != EDGEFN_ORIGIN_REQUEST) return true;
    return edgefn__check_request_origin(c);
}

/* True in Lambda@Edge's viewer-response, where only headers may be changed. */
static bool edgefn__only_headers(const edgefn__checker *c)
{
    return edgefn__own_event(c) == EDGEFN__LVS;
}

/* True for a response that has a status which was not received. */
static bool edgefn__has_new_status(const edgefn__checker *c)
{
    return c->answer || edgefn__differs(c, EDGEFN_MEMBER_STATUS);
}

/* Lambda@Edge: true for a status that is a number in a result, and was not received as one. */
static bool edgefn__is_new_number(const edgefn__checker *c)
{
    edgefn__span now = c->now->_had[EDGEFN_MEMBER_STATUS];
    if (!edgefn__has_text(c) || !edgefn__is_lambda(c->ev)) return false;
    if (now.at == 0 || c->now->_json.ptr[now.at] == '"') return false;
    if (c->ev->_parts != NULL || edgefn__has_new_status(c)) return true;
    return c->ev->_json.ptr[c->ev->_had[EDGEFN_MEMBER_STATUS].at] == '"';
}

/* The limit that a status is outside of; 0 for a valid one. */
static uint32_t edgefn__status_limit(uint32_t status)
{
    if (status < EDGEFN__STATUS_LOWEST) return EDGEFN__STATUS_LOWEST;
    return status > EDGEFN__STATUS_HIGHEST ? EDGEFN__STATUS_HIGHEST : 0;
}

static void edgefn__check_status(edgefn__checker *c)
{
    uint32_t status = c->now->response.status;
    uint32_t limit = edgefn__status_limit(status);
    bool is_new = edgefn__has_new_status(c);
    if (is_new && edgefn__only_headers(c))
        edgefn__note_member(c, EDGEFN__R_STATUS_CHANGED, EDGEFN_MEMBER_STATUS, 0, 0);
    else if (is_new && status != 0 && limit != 0)
        edgefn__note_member(c, EDGEFN__R_STATUS_RANGE, EDGEFN_MEMBER_STATUS, limit, status);
    edgefn__note_if(c, edgefn__is_new_number(c), EDGEFN__R_STATUS_NUMBER, EDGEFN_MEMBER_STATUS);
}

static void edgefn__check_status_text(edgefn__checker *c)
{
    edgefn_str text = c->now->response.status_text;
    if (!edgefn__differs(c, EDGEFN_MEMBER_STATUS_TEXT)) return;
    bool valid = text.ptr == NULL || edgefn__is_text(text, true, "");
    edgefn__note_if(c, !valid, EDGEFN__R_STATUS_TEXT_BYTES, EDGEFN_MEMBER_STATUS_TEXT);
    edgefn__note_if(c, edgefn__only_headers(c), EDGEFN__R_STATUS_TEXT, EDGEFN_MEMBER_STATUS_TEXT);
}

/* True for a body whose encoding is text or base64; a handler's without one is written as text. */
static bool edgefn__encoding_known(const edgefn__checker *c)
{
    const edgefn_body *b = &c->now->response.body;
    if (edgefn__is_lambda(c->ev) || !edgefn__has_text(c))
        return edgefn__is_word(c, EDGEFN_MEMBER_RESPONSE_BODY_ENCODING, "text", "base64");
    return b->encoding != EDGEFN_ENCODING_DEFAULT || b->data.ptr == NULL;
}

static void edgefn__check_response_body(edgefn__checker *c)
{
    const edgefn_response *a = &c->now->response;
    bool body = edgefn__differs(c, EDGEFN_MEMBER_RESPONSE_BODY);
    edgefn_member encoding = EDGEFN_MEMBER_RESPONSE_BODY_ENCODING;
    if (body || edgefn__differs(c, encoding)) {
        if (edgefn__is_functions(c->ev)) encoding = EDGEFN_MEMBER_RESPONSE_BODY;
        edgefn__note_if(c, !edgefn__encoding_known(c), EDGEFN__R_BODY_ENCODING, encoding);
        edgefn__note_if(c, edgefn__only_headers(c), EDGEFN__R_BODY_VIEWER,
                        EDGEFN_MEMBER_RESPONSE_BODY);
        edgefn__note_if(c, edgefn__is_bad_base64(&a->body), EDGEFN__R_BODY_BASE64,
                        EDGEFN_MEMBER_RESPONSE_BODY);
    }
    bool is_new = body || edgefn__has_new_status(c);
    edgefn__note_if(c, is_new && a->status == 204 && a->body.data.len != 0, EDGEFN__R_BODY_204,
                    EDGEFN_MEMBER_RESPONSE_BODY);
}

/* The size of a response that was generated or got a body. */
static void edgefn__check_response_size(edgefn__checker *c)
{
    const edgefn_response *a = &c->now->response;
    size_t sizes[EDGEFN__SIZE_COUNT] = { 0 };
    if (!c->answer && !edgefn__differs(c, EDGEFN_MEMBER_RESPONSE_BODY)) return;
    sizes[EDGEFN__SIZE_RESPONSE_BODY] = a->body.data.len;
    sizes[EDGEFN__SIZE_RESPONSE] = a->body.data.len + edgefn__total_size(&a->headers);
    const edgefn__size_rule *r = edgefn__too_large(c, sizes);
    if (r == NULL) return;
    size_t at = c->now->_had[EDGEFN_MEMBER_RESPONSE_BODY].at;
    if (at == 0) at = c->now->_object[EDGEFN__O_RESPONSE].at;
    edgefn__note_number(c, r->rule, EDGEFN_S("body"), at, r->most, sizes[r->of]);
}

/* An answer, or what was changed in a received response. */
static void edgefn__check_response(edgefn__checker *c)
{
    edgefn__check_status(c);
    edgefn__check_status_text(c);
    edgefn__check_headers(c, &c->now->response.headers);
    edgefn__check_response_body(c);
    edgefn__check_response_size(c);
}

/* The URL of a Refresh, "5; url=/a", which may be quoted. */
static edgefn_str edgefn__refresh_url(edgefn_str s)
{
    s = edgefn_str_trim(edgefn_str_skip(s, edgefn__find_any(s, 0, EDGEFN_S(";,")) + 1));
    edgefn_cut url = edgefn_str_cut(s, EDGEFN_S("="));
    bool named = url.found && edgefn_str_ieq(edgefn_str_trim(url.head), EDGEFN_S("url"));
    if (named) s = edgefn_str_trim(url.tail);
    if (s.len == 0 || edgefn__find_any(s, 0, EDGEFN_S("\"'")) != 0) return s;
    size_t end = edgefn__find_byte(s.ptr, s.len, 1, s.ptr[0]);
    return edgefn__str(s.ptr + 1, end - 1);
}

static bool edgefn__has_space(edgefn_str s)
{
    return edgefn__find_any(s, 0, EDGEFN_S(" \t")) < s.len;
}

/* True if a URL of a Link, between '<' and '>' outside quotes, contains a space or tab. */
static bool edgefn__link_has_space(edgefn_str s)
{
    bool quoted = false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"') {
            quoted = !quoted;
        } else if (quoted) {
            i += s.ptr[i] == '\\';
        } else if (s.ptr[i] == '<') {
            size_t end = edgefn__find_byte(s.ptr, s.len, i, '>');
            if (edgefn__has_space(edgefn__str(s.ptr + i, end - i))) return true;
            i = end;
        }
    }
    return false;
}

/* True if a header that contains a URL has a byte in it that no URL has: not ASCII, a space or a
   tab. */
static bool edgefn__url_invalid(edgefn_str name, edgefn_str s)
{
    if (edgefn__control_at(s) < s.len) return false; /* has its own rule */
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] >= 0x80) return true;
    }
    if (EDGEFN__IS(name, "link")) return edgefn__link_has_space(s);
    return edgefn__has_space(EDGEFN__IS(name, "refresh") ? edgefn__refresh_url(s) : s);
}

/* True for a space, a name and '=' at the beginning. */
static bool edgefn__begins_cookie(edgefn_str s)
{
    size_t name = 0;
    while (name < s.len && (s.ptr[name] == ' ' || s.ptr[name] == '\t'))
        name++;
    size_t end = name;
    while (end < s.len && (edgefn__class_of(s.ptr[end]) & EDGEFN__C_TOKEN))
        end++;
    return name > 0 && end > name && end < s.len && s.ptr[end] == '=';
}

/* True if a Set-Cookie contains a second cookie after ", ". In "Expires=Thu, 01 Jan 1970" no name
   and '=' follow. */
static bool edgefn__is_joined(edgefn_str s)
{
    bool quoted = false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"') quoted = !quoted;
        if (quoted || s.ptr[i] != ',') continue;
        if (edgefn__begins_cookie(edgefn_str_skip(s, i + 1))) return true;
    }
    return false;
}

static bool edgefn__holds_url(edgefn_str name)
{
    static const edgefn__name names[] = { EDGEFN__NAME("location"),
                                          EDGEFN__NAME("content-location"), EDGEFN__NAME("link"),
                                          EDGEFN__NAME("refresh") };
    for (size_t i = 0; i < EDGEFN__COUNT(names); i++) {
        if (edgefn__is(name, names[i].text, names[i].len)) return true;
    }
    return false;
}

/* The rule that a response's header breaks by a URL, or by cookies that are joined;
   EDGEFN__R_COUNT: none. */
static int edgefn__value_rule(const edgefn__checker *c, const edgefn_field *it)
{
    if (edgefn__holds_url(it->name))
        return edgefn__url_invalid(it->name, it->value) ? EDGEFN__R_HEADER_URL : EDGEFN__R_COUNT;
    if (!edgefn__is_lambda(c->ev) || !EDGEFN__IS(it->name, "set-cookie")) return EDGEFN__R_COUNT;
    return edgefn__is_joined(it->value) ? EDGEFN__R_COOKIE_JOINED : EDGEFN__R_COUNT;
}

/* What is doubtful in a response's headers that were not received. */
static void edgefn__check_values(edgefn__checker *c, const edgefn_response *a)
{
    for (size_t i = 0; i < a->headers.len; i++) {
        const edgefn_field *it = &a->headers.items[i];
        if (it->change == EDGEFN_CHANGE_NONE) continue;
        int rule = edgefn__value_rule(c, it);
        if (rule != EDGEFN__R_COUNT && edgefn__is_new(c, &a->headers, it))
            edgefn__note(c, rule, it->name, it->_value);
    }
}

/* True if a part of a cookie, at that offset in its field, contains a second cookie and was not
   received. */
static bool edgefn__newly_joined(const edgefn_field *it, size_t part, edgefn__run received)
{
    edgefn_str s = *(const edgefn_str *)(const void *)((const char *)it + part);
    return edgefn__is_joined(s) && !edgefn__run_has(received, part, s);
}

/* The same of the cookies of CloudFront Functions. */
static void edgefn__check_joined(edgefn__checker *c, const edgefn_fields *cookies)
{
    for (size_t i = 0; i < cookies->len; i++) {
        const edgefn_field *it = &cookies->items[i];
        if (it->change == EDGEFN_CHANGE_NONE) continue;
        if (!edgefn__is_joined(it->value) && !edgefn__is_joined(it->attributes)) continue;
        edgefn__run received = edgefn__received_run(c, cookies, it);
        if (edgefn__newly_joined(it, offsetof(edgefn_field, value), received)
            || edgefn__newly_joined(it, offsetof(edgefn_field, attributes), received))
            edgefn__note(c, EDGEFN__R_COOKIE_JOINED, it->name, it->_value);
    }
}

/* A request's header as it was received; absent if there was none. */
static edgefn_str edgefn__received_header(const edgefn_event *ev, edgefn_str name)
{
    const edgefn_fields *f = &ev->request.headers;
    for (size_t i = 0; i < f->_received_len; i++) {
        if (edgefn_str_eq(f->_received[i].name, name)) return f->_received[i].value;
    }
    return edgefn__absent();
}

/* A query as viewers send it. */
static edgefn_str edgefn__sent_query(edgefn__checker *c, edgefn_str query)
{
    edgefn__text t = edgefn__scratch_begin(c);
    edgefn__put_alike(&t, query, EDGEFN_S("!$&'()*+,;=:@/[]%?"), EDGEFN__RAW);
    return edgefn__text_end(c->now, &t);
}

/* True if a query is the one of the request, as it was received. */
static bool edgefn__is_query(edgefn__checker *c, edgefn_str query)
{
    const edgefn_fields *f = &c->ev->request._query;
    edgefn_str received = edgefn__received_text(c, EDGEFN_MEMBER_QUERYSTRING);
    if (edgefn__is_lambda(c->ev) || received.ptr != NULL)
        return edgefn_str_eq(edgefn__sent_query(c, received), edgefn__sent_query(c, query));
    edgefn_cut rest = { query, query, query.len != 0 };
    for (size_t i = 0; i < f->_received_len; i++) { /* an object: "a" and "a=" are the same in it */
        if (!rest.found) return false;
        rest = edgefn_str_cut(rest.tail, EDGEFN_S("&"));
        edgefn_cut pair = edgefn_str_cut(rest.head, EDGEFN_S("="));
        edgefn_str value = pair.found ? pair.tail : EDGEFN_S("");
        if (!edgefn_str_eq(pair.head, f->_received[i].name)) return false;
        if (!edgefn_str_eq(value, f->_received[i].value)) return false;
    }
    return !rest.found;
}

static edgefn_str edgefn__unless_empty(edgefn_str s, edgefn_str otherwise)
{
    return s.len != 0 ? s : otherwise;
}

/* True if host and port are those of a Host header. */
static bool edgefn__is_host(edgefn_str host, edgefn_str port, edgefn_str header, bool http)
{
    edgefn_str usual = http ? EDGEFN_S("80") : EDGEFN_S("443");
    bool v6 = edgefn_str_starts(header, EDGEFN_S("["));
    size_t at = v6 ? edgefn_str_find(header, EDGEFN_S("]")) : 0;
    at += edgefn_str_find(edgefn_str_skip(header, at), EDGEFN_S(":"));
    edgefn_str own = edgefn__unless_empty(edgefn_str_skip(header, at + 1), usual);
    if (header.len == 0 || !edgefn_str_eq(edgefn__unless_empty(port, usual), own)) return false;
    return edgefn_str_ieq(host, edgefn_str_take(header, at));
}

/* True if a reference leads to the path of the request, as it was received. RFC 3986 section 5.2 */
static bool edgefn__is_own_path(edgefn__checker *c, const edgefn_url_parts *u, edgefn_str uri)
{
    edgefn_str keep = EDGEFN_S("!$&'()*+,;=:@/[]%");
    bool whole = u->host.ptr != NULL || edgefn_str_starts(u->path, EDGEFN_S("/"));
    size_t dir = whole ? 0 : uri.len;
    while (dir > 0 && uri.ptr[dir - 1] != '/')
        dir--;
    edgefn__text t = edgefn__scratch_begin(c);
    edgefn__put_alike(&t, uri, keep, EDGEFN__RAW);
    edgefn_str own = edgefn__text_end(c->now, &t);
    t = edgefn__scratch_begin(c);
    char *start = t.at;
    edgefn__put_alike(&t, edgefn_str_take(uri, dir), keep, EDGEFN__RAW);
    edgefn__put_alike(&t, u->path.len != 0 ? u->path : EDGEFN_S("/"), keep, EDGEFN__RAW);
    t.at = start + edgefn__resolve(start, (size_t)(t.at - start), false);
    return edgefn_str_eq(own, edgefn__text_end(c->now, &t));
}

/* True if a reference leads to the host of the request, by the same scheme where both are known.
   *open: the reference has a scheme, but that of the request is unknown. */
static bool edgefn__is_own_host(const edgefn__checker *c, const edgefn_url_parts *u, bool *open)
{
    edgefn_str host = edgefn__received_header(c->ev, EDGEFN_S("host"));
    edgefn_str proto = edgefn__received_header(c->ev, EDGEFN_S("cloudfront-forwarded-proto"));
    edgefn_str scheme = edgefn__or(u->scheme, proto);
    bool http = edgefn_str_ieq(scheme, EDGEFN_S("http"));
    bool web = http || edgefn_str_ieq(scheme, EDGEFN_S("https"));
    *open = u->scheme.ptr != NULL && proto.len == 0;
    if (!edgefn_str_ieq(scheme, edgefn__unless_empty(proto, scheme))) return false;
    if (u->host.ptr == NULL) return u->scheme.ptr == NULL;
    if (u->scheme.ptr != NULL && !web) return false;
    return edgefn__is_host(u->host, u->port, host, http);
}

/* True if a Location leads to the request's own URL, as it was received. *open: as for
   edgefn__is_own_host(). */
static bool edgefn__is_own_url(edgefn__checker *c, edgefn_str location, bool *open)
{
    edgefn_url_parts u = edgefn_url_split(location);
    edgefn_str uri = edgefn__received_text(c, EDGEFN_MEMBER_URI);
    if (!edgefn_str_starts(uri, EDGEFN_S("/")) || !edgefn__is_own_host(c, &u, open)) return false;
    bool same_document = u.host.ptr == NULL && u.path.len == 0;
    if (!same_document) return edgefn__is_own_path(c, &u, uri) && edgefn__is_query(c, u.query);
    return u.query.ptr == NULL || edgefn__is_query(c, u.query);
}

/* True for a redirect after which the viewer sends the same request again. After another method
   than GET and HEAD, 301 to 303 lead to GET. */
static bool edgefn__repeats_request(edgefn_str method, uint32_t status)
{
    if (status == 307 || status == 308) return true;
    if (status < 301 || status > 303) return false;
    return EDGEFN__IS(method, "GET") || EDGEFN__IS(method, "HEAD");
}

/* A redirect to where the viewer already is. */
static void edgefn__check_loop(edgefn__checker *c, const edgefn_response *a)
{
    bool open = false;
    if (!edgefn__repeats_request(c->ev->request.method, a->status)) return;
    size_t at = edgefn_find(&a->headers, EDGEFN_S("location"), 0);
    if (at == a->headers.len) return;
    const edgefn_field *it = &a->headers.items[at];
    if (!edgefn__has_new_status(c) && !edgefn__is_new(c, &a->headers, it)) return;
    edgefn__scope scope = edgefn__scope_begin(c->now);
    bool own = edgefn__is_own_url(c, it->value, &open);
    edgefn__scope_end(c->now, scope);
    if (own) edgefn__note(c, open ? EDGEFN__R_LOOP_SCHEME : EDGEFN__R_LOOP, it->name, it->_value);
}

static bool edgefn__check_all(edgefn__checker *c)
{
    if (!c->answer && edgefn_is_request(c->ev))
        return edgefn__check_request(c) && c->now->err.code == EDGEFN_OK;
    edgefn__check_response(c);
    if (!c->no_doubts) {
        edgefn__check_values(c, &c->now->response);
        if (edgefn__is_functions(c->ev)) edgefn__check_joined(c, &c->now->response._cookies);
        edgefn__check_loop(c, &c->now->response);
    }
    return c->now->err.code == EDGEFN_OK;
}

/*--- a function's result ------------------------------------------------------------------------*/

/* True if a string of a result is not the received one. */
static bool edgefn__text_differs(const edgefn__checker *c, edgefn_member m, edgefn_str s)
{
    const edgefn_event *ev = c->ev;
    edgefn__span had = ev->_had[m];
    if (ev->_parts != NULL) return !edgefn_str_eq(s, ev->_parts[m]);
    return had.at == 0 || !edgefn__still(ev, had, s);
}

/* True if a member that is not a string differs from the received one. */
static bool edgefn__number_differs(const edgefn__checker *c, edgefn_member m)
{
    bool received = c->ev->_had[m].at != 0;
    if (!received && c->ev->_parts == NULL) return true;
    if (received && m == EDGEFN_MEMBER_ORIGIN_PROTOCOL) return true;
    return edgefn__member_value(c->now, m) != c->ev->_was.number[m];
}

/* True if a member of a result is not the received one; one that is absent does not differ. */
static bool edgefn__member_differs(const edgefn__checker *c, edgefn_member m)
{
    const edgefn_str *text = edgefn__member_text(c->now, m);
    if (c->now->_had[m].at == 0) return false;
    if (m == EDGEFN_MEMBER_ORIGIN)
        return c->now->request.origin.kind != edgefn__kind_received(c->ev);
    if (edgefn__same_bytes(c, m)) return false;
    return text != NULL ? edgefn__text_differs(c, m, *text) : edgefn__number_differs(c, m);
}

/* Compares the members of a result with what was received. */
static void edgefn__compare_members(edgefn__checker *c)
{
    for (int m = 0; m < EDGEFN_MEMBER_COUNT; m++) {
        if (edgefn__member_differs(c, (edgefn_member)m)) c->mask |= (uint32_t)1 << m;
    }
    /* read-only: may not be left out either */
    bool left_out = c->now->_had[EDGEFN_MEMBER_CLIENT_IP].at == 0 && !c->ip_noted;
    if (edgefn__is_lambda(c->ev) && left_out && c->ev->_had[EDGEFN_MEMBER_CLIENT_IP].at != 0)
        c->mask |= (uint32_t)1 << EDGEFN_MEMBER_CLIENT_IP;
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
enum {
    EDGEFN__T_ANY_STATUS = 1 << EDGEFN__T_STATUS | 1 << EDGEFN__T_STATUS_CODE,
    EDGEFN__T_PATH = 1 << EDGEFN__T_URI | 1 << EDGEFN__T_METHOD,
    EDGEFN__T_EVENT = 1 << EDGEFN__T_RECORDS | 1 << EDGEFN__T_CF | 1 << EDGEFN__T_CONTEXT,
    EDGEFN__T_INSIDE = 1 << EDGEFN__T_REQUEST | 1 << EDGEFN__T_RESPONSE
};
/* clang-format off */
static const edgefn__name edgefn__n_result[] = {
    EDGEFN__NAME("status"), EDGEFN__NAME("statusCode"), EDGEFN__NAME("uri"), EDGEFN__NAME("method"),
    EDGEFN__NAME("request"), EDGEFN__NAME("response"),
    EDGEFN__NAME("Records"), EDGEFN__NAME("cf"), EDGEFN__NAME("context"),
    EDGEFN__NAME("multiValueHeaders"), EDGEFN__NAME("isBase64Encoded")
};
/* clang-format on */

/* The first byte of an object's values if it is the same in all; else, or if it is not an object,
   '\0'. */
static char edgefn__values_begin(const char *t, uint32_t open)
{
    char kind = '\0';
    if (open == 0 || t[open] != '{') return '\0';
    edgefn__each e = edgefn__each_in(t, open);
    while (edgefn__next(&e)) {
        if (kind != '\0' && t[e.value] != kind) return '\0';
        kind = t[e.value];
    }
    return kind;
}

/* Returns the features of the other dialect that a request has, one bit each. */
static unsigned edgefn__other_features(const char *t, uint32_t open, bool lambda)
{
    static const struct {
        bool lambda; /* the dialect of the event, whose requests do not have it */
        const char *name;
        char with;
    } marks[] = { { true, "querystring", '{' },
                  { true, "cookies", '{' },
                  { false, "querystring", '"' },
                  { false, "clientIp", '"' },
                  { false, "origin", '{' } };
    char entries = edgefn__values_begin(t, edgefn__find_member(t, open, "headers"));
    unsigned found = entries == (lambda ? '{' : '[');
    for (unsigned i = 0; i < EDGEFN__COUNT(marks); i++) {
        if (marks[i].lambda != lambda) continue;
        if (edgefn__find_value(t, open, marks[i].name, marks[i].with) != 0) found |= 2u << i;
    }
    return found;
}

/* True if a request has two or more features of the other dialect that the received one lacks: a
   single one is taken for a mistake in that member. */
static bool edgefn__is_other_request(const edgefn_event *ev, const char *t, uint32_t open)
{
    bool lambda = edgefn__is_lambda(ev);
    edgefn_str received = edgefn_passthrough(ev);
    unsigned found = edgefn__other_features(t, open, lambda);
    if (found == 0) return false;
    if (received.ptr != NULL) found &= ~edgefn__other_features(received.ptr, 0, lambda);
    return (found & (found - 1)) != 0;
}

/* Returns the member that shows for which service an answer with statusCode was written, if the
   event is from Lambda@Edge. API Gateway: isBase64Encoded, multiValueHeaders, headers whose values
   are strings. CloudFront Functions: headers whose values are objects ("value"), cookies or a body
   that is an object. If only statusCode shows it, the answer may be of either. */
static edgefn_str edgefn__shown_by(const char *t, uint32_t open, unsigned seen)
{
    char entries = edgefn__values_begin(t, edgefn__find_member(t, open, "headers"));
    if (seen >> EDGEFN__T_IS_BASE64 & 1) return EDGEFN_S("isBase64Encoded");
    if (seen >> EDGEFN__T_MULTI & 1) return EDGEFN_S("multiValueHeaders");
    if (entries == '"') return EDGEFN_S("headers");
    if (entries == '{') return EDGEFN_S("value");
    if (edgefn__find_value(t, open, "cookies", '{') != 0) return EDGEFN_S("cookies");
    if (edgefn__find_value(t, open, "body", '{') != 0) return EDGEFN_S("body");
    return EDGEFN_S("statusCode");
}

/* A result, and the names it has, one bit each. */
typedef struct edgefn__result {
    const char *text;
    uint32_t open, close;
    unsigned seen;
} edgefn__result;

static bool edgefn__result_has(const edgefn__result *result, int name)
{
    return result->seen >> name & 1;
}

static edgefn_str edgefn__result_name(int name)
{
    return edgefn__str(edgefn__n_result[name].text, edgefn__n_result[name].len);
}

static void edgefn__result_names(edgefn__result *result)
{
    const char *t = result->text;
    edgefn__each e = edgefn__each_in(t, result->open);
    while (edgefn__next(&e)) {
        for (size_t name = 0; name < EDGEFN__COUNT(edgefn__n_result); name++) {
            if (edgefn__is_member(t, e.name, edgefn__n_result[name].text))
                result->seen |= 1u << name;
        }
    }
    result->close = e.at;
}

/* Ignores names of the other type, or of a whole event, that the received object has as well: they
   are unknown members of it. */
static void edgefn__ignore_received(const edgefn_event *ev, edgefn__result *result)
{
    edgefn_str text = edgefn_passthrough(ev);
    edgefn__result received = { text.ptr, 0, 0, 0 };
    bool request = edgefn_is_request(ev);
    unsigned own = request ? EDGEFN__T_PATH : EDGEFN__T_ANY_STATUS;
    bool other = (result->seen & own) == 0; /* an answer, or an error */
    if (text.ptr == NULL || other || (result->seen & ~own) == 0) return;
    edgefn__result_names(&received);
    result->seen &= own | ~received.seen;
}

/* Returns the rule that forbids reading a result without a status, but with uri or method, as a
   request; EDGEFN__R_COUNT if there is none. *subject: the member that the finding names. */
static int edgefn__request_rule(const edgefn__checker *c, const edgefn__result *result,
                                edgefn_str *subject)
{
    if (!edgefn_is_request(c->ev)) return EDGEFN__R_KIND;
    if (!edgefn__is_other_request(c->ev, result->text, result->open)) return EDGEFN__R_COUNT;
    bool uri = edgefn__result_has(result, EDGEFN__T_URI);
    *subject = edgefn__result_name(uri ? EDGEFN__T_URI : EDGEFN__T_METHOD);
    return EDGEFN__R_SHAPE;
}

/* Returns the rule that a result breaks by the names of its members, in which case it is not read
   any further; EDGEFN__R_COUNT if it can be read. */
static int edgefn__result_rule(const edgefn__checker *c, const edgefn__result *result,
                               edgefn_str *subject)
{
    bool lambda = edgefn__is_lambda(c->ev);
    if (edgefn__result_has(result, lambda ? EDGEFN__T_STATUS : EDGEFN__T_STATUS_CODE))
        return EDGEFN__R_COUNT;
    if (result->seen & EDGEFN__T_PATH) return edgefn__request_rule(c, result, subject);
    if (result->seen & EDGEFN__T_ANY_STATUS) {
        *subject = lambda ? edgefn__shown_by(result->text, result->open, result->seen)
                          : EDGEFN_S("status");
        return EDGEFN__R_SHAPE;
    }
    if (result->seen & EDGEFN__T_EVENT) return EDGEFN__R_WHOLE_EVENT;
    if (!(result->seen & EDGEFN__T_INSIDE)) return EDGEFN__R_COUNT;
    bool response = edgefn__result_has(result, EDGEFN__T_RESPONSE);
    *subject = edgefn__result_name(response ? EDGEFN__T_RESPONSE : EDGEFN__T_REQUEST);
    return EDGEFN__R_WRAPPED;
}

/* Notes a status that is missing, or together with members of a request. Returns: true for a
   request. */
static bool edgefn__check_type(edgefn__checker *c, const edgefn__result *result)
{
    bool lambda = edgefn__is_lambda(c->ev);
    int name = lambda ? EDGEFN__T_STATUS : EDGEFN__T_STATUS_CODE;
    bool status = edgefn__result_has(result, name);
    if (!status && edgefn_is_request(c->ev)) return true;
    if (!status)
        edgefn__note(c, EDGEFN__R_MEMBER_MISSING, edgefn__result_name(name), result->close);
    else if (result->seen & EDGEFN__T_PATH)
        edgefn__note(c, EDGEFN__R_BOTH, edgefn__result_name(name), result->open);
    return false;
}

static bool edgefn__read_result(edgefn__reader *r, bool request)
{
    edgefn__object o;
    return request ? edgefn__receive_request(r, NULL, 0) : edgefn__response_read(r, &o);
}

/* Marks all fields of a request that was read. */
static bool edgefn__mark_request(edgefn__checker *c)
{
    const edgefn_request *received = &c->ev->request;
    edgefn_request *now = &c->now->request;
    if (!edgefn__mark(c, &received->headers, &now->headers)) return false;
    if (!edgefn__mark(c, &received->origin.headers, &now->origin.headers)) return false;
    if (edgefn__is_lambda(c->now)) return true;
    if (!edgefn__mark(c, &received->_query, &now->_query)) return false;
    return edgefn__mark(c, &received->_cookies, &now->_cookies);
}

/* The same of a response. */
static bool edgefn__mark_response(edgefn__checker *c)
{
    edgefn_response none;
    edgefn__zero(&none, sizeof none);
    const edgefn_response *received = c->answer ? &none : &c->ev->response;
    edgefn_response *now = &c->now->response;
    if (!edgefn__mark(c, &received->headers, &now->headers)) return false;
    return edgefn__is_lambda(c->now) || edgefn__mark(c, &received->_cookies, &now->_cookies);
}

/* Decides by the names in a result whether it is a request or a response, reads it, and checks it.
   Returns: false when memory ran out. */
static bool edgefn__check_object(edgefn__checker *c, edgefn__reader *r)
{
    edgefn__result result = { r->text, r->pos, r->pos, 0 };
    edgefn_str subject = edgefn__absent();
    edgefn__result_names(&result);
    edgefn__ignore_received(c->ev, &result);
    int rule = edgefn__result_rule(c, &result, &subject);
    if (rule != EDGEFN__R_COUNT) {
        edgefn__note(c, rule, subject, result.open);
        return true;
    }
    bool request = edgefn__check_type(c, &result);
    c->answer = edgefn_is_request(c->now) && !request;
    r->skipped = edgefn__skipped_origin(c, r->text, r->pos);
    if (!edgefn__read_result(r, request)) return false;
    edgefn__compare_members(c);
    bool marked = request ? edgefn__mark_request(c) : edgefn__mark_response(c);
    return marked && edgefn__check_all(c);
}

/* True if the fault is half of a surrogate pair, which JSON's grammar allows and UTF-8 does not. */
static bool edgefn__half_pair(edgefn_str json, const edgefn__fault *f)
{
    edgefn_str rest = edgefn_str_skip(json, f->pos);
    if (f->code != EDGEFN_E_JSON_STRING || !edgefn_str_starts(rest, EDGEFN_S("\\u"))) return false;
    return (edgefn__hex4(rest.ptr + 2, rest.len - 2) & 0xf800) == 0xd800;
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
    bool response = edgefn__find_member(t, at, "response") != 0;
    *name = response ? EDGEFN_S("response") : EDGEFN_S("request");
    return edgefn__find_value(t, at, name->ptr, '{');
}

static int edgefn__by_position(const void *a, const void *b)
{
    const edgefn_finding *x = (const edgefn_finding *)a;
    const edgefn_finding *y = (const edgefn_finding *)b;
    if (x->pos != y->pos) return x->pos < y->pos ? -1 : 1;
    if (x->rule != y->rule) return x->rule < y->rule ? -1 : 1;
    return (x->actual > y->actual) - (x->actual < y->actual);
}

/* Puts findings into the order of the text. */
static bool edgefn__findings_sort(edgefn_event *ev, edgefn_finding *f, size_t n)
{
    return edgefn__sort(ev, ev->arena.cap, f, n, sizeof *f, edgefn__by_position);
}

/* Checks the text of a result. wrapped: it was wrapped, which is noted already. */
static bool edgefn__check_result(edgefn__checker *c, edgefn_str json, bool wrapped)
{
    edgefn__fault fault;
    edgefn__reader r;
    edgefn_str name = edgefn__absent();
    uint32_t in = 0;
    size_t first = edgefn__skip_space(json.ptr, json.len, 0);
    if (!edgefn__validate(json, &fault)) {
        int rule = edgefn__half_pair(json, &fault) ? EDGEFN__R_SURROGATE : EDGEFN__R_JSON;
        edgefn__note(c, rule, edgefn__absent(), fault.pos);
        return true;
    }
    if (json.ptr[first] != '{') {
        edgefn__note(c, EDGEFN__R_OBJECT, edgefn__absent(), first);
        return true;
    }
    edgefn__zero(&r, sizeof r);
    r.sink = &edgefn__result_sink;
    r.sink_data = c;
    r.ev = c->now;
    r.text = json.ptr;
    r.len = (uint32_t)json.len;
    /* a lenient event may lack its method; then its result may, too */
    r.no_method = c->ev->request.method.ptr == NULL;
    if (!edgefn__scan_into(c->now, &r)) return false;
    r.pos = (uint32_t)first;
    if (edgefn__is_functions(c->ev)) in = edgefn__unwrapped(r.text, r.pos, &name);
    if (in != 0) {
        if (!wrapped) edgefn__note(c, EDGEFN__R_F_WRAPPED, name, first);
        r.pos = in;
    }
    return edgefn__check_object(c, &r);
}

/* CloudFront Functions: returns the JSON string that contains the result, NULL if there is none. It
   is FunctionOutput in the output of AWS's test-function, or the whole text, as with --query
   TestResult.FunctionOutput. *name: "FunctionOutput", or absent if it is the whole text. */
static const char *edgefn__output(edgefn_str json, size_t first, edgefn_str *name)
{
    edgefn__fault fault;
    uint32_t at = (uint32_t)first;
    *name = edgefn__absent();
    if (!edgefn__validate(json, &fault)) return NULL;
    if (json.ptr[at] == '"') return json.ptr + at;
    if (json.ptr[at] != '{') return NULL;
    *name = EDGEFN_S("FunctionOutput");
    uint32_t in = edgefn__find_value(json.ptr, at, "TestResult", '{');
    at = edgefn__find_value(json.ptr, in != 0 ? in : at, "FunctionOutput", '"');
    return at != 0 ? json.ptr + at : NULL;
}

/* Adds the unescaped length of a character of a JSON string. Returns: its escaped length. */
static size_t edgefn__character(const char *p, size_t *unescaped)
{
    char bytes[4];
    edgefn__text t = { bytes, bytes + sizeof bytes, false };
    bool unit = p[0] == '\\' && p[1] == 'u';
    if (!unit) {
        *unescaped += 1;
        return p[0] == '\\' ? 2 : 1;
    }
    size_t n = edgefn__put_unit(&t, p + 2);
    *unescaped += (size_t)(t.at - bytes);
    return 2 + n;
}

/* Converts the positions of sorted findings within a JSON string to positions in the text around
   it: the string begins at `at`. */
static void edgefn__findings_move(edgefn_finding *f, size_t n, const char *p, size_t at)
{
    size_t inner = 0;
    size_t outer = at + 1;
    for (size_t i = 0; i < n; i++) {
        while (inner < f[i].pos)
            outer += edgefn__character(p + outer, &inner);
        f[i].pos = outer;
    }
}

/* Checks a result that is in a JSON string. Returns: false when memory ran out. */
static bool edgefn__check_inside(edgefn__checker *c, edgefn_str json, size_t at, edgefn_str inside)
{
    size_t before = edgefn__stored(c);
    c->now->_json = inside;
    if (!edgefn__check_result(c, inside, true)) return false;
    size_t n = edgefn__stored(c) - before;
    if (n == 0) return true;
    if (!edgefn__findings_sort(c->now, c->to + before, n)) return false;
    edgefn__findings_move(c->to + before, n, json.ptr, at);
    return true;
}

/* Checks a result, as it is or as AWS's test-function prints it. */
static bool edgefn__check_text(edgefn__checker *c, edgefn_str json)
{
    edgefn_str name = edgefn__absent();
    size_t first = edgefn__skip_space(json.ptr, json.len, 0);
    const char *output = NULL;
    if (edgefn__is_functions(c->ev)) output = edgefn__output(json, first, &name);
    if (output == NULL) return edgefn__check_result(c, json, false);
    uint32_t at = (uint32_t)(output - json.ptr);
    edgefn__text t = edgefn__scratch_begin(c);
    edgefn__put_unescaped(&t, output + 1, edgefn__after_string(json.ptr, at) - at - 2);
    edgefn_str inside = edgefn__text_end(c->now, &t);
    if (inside.ptr == NULL) return false;
    size_t in = edgefn__skip_space(inside.ptr, inside.len, 0);
    bool object = edgefn_str_starts(edgefn_str_skip(inside, in), EDGEFN_S("{"));
    if (object || name.ptr != NULL) edgefn__note(c, EDGEFN__R_F_WRAPPED, name, first);
    if (object) return edgefn__check_inside(c, json, at, inside);
    edgefn__note(c, EDGEFN__R_OBJECT, edgefn__absent(), at);
    return true;
}

/* Checks the edits of the event itself. Returns: false on failure. */
static bool edgefn__check_event(edgefn__checker *c)
{
    unsigned shown = edgefn__sync_shown(c->ev);
    bool checked = edgefn__prepare(c->ev, false);
    if (checked) {
        c->answer = edgefn__is_answered(c->ev);
        c->mask = c->ev->_mask;
        checked = edgefn__check_all(c);
    }
    edgefn__sync_aside(c->ev, shown);
    return checked;
}

/* Reads a result into an event of its own, in the free part of ev's arena, and checks it. Returns:
   false when memory ran out. */
static bool edgefn__check_foreign(edgefn__checker *c, edgefn_str json)
{
    edgefn_event now;
    edgefn__memset(&now, 0, sizeof now);
    now.dialect = c->ev->dialect;
    now.type = c->ev->type;
    now.arena = c->ev->arena;
    now.env = c->ev->env;
    now._self = &now;
    now._json = json;
    edgefn__lists_init(&now);
    c->now = &now;
    if (!edgefn__check_text(c, json)) return false;
    return edgefn__findings_sort(&now, c->to, edgefn__stored(c));
}

EDGEFN_API size_t edgefn_check(edgefn_event *ev, edgefn_str result_json, edgefn_finding *findings,
                               size_t cap)
{
    edgefn__checker c;
    edgefn__checker_init(&c, ev);
    c.to = findings;
    c.rules = edgefn__rules;
    c.cap = findings != NULL ? cap : 0;
    if (!edgefn__is_ready(ev)) edgefn__fail(ev, EDGEFN_E_MISUSE, "edgefn_check", edgefn__absent());
    if (result_json.len >= UINT32_MAX - 64)
        edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_check", edgefn__absent());
    edgefn_err kept = ev->err;
    if (kept.code == EDGEFN_E_CHECK)
        ev->err.code = EDGEFN_OK; /* edgefn_finish() refused, and now the findings are wanted */
    if (ev->err.code != EDGEFN_OK) return (size_t)-1;
    bool text = result_json.ptr != NULL;
    bool checked = text ? edgefn__check_foreign(&c, result_json) : edgefn__check_event(&c);
    if (text && !checked)
        edgefn__fail(ev, EDGEFN_E_OOM, "edgefn_check", edgefn__absent());
    else if (kept.code != EDGEFN_OK || ev->err.code == EDGEFN_OK)
        ev->err = kept; /* the first failure stays */
    return checked ? c.count : (size_t)-1;
}

EDGEFN_API size_t edgefn_finding_message(const edgefn_finding *finding, char *buf, size_t cap)
{
    char none[1]; /* for no buffer: NULL takes no offset */
    edgefn__text t = { none, none, false };
    size_t n = 0;
    if (buf != NULL) {
        t.at = buf;
        t.end = buf + cap;
    }
    for (const char *z = finding->rule->message; z != NULL && *z != '\0'; z++) {
        char byte[3] = { '%', edgefn__hex_digits[finding->actual >> 4 & 15],
                         edgefn__hex_digits[finding->actual & 15] };
        edgefn_str piece = edgefn__str(z, 1);
        if (*z == '%') piece = *++z == 'n' ? finding->subject : edgefn__str(byte, 3);
        n += piece.len;
        edgefn__put(&t, piece.ptr, piece.len);
    }
    return n;
}

/*--- edgefn_sanitize(): undoes edits ------------------------------------------------------------*/

/* An added field is removed, a changed one gets its received value back, a removed one returns. */

/* A list whose edits are to be undone, and the rules that decide which of them. */
typedef struct edgefn__undo {
    edgefn_fields *list;
    const edgefn__entry *others; /* sorted names that a field of this list must not have, or NULL */
    size_t other_count;
    unsigned event; /* the bit of the event in edgefn__header_rule */
    bool all;       /* undo every edit */
} edgefn__undo;

/* True if CloudFront refuses the edits of the fields of one name. Received values may be returned,
   whatever the marks say. */
static bool edgefn__undo_name(const edgefn__undo *u, edgefn__checker *c, edgefn__run now)
{
    const edgefn_fields *f = u->list;
    edgefn_str name = now.items[0].name;
    unsigned bits = edgefn__header_bits(name);
    bool disallowed = (bits & EDGEFN__H_DISALLOWED) != 0;
    bool clash = (bits & EDGEFN__H_NOT_CUSTOM) == 0
                 && edgefn__entry_find(u->others, u->other_count, name) != NULL;
    bool refused = disallowed || clash;
    if (u->all) return true;
    if (f->_kind == EDGEFN__ORIGIN_HEADERS)
        refused |= (bits & EDGEFN__H_NOT_CUSTOM) != 0 || name.len > EDGEFN__CUSTOM_NAME_MOST;
    else if (!disallowed && (bits & u->event) != 0) {
        int rule = edgefn__read_only_broken(c, f, now);
        /* the received values in other fields: their own come back, so these go */
        if (rule == EDGEFN__R_COUNT) return true;
        return !edgefn__is_doubtful(edgefn__own_rule(c, rule));
    }
    if (refused) return !edgefn__only_fewer(c, f, now);
    if (f->_kind != EDGEFN__REQUEST_HEADERS || !edgefn__is_country(c, bits)) return false;
    /* a changed one is doubtful only */
    return edgefn__received_run(c, f, now.items).len == 0;
}

/* True for a custom header whose value is too long and was not received. */
static bool edgefn__is_too_long(edgefn__checker *c, const edgefn_fields *f, const edgefn_field *it)
{
    if (f->_kind != EDGEFN__ORIGIN_HEADERS) return false;
    return it->value.len > EDGEFN__CUSTOM_VALUE_MOST && edgefn__is_new(c, f, it);
}

/* Marks the edited fields that CloudFront refuses, one bit each. Returns: their number. */
static size_t edgefn__undo_mark(const edgefn__undo *u, unsigned char *marks)
{
    const edgefn_fields *f = u->list;
    edgefn__checker c;
    size_t count = 0;
    edgefn__checker_init(&c, f->_ev);
    c.answer = edgefn__is_answered(f->_ev);
    for (size_t i = 0, end; i < f->len; i = end) {
        edgefn__run now = edgefn__run_at(f, i);
        end = i + now.len;
        if (!edgefn__run_changed(now)) continue;
        bool refused = edgefn__undo_name(u, &c, now);
        for (size_t k = i; k < end; k++) {
            const edgefn_field *it = &f->items[k];
            if (it->change == EDGEFN_CHANGE_NONE) continue;
            if (!refused && !edgefn__is_too_long(&c, f, it)) continue;
            marks[k / 8] = (unsigned char)(marks[k / 8] | 1u << (k % 8));
            count++;
        }
    }
    return count;
}

/* True for a removed field that CloudFront requires: disallowed headers may be removed. */
static bool edgefn__undo_removal(const edgefn__undo *u, const edgefn_field *removed)
{
    unsigned bits = edgefn__header_bits(removed->name);
    return u->list->_kind != EDGEFN__ORIGIN_HEADERS && !(bits & EDGEFN__H_DISALLOWED)
           && (bits & u->event) != 0;
}

/* True if a field that comes back belongs before this one: names and values are in the order in
   which they were received, new names last. */
static bool edgefn__back_before(const edgefn_field *back, const edgefn_field *it)
{
    if (it->_group == 0 || back->_group != it->_group)
        return it->_group == 0 || back->_group < it->_group;
    /* added ones of that name were undone with the removal */
    if (EDGEFN__NEVER(it->_value == 0)) return true;
    return back->_value < it->_value;
}

static void edgefn__bring_back(edgefn_field *to, edgefn_field *back)
{
    *to = *back;
    to->change = EDGEFN_CHANGE_NONE;
    back->change = EDGEFN_CHANGE_NONE; /* done */
}

/* Merges fields and the fields to restore by position into an array with room for both. */
static size_t edgefn__merge_back(const edgefn_field *from, size_t n, edgefn_field *back, size_t m,
                                 edgefn_field *to)
{
    size_t count = 0;
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        while (k < m && edgefn__back_before(&back[k], &from[i]))
            edgefn__bring_back(&to[count++], &back[k++]);
        to[count++] = from[i];
    }
    while (k < m)
        edgefn__bring_back(&to[count++], &back[k++]);
    return count;
}

/* Copies a list and the fields to restore into an array with room for both. In a list that was
   sorted they go next to the fields of their name; back is sorted by name, then position. */
static size_t edgefn__put_back(const edgefn_fields *f, const edgefn_field *from, size_t n,
                               edgefn_field *back, size_t m, edgefn_field *to)
{
    size_t count = 0;
    if (!(f->_flags & EDGEFN__REORDERED)) return edgefn__merge_back(from, n, back, m, to);
    for (size_t i = 0, end; i < n; i = end) {
        end = edgefn__run_end(from, n, i);
        size_t first = edgefn__lower_bound(back, m, sizeof *back, &from[i], edgefn__by_name);
        size_t after = first;
        while (after < m && edgefn__same_name(&back[after], &from[i]))
            after++;
        count += edgefn__merge_back(from + i, end - i, back + first, after - first, to + count);
    }
    for (size_t k = 0; k < m; k++) {
        if (back[k].change != EDGEFN_CHANGE_NONE) edgefn__bring_back(&to[count++], &back[k]);
    }
    return count;
}

/* Moves the fields to restore out of the list of removed fields, in the order that
   edgefn__put_back() needs; NULL: no memory. */
static edgefn_field *edgefn__removed_back(const edgefn__undo *u, size_t *top, size_t n)
{
    edgefn_fields *f = u->list;
    const edgefn_field *removed = edgefn__removed_sorted(f, top);
    edgefn_field *stays = (edgefn_field *)(uintptr_t)f->removed;
    edgefn_field *back = (edgefn_field *)edgefn__take_top(f->_ev, top, n, sizeof *back);
    size_t m = 0;
    size_t stay = 0;
    if (back == NULL || (removed == NULL && f->removed_len != 0)) return NULL;
    for (size_t k = 0; k < f->removed_len; k++) {
        if (edgefn__undo_removal(u, &removed[k]))
            back[m++] = removed[k];
        else
            stays[stay++] = removed[k];
    }
    f->removed_len = stay;
    if (f->_flags & EDGEFN__REORDERED
        && !edgefn__sort(f->_ev, *top, back, m, sizeof *back, edgefn__by_name))
        return NULL;
    return back;
}

/* Copies a list without the marked edits. Returns: how many fields are left. */
static size_t edgefn__copy_unmarked(const edgefn_fields *f, const unsigned char *marks,
                                    edgefn_field *to)
{
    size_t n = 0;
    for (size_t i = 0; i < f->len; i++) {
        edgefn_field *it = &to[n];
        *it = f->items[i];
        if (marks[i / 8] >> (i % 8) & 1) {
            const edgefn_field *received = edgefn__received_of(f, it);
            if (received == NULL) continue;
            it->value = received->value; /* any bytes: no setter checks them */
            it->attributes = received->attributes;
            it->change = EDGEFN_CHANGE_NONE;
        }
        n++;
    }
    return n;
}

/* Undoes the marked edits of a list, and the removals that CloudFront refuses. */
static bool edgefn__undo_marked(const edgefn__undo *u, const unsigned char *marks, size_t back)
{
    edgefn_fields *f = u->list;
    edgefn_event *ev = f->_ev;
    size_t top = ev->arena.cap;
    edgefn_field *items = (edgefn_field *)edgefn__take(ev, f->len + back, sizeof *items, 8);
    if (items == NULL) return false;
    edgefn_field *left = (edgefn_field *)edgefn__take_top(ev, &top, f->len, sizeof *left);
    if (left == NULL) return false;
    edgefn_field *returned = edgefn__removed_back(u, &top, back);
    if (returned == NULL) return false;
    size_t n = edgefn__copy_unmarked(f, marks, left);
    f->len = edgefn__put_back(f, left, n, returned, back, items);
    f->items = items;
    f->_cap = (uint32_t)(n + back);
    f->_flags = (f->_flags | EDGEFN__DIRTY | EDGEFN__TOUCHED) & ~(uint32_t)EDGEFN__SYNCED;
    return true;
}

/* Undoes the refused edits of one list; false if memory ran out. n log n. */
static bool edgefn__undo_edits(const edgefn__undo *u)
{
    edgefn_fields *f = u->list;
    edgefn_event *ev = f->_ev;
    edgefn__scope scope = edgefn__scope_begin(ev);
    size_t bytes = f->len / 8 + 1;
    size_t back = 0;
    unsigned char *marks = (unsigned char *)edgefn__take_held(ev, bytes, 1);
    if (marks == NULL) return false;
    edgefn__memset(marks, 0, bytes);
    size_t wrong = edgefn__undo_mark(u, marks);
    for (size_t k = 0; k < f->removed_len; k++)
        back += edgefn__undo_removal(u, &f->removed[k]);
    bool done = wrong + back == 0 || edgefn__undo_marked(u, marks, back);
    edgefn__scope_end_top(ev, scope);
    return done && ev->err.code == EDGEFN_OK;
}

/* Undoes edits of a list that have a name of another one. */
static bool edgefn__undo_clashes(edgefn_fields *f, const edgefn_fields *other, unsigned event)
{
    edgefn__undo u = { f, NULL, 0, event, false };
    edgefn__scope scope = edgefn__scope_begin(f->_ev);
    size_t top = f->_ev->arena.cap;
    u.others = edgefn__sorted_names(f->_ev, &top, other->items, other->len, &u.other_count);
    if (u.others == NULL) return false;
    edgefn__hold(f->_ev, top);
    bool done = edgefn__undo_edits(&u);
    edgefn__scope_end_top(f->_ev, scope);
    return done;
}

/* Undoes edits that give a custom header the name of a request header, or the reverse, and all
   edits of custom headers if their total length exceeds the limit. Received fields may do both. */
static bool edgefn__undo_custom(edgefn_event *ev, unsigned event)
{
    edgefn_fields *headers = &ev->request.headers;
    edgefn_fields *custom = &ev->request.origin.headers;
    edgefn__undo all = { custom, NULL, 0, event, true };
    if (!edgefn__undo_clashes(custom, headers, event)) return false;
    if (!edgefn__undo_clashes(headers, custom, event)) return false;
    if (edgefn__total_size(custom) <= EDGEFN__CUSTOM_TOTAL_MOST) return true;
    return edgefn__undo_edits(&all);
}

/* True if the event's result is a request. */
static bool edgefn__returns_request(const edgefn_event *ev)
{
    return edgefn_is_request(ev) && !edgefn__is_answered(ev);
}

static bool edgefn__has_custom_headers(const edgefn_event *ev)
{
    return edgefn__returns_request(ev) && ev->type == EDGEFN_ORIGIN_REQUEST;
}

static edgefn_fields *edgefn__result_headers(edgefn_event *ev)
{
    return edgefn__returns_request(ev) ? &ev->request.headers : &ev->response.headers;
}

/* Notes what is refused about the headers of the result, and counts it. Returns: 0 when memory ran
   out, too. */
static size_t edgefn__check_only_headers(edgefn_event *ev, edgefn_finding *to, size_t cap)
{
    edgefn__checker c;
    edgefn__checker_init(&c, ev);
    c.to = to;
    c.rules = edgefn__rules;
    c.cap = to != NULL ? cap : 0;
    c.answer = edgefn__is_answered(ev);
    c.no_doubts = true;
    edgefn__check_headers(&c, edgefn__result_headers(ev));
    if (edgefn__has_custom_headers(ev) && !edgefn__check_custom(&c)) return 0;
    return c.count;
}

static size_t edgefn__sanitize(edgefn_event *ev, edgefn_finding *did, size_t cap)
{
    if (!edgefn__prepare(ev, false)) return 0;
    size_t before = edgefn__check_only_headers(ev, did, cap);
    if (before == 0) return 0;
    unsigned event = edgefn__event_bit(ev->dialect, ev->type);
    edgefn__undo u = { edgefn__result_headers(ev), NULL, 0, event, false };
    edgefn__unsync(ev, edgefn__returns_request(ev) ? 0 : 1);
    if (!edgefn__undo_edits(&u)) return 0;
    if (edgefn__has_custom_headers(ev) && !edgefn__undo_custom(ev, event)) return 0;
    if (!edgefn__prepare(ev, false)) return 0;
    size_t after = edgefn__check_only_headers(ev, NULL, 0);
    if (ev->err.code != EDGEFN_OK) return 0;
    return EDGEFN__NEVER(after > before) ? 0 : before - after; /* undoing breaks no rule */
}

EDGEFN_API size_t edgefn_sanitize(edgefn_event *ev, edgefn_finding *did, size_t cap)
{
    unsigned shown = edgefn__sync_shown(ev);
    size_t undone = edgefn__sanitize(ev, did, cap);
    edgefn__sync_aside(ev, shown);
    return undone;
}

/*--- before an event is checked or written: it is settled, then verified ------------------------*/

static bool edgefn__is_changed(const edgefn_event *ev, edgefn_member m)
{
    return (ev->_mask >> m & 1) != 0;
}

/* True if a request's body was assigned. */
static bool edgefn__body_changed(const edgefn_event *ev)
{
    return (ev->_mask
            & (EDGEFN__BIT(EDGEFN_MEMBER_BODY_DATA) | EDGEFN__BIT(EDGEFN_MEMBER_BODY_ENCODING)))
           != 0;
}

/* Undoes what an earlier call filled in: the data may be the received ones again. */
static void edgefn__body_unfill(edgefn_event *ev)
{
    edgefn_body *b = &ev->request.body;
    if (ev->_flags & EDGEFN__ACTION_FILLED) b->replace = false;
    if ((ev->_flags & EDGEFN__ENCODING_FILLED) && b->encoding == EDGEFN_ENCODING_TEXT)
        b->encoding = EDGEFN_ENCODING_DEFAULT;
    ev->_flags &= ~(uint32_t)(EDGEFN__ACTION_FILLED | EDGEFN__ENCODING_FILLED);
}

/* Completes an assigned body: CloudFront ignores a changed body whose action is "read-only". */
static void edgefn__body_fill_in(edgefn_event *ev)
{
    edgefn_body *b = &ev->request.body;
    if (!edgefn__body_changed(ev)) return;
    if (edgefn__is_functions(ev) && edgefn__is_changed(ev, EDGEFN_MEMBER_BODY_DATA))
        return; /* a request has no body there: edgefn__verify_body() refuses it */
    if (!b->replace) {
        b->replace = true;
        ev->_flags |= EDGEFN__ACTION_FILLED;
    }
    if (!ev->_was.number[EDGEFN_MEMBER_BODY_ACTION])
        ev->_mask |= EDGEFN__BIT(EDGEFN_MEMBER_BODY_ACTION);
    if (b->encoding != EDGEFN_ENCODING_DEFAULT) return;
    b->encoding = EDGEFN_ENCODING_TEXT;
    ev->_flags |= EDGEFN__ENCODING_FILLED;
    ev->_mask |= EDGEFN__BIT(EDGEFN_MEMBER_BODY_ENCODING);
}

/* Sets the status text that belongs to an assigned status. */
static void edgefn__status_fill_in(edgefn_event *ev)
{
    edgefn_str text = edgefn__status_text_due(ev);
    if (edgefn__is_same(text, ev->response.status_text)) return;
    ev->response.status_text = text;
    ev->_named = ev->response.status;
    ev->_flags |= EDGEFN__TEXT_FILLED;
}

/* The members whose edits are checked: those of the result, and in response events those of the
   request, whose edits are refused. */
static uint32_t edgefn__checked_members(const edgefn_event *ev)
{
    if (edgefn__is_answered(ev)) return EDGEFN__RESPONSE_BITS;
    if (edgefn_is_request(ev)) return EDGEFN__REQUEST_BITS;
    return EDGEFN__REQUEST_BITS | EDGEFN__RESPONSE_BITS;
}

/* Settles an event: writes its views back, finds the members that differ, and fills in what an
   assigned body or status lacks. Verifying and checking do not change it. */
static bool edgefn__settle(edgefn_event *ev)
{
    edgefn_request *q = &ev->request;
    edgefn_response *a = &ev->response;
    if (ev->_self != ev || (ev->_flags & (EDGEFN__PARSED | EDGEFN__BUILDING)) != EDGEFN__PARSED)
        return edgefn__fail(ev, EDGEFN_E_MISUSE, "edgefn_write", edgefn__absent());
    if (ev->err.code != EDGEFN_OK) return false;
    if (ev->_flags & (EDGEFN__ACTION_FILLED | EDGEFN__ENCODING_FILLED)) edgefn__body_unfill(ev);
    if (!edgefn__sync_query(ev)) return false;
    if (ev->_flags & EDGEFN__ANY_ASIDE) edgefn__sync_show(ev);
    if (!edgefn__sync_cookies(ev, &q->_cookies, &q->headers, EDGEFN_S("cookie"))) return false;
    if (!edgefn__sync_cookies(ev, &a->_cookies, &a->headers, EDGEFN_S("set-cookie"))) return false;
    edgefn__status_fill_in(ev);
    ev->_mask = edgefn__changes(ev, edgefn__checked_members(ev));
    if (edgefn__returns_request(ev)) edgefn__body_fill_in(ev);
    return true;
}

/* Notes what verifying found. Returns false. */
static bool edgefn__found(edgefn_err *err, edgefn_error code, const char *where, edgefn_str subject)
{
    err->code = code;
    err->pos = EDGEFN__NO_POS;
    err->where = where;
    err->subject = subject;
    return false;
}

static bool edgefn__refused(const edgefn_event *ev, edgefn_err *err, edgefn_error code,
                            edgefn_member m, edgefn_str subject)
{
    return edgefn__found(err, code, edgefn_member_name(ev, m), subject);
}

/* True for most added headers: the name is a token, the value printable ASCII that JSON does not
   escape. If not, edgefn__field_fault() tells. */
EDGEFN__INLINE bool edgefn__plainly_valid(const edgefn_fields *f, const edgefn_field *it)
{
    edgefn_str name = it->key.ptr != NULL ? it->key : it->name;
    return edgefn__is_headers(f) && it->_value == 0 && it->attributes.ptr == NULL
           && edgefn__token(name) && (name.ptr == it->name.ptr || edgefn_str_ieq(name, it->name))
           && it->value.ptr != NULL && edgefn__copy_plain(NULL, it->value);
}

/* Checks the syntax of added and changed fields again: their strings belong to the handler and may
   have changed since the setter checked them. Received ones are not checked. If the writer follows
   (`writes`), edgefn__put_groups() checks new names at the end of headers. */
EDGEFN__INLINE bool edgefn__verify_fields(const edgefn_event *ev, const edgefn_fields *f,
                                          bool writes, edgefn_err *err)
{
    bool only_new = !(f->_flags & (EDGEFN__TOUCHED | EDGEFN__REORDERED));
    if (!(f->_flags & EDGEFN__DIRTY) || (writes && only_new && edgefn__is_headers(f))) return true;
    for (size_t i = only_new ? f->_received_len : 0; i < f->len; i++) {
        const edgefn_field *it = &f->items[i];
        if (it->change == EDGEFN_CHANGE_NONE || edgefn__plainly_valid(f, it)) continue;
        edgefn_error fault = edgefn__field_fault(ev, f, it);
        if (fault != EDGEFN_OK) return edgefn__found(err, fault, edgefn__list_name(f), it->name);
    }
    return true;
}

EDGEFN__INLINE bool edgefn__verify_request_fields(const edgefn_event *ev, bool writes,
                                                  edgefn_err *err)
{
    const edgefn_request *q = &ev->request;
    return edgefn__verify_fields(ev, &q->headers, writes, err)
           && edgefn__verify_fields(ev, &q->_query, writes, err)
           && edgefn__verify_fields(ev, &q->_cookies, writes, err)
           && edgefn__verify_fields(ev, &q->origin.headers, writes, err);
}

static bool edgefn__verify_base64(const edgefn_event *ev, const edgefn_body *b, edgefn_member m,
                                  edgefn_err *err)
{
    if (!edgefn__is_bad_base64(b)) return true;
    return edgefn__refused(ev, err, EDGEFN_E_BASE64, m, edgefn__absent());
}

static bool edgefn__verify_body(const edgefn_event *ev, edgefn_err *err)
{
    const edgefn_body *b = &ev->request.body;
    edgefn_member m = EDGEFN_MEMBER_BODY_DATA;
    if (!edgefn__body_changed(ev)) return true;
    if (edgefn__is_functions(ev) && edgefn__is_changed(ev, m))
        return edgefn__refused(ev, err, EDGEFN_E_DIALECT, m, edgefn__absent());
    if (!edgefn__is_utf8(b->data))
        return edgefn__refused(ev, err, EDGEFN_E_FIELD_VALUE, m, edgefn__absent());
    return edgefn__verify_base64(ev, b, m, err);
}

static bool edgefn__verify_origin(const edgefn_event *ev, edgefn_err *err)
{
    const edgefn_origin *o = &ev->request.origin;
    const edgefn_str absent = edgefn__absent();
    bool whole = edgefn__is_changed(ev, EDGEFN_MEMBER_ORIGIN);
    if ((ev->_mask & (EDGEFN__ORIGIN_BITS | EDGEFN__BIT(EDGEFN_MEMBER_ORIGIN))) == 0) return true;
    if (whole && o->kind == EDGEFN_ORIGIN_NONE)
        return edgefn__refused(ev, err, EDGEFN_E_OPTIONS, EDGEFN_MEMBER_ORIGIN, absent);
    if (!edgefn__is_lambda(ev))
        return edgefn__refused(ev, err, EDGEFN_E_DIALECT, EDGEFN_MEMBER_ORIGIN, absent);
    if (ev->type != EDGEFN_ORIGIN_REQUEST)
        return edgefn__refused(ev, err, EDGEFN_E_EVENT_TYPE, EDGEFN_MEMBER_ORIGIN, absent);
    if (o->kind == EDGEFN_ORIGIN_NONE)
        return edgefn__refused(ev, err, EDGEFN_E_OPTIONS, EDGEFN_MEMBER_ORIGIN, absent);
    edgefn_str fault = edgefn__origin_fault(ev, o, whole);
    if (fault.ptr == NULL) return true;
    return edgefn__found(err, EDGEFN_E_OPTIONS, "request.origin", fault);
}

/* Syntax of what was assigned in a request. */
static bool edgefn__verify_request(const edgefn_event *ev, edgefn_err *err)
{
    const edgefn_request *q = &ev->request;
    if (edgefn__is_changed(ev, EDGEFN_MEMBER_URI) && !edgefn__uri_ok(q->uri))
        return edgefn__refused(ev, err, EDGEFN_E_URI, EDGEFN_MEMBER_URI, q->uri);
    /* a text made from the list's fields was checked with them */
    bool query = edgefn__is_changed(ev, EDGEFN_MEMBER_QUERYSTRING) && q->querystring.ptr != NULL
                 && !(q->_query._flags & EDGEFN__DIRTY);
    if (query && !edgefn__query_ok(ev, q->querystring))
        return edgefn__refused(ev, err, EDGEFN_E_FIELD_VALUE, EDGEFN_MEMBER_QUERYSTRING,
                               q->querystring);
    return edgefn__verify_body(ev, err) && edgefn__verify_origin(ev, err);
}

/* Fails if one of these members was edited: the edit would be lost. */
static bool edgefn__verify_kept(const edgefn_event *ev, uint32_t members, edgefn_err *err)
{
    uint32_t changed = ev->_mask & members;
    if (changed == 0) return true;
    return edgefn__refused(ev, err, EDGEFN_E_EVENT_TYPE, (edgefn_member)edgefn__ctz(changed),
                           edgefn__absent());
}

/* The status and status text of an answer, or where they were assigned in a received response. */
static bool edgefn__verify_status(const edgefn_event *ev, edgefn_err *err)
{
    const edgefn_response *a = &ev->response;
    bool status = edgefn__is_answered(ev) || edgefn__is_changed(ev, EDGEFN_MEMBER_STATUS);
    if (status && edgefn__status_limit(a->status) != 0)
        return edgefn__refused(ev, err, EDGEFN_E_STATUS, EDGEFN_MEMBER_STATUS, edgefn__absent());
    if (!edgefn__is_changed(ev, EDGEFN_MEMBER_STATUS_TEXT) || a->status_text.ptr == NULL)
        return true;
    if (edgefn__is_text(a->status_text, true, "")) return true;
    return edgefn__refused(ev, err, EDGEFN_E_FIELD_VALUE, EDGEFN_MEMBER_STATUS_TEXT,
                           a->status_text);
}

/* Syntax of an answer, or of what was assigned in a received response. */
static bool edgefn__verify_response(const edgefn_event *ev, edgefn_err *err)
{
    const edgefn_body *b = &ev->response.body;
    bool fixed = edgefn__is_lambda(ev) && ev->type == EDGEFN_VIEWER_RESPONSE;
    if (fixed && !edgefn__verify_kept(ev, EDGEFN__RESPONSE_BITS, err)) return false;
    if (!edgefn__verify_status(ev, err)) return false;
    if (!edgefn__is_changed(ev, EDGEFN_MEMBER_RESPONSE_BODY)) return true;
    if (!edgefn__is_utf8(b->data))
        return edgefn__refused(ev, err, EDGEFN_E_FIELD_VALUE, EDGEFN_MEMBER_RESPONSE_BODY,
                               edgefn__absent());
    return edgefn__verify_base64(ev, b, EDGEFN_MEMBER_RESPONSE_BODY, err);
}

/* Fails if a request event has no status, hence no answer, but another member of the answer was
   set: it would be lost. */
static bool edgefn__verify_no_answer(const edgefn_event *ev, edgefn_err *err)
{
    const edgefn_response *a = &ev->response;
    edgefn_member m;
    if (a->body.data.ptr != NULL)
        m = EDGEFN_MEMBER_RESPONSE_BODY;
    else if (a->status_text.ptr != NULL)
        m = EDGEFN_MEMBER_STATUS_TEXT;
    else if (a->body.encoding != EDGEFN_ENCODING_DEFAULT)
        m = EDGEFN_MEMBER_RESPONSE_BODY_ENCODING;
    else
        return true;
    return edgefn__refused(ev, err, EDGEFN_E_EVENT_TYPE, m, edgefn__absent());
}

/* Verifies the syntax of a settled event; *err says what is wrong. writes: the writer follows. */
static bool edgefn__verify(const edgefn_event *ev, bool writes, edgefn_err *err)
{
    if (edgefn__returns_request(ev))
        return edgefn__verify_no_answer(ev, err) && edgefn__verify_request_fields(ev, writes, err)
               && edgefn__verify_request(ev, err);
    /* response events return only the response; an answer discards the edits of the request */
    if (!edgefn_is_request(ev) && !edgefn__verify_kept(ev, EDGEFN__REQUEST_BITS, err)) return false;
    return edgefn__verify_fields(ev, &ev->response.headers, writes, err)
           && edgefn__verify_fields(ev, &ev->response._cookies, writes, err)
           && edgefn__verify_response(ev, err);
}

/* True if one of a field's strings is this one. */
static bool edgefn__field_holds(const edgefn_field *it, edgefn_str text)
{
    const edgefn_str strings[4] = { it->name, it->value, it->key, it->attributes };
    for (size_t i = 0; i < EDGEFN__COUNT(strings); i++) {
        if (strings[i].ptr == text.ptr && strings[i].len == text.len) return true;
    }
    return false;
}

/* True if the result has a string that was passed in: it was not replaced or removed later. */
static bool edgefn__is_in_use(const edgefn_event *ev, const edgefn__passed *p)
{
    const edgefn_request *q = &ev->request;
    const edgefn_response *a = &ev->response;
    const edgefn_fields *lists[7] = { NULL,       &q->headers,  &a->headers, &q->origin.headers,
                                      &q->_query, &q->_cookies, &a->_cookies };
    if (p->place >= EDGEFN__PASSED_MEMBER) {
        edgefn_member m = (edgefn_member)(p->place - EDGEFN__PASSED_MEMBER);
        const edgefn_str *now = edgefn__member_text(ev, m);
        return (edgefn__checked_members(ev) & EDGEFN__BIT(m)) != 0 && now->ptr == p->text.ptr
               && now->len == p->text.len;
    }
    const edgefn_fields *f = lists[p->place];
    bool response = f == &a->headers || f == &a->_cookies;
    if (response == edgefn__returns_request(ev)) return false;
    for (size_t i = 0; i < f->len; i++) {
        if (f->items[i].change != EDGEFN_CHANGE_NONE && edgefn__field_holds(&f->items[i], p->text))
            return true;
    }
    return false;
}

/* True if a string was passed in for the same place again, after its bytes had changed. */
static bool edgefn__is_renewed(const edgefn_event *ev, const edgefn__passed *p)
{
    for (const edgefn__passed *newer = ev->_passed; newer != p; newer = newer->next) {
        if (newer->text.ptr == p->text.ptr && newer->text.len == p->text.len
            && newer->place == p->place && edgefn_str_eq(newer->name, p->name))
            return true;
    }
    return false;
}

/* Compares the strings that were passed in with what they were then. */
static bool edgefn__lifetimes_kept(edgefn_event *ev)
{
    for (const edgefn__passed *p = ev->_passed; p != NULL; p = p->next) {
        if (edgefn__bytes_hash(p->text) == p->hash) continue;
        if (!edgefn__is_in_use(ev, p) || edgefn__is_renewed(ev, p)) continue;
        const char *where =
            p->place < EDGEFN__PASSED_MEMBER
                ? edgefn__places[p->place]
                : edgefn_member_name(ev, (edgefn_member)(p->place - EDGEFN__PASSED_MEMBER));
        edgefn_str name = edgefn__when(p->place < EDGEFN__PASSED_MEMBER, p->name);
        return edgefn__fail(ev, EDGEFN_E_LIFETIME, where, name);
    }
    return true;
}

static bool edgefn__prepare(edgefn_event *ev, bool writes)
{
    if (!edgefn__settle(ev)) return false;
    if ((ev->_flags & EDGEFN__LIFETIMES) && !edgefn__lifetimes_kept(ev)) return false;
    return edgefn__verify(ev, writes, &ev->err);
}

/* Checks an event that was settled and verified. Returns: false when its result is refused. */
static bool edgefn__approved(edgefn_event *ev, const edgefn_write_opts *opts)
{
    edgefn__checker c;
    if (opts != NULL && opts->skip_check) return true;
    edgefn__checker_init(&c, ev);
    c.mask = ev->_mask;
    c.answer = edgefn__is_answered(ev);
    c.strict = opts != NULL && opts->strict;
    c.no_doubts = !c.strict; /* they do not refuse then */
    if (!edgefn__check_all(&c)) return false;
    if (!c.refused) return true;
    return edgefn__fail(ev, EDGEFN_E_CHECK, edgefn__rule_id(c.first_rule), c.first_subject);
}

/*--- writing ------------------------------------------------------------------------------------*/

static bool edgefn__plan_result(edgefn__plan *p, bool whole_event)
{
    edgefn_event *ev = p->ev;
    bool request = edgefn_is_request(ev);
    edgefn__span result = ev->_result;
    if (edgefn__is_answered(ev)) return edgefn__plan_answer(p);
    if (ev->_parts != NULL) return request ? edgefn__plan_parts(p) : edgefn__plan_answer(p);
    if (whole_event) {
        result.at = 0;
        result.len = (uint32_t)ev->_json.len;
    }
    p->from = result.at;
    p->to = result.at + result.len;
    bool done = request ? edgefn__plan_request(p) : edgefn__plan_response(p);
    return done && edgefn__plan_sort(p);
}

static bool edgefn__no_whole_event(edgefn_event *ev)
{
    return edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_write_opts.whole_event", edgefn__absent());
}

/* Prepares an event, checks it, and plans the whole result. */
static bool edgefn__plan_make(edgefn__plan *p, edgefn_event *ev, const edgefn_write_opts *opts,
                              bool keep_texts)
{
    bool whole_event = opts != NULL && opts->whole_event;
    edgefn__memset(p, 0, sizeof *p);
    p->ev = ev;
    p->keep_texts = keep_texts;
    if (!edgefn__prepare(ev, true)) return false;
    if (whole_event && edgefn__is_answered(ev)) return edgefn__no_whole_event(ev);
    if (!edgefn__approved(ev, opts)) return false;
    p->scope = edgefn__scope_begin(ev);
    p->top = ev->arena.cap;
    if (whole_event && ev->_parts != NULL) return edgefn__no_whole_event(ev);
    /* strings that changed since they were set are found while they are written */
    return edgefn__plan_result(p, whole_event) && ev->err.code == EDGEFN_OK;
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
    if (p.top != 0) edgefn__scope_end(ev, p.scope); /* the texts are written */
    return n;
}

/* Adds a piece unless it is empty; spans: NULL only counts. */
static void edgefn__span_add(edgefn_str *spans, size_t *n, const char *piece, size_t len)
{
    if (len == 0) return;
    if (spans != NULL) spans[*n] = edgefn__str(piece, len);
    *n += 1;
}

/* The pieces of a plan: edits, and the text between them. spans: where to; NULL only counts. */
static size_t edgefn__plan_spans(const edgefn__plan *p, edgefn_str *spans)
{
    const char *from = p->ev->_json.ptr != NULL ? p->ev->_json.ptr : "";
    uint32_t at = p->from;
    size_t n = 0;
    for (const edgefn__edit *e = p->head; e != NULL; e = e->next) {
        edgefn__span_add(spans, &n, from + at, e->at - at);
        edgefn__span_add(spans, &n, e->text.ptr, e->text.len);
        at = e->at + e->del;
    }
    edgefn__span_add(spans, &n, from + at, p->to - at);
    return n;
}

EDGEFN_API size_t edgefn_write_spans(edgefn_event *ev, edgefn_str *spans, size_t cap,
                                     const edgefn_write_opts *opts)
{
    edgefn__plan p;
    if (!edgefn__plan_make(&p, ev, opts, spans != NULL)) return 0;
    size_t n = edgefn__plan_spans(&p, NULL);
    if (spans == NULL || n > cap)
        edgefn__scope_end(ev, p.scope);
    else
        edgefn__plan_spans(&p, spans);
    return n;
}

EDGEFN_API edgefn_str edgefn_finish(edgefn_event *ev, const edgefn_write_opts *opts)
{
    edgefn__plan p;
    if (ev->_self == ev) edgefn__take_again(ev, ev->_out_at, ev->_out_end);
    ev->_out_end = 0;
    if (!edgefn__plan_make(&p, ev, opts, false)) return edgefn__absent();
    if (p.head == NULL) return edgefn__str(ev->_json.ptr + p.from, p.to - p.from);
    size_t n = edgefn__plan_size(&p);
    size_t at = ev->arena.used;
    if (n > p.top - at) {
        edgefn__fail(ev, EDGEFN_E_OOM, "edgefn_finish", edgefn__absent());
        return edgefn__absent();
    }
    char *to = edgefn__take_bytes(ev, n);
    if (EDGEFN__NEVER(to == NULL)) return edgefn__absent(); /* n bytes are left below p.top */
    edgefn__plan_write(&p, to);
    ev->_out_at = at;
    ev->_out_end = ev->arena.used;
    return edgefn__str(to, n);
}

/* .check_lifetimes: notes the strings that a handler assigned, which no function has seen. */
static void edgefn__note_assigned(edgefn_event *ev)
{
    uint32_t changed = edgefn__changes(ev, edgefn__checked_members(ev));
    for (; changed != 0; changed &= changed - 1) {
        edgefn_member m = (edgefn_member)edgefn__ctz(changed);
        const edgefn_str *text = edgefn__member_text(ev, m);
        if (text != NULL) edgefn__pass_member(ev, m, *text);
    }
}

/* .check_lifetimes: overwrites the part of the stack where the handler had its variables, so that a
   string that lies there has changed. */
EDGEFN__NOINLINE void edgefn__overwrite_stack(void)
{
    volatile uint64_t stack[8192];
    for (size_t i = 0; i < sizeof stack / sizeof stack[0]; i++)
        stack[i] = UINT64_C(0xa5a5a5a5a5a5a5a5) ^ i;
}

EDGEFN_API edgefn_str edgefn_answer_with(edgefn_event *ev, edgefn_str json, edgefn_arena arena,
                                         bool (*handler)(edgefn_event *ev),
                                         const edgefn_answer_opts *opts)
{
    const edgefn_parse_opts *parse = opts != NULL ? &opts->parse : NULL;
    const edgefn_write_opts *write = opts != NULL ? &opts->write : NULL;
    if (edgefn_parse(ev, json, arena, parse) != EDGEFN_OK) return edgefn_failed_result(ev);
    if (handler == NULL)
        edgefn__fail(ev, EDGEFN_E_OPTIONS, "edgefn_answer_with", EDGEFN_S("handler"));
    else if (!handler(ev))
        edgefn__fail(ev, EDGEFN_E_HANDLER, "edgefn_handler", edgefn__absent());
    if (ev->_flags & EDGEFN__LIFETIMES) {
        edgefn__note_assigned(ev);
        edgefn__overwrite_stack();
    }
    return edgefn__or(edgefn_finish(ev, write), edgefn_failed_result(ev));
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
