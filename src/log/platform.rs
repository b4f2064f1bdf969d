//! What only some systems have, in one place, with a portable twin of each.

#[cfg(not(unix))]
pub(super) use portable::*;
#[cfg(not(unix))]
pub(crate) use portable::{
    careful, holder, is_own, is_private, no_follow, private_directory, read_at,
};
#[cfg(unix)]
pub(super) use unix::*;
#[cfg(unix)]
pub(crate) use unix::{careful, holder, is_own, is_private, no_follow, private_directory, read_at};

#[cfg(target_os = "linux")]
pub(super) use linux::{
    exchange, is_fixed, is_mount_point, link, next_data, reserve, unnamed_file,
};
#[cfg(not(target_os = "linux"))]
pub(super) use named::{
    exchange, is_fixed, is_mount_point, link, next_data, reserve, unnamed_file,
};

/// Files without a name, and exchanging two names.
#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd as _;
    use std::path::{Path, PathBuf};

    use rustix::fs::{
        AtFlags, CWD, FallocateFlags, Mode, OFlags, RenameFlags, SeekFrom, StatxAttributes,
        StatxFlags,
    };

    /// A file that vanishes with its last descriptor, until [`link`] gives it a name.
    pub(in crate::log) fn unnamed_file(directory: &Path, mode: u32) -> io::Result<File> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::open(
            directory,
            flags,
            Mode::from_raw_mode(mode),
        )?);
        // Without the process file system it could not be named.
        std::fs::metadata(path_of(&file))?;
        Ok(file)
    }

    /// Gives a file a name; an error if that is taken.
    pub(in crate::log) fn link(file: &File, path: &Path) -> io::Result<()> {
        let flags = AtFlags::SYMLINK_FOLLOW;
        Ok(rustix::fs::linkat(CWD, path_of(file), CWD, path, flags)?)
    }

    fn path_of(file: &File) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
    }

    /// The first offset from here on that is not a hole; `None` if only a hole follows.
    pub(in crate::log) fn next_data(file: &File, from: u64) -> io::Result<Option<u64>> {
        match rustix::fs::seek(file, SeekFrom::Data(from)) {
            Ok(at) => Ok(Some(at)),
            Err(rustix::io::Errno::NXIO) => Ok(None),
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::OPNOTSUPP) => Ok(Some(from)),
            Err(error) => Err(error.into()),
        }
    }

    /// True if attributes forbid that a file is replaced, or that files of a directory are.
    pub(in crate::log) fn is_fixed(path: &Path) -> bool {
        let fixed = StatxAttributes::APPEND | StatxAttributes::IMMUTABLE;
        attributes(path).intersects(fixed)
    }

    /// True if another file system, or another part of this one, is mounted here.
    pub(in crate::log) fn is_mount_point(path: &Path) -> bool {
        attributes(path).contains(StatxAttributes::MOUNT_ROOT)
    }

    fn attributes(path: &Path) -> StatxAttributes {
        let found = rustix::fs::statx(CWD, path, AtFlags::empty(), StatxFlags::empty());
        found.map_or(StatxAttributes::empty(), |found| found.stx_attributes)
    }

    /// Sets disk space aside for this many bytes of a file, where the file system can do that.
    pub(in crate::log) fn reserve(file: &File, bytes: u64) -> io::Result<()> {
        use rustix::io::Errno;
        match rustix::fs::fallocate(file, FallocateFlags::KEEP_SIZE, 0, bytes.max(1)) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(()),
            reserved => Ok(reserved?),
        }
    }

    /// Exchanges what two names lead to.
    pub(in crate::log) fn exchange(one: &Path, other: &Path) -> io::Result<()> {
        Ok(rustix::fs::renameat_with(
            CWD,
            one,
            CWD,
            other,
            RenameFlags::EXCHANGE,
        )?)
    }
}

#[cfg(not(target_os = "linux"))]
mod named {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    pub(in crate::log) fn unnamed_file(_: &Path, _: u32) -> io::Result<File> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(in crate::log) fn link(_: &File, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(in crate::log) fn next_data(_: &File, from: u64) -> io::Result<Option<u64>> {
        Ok(Some(from))
    }

    pub(in crate::log) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(in crate::log) fn is_fixed(_: &Path) -> bool {
        false
    }

    pub(in crate::log) fn is_mount_point(_: &Path) -> bool {
        false
    }

    pub(in crate::log) fn reserve(_: &File, _: u64) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::{DirBuilder, File, Metadata, OpenOptions};
    use std::io;
    use std::os::unix::fs::{
        DirBuilderExt as _, FileExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _,
    };

    use crate::log::Holder;

    /// Does not block on a pipe and is not inherited by child processes; new files are private.
    pub(crate) fn careful(options: &mut OpenOptions) -> &mut OpenOptions {
        options
            .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC)
            .mode(0o600)
    }

