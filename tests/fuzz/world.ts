import type { Chat } from "#client/chat.ts";
import { type Device, deviceOf } from "#tests/support/device.ts";
import { type Person, person } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import type { Dice } from "./dice.ts";
import { noteActions } from "./done-actions.ts";
import { Recorder, Wire } from "./recorder.ts";

/** A server, some people with a device or two each, and the rooms they made. */
export interface World {
  readonly dice: Dice;
  readonly plant: Plant;
  readonly server: TestServer;
  readonly people: Person[];
  readonly devices: Held[];
  /** Somebody without a device here, whose account the admin changes, shuts and erases. */
  lodger: Person;
  readonly recorder: Recorder;
  /** Rooms that were ever made. */
  readonly rooms: number[];
  /** Who made them, and may do everything in them while they stay. */
  readonly makers: Map<number, Person>;
  /** By room, the messages in whose threads somebody replied. */
  readonly roots: Map<number, Set<number>>;
  /** What was done, in order, for whoever looks for a fault. */
  readonly trace: string[];
  /** The store's actions that were asked for. */
  readonly done: Set<string>;
  /** Messages so far: each has its number in its words, so that none is said twice. */
  said: number;
  isRestarting: boolean;
}

export interface Held extends Device {
  readonly name: string;
  readonly by: Person;
}

const KEEP_OPEN = 3;

/** A fault that is put in on purpose, to see whether it is found. */
export interface Plant {
  /** The server as it starts, and again after each restart. */
  server?: (server: TestServer) => void;
  /** What a device hears in place of a frame. */
  wire?: (text: string) => string[];
}

export async function makeWorld(dice: Dice, plant: Plant = {}): Promise<World> {
  // What a server says of when to come back is drawn from one byte.
  const random = (bytes: number) => (bytes === 1 ? new Uint8Array(1) : crypto.getRandomValues(new Uint8Array(bytes)));
  const server = await startTestServer({ RATE_LIMITS: "off" }, { random });
  const names = ["ann", "ben", "cat", "dan", "eva", "fay"].slice(0, dice.from(4, 6));
  const first = await person(server.url, names[0] as string);
  const world: World = {
    dice,
    plant,
    server,
    people: [first],
    devices: [],
    lodger: first,
    recorder: new Recorder(),
    rooms: [],
    makers: new Map(),
    roots: new Map(),
    trace: [],
    done: new Set(),
    said: 0,
    isRestarting: false,
  };
  started(world);
  for (const name of names.slice(1)) world.people.push(await person(server.url, name));
  world.lodger = await person(server.url, "gil");
  for (const kind of ["public", "private"] as const) {
    const { id } = await first.api.createRoom({ name: `first ${kind}`, kind });
    world.rooms.push(id);
    world.makers.set(id, first);
    await first.api.addMembers(
      id,
      world.people.slice(1, 4).map((by) => by.id),
    );
  }
  for (const by of world.people) for (let at = dice.from(1, 2); at > 0; at--) addDevice(world, by);
  for (const { chat } of world.devices) chat.start();
  return world;
}

/** What is done to a server whenever it has started. */
export function started({ server, plant, done }: World): void {
  noteActions(server, done);
  plant.server?.(server);
}

export function addDevice(world: World, by: Person): Held {
  const name = `${by.username}.${world.devices.filter((held) => held.by === by).length + 1}`;
  const wire = new Wire(world.recorder, by.username, name);
  const wishes = {
    keepOpen: KEEP_OPEN,
    said: (text: string) => wire.said(text),
    heard: (text: string) => {
      const texts = world.plant.wire?.(text) ?? [text];
      for (const one of texts) wire.heard(one);
      return texts;
    },
  };
  const held = { ...deviceOf(by, world.server.url, wishes), name, by };
  world.devices.push(held);
  return held;
}

/** The rooms that a device shows, whether they are open to it or not. */
export function shownBy(chat: Chat): number[] {
  return [...chat.replica.logs.keys()];
}
