import { graphql } from 'relay-runtime';

export const figures = graphql`
  query FiguresQuery($year: FinancialYear!) {
    financialYear(year: $year) {
      id
      plannedVersusActual(rollup: PROGRAMME) {
        rows(first: 50) {
          edges { node { name figures { original revised } } }
        }
      }
    }
  }
`;

export const entries = graphql`
  fragment Figures_entries on Query
  @refetchable(queryName: "FiguresEntriesQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
    entries(first: $count, after: $cursor) @connection(key: "Figures_entries") {
      edges { node { id reason } }
    }
  }
`;

export const live = graphql`
  subscription FiguresSubscription($year: FinancialYear!) {
    plannedVersusActual(year: $year) { position }
  }
`;
