import { useEffect, useState } from "react";
import { limits } from "#shared/limits.ts";
import type { Room, User } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { Button } from "#web/ui/Button.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Field } from "#web/ui/Field.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./rooms.module.css";

const PAGES = 10;
const SHOWN = 100;

/** People of this server who are not in the room yet. */
export function AddPeopleDialog({
  room,
  memberIds,
  onClose,
}: {
  room: Room;
  memberIds: ReadonlySet<number>;
  onClose: () => void;
}) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [people, setPeople] = useState<readonly User[] | null>(null);
  const [wanted, setWanted] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for once, when the dialog opens
  useEffect(() => {
    void run(async () => {
      // Where the list of members was not shown yet, as on a phone, it is not known yet either.
      if (memberIds.size === 0) await chat.loadMembers(room.id);
      setPeople(await everybody(chat.api.users));
    });
  }, [chat]);

  const found = (people ?? []).filter(
    (each) => !memberIds.has(each.id) && each.username.toLowerCase().includes(wanted.trim().toLowerCase()),
  );
  const toggle = (id: number) => {
    const next = new Set(chosen);
    if (!next.delete(id) && next.size < limits.membersAtOnce) next.add(id);
    setChosen(next);
  };
  const add = async () => {
    if (await run(() => chat.api.addMembers(room.id, [...chosen]))) onClose();
  };
  return (
    <Dialog title={`Add people to ${room.name}`} onClose={onClose}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen.size > 0) void add();
        }}
      >
        {fault && <Notice>{fault.detail}</Notice>}
        <Field
          label="Find people"
          type="search"
          value={wanted}
          autoComplete="off"
          onChange={(event) => setWanted(event.target.value)}
        />
        <ul className={css.people} aria-label="People">
          {found.slice(0, SHOWN).map((each) => (
            <li key={each.id}>
              <label className={css.person}>
                <input type="checkbox" checked={chosen.has(each.id)} onChange={() => toggle(each.id)} />
                <Avatar id={each.id} name={each.username} size={26} />
                <bdi>{each.username}</bdi>
              </label>
            </li>
          ))}
          {people !== null && found.length === 0 && <li className={css.nobody}>Nobody else by that name.</li>}
        </ul>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="main" busy={busy} disabled={chosen.size === 0}>
            {chosen.size > 1 ? `Add ${chosen.size} people` : "Add"}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

type AskUsers = ReturnType<typeof useHouse>["chat"]["api"]["users"];

async function everybody(ask: AskUsers): Promise<User[]> {
  const people: User[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const part = await ask({ cursor, limit: limits.pageMost });
    people.push(...part.items);
    if (part.next === null) break;
    cursor = part.next;
  }
  return people;
}
