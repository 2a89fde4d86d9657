import { useEffect, useState } from "react";
import {
  PushFault,
  readClosedBrowser,
  type ClosedBrowser as State,
  stopTelling,
  tellClosedBrowser,
} from "#web/push/closed-browser.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./AccountPage.module.css";

/** Whether this browser is told of messages while Parlour is closed. Nothing at all where the server does not do that. */
export function ClosedBrowser() {
  const { chat } = useHouse();
  const { fault, run } = useDeed();
  const [state, setState] = useState<State | null>(null);
  const [isServiceAway, setIsServiceAway] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for once, when the page opens
  useEffect(() => {
    void run(async () => setState(await readClosedBrowser(chat.api)));
  }, [chat]);
  if (state === null || state.is === "not-offered") return null;

  const change = (on: boolean, words: boolean) =>
    run(async () => {
      setIsServiceAway(false);
      try {
        setState(on ? await tellClosedBrowser(chat.api, words) : await stopTelling(chat.api));
      } catch (error) {
        if (!(error instanceof PushFault)) throw error;
        setIsServiceAway(true);
      }
    });
  return (
    <section className={css.section} aria-labelledby="closed-browser">
      <h2 id="closed-browser" className={css.title}>
        When Parlour is closed
      </h2>
      <div className={css.form}>
        {fault && <Notice>{fault.detail}</Notice>}
        {isServiceAway && <Notice>This browser cannot reach its maker's push service. Try again later.</Notice>}
        {state.is === "impossible" ? (
          <p className={css.under}>{whatToDo[state.why]}</p>
        ) : (
          <>
            <label className={css.check}>
              <input
                type="checkbox"
                checked={state.is === "on"}
                onChange={(event) => void change(event.target.checked, false)}
              />
              Notify this browser when Parlour is closed
            </label>
            {state.is === "on" && (
              <label className={css.check}>
                <input
                  type="checkbox"
                  checked={state.words}
                  onChange={(event) => void change(true, event.target.checked)}
                />
                With the words, on a locked screen too
              </label>
            )}
            <p className={css.under}>
              It goes through the push service of this browser's maker, encrypted so that only this browser can read it.
            </p>
          </>
        )}
      </div>
    </section>
  );
}

const whatToDo: Record<Extract<State, { is: "impossible" }>["why"], string> = {
  insecure: "Browsers can be notified only by servers with an https address, and this one is asked by http.",
  unsupported:
    "This browser cannot be notified while Parlour is closed. On an iPhone or iPad add Parlour to the Home Screen and open it there.",
  blocked: "This browser does not let Parlour notify you. Allow notifications for this site in the browser's settings.",
};
