"""run.py - runs a function in Python for the desk and for `edgefn run`: a server on a Unix socket that gets events and answers with results.

    python3 run.py FILE SOCKET        FILE: lambda_function.py of Lambda@Edge

run.mjs describes what goes through the socket. As at Lambda, an environment has one event at a time: a process of its own, which ends if the function
crashes or takes too long. Further events at the same time get environments of their own. If standard input is a pipe, the server ends with it.
"""
import json
import os
import re
import signal
import socket
import stat
import sys
import time

MOST_ENVIRONMENTS, MOST_IDLE, MOST_LOGS, MOST_EVENT, MOST_RESULT = 32, 4, 64 * 1024, 16 << 20, 6 << 20
LOADING = 10  # seconds
TIMEOUT = int(os.environ.get("TIMEOUT") or 0) * 1000 or float("inf")  # milliseconds
FILE = os.path.abspath(sys.argv[1])
NAME = os.path.basename(FILE)


def say(text):
    sys.stderr.write("".join(f"{NAME}: {line}\n" for line in str(text).splitlines()))
    sys.stderr.flush()


# ---- the process of an environment: lines of JSON on a socket, { event, limit } and { ready }, { log }, { ok } or { error }

class Log:
    """What the function prints."""

    def __init__(self, send):
        self.send, self.rest = send, ""
        self.encoding = "utf-8"

    def write(self, text):
        *lines, self.rest = (self.rest + text).split("\n")
        for line in lines:
            self.send({"log": line})
        return len(text)

    def flush(self):
        if self.rest:
            self.send({"log": self.rest})
        self.rest = ""

    def isatty(self):
        return False


class Context:
    function_name, function_version, memory_limit_in_mb = "desk", "1", 128
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:desk:1"
    log_group_name, log_stream_name, identity, client_context = "/aws/lambda/desk", "desk", None, None

    def __init__(self, limit):
        import uuid

        self.aws_request_id, self._end = str(uuid.uuid4()), time.monotonic() + limit / 1000

    def get_remaining_time_in_millis(self):
        return max(0, int((self._end - time.monotonic()) * 1000))


class Fault(Exception):
    """A fault that is told in a sentence, without a traceback."""


def words():
    """The error, and under it the traceback without what is not the function's."""
    import traceback

    kind, error, tb = sys.exc_info()
    if kind is Fault:
        return str(error)
    while tb is not None and tb.tb_frame.f_code.co_filename != FILE:
        tb = tb.tb_next
    lines = traceback.format_exception_only(kind, error)
    if kind is SyntaxError:
        lines.insert(0, lines.pop())  # Python has it under the line that it is about
    last = "".join(lines).rstrip()
    return last + "\n" + "".join(traceback.format_tb(tb)).rstrip()


