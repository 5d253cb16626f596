// `arena keys`: the key that this user's runs are signed with, to be published beside a board.
import { ledgerKey } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";

export async function keys(_options: object, { out }: CommandContext): Promise<ExitCode> {
  const { key, file } = ledgerKey();
  out.result(
    { schemaVersion: 1, algorithm: "Ed25519", key, file },
    () => `${key}\n\nEd25519, base64url. Publish it; whoever holds ${file} can sign as you.`,
  );
  return exitCodes.done;
}
