#!/bin/sh
# The documentation compiles and agrees with the code: see tests/docs.py.
if ! command -v python3 >/dev/null 2>&1; then
    echo "SKIP test_docs: no python3"
    echo "test_docs: 0 passed, 0 failed"
    exit 0
fi
exec env PYTHONDONTWRITEBYTECODE=1 python3 tests/docs.py
