import type { Role } from "#shared/models.ts";
import { useFace } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { chooseTheme, type Theme } from "#web/state/theme.ts";
import { useTitle } from "#web/state/title.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { useTheme } from "#web/state/use-theme.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { Button } from "#web/ui/Button.tsx";
import { Choice } from "#web/ui/Choice.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { Page } from "#web/ui/Page.tsx";
import css from "./AccountPage.module.css";
import { Blocked } from "./Blocked.tsx";
import { ClosedBrowser } from "./ClosedBrowser.tsx";
import { Letters } from "./Letters.tsx";
import { NotifyForm } from "./NotifyForm.tsx";
import { OwnData } from "./OwnData.tsx";
import { PasswordForm } from "./PasswordForm.tsx";
import { ProfileForm } from "./ProfileForm.tsx";
import { SessionList } from "./SessionList.tsx";

export function AccountPage() {
  const { session, user } = useHouse();
  const { busy, fault, run } = useDeed();
  const theme = useTheme();
  const face = useFace(user.id);
  const name = face?.display_name ?? user.username;
  useTitle("Account");
  return (
    <Page title="Account">
      <div className={css.who}>
        <Avatar id={user.id} name={name} hue={face?.hue ?? null} size={52} />
        <div className={css.names}>
          <p className={css.name}>
            <bdi>{name}</bdi>
          </p>
          <p className={css.under}>
            {ROLES[user.role]}
            {user.email !== null && ` · ${user.email}`}
          </p>
        </div>
        <Button busy={busy} onClick={() => void run(() => session.logOut())}>
          Log out
        </Button>
      </div>
      {fault && <Notice>{fault.detail} You are still logged in.</Notice>}
      <section className={css.section} aria-labelledby="profile">
        <h2 id="profile" className={css.title}>
          Profile
        </h2>
        <ProfileForm />
      </section>
      <section className={css.section} aria-labelledby="look">
        <h2 id="look" className={css.title}>
          Look
        </h2>
        <Choice<Theme>
          label="Theme"
          value={theme}
          onChange={chooseTheme}
          options={[
            { value: "system", label: "As this device" },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]}
        />
      </section>
      <section className={css.section} aria-labelledby="notifications">
        <h2 id="notifications" className={css.title}>
          Notifications
        </h2>
        <NotifyForm />
      </section>
      <ClosedBrowser />
      <Letters />
      <section className={css.section} aria-labelledby="blocked">
        <h2 id="blocked" className={css.title}>
          People you block
        </h2>
        <Blocked />
      </section>
      <section className={css.section} aria-labelledby="password">
        <h2 id="password" className={css.title}>
          Password
        </h2>
        <PasswordForm />
      </section>
      <section className={css.section} aria-labelledby="sessions">
        <h2 id="sessions" className={css.title}>
          Where you are logged in
        </h2>
        <SessionList />
      </section>
      <section className={css.section} aria-labelledby="own-data">
        <h2 id="own-data" className={css.title}>
          Your data
        </h2>
        <OwnData />
      </section>
    </Page>
  );
}

const ROLES: Readonly<Record<Role, string>> = {
  admin: "Admin of this server",
  user: "Member of this server",
  guest: "Guest of this server",
};
