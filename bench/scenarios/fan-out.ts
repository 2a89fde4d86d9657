import { compare } from "../compare.ts";
import { parlour } from "../contestants/parlour.ts";
import { bareBun, bareBunAsLong, limitAsLong, limitEach, limitJoined, wsLoop } from "../contestants/plain.ts";
import type { Scenario } from "./scenario.ts";

/** Where several messages are in flight they can share a write; where one is, nothing can. Both are always told. */
export const fanOut: Scenario = {
  name: "fanout",
  title: "Fan-out: one room of 500, 100 bytes",
  conditions: "closed loop; server on core 0, load client on core 1; a delivery is one message heard by one member",
  run: (bench) =>
    compare(bench, {
      title: "fan-out",
      place: { cores: "one", flushDelayMs: 0 },
      contestants: [limitJoined, limitAsLong, limitEach, wsLoop, bareBun, bareBunAsLong, parlour],
      limit: limitJoined,
      bare: bareBun,
      shapes: [
        { label: "4 senders, 1 in flight each", shape: { rooms: 1, members: 500, senders: 4, inFlight: 1 } },
        { label: "4 senders, 8 in flight each", shape: { rooms: 1, members: 500, senders: 4, inFlight: 8 } },
        { label: "1 sender, 1 in flight", shape: { rooms: 1, members: 500, senders: 1, inFlight: 1 } },
      ],
      unit: "deliveries/s",
      figure: (window) => window.deliveries / window.seconds,
    }),
};
