//! What tables look like, whole and streamed.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::super::print::{Printer, Streams};
use super::super::text::width;
use super::*;

const PIPE: TableStyle = TableStyle {
    colour: false,
    width: None,
    ascii: false,
};
const COLOUR: TableStyle = TableStyle {
    colour: true,
    width: None,
    ascii: false,
};

fn screen(width: usize) -> TableStyle {
    TableStyle {
        colour: false,
        width: Some(width),
        ascii: false,
    }
}

fn cells<const N: usize>(texts: [&str; N]) -> [Cell<'_>; N] {
    texts.map(Cell::from)
}

fn text_of<const N: usize>(columns: Vec<Column>, look: TableStyle, rows: &[[&str; N]]) -> String {
    let mut table = Table::new(columns, look);
    for row in rows {
        table.push(cells(*row));
    }
    table.to_text()
}

/// The rows of a statement.
fn rows() -> [[Cell<'static>; 5]; 3] {
    [
        cells(["9", "2026-03-01", "1000", "EUR", "Opening"]),
        cells([
            "10",
            "2026-03-02",
            "-50.25",
            "EUR",
            "Groceries for the whole week, and more",
        ]),
        cells(["11", "2026-03-03", "0.125", "EUR", "家賃 cafe\u{301}"]),
    ]
}

fn sum() -> [Cell<'static>; 5] {
    cells(["", "", "949.875", "EUR", ""])
}

fn statement(look: TableStyle) -> Table {
    let mut table = Table::new(
        vec![
            Column::number("Seq"),
            Column::date("Date"),
            Column::figure("Change"),
            Column::unit(),
            Column::text("Memo"),
        ],
        look,
    );
    for row in rows() {
        table.push(row);
    }
    table.push_sum(sum());
    table
}

#[test]
fn figures_line_up_at_the_point_and_text_is_whole_in_a_pipe() {
    let expected = "\
Seq  Date          Change      Memo
──────────────────────────────────────────────────────────────────────────
  9  2026-03-01  1000     EUR  Opening
 10  2026-03-02   -50.25  EUR  Groceries for the whole week, and more
 11  2026-03-03     0.125 EUR  家賃 cafe\u{301}
──────────────────────────────────────────────────────────────────────────
                  949.875 EUR
";
    let text = statement(PIPE).to_text();
    let lines: Vec<&str> = text.lines().collect();
    let wanted: Vec<&str> = expected.lines().collect();
    for (line, want) in lines.iter().zip(&wanted) {
        if !line.starts_with('─') {
            assert_eq!(line, want);
        }
    }
    assert_eq!(lines.len(), wanted.len());
    let widest = lines
        .iter()
        .filter(|line| !line.starts_with('─'))
        .map(|line| width(line))
        .max();
    assert_eq!(Some(width(lines[1])), widest);
}

#[test]
fn on_a_narrow_terminal_text_gives_and_figures_do_not() {
    for columns in 40..90 {
        let text = statement(screen(columns)).to_text();
        assert!(
            text.lines().all(|line| width(line) <= columns),
            "{columns}:\n{text}"
        );
        assert!(text.contains("-50.25 "), "{text}");
    }
    assert!(
        statement(screen(50))
            .to_text()
            .contains("Groceries for the…")
    );
    assert!(
        statement(screen(45))
            .to_text()
            .contains("2026-03-02   -50.25  EUR\n  Groceries for the whole week, and more\n")
    );
}

#[test]
fn names_are_never_shortened() {
    let text = text_of(
        vec![Column::name("Account"), Column::text("Memo")],
        screen(20),
        &[["assets:bank:savings:holidays", "for the summer"]],
    );
    assert!(text.contains("assets:bank:savings:holidays\n  for the summer\n"));
}

#[test]
fn a_number_goes_below_with_its_head_rather_than_away() {
    let text = |columns_wide| {
        let columns = vec![
            Column::number("#").or_below(),
            Column::date("Effective"),
            Column::figure("Change"),
            Column::text("Memo"),
        ];
        let row = ["1234", "2026-01-01", "-5000.00", "for the summer"];
        text_of(columns, screen(columns_wide), &[row])
    };
    let beside = text(26);
    assert!(
        beside.contains("1234  2026-01-01  -5000.00\n  for the summer"),
        "{beside}"
    );
    let below = text(22);
    assert!(
        below.contains("2026-01-01  -5000.00\n  #1234  for the summ…"),
        "{below}"
    );
}

#[test]
fn names_that_may_go_below_do_so_after_all_else_gave_way() {
    let text = |columns_wide| {
        let columns = vec![
            Column::number("#").optional(1),
            Column::name("Account").or_below(),
            Column::figure("Change"),
            Column::text("Memo"),
        ];
        let rows = [
            ["17", "assets:bank:savings", "-5.00", "for the summer"],
            ["", "assets:cash", "5.00", ""],
        ];
        text_of(columns, screen(columns_wide), &rows)
    };
    let below = text(35);
    assert!(
        below.contains("17  assets:bank:savings   -5.00\n  for the summer\n    assets:cash"),
        "{below}"
    );
    let both = text(24);
    assert!(
        both.contains("17   -5.00\n  assets:bank:savings…\n      5.00\n  assets:cash\n"),
        "{both}"
    );
}

#[test]
fn a_text_that_may_go_below_does_so_before_a_column_is_left_out() {
    let text = |columns_wide| {
        let columns = vec![
            Column::date("Time").optional(1),
            Column::figure("Change"),
            Column::text("Event").or_below(),
        ];
        let row = ["2026-01-01", "-5.00", "transfer: one article sent back"];
        text_of(columns, screen(columns_wide), &[row])
    };
    let beside = text(51);
    assert!(beside.contains("-5.00  transfer: one article sent back"));
    let below = text(50);
    assert!(
        below.contains("2026-01-01   -5.00\n  transfer: one article sent back\n"),
        "{below}"
    );
}

#[test]
fn on_an_ascii_terminal_the_marks_of_the_program_are_ascii() {
    let look = TableStyle {
        ascii: true,
        ..screen(24)
    };
    let columns = vec![Column::name("To"), Column::text("Memo")];
    let text = text_of(columns, look, &[["–", "café for the whole summer"]]);
    assert!(text.ends_with("\n-   café for the whol...\n"), "{text}");
}

#[test]
fn words_among_figures_are_flush_right() {
    let columns = vec![Column::name("A"), Column::figure("Floor")];
    assert_eq!(
        text_of(columns, PIPE, &[["a", "none"], ["b", "-100.50"], ["c", ""]]),
        "A    Floor\n──────────\na     none\nb  -100.50\nc\n"
    );
}

#[test]
fn what_deceives_never_reaches_a_line() {
    for evil in [
        "\x1b[2J",
        "a\nb",
        "\u{202e}",
        "\u{2063}",
        "\u{9b}1m",
        "\u{2061}x\u{2064}",
    ] {
        let columns = vec![Column::text(evil), Column::figure("F")];
        let text = text_of(columns, COLOUR, &[[evil, evil]]);
        assert_eq!(text.lines().count(), 3);
        let plain = text
            .replace("\x1b[1m", "")
            .replace("\x1b[2m", "")
            .replace("\x1b[0m", "");
        assert!(
            !plain.replace('\n', "").contains(|c: char| c.is_control()),
            "{plain:?}"
        );
        assert!(
            !plain.contains(['\u{202e}', '\u{2061}', '\u{2063}', '\u{2064}']),
            "{plain:?}"
        );
    }
}

#[test]
fn colour_changes_no_width_and_marks_only_what_it_should() {
    let coloured = statement(COLOUR).to_text();
    let mut plain = coloured.clone();
    for code in ["\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[0m"] {
        plain = plain.replace(code, "");
    }
    assert_eq!(plain, statement(PIPE).to_text());
    assert!(coloured.contains(" \x1b[31m-50.25\x1b[0m "));
    assert!(coloured.contains("\x1b[1mMemo\x1b[0m\n\x1b[2m───"));
    assert!(coloured.contains("\x1b[1m949.875\x1b[0m"));
    assert_eq!(coloured.matches("\x1b[31m").count(), 1);
    assert!(!statement(PIPE).to_text().contains('\x1b'));
}

#[test]
fn an_empty_table_is_its_head() {
    let table = Table::new(
        vec![Column::name("Account"), Column::figure("Balance")],
        PIPE,
    );
    assert!(table.is_empty());
    assert_eq!(table.to_text(), "Account  Balance\n────────────────\n");
    assert_eq!(Table::new(vec![], PIPE).to_text().trim(), "");
}

#[test]
fn a_cell_wider_than_any_terminal_is_still_one_line() {
    let columns = vec![Column::text("Memo"), Column::name("B")];
    let text = text_of(columns, PIPE, &[[&"x y ".repeat(20_000), "b"]]);
    assert_eq!(text.lines().count(), 3);
}

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A statement with this many rows, streamed with the widths of the first ones.
fn streamed(rows: usize, first: usize, look: TableStyle) -> (String, usize) {
    let paper = Paper::default();
    let mut printer = Printer::new(Streams {
        out: Box::new(paper.clone()),
        err: Box::new(io::sink()),
        width: look.width,
        out_colour: look.colour,
        ascii: look.ascii,
        err_colour: false,
        err_redraws: false,
        err_terminal: false,
    });
    let model = statement(look);
    let mut table = StreamedTable::new(model.columns.clone(), &printer);
    table.first = first;
    let mut before_the_end = 0;
    for row in self::rows().iter().cycle().take(rows) {
        assert_eq!(table.push(row.clone(), &mut printer), Ok(()));
        assert!(table.is_empty() == (rows == 0));
        let _ = printer.flush();
        before_the_end = paper.0.lock().unwrap().len();
    }
    table.push_sum(sum());
    assert_eq!(table.finish(&mut printer), Ok(()));
    assert_eq!(printer.finish().unwrap(), Ok(()));
    let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    (text, before_the_end)
}

#[test]
fn streamed_and_whole_tables_are_the_same_text() {
    for look in [PIPE, COLOUR, screen(80), screen(50), screen(10)] {
        for rows in [0, 1, 3, 9, 10, 11, 50] {
            let mut whole = statement(look);
            whole.rows.clear();
            for row in self::rows().into_iter().cycle().take(rows) {
                whole.push(row);
            }
            assert_eq!(
                streamed(rows, 10, look).0,
                whole.to_text(),
                "{rows} rows, {look:?}"
            );
        }
    }
}

#[test]
fn rows_past_the_first_are_printed_at_once_and_never_cut_in_a_pipe() {
    let (text, before_the_end) = streamed(9, 10, PIPE);
    assert!(before_the_end == 0 && !text.is_empty());
    // Only the first, short row fixes the widths here.
    let (text, before_the_end) = streamed(3, 1, PIPE);
    assert!(before_the_end > 280, "{before_the_end}");
    assert!(
        text.contains("-50.25 EUR") || text.contains("-50.25  EUR"),
        "{text}"
    );
    assert!(text.contains("and more\n"), "{text}");
    let (text, _) = streamed(3, 1, screen(50));
    assert!(text.lines().all(|line| width(line) <= 53), "{text}");
}

#[test]
fn the_real_limit_is_ten_thousand_rows() {
    let (text, before_the_end) = streamed(10_500, 10_000, PIPE);
    assert_eq!(text.lines().count(), 10_500 + 4);
    assert!(before_the_end > text.len() - 500);
}

#[test]
fn columns_that_can_be_left_out_are_before_text_is_cut_short() {
    let at = |width| {
        let columns = vec![
            Column::number("#").optional(1),
            Column::date("Date"),
            Column::name("Type").optional(2),
            Column::figure("Change"),
            Column::text("Memo"),
        ];
        let memo = "Salary of the month of March";
        let row = ["1", "2026-03-01", "deposit", "1000.00", memo];
        let text = text_of(columns, screen(width), &[row]);
        text.lines().last().unwrap().to_owned()
    };
    assert_eq!(
        at(80),
        "1  2026-03-01  deposit  1000.00  Salary of the month of March"
    );
    assert_eq!(at(50), "1  2026-03-01  deposit  1000.00  Salary of the mo…");
    assert_eq!(at(45), "1  2026-03-01  1000.00  Salary of the month…");
    assert_eq!(at(37), "2026-03-01  1000.00  Salary of the m…");
    assert_eq!(at(30), "  Salary of the month of March");
}

#[test]
fn rules_are_ascii_if_they_have_to_be() {
    let style = TableStyle {
        ascii: true,
        ..PIPE
    };
    let text = statement(style).to_text().replace("家賃 cafe\u{301}", "");
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("\n-----"), "{text}");
}
