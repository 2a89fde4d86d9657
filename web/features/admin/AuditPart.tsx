import { useState } from "react";
import type { AuditAct, AuditEntry } from "#shared/contract/house.ts";
import { useHouse } from "#web/state/house.ts";
import { keepFile } from "#web/state/keep-file.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Button } from "#web/ui/Button.tsx";
import { Field, SelectField } from "#web/ui/Field.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { shortTime } from "#web/ui/show-time.ts";
import css from "./admin.module.css";
import { Pick, type Picked } from "./Pick.tsx";

const ACTS: Readonly<Record<AuditAct, string>> = {
  "account.made": "made the account of",
  "account.changed": "changed the account of",
  "account.role": "changed the role of",
  "account.deactivated": "deactivated",
  "account.reactivated": "reactivated",
  "account.erased": "erased",
  "password-link.made": "made a password link for",
  "setting.changed": "changed a setting",
  "room.deleted": "deleted a room",
  "room.changed": "changed a room",
  "room.handed-on": "handed a room on to",
  "member.role": "gave a role in a room to",
  "member.removed": "removed from a room",
  "member.banned": "banned from a room",
  "member.unbanned": "undid the ban of",
  "invite.made": "made an invite",
  "invite.revoked": "took back an invite by",
  "message.erased": "erased a message by",
  "group.made": "made a group",
  "group.changed": "changed who is in a group",
  "group.deleted": "deleted a group",
};

/** Every administrative act. Nothing takes a row out of it. */
export function AuditPart() {
  const { chat } = useHouse();
  const [act, setAct] = useState<AuditAct | "">("");
  const [person, setPerson] = useState<Picked | null>(null);
  const [named, setNamed] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const people = usePages(named, (cursor) => chat.api.accounts({ cursor, ...(named === "" ? {} : { name: named }) }));
  const which = {
    ...(act === "" ? {} : { act }),
    ...(person === null ? {} : { person: person.id }),
    ...(from === "" ? {} : { from: dayAt(from, 0) }),
    ...(to === "" ? {} : { to: dayAt(to, 1) }),
  };
  const pages = usePages(JSON.stringify(which), (cursor) => chat.api.audit({ cursor, ...which }));
  const isAll = Object.keys(which).length === 0;
  const { busy, fault, run } = useDeed();
  const keep = (form: "csv" | "jsonl") =>
    void run(async () => keepFile(`audit.${form}`, await chat.api.exportAudit(form)));
  return (
    <>
      <div className={css.tools}>
        <Button busy={busy} onClick={() => keep("csv")}>
          Export as CSV
        </Button>
        <Button busy={busy} onClick={() => keep("jsonl")}>
          Export as JSON lines
        </Button>
      </div>
      <div className={css.picks}>
        <SelectField label="Act" value={act} onChange={(event) => setAct(event.target.value as AuditAct | "")}>
          <option value="">Every act</option>
          {Object.entries(ACTS).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </SelectField>
        <Pick
          label="Person"
          chosen={person}
          items={people.items?.map(({ id, username }) => ({ id, name: username })) ?? []}
          onType={setNamed}
          onChoose={setPerson}
        />
        <Field label="From" type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
        <Field label="To" type="date" value={to} onChange={(event) => setTo(event.target.value)} />
      </div>
      {!isAll && (
        <div className={css.tools}>
          <Button
            onClick={() => {
              setAct("");
              setPerson(null);
              setFrom("");
              setTo("");
            }}
          >
            Show all
          </Button>
        </div>
      )}
      {fault && <Notice>{fault.detail}</Notice>}
      <ul className={css.rows} aria-label="Administrative acts">
        {pages.items?.map((entry) => (
          <ActRow key={entry.id} entry={entry} />
        ))}
      </ul>
      <ListEnd pages={pages} none={isAll ? "No administrative act has been done yet." : "No such act was found."} />
    </>
  );
}

/** A day begins where the reader is. */
function dayAt(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

function ActRow({ entry }: { entry: AuditEntry }) {
  const { actor, act, user, room, detail, address } = entry;
  const said = Object.entries(detail).map(([name, value]) => `${name}: ${value}`);
  // A room that is deleted has no name any more: the detail has it.
  if (room !== null && room.name !== "") said.push(`room: ${room.name}`);
  return (
    <li className={css.row}>
      <div className={css.about}>
        <p>
          <bdi className={css.who}>{actor?.name ?? "The operator"}</bdi> {ACTS[act]}{" "}
          {user && <bdi className={css.who}>{user.name}</bdi>}
        </p>
        <p className={css.under}>
          {[shortTime(entry.at), ...said, address === null ? "at the machine" : `from ${address}`].join(" · ")}
        </p>
      </div>
    </li>
  );
}
