import type { Bench } from "../compare.ts";
import type { Row } from "../result.ts";

export interface Scenario {
  name: string;
  title: string;
  conditions: string;
  run(bench: Bench): Promise<Row[]>;
}
