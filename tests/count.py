"""Counts checks. Used by tests/docs.py and tests/site/check.py."""
passed, failed = 0, 0


def check(good, complaint):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print('not ok ' + complaint)
    return good
