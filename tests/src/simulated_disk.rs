//! A folder in memory that loses power, runs full and fails to sync when it is told to.
//!
//! It keeps apart what the system shows and what is on the medium. When power is cut, each change
//! that was not synced is dropped, kept, torn at a byte, or kept in some of its 512-byte sectors
//! only, each on its own, so that a later one may survive an earlier one. Names are changes too.
//! After a failed sync the system goes on showing what the medium never got, and takes it for
//! written.

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

/// A simulated folder; clones are the same one.
#[derive(Clone)]
pub struct SimulatedDisk(Arc<Mutex<Machine>>);

struct Machine {
    random: Random,
    files: Vec<Content>,
    shown: BTreeMap<String, usize>,
    kept: BTreeMap<String, usize>,
    unsynced: Vec<NameChange>,
    faults: Faults,
    /// Counts how often it was switched on: what was opened before is of no use.
    session: u64,
    is_off: bool,
    is_claimed: bool,
}

/// What goes wrong, and when.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Power is cut in the operation after so many.
    pub cut_after: Option<u64>,
    /// Power is cut in the change of a name after so many.
    pub cut_after_names: Option<u64>,
    /// The write after so many never gets to the medium. Whoever syncs the file next is told so,
    /// once for each time the file is open.
    pub failing_write_after: Option<u64>,
    /// There is no room for writes after so many.
    pub full_after: Option<u64>,
    /// The sync of a file after so many fails.
    pub failing_sync_after: Option<u64>,
    /// Syncs of files say that they were done and do nothing.
    pub lies_about_files: bool,
    /// Syncs of names say that they were done and do nothing.
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
    /// The failed syncs this handle has been told of.
    told: Mutex<u64>,
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

    /// Sets what goes wrong from now on, in the place of what was set before.
    pub fn set_faults(&self, faults: Faults) {
        self.machine().faults = faults;
    }

    /// Cuts the power now, unless it is off.
    pub fn cut_power(&self) {
        self.machine().is_off = true;
    }

    /// Whether the power is off.
    pub fn is_off(&self) -> bool {
        self.machine().is_off
    }

    /// Switches it on after a power cut, with what the cut left and without faults.
    pub fn power_up(&self) {
        let mut machine = self.machine();
        machine.lose_what_was_not_synced();
        machine.restart();
    }

    /// Ends the process that uses it, as `kill -9` does: the system still shows all that was
    /// written, and nothing more of it is on the medium.
    pub fn kill(&self) {
        self.machine().restart();
    }

    /// The names of its files, as the system shows them.
    pub fn names(&self) -> Vec<String> {
        self.machine().shown.keys().cloned().collect()
    }

    /// A file's bytes, as the system shows them; none where there is no such file.
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

    /// Takes a file away, on the medium too.
    pub fn take(&self, name: &str) {
        let mut machine = self.machine();
        machine.shown.remove(name);
        machine.kept.remove(name);
    }

    fn handle(&self, machine: &Machine, file: usize) -> Box<dyn DiskFile> {
        let told = machine.files.get(file).map_or(0, |content| content.failed_syncs);
        let (disk, session) = (self.clone(), machine.session);
        Box::new(Handle { disk, file, session, told: Mutex::new(told) })
    }
}

/// Counts one down; true where it was the last.
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

    /// Before every change: fails once the power is off. Whether it goes off in this one, which
    /// is then under way.
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
            // Others may sync the file before the writer does.
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
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *told, content.failed_syncs) < content.failed_syncs {
            return Err(io::Error::other("the disk reports an error (injected)"));
        }
        Ok(())
    }
}
