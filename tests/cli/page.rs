//! The page that `report --html` writes: its data against the log, its text against mischief, and
//! itself in a real browser.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Shell, lines, program, skip};
use crate::story::story;

fn page(shell: &Shell, name: &str) -> String {
    std::fs::read_to_string(shell.file(name)).unwrap()
}

/// What the page tells its script.
fn data(page: &str) -> Value {
    let (_, rest) = page
        .split_once("<script type=\"application/json\" id=\"data\">")
        .unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

fn household() -> Shell {
    let shell = Shell::new();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/sample-data/household.jsonl");
    std::fs::copy(sample, shell.file("ledger.jsonl")).unwrap();
    shell
}

/// The last figure of a line of steps at a moment, else its opening.
fn figure_at(line: &Value, moment: usize) -> &str {
    let steps = line["steps"].as_array().unwrap();
    steps
        .iter()
        .rfind(|step| step[0].as_u64().unwrap() <= u64::try_from(moment).unwrap())
        .map_or_else(|| line["opening"].as_str(), |step| step[1].as_str())
        .unwrap()
}

#[test]
fn it_is_written_where_it_was_asked_for_and_says_so() {
    let shell = story();
    shell
        .ledger("report -a 'assets:*' --html out.html")
        .prints(&lines(&["wrote out.html: 7 events on 2 accounts"]));
    let first = page(&shell, "out.html");
    assert!(first.starts_with("<!DOCTYPE html>"));
    // The same again is the same, byte for byte, and a page may be written over.
    shell
        .ledger("report -a 'assets:*' --html out.html")
        .succeeds();
    assert_eq!(page(&shell, "out.html"), first);
    let ran = shell.ledger("report -a assets:giro --html out.html --json");
    assert_eq!(
        ran.stderr,
        "{\"note\":{\"code\":\"written\",\"message\":\"wrote out.html: 6 events on 1 account\"}}\n"
    );
    assert_eq!(ran.json()["by"], "month");
    assert_eq!(shell.names(), ["ledger.jsonl", "out.html"]);
}

#[test]
fn nothing_but_a_page_is_written_over() {
    let shell = Shell::given(&["deposit 5"]);
    let log = shell.log();
    let is = |name: &str, message: &str| {
        let error = format!("error: {message}\nhint: ledger report --html report.html\n");
        shell
            .ledger(&format!("report --html {name}"))
            .fails(2, &error);
    };
    let log_itself = |name: &str| {
        let message = format!("the output would replace the log itself, {name}");
        is(name, &message);
    };
    let stays = |name: &str, why: &str| is(name, &format!("{name} stays as it is: {why}"));
    log_itself("ledger.jsonl");
    log_itself("./ledger.jsonl");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("ledger.jsonl", shell.file("link.html")).unwrap();
        log_itself("link.html");
        std::fs::hard_link(shell.file("ledger.jsonl"), shell.file("hard.html")).unwrap();
        log_itself("hard.html");
    }
    std::fs::write(shell.file("notes.txt"), "mine").unwrap();
    let foreign = "it is a file that this command did not make";
    stays("notes.txt", foreign);
    // A page of another program.
    std::fs::write(shell.file("page.html"), "<!DOCTYPE html>\n").unwrap();
    stays("page.html", foreign);
    std::fs::create_dir(shell.file("folder")).unwrap();
    stays("folder", "it is a directory");
    shell.ledger("report --html nowhere/x.html").fails(
        1,
        "error: cannot create nowhere/x.html: No such file or directory (os error 2)\n\
         hint: mkdir -p nowhere\n",
    );
    assert_eq!(shell.log(), log);
    assert_eq!(std::fs::read(shell.file("notes.txt")).unwrap(), b"mine");
    assert!(!shell.names().iter().any(|name| name.starts_with(".tmp")));
}

#[cfg(unix)]
#[test]
fn a_page_is_its_owners_own_and_keeps_the_mode_that_it_was_given() {
    use std::os::unix::fs::PermissionsExt as _;

    let shell = Shell::given(&["deposit 5"]);
    let mode = || {
        let metadata = std::fs::metadata(shell.file("out.html")).unwrap();
        metadata.permissions().mode() & 0o777
    };
    shell.ledger("report --html out.html").succeeds();
    assert_eq!(mode(), 0o600);
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(shell.file("out.html"), open).unwrap();
    shell.ledger("report --html out.html").succeeds();
    assert_eq!(mode(), 0o644);
}

