//! The source as a tree of modules: what each one defines, imports and uses, without its tests.
//!
//! Names are resolved as far as this needs: through `crate`, `self`, `super`, re-exports and globs.
//! What a macro defines or a method call reaches is not seen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// A type that is declared.
pub(crate) struct TypeItem {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) is_public: bool,
}

struct Import {
    name: String,
    path: Vec<String>,
    is_public: bool,
}

#[derive(Default)]
struct Module {
    file: usize,
    parent: Option<usize>,
    root: usize,
    children: Vec<(String, usize)>,
    items: BTreeSet<String>,
    imports: Vec<Import>,
    globs: Vec<Vec<String>>,
    paths: BTreeSet<Vec<String>>,
}

/// The modules of one or more crates.
#[derive(Default)]
pub(crate) struct Source {
    folder: PathBuf,
    files: Vec<String>,
    modules: Vec<Module>,
    types: Vec<TypeItem>,
    /// The library's root, under the name by which other crates import it.
    library: Option<(String, usize)>,
}

impl Source {
    /// Reads this package.
    pub(crate) fn of_this_package() -> Source {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        Source::read(
            &folder,
            ("event_ledger", "lib.rs"),
            Some("bin/ledger/main.rs"),
        )
    }

    /// Reads the library with this name and a binary, whose root files are named from `folder`.
    pub(crate) fn read(folder: &Path, library: (&str, &str), binary: Option<&str>) -> Source {
        let mut source = Source {
            folder: folder.to_owned(),
            ..Source::default()
        };
        let root = source.add_file(library.1, None);
        source.library = Some((library.0.to_owned(), root));
        if let Some(binary) = binary {
            source.add_file(binary, None);
        }
        source
    }

    /// Every type that is declared outside tests.
    pub(crate) fn types(&self) -> &[TypeItem] {
        &self.types
    }

    /// Functions, types, constants and modules that are declared outside tests, each with its file.
    pub(crate) fn items(&self) -> impl Iterator<Item = (&str, &str)> {
        self.modules.iter().flat_map(|module| {
            let file = self.files[module.file].as_str();
            let children = module.children.iter().map(|(name, _)| name);
            let items = module.items.iter().chain(children);
            items.map(move |item| (item.as_str(), file))
        })
    }

    fn add_file(&mut self, name: &str, parent: Option<usize>) -> usize {
        let text = std::fs::read_to_string(self.folder.join(name)).unwrap();
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let file = self.files.len();
        self.files.push(name.to_owned());
        let module = self.add_module(file, parent);
        Collector {
            source: self,
            module,
        }
        .visit_file(&parsed);
        module
    }

    fn add_module(&mut self, file: usize, parent: Option<usize>) -> usize {
        let index = self.modules.len();
        self.modules.push(Module {
            file,
            parent,
            root: parent.map_or(index, |parent| self.modules[parent].root),
            ..Module::default()
        });
        index
    }

    /// The file of `mod name;` in this module.
    fn file_of(&self, module: usize, name: &str, attribute: Option<String>) -> String {
        let own = Path::new(&self.files[self.modules[module].file]);
        let beside = own.parent().unwrap();
        if let Some(path) = attribute {
            return beside.join(path).display().to_string();
        }
        let stem = own.file_stem().unwrap().to_str().unwrap();
        let folder = match stem {
            "lib" | "main" | "mod" => beside.to_owned(),
            stem => beside.join(stem),
        };
        let flat = folder.join(format!("{name}.rs"));
        let found = if self.folder.join(&flat).exists() {
            flat
        } else {
            folder.join(name).join("mod.rs")
        };
        found.display().to_string()
    }

    /// The modules in which what a path names is defined.
    fn resolve(&self, from: usize, path: &[String], depth: usize) -> BTreeSet<usize> {
        let Some((first, rest)) = path.split_first() else {
            return BTreeSet::from([from]);
        };
        let module = &self.modules[from];
        match first.as_str() {
            "crate" => self.walk(module.root, rest, depth),
            "self" => self.walk(from, rest, depth),
            "super" => match module.parent {
                Some(parent) if rest.first().is_some_and(|next| next == "super") => {
                    self.resolve(parent, rest, depth)
                }
                Some(parent) => self.walk(parent, rest, depth),
                None => BTreeSet::new(),
            },
            name => match &self.library {
                Some((library, root)) if library == name => self.walk(*root, rest, depth),
                _ => self.walk(from, path, depth),
            },
        }
    }

