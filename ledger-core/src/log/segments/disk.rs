//! The interface between the segments store and a folder on disk. Tests replace it with disks that
//! lose power, run full or fail to sync.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, IoSliceMut};
use std::num::NonZeroU64;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, AtFlags, CWD, OFlags, Statx, StatxFlags, fadvise, makedev, statx};
use rustix::io::{Errno, ReadWriteFlags, preadv2};

/// The alignment of reads that bypass the page cache.
pub const ALIGNMENT: usize = 4096;

/// One folder of files.
pub trait Disk: Send + Sync {
    /// The names of its files.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the folder cannot be read.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Opens an existing file.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where it does not exist or cannot be opened.
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Makes a new, empty file, replacing any with that name.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where it cannot be made.
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Renames a file, replacing any with the new name.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where it cannot be renamed.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where it cannot be removed.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes file names durable: files created, renamed or removed before stay so after a power
    /// cut.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the folder cannot be synced.
    fn sync_names(&self) -> io::Result<()>;

    /// The identity of the file that a name leads to; `None` without such a file, and where the
    /// disk knows no identities.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the folder cannot be read.
    fn id_of(&self, _name: &str) -> io::Result<Option<FileId>> {
        Ok(None)
    }

    /// Locks the folder for this process until the returned claim is dropped.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::WouldBlock`] where another process holds the lock.
    fn claim(&self) -> io::Result<Claim>;

    /// The size in bytes beyond which a segment does not grow.
    fn segment_bytes_max(&self) -> u64 {
        256 << 20
    }
}

/// Device and inode of a file. No other file has them while it is open.
pub type FileId = (u64, u64);

/// The file that a claim locks.
pub(super) const LOCK: &str = "lock";

/// A lock on a folder: while it is held, no other process can write there.
pub type Claim = Box<dyn Send + Sync>;

/// One file.
pub trait DiskFile: Send + Sync {
    /// Its length in bytes.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the system does not say.
    fn length(&self) -> io::Result<u64>;

    /// Reads bytes at `offset` into `buffer`. Returns 0 at the end.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where it cannot be read.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`. They are not durable before [`DiskFile::sync`].
    ///
    /// # Errors
    ///
    /// [`io::Error`] where writing fails. Some bytes may have been written.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Cuts it to `length`. The cut is not durable before [`DiskFile::sync`].
    ///
    /// # Errors
    ///
    /// [`io::Error`] where it cannot be cut.
    fn truncate(&self, length: u64) -> io::Result<()>;

    /// Makes everything written so far durable (`fdatasync`).
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the sync fails. Written bytes may be lost, and a later success proves
    /// nothing.
    fn sync(&self) -> io::Result<()>;

    /// Advises the system that these bytes will not be read soon. May do nothing.
    fn forget(&self, _offset: u64, _length: u64) {}

    /// Whether the page cache holds the byte at `offset`; true where unknown.
    fn is_cached(&self, _offset: u64) -> bool {
        true
    }

    /// The same file, for reading much of it once: uncached bytes come straight from the disk.
    /// Offsets and buffers must be multiples of [`ALIGNMENT`]. `None` where unsupported.
    fn past_cache(&self) -> Option<Box<dyn DiskFile>> {
        None
    }
}

/// Only the owner reads and writes files.
const FILE_MODE: u32 = 0o600;

/// Only the owner enters folders.
const FOLDER_MODE: u32 = 0o700;

/// Closes a folder to everybody but its owner, as an older version left it open. A folder of another
/// owner stays as it is.
pub fn close_to_others(path: &Path) {
    drop(fs::set_permissions(path, Permissions::from_mode(FOLDER_MODE)));
}

/// A real folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    writable: bool,
}

impl Folder {
    /// Opens a folder for writing, and creates it where absent.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where it cannot be created.
    pub fn writable(path: &Path) -> io::Result<Self> {
        let mut made = 0;
        for level in path.ancestors().take_while(|level| !level.as_os_str().is_empty()) {
            if level.is_dir() {
                break;
            }
            made += 1;
        }
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)?;
        close_to_others(path);
        // The folders' names must survive a power cut too. An existing parent may have been created
        // by a process killed before it could sync.
        for (number, parent) in path.ancestors().skip(1).enumerate().take(made.max(2)) {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            let synced = File::open(parent).and_then(|folder| folder.sync_all());
            if number < made {
                synced?;
            }
        }
        Ok(Folder { path: path.to_owned(), writable: true })
    }

    /// Opens a folder for reading. Nothing in it changes and no lock is needed.
    pub fn read_only(path: &Path) -> Self {
        Folder { path: path.to_owned(), writable: false }
    }
}

