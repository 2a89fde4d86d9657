import { Button } from "./Button.tsx";
import css from "./ListEnd.module.css";
import { Notice } from "./Notice.tsx";
import { Waiting } from "./Waiting.tsx";

interface ListEndProps {
  /** A list that arrives in parts. */
  pages: {
    readonly items: readonly unknown[] | null;
    readonly deed: { readonly busy: boolean; readonly fault: { readonly detail: string } | null };
    readonly more: (() => void) | null;
  };
  /** What is said where there is nothing. */
  none: string;
}

/** What stands under a list: that it is on its way, a fault, that there is nothing, or the way to more of it. */
export function ListEnd({ pages: { items, deed, more }, none }: ListEndProps) {
  const isNone = items?.length === 0;
  if (items === null && !deed.fault) return <Waiting />;
  if (!deed.fault && !isNone && more === null) return null;
  return (
    <div className={css.end}>
      {deed.fault && <Notice>{deed.fault.detail}</Notice>}
      {isNone && <p className={css.none}>{none}</p>}
      {more !== null && (
        <Button busy={deed.busy} onClick={more}>
          Show more
        </Button>
      )}
    </div>
  );
}
