import { NOBODY } from "#server/store/store.ts";
import { Refusal } from "#shared/errors.ts";
import { loggedIn, type Person, person } from "#tests/support/people.ts";
import type { Held, World } from "./world.ts";

/** How often the house itself is governed, beside what else is done. */
export const governing = {
  erase: 1,
  changeLater: 1,
  cancelLater: 1,
  makeGroup: 1,
  fillGroup: 1,
  dropGroup: 0.5,
  lodge: 6,
  lodgerPosts: 4,
  standing: 2,
  eraseLodger: 0.5,
  sweep: 1,
} satisfies Record<string, number>;

type Governing = Record<keyof typeof governing, (world: World, held: Held, room: number) => Promise<unknown>>;

export const governs: Governing = {
  async erase({ dice }, { chat, by }, room) {
    const message = dice.oneOf((chat.replica.logs.get(room)?.messages ?? []).slice(-10));
    if (message) await by.api.eraseMessage(message.id);
  },
  async changeLater({ dice }, { chat, by }) {
    const waiting = dice.oneOf([...chat.replica.scheduled.values()]);
    if (waiting) await by.api.changeScheduled(waiting.id, { at: new Date().toISOString() });
  },
  async cancelLater({ dice }, { chat, by }) {
    const waiting = dice.oneOf([...chat.replica.scheduled.values()]);
    if (waiting) await by.api.cancelScheduled(waiting.id);
  },
  makeGroup: (world) => adminOf(world).api.makeGroup(`group.${world.trace.length}`),
  async fillGroup(world) {
    const { items } = await adminOf(world).api.groups();
    const group = world.dice.oneOf(items);
    const members = world.people.filter(() => world.dice.throw() < 0.5).map(({ id }) => id);
    if (!group) return;
    const one = world.dice.oneOf(world.people);
    if (one && world.dice.throw() < 0.5)
      await adminOf(world).api.putInGroup(group.id, one.id, world.dice.throw() < 0.6);
    else await adminOf(world).api.setGroupMembers(group.id, members);
  },
  async dropGroup(world) {
    const { items } = await adminOf(world).api.groups();
    const group = world.dice.oneOf(items);
    if (group) await adminOf(world).api.deleteGroup(group.id);
  },
  lodge: (world, _, room) =>
    asLodger(world, async ({ api }) => {
      const chance = world.dice.throw();
      if (chance < 0.5) return api.joinRoom(room);
      if (chance < 0.7) return api.leaveRoom(room);
      if (chance < 0.85) return api.changeProfile({ display_name: `Gil ${world.trace.length}` });
      return api.createRoom({ name: `lodge ${world.trace.length}`, kind: "private" });
    }),
  lodgerPosts: (world, _, room) =>
    asLodger(world, async (lodger) => {
      world.said += 1;
      await post(world, lodger, `${lodger.username} by post`, room, `message ${world.said}`);
    }),
  standing(world) {
    const changes = [
      { role: "user" },
      { role: "guest" },
      { role: "admin" },
      { active: false },
      { active: true },
    ] as const;
    return adminOf(world).api.changeUser(world.lodger.id, world.dice.oneOf(changes) ?? {});
  },
  /** Their place is taken by somebody new. */
  async eraseLodger(world) {
    const { id } = world.lodger;
    const next = await person(world.server.url, `gil${world.trace.length}`).catch(unlessCut);
    if (next === null) return;
    world.lodger = next;
    await adminOf(world).api.eraseUser(id, world.dice.throw() < 0.5 ? "keep" : "erase");
  },
  /** What the server does by itself after a while. */
  async sweep({ server }) {
    await server.store.write("sweep-words", NOBODY);
    await server.store.write("sweep-deleted", NOBODY);
  },
};

/** Says something by REST and writes down what became of it. */
export async function post(world: World, by: Person, p: string, room: number, content: string): Promise<void> {
  world.recorder.invoked(p, room, content);
  try {
    const { seq } = await by.api.sendMessage(room, { content, nonce: content });
    world.recorder.acknowledged(p, room, content, seq);
  } catch (error) {
    world.recorder.refused(p, room, content, error instanceof Refusal ? error.code : "offline");
    throw error;
  }
}

/** The same by a door of other systems' clients, which joins a public room by what is said and knows no nonce. */
export async function speak(world: World, by: Person, p: string, room: number, content: string): Promise<void> {
  world.recorder.invoked(p, room, content);
  const refuse = (code: "forbidden" | "offline") => world.recorder.refused(p, room, content, code);
  try {
    const answer = await fetch(`${world.server.url}/message/rooms/${room}/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${await by.token()}`, "content-type": "application/json" },
      body: JSON.stringify({ content }),
    });
    if (answer.status === 201) {
      world.recorder.acknowledged(p, room, content, ((await answer.json()) as { seq: number }).seq);
      return;
    }
    refuse(answer.status === 403 || answer.status === 404 ? "forbidden" : "offline");
    if (answer.status === 500) world.recorder.fault(`${p} in ${room}: ${await answer.text()}`);
  } catch {
    // What became of it is not known.
    refuse("offline");
  }
}

/** By a session of this moment: those before may have been ended, and may end at any time. */
async function asLodger(world: World, act: (lodger: Person) => Promise<unknown>): Promise<void> {
  try {
    await act(loggedIn(world.server.url, world.lodger));
  } catch (error) {
    const isShut =
      error instanceof Refusal && ["session_ended", "wrong_credentials", "deactivated"].includes(error.code);
    if (!isShut) throw error;
  }
}

/** The server was started again meanwhile. */
function unlessCut(error: unknown): null {
  if (error instanceof TypeError) return null;
  throw error;
}

function adminOf({ people }: World): Person {
  return people[0] as Person;
}
