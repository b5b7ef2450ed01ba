//! Step 1: bytes that are not the one canonical form.

use super::*;

pub fn form() -> Vec<Vector> {
    let s = story();
    let (file, asked) = shortest(&s);
    let text = String::from_utf8(file.print()).unwrap();
    let line = text.strip_suffix('\n').unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let members = value.as_object().unwrap();
    let reversed = members.iter().rev().map(|(k, v)| format!("\"{k}\":{v}")).collect::<Vec<_>>().join(",");
    let once = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let node = members["path"][0].as_str().unwrap();
    let unpadded = node.trim_end_matches('=');
    let bits = format!("{}{}=", &node[..42], if node.as_bytes()[42] == b'A' { 'B' } else { next(&node[42..43]) });
    let short = "A".repeat(40) + "AA==";
    let claimed = format!("\"identifiers\":[\"{ABSENT}\"]");
    let claim = |to: &str| once(&claimed, &format!("\"identifiers\":[{to}]"));
    let spelt: Vec<(&str, &str, String)> = vec![
        ("empty-file", "", String::new()),
        ("line-feed-alone", "", "\n".into()),
        ("no-line-feed", "A file ends in LF.", line.into()),
        ("two-line-feeds", "", format!("{text}\n")),
        ("carriage-return", "Windows line end.", format!("{line}\r\n")),
        ("byte-order-mark", "", format!("\u{feff}{text}")),
        ("space-before", "", format!(" {text}")),
        ("space-after-a-colon", "", text.replacen(':', ": ", 1)),
        ("zero-byte-after", "", format!("{text}\0")),
        ("cut-short", "", text[..text.len() / 2].into()),
        ("two-files", "", format!("{text}{text}")),
        ("list-of-one-file", "", format!("[{line}]\n")),
        ("members-reversed", "Members are sorted.", format!("{{{reversed}}}\n")),
        ("member-twice", "", once("\"claims\":", "\"claims\":[],\"claims\":")),
        ("unknown-member", "", once("\"tables\":", "\"table\":[],\"tables\":")),
        ("null-member", "", once("{\"checkpoint\"", "{\"anchors\":null,\"checkpoint\"")),
        (
            "empty-optional-list",
            "An optional list that is empty is left out.",
            once("{\"checkpoint\"", "{\"anchors\":[],\"checkpoint\""),
        ),
        ("number-with-a-fraction", "", once("\"index\":0,", "\"index\":0.0,")),
        ("number-with-an-exponent", "", once("\"index\":1,", "\"index\":1e0,")),
        ("number-with-a-leading-zero", "", once("\"index\":1,", "\"index\":01,")),
        ("number-with-a-sign", "", once("\"index\":0,", "\"index\":-0,")),
        ("number-as-a-text", "", once("\"index\":1,", "\"index\":\"1\",")),
        ("number-above-2-to-the-53", "", once("\"index\":1,", "\"index\":9007199254740992,")),
        ("escape-that-is-not-needed", "", once("deeds", "\\u0064eeds")),
        ("escape-in-another-form", "LF is \\n.", once("\\n", "\\u000a")),
        ("escaped-slash", "", once("/deeds", "\\/deeds")),
        ("half-a-surrogate-pair", "", once("deeds", "\\ud800eeds")),
        ("later-version", "", once("proof/v1", "proof/v2")),
        ("format-of-a-fork", "", once("proof/v1", "fork/v1")),
        ("hash-without-padding", "", once(node, unpadded)),
        ("hash-in-the-url-alphabet", "`-` and `_` are another alphabet.", once(node, &format!("-_{}", &node[2..]))),
        ("hash-with-unused-bits", "The last character has other unused bits.", once(node, &bits)),
        ("hash-of-31-bytes", "", once(node, &short)),
        ("identifiers-not-sorted", "", claim("\"isbn:9780306406157\",\"id:example/4\"")),
        ("identifier-twice", "", claim("\"id:example/4\",\"id:example/4\"")),
        (
            "identifier-with-hyphens",
            "Only the canonical spelling is an identifier.",
            claim("\"isbn:978-0-306-40615-7\""),
        ),
        ("identifier-with-a-wrong-check-digit", "", claim("\"isbn:9780306406158\"")),
        ("identifier-of-an-unknown-scheme", "", claim("\"foo:bar\"")),
    ];
    let spell = |(id, comment, spelt): (&str, &str, String)| {
        assert_ne!(spelt, text, "{id}");
        forged(id, comment, "form", &asked, spelt.as_bytes()).flag("bytes")
    };
    let mut vectors: Vec<Vector> = spelt.into_iter().map(spell).collect();
    for member in members.keys() {
        let mut without = members.clone();
        without.remove(member);
        let bytes = format!("{}\n", Value::from(without));
        vectors.push(forged(&format!("without-{member}"), "", "form", &asked, bytes.as_bytes()).flag("bytes"));
    }
    let mut bytes = text.clone().into_bytes();
    let at = text.find("deeds").unwrap();
    bytes[at] = 0xff;
    vectors.push(forged("not-utf-8", "", "form", &asked, &bytes).flag("bytes"));
    vectors
}

/// The next character of the base64 alphabet, whose unused bits are not zero.
fn next(character: &str) -> char {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let at = ALPHABET.find(character).unwrap();
    ALPHABET.as_bytes()[at + 1] as char
}
