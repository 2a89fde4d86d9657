// A front end as the original's is: on a port of its own, tokens in its own storage, nothing by cookie.
const base = new URLSearchParams(location.search).get("server");
let socket = null;

const is = (words) => {
  document.querySelector("#state").textContent = words;
};

const show = ({ username, content }) => {
  const item = document.createElement("li");
  item.textContent = `${username}: ${content}`;
  document.querySelector("#messages").append(item);
};

async function ask(path, options = {}) {
  const token = localStorage.getItem("access_token");
  const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...options.headers };
  const answer = await fetch(base + path, { ...options, headers });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${answer.status} ${JSON.stringify(body.detail)}`);
  return body;
}

const deeds = {
  async signup(form) {
    const person = await ask("/api/v1/signup", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(Object.fromEntries(form)),
    });
    is(`Signed up as ${person.username}`);
  },
  async login(form) {
    form.set("grant_type", "password");
    const pair = await ask("/api/v1/token", { method: "POST", body: new URLSearchParams(form) });
    localStorage.setItem("access_token", pair.access_token);
    localStorage.setItem("refresh_token", pair.refresh_token);
    is("Logged in");
  },
  async room(form) {
    const room = form.get("room_id");
    for (const message of await ask(`/api/v1/chat/history?room_id=${room}`)) show(message);
    const token = encodeURIComponent(localStorage.getItem("access_token"));
    socket = new WebSocket(`${base.replace("http", "ws")}/ws/${room}?token=${token}`);
    socket.onmessage = ({ data }) => {
      const heard = JSON.parse(data);
      if (heard.type === "message") show(heard);
      if (heard.type === "active_users") is(`Here: ${heard.users.map((user) => user.username).join(", ")}`);
      if (heard.type === "join") is(`${heard.username} came`);
      if (heard.type === "leave") is(`${heard.username} went`);
    };
    socket.onclose = ({ code }) => is(`Closed with ${code}`);
  },
  async talk(form) {
    socket.send(JSON.stringify({ content: form.get("content") }));
  },
};

for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    deeds[form.id](new FormData(form)).catch((error) => is(`Failed: ${error.message}`));
  });
}
