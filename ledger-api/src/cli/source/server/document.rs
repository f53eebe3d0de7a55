//! The operations that are sent.

macro_rules! page {
    ($node:literal) => {
        concat!("{ position pageInfo { hasNextPage endCursor } edges { node { ", $node, " } } }")
    };
}

/// Whether whoever asks may read only a part of the book.
macro_rules! partial {
    () => {
        "ledger { partial } "
    };
}

/// Which moment was meant.
macro_rules! moment {
    () => {
        "moment: programmes(first: 1, asAt: $asAt) { position } "
    };
}

macro_rules! of_year {
    ($arguments:literal, $list:expr) => {
        concat!(
            "query($year: FinancialYear!, $through: Month, $asAt: AsAt, $filter: LineFilter, $first: Int!, $after: String",
            $arguments,
            ") { ",
            partial!(),
            "year: financialYear(year: $year, through: $through, asAt: $asAt) { ",
            $list,
            " } }"
        )
    };
}

pub(in crate::cli::source) mod flows;

pub(super) const BUDGET: &str = of_year!(
    ", $rollup: Rollup",
    concat!(
        "planned: plannedVersusActual(filter: $filter, rollup: $rollup) { rows(first: $first, after: $after) ",
        page!(
            "year programme { code } name body { code } class ringFence through position figures { \
             original revised planToDate committed accrued actual forecast internalForecast \
             varianceBasis closed inferred status }"
        ),
        " }"
    )
);

pub(super) const BEHIND: &str = of_year!(
    "",
    concat!(
        "rows: contributions(filter: $filter, first: $first, after: $after) ",
        page!("position recordedAt line month measure amount")
    )
);

pub(super) const UNDERSPENDS: &str = of_year!(
    "",
    concat!(
        "rows: underspends(filter: $filter, first: $first, after: $after) ",
        page!("line amount unexplained reasons { cause amount position }")
    )
);

pub(super) const ADJUSTMENTS: &str = of_year!(
    "",
    concat!(
        "rows: adjustments(filter: $filter, first: $first, after: $after) ",
        page!("position postedOn measure amount")
    )
);

pub(super) const RESTATED: &str = concat!(
    "query($year: FinancialYear!, $through: Month, $asAt: AsAt, $filter: LineFilter) { ",
    partial!(),
    "year: financialYear(year: $year, through: $through, asAt: $asAt) { ",
    "position restated(filter: $filter) { measure posted adjusted } } }"
);

/// An answer about a year's lines.
macro_rules! of_lines {
    ($arguments:literal, $field:literal, $given:literal, $told:expr) => {
        concat!(
            "query($year: FinancialYear!, $through: Month, $asAt: AsAt, $filter: LineFilter",
            $arguments,
            ") { ",
            partial!(),
            "told: ",
            $field,
            "(year: $year, through: $through, asAt: $asAt, filter: $filter",
            $given,
            ") { ",
            $told,
            " } }"
        )
    };
}

macro_rules! list {
    ($field:literal, $node:expr) => {
        concat!(
            "rows: ",
            $field,
            " { position pageInfo { hasNextPage endCursor } edges { node { ",
            $node,
            " } } }"
        )
    };
}

pub(super) const BRIDGE: &str = of_lines!(
    ", $line: LineKey",
    "bridge",
    ", line: $line",
    "position struckBy original effectiveLater revised forecast outturn closed"
);

pub(super) const BRIDGE_STEPS: &str = of_lines!(
    ", $line: LineKey, $stage: BridgeStage!, $first: Int!, $after: String",
    "bridge",
    ", line: $line",
    list!(
        "steps(stage: $stage, first: $first, after: $after)",
        "position recordedAt amount before after entry { actor reason }"
    )
);

macro_rules! figures {
    () => {
        "{ original revised planToDate committed accrued actual forecast internalForecast \
         varianceBasis closed inferred status }"
    };
}

pub(super) const DIFF: &str = of_lines!(
    ", $since: AsAt!, $rollup: Rollup, $first: Int!, $after: String",
    "diff",
    ", since: $since, rollup: $rollup",
    list!(
        "rows(first: $first, after: $after)",
        concat!(
            "programme { code } name body { code } class ringFence through before ",
            figures!(),
            " after ",
            figures!()
        )
    )
);

pub(super) const DIFF_ENTRIES: &str = of_lines!(
    ", $since: AsAt!, $first: Int!, $after: String",
    "diff",
    ", since: $since",
    list!(
        "entries(first: $first, after: $after)",
        "position recordedAt revised committed accrued actual forecast internalForecast entry { actor reason }"
    )
);

