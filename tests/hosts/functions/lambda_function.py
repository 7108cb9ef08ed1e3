# lambda_function.py - for tests/test_functions_desk.sh
import os
import sys
import time

count = 0


def lambda_handler(event, context):
    global count
    cf = event["Records"][0]["cf"]
    request = cf["request"]
    what = request["uri"][1:]
    print("ok 2 0\n{}", what)
    sys.stderr.write("without an end")
    if what == "throw":
        raise ValueError("no way")
    if what == "hang":
        while True:
            pass
    if what == "exit":
        os._exit(3)
    if what == "system_exit":
        raise SystemExit(4)
    if what == "program":
        os.system("echo of a program")
    if what == "nothing":
        return None
    if what == "set":
        return {1}
    if what == "count":
        count += 1
        return {"status": "200", "body": f"{count} {context.get_remaining_time_in_millis() > 4000}"}
    if what == "sleep":
        time.sleep(1)
    request["headers"]["x-python"] = [{"key": "X-Python", "value": "ü"}]
    return request
