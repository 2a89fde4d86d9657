import { useEffect, useState } from "react";
import type { Digest } from "#shared/contract/mail.ts";
import { limits } from "#shared/limits.ts";
import { useHouse } from "#web/state/house.ts";
import { faultBeside, faultFor, useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Field } from "#web/ui/Field.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./AccountPage.module.css";

/** The e-mail address, and whether letters are wanted there. Nothing at all where the server sends none. */
export function Letters() {
  const { chat, user } = useHouse();
  const { busy, fault, run } = useDeed();
  const [digest, setDigest] = useState<Digest | null>(null);
  const [email, setEmail] = useState("");
  const [isSent, setIsSent] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for once, when the page opens
  useEffect(() => {
    void run(async () => {
      const now = await chat.api.digest();
      setDigest(now);
      setEmail(now.email ?? "");
    });
  }, [chat]);
  if (digest === null || !digest.offered) return null;

  const save = () =>
    run(async () => {
      setIsSent(false);
      await chat.api.changeUser(user.id, { email: email.trim() === "" ? null : email.trim() });
      setDigest(await chat.api.digest());
    });
  const ask = () =>
    run(async () => {
      await chat.api.confirmEmail();
      setIsSent(true);
    });
  const general = faultBeside(fault, ["email"]);
  const isNew = email.trim() !== (digest.email ?? "");
  return (
    <section className={css.section} aria-labelledby="letters">
      <h2 id="letters" className={css.title}>
        E-mail
      </h2>
      <form
        className={css.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {general !== undefined && <Notice>{general}</Notice>}
        <Field
          label="E-mail address"
          type="email"
          autoComplete="email"
          maxLength={limits.emailLength}
          value={email}
          error={faultFor(fault, "email")}
          onChange={(event) => setEmail(event.target.value)}
        />
        {isNew && (
          <div>
            <Button type="submit" busy={busy}>
              Save address
            </Button>
          </div>
        )}
        {!isNew && digest.email !== null && !digest.confirmed && (
          <>
            {isSent ? (
              <Notice tone="done">A link is on its way to {digest.email}. Open it within a day.</Notice>
            ) : (
              <p className={css.under}>Letters are sent to an address when it is shown to be yours.</p>
            )}
            <div>
              <Button busy={busy} onClick={() => void ask()}>
                {isSent ? "Send another link" : "Send me a link"}
              </Button>
            </div>
          </>
        )}
        {!isNew && digest.confirmed && (
          <>
            <label className={css.check}>
              <input
                type="checkbox"
                checked={digest.on}
                onChange={(event) => {
                  const { checked } = event.target;
                  void run(async () => setDigest(await chat.api.putDigest(checked)));
                }}
              />
              Write to me about what I did not read
            </label>
            <p className={css.under}>
              At most once an hour, when you are away: how many direct messages and mentions, and where. No words of
              them.
            </p>
          </>
        )}
      </form>
    </section>
  );
}
