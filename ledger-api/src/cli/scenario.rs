//! Scenarios: postings to suppose, kept under a name as files of a data folder.

use std::path::{Path, PathBuf};

use super::exit::CliError;
use super::postings_file::PostingsFile;

/// The name of a scenario: letters, digits, dashes and underscores.
#[derive(Clone)]
pub(super) struct ScenarioName(String);

impl std::str::FromStr for ScenarioName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(ScenarioName(text.to_owned()));
        }
        Err("a name has 1 to 64 letters, digits, dashes and underscores")
    }
}

impl ScenarioName {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Where it is kept.
    pub(super) fn path(&self, folder: &Path) -> PathBuf {
        folder.join("scenarios").join(format!("{}.jsonl", self.0))
    }
}

/// The postings of the scenario that is kept under this name, or else of the file at this path.
/// Scenarios are kept in data folders: where a server is asked there is none.
pub(super) fn read(folder: Option<&Path>, what: &Path) -> Result<PostingsFile, CliError> {
    let name = what.to_str().and_then(|text| text.parse::<ScenarioName>().ok());
    if let (Some(_), None, false) = (&name, folder, what.exists()) {
        let what = what.display();
        return Err(CliError::usage(format!(
            "there is no file {what}, and a server keeps no scenarios: name a file of postings, or ask the data folder that keeps it"
        )));
    }
    let kept = name.zip(folder).map(|(name, folder)| name.path(folder));
    let kept = kept.filter(|path| path.is_file());
    PostingsFile::read(kept.as_deref().unwrap_or(what), "supposed")
}