def load():
    import importlib.util

    sys.path.insert(0, os.path.dirname(FILE))
    spec = importlib.util.spec_from_file_location(os.path.splitext(NAME)[0], FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    if not callable(getattr(module, "lambda_handler", None)):
        raise Fault(f"{FILE} has no function lambda_handler, which Lambda@Edge calls: def lambda_handler(event, context):")
    return module.lambda_handler


def written(result, log):
    """The JSON of a result."""
    if result is None:
        log.send({"log": "it returned nothing (None): return the request, or a response"})
    try:
        return json.dumps(result)
    except (TypeError, ValueError, RecursionError) as error:
        raise Fault(f"its result cannot be written as JSON: {type(error).__name__}: {error}") from None


def call(handler, given):
    event = json.loads(given["event"])
    if "Records" not in event:
        raise Fault("the event is one of CloudFront Functions, and this function is for Lambda@Edge, as all functions in Python are")
    return handler(event, Context(given["limit"]))


def end_with_server(fd):
    """Also when the function never ends. fd: a pipe that only the server writes to, which it never does."""
    import threading

    threading.Thread(target=lambda: (os.read(fd, 1), os._exit(1)), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def environment(fd, life):
    import logging

    end_with_server(life)
    sys.dont_write_bytecode = True
    channel = socket.socket(fileno=fd).makefile("rw", encoding="utf-8", newline="\n")

    def send(message):
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    log = sys.stdout = sys.stderr = Log(send)
    logging.getLogger().addHandler(logging.StreamHandler(log))
    wrong = handler = None
    try:
        handler = load()
    except BaseException:
        wrong = words()
        send({"wrong": wrong})
    send({"ready": True})
    for line in channel:
        given = json.loads(line)
        try:
            answer = {"error": wrong} if wrong else {"ok": written(call(handler, given), log)}
        except Exception:
            answer = {"error": words()}
        log.flush()
        send(answer)


# ---- the server

if "--environment" not in sys.argv:  # which starts faster without it
    import asyncio


class Job:
    def __init__(self, event, limit):
        self.event, self.limit, self.answer = event, limit, asyncio.get_running_loop().create_future()


class Server:
    def __init__(self):
        self.life, self.mistake = os.pipe(), None  # mistake: why the function cannot be loaded, as far as it was said
        self.environments, self.waiting, self.generation = {}, [], 0  # a dict keeps their order
        self.seen = changed()

    def idle(self):
        return [one for one in self.environments if one.job is None and one.generation == self.generation]

    def next(self):
        """Gives the oldest waiting event to an environment. One more is made ready, so that the next event need not wait for it."""
        if not self.waiting:
            return
        free = self.idle() or self.another()
        if free:
            free[0].run(self.waiting.pop(0))
        if not self.idle():
            self.another()

    def another(self):
        return [Environment(self)] if len(self.environments) < MOST_ENVIRONMENTS else []

    async def connected(self, reader, writer):
        try:
            head = re.fullmatch(rb"(\d{1,9}) (\d{1,9})\n", await reader.readline())
            if head is None or int(head[2]) > MOST_EVENT:
                return
            job = Job((await reader.readexactly(int(head[2]))).decode(), int(min(int(head[1]), TIMEOUT)))
            self.renew()
            self.waiting.append(job)
            self.next()
            left = asyncio.ensure_future(reader.read(1))
            await asyncio.wait([job.answer, left], return_when=asyncio.FIRST_COMPLETED)
            left.cancel()
            if job in self.waiting:
                self.waiting.remove(job)
            if job.answer.done():
                kind, text, logs = (part.encode("utf-8", "replace") for part in job.answer.result())
                writer.write(b"%s %d %d\n" % (kind, len(text), len(logs)) + text + logs)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the host has left
        finally:
            writer.close()

    def renew(self):
        """Sees whether the function was saved. Each event is for the newest version."""
        now = changed()
        if now is None or now == self.seen:
            return
        self.seen = now
        self.generation += 1
        self.mistake = None
        say("saved: the next event is for the new version")
        for one in list(self.environments):
            if one.job is None:
                one.stop()
        Environment(self)  # a mistake in it is said at once

    async def watch(self):
        while True:
            await asyncio.sleep(0.25)
            self.renew()


class Environment:
    def __init__(self, server):
        self.server, self.generation, self.job, self.logs, self.timer = server, server.generation, None, "", None
        self.channel, theirs = socket.socketpair()
        self.ready = self.stopped = False
        server.environments[self] = True
        self.task = asyncio.ensure_future(self.live(theirs))
        self.early = None  # an event before the process has started

    async def live(self, theirs):
        life = self.server.life[0]
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, os.path.abspath(__file__), FILE, "--environment", str(theirs.fileno()), str(life), pass_fds=[theirs.fileno(), life],
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        theirs.close()
        reader, self.writer = await asyncio.open_connection(sock=self.channel, limit=64 << 20)
        if self.stopped:
            self.process.kill()
        elif self.early is not None:
            self.writer.write(self.early)
        asyncio.ensure_future(self.raw())
        while True:
            line = await reader.readline()
            if not line:
                break
            message = json.loads(line)
            if "ready" in message:
                self.ready = True
                self.time()
            elif "log" in message:
                self.log(message["log"])
            elif "wrong" in message:
                self.unloaded(message["wrong"])
            elif "ok" in message:
                self.end("ok", message["ok"])
            else:
                self.end("error", message["error"])
        code = await self.process.wait()
        self.writer.close()
        self.stop(f"the function's process ended with {'exit code' if code >= 0 else 'signal'} {abs(code)}")

    async def raw(self):
        """What goes to the process's standard output past Python: of programs that the function starts."""
        async for line in self.process.stdout:
            self.log(line.decode("utf-8", "replace").rstrip("\n"))

    def log(self, text):
        if self.job is None:
            say(text)
        elif len(self.logs) < MOST_LOGS:
            self.logs += text + "\n"

    def unloaded(self, wrong):
        """A mistake is said once; the answer to an event has it anyway."""
        self.server.renew()
        if self.generation != self.server.generation:
            return  # its file was saved again
        if self.job is None and wrong != self.server.mistake:
            say(f"it cannot be loaded: {wrong}")
        self.server.mistake = wrong

    def time(self):
        """Loading has a time of its own."""
        if self.timer is not None:
            self.timer.cancel()
        if self.job is not None:
            self.timer = asyncio.get_running_loop().call_later(self.job.limit / 1000 if self.ready else LOADING, self.late)

    def run(self, job):
        self.job = job
        self.time()
        line = (json.dumps({"event": job.event, "limit": job.limit}) + "\n").encode()
        if hasattr(self, "writer"):
            self.writer.write(line)
        else:
            self.early = line

    def whose(self):
        return "which TIMEOUT allows" if self.job.limit == TIMEOUT else "CloudFront's limit at this trigger"

    def late(self):
        self.end("time", f"it took longer than {self.job.limit} ms, {self.whose()}" if self.ready else f"it was not loaded within {LOADING} s")
        self.stop()

    def end(self, kind, text):
        job, logs = self.job, self.logs
        if job is None:
            return
        if len(text) > MOST_RESULT:
            kind, text = "error", f"its result has {len(text)} characters: Lambda allows {MOST_RESULT} bytes"
        self.timer.cancel()
        self.job, self.logs = None, ""
        if not job.answer.done():
            job.answer.set_result((kind, text, logs))
        if self.generation != self.server.generation or len(self.server.idle()) > MOST_IDLE:
            self.stop()
        self.server.next()

    def stop(self, why=None):
        if self.stopped:
            return
        self.stopped = True
        self.server.environments.pop(self, None)
        if why is not None and self.job is None:
            say(why)
        if why is not None:
            self.end("error", why)
        if hasattr(self, "process") and self.process.returncode is None:
            self.process.kill()
        self.server.next()


def changed():
    """The newest change of a file that the function may consist of."""
    directory = os.path.dirname(FILE)
    try:
        files = [os.path.join(directory, one) for one in sorted(os.listdir(directory)) if one.endswith((".py", ".json"))]
        return [(one, os.stat(one).st_mtime_ns, os.stat(one).st_size) for one in {FILE, *files}]
    except OSError:
        return None  # an editor replaces a file just now


async def serve(path):
    server = Server()
    if os.path.exists(path):
        os.unlink(path)
    listener = await asyncio.start_unix_server(server.connected, path, limit=MOST_EVENT)
    os.chmod(path, 0o666)  # the host may run as another user
    Environment(server)
    asyncio.ensure_future(server.watch())
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
        for one in list(server.environments):
            one.stop()
        listener.close()
    else:
        await asyncio.Event().wait()


if __name__ == "__main__":
    if sys.argv[2] == "--environment":
        environment(int(sys.argv[3]), int(sys.argv[4]))
    else:
        try:
            asyncio.run(serve(sys.argv[2]))
        except KeyboardInterrupt:
            pass
