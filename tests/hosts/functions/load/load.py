# load.py - for tests/deep_functions.sh: at all four triggers; the path is "/py/WHAT/TYPE"
import base64


def lambda_handler(event, context):
    cf = event["Records"][0]["cf"]
    here, request = cf["config"]["eventType"], cf["request"]
    part = cf.get("response", request)
    what, where = (request["uri"].split("/") + [""])[2:4]
    if where == here:
        if what == "throw":
            raise ValueError("no way")
        if what == "via":
            return {**part, "headers": {**part["headers"], "via": [{"value": "own"}]}}
        if what == "answer":
            return {"status": "218", "headers": {"cache-control": [{"value": "max-age=600"}]}, "body": "x" * 20000}
        if what == "body":
            return {**part, "status": "203", "body": "x" * 20000}
    if what == "replaced" and here == "origin-request":
        request["body"] = {"action": "replace", "encoding": "text", "data": base64.b64decode(request["body"]["data"]).decode().upper()}
    if what == "large" and here.startswith("viewer"):
        part["headers"]["x-large-7"] = [{"value": "changed"}]
    part["headers"]["x-" + here] = [{"value": "ran"}]
    return part
