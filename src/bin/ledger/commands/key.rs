//! `--key auto`: the key of a CI job, so that a job that is run again records nothing twice.

use std::ffi::OsString;

use event_ledger::event::Key;
use sha2::{Digest as _, Sha256};

use crate::environment::variable;
use crate::failure::Failure;

/// What names a run and a job on each CI system, in the order in which they are looked for. Numbers
/// that change when a job is run again (attempts, retries) are left out on purpose.
const SYSTEMS: [(&str, &str, &[&str]); 4] = [
    (
        "github",
        "GITHUB_ACTIONS",
        &["GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_JOB"],
    ),
    (
        "gitlab",
        "GITLAB_CI",
        &["CI_PROJECT_ID", "CI_PIPELINE_ID", "CI_JOB_NAME"],
    ),
    (
        "buildkite",
        "BUILDKITE",
        &[
            "BUILDKITE_PIPELINE_ID",
            "BUILDKITE_BUILD_ID",
            "BUILDKITE_STEP_ID",
        ],
    ),
    (
        "jenkins",
        "JENKINS_URL",
        &["JOB_NAME", "BUILD_ID", "STAGE_NAME"],
    ),
];

/// The key of this CI run, job and argument vector.
pub(crate) fn automatic(raw: &[OsString]) -> Result<Key<'static>, Failure> {
    let Some((system, _, names)) = SYSTEMS
        .iter()
        .find(|(_, mark, _)| variable(mark).is_some_and(|value| !value.is_empty()))
    else {
        return Err(Failure::usage(
            "--key auto works in a CI job of GitHub, GitLab, Buildkite or Jenkins only",
        )
        .with_hint(Some("--key KEY names one yourself".to_owned())));
    };
    let mut digest = Sha256::new();
    for name in *names {
        let value = variable(name).filter(|value| !value.is_empty());
        // A Jenkins job without stages has no stage to name.
        if value.is_none() && *name != "STAGE_NAME" {
            return Err(Failure::usage(format!(
                "--key auto needs {name}, which is not set in this job"
            ))
            .with_hint(Some("--key KEY names one yourself".to_owned())));
        }
        digest.update(value.unwrap_or_default().as_encoded_bytes());
        digest.update([0]);
    }
    for argument in raw.iter().skip(1) {
        digest.update(argument.as_encoded_bytes());
        digest.update([0]);
    }
    let bytes: [u8; 32] = digest.finalize().into();
    let hash = event_ledger::event::Hash::from_bytes(bytes);
    Ok(Key::new(format!("auto:{system}:{}", hash.short(32)))?)
}
