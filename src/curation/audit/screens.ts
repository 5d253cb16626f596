// Screens hostile or careless text: words meant to steer a model, and secrets. Patterns only, with the limits stated here.

export interface Finding {
  readonly code: "injection" | "secret";
  /** Which pattern: the text itself is never repeated, for it may be a secret. */
  readonly rule: string;
  readonly line: number;
}

interface Rule {
  readonly name: string;
  readonly pattern: RegExp;
}

/**
 * Heuristics: they find the known phrasings in English and signs nobody sees. They miss paraphrases, other languages
 * and text in pictures, and they strike where an issue honestly quotes such words: what is found is for a person.
 */
const injectionRules: readonly Rule[] = [
  {
    name: "ignore-instructions",
    pattern:
      /\b(ignore|disregard|forget|override)\b.{0,40}\b(previous|prior|above|earlier|your|all)\b.{0,30}\b(instructions?|prompts?|rules|guidelines)\b/i,
  },
  {
    name: "role-marker",
    pattern: /<\|(im_start|im_end|system|endoftext)\|>|\[\/?INST\]|<<SYS>>|^\s*#{2,}\s*system\s*:/im,
  },
  {
    name: "new-role",
    pattern: /\byou are (now|no longer) (an?|the|in)\b.{0,60}\b(assistant|model|ai|agent|mode)\b/i,
  },
  {
    name: "addressed-to-models",
    pattern:
      /\b(if you are|attention|note to|instructions? for)\b.{0,20}\b(an? )?(ai|llm|language model|assistant|coding agent)s?\b/i,
  },
  {
    name: "reveal-prompt",
    pattern:
      /\b(reveal|print|repeat|show)\b.{0,30}\b(system prompt|hidden (tests?|prompt)|your instructions)\b/i,
  },
  // Bidirectional overrides and tag characters carry text that a person does not see.
  { name: "hidden-signs", pattern: /[\u202A-\u202E\u2066-\u2069]|[\u{E0020}-\u{E007F}]{4,}/u },
];

/** Shapes that issuers publish. Secrets without a shape of their own (passwords, bare hex) are not found. */
const secretRules: readonly Rule[] = [
  { name: "aws-access-key", pattern: /\b(AKIA|ASIA)[A-Z2-7]{16}\b/ },
  { name: "github-token", pattern: /\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})/ },
  { name: "gitlab-token", pattern: /\bglpat-[A-Za-z0-9_-]{20,}/ },
  { name: "slack-token", pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/ },
  { name: "model-api-key", pattern: /\bsk-(ant-|proj-)?[A-Za-z0-9_-]{32,}/ },
  { name: "google-api-key", pattern: /\bAIza[A-Za-z0-9_-]{35}/ },
  { name: "npm-token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { name: "pypi-token", pattern: /\bpypi-AgEI[A-Za-z0-9_-]{50,}/ },
  { name: "stripe-key", pattern: /\b[sr]k_live_[A-Za-z0-9]{20,}/ },
  { name: "private-key", pattern: /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/ },
  {
    name: "url-with-password",
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{1,64}:[^\s/:@]{6,64}@[a-z0-9]/i,
  },
];

/** Lines longer than this are read up to it: a pattern must not take long on what was made to. */
const mostLineChars = 20_000;

/** Every rule that strikes, once a line. Steering words may be wrapped: they are looked for across one line break too. */
export function screen(text: string): Finding[] {
  const findings: Finding[] = [];
  const lines = text.split("\n").map((line) => line.slice(0, mostLineChars));
  for (const [index, line] of lines.entries()) {
    const next = lines[index + 1] ?? "";
    for (const { name, pattern } of injectionRules) {
      const wrapped = !pattern.test(next) && pattern.test(`${line} ${next}`);
      if (pattern.test(line) || wrapped) findings.push({ code: "injection", rule: name, line: index + 1 });
    }
    for (const { name, pattern } of secretRules)
      if (pattern.test(line)) findings.push({ code: "secret", rule: name, line: index + 1 });
  }
  return findings;
}
