import { useEffect, useState } from "react";
import { call } from "#client/call.ts";
import { systemClock } from "#client/clock.ts";
import type { ServerInfo } from "#shared/contract/accounts.ts";

/** What the server tells everybody about itself; null: not known yet, or not to be had now. */
export function useServerInfo(): ServerInfo | null {
  const [info, setInfo] = useState<ServerInfo | null>(null);
  useEffect(() => {
    let isWanted = true;
    askServerInfo().then(
      (answer) => isWanted && setInfo(answer),
      () => {},
    );
    return () => {
      isWanted = false;
    };
  }, []);
  return info;
}

export async function askServerInfo(): Promise<ServerInfo> {
  const caller = {
    base: location.origin,
    fetch: (url: string, init?: RequestInit) => fetch(url, init),
    clock: systemClock,
  };
  return (await call(caller, "GET", "/api/v1/info")) as ServerInfo;
}
