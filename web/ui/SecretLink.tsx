import { useState } from "react";
import { Button } from "./Button.tsx";
import { Field } from "./Field.tsx";

/**
 * A link that is shown once. Over plain http a browser gives no clipboard: it can always be marked and copied by hand.
 */
export function SecretLink({ label, link, hint }: { label: string; link: string; hint?: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => setIsCopied(true),
      () => {},
    );
  return (
    <>
      <Field label={label} value={link} readOnly hint={hint} onFocus={(event) => event.target.select()} />
      {"clipboard" in navigator && <Button onClick={() => void copy()}>{isCopied ? "Copied" : "Copy the link"}</Button>}
    </>
  );
}
