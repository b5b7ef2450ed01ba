//! `statements.json`: the canonical texts of statements, their leaves, and where the register has them.

use super::{Group, Vector, judge, publish, same, text};
use deedbook::rows::register_key;
use deedbook::statement::{Name, Statement};
use deedbook::tlog::leaf_hash;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const ABOUT: &str = "Statements (docs/formats/statements.md): what an entry says. `index` is the entry's, `datasets` names the \
                     datasets that it names.";

/// The page's examples, which are entries of one log or could be.
const PAGE: &str = include_str!("../../../docs/formats/statements.md");

#[test]
fn statements_are_as_published() {
    let examples = examples();
    let valid = examples.iter().map(|(id, index, text)| accepted(id, *index, text)).collect();
    let group = |name, about, vectors| Group { name, about, vectors };
    let groups = vec![
        group(
            "statements",
            "`register` lists the texts whose register keys lead to the entry, ascending, with these keys.",
            valid,
        ),
        group(
            "without a member",
            "Each example without each member that its kind requires.",
            without_members(&examples),
        ),
        group("in another form", "Other spellings, and members that break a rule.", in_another_form(&examples)),
    ];
    publish("statements.json", ABOUT, &[], groups, run);
}

/// A name, a log index and the text of each example; the indices of kinds that give their own are those.
fn examples() -> Vec<(String, u64, String)> {
    let blocks = PAGE.split("```json\n").skip(1).map(|rest| rest.split_once("\n```").unwrap().0);
    let mut count = BTreeMap::new();
    let named = blocks.map(|text| {
        let value: Value = serde_json::from_str(text).unwrap();
        let kind = value["kind"].as_str().unwrap().to_owned();
        let number: &mut u32 = count.entry(kind.clone()).or_default();
        *number += 1;
        let index = if kind == "ledger" { 0 } else { value["log_size"].as_u64().unwrap_or(20) };
        let id = if *number == 1 { kind } else { format!("{kind}-{number}") };
        (id, index, text.to_owned())
    });
    named.collect()
}

fn accepted(id: &str, index: u64, text: &str) -> Vector {
    let value: Value = serde_json::from_str(text).unwrap();
    let registered: Vec<Value> = registered(&value)
        .into_iter()
        .map(|name| {
            let key = blake3::derive_key("deedbook v1 register key", name.as_bytes());
            json!({ "key": deedbook::tlog::Hash(key), "text": name })
        })
        .collect();
    let vector = Vector::valid(id, "").with("index", index).with("text", text);
    let vector = vector.with("datasets", json!({ "2": "books" })).with("leaf", leaf_hash(text.as_bytes()).to_string());
    vector.with("kind", value["kind"].clone()).with("register", registered)
}

/// docs/formats/register.md, "Rows", word by word over the JSON.
fn registered(value: &Value) -> Vec<String> {
    let entry = |member: &str| vec![format!("entry:{}", value[member])];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let payload = || -> Value {
        use base64::Engine;
        let envelope: Value = serde_json::from_str(value["envelope"].as_str().unwrap()).unwrap();
        let payload = base64::prelude::BASE64_STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
        serde_json::from_slice::<Value>(&payload).unwrap()["predicate"].clone()
    };
    let mut names = match value["kind"].as_str().unwrap() {
        "dataset" => vec![format!("dataset:{}", text(&value["id"]))],
        "grant" if value.get("terms").is_some() => vec![format!("grant:{}", text(&value["terms"]["id"]))],
        "grant" => vec![format!("grant:{}", text(&payload()["id"]))],
        "release" => vec![format!("release:books@{}", text(&value["version"]))],
        "run" => {
            let releases = value["releases"].as_array().unwrap().iter().map(|r| format!("entry:{r}"));
            releases.chain([format!("run:{}", text(&value["model"]))]).collect()
        }
        "grant-end" => entry("grant"),
        "withdrawal" => entry("dataset"),
        "dispute" => vec![format!("entry:{}", payload()["entry"])],
        "correction" | "erasure" => entry("entry"),
        _ => Vec::new(),
    };
    names.sort();
    names
}

