//! Manual pages, generated from the definition of the command line, with the same text as the help.

use clap::{Arg, ArgAction, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

const MANUAL: &str = "Ledger manual";
const ENVIRONMENT: [(&str, &str); 6] = [
    ("LEDGER_LOG", "The log, if --file is not given."),
    (
        "LEDGER_NOW",
        "A time (RFC 3339) to use instead of the clock.",
    ),
    (
        "LEDGER_PAGER, PAGER",
        "The pager of an answer that is longer than the screen; less -FRX unless set.",
    ),
    ("NO_COLOR", "If set and not empty: no colour."),
    (
        "CLICOLOR_FORCE",
        "Where set and neither empty nor 0: colour in pipes and files too.",
    ),
    ("TERM", "dumb: no colour and no progress."),
];

/// The definition from which the pages are made.
pub(crate) fn definition(whole: Command) -> Command {
    without_help(whole)
        .subcommand_help_heading("COMMANDS")
        .subcommand_value_name("COMMAND")
}

/// Hides `help` at every level: it has no page of its own.
fn without_help(command: Command) -> Command {
    command.mut_subcommands(|below| match below.get_name() {
        "help" => below.hide(true),
        _ => without_help(below),
    })
}

/// Every page, with the name of its file.
pub(crate) fn pages(command: &Command) -> Vec<(String, String)> {
    let mut all = vec![(format!("{}.1", title(command)), page(command))];
    for below in command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
    {
        all.extend(pages(below));
    }
    all
}

/// True if a file that starts with these bytes is one of the pages, of this version or another.
pub(crate) fn is_page(beginning: &[u8]) -> bool {
    let beginning = String::from_utf8_lossy(beginning);
    let title = beginning.lines().find(|line| line.starts_with(".TH "));
    title.is_some_and(|title| {
        title.starts_with(".TH LEDGER")
            && title.contains(" \"ledger ")
            && title.ends_with(&format!("\"{MANUAL}\""))
    })
}

pub(crate) fn page(command: &Command) -> String {
    let title = title(command);
    let man = Man::new(command.clone())
        .title(title.to_uppercase())
        .source(concat!("ledger ", env!("CARGO_PKG_VERSION")))
        .manual(MANUAL);
    let mut page = Vec::new();
    let is_root = command.has_subcommands();
    // Writing into memory does not fail.
    let _ = man
        .render_title(&mut page)
        .and_then(|()| unbroken().to_writer(&mut page))
        .and_then(|()| man.render_name_section(&mut page))
        .and_then(|()| synopsis(command).to_writer(&mut page))
        .and_then(|()| man.render_description_section(&mut page))
        .and_then(|()| man.render_options_section(&mut page))
        .and_then(|()| {
            if is_root {
                man.render_subcommands_section(&mut page)
            } else {
                Ok(())
            }
        })
        .and_then(|()| endings(command).to_writer(&mut page));
    // Every part comes with the same definitions in front; once is enough.
    let definitions = Roff::new().render();
    let page = String::from_utf8_lossy(&page).replace(&definitions, "");
    definitions + &page
}

/// No hyphenation and no justification, so that names of variables and flags can be copied.
fn unbroken() -> Roff {
    let mut roff = Roff::new();
    roff.control("nh", []).control("ad", ["l"]);
    roff
}

/// The command's own options and the global ones, each with its value, and the arguments.
fn synopsis(command: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let mut line = vec![bold(name)];
    let groups: Vec<Vec<&Arg>> = command
        .get_groups()
        .filter(|group| group.is_required_set())
        .map(|group| {
            let of_group = |id| command.get_arguments().find(|one| one.get_id() == id);
            group.get_args().filter_map(of_group).collect()
        })
        .filter(|of_group: &Vec<&Arg>| of_group.len() > 1)
        .collect();
    let alone: Vec<&Arg> = command
        .get_arguments()
        .filter(|one| !one.is_hide_set() && !groups.iter().flatten().any(|of| of == one))
        .collect();
    let options = |global: bool| {
        let mut options: Vec<&Arg> = alone
            .iter()
            .copied()
            .filter(|one| !one.is_positional() && one.is_global_set() == global)
            .collect();
        options.sort_by_key(|option| !option.is_required_set());
        options
    };
    let positionals = alone.iter().copied().filter(|one| one.is_positional());
    for one in options(false).into_iter().chain(positionals) {
        line.push(roman(" "));
        line.extend(in_brackets(one));
    }
    for of_group in &groups {
        line.push(roman(" {"));
        for (number, one) in of_group.iter().enumerate() {
            line.extend((number > 0).then(|| roman(" | ")));
            line.extend(usage_of(one));
        }
        line.push(roman("}"));
    }
    if command.has_subcommands() {
        line.extend([roman(" "), italic("COMMAND")]);
    }
    for one in options(true) {
        line.push(roman(" "));
        line.extend(in_brackets(one));
    }
    roff.text(line);
    roff
}

/// An argument in brackets unless it is required.
fn in_brackets(argument: &Arg) -> Vec<Inline> {
    let mut inlines = usage_of(argument);
    if !argument.is_required_set() {
        inlines.insert(0, roman("["));
        inlines.push(roman("]"));
    }
    let is_repeatable = matches!(argument.get_action(), ArgAction::Append);
    inlines.extend((is_repeatable && !takes_several(argument)).then(|| roman("...")));
    inlines
}

/// `-f|--file FILE`, `--all`, `ACCOUNT...`.
fn usage_of(argument: &Arg) -> Vec<Inline> {
    let mut inlines = Vec::new();
    if let Some(short) = argument.get_short() {
        inlines.push(bold(format!("-{short}")));
        inlines.extend(argument.get_long().map(|_| roman("|")));
    }
    inlines.extend(argument.get_long().map(|long| bold(format!("--{long}"))));
    if argument.get_action().takes_values() {
        let values = argument.get_value_names().unwrap_or_default();
        inlines.extend((!inlines.is_empty()).then(|| roman(" ")));
        inlines.push(italic(values.join(" ")));
        inlines.extend(takes_several(argument).then(|| roman("...")));
    }
    inlines
}

fn takes_several(argument: &Arg) -> bool {
    let most = argument.get_num_args().map(|range| range.max_values());
    most.is_some_and(|most| most > argument.get_value_names().map_or(1, <[_]>::len))
}

/// `ledger-deposit`
fn title(command: &Command) -> String {
    command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
        .to_owned()
}

/// The end of the help, under the headings of manual pages.
fn endings(command: &Command) -> Roff {
    let mut roff = Roff::new();
    let help = command.get_after_help().map(ToString::to_string);
    for paragraph in help.as_deref().unwrap_or_default().split("\n\n") {
        if let Some(codes) = paragraph.strip_prefix("Exit codes:") {
            exit_status(&mut roff, codes);
        } else if let Some(example) = paragraph.strip_prefix("Example:") {
            roff.control("SH", ["EXAMPLES"]);
            roff.control("nf", []);
            for line in example.lines() {
                roff.text([bold(line.trim())]);
            }
            roff.control("fi", []);
        } else if !paragraph.trim().is_empty() {
            roff.control("SH", ["NOTES"]);
            roff.text([roman(paragraph)]);
        }
    }
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in ENVIRONMENT {
        roff.control("TP", []);
        roff.text([bold(name)]);
        roff.text([roman(meaning)]);
    }
    roff.control("SH", ["SEE ALSO"]);
    let below: Vec<String> = command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
        .map(self::title)
        .collect();
    let related = if below.is_empty() {
        vec!["ledger".to_owned()]
    } else {
        below
    };
    let mut line = Vec::new();
    for name in related {
        if !line.is_empty() {
            line.push(roman(", "));
        }
        line.extend([bold(name), roman("(1)")]);
    }
    roff.text(line);
    roff
}

/// `0 done · 1 I/O` becomes a list.
fn exit_status(roff: &mut Roff, codes: &str) {
    roff.control("SH", ["EXIT STATUS"]);
    for code in codes.lines().flat_map(|line| line.split('·')) {
        if let Some((number, meaning)) = code.trim().split_once(' ') {
            roff.control("TP", ["4"]);
            roff.text([bold(number)]);
            roff.text([roman(meaning)]);
        }
    }
}