    /// The same, and a link in the last component is an error.
    pub(crate) fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
        options
            .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC | libc::O_NOFOLLOW)
            .mode(0o600)
    }

    /// New files have this mode, as far as the umask allows.
    pub(in crate::log) fn with_mode(options: &mut OpenOptions, mode: u32) -> &mut OpenOptions {
        options.custom_flags(libc::O_CLOEXEC).mode(mode)
    }

    /// A directory that only its owner can read.
    pub(crate) fn private_directory(builder: &mut DirBuilder) -> &mut DirBuilder {
        builder.mode(0o700)
    }

    /// True if only this user may read or write it.
    pub(crate) fn is_private(metadata: &Metadata) -> bool {
        metadata.mode().trailing_zeros() >= 6 && is_own(metadata)
    }

    /// True if it belongs to this user.
    pub(crate) fn is_own(metadata: &Metadata) -> bool {
        metadata.uid() == rustix::process::geteuid().as_raw()
    }

    pub(crate) fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
        loop {
            match file.read_at(into, at) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => return outcome,
            }
        }
    }

    /// What a path names, however it is spelled.
    pub(in crate::log) fn identity(metadata: &Metadata) -> impl PartialEq {
        (metadata.dev(), metadata.ino())
    }

    /// How many names a file has.
    pub(in crate::log) fn names(metadata: &Metadata) -> u64 {
        metadata.nlink()
    }

    /// Gives a file the owner, the group and the mode of another.
    pub(in crate::log) fn take_after(file: &File, other: &Metadata) -> io::Result<()> {
        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (other.uid(), other.gid()) {
            std::os::unix::fs::fchown(file, Some(other.uid()), Some(other.gid()))?;
        }
        file.set_permissions(other.permissions())
    }

    pub(in crate::log) fn describe(metadata: &Metadata) -> &'static str {
        let kind = metadata.file_type();
        if kind.is_dir() {
            "it is a directory"
        } else if kind.is_fifo() {
            "it is a pipe"
        } else if kind.is_socket() {
            "it is a socket"
        } else {
            "it is a device"
        }
    }

    /// Who holds the lock of this file, as far as `/proc/locks` tells.
    pub(crate) fn holder(file: &File) -> Option<Holder> {
        let inode = file.metadata().ok()?.ino().to_string();
        let locks = small_file("/proc/locks")?;
        let pid = locks.lines().find_map(|lock| {
            let mut fields = lock.split_whitespace().skip(1);
            let is_ours = fields.next() == Some("FLOCK");
            let mut fields = fields.skip(2);
            let pid: u32 = fields.next()?.parse().ok()?;
            let names_inode = fields.next()?.rsplit(':').next() == Some(inode.as_str());
            (is_ours && names_inode && pid != std::process::id()).then_some(pid)
        })?;
        let command = small_file(&format!("/proc/{pid}/comm"))
            .map(|name| name.trim().chars().filter(|c| !c.is_control()).collect());
        Some(Holder { pid, command })
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "these are the kernel's files and not logs"
    )]
    fn small_file(path: &str) -> Option<String> {
        std::fs::read_to_string(path).ok()
    }
}

#[cfg(not(unix))]
mod portable {
    use std::fs::{DirBuilder, File, Metadata, OpenOptions};
    use std::io::{self, Read as _, Seek as _, SeekFrom};

    use crate::log::Holder;

    pub(crate) fn careful(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub(crate) fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub(in crate::log) fn with_mode(options: &mut OpenOptions, _: u32) -> &mut OpenOptions {
        options
    }

    pub(crate) fn private_directory(builder: &mut DirBuilder) -> &mut DirBuilder {
        builder
    }

    pub(crate) fn is_private(_: &Metadata) -> bool {
        true
    }

    pub(crate) fn is_own(_: &Metadata) -> bool {
        true
    }

    pub(crate) fn read_at(mut file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
        file.seek(SeekFrom::Start(at))?;
        file.read(into)
    }

    pub(in crate::log) fn identity(_: &Metadata) -> impl PartialEq {
        // Here a locked file can be neither moved nor replaced.
        true
    }

    pub(in crate::log) fn names(_: &Metadata) -> u64 {
        1
    }

    pub(in crate::log) fn take_after(file: &File, other: &Metadata) -> io::Result<()> {
        file.set_permissions(other.permissions())
    }

    pub(in crate::log) fn describe(metadata: &Metadata) -> &'static str {
        if metadata.is_dir() {
            "it is a directory"
        } else {
            "it is not a regular file"
        }
    }

    pub(crate) fn holder(_: &File) -> Option<Holder> {
        None
    }
}
