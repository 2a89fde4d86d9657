import { useEffect, useState } from "react";
import { useLine } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import css from "./ConnectionLine.module.css";
import { lineText } from "./line-text.ts";

/** Says how the line to the server stands, and nothing while all is well. */
export function ConnectionLine() {
  const { chat } = useHouse();
  const line = useLine();
  const now = useSeconds(line.state === "waiting");
  const text = lineText(line, now);
  if (text === null) return <div role="status" />;
  return (
    <div className={css.line} data-state={line.state} role="status">
      <span>{text.said}</span>
      {text.rest !== "" && <span aria-hidden="true">{text.rest}</span>}
      {line.state === "waiting" && (
        <button type="button" onClick={() => chat.wake()}>
          Try now
        </button>
      )}
      {line.state === "stopped" && (
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      )}
    </div>
  );
}

function useSeconds(isRunning: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isRunning) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}
