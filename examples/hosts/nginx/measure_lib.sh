# measure_lib.sh - what measure.sh and instructions.sh have in common; $top, $dir and $nginx are set.
here=$top/examples/hosts/nginx modules=${MODULES:-/usr/lib/nginx/modules} handlers=$top/build/handlers
module=${NGINX_MODULE:-$top/build/nginx/ngx_http_edgefn_module.so}
url=/experiment-pixel.jpg
cookie='Cookie: theme=dark; X-Experiment-Name=B; session=0123456789abcdef'

# The headers of a request, a line each. small: wrk's own and a cookie; browser: what Chrome sends for a picture.
headers() { # small|browser
    echo "$cookie"
    [ "$1" = browser ] || return 0
    cat <<'HEADERS'
Connection: keep-alive
sec-ch-ua-platform: "Windows"
User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36
sec-ch-ua: "Google Chrome";v="131", "Chromium";v="131", "Not_A Brand";v="24"
sec-ch-ua-mobile: ?0
Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8
Sec-Fetch-Site: same-origin
Sec-Fetch-Mode: no-cors
Sec-Fetch-Dest: image
Referer: https://www.example.com/some/page.html
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-US,en;q=0.9,de;q=0.8
HEADERS
}

# Sets load, http and location, the lines of a configuration. Fails if the module of NAME is not installed.
subject() { # NAME
    load= http= location=
    case $1 in
    plain) ;;
    edgefn*)
        load="load_module $module;"
        location="edge_viewer_request $handlers/ab_test.so; edge_viewer_response $handlers/add_security_headers.so;"
        [ "$1" != edgefn-unchecked ] || location="$location edge_check off;" ;;
    njs)
        [ -e "$modules/ngx_http_js_module.so" ] || return 1
        load="load_module $modules/ngx_http_js_module.so;" http="js_path $here/; js_import measure.js; js_set \$to measure.uri;"
        location='rewrite ^ $to break; js_header_filter measure.headers;' ;;
    lua)
        [ -e "$modules/ngx_http_lua_module.so" ] || return 1
        load="load_module $modules/ndk_http_module.so; load_module $modules/ngx_http_lua_module.so;" http="lua_package_path '$here/?.lua;;';"
        location="rewrite_by_lua_block { require('measure').uri() } header_filter_by_lua_block { require('measure').headers() }" ;;
    esac
}

# Writes the configuration of a subject: a cached 1 kB picture, one worker.
configure() { # NAME LISTEN [LINE]
    mkdir -p "$dir/$1"
    [ -e "$dir/picture" ] || head -c 1000 /dev/zero >"$dir/picture"
    cat >"$dir/$1/nginx.conf" <<CONF
$load
${3:-}
worker_processes 1;
daemon off;
pid $dir/$1/nginx.pid;
error_log $dir/$1/error.log;
events {}
http {
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path $dir/$1/body; proxy_temp_path $dir/$1/proxy; fastcgi_temp_path $dir/$1/f; uwsgi_temp_path $dir/$1/u; scgi_temp_path $dir/$1/s;
    proxy_cache_path $dir/$1/cache keys_zone=edge:10m;
    $http
    server {
        listen $2;
        location / { proxy_pass http://unix:$dir/$1/origin.sock; proxy_cache edge; proxy_cache_valid 200 1h; proxy_cache_key \$uri; $location }
    }
    server { listen unix:$dir/$1/origin.sock; location / { root $dir; try_files /picture =404; default_type image/jpeg; } }
}
CONF
}

# Fails unless the answer in FILE and the cache of NAME show that both functions ran.
works() { # NAME FILE
    cached=$(find "$dir/$1/cache" -type f -exec head -c 400 {} + | tr -d '\0' | grep -a -o 'KEY: .*' || :)
    [ "$1" = plain ] && return
    tr -d '\r' <"$2" | grep -q '^X-Frame-Options: DENY$' && [ "$cached" = 'KEY: /experiment-group/treatment-pixel.jpg' ] && return
    echo "$1 does not do what it should: $cached" >&2
    return 1
}
