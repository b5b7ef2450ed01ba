//! What a command gives back, and how bytes leave: stdout, stderr, files written whole or not at all.

use super::error::CliError;
use crate::report::answers::{Answers, Form};
use serde::Serialize;
use std::io::Write;
use std::path::Path;

/// What a command gives back.
pub(crate) struct Answer {
    /// For `--json`: one object.
    pub json: String,
    /// For people; data for other programs (a checkpoint, JSON lines) where the command is for that.
    pub text: String,
    /// The answer is no.
    pub no: bool,
}

impl Answer {
    pub fn new(json: &impl Serialize, text: String) -> Answer {
        let json = crate::report::json(json);
        Answer { json, text, no: false }
    }

    /// For a command whose data went to stdout already.
    pub fn nothing() -> Answer {
        Answer { json: String::new(), text: String::new(), no: false }
    }

    pub fn no(mut self, no: bool) -> Answer {
        self.no |= no;
        self
    }
}

/// Writes a file whole, or leaves what was there; `-` is stdout.
pub(crate) fn write_file(path: &str, bytes: &[u8]) -> Result<(), CliError> {
    if path == "-" {
        return to_stdout(bytes);
    }
    let fail = |error: std::io::Error| CliError::trouble(format!("{path} cannot be written")).because(error);
    let target = target(path);
    if is_special(&target) {
        return std::fs::write(&target, bytes).map_err(fail);
    }
    let temp = format!("{target}.{}.tmp", std::process::id());
    let write = || {
        let mut file = std::fs::File::create_new(&temp)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temp, &target)
    };
    write().map_err(|error| {
        let _ = std::fs::remove_file(&temp);
        fail(error)
    })
}

/// Writes all of these files whole, or leaves what was there; `-` is stdout.
pub(crate) fn write_files(files: &[(&str, Vec<u8>)]) -> Result<(), CliError> {
    let mut written = Vec::new();
    for (path, bytes) in files {
        let mut lines = Lines::create(path)?;
        let fail = |error| CliError::trouble(format!("{path} cannot be written")).because(error);
        lines.write_all(bytes).and_then(|()| lines.flush()).map_err(fail)?;
        written.push(lines);
    }
    written.into_iter().try_for_each(Lines::keep)
}

/// Where a path leads: a link is followed, not replaced.
fn target(path: &str) -> String {
    std::fs::canonicalize(path).map_or_else(|_| path.to_owned(), |full| full.display().to_string())
}

/// Whether something is there that is not a file: a device or a pipe is written to, not replaced.
fn is_special(path: &str) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir())
}

/// Refuses to write over what is being read.
pub(crate) fn refuse_input(output: &str, inputs: &[String]) -> Result<(), CliError> {
    let full = |path: &str| std::fs::canonicalize(path).ok();
    let is_output = |input: &&String| *input != "-" && full(input).is_some_and(|i| Some(i) == full(output));
    if let Some(input) = inputs.iter().find(is_output) {
        return Err(CliError::trouble(format!("{input} is read and would be overwritten"))
            .hint("choose another name for the output"));
    }
    // What is being written there would be met as a file of the folder.
    let folder = Path::new(output).parent().map(|dir| if dir == Path::new("") { Path::new(".") } else { dir });
    let folder = folder.filter(|_| output != "-").and_then(|dir| dir.canonicalize().ok());
    let is_within = |input: &&String| {
        let input = full(input).filter(|input| input.is_dir());
        input.is_some_and(|input| folder.as_ref().is_some_and(|folder| folder.starts_with(input)))
    };
    match inputs.iter().find(is_within) {
        Some(input) => Err(CliError::trouble(format!("{output} would be a file of the folder {input}, which is read"))
            .hint("write the output elsewhere")),
        None => Ok(()),
    }
}

/// A file that is written piece by piece and appears when it is whole.
pub(crate) struct WholeFile {
    file: std::io::BufWriter<std::fs::File>,
    /// `None` for a device or a pipe, which is written as it is.
    temp: Option<String>,
    path: String,
    kept: bool,
}

