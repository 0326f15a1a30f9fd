// A server for development. Nothing in production runs it.
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript" };

createServer((request, response) => {
  const path = join("public", normalize(request.url === "/" ? "/index.html" : request.url));
  if (!path.startsWith("public") || !existsSync(path)) {
    response.writeHead(404).end("Not here\n");
    return;
  }
  response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "text/plain" });
  createReadStream(path).pipe(response);
}).listen(8080);
