// urql over HTTP with graphql-ws for subscriptions, as a page uses them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import {
  authorization, cyber, figures, live, ofCyber, post, register, registration, socketUrl, url,
} from './server.mjs';

test('urql queries, posts and subscribes', async () => {
  const socket = createClient({ url: socketUrl, webSocketImpl: WebSocket });
  const client = new Client({
    url,
    fetchOptions: { headers: { authorization } },
    preferGetMethod: false,
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ ...request, query: request.query ?? '' }, sink),
          }),
        }),
      }),
    ],
  });
  const answer = await client.query(figures, { year: '2017-18' }).toPromise();
  assert.equal(answer.error, undefined);
  assert.deepEqual(cyber(answer.data), ofCyber);
  const posted = await client.mutation(register, registration()).toPromise();
  assert.deepEqual(posted.data.registerBody.userErrors, []);

  const at = Number(posted.data.registerBody.position) + 1;
  await new Promise((resolve, reject) => {
    const { unsubscribe } = client.subscription(live, { year: '2017-18' }).subscribe(({ data, error }) => {
      if (error) reject(error);
      if (Number(data?.plannedVersusActual.position) >= at) resolve(setImmediate(() => unsubscribe()));
    });
    post().catch(reject);
  });
  await socket.dispose();
});
