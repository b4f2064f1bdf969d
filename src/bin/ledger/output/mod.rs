//! Output to the terminal: harmless text, colours, tables, progress, and the one place that prints.
//!
//! Must not depend on files, accounts or rules; it gets text and figures.

pub(crate) mod axis;
pub(crate) mod chart;
pub(crate) mod check_report;
pub(crate) mod colour;
pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod json_assert;
pub(crate) mod json_audit;
pub(crate) mod json_following;
pub(crate) mod json_proof;
pub(crate) mod json_reading;
pub(crate) mod json_report;
pub(crate) mod json_why;
pub(crate) mod manual;
pub(crate) mod page;
pub(crate) mod pager;
pub(crate) mod periods;
pub(crate) mod print;
pub(crate) mod progress;
pub(crate) mod schema;
pub(crate) mod sentence;
pub(crate) mod table;
pub(crate) mod target;
pub(crate) mod text;
pub(crate) mod usage;
