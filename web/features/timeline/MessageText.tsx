import { memo } from "react";
import { Link } from "wouter";
import { withLinks } from "./links.ts";
import css from "./MessageRow.module.css";

export const MessageText = memo(function MessageText({ text }: { text: string }) {
  return (
    <p className={css.text} dir="auto">
      {withLinks(text).map((part, at) =>
        part.href === undefined ? (
          part.text
        ) : part.href.startsWith(`${location.origin}/chat/`) ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
          <Link key={at} href={part.href.slice(location.origin.length)}>
            {part.text}
          </Link>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
          <a key={at} href={part.href} target="_blank" rel="noopener noreferrer">
            {part.text}
          </a>
        ),
      )}
    </p>
  );
});
