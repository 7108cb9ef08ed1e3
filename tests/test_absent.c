/* Calls every public function, in every type of event, with absent and empty strings, NULL
   options and lists, and an arena of NULL. The sanitizers report what is wrong in a call
   (clang's also report arithmetic on NULL, even by 0). A function without a row fails the test. */
#include "edgefn.h"
#include "test.h"
#include "kit.h"

typedef edgefn_str str;
typedef struct call {
    const char *name;
    void (*make)(edgefn_event *ev, str s, str t);
} call;
#define CALL(name) static void c_##name(edgefn_event *ev, str s, str t)
#define ROW_OF(name)                                                                               \
  {                                                                                                \
    "edgefn_" #name, c_##name                                                                      \
  }
#define UNUSED_ARGS (void)ev, (void)s, (void)t

static edgefn_fields *lists_of(edgefn_event *ev, int i)
{
    edgefn_fields *all[] = { &ev->request.headers,        &ev->response.headers,
                             &ev->request.origin.headers, edgefn_query(ev),
                             edgefn_cookies(ev),          edgefn_response_cookies(ev) };
    return i < 6 ? all[i] : NULL;
}
/* A function that returns false must set an error. */
#define FAILS_LOUD(verb) CHECK((verb) || ev->err.code != EDGEFN_OK)

/* Runs `what` for each list of an event. The error is cleared before each list, so that a failed
   edit does not hide errors of the next one. */
#define EACH_LIST(f, what)                                                                         \
  UNUSED_ARGS;                                                                                     \
  for (int i = 0; i < 6; i++) {                                                                    \
    edgefn_fields *f = lists_of(ev, i);                                                            \
    what;                                                                                          \
    ev->err.code = EDGEFN_OK;                                                                      \
  }

