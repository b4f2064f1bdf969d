//! Where a file cannot be imported, and why.

use std::fmt;

use thiserror::Error;

use super::Fault;

/// A place in a file; lines and columns are counted from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilePlace {
    /// The line.
    pub line: Option<u64>,
    /// The character on the line or, if there is a field, the number of the field in its row.
    pub column: Option<u64>,
    /// The field's name.
    pub field: Option<String>,
}

impl FilePlace {
    pub(super) fn on_line(line: u64) -> FilePlace {
        FilePlace {
            line: Some(line),
            ..FilePlace::default()
        }
    }

    pub(super) fn in_column(line: u64, column: usize) -> FilePlace {
        FilePlace {
            column: u64::try_from(column).ok(),
            ..FilePlace::on_line(line)
        }
    }
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        if let Some(field) = &self.field {
            write!(f, " ({field})")?;
        }
        Ok(())
    }
}

/// Why a file is not imported.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{fault}")]
pub struct ImportError {
    /// Where.
    pub place: FilePlace,
    /// Why.
    pub fault: Box<Fault>,
}

impl Fault {
    pub(super) fn at(self, place: FilePlace) -> ImportError {
        let fault = Box::new(self);
        ImportError { place, fault }
    }

    pub(super) fn on_line(self, line: u64) -> ImportError {
        self.at(FilePlace::on_line(line))
    }

    /// Without a place.
    pub(super) fn whole(self) -> ImportError {
        self.at(FilePlace::default())
    }
}
