"""A gateway to a language model that holds its callers to the rules of Limiter. README.md beside it says more."""
import argparse
import http.client
import json
import math
import os
import select
import socket
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = "/v1/chat/completions"
MOST_BYTES = 4 << 20
MOST_TOKENS = 1_000_000
FAILURES = (OSError, http.client.HTTPException, ValueError)
# What is asked is on loopback or named in full; no proxy of the environment belongs in between.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Limiter:
    """Asks Limiter over HTTP. Used by many threads at once."""

    def __init__(self, url, domain, hold, renew, timeout):
        self.url, self.domain, self.hold = url, domain, f"{hold:g}s"
        self.renew, self.timeout = renew, timeout
        self.lock, self.away = threading.Lock(), False

    def call(self, path, message):
        request = urllib.request.Request(
            self.url + path, json.dumps(message).encode(), {"Content-Type": "application/json"})
        with DIRECT.open(request, timeout=self.timeout) as answer:
            return json.load(answer)

    def check(self, attributes, tokens):
        """Whether the request may go ahead. If nobody can be asked it may: then there is no receipt."""
        try:
            answer = self.call("/v1/check", {
                "domain": self.domain, "attributes": attributes, "unitCosts": tokens, "hold": self.hold})
        except FAILURES as failure:
            self.say(True, f"Limiter cannot be asked, requests are admitted unchecked: {failure}")
            return {"allowed": True}
        self.say(False, "Limiter answers again")
        return answer

    def say(self, away, text):
        with self.lock:
            news, self.away = self.away != away, away
        if news:
            print(text, flush=True)

    def end(self, path, message):
        """Settles or releases. Either is safe to send again; at worst the hold ends by itself."""
        for pause in (0.1, 1, 0):
            try:
                return self.call(path, message)
            except FAILURES as failure:
                last = failure
            time.sleep(pause)
        print(f"{path} failed, the hold ends by itself: {last}", flush=True)


class Hold:
    """What one request holds. It is renewed until it is settled or released."""

    def __init__(self, limiter, receipt):
        self.limiter, self.receipt, self.over = limiter, receipt, threading.Event()
        if receipt:
            threading.Thread(target=self.keep, daemon=True).start()

    def keep(self):
        while not self.over.wait(self.limiter.renew):
            try:
                self.limiter.call("/v1/extend", {"receipt": self.receipt, "hold": self.limiter.hold})
            except FAILURES:
                pass  # the next one may come through

    def settle(self, tokens):
        self.end("/v1/settle", {"receipt": self.receipt, "unitCosts": tokens})

    def release(self):
        self.end("/v1/release", {"receipt": self.receipt})

    def end(self, path, message):
        self.over.set()
        if self.receipt:
            self.limiter.end(path, message)


class Used:
    """Tokens of one answer: as the model says in the end, until then the estimate of the prompt and what flowed."""

    def __init__(self, prompt):
        self.prompt, self.sent, self.told = prompt, 0, None

    def see(self, event):
        choices = event.get("choices") or []
        # Models send a token an event. If yours sends more at once, count the text as the prompt's is.
        self.sent += sum(1 for choice in choices if (choice.get("delta") or {}).get("content"))
        self.told = event.get("usage") or self.told

    def tokens(self):
        told = self.told or {"prompt_tokens": self.prompt, "completion_tokens": self.sent}
        return {
            "input_tokens": told.get("prompt_tokens", self.prompt),
            "output_tokens": told.get("completion_tokens", self.sent)}


