import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Group } from "#shared/contract/notify.ts";
import { useFace } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { faultBeside, faultFor, useDeed } from "#web/state/use-deed.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Button } from "#web/ui/Button.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Field } from "#web/ui/Field.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./admin.module.css";
import { Pick } from "./Pick.tsx";

/** Groups of people whom everybody may call by one name. */
export function GroupsPart() {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [groups, setGroups] = useState<readonly Group[] | null>(null);
  const [name, setName] = useState("");
  const load = async () => setGroups((await chat.api.groups()).items);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for once, when the page opens
  useEffect(() => {
    void run(load);
  }, [chat]);
  const make = async (event: FormEvent) => {
    event.preventDefault();
    const done = await run(async () => {
      await chat.api.makeGroup(name.replace(/^@/, ""));
      await load();
    });
    if (done) setName("");
  };
  const general = faultBeside(fault, ["name"]);
  return (
    <>
      <p className={css.note}>Whoever writes @ and a group's name calls those of it who are in the room.</p>
      {general !== undefined && <Notice>{general}</Notice>}
      <form className={css.picks} noValidate onSubmit={(event) => void make(event)}>
        <Field
          label="New group"
          value={name}
          autoComplete="off"
          hint="Letters, digits, _, . and -"
          error={faultFor(fault, "name")}
          onChange={(event) => setName(event.target.value)}
        />
        <div className={css.beside}>
          <Button type="submit" busy={busy}>
            Make group
          </Button>
        </div>
      </form>
      {groups?.length === 0 && <p className={css.none}>There is no group yet.</p>}
      {groups?.map((group) => (
        <GroupBox
          key={group.id}
          group={group}
          onChanged={(changed) =>
            setGroups((now) => now?.map((each) => (each.id === changed.id ? changed : each)) ?? null)
          }
          onDeleted={() => setGroups((now) => now?.filter(({ id }) => id !== group.id) ?? null)}
        />
      ))}
    </>
  );
}

interface GroupBoxProps {
  group: Group;
  onChanged: (group: Group) => void;
  onDeleted: () => void;
}

function GroupBox({ group, onChanged, onDeleted }: GroupBoxProps) {
  const { chat } = useHouse();
  const { fault, run } = useDeed();
  const [text, setText] = useState("");
  const people = usePages(text, (cursor) => chat.api.users({ cursor, ...(text === "" ? {} : { name: text }) }));
  const [isAsked, setAsked] = useState(false);
  // One after the other: the last answer says who is in it now.
  const last = useRef<Promise<unknown>>(Promise.resolve());
  const put = (userId: number, on: boolean) => {
    last.current = last.current.then(() => run(async () => onChanged(await chat.api.putInGroup(group.id, userId, on))));
  };
  const others = people.items?.filter(({ id }) => !group.user_ids.includes(id)) ?? [];
  return (
    <section className={css.group} aria-label={`Group ${group.name}`}>
      <h2 className={css.asked}>
        @<bdi>{group.name}</bdi>
      </h2>
      {fault && <Notice>{fault.detail}</Notice>}
      <ul className={css.rows} aria-label={`In ${group.name}`}>
        {group.user_ids.map((id) => (
          <li key={id} className={css.row}>
            <Named id={id} />
            <Button onClick={() => put(id, false)}>Take out</Button>
          </li>
        ))}
      </ul>
      {group.user_ids.length === 0 && <p className={css.none}>Nobody is in it yet.</p>}
      <Pick
        label={`Add to ${group.name}`}
        chosen={null}
        items={others.map(({ id, username }) => ({ id, name: username }))}
        onType={setText}
        onChoose={({ id }) => put(id, true)}
      />
      <div>
        <Button onClick={() => setAsked(true)}>Delete group</Button>
        {isAsked && <DeleteGroupDialog group={group} onDeleted={onDeleted} onClose={() => setAsked(false)} />}
      </div>
    </section>
  );
}

function DeleteGroupDialog({
  group,
  onDeleted,
  onClose,
}: {
  group: Group;
  onDeleted: () => void;
  onClose: () => void;
}) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  return (
    <Dialog
      title={`Delete @${group.name}?`}
      description="Nobody is called by it any more, in what was said before either. This cannot be undone."
      onClose={onClose}
    >
      {fault && <Notice>{fault.detail}</Notice>}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="danger"
          busy={busy}
          onClick={() =>
            void run(async () => {
              await chat.api.deleteGroup(group.id);
              onClose();
              onDeleted();
            })
          }
        >
          Delete group
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Named({ id }: { id: number }) {
  const face = useFace(id);
  return (
    <div className={css.about}>
      <p className={css.name}>
        <bdi>{face === null ? "" : (face.display_name ?? face.username)}</bdi>
      </p>
      {face?.display_name && <p className={css.under}>{face.username}</p>}
    </div>
  );
}