    fn walk(&self, at: usize, path: &[String], depth: usize) -> BTreeSet<usize> {
        const DEEPEST: usize = 8;
        let module = &self.modules[at];
        let Some((first, rest)) = path.split_first() else {
            return BTreeSet::from([at]);
        };
        if depth > DEEPEST {
            return BTreeSet::new();
        }
        let children: Vec<usize> = named(&module.children, first).collect();
        if !children.is_empty() {
            let into = children.into_iter();
            return into
                .flat_map(|child| self.walk(child, rest, depth))
                .collect();
        }
        if module.items.contains(first) {
            return BTreeSet::from([at]);
        }
        if let Some(import) = module.imports.iter().find(|import| import.name == *first) {
            let mut whole = import.path.clone();
            if whole.first() == Some(first) && whole.len() == 1 {
                return BTreeSet::new();
            }
            whole.extend_from_slice(rest);
            return self.resolve(at, &whole, depth + 1);
        }
        for glob in &module.globs {
            for target in self.resolve(at, glob, depth + 1) {
                if target != at {
                    let found = self.walk(target, path, depth + 1);
                    if !found.is_empty() {
                        return found;
                    }
                }
            }
        }
        BTreeSet::new()
    }

    /// The files that each file imports, with the path through which it does.
    fn edges(&self) -> BTreeMap<usize, BTreeMap<usize, String>> {
        let mut edges: BTreeMap<usize, BTreeMap<usize, String>> = BTreeMap::new();
        for (index, module) in self.modules.iter().enumerate() {
            let is_used =
                |name: &String| module.paths.iter().any(|path| path.first() == Some(name));
            let imported = module
                .imports
                .iter()
                // A re-export alone imports nothing into the file that has it.
                .filter(|import| !import.is_public || is_used(&import.name))
                .map(|import| &import.path);
            for path in imported.chain(&module.paths).chain(&module.globs) {
                for target in self.resolve(index, path, 0) {
                    let target = self.modules[target].file;
                    if target != module.file {
                        let targets = edges.entry(module.file).or_default();
                        targets.entry(target).or_insert_with(|| path.join("::"));
                    }
                }
            }
        }
        edges
    }

    /// Groups of files that import each other in a loop, each with its imports inside the group.
    pub(crate) fn loops(&self) -> Vec<Vec<String>> {
        let edges = self.edges();
        let reachable = |from: usize| {
            let mut seen = BTreeSet::new();
            let mut open = vec![from];
            while let Some(file) = open.pop() {
                for target in edges.get(&file).into_iter().flat_map(BTreeMap::keys) {
                    if seen.insert(*target) {
                        open.push(*target);
                    }
                }
            }
            seen
        };
        let from: Vec<BTreeSet<usize>> = (0..self.files.len()).map(reachable).collect();
        let mut found = Vec::new();
        let mut done = BTreeSet::new();
        for file in 0..self.files.len() {
            if !from[file].contains(&file) || !done.insert(file) {
                continue;
            }
            let group: BTreeSet<usize> = from[file]
                .iter()
                .copied()
                .filter(|other| from[*other].contains(&file))
                .collect();
            done.extend(&group);
            let mut lines = Vec::new();
            for member in &group {
                for (target, path) in &edges[member] {
                    if group.contains(target) {
                        let (own, other) = (&self.files[*member], &self.files[*target]);
                        lines.push(format!("{own} -> {other} ({path})"));
                    }
                }
            }
            found.push(lines);
        }
        found
    }
}

fn named<'a>(children: &'a [(String, usize)], name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let own = children.iter().filter(move |(own, _)| own == name);
    own.map(|(_, module)| *module)
}

/// Whether an item is compiled for tests only.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => {
            list.path.is_ident("cfg") && list.tokens.to_string().starts_with("test")
        }
        _ => false,
    })
}

/// The file that `#[path = "…"]` names.
fn path_attribute(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let syn::Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        let syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) = &pair.value
        else {
            return None;
        };
        pair.path.is_ident("path").then(|| text.value())
    })
}

/// Fills one module.
struct Collector<'s> {
    source: &'s mut Source,
    module: usize,
}

