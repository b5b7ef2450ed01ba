//! Jamendo's API and the files of the MTG-Jamendo dataset as catalogues. Tracks and names are made up.

use crate::lab::{Lab, csv, options};
use deedbook::ingest::{Catalogue, Format, MAX_RESPONSE_LEN, Mapping, Record};
use deedbook::ledger::admit::{Options, Outcome};
use deedbook::ledger::source::Input;
use deedbook::statement::{Code, Layer, Purpose, Use};

/// As the API answers, with one track of each kind.
const RESPONSE: &str = r#"{
  "headers": { "status": "success", "code": 0, "error_message": "", "results_count": 4 },
  "results": [
    { "id": "101", "name": "Tide", "duration": 235, "artist_id": "7", "artist_name": "A Band", "album_name": "First",
      "license_ccurl": "http://creativecommons.org/licenses/by/3.0/", "position": 1, "releasedate": "2005-07-08",
      "prourl": "", "shareurl": "http://www.jamendo.com/track/101", "audiodownload_allowed": true,
      "musicinfo": { "tags": { "genres": ["rock"] } } },
    { "id": "102", "name": "Ebb", "artist_name": "A Band", "license_ccurl": "http://creativecommons.org/licenses/by/3.0/",
      "audiodownload_allowed": false },
    { "id": "103", "name": "Foam", "artist_name": "A Band", "license_ccurl": "http://creativecommons.org/licenses/by-nc-sa/2.0/fr/",
      "prourl": "https://licensing.jamendo.example/track/103", "audiodownload_allowed": true },
    { "id": "104", "name": "Salt", "artist_name": "A Band", "license_ccurl": "" }
  ]
}
"#;

fn admit(text: &str, format: Format, purpose: Purpose) -> (Lab, Result<Outcome, String>) {
    let lab = Lab::new();
    lab.dataset("songs", purpose, &[Use::GenerativeTraining], &[Layer::Master]);
    let input = Input { format, ..csv(text) };
    let name = crate::lab::name("songs");
    let outcome = deedbook::ledger::admit::admit(lab.writer(), &name, vec![input.into()], Options { ..options() });
    (lab, outcome.map_err(|error| error.to_string()))
}

