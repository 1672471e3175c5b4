// Shares of a whole as people read them.

export function percent(share: number): string {
  if (share > 0 && share < 0.0001) return `${(share * 100).toPrecision(2)} %`;
  const text = (share * 100).toFixed(share < 0.1 ? 2 : 1);
  return text === "100.0" && share < 1 ? "more than 99.9 %" : `${text} %`;
}
