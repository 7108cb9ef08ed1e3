#!/usr/bin/env python3
"""Proves that each target finds its fault: plants one in a copy of the library, builds the target with libFuzzer, without sanitizers,
and runs it until it finds the fault.     python3 fuzz/plant.py [TARGET...]     prints rows for fuzz/RESULTS.md

Needs the programs of make fuzz-programs. Fails if a fault is not found within 300 seconds, or if its text is no longer in the source
exactly once."""
import os
import re
import subprocess
import sys
import time

CLI = "examples/hosts/cli/"
# target, file, text, its replacement, what that breaks
FAULTS = [
    ("check", "edgefn.h",
     "result->seen &= own | ~received.seen;",
     "",
     "unknown members that were received count as those of the other type"),
    ("codec", "edgefn.h",
     "if (v >> 24 != 0 || (v & 0xffffffu >> (rest - 1) * 8) != 0) return bad;",
     "if (v >> 24 != 0) return bad;",
     "unused bits of base64 are ignored"),
    ("convert", "examples/hosts/cli/convert.c",
     "if (c->attributes.len > 0) {",
     "if (c->attributes.len > 9) {",
     "short attributes of cookies are lost"),
    ("events", "examples/hosts/cli/events.c",
     "s->cookies.len = s->set_cookies.len = s->parameters.len = 0;",
     "s->set_cookies.len = s->parameters.len = 0;",
     "cookies of a record stay for the next one"),
    ("layout", "edgefn.h",
     "if (n > 56 || (keyed && edgefn__quote_near(r->quotes, key) != n)) break;",
     "if (n > 56) break;",
     "the quick path does not compare the lengths of name and key"),
    ("model", "edgefn.h",
     "if (same->_value != 0 && !reordered) edgefn__take_back(f, it, same->_value);",
     "if (same->_value != 0 && !reordered) edgefn__take_back(f, it, 0);",
     "a removed field comes back at an earlier place"),
    ("net", "edgefn.h",
     "d->hour > 23 || d->minute > 59 || d->second > 60",
     "d->hour > 23 || d->minute > 59 || d->second > 70",
     "seconds up to 70 are accepted"),
    ("parse", "edgefn.h",
     "return json_len * 7 + more;",
     "return json_len + more;",
     "the documented memory does not suffice"),
    ("path", "edgefn.h",
     "while (encoded && !first && from < i && edgefn__is_escape_byte(pattern.ptr[from]))",
     "while (false && encoded && !first && from < i && edgefn__is_escape_byte(pattern.ptr[from]))",
     "a piece of a pattern that begins inside an escape is not found"),
    ("query", "edgefn.h",
     "if (!bare) EDGEFN__PUT(&t, \"=\");",
     "if (value.len != 0) EDGEFN__PUT(&t, \"=\");",
     "a= becomes a"),
    ("roundtrip", "edgefn.h",
     "'u', '0', '0', edgefn__hex_lower(v >> 4), edgefn__hex_lower(v) };",
     "'u', '0', '0', edgefn__hex_lower(v), edgefn__hex_lower(v >> 4) };",
     "the digits of an escape are exchanged"),
    ("sanitize", "edgefn.h",
     "it->value = received->value; /* any bytes: no setter checks them */",
     "",
     "a changed header keeps its value"),
    ("scan", "edgefn.h",
     "m->four = high & edgefn__above_sse2(p, -0x11);",
     "m->four = high & edgefn__above_sse2(p, -0x0d);",
     "SSE2 takes F0 to F3 for the first bytes of three"),
    ("strict", "edgefn.h",
     "at > start && (r->text[start] != '0' || at == start + 1);",
     "at > start;",
     "a quick number may begin with 0"),
    ("token", "edgefn.h",
     "if (edgefn__jwt_member(header, \"crit\").ptr != NULL) return EDGEFN__JWT_CRITICAL;",
     "",
     "crit is ignored"),
    ("untouched", "edgefn.h",
     "p, it->_value, edgefn__after_string(p->ev->_json.ptr, it->_value) - it->_value, it->value);",
     "p, it->_value, edgefn__after_string(p->ev->_json.ptr, it->_value) - it->_value + 1, it->value);",
     "an edited value takes the byte after it along"),
    ("ua", "edgefn.h",
     "if (edgefn__ua_at(t, at, EDGEFN_S(\"http\"))",
     "if (edgefn_str_starts(edgefn_str_skip(t, at), EDGEFN_S(\"http\"))",
     "http is recognised in lower case only"),
]


def sources(target):
    """Returns: the further source files of a target, by fuzz/fuzz.mk."""
    with open("fuzz/fuzz.mk", encoding="utf-8") as f:
        text = f.read()
    names = re.findall(r"[a-z_]+\.c", text.split("FUZZ_MORE_%s :=" % target, 1)[1].split("\n", 1)[0]) if "FUZZ_MORE_%s :=" % target in text else []
    shared = re.findall(r"[a-z_]+\.c", text.split("FUZZ_CLI :=", 1)[1].split("\n", 1)[0]) if target in ("convert", "events") else []
    return [CLI + n for n in shared + names]


def plant(target, path, old, new):
    """Makes build/plant/TARGET, a tree of links in which one file has the fault. Returns: its directory."""
    tree = "build/plant/" + target
    subprocess.run(["rm", "-rf", tree], check=True)
    os.makedirs(tree)
    for name in ("edgefn.h", "fuzz", "tests"):
        subprocess.run(["cp", "-r", name, tree], check=True)
    os.makedirs(tree + "/examples")
    subprocess.run(["cp", "-r", "examples/hosts", tree + "/examples"], check=True)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    if text.count(old) != 1:
        sys.exit("plant: %s: the text is %d times in %s: %s" % (target, text.count(old), path, old))
    with open(tree + "/" + path, "w", encoding="utf-8") as f:
        f.write(text.replace(old, new))
    return tree


def build(target, tree):
    one = target == "scan"
    flags = ["clang", "-std=gnu99", "-O1", "-w", "-I.", "-Iexamples/hosts"]
    if not one:
        subprocess.run(flags + ["-fsanitize=fuzzer-no-link", "-x", "c", "-DEDGEFN_IMPLEMENTATION", "-c", "edgefn.h", "-o", "library.o"],
                       cwd=tree, check=True)
    subprocess.run(flags + ["-fsanitize=fuzzer", "-DEDGEFN_STATIC" if one else "-DEDGEFN_IMPLEMENTATION_DONE", "fuzz/fuzz_%s.c" % target,
                            "fuzz/mutate.c"] + sources(target) + ([] if one else ["library.o"]) + ["-lm", "-o", "fuzzer"], cwd=tree, check=True)


def main():
    failed = False
    for target, path, old, new, what in FAULTS:
        if len(sys.argv) > 1 and target not in sys.argv[1:]:
            continue
        tree = plant(target, path, old, new)
        build(target, tree)
        subprocess.run(["sh", "fuzz/run.sh", "seeds", target, tree + "/seeds"], check=True)
        start = time.time()
        done = subprocess.run([tree + "/fuzzer", "-dict=fuzz/edgefn.dict", "-max_len=3000", "-max_total_time=300", "-print_final_stats=1",
                               "-artifact_prefix=%s/" % tree, "-close_fd_mask=1", "-seed=1", tree + "/seeds"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        seconds = time.time() - start
        count = re.findall(rb"number_of_executed_units: (\d+)", done.stdout)
        found = done.returncode != 0 and b"violated" in done.stdout
        failed = failed or not found
        print("| %s | %s | %s | %s |" % (target, what, "%.1f" % seconds if found else "not found", count[-1].decode() if count else "?"), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
