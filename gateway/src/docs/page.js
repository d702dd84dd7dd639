// The page to read and try the API: everything comes from /openapi.json, and nothing from elsewhere.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];
/** Headers that every operation takes. */
const COMMON = ["Request-Timeout", "X-Request-Id", "traceparent"];
let api;
let operations = [];
let running;

const find = (id) => document.getElementById(id);

/** Makes an element: its attributes, then its children. Text is always text, never markup. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** What a reference leads to, with what is said beside it. */
function resolve(thing) {
  if (!thing || !thing.$ref) return thing || {};
  const [kind, name] = thing.$ref.split("/").slice(-2);
  return { ...api.components[kind][name], ...thing, $ref: undefined };
}

/** Markdown, as far as descriptions use it: strong words and code. */
function prose(text) {
  const marked = (part) => (part.startsWith("**") ? make("strong", {}, part.slice(2, -2)) : part.startsWith("`") ? make("code", {}, part.slice(1, -1)) : part);
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map(marked);
}

function kind(schema) {
  const whole = resolve(schema);
  if (whole.enum) return "one of its names";
  if (whole.type === "array") return "list of " + kind(whole.items);
  if (whole.additionalProperties) return "map of " + kind(whole.additionalProperties);
  return [whole.type || "anything", whole.format].filter(Boolean).join(" · ");
}

/** A value that a client could send, for the editor. */
function example(schema, depth = 0) {
  const whole = resolve(schema);
  if (whole.examples) return whole.examples[0];
  if (whole.enum) return whole.enum[1] ?? whole.enum[0];
  if (whole.type === "array") return depth > 4 ? [] : [example(whole.items, depth + 1)];
  if (whole.type === "object") {
    const members = Object.entries(whole.properties || {});
    return depth > 4 ? {} : Object.fromEntries(members.map(([name, one]) => [name, example(one, depth + 1)]));
  }
  if (whole.type === "integer" || whole.type === "number") return 0;
  if (whole.type === "boolean") return false;
  if (whole.format === "int64" || whole.format === "uint64") return "0";
  if (whole.format === "date-time") return "2026-01-01T00:00:00Z";
  return "";
}

function fields(schema, depth = 0) {
  const whole = resolve(schema);
  if (whole.type === "array") return fields(whole.items, depth);
  if (whole.additionalProperties) return fields(whole.additionalProperties, depth);
  if (!whole.properties) return undefined;
  const required = whole.required || [];
  return make("ul", { class: "schema" }, Object.entries(whole.properties).map(([name, property]) => {
    const one = resolve(property);
    const deeper = depth < 6 && hasFields(property);
    return make("li", {},
      make("code", { class: required.includes(name) && "must" }, name), " ",
      make("small", {}, kind(property)),
      one.description && make("div", { class: "quiet" }, prose(one.description)),
      one.enum && make("div", {}, make("small", {}, one.enum.join("  "))),
      deeper && lazy("fields", () => fields(property, depth + 1)));
  }));
}

function hasFields(schema) {
  const whole = resolve(schema);
  return Boolean(whole.properties) || (whole.type === "array" && hasFields(whole.items)) || (whole.additionalProperties && hasFields(whole.additionalProperties));
}

/** Details that are made when they are opened first; schemas may hold themselves. */
function lazy(title, content) {
  const details = make("details", {}, make("summary", {}, title));
  details.addEventListener("toggle", () => details.open && details.children.length === 1 && details.append(...[content() || ""].flat()));
  return details;
}

