//! Checks and what came of them, in the forms that build servers read.
//!
//! Owns GitHub's workflow commands, `JUnit` XML and TAP, each with its own escapes. Must not know what
//! was checked. Everything that comes from a log is made harmless first; an escape then only has to
//! mind its own form.

use std::fmt::Write as _;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::text::{harmless, harmless_lines, json_harmless};

/// How the answer of a check is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// The same as `--json`
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// `JUnit` XML
    Junit,
    /// Test Anything Protocol
    Tap,
}

/// Several checks of one file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// What checked: `ledger verify`.
    pub(crate) suite: String,
    /// The file that was checked, as it was named.
    pub(crate) file: String,
    /// The checks, in order.
    pub(crate) checks: Vec<Check>,
}

/// One check.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    /// What was to be true.
    pub(crate) name: String,
    /// Whether it is.
    pub(crate) outcome: Outcome,
    /// The line of the file it is about, counted from 1.
    pub(crate) line: Option<u64>,
    /// What was found; may have several lines, or none.
    pub(crate) detail: String,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It holds.
    Passed,
    /// It holds, but there is something to say about it.
    Warned,
    /// It does not hold.
    Failed,
}

impl Check {
    /// A check that holds.
    pub(crate) fn passed(name: impl Into<String>) -> Check {
        Check::new(name, Outcome::Passed, None, String::new())
    }

    /// A check that holds, with something to say about it.
    pub(crate) fn warned(name: impl Into<String>, line: Option<u64>, detail: String) -> Check {
        Check::new(name, Outcome::Warned, line, detail)
    }

    /// A check that does not hold.
    pub(crate) fn failed(name: impl Into<String>, line: Option<u64>, detail: String) -> Check {
        Check::new(name, Outcome::Failed, line, detail)
    }

    fn new(name: impl Into<String>, outcome: Outcome, line: Option<u64>, detail: String) -> Check {
        Check {
            name: name.into(),
            outcome,
            line,
            detail,
        }
    }
}

impl Report {
    /// The report in one of the forms for build servers; `None` for those that the command writes
    /// itself.
    pub(crate) fn render(&self, format: Format) -> Option<String> {
        match format {
            Format::Text | Format::Json => None,
            Format::Github => Some(self.to_github()),
            Format::Junit => Some(self.to_junit()),
            Format::Tap => Some(self.to_tap()),
        }
    }

    fn failures(&self) -> usize {
        let failed = |check: &&Check| check.outcome == Outcome::Failed;
        self.checks.iter().filter(failed).count()
    }

    /// An annotation for each check that has something to say, and a last line that counts them.
    pub(crate) fn to_github(&self) -> String {
        let mut out = String::new();
        // Annotations are shown beside files by their path in the repository.
        let file = self.file.strip_prefix("./").unwrap_or(&self.file);
        for check in &self.checks {
            let command = match check.outcome {
                Outcome::Passed => continue,
                Outcome::Warned => "warning",
                Outcome::Failed => "error",
            };
            let line = check
                .line
                .map_or_else(String::new, |line| format!(",line={line}"));
            let message = if check.detail.is_empty() {
                &check.name
            } else {
                &check.detail
            };
            let _ = writeln!(
                out,
                "::{command} file={}{line},title={}::{}",
                github_property(file),
                github_property(&format!("{}: {}", self.suite, check.name)),
                github_data(&harmless_lines(message))
            );
        }
        let total = self.checks.len();
        let _ = writeln!(
            out,
            "{}: {} of {total} checks passed in {}",
            harmless(&self.suite),
            total.saturating_sub(self.failures()),
            harmless(&self.file)
        );
        out
    }

    /// One suite with a case a check.
    pub(crate) fn to_junit(&self) -> String {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        // Writing to memory cannot fail.
        let _ = self.write_junit(&mut writer);
        let mut text = String::from_utf8(writer.into_inner()).unwrap_or_default();
        text.push('\n');
        text
    }

    fn write_junit(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let total = self.checks.len().to_string();
        let failures = self.failures().to_string();
        let suite = xml(&self.suite);
        let file = xml(&self.file);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let counts = || {
            [
                ("tests", total.as_str()),
                ("failures", failures.as_str()),
                ("errors", "0"),
            ]
        };
        writer
            .create_element("testsuites")
            .with_attribute(("name", suite.as_str()))
            .with_attributes(counts())
            .write_inner_content(|writer| {
                writer
                    .create_element("testsuite")
                    .with_attribute(("name", suite.as_str()))
                    .with_attributes(counts())
                    .with_attribute(("skipped", "0"))
                    .write_inner_content(|writer| {
                        let mut checks = self.checks.iter();
                        checks.try_for_each(|check| junit_case(writer, check, &suite, &file))
                    })?;
                Ok(())
            })?;
        Ok(())
    }

    /// Version 13, which every reader knows.
    pub(crate) fn to_tap(&self) -> String {
        let mut out = format!("TAP version 13\n1..{}\n", self.checks.len());
        for (number, check) in (1_u64..).zip(&self.checks) {
            let word = match check.outcome {
                Outcome::Passed | Outcome::Warned => "ok",
                Outcome::Failed => "not ok",
            };
            let _ = writeln!(out, "{word} {number} - {}", tap(&check.name));
            if check.outcome == Outcome::Passed {
                continue;
            }
            let severity = match check.outcome {
                Outcome::Failed => "fail",
                _ => "comment",
            };
            // A text in JSON is one in YAML too.
            let message = yaml(&check.detail);
            let file = yaml(&self.file);
            let _ = writeln!(
                out,
                "  ---\n  message: {message}\n  severity: {severity}\n  file: {file}"
            );
            if let Some(line) = check.line {
                let _ = writeln!(out, "  line: {line}");
            }
            out.push_str("  ...\n");
        }
        out
    }
}

fn junit_case(
    writer: &mut Writer<Vec<u8>>,
    check: &Check,
    suite: &str,
    file: &str,
) -> std::io::Result<()> {
    let (name, detail) = (xml(&check.name), xml_lines(&check.detail));
    let line = check.line.map(|line| line.to_string());
    let mut case = writer
        .create_element("testcase")
        .with_attribute(("name", name.as_str()))
        .with_attribute(("classname", suite))
        .with_attribute(("file", file));
    if let Some(line) = &line {
        case = case.with_attribute(("line", line.as_str()));
    }
    match check.outcome {
        Outcome::Passed => case.write_empty()?,
        Outcome::Warned => case.write_inner_content(|writer| {
            let warning = writer.create_element("system-out");
            warning.write_text_content(BytesText::new(&detail))?;
            Ok(())
        })?,
        Outcome::Failed => case.write_inner_content(|writer| {
            let first = detail.lines().next().unwrap_or_default();
            let failure = writer
                .create_element("failure")
                .with_attribute(("message", first));
            failure.write_text_content(BytesText::new(&detail))?;
            Ok(())
        })?,
    };
    Ok(())
}

/// The message of a workflow command.
fn github_data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of a workflow command.
fn github_property(text: &str) -> String {
    github_data(&harmless(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

/// One line without the characters that XML cannot hold in any spelling. Marks are escaped by the
/// writer.
fn xml(text: &str) -> String {
    harmless(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn xml_lines(text: &str) -> String {
    harmless_lines(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// A test's description: `#` would start a directive.
fn tap(text: &str) -> String {
    harmless(text).replace('\\', "\\\\").replace('#', "\\#")
}

fn yaml(text: &str) -> String {
    json_harmless(&super::json::text(&text)).into_owned()
}

#[cfg(test)]
mod tests;
