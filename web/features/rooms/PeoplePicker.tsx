import { useEffect, useState } from "react";
import type { Person } from "#shared/contract/people.ts";
import { limits } from "#shared/limits.ts";
import { useHouse } from "#web/state/house.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { Field } from "#web/ui/Field.tsx";
import { Names } from "#web/ui/Names.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./rooms.module.css";

const SHOWN = 50;
const AFTER_TYPING = 150;

interface PeoplePickerProps {
  chosen: ReadonlyMap<number, Person>;
  most: number;
  /** Who is not shown: they are there already. */
  without: ReadonlySet<number>;
  onChange: (chosen: ReadonlyMap<number, Person>) => void;
}

/** People of this server by their name. Who is chosen stays in the list while others are looked for. */
export function PeoplePicker({ chosen, most, without, onChange }: PeoplePickerProps) {
  const [wanted, setWanted] = useState("");
  const [isFull, setIsFull] = useState(false);
  const found = usePeopleNamed(wanted);
  const others = (found ?? []).filter((each) => !without.has(each.id) && !chosen.has(each.id));
  const shown = [...chosen.values(), ...others.slice(0, SHOWN)];
  const toggle = (user: Person) => {
    const next = new Map(chosen);
    if (!next.delete(user.id)) {
      if (next.size >= most) return setIsFull(true);
      next.set(user.id, user);
    }
    setIsFull(false);
    onChange(next);
  };
  return (
    <>
      <Field
        label="Find people"
        type="search"
        value={wanted}
        autoComplete="off"
        onChange={(event) => setWanted(event.target.value)}
      />
      {isFull && (
        <Notice>
          {most <= 0
            ? `A conversation may have ${limits.directPeople} people, and this one has them.`
            : `At most ${most} people can be chosen. Take somebody out first.`}
        </Notice>
      )}
      <ul className={css.people} aria-label="People">
        {shown.map((each) => (
          <li key={each.id}>
            <label className={css.person}>
              <input type="checkbox" checked={chosen.has(each.id)} onChange={() => toggle(each)} />
              <Avatar id={each.id} name={each.display_name || each.username} hue={each.hue} size={26} />
              <span>
                <Names display={each.display_name} username={each.username} />
              </span>
            </label>
          </li>
        ))}
        {found !== null && shown.length === 0 && <li className={css.nobody}>Nobody else by that name.</li>}
      </ul>
    </>
  );
}

/** null: not asked yet. What was found stays until the next answer. */
function usePeopleNamed(wanted: string): readonly Person[] | null {
  const { chat } = useHouse();
  const [found, setFound] = useState<readonly Person[] | null>(null);
  useEffect(() => {
    let isWanted = true;
    const ask = () =>
      chat.api.users({ limit: SHOWN * 2, ...(wanted.trim() === "" ? {} : { name: wanted }) }).then(
        (page) => isWanted && setFound(page.items),
        () => {},
      );
    const timer = setTimeout(ask, wanted === "" ? 0 : AFTER_TYPING);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [chat, wanted]);
  return found;
}
