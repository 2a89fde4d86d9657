import { NOBODY, type Store } from "../store/store.ts";
import { type Budgets, budgetOf } from "./budgets.ts";

type Guess = "stranger" | "known";

/** How often a password of an account may be guessed. Taken before it is looked at; a right one gives it back. */
export interface Guesses {
  take(name: Guess, key: string): Promise<void>;
  giveBack(name: Guess, key: string): Promise<void>;
  /** Whoever knows the password has all tries again. */
  reset(name: Guess, key: string): void;
}

/** One process counts by itself. */
export function guessesOfOne(budgets: Budgets): Guesses {
  return {
    take: async (name, key) => budgets.take(name, key),
    giveBack: async (name, key) => budgets.giveBack(name, key),
    reset: (name, key) => budgets.reset(name, key),
  };
}

/** Many nodes count together: with one budget each, whoever guesses would have as many as there are nodes. */
export function sharedGuesses(store: Store, isOn: boolean): Guesses {
  const argsOf = (name: Guess, key: string) => ({ whose: `${name} ${key}`, ...budgetOf(name) });
  return {
    async take(name, key) {
      if (isOn) await store.write("take-guess", NOBODY, argsOf(name, key));
    },
    async giveBack(name, key) {
      if (isOn) await store.write("give-guess-back", NOBODY, argsOf(name, key));
    },
    // It fills again by itself, and who logs in has what they took given back.
    reset() {},
  };
}
