#!/bin/sh
# sh tests/hosts/nginx_asan.sh SOURCE [REQUESTS]: nginx itself, the module and the handler built with AddressSanitizer, and every
# allocation of a pool one of its own, so that a read behind any string is seen; then large heads both ways with edits at every
# trigger, and the matrix of locations. SOURCE: an unpacked nginx (1.22.1 was tried), which is built below build/nginx-asan.
# Fails when a test fails or the sanitizer reports something.
set -eu
source=$(cd "${1:?an unpacked source of nginx}" && pwd)
requests=${2:-20000}
cd "$(dirname "$0")/../.."
top=$PWD dir=$PWD/build/nginx-asan
rm -rf "$dir"
mkdir -p "$dir/run"
cp -r "$source" "$dir/source"
configure=./configure
[ -e "$dir/source/configure" ] || configure=auto/configure
(
    cd "$dir/source"
    $configure --with-http_v2_module --with-http_ssl_module --with-http_realip_module --with-http_auth_request_module \
        --with-http_sub_module --with-threads --with-cc-opt='-g -O1 -fsanitize=address -DNGX_DEBUG_PALLOC=1' \
        --with-ld-opt=-fsanitize=address --add-dynamic-module="$top/examples/hosts/nginx" >"$dir/configure.log"
    make -s >"$dir/make.log" 2>&1
)
make -s build/obj/edgefn_host.o
sh tests/hosts/proxy_handlers.sh build/nginx-asan/run
gcc -std=c99 -D_DEFAULT_SOURCE -O1 -g -fsanitize=address -fPIC -fvisibility=hidden -shared -I. -Iexamples/hosts \
    -DTRACE_FILE="\"$dir/run/trace\"" -o "$dir/handler.so" tests/hosts/proxy_handler.c examples/hosts/edgefn_host.c
export ASAN_OPTIONS="detect_leaks=0:detect_odr_violation=0:abort_on_error=1:log_path=$dir/asan" HEADS="$requests" \
    NGINX="$dir/source/objs/nginx" NGINX_MODULE="$dir/source/objs/ngx_http_edgefn_module.so" PROXY_HANDLER="$dir/handler.so"
rc=0
python3 tests/hosts/proxy.py nginx "$dir/run" nginx_large_heads nginx_edit_of_a_uri nginx_range nginx_host_of nginx_bytes || rc=1
for f in "$dir"/asan.*; do [ ! -e "$f" ] || { head -30 "$f"; rc=1; }; done
exit $rc
