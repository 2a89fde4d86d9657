/**
 * An address as it is counted. Whoever has one IPv6 address has 2^64 of them, so one stands for its /64; an IPv4 address
 * in IPv6 clothes is that address.
 */
export function networkOf(address: string): string {
  const plain = address.replace(/^\[|\]$|%.*$/g, "").toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (mapped) return mapped;
  if (!/^[\da-f:.]*:[\da-f:.]*$/.test(plain) || plain === "::1") return plain;
  const [front = "", back] = plain.split("::");
  const groups = front === "" ? [] : front.split(":");
  // What "::" leaves out are zeros; without it all eight groups are there.
  if (back !== undefined) {
    const behind = back === "" ? 0 : back.split(":").length + (back.includes(".") ? 1 : 0);
    while (groups.length + behind < 8) groups.push("0");
    groups.push(...back.split(":"));
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
