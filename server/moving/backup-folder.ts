import { once } from "node:events";
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createGunzip, createGzip } from "node:zlib";
import { AT_ONCE } from "./record.ts";
import type { TablePrint } from "./table-print.ts";
import type { Row, Table } from "./tables.ts";

/** What a backup says about itself. Written last: a folder without it is no backup. */
export interface Manifest {
  readonly format: 1;
  readonly parlour: string;
  readonly schema: number;
  readonly epoch: string;
  readonly madeAt: string;
  readonly from: string;
  /** "inside": the file `secret`, or in the SECRET_KEY of whoever made it. */
  readonly secret: "inside" | "SECRET_KEY";
  /** Tells one secret from another and gives neither away. */
  readonly secretPrint: string;
  readonly tables: readonly (Table & TablePrint)[];
}

export function makeFolder(folder: string): void {
  mkdirSync(join(folder, "tables"), { recursive: true, mode: 0o700 });
}

export function writeManifest(folder: string, manifest: Manifest): void {
  writeFlushed(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

export function readManifest(folder: string): Manifest {
  const path = join(folder, "manifest.json");
  if (!existsSync(path)) {
    const why = existsSync(folder) ? "it has no manifest.json, which is written last" : "there is no such folder";
    throw new Error(`${folder} is not a whole backup: ${why}.`);
  }
  const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
  if (manifest.format === 1) return manifest;
  throw new Error(`The backup ${folder} was made by a newer Parlour (${manifest.parlour}). Restore it with that.`);
}

export function writeFlushed(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  flush(path);
}

export function flush(path: string): void {
  const file = openSync(path, "r");
  fsyncSync(file);
  closeSync(file);
}

/** One line of JSON a row, packed by gzip. */
export class TableWriter {
  readonly #path: string;
  readonly #zip = createGzip({ level: 1 });
  readonly #written: Promise<unknown>;
  #fault: unknown = null;

  constructor(folder: string, table: Table) {
    this.#path = fileOf(folder, table);
    const file = createWriteStream(this.#path, { mode: 0o600 });
    this.#zip.pipe(file);
    this.#written = once(file, "finish");
    for (const stream of [this.#zip, file]) stream.on("error", (error) => this.#fail(error));
    this.#written.catch((error) => this.#fail(error));
  }

  async write(text: string): Promise<void> {
    if (this.#fault !== null) throw this.#fault;
    if (!this.#zip.write(text)) await Promise.race([once(this.#zip, "drain"), this.#written]);
  }

  async end(): Promise<void> {
    this.#zip.end();
    await this.#written;
    flush(this.#path);
  }

  #fail(error: unknown): void {
    this.#fault ??= error;
  }
}

/** The bytes as they were hashed. A file that was cut short or changed ends in an error or in another hash. */
export async function* textIn(folder: string, table: Table): AsyncGenerator<Buffer> {
  const file = createReadStream(fileOf(folder, table));
  const unzip = createGunzip();
  file.on("error", (error) => unzip.destroy(error));
  file.pipe(unzip);
  for await (const chunk of unzip) yield chunk as Buffer;
}

export async function* rowsIn(folder: string, table: Table): AsyncGenerator<Row[]> {
  const decoder = new TextDecoder();
  let rest = "";
  let rows: Row[] = [];
  for await (const chunk of textIn(folder, table)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      rows.push(JSON.parse(line) as Row);
      if (rows.length < AT_ONCE) continue;
      yield rows;
      rows = [];
    }
  }
  if (rows.length > 0) yield rows;
}

function fileOf(folder: string, table: Table): string {
  return join(folder, "tables", `${table.name}.jsonl.gz`);
}
