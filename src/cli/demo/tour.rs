//! What a demo prints: for each agency its client and commands that work when pasted.

use std::path::Path;

use super::{
    clients::{DemoClient, DemoClients, name},
    place::Place,
};
use crate::access::Role;

/// The shipped files, for a demo that runs outside the repository.
const FILES: [(&str, &str); 2] = [
    ("disbursements.csv", include_str!("../../../examples/disbursements.csv")),
    ("coverage-query.json", include_str!("../../../examples/coverage-query.json")),
];

const HOUSEHOLDS: &str = "{ households(first: 2) { totalCount edges { node { code village members { person { fullName healthInsuranceCards { validFrom validTo } } } reviews { year decidedClass } loans { programme disbursements { amount disbursedOn } } electricitySupports { year quarter amount } } } } }";

const SUBSIDIES: &str =
    "{ educationSubsidies(first: 3) { totalCount edges { node { programme amount person { fullName } } } } }";

const LOANS: &str = "{ loanDisbursements(first: 1) { totalCount } }";

/// The text.
pub fn text(issuer: &str, place: &Place, clients: &DemoClients) -> String {
    let file = |name: &str| example(place, name);
    let steps = [
        (
            Role::PolicyBank,
            vec![
                (
                    "push the day's disbursements; once more, and every row is DUPLICATE",
                    push(issuer, &file(FILES[0].0)),
                ),
                ("look at them", graphql(issuer, LOANS)),
            ],
        ),
        (
            Role::Health,
            vec![
                ("ask who is covered", coverage(issuer, &file(FILES[1].0))),
                ("ask for loans, which is refused", graphql(issuer, LOANS)),
            ],
        ),
        (Role::Education, vec![("read subsidies with their pupils", graphql(issuer, SUBSIDIES))]),
        (Role::Labour, vec![("read households with all that belongs to them", graphql(issuer, HOUSEHOLDS))]),
    ];
    let mut lines = vec![
        String::new(),
        format!("An Sinh is at {issuer}, its API at {issuer}/docs and {issuer}/graphql"),
        format!("Credentials of all eight roles: {}", place.file("demo-clients.json").display()),
    ];
    for (role, commands) in steps {
        let Some(client) = clients.of(role) else { continue };
        lines.push(format!("\n# {} ({}, unit {})", name(role), client.client_id, client.unit));
        lines.push(token(issuer, client));
        for (about, command) in commands {
            lines.extend([format!("# {about}"), command]);
        }
    }
    lines.join("\n")
}

/// Path of a shipped file; written into the demo's directory where the repository is not at hand.
fn example(place: &Place, name: &str) -> String {
    let here = format!("examples/{name}");
    if Path::new(&here).is_file() {
        return here;
    }
    let content = FILES.iter().find(|(held, _)| *held == name).map_or("", |(_, content)| content);
    let path = place.file(name);
    if let Err(error) = std::fs::write(&path, content) {
        tracing::warn!(%error, "{} could not be written", path.display());
    }
    path.display().to_string()
}

fn token(issuer: &str, client: &DemoClient) -> String {
    let DemoClient { client_id, client_secret, .. } = client;
    format!(
        "TOKEN=$(curl -s -u {client_id}:{client_secret} -d grant_type=client_credentials {issuer}/oauth/token \
         | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')"
    )
}

fn push(issuer: &str, file: &str) -> String {
    format!(
        "curl -s -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: text/csv' --data-binary @'{file}' \
         {issuer}/v1/loan-disbursements; echo"
    )
}

fn coverage(issuer: &str, file: &str) -> String {
    format!(
        "curl -s -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' --data-binary @'{file}' \
         {issuer}/v1/insurance-coverage/query; echo"
    )
}

fn graphql(issuer: &str, query: &str) -> String {
    format!(
        "curl -s -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \
         -d '{{\"query\": \"{query}\"}}' {issuer}/graphql; echo"
    )
}