impl Disk for Folder {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for file in fs::read_dir(&self.path)? {
            names.extend(file?.file_name().into_string().ok());
        }
        Ok(names)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let path = self.path.join(name);
        Ok(Box::new(OpenOptions::new().read(true).write(self.writable).open(path)?))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let path = self.path.join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true).mode(FILE_MODE);
        Ok(Box::new(options.open(path)?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    fn sync_names(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    fn id_of(&self, name: &str) -> io::Result<Option<FileId>> {
        // Times are not asked for: where they were, the next write would note new ones.
        match statx(CWD, self.path.join(name), AtFlags::empty(), StatxFlags::INO) {
            Ok(found) => Ok(Some(id(&found))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn claim(&self) -> io::Result<Claim> {
        let path = self.path.join(LOCK);
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).mode(FILE_MODE).open(path)?;
        match file.try_lock() {
            Ok(()) if self.id_of(LOCK)? == Some(id_of_open(&file)?) => Ok(Box::new(file)),
            // Deleted since it was opened: another process may have made and locked another.
            Ok(()) => Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn id_of_open(file: &File) -> io::Result<FileId> {
    Ok(id(&statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::INO)?))
}

fn id(found: &Statx) -> FileId {
    (makedev(found.stx_dev_major, found.stx_dev_minor), found.stx_ino)
}

impl DiskFile for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn forget(&self, offset: u64, length: u64) {
        // This is only advice: an error costs nothing.
        let _ = fadvise(self, offset, NonZeroU64::new(length), Advice::DontNeed);
    }

    fn is_cached(&self, offset: u64) -> bool {
        let mut first = [0];
        let probe = &mut [IoSliceMut::new(&mut first)];
        preadv2(self, probe, offset, ReadWriteFlags::NOWAIT).is_ok()
    }

    fn past_cache(&self) -> Option<Box<dyn DiskFile>> {
        let same = format!("/proc/self/fd/{}", self.as_raw_fd());
        let flags = OFlags::DIRECT.bits().cast_signed();
        let direct = OpenOptions::new().read(true).custom_flags(flags).open(same).ok()?;
        Some(Box::new(PastCache { direct, cached: self.try_clone().ok()? }))
    }
}

/// A file read past the page cache, except for cached bytes.
struct PastCache {
    direct: File,
    cached: File,
}

impl DiskFile for PastCache {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let file = if self.cached.is_cached(offset) { &self.cached } else { &self.direct };
        FileExt::read_at(file, buffer, offset)
    }

    fn length(&self) -> io::Result<u64> {
        self.cached.length()
    }

    fn write_at(&self, _: &[u8], _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn truncate(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads a whole file.
///
/// # Errors
///
/// [`io::Error`] where it cannot be read.
pub fn read_all(file: &dyn DiskFile) -> io::Result<Vec<u8>> {
    let length = usize::try_from(file.length()?).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length];
    let read = read_full(file, &mut bytes, 0)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// Fills `buffer` from `offset` on, up to the end of the file.
///
/// # Errors
///
/// [`io::Error`] where it cannot be read.
pub fn read_full(file: &dyn DiskFile, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match file.read_at(&mut buffer[read..], offset + read as u64)? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

/// Replaces a file atomically: writes a new file, syncs it, and renames it over the old one.
///
/// # Errors
///
/// [`io::Error`] where a step fails. The old file is then unchanged.
pub fn replace(disk: &dyn Disk, name: &str, bytes: &[u8]) -> io::Result<()> {
    let aside = format!("{name}.new");
    let file = disk.create(&aside)?;
    file.write_at(bytes, 0)?;
    file.sync()?;
    disk.rename(&aside, name)?;
    disk.sync_names()
}
