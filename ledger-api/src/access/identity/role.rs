//! Roles: what a person may do.

use std::fmt;

use ledger_core::domain::actor::{Capacity, Tier};
use serde::{Deserialize, Serialize};

/// What a person may do. One person may have several roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, posts and proposes.
    Preparer,
    /// Reads, signs and rejects for a tier and a body; posts no money.
    Approver(Capacity),
    /// Reads everything, including the access log; posts nothing.
    Auditor,
    /// Creates and revokes keys, and proposes policy; posts no money.
    Administrator,
}

impl Role {
    /// The role's name, without an approver's tier and body.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Preparer => "preparer",
            Role::Approver(_) => "approver",
            Role::Auditor => "auditor",
            Role::Administrator => "administrator",
        }
    }

    /// The tier and body an approver signs for; None for other roles.
    pub const fn capacity(self) -> Option<Capacity> {
        match self {
            Role::Approver(capacity) => Some(capacity),
            Role::Viewer | Role::Preparer | Role::Auditor | Role::Administrator => None,
        }
    }

    /// Whether the role signs for the department.
    pub const fn is_department_approver(self) -> bool {
        matches!(self, Role::Approver(Capacity { tier: Tier::Department, .. }))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Role::Approver(Capacity { tier, body }) => write!(f, "approver:{tier}:{body}"),
            Role::Viewer | Role::Preparer | Role::Auditor | Role::Administrator => {
                f.pad(self.as_str())
            }
        }
    }
}

/// A text that is not a role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a role: write viewer, preparer, auditor, administrator, or approver:TIER:BODY with the tier icb, region or department"
)]
pub struct RoleError(String);

impl std::str::FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        let wrong = || RoleError(text.to_owned());
        match text {
            "viewer" => Ok(Role::Viewer),
            "preparer" => Ok(Role::Preparer),
            "auditor" => Ok(Role::Auditor),
            "administrator" => Ok(Role::Administrator),
            _ => {
                let rest = text.strip_prefix("approver:").ok_or_else(wrong)?;
                let (tier, body) = rest.split_once(':').ok_or_else(wrong)?;
                let body = body.parse().map_err(|_| wrong())?;
                let tier = Tier::named(tier).ok_or_else(wrong)?;
                Ok(Role::Approver(Capacity { tier, body }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_as_it_is_written() {
        let roles = ["viewer", "preparer", "auditor", "administrator", "approver:icb:QWO"];
        for text in roles {
            assert_eq!(text.parse::<Role>().expect(text).to_string(), text);
        }
        for text in ["", "owner", "approver", "approver:icb", "approver:trust:QWO", "approver:icb:"]
        {
            assert!(text.parse::<Role>().is_err(), "{text}");
        }
    }
}
