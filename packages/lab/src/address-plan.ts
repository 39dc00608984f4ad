/** Which address each place and host of a lab network has. Every lab has namespaces of its own, so all labs use the same addresses. */

export type Family = 'ipv4' | 'ipv6';

/** The hosts of the cloud, each with an address of its own in one namespace. */
export const cloudHosts = ['service', 'application', 'broker'] as const;
export type CloudHost = (typeof cloudHosts)[number];

export interface AddressPlan {
  readonly device: string;
  readonly middleboxLan: string;
  readonly middleboxWan: string;
  readonly service: string;
  readonly application: string;
  readonly broker: string;
}

interface FamilyPlan {
  /** Option of ip(8). */
  readonly flag: '-4' | '-6';
  readonly prefixLength: number;
  readonly lanSubnet: string;
  /** Flags when an address is added: without `nodad` an IPv6 address cannot be used for a second. */
  readonly addressFlags: readonly string[];
  /** Setting under /proc/sys/net that makes the middlebox a router. */
  readonly forwarding: string;
  readonly addresses: AddressPlan;
}

/** The plan of each address family. A lab network can have one or both. */
export const familyPlans: Readonly<Record<Family, FamilyPlan>> = {
  ipv4: {
    flag: '-4',
    prefixLength: 24,
    lanSubnet: '10.77.1.0/24',
    addressFlags: [],
    forwarding: 'ipv4/ip_forward',
    addresses: planAddresses('10.77.1.', '10.77.2.'),
  },
  ipv6: {
    flag: '-6',
    prefixLength: 64,
    lanSubnet: 'fd77:0:0:1::/64',
    addressFlags: ['nodad'],
    forwarding: 'ipv6/conf/all/forwarding',
    addresses: planAddresses('fd77:0:0:1::', 'fd77:0:0:2::'),
  },
};

/** The name of each cloud host, as certificates and requests carry it. */
export const cloudNames: Readonly<Record<CloudHost, string>> = {
  service: 'bootstrap.windlass.example',
  application: 'app.example',
  broker: 'mqtt.example',
};

function planAddresses(lan: string, wan: string): AddressPlan {
  return {
    device: `${lan}2`,
    middleboxLan: `${lan}1`,
    middleboxWan: `${wan}1`,
    service: `${wan}10`,
    application: `${wan}11`,
    broker: `${wan}12`,
  };
}
