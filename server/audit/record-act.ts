import type { AuditAct } from "#shared/contract/house.ts";
import type { RoomKind } from "#shared/models.ts";
import type { Tx } from "../store/sql.ts";

export interface AuditedAct {
  act: AuditAct;
  /** Null: the operator, at the machine itself. */
  actor: number | null;
  userId?: number;
  roomId?: number;
  /** Never what a person wrote in a room, and no name or address of a person: it is kept when they are erased. */
  detail?: Readonly<Record<string, string>>;
  from: string | null | undefined;
}

/**
 * The same for what is done in a room by those who lead it. Of a room that is not public the house's admins may not know who
 * is in it: nothing of it is said.
 */
export async function recordInRoom(
  tx: Tx,
  room: { id: number; kind: RoomKind },
  done: Omit<AuditedAct, "roomId">,
): Promise<void> {
  if (room.kind === "public") await recordAct(tx, { ...done, roomId: room.id });
}

/** Says in the audit log what is done here: called in the transaction of the act, so that neither is there alone. */
export async function recordAct(tx: Tx, done: AuditedAct): Promise<void> {
  await tx.run(
    "INSERT INTO audit (at, actor, act, user_id, room_id, detail, address) VALUES (?, ?, ?, ?, ?, ?, ?)",
    tx.now,
    done.actor,
    done.act,
    done.userId ?? null,
    done.roomId ?? null,
    JSON.stringify(done.detail ?? {}),
    done.from ?? null,
  );
}
