#![allow(clippy::disallowed_methods, reason = "a test reads its files")]

use std::fs;

use super::*;

fn write(target: &Path, text: &str, is_ours: IsOurs<'_>) -> Result<u64, AtomicFileError> {
    let mut file = AtomicFile::create(target, Access::Owner)?;
    file.write_all(text.as_bytes()).unwrap();
    file.commit(is_ours)
}

fn obstacle_of(result: Result<u64, AtomicFileError>) -> Obstacle {
    match result {
        Err(AtomicFileError::Refused { obstacle, .. }) => obstacle,
        other => panic!("{other:?}"),
    }
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn only_an_empty_file_or_one_of_ours_is_replaced_and_nothing_else_is_left() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("target");
    assert_eq!(write(&target, "one", &|_| Ok(false)).unwrap(), 3);
    let result = write(&target, "two", &|_| Ok(false));
    assert_eq!(obstacle_of(result), Obstacle::Foreign);
    assert_eq!(fs::read_to_string(&target).unwrap(), "one");
    write(&target, "three", &|_| Ok(true)).unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "three");
    fs::write(&target, "").unwrap();
    write(&target, "four", &|_| Ok(false)).unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "four");
    drop(AtomicFile::create(&target, Access::Owner).unwrap());
    assert_eq!(names(directory.path()), ["target"]);
}

#[cfg(unix)]
#[test]
fn links_directories_and_pipes_stay_and_so_does_what_links_lead_to() {
    use std::os::unix::fs::symlink;

    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    fs::write(path("other"), "kept").unwrap();
    symlink(path("other"), path("link")).unwrap();
    symlink(path("nothing"), path("dangling")).unwrap();
    fs::create_dir(path("directory")).unwrap();
    for (name, expected) in [
        ("link", Obstacle::Link),
        ("dangling", Obstacle::Link),
        ("directory", Obstacle::Directory),
    ] {
        assert_eq!(
            obstacle_of(write(&path(name), "new", &|_| Ok(true))),
            expected
        );
    }
    let dev_null = replaceable(Path::new("/dev/null"), &|_| Ok(true)).unwrap_err();
    assert!(dev_null.to_string().contains("not a regular file"));
    assert_eq!(fs::read_to_string(path("other")).unwrap(), "kept");
    assert_eq!(
        names(directory.path()),
        ["dangling", "directory", "link", "other"]
    );
}

#[cfg(unix)]
#[test]
fn the_mode_of_a_replaced_file_is_kept_and_a_new_one_is_private() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("target");
    let mode = || fs::metadata(&target).unwrap().permissions().mode() & 0o777;
    write(&target, "one", &|_| Ok(true)).unwrap();
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    write(&target, "two", &|_| Ok(true)).unwrap();
    assert_eq!(mode(), 0o640);
}

#[test]
fn a_file_that_appears_while_the_new_one_is_written_stays() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("target");
    let mut file = AtomicFile::create(&target, Access::Owner).unwrap();
    file.write_all(b"new").unwrap();
    fs::write(&target, "meanwhile").unwrap();
    assert_eq!(obstacle_of(file.commit(&|_| Ok(false))), Obstacle::Foreign);
    // Between the check and the move: put there by the check itself.
    let other = directory.path().join("other");
    fs::write(&other, "moved here").unwrap();
    let result = write(&target, "new", &|_| {
        fs::rename(&other, &target).unwrap();
        Ok(true)
    });
    assert_eq!(obstacle_of(result), Obstacle::Changed);
    assert_eq!(fs::read_to_string(&target).unwrap(), "moved here");
    assert_eq!(names(directory.path()), ["target"]);
}

#[test]
fn a_file_that_is_locked_is_not_replaced_even_if_it_is_empty() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("target");
    let locked = File::create(&target).unwrap();
    locked.lock().unwrap();
    let result = write(&target, "new", &|_| Ok(true));
    assert_eq!(obstacle_of(result), Obstacle::InUse);
    drop(locked);
    write(&target, "new", &|_| Ok(true)).unwrap();
}

#[test]
fn a_new_name_is_the_first_free_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    fs::write(path("a"), "kept").unwrap();
    let mut file = AtomicFile::create(&path("a"), Access::Owner).unwrap();
    file.write_all(b"new").unwrap();
    let named = file.commit_new([path("a"), path("b")]).unwrap();
    assert_eq!(named, path("b"));
    assert_eq!(fs::read_to_string(path("a")).unwrap(), "kept");
    assert_eq!(fs::read_to_string(path("b")).unwrap(), "new");
    assert_eq!(names(directory.path()), ["a", "b"]);
}