fn records(text: &str, format: Format) -> Vec<Record> {
    Catalogue::open("in", text.as_bytes(), format, &[]).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_response_of_the_api_is_a_catalogue() {
    let (_, outcome) = admit(RESPONSE, Format::Json, Purpose::Commercial);
    let outcome = outcome.unwrap();
    assert_eq!((outcome.tally.admitted, outcome.tally.refused, outcome.tally.held), (1, 1, 2));
    let why = |code: Code| outcome.examples[&code][0].why.join("; ");
    assert!(
        why(Code::NeedsReview).starts_with("audiodownload_allowed: \"false\" keeps the work from being downloaded")
    );
    let sold = "another licence is sold at https://licensing.jamendo.example/track/103";
    assert_eq!(why(Code::PurposeNotCovered), sold);
    assert_eq!(outcome.examples[&Code::LicenceUnknown][0].identifiers[0].as_str(), "jamendo:104");
    let (_, research) = admit(RESPONSE, Format::Json, Purpose::Research);
    assert_eq!(research.unwrap().tally.admitted, 2);
    let [first, ..] = &records(RESPONSE, Format::Json)[..] else { panic!("none") };
    assert_eq!((first.title.as_deref(), &*first.parties[0].name), (Some("Tide"), "A Band"));
    assert_eq!(Format::of("tracks.json").unwrap(), Format::Json);
}

/// A refusal to have it downloaded holds a work whose licence would admit it, in any catalogue that says so.
#[test]
fn what_may_not_be_downloaded_is_held_in_any_catalogue() {
    let line =
        |allowed: &str| format!("{{\"jamendo\":101,\"licence\":\"CC0-1.0\",\"audiodownload_allowed\":{allowed}}}\n");
    for (allowed, held) in [("true", 0), ("false", 1), ("\"False\"", 1), ("0", 1), ("1", 0), ("null", 0), ("\"\"", 0)] {
        let (_, outcome) = admit(&line(allowed), Format::Jsonl, Purpose::Commercial);
        assert_eq!(outcome.unwrap().tally.held, held, "{allowed}");
    }
    let (_, outcome) = admit(&line("\"maybe\""), Format::Jsonl, Purpose::Commercial);
    assert!(outcome.unwrap_err().contains("audiodownload_allowed: \"maybe\" is neither true nor false"));
    let (_, outcome) = admit("{\"jamendo\":101,\"title\":true}\n", Format::Jsonl, Purpose::Commercial);
    assert!(outcome.unwrap_err().contains("invalid type: boolean"), "no other field takes true or false");
}

#[test]
fn what_is_no_response_ends_the_command() {
    #[rustfmt::skip]
    let cases = [
        ("", "EOF"), ("[]", "invalid type: sequence"), ("{}", "has no list \"results\""), ("{\"results\":7}", "invalid type: integer"),
        ("{\"results\":[7]}", "invalid type: integer"), ("{\"results\":[],\"results\":[]}", "twice"), ("{\"results\":[]} x", "trailing"),
        ("{\"results\":[{\"id\":\"1\",\"id\":\"2\"}]}", "\"id\" stands there twice"), ("{\"results\":[{\"name\":\"x\"}]}", "no column identifies a work"),
        ("{\n\"results\":[{\"id\":[1]}\n,]}", "in:3:"), ("{\"results\":[{\"id\":\"1\",\"audiodownload_allowed\":\"x\"}]}", "is neither true nor false"),
    ];
    for (text, expected) in cases {
        let error = match Catalogue::open("in", text.as_bytes(), Format::Json, &[]) {
            Ok(_) => panic!("{text} was read"),
            Err(error) => error.to_string(),
        };
        assert!(error.contains(expected), "{text}: {error}\nand not {expected}");
    }
    assert!(records("{\"results\":[]}", Format::Json).is_empty());
    let long = std::io::Read::take(std::io::repeat(b' '), MAX_RESPONSE_LEN + 1);
    assert!(Catalogue::open("in", long, Format::Json, &[]).err().unwrap().to_string().contains("longer than"));
    let map = [Mapping::parse("album_name=title").unwrap(), Mapping::parse("nothing=title").unwrap()];
    assert!(
        Catalogue::open("in", RESPONSE.as_bytes(), Format::Json, &map).err().unwrap().to_string().contains("nothing")
    );
    let mapped: Vec<_> = Catalogue::open("in", RESPONSE.as_bytes(), Format::Json, &map[..1]).unwrap().collect();
    assert_eq!(mapped[0].as_ref().unwrap().title.as_deref(), Some("First"));
}

/// Tables of the dataset: tags fill columns that the header does not name, and only there.
#[test]
fn the_tables_of_mtg_jamendo_are_catalogues() {
    let raw = "TRACK_ID\tARTIST_ID\tALBUM_ID\tPATH\tDURATION\tTAGS\n\
               track_0000214\tartist_000014\talbum_000031\t14/214.mp3\t124.6\tgenre---punkrock\n\
               track_0000215\tartist_000014\talbum_000031\t15/215.mp3\t151.4\tgenre---metal\tmood/theme---dark\n";
    let read = records(raw, Format::Tsv);
    let ids: Vec<&str> = read.iter().map(|r| r.identifiers[0].as_str()).collect();
    assert_eq!(ids, ["jamendo:214", "jamendo:215"]);
    assert_eq!(read[1].path.as_deref(), Some("15/215.mp3"));
    let meta = "TRACK_ID\tARTIST_ID\tALBUM_ID\tTRACK_NAME\tARTIST_NAME\tALBUM_NAME\tRELEASEDATE\tURL\n\
                track_0000214\tartist_000014\talbum_000031\tTide\tA Band\tFirst\t2005-01-01\thttp://www.jamendo.com/track/214\n";
    let [track] = &records(meta, Format::Tsv)[..] else { panic!("one") };
    assert_eq!((track.title.as_deref(), &*track.parties[0].name), (Some("Tide"), "A Band"));
    assert_eq!(track.identifiers[0].as_str(), "jamendo:214");
    for (text, expected) in [
        (raw.replace("TAGS", "TAG"), "number of fields is 7, the header's 6"),
        (meta.replace("2005-01-01\t", ""), "number of fields is 7, the header's 8"),
        (raw.replace("\tALBUM_ID", "\tALBUM"), "number of fields is 7, the header's 6"),
    ] {
        let read = Catalogue::open("in", text.as_bytes(), Format::Tsv, &[]).unwrap();
        let error = read.filter_map(Result::err).next().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
    }
    // Elsewhere a TRACK_ID is anybody's.
    assert!(Catalogue::open("in", "TRACK_ID\tTITLE\n7\tTide\n".as_bytes(), Format::Tsv, &[]).is_err());
}

#[test]
fn the_licences_of_mtg_jamendo_are_a_catalogue_of_its_files() {
    let text = "14/214.mp3\nTide by A Band from Jamendo: http://www.jamendo.com/track/214\n\
        Available under a Creative Commons Attribution license: http://creativecommons.org/licenses/by/3.0/\n\n\
        15/215.mp3\r\nEbb by A Band from Jamendo: http://www.jamendo.com/track/215\r\n\
        Available under a Creative Commons Attribution-NonCommercial license: http://creativecommons.org/licenses/by-nc/2.5/\r\n";
    let read = records(text, Format::MtgLicences);
    assert_eq!(read.iter().map(|r| r.line).collect::<Vec<_>>(), [1, 5]);
    assert_eq!((read[0].path.as_deref(), read[0].identifiers[0].as_str()), (Some("14/214.mp3"), "jamendo:214"));
    let (_, outcome) = admit(text, Format::MtgLicences, Purpose::Commercial);
    let outcome = outcome.unwrap();
    assert_eq!((outcome.tally.admitted, outcome.tally.refused), (1, 1));
    assert_eq!(Format::of("data/audio_licenses.txt").unwrap(), Format::MtgLicences);
    for broken in [
        text.replace("\n\n", "\n"),
        "14/214.mp3\n".to_owned(),
        text.replace("Tide by", "\nTide by"),
        format!("\n{text}\nx\n"),
    ] {
        let error =
            Catalogue::open("in", broken.as_bytes(), Format::MtgLicences, &[]).unwrap().filter_map(Result::err).next();
        assert!(error.unwrap().to_string().contains("an entry that is not a path, a credit and a licence"));
    }
    let nul = text.replace("14/214.mp3", "14/2\u{0}4.mp3");
    let error = Catalogue::open("in", nul.as_bytes(), Format::MtgLicences, &[]).unwrap().find_map(Result::err);
    assert!(error.unwrap().to_string().starts_with("in:1: a NUL byte"));
    assert!(
        Catalogue::open("in", text.as_bytes(), Format::MtgLicences, &[Mapping::parse("a=title").unwrap()]).is_err()
    );
}
