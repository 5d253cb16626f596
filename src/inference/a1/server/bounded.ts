// What of a request's lists is looked at: nobody may have a million complaints collected by sending a million wrong elements.
import { ApiError, invalid } from "./api-error.ts";

type Body = Readonly<Record<string, unknown>>;

/** A conversation has no more; nor has one message more parts. */
export const mostMessages = 2_000;

const isId = (value: unknown): boolean => typeof value === "number" && Number.isInteger(value) && value >= 0;

const isPart = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Reflect.get(value, "type") === "text";

const isRecord = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Up to the first element that is wrong, which alone is complained about. */
function upToWrong(list: readonly unknown[], isFine: (value: unknown) => boolean): readonly unknown[] {
  const wrong = list.findIndex((each) => !isFine(each));
  return wrong === -1 ? list : list.slice(0, wrong + 1);
}

function mustBeShort(list: readonly unknown[], most: number, param: string): void {
  if (list.length > most)
    throw invalid(param, `${param}: expected at most ${most} elements, found ${list.length}.`);
}

function messagesOf(list: readonly unknown[]): readonly unknown[] {
  mustBeShort(list, mostMessages, "messages");
  const whole = list.map((each, index) => {
    if (!isRecord(each) || !Array.isArray(each.content)) return each;
    mustBeShort(each.content, mostMessages, `messages[${index}].content`);
    return { ...each, content: upToWrong(each.content, isPart) };
  });
  return upToWrong(whole, isRecord);
}

/** Of several prompts two tell already that they are several. */
function promptOf(list: readonly unknown[]): readonly unknown[] {
  const [first] = list;
  if (typeof first === "number") return upToWrong(list, isId);
  return list.slice(0, 2).map((each) => (Array.isArray(each) ? upToWrong(each, isId) : each));
}

/** The most stop texts there may be, and one more. */
const stopsOf = (list: readonly unknown[]): readonly unknown[] => list.slice(0, 5);

const ids = (list: readonly unknown[]): readonly unknown[] => upToWrong(list, isId);

const lists: Readonly<Record<string, (list: readonly unknown[]) => readonly unknown[]>> = {
  ...{ messages: messagesOf, prompt: promptOf, stop: stopsOf, ids },
};

/** No request has half as many. */
const mostFields = 100;

/** The body with its lists cut behind what is wrong in them. @throws ApiError 400 for too many fields, or too long a list */
export function bounded(body: Body): Body {
  const fields = Object.keys(body);
  if (fields.length > mostFields) {
    const message = `Expected at most ${mostFields} fields, found ${fields.length}.`;
    throw new ApiError(400, "too_many_fields", message);
  }
  const entries = Object.entries(body).map(([name, value]): [string, unknown] => {
    const cut = Object.hasOwn(lists, name) ? lists[name] : undefined;
    return [name, cut !== undefined && Array.isArray(value) ? cut(value) : value];
  });
  return Object.fromEntries(entries);
}
