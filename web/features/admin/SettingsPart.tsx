import { useEffect, useState } from "react";
import type { HouseSetting, SettingName } from "#shared/contract/house.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Choice } from "#web/ui/Choice.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./admin.module.css";

const LABELS: Readonly<Record<SettingName, string>> = {
  signup: "Who may make an account",
  room_creation: "Who may make rooms",
  former_texts: "What a message said before it was edited",
};

const VALUES: Readonly<Record<string, string>> = {
  open: "Anybody",
  invite: "Whoever has an invite",
  closed: "Nobody; admins make accounts",
  everyone: "Everybody here",
  admins: "Admins alone",
  shown: "Everybody in the room can read it",
  hidden: "Its author alone",
};

/** Settings that hold from the moment they are changed. */
export function SettingsPart() {
  const { chat } = useHouse();
  const { fault, run } = useDeed();
  const [settings, setSettings] = useState<readonly HouseSetting[] | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for once, when the page opens
  useEffect(() => {
    void run(async () => setSettings((await chat.api.settings()).items));
  }, [chat]);
  const choose = (name: SettingName, value: string | null) =>
    void run(async () => setSettings((await chat.api.changeSetting(name, value)).items));
  return (
    <>
      {fault && <Notice>{fault.detail}</Notice>}
      {settings?.map((setting) => (
        <div key={setting.name} className={css.setting}>
          <Choice
            label={LABELS[setting.name]}
            value={setting.value}
            options={setting.choices.map((value) => ({ value, label: VALUES[value] ?? value }))}
            onChange={(value) => choose(setting.name, value)}
          />
          <div className={css.source}>
            <p className={css.under}>{sourceOf(setting)}</p>
            {setting.source === "house" && (
              <Button
                onClick={() => choose(setting.name, null)}
                aria-label={`Undo the choice: ${LABELS[setting.name]}`}
              >
                Undo the choice
              </Button>
            )}
          </div>
        </div>
      ))}
    </>
  );
}

function sourceOf({ source, variable, otherwise }: HouseSetting): string {
  switch (source) {
    case "house":
      return `An admin chose this here. Without it, “${VALUES[otherwise] ?? otherwise}” would hold.`;
    case "environment":
      return `From the server's environment: ${variable}=${otherwise}. A choice here takes its place.`;
    case "default":
      return `The default: ${variable} is not set.`;
    default:
      return source satisfies never;
  }
}
