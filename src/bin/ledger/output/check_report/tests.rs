use super::*;

fn report(checks: Vec<Check>) -> CheckReport {
    CheckReport {
        suite: "ledger verify".to_owned(),
        file: "./books/a,b:c.jsonl".to_owned(),
        checks,
    }
}

fn hostile() -> CheckReport {
    report(vec![
        Check::passed("form"),
        Check::warned("tail # 1", Some(9), "3 bytes\ndo not count".to_owned()),
        Check::failed(
            "hash <&\"'>: 100%, \\ #skip",
            Some(7),
            "line 7\r::error::no\n]]> \u{1b}[31m \u{ffff} 50% <b>\"x\"</b>".to_owned(),
        ),
    ])
}

#[test]
fn github_properties_and_commands_are_escaped() {
    assert_eq!(
        hostile().to_github(),
        "::warning file=books/a%2Cb%3Ac.jsonl,line=9,title=ledger verify%3A tail # 1::3 bytes%0Ado not count\n\
         ::error file=books/a%2Cb%3Ac.jsonl,line=7,title=ledger verify%3A hash <&\"'>%3A 100%25%2C \\ #skip::line 7\\r::error::no%0A]]> \\u{1b}[31m \u{ffff} 50%25 <b>\"x\"</b>\n\
         ledger verify: 2 of 3 checks passed in ./books/a,b:c.jsonl\n"
    );
}

#[test]
fn junit_counts_its_cases_and_round_trips() {
    let text = hostile().to_junit();
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ledger verify\" tests=\"3\" failures=\"1\" errors=\"0\">\n  <testsuite name=\"ledger verify\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"0\">\n    <testcase name=\"form\" classname=\"ledger verify\" file=\"./books/a,b:c.jsonl\"/>\n    <testcase name=\"tail # 1\" classname=\"ledger verify\" file=\"./books/a,b:c.jsonl\" line=\"9\">\n      <system-out>3 bytes\ndo not count</system-out>\n    </testcase>\n";
    assert!(text.starts_with(head), "{text}");
    assert!(
        text.chars().all(|c| c == '\n' || !c.is_control()),
        "{text:?}"
    );
    let mut reader = quick_xml::Reader::from_str(&text);
    let mut names = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(start) | quick_xml::events::Event::Empty(start)
                if start.name().as_ref() == "testcase" =>
            {
                let name = start.try_get_attribute("name").unwrap().unwrap();
                names.push(
                    name.normalized_value(quick_xml::XmlVersion::Implicit1_0)
                        .unwrap()
                        .into_owned(),
                );
            }
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(names, ["form", "tail # 1", "hash <&\"'>: 100%, \\ #skip"]);
    assert!(text.contains("]]&gt; \\u{1b}[31m \u{fffd} 50% &lt;b&gt;"));
}

#[test]
fn tap_has_its_plan_and_escapes_directives() {
    assert_eq!(
        hostile().to_tap(),
        r#"TAP version 13
1..3
ok 1 - form
ok 2 - tail \# 1
  ---
  message: "3 bytes\ndo not count"
  severity: comment
  file: "./books/a,b:c.jsonl"
  line: 9
  ...
not ok 3 - hash <&"'>: 100%, \\ \#skip
  ---
  message: "line 7\r::error::no\n]]> \u001b[31m ￿ 50% <b>\"x\"</b>"
  severity: fail
  file: "./books/a,b:c.jsonl"
  line: 7
  ...
"#
    );
}
