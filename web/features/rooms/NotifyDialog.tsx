import { useState } from "react";
import type { Level, MyRoom } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Choice } from "#web/ui/Choice.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./rooms.module.css";

type Chosen = Level | "as-usual";

/** What one is told of in this room. */
export function NotifyDialog({ mine, title, onClose }: { mine: MyRoom; title: string; onClose: () => void }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [level, setLevel] = useState<Chosen>(mine.notify ?? "as-usual");
  const usual = mine.room.kind === "direct" ? "all" : chat.replica.preferences.rooms;
  const save = async () => {
    if (await run(() => chat.api.setLevel(mine.room.id, level === "as-usual" ? null : level))) onClose();
  };
  return (
    <Dialog title="Notifications" description={title} onClose={onClose}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {fault && <Notice>{fault.detail}</Notice>}
        <Choice<Chosen>
          label="Tell me of"
          value={level}
          onChange={setLevel}
          options={[
            { value: "as-usual", label: "As usual", hint: `Now: ${USUAL[usual]}` },
            { value: "all", label: "Every message" },
            { value: "mentions", label: "What calls me", hint: "My name, a group of mine, @room, @here, keywords." },
            { value: "nothing", label: "Nothing", hint: "The room is quiet in the list." },
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

const USUAL: Readonly<Record<Level, string>> = {
  all: "every message",
  mentions: "what calls me",
  nothing: "nothing",
};
