// A shared file is waited for while another process holds it, and not for ever.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openShared } from "../../../retriever/shared-database.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arena-shared-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each(["IMMEDIATE", "EXCLUSIVE"])(
  "gives up a file that another holds (%s) all the time",
  { timeout: 60_000 },
  (kind) => {
    const path = join(folder, "file.db");
    const holder = new Database(path);
    holder.exec(`CREATE TABLE t (a); BEGIN ${kind}`);
    const open = () => openShared({ path, busyTimeoutMs: 1_000 }, (database) => database.exec("SELECT 1"));
    expect(open).toThrow(expect.objectContaining({ code: "SQLITE_BUSY" }));
    holder.exec("COMMIT");
    open().close();
    holder.close();
  },
);