pub(super) const REASONS: &str = of_lines!(
    ", $by: ReasonsBy!, $first: Int!, $after: String",
    "underspendsByReason",
    ", by: $by",
    list!(
        "rows(first: $first, after: $after)",
        "programme { code } body class name underspend slippage saving clawback diversion unknown unexplained"
    )
);

pub(super) const OUTFLOWS: &str = of_lines!(
    ", $first: Int!, $after: String",
    "underspendsByReason",
    "",
    list!(
        "outflows(first: $first, after: $after)",
        "position recordedAt amount destinations { kind to { line fund class outside amount } } entry { actor reason }"
    )
);

pub(super) const REVISIONS: &str = of_lines!(
    ", $series: Series!, $fromMonth: Month, $since: AsAt, $first: Int!, $after: String",
    "forecastRevisions",
    ", series: $series, fromMonth: $fromMonth, since: $since",
    list!(
        "rows(first: $first, after: $after)",
        "position recordedAt line month before after entry { actor reason }"
    )
);

pub(super) const AT_RISK: &str = of_lines!(
    ", $first: Int!, $after: String",
    "commitmentsAtRisk",
    "",
    list!(
        "rows(first: $first, after: $after)",
        "line reference made open madeBy recordedAt entry { actor reason }"
    )
);

macro_rules! of_years {
    ($arguments:literal, $field:literal, $given:literal, $node:literal) => {
        concat!(
            "query($from: FinancialYear, $to: FinancialYear, $asAt: AsAt, $filter: LineFilter, $first: Int!, $after: String",
            $arguments,
            ") { ",
            partial!(),
            "told: ",
            $field,
            "(from: $from, to: $to, asAt: $asAt, filter: $filter",
            $given,
            ") { ",
            list!("rows(first: $first, after: $after)", $node),
            " } }"
        )
    };
}

pub(super) const PERSISTENT: &str = of_years!(
    ", $direction: Direction!, $running: Int!",
    "persistentVariances",
    ", direction: $direction, running: $running",
    "programme { code } name years { year revised outturn }"
);

pub(super) const BALANCES: &str =
    of_years!("", "balances", "", "year class revised actual accrued committed uncancelled");

pub(super) const ACCURACY: &str = of_years!(
    ", $month: Month",
    "forecastAccuracy",
    ", month: $month",
    "year programme { code } name month forecast outturn unforecast"
);

macro_rules! held {
    () => {
        "{ position ledger difference agrees explainedBy { scope ledger } unexplained }"
    };
}

pub(super) const CLAIMS: &str = concat!(
    "query($year: FinancialYear, $asAt: AsAt, $first: Int!, $after: String) { ",
    partial!(),
    "told: publishedFigures(year: $year, asAt: $asAt) { rows(first: $first, after: $after) \
     { position pageInfo { hasNextPage endCursor } edges { node { \
     code title scope fund year measure certainty amount low high words source publishedOn bearer \
     supersedes supersededBy recordedBy recordedAt atPublication ",
    held!(),
    " now ",
    held!(),
    " } } } } }"
);

pub(super) const SCOPES: &str = concat!(
    "query($asAt: AsAt, $first: Int!, $after: String) { ",
    partial!(),
    "told: figureScopes(asAt: $asAt) { rows(first: $first, after: $after) ",
    page!("code name programmes bodies classes definedBy"),
    " } }"
);

/// What is known where a year has no line: which moment was meant, and which codes there were.
pub(super) const CODES: &str = concat!(
    "query($asAt: AsAt, $programme: ProgrammeCode!, $byProgramme: Boolean!, $body: BodyCode!, $byBody: Boolean!) { ",
    partial!(),
    moment!(),
    "programme(code: $programme, asAt: $asAt) @include(if: $byProgramme) { name } \
     body(code: $body, asAt: $asAt) @include(if: $byBody) { name } }"
);

pub(super) const MONTHS: &str = "query($line: LineKey!, $asAt: AsAt) { \
     line(key: $line, asAt: $asAt) { position months { month plan actual forecast } } }";

macro_rules! register {
    ($field:literal, $node:literal) => {
        concat!(
            "query($asAt: AsAt, $first: Int!, $after: String) { ",
            partial!(),
            "rows: ",
            $field,
            "(asAt: $asAt, first: $first, after: $after) ",
            page!($node),
            " }"
        )
    };
}

pub(super) const FUNDS: &str = register!(
    "funds",
    "code name parent { code } balances { class newMoney reannounced earmarked allocated }"
);

