import { expect, test } from 'vitest';
import { jsonFaultOf } from './json-fault.ts';

test.each([
  ['', 'it is empty'],
  ['{\n  "a": 1,\n}', 'see line 3 '],
  ['{\n  "a": 1\n  "b": 2\n}', 'see line 3 '],
  ['{\n  "a": 1, // why\n  "b": 2\n}', 'see line 2 '],
  ["{ 'a': 1 }", 'see line 1 '],
  ['\uFEFF{}', 'see line 1 '],
  ['{\n  "a": "b\n}', 'see line 2 '],
  ['{}\n{}', 'see line 2 '],
  ['{\n  "a": {\n}\n', 'it ends too early'],
  ['{ "a', 'it ends too early'],
  ['{ "a": 1, "a": 2 }', 'a member is there twice'],
  ['{ "a": 1.5 }', 'a member is there twice, or a number'],
])('%j: its line or what is missing is named', (text, fault) => {
  expect(jsonFaultOf(text)).toContain(fault);
});

test('nothing of the text is repeated', () => {
  expect(jsonFaultOf('{ "explicitProxy": "http://plant:opensesame@10.0.0.1:3128", }')).not.toContain('opensesame');
});
