import type { SmtpPlace } from "../config.ts";
import { isAddress, type Letter } from "./letters.ts";

export type PostLetter = (letter: Letter) => Promise<void>;

const WITHIN = 15_000;

/** Hands letters to the operator's mail server, one connection a letter: few are sent. */
export function postBySmtp({ host, port, secure, user, pass, from }: SmtpPlace): PostLetter {
  return async ({ to, subject, text, stop }) => {
    if (!isAddress(to)) throw new Error("This is no address for a letter.");
    // What speaks SMTP need not be carried by a server that sends nothing.
    const { createTransport } = await import("nodemailer");
    const transport = createTransport({
      host,
      port,
      secure,
      // A password never goes over a line that can be read.
      requireTLS: user !== null,
      ...(user === null ? {} : { auth: { user, pass: pass ?? "" } }),
      connectionTimeout: WITHIN,
      greetingTimeout: WITHIN,
      socketTimeout: WITHIN,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await transport.sendMail({
        from: { name: "Parlour", address: from },
        to: { name: "", address: to },
        subject,
        text,
        headers: {
          "Auto-Submitted": "auto-generated",
          ...(stop === null
            ? {}
            : { "List-Unsubscribe": `<${stop}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" }),
        },
      });
    } finally {
      transport.close();
    }
  };
}