#[test]
fn at_every_moment_its_figures_are_those_that_balance_gives() {
    let shell = household();
    shell
        .ledger("report -a 'assets:*' --html out.html")
        .succeeds();
    let data = data(&page(&shell, "out.html"));
    let moments = data["moments"].as_array().unwrap();
    assert_eq!(moments.len(), 271);
    // Of several events at one moment the last one stands for it.
    let last_of_its_moment = |number: &usize| {
        *number + 1 == moments.len() || moments[*number][2] != moments[*number + 1][2]
    };
    for number in (0..moments.len())
        .step_by(30)
        .chain([270])
        .filter(last_of_its_moment)
    {
        let at = moments[number][2].as_str().unwrap();
        let answer = shell
            .ledger(&format!("balance 'assets:*' --json --until {at}"))
            .json();
        let known: BTreeMap<&str, &str> = answer["balances"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                (
                    one["account"].as_str().unwrap(),
                    one["balance"].as_str().unwrap(),
                )
            })
            .collect();
        let names = [
            "assets:bank:giro",
            "assets:bank:savings",
            "assets:cash",
            "assets:travel",
        ];
        for (account, name) in names.iter().enumerate() {
            let shown = figure_at(&data["accounts"][account], number);
            let balance = known.get(name).copied().unwrap_or("0.00");
            assert_eq!(shown, balance, "{name} at {at}");
        }
        for total in data["totals"].as_array().unwrap() {
            let known = answer["totals"].as_array().unwrap().iter();
            let mut known = known.filter(|one| one["currency"] == total["currency"]);
            let balance = known
                .next()
                .map_or("0.00", |one| one["balance"].as_str().unwrap());
            assert_eq!(
                figure_at(total, number),
                balance,
                "{} at {at}",
                total["currency"]
            );
        }
    }
}

#[test]
fn with_since_it_starts_from_what_was_there_before() {
    let shell = household();
    shell
        .ledger("report -a 'assets:*' --since 2026-06 --until 2026-07 --html out.html")
        .succeeds();
    let data = data(&page(&shell, "out.html"));
    let opening = shell
        .ledger("balance assets:cash -q --until 2026-05")
        .stdout;
    assert_eq!(data["accounts"][2]["opening"], opening.trim());
    assert_eq!(data["totals"][0]["opening"], "14115.89");
}

#[test]
fn it_loads_nothing_and_runs_no_script_but_its_own() {
    let shell = story();
    shell.ledger("report --html out.html").succeeds();
    let page = page(&shell, "out.html");
    for foreign in [
        "http:", "https:", "src=", "href=", "@import", "url(", "style=\"", "onclick",
    ] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert_eq!(page.matches("<script").count(), 2);
    let policy = page.split("content=\"default-src 'none'; ").nth(1).unwrap();
    assert!(policy.starts_with("style-src 'sha256-"), "{policy:.80}");
    assert!(!policy.split('"').next().unwrap().contains("unsafe"));
}

