import { Link } from "wouter";
import { mayGovernHouse } from "#shared/permissions.ts";
import { useHouse } from "#web/state/house.ts";
import { useTitle } from "#web/state/title.ts";
import { EmptyState } from "#web/ui/EmptyState.tsx";
import { Page } from "#web/ui/Page.tsx";
import { AccountsPart } from "./AccountsPart.tsx";
import { AuditPart } from "./AuditPart.tsx";
import css from "./admin.module.css";
import { GroupsPart } from "./GroupsPart.tsx";
import { HealthPart } from "./HealthPart.tsx";
import { InvitesPart } from "./InvitesPart.tsx";
import { MayPart } from "./MayPart.tsx";
import { RoomsPart } from "./RoomsPart.tsx";
import { SettingsPart } from "./SettingsPart.tsx";

const PARTS = {
  people: { label: "People", draw: AccountsPart },
  rooms: { label: "Rooms", draw: RoomsPart },
  invites: { label: "Invites", draw: InvitesPart },
  groups: { label: "Groups", draw: GroupsPart },
  may: { label: "Who may", draw: MayPart },
  settings: { label: "Settings", draw: SettingsPart },
  health: { label: "Health", draw: HealthPart },
  audit: { label: "Audit log", draw: AuditPart },
} as const;

type PartName = keyof typeof PARTS;

/** What the house's admins see and do. The server asks for the right again at each address. */
export function AdminPage({ part }: { part: string }) {
  const { user } = useHouse();
  const chosen: PartName = Object.hasOwn(PARTS, part) ? (part as PartName) : "people";
  const { label, draw: Part } = PARTS[chosen];
  useTitle(`${label} – Administration`);
  if (!mayGovernHouse(user.role)) {
    return <EmptyState title="For admins" text="Only an admin of this server can look at this page." />;
  }
  return (
    <Page title="Administration">
      <nav className={css.parts} aria-label="Administration">
        {(Object.keys(PARTS) as PartName[]).map((name) => (
          <Link
            key={name}
            href={`/chat/admin/${name}`}
            className={css.part}
            aria-current={name === chosen ? "page" : undefined}
          >
            {PARTS[name].label}
          </Link>
        ))}
      </nav>
      <section aria-label={label}>
        <Part />
      </section>
    </Page>
  );
}
