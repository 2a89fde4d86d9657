import { useEffect, useState } from "react";
import type { Session } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { shortTime } from "#web/ui/show-time.ts";
import css from "./AccountPage.module.css";
import { clientName } from "./client-name.ts";

export function SessionList() {
  const { chat } = useHouse();
  const { fault, run } = useDeed();
  const [sessions, setSessions] = useState<readonly Session[] | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for once, when the page opens
  useEffect(() => {
    void run(async () => setSessions((await chat.api.sessions()).items));
  }, [chat]);

  const end = (id: string) =>
    run(async () => {
      await chat.api.endSession(id);
      setSessions((before) => before?.filter((each) => each.id !== id) ?? null);
    });
  return (
    <>
      {fault && <Notice>{fault.detail}</Notice>}
      <ul className={css.sessions} aria-label="Sessions">
        {sessions?.map((each) => (
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
    </>
  );
}
