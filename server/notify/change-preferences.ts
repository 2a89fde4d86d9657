import type { ChangePreferences } from "#shared/contract/notify.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Level, Preferences } from "#shared/models.ts";
import { isBlank, isStorable } from "#shared/text.ts";
import { tellMyRoom } from "../rooms/membership.ts";
import { roomFor } from "../rooms/standing.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";
import { getPreferences } from "./preferences.ts";

/** Changes what one wants to be told of, and tells one's own devices. What is left out stays as it is. */
export async function changePreferences(tx: Tx, actor: Actor, args: ChangePreferences): Promise<Preferences> {
  const before = await getPreferences(tx, actor);
  const given = {
    rooms: args.rooms ?? before.rooms,
    keywords: args.keywords === undefined ? before.keywords : wantedKeywords(args.keywords),
    words: args.words ?? before.words,
    paused_until: args.paused_until === undefined ? before.paused_until : args.paused_until,
    quiet: args.quiet === undefined ? before.quiet : wantedQuiet(args.quiet),
  };
  return tellPreferences(tx, actor.userId, given);
}

/** Writes them under a new version of the person's stream and tells it. */
export async function tellPreferences(
  tx: Tx,
  userId: number,
  { rooms, keywords, words, paused_until, quiet }: Omit<Preferences, "groups">,
): Promise<Preferences> {
  const version = await nextPersonVersion(tx, userId);
  await tx.run(
    `INSERT INTO preferences (user_id, version, rooms, keywords, words, paused_until, quiet, paused_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (user_id) DO UPDATE SET version = excluded.version, rooms = excluded.rooms, keywords = excluded.keywords,
        words = excluded.words, paused_until = excluded.paused_until, quiet = excluded.quiet, paused_at =
          CASE WHEN preferences.paused_until > excluded.paused_at THEN preferences.paused_at ELSE excluded.paused_at END`,
    userId,
    version,
    rooms,
    JSON.stringify(keywords),
    words ? 1 : 0,
    paused_until === null ? null : Date.parse(paused_until),
    quiet === null ? null : JSON.stringify(quiet),
    tx.now,
  );
  const preferences = await getPreferences(tx, { userId });
  tx.tell({ to: "person", userId, frame: { type: "me", version, reset: false, rooms: [], gone: [], preferences } });
  return preferences;
}

/** What one wants to be told of in one room; null: as one's preferences say. */
export async function setLevel(tx: Tx, actor: Actor, args: { roomId: number; level: Level | null }): Promise<null> {
  const { room } = await roomFor(tx, actor, args.roomId, "mark-read");
  const version = await nextPersonVersion(tx, actor.userId);
  await tx.run(
    "UPDATE members SET notify = ?, version = ? WHERE room_id = ? AND user_id = ?",
    args.level,
    version,
    room.id,
    actor.userId,
  );
  await tellMyRoom(tx, actor.userId, room.id, version);
  return null;
}

function wantedKeywords(texts: readonly string[]): string[] {
  const keywords = texts.map((text) => text.normalize("NFKC").replaceAll(/\s+/g, " ").trim());
  for (const keyword of keywords) {
    if (!isStorable(keyword)) throw new Refusal("bad_text", undefined, { field: "keywords" });
    if (isBlank(keyword)) throw new Refusal("invalid", "A keyword needs some text.", { field: "keywords" });
    if ([...keyword].length > limits.keywordLength) {
      throw new Refusal("invalid", `A keyword may have ${limits.keywordLength} characters.`, { field: "keywords" });
    }
  }
  return [...new Map(keywords.map((keyword) => [keyword.toLowerCase(), keyword])).values()];
}

function wantedQuiet(quiet: Preferences["quiet"]): Preferences["quiet"] {
  if (quiet === null) return null;
  if (quiet.from === quiet.to) {
    throw new Refusal("invalid", "Quiet hours begin and end at different times.", { field: "quiet" });
  }
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: quiet.zone }).resolvedOptions();
    return { ...quiet, zone: timeZone };
  } catch {
    throw new Refusal("invalid", "There is no such time zone.", { field: "quiet" });
  }
}
