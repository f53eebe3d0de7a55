// Apollo over HTTP with its cache, and graphql-ws for subscriptions, as a page uses them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import {
  authorization, cyber, figures, live, ofCyber, post, register, registration, socketUrl, url,
} from './server.mjs';

test('Apollo queries, posts and subscribes', async () => {
  const socket = createClient({ url: socketUrl, webSocketImpl: WebSocket });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      new HttpLink({ uri: url, headers: { authorization } }),
    ),
  });
  const variables = { year: '2017-18' };
  const answer = await client.query({ query: gql(figures), variables });
  assert.equal(answer.error, undefined);
  // Apollo adds the name of each type to its query.
  assert.deepEqual(cyber(answer.data), { __typename: 'Figures', ...ofCyber });
  const posted = await client.mutate({ mutation: gql(register), variables: registration() });
  assert.deepEqual(posted.data.registerBody.userErrors, []);

  const at = Number(posted.data.registerBody.position) + 1;
  await new Promise((resolve, reject) => {
    const subscription = client.subscribe({ query: gql(live), variables }).subscribe({
      next: ({ data, error }) => {
        if (error) reject(error);
        if (Number(data?.plannedVersusActual.position) >= at) {
          resolve(setImmediate(() => subscription.unsubscribe()));
        }
      },
      error: reject,
    });
    post().catch(reject);
  });
  client.stop();
  await socket.dispose();
});
