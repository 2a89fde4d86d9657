import type { Chat } from "#client/chat.ts";
import { showAsPushed } from "#web/push/closed-browser.ts";
import { messagePath } from "#web/state/message-link.ts";
import { Desk } from "./desk.ts";
import { type News, watchNews } from "./news.ts";

const CHOICE = "parlour.notices";
const WORDS_SHOWN = 200;

export type DesktopNotices = "on" | "off" | "blocked" | "impossible";

/** Whether this browser shows notices on the desktop: the person asked for it here, and the browser agreed. */
export function desktopNotices(): DesktopNotices {
  if (!("Notification" in window)) return "impossible";
  if (Notification.permission === "denied") return "blocked";
  return Notification.permission === "granted" && localStorage.getItem(CHOICE) === "on" ? "on" : "off";
}

/** Asked by a button and never by itself: a browser asks its person once. */
export async function turnOnNotices(): Promise<DesktopNotices> {
  if (!("Notification" in window)) return "impossible";
  const permission = await Notification.requestPermission();
  if (permission === "granted") localStorage.setItem(CHOICE, "on");
  return desktopNotices();
}

export function turnOffNotices(): DesktopNotices {
  localStorage.removeItem(CHOICE);
  return desktopNotices();
}

/** Shows news on the desktop while the person looks at something else. */
export function showNotices(chat: Chat, go: (path: string) => void): () => void {
  const desk = new Desk(() => document.hasFocus());
  const stop = watchNews(chat, Date.now, (news) => {
    if (desktopNotices() === "on") void showUnlessManned(desk, news, chat, go);
  });
  return () => {
    stop();
    desk.close();
  };
}

async function showUnlessManned(desk: Desk, news: News, chat: Chat, go: (path: string) => void): Promise<void> {
  if (await desk.isManned()) return;
  const { room_id: room, seq, id: message, thread } = news.message;
  const place = { room, seq, message, ...(thread === undefined ? {} : { thread }) };
  const shown = { ...place, title: titleOf(news, await nameOf(news, chat)), body: bodyOf(news, chat) };
  const isShown = await showAsPushed(shown).catch(() => false);
  if (!isShown) showHere(news, shown, go);
}

function showHere(
  { message }: News,
  { title, body }: { title: string; body: string },
  go: (path: string) => void,
): void {
  // Several tabs hear the same: one notice for a message, by its name.
  const notice = new Notification(title, { body, tag: `message-${message.id}` });
  notice.onclick = () => {
    window.focus();
    go(messagePath(message));
    notice.close();
  };
}

function titleOf({ room }: News, name: string): string {
  return room.room.kind === "direct" ? name : `${name} in ${room.title}`;
}

/** As the timeline shows them, in a room that is not shown as well. */
async function nameOf({ message }: News, chat: Chat): Promise<string> {
  const known = chat.people.face(message.user_id);
  if (known) return known.display_name ?? known.username;
  const asked = await chat.api.faces([message.user_id]).catch(() => ({ items: [] }));
  return asked.items[0]?.display_name || message.username;
}

function bodyOf({ message, decision }: News, chat: Chat): string {
  if (chat.replica.preferences.words) return message.content.slice(0, WORDS_SHOWN);
  return decision.call === null ? "New message" : "Calls you";
}