impl WholeFile {
    pub fn create(path: &str) -> Result<WholeFile, CliError> {
        if Path::new(path).is_dir() {
            return Err(CliError::trouble(format!("{path} cannot be written")).because("it is a folder"));
        }
        let fail = |error: std::io::Error| CliError::trouble(format!("{path} cannot be written")).because(error);
        let target = target(path);
        if is_special(&target) {
            let file = std::fs::OpenOptions::new().write(true).open(&target).map_err(fail)?;
            return Ok(WholeFile { file: std::io::BufWriter::new(file), temp: None, path: target, kept: false });
        }
        let temp = format!("{target}.{}.tmp", std::process::id());
        let file = std::fs::File::create_new(&temp).map_err(fail)?;
        Ok(WholeFile { file: std::io::BufWriter::new(file), temp: Some(temp), path: target, kept: false })
    }

    pub fn keep(mut self) -> Result<(), CliError> {
        let flushed = self.file.flush();
        let name = |()| self.temp.as_ref().map_or(Ok(()), |temp| std::fs::rename(temp, &self.path));
        let done = flushed.and_then(name);
        self.kept = done.is_ok();
        done.map_err(|error| CliError::trouble(format!("{} cannot be written", self.path)).because(error))
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let (Some(temp), false) = (&self.temp, self.kept) {
            let _ = std::fs::remove_file(temp);
        }
    }
}

/// Refuses to overwrite.
pub(crate) fn refuse_existing(path: &str) -> Result<(), CliError> {
    if path != "-" && Path::new(path).exists() {
        return Err(CliError::trouble(format!("{path} exists already")).hint("choose another name, or remove it"));
    }
    Ok(())
}

/// Stdout for a stream of lines; once nobody reads it any more, the rest goes nowhere.
pub(crate) struct Stream(Option<std::io::BufWriter<std::io::Stdout>>);

impl Stream {
    pub fn new() -> Stream {
        Stream(Some(std::io::BufWriter::with_capacity(1 << 16, std::io::stdout())))
    }

    /// Whether nobody reads it any more.
    pub fn is_closed(&self) -> bool {
        self.0.is_none()
    }

    fn or_end<T>(&mut self, done: std::io::Result<T>, instead: T) -> std::io::Result<T> {
        match done {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                // Dropping it would try to write again.
                self.0.take().map(std::io::BufWriter::into_parts);
                Ok(instead)
            }
            done => done,
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let done = self.0.as_mut().map_or(Ok(bytes.len()), |out| out.write(bytes));
        self.or_end(done, bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let done = self.0.as_mut().map_or(Ok(()), Write::flush);
        self.or_end(done, ())
    }
}

/// Where lines go: a file that appears when it is whole, or `-`, stdout.
pub(crate) enum Lines {
    File(WholeFile),
    Stdout(Stream),
}

impl Lines {
    pub fn create(path: &str) -> Result<Lines, CliError> {
        if path == "-" { Ok(Lines::Stdout(Stream::new())) } else { WholeFile::create(path).map(Lines::File) }
    }

    /// Whether what is written from now on goes nowhere.
    pub fn is_closed(&self) -> bool {
        match self {
            Lines::File(_) => false,
            Lines::Stdout(out) => out.is_closed(),
        }
    }

    pub fn keep(self) -> Result<(), CliError> {
        match self {
            Lines::File(file) => file.keep(),
            Lines::Stdout(mut out) => {
                out.flush().map_err(|error| CliError::trouble("stdout cannot be written").because(error))
            }
        }
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Lines::File(file) => file.write(bytes),
            Lines::Stdout(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Lines::File(file) => file.flush(),
            Lines::Stdout(out) => out.flush(),
        }
    }
}

/// The answers about each work asked, on their way to a file that appears when it is whole, or to stdout.
pub(crate) struct AnswersFile {
    pub answers: Answers<Lines>,
    path: String,
}

impl AnswersFile {
    /// Begins; a table has these columns.
    pub fn create(path: &str, columns: &[&str]) -> Result<AnswersFile, CliError> {
        let lines = Lines::create(path)?;
        let answers = Answers::new(lines, Form::of(path), columns).map_err(|error| unwritten(path, error))?;
        Ok(AnswersFile { answers, path: path.to_owned() })
    }

    pub fn keep(self) -> Result<(), CliError> {
        self.answers.finish().map_err(|error| unwritten(&self.path, error))?.keep()
    }
}

/// An output that could not be written.
pub(crate) fn unwritten(path: &str, error: std::io::Error) -> CliError {
    let path = if path == "-" { "stdout" } else { path };
    CliError::trouble(format!("{path} cannot be written")).because(error)
}

/// Writes to stdout; whoever reads it may stop reading.
pub(crate) fn to_stdout(bytes: &[u8]) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CliError::trouble("stdout cannot be written".to_owned()).because(error))
        }
        _ => Ok(()),
    }
}