CALL(version)
{
    UNUSED_ARGS;
    CHECK(edgefn_version()[0] != 0);
}
CALL(error_name)
{
    UNUSED_ARGS;
    CHECK(edgefn_error_name((edgefn_error)999)[0] != 0);
}
CALL(error_text)
{
    UNUSED_ARGS;
    CHECK(edgefn_error_text((edgefn_error)999) != NULL);
}
CALL(locate)
{
    UNUSED_ARGS;
    CHECK_NUM(edgefn_locate(s, 0).line, 1);
    CHECK_NUM(edgefn_locate(s, SIZE_MAX).line, 1);
}
CALL(describe)
{
    char line[200];
    edgefn_fail(ev, EDGEFN_E_HANDLER, s);
    CHECK(edgefn_describe(ev, line, sizeof line) > 0);
    CHECK_NUM(edgefn_describe(ev, NULL, 0), 0);
    (void)t;
}
CALL(arena_make)
{
    UNUSED_ARGS;
    CHECK_NUM(edgefn_arena_make(NULL, 100).cap, 0);
}
CALL(memory_bound)
{
    UNUSED_ARGS;
    CHECK(edgefn_memory_bound(0) > 0);
}
CALL(memory_event)
{
    UNUSED_ARGS;
    CHECK(edgefn_memory_event(0, 0) > 0);
}
CALL(alloc)
{
    UNUSED_ARGS;
    edgefn_alloc(ev, 0, 0);
    edgefn_alloc(ev, 0, 16);
    edgefn_alloc(ev, 1, 8);
}
CALL(cstr)
{
    UNUSED_ARGS;
    CHECK(edgefn_cstr(NULL).ptr == NULL);
}
CALL(str_eq)
{
    (void)ev;
    CHECK(edgefn_str_eq(s, s) && edgefn_str_eq(s, t) == edgefn_str_eq(t, s)
          && (s.ptr || !edgefn_str_eq(s, S(""))));
}
CALL(str_ieq)
{
    (void)ev;
    CHECK(edgefn_str_ieq(s, s) && edgefn_str_ieq(s, t) == edgefn_str_ieq(t, s)
          && (s.ptr || !edgefn_str_ieq(s, S(""))));
}
CALL(str_in)
{
    (void)ev;
    const str two[] = { s, t };
    CHECK(edgefn_str_in(s, two, 2) == (s.ptr != NULL) && !edgefn_str_in(s, NULL, 0));
}
CALL(str_starts)
{
    (void)ev;
    CHECK(!edgefn_str_starts(s, t) || s.ptr != NULL);
}
CALL(str_ends)
{
    (void)ev;
    CHECK(!edgefn_str_ends(s, t) || s.ptr != NULL);
}
CALL(str_find)
{
    (void)ev;
    CHECK(edgefn_str_find(s, t) <= s.len);
}
CALL(str_contains)
{
    (void)ev;
    CHECK(!edgefn_str_contains(s, t) || s.ptr != NULL);
}
CALL(str_match)
{
    (void)ev;
    CHECK(!edgefn_str_match(s, t) || (s.ptr != NULL && t.ptr != NULL));
}
CALL(str_trim)
{
    UNUSED_ARGS;
    CHECK(!edgefn_str_trim(s).ptr == !s.ptr);
}
CALL(str_skip)
{
    UNUSED_ARGS;
    CHECK(!edgefn_str_skip(s, 0).ptr == !s.ptr && !edgefn_str_skip(s, 9).ptr == !s.ptr);
}
CALL(str_take)
{
    UNUSED_ARGS;
    CHECK(!edgefn_str_take(s, 0).ptr == !s.ptr && !edgefn_str_take(s, 9).ptr == !s.ptr);
}
CALL(str_cut)
{
    (void)ev;
    edgefn_cut c = edgefn_str_cut(s, t);
    CHECK(!c.head.ptr == !s.ptr && c.found == (c.tail.ptr != NULL));
}
CALL(str_to_u64)
{
    UNUSED_ARGS;
    CHECK(!edgefn_str_to_u64(s).ok);
}
CALL(str_to_decimal)
{
    UNUSED_ARGS;
    CHECK(!edgefn_str_to_decimal(s, 2).ok);
}
CALL(str_copy)
{
    UNUSED_ARGS;
    CHECK(s.ptr || !edgefn_str_copy(ev, s).ptr);
    edgefn_str_copy(ev, t);
}
CALL(str_join)
{
    const str two[] = { s, t };
    edgefn_str_join(ev, two, 2);
    edgefn_str_join(ev, NULL, 0);
}
CALL(str_from_u64)
{
    UNUSED_ARGS;
    edgefn_str_from_u64(ev, 0);
}
CALL(str_lower)
{
    UNUSED_ARGS;
    CHECK(s.ptr || !edgefn_str_lower(ev, s).ptr);
    edgefn_str_lower(ev, S("A"));
}
CALL(json_quote)
{
    UNUSED_ARGS;
    CHECK(s.ptr || !edgefn_json_quote(ev, s).ptr);
    edgefn_json_quote(ev, t);
}
CALL(parse)
{
    edgefn_event other;
    CHECK(edgefn_parse(&other, s, arena_new(4096), NULL) != EDGEFN_OK);
    edgefn_check(&other, s, NULL, 0), edgefn_finish(&other, NULL), edgefn_passthrough(&other),
        edgefn_failed_result(&other);
    CHECK(edgefn_parse(&other, t, edgefn_arena_make(NULL, 0), &(edgefn_parse_opts){ .env = NULL })
          != EDGEFN_OK);
    CHECK(edgefn_parse(&other, S("{}"), edgefn_arena_make(NULL, 0), NULL) != EDGEFN_OK);
    (void)ev;
}
CALL(build_begin)
{
    edgefn_event other;
    edgefn_build_begin(&other, EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_REQUEST,
                       ev->arena.ptr ? arena_new(4096) : ev->arena, NULL);
    other.request.method = s, other.request.uri = t;
    CHECK(edgefn_build_end(&other) || other.err.code != EDGEFN_OK);
    edgefn_outcome_of(&other, NULL);
}
CALL(build_end)
{
    UNUSED_ARGS;
    FAILS_LOUD(edgefn_build_end(ev));
}
CALL(outcome_of)
{
    UNUSED_ARGS;
    edgefn_outcome_of(ev, NULL);
}
CALL(is_request)
{
    UNUSED_ARGS;
    edgefn_is_request(ev);
}
CALL(is_get_or_head)
{
    UNUSED_ARGS;
    edgefn_is_get_or_head(ev);
}
CALL(is_last_request)
{
    UNUSED_ARGS;
    edgefn_is_last_request(ev);
}
CALL(event_type_name)
{
    UNUSED_ARGS;
    CHECK(edgefn_event_type_name((edgefn_event_type)99) != NULL);
}
CALL(passthrough)
{
    UNUSED_ARGS;
    edgefn_passthrough(ev);
}
CALL(failed_result)
{
    UNUSED_ARGS;
    CHECK(edgefn_failed_result(ev).ptr != NULL);
}
CALL(fail)
{
    edgefn_fail(ev, EDGEFN_E_HANDLER, s);
    (void)t;
}
CALL(draw)
{
    UNUSED_ARGS;
    uint32_t draw;
    FAILS_LOUD(edgefn_draw(ev, &draw));
}
CALL(random)
{
    UNUSED_ARGS;
    unsigned char bytes[16];
    FAILS_LOUD(edgefn_random(ev, bytes));
}
CALL(random_text)
{
    (void)t;
    CHECK(edgefn_random_text(ev, s).ptr == NULL && ev->err.code != EDGEFN_OK);
}
CALL(log)
{
    edgefn_log(ev, s);
    (void)t;
}
CALL(json_at)
{
    edgefn_json_at(ev, s, t), edgefn_json_at(ev, S("{\"\":1}"), t), edgefn_json_at(ev, s, S("/"));
}
CALL(find)
{
    EACH_LIST(f, CHECK(edgefn_find(f, s, 0) <= f->len);
              CHECK(edgefn_find(f, s, SIZE_MAX) == f->len))
}
CALL(get){ EACH_LIST(f, CHECK(s.ptr || !edgefn_get(f, s).ptr)) } CALL(has){
    EACH_LIST(f, CHECK(s.ptr || !edgefn_has(f, s)))
} CALL(count){ EACH_LIST(f, CHECK(s.ptr || !edgefn_count(f, s))) } CALL(remove){
    EACH_LIST(f, FAILS_LOUD(edgefn_remove(f, s)))
} CALL(remove_prefix){ EACH_LIST(f, FAILS_LOUD(edgefn_remove_prefix(f, s))) } CALL(keep_only)
{
    const str two[] = { s, t };
    EACH_LIST(f, FAILS_LOUD(edgefn_keep_only(f, two, 2)); FAILS_LOUD(edgefn_keep_only(f, NULL, 0)))
}
static bool is_empty(const edgefn_field *it, void *user)
{
    (void)user;
    return it->value.len == 0;
}
CALL(remove_if)
{
    EACH_LIST(f, edgefn_add(f, S("x"), s); FAILS_LOUD(edgefn_remove_if(f, is_empty, NULL)))
}
CALL(remove_at)
{
    EACH_LIST(f, FAILS_LOUD(edgefn_remove_at(f, 0)); CHECK(!edgefn_remove_at(f, SIZE_MAX)))
}
CALL(set_at)
{
    EACH_LIST(f, FAILS_LOUD(edgefn_set_at(f, 0, s)); CHECK(!edgefn_set_at(f, SIZE_MAX, t)))
}
CALL(add)
{
    EACH_LIST(f, FAILS_LOUD(edgefn_add(f, s, t)); FAILS_LOUD(edgefn_add(f, S("x"), s)))
}
CALL(set)
{
    EACH_LIST(f, FAILS_LOUD(edgefn_set(f, s, t)); FAILS_LOUD(edgefn_set(f, S("x"), s)))
}
CALL(set_const)
{
    static const edgefn_const_header c[] = { EDGEFN_CONST_HEADER("x-const", "1") };
    UNUSED_ARGS;
    EACH_LIST(f, FAILS_LOUD(edgefn_set_const(f, c, 1)); FAILS_LOUD(edgefn_set_const(f, NULL, 0)))
}
CALL(sort)
{
    EACH_LIST(f, FAILS_LOUD(edgefn_add(f, s, t)); FAILS_LOUD(edgefn_add(f, S("b"), t));
              FAILS_LOUD(edgefn_add(f, S("a"), t)); FAILS_LOUD(edgefn_sort(f)))
}
CALL(header_value_ok)
{
    UNUSED_ARGS;
    CHECK(s.ptr || !edgefn_header_value_ok(s));
}
CALL(header_has_token)
{
    (void)ev;
    CHECK(s.ptr || !edgefn_header_has_token(s, t));
}
CALL(header_has_type)
{
    (void)ev;
    CHECK((s.ptr && t.ptr) || !edgefn_header_has_type(s, t));
}
CALL(header_credentials)
{
    (void)ev;
    CHECK((s.ptr && t.ptr) || !edgefn_header_credentials(s, t).ptr);
}
CALL(header_directive)
{
    (void)ev;
    CHECK(s.ptr || !edgefn_header_directive(s, t).ptr);
}
CALL(header_negotiate)
{
    (void)ev;
    const str two[] = { t, S("gzip") };
    CHECK(edgefn_header_negotiate(s, two, 2) <= 2 && edgefn_header_negotiate(s, NULL, 0) == 0);
}
CALL(header_language)
{
    (void)ev;
    const str two[] = { t, S("de") };
    CHECK(edgefn_header_language(s, two, 2) <= 2 && edgefn_header_language(s, NULL, 0) == 0);
}
CALL(header_vary)
{
    FAILS_LOUD(edgefn_header_vary(ev, s)), FAILS_LOUD(edgefn_header_vary(ev, t));
}
CALL(header_security)
{
    FAILS_LOUD(edgefn_header_security(ev, NULL));
    FAILS_LOUD(edgefn_header_security(ev, &(edgefn_security_opts){ s, t, s, t, s, t }));
}
CALL(header_cors)
{
    const str two[] = { s, t };
    FAILS_LOUD(edgefn_header_cors(ev, NULL));
    FAILS_LOUD(edgefn_header_cors(
        ev, &(edgefn_cors_opts){ .any_origin = true, .methods = s, .headers = t, .expose = s }));
    FAILS_LOUD(edgefn_header_cors(ev, &(edgefn_cors_opts){ .origins = two, .origin_count = 2 }));
}
CALL(header_cache)
{
    UNUSED_ARGS;
    FAILS_LOUD(edgefn_header_cache(ev, NULL));
}
CALL(header_trusted)
{
    FAILS_LOUD(edgefn_header_trusted(ev, s, t));
    ev->err.code = EDGEFN_OK;
    FAILS_LOUD(edgefn_header_trusted(ev, S("x"), s));
    CHECK(s.ptr || !edgefn_has(&ev->request.headers, S("x")) || !edgefn_is_request(ev));
}
CALL(query)
{
    UNUSED_ARGS;
    CHECK(edgefn_query(ev) != NULL);
}
CALL(query_set_raw)
{
    FAILS_LOUD(edgefn_query_set_raw(ev, s)), FAILS_LOUD(edgefn_query_set_raw(ev, t));
    edgefn_query(ev);
}
CALL(query_text)
{
    UNUSED_ARGS;
    edgefn_query_text(ev);
}
CALL(query_find)
{
    (void)t;
    CHECK(edgefn_query_find(ev, s, 0) <= edgefn_query(ev)->len);
    CHECK(s.ptr || edgefn_query_find(ev, s, 0) == edgefn_query(ev)->len);
}
CALL(query_get)
{
    (void)t;
    CHECK(s.ptr || !edgefn_query_get(ev, s).ptr);
    edgefn_query_get(ev, S("a"));
}
CALL(query_remove)
{
    FAILS_LOUD(edgefn_query_remove(ev, s)), FAILS_LOUD(edgefn_query_remove(ev, t));
}
CALL(query_normalize)
{
    const str two[] = { s, t };
    FAILS_LOUD(edgefn_add(edgefn_query(ev), s, t));
    FAILS_LOUD(edgefn_query_normalize(ev, NULL));
    FAILS_LOUD(
        edgefn_query_normalize(ev, &(edgefn_query_opts){ two, 2, two, 2, true, true, true }));
}
CALL(form_next)
{
    str rest = s, name = t, value = t;
    while (edgefn_form_next(&rest, &name, &value))
        CHECK(name.ptr && value.ptr);
    (void)ev;
}
CALL(percent_decode)
{
    CHECK(s.ptr || !edgefn_percent_decode(ev, s, true).ptr);
    edgefn_percent_decode(ev, t, true);
}
CALL(percent_encode)
{
    CHECK(s.ptr || !edgefn_percent_encode(ev, s, t).ptr);
    edgefn_percent_encode(ev, s, t);
    edgefn_percent_encode(ev, S(" "), s);
}
CALL(form_encode)
{
    CHECK(s.ptr || !edgefn_form_encode(ev, s).ptr);
    edgefn_form_encode(ev, t), edgefn_form_encode(ev, S(" "));
}
CALL(cookies)
{
    UNUSED_ARGS;
    CHECK(edgefn_cookies(ev) != NULL);
}
CALL(cookie_get)
{
    CHECK(s.ptr || !edgefn_cookie_get(ev, s).ptr);
    (void)t;
}
CALL(response_cookies)
{
    UNUSED_ARGS;
    CHECK(edgefn_response_cookies(ev) != NULL);
}
CALL(set_attributes_at)
{
    EACH_LIST(f, FAILS_LOUD(edgefn_set_attributes_at(f, 0, s));
              FAILS_LOUD(edgefn_set_attributes_at(f, SIZE_MAX, t)))
}
CALL(cookie_set)
{
    FAILS_LOUD(edgefn_cookie_set(ev, s, t, NULL)),
        FAILS_LOUD(edgefn_cookie_set(ev, S("a"), t, NULL));
    FAILS_LOUD(edgefn_cookie_set(ev, S("a"), t, &(edgefn_cookie_opts){ .path = s, .domain = t }));
}
CALL(cookie_expire)
{
    FAILS_LOUD(edgefn_cookie_expire(ev, s, NULL)),
        FAILS_LOUD(
            edgefn_cookie_expire(ev, S("a"), &(edgefn_cookie_opts){ .path = s, .domain = t }));
}
CALL(cookie_attribute)
{
    (void)ev;
    CHECK(s.ptr || !edgefn_cookie_attribute(s, t).ptr);
}
CALL(uri_set)
{
    FAILS_LOUD(edgefn_uri_set(ev, s)), FAILS_LOUD(edgefn_uri_set(ev, t));
}
CALL(path_split)
{
    UNUSED_ARGS;
    CHECK(!edgefn_path_split(s).base.ptr == !s.ptr);
}
CALL(path_segment)
{
    UNUSED_ARGS;
    CHECK(s.ptr || !edgefn_path_segment(s, 0).ptr);
    CHECK(!edgefn_path_segment(s, 99).ptr);
}
CALL(url_split)
{
    UNUSED_ARGS;
    CHECK(edgefn_url_split(s).ok == (s.ptr != NULL));
}
CALL(path_and_query)
{
    (void)t;
    ev->request.uri = s;
    CHECK(edgefn_path_and_query(ev).ptr == NULL || s.ptr[0] == '/');
}
CALL(url)
{
    UNUSED_ARGS;
    edgefn_url(ev);
}
CALL(uri_normalize)
{
    UNUSED_ARGS;
    FAILS_LOUD(edgefn_uri_normalize(ev));
}
CALL(uri_match)
{
    (void)ev;
    CHECK(!edgefn_uri_match(s, t) || s.len != 0);
    CHECK(edgefn_uri_match(S("/%2f"), s) == 0 || s.len);
}
CALL(uri_match_any)
{
    (void)ev;
    const str two[] = { s, t };
    CHECK(!edgefn_uri_match_any(s, two, 2) || s.len != 0);
    CHECK(!edgefn_uri_match_any(S("/%2f"), two, 2) || s.len || t.len);
    CHECK(!edgefn_uri_match_any(s, NULL, 0));
}
CALL(uri_guards)
{
    (void)ev;
    CHECK(edgefn_uri_guards(s, t) || (s.len != 0 && t.len != 0));
    CHECK(edgefn_uri_guards(S("/%2f"), s) || s.len != 0);
}
CALL(uri_guards_any)
{
    (void)ev;
    const str two[] = { S("/other"), t };
    CHECK(edgefn_uri_guards_any(s, two, 2) || (s.len != 0 && t.len != 0));
    CHECK(!edgefn_uri_guards_any(s, NULL, 0));
}
CALL(uri_plain)
{
    UNUSED_ARGS;
    CHECK(!edgefn_uri_plain(s) || s.ptr[0] == '/');
}
CALL(uri_replace_prefix)
{
    FAILS_LOUD(edgefn_uri_replace_prefix(ev, s, t)),
        FAILS_LOUD(edgefn_uri_replace_prefix(ev, t, s));
}
CALL(uri_add_index)
{
    FAILS_LOUD(edgefn_uri_add_index(ev, s)), FAILS_LOUD(edgefn_uri_add_index(ev, t));
}
CALL(uri_drop_slash)
{
    UNUSED_ARGS;
    FAILS_LOUD(edgefn_uri_drop_slash(ev));
}
CALL(uri_encode_s3)
{
    UNUSED_ARGS;
    FAILS_LOUD(edgefn_uri_encode_s3(ev));
}
CALL(ua_parse)
{
    UNUSED_ARGS;
    CHECK(edgefn_ua_parse(s).device != 0);
}
CALL(ua_of)
{
    UNUSED_ARGS;
    CHECK(edgefn_ua_of(ev).device != 0);
}
CALL(device_name)
{
    UNUSED_ARGS;
    CHECK(edgefn_device_name(0).ptr != NULL);
}
CALL(viewer_of)
{
    UNUSED_ARGS;
    edgefn_viewer_of(ev);
}
CALL(ip_parse)
{
    UNUSED_ARGS;
    CHECK(!edgefn_ip_parse(s).ok);
}
CALL(ip_text)
{
    UNUSED_ARGS;
    CHECK(!edgefn_ip_text(ev, edgefn_ip_parse(s)).ptr);
    edgefn_ip_text(ev, edgefn_ip_parse(S("::1")));
}
CALL(ip_in)
{
    (void)ev;
    const str two[] = { s, t };
    CHECK(!edgefn_ip_in(edgefn_ip_parse(S("192.0.2.1")), two, 2)
          && !edgefn_ip_in(edgefn_ip_parse(s), NULL, 0));
}
CALL(client_ip)
{
    const str two[] = { s, t };
    ev->request.client_ip = s;
    edgefn_client_ip(ev, NULL);
    ev->request.client_ip = S("192.0.2.1");
    edgefn_client_ip(
        ev, &(edgefn_client_ip_opts){ .trusted_hops = 9, .trusted = two, .trusted_count = 2 });
}
CALL(now)
{
    UNUSED_ARGS;
    int64_t now;
    FAILS_LOUD(edgefn_now(ev, &now));
}
CALL(date_text)
{
    UNUSED_ARGS;
    edgefn_date_text(ev, 0);
    CHECK(!edgefn_date_text(ev, INT64_MAX).ptr);
}
CALL(date_parse)
{
    UNUSED_ARGS;
    CHECK(!edgefn_date_parse(ev, s).ok);
}
CALL(retry_after)
{
    UNUSED_ARGS;
    CHECK(!edgefn_retry_after(ev, s).ok);
}
CALL(hash)
{
    (void)ev;
    CHECK(edgefn_hash(s, t) == edgefn_hash(s, t));
}
CALL(choose)
{
    UNUSED_ARGS;
    CHECK(edgefn_choose(0, NULL, 0) == 0 && edgefn_choose(UINT64_MAX, NULL, 2) == 1);
}
CALL(choose_sticky)
{
    const str two[] = { s, t };
    edgefn_choose_sticky(ev, s, two, NULL, 2, NULL);
    edgefn_choose_sticky(ev, t, NULL, NULL, 0, NULL);
}
CALL(rollout)
{
    (void)ev;
    CHECK(edgefn_rollout(s, t, 10000) && (t.ptr || !edgefn_rollout(s, t, 9999)));
}
CALL(sha256)
{
    UNUSED_ARGS;
    unsigned char d[32];
    edgefn_sha256(s, d);
    CHECK(s.len || d[0] == 0xe3);
}
CALL(sha256_str)
{
    UNUSED_ARGS;
    edgefn_str d = edgefn_sha256_str(ev, s);
    FAILS_LOUD(d.ptr != NULL);
    CHECK(d.ptr == NULL || s.len || (unsigned char)d.ptr[0] == 0xe3);
}
CALL(hmac_sha256)
{
    (void)ev;
    unsigned char d[32];
    edgefn_hmac_sha256(s, t, d);
    CHECK(s.len || t.len || d[0] == 0xb6);
}
CALL(hmac_sha256_str)
{
    edgefn_str d = edgefn_hmac_sha256_str(ev, s, t);
    CHECK(s.ptr || d.ptr == NULL);
    CHECK(d.ptr == NULL || d.len == 32);
}
CALL(secret_eq)
{
    (void)ev;
    CHECK(edgefn_secret_eq(s, s) == (s.ptr != NULL)
          && edgefn_secret_eq(s, t) == edgefn_secret_eq(t, s));
}
CALL(secret)
{
    CHECK(!edgefn_secret(ev, s).ptr);
    (void)t;
}
CALL(hex_encode)
{
    UNUSED_ARGS;
    edgefn_hex_encode(ev, s);
}
CALL(hex_decode)
{
    UNUSED_ARGS;
    CHECK(s.ptr || !edgefn_hex_decode(ev, s).ptr);
    edgefn_hex_decode(ev, t);
}
CALL(jwt_verify)
{
    CHECK(!edgefn_jwt_verify(
               ev, s,
               &(edgefn_jwt_opts){ .hs256 = true, .secret = S("k"), .issuer = t, .audience = t })
               .ok);
    CHECK(!edgefn_jwt_verify(ev, S(".."), &(edgefn_jwt_opts){ .hs256 = true, .secret = t }).ok);
    CHECK(!edgefn_jwt_verify(ev, s, NULL).ok);
}
CALL(jwt_claim)
{
    UNUSED_ARGS;
    edgefn_jwt jwt = { .ok = true, .payload = S("{}") };
    CHECK(!edgefn_jwt_claim(ev, &jwt, s).text.ptr);
    jwt.ok = false;
    edgefn_jwt_claim(ev, &jwt, s);
}
CALL(jwt_sign)
{
    edgefn_jwt_sign(ev, s, t);
    edgefn_jwt_sign(ev, S("{}"), t);
}
CALL(sign_v4)
{
    const str two[] = { s, t };
    FAILS_LOUD(edgefn_sign_v4(ev, NULL));
    FAILS_LOUD(
        edgefn_sign_v4(ev, &(edgefn_sign_opts){ .access_key = s, .secret_key = t, .region = s }));
    FAILS_LOUD(edgefn_sign_v4(ev, &(edgefn_sign_opts){ .access_key = S("a"),
                                                       .secret_key = S("b"),
                                                       .region = S("c"),
                                                       .session_token = s,
                                                       .service = t,
                                                       .headers = two,
                                                       .header_count = 2 }));
    FAILS_LOUD(edgefn_sign_v4(ev, &(edgefn_sign_opts){ .access_key = S("a"),
                                                       .secret_key = S("b"),
                                                       .region = S("c"),
                                                       .session_token = s,
                                                       .headers = NULL,
                                                       .expires_s = 9 }));
}
CALL(text_put)
{
    edgefn_text text = { 0 };
    FAILS_LOUD(edgefn_text_put(ev, &text, s)), FAILS_LOUD(edgefn_text_put(ev, &text, t));
    edgefn_text_end(ev, &text);
}
CALL(text_put_u64)
{
    UNUSED_ARGS;
    edgefn_text text = { 0 };
    FAILS_LOUD(edgefn_text_put_u64(ev, &text, 7));
}
CALL(text_put_i64)
{
    UNUSED_ARGS;
    edgefn_text text = { 0 };
    FAILS_LOUD(edgefn_text_put_i64(ev, &text, -7));
}
CALL(text_end)
{
    UNUSED_ARGS;
    edgefn_text text = { 0 };
    edgefn_text_end(ev, &text);
}
CALL(replace_all)
{
    const edgefn_pair two[] = { { t, s }, { S("a"), t } };
    CHECK(s.ptr || !edgefn_replace_all(ev, s, two, 2).ptr);
    edgefn_replace_all(ev, S("/a"), two, 2);
    edgefn_replace_all(ev, s, NULL, 0);
}
CALL(html_escape)
{
    UNUSED_ARGS;
    CHECK(s.ptr || !edgefn_html_escape(ev, s).ptr);
    edgefn_html_escape(ev, s);
}
CALL(table_get)
{
    UNUSED_ARGS;
    static const edgefn_pair rows[] = { { EDGEFN_S_INIT(""), EDGEFN_S_INIT("x") } };
    CHECK(s.ptr || !edgefn_table_get(rows, 1, s).ptr);
    CHECK(!edgefn_table_get(NULL, 0, s).ptr);
}
CALL(lookup)
{
    CHECK(!edgefn_lookup(ev, s, t).ptr);
}
CALL(status_text)
{
    UNUSED_ARGS;
    CHECK(edgefn_status_text(0).ptr != NULL);
}
CALL(status_set)
{
    FAILS_LOUD(edgefn_status_set(ev, 404, s));
    FAILS_LOUD(edgefn_status_set(ev, 0, t));
}
CALL(respond)
{
    FAILS_LOUD(edgefn_respond(ev, 200, NULL)),
        FAILS_LOUD(edgefn_respond(
            ev, 200, &(edgefn_respond_opts){ .body = s, .content_type = t, .status_text = t }));
    FAILS_LOUD(edgefn_respond(
        ev, 204, &(edgefn_respond_opts){ .body = s, .encoding = EDGEFN_ENCODING_BASE64 })),
        FAILS_LOUD(edgefn_respond(
            ev, 200, &(edgefn_respond_opts){ .body = s, .encoding = EDGEFN_ENCODING_BASE64 }));
}
CALL(redirect)
{
    FAILS_LOUD(edgefn_redirect(ev, NULL));
    ev->err.code = EDGEFN_OK;
    FAILS_LOUD(edgefn_redirect(
        ev, &(edgefn_redirect_opts){ .host = S("h"), .path = s, .scheme = edgefn_cstr(NULL) }));
    ev->err.code = EDGEFN_OK;
    FAILS_LOUD(edgefn_redirect(ev, &(edgefn_redirect_opts){ .host = s, .scheme = t }));
}
CALL(redirect_to)
{
    FAILS_LOUD(edgefn_redirect_to(ev, s, NULL));
    ev->err.code = EDGEFN_OK;
    FAILS_LOUD(edgefn_redirect_to(ev, s, &(edgefn_redirect_to_opts){ .keep_query = true }));
    (void)t;
}
CALL(error_page)
{
    UNUSED_ARGS;
    FAILS_LOUD(edgefn_error_page(ev, 599));
}
CALL(respond_text)
{
    FAILS_LOUD(edgefn_respond_text(ev, 403, s));
    FAILS_LOUD(edgefn_respond_text(ev, 204, t));
}
CALL(base64_encode)
{
    UNUSED_ARGS;
    edgefn_base64_encode(ev, s);
}
CALL(base64_decode)
{
    UNUSED_ARGS;
    CHECK(s.ptr || !edgefn_base64_decode(ev, s).ptr);
    edgefn_base64_decode(ev, s);
}
CALL(base64url_encode)
{
    UNUSED_ARGS;
    edgefn_base64url_encode(ev, s);
}
CALL(base64url_decode)
{
    UNUSED_ARGS;
    CHECK(s.ptr || !edgefn_base64url_decode(ev, s).ptr);
    edgefn_base64url_decode(ev, s);
}
CALL(body_decode_part)
{
    for (int e = 0; e < 3; e++) {
        edgefn_body body = { .data = s, .encoding = (edgefn_encoding)e, .truncated = true };
        edgefn_body_decode_part(ev, &body);
    }
    (void)t;
}
CALL(body_decode)
{
    for (int e = 0; e < 3; e++) {
        edgefn_body body = { .data = s, .encoding = (edgefn_encoding)e };
        edgefn_body_decode(ev, &body);
    }
    (void)t;
}
CALL(body_form)
{
    UNUSED_ARGS;
    uint32_t refused;
    CHECK(edgefn_body_form(ev, &refused).ptr == NULL && refused != 0);
}
CALL(body_replace)
{
    UNUSED_ARGS;
    for (int e = 0; e < 3; e++)
        FAILS_LOUD(edgefn_body_replace(ev, s, (edgefn_encoding)e));
}
CALL(body_drop)
{
    UNUSED_ARGS;
    FAILS_LOUD(edgefn_body_drop(ev));
}
CALL(origin_custom)
{
    FAILS_LOUD(edgefn_origin_custom(ev, NULL));
    ev->err.code = EDGEFN_OK;
    FAILS_LOUD(edgefn_origin_custom(ev, &(edgefn_origin_opts){ .domain = s, .path = t }));
    ev->err.code = EDGEFN_OK;
    FAILS_LOUD(
        edgefn_origin_custom(ev, &(edgefn_origin_opts){ .domain = S("o.example"), .path = t }));
}
CALL(origin_s3)
{
    FAILS_LOUD(edgefn_origin_s3(ev, NULL));
    ev->err.code = EDGEFN_OK;
    FAILS_LOUD(edgefn_origin_s3(
        ev, &(edgefn_origin_opts){
                .domain = S("o.s3.amazonaws.com"), .path = t, .region = s, .auth_method = s }));
}
CALL(member_name)
{
    UNUSED_ARGS;
    for (int m = 0; m <= EDGEFN_MEMBER_COUNT; m++)
        CHECK(edgefn_member_name(ev, (edgefn_member)m) != NULL);
}
CALL(changed)
{
    UNUSED_ARGS;
    for (int m = 0; m < EDGEFN_MEMBER_COUNT; m++)
        edgefn_changed(ev, (edgefn_member)m);
}
CALL(fields_changed){ EACH_LIST(f, edgefn_fields_changed(f)) } CALL(header_policy)
{
    UNUSED_ARGS;
    edgefn_header_policy(ev->dialect, ev->type, s);
}
CALL(rules)
{
    UNUSED_ARGS;
    size_t n;
    CHECK(edgefn_rules(&n) != NULL && n > 0);
}
CALL(check)
{
    edgefn_finding found[4];
    edgefn_check(ev, s, found, 4), edgefn_check(ev, t, NULL, 0),
        edgefn_check(ev, edgefn_cstr(NULL), NULL, 0);
}
CALL(finding_message)
{
    size_t n;
    const edgefn_rule *rules = edgefn_rules(&n);
    for (size_t i = 0; i < n; i++) {
        edgefn_finding f = { &rules[i], s, SIZE_MAX, 0, 0 };
        char line[400];
        CHECK_NUM(edgefn_finding_message(&f, NULL, 0),
                  edgefn_finding_message(&f, line, sizeof line));
    }
    (void)ev, (void)t;
}
CALL(sanitize)
{
    UNUSED_ARGS;
    edgefn_sanitize(ev, NULL, 0);
}
CALL(write)
{
    UNUSED_ARGS;
    char out[2000];
    edgefn_write(ev, NULL, 0, NULL), edgefn_write(ev, out, sizeof out, NULL);
    edgefn_write(ev, out, sizeof out, &(edgefn_write_opts){ .whole_event = true });
}
CALL(write_spans)
{
    UNUSED_ARGS;
    edgefn_str spans[100];
    edgefn_write_spans(ev, NULL, 0, NULL), edgefn_write_spans(ev, spans, 100, NULL);
}
CALL(finish)
{
    UNUSED_ARGS;
    edgefn_finish(ev, NULL), edgefn_finish(ev, &(edgefn_write_opts){ .strict = true });
}

