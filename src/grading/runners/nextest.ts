// `cargo nextest run`: one process a test is how libtest.ts runs tests anyway, so nextest itself is not needed.
import type { Runner } from "../program.ts";
import { libtest } from "./libtest.ts";

export const nextest: Runner = { name: "nextest", program: (context) => libtest.program(context) };
