import { afterAll, beforeAll, expect, test } from "bun:test";
import { askApi } from "#tests/api/ask.ts";
import { eventually } from "#tests/support/eventually.ts";
import { JumpingClock } from "#tests/support/jumping-clock.ts";
import { MailServer } from "#tests/support/mail-server.ts";
import { type Person, people, person } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

const MINUTE = 60_000;
const HOME = "https://chat.example.org";

let clock: JumpingClock;
let mail: MailServer;
let server: TestServer;
let root: Person;
let ann: Person;

beforeAll(async () => {
  clock = new JumpingClock();
  mail = new MailServer();
  const env = { SMTP_URL: mail.url, SMTP_FROM: "parlour@example.org", PUBLIC_URL: HOME, RATE_LIMITS: "off" };
  server = await startTestServer(env, { clock });
  [root, ann] = await people(server.url, "root", "ann");
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await mail[Symbol.asyncDispose]();
});

let names = 0;

/** Somebody with an address that an admin set, which counts as confirmed, who wants letters. */
async function reader() {
  names += 1;
  const made = await person(server.url, `reader ${names}`);
  const email = `reader-${names}@example.org`;
  await root.api.changeUser(made.id, { email });
  expect(await put(made, true)).toMatchObject({ body: { offered: true, email, confirmed: true, on: true } });
  return { ...made, email };
}

async function put(who: Person, on: boolean) {
  return askApi(server.url, "PUT", "/me/digest", { token: await who.token(), json: { on } });
}

async function write(to: Person, content: string): Promise<number> {
  const { id } = await ann.api.openDirect({ user_ids: [to.id] });
  await ann.api.sendMessage(id, { content });
  return id;
}

/** Time goes on until so many letters came to the address. */
async function came(email: string, count: number): Promise<void> {
  await eventually(() => {
    clock.jump(20_000);
    expect(mail.to(email)).toHaveLength(count);
  });
}

/** All that was due has been sent: somebody who is due last of all has their letter. */
async function allIsSent(): Promise<void> {
  const last = await reader();
  await write(last, "the last one");
  clock.jump(31 * MINUTE);
  await came(last.email, 1);
}

test("whoever is away is written to about what they did not read: counts and names, no words, and how to end it", async () => {
  const ben = await reader();
  await write(ben, "a secret about beans");
  await write(ben, "and a second one");
  const plain = await person(server.url, "plain.name");
  await plain.api.changeProfile({ display_name: "Dr. Plain" });
  const { id: talk } = await plain.api.openDirect({ user_ids: [ben.id] });
  await plain.api.sendMessage(talk, { content: "more about beans" });
  const { id: room } = await ann.api.createRoom({ name: "garden", kind: "private" });
  await ann.api.addMembers(room, [ben.id]);
  await ann.api.sendMessage(room, { content: `nothing for anybody` });
  await ann.api.sendMessage(room, { content: `@"${ben.username}", look at the peas` });
  clock.jump(31 * MINUTE);
  await came(ben.email, 1);
  const [letter] = mail.to(ben.email);
  expect(letter?.from).toBe("parlour@example.org");
  expect(letter?.text).toContain("ann: 2");
  expect(letter?.text).toContain("Dr. Plain: 1");
  expect(letter?.text).toContain("garden: 1");
  expect(letter?.text).not.toMatch(/beans|peas/);
  expect(letter?.headers.get("subject")).toBe("4 unread for you in Parlour");
  expect(letter?.headers.get("list-unsubscribe-post")).toBe("List-Unsubscribe=One-Click");
  expect(server.logged.join("\n")).not.toMatch(/beans|reader-\d/);

  const stop = letter?.headers.get("list-unsubscribe")?.slice(1, -1) ?? "";
  expect(stop).toStartWith(`${HOME}/api/v1/email/stop?token=`);
  const token = stop.split("token=")[1] ?? "";
  expect(letter?.text).toContain(`${HOME}/chat/mail#stop.${token}`);
  const oneClick = { raw: { type: "application/x-www-form-urlencoded", body: "List-Unsubscribe=One-Click" } };
  const forged = token.replace(/^\d+/, String(root.id));
  expect((await askApi(server.url, "POST", `/email/stop?token=${forged}`, oneClick)).status).toBe(404);
  expect((await askApi(server.url, "POST", `/email/stop?token=${token}`, oneClick)).status).toBe(204);
  expect((await ben.api.digest()).on).toBeFalse();
});

test("whoever asks why learns that a letter told of the message", async () => {
  const ben = await reader();
  const { id } = await ann.api.openDirect({ user_ids: [ben.id] });
  const message = await ann.api.sendMessage(id, { content: "for a letter" });
  clock.jump(31 * MINUTE);
  await came(ben.email, 1);
  await eventually(async () => expect((await ben.api.why(message.id)).told).toMatchObject([{ how: "letter" }]));
});

test("what is said while a letter is put together is told by the next one", async () => {
  const ben = await reader();
  await write(ben, "first");
  const nobody = { userId: 0 };
  const later = (minutes: number) => ({ userId: ben.id, now: clock.now() + minutes * MINUTE });
  const digest = await server.store.read("digest", nobody, later(31));
  expect(digest).toMatchObject({ total: 1 });
  await write(ben, "said meanwhile");
  const { sentAt, until } = digest ?? { sentAt: 0, until: 0 };
  expect(await server.store.write("take-digest", nobody, { userId: ben.id, sentAt, until })).toBeTrue();
  expect(await server.store.read("digest", nobody, later(120))).toMatchObject({ total: 1 });
});

