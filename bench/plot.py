"""plot.py - draws parse.svg, job.svg and growth.svg from what make bench and make bench-growth have printed.
Use: python3 bench/plot.py results.tsv growth.tsv directory"""
import math
import os
import sys

# what is drawn of the subjects, in this order, with the names that readers know
SUBJECTS = [
    ("edgefn", "edgefn", "#c2410c"),
    ("edgefn-unchecked", "edgefn, result not checked", "#fb923c"),
    ("simdjson-checked", "simdjson On-Demand, same duties", "#1d4ed8"),
    ("simdjson-ondemand", "simdjson On-Demand, checks nothing", "#93c5fd"),
    ("simdjson-dom", "simdjson DOM", "#bfdbfe"),
    ("yyjson-insitu", "yyjson, in situ", "#15803d"),
    ("rapidjson", "RapidJSON", "#86efac"),
    ("cjson", "cJSON", "#a8a29e"),
    ("json-c", "json-c", "#78716c"),
    ("jansson", "jansson", "#57534e"),
    ("node", "Node.js", "#ca8a04"),
    ("python", "Python", "#7c3aed"),
]
CLASSES = [
    ("chrome", "Chrome request"),
    ("firefox", "Firefox request"),
    ("cfheaders", "request to the origin, with CloudFront's headers"),
    ("s3", "response of Amazon S3"),
    ("cffchrome", "Chrome request, CloudFront Functions"),
    ("indent4", "events indented by 4 spaces"),
]
# in a browser with dark colours these become others
DARK = {"#ffffff": "#1c1917", "#1c1917": "#f5f5f4", "#57534e": "#d6d3d1", "#e7e5e4": "#44403c", "#c2410c": "#ea580c", "#1d4ed8": "#3b82f6", "#15803d": "#22c55e",
        "#7c3aed": "#a78bfa"}
FONT = 'font-family="Helvetica, Arial, sans-serif"'


def read(path):
    with open(path, encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f]


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def duration(ns):
    if ns < 1000:
        return "%.0f ns" % ns
    return ("%.1f µs" if ns < 10000 else "%.0f µs") % (ns / 1000)


