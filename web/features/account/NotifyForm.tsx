import { useState } from "react";
import { limits } from "#shared/limits.ts";
import type { Level, Preferences } from "#shared/models.ts";
import { desktopNotices, turnOffNotices, turnOnNotices } from "#web/notices/desktop.ts";
import { usePreferences } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { faultBeside, faultFor, useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Choice } from "#web/ui/Choice.tsx";
import { Field } from "#web/ui/Field.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { fullTime } from "#web/ui/show-time.ts";
import css from "./AccountPage.module.css";

/** What one is told of, when, and whether this browser says it on the desktop. */
export function NotifyForm() {
  const preferences = usePreferences();
  return (
    <>
      <Desktop />
      {/* A pause changes nothing that is being written here. */}
      <Form key={JSON.stringify({ ...preferences, paused_until: null })} preferences={preferences} />
    </>
  );
}

function Desktop() {
  const [state, setState] = useState(desktopNotices);
  if (state === "impossible") return null;
  return (
    <div className={css.form}>
      {state === "blocked" ? (
        <p className={css.under}>This browser does not let Parlour notify you. Its settings for this page say so.</p>
      ) : (
        <div>
          <Button onClick={() => (state === "on" ? setState(turnOffNotices()) : void turnOnNotices().then(setState))}>
            {state === "on" ? "Turn off desktop notifications" : "Turn on desktop notifications"}
          </Button>
        </div>
      )}
    </div>
  );
}

const HOUR = 3_600_000;

function Form({ preferences }: { preferences: Preferences }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const { quiet, paused_until: paused } = preferences;
  const [rooms, setRooms] = useState<Level>(preferences.rooms);
  const [keywords, setKeywords] = useState(preferences.keywords.join(", "));
  const [words, setWords] = useState(preferences.words);
  const [isQuiet, setIsQuiet] = useState(quiet !== null);
  const [from, setFrom] = useState(quiet?.from ?? "22:00");
  const [to, setTo] = useState(quiet?.to ?? "07:00");
  const zone = quiet?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const isPaused = paused !== null && Date.parse(paused) > Date.now();
  const general = faultBeside(fault, ["keywords"]);

  const change = (changes: Parameters<typeof chat.api.changePreferences>[0]) =>
    run(async () => void (await chat.api.changePreferences(changes)));
  const save = () => {
    const wanted = keywords.split(",").map((word) => word.trim());
    return change({
      rooms,
      keywords: wanted.filter((word) => word !== ""),
      words,
      quiet: isQuiet ? { from, to, zone } : null,
    });
  };
  const pause = (hours: number) => change({ paused_until: new Date(Date.now() + hours * HOUR).toISOString() });
  return (
    <form
      className={css.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {general !== undefined && <Notice>{general}</Notice>}
      <div className={css.pause}>
        {isPaused ? (
          <>
            <p className={css.under}>You are told of nothing until {fullTime(paused)}.</p>
            <Button onClick={() => void change({ paused_until: null })}>Tell me again</Button>
          </>
        ) : (
          <>
            <Button onClick={() => void pause(1)}>Do not disturb for an hour</Button>
            <Button onClick={() => void pause(8)}>For eight hours</Button>
          </>
        )}
      </div>
      <Choice<Level>
        label="In rooms, tell me of"
        value={rooms}
        onChange={setRooms}
        options={[
          { value: "all", label: "Every message" },
          { value: "mentions", label: "What calls me" },
          { value: "nothing", label: "Nothing" },
        ]}
      />
      <Field
        label="Keywords"
        value={keywords}
        autoComplete="off"
        hint={`Words that notify you in rooms open on a device, and by push: ${limits.keywords} at most, with commas between them.`}
        error={faultFor(fault, "keywords")}
        onChange={(event) => setKeywords(event.target.value)}
      />
      <label className={css.check}>
        <input type="checkbox" checked={words} onChange={(event) => setWords(event.target.checked)} />
        Show what was said in notifications
      </label>
      <label className={css.check}>
        <input type="checkbox" checked={isQuiet} onChange={(event) => setIsQuiet(event.target.checked)} />
        Quiet hours, every day
      </label>
      {isQuiet && (
        <div className={css.hours}>
          <Field label="From" type="time" value={from} onChange={(event) => setFrom(event.target.value)} />
          <Field label="To" type="time" value={to} hint={zone} onChange={(event) => setTo(event.target.value)} />
        </div>
      )}
      <div>
        <Button type="submit" busy={busy}>
          Save notifications
        </Button>
      </div>
    </form>
  );
}
