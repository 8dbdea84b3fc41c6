"""The product on SQLite: the same questions on the same seed, without the limit and the peers, which speak to PostgreSQL."""
import json
import os
import shutil
import sqlite3
import statistics
import time

from . import load, place, servers, workloads


def _hex(key):
    return key.hex()


class Sqlite(servers.Product):
    """The product on a file."""

    alone = True

    def __init__(self, binary, path, more=()):
        super().__init__(binary, path, "sqlite", more=more)

    def url(self):
        return f"sqlite://{self.db}"

    def parameters(self, db):
        return parameters(db)


def _remove(path):
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.unlink(path + suffix)


def seeded(a):
    """The file with the scale in it, made when it is not there."""
    folder = os.path.join(place.BASE, "sqlite")
    os.makedirs(folder, exist_ok=True)
    path, (households, unit) = os.path.join(folder, f"{a.scale.lower()}.db"), place.SCALES[a.scale]
    if a.fresh:
        _remove(path)
    product, began = Sqlite(a.binary, path, a.set), time.monotonic()
    product.run("migrate", "up")
    known = sqlite3.connect(path)
    if known.execute("select count(*) from household").fetchone()[0] != households:
        product.run("seed", "--households", str(households), "--seed", "1", *(["--unit", unit] if unit else []))
        print(f"seeded {households} households into {path} in {time.monotonic() - began:.0f} s")
    clients = {row[0] for row in known.execute("select client_id from agency_client")}
    for role in sorted(set(workloads.ROLES.values())):
        if f"bench-{role}" not in clients:
            product.run("client", "add", "--client-id", f"bench-{role}", "--role", role, f"Bench {role}")
    known.close()
    return path


def parameters(path):
    """Parameter sets as PostgreSQL's are drawn: the same households, numbers and days."""
    db = sqlite3.connect(path)
    one = lambda sql, *given: db.execute(sql, given).fetchone()
    households, drawn = one("select count(*) from household")[0], []
    numbers = [row[0] for row in db.execute("select value from person_identifier where kind = 'PERSONAL_ID' order by value")]
    programmes = ["loan_clean_water", "loan_job_creation", "loan_poor", "loan_near_poor"]
    for k in range(1, workloads.SETS + 1):
        code = f"S{k * workloads.STRIDE % households:09d}"
        household, unit, province = one("select h.id, u.code, p.code from household h join administrative_unit u on u.id = h.unit_id"
                                        " join administrative_unit p on p.id = u.parent_id where h.code = ?", code)
        borrower, programme = one("select i.value, l.programme from loan l join person_identifier i on i.person_id = l.person_id"
                                  " and i.kind = 'PERSONAL_ID' where l.household_id = ? order by l.contract_no limit 1", household)
        d1, d2 = one("select date('2025-01-03', ?), date('2025-01-03', ?)", f"+{k % 200} days", f"+{k % 200 + 270} days")
        day, last = one("select disbursed_on, id from loan_disbursement where programme = ? and disbursed_on between ? and ?"
                        " order by disbursed_on desc, id desc limit 1 offset 49", programmes[k % 4], d1, d2)
        drawn.append({"k": k, "household_id": _hex(household), "code": code, "unit": unit, "province": province, "borrower": borrower,
                      "loan_programme": programme, "programme": programmes[k % 4], "d1": d1, "d2": d2, "cur_day": day, "cur_id": _hex(last),
                      "ids": [numbers[(k * 15485863 + g * 32452843) % len(numbers)] for g in range(100)]})
    db.close()
    return drawn


def pushes(path):
    """Those of Q6."""
    db, drawn = sqlite3.connect(path), []
    households = db.execute("select count(*) from household").fetchone()[0]
    for k in range(1, workloads.PUSHES + 1):
        contract = f"SHD-{k * workloads.STRIDE % households:09d}"
        programme, code, unit, borrower = db.execute(
            "select l.programme, h.code, u.code, i.value from loan l join household h on h.id = l.household_id"
            " join administrative_unit u on u.id = h.unit_id join person_identifier i on i.person_id = l.person_id"
            " and i.kind = 'PERSONAL_ID' where l.contract_no = ?", (contract,)).fetchone()
        drawn.append({"k": k, "contract_no": contract, "code": code, "unit": unit, "borrower": borrower, "loan_programme": programme})
    db.close()
    return drawn


def _checked(product, q, drawn):
    """Asks one of each before it is measured: a fast failure must not pass for a fast answer."""
    for p in drawn[:5]:
        request = product.request(q, p)
        request["body"] = request["body"].replace("@@UNIQ@@", f"check-{q}-{p['k']}")
        status, data = product.call(request, workloads.ROLES[q])
        answer = json.loads(data)
        if status != 200 or "errors" in answer or answer.get("accepted", 1) != 1:
            raise SystemExit(f"sqlite {q}: {status} {data[:500].decode()}")


def _bulk(product, path, rows):
    """One push of many disbursements on known contracts."""
    db = sqlite3.connect(path)
    known = db.execute("select l.contract_no, l.programme, h.code, u.code, i.value from loan l join household h on h.id = l.household_id"
                       " join administrative_unit u on u.id = h.unit_id join person_identifier i on i.person_id = l.person_id"
                       " and i.kind = 'PERSONAL_ID' order by l.contract_no").fetchall()
    db.close()
    lines = []
    for i in range(rows):
        contract, programme, code, unit, number = known[i * 31 % len(known)]
        lines.append(json.dumps({"reference": f"BB-{i}", "contractNo": contract, "personalId": number, "householdCode": code, "unitCode": unit,
                                 "programme": programme, "amount": 1000000, "disbursedOn": workloads.ON, "termMonths": 36}))
    cpu, began = product.cpu(), time.monotonic()
    status, data = product.call(workloads.post("/v1/loan-disbursements", "\n".join(lines) + "\n", "application/x-ndjson"), "policy_bank")
    took, cpu = time.monotonic() - began, product.cpu() - cpu
    if status != 200 or json.loads(data).get("accepted") != rows:
        raise SystemExit(f"sqlite bulk: {status} {data[:500].decode()}")
    return {"rows": rows, "push_s": round(took, 2), "product_cpu_s": round(cpu, 2), "peak": product.memory()[1]}


def measure(a):
    """Rates and latencies of each workload, then one push of many rows."""
    from . import measures
    origin, path = seeded(a), place.work("sqlite.db")
    _remove(path)
    shutil.copyfile(origin, path)
    drawn, product = (parameters(path), pushes(path)), Sqlite(a.binary, path, a.set)
    result = {"runs": [], "size": os.path.getsize(path)}
    try:
        result["cold"] = round(product.start(path), 3)
        for q in a.workloads:
            asked = drawn[workloads.is_push(q)]
            _checked(product, q, asked)
            requests = load.write_requests(product, q, asked)
            load.wrk(product, q, requests, 16, 1, f"w{time.time_ns():x}-")  # not counted
            for conns in a.conns:
                for rnd in range(a.rounds):
                    result["runs"].append({"q": q, "conns": conns, "round": rnd,
                                           **load.wrk(product, q, requests, conns, a.secs, f"{time.time_ns():x}-")})
            told = {c: round(statistics.median(r["rps"] for r in result["runs"] if (r["q"], r["conns"]) == (q, c))) for c in a.conns}
            print(q, told, flush=True)
        result["memory"] = product.memory()
        result["bulk"] = _bulk(product, path, a.rows)
    finally:
        product.stop()
    measures.save(a, "sqlite", result)
