import { useState } from "react";
import type { Member, Room } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { faultBeside, faultFor, useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Choice } from "#web/ui/Choice.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Field } from "#web/ui/Field.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./rooms.module.css";

const HOURS = { ever: null, day: 24, week: 7 * 24 } as const;
const HOUR = 3_600_000;

/** Out of the room, to come back or to be kept out: two deeds, chosen where they are done. */
export function RemoveMemberDialog({ room, member, onClose }: { room: Room; member: Member; onClose: () => void }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [deed, setDeed] = useState<"out" | "ban">("out");
  const [lasts, setLasts] = useState<keyof typeof HOURS>("ever");
  const [reason, setReason] = useState("");
  const general = faultBeside(fault, ["reason"]);
  const remove = async () => {
    const hours = HOURS[lasts];
    const until = hours === null ? null : new Date(Date.now() + hours * HOUR).toISOString();
    const done = await run(() =>
      deed === "out"
        ? chat.api.sendOut(room.id, member.user_id)
        : chat.api.ban(room.id, { user_id: member.user_id, reason, until }),
    );
    if (done) onClose();
  };
  return (
    <Dialog title={`Remove ${member.username}?`} description="What they wrote stays." onClose={onClose}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          void remove();
        }}
      >
        {general && <Notice>{general}</Notice>}
        <Choice
          label={`In ${room.name}`}
          value={deed}
          onChange={setDeed}
          options={[
            {
              value: "out",
              label: "Send out",
              hint:
                room.kind === "public" && !member.guest
                  ? "They read on, and can join again."
                  : "They see it no more until somebody adds or invites them.",
            },
            { value: "ban", label: "Ban", hint: "They are kept out, of links too, until the ban ends or is undone." },
          ]}
        />
        {deed === "ban" && (
          <>
            <Choice
              label="For how long"
              value={lasts}
              onChange={setLasts}
              options={[
                { value: "day", label: "A day" },
                { value: "week", label: "A week" },
                { value: "ever", label: "Until undone" },
              ]}
            />
            <Field
              label="Reason"
              value={reason}
              hint="Whoever may let them in again can read it; they cannot."
              error={faultFor(fault, "reason")}
              onChange={(event) => setReason(event.target.value)}
            />
          </>
        )}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="danger" busy={busy}>
            {deed === "ban" ? "Ban" : "Send out"}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
