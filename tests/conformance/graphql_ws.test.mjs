// The socket, tested by the graphql-ws client, and by hand for requests no client would send.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import {
  authorization, cyber, entries, figures, live, ofCyber, post, register, registration, socketUrl,
} from './server.mjs';

const client = (options = {}) =>
  createClient({
    url: socketUrl, webSocketImpl: WebSocket, lazy: true,
    connectionParams: { authorization }, ...options,
  });

test('a query and a mutation are answered over the socket', async () => {
  const socket = client();
  for await (const answer of socket.iterate({ query: figures, variables: { year: '2017-18' } })) {
    assert.deepEqual(cyber(answer.data), ofCyber);
  }
  for await (const answer of socket.iterate({ query: register, variables: registration() })) {
    assert.deepEqual(answer.data.registerBody.userErrors, []);
  }
  await socket.dispose();
});

test('entries arrive once and in order, even after the socket breaks', async () => {
  const first = await post();
  const wanted = [];
  for (let count = 0; count < 20; count += 1) wanted.push(await post());
  let after = first;
  const seen = [];
  while (seen.length < wanted.length) {
    let open;
    const socket = client({ on: { connected: (connected) => { open = connected; } }, retryAttempts: 0 });
    try {
      for await (const { data } of socket.iterate({ query: entries, variables: { after: String(after) } })) {
        after = Number(data.entries.position);
        seen.push(after);
        if (seen.length === wanted.length) break;
        if (seen.length % 4 === 0) open.terminate();
      }
    } catch (closed) {
      assert.ok(closed.code ?? closed.message, 'only the broken socket ends the subscription');
    }
    await socket.dispose();
  }
  assert.deepEqual(seen, wanted);
});

test('figures arrive at once and again after a posting', async () => {
  const socket = client();
  const stream = socket.iterate({ query: live, variables: { year: '2018-19' } });
  const before = Number((await stream.next()).value.data.plannedVersusActual.position);
  const at = await post();
  assert.ok(at > before);
  let now = before;
  while (now < at) now = Number((await stream.next()).value.data.plannedVersusActual.position);
  await stream.return();
  await socket.dispose();
});

/** Sends messages by hand and gives the code the server closes with. */
const closed = (...messages) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(socketUrl, 'graphql-transport-ws');
    const say = () => {
      const message = messages.shift();
      if (message !== undefined) socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    };
    socket.on('open', () => { say(); if (messages[0]?.type === undefined) say(); });
    socket.on('message', () => { while (messages.length > 0) say(); });
    socket.on('close', (code, reason) => { assert.ok(reason.length <= 123); resolve(code); });
    socket.on('error', reject);
  });

const init = { type: 'connection_init' };
const subscribe = { id: '1', type: 'subscribe', payload: { query: live, variables: { year: '2017-18' } } };

test('each failure case of the protocol closes with its code', async () => {
  assert.equal(await closed('not json'), 4400, 'not JSON');
  assert.equal(await closed({ type: 'unheard-of' }), 4400, 'an unknown message');
  assert.equal(await closed(subscribe), 4401, 'subscribe before connection_init');
  assert.equal(await closed(), 4408, 'no connection_init in time');
  assert.equal(await closed(init, subscribe, subscribe), 4409, 'an id in use');
  assert.equal(await closed(init, init), 4429, 'connection_init twice');
});

test('another origin is refused before there is a socket', async () => {
  const socket = new WebSocket(socketUrl, 'graphql-transport-ws', { origin: 'https://elsewhere.example' });
  const code = await new Promise((resolve) => {
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
    socket.on('close', resolve);
    socket.on('error', () => {});
  });
  assert.ok(code === 403 || code === 4403, String(code));
});
