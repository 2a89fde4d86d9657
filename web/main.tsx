import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { loadChatHome } from "./Router.tsx";
import { openSession } from "./session/open-session.ts";
import "./styles/tokens.css";
import "./styles/base.css";

const session = openSession();
// Both at once: the chat's code is on its way while the server is asked who this is.
void session.restore();
if (location.pathname.startsWith("/chat")) loadChatHome().catch(() => {});

const root = document.getElementById("root");
if (root) createRoot(root).render(<App session={session} />);
