//! `--help`: every command says what it is for, explains each of its options and shows examples that work.

use crate::support::{Scene, finish};

/// What `--help` of one command says, on a terminal of 80 columns.
struct Page {
    /// The command's words, without `deedbook`.
    command: Vec<String>,
    text: String,
}

/// A heading and the lines below it, up to the next one.
struct Section<'t> {
    heading: &'t str,
    lines: Vec<&'t str>,
}

/// The whole tree, found by what the pages themselves list.
fn pages() -> Vec<Page> {
    let scene = Scene::empty();
    let mut pages = Vec::new();
    let mut open = vec![Vec::new()];
    while let Some(command) = open.pop() {
        let args = command.iter().map(String::as_str).chain(["--help"]);
        let ran = finish("--help", scene.command(args).env("COLUMNS", "80").spawn().unwrap(), b"");
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{command:?}");
        let page = Page { command, text: ran.stdout };
        for name in page.subcommands() {
            open.push([&page.command[..], &[name]].concat());
        }
        pages.push(page);
    }
    assert!(pages.len() > 25, "{}", pages.len());
    pages
}

impl Page {
    fn sections(&self) -> Vec<Section<'_>> {
        let mut sections: Vec<Section> = Vec::new();
        for line in self.text.lines() {
            match line.strip_suffix(':').filter(|_| !line.starts_with(' ')) {
                Some(heading) => sections.push(Section { heading, lines: Vec::new() }),
                None => sections.iter_mut().last().into_iter().for_each(|section| section.lines.push(line)),
            }
        }
        sections
    }

    fn subcommands(&self) -> Vec<String> {
        let sections = self.sections();
        let lines = sections.iter().filter(|s| !s.heading.starts_with("Example")).flat_map(|s| &s.lines);
        let names = lines.filter_map(|l| l.strip_prefix("  ")).filter(|l| l.starts_with(|c: char| c.is_lowercase()));
        names.map(|l| l.split(' ').next().unwrap().to_owned()).collect()
    }

    /// The lines of its examples, those that a backslash continues joined.
    fn examples(&self) -> Vec<String> {
        let sections = self.sections();
        let lines = sections.iter().filter(|s| s.heading.starts_with("Example")).flat_map(|s| &s.lines);
        let text = lines.map(|l| l.trim().to_owned() + "\n").collect::<String>().replace("\\\n", "");
        text.lines().filter(|l| !l.is_empty()).map(str::to_owned).collect()
    }

    /// Options and arguments with what is said about them.
    fn explained(&self) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for section in self.sections().iter().filter(|s| !s.heading.starts_with("Example")) {
            for line in &section.lines {
                let text = line.trim_start();
                let begins = line.len() - text.len() <= 6 && text.starts_with(['-', '<', '[']);
                if begins {
                    let (name, words) = text.split_once("  ").unwrap_or((text, ""));
                    found.push((name.to_owned(), words.trim().to_owned()));
                } else if let Some((_, words)) = found.last_mut() {
                    words.push_str(text);
                }
            }
        }
        found
    }
}

#[test]
fn every_command_says_what_it_is_for_and_explains_every_option() {
    for page in pages() {
        let first = page.text.lines().next().unwrap_or_default();
        assert!(first.len() > 10 && !first.starts_with("Usage"), "{:?}: {first:?}", page.command);
        let explained = page.explained();
        assert!(explained.len() >= 5, "{:?}: {explained:?}", page.command);
        for (name, words) in explained {
            assert!(words.len() > 5, "{:?}: {name} is not explained", page.command);
        }
    }
}

#[test]
fn pages_fit_80_columns_and_end_with_the_global_options() {
    for page in pages() {
        for line in page.text.lines().filter(|l| !l.starts_with("Usage:")) {
            assert!(line.chars().count() <= 80, "{:?}: {line}", page.command);
        }
        let sections = page.sections();
        let last = sections.iter().rfind(|s| !s.heading.starts_with("Example")).unwrap();
        assert_eq!(last.heading, "Global options", "{:?}", page.command);
        for option in ["--ledger", "--json", "--quiet", "--wait"] {
            assert!(last.lines.iter().any(|l| l.trim_start().starts_with(option)), "{:?}: {option}", page.command);
        }
    }
}

/// The words of a line of shell, quotes removed; what pipes, joins and redirects commands is a word of its own.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The arguments of each `deedbook` in a line of shell.
fn commands(line: &str) -> Vec<Vec<String>> {
    let words = words(line);
    let all = words.split(|word| word == "|" || word == "&&");
    let ours = all.filter(|words| words.first().is_some_and(|first| first == "deedbook"));
    ours.map(|words| words[1..].iter().take_while(|word| *word != ">").cloned().collect()).collect()
}

/// An example that was understood fails for one reason at most: what it names is not there.
#[test]
fn every_command_shows_examples_that_it_understands() {
    let missing = ["there is no ledger", "No such file", "--key is neither"];
    for page in pages().iter().filter(|page| page.subcommands().is_empty()) {
        let examples = page.examples();
        let own = |args: &Vec<String>| args.starts_with(&page.command);
        assert!(examples.iter().any(|line| commands(line).iter().any(own)), "{:?}: {examples:?}", page.command);
        for args in examples.iter().flat_map(|line| commands(line)) {
            let scene = Scene::empty();
            let ran = scene.run_args(&args.iter().map(String::as_str).collect::<Vec<_>>());
            let understood = ran.code == Some(0) || missing.iter().any(|words| ran.stderr.contains(words));
            assert!(understood, "deedbook {}\n{}", args.join(" "), ran.stderr);
        }
    }
}

/// The overview is laid out by hand: it must not forget a command. The manual has a page for each that there is.
#[test]
fn the_overview_lists_every_command() {
    let scene = Scene::empty();
    let written = scene.ok("man pages --json").json();
    let mut manual: Vec<String> =
        written["files"].as_array().unwrap().iter().map(|f| f.as_str().unwrap().to_owned()).collect();
    let page = |page: &Page| format!("{}.1", [&["deedbook".to_owned()], &page.command[..]].concat().join("-"));
    let mut listed: Vec<String> = pages().iter().map(page).collect();
    manual.sort();
    listed.sort();
    assert_eq!(listed, manual);
}

#[test]
fn help_by_its_other_names() {
    let scene = Scene::empty();
    let long = scene.ok("admit --help").stdout;
    assert_eq!(scene.ok("help admit").stdout, long);
    assert_eq!(scene.ok("admit -h").stdout, long);
    assert_eq!(scene.ok("help log fsck").stdout, scene.ok("log fsck --help").stdout);
    scene.golden("help-of-a-command", &scene.run("admit --help"));
    scene.golden("help-of-a-group", &scene.run("grant --help"));
}
