//! The JSON answers of `verify` and `doctor`.

use std::path::Path;

use event_ledger::audit::{Diagnosis, Finding, LeftOut, Problem, Repaired, Salvaged, Verified};
use event_ledger::event::Hash;
use event_ledger::ledger::{ReplicaCheck, ReplicaFound};
use event_ledger::remote::StoreNode;
use schemars::JsonSchema;
use serde::Serialize;

use super::sentence;
use crate::monitor::Monitored;

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
    /// The servers' copies of a log on an engine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replicas: Vec<ReplicaAnswer>,
}

/// One server's copy of a log on an engine.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "replica")]
struct ReplicaAnswer {
    node: String,
    /// `null` if it could not be read.
    ok: Option<bool>,
    /// What was found; `null` if it has the same bytes.
    detail: Option<String>,
    /// The first line that is another one or missing.
    line: Option<u64>,
}

impl ReplicaAnswer {
    fn of(replica: &ReplicaCheck) -> ReplicaAnswer {
        let line = match replica.found {
            ReplicaFound::Differs { line, .. } | ReplicaFound::Missing { line, .. } => Some(line),
            ReplicaFound::Equal | ReplicaFound::NotRead(_) => None,
        };
        let is_read = !matches!(replica.found, ReplicaFound::NotRead(_));
        let is_equal = replica.found == ReplicaFound::Equal;
        ReplicaAnswer {
            node: replica.node.clone(),
            ok: is_read.then_some(is_equal),
            detail: (!is_equal).then(|| sentence::of_replica(replica)),
            line,
        }
    }
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
    pub(crate) fn of(
        verified: &Verified,
        findings: &[Finding],
        replicas: &[ReplicaCheck],
    ) -> VerifyAnswer {
        let has_rotten = replicas.iter().any(ReplicaCheck::is_rotten);
        VerifyAnswer {
            ok: verified.is_ok() && !has_rotten,
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
            replicas: replicas.iter().map(ReplicaAnswer::of).collect(),
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
    /// The servers that keep a log on an engine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nodes: Vec<NodeAnswer>,
    /// What servers said over their monitoring ports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    monitored: Vec<MonitoredAnswer>,
}

/// A server that keeps a log on an engine.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "node")]
struct NodeAnswer {
    name: String,
    online: bool,
    leader: bool,
    /// How many appends it does not have yet.
    behind: u64,
}

/// What a server said over its monitoring port.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "monitored")]
struct MonitoredAnswer {
    name: String,
    version: String,
    /// What is wrong with it, if it says so.
    problem: Option<String>,
    /// Whether it syncs each append before it acknowledges it.
    sync_always: bool,
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
            nodes: Vec::new(),
            monitored: Vec::new(),
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

    /// The same with the servers of an engine.
    pub(crate) fn with_servers(self, nodes: &[StoreNode], monitored: &[Monitored]) -> DoctorAnswer {
        DoctorAnswer {
            ok: self.ok && !monitored.iter().any(Monitored::is_ill),
            nodes: nodes
                .iter()
                .map(|node| NodeAnswer {
                    name: node.name.clone(),
                    online: node.is_online,
                    leader: node.is_leader,
                    behind: node.behind,
                })
                .collect(),
            monitored: monitored
                .iter()
                .map(|server| MonitoredAnswer {
                    name: server.server.clone(),
                    version: server.version.clone(),
                    problem: server.illness.clone(),
                    sync_always: server.syncs_always,
                })
                .collect(),
            ..self
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
