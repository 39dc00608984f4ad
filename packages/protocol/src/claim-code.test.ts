import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CLAIM_CODE_ALPHABET,
  claimCodeOf,
  claimTokenHashOf,
  claimTokenOf,
  labelKeyOf,
  labelText,
  parseLabel,
} from './claim-code.ts';
import { digestOf, parseOrganizationId, parseSerial, parseServiceName } from './forms.ts';
import { labelProofOf } from './label-proof.ts';

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

  test('label key and proof are those that another HKDF and HMAC give [D21]', () => {
    // Made with the HMAC of Python, as above.
    const key = labelKeyOf(codeOf('7K3M9QXT2B5D8FHJ4NPR6STVWY'));
    expect(Buffer.from(key ?? []).toString('base64')).toBe('tZoTeYPtWaFIJS7gTI29iKyttVFBOESZZl4YqshJAx4=');
    const terms = {
      service: parseServiceName('bootstrap.example'),
      device: { manufacturer: digestOf('maker'), serial: parseSerial('SN|1') },
      organization: parseOrganizationId('acme'),
      ownership: 3,
      publishers: [digestOf('anchor')],
    };
    expect(key && labelProofOf(key, terms)).toBe('gM/ZuhepCPTsH75Efn7X+kn8my8+7s+QI9oxFJ4sLwA=');
  });

  test('a code of less than 128 bits makes no proof [D21]', () => {
    expect(labelKeyOf(codeOf('A'.repeat(25)))).toBeNull();
    expect(labelKeyOf(codeOf('A'.repeat(26)))).not.toBeNull();
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
