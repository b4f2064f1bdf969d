//! [`Element`]: the tree of tags of an OFX or a camt.053 file.

use super::FilePlace;

/// An element: a leaf with a text, or an aggregate of others.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) text: String,
    /// The attribute `Ccy`, which only amounts of camt.053 have.
    pub(super) currency: Option<String>,
    pub(super) inner: Vec<Element>,
    pub(super) place: FilePlace,
}

impl Element {
    /// The inner elements of this name.
    pub(super) fn children(&self, name: &str) -> impl Iterator<Item = &Element> {
        self.inner.iter().filter(move |own| own.name == name)
    }

    /// The element at the end of a path such as `Tp/CdOrPrtry/Cd`: the first of each name.
    pub(super) fn at(&self, path: &str) -> Option<&Element> {
        let mut names = path.split('/');
        names.try_fold(self, |own, name| own.children(name).next())
    }

    /// The text at the end of a path.
    pub(super) fn value(&self, path: &str) -> Option<&str> {
        Some(self.at(path)?.text.as_str()).filter(|text| !text.is_empty())
    }

    /// The first text of several paths.
    pub(super) fn first_of(&self, paths: &[&str]) -> Option<&str> {
        paths.iter().find_map(|path| self.value(path))
    }

    /// Every element of this name, however deep.
    pub(super) fn all(&self, name: &str) -> Vec<&Element> {
        let found = self.inner.iter().flat_map(|own| {
            if own.name == name {
                vec![own]
            } else {
                own.all(name)
            }
        });
        found.collect()
    }

    /// The line on which it begins.
    pub(super) fn line(&self) -> u64 {
        self.place.line.unwrap_or(1)
    }
}