CALL(answer_with)
{
    edgefn_event other;
    (void)ev, (void)t;
    CHECK(edgefn_answer_with(&other, s, arena_new(100), NULL, NULL).ptr != NULL);
    CHECK(other.err.code != EDGEFN_OK);
}

static const call calls[] = {
    ROW_OF(version),
    ROW_OF(error_name),
    ROW_OF(error_text),
    ROW_OF(locate),
    ROW_OF(describe),
    ROW_OF(arena_make),
    ROW_OF(memory_bound),
    ROW_OF(memory_event),
    ROW_OF(alloc),
    ROW_OF(cstr),
    ROW_OF(str_eq),
    ROW_OF(str_ieq),
    ROW_OF(str_in),
    ROW_OF(str_starts),
    ROW_OF(str_ends),
    ROW_OF(str_find),
    ROW_OF(str_contains),
    ROW_OF(str_match),
    ROW_OF(str_trim),
    ROW_OF(str_skip),
    ROW_OF(str_take),
    ROW_OF(str_cut),
    ROW_OF(str_to_u64),
    ROW_OF(str_to_decimal),
    ROW_OF(str_copy),
    ROW_OF(str_join),
    ROW_OF(str_from_u64),
    ROW_OF(str_lower),
    ROW_OF(json_quote),
    ROW_OF(parse),
    ROW_OF(build_begin),
    ROW_OF(build_end),
    ROW_OF(outcome_of),
    ROW_OF(is_request),
    ROW_OF(is_get_or_head),
    ROW_OF(is_last_request),
    ROW_OF(event_type_name),
    ROW_OF(passthrough),
    ROW_OF(failed_result),
    ROW_OF(fail),
    ROW_OF(draw),
    ROW_OF(random),
    ROW_OF(random_text),
    ROW_OF(log),
    ROW_OF(json_at),
    ROW_OF(find),
    ROW_OF(get),
    ROW_OF(has),
    ROW_OF(count),
    ROW_OF(remove),
    ROW_OF(remove_prefix),
    ROW_OF(keep_only),
    ROW_OF(remove_if),
    ROW_OF(remove_at),
    ROW_OF(set_at),
    ROW_OF(add),
    ROW_OF(set),
    ROW_OF(set_const),
    ROW_OF(sort),
    ROW_OF(header_value_ok),
    ROW_OF(header_has_token),
    ROW_OF(header_has_type),
    ROW_OF(header_credentials),
    ROW_OF(header_directive),
    ROW_OF(header_negotiate),
    ROW_OF(header_language),
    ROW_OF(header_vary),
    ROW_OF(header_security),
    ROW_OF(header_cors),
    ROW_OF(header_cache),
    ROW_OF(header_trusted),
    ROW_OF(query),
    ROW_OF(query_set_raw),
    ROW_OF(query_text),
    ROW_OF(query_find),
    ROW_OF(query_get),
    ROW_OF(query_remove),
    ROW_OF(query_normalize),
    ROW_OF(form_next),
    ROW_OF(percent_decode),
    ROW_OF(percent_encode),
    ROW_OF(form_encode),
    ROW_OF(cookies),
    ROW_OF(cookie_get),
    ROW_OF(response_cookies),
    ROW_OF(set_attributes_at),
    ROW_OF(cookie_set),
    ROW_OF(cookie_expire),
    ROW_OF(cookie_attribute),
    ROW_OF(uri_set),
    ROW_OF(path_split),
    ROW_OF(path_segment),
    ROW_OF(url_split),
    ROW_OF(url),
    ROW_OF(path_and_query),
    ROW_OF(uri_normalize),
    ROW_OF(uri_match),
    ROW_OF(uri_match_any),
    ROW_OF(uri_plain),
    ROW_OF(uri_guards),
    ROW_OF(uri_guards_any),
    ROW_OF(uri_replace_prefix),
    ROW_OF(uri_add_index),
    ROW_OF(uri_drop_slash),
    ROW_OF(uri_encode_s3),
    ROW_OF(ua_parse),
    ROW_OF(ua_of),
    ROW_OF(device_name),
    ROW_OF(viewer_of),
    ROW_OF(ip_parse),
    ROW_OF(ip_text),
    ROW_OF(ip_in),
    ROW_OF(client_ip),
    ROW_OF(now),
    ROW_OF(date_text),
    ROW_OF(date_parse),
    ROW_OF(retry_after),
    ROW_OF(hash),
    ROW_OF(choose),
    ROW_OF(choose_sticky),
    ROW_OF(rollout),
    ROW_OF(sha256),
    ROW_OF(sha256_str),
    ROW_OF(hmac_sha256),
    ROW_OF(hmac_sha256_str),
    ROW_OF(secret_eq),
    ROW_OF(secret),
    ROW_OF(hex_encode),
    ROW_OF(hex_decode),
    ROW_OF(jwt_verify),
    ROW_OF(jwt_claim),
    ROW_OF(jwt_sign),
    ROW_OF(sign_v4),
    ROW_OF(text_put),
    ROW_OF(text_put_u64),
    ROW_OF(text_put_i64),
    ROW_OF(text_end),
    ROW_OF(replace_all),
    ROW_OF(html_escape),
    ROW_OF(table_get),
    ROW_OF(lookup),
    ROW_OF(status_text),
    ROW_OF(status_set),
    ROW_OF(respond),
    ROW_OF(redirect),
    ROW_OF(redirect_to),
    ROW_OF(error_page),
    ROW_OF(respond_text),
    ROW_OF(base64_encode),
    ROW_OF(base64_decode),
    ROW_OF(base64url_encode),
    ROW_OF(base64url_decode),
    ROW_OF(body_decode_part),
    ROW_OF(body_decode),
    ROW_OF(body_form),
    ROW_OF(body_replace),
    ROW_OF(body_drop),
    ROW_OF(origin_custom),
    ROW_OF(origin_s3),
    ROW_OF(member_name),
    ROW_OF(changed),
    ROW_OF(fields_changed),
    ROW_OF(header_policy),
    ROW_OF(rules),
    ROW_OF(check),
    ROW_OF(finding_message),
    ROW_OF(sanitize),
    ROW_OF(write),
    ROW_OF(write_spans),
    ROW_OF(finish),
    ROW_OF(answer_with),
};

