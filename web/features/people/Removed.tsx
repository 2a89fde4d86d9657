import { useEffect, useState } from "react";
import type { KeptOut, Member } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { Button } from "#web/ui/Button.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./PeoplePanel.module.css";

/** Whom the room keeps out. Asked for anew whenever somebody comes or goes. */
export function Removed({ roomId, members }: { roomId: number; members: readonly Member[] }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [keptOut, setKeptOut] = useState<readonly KeptOut[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: who is a member says when who is kept out may have changed
  useEffect(() => {
    let isWanted = true;
    chat.api.keptOut(roomId, { limit: 100 }).then(
      (page) => isWanted && setKeptOut(page.items),
      () => {},
    );
    return () => {
      isWanted = false;
    };
  }, [chat, roomId, members]);
  if (keptOut.length === 0) return null;
  return (
    <section aria-label="Removed">
      <h2 className={css.title}>
        Removed <span className={css.count}>{keptOut.length}</span>
      </h2>
      {fault && <Notice>{fault.detail}</Notice>}
      <ul>
        {keptOut.map(({ user_id, username }) => (
          <li key={user_id} className={css.person}>
            <Avatar id={user_id} name={username} size={26} />
            <bdi className={css.name}>{username}</bdi>
            <Button
              busy={busy}
              aria-label={`Let in ${username} again`}
              onClick={() => void run(() => chat.api.addMembers(roomId, [user_id]))}
            >
              Let in
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
