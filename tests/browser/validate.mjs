// Reads {name: html} as JSON, writes {name: [what is wrong]} as JSON.
import { readFileSync } from "node:fs";
import { HtmlValidate, StaticConfigLoader } from "html-validate";
import config from "./htmlvalidate.mjs";

const judge = new HtmlValidate(new StaticConfigLoader(config));
const said = {};
for (const [name, html] of Object.entries(JSON.parse(readFileSync(0, "utf-8")))) {
  const { results } = await judge.validateString(html, `${name}.html`);
  said[name] = results.flatMap(({ messages }) =>
    messages.map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`),
  );
}
process.stdout.write(JSON.stringify(said));
