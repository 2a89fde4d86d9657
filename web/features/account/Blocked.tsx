import { Link } from "wouter";
import { useChat } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { Button } from "#web/ui/Button.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import { Names } from "#web/ui/Names.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./AccountPage.module.css";

/** Whom one blocks, and the way to unblock them. Nobody else is told of it. */
export function Blocked() {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const count = useChat(({ replica }) => replica.blocks.size);
  const pages = usePages("", (cursor) => chat.api.blocks({ cursor }), count);
  return (
    <>
      {fault && <Notice>{fault.detail}</Notice>}
      <ul className={css.sessions} aria-label="People you block">
        {pages.items?.map(({ id, username, display_name, hue }) => (
          <li key={id} className={css.session}>
            <Avatar id={id} name={display_name ?? username} hue={hue ?? null} size={34} />
            <Link href={`/chat/people/${id}`} className={css.person}>
              <Names display={display_name} username={username} />
            </Link>
            <Button
              busy={busy}
              aria-label={`Unblock ${username}`}
              onClick={() =>
                void run(async () => {
                  await chat.api.unblock(id);
                  pages.change((items) => items.filter((each) => each.id !== id));
                })
              }
            >
              Unblock
            </Button>
          </li>
        ))}
      </ul>
      <ListEnd pages={pages} none="You block nobody." />
    </>
  );
}
