//! Some case accepts each command, and some case meets each refusal and each warning.
//!
//! Exhaustive matches list the kinds: a kind missing from its list does not compile, and a listed
//! kind without a case fails this test.

use std::collections::BTreeSet;

use ledger_core::domain::command::Command;
use ledger_core::domain::policy::Breach;
use ledger_core::domain::rejection::{
    FigureRejection, PeriodRejection, PlanRejection, Rejection, SignOffRejection,
};
use ledger_core::domain::warning::Warning;
use ledger_core::writer::Refusal;

use crate::case::Case;
use crate::{
    batches, budget, cancelling, chains, correcting, forecasting, funding, investing,
    late_spending, periods, policy, proposals, publishing, registering, reversing, signing,
    spending, systems,
};

macro_rules! kinds {
    ($all:ident, $kind:ident, $type:ident { $($variant:ident)* }) => {
        const $all: &[&str] = &[$(stringify!($variant)),*];

        fn $kind(value: &$type) -> &'static str {
            match value {
                $($type::$variant { .. } => stringify!($variant),)*
            }
        }
    };
}

kinds!(COMMANDS, command_kind, Command {
    RegisterBody CloseBody MergeBodies OpenProgramme RenameProgramme CloseProgramme CancelProgramme
    EstablishFund SettleFunding Allocate Earmark Cut Reallocate SplitLine ExchangeBudget Commit
    ReleaseCommitment Accrue RecordActual ReviseForecast ExplainUnderspend SetProfile
    StrikeBaseline ClosePeriod ReopenPeriod Reverse Batch AdoptPolicy Propose SubmitProposal
    ReviseProposal SignOff RejectProposal WithdrawProposal RequestPeerReview ReviewProposal Delegate
    EndDelegation LinkOffset DefineScope PublishFigure WithdrawForecast WithdrawBaseline CancelFund
    Correct OpenYear
});

kinds!(REJECTIONS, rejection_kind, Rejection {
    Breach SignOff Figure Period Plan Malformed OutOfReach Withheld BodyOutOfOrder UnknownProgramme UnknownBody UnknownFund UnknownLine UnknownReference UnknownEntry
    CodeTaken ReferenceTaken ProgrammeClosed ProgrammeClosing ProgrammeInUse
    ReservedProgramme BodyClosed DepartmentStays MergedIntoPart BodyNotOpen NotPositive Zero OutOfRange NoLegs Unbalanced
    YearsDiffer YearNotSettled YearsReversed NotChildFund ReturnUnclear NotUnsplit EvidenceRequired
    AuthorityRequired ReferenceElsewhere NotACommitment DischargedTooEarly CreditDischarges
    BeyondOpen PhasingDiffers BeyondUnderspend NotPriorPeriod ReversalOfReversal ReversedAlready
    NotReversible VersionConflict BatchForm InBatch EntryTooLarge
});

kinds!(SIGN_OFF, sign_off_kind, SignOffRejection {
    UnknownProposal WrongStage Superseded EffectsChanged NotProposable NotInBatch NoProposals InSet
    NotAdministrator NotYours OwnWork SignedAlready DelegatorInvolved NotYourStep NeedsMore
    NotYourCapacity DelegationForm UnknownDelegation NotOneSystem NotDeteriorated BeyondImprovement
    NotANeighbour NoReviewAsked
});

kinds!(CLAIMS, claim_kind, FigureRejection {
    UnknownScope UnknownFigure MeasureUnfit FigureReversed SupersededAlready
});

kinds!(PERIODS, period_kind, PeriodRejection {
    HardClosed ClosedAlready NotSoftlyClosed SoftCloseNeedsMonth OutturnPeriod NoOpenPeriod NotEnded
});

kinds!(PLAN, plan_kind, PlanRejection {
    NoForecast BaselineTaken UnknownBaseline NothingToStrike NotAboveFund NothingUnallocated
    NestedCorrection NothingToOpen
});

kinds!(WARNINGS, warning_kind, Warning {
    Breach Overspent NoBudget Overcommitted ClassMismatch SuspenseAtClose FreedMoneyStays
    UnsignedInvestment FutureMonth LikeEntry ForecastFarAbove ForecastNotLatest LateForecast
});

kinds!(BREACHES, breach_kind, Breach {
    CapitalToRevenue CapitalToRevenueCap CapitalToRevenueUncapped RevenueToCapital RingFence
    BudgetExchange BeyondAvailable BeyondRevised ClosedPeriod
});

