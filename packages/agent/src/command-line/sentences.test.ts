import { expect, test } from 'vitest';
import type { AskedProxy, NoAnswerCause, Stage } from '../ports.ts';
import type { Result } from '../result.ts';
import { schemesOf } from './challenge.ts';
import { noAnswerText } from './sentences.ts';

const said = (cause: NoAnswerCause, stage: Stage, explicitProxy?: AskedProxy): string =>
  noAnswerText({
    ...({
      outcome: 'no-answer',
      status: null,
      path: { rung: null, failure: null, presentedChain: [] },
    } as unknown as Extract<Result, { outcome: 'no-answer' }>),
    ...{ cause, stage },
    ...(explicitProxy && { explicitProxy }),
  });

const proxy = { host: '10.0.0.1', port: 3128 };

test.each<[NoAnswerCause, Stage, string]>([
  ['refused', 'connect', 'the explicit proxy 10.0.0.1:3128 is not reached: the port is closed'],
  ['name', 'name', 'is not reached: the name cannot be resolved'],
  ['timeout', 'proxy', 'is not reached: nothing came in time'],
  ['tls', 'proxy', 'TLS with the explicit proxy 10.0.0.1:3128 could not be agreed on, or its certificate is not valid'],
  ['proxy', 'proxy', 'did not open a connection to the peer (through the explicit proxy 10.0.0.1:3128)'],
  ['blocked', 'body', 'have the name allowed there, and its certificate trusted (through the explicit proxy'],
])('%s at %s says of the proxy: %s %s', (cause, stage, sentence) => {
  expect(said(cause, stage, proxy)).toContain(sentence);
  expect(said(cause, stage)).not.toContain('10.0.0.1');
});

test('a proxy that wants to know who asks: what it offers decides what to do', () => {
  const wanted = (challenge: string) => said('proxy-authentication', 'proxy', { ...proxy, challenge });
  for (const sentence of [wanted('Basic realm="x"'), wanted('NTLM, Basic realm="x"'), wanted('Mystery')])
    expect(sentence).toBe(
      'the explicit proxy 10.0.0.1:3128 wants a user and a password, or other ones (Basic): configure them for it',
    );
  expect(wanted('NTLM, Negotiate')).toBe(
    'the explicit proxy 10.0.0.1:3128 wants Negotiate or NTLM, which this agent does not speak: have the device let through there without, or with Basic',
  );
});

test('the schemes that are offered are named, of those that are known, whatever else is in the field', () => {
  expect(schemesOf('Basic realm="proxy"')).toEqual(['Basic']);
  expect(schemesOf('NTLM, Negotiate')).toEqual(['Negotiate', 'NTLM']);
  expect(schemesOf('negotiate, NTLM, basic realm="x, Digest y"')).toEqual(['Basic', 'Negotiate', 'NTLM']);
  expect(schemesOf('Digest realm="Basic", nonce="a", qop="auth"')).toEqual(['Digest']);
  expect(schemesOf('Bearer error="x"')).toEqual(['Bearer']);
  expect(schemesOf('Basically, X-Digest a=NTLM')).toEqual([]);
  expect(schemesOf('')).toEqual([]);
});
