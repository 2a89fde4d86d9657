import { Button } from "#web/ui/Button.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./admin.module.css";
import type { Pages } from "./use-pages.ts";

/** What stands under a list: a fault, that there is nothing, or the way to more of it. */
export function ListEnd({ pages, none }: { pages: Pages<unknown>; none: string }) {
  const { items, deed, more } = pages;
  return (
    <div className={css.end}>
      {deed.fault && <Notice>{deed.fault.detail}</Notice>}
      {items?.length === 0 && <p className={css.none}>{none}</p>}
      {more !== null && (
        <Button busy={deed.busy} onClick={more}>
          Show more
        </Button>
      )}
    </div>
  );
}
