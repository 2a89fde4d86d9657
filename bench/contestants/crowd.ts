import { SQL } from "bun";
import { signAccessToken } from "#server/auth/access-token.ts";
import { deriveKeys } from "#server/auth/keys.ts";

export interface Crowd {
  /** A token of each person, in the order of their ids. */
  tokens: string[];
  /** What somebody says who was here before. */
  again: string;
}

const ROOMS_EACH = 20;
const PEOPLE_A_ROOM = 30;

/** Accounts with a session each, who share rooms with a few others, written past the server: there are tens of thousands. */
export async function makeCrowd(postgres: string, secret: string, people: number): Promise<Crowd> {
  const url = new URL(postgres);
  url.search = "";
  const sql = new SQL(url.href, { max: 1 });
  const rooms = Math.max(ROOMS_EACH, Math.round((people * ROOMS_EACH) / PEOPLE_A_ROOM));
  const now = Date.now();
  try {
    for (const text of insertions(people, rooms, now)) await sql.unsafe(text);
    const [house] = await sql.unsafe("SELECT epoch, version FROM parlour.house");
    const hello = { type: "hello", epoch: house.epoch, me: ROOMS_EACH, house: Number(house.version) };
    const { access } = deriveKeys(secret);
    const token = (id: number) =>
      signAccessToken(access, { userId: id, sessionId: `session ${id}`, username: `p${id}`, role: "user" }, now, 900);
    const tokens = await Promise.all(Array.from({ length: people }, (_, at) => token(at + 1)));
    return { tokens, again: JSON.stringify(hello) };
  } finally {
    await sql.close();
  }
}

/** A person's rooms lie evenly among all of them, so that no two people have the same ones. */
function insertions(people: number, rooms: number, now: number): string[] {
  const apart = Math.floor(rooms / ROOMS_EACH);
  return [
    "SET search_path = parlour",
    `INSERT INTO users (id, username, username_key, password_hash, role, created_at, me_version)
       SELECT g, 'p' || g, 'p' || g, 'none', 'user', ${now}, ${ROOMS_EACH} FROM generate_series(1, ${people}) g`,
    `INSERT INTO sessions (id, user_id, client, created_at, last_used_at)
       SELECT 'session ' || g, g, 'bench', ${now}, ${now} FROM generate_series(1, ${people}) g`,
    `INSERT INTO rooms (id, kind, name, name_key, description, created_at, seq)
       SELECT g, 'private', 'room ' || g, 'room ' || g, '', ${now}, 1 FROM generate_series(1, ${rooms}) g`,
    `INSERT INTO log (room_id, seq, kind, actor, at) SELECT g, 1, 'members.added', 1, ${now} FROM generate_series(1, ${rooms}) g`,
    `INSERT INTO members (room_id, user_id, role, state, joined_seq, read_seq, read_n, version)
       SELECT 1 + (g + k * ${apart}) % ${rooms}, g, 'member', 'in', 1, 1, 0, k + 1
         FROM generate_series(1, ${people}) g, generate_series(0, ${ROOMS_EACH - 1}) k`,
    "ANALYZE",
  ];
}
