// Why a device is not online, as one closed list of words: the agent's doctor says them, reports carry them, people read the sentence.
import type { Words } from './schema.ts';

/** In the order in which a device meets them on its way to the service. */
export const TROUBLES =
  'no-link no-address no-route name-fails name-rewritten clock-wrong proxy-unreachable proxy-authentication proxy-fails tcp-refused tcp-timeout tcp-reset captive tls-fails tls-reset certificate-not-valid box-distrusts-service unknown-inspection-ca inspection-ca-inactive inspection-ca-out-of-scope profile-not-installed blocked no-answer answer-not-valid unclaimed refused not-confirmed endpoint-name-rewritten endpoint-unreachable endpoint-blocked endpoint-untrusted endpoint-needs-bypass';

/** What keeps a device, or one of its endpoints, offline. */
export type Trouble = Words<typeof TROUBLES>;

/** The word is one of them. */
export function isTrouble(word: string): word is Trouble {
  return TROUBLES.split(' ').includes(word);
}

/** A trouble in plain words: what it is, whose move it is, and what that one does. */
export interface ExplainedTrouble {
  readonly says: string;
  readonly who: 'installer' | 'network team' | 'security admin' | 'vendor';
  readonly todo: string;
}

/** The sentences for a trouble. */
export function explainTrouble(trouble: Trouble): ExplainedTrouble {
  return EXPLAINED[trouble];
}

