//! The operations that ask about flows of money.

macro_rules! flows {
    ($variables:literal, $list:expr) => {
        concat!(
            "query($year: FinancialYear!, $by: FlowsBy!, $level: Int, $filter: LineFilter, \
             $through: Month, $asAt: AsAt, $first: Int!, $after: String",
            $variables,
            ") { ",
            partial!(),
            "told: flows(year: $year, by: $by, level: $level, filter: $filter, through: $through, \
             asAt: $asAt) { rows: ",
            $list,
            " } }"
        )
    };
}

macro_rules! of_year {
    ($field:literal, $list:expr) => {
        concat!(
            "query($year: FinancialYear!, $asAt: AsAt, $first: Int!, $after: String) { ",
            partial!(),
            "told: ",
            $field,
            "(year: $year, asAt: $asAt) { ",
            $list,
            " } }"
        )
    };
}

macro_rules! flow {
    () => {
        page!("distance from { kind code year } to { kind code year } amount byRule unattributed")
    };
}

pub(in crate::cli::source) const FLOWS: &str =
    flows!("", concat!("rows(first: $first, after: $after) ", flow!()));

pub(in crate::cli::source) const MARGINS: &str = flows!(
    "",
    concat!(
        "margins(first: $first, after: $after) ",
        page!(
            "party { kind code year } figures { funded returned received given carriedIn \
             carriedOut eliminated }"
        )
    )
);

pub(in crate::cli::source) const ORIGINS: &str =
    flows!("", concat!("origins(first: $first, after: $after) ", page!("fund kind budget spent")));

pub(in crate::cli::source) const PATH: &str = flows!(
    ", $programme: ProgrammeCode!",
    concat!("path(programme: $programme, first: $first, after: $after) ", flow!())
);

pub(in crate::cli::source) const EXCHANGES: &str = of_year!(
    "exchanges",
    concat!(
        "deferred arrived elsewhere waiting rows(first: $first, after: $after) ",
        page!("programme deferred arrived")
    )
);

pub(in crate::cli::source) const SWITCHES: &str = of_year!(
    "capitalForRevenue",
    concat!(
        "rows(first: $first, after: $after) ",
        page!("position amount used cap policy reversedBy entry { authority }")
    )
);
