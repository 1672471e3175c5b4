#!/usr/bin/env node
// The executable. It looks at Node's version before anything modern is loaded, so that an old Node gets a sentence
// instead of a syntax error; the command itself is main.ts. Nothing may be imported statically here.

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `attnc needs Node 22.18 or newer, and this is Node ${process.versions.node}.\n` +
      "In a project: npm install --save-dev node@24, then npx attnc. Everywhere: https://nodejs.org\n",
  );
  process.exitCode = 2;
} else {
  const { runAsProcess } = await import("./process.ts");
  await runAsProcess();
}
