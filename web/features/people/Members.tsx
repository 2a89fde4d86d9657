import { useDeferredValue, useEffect, useState } from "react";
import type { RoomView } from "#client/chat.ts";
import type { Member } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Button } from "#web/ui/Button.tsx";
import { MoreIcon } from "#web/ui/icons.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import { Menu, type MenuItem } from "#web/ui/Menu.tsx";
import { SearchField } from "#web/ui/SearchField.tsx";
import css from "./PeoplePanel.module.css";
import { Somebody } from "./Somebody.tsx";

interface MembersProps {
  roomId: number;
  view: RoomView;
  hereIds: ReadonlySet<number>;
  actionsOn: (member: Member) => MenuItem[];
}

const AT_ONCE = 100;
/** Fewer are seen at a glance. */
const SEARCHED_FROM = 10;
const COUNT_AGAIN = 1_000;

/** Who belongs to the room: a part of a long list at a time, and anybody by their name. */
export function Members({ roomId, view, ...rows }: MembersProps) {
  const { chat } = useHouse();
  const members = view.log?.members ?? null;
  const count = useCount(roomId, members, view.hasMoreMembers);
  const [text, setText] = useState("");
  const [most, setMost] = useState(AT_ONCE);
  const name = useDeferredValue(text.trim());
  const showMore = () => {
    if (members && most + AT_ONCE > members.length) void chat.loadMoreMembers(roomId);
    setMost(most + AT_ONCE);
  };
  const shown = members?.slice(0, most) ?? [];
  return (
    <section aria-label="Members">
      <h2 className={css.title}>Members {count !== null && <span className={css.count}>{count}</span>}</h2>
      {count !== null && count >= SEARCHED_FROM && (
        <div className={css.search}>
          <SearchField label="Find a member" value={text} onChange={setText} />
        </div>
      )}
      {name === "" ? (
        <>
          <Rows members={shown} {...rows} />
          {members !== null && (shown.length < members.length || view.hasMoreMembers) && (
            <Button onClick={showMore}>Show more</Button>
          )}
        </>
      ) : (
        <Found roomId={roomId} name={name} members={members} {...rows} />
      )}
    </section>
  );
}

/** What the server finds, asked anew when somebody comes, goes or becomes something else. */
function Found({ roomId, name, members, ...rows }: Found) {
  const { chat } = useHouse();
  const pages = usePages(name, (cursor) => chat.api.members(roomId, { name, cursor, limit: AT_ONCE }), members);
  return (
    <>
      <Rows members={pages.items ?? []} {...rows} />
      <ListEnd pages={pages} none="Nobody in this room has that in their name." />
    </>
  );
}

interface Found extends Omit<MembersProps, "view"> {
  name: string;
  members: readonly Member[] | null;
}

interface RowsProps extends Pick<MembersProps, "hereIds" | "actionsOn"> {
  members: readonly Member[];
}

function Rows({ members, hereIds, actionsOn }: RowsProps) {
  const { user } = useHouse();
  return (
    <ul>
      {members.map((member) => (
        <li key={member.user_id} className={css.person}>
          <Somebody
            id={member.user_id}
            username={member.username}
            look={member}
            isHere={hereIds.has(member.user_id)}
            isLink
          />
          {member.gone && <span className={css.role}>deactivated</span>}
          {member.guest && <span className={css.role}>guest</span>}
          {member.role !== "member" && <span className={css.role}>{member.role}</span>}
          {member.user_id !== user.id && (
            <span className={css.more}>
              <Menu label={`About ${member.username}`} icon={<MoreIcon />} items={actionsOn(member)} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Null: not known. Of a room whose members are not all here the server is asked, anew when one comes or goes. */
function useCount(roomId: number, members: readonly Member[] | null, isPart: boolean): number | null {
  const { chat } = useHouse();
  const [counted, setCounted] = useState<number | null>(null);
  const isCounted = counted !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: who is a member says when their number may have changed
  useEffect(() => {
    if (!isPart) return;
    const ask = () =>
      chat.api.room(roomId).then(
        ({ member_count }) => setCounted(member_count),
        () => {},
      );
    const timer = setTimeout(ask, isCounted ? COUNT_AGAIN : 0);
    return () => clearTimeout(timer);
  }, [chat, roomId, members, isPart]);
  return isPart ? counted : (members?.length ?? null);
}
