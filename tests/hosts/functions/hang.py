# hang.py - for tests/test_functions_desk.sh: at all four triggers; the path is "/hang/TYPE" of the one that never ends
import os


def lambda_handler(event, context):
    cf = event["Records"][0]["cf"]
    request, here = cf["request"], cf["config"]["eventType"]
    if request["uri"] == f"/hang/{here}":
        print(f"process {os.getpid()} hangs")
        while True:
            pass
    part = cf.get("response", request)
    part["headers"][f"x-{here}"] = [{"key": f"X-{here}", "value": "ran"}]
    return part