#define HOST "'headers':{'host':[{'key':'Host','value':'h'}],'cookie':[{'value':''}]}"
static const struct {
    const char *title, *frame, *part;
} events[] = {
    { "viewer-request", L_VREQ, "{'method':'GET','uri':'/','querystring':''," HOST "}" },
    { "viewer-request, only required members", L_VREQ, "{'method':'GET','uri':'/'}" },
    { "origin-request, custom", L_OREQ,
      "{'method':'GET','uri':'/'," HOST
      ",'origin':{'custom':{'domainName':'o.example','path':'','port':443,'customHeaders':{}}}}" },
    { "origin-request, S3", L_OREQ,
      "{'method':'GET','uri':'/'," HOST
      ",'origin':{'s3':{'domainName':'o.example','customHeaders':{}}},'body':{'action':'read-only','encoding':'base64','data':''}}" },
    { "origin-response", L_ORES, "{'status':'200','headers':{'set-cookie':[{'value':''}]}}" },
    { "viewer-response", L_VRES, "{'status':'200'}" },
    { "CloudFront Functions, viewer-request", F_VREQ,
      "{'method':'GET','uri':'/','querystring':{},'headers':{},'cookies':{}}" },
    { "CloudFront Functions, viewer-request, only required members", F_VREQ,
      "{'method':'GET','uri':'/'}" },
    { "CloudFront Functions, viewer-response", F_VRES, "{'statusCode':200}" },
};

