export const run = () => 0 as const;
