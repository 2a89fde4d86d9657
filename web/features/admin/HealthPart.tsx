import { useEffect, useState } from "react";
import type { HouseHealth } from "#shared/contract/house.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Facts } from "#web/ui/Facts.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { shortTime } from "#web/ui/show-time.ts";
import { perSecond, sizeText } from "./figures.ts";

const EVERY = 2_000;

/** How the server does, asked for anew while one looks. */
export function HealthPart() {
  const { chat } = useHouse();
  const { fault, run } = useDeed();
  const [[before, now], setSeen] = useState<readonly [HouseHealth | null, HouseHealth | null]>([null, null]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: one round of questions as long as the page is open
  useEffect(() => {
    const ask = () =>
      void run(async () => {
        const health = await chat.api.health();
        setSeen(([, last]) => [last, health]);
      });
    ask();
    const timer = setInterval(ask, EVERY);
    return () => clearInterval(timer);
  }, [chat]);
  return (
    <>
      {fault && <Notice>{fault.detail}</Notice>}
      {now && <Facts facts={figuresOf(before, now)} />}
    </>
  );
}

function figuresOf(before: HouseHealth | null, now: HouseHealth): [string, string][] {
  const { database, disk } = now;
  return [
    ["Version", now.version],
    ["Runs since", shortTime(now.started_at)],
    [
      "Database",
      `${database.kind === "sqlite" ? "SQLite" : "PostgreSQL"} ${database.version}, ${sizeText(database.bytes)}`,
    ],
    ["Disk left", disk === null ? "unknown" : `${sizeText(disk.free_bytes)} of ${sizeText(disk.total_bytes)}`],
    ["Accounts", String(now.accounts)],
    ["Rooms", String(now.rooms)],
    ["Open sockets", String(now.sockets)],
    ["Messages a second", perSecond(before, now, "sends")],
    ["Commits a second", perSecond(before, now, "commits")],
    ["Writes that wait", String(now.waiting)],
    ["Memory", sizeText(now.memory_bytes)],
  ];
}