#[test]
fn text_from_the_log_is_text_on_the_page() {
    let shell = Shell::given(&["init --currency EUR"]);
    let mischief =
        "</script><script>alert(1)</script><img src=x onerror=alert(2)> & \"q\" \u{202e}x";
    shell
        .run(["deposit", "5", "-m", mischief, "--tag", "a=</td><b>"])
        .succeeds();
    shell.ledger("report --html out.html").succeeds();
    let page = page(&shell, "out.html");
    assert_eq!(page.matches("<script").count(), 2);
    assert!(!page.contains("<img"));
    assert!(!page.contains('\u{202e}'));
    assert!(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
    assert_eq!(data(&page)["moments"].as_array().unwrap().len(), 1);
}

#[test]
fn figures_that_no_float_holds_are_whole_on_the_page() {
    let shell = Shell::given(&[
        "deposit 999999999999999999.999999999 -a a",
        "deposit 0.000000001 -a a",
        "deposit 123456789012345678.000000001 -a b",
    ]);
    shell.ledger("report --html out.html").succeeds();
    let page = page(&shell, "out.html");
    let data = data(&page);
    assert_eq!(
        figure_at(&data["accounts"][0], 2),
        "1000000000000000000.000000000"
    );
    assert_eq!(
        figure_at(&data["totals"][0], 2),
        "1123456789012345678.000000001"
    );
    assert!(page.contains(">1123456789012345678.000000001<"));
}

#[test]
fn a_set_without_events_is_a_page_that_says_so() {
    let shell = Shell::given(&["init --currency EUR", "open a"]);
    shell
        .ledger("report --html out.html")
        .prints(&lines(&["wrote out.html: 0 events on 1 account"]));
    let page = page(&shell, "out.html");
    assert!(page.contains("no events to show"));
    assert!(!page.contains("id=\"slider\""));
}

#[test]
fn a_page_that_no_browser_would_bear_is_refused() {
    let shell = Shell::given(&["deposit 5"]);
    let batch: String = (0..50_001)
        .map(|_| "{\"type\":\"deposit\",\"amount\":\"1\"}\n")
        .collect();
    assert_eq!(
        shell.ledger_with_input("batch -q", batch.as_bytes()).status,
        Some(0)
    );
    shell.ledger("report --html out.html").fails(
        2,
        "error: the page would have 50003 rows of events and periods, more than 50000; --since and --until make it shorter, --by month has fewer periods than --by day\n\
         hint: ledger report --help\n",
    );
    assert_eq!(shell.names(), ["ledger.jsonl"]);
}

#[test]
fn many_empty_periods_are_one_row_of_the_page_as_in_the_terminal() {
    let shell = Shell::given(&["deposit 5", "deposit 5 --effective 1996-11-23 -q"]);
    shell
        .ledger("report --by day --html out.html")
        .prints(&lines(&["wrote out.html: 2 events on 1 account"]));
    let page = page(&shell, "out.html");
    let gap = "<td colspan=\"6\">(10956 empty periods)</td>";
    assert_eq!(page.matches(gap).count(), 1, "{gap}");
    // A row for each of the two days and for what is between them.
    assert_eq!(page.matches("data-from=").count(), 3);
    assert_eq!(data(&page)["periods"].as_array().unwrap().len(), 3);
    let terminal = shell.ledger("report --by day").succeeds().stdout;
    assert!(terminal.contains("(10956 empty periods)"), "{terminal}");
    // Periods that are not shown do not make a page too long.
    shell
        .ledger("deposit 5 --effective 1856-11-23 -q")
        .succeeds();
    shell
        .ledger("report --by day --html out.html")
        .prints(&lines(&["wrote out.html: 3 events on 1 account"]));
}

/// A page as a browser has it once its scripts have run.
fn in_browser(shell: &Shell, address: &str, more: &[&str]) -> Option<String> {
    let browser = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| program(name).arg("--version").output().is_ok())?;
    let mut child = program(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .args(more)
        .arg(format!(
            "--user-data-dir={}",
            shell.file("profile").display()
        ))
        .arg(format!("file://{}/{address}", shell.path().display()))
        .stdout(std::fs::File::create(shell.file("dom.txt")).unwrap())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let patience = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if patience.elapsed() > Duration::from_mins(2) {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(page(shell, "dom.txt")).filter(|dom| dom.contains("</html>"))
}

/// The texts of the elements with this attribute, by its value.
fn texts(dom: &str, attribute: &str) -> BTreeMap<usize, String> {
    dom.split(&format!("{attribute}=\""))
        .skip(1)
        .map(|rest| {
            let (number, rest) = rest.split_once('"').unwrap();
            let text = rest.split_once('>').unwrap().1.split('<').next().unwrap();
            (number.parse().unwrap(), text.to_owned())
        })
        .collect()
}

#[test]
fn in_a_browser_a_link_to_a_moment_shows_the_balances_of_that_moment() {
    let shell = household();
    shell
        .ledger("report -a 'assets:*' --html out.html")
        .succeeds();
    for (at, until) in [
        ("2026-03-14", "2026-03-14"),
        ("2026-06", "2026-06"),
        ("2026-07-14T20:15:00Z", "2026-07-14T20:15:00Z"),
        ("start", "2025-10-31"),
    ] {
        let Some(dom) = in_browser(&shell, &format!("out.html#at={at}"), &[]) else {
            skip("the page in a browser", "there is no chromium that runs");
            return;
        };
        let shown = texts(&dom, "data-account");
        for (number, name) in ["assets:bank:giro", "assets:bank:savings", "assets:cash"]
            .iter()
            .enumerate()
        {
            let known = shell
                .ledger(&format!("balance {name} -q --until {until}"))
                .stdout;
            assert_eq!(shown[&number], known.trim(), "{name} at {at}");
        }
        let answer = shell
            .ledger(&format!("balance 'assets:*' --json --until {until}"))
            .json();
        let totals = answer["totals"].as_array().unwrap();
        let eur = totals.iter().find(|total| total["currency"] == "EUR");
        let eur = eur.map_or("0.00", |total| total["balance"].as_str().unwrap());
        assert_eq!(texts(&dom, "data-total")[&0], eur, "at {at}");
        assert!(
            dom.contains("class=\"later\""),
            "what came later is set back, at {at}"
        );
    }
}

/// axe-core, which knows the rules of accessible pages, from the global packages of npm.
fn axe() -> Option<String> {
    let root = program("npm").args(["root", "-g"]).output().ok()?;
    let root = String::from_utf8(root.stdout).ok()?;
    std::fs::read_to_string(format!("{}/axe-core/axe.min.js", root.trim())).ok()
}

/// The page with axe in it, which sends what it finds to the page around it, in light or dark colours.
fn examined(page: &str, axe: &str, is_dark: bool) -> String {
    const SEND: &str = "addEventListener('load', async () => {
        const found = await axe.run({ resultTypes: ['violations'] });
        const lines = found.violations.flatMap(({ id, nodes }) =>
            nodes.map(({ html, failureSummary }) => id + ': ' + html + ': ' + failureSummary));
        parent.postMessage([location.search, lines], '*');
    })";
    let (before, rest) = page
        .split_once("<meta http-equiv=\"Content-Security-Policy\"")
        .unwrap();
    let rest = rest.split_once('>').unwrap().1;
    let (scheme, query) = if is_dark {
        ("dark", "all")
    } else {
        ("light", "not all")
    };
    let scheme = format!("color-scheme: {scheme};");
    [before, rest]
        .concat()
        .replace("color-scheme: light dark;", &scheme)
        .replace("(prefers-color-scheme: dark)", query)
        .replace(
            "</body>",
            &format!("<script>{axe}</script><script>{SEND}</script></body>"),
        )
}

