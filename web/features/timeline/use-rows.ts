import { useState } from "react";
import { type Row, type RowSource, Rows } from "./rows.ts";

/** The rows of one room; a component that shows another room is mounted anew. */
export function useRows(source: RowSource): readonly Row[] {
  const [rows] = useState(() => new Rows());
  return rows.of(source);
}
