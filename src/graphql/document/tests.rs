use std::fmt::Write;
use std::time::{Duration, Instant};

use super::*;
use crate::error::Class;

const SDL: &str = r#"
"A place" interface Node { id: ID! }
type Household implements Node { id: ID! code: String! members(first: Int): [Person!]! loans: [Loan] }
type Person implements Node { id: ID! name: String household: Household }
type Loan { id: ID! amount: Int! payments: [Payment!]! }
type Payment { paidOn: String! }
union Hit = Person | Loan
type Query { node(id: ID!): Node household(id: ID!): Household households: [Household!]! hits: [Hit!]! }
type Mutation { record(input: String): Loan! }
schema { query: Query mutation: Mutation }
"#;

fn types() -> TypeMap {
    TypeMap::parse(SDL).unwrap()
}

fn look(source: &str) -> Result<Inspection, Refusal> {
    inspect(source, None, &types(), &Limits::default()).map(|(_, inspection)| inspection)
}

fn pairs(source: &str) -> Vec<String> {
    let through =
        |selected: &Selected| selected.through.as_ref().map_or_else(String::new, |name| format!(" by {name}"));
    let named = |selected: &Selected| format!("{}.{}{}", selected.parent, selected.field, through(selected));
    look(source).unwrap().selected.iter().map(named).collect()
}

fn refused(source: &str) -> (Code, String) {
    let refusal = look(source).unwrap_err();
    let message = refusal.error.message();
    (message.code, message.params.get("what").cloned().unwrap_or_default())
}

/// Each fragment spreads the next one twice: `levels` fragments stand for 2^levels spreads.
fn bomb(levels: usize) -> String {
    let mut text = String::from("{...f0}");
    for level in 0..levels {
        let next = level + 1;
        write!(text, "fragment f{level} on Query{{...f{next} ...f{next}}}").unwrap();
    }
    write!(text, "fragment f{levels} on Query{{__typename}}").unwrap();
    text
}

