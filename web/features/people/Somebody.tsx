import { Link } from "wouter";
import type { Member } from "#shared/models.ts";
import { useFace, useSeen, useStatus } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { Names } from "#web/ui/Names.tsx";
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

/** Who somebody is, and below it what they are up to. */
export function Somebody({ id, username, look, isHere, isLink = false }: SomebodyProps) {
  const { user } = useHouse();
  const face = useFace(id);
  const seen = useSeen(id);
  const status = useStatus(id);
  const shownSeen = isHere ? "online" : seen;
  const { display_name, hue } = look ?? face ?? {};
  const names = (
    <>
      <Names display={display_name} username={username} />
      {id === user.id && " (you)"}
    </>
  );
  return (
    <>
      <span className={css.face}>
        <Avatar id={id} name={display_name ?? username} hue={hue ?? null} size={26} />
        <SeenDot seen={shownSeen} />
      </span>
      <span className={css.about}>
        {isLink ? (
          <Link href={`/chat/people/${id}`} className={css.link} title={username}>
            {names}
          </Link>
        ) : (
          <span className={css.name} title={username}>
            {names}
          </span>
        )}
        {isLink && status !== null && (
          <bdi className={css.status} title={status.text}>
            {status.text}
          </bdi>
        )}
      </span>
      {!isHere && seen !== null && <span className="out-of-sight">{seen}</span>}
    </>
  );
}
