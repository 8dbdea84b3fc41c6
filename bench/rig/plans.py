"""The plans: every filter and order is asked of the product, and PostgreSQL tells how it carried out each statement."""
import http.client
import json
import os
import re
import statistics
import time
import urllib.parse

from . import place, questions, servers, workloads

SETTINGS = {"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0", "auto_explain.log_format": "json"}
ROLES = ("labour", "policy_bank", "education", "health", "auditor")
# Root fields that roles read in different ways, so that each of these roles asks.
REACHED = {"households", "persons"}
PLAN = re.compile(r"duration: ([\d.]+) ms  plan:\n((?:\t.*\n)+)")
TIMES, PATIENCE = 7, 500  # how often each is asked, unless it takes so many ms: PostgreSQL may change its plan after five
LARGE = 50_000  # rows from which a table is large
SLOW = 50.0  # ms above which a statement is told in full
VALUES = """select h.id as household, h.code as "householdCode", u.code as commune, p.province, l.person_id as person,
  p.borrower as "personalId", l.id as loan, l.contract_no as "contractNo", d.id as disbursement,
  coalesce((select b.id::text from batch b where b.client_id like 'bench-%' order by b.id limit 1), h.id::text) as batch,
  (select to_char(max(created_at) - interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from loan_disbursement) as since
 from bench.param p join household h on h.id = p.household_id join administrative_unit u on u.id = h.unit_id
 join loan l on l.id = p.loan_id join loan_disbursement d on d.loan_id = l.id order by p.k limit 1"""
FIXED = {"nobody": "00000000-0000-0000-0000-000000000000", "name": "nguyen van", "day": workloads.ON, "from": "2026-01-01",
         "to": "2026-03-31", "schoolYear": workloads.SCHOOL_YEAR, "year": "2026", "reviewYear": "2025"}


class Log:
    """What PostgreSQL has written since it was last asked."""

    def __init__(self):
        self.path = os.path.join(place.BASE, "pg/log")
        self.at = os.path.getsize(self.path)

    def plans(self):
        with open(self.path, errors="replace") as file:
            file.seek(self.at)
            text = file.read()
            self.at = file.tell()
        for took, plan in PLAN.findall(text):
            try:
                yield float(took), json.loads(plan)
            except ValueError:
                continue


def sequential(node):
    """Names of the tables that a plan reads from end to end."""
    found = {node["Relation Name"]} if node["Node Type"] == "Seq Scan" else set()
    return found.union(*(sequential(child) for child in node.get("Plans", [])))