test("letters come at most once an hour, and tell nothing twice", async () => {
  const ben = await reader();
  await write(ben, "first");
  clock.jump(31 * MINUTE);
  await came(ben.email, 1);
  await write(ben, "second");
  clock.jump(31 * MINUTE);
  await allIsSent();
  await came(ben.email, 2);
  expect(mail.to(ben.email)[1]?.text).toContain("ann: 1");
  clock.jump(120 * MINUTE);
  await allIsSent();
  expect(mail.to(ben.email)).toHaveLength(2);
});

test("what was read, muted, taken back, or is not theirs to see any more is not written about", async () => {
  const [read, muted, back, gone, off] = [
    await reader(),
    await reader(),
    await reader(),
    await reader(),
    await reader(),
  ];
  const seen = await write(read, "seen");
  await read.api.markRead(seen, (await ann.api.messages(seen)).items.at(-1)?.seq ?? 0);
  await muted.api.setLevel(await write(muted, "not for you"), "nothing");
  const { id } = await ann.api.openDirect({ user_ids: [back.id] });
  await ann.api.deleteMessage((await ann.api.sendMessage(id, { content: "a slip" })).id);
  names += 1;
  const { id: room } = await ann.api.createRoom({ name: `shed ${names}`, kind: "private" });
  await ann.api.addMembers(room, [gone.id]);
  await ann.api.sendMessage(room, { content: `@"${gone.username}"` });
  await ann.api.removeMember(room, gone.id);
  await write(off, "too late");
  await root.api.changeUser(off.id, { active: false });
  clock.jump(31 * MINUTE);
  await allIsSent();
  for (const { email } of [read, muted, back, gone, off]) expect(mail.to(email)).toEqual([]);
});

test("a reply that was read in its thread is not written about, in a talk or where it called by name", async () => {
  const ben = await reader();
  const { id: talk } = await ann.api.openDirect({ user_ids: [ben.id] });
  names += 1;
  const { id: room } = await ann.api.createRoom({ name: `shed ${names}`, kind: "private" });
  await ann.api.addMembers(room, [ben.id]);
  for (const id of [talk, room]) {
    const root = await ben.api.sendMessage(id, { content: "what do we think?" });
    const { seq } = await ann.api.sendMessage(id, { content: `@"${ben.username}" this`, thread: root.id });
    await ben.api.markThreadRead(id, root.id, seq);
  }
  clock.jump(31 * MINUTE);
  await allIsSent();
  expect(mail.to(ben.email)).toEqual([]);
});

test("an address that a person gave themselves is written to when its link was opened, and not when it is another by then", async () => {
  names += 1;
  const kim = await person(server.url, `kim ${names}`);
  const token = await kim.token();
  const own = (email: string) => askApi(server.url, "PATCH", `/users/${kim.id}`, { token, json: { email } });
  const ask = () => askApi(server.url, "POST", "/me/email/confirm", { token });
  const confirm = (link: string) => askApi(server.url, "POST", "/email/confirm", { json: { token: link } });
  expect(await ask()).toMatchObject({ code: "invalid" });
  await own("kim@example.org");
  expect(await put(kim, true)).toMatchObject({ status: 403, code: "email_unconfirmed" });
  expect((await ask()).status).toBe(204);
  const linkIn = (to: string) => /\/chat\/mail#confirm\.(\S+)/.exec(mail.to(to).at(-1)?.text ?? "")?.[1] ?? "";
  const first = linkIn("kim@example.org");
  await own("other@example.org");
  expect(await confirm(first)).toMatchObject({ status: 404 });
  expect((await ask()).status).toBe(204);
  const second = linkIn("other@example.org");
  expect(await confirm(`${second.slice(0, -2)}xx`)).toMatchObject({ status: 404 });
  expect(await confirm(second)).toMatchObject({ status: 204 });
  expect(await put(kim, true)).toMatchObject({ body: { confirmed: true, on: true } });
  await own("third@example.org");
  expect(await kim.api.digest()).toMatchObject({ confirmed: false });
  await write(kim, "to nobody's address");
  clock.jump(31 * MINUTE);
  await allIsSent();
  expect(mail.to("third@example.org")).toEqual([]);
});

test("no name and no address can begin another header or another letter", async () => {
  const ben = await reader();
  const { id: room } = await ann.api.createRoom({ name: "Bcc: all@example.org", kind: "private" });
  await ann.api.addMembers(room, [ben.id]);
  await ann.api.sendMessage(room, { content: `@"${ben.username}"` });
  clock.jump(31 * MINUTE);
  await came(ben.email, 1);
  const [letter] = mail.to(ben.email);
  expect(letter?.to).toEqual([ben.email]);
  expect([...(letter?.headers.keys() ?? [])]).not.toContain("bcc");
  names += 1;
  const evil = await person(server.url, `evil ${names}`);
  const token = await evil.token();
  for (const email of [
    "a@b.org\r\nBcc: c@d.org",
    "a@b.org, c@d.org",
    '"x" <a@b.org>',
    "a@b.org>\r\nRCPT TO:<c@d.org",
  ]) {
    await askApi(server.url, "PATCH", `/users/${evil.id}`, { token, json: { email } });
    expect((await askApi(server.url, "POST", "/me/email/confirm", { token })).status).toBe(400);
  }
  expect(mail.heard.join("\n")).not.toContain("c@d.org");
});

test("a mail server that refuses is told in words to whoever waits, and loses nobody their digest for good", async () => {
  const ben = await reader();
  mail.isFull = true;
  const token = await ben.token();
  expect(await askApi(server.url, "POST", "/me/email/confirm", { token })).toMatchObject({ code: "unavailable" });
  mail.isFull = false;
  await write(ben, "still there?");
  clock.jump(31 * MINUTE);
  await came(ben.email, 1);
});