/* Opens event k: one of the table, one built from parts, one that was refused, or one in an
   arena of NULL. The last two cannot be edited. */
enum { PARTS = COUNT(events), REFUSED, NO_ARENA, KINDS };
static const char *open_kind(edgefn_event *ev, size_t k)
{
    if (k < PARTS)
        return OPEN(ev, frame(events[k].frame, events[k].part, NULL)) ? events[k].title : NULL;
    if (k == REFUSED)
        return edgefn_parse(ev, S("[]"), arena_new(1000), NULL) != EDGEFN_OK ? "a refused event"
                                                                             : NULL;
    edgefn_build_begin(ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_ORIGIN_REQUEST,
                       k == PARTS ? arena_new(KIT_ARENA) : edgefn_arena_make(NULL, 0), NULL);
    if (k == NO_ARENA) return "an arena of NULL";
    ev->request.method = S("GET"), ev->request.uri = S("/");
    return CHECK(edgefn_build_end(ev)) ? "from parts" : NULL;
}

/* Assigns to everything that a handler may assign, absent or empty strings. */
static void assign(edgefn_event *ev, str s, str t)
{
    edgefn_request *q = &ev->request;
    q->method = q->querystring = q->origin.path = q->origin.region = q->body.data = s;
    q->uri = q->client_ip = q->origin.domain = q->origin.auth_method = ev->response.status_text =
        ev->response.body.data = t;
}

