#!/bin/sh
# Functions in JavaScript and Python at the desk (`make cloudfront HANDLER=index.mjs`) and with `edgefn run`: tests/hosts/functions.mjs. Started in the top
# directory, after make. nginx has one worker; if gcc has a shared sanitizer library, the module runs with it, and with the smallest pools.
suite=test_functions_desk
. tests/lib.sh
PATH=$PATH:/usr/sbin:/sbin
skip() {
    echo "SKIP functions at the desk: $1"
    end
}
[ "$(uname -s)" = Linux ] || skip "its tests are for Linux"
there "${NGINX:=nginx}" || skip "no nginx"
[ -e "${NGINX_SOURCE:-/usr/share/nginx/src}/configure" ] || skip "no source of nginx (nginx-dev)"
there openssl || skip "no openssl"
there node || skip "no node"
there python3 || skip "no python3"
rm -f "$tmp/out" "$tmp/err"
: "${GCC:=gcc}"
libasan=$("$GCC" -print-file-name=libasan.so 2>/dev/null)
export GCC
job "make nginx" make -s --no-print-directory nginx build/edgefn || end
case $libasan in
/*)
    job "the module with sanitizers" make -s --no-print-directory GCC="$GCC" nginx-asan || end
    SANITIZERS="$libasan $("$GCC" -print-file-name=libubsan.so)" MODULE=$PWD/build/nginx/asan/ngx_http_edgefn_module.so
    export MODULE ;;
*) SANITIZERS='' && echo "SKIP sanitizers for functions at the desk: $GCC has no shared ones" ;;
esac
SERVER=$(command -v "$NGINX") NGINX=$PWD/$tmp/server PYTHONDONTWRITEBYTECODE=1
ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1
export SANITIZERS SERVER NGINX ASAN_OPTIONS UBSAN_OPTIONS PYTHONDONTWRITEBYTECODE
cat >"$tmp/server" <<'END'
#!/bin/sh
for word; do case $word in */nginx.conf) sed -i 's/^worker_processes auto;/worker_processes 1;/; s/ ssl; ssl_certificate/ ssl http2; ssl_certificate/; s/^http {/http { connection_pool_size 112; request_pool_size 112;/' "$word" ;; esac; done
LD_PRELOAD=$SANITIZERS exec "$SERVER" "$@"
END
chmod +x "$tmp/server"
rm -f "$tmp/out" "$tmp/err"
counted node tests/hosts/functions.mjs "$tmp"
end
