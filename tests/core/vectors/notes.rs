//! `notes.json`: verifier keys, checkpoints with cosignatures, policies.

use super::{Group, Vector, judge, publish, same, text};
use crate::lab::{key, seconds, witness};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use deedbook::tlog::{Checkpoint, Note, Policy, SigningKey, VerifierKey, cosignature, empty_root, leaf_hash, sha256};
use serde_json::{Value, json};

const ABOUT: &str = "Keys, signed notes, checkpoints, cosignatures and policies (docs/formats/log.md).";

const MARCH: &str = "2026-03-01T00:00:00Z";
const APRIL: &str = "2026-04-01T00:00:00Z";
const MAY: &str = "2026-05-01T00:00:00Z";

#[test]
fn keys_notes_and_policies_are_as_published() {
    let group = |name, about, vectors| Group { name, about, vectors };
    let groups = vec![
        group("verifier keys", "`id` and `public` in lower-case hex.", keys()),
        group(
            "no verifier keys",
            "Weak, not canonical, or with another id. Their ids are right where nothing else is said.",
            no_keys(),
        ),
        group("checkpoints", "`time` is the proven time in seconds since 1970; null without witnesses.", checkpoints()),
        group("no checkpoints", "Under the policy that is given.", no_checkpoints()),
        group("policies", "", policies()),
        group("no policies", "", no_policies()),
    ];
    publish("notes.json", ABOUT, &[], groups, run);
}

