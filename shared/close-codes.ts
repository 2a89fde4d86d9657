/**
 * Why a socket was closed, and what a client does next: `reconnect` with backoff, `sign-in` for a new token first,
 * or `stop`. Codes of 4400 and above echo the HTTP status of the same refusal.
 */
export const closeCodes = {
  goingAway: { code: 1001, then: "reconnect" },
  tooBig: { code: 1009, then: "stop" },
  restarting: { code: 1012, then: "reconnect" },
  badFrame: { code: 4400, then: "stop" },
  unauthorized: { code: 4401, then: "sign-in" },
  forbidden: { code: 4403, then: "stop" },
  notFound: { code: 4404, then: "stop" },
  tooSlow: { code: 4408, then: "reconnect" },
  tooMany: { code: 4429, then: "reconnect" },
  unavailable: { code: 4503, then: "reconnect" },
} as const satisfies Record<string, { code: number; then: "reconnect" | "sign-in" | "stop" }>;

export type CloseReason = keyof typeof closeCodes;

/** What a client does after a close it did not ask for. An unknown code is a cut line: reconnect. */
export function afterClose(code: number): "reconnect" | "sign-in" | "stop" {
  for (const known of Object.values(closeCodes)) if (known.code === code) return known.then;
  return "reconnect";
}
