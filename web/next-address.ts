const NEXT = "next";

/** Where to go after the login: an address of the chat that was asked for, and nothing outside of it. */
export function nextAddress(search: string): string {
  const next = new URLSearchParams(search).get(NEXT);
  return next !== null && /^\/chat(\/[\w-]+){0,2}$|^\/chat\/\d+\/thread(\/\d+){1,2}$/.test(next) ? next : "/chat";
}

export function loginAddress(from: string): string {
  return from === "/chat" ? "/login" : `/login?${new URLSearchParams({ [NEXT]: from })}`;
}
