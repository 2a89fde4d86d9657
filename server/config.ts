import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { NatsPlace } from "./bus/nats.ts";
import type { Level } from "./log.ts";
import { isAddress } from "./mail/letters.ts";
import { type AllowedHosts, MAKERS } from "./push/endpoint.ts";
import type { Address } from "./store/postgres/connection.ts";

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly database: DatabasePlace;
  /** Null: this process is meant to be the only one on its database. */
  readonly nats: NatsPlace | null;
  /** Null: made at the first start and kept in the data folder. */
  readonly secretKey: string | null;
  readonly publicUrl: string | null;
  readonly tls: { cert: string; key: string } | null;
  readonly signup: "open" | "invite" | "closed";
  readonly roomCreation: "everyone" | "admins";
  readonly formerTexts: "shown" | "hidden";
  readonly corsOrigins: readonly string[];
  readonly trustProxy: boolean;
  readonly metricsToken: string | null;
  readonly logLevel: Level;
  readonly rateLimits: boolean;
  /** Null: nothing is told to closed browsers, and no push service is called. */
  readonly push: PushPlace | null;
  /** Null: no e-mail is sent. */
  readonly smtp: SmtpPlace | null;
  /** Which variables of the settings that change while the server runs were given. */
  readonly given: readonly string[];
}

export type DatabasePlace = { kind: "sqlite"; path: string } | { kind: "postgres"; address: Address };

export interface SmtpPlace {
  readonly host: string;
  readonly port: number;
  /** Encrypted from the first byte; otherwise as soon as the server offers it. */
  readonly secure: boolean;
  readonly user: string | null;
  readonly pass: string | null;
  readonly from: string;
  /** What links in letters begin with. */
  readonly publicUrl: string;
}

export interface PushPlace {
  /** Whom the makers of browsers can write to about these calls: a `mailto:` or an `https:` address. */
  readonly contact: string;
  readonly allowed: AllowedHosts;
}

export type Env = Readonly<Record<string, string | undefined>>;

/** A setting that cannot be meant: the variable, what is wrong with it, and what would be right. */
export class ConfigFault extends Error {}

/** The process's environment over a `.env` file beside it. The only reader of either. */
export function readEnv(folder: string): Env {
  const file = join(folder, ".env");
  return { ...(existsSync(file) ? parseEnvFile(readFileSync(file, "utf8")) : {}), ...process.env };
}

export function parseConfig(env: Env): Config {
  const dataDir = resolve(text(env, "DATA_DIR") ?? "data");
  const place = database(env, dataDir);
  return {
    host: text(env, "HOST") ?? "0.0.0.0",
    port: number(env, text(env, "PORT") === null ? "SERVICE_PORT" : "PORT", 8000, 0, 65_535),
    dataDir,
    database: place,
    nats: nats(env, place),
    secretKey: secret(env),
    publicUrl: url(env, "PUBLIC_URL"),
    tls: tls(env),
    signup: choice(env, "SIGNUP", ["open", "invite", "closed"], "open"),
    roomCreation: choice(env, "ROOM_CREATION", ["everyone", "admins"], "everyone"),
    formerTexts: choice(env, "FORMER_TEXTS", ["shown", "hidden"], "shown"),
    corsOrigins: origins(env),
    trustProxy: flag(env, "TRUST_PROXY", false),
    metricsToken: text(env, "METRICS_TOKEN"),
    logLevel: choice(env, "LOG_LEVEL", ["debug", "info", "warn", "error"], "info"),
    rateLimits: flag(env, "RATE_LIMITS", true),
    push: push(env),
    smtp: smtp(env),
    given: ["SIGNUP", "ROOM_CREATION", "FORMER_TEXTS"].filter((name) => text(env, name) !== null),
  };
}

