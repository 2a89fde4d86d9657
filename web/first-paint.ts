// Runs before the first paint, in a file of its own because the page allows no inline script.
import { readTheme, showTheme } from "./state/theme.ts";

showTheme(readTheme());
