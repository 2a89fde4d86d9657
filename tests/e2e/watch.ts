import type { Guest } from "./guest.ts";

/** Notes whatever a page may never do: ask another origin, break its own policy, run what it was sent, or fail. */
export async function watch({ context, page, url }: Guest): Promise<string[]> {
  const faults: string[] = [];
  const note = (fault: string) => void faults.push(fault);
  await context.exposeFunction("noteFault", note);
  await context.addInitScript(() => {
    const tell = (window as unknown as { noteFault(fault: string): void }).noteFault;
    document.addEventListener("securitypolicyviolation", (event) =>
      tell(`policy: ${event.violatedDirective} of ${event.blockedURI}`),
    );
    // Every payload of the tests that runs ends here.
    Object.assign(window, { pwned: (by: unknown) => tell(`ran: ${String(by)}`) });
  });
  const own = new URL(url).host;
  const isOwn = (address: string) => new URL(address).host === own || address.startsWith("data:");
  context.on("request", (request) => isOwn(request.url()) || note(`asked ${request.url()}`));
  context.on("console", (said) => said.type() === "error" && note(`console: ${said.text()} ${said.location().url}`));
  context.on("weberror", (failed) => note(`error: ${failed.error().message}`));
  page.on("websocket", (socket) => isOwn(socket.url()) || note(`socket to ${socket.url()}`));
  page.on("dialog", (dialog) => {
    note(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return faults;
}
