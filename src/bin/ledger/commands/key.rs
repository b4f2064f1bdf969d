//! `--key auto`: a key derived from a CI job, so that a job that is run again records nothing
//! twice.
//!
//! The key contains the run, the job and what is to be recorded. It must not contain what differs
//! between attempts: attempt numbers, names of runners, paths, heads.

use std::ffi::{OsStr, OsString};

use event_ledger::event::{Hash, Key};
use sha2::{Digest as _, Sha256};

use crate::environment::variable;
use crate::failure::Failure;

/// A CI system and what names a run and a job on it.
struct System {
    name: &'static str,
    /// Any of these is set in its jobs.
    marks: &'static [&'static str],
    /// All of these are.
    needed: &'static [&'static str],
    /// These tell jobs apart that are otherwise alike.
    besides: &'static [&'static str],
}

/// In the order in which they are tried.
const SYSTEMS: [System; 4] = [
    System {
        name: "github",
        marks: &["GITHUB_ACTIONS"],
        needed: &["GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_JOB"],
        // No variable tells the legs of a matrix apart.
        besides: &[],
    },
    System {
        name: "gitlab",
        marks: &["GITLAB_CI"],
        // The job's name has the leg of a matrix in it.
        needed: &["CI_PROJECT_ID", "CI_PIPELINE_ID", "CI_JOB_NAME"],
        besides: &[],
    },
    System {
        name: "buildkite",
        marks: &["BUILDKITE"],
        needed: &[
            "BUILDKITE_PIPELINE_ID",
            "BUILDKITE_BUILD_ID",
            "BUILDKITE_STEP_ID",
        ],
        besides: &["BUILDKITE_PARALLEL_JOB", "BUILDKITE_LABEL"],
    },
    System {
        name: "jenkins",
        // The URL is set only if it was configured.
        marks: &["JENKINS_URL", "JENKINS_HOME"],
        // The job's name has the leg of a matrix in it.
        needed: &["JOB_NAME", "BUILD_ID"],
        besides: &["STAGE_NAME"],
    },
];

/// The key of this CI run, job and command line.
pub(crate) fn automatic(raw: &[OsString]) -> anyhow::Result<Key<'static>> {
    derived(raw, |name| variable(name).filter(|value| !value.is_empty()))
}

fn derived(
    raw: &[OsString],
    variable: impl Fn(&str) -> Option<OsString>,
) -> anyhow::Result<Key<'static>> {
    let yourself = "--key order-1234 names one yourself";
    let is_here = |system: &&System| system.marks.iter().any(|mark| variable(mark).is_some());
    let system = SYSTEMS.iter().find(is_here).ok_or_else(|| {
        Failure::usage(
            "--key auto works in a CI job only, and none of GITHUB_ACTIONS, GITLAB_CI, BUILDKITE, \
             JENKINS_URL and JENKINS_HOME is set",
        )
        .with_advice(yourself)
    })?;
    let mut parts = Vec::new();
    for name in system.needed {
        parts.push(variable(name).ok_or_else(|| {
            Failure::usage(format!(
                "--key auto needs {name}, which is not set in this job"
            ))
            .with_advice(yourself)
        })?);
    }
    let besides = system.besides.iter();
    parts.extend(besides.map(|name| variable(name).unwrap_or_default()));
    parts.extend(content(raw));
    let mut digest = Sha256::new();
    for part in parts {
        // Neither a variable nor an argument can hold a NUL.
        digest.update(part.as_encoded_bytes());
        digest.update([0]);
    }
    let hash = Hash::from_bytes(digest.finalize().into());
    Ok(Key::new(format!(
        "auto:{}:{}",
        system.name,
        hash.short(32)
    ))?)
}

/// Flags about how and whether to record, not about what. Those with a value come first.
const NOT_CONTENT: [(&str, Option<u8>, bool); 10] = [
    ("--file", Some(b'f'), true),
    ("--color", None, true),
    ("--wait", None, true),
    ("--key", None, true),
    ("--if-head", None, true),
    ("--json", None, false),
    ("--quiet", Some(b'q'), false),
    ("--dry-run", Some(b'n'), false),
    ("--offline", None, false),
    ("--wrong-clock", None, false),
];

/// The arguments that say what is to be recorded, as they were typed. clap has taken the command
/// line by now: a value that starts with `-` only follows a flag that is content.
fn content(raw: &[OsString]) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut words = raw.iter().skip(1);
    while let Some(word) = words.next() {
        if word == "--" {
            kept.push(word.clone());
            kept.extend(words.cloned());
            break;
        }
        let bytes = word.as_encoded_bytes();
        if bytes.starts_with(b"--") {
            let name = bytes.split(|byte| *byte == b'=').next().unwrap_or(bytes);
            match NOT_CONTENT
                .iter()
                .find(|(long, ..)| long.as_bytes() == name)
            {
                None => kept.push(word.clone()),
                Some((_, _, true)) if name.len() == bytes.len() => drop(words.next()),
                Some(_) => {}
            }
        } else if let Some((b'-', letters)) = bytes.split_first() {
            match cluster(letters) {
                Cluster::Kept(letters) => kept.extend(joined(&letters)),
                Cluster::ValueFollows(letters) => {
                    kept.extend(joined(&letters));
                    words.next();
                }
                Cluster::Other => kept.push(word.clone()),
            }
        } else {
            kept.push(word.clone());
        }
    }
    kept
}

/// The flags of a word of short flags.
enum Cluster {
    /// These letters are content.
    Kept(Vec<u8>),
    /// So are these; for other flags the next word is the value.
    ValueFollows(Vec<u8>),
    /// It holds a value, or is a figure below zero.
    Other,
}

fn cluster(letters: &[u8]) -> Cluster {
    let mut rest = letters;
    while let Some((letter, after)) = rest.split_first() {
        let known = NOT_CONTENT
            .iter()
            .find(|(_, short, _)| *short == Some(*letter));
        match known {
            Some((_, _, true)) if after.is_empty() => return Cluster::ValueFollows(Vec::new()),
            Some((_, _, true)) => return Cluster::Kept(Vec::new()),
            Some((_, _, false)) => rest = after,
            // `-qmTEXT`: the value starts here and continues to the end of the word.
            None if rest.len() < letters.len() => return Cluster::Kept(rest.to_vec()),
            None => return Cluster::Other,
        }
    }
    Cluster::Kept(Vec::new())
}

fn joined(letters: &[u8]) -> Option<OsString> {
    let text = String::from_utf8_lossy(letters);
    (!letters.is_empty()).then(|| OsStr::new(&format!("-{text}")).to_owned())
}

#[cfg(test)]
mod tests;
