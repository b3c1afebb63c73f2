import type { Request } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';

/** As some proxies write an address into X-Forwarded-For: `192.0.2.1:5678`, `[2001:db8::1]:5678`. */
const WITH_PORT = /^(?:\[([^\]]*)\]|(\d{1,3}(?:\.\d{1,3}){3}))(?::\d{1,5})?$/;
/** What one customer of an access provider has. */
const IPV6_PREFIX = 64;

/**
 * The address that a request came from, as it is counted: without a port, and of IPv6 the network. `trust proxy` says
 * how much of X-Forwarded-For is believed.
 */
export const clientAddress = (request: Request): string => {
  const written = (request.ip ?? '').trim();
  const [, ipv6, ipv4] = WITH_PORT.exec(written) ?? [];
  const [address = ''] = (ipv6 ?? ipv4 ?? written).split('%');
  return ipKeyGenerator(address, IPV6_PREFIX);
};
