import type { PushNotice, PushTest } from "#shared/contract/push.ts";
import type { News } from "./news.ts";

/** What the web's service worker is handed, as JSON. `bare`: without the words, though they might be told. */
export function noticeText(news: News, room: number, bare: boolean): string {
  const { seq, message, thread } = news;
  const place = { room, seq, message, ...(thread === null ? {} : { thread }) };
  const notice: PushNotice = { ...place, ...textOf(bare ? { ...news, words: null } : news) };
  return JSON.stringify(notice);
}

/** Shown by the worker whatever page is looked at: somebody waits for it. */
export function testText(): string {
  const notice: PushTest = { test: true, title: "Parlour", body: "This browser is told when Parlour is closed." };
  return JSON.stringify(notice);
}

function textOf({ room, author, isCalled, words }: News): { title: string; body: string } {
  const who = shortened(author, NAME);
  const where = room === null ? null : shortened(room, NAME);
  if (words !== null) return { title: where === null ? who : `${who} in ${where}`, body: shortened(words, WORDS) };
  if (where === null) return { title: "Parlour", body: `New message from ${who}` };
  return { title: "Parlour", body: isCalled ? `You were mentioned in ${where}` : `New message in ${where}` };
}

interface Most {
  characters: number;
  bytes: number;
}

// Together within what a push may hold, quotes and line breaks written as JSON does counted twice.
const NAME: Most = { characters: 80, bytes: 400 };
const WORDS: Most = { characters: 240, bytes: 1_200 };

/** Cut between what is seen as characters, not inside of them. */
function shortened(text: string, { characters, bytes }: Most): string {
  let cut = "";
  let count = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text.slice(0, 4_000))) {
    count += 1;
    if (count > characters || Buffer.byteLength(cut + segment) > bytes) return `${cut}…`;
    cut += segment;
  }
  return cut.length < text.length ? `${cut}…` : cut;
}
