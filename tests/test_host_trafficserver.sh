#!/bin/sh
# Apache Traffic Server with edgefn.so (examples/hosts/trafficserver): tests/hosts/proxy.py against the running server. Started in the top directory.
# Arguments: parts of test names; without arguments all tests run.
suite=test_host_trafficserver
. tests/lib.sh
PATH=$PATH:/usr/sbin:/sbin
[ "$(uname -s)" = Linux ] || skip "its tests are for Linux"
needs python3 "${TRAFFIC_SERVER:=traffic_server}"
[ -e /usr/include/ts/ts.h ] || skip "no headers of Traffic Server (trafficserver-dev)"
there "${CC:=cc}" || CC=gcc
PYTHONDONTWRITEBYTECODE=1
GCC=${GCC:-gcc}
export CC GCC TRAFFIC_SERVER PYTHONDONTWRITEBYTECODE
job "make" make -s --no-print-directory build/obj/edgefn_host.o trafficserver || end
job "the handlers" sh tests/hosts/proxy_handlers.sh "$tmp" || end
case $("$GCC" -print-file-name=libasan.so 2>/dev/null) in /*) # the same plugin and handler with sanitizers
    job "the plugin with sanitizers" make -s --no-print-directory GCC="$GCC" trafficserver-asan || end
    job "the handlers with sanitizers" sh tests/hosts/proxy_handlers.sh --asan "$tmp" || end ;;
esac
if [ "$(id -u)" = 0 ] && ! su -s /bin/sh trafficserver -c "test -r '$PWD/$tmp/handler.so'" 2>/dev/null; then
    skip "it is never root, and its user trafficserver cannot read $PWD"
fi
exec python3 tests/hosts/proxy.py trafficserver "$tmp" "$@"
