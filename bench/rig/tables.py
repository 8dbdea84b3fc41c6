"""Results as Markdown."""
import json
import statistics

from . import workloads


def _median(numbers):
    return statistics.median(numbers)


def _cell(runs, q, peer, conns):
    """Rate, latencies and the median over rounds of the ratio to the limit of the same round, with its spread."""
    mine = {r["round"]: r for r in runs if (r["q"], r["peer"], r["conns"]) == (q, peer, conns)}
    base = {r["round"]: r for r in runs if (r["q"], r["peer"], r["conns"]) == (q, "limit", conns)}
    if not mine:
        return "-"
    ratios = [r["rps"] / base[rnd]["rps"] for rnd, r in mine.items() if rnd in base]
    spread = f" ({min(ratios):.2f}–{max(ratios):.2f})" if len(ratios) > 1 and peer != "limit" else ""
    bad = sum(r["bad"] for r in mine.values())
    middle = {name: _median([r[name] for r in mine.values()]) for name in ("rps", "p50", "p99")}
    return f"{_median(ratios):.2f}{spread} · {middle['rps']:.0f}/s · {middle['p50']:.2f}/{middle['p99']:.1f}" + (f" · {bad} BAD" if bad else "")


def _processor(runs, peers, conns):
    """Processor time a request, of client, server and database together: what decides the rate on a machine that does
    nothing else, and hardly moved by what else this one does."""
    print(f"\n**Processor ms a request, client, server and database together, {conns} connections** (ratio to the limit; of it"
          " in the server itself)\n")
    print("| | " + " | ".join(peers) + " |\n|---|" + "---|" * len(peers))
    for q in dict.fromkeys(r["q"] for r in runs):
        cells, base = [], None
        for peer in peers:
            mine = [r for r in runs if (r["q"], r["peer"], r["conns"]) == (q, peer, conns)]
            if not mine:
                cells.append("-")
                continue
            used = _median([r["all_cpu_ms"] for r in mine])
            base = base or used
            own = f"; {_median([r['cpu_ms'] for r in mine]):.2f}" if "cpu_ms" in mine[0] else ""
            cells.append(f"{used:.2f} ({base / used:.2f}{own})")
        print(f"| {workloads.NAMES[q]} | " + " | ".join(cells) + " |")


def _run(result):
    runs = result["runs"]
    conns = sorted({r["conns"] for r in runs})
    peers = list(dict.fromkeys(r["peer"] for r in sorted(runs, key=lambda r: ["limit", "rows", "ansinh"].index(r["peer"]) if r["peer"] in ("limit", "rows", "ansinh") else 9)))
    for c in conns:
        print(f"\n**{c} connection{'s' if c > 1 else ''}**: ratio to the limit (least–most over rounds) · requests/s · p50/p99 ms\n")
        print("| | " + " | ".join(peers) + " |\n|---|" + "---|" * len(peers))
        for q in dict.fromkeys(r["q"] for r in runs):
            print(f"| {workloads.NAMES[q]} | " + " | ".join(_cell(runs, q, peer, c) for peer in peers) + " |")
    print("\n| | cold start, s | RSS idle, MiB | after the load | peak |\n|---|---|---|---|---|")
    for name, memory in result["memory"].items():
        print(f"| {name} | {result['cold'].get(name)} | {memory.get('idle')} | {memory.get('after')} | {memory.get('peak')} |")
    _processor(runs, peers, 16 if 16 in conns else conns[-1])
    for where, told in result.get("statements", {}).items():
        print(f"\n{where}: {told['requests']:.0f} requests\n\n| calls | run, ms | plan, ms | rows | statement |\n|---|---|---|---|---|")
        for one in told["top"]:
            print(f"| {one['calls']} | {one['mean_ms']} | {one['plan_ms']} | {one['rows']} | `{one['query']}` |")


def _bulk(result):
    print(f"\n{result['rows']:,} rows in one push\n")
    print("| contracts | push, s | \\copy, s | ratio | processor s of the product | findings | peak RSS before, peak, after, MiB |\n|---|---|---|---|---|---|---|")
    for r in result["runs"]:
        print(f"| {r['contracts']} | {r['push_s']} | {r['copy_s']} | {r['ratio']:.2f} | {r['product_cpu_s']} | {r['findings']} | {r.get('idle', '-')}, {r['peak']}, {r['rss']} |")


def _coverage(result):
    limit = _median(result["ms"]["limit"])
    print("\n| | median ms | least–most | ratio to the limit |\n|---|---|---|---|")
    for name, all_ in result["ms"].items():
        print(f"| {name} | {_median(all_):.1f} | {min(all_):.1f}–{max(all_):.1f} | {limit / _median(all_):.2f} |")


def _open(result):
    print("\n| | asked/s | achieved/s | p50 ms | p99 ms | p99.9 ms | failed | RSS MiB |\n|---|---|---|---|---|---|---|---|")
    for r in result["runs"]:
        print(f"| {r['peer']} | {r['rate']} | {r['achieved']} | {r['p50']} | {r['p99']} | {r['p999']} | {r['bad']} | {r['rss']} |")


