//! Names of zones: which are IANA names, and suggestions for misspelled ones.

use jiff::tz::TimeZoneDatabase;

/// Whether a name is an IANA name and not a folder or an alias of the system's database.
pub(super) fn is_listed(name: &str) -> bool {
    let folder = name.split('/').next().unwrap_or_default();
    !matches!(
        folder,
        "posix" | "right" | "posixrules" | "localtime" | "leapseconds" | "Factory"
    ) && name != "Etc/Unknown"
        && !name.is_empty()
        && name.len() <= 64
}

/// The zone that was probably meant: equal except for case and spaces, with the same city, or with one
/// typing mistake.
pub(super) fn suggestion(name: &str) -> Option<String> {
    if name.is_empty() || name.len() > 64 {
        return None;
    }
    let wanted = name.trim().to_lowercase().replace(' ', "_");
    let bundled = TimeZoneDatabase::bundled();
    let names: Vec<String> = bundled
        .available()
        .map(|known| known.as_str().to_owned())
        .filter(|known| is_listed(known))
        .collect();
    let city_of = |known: &str| known.rsplit('/').next().unwrap_or_default().to_lowercase();
    names
        .iter()
        .find(|known| known.to_lowercase() == wanted)
        .or_else(|| {
            names
                .iter()
                .find(|known| known.contains('/') && city_of(known) == wanted)
        })
        .or_else(|| {
            names
                .iter()
                .map(|known| {
                    (
                        slips(&known.to_lowercase(), &wanted).min(slips(&city_of(known), &wanted)),
                        known,
                    )
                })
                .filter(|(distance, _)| *distance <= if wanted.len() < 6 { 1 } else { 2 })
                .min()
                .map(|(_, known)| known)
        })
        .cloned()
}

/// The edit distance (Levenshtein) of two short names.
fn slips(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (above, a) in one.chars().enumerate() {
        let mut diagonal = above;
        let mut left = above.saturating_add(1);
        let mut next = vec![left];
        for (b, up) in other.chars().zip(row.iter().skip(1)) {
            left = diagonal
                .saturating_add(usize::from(a != b))
                .min(left.saturating_add(1))
                .min(up.saturating_add(1));
            diagonal = *up;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