impl Collector<'_> {
    fn module(&mut self) -> &mut Module {
        &mut self.source.modules[self.module]
    }

    fn declare(&mut self, name: &syn::Ident) {
        self.module().items.insert(name.to_string());
    }

    fn declare_type(&mut self, name: &syn::Ident, visibility: &syn::Visibility) {
        self.declare(name);
        let file = self.module().file;
        self.source.types.push(TypeItem {
            name: name.to_string(),
            file: self.source.files[file].clone(),
            is_public: !matches!(visibility, syn::Visibility::Inherited),
        });
    }

    fn import(&mut self, tree: &syn::UseTree, path: &mut Vec<String>, is_public: bool) {
        match tree {
            syn::UseTree::Path(part) => {
                path.push(part.ident.to_string());
                self.import(&part.tree, path, is_public);
                path.pop();
            }
            syn::UseTree::Group(group) => {
                for part in &group.items {
                    self.import(part, path, is_public);
                }
            }
            syn::UseTree::Glob(_) => {
                let path = path.clone();
                self.module().globs.push(path);
            }
            syn::UseTree::Name(_) | syn::UseTree::Rename(_) => {
                let (original, name) = match tree {
                    syn::UseTree::Rename(renamed) => (&renamed.ident, &renamed.rename),
                    syn::UseTree::Name(name) => (&name.ident, &name.ident),
                    _ => return,
                };
                let mut whole = path.clone();
                let mut name = name.to_string();
                if original == "self" {
                    if name == "self" {
                        name = whole.last().cloned().unwrap_or_default();
                    }
                } else {
                    whole.push(original.to_string());
                }
                self.module().imports.push(Import {
                    name,
                    path: whole,
                    is_public,
                });
            }
        }
    }

    /// The paths in the text of a macro call or an attribute.
    fn paths_in(&mut self, tokens: &str) {
        let mut path: Vec<String> = Vec::new();
        let mut joins = false;
        for word in tokens.replace("::", " :: ").split_whitespace() {
            let parts =
                word.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            for part in parts {
                let name =
                    part.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
                if name == "::" {
                    joins = true;
                } else if !name.is_empty() {
                    if !joins {
                        self.module().paths.insert(std::mem::take(&mut path));
                    }
                    path.push(name.to_owned());
                    joins = false;
                }
                if name.len() < part.len() {
                    self.module().paths.insert(std::mem::take(&mut path));
                    joins = false;
                }
            }
        }
        self.module().paths.insert(path);
        self.module().paths.remove(&Vec::new());
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Const(item) => &item.attrs,
            syn::Item::Enum(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Static(item) => &item.attrs,
            syn::Item::Struct(item) => &item.attrs,
            syn::Item::Trait(item) => &item.attrs,
            syn::Item::Type(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            syn::Item::Macro(item) => &item.attrs,
            _ => return,
        };
        if is_test(attributes) {
            return;
        }
        match item {
            syn::Item::Const(item) => self.declare(&item.ident),
            syn::Item::Static(item) => self.declare(&item.ident),
            syn::Item::Fn(item) => self.declare(&item.sig.ident),
            syn::Item::Enum(item) => self.declare_type(&item.ident, &item.vis),
            syn::Item::Struct(item) => self.declare_type(&item.ident, &item.vis),
            syn::Item::Trait(item) => self.declare_type(&item.ident, &item.vis),
            syn::Item::Type(item) => self.declare_type(&item.ident, &item.vis),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let name = item.ident.to_string();
        let parent = self.module;
        let child = if let Some((_, items)) = &item.content {
            let file = self.module().file;
            let child = self.source.add_module(file, Some(parent));
            let mut inner = Collector {
                source: self.source,
                module: child,
            };
            for item in items {
                inner.visit_item(item);
            }
            child
        } else {
            let file = self
                .source
                .file_of(parent, &name, path_attribute(&item.attrs));
            self.source.add_file(&file, Some(parent))
        };
        self.module().children.push((name, child));
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_public = !matches!(item.vis, syn::Visibility::Inherited);
        self.import(&item.tree, &mut Vec::new(), is_public);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter();
        let names = segments.map(|segment| segment.ident.to_string()).collect();
        self.module().paths.insert(names);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.paths_in(&call.tokens.to_string());
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.paths_in(&list.tokens.to_string());
        }
    }
}
