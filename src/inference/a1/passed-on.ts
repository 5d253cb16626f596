// Text for somebody who reads along: each piece as it comes, and in the end whatever of the whole has not come yet.

type OnText = (piece: string) => void;

/** `told` goes into the request; `rest` is called with all that was written, which may hold more than was told. */
export function passedOn(onText: OnText | undefined): {
  readonly told: { readonly onText?: OnText };
  rest(whole: string): void;
} {
  if (onText === undefined) return { told: {}, rest: () => {} };
  let characters = 0;
  const tell = (piece: string): void => {
    characters += piece.length;
    onText(piece);
  };
  return {
    told: { onText: tell },
    rest: (whole) => {
      if (whole.length > characters) tell(whole.slice(characters));
    },
  };
}
