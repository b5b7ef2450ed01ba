//! Licences: raw spellings to SPDX, the rules for open licences, terms files.

use std::collections::BTreeSet;
use std::fmt::Write;

use deedbook::licence::{
    CreativeCommons, Decision, FileSubject, Flag, Format, MAX_LICENCES_OF_EXPRESSION, MAX_RULES_LEN, MAX_TERMS_LEN,
    RuleDecision, Rules, Understood, read_terms, understand,
};
use deedbook::rows::{Root, blake3};
use deedbook::statement::grant::Grant;
use deedbook::statement::kind::{Is, Salt, V1};
use deedbook::statement::terms::{Facts, Need, Subject, cover};
use deedbook::statement::vocabulary::Obligation;
use deedbook::statement::{Code, Codes, Date, Identifier, Layer, Purpose, RowsRef, Statement, Terms, Time, Use, json};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::RngSeed;

/// The same cases on every run.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 512, rng_seed: RngSeed::Fixed(17), failure_persistence: None, ..ProptestConfig::default() }
}

const TRAINING: [Use; 3] = [Use::Tdm, Use::AiTraining, Use::GenerativeTraining];

// --- Creative Commons URLs ---

#[test]
fn creative_commons_urls_name_their_licence_in_every_published_spelling() {
    #[rustfmt::skip]
    let spellings = [
        // schemes, hosts, case, the last slash
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("http://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0", "CC-BY-4.0"),
        ("//creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("www.creativecommons.org/licenses/by/4.0", "CC-BY-4.0"),
        ("https://www.creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("HTTP://CreativeCommons.ORG/licenses/by/4.0/", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/BY-NC-SA/4.0/", "CC-BY-NC-SA-4.0"),
        ("  https://creativecommons.org/licenses/by/4.0/\n", "CC-BY-4.0"),
        // pages below a licence, and what the chooser adds
        ("https://creativecommons.org/licenses/by/4.0/deed", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/deed/", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/deed.de", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/deed.pt_BR", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/deed.zh-hans", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode.de", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode.txt", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/rdf", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/?ref=chooser-v1", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0#s3", "CC-BY-4.0"),
        // every code
        ("https://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0"),
        ("https://creativecommons.org/licenses/by-nd/4.0/", "CC-BY-ND-4.0"),
        ("https://creativecommons.org/licenses/by-nc/4.0/", "CC-BY-NC-4.0"),
        ("https://creativecommons.org/licenses/by-nc-sa/4.0/", "CC-BY-NC-SA-4.0"),
        ("https://creativecommons.org/licenses/by-nc-nd/4.0/", "CC-BY-NC-ND-4.0"),
        ("https://creativecommons.org/licenses/by-nd-nc/1.0/", "CC-BY-NC-ND-1.0"),
        ("https://creativecommons.org/licenses/sa/1.0/", "CC-SA-1.0"),
        // every version
        ("http://creativecommons.org/licenses/by/1.0/", "CC-BY-1.0"),
        ("http://creativecommons.org/licenses/by/2.0/", "CC-BY-2.0"),
        ("http://creativecommons.org/licenses/by/2.5/", "CC-BY-2.5"),
        ("http://creativecommons.org/licenses/by/3.0/", "CC-BY-3.0"),
        // ports with an identifier of their own
        ("http://creativecommons.org/licenses/by/2.5/au/", "CC-BY-2.5-AU"),
        ("http://creativecommons.org/licenses/by/3.0/us/", "CC-BY-3.0-US"),
        ("http://creativecommons.org/licenses/by/3.0/de/", "CC-BY-3.0-DE"),
        ("http://creativecommons.org/licenses/by/3.0/de/deed.en", "CC-BY-3.0-DE"),
        ("http://creativecommons.org/licenses/by/3.0/at/legalcode", "CC-BY-3.0-AT"),
        ("http://creativecommons.org/licenses/by/3.0/nl", "CC-BY-3.0-NL"),
        ("http://creativecommons.org/licenses/by/3.0/igo/", "CC-BY-3.0-IGO"),
        ("http://creativecommons.org/licenses/by-nc-nd/3.0/igo/legalcode", "CC-BY-NC-ND-3.0-IGO"),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/de/", "CC-BY-NC-SA-3.0-DE"),
        ("http://creativecommons.org/licenses/by-nc-sa/2.0/fr/", "CC-BY-NC-SA-2.0-FR"),
        ("http://creativecommons.org/licenses/by-nc-sa/2.0/uk/", "CC-BY-NC-SA-2.0-UK"),
        ("http://creativecommons.org/licenses/by-sa/2.1/jp/", "CC-BY-SA-2.1-JP"),
        // ports without one
        ("http://creativecommons.org/licenses/by-nc/3.0/fr/", "CC-BY-NC-3.0"),
        ("http://creativecommons.org/licenses/by-nc-nd/3.0/es/deed.es", "CC-BY-NC-ND-3.0"),
        ("http://creativecommons.org/licenses/by-nc-nd/2.5/scotland/", "CC-BY-NC-ND-2.5"),
        ("http://creativecommons.org/licenses/by-nd-nc/1.0/fi/", "CC-BY-NC-ND-1.0"),
        ("http://creativecommons.org/licenses/by-nd/3.0/igo/", "CC-BY-ND-3.0"),
        // dedications and marks
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed.fr", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/legalcode", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/deed.en", "CC-PDM-1.0"),
        ("http://creativecommons.org/licenses/publicdomain/", "CC-PDDC"),
        ("http://creativecommons.org/licenses/publicdomain/deed", "CC-PDDC"),
    ];
    for (url, spdx) in spellings {
        assert_eq!(understand(url), Understood::Licence(spdx.to_owned()), "{url}");
    }
}

/// As deeds, platforms and data sets write them.
#[test]
fn creative_commons_titles_name_their_licence() {
    #[rustfmt::skip]
    let titles = [
        ("CC BY 4.0", "CC-BY-4.0"), ("cc by-sa 4.0", "CC-BY-SA-4.0"), ("CC-BY-NC-SA 4.0", "CC-BY-NC-SA-4.0"), ("CC BY NC ND 3.0", "CC-BY-NC-ND-3.0"),
        ("CC_BY_4.0", "CC-BY-4.0"), ("CC BY-SA 4.0 International", "CC-BY-SA-4.0"), ("CC BY\u{2011}SA 4.0", "CC-BY-SA-4.0"),
        ("Creative Commons BY-NC 2.5 Generic", "CC-BY-NC-2.5"), ("CC BY-NC-SA v3.0", "CC-BY-NC-SA-3.0"),
        ("Creative Commons Attribution 4.0 International Public License", "CC-BY-4.0"),
        ("Creative Commons Attribution-ShareAlike 3.0 Unported License", "CC-BY-SA-3.0"),
        ("Creative Commons Attribution-Noncommercial-Share Alike 3.0 United States License", "CC-BY-NC-SA-3.0"),
        ("Attribution-NonCommercial 3.0 Unported", "CC-BY-NC-3.0"), ("Attribution 4.0 International", "CC-BY-4.0"),
        ("Attribution-NonCommercial-NoDerivatives 4.0", "CC-BY-NC-ND-4.0"), ("Attribution-NoDerivs 2.0 Generic", "CC-BY-ND-2.0"),
        ("Attribution-NoDerivs-NonCommercial 1.0 Generic", "CC-BY-NC-ND-1.0"), ("Attribution-No Derivative Works 3.0 Spain", "CC-BY-ND-3.0"),
        ("Attribution 3.0 Germany", "CC-BY-3.0-DE"), ("CC BY 3.0 us", "CC-BY-3.0-US"), ("CC BY 3.0 IGO", "CC-BY-3.0-IGO"),
        ("Creative Commons Attribution License 3.0", "CC-BY-3.0"), ("CC BY 4.0 Deed", "CC-BY-4.0"),
        ("Creative Commons Attribution 4.0 International (CC BY 4.0)", "CC-BY-4.0"),
        ("CC BY-NC-SA 4.0 (https://creativecommons.org/licenses/by-nc-sa/4.0/)", "CC-BY-NC-SA-4.0"),
        ("CC0", "CC0-1.0"), ("CC0 1.0", "CC0-1.0"), ("CC0 1.0 Universal", "CC0-1.0"), ("Creative Commons Zero v1.0 Universal", "CC0-1.0"),
        ("CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "CC0-1.0"), ("Public Domain Mark 1.0", "CC-PDM-1.0"),
        ("Creative Commons Public Domain Mark 1.0", "CC-PDM-1.0"),
    ];
    for (title, spdx) in titles {
        assert_eq!(understand(title), Understood::Licence(spdx.to_owned()), "{title}");
    }
    #[rustfmt::skip]
    let strangers = [
        // no version, no version of this number, a name of another version's
        "CC BY", "CC BY-NC-SA", "Creative Commons Attribution", "Attribution-ShareAlike", "CC BY 4", "CC BY 5.0", "CC BY 3.0 International",
        "CC BY 4.0 Unported", "CC BY 4.0 Generic", "CC BY 4.0 Germany", "CC BY 4.0 de", "CC BY 3.0 xx", "CC0 2.0", "CC0 4.0 International",
        // never published together, or retired without an SPDX identifier
        "CC NC-SA 1.0", "CC NC 1.0", "CC BY-SA-ND 4.0", "CC BY-BY 4.0", "CC SA-BY 4.0", "CC Sampling Plus 1.0", "Sampling+ 1.0", "CC BY-NC-SA-ND 4.0",
        // too little to go by, or more than a title
        "Attribution 3.0", "BY 4.0", "BY-NC 4.0 International", "by-nc-sa 4.0", "zero 1.0", "CC 4.0", "CC BY 4.0 or later", "CC BY 4.0 and MIT",
        "CC BY 4.0 except the cover", "not CC BY 4.0", "CC BY 4.0 (CC BY-NC 4.0)", "CC BY 4.0 (see below)", "CC BY 4.0 (CC BY 4.0", "mark 1.0",
        "Public Domain", "Public Domain Mark 2.0",
    ];
    for title in strangers {
        assert_eq!(understand(title), Understood::Unknown, "{title}");
    }
}

#[test]
fn what_creative_commons_never_published_is_no_licence() {
    #[rustfmt::skip]
    let strangers = [
        "https://creativecommons.org/", "https://creativecommons.org/licenses/", "https://creativecommons.org/about",
        "https://creativecommons.org/licenses/by/", "https://creativecommons.org/licenses/by/5.0/",
        "https://creativecommons.org/licenses/by/3.0-de/", "https://creativecommons.org/licenses/by/4.0/de/",
        "https://creativecommons.org/licenses/by/2.0/igo/", "https://creativecommons.org/licenses/by/2.1/",
        "https://creativecommons.org/licenses/by/2.1/es/", "https://creativecommons.org/licenses/by/3.0/deu/",
        "https://creativecommons.org/licenses/nc/1.0/", "https://creativecommons.org/licenses/by-sa-nd/4.0/",
        "https://creativecommons.org/licenses/sa/2.0/", "https://creativecommons.org/licenses/by//4.0/",
        "https://creativecommons.org/licenses/by/4.0//", "https://creativecommons.org/licenses/by/4.0/deed/deed",
        "https://creativecommons.org/licenses/by/4.0/deed.", "https://creativecommons.org/licenses/by/4.0/other",
        "https://creativecommons.org/licenses/sampling+/1.0/", "https://creativecommons.org/publicdomain/zero/2.0/",
        "https://creativecommons.org/publicdomain/by/4.0/", "https://creativecommons.org/licenses/zero/1.0/",
        "https://creativecommons.com/licenses/by/4.0/", "https://creativecommons.org.example/licenses/by/4.0/",
        "https://example.org/creativecommons.org/licenses/by/4.0/", "ftp://creativecommons.org/licenses/by/4.0/",
        "https://user@creativecommons.org/licenses/by/4.0/", "https://creativecommons.org:443/licenses/by/4.0/",
        "see https://creativecommons.org/licenses/by/4.0/",
    ];
    for url in strangers {
        assert_eq!(understand(url), Understood::Unknown, "{url}");
    }
    let padded = format!("https://creativecommons.org/licenses/by/4.0/?{}", "x".repeat(512));
    assert_eq!(understand(&padded), Understood::Unknown, "a URL over the limit");
}

/// What authors write into their files: one address in a sentence that licenses, and nothing that takes it back.
#[test]
fn a_notice_names_the_one_licence_that_it_gives_an_address_of() {
    let by_sa = "https://creativecommons.org/licenses/by-sa/4.0/";
    for notice in [
        format!("\u{a9} 2014, A. Author. Licensed under the Creative Commons Attribution ShareAlike 4.0, {by_sa}"),
        format!("2014 A. Author. Licensed to the public under {by_sa} verify at https://author.example/song"),
        format!("License: {by_sa}."),
        format!("this work ({by_sa}) is LICENSED under {by_sa}legalcode"),
    ] {
        assert_eq!(understand(&notice), Understood::Licence("CC-BY-SA-4.0".to_owned()), "{notice}");
    }
    for notice in [
        format!("\u{a9} 2014 A. Author {by_sa}"),
        format!("not licensed under {by_sa}"),
        format!("licensed under {by_sa} except the lyrics"),
        format!("licensed under {by_sa} or https://creativecommons.org/licenses/by/4.0/"),
        "licensed under https://creativecommons.org/licenses/free/".to_owned(),
        "licensed under Creative Commons".to_owned(),
    ] {
        assert_eq!(understand(&notice), Understood::Unknown, "{notice}");
    }
}

#[test]
fn a_port_stays_visible_where_spdx_has_no_name_for_it() {
    let licence = CreativeCommons::parse("http://creativecommons.org/licenses/by-nc/3.0/FR/").unwrap();
    assert_eq!((licence.spdx, licence.port.as_deref()), ("CC-BY-NC-3.0", Some("fr")));
    let licence = CreativeCommons::parse("http://creativecommons.org/licenses/by/4.0/").unwrap();
    assert_eq!((licence.spdx, licence.port), ("CC-BY-4.0", None));
}

/// The rules file's flags against what the URLs themselves say, so that neither table has a slip of its own.
#[test]
fn every_creative_commons_licence_is_listed_with_the_flags_of_its_url() {
    let rules = Rules::default_rules();
    let flags_of = |spdx: &str| rules.licences().find(|(id, _)| *id == spdx).map(|(_, flags)| flags.to_vec());
    let mut seen = BTreeSet::new();
    let letters = || 'a'..='z';
    let ports: Vec<String> = letters().flat_map(|a| letters().map(move |b| format!("/{a}{b}"))).collect();
    let others = ["", "/igo", "/scotland"].map(str::to_owned);
    for code in ["by", "by-nc", "by-nd", "by-sa", "by-nc-nd", "by-nc-sa", "sa"] {
        for version in ["1.0", "2.0", "2.1", "2.5", "3.0", "4.0"] {
            for port in ports.iter().chain(&others) {
                let url = format!("http://creativecommons.org/licenses/{code}/{version}{port}/");
                let Some(CreativeCommons { elements: e, spdx, .. }) = CreativeCommons::parse(&url) else { continue };
                let named = [(e.by, Flag::By), (e.sa, Flag::Sa), (e.nd, Flag::Nd), (e.nc, Flag::Nc)];
                let expected: Vec<Flag> = named.into_iter().filter(|(is, _)| *is).map(|(_, flag)| flag).collect();
                assert_eq!(flags_of(spdx), Some(expected), "{spdx}");
                seen.insert(spdx);
            }
        }
    }
    let listed = rules.licences().filter(|(id, _)| id.starts_with("CC-") && *id != "CC-PDM-1.0").count();
    assert_eq!(seen.len(), listed);
    for dedicated in ["CC0-1.0", "CC-PDM-1.0"] {
        assert_eq!(flags_of(dedicated), Some(vec![Flag::PublicDomain]));
    }
}

// --- SPDX expressions ---

#[test]
fn expressions_have_one_canonical_text() {
    #[rustfmt::skip]
    let spellings = [
        ("MIT", "MIT"), ("mit", "MIT"), (" apache-2.0 ", "Apache-2.0"), ("cc-by-nc-sa-3.0-de", "CC-BY-NC-SA-3.0-DE"),
        ("(MIT)", "MIT"), ("((mit))", "MIT"), ("MPL-2.0+", "MPL-2.0+"), ("odbl-1.0", "ODbL-1.0"),
        // the old GNU forms
        ("GPL-2.0", "GPL-2.0-only"), ("gpl-2.0+", "GPL-2.0-or-later"), ("LGPL-2.1-OR-LATER", "LGPL-2.1-or-later"),
        // retired, without a successor of the same name
        ("wxwindows", "wxWindows"), ("gpl-2.0-with-classpath-exception", "GPL-2.0-with-classpath-exception"),
        // operators
        ("mit or apache-2.0", "Apache-2.0 OR MIT"), ("MIT OR (Apache-2.0)", "Apache-2.0 OR MIT"),
        ("MIT AND MIT", "MIT"), ("MIT  AND\tISC AND MIT", "ISC AND MIT"),
        ("MIT OR ISC AND Zlib", "ISC AND Zlib OR MIT"), ("(MIT OR ISC) AND Zlib", "(ISC OR MIT) AND Zlib"),
        ("Zlib AND ((MIT AND ISC) OR (ISC AND MIT))", "ISC AND MIT AND Zlib"),
        ("gpl-2.0-only with classpath-EXCEPTION-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("MIT AND LicenseRef-a", "LicenseRef-a AND MIT"),
    ];
    for (raw, canonical) in spellings {
        assert_eq!(understand(raw), Understood::Licence(canonical.to_owned()), "{raw}");
        assert_eq!(understand(canonical), Understood::Licence(canonical.to_owned()), "{canonical}");
    }
}

#[test]
fn references_keep_their_case() {
    for reference in ["LicenseRef-north-press-2026", "LicenseRef-A.b", "DocumentRef-spdx-1:LicenseRef-x"] {
        assert_eq!(understand(reference), Understood::Reference(reference.to_owned()));
    }
    assert_eq!(understand(" (LicenseRef-a) "), Understood::Reference("LicenseRef-a".to_owned()));
}

#[test]
fn nothing_is_guessed() {
    #[rustfmt::skip]
    let guesses = [
        "", " ", "free", "Creative Commons", "CC", "CC BY", "CC-BY", "Apache", "apache 2", "GPL", "gplv3",
        "BSD", "public domain", "All rights reserved", "NONE", "NOASSERTION", "unknown", "MIT/Apache-2.0", "MIT,ISC",
        "MIT ISC", "MIT And ISC", "MIT +", "MIT++", "GPL-2.0-only+", "GPL-3.0-or-later+", "(MIT", "MIT)", "()", "AND",
        "MIT OR", "MIT WITH", "MIT WITH ISC", "LicenseRef-", "licenseref-a", "LicenseRef-a_b", "LicenseRef-a:b",
        "DocumentRef-:LicenseRef-a", "LicenseRef-\u{e9}", "M\u{130}T", "\u{a0}", "MIT\u{0}",
    ];
    for raw in guesses {
        assert_eq!(understand(raw), Understood::Unknown, "{raw:?}");
    }
    assert_eq!(understand(&" ".repeat(4097)), Understood::Unknown);
    assert_eq!(understand(&format!("MIT{}", " OR MIT".repeat(600))), Understood::Unknown, "over the limit of a text");
}

fn expressions() -> impl Strategy<Value = String> {
    let leaf =
        select(vec!["MIT", "isc", "GPL-2.0+", "gpl-3.0", "Zlib", "LicenseRef-x", "GPL-2.0-only WITH LLVM-exception"]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 24, 2, |inner| {
        (inner.clone(), select(vec!["AND", "or"]), inner, any::<bool>())
            .prop_map(|(a, op, b, bare)| if bare { format!("{a} {op} {b}") } else { format!("({a}) {op} ({b})") })
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn understanding_twice_changes_nothing(raw in expressions()) {
        let once = understand(&raw);
        let text = once.expression().expect("these are all expressions").to_owned();
        prop_assert_eq!(understand(&text), once);
        let (same, swapped) = (understand(&format!("({raw}) AND Zlib")), understand(&format!("zlib AND ({raw})")));
        prop_assert_eq!(same, swapped);
    }

    #[test]
    fn no_text_breaks_understanding(raw in any::<String>(), tail in "[-a-zA-Z0-9:.+() /]{0,40}") {
        for text in [raw.clone(), tail.clone(), format!("LicenseRef-{tail}"), format!("DocumentRef-{tail}"),
                     format!("MIT WITH {tail}"), format!("creativecommons.org/licenses/{tail}")] {
            let once = understand(&text);
            if let Some(canonical) = once.expression() {
                prop_assert_eq!(&understand(canonical), &once);
            }
        }
    }
}

// --- rules ---

fn need(uses: &[Use], purpose: Purpose) -> Need<'_> {
    Need { uses, purpose, territories: &[], models: &[] }
}

/// What the judge says of the grant that the expression has by itself; `None` where it has none.
fn judged(rules: &Rules, expression: &str, need: &Need) -> Option<Codes> {
    let mut grants = rules.open_grants(expression);
    assert!(grants.len() <= 1, "{expression} leaves no choice");
    let terms = grants.pop()?;
    let facts = Facts { in_subject: true, ..Facts::default() };
    let codes = |layer: &Layer| cover(need, *layer, &terms, facts, Date::parse("2026-01-01").unwrap());
    let all: BTreeSet<Codes> = Layer::ALL.iter().map(codes).collect();
    assert_eq!(all.len(), 1, "an open licence is about all layers alike");
    all.first().copied()
}

/// `admit attribution`, `hold needs-review`, `refuse purpose-not-covered`: decision, then duties or codes.
fn said(rules: &Rules, expression: &str, need: &Need) -> String {
    let with = |word: &str, rest: String| if rest.is_empty() { word.to_owned() } else { format!("{word} {rest}") };
    match rules.decide(Some(expression), need) {
        RuleDecision::Admit(terms) => {
            assert!(rules.open_grants(expression).contains(&terms), "what is admitted has a grant");
            with("admit", terms.obligations.iter().map(|o| o.word()).collect::<Vec<_>>().join(", "))
        }
        RuleDecision::Hold(codes) => with("hold", codes.to_string()),
        RuleDecision::Refuse(codes) => with("refuse", codes.to_string()),
    }
}

#[test]
fn the_default_table_is_the_one_that_is_documented() {
    let rules = Rules::default_rules();
    #[rustfmt::skip]
    let table = [
        // licence, commercial training, non-commercial training and research
        ("CC0-1.0", "admit", "admit"),
        ("CC-PDM-1.0", "admit", "admit"),
        ("CC-BY-4.0", "admit attribution", "admit attribution"),
        ("MIT", "admit attribution", "admit attribution"),
        ("Apache-2.0", "admit attribution", "admit attribution"),
        ("CC-BY-SA-4.0", "hold needs-review", "admit attribution, share-alike"),
        ("LAL-1.3", "hold needs-review", "admit attribution, share-alike"),
        ("GPL-3.0-only", "hold needs-review", "admit attribution, share-alike"),
        ("CC-BY-ND-4.0", "hold needs-review", "hold needs-review"),
        ("CC-BY-NC-4.0", "refuse purpose-not-covered", "admit attribution"),
        ("CC-BY-NC-SA-4.0", "refuse purpose-not-covered", "admit attribution, share-alike"),
        ("CC-BY-NC-ND-4.0", "refuse purpose-not-covered", "hold needs-review"),
        ("CC-PDDC", "hold needs-review", "hold needs-review"),
        ("LicenseRef-north-press-2026", "hold licence-unknown", "hold licence-unknown"),
        ("free", "hold licence-unknown", "hold licence-unknown"),
    ];
    for (licence, commercial, other) in table {
        for use_ in TRAINING {
            assert_eq!(said(&rules, licence, &need(&[use_], Purpose::Commercial)), commercial, "{licence} {use_}");
            for purpose in [Purpose::NonCommercial, Purpose::Research] {
                assert_eq!(said(&rules, licence, &need(&[use_], purpose)), other, "{licence} {purpose} {use_}");
            }
        }
    }
    let missing = rules.decide(None, &need(&TRAINING, Purpose::Research));
    assert_eq!(missing, RuleDecision::Hold(Code::LicenceUnknown.into()));
}

/// SPDX 2.3, Annex D: AND asks for both sides, OR is the licensee's choice, WITH permits more.
#[test]
fn expressions_are_evaluated_and_the_choice_is_named() {
    let rules = Rules::default_rules();
    #[rustfmt::skip]
    let table = [
        // expression, commercial generative training, research; what was chosen stands behind the slash
        ("MIT OR Apache-2.0", "admit attribution / Apache-2.0", "admit attribution / Apache-2.0"),
        ("CC-BY-NC-4.0 OR MIT", "admit attribution / MIT", "admit attribution / CC-BY-NC-4.0"),
        ("CC0-1.0 OR CC-BY-4.0", "admit / CC0-1.0", "admit / CC0-1.0"),
        ("GPL-2.0+ OR CC-BY-SA-4.0", "hold needs-review", "admit attribution, share-alike / CC-BY-SA-4.0"),
        ("CC-BY-NC-4.0 OR CC-BY-NC-SA-4.0", "refuse purpose-not-covered", "admit attribution / CC-BY-NC-4.0"),
        ("CC-BY-NC-4.0 OR Perl", "hold licence-unknown", "hold licence-unknown"),
        ("CC-BY-NC-4.0 OR Artistic-1.0-Perl", "hold needs-review", "admit attribution / CC-BY-NC-4.0"),
        ("MIT AND Apache-2.0", "admit attribution / Apache-2.0 AND MIT", "admit attribution / Apache-2.0 AND MIT"),
        ("CC0-1.0 AND CC-BY-SA-4.0", "hold needs-review", "admit attribution, share-alike / CC-BY-SA-4.0 AND CC0-1.0"),
        ("MIT AND CC-BY-NC-4.0", "refuse purpose-not-covered", "admit attribution / CC-BY-NC-4.0 AND MIT"),
        ("Artistic-1.0-Perl AND CC-BY-NC-4.0", "refuse purpose-not-covered", "hold needs-review"),
        ("Artistic-1.0-Perl AND MIT", "hold needs-review", "hold needs-review"),
        ("(MIT OR CC-BY-NC-4.0) AND (CC0-1.0 OR GPL-3.0-only)", "admit attribution / CC0-1.0 AND MIT", "admit attribution / CC-BY-NC-4.0 AND CC0-1.0"),
        ("LicenseRef-x OR MIT", "admit attribution / MIT", "admit attribution / MIT"),
        ("LicenseRef-x AND MIT", "hold needs-review", "hold needs-review"),
        // exceptions permit more, but for one that forbids; whose own is unknown is held
        ("Apache-2.0 WITH LLVM-exception", "admit attribution / Apache-2.0 WITH LLVM-exception", "admit attribution / Apache-2.0 WITH LLVM-exception"),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", "hold needs-review", "admit attribution, share-alike / GPL-2.0-or-later WITH Classpath-exception-2.0"),
        ("GPL-2.0-only WITH freertos-exception-2.0", "hold needs-review", "hold needs-review"),
        ("MIT WITH AdditionRef-own", "hold needs-review", "hold needs-review"),
        // a later version is another choice, and nobody knows which conditions it has
        ("MPL-2.0+", "hold needs-review", "admit attribution, share-alike / MPL-2.0+"),
        ("CC-BY-NC-3.0+", "hold needs-review", "admit attribution / CC-BY-NC-3.0+"),
        ("Apache-2.0+", "admit attribution / Apache-2.0+", "admit attribution / Apache-2.0+"),
    ];
    for (raw, commercial, research) in table {
        let understood = understand(raw);
        let expression = understood.expression().unwrap_or("?");
        for (purpose, expected) in [(Purpose::Commercial, commercial), (Purpose::Research, research)] {
            let need = need(&[Use::GenerativeTraining], purpose);
            let mut said = said(&rules, expression, &need);
            if let RuleDecision::Admit(terms) = rules.decide(Some(expression), &need) {
                assert_eq!(terms.subject, Subject::Licence(expression.to_owned()), "the work's own licence");
                said += &format!(" / {}", terms.licence);
                check(*terms);
            }
            assert_eq!(said, expected, "{raw} {purpose}");
        }
    }
}

#[test]
fn a_lab_may_list_a_licence_with_its_exception_and_a_reference() {
    let own = String::from_utf8(Rules::default_rules().bytes().to_vec()).unwrap()
        + "\"Apache-2.0 WITH LLVM-exception\" = [\"nc\"]\n\"LicenseRef-own\" = [\"by\"]\n\"LicenseRef-nd\" = [\"nd\"]\n";
    let rules = Rules::parse(own.as_bytes()).unwrap();
    let training = need(&[Use::GenerativeTraining], Purpose::Commercial);
    for (licence, expected) in [
        ("Apache-2.0 WITH LLVM-exception", "refuse purpose-not-covered"),
        ("Apache-2.0 WITH Swift-exception", "admit attribution"),
        ("LicenseRef-own", "admit attribution"),
        ("LicenseRef-nd", "hold needs-review"),
        ("LicenseRef-other", "hold licence-unknown"),
        ("CC-BY-NC-4.0 OR LicenseRef-own", "admit attribution"),
    ] {
        assert_eq!(said(&rules, licence, &training), expected, "{licence}");
    }
}

/// An expression of two to the power of 32 choices, and one of more licences than are looked at.
#[test]
fn no_expression_takes_long() {
    let rules = Rules::default_rules();
    let need = need(&[Use::GenerativeTraining], Purpose::Research);
    let ids: Vec<&str> = rules.licences().map(|(licence, _)| licence).collect();
    let pairs = |count: usize| ids.chunks(2).take(count).map(|p| format!("({} OR {})", p[0], p[1])).collect::<Vec<_>>();
    let text = understand(&pairs(32).join(" AND ")).expression().unwrap().to_owned();
    assert!(matches!(rules.decide(Some(&text), &need), RuleDecision::Hold(_)), "ND is among them");
    let text = understand(&ids[..MAX_LICENCES_OF_EXPRESSION].join(" OR ")).expression().unwrap().to_owned();
    assert!(matches!(rules.decide(Some(&text), &need), RuleDecision::Admit(_)));
    let text = understand(&ids[..=MAX_LICENCES_OF_EXPRESSION].join(" OR ")).expression().unwrap().to_owned();
    assert_eq!(rules.decide(Some(&text), &need), RuleDecision::Hold(Code::NeedsReview.into()));
    assert_eq!(rules.open_grants(&text), []);
}

#[test]
fn what_the_default_table_does_not_name_is_held() {
    let rules = Rules::default_rules();
    for (licence, _) in rules.licences() {
        for &purpose in Purpose::ALL {
            for &use_ in Use::ALL {
                let is_named_purpose =
                    matches!(purpose, Purpose::Commercial | Purpose::NonCommercial | Purpose::Research);
                if !is_named_purpose || !TRAINING.contains(&use_) {
                    assert_eq!(said(&rules, licence, &need(&[use_], purpose)), "hold needs-review", "{licence}");
                }
            }
            assert_eq!(said(&rules, licence, &need(&[], purpose)), "hold needs-review", "{licence}: no use declared");
        }
    }
}

/// The file as TOML, its cells given by the tables of each flag.
fn rules_file(tables: impl Fn(Flag) -> String, licences: &str) -> String {
    let flags: String = Flag::ALL.iter().map(|f| tables(*f)).collect();
    format!("valid_from = \"1970-01-01\"\n{flags}\n[licences]\n{licences}")
}

fn table(flag: Flag, decision: &str, purposes: &[Purpose], uses: &[Use]) -> String {
    let purposes: Vec<&str> = purposes.iter().map(|p| p.word()).collect();
    let uses: Vec<&str> = uses.iter().map(|u| u.word()).collect();
    format!("[flags.{}.{decision}]\npurposes = {purposes:?}\nuses = {uses:?}\n", flag.word())
}

/// For each cell of the default table, a licence and a need that this flag's cell decides: where the flag says otherwise
/// there, and all other flags as before, the answer is another.
#[test]
fn every_cell_of_the_default_table_decides_some_work() {
    let default = Rules::default_rules();
    let witness = |flag, purpose| match (flag, purpose) {
        (Flag::PublicDomain, _) => "CC0-1.0",
        (Flag::By, _) => "CC-BY-4.0",
        (Flag::Permissive, _) => "MIT",
        (Flag::Sa, _) => "CC-SA-1.0",
        (Flag::Copyleft, _) => "GPL-3.0-only",
        (Flag::Nd, _) => "CC-BY-ND-4.0",
        (Flag::Nc, _) => "CC-BY-NC-4.0",
    };
    let mut licences = String::new();
    for (licence, flags) in default.licences() {
        let words: Vec<&str> = flags.iter().map(|f| f.word()).collect();
        writeln!(licences, "{licence:?} = {words:?}").unwrap();
    }
    for flag in Flag::ALL {
        for purpose in [Purpose::Commercial, Purpose::NonCommercial, Purpose::Research] {
            for use_ in TRAINING {
                let turned = if default.cell(flag, purpose, use_) == Decision::Hold { "admit" } else { "hold" };
                // Admitting a use takes what it contains; only the asked use is compared.
                let uses: Vec<Use> = TRAINING.into_iter().filter(|u| use_.contains(*u)).collect();
                let tables =
                    |f| if f == flag { table(f, turned, &[purpose], &uses) } else { default_tables(&default, f) };
                let file = rules_file(tables, &licences);
                let rules = Rules::parse(file.as_bytes()).unwrap();
                let (licence, need) = (witness(flag, purpose), need(std::slice::from_ref(&use_), purpose));
                let (before, after) = (default.decide(Some(licence), &need), rules.decide(Some(licence), &need));
                assert_ne!(before, after, "{licence} {purpose} {use_} by {}", flag.word());
            }
        }
    }
}

/// One flag's tables, rebuilt from its cells.
fn default_tables(rules: &Rules, flag: Flag) -> String {
    let mut tables = String::new();
    for (decision, name) in [(Decision::Admit, "admit"), (Decision::Refuse, "refuse")] {
        let has = |p: &Purpose, u: &Use| rules.cell(flag, *p, *u) == decision;
        let purposes: Vec<Purpose> =
            Purpose::ALL.iter().copied().filter(|p| TRAINING.iter().any(|u| has(p, u))).collect();
        if !purposes.is_empty() {
            tables += &table(flag, name, &purposes, &TRAINING);
        }
    }
    if tables.is_empty() { table(flag, "hold", &[Purpose::Commercial], &TRAINING) } else { tables }
}

/// The rules never say *admit* where the judge says no, nor the other way round; and what they refuse or hold, the
/// recorded grant does not cover, so that a later question to the judge alone has the same answer.
fn agrees_with_the_judge(rules: &Rules, expression: &str, need: &Need) {
    let judged = judged(rules, expression, need);
    match rules.decide(Some(expression), need) {
        RuleDecision::Admit(_) => assert_eq!(judged, Some(Codes::NONE), "{expression} {need:?}"),
        RuleDecision::Hold(codes) => {
            assert!(codes.is_held(), "{expression} {need:?}");
            assert_ne!(judged, Some(Codes::NONE), "{expression} {need:?}");
        }
        RuleDecision::Refuse(codes) => {
            assert!(!codes.is_empty() && !codes.is_held(), "{expression} {need:?}");
            assert_ne!(judged, Some(Codes::NONE), "{expression} {need:?}");
        }
    }
}

#[test]
fn rules_and_judge_agree_on_every_licence_purpose_and_set_of_uses() {
    let rules = Rules::default_rules();
    let all_sets: Vec<Vec<Use>> = (0..1_u32 << Use::ALL.len())
        .map(|bits| Use::ALL.iter().copied().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, u)| u).collect())
        .collect();
    // Licences with equal flags have equal terms but for the name: one of each is asked about all sets of uses.
    let mut asked = BTreeSet::new();
    for (licence, flags) in rules.licences() {
        let sets = if asked.insert(flags.to_vec()) {
            &all_sets[..]
        } else {
            &[vec![Use::GenerativeTraining], TRAINING.to_vec()]
        };
        for purpose in Purpose::ALL {
            for uses in sets {
                agrees_with_the_judge(&rules, licence, &need(uses, *purpose));
            }
        }
    }
    assert!(asked.len() >= 9, "{asked:?}");
}

/// A random file: per flag up to three products that share no cell, the admitted uses closed.
fn any_rules() -> impl Strategy<Value = String> {
    let product = || (subsequence(Purpose::ALL.to_vec(), 0..=5), subsequence(Use::ALL.to_vec(), 1..=7));
    let flag = (product(), product());
    let licences = proptest::collection::vec(subsequence(Flag::ALL.to_vec(), 1..=7), 8);
    (proptest::collection::vec(flag, 7), licences).prop_map(|(flags, licences)| {
        let mut tables = flags.into_iter();
        let names = ["MIT", "ISC", "Zlib", "X11", "CC0-1.0", "CC-BY-4.0", "CC-BY-NC-4.0", "LicenseRef-own"];
        let listed: String = names
            .iter()
            .zip(&licences)
            .map(|(name, flags)| format!("{name:?} = {:?}\n", flags.iter().map(|f| f.word()).collect::<Vec<_>>()))
            .collect();
        let text: Vec<String> = Flag::ALL
            .iter()
            .map(|flag| {
                let ((admit, mut uses), (mut refuse, refused_uses)) = tables.next().unwrap();
                refuse.retain(|p| !admit.contains(p));
                uses = Use::ALL.iter().copied().filter(|u| uses.iter().any(|wide| wide.contains(*u))).collect();
                let rest: Vec<Purpose> =
                    Purpose::ALL.iter().copied().filter(|p| !admit.contains(p) && !refuse.contains(p)).collect();
                let some =
                    [("admit", admit, uses), ("refuse", refuse, refused_uses), ("hold", rest, Use::ALL.to_vec())];
                some.iter().filter(|(_, p, _)| !p.is_empty()).map(|(d, p, u)| table(*flag, d, p, u)).collect()
            })
            .collect();
        rules_file(|flag| text[flag as usize].clone(), &listed)
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn rules_and_judge_agree_for_any_file(
        file in any_rules(),
        uses in subsequence(Use::ALL.to_vec(), 0..=7),
        purpose in select(Purpose::ALL.to_vec()),
    ) {
        let rules = Rules::parse(file.as_bytes()).expect("built to be well-formed");
        for licence in rules.licences().map(|(l, _)| l.to_owned()).chain(["BSD-2-Clause".to_owned(), "free".to_owned()]) {
            agrees_with_the_judge(&rules, &licence, &need(&uses, purpose));
        }
    }

    #[test]
    fn the_strictest_flag_decides(
        file in any_rules(),
        use_ in select(Use::ALL.to_vec()),
        purpose in select(Purpose::ALL.to_vec()),
    ) {
        let rules = Rules::parse(file.as_bytes()).expect("built to be well-formed");
        for (licence, flags) in rules.licences() {
            let strictest = flags.iter().map(|f| rules.cell(*f, purpose, use_)).max().unwrap();
            let decided = match rules.decide(Some(licence), &need(&[use_], purpose)) {
                RuleDecision::Admit(_) => Decision::Admit,
                RuleDecision::Hold(_) => Decision::Hold,
                RuleDecision::Refuse(_) => Decision::Refuse,
            };
            prop_assert_eq!(decided, strictest);
        }
    }
}

/// Licences for laws about expressions: one with each flag, one that is listed nowhere, one with an exception.
const OPERANDS: [&str; 9] = [
    "MIT",
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-ND-4.0",
    "GPL-3.0-only WITH GCC-exception-3.1",
    "MPL-2.0+",
    "Artistic-2.0",
];

fn any_expression() -> impl Strategy<Value = String> {
    select(OPERANDS.to_vec()).prop_map(str::to_owned).prop_recursive(4, 16, 2, |inner| {
        (inner.clone(), select(vec!["AND", "OR"]), inner).prop_map(|(a, op, b)| format!("({a}) {op} ({b})"))
    })
}

fn rank(decision: &RuleDecision) -> Decision {
    match decision {
        RuleDecision::Admit(_) => Decision::Admit,
        RuleDecision::Hold(_) => Decision::Hold,
        RuleDecision::Refuse(_) => Decision::Refuse,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn and_is_no_more_lenient_and_or_no_stricter_than_a_part(
        a in any_expression(),
        b in any_expression(),
        c in any_expression(),
        uses in subsequence(TRAINING.to_vec(), 1..=3),
        purpose in select(vec![Purpose::Commercial, Purpose::Research, Purpose::Education]),
    ) {
        let rules = Rules::default_rules();
        let need = need(&uses, purpose);
        let decide = |raw: &str| {
            let understood = understand(raw);
            let expression = understood.expression().expect("built to be one").to_owned();
            let decision = rules.decide(Some(&expression), &need);
            let grants = rules.open_grants(&expression);
            let facts = Facts { in_subject: true, ..Facts::default() };
            let covers = |t: &Terms| cover(&need, Layer::Text, t, facts, t.valid_from).is_empty();
            match &decision {
                RuleDecision::Admit(terms) => {
                    assert!(covers(terms) && grants.contains(terms), "{raw}");
                    let fewest = grants.iter().filter(|t| covers(t)).map(|t| t.obligations.len()).min();
                    assert_eq!(fewest, Some(terms.obligations.len()), "{raw}");
                    assert_eq!(understand(&terms.licence).expression(), Some(&*terms.licence), "canonical");
                    let choice = rules.decide(Some(&terms.licence), &need);
                    assert_eq!(rank(&choice), Decision::Admit, "{raw}: the choice alone admits too");
                }
                RuleDecision::Hold(codes) => assert!(codes.is_held() && !grants.iter().any(covers), "{raw}"),
                RuleDecision::Refuse(codes) => {
                    assert!(!codes.is_empty() && !codes.is_held() && !grants.iter().any(covers), "{raw}");
                }
            }
            decision
        };
        let (one, other) = (rank(&decide(&a)), rank(&decide(&b)));
        let both = rank(&decide(&format!("({a}) AND ({b})")));
        let either = rank(&decide(&format!("({a}) OR ({b})")));
        prop_assert!(both >= one.max(other), "{} AND {}", a, b);
        prop_assert_eq!(either, one.min(other), "{} OR {}", a, b);
        // Order and parentheses do not matter, nor does what stands there twice.
        for op in ["AND", "OR"] {
            let all = decide(&format!("(({a}) {op} ({b})) {op} ({c})"));
            prop_assert_eq!(&decide(&format!("({c}) {op} (({b}) {op} ({a}))")), &all);
            prop_assert_eq!(&decide(&format!("({a}) {op} (({b}) {op} ({c}) {op} ({a}))")), &all);
        }
    }
}

/// The digest stands in every screening: whoever edits the file changes what ledgers name, and says so here.
#[test]
fn the_default_rules_have_this_digest() {
    let rules = Rules::default_rules();
    assert_eq!(rules.digest(), &Identifier::blake3(&blake3(rules.bytes())));
    assert_eq!(rules.digest().as_str(), "blake3:ac8f70e17e92a2db91fdbf8e53b272314ae14b8b60de7711e19bf3d8e2e3b351");
    assert!(rules.is_default());
}

#[test]
fn the_grant_that_a_licence_is_by_itself() {
    let rules = Rules::default_rules();
    let digest = rules.digest();
    let all_layers =
        r#"["code","composition","database","image","master","metadata","performance","text","translation"]"#;
    let expected = format!(
        r#"{{"basis":"open-licence","id":"open-cc-by-nc-sa-4.0","layers":{all_layers},"licence":"CC-BY-NC-SA-4.0","#
    ) + r#""licensee":{"name":"anyone"},"licensor":{"name":"the licensors of CC-BY-NC-SA-4.0"},"#
        + r#""obligations":["attribution","share-alike"],"purposes":["non-commercial","research"],"#
        + &format!(r#""rules":"{digest}","subject":{{"licence":"CC-BY-NC-SA-4.0"}},"territories":["worldwide"],"#)
        + r#""uses":["ai-training","generative-training","tdm"],"valid_from":"1970-01-01"}"#;
    assert_eq!(json::print(&rules.open_grants("CC-BY-NC-SA-4.0")[0]), expected);

    let public = rules.open_grants("CC0-1.0").remove(0);
    assert_eq!((public.basis.word(), public.id.as_str()), ("public-domain", "open-cc0-1.0"));
    for none in ["CC-BY-ND-4.0", "CC-BY-NC-ND-4.0", "CC-PDDC", "LicenseRef-a", "mit", "free", ""] {
        assert_eq!(rules.open_grants(none), [], "{none}");
    }
}

/// Names are unique in a register: different terms must have different names.
#[test]
fn open_grants_have_names_of_their_own_and_pass_the_statement_check() {
    let default = Rules::default_rules();
    let mut own = String::from_utf8(default.bytes().to_vec()).unwrap();
    own += "\"LicenseRef-Own\" = [\"by\"]\n\"LicenseRef-own\" = [\"by\"]\n\"LicenseRef-own.\" = [\"by\"]\n";
    own += &format!("\"LicenseRef-{}\" = [\"by\"]\n", "long".repeat(500));
    let own = Rules::parse(own.as_bytes()).unwrap();
    assert!(!own.is_default());
    let mut names = BTreeSet::new();
    let mut grants = 0;
    for rules in [&default, &own] {
        for terms in rules.licences().flat_map(|(l, _)| rules.open_grants(l)) {
            check(terms.clone());
            assert!(names.insert(terms.id.clone()), "{} twice", terms.id);
            grants += 1;
        }
    }
    assert_eq!(names.len(), grants);
    assert!(names.iter().any(|n| n.as_str() == "open-mit"));
}

fn check(terms: Terms) {
    let at = Time::parse("2026-01-01T00:00:00Z").unwrap();
    let grant = Grant { at, envelope: None, kind: Is, salt: Salt([0; 16]), terms: Some(terms), v: V1 };
    let printed = json::print(&grant);
    assert_eq!(Statement::parse(printed.as_bytes()), Ok(Statement::Grant(Box::new(grant))));
}

/// A change to a file that is in order, and what is then said.
fn complaints(file: &str, read: impl Fn(&[u8]) -> Option<String>, cases: &[(&str, &str, &str)]) {
    assert_eq!(read(file.as_bytes()), None, "the unchanged file");
    let mut others = String::new();
    for (from, to, complaint) in cases {
        assert_eq!(file.matches(from).count(), 1, "{from:?} stands once in the file");
        let changed = file.replacen(from, to, 1);
        let said = read(changed.as_bytes()).unwrap_or_default();
        if said != *complaint {
            writeln!(others, "{to:?} for {from:?}\n  said     {said}\n  expected {complaint}").unwrap();
        }
    }
    assert!(others.is_empty(), "{others}");
}

#[test]
fn rules_files_are_read_strictly() {
    let file = "valid_from = \"1970-01-01\"\n\
        [flags]\n\
        public-domain.admit = { purposes = [\"commercial\", \"personal\"], uses = [\"evaluation\"] }\n\
        by.admit = { purposes = [\"commercial\"], uses = [\"ai-training\", \"generative-training\"], obligations = [\"attribution\"] }\n\
        permissive.hold = { purposes = [\"education\"], uses = [\"tdm\"] }\n\
        sa.hold = { purposes = [\"commercial\"], uses = [\"tdm\", \"retrieval\"] }\n\
        copyleft.hold = { purposes = [\"commercial\"], uses = [\"tdm\"] }\n\
        nd.hold = { purposes = [\"commercial\"], uses = [\"tdm\"] }\n\
        nc.admit = { purposes = [\"research\"], uses = [\"redistribution\"] }\n\
        nc.refuse = { purposes = [\"commercial\"], uses = [\"redistribution\"] }\n\
        [licences]\n\
        \"MIT\" = [\"permissive\"]\n\
        \"CC-BY-NC-4.0\" = [\"by\", \"nc\"]\n";
    let read = |bytes: &[u8]| Rules::parse(bytes).err().map(|e| e.to_string());
    #[rustfmt::skip]
    complaints(file, read, &[
        ("valid_from = \"1970-01-01\"\n", "", "valid_from is missing"),
        ("valid_from = \"1970-01-01\"", "valid_from = \"1970-02-30\"", "valid_from \"1970-02-30\" names a day that does not exist, at line 1, column 14"),
        ("valid_from = \"1970-01-01\"", "valid_form = \"1970-01-01\"", "valid_form is not known here (did you mean valid_from?); known are flags, licences, valid_from, at line 1, column 1"),
        ("nd.hold", "ne.hold", "flags.ne is not known here (did you mean nd?); known are public-domain, by, permissive, sa, copyleft, nd, nc, at line 8, column 1"),
        ("nd.hold = { purposes = [\"commercial\"], uses = [\"tdm\"] }\n", "", "flags.nd is missing, at line 2, column 1"),
        ("nd.hold = { purposes = [\"commercial\"], uses = [\"tdm\"] }", "nd = {}", "flags.nd decides nothing: name admit, hold or refuse, at line 8, column 6"),
        ("nd.hold", "nd.deny", "flags.nd.deny is not known here; known are admit, hold, refuse, at line 8, column 4"),
        ("purposes = [\"education\"], ", "", "flags.permissive.hold.purposes is missing, at line 5, column 19"),
        ("[\"education\"]", "[]", "flags.permissive.hold.purposes is empty, at line 5, column 32"),
        ("[\"education\"]", "\"education\"", "flags.permissive.hold.purposes is a text, not a list, at line 5, column 32"),
        ("\"personal\"", "\"personl\"", "flags.public-domain.admit.purposes[1] \"personl\" is not a word here (did you mean personal?); known are commercial, education, non-commercial, personal, research, at line 3, column 51"),
        ("\"personal\"", "\"commercial\"", "flags.public-domain.admit.purposes[1] repeats an earlier item, at line 3, column 51"),
        ("\"retrieval\"", "\"mining\"", "flags.sa.hold.uses[1] \"mining\" is not a word here; known are ai-training, evaluation, generative-training, redistribution, retrieval, synthetic-generation, tdm, at line 6, column 55"),
        ("obligations = [\"attribution\"]", "obligations = [\"credit\"]", "flags.by.admit.obligations[0] \"credit\" is not a word here; known are attribution, compensation, deletion, no-derivatives, reporting, share-alike, at line 4, column 103"),
        ("uses = [\"tdm\", \"retrieval\"]", "uses = [\"tdm\"], obligations = [\"attribution\"]", "flags.sa.hold.obligations is not known here; known are purposes, uses, at line 6, column 56"),
        ("[\"ai-training\", \"generative-training\"]", "[\"ai-training\"]", "flags.by.admit admits ai-training without generative-training, which it contains, at line 4, column 12"),
        ("purposes = [\"research\"]", "purposes = [\"research\", \"commercial\"]", "flags.nc.refuse decides commercial redistribution twice, at line 10, column 13"),
        ("\"MIT\" =", "\"mit\" =", "licences.mit \"mit\" is spelled MIT, at line 12, column 1"),
        ("\"MIT\" =", "\"Free\" =", "licences.Free \"Free\" is neither an SPDX identifier nor LicenseRef-..., at line 12, column 1"),
        ("\"MIT\" =", "\"ISC OR MIT\" =", "licences.ISC OR MIT \"ISC OR MIT\" is not a single licence, at line 12, column 1"),
        ("\"MIT\" =", "\"MIT OR ISC WITH LLVM-exception\" =", "licences.MIT OR ISC WITH LLVM-exception \"MIT OR ISC WITH LLVM-exception\" is spelled ISC WITH LLVM-exception OR MIT, at line 12, column 1"),
        ("\"MIT\" =", "\"ISC WITH LLVM-exception OR MIT\" =", "licences.ISC WITH LLVM-exception OR MIT \"ISC WITH LLVM-exception OR MIT\" is not a single licence, at line 12, column 1"),
        ("\"MIT\" =", "\"MPL-2.0+\" =", "licences.MPL-2.0+ \"MPL-2.0+\" is not a single licence, at line 12, column 1"),
        ("\"MIT\" =", "\"CC-BY-NC-4.0\" =", "not TOML: duplicate key, at line 13, column 1"),
        ("[\"permissive\"]", "[]", "licences.MIT is empty, at line 12, column 1"),
        ("[\"permissive\"]", "[\"free\"]", "licences.MIT[0] \"free\" is not a word here; known are public-domain, by, permissive, sa, copyleft, nd, nc, at line 12, column 10"),
        ("[\"permissive\"]", "7", "licences.MIT is a number, not a list, at line 12, column 1"),
        ("[licences]", "[licences", "not TOML: unclosed table, expected `]`, at line 11, column 10"),
    ]);
    assert_eq!(read(b"\xff").unwrap(), "not UTF-8");
    assert_eq!(read(&vec![b'\n'; MAX_RULES_LEN + 1]).unwrap(), "has 1048577 bytes, the most is 1048576");
}

// --- terms files ---

const EXAMPLE: &str = r#"id = "north-press-2026"
basis = "contract"
licence = "LicenseRef-north-press-2026"
layers = ["text"]
uses = ["generative-training"]
not_uses = ["redistribution"]
purposes = ["commercial", "research"]
territories = ["worldwide"]
valid_from = "2026-01-01"
valid_to = "2028-01-01"
on_end = "stop-training"
obligations = ["reporting"]
licensor = { name = "North Press", role = "publisher", ids = ["id:example/north-press"] }
licensee = { name = "Example Lab", log = "lab.example/deeds+0a1b2c3d" }
subject = { works = ["isbn:9780306406157"] }
[[evidence]]
digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
what = "countersigned contract"
captured_at = "2026-01-05T10:00:00Z"
"#;

/// The canonical bytes of the example's terms, with a catalogue of one row.
const EXAMPLE_PRINTED: &str = concat!(
    r#"{"basis":"contract","evidence":[{"captured_at":"2026-01-05T10:00:00Z","#,
    r#""digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","#,
    r#""what":"countersigned contract"}],"id":"north-press-2026","layers":["text"],"#,
    r#""licence":"LicenseRef-north-press-2026","licensee":{"log":"lab.example/deeds+0a1b2c3d","name":"Example Lab"},"#,
    r#""licensor":{"ids":["id:example/north-press"],"name":"North Press","role":"publisher"},"#,
    r#""not_uses":["redistribution"],"obligations":["reporting"],"on_end":"stop-training","#,
    r#""purposes":["commercial","research"],"#,
    r#""subject":{"catalogue":{"count":1,"root":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="}},"#,
    r#""territories":["worldwide"],"uses":["generative-training"],"valid_from":"2026-01-01","valid_to":"2028-01-01"}"#,
);

const ONE_ROW: RowsRef = RowsRef { count: 1, root: Root([7; 32]) };

fn terms_complaint(bytes: &[u8]) -> Option<String> {
    read_terms(bytes, Format::Toml).err().map(|e| e.to_string())
}

#[test]
fn the_documented_example_is_read() {
    let file = read_terms(EXAMPLE.as_bytes(), Format::Toml).unwrap();
    let works = vec![Identifier::parse("isbn:9780306406157").unwrap()];
    assert_eq!(file.subject, FileSubject::Works(works));
    let terms = file.into_terms(Some(ONE_ROW)).unwrap();
    assert_eq!(json::print(&terms), EXAMPLE_PRINTED);
    check(terms);
}

#[test]
fn terms_mean_the_same_in_toml_and_json() {
    let as_json = EXAMPLE_PRINTED.replace(
        r#"{"catalogue":{"count":1,"root":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="}}"#,
        r#"{"works":["isbn:9780306406157"]}"#,
    );
    let from_json = read_terms(as_json.as_bytes(), Format::Json).unwrap();
    assert_eq!(from_json, read_terms(EXAMPLE.as_bytes(), Format::Toml).unwrap());
    // A TOML date stands for its text.
    let bare =
        EXAMPLE.replace("\"2026-01-01\"", "2026-01-01").replace("\"2026-01-05T10:00:00Z\"", "2026-01-05T10:00:00Z");
    assert_ne!(bare, EXAMPLE);
    assert_eq!(from_json, read_terms(bare.as_bytes(), Format::Toml).unwrap());

    let read = |bytes: &[u8]| read_terms(bytes, Format::Json).err().map(|e| e.to_string());
    #[rustfmt::skip]
    complaints(&as_json, read, &[
        (r#""basis":"contract""#, r#""basis":"contact""#, "basis \"contact\" is not a word here (did you mean contract?); known are contract, open-licence, own-work, public-domain, statutory-exception"),
        (r#""basis":"contract""#, r#""basis":"contract","basis":"own-work""#, "not JSON: member \"basis\" is there twice, at line 1, column 38"),
        (r#""basis":"contract""#, r#""basis":null"#, "basis is null, not a text"),
        (r#""basis":"contract""#, r#""basis":-1"#, "basis is a number out of range, not a text"),
        (r#""basis":"contract""#, r#""basis":1.5"#, "basis is a number with a fraction, not a text"),
        (r#""basis":"contract""#, r#""basis":true"#, "basis is true or false, not a text"),
        (r#""basis":"contract","#, r#""basis":"contract""#, "not JSON: expected `,` or `}`, at line 1, column 20"),
        (r#"{"works":["isbn:9780306406157"]}"#, r#"{"works":["isbn:9780306406158"]}"#, "subject.works[0] \"isbn:9780306406158\" has a wrong check digit"),
    ]);
    assert_eq!(read(b"[]").unwrap(), "is a list, not a table");
}

#[test]
fn terms_files_are_read_strictly() {
    #[rustfmt::skip]
    complaints(EXAMPLE, terms_complaint, &[
        // what must be there
        ("id = \"north-press-2026\"\n", "", "id is missing"),
        ("basis = \"contract\"\n", "", "basis is missing"),
        ("licence = \"LicenseRef-north-press-2026\"\n", "", "licence is missing"),
        ("licensor = { name = \"North Press\", role = \"publisher\", ids = [\"id:example/north-press\"] }\n", "", "licensor is missing"),
        ("licensee = { name = \"Example Lab\", log = \"lab.example/deeds+0a1b2c3d\" }\n", "", "licensee is missing"),
        ("subject = { works = [\"isbn:9780306406157\"] }\n", "", "subject is missing"),
        ("valid_from = \"2026-01-01\"\n", "", "valid_from is missing"),
        ("name = \"North Press\", ", "", "licensor.name is missing, at line 13, column 12"),
        ("name = \"Example Lab\", ", "", "licensee.name is missing, at line 14, column 12"),
        ("digest = \"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n", "", "evidence[0].digest is missing, at line 16, column 1"),
        // members
        ("purposes =", "purpose =", "purpose is not known here (did you mean purposes?); known are id, basis, licence, licensor, licensee, subject, layers, uses, not_uses, purposes, territories, not_territories, valid_from, valid_to, on_end, obligations, models, evidence, at line 7, column 1"),
        ("licence =", "license =", "license is not known here (did you mean licence?); known are id, basis, licence, licensor, licensee, subject, layers, uses, not_uses, purposes, territories, not_territories, valid_from, valid_to, on_end, obligations, models, evidence, at line 3, column 1"),
        ("role = \"publisher\"", "part = \"publisher\"", "licensor.part is not known here; known are name, role, ids, key, at line 13, column 36"),
        ("what =", "wat =", "evidence[0].wat is not known here (did you mean what?); known are digest, what, captured_at, by, at line 18, column 1"),
        ("basis = \"contract\"", "id = \"contract\"", "not TOML: duplicate key, at line 2, column 1"),
        // words
        ("\"contract\"", "\"Contract\"", "basis \"Contract\" is not a word here (did you mean contract?); known are contract, open-licence, own-work, public-domain, statutory-exception, at line 2, column 9"),
        ("\"generative-training\"", "\"generative-trainning\"", "uses[0] \"generative-trainning\" is not a word here (did you mean generative-training?); known are ai-training, evaluation, generative-training, redistribution, retrieval, synthetic-generation, tdm, at line 5, column 9"),
        ("\"redistribution\"", "\"publication\"", "not_uses[0] \"publication\" is not a word here; known are ai-training, evaluation, generative-training, redistribution, retrieval, synthetic-generation, tdm, at line 6, column 13"),
        ("\"research\"", "\"commercial\"", "purposes[1] repeats an earlier item, at line 7, column 27"),
        ("\"research\"", "\"science\"", "purposes[1] \"science\" is not a word here; known are commercial, education, non-commercial, personal, research, at line 7, column 27"),
        ("[\"text\"]", "[\"texts\"]", "layers[0] \"texts\" is not a word here (did you mean text?); known are code, composition, database, image, master, metadata, performance, text, translation, at line 4, column 11"),
        ("[\"text\"]", "[]", "layers is empty, at line 4, column 10"),
        ("\"stop-training\"", "\"stop\"", "on_end \"stop\" is not a word here; known are retain-model, retrain, stop-training, at line 11, column 10"),
        ("\"reporting\"", "\"report\"", "obligations[0] \"report\" is not a word here; known are attribution, compensation, deletion, no-derivatives, reporting, share-alike, at line 12, column 16"),
        ("\"publisher\"", "\"publishers\"", "licensor.role \"publishers\" is not a word here (did you mean publisher?); known are aggregator, author, cmo, composer, curator, distributor, label, licensor-agent, performer, publisher, sub-publisher, at line 13, column 43"),
        // values
        ("\"north-press-2026\"", "\"North Press\"", "id \"North Press\" is not a name: 1 to 64 of a-z 0-9 . _ -, the first a letter or digit, the last no dot, at line 1, column 6"),
        ("\"north-press-2026\"", "7", "id is a number, not a text, at line 1, column 6"),
        ("\"LicenseRef-north-press-2026\"", "\"our contract\"", "licence \"our contract\" is neither an SPDX expression nor LicenseRef-..., at line 3, column 11"),
        ("\"North Press\"", "\"\"", "licensor.name is empty, at line 13, column 21"),
        ("\"id:example/north-press\"", "\"isni:0000000121032684\"", "licensor.ids[0] \"isni:0000000121032684\" has a wrong check digit, at line 13, column 63"),
        ("\"lab.example/deeds+0a1b2c3d\"", "\"lab.example/deeds\"", "licensee.log \"lab.example/deeds\" is not a log: ORIGIN+KEYID, the key id 8 hexadecimal digits, at line 14, column 42"),
        ("\"lab.example/deeds+0a1b2c3d\"", "\"lab.example/deeds+0A1B2C3D\"", "licensee.log \"lab.example/deeds+0A1B2C3D\" is not a log: ORIGIN+KEYID, the key id 8 hexadecimal digits, at line 14, column 42"),
        ("\"lab.example/deeds+0a1b2c3d\"", "\"lab.example+deeds+0a1b2c3d\"", "licensee.log \"lab.example+deeds+0a1b2c3d\" is not a log: ORIGIN+KEYID, the key id 8 hexadecimal digits, at line 14, column 42"),
        ("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "isbn:9780306406157", "evidence[0].digest \"isbn:9780306406157\" is not a digest (blake3 or sha256), at line 17, column 10"),
        // days and times
        ("\"2026-01-01\"", "\"2026-02-29\"", "valid_from \"2026-02-29\" names a day that does not exist, at line 9, column 14"),
        ("\"2026-01-01\"", "\"2026-1-1\"", "valid_from \"2026-1-1\" is not of the form YYYY-MM-DD, at line 9, column 14"),
        ("\"2026-01-01\"", "2026-01-01T00:00:00Z", "valid_from \"2026-01-01T00:00:00Z\" is not of the form YYYY-MM-DD, at line 9, column 14"),
        ("\"2028-01-01\"", "\"2026-01-01\"", "valid_to is not after valid_from, at line 10, column 12"),
        ("\"2028-01-01\"", "\"2025-12-31\"", "valid_to is not after valid_from, at line 10, column 12"),
        ("10:00:00Z", "10:00:60Z", "evidence[0].captured_at \"2026-01-05T10:00:60Z\" names a second that does not exist, at line 19, column 15"),
        ("10:00:00Z", "10:00:00+01:00", "evidence[0].captured_at \"2026-01-05T10:00:00+01:00\" is not of the form YYYY-MM-DDThh:mm:ssZ, at line 19, column 15"),
        ("10:00:00Z", "10:00:00.5Z", "evidence[0].captured_at \"2026-01-05T10:00:00.5Z\" is not of the form YYYY-MM-DDThh:mm:ssZ, at line 19, column 15"),
        // countries
        ("\"worldwide\"", "\"UK\"", "territories[0] \"UK\" is not a country of ISO 3166-1; did you mean GB?, at line 8, column 16"),
        ("\"worldwide\"", "\"de\"", "territories[0] \"de\" is not a country of ISO 3166-1; did you mean DE?, at line 8, column 16"),
        ("\"worldwide\"", "\"EU\"", "territories[0] \"EU\" is not a country; name its members, at line 8, column 16"),
        ("\"worldwide\"", "\"XX\"", "territories[0] \"XX\" is not a country of ISO 3166-1 (two letters: DE), nor worldwide, at line 8, column 16"),
        ("\"worldwide\"", "\"Germany\"", "territories[0] \"Germany\" is not a country of ISO 3166-1 (two letters: DE), nor worldwide, at line 8, column 16"),
        ("[\"worldwide\"]", "[\"DE\", \"FR\", \"DE\"]", "territories[2] repeats an earlier item, at line 8, column 28"),
        ("territories = [\"worldwide\"]", "not_territories = [\"worldwide\"]", "not_territories[0] \"worldwide\" leaves no territory, at line 8, column 20"),
        // the subject
        ("{ works = [\"isbn:9780306406157\"] }", "{}", "subject holds 0 of works, catalogue, licence and party; exactly one must be there, at line 15, column 11"),
        ("{ works = [\"isbn:9780306406157\"] }", "{ party = \"North Press\", catalogue = \"list.csv\" }", "subject holds 2 of works, catalogue, licence and party; exactly one must be there, at line 15, column 11"),
        ("{ works = [\"isbn:9780306406157\"] }", "{ licence = \"CC\" }", "subject.licence \"CC\" is neither an SPDX expression nor LicenseRef-..., at line 15, column 23"),
        ("{ works = [\"isbn:9780306406157\"] }", "{ party = \"isni:1\" }", "subject.party \"isni:1\" is not of the form 15 digits and a check character, at line 15, column 21"),
        ("{ works = [\"isbn:9780306406157\"] }", "{ party = \"isbn:9780306406157\" }", "subject.party \"isbn:9780306406157\" names a work, not a party, at line 15, column 21"),
        ("{ works = [\"isbn:9780306406157\"] }", "{ works = [] }", "subject.works is empty, at line 15, column 21"),
        ("[\"isbn:9780306406157\"]", "[\"isbn:9780306406157\", \"ISBN 0-306-40615-2\"]", "subject.works[1] \"ISBN 0-306-40615-2\" has no scheme that Deedbook knows, at line 15, column 44"),
        ("[\"isbn:9780306406157\"]", "[\"isbn:9780306406157\", \"isbn:9780306406157\"]", "subject.works[1] repeats an earlier item, at line 15, column 44"),
        ("[\"isbn:9780306406157\"]", "[\"isni:0000000121032683\"]", "subject.works[0] \"isni:0000000121032683\" names a party, not a work, at line 15, column 22"),
        // models
        ("on_end", "models = { names = [\"m@1\"] }\non_end", "models.names[0] \"m@1\" is not a model's name: printable ASCII without space, @ or version, at line 11, column 21"),
        ("on_end", "models = { versions = 0 }\non_end", "models.versions is not from 1 to 2^53-1, at line 11, column 23"),
        ("on_end", "models = { versions = 9007199254740992 }\non_end", "models.versions is not from 1 to 2^53-1, at line 11, column 23"),
        ("on_end", "models = { versions = -1 }\non_end", "models.versions is a number out of range, not a whole number, at line 11, column 23"),
        ("on_end", "models = { versions = \"2\" }\non_end", "models.versions is a text, not a whole number, at line 11, column 23"),
        // what only a rules file gives
        ("on_end", "rules = \"x\"\non_end", "rules is not known here; known are id, basis, licence, licensor, licensee, subject, layers, uses, not_uses, purposes, territories, not_territories, valid_from, valid_to, on_end, obligations, models, evidence, at line 11, column 1"),
    ]);
    assert_eq!(terms_complaint(b"id = \xff").unwrap(), "not UTF-8");
    let long = "#".repeat(MAX_TERMS_LEN + 1);
    assert_eq!(terms_complaint(long.as_bytes()).unwrap(), "has 8388609 bytes, the most is 8388608");
    let note = EXAMPLE.replace("North Press", &"n".repeat(4097));
    assert_eq!(
        terms_complaint(note.as_bytes()).unwrap(),
        "licensor.name has 4097 bytes, the most is 4096, at line 13, column 21"
    );
    let evidence = EXAMPLE.to_owned() + &format!("[[evidence]]\ndigest = \"sha256:{:064}\"\n", 0).repeat(64);
    assert_eq!(
        terms_complaint(evidence.as_bytes()).unwrap(),
        "evidence has 65 items, the most is 64, at line 16, column 1"
    );
    let deep = format!("id = {}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(terms_complaint(deep.as_bytes()).unwrap().starts_with("not TOML: "), "nesting is bounded");
}

#[test]
fn optional_fields_are_absent_by_default_and_then_grant_nothing() {
    let least = "id = \"a\"\nbasis = \"own-work\"\nlicence = \"LicenseRef-own\"\nvalid_from = \"2026-01-01\"\n\
        licensor.name = \"Us\"\nlicensee.name = \"Us\"\nsubject.party = \"Us\"\n";
    let terms = read_terms(least.as_bytes(), Format::Toml).unwrap().into_terms(None).unwrap();
    assert_eq!(
        json::print(&terms),
        r#"{"basis":"own-work","id":"a","licence":"LicenseRef-own","licensee":{"name":"Us"},"#.to_owned()
            + r#""licensor":{"name":"Us"},"subject":{"party":"Us"},"valid_from":"2026-01-01"}"#
    );
    let facts = Facts { in_subject: true, ..Facts::default() };
    let codes = cover(&need(&[Use::Tdm], Purpose::Research), Layer::Text, &terms, facts, terms.valid_from);
    let nothing = [Code::LayerNotCovered, Code::UseNotGranted, Code::PurposeNotCovered, Code::TerritoryNotCovered];
    assert_eq!(codes, nothing.into_iter().fold(Codes::NONE, Codes::with));
}

#[test]
fn every_field_of_terms_can_be_written() {
    let full = EXAMPLE
        .replace("role = \"publisher\"", "role = \"publisher\", key = \"north.example+530d903a+Aek\"")
        .replace("log =", "ids = [\"id:example/lab\"], log =")
        .replace("territories = [\"worldwide\"]", "territories = [\"worldwide\"]\nnot_territories = [\"US\", \"CN\"]")
        .replace("on_end", "models = { names = [\"m\", \"l\"], versions = 2 }\non_end")
        .replace("what =", "by = \"A. Clerk\"\nwhat =");
    let terms = read_terms(full.as_bytes(), Format::Toml).unwrap().into_terms(Some(ONE_ROW)).unwrap();
    let Ok(serde_json::Value::Object(members)) = serde_json::to_value(&terms) else { panic!("terms are an object") };
    #[rustfmt::skip]
    let all = [
        "basis", "evidence", "id", "layers", "licence", "licensee", "licensor", "models", "not_territories", "not_uses",
        "obligations", "on_end", "purposes", "subject", "territories", "uses", "valid_from", "valid_to",
    ];
    assert_eq!(members.keys().collect::<Vec<_>>(), all);
    assert_eq!(members["models"], serde_json::json!({"names": ["l", "m"], "versions": 2}));
    assert_eq!(members["not_territories"], serde_json::json!(["CN", "US"]));
    assert_eq!(members["licensor"]["key"], "north.example+530d903a+Aek");
    assert_eq!(members["licensee"]["ids"], serde_json::json!(["id:example/lab"]));
    assert_eq!(members["evidence"][0]["by"], "A. Clerk");
    assert_eq!(terms.obligations.to_vec(), [Obligation::Reporting]);
    check(terms);
}

#[test]
fn a_subject_becomes_terms_with_the_rows_that_it_asks_for_and_no_others() {
    let with = |subject: &str| {
        let file = EXAMPLE.replace("{ works = [\"isbn:9780306406157\"] }", subject);
        read_terms(file.as_bytes(), Format::Toml).unwrap()
    };
    let said = |subject: &str, rows| with(subject).into_terms(rows).map(|t| t.subject).map_err(|e| e.to_string());
    let (works, catalogue) = ("{ works = [\"isbn:9780306406157\"] }", "{ catalogue = \"list.csv\" }");
    for subject in [works, catalogue] {
        assert_eq!(said(subject, Some(ONE_ROW)), Ok(Subject::Catalogue(ONE_ROW)));
        assert_eq!(said(subject, None), Err("subject needs the rows of its catalogue".to_owned()));
        assert_eq!(said(subject, Some(RowsRef { count: 0, ..ONE_ROW })), Err("subject is empty".to_owned()));
        let too_many = RowsRef { count: 1 << 31, ..ONE_ROW };
        let complaint = "subject has 2147483648 items, the most is 2147483647";
        assert_eq!(said(subject, Some(too_many)), Err(complaint.to_owned()));
    }
    let url = "{ licence = \"https://creativecommons.org/licenses/by/4.0/\" }";
    assert_eq!(said(url, None), Ok(Subject::Licence("CC-BY-4.0".to_owned())), "written as works are understood");
    for party in ["North Press", "id:example/north-press", "isni:0000000121032683", "Press: North"] {
        assert_eq!(said(&format!("{{ party = {party:?} }}"), None), Ok(Subject::Party(party.to_owned())));
    }
    let complaint = "subject is not a catalogue, but rows of one were given";
    for subject in [url, "{ party = \"North Press\" }"] {
        assert_eq!(said(subject, Some(ONE_ROW)), Err(complaint.to_owned()));
    }
    assert_eq!(with(catalogue).subject, FileSubject::Catalogue("list.csv".to_owned()));
}

#[test]
fn works_keep_the_order_of_the_file() {
    let file = EXAMPLE.replace("[\"isbn:9780306406157\"]", "[\"jamendo:2\", \"jamendo:1\", \"isrc:USRC17607839\"]");
    let FileSubject::Works(works) = read_terms(file.as_bytes(), Format::Toml).unwrap().subject else {
        panic!("a list")
    };
    assert_eq!(
        works.iter().map(Identifier::as_str).collect::<Vec<_>>(),
        ["jamendo:2", "jamendo:1", "isrc:USRC17607839"]
    );
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_bytes_break_the_readers(noise in any::<Vec<u8>>(), at in 0..EXAMPLE.len(), byte in any::<u8>()) {
        let mut damaged = EXAMPLE.as_bytes().to_vec();
        damaged[at] = byte;
        for bytes in [&noise[..], &damaged[..]] {
            let _ = Rules::parse(bytes);
            let _ = read_terms(bytes, Format::Json);
            if let Ok(file) = read_terms(bytes, Format::Toml) {
                check(file.into_terms(Some(ONE_ROW)).unwrap());
            }
        }
    }
}