pub(super) const PROGRAMMES: &str = register!("programmes", "code name parent { code } status");

pub(super) const BODIES: &str =
    register!("bodies", "code name kind parent { code } openedOn closedOn successor { code }");

pub(super) const PROPOSALS: &str = register!(
    "proposals",
    "number version status summary preparers waitsFor { tier body waitingSince rule limit since }"
);

pub(super) const SIGN_OFF_TIMES: &str = concat!(
    "query($by: SignOffTimesBy!, $asAt: AsAt, $first: Int!, $after: String) { ",
    partial!(),
    "times: signOffTimes(by: $by, asAt: $asAt) { rows(first: $first, after: $after) ",
    page!("year month step tier approver signatures totalHours averageHours longestHours"),
    " } }"
);

pub(super) const SYSTEMS: &str = "query($year: FinancialYear!, $asAt: AsAt) { \
     systems(year: $year, asAt: $asAt) { partial position \
     rows { icb regime deteriorations { body amount uncompensated } } } }";

pub(super) const IF_ALL_WERE_POSTED: &str = concat!(
    "query($asAt: AsAt) { ",
    partial!(),
    moment!(),
    "ifAllWerePosted(asAt: $asAt) { account figure before after } }"
);

pub(super) const DELEGATIONS: &str = concat!(
    "query($asAt: AsAt) { ",
    moment!(),
    "delegations(asAt: $asAt) { number from to tier body begins ends endedBy lapsed } }"
);

pub(super) const POLICY: &str = concat!(
    "query($asAt: AsAt) { ",
    moment!(),
    "policy(asAt: $asAt) { recordedBy effective canonical } }"
);

pub(super) const LEDGER: &str = "{ ledger { book head } }";

pub(super) const ENTRY: &str =
    "query($position: Position!) { entry(position: $position) { canonical } }";

pub(super) const ENTRIES: &str = concat!(
    "query($asAt: AsAt, $since: AsAt, $filter: EntryFilter, $first: Int!, $after: String) { ",
    partial!(),
    "rows: entries(asAt: $asAt, since: $since, filter: $filter, first: $first, after: $after) ",
    page!("canonical"),
    " }"
);

/// Follows entries after a position.
pub(super) const FOLLOW_ENTRIES: &str = "subscription($after: AsAt, $filter: EntryFilter) { \
     entries(after: $after, filter: $filter) { canonical } }";

/// Follows the positions at which a year's figures may have changed.
pub(super) const FOLLOW_FIGURES: &str = "subscription($year: FinancialYear!, $filter: LineFilter, $rollup: Rollup, $through: Month) { \
     figures: plannedVersusActual(year: $year, filter: $filter, rollup: $rollup, through: $through) { position } }";

/// A posting, by the name of its mutation and of that one's input.
pub(super) fn posting(mutation: &str, input: &str) -> String {
    format!(
        "mutation($input: {input}!) {{ posting: {mutation}(input: $input) {{ \
         position replayed waits: proposal {{ number }} entry {{ recordedAt }} warnings {{ code message }} \
         preview {{ changes {{ account figure before after }} }} \
         userErrors {{ code message limit currentVersion }} }} }}"
    )
}

/// What would be.
pub(super) const WHAT_IF: &str = "query($input: WhatIfInput!, $asAt: AsAt) { \
     supposed: whatIf(input: $input, asAt: $asAt) { from \
       outcomes { position userErrors { code message } } \
       changes { account figure before after } } }";

/// What comes of postings that are supposed.
pub(super) const OUTCOMES: &str = "query($supposed: WhatIfInput!, $supposedAfter: AsAt) { \
     supposed: whatIf(input: $supposed, asAt: $supposedAfter) { from \
       outcomes { position userErrors { code message } } } }";

/// A query, asked of the book as it would be: that is told to none but those who may read all of it.
pub(super) fn supposing(query: &str) -> String {
    let query = query.replace(partial!(), "");
    let variables = query.strip_prefix("query(").unwrap_or_default();
    let (variables, asked) = variables.split_once(") {").unwrap_or_default();
    format!(
        "query($supposed: WhatIfInput!, $supposedAfter: AsAt, {variables}) {{ \
         supposed: whatIf(input: $supposed, asAt: $supposedAfter) {{ from book {{ {asked} }} }}"
    )
}

/// Several postings to judge together.
pub(super) const PREVIEW: &str = "mutation($input: PreviewPostingsInput!) { \
     rows: previewPostings(input: $input) { position replayed warnings { code message } userErrors { code message } } }";