/// The members that every reader requires, by the page's tables (`r`), and those of every statement.
fn required(kind: &str) -> Vec<&'static str> {
    let section = PAGE.split("\n## ").find(|s| s.starts_with(&format!("{kind}\n"))).unwrap();
    let table = section.split_once("| member |").unwrap().1.split("\n\n").next().unwrap();
    let rows = table.lines().skip(2).map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let own = rows.filter(|cells| cells[3].starts_with('r')).flat_map(|cells| cells[1].split('`').skip(1).step_by(2));
    own.chain(["at", "kind", "salt", "v"]).collect()
}

fn without_members(examples: &[(String, u64, String)]) -> Vec<Vector> {
    let mut vectors = Vec::new();
    for (id, index, text) in examples {
        let value: Map<String, Value> = serde_json::from_str(text).unwrap();
        for member in required(value["kind"].as_str().unwrap()) {
            let mut without = value.clone();
            assert!(without.remove(member).is_some(), "{id} has no {member}");
            let vector = Vector::invalid(&format!("{id}-without-{member}"), "");
            vectors.push(vector.with("index", *index).with("text", Value::from(without).to_string()));
        }
    }
    vectors
}

fn in_another_form(examples: &[(String, u64, String)]) -> Vec<Vector> {
    let of = |id: &str| examples.iter().find(|(name, ..)| name == id).unwrap().clone();
    let case = |name: &str, kind: &str, from: &str, to: &str| {
        let (_, index, text) = of(kind);
        assert!(text.contains(from), "{name}: {from}");
        Vector::invalid(name, "").with("index", index).with("text", text.replacen(from, to, 1))
    };
    vec![
        case("space-after-a-comma", "dataset", ",\"id\"", ", \"id\""),
        case(
            "members-swapped",
            "state",
            "{\"at\":\"2026-11-03T09:00:00Z\",\"kind\":\"state\"",
            "{\"kind\":\"state\",\"at\":\"2026-11-03T09:00:00Z\"",
        ),
        case("unknown-member", "dataset", ",\"id\"", ",\"extra\":1,\"id\""),
        case("null-member", "ledger", "\"title\":\"Deeds of the Example Lab\"", "\"title\":null"),
        case("member-twice", "ledger", ",\"v\":1", ",\"v\":1,\"v\":1"),
        case("line-feed-after", "ledger", "\"v\":1}", "\"v\":1}\n"),
        case("escape-that-is-not-needed", "ledger", "Deeds", "\\u0044eeds"),
        case("fraction", "state", "\"log_size\":12,", "\"log_size\":12.0,"),
        case("version-2", "ledger", "\"v\":1", "\"v\":2"),
        case("version-as-a-text", "ledger", "\"v\":1", "\"v\":\"1\""),
        case("unknown-kind", "ledger", "\"ledger\"", "\"pardon\""),
        case("salt-of-15-bytes", "ledger", "JxwAOe6/+BCsKh07tG/v5A==", "JxwAOe6/+BCsKh07tG/v"),
        case("salt-with-unused-bits", "ledger", "v5A==", "v5B=="),
        case("time-without-seconds", "ledger", "T09:00:00Z", "T09:00Z"),
        case("time-in-lower-case", "ledger", "T09:00:00Z", "t09:00:00z"),
        case("time-with-a-zone", "ledger", "T09:00:00Z", "T09:00:00+00:00"),
        case("leap-second", "ledger", "T09:00:00Z", "T09:00:60Z"),
        case("hour-24", "ledger", "T09:00:00Z", "T24:00:00Z"),
        case("day-that-is-none", "ledger", "2026-11-02T", "2026-02-29T"),
        case("year-0", "ledger", "2026-11-02T", "0000-11-02T"),
        case("empty-text", "ledger", "\"Deeds of the Example Lab\"", "\"\""),
        case("name-in-upper-case", "dataset", "\"books\"", "\"Books\""),
        case("name-that-ends-in-a-dot", "dataset", "\"books\"", "\"books.\""),
        case("name-of-65-bytes", "dataset", "\"books\"", &format!("\"{}\"", "x".repeat(65))),
        case("empty-required-set", "dataset", "[\"text\"]", "[]"),
        case("empty-optional-set", "dataset", "\"models\":[\"reader@1\"]", "\"models\":[]"),
        case("set-with-a-repetition", "dataset", "[\"text\"]", "[\"text\",\"text\"]"),
        case("set-that-descends", "dataset", "[\"text\"]", "[\"text\",\"image\"]"),
        case("unknown-layer", "dataset", "[\"text\"]", "[\"texts\"]"),
        case("unknown-use", "dataset", "generative-training", "training"),
        case("model-without-a-version", "dataset", "reader@1", "reader"),
        case("grant-of-terms-and-envelope", "grant", ",\"kind\"", ",\"envelope\":\"x\",\"kind\""),
        case("terms-that-end-before-they-begin", "grant", "\"2028-01-01\"", "\"2025-01-01\""),
        case("terms-with-two-subjects", "grant", "\"subject\":{", "\"subject\":{\"party\":\"North Press\","),
        case("terms-with-a-count-of-2-to-the-31", "grant", "\"count\":2", "\"count\":2147483648"),
        case("unknown-territory", "grant", "\"worldwide\"", "\"everywhere\""),
        case(
            "digest-among-identifiers",
            "admission",
            "\"identifiers\":[",
            "\"identifiers\":[\"blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262\",",
        ),
        case("identifier-that-is-not-canonical", "admission", "isbn:9780306406157", "isbn:978-0306406157"),
        case("digests-without-who-computed-them", "admission", "\"digest_by\":\"catalogue\",", ""),
        case("used-after-it-was-recorded", "admission", ",\"v\":1", ",\"used_from\":\"2026-11-03\",\"v\":1"),
        case(
            "override-with-codes-in-another-order",
            "admission",
            ",\"parties\"",
            ",\"override\":{\"because\":\"a\",\"by\":\"b\",\"codes\":[\"expired\",\"no-grant\"]},\"parties\"",
        ),
        case("screening-that-does-not-add-up", "screening", "\"considered\":3", "\"considered\":4"),
        case("withdrawal-of-nothing", "withdrawal", "[{\"count\":1,\"first\":6}]", "[]"),
        case("withdrawal-of-an-empty-range", "withdrawal", "\"count\":1", "\"count\":0"),
        case(
            "withdrawal-of-ranges-that-touch",
            "withdrawal",
            "[{\"count\":1,\"first\":6}]",
            "[{\"count\":1,\"first\":6},{\"count\":1,\"first\":7}]",
        ),
        case(
            "withdrawal-of-ranges-that-descend",
            "withdrawal",
            "[{\"count\":1,\"first\":6}]",
            "[{\"count\":1,\"first\":6},{\"count\":1,\"first\":4}]",
        ),
        case(
            "run-that-ends-before-it-starts",
            "run",
            "\"end\":\"2026-11-04T08:00:00Z\"",
            "\"end\":\"2026-11-03T08:00:00Z\"",
        ),
        case("correction-of-nothing", "correction", ",\"title\":\"A Short Book\"", ""),
        case("rotation-without-a-successor", "key", "\"event\":\"rotation\"", "\"event\":\"revocation\""),
        case("dispute-with-a-digest-of-another-claim", "dispute", "Ijc0YzU1", "Ijc0YzU2"),
    ]
}

fn run(vector: &Value) -> Result<(), String> {
    let answer = Statement::parse(text(vector, "text").as_bytes());
    judge(vector, &answer)?;
    let Ok(statement) = answer else { return Ok(()) };
    same(vector, "kind", statement.head().0.name())?;
    same(vector, "leaf", leaf_hash(statement.print().as_bytes()).to_string())?;
    let dataset = |index: u64| Name::parse(vector["datasets"][index.to_string()].as_str()?).ok();
    let mut found: Vec<Value> =
        statement.register_keys().iter().map(|k| serde_json::to_value(k.row_key(dataset).unwrap()).unwrap()).collect();
    let wanted = vector["register"].as_array().unwrap();
    for item in wanted {
        same(item, "key", serde_json::to_value(register_key(text(item, "text"))).unwrap())?;
    }
    let mut wanted: Vec<Value> = wanted.iter().map(|item| item["key"].clone()).collect();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    wanted.sort_by_key(text);
    found.sort_by_key(text);
    if wanted == found { Ok(()) } else { Err(format!("the register's keys are {found:?}")) }
}
