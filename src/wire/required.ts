// What a session was built with must be in it: anything else is a bug of ours.

export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`bug: ${name} is not part of this session`);
  return value;
}
