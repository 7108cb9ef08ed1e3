#!/bin/sh
# sh tests/hosts/proxy_handlers.sh DIR [FLAG...]: builds the handlers for tests/hosts/proxy.py in DIR. Needs build/obj/edgefn_host.o.
# sh tests/hosts/proxy_handlers.sh --asan DIR: DIR/asan_handler.so alone, by gcc with sanitizers. Needs build/obj/asan/edgefn_host.o.
asan=false
if [ "$1" = --asan ]; then asan=true; shift; fi
dir=$1
shift
[ -e "$dir/trace" ] || : >"$dir/trace"
chmod 666 "$dir/trace" # the server may run as another user
if $asan; then
    exec ${GCC:-gcc} -std=c99 -D_DEFAULT_SOURCE -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -fPIC \
        -fvisibility=hidden -shared -I. -Iexamples/hosts -DTRACE_FILE="\"$PWD/$dir/trace\"" -o "$dir/asan_handler.so" tests/hosts/proxy_handler.c \
        build/obj/asan/edgefn_host.o build/tests/gcc/edgefn.o
fi
build() { # NAME SOURCE FLAG...
    name=$1
    shift
    ${CC:-cc} -std=c99 -D_DEFAULT_SOURCE -Wall -Wextra -Wconversion -Wshadow -Werror -O2 -g -fPIC -fvisibility=hidden -shared -I. -Iexamples/hosts \
        -DTRACE_FILE="\"$PWD/$dir/trace\"" -o "$dir/$name.so" "$@"
}
build handler tests/hosts/proxy_handler.c build/obj/edgefn_host.o "$@" &&
    build handler2 tests/hosts/proxy_handler.c build/obj/edgefn_host.o -DVERSION='"2"' "$@" &&
    printf '%s\n' '#include <stdint.h>' '#define PUBLIC __attribute__((visibility("default")))' 'PUBLIC uint32_t edgehost_abi(void);' \
        'uint32_t edgehost_abi(void) { return 1; }' 'PUBLIC int edgefn_handler(void *ev);' 'int edgefn_handler(void *ev) { return ev != 0; }' \
        'PUBLIC int edgehost_handle(void *call);' 'int edgehost_handle(void *call) { return call != 0; }' >"$dir/other_abi.c" &&
    build other_abi "$dir/other_abi.c" &&
    echo 'extern int nothing; int nothing;' >"$dir/no_handler.c" && build no_handler "$dir/no_handler.c"
