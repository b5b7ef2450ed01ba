//! Links and paths lead to what is there, and none to the machine that a document was written on.

use super::{documents, quoted, read, root};

/// Text without what stands in fences and between backquotes, where nothing is a link.
fn prose(text: &str) -> String {
    let mut out = String::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let outside = line.split('`').step_by(2).collect::<String>();
            out += &format!("{outside}\n");
        }
    }
    out
}

/// What a heading is linked by: lower case, spaces as hyphens, other punctuation gone.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect()
}

fn anchors(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        if !fenced && line.starts_with('#') {
            found.push(anchor(line.trim_start_matches('#')));
        }
    }
    found
}

#[test]
fn every_relative_link_leads_to_a_file_and_its_heading() {
    let mut wrong = Vec::new();
    let mut followed = 0;
    for document in documents() {
        let text = read(&document);
        let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in prose(&text).split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            followed += 1;
            let (path, heading) = link.split_once('#').map_or((link.as_str(), None), |(p, h)| (p, Some(h)));
            let target = if path.is_empty() { document.clone() } else { join(folder, path) };
            if !root().join(&target).exists() {
                wrong.push(format!("{document}: {link} is not there"));
            } else if let Some(heading) = heading.filter(|_| target.ends_with(".md"))
                && !anchors(&read(&target)).iter().any(|a| a == heading)
            {
                wrong.push(format!("{document}: {link} has no such heading"));
            }
        }
    }
    assert!(followed > 50, "only {followed} links were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A path relative to a folder, without `..`.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in path.split('/').filter(|p| !p.is_empty() && *p != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

#[test]
fn every_path_of_the_repository_that_a_document_names_is_there() {
    let mut wrong = Vec::new();
    for document in documents() {
        let text = read(&document);
        for path in quoted(&text.replace("```", "")) {
            let ours = ["src/", "docs/", "tests/", "examples/", "schemas/"].iter().any(|top| path.starts_with(top));
            if ours && !path.contains(['<', '*', ' ', '\n']) && !root().join(path).exists() {
                wrong.push(format!("{document}: {path}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_document_names_a_folder_of_a_machine() {
    let mut folders = vec![root().display().to_string()];
    folders.extend(["/root/", "/home/", "/Users/", "C:\\"].map(str::to_owned));
    let above = root().parent().filter(|dir| dir.file_name().is_some());
    folders.extend(above.map(|dir| format!("{}/", dir.display())));
    for document in documents() {
        let text = read(&document);
        for folder in &folders {
            assert!(!text.contains(folder), "{document} names {folder}");
        }
    }
}
