import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/** Where a provider may be asked. */
export interface AllowedOrigin {
  /** `https://api.example.org`, with a port where it is not the usual one. */
  readonly origin: string;
  /** Whether its address may be inside the network: where an operator has named the host. */
  readonly mayBeInternal: boolean;
}

/** An address of the machine or its network, or of none at all: IANA's special-purpose registries (RFC 6890). */
export const isInternal = (address: string): boolean => {
  const bare = address.replace(/^\[|\]$/g, '');
  const family = isIP(bare);
  return family !== 0 && internal.check(bare, family === 6 ? 'ipv6' : 'ipv4');
};

const internal = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  internal.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  // With it `::` and `::1`, and IPv4 addresses in the form that is out of use.
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  internal.addSubnet(net, prefix, 'ipv6');
}

/** What a name resolves to is inside the network. */
export class InternalAddress extends Error {
  override readonly name = 'InternalAddress';
}

type Found = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/**
 * Resolves a name as `dns.lookup` does, and fails where one of its addresses is inside the network. It is asked when
 * a connection is made, so that what was looked at is what is connected to.
 */
export const lookupOutside = (hostname: string, options: LookupOptions, found: Found): void => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) {
      found(error, []);
      return;
    }
    const [first] = addresses;
    if (first === undefined || addresses.some(({ address }) => isInternal(address))) {
      found(new InternalAddress(`${hostname} has an address inside the network`), []);
    } else if (options.all === true) found(null, addresses);
    else found(null, first.address, first.family);
  });
};
