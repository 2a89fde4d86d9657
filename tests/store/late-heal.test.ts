import { expect, test } from "bun:test";
import { NOBODY } from "#server/store/store.ts";
import { lateAnswers } from "#tests/support/late-answers.ts";
import { testPostgres } from "#tests/support/postgres.ts";
import { account, openAt, room } from "./open.ts";

test("while a node waits long for what it must know of its sockets, nobody's pages are asked for before it", async () => {
  const url = await (await testPostgres()).createDatabase();
  await using late = await lateAnswers(url, /me_version AS version FROM users WHERE id IN/, 1_000);
  await using opened = await openAt(late.url);
  const { store } = opened;
  const ann = await account(store);
  const id = await room(store, [ann]);
  const answered: string[] = [];
  const asked = (what: string, answer: Promise<unknown>) => answer.then(() => answered.push(what));
  const places = () => store.read("my-places", { userId: ann });
  const healing = store.read("heal", NOBODY, { rooms: [id], sessions: [], people: [ann], usedSince: 0 });
  const healed = asked("heal", healing);
  const soon = asked("a page, while it may still come at once", places());
  await soon;
  await Bun.sleep(450);
  await Promise.all([healed, ...["one", "another", "a third", "a fourth"].map((page) => asked(page, places()))]);
  expect(answered.slice(0, 2)).toEqual(["a page, while it may still come at once", "heal"]);
  expect(answered).toHaveLength(6);
  expect(await healing).toMatchObject({ rooms: [{ id }], people: [{ id: ann }] });
  // A send waits for nothing of the kind.
  const again = asked("heal again", store.read("heal", NOBODY, { rooms: [], sessions: [], people: [], usedSince: 0 }));
  await Bun.sleep(450);
  await asked("a send", opened.send(id, ann, "now", "now"));
  await again;
  expect(answered.slice(-2)).toEqual(["a send", "heal again"]);
});
