"""What is asked: the parameter sets, and each workload as a request to the product and to PostGraphile."""
import base64
import json

from . import place

SETS = 200
PUSHES = 20_000  # of Q6: what a household was lent is summed at each push, and a run makes 190,000 of them
STRIDE = 7919 * 104729  # set k asks for household k * STRIDE % households
ON = "2026-06-30"
NAMES = {
    "q1": "Q1 household with members and their current cards",
    "q2": "Q2 page of 50 households of a commune, 3 levels",
    "q3": "Q3 coverage of 100 personal IDs on a date",
    "q4": "Q4 second page of 50 disbursements, newest first",
    "q5": "Q5 sums of loans by programme, commune and year",
    "q6": "Q6 push of one disbursement on a known contract",
    "q6new": "Q6 with a new contract, so with a loan too",
    "q3rest": "Q3 over REST",
    "report": "Half-year report of a province",
}
# The limit that a workload is compared with, where it is not its own.
LIMIT_OF = {"q3rest": "q3", "q6new": "q6"}
# The role that asks: the narrowest that may see every field of the question.
ROLES = {"q1": "health", "q2": "labour", "q3": "health", "q3rest": "health", "q4": "policy_bank", "q5": "labour", "q6": "policy_bank", "q6new": "policy_bank",
         "report": "labour"}
HALF = {"from": "2026-01-01", "to": "2026-06-30"}
SCHOOL_YEAR = "2025-2026"

