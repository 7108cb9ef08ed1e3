#!/bin/sh
# nginx with ngx_http_edgefn_module (examples/hosts/nginx): tests/hosts/proxy.py against the running server. Started in the top directory.
# Arguments: parts of test names. Without arguments it runs all tests, and many of them (DEEP=1: nearly all) a second time with module and handler under
# AddressSanitizer. ASAN=1 with arguments: those tests under AddressSanitizer. If a test failed, build/test_host_nginx has the logs and the last configuration.
suite=test_host_nginx
. tests/lib.sh
needs python3
needs_nginx
there "${CC:=cc}" || CC=gcc
PYTHONDONTWRITEBYTECODE=1
export CC PYTHONDONTWRITEBYTECODE

job "make nginx" make -s --no-print-directory nginx build/obj/edgefn_host.o || end
job "the handlers" sh tests/hosts/proxy_handlers.sh "$tmp" || end
rm -f "$tmp/out" "$tmp/err"

# sanitized NAME...: runs tests with module and handler built with sanitizers, whose library is preloaded only for nginx. Pools have the smallest size
# that nginx allows, so that nearly every string of a request is a separate allocation. edge_trace records everything. An error ends the worker and is in the log.
sanitized() {
    mkdir -p "$tmp/asan"
    if [ "${DEEP:-}" = 1 ]; then sh tests/hosts/proxy_handlers.sh "$tmp/asan" || return; fi # handlers for tests that replace one
    sh tests/hosts/proxy_handlers.sh --asan "$tmp/asan" || return
    printf '%s\n' '#!/bin/sh' 'LD_PRELOAD=$SANITIZERS exec "$SANITIZED_NGINX" "$@"' >"$tmp/asan/server"
    chmod +x "$tmp/asan/server"
    SANITIZERS="$libasan $("$GCC" -print-file-name=libubsan.so)" SANITIZED_NGINX=$(command -v "$NGINX") NGINX="$PWD/$tmp/asan/server" NGINX_POOL=112 NGINX_TRACE=1 \
        ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:quarantine_size_mb=8 UBSAN_OPTIONS=print_stacktrace=1 \
        NGINX_MODULE="$PWD/build/nginx/asan/ngx_http_edgefn_module.so" PROXY_HANDLER="$PWD/$tmp/asan/asan_handler.so" \
        python3 tests/hosts/proxy.py nginx "$tmp/asan" "$@"
}
# Tests that read and edit headers, URIs and bodies; with DEEP=1 all but those that measure the server's memory or start it differently.
names='nginx_large_heads nginx_edit_of_a_uri nginx_range nginx_host_of nginx_bytes nginx_longest requests_at_random many_at_once'
names="$names (site) (corners) (four) (body) (unchecked) (uncached)"
if [ "${DEEP:-}" = 1 ]; then
    names="$names (lambda) (chain) (request-only) (viewer-only) (none) (path) (s3) (plain) viewer_header replaced reload nginx_handler_that_hangs"
    names="$names refuses allows cache_disk nginx_update"
    : "${HEADS:=6000}"
    export HEADS
fi
: "${GCC:=gcc}"
libasan=$("$GCC" -print-file-name=libasan.so 2>/dev/null)
export GCC
case $libasan in
/*) job "the module with sanitizers" make -s --no-print-directory GCC="$GCC" nginx-asan || end ;;
*) libasan= ;;
esac
rm -f "$tmp/out" "$tmp/err"

if [ $# -gt 0 ]; then
    if [ "${ASAN:-}" = 1 ]; then sanitized "$@"; else python3 tests/hosts/proxy.py nginx "$tmp" "$@"; fi
    exit
fi
if [ -n "$libasan" ]; then sanitized $names >"$tmp/sanitized" 2>&1 & # in parallel, because both mostly wait
else echo "SKIP AddressSanitizer with nginx: $GCC has no shared one"
fi
python3 tests/hosts/proxy.py nginx "$tmp" >"$tmp/plain" 2>&1
wait
for file in plain sanitized; do
    [ -e "$tmp/$file" ] || continue
    [ $file = plain ] || echo 'with sanitizers:'
    set -- $(sed -n '$s/^test_host_nginx: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$tmp/$file")
    if [ $# = 2 ]; then sed '$d' "$tmp/$file"; else cat "$tmp/$file"; fi
    passed=$((passed + ${1:-0})) failed=$((failed + ${2:-1}))
done
rm -f "$tmp/out" "$tmp/err"
if there valgrind; then
    job "the handlers whose instructions are counted" make -s --no-print-directory build/handlers/ab_test.so build/handlers/add_security_headers.so &&
        job "the module's instructions are within budget.tsv" sh examples/hosts/nginx/instructions.sh --check
    cat "$tmp/out"
else echo "SKIP the instructions of the module: no valgrind"
fi
end
