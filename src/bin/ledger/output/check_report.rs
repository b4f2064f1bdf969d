//! Results of checks for build servers: GitHub annotations, `JUnit` XML and TAP.
//!
//! Text from a log is made harmless first; then each format adds its own escapes.

use std::fmt::Write as _;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::text::{harmless, harmless_lines, json_harmless};

/// The output format of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum CheckFormat {
    /// Text for people
    #[default]
    Text,
    /// The same as `--json`
    Json,
    /// GitHub Actions annotations
    Github,
    /// `JUnit` XML
    Junit,
    /// Test Anything Protocol
    Tap,
}

/// The results of several checks of one file.
#[derive(Clone, Debug, Default)]
pub(crate) struct CheckReport {
    /// The command, such as `ledger verify`.
    pub(crate) suite: String,
    /// The checked file, as given.
    pub(crate) file: String,
    pub(crate) checks: Vec<Check>,
}

#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) outcome: CheckOutcome,
    /// The line of the file, counted from 1.
    pub(crate) line: Option<u64>,
    /// Details; may be empty or have several lines.
    pub(crate) detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CheckOutcome {
    Passed,
    Warned,
    Failed,
}

impl Check {
    pub(crate) fn passed(name: impl Into<String>) -> Check {
        Check::new(name, CheckOutcome::Passed, None, String::new())
    }

    pub(crate) fn warned(name: impl Into<String>, line: Option<u64>, detail: String) -> Check {
        Check::new(name, CheckOutcome::Warned, line, detail)
    }

    pub(crate) fn failed(name: impl Into<String>, line: Option<u64>, detail: String) -> Check {
        Check::new(name, CheckOutcome::Failed, line, detail)
    }

    fn new(
        name: impl Into<String>,
        outcome: CheckOutcome,
        line: Option<u64>,
        detail: String,
    ) -> Check {
        Check {
            name: name.into(),
            outcome,
            line,
            detail,
        }
    }
}

impl CheckReport {
    /// The report in a format for build servers; `None` for text and JSON, which the command writes
    /// itself.
    pub(crate) fn render(&self, format: CheckFormat) -> Option<String> {
        match format {
            CheckFormat::Text | CheckFormat::Json => None,
            CheckFormat::Github => Some(self.to_github()),
            CheckFormat::Junit => Some(self.to_junit()),
            CheckFormat::Tap => Some(self.to_tap()),
        }
    }

    fn failures(&self) -> usize {
        let failed = |check: &&Check| check.outcome == CheckOutcome::Failed;
        self.checks.iter().filter(failed).count()
    }

    /// An annotation for each check that failed or has a warning, and a summary.
    pub(crate) fn to_github(&self) -> String {
        let mut out = String::new();
        // GitHub matches annotations to files by their path in the repository.
        let file = self.file.strip_prefix("./").unwrap_or(&self.file);
        for check in &self.checks {
            let command = match check.outcome {
                CheckOutcome::Passed => continue,
                CheckOutcome::Warned => "warning",
                CheckOutcome::Failed => "error",
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

    /// One test suite with a test case per check.
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

    /// TAP version 13, which all consumers support.
    pub(crate) fn to_tap(&self) -> String {
        let mut out = format!("TAP version 13\n1..{}\n", self.checks.len());
        for (number, check) in (1_u64..).zip(&self.checks) {
            let word = match check.outcome {
                CheckOutcome::Passed | CheckOutcome::Warned => "ok",
                CheckOutcome::Failed => "not ok",
            };
            let _ = writeln!(out, "{word} {number} - {}", tap(&check.name));
            if check.outcome == CheckOutcome::Passed {
                continue;
            }
            let severity = match check.outcome {
                CheckOutcome::Failed => "fail",
                _ => "comment",
            };
            // A JSON string is a valid YAML string.
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
        CheckOutcome::Passed => case.write_empty()?,
        CheckOutcome::Warned => case.write_inner_content(|writer| {
            let warning = writer.create_element("system-out");
            warning.write_text_content(BytesText::new(&detail))?;
            Ok(())
        })?,
        CheckOutcome::Failed => case.write_inner_content(|writer| {
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

/// Escapes the message of a workflow command.
fn github_data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes a property of a workflow command.
fn github_property(text: &str) -> String {
    github_data(&harmless(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

/// One line without the characters that XML does not allow even escaped. The writer escapes the rest.
fn xml(text: &str) -> String {
    harmless(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn xml_lines(text: &str) -> String {
    harmless_lines(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// Escapes a test's description, where `#` would start a directive.
fn tap(text: &str) -> String {
    harmless(text).replace('\\', "\\\\").replace('#', "\\#")
}

fn yaml(text: &str) -> String {
    json_harmless(&super::json::text(&text)).into_owned()
}

#[cfg(test)]
mod tests;
