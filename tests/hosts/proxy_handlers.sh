#!/bin/sh
# sh tests/hosts/proxy_handlers.sh DIR [FLAG...]: builds into DIR the handlers that tests/hosts/proxy.py needs. Needs build/obj/edgefn_host.o.
dir=$1
shift
: >"$dir/trace"
chmod 666 "$dir/trace" # a server may run as somebody else
build() { # NAME SOURCE FLAG...
    name=$1
    shift
    ${CC:-cc} -std=c99 -D_DEFAULT_SOURCE -Wall -Wextra -Wconversion -Wshadow -Werror -O2 -g -fPIC -fvisibility=hidden -shared -I. -Iexamples/hosts \
        -DTRACE_FILE="\"$PWD/$dir/trace\"" -o "$dir/$name.so" "$@"
}
build handler tests/hosts/proxy_handler.c build/obj/edgefn_host.o "$@" &&
    build handler2 tests/hosts/proxy_handler.c build/obj/edgefn_host.o -DVERSION='"2"' "$@" &&
    printf '%s\n' '#include <stdint.h>' '#define PUBLIC __attribute__((visibility("default")))' 'PUBLIC uint32_t edgefn_abi(void);' \
        'uint32_t edgefn_abi(void) { return 1; }' 'PUBLIC int edgefn_handler(void *ev);' 'int edgefn_handler(void *ev) { return ev != 0; }' \
        'PUBLIC int edgefn_handle(void *call);' 'int edgefn_handle(void *call) { return call != 0; }' >"$dir/other_abi.c" &&
    build other_abi "$dir/other_abi.c" &&
    echo 'extern int nothing; int nothing;' >"$dir/no_handler.c" && build no_handler "$dir/no_handler.c"