#[test]
fn it_breaks_no_rule_of_accessible_pages_light_or_dark_on_a_desk_or_a_phone() {
    /// Collects what the frames send, one line each, and marks the end.
    const AROUND: &str = "let left = FRAMES;
        addEventListener('message', ({ data: [frame, lines] }) => {
            const text = lines.map((line) => frame + ' ' + line.replaceAll('\\n', ' ') + '\\n').join('');
            document.getElementById('found').textContent += text;
            left -= 1;
            if (left === 0) document.getElementById('found').className = 'whole';
        })";
    let Some(axe) = axe() else {
        skip("an accessible page", "axe-core is not installed by npm");
        return;
    };
    let views = [(1280, false), (1280, true), (390, false), (390, true)];
    for (sample, report, at) in [
        ("household", "-a 'assets:*' --since 2026-06", "2026-07-14"),
        ("shop", "--by week --tag order", "2026-02-14"),
        ("rides", "--by day", "2026-05-06"),
    ] {
        let shell = Shell::new();
        let log = format!("{}/sample-data/{sample}.jsonl", env!("CARGO_MANIFEST_DIR"));
        std::fs::copy(log, shell.file("ledger.jsonl")).unwrap();
        shell
            .ledger(&format!("report {report} --html out.html"))
            .succeeds();
        let page = page(&shell, "out.html");
        let mut around = String::from("<!DOCTYPE html><pre id=\"found\"></pre>");
        for (width, is_dark) in views {
            let name = format!("{width}-{is_dark}.html");
            std::fs::write(shell.file(&name), examined(&page, &axe, is_dark)).unwrap();
            around += &format!(
                "<iframe src=\"{name}?{width}-dark-{is_dark}#at={at}\" width=\"{width}\" height=\"1600\"></iframe>"
            );
        }
        let script = AROUND.replace("FRAMES", &views.len().to_string());
        around += &format!("<script>{script}</script>");
        std::fs::write(shell.file("around.html"), around).unwrap();
        let Some(dom) = in_browser(&shell, "around.html", &["--virtual-time-budget=60000"]) else {
            skip("an accessible page", "there is no chromium that runs");
            return;
        };
        let (start, found) = dom.split_once("<pre id=\"found\"").unwrap();
        assert!(
            start.len() < 100 && found.starts_with(" class=\"whole\">"),
            "{dom:.2000}"
        );
        let found = found.split_once("</pre>").unwrap().0;
        assert_eq!(found, " class=\"whole\">", "{sample} {report}");
    }
}

#[test]
fn a_page_called_with_a_dash_goes_to_standard_output() {
    let shell = story();
    shell.ledger("report --html out.html -q").prints("");
    let printed = shell.ledger("report --html -");
    assert!(printed.succeeds().raw == page(&shell, "out.html").as_bytes());
    shell.ledger("report --html - --json").fails(
        2,
        "{\"error\":{\"code\":\"usage\",\"message\":\"with --json standard output has only JSON, and a page is not JSON\",\"hint\":\"ledger report --json --html report.html\",\"exit_code\":2,\"recorded\":null}}\n",
    );
    assert_eq!(shell.names(), ["ledger.jsonl", "out.html"]);
}

#[test]
fn the_hint_puts_another_file_in_the_place_of_the_output_and_not_of_the_log() {
    let shell = Shell::given(&["deposit 5 -q"]);
    for (line, pasted) in [
        (
            "-f ledger.jsonl report --html ledger.jsonl",
            "ledger -f ledger.jsonl report --html report.html",
        ),
        (
            "--file=ledger.jsonl report --html=ledger.jsonl",
            "ledger --file=ledger.jsonl report --html=report.html",
        ),
        (
            "-f ledger.jsonl export --to csv -o ledger.jsonl",
            "ledger -f ledger.jsonl export --to csv -o export.txt",
        ),
    ] {
        let ran = shell.ledger(line);
        assert_eq!(ran.status, Some(2), "{}", ran.stderr);
        assert!(
            ran.stderr.ends_with(&format!("\nhint: {pasted}\n")),
            "{}",
            ran.stderr
        );
    }
}
