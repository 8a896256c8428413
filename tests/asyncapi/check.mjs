// What the official AsyncAPI parser says of documents: `node check.mjs FILE...` prints JSON, one entry for each file.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const parser = new Parser();
const told = [];
for (const file of process.argv.slice(2)) {
  const { document, diagnostics } = await parser.parse(readFileSync(file, "utf8"), { source: file });
  told.push({
    file,
    version: document?.version() ?? "",
    operations: document?.operations().all().length ?? 0,
    errors: diagnostics
      .filter((one) => one.severity === 0)
      .map((one) => `${one.range.start.line + 1}: ${one.code}: ${one.message}`),
  });
}
console.log(JSON.stringify(told));
