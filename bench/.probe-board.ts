import { writeFileSync } from "node:fs";
import { readSiteRun } from "../src/wire.ts";
import { makeBoard, boardJson } from "../src/report/board.ts";
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
let t = cpu(); const lap = (n: string) => { const now = cpu(); console.log(n, (now - t).toFixed(2)); t = cpu(); };
lap("start");
const site = await readSiteRun("/var/tmp/r3bench/site/run", console.error); lap("read");
const board = makeBoard([site.source]); lap("board all");
if (process.argv[2]) writeFileSync(process.argv[2], JSON.stringify(boardJson(board), null, 1));
if (process.argv[3]) { makeBoard([site.source], { after: "2024-12-31" }); lap("board newer"); }
