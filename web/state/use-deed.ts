import { useRef, useState } from "react";
import { Offline } from "#client/call.ts";
import { Refusal } from "#shared/errors.ts";

/** What a form needs of something that takes a while and may be refused. */
export interface Deed {
  readonly busy: boolean;
  /** What went wrong, in words; for a field: what is wrong with that field. */
  readonly fault: { readonly detail: string; readonly field: string | undefined } | null;
  /** Answers whether it succeeded. */
  run(work: () => Promise<void>): Promise<boolean>;
}

export function useDeed(): Deed {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Deed["fault"]>(null);
  const isRunning = useRef(false);
  return {
    busy,
    fault,
    async run(work) {
      if (isRunning.current) return false;
      isRunning.current = true;
      setBusy(true);
      setFault(null);
      try {
        await work();
        return true;
      } catch (error) {
        setFault(faultOf(error));
        return false;
      } finally {
        isRunning.current = false;
        setBusy(false);
      }
    },
  };
}

/** The sentence for one field of the form, or for the form as a whole when it belongs to none of its fields. */
export function faultFor(fault: Deed["fault"], field: string): string | undefined {
  return fault?.field === field ? fault.detail : undefined;
}

export function faultBeside(fault: Deed["fault"], fields: readonly string[]): string | undefined {
  return fault && (fault.field === undefined || !fields.includes(fault.field)) ? fault.detail : undefined;
}

function faultOf(error: unknown): Deed["fault"] {
  if (error instanceof Refusal) return { detail: error.message, field: error.field };
  if (error instanceof Offline)
    return { detail: "The server cannot be reached. Try again in a moment.", field: undefined };
  reportError(error);
  return { detail: "Something went wrong in this page. Reload it and try again.", field: undefined };
}
