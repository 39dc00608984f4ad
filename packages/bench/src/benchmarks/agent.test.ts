import { expect, test } from 'vitest';
import { foreignImports } from './agent.ts';

test('Node’s own modules are not foreign', () => {
  expect(
    foreignImports('import{readFileSync as a}from"node:fs";import"node:tls";const b=await import("node:net")'),
  ).toEqual([]);
});

test('our own files beside a bundle are not foreign; others beside it are', () => {
  const text = 'import("./windlass-agent-run.mjs");import("./windlass-agent-run.mjs/../x.mjs");import"./other.mjs"';
  expect(foreignImports(text)).toEqual(['./windlass-agent-run.mjs/../x.mjs', './other.mjs']);
});

test('a package is foreign, however it is imported, and named once; a text is none', () => {
  const text =
    'import a from"left-pad";import"fs";const b=await import("kysely");const c=require("pg");import d from "pg";`from "a, b"`';
  expect(foreignImports(text)).toEqual(['left-pad', 'kysely', 'pg']);
});
