// GraphQL over HTTP, checked by the audits of graphql-http.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { url } from './server.mjs';

const audits = serverAudits({ url, fetchFn: fetch });

test('graphql-http still has 61 audits', () => assert.equal(audits.length, 61));

for (const audit of audits) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    assert.equal(result.status, 'ok', result.reason);
  });
}
