#!/bin/sh
# make install; a handler and a host built only from installed files; make uninstall. Started in the top directory.
suite=test_install
. tests/lib.sh
there "${CC:=cc}" || CC=gcc
export CC
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR
top=$PWD
prefix=$top/$tmp/prefix own=$top/$tmp/own
make="make -s --no-print-directory CC=$CC"
version=$(sed -n 's/.*define EDGEFN_VERSION  *"\([^"]*\)"$/\1/p' edgefn.h)
numbers=$(sed -n 's/.*define EDGEFN_VERSION_M[AI][JN]OR  *\([0-9]*\)$/\1/p; s/.*define EDGEFN_VERSION_PATCH  *\([0-9]*\)$/\1/p' edgefn.h | tr '\n' .)
check "the version is that of the three numbers" [ "$version." = "$numbers" ]

job "make install" $make install PREFIX="$prefix" || end
mkdir -p "$own/elsewhere" "$own/bin"
"$prefix/bin/edgefn" recipes redirect_https >"$own/my.c"
check "the command line has the recipes" cmp "$own/my.c" examples/handlers/redirect_https.c
check "the recipes are installed" [ "$(ls "$prefix/share/edgefn/handlers")" = "$(ls examples/handlers)" ]
printf '%s\n' '#define EDGEFN_IMPLEMENTATION' '#define EDGEFN_STATIC' '#include "edgefn_proxy.h"' >"$own/host.c"
cp examples/events/viewer-request-http.json "$own/event.json"
$prefix/bin/edgefn --version >"$own/version" 2>&1
check "the command line prints the version" [ "$(cat "$own/version")" = "edgefn $version" ]
if there pkg-config; then
    PKG_CONFIG_PATH=$prefix/share/pkgconfig
    export PKG_CONFIG_PATH
    cflags=$(pkg-config --cflags edgefn) data=$(pkg-config --variable=datadir edgefn)
    check "edgefn.pc: version" [ "$(pkg-config --modversion edgefn)" = "$version" ]
    check "edgefn.pc: datadir" [ "$data" = "$prefix/share/edgefn" ]
    check "edgefn.pc: flags" [ "$(echo $cflags)" = "-I$prefix/include" ]
else
    cflags=-I$prefix/include data=$prefix/share/edgefn
fi
cd "$own" || exit 1
tmp=$own
job "a handler" $CC -std=c99 -shared -fPIC -fvisibility=hidden $cflags my.c "$data/edgefn_host.c" -o my.so
run "$prefix/bin/edgefn" run ./my.so event.json
check "it runs" prints '"status":"301"'
check "completion" [ -s "$prefix/share/bash-completion/completions/edgefn" ] && check "completion for zsh" grep -q '^#compdef edgefn$' "$prefix/share/zsh/site-functions/_edgefn"
job "a host" $CC -std=c99 -D_DEFAULT_SOURCE -fsyntax-only $cflags -I"$data" host.c
cd "$top" || exit 1
tmp=build/$suite

touch "$prefix/share/edgefn/mine"
job "make uninstall" $make uninstall PREFIX="$prefix"
check "what others have put there stays" [ "$(cd "$prefix" && find . -type f)" = ./share/edgefn/mine ]
rm -f "$prefix/share/edgefn/mine"
job "make uninstall, once more" $make uninstall PREFIX="$prefix"
check "nothing is left" [ "$(find "$prefix")" = "$prefix" ]

job "make install with DESTDIR" $make install DESTDIR="$top/$tmp/a place" PREFIX=/opt/edge
check "the prefix in edgefn.pc is without DESTDIR" grep -q '^prefix=/opt/edge$' "$tmp/a place/opt/edge/share/pkgconfig/edgefn.pc"
check "installed files are readable by all" [ -z "$(find "$tmp/a place" -type f ! -perm -444)" ]
job "make uninstall with DESTDIR" $make uninstall DESTDIR="$top/$tmp/a place" PREFIX=/opt/edge
check "no file is left" [ -z "$(find "$tmp/a place" -type f)" ]
end
