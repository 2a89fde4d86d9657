import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate for this machine that nobody vouches for. */
export async function selfSigned() {
  const folder = mkdtempSync(join(tmpdir(), "parlour-tls-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const command = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost";
  const names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const openssl = Bun.spawn(["openssl", ...command.split(" "), ...names, "-keyout", key, "-out", cert], {
    stdout: "ignore",
    stderr: "pipe",
  });
  if ((await openssl.exited) !== 0) throw new Error(await new Response(openssl.stderr).text());
  return { cert, key, [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }) };
}
