"""The workloads as SQL on the tables of the product: `LIMIT`, one statement that returns the whole answer as the JSON that
the product gives; and `ROWS`, the same answer as plain rows, sent in one pipeline.

A text has holes: `{on}` and the like. pgbench fills them with an expression over its random numbers, the check with
literals of one parameter set.
"""

ON = "date '2026-06-30'"
# What pgbench draws: the number of a parameter set, and by the formula of `workloads` the household of that set, so that
# everybody asks for the same ones.
DRAWS = "\\set k random(1, :sets)\n\\set h :k * :stride % :households\n\\set r random(1, 9000000000000000)\n"
PGBENCH = {
    "code": "('S' || lpad(:h::text, 9, '0'))",
    "unit": "(select unit_id from household where code = 'S' || lpad(:h::text, 9, '0') limit 1)",
    "ids": "(select ids from bench.param where k = :k)",
    "param": "bench.param",
    "k": ":k",
    "contract": "('SHD-' || lpad(:h::text, 9, '0'))",
    "reference": "('BL-' || :client_id || '-' || :r)",
    "province": "(select province from bench.param where k = :k)",
}
MEMBER_ON = f"(m.valid_from is null or m.valid_from <= {ON}) and (m.valid_to is null or m.valid_to >= {ON})"
NUMBER = "(select i.value from person_identifier i where i.person_id = p.id and i.kind = 'PERSONAL_ID')"
Q1_CARDS = f"""(select coalesce(json_agg(json_build_object('cardNo', c.card_no, 'groupCode', c.group_code,
   'validFrom', c.valid_from, 'validTo', c.valid_to) order by c.valid_to desc, c.id desc), '[]')
  from health_insurance_card c where c.person_id = p.id and c.valid_from <= {ON} and c.valid_to >= {ON})"""
Q2_LOANS = """(select coalesce(json_agg(json_build_object('id', l.id, 'programme', l.programme, 'grantedOn', l.granted_on,
   'termMonths', l.term_months, 'disbursedAmount', (select coalesce(sum(d.amount), 0)::bigint from loan_disbursement d
     where d.loan_id = l.id)) order by l.granted_on desc, l.id desc), '[]') from loan l where l.household_id = h.id)"""
SPAN_ORDER = f"""case when c.valid_from > {ON} then 1 when c.valid_to < {ON} then 2 else 0 end,
   case when c.valid_from > {ON} then c.valid_from - date '1900-01-01' else date '2200-01-01' - c.valid_to end"""
HALF = "date '2026-01-01' and date '2026-06-30'"
_PLACES = "select within_id from unit_scope where unit_id in (select id from administrative_unit where code = {province})"

