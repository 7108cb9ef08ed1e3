#!/bin/sh
# examples/hosts/lambda_edge_python: handlers as shared objects in Python must return what `build/edgefn run` prints, and raise if
# it fails. Started in the top directory; prints what failed and "test_host_python: N passed, N failed".
suite=test_host_python cc=${CC:-cc}
. tests/lib.sh
unset MAKEFLAGS MFLAGS MAKELEVEL
limit=; there timeout && limit='timeout 120'

needs python3 zip
mkdir -p $tmp/made

make="make -s CC=$cc"
job "the command line and the handlers" $make all || end
job "the zip" $make lambda-edge-python HANDLER=index_pages || end
job "the zip with tables" $make lambda-edge-python HANDLER=pass CONFIG=tests/hosts/config.json
job "the zip's files" [ "$(cd build/lambda-edge-python/pass && echo *)" = 'config.json edgefn.py edgefn_python.so edgefn_service.py edgefn_verify.py function.zip handler.so lambda_function.py' ]
job "no handler named" sh -c "! $make lambda-edge-python"
job "unpack" python3 -m zipfile -e build/lambda-edge-python/index_pages/function.zip $tmp/made/function || end
sample='import json, sys, lambda_function; print(lambda_function.lambda_handler(json.load(sys.stdin), None)["uri"])'
job "an interpreter of its own" sh -c "cd $tmp/made/function && python3 -c '$sample' <\$OLDPWD/examples/events/origin-request-custom.json"

shared="$cc -std=c99 -O1 -Wall -Wextra -Wshadow -Werror -I. -Iexamples/hosts -shared -fPIC -fvisibility=hidden"
job "edgefn_python.c without warnings" $shared -pedantic -Wconversion -fsyntax-only examples/hosts/lambda_edge_python/edgefn_python.c
job "the odd handler" $shared tests/hosts/odd.c build/obj/edgefn_host.o -o $tmp/made/odd.so || end
printf '%s\n' '#include "edgefn_host.h"' 'uint32_t edgehost_abi(void) { return 1; }' 'int edgehost_handle(edgehost_call *c) { return c != 0; }' >$tmp/other.c
echo 'int nothing(void); int nothing(void) { return 0; }' >$tmp/empty.c
printf '%s\n' '#include "edgefn_host.h"' 'uint32_t edgehost_abi(void) { return EDGEHOST_ABI; }' 'int edgehost_handle(edgehost_call *c) {' \
    'static int calls; c->why = ++calls == 1 ? "once (EDGEFN_E_OOM)" : "again (EDGEFN_E_OOM)"; c->why_len = 19; return 3; }' >$tmp/older.c
for name in other empty older; do job "$name.so" $shared $tmp/$name.c -o $tmp/made/$name.so; done

if there readelf; then # the oldest Python runtimes have glibc 2.26
    readelf -V build/lambda-edge-python/pass/*.so | grep -o 'GLIBC_[0-9.]*' | sort -Vu >$tmp/glibc
    newest=$( { cat $tmp/glibc; echo GLIBC_2.26; } | sort -V | tail -n 1)
    job "needs no glibc above 2.26, but $newest" [ "$newest" = GLIBC_2.26 ]
fi

counted $limit python3 tests/hosts/python.py $tmp/made
end
