"""The closed loops: pgbench for the database's own limit, wrk for the servers. Each gives rate, p50 and p99."""
import os
import random
import resource
import subprocess

from . import place, statements, workloads


def write_requests(server, q, parameters):
    """The file that wrk cycles through: a request a line, METHOD, PATH, kind of body and body."""
    path = place.work(f"{server.name}.{q}.requests")
    with open(path, "w") as file:
        for p in parameters:
            r = server.request(q, p)
            file.write("\t".join((r["method"], r["path"], r["kind"], r["body"])) + "\n")
    return path


def processor(server=None):
    """Seconds of processor time used so far by PostgreSQL, by the clients that have ended and by a server. Per request it
    is what a free machine would be full of, whatever else runs on this one."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime + (0 if server and server.alone else place.postgres_cpu()) + (server.cpu() if server else 0)


def pgbench(db, q, conns, secs, households, plain=False):
    """The one statement, or the plain rows in a pipeline, prepared."""
    script = place.work(f"{'rows' if plain else 'limit'}.{q}.sql")
    with open(script, "w") as file:
        file.write(statements.script(q, plain))
    folder = os.path.dirname(script)
    logs = lambda: [os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("latency.")]
    for old in logs():
        os.unlink(old)
    before = processor()
    done = subprocess.run(["pgbench", "-n", "-M", "prepared", "-c", str(conns), "-j", "1", "-T", str(secs), "-f", script, "-l",
                           "--log-prefix", os.path.join(folder, "latency"), "--random-seed", str(random.randrange(10**6)),
                           "-D", f"households={households}", "-D", f"sets={workloads.sets_of(q)}", "-D", f"stride={workloads.STRIDE}", db],
                          env={**os.environ, **place.PG}, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"pgbench {q}: {done.stderr[-600:]}")
    used = processor() - before
    rate = next(float(line.split()[2]) for line in done.stdout.splitlines() if line.startswith("tps"))
    took = []
    for name in logs():
        with open(name) as log:
            took += [int(line.split()[2]) for line in log]
        os.unlink(name)
    took.sort()
    at = lambda part: took[min(int(len(took) * part), len(took) - 1)] / 1000
    return {"rps": rate, "p50": at(0.5), "p99": at(0.99), "bad": 0, "all_cpu_ms": 1000 * used / len(took)}


def wrk(server, q, path, conns, secs, tag):
    """One thread of wrk: client, server and database share the processors, as pgbench and the database do."""
    headers = server.headers(workloads.ROLES[q])
    before, all_before = server.cpu(), processor(server)
    env = {**os.environ, "BENCH_REQUESTS": path, "BENCH_UNIQ": tag, "BENCH_OFFSET": str(random.randrange(1000)),
           "BENCH_HEADERS": "\n".join(f"{name}: {value}" for name, value in headers.items())}
    done = subprocess.run(["wrk", "-t1", f"-c{conns}", f"-d{secs}s", "--timeout", "30s", "-s", os.path.join(place.HERE, "post.lua"),
                           f"http://127.0.0.1:{server.port}/"], env=env, capture_output=True, text=True)
    line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT")), None)
    if line is None:
        raise SystemExit(f"wrk {q}: {(done.stdout + done.stderr)[-600:]}")
    count, micros, size, p50, p99, bad, lost = map(int, line.split()[1:])
    return {"rps": count / (micros / 1e6), "p50": p50 / 1000, "p99": p99 / 1000, "bytes": size / max(count, 1), "bad": bad + lost,
            "cpu_ms": 1000 * (server.cpu() - before) / max(count, 1),
            "all_cpu_ms": 1000 * (processor(server) - all_before) / max(count, 1)}