LIMIT = {
    "q1": f"""select json_build_object('household', (select json_build_object('id', h.id, 'code', h.code, 'headName', h.head_name,
  'village', h.village, 'members', (select coalesce(json_agg(json_build_object('relation', m.relation, 'person',
    json_build_object('id', p.id, 'fullName', p.full_name, 'birthDate', p.birth_date, 'sex', p.sex, 'personalId', {NUMBER},
     'healthInsuranceCards', {Q1_CARDS})) order by m.relation <> 'HEAD', m.valid_from, m.id), '[]')
   from household_member m join person p on p.id = m.person_id where m.household_id = h.id and {MEMBER_ON}))
 from household h where h.code = {{code}}))::text""",
    "q2": f"""select json_build_object('households', json_build_object('nodes', coalesce(json_agg(json_build_object('id', h.id,
  'code', h.code, 'headName', h.head_name, 'village', h.village, 'residenceType', h.residence_type,
  'unit', (select json_build_object('code', u.code, 'name', u.name) from administrative_unit u where u.id = h.unit_id),
  'members', (select coalesce(json_agg(json_build_object('relation', m.relation, 'person', json_build_object('id', p.id,
     'fullName', p.full_name, 'birthDate', p.birth_date, 'sex', p.sex, 'personalId', {NUMBER})) order by m.relation <> 'HEAD', m.valid_from, m.id), '[]')
   from household_member m join person p on p.id = m.person_id where m.household_id = h.id and {MEMBER_ON}),
  'loans', {Q2_LOANS}) order by h.code, h.id), '[]')))::text
 from (select * from household where unit_id = {{unit}} order by code, id limit 50) h""",
    "q3": f"""select json_build_object('insuranceCoverage', json_build_object('asOf', {ON}, 'results', json_agg(json_build_object(
   'personalId', u.value, 'covered', coalesce(c.valid_from <= {ON} and c.valid_to >= {ON}, false), 'cardNo', c.card_no,
   'validFrom', c.valid_from, 'validTo', c.valid_to, 'reason', case when i.person_id is null then 'UNKNOWN_PERSON'
    when c.card_no is null then 'NO_CARD' when c.valid_from > {ON} then 'NOT_YET_VALID' when c.valid_to < {ON} then 'EXPIRED'
    else 'COVERED' end) order by u.place)))::text
 from unnest({{ids}}) with ordinality u(value, place)
 left join person_identifier i on i.kind = 'PERSONAL_ID' and i.value = u.value
 left join lateral (select card_no, valid_from, valid_to from health_insurance_card c where c.person_id = i.person_id
   order by {SPAN_ORDER} limit 1) c on true""",
    "q4": """select json_build_object('loanDisbursements', json_build_object('nodes', json_agg(json_build_object('id', d.id,
   'reference', d.reference, 'programme', d.programme, 'amount', d.amount, 'disbursedOn', d.disbursed_on,
   'classOnDate', d.class_on_date) order by d.n) filter (where d.n <= 50),
   'pageInfo', json_build_object('hasNextPage', count(*) > 50)))::text
 from (select * from {param} where k = {k}) a, lateral (select *, row_number() over (order by disbursed_on desc, id desc) n
   from loan_disbursement where programme = a.programme and disbursed_on between a.d1 and a.d2
   and (disbursed_on, id) < (a.cur_day, a.cur_id) order by disbursed_on desc, id desc limit 51) d""",
    "q5": """select json_build_object('loanSummary', coalesce(json_agg(json_build_object('programme', programme, 'turns', n,
   'beneficiaries', b, 'amount', a) order by programme), '[]'))::text
 from (select programme, count(*) n, count(distinct household_id) b, sum(amount)::bigint a from loan_disbursement
  where unit_id = {unit} and disbursed_on between date '2025-01-01' and date '2025-12-31' group by programme) s""",
    "report": f"""select json_build_object('loanSummary', (select coalesce(json_agg(json_build_object('programme', programme,
   'turns', n, 'beneficiaries', b, 'amount', a) order by programme), '[]') from (select programme, count(*) n,
   count(distinct household_id) b, sum(amount)::bigint a from loan_disbursement where unit_id in ({_PLACES})
   and disbursed_on between {HALF} group by programme) s),
  'educationSummary', (select coalesce(json_agg(json_build_object('programme', programme, 'turns', n, 'beneficiaries', b,
   'amount', a, 'riceKg', r / 1000.0) order by programme), '[]') from (select programme, count(*) n,
   count(distinct person_id) b, sum(amount)::bigint a, sum(rice_grams)::bigint r from education_subsidy
   where unit_id in ({_PLACES}) and school_year = '2025-2026' and paid_on between {HALF} group by programme) s),
  'electricitySummary', (select json_agg(json_build_object('turns', n, 'beneficiaries', b, 'amount', a)) from (select count(*) n,
   count(distinct household_id) b, sum(amount)::bigint a from electricity_support where unit_id in ({_PLACES})
   and year = 2026 and quarter in (1, 2)) s))::text""",
    "q6": """insert into loan_disbursement (id, loan_id, household_id, person_id, unit_id, programme, reference, amount,
   disbursed_on, class_on_date, batch_id, created_at)
 select gen_random_uuid(), l.id, l.household_id, l.person_id, l.unit_id, l.programme, {reference}, 50000, date '2026-06-30',
   'POOR', l.id, now() from loan l where l.contract_no = {contract} returning id""",
}
_PAGE = "array(select id from household where unit_id = {unit} order by code, id limit 50)"
_PERSONS = f"array(select m.person_id from household_member m where m.household_id = any({_PAGE}))"


def _key(of):
    """A key that the statements of one push agree about."""
    return f"md5('{of}' || {{reference}})::uuid"


