import { useFace, useIsBlocked } from "#web/state/chat.ts";
import { useQuoted } from "#web/state/quoted.ts";
import { ReplyIcon } from "#web/ui/icons.tsx";
import { Names } from "#web/ui/Names.tsx";
import { useMessageActs } from "./message-acts.ts";
import css from "./Quote.module.css";

/** What a message answers, as it reads now: a button that leads there. */
export function Quote({ roomId, id }: { roomId: number; id: number }) {
  const acts = useMessageActs();
  const quoted = useQuoted(roomId, id);
  const isBlocked = useIsBlocked(typeof quoted === "object" ? (quoted?.user_id ?? 0) : 0);
  const isGone = quoted === "unseen" || (quoted !== null && quoted.deleted_at !== undefined);
  return (
    <button type="button" className={css.quote} disabled={isGone} onClick={() => acts?.goTo(id)}>
      <ReplyIcon />
      <span className="out-of-sight">In answer to </span>
      {quoted === null ? (
        <span className={css.words}>…</span>
      ) : quoted === "unseen" || isGone ? (
        <span className={css.none}>A message that is not here any more</span>
      ) : (
        <>
          <Author id={quoted.user_id} username={quoted.username} />
          <span className={css.words} dir="auto">
            {isBlocked ? "A message by somebody you blocked" : quoted.content}
          </span>
        </>
      )}
    </button>
  );
}

function Author({ id, username }: { id: number; username: string }) {
  const face = useFace(id);
  return (
    <span className={css.by}>
      <Names display={face?.display_name} username={username} />
    </span>
  );
}
