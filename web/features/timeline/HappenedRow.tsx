import { Fragment, memo, type ReactNode } from "react";
import type { ActiveUser, RoomChange, RoomRole } from "#shared/models.ts";
import { useFace } from "#web/state/chat.ts";
import { Names } from "#web/ui/Names.tsx";
import { clockTime, fullTime, shortTime } from "#web/ui/show-time.ts";
import type { Line, Said } from "./fold-happenings.ts";
import css from "./HappenedRow.module.css";

/** One quiet line of what happened between two messages. */
export const HappenedRow = memo(function HappenedRow({ line, dated }: { line: Line; dated: boolean }) {
  return (
    <p className={css.happened}>
      {line.said.map((said, at) => (
        <Fragment key={said.is}>
          {at > 0 && ", "}
          <Words said={said} isCut={line.isCut} />
        </Fragment>
      ))}{" "}
      <time className={css.time} dateTime={new Date(line.at).toISOString()} title={fullTime(line.at)}>
        {dated ? shortTime(line.at) : clockTime(line.at)}
      </time>
    </p>
  );
});

function Words({ said, isCut }: { said: Said; isCut: boolean }): ReactNode {
  const by = "by" in said && <Name person={said.by} />;
  const people = "people" in said && <People people={said.people} isCut={isCut} />;
  switch (said.is) {
    case "made":
      return (
        <>
          {by} {said.isTalk ? "began this conversation" : "made this room"}
        </>
      );
    case "joined":
    case "left":
    case "joined and left":
    case "left and joined again":
      return (
        <>
          {people} {said.is}
        </>
      );
    case "added":
    case "removed":
      return (
        <>
          {by} {said.is} {people}
        </>
      );
    case "sent out":
      return (
        <>
          {by} sent {people} out
        </>
      );
    case "invited":
      return (
        <>
          {people} joined by an invite link from {by}
        </>
      );
    case "role": {
      const isOwn = said.people.length === 1 && said.people[0]?.id === said.by.id;
      const role = said.people.length > 1 ? ROLES[said.role].many : ROLES[said.role].one;
      return isOwn ? (
        <>
          {by} became {role}
        </>
      ) : (
        <>
          {by} made {people} {role}
        </>
      );
    }
    case "changed":
      return (
        <>
          {by} {inList(said.changes.map((change) => CHANGES[change]))}
        </>
      );
    default:
      return said satisfies never;
  }
}

const ROLES: Readonly<Record<RoomRole, { one: string; many: string }>> = {
  admin: { one: "an admin", many: "admins" },
  moderator: { one: "a moderator", many: "moderators" },
  member: { one: "a member", many: "members" },
  reader: { one: "a reader", many: "readers" },
};

const CHANGES: Readonly<Record<RoomChange, string>> = {
  name: "renamed the room",
  description: "changed the description",
  announcements: "let only moderators and admins write",
  talk: "let everybody write",
  archived: "archived the room",
  unarchived: "took the room out of the archive",
};

const SHOWN = 3;

/** Three are named; of more the first two, and how many others there are. */
function People({ people, isCut }: { people: readonly ActiveUser[]; isCut: boolean }) {
  const isAll = people.length <= SHOWN;
  const others = isAll ? [] : people.slice(SHOWN - 1);
  const names = (isAll ? people : people.slice(0, SHOWN - 1)).map((person) => <Name key={person.id} person={person} />);
  const rest = (
    <span key="others" title={others.map(({ username }) => username).join(", ")}>
      {isCut ? "many" : others.length} others
    </span>
  );
  return inList(isAll ? names : [...names, rest]);
}

function inList(parts: readonly ReactNode[]): ReactNode {
  return parts.map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one line never change places
    <Fragment key={at}>
      {at > 0 && (at === parts.length - 1 ? " and " : ", ")}
      {part}
    </Fragment>
  ));
}

function Name({ person }: { person: ActiveUser }) {
  const face = useFace(person.id);
  return (
    <span className={css.name}>
      <Names display={face?.display_name} username={face?.username ?? person.username} />
    </span>
  );
}