fn numbered(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

#[test]
fn each_pair_is_listed_once_with_its_first_place() {
    let source = "{ households { ...h members { id } } household(id: 1) { ...h } }\nfragment h on Household { code loans { amount } members { id name } }";

    let inspection = look(source).unwrap();
    let listed = pairs(source);

    assert_eq!(
        listed,
        [
            "Query.households",
            "Household.code",
            "Household.loans",
            "Loan.amount",
            "Household.members",
            "Person.id",
            "Person.name",
            "Query.household"
        ]
    );
    assert_eq!(inspection.selected[0].pos, Pos { line: 1, column: 3 });
    assert_eq!(inspection.selected[1].pos, Pos { line: 2, column: 27 });
    assert_eq!(inspection.operation, OperationType::Query);
    assert_eq!(inspection.introspection, None);
}

#[test]
fn an_interface_yields_the_objects_behind_it() {
    assert_eq!(
        pairs("{ node(id: 1) { id ... on Household { code } } }"),
        ["Query.node", "Household.id by Node", "Person.id by Node", "Household.code"]
    );
    assert_eq!(pairs("{ hits { __typename ... on Loan { amount } } }"), ["Query.hits", "Loan.amount"]);
}

#[test]
fn an_interface_around_an_object_hides_nothing() {
    let around = "{ household(id: 1) { ... on Node { ...n } } } fragment n on Node { id }";

    assert_eq!(pairs(around), ["Query.household", "Household.id"]);
}

#[test]
fn a_fragment_that_can_never_apply_yields_nothing() {
    assert_eq!(pairs("{ household(id: 1) { ... on Loan { amount } } }"), ["Query.household"]);
}

#[test]
fn a_mutation_begins_at_its_own_root() {
    assert_eq!(pairs("mutation { record { amount } }"), ["Mutation.record", "Loan.amount"]);
    assert_eq!(look("mutation { record { amount } }").unwrap().operation, OperationType::Mutation);
}

#[test]
fn introspection_is_seen_through_a_fragment() {
    let inspection = look("{ ...a } fragment a on Query { ... { __type(name: \"Loan\") { name } } }").unwrap();

    assert_eq!(inspection.introspection, Some(Pos { line: 1, column: 38 }));
    assert!(inspection.selected.is_empty());
}

#[test]
fn a_fragment_bomb_is_refused_at_once() {
    let source = bomb(28);
    assert!(source.len() < 1_100, "{}", source.len());

    let start = Instant::now();
    let refusal = look(&source).unwrap_err();

    assert_eq!(refusal.error.class(), Class::TooComplex);
    assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
}

#[test]
fn a_bomb_no_operation_spreads_is_refused_too() {
    let source = bomb(25).replacen("{...f0}", "{__typename}", 1);

    assert_eq!(refused(&source), (Code::TooComplex, "selections".to_owned()));
}

#[test]
fn counts_do_not_overflow() {
    let all = u64::MAX;
    let limits = Limits { nesting: 400, selections: all, root_fields: all, ..Limits::default() };

    let found = inspect(&bomb(300), None, &types(), &limits).unwrap().1;

    assert_eq!(found.measure.selections, u64::MAX);
}

#[test]
fn a_cycle_is_named() {
    let refusal = look("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }").unwrap_err();

    assert_eq!(refusal.error.message().code, Code::FragmentCycle);
    assert!(refusal.at.is_some());
}

#[test]
fn each_limit_says_what_passed_it() {
    let too = |what: &str| (Code::TooComplex, what.to_owned());
    let deep = format!("{}id{}", "household(id: 1) { members { ".repeat(6), "} }".repeat(6));

    assert_eq!(refused(&"{a ".repeat(70)), too("brackets"));
    assert_eq!(refused(&format!("{{ node(id: {}1) }}", "[".repeat(64))), too("brackets"));
    assert_eq!(refused(&format!("{{ {} }}", "id ".repeat(10_001))), too("tokens"));
    assert_eq!(refused(&format!("{{ {} }}", "x".repeat(129))), too("name length"));
    assert_eq!(refused(&" ".repeat(300_000)), too("bytes"));
    assert_eq!(refused(&format!("{{ households {{ {} }} }}", "id ".repeat(2_000))), too("selections"));
    assert_eq!(refused(&format!("{{ {deep} }}")), too("depth"));
    assert_eq!(refused(&format!("{{ households {{ {} }} }}", "a: id ".repeat(31))), too("aliases"));
    assert_eq!(refused(&format!("{{ {} }}", "households{id}".repeat(21))), too("root fields"));
    assert_eq!(refused(&format!("{{ households {} {{ id }} }}", "@skip(if: false)".repeat(51))), too("directives"));
    assert_eq!(refused(&numbered(21, |n| format!("query q{n} {{ a }}"))), too("operations"));
    let inline = format!("{{ {} households {{ id }} {} }}", "... {".repeat(40), "}".repeat(40));
    assert_eq!(refused(&inline), too("nesting"));
    let chain = numbered(40, |n| format!("fragment f{n} on Query {{ ...f{} }}", n + 1));
    assert_eq!(refused(&format!("{{ ...f0 }} {chain} fragment f40 on Query {{ a }}")).0, Code::TooComplex);
}

#[test]
fn the_introspection_of_the_tools_passes() {
    let inspection = look(include_str!("tests/introspection.graphql")).unwrap();

    assert_eq!((inspection.measure.depth, inspection.measure.introspection_lists), (0, 1));
}

#[test]
fn a_fragment_may_have_many_fields_where_a_root_may_not() {
    let fields = "id code ".repeat(15);

    assert!(look(&format!("{{ households {{ ...h }} }} fragment h on Household {{ {fields} }}")).is_ok());
}

#[test]
fn introspection_may_go_deep_but_not_wide() {
    let types = "ofType { ".repeat(9);
    let usual =
        format!("{{ __schema {{ types {{ fields {{ args {{ type {{ {types} name {} }} }} }} }} }} }}", "} ".repeat(9));
    let inspection = look(&usual).unwrap();
    assert_eq!((inspection.measure.depth, inspection.measure.introspection_depth), (0, 15));

    let wide = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert_eq!(refused(wide), (Code::TooComplex, "introspection lists".to_owned()));
}

#[test]
fn strings_and_comments_are_not_counted_as_what_they_hold() {
    let braces = "{".repeat(100);
    let text = format!(
        "# {braces}\n{{ node(id: \"{braces}\\\"{braces}\") {{ id }} a: node(id: \"\"\"{braces}\"{braces}\\\"\"\" \"\"\") {{ id }} }}"
    );

    assert!(look(&text).is_ok(), "{:?}", look(&text).unwrap_err());
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let refusal = look("{ households {").unwrap_err();
    assert_eq!(refusal.error.message().code, Code::SyntaxError);
    assert_eq!(refusal.at, Some(Pos { line: 1, column: 15 }));

    let long = format!("{{ a(x: \"{}\") !", "x".repeat(100_000));
    assert!(look(&long).unwrap_err().error.message().params["reason"].len() < 300);
    for odd in [
        "",
        "{",
        "}",
        "\"",
        "\"\"\"",
        "\"\\",
        "{a(b:\"",
        "....",
        "\u{feff}{",
        "{ \0 }",
        "fragment a on Query { id }",
        "{ đ }",
    ] {
        assert!(look(odd).is_err(), "{odd:?}");
    }
}

#[test]
fn the_operation_is_chosen_by_its_name() {
    let two = "query a { households { id } } query b($id: ID!, $n: Int! = 1, $m: Int) { household(id: $id) { id } }";
    let choose = |name: Option<&str>| inspect(two, name, &types(), &Limits::default()).map(|(_, found)| found);

    let b = choose(Some("b")).unwrap();
    assert_eq!(b.name.as_deref(), Some("b"));
    assert_eq!(
        b.required_variables.iter().map(|v| (v.name.as_str(), v.ty.as_str())).collect::<Vec<_>>(),
        [("id", "ID!")]
    );
    assert_eq!(choose(None).unwrap_err().error.faults()[0].message.code, Code::OperationNameRequired);
    assert_eq!(choose(Some("c")).unwrap_err().error.faults()[0].message.code, Code::OperationNotFound);
    assert!(inspect("{ households { id } }", Some("a"), &types(), &Limits::default()).is_err());
}

#[test]
fn no_text_makes_it_panic() {
    let seeds = [
        include_str!("tests/introspection.graphql"),
        "query a($n: [Int!]! = [1e999, -0.0] @x) { household(id: \"\\u00e9\", x: {a: [$n, null]}) { ...h @skip(if: true) } }",
        "fragment h on Node { id } mutation { record(input: \"\"\"\n  đ\\\"\"\" \"\"\") { amount } } # ớ",
        "{ a { b(c: 0x1, d: 1., e: 01, f: -, g: $) } } ... on & | ! @ đ \u{feff} \0",
    ];
    let limits = Limits { tokens: 300, brackets: 8, ..Limits::default() };
    let types = types();
    let mut state = 7_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below.max(1)
    };
    for _ in 0..3_000 {
        let mut text: Vec<char> = seeds[random(seeds.len())].chars().collect();
        for _ in 0..=random(4) {
            let other: Vec<char> = seeds[random(seeds.len())].chars().collect();
            let (at, from) = (random(text.len()), random(other.len()));
            let (end, to) = ((at + random(6)).min(text.len()), (from + random(30)).min(other.len()));
            text.splice(at..end, other[from..to].iter().copied());
        }
        let text: String = text.into_iter().collect();
        // Whatever the answer is, it must be one.
        let _ = inspect(&text, None, &types, &limits);
    }
}

#[test]
fn the_costliest_documents_allowed_are_cheap() {
    let limits = Limits::default();
    let types = types();
    let values = format!("{{ node(id: [{}]) {{ id }} }}", "1 ".repeat(9_980));
    let wide = format!("{{ households {{ {} }} }}", "id ".repeat(1_999));
    let spreads = numbered(1_000, |n| format!("fragment f{n} on Node{{id}}"));
    let spreads = format!("{{ node(id: 1) {{ {} }} }} {spreads}", numbered(700, |n| format!("...f{n} ")));
    let string = format!("{{ node(id: \"{}\") {{ id }} }}", "\\n".repeat(100_000));
    for text in [values, wide, spreads, string] {
        let start = Instant::now();
        let found = inspect(&text, None, &types, &limits);
        assert!(found.is_ok(), "{:?}", found.err());
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    }
}
