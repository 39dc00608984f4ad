import { expect, test } from 'vitest';
import { foreignImports } from './agent.ts';

test('Node’s own modules are not foreign', () => {
  expect(
    foreignImports('import{readFileSync as a}from"node:fs";import"node:tls";const b=await import("node:net")'),
  ).toEqual([]);
});

test('a package and a built-in without its prefix are foreign, however they are imported, and named once', () => {
  const text =
    'import a from"left-pad";import"fs";const b=await import("kysely");const c=require("pg");import d from "pg"';
  expect(foreignImports(text)).toEqual(['left-pad', 'fs', 'kysely', 'pg']);
});