class Picture:
    def __init__(self, width, height):
        self.size = width, height
        self.parts = []

    def text(self, x, y, text, size=13, anchor="start", color="#1c1917", weight="normal"):
        self.parts.append('<text x="%.1f" y="%.1f" font-size="%d" text-anchor="%s" fill="%s" font-weight="%s">%s</text>'
                          % (x, y, size, anchor, color, weight, escape(text)))

    def box(self, x, y, width, height, color):
        self.parts.append('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>' % (x, y, width, height, color))

    def line(self, points, color, width=1.0, dash=""):
        self.parts.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="%.1f"%s/>'
                          % (" ".join("%.1f,%.1f" % p for p in points), color, width, ' stroke-dasharray="%s"' % dash if dash else ""))

    def dot(self, x, y, color):
        self.parts.append('<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/>' % (x, y, color))

    def save(self, path):
        with open(path, "w", encoding="utf-8") as f:
            f.write('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" %s>\n' % (self.size * 2 + (FONT,)))
            f.write("<style>@media (prefers-color-scheme: dark) {%s }</style>\n" % "".join(
                ' [%s="%s"] { %s: %s }' % (what, light, what, dark) for light, dark in DARK.items() for what in ("fill", "stroke")))
            f.write('<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(self.parts) + "\n</svg>\n")


def bars(rows, task, path, title, below):
    """One panel for each class: a bar for each subject, its length the time; each panel has its own scale, cut at 12 times edgefn."""
    times = {(r[2], r[3]): float(r[4]) for r in rows if r[0] == "BENCH" and r[1] == task}
    sizes = {r[1]: float(r[3]) for r in rows if r[0] == "CLASS"}
    subjects = [s for s in SUBJECTS if any((c, s[0]) in times for c, _ in CLASSES)]
    if task == "parse":
        subjects = [s for s in subjects if s[0] != "edgefn-unchecked"]
    label, bar, row, head, columns = 240, 240, 18, 34, 2
    panel_width, panel_height = label + bar + 105, head + row * len(subjects) + 18
    panels = [c for c in CLASSES if (c[0], "edgefn") in times]
    lines = (len(panels) + columns - 1) // columns
    p = Picture(columns * panel_width + 30, 78 + lines * panel_height + 14)
    p.text(20, 32, title, 20, weight="bold")
    p.text(20, 54, below, 13, color="#57534e")
    for i, (name, about) in enumerate(panels):
        left, top = 20 + i % columns * panel_width, 78 + i // columns * panel_height
        ours = times[name, "edgefn"]
        p.text(left, top + 16, "%s, %.1f KB" % (about[0].upper() + about[1:], sizes[name] / 1000), 14, weight="bold")
        for k, (subject, shown, color) in enumerate(subjects):
            y = top + head + k * row
            bold = "bold" if subject == "edgefn" else "normal"
            p.text(left + label - 8, y + 11, shown, 12, "end", weight=bold)
            if (name, subject) not in times:
                continue
            ns = times[name, subject]
            cut = ns > 12 * ours
            length = bar if cut else bar * ns / (12 * ours)
            p.box(left + label, y, length, 13, color)
            if cut:  # torn off
                p.line([(left + label + bar - 12, y + 14), (left + label + bar - 6, y - 1)], "#ffffff", 3)
            times_ours = "" if subject == "edgefn" else " (%.*f×)" % (2 if ns < 2 * ours else 1 if ns < 10 * ours else 0, ns / ours)
            p.text(left + label + length + 6, y + 11, duration(ns) + times_ours, 12, weight=bold)
    p.save(path)


def log_axis(p, left, top, width, height, xs, ys, x_labels, y_labels, about_x, about_y):
    def at(value, low, high):
        return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))

    def place(x, y):
        return left + width * at(x, *xs), top + height * (1 - at(y, *ys))

    for y, shown in y_labels:
        p.line([(left, place(xs[0], y)[1]), (left + width, place(xs[0], y)[1])], "#e7e5e4")
        p.text(left - 6, place(xs[0], y)[1] + 4, shown, 12, "end", "#57534e")
    for x, shown in x_labels:
        p.line([(place(x, ys[0])[0], top + height), (place(x, ys[0])[0], top + height + 4)], "#57534e")
        p.text(place(x, ys[0])[0], top + height + 18, shown, 12, "middle", "#57534e")
    p.line([(left, top + height), (left + width, top + height)], "#57534e")
    p.text(left + width / 2, top + height + 37, about_x, 12, "middle", "#57534e")
    p.text(left - 40, top - 10, about_y, 12, "start", "#57534e")
    return place


def spread(labels, distance):
    """Moves labels (y, ...) apart so that they do not overlap."""
    labels = sorted(labels)
    for i in range(1, len(labels)):
        if labels[i][0] - labels[i - 1][0] < distance:
            labels[i] = (labels[i - 1][0] + distance,) + labels[i][1:]
    return labels


SHAPES = {
    "escapes": "one value of \\uXXXX escapes", "backslashes": "one value of \\\\ and \\\"", "utf8": "one value of UTF-8",
    "values": "one header with many values", "alike": "names that differ only at the end",
    "order": "value before key, unknown members", "cookies": "one Cookie header with many cookies",
    "unknown": "unknown members", "deep": "arrays 54 levels deep", "space": "mostly white space",
}
GROWN = ["edgefn", "simdjson-checked", "simdjson-ondemand", "yyjson"]


