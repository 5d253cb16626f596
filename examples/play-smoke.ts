// A whole program over the library: plays the merged fix against doing nothing on one small issue, prints the board.
import { fileURLToPath } from "node:url";
import { playTournament, renderBoardTable, scoreOf, verdictOf } from "swing-arena";

const { board, rows, runFolder } = await playTournament({
  set: fileURLToPath(new URL("../issues/smoke/1", import.meta.url)),
  only: ["smoke__layered-ini-14"],
  contestants: ["gold", "empty"],
  seed: "example",
  // Reviews would also meet the hidden candidates, which tells more and takes longer.
  panel: false,
  onNote: (sentence) => console.error(sentence),
});

for (const { round, submitter, reviewer, record } of rows) {
  const score = scoreOf(record, "strict");
  const points = score === undefined ? "void" : `${score.submitter} to ${score.reviewer}`;
  console.log(`round ${round}: ${submitter} against ${reviewer}: ${verdictOf(record)}, ${points}`);
}
console.log(renderBoardTable(board));
console.log(`evidence: ${runFolder}`);
