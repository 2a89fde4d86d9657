import { Hono } from "hono";
import { auditRoutes } from "../audit/routes.ts";
import { authRoutes } from "../auth/routes.ts";
import { webRoutes } from "../auth/web-routes.ts";
import { blockRoutes } from "../blocks/routes.ts";
import { compatRoutes } from "../compat/routes.ts";
import { draftRoutes } from "../drafts/routes.ts";
import type { Caller, Endpoint } from "../endpoint.ts";
import { inviteRoutes } from "../invites/routes.ts";
import { mailRoutes } from "../mail/routes.ts";
import { messageRoutes } from "../messages/routes.ts";
import { notifyRoutes } from "../notify/routes.ts";
import { pushRoutes } from "../push/routes.ts";
import { roomRoutes } from "../rooms/routes.ts";
import { savedRoutes } from "../saved/routes.ts";
import { scheduledRoutes } from "../scheduled/routes.ts";
import type { Services } from "../services.ts";
import { settingRoutes } from "../settings/routes.ts";
import { threadRoutes } from "../threads/routes.ts";
import { userRoutes } from "../users/routes.ts";
import { bind, refuseOtherMethods } from "./bind.ts";
import { crossOrigin } from "./cross-origin.ts";
import { problem, refused } from "./problems.ts";
import { securityHeaders } from "./security-headers.ts";
import { serveDocs } from "./serve-docs.ts";
import { serveHealth } from "./serve-health.ts";
import { pages, serveWeb } from "./serve-web.ts";
import { filesIn, type ServedFiles } from "./served-files.ts";

export type App = Hono<Bindings>;
export interface Bindings {
  Bindings: { caller: Caller; requestId: string };
}

export const API = "/api/v1";

export const endpoints: readonly Endpoint[] = [
  ...authRoutes,
  ...webRoutes,
  ...userRoutes,
  ...blockRoutes,
  ...settingRoutes,
  ...auditRoutes,
  ...roomRoutes,
  ...messageRoutes,
  ...threadRoutes,
  ...notifyRoutes,
  ...inviteRoutes,
  ...draftRoutes,
  ...savedRoutes,
  ...scheduledRoutes,
  ...pushRoutes,
  ...mailRoutes,
];

/** Everything the server answers over HTTP, in the order in which it is tried. */
export function createApp(
  services: Services,
  serving: { webDir: string | ServedFiles; connections: () => number },
): App {
  const app: App = new Hono<Bindings>({ strict: false });
  app.use(securityHeaders(services.config));
  app.use(crossOrigin(services.config));
  for (const endpoint of endpoints) bind(app, services, API, endpoint);
  for (const endpoint of compatRoutes) bind(app, services, "", endpoint);
  refuseOtherMethods(app, API, endpoints);
  serveHealth(app, services, serving.connections);
  const files = typeof serving.webDir === "string" ? filesIn(serving.webDir) : serving.webDir;
  serveDocs(app, API, endpoints, compatRoutes, files);
  serveWeb(app, files);
  // After the pages: some of these addresses are pages as well.
  refuseOtherMethods(app, "", compatRoutes, pages);
  app.notFound((context) => problem(context, "not_found", "There is no such address."));
  app.onError((error, context) => refused(context, error, services.log));
  return app;
}