def _plans(result):
    runs = result["runs"]
    bad = [r for r in runs if r["late"] or r["sequential"] and not r["whole"]]
    whole = [r for r in runs if r["sequential"] and r["whole"]]
    at = lambda part: sorted(r["p50"] for r in runs)[min(int(len(runs) * part), len(runs) - 1)]
    print(f"\n{len(runs)} questions, p50 of each: half under {at(0.5):.1f} ms, nine of ten under {at(0.9):.1f}, the slowest {at(1):.0f}."
          f" {len(bad)} read a large table from end to end or were not answered in time, and {len(whole)} more whose answer is made of all rows.")
    print("\n| p50 ms | first ms | asked by | question | read from end to end |\n|---|---|---|---|---|")
    shown = bad + sorted((r for r in runs if r not in bad), key=lambda r: -r["p50"])[:25]
    for r in shown:
        note = ", ".join(r["sequential"]) + (" (all rows)" if r["sequential"] and r["whole"] else "") + (" not answered" if r["late"] else "")
        print(f"| {r['p50']} | {r['first']} | {r['client']} | `{r['question'][:170]}` | {note} |")


def _sqlite(result):
    runs, conns = result["runs"], sorted({r["conns"] for r in result["runs"]})
    print(f"\n{result['size'] / 1e6:.0f} MB, cold start {result['cold']} s, RSS after the load {result['memory'][0]} MiB, peak {result['memory'][1]}\n")
    print("| requests/s · p50/p99 ms | " + " | ".join(str(c) for c in conns) + " | processor ms a request |\n|---|" + "---|" * (len(conns) + 1))
    for q in dict.fromkeys(r["q"] for r in runs):
        cells = []
        for c in conns:
            mine = [r for r in runs if (r["q"], r["conns"]) == (q, c)]
            middle = {name: _median([r[name] for r in mine]) for name in ("rps", "p50", "p99")}
            bad = sum(r["bad"] for r in mine)
            cells.append(f"{middle['rps']:.0f}/s · {middle['p50']:.2f}/{middle['p99']:.1f}" + (f" · {bad} BAD" if bad else ""))
        used = _median([r["all_cpu_ms"] for r in runs if r["q"] == q])
        print(f"| {workloads.NAMES[q]} | " + " | ".join(cells) + f" | {used:.2f} |")
    bulk = result["bulk"]
    print(f"\n{bulk['rows']:,} disbursements in one push: {bulk['push_s']} s, {bulk['product_cpu_s']} s of processor, peak {bulk['peak']} MiB")


def _by_turns(result):
    print("\n| L as a part of S | of the same round (least–most) | requests/s on S | on L |\n|---|---|---|---|")
    for q in dict.fromkeys(r["q"] for r in result["runs"]):
        rate = {on: {r["round"]: r["rps"] for r in result["runs"] if (r["q"], r["on"]) == (q, on)} for on in ("S", "L")}
        parts = [rate["L"][rnd] / rate["S"][rnd] for rnd in rate["L"]]
        print(f"| {workloads.NAMES[q]} | {_median(parts):.2f} ({min(parts):.2f}–{max(parts):.2f}) | {_median(rate['S'].values()):.0f} | {_median(rate['L'].values()):.0f} |")


def _scales(small, large):
    """L against S: what a million households cost the same question."""
    print("\n### L against S: rate on L as a part of the rate on S, at the same number of connections\n")
    peers = list(dict.fromkeys(r["peer"] for r in large))
    print("| | " + " | ".join(peers) + " |\n|---|" + "---|" * len(peers))
    rate = lambda result, q, peer, c: [r["rps"] for r in result if (r["q"], r["peer"], r["conns"]) == (q, peer, c)]
    for c in sorted({r["conns"] for r in large} & {r["conns"] for r in small}):
        for q in dict.fromkeys(r["q"] for r in large):
            cells = []
            for peer in peers:
                s, big = rate(small, q, peer, c), rate(large, q, peer, c)
                cells.append(f"{_median(big) / _median(s):.2f} ({_median(s):.0f} → {_median(big):.0f}/s)" if s and big and _median(s) else "-")
            print(f"| {workloads.NAMES[q]}, {c} | " + " | ".join(cells) + " |")


def print_all(files):
    results = [_print(path) for path in files]
    of = lambda scale: [r for result in results if (result["kind"], result["scale"]) == ("run", scale) for r in result["runs"]]
    if of("S") and of("L"):
        _scales(of("S"), of("L"))


def _print(path):
    with open(path) as file:
        result = json.load(file)
    print(f"\n### {result['kind']}, scale {result['scale']}, {result['when']}")
    {"run": _run, "bulk": _bulk, "coverage": _coverage, "open": _open, "plans": _plans, "sqlite": _sqlite,
     "scales": _by_turns}[result["kind"]](result)
    return result
