import { expect, test } from "bun:test";
import { networkOf } from "./network-of.ts";

test("an IPv4 address is counted as itself, in whatever clothes it comes", () => {
  expect(networkOf("203.0.113.7")).toBe("203.0.113.7");
  expect(networkOf("::ffff:203.0.113.7")).toBe("203.0.113.7");
  expect(networkOf("::FFFF:203.0.113.7")).toBe("203.0.113.7");
});

test("all IPv6 addresses of one /64 are counted as one, and of another as another", () => {
  const same = [
    "2001:db8:1:2::1",
    "2001:db8:1:2:ffff:ffff:ffff:ffff",
    "2001:0DB8:0001:0002::",
    "[2001:db8:1:2::7]",
    "2001:db8:1:2::203.0.113.7",
  ];
  expect(new Set(same.map(networkOf))).toEqual(new Set(["2001:db8:1:2::/64"]));
  expect(networkOf("2001:db8:1:3::1")).toBe("2001:db8:1:3::/64");
  expect(networkOf("2001:db8::1")).toBe("2001:db8:0:0::/64");
  expect(networkOf("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
  expect(networkOf("::2")).toBe("0:0:0:0::/64");
  expect(networkOf("1::2:3:4:5:6:7")).toBe("1:0:2:3::/64");
});

test("this machine is itself, and what is no address stays what it is", () => {
  expect(networkOf("::1")).toBe("::1");
  expect(networkOf("127.0.0.1")).toBe("127.0.0.1");
  expect(networkOf("unknown")).toBe("unknown");
  expect(networkOf("a text: that is none")).toBe("a text: that is none");
});
