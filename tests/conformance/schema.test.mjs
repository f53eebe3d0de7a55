// The schema, read by Relay's compiler and by GraphQL Inspector.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildClientSchema, buildSchema, getIntrospectionQuery, printSchema } from 'graphql';
import relayCompiler from 'relay-compiler';
import { ask } from './server.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const committed = readFileSync(join(here, '../../schema.graphql'), 'utf8');

test('Relay compiles a query, a refetchable connection and a subscription against it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-'));
  try {
    cpSync(join(here, 'relay'), join(folder, 'src'), { recursive: true });
    writeFileSync(join(folder, 'schema.graphql'), committed);
    const config = { src: './src', schema: './schema.graphql', language: 'javascript' };
    writeFileSync(join(folder, 'relay.config.json'), JSON.stringify(config));
    writeFileSync(join(folder, 'package.json'), '{}');
    await promisify(execFile)(relayCompiler, ['relay.config.json'], { cwd: folder });
    const made = readdirSync(join(folder, 'src', '__generated__'));
    assert.equal(made.length, 4, made.join());
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the served schema equals the committed one', async () => {
  const { data } = await ask(getIntrospectionQuery({ oneOf: true, specifiedByUrl: true }), {});
  const changes = await diff(buildSchema(printSchema(buildClientSchema(data))), buildSchema(committed));
  const weighty = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  assert.deepEqual(weighty, []);
});

const breaking = async (before, after) => {
  const changes = await diff(buildSchema(before), buildSchema(after));
  return changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
};

/** The schema of the last release, or of the last commit before the first release. */
const released = () => {
  const git = (...args) =>
    execFileSync('git', args, { cwd: here, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const tag = git('describe', '--tags', '--abbrev=0', '--match', 'v*').trim();
    return git('show', `${tag}:schema.graphql`);
  } catch {
    return git('show', 'HEAD:schema.graphql');
  }
};

test('the schema has no breaking change since the last release', async () => {
  assert.deepEqual(await breaking(released(), committed), []);
});

test('a removed field and a new required argument count as breaking changes', async () => {
  const without = committed.replace(/^ {2}leafHash: String!$/m, '  anotherName: String!');
  assert.equal((await breaking(committed, without)).length, 1);
  const stricter = committed.replace(/^ {4}kind: BodyKind(,?)$/m, '    kind: BodyKind!$1');
  assert.equal((await breaking(committed, stricter)).length, 1);
});
