#!/bin/sh
# Apache Traffic Server with edgefn.so (examples/hosts/trafficserver): tests/hosts/proxy.py against the running server. Started in the top directory.
# Arguments: parts of test names; without arguments all tests run.
LC_ALL=C
export LC_ALL
tmp=build/test_host_trafficserver
there() { command -v "$1" >/dev/null 2>&1; }
skip() {
    echo "SKIP the Traffic Server plugin: $1"
    echo "test_host_trafficserver: 0 passed, 0 failed"
    exit 0
}
PATH=$PATH:/usr/sbin:/sbin
[ "$(uname -s)" = Linux ] || skip "its tests are for Linux"
there python3 || skip "no python3"
there "${TRAFFIC_SERVER:=traffic_server}" || skip "no traffic_server"
[ -e /usr/include/ts/ts.h ] || skip "no headers of Traffic Server (trafficserver-dev)"
there "${CC:=cc}" || CC=gcc
PYTHONDONTWRITEBYTECODE=1
GCC=${GCC:-gcc}
export CC GCC TRAFFIC_SERVER PYTHONDONTWRITEBYTECODE
rm -rf "$tmp"
mkdir -p "$tmp"
fail() {
    cat "$tmp/make.log"
    echo "test_host_trafficserver: 0 passed, 1 failed"
    exit 1
}
make -s --no-print-directory build/obj/edgefn_host.o >"$tmp/make.log" 2>&1 || fail
sh tests/hosts/proxy_handlers.sh "$tmp" >"$tmp/make.log" 2>&1 || fail
make -s --no-print-directory trafficserver >"$tmp/make.log" 2>&1 || fail
case $("$GCC" -print-file-name=libasan.so 2>/dev/null) in /*) # the same plugin and handler with sanitizers
    make -s --no-print-directory GCC="$GCC" trafficserver-asan >"$tmp/make.log" 2>&1 || fail
    sh tests/hosts/proxy_handlers.sh --asan "$tmp" >"$tmp/make.log" 2>&1 || fail ;;
esac
if [ "$(id -u)" = 0 ] && ! su -s /bin/sh trafficserver -c "test -r '$PWD/$tmp/handler.so'" 2>/dev/null; then
    skip "it is never root, and its user trafficserver cannot read $PWD"
fi
exec python3 tests/hosts/proxy.py trafficserver "$tmp" "$@"
