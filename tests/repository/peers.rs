//! The script that holds ledger against its peers still runs: a tiny size, with those peers that start quickly.

use std::path::Path;

use crate::harness::{can_run, program, skip};

#[test]
fn the_table_of_peers_has_a_figure_of_ledger_in_every_row() {
    let ledger = Path::new(env!("CARGO_BIN_EXE_ledger"));
    let generate = ledger.parent().unwrap().join("examples/generate");
    let refold = ledger.parent().unwrap().join("examples/refold");
    for example in [&generate, &refold] {
        if !example.exists() {
            let why = format!("{} was not built", example.display());
            return skip("the table of peers", &why);
        }
    }
    if !can_run("the table of peers", "bash", &["--version"]) {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let output = program("bash")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers.sh"))
        .arg("100")
        .env("LEDGER", ledger)
        .env("GENERATE", generate)
        .env("REFOLD", refold)
        .env("WORK", work.path())
        .env("LIMIT", "20")
        .env("BATCH", "50")
        .env("RUNS", "2")
        .env("PEERS", "sqlite3 jq openssl hyperfine")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| |") && !line.contains("---"))
        .collect();
    assert_eq!(rows.len(), 23, "{text}\n{errors}");
    for row in rows {
        // With its checkpoint, or where there is no such thing without one.
        let is_time = |cell: &str| {
            let time = cell.split(" (").next().unwrap_or(cell);
            time.ends_with("ms") || time.ends_with(" s")
        };
        assert!(row.split(" | ").skip(1).take(2).any(is_time), "{row}");
    }
    let left_over = work.path().read_dir().unwrap().count();
    assert_eq!(left_over, 0, "the files it made are gone");
}
