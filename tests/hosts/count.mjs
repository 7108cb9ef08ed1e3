// count.mjs - counts tests, for `counted` of tests/lib.sh. ONLY=words runs only tests with these words in their names; VERBOSE=1 prints all names.
const { ONLY: only, VERBOSE: verbose } = process.env;
let passed = 0, failed = 0;

export async function test(name, body) {
  if (only && !name.includes(only)) return;
  const begin = Date.now();
  try {
    await body();
    passed++;
    if (verbose) console.log(`ok ${name} (${Date.now() - begin} ms)`);
  } catch (error) {
    failed++;
    console.log(`not ok ${name}\n    ${String(error.stack).split('\n').slice(0, 14).join('\n    ')}`);
  }
}

/** Prints the numbers: the last line. */
export function printCounts() {
  console.log(`${passed} ${failed}`);
  process.exitCode = failed === 0 ? 0 : 1;
}
