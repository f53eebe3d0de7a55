//! Room on the disk, kept back for the book: logs stop before it is used up.

use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{StatVfs, fstatvfs, statvfs};

/// The space kept back where nothing else is set, in bytes.
pub const ROOM: u64 = 256 << 20;

/// Whether the disk of a folder has less free space than this.
pub(crate) fn is_short(folder: &Path, room: u64) -> bool {
    statvfs(folder).is_ok_and(|disk| free(&disk) < room)
}

/// Whether the disk of an open file has less free space than this.
pub(crate) fn is_short_for(file: impl AsFd, room: u64) -> bool {
    fstatvfs(file).is_ok_and(|disk| free(&disk) < room)
}

const fn free(disk: &StatVfs) -> u64 {
    disk.f_bavail.saturating_mul(disk.f_frsize)
}