/// The breach that never refuses: an authority suffices where no cap is published.
const NEVER_BLOCKS: &str = "CapitalToRevenueUncapped";

/// The refusals that only an actor who reads a part of the book meets: see the suite `access`.
const OF_LIMITED_READERS: [&str; 2] = ["OutOfReach", "Withheld"];

fn all_cases() -> Vec<Case> {
    [
        registering::cases(),
        funding::cases(),
        budget::cases(),
        policy::cases(),
        spending::cases(),
        late_spending::cases(),
        cancelling::cases(),
        forecasting::cases(),
        periods::cases(),
        reversing::cases(),
        publishing::cases(),
        batches::cases(),
        proposals::cases(),
        signing::cases(),
        systems::cases(),
        investing::cases(),
        chains::cases(),
        correcting::cases(),
    ]
    .concat()
}

type Kinds = BTreeSet<&'static str>;

/// The kinds that the cases met.
#[derive(Default)]
struct Coverage {
    accepted: Kinds,
    rejections: Kinds,
    sign_off: Kinds,
    claims: Kinds,
    periods: Kinds,
    plan: Kinds,
    warnings: Kinds,
    blocked: Kinds,
    warned: Kinds,
}

impl Coverage {
    fn rejection(&mut self, rejection: &Rejection) {
        self.rejections.insert(rejection_kind(rejection));
        if let Rejection::Breach(breach) = rejection {
            self.blocked.insert(breach_kind(breach));
        }
        if let Rejection::SignOff(rejection) = rejection {
            self.sign_off.insert(sign_off_kind(rejection));
        }
        if let Rejection::Figure(rejection) = rejection {
            self.claims.insert(claim_kind(rejection));
        }
        if let Rejection::Period(rejection) = rejection {
            self.periods.insert(period_kind(rejection));
        }
        if let Rejection::Plan(rejection) = rejection {
            self.plan.insert(plan_kind(rejection));
        }
        if let Rejection::InBatch { rejection, .. }
        | Rejection::SignOff(SignOffRejection::InSet { rejection, .. }) = rejection
        {
            self.rejection(rejection);
        }
    }

    fn warning(&mut self, warning: &Warning) {
        self.warnings.insert(warning_kind(warning));
        if let Warning::Breach(breach) = warning {
            self.warned.insert(breach_kind(breach));
        }
    }
}

fn coverage() -> Coverage {
    let mut coverage = Coverage::default();
    for case in all_cases() {
        match case.outcome() {
            Ok(receipt) => {
                coverage.accepted.insert(command_kind(&case.command()));
                receipt.warnings.iter().for_each(|warning| coverage.warning(warning));
            }
            Err(Refusal::Rejected(rejection)) => coverage.rejection(&rejection),
            Err(other) => panic!("{other}"),
        }
    }
    coverage
}

#[test]
fn some_case_meets_every_command_every_refusal_and_every_warning() {
    let coverage = coverage();
    let all = |kinds: &[&'static str]| kinds.iter().copied().collect::<Kinds>();
    let missing = |kinds: &[&'static str], coverage: &Kinds| &all(kinds) - coverage;
    assert_eq!(missing(COMMANDS, &coverage.accepted), Kinds::new(), "commands without a case");
    assert_eq!(
        missing(REJECTIONS, &coverage.rejections),
        all(&OF_LIMITED_READERS),
        "rejections without a case"
    );
    assert_eq!(
        missing(SIGN_OFF, &coverage.sign_off),
        Kinds::new(),
        "sign-off rejections without a case"
    );
    assert_eq!(
        missing(CLAIMS, &coverage.claims),
        Kinds::new(),
        "published-figure rejections without a case"
    );
    assert_eq!(
        missing(PERIODS, &coverage.periods),
        Kinds::new(),
        "period rejections without a case"
    );
    assert_eq!(missing(PLAN, &coverage.plan), Kinds::new(), "plan rejections without a case");
    assert_eq!(missing(WARNINGS, &coverage.warnings), Kinds::new(), "warnings without a case");
    assert_eq!(missing(BREACHES, &coverage.warned), Kinds::new(), "rules that never warn");
    let unblocked = missing(BREACHES, &coverage.blocked);
    assert_eq!(unblocked, all(&[NEVER_BLOCKS]), "rules that never block");
}

#[test]
fn no_two_cases_name_the_same_rule() {
    let mut rules = BTreeSet::new();
    for case in all_cases() {
        assert!(rules.insert(case.rule()), "two cases: {}", case.rule());
    }
}
