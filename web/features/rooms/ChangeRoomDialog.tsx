import { useState } from "react";
import { limits } from "#shared/limits.ts";
import type { Room } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { faultBeside, faultFor, useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Choice } from "#web/ui/Choice.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Field, LongField } from "#web/ui/Field.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./rooms.module.css";

export function ChangeRoomDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [name, setName] = useState(room.name);
  const [description, setDescription] = useState(room.description);
  const [posting, setPosting] = useState(room.posting);
  const general = faultBeside(fault, ["name", "description"]);

  const save = async () => {
    const changes = {
      ...(name !== room.name ? { name } : {}),
      ...(posting !== room.posting ? { posting } : {}),
      ...(description !== room.description ? { description } : {}),
    };
    if (Object.keys(changes).length === 0) return onClose();
    const done = await run(async () => {
      await chat.api.changeRoom(room.id, changes);
    });
    if (done) onClose();
  };
  return (
    <Dialog title="Room settings" onClose={onClose}>
      <form
        className={css.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {general !== undefined && <Notice>{general}</Notice>}
        <Field
          label="Name"
          value={name}
          maxLength={limits.roomNameLength * 2}
          autoComplete="off"
          required
          error={faultFor(fault, "name")}
          onChange={(event) => setName(event.target.value)}
        />
        <LongField
          label="Description"
          value={description}
          maxLength={limits.descriptionLength}
          error={faultFor(fault, "description")}
          onChange={(event) => setDescription(event.target.value)}
        />
        <Choice
          label="Who may write"
          value={posting}
          onChange={setPosting}
          options={[
            { value: "members", label: "Every member" },
            { value: "moderators", label: "Moderators and admins", hint: "For announcements: everybody else reads." },
          ]}
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="main" busy={busy}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
