import { useEffect, useState } from "react";
import type { Person } from "#shared/contract/people.ts";
import type { GivenHistory } from "#shared/contract/rooms.ts";
import { limits } from "#shared/limits.ts";
import type { Room } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Choice } from "#web/ui/Choice.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { PeoplePicker } from "./PeoplePicker.tsx";
import css from "./rooms.module.css";

interface AddPeopleDialogProps {
  room: Room;
  title: string;
  memberIds: ReadonlySet<number>;
  onClose: () => void;
}

/** People of this server who are not in the room yet. */
export function AddPeopleDialog({ room, title, memberIds, onClose }: AddPeopleDialogProps) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [chosen, setChosen] = useState<ReadonlyMap<number, Person>>(new Map());
  const [history, setHistory] = useState<GivenHistory>("from_now");
  const knowsMembers = memberIds.size > 0;
  useEffect(() => {
    // Where the list of members was not shown yet, as on a phone, it is not known yet either.
    if (!knowsMembers) void chat.loadMembers(room.id);
  }, [chat, room.id, knowsMembers]);
  const most = room.kind === "direct" ? limits.directPeople - memberIds.size : limits.membersAtOnce;
  const add = async () => {
    const done = await run(() =>
      chat.api.addMembers(room.id, [...chosen.keys()], room.kind === "public" ? undefined : history),
    );
    if (done) onClose();
  };
  return (
    <Dialog title={`Add people to ${title}`} onClose={onClose}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen.size > 0) void add();
        }}
      >
        {fault && <Notice>{fault.detail}</Notice>}
        <PeoplePicker chosen={chosen} most={most} without={memberIds} onChange={setChosen} />
        {room.kind !== "public" && (
          <Choice
            label="What they may read"
            value={history}
            onChange={setHistory}
            options={[
              { value: "from_now", label: "From now on", hint: "What was said before stays hidden from them." },
              { value: "all", label: "All that you can read", hint: "Earlier messages too." },
            ]}
          />
        )}
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