fn log() -> SigningKey {
    key("lab.example/deeds", 1)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A verifier key of any bytes, with the id that belongs to them.
fn spelt(name: &str, kind: u8, public: &[u8]) -> String {
    let mut hashed = format!("{name}\n").into_bytes();
    hashed.push(kind);
    hashed.extend(public);
    let id = hex(&sha256(&hashed)[..4]);
    format!("{name}+{id}+{}", BASE64_STANDARD.encode([&[kind], public].concat()))
}

// ---------------------------------------------------------------------------------------------------------------------
// Keys

fn keys() -> Vec<Vector> {
    let keys = [
        ("key-of-a-log", log()),
        ("key-of-a-witness", witness("witness.example", 3)),
        ("key-of-a-licensor", key("south-press.example", 0x11)),
        ("key-of-a-name-beyond-ascii", key("\u{e9}dition.example", 4)),
    ];
    let vector = |(id, key): (&str, SigningKey)| {
        let key = key.verifier();
        let vector = Vector::valid(id, "").with("key", key.to_string()).with("kind", key.kind().byte());
        vector.with("name", key.name()).with("public", hex(&key.public_key())).with("key_id", key.id().to_string())
    };
    let mut vectors: Vec<Vector> = keys.into_iter().map(vector).collect();
    let known_key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    let known = Vector::valid("key-of-the-specification", "A known answer of C2SP signed-note.").with("key", known_key);
    let known = known.with("kind", 1).with("name", "example.com/foo").with("key_id", "530d903a");
    let public = &BASE64_STANDARD.decode(known_key.rsplit_once('+').unwrap().1).unwrap()[1..];
    vectors.push(known.with("public", hex(public)));
    vectors
}

/// The points of small order, and other encodings of them; the order divides 8.
const SMALL: [(&str, &str); 10] = [
    ("of-order-1", "0100000000000000000000000000000000000000000000000000000000000000"),
    ("of-order-2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("of-order-4", "0000000000000000000000000000000000000000000000000000000000000000"),
    ("of-order-4-negated", "0000000000000000000000000000000000000000000000000000000000000080"),
    ("of-order-8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    ("of-order-8-negated", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
    ("of-order-8-the-other", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    ("of-order-8-the-other-negated", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
    ("that-is-not-canonical", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("that-is-no-point", "0200000000000000000000000000000000000000000000000000000000000000"),
];

fn no_keys() -> Vec<Vector> {
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
    };
    let refused = |id: &str, comment: &str, key: String| Vector::invalid(id, comment).with("key", key);
    let point =
        |(id, hex): &(&str, &str)| refused(&format!("key-{id}"), "", spelt("lab.example/deeds", 1, &bytes(hex)));
    let mut vectors: Vec<Vector> = SMALL.iter().map(point).collect();
    let public = log().verifier().public_key();
    let right = log().verifier().to_string();
    let [name, id, encoded] = right.splitn(3, '+').collect::<Vec<_>>()[..] else { panic!("three parts") };
    vectors.extend([
        refused("key-with-another-id", "", format!("{name}+00000000+{encoded}")),
        refused("key-with-its-id-in-upper-case", "", format!("{name}+{}+{encoded}", id.to_uppercase())),
        refused("key-of-another-name", "The id is that of the first name.", format!("other.example+{id}+{encoded}")),
        refused("key-of-an-unknown-type", "", spelt(name, 2, &public)),
        refused("key-of-31-bytes", "", spelt(name, 1, &public[..31])),
        refused("key-of-33-bytes", "", spelt(name, 1, &[&public[..], &[0]].concat())),
        refused("key-without-a-name", "", spelt("", 1, &public)),
        refused("key-with-a-space-in-its-name", "", spelt("lab example", 1, &public)),
        refused("key-with-a-wide-space-in-its-name", "", spelt("lab\u{3000}example", 1, &public)),
        refused("key-with-a-name-of-256-bytes", "", spelt(&"x".repeat(256), 1, &public)),
        refused("key-without-an-id", "", format!("{name}+{encoded}")),
        refused("private-key", "", log().print_private()),
    ]);
    vectors
}

// ---------------------------------------------------------------------------------------------------------------------
// Checkpoints

fn witnesses() -> [SigningKey; 3] {
    [witness("w1.example", 21), witness("w2.example", 22), witness("w3.example", 23)]
}

/// The log's key and three witnesses, with the rest of a policy.
fn policy(rest: &str) -> String {
    let lines: String = witnesses().iter().zip(1..).map(|(w, i)| format!("witness w{i} {}\n", w.verifier())).collect();
    format!("log {}\n{lines}{rest}", log().verifier())
}

/// A checkpoint of 42 entries, cosigned by these witnesses at these times.
fn cosigned(at: &[(usize, &str)]) -> Note {
    let root = leaf_hash(b"root");
    let mut note = Checkpoint { origin: "lab.example/deeds".into(), size: 42, root }.sign(&log()).unwrap();
    for (n, time) in at {
        note.add(cosignature::cosign(&witnesses()[*n], seconds(time), note.text()).unwrap()).unwrap();
    }
    note
}

fn opened(id: &str, comment: &str, policy: &str, note: &str, time: Option<&str>, seen: &[(usize, &str)]) -> Vector {
    let seen: Vec<Value> =
        seen.iter().map(|(n, t)| json!({ "name": format!("w{}.example", n + 1), "time": seconds(t) })).collect();
    let (root, time) = (leaf_hash(b"root").to_string(), time.map(seconds));
    let expected = json!({ "origin": "lab.example/deeds", "root": root, "size": 42, "time": time, "witnesses": seen });
    Vector::valid(id, comment).with("policy", policy).with("note", note).with("expected", expected)
}

fn checkpoints() -> Vec<Vector> {
    let none = policy("quorum none\n");
    let all = [(0, MARCH), (1, APRIL), (2, MAY)];
    let note = cosigned(&[]).to_string();
    let seen = cosigned(&all).to_string();
    let twice = cosigned(&[(0, APRIL), (0, MARCH)]).to_string();
    let unknown = format!("{note}\u{2014} unknown.example AAAAAAAA\n");
    let log_line = note.lines().last().unwrap().to_owned() + "\n";
    let renamed = format!("{note}\u{2014} w1.example AAAAAAAA\n");
    let open = |id: &str, rest: &str, time: Option<&str>| opened(id, "", &policy(rest), &seen, time, &all);
    let mut vectors = vec![
        opened("checkpoint", "", &none, &note, None, &[]),
        opened("checkpoint-with-a-line-by-an-unknown-key", "Ignored.", &none, &unknown, None, &[]),
        opened(
            "checkpoint-with-the-name-of-a-witness-and-another-id",
            "Name and id together are a key.",
            &none,
            &renamed,
            None,
            &[],
        ),
        opened("checkpoint-that-the-log-signed-twice", "", &none, &format!("{note}{log_line}"), None, &[]),
        opened(
            "checkpoint-that-a-witness-cosigned-twice",
            "The earliest time counts.",
            &policy("quorum w1\n"),
            &twice,
            Some(MARCH),
            &[(0, MARCH)],
        ),
        open("quorum-of-one-witness", "quorum w2\n", Some(APRIL)),
        open("quorum-of-any", "group g any w1 w2 w3\nquorum g\n", Some(MARCH)),
        open("quorum-of-two", "group g 2 w1 w2 w3\nquorum g\n", Some(APRIL)),
        open("quorum-of-all", "group g all w1 w2 w3\nquorum g\n", Some(MAY)),
        open("quorum-of-groups", "group g any w1 w2\ngroup h all g w3\nquorum h\n", Some(MAY)),
        opened(
            "cosignatures-that-nobody-asked-for",
            "They are verified and shown; no time is proven.",
            &none,
            &seen,
            None,
            &all,
        ),
    ];
    let empty = Checkpoint { origin: "lab.example/deeds".into(), size: 0, root: empty_root() }.sign(&log()).unwrap();
    let expected = json!({
        "origin": "lab.example/deeds", "root": empty_root().to_string(), "size": 0, "time": null, "witnesses": [],
    });
    let vector = Vector::valid("checkpoint-of-no-entries", "").with("policy", none).with("note", empty.to_string());
    vectors.push(vector.with("expected", expected));
    vectors
}

fn no_checkpoints() -> Vec<Vector> {
    let none = policy("quorum none\n");
    let refused = |id: &str, comment: &str, policy: &str, note: String| {
        Vector::invalid(id, comment).with("policy", policy).with("note", note)
    };
    let honest = cosigned(&[]).to_string();
    let text = honest.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let lines: Vec<&str> = text.lines().collect();
    let by_log = |text: &str| {
        // The log's key signs whatever it is given; the note's own form is another matter.
        let signature = log().sign(text.as_bytes());
        let line = BASE64_STANDARD.encode([&log().verifier().id().0[..], &signature].concat());
        format!("{text}\n\u{2014} lab.example/deeds {line}\n")
    };
    assert_eq!(by_log(&text), honest);
    let signed = |id: &str, text: String| refused(id, "Signed by the log's key.", &none, by_log(&text));
    let two_empty = Checkpoint { origin: "lab.example/deeds".into(), size: 0, root: leaf_hash(b"x") };
    let namesake = key("lab.example/deeds", 2).sign_note(&text).unwrap().to_string();
    let seen = cosigned(&[(0, MARCH)]).to_string();
    let cosignature = seen.lines().last().unwrap().to_owned() + "\n";
    let of_other = Checkpoint { origin: "lab.example/deeds".into(), size: 43, root: leaf_hash(b"root") };
    let other_text = of_other.sign(&log()).unwrap().to_string();
    let late = |time: u64| cosignature::cosign(&witnesses()[0], time, &text).unwrap().to_string() + "\n";
    let quorum = policy("quorum w1\n");
    let group = policy("group g 2 w1 w2 w3\nquorum g\n");
    let line = honest.lines().last().unwrap();
    vec![
        signed("checkpoint-with-an-extension-line", format!("{text}extension\n")),
        signed("checkpoint-of-two-lines", format!("{}\n{}\n", lines[0], lines[1])),
        signed("checkpoint-with-a-leading-zero", text.replacen("\n42\n", "\n042\n", 1)),
        signed("checkpoint-with-a-sign", text.replacen("\n42\n", "\n+42\n", 1)),
        signed("checkpoint-of-2-to-the-53", text.replacen("\n42\n", "\n9007199254740992\n", 1)),
        signed("checkpoint-with-a-root-of-31-bytes", text.replacen(lines[2], &BASE64_STANDARD.encode([7; 31]), 1)),
        signed("checkpoint-with-a-root-without-padding", text.replacen('=', "", 1)),
        signed("checkpoint-with-a-carriage-return", text.replacen('\n', "\r\n", 1)),
        signed("checkpoint-of-another-origin", text.replacen("lab.", "other.", 1)),
        signed("checkpoint-of-no-entries-with-a-root", two_empty.to_string()),
        refused("checkpoint-of-another-key-of-the-name", "", &none, namesake),
        refused("note-without-signatures", "", &none, format!("{text}\n")),
        refused("note-without-an-empty-line", "", &none, text.clone()),
        refused("note-without-a-last-line-feed", "", &none, honest.trim_end().to_owned()),
        refused("note-with-a-hyphen", "", &none, honest.replace('\u{2014}', "-")),
        refused("note-with-two-spaces", "", &none, honest.replace("\u{2014} ", "\u{2014}  ")),
        refused(
            "note-with-a-short-line-by-an-unknown-key",
            "A key id and nothing after it.",
            &none,
            format!("{honest}\u{2014} u.example AAAAAA==\n"),
        ),
        refused(
            "note-with-loose-base64-by-an-unknown-key",
            "Unused bits are zero in every line.",
            &none,
            format!("{honest}\u{2014} u.example AAAAAAF=\n"),
        ),
        refused("note-with-101-signatures", "", &none, format!("{text}\n{}", format!("{line}\n").repeat(101))),
        refused("note-with-a-size-changed", "", &none, honest.replacen("\n42\n", "\n43\n", 1)),
        refused(
            "note-with-a-bad-second-signature",
            "",
            &none,
            format!("{honest}{}\n", line.replace("KqJF5", "KqJF5A").replacen("A=", "=", 1)),
        ),
        refused("quorum-without-its-witness", "", &quorum, honest.clone()),
        refused("quorum-of-two-with-one", "", &group, seen.clone()),
        refused("cosignature-of-another-size", "", &quorum, format!("{other_text}{cosignature}")),
        refused("cosignature-after-the-year-9999", "", &quorum, format!("{honest}{}", late(253_402_300_800))),
        refused("cosignature-at-the-end-of-64-bits", "", &quorum, format!("{honest}{}", late(u64::MAX))),
        refused(
            "cosignature-that-is-bad-beside-one-that-is-enough",
            "Every line of a known key must verify.",
            &policy("group g any w1 w2\nquorum g\n"),
            format!("{seen}{}", bad_line()),
        ),
    ]
}

/// The second witness's line over another text.
fn bad_line() -> String {
    let line = cosignature::cosign(
        &witnesses()[1],
        seconds(MARCH),
        "lab.example/deeds\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    );
    line.unwrap().to_string() + "\n"
}

// ---------------------------------------------------------------------------------------------------------------------
// Policies

fn policies() -> Vec<Vector> {
    let accepted = |id: &str, text: String| Vector::valid(id, "").with("text", text);
    let second = key("lab.example/deeds", 2);
    vec![
        accepted("policy-of-a-log", format!("log {}\nquorum none\n", log().verifier())),
        accepted(
            "policy-with-addresses",
            format!(
                "log {} https://lab.example\nwitness w {} https://w.example\nquorum w\n",
                log().verifier(),
                witnesses()[0].verifier()
            ),
        ),
        accepted(
            "policy-with-comments-and-tabs",
            format!("# trust\n\n \t\n  # more\nlog\t{}  \nquorum \t none", log().verifier()),
        ),
        accepted(
            "policy-of-two-keys-of-one-log",
            format!("log {}\nlog {}\nquorum none\n", log().verifier(), second.verifier()),
        ),
        accepted("policy-of-groups-in-groups", policy("group g 2 w1 w2\ngroup h any g w3\nquorum h\n")),
        accepted("policy-with-a-group-that-is-not-asked", policy("group g any w1\nquorum none\n")),
        accepted("policy-without-a-log", "quorum none\n".to_owned()),
    ]
}

fn no_policies() -> Vec<Vector> {
    let [w, ..] = witnesses();
    let weak = spelt("lab.example/deeds", 1, &[&[1][..], &[0; 31]].concat());
    let weak_witness = spelt("w.example", 4, &[0; 32]);
    let same_key =
        VerifierKey::new("w.example", deedbook::tlog::KeyKind::CosignatureV1, &log().verifier().public_key());
    let cases: Vec<(&str, String)> = vec![
        ("policy-with-a-weak-log-key", format!("log {weak}\nquorum none\n")),
        ("policy-with-a-weak-witness-key", policy(&format!("witness z {weak_witness}\nquorum none\n"))),
        ("policy-without-a-quorum", policy("")),
        ("policy-with-two-quorums", policy("quorum none\nquorum none\n")),
        ("policy-with-a-quorum-of-nobody", policy("quorum z\n")),
        ("policy-with-a-quorum-before-its-group", policy("quorum g\ngroup g any w1\n")),
        ("policy-with-an-impossible-quorum", policy("group g 4 w1 w2 w3\nquorum g\n")),
        ("policy-with-a-quorum-of-zero", policy("group g 0 w1 w2 w3\nquorum g\n")),
        ("policy-with-a-leading-zero", policy("group g 01 w1 w2 w3\nquorum g\n")),
        ("policy-with-a-group-of-nobody", policy("group g any\nquorum g\n")),
        ("policy-with-a-group-of-itself", policy("group g any g\nquorum g\n")),
        ("policy-with-a-member-twice", policy("group g any w1 w1\nquorum g\n")),
        ("policy-with-a-member-of-two-groups", policy("group g any w1\ngroup h any w1 w2\nquorum h\n")),
        (
            "policy-with-a-name-twice",
            policy(&format!("witness w1 {}\nquorum none\n", witness("z.example", 31).verifier())),
        ),
        ("policy-with-a-group-of-a-witnesss-name", policy("group w1 any w2\nquorum none\n")),
        ("policy-with-a-group-called-none", policy("group none any w1\nquorum none\n")),
        ("policy-with-a-log-key-twice", policy(&format!("log {}\nquorum none\n", log().verifier()))),
        ("policy-with-a-witness-key-twice", policy(&format!("witness z {}\nquorum none\n", w.verifier()))),
        ("policy-with-one-key-in-two-roles", policy(&format!("witness z {}\nquorum none\n", same_key.unwrap()))),
        ("policy-with-a-witness-for-a-log", format!("log {}\nquorum none\n", w.verifier())),
        ("policy-with-a-log-for-a-witness", format!("witness z {}\nquorum none\n", log().verifier())),
        ("policy-with-an-unknown-line", policy("logs\nquorum none\n")),
        ("policy-with-a-word-in-upper-case", policy("Quorum none\n")),
        ("policy-with-a-word-too-many", policy("quorum none none\n")),
        ("policy-with-a-carriage-return", policy("quorum none\r\n")),
        ("policy-with-a-no-break-space", policy("quorum\u{a0}none\n")),
        ("policy-with-a-delete-character-in-a-comment", policy("# \u{7f}\nquorum none\n")),
        ("policy-with-a-control-character-in-a-comment", policy("# \u{1}\nquorum none\n")),
        ("policy-that-is-empty", String::new()),
    ];
    cases.into_iter().map(|(id, text)| Vector::invalid(id, "").with("text", text)).collect()
}

fn run(vector: &Value) -> Result<(), String> {
    if vector.get("text").is_some() {
        return judge(vector, &Policy::parse(text(vector, "text")));
    }
    let Some(note) = vector.get("note") else {
        let answer = VerifierKey::parse(text(vector, "key"));
        judge(vector, &answer)?;
        let Ok(key) = answer else { return Ok(()) };
        same(vector, "kind", key.kind().byte())?;
        same(vector, "key_id", key.id().to_string())?;
        same(vector, "name", key.name())?;
        return same(vector, "public", hex(&key.public_key()));
    };
    let answer = Policy::parse(text(vector, "policy")).unwrap().open(note.as_str().unwrap());
    judge(vector, &answer)?;
    let Ok(opened) = answer else { return Ok(()) };
    let checkpoint = opened.checkpoint();
    let witnesses = opened.witnesses().iter().map(|w| json!({ "name": w.name, "time": w.time }));
    let expected = json!({
        "origin": checkpoint.origin(),
        "root": checkpoint.root().to_string(),
        "size": checkpoint.size(),
        "time": opened.time(),
        "witnesses": witnesses.collect::<Vec<_>>(),
    });
    same(vector, "expected", expected)
}
