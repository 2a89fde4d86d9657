import { freshBuild } from "./build.ts";

const { main, webDir } = await freshBuild((line) => process.stdout.write(`${line}\n`));
const server = (await import(main)) as typeof import("#server/main.ts");
await server.main(process.argv.slice(2), webDir);
