"""What the product's own seed leaves out and the half-year report needs: subsidies of pupils and electricity support of poor
households, pushed through the product's door as the agencies would."""
import json

from . import place

PUSH = 100_000
SUBSIDIES = """select json_build_object('reference', 'BE-' || n, 'personalId', value, 'programme', 'education_learning_cost',
  'schoolYear', '2025-2026', 'semester', 1, 'months', 4.5, 'monthlyRate', 150000, 'amount', 675000,
  'paidOn', date '2026-01-05' + (n % 150)::int)
 from (select row_number() over (order by i.value) n, i.value from person_identifier i join person p on p.id = i.person_id
  where i.kind = 'PERSONAL_ID' and p.birth_year between 2010 and 2019) pupils where n % 2 = 0 order by n"""
SUPPORTS = """select json_build_object('reference', 'BS-' || h.code || '-' || quarter, 'householdCode', h.code, 'unitCode', u.code,
  'year', 2026, 'quarter', quarter, 'kwh', 90, 'amount', 165000, 'group', 'POOR', 'paidOn', date '2026-03-31' + 91 * (quarter - 1))
 from household h join administrative_unit u on u.id = h.unit_id join household_review r on r.household_id = h.id,
 generate_series(1, 2) quarter where r.year = 2025 and r.decided_class = 'POOR' order by h.code, quarter"""
KINDS = {"education-subsidies": ("education", "education_subsidy", SUBSIDIES), "electricity-supports": ("labour", "electricity_support", SUPPORTS)}


def fill(product, db):
    """Pushes them where there are none yet."""
    wanted = {kind: of for kind, of in KINDS.items() if place.psql(db, f"select count(*) from {of[1]}") == "0"}
    if not wanted:
        return
    product.start(db, warm=False)
    try:
        for kind, (role, _, statement) in wanted.items():
            lines = place.psql(db, statement).splitlines()
            for at in range(0, len(lines), PUSH):
                body = "\n".join(lines[at:at + PUSH]) + "\n"
                status, data = product.call({"method": "POST", "path": f"/v1/{kind}", "kind": "application/x-ndjson", "body": body}, role)
                answer = json.loads(data)
                if status != 200 or answer["accepted"] == 0:
                    raise SystemExit(f"{kind}: {status} {data[:600].decode()}")
            print(f"pushed {len(lines)} {kind}")
    finally:
        product.stop()
