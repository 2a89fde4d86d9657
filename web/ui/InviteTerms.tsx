import type { MakeInvite } from "#shared/contract/invites.ts";
import { limits } from "#shared/limits.ts";
import { Choice } from "./Choice.tsx";
import { Field } from "./Field.tsx";

const DAY = 86_400;
const LASTS = { day: DAY, week: 7 * DAY, month: 30 * DAY, ever: null } as const;

/** How long an invite is good, for how many, and what they become; `uses` as it is written. */
export interface Terms {
  readonly lasts: keyof typeof LASTS;
  readonly uses: string;
  readonly comes: "member" | "guest";
}

export const USUAL_TERMS: Terms = { lasts: "week", uses: "10", comes: "member" };

export function askedIn({ lasts, uses, comes }: Terms): Pick<MakeInvite, "uses" | "expires_in" | "guest"> {
  return { uses: uses.trim() === "" ? null : Number(uses), expires_in: LASTS[lasts], guest: comes === "guest" };
}

interface InviteTermsProps {
  terms: Terms;
  usesError: string | undefined;
  onChange: (terms: Terms) => void;
}

export function InviteTerms({ terms, usesError, onChange }: InviteTermsProps) {
  return (
    <>
      <Choice
        label="How long it is good"
        value={terms.lasts}
        onChange={(lasts) => onChange({ ...terms, lasts })}
        options={[
          { value: "day", label: "A day" },
          { value: "week", label: "A week" },
          { value: "month", label: "30 days" },
          { value: "ever", label: "No end" },
        ]}
      />
      <Field
        label="For how many people"
        type="number"
        min={1}
        max={limits.inviteUses}
        value={terms.uses}
        hint="Leave it empty for any number."
        error={usesError}
        onChange={(event) => onChange({ ...terms, uses: event.target.value })}
      />
      <Choice
        label="New accounts are"
        value={terms.comes}
        onChange={(comes) => onChange({ ...terms, comes })}
        options={[
          { value: "member", label: "Members", hint: "They see every public room and everybody here." },
          { value: "guest", label: "Guests", hint: "They see the rooms of the invite and who is in them." },
        ]}
      />
    </>
  );
}
