import { useEffect } from "react";
import { Link } from "wouter";
import type { RoomView } from "#client/chat.ts";
import type { Member } from "#shared/models.ts";
import { useFace, useSeen } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { MoreIcon } from "#web/ui/icons.tsx";
import { Menu, type MenuItem } from "#web/ui/Menu.tsx";
import { SeenDot } from "#web/ui/SeenDot.tsx";
import css from "./PeoplePanel.module.css";
import { Removed } from "./Removed.tsx";

interface PeoplePanelProps {
  roomId: number;
  view: RoomView;
  /** Whether this person may let in again whom the room keeps out. */
  showsRemoved: boolean;
  /** What may be done about another member. */
  actionsOn: (member: Member) => MenuItem[];
}

/** Who has the room open now, and who belongs to it. */
export function PeoplePanel({ roomId, view, showsRemoved, actionsOn }: PeoplePanelProps) {
  const { chat, user } = useHouse();
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
      <section aria-label="Members">
        <h2 className={css.title}>Members {members !== null && <span className={css.count}>{members.length}</span>}</h2>
        <ul>
          {members?.map((member) => (
            <li key={member.user_id} className={css.person}>
              <Somebody
                id={member.user_id}
                username={member.username}
                look={member}
                isHere={hereIds.has(member.user_id)}
                isLink
              />
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
      </section>
      {showsRemoved && members !== null && <Removed roomId={roomId} members={members} />}
    </div>
  );
}

interface SomebodyProps {
  id: number;
  username: string;
  /** Known where it is; else it is asked for. */
  look?: Pick<Member, "display_name" | "hue">;
  isHere: boolean;
  isLink?: boolean;
}

/** The display name, with the user name on pointing at it and on the person's page. */
function Somebody({ id, username, look, isHere, isLink = false }: SomebodyProps) {
  const { user } = useHouse();
  const face = useFace(id);
  const seen = useSeen(id);
  const shownSeen = isHere ? "online" : seen;
  const { display_name, hue } = look ?? face ?? {};
  const name = display_name ?? username;
  const shown = id === user.id ? `${name} (you)` : name;
  return (
    <>
      <span className={css.face}>
        <Avatar id={id} name={name} hue={hue ?? null} size={26} />
        <SeenDot seen={shownSeen} />
      </span>
      {isLink ? (
        <Link href={`/chat/people/${id}`} className={css.link} title={username}>
          <bdi>{shown}</bdi>
        </Link>
      ) : (
        <bdi className={css.name} title={username}>
          {shown}
        </bdi>
      )}
      {!isHere && seen !== null && <span className="out-of-sight">{seen}</span>}
    </>
  );
}
