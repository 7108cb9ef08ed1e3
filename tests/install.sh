#!/bin/sh
# Installs what `make test` needs and does not find. Silent and without network when everything is there.
# As root, or where sudo asks for no password, it installs by apt; else it prints the one command to run.
# It never fails: what is still missing afterwards makes its tests print SKIP (a failure with CI=true).

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
have() { command -v "$1" >/dev/null 2>&1; }
need() { have "$1" || missing="$missing $2"; }
sanitizers() { # does this compiler link AddressSanitizer?
    echo 'int main(void) { return 0; }' >"$tmp/a.c" && "$1" -fsanitize=address,undefined "$tmp/a.c" -o "$tmp/a" >/dev/null 2>&1
}
search() { # sets missing: the Debian packages of what is not there
    missing=
    need gcc gcc; need g++ g++; need tcc tcc; need nm binutils; need clang clang; need clang++ clang; need python3 python3
    need afl-clang-fast afl++; need afl-fuzz afl++; need wasm-ld lld
    need node nodejs; need zip zip # the Lambda@Edge hosts
    need musl-gcc musl-tools; need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu # the AWS Lambda host, which is tried for arm64, too
    have nginx || [ -x /usr/sbin/nginx ] || missing="$missing nginx-core"
    [ -e /usr/share/nginx/src/configure ] || missing="$missing nginx-dev"
    need traffic_server trafficserver; [ -e /usr/include/ts/ts.h ] || missing="$missing trafficserver-dev"
    need curl curl; need openssl openssl # HTTP/2 and TLS before the proxies
    have qemu-aarch64-static || need qemu-aarch64 qemu-user
    [ -e /usr/aarch64-linux-gnu/include/stdlib.h ] || [ "$(uname -m)" = aarch64 ] || missing="$missing libc6-dev-arm64-cross"
    [ -e /usr/include/stdlib.h ] || missing="$missing libc6-dev"
    printf '#if !__has_include(<simdjson.h>)\n#error\n#endif\n' >"$tmp/s.cc"
    if have g++ && ! g++ -std=c++17 -E "$tmp/s.cc" >/dev/null 2>&1; then missing="$missing libsimdjson-dev"; fi
    if have gcc && ! sanitizers gcc; then missing="$missing libgcc-$(gcc -dumpversion | sed 's/\..*//')-dev"; fi
    if have clang && ! sanitizers clang; then missing="$missing libclang-rt-$(clang -dumpversion | sed 's/\..*//')-dev"; fi
    missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
    missing=${missing% }
}

round=1
while search; [ -n "$missing" ] && [ $round -le 2 ]; do # the second round: what only shows once clang is there
    if ! have apt-get; then
        echo "install: missing, please install by your system's means: $missing"
        exit 0
    fi
    command="apt-get install -y --no-install-recommends $missing"
    if [ "$(id -u)" = 0 ]; then sudo=
    elif have sudo && sudo -n true 2>/dev/null; then sudo=sudo
    else
        echo "install: missing tools; run this, then make test again:"
        echo "    sudo $command"
        exit 0
    fi
    echo "install: $command"
    if ! { $sudo env DEBIAN_FRONTEND=noninteractive apt-get update &&
        $sudo env DEBIAN_FRONTEND=noninteractive $command; } >"$tmp/log" 2>&1; then
        tail -5 "$tmp/log"
        echo "install: that failed; the tests that need it will say SKIP"
        exit 0
    fi
    for server in nginx trafficserver; do # the tests start their own; nobody asked for one at port 80
        case " $missing " in *" $server"[\ -]*) [ -d /run/systemd/system ] && $sudo systemctl disable --now -q $server 2>/dev/null ;; esac
    done
    round=$((round + 1))
done
exit 0
