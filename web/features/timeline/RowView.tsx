import { memo, type ReactNode } from "react";
import { useToday } from "#web/state/today.ts";
import { dayName } from "#web/ui/show-time.ts";
import { HappenedRow } from "./HappenedRow.tsx";
import { MessageRow } from "./MessageRow.tsx";
import { PendingRow } from "./PendingRow.tsx";
import type { Row } from "./rows.ts";
import css from "./Timeline.module.css";

interface RowViewProps {
  row: Row;
  start: ReactNode;
  isNewest: boolean;
  isSought: boolean;
  onRetry: (nonce: string) => void;
  onDiscard: (nonce: string) => void;
}

export const RowView = memo(function RowView({ row, start, isNewest, isSought, onRetry, onDiscard }: RowViewProps) {
  switch (row.kind) {
    case "start":
      return start;
    case "day":
      return <DayRow at={row.at} />;
    case "unread":
      return (
        <div className={css.unread}>
          <span>New</span>
        </div>
      );
    case "message":
      return <MessageRow message={row.message} head={row.head} isNewest={isNewest} isSought={isSought} />;
    case "happened":
      return <HappenedRow line={row.line} dated={row.dated} />;
    case "pending":
      return <PendingRow send={row.send} head={row.head} onRetry={onRetry} onDiscard={onDiscard} />;
    default:
      return row satisfies never;
  }
});

function DayRow({ at }: { at: number }) {
  const today = useToday();
  return (
    <div className={css.day}>
      <span>{dayName(at, today)}</span>
    </div>
  );
}
