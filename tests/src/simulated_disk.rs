//! A folder in memory with injected power cuts, full disks and failing syncs.
//!
//! The system's view and the medium are separate. A power cut drops each unsynced change, keeps it,
//! tears it at a byte, or keeps some of its 512-byte sectors. Each change is decided alone, so a
//! later one may survive an earlier one. Names are changes too. After a failed sync the system's
//! view keeps the data as written although the medium lacks it.

mod change;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use ledger_core::log::segments::{Claim, Disk, DiskFile};

use change::{Change, NameChange, apply, apply_name, survive};

use crate::generate::Random;

/// Small, so that a short run makes several segments.
const SEGMENT_BYTES_MAX: u64 = 96 << 10;

/// A simulated folder; clones share it.
#[derive(Clone)]
pub struct SimulatedDisk(Arc<Mutex<Machine>>);

struct Machine {
    random: Random,
    files: Vec<Content>,
    shown: BTreeMap<String, usize>,
    kept: BTreeMap<String, usize>,
    unsynced: Vec<NameChange>,
    faults: Faults,
    /// The number of power-ups. A handle opened before the last one is invalid.
    session: u64,
    is_off: bool,
    is_claimed: bool,
}

/// The faults to inject, and when.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Cuts the power in the operation after this many.
    pub cut_after: Option<u64>,
    /// Cuts the power in the change of a name after this many.
    pub cut_after_names: Option<u64>,
    /// Loses the write after this many. The next sync of the file fails, once for each open handle.
    pub failing_write_after: Option<u64>,
    /// Refuses writes for lack of space after this many.
    pub full_after: Option<u64>,
    /// Fails the sync of a file after this many.
    pub failing_sync_after: Option<u64>,
    /// Syncs of files report success and do nothing.
    pub lies_about_files: bool,
    /// Syncs of names report success and do nothing.
    pub lies_about_names: bool,
}

#[derive(Default)]
struct Content {
    shown: Vec<u8>,
    kept: Vec<u8>,
    unsynced: Vec<Change>,
    failed_syncs: u64,
}

struct Handle {
    disk: SimulatedDisk,
    file: usize,
    session: u64,
    /// The failed syncs already reported to this handle.
    reported: Mutex<u64>,
}

impl SimulatedDisk {
    /// An empty folder; the seed decides what a power cut leaves.
    pub fn new(seed: u64) -> Self {
        SimulatedDisk(Arc::new(Mutex::new(Machine {
            random: Random(seed),
            files: Vec::new(),
            shown: BTreeMap::new(),
            kept: BTreeMap::new(),
            unsynced: Vec::new(),
            faults: Faults::default(),
            session: 0,
            is_off: false,
            is_claimed: false,
        })))
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the faults from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.machine().faults = faults;
    }

    /// Cuts the power, unless it is off.
    pub fn cut_power(&self) {
        self.machine().is_off = true;
    }

    /// Whether the power is off.
    pub fn is_off(&self) -> bool {
        self.machine().is_off
    }

    /// Switches the power on after a cut, with the surviving data and without faults.
    pub fn power_up(&self) {
        let mut machine = self.machine();
        machine.lose_what_was_not_synced();
        machine.restart();
    }

    /// Ends the process like `kill -9`: the system's view keeps every write, and the medium gains
    /// nothing.
    pub fn kill(&self) {
        self.machine().restart();
    }

    /// The file names in the system's view.
    pub fn names(&self) -> Vec<String> {
        self.machine().shown.keys().cloned().collect()
    }

    /// A file's bytes in the system's view; None without such a file.
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let machine = self.machine();
        let file = *machine.shown.get(name)?;
        Some(machine.files.get(file)?.shown.clone())
    }

    /// Puts a file in place, on the medium too.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let mut machine = self.machine();
        let file = machine.files.len();
        let (shown, kept) = (bytes.to_vec(), bytes.to_vec());
        machine.files.push(Content { shown, kept, ..Content::default() });
        machine.shown.insert(name.to_owned(), file);
        machine.kept.insert(name.to_owned(), file);
    }

    /// Removes a file, on the medium too.
    pub fn take(&self, name: &str) {
        let mut machine = self.machine();
        machine.shown.remove(name);
        machine.kept.remove(name);
    }

    fn handle(&self, machine: &Machine, file: usize) -> Box<dyn DiskFile> {
        let reported = machine.files.get(file).map_or(0, |content| content.failed_syncs);
        let (disk, session) = (self.clone(), machine.session);
        Box::new(Handle { disk, file, session, reported: Mutex::new(reported) })
    }
}

/// Counts down; true at the last.
fn is_due(left: &mut Option<u64>) -> bool {
    match left {
        Some(0) => true,
        Some(left) => {
            *left -= 1;
            false
        }
        None => false,
    }
}

impl Machine {
    fn restart(&mut self) {
        self.session += 1;
        self.is_off = false;
        self.is_claimed = false;
        self.faults = Faults::default();
    }

    fn is_on(&self) -> io::Result<()> {
        if self.is_off { Err(io::Error::other("the power is off")) } else { Ok(()) }
    }

    /// Starts a change. Fails once the power is off; true if the power goes off during this change.
    fn begin(&mut self) -> io::Result<bool> {
        self.is_on()?;
        self.is_off = is_due(&mut self.faults.cut_after);
        Ok(self.is_off)
    }

