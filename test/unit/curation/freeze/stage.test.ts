// What the freeze stage says of real repositories: licences, notices and authors at the commits, and what it puts aside.
import { createHash } from "node:crypto";
import { readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { licenceLists } from "../../../../src/curation/freeze/licence-lists.ts";
import { licenceRule } from "../../../../src/curation/freeze/licence-rule.ts";
import { quotaIn } from "../../../../src/curation/freeze/quotas.ts";
import { type FreezeDeps, freezeStage } from "../../../../src/curation/freeze/stage.ts";
import { isFault } from "../../../../src/domain/fault.ts";
import { History } from "../../../support/history.ts";
import { diff } from "../lines.ts";
import { freezableRowOf, type RowParts } from "./frozen-row.ts";

const { texts, names } = await licenceLists();
const list: Record<string, { readonly licenseText: string }> = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve("spdx-license-list/spdx-full.json"), "utf8"),
);
const textOf = (id: string): string => list[id]?.licenseText ?? "";
const mit = textOf("MIT").replace("<year> <copyright holders>", "2024 Them [and us](http://x)");

let history: History;
let kept: Map<string, string>;
beforeEach(() => {
  history = new History();
  kept = new Map();
});
afterEach(() => history[Symbol.dispose]());

function stage(rule = "any", more: Partial<FreezeDeps> = {}) {
  return freezeStage({
    texts,
    licences: licenceRule(rule, names),
    quotas: { seed: "s", quotas: [] },
    repositoryOf: () => history.open(),
    keepText: async (sha256, bytes) => {
      kept.set(sha256, bytes.toString("utf8"));
    },
    ...more,
  });
}

const run = (parts: Omit<RowParts, "id">, rule?: string) =>
  stage(rule).run(freezableRowOf({ id: "o__r-1", ...parts }), new AbortController().signal);

async function released(parts: Omit<RowParts, "id">) {
  const [row] = (await run(parts)).kept;
  if (row === undefined) throw new Error("the row was not kept");
  return row.release;
}

const rejected = async (parts: Omit<RowParts, "id">, rule: string) => (await run(parts, rule)).rejected;

