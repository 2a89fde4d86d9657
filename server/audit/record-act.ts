import type { AuditAct } from "#shared/contract/house.ts";
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
