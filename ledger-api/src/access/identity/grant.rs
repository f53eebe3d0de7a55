//! Grants: a role and its reach.

use std::fmt;

use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use ledger_core::domain::line::LineKey;
use projections::register::Register;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::role::Role;

/// The bodies or programmes a grant covers: all, or the listed ones with their subtrees.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach<C> {
    /// Everything.
    #[default]
    All,
    /// The listed codes, each with its subtree. An empty list covers nothing.
    Only(Vec<C>),
}

impl<C: PartialEq> Reach<C> {
    /// Whether any code of a path is covered. The path runs from a code up to its root.
    pub(crate) fn covers(&self, mut path: impl Iterator<Item = C>) -> bool {
        match self {
            Reach::All => true,
            Reach::Only(listed) => path.any(|code| listed.contains(&code)),
        }
    }

    /// Whether everything is covered.
    pub const fn is_all(&self) -> bool {
        matches!(self, Reach::All)
    }
}

/// Serialises as the list. Full reach is an absent field, so that a stray null cannot widen a grant.
impl<C: Serialize> Serialize for Reach<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Reach::All => serializer.serialize_str("all"),
            Reach::Only(listed) => listed.serialize(serializer),
        }
    }
}

impl<'de, C: Deserialize<'de>> Deserialize<'de> for Reach<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Reach::Only)
    }
}

impl<C: fmt::Display> fmt::Display for Reach<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reach::All => f.write_str("all"),
            Reach::Only(listed) => {
                let codes: Vec<String> = listed.iter().map(ToString::to_string).collect();
                f.write_str(&codes.join(" "))
            }
        }
    }
}

/// A role and its reach.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The bodies covered.
    #[serde(default, skip_serializing_if = "Reach::is_all")]
    pub bodies: Reach<BodyCode>,
    /// The programmes covered.
    #[serde(default, skip_serializing_if = "Reach::is_all")]
    pub programmes: Reach<ProgrammeCode>,
    /// The funds that a limited role draws on, and whose balances it reads, each with those below
    /// it. A role that covers the whole book draws on every fund.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub funds: Vec<FundCode>,
}

impl Grant {
    /// A role that covers the whole book.
    pub const fn everywhere(role: Role) -> Self {
        Grant { role, bodies: Reach::All, programmes: Reach::All, funds: Vec::new() }
    }

    /// Whether the grant covers the whole book.
    pub const fn is_everywhere(&self) -> bool {
        self.bodies.is_all() && self.programmes.is_all()
    }

    /// Whether the grant covers a body itself, and not only its lines. This takes all programmes.
    pub fn covers_body(&self, body: BodyCode, register: &Register) -> bool {
        self.programmes.is_all() && self.bodies.covers(register.registered_path(body))
    }

    /// Whether the grant covers a programme itself, and not only its lines. This takes all bodies.
    pub fn covers_programme(&self, programme: ProgrammeCode, register: &Register) -> bool {
        self.bodies.is_all() && self.programmes.covers(register.programme_path(programme))
    }

    /// Whether the grant draws on a fund.
    pub fn draws_on(&self, fund: FundCode, register: &Register) -> bool {
        let mut path = register.fund_path(fund);
        self.is_everywhere() || path.any(|above| self.funds.contains(&above))
    }

    /// Whether the grant covers a line.
    pub fn covers_line(&self, line: &LineKey, register: &Register) -> bool {
        self.bodies.covers(register.registered_path(line.body))
            && self.programmes.covers(register.programme_path(line.programme))
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Grant { role, bodies, programmes, funds } = self;
        write!(f, "{role}")?;
        if !bodies.is_all() {
            write!(f, ", bodies {bodies}")?;
        }
        if !programmes.is_all() {
            write!(f, ", programmes {programmes}")?;
        }
        if !funds.is_empty() {
            let codes: Vec<String> = funds.iter().map(ToString::to_string).collect();
            write!(f, ", funds {}", codes.join(" "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_without_a_list_reaches_everywhere_and_one_with_an_empty_list_nowhere() {
        let grant = |text| serde_json::from_str::<Grant>(text).unwrap();
        assert!(grant(r#"{"role":"viewer"}"#).is_everywhere());
        let none = grant(r#"{"role":"viewer","bodies":[]}"#);
        assert!(!none.covers_body("XDH".parse().unwrap(), &Register::default()));
        assert!(serde_json::from_str::<Grant>(r#"{"role":"viewer","body":["XDH"]}"#).is_err());
        assert!(serde_json::from_str::<Grant>(r#"{"role":"owner"}"#).is_err());
    }

    #[test]
    fn a_list_that_is_no_list_is_refused_rather_than_read_as_everywhere() {
        for bodies in ["\"XDH\"", "{}", "[1]", "7", "null"] {
            let text = format!(r#"{{"role":"viewer","bodies":{bodies}}}"#);
            assert!(serde_json::from_str::<Grant>(&text).is_err(), "{text}");
        }
    }
}
