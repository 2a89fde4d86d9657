/** How the line to the server stands, as a person may be told. */
export type Line =
  | { readonly state: "idle" }
  | { readonly state: "connecting" }
  | { readonly state: "catching-up" }
  | { readonly state: "live" }
  | { readonly state: "waiting"; readonly until: number; readonly why: "cut" | "offline" | "draining" | "refused" }
  | { readonly state: "signed-out" }
  | { readonly state: "stopped"; readonly code: number; readonly detail: string };
