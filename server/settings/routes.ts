import { z } from "zod";
import { ChangeSetting, HouseHealth, HouseSettings, SettingName } from "#shared/contract/house.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { healthOf } from "./health.ts";
import { explainSettings } from "./settings.ts";

const tag = "House";

export const settingRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/house/settings",
      tag,
      summary: "Settings that change while the server runs, and where each value comes from, for admins",
      who: "signed",
      status: 200,
      answer: HouseSettings,
    },
    async ({ services }) => ({ items: await explainSettings(services) }),
    async ({ services, by }) => services.store.read("may-govern", by),
  ),
  endpoint(
    {
      method: "put",
      path: "/house/settings/{name}",
      tag,
      summary: "Choose for the house, or leave it to the environment, as an admin",
      who: "signed",
      params: z.strictObject({ name: SettingName }),
      body: ChangeSetting,
      status: 200,
      answer: HouseSettings,
    },
    async ({ services, by, params, body, from }) => {
      await services.store.write("change-setting", by, { name: params.name, value: body.value, from: from.address });
      return { items: await explainSettings(services) };
    },
    async ({ services, by }) => services.store.read("may-govern", by),
  ),
  endpoint(
    {
      method: "get",
      path: "/house/health",
      tag,
      summary: "How the server does, for admins",
      who: "signed",
      status: 200,
      answer: HouseHealth,
    },
    async ({ services, by }) => healthOf(services, by),
    async ({ services, by }) => services.store.read("may-govern", by),
  ),
];
