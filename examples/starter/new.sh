#!/bin/sh
# Makes a new project for a handler of your own:    sh examples/starter/new.sh DIR      (make new DIR=path)
dir=$1
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
[ -n "$dir" ] || { echo 'make new DIR=path: the directory of the new project' >&2; exit 2; }
[ ! -e "$dir" ] || { echo "make new: $dir already exists" >&2; exit 2; }
mkdir -p "$dir/edgefn" "$dir/build" || exit 2
cp "$here/handler.c" "$here/test.c" "$dir/"
cp "$here/gitignore" "$dir/.gitignore"
cp "$tree/edgefn.h" "$tree"/examples/hosts/edgefn_host.[ch] "$tree/examples/hosts/edgefn_why.h" "$tree/examples/hosts/edgefn_chain.h" "$dir/edgefn/"
sed "s|@EDGEFN@|$tree|" "$here/Makefile" >"$dir/Makefile"
"$tree/build/edgefn" sample viewer-request --uri /docs/ >"$dir/event.json" || exit 2
# already compiled from the same files; make clean removes it
[ ! -e "$tree/build/obj/edgefn_host.o" ] || cp "$tree/build/obj/edgefn_host.o" "$dir/build/"
echo "$dir: handler.c is yours. Next:"
echo "    cd $dir"
echo "    make run test"
