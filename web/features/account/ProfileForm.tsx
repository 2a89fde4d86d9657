import { useEffect, useState } from "react";
import type { ChangeProfile, Person } from "#shared/contract/people.ts";
import { limits } from "#shared/limits.ts";
import { useHouse } from "#web/state/house.ts";
import { faultBeside, faultFor, useDeed } from "#web/state/use-deed.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { Button } from "#web/ui/Button.tsx";
import { Field } from "#web/ui/Field.tsx";
import { hueOf } from "#web/ui/initials.ts";
import { Notice } from "#web/ui/Notice.tsx";
import { shortTime } from "#web/ui/show-time.ts";
import css from "./AccountPage.module.css";
import { ENDS, type EndName, endNow, statusChange } from "./status-end.ts";

const FIELDS = ["display_name", "time_zone", "status"];

/** What one says of oneself. */
export function ProfileForm() {
  const { chat, user } = useHouse();
  const { fault, run } = useDeed();
  const [person, setPerson] = useState<Person | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for once, when the page opens
  useEffect(() => {
    void run(async () => setPerson(await chat.api.person(user.id)));
  }, [chat, user.id]);
  if (fault) return <Notice>{fault.detail}</Notice>;
  return person && <Form person={person} onSaved={setPerson} />;
}

function Form({ person, onSaved }: { person: Person; onSaved: (person: Person) => void }) {
  const { chat, user } = useHouse();
  const { busy, fault, run } = useDeed();
  const [name, setName] = useState(person.display_name);
  const [hue, setHue] = useState(person.hue ?? hueOf(person.id));
  const [zone, setZone] = useState(person.time_zone ?? "");
  const [status, setStatus] = useState(person.status?.text ?? "");
  const [end, setEnd] = useState<EndName>(endNow(person.status));
  const [isDone, setIsDone] = useState(false);
  const general = faultBeside(fault, FIELDS);

  const save = async () => {
    setIsDone(false);
    const changes: ChangeProfile = {
      display_name: name,
      hue: hue === hueOf(person.id) ? null : hue,
      time_zone: zone === "" ? null : zone,
      status: statusChange(person.status, { text: status, end }, Date.now()),
    };
    const done = await run(async () => {
      const saved = await chat.api.changeProfile(changes);
      chat.people.again([user.id]);
      setStatus(saved.status?.text ?? "");
      setEnd(endNow(saved.status));
      onSaved(saved);
    });
    setIsDone(done);
  };
  return (
    <form
      className={css.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {isDone && <Notice tone="done">Your profile is saved.</Notice>}
      {general !== undefined && <Notice>{general}</Notice>}
      <Field
        label="Display name"
        value={name}
        autoComplete="name"
        hint="Shown before your user name, which stands beside it. Leave it empty to have none."
        error={faultFor(fault, "display_name")}
        onChange={(event) => setName(event.target.value)}
      />
      <label className={css.colour}>
        Colour
        <input type="range" min={0} max={359} value={hue} onChange={(event) => setHue(Number(event.target.value))} />
        <Avatar id={person.id} name={name || person.username} hue={hue} size={38} />
      </label>
      <Field
        label="Time zone"
        value={zone}
        list="time-zones"
        autoComplete="off"
        placeholder={Intl.DateTimeFormat().resolvedOptions().timeZone}
        error={faultFor(fault, "time_zone")}
        onChange={(event) => setZone(event.target.value)}
      />
      <datalist id="time-zones">
        {Intl.supportedValuesOf("timeZone").map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <Field
        label="Status"
        value={status}
        maxLength={limits.statusLength}
        autoComplete="off"
        placeholder="What are you up to?"
        error={faultFor(fault, "status")}
        onChange={(event) => setStatus(event.target.value)}
      />
      {status.trim() !== "" && (
        <label className={css.select}>
          Until
          <select value={end} onChange={(event) => setEnd(event.target.value as EndName)}>
            {person.status?.until && <option value="kept">{shortTime(person.status.until)}</option>}
            {Object.entries(ENDS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      <div>
        <Button type="submit" busy={busy}>
          Save profile
        </Button>
      </div>
    </form>
  );
}
