import css from "./Waiting.module.css";

/** Where something is on its way, once it has been for a moment. */
export function Waiting() {
  return (
    <div className={css.waiting} role="status">
      <span className="out-of-sight">Loading</span>
      <span className={css.bar} />
      <span className={css.bar} />
      <span className={css.bar} />
    </div>
  );
}
