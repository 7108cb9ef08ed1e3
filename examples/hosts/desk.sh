# desk.sh - sourced by nginx/cloudfront.sh and trafficserver/run.sh: reads and checks their common settings. Needs top, desk and
# pid_file: DIR is build/DESK-PORT, and PID_FILE in it contains the id of the running process.
HANDLER=${HANDLER:-}
case $desk:${CONFIG:-} in cloudfront:?*) ;; *) [ -n "$HANDLER" ] || { echo "HANDLER: the handler's .so" >&2; exit 2; } ;; esac
PORT=${PORT:-8080} DIALECT=${DIALECT:-lambda} SITE=${SITE:-$top/examples/hosts/nginx/site}
case $PORT in '' | *[!0-9]*) echo "PORT=$PORT is not a number" >&2; exit 2 ;; esac
DIR=${DIR:-$top/build/$desk-$PORT}
for setting in "CHECK=${CHECK:-on}" "BODY=${BODY:-off}"; do
    case $setting in *=on | *=off) ;; *) echo "$setting: must be on or off" >&2; exit 2 ;; esac
done
case $DIALECT in lambda | functions) ;; *) echo "DIALECT must be lambda or functions, not $DIALECT" >&2; exit 2 ;; esac
bad=$(printf '%s' "${TABLES:-}" | tr ';' '\n' | awk 'NF != 0 && NF != 3')
[ -z "$bad" ] || { echo "TABLES must be 'TABLE KEY VALUE; ...', not: $bad" >&2; exit 2; }
# the file of a JWKS may be relative to the working directory
TABLES=$(printf '%s' "${TABLES:-}" | tr ';' '\n' | awk -v here="$PWD" '$1 == "jwks" && index("/{", substr($3, 1, 1)) == 0 { $3 = here "/" $3 } { printf "%s%s", (NR > 1 ? ";" : ""), $0 }')
case $HANDLER in '' | /*) ;; *) HANDLER=$PWD/$HANDLER ;; esac
case $SITE in /*) ;; *) SITE=$PWD/$SITE ;; esac
case $DIR in /*) ;; *) DIR=$PWD/$DIR ;; esac

# plain VARIABLE NAME: if the path in the variable is too long for a socket's name, or has characters that a configuration would have
# to quote, it is replaced by a link with that name; unlink_plain removes the links.
links=
plain() {
    eval "path=\$$1"
    case $path in *[!A-Za-z0-9._/+-]*) ;; *) [ ${#path} -gt 70 ] || return 0 ;; esac
    [ -n "$links" ] || { links=$(mktemp -d /tmp/edgefn.XXXXXX); chmod 755 "$links"; }
    ln -s "$path" "$links/$2"
    eval "$1=\$links/\$2"
}
unlink_plain() {
    [ -z "$links" ] || { rm -f "$links"/*; rmdir "$links"; }
    links=
}
if [ -s "$DIR/$pid_file" ] && kill -0 "$(cat "$DIR/$pid_file")" 2>/dev/null; then
    echo "a server with PORT=$PORT is running: process $(cat "$DIR/$pid_file")" >&2
    exit 2
fi