function parseEnvFile(content: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of content.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (!match?.[1]) continue;
    const value = match[2] ?? "";
    const quoted = /^(["'])(.*)\1$/.exec(value);
    found[match[1]] = quoted ? (quoted[2] ?? "") : value.replace(/\s+#.*$/, "");
  }
  return found;
}

function text(env: Env, name: string): string | null {
  const value = env[name]?.trim();
  return value ? value : null;
}

function number(env: Env, name: string, otherwise: number, least: number, most: number): number {
  const value = text(env, name);
  if (value === null) return otherwise;
  if (/^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  throw new ConfigFault(`${name} is "${value}": it must be a whole number from ${least} to ${most}.`);
}

function choice<Value extends string>(env: Env, name: string, values: readonly Value[], otherwise: Value): Value {
  const value = text(env, name);
  if (value === null) return otherwise;
  const known = values.find((candidate) => candidate === value.toLowerCase());
  if (known) return known;
  throw new ConfigFault(`${name} is "${value}": it must be one of ${values.join(", ")}.`);
}

function flag(env: Env, name: string, otherwise: boolean): boolean {
  const value = text(env, name)?.toLowerCase();
  if (value === undefined) return otherwise;
  if (["on", "true", "yes", "1"].includes(value)) return true;
  if (["off", "false", "no", "0"].includes(value)) return false;
  throw new ConfigFault(`${name} is "${value}": it must be on or off.`);
}

function url(env: Env, name: string): string | null {
  const value = text(env, name);
  if (value === null) return null;
  const parsed = URL.parse(value);
  if (parsed && (parsed.protocol === "http:" || parsed.protocol === "https:")) return parsed.origin;
  throw new ConfigFault(`${name} is "${value}": it must be an address like https://chat.example.org.`);
}

function origins(env: Env): string[] {
  const listed = (text(env, "CORS_ORIGINS") ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "" && part !== "*");
  return listed.map((origin) => {
    const parsed = URL.parse(origin);
    if (parsed && parsed.origin !== "null") return parsed.origin;
    throw new ConfigFault(
      `CORS_ORIGINS has "${origin}": each must be an origin like https://app.example.org, with commas between.`,
    );
  });
}

function secret(env: Env): string | null {
  const value = text(env, "SECRET_KEY");
  if (value === null || new TextEncoder().encode(value).length >= 32) return value;
  throw new ConfigFault(
    "SECRET_KEY is too short: it must have 32 bytes or more. Leave it out and one is made and kept in DATA_DIR.",
  );
}

function tls(env: Env): { cert: string; key: string } | null {
  const cert = text(env, "TLS_CERT");
  const key = text(env, "TLS_KEY");
  if (cert === null && key === null) return null;
  for (const [name, path] of [
    ["TLS_CERT", cert],
    ["TLS_KEY", key],
  ] as const) {
    if (path === null) throw new ConfigFault(`${name} is missing: TLS_CERT and TLS_KEY go together.`);
    if (!existsSync(path)) throw new ConfigFault(`${name} is "${path}": there is no such file.`);
  }
  return { cert: cert ?? "", key: key ?? "" };
}

function push(env: Env): PushPlace | null {
  if (!flag(env, "PUSH", false)) return null;
  const given = text(env, "PUSH_CONTACT") ?? url(env, "PUBLIC_URL");
  if (given === null || !/^(?:mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/.test(given)) {
    throw new ConfigFault(
      "PUSH_CONTACT must be like mailto:you@example.org: PUSH=on has the makers of browsers called, who want to know whom to write to. An https PUBLIC_URL does as well.",
    );
  }
  return { contact: given, allowed: pushHosts(env) };
}

/** A password may stand in it: what is wrong is said without showing it. */
function smtp(env: Env): SmtpPlace | null {
  const value = text(env, "SMTP_URL");
  if (value === null) return null;
  const place = URL.parse(value);
  const isRight = place && ["smtp:", "smtps:"].includes(place.protocol) && place.hostname !== "";
  if (!isRight || place.pathname.length > 1 || place.search !== "") {
    throw new ConfigFault("SMTP_URL must be like smtp://user:password@host:587 or smtps://user:password@host:465.");
  }
  const from = text(env, "SMTP_FROM");
  if (from === null || !isAddress(from)) {
    throw new ConfigFault("SMTP_FROM must be the address that letters come from, like parlour@example.org.");
  }
  const publicUrl = url(env, "PUBLIC_URL");
  if (publicUrl === null) {
    throw new ConfigFault("PUBLIC_URL is missing: letters by SMTP_URL have links, which begin with it.");
  }
  const secure = place.protocol === "smtps:";
  const decoded = (part: string) => (part === "" ? null : unescaped("SMTP_URL", part));
  return {
    host: place.hostname.replace(/^\[|\]$/g, ""),
    port: place.port === "" ? (secure ? 465 : 587) : Number(place.port),
    secure,
    user: decoded(place.username),
    pass: decoded(place.password),
    from,
    publicUrl,
  };
}

function pushHosts(env: Env): AllowedHosts {
  const value = text(env, "PUSH_HOSTS");
  const parts =
    value === null
      ? [...MAKERS]
      : value
          .toLowerCase()
          .split(",")
          .map((part) => part.trim());
  const named = parts.filter((part) => part.includes("://"));
  const open = parts.filter((part) => part !== "any" && !part.includes("://"));
  for (const part of named) {
    const origin = URL.parse(part);
    if (origin && /^https?:$/.test(origin.protocol) && origin.origin === part) continue;
    throw new ConfigFault(
      `PUSH_HOSTS has "${part}": an origin is like https://push.example.org, with nothing behind it.`,
    );
  }
  for (const part of open) {
    if (/^(?:\*\.)?(?:[a-z0-9-]+\.)+[a-z0-9-]+$/.test(part)) continue;
    throw new ConfigFault(
      `PUSH_HOSTS has "${part}": it lists names like push.example.org or *.example.org, origins like https://push.example.org, or any.`,
    );
  }
  return { named, open, any: parts.includes("any") };
}

/** Comma-separated for a cluster. A password may stand in it: what is wrong is said without showing it. */
function nats(env: Env, place: DatabasePlace): NatsPlace | null {
  const value = text(env, "NATS_URL");
  if (value === null) return null;
  const right = "it must be like nats://host:4222 or tls://user:password@host:4222, with commas between several";
  const urls = value.split(",").map((part) => URL.parse(part.trim()));
  const [first] = urls;
  const kinds = new Set(urls.map((url) => url?.protocol));
  if (!first || kinds.size > 1 || !["nats:", "tls:"].includes(first.protocol) || urls.some((url) => !url?.hostname)) {
    throw new ConfigFault(`NATS_URL names no server, or servers of two kinds: ${right}.`);
  }
  // There is one login for all of them: another one behind the first would be left out without a word.
  const logins = new Set(urls.map((url) => `${url?.username}:${url?.password}`));
  if (logins.size > 1) {
    throw new ConfigFault(
      "NATS_URL has servers with different logins: write the same user and password, or token, to all.",
    );
  }
  const unknown = [...first.searchParams.keys()].find((name) => name !== "ca");
  if (unknown !== undefined) throw new ConfigFault(`NATS_URL has "${unknown}", which is not known; ca is.`);
  const ca = first.searchParams.get("ca");
  if (ca !== null && !existsSync(ca)) throw new ConfigFault(`NATS_URL has ca=${ca}: there is no such file.`);
  if (place.kind === "sqlite") {
    throw new ConfigFault(
      "NATS_URL joins several nodes on one PostgreSQL, and the record is an SQLite file, which one node has to itself: leave NATS_URL out, or set DATABASE_URL.",
    );
  }
  if (text(env, "SECRET_KEY") === null) {
    throw new ConfigFault(
      "SECRET_KEY is missing: with NATS_URL all nodes need the same one, any text of 32 bytes or more.",
    );
  }
  const [user, pass] = [first.username, first.password].map((part) => unescaped("NATS_URL", part));
  return {
    servers: urls.map((url) => `${url?.hostname}:${url?.port || "4222"}`),
    user: user && pass ? user : null,
    pass: pass || null,
    token: user && !pass ? user : null,
    tls: first.protocol === "tls:" ? { ca } : null,
  };
}

function unescaped(name: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ConfigFault(`${name} has a "%" that stands for nothing; write it as %25.`);
  }
}

/** `CHUNK_SIZE`, which other systems have beside these, is taken and means nothing: what is written at once clocks itself. */
function database(env: Env, dataDir: string): DatabasePlace {
  const value = text(env, "DATABASE_URL");
  if (value === null) {
    const address = addressOfParts(env);
    return address ? { kind: "postgres", address } : { kind: "sqlite", path: join(dataDir, "parlour.db") };
  }
  const sqlite = /^sqlite(?:\+\w+)?:\/\/(?:\/)?(.*[^/])$/.exec(value);
  if (sqlite?.[1]) return { kind: "sqlite", path: resolve(sqlite[1]) };
  if (/^postgres(?:ql)?(?:\+\w+)?:\/\//.test(value)) return { kind: "postgres", address: addressOfUrl(value) };
  throw new ConfigFault(
    "DATABASE_URL is of a kind that this version does not serve, or names no file: it must be like sqlite:///path/to/file.db or postgresql://user:password@host:5432/name.",
  );
}

/** The parts that other systems have in place of DATABASE_URL. */
function addressOfParts(env: Env): Address | null {
  const names = ["DATABASE_HOST", "DATABASE_PORT", "DATABASE_USER", "DATABASE_NAME", "DATABASE_PASSWORD"];
  const given = names.filter((name) => text(env, name) !== null);
  if (given.length === 0) return null;
  const part = (name: string) => {
    const value = text(env, name);
    if (value !== null) return value;
    throw new ConfigFault(
      `${name} is missing: ${given.join(", ")} say where a PostgreSQL is, and it needs ${name} too.`,
    );
  };
  const host = part("DATABASE_HOST");
  return {
    hostname: host.startsWith("/") ? "localhost" : host,
    socketFolder: host.startsWith("/") ? host : null,
    port: number(env, "DATABASE_PORT", 5432, 1, 65_535),
    username: part("DATABASE_USER"),
    password: env.DATABASE_PASSWORD ?? "",
    database: part("DATABASE_NAME"),
    tls: null,
  };
}

/** A password may stand in it: what is wrong is said without showing it. */
function addressOfUrl(value: string): Address {
  const wrong = (what: string) =>
    new ConfigFault(`DATABASE_URL ${what}: it must be like postgresql://user:password@host:5432/name.`);
  const url = URL.parse(value.replace(/^\w+(?:\+\w+)?:/, "postgresql:").replace(/@(?=[/:]|$)/, "@localhost"));
  if (!url) throw wrong("is no address");
  const params = new Map(url.searchParams);
  const unknown = [...params.keys()].find((name) => !["host", "sslmode", "sslrootcert"].includes(name));
  if (unknown !== undefined) throw wrong(`has "${unknown}", which is not known; host, sslmode and sslrootcert are`);
  const decoded = (part: string) => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw wrong('has a "%" that stands for nothing; write it as %25');
    }
  };
  const name = decoded(url.pathname.slice(1));
  const username = decoded(url.username);
  if (username === "") throw wrong("names no user");
  if (name === "" || name.includes("/")) throw wrong("names no database");
  const folder = params.get("host") ?? null;
  if (folder !== null && !folder.startsWith("/")) throw wrong("has a host= that is no folder with the server's socket");
  return {
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    socketFolder: folder,
    port: url.port === "" ? 5432 : Number(url.port),
    username,
    password: decoded(url.password),
    database: name,
    tls: tlsOf(params.get("sslmode") ?? "disable", params.get("sslrootcert") ?? null),
  };
}

function tlsOf(mode: string, ca: string | null): Address["tls"] {
  if (ca !== null && !existsSync(ca))
    throw new ConfigFault(`DATABASE_URL has sslrootcert=${ca}: there is no such file.`);
  switch (mode) {
    case "disable":
      return null;
    case "require":
      return { verify: ca !== null, ca };
    case "verify-full":
      return { verify: true, ca };
    default:
      throw new ConfigFault(`DATABASE_URL has sslmode=${mode}: it must be one of disable, require, verify-full.`);
  }
}
