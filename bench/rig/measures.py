"""The measurements. Each writes a file of results and prints its table."""
import json
import os
import statistics
import subprocess
import time

from . import load, openloop, place, servers, statements, tables, workloads

STATEMENTS = """select calls, round(total_exec_time) as total_ms, round(mean_exec_time::numeric, 3) as mean_ms, round(mean_plan_time::numeric, 3) as plan_ms, plans,
 round((rows / greatest(calls, 1))::numeric) as rows, left(regexp_replace(query, '\\s+', ' ', 'g'), 230) as query
 from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
 order by total_exec_time + total_plan_time desc limit 14"""


def _out(a, kind):
    folder = os.path.join(place.BASE, "results")
    os.makedirs(folder, exist_ok=True)
    return a.out or os.path.join(folder, f"{kind}-{a.scale}-{time.strftime('%H%M%S', time.gmtime())}.json")


def save(a, kind, result):
    path = _out(a, kind)
    result.update(kind=kind, scale=a.scale, when=time.strftime("%FT%TZ", time.gmtime()), binary=a.binary)
    with open(path, "w") as file:
        json.dump(result, file, indent=1)
    print(f"\n{path}")
    tables.print_all([path])


def _servers(a, db):
    return [servers.Product(a.binary, db, more=a.set)] + [servers.PostGraphile() for name in a.peers if name == "postgraphile"]


def run(a):
    """Rounds over limit, rows, product and peers, each round in another order; a ratio is to the limit of the same round."""
    db = place.fresh_copy(a.scale, not a.in_place)
    households, drawn = place.SCALES[a.scale][0], (workloads.parameters(db), workloads.pushes(db))
    running, result = _servers(a, db), {"cold": {}, "memory": {}, "runs": [], "statements": {}, "rounds": a.rounds, "secs": a.secs}
    place.psql("postgres", "create extension if not exists pg_stat_statements", check=False)
    place.psql(db, "create extension if not exists pg_stat_statements", check=False)
    try:
        for server in running:
            starts = []
            for _ in range(3):
                server.stop()
                starts.append(server.start(db))
            time.sleep(1)
            result["cold"][server.name] = round(statistics.median(starts), 3)
            result["memory"][server.name] = {"idle": server.memory()[0]}
        for q in a.workloads:
            _workload(a, db, q, [server for server in running if server.has(q)], households, drawn[workloads.is_push(q)], result)
        for server in running:
            now, peak = server.memory()
            result["memory"][server.name].update(after=now, peak=peak)
    finally:
        for server in running:
            server.stop()
    save(a, "run", result)


def _workload(a, db, q, running, households, parameters, result):
    files = {server.name: load.write_requests(server, q, parameters) for server in running}
    base = workloads.LIMIT_OF.get(q, q)
    contestants = ["limit"] + (["rows"] if q in statements.ROWS else []) + running
    tag = lambda: f"{time.time_ns():x}-"

    def measure(one, conns, secs):
        if isinstance(one, str):
            return load.pgbench(db, base, conns, secs, households, one == "rows")
        return load.wrk(one, q, files[one.name], conns, secs, tag())

    for one in contestants:  # not counted
        measure(one, 16, 1)
    for conns in a.conns:
        for rnd in range(a.rounds):
            turn = rnd % len(contestants)
            for one in contestants[turn:] + contestants[:turn]:
                name = one if isinstance(one, str) else one.name
                seen = a.statements and name == "ansinh" and rnd == 0
                if seen:
                    place.psql(db, "select pg_stat_statements_reset()")
                got = measure(one, conns, a.secs)
                if seen:
                    result["statements"][f"{q}@{conns}"] = {"requests": got["rps"] * a.secs, "top": place.rows(db, STATEMENTS)}
                result["runs"].append({"peer": name, "q": q, "conns": conns, "round": rnd, **got})
        told = {}
        for r in result["runs"]:
            if r["q"] == q and r["conns"] == conns:
                told.setdefault(r["peer"], []).append(r["rps"])
        print(q, conns, {name: round(statistics.median(rates)) for name, rates in told.items()}, flush=True)
    if workloads.is_push(q):
        place.psql(db, "vacuum analyze loan_disbursement")


def scales(a):
    """L against S: the product on both by turns, so that what else the machine does falls on both alike."""
    dbs = {"S": place.fresh_copy("S"), "L": place.fresh_copy("L", copy=False)}
    on = {scale: servers.Product(a.binary, db, f"ansinh-{scale}", servers.PRODUCT_PORT + 10 * place_of, a.set)
          for place_of, (scale, db) in enumerate(dbs.items())}
    result = {"runs": []}
    try:
        for scale, server in on.items():
            server.start(dbs[scale])
        for q in [q for q in a.workloads if q != "report"]:
            requests = {scale: load.write_requests(server, q, (workloads.pushes if workloads.is_push(q) else workloads.parameters)(dbs[scale]))
                        for scale, server in on.items()}
            for rnd in range(-1, a.rounds):  # the first is not counted
                for scale in list(on)[:: 1 if rnd % 2 else -1]:
                    got = load.wrk(on[scale], q, requests[scale], a.conns[0], a.secs, f"{time.time_ns():x}-")
                    if rnd >= 0:
                        result["runs"].append({"q": q, "on": scale, "round": rnd, "conns": a.conns[0], **got})
    finally:
        for server in on.values():
            server.stop()
    save(a, "scales", result)


