//! Scenarios: named files of postings in a data folder, for what-if questions.

use std::path::{Path, PathBuf};

use crate::cli::exit::CliError;
use crate::cli::post::postings_file::PostingsFile;

/// The name of a scenario: letters, digits, dashes and underscores.
#[derive(Clone)]
pub(crate) struct ScenarioName(String);

impl std::str::FromStr for ScenarioName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(ScenarioName(text.to_owned()));
        }
        Err("write a name of 1 to 64 letters, digits, dashes and underscores")
    }
}

impl ScenarioName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Its file in a data folder.
    pub(crate) fn path(&self, folder: &Path) -> PathBuf {
        folder.join("scenarios").join(format!("{}.jsonl", self.0))
    }
}

/// Reads the scenario of this name, or else the file at this path. A server has no scenarios.
pub(crate) fn read(folder: Option<&Path>, what: &Path) -> Result<PostingsFile, CliError> {
    let name = what.to_str().and_then(|text| text.parse::<ScenarioName>().ok());
    if let (Some(_), None, false) = (&name, folder, what.exists()) {
        let what = what.display();
        return Err(CliError::usage(format!(
            "there is no file {what}, and a server has no scenarios: name a file of postings, or ask the data folder with --data"
        )));
    }
    let kept = name.zip(folder).map(|(name, folder)| name.path(folder));
    let kept = kept.filter(|path| path.is_file());
    PostingsFile::read(kept.as_deref().unwrap_or(what), "supposed")
}
