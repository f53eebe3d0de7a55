//! A stream's commands about sign-off, and their actors.

use ledger_core::domain::actor::{Capacity, Tier};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::command::{
    AdoptPolicy, Allocate, Command, Commit, Delegate, EndDelegation, LineAmount, LinkOffset,
    ProposalVersion, Propose, RejectProposal, RequestPeerReview, ReviewProposal, ReviseForecast,
    ReviseProposal, SignOff, SubmitProposal, WithdrawProposal,
};
use ledger_core::domain::event::{ReviewOutcome, Series};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::position::Position;
use ledger_core::domain::sign_off::Trigger;
use ledger_core::writer::{PostingStatus, Receipt};
use ledger_tests::generate::parsed;

use crate::stream::{GENERATOR, Stream, TimedPosting};

/// The signers and their capacities.
const SIGNERS: [&str; 4] = [
    "dee department:XDH",
    "ida icb:QICB",
    "reg region:NORTH",
    "all icb:QICB region:NORTH department:XDH",
];

const DAY: i64 = 86_400_000_000;

impl Stream {
    /// The actor of a command, mostly one with the right to send it.
    pub(crate) fn person_for(&mut self, command: &Command) -> &'static str {
        let judges = matches!(
            command,
            Command::SignOff(_)
                | Command::RejectProposal(_)
                | Command::Delegate(_)
                | Command::EndDelegation(_)
        );
        if judges {
            let somebody = self.pick(&SIGNERS);
            return if self.one_in(2) { SIGNERS[3] } else { somebody };
        }
        match command.is_about_sign_off() {
            true if matches!(command, Command::ReviewProposal(_)) => "roy",
            false if matches!(command, Command::AdoptPolicy(_)) => "ada administers",
            _ => GENERATOR,
        }
    }

    /// Records a posting's effect on proposals and delegations.
    pub(crate) fn record_proposal(&mut self, command: &Command, receipt: &Receipt) {
        if let Command::Delegate(_) = command {
            self.delegations.push(receipt.position);
        } else if let Command::ReviseProposal(revised) = command {
            let id = revised.proposal;
            if let Some(known) = self.proposals.iter_mut().find(|(known, _)| *known == id) {
                known.1 += 1;
            }
        } else if let Command::Propose(_) = command {
            self.proposals.push((receipt.position, 1));
        } else if let PostingStatus::AwaitingSignOff { proposal } = receipt.fate
            && !command.is_about_sign_off()
        {
            self.proposals.push((proposal, 1));
        }
    }

    /// A proposal, mostly a recent one, sometimes in a version it does not have.
    fn proposed(&mut self) -> ProposalVersion {
        let count = self.proposals.len() as u64;
        let back =
            if self.one_in(3) { self.random.below(count.max(1)) } else { self.random.below(4) };
        let index = count.saturating_sub(1 + back) as usize;
        let (proposal, version) =
            self.proposals.get(index).copied().unwrap_or((Position::new(self.head), 1));
        let version = if self.one_in(9) { version + 1 } else { version };
        ProposalVersion { proposal, version }
    }

    /// A command about sign-off, or one that may need it.
    pub(crate) fn about_sign_off(&mut self) -> Command {
        let ProposalVersion { proposal, version } = self.proposed();
        match self.random.below(30) {
            0..=3 => {
                let (command, draft) = (Box::new(self.command()), self.one_in(3));
                Propose { command, draft }.into()
            }
            4 => SubmitProposal { proposal, version }.into(),
            5 | 6 => {
                let command = Box::new(self.command());
                ReviseProposal { proposal, version, command }.into()
            }
            7..=14 => {
                let others = if self.one_in(4) { 2 } else { 0 };
                let mut proposals = vec![ProposalVersion { proposal, version }];
                proposals.extend((0..others).map(|_| self.proposed()));
                SignOff { proposals }.into()
            }
            15 | 16 => RejectProposal { proposal, version }.into(),
            17 => WithdrawProposal { proposal }.into(),
            18 => RequestPeerReview { proposal, version, body: self.body_of_system() }.into(),
            19 => {
                let (body, outcome) = (self.body_of_system(), ReviewOutcome::Supported);
                ReviewProposal { proposal, version, body, outcome }.into()
            }
            20 | 21 => self.delegation(),
            22 => {
                let index = self.random.below(self.delegations.len().max(1) as u64) as usize;
                let delegation = self.delegations.get(index).copied().unwrap_or(proposal);
                EndDelegation { delegation }.into()
            }
            23 | 24 => {
                let (deteriorated, by) = (self.body_of_system(), self.body_of_system());
                let amount = Pence::new(1 + self.random.below(100_000) as i64);
                LinkOffset { year: self.year(), deteriorated, by, amount }.into()
            }
            25 => self.policy(),
            26 => self.forecast_near_budget(),
            _ => self.investment(),
        }
    }

    fn delegation(&mut self) -> Command {
        let signer = self.pick(&SIGNERS);
        let to = parsed(signer.split(' ').next().unwrap());
        let (tier, body) =
            self.pick(&[(Tier::Icb, "QICB"), (Tier::Region, "NORTH"), (Tier::Department, "XDH")]);
        let begins = self.now - self.random.below(20) as i64 * DAY;
        let ends = begins + self.random.below(200) as i64 * DAY;
        let (begins, ends) = (Timestamp::from_micros(begins), Timestamp::from_micros(ends));
        Delegate { to, capacity: Capacity { tier, body: parsed(body) }, begins, ends }.into()
    }

    fn policy(&mut self) -> Command {
        let mut policy = Policy::default();
        let limits = &mut policy.sign_off;
        limits.trigger = self.pick(&[Trigger::Always, Trigger::UnderRegime]);
        limits.provider_over = Pence::new(self.pick(&[5_000_000, 1_000_000]));
        limits.window_days = self.pick(&[90, 10]);
        limits.movement_over = self.pick(&[None, None, Some(Pence::new(15_000_000))]);
        let days = self.random.below(200) as i64 - 100;
        let effective = Timestamp::from_micros(self.now + days * DAY);
        AdoptPolicy { policy: Box::new(policy), effective }.into()
    }

    /// A trust whose forecast exceeds its budget, another that is as much below, and the offset
    /// between them.
    pub(crate) fn compensation(
        &mut self,
        revised: impl Fn(&LineKey) -> Pence,
    ) -> [TimedPosting; 3] {
        let year = parsed("2017-18");
        let line = |programme: &str, body: &str| {
            let (programme, body, class) = (parsed(programme), parsed(body), BudgetClass::Revenue);
            LineKey { programme, body, year, class, ring_fence: None }
        };
        let (amount, month) = (Pence::new(7), parsed("M3"));
        let (above, below) = (line("WIFI-GP", "RX1"), line("CYBER", "RX2"));
        let forecast = |line: LineKey, amount: Pence| {
            ReviseForecast { line, month, series: Series::Reported, amount, phasing: None }.into()
        };
        let (deteriorated, by) = (above.body, below.body);
        [
            forecast(above, revised(&above).plus(amount)),
            forecast(below, revised(&below).minus(amount)),
            LinkOffset { year, deteriorated, by, amount }.into(),
        ]
        .map(|command| self.send_plainly(command))
    }

    fn revenue_of_system(&mut self) -> LineKey {
        let (programme, body) =
            self.pick(&[("WIFI-GP", "RX1"), ("CYBER", "RX2"), ("LONE", "QICB")]);
        let (programme, body, year) = (parsed(programme), parsed(body), self.year());
        LineKey { programme, body, year, class: BudgetClass::Revenue, ring_fence: None }
    }

    fn forecast_near_budget(&mut self) -> Command {
        let (line, month, series) = (self.revenue_of_system(), self.month(), Series::Reported);
        let amount = Pence::new(self.random.below(9_000_000) as i64);
        ReviseForecast { line, month, series, amount, phasing: None }.into()
    }

    /// An amount near the limits.
    fn investment(&mut self) -> Command {
        let (line, month) = (self.revenue_of_system(), self.month());
        let amount = Pence::new(self.pick(&[2_000_000, 5_000_000, 5_000_001, 10_000_001]));
        if self.one_in(2) {
            let reference = parsed(&format!("INV-{}", self.count));
            return Commit { line, month, amount, reference }.into();
        }
        let to = std::iter::once(LineAmount { line, amount }).collect();
        Allocate { fund: parsed("P2020"), class: None, month, to, concerns: None }.into()
    }
}
