#!/bin/sh
# The minimal proxy (examples/hosts/minimal): tests/hosts/proxy.py against it, under AddressSanitizer and UndefinedBehaviorSanitizer. Started in the
# top directory. Arguments: parts of test names. Without arguments it runs most of those that need no waiting, with DEEP=1 all.
suite=test_host_minimal
. tests/lib.sh
needs python3 "${GCC:=gcc}"
[ -e /usr/include/event2/http.h ] || skip "no libevent (libevent-dev)"
PYTHONDONTWRITEBYTECODE=1 MINIMAL=build/minimal/asan/minimal PROXY_HANDLER=$PWD/$tmp/asan_handler.so
export GCC PYTHONDONTWRITEBYTECODE MINIMAL PROXY_HANDLER

job "make minimal-asan" make -s --no-print-directory GCC="$GCC" minimal-asan || end
job "the handler" sh tests/hosts/proxy_handlers.sh --asan "$tmp" || end
if [ "${DEEP:-}" = 1 ]; then job "the handlers" sh tests/hosts/proxy_handlers.sh "$tmp" || end
elif [ $# = 0 ]; then set -- minimal_ '(lambda)' '(body)' '(tokens)' '(path)' keys_of refuses_a_jwks
fi
UBSAN_OPTIONS=print_stacktrace=1 python3 tests/hosts/proxy.py minimal "$tmp" "$@" >"$tmp/out" 2>&1
rc=$?
sed '$d' "$tmp/out"
set -- $(sed -n 's/^test_host_minimal: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$tmp/out")
passed=$((passed + ${1:-0})) failed=$((failed + ${2:-1}))
if [ $rc != 0 ] && [ "${2:-1}" = 0 ]; then failed=$((failed + 1)); fi
end
