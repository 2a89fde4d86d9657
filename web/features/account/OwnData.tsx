import { useHouse } from "#web/state/house.ts";
import { keepFile } from "#web/state/keep-file.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./AccountPage.module.css";

/** All that the server keeps of oneself, to take away. */
export function OwnData() {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const keep = () => run(async () => keepFile("my-data.json", await chat.api.exportOwn()));
  return (
    <div className={css.form}>
      {fault && <Notice>{fault.detail}</Notice>}
      <p className={css.under}>
        Your account, profile and sessions, your rooms, and every message that you wrote, as one JSON file.
      </p>
      <div>
        <Button busy={busy} onClick={() => void keep()}>
          Export my data
        </Button>
      </div>
    </div>
  );
}
