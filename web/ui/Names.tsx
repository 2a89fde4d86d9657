import css from "./Names.module.css";

interface NamesProps {
  /** As they want to be called; null or empty: by their user name. */
  display: string | null | undefined;
  username: string;
}

/** What somebody is called. Anybody may choose any display name, so the user name stands beside one that differs. */
export function Names({ display, username }: NamesProps) {
  if (!display || display === username) return <bdi>{username}</bdi>;
  return (
    <>
      <bdi>{display}</bdi> <bdi className={css.username}>{username}</bdi>
    </>
  );
}
