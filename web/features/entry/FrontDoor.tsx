import { useEffect, useState } from "react";
import { Redirect } from "wouter";
import { askServerInfo } from "#web/state/server-info.ts";
import { FirstRunPage } from "./SignupPage.tsx";

/** `/` for somebody who is not logged in: the first run of an empty server, else the login. */
export function FrontDoor() {
  const [isEmpty, setIsEmpty] = useState<boolean | null>(null);
  useEffect(() => {
    askServerInfo().then(
      (info) => setIsEmpty(info.empty),
      () => setIsEmpty(false),
    );
  }, []);
  if (isEmpty === null) return null;
  return isEmpty ? <FirstRunPage /> : <Redirect to="/login" replace />;
}
