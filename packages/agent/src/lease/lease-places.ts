// Where the programs that speak DHCP keep what they were told. Apart from what reads them: the process that only waits loads this alone.

/** Of systemd-networkd, NetworkManager, dhclient (two), dhcpcd. */
export const LEASE_PLACES: readonly string[] = [
  '/run/systemd/netif/leases',
  '/var/lib/NetworkManager',
  '/var/lib/dhcp',
  '/var/lib/dhclient',
  '/var/lib/dhcpcd',
];
