#!/bin/sh
# The command line, with exact output: tests/transcripts/*.txt (tests/transcripts.py). Started in the top directory, after make.
#     sh tests/test_transcripts.sh [FILE...]     only these files; UPDATE=1 rewrites what they print: review the difference before you commit it
suite=test_transcripts
. tests/lib.sh
needs python3
mkdir "$tmp/files"
counted python3 tests/transcripts.py "$tmp/files" "${@:-tests/transcripts}"
end