class Inquiry:
    def __init__(self, product, asked, large, values):
        self.product, self.asked, self.large, self.values, self.log = product, asked, large, values, Log()
        self.conn = http.client.HTTPConnection("127.0.0.1", product.port, timeout=600)
        self.runs, self.late = [], []

    def fill(self, text):
        for name, value in self.values.items():
            text = text.replace(f"<{name}>", value)
        return text

    def _send(self, request, client):
        began = time.monotonic()
        status, data = self.product.call(request, client, self.conn)
        answer = json.loads(data)
        took = 1000 * (time.monotonic() - began)
        if status == 403 or any(error["extensions"]["code"] in ("FORBIDDEN", "NOT_FOUND") for error in answer.get("errors") or []):
            return took, None
        if status == 503:  # the product gives up after its own time
            self.late.append(request["body"] or request["path"])
        elif status != 200 or "errors" in answer:
            raise SystemExit(f"{request['path']} {request['body']}: {status} {data[:500].decode()}")
        return took, answer

    def ask(self, question, client, whole=False):
        """Asks some times; the answer, or nothing where this client may not ask."""
        question = self.fill(question)
        if question.startswith("/"):
            request = {"method": "GET", "path": urllib.parse.quote(question, safe="/?&=:"), "body": "", "kind": "text/plain"}
        else:
            request = workloads.post("/graphql", json.dumps({"query": question}))
        took, answer = self._send(request, client)
        if answer is None:
            return None
        times = [took]
        while len(times) < TIMES and sum(times) < PATIENCE and not self.late:
            took, _ = self._send(request, client)
            times.append(took)
        time.sleep(0.005)  # a plan may be written after its answer has left
        self._note(question, client, whole, times)
        return answer

    def _note(self, question, client, whole, times):
        read, slowest = set(), (0.0, "")
        for took, plan in self.log.plans():
            read |= sequential(plan["Plan"]) & self.large
            slowest = max(slowest, (took, plan["Query Text"]))
        late, self.late = bool(self.late), []
        self.runs.append({"question": question, "client": client, "late": late, "p50": round(statistics.median(times), 2), "first": round(times[0], 2),
                          "sequential": sorted(read), "whole": whole, "slowest": slowest if slowest[0] > SLOW else None})

    def list(self, field, arguments, narrowing, counted, client):
        answer = self.ask(questions.page(field, arguments, "first:50"), client)
        if answer is None:
            return False
        cursor = answer["data"][field]["pageInfo"]["endCursor"] if answer.get("data") else None
        if cursor:
            self.ask(questions.page(field, arguments, f'first:50,after:"{cursor}"'), client)
            self.ask(questions.page(field, arguments, f'last:50,before:"{cursor}"'), client)
        if counted:
            # A count of the whole country counts rows all over it; a filter may leave most of them.
            self.ask(questions.count(field, arguments), client, whole="unit:" not in narrowing and "-" not in client)
        return True


def _clients(product, db, province):
    """Two clients of each role: of the whole country, and of a province."""
    for role in ROLES:
        for name, area in ((role, []), (f"{role}-{province}", ["--unit", province])):
            if not place.psql(db, f"select 1 from agency_client where client_id = 'bench-{name}'"):
                product.run("client", "add", "--client-id", f"bench-{name}", "--role", role, *area, f"Bench {name}")


def ask_all(product, db):
    values = {**FIXED, **{name: str(value) for name, value in place.rows(db, VALUES)[0].items()}}
    asked = questions.table()
    _clients(product, db, values["province"])
    # A table of a few pages is rightly read from end to end, whatever will become of it.
    large = {name for name in asked["large"] if int(place.psql(db, f"select reltuples::bigint from pg_class where oid = '{name}'::regclass")) > LARGE}
    inquiry = Inquiry(product, asked, large, values)
    for area in ("", f"-{values['province']}"):
        for field, arguments, narrowing, counted in questions.lists(asked):
            for role in ROLES:
                if inquiry.list(field, arguments, narrowing, counted, role + area) and field not in REACHED:
                    break
        for document, whole in questions.single(asked):
            for role in ROLES:
                if inquiry.ask(document, role + area, whole) is not None and not document.startswith(("{household(", "{person(")):
                    break
        for path in questions.pulls(asked):
            for role in ROLES:
                if inquiry.ask(path, role + area) is not None:
                    break
    return inquiry.runs


def plans(a):
    """Asks all of it with the planner as it is. Fails where a large table was read from end to end."""
    from . import measures
    db = place.fresh_copy(a.scale, not a.in_place)
    product = servers.Product(a.binary, db, more=[*a.set, "database.pool=2"])
    for name, value in SETTINGS.items():
        place.psql("postgres", f"load 'auto_explain'; alter database {db} set {name} = '{value}'")
    try:
        product.start(db)
        runs = ask_all(product, db)
    finally:
        product.stop()
        for name in SETTINGS:
            place.psql("postgres", f"load 'auto_explain'; alter database {db} reset {name}")
    measures.save(a, "plans", {"runs": runs})
    bad = [run for run in runs if run["late"] or run["sequential"] and not run["whole"]]
    if bad:
        raise SystemExit(f"{len(bad)} of {len(runs)} questions read a large table from end to end or were not answered in time")
