"""Where things are, and the database: everything of the bench lives in one directory and on the loopback."""
import json
import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BASE = os.environ.setdefault("BENCH_DIR", os.path.join(tempfile.gettempdir(), "ansinh-bench"))
PG_PORT = os.environ.setdefault("BENCH_PG_PORT", "55432")
PG = {"PGHOST": "127.0.0.1", "PGPORT": PG_PORT, "PGUSER": "postgres"}
# Households, and the unit whose communes they are spread over. A province of 65 communes gives a commune of S 308 households, the
# whole country gives one of L 301: S and L differ in size, not in what there is to tell of a commune.
SCALES = {"S": (20_000, "20"), "L": (1_000_000, None)}


def work(name):
    path = os.path.join(BASE, "run")
    os.makedirs(path, exist_ok=True)
    return os.path.join(path, name)


def url(db):
    return f"postgres://postgres@127.0.0.1:{PG_PORT}/{db}"


def psql(db, sql, check=True):
    """Runs a statement; its rows as text, columns parted by |."""
    done = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", db, "-c", sql], env={**os.environ, **PG},
                          capture_output=True, text=True)
    if check and done.returncode:
        raise SystemExit(f"psql: {done.stderr.strip()}\n{sql[:500]}")
    return done.stdout.strip()


def rows(db, sql):
    """The rows of a statement, each as a dict."""
    text = psql(db, f"select coalesce(json_agg(t), '[]') from ({sql}) t")
    return json.loads(text)


def seeded(scale):
    return f"ansinh_{scale.lower()}"


def fresh_copy(scale, copy=True):
    """A database to measure on: a copy of the seeded one, so that what a run writes does not stay; or that itself, swept before."""
    if not copy:
        sweep(seeded(scale))
        return seeded(scale)
    name = f"ansinh_{scale.lower()}_run"
    psql("postgres", f"drop database if exists {name} with (force)")
    psql("postgres", f"create database {name} template {seeded(scale)}")
    psql(name, "vacuum analyze")
    psql(name, "checkpoint")
    return name


# What was written by the clients of the bench (B…: references and contracts of pushes, of the limit and of PostGraphile).
LEFT = """begin;
create temp table left_by on commit drop as select id from batch where client_id like 'bench-%';
delete from finding where batch_id in (select id from left_by);
delete from unmatched_record where batch_id in (select id from left_by);
delete from change_event where batch_id in (select id from left_by);
delete from batch_record where batch_id in (select id from left_by);
delete from batch where id in (select id from left_by);
delete from loan_disbursement where reference ~ '^B[PLGB]-';
delete from loan where contract_no ~ '^B(P|B)C-';
delete from audit_entry where client_id like 'bench-%';
commit"""


def sweep(db):
    """Takes away what runs have left. Rows of earlier runs crowd about the contracts that are pushed to, which makes every later run
    slower: after a day of them L was half to two thirds as fast as S, swept 0.7 to 0.9."""
    if psql(db, "select exists (select from audit_entry where client_id like 'bench-%') or exists (select from loan_disbursement"
                " where reference ~ '^B[PLGB]-')") == "f":
        return
    psql(db, LEFT)
    for table in ("finding", "change_event", "batch_record", "batch", "loan_disbursement", "loan", "audit_entry"):
        psql(db, f"vacuum analyze {table}")


def postgres_cpu():
    """Seconds of processor time of the cluster: of its processes, and of those that have ended."""
    with open(os.path.join(BASE, "pg/data/postmaster.pid")) as file:
        main = int(file.readline())
    with open(f"/proc/{main}/task/{main}/children") as children:
        pids = [main, *map(int, children.read().split())]
    ticks = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12]) + (int(fields[13]) + int(fields[14]) if pid == main else 0)
    return ticks / os.sysconf("SC_CLK_TCK")