describe("a frozen row", () => {
  it("names licences, holders and notices at the base commit, not those of later", async () => {
    const base = history.commit({
      "LICENSE.txt": mit,
      NOTICE: "Shop 2.1 Copyright (c) 2020 Makers\n",
      "src/a.py": "",
    });
    history.commit({ "LICENSE.txt": textOf("GPL-3.0-only") });
    const { licences, notices, notRead } = await released({ baseCommit: base, commits: [base] });
    const sha256 = createHash("sha256").update(mit).digest("hex");
    expect(licences).toEqual([
      {
        path: "LICENSE.txt",
        sha256,
        spdx: ["MIT"],
        copyright: ["Copyright (c) 2024 Them [and us](http://x)"],
      },
    ]);
    expect(kept.get(sha256)).toBe(mit);
    expect(notices).toMatchObject([{ path: "NOTICE", copyright: ["Shop 2.1 Copyright (c) 2020 Makers"] }]);
    expect(notRead).toEqual([]);
  });

  it("looks above the changed files and into LICENSES, and at no code or other folder", async () => {
    const base = history.commit({
      "LICENSE-MIT": mit,
      "LICENSE-APACHE": textOf("Apache-2.0"),
      "LICENSES/ISC.txt": textOf("ISC"),
      "crates/one/COPYING": textOf("GPL-2.0-only"),
      "crates/two/LICENSE": textOf("Zlib"),
      "license.py": "print()\n",
      "uv.lock.license": "SPDX-License-Identifier: CC0-1.0\n",
    });
    const own = { baseCommit: base, commits: [base], goldPatch: diff("crates/one/src/lib.rs") };
    const { licences } = await released(own);
    expect(licences.map(({ path, spdx }) => [path, spdx.join()])).toEqual([
      ["LICENSE-APACHE", "Apache-2.0"],
      ["LICENSE-MIT", "MIT"],
      ["LICENSES/ISC.txt", "ISC"],
      ["crates/one/COPYING", "GPL-2.0-only,GPL-2.0-or-later"],
    ]);
  });

  it("says which licence could not be read, and follows no link", async () => {
    symlinkSync("/etc/passwd", join(history.folder, "LICENSE"));
    const base = history.commit({ COPYING: Buffer.alloc(300_000, "a") });
    const own = { baseCommit: base, commits: [base] };
    const { licences, notRead } = await released(own);
    expect([licences, notRead, kept.size]).toEqual([
      [],
      ["COPYING has more than 262144 bytes", "LICENSE is no plain file"],
      0,
    ]);
    expect(await rejected(own, "known")).toMatchObject([{ reason: "licence-unknown" }]);
  });

  it("names the authors of a change, and those who wrote with them, by name alone", async () => {
    const base = history.commit({ "a.py": "1" });
    history.write({ "a.py": "2" });
    history.git(
      "commit",
      "--quiet",
      "-am",
      "x\n\nCo-authored-by: Ben\u0007 Bo <b@b>\nco-authored-by: t <t@t>",
    );
    const squashed = history.git("rev-parse", "HEAD");
    const nowhere = "e".repeat(40);
    const { authors } = await released({ baseCommit: base, commits: [nowhere], merge: squashed });
    expect(authors).toEqual(["Ben Bo", "t"]);
    history.git("branch", "side", base);
    history.git("checkout", "--quiet", "side");
    history.write({ "b.py": "2" });
    history.git("add", "--all");
    history.git("commit", "--quiet", "-m", "y", "--author=Cid <c@c>");
    const side = history.git("rev-parse", "HEAD");
    history.git("checkout", "--quiet", "main");
    const merge = history.merge("side");
    expect((await released({ baseCommit: base, commits: [side], merge })).authors).toEqual(["Cid"]);
  });

  it("is rejected under a rule that its licences do not keep", async () => {
    const none = history.commit({ "a.py": "" });
    const dual = history.commit({ "LICENSE-MIT": mit, "LICENSE-APACHE": textOf("Apache-2.0") });
    const copyleft = history.commit({ COPYING: textOf("MPL-2.0") });
    const strange = history.commit({ COPYING: "Do what we say.\n" });
    const at = (base: string) => ({ baseCommit: base, commits: [base] });
    const reasons = async (base: string) =>
      Promise.all(
        ["any", "known", "permissive", "MIT"].map(
          async (rule) => (await rejected(at(base), rule))[0]?.reason ?? "kept",
        ),
      );
    expect(await reasons(none)).toEqual(["kept", "licence-unknown", "licence-unknown", "licence-unknown"]);
    expect(await reasons(dual)).toEqual(["kept", "kept", "kept", "licence-refused"]);
    expect(await reasons(copyleft)).toEqual(["kept", "kept", "licence-refused", "licence-refused"]);
    expect((await reasons(strange)).slice(1, 3)).toEqual(["licence-unknown", "licence-unknown"]);
    // Whose text it is the file does not say: both must be allowed.
    const some = "Apache-2.0,MIT,MPL-2.0";
    expect(await rejected(at(copyleft), `${some},MPL-2.0-no-copyleft-exception`)).toEqual([]);
    expect(await rejected(at(copyleft), some)).toMatchObject([{ reason: "licence-refused" }]);
    const [why] = await rejected(at(dual), "MIT");
    expect(why?.detail).toBe("expected licences that are MIT, found LICENSE-APACHE under Apache-2.0");
    expect(() => licenceRule("GPL-3.0", names)).toThrow('found "GPL-3.0"');
    expect(() => licenceRule("mit-ish", names)).toThrow("expected any, known, permissive, or SPDX ids");
  });

  it("is asked again where the clone lacks its commit: no licence is guessed", async () => {
    history.commit({ LICENSE: mit });
    const fault = await run({ baseCommit: "d".repeat(40) }).catch((error: unknown) => error);
    expect(isFault(fault) && fault.code).toBe("commit-missing");
  });
});

describe("the freeze stage", () => {
  it("puts aside what is over a quota, with the quota and the seed", () => {
    const { whole } = stage("any", { quotas: { seed: "s", quotas: [quotaIn("python=1")] } });
    const own = { licences: [], notices: [], notRead: [], authors: [] };
    const rows = ["o__r-1", "o__r-2", "o__r-3"].map((id) => ({ ...freezableRowOf({ id }), release: own }));
    const outcome = whole?.(rows);
    expect(outcome?.kept).toHaveLength(1);
    expect(outcome?.rejected).toMatchObject(
      Array(2).fill({
        reason: "over-quota",
        detail: 'expected at most 1 of python, found 3: drawn by the seed "s"',
      }),
    );
  });
});
