import { useDeferredValue, useState } from "react";
import type { ManagedAccount } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { Button } from "#web/ui/Button.tsx";
import { MoreIcon } from "#web/ui/icons.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import { Mark } from "#web/ui/Mark.tsx";
import { Menu, type MenuItem } from "#web/ui/Menu.tsx";
import { SearchField } from "#web/ui/SearchField.tsx";
import { type AccountDeed, AccountDialog } from "./AccountDialog.tsx";
import css from "./admin.module.css";
import { EraseDialog } from "./EraseDialog.tsx";
import { MakeAccountDialog } from "./MakeAccountDialog.tsx";

/** Everybody, those who are deactivated too. */
export function AccountsPart() {
  const { chat } = useHouse();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState(0);
  const pages = usePages(
    wanted,
    (cursor) => chat.api.accounts({ cursor, ...(wanted === "" ? {} : { name: wanted }) }),
    made,
  );
  const [asked, setAsked] = useState<{ deed: AccountDeed | "erase"; account: ManagedAccount } | null>(null);
  return (
    <>
      <div className={css.tools}>
        <Button onClick={() => setMaking(true)}>Make an account</Button>
      </div>
      <SearchField label="Find a person" placeholder="Name or e-mail address" value={text} onChange={setText} />
      <ul className={css.rows} aria-label="Accounts">
        {pages.items?.map((account) => (
          <AccountRow key={account.id} account={account} onAsk={(deed) => setAsked({ deed, account })} />
        ))}
      </ul>
      <ListEnd pages={pages} none="Nobody has that in their name." />
      {isMaking && <MakeAccountDialog onMade={() => setMade(made + 1)} onClose={() => setMaking(false)} />}
      {asked?.deed === "erase" && (
        <EraseDialog
          account={asked.account}
          onErased={() => {
            pages.change((items) => items.filter((each) => each.id !== asked.account.id));
            setAsked(null);
          }}
          onClose={() => setAsked(null)}
        />
      )}
      {asked && asked.deed !== "erase" && (
        <AccountDialog
          deed={asked.deed}
          account={asked.account}
          onChanged={(changed) =>
            pages.change((items) => items.map((each) => (each.id === changed.id ? changed : each)))
          }
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}

function AccountRow({ account, onAsk }: { account: ManagedAccount; onAsk: (deed: AccountDeed | "erase") => void }) {
  const { user } = useHouse();
  const isOneself = account.id === user.id;
  const items: MenuItem[] = [];
  if (account.active) items.push({ label: "Make a password link", run: () => onAsk("link") });
  if (!isOneself && account.active) {
    items.push(
      account.role === "admin"
        ? { label: "Take the admin's role away", run: () => onAsk("demote") }
        : { label: "Make an admin", run: () => onAsk("promote") },
    );
  }
  if (!isOneself && account.active && account.role !== "admin") {
    items.push(
      account.role === "guest"
        ? { label: "Make a member", run: () => onAsk("member") }
        : { label: "Make a guest", run: () => onAsk("guest") },
    );
  }
  if (!account.active) items.push({ label: "Let in again", run: () => onAsk("reactivate") });
  else if (!isOneself) items.push({ label: "Deactivate", danger: true, run: () => onAsk("deactivate") });
  if (!isOneself) items.push({ label: "Erase", danger: true, run: () => onAsk("erase") });
  return (
    <li className={css.row}>
      <Avatar id={account.id} name={account.username} size={34} />
      <div className={css.about}>
        <p className={css.name}>
          <bdi>{account.username}</bdi>
          {isOneself && " (you)"}
          {account.role !== "user" && <Mark>{account.role}</Mark>}
          {!account.active && <Mark tone="warning">deactivated</Mark>}
        </p>
        {account.email !== null && <p className={css.under}>{account.email}</p>}
      </div>
      <Menu label={`Actions for ${account.username}`} icon={<MoreIcon />} items={items} />
    </li>
  );
}
