import ipaddr from 'ipaddr.js';

/** The part of IPv6 that is given out to the public internet; what is outside of it is reserved. */
const globalUnicast = ipaddr.IPv6.parse('2000::');

/**
 * Whether an IP address is one of the public internet: not loopback, private, link-local, unique local,
 * multicast or reserved, and no IPv4 address in the disguise of an IPv6 one.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(globalUnicast, 3);
}
