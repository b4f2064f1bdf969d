//! The JSON answers of `verify` and `doctor`.

use std::path::Path;

use event_ledger::audit::{Diagnosis, Finding, LeftOut, Problem, Repaired, Salvaged, Verified};
use event_ledger::event::Hash;
use schemars::JsonSchema;
use serde::Serialize;

/// Where a log ends.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "end")]
pub(crate) struct EndAnswer {
    seq: u64,
    hash: String,
}

impl EndAnswer {
    pub(crate) fn of((seq, hash): (u64, Hash)) -> EndAnswer {
        EndAnswer {
            seq,
            hash: hash.to_string(),
        }
    }
}

/// What `verify` answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "verify")]
pub(crate) struct VerifyAnswer {
    ok: bool,
    events: u64,
    /// `null` if the first line is damaged.
    head: Option<EndAnswer>,
    torn_bytes: u64,
    /// Notes that were erased.
    redacted: u64,
    /// Notes that count as erased, but are still in the file.
    pending_redactions: u64,
    sealed_through: Option<String>,
    findings: Vec<FindingAnswer>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "finding")]
struct FindingAnswer {
    line: u64,
    byte: u64,
    code: String,
    detail: String,
}

impl VerifyAnswer {
    pub(crate) fn of(verified: &Verified, findings: &[Finding]) -> VerifyAnswer {
        VerifyAnswer {
            ok: verified.is_ok(),
            events: verified.head.map_or(0, |(seq, _)| seq),
            head: verified.head.map(EndAnswer::of),
            torn_bytes: verified.torn_bytes,
            redacted: verified.redacted,
            pending_redactions: u64::try_from(verified.pending.len()).unwrap_or(u64::MAX),
            sealed_through: verified.sealed_through.map(|through| through.to_string()),
            findings: findings
                .iter()
                .map(|finding| FindingAnswer {
                    line: finding.line,
                    byte: finding.byte,
                    code: finding.code.to_owned(),
                    detail: finding.detail.clone(),
                })
                .collect(),
        }
    }
}

/// The answer of `doctor`. After a repair, `findings` are those from before; everything else is the
/// state after it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "doctor")]
pub(crate) struct DoctorAnswer {
    ok: bool,
    events: u64,
    head: Option<EndAnswer>,
    torn_bytes: u64,
    findings: Vec<ProblemAnswer>,
    /// The command that helps, if there is one.
    fix: Option<String>,
    repaired: bool,
    /// Where the bytes from before a repair are.
    quarantine: Option<String>,
    /// The original, if a repair was interrupted: the findings are about it.
    unfinished: Option<String>,
    salvaged: Option<SalvagedAnswer>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "problem")]
struct ProblemAnswer {
    line: Option<u64>,
    byte: Option<u64>,
    code: String,
    count: u64,
    detail: String,
    fix: String,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "salvaged")]
struct SalvagedAnswer {
    file: String,
    events: u64,
    head: EndAnswer,
    left_out_lines: u64,
    left_out: Vec<LeftOutAnswer>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "left_out")]
struct LeftOutAnswer {
    line: u64,
    byte: u64,
    detail: String,
    text: String,
}

impl DoctorAnswer {
    pub(crate) fn of(
        diagnosis: &Diagnosis,
        fix: Option<String>,
        words: impl Fn(&Problem) -> String,
    ) -> DoctorAnswer {
        DoctorAnswer {
            ok: !diagnosis.is_ill(),
            events: diagnosis.head.map_or(0, |(seq, _)| seq),
            head: diagnosis.head.map(EndAnswer::of),
            torn_bytes: diagnosis.torn_bytes,
            findings: problems(diagnosis, words),
            fix,
            repaired: false,
            quarantine: None,
            unfinished: diagnosis.unfinished.as_deref().map(text),
            salvaged: None,
        }
    }

    pub(crate) fn repaired(
        repaired: &Repaired,
        fix: Option<String>,
        words: impl Fn(&Problem) -> String,
    ) -> DoctorAnswer {
        DoctorAnswer {
            findings: problems(&repaired.before, &words),
            repaired: repaired.changed,
            quarantine: repaired.quarantine.as_deref().map(text),
            ..DoctorAnswer::of(&repaired.after, fix, words)
        }
    }

    pub(crate) fn with_salvage(mut self, salvaged: &Salvaged, to: &Path) -> DoctorAnswer {
        self.salvaged = Some(SalvagedAnswer {
            file: text(to),
            events: salvaged.head.0,
            head: EndAnswer::of(salvaged.head),
            left_out_lines: salvaged.left_out_lines,
            left_out: salvaged.left_out.iter().map(left_out).collect(),
        });
        self
    }
}

fn problems(diagnosis: &Diagnosis, words: impl Fn(&Problem) -> String) -> Vec<ProblemAnswer> {
    let answer = |problem: &Problem| ProblemAnswer {
        line: problem.line,
        byte: problem.byte,
        code: problem.kind.as_str().to_owned(),
        count: problem.count,
        detail: problem.detail.clone(),
        fix: words(problem),
    };
    diagnosis.problems.iter().map(answer).collect()
}

fn left_out(left_out: &LeftOut) -> LeftOutAnswer {
    LeftOutAnswer {
        line: left_out.line,
        byte: left_out.byte,
        detail: left_out.reason.clone(),
        text: String::from_utf8_lossy(&left_out.excerpt).into_owned(),
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
