// Words that say nothing about which code an issue is about: English's commonest, and what issue templates are made of.

const english = `
a about above after again against all almost also although always am among an and another any anybody anyone anything
anyway are around as at away back be became because become been before being below between both but by came can cannot
come could couldn did didn do does doesn doing don done down during each either else enough etc even ever every
everything exactly far few first for from further get gets getting give given go goes going gone good got had hadn has
hasn have haven having he hello help her here hi him his how however if in indeed instead into is isn it its itself
just keep kind know last later least less let like likely ll long look looking looks lot made make makes making many may
maybe me mean might more most much must my myself need needed needs neither never new next no nobody none nor not
nothing now of off often ok okay on once one only onto or other others otherwise our out over own per perhaps please
possible possibly probably put quite rather re really right said same saw say see seem seems seen several shall she
should shouldn simple simply since so some somehow someone something sometimes soon still such sure take taken than
thank thanks that the their them then there therefore these they thing things think this those though through thus to
together too took try trying two under unless until up upon us use used useful uses using usually ve very via want
wanted wants was wasn way we well went were weren what whatever when where whether which while who whole whom whose why
will wish with within without won would wouldn yes yet you your yours
`;

const templates = `
actual actually additional affected appreciated behavior behaviour bug bugs browser checklist clear closed code concise
confirm context contributing cpu current currently describe described description desktop detail details
duplicate environment example examples expect expected expectation explanation feature fedora found github happen
happened happening happens https http idea information install installed issue issues latest linux mac macos
minimal motivation notice noticed observed occur occurs org os platform problem proposal propose proposed provide question
related relevant repo reproduce reproduced reproducible reproducing reproduction request run running sample screenshot
screenshots search searched snippet solution steps suggest suggestion summary system template title ubuntu version
versions windows work working works www com
`;

/** All lower case. */
export const stopWords: ReadonlySet<string> = new Set(
  `${english} ${templates}`.split(/\s+/u).filter(Boolean),
);
