use super::*;

fn shown(date: FileDate) -> String {
    date.when().unwrap().text().to_owned()
}

fn found(cells: &[&str]) -> Result<Vec<String>, (usize, Fault)> {
    let mut detector = DateDetector::new(None);
    for (number, cell) in cells.iter().enumerate() {
        detector.add(|| number, cell)?;
    }
    let reader = detector.reader()?;
    (0..)
        .zip(cells)
        .map(|(number, cell)| {
            reader
                .read(cell)
                .map(shown)
                .map_err(|fault| (number, fault))
        })
        .collect()
}

#[test]
fn a_date_that_allows_one_reading_is_read() {
    for (cell, expected) in [
        ("2026-12-31", "2026-12-31"),
        ("2026/1/5", "2026-01-05"),
        ("31.12.2026", "2026-12-31"),
        ("05.06.2026", "2026-06-05"),
        ("05.06.26", "2026-06-05"),
        ("12/31/2026", "2026-12-31"),
        ("31/12/26", "2026-12-31"),
        ("01 Jan 2026", "2026-01-01"),
        ("3-Mar-2026", "2026-03-03"),
        ("3-Mar-26", "2026-03-03"),
        ("5. März 2026", "2026-03-05"),
        ("Dec 3, 2026", "2026-12-03"),
        ("Mon, 3 Aug 2026", "2026-08-03"),
        ("20260511", "2026-05-11"),
        ("31.12.2026 23:15", "2026-12-31 23:15:00"),
        ("1/13/2026 2:05:07 PM", "2026-01-13 14:05:07"),
        ("1/13/2026 12:05 AM", "2026-01-13 00:05:00"),
        ("2026-01-13 00:00:00", "2026-01-13"),
        ("2026-01-13T00:00:00", "2026-01-13"),
        ("2026-12-31T23:15:00Z", "2026-12-31T23:15:00.000000Z"),
        ("2026-12-31 23:15:00 +01:00", "2026-12-31T22:15:00.000000Z"),
    ] {
        assert_eq!(found(&[cell]).unwrap(), [expected], "{cell}");
    }
}

#[test]
fn one_date_decides_for_all_and_none_leaves_it_open() {
    assert_eq!(
        found(&["03/04/2026", "25/04/2026"]).unwrap(),
        ["2026-04-03", "2026-04-25"]
    );
    assert_eq!(
        found(&["03/04/2026", "04/25/2026"]).unwrap(),
        ["2026-03-04", "2026-04-25"]
    );
    let (number, fault) = found(&["2026-01-01", "03/04/2026", "05/05/2026"]).unwrap_err();
    assert_eq!(number, 1);
    let Fault::DateOrder {
        readings, formats, ..
    } = fault
    else {
        panic!("{fault:?}");
    };
    assert_eq!(readings, ["2026-04-03", "2026-03-04"]);
    assert_eq!(formats, ["%d/%m/%Y", "%m/%d/%Y"]);
}

#[test]
fn two_digits_of_a_year_are_asked_about_only_if_the_file_leaves_them_open() {
    assert_eq!(
        found(&["01/04/26", "31/04/26"]).unwrap_err().0,
        1,
        "April has thirty days"
    );
    assert_eq!(
        found(&["01/04/26", "30/04/26", "01/13/31"]).unwrap_err().0,
        2
    );
    assert_eq!(
        found(&["05/04/32", "30/04/32"]).unwrap(),
        ["2032-04-05", "2032-04-30"]
    );
    let Fault::DateOrder { readings, .. } = found(&["01-04-05"]).unwrap_err().1 else {
        panic!();
    };
    assert_eq!(readings, ["2005-04-01", "2005-01-04", "2001-04-05"]);
    let fault = found(&["31.12.55"]).unwrap_err().1;
    assert!(matches!(fault, Fault::Century(_)), "{fault:?}");
}

#[test]
fn dates_that_contradict_each_other_or_do_not_exist_are_no_dates() {
    let number = |cells: &[&str]| found(cells).unwrap_err().0;
    assert_eq!(number(&["25/04/2026", "04/25/2026"]), 1);
    for bad in [
        "31.04.2026",
        "2026-13-01x",
        "20261331",
        "11052026",
        "",
        "Foo 3, 2026",
        "13/13/2026",
        "2026-01-13 12:34:56 PST",
    ] {
        assert_eq!(number(&[bad]), 0, "{bad}");
    }
    let fault = found(&["2026-02-29"]).unwrap_err().1;
    assert_eq!(fault.to_string(), "2026 has no February 29");
}

#[test]
fn a_format_that_was_named_is_kept_to() {
    let read = |format: &str, cell: &str| {
        let format = DateFormat::parse(format).unwrap();
        let date = DateReader::Format(format).read(cell).ok()?;
        Some(shown(date))
    };
    for (format, cell, expected) in [
        ("%d.%m.%y", "03.04.26", "2026-04-03"),
        ("%d.%m.%y", "03.04.70", "1970-04-03"),
        ("%m/%d/%Y", "03/04/2026", "2026-03-04"),
        ("%Y%m%d", "20260304", "2026-03-04"),
        ("%d %b %Y", "4 Okt 2026", "2026-10-04"),
        ("%d.%m.%Y %H:%M", "03.04.2026 7:05", "2026-04-03 07:05:00"),
        (
            "%m/%d/%Y %I:%M:%S %p",
            "1/13/2026 2:05:07 PM",
            "2026-01-13 14:05:07",
        ),
    ] {
        assert_eq!(
            read(format, cell).as_deref(),
            Some(expected),
            "{format} {cell}"
        );
    }
    for (format, cell) in [
        ("%d.%m.%Y", "03.04.26"),
        ("%d.%m.%Y", "31.02.2026"),
        ("%d.%m.%Y", "03.04.2026 10:00"),
        ("%d.%m.%Y", "03/04/2026"),
        ("%d.%m.%Y %I:%M %p", "03.04.2026 13:00 PM"),
    ] {
        assert_eq!(read(format, cell), None, "{format} {cell}");
    }
}
