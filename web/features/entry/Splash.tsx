import { useEffect } from "react";
import { useSession } from "#web/state/session.ts";
import { Button } from "#web/ui/Button.tsx";
import { EmptyState } from "#web/ui/EmptyState.tsx";
import { Mark } from "#web/ui/icons.tsx";
import css from "./Splash.module.css";

/** For the moment until it is known who is there; seen only when that takes long. */
export function Splash() {
  return (
    <main className={css.splash} aria-busy="true">
      <Mark size={48} />
    </main>
  );
}

const TRY_EVERY = 5_000;

export function Unreachable() {
  const session = useSession();
  useEffect(() => {
    const tryAgain = () => void session.restore();
    const timer = setInterval(tryAgain, TRY_EVERY);
    window.addEventListener("online", tryAgain);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", tryAgain);
    };
  }, [session]);
  return (
    <main className={css.page}>
      <EmptyState title="The server cannot be reached" text="This page tries again every few seconds.">
        <Button onClick={() => void session.restore()}>Try now</Button>
      </EmptyState>
    </main>
  );
}
