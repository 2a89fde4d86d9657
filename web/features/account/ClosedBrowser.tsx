import { useEffect, useState } from "react";
import type { PushTried } from "#shared/contract/push.ts";
import {
  PushFault,
  readClosedBrowser,
  type ClosedBrowser as State,
  stopTelling,
  tellClosedBrowser,
} from "#web/push/closed-browser.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./AccountPage.module.css";

/** Whether this browser is told of messages while Parlour is closed. Nothing at all where the server does not do that. */
export function ClosedBrowser() {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [tried, setTried] = useState<PushTried | null>(null);
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
      setTried(null);
      try {
        setState(on ? await tellClosedBrowser(chat.api, words) : await stopTelling(chat.api));
      } catch (error) {
        if (!(error instanceof PushFault)) throw error;
        setIsServiceAway(true);
      }
    });
  const test = () =>
    run(async () => {
      const answer = await chat.api.testPush();
      setTried(answer);
      if (answer.why === "gone") setState(await readClosedBrowser(chat.api));
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
            {tried && <Notice tone={tried.taken ? "done" : "wrong"}>{cameOf(tried)}</Notice>}
            {state.is === "on" && (
              <div>
                <Button busy={busy} onClick={() => void test()}>
                  Send a test notification
                </Button>
              </div>
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

function cameOf({ why }: PushTried): string {
  switch (why) {
    case null:
      return "It is on its way. If nothing appears, look whether this device lets the browser notify you.";
    case "gone":
      return "The push service does not know this browser any more. Switch it on again.";
    case "unreached":
      return "The push service was not reached. Try again later.";
    case "refused":
      return "The push service refused it. Switch this off and on again.";
    default:
      return why satisfies never;
  }
}

const whatToDo: Record<Extract<State, { is: "impossible" }>["why"], string> = {
  insecure: "Browsers can be notified only by servers with an https address, and this one is asked by http.",
  unsupported:
    "This browser cannot be notified while Parlour is closed. On an iPhone or iPad add Parlour to the Home Screen and open it there.",
  blocked: "This browser does not let Parlour notify you. Allow notifications for this site in the browser's settings.",
};
