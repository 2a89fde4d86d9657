import { Field } from "./Field.tsx";

interface WhenFieldProps {
  /** As `datetime-local` has it: the time on this device's clock. */
  value: string;
  error?: string | undefined;
  onChange: (value: string) => void;
}

export function WhenField({ value, error, onChange }: WhenFieldProps) {
  return (
    <Field
      label="Date and time"
      type="datetime-local"
      value={value}
      min={localTime(Date.now())}
      error={error}
      required
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

export function localTime(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
