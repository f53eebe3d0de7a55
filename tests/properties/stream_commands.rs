//! A stream's random commands.

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::claim::FigureMeasure;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::command::{
    Accrue, Allocate, CancelFund, CancelProgramme, CloseBody, ClosePeriod, CloseProgramme, Command,
    Commit, Correct, Cut, DefineScope, Earmark, EstablishFund, ExchangeBudget, ExplainUnderspend,
    FundAmount, MergeBodies, OpenProgramme, OpenYear, PhasedAmount, PublishFigure, Reallocate,
    RecordActual, RegisterBody, ReleaseCommitment, RenameProgramme, ReopenPeriod, ReturnTo,
    Reverse, ReviseForecast, SetProfile, SettleFunding, SplitLine, StatedFigure, StrikeBaseline,
    WithdrawBaseline, WithdrawForecast,
};
use ledger_core::domain::event::{BodyKind, Close, Destination, Series, UnderspendCause};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::profile::Profile;
use ledger_core::domain::text::Reference;
use ledger_tests::generate::parsed;

use crate::stream::Stream;

impl Stream {
    /// A random command.
    pub(crate) fn command(&mut self) -> Command {
        match self.random.below(100) {
            0..=15 => self.actual(),
            16..=27 => self.reallocation(),
            28..=37 => self.allocation(),
            38..=42 => self.cut(),
            43..=51 => self.obligation(),
            52..=56 => self.release(),
            57..=64 => self.forecast(),
            65 => self.withdrawal(),
            66..=70 => self.reversal(),
            71 => self.correction(),
            72..=74 => self.exchange(),
            75..=77 => self.split(),
            78..=80 => self.earmark(),
            81 => self.settlement(),
            82 if self.one_in(4) => self.fund_cancellation(),
            82 => self.settlement(),
            83..=85 => self.profile(),
            86..=87 => self.explanation(),
            88..=89 => self.baseline(),
            90..=93 => self.period(),
            94 if self.one_in(3) => self.opening_of_year(),
            94 => self.cancellation(),
            _ => self.registration(),
        }
    }

    fn concerns(&mut self) -> Option<FinancialYear> {
        self.one_in(10).then(|| parsed("2016-17"))
    }

    /// The reference of an earlier commitment or accrual, with its line.
    fn cited(&mut self) -> Option<(LineKey, Reference)> {
        let index = self.random.below(self.references.len().max(1) as u64) as usize;
        self.references.get(index).cloned()
    }

    fn actual(&mut self) -> Command {
        let (mut line, mut discharges) = (self.line(), None);
        if self.one_in(3)
            && let Some((of, reference)) = self.cited()
        {
            (line, discharges) = (of, Some(reference));
        }
        let mut amount = self.amount();
        if self.one_in(12) {
            amount = amount.negated();
        }
        let transaction = self.one_in(4).then(|| parsed("INV \"7\" \\ 5"));
        let accounting_class = self.one_in(6).then(|| self.class());
        let (month, concerns) = (self.month(), self.concerns());
        RecordActual { line, month, amount, transaction, accounting_class, discharges, concerns }
            .into()
    }

    fn reallocation(&mut self) -> Command {
        let (first, amount) = (self.line(), self.amount());
        let beside = self.line_beside(&first);
        let (from, mut to) = (self.parts(first, amount), self.parts(beside, amount));
        if self.one_in(20) {
            to[0].amount = to[0].amount.plus(Pence::new(1));
        }
        let (month, concerns) = (self.month(), self.concerns());
        Reallocate { month, from: from.into(), to: to.into(), concerns }.into()
    }

    fn allocation(&mut self) -> Command {
        let (line, amount) = (self.line(), self.amount());
        let to = self.parts(line, amount).into();
        let class = self.one_in(8).then(|| self.class());
        let (fund, month, concerns) = (self.fund(), self.month(), self.concerns());
        Allocate { fund, class, month, to, concerns }.into()
    }

    fn cut(&mut self) -> Command {
        let (line, amount, month) = (self.line(), self.amount(), self.month());
        let to = match self.random.below(3) {
            0 => None,
            1 => Some(ReturnTo::Treasury),
            _ => Some(ReturnTo::Fund(self.fund())),
        };
        Cut { line, amount, month, to, concerns: self.concerns() }.into()
    }

    fn obligation(&mut self) -> Command {
        let (mut line, amount, month) = (self.line(), self.amount(), self.month());
        let reference: Reference = match self.cited() {
            Some((_, taken)) if self.one_in(15) => taken,
            _ => parsed(&format!("PO-{}-{}", self.count, self.random.below(1000))),
        };
        let made = reference.clone();
        let command = if self.one_in(2) {
            Commit { line, month, amount, reference }.into()
        } else {
            let mut discharges = None;
            if self.one_in(2)
                && let Some((of, cited)) = self.cited()
            {
                (line, discharges) = (of, Some(cited));
            }
            let concerns = self.one_in(3).then(|| parsed("2016-17"));
            if concerns.is_some() {
                // Cited often, so that some are paid or released although few are accepted.
                self.references.extend(std::iter::repeat_n((line, made.clone()), 5));
            }
            Accrue { line, month, amount, reference, discharges, concerns }.into()
        };
        self.references.push((line, made));
        command
    }