def growth(rows, path):
    names = {s: (shown, color) for s, shown, color in SUBJECTS}
    names["yyjson"] = ("yyjson", "#15803d")
    at = {(r[1], int(r[2]), r[5]): (float(r[3]), float(r[7])) for r in rows if r[0] == "GROWTH" and r[4] == "job"}
    p = Picture(1080, 830)
    p.text(20, 32, "Time per byte, from small events to large and hostile ones", 20, weight="bold")
    p.text(20, 54, "The whole job: read, look up, edit, check, write (the light blue one and yyjson check nothing). Lower is faster; a level line means linear time.", 13, color="#57534e")
    panels = [("headers", "More and more headers", "headers in the request", [(10, "10"), (100, "100"), (1000, "1,000"), (10000, "10,000")], (10, 10000)),
              ("body", "A longer and longer body", "size of the body", [(1024, "1 KB"), (16384, "16 KB"), (262144, "256 KB"), (1468006, "1.4 MB")], (1024, 1468006))]
    for i, (family, title, about, labels, xs) in enumerate(panels):
        left, width = 60 + i * 530, 280
        p.text(left - 40, 92, title, 15, weight="bold")
        place = log_axis(p, left, 130, width, 220, xs, (0.03, 4), labels, [(0.03, "0.03"), (0.1, "0.1"), (0.3, "0.3"), (1, "1"), (3, "3")], about,
                         "nanoseconds per byte")
        ends = []
        for subject in GROWN:
            points = [place(size, per) for (f, size, s), (_, per) in sorted(at.items()) if f == family and s == subject]
            if not points:
                continue
            p.line(points, names[subject][1], 2.5)
            for x, y in points:
                p.dot(x, y, names[subject][1])
            ends.append((points[-1][1], subject))
        for y, subject in spread(ends, 16):
            shown = names[subject][0].replace("simdjson On-Demand, ", "simdjson, ")
            p.text(left + width + 8, y + 4, shown, 12, color=names[subject][1], weight="bold")
    p.text(20, 442, "Hostile events of 64 KB and of 1 MB: where both take the same time per byte, time is linear", 15, weight="bold")
    shapes = [s for s in SHAPES if (s, 65536, "edgefn") in at]
    plain = at.get(("headers", 10, "edgefn"), (0, 0))[1]
    most = max([at[s, size, "edgefn"][1] for s in shapes for size in (65536, 1048576)] + [1])
    scale = 560 / most
    for k, shape in enumerate(shapes):
        y = 466 + k * 33
        p.text(290, y + 16, SHAPES[shape], 13, "end")
        for j, (size, subject, color) in enumerate([(65536, "edgefn", "#fb923c"), (1048576, "edgefn", "#c2410c"), (1048576, "simdjson-checked", "#1d4ed8")]):
            if (shape, size, subject) not in at:
                continue
            per = at[shape, size, subject][1]
            p.box(300, y + j * 9, per * scale, 8, color)
            if j == 1:
                p.text(300 + max(per, at[shape, 65536, "edgefn"][1]) * scale + 6, y + 14, "%.2f ns per byte" % per, 12)
    y = 466 + len(shapes) * 33 + 12
    for x, shown, color in [(300, "edgefn, 64 KB", "#fb923c"), (420, "edgefn, 1 MB", "#c2410c"), (540, "simdjson, same duties, 1 MB", "#1d4ed8")]:
        p.box(x, y - 9, 10, 10, color)
        p.text(x + 15, y, shown, 12)
    p.text(760, y, "for comparison, an event with 10 headers: %.2f ns" % plain, 12, color="#57534e")
    p.save(path)


def main():
    results, grown, directory = sys.argv[1:4]
    rows = read(results)
    bars(rows, "parse", os.path.join(directory, "parse.svg"), "Reading one event: time of a complete, validating parse",
         "Shorter is faster. In brackets: time relative to edgefn. Bars end at 12×.")
    bars(rows, "job", os.path.join(directory, "job.svg"), "One handler: read, three look-ups, one cookie, rewrite, five headers set, write",
         "Shorter is faster. In brackets: time relative to edgefn, which also checks the result against CloudFront's rules. Bars end at 12×.")
    growth(read(grown), os.path.join(directory, "growth.svg"))


main()
