#!/bin/sh
# nginx with ngx_http_edgefn_module (examples/hosts/nginx): tests/hosts/proxy.py against the running server. Started in the top directory.
# Arguments: parts of names of tests; without any, all. Where a test failed, build/test_host_nginx has the logs and the last configuration.
suite=test_host_nginx
. tests/lib.sh
PATH=$PATH:/usr/sbin:/sbin
skip() {
    echo "SKIP the nginx module: $1"
    end
}
[ "$(uname -s)" = Linux ] || skip "its tests are for Linux"
there python3 || skip "no python3"
there "${NGINX:=nginx}" || skip "no nginx"
[ -e "${NGINX_SOURCE:-/usr/share/nginx/src}/configure" ] || skip "no source of nginx (nginx-dev)"
there "${CC:=cc}" || CC=gcc
PYTHONDONTWRITEBYTECODE=1
export CC NGINX PYTHONDONTWRITEBYTECODE

job "make nginx" make -s --no-print-directory nginx build/obj/edgefn_host.o || end
job "the handlers" sh tests/hosts/proxy_handlers.sh "$tmp" || end
rm -f "$tmp/out" "$tmp/err"
python3 tests/hosts/proxy.py nginx "$tmp" "$@"
rc=$?
[ $rc = 0 ] && rm -rf "$tmp"
exit $rc
