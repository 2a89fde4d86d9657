import { Fragment, memo } from "react";
import { Link } from "wouter";
import type { Mentions } from "#shared/models.ts";
import { usePreferences } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { classNames } from "#web/ui/class-names.ts";
import { type CallPart, withCalls } from "./calls.ts";
import { withLinks } from "./links.ts";
import css from "./MessageRow.module.css";

interface MessageTextProps {
  text: string;
  mentions?: Mentions | undefined;
}

export const MessageText = memo(function MessageText({ text, mentions }: MessageTextProps) {
  return (
    <p className={css.text} dir="auto">
      {withLinks(text).map((part, at) =>
        part.href === undefined ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
          <Plain key={at} text={part.text} mentions={mentions} />
        ) : part.href.startsWith(`${location.origin}/chat/`) ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
          <Link key={at} href={part.href.slice(location.origin.length)}>
            <bdi>{part.text}</bdi>
          </Link>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
          <a key={at} href={part.href} target="_blank" rel="noopener noreferrer">
            <bdi>{part.text}</bdi>
          </a>
        ),
      )}
    </p>
  );
});

function Plain({ text, mentions }: MessageTextProps) {
  return withCalls(text, mentions).map(({ text: words, call }, at) =>
    call === null ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
      <Fragment key={at}>{words}</Fragment>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
      <Call key={at} text={words} call={call} />
    ),
  );
}

function Call({ text, call }: { text: string; call: NonNullable<CallPart["call"]> }) {
  const { user } = useHouse();
  const { groups } = usePreferences();
  const isMe = call.kind === "everybody" || (call.kind === "group" ? groups.includes(call.id) : call.id === user.id);
  const look = classNames(css.call, isMe && css.me);
  if (call.kind !== "person") return <bdi className={look}>{text}</bdi>;
  return (
    <Link href={`/chat/people/${call.id}`} className={look}>
      <bdi>{text}</bdi>
    </Link>
  );
}
