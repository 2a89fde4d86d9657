import { useEffect, useState } from "react";
import { Link } from "wouter";
import type { Why } from "#shared/contract/notify.ts";
import type { Level, Message } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { Dialog } from "#web/ui/Dialog.tsx";
import { Time } from "#web/ui/Time.tsx";
import css from "./dialogs.module.css";

/** Why one was told of a message or was not, and the settings that led there. */
export function WhyDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { chat } = useHouse();
  const [why, setWhy] = useState<Why | "failed" | null>(null);
  useEffect(() => {
    chat.api.why(message.id).then(setWhy, () => setWhy("failed"));
  }, [chat, message.id]);
  return (
    <Dialog title="Why was I told, or not?" onClose={onClose}>
      {why === "failed" && <p role="alert">This could not be asked. Try again in a moment.</p>}
      {why !== null && why !== "failed" && (
        <>
          <p className={css.text}>
            {why.notify ? "You were to be told of this message." : "You were not to be told of this message."}{" "}
            {why.sentence}
          </p>
          {why.now && (
            <p className={css.text}>
              Said now, you would {why.now.notify ? "" : "not "}be told of it. {why.now.sentence}
            </p>
          )}
          {why.told.map(({ how, at }) => (
            <p key={how} className={css.text}>
              {TOLD[how]} <Time at={at} />
            </p>
          ))}
          <dl className={css.receipt}>
            <dt>This room</dt>
            <dd>{why.room_level === null ? "as usual" : LEVELS[why.room_level]}</dd>
            <dt>Other rooms</dt>
            <dd>{LEVELS[why.preferences.rooms]}</dd>
            <dt>Keywords</dt>
            <dd>{why.preferences.keywords.length === 0 ? "none" : why.preferences.keywords.join(", ")}</dd>
            <dt>Quiet hours</dt>
            <dd>{why.preferences.quiet ? `${why.preferences.quiet.from} to ${why.preferences.quiet.to}` : "none"}</dd>
          </dl>
          <p>
            <Link href="/chat/account">Change what I am told of</Link>
          </p>
        </>
      )}
    </Dialog>
  );
}

const TOLD: Readonly<Record<Why["told"][number]["how"], string>> = {
  pushed: "A closed browser of yours was notified.",
  with_newer: "A closed browser of yours was notified of a newer message there.",
  letter: "A letter told you of it.",
  passed: "No closed browser was notified: by then you had read it, or it was not for you any more.",
  at_device: "No closed browser was notified: you were at a device for the hour that followed.",
  failed: "A closed browser was to be notified, and its push service did not take it.",
};

const LEVELS: Readonly<Record<Level, string>> = { all: "every message", mentions: "what calls me", nothing: "nothing" };
