"""Chromium by its debugging pipe (descriptors 3 and 4, messages of JSON parted by NUL): no port, no library."""
import json
import os
import subprocess
import time


class Chromium:
    def __init__(self, folder):
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()

        def descriptors():
            # By way of high numbers, so that neither overwrites the other's source.
            source, target = os.dup2(theirs_in, 63), os.dup2(theirs_out, 64)
            os.dup2(source, 3)
            os.dup2(target, 4)

        self._process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking",
             "--no-proxy-server", "--remote-debugging-pipe", f"--user-data-dir={folder}", "--window-size=1440,900", "about:blank"],
            preexec_fn=descriptors, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self._out = os.fdopen(ours_out, "wb", buffering=0)
        self._in = os.fdopen(ours_in, "rb", buffering=0)
        self._rest = b""
        self._last = 0
        self.events = []

    def call(self, method, session=None, **parameters):
        """The answer's result; events that come meanwhile are kept."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, address="about:blank"):
        """A page of its own; returns its session."""
        target = self.call("Target.createTarget", url=address)["targetId"]
        return self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def evaluate(self, session, script):
        """The value of a script, which may be a promise."""
        result = self.call("Runtime.evaluate", session, expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", "the script failed"))
        return result["result"].get("value")

    def until(self, session, script, seconds=60):
        end = time.monotonic() + seconds
        while not self.evaluate(session, script):
            if time.monotonic() > end:
                raise RuntimeError(f"the page never came to: {script}")
            time.sleep(0.05)

    def close(self):
        try:
            self.call("Browser.close")
        except (RuntimeError, OSError, EOFError):
            pass
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self):
        while b"\0" not in self._rest:
            part = os.read(self._in.fileno(), 1 << 16)
            if not part:
                raise EOFError("chromium has ended")
            self._rest += part
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)
