import { Link } from "wouter";
import type { Member } from "#shared/models.ts";
import { useFace, useSeen } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { SeenDot } from "#web/ui/SeenDot.tsx";
import css from "./PeoplePanel.module.css";

interface SomebodyProps {
  id: number;
  username: string;
  /** Known where it is; else it is asked for. */
  look?: Pick<Member, "display_name" | "hue">;
  isHere: boolean;
  isLink?: boolean;
}

/** The display name, with the user name on pointing at it and on the person's page. */
export function Somebody({ id, username, look, isHere, isLink = false }: SomebodyProps) {
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
