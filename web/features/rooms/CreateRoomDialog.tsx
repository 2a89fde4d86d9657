import { useState } from "react";
import { makeNonce, systemRandom } from "#client/nonce.ts";
import { limits } from "#shared/limits.ts";
import type { Posting } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { faultBeside, faultFor, useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Choice } from "#web/ui/Choice.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Field, LongField } from "#web/ui/Field.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./rooms.module.css";

export function CreateRoomDialog({ onCreated, onClose }: { onCreated: (roomId: number) => void; onClose: () => void }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [posting, setPosting] = useState<Posting>("members");
  const [kind, setKind] = useState<"public" | "private">("public");
  // One nonce for all tries: a first try whose answer was lost made the room already.
  const [nonce] = useState(() => makeNonce(Date.now(), systemRandom));
  const general = faultBeside(fault, ["name", "description"]);

  const create = () =>
    run(async () => {
      const room = await chat.api.createRoom({ name, description, kind, posting, nonce: `${nonce}` });
      onCreated(room.id);
    });
  return (
    <Dialog title="Create a room" onClose={onClose}>
      <form
        className={css.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void create();
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
          hint="What the room is for. You can leave this empty."
          value={description}
          maxLength={limits.descriptionLength}
          rows={2}
          error={faultFor(fault, "description")}
          onChange={(event) => setDescription(event.target.value)}
        />
        <Choice
          label="Who can come in"
          value={kind}
          onChange={setKind}
          options={[
            { value: "public", label: "Public", hint: "Everybody on this server can find it and join." },
            { value: "private", label: "Private", hint: "Only people who are added can see it." },
          ]}
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
            Create room
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