    fn find(&self, name: &str) -> io::Result<usize> {
        self.shown.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn change_name(&mut self, change: NameChange) -> io::Result<()> {
        self.begin()?;
        self.is_off |= is_due(&mut self.faults.cut_after_names);
        apply_name(&mut self.shown, &change);
        self.unsynced.push(change);
        self.is_on()
    }

    fn change(&mut self, file: usize, change: Change) {
        if let Some(content) = self.files.get_mut(file) {
            apply(&mut content.shown, &change);
            content.unsynced.push(change);
        }
    }

    fn lose_what_was_not_synced(&mut self) {
        for change in std::mem::take(&mut self.unsynced) {
            if self.random.below(2) == 0 {
                apply_name(&mut self.kept, &change);
            }
        }
        for content in &mut self.files {
            for change in std::mem::take(&mut content.unsynced) {
                survive(&mut content.kept, change, &mut self.random);
            }
            content.shown.clone_from(&content.kept);
        }
        self.shown.clone_from(&self.kept);
    }
}

impl Disk for SimulatedDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        self.machine().is_on()?;
        Ok(self.names())
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let machine = self.machine();
        machine.is_on()?;
        Ok(self.handle(&machine, machine.find(name)?))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut machine = self.machine();
        if let Ok(file) = machine.find(name) {
            machine.begin()?;
            machine.change(file, Change::Truncate { length: 0 });
            machine.is_on()?;
            return Ok(self.handle(&machine, file));
        }
        let file = machine.files.len();
        machine.files.push(Content::default());
        machine.change_name(NameChange::Add(name.to_owned(), file))?;
        Ok(self.handle(&machine, file))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut machine = self.machine();
        let file = machine.find(from)?;
        machine.change_name(NameChange::Rename(from.to_owned(), to.to_owned(), file))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut machine = self.machine();
        machine.find(name)?;
        machine.change_name(NameChange::Remove(name.to_owned()))
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut machine = self.machine();
        if machine.begin()? {
            return machine.is_on();
        }
        if !machine.faults.lies_about_names {
            machine.unsynced.clear();
            machine.kept = machine.shown.clone();
        }
        Ok(())
    }

    fn claim(&self) -> io::Result<Claim> {
        let mut machine = self.machine();
        machine.is_on()?;
        if std::mem::replace(&mut machine.is_claimed, true) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(Box::new(Claimed { disk: self.clone(), session: machine.session }))
    }

    fn segment_bytes_max(&self) -> u64 {
        SEGMENT_BYTES_MAX
    }
}

struct Claimed {
    disk: SimulatedDisk,
    session: u64,
}

impl Drop for Claimed {
    fn drop(&mut self) {
        let mut machine = self.disk.machine();
        machine.is_claimed &= machine.session != self.session;
    }
}

impl Handle {
    fn machine(&self) -> io::Result<MutexGuard<'_, Machine>> {
        let machine = self.disk.machine();
        machine.is_on()?;
        if machine.session != self.session {
            return Err(io::Error::other("the process that opened this file is gone"));
        }
        Ok(machine)
    }
}

impl DiskFile for Handle {
    fn length(&self) -> io::Result<u64> {
        Ok(self.machine()?.files.get(self.file).map_or(0, |content| content.shown.len() as u64))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let machine = self.machine()?;
        let shown = machine.files.get(self.file).map_or(&[][..], |content| &content.shown);
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(shown.len());
        let (_, rest) = shown.split_at(from);
        let length = rest.len().min(buffer.len());
        buffer.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
        Ok(length)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut machine = self.machine()?;
        machine.begin()?;
        let is_full = is_due(&mut machine.faults.full_after);
        let room =
            if is_full { machine.random.below(bytes.len() as u64) as usize } else { bytes.len() };
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = bytes.get(..room).unwrap_or_default().to_vec();
        let fails = is_due(&mut machine.faults.failing_write_after);
        machine.change(self.file, Change::Write { offset, bytes });
        if fails {
            machine.faults.failing_write_after = None;
            if let Some(content) = machine.files.get_mut(self.file) {
                content.unsynced.pop();
                content.failed_syncs += 1;
            }
            drop(machine);
            // Another handle may sync the file before the writer does.
            thread::sleep(Duration::from_millis(20));
            return Ok(());
        }
        machine.is_on()?;
        if is_full { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        let mut machine = self.machine()?;
        machine.begin()?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        machine.change(self.file, Change::Truncate { length });
        machine.is_on()
    }

    fn sync(&self) -> io::Result<()> {
        let mut machine = self.machine()?;
        if machine.begin()? {
            return machine.is_on();
        }
        let fails = is_due(&mut machine.faults.failing_sync_after);
        let lies = machine.faults.lies_about_files;
        if fails {
            machine.faults.failing_sync_after = None;
        }
        let Some(content) = machine.files.get_mut(self.file) else { return Ok(()) };
        if fails {
            content.unsynced.clear();
            content.failed_syncs += 1;
        } else if !lies {
            let Content { kept, unsynced, .. } = content;
            unsynced.drain(..).for_each(|change| apply(kept, &change));
        }
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *reported, content.failed_syncs) < content.failed_syncs {
            return Err(io::Error::other("the disk reports an error (injected)"));
        }
        Ok(())
    }
}
