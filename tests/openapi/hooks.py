"""What the schemas of openapi.json cannot say of the data that Schemathesis makes up."""

import re
from datetime import date

import schemathesis
from hypothesis import strategies as st

# Days of the years that are read: `format: date` alone begins with year 1.
schemathesis.openapi.format("date", st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(str))

# Text without a schema: a record of which everything is missing is refused by itself.
schemathesis.openapi.media_type("application/x-ndjson", st.just(b'{"reference": "1"}\n'))
schemathesis.openapi.media_type("text/csv", st.just(b"reference\n1\n"))


UNIT = re.compile("([0-9]{2}|[0-9]{3}|[0-9]{5})")


@schemathesis.hook
def map_query(context, query):
    """A code of the right form mostly belongs to no unit there ever was."""
    if query and UNIT.fullmatch(str(query.get("unit", ""))):
        query["unit"] = "063"
    return query


@schemathesis.hook
def filter_case(context, case):
    """Rules between values, and what HTTP lets pass."""
    query, headers = case.query or {}, case.headers or {}
    body = case.body if isinstance(case.body, dict) else {}
    if UNIT.fullmatch(str(query.get("unit", ""))) and query["unit"] != "063":
        return False
    # A cursor is the server's own.
    if "after" in query and not case.path.endswith("/results"):
        return False
    # A school year ends the year after it began.
    year = query.get("schoolYear")
    if isinstance(year, str) and len(year) == 9 and year[:4].isdigit() and year[5:].isdigit():
        if int(year[5:]) != int(year[:4]) + 1:
            return False
    # The key of the body is that of the header.
    if "Idempotency-Key" in headers and body.get("idempotencyKey") not in (None, headers["Idempotency-Key"]):
        return False
    # A whole number is written without a point, though JSON Schema takes 1.0 for one.
    if any(isinstance(body.get(total), float) for total in ("declaredCount", "declaredAmount")):
        return False
    # Headers of others are not ours to refuse.
    return "x-schemathesis-unknown-property" not in headers


@schemathesis.check
def every_row_has_its_outcome(context, response, case):
    """A push that is taken tells of each row what became of it, and the counts add up."""
    operation = case.operation.definition.raw.get("operationId", "")
    if response.status_code != 200 or not operation.startswith("record"):
        return
    batch = response.json()
    outcomes = ["accepted", "duplicate", "conflict", "unmatched", "rejected"]
    assert batch["received"] == len(batch["results"]) == sum(batch[outcome] for outcome in outcomes), batch
    for row in batch["results"]:
        assert (row["status"] in ("REJECTED", "CONFLICT", "UNMATCHED")) == bool(row["errors"]), row
