import { describe, expect, it } from 'vitest';
import { gatewaysOf4, gatewaysOf6 } from './route-files.ts';

const FOUR = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0102A8C0	0003	0	0	100	00000000	0	0	0
eth0	0002A8C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
ppp0	00000000	00000000	0001	0	0	0	00000000	0	0	0
eth0	0000000A	FE02A8C0	0003	0	0	0	000000FF	0	0	0
`;
const SIX = `fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;

describe('the routing tables', () => {
  it('IPv4: gateways, the default one and others, and a default straight onto a link', () => {
    expect(gatewaysOf4(FOUR)).toEqual([
      { link: 'eth0', via: '192.168.2.1', isDefault: true },
      { link: 'ppp0', via: null, isDefault: true },
      { link: 'eth0', via: '192.168.2.254', isDefault: false },
    ]);
  });

  it('IPv6: the router that announced itself, and not the refusal of the loopback', () => {
    expect(gatewaysOf6(SIX)).toEqual([{ link: 'eth0', via: 'fe80::1', isDefault: true }]);
  });

  it('empty, or of another form: none', () => {
    for (const text of ['', '\n\n', 'no such thing']) expect([...gatewaysOf4(text), ...gatewaysOf6(text)]).toEqual([]);
  });
});
