# functions_server.sh - sourced by test_functions_desk.sh and deep_functions.sh after lib.sh: builds the module, and makes $NGINX a server
# with one worker and the smallest pools, under sanitizers if gcc has shared ones. Started in the top directory.
needs_nginx
needs openssl node python3
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
