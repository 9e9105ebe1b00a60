// Saves a chart from the page itself, so that export works where the page travels alone.
"use strict";
const NS = "http://www.w3.org/2000/svg";

function line(text, y, size, colour, weight) {
  const node = document.createElementNS(NS, "text");
  const set = { x: 16, y, "font-size": size, fill: colour, "font-weight": weight };
  for (const [name, value] of Object.entries(set)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

function standalone(figure) {
  const chart = figure.querySelector(".wide svg").cloneNode(true);
  const width = Number(chart.getAttribute("width"));
  const height = Number(chart.getAttribute("height"));
  const svg = document.createElementNS(NS, "svg");
  const size = [width + 24, height + 56];
  svg.setAttribute("xmlns", NS);
  svg.setAttribute("width", size[0]);
  svg.setAttribute("height", size[1]);
  svg.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`);
  svg.setAttribute("font-family", "Liberation Sans, Arial, Helvetica, sans-serif");
  const paper = document.createElementNS(NS, "rect");
  paper.setAttribute("width", "100%");
  paper.setAttribute("height", "100%");
  paper.setAttribute("fill", "#ffffff");
  const group = document.createElementNS(NS, "g");
  group.setAttribute("transform", "translate(12,44)");
  group.append(chart);
  svg.append(paper, line(figure.querySelector("h3").textContent, 28, 16, "#1c2530", 600), group);
  return { text: new XMLSerializer().serializeToString(svg), width: size[0], height: size[1] };
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function toPng(drawing) {
  const image = new Image();
  const blob = new Blob([drawing.text], { type: "image/svg+xml" });
  image.src = URL.createObjectURL(blob);
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = drawing.width * 2;
  canvas.height = drawing.height * 2;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a.export");
  if (!link) return;
  event.preventDefault();
  const drawing = standalone(link.closest("figure"));
  const svg = new Blob([drawing.text], { type: "image/svg+xml" });
  save(link.dataset.kind === "png" ? await toPng(drawing) : svg, link.download);
});
