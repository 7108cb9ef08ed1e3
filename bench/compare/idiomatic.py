"""idiomatic.py - the job as a Lambda@Edge handler in Python is written, from the event's bytes to the result's bytes, as the
runtime of AWS Lambda does it. Answers the commands that process.c lists."""
import json
import sys
import time

SECURITY = {
    "strict-transport-security": "max-age=63072000; includeSubdomains; preload",
    "content-security-policy": "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}


def value(entry):
    if entry is None:
        return None
    return entry[0]["value"] if isinstance(entry, list) else entry["value"]


def session_cookie(line):
    for pair in line.split("; "):
        if pair.startswith("session="):
            return pair[8:]
    return None


def job(data):
    event = json.loads(data)
    functions = "Records" not in event
    cf = event if functions else event["Records"][0]["cf"]
    request, response = cf.get("request"), cf.get("response")
    headers = request["headers"] if request else {}
    found = [value(headers.get(name)) for name in ("host", "user-agent", "accept-language")]
    cookie = value(headers.get("cookie"))
    if functions:
        found.append(value(request["cookies"].get("session")))
    else:
        found.append(session_cookie(cookie) if cookie is not None else None)
    if response is None and found[1] is not None and "Mobile" in found[1]:
        request["uri"] = "/m" + request["uri"]
    result = response or request
    edited = result["headers"]
    for name, text in SECURITY.items():
        had = edited.get(name)
        if had:
            (had if functions else had[0])["value"] = text
        else:
            edited[name] = {"value": text} if functions else [{"key": name, "value": text}]
    return found, json.dumps(result, separators=(",", ":"), ensure_ascii=False).encode()


def parse(data):
    return json.loads(data)


def count(event):
    cf = event["Records"][0]["cf"] if "Records" in event else event
    request = cf.get("request", {})
    origin = request.get("origin", {})
    headers = size = 0
    for group in (request, origin.get("custom", {}), origin.get("s3", {}), cf.get("response", {})):
        for entry in group.get("headers", group.get("customHeaders", {})).values():
            for one in entry if isinstance(entry, list) else entry.get("multiValue", [entry]):
                headers += 1
                size += len(one["value"].encode())
    return "%d %d %d\n" % (headers, size, len(request.get("uri", "").encode()))


def main():
    source, to, events = sys.stdin.buffer, sys.stdout.buffer, []
    for line in source:
        command, *more = line.split()
        if command == b"class":
            events = [source.read(int(source.readline())) for _ in range(int(more[0]))]
            to.write(b"ok\n")
        elif command == b"parse":
            to.write(count(parse(events[int(more[0])])).encode())
        elif command == b"job":
            found, result = job(events[int(more[0])])
            lengths = " ".join("-1" if s is None else str(len(s.encode())) for s in found)
            to.write(b"%s %d\n%s" % (lengths.encode(), len(result), result))
        else:
            work = job if more[0] == b"job" else parse
            for event in events:
                work(event)
            start = time.process_time_ns()
            for _ in range(int(more[1])):
                for event in events:
                    work(event)
            to.write(b"%d\n" % (time.process_time_ns() - start))
        to.flush()


main()
