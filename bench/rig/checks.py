"""Are the answers right? The product gives the very JSON that the limit's statement gives; PostGraphile the same values."""
import json
import uuid

from . import place, servers, statements, workloads

# What is compared with PostGraphile, whose answer has another shape: the values under these names, in the order of the answer.
SAME = {"q1": ["code", "fullName", "cardNo"], "q2": ["code", "fullName", "grantedOn", "name"], "q4": ["reference", "disbursedOn"],
        "q3": ["cardNo"], "q5": [], "report": []}


def values(answer, names):
    """The values under some names, wherever they stand, sorted."""
    found = []

    def walk(node):
        if isinstance(node, dict):
            for name, value in node.items():
                if name in names and not isinstance(value, (dict, list)):
                    found.append(str(value))
                else:
                    walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(answer)
    return sorted(found)


def comparable(q, answer):
    """The answer without what the limit's statement leaves out: a cursor, and which of two equal cards is named."""
    text = json.loads(json.dumps(answer))
    if q == "q4":
        text["loanDisbursements"]["pageInfo"].pop("endCursor", None)
        for row in text["loanDisbursements"]["nodes"]:
            row["amount"] = int(row["amount"])
    if q == "q3":
        for row in text["insuranceCoverage"]["results"]:
            row.pop("cardNo", None)
    if q == "q5":
        for row in text["loanSummary"]:
            row["amount"] = int(row["amount"])
    if q == "report":
        for row in [row for lines in text.values() for row in lines]:
            row["amount"] = int(row["amount"])
    if q == "q2":
        for household in text["households"]["nodes"]:
            for loan in household["loans"]:
                loan["disbursedAmount"] = int(loan["disbursedAmount"])
    return text


def difference(a, b, path=""):
    """Where two answers first differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        for name in a.keys() | b.keys():
            if (found := difference(a.get(name), b.get(name), f"{path}.{name}")):
                return found
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            if (found := difference(x, y, f"{path}[{i}]")):
                return found
    elif a != b:
        return f"{path}: {str(a)[:150]} != {str(b)[:150]}"
    return None


def answer_of(server, q, p):
    request = server.request(q, p)
    request["body"] = request["body"].replace("@@UNIQ@@", uuid.uuid4().hex).replace("@@UUID@@", str(uuid.uuid4()))
    status, data = server.call(request, workloads.ROLES[q])
    body = json.loads(data)
    if status != 200 or "errors" in body:
        raise SystemExit(f"{server.name} {q}: {status} {data[:600].decode()}")
    return body, len(data)


def check_product(product, db, q, p):
    body, size = answer_of(product, q, p)
    if workloads.is_push(q):
        if body.get("accepted") != 1:
            raise SystemExit(f"q6 was not accepted: {body}")
        return size
    expected = json.loads(place.psql(db, statements.once(workloads.LIMIT_OF.get(q, q), p)))
    got = {"insuranceCoverage": body} if q == "q3rest" else body["data"]
    q = workloads.LIMIT_OF.get(q, q)
    found = difference(comparable(q, got), comparable(q, expected))
    if found:
        raise SystemExit(f"{q} set {p['k']}: the product's answer is not the limit's: {found}")
    return size


def check_peer(peer, product, q, p):
    theirs, size = answer_of(peer, q, p)
    if q in SAME and SAME[q]:
        ours, _ = answer_of(product, q, p)
        mine, other = values(ours, SAME[q]), values(theirs, SAME[q])
        if q == "q3":  # the peer returns every card; ours names one a person
            mine, other = sorted(set(mine) - {"None"} - set(other)), []
        if mine != other:
            raise SystemExit(f"{peer.name} {q} set {p['k']}: {len(mine)} values of ours, {len(other)} of theirs differ")
    return size


def check(a):
    db = place.fresh_copy(a.scale, not a.in_place)
    product = servers.Product(a.binary, db, more=a.set)
    peers = [servers.PostGraphile() for name in a.peers if name == "postgraphile"]
    parameters, pushes = workloads.parameters(db)[:20], workloads.pushes(db)[:20]
    try:
        for server in [product, *peers]:
            server.start(db)
        for q in a.workloads:
            asked = pushes if workloads.is_push(q) else parameters
            sizes = {"ansinh": [check_product(product, db, q, p) for p in asked]}
            for peer in peers:
                if peer.has(q):
                    sizes[peer.name] = [check_peer(peer, product, q, p) for p in asked]
            told = ", ".join(f"{name} {sum(size) // len(size)} bytes" for name, size in sizes.items())
            print(f"{q}: {len(asked)} answers right; {told}", flush=True)
    finally:
        for server in [product, *peers]:
            server.stop()
