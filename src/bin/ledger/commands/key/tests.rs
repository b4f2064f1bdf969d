use super::*;

fn raw(line: &str) -> Vec<OsString> {
    line.split(' ').map(OsString::from).collect()
}

fn kept(line: &str) -> String {
    let words: Vec<String> = content(&raw(line))
        .into_iter()
        .map(|word| word.into_string().unwrap())
        .collect();
    words.join(" ")
}

fn key_in(variables: &[(&str, &str)], line: &str) -> Result<String, String> {
    let look_up = |name: &str| {
        let found = variables.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| OsString::from(value))
    };
    derived(&raw(line), look_up)
        .map(|key| key.to_string())
        .map_err(|error| error.to_string())
}

#[test]
fn what_is_to_be_recorded_is_in_the_key_and_how_is_not() {
    for (line, content) in [
        ("ledger deposit 5 --key auto", "deposit 5"),
        ("ledger deposit 5 --key=auto --json -q", "deposit 5"),
        ("ledger --file /tmp/a deposit 5 -f /tmp/b", "deposit 5"),
        ("ledger deposit 5 -f/tmp/b -qn", "deposit 5"),
        ("ledger deposit 5 -qf /tmp/b", "deposit 5"),
        (
            "ledger deposit 5 --if-head 3:abcdef01 --wait 3",
            "deposit 5",
        ),
        ("ledger deposit 5 --color=never --dry-run", "deposit 5"),
        (
            "ledger deposit 5 -m lunch -a main",
            "deposit 5 -m lunch -a main",
        ),
        ("ledger deposit 5 -qm lunch", "deposit 5 -m lunch"),
        ("ledger deposit 5 -mquiet", "deposit 5 -mquiet"),
        ("ledger limit a --floor -5", "limit a --floor -5"),
        ("ledger deposit 5 --tag a=b", "deposit 5 --tag a=b"),
        ("ledger deposit -- 5 --json", "deposit -- 5 --json"),
    ] {
        assert_eq!(kept(line), content, "{line}");
    }
}

const GITHUB: [(&str, &str); 5] = [
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_REPOSITORY", "us/shop"),
    ("GITHUB_RUN_ID", "17"),
    ("GITHUB_JOB", "build"),
    ("GITHUB_RUN_ATTEMPT", "1"),
];

fn changed(name: &str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let with = |(own, old): (&'static str, &'static str)| {
        if own == name {
            (own, value)
        } else {
            (own, old)
        }
    };
    GITHUB.into_iter().map(with).collect()
}

#[test]
fn another_attempt_has_the_same_key_and_another_run_or_job_does_not() {
    let line = "ledger withdraw 5 --key auto";
    let key = key_in(&GITHUB, line).unwrap();
    assert!(key.starts_with("auto:github:") && key.len() == 44, "{key}");
    assert_eq!(
        key_in(&changed("GITHUB_RUN_ATTEMPT", "2"), line).unwrap(),
        key
    );
    for other in ["GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_JOB"] {
        assert_ne!(key_in(&changed(other, "x"), line).unwrap(), key, "{other}");
    }
    assert_ne!(
        key_in(&GITHUB, "ledger withdraw 6 --key auto").unwrap(),
        key
    );
}

#[test]
fn every_system_has_keys_of_its_own_and_says_what_it_lacks() {
    for (variables, start) in [
        (
            vec![
                ("GITLAB_CI", "true"),
                ("CI_PROJECT_ID", "1"),
                ("CI_PIPELINE_ID", "2"),
                ("CI_JOB_NAME", "a 1/2"),
            ],
            "auto:gitlab:",
        ),
        (
            vec![
                ("BUILDKITE", "true"),
                ("BUILDKITE_PIPELINE_ID", "1"),
                ("BUILDKITE_BUILD_ID", "2"),
                ("BUILDKITE_STEP_ID", "3"),
            ],
            "auto:buildkite:",
        ),
        (
            vec![
                ("JENKINS_HOME", "/var/jenkins"),
                ("JOB_NAME", "a"),
                ("BUILD_ID", "2"),
            ],
            "auto:jenkins:",
        ),
    ] {
        let line = "ledger deposit 5 --key auto";
        assert!(key_in(&variables, line).unwrap().starts_with(start));
        let (last, fewer) = variables.split_last().unwrap();
        let told = key_in(fewer, line).unwrap_err();
        assert!(told.contains(last.0), "{told}");
    }
    let parallel = |number| {
        vec![
            ("BUILDKITE", "true"),
            ("BUILDKITE_PIPELINE_ID", "1"),
            ("BUILDKITE_BUILD_ID", "2"),
            ("BUILDKITE_STEP_ID", "3"),
            ("BUILDKITE_PARALLEL_JOB", number),
        ]
    };
    let line = "ledger deposit 5 --key auto";
    assert_ne!(key_in(&parallel("0"), line), key_in(&parallel("1"), line));
}
