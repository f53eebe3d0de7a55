// The server under test, and the requests that every client sends.

export const url = process.env.LEDGER_URL ?? 'http://127.0.0.1:8080/graphql';
/** The demo key that posts. */
export const authorization = 'Bearer demo-preparer';

export const socketUrl = url.replace(/^http/, 'ws');

export const figures = `query Figures($year: FinancialYear!) {
  financialYear(year: $year) {
    position
    plannedVersusActual(rollup: PROGRAMME) {
      rows(first: 50) { edges { node { programme { code } figures { original revised actual } } } }
    }
  }
}`;

export const register = `mutation Register($input: RegisterBodyInput!) {
  registerBody(input: $input) { position replayed userErrors { code message } }
}`;

export const entries = `subscription Entries($after: Position!) {
  entries(after: { position: $after }) { position idempotencyKey }
}`;

export const live = `subscription Live($year: FinancialYear!) {
  plannedVersusActual(year: $year, rollup: PROGRAMME) { position year }
}`;

const run = Math.random().toString(36).slice(2, 8).toUpperCase();
let count = 0;

/** A registration nobody has posted yet. */
export function registration() {
  count += 1;
  const code = `T${run}${count}`;
  return { input: { code, name: 'A trust', kind: 'TRUST', reason: 'A test', idempotencyKey: code } };
}

/** Posts and asks by plain HTTP. */
export async function ask(query, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      authorization,
    },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

/** Registers a body, which is one entry; gives its position. */
export async function post() {
  const { data } = await ask(register, registration());
  return Number(data.registerBody.position);
}

/** The figures of cyber security in an answer of `figures`. */
export function cyber(data) {
  const rows = data.financialYear.plannedVersusActual.rows.edges.map((edge) => edge.node);
  return rows.find((row) => row.programme.code === 'CYBER').figures;
}

export const ofCyber = { original: '8700000.00', revised: '72400000.00', actual: '72400000.00' };