    fn release(&mut self) -> Command {
        let cited = self.cited().map(|(_, reference)| reference);
        let reference = cited.unwrap_or_else(|| parsed("PO-NONE"));
        let amount = self.one_in(2).then(|| self.amount());
        ReleaseCommitment { reference, month: self.month(), amount }.into()
    }

    fn forecast(&mut self) -> Command {
        let (line, month) = (self.line(), self.month());
        let series = if self.one_in(3) { Series::Internal } else { Series::Reported };
        // Few levels, so that some repeat; 0.00 and negative ones too.
        let amount = match self.random.below(4) {
            0 => Pence::new(self.pick(&[0, 100, -700, 1_000_000])),
            _ => self.amount(),
        };
        let phasing = self.one_in(3).then(|| {
            let mut months = vec![PhasedAmount(Pence::ZERO); 12];
            for _ in 0..3 {
                let (from, to) = (self.random.below(12) as usize, self.random.below(12) as usize);
                let part = Pence::new(self.random.below(500) as i64);
                months[from].0 = months[from].0.minus(part);
                months[to].0 = months[to].0.plus(part);
            }
            let odd = if self.one_in(9) { Pence::new(1) } else { Pence::ZERO };
            months[7].0 = months[7].0.plus(amount).plus(odd);
            months
        });
        ReviseForecast { line, month, series, amount, phasing }.into()
    }

    fn reversal(&mut self) -> Command {
        let back = if self.one_in(3) { self.random.below(3) } else { self.random.below(self.head) };
        let entry = if self.one_in(30) { self.head + 1 } else { self.head.saturating_sub(back) };
        let entry = match self.cancellations.last().copied() {
            Some(cancelled) if self.one_in(4) => cancelled,
            _ => Position::new(entry),
        };
        Reverse { entry }.into()
    }

    /// A withdrawal, mostly of an entry that stated a forecast.
    fn withdrawal(&mut self) -> Command {
        let index = self.random.below(self.forecasts.len().max(1) as u64) as usize;
        let head = Position::new(self.head);
        let entry = self.forecasts.get(index).copied().unwrap_or(head);
        let line = self.one_in(6).then(|| self.line());
        WithdrawForecast { entry, line }.into()
    }

    fn correction(&mut self) -> Command {
        let entry = Position::new(self.head.saturating_sub(self.random.below(9)));
        let replacement = match self.random.below(5) {
            0 => self.allocation(),
            1 => self.reallocation(),
            2 => Command::Batch(vec![self.actual(), self.obligation()]),
            _ => self.actual(),
        };
        Correct { entry, replacement: Box::new(replacement) }.into()
    }

    fn opening_of_year(&mut self) -> Command {
        OpenYear {
            from: self.year(),
            fund: self.fund(),
            recurring: self.one_in(2),
            programme: self.one_in(3).then(|| self.programme()),
            body: self.one_in(3).then(|| self.body()),
            month: parsed("M1"),
        }
        .into()
    }

    fn fund_cancellation(&mut self) -> Command {
        let fund = self.pick(&["APPFUND", "APPFUND", "OLD"]);
        let to = if self.one_in(2) { ReturnTo::Treasury } else { ReturnTo::Fund(self.fund()) };
        let class = self.one_in(2).then(|| self.class());
        CancelFund { fund: parsed(fund), class, to }.into()
    }

    fn exchange(&mut self) -> Command {
        let (line, month) = (self.line(), self.month());
        let amount = Pence::new(1 + self.random.below(5000) as i64);
        ExchangeBudget { line, amount, month }.into()
    }

    fn split(&mut self) -> Command {
        let (line, month) = (self.line(), self.month());
        let class = if self.one_in(8) { line.class } else { BudgetClass::Unsplit };
        let (capital, revenue) = (self.amount(), self.amount());
        SplitLine { line: LineKey { class, ..line }, capital, revenue, month }.into()
    }

    fn earmark(&mut self) -> Command {
        let fund = if self.one_in(4) { self.fund() } else { parsed("P2020") };
        let below = if self.one_in(4) { self.fund() } else { parsed("APPFUND") };
        let to = vec![FundAmount { fund: below, amount: self.amount() }];
        Earmark { fund, class: self.class(), to }.into()
    }

    fn settlement(&mut self) -> Command {
        let (from, to, class) = (self.year(), self.year(), self.class());
        let (new_money, reannounced) = (self.amount(), self.amount());
        SettleFunding { fund: self.fund(), class, from, to, new_money, reannounced }.into()
    }

    fn profile(&mut self) -> Command {
        let mut weights = [0; 12];
        weights.iter_mut().for_each(|weight| *weight = self.random.below(5) as u16);
        weights[4] += 1;
        let profile = Profile::new(weights).unwrap();
        SetProfile { line: self.line(), profile }.into()
    }

