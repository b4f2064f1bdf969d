//! Password files, as libpq has them: `HOST:PORT:DATABASE:USER:PASSWORD` a line, `*` for any.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::Path;

use crate::log::{careful, is_private};
use crate::remote::Secret;
use crate::remote::url::{Host, PostgresAddress};

/// More than a password file has.
const MOST_BYTES: u64 = 1024 * 1024;

/// The password for this host, if the file has one. A file that other users may read is refused.
pub(super) fn password(
    path: &Path,
    address: &PostgresAddress,
    host: &Host,
) -> io::Result<Option<Secret>> {
    let mut options = OpenOptions::new();
    let file = careful(options.read(true)).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || !is_private(&metadata) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "other users may read it",
        ));
    }
    let mut text = String::new();
    file.take(MOST_BYTES).read_to_string(&mut text)?;
    Ok(find(&text, address, host))
}

fn find(text: &str, address: &PostgresAddress, host: &Host) -> Option<Secret> {
    let name = if host.name.starts_with('/') {
        "localhost"
    } else {
        &host.name
    };
    let port = host.port.to_string();
    let wanted = [name, &port, &address.database, &address.user];
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(fields).find_map(|fields| {
        let (password, fields) = fields.split_last()?;
        let fits = fields.len() == wanted.len()
            && fields
                .iter()
                .zip(wanted)
                .all(|(field, wanted)| field == "*" || field == wanted);
        fits.then(|| Secret::new(password.clone()))
    })
}

/// The fields of a line; a backslash takes `:` and `\` literally.
fn fields(line: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => field.extend(characters.next()),
            ':' => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::remote::{Address, SuppliedSecrets};

    #[test]
    fn the_first_line_that_fits_counts() {
        let text = "postgres://ann@localhost/books?ledger=main";
        let Address::Postgres(address) = Address::parse(text, &SuppliedSecrets::default()).unwrap()
        else {
            panic!("PostgreSQL")
        };
        let found = |text: &str| {
            let secret = find(text, &address, &address.hosts[0]);
            secret.map(|secret| secret.reveal().to_owned())
        };
        let file = "#localhost:*:*:*:a\nlocalhost:5433:*:*:b\n*:*:books:ann:c\\:\\\\d\n*:*:*:*:e\n";
        assert_eq!(found(file).as_deref(), Some("c:\\d"));
        assert_eq!(found("localhost:*:*:bob:a\n"), None);
        assert_eq!(found("too:short\n"), None);
    }
}
