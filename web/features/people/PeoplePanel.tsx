import { useEffect } from "react";
import type { RoomView } from "#client/chat.ts";
import type { Member } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import type { MenuItem } from "#web/ui/Menu.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { Members } from "./Members.tsx";
import css from "./PeoplePanel.module.css";
import { Removed } from "./Removed.tsx";
import { Somebody } from "./Somebody.tsx";

interface PeoplePanelProps {
  roomId: number;
  view: RoomView;
  /** Whether this person may let in again whom the room keeps out. */
  showsRemoved: boolean;
  /** Why something done here was refused, where it is not shown beside. */
  fault: string | null;
  /** What may be done about another member. */
  actionsOn: (member: Member) => MenuItem[];
}

/** Who has the room open now, and who belongs to it. */
export function PeoplePanel({ roomId, view, showsRemoved, fault, actionsOn }: PeoplePanelProps) {
  const { chat } = useHouse();
  const isLoaded = view.log !== null;
  const knowsMembers = view.log?.members != null;
  useEffect(() => {
    if (isLoaded && !knowsMembers) void chat.loadMembers(roomId);
  }, [chat, roomId, isLoaded, knowsMembers]);

  const members = view.log?.members ?? null;
  const here = view.active;
  const hereIds = new Set(here?.users.map((each) => each.id));
  return (
    <div className={css.panel}>
      {fault !== null && <Notice>{fault}</Notice>}
      <section aria-label="Here now">
        <h2 className={css.title}>Here now {here !== null && <span className={css.count}>{here.count}</span>}</h2>
        {here !== null && here.users.length === 0 && here.count > 0 && (
          <p className={css.note}>Too many to list them all.</p>
        )}
        <ul>
          {here?.users.map((each) => (
            <li key={each.id} className={css.person}>
              <Somebody id={each.id} username={each.username} isHere />
            </li>
          ))}
        </ul>
      </section>
      <Members roomId={roomId} view={view} hereIds={hereIds} actionsOn={actionsOn} />
      {showsRemoved && members !== null && <Removed roomId={roomId} members={members} />}
    </div>
  );
}