ROWS = {
    "q1": ["select id, code, head_name, village from household where code = {code}",
           "select m.relation, p.id, p.full_name, p.birth_date, p.sex, i.value from household h"
           " join household_member m on m.household_id = h.id join person p on p.id = m.person_id"
           " left join person_identifier i on i.person_id = p.id and i.kind = 'PERSONAL_ID'"
           f" where h.code = {{code}} and {MEMBER_ON} order by m.relation <> 'HEAD', m.valid_from, m.id",
           "select c.person_id, c.card_no, c.group_code, c.valid_from, c.valid_to from household h"
           " join household_member m on m.household_id = h.id join health_insurance_card c on c.person_id = m.person_id"
           f" where h.code = {{code}} and c.valid_from <= {ON} and c.valid_to >= {ON}"],
    "q2": ["select id, code, head_name, village, residence_type, unit_id from household where unit_id = {unit} order by code, id limit 50",
           "select id, code, name from administrative_unit where id = {unit}",
           "select m.household_id, m.relation, p.id, p.full_name, p.birth_date, p.sex from household_member m"
           f" join person p on p.id = m.person_id where m.household_id = any({_PAGE}) and {MEMBER_ON} order by m.relation <> 'HEAD', m.valid_from, m.id",
           f"select person_id, value from person_identifier where kind = 'PERSONAL_ID' and person_id = any({_PERSONS})",
           f"select id, household_id, programme, granted_on, term_months from loan where household_id = any({_PAGE})"
           " order by granted_on desc, id desc",
           "select d.loan_id, d.amount from loan l join loan_disbursement d on d.loan_id = l.id"
           f" where l.household_id = any({_PAGE})"],
    "q3": ["select i.value, c.card_no, c.valid_from, c.valid_to from person_identifier i"
           " left join health_insurance_card c on c.person_id = i.person_id"
           " where i.kind = 'PERSONAL_ID' and i.value = any({ids}::text[])"],
    "q4": ["select d.* from (select * from {param} where k = {k}) a, lateral (select id, reference, programme, amount,"
           " disbursed_on, class_on_date from loan_disbursement where programme = a.programme"
           " and disbursed_on between a.d1 and a.d2 and (disbursed_on, id) < (a.cur_day, a.cur_id)"
           " order by disbursed_on desc, id desc limit 51) d"],
    "report": ["select programme, count(*), count(distinct household_id), sum(amount)::bigint from loan_disbursement"
               f" where unit_id in ({_PLACES}) and disbursed_on between {HALF} group by programme",
               "select programme, count(*), count(distinct person_id), sum(amount)::bigint, sum(rice_grams) from education_subsidy"
               f" where unit_id in ({_PLACES}) and school_year = '2025-2026' and paid_on between {HALF} group by programme",
               "select count(*), count(distinct household_id), sum(amount)::bigint from electricity_support"
               f" where unit_id in ({_PLACES}) and year = 2026 and quarter in (1, 2)"],
    # All that a push stores, in one transaction, as a pipeline is.
    "q6": [f"insert into loan_disbursement (id, loan_id, household_id, person_id, unit_id, programme, reference, amount, disbursed_on,"
           f" class_on_date, batch_id, created_at) select {_key('d')}, id, household_id, person_id, unit_id, programme, {{reference}},"
           f" 50000, date '2026-06-30', 'POOR', {_key('b')}, now() from loan where contract_no = {{contract}}",
           "insert into batch (id, client_id, kind, status, body_hash, received, accepted, duplicate, conflict, unmatched, rejected,"
           f" amount, atomic, request_id, created_at) values ({_key('b')}, 'bench-rows', 'loan-disbursements', 'COMPLETED',"
           " sha256({reference}::bytea), 1, 1, 0, 0, 0, 0, 50000, false, {reference}, now())",
           "insert into batch_record (batch_id, position, client_id, kind, reference, content_hash, status, record_id) values"
           f" ({_key('b')}, 0, 'bench-rows', 'loan-disbursements', {{reference}}, sha256({{reference}}::bytea), 'ACCEPTED', {_key('d')})",
           f"insert into change_event (id, subject, record_id, unit_id, operation, batch_id, at) select {_key('e')},"
           f" 'LoanDisbursement', {_key('d')}, unit_id, 'CREATED', {_key('b')}, now() from loan where contract_no = {{contract}}",
           "insert into audit_entry (id, at, client_id, role, action, outcome, disclosed, record_count, subjects, request_id, batch_id)"
           f" values ({_key('a')}, now(), 'bench-rows', 'policy_bank', 'loan-disbursements.push', 'DONE',"
           f" '{{\"LoanDisbursement\":1}}', 1, '', {{reference}}, {_key('b')})"],
    "q5": ["select programme, count(*), count(distinct household_id), sum(amount)::bigint from loan_disbursement"
           " where unit_id = {unit} and disbursed_on between date '2025-01-01' and date '2025-12-31' group by programme"],
}


def fill(text, holes):
    for name, value in holes.items():
        text = text.replace("{" + name + "}", value)
    return text


def script(q, plain=False):
    """The pgbench script of a workload."""
    if plain:
        return DRAWS + "\\startpipeline\n" + "".join(fill(text, PGBENCH) + ";\n" for text in ROWS[q]) + "\\endpipeline\n"
    return DRAWS + fill(LIMIT[q], PGBENCH).replace("\n", " ") + ";\n"


def once(q, param):
    """The statement for one parameter set, with literals."""
    ids = "array[" + ",".join(f"'{one}'" for one in param["ids"]) + "]"
    return fill(LIMIT[q], {"code": f"'{param['code']}'", "unit": f"'{param['unit_id']}'::uuid", "ids": ids,
                           "param": "bench.param", "k": str(param["k"]), "province": f"'{param['province']}'"})
