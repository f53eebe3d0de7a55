// Event streams, read by the graphql-sse client in its distinct connections mode.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from 'graphql-sse';
import { cyber, entries, figures, ofCyber, post, url } from './server.mjs';

test('a query and a subscription are answered as event streams', async () => {
  const client = createClient({ url, singleConnection: false });
  for await (const answer of client.iterate({ query: figures, variables: { year: '2017-18' } })) {
    assert.deepEqual(cyber(answer.data), ofCyber);
  }
  const after = await post();
  const wanted = [await post(), await post(), await post()];
  const seen = [];
  for await (const { data } of client.iterate({ query: entries, variables: { after: String(after) } })) {
    seen.push(Number(data.entries.position));
    if (seen.length === wanted.length) break;
  }
  assert.deepEqual(seen, wanted);
  client.dispose();
});
