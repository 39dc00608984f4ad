import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CLAIM_CODE_ALPHABET,
  claimCodeOf,
  claimTokenHashOf,
  claimTokenOf,
  labelText,
  parseLabel,
} from './claim-code.ts';

const codeOf = (text: string) => {
  const code = claimCodeOf(text);
  if (code === null) throw new Error('not a code');
  return code;
};

describe('claim codes', () => {
  test('a code is the same however a person writes it [S15]', () => {
    for (const text of ['7K3M-9QXT', '7k3m9qxt', ' 7k3m 9qxt\n', '7K3M--9QXT'])
      expect(claimCodeOf(text)).toBe('7K3M9QXT');
    expect(claimCodeOf('oil0-oil1')).toBe('01100111');
  });

  test('what is too short, too long or has other characters is no code', () => {
    for (const text of ['', '7K3M9QX', '7K3M9QXU', '7K3M9QX!', 'A'.repeat(65), 'é'.repeat(8)]) {
      expect(claimCodeOf(text)).toBeNull();
    }
    expect(claimCodeOf('A'.repeat(64))).not.toBeNull();
  });

  test('token and hash are those that another HKDF gives [S15]', () => {
    // Made with the HMAC of Python: extract with 32 zero bytes, expand "claim".
    expect(claimTokenOf(codeOf('7K3M9QXT'))).toBe('Zt7FedIeHOLVC7HIWhupKAcq5mlpZgEFfo5uJ32z24I=');
    expect(claimTokenHashOf(claimTokenOf(codeOf('7K3M9QXT')))).toBe('7rOpTaIy0DN01n3Q5wav9jS/d5T4zNCkWLMgL/xak6U=');
  });

  test('a label is read from a typed code and from the text of a QR code', () => {
    expect(parseLabel('7K3M-9QXT\n')).toEqual({ serial: null, code: '7K3M9QXT' });
    expect(parseLabel('windlass:claim?serial=SN%201&code=7k3m-9qxt')).toEqual({ serial: 'SN 1', code: '7K3M9QXT' });
    expect(parseLabel('WINDLASS:CLAIM?code=7K3M9QXT')).toEqual({ serial: null, code: '7K3M9QXT' });
    expect(parseLabel('windlass:claim?serial=SN-1')).toBeNull();
    expect(parseLabel('https://example.com/?code=7K3M9QXT')).toBeNull();
  });

  test('what is written on a label is read from it', () => {
    const codes = fc.string({ unit: fc.constantFrom(...CLAIM_CODE_ALPHABET), minLength: 8, maxLength: 64 });
    const serials = fc.stringMatching(/^[!-~]([ -~]{0,62}[!-~])?$/);
    fc.assert(
      fc.property(serials, codes, (serial, code) => {
        expect(parseLabel(labelText(serial, codeOf(code)))).toEqual({ serial, code });
      }),
    );
  });
});
