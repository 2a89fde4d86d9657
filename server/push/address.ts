import { isIP } from "node:net";

/**
 * Whether an address that a name leads to is one of the open internet: not this machine, not the network behind it, not
 * one that stands for either. Of IPv6 only what is given out at all, 2000::/3, without what carries IPv4 inside.
 */
export function isPublic(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !within(RESERVED_4, numberOf4(address), 32);
    case 6: {
      const value = numberOf6(address);
      return value !== null && value >> 125n === 1n && !within(RESERVED_6, value, 128);
    }
    default:
      return false;
  }
}

/** As IANA's registers of special addresses have them. */
const RESERVED_4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
].map((range) => rangeFrom(range, numberOf4));

const RESERVED_6 = ["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"].map((range) =>
  rangeFrom(range, (text) => numberOf6(text) ?? 0n),
);

interface Range {
  start: bigint;
  bits: number;
}

function rangeFrom(text: string, numberOf: (text: string) => bigint): Range {
  const [start = "", bits = ""] = text.split("/");
  return { start: numberOf(start), bits: Number(bits) };
}

function within(ranges: readonly Range[], value: bigint, width: number): boolean {
  return ranges.some(({ start, bits }) => value >> BigInt(width - bits) === start >> BigInt(width - bits));
}

function numberOf4(text: string): bigint {
  return text.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function numberOf6(text: string): bigint | null {
  // Addresses with a zone, or with IPv4 at their end, are none that a push service has.
  if (!/^[0-9a-f:]+$/i.test(text)) return null;
  const [head = "", tail] = text.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const parts = [...first, ...Array<string>(8 - first.length - last.length).fill("0"), ...last];
  return parts.reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}
