import { timingSafeEqual } from "node:crypto";
import type { Services } from "../services.ts";
import { NOBODY } from "../store/store.ts";
import type { App } from "./app.ts";
import { problem } from "./problems.ts";

/** `/healthz`: the process answers. `/readyz`: the store does too. `/metrics`: numbers for Prometheus. */
export function serveHealth(app: App, services: Services, connections: () => number): void {
  app.get("/healthz", () => new Response("ok\n"));
  app.get("/readyz", async () => {
    try {
      await services.store.read("is-empty", NOBODY);
      return new Response("ready\n");
    } catch {
      return new Response("The store does not answer.\n", { status: 503 });
    }
  });
  app.get("/metrics", (context) => {
    if (!mayRead(services, context.env.caller.address, context.req.header("authorization"))) {
      return problem(context, "forbidden", "Metrics are for this machine, or for METRICS_TOKEN as a bearer token.");
    }
    return new Response(metrics(services, connections()), { headers: { "content-type": "text/plain; version=0.0.4" } });
  });
}

function mayRead({ config }: Services, address: string, authorization: string | undefined): boolean {
  if (config.metricsToken !== null) {
    const given = Buffer.from(authorization ?? "");
    const wanted = Buffer.from(`Bearer ${config.metricsToken}`);
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) return true;
  }
  // Behind a proxy everybody comes from loopback.
  return !config.trustProxy && (address === "127.0.0.1" || address === "::1" || address === "::ffff:127.0.0.1");
}

function metrics({ store }: Services, connections: number): string {
  const { rss } = process.memoryUsage();
  const lines: [string, string, number][] = [
    ["parlour_connections", "Open sockets", connections],
    ["parlour_sends_total", "Messages stored since the start", store.counts.sends],
    ["parlour_batches_total", "Commits since the start", store.counts.batches],
    ["parlour_waiting_writes", "Writes that wait for the next commit", store.counts.waiting],
    ["process_resident_memory_bytes", "Resident memory", rss],
  ];
  return lines
    .map(
      ([name, help, value]) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${name.endsWith("_total") ? "counter" : "gauge"}\n${name} ${value}\n`,
    )
    .join("");
}
