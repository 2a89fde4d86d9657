import { useState } from "react";
import { Field } from "#web/ui/Field.tsx";
import css from "./admin.module.css";

export interface Picked {
  readonly id: number;
  readonly name: string;
}

interface PickProps {
  label: string;
  chosen: Picked | null;
  /** What has that in its name: asked for by what is typed. */
  items: readonly Picked[];
  onType: (text: string) => void;
  onChoose: (item: Picked) => void;
}

const SHOWN = 8;

/** One of many by its name: a field, and below it what has that in its name. */
export function Pick({ label, chosen, items, onType, onChoose }: PickProps) {
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const found = items.slice(0, SHOWN);
  return (
    <div>
      <Field
        label={label}
        type="search"
        autoComplete="off"
        value={isOpen ? text : (chosen?.name ?? text)}
        onFocus={() => setOpen(true)}
        onChange={(event) => {
          setText(event.target.value);
          setOpen(true);
          onType(event.target.value.trim());
        }}
      />
      {isOpen && (
        <ul className={css.found} aria-label={`${label}: found`}>
          {found.map((item) => (
            <li key={item.id}>
              <button
                type="button"
                className={css.find}
                aria-pressed={item.id === chosen?.id}
                onClick={() => {
                  onChoose(item);
                  setText("");
                  onType("");
                  setOpen(false);
                }}
              >
                <bdi>{item.name}</bdi>
              </button>
            </li>
          ))}
          {found.length === 0 && <li className={css.none}>Nothing has that in its name.</li>}
        </ul>
      )}
    </div>
  );
}