PUSH_BODY = 256 << 20  # the product's own limit of a push, bytes
BULK = """select json_build_object('reference', 'BB-' || i, 'contractNo', case when {new} then 'BBC-' || i else l.contract_no end,
 'personalId', l.value, 'householdCode', l.code, 'unitCode', l.unit, 'programme', l.programme, 'amount', 1000000,
 'disbursedOn', '2026-06-30', 'termMonths', 36)
 from generate_series(0, {rows} - 1) i join (select row_number() over (order by loan.contract_no) - 1 as n,
  loan.contract_no, loan.programme, h.code, u.code as unit, p.value from loan join household h on h.id = loan.household_id
  join administrative_unit u on u.id = h.unit_id join person_identifier p on p.person_id = loan.person_id and p.kind = 'PERSONAL_ID') l
  on l.n = i::bigint * 31 % (select count(*) from loan)"""


def bulk(a):
    """One push of many rows, against \\copy of the rows that it stored, into the same table with all its indexes."""
    result = {"rows": a.rows, "runs": []}
    for rnd in range(a.rounds):
        for contracts in a.contracts:
            result["runs"].append({"round": rnd, "contracts": contracts, **_bulk_once(a, contracts == "new")})
            print(result["runs"][-1], flush=True)
    save(a, "bulk", result)


def _bulk_once(a, new):
    db = place.fresh_copy(a.scale, not a.in_place)
    made = place.psql(db, BULK.format(new="true" if new else "false", rows=a.rows)) + "\n"
    # A body longer than the usual limit takes a higher one; nothing else differs.
    longer = [f"limits.push_body={len(made) + 1}"] if len(made) > PUSH_BODY else []
    product = servers.Product(a.binary, db, more=[*a.set, *longer])
    try:
        product.start(db)
        idle = product.memory()[1]
        place.psql(db, "checkpoint")
        cpu, began = product.cpu(), time.monotonic()
        status, data = product.call({"method": "POST", "path": "/v1/loan-disbursements", "kind": "application/x-ndjson", "body": made}, "policy_bank")
        took, cpu = time.monotonic() - began, product.cpu() - cpu
        answer, memory = json.loads(data), product.memory()
    finally:
        product.stop()
    if status != 200 or answer.get("accepted") != a.rows:
        raise SystemExit(f"bulk: {status} {data[:600].decode()}")
    file = place.work("bulk.copy")
    place.psql(db, f"\\copy (select * from loan_disbursement where reference like 'BB-%') to '{file}'")
    findings = int(place.psql(db, "select count(*) from finding f join loan_disbursement d on d.id = f.record_id where d.reference like 'BB-%'"))
    place.psql(db, "delete from loan_disbursement where reference like 'BB-%'")
    place.psql(db, "vacuum analyze loan_disbursement")
    place.psql(db, "checkpoint")
    began = time.monotonic()
    place.psql(db, f"\\copy loan_disbursement from '{file}'")
    copied = time.monotonic() - began
    place.psql(db, "delete from loan_disbursement where reference like 'BB-%'")
    return {"push_s": round(took, 2), "copy_s": round(copied, 2), "ratio": round(copied / took, 3), "product_cpu_s": round(cpu, 2),
            "findings": findings, "idle": idle, "rss": memory[0], "peak": memory[1]}


def coverage(a):
    """One question about many persons, over REST and GraphQL, beside the limit's statement for the same numbers."""
    db = place.fresh_copy(a.scale, not a.in_place)
    ids = place.psql(db, f"select value from person_identifier where kind = 'PERSONAL_ID' order by hashtext(value) limit {a.ids}").split()
    p = {**workloads.parameters(db)[0], "ids": ids}
    product, times = servers.Product(a.binary, db, more=a.set), {"limit": [], "graphql": [], "rest": []}
    script = place.work("coverage.sql")
    with open(script, "w") as file:
        file.write(statements.once("q3", p).replace("\n", " ") + ";\n")
    try:
        product.start(db)
        for _ in range(2 + 5 * a.rounds):
            for how, q in (("graphql", "q3"), ("rest", "q3rest")):
                began = time.monotonic()
                status, data = product.call(workloads.product(q, p), workloads.ROLES[q])
                times[how].append(time.monotonic() - began)
                if status != 200 or data.count(b'"covered"') != len(ids):
                    raise SystemExit(f"coverage: {status} {data[:400].decode()}")
            done = subprocess.run(["psql", "-qAtX", "-d", db, "-c", "\\timing on", "-f", script, "-o", "/dev/null"], capture_output=True,
                                  text=True, check=True, env={**os.environ, **place.PG})
            times["limit"].append(float(done.stdout.split("Time:")[1].split()[0]) / 1000)
    finally:
        product.stop()
    save(a, "coverage", {"ids": len(ids), "ms": {name: [round(1000 * one, 1) for one in found[2:]] for name, found in times.items()}})


def open_loop(a):
    db = place.fresh_copy(a.scale, not a.in_place)
    parameters, pushes, result = workloads.parameters(db), workloads.pushes(db), {"runs": []}
    for server in _servers(a, db):
        try:
            server.start(db)
            openloop.run(server, parameters, pushes, 100, 3)
            for rate in a.rates:
                got = openloop.run(server, parameters, pushes, rate, max(10, 5 * a.secs))
                result["runs"].append({"peer": server.name, **got, "rss": server.memory()[0]})
                print(result["runs"][-1], flush=True)
        finally:
            server.stop()
    save(a, "open", result)
