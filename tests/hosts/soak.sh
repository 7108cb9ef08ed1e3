#!/bin/sh
# sh tests/hosts/soak.sh nginx|trafficserver|minimal [REQUESTS]: the module, plugin or program, and a handler at every trigger, built with AddressSanitizer and UBSan, under the load
# of soak.py. nginx_soak.sh has other load: small requests by wrk, as many as possible. Started in the top directory.
set -eu
name=$1 requests=${2:-200000}
PATH=$PATH:/usr/sbin:/sbin
: "${GCC:=gcc}"
dir=build/soak-$name
rm -rf "$dir"
mkdir -p "$dir"
make -s --no-print-directory GCC="$GCC" "$name" "$name-asan" build/obj/edgefn_host.o
ln -s /dev/null "$dir/trace" # the handler writes every event
sh tests/hosts/proxy_handlers.sh --asan "$dir"
libasan=$("$GCC" -print-file-name=libasan.so)
UBSAN_OPTIONS=print_stacktrace=1 PROXY_HANDLER=$PWD/$dir/asan_handler.so PYTHONDONTWRITEBYTECODE=1
export GCC PYTHONDONTWRITEBYTECODE UBSAN_OPTIONS PROXY_HANDLER
case $name in
minimal) export MINIMAL=build/minimal/asan/minimal ASAN_OPTIONS=quarantine_size_mb=8 ;;
nginx) # the sanitizers' library is preloaded only for nginx
    printf '%s\n' '#!/bin/sh' "LD_PRELOAD='$libasan $("$GCC" -print-file-name=libubsan.so)' exec '$(command -v nginx)' \"\$@\"" >"$dir/server"
    chmod +x "$dir/server"
    export NGINX="$PWD/$dir/server" NGINX_MODULE="$PWD/build/nginx/asan/ngx_http_edgefn_module.so" ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:quarantine_size_mb=8 ;;
esac
exec python3 tests/hosts/soak.py "$name" "$dir" "$requests"
