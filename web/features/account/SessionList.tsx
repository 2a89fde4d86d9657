import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Button } from "#web/ui/Button.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { shortTime } from "#web/ui/show-time.ts";
import css from "./AccountPage.module.css";
import { clientName } from "./client-name.ts";

export function SessionList() {
  const { chat } = useHouse();
  const { fault, run } = useDeed();
  const sessions = usePages("", (cursor) => chat.api.sessions({ cursor, limit: 100 }));
  const end = (id: string) =>
    run(async () => {
      await chat.api.endSession(id);
      sessions.change((before) => before.filter((each) => each.id !== id));
    });
  return (
    <>
      {fault && <Notice>{fault.detail}</Notice>}
      <ul className={css.sessions} aria-label="Sessions">
        {sessions.items?.map((each) => (
          <li key={each.id} className={css.session}>
            <div className={css.names}>
              <p className={css.client}>
                {clientName(each.client)}
                {each.current && <span className={css.current}>This browser</span>}
              </p>
              <p className={css.under}>
                Last used {shortTime(each.last_used_at)} · logged in {shortTime(each.created_at)}
              </p>
            </div>
            {!each.current && (
              <Button onClick={() => void end(each.id)} aria-label={`End the session of ${clientName(each.client)}`}>
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ListEnd pages={sessions} none="" />
    </>
  );
}