TEST(every_function)
{
    static const str values[] = {
        { NULL, 0 }, EDGEFN_S_INIT(""), EDGEFN_S_INIT("a"), EDGEFN_S_INIT("/%;=")
    };
    for (size_t c = 0; c < COUNT(calls); c++)
        for (size_t k = 0; k < KINDS; k++)
            for (size_t i = 0; i < 16; i++)
                for (int assigned = 0; assigned < 2; assigned++) {
                    edgefn_event ev;
                    str s = values[i / 4], t = values[i % 4];
                    const char *title = open_kind(&ev, k);
                    ROW("%s in %s, strings %zu and %zu%s", calls[c].name, title ? title : "?",
                        i / 4, i % 4, assigned ? ", assigned before" : "");
                    if (!title) return;
                    if (assigned) assign(&ev, s, t);
                    calls[c].make(&ev, s, t);
                    edgefn_str out = edgefn_finish(&ev, NULL);
                    CHECK((out.ptr != NULL) == (ev.err.code == EDGEFN_OK));
                    while (test_owned_len)
                        arena_drop();
                }
}

/* The host must not be asked for absent strings. */
static str ask(void *user, str table, str key)
{
    CHECK(table.ptr != NULL && key.ptr != NULL);
    *(int *)user += 1;
    return (str){ NULL, 0 };
}