const EXPLAINED: Readonly<Record<Trouble, ExplainedTrouble>> = {
  'no-link': {
    says: 'The device has no link: no cable with a switch behind it, no Wi-Fi, no modem.',
    who: 'installer',
    todo: 'Plug the cable in and look at the light of the port, or join the Wi-Fi. With a light and no link: another cable, another port of the switch.',
  },
  'no-address': {
    says: 'The link is up, but the device has no IP address.',
    who: 'network team',
    todo: 'Let DHCP, or router advertisements, serve this port and this MAC address, or give the device an address by hand. A port that asks for 802.1X or has the wrong VLAN looks the same.',
  },
  'no-route': {
    says: 'The device has an address, but no way out of its own subnet.',
    who: 'network team',
    todo: 'Have DHCP, or router advertisements, name a gateway; or, where only a proxy leads out, configure that proxy on the device.',
  },
  'name-fails': {
    says: 'The name of the service cannot be resolved.',
    who: 'network team',
    todo: 'Give the device a DNS server that answers it (port 53, UDP and TCP) and that knows the name; or, where only a proxy leads out, configure that proxy on the device: it resolves names itself.',
  },
  'name-rewritten': {
    says: 'The name of the service leads to something else: DNS answers are rewritten here, or somebody else sits at that address.',
    who: 'network team',
    todo: 'Exempt the name from DNS filtering and rewriting, so that it resolves here as it does on the internet.',
  },
  'clock-wrong': {
    says: 'The system clock is wrong, so programs that judge certificates by it fail.',
    who: 'installer',
    todo: 'Set the clock, and let the device reach a time server (UDP 123) or keep it with a battery. A clock that is wrong again after each power cut has an empty battery or none.',
  },
  'proxy-unreachable': {
    says: 'The configured proxy cannot be reached.',
    who: 'network team',
    todo: 'Check address and port of the proxy in the configuration, and let the device connect to it.',
  },
  'proxy-authentication': {
    says: 'The proxy wants a user and a password, and the device has none that it takes.',
    who: 'network team',
    todo: 'Let the device through without log-in, by its address; or make it a user of its own with Basic authentication and put that into its configuration. Logging in with a domain account (Negotiate, NTLM) is not possible for a device.',
  },
  'proxy-fails': {
    says: 'The proxy answers, but opens no connection to the service.',
    who: 'network team',
    todo: 'Allow the name of the service in the policy of the proxy, on 443 and 80, and check that the proxy resolves it.',
  },
  'tcp-refused': {
    says: 'Connections to the service are refused: a firewall rejects them, or the port is closed.',
    who: 'network team',
    todo: 'Allow the service on TCP 443 and 80, outbound from the device. Where only a proxy leads out, configure that proxy on the device.',
  },
  'tcp-timeout': {
    says: 'Connections to the service get no answer: a firewall drops them.',
    who: 'network team',
    todo: 'Allow the service on TCP 443 and 80, outbound from the device. Where only a proxy leads out, configure that proxy on the device.',
  },
  'tcp-reset': {
    says: 'Connections to the service are opened and cut at once: a box on the way does not let them pass.',
    who: 'network team',
    todo: 'Allow the name of the service in the firewall or the box that cuts them, on TCP 443 and 80.',
  },
  captive: {
    says: 'A portal answers in place of what was asked, and wants somebody to log in or to accept terms.',
    who: 'network team',
    todo: 'Exempt the device from the portal by its MAC address, or put it on a network without one. A device cannot fill in a form.',
  },
  'tls-fails': {
    says: 'TLS with what answers in place of the service cannot be agreed on.',
    who: 'network team',
    todo: 'Let the inspecting proxy speak TLS 1.2 or 1.3 with an RSA-2048 or P-256 certificate, without asking for ALPN or a client certificate; or let the service pass.',
  },
  'tls-reset': {
    says: 'The connection is cut as soon as the device says which name it wants: a box blocks that name.',
    who: 'network team',
    todo: 'Allow the name of the service in the firewall or the filter that looks at names in TLS (SNI).',
  },
  'certificate-not-valid': {
    says: 'The certificate that comes in place of the one of the service is not valid: its dates, its purpose or its form are wrong.',
    who: 'network team',
    todo: 'Correct what the inspecting proxy issues: a certificate for TLS servers, with the name that was asked for, valid now. Compare its dates with the clock of the proxy and with that of the device.',
  },
  'box-distrusts-service': {
    says: 'The inspecting proxy does not trust the certificate of the service, and says so by signing with a CA that nobody is to trust.',
    who: 'network team',
    todo: 'Make the inspecting proxy trust the CA that certifies the service. Do not approve the CA that signs now: it stands for everything that the proxy does not trust.',
  },
  'unknown-inspection-ca': {
    says: 'An inspecting proxy signs TLS here with a CA that this device does not trust.',
    who: 'security admin',
    todo: 'The security admin of the owner compares the fingerprint with that of the own proxy and approves the CA for this network. The device then comes online by itself.',
  },
  'inspection-ca-inactive': {
    says: 'An inspecting proxy signs TLS here with a CA that the device trusts in another network only.',
    who: 'installer',
    todo: 'Run "windlass-agent bootstrap", or wait for the agent: the service says which network this is. If that changes nothing, the owner has to say that the CA belongs to this network.',
  },
  'inspection-ca-out-of-scope': {
    says: 'An inspecting proxy signs TLS here with a CA that the device trusts, but not for the name of the service.',
    who: 'security admin',
    todo: 'Add the name of the service to the permitted names of the inspection CA, approve that, and publish the profile; or let the service pass without inspection.',
  },
  'profile-not-installed': {
    says: 'The service has what this network needs, and the device has not installed it yet.',
    who: 'installer',
    todo: 'Run "windlass-agent bootstrap" and read how it ends; see that the agent runs as a service.',
  },
  blocked: {
    says: 'A block page, or another page that is not of the service, comes in its place.',
    who: 'network team',
    todo: 'Allow the name of the service in the web filter, with POST and JSON, and let the inspecting proxy trust the CA that certifies the service.',
  },
  'no-answer': {
    says: 'The service is reached, but no whole answer comes back.',
    who: 'network team',
    todo: 'Switch off what delays, cuts or rewrites the answers of the service: content filters, body limits, short time-outs. If the service itself is down or does not know the device, its operator has to act.',
  },
  'answer-not-valid': {
    says: 'An answer comes that does not hold: it is changed on the way, an old one, or not of the service of this device.',
    who: 'network team',
    todo: 'Have caching and rewriting switched off for the name of the service. If the same comes without any proxy, the vendor has to look at it: another service anchor in the device, or a service that was restored.',
  },
  unclaimed: {
    says: 'The service is reached and knows the device, which belongs to nobody yet.',
    who: 'vendor',
    todo: 'Claim the device by its serial number, or by the code of its label.',
  },
  refused: {
    says: 'The service refuses the device, and signed that.',
    who: 'vendor',
    todo: 'The operator of the service looks at the device there: its key changed, its claim or profile ended, or it is suspended.',
  },
  'not-confirmed': {
    says: 'A new profile came and could not be tried, or not be confirmed, from here, so the device went back to what it had.',
    who: 'network team',
    todo: 'Look at the last report of the device: an endpoint that failed, or the name of the service missing among the permitted names of the CA. Otherwise switch off what changes or delays posts to the service; then run "windlass-agent bootstrap" again.',
  },
  'endpoint-name-rewritten': {
    says: 'The service is fine; the name of an endpoint of the device leads to something else.',
    who: 'network team',
    todo: 'Exempt the name of the endpoint from DNS filtering and rewriting, so that it resolves here as it does on the internet.',
  },
  'endpoint-unreachable': {
    says: 'The service is fine; an endpoint of the device cannot be reached.',
    who: 'network team',
    todo: 'Allow the endpoint by its name and port, outbound from the device.',
  },
  'endpoint-blocked': {
    says: 'The service is fine; a box on the way does not let an endpoint of the device pass.',
    who: 'network team',
    todo: 'Allow the endpoint by its name and port in the policy of the box that blocks it.',
  },
  'endpoint-untrusted': {
    says: 'The service is fine; the certificate of an endpoint of the device is signed by nobody whom it trusts for that name.',
    who: 'security admin',
    todo: 'Add the name of the endpoint to the permitted names of the inspection CA, or approve the CA that signs it; or let the endpoint pass without inspection.',
  },
  'endpoint-needs-bypass': {
    says: 'The service is fine; an endpoint of the device is inspected, and cannot be.',
    who: 'network team',
    todo: 'Put the name and port of the endpoint on the bypass list of the inspecting proxy, so that its TLS passes unopened: it wants a client certificate, a certain certificate, or no HTTP.',
  },
};