PRODUCT = {
    "q1": "query($id:ID!,$on:Date!){household(id:$id){id code headName village members(asOf:$on){relation person{id fullName"
          " birthDate sex personalId healthInsuranceCards(validOn:$on){cardNo groupCode validFrom validTo}}}}}",
    "q2": "query($unit:String!,$on:Date!){households(filter:{unit:$unit},orderBy:CODE,first:50){nodes{id code headName village"
          " residenceType unit{code name} members(asOf:$on){relation person{id fullName birthDate sex personalId}}"
          " loans{id programme grantedOn termMonths disbursedAmount}}}}",
    "q3": "query($ids:[String!]!,$on:Date!){insuranceCoverage(personalIds:$ids,asOf:$on){asOf results{personalId covered cardNo"
          " validFrom validTo reason}}}",
    "q4": "query($programme:[String!]!,$range:DateRange!,$after:String){loanDisbursements(filter:{programme:$programme,"
          "disbursedOn:$range},descending:true,first:50,after:$after){nodes{id reference programme amount disbursedOn"
          " classOnDate} pageInfo{hasNextPage endCursor}}}",
    "q5": "query($unit:String!,$range:DateRange!){loanSummary(filter:{unit:$unit,disbursedOn:$range}){programme turns"
          " beneficiaries amount}}",
    "report": "query($unit:String!,$half:DateRange!,$year:Int!,$school:String!){loanSummary(filter:{unit:$unit,disbursedOn:$half}){"
              "programme turns beneficiaries amount} educationSummary(filter:{unit:$unit,schoolYear:$school,paidOn:$half}){programme"
              " turns beneficiaries amount riceKg} electricitySummary(filter:{unit:$unit,year:$year,quarter:[1,2]}){turns"
              " beneficiaries amount}}",
}
_CARDS = "healthInsuranceCards(filter:{validFrom:{lessThanOrEqualTo:$on},validTo:{greaterThanOrEqualTo:$on}}){nodes{cardNo groupCode validFrom validTo}}"
_NUMBER = "personIdentifiers(condition:{kind:\"PERSONAL_ID\"}){nodes{value}}"
POSTGRAPHILE = {
    "q1": "query($id:UUID!,$on:Date!){household(rowId:$id){rowId code headName village householdMembers(orderBy:[VALID_FROM_ASC,"
          "ROW_ID_ASC]){nodes{relation person{rowId fullName birthDate sex " + _NUMBER + " " + _CARDS + "}}}}}",
    "q2": "query($unitId:UUID!){households(condition:{unitId:$unitId},orderBy:[CODE_ASC,ROW_ID_ASC],first:50){nodes{rowId code"
          " headName village residenceType unit{code name} householdMembers(orderBy:[VALID_FROM_ASC,ROW_ID_ASC]){nodes{relation"
          " person{rowId fullName birthDate sex " + _NUMBER + "}}} loans(orderBy:[GRANTED_ON_DESC,ROW_ID_DESC]){nodes{rowId"
          " programme grantedOn termMonths loanDisbursements{aggregates{sum{amount}}}}}}}}",
    "q3": "query($ids:[String!]!){personIdentifiers(filter:{kind:{equalTo:\"PERSONAL_ID\"},value:{in:$ids}}){nodes{value"
          " person{healthInsuranceCards{nodes{cardNo validFrom validTo}}}}}}",
    "q4": "query($programme:String!,$from:Date!,$to:Date!,$after:Cursor){loanDisbursements(condition:{programme:$programme},filter:{"
          "disbursedOn:{greaterThanOrEqualTo:$from,lessThanOrEqualTo:$to}},orderBy:[DISBURSED_ON_DESC,ROW_ID_DESC],first:50,"
          "after:$after){nodes{rowId reference programme amount disbursedOn classOnDate} pageInfo{hasNextPage endCursor}}}",
    "q5": "query($unitId:UUID!,$from:Date!,$to:Date!){loanDisbursements(condition:{unitId:$unitId},filter:{disbursedOn:{"
          "greaterThanOrEqualTo:$from,lessThanOrEqualTo:$to}}){groupedAggregates(groupBy:[PROGRAMME]){keys distinctCount{rowId"
          " householdId} sum{amount}}}}",
    "report": "query($units:[UUID!]!,$from:Date!,$to:Date!,$year:Int!,$school:String!){loanDisbursements(filter:{unitId:{in:$units},"
              "disbursedOn:{greaterThanOrEqualTo:$from,lessThanOrEqualTo:$to}}){groupedAggregates(groupBy:[PROGRAMME]){keys"
              " distinctCount{rowId householdId} sum{amount}}} educationSubsidies(filter:{unitId:{in:$units},schoolYear:{equalTo:"
              "$school},paidOn:{greaterThanOrEqualTo:$from,lessThanOrEqualTo:$to}}){groupedAggregates(groupBy:[PROGRAMME]){keys"
              " distinctCount{rowId personId} sum{amount riceGrams}}} electricitySupports(filter:{unitId:{in:$units},year:{equalTo:"
              "$year},quarter:{in:[1,2]}}){aggregates{distinctCount{rowId householdId} sum{amount}}}}",
    "q6": "mutation($v:LoanDisbursementInput!){createLoanDisbursement(input:{loanDisbursement:$v}){loanDisbursement{rowId}}}",
}
PARAM = """create schema if not exists bench; drop table if exists bench.param;
create table bench.param as
 with n as (select count(*) as households, (select count(*) from person_identifier where kind = 'PERSONAL_ID') as persons from household),
 draw as (select k, 'S' || lpad((k * %(stride)d::bigint % households)::text, 9, '0') as code, persons,
   (array['loan_clean_water', 'loan_job_creation', 'loan_poor', 'loan_near_poor'])[1 + k % 4] as programme,
   date '2025-01-03' + k % 200 as d1, date '2025-01-03' + k % 200 + 270 as d2 from n, generate_series(1, %(sets)d) k),
 known as (select value, row_number() over (order by value) - 1 as place from person_identifier where kind = 'PERSONAL_ID'),
 wanted as (select k, g, (k * 15485863::bigint + g * 32452843::bigint) % persons as place from draw, generate_series(0, 99) g),
 asked as (select k, array_agg(value order by g) as ids from wanted join known using (place) group by k)
 select draw.k, h.id as household_id, h.code, h.unit_id, u.code as unit, province.code as province, draw.programme, draw.d1, draw.d2, c.disbursed_on as cur_day,
  c.id as cur_id, l.id as loan_id, l.person_id, l.programme as loan_programme, i.value as borrower,
  asked.ids
 from draw join asked using (k) join household h on h.code = draw.code join administrative_unit u on u.id = h.unit_id
 join administrative_unit province on province.id = u.parent_id
 cross join lateral (select disbursed_on, id from loan_disbursement d where d.programme = draw.programme
  and d.disbursed_on between draw.d1 and draw.d2 order by disbursed_on desc, id desc offset 49 limit 1) c
 cross join lateral (select * from loan where loan.household_id = h.id order by loan.contract_no limit 1) l
 join person_identifier i on i.person_id = l.person_id and i.kind = 'PERSONAL_ID';
alter table bench.param add primary key (k);
drop table if exists bench.push;
create table bench.push as
 with n as (select count(*) as households from household),
 draw as (select k, lpad((k * %(stride)d::bigint % households)::text, 9, '0') as number from n, generate_series(1, %(pushes)d) k)
 select draw.k, h.id as household_id, h.code, h.unit_id, u.code as unit, l.id as loan_id, l.contract_no, l.person_id,
  l.programme as loan_programme, i.value as borrower
 from draw join loan l on l.contract_no = 'SHD-' || number join household h on h.id = l.household_id
 join administrative_unit u on u.id = h.unit_id join person_identifier i on i.person_id = l.person_id and i.kind = 'PERSONAL_ID';
analyze bench.param""".replace("%(sets)d", str(SETS)).replace("%(pushes)d", str(PUSHES)).replace("%(stride)d", str(STRIDE))


