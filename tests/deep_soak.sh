#!/bin/sh
# 20,000 requests with large heads through each proxy under sanitizers, with reloads (tests/hosts/soak.sh). Arguments: names of proxies; SOAK=number of requests.
suite=deep_soak
. tests/lib.sh
PATH=$PATH:/usr/sbin:/sbin
case $("${GCC:=gcc}" -print-file-name=libasan.so 2>/dev/null) in
/*) ;;
*) skip "$GCC has no shared library of AddressSanitizer" ;;
esac
needs python3
export GCC
for name in ${*:-nginx trafficserver minimal}; do
    case $name in
    nginx) needs=nginx source=/usr/share/nginx/src/configure ;;
    minimal) needs=python3 source=/usr/include/event2/http.h ;;
    *) needs=traffic_manager source=/usr/include/ts/ts.h ;;
    esac
    if there $needs && [ -e $source ]; then
        run sh tests/hosts/soak.sh $name "${SOAK:-20000}"
        cat "$tmp/out"
        check "the load on $name" [ "$rc" -eq 0 ]
    else echo "SKIP the load on $name: no $needs, or no $source"
    fi
done
end
