//! The fixed keys of a demo, one for each role. They work on loopback only, and on no real book.

use ledger_core::domain::actor::{Capacity, Tier};
use ledger_core::domain::text::{ActorId, TextError};

use crate::access::identity::grant::Grant;
use crate::access::identity::principal::{Credential, Principal};
use crate::access::identity::role::Role;
use crate::sample;

/// The ICB that `demo-approver-icb` signs for. The code is invented, as in the sample book.
pub const ICB: &str = "X-ICB";

/// The region that `demo-approver-region` signs for. The code is invented, as in the sample book.
pub const REGION: &str = "X-REGION";

/// The keys. Each is also the actor's id.
pub const KEYS: [&str; 7] = [
    "demo-viewer",
    "demo-preparer",
    "demo-approver-department",
    "demo-approver-icb",
    "demo-approver-region",
    "demo-auditor",
    "demo-administrator",
];

/// The principal of a key; None if it is not one of [`KEYS`].
pub fn principal(key: &str) -> Option<Principal> {
    let name = KEYS.into_iter().find(|known| *known == key)?;
    let approver =
        |tier, body: &str| body.parse().ok().map(|body| Role::Approver(Capacity { tier, body }));
    let role = match name {
        "demo-viewer" => Role::Viewer,
        "demo-preparer" => Role::Preparer,
        "demo-approver-department" => approver(Tier::Department, sample::DEPARTMENT)?,
        "demo-approver-icb" => approver(Tier::Icb, ICB)?,
        "demo-approver-region" => approver(Tier::Region, REGION)?,
        "demo-auditor" => Role::Auditor,
        "demo-administrator" => Role::Administrator,
        _ => return None,
    };
    Some(Principal {
        id: name.parse().ok()?,
        grants: vec![Grant::everywhere(role)],
        expires: None,
        credential: Credential::Demo(name),
    })
}

/// The person of the administrator's key.
///
/// # Errors
///
/// None in practice: the id is valid.
pub fn administrator() -> Result<ActorId, TextError> {
    "demo-administrator".parse()
}

/// The principal of a request without a key: a viewer.
///
/// # Errors
///
/// None in practice: the id is valid.
pub fn visitor() -> Result<Principal, TextError> {
    let id: ActorId = "demo-visitor".parse()?;
    let grants = vec![Grant::everywhere(Role::Viewer)];
    Ok(Principal { id, grants, expires: None, credential: Credential::Visitor })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fixed_key_is_somebody_and_no_other_key_is() {
        for key in KEYS {
            let principal = principal(key).expect(key);
            assert_eq!(principal.id.as_str(), key);
            assert_eq!(principal.grants.len(), 1, "{key}");
        }
        assert!(principal("demo-owner").is_none() && principal("").is_none());
        assert!(visitor().is_ok());
    }
}
