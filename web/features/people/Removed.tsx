import type { KeptOut, Member } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { Button } from "#web/ui/Button.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { shortTime } from "#web/ui/show-time.ts";
import css from "./PeoplePanel.module.css";

/** Whom the room keeps out. Asked for anew whenever somebody comes or goes. */
export function Removed({ roomId, members }: { roomId: number; members: readonly Member[] }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const pages = usePages("", (cursor) => chat.api.keptOut(roomId, { cursor, limit: 100 }), members);
  const keptOut = pages.items ?? [];
  if (keptOut.length === 0) return null;
  return (
    <section aria-label="Kept out">
      <h2 className={css.title}>
        Kept out{" "}
        <span className={css.count}>
          {keptOut.length}
          {pages.more !== null && "+"}
        </span>
      </h2>
      {fault && <Notice>{fault.detail}</Notice>}
      <ul>
        {keptOut.map(({ user_id, username, ban }) => (
          <li key={user_id} className={css.person}>
            <Avatar id={user_id} name={username} size={26} />
            <div className={css.banned}>
              <bdi>{username}</bdi>
              {ban !== null && <p className={css.why}>{aboutBan(ban)}</p>}
            </div>
            <Button
              busy={busy}
              aria-label={`Undo: let ${username} come back`}
              onClick={() =>
                void run(async () => {
                  await chat.api.unban(roomId, user_id);
                  pages.change((before) => before.filter((each) => each.user_id !== user_id));
                })
              }
            >
              Undo
            </Button>
          </li>
        ))}
      </ul>
      <ListEnd pages={pages} none="" />
    </section>
  );
}

function aboutBan({ by, until, reason }: NonNullable<KeptOut["ban"]>): string {
  const parts = [`by ${by.username}`];
  if (until !== null) parts.push(`until ${shortTime(until)}`);
  if (reason !== "") parts.push(`“${reason}”`);
  return parts.join(" · ");
}