    fn explanation(&mut self) -> Command {
        let cause = self.pick(&[UnderspendCause::Slippage, UnderspendCause::Unknown]);
        ExplainUnderspend { line: self.line(), cause, amount: self.amount() }.into()
    }

    fn baseline(&mut self) -> Command {
        if self.one_in(3) {
            let name = self.pick(&["original", "supplementary"]);
            return WithdrawBaseline { year: self.year(), name: parsed(name) }.into();
        }
        let name = self.pick(&["original", "original", "supplementary"]);
        StrikeBaseline { year: self.year(), name: parsed(name) }.into()
    }

    fn period(&mut self) -> Command {
        let year = self.year();
        let month = if self.one_in(2) { self.month() } else { parsed(self.pick(&["M3", "M9"])) };
        match self.random.below(12) {
            0..=4 => ReopenPeriod { year, month }.into(),
            5 => ClosePeriod { year, month: Some(month), close: Close::Hard }.into(),
            6..=8 if self.count > 60 => {
                let first = parsed("2016-17");
                ClosePeriod { year: first, month: None, close: Close::Hard }.into()
            }
            _ => ClosePeriod { year, month: Some(month), close: Close::Soft }.into(),
        }
    }

    fn cancellation(&mut self) -> Command {
        let to = match self.random.below(4) {
            0 => Destination::Treasury,
            1 => Destination::Fund(self.fund()),
            2 => Destination::Programme(ProgrammeCode::SUSPENSE),
            _ => Destination::Programme(self.programme()),
        };
        let programme = if self.one_in(3) {
            self.programme()
        } else {
            parsed(self.pick(&["NEW1", "NEW2", "APPS", "CYBER"]))
        };
        CancelProgramme { programme, to, month: self.month() }.into()
    }

    /// A scope, or a figure about one.
    pub(crate) fn about_figures(&mut self) -> Command {
        if self.one_in(3) { self.total() } else { self.published() }
    }

    fn total(&mut self) -> Command {
        let programmes = (0..self.random.below(3)).map(|_| self.programme()).collect();
        let bodies = (0..self.random.below(2)).map(|_| self.body()).collect();
        let classes = (0..self.random.below(2)).map(|_| self.pick(&BudgetClass::ALL)).collect();
        let code = parsed(&format!("SCOPE{}", self.random.below(2)));
        DefineScope { code, name: parsed("A total"), programmes, bodies, classes }.into()
    }

    fn published(&mut self) -> Command {
        let about = [FigureMeasure::Revised, FigureMeasure::Actual, FigureMeasure::Underspend];
        let scope = (!self.one_in(3)).then(|| parsed(&format!("SCOPE{}", self.random.below(2))));
        let amount = self.amount();
        let figure = match self.random.below(4) {
            0 => StatedFigure::Exact(amount),
            1 => StatedFigure::About(amount),
            2 => StatedFigure::AtLeast(amount),
            _ => StatedFigure::Unquantified(parsed("substantial")),
        };
        PublishFigure {
            code: parsed(&format!("CLAIM{}", self.random.below(20))),
            title: parsed("A figure"),
            scope,
            fund: None,
            year: Some(self.year()),
            measure: scope.map(|_| self.pick(&about)),
            figure,
            source: parsed("minutes"),
            published_on: parsed("2017-10-31"),
            bearer: None,
            supersedes: self.one_in(4).then(|| parsed(&format!("CLAIM{}", self.random.below(20)))),
        }
        .into()
    }

    /// A merger of one or two bodies into another.
    pub(crate) fn merger(&mut self) -> Command {
        let from = (0..1 + self.random.below(2)).map(|_| self.body()).collect();
        MergeBodies { from, into: self.body(), on: parsed("2018-03-31") }.into()
    }

    fn registration(&mut self) -> Command {
        let name = format!("Named {}", self.count);
        match self.random.below(12) {
            0..=3 => OpenProgramme {
                code: parsed(&format!("NEW{}", self.random.below(8))),
                name: parsed(&name),
                parent: self.one_in(2).then(|| self.programme()),
            }
            .into(),
            4..=6 => RegisterBody {
                code: parsed(&format!("RN{}", self.random.below(6))),
                name: parsed(&name),
                kind: BodyKind::GpPractice,
                parent: self.one_in(2).then(|| self.body()),
                opened_on: self.one_in(3).then(|| parsed("2017-06-01")),
            }
            .into(),
            7 => RenameProgramme { code: self.programme(), name: parsed(&name) }.into(),
            8 | 9 => CloseProgramme { code: self.programme() }.into(),
            10 if self.one_in(2) => self.merger(),
            10 => CloseBody { code: self.body(), on: parsed("2017-09-30") }.into(),
            _ => EstablishFund {
                code: parsed(&format!("FUND{}", self.random.below(3))),
                name: parsed(&name),
                parent: self.one_in(2).then(|| self.fund()),
            }
            .into(),
        }
    }
}
