#!/bin/sh
# edge.json, the settings of a distribution: what `edgefn settings` refuses and says, files with errors of all kinds (with sanitizers), and `make cloudfront` with
# a matrix of cache policies, origin request policies, response headers policies, patterns, functions, and what is saved. Started in the top directory, after make.
suite=test_settings
. tests/lib.sh

needs node

#--- edgefn settings

mkdir -p "$tmp/errors" "$tmp/matrix"
run $edgefn settings examples/edge.json --check
check "the example" exits 0
mkdir -p "$tmp/readme/functions"
sed -n '/^### Settings in one file/,/^```$/p' examples/hosts/README.md | sed -n '/^{/,/^}/p' >"$tmp/readme/edge.json"
cp examples/handlers/pass.c "$tmp/readme/functions/sign_in.c"
run $edgefn settings "$tmp/readme/edge.json" --check
check "the one in README" exits 0
run $edgefn settings examples/edge.json --list
check "the example: its functions" has_line "3$(printf '\t')jwt_sign_in$(printf '\t')jwt_sign_in"
run $edgefn settings --handler /a/b.so --country US --key X-A --key Host --table 'kv a b c' --host api.example.com=127.0.0.1:9 --address 127.0.0.1:7
for line in '            edge_viewer_request "/a/b.so";' '            edge_origin_response "/a/b.so";' '            edge_key headers only "X-A" "Host";' '        edge_table "kv" "a" "b c";' \
    '        edge_viewer_header "CloudFront-Viewer-Country" "US";' '    upstream edge_origin_0 { server "127.0.0.1:7"; keepalive 8; keepalive_timeout 4s; }' '    upstream edge_other_0 { server 127.0.0.1:9; keepalive 8; keepalive_timeout 4s; }'; do
    check "without a file: $line" has_line "$line"
done
run $edgefn settings --handler unix:/a/b.sock --trigger viewer-request --trigger origin-response --functions
check "a handler at some triggers" [ "$(grep -c 'unix:/a/b.sock' "$tmp/out")" = 2 ]
check "a handler at some triggers: its kind" has_line '            edge_viewer_request "unix:/a/b.sock" functions;'
check "a handler at some triggers: Lambda@Edge at the origin" has_line '            edge_origin_response "unix:/a/b.sock";'
run $edgefn settings examples/edge.json --country US --key X-A --table 'secret jwt other'
check "an option in place of the file: country" has_line '        edge_viewer_header "CloudFront-Viewer-Country" "US";'
check "an option in place of the file: key" has_line '            edge_key headers only "X-A";'
check "an option in place of the file: table" has_line '        edge_table "secret" "jwt" "other";'
counted node tests/hosts/settings_errors.mjs "$tmp/errors"
rm -f "$tmp/out" "$tmp/err"

#--- damaged files, with sanitizers

GCC=${GCC:-gcc}
if there "$GCC"; then
    [ -e build/tests/gcc/edgefn.o ] || job "make" make -s --no-print-directory GCC="$GCC" build/tests/gcc/edgefn.o
    cli=examples/hosts/cli
    # shellcheck disable=SC2086
    job "the program" "$GCC" -std=c99 -D_DEFAULT_SOURCE -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -Wall -Wextra -Wshadow -Werror -I. -Iexamples/hosts -I$cli \
        -DEDGEFN_IMPLEMENTATION_DONE tests/hosts/settings_flip.c $cli/settings*.c $cli/args.c $cli/io.c $cli/json.c $cli/text.c build/obj/recipes.o build/tests/gcc/edgefn.o -o "$tmp/settings_flip"
    copies=700
    [ "${DEEP:-}" != 1 ] || copies=50000
    cp examples/edge.json "$tmp/edge.json"
    run "$tmp/settings_flip" "$tmp/edge.json" $copies "${SEED:-1}" "$tmp/damaged.json"
    tail -n 1 "$tmp/err" >"$tmp/last"
    check "damaged files: $(cat "$tmp/last")" [ "$rc" = 0 ]
    check "damaged files: some accepted, most refused" grep -q '^accepted [1-9][0-9]*, refused [1-9][0-9]*, other 0$' "$tmp/last"
    rm -f "$tmp/out" "$tmp/err"
else echo "SKIP damaged files: no $GCC"
fi

#--- the desk

needs_nginx
needs openssl
job "make nginx" make -s --no-print-directory nginx build/obj/edgefn_host.o || end
rm -f "$tmp/out" "$tmp/err"
own=$PWD/$tmp/own
mkdir -p "$own/functions/1" "$own/functions/2"
$edgefn settings "$tmp/readme/edge.json" --dir "$own" --listen 127.0.0.1:8099 >"$own/edge.conf"
cp "$handlers/pass.so" "$own/functions/1/sign_in.so"
cp "$handlers/security_headers.so" "$own/functions/2/"
printf '%s\n' "load_module $PWD/build/nginx/ngx_http_edgefn_module.so;" "pid $own/pid; error_log stderr; events { } http {" \
    "client_body_temp_path $own/body; proxy_temp_path $own/proxy; fastcgi_temp_path $own/f; uwsgi_temp_path $own/u; scgi_temp_path $own/s;" \
    "access_log off; proxy_cache_path $own/cache keys_zone=edge:1m; include edge.conf; }" >"$own/nginx.conf"
run env -u NGINX "$NGINX" -t -q -p "$own" -e stderr -c "$own/nginx.conf"
check "a server of your own" exits 0
counted node tests/hosts/settings.mjs "$tmp/matrix"
end
