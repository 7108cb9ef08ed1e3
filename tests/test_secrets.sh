#!/bin/sh
# Secrets: comparing them and computing with them takes a time that does not depend on them, and they are in no error, log line or list of changes.
suite=test_secrets
. tests/lib.sh

#--- constant time: by valgrind, with each compiler as it optimises ------------------------------------------------------
if ! there valgrind || ! echo '#include <valgrind/memcheck.h>' | "${GCC:-gcc}" -E -x c - >/dev/null 2>&1; then
    echo "SKIP constant time: it needs valgrind, with its headers"
else
    for build in "${GCC:-gcc} -O1" "${GCC:-gcc} -O2" "${GCC:-gcc} -O3" "${CLANG:-clang} -O2" "${CLANG:-clang} -Os"; do
        there "${build%% *}" || continue
        # without the vectors of the newest processors and the newest debugging information, which valgrind does not know
        job "$build" $build -g1 -gdwarf-4 -std=c99 -DEDGEFN_NO_DISPATCH -Wall -Wextra -Werror -I. tests/trust/secrets.c -o "$tmp/secrets" || continue
        for what in eq hmac sha256; do
            run valgrind -q --error-exitcode=9 "$tmp/secrets" $what
            check "$build: $what" [ "$rc" -eq 0 ]
        done
        run valgrind -q --error-exitcode=9 "$tmp/secrets" leak
        check "$build: memcmp() is found" [ "$rc" -eq 9 ]
    done
fi

#--- no secret is printed ------------------------------------------------------------------------------------------------
secret='hunter2-hunter2'
cat >"$tmp/shows.c" <<'END'
#include "edgefn.h"
#define S EDGEFN_S
bool edgefn_handler(edgefn_event *ev)
{
    edgefn_str how = edgefn_get(&ev->request.headers, S("x-how"));
    edgefn_str secret = edgefn_secret(ev, S("key"));
    edgefn_log(ev, edgefn_str_join(ev, EDGEFN_STRS(S("the key is "), secret, S("!"))));
    if (edgefn_str_eq(how, S("fail"))) return edgefn_fail(ev, EDGEFN_E_HANDLER, secret);
    if (edgefn_str_eq(how, S("value")))
        return edgefn_set(&ev->request.headers, S("X-Key"), edgefn_str_join(ev, EDGEFN_STRS(secret, S("\n"))));
    if (edgefn_str_eq(how, S("name"))) return edgefn_set(&ev->request.headers, edgefn_str_join(ev, EDGEFN_STRS(secret, S(" "))), S("1"));
    if (edgefn_str_eq(how, S("uri"))) return edgefn_uri_set(ev, secret);
    if (edgefn_str_eq(how, S("method"))) return ev->request.method = secret, true;
    edgefn_query_set_raw(ev, edgefn_str_join(ev, EDGEFN_STRS(S("k="), secret)));
    edgefn_set(&ev->request.headers, S("X-Key"), secret);
    edgefn_set(&ev->request.headers, S("X-Long"), edgefn_str_join(ev, EDGEFN_STRS(S("12345678901234567890123456789012345678901234567890123456789012345678901234567890"
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"), secret, secret)));
    return edgefn_set(&ev->request.headers, S("Cookie"), edgefn_str_join(ev, EDGEFN_STRS(S("a="), secret)));
}
END
unset MAKEFLAGS MFLAGS MAKELEVEL
job "a handler that shows its secret" make -s --no-print-directory handler HANDLER="$tmp/shows.c" || end
for how in none fail value name uri method; do
    printf '{"Records":[{"cf":{"config":{"eventType":"viewer-request"},"request":{"method":"GET","uri":"/","headers":{"x-how":[{"key":"X-How","value":"%s"}]}}}}]}' $how >"$tmp/event.json"
    run "$edgefn" run build/own/shows.so "$tmp/event.json" --secret key=$secret --diff
    check "$how: what is printed" [ "$(cat "$tmp/out" "$tmp/err" | wc -c)" -gt 30 ]
    check "$how: it is not in it" [ "$(cat "$tmp/out" "$tmp/err" | grep -c -e hunter)" -eq 0 ]
    check "$how: the log line" says 'the key is \*\*\**!'
    run "$edgefn" run build/own/shows.so "$tmp/event.json" --secret key=$secret --summary
    check "$how: not in a summary" [ "$(cat "$tmp/out" "$tmp/err" | grep -c -e hunter)" -eq 0 ]
done
printf '{"Records":[{"cf":{"config":{"eventType":"viewer-request"},"request":{"method":"GET","uri":"/","headers":{}}}}]}' >"$tmp/event.json"
run "$edgefn" run build/own/shows.so "$tmp/event.json" --secret key=$secret
check "the result itself has it" prints "$secret"
run "$edgefn" run build/own/shows.so "$tmp/event.json" --kv key=$secret --secret key=abc --diff
check "short values are not masked" prints 'X-Key: abc'
for option in --secret --auth --table; do
    run "$edgefn" run build/own/shows.so "$tmp/event.json" "$option" "$secret"
    check "$option: a wrong value is not printed" [ "$rc" -eq 2 ] && check "$option: it is not in the message" [ "$(cat "$tmp/out" "$tmp/err" | grep -c hunter)" -eq 0 ]
done
end
