// With which code the doctor ends: one for each trouble, stable. Where bootstrap ends with the same, it is the same number; 70 is a fault of ours.
import type { Trouble } from '@windlass/protocol';

/** Everything that could be told is fine. */
export const EXIT_FINE = 0;

export const DOCTOR_EXITS: Readonly<Record<Trouble, number>> = {
  unclaimed: 10,
  'answer-not-valid': 30,
  refused: 31,
  'no-link': 50,
  'no-address': 51,
  'no-route': 52,
  'name-fails': 53,
  'name-rewritten': 54,
  'clock-wrong': 55,
  'proxy-unreachable': 56,
  'proxy-authentication': 57,
  'proxy-fails': 58,
  'tcp-refused': 59,
  'tcp-timeout': 60,
  'tcp-reset': 61,
  captive: 62,
  'tls-fails': 63,
  'tls-reset': 64,
  'certificate-not-valid': 65,
  'box-distrusts-service': 66,
  'unknown-inspection-ca': 67,
  'inspection-ca-inactive': 68,
  'profile-not-installed': 69,
  blocked: 71,
  'no-answer': 72,
  'not-confirmed': 73,
  'inspection-ca-out-of-scope': 74,
  'endpoint-name-rewritten': 80,
  'endpoint-unreachable': 81,
  'endpoint-blocked': 82,
  'endpoint-untrusted': 83,
  'endpoint-needs-bypass': 84,
};
