use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use event_ledger::log::Access;

use crate::failure::{Correction, Failure, quoted};
use crate::flags::nearest;
use crate::output::manual;
use crate::output_file::{OutputTarget, beginning};
use crate::session::{Done, Session};

/// Print a manual page, or install all of them
///
/// The pages are made from the same definition as this help.
#[derive(Debug, Args)]
#[command(after_help = super::help::offline("ledger man --install ~/.local/share/man && man ledger-deposit"))]
pub(crate) struct ManArgs {
    /// The command whose page is printed; the page of `ledger` itself unless named
    #[arg(value_name = "COMMAND", conflicts_with = "install")]
    command: Vec<String>,
    /// Write every page into DIR/man1, a path for `man`
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    install: Option<PathBuf>,
}

pub(crate) fn run(arguments: &ManArgs, session: &mut Session) -> Done {
    let root = manual::definition((session.definition)());
    if let Some(directory) = &arguments.install {
        return install(&root, &directory.join("man1"), session);
    }
    let mut command = &root;
    for word in &arguments.command {
        command = command
            .find_subcommand(word)
            .ok_or_else(|| unknown(word, command))?;
    }
    let _ = session.printer.bytes(manual::page(command).as_bytes());
    Ok(0)
}

fn unknown(word: &str, command: &clap::Command) -> Failure {
    let names = command.get_subcommands().map(clap::Command::get_name);
    let nearest = nearest(word, names);
    Failure::usage(format!("there is no command `{word}`"))
        .with_hint("ledger --help")
        .corrected(nearest.map(|name| Correction::word(word, name)))
}

fn install(root: &clap::Command, directory: &Path, session: &mut Session) -> Done {
    std::fs::create_dir_all(directory)
        .map_err(|error| Failure::io(format!("cannot write {}: {error}", directory.display())))?;
    let pages = manual::pages(root);
    // All are checked before the first is written.
    let mut targets = Vec::new();
    for (name, page) in &pages {
        let path = directory.join(name);
        let target = OutputTarget::new(&path, session.path(), "--install man-pages", is_page)?;
        targets.push((target, page));
    }
    for (target, page) in targets {
        target.write(page.as_bytes(), Access::Everyone)?;
    }
    if !session.quiet {
        let count = pages.len();
        session.line(&format!(
            "{count} pages written to {}",
            quoted(&directory.display().to_string())
        ));
    }
    Ok(0)
}

fn is_page(file: &File) -> std::io::Result<bool> {
    Ok(manual::is_page(&beginning(file, 1024)?))
}
