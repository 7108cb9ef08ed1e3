#!/bin/sh
# nginx with ngx_http_edgefn_module (examples/hosts/nginx): tests/hosts/proxy.py against the running server. Started in the top directory.
# Arguments: parts of names of tests; without any, all.
LC_ALL=C
export LC_ALL
tmp=build/test_host_nginx
there() { command -v "$1" >/dev/null 2>&1; }
skip() {
    echo "SKIP the nginx module: $1"
    echo "test_host_nginx: 0 passed, 0 failed"
    exit 0
}
PATH=$PATH:/usr/sbin:/sbin
[ "$(uname -s)" = Linux ] || skip "its tests are for Linux"
there python3 || skip "no python3"
there "${NGINX:=nginx}" || skip "no nginx"
there "${CC:=cc}" || CC=gcc
PYTHONDONTWRITEBYTECODE=1
export CC NGINX PYTHONDONTWRITEBYTECODE
rm -rf "$tmp"
mkdir -p "$tmp"
fail() {
    cat "$tmp/make.log"
    echo "test_host_nginx: 0 passed, 1 failed"
    exit 1
}
make -s --no-print-directory build/obj/edgefn_host.o >"$tmp/make.log" 2>&1 || fail
sh tests/hosts/proxy_handlers.sh "$tmp" >"$tmp/make.log" 2>&1 || fail
make -s --no-print-directory nginx >"$tmp/make.log" 2>&1 || {
    grep -q '^SKIP' "$tmp/make.log" && skip "$(sed -n 's/^SKIP //p' "$tmp/make.log")"
    fail
}
exec python3 tests/hosts/proxy.py nginx "$tmp" "$@"
