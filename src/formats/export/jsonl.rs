//! JSON Lines: every event in the form of a receipt and of `replay --json`. It includes the log's
//! first line and leaves out only the salts.

use super::exporter::{ContentKind, ExportError, ExportFormat, Exporter};
use crate::event::Entry;
use crate::formats::event_json::EventJson;

const NAME: &str = "jsonl";
/// What every file in this format starts with. No log starts with a space, so that an export is never
/// taken for a log, nor a log for an export.
pub(super) const FIRST_BYTES: &[u8] = b" {\"v\":";
pub(super) const FORMAT: ExportFormat = ExportFormat {
    name: NAME,
    kind: ContentKind::Json,
    is_by_event: true,
    make: |_| Box::new(Jsonl),
};

struct Jsonl;

impl Exporter for Jsonl {
    fn event(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), ExportError> {
        if entry.seq == 0 {
            out.push(b' ');
        }
        serde_json::to_writer(&mut *out, &EventJson::of(entry)).map_err(|error| {
            ExportError::Library {
                format: NAME,
                reason: error.to_string(),
            }
        })?;
        out.push(b'\n');
        Ok(())
    }
}
