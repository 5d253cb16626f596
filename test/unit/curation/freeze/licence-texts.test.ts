// Whose text a licence file is: a name or a heading makes no other licence, a condition more does.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { licenceLists } from "../../../../src/curation/freeze/licence-lists.ts";

const list: Record<string, { readonly licenseText: string }> = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve("spdx-license-list/spdx-full.json"), "utf8"),
);
const { texts, names } = await licenceLists();
const textOf = (id: string): string => list[id]?.licenseText ?? "";
const terms = (id: string): string => textOf(id).slice(textOf(id).indexOf("Permission"));

describe("a licence's text", () => {
  it.each([
    ["its own", textOf("MIT")],
    ["with another heading", `The MIT License (MIT)\n\nCopyright © 2015-2024 Them & Sons\n\n${terms("MIT")}`],
    ["without any", `Copyright (c) Them developers\n\n${terms("MIT").replaceAll("\n", "\r\n")}`],
    ["wrapped in another way", terms("MIT").replace(/\s+/g, " ")],
  ])("is told whose it is, %s", (_, text) => {
    expect(texts.match(text)).toEqual({ spdx: ["MIT"] });
  });

  it("is told from those that differ by a word or two", () => {
    for (const id of ["BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "Zlib", "Unlicense", "BSL-1.0"])
      expect(texts.match(textOf(id)).spdx).toEqual([id]);
    expect(texts.match(textOf("MIT-0")).spdx).toEqual(["MIT-0"]);
    const named = textOf("BSD-3-Clause").replace("the copyright holder nor", "Their Great Company, Inc. nor");
    expect(named).toContain("Inc. nor");
    expect(texts.match(named).spdx).toEqual(["BSD-3-Clause"]);
  });

  it("needs no word on how to apply it", () => {
    const [terms] = textOf("Apache-2.0").split("APPENDIX");
    expect(terms).not.toBe(textOf("Apache-2.0"));
    expect(texts.match(`${terms}`).spdx).toEqual(["Apache-2.0"]);
    const filled = textOf("Apache-2.0").replace("[yyyy] [name of copyright owner]", "2024 Them");
    expect(texts.match(filled).spdx).toEqual(["Apache-2.0"]);
  });

  it("says of a text that several share that it is one of them", () => {
    expect(texts.match(textOf("GPL-3.0-only")).spdx).toEqual(["GPL-3.0-only", "GPL-3.0-or-later"]);
  });

  it.each([
    ["MIT", textOf("MIT").replace("is hereby granted", "is hereby granted for noncommercial use")],
    ["MIT", textOf("MIT").replace("any person", "any person except them")],
    ["MIT", `${textOf("MIT")}\n\nThe Software may be used by nobody who competes with the authors of it.`],
    [
      "Apache-2.0",
      textOf("Apache-2.0").replace(
        "TERMS AND CONDITIONS FOR USE",
        'The grant of rights under the License will not include, and the License does not grant to you, the right to Sell the Software. "Sell" means practicing any or all of the rights for a fee. TERMS AND CONDITIONS FOR USE',
      ),
    ],
    [
      "Apache-2.0",
      `${textOf("Apache-2.0")}\n\n--- Exceptions ---\n\nYou may leave out the notice in what is compiled.`,
    ],
    ["MIT", textOf("MIT").replace("MIT License", "MIT License, not for commercial use")],
    ["MIT", textOf("MIT").replace("<copyright holders>", "Them. For noncommercial use.")],
  ])("with a condition more is nobody's, and near to %s", (id, text) => {
    expect(text).not.toBe(textOf(id));
    const { spdx, nearest } = texts.match(text);
    expect([spdx, nearest?.spdx]).toEqual([[], id]);
    expect(nearest?.likeness).toBeGreaterThan(0.8);
  });

  it("of no words, or others, is nobody's, and near to nothing", () => {
    for (const text of ["", "\0\0", "!!!", "This project is under both of two licences."])
      expect(texts.match(text)).toEqual({ spdx: [] });
  });
});

describe("the lists", () => {
  it("hold what is permissive and what is not", () => {
    expect(["MIT", "Apache-2.0", "BSD-3-Clause", "ISC"].filter((id) => !names.permissive.has(id))).toEqual(
      [],
    );
    expect(["GPL-3.0-only", "MPL-2.0", "BUSL-1.1"].filter((id) => names.permissive.has(id))).toEqual([]);
  });
});
