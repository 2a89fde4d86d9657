import { expect, test } from "bun:test";
import { isPublic } from "./address.ts";
import { guardEndpoint, MAKERS } from "./endpoint.ts";

const any = { named: [], open: [], any: true };
const makers = { named: [], open: MAKERS, any: false };

test.each([
  "https://fcm.googleapis.com/fcm/send/abc:def",
  "https://FCM.GoogleApis.com:443/fcm/send/abc",
  "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
  "https://web.push.apple.com/QOm",
  "https://db5p.notify.windows.com/w/?token=BQYAAA%3d",
])("the service of a browser's maker may be called: %s", (address) => {
  expect(guardEndpoint(address, makers)).toHaveProperty("url");
});

test.each([
  ["", "no address"],
  ["push.example.org/abc", "no address"],
  ["//fcm.googleapis.com/x", "no address"],
  ["http://fcm.googleapis.com/x", "https"],
  ["ws://fcm.googleapis.com/x", "https"],
  ["file:///etc/passwd", "https"],
  ["javascript:alert(1)", "https"],
  ["gopher://fcm.googleapis.com/x", "https"],
  ["https://fcm.googleapis.com:8443/x", "443"],
  ["https://fcm.googleapis.com:80/x", "443"],
  ["https://user@fcm.googleapis.com/x", "password"],
  ["https://user:secret@fcm.googleapis.com/x", "password"],
  ["https://fcm.googleapis.com@127.0.0.1/x", "password"],
  ["https://fcm.googleapis.com/x#y", "#"],
  ["https://127.0.0.1/x", "number"],
  ["https://2130706433/x", "number"],
  ["https://0x7f000001/x", "number"],
  ["https://0177.0.0.1/x", "number"],
  ["https://127.1/x", "number"],
  ["https://１２７.０.０.１/x", "number"],
  ["https://127.0.0.1./x", "number"],
  ["https://10.0.0.8/x", "number"],
  ["https://169.254.169.254/latest/meta-data", "number"],
  ["https://8.8.8.8/x", "number"],
  ["https://[::1]/x", "number"],
  ["https://[::ffff:127.0.0.1]/x", "number"],
  ["https://[fd00::1]/x", "number"],
  ["https://[fe80::1]/x", "number"],
  ["https://[2606:4700::1111]/x", "number"],
  ["https://[64:ff9b::7f00:1]/x", "number"],
  ["https://fcm.googleapis.com./x", "dot"],
  ["https://localhost/x", "own"],
  ["https://ｌｏｃａｌｈｏｓｔ/x", "own"],
  ["https://intranet/x", "own"],
  ["https://x.localhost/x", "own"],
  ["https://printer.local/x", "own"],
  ["https://metadata.google.internal/computeMetadata/v1/", "own"],
  ["https://router.home.arpa/x", "own"],
  [`https://fcm.googleapis.com/${"a".repeat(2_048)}`, "long"],
])("an address that no push service has is refused wherever any host may be called: %s", (address, why) => {
  expect(guardEndpoint(address, any)).toEqual({ fault: expect.stringContaining(why) as string });
});

test.each([
  "https://push.example.org/x",
  "https://fcm.googleapis.com.example.org/x",
  "https://evilfcm.googleapis.com/x",
  "https://push.apple.com/x",
  "https://evilpush.apple.com/x",
  "https://xn--fcm-0na.googleapis.com/x",
  "https://push.example.org\\@fcm.googleapis.com/x",
])("without a word of the operator no other host is called: %s", (address) => {
  expect(guardEndpoint(address, makers)).toEqual({ fault: expect.stringContaining("PUSH_HOSTS") as string });
});

test("an origin that the operator named is called wherever it stands, and nothing beside it", () => {
  const allowed = { named: ["http://127.0.0.1:4010"], open: [], any: false };
  expect(guardEndpoint("http://127.0.0.1:4010/x", allowed)).toMatchObject({ isNamed: true });
  expect(guardEndpoint("http://127.0.0.1:4011/x", allowed)).toHaveProperty("fault");
  expect(guardEndpoint("https://127.0.0.1:4010/x", allowed)).toHaveProperty("fault");
  expect(guardEndpoint("http://a@127.0.0.1:4010/x", allowed)).toHaveProperty("fault");
});

test.each([
  "8.8.8.8",
  "172.15.255.255",
  "172.32.0.0",
  "100.63.255.255",
  "192.167.255.255",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2a00:1450:4001:80b::200a",
  "2003::1",
])("%s is an address of the open internet", (address) => expect(isPublic(address)).toBe(true));

test.each([
  "0.0.0.0",
  "10.255.255.255",
  "100.64.0.1",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.8",
  "192.0.2.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.19.255.255",
  "203.0.113.9",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::ffff:8.8.8.8",
  "64:ff9b::808:808",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "3fff::1",
  "fc00::1",
  "fd12:3456::1",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "",
  "localhost",
  "127.1",
])("%s is none of the open internet", (address) => expect(isPublic(address)).toBe(false));