TEST(host)
{
    static const str values[] = { { NULL, 0 }, EDGEFN_S_INIT(""), EDGEFN_S_INIT("a") };
    int asked = 0;
    edgefn_event ev;
    edgefn_env env = { .lookup = ask, .user = &asked };
    for (size_t i = 0; i < 9; i++) {
        ROW("strings %zu and %zu", i / 3, i % 3);
        if (!CHECK(edgefn_parse(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL),
                                arena_new(4096), &(edgefn_parse_opts){ .env = &env })
                   == EDGEFN_OK))
            return;
        asked = 0;
        edgefn_lookup(&ev, values[i / 3], values[i % 3]);
        CHECK_ERR(&ev, EDGEFN_OK, 0);
        CHECK_NUM(asked, i / 3 != 0 && i % 3 != 0);
        edgefn_secret(&ev, values[i % 3]);
        CHECK_ERR(&ev, EDGEFN_E_ENVIRONMENT, NOWHERE);
    }
}

/* A function that needs memory must report EDGEFN_E_OOM if there is none. */
TEST(no_arena)
{
    edgefn_event ev;
#define NONE(what)                                                                                 \
  do {                                                                                             \
    ROW("%s", #what);                                                                              \
    open_kind(&ev, NO_ARENA);                                                                      \
    CHECK(!(what));                                                                                \
    CHECK_ERR(&ev, EDGEFN_E_OOM, NOWHERE);                                                         \
  } while (0)
    NONE(edgefn_alloc(&ev, 0, 0));
    NONE(edgefn_alloc(&ev, 1, 16));
    NONE(edgefn_str_from_u64(&ev, 7).ptr);
    NONE(edgefn_str_join(&ev, NULL, 0).ptr);
    NONE(edgefn_str_lower(&ev, S("A")).ptr);
    NONE(edgefn_json_quote(&ev, S("")).ptr);
    NONE(edgefn_base64_encode(&ev, S("")).ptr);
    NONE(edgefn_base64_decode(&ev, S("")).ptr);
    NONE(edgefn_hex_encode(&ev, S("")).ptr);
    NONE(edgefn_date_text(&ev, 0).ptr);
    NONE(edgefn_add(&ev.request.headers, S("a"), S("1")));
    ROW("parse");
    CHECK_NUM(edgefn_parse(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL),
                           edgefn_arena_make(NULL, 0), NULL),
              EDGEFN_E_OOM);
    CHECK_NUM(edgefn_parse(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL),
                           (edgefn_arena){ NULL, 1000, 0 }, NULL),
              EDGEFN_E_OOM);
}

/* Every function of the interface must have a row above. */
TEST(every_function_has_a_row)
{
    edgefn_str rest = slurp("edgefn.h");
    size_t found = 0;
    rest = edgefn_str_take(rest, edgefn_str_find(rest, S("End of the interface")));
    while (rest.ptr) {
        edgefn_cut line = edgefn_str_cut(rest, S("\n")), paren = edgefn_str_cut(line.head, S("("));
        rest = line.tail;
        if (!edgefn_str_starts(line.head, S("EDGEFN_API "))) continue;
        size_t at = paren.head.len;
        while (at > 0 && paren.head.ptr[at - 1] != ' ' && paren.head.ptr[at - 1] != '*')
            at--;
        edgefn_str name = edgefn_str_skip(paren.head, at);
        ROW("%.*s", EDGEFN_FMT(name));
        bool here = false;
        for (size_t i = 0; i < COUNT(calls); i++)
            here |= edgefn_str_eq(name, edgefn_cstr(calls[i].name));
        CHECK(here);
        found++;
    }
    CHECK_NUM(found, COUNT(calls));
}
