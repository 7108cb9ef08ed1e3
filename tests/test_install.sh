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
printf '%s\n' '#define EDGEFN_IMPLEMENTATION' '#define EDGEFN_STATIC' '#include "edgefn_transaction.h"' >"$own/host.c"
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

# the library as a file of its own
job "make install LIB=on" $make install PREFIX="$prefix" LIB=on || end
printf '%s\n' '#include <edgefn.h>' '#include <stdio.h>' 'int main(void)' '{' \
    '    return puts(edgefn_str_eq(edgefn_str_trim(EDGEFN_S(" a ")), EDGEFN_S("a")) ? edgefn_version() : "wrong") < 0;' '}' >"$own/uses.c"
libs="-L$prefix/lib -ledgefn"
if there pkg-config; then
    check "edgefn.pc: libraries" [ "$(echo $(pkg-config --libs edgefn))" = "$libs" ]
fi
job "a program with libedgefn.so" $CC -std=c99 $cflags "$own/uses.c" $libs -o "$own/uses"
check "it needs libedgefn.so" sh -c '! "$0" 2>/dev/null' "$own/uses"
check "it runs with libedgefn.so" [ "$(LD_LIBRARY_PATH=$prefix/lib "$own/uses")" = "$version" ]
job "a program with libedgefn.a" $CC -std=c99 $cflags "$own/uses.c" "$prefix/lib/libedgefn.a" -o "$own/uses"
check "it runs with libedgefn.a" [ "$("$own/uses")" = "$version" ]
if there readelf; then
    case $version in 0.*) soname=libedgefn.so.${version%.*} ;; *) soname=libedgefn.so.${version%%.*} ;; esac
    check "the soname is $soname" sh -c 'readelf -d "$0" | grep -q "soname: \[$1\]"' "$prefix/lib/libedgefn.so.$version" "$soname"
    check "$soname is a link" [ "$(readlink "$prefix/lib/$soname")" = "libedgefn.so.$version" ]
fi
if there nm; then # every function that the header declares, and nothing else
    sed -n '/^EDGEFN_API/{s/.*[ *]\(edgefn_[a-z0-9_]*\)(.*/\1/p;}' edgefn.h | sort -u >"$tmp/declared"
    nm -D --defined-only "$prefix/lib/libedgefn.so" | sed 's/.* //' | sort -u >"$tmp/shared"
    nm -g --defined-only "$prefix/lib/libedgefn.a" | sed -n 's/.* [A-Z] //p' | sort -u >"$tmp/static"
    check "the header declares functions" [ "$(wc -l <"$tmp/declared")" -gt 100 ]
    check "libedgefn.so exports what the header declares" cmp "$tmp/declared" "$tmp/shared"
    check "libedgefn.a has what the header declares" cmp "$tmp/declared" "$tmp/static"
else
    echo "SKIP exported symbols of the library: no nm"
fi
job "make uninstall of the library" $make uninstall PREFIX="$prefix"
check "nothing of the library is left" [ "$(find "$prefix")" = "$prefix" ]

job "make install with DESTDIR" $make install DESTDIR="$top/$tmp/a place" PREFIX=/opt/edge
check "the prefix in edgefn.pc is without DESTDIR" grep -q '^prefix=/opt/edge$' "$tmp/a place/opt/edge/share/pkgconfig/edgefn.pc"
check "installed files are readable by all" [ -z "$(find "$tmp/a place" -type f ! -perm -444)" ]
job "make uninstall with DESTDIR" $make uninstall DESTDIR="$top/$tmp/a place" PREFIX=/opt/edge
check "no file is left" [ -z "$(find "$tmp/a place" -type f)" ]
end