def rough_count(messages):
    """Four bytes a token and four tokens a message: a little much for English, so that few are in debt."""
    return sum(len(json.dumps(message.get("content"), ensure_ascii=False).encode()) // 4 + 4 for message in messages)


def asked(body):
    """The request, with what makes its cost bounded and known, and the estimate of its tokens."""
    request = json.loads(body)
    if not isinstance(request, dict) or not isinstance(request.get("model"), str):
        raise ValueError("model is missing; name the model as a string")
    messages = request.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise ValueError("messages is not a list of objects; send the conversation")
    if request.get("n", 1) != 1:
        raise ValueError("n is not 1; send a request for each answer")
    name = "max_completion_tokens" if "max_completion_tokens" in request else "max_tokens"
    most = request.setdefault(name, 1024)
    if type(most) is not int or not 1 <= most <= MOST_TOKENS:
        raise ValueError(f"{name} is {most!r}; use 1 to {MOST_TOKENS}")
    if request.get("stream"):
        request["stream_options"] = {"include_usage": True}
    return request, {"input_tokens": rough_count(messages), "output_tokens": most}


class Gateway(BaseHTTPRequestHandler):
    limiter = upstream = upstream_key = keys = None  # set by main
    timeout = 60

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if self.path != PATH:
            return self.error(404, "not_found", f"there is only POST {PATH}")
        caller = self.keys.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if caller is None:
            return self.error(401, "invalid_api_key", "no such key; send Authorization: Bearer KEY")
        if not length.isdigit() or int(length) > MOST_BYTES:
            return self.error(413, "too_large", f"Content-Length is not 0 to {MOST_BYTES}; send less")
        try:
            request, estimate = asked(self.rfile.read(int(length)))
        except ValueError as mistake:
            return self.error(400, "invalid_request_error", str(mistake))
        answer = self.limiter.check({**caller, "model": request["model"]}, estimate)
        if not answer.get("allowed"):
            return self.deny(answer)
        self.pass_on(request, Hold(self.limiter, answer.get("receipt")), Used(estimate["input_tokens"]))

    def deny(self, answer):
        headers = {}
        if "retryAfter" in answer:
            headers["Retry-After"] = str(max(1, math.ceil(float(answer["retryAfter"].rstrip("s")))))
        code = "insufficient_quota" if answer.get("kind") == "QUOTA" else "rate_limit_exceeded"
        rules = [status["rule"] for status in answer.get("statuses", [])
                 if not status.get("allowed") and not status.get("shadow")]
        self.error(429, code, "limit reached: " + ", ".join(rules), headers)

    def pass_on(self, request, hold, used):
        headers = {"Content-Type": "application/json"}
        if self.upstream_key:
            headers["Authorization"] = "Bearer " + self.upstream_key
        begun = False
        try:
            with DIRECT.open(urllib.request.Request(
                    self.upstream + PATH, json.dumps(request).encode(), headers), timeout=600) as model:
                if request.get("stream"):
                    begun = True
                    self.stream(model, used)
                else:
                    body = model.read()
                    used.see(json.loads(body))
                    begun = True
                    self.answer(200, body)
        except urllib.error.HTTPError as refused:
            with refused:
                self.answer(refused.code, refused.read())
        except FAILURES as failure:
            if not begun:
                self.error(502, "upstream_failed", f"the model cannot be asked: {failure}")
        finally:
            # What flowed before a failure or a hang-up was worked for, and is paid for.
            if used.told or used.sent:
                hold.settle(used.tokens())
            else:
                hold.release()

    def stream(self, model, used):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for line in model:
            if line.startswith(b"data: {"):
                used.see(json.loads(line[6:]))
            if self.hung_up():
                return  # closes the connection to the model, so that it stops
            self.wfile.write(line)

    def hung_up(self):
        """A write to a caller who is gone succeeds at first. So its side is looked at."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    def error(self, status, code, message, headers=None):
        kind = code if status != 429 else "rate_limit_error"
        body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
        self.answer(status, json.dumps(body).encode(), headers)

    def answer(self, status, body, headers=None):
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the caller is gone

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=8088)
    options.add_argument("--upstream", default="http://127.0.0.1:9000", help="the model's server")
    options.add_argument("--limiter", default="http://127.0.0.1:8080", help="Limiter's HTTP port")
    options.add_argument("--domain", default="llm", help="of the rules")
    options.add_argument("--keys", required=True, help="a file: {SECRET: {key: NAME, user: NAME, team: NAME}}")
    options.add_argument("--hold", type=float, default=60, help="seconds; at most the hold of the rules")
    options.add_argument("--renew", type=float, default=20, help="seconds between renewals of a hold")
    options.add_argument("--timeout", type=float, default=1, help="seconds to wait for Limiter")
    given = options.parse_args()
    with open(given.keys, encoding="utf-8") as file:
        Gateway.keys = json.load(file)
    Gateway.limiter = Limiter(given.limiter, given.domain, given.hold, given.renew, given.timeout)
    Gateway.upstream = given.upstream
    Gateway.upstream_key = os.environ.get("UPSTREAM_KEY")
    server = Server((given.host, given.port), Gateway)
    print(f"Serving on {given.host}:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