def prepare_parameters(db):
    """Draws the parameter sets, the same for everybody, and writes them where pgbench can read them."""
    place.psql(db, PARAM)
    if not are_prepared(db):
        raise SystemExit(f"fewer than {SETS} and {PUSHES} parameter sets: the seed is not what the bench knows")


def are_prepared(db):
    found = place.psql(db, "select (select count(province) from bench.param), (select count(contract_no) from bench.push)", check=False)
    return found == f"{SETS}|{PUSHES}"


def sets_of(q):
    """How many parameter sets a workload draws from."""
    return PUSHES if is_push(q) else SETS


def is_push(q):
    return LIMIT_OF.get(q, q) == "q6"


def pushes(db):
    """The parameter sets of Q6."""
    return place.rows(db, "select * from bench.push order by k")


def parameters(db):
    """Those of all others."""
    drawn = place.rows(db, "select * from bench.param order by k")
    units = {code: place.psql(db, "select json_agg(distinct within_id) from unit_scope where unit_id in (select id from"
                                  f" administrative_unit where code = '{code}')") for code in {p["province"] for p in drawn}}
    return [{**p, "province_units": json.loads(units[p["province"]])} for p in drawn]


def post(path, body, kind="application/json"):
    return {"method": "POST", "path": path, "body": body, "kind": kind}


def _graphql(query, variables):
    return post("/graphql", json.dumps({"query": query, "variables": variables}, separators=(",", ":")))


def product(q, p, after=None):
    """The request of a workload to the product. `@@UNIQ@@` becomes a new text in each request."""
    if q == "q1":
        return _graphql(PRODUCT[q], {"id": p["household_id"], "on": ON})
    if q == "q2":
        return _graphql(PRODUCT[q], {"unit": p["unit"], "on": ON})
    if q == "q3":
        return _graphql(PRODUCT[q], {"ids": p["ids"], "on": ON})
    if q == "q3rest":
        return post("/v1/insurance-coverage/query", json.dumps({"asOf": ON, "personalIds": p["ids"]}))
    if q == "q4":
        return _graphql(PRODUCT[q], {"programme": [p["programme"]], "range": {"from": p["d1"], "to": p["d2"]}, "after": after})
    if q == "q5":
        return _graphql(PRODUCT[q], {"unit": p["unit"], "range": {"from": "2025-01-01", "to": "2025-12-31"}})
    if q == "report":
        return _graphql(PRODUCT[q], {"unit": p["province"], "half": HALF, "year": 2026, "school": SCHOOL_YEAR})
    record = {"reference": "BP-@@UNIQ@@", "contractNo": p["contract_no"] if q == "q6" else "BPC-@@UNIQ@@", "personalId": p["borrower"], "householdCode": p["code"],
              "unitCode": p["unit"], "programme": p["loan_programme"], "amount": 50_000, "disbursedOn": ON, "termMonths": 36}
    return post("/v1/loan-disbursements", json.dumps({"records": [record]}, separators=(",", ":")))


def product_cursor(p):
    """The cursor that stands at the end of page one, as `src/listing.rs` writes it."""
    text = p["cur_id"].replace("-", "") + p["cur_day"]
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def postgraphile(q, p, after=None):
    """The same for PostGraphile, or None where it has no such thing."""
    if is_push(q):
        row = {"rowId": "@@UUID@@", "loanId": p["loan_id"], "householdId": p["household_id"], "personId": p["person_id"],
               "unitId": p["unit_id"], "programme": p["loan_programme"], "reference": "BG-@@UNIQ@@", "amount": "50000",
               "disbursedOn": ON, "classOnDate": "POOR", "batchId": p["loan_id"], "createdAt": "2026-06-30T00:00:00Z"}
        return _graphql(POSTGRAPHILE[q], {"v": row})
    variables = {
        "q1": {"id": p["household_id"], "on": ON},
        "q2": {"unitId": p["unit_id"]},
        "q3": {"ids": p["ids"]},
        "q4": {"programme": p["programme"], "from": p["d1"], "to": p["d2"], "after": after},
        "q5": {"unitId": p["unit_id"], "from": "2025-01-01", "to": "2025-12-31"},
        "report": {"units": p["province_units"], **HALF, "year": 2026, "school": SCHOOL_YEAR},
    }
    query = POSTGRAPHILE.get(q)
    if query is None:
        return None
    return _graphql(query, variables[q])