function menu() {
  const words = find("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = operations.filter((one) => words.every((word) => one.text.includes(word)));
  const current = location.hash.slice(1);
  find("nav").replaceChildren(...api.tags.flatMap((tag) => {
    const mine = shown.filter((one) => one.tag === tag.name);
    if (!mine.length) return [];
    const links = mine.map((one) => make("a", { href: "#" + one.id, "aria-current": one.id === current && "page", title: one.path },
      make("span", { class: "method " + one.method }, one.method.toUpperCase()), make("span", {}, one.operation.summary)));
    return [make("h2", {}, tag.name.replace(/Service$/, "")), ...links];
  }), shown.length ? "" : make("p", { class: "quiet" }, "Nothing is called so."));
}

function welcome() {
  const lines = api.tags.map((tag) => make("p", {}, make("strong", {}, tag.name.replace(/Service$/, "")), " ", make("span", { class: "quiet" }, prose(tag.description))));
  find("main").replaceChildren(make("h1", {}, api.info.title), ...api.info.description.split("\n\n").map((text) => make("p", {}, prose(text))),
    make("p", {}, make("a", { href: "/openapi.json" }, "openapi.json")), make("h3", {}, "Services"), ...lines);
}

function show(one) {
  const { operation, method, path } = one;
  const inputs = new Map();
  const row = (parameter) => {
    const choices = resolve(parameter.schema).enum;
    const input = choices
      ? make("select", { "aria-label": parameter.name }, make("option", { value: "" }, ""), choices.map((name) => make("option", {}, name)))
      : make("input", { placeholder: kind(parameter.schema), "aria-label": parameter.name });
    if (parameter.name === "Idempotency-Key") input.value = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2);
    inputs.set(parameter, input);
    return make("div", { class: "row" }, make("div", {}, make("code", { class: parameter.required && "must" }, parameter.name), make("br"), make("small", {}, parameter.in)),
      make("div", { class: "quiet" }, prose(parameter.description || "")), input);
  };
  const parameters = operation.parameters.map(resolve);
  const common = parameters.filter((parameter) => COMMON.includes(parameter.name)).map(row);
  const rows = parameters.filter((parameter) => !COMMON.includes(parameter.name)).map(row);
  const content = operation.requestBody && operation.requestBody.content;
  const schema = content && content["application/json"] && content["application/json"].schema;
  const editor = schema && make("textarea", { spellcheck: "false", "aria-label": "Body" });
  if (editor) editor.value = JSON.stringify(example(schema), null, 2);
  const file = content && !schema && make("input", { type: "file", "aria-label": "Body" });
  const outcome = make("div", { "aria-live": "polite" });
  const send = make("button", { onclick: () => call(one, inputs, editor, file, outcome) }, "Send");
  const answers = Object.entries(operation.responses["200"].content || {});
  const refusals = Object.entries(operation.responses).filter(([status]) => status >= "400");
  find("main").replaceChildren(...[
    make("h1", {}, operation.summary),
    make("div", { class: "path" }, make("span", { class: "method " + method }, method.toUpperCase()), path),
    operation.description && operation.description.split("\n\n").map((text) => make("p", {}, prose(text))),
    [make("h3", {}, "Parameters"), rows, lazy("headers that every operation takes", () => common)],
    (editor || file) && [make("h3", {}, "Body"), editor || file, schema && lazy("fields", () => fields(schema))],
    make("div", { class: "actions" }, send, make("button", { class: "plain", onclick: () => running && running.abort() }, "Stop"),
      make("small", { class: "quiet" }, operation.security.length && operation.security.every((one) => one.bearer) ? "needs a token" : "needs no token")),
    outcome,
    make("h3", {}, "Answer"),
    answers.slice(0, 1).map(([type, answer]) => make("div", {}, make("small", { class: "quiet" }, answers.map(([name]) => name).join(" or ")), fields(answer.schema) || make("p", {}, kind(answer.schema)))),
    lazy("refusals", () => refusals.map(([status, problem]) => make("p", {}, make("code", {}, status), " ", prose(resolve(problem).description)))),
  ].flat(3).filter(Boolean));
  document.title = operation.summary + " · Tradewind API";
  find("main").scrollIntoView({ block: "nearest" });
}

