// Which issues a text says it closes, by the words GitHub itself acts on.

export interface IssueName {
  /** owner/name, as it stands in the text. */
  readonly repo: string;
  readonly number: number;
}

/** What lies beyond is not read: nobody closes issues there, and a text may be made to take long. */
export const mostLinkChars = 200_000;

const owner = "[A-Za-z0-9][A-Za-z0-9-]{0,38}";
const name = "[A-Za-z0-9._-]{1,100}";
const number = "([1-9][0-9]{0,8})(?![\\w])";
const keyword = "(?:close[sd]?|fix(?:es|ed)?|resolve[sd]?)";

/** Comments, fenced and marked code, and the HTML of both; what nobody closes reaches to the end of the text. */
const unread =
  /<!--[\s\S]*?(?:-->|(?![\s\S]))|<(pre|code)\b[\s\S]*?(?:<\/\1>|(?![\s\S]))|^[ \t]*(`{3,}(?=[^`\n]*$)|~{3,})[^\n]*(?:\n[\s\S]*?^[ \t]*\2[`~]*[ \t]*$|[\s\S]*(?![\s\S]))|(?<!`)(`+)(?!`)(?:(?!\n[ \t]*\n)[\s\S])*?(?<!`)\3(?!`)/gim;

const isListItem = (line: string): boolean => /^\s*(?:[-*+]|\d{1,9}[.)])\s/.test(line);

/** Lines set in by four after an empty one are code, unless they go on with a list. */
function withoutIndentedCode(text: string): string {
  let [after, isCode] = ["", false];
  let isFree = true;
  const kept: string[] = [];
  for (const line of text.split("\n")) {
    const isEmpty = line.trim() === "";
    if (!isEmpty) {
      isCode = /^(?: {4}|\t)/.test(line) && (isCode || (isFree && !isListItem(after)));
      // A paragraph inside a list item leaves the list open.
      if (!isCode && !(isListItem(after) && /^\s/.test(line))) after = line;
    }
    if (!isCode) kept.push(line);
    isFree = isEmpty;
  }
  return kept.join("\n");
}

/** Code leaves a mark: what stands on its two sides are not neighbours. A comment leaves nothing, as on the page. */
function readable(text: string): string {
  const plain = text.slice(0, mostLinkChars).replaceAll("\r\n", "\n");
  return withoutIndentedCode(plain.replace(unread, (found) => (found.startsWith("<!--") ? "" : "`")));
}

/**
 * Every issue that a text closes, once, in the order of the text: each needs a keyword of its own, as on GitHub.
 * @param repo owner/name of the text, which `#12` and `GH-12` mean
 * @param host whose URLs count
 */
export function linkedIssues(text: string, repo: string, host = "github.com"): IssueName[] {
  const site = `https?://(?:www\\.)?${host.replace(/[.]/g, "\\.")}`;
  const forms = `${site}/(${owner}/${name})/issues/${number}|(${owner}/${name})#${number}|(?:#|GH-)${number}`;
  const pattern = new RegExp(`(?<![\\w./#-])${keyword}(?:[ \\t]*:[ \\t]*|[ \\t]+)(?:${forms})`, "gi");
  const found = new Map<string, IssueName>();
  for (const [, site, ofSite, other, ofOther, own] of readable(text).matchAll(pattern)) {
    const issue = { repo: site ?? other ?? repo, number: Number(ofSite ?? ofOther ?? own) };
    const key = issueKey(issue);
    if (!found.has(key)) found.set(key, issue);
  }
  return [...found.values()];
}

/** The same for all spellings: GitHub's names have no case. */
export function issueKey({ repo, number }: IssueName): string {
  return `${repo.toLowerCase()}#${number}`;
}
