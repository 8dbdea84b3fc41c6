"""Every filter and order of the schema, from questions.json: `tests/it/plans` makes the same of it and proves it complete."""
import json
import os

from . import place


def table():
    with open(os.path.join(place.HERE, "questions.json")) as file:
        return json.load(file)


def _values(examples):
    return [(name, value) for name, values in examples.items() for value in values]


def _join(*parts):
    return ",".join(part for part in parts if part)


def _narrowings(of):
    """No filter, each alone, all together."""
    filters = of.get("filter", {})
    found = [""] + [f"filter:{{{name}:{value}}}" for name, value in _values(filters)]
    found += [f"{name}:{value}" for name, value in _values(of.get("arguments", {}))]
    if len(filters) > 1:
        found.append("filter:{" + ",".join(f"{name}:{values[0]}" for name, values in filters.items()) + "}")
    return found


def lists(asked):
    """(field, arguments, order, whether it is the first in its order) of every way to ask for a list."""
    for field, of in asked["lists"].items():
        orders = [f"orderBy:{order}" for order in of.get("orderBy", [])] or [""]
        for narrowing in _narrowings(of):
            for order in orders:
                for turn in ["", "descending:true"] if of.get("descending") else [""]:
                    yield field, _join(narrowing, order, turn), narrowing, order == orders[0] and not turn


def page(field, arguments, page):
    return f"{{{field}({_join(arguments, page)}){{nodes{{id}} pageInfo{{endCursor}}}}}}"


def count(field, arguments):
    given = f"({arguments})" if arguments else ""
    return f"{{{field}{given}{{totalCount}}}}"


def single(asked):
    """(document, whether its answer is made of all rows of a table)."""
    whole = [tuple(one) for one in asked["whole"]]
    for field, ways in asked["single"].items():
        for name, text in ways or [(None, None)]:
            given = f"({name}:{text})" if name else ""
            yield f"{{{field}{given}{{__typename}}}}", (field, f"{name}:{text}") in whole
    for fields in asked["types"].values():
        for field in fields[1:]:
            yield "{" + fields[0].replace("%", field) + "}", False


def pulls(asked):
    """Paths of REST lists: each parameter alone, with and without a time, both ways."""
    for kind, parameters in asked["pulls"].items():
        for since in ("", "updatedSince=<since>"):
            for turn in ("", "descending=true"):
                for narrowing in [""] + [f"{name}={value}" for name, value in _values(parameters)]:
                    yield f"/v1/{kind}?" + "&".join(part for part in (narrowing, since, turn, "first=50") if part)
