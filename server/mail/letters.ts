import type { Digest } from "./digest.ts";

/** What is sent: plain text, with the links alone that it needs. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Where one press ends such letters (RFC 8058); null: this one was asked for. */
  readonly stop: string | null;
}

/** Whether an address is one that a letter can be sent to: nothing in it could begin another header or another address. */
export function isAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s"(),:;<>@[\\\]\p{C}]+@[^\s"(),:;<>@[\\\]\p{C}]+$/u.test(text);
}

export function confirmLetter(to: string, username: string, link: string): Letter {
  const text = `Hello ${username},

somebody, you we hope, wants letters from Parlour at this address. If that was you, open

  ${link}

within a day. If it was not, do nothing: no other letter comes.
`;
  return { to, subject: "Is this your address?", text, stop: null };
}

/** Counts and names of rooms, and no words of anybody: a letter can be read on its way. */
export function digestLetter(digest: Digest, at: { home: string; stopPage: string; stop: string }): Letter {
  const { total } = digest;
  const parts = [
    ...listed("Direct messages", digest.talks),
    ...listed("Where you were mentioned", digest.rooms),
    ...(digest.more > 0 ? [`and in ${digest.more} more`, ""] : []),
  ];
  const text = `Hello ${digest.name},

there is something for you that you have not read:

${parts.join("\n")}
  ${at.home}

Such a letter comes at most once an hour, when you are away. To have none any more, open

  ${at.stopPage}
`;
  return { to: digest.email, subject: `${total} unread for you in Parlour`, text, stop: at.stop };
}

function listed(title: string, places: readonly { name: string; count: number }[]): string[] {
  if (places.length === 0) return [];
  return [title, ...places.map(({ name, count }) => `  ${name}: ${count}`), ""];
}