/** Sends the request and shows the answer as it comes. */
async function call(one, inputs, editor, file, outcome) {
  if (running) running.abort();
  running = new AbortController();
  let url = one.path;
  const query = new URLSearchParams();
  const headers = new Headers();
  for (const [parameter, input] of inputs) {
    const value = input.value.trim();
    if (parameter.in === "path") url = url.replace("{" + parameter.name + "}", value.split("/").map(encodeURIComponent).join("/"));
    else if (!value) continue;
    else if (parameter.in === "header") headers.set(parameter.name, value);
    else for (const part of parameter.schema.type === "array" ? value.split(",") : [value]) query.append(parameter.name, part.trim());
  }
  if (find("token").value) headers.set("authorization", "Bearer " + find("token").value.trim());
  let body;
  if (editor && editor.value.trim()) {
    headers.set("content-type", "application/json");
    body = editor.value;
  } else if (file && file.files[0]) body = file.files[0];
  const status = make("span", { class: "status" }, "…");
  const view = make("pre");
  outcome.replaceChildren(make("h3", {}, "Answered"), status, view);
  const started = performance.now();
  try {
    const answer = await fetch(query.toString() ? url + "?" + query : url, { method: one.method.toUpperCase(), headers, body, signal: running.signal });
    const names = ["etag", "retry-after", "www-authenticate", "x-request-id"].filter((name) => answer.headers.has(name));
    status.textContent = `${answer.status}  ${Math.round(performance.now() - started)} ms  ${names.map((name) => name + ": " + answer.headers.get(name)).join("  ")}`;
    status.classList.add(answer.ok || answer.status === 304 ? "good" : "bad");
    await display(answer, view, one);
  } catch (error) {
    status.textContent = error.name === "AbortError" ? "stopped" : String(error);
    status.classList.add("bad");
  }
}

async function display(answer, view, one) {
  const type = answer.headers.get("content-type") || "";
  if (type.includes("ndjson") || type.startsWith("text/")) {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) view.append(chunk.value);
  } else if (type.includes("json")) {
    const json = JSON.parse(await answer.text());
    if (one.id.endsWith(".SignIn") && json.accessToken) setToken(json.accessToken);
    view.replaceChildren(...colour(JSON.stringify(json, null, 2)));
  } else if (answer.status !== 304) {
    const blob = await answer.blob();
    view.replaceChildren(make("a", { href: URL.createObjectURL(blob), download: "answer" }, `${type}, ${blob.size} bytes`));
  }
}

/** JSON text, coloured. */
function colour(text) {
  const parts = text.split(/("(?:\\.|[^"\\])*"(?:\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/);
  return parts.map((part, at) => (at % 2 ? make("span", { class: part.endsWith(":") ? "key" : part.startsWith('"') ? "text" : "atom" }, part) : part));
}

function setToken(token) {
  find("token").value = token;
  sessionStorage.setItem("token", token);
  find("token-state").textContent = token ? "token set" : "signed out";
}

function route() {
  const one = operations.find((operation) => operation.id === decodeURIComponent(location.hash.slice(1)));
  if (one) show(one);
  else welcome();
  menu();
}

async function start() {
  api = await (await fetch("/openapi.json")).json();
  operations = Object.entries(api.paths).flatMap(([path, methods]) => METHODS.filter((method) => methods[method]).map((method) => {
    const operation = methods[method];
    const text = [operation.operationId, operation.summary, path, method, operation.tags].join(" ").toLowerCase();
    return { id: operation.operationId, tag: operation.tags[0], method, path, operation, text };
  }));
  setToken(sessionStorage.getItem("token") || "");
  find("search").addEventListener("input", menu);
  find("token").addEventListener("change", (event) => setToken(event.target.value));
  addEventListener("hashchange", route);
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName)) {
      event.preventDefault();
      find("search").focus();
    }
  });
  route();
}

start().catch((error) => find("main").replaceChildren(make("p", {}, "The API's description could not be read: " + error)));
